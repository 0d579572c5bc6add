//! Many members of one basin side by side by their goals alone: as text, CSV and JSON.
//!
//! Units: those of the document in CSV and JSON (hm³), those that people read in the text (万m³). CSV: a row a member, with the number of each
//! range, each goal, what had to give, and why there is nothing.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::{Map, Value, json};
use weir_model::document::written;

use crate::goals;
use crate::language::{Language, Phrase, both};
use crate::quantity;

/// Members that are listed in the text; of more, the least, middle and most of every goal are told.
const LISTED: usize = 40;

/// A goal as the basin has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goal {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Phrase,
    /// The word of its kind.
    pub kind: String,
    /// Unit of its values.
    pub unit: String,
    /// Whether more is better.
    pub more_is_better: bool,
}

impl Goal {
    /// One JSON object.
    pub(crate) fn json(&self) -> Value {
        json!({ "id": self.id, "kind": self.kind, "unit": self.unit, "more_is_better": self.more_is_better })
    }
}

/// A member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Phrase,
    /// The number of each range.
    pub at: Vec<f64>,
    /// The value of each goal.
    pub goals: Vec<Option<f64>>,
    /// What had to give, hm³ in all.
    pub breach_hm3: f64,
    /// What cannot hold together.
    pub conflict: Vec<Phrase>,
    /// Why there is nothing.
    pub why: Option<Phrase>,
}

/// A range matters to a goal where it has a part in more than this share of its variance.
const MATTERS: f64 = 0.1;

/// The effects of every range on a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalEffects {
    /// The goal's id.
    pub goal: String,
    /// Points that they rest on.
    pub points: usize,
    /// Variance of the goal.
    pub variance: f64,
    /// First effect, total effect and the latter's error, a range each.
    pub of: Vec<[f64; 3]>,
}

/// Members side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// Digest of what was asked.
    pub question: String,
    /// What they are of.
    pub name: Phrase,
    /// Ids of the ranges.
    pub ranges: Vec<String>,
    /// The goals.
    pub goals: Vec<Goal>,
    /// The members.
    pub lines: Vec<Line>,
    /// Effects of the ranges.
    pub effects: Vec<GoalEffects>,
}

impl Members {
    /// Members that have nothing, each with its cause.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &Phrase)> {
        self.lines.iter().filter_map(|line| Some((line.id.as_str(), line.why.as_ref()?)))
    }

    /// A row a member.
    pub fn csv(&self) -> String {
        let goals = self.goals.iter().map(|goal| format!("{} [{}]", goal.id, goal.unit));
        let heads: Vec<String> = std::iter::once("member".to_owned())
            .chain(self.ranges.iter().cloned())
            .chain(goals)
            .chain(["gave_way [hm3]", "why"].map(str::to_owned))
            .collect();
        written(|row| {
            row(&mut heads.iter().map(String::as_str));
            for line in &self.lines {
                let number = |value: &f64| format!("{value:?}");
                let given = line.why.is_none().then(|| number(&line.breach_hm3));
                let cells: Vec<String> = std::iter::once(line.id.clone())
                    .chain(line.at.iter().map(number))
                    .chain(line.goals.iter().map(|value| value.as_ref().map_or_else(String::new, number)))
                    .chain([given.unwrap_or_default(), line.why.as_ref().map(|why| why.english.clone()).unwrap_or_default()])
                    .collect();
                row(&mut cells.iter().map(String::as_str));
            }
        })
    }

    /// One JSON object.
    pub fn json(&self) -> Value {
        let of = |ids: &mut dyn Iterator<Item = (&String, Value)>| -> Value {
            ids.map(|(id, value)| (id.clone(), value)).collect::<Map<String, Value>>().into()
        };
        let line = |line: &Line| {
            json!({
                "id": line.id,
                "name": { "zh": line.name.chinese, "en": line.name.english },
                "at": of(&mut self.ranges.iter().zip(line.at.iter().map(|value| json!(value)))),
                "goals": of(&mut self.goals.iter().map(|goal| &goal.id).zip(line.goals.iter().map(|value| json!(value)))),
                "gave_way_hm3": line.why.is_none().then_some(line.breach_hm3),
                "conflict": line.conflict.iter().map(|why| &why.english).collect::<Vec<_>>(),
                "why": line.why.as_ref().map(|why| &why.english),
            })
        };
        let effects = |effects: &GoalEffects| {
            let range =
                effects.of.iter().map(|[first, total, error]| json!({ "first": first, "total": total, "error": error }));
            json!({
                "goal": effects.goal, "points": effects.points, "variance": effects.variance,
                "ranges": of(&mut self.ranges.iter().zip(range)),
            })
        };
        json!({
            "question": self.question,
            "name": { "zh": self.name.chinese, "en": self.name.english },
            "ranges": self.ranges,
            "goals": self.goals.iter().map(Goal::json).collect::<Vec<_>>(),
            "members": self.lines.iter().map(line).collect::<Vec<_>>(),
            "effects": self.effects.iter().map(effects).collect::<Vec<_>>(),
        })
    }

    /// Tables for a terminal.
    pub fn text(&self, language: Language) -> String {
        let failed = self.failed().count();
        let heading = both(
            format!("{}：{}个成员，{failed}个无结果", self.name.chinese, self.lines.len()),
            format!("{}: {} members, {failed} without a result", self.name.english, self.lines.len()),
        );
        let mut out = heading.say(language).to_owned() + "\n\n";
        out.push_str(&if self.lines.len() <= LISTED { self.listed(language) } else { self.spread(language) });
        for line in self.lines.iter().filter(|_| self.lines.len() <= LISTED) {
            for why in &line.conflict {
                let said =
                    both(format!("{}：硬性规则不能同时满足：", line.id), format!("{}: not all rules can hold: ", line.id));
                out.push_str(&format!("{}{}\n", said.say(language), why.say(language)));
            }
        }
        if !self.effects.is_empty() {
            out.push_str(&self.told_effects(language));
        }
        out
    }

    /// Every member.
    fn listed(&self, language: Language) -> String {
        let mut rows = Vec::new();
        for line in &self.lines {
            let at = line.at.iter().map(|value| quantity::general(*value));
            let goals = self.goals.iter().zip(&line.goals).map(|(goal, value)| told(goal, *value));
            let given = if line.why.is_none() { quantity::seen_wan_m3(line.breach_hm3) } else { dash() };
            rows.push(std::iter::once(line.id.clone()).chain(at).chain(goals).chain([given]).collect());
        }
        let given = both("让步 万m³", "gave way 10⁴ m³");
        let heads = std::iter::once(both("成员", "member"))
            .chain(self.ranges.iter().map(Phrase::same))
            .chain(self.goals.iter().map(head))
            .chain([given]);
        table(heads, rows, language)
    }

    /// Least, middle and most of every goal, and the members that have them.
    fn spread(&self, language: Language) -> String {
        let mut rows = Vec::new();
        for (place, goal) in self.goals.iter().enumerate() {
            let mut values: Vec<(f64, &str)> =
                self.lines.iter().filter_map(|line| Some((line.goals[place]?, line.id.as_str()))).collect();
            values.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
            let said = |at: Option<&(f64, &str)>| {
                at.map_or_else(dash, |(value, id)| format!("{} ({id})", told(goal, Some(*value))))
            };
            let middle = values.get(values.len().saturating_sub(1) / 2);
            rows.push(vec![head(goal).say(language).to_owned(), said(values.first()), said(middle), said(values.last())]);
        }
        let heads =
            [both("目标", "goal"), both("最小（成员）", "least (member)"), both("中位", "middle"), both("最大", "most")];
        table(heads.into_iter(), rows, language)
    }

    /// Total effects, the first beside them.
    fn told_effects(&self, language: Language) -> String {
        let mut rows = Vec::new();
        for effects in &self.effects {
            let cells =
                effects.of.iter().map(|[first, total, error]| format!("{total:.2} ±{error:.2} ({:.2})", first + 0.0));
            rows.push(std::iter::once(self.name(effects).say(language).to_owned()).chain(cells).collect());
        }
        let title = both("总效应 ±误差（一阶效应）", "Total effects ± error (first effects)");
        let heads = std::iter::once(both("目标", "goal")).chain(self.ranges.iter().map(Phrase::same));
        let answers: String = self.what_matters().iter().map(|said| said.say(language).to_owned() + "\n").collect();
        format!("\n{}\n{}\n{answers}", title.say(language), table(heads, rows, language))
    }

    /// Of each range a sentence: which goals it matters to, which it does not, and of which the error leaves that open.
    fn what_matters(&self) -> Vec<Phrase> {
        let of_range = |(place, range): (usize, &String)| {
            let sorted = |fits: fn(f64, f64) -> bool| {
                let is_so =
                    |effects: &&GoalEffects| effects.of.get(place).is_some_and(|[_, total, error]| fits(*total, *error));
                let names = self.effects.iter().filter(is_so).map(|effects| self.name(effects));
                Some(names.collect::<Vec<Phrase>>()).filter(|names| !names.is_empty())
            };
            let parts = [
                (sorted(|total, error| total - error > MATTERS), ["要紧：", "matters to "]),
                (sorted(|total, error| total + error <= MATTERS), ["不要紧：", "does not matter to "]),
                (
                    sorted(|total, error| total - error <= MATTERS && total + error > MATTERS),
                    ["点数尚少、分不清：", "needs more points to be told of "],
                ),
            ];
            let told = parts.into_iter().filter_map(|(names, [chinese, english])| {
                let names = Phrase::joined(&names?, "、", ", ");
                Some(both(format!("{chinese}{}", names.chinese), format!("{english}{}", names.english)))
            });
            let told = Phrase::joined(&told.collect::<Vec<Phrase>>(), "；", "; ");
            both(format!("{range} {}。", told.chinese), format!("{range} {}.", told.english))
        };
        self.ranges.iter().enumerate().map(of_range).collect()
    }

    /// Name of the goal that effects are on.
    fn name(&self, effects: &GoalEffects) -> Phrase {
        let goal = self.goals.iter().find(|goal| goal.id == effects.goal);
        goal.map_or_else(|| Phrase::same(&effects.goal), |goal| goal.name.clone())
    }
}

fn dash() -> String {
    "—".to_owned()
}

/// A goal with its direction and unit.
fn head(goal: &Goal) -> Phrase {
    let (_, unit) = goals::unit(&goal.kind, &goal.unit);
    let arrow = if goal.more_is_better { "↑" } else { "↓" };
    let said = |name: &str, unit: &str| format!("{name} {arrow} {unit}").trim_end().to_owned();
    both(said(&goal.name.chinese, &unit.chinese), said(&goal.name.english, &unit.english))
}

fn told(goal: &Goal, value: Option<f64>) -> String {
    value.map_or_else(dash, |value| goals::value(&goal.kind, &goal.unit, value).0)
}

fn table(heads: impl Iterator<Item = Phrase>, rows: Vec<Vec<String>>, language: Language) -> String {
    let mut lines = Table::new();
    lines.load_preset(NOTHING);
    lines.set_header(heads.map(|head| head.say(language).to_owned()));
    for row in rows {
        lines.add_row(row);
    }
    trimmed(&lines)
}

/// A table for a terminal, no line with blanks at its end.
pub(crate) fn trimmed(table: &Table) -> String {
    let mut out = String::new();
    for line in table.to_string().lines() {
        out.extend([line.trim_end(), "\n"]);
    }
    out
}
