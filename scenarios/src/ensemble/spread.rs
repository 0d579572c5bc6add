//! Values over the members: quantiles by weight, bands of series, the probability of warnings and of going short.
//!
//! A quantile at a share p is the least value such that members of at least p of all weight have no greater one: always a value that some
//! member has. Bands are quantiles time by time, not the course of any member.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use weir_model::document::ensemble::{Band, GoalRow, Quantiles, SatisfactionSpread, Spread, WarningSpread};
use weir_model::document::{Outline, SeriesKind, SeriesRow, StageRow};

use super::numbers::Numbers;

/// Shares of weight that are told.
const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// A satisfaction this much below what is promised is none of rounding.
const ROUNDING: f64 = 1e-6;

/// Numbers of a series that are read at once.
const AT_ONCE: usize = 1 << 18;

/// What a warning is of, its kind and its grade.
type Warned = (String, String, String);

/// A region, a use, and whether it is in the stream.
type RegionUse = (Option<String>, String, bool);

/// What of a member's plan counts for the spread: numbers only, beside what they are of. Those of its series lie in [`Kept`].
#[derive(Clone, Debug)]
pub struct Seen {
    /// What they are of.
    pub of: Arc<Subjects>,
    /// What the goals come to.
    pub values: Vec<f64>,
    series: Vec<Course>,
    /// Ratio, whether it is short, and by how much in hm³.
    satisfaction: Vec<(f64, bool, f64)>,
    /// Each once, with when it comes and ends.
    warnings: Vec<(Arc<Warned>, [Arc<String>; 2])>,
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

/// What is kept of many members beside each: their series' numbers; and what numbers are of and the texts of warnings, once where they are the
/// same, as they nearly always are.
#[derive(Debug, Default)]
pub struct Kept {
    numbers: Numbers,
    subjects: Mutex<Vec<Arc<Subjects>>>,
    warned: Mutex<BTreeSet<Arc<Warned>>>,
    times: Mutex<BTreeSet<Arc<String>>>,
}

/// What is told, kept once.
fn once<T: Ord>(known: &Mutex<BTreeSet<Arc<T>>>, told: T) -> Arc<T> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = known.get(&told) {
        return Arc::clone(same);
    }
    let new = Arc::new(told);
    known.insert(Arc::clone(&new));
    new
}

/// A series of a member; not a number where it has no value.
#[derive(Clone, Copy, Debug)]
enum Course {
    /// So many times the same, as is what nobody lacks or spills.
    Same(f64, usize),
    /// So many numbers from a place on.
    Each(u64, usize),
}

impl Course {
    const fn len(self) -> usize {
        match self {
            Self::Same(_, count) | Self::Each(_, count) => count,
        }
    }

    /// Its numbers at some times, as far as it reaches.
    fn read(self, times: &Range<usize>, numbers: &Numbers) -> Result<Vec<f64>, String> {
        let times = times.start.min(self.len())..times.end.min(self.len());
        match self {
            Self::Same(value, _) => Ok(vec![value; times.len()]),
            Self::Each(place, _) => numbers.read(place + times.start as u64..place + times.end as u64),
        }
    }
}

impl Kept {
    fn one(&self, subjects: Subjects) -> Arc<Subjects> {
        let mut known = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.iter().find(|known| ***known == subjects) {
            return Arc::clone(same);
        }
        let new = Arc::new(subjects);
        known.push(Arc::clone(&new));
        new
    }

    /// Keeps a member's series.
    fn courses(&self, series: &[Vec<f64>]) -> Result<Vec<Course>, String> {
        let is_same = |values: &Vec<f64>| values.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
        let each: Vec<f64> = series.iter().filter(|values| !is_same(values)).flatten().copied().collect();
        let mut place = self.numbers.keep(&each)?;
        let course = |values: &Vec<f64>| {
            if let Some(value) = values.first().filter(|_| is_same(values)) {
                return Course::Same(*value, values.len());
            }
            place += values.len() as u64;
            Course::Each(place - values.len() as u64, values.len())
        };
        Ok(series.iter().map(course).collect())
    }
}

impl Subjects {
    fn series(&self, key: &(String, String)) -> Option<usize> {
        self.series.binary_search_by(|(known, _)| known.cmp(key)).ok()
    }
}

impl Seen {
    /// What counts of a plan.
    ///
    /// # Errors
    /// Its numbers cannot be kept.
    pub fn of(outline: Outline, kept: &Kept) -> Result<Self, String> {
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
        let satisfaction: BTreeMap<RegionUse, (f64, bool, f64)> = satisfaction
            .into_iter()
            .map(|row| {
                let is_short = row.ratio < row.entitled - ROUNDING;
                let short_hm3 = (row.demand_hm3 - row.supply_hm3).max(0.0);
                ((row.region, row.use_, row.in_stream), (row.ratio, is_short, short_hm3))
            })
            .collect();
        let mut warnings: BTreeMap<Warned, (String, String)> = BTreeMap::new();
        for row in rows {
            let (from, to) =
                warnings.entry((row.address, row.kind, row.grade)).or_insert_with(|| (row.from.clone(), row.to.clone()));
            *from = row.from.min(std::mem::take(from));
            *to = row.to.max(std::mem::take(to));
        }
        let time = |told| once(&kept.times, told);
        let warnings = warnings.into_iter().map(|(key, (from, to))| (once(&kept.warned, key), [time(from), time(to)]));
        let warnings = warnings.collect();
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
        let of = kept.one(Subjects { goals, names, series: keys, satisfaction: uses });
        let values = stages.iter().map(|stage| stage.value).collect();
        Ok(Self { of, values, series: kept.courses(&series)?, satisfaction, warnings })
    }
}

/// Values over members, each with its weight; weights count as shares of their sum.
///
/// # Errors
/// Their numbers cannot be read.
pub fn spread(members: &[(f64, &Seen)], kept: &Kept) -> Result<Spread, String> {
    let all: f64 = members.iter().map(|(weight, _)| weight).sum();
    let shares: Vec<(f64, &Seen)> = members.iter().map(|(weight, seen)| (weight / all, *seen)).collect();
    let over = |of: &dyn Fn(&Seen) -> Option<f64>| {
        quantiles(shares.iter().filter_map(|(share, seen)| Some((*share, of(seen)?))).collect())
    };
    let goals = members.first().map_or(0, |(_, seen)| seen.values.len());
    let told: &[_] = members.first().map_or(&[], |(_, seen)| &seen.of.series);
    let bands = told.par_iter().map(|(key, (unit, kind))| {
        let course = |(share, seen): &(f64, &Seen)| Some((*share, *seen.series.get(seen.of.series(key)?)?));
        Ok(Band {
            address: key.0.clone(),
            quantity: key.1.clone(),
            unit: unit.clone(),
            kind: *kind,
            quantiles: band(&shares.iter().filter_map(course).collect::<Vec<_>>(), &kept.numbers)?,
        })
    });
    let bands = bands.collect::<Result<Vec<Band>, String>>()?;
    let keys = |of: &dyn Fn(&Seen) -> Vec<RegionUse>| {
        let mut keys: Vec<_> = members.iter().flat_map(|(_, seen)| of(seen)).collect();
        keys.sort();
        keys.dedup();
        keys
    };
    let satisfaction = keys(&|seen| seen.of.satisfaction.clone()).into_iter().map(|key| {
        let place = |seen: &Seen| seen.of.satisfaction.iter().position(|known| *known == key);
        let of = |seen: &Seen| seen.satisfaction.get(place(seen)?).copied();
        let sum = |count: &dyn Fn((f64, bool, f64)) -> f64| -> f64 {
            shares.iter().filter_map(|(share, seen)| Some(share * count(of(seen)?))).sum()
        };
        SatisfactionSpread {
            ratio: over(&|seen| of(seen).map(|(ratio, ..)| ratio)),
            short: sum(&|(_, is_short, _)| f64::from(u8::from(is_short))),
            short_hm3: sum(&|(.., short_hm3)| short_hm3),
            region: key.0.clone(),
            use_: key.1.clone(),
            in_stream: key.2,
        }
    });
    let mut warnings: BTreeMap<&Warned, WarningSpread> = BTreeMap::new();
    for (share, seen) in &shares {
        for (key, [from, to]) in &seen.warnings {
            let row = warnings.entry(key).or_insert_with(|| WarningSpread {
                address: key.0.clone(),
                kind: key.1.clone(),
                grade: key.2.clone(),
                probability: 0.0,
                from: from.to_string(),
                to: to.to_string(),
            });
            row.probability += share;
            if **from < row.from {
                row.from.clone_from(from);
            }
            if **to > row.to {
                row.to.clone_from(to);
            }
        }
    }
    Ok(Spread {
        members: members.len(),
        levels: LEVELS.to_vec(),
        goals: (0..goals).map(|goal| over(&|seen| seen.values.get(goal).copied())).collect(),
        bands,
        satisfaction: satisfaction.collect(),
        warnings: warnings.into_values().collect(),
    })
}

/// For each level the quantiles of a series, time by time: as many times as the first member has.
fn band(courses: &[(f64, Course)], numbers: &Numbers) -> Result<Vec<Vec<f64>>, String> {
    let count = courses.first().map_or(0, |(_, course)| course.len());
    let mut of_levels = vec![Vec::with_capacity(count); LEVELS.len()];
    let at_once = (AT_ONCE / courses.len().max(1)).max(1);
    for first in (0..count).step_by(at_once) {
        let times = first..count.min(first + at_once);
        let read = courses.iter().map(|(share, course)| Ok((*share, course.read(&times, numbers)?)));
        let read = read.collect::<Result<Vec<(f64, Vec<f64>)>, String>>()?;
        for time in 0..times.len() {
            let told = quantiles(read.iter().filter_map(|(share, values)| Some((*share, *values.get(time)?))).collect());
            for (level, value) in of_levels.iter_mut().zip(told.quantiles) {
                level.push(value);
            }
        }
    }
    Ok(of_levels)
}

/// Mean and quantiles by weight; those that are no numbers are left out.
fn quantiles(mut values: Vec<(f64, f64)>) -> Quantiles {
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
        let found = quantiles(vec![(0.04, 3.0), (0.5, 1.0), (0.4, 2.0), (0.06, 9.0)]);
        assert_eq!(found.quantiles, [1.0, 1.0, 1.0, 2.0, 9.0]);
        assert!((found.mean - (0.12 + 0.5 + 0.8 + 0.54)).abs() < 1e-12);
        assert_eq!(quantiles(vec![(0.2, 1.0), (0.3, 2.0), (0.5, 4.0)]).quantiles[2], 2.0);
    }
}
