//! Why there is no plan.

use std::fmt::Write as _;
use std::path::PathBuf;

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::network::Of;
use weir_model::plan::Relaxation;

use crate::conflict::{self, Conflict, ConflictError};
use crate::engine::{self, Engine, EngineError, Outcome};
use crate::formulation::UnknownKind;
use crate::ladder::Grounds;
use crate::methods::MethodError;
use crate::rules;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Unsolved {
    /// Rules that cannot hold, or water that is physically missing.
    #[error(transparent)]
    Infeasible(#[from] Box<Infeasible>),
    /// A stage ended without an optimum.
    #[error("`{stage}` ended {}", outcome.word())]
    NoOptimum {
        /// The stage.
        stage: String,
        /// How it ended.
        outcome: Outcome,
    },
    /// Run by the rules, water is physically missing or cannot be passed on.
    #[error(transparent)]
    Stuck(#[from] rules::Stuck),
    /// An objective's kind is not known.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// The engine cannot be asked.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The program could not be written.
    #[error("cannot write `{}`: {error}", path.display())]
    Dump {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// That no plan keeps every rule, and why.
#[derive(Clone, Debug, thiserror::Error)]
#[error("infeasible:{}", .explained.iter().fold(String::new(), |all, line| all + "\n  " + line))]
pub struct Infeasible {
    /// Each rule and step with what it lacks at least, the most protected rules kept first; of what is physically impossible each
    /// balance.
    pub least: Vec<Relaxation>,
    /// The smallest sets of rules that cannot hold together.
    pub conflicts: Vec<Conflict>,
    /// The least water, hm³, by which all rules miss each other; none where no water helps.
    pub in_all_hm3: Option<f64>,
    /// A sentence a conflict; a rule, where no conflict was found.
    pub explained: Vec<String>,
    /// What it rests on that no plan keeps every rule.
    pub grounds: Grounds,
    /// States that the least breach has beside; none where there is no least breach.
    pub(crate) states: Option<Vec<Relaxation>>,
}

impl Infeasible {
    /// Tells the conflicts, in whose sentences it is then explained.
    pub(crate) fn told(
        mut self: Box<Self>,
        case: &Case,
        goals: &Goals,
        ways: (&dyn Engine, &engine::Options),
    ) -> Result<Box<Self>, Unsolved> {
        (self.conflicts, self.in_all_hm3) = conflict::conflicts(case, goals, self.states.as_deref(), ways)?;
        if !self.conflicts.is_empty() {
            self.explained = self.conflicts.iter().map(|conflict| conflict.sentence(case)).collect();
        }
        Ok(self)
    }
}

impl From<ConflictError> for Unsolved {
    fn from(error: ConflictError) -> Self {
        match error {
            ConflictError::Kind(error) => Self::Kind(error),
            ConflictError::Engine(error) => Self::Engine(error),
        }
    }
}

impl From<MethodError> for Unsolved {
    fn from(error: MethodError) -> Self {
        match error {
            MethodError::Engine(error) => Self::Engine(error),
            MethodError::Unsolved { stage, outcome } => Self::NoOptimum { stage: format!("stage {}", stage + 1), outcome },
        }
    }
}

impl Unsolved {
    /// Rules that cannot hold, with the states that the least breach has beside.
    pub(crate) fn infeasible(case: &Case, (least, states): (Vec<Relaxation>, Vec<Relaxation>), grounds: Grounds) -> Self {
        let explained = explained(case, &least, |address, hm3, when| {
            format!("`{address}` cannot hold {when}: at least {hm3} hm3 are missing or too much")
        });
        Box::new(Infeasible { least, conflicts: Vec::new(), in_all_hm3: None, explained, grounds, states: Some(states) })
            .into()
    }

    /// Something that cannot be asked of a case.
    pub(crate) fn refused(why: String) -> Self {
        let (least, conflicts, states) = (Vec::new(), Vec::new(), None);
        Box::new(Infeasible { least, conflicts, in_all_hm3: None, explained: vec![why], grounds: Grounds::Data, states })
            .into()
    }

    /// Rules on whole numbers, by their addresses, that no water can keep together.
    pub(crate) fn whole(addresses: &[String], grounds: Grounds) -> Self {
        let sentence = |address: &String| {
            format!(
                "`{address}` cannot hold with what else is said of open and shut, of changes and of days met, however much water there is"
            )
        };
        let explained = addresses.iter().map(sentence).collect();
        Box::new(Infeasible { least: Vec::new(), conflicts: Vec::new(), in_all_hm3: None, explained, grounds, states: None })
            .into()
    }

    /// Water balances that cannot hold whatever rule gives way.
    pub fn impossible(case: &Case, budget: Vec<Relaxation>, grounds: Grounds) -> Self {
        let explained = explained(case, &budget, |address, hm3, when| match address.rsplit_once('.') {
            Some((node, "surplus")) => {
                format!("`{node}` {when}: {hm3} hm3 more arrive than it can hold and pass on, whatever rule gives way")
            }
            Some((node, _)) => format!("`{node}` {when}: {hm3} hm3 are physically missing, whatever rule gives way"),
            None => format!("`{address}` {when}: {hm3} hm3"),
        });
        Box::new(Infeasible { least: budget, conflicts: Vec::new(), in_all_hm3: None, explained, grounds, states: None })
            .into()
    }
}

/// One sentence an address, with its steps gathered into runs.
fn explained(case: &Case, found: &[Relaxation], sentence: impl Fn(&str, &str, &str) -> String) -> Vec<String> {
    let mut addresses: Vec<&str> = Vec::new();
    for relaxation in found {
        if !addresses.contains(&relaxation.address.as_str()) {
            addresses.push(&relaxation.address);
        }
    }
    let of_address = |address: &str| {
        let mut steps: Vec<usize> = found.iter().filter(|r| r.address == address).map(|r| r.step).collect();
        steps.sort_unstable();
        let sizes = found.iter().filter(|r| r.address == address).map(|r| r.hm3);
        // A storage's lack stands again at the end of every step that it lasts; flows lack anew in each.
        let total: f64 = if on_storage(case, address) { sizes.fold(0.0, f64::max) } else { sizes.sum() };
        let mut when = String::new();
        let mut at = 0;
        while at < steps.len() {
            let mut end = at;
            while end + 1 < steps.len() && steps[end + 1] <= steps[end] + 1 {
                end += 1;
            }
            let separator = if when.is_empty() { "" } else { ", " };
            // Writing into a String cannot fail.
            let _ = if steps[at] == steps[end] {
                write!(when, "{separator}{}", case.horizon.name_of(steps[at]))
            } else {
                write!(when, "{separator}{} – {}", case.horizon.name_of(steps[at]), case.horizon.name_of(steps[end]))
            };
            at = end + 1;
        }
        sentence(address, &format!("{total:.6}"), &when)
    };
    addresses.into_iter().map(of_address).collect()
}

/// Whether a rule is one of a storage.
pub(crate) fn on_storage(case: &Case, address: &str) -> bool {
    let id = address.rsplit_once('.').map_or(address, |(id, _)| id);
    let network = &case.network;
    match network.requirements.iter().find(|requirement| requirement.id == id) {
        Some(requirement) => matches!(requirement.of, Of::Storage(_)),
        None => network.storages().any(|(node, _)| network.nodes[node.0].id == id),
    }
}
