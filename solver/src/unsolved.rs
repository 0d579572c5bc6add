//! Why there is no plan.

use std::ops::Range;
use std::path::PathBuf;

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::network::Of;
use weir_model::plan::Relaxation;

use crate::conflict::{self, Conflict, ConflictError, runs};
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
    #[error("`{stage}` ended {}", outcome.told())]
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
#[error("infeasible:{}", self.lines().fold(String::new(), |all, line| all + "\n  " + &line))]
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
    /// What is explained so, of which no more is known.
    pub(crate) fn new(explained: Vec<String>, grounds: Grounds) -> Self {
        Self { least: Vec::new(), conflicts: Vec::new(), in_all_hm3: None, explained, grounds, states: None }
    }

    /// What is explained, and the budget of a conflict in which inflow below 0 takes water: else nobody would look for it there.
    fn lines(&self) -> impl Iterator<Item = String> {
        let of = |(number, sentence): (usize, &String)| {
            let conflict = self.conflicts.get(number).filter(|conflict| conflict.has_negative_inflow());
            std::iter::once(sentence.clone()).chain(conflict.and_then(Conflict::budget_sentence))
        };
        self.explained.iter().enumerate().flat_map(of)
    }

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

impl From<Infeasible> for Unsolved {
    fn from(found: Infeasible) -> Self {
        Box::new(found).into()
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
        Infeasible { least, states: Some(states), ..Infeasible::new(explained, grounds) }.into()
    }

    /// Something that cannot be asked of a case.
    pub(crate) fn refused(why: String) -> Self {
        Infeasible::new(vec![why], Grounds::Data).into()
    }

    /// Rules on whole numbers that no water can keep together; the conflict tells which.
    pub(crate) fn whole(grounds: Grounds) -> Self {
        let sentence =
            "what is said of open and shut, of changes and of days met cannot all hold, however much water there is";
        Infeasible::new(vec![sentence.to_owned()], grounds).into()
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
        Infeasible { least: budget, ..Infeasible::new(explained, grounds) }.into()
    }
}

/// One sentence an address, with its steps gathered into runs.
fn explained(case: &Case, found: &[Relaxation], sentence: impl Fn(&str, &str, &str) -> String) -> Vec<String> {
    let period = |run: Range<usize>| {
        let (first, last) = (case.horizon.name_of(run.start), case.horizon.name_of(run.end - 1));
        if run.len() == 1 { first } else { format!("{first} – {last}") }
    };
    let of_address = |(address, steps, hm3): (&str, Vec<usize>, f64)| {
        let when: Vec<String> = runs(&steps).into_iter().map(period).collect();
        sentence(address, &format!("{hm3:.6}"), &when.join(", "))
    };
    by_address(case, found).into_iter().map(of_address).collect()
}

/// Each address with its steps and with what it lacks in all, in the order in which they stand.
pub(crate) fn by_address<'a>(case: &Case, found: &'a [Relaxation]) -> Vec<(&'a str, Vec<usize>, f64)> {
    let mut addresses: Vec<&str> = Vec::new();
    for relaxation in found {
        if !addresses.contains(&relaxation.address.as_str()) {
            addresses.push(&relaxation.address);
        }
    }
    let gathered = |address: &'a str| {
        let of = || found.iter().filter(move |relaxation| relaxation.address == address);
        let sizes = of().map(|relaxation| relaxation.hm3);
        // A storage's lack stands again at the end of every step that it lasts; flows and changes lack anew in each.
        let hm3 = if on_storage(case, address) { sizes.fold(0.0, f64::max) } else { sizes.sum() };
        (address, of().flat_map(|relaxation| case.lacks_over(address, relaxation.step)).collect(), hm3)
    };
    addresses.into_iter().map(gathered).collect()
}

/// Whether a rule is one of what a storage holds; how fast that may change is another's.
fn on_storage(case: &Case, address: &str) -> bool {
    let (id, word) = address.rsplit_once('.').unwrap_or((address, ""));
    if matches!(word, "rise" | "fall") {
        return false;
    }
    let network = &case.network;
    match network.requirements.iter().find(|requirement| requirement.id == id) {
        Some(requirement) => matches!(requirement.of, Of::Storage(_)),
        None => network.storages().any(|(node, _)| network.nodes[node.0].id == id),
    }
}
