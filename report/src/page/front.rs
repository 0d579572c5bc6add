//! The front of a plan: its points as a table and as a picture, and what stages' giving way would buy.

use maud::{Markup, html};
use weir_model::document::{FrontRow, RateRow, StageRow};

use super::results::{folded_table, table};
use crate::explored::Explored;
use crate::goals;
use crate::language::{Phrase, both};
use crate::quantity::general;
use crate::view::View;
use crate::words;

/// Picture's size and the room around its axes.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 340.0;
const MARGIN: f64 = 70.0;
/// Rows of the table in the text summary.
const MOST_ROWS: usize = 24;

/// A front told in the units of the page.
pub(crate) struct Told<'a> {
    ideal: &'a [f64],
    nadir: &'a [f64],
    points: Vec<&'a [f64]>,
    /// What the points are called.
    labels: Vec<String>,
    /// Points that are marked, with what they are.
    marks: Vec<(usize, Phrase)>,
    /// What a mark's colour says, in the caption.
    marked: Phrase,
    /// Whether marks are named in the picture too.
    are_named: bool,
    names: Vec<Phrase>,
    /// Kind and unit of each objective.
    kinds: Vec<(&'a str, &'a str)>,
}

impl<'a> Told<'a> {
    fn of(view: &View<'a>, front: &'a FrontRow) -> Self {
        let stages = &view.content.stages;
        let stage = |id: &String| stages.iter().find(|row| row.objective == *id);
        let kind = |id| stage(id).map_or(("", ""), |row| (row.kind.as_str(), row.unit.as_str()));
        Self {
            ideal: &front.ideal,
            nadir: &front.nadir,
            points: front.points.iter().map(Vec::as_slice).collect(),
            labels: (1..=front.points.len()).map(|number| number.to_string()).collect(),
            marks: vec![(front.compromise, both("折中（本方案）", "compromise (this plan)"))],
            marked: both("本方案", "this plan"),
            are_named: false,
            names: front.objectives.iter().map(|id| view.objective(id)).collect(),
            kinds: front.objectives.iter().map(kind).collect(),
        }
    }

    /// A front that was explored.
    pub(crate) fn explored(front: &'a Explored) -> Self {
        let mut marks: Vec<usize> = front.knee.into_iter().chain(front.compromise).collect();
        marks.dedup();
        Self {
            ideal: &front.ideal,
            nadir: &front.nadir,
            points: front.points.iter().map(|point| point.values.as_slice()).collect(),
            labels: front.points.iter().map(|point| point.id.clone()).collect(),
            marks: marks.into_iter().map(|place| (place, front.mark(place))).collect(),
            marked: both("拐点与折中", "knee and compromise"),
            are_named: true,
            names: front.goals.iter().map(|goal| goal.name.clone()).collect(),
            kinds: front.goals.iter().map(|goal| (goal.kind.as_str(), goal.unit.as_str())).collect(),
        }
    }

    fn mark(&self, place: usize) -> Option<&Phrase> {
        self.marks.iter().find(|(marked, _)| *marked == place).map(|(_, said)| said)
    }

    fn value(&self, k: usize, values: &[f64]) -> String {
        let (kind, unit) = self.kinds[k];
        values.get(k).map_or_else(String::new, |value| goals::value(kind, unit, *value).0)
    }

    /// Place between ideal (0) and nadir (1).
    fn place(&self, k: usize, point: &[f64]) -> f64 {
        let (Some(value), Some(ideal), Some(nadir)) = (point.get(k), self.ideal.get(k), self.nadir.get(k)) else {
            return 0.0;
        };
        if (nadir - ideal).abs() > 0.0 { ((value - ideal) / (nadir - ideal)).clamp(-0.05, 1.05) } else { 0.0 }
    }

    pub(crate) fn head(&self) -> Vec<Phrase> {
        let named = self.names.iter().zip(&self.kinds).map(|(name, (kind, unit))| {
            let (_, unit) = goals::unit(kind, unit);
            let of = |name: &str, unit: &str, (open, close)| {
                if unit.is_empty() { name.to_owned() } else { format!("{name}{open}{unit}{close}") }
            };
            both(of(&name.chinese, &unit.chinese, ("（", "）")), of(&name.english, &unit.english, (" (", ")")))
        });
        std::iter::once(both("点", "Point")).chain(named).collect()
    }

    /// Points, then the best and the worst, as cells.
    pub(crate) fn rows(&self) -> Vec<Vec<Phrase>> {
        let count = self.names.len();
        let row = |label: Phrase, values: &[f64]| -> Vec<Phrase> {
            std::iter::once(label).chain((0..count).map(|k| Phrase::same(self.value(k, values)))).collect()
        };
        let mut rows = vec![row(both("最好", "best"), self.ideal), row(both("最差", "worst"), self.nadir)];
        for (place, said) in &self.marks {
            if let (Some(label), Some(point)) = (self.labels.get(*place), self.points.get(*place)) {
                let said = both(format!("{label} {}", said.chinese), format!("{label} {}", said.english));
                rows.push(row(said, point));
            }
        }
        let others = self.points.iter().enumerate().filter(|(place, _)| self.mark(*place).is_none());
        rows.extend(others.map(|(place, point)| row(Phrase::same(&self.labels[place]), point)));
        rows
    }
}

/// What the front is, in a sentence.
fn sentence(front: &FrontRow) -> Phrase {
    let count = front.points.len();
    let gap = front.gap.map_or_else(
        || both("", ""),
        |gap| {
            let share = general(100.0 * gap);
            both(
                format!("真实前沿超出各点凸包不足量程的{share}%。"),
                format!(" The true front lies beyond their hull by at most {share} % of the ranges."),
            )
        },
    );
    both(
        format!("{count}个互不支配的方案；折中取各目标离最好值的最大距离（按量程）最小者。{}", gap.chinese),
        format!(
            "{count} plans, none of which dominates another; the compromise is the one whose largest distance from the best, in ranges, is least.{}",
            gap.english
        ),
    )
}

/// The table of the front for the text summary: sentence, head and rows.
pub(crate) fn told(view: &View<'_>) -> Option<(Phrase, Vec<Phrase>, Vec<Vec<Phrase>>)> {
    let front = view.content.front.as_ref()?;
    let told = Told::of(view, front);
    let mut rows = told.rows();
    let mut said = sentence(front);
    if rows.len() > MOST_ROWS {
        rows.truncate(MOST_ROWS);
        said = both(format!("{}全部见 front.csv。", said.chinese), format!("{} All are in front.csv.", said.english));
    }
    Some((said, told.head(), rows))
}

/// The front, with a picture.
pub(super) fn front(view: &View<'_>) -> Option<Markup> {
    let front = view.content.front.as_ref()?;
    Some(html! {
        p.note { (sentence(front)) }
        (drawn(&Told::of(view, front)))
    })
}

/// A front that was explored, with a picture.
pub(crate) fn explored(front: &Explored) -> Markup {
    drawn(&Told::explored(front))
}

/// Picture and table.
fn drawn(told: &Told<'_>) -> Markup {
    let numeric: Vec<usize> = (1..=told.names.len()).collect();
    let cells: Vec<Vec<Markup>> =
        told.rows().into_iter().map(|row| row.into_iter().map(|cell| html! { (cell) }).collect()).collect();
    html! {
        @if told.names.len() == 2 { (scatter(told)) } @else if told.names.len() > 2 { (parallel(told)) }
        (folded_table(&told.head(), &cells, &numeric))
    }
}

const INK: &str = "#46525a";
const LINE: &str = "#0072b2";
const CHOSEN: &str = "#d55e00";

fn text(x: f64, y: f64, anchor: &str, said: &str) -> Markup {
    html! { text x=(round(x)) y=(round(y)) text-anchor=(anchor) font-size="13" fill=(INK) { (said) } }
}

/// A name of an axis, in both languages.
fn name(x: f64, y: f64, anchor: &str, said: &Phrase) -> Markup {
    html! {
        text x=(round(x)) y=(round(y)) text-anchor=(anchor) font-size="13" fill=(INK) {
            @if said.chinese == said.english { (said.chinese) } @else {
                tspan lang="zh-CN" { (said.chinese) } tspan lang="en" { (said.english) }
            }
        }
    }
}

fn line(from: (f64, f64), to: (f64, f64)) -> Markup {
    html! { line x1=(round(from.0)) y1=(round(from.1)) x2=(round(to.0)) y2=(round(to.1)) stroke="#969ea6" {} }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn picture(caption: &Phrase, body: &Markup) -> Markup {
    html! {
        figure.front {
            figcaption { (caption) }
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" width="100%" style="max-width:760px" { (body) }
        }
    }
}

/// Two objectives, one against the other; the best of both lies at the lower left.
fn scatter(told: &Told<'_>) -> Markup {
    let at = |point: &&[f64]| {
        let (x, y) = (told.place(0, point), told.place(1, point));
        (MARGIN + x * (WIDTH - 2.0 * MARGIN), HEIGHT - MARGIN - y * (HEIGHT - 2.0 * MARGIN))
    };
    let places: Vec<(f64, f64)> = told.points.iter().map(at).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{},{}", round(*x), round(*y))).collect();
    let (left, right, low, high) = (MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN, MARGIN);
    let body = html! {
        (line((left, low), (right, low)))
        (line((left, low), (left, high)))
        polyline points=(path.join(" ")) fill="none" stroke=(LINE) stroke-width="1.5" {}
        @for (place, (x, y)) in places.iter().enumerate() {
            @let mark = told.mark(place);
            circle cx=(round(*x)) cy=(round(*y)) r=(if mark.is_some() { 6 } else { 4 }) fill=(if mark.is_some() { CHOSEN } else { LINE }) {}
            @if let Some(said) = mark.filter(|_| told.are_named) { (name(x + 10.0, y - 8.0, "start", said)) }
        }
        (text(left, low + 18.0, "middle", &told.value(0, told.ideal)))
        (text(right, low + 18.0, "middle", &told.value(0, told.nadir)))
        (text(left - 8.0, low, "end", &told.value(1, told.ideal)))
        (text(left - 8.0, high + 4.0, "end", &told.value(1, told.nadir)))
        (name(f64::midpoint(left, right), low + 36.0, "middle", &told.names[0]))
        (name(left, high - 16.0, "start", &told.names[1]))
    };
    let caption = both(
        format!("前沿（左下为最好；橙色为{}）", told.marked.chinese),
        format!("Front (best at the lower left; {} in orange)", told.marked.english),
    );
    picture(&caption, &body)
}

/// A line a point over an axis an objective, the best at the bottom.
fn parallel(told: &Told<'_>) -> Markup {
    let count = told.names.len();
    let x = |k: usize| MARGIN + k as f64 * (WIDTH - 2.0 * MARGIN) / (count - 1) as f64;
    let y = |place: f64| HEIGHT - MARGIN - place * (HEIGHT - 2.0 * MARGIN);
    let path = |point: &[f64]| {
        let places: Vec<String> =
            (0..count).map(|k| format!("{},{}", round(x(k)), round(y(told.place(k, point))))).collect();
        places.join(" ")
    };
    let body = html! {
        @for k in 0..count {
            (line((x(k), y(0.0)), (x(k), y(1.0))))
            (text(x(k), y(0.0) + 18.0, "middle", &told.value(k, told.ideal)))
            (text(x(k), y(1.0) - 8.0, "middle", &told.value(k, told.nadir)))
            (name(x(k), y(0.0) + 40.0, "middle", &told.names[k]))
        }
        @for (place, point) in told.points.iter().enumerate() {
            @if told.mark(place).is_none() {
                polyline points=(path(point)) fill="none" stroke=(LINE) stroke-width="1" stroke-opacity="0.5" {}
            }
        }
        @for (place, said) in &told.marks {
            @if let Some(chosen) = told.points.get(*place) {
                polyline points=(path(chosen)) fill="none" stroke=(CHOSEN) stroke-width="3" {}
                @if told.are_named { (name(x(0) + 6.0, y(told.place(0, chosen)) - 6.0, "start", said)) }
            }
        }
    };
    let caption = both(
        format!("前沿（每条线一个方案，下端为最好；橙色为{}）", told.marked.chinese),
        format!("Front (a line a plan, the best at the bottom; {} in orange)", told.marked.english),
    );
    picture(&caption, &body)
}

/// Sentences about what stages' giving way would buy; pairs where it buys nothing are left out.
pub(crate) fn rates(view: &View<'_>) -> Vec<Phrase> {
    let stages = &view.content.stages;
    let buys = |rate: &&RateRow| rate.at_most.is_some_and(|rate| rate > 0.0) || rate.gain.is_some_and(|gain| gain > 0.0);
    let rows = stages.iter().flat_map(|stage| stage.rates.iter().filter(buys).map(move |rate| (stage, rate)));
    rows.map(|(stage, rate)| rate_sentence(view, stage, rate)).collect()
}

/// A unit as rates are told in it: what has none, a satisfaction, in per cent.
fn unit_of(unit: &str) -> (f64, Phrase) {
    if unit == "1" { (100.0, both("个百分点", "percentage points")) } else { words::unit(unit) }
}

/// A rate to four digits: it is one-sided, and holds near the plan only.
fn four_digits(rate: f64) -> String {
    general(format!("{rate:.3e}").parse().unwrap_or(rate))
}

fn rate_sentence(view: &View<'_>, stage: &StageRow, rate: &RateRow) -> Phrase {
    let (here, there) = (view.objective(&stage.objective), view.objective(&rate.stage));
    let unit_there = rate.unit.strip_suffix(&format!("/{}", stage.unit)).unwrap_or_default();
    let ((factor, unit), (factor_there, unit_there)) = (unit_of(&stage.unit), unit_of(unit_there));
    let (mut chinese, mut english) = (Vec::new(), Vec::new());
    if let Some(rate) = rate.at_most {
        let rate = four_digits(rate * factor_there / factor);
        chinese.push(format!(
            "“{}”每让1{}，“{}”至多改善{rate}{}",
            here.chinese, unit.chinese, there.chinese, unit_there.chinese
        ));
        english.push(format!(
            "1 {} given up in “{}” betters “{}” by at most {rate} {}",
            unit.english, here.english, there.english, unit_there.english
        ));
    }
    if let (Some(slack), Some(gain)) = (rate.slack, rate.gain) {
        let (slack, gain) = (four_digits(slack * factor), four_digits(gain * factor_there));
        chinese.push(format!(
            "“{}”让{slack}{}，“{}”实得{gain}{}",
            here.chinese, unit.chinese, there.chinese, unit_there.chinese
        ));
        english.push(format!(
            "{slack} {} given up in “{}” buys {gain} {} in “{}”",
            unit.english, here.english, unit_there.english, there.english
        ));
    }
    both(format!("{}。", chinese.join("；")), format!("{}.", english.join("; ")))
}

/// The sentences, below the stages.
pub(super) fn rates_note(view: &View<'_>) -> Option<Markup> {
    let rows: Vec<Vec<Markup>> = rates(view).into_iter().map(|said| vec![html! { (said) }]).collect();
    (!rows.is_empty()).then(|| table(&[both("相邻两级的交换率", "What giving way buys in the next stage")], &rows, &[]))
}
