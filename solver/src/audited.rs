//! A case to the document of its audited plan, with what the orders in force cost.
//!
//! Where orders are in force the case is solved without them too, at the same time, and the document holds both values of every
//! goal: the cost to supply and ecology. Without them there may be no plan; then that is said instead.
//!
//! Fails: no plan, or one that does not pass the audit.

use weir_model::audit::audit;
use weir_model::case::Case;
use weir_model::document::{PlanDocument, cost, document};
use weir_model::goals::Goals;
use weir_model::plan::Plan;

use crate::explain;
use crate::hot::HotStart;
use crate::solve::{SolveOptions, Unsolved, solve};

/// An audited plan, with where its solve ended.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The plan.
    pub document: PlanDocument,
    /// What the next solve can start from.
    pub end: Option<HotStart>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum Unaudited {
    /// There is no plan.
    #[error(transparent)]
    Unsolved(#[from] Unsolved),
    /// There is one, and it is not true to its case, which is a fault of weir.
    #[error("the plan does not pass the audit: {}", .0.join("; "))]
    Findings(Vec<String>),
}

/// The audited plan of a case.
///
/// # Errors
/// Why there is none.
pub fn audited(case: &Case, goals: &Goals, options: &SolveOptions) -> Result<Audited, Unaudited> {
    let Some(free) = case.without_commands() else { return once(case, goals, options) };
    let mut plain = SolveOptions { dump: None, rates: false, both_sides: false, ..options.clone() };
    // One of the two is told of.
    plain.engine_options.progress = None;
    let (held, free) = rayon::join(|| once(case, goals, options), || once(&free, goals, &plain));
    let Audited { document, end } = held?;
    let mut content = document.content;
    match free {
        Ok(free) => content.case.command_cost = cost(&free.document.content, &content),
        Err(why) => {
            let why = why.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            content
                .case
                .notes
                .push(format!("What the orders in force cost is not told: without them there is no plan: {why}"));
        }
    }
    Ok(Audited { document: PlanDocument::new(content), end })
}

/// The same, without what the orders in force cost.
///
/// # Errors
/// Why there is none.
pub(crate) fn once(case: &Case, goals: &Goals, options: &SolveOptions) -> Result<Audited, Unaudited> {
    let mut solved = solve(case, goals, options)?;
    let case = solved.case.as_deref().unwrap_or(case);
    if options.both_sides {
        explain::both_sides(&mut solved.plan, case, goals, options)?;
    }
    let document = judged(case, goals, &solved.plan)?;
    Ok(Audited { document, end: solved.end })
}

/// The document of a plan, if it is true to its case.
///
/// # Errors
/// What the audit found.
pub fn judged(case: &Case, goals: &Goals, plan: &Plan) -> Result<PlanDocument, Unaudited> {
    let audited = audit(case, goals, plan);
    if audited.findings.is_empty() {
        return Ok(document(case, goals, plan, &audited));
    }
    Err(Unaudited::Findings(audited.findings.iter().map(ToString::to_string).collect()))
}
