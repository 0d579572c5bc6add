//! Ensembles: many futures of one basin, each with a weight, as a file says them; and what comes of them.
//!
//! One way: file → [`Ensemble`] (members: overlays with the forcing laid over them, and how they branch) → the plans of members
//! ([`plans`]) → the document of the ensemble, with bands and probabilities ([`spread`]).
//! Fails: whatever the file or a table that it names cannot give is refused with file, line and how to mend it. What is wrong with one member's
//! overlay or forcing is that member's own fault: it has no plan, and the others go on.
//! Grammar: docs/ensembles.md.

mod futures;
pub mod plans;
mod pre_release;
mod spill;
mod spread;

use std::path::Path;

use jiff::civil::Date;
use toml::de::DeTable;
use weir_model::basin::context::Context;
use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::{no_toml, refuse_unknown_kinds, text};
use weir_model::horizon::Horizon;
use weir_model::place::{Place, Refusals};
use weir_model::table::digest;
use weir_solver::tree::{Branch, Risk};

use crate::member::{Asked, Member};
use crate::overlay::Overlay;

/// Many futures of a basin.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// Its file's name.
    pub id: String,
    /// Name as people read it; empty where its file gives none.
    pub name: String,
    /// The same in English.
    pub english: String,
    /// SHA-256 of its file and of those that it names.
    pub digests: Vec<String>,
    /// The members; a parent stands before its children.
    pub members: Vec<Member>,
    /// The one plan for all of them, where one is asked.
    pub tree: Option<Branching>,
}

/// How one plan is asked for all members.
#[derive(Clone, Debug)]
pub struct Branching {
    /// How the members' values become one.
    pub risk: Risk,
    /// Whether the inflow of a step is seen before its decision.
    pub seen_before: bool,
    /// Whether spill is decided for all until a branch.
    pub spill_shared: bool,
    /// The member that a storm misses, where it is asked what to let go before it.
    pub misses: Option<usize>,
    /// What each member leaves, and when; none of the first.
    pub branches: Vec<Option<Branch>>,
}

impl Ensemble {
    /// Reads an ensemble of a basin: its horizon is that of the basin as it is.
    ///
    /// # Errors
    /// All faults of the file, of those that it names, and of the basin.
    pub fn read(path: &Path, basin: &Asked) -> Result<Self, Refusals> {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            let mut refusals = Refusals::default();
            let hint = "an ensemble is a TOML file: docs/ensembles.md".to_owned();
            refusals.push(&Place::new(&*file, 0), None, format!("cannot be read: {error}"), Some(hint));
            refusals
        })?;
        let (case, _) = Member::base().question(basin)?;
        let text = text(&file, &bytes)?;
        let (table, errors) = DeTable::parse_recoverable(text);
        let nowhere = |_: &str| Err("an ensemble names its files by itself".to_owned());
        let context = Context::new(&file, text, &nowhere);
        if !errors.is_empty() {
            return Err(no_toml(&context, text, &errors));
        }
        let table = table.get_ref();
        let known = ["name", "english", "note", "member", "given", "years", "scaled", "tree"];
        refuse_unknown_kinds(&context, table, &known);
        let entry = Entry::new(&context, table, 0, "ensemble");
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let mut reading = Reading { folder, horizon: &case.horizon, members: Vec::new(), digests: vec![digest(&bytes)] };
        let (name, english) = (entry.text("name"), entry.text("english"));
        for each in entry.tables("member") {
            reading.by_hand(&each);
            each.finish();
        }
        for word in ["given", "years", "scaled"] {
            let Some(part) = entry.table(word) else { continue };
            match word {
                "given" => reading.given(&part),
                "years" => reading.years(&part),
                _ => reading.scaled(&part),
            }
            part.finish();
        }
        let place = entry.place.clone();
        if reading.members.is_empty() && !entry.is_faulty() && context.refusals.borrow().0.is_empty() {
            let hint = "`[[member]]`, `[given]`, `[years]` or `[scaled]` give members".to_owned();
            context.refusals.borrow_mut().push(&place, None, "has no members", Some(hint));
        }
        let tree = entry.table("tree").and_then(|part| {
            let tree = reading.tree(&part);
            part.finish();
            tree
        });
        let Reading { members, digests, .. } = reading;
        context.refusals.take().or(())?;
        Ok(Self {
            id: path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            english: english.or_else(|| name.clone()).map_or_else(String::new, |english| english.value),
            name: name.map_or_else(String::new, |name| name.value),
            digests,
            members: shares(members),
            tree,
        })
    }
}

/// What is read so far.
struct Reading<'a> {
    /// The file's folder, from which it names others.
    folder: &'a Path,
    horizon: &'a Horizon,
    members: Vec<Member>,
    digests: Vec<String>,
}

impl Reading<'_> {
    /// Adds a member, if its id is new.
    fn add(&mut self, entry: &Entry<'_, '_>, place: &Place, member: Member) {
        if self.members.iter().any(|other| other.id == member.id) {
            let message = format!("member `{}` stands twice", member.id);
            entry.refuse(place, message, Some("give each member a name of its own".to_owned()));
            return;
        }
        self.members.push(member);
    }

    /// A member by hand: an overlay, or all inflow scaled, or the basin as it is.
    fn by_hand(&mut self, entry: &Entry<'_, '_>) {
        let id = entry.required_text("id");
        let (name, english) = (entry.text("name"), entry.text("english"));
        let weight = entry.number("weight");
        let overlay = entry.text("overlay");
        let scale = entry.number_within("scale", 0.0, 1e3);
        let Some(id) = id else { return };
        if weight.as_ref().is_some_and(|weight| !is_weight(entry, &weight.place, (&id.value, weight.value))) {
            return;
        }
        let read = overlay.map(|named| {
            let path = self.folder.join(&named.value);
            Overlay::read(&path).map_err(|refusals| at_its_name(refusals, &path, &named, &id))
        });
        let by = scale.map(|scale| scaled(&id.value, ALL_INFLOW, scale.value));
        let overlays: Result<Vec<Overlay>, Refusals> = read.into_iter().chain(by).collect();
        let all = overlays.map(|overlays| {
            let mut all = Overlay::of_all(overlays);
            all.id.clone_from(&id.value);
            all
        });
        let mut member = Member::new(&id.value, all).weighing(weight.map_or(1.0, |weight| weight.value));
        if let Some(name) = name {
            let english = english.map_or_else(|| name.value.clone(), |english| english.value);
            member.name = (name.value, english);
        }
        self.add(entry, &id.place, member);
    }

    /// All inflow, or what else is named, scaled: a member a factor.
    fn scaled(&mut self, entry: &Entry<'_, '_>) {
        let of = entry.text("of").map_or_else(|| ALL_INFLOW.to_owned(), |of| of.value);
        let by = entry.numbers("by");
        let weights = entry.numbers("weights");
        let Some(by) = by else {
            if !entry.has("by") {
                entry.missing(&["by"]);
            }
            return;
        };
        if let Some(weights) = weights.as_ref().filter(|weights| weights.value.len() != by.value.len()) {
            let message = format!("`{}`: {} weights for {} factors", weights.key, weights.value.len(), by.value.len());
            entry.refuse(&weights.place, message, Some("a weight a factor, in their order".to_owned()));
            return;
        }
        for (number, factor) in by.value.iter().enumerate() {
            let id = format!("x{factor}");
            let weight = weights.as_ref().map_or(1.0, |weights| weights.value[number]);
            let place = weights.as_ref().map_or(&by.place, |weights| &weights.place);
            if !is_weight(entry, place, (&id, weight)) {
                continue;
            }
            let mut member = Member::new(&id, scaled(&id, &of, *factor)).weighing(weight);
            member.name = (format!("来水×{factor}"), format!("inflow × {factor}"));
            self.add(entry, &by.place, member);
        }
    }

    /// The place of a member that is named.
    fn place_of(&self, entry: &Entry<'_, '_>, named: &Field<String>) -> Option<usize> {
        let place = self.members.iter().position(|member| member.id == named.value);
        if place.is_none() {
            let ids: Vec<String> = self.members.iter().take(12).map(|member| format!("`{}`", member.id)).collect();
            let hint = format!("members are {}", ids.join(", "));
            entry.refuse(&named.place, format!("`{}`: no member `{}`", named.key, named.value), Some(hint));
        }
        place
    }

    /// How the members branch.
    fn tree(&self, entry: &Entry<'_, '_>) -> Option<Branching> {
        let objective = entry.word("objective", &["expectation", "worst", "cvar"]);
        let alpha = entry.number_within("alpha", 0.0, 0.999);
        let seen = entry.word("inflow_seen", &["before", "after"]);
        let spill = entry.word("spill", &["own", "shared"]);
        let misses = entry.text("misses").map(|named| self.place_of(entry, &named));
        let at = entry.date("branch");
        let risk = match objective.as_ref().map_or("expectation", |word| word.value.as_str()) {
            "worst" => Risk::Worst,
            "cvar" => {
                if alpha.is_none() && !entry.has("alpha") {
                    entry.missing_because(&["alpha"], "`cvar` is the mean of the worst 1 − alpha, such as 0.9");
                }
                Risk::ConditionalValueAtRisk(alpha.as_ref()?.value)
            }
            _ => Risk::Expectation,
        };
        if let Some(alpha) = alpha.as_ref().filter(|_| !matches!(risk, Risk::ConditionalValueAtRisk(_))) {
            let hint = "`objective = \"cvar\"` is the mean of the worst 1 − alpha; else take `alpha` out".to_owned();
            entry.refuse(&alpha.place, format!("`{}` counts with `cvar` only", alpha.key), Some(hint));
        }
        if let Some(at) = at.as_ref().filter(|_| entry.has("leaves")) {
            let hint = "keep one of them: a date for all, or each `[[tree.leaves]]` with its own `at`".to_owned();
            entry.refuse(&at.place, format!("`{}` and `leaves` say the same", at.key), Some(hint));
        }
        let seen_before = seen.is_none_or(|word| word.value == "before");
        let steps = |at: &Field<Date>| {
            let first = self.horizon.step_on(at.value);
            if first.is_none() {
                let (from, to) = (self.horizon.date_of(0), self.horizon.last_date_of(self.horizon.steps() - 1));
                let hint = format!("the horizon runs from {from} to {to}");
                entry.refuse(&at.place, format!("`{}`: {} lies outside the horizon", at.key, at.value), Some(hint));
            }
            first.map(|first| (first + usize::from(!seen_before)).min(self.horizon.steps()))
        };
        let common = at.as_ref().map(&steps);
        let mut branches: Vec<Option<Branch>> = (0..self.members.len())
            .map(|place| common.flatten().filter(|_| place > 0).map(|steps| Branch { from: 0, steps }))
            .collect();
        for part in entry.tables("leaves") {
            let (member, from, at) = (part.required_text("member"), part.required_text("from"), part.date("at"));
            if at.is_none() && !part.has("at") {
                part.missing(&["at"]);
            }
            part.finish();
            let (Some(member), Some(from), Some(at)) = (member, from, at) else { continue };
            let place = |named: &Field<String>| self.place_of(&part, named);
            let (Some(own), Some(parent), Some(steps)) = (place(&member), place(&from), steps(&at)) else { continue };
            if parent >= own {
                let message = format!("`{}` does not stand before `{}`", from.value, member.value);
                part.refuse(&from.place, message, Some("a member leaves one that is listed before it".to_owned()));
                continue;
            }
            branches[own] = Some(Branch { from: parent, steps });
        }
        if at.is_none() && !entry.has("branch") && !entry.has("leaves") {
            entry.missing_because(&["branch"], "the date from which each member is decided by itself, or `[[tree.leaves]]`");
        }
        let spill_shared = spill.is_some_and(|word| word.value == "shared");
        Some(Branching { risk, seen_before, spill_shared, misses: misses.flatten(), branches })
    }
}

/// The same refusals, that a member's overlay cannot be read at the line that names it.
fn at_its_name(mut refusals: Refusals, path: &Path, named: &Field<String>, id: &Field<String>) -> Refusals {
    let file = path.display().to_string();
    for refusal in refusals.0.iter_mut().filter(|own| own.place.line == 0 && *own.place.file == *file) {
        refusal.place = named.place.clone();
        refusal.element = Some(id.value.clone());
        refusal.message = format!("`{}` = `{}`: {}", named.key, named.value, refusal.message);
        refusal.hint = Some("an overlay is a TOML file; `overlay` is a path from the ensemble's file".to_owned());
    }
    refusals
}

/// Whether a member's weight is above 0, as a share must be; one that is not is refused.
fn is_weight(entry: &Entry<'_, '_>, place: &Place, (id, weight): (&str, f64)) -> bool {
    if weight <= 0.0 {
        let hint = "weights count as shares of their sum: leave out what is not to count".to_owned();
        entry.refuse(place, format!("weight {weight} of `{id}` is not above 0"), Some(hint));
    }
    weight > 0.0
}

/// All inflow of a basin.
pub const ALL_INFLOW: &str = "inflow:*.flow_m3s";

/// An overlay that scales something.
fn scaled(id: &str, of: &str, by: f64) -> Result<Overlay, Refusals> {
    let text = format!("[[change]]\nscale = {of:?}\nby = {by:?}\n");
    Overlay::of_text(id, &format!("member {id}"), &text)
}

/// Members with their weights as shares of 1.
fn shares(members: Vec<Member>) -> Vec<Member> {
    let all: f64 = members.iter().map(|member| member.weight).sum();
    members.into_iter().map(|member| Member { weight: member.weight / all, ..member }).collect()
}
