//! One step of the method `rules` against a linear program of that step, one request after another in the order of the stages.

use proptest::prelude::*;
use weir_model::goals::{Lexicographic, Method};
use weir_model::network::{NodeId, Role, Use};

use crate::build::{Build, FAR, portion};
use crate::check::{close, values};
use crate::hot::cases;
use crate::simulated::{ONE, run};

/// Lakes and junctions, and demands with one to three ways to them; demands may share a stage.
#[derive(Clone, Debug)]
struct Step {
    lakes: Vec<f64>,
    /// Of each junction: what comes to it, and the lakes that reach it, by what capacity.
    junctions: Vec<(f64, Vec<(prop::sample::Index, f64)>)>,
    /// Of each demand: what it wants, and from where, by what capacity.
    demands: Vec<(f64, Vec<(prop::sample::Index, f64)>)>,
}

fn steps() -> impl Strategy<Value = Step> {
    let ways = |most: usize| prop::collection::vec((any::<prop::sample::Index>(), 0.5..6.0_f64), 1..=most);
    (
        prop::collection::vec(0.0..6.0_f64, 1..4),
        prop::collection::vec((prop_oneof![Just(0.0), 0.0..3.0_f64], ways(2)), 0..3),
        prop::collection::vec((0.5..5.0_f64, ways(3)), 2..6),
    )
        .prop_map(|(lakes, junctions, demands)| Step { lakes, junctions, demands })
}

impl Step {
    /// The case of one day; each demand is a stage of its own.
    fn build(&self) -> Build {
        let mut build = Build::new("1 x 1 d");
        build.goals.method = Method::Lexicographic(Lexicographic::Faces);
        let sea = build.sink("sea");
        let lakes: Vec<NodeId> = (0..)
            .zip(&self.lakes)
            .map(|(i, &start)| {
                let lake = build.storage(&format!("lake{i}"), start, 100.0);
                build.arc(&format!("lake{i}.gate"), lake, sea, Role::Gate, FAR);
                lake
            })
            .collect();
        let mut givers = lakes.clone();
        for (i, (inflow, ways)) in self.junctions.iter().enumerate() {
            let junction = build.junction(&format!("junction{i}"));
            build.inflow(&format!("river{i}"), junction, inflow * ONE);
            build.link(&format!("junction{i}.on"), junction, sea);
            for (k, (lake, capacity)) in ways.iter().enumerate() {
                build.arc(&format!("reach{i}.{k}"), *lake.get(&lakes), junction, Role::Reach, capacity * ONE);
            }
            givers.push(junction);
        }
        for (i, (wants, ways)) in self.demands.iter().enumerate() {
            let id = format!("town{i}");
            let town = build.demand_node(&id, wants * ONE, vec![portion(&id, Use::Domestic, 1.0)]);
            for (k, (giver, capacity)) in ways.iter().enumerate() {
                build.arc(&format!("{id}.intake{k}"), *giver.get(&givers), town, Role::Intake, capacity * ONE);
            }
            build.stage(&id, "shortage").classes = vec![id.clone()];
        }
        build
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4 * cases(), ..ProptestConfig::default() })]

    #[test]
    fn each_request_gets_what_a_linear_program_of_the_step_gives_it(step in steps()) {
        let build = step.build();
        let plan = run(&build);
        for (stage, least) in plan.stages.iter().zip(values(&build)) {
            close(stage.value, least);
        }
    }
}

/// A, first in the order, takes the lake at hand, which is all that B has; A has a second lake, so B gets the first.
#[test]
fn who_has_no_other_way_gets_what_the_first_has_one_for() {
    let mut build = Build::new("1 x 1 d");
    let [near, far] = ["near", "far"].map(|id| build.storage(id, 3.0, 10.0));
    let town = |build: &mut Build, id: &str, wants: f64, from: &[NodeId]| {
        let node = build.demand_node(id, wants * ONE, vec![portion(id, Use::Domestic, 1.0)]);
        for (k, &lake) in from.iter().enumerate() {
            build.arc(&format!("{id}.intake{k}"), lake, node, Role::Intake, FAR);
        }
        build.stage(id, "shortage").classes = vec![id.to_owned()];
    };
    town(&mut build, "a", 2.0, &[near, far]);
    town(&mut build, "b", 2.5, &[near]);
    let plan = run(&build);
    close(plan.stages[0].value, 0.0);
    close(plan.stages[1].value, 0.0);
    // Only as much as B lacks is turned: 1.5 of A's 2.
    let intakes: Vec<f64> = plan.decisions.flow_m3s.column(0).iter().map(|flow| flow / ONE).collect();
    for (flow, wanted) in intakes.iter().zip([0.5, 1.5, 2.5]) {
        close(*flow, wanted);
    }
}
