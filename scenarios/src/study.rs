//! Studies: a basin and many members, asked for their goals block by block, and the table of them.
//!
//! A study is known by its question: a digest of everything that its answers hang on. The table is a function of the rows, so that it is the
//! same whoever asked them, in one go or after being cut off, on one machine or in shards. Rows lie in a file ([`results`](crate::results)), from which
//! it is told member by member.
//! Fails: what the basin, or the ends of a sweep's ranges on it, are refused for. A member that fails is a row with its cause.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jiff::civil::Date;
use rayon::prelude::*;
use weir_model::basin::Changes as _;
use weir_model::case::Case;
use weir_model::goals::{Goals, Sense};
use weir_model::measures::{Measure, measure};
use weir_model::place::Refusals;
use weir_model::table::digest;
use weir_report::members::{Goal, GoalEffects, Line, Lines, Members as Table};
use weir_report::{Phrase, both, cause_of_case, of_case};

use crate::member::{self, Asked, BLOCK, Member};
use crate::overlay::Overlay;
use crate::results::{Results, ResultsError, Row};
use crate::sweep::Sweep;
use crate::sweep::design::Design;
use crate::sweep::effects::{Point, effects};

/// Who is asked.
pub enum Members {
    /// The points of a sweep.
    Sweep(Box<Sweep>),
    /// Overlays, one member each.
    Overlays(Vec<Member>),
}

impl Members {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Sweep(sweep) => sweep.design.count(),
            Self::Overlays(members) => members.len(),
        }
    }

    /// One of them.
    pub fn member(&self, number: usize) -> Member {
        match self {
            Self::Sweep(sweep) => sweep.member(number),
            Self::Overlays(members) => members[number].clone(),
        }
    }

    /// Id and name of one of them.
    fn named(&self, number: usize) -> (String, (String, String)) {
        match self {
            Self::Sweep(sweep) => sweep.named(number),
            Self::Overlays(members) => (members[number].id.clone(), members[number].name.clone()),
        }
    }

    /// What tells them from others.
    fn known_by(&self) -> Vec<String> {
        match self {
            Self::Sweep(sweep) => std::iter::once(digest(sweep.text.as_bytes())).chain(sweep.ends()[0].known_by()).collect(),
            Self::Overlays(members) => members.iter().flat_map(Member::known_by).collect(),
        }
    }
}

impl Member {
    fn known_by(&self) -> Vec<String> {
        let changes = self.overlay.as_ref().map_or_else(|why| vec![why.to_string()], Overlay::digests);
        std::iter::once(self.id.clone()).chain(changes).collect()
    }
}

/// A basin and many members.
pub struct Study {
    /// The basin, and where every block begins.
    pub basin: Asked,
    /// Who is asked.
    pub members: Members,
    /// Digest of everything that the answers hang on.
    pub question: String,
    /// Whether goals are told as the decisions have them, not as their own stages found them.
    measured: bool,
    /// The basin as it is, whose names are told.
    base: Box<(Case, Goals)>,
    /// The goals in order, as the basin has them.
    goals: Vec<Goal>,
}

impl Study {
    /// A study; `basin.hot` is where its blocks begin.
    ///
    /// # Errors
    /// What the basin, or the ends of a sweep's ranges on it, are refused for.
    pub fn new(basin: Asked, members: Members) -> Result<Self, Refusals> {
        let base = judged(&basin, &members)?;
        Ok(Self::of(basin, members, base))
    }

    /// The same of a basin that has been judged.
    fn of(basin: Asked, members: Members, (case, goals): (Case, Goals)) -> Self {
        let series = case.forcing.series.iter().map(|series| format!("{} {}", series.address, series.source.digest));
        let hot = basin.hot.as_ref().map_or_else(String::new, |hot| hot.digest());
        let start = case.horizon.starts_rfc3339().into_iter().next().unwrap_or_default();
        let facts = [env!("CARGO_PKG_VERSION").to_owned(), case.basin.digest.clone(), start, hot, BLOCK.to_string()];
        let all: Vec<String> = facts.into_iter().chain(series).chain(members.known_by()).collect();
        let question = digest(all.join("\n").as_bytes());
        Self { basin, members, question, measured: false, goals: staged(&goals), base: Box::new((case, goals)) }
    }

    /// The same, its goals told as the decisions have them, also where those behind used up a tolerance.
    pub fn measured(self) -> Self {
        Self { measured: true, ..self }
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> usize {
        self.members.count().div_ceil(BLOCK)
    }

    /// All blocks.
    pub fn all(&self) -> Vec<usize> {
        (0..self.blocks()).collect()
    }

    /// Numbers of the members of a block.
    pub fn numbers(&self, block: usize) -> std::ops::Range<usize> {
        block * BLOCK..self.members.count().min((block + 1) * BLOCK)
    }

    /// Asks blocks that are not yet among the results, and keeps each there as it is done; whether all were, and it was not told to stop before.
    /// `heard` is told of every member whether it has goals.
    ///
    /// # Errors
    /// If results cannot be kept.
    pub fn ask(
        &self,
        blocks: &[usize],
        results: &Results,
        (heard, stop): (&(dyn Fn(bool) + Sync), &AtomicBool),
    ) -> Result<bool, ResultsError> {
        let open: Vec<usize> = blocks.iter().copied().filter(|block| !results.has(*block)).collect();
        // One after another from the front, so that what is cut off lacks its end.
        let next = AtomicUsize::new(0);
        let work = |_: usize| -> Result<(), ResultsError> {
            while !stop.load(Ordering::Relaxed)
                && let Some(&block) = open.get(next.fetch_add(1, Ordering::Relaxed))
            {
                let answers = member::block(&self.basin, self.numbers(block), |seat, number| {
                    if stop.load(Ordering::Relaxed) {
                        return Err(String::new());
                    }
                    let reached = seat.goals(&self.members.member(number));
                    heard(reached.is_ok());
                    reached
                });
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let rows: Vec<Row> = answers.into_iter().map(|answer| row(answer, self.measured)).collect();
                results.add(block, &rows)?;
            }
            Ok(())
        };
        (0..rayon::current_num_threads()).into_par_iter().map(work).collect::<Result<Vec<()>, _>>()?;
        Ok(blocks.iter().all(|block| results.has(*block)))
    }

    /// Members that have nothing, by id, each with its cause, of those that lie in these results.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn failed(&self, results: Results) -> std::io::Result<Vec<(String, Phrase)>> {
        let mut failed = Vec::new();
        Answers { study: self, results: vec![results], goals: Vec::new() }.each(&mut |line| {
            failed.extend(line.why.map(|why| (line.id, why)));
            Ok(())
        })?;
        Ok(failed)
    }

    /// The table of all members, whose blocks lie in these results, in order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn table(&self, results: Vec<Results>) -> std::io::Result<Table<Answers<'_>>> {
        let case = &self.base.0;
        let mut goals = self.goals.clone();
        let answers = |goals: &[Goal], results| Answers {
            study: self,
            results,
            goals: goals.iter().map(|goal| goal.id.clone()).collect(),
        };
        let known = answers(&goals, results);
        known.rows(&mut |_, row| {
            for (id, _) in row.goals {
                if goals.iter().all(|goal| goal.id != id) {
                    goals.push(Goal { name: Phrase::same(&id), id, ..Goal::default() });
                }
            }
            Ok(())
        })?;
        let lines = answers(&goals, known.results);
        let (ranges, effects) = match &self.members {
            Members::Overlays(_) => (Vec::new(), Vec::new()),
            Members::Sweep(sweep) => {
                (sweep.ranges.iter().map(|range| range.id.clone()).collect(), effects_on(sweep, &goals, &lines)?)
            }
        };
        let name = match &self.members {
            Members::Sweep(sweep) if !sweep.name.0.is_empty() => both(&sweep.name.0, &sweep.name.1),
            _ => Phrase::same(&case.basin.name),
        };
        Ok(Table { question: self.question.clone(), name, ranges, goals, lines, effects })
    }
}

/// The members of a study as their answers lie in results, read one at a time.
pub struct Answers<'a> {
    study: &'a Study,
    results: Vec<Results>,
    /// Ids of the goals in order.
    goals: Vec<String>,
}

impl Answers<'_> {
    /// Gives each member's number and row to someone, in order.
    fn rows(&self, take: &mut dyn FnMut(usize, Row) -> std::io::Result<()>) -> std::io::Result<()> {
        for results in &self.results {
            for block in results.blocks() {
                let rows = results.rows(block).map_err(std::io::Error::other)?;
                self.study.numbers(block).zip(rows).try_for_each(|(number, row)| take(number, row))?;
            }
        }
        Ok(())
    }
}

impl Lines for Answers<'_> {
    fn count(&self) -> usize {
        self.results.iter().map(Results::members).sum()
    }

    fn each(&self, take: &mut dyn FnMut(Line) -> std::io::Result<()>) -> std::io::Result<()> {
        let (case, own) = &*self.study.base;
        self.rows(&mut |number, row| {
            let value = |id: &String| row.goals.iter().find(|(known, _)| known == id).map(|(_, value)| *value);
            let (id, name) = self.study.members.named(number);
            take(Line {
                id,
                name: both(name.0, name.1),
                at: match &self.study.members {
                    Members::Sweep(sweep) => sweep.numbers(number),
                    Members::Overlays(_) => Vec::new(),
                },
                goals: self.goals.iter().map(value).collect(),
                breach_hm3: row.breach_hm3,
                conflict: row.conflict.iter().map(|why| of_case(case, own, why)).collect(),
                why: row.why.as_ref().map(|why| cause_of_case(case, own, why)),
            })
        })
    }
}

/// The goals of a basin in order.
fn staged(goals: &Goals) -> Vec<Goal> {
    let staged = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage));
    let goal = staged.map(|objective| {
        let measure = measure(&objective.kind);
        Goal {
            id: objective.id.clone(),
            // English has no other name than the id.
            name: both(&objective.name, &objective.id),
            kind: objective.kind.clone(),
            unit: measure.map_or("", |measure| measure.unit(objective)).to_owned(),
            more_is_better: measure.map(Measure::sense) == Some(Sense::Maximise),
        }
    });
    goal.collect()
}

fn row(answer: Result<member::Reached, String>, measured: bool) -> Row {
    match answer {
        Ok(reached) => Row {
            goals: if measured {
                reached.measured
            } else {
                reached.stages.into_iter().map(|stage| (stage.objective, stage.value)).collect()
            },
            breach_hm3: reached.breach_hm3,
            conflict: reached.conflict,
            why: None,
        },
        Err(why) => Row { goals: Vec::new(), breach_hm3: 0.0, conflict: Vec::new(), why: Some(why) },
    }
}

/// The effects of a sweep's ranges on every goal that varies, over the points all of whose members have it.
fn effects_on(sweep: &Sweep, goals: &[Goal], answers: &Answers<'_>) -> std::io::Result<Vec<GoalEffects>> {
    let Design::Effects { ranges, .. } = sweep.design else { return Ok(Vec::new()) };
    let mut points: Vec<Vec<Point>> = goals.iter().map(|_| Vec::new()).collect();
    let mut members: Vec<Row> = Vec::new();
    answers.rows(&mut |_, row| {
        members.push(row);
        if members.len() < ranges + 2 {
            return Ok(());
        }
        for (goal, points) in goals.iter().zip(&mut points) {
            let value = |row: &Row| row.goals.iter().find(|(known, _)| *known == goal.id).map(|(_, value)| *value);
            let values: Option<Vec<f64>> = members.iter().map(value).collect();
            points.extend(values.map(|values| Point { a: values[0], b: values[1], mixed: values[2..].to_vec() }));
        }
        members.clear();
        Ok(())
    })?;
    let of_goal = |(goal, points): (&Goal, Vec<Point>)| {
        let (variance, effects) = effects(&points)?;
        let of = effects.iter().map(|effect| [effect.first, effect.total, effect.error]).collect();
        Some(GoalEffects { goal: goal.id.clone(), points: points.len(), variance, of })
    };
    Ok(goals.iter().zip(points).filter_map(of_goal).collect())
}

/// A study of which nothing is solved yet and nothing is refused any more.
pub struct Judged {
    basin: Asked,
    members: Members,
    base: (Case, Goals),
}

impl Judged {
    /// Judges a study of a basin's folder.
    ///
    /// # Errors
    /// As [`Study::new`].
    pub fn of(dir: &Path, start: Option<Date>, members: Members) -> Result<Self, Refusals> {
        let basin = Asked::new(dir, start);
        let base = judged(&basin, &members)?;
        Ok(Self { basin, members, base })
    }

    /// The study, whose blocks begin where the basin's own goals end: those are solved.
    pub fn open(self) -> Study {
        Study::of(self.basin.from_its_goals(), self.members, self.base)
    }
}

/// Opens the study of a basin's folder: [`Judged`].
///
/// # Errors
/// As [`Study::new`].
pub fn open(dir: &Path, start: Option<Date>, members: Members) -> Result<Study, Refusals> {
    Ok(Judged::of(dir, start, members)?.open())
}

/// Whether two questions ask the same: of facts and goals, not of where they were written.
fn is_same(one: &(Case, Goals), other: &(Case, Goals)) -> bool {
    let values = |case: &Case| case.forcing.series.iter().map(|series| series.values.clone()).collect::<Vec<_>>();
    let rest = |(case, goals): &(Case, Goals)| format!("{:?} {goals:?}", case.network);
    values(&one.0) == values(&other.0) && rest(one) == rest(other)
}

/// The basin as it is, once it and the ends of a sweep's ranges on it have been judged.
fn judged(basin: &Asked, members: &Members) -> Result<(Case, Goals), Refusals> {
    let base = Member::base().question(basin)?;
    if let Members::Sweep(sweep) = members {
        for end in sweep.ends() {
            end.question(basin)?;
        }
        for (range, [low, high]) in sweep.apart() {
            if is_same(&low.question(basin)?, &high.question(basin)?) {
                return Err(sweep.idle(range));
            }
        }
    }
    Ok(base)
}
