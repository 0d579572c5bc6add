//! What holds of every solved plan.

use weir_model::measures::measure;
use weir_solver::formulation::{expression, formulate};
use weir_solver::layout::Open;
use weir_solver::solve::{SolveOptions, Solved, solve};

use crate::build::Build;

/// Solves, and checks that the plan is within its case.
pub fn solved(build: &Build, options: &SolveOptions) -> Solved {
    let solved = solve(&build.case, &build.goals, options).unwrap();
    for stage in &solved.plan.stages {
        assert_eq!(stage.outcome, "optimal", "{}", stage.objective);
    }
    solved
}

/// The value that a stage reached.
pub fn value(build: &Build) -> Vec<f64> {
    solved(build, &SolveOptions::default()).plan.stages.iter().map(|stage| stage.value).collect()
}
