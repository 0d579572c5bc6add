//! Replay: a plan solved again from what its document records (inputs, options, where the solve began), to the same bytes.
//!
//! Fails: inputs that are others, a starting basis that is not there or another, and a plan that a limit in time ended, which
//! nothing but the same machine under the same load would end at the same point, are told before anything is solved.
//! Limits: another version of weir or of the solver may end elsewhere; that stands among the differences.

use std::sync::Arc;

use weir_model::case::Case;
use weir_model::document::{Content, PlanDocument};
use weir_model::goals::Goals;
use weir_model::setting::Setting;

use crate::amend::{Unamended, amend};
use crate::audited::{Audited, audited};
use crate::hot::HotStart;
use crate::solve::SolveOptions;
use crate::verify::{MOST, inputs};
use crate::ways::Way;

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// The same content to the byte.
    Same,
    /// Where the contents differ, a sentence each.
    Differs(Vec<String>),
    /// Why it cannot be, a sentence each; nothing was solved.
    Not(Vec<String>),
}

/// Solves a plan of a case again; one changed by hand with the plan before and what was set.
///
/// # Errors
/// Why there is no plan now.
pub fn replay(
    document: &PlanDocument,
    (case, goals): (&Case, &Goals),
    changed: Option<(&PlanDocument, &[Setting])>,
    start: Option<HotStart>,
) -> Result<Replayed, Unamended> {
    let content = &document.content;
    let mut not = inputs(content, case);
    let start = match begun(content, start) {
        Ok(start) => start,
        Err(why) => {
            not.push(why);
            None
        }
    };
    let way = content.engine.options.get("way").map(|word| Way::of(word).ok_or(word));
    let goals = match way {
        None => goals.clone(),
        Some(Ok(way)) => way.ask(goals).map_err(Unamended::Refused)?,
        Some(Err(word)) => {
            not.push(format!("engine: no way to ask this basin has method `{word}`"));
            goals.clone()
        }
    };
    not.extend(ended_by_time(content, &goals));
    if !not.is_empty() {
        return Ok(Replayed::Not(not));
    }
    let is_set = |option: &str| content.engine.options.contains_key(option);
    let options = SolveOptions {
        start: start.map(Arc::new),
        way: way.and_then(Result::ok).map(|way| way.word),
        elastic: is_set("elastic"),
        rates: is_set("rates"),
        both_sides: is_set("both_sides"),
        ..SolveOptions::default()
    };
    let Audited { document: again, .. } = match changed {
        Some((before, settings)) => amend(case, &goals, before, settings, &options)?,
        None => audited(case, &goals, &options)?,
    };
    if again.content_bytes() == document.content_bytes() {
        return Ok(Replayed::Same);
    }
    Ok(Replayed::Differs(content.differences(&again.content, MOST)))
}

/// Where the plan's solve began.
fn begun(content: &Content, given: Option<HotStart>) -> Result<Option<HotStart>, String> {
    let Some(told) = &content.engine.starting_basis else { return Ok(None) };
    match given {
        Some(start) if start.digest() == *told => Ok(Some(start)),
        Some(start) => Err(format!("start: the basis given has SHA-256 {}, the plan began from {told}", start.digest())),
        None => Err(format!("start: the basis that the plan began from is not there: SHA-256 {told}")),
    }
}

/// The stage that a limit in time left unproved, if any.
fn ended_by_time(content: &Content, goals: &Goals) -> Option<String> {
    let integers = goals.integers?;
    let limit_s = integers.time_limit_s?;
    let is_left = |gap: Option<f64>| gap.is_none_or(|gap| gap > integers.gap);
    let stage = content.stages.iter().find(|stage| stage.outcome == "feasible" && is_left(stage.gap))?;
    let stage = &stage.objective;
    Some(format!("time: `{stage}` was left where the limit of {limit_s} s ended its solve, which is not reproducible"))
}
