//! What the names of a template mean: `weir.date`, `weir.shanxi.level`, `weir.reservoirs.level`.
//!
//! | name | gives |
//! |---|---|
//! | `weir.WORD` | one of [`WORDS`]: the plan's own words and dates |
//! | `weir.LIST.COLUMN` | a column of a list of [`LISTS`], growing downwards |
//! | `weir.ADDRESS.QUANTITY` | a series: a state at the plan's start, a flow as the mean of its first day |
//! | `weir.ADDRESS.QUANTITY.SUFFIX` | the same as one of [`SUFFIXES`] says |
//!
//! Names are read without regard to case, as workbooks do; `-` of an address, which no name can hold, is `_`.
//! Units: m to 0.01, m³/s to 0.01, volumes in 万m³ to 0.1 (万kW·h of energy), shares as numbers of which 1 is all, which a format
//! shows as per cent. Dates are texts, 2026年7月1日8时.

use std::collections::HashMap;

use weir_model::basin::nearest::{list, nearest};
use weir_model::document::{PlanDocument, SeriesKind, SeriesRow};

use super::lists::LISTS;
use super::sheet::Cell;
use super::workbook::PREFIX;
use crate::beside::{Beside, Day, Figure};
use crate::brief;
use crate::quantity::{end_text, time_text};
use crate::view::View;
use crate::words;

/// Words of the plan itself.
pub const WORDS: [&str; 19] = [
    "basin",
    "basis_time",
    "date",
    "degraded",
    "digest",
    "drafted_by",
    "from",
    "headings",
    "issue_time",
    "mode",
    "plan",
    "product",
    "reviewed_by",
    "revision",
    "signed_by",
    "status",
    "term",
    "title",
    "to",
];

/// What a suffix of a series gives.
pub const SUFFIXES: [(&str, &str); 9] = [
    ("series", "every step, growing downwards: a state at the step's end, a flow over it"),
    ("day_end", "a state at the end of the first day"),
    ("day_volume", "the volume of a flow over the first day, 万m³"),
    ("end", "the last value of the plan"),
    ("volume", "the volume of a flow over the whole plan, 万m³"),
    ("yesterday", "the same a day before, by the plan in force then"),
    ("last_year", "the same a year before, by the plan in force then"),
    ("since_yesterday", "by how much it is more than a day before"),
    ("since_last_year", "by how much it is more than a year before"),
];

/// Quantities of series; those of levels by name follow `level.` and `storage.`.
const QUANTITIES: [&str; 23] = [
    "storage",
    "level",
    "inflow",
    "outflow",
    "release",
    "spill",
    "withdrawal",
    "evaporation",
    "seepage",
    "flow",
    "capacity",
    "floor",
    "minimum_when_open",
    "energy",
    "demand",
    "supply",
    "shortage",
    "target",
    "curtailed",
    "return_flow",
    "ceiling",
    "shortfall",
    "used",
];

/// What a name means.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// One cell.
    One(Cell),
    /// Cells from the first one down.
    List(Vec<Cell>),
}

/// The names of a plan.
pub struct Names<'a> {
    /// The plan.
    pub view: View<'a>,
    /// What stands beside it.
    pub beside: &'a Beside,
    /// Its first day.
    pub day: Option<Day<'a>>,
    /// Series by their address in full, as names write it.
    series: HashMap<String, &'a SeriesRow>,
    /// Rows of lists that were asked for.
    lists: std::cell::RefCell<HashMap<&'static str, Vec<Vec<Cell>>>>,
}

/// As names write an address.
fn named(address: &str) -> String {
    address.replace('-', "_").to_lowercase()
}

/// A name without what all begin with.
fn bare(name: &str) -> String {
    let name = name.to_lowercase();
    name.strip_prefix(PREFIX).unwrap_or(&name).to_owned()
}

/// A name's list and column, where it begins with a list's word.
fn of_list(bare: &str) -> Option<(&'static super::lists::List, &str)> {
    let (word, column) = bare.split_once('.')?;
    Some((LISTS.iter().find(|list| list.word == word)?, column))
}

/// Without one of the suffixes, and which it is.
fn split(bare: &str) -> (&str, Option<&'static str>) {
    let found = SUFFIXES.iter().find_map(|(suffix, _)| Some((bare.strip_suffix(suffix)?.strip_suffix('.')?, *suffix)));
    found.map_or((bare, None), |(address, suffix)| (address, Some(suffix)))
}

/// Why a name can mean nothing, whatever the plan; none where it may.
pub fn refused(name: &str) -> Option<String> {
    let bare = bare(name);
    if let Some((found, column)) = of_list(&bare) {
        let columns: Vec<&str> = found.columns.iter().map(|column| column.word).collect();
        let known = columns.contains(&column);
        return (!known).then(|| {
            let mend = nearest(column, columns.iter().copied())
                .map_or_else(|| format!("its columns are {}", list(&columns)), |near| format!("did you mean `{near}`?"));
            format!("the name `{name}` means nothing: the list `{}` has no column `{column}`; {mend}", found.word)
        });
    }
    if !bare.contains('.') {
        return (!WORDS.contains(&bare.as_str())).then(|| {
            let mend = nearest(&bare, WORDS).map_or_else(
                || format!("words are {}; lists {}", list(&WORDS), list(&LISTS.map(|list| list.word))),
                |near| format!("did you mean `weir.{near}`?"),
            );
            format!("the name `{name}` means nothing; {mend}")
        });
    }
    let address = split(&bare).0;
    let quantity = address.rsplit('.').next().unwrap_or_default();
    let of_level = address.contains(".level.") || address.contains(".storage.");
    let known = of_level || QUANTITIES.contains(&quantity);
    (!known).then(|| {
        let words = SUFFIXES.map(|(suffix, _)| suffix);
        let mend = nearest(quantity, QUANTITIES.into_iter().chain(words)).map_or_else(
            || format!("quantities are {}, with one of {} behind or nothing", list(&QUANTITIES), list(&words)),
            |near| format!("did you mean `{near}`?"),
        );
        format!("the name `{name}` means nothing: `{quantity}` is no quantity of a series; {mend}")
    })
}

impl<'a> Names<'a> {
    /// The names of a plan.
    pub fn new(document: &'a PlanDocument, beside: &'a Beside) -> Self {
        let rows = document.content.series.iter();
        let series = rows.map(|row| (named(&format!("{}.{}", row.address, row.quantity)), row)).collect();
        let day = Day::new(document, beside);
        Self { view: View::new(document), beside, day, series, lists: std::cell::RefCell::default() }
    }

    /// What a name means.
    ///
    /// # Errors
    /// Why it means nothing, and what would.
    pub fn meaning(&self, name: &str) -> Result<Meaning, String> {
        if let Some(why) = refused(name) {
            return Err(why);
        }
        let bare = bare(name);
        if let Some((found, column)) = of_list(&bare) {
            let place = found.columns.iter().position(|own| own.word == column).unwrap_or_default();
            let mut lists = self.lists.borrow_mut();
            let rows = lists.entry(found.word).or_insert_with(|| (found.rows)(self));
            return Ok(Meaning::List(rows.iter().map(|row| row.get(place).cloned().unwrap_or(Cell::Empty)).collect()));
        }
        if let Some(word) = WORDS.iter().find(|word| **word == bare) {
            return Ok(Meaning::One(Cell::Text(self.word(word))));
        }
        let (address, suffix) = split(&bare);
        let Some(row) = self.series.get(address) else {
            let near = nearest(address, self.series.keys().map(String::as_str));
            let mend = near.map_or_else(
                || "series stand in the plan's series.csv as address and quantity".to_owned(),
                |near| format!("did you mean `weir.{near}`?"),
            );
            return Err(format!("the name `{name}` means nothing: the plan has no series `{address}`; {mend}"));
        };
        self.series_of(row, suffix).map_err(|why| format!("the name `{name}` means nothing: {why}"))
    }

    fn word(&self, word: &str) -> String {
        let (record, case) = (&self.view.document.record, &self.view.content.case);
        let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
        let time = |text: &Option<String>| {
            let zoned = text.as_ref().map(|text| self.local(text));
            zoned.unwrap_or_else(|| "—".to_owned())
        };
        match word {
            "basin" => self.view.basin().to_owned(),
            "basis_time" => time(&case.basis_time),
            "date" | "from" => time_text(&case.valid_from).chinese,
            "degraded" => {
                let reasons: Vec<String> = case.degraded.iter().map(|reason| self.view.statement(reason).chinese).collect();
                if reasons.is_empty() { "无".to_owned() } else { reasons.join("；") }
            }
            "digest" => record.id.clone(),
            "drafted_by" => told(&record.drafted_by),
            "headings" => {
                let said: Vec<String> = case.headings.iter().map(|heading| words::word(heading).chinese).collect();
                said.join("；")
            }
            "issue_time" => time(&record.issue_time),
            "mode" => words::word(&case.mode).chinese,
            "plan" => brief::day::identity(self.view.document),
            "product" => told(&record.product),
            "reviewed_by" => told(&record.reviewed_by),
            "revision" => record.revision.to_string(),
            "signed_by" => told(&record.signed_by),
            "status" => status(&record.status).to_owned(),
            "term" => told(&record.term),
            "title" => format!("{}{}", self.view.basin(), crate::page::kind_of_plan(&self.view).chinese),
            _ => end_text(&case.valid_to).chinese,
        }
    }

    /// A time of the record, which stands in UTC, in the plan's own zone.
    fn local(&self, text: &str) -> String {
        let zone = jiff::tz::TimeZone::get(&self.view.content.horizon.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let at = text.parse::<jiff::Timestamp>().map(|at| at.to_zoned(zone).datetime());
        at.map_or_else(|_| text.to_owned(), |at| crate::quantity::time(at).chinese)
    }

    fn series_of(&self, row: &SeriesRow, suffix: Option<&str>) -> Result<Meaning, String> {
        let told =
            |value: Option<f64>| Meaning::One(value.map_or(Cell::Text("—".to_owned()), |value| told(value, &row.unit)));
        let state = row.kind == SeriesKind::State;
        let day = self.day.as_ref();
        let figure = || -> Option<Figure> {
            let day = day?;
            if state { day.state(&row.address, &row.quantity) } else { day.mean(&row.address, &row.quantity) }
        };
        let volume = |flow: Option<f64>, seconds: f64| {
            let hm3 = flow.map(|flow| flow * seconds / 1e6);
            Meaning::One(hm3.map_or(Cell::Text("—".to_owned()), wan_m3))
        };
        let flows_only = |what: &str| {
            if row.unit == "m3/s" { Ok(()) } else { Err(format!("`{what}` is of flows, and this is in {}", row.unit)) }
        };
        Ok(match suffix {
            None => told(figure().map(|figure| figure.now)),
            Some("series") => {
                // Of a state, the start is no step.
                let values = row.values.iter().skip(usize::from(state));
                Meaning::List(values.map(|value| value.map_or(Cell::Empty, |value| self::told(value, &row.unit))).collect())
            }
            Some("day_end") if state => {
                told(day.and_then(|day| day.state_at_end(&row.address, &row.quantity)).map(|f| f.now))
            }
            Some("day_end") => return Err("`day_end` is of states, and this is a flow".to_owned()),
            Some("end") => told(row.values.last().copied().flatten()),
            Some("day_volume") => {
                flows_only("day_volume")?;
                volume(figure().map(|figure| figure.now), day.map_or(0.0, Day::length_s))
            }
            Some("volume") => {
                flows_only("volume")?;
                let sum = self.view.volume(&row.address, &row.quantity);
                Meaning::One(sum.map_or(Cell::Text("—".to_owned()), wan_m3))
            }
            Some("yesterday") => told(figure().and_then(|figure| figure.yesterday)),
            Some("last_year") => told(figure().and_then(|figure| figure.last_year)),
            Some("since_yesterday") => told(figure().and_then(|f| Some(f.now - f.yesterday?))),
            Some(_) => told(figure().and_then(|f| Some(f.now - f.last_year?))),
        })
    }
}

/// Status of a plan, as papers say it.
pub fn status(word: &str) -> &str {
    match word {
        "draft" | "computed" => "拟稿",
        "reviewed" => "已审核",
        "signed" => "已签发",
        "in_force" => "有效",
        "superseded" => "已替代",
        "expired" => "已过期",
        "withdrawn" => "已撤回",
        other => other,
    }
}

/// A value of a series in the unit of papers.
pub fn told(value: f64, unit: &str) -> Cell {
    match unit {
        "m" | "m3/s" => rounded(value, 2),
        "hm3" => wan_m3(value),
        "GWh" => rounded(value * 100.0, 2),
        _ => rounded(value, 4),
    }
}

/// A volume in hm³ as 万m³.
pub fn wan_m3(hm3: f64) -> Cell {
    rounded(hm3 * crate::quantity::WAN_M3_PER_HM3, 1)
}

/// A share, of which 1 is all; all only where nothing lacks.
pub fn share(share: f64) -> Cell {
    match rounded(share, 3) {
        Cell::Number(told) if told >= 1.0 && share < 1.0 - 1e-9 => Cell::Number(0.999),
        told => told,
    }
}

/// A number with so many decimals; a dash where it is none.
pub fn rounded(value: f64, decimals: i32) -> Cell {
    if !value.is_finite() {
        return Cell::Text("—".to_owned());
    }
    let factor = 10f64.powi(decimals);
    // No minus before zero.
    Cell::Number((value * factor).round() / factor + 0.0)
}
