//! What-ifs: a basin and overlays on it, each solved and audited, to be set side by side.
//!
//! The base is solved first; the others, in parallel, from where it ended, which only saves time ([`member`](crate::member)). Where not
//! all rules can hold together, the plan of least breach is the answer, with what cannot hold.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use weir_model::document::PlanDocument;

pub use crate::member::BASE;
use crate::member::{Asked, Member, Planned, run};

/// One of the questions, with its answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The member's id, or [`BASE`].
    pub id: String,
    /// Name as people read it, in Chinese and in English.
    pub name: (String, String),
    /// The plan, or why there is none.
    pub outcome: Result<Planned, String>,
}

impl Answered {
    /// Its plan.
    pub fn document(&self) -> Option<&PlanDocument> {
        self.outcome.as_ref().ok().map(|planned| &planned.audited.document)
    }

    /// What cannot hold together, where its plan is that of least breach, a sentence each.
    pub fn conflict(&self) -> &[String] {
        self.outcome.as_ref().map_or(&[], |planned| &planned.conflict)
    }
}

/// Solves the basin of a folder as it is.
pub fn base(dir: &Path, start: Option<Date>) -> Answered {
    let (basin, member) = (Asked::new(dir, start), Member::base());
    let mut outcomes = run(&basin, (1, 1), |seat, _| seat.plan(&member));
    answered(member, outcomes.pop().unwrap_or_else(|| Err(String::new())))
}

/// Solves each member on the basin of a folder, from where the base ended.
pub fn solve(dir: &Path, start: Option<Date>, base: &Answered, members: &[Member]) -> Vec<Answered> {
    let hot = base.outcome.as_ref().ok().and_then(|base| base.audited.end.clone()).map(Arc::new);
    let outcomes =
        run(&Asked::new(dir, start).beginning(hot), (members.len(), 1), |seat, number| seat.plan(&members[number]));
    members.iter().cloned().zip(outcomes).map(|(member, outcome)| answered(member, outcome)).collect()
}

fn answered(member: Member, outcome: Result<Planned, String>) -> Answered {
    Answered { id: member.id, name: member.name, outcome }
}
