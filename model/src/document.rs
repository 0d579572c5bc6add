//! The plan document `weir.plan`: what downstream systems take, auditors read and reports draw from.
//!
//! Two parts: [`Content`], reproducible bytes (sorted keys, shortest round-trip numbers, no rounding, UTF-8, no NaN), whose
//! SHA-256 is the plan's id; and [`Record`], what happened to it. The same content is always the same bytes, and reading a
//! written document gives an equal one. Version 0: it may still change.
//!
//! Fails: a document whose schema is not known, that is not of its form, or whose id is not the digest of its content.

mod audience;
mod build;
mod canonical;
mod causes;
mod check;
mod comparison;
mod content;
mod contradictions;
mod cost;
mod csv;
mod deviations;
mod differences;
pub mod ensemble;
mod in_force;
mod outline;
mod packed;
mod running;
mod signature;
#[cfg(test)]
mod tests;
mod timeline;

pub use audience::Audience;
pub use build::{document, outline, reason};
pub use causes::{CauseRow, Causes};
pub use comparison::{Comparison, SeriesDifference, UseDifference, ValueDifference};
pub use cost::{USE_SHORT, cost, is_cost_of};
pub use csv::{write_rows, written};

pub use content::{
    AccountRow, AmendedRow, Assumed, AuditRow, CaseRow, CertificateRow, ClosingRow, CommandRow, Content, CostRow,
    CurtailmentRow, DryYearRow, Element, EngineRow, FamilyResidual, FrontRow, FutureRow, Futures, Gathered, GivenRow,
    HorizonRow, InflowRow, Inputs, LeftOut, ObjectiveRow, OpenRow, Order, Packed, Part, ProofRow, RateRow, RegionRow,
    RelaxationRow, ReplayConsequence, ReplayDeviation, SatisfactionRow, ScenarioRow, SeriesInput, SeriesKind, SeriesRow,
    ShortRow, StageRow, StartRow, WarningRow, WaterValueRow,
};
pub use deviations::{Actual, Cause, Deviation, Deviations, Known};
pub use outline::Outline;
pub use running::{NOTHING_M3S, running_hours};
pub use signature::Signature;
pub use timeline::{Timeline, seconds};

use serde::{Deserialize, Serialize};

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "weir.plan/0";
/// Heading of a plan that the rules of today made, knowing nothing of later inflow.
pub const RULES_HEADING: &str = "按现行规则逐时段模拟，不预见来水，仍为单一来水情景";
/// Heading of a plan from a single, deterministic inflow scenario.
pub const DETERMINISTIC_HEADING: &str = "确定性来水情景，不作为调度依据";
/// Heading of a plan whose inflow is a forecast and then a dry year of a stated frequency.
pub const DRY_YEAR_HEADING: &str = "来水情景：预报期之后取枯水频率年";
/// Heading of a member's part of a plan for many futures.
pub const TREE_HEADING: &str = "情景树方案之一支：分支之前各支同一决策，分支之后随来水而定";
/// What a plan is headed by that rests on a forecast and no rain after it.
pub const NO_RAIN_HEADING: &str = "来水情景：预报期之后无降雨";
/// Heading of a plan made in the mode 防洪.
pub const FLOOD_HEADING: &str = "仅供防指参考";
/// What stands wherever somebody looks for an order or a fall-back plan in the mode 防洪.
pub const FLOOD_STATEMENT: &str = "本模块停用，执行防指调度令";
/// Heading of a plan that a run fell back to because it could not solve its question.
pub const FALL_BACK_HEADING: &str = "后备方案：本次未能求得正式方案";
/// Heading of a plan that was changed by hand.
pub const AMENDED_HEADING: &str = "人工修改";
/// The mode in which plans are advice only.
pub const FLOOD_MODE: &str = "防洪";

/// A plan document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDocument {
    /// Reproducible bytes.
    pub content: Content,
    /// What happened to them.
    pub record: Record,
}

/// A change by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// Who made it.
    pub by: String,
    /// When (RFC 3339).
    pub at: String,
    /// Id of the plan that was changed.
    pub plan: String,
    /// What was set.
    pub sets: Vec<String>,
    /// What it cost.
    pub cost: Vec<CostRow>,
    /// What was said about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The choice among the plans of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Id of the plan that was chosen.
    pub plan: String,
    /// Minutes 会商纪要.
    pub minutes: String,
    /// When (RFC 3339).
    pub at: String,
    /// Who wrote it down.
    pub by: String,
}

/// What happened to a plan: identity, revision, status, people, times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// SHA-256 of the content's bytes, as hexadecimal digits.
    pub id: String,
    /// Line of plans that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// 年 | 月 | 旬 | 日 | 应急
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// Id of the plan of the longer term that it is nested in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Counted from 1.
    pub revision: u32,
    /// `computed` until a scheduler gives it a further one.
    pub status: String,
    /// Id of the plan that it supersedes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    /// Who drafted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafted_by: Option<String>,
    /// Who reviewed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<String>,
    /// Who signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// When it was computed (RFC 3339), told by the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_time: Option<String>,
    /// When the next one is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_expected: Option<String>,
    /// Id of the plan that it was made from by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<String>,
    /// Changes by hand, the first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
    /// Which plan of its run was chosen in consultation 会商, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Where it was delivered to, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery: Vec<String>,
    /// Signatures of the content with keys, outside of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
    /// Whom it is for, of what leaves the office: 内部 | 共享 | 公开.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Id of the whole plan, where an audience is given a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
}

impl PlanDocument {
    /// A freshly computed plan: revision 1, its id the digest of its content.
    pub fn new(content: Content) -> Self {
        let id = canonical::digest(&content);
        Self { content, record: Record { id, revision: 1, status: "computed".to_owned(), ..Record::default() } }
    }

    /// The same plan, marked as one that a run fell back to, with the reasons.
    #[must_use]
    pub fn fallen_back(self, reasons: impl IntoIterator<Item = String>) -> Self {
        let mut content = self.content;
        content.case.headings.insert(0, FALL_BACK_HEADING.to_owned());
        content.case.degraded.extend(reasons);
        Self::new(content)
    }

    /// The document with who made it of another plan, of that id, by hand.
    #[must_use]
    pub fn amended_by(mut self, before: (&str, &Self), (by, at): (&str, String), note: &str) -> Self {
        let (plan, before) = before;
        let said = self.content.case.amended.as_ref();
        let (sets, cost) = said.map(|said| (said.sets.clone(), said.cost.clone())).unwrap_or_default();
        self.record.amendments.clone_from(&before.record.amendments);
        let (by, plan, note) = (by.to_owned(), plan.to_owned(), note.to_owned());
        self.record.amends = Some(plan.clone());
        self.record.drafted_by = Some(by.clone());
        self.record.created = Some(at.clone());
        self.record.amendments.push(Amendment { by, at, plan, sets, cost, note });
        self
    }

    /// The whole document as one line of JSON, ended by a line feed.
    pub fn to_json(&self) -> String {
        canonical::text(self) + "\n"
    }

    /// The content's bytes, of which the id is the digest.
    pub fn content_bytes(&self) -> Vec<u8> {
        canonical::text(&self.content).into_bytes()
    }

    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it: not JSON of this form, another schema, or an id that is not the digest of the content.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = Self::as_it_stands(text)?;
        document.altered().map_or(Ok(document), Err)
    }

    /// That the content is not the one that its id is the digest of.
    pub fn altered(&self) -> Option<String> {
        let (digest, id) = (canonical::digest(&self.content), &self.record.id);
        let said =
            || format!("the content was changed after the plan was made: its digest is {digest}, the record says {id}");
        (digest != *id).then(said)
    }

    /// Reads a document whose content may have been changed, to say what of it was.
    ///
    /// # Errors
    /// It is not JSON of this form, or of another schema.
    pub fn as_it_stands(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            content: HeadContent,
        }
        #[derive(Deserialize)]
        struct HeadContent {
            schema: String,
        }
        let head: Head = serde_json::from_str(text).map_err(|e| format!("not a plan document: {e}"))?;
        if head.content.schema != SCHEMA {
            return Err(format!("schema `{}` is not known, this version reads `{SCHEMA}`", head.content.schema));
        }
        let document: Self = serde_json::from_str(text).map_err(|e| format!("not a plan document of `{SCHEMA}`: {e}"))?;
        document.content.check()?;
        Ok(document)
    }
}
