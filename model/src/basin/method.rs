//! Method and rules as basin files write them.

use crate::basin::entry::{Entry, Field};
use crate::basin::goals::SupplyLevelEntry;
use crate::basin::nearest::hint;
use crate::goals::{HeadModel, Integers, Lexicographic, Method, Points};
use crate::network::RuleClass;

/// A word of `kind` with what reads its own keys; none if they are faulty.
type Kind = (&'static str, fn(&Entry) -> Option<Method>);

/// Every method, a line each; the first stands where no `kind` is given.
const KINDS: &[Kind] = &[
    ("lexicographic", |entry| Some(lexicographic(entry))),
    ("weighted", |_| Some(Method::Weighted)),
    ("pareto", pareto),
    ("reference_point", |_| Some(Method::ReferencePoint)),
    ("rules", |_| Some(Method::Rules)),
];

/// Keys that only some methods have.
const OWN_KEYS: &[(&str, &[&str])] = &[
    ("by", &["lexicographic"]),
    ("integers", &["lexicographic", "weighted"]),
    ("head", &["lexicographic", "weighted"]),
    ("head_zones", &["lexicographic", "weighted"]),
    ("points", &["pareto"]),
    ("intervals", &["pareto"]),
    ("front_gap", &["pareto"]),
];

/// Rules and method as written.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    /// The method; none if it was refused.
    pub kind: Option<Method>,
    /// Objectives, most important first.
    pub stages: Vec<Field<String>>,
    /// Whole numbers, where rules of what is open or shut are held.
    pub integers: Option<Integers>,
    /// How energy by head enters the program.
    pub head: HeadModel,
    /// Whether the closing chain runs.
    pub closing: bool,
    /// Classes of rules, most protected first.
    pub rule_order: Vec<RuleClass>,
    /// Order of supply, first served first.
    pub supply_order: Vec<SupplyLevelEntry>,
}

impl Default for MethodEntry {
    fn default() -> Self {
        Self {
            kind: None,
            stages: Vec::new(),
            integers: None,
            head: HeadModel::Fixed,
            closing: true,
            rule_order: RuleClass::DEFAULT_ORDER.to_vec(),
            supply_order: Vec::new(),
        }
    }
}

impl MethodEntry {
    /// Reads `[method]`.
    pub fn read(entry: &Entry) -> Self {
        let words: Vec<&str> = KINDS.iter().map(|kind| kind.0).collect();
        let word = entry.word("kind", &words);
        let faulty = word.is_none() && entry.has("kind");
        let kind = word.as_ref().map_or(words[0], |word| word.value.as_str());
        for (key, owners) in OWN_KEYS {
            if !faulty && !owners.contains(&kind) && entry.has(key) {
                refuse_key(entry, key, kind, owners);
            }
        }
        let read = KINDS.iter().find(|known| known.0 == kind).filter(|_| !faulty);
        let method = read.and_then(|(_, read)| read(entry));
        let stages = entry.texts("stages");
        if stages.is_empty() && !entry.is_faulty() {
            let hint = "objectives' ids, most important first: `stages = [\"domestic\", \"base_flow\"]`".to_owned();
            entry.refuse(&entry.place, "`stages`: no objective to work for", Some(hint));
        }
        let (integers, closing) = (integers(entry), entry.flag("closing", true));
        let head = head(entry, integers.is_some());
        Self { kind: method, stages, integers, head, closing, ..Self::default() }
    }

    /// Reads `[rules]`.
    pub fn read_rules(entry: &Entry) -> Vec<RuleClass> {
        let known: Vec<&str> = RuleClass::DEFAULT_ORDER.iter().map(|class| class.word()).collect();
        let mut order = Vec::new();
        for field in entry.texts("order") {
            match RuleClass::DEFAULT_ORDER.into_iter().find(|class| class.word() == field.value) {
                Some(class) if order.contains(&class) => {
                    entry.refuse(
                        &field.place,
                        format!("`order`: `{}` stands twice", field.value),
                        Some("name each once".to_owned()),
                    );
                }
                Some(class) => order.push(class),
                None => {
                    let message = format!("`order`: unknown class of rules `{}`", field.value);
                    entry.refuse(&field.place, message, hint(&field.value, &known, "classes of rules"));
                }
            }
        }
        let rest = RuleClass::DEFAULT_ORDER.into_iter().filter(|class| !order.contains(class)).collect::<Vec<_>>();
        order.extend(rest);
        order
    }
}

fn refuse_key(entry: &Entry, key: &str, kind: &str, owners: &[&str]) {
    let place = entry.raw(key).map_or_else(|| entry.place.clone(), |value| entry.place_of(value));
    let owners: Vec<String> = owners.iter().map(|owner| format!("`{owner}`")).collect();
    let hint = format!("`{key}` is for {}", owners.join(", "));
    entry.refuse(&place, format!("`{key}`: the method `{kind}` has none"), Some(hint));
}

fn lexicographic(entry: &Entry) -> Method {
    Method::Lexicographic(match entry.word("by", &["faces", "weights"]) {
        None => Lexicographic::BySize,
        Some(by) if by.value == "weights" => Lexicographic::Weights,
        Some(_) => Lexicographic::Faces,
    })
}

/// Reads `integers`, `gap` and `time_limit_s`.
fn integers(entry: &Entry) -> Option<Integers> {
    let (gap, limit) = (entry.number_within("gap", 0.0, 1.0), entry.number("time_limit_s"));
    if let Some(limit) = limit.as_ref().filter(|limit| limit.value <= 0.0) {
        let hint = "seconds for all stages together, such as 600".to_owned();
        entry.refuse(&limit.place, format!("`time_limit_s`: {} is not positive", limit.value), Some(hint));
    }
    if entry.flag("integers", false) {
        let gap = gap.map_or(Integers::default().gap, |gap| gap.value);
        return Some(Integers { gap, time_limit_s: limit.map(|limit| limit.value) });
    }
    for field in gap.iter().chain(&limit) {
        let hint = "`integers = true`, or leave it out: a linear program is solved to its optimum".to_owned();
        entry.refuse(&field.place, format!("`{}`: there are no integers", field.key), Some(hint));
    }
    None
}

/// Zones of a step's storage where no number is given, and most of them.
const ZONES: usize = 4;
const MOST_ZONES: f64 = 50.0;

/// Reads `head` and `head_zones`.
fn head(entry: &Entry, integers: bool) -> HeadModel {
    let word = entry.word("head", &["fixed", "successive", "zones"]);
    let zoned = word.as_ref().is_some_and(|word| word.value == "zones");
    let zones = entry.number_within("head_zones", 2.0, MOST_ZONES);
    if let Some(zones) = zones.as_ref().filter(|_| !zoned) {
        let hint = "`head = \"zones\"` has zones; leave `head_zones` out without it".to_owned();
        entry.refuse(&zones.place, "`head_zones`: there are no zones", Some(hint));
    }
    if let Some(zones) = zones.as_ref().filter(|zones| zones.value.fract() != 0.0) {
        let message = format!("`head_zones`: {} is no whole number", zones.value);
        let hint = "into how many zones each step's storage is cut: `head_zones = 4`".to_owned();
        entry.refuse(&zones.place, message, Some(hint));
    }
    match word {
        Some(word) if zoned && !integers => {
            let hint =
                "`integers = true`: whole numbers choose the zone; or `head = \"successive\"`, which needs none".to_owned();
            entry.refuse(&word.place, "`head`: `zones` needs integers", Some(hint));
            HeadModel::Fixed
        }
        Some(_) if zoned => HeadModel::Zones(zones.map_or(ZONES, |zones| zones.value as usize)),
        Some(word) if word.value == "successive" => HeadModel::Successive,
        _ => HeadModel::Fixed,
    }
}

/// Intervals of each range where none are given.
const INTERVALS: usize = 10;
/// Most of them: a grid has (intervals + 1) to the power of (stages − 1) points.
const MOST_INTERVALS: f64 = 1000.0;

fn pareto(entry: &Entry) -> Option<Method> {
    let points = entry.word("points", &["grid", "vertices"]);
    if points.is_none() && entry.has("points") {
        return None;
    }
    let vertices = points.is_some_and(|word| word.value == "vertices");
    let (other, of) = if vertices { ("intervals", "grid") } else { ("front_gap", "vertices") };
    if let Some(value) = entry.raw(other) {
        let hint = format!("`{other}` is for `points = \"{of}\"`");
        entry.refuse(&entry.place_of(value), format!("`{other}`: these points have none"), Some(hint));
        return None;
    }
    if vertices {
        let gap = if entry.has("front_gap") { entry.number_within("front_gap", 0.0, 1.0)?.value } else { 0.0 };
        return Some(Method::Pareto(Points::Vertices { gap }));
    }
    if !entry.has("intervals") {
        return Some(Method::Pareto(Points::Grid { intervals: INTERVALS }));
    }
    let intervals = entry.number_within("intervals", 1.0, MOST_INTERVALS)?;
    if intervals.value.fract() != 0.0 {
        let message = format!("`intervals`: {} is no whole number", intervals.value);
        entry.refuse(&intervals.place, message, Some("into how many parts each range is cut: `intervals = 10`".to_owned()));
        return None;
    }
    Some(Method::Pareto(Points::Grid { intervals: intervals.value as usize }))
}
