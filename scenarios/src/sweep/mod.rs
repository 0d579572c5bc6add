//! Sweeps: a basin over ranges of any numbers that an overlay can change.
//!
//! A sweep's file has ranges, each a change of overlays ([`changes`](crate::changes)) whose number is drawn: `between` two numbers, or one of
//! `values`. Its design ([`design`]) says which points are asked; a point is a member, whose overlay has the changes with that point's
//! numbers at the lines of their ranges.
//! Fails: a file that is no sweep; a design of too many points. What the basin refuses of the changes is refused at the ends of the ranges
//! before anything is solved.

pub mod design;
pub mod effects;

use std::path::Path;

use toml::de::DeTable;
use weir_model::basin::context::Context;
use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::{no_toml, refuse_unknown_kinds, text};
use weir_model::place::{Place, Refusals};

use crate::member::Member;
use crate::overlay::Overlay;
use design::{DESIGNS, Design, MOST_POINTS, MOST_RANGES};

/// Changes whose number can be drawn, with the key of that number.
const DRAWN: [(&str, &str); 5] = [("scale", "by"), ("shift", "by"), ("set", "value"), ("derate", "by"), ("demand", "by")];

/// Keys of a change that a range takes over as they are written.
const KEPT: [&str; 5] = ["of", "from", "to", "after_days", "days"];

/// A range of a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Its id.
    pub id: String,
    /// The change without its number, as the fields of a table.
    change: String,
    /// The key of the number.
    key: &'static str,
    /// Where it stands.
    line: usize,
    /// What is drawn from.
    from: From,
}

/// What a number is drawn from.
#[derive(Clone, Debug, PartialEq)]
enum From {
    /// Between two numbers; on a grid, at so many places.
    Between(f64, f64, Option<usize>),
    /// One of these.
    Values(Vec<f64>),
}

impl Range {
    /// How many places it has on a grid.
    fn places(&self) -> Option<usize> {
        match &self.from {
            From::Between(_, _, places) => *places,
            From::Values(values) => Some(values.len()),
        }
    }

    /// The number at a place in [0, 1); on a grid at the place's part.
    fn number(&self, at: f64, on_grid: bool) -> f64 {
        match &self.from {
            From::Values(values) => values[((at * values.len() as f64) as usize).min(values.len() - 1)],
            From::Between(low, high, Some(places)) if on_grid => {
                let place = ((at * *places as f64) as usize).min(places - 1);
                let share = if *places == 1 { 0.5 } else { place as f64 / (places - 1) as f64 };
                low + share * (high - low)
            }
            From::Between(low, high, _) => low + at * (high - low),
        }
    }

    fn ends(&self) -> [f64; 2] {
        match &self.from {
            From::Between(low, high, _) => [*low, *high],
            From::Values(values) => [
                values.iter().copied().fold(f64::INFINITY, f64::min),
                values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ],
        }
    }
}

/// A sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// Name as people read it, in Chinese and in English.
    pub name: (String, String),
    /// What is drawn.
    pub ranges: Vec<Range>,
    /// At which points.
    pub design: Design,
    /// The file's text, by which it is known.
    pub text: String,
    file: String,
    /// What lies beneath.
    base: Overlay,
}

impl Sweep {
    /// Reads a sweep.
    ///
    /// # Errors
    /// A file that cannot be read, or is no sweep.
    pub fn read(path: &Path) -> Result<Self, Refusals> {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            let mut refusals = Refusals::default();
            let hint = "a sweep is a TOML file with `[[range]]`s: docs/sweeps.md";
            refusals.push(&Place::new(&*file, 0), None, format!("cannot be read: {error}"), Some(hint.to_owned()));
            refusals
        })?;
        Self::of(&file, path.parent().unwrap_or(Path::new("")), &bytes)
    }

    /// Reads the sweep of a file's bytes; `base` is a path from a folder.
    ///
    /// # Errors
    /// If it is no sweep.
    pub fn of(file: &str, folder: &Path, bytes: &[u8]) -> Result<Self, Refusals> {
        let text = text(file, bytes)?;
        let (table, errors) = DeTable::parse_recoverable(text);
        let nowhere = |_: &str| Err("a sweep names no file".to_owned());
        let context = Context::new(file, text, &nowhere);
        if !errors.is_empty() {
            return Err(no_toml(&context, text, &errors));
        }
        let table = table.get_ref();
        refuse_unknown_kinds(&context, table, &["base", "design", "english", "name", "note", "points", "range", "seed"]);
        let entry = Entry::new(&context, table, 0, "sweep");
        let (name, english, bases) = (entry.text("name"), entry.text("english"), entry.texts("base"));
        let ranges: Vec<Option<Range>> = entry.tables("range").iter().map(|entry| range(entry, text)).collect();
        let design = designed(&entry, &ranges.iter().flatten().collect::<Vec<_>>());
        context.refusals.take().or(())?;
        let overlays = bases.iter().map(|base| Overlay::read(&folder.join(&base.value)));
        let base = Overlay::of_all(overlays.collect::<Result<Vec<_>, _>>()?);
        let name = name.map_or_else(String::new, |name| name.value);
        let english = english.map_or_else(|| name.clone(), |english| english.value);
        let (ranges, text) = (ranges.into_iter().flatten().collect(), text.to_owned());
        // Without a design there are refusals.
        let design = design.unwrap_or(Design::Grid(Vec::new()));
        Ok(Self { name: (name, english), ranges, design, text, file: file.to_owned(), base })
    }

    /// The numbers of a member, a range each.
    pub fn numbers(&self, member: usize) -> Vec<f64> {
        let on_grid = matches!(self.design, Design::Grid(_));
        let at = self.design.at(member);
        self.ranges.iter().zip(at).map(|(range, at)| range.number(at, on_grid)).collect()
    }

    /// A member by its number.
    pub fn member(&self, member: usize) -> Member {
        let (id, name) = self.named(member);
        Member { name, ..self.at(&id, &self.numbers(member)) }
    }

    /// Id and name of a member by its number.
    pub fn named(&self, member: usize) -> (String, (String, String)) {
        let width = self.design.count().saturating_sub(1).to_string().len();
        let numbers = self.numbers(member);
        let said: Vec<String> =
            self.ranges.iter().zip(&numbers).map(|(range, number)| format!("{} = {number}", range.id)).collect();
        let name = said.join(", ");
        (format!("{member:0width$}"), (name.clone(), name))
    }

    /// The members at the ends of all ranges, where most of what a basin refuses shows.
    pub fn ends(&self) -> [Member; 2] {
        [0, 1].map(|end| {
            let numbers: Vec<f64> = self.ranges.iter().map(|range| range.ends()[end]).collect();
            self.at(["lowest", "highest"][end], &numbers)
        })
    }

    /// Of each range the members at its two ends, all other ranges at their lowest; of one that has no two, none.
    pub fn apart(&self) -> impl Iterator<Item = (&Range, [Member; 2])> {
        let lowest: Vec<f64> = self.ranges.iter().map(|range| range.ends()[0]).collect();
        let two = self.ranges.iter().enumerate().filter(|(_, range)| range.ends()[0] < range.ends()[1]);
        two.map(move |(place, range)| {
            let at = |end: f64| {
                let mut numbers = lowest.clone();
                numbers[place] = end;
                self.at(&range.id, &numbers)
            };
            (range, range.ends().map(at))
        })
    }

    /// That a range's number changes nothing of the basin.
    pub fn idle(&self, range: &Range) -> Refusals {
        let mut refusals = Refusals::default();
        let [low, high] = range.ends();
        let message = format!("`{}`: {} changes nothing of the basin between {low} and {high}", range.id, range.change);
        let hint = "what is 0 is 0 by any factor: `set` or `shift` it; or take the range out".to_owned();
        refusals.push(&Place::new(&*self.file, range.line), None, message, Some(hint));
        refusals
    }

    /// The basin with these numbers.
    fn at(&self, id: &str, numbers: &[f64]) -> Member {
        let (mut text, mut line) = ("change = [".to_owned(), 1);
        for (range, number) in self.ranges.iter().zip(numbers) {
            // At the line of its range, which is what is named if the basin refuses it.
            while line < range.line {
                text.push('\n');
                line += 1;
            }
            text.push_str(&format!("{{ {}, {} = {number:?} }}, ", range.change, range.key));
        }
        text.push_str("]\n");
        let own = Overlay::of_text(id, &self.file, &text);
        let all = own.map(|own| {
            let mut all = Overlay::of_all([self.base.clone(), own]);
            id.clone_into(&mut all.id);
            all
        });
        Member::new(id, all)
    }
}

/// A range of the file.
fn range(entry: &Entry, text: &str) -> Option<Range> {
    let id = entry.required_text("id");
    let given: Vec<_> = DRAWN.iter().filter(|(word, _)| entry.has(word)).collect();
    let words: Vec<&str> = DRAWN.iter().map(|(word, _)| *word).collect();
    for word in words.iter().chain(&KEPT) {
        let _ = entry.raw(word);
    }
    let from = drawn_from(entry);
    let change = match given[..] {
        [&(word, key)] => Some((word, key)),
        [] => {
            entry.missing_because(
                &words,
                "the change whose number is drawn, such as `scale = \"inflow:*.flow_m3s\"`: docs/sweeps.md",
            );
            None
        }
        [(first, _), (second, _), ..] => {
            let message = format!("`{first}` and `{second}` are two changes");
            entry.refuse(&entry.place, message, Some("one `[[range]]` each".to_owned()));
            None
        }
    };
    entry.finish();
    let (word, key) = change.filter(|_| !entry.is_faulty())?;
    let fields = std::iter::once(word).chain(KEPT).filter_map(|word| {
        let written = text.get(entry.raw(word)?.span())?;
        Some(format!("{word} = {}", written.split_whitespace().collect::<Vec<_>>().join(" ")))
    });
    let change = fields.collect::<Vec<_>>().join(", ");
    Some(Range { id: id?.value, change, key, line: entry.place.line, from: from? })
}

/// What a range's number is drawn from.
fn drawn_from(entry: &Entry) -> Option<From> {
    let (between, values) = (entry.numbers("between"), entry.numbers("values"));
    let places = entry.number_within("places", 1.0, MOST_POINTS as f64);
    match (between, values) {
        (Some(both), None) => match both.value[..] {
            [low, high] if low < high => Some(From::Between(low, high, places.map(|places| places.value as usize))),
            _ => {
                entry.refuse(&both.place, "`between` takes two numbers, the lower one first".to_owned(), None);
                None
            }
        },
        (None, Some(values)) if !values.value.is_empty() => {
            if let Some(places) = places {
                let hint = "`places` cut what lies `between` two numbers: take it out".to_owned();
                entry.refuse(&places.place, "`values` have no `places`".to_owned(), Some(hint));
            }
            Some(From::Values(values.value))
        }
        (Some(_), Some(values)) => {
            let hint = "keep one of them: ends to draw between, or the numbers themselves".to_owned();
            entry.refuse(&values.place, "`between` and `values` say the same".to_owned(), Some(hint));
            None
        }
        (None, values) => {
            match values {
                Some(empty) => entry.refuse(&empty.place, "`values` is empty".to_owned(), None),
                None if !entry.has("between") && !entry.has("values") => entry.missing(&["between", "values"]),
                None => {}
            }
            None
        }
    }
}

/// The design of the file.
fn designed(entry: &Entry, ranges: &[&Range]) -> Option<Design> {
    let word = entry.word("design", &DESIGNS);
    let points = entry.number_within("points", 1.0, MOST_POINTS as f64);
    let seed = entry.number_within("seed", 0.0, f64::from(u32::MAX)).map_or(0, |seed| seed.value as u32);
    if !entry.has("design") {
        entry.missing_because(&["design"], "one of grid, latin_hypercube, sobol, effects: docs/sweeps.md");
    }
    for (number, range) in ranges.iter().enumerate() {
        if ranges[..number].iter().any(|before| before.id == range.id) {
            entry.refuse(&line(entry, range), format!("`id` = `{}` stands twice", range.id), None);
        }
    }
    if ranges.is_empty() && !entry.has("range") {
        entry.missing_because(&["range"], "`[[range]]`s say which numbers are drawn, and from what: docs/sweeps.md");
    }
    if ranges.len() > MOST_RANGES {
        entry.refuse(&entry.place, format!("{} ranges are more than {MOST_RANGES}", ranges.len()), None);
    }
    let design = word.and_then(|word| match word.value.as_str() {
        "grid" => Some(grid(entry, ranges, points.as_ref())),
        _ => drawn(entry, &word, points, (ranges, seed)),
    });
    entry.finish();
    design
}

fn grid(entry: &Entry, ranges: &[&Range], points: Option<&Field<f64>>) -> Design {
    if let Some(points) = points {
        let hint = "a range's `places`, or its `values`, say how many: take `points` out".to_owned();
        entry.refuse(&points.place, "a grid has no `points`".to_owned(), Some(hint));
    }
    let mut all = Vec::new();
    for range in ranges {
        match range.places() {
            Some(places) => all.push(places),
            None => entry.refuse(
                &line(entry, range),
                format!("`{}` has no `places`", range.id),
                Some("on a grid, say at how many places `between` is cut, ends included".to_owned()),
            ),
        }
    }
    let count = all.iter().try_fold(1_usize, |count, places| count.checked_mul(*places));
    if count.is_none_or(|count| count > MOST_POINTS) {
        let hint = "fewer places; or `design = \"sobol\"`, which needs no corner of them all".to_owned();
        entry.refuse(&entry.place, format!("the grid has more than {MOST_POINTS} points"), Some(hint));
    }
    Design::Grid(all)
}

fn drawn(
    entry: &Entry,
    word: &Field<String>,
    points: Option<Field<f64>>,
    (ranges, seed): (&[&Range], u32),
) -> Option<Design> {
    for range in ranges.iter().filter(|range| matches!(range.from, From::Between(_, _, Some(_)))) {
        let hint =
            format!("it draws anywhere `between`: take `places` out, or write `values`, of which `{}` draws", word.value);
        entry.refuse(&line(entry, range), format!("`{}` has `places`, which a grid has only", range.id), Some(hint));
    }
    let Some(points) = points else {
        if !entry.has("points") {
            entry.missing_because(&["points"], "how many points are asked: a power of two is best");
        }
        return None;
    };
    let (points, ranges) = (points.value as usize, ranges.len());
    Some(match word.value.as_str() {
        "latin_hypercube" => Design::latin_hypercube(points, ranges, seed),
        "sobol" => Design::Sobol { points, ranges, seed },
        _ => Design::Effects { points, ranges, seed },
    })
}

/// Where a range stands.
fn line(entry: &Entry, range: &Range) -> Place {
    Place::new(&*entry.place.file, range.line)
}
