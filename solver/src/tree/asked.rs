//! The goals as the program of a tree asks them.
//!
//! A risk that is no mean is made by the members that bind it; the others could be anything that is no worse. So behind each ranked goal stands
//! the same goal by expectation, with the id `GOAL.expectation`: among all plans that keep the risk, every member is served as well as can be,
//! before the next goal is asked. It is a stage like any other: measured, told and proved.
//!
//! Limits: a goal with a tolerance gives the mean as much as any later goal. Of goals that are not ranked, the weighted sum of their means is
//! the first link of the closing chain.

use weir_model::goals::{Goals, HeadModel, Method, Objective};
use weir_model::plan::BY_EXPECTATION;

use super::{Risk, Tree};

impl Tree<'_> {
    /// The goals of each member, energy at the head of the start.
    pub(super) fn own_goals(&self) -> Goals {
        Goals { head: HeadModel::Fixed, ..self.goals.clone() }
    }

    /// Whether a risk leaves members free that do not bind it.
    pub(super) fn leaves_free(&self) -> bool {
        self.risk != Risk::Expectation && self.members.len() > 1
    }

    /// The goals in the order in which all members together are asked them.
    pub fn asked(&self) -> Goals {
        let mut goals = self.own_goals();
        if !self.leaves_free() || !matches!(goals.method, Method::Lexicographic(_)) {
            return goals;
        }
        let mut stages = Vec::with_capacity(2 * goals.stages.len());
        for &place in &self.goals.stages {
            let Some(own) = self.goals.objectives.get(place) else { continue };
            stages.extend([place, goals.objectives.len()]);
            goals.objectives.push(Objective { id: format!("{}{BY_EXPECTATION}", own.id), ..own.clone() });
        }
        goals.stages = stages;
        goals
    }

    /// What a goal that all members together are asked makes of their values.
    pub(super) fn risk_of(&self, objective: &Objective) -> Risk {
        if objective.id.ends_with(BY_EXPECTATION) { Risk::Expectation } else { self.risk }
    }
}
