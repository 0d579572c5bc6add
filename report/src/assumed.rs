//! Facts marked assumed, in words: what they are of, which field, its value with unit, and the file's note.
//!
//! The document holds the value as the file writes it. What cannot be read so stands as it is.

use toml::{Table, Value};

use crate::language::{Phrase, both};
use crate::quantity::{fixed, percent};
use crate::view::View;
use crate::words;

/// An assumed fact in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Name of the element.
    pub of: Phrase,
    /// What of it is assumed.
    pub field: Phrase,
    /// Its value with unit.
    pub value: Phrase,
    /// What the file says about it.
    pub note: Phrase,
}

/// Facts of the plan and series that none of them tells of: what stands in the list, and what the heading counts.
pub fn facts(view: &View<'_>) -> Vec<Fact> {
    let assumed = &view.content.case.assumed;
    let told = |address: &str| {
        assumed
            .iter()
            .any(|a| a.address.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.'])))
    };
    let mut facts: Vec<Fact> = assumed.iter().map(|a| fact(view, &a.address, &a.statement)).collect();
    facts.extend(view.content.inputs.series.iter().filter(|s| s.assumed && !told(&s.address)).map(|series| Fact {
        of: view.owner(&series.address),
        field: field(view.rest(&series.address)).0,
        value: view.statement(&series.origin),
        note: Phrase::default(),
    }));
    facts
}

fn fact(view: &View<'_>, address: &str, statement: &str) -> Fact {
    let key = view.rest(address);
    let (name, unit) = field(key);
    let (value, note) = read(statement);
    Fact {
        of: view.owner(address),
        field: name,
        value: value.map_or_else(|| Phrase::same(statement), |value| said(key, &value, &unit)),
        note: view.statement(note),
    }
}

/// The value as the file writes it, and the note in brackets after it.
fn read(statement: &str) -> (Option<Value>, &str) {
    let parsed = |text: &str| {
        let whole = |text: String| text.parse::<Table>().ok()?.remove("value");
        whole(format!("value = {text}")).or_else(|| whole(format!("value = {{ {text} }}")))
    };
    if let Some(value) = parsed(statement) {
        return (Some(value), "");
    }
    for (at, _) in statement.match_indices(" (") {
        if let (Some(value), Some(note)) = (parsed(&statement[..at]), statement[at + 2..].strip_suffix(')')) {
            return (Some(value), note);
        }
    }
    (None, "")
}

/// Units that stand at the end of keys.
const UNITS: [(&str, &str, &str); 15] = [
    ("_wan_m3_per_day", "万m³/日", "10⁴ m³/d"),
    ("_mm_per_day", "mm/日", "mm/d"),
    ("_per_day", "每日", "a day"),
    ("_per_m3", "元/m³", "yuan/m³"),
    ("_per_kwh", "元/kW·h", "yuan/kWh"),
    ("_wan_m3", "万m³", "10⁴ m³"),
    ("_yi_m3", "亿m³", "10⁸ m³"),
    ("_hm3", "百万m³", "million m³"),
    ("_m3s", "m³/s", "m³/s"),
    ("_km2", "km²", "km²"),
    ("_gwh", "GWh", "GWh"),
    ("_mm", "mm", "mm"),
    ("_h", "小时", "h"),
    ("_m", "m", "m"),
    ("_d", "日", "d"),
];

/// The term of a field, the last of several, and the unit that its key names.
fn field(path: &str) -> (Phrase, Phrase) {
    let mut unit = Phrase::default();
    let mut terms: Vec<Phrase> = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let found = UNITS.iter().find_map(|(end, zh, en)| Some((part.strip_suffix(end)?, both(*zh, *en))));
        let (stem, of_part) = found.unwrap_or((part, Phrase::default()));
        if !of_part.chinese.is_empty() {
            unit = of_part;
        }
        terms.push(words::field(stem));
    }
    let join = |say: fn(&Phrase) -> &str| terms.iter().map(say).collect::<Vec<_>>().join(" · ");
    (both(join(|p| &p.chinese), join(|p| &p.english)), unit)
}

/// Fields whose values are shares.
const SHARES: [&str; 10] =
    ["floor", "target", "shares", "bands", "grades", "target_parts", "loss", "fraction", "seepage_per_day", "depth"];
/// Values of a list beyond this many are told by their least and greatest.
const MOST_VALUES: usize = 12;

fn said(key: &str, value: &Value, unit: &Phrase) -> Phrase {
    let last = key.rsplit('.').next().unwrap_or(key);
    let share = SHARES.contains(&last);
    match value {
        Value::Table(table) if table.contains_key("values") => course(table, unit),
        Value::Table(table) if table.contains_key("file") => file(table),
        Value::Table(table) if table.contains_key("seasons") => {
            let seasons = said(key, &table["seasons"], unit);
            match table.get("otherwise") {
                Some(other) => {
                    let other = said(key, other, unit);
                    both(
                        format!("{}，其余时间 {}", seasons.chinese, other.chinese),
                        format!("{}, otherwise {}", seasons.english, other.english),
                    )
                }
                None => seasons,
            }
        }
        Value::Table(table) => entries(table, share, unit),
        Value::Array(list) if list.iter().all(|v| matches!(v, Value::Integer(_) | Value::Float(_))) => {
            let each = list.iter().map(|v| scalar(v, share).chinese).collect::<Vec<_>>().join("、");
            with_unit(&Phrase::same(each), unit, share)
        }
        Value::Array(list) => {
            let each: Vec<Phrase> = list.iter().map(|v| said(key, v, unit)).collect();
            let join = |say: fn(&Phrase) -> &str, comma: &str| each.iter().map(say).collect::<Vec<_>>().join(comma);
            both(join(|p| &p.chinese, "；"), join(|p| &p.english, "; "))
        }
        scalar_value => with_unit(&scalar(scalar_value, share), unit, share),
    }
}

fn with_unit(text: &Phrase, unit: &Phrase, share: bool) -> Phrase {
    if share || unit.chinese.is_empty() {
        return text.clone();
    }
    both(format!("{} {}", text.chinese, unit.chinese), format!("{} {}", text.english, unit.english))
}

fn scalar(value: &Value, share: bool) -> Phrase {
    let number = |value: f64| if share { percent(value) } else { shortest(value) };
    match value {
        Value::Integer(whole) => Phrase::same(number(*whole as f64)),
        Value::Float(value) => Phrase::same(number(*value)),
        Value::String(text) => words::word(text),
        Value::Boolean(true) => both("是", "yes"),
        Value::Boolean(false) => both("否", "no"),
        other => Phrase::same(other.to_string()),
    }
}

/// A number with the digits that the file gives it.
fn shortest(value: f64) -> String {
    if value.fract() == 0.0 { fixed(value, 0) } else { value.to_string() }
}

/// A course over the year: twelve values one by one, more by their least and greatest.
fn course(table: &Table, unit: &Phrase) -> Phrase {
    let values: Vec<f64> = table
        .get("values")
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(|v| v.as_float().or_else(|| v.as_integer().map(|i| i as f64))).collect())
        .unwrap_or_default();
    let profile = table.get("profile").and_then(Value::as_str).unwrap_or_default();
    let by = match profile {
        "month" => both("逐月", "by month"),
        "旬" => both("逐旬", "by ten days"),
        "d" | "day" => both("逐日", "by day"),
        other => Phrase::same(other),
    };
    let told = if values.len() <= MOST_VALUES {
        Phrase::same(values.iter().map(|v| shortest(*v)).collect::<Vec<_>>().join("、"))
    } else {
        let least = shortest(values.iter().copied().fold(f64::INFINITY, f64::min));
        let most = shortest(values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        both(format!("{}个值，{least} 至 {most}", values.len()), format!("{} values, {least} to {most}", values.len()))
    };
    let told = with_unit(&told, unit, false);
    both(format!("{}：{}", by.chinese, told.chinese), format!("{}: {}", by.english, told.english))
}

fn file(table: &Table) -> Phrase {
    let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default();
    let (path, column) = (text("file"), text("column"));
    if column.is_empty() {
        return both(format!("文件 {path}"), format!("file {path}"));
    }
    both(format!("文件 {path} 的 {column} 列"), format!("file {path}, column {column}"))
}

/// A table of dates, classes or grades: its dates first, then each entry by its term.
fn entries(table: &Table, share: bool, unit: &Phrase) -> Phrase {
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let mut when = match (text("from"), text("to"), text("date")) {
        (Some(from), Some(to), _) => both(format!("{from} 至 {to}"), format!("{from} to {to}")),
        (None, Some(to), _) => match table.get("to") {
            // The receiver of a return flow, not a date.
            _ if !to.contains(|c: char| c.is_ascii_digit()) => both(format!("至 {to}"), format!("to {to}")),
            _ => both(format!("截至 {to}"), format!("until {to}")),
        },
        (Some(from), None, _) => both(format!("自 {from}"), format!("from {from}")),
        (None, None, Some(date)) => Phrase::same(date),
        (None, None, None) => Phrase::default(),
    };
    let mut parts: Vec<Phrase> = Vec::new();
    for (key, value) in
        table.iter().filter(|(key, _)| !["from", "to", "date", "source", "day_starts"].contains(&key.as_str()))
    {
        if key == "value" {
            parts.push(with_unit(&scalar(value, share), unit, share));
            continue;
        }
        let (name, of_key) = field(key);
        let told = said(key, value, &of_key);
        let told = if share && !SHARES.contains(&key.as_str()) { scalar(value, true) } else { told };
        parts.push(both(format!("{} {}", name.chinese, told.chinese), format!("{} {}", name.english, told.english)));
    }
    let join = |say: fn(&Phrase) -> &str, comma: &str| parts.iter().map(say).collect::<Vec<_>>().join(comma);
    let told = both(join(|p| &p.chinese, "、"), join(|p| &p.english, ", "));
    if !when.chinese.is_empty() {
        when = both(format!("{}：", when.chinese), format!("{}: ", when.english));
    }
    both(format!("{}{}", when.chinese, told.chinese), format!("{}{}", when.english, told.english))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: &str, statement: &str) -> String {
        let (value, _) = read(statement);
        said(key, &value.unwrap_or(Value::Boolean(false)), &field(key).1).chinese
    }

    #[test]
    fn values_are_said_in_words_with_their_units() {
        assert_eq!(told("capacity_m3s", "0.40"), "0.4 m³/s");
        assert_eq!(told("loss", "0.03"), "3%");
        assert_eq!(told("limit_wan_m3", "15500"), "15500 万m³");
        assert_eq!(told("price_per_m3", "0.62"), "0.62 元/m³");
        assert_eq!(told("shares", "{ residents = 0.56, industry = 0.44 }"), "居民 56%、工业 44%");
        assert_eq!(told("grades", "{ blue = 1.2, red = 0.8 }"), "蓝色 120%、红色 80%");
        assert_eq!(told("target_parts", "[0.9, 1.0]"), "90%、100%");
        assert_eq!(told("level_band_m", "[21.0, 22.0]"), "21、22 m");
        assert_eq!(told("starts", "date = \"2026-06-11\", level_m = 137.0"), "2026-06-11：水位 137 m");
        assert_eq!(told("flood_limit", "from = \"04-15\", to = \"07-15\", level_m = 140.0"), "04-15 至 07-15：水位 140 m");
        assert_eq!(
            told("used_before_wan_m3", "[ { value = 20500, to = \"2026-06-10\", source = \"assumed\" } ]"),
            "截至 2026-06-10：20500 万m³"
        );
        assert_eq!(
            told("capacity_m3s", "seasons = [{ from = \"12-01\", to = \"12-10\", value = 14 }], otherwise = 24"),
            "12-01 至 12-10：14 m³/s，其余时间 24 m³/s"
        );
        assert_eq!(told("demand_m3s", "profile = \"month\", values = [1.75, 2]"), "逐月：1.75、2 m³/s");
        let many = format!("profile = \"旬\", values = {:?}", (1..=36).collect::<Vec<_>>());
        assert_eq!(told("demand_m3s", &many), "逐旬：36个值，1 至 36 m³/s");
        assert_eq!(told("flow_m3s", "file = \"a.csv\", column = \"x\", day_starts = \"08:00\""), "文件 a.csv 的 x 列");
    }

    #[test]
    fn the_note_stands_apart() {
        assert_eq!(read("1.8 (多年平均 (Tennant))"), (Some(Value::Float(1.8)), "多年平均 (Tennant)"));
        assert_eq!(read("\"a (b).csv\""), (Some(Value::String("a (b).csv".to_owned())), ""));
        assert_eq!(read("seit 1998 (x"), (None, ""));
    }

    #[test]
    fn fields_are_terms_of_the_trade() {
        assert_eq!(field("demand_m3s").0.chinese, "需水");
        assert_eq!(field("outlet.capacity_m3s").0.chinese, "泄水设施 · 过流能力");
        assert_eq!(field("price_per_kwh"), (both("单价", "price"), both("元/kW·h", "yuan/kWh")));
        assert_eq!(field("levels_m.dead").1.chinese, "m");
    }
}
