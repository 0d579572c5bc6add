//! Values held for a time, laid over a basin: orders from above, what order sheets would set, what somebody sets by hand.
//!
//! Each is a `[[command]]` of a basin file, made here and read as one, so that it has the file's checks and refusals. What is no
//! order from above then stands as a rule of its own class: [`as_rules`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Zoned;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::basin::Further;
use crate::basin::nearest::hint;
use crate::case::Case;
use crate::elements::common::moment::civil;
use crate::network::{RequirementKind, RuleClass};
use crate::unit_words::Unit;

/// Keys of what may be held, in the order in which they are told.
pub const BOUNDS: [&str; 6] = ["flow_m3s", "minimum_m3s", "maximum_m3s", "level_m", "minimum_level_m", "maximum_level_m"];

/// A value held for a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// Id, which no element of the basin has.
    pub id: String,
    /// Name as people read it; empty for issuer and number.
    #[serde(default)]
    pub name: String,
    /// Who holds it.
    pub issuer: String,
    /// Number of the paper.
    pub number: String,
    /// Address: `shanxi.outflow`, `shanxi.turbines`, `shanxi.level`.
    pub on: String,
    /// First day, or first moment, local.
    pub from: String,
    /// Last day, or the moment that ends it, local.
    pub to: String,
    /// What is held, by [`BOUNDS`].
    pub bounds: BTreeMap<String, f64>,
}

impl Setting {
    /// Reads what somebody sets by hand: `ADDRESS@FROM..TO=VALUE`, such as `shanxi.turbines.flow@2026-07-01..03=120` or
    /// `shanxi.level@2026-07-01=150 m`. A shorter end takes what it lacks from the start; a value may name its unit.
    ///
    /// # Errors
    /// What is wrong with it, and how to mend it.
    pub fn parse(text: &str, id: &str) -> Result<Self, String> {
        let form = "such as `shanxi.turbines.flow@2026-07-01..03=120`";
        let (on, rest) = text.split_once('@').ok_or_else(|| format!("`{text}`: no `@` before its dates\n  hint: {form}"))?;
        let (dates, value) =
            rest.split_once('=').ok_or_else(|| format!("`{text}`: no `=` before its value\n  hint: {form}"))?;
        let (on, dates, value) = (on.trim(), dates.trim(), value.trim());
        let (from, to) = dates.split_once("..").map_or((dates, dates), |(from, to)| (from.trim(), to.trim()));
        let to =
            from.get(..from.len().saturating_sub(to.len())).filter(|_| to.len() < from.len()).unwrap_or("").to_owned() + to;
        let (first, after) = civil(from, false).zip(civil(&to, true)).ok_or_else(|| {
            format!("`{text}`: `{dates}` is no date, nor dates\n  hint: `2026-07-01`, `2026-07-01..03`, `2026-07-01T08:00..20:00`")
        })?;
        if after <= first {
            return Err(format!(
                "`{text}`: it ends before it begins\n  hint: the last day counts: `2026-07-01..03` is three days"
            ));
        }
        let of_storage = on.rsplit_once('.').is_some_and(|(_, part)| matches!(part, "level" | "storage"));
        let key = if of_storage { "level_m" } else { "flow_m3s" };
        let end = value.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(value.len());
        let (number, unit) = value.split_at(end);
        let number: f64 = number.parse().map_err(|_| format!("`{text}`: `{value}` is no number\n  hint: {form}"))?;
        let wanted = Unit::of_key(key);
        let factor = if unit.trim().is_empty() {
            1.0
        } else {
            let known = Unit::words();
            let unit = Unit::of(unit).ok_or_else(|| {
                format!(
                    "`{text}`: unknown unit `{}`\n  hint: {}",
                    unit.trim(),
                    hint(unit.trim(), &known, "units").unwrap_or_default()
                )
            })?;
            unit.to(wanted).ok_or_else(|| {
                format!("`{text}`: `{}` is no unit of what is set\n  hint: `{}`, or none", unit.word, wanted.word)
            })?
        };
        Ok(Self {
            id: id.to_owned(),
            name: text.to_owned(),
            issuer: "by hand".to_owned(),
            number: id.to_owned(),
            on: on.to_owned(),
            from: from.to_owned(),
            to,
            bounds: [(key.to_owned(), number * factor)].into(),
        })
    }

    /// Its first moment, and the first after it.
    pub fn window(&self, zone: &TimeZone) -> Option<(Zoned, Zoned)> {
        let zoned = |text: &str, ends: bool| civil(text, ends)?.to_zoned(zone.clone()).ok();
        zoned(&self.from, false).zip(zoned(&self.to, true))
    }

    /// As the basin file writes it.
    pub fn toml(&self) -> String {
        let mut text = "[[command]]\n".to_owned();
        let name = Some(("name", &self.name)).filter(|(_, name)| !name.is_empty());
        let texts = [
            ("id", &self.id),
            ("issuer", &self.issuer),
            ("number", &self.number),
            ("on", &self.on),
            ("from", &self.from),
            ("to", &self.to),
        ];
        // Writing into a String cannot fail.
        for (key, value) in texts.into_iter().chain(name) {
            let _ = writeln!(text, "{key} = {}", toml::Value::from(value.as_str()));
        }
        for (key, value) in &self.bounds {
            let _ = writeln!(text, "{key} = {}", toml::Value::from(*value));
        }
        text
    }

    /// What is held, in words: `= 120 m³/s`, `≥ 20 m³/s`.
    pub fn said(&self) -> String {
        let known = BOUNDS.into_iter().filter_map(|key| self.bounds.get(key).map(|value| (key, value)));
        let said = known.map(|(key, value)| {
            let sign = match key.split('_').next() {
                Some("minimum") => "≥",
                Some("maximum") => "≤",
                _ => "=",
            };
            format!("{sign} {value} {}", if key.ends_with("_m3s") { "m³/s" } else { "m" })
        });
        said.collect::<Vec<_>>().join(", ")
    }
}

/// Settings as a file of further elements; `name` is what refusals and documents call it.
pub fn further(name: &str, settings: &[Setting]) -> Further {
    let text: Vec<String> = settings.iter().map(Setting::toml).collect();
    Further { name: name.to_owned(), bytes: text.join("\n").into_bytes() }
}

/// Makes what these settings hold rules of a class, which are no orders from above.
pub fn as_rules(case: &mut Case, settings: &[Setting], class: RuleClass) {
    for requirement in &mut case.network.requirements {
        if let Some(setting) = settings.iter().find(|setting| setting.id == requirement.id) {
            requirement.kind = RequirementKind::Operation;
            requirement.class = class;
            requirement.name.clone_from(&setting.name);
        }
    }
}
