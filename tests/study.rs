//! The study of what-ifs on Feiyun (`examples/feiyun/scenarios/`): every plan passes the audit, and what is derived by hand comes out.

#![cfg(feature = "scenarios")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use approx::assert_relative_eq;
use weir_model::document::{Content, PlanDocument};
use weir_scenarios::member::{Asked, BLOCK, Member, run};
use weir_scenarios::what_if::{Answered, BASE, base, solve};

/// hm³ of a m³/s in ten days.
const TEN_DAYS: f64 = 0.864;

fn of<'m>(members: &'m [Answered], id: &str) -> &'m PlanDocument {
    let member = members.iter().find(|member| member.id == id).unwrap_or_else(|| panic!("no {id}"));
    member.document().unwrap_or_else(|| panic!("{id}: {:?}", member.outcome.as_ref().err()))
}

fn value(content: &Content, objective: &str) -> f64 {
    content.objectives.iter().find(|row| row.id == objective).unwrap().value.unwrap()
}

/// Demand of the domestic use in the whole horizon, hm³.
fn domestic_demand(content: &Content) -> f64 {
    let rows = content.satisfaction.iter().filter(|row| row.period == "horizon" && row.class.is_none());
    rows.filter(|row| row.use_ == "domestic").map(|row| row.demand_hm3).sum()
}

#[test]
fn the_study_of_feiyun() {
    let ids = ["dry-year", "demand-growth", "north-canal-closed", "ecological-target-up", "county-trade", "standby-sources"];
    let folder = Path::new("examples/feiyun/scenarios");
    let files = folder
        .read_dir()
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "toml"));
    assert_eq!(files.count(), ids.len());
    let asked: Vec<Member> = ids.iter().map(|id| Member::file(&folder.join(format!("{id}.toml")))).collect();
    let (feiyun, base) = (Path::new("examples/feiyun"), base(Path::new("examples/feiyun"), None));
    let others = solve(feiyun, None, &base, &asked);
    let members: Vec<Answered> = std::iter::once(base).chain(others).collect();
    assert_eq!(members.iter().map(|member| member.id.as_str()).collect::<Vec<_>>(), [&[BASE], &ids[..]].concat());
    for member in &members {
        let content = &of(&members, &member.id).content;
        assert!(content.audit.passed, "{}: {:?}", member.id, content.audit.findings);
        assert_eq!(content.case.scenario.is_some(), member.id != BASE);
        assert!(content.case.notes.iter().all(|note| !note.contains("starting basis was not used")), "{}", member.id);
    }
    // A live session finds the same goals; where no change brings columns or rows, it is refreshed.
    let all: Vec<Member> = std::iter::once(Member::base()).chain(asked.iter().cloned()).collect();
    let live = Asked::new(feiyun, None).from_its_goals();
    let reached = run(&live, (all.len(), BLOCK), |seat, number| seat.goals(&all[number]));
    for (reached, member) in reached.iter().zip(&members) {
        let (reached, plan) = (reached.as_ref().unwrap(), &of(&members, &member.id).content);
        assert_eq!(reached.stages.len(), plan.stages.len());
        for (stage, solved) in reached.stages.iter().zip(&plan.stages) {
            assert_eq!(stage.objective, solved.objective);
            assert_relative_eq!(stage.value, solved.value, epsilon = 1e-5, max_relative = 1e-5);
        }
        assert_eq!(reached.conflict, member.conflict());
        assert_eq!(reached.breach_hm3 > 0.0, member.id == "north-canal-closed");
    }
    let refreshed = |id: &str| reached[all.iter().position(|one| one.id == id).unwrap()].as_ref().unwrap().refreshed;
    assert!(["dry-year", "ecological-target-up", "county-trade", "standby-sources"].into_iter().all(refreshed));

    let base = &of(&members, BASE).content;

    // The north canal is the only way to three works. Their residents' floors, 7 tenths of what they want, lack for ten days:
    // 9.8 × 0.48, 3.5 × 0.46 and 0.35 × 0.68 m³/s in November.
    let closed = members.iter().find(|member| member.id == "north-canal-closed").unwrap();
    let conflict = closed.conflict().join("\n");
    let floors = [("wenzhou_works", 9.8 * 0.48), ("ruian_works", 3.5 * 0.46), ("dongtou_works", 0.35 * 0.68)];
    for (works, wants) in floors {
        assert!(conflict.contains(&format!("`{works}.residents.floor`")), "{conflict}");
        let rows = of(&members, &closed.id).content.relaxations.iter().filter(|row| row.address.starts_with(works));
        assert_relative_eq!(rows.map(|row| row.hm3).sum::<f64>(), wants * 0.7 * TEN_DAYS, max_relative = 1e-6);
    }
    let canal = of(&members, &closed.id).content.series("north_canal", "flow").unwrap();
    assert!(canal.values[20..30].iter().all(|flow| flow.unwrap() == 0.0), "{:?}", &canal.values[..32]);

    // Pingyang is over its permit by more than is traded, Ruian has more than that left: the excess falls by just the trade.
    let traded = &of(&members, "county-trade").content;
    assert_relative_eq!(value(base, "permits") - value(traded, "permits"), 1.5, max_relative = 1e-6);
    assert_relative_eq!(value(traded, "production"), value(base, "production"), max_relative = 1e-6);

    // Residents and public want a tenth more.
    let growth = &of(&members, "demand-growth").content;
    assert_relative_eq!(domestic_demand(growth), 1.1 * domestic_demand(base), max_relative = 1e-9);
    assert!(value(growth, "production") > value(base, "production"));

    // After the third day inflow is 7 tenths of what it was.
    let flow = |content: &Content| content.series("shanxi_inflow.inflow", "flow").unwrap().values.clone();
    for (step, (dry, usual)) in flow(&of(&members, "dry-year").content).iter().zip(flow(base)).enumerate() {
        let factor = if step < 3 { 1.0 } else { 0.7 };
        assert_relative_eq!(dry.unwrap(), usual.unwrap() * factor, max_relative = 1e-9);
    }

    // Standby sources: the goals before their cost are no worse, and they do cost.
    let standby = &of(&members, "standby-sources").content;
    assert!(value(standby, "balance") > value(base, "balance") && value(standby, "cost") > 0.0);
    assert_eq!(value(base, "cost"), 0.0);
}
