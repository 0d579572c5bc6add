//! Trees: one plan now for many futures, on a published tree and on basins small enough to derive the answer by hand. Each member's plan
//! passes the audit, and the whole verifies.

#![cfg(all(feature = "scenarios", feature = "highs"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use approx::assert_relative_eq;
use proptest::prelude::*;
use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_model::lower::lower;
use weir_scenarios::overlay::{self, Overlay};
use weir_solver::audited::{audited, judged};
use weir_solver::solve::{SolveOptions, solve};
use weir_solver::tree::{self, Branch, Member, Risk, Solved, Told, Tree};

/// hm³ of a m³/s in a day.
const DAY: f64 = 0.0864;

fn question(basin: &str, changes: &str) -> (Case, Goals) {
    let overlay = Overlay::of_text("member", "member.toml", changes).unwrap();
    let basin = overlay::read(&Path::new("tests/tree").join(basin), Some(&overlay), &[]);
    lower(&basin.unwrap_or_else(|refusals| panic!("{refusals}")), None).unwrap_or_else(|refusals| panic!("{refusals}"))
}

/// A change that has the brook bring these flows, day by day.
fn brook(flows: &[f64]) -> String {
    let season = |(day, flow): (usize, &f64)| format!("{{ from = \"06-0{0}\", to = \"06-0{0}\", value = {flow} }}", day + 1);
    let seasons: Vec<String> = flows.iter().enumerate().map(season).collect();
    format!("[[change]]\nset = \"brook.flow_m3s\"\nvalue = {{ seasons = [{}], otherwise = 0 }}\n", seasons.join(", "))
}

/// The tree's plan: each member audited, the whole verified.
fn planned(tree: &Tree<'_>) -> Solved {
    let solved = tree::solve(tree, &SolveOptions::default()).unwrap_or_else(|why| panic!("{why}"));
    let document = |(member, planned): (&Member<'_>, &tree::Planned)| {
        let case = planned.case.as_deref().unwrap_or(member.case);
        let document = judged(case, tree.goals, &planned.plan).unwrap_or_else(|why| panic!("{why}"));
        PlanDocument::parse(&document.to_json()).unwrap()
    };
    let documents: Vec<PlanDocument> = tree.members.iter().zip(&solved.members).map(document).collect();
    let documents: Vec<&PlanDocument> = documents.iter().collect();
    let told =
        Told { members: &documents, stages: &solved.stages, certificate: &solved.certificate, engine: &solved.engine };
    assert_eq!(tree::verify(&told, tree), Vec::<String>::new());
    for proof in &solved.certificate.proofs {
        assert!(proof.value - proof.bound <= 1e-6 * proof.value.abs().max(1.0), "{proof:?}");
    }
    solved
}

/// What each way of ranked goals makes of something.
fn by_each_way(goals: &Goals, mut ask: impl FnMut(&Goals)) {
    for way in [Lexicographic::Faces, Lexicographic::Weights] {
        ask(&Goals { method: Method::Lexicographic(way), ..goals.clone() });
    }
}

#[test]
fn three_stages_of_the_published_tree() {
    // Each stage brings 0, 50 or 100, and is seen before its decision: 27 members, each leaving the first that has its past.
    let past = |number: usize| [number / 9, number / 3 % 3, number % 3];
    let questions: Vec<(Case, Goals)> = (0..27)
        .map(|number| question("first_steps", &brook(&past(number).map(|which| [0.0, 50.0, 100.0][which]))))
        .collect();
    let members: Vec<Member<'_>> = questions
        .iter()
        .enumerate()
        .map(|(number, (case, _))| {
            let branch = match past(number) {
                [0, 0, 0] => None,
                [_, 0, 0] => Some(Branch { from: 0, steps: 0 }),
                [first, _, 0] => Some(Branch { from: first * 9, steps: 1 }),
                [first, second, _] => Some(Branch { from: first * 9 + second * 3, steps: 2 }),
            };
            Member { case, weight: 1.0 / 27.0, branch }
        })
        .collect();
    by_each_way(&questions[0].1, |goals| {
        let solved = planned(&Tree { members: members.clone(), goals, risk: Risk::Expectation, spill_shared: false });
        assert_relative_eq!(solved.stages[0].value / DAY, 25000.0 / 3.0, max_relative = 1e-9);
    });
}

/// Two days: it rains on the second (10 units, of a weight of 0.8), or not. The town wants 10 units a day; a unit short costs 1 on the
/// first day and 2 on the second. A release r on the first is all that is decided before it is known. Then
///
/// wet: 10 − r, since 10 − r + 10 ≥ 10 is enough for the second day; dry: 10 − r + 2 (10 − (10 − r)) = 10 + r.
fn two_days() -> [(Case, Goals); 2] {
    [question("two_days", &brook(&[0.0, 10.0])), question("two_days", &brook(&[0.0, 0.0]))]
}

fn of_two_days<'a>([wet, dry]: &'a [(Case, Goals); 2], goals: &'a Goals, risk: Risk) -> Tree<'a> {
    let dry = Member { case: &dry.0, weight: 0.2, branch: Some(Branch { from: 0, steps: 1 }) };
    Tree { members: vec![Member { case: &wet.0, weight: 0.8, branch: None }, dry], goals, risk, spill_shared: false }
}

/// What is released on the first day, in units; the same in all members.
fn first_release(tree: &Tree<'_>, solved: &Solved) -> f64 {
    let hydro = tree.members[0].case.network.arcs.iter().position(|arc| arc.id == "lake.hydro").unwrap();
    let flows: Vec<f64> = solved.members.iter().map(|member| member.plan.decisions.flow_m3s[[hydro, 0]]).collect();
    assert!(flows.iter().all(|flow| (flow - flows[0]).abs() < 1e-9), "{flows:?}");
    flows[0]
}

#[test]
fn expectation_worst_case_and_cvar_by_hand() {
    let questions = two_days();
    // 0.8 (10 − r) + 0.2 (10 + r) = 10 − 0.6 r: r = 10, 4.
    // max (10 − r, 10 + r) = 10 + r: r = 0, 10.
    // CVaR 0.5, the worst half: all of the dry 0.2 and 0.3 of the wet: (0.2 (10 + r) + 0.3 (10 − r)) ÷ 0.5 = 10 − 0.2 r: r = 10, 8.
    // CVaR 0.7, the worst 0.3: (0.2 (10 + r) + 0.1 (10 − r)) ÷ 0.3 = 10 + r ÷ 3: r = 0, 10.
    // CVaR 0 is the expectation.
    let cases = [
        (Risk::Expectation, 10.0, 4.0),
        (Risk::Worst, 0.0, 10.0),
        (Risk::ConditionalValueAtRisk(0.5), 10.0, 8.0),
        (Risk::ConditionalValueAtRisk(0.7), 0.0, 10.0),
        (Risk::ConditionalValueAtRisk(0.0), 10.0, 4.0),
    ];
    for (risk, release, value) in cases {
        by_each_way(&questions[0].1, |goals| {
            let tree = of_two_days(&questions, goals, risk);
            let solved = planned(&tree);
            assert_relative_eq!(solved.stages[0].value / DAY, value, epsilon = 1e-6);
            assert_relative_eq!(first_release(&tree, &solved), release, epsilon = 1e-6);
        });
    }
}

/// A tree whose members share nothing.
fn apart(mut tree: Tree<'_>) -> Tree<'_> {
    for branch in tree.members.iter_mut().filter_map(|member| member.branch.as_mut()) {
        branch.steps = 0;
    }
    tree
}

/// The goals of each member's part, in units.
fn values(solved: &Solved) -> Vec<Vec<f64>> {
    let units = |planned: &tree::Planned| planned.plan.stages.iter().map(|stage| stage.value / DAY).collect();
    solved.members.iter().map(units).collect()
}

#[test]
fn who_does_not_bind_the_worst_is_served_as_well_as_can_be() {
    // Nothing is shared: the dry one lacks 10 whatever is done, which is the worst; the wet one could lack anything up to that, and lacks nothing.
    // Of the worst 0.1 the same holds. The mean is 0.8 × 0 + 0.2 × 10.
    let questions = two_days();
    for risk in [Risk::Worst, Risk::ConditionalValueAtRisk(0.9)] {
        by_each_way(&questions[0].1, |goals| {
            let solved = planned(&apart(of_two_days(&questions, goals, risk)));
            let told: Vec<(&str, f64)> = solved
                .stages
                .iter()
                .map(|stage| (stage.objective.as_str(), (stage.value / DAY * 1e6).round() / 1e6))
                .collect();
            assert_eq!(told, [("thermal", 10.0), ("thermal.expectation", 2.0)], "{risk:?}");
            assert_eq!(solved.certificate.proofs.len(), 2);
            assert_relative_eq!(values(&solved).concat()[..], [0.0, 10.0][..], epsilon = 1e-6);
        });
        // Weighted goals have no order: the sum of their means comes right behind them.
        let goals = Goals { method: Method::Weighted, ..questions[0].1.clone() };
        let solved = planned(&apart(of_two_days(&questions, &goals, risk)));
        assert_eq!((solved.stages.len(), solved.closing[0].objective.as_str()), (1, "expectation"));
        assert_relative_eq!(values(&solved).concat()[..], [0.0, 10.0][..], epsilon = 1e-6);
    }
    // A goal behind it: a full lake at the end, 20 units, where it rains. The worst lack of it would be 10 if the wet town went short of 10 on the
    // first day, which its own goal forbids though it binds no worst.
    let goal = "[[objective]]\nid = \"kept\"\nkind = \"end_storage\"\n[[change]]\nrank = \"kept\"\nafter = \"thermal\"\n";
    let end = |hm3: f64| format!("{goal}[[change]]\nset = \"lake.end\"\nvalue = {{ storage_hm3 = {hm3} }}\n");
    let questions = [(1.728, [0.0, 10.0]), (0.0, [0.0, 0.0])]
        .map(|(hm3, rain)| question("two_days", &format!("{}{}", end(hm3), brook(&rain))));
    by_each_way(&questions[0].1, |goals| {
        let solved = planned(&apart(of_two_days(&questions, goals, Risk::Worst)));
        assert_relative_eq!(values(&solved).concat()[..], [0.0, 20.0, 10.0, 0.0][..], epsilon = 1e-6);
        let told: Vec<f64> = solved.stages.iter().map(|stage| stage.value / DAY).collect();
        assert_relative_eq!(told[..], [10.0, 2.0, 20.0, 16.0][..], epsilon = 1e-6);
    });
    // What a goal's tolerance leaves the next is of its mean as well: a unit of it lets the wet town lack 1.25, which the lake keeps.
    let tolerance = format!("[[change]]\nset = \"objective:thermal.tolerance\"\nvalue = {DAY}\n");
    let questions = [(1.728, [0.0, 10.0]), (0.0, [0.0, 0.0])]
        .map(|(hm3, rain)| question("two_days", &format!("{}{tolerance}{}", end(hm3), brook(&rain))));
    by_each_way(&questions[0].1, |goals| {
        let solved = planned(&apart(of_two_days(&questions, goals, Risk::Worst)));
        assert_relative_eq!(values(&solved).concat()[..], [1.25, 18.75, 10.0, 0.0][..], epsilon = 1e-6);
    });
}

#[test]
fn of_one_member_it_is_the_plain_plan() {
    for basin in ["tree/first_steps", "cases/loucks_allocation_6", "cases/leximin4", "cases/flood_above_limit"] {
        let read = weir_model::basin::Basin::read(&Path::new("tests").join(basin)).unwrap();
        let (case, goals) = lower(&read, None).unwrap();
        let plain = solve(&case, &goals, &SolveOptions::default()).unwrap();
        let tree = Tree {
            members: vec![Member { case: &case, weight: 1.0, branch: None }],
            goals: &goals,
            risk: Risk::Worst,
            spill_shared: true,
        };
        let solved = planned(&tree);
        let [only] = &solved.members[..] else { panic!("{basin}: one member") };
        assert_eq!(only.plan.decisions, plain.plan.decisions, "{basin}");
        assert_eq!(only.plan.relaxations, plain.plan.relaxations, "{basin}");
        assert_eq!(solved.stages, plain.plan.stages, "{basin}");
        assert_eq!(solved.certificate, plain.plan.certificate, "{basin}");
        assert_eq!(solved.engine.program_digest, plain.plan.engine.program_digest, "{basin}");
        let document = audited(&case, &goals, &SolveOptions::default()).unwrap().document;
        let own = judged(only.case.as_deref().unwrap_or(&case), &goals, &only.plan).unwrap();
        assert_eq!(own.content.series, document.content.series, "{basin}");
    }
}

#[test]
fn leximin_over_the_members_is_of_the_risk_of_each_entry() {
    // The four users of tests/cases/leximin4, whose canal to the first two carries 12 or, as probable, 6: they get 0.4 and 0.2 of
    // what they want, in the mean 0.3. The others are as before: 0.6 and 1.
    let less = "[[change]]\nset = \"first.capacity_m3s\"\nvalue = 6\n";
    let questions = [question("../cases/leximin4", ""), question("../cases/leximin4", less)];
    let members = |branch| {
        let member = |(case, branch)| Member { case, weight: 0.5, branch };
        [(&questions[0].0, None), (&questions[1].0, branch)].map(member).to_vec()
    };
    for (risk, least) in [(Risk::Expectation, 0.3), (Risk::Worst, 0.2), (Risk::ConditionalValueAtRisk(0.25), 4.0 / 15.0)] {
        by_each_way(&questions[0].1, |goals| {
            let solved =
                planned(&Tree { members: members(Some(Branch { from: 0, steps: 0 })), goals, risk, spill_shared: false });
            assert_relative_eq!(solved.stages[0].value, least, epsilon = 1e-7);
        });
    }
    // The canal is set before it is known what it carries: 6 in both.
    let solved = planned(&Tree {
        members: members(Some(Branch { from: 0, steps: 1 })),
        goals: &questions[0].1,
        risk: Risk::Expectation,
        spill_shared: false,
    });
    assert_relative_eq!(solved.stages[0].value, 0.2, epsilon = 1e-7);
}

#[test]
fn what_is_told_otherwise_is_found_out() {
    let questions = two_days();
    let tree = of_two_days(&questions, &questions[0].1, Risk::Expectation);
    let solved = planned(&tree);
    let document =
        |(member, planned): (&Member<'_>, &tree::Planned)| judged(member.case, tree.goals, &planned.plan).unwrap();
    let documents: Vec<PlanDocument> = tree.members.iter().zip(&solved.members).map(document).collect();
    let faults = |documents: &[PlanDocument], solved: &Solved, tree: &Tree<'_>| {
        let members: Vec<&PlanDocument> = documents.iter().collect();
        let (stages, certificate, engine) = (&solved.stages, &solved.certificate, &solved.engine);
        tree::verify(&Told { members: &members, stages, certificate, engine }, tree).join("\n")
    };
    let mut better = solved.clone();
    better.stages[0].value -= 0.01;
    assert!(faults(&documents, &better, &tree).contains("stages: `thermal` is"));
    let mut bound = solved.clone();
    bound.certificate.proofs[0].bound += 0.001;
    assert!(faults(&documents, &bound, &tree).contains("certificate: the duals of `thermal` prove"));
    let other = Tree { risk: Risk::Worst, ..tree.clone() };
    assert!(faults(&documents, &solved, &other).contains("not the one whose digest the plan tells"));
    let swapped: Vec<PlanDocument> = documents.iter().rev().cloned().collect();
    assert!(faults(&swapped, &solved, &tree).contains("member 1: inputs"));
    // The dry member's own best, r = 0, is as good a plan of its own, but parts from the wet one's before the branch.
    let mut alone = solved.clone();
    let own = solve(&questions[1].0, &questions[1].1, &SolveOptions::default()).unwrap();
    alone.members[1].plan.decisions = own.plan.decisions;
    alone.members[1].plan.stages[0].value = own.plan.stages[0].value;
    let documents: Vec<PlanDocument> = tree.members.iter().zip(&alone.members).map(document).collect();
    assert!(faults(&documents, &alone, &tree).contains("member 2: `lake.hydro` differs from its parent's at 2026-06-01"));
}

#[test]
fn what_is_no_tree_is_refused() {
    let questions = two_days();
    let of = |weight, branch| {
        let [wet, dry] = &questions;
        let members = vec![Member { case: &wet.0, weight: 0.5, branch: None }, Member { case: &dry.0, weight, branch }];
        let tree = Tree { members, goals: &wet.1, risk: Risk::Expectation, spill_shared: false };
        tree::solve(&tree, &SolveOptions::default()).unwrap_err().to_string()
    };
    assert_eq!(of(0.0, None), "member 2: its weight is no probability above 0");
    assert_eq!(of(0.5, Some(Branch { from: 1, steps: 1 })), "member 2: its parent does not stand before it");
    let (case, _) = question("first_steps", "");
    let members =
        vec![Member { case: &questions[0].0, weight: 0.5, branch: None }, Member { case: &case, weight: 0.5, branch: None }];
    let tree = Tree { members, goals: &questions[0].1, risk: Risk::Expectation, spill_shared: false };
    let said = tree::solve(&tree, &SolveOptions::default()).unwrap_err().to_string();
    assert_eq!(said, "member 2 has other steps than the first: members of a tree differ in numbers only");
    // What is no linear program says so, where it stands in the file, and how to go on.
    let of_method = |method: Method| {
        let goals = Goals { method, ..questions[0].1.clone() };
        let members = questions.iter().map(|(case, _)| Member { case, weight: 0.5, branch: None }).collect();
        let tree = Tree { members, goals: &goals, risk: Risk::Expectation, spill_shared: false };
        tree::solve(&tree, &SolveOptions::default()).unwrap_err().to_string()
    };
    let said = of_method(Method::Rules);
    assert!(
        said.contains("the method `rules` asks none (`kind` in [method])") && said.contains("leave `[tree]` out"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_shared_is_said() {
    // 25 units come on the first day into a lake that has room for 10, or none into one that holds 10: where what spills is decided for both, 15
    // must go in one and 10 are all there is in the other.
    let questions = [question("two_days", &brook(&[25.0, 0.0])), question("two_days", &brook(&[0.0, 0.0]))];
    let shared = of_two_days(&questions, &questions[0].1, Risk::Expectation);
    let own = planned(&shared);
    assert!(own.stages[0].value > 0.0);
    let why = tree::solve(&Tree { spill_shared: true, ..shared }, &SolveOptions::default()).unwrap_err().to_string();
    assert!(why.starts_with("no plan is the same for all members until they branch"), "{why}");
}

fn flows() -> impl Strategy<Value = [f64; 2]> {
    [0.0..25.0_f64, 0.0..25.0_f64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Who waits and sees does no worse than the tree, and the tree no worse than any release that is fixed beforehand.
    #[test]
    fn between_hindsight_and_any_fixed_release(
        (first, second, third) in (flows(), flows(), flows()),
        share in 0.05..0.6_f64,
        release in 0.0..8.0_f64,
        alpha in 0.0..0.95_f64,
    ) {
        let weights = [share, 0.4 - share / 2.0, 0.6 - share / 2.0];
        let inflows = [brook(&first), brook(&second), brook(&third)];
        let fixed = "[[change]]\nset = \"lake.hydro.floor_m3s\"\nvalue = { seasons = [{ from = \"06-01\", to = \"06-01\", value = R }], otherwise = 0 }\n\
                     [[change]]\nset = \"lake.hydro.capacity_m3s\"\nvalue = { seasons = [{ from = \"06-01\", to = \"06-01\", value = R }], otherwise = 20 }\n";
        let questions: Vec<_> = inflows.iter().map(|changes| question("two_days", changes)).collect();
        let alone = |changes: &str| {
            let (case, goals) = question("two_days", changes);
            solve(&case, &goals, &SolveOptions::default()).unwrap().plan.stages[0].value
        };
        let weighed = |values: Vec<f64>| weights.into_iter().zip(values).collect::<Vec<_>>();
        let hindsight = weighed(inflows.iter().map(|changes| alone(changes)).collect());
        let policy = fixed.replace('R', &release.to_string());
        let policy = weighed(inflows.iter().map(|changes| alone(&format!("{changes}{policy}"))).collect());
        for risk in [Risk::Expectation, Risk::Worst, Risk::ConditionalValueAtRisk(alpha)] {
            let members = questions.iter().zip(weights).enumerate().map(|(place, ((case, _), weight))| {
                Member { case, weight, branch: (place > 0).then_some(Branch { from: 0, steps: 1 }) }
            });
            let members = members.collect();
            let value = planned(&Tree { members, goals: &questions[0].1, risk, spill_shared: false }).stages[0].value;
            prop_assert!(risk.of(&hindsight) <= value + 1e-6, "{risk:?}: {} > {value}", risk.of(&hindsight));
            prop_assert!(value <= risk.of(&policy) + 1e-6, "{risk:?}: {value} > {}", risk.of(&policy));
        }
    }
}
