//! Alternatives of a run: the basin by another method, or with other facts; `alternatives` and `[[job.alternative]]` of `jobs.toml`.
//!
//! What a scenario has otherwise is an overlay: files of the office's folder, then the changes that the alternative's own fields stand
//! for, each at its line of `jobs.toml`. Nothing else of a run changes.
//! Fails: what the basin does not know refuses that alternative, by the line of `jobs.toml`; the run goes on without it.

use std::path::Path;

use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::nearest::hint;
use weir_model::basin::{Basin, DryYear, MODES};
use weir_model::document::ScenarioRow;
use weir_model::elements::drought_response;
use weir_model::place::Place;
use weir_scenarios::overlay::Overlay;
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
    /// Its own fields in words, for documents.
    says: Vec<String>,
    /// The changes that they stand for, with where they are written.
    changes: Vec<(Place, String)>,
    /// Files of changes and further elements, in the office's folder.
    files: Vec<String>,
}

impl Scenario {
    /// The basin by another method.
    fn of_method(word: &str) -> Self {
        let says = vec![format!("method = {word}")];
        Self { id: word.to_owned(), method: Some(word.to_owned()), says, ..Self::default() }
    }

    /// Whether it asks of the basin just what its file says.
    pub fn is_plain(&self) -> bool {
        self.changes.is_empty() && self.files.is_empty()
    }

    /// The method's word, `base` for the basin's own.
    pub fn method_word(&self) -> &str {
        self.method.as_deref().unwrap_or("base")
    }

    /// What it does otherwise, in words, for documents; nothing of the basin as its file has it.
    pub fn row(&self) -> Option<ScenarioRow> {
        let row = || ScenarioRow { id: self.id.clone(), name: self.name.clone(), changes: self.says.clone() };
        (!self.id.is_empty()).then(row)
    }

    /// Its changes, read; none of a plain one.
    ///
    /// # Errors
    /// If a file cannot be read, or is no overlay.
    pub fn overlay(&self, office: &Path) -> Result<Option<Overlay>, String> {
        let files = self.files.iter().map(|name| Overlay::read(&office.join(name)));
        let own = self.changes.first().map(|(place, _)| Overlay::of_text(&self.id, &place.file, &self.text()));
        let all: Result<Vec<Overlay>, _> = files.chain(own).collect();
        let all = all.map_err(|refusals| refusals.to_string())?;
        Ok((!all.is_empty()).then(|| Overlay::of_all(all)))
    }

    /// The changes of its own fields as an overlay's text, each on the line on which its field stands.
    fn text(&self) -> String {
        let mut changes: Vec<&(Place, String)> = self.changes.iter().collect();
        changes.sort_by_key(|(place, _)| place.line);
        let mut text = "change = [".to_owned();
        let mut line = 1;
        for (place, change) in changes {
            text.extend(std::iter::repeat_n('\n', place.line.saturating_sub(line)));
            line = line.max(place.line);
            text.extend(["{ ", change, " }, "]);
        }
        text + "]\n"
    }

    /// Notes in a basin what is asked of it otherwise.
    pub fn note(&self, basin: &mut Basin) {
        basin.scenario = self.row();
    }

    fn say(&mut self, key: &str, value: &impl ToString) {
        self.says.push(format!("{key} = {}", value.to_string()));
    }

    fn change(&mut self, place: &Place, change: String) {
        self.changes.push((place.clone(), change));
    }

    /// A `[[job.alternative]]`.
    fn read(mut entry: Entry) -> Option<Self> {
        let id = id_of(&mut entry, "an alternative's id: letters, digits, `_` and `-`");
        let mut scenario = Self { name: entry.text("name").map_or_else(String::new, |name| name.value), ..Self::default() };
        let words = Way::words();
        if let Some(method) = entry.word("method", &words) {
            scenario.say("method", &method.value);
            scenario.method = Some(method.value);
        }
        scenario.read_facts(&entry);
        let nothing = scenario.is_plain() && scenario.method.is_none() && !entry.is_faulty();
        if nothing {
            let keys =
                ["method", "inflow", "demand", "mode", "response_level", "stages", "dry_year", "overlays", "elements"];
            entry.missing_because(&keys, "what it does otherwise: `inflow = 0.8`");
        }
        entry.finish();
        id.map(|id| Self { id: id.value, ..scenario })
    }

    /// The fields that stand for changes of the basin.
    fn read_facts(&mut self, entry: &Entry) {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        if let Some(mode) = entry.word("mode", MODES) {
            self.say("mode", &mode.value);
            self.change(&mode.place, format!("mode = {}", quoted(&mode.value)));
        }
        if let Some(response) = drought_response(entry, "response_level") {
            self.say("response_level", &response.value.word());
            self.change(&response.place, format!("response = {}", quoted(response.value.word())));
        }
        let factor = |entry: &Entry, key: &str| entry.number_within(key, 0.0, 100.0);
        let inflow = factor(entry, "inflow");
        let after = entry.number_within("inflow_after_days", 0.0, 3660.0);
        if let Some(after) = after.as_ref().filter(|_| inflow.is_none()) {
            let hint = Some("`inflow = 0.8` beside it".to_owned());
            entry.refuse(&after.place, "`inflow_after_days`: no inflow is scaled".to_owned(), hint);
        }
        if let Some(inflow) = inflow {
            let after = after.map_or(0.0, |after| after.value);
            self.say("inflow", &inflow.value);
            if after > 0.0 {
                self.say("inflow_after_days", &after);
            }
            let change = format!("scale = \"inflow:*.flow_m3s\", by = {}, after_days = {after}", inflow.value);
            self.change(&inflow.place, change);
        }
        if let Some(classes) = entry.table("demand") {
            for (class, _) in classes.words() {
                let class = class.get_ref().to_string();
                if let Some(Field { value, place, .. }) = factor(&classes, &class) {
                    self.say(&format!("demand.{class}"), &value);
                    self.change(&place, format!("demand = {}, by = {value}", quoted(&class)));
                }
            }
            classes.finish();
        }
        let stages = entry.texts("stages");
        if let Some(first) = stages.first() {
            let words: Vec<&str> = stages.iter().map(|stage| stage.value.as_str()).collect();
            self.say("stages", &words.join(", "));
            let words: Vec<String> = words.into_iter().map(quoted).collect();
            self.change(&first.place, format!("set = \"method.stages\", value = [{}]", words.join(", ")));
        }
        if let Some(year) = DryYear::read(entry) {
            let DryYear { frequency_percent, forecast_days } = year.value;
            self.say("dry_year", &format!("{frequency_percent} %, forecast {forecast_days} d"));
            let value = format!("{{ frequency_percent = {frequency_percent}, forecast_days = {forecast_days} }}");
            self.change(&year.place, format!("set = \"basin.dry_year\", value = {value}"));
        }
        for file in entry.texts("overlays") {
            self.say("overlays", &file.value);
            self.files.push(file.value);
        }
        if let Some(file) = entry.text("elements") {
            self.say("elements", &file.value);
            self.files.push(file.value);
        }
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
