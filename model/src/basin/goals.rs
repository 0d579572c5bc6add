//! Objectives as basin files write them.

use crate::basin::entry::{Entry, Field};
use crate::basin::nearest::hint;
use crate::basin::varying::{POSITIVE, Varying};
use crate::elements::Head;
use crate::goals::Period;

/// Words of uses that an objective may name.
const USES: [&str; 5] = ["domestic", "production", "industrial", "agricultural", "ecological"];

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
    /// Period of satisfactions.
    pub period: Period,
    /// How far later stages may worsen it.
    pub tolerance: f64,
    /// Typical size.
    pub nominal: f64,
    /// Weight in the method `weighted`.
    pub share: f64,
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
        for field in &uses {
            if !USES.contains(&field.value.as_str()) {
                let message = format!("`uses`: unknown use `{}`", field.value);
                entry.refuse(&field.place, message, hint(&field.value, &USES, "uses"));
            }
        }
        let nominal = entry.number("nominal");
        if let Some(nominal) = nominal.as_ref().filter(|nominal| nominal.value <= 0.0) {
            let hint = "its typical size, in its own unit".to_owned();
            entry.refuse(&nominal.place, format!("`nominal`: {} is not positive", nominal.value), Some(hint));
        }
        let form = entry.word("form", &["max_min"]);
        if let (Some(form), Some(kind)) = (&form, &kind)
            && kind.value != "balance"
        {
            entry.refuse(
                &form.place,
                format!("`form`: a {} has none", kind.value),
                Some("forms are for `balance`".to_owned()),
            );
        }
        let period = entry.word("period", &["step", "旬", "month", "horizon"]);
        let period = period.map_or(Period::default(), |word| match word.value.as_str() {
            "step" => Period::Step,
            "旬" => Period::TenDays,
            "horizon" => Period::Horizon,
            _ => Period::Month,
        });
        let number = |key: &str| entry.number_within(key, 0.0, f64::INFINITY).map(|field| field.value);
        let objective = Self {
            elements: entry.texts("elements"),
            classes: entry.texts("classes"),
            uses,
            regions: entry.texts("regions"),
            sections: entry.texts("sections"),
            tiers: tiers(entry),
            relative: entry.flag("relative", false),
            weight: entry.varying("weight", POSITIVE),
            form: form.map(|field| field.value),
            period,
            tolerance: number("tolerance").unwrap_or(0.0),
            nominal: nominal.map_or(1.0, |nominal| nominal.value),
            share: number("share").unwrap_or(1.0),
            kind: kind?.value,
            head,
        };
        let is_balance = objective.kind == "balance";
        Some(Self { form: objective.form.or_else(|| is_balance.then(|| "max_min".to_owned())), ..objective })
    }
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
            for field in &uses {
                if !USES.contains(&field.value.as_str()) {
                    let message = format!("`uses`: unknown use `{}`", field.value);
                    part.refuse(&field.place, message, hint(&field.value, &USES, "uses"));
                }
            }
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
