//! Why each class of a demand and each section is short: by itself, of the neighbouring steps around that in which it lacks most.
//!
//! Satisfactions tell the cause of most that all of a use lacks, which need not be that of each who lacks.

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
        let cause = reasons.cause_over(&row.address, first..last + 1)?;
        Some(ShortRow {
            address: row.address.clone(),
            from: start_of(case, first),
            to: end_of(case, last),
            reason: Cause::sentence(&cause),
        })
    });
    rows.collect()
}
