//! Feiyun in its autumn drought: a release set by hand, and one ordered from above, each carried out, audited and costed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use jiff::civil::date;
use weir_model::basin::{Basin, Further};
use weir_model::case::Case;
use weir_model::document::{CostRow, PlanDocument};
use weir_model::goals::Goals;
use weir_model::laid::Laid;
use weir_model::lower::lower;
use weir_model::setting::{Setting, further};
use weir_solver::amend::{amend, laid, refused, settings};
use weir_solver::audited::audited;
use weir_solver::solve::SolveOptions;

fn read(more: &[Further]) -> Result<(Case, Goals), weir_model::place::Refusals> {
    let basin = Basin::read_with(Path::new("examples/feiyun"), more, &Laid::default())?;
    lower(&basin, Some(date(2026, 10, 16)))
}

fn outflow(document: &PlanDocument) -> Vec<f64> {
    document.content.series("shanxi", "outflow").unwrap().values.iter().map(|value| value.unwrap()).collect()
}

fn of<'a>(rows: &'a [CostRow], id: &str) -> &'a CostRow {
    rows.iter().find(|row| row.of == id).unwrap_or_else(|| panic!("{id}: {rows:#?}"))
}

#[test]
fn a_release_of_feiyun_set_by_hand() {
    let (case, goals) = read(&[]).unwrap();
    let before = audited(&case, &goals, &SolveOptions::default()).unwrap().document;
    let by_hand = |sets: &[&str]| {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let settings = settings(&sets)?;
        let (case, goals) = read(&[laid(&settings)]).map_err(|why| refused(&why, &settings))?;
        amend(&case, &goals, &before, &settings, &SolveOptions::default()).map(|amended| amended.document)
    };
    let after = by_hand(&["shanxi.outflow@2026-10-20..22=60"]).unwrap();
    let (planned, changed) = (outflow(&before), outflow(&after));
    assert!(changed[4..7].iter().all(|flow| (flow - 60.0).abs() < 1e-6), "{:?}", &changed[..10]);
    // The days before stay as they were planned: nothing forces them off.
    assert!(planned[..4].iter().zip(&changed).all(|(was, is)| (was - is).abs() < 1e-6), "{planned:?} {changed:?}");
    assert!(after.content.audit.passed, "{:?}", after.content.audit.findings);
    let row = after.content.case.amended.as_ref().unwrap();
    assert_eq!((row.plan.as_str(), row.sets.len()), (before.record.id.as_str(), 1));
    // 60 m³/s are far above the autumn's releases: the drought's goals cannot all stay.
    assert!(row.cost.iter().any(|row| row.before != row.after), "{:#?}", row.cost);
    // Households come first: no worse than planned beyond the solver's accuracy.
    let domestic = of(&row.cost, "domestic");
    assert!(domestic.after <= domestic.before + 1e-5 * domestic.before.max(1.0), "{domestic:?}");
    let refused = by_hand(&["shanxi.turbines@2026-10-20=600", "shanxi.turbins@2026-10-20=1"]).unwrap_err().to_string();
    assert!(refused.contains("`shanxi` has no `turbins`"), "{refused}");
    let refused = by_hand(&["shanxi.turbines@2026-10-20=600"]).unwrap_err().to_string();
    assert!(refused.contains("on 2026-10-20 at most 272 m³/s can flow: its ways pass no more"), "{refused}");
}

#[test]
fn what_an_order_from_above_costs_feiyun() {
    let order = Setting {
        id: "fang12".to_owned(),
        issuer: "温州市防指".to_owned(),
        number: "〔2026〕12号".to_owned(),
        on: "shanxi.outflow".to_owned(),
        from: "2026-10-20".to_owned(),
        to: "2026-10-24".to_owned(),
        bounds: [("minimum_m3s".to_owned(), 80.0)].into(),
        ..Setting::default()
    };
    let (case, goals) = read(&[further("orders of the day", &[order])]).unwrap();
    let document = audited(&case, &goals, &SolveOptions::default()).unwrap().document;
    assert!(outflow(&document)[4..9].iter().all(|flow| *flow > 80.0 - 1e-6));
    let case = &document.content.case;
    assert_eq!((case.commands.len(), case.commands[0].source.as_str()), (1, "orders of the day"));
    let (free, goals) = read(&[]).unwrap();
    let free = audited(&free, &goals, &SolveOptions::default()).unwrap().document;
    for row in &case.command_cost {
        let alone = free.content.objectives.iter().find(|objective| objective.id == row.of);
        if let Some(alone) = alone.and_then(|alone| alone.value) {
            assert!((row.before - alone).abs() <= 1e-6 * alone.abs().max(1.0), "{row:?}: {alone}");
        }
    }
    let staged = goals.stages.iter().map(|stage| goals.objectives[*stage].id.as_str());
    let told: Vec<&str> = case.command_cost.iter().map(|row| row.of.as_str()).collect();
    assert!(staged.clone().all(|id| told.contains(&id)), "{told:?}");
    assert!(case.command_cost.iter().any(|row| row.kind == "use_short" || row.before != row.after), "{told:?}");
}
