//! A front that was explored point by point: as text, CSV, JSON and a page with its picture.
//!
//! Units: those of the document in CSV and JSON, those that people read in text and page.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use maud::html;
use serde_json::{Value, json};
use weir_model::document::written;

use crate::language::{Language, Phrase, both};
use crate::members::{Goal, trimmed};
use crate::page::{front, skeleton};

/// A point of a front.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its id: that of its overlay.
    pub id: String,
    /// The value of each goal.
    pub values: Vec<f64>,
}

/// A front.
#[derive(Clone, Debug, PartialEq)]
pub struct Explored {
    /// What it is of.
    pub name: Phrase,
    /// The goals.
    pub goals: Vec<Goal>,
    /// The best of each goal.
    pub ideal: Vec<f64>,
    /// The worst of each, where another comes first.
    pub nadir: Vec<f64>,
    /// Points, none of which dominates another, from the best of the first goal.
    pub points: Vec<Point>,
    /// Place among the points of the one nearest to the ideal, in shares of the ranges; none where the goals do not conflict.
    pub compromise: Option<usize>,
    /// Place of the one farthest from the plane through the ends.
    pub knee: Option<usize>,
    /// How many points were asked.
    pub asked: usize,
}

impl Explored {
    /// What marks a point.
    pub(crate) fn mark(&self, place: usize) -> Phrase {
        match (self.knee == Some(place), self.compromise == Some(place)) {
            (true, true) => both("拐点、折中", "knee, compromise"),
            (true, false) => both("拐点", "knee"),
            (false, true) => both("折中", "compromise"),
            (false, false) => Phrase::default(),
        }
    }

    fn sentence(&self) -> Phrase {
        if self.compromise.is_none() {
            return both(
                "这些目标互不冲突：同一方案使各目标都达到最好。",
                "These goals do not conflict: one plan has each of them at its best.",
            );
        }
        both(
            format!(
                "求解{}点，得{}个互不支配的方案。折中为按量程离各目标最好值最近的一点；拐点为离两端连线最远、再进一步代价陡增的一点。",
                self.asked,
                self.points.len()
            ),
            format!(
                "{} points asked, {} plans of which none dominates another. The compromise lies nearest to the best of all goals, in ranges; the knee lies farthest from the line through the ends: beyond it a little more costs most.",
                self.asked,
                self.points.len()
            ),
        )
    }

    /// A row a point.
    pub fn csv(&self) -> String {
        let heads = self.goals.iter().map(|goal| format!("{} [{}]", goal.id, goal.unit));
        let heads: Vec<String> = ["point", "mark"].map(str::to_owned).into_iter().chain(heads).collect();
        written(|row| {
            row(&mut heads.iter().map(String::as_str));
            for (place, point) in self.points.iter().enumerate() {
                let values = point.values.iter().map(|value| format!("{value:?}"));
                let cells: Vec<String> = [point.id.clone(), self.mark(place).english].into_iter().chain(values).collect();
                row(&mut cells.iter().map(String::as_str));
            }
        })
    }

    /// One JSON object.
    pub fn json(&self) -> Value {
        let id = |place: Option<usize>| place.and_then(|place| self.points.get(place)).map(|point| &point.id);
        json!({
            "name": { "zh": self.name.chinese, "en": self.name.english },
            "goals": self.goals.iter().map(Goal::json).collect::<Vec<_>>(),
            "ideal": self.ideal,
            "nadir": self.nadir,
            "points": self.points.iter().map(|point| json!({ "id": point.id, "values": point.values })).collect::<Vec<_>>(),
            "compromise": id(self.compromise),
            "knee": id(self.knee),
            "asked": self.asked,
        })
    }

    /// A table for a terminal.
    pub fn text(&self, language: Language) -> String {
        let mut table = Table::new();
        table.load_preset(NOTHING);
        let told = front::Told::explored(self);
        table.set_header(told.head().iter().map(|head| head.say(language).to_owned()));
        for row in told.rows() {
            table.add_row(row.iter().map(|cell| cell.say(language).to_owned()));
        }
        format!("{}\n\n{}", self.sentence().say(language), trimmed(&table))
    }

    /// The page.
    pub fn page(&self) -> String {
        let title = both("目标前沿", "Front between goals");
        let body = html! {
            header {
                div.top {
                    h1 { (self.name) span.kind { (title) } }
                    button type="button" id="language" aria-label="Switch language 切换语言" { (both("English", "中文")) }
                }
            }
            main {
                section {
                    p.note { (self.sentence()) }
                    (front::explored(self))
                    p.note {
                        (both("各点的叠加文件在 points/ 中：", "The overlay of every point lies in points/: "))
                        code { "weir solve BASIN --overlay points/ID.toml" }
                        (both(" 即得该点的完整方案。", " makes it a whole plan."))
                    }
                }
            }
        };
        skeleton(&format!("{} — {}", self.name.chinese, title.chinese), &body, Some(&json!([])))
    }
}
