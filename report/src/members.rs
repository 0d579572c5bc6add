//! Many members of one basin side by side by their goals alone: as text, CSV and JSON.
//!
//! Units: those of the document in CSV and JSON (hm³), those that people read in the text (万m³). CSV: a row a member, with the number of each
//! range, each goal, what had to give, and why there is nothing. Members are told one at a time, so that none but those of a short list are held
//! together; of many, the text holds each goal's values and the members' ids.
//! Fails: members that cannot be read, and what cannot be written.

use std::io;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde::Serializer;
use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde_json::{Map, Value, json};
use weir_model::document::write_rows;

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

/// Members one after another, as often as they are asked for.
pub trait Lines {
    /// How many there are.
    fn count(&self) -> usize;

    /// Gives each to someone, in order.
    ///
    /// # Errors
    /// They cannot be read, or who takes them fails.
    fn each(&self, take: &mut dyn FnMut(Line) -> io::Result<()>) -> io::Result<()>;
}

impl Lines for Vec<Line> {
    fn count(&self) -> usize {
        self.len()
    }

    fn each(&self, take: &mut dyn FnMut(Line) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(|line| take(line.clone()))
    }
}

/// Members side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members<L = Vec<Line>> {
    /// Digest of what was asked.
    pub question: String,
    /// What they are of.
    pub name: Phrase,
    /// Ids of the ranges.
    pub ranges: Vec<String>,
    /// The goals.
    pub goals: Vec<Goal>,
    /// The members.
    pub lines: L,
    /// Effects of the ranges.
    pub effects: Vec<GoalEffects>,
}

impl<L: Lines> Members<L> {
    /// The same, all members held together.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn whole(self) -> io::Result<Members> {
        let mut lines = Vec::with_capacity(self.lines.count());
        self.lines.each(&mut |line| {
            lines.push(line);
            Ok(())
        })?;
        let Self { question, name, ranges, goals, effects, .. } = self;
        Ok(Members { question, name, ranges, goals, lines, effects })
    }

    /// Members that have nothing, each with its cause.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn failed(&self) -> io::Result<Vec<(String, Phrase)>> {
        let mut failed = Vec::new();
        self.lines.each(&mut |line| {
            failed.extend(line.why.map(|why| (line.id, why)));
            Ok(())
        })?;
        Ok(failed)
    }

    /// A row a member.
    ///
    /// # Errors
    /// See the module.
    pub fn csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let goals = self.goals.iter().map(|goal| format!("{} [{}]", goal.id, goal.unit));
        let heads: Vec<String> = std::iter::once("member".to_owned())
            .chain(self.ranges.iter().cloned())
            .chain(goals)
            .chain(["gave_way [hm3]", "why"].map(str::to_owned))
            .collect();
        write_rows(out, |row| {
            row(&mut heads.iter().map(String::as_str))?;
            self.lines.each(&mut |line| {
                let number = |value: &f64| format!("{value:?}");
                let given = line.why.is_none().then(|| number(&line.breach_hm3));
                let cells: Vec<String> = std::iter::once(line.id)
                    .chain(line.at.iter().map(number))
                    .chain(line.goals.iter().map(|value| value.as_ref().map_or_else(String::new, number)))
                    .chain([given.unwrap_or_default(), line.why.map(|why| why.english).unwrap_or_default()])
                    .collect();
                row(&mut cells.iter().map(String::as_str))
            })
        })
    }

    /// One JSON object, in lines for people or on one.
    ///
    /// # Errors
    /// See the module.
    pub fn json(&self, out: &mut dyn io::Write, in_lines: bool) -> io::Result<()> {
        if in_lines {
            self.told(&mut serde_json::Serializer::pretty(out))
        } else {
            self.told(&mut serde_json::Serializer::new(out))
        }
        .map_err(io::Error::other)
    }

    fn told<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let effects = |effects: &GoalEffects| {
            let range =
                effects.of.iter().map(|[first, total, error]| json!({ "first": first, "total": total, "error": error }));
            json!({
                "goal": effects.goal, "points": effects.points, "variance": effects.variance,
                "ranges": by_id(&mut self.ranges.iter().zip(range)),
            })
        };
        let beside = json!({
            "question": self.question,
            "name": { "zh": self.name.chinese, "en": self.name.english },
            "ranges": self.ranges,
            "goals": self.goals.iter().map(Goal::json).collect::<Vec<_>>(),
            "members": (),
            "effects": self.effects.iter().map(effects).collect::<Vec<_>>(),
        });
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in beside.as_object().into_iter().flatten() {
            if key == "members" { map.serialize_entry(key, &Told(self))? } else { map.serialize_entry(key, value)? }
        }
        map.end()
    }

    fn line_json(&self, line: &Line) -> Value {
        json!({
            "id": line.id,
            "name": { "zh": line.name.chinese, "en": line.name.english },
            "at": by_id(&mut self.ranges.iter().zip(line.at.iter().map(|value| json!(value)))),
            "goals": by_id(&mut self.goals.iter().map(|goal| &goal.id).zip(line.goals.iter().map(|value| json!(value)))),
            "gave_way_hm3": line.why.is_none().then_some(line.breach_hm3),
            "conflict": line.conflict.iter().map(|why| &why.english).collect::<Vec<_>>(),
            "why": line.why.as_ref().map(|why| &why.english),
        })
    }

    /// Tables for a terminal.
    ///
    /// # Errors
    /// The members cannot be read.
    pub fn text(&self, language: Language) -> io::Result<String> {
        let (count, failed) = (self.lines.count(), self.failed()?.len());
        let heading = both(
            format!("{}：{count}个成员，{failed}个无结果", self.name.chinese),
            format!("{}: {count} members, {failed} without a result", self.name.english),
        );
        let mut out = heading.say(language).to_owned() + "\n\n";
        out.push_str(&if count <= LISTED { self.listed(language)? } else { self.spread(language)? });
        if !self.effects.is_empty() {
            out.push_str(&self.told_effects(language));
        }
        Ok(out)
    }

    /// Every member, and what cannot hold together in each.
    fn listed(&self, language: Language) -> io::Result<String> {
        let (mut rows, mut conflicts) = (Vec::new(), String::new());
        self.lines.each(&mut |line| {
            for why in &line.conflict {
                let said =
                    both(format!("{}：硬性规则不能同时满足：", line.id), format!("{}: not all rules can hold: ", line.id));
                conflicts.push_str(&format!("{}{}\n", said.say(language), why.say(language)));
            }
            let at = line.at.iter().map(|value| quantity::general(*value));
            let goals = self.goals.iter().zip(&line.goals).map(|(goal, value)| told(goal, *value));
            let given = if line.why.is_none() { quantity::seen_wan_m3(line.breach_hm3) } else { dash() };
            rows.push(std::iter::once(line.id.clone()).chain(at).chain(goals).chain([given]).collect());
            Ok(())
        })?;
        let given = both("让步 万m³", "gave way 10⁴ m³");
        let heads = std::iter::once(both("成员", "member"))
            .chain(self.ranges.iter().map(Phrase::same))
            .chain(self.goals.iter().map(head))
            .chain([given]);
        Ok(table(heads, rows, language) + &conflicts)
    }

    /// Least, middle and most of every goal, and the members that have them.
    fn spread(&self, language: Language) -> io::Result<String> {
        let mut ids: Vec<Box<str>> = Vec::with_capacity(self.lines.count());
        let mut columns: Vec<Vec<(f64, usize)>> = vec![Vec::new(); self.goals.len()];
        self.lines.each(&mut |line| {
            for (column, value) in columns.iter_mut().zip(line.goals) {
                column.extend(value.map(|value| (value, ids.len())));
            }
            ids.push(line.id.into());
            Ok(())
        })?;
        let mut rows = Vec::new();
        for (goal, mut values) in self.goals.iter().zip(columns) {
            values.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| ids[a.1].cmp(&ids[b.1])));
            let said = |at: Option<&(f64, usize)>| {
                at.map_or_else(dash, |(value, id)| format!("{} ({})", told(goal, Some(*value)), ids[*id]))
            };
            let middle = values.get(values.len().saturating_sub(1) / 2);
            rows.push(vec![head(goal).say(language).to_owned(), said(values.first()), said(middle), said(values.last())]);
        }
        let heads =
            [both("目标", "goal"), both("最小（成员）", "least (member)"), both("中位", "middle"), both("最大", "most")];
        Ok(table(heads.into_iter(), rows, language))
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

/// The members of a table, as they stand in its JSON.
struct Told<'a, L>(&'a Members<L>);

impl<L: Lines> serde::Serialize for Told<'_, L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        let each = self.0.lines.each(&mut |line| {
            all.serialize_element(&self.0.line_json(&line)).map_err(|why| io::Error::other(why.to_string()))
        });
        each.map_err(S::Error::custom)?;
        all.end()
    }
}

/// Values by their ids, as JSON.
fn by_id(of: &mut dyn Iterator<Item = (&String, Value)>) -> Value {
    of.map(|(id, value)| (id.clone(), value)).collect::<Map<String, Value>>().into()
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
