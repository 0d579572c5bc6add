//! The difference of two plans by cause: parts that sum to the whole, and none where nothing differs.

use proptest::prelude::*;
use weir_model::audit::audit;
use weir_model::document::{Causes, PlanDocument, document};
use weir_solver::causes::{Asked, causes};
use weir_solver::solve::SolveOptions;

use crate::build::Build;
use crate::check::solved;
use crate::generated::basins;

fn made(build: &Build) -> PlanDocument {
    let found = solved(build, &SolveOptions { elastic: true, ..SolveOptions::default() });
    // Above a flood limit the plan is of the case with the event that it showed.
    let case = found.case.as_deref().unwrap_or(&build.case);
    document(case, &build.goals, &found.plan, &audit(case, &build.goals, &found.plan))
}

fn split(before: &Build, after: &Build) -> Causes {
    let (first, last) = (made(before), made(after));
    let asked = |build: &Build, document: &PlanDocument| (build.case.clone(), build.goals.clone(), document.clone());
    let ((case, goals, document), (later, later_goals, later_document)) = (asked(before, &first), asked(after, &last));
    let before = Asked { document: &document, case: &case, goals: &goals };
    let after = Asked { document: &later_document, case: &later, goals: &later_goals };
    causes(&before, &after, None, &SolveOptions::default()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn parts_sum_to_the_whole_and_rules_have_none_where_they_are_the_same(
        basin in basins(),
        more in 0.0..10.0_f64,
        share in 0.5..1.5_f64,
        start in 0.1..0.9_f64,
    ) {
        let mut other = basin.clone();
        other.demands(share);
        other.starts(start);
        let found = split(&basin.build(0.0, false), &other.build(more, false));
        prop_assert_eq!(&found.order, &["state", "forecast", "demand", "rules"]);
        prop_assert!(!found.differ.contains(&"rules".to_owned()), "{:?}", found.differ);
        for row in &found.rows {
            let sum: f64 = row.parts.iter().sum();
            prop_assert!((sum - (row.after - row.before)).abs() < 1e-9, "{row:?}");
            // What goals decide is the same for the same question; where the water goes otherwise is one of many.
            if row.of == "objective" {
                prop_assert!(row.parts[3].abs() <= 1e-5 * row.after.abs().max(1.0), "{row:?}");
            }
        }
    }

    #[test]
    fn what_is_the_same_moves_nothing(basin in basins()) {
        let build = basin.build(0.0, false);
        let found = split(&build, &build);
        prop_assert_eq!(found.differ.len(), 0, "{:?}", found.differ);
        prop_assert_eq!(found.rows.len(), 0, "{:?}", found.rows);
    }

    #[test]
    fn a_cause_alone_moves_all(basin in basins(), share in 0.4..0.8_f64) {
        let mut other = basin.clone();
        other.demands(share);
        let found = split(&basin.build(0.0, false), &other.build(0.0, false));
        for row in found.rows.iter().filter(|row| row.of == "objective") {
            prop_assert!((row.parts[2] - (row.after - row.before)).abs() <= 1e-5 * row.after.abs().max(1.0), "{row:?}");
            prop_assert_eq!((row.parts[0], row.parts[1]), (0.0, 0.0));
        }
    }
}
