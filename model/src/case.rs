//! A question's facts, checked together: network, forcing, horizon. After it, only an outcome may fail.

use crate::basin::DryYear;
use crate::basin::entry::WrittenOver;
use crate::document::{InflowRow, ScenarioRow};
use crate::forcing::{Forcing, Param};
use crate::horizon::Horizon;
use crate::laid::Gathered;
use crate::network::{ArcId, Bound, Network, Requirement, RequirementKind};
use crate::plan::Decisions;
use crate::units::Unit;

/// The facts of a question.
#[derive(Clone, Debug)]
pub struct Case {
    /// The basin as people name it.
    pub basin: BasinFacts,
    /// The primitives.
    pub network: Network,
    /// The series.
    pub forcing: Forcing,
    /// The time grid.
    pub horizon: Horizon,
    /// The plan in force, on the same steps, where one is given; what it does not know is NaN.
    pub in_force: Option<Decisions>,
}

/// What documents say of the basin and of what the case rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BasinFacts {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Mode 常规 | 预泄 | 防洪 | 抗旱应急 | 应急.
    pub mode: String,
    /// Who publishes forecasts of inflow, level and flow 水文预报发布机关.
    pub publishing_authority: Option<String>,
    /// What inflow is beyond the forecast; none of one deterministic scenario.
    pub dry_year: Option<DryYear>,
    /// Beyond the forecast there is no rain.
    pub no_rain: bool,
    /// What inflow is by lead time, where the basin says so.
    pub inflow: Vec<InflowRow>,
    /// Reasons for which the case is degraded (empty if none).
    pub degraded: Vec<String>,
    /// Facts that the file marks assumed 待核: address and what it says.
    pub assumed: Vec<(String, String)>,
    /// What overlays give to entries of the file.
    pub written_over: Vec<WrittenOver>,
    /// SHA-256 of the basin file.
    pub digest: String,
    /// SHA-256 of each table of a curve that it names, by path.
    pub tables: Vec<(String, String)>,
    /// SHA-256 of each file of further elements, in the order in which they were laid.
    pub overlays: Vec<String>,
    /// What was gathered for it.
    pub gathered: Vec<Gathered>,
    /// Id of the plan in force, where one is given.
    pub in_force: Option<String>,
    /// Time of the newest observation among that.
    pub basis_time: Option<String>,
    /// What is asked otherwise than the basin's file says.
    pub scenario: Option<ScenarioRow>,
    /// Statements for the reader: whatever lowering had to decide, in a sentence each.
    pub notes: Vec<String>,
}

impl Case {
    /// A parameter's value in a step of a member.
    pub fn at<U: Unit>(&self, param: &Param<U>, step: usize, member: usize) -> f64 {
        self.forcing.at(param, step, member)
    }

    /// A bound's value in a step of a member: m³/s or hm³.
    pub fn bound(&self, bound: &Bound, step: usize, member: usize) -> f64 {
        match bound {
            Bound::Flow(p) => self.at(p, step, member),
            Bound::Volume(p) | Bound::Level(p) => self.at(p, step, member),
        }
    }

    /// Flow of an arc by the plan in force, m³/s, where it knows one.
    pub fn flow_in_force(&self, arc: ArcId, step: usize) -> Option<f64> {
        let flow = self.in_force.as_ref()?.flow_m3s.get([arc.0, step])?;
        flow.is_finite().then_some(flow.max(0.0))
    }

    /// The steps that an order in force bears on: none where it covers no step as it would have to.
    pub fn steps_of_command(&self, requirement: &Requirement) -> impl DoubleEndedIterator<Item = usize> {
        let bounds = [requirement.floor, requirement.ceiling];
        let bears = move |step: &usize| bounds.iter().flatten().any(|bound| self.bound(bound, *step, 0).is_finite());
        (0..self.horizon.steps()).filter(bears)
    }

    /// The case without its orders in force; none where none bears on any step.
    pub fn without_commands(&self) -> Option<Self> {
        let is_command = |requirement: &Requirement| requirement.kind == RequirementKind::Command;
        let bears = |requirement: &Requirement| self.steps_of_command(requirement).next().is_some();
        self.network.requirements.iter().any(|requirement| is_command(requirement) && bears(requirement)).then(|| {
            let mut free = self.clone();
            free.network.requirements.retain(|requirement| !is_command(requirement));
            free
        })
    }

    /// hm³ that a flow of 1 m³/s carries in a step.
    pub fn hm3_per_m3s(&self, step: usize) -> f64 {
        self.horizon.lengths_s[step] * crate::units::HM3_PER_M3
    }
}
