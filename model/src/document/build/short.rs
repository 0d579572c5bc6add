//! Why each class of a demand and each section is short: by itself, in neighbouring steps of one cause.
//!
//! Satisfactions tell the cause of most that all of a use lacks, which need not be that of each who lacks, nor of each step.

use super::super::{Content, ShortRow};
use super::reasons::{Cause, Reasons};
use super::{end_of, start_of};
use crate::case::Case;

/// The rows, from the series of a content.
pub(super) fn rows(content: &Content, case: &Case, reasons: &Reasons<'_>) -> Vec<ShortRow> {
    let rows = content.lacking().flat_map(|row| {
        let causes = reasons.causes(&row.address, 0..case.horizon.steps()).into_iter();
        causes.filter(|(_, cause)| !matches!(cause, Cause::Curtailed(_))).map(|(steps, cause)| ShortRow {
            address: row.address.clone(),
            from: start_of(case, steps.start),
            to: end_of(case, steps.end - 1),
            reason: cause.sentence(),
        })
    });
    rows.collect()
}
