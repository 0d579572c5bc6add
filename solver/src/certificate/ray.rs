//! Whether multipliers of rows prove, in exact arithmetic, that a program has no point at all.
//!
//! 0 = 0·x ≥ bound(y) for every x of the program and any y ([`safe_bound`]): a bound above 0 is a contradiction, so there is no x.
//! Such a y is a Farkas ray; whether it points up or down is left to the engine, and both are tried.
//!
//! Limits: proves the program as its numbers stand; a program that lacks less than a solver's tolerance is infeasible too.

use super::{one_sided, safe_bound};
use crate::program::{Expression, Program};

/// Whether a ray proves that a program without its whole numbers, and so with them, has no point.
pub fn proves_infeasible(program: &Program, ray: &[f64]) -> bool {
    let nothing = Expression::default();
    ray.len() == program.rows()
        && [1.0, -1.0].iter().any(|sign| {
            let mut duals: Vec<f64> = ray.iter().map(|y| sign * y).collect();
            one_sided(program, &mut duals);
            safe_bound(program, &nothing, &[], &duals).is_some_and(|bound| bound > 0.0)
        })
}
