//! The shared cascade: values and sizes of an independent reckoning (`cascade/expected.json` of the shared cases; the generator is
//! restated here: integers, + − × ÷, rounding to 3 decimals).

use weir_model::forcing::Param;
use weir_model::goals::{Lexicographic, Method};
use weir_model::kernel::Kernel;
use weir_model::network::{Bound, Of, Receiver, RequirementKind, Role, RuleClass, Use};
use weir_model::plan::Plan;
use weir_solver::formulation::formulate;
use weir_solver::layout::Open;
use weir_solver::solve::SolveOptions;

use crate::build::{Build, portion};
use crate::check::solved;

/// Triangle wave 0 … 1 of a period, 0 at 0.
fn triangle(x: usize, period: usize) -> f64 {
    1.0 - (2.0 * (x % period) as f64 / period as f64 - 1.0).abs()
}

fn round3(x: f64) -> f64 {
    (x * 1000.0).round_ties_even() / 1000.0
}

/// Reservoirs, days; groups of ten form cascades, the tail of each flows into the tail of the next.
pub fn cascade(reservoirs: usize, days: usize) -> Build {
    with_inflow(reservoirs, days, 1.0)
}

/// The same with another share of its inflow.
pub fn with_inflow(reservoirs: usize, days: usize, share: f64) -> Build {
    let mut build = Build::new(&format!("{days} x 1 d"));
    let qm = |i: usize| if (i - 1).is_multiple_of(10) { 24.0 } else { 3.0 + (7 * i % 11) as f64 };
    let down = |i: usize| Some(if i.is_multiple_of(10) { i + 10 } else { i + 1 }).filter(|&d| d <= reservoirs);
    let mut cumulated: Vec<f64> = (0..=reservoirs).map(|i| if i == 0 { 0.0 } else { round3(qm(i)) }).collect();
    for i in 1..=reservoirs {
        if let Some(d) = down(i) {
            cumulated[d] += cumulated[i];
        }
    }
    let nodes: Vec<_> = (1..=reservoirs)
        .map(|i| {
            let full = 24.0 + (i * 13 % 7) as f64 * 12.0;
            let node = build.storage(&format!("r{i:03}"), round3(0.5 * full), round3(full));
            build.storage_mut(node).lower = Param::constant(round3(0.1 * full));
            build.end(node, round3(0.4 * full), true);
            node
        })
        .collect();
    let sea = build.sink("sea");
    for i in 1..=reservoirs {
        let (node, k) = (nodes[i - 1], (i - 1) % 10 + 1);
        let below = down(i).map_or(sea, |d| nodes[d - 1]);
        let over = |of: &dyn Fn(usize) -> f64| (1..=days).map(of).map(round3).collect::<Vec<f64>>();
        let inflow = over(&|t| {
            let s = triangle(t + 265, 365);
            round3(qm(i)) * (0.13 + 1.6 * s * s) * (0.3 + 1.2 * (((t * 37 + i * 53) % 29) as f64 / 28.0)) * share
        });
        build.inflow(&format!("q{i:03}"), node, &inflow);
        let release = build.arc(&format!("r{i:03}.release"), node, below, Role::Gate, round3(50.0 + 8.0 * k as f64));
        let spill = build.arc(&format!("r{i:03}.spill"), node, below, Role::Spillway, 5000.0);
        let domestic = over(&|t| round3(4.0 + (i * 5 % 7) as f64) * (0.9 + 0.2 * triangle(t, 365)));
        let production = over(&|t| round3(6.0 + (i * 3 % 8) as f64 * 2.0) * (0.3 + 1.4 * triangle(t + 30, 365)));
        let uses = [("d", "residents", Use::Domestic, domestic, 0.6), ("p", "industry", Use::Industrial, production, 0.3)];
        for (letter, class, use_, series, back) in uses {
            let demand = build.demand_node(&format!("{letter}{i:03}"), &series, vec![portion(class, use_, 1.0)]);
            build.arc(&format!("{letter}{i:03}.intake"), node, demand, Role::Intake, 1000.0);
            if let Some(d) = down(i) {
                let receiver = Receiver { node: nodes[d - 1], fraction: back, kernel: Kernel::Instant };
                build.demand_mut(demand).returns.push(receiver);
            }
        }
        let base = round3(0.2 * cumulated[i].min(120.0));
        let ecological = over(&|t| base * if (90..270).contains(&((t - 1) % 365)) { 1.0 } else { 0.6 });
        let target = build.param(&ecological);
        let of = Of::Flow(vec![(release, 1.0), (spill, 1.0)]);
        build.requirement(&format!("e{i:03}"), RequirementKind::ControlSection, RuleClass::BaseFlow, of).target =
            Some(Bound::Flow(target));
    }
    let domestic = build.stage("domestic", "shortage");
    (domestic.uses, domestic.relative) = (vec!["domestic".to_owned()], true);
    build.stage("ecological", "ecological_shortfall").relative = true;
    let production = build.stage("production", "shortage");
    (production.uses, production.relative) = (vec!["production".to_owned()], true);
    build
}

fn has_values(reservoirs: usize, days: usize, method: Lexicographic, expected: [f64; 3]) -> Plan {
    let mut build = cascade(reservoirs, days);
    build.goals.method = Method::Lexicographic(method);
    let plan = solved(&build, &SolveOptions::default()).plan;
    for (stage, expected) in plan.stages.iter().zip(expected) {
        let error = (stage.value - expected).abs();
        assert!(error <= 1e-5 * expected.abs().max(1.0), "{}: {} instead of {expected}", stage.objective, stage.value);
    }
    assert!(plan.relaxations.is_empty());
    let proofs = &plan.certificate.proofs;
    // What rounding leaves of nothing is nothing.
    let relative = |value: f64| if value.abs() > GAP { value.abs() } else { 1.0 };
    let gaps: Vec<f64> = proofs.iter().map(|proof| (proof.value - proof.bound).abs() / relative(proof.value)).collect();
    assert!(gaps.len() == expected.len() && gaps.iter().all(|gap| *gap <= GAP), "{gaps:?}");
    plan
}

/// Greatest gap that a proof may leave, relative, absolute where the value is 0.
const GAP: f64 = 1e-8;
const SMALL: [f64; 3] = [0.0, 0.0, 35.498_305];
const MIDDLE: [f64; 3] = [0.0, 0.0, 132.941_069];
const YEAR: [f64; 3] = [16.167_039, 985.866_415, 2_437.775_578];
const LARGE: [f64; 3] = [123.475_784, 5_063.467_136, 11_398.687_03];

#[test]
fn cascade_3x30() {
    has_values(3, 30, Lexicographic::Faces, SMALL);
    has_values(3, 30, Lexicographic::Weights, SMALL);
}

#[test]
fn cascade_10x30() {
    has_values(10, 30, Lexicographic::Faces, MIDDLE);
    has_values(10, 30, Lexicographic::Weights, MIDDLE);
}

#[test]
fn cascade_10x365_by_faces() {
    has_values(10, 365, Lexicographic::Faces, YEAR);
}

#[test]
fn cascade_10x365_by_weights() {
    has_values(10, 365, Lexicographic::Weights, YEAR);
}

#[test]
fn cascade_50x365_by_faces() {
    has_values(50, 365, Lexicographic::Faces, LARGE);
}

#[test]
fn cascade_50x365_by_weights() {
    let plan = has_values(50, 365, Lexicographic::Weights, LARGE);
    // An objective row with slack on the first stage shows the same rate: ecological node-days for a domestic one.
    let rate = plan.stages[0].rate.and_then(|rate| rate.at_most).unwrap();
    assert!((rate - 2_029.5).abs() <= 0.1, "{rate}");
}

/// A rate bounds what slack buys, and for little slack is what it buys.
#[test]
fn rates_of_a_year_are_what_little_slack_buys() {
    let options = SolveOptions { rates: true, ..SolveOptions::default() };
    let mut build = cascade(10, 365);
    build.goals.method = Method::Lexicographic(Lexicographic::Weights);
    build.goals.closing = false;
    let exact = solved(&build, &options).plan;
    for k in 0..2 {
        let rate = exact.stages[k].rate.unwrap();
        let (at_most, (slack, gain)) = (rate.at_most.unwrap(), rate.bought.unwrap());
        assert!(gain > 0.0 && gain <= at_most * slack * (1.0 + 1e-6), "stage {k}: {slack} buys {gain} at {at_most}");
        let slack = 1e-4 * exact.stages[k].value;
        let objective = build.goals.stages[k];
        build.goals.objectives[objective].tolerance = slack;
        let loose = solved(&build, &SolveOptions::default()).plan;
        build.goals.objectives[objective].tolerance = 0.0;
        let bought = exact.stages[k + 1].value - loose.stages[k + 1].value;
        assert!((bought / slack - at_most).abs() <= 1e-2 * at_most, "stage {k}: {} against {at_most}", bought / slack);
    }
}

#[test]
fn the_matrix_is_as_lean_as_the_reference() {
    let sizes = [
        ((3, 30), (180, 540, 1047)),
        ((10, 30), (600, 1800, 3770)),
        ((10, 365), (7300, 21_900, 45_980)),
        ((50, 365), (36_500, 109_500, 235_740)),
    ];
    for ((reservoirs, days), expected) in sizes {
        let build = cascade(reservoirs, days);
        let (formulation, _) = formulate(&build.case, &build.goals, Open::Nothing).unwrap();
        let program = formulation.program;
        assert_eq!((program.rows(), program.columns(), program.values.len()), expected, "{reservoirs}x{days}");
        assert!(program.column_lower.iter().chain(&program.column_upper).all(|bound| bound.is_finite()));
    }
}
