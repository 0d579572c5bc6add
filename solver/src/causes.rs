//! Why two plans differ: the questions between theirs, solved one after the other.
//!
//! From the earlier plan's question to the later one's, in this order: `state` (storage at the start, water on its way, what accounts
//! have used), `forecast` (inflow, evaporation), `demand`, and `rules`: all the rest, which makes it the later plan itself. Where the later
//! plan begins at another time, `time` comes first: the earlier question asked again on the later plan's steps, from the storage that
//! the earlier plan has there.
//!
//! Another order would split otherwise where causes act together; the parts sum to the whole in any.
//! Fails: plans that are not of these questions, or that no question gives (changed by hand, fallen back to).

use weir_model::case::Case;
use weir_model::document::{Causes, PlanDocument};
use weir_model::goals::Goals;
use weir_model::network::NodeKind;
use weir_model::taken::Cause;

use crate::audited::{Unaudited, once};
use crate::explain::Unexplained;
use crate::solve::SolveOptions;
use crate::verify::{answers, asked, inputs};

/// A plan with the question that it answers.
pub struct Asked<'a> {
    /// The plan.
    pub document: &'a PlanDocument,
    /// Its case.
    pub case: &'a Case,
    /// Its goals, as the basin has them.
    pub goals: &'a Goals,
}

/// Splits the difference of two plans by cause. `on_later` is the earlier basin on the later plan's steps, where they are others.
///
/// # Errors
/// If a plan is not of its question, or a question between has no plan.
pub fn causes(
    before: &Asked<'_>,
    after: &Asked<'_>,
    on_later: Option<&Case>,
    options: &SolveOptions,
) -> Result<Causes, Unexplained> {
    for (asked, which) in [(before, "earlier"), (after, "later")] {
        let foreign = inputs(&asked.document.content, asked.case);
        if !foreign.is_empty() {
            let hint = "hint: name the folder of each plan's basin, as it was then";
            let why = format!("the {which} plan is not of the basin that was given for it");
            return Err(Unexplained::Refused(format!("{why}\n  {}\n  {hint}", foreign.join("\n  "))));
        }
        if asked.document.content.case.amended.is_some() {
            return Err(Unexplained::Refused(format!("the {which} plan was changed by hand: no question gives it")));
        }
    }
    let goals = way(before)?;
    let options = SolveOptions { elastic: true, dump: None, rates: false, both_sides: false, ..options.clone() };
    let solved = |case: &Case| -> Result<PlanDocument, Unexplained> {
        match once(case, &goals, &options) {
            Ok(audited) => Ok(audited.document),
            Err(Unaudited::Unsolved(why)) => Err(Unexplained::Unsolved(why)),
            Err(findings @ Unaudited::Findings(_)) => Err(Unexplained::Refused(findings.to_string())),
        }
    };
    let mut steps: Vec<(&str, bool, PlanDocument)> = Vec::new();
    let mut case = before.case.clone();
    if let Some(on_later) = on_later {
        case = carried_to(on_later, before.document);
        steps.push(("time", true, solved(&case)?));
    }
    if case.horizon.edges != after.case.horizon.edges {
        return Err(Unexplained::Refused("the basins of the two plans have no steps in common".to_owned()));
    }
    for cause in Cause::ALL {
        let (next, differs) = case.taking(cause, after.case);
        let document = match steps.last() {
            _ if differs => solved(&next)?,
            Some((.., document)) => document.clone(),
            None => before.document.clone(),
        };
        case = next;
        steps.push((cause.word(), differs, document));
    }
    // What the last question answers is the later plan, but for rules and goals that are others; of a plan that another basis led to
    // digits are others, and what follows from them.
    let rest = steps.last().is_none_or(|(.., last)| {
        let (last, after) = (&last.content, &after.document.content);
        (last.series != after.series || last.objectives != after.objectives) && !answers(after, &case, &goals)
    });
    let others: Vec<(&str, bool, &PlanDocument)> = steps
        .iter()
        .map(|(cause, differs, document)| (*cause, *differs, document))
        .chain([("rules", rest, after.document)])
        .collect();
    Ok(Causes::of(before.document, &others))
}

/// The goals by which a plan was made.
fn way(of: &Asked<'_>) -> Result<Goals, Unexplained> {
    let none = || Unexplained::Refused("a plan's method is none that its basin can be asked by".to_owned());
    asked(of.document, of.goals).into_iter().next().ok_or_else(none)
}

/// A case that begins where an earlier plan stands then.
fn carried_to(case: &Case, before: &PlanDocument) -> Case {
    let mut case = case.clone();
    let known = before.content.decisions_on(&case);
    let rows: Vec<usize> = case.network.storages().map(|(node, _)| node.0).collect();
    for (row, node) in rows.into_iter().enumerate() {
        let start = known.storage_hm3[[row, 0]];
        if let (NodeKind::Storage(storage), true) = (&mut case.network.nodes[node].kind, start.is_finite()) {
            storage.initial_hm3 = start;
        }
    }
    case
}
