//! Alternatives of a run: the basin by another method, or with other facts; `alternatives` and `[[job.alternative]]` of `jobs.toml`.
//!
//! A scenario changes a basin between reading and lowering: further elements of a file are laid over it, then inflow and demands
//! are scaled, and mode, response level and stages set. Nothing else of a run changes.
//! Fails: what the basin does not know refuses that alternative, by the line of `jobs.toml`; the run goes on without it.

use std::path::Path;

use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::nearest::hint;
use weir_model::basin::what_if::WhatIf;
use weir_model::basin::{Basin, Further, MODES};
use weir_model::document::{PlanDocument, ScenarioRow};
use weir_model::elements::drought_response;
use weir_model::network::Response;
use weir_solver::ways::Way;

use crate::fall_back::is_fall_back;
use crate::job::id_of;

/// Most alternatives of a job.
const MOST: usize = 4;

/// An alternative of a run.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// Its id, which its plan has as `alternative`.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Method, if not the basin's own.
    pub method: Option<String>,
    /// Mode of the basin, which opens its standby ways.
    pub mode: Option<String>,
    /// Drought response, which puts its curtailments in force.
    pub response: Option<Response>,
    /// Stages in place of the basin's.
    pub stages: Vec<Field<String>>,
    /// File of further elements, in the office's folder.
    pub elements: Option<String>,
    /// Inflow and demands.
    pub numbers: WhatIf,
}

impl Scenario {
    /// The basin by another method.
    fn of_method(word: &str) -> Self {
        Self { id: word.to_owned(), method: Some(word.to_owned()), ..Self::default() }
    }

    /// Whether it asks of the basin just what its file says.
    pub fn is_plain(&self) -> bool {
        self.mode.is_none()
            && self.response.is_none()
            && self.stages.is_empty()
            && self.elements.is_none()
            && self.numbers == WhatIf::default()
    }

    /// The method's word, `base` for the basin's own.
    pub fn method_word(&self) -> &str {
        self.method.as_deref().unwrap_or("base")
    }

    /// A plan of it, which says so.
    pub fn mark(&self, document: PlanDocument) -> PlanDocument {
        let mut content = document.content;
        content.case.scenario = Some(self.row());
        PlanDocument::new(content)
    }

    /// What it does otherwise, in words, for documents.
    pub fn row(&self) -> ScenarioRow {
        let mut changes = Vec::new();
        let mut add = |key: &str, value: Option<String>| changes.extend(value.map(|value| format!("{key} = {value}")));
        add("method", self.method.clone());
        add("mode", self.mode.clone());
        add("response_level", self.response.map(|response| response.word().to_owned()));
        add("inflow", self.numbers.inflow.map(|(factor, _)| factor.to_string()));
        add("inflow_after_days", self.numbers.inflow.filter(|(_, days)| *days > 0.0).map(|(_, days)| days.to_string()));
        for (class, factor) in &self.numbers.demand {
            add(&format!("demand.{}", class.value), Some(factor.to_string()));
        }
        let stages: Vec<&str> = self.stages.iter().map(|stage| stage.value.as_str()).collect();
        add("stages", Some(stages.join(", ")).filter(|stages| !stages.is_empty()));
        add("elements", self.elements.clone());
        ScenarioRow { id: self.id.clone(), name: self.name.clone(), changes }
    }

    /// The file of further elements, read.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn further(&self, office: &Path) -> Result<Option<Further>, String> {
        let Some(name) = &self.elements else { return Ok(None) };
        let bytes = std::fs::read(office.join(name)).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        Ok(Some(Further { name: name.clone(), bytes }))
    }

    /// Changes a basin.
    pub fn change(&self, basin: &mut Basin) {
        basin.what_if = self.numbers.clone();
        if let Some(mode) = &self.mode {
            basin.mode.clone_from(mode);
        }
        if self.response.is_some() {
            basin.response = self.response;
        }
        if !self.stages.is_empty() {
            basin.method.stages.clone_from(&self.stages);
        }
    }

    /// A `[[job.alternative]]`.
    fn read(mut entry: Entry) -> Option<Self> {
        let id = id_of(&mut entry, "an alternative's id: letters, digits, `_` and `-`");
        let words = Way::words();
        let method = entry.word("method", &words).map(|word| word.value);
        let mode = entry.word("mode", MODES).map(|word| word.value);
        let factor = |entry: &Entry, key: &str| entry.number_within(key, 0.0, 100.0);
        let inflow = factor(&entry, "inflow");
        let after = entry.number_within("inflow_after_days", 0.0, 3660.0);
        if let Some(after) = after.as_ref().filter(|_| inflow.is_none()) {
            let hint = Some("`inflow = 0.8` beside it".to_owned());
            entry.refuse(&after.place, "`inflow_after_days`: no inflow is scaled".to_owned(), hint);
        }
        let mut demand = Vec::new();
        if let Some(classes) = entry.table("demand") {
            for (class, _) in classes.words() {
                let class = class.get_ref().to_string();
                if let Some(Field { value, place, key }) = factor(&classes, &class) {
                    demand.push((Field { value: class, place, key }, value));
                }
            }
            classes.finish();
        }
        let scenario = Self {
            id: String::new(),
            name: entry.text("name").map_or_else(String::new, |name| name.value),
            method,
            mode,
            response: drought_response(&entry, "response_level").map(|response| response.value),
            stages: entry.texts("stages"),
            elements: entry.text("elements").map(|path| path.value),
            numbers: WhatIf { inflow: inflow.map(|factor| (factor.value, after.map_or(0.0, |days| days.value))), demand },
        };
        if scenario.is_plain() && scenario.method.is_none() && !entry.is_faulty() {
            let keys = ["method", "inflow", "demand", "mode", "response_level", "stages", "elements"];
            entry.missing_because(&keys, "what it does otherwise: `inflow = 0.8`");
        }
        entry.finish();
        id.map(|id| Self { id: id.value, ..scenario })
    }
}

/// Reads a job's alternatives: methods by their words, and tables.
pub(crate) fn read(job: &Entry) -> Vec<Scenario> {
    let words = Way::words();
    let mut all = Vec::new();
    for method in job.texts("alternatives") {
        if words.contains(&method.value.as_str()) {
            all.push(Scenario::of_method(&method.value));
        } else {
            let message = format!("`alternatives`: unknown method `{}`", method.value);
            job.refuse(&method.place, message, hint(&method.value, &words, "methods"));
        }
    }
    for entry in job.tables("alternative") {
        let place = entry.place.clone();
        let Some(scenario) = Scenario::read(entry) else { continue };
        if scenario.id == "base" || is_fall_back(&scenario.id) || all.iter().any(|other: &Scenario| other.id == scenario.id)
        {
            let message =
                format!("`alternative`: `{}` stands twice, or is a word of plans that runs make anyway", scenario.id);
            job.refuse(&place, message, Some("give each its own id".to_owned()));
        }
        all.push(scenario);
    }
    if all.len() > MOST {
        let message = format!("`alternatives`: {} of them, at most {MOST}", all.len());
        job.refuse(&job.place, message, Some("a consultation compares two to four".to_owned()));
    }
    all
}
