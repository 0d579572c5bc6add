//! Why each class of a demand and each section is short: by itself, in the neighbouring steps around that in which it lacks most.
//!
//! Satisfactions tell the cause of most that all of a use lacks, which need not be that of each who lacks. Where the cause changes on
//! the way, each stretch of it has a row of its own: what is told of a step is true in it.

use super::super::{Content, ShortRow};
use super::reasons::{Cause, Reasons};
use super::{end_of, start_of};
use crate::case::Case;
use crate::tolerance::FEASIBILITY_HM3;

/// The rows, from the series of a content.
pub(super) fn rows(content: &Content, case: &Case, reasons: &Reasons<'_>) -> Vec<ShortRow> {
    let rows = content.lacking().filter_map(|row| {
        let worst = content.lacks_most_in(row)?;
        let lacks = |step: &usize| row.values[*step].unwrap_or(0.0) * case.hm3_per_m3s(*step) > FEASIBILITY_HM3;
        let first = (0..=worst).rev().take_while(lacks).last()?;
        let last = (worst..row.values.len()).take_while(lacks).last()?;
        let causes = reasons.causes(&row.address, first..last + 1).into_iter();
        Some(causes.map(|(steps, cause)| ShortRow {
            address: row.address.clone(),
            from: start_of(case, steps.start),
            to: end_of(case, steps.end - 1),
            reason: Cause::sentence(&cause),
        }))
    });
    rows.flatten().collect()
}
