//! Values over the members: quantiles by weight, bands of series, the probability of warnings and of going short.
//!
//! A quantile at a share p is the least value such that members of at least p of all weight have no greater one: always a value that some
//! member has. Bands are quantiles time by time, not the course of any member.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use weir_model::document::ensemble::{Band, GoalRow, Quantiles, SatisfactionSpread, Spread, WarningSpread};
use weir_model::document::{Outline, SeriesKind, SeriesRow, StageRow};

use super::spill::{Spill, bytes};

/// Shares of weight that are told.
const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// A satisfaction this much below what is promised is none of rounding.
const ROUNDING: f64 = 1e-6;

/// Numbers of a series that are read at once.
const AT_ONCE: usize = 1 << 18;

/// Bytes of a number, and of a word.
const SIZE: u64 = 8;
/// Numbers of a satisfaction: ratio, whether it is short, and by how much in hm³.
const OF_SATISFACTION: usize = 3;
/// Words of a [`Course`].
const OF_COURSE: usize = 2;
/// Words of a warning: its number, those of when it comes and ends.
const OF_WARNING: usize = 3;

/// What a warning is of, its kind and its grade.
type Warned = (String, String, String);

/// A region, a use, and whether it is in the stream.
type RegionUse = (Option<String>, String, bool);

/// Where what is told of a member lies in [`Kept`]: all of it that stays in memory.
///
/// There lie, one behind the other: the goals, satisfactions, [`Course`]s of the series, warnings, texts, and the numbers of the series.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// What its numbers are of, by its number in [`Kept`].
    of: u32,
    warnings: u32,
    /// Bytes of its texts.
    texts: u32,
    at: u64,
}

/// What a member's numbers are of, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    /// The goals.
    pub goals: Vec<GoalRow>,
    /// Names of what is told, by id.
    pub names: BTreeMap<String, String>,
    /// By address and quantity: unit and kind.
    series: Vec<((String, String), (String, SeriesKind))>,
    satisfaction: Vec<RegionUse>,
}

/// What is told of many members: of each its numbers and texts; and what numbers are of and what warnings say, once where they are the same, as
/// they nearly always are.
#[derive(Debug, Default)]
pub struct Kept {
    spill: Spill,
    subjects: Mutex<Vec<Arc<Subjects>>>,
    warned: Once<Warned>,
    times: Once<String>,
}

/// What is told by many, each once, by its number.
#[derive(Debug)]
struct Once<T>(Mutex<BTreeMap<T, usize>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Ord + Clone> Once<T> {
    fn number(&self, told: T) -> usize {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.len();
        *known.entry(told).or_insert(next)
    }

    /// All of them by their numbers.
    fn all(&self) -> Vec<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(&T, &usize)> = known.iter().collect();
        all.sort_by_key(|(_, number)| **number);
        all.into_iter().map(|(told, _)| told.clone()).collect()
    }
}

/// A series of a member; not a number where it has no value.
#[derive(Clone, Copy, Debug)]
enum Course {
    /// So many times the same, as is what nobody lacks or spills.
    Same(f64, usize),
    /// So many numbers from a place on, counted from where the member's series begin.
    Each(u64, usize),
}

/// Of a course's first word: that all its values are the same.
const IS_SAME: u64 = 1 << 63;

impl Course {
    const fn len(self) -> usize {
        match self {
            Self::Same(_, count) | Self::Each(_, count) => count,
        }
    }

    const fn words(self) -> [u64; OF_COURSE] {
        match self {
            Self::Same(value, count) => [count as u64 | IS_SAME, value.to_bits()],
            Self::Each(place, count) => [count as u64, place],
        }
    }

    const fn of([count, what]: [u64; OF_COURSE]) -> Self {
        if count & IS_SAME == 0 {
            Self::Each(what, count as usize)
        } else {
            Self::Same(f64::from_bits(what), (count & !IS_SAME) as usize)
        }
    }
}

impl Subjects {
    fn series(&self, key: &(String, String)) -> Option<usize> {
        self.series.binary_search_by(|(known, _)| known.cmp(key)).ok()
    }

    /// Numbers of the goals and satisfactions.
    fn numbers(&self) -> usize {
        self.goals.len() + OF_SATISFACTION * self.satisfaction.len()
    }
}

impl Kept {
    /// Keeps what counts of a plan, with what cannot hold together in it and what it is noted for.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, outline: Outline, texts: &Texts) -> Result<Seen, String> {
        let Outline { stages, series, satisfaction, warnings: rows, names } = outline;
        let values = |row: &SeriesRow| row.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        // Of one address and quantity the last, as of one use.
        let series: BTreeMap<_, (_, Vec<f64>)> = series
            .into_iter()
            .map(|row| {
                let values = values(&row);
                ((row.address, row.quantity), ((row.unit, row.kind), values))
            })
            .collect();
        let satisfaction: BTreeMap<RegionUse, [f64; OF_SATISFACTION]> = satisfaction
            .into_iter()
            .map(|row| {
                let is_short = row.ratio < row.entitled - ROUNDING;
                let short_hm3 = (row.demand_hm3 - row.supply_hm3).max(0.0);
                ((row.region, row.use_, row.in_stream), [row.ratio, f64::from(u8::from(is_short)), short_hm3])
            })
            .collect();
        let mut warnings: BTreeMap<Warned, (String, String)> = BTreeMap::new();
        for row in rows {
            let (from, to) =
                warnings.entry((row.address, row.kind, row.grade)).or_insert_with(|| (row.from.clone(), row.to.clone()));
            *from = row.from.min(std::mem::take(from));
            *to = row.to.max(std::mem::take(to));
        }
        let goal = |row: &StageRow| GoalRow {
            objective: row.objective.clone(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            sense: row.sense.clone(),
            unit: row.unit.clone(),
        };
        let (keys, series): (Vec<_>, Vec<_>) = series.into_iter().map(|(key, (of, values))| ((key, of), values)).unzip();
        let (uses, satisfaction): (Vec<_>, Vec<_>) = satisfaction.into_iter().unzip();
        let goals = stages.iter().map(goal).collect();
        let of = self.number(Subjects { goals, names, series: keys, satisfaction: uses });
        let mut told = bytes(stages.iter().map(|stage| stage.value).chain(satisfaction.into_iter().flatten()));
        let (courses, series) = courses(series);
        let warnings: Vec<[usize; OF_WARNING]> = warnings
            .into_iter()
            .map(|(key, (from, to))| [self.warned.number(key), self.times.number(from), self.times.number(to)])
            .collect();
        let words = courses.iter().flat_map(|course| course.words());
        let words = words.chain(warnings.iter().flatten().map(|number| *number as u64));
        told.extend(words.flat_map(u64::to_le_bytes));
        let texts = if texts.is_empty() { Vec::new() } else { serde_json::to_vec(texts).map_err(|why| why.to_string())? };
        told.extend(&texts);
        told.extend(bytes(series));
        Ok(Seen { of: of as u32, warnings: warnings.len() as u32, texts: texts.len() as u32, at: self.spill.keep(&told)? })
    }

    /// The number of what numbers are of.
    fn number(&self, subjects: Subjects) -> usize {
        let mut known = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().position(|known| **known == subjects).unwrap_or_else(|| {
            known.push(Arc::new(subjects));
            known.len() - 1
        })
    }

    /// What a member's numbers are of.
    pub fn subjects(&self, seen: Seen) -> Arc<Subjects> {
        Arc::clone(&self.subjects.lock().unwrap_or_else(PoisonError::into_inner)[seen.of as usize])
    }

    /// Names of what is told of members, by id; of one id the last.
    pub fn names(&self, members: &[(f64, Seen)]) -> BTreeMap<String, String> {
        let mut of: Vec<Seen> = members.iter().map(|(_, seen)| *seen).collect();
        of.dedup_by_key(|seen| seen.of);
        of.into_iter().flat_map(|seen| self.subjects(seen).names.clone()).collect()
    }

    /// What a member's goals come to.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn values(&self, seen: Seen) -> Result<Vec<f64>, String> {
        self.spill.numbers(seen.at, self.subjects(seen).goals.len())
    }

    /// Texts of a member.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn texts(&self, seen: Seen) -> Result<Texts, String> {
        if seen.texts == 0 {
            return Ok(Texts::default());
        }
        let warnings = OF_WARNING * seen.warnings as usize;
        let bytes = self.spill.bytes(seen.at + self.head(seen) + SIZE * warnings as u64, seen.texts as usize)?;
        serde_json::from_slice(&bytes).map_err(|why| why.to_string())
    }

    /// Bytes of a member's goals, satisfactions and courses.
    fn head(&self, seen: Seen) -> u64 {
        let of = self.subjects(seen);
        SIZE * (of.numbers() + OF_COURSE * of.series.len()) as u64
    }

    /// Words from a place on.
    fn words(&self, place: u64, count: usize) -> Result<Vec<u64>, String> {
        let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        Ok(self.spill.bytes(place, count * SIZE as usize)?.chunks_exact(SIZE as usize).map(word).collect())
    }

    /// A member's warnings.
    fn warnings(&self, seen: Seen) -> Result<Vec<u64>, String> {
        self.words(seen.at + self.head(seen), OF_WARNING * seen.warnings as usize)
    }

    /// A member's series, by its place among them.
    fn course(&self, seen: Seen, series: usize) -> Result<Course, String> {
        let place = self.subjects(seen).numbers() + OF_COURSE * series;
        let words = self.words(seen.at + SIZE * place as u64, OF_COURSE)?;
        let course = Course::of([words[0], words[1]]);
        let behind = self.head(seen) + SIZE * (OF_WARNING * seen.warnings as usize) as u64 + u64::from(seen.texts);
        Ok(match course {
            Course::Each(place, count) => Course::Each(seen.at + behind + SIZE * place, count),
            same @ Course::Same(..) => same,
        })
    }
}

/// Sentences on a member.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Texts {
    /// What cannot hold together in it.
    pub conflict: Vec<String>,
    /// What it is noted for.
    pub notes: Vec<String>,
}

impl Texts {
    fn is_empty(&self) -> bool {
        self.conflict.is_empty() && self.notes.is_empty()
    }
}

/// Series by where they lie, and the numbers of those that are not always the same.
fn courses(series: Vec<Vec<f64>>) -> (Vec<Course>, Vec<f64>) {
    let mut numbers = Vec::new();
    let course = |values: Vec<f64>| {
        let is_same = values.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
        if let Some(value) = values.first().filter(|_| is_same) {
            return Course::Same(*value, values.len());
        }
        let place = numbers.len();
        numbers.extend(&values);
        Course::Each(place as u64, values.len())
    };
    (series.into_iter().map(course).collect(), numbers)
}

/// Values over members, each with its weight; weights count as shares of their sum.
///
/// # Errors
/// Their numbers cannot be read.
pub fn spread(members: &[(f64, Seen)], kept: &Kept) -> Result<Spread, String> {
    let all: f64 = members.iter().map(|(weight, _)| weight).sum();
    let shares: Vec<(f64, Seen)> = members.iter().map(|(weight, seen)| (weight / all, *seen)).collect();
    let subjects = kept.subjects.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // A number of each member that has it, by its place among those of the goals and satisfactions, which its subjects say.
    let column = |place: &dyn Fn(&Subjects) -> Option<usize>| -> Result<Vec<(f64, f64)>, String> {
        let places: Vec<Option<usize>> = subjects.iter().map(|of| place(of)).collect();
        let there = shares.iter().filter_map(|(share, seen)| Some((share, seen, places[seen.of as usize]?)));
        there.map(|(share, seen, place)| Ok((*share, kept.spill.numbers(seen.at + SIZE * place as u64, 1)?[0]))).collect()
    };
    let first = members.first().map(|(_, seen)| kept.subjects(*seen));
    let goals = (0..first.as_ref().map_or(0, |first| first.goals.len()))
        .map(|goal| Ok(quantiles(&mut column(&|of| Some(goal).filter(|goal| *goal < of.goals.len()))?)));
    let goals = goals.collect::<Result<Vec<Quantiles>, String>>()?;
    let told: &[_] = first.as_ref().map_or(&[], |first| &first.series);
    let bands = told.par_iter().map(|(key, (unit, kind))| {
        let places: Vec<Option<usize>> = subjects.iter().map(|of| of.series(key)).collect();
        let there = shares.iter().filter_map(|(share, seen)| Some((share, seen, places[seen.of as usize]?)));
        let courses = there.map(|(share, seen, place)| Ok((*share, kept.course(*seen, place)?)));
        Ok(Band {
            address: key.0.clone(),
            quantity: key.1.clone(),
            unit: unit.clone(),
            kind: *kind,
            quantiles: band(&courses.collect::<Result<Vec<_>, String>>()?, &kept.spill)?,
        })
    });
    let bands = bands.collect::<Result<Vec<Band>, String>>()?;
    let mut keys: Vec<RegionUse> = subjects.iter().flat_map(|of| of.satisfaction.clone()).collect();
    keys.sort();
    keys.dedup();
    let satisfaction = keys.into_iter().map(|key| {
        let number = |number: usize| {
            column(&|of: &Subjects| {
                let place = of.satisfaction.iter().position(|known| *known == key)?;
                Some(of.goals.len() + OF_SATISFACTION * place + number)
            })
        };
        let sum = |values: Vec<(f64, f64)>| -> f64 { values.into_iter().map(|(share, value)| share * value).sum() };
        Ok(SatisfactionSpread {
            ratio: quantiles(&mut number(0)?),
            short: sum(number(1)?),
            short_hm3: sum(number(2)?),
            region: key.0.clone(),
            use_: key.1.clone(),
            in_stream: key.2,
        })
    });
    Ok(Spread {
        members: members.len(),
        levels: LEVELS.to_vec(),
        goals,
        bands,
        satisfaction: satisfaction.collect::<Result<_, String>>()?,
        warnings: warnings(&shares, kept)?,
    })
}

/// Warnings over members by their shares.
fn warnings(shares: &[(f64, Seen)], kept: &Kept) -> Result<Vec<WarningSpread>, String> {
    let (warned, times) = (kept.warned.all(), kept.times.all());
    let mut rows: BTreeMap<&Warned, WarningSpread> = BTreeMap::new();
    for (share, seen) in shares {
        for words in kept.warnings(*seen)?.chunks_exact(OF_WARNING) {
            let key = &warned[words[0] as usize];
            let [from, to] = [words[1], words[2]].map(|time| &times[time as usize]);
            let row = rows.entry(key).or_insert_with(|| WarningSpread {
                address: key.0.clone(),
                kind: key.1.clone(),
                grade: key.2.clone(),
                probability: 0.0,
                from: from.clone(),
                to: to.clone(),
            });
            row.probability += share;
            if *from < row.from {
                row.from.clone_from(from);
            }
            if *to > row.to {
                row.to.clone_from(to);
            }
        }
    }
    Ok(rows.into_values().collect())
}

/// For each level the quantiles of a series, time by time: as many times as the first member has.
fn band(courses: &[(f64, Course)], spill: &Spill) -> Result<Vec<Vec<f64>>, String> {
    let count = courses.first().map_or(0, |(_, course)| course.len());
    let mut of_levels = vec![Vec::with_capacity(count); LEVELS.len()];
    let at_once = (AT_ONCE / courses.len().max(1)).max(1);
    let (mut read, mut told) = (Vec::new(), Vec::new());
    for first in (0..count).step_by(at_once) {
        let times = first..count.min(first + at_once);
        read.clear();
        for (_, course) in courses {
            part(*course, &times, spill, &mut read)?;
        }
        for time in 0..times.len() {
            told.clear();
            told.extend(courses.iter().enumerate().map(|(row, (share, _))| (*share, read[row * times.len() + time])));
            for (level, value) in of_levels.iter_mut().zip(quantiles(&mut told).quantiles) {
                level.push(value);
            }
        }
    }
    Ok(of_levels)
}

/// Adds a series' numbers at some times; not a number beyond its end.
fn part(course: Course, times: &Range<usize>, spill: &Spill, into: &mut Vec<f64>) -> Result<(), String> {
    let (end, there) = (into.len() + times.len(), times.start.min(course.len())..times.end.min(course.len()));
    match course {
        Course::Same(value, _) => into.extend(std::iter::repeat_n(value, there.len())),
        Course::Each(place, _) => into.extend(spill.numbers(place + SIZE * there.start as u64, there.len())?),
    }
    into.resize(end, f64::NAN);
    Ok(())
}

/// Mean and quantiles by weight; those that are no numbers are left out.
fn quantiles(values: &mut Vec<(f64, f64)>) -> Quantiles {
    values.retain(|(_, value)| value.is_finite());
    values.sort_by(|a, b| a.1.total_cmp(&b.1));
    let all: f64 = values.iter().map(|(share, _)| share).sum();
    let mean = values.iter().map(|(share, value)| share * value).sum::<f64>() / if all > 0.0 { all } else { 1.0 };
    let at = |level: &f64| {
        let mut reached = 0.0;
        let found = values.iter().find(|(share, _)| {
            reached += share;
            // Shares that are added up may miss a level by their rounding.
            reached >= level * all - 1e-12
        });
        found.or(values.last()).map_or(0.0, |(_, value)| *value)
    };
    Quantiles { mean, quantiles: LEVELS.iter().map(at).collect() }
}

#[cfg(test)]
mod tests {
    use super::quantiles;

    #[test]
    fn quantiles_are_values_of_members_by_weight() {
        // Shares 0.04, 0.5, 0.4, 0.06 of 3, 1, 2, 9: in order 1 to 0.5, 2 to 0.9, 3 to 0.94, 9 to 1.
        let found = quantiles(&mut vec![(0.04, 3.0), (0.5, 1.0), (0.4, 2.0), (0.06, 9.0)]);
        assert_eq!(found.quantiles, [1.0, 1.0, 1.0, 2.0, 9.0]);
        assert!((found.mean - (0.12 + 0.5 + 0.8 + 0.54)).abs() < 1e-12);
        assert_eq!(quantiles(&mut vec![(0.2, 1.0), (0.3, 2.0), (0.5, 4.0)]).quantiles[2], 2.0);
    }
}
