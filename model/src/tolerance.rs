//! Every tolerance of the project, in one place.

/// Greatest violation of a rule that counts as kept, hm³ (of a flow: hm³ in the step).
pub const FEASIBILITY_HM3: f64 = 1e-6;
/// Breaches up to this are not named: just under what the audit lets pass, so that no rounding leaves one unnamed.
pub const UNNAMED_HM3: f64 = 0.999 * FEASIBILITY_HM3;
/// What lies this near its bound, hm³, is held by it where reasons are sought: later solves may use up the slack that a row leaves an
/// earlier one, and what an outlet can pass moves with the storage.
pub const AT_BOUND_HM3: f64 = 10.0 * FEASIBILITY_HM3;
/// By how much shares may miss what they must be.
pub const SHARE: f64 = 1e-9;
/// Relative difference of two objective values that count as equal (absolute below 1).
pub const OBJECTIVE: f64 = 1e-6;
/// By how much, relative (absolute below 1), a goal's sum of products at a plan's point may be under what is told of it: coefficients are
/// rounded, and a later goal may make a million of what that comes to.
pub const ROUNDED: f64 = 1e-9;
/// A reduced cost below this, relative to its stage's nominal, counts as zero.
pub const DUAL: f64 = 1e-9;
/// A routing kernel's entries below this are cut, the rest going to its last entry.
pub const KERNEL: f64 = 1e-9;
/// A reduced cost up to this, of costs scaled to sizes around 1, may have the wrong sign at what a solver calls an optimum.
pub const SOLVER_DUAL: f64 = 1e-7;
/// How far a solver lets a point miss a row or bound.
pub const SOLVER_PRIMAL: f64 = 1e-7;
/// As [`SOLVER_PRIMAL`], of a program with whole numbers, and how far a solver lets those miss whole ones.
pub const SOLVER_WHOLE: f64 = 1e-6;
/// As [`SOLVER_DUAL`], where a solver is asked to look closely.
pub const TIGHT_DUAL: f64 = 1e-10;
/// A point whose rows miss their bounds by more than this is not taken from a solver; it is asked again from nothing.
pub const SOLVER_RESIDUAL: f64 = 2e-7;
