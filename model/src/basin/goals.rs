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
    /// Zone whose top is a line.
    pub zone: Option<Field<String>>,
    /// Cuts of an end value.
    pub cuts: Vec<CutEntry>,
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
        let word = kind.as_ref().map(|kind| kind.value.as_str());
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
            zone: zone(entry, word),
            cuts: CutEntry::read_all(entry, word),
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

/// Reads `zone`, which a `rule_curve_deviation` needs and no other kind has.
fn zone(entry: &Entry, kind: Option<&str>) -> Option<Field<String>> {
    let zone = entry.text("zone");
    match (&zone, kind) {
        (None, Some("rule_curve_deviation")) if !entry.has("zone") => {
            entry.missing_because(&["zone"], "the name of the zone whose top is the line: `zone = \"正常供水\"`");
        }
        (Some(zone), Some(kind)) if kind != "rule_curve_deviation" => {
            let hint = Some("zones are for `rule_curve_deviation`".to_owned());
            entry.refuse(&zone.place, format!("`zone`: a {kind} has none"), hint);
        }
        _ => {}
    }
    zone
}

/// A cut of an end value as written.
#[derive(Clone, Debug)]
pub struct CutEntry {
    /// Function that it bounds.
    pub of: String,
    /// Million yuan with empty storages.
    pub constant_million: f64,
    /// Storages with prices.
    pub per_m3: Vec<(Field<String>, f64)>,
}

impl CutEntry {
    /// Reads `cuts`, which an `end_value` needs and no other kind has.
    fn read_all(entry: &Entry, kind: Option<&str>) -> Vec<Self> {
        if kind == Some("end_value") && !entry.has("cuts") {
            entry.missing_because(&["cuts"], "`cuts = [{ constant_million = 12, per_m3 = { shanxi = 0.3 } }]`");
        }
        if let Some((value, kind)) = entry.raw("cuts").zip(kind.filter(|kind| *kind != "end_value")) {
            let hint = Some("cuts are for `end_value`".to_owned());
            entry.refuse(&entry.place_of(value), format!("`cuts`: a {kind} has none"), hint);
        }
        entry.tables("cuts").iter().filter_map(Self::read).collect()
    }

    fn read(part: &Entry) -> Option<Self> {
        let of = part.text("of").map_or_else(String::new, |of| of.value);
        let constant = part.number("constant_million");
        if !part.has("constant_million") {
            part.missing_because(&["constant_million"], "the value with empty storages, million yuan; 0 if it is none");
        }
        if !part.has("per_m3") {
            part.missing_because(&["per_m3"], "what the water is worth, yuan/m³: `per_m3 = { shanxi = 0.3 }`");
        }
        let prices = part.table("per_m3");
        let mut per_m3 = Vec::new();
        for (key, value) in prices.iter().flat_map(Entry::words) {
            let id = key.get_ref().to_string();
            if let (Some(prices), place) = (&prices, part.place_of(value)) {
                let price = prices.number_in(&id, value);
                per_m3.extend(price.map(|price| (Field { value: id.clone(), place, key: part.key("per_m3") }, price)));
            }
        }
        if let Some(prices) = prices {
            prices.finish();
        }
        part.finish();
        Some(Self { of, constant_million: constant?.value, per_m3 })
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
        let hint = "parts of the demands (or targets) in the order in which they are wanted, counted from 1: `tiers = [1]`";
        entry.refuse(
            &tiers.place,
            format!("`tiers`: {odd} is no tier, expected whole numbers from 1"),
            Some(hint.to_owned()),
        );
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
        let mut named: Vec<(String, String, String)> = Vec::new();
        let read = |part: Entry| {
            let name = part.required_text("name");
            let uses = part.texts("uses");
            balance::refuse_unknown_uses(&part, &uses);
            let (classes, sections) = (part.texts("classes"), part.texts("sections"));
            if classes.is_empty() && uses.is_empty() && sections.is_empty() && !part.is_faulty() {
                let hint = "`classes`, `uses` or `sections`, such as `uses = [\"domestic\"]`".to_owned();
                part.refuse(&part.place, "`supply_order`: a level that names nobody", Some(hint));
            }
            for field in classes.iter().chain(&uses).chain(&sections) {
                let same = |(key, word, _): &&(String, String, String)| *key == field.key && *word == field.value;
                if let Some((.., level)) = named.iter().find(same) {
                    let message = format!("`{}`: `{}` stands on the level `{level}` already", field.key, field.value);
                    let hint = "name each once: who comes both before and after another has no place in an order".to_owned();
                    part.refuse(&field.place, message, Some(hint));
                }
                let level = name.as_ref().map_or_else(String::new, |name| name.value.clone());
                named.push((field.key.clone(), field.value.clone(), level));
            }
            let clause = part.text("clause").map(|clause| clause.value);
            part.finish();
            name.map(|name| Self { name: name.value, classes, uses, sections, clause })
        };
        parts.into_iter().filter_map(read).collect()
    }
}
