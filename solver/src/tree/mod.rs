//! One plan now for many futures: the members of a tree in one program.
//!
//! Each member is formulated as a plan of its own, by the same code as any plan; its columns and rows are a block of the whole
//! ([`blocks`]). Until a member's branch its *decided* flows are its parent's; storage, spill, supply, shortage and breach are its own, since
//! inflows differ from the first day. A stage minimises the tree's [`Risk`] over the members' values, in the order of the goals, by any
//! method, and what that leaves free their mean ([`asked`]); the breach of rules is the members' sum.
//!
//! Columns: those of the members, less what they share; for a [`Risk`] that is no mean, up to 1 + members a goal (and a leximin entry).
//! Rows: those of the members; `shared`, one a step of an only feed; `risk`, one a member and goal.
//! Fails: what no linear program answers (whole numbers, the rules) and members with other elements or steps than the first are refused.
//! Limits: energy counts at the head of the start; no water values, and no front of the methods that find one.
//! Source: Rockafellar & Uryasev 2000 for CVaR; non-anticipativity as in Birge & Louveaux, Introduction to Stochastic Programming.

mod asked;
mod blocks;
mod risk;
mod solve;
mod verify;

use weir_model::case::Case;
use weir_model::goals::{Goals, Method};

use crate::formulation::formulate;
use crate::layout::Open;
use crate::solve::Unsolved;

pub use blocks::decided;
pub use risk::Risk;
pub use solve::{Planned, Solved, solve};
pub use verify::{Told, verify};

/// Members in one program.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    /// The members; a parent stands before its children.
    pub members: Vec<Member<'a>>,
    /// What is wanted of each.
    pub goals: &'a Goals,
    /// How the members' values become one.
    pub risk: Risk,
    /// Whether what goes over spillways is decided too until a branch. Else it is each member's own, which lets a member spill because it
    /// knows its future, where a spillway is no line of the storage.
    pub spill_shared: bool,
}

/// A future.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Its facts.
    pub case: &'a Case,
    /// How probable it is: > 0, and 1 in all.
    pub weight: f64,
    /// What it branches from; none of one that is known from the first step.
    pub branch: Option<Branch>,
}

/// Where a member leaves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The parent's place among the members, before its own.
    pub from: usize,
    /// Steps from the start in which its decided flows are the parent's.
    pub steps: usize,
}

/// Why there is no plan of a tree.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// No linear program answers it.
    #[error(
        "a tree is one linear program of ranked or weighted goals, and {0}\n  hint: mend that, or leave `[tree]` out: then each member is planned by itself"
    )]
    NotLinear(&'static str),
    /// A member is of another network or time grid than the first.
    #[error("member {} has other {what} than the first: members of a tree differ in numbers only", .member + 1)]
    Unlike {
        /// Its place.
        member: usize,
        /// What differs.
        what: &'static str,
    },
    /// A branch or weight that is none.
    #[error("member {}: {why}", .member + 1)]
    Unfit {
        /// Its place.
        member: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// What is shared cannot hold in all members, whatever rule gives way.
    #[error(
        "no plan is the same for all members until they branch, even with every rule open: their inflows are too far apart for what is shared; \
         let them branch earlier, or share no spill"
    )]
    Apart,
    /// There is no plan.
    #[error(transparent)]
    Unsolved(#[from] Unsolved),
}

const BY_RULES: &str = "the method `rules` asks none (`kind` in [method])";
const WHOLE_NUMBERS: &str = "these goals or ways take whole numbers (`integers = true` in [method])";

/// What keeps a member of a tree from being part of one linear program, if anything does.
///
/// # Errors
/// It cannot be formulated at all.
pub fn not_linear(case: &Case, goals: &Goals) -> Result<Option<&'static str>, Unsolved> {
    if goals.method == Method::Rules {
        return Ok(Some(BY_RULES));
    }
    let (formulation, _) = formulate(case, goals, Open::Nothing)?;
    Ok((!formulation.program.integers.is_empty()).then_some(WHOLE_NUMBERS))
}

impl Tree<'_> {
    /// The members' shares with their values of something.
    fn weighed(&self, values: impl IntoIterator<Item = f64>) -> Vec<(f64, f64)> {
        self.members.iter().map(|member| member.weight).zip(values).collect()
    }

    /// # Errors
    /// What keeps it from being one program.
    fn checked(&self) -> Result<(), TreeError> {
        if self.goals.method == Method::Rules {
            return Err(TreeError::NotLinear(BY_RULES));
        }
        let Some(first) = self.members.first() else { return Err(TreeError::NotLinear("there are no members")) };
        for (number, member) in self.members.iter().enumerate() {
            let ids = |case: &Case| -> Vec<String> {
                let nodes = case.network.nodes.iter().map(|node| &node.id);
                nodes.chain(case.network.arcs.iter().map(|arc| &arc.id)).cloned().collect()
            };
            if ids(member.case) != ids(first.case) {
                return Err(TreeError::Unlike { member: number, what: "elements" });
            }
            if member.case.horizon.edges != first.case.horizon.edges {
                return Err(TreeError::Unlike { member: number, what: "steps" });
            }
            let is_share = member.weight > 0.0 && member.weight <= 1.0 + 1e-9;
            let fault = if !is_share {
                Some("its weight is no probability above 0")
            } else if member.branch.is_some_and(|branch| branch.from >= number) {
                Some("its parent does not stand before it")
            } else {
                None
            };
            if let Some(why) = fault {
                return Err(TreeError::Unfit { member: number, why });
            }
        }
        Ok(())
    }
}
