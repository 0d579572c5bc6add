//! Objectives as basin files write them.

use crate::basin::balance;
use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{POSITIVE, Varying};
use crate::elements::Head;
use crate::fairness::Fairness;
use crate::goals::Period;

/// Words of uses that an objective may name.
pub(super) const USES: [&str; 5] = ["domestic", "production", "industrial", "agricultural", "ecological"];

/// An objective as written.
#[derive(Clone, Debug)]
pub struct ObjectiveEntry {
    /// Id, name and place.
    pub head: Head,
    /// Word of its measure.
    pub kind: String,
    /// Elements.
    pub elements: Vec<Field<String>>,
    /// User classes.
    pub classes: Vec<Field<String>>,
    /// Uses.
    pub uses: Vec<Field<String>>,
    /// Regions.
    pub regions: Vec<Field<String>>,
    /// Control sections.
    pub sections: Vec<Field<String>>,
    /// Tiers.
    pub tiers: Vec<usize>,
    /// Relative to demand or target.
    pub relative: bool,
    /// Weight by step.
    pub weight: Option<Varying>,
    /// Form.
    pub form: Option<String>,
    /// What a balance weighs, without the office's table.
    pub fairness: Fairness,
    /// Period of satisfactions.
    pub period: Period,
    /// How far later stages may worsen it.
    pub tolerance: f64,
    /// Typical size.
    pub nominal: f64,
    /// Weight in the method `weighted`.
    pub share: f64,
    /// Value aimed at by the method `reference_point`.
    pub aspiration: Option<f64>,
}

impl ObjectiveEntry {
    /// Reads the keys; none if its kind is not known.
    pub fn read(entry: &Entry, head: Head) -> Option<Self> {
        let kinds: Vec<&str> = crate::measures::kinds().collect();
        let kind = entry.word("kind", &kinds);
        if !entry.has("kind") {
            entry.missing(&["kind"]);
        }
        let uses = entry.texts("uses");
        balance::refuse_unknown_uses(entry, &uses);
        let nominal = entry.number("nominal");
        if let Some(nominal) = nominal.as_ref().filter(|nominal| nominal.value <= 0.0) {
            let hint = "its typical size, in its own unit".to_owned();
            entry.refuse(&nominal.place, format!("`nominal`: {} is not positive", nominal.value), Some(hint));
        }
        let (form, fairness) = balance::read(entry, kind.as_ref().map(|kind| kind.value.as_str()));
        let period = period(entry).unwrap_or_default();
        let number = |key: &str| entry.number_within(key, 0.0, f64::INFINITY).map(|field| field.value);
        Some(Self {
            elements: entry.texts("elements"),
            classes: entry.texts("classes"),
            uses,
            regions: entry.texts("regions"),
            sections: entry.texts("sections"),
            tiers: tiers(entry),
            relative: entry.flag("relative", false),
            weight: entry.varying("weight", POSITIVE),
            form,
            fairness,
            period,
            tolerance: number("tolerance").unwrap_or(0.0),
            nominal: nominal.map_or(1.0, |nominal| nominal.value),
            share: number("share").unwrap_or(1.0),
            aspiration: entry.number("aspiration").map(|field| field.value),
            kind: kind?.value,
            head,
        })
    }
}

/// Reads `period`.
pub(super) fn period(entry: &Entry) -> Option<Period> {
    let word = entry.word("period", &["step", "day", "旬", "month", "horizon"])?;
    Some(match word.value.as_str() {
        "step" => Period::Step,
        "day" => Period::Day,
        "旬" => Period::TenDays,
        "horizon" => Period::Horizon,
        _ => Period::Month,
    })
}

fn tiers(entry: &Entry) -> Vec<usize> {
    let Some(tiers) = entry.numbers("tiers") else { return Vec::new() };
    let whole = |tier: &f64| *tier >= 1.0 && tier.fract() == 0.0 && *tier < 1000.0;
    if let Some(odd) = tiers.value.iter().find(|tier| !whole(tier)) {
        entry.refuse(&tiers.place, format!("`tiers`: {odd} is no tier, expected whole numbers from 1"), None);
        return Vec::new();
    }
    tiers.value.iter().map(|tier| *tier as usize).collect()
}

/// A level of the order of supply as written.
#[derive(Clone, Debug)]
pub struct SupplyLevelEntry {
    /// Name.
    pub name: String,
    /// Classes.
    pub classes: Vec<Field<String>>,
    /// Uses.
    pub uses: Vec<Field<String>>,
    /// Control sections.
    pub sections: Vec<Field<String>>,
    /// Text and article.
    pub clause: Option<String>,
}

impl SupplyLevelEntry {
    /// Reads `supply_order` of `[rules]`.
    pub fn read_all(rules: &Entry) -> Vec<Self> {
        let parts = rules.tables("supply_order");
        let read = |part: Entry| {
            let name = part.required_text("name");
            let uses = part.texts("uses");
            balance::refuse_unknown_uses(&part, &uses);
            let (classes, sections) = (part.texts("classes"), part.texts("sections"));
            if classes.is_empty() && uses.is_empty() && sections.is_empty() && !part.is_faulty() {
                let hint = "`classes`, `uses` or `sections`, such as `uses = [\"domestic\"]`".to_owned();
                part.refuse(&part.place, "`supply_order`: a level that names nobody", Some(hint));
            }
            let clause = part.text("clause").map(|clause| clause.value);
            part.finish();
            name.map(|name| Self { name: name.value, classes, uses, sections, clause })
        };
        parts.into_iter().filter_map(read).collect()
    }
}
