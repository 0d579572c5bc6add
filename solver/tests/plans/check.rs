//! What holds of every solved plan.

use weir_model::audit::audit;
use weir_model::goals::Sense;
use weir_model::measures::MEASURES;
use weir_model::plan::{Relaxation, StageResult};
use weir_solver::ladder::Grounds;
use weir_solver::objectives::OBJECTIVES;
use weir_solver::solve::{Infeasible, SolveOptions, Solved, Unsolved, solve};

use crate::build::Build;

/// Values of one plan are measured to so much, relative, absolute below 1.
const ROUNDING: f64 = 1e-12;

/// Solves; the plan must pass its audit, its stages be optimal, and every measure equal its expression.
pub fn solved(build: &Build, options: &SolveOptions) -> Solved {
    let solved = solve(&build.case, &build.goals, options).unwrap();
    for stage in &solved.plan.stages {
        assert_eq!(stage.outcome, "optimal", "{}", stage.objective);
    }
    let audit = audit(&build.case, &build.goals, &solved.plan);
    let findings: Vec<String> = audit.findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:?}");
    let differing: Vec<_> = solved.plan.notes.iter().filter(|note| note.contains("on the plan")).collect();
    assert!(differing.is_empty(), "{differing:?}");
    solved
}

/// The values that the stages reached.
pub fn values(build: &Build) -> Vec<f64> {
    solved(build, &SolveOptions::default()).plan.stages.iter().map(|stage| stage.value).collect()
}

/// The rules that cannot hold, where there is no plan.
pub fn conflicts(build: &Build) -> Vec<Relaxation> {
    match solve(&build.case, &build.goals, &SolveOptions::default()) {
        Err(Unsolved::Infeasible(found)) => {
            let Infeasible { least, conflicts, explained, grounds, .. } = *found;
            assert!(!conflicts.is_empty() && conflicts.len() == explained.len(), "{explained:?}");
            // All these programs are linear or contradict themselves: none is infeasible on the engine's word alone.
            assert_ne!(grounds, Grounds::Word);
            least
        }
        Err(other) => panic!("{other}"),
        Ok(solved) => panic!("a plan with {:?}", solved.plan.relaxations),
    }
}

/// Equal within 1e-6, relative above 1.
pub fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{a} instead of {b}");
}

/// The same ranked goals, reached by two ways: where one way is worse in a goal, it is better in one before.
///
/// What is left over evaporates by some 3e-5 a day, and goals that weigh water in two places may differ by the product of two such rates:
/// by less than an engine tells from a tie, though a later goal may make much of it.
pub fn as_good(one: &[StageResult], other: &[StageResult]) {
    assert_eq!(one.len(), other.len());
    let (mut one_gained, mut other_gained) = (false, false);
    for (one, other) in one.iter().zip(other) {
        let gain = match one.sense {
            Sense::Minimise => other.value - one.value,
            Sense::Maximise => one.value - other.value,
        };
        let size = one.value.abs().max(1.0);
        let told = || format!("`{}` is {} and {}", one.objective, one.value, other.value);
        assert!(gain <= 1e-6 * size || other_gained, "{}", told());
        assert!(gain >= -1e-6 * size || one_gained, "{}", told());
        one_gained |= gain > ROUNDING * size;
        other_gained |= gain < -ROUNDING * size;
    }
}

#[test]
fn objectives_and_measures_have_the_same_words() {
    let objectives: Vec<&str> = OBJECTIVES.iter().map(|objective| objective.word()).collect();
    let measures: Vec<&str> = MEASURES.iter().map(|measure| measure.kind()).collect();
    assert_eq!(objectives, measures);
}
