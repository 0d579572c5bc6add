//! What is always true, on small generated basins.

use proptest::prelude::*;
use weir_model::goals::{Lexicographic, Method};
use weir_model::kernel::Kernel;
use weir_model::network::{ArcId, NodeKind};
use weir_model::water::Motion;
use weir_solver::formulation::formulated;
use weir_solver::layout::Open;
use weir_solver::solve::SolveOptions;

use crate::check::{close, solved, values};
use crate::generated::{STEPS, basins};

/// Whether `a` is no worse than `b`, most important first; the third stage is maximised.
fn no_worse(a: &[f64], b: &[f64]) -> bool {
    for (stage, (a, b)) in a.iter().zip(b).enumerate() {
        let worse = if stage == 2 { b - a } else { a - b };
        let equal = 1e-6 * b.abs().max(1.0);
        if worse.abs() > equal {
            return worse < 0.0;
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn water_is_neither_made_nor_lost(basin in basins()) {
        let build = basin.build(0.0, false);
        let decisions = solved(&build, &SolveOptions::default()).plan.decisions;
        let case = &build.case;
        let motion = Motion::of(case, &decisions);
        let volume = case.hm3_per_m3s(0);
        let mut given = 0.0;
        for arc in (0..case.network.arcs.len()).filter(|&arc| case.network.given(ArcId(arc)).is_some()) {
            given += decisions.flow_m3s.row(arc).sum() * volume;
        }
        let arcs = case.network.arcs.iter().flat_map(|arc| &arc.receivers);
        let returns = case.network.demands().flat_map(|(_, demand)| &demand.returns);
        for receiver in arcs.chain(returns) {
            if let Kernel::Table(table) = &receiver.kernel {
                given += receiver.fraction * table.from_before_hm3.iter().sum::<f64>();
            }
        }
        let (mut kept, mut lost) = (0.0, 0.0);
        for (row, (_, storage)) in case.network.storages().enumerate() {
            let stored = decisions.storage_hm3.row(row);
            kept += stored[STEPS] - stored[0];
            for step in 0..STEPS {
                lost += case.loss(storage, step, 0).hm3(stored[step], stored[step + 1]);
            }
        }
        let mut used = 0.0;
        for (node, demand) in case.network.demands() {
            let back: f64 = demand.returns.iter().map(|receiver| receiver.fraction).sum();
            used += motion.supply.row(node.0).sum() * (1.0 - back);
        }
        let sinks = case.network.nodes.iter().enumerate().filter(|(_, node)| matches!(node.kind, NodeKind::Sink));
        let out: f64 = sinks.map(|(node, _)| motion.arriving.row(node).sum()).sum();
        let on_its_way: f64 = motion.on_its_way.iter().sum();
        close(given, kept + lost + used + out + on_its_way);
    }

    #[test]
    fn later_goals_worsen_none_before_them(basin in basins()) {
        let mut build = basin.build(0.0, false);
        let all = values(&build);
        for count in 1..all.len() {
            build.goals.stages.truncate(0);
            build.goals.stages.extend(0..count);
            for (alone, value) in values(&build).into_iter().zip(&all) {
                close(*value, alone);
            }
        }
    }

    #[test]
    fn more_inflow_never_worsens_the_vector(basin in basins(), more in 0.0..20.0_f64) {
        let basin = basin.without_limits();
        let (before, after) = (values(&basin.build(0.0, false)), values(&basin.build(more, false)));
        prop_assert!(no_worse(&after, &before), "{before:?} became {after:?}");
    }

    #[test]
    fn junctions_and_names_leave_the_values(basin in basins()) {
        for (a, b) in values(&basin.build(0.0, true)).into_iter().zip(values(&basin.build(0.0, false))) {
            close(a, b);
        }
    }

    #[test]
    fn junctions_that_only_pass_water_on_leave_the_program(basin in basins()) {
        let mut basin = basin;
        basin.at_once();
        let digest = |junctions| {
            let build = basin.build(0.0, junctions);
            formulated(&build.case, &build.goals, Open::Nothing).unwrap().digest()
        };
        assert_eq!(digest(true), digest(false));
    }

    #[test]
    fn weights_and_faces_agree_and_the_closing_chain_moves_nothing(basin in basins()) {
        let mut build = basin.build(0.0, false);
        let faces = values(&build);
        build.goals.closing = true;
        let closed = values(&build);
        build.goals.method = Method::Lexicographic(Lexicographic::Weights);
        for ((faces, closed), weights) in faces.into_iter().zip(closed).zip(values(&build)) {
            close(closed, faces);
            close(weights, faces);
        }
    }
}
