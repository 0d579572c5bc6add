//! Who a plan is for, and what of it they are given.
//!
//! Everything that leaves the office goes through [`PlanDocument::for_audience`]: what remains is a document of its own, with a
//! digest of its own, that names its audience and the digest of the whole plan. Forecasts of inflow, level and flow are
//! published by authorised bodies only (水文条例 22): the public gets them where the basin names that body, else what is left
//! is a list of what may stay, so that a new field is not published by being forgotten.

use super::{AuditRow, Content, Element, FALL_BACK_HEADING, Inputs, Part, PlanDocument, SeriesRow};

/// Who a plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The office itself: everything.
    #[default]
    Internal,
    /// Other offices and owners of works: without people's names and without where the office keeps its data.
    Shared,
    /// Everybody.
    Public,
}

/// What the public is told in place of the reasons for which a plan is degraded.
pub const DEGRADED: &str = "输入资料不全，方案降级";
/// Ways whose water is taken for use: accounts over them tell no flow of a river.
const TAKEN: [&str; 3] = ["intake", "diversion", "pump"];
/// Kinds of demands.
const DEMANDS: [&str; 3] = ["waterworks", "irrigation", "demand"];
/// What of a demand tells of no river.
const USE_QUANTITIES: [&str; 6] = ["demand", "supply", "shortage", "floor", "target", "curtailed"];
/// Objectives whose value tells of no river.
const USE_OBJECTIVES: [&str; 2] = ["shortage", "balance"];

impl Audience {
    /// All.
    pub const ALL: [Self; 3] = [Self::Internal, Self::Shared, Self::Public];

    /// The word in files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Internal => "内部",
            Self::Shared => "共享",
            Self::Public => "公开",
        }
    }

    /// The audience of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.word() == word)
    }
}

impl PlanDocument {
    /// What an audience is given of the plan.
    #[must_use]
    pub fn for_audience(&self, audience: Audience) -> Self {
        let mut given = self.clone();
        given.record.audience = Some(audience.word().to_owned());
        if audience == Audience::Internal {
            return given;
        }
        given.record.whole = Some(self.record.id.clone());
        let record = &mut given.record;
        (record.drafted_by, record.reviewed_by) = (None, None);
        (record.amendments, record.delivery) = (Vec::new(), Vec::new());
        // They are of the whole plan.
        record.signatures = Vec::new();
        (record.amends, record.choice) = (None, None);
        let content = &mut given.content;
        content.case.assumed = Vec::new();
        content.certificate = None;
        for series in &mut content.inputs.series {
            series.origin = String::new();
        }
        // What was wrong with a source tells where it is.
        for row in std::mem::take(&mut content.inputs.gathered) {
            let own = format!("Input `{}`: ", row.input);
            for reason in content.case.degraded.iter_mut().filter(|reason| reason.starts_with(&own)) {
                *reason = format!("Input `{}` was late, missing or bad.", row.input);
            }
        }
        if audience == Audience::Public {
            record.signed_by = None;
            publish(content);
        }
        given.record.id = super::canonical::digest(&given.content);
        given
    }
}

/// Takes out what is not for the public.
fn publish(content: &mut Content) {
    let case = &mut content.case;
    (case.commands, case.command_cost, case.notes) = (Vec::new(), Vec::new(), Vec::new());
    (case.amended, case.scenario) = (None, None);
    if !case.degraded.is_empty() {
        let fallen_back = case.headings.iter().any(|heading| heading == FALL_BACK_HEADING);
        case.degraded = vec![if fallen_back { FALL_BACK_HEADING } else { DEGRADED }.to_owned()];
    }
    content.inputs.series = Vec::new();
    content.orders = Vec::new();
    content.audit = AuditRow {
        findings: Vec::new(),
        residuals: Vec::new(),
        replay: Vec::new(),
        replay_consequences: Vec::new(),
        ..content.audit
    };
    if let Some(authority) = &case.publishing_authority {
        case.headings.push(format!("水文预报发布机关：{authority}"));
        return;
    }
    let elements = std::mem::take(&mut content.elements);
    let taken = |account: &str| {
        let is_taken =
            |arc: &String| elements.iter().any(|e| e.part == Part::Arc && e.id == *arc && TAKEN.contains(&e.kind.as_str()));
        let element = elements.iter().find(|element| element.part == Part::Account && element.id == account);
        element.is_some_and(|element| element.on.iter().all(is_taken))
    };
    content.inputs = Inputs { start: Vec::new(), ..std::mem::take(&mut content.inputs) };
    (content.stages, content.front, content.closing) = (Vec::new(), None, Vec::new());
    for objective in content.objectives.iter_mut().filter(|row| !USE_OBJECTIVES.contains(&row.kind.as_str())) {
        objective.value = None;
    }
    content.series.retain(|row| of_use(row, &elements) || row.quantity == "used" && taken(&row.address));
    (content.water_values, content.relaxations, content.short) = (Vec::new(), Vec::new(), Vec::new());
    content.satisfaction.retain(|row| !row.in_stream);
    for row in &mut content.satisfaction {
        row.reason = None;
    }
    content.accounts.retain(|row| taken(&row.account));
    for row in &mut content.accounts {
        row.note = None;
    }
    content.warnings.retain(|row| row.kind == "account" && taken(&row.address));
    for row in &mut content.warnings {
        (row.reason, row.advice, row.probability) = (None, None, None);
    }
    content.futures = None;
    content.elements = elements;
}

/// Whether a series tells what is wanted and given at a demand.
fn of_use(row: &SeriesRow, elements: &[Element]) -> bool {
    let demand = |element: &Element| element.id == row.element && DEMANDS.contains(&element.kind.as_str());
    USE_QUANTITIES.contains(&row.quantity.as_str()) && elements.iter().any(|e| e.part == Part::Node && demand(e))
}
