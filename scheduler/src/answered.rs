//! The plans of a run: solved, or fallen back to; each with its orders; each verified against the very question that it answers.
//!
//! Runs on rayon's threads. Fails: no plan of the base, or none that its orders can be drafted with.

use std::path::PathBuf;

use jiff::Timestamp;
use rayon::prelude::*;
use weir_solver::marks::Marks;
use weir_solver::verify::verify_as;

use crate::fall_back;
use crate::orders::draft::{Standing, draft};
use crate::orders::settings::OrderSettings;
use crate::scenario::Scenario;
use crate::solving::{Alternative, Basis, NoPlan, Question, Solving, answer, one};

/// The plans of a run.
pub(crate) struct Answered {
    /// The first is the one that the run proposes.
    pub plans: Vec<Alternative>,
    /// Alternatives that failed, in words.
    pub failed: Vec<String>,
    /// Why the run fell back to its plan, where it did.
    pub fell_back: Option<NoPlan>,
}

/// What a run's plans are made of, and what it asks.
pub(crate) struct Posed {
    pub basis: Basis,
    pub question: Question,
}

/// Solves a run's question; where its rules cannot hold together, and it may, with the least breach of them.
pub(crate) fn plans_of(Posed { basis, question }: &Posed, with: &Drafting, falls_back: bool) -> Result<Answered, NoPlan> {
    match answer((basis, question, &with.office), &with.alternatives, &with.solving) {
        Ok((plans, failed)) => Ok(Answered { plans, failed, fell_back: None }),
        Err(why) if falls_back && fall_back::may(question) && !why.conflict.is_empty() => {
            let plan = fall_back::elastic(question, &why, &with.solving)?;
            Ok(Answered { plans: vec![plan], failed: Vec::new(), fell_back: Some(why) })
        }
        Err(why) => Err(why),
    }
}

/// What a run's plans are solved and ordered with.
pub(crate) struct Drafting {
    /// The office's folder.
    pub office: PathBuf,
    /// What is asked otherwise.
    pub alternatives: Vec<Scenario>,
    /// What is ordered, and what stands by order.
    pub orders: Vec<OrderSettings>,
    pub standing: Standing,
    /// When the run was due.
    pub due: Timestamp,
    /// How it is solved.
    pub solving: Solving,
}

/// The plans of a run, each with its draft orders: it is solved again with them, as it was solved itself. An alternative that cannot
/// be is left out and named.
pub(crate) fn ordered(answered: Answered, basis: &Basis, with: &Drafting) -> Result<Answered, NoPlan> {
    let Answered { plans, mut failed, fell_back } = answered;
    let drafted: Vec<(String, Result<Alternative, NoPlan>)> =
        plans.into_par_iter().map(|plan| (plan.word.clone(), with.draft(basis, plan))).collect();
    let mut plans = Vec::with_capacity(drafted.len());
    for (word, plan) in drafted {
        match plan {
            Ok(plan) => plans.push(plan),
            Err(why) if plans.is_empty() => return Err(why),
            Err(why) => failed.push(format!("alternative `{word}`: {why}")),
        }
    }
    if let Some(why) = &fell_back {
        let base = plans.remove(0);
        plans.insert(0, fall_back::marked(base, &why.conflict));
    }
    Ok(Answered { plans, failed, fell_back })
}

/// Plans, each with what is wrong with it against the very question that it answers.
pub(crate) async fn verified(plans: Vec<Alternative>, fell_back: bool) -> Vec<(Alternative, Vec<String>)> {
    let unverified: Vec<_> =
        plans.iter().map(|plan| (plan.clone(), vec!["not verified: that broke down".to_owned()])).collect();
    let verify = move |plan: Alternative| {
        let marks = Marks { before: None, fell_back };
        let faults = verify_as(&plan.document, &plan.question.case, &plan.question.goals, marks);
        (plan, faults)
    };
    let all = move || plans.into_par_iter().map(verify).collect();
    tokio::task::spawn_blocking(all).await.unwrap_or(unverified)
}

impl Drafting {
    fn draft(&self, basis: &Basis, plan: Alternative) -> Result<Alternative, NoPlan> {
        if self.orders.is_empty() {
            return Ok(plan);
        }
        let word = plan.word.clone();
        let Some(scenario) = self.alternatives.iter().find(|scenario| scenario.id == word) else {
            let again = |question: &Question| one(question, (&word, &word), &self.solving);
            return draft(basis, plan, &self.orders, &self.standing, self.due, &again);
        };
        let asked = basis.asked(scenario, &self.office)?;
        let again = |question: &Question| one(question, (&word, scenario.method_word()), &self.solving);
        draft(&asked, plan, &self.orders, &self.standing, self.due, &again)
    }
}
