//! What the examples show: Feiyun hurts in a drought and not in the plum rain, has one plan whatever the solver's path,
//! and its inflow is what its generator writes; the cascade and the four reservoirs reach the known optima.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use approx::assert_relative_eq;
use jiff::civil::{Date, date};
use ndarray::Array2;
use weir_model::audit::audit;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::document::document;
use weir_model::forcing::{Param, SeriesSource};
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::network::NodeKind;
use weir_model::plan::Plan;
use weir_model::told::told;
use weir_model::units::Unit;
use weir_solver::engine::{Algorithm, Options};
use weir_solver::solve::{SolveOptions, solve};
use weir_solver::verify::verify;

#[path = "../examples/cascade/generate.rs"]
mod cascade;
#[path = "../examples/feiyun/generate.rs"]
mod feiyun;
mod reasoned;

const AUTUMN: Date = date(2026, 10, 16);
const PLUM_RAIN: Date = date(2026, 6, 11);
const NOVEMBER: Date = date(2026, 11, 1);

fn read(folder: &Path, start: Option<Date>) -> (Case, Goals) {
    let basin = Basin::read(folder).unwrap_or_else(|refusals| panic!("{refusals}"));
    lower(&basin, start).unwrap_or_else(|refusals| panic!("{refusals}"))
}

fn solved_with(case: &Case, goals: &Goals, engine_options: Options) -> Plan {
    let options = SolveOptions { engine_options, ..SolveOptions::default() };
    let solved = solve(case, goals, &options).unwrap_or_else(|fault| panic!("{fault}"));
    let (plan, as_solved) = (solved.plan, solved.case.as_deref().unwrap_or(case));
    let audited = audit(as_solved, goals, &plan);
    assert!(audited.passed(), "{:?}", audited.findings);
    let document = document(as_solved, goals, &plan, &audited);
    assert_eq!(document.content.contradictions(), Vec::<String>::new());
    assert_eq!(verify(&document, case, goals), Vec::<String>::new());
    assert_eq!(reasoned::unreasoned(&document), Vec::<String>::new());
    plan
}

fn solved(case: &Case, goals: &Goals) -> Plan {
    solved_with(case, goals, Options::default())
}

fn stage(plan: &Plan, objective: &str) -> f64 {
    plan.stages.iter().find(|stage| stage.objective == objective).unwrap().value
}

#[test]
fn feiyun_hurts_in_the_autumn_and_breaks_no_rule() {
    let (case, goals) = read(Path::new("examples/feiyun"), None);
    assert_eq!(case.horizon.date_of(0), AUTUMN);
    let plan = solved(&case, &goals);
    assert_eq!(plan.relaxations, []);
    // 1 万m³ = 0.01 hm³.
    assert!((0.1..0.3).contains(&stage(&plan, "domestic")), "domestic {}", stage(&plan, "domestic"));
    assert!((0.01..0.2).contains(&stage(&plan, "base_flow")), "base flow {}", stage(&plan, "base_flow"));
    assert!((0.4..0.6).contains(&stage(&plan, "balance")), "balance {}", stage(&plan, "balance"));
    assert!((1.0..4.0).contains(&stage(&plan, "permits")), "permits {}", stage(&plan, "permits"));
    assert!((30.0..100.0).contains(&stage(&plan, "production")), "production {}", stage(&plan, "production"));
    assert!((5.0..40.0).contains(&stage(&plan, "target_flow")), "target flow {}", stage(&plan, "target_flow"));
    assert_eq!(stage(&plan, "cost"), 0.0);
}

#[test]
fn feiyun_with_a_narrow_canal_lacks_what_is_kept_for_the_spring() {
    // The canal holds the least at 5 %, and industry in the north has no more: what lacks there is kept in Shanxi at the end, since what
    // the balance gives to others stands in the goal of production as well.
    let (mut case, goals) = read(Path::new("examples/feiyun"), None);
    let canal = case.network.arcs.iter_mut().find(|arc| arc.id == "south_canal").unwrap();
    canal.capacity = Param::constant(3.5);
    let plan = solved(&case, &goals);
    let audited = audit(&case, &goals, &plan);
    let content = document(&case, &goals, &plan, &audited).content;
    let reasons = content.short.iter().filter(|row| row.address == "wenzhou_works.industry").map(|row| row.reason.as_str());
    let full = "held by the capacity of `north_canal`: more water upstream would not help";
    let reserve = "`shanxi` had water, kept at the end for `reserve`, goal 3 in order, which comes first";
    assert_eq!(reasons.collect::<Vec<_>>(), [full, reserve]);
}

#[test]
fn a_works_of_feiyun_above_the_reservoir_lacks_what_flows_into_it() {
    // No water of Shanxi reaches Taishun; what Taishun leaves in the river does reach Shanxi.
    let (case, goals) = read(Path::new("examples/feiyun"), None);
    let plan = solved(&case, &goals);
    let content = document(&case, &goals, &plan, &audit(&case, &goals, &plan)).content;
    let reasons = content.short.iter().filter(|row| row.address == "taishun_works.industry").map(|row| row.reason.as_str());
    let onward = "the water of `taishun_river` flows on into `shanxi` and is kept at the end for `reserve`, goal 3 in order, which comes first";
    assert_eq!(reasons.collect::<Vec<_>>(), [onward]);
}

#[test]
fn a_turbine_of_feiyun_runs_as_long_by_its_warning_as_by_the_releases() {
    let (case, goals) = read(Path::new("examples/feiyun"), None);
    let plan = solved(&case, &goals);
    let document = document(&case, &goals, &plan, &audit(&case, &goals, &plan));
    let row = document.content.warnings.iter().find(|row| row.kind == "turbine_minimum").unwrap();
    let hours = row.hours_per_day.unwrap();
    // For the rest of the day 2.85 m3/s of what the turbines have go through the ecological outlet.
    assert_relative_eq!(hours * 34.0 + (24.0 - hours) * 2.85, 24.0 * row.value, max_relative = 1e-9);
    let advice = format!(
        "run {} hours a day at its least flow, with the floor of `works_release_shanxi` let out beside it for the rest, it passes",
        told((hours * 10.0).round() / 10.0)
    );
    assert!(row.advice.as_ref().unwrap().starts_with(&advice), "{row:?}");
    assert!(weir_report::html(&document).contains(&format!("约{hours:.1}小时按最小流量34.00 m³/s开机")), "{hours}");
}

#[test]
fn feiyun_hurts_little_in_the_plum_rain() {
    let (case, goals) = read(Path::new("examples/feiyun"), Some(PLUM_RAIN));
    let plan = solved(&case, &goals);
    assert_eq!(plan.relaxations, []);
    assert!(stage(&plan, "domestic").abs() < 1e-6);
    assert!(stage(&plan, "base_flow").abs() < 1e-6);
    assert!(stage(&plan, "target_flow").abs() < 1e-6);
    assert!((0.7..1.0).contains(&stage(&plan, "balance")), "balance {}", stage(&plan, "balance"));
    assert!(stage(&plan, "energy") > 100.0, "energy {}", stage(&plan, "energy"));
}

#[test]
fn feiyun_has_one_plan_whatever_the_path() {
    let (case, goals) = read(Path::new("examples/feiyun"), None);
    let first = solved(&case, &goals);
    let others =
        [Options { seed: 7, ..Options::default() }, Options { algorithm: Algorithm::InteriorPoint, ..Options::default() }];
    for options in others {
        let other = solved_with(&case, &goals, options.clone());
        let hm3 = |step: usize| case.hm3_per_m3s(step);
        for ((row, step), flow) in first.decisions.flow_m3s.indexed_iter() {
            let gap = (flow - other.decisions.flow_m3s[[row, step]]).abs() * hm3(step);
            assert!(gap <= 1e-6, "{:?}: {} in step {step} differs by {gap} hm3", options, case.network.arcs[row].id);
        }
        for ((row, step), storage) in first.decisions.storage_hm3.indexed_iter() {
            let gap = (storage - other.decisions.storage_hm3[[row, step]]).abs();
            assert!(gap <= 1e-6, "{options:?}: storage {row} at edge {step} differs by {gap} hm3");
        }
    }
}

#[test]
fn feiyun_inflow_is_what_its_generator_writes() {
    let written = std::fs::read_to_string("examples/feiyun/series/inflow.csv").unwrap();
    assert_eq!(written, feiyun::inflow());
    let record = std::fs::read_to_string("examples/feiyun/series/record.csv").unwrap();
    assert_eq!(record, feiyun::record());
    let (dry, normal) = feiyun::volumes_hm3();
    assert_relative_eq!(normal, feiyun::published_hm3(), max_relative = 1e-3);
    assert!(dry < 0.75 * normal, "{dry} against {normal}");
}

#[test]
fn the_small_cascade_is_what_its_generator_writes() {
    let (basin, series) = cascade::cascade(3, 30);
    for folder in ["examples/cascade", "tests/cases/cascade-3x30"] {
        assert_eq!(std::fs::read_to_string(format!("{folder}/basin.toml")).unwrap(), basin);
        assert_eq!(std::fs::read_to_string(format!("{folder}/series.csv")).unwrap(), series);
    }
}

#[test]
fn a_year_of_ten_reservoirs_reaches_the_known_optimum() {
    // Three independent tools agree on these values; rows with a slack of 1e-6 would give 985.866303 and 2437.773562.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cascade-10x365");
    cascade::write(10, 365, &folder).unwrap();
    let (case, goals) = read(&folder, None);
    let plan = solved(&case, &goals);
    assert_relative_eq!(stage(&plan, "domestic"), 16.167_039_109, max_relative = 1e-8);
    assert_relative_eq!(stage(&plan, "ecological"), 985.866_415_367, max_relative = 1e-8);
    assert_relative_eq!(stage(&plan, "production"), 2_437.775_578_358, max_relative = 1e-8);
    let gaps: Vec<f64> =
        plan.certificate.proofs.iter().map(|proof| (proof.value - proof.bound).abs() / proof.value.abs()).collect();
    assert!(gaps.len() == 3 && gaps.iter().all(|gap| *gap <= 1e-8), "{gaps:?}");
}

#[test]
fn four_reservoirs_reach_the_published_optimum() {
    let (case, goals) = read(Path::new("examples/four-reservoir"), None);
    assert_relative_eq!(stage(&solved(&case, &goals), "benefit"), 401.3, max_relative = 1e-9);
}

/// What lacks over the horizon, with its reason: by region, use and whether in the stream.
fn reasons(case: &Case, goals: &Goals) -> BTreeMap<(Option<String>, String, bool), (f64, String)> {
    let plan = solved(case, goals);
    let document = document(case, goals, &plan, &audit(case, goals, &plan));
    let rows = document.content.satisfaction.into_iter().filter(|row| row.period == "horizon" && row.class.is_none());
    rows.map(|row| {
        ((row.region, row.use_, row.in_stream), (row.demand_hm3 - row.supply_hm3, row.reason.unwrap_or_default()))
    })
    .collect()
}

/// A parameter of a case times a factor, in every step.
fn times<U: Unit>(case: &mut Case, of: &Param<U>, factor: f64) -> Param<U> {
    let values: Vec<f64> = (0..case.horizon.steps()).map(|step| case.at(of, step, 0) * factor).collect();
    let values = Array2::from_shape_vec((values.len(), 1), values).unwrap();
    case.forcing.add("lifted", values, SeriesSource::default())
}

/// Gives way a little where a sentence says that something binds; false for a sentence that names nothing to lift.
fn lift(case: &mut Case, goals: &mut Goals, reason: &str) -> bool {
    // Of a dry store and who has what passes below it, the latter.
    let reason = reason.rsplit("; ").next().unwrap_or(reason);
    let named: Vec<String> = reason.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    if reason.starts_with("held by the capacity of") {
        let arc = case.network.arc(&named[0]).unwrap().0;
        let capacity = case.network.arcs[arc].capacity;
        case.network.arcs[arc].capacity = times(case, &capacity, 1.05);
    } else if reason.contains("kept at the end for") {
        // Storage and goal stand last: before them may stand whose water flows on to it.
        let node = case.network.node(&named[named.len() - 2]).unwrap().0;
        let NodeKind::Storage(storage) = &mut case.network.nodes[node].kind else { panic!("{reason}") };
        storage.end.as_mut().unwrap().storage_hm3 -= 5.0;
    } else if reason.starts_with("all water of") {
        let node = case.network.node(&named[0]).unwrap().0;
        let NodeKind::Source(source) = &case.network.nodes[node].kind else { panic!("{reason}") };
        let flow = source.flow;
        let flow = times(case, &flow, 1.05);
        if let NodeKind::Source(source) = &mut case.network.nodes[node].kind {
            source.flow = flow;
        }
    } else if reason.starts_with("held by the account") {
        let mut accounts = case.network.accounts.iter_mut();
        let account = accounts.find(|account| account.id == named[0]).unwrap();
        account.windows.iter_mut().for_each(|window| window.available_hm3 *= 1.05);
    } else if reason.contains("goes first to whom") {
        // The goal that comes first, and all between it and the last, which would take the water next.
        let objectives = &goals.objectives;
        let first = goals.stages.iter().position(|&stage| objectives[stage].id == named[1]).unwrap();
        let mut place = 0..;
        let ecological = |stage: usize| objectives[stage].kind == "ecological_shortfall";
        goals.stages.retain(|&stage| place.next().is_some_and(|place| place < first) || ecological(stage));
    } else {
        return false;
    }
    true
}

#[test]
fn every_reason_of_feiyun_is_true_lifting_what_it_names_lessens_the_shortage() {
    for start in [AUTUMN, PLUM_RAIN, NOVEMBER] {
        let (case, goals) = read(Path::new("examples/feiyun"), Some(start));
        let short = reasons(&case, &goals);
        let mut told: Vec<&String> = short.values().map(|(_, reason)| reason).filter(|reason| !reason.is_empty()).collect();
        told.sort();
        told.dedup();
        assert!(told.len() >= 3, "{told:?}");
        for reason in told {
            let (mut case, mut goals) = (case.clone(), goals.clone());
            assert!(lift(&mut case, &mut goals, reason), "{reason}");
            let lifted = reasons(&case, &goals);
            for (entry, (lack, _)) in short.iter().filter(|(_, (_, of))| of == reason) {
                assert!(lifted[entry].0 < lack - 1e-4, "{entry:?}: {} instead of {lack} without: {reason}", lifted[entry].0);
            }
        }
    }
}

/// Each scenario of Feiyun, by its elastic plan where its rules cannot all hold: every shortage, breach and warning has its reason.
#[cfg(feature = "scenarios")]
#[test]
fn every_scenario_of_feiyun_says_why() {
    use weir_scenarios::overlay::{self, Overlay};
    let mut scenarios = 0;
    let entries = std::fs::read_dir("examples/feiyun/scenarios").unwrap().map(|entry| entry.unwrap().path());
    for file in entries.filter(|path| path.is_file()) {
        let overlay = Overlay::read(&file).unwrap();
        let basin = overlay::read(Path::new("examples/feiyun"), Some(&overlay), &[]).unwrap();
        let (case, goals) = lower(&basin, None).unwrap();
        let options = SolveOptions { elastic: true, ..SolveOptions::default() };
        let document = weir_solver::audited::audited(&case, &goals, &options).unwrap().document;
        assert_eq!(reasoned::unreasoned(&document), Vec::<String>::new());
        scenarios += 1;
    }
    assert_eq!(scenarios, 6);
}
