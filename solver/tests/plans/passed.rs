//! Junctions that only pass water on have neither columns nor balances, and nothing else is different for it.

use std::sync::Arc;

use weir_model::forcing::Param;
use weir_model::kernel::Kernel;
use weir_model::moved::Fact;
use weir_model::network::{ArcId, Bound, Of, Receiver, RequirementKind, Role, RuleClass};
use weir_solver::formulation::{Formulation, formulated};
use weir_solver::layout::{FlowColumns, Open};
use weir_solver::session::Session;
use weir_solver::solve::{SolveOptions, solve};

use crate::build::{Build, FAR};
use crate::check::{close, solved, values};

const DAYS: usize = 6;

/// What flows to the meeting of waters by itself, with more than enough, nothing, and less than nothing.
const SIDES: [[f64; DAYS]; 4] =
    [[1.0, 2.0, 3.0, 4.0, 3.0, 2.0], [0.0; DAYS], [1.0, -2.0, 0.5, -1.0, 0.0, 6.0], [-1.0, -1.0, -1.0, -1.0, -1.0, -1.0]];

/// Two lakes, of which one's water is lost in part, a side inflow and what a town gives back meet, flow on through two plain junctions and
/// past the intake of a village to a section.
struct Meeting {
    build: Build,
    /// The ways out of the plain junctions.
    links: [ArcId; 2],
    /// The ways into the first.
    arrive: [(ArcId, f64); 3],
    town: ArcId,
}

fn meeting(side: &[f64]) -> Meeting {
    let mut build = Build::new(&format!("{DAYS} x 1 d"));
    let (upper, lower) = (build.storage("upper", 2.0, 6.0), build.storage("lower", 1.0, 4.0));
    let (meet, on, ford) = (build.junction("meet"), build.junction("on"), build.junction("ford"));
    let sea = build.sink("sea");
    build.inflow("rain", upper, &vec![3.0, 1.0, 0.5, 2.0, 4.0, 1.0]);
    build.inflow("snow", lower, 1.5);
    let side = build.inflow("side", meet, &side.to_vec());
    let gates = [("upper.gate", upper, 30.0), ("lower.gate", lower, 20.0)];
    let gates = gates.map(|(id, lake, most)| build.arc(id, lake, meet, Role::Gate, most));
    build.arc_mut(gates[1]).receivers[0].fraction = 0.9;
    let town = build.demand("town", upper, 2.0);
    build.demand_mut(town).returns.push(Receiver { node: meet, fraction: 0.4, kernel: Kernel::Instant });
    let links = [build.link("meet.on", meet, on), build.link("on.ford", on, ford)];
    build.demand("village", ford, 1.5);
    let last = build.arc("last", ford, sea, Role::Reach, FAR);
    let section =
        build.requirement("section", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(last, 1.0)]));
    section.target = Some(Bound::Flow(Param::constant(4.0)));
    build.stage("served", "shortage");
    build.stage("river", "ecological_shortfall");
    build.stage("smooth", "total_variation");
    build.goals.closing = true;
    let town = build.case.network.arc("town.intake").unwrap();
    Meeting { build, links, arrive: [(side, 1.0), (gates[0], 1.0), (gates[1], 0.9)], town }
}

/// The same with a column for each flow: a capacity that nothing reaches is stated.
fn with_columns(meeting: &Meeting) -> Build {
    let mut build = meeting.build.clone();
    for arc in meeting.links {
        build.arc_mut(arc).unbounded = false;
    }
    build
}

fn formulation(build: &Build) -> Formulation {
    formulated(&build.case, &build.goals, Open::Nothing).unwrap()
}

#[test]
fn what_a_plain_junction_passes_on_is_a_sum() {
    for side in SIDES {
        let meeting = meeting(&side);
        let (lean, whole) = (formulation(&meeting.build).program, formulation(&with_columns(&meeting)).program);
        // Each of the two ways can take more than comes where inflow is below 0.
        let below = 2 * side.iter().filter(|flow| **flow < 0.0).count();
        assert_eq!((lean.rows() - below + 2 * DAYS, lean.columns() + 2 * DAYS), (whole.rows(), whole.columns()));
        let flows = solved(&meeting.build, &SolveOptions::default()).plan.decisions.flow_m3s;
        for step in 0..DAYS {
            let back = 0.4 * flows[[meeting.town.0, step]];
            let comes = meeting.arrive.iter().fold(back, |sum, (arc, share)| sum + share * flows[[arc.0, step]]);
            for arc in meeting.links {
                assert!((flows[[arc.0, step]] - comes).abs() < 1e-9, "{} instead of {comes}", flows[[arc.0, step]]);
            }
        }
    }
}

#[test]
fn goals_come_to_the_same_from_any_start() {
    for side in SIDES {
        let meeting = meeting(&side);
        let kept = with_columns(&meeting);
        let whole = solved(&kept, &SolveOptions::default());
        // From the basis of a program that has the columns, too.
        let start = whole.end.map(Arc::new);
        for start in [None, start] {
            let lean = solved(&meeting.build, &SolveOptions { start, ..SolveOptions::default() }).plan;
            assert!(lean.notes.iter().all(|note| !note.contains("not used")), "{:?}", lean.notes);
            for (a, b) in lean.stages.iter().zip(&whole.plan.stages) {
                close(a.value, b.value);
            }
        }
    }
}

#[test]
fn a_live_session_follows_a_side_inflow_below_nothing_and_back() {
    let first = meeting(&SIDES[0]).build;
    let mut session = Session::open(&first.goals, &SolveOptions::default()).unwrap();
    for side in [0, 1, 0, 2, 3, 1, 2, 0].map(|number| SIDES[number]) {
        let build = meeting(&side).build;
        let hot = session.solve(&build.case).unwrap();
        for (stage, cold) in hot.stages.iter().zip(values(&build)) {
            close(stage.value, cold);
        }
    }
    // What changes of what is passed on stands on the right-hand sides below.
    session.solve(&meeting(&SIDES[0]).build.case).unwrap();
    let refreshed = session.solve(&meeting(&SIDES[1]).build.case).unwrap().refreshed.unwrap();
    assert!(refreshed.row_bounds >= DAYS && refreshed.coefficients == 0, "{refreshed:?}");
}

/// Water that is given to a plain junction, or taken from it, changes as much as where the junction has a balance.
#[test]
fn a_little_more_or_less_water_there_is_worth_the_same() {
    let meeting = meeting(&SIDES[1]);
    let kept = with_columns(&meeting);
    let meet = kept.case.network.node("meet").unwrap();
    for (step, by) in (0..DAYS).flat_map(|step| [(step, 0.01), (step, -0.01)]) {
        let moved = |build: &Build| {
            let mut build = build.clone();
            build.case = build.case.moved(Fact::Inflow(meet), step, by);
            values(&build)
        };
        for (a, b) in moved(&meeting.build).into_iter().zip(moved(&kept)) {
            close(a, b);
        }
    }
}

#[test]
fn water_that_is_missing_there_is_told_as_with_a_balance() {
    let meeting = meeting(&[-90.0; DAYS]);
    let why = |build: &Build| solve(&build.case, &build.goals, &SolveOptions::default()).unwrap_err().to_string();
    let (lean, whole) = (why(&meeting.build), why(&with_columns(&meeting)));
    assert_eq!(lean, whole);
    assert!(lean.contains("42.063 hm3 are missing"), "{lean}");
}

type Change = fn(&mut Meeting);

/// What stands in the way of being a sum: a rule on the flow, a floor, a price, a capacity, a second way out.
#[test]
fn a_way_with_anything_of_its_own_keeps_its_column() {
    let passed = |build: &Build| {
        let flows = formulation(build).layout.flows;
        flows.iter().filter(|flow| matches!(flow, FlowColumns::Passed(_))).count()
    };
    let plain = meeting(&SIDES[0]);
    assert_eq!(passed(&plain.build), 2);
    let changes: [(usize, Change); 7] = [
        (1, |it| {
            let of = Of::Flow(vec![(it.links[0], 1.0)]);
            it.build.requirement("rule", RequirementKind::Operation, RuleClass::Operational, of);
        }),
        (1, |it| it.build.arc_mut(it.links[1]).floor = Param::constant(0.1)),
        (1, |it| it.build.arc_mut(it.links[1]).price = Some(Param::constant(0.1))),
        (1, |it| it.build.arc_mut(it.links[0]).unbounded = false),
        // Whoever asks what a little less of it would change makes a limit of what is none.
        (1, |it| it.build.case = it.build.case.moved(Fact::Capacity(it.links[0]), 0, -0.1)),
        (1, |it| {
            let (on, sea) = (it.build.case.network.node("on").unwrap(), it.build.case.network.node("sea").unwrap());
            it.build.link("aside", on, sea);
        }),
        // In a circle none is told by the others.
        (0, |it| {
            let meet = it.build.case.network.node("meet").unwrap();
            it.build.arc_mut(it.links[1]).receivers[0].node = meet;
        }),
    ];
    for (left, change) in changes {
        let mut meeting = meeting(&SIDES[0]);
        change(&mut meeting);
        assert_eq!(passed(&meeting.build), left);
    }
}
