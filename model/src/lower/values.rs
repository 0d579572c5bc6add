//! Numbers in time of a basin file, evaluated on the horizon.
//!
//! A flow, share, weight, price or depth takes its time-weighted mean over a step; a state its value at the step's end.

use jiff::Zoned;
use jiff::civil::Date;
use ndarray::Array2;

use crate::basin::changed::Change;
use crate::basin::dates::Interval;
use crate::basin::varying::{Form, SeriesColumn, Varying, out_of_range};
use crate::elements::Head;
use crate::forcing::{Param, SeriesSource};
use crate::horizon::{Horizon, rfc3339};
use crate::laid::LaidSeries;
use crate::lower::Lowering;
use crate::lower::splice::Splice;
use crate::place::{Lacks, Place};
use crate::table::digest;
use crate::units::Unit;

/// A number in every step.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// The same in all.
    Same(f64),
    /// One a step.
    Each(Vec<f64>),
}

impl Values {
    /// The number in a step.
    pub fn at(&self, step: usize) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values[step],
        }
    }

    /// The greatest.
    pub fn most(&self) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Each number, changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Same(value) => Self::Same(change(*value)),
            Self::Each(values) => Self::Each(values.iter().map(|value| change(*value)).collect()),
        }
    }

    /// Two numbers a step, made one.
    #[must_use]
    pub fn zip(&self, other: &Self, join: impl Fn(f64, f64) -> f64) -> Self {
        let steps = match (self, other) {
            (Self::Same(a), Self::Same(b)) => return Self::Same(join(*a, *b)),
            (Self::Each(values), _) | (_, Self::Each(values)) => values.len(),
        };
        Self::Each((0..steps).map(|step| join(self.at(step), other.at(step))).collect())
    }

    /// The first step in which it is over another.
    pub fn over(&self, other: &Self) -> Option<usize> {
        match self.zip(other, |a, b| f64::from(u8::from(a > b))) {
            Self::Same(over) => (over > 0.0).then_some(0),
            Self::Each(over) => over.iter().position(|over| *over > 0.0),
        }
    }
}

impl Lowering<'_> {
    /// The parameter of a number in time: means over the steps.
    pub fn param<U: Unit>(&mut self, varying: &Varying, head: &Head, address: &str) -> Param<U> {
        let source = self.source_of(varying);
        let values = self.values(varying, head).unwrap_or(Values::Same(0.0));
        self.param_of(address, values, source)
    }

    /// The parameter of values.
    pub fn param_of<U: Unit>(&mut self, address: &str, values: Values, source: SeriesSource) -> Param<U> {
        match values {
            Values::Same(value) => Param::constant(value),
            Values::Each(values) => {
                let column = Array2::from_shape_fn((values.len(), 1), |(step, _)| values[step]);
                self.forcing.add(address, column, source)
            }
        }
    }

    /// Where a number in time came from.
    pub fn source_of(&self, varying: &Varying) -> SeriesSource {
        match &varying.form {
            Form::Number(_) => SeriesSource::default(),
            Form::Profile(word, profile) => SeriesSource {
                origin: format!("profile {word}"),
                digest: digest(format!("{profile:?}").as_bytes()),
                assumed: varying.assumed,
                ..SeriesSource::default()
            },
            Form::Seasons(seasons, otherwise) => SeriesSource {
                origin: "seasons".to_owned(),
                digest: digest(format!("{seasons:?} {otherwise:?}").as_bytes()),
                assumed: varying.assumed,
                ..SeriesSource::default()
            },
            Form::Laid(laid, base) => SeriesSource {
                origin: match self.source_of(&Varying { form: (**base).clone(), ..varying.clone() }) {
                    beneath if beneath.origin.is_empty() => format!("input {}", laid.input),
                    beneath => format!("input {}, then {}", laid.input, beneath.origin),
                },
                digest: laid.digest.clone(),
                last: laid.pieces.last().map(|piece| rfc3339(&piece.to.to_zoned(self.horizon.zone().clone()))),
                substituted_by: laid.substituted_by.clone(),
                assumed: false,
            },
            Form::Spliced(splice, _) if splice.from <= self.start => SeriesSource {
                origin: splice.origin.clone(),
                digest: splice.digest.clone(),
                assumed: splice.assumed,
                ..SeriesSource::default()
            },
            Form::Spliced(splice, base) => {
                let of = self.source_of(&Varying { form: (**base).clone(), ..varying.clone() });
                let own = if of.origin.is_empty() { "a number" } else { &of.origin };
                let origin = format!("{own} before {}, then {}", splice.from, splice.origin);
                SeriesSource { origin, assumed: of.assumed || splice.assumed, ..of }
            }
            Form::Changed(of, change) => {
                let of = self.source_of(&Varying { form: (**of).clone(), ..varying.clone() });
                let origin = if of.origin.is_empty() { "a number" } else { &of.origin };
                SeriesSource { origin: format!("{origin}, {change}"), ..of }
            }
            Form::Series(column) => {
                let cut = column.series.recut(column.column, &self.horizon, column.meaning, column.day_starts);
                SeriesSource {
                    origin: format!("{}:{}", column.series.path, column.name),
                    digest: column.series.file.digest().to_owned(),
                    last: cut.ok().map(|cut| cut.1.clone()),
                    assumed: varying.assumed || column.series.file.assumed(),
                    ..SeriesSource::default()
                }
            }
        }
    }

    /// Means over the steps, in the base unit.
    pub fn values(&mut self, varying: &Varying, head: &Head) -> Option<Values> {
        let values = match &varying.form {
            Form::Number(number) => return Some(Values::Same(number * varying.scale)),
            Form::Profile(_, profile) => profile.over(&self.horizon),
            Form::Seasons(seasons, otherwise) => self.seasons(varying, head, seasons, *otherwise)?,
            Form::Series(column) => self.column(varying, head, column, false)?,
            Form::Laid(laid, base) => self.laid_means(varying, head, laid, base)?,
            Form::Spliced(splice, base) => self.spliced_means(varying, head, splice, base)?,
            Form::Changed(of, change) => self.changed_means(varying, head, of, change)?,
        };
        Some(Values::Each(values.into_iter().map(|value| value * varying.scale).collect()))
    }

    /// Values at the end of each step, in the base unit.
    pub fn states(&mut self, varying: &Varying, head: &Head) -> Option<Values> {
        let horizon = &self.horizon;
        let last_dates = (0..horizon.steps()).map(|step| horizon.last_date_of(step));
        let values = match &varying.form {
            Form::Number(number) => return Some(Values::Same(number * varying.scale)),
            Form::Profile(_, profile) => last_dates.map(|date| profile.on(date)).collect(),
            Form::Seasons(seasons, otherwise) => {
                let found: Vec<Option<f64>> = last_dates.map(|date| on(seasons, *otherwise, date)).collect();
                let gap = found.iter().position(Option::is_none);
                if let Some(step) = gap {
                    let date = horizon.last_date_of(step);
                    self.season_gap(varying, head, date);
                    return None;
                }
                found.into_iter().flatten().collect()
            }
            Form::Series(column) => self.column(varying, head, column, true)?,
            Form::Laid(laid, base) => self.laid_states(varying, head, laid, base)?,
            Form::Spliced(splice, base) => {
                let means = self.spliced_means(varying, head, splice, base)?;
                let last = |step: usize| {
                    (self.horizon.last_date_of(step) >= splice.from).then(|| splice.on(self.horizon.last_date_of(step)))
                };
                means.into_iter().enumerate().map(|(step, mean)| last(step).unwrap_or(mean)).collect()
            }
            Form::Changed(of, change) => self.changed_states(varying, head, of, change)?,
        };
        Some(Values::Each(values.into_iter().map(|value: f64| value * varying.scale).collect()))
    }

    /// The share of each step's time on days that something holds.
    pub fn share_of_days(&self, holds: impl Fn(Date) -> bool) -> Values {
        let share = |step: usize| {
            let dates = self.horizon.dates_of(step);
            let held: f64 = dates.iter().filter(|(date, _)| holds(*date)).map(|(_, seconds)| seconds).sum();
            (held / self.horizon.lengths_s[step]).clamp(0.0, 1.0)
        };
        Values::Each((0..self.horizon.steps()).map(share).collect())
    }

    /// Means over the steps of a value that every day has.
    pub fn mean_of_days(&self, on: impl Fn(Date) -> f64) -> Vec<f64> {
        let mean = |step: usize| {
            let dates = self.horizon.dates_of(step);
            match dates.as_slice() {
                [(date, _)] => on(*date),
                _ => dates.iter().map(|(date, seconds)| on(*date) * seconds).sum::<f64>() / self.horizon.lengths_s[step],
            }
        };
        (0..self.horizon.steps()).map(mean).collect()
    }

    /// What is laid, with the file's own form where it leaves the horizon open.
    fn laid_means(&mut self, varying: &Varying, head: &Head, laid: &LaidSeries, base: &Form) -> Option<Vec<f64>> {
        let mut sums = laid.over(&self.horizon);
        for (part, values) in self.beneath(varying, head, laid, base, false)? {
            for (piece, edge) in part.edges.iter().take(part.steps()).enumerate() {
                let step = self.horizon.edges.partition_point(|start| start <= edge) - 1;
                let seconds = part.lengths_s[piece];
                sums[step].0 += values.at(piece) * seconds;
                sums[step].1 += seconds;
            }
        }
        let values: Vec<f64> = sums.into_iter().map(|(sum, seconds)| sum / seconds).collect();
        self.in_range(varying, head, &format!("input `{}`", laid.input), values)
    }

    /// As [`laid_means`](Self::laid_means), at the end of each step.
    fn laid_states(&mut self, varying: &Varying, head: &Head, laid: &LaidSeries, base: &Form) -> Option<Vec<f64>> {
        let ends: Vec<Zoned> = self.horizon.edges[1..].to_vec();
        let beneath = self.beneath(varying, head, laid, base, true)?;
        let value = |end: &Zoned| {
            laid.at(end.timestamp()).or_else(|| {
                beneath.iter().find_map(|(part, values)| {
                    part.edges[1..].iter().position(|edge| edge == end).map(|piece| values.at(piece))
                })
            })
        };
        let values: Option<Vec<f64>> = ends.iter().map(value).collect();
        self.in_range(varying, head, &format!("input `{}`", laid.input), values?)
    }

    /// The file's own form on the stretches of the horizon that what is laid leaves open.
    fn beneath(
        &mut self,
        varying: &Varying,
        head: &Head,
        laid: &LaidSeries,
        base: &Form,
        at_ends: bool,
    ) -> Option<Vec<(Horizon, Values)>> {
        let own = Varying { form: base.clone(), scale: 1.0, ..varying.clone() };
        let open = laid.open(&self.horizon);
        if !open.is_empty() {
            let shown = |edge: &Zoned| edge.strftime("%Y-%m-%d %H:%M").to_string();
            let stretches = open.iter().map(|part| format!("{} to {}", shown(part.start()), shown(part.end())));
            self.note(format!(
                "`{}.{}`: the input `{}` leaves open {}; there the basin's own values stand.",
                head.id,
                varying.key,
                laid.input,
                stretches.collect::<Vec<_>>().join(", ")
            ));
        }
        let mut found = Vec::with_capacity(open.len());
        for part in open {
            let whole = std::mem::replace(&mut self.horizon, part);
            let values = if at_ends { self.states(&own, head) } else { self.values(&own, head) };
            found.push((std::mem::replace(&mut self.horizon, whole), values?));
        }
        Some(found)
    }

    fn in_range(&mut self, varying: &Varying, head: &Head, by: &str, values: Vec<f64>) -> Option<Vec<f64>> {
        let outside = values.iter().position(|value| !(varying.range.0..=varying.range.1).contains(value));
        let Some(step) = outside else { return Some(values) };
        let told = out_of_range(values[step], varying.range);
        let message = format!("`{}`: {by} on {}: {told}", varying.key, self.horizon.name_of(step));
        self.refuse_in_time(&varying.place, head, message, None);
        None
    }

    /// A forecast as far as it reaches, and beyond it what takes its place: steps are cut where it ends.
    fn spliced_means(&mut self, varying: &Varying, head: &Head, splice: &Splice, base: &Form) -> Option<Vec<f64>> {
        let (fine, pieces) = self.horizon.cut_where(|date| date < splice.from);
        let forecast = pieces.iter().filter(|(_, held)| *held).count();
        let mut values = Vec::with_capacity(pieces.len());
        if forecast > 0 {
            let (edges, lengths_s) = (fine.edges[..=forecast].to_vec(), fine.lengths_s[..forecast].to_vec());
            let part = Horizon { time_zone: fine.time_zone.clone(), edges, lengths_s };
            let whole = std::mem::replace(&mut self.horizon, part);
            let own = self.values(&Varying { form: base.clone(), scale: 1.0, ..varying.clone() }, head);
            self.horizon = whole;
            let own = own?;
            values.extend((0..forecast).map(|piece| own.at(piece)));
        }
        let mean = |piece: usize| {
            let dates = fine.dates_of(piece);
            dates.iter().map(|(date, seconds)| splice.on(*date) * seconds).sum::<f64>() / fine.lengths_s[piece]
        };
        values.extend((forecast..pieces.len()).map(mean));
        let mut sums = vec![0.0; self.horizon.steps()];
        for (piece, &(step, _)) in pieces.iter().enumerate() {
            sums[step] += values[piece] * (fine.lengths_s[piece] / self.horizon.lengths_s[step]);
        }
        Some(sums)
    }

    /// A changed number: steps are cut where its period begins and ends, so that what varies within a step is changed where it holds.
    fn changed_means(&mut self, varying: &Varying, head: &Head, of: &Form, change: &Change) -> Option<Vec<f64>> {
        let own = Varying { form: of.clone(), scale: 1.0, ..varying.clone() };
        let start = self.start;
        let (fine, holds) = self.horizon.cut_where(|date| change.period.holds(date, start));
        let whole = std::mem::replace(&mut self.horizon, fine);
        let values = self.values(&own, head);
        let fine = std::mem::replace(&mut self.horizon, whole);
        let values = values?;
        let mut sums = vec![0.0; self.horizon.steps()];
        for (piece, &(step, held)) in holds.iter().enumerate() {
            let value = if held { change.of(values.at(piece)) } else { values.at(piece) };
            sums[step] += value * fine.lengths_s[piece] / self.horizon.lengths_s[step];
        }
        self.in_range(&Varying { place: change.place.clone(), ..own }, head, &change.to_string(), sums)
    }

    /// As [`changed_means`](Self::changed_means), at the end of each step.
    fn changed_states(&mut self, varying: &Varying, head: &Head, of: &Form, change: &Change) -> Option<Vec<f64>> {
        let own = Varying { form: of.clone(), scale: 1.0, ..varying.clone() };
        let values = self.states(&own, head)?;
        let value = |step: usize| {
            let held = change.period.holds(self.horizon.last_date_of(step), self.start);
            if held { change.of(values.at(step)) } else { values.at(step) }
        };
        let values = (0..self.horizon.steps()).map(value).collect();
        self.in_range(&Varying { place: change.place.clone(), ..own }, head, &change.to_string(), values)
    }

    fn seasons(
        &mut self,
        varying: &Varying,
        head: &Head,
        seasons: &[(Interval, f64)],
        otherwise: Option<f64>,
    ) -> Option<Vec<f64>> {
        let dates = (0..self.horizon.steps()).flat_map(|step| self.horizon.dates_of(step));
        let gap = dates.map(|(date, _)| date).find(|date| on(seasons, otherwise, *date).is_none());
        if let Some(date) = gap {
            self.season_gap(varying, head, date);
            return None;
        }
        Some(self.mean_of_days(|date| on(seasons, otherwise, date).unwrap_or(0.0)))
    }

    fn season_gap(&mut self, varying: &Varying, head: &Head, date: Date) {
        let hint = "give `otherwise`, or a season that holds that day".to_owned();
        self.refuse_in_time(&varying.place, head, format!("`{}`: no season holds {date}", varying.key), Some(hint));
    }

    fn column(&mut self, varying: &Varying, head: &Head, column: &SeriesColumn, at_ends: bool) -> Option<Vec<f64>> {
        let ends;
        let horizon = if at_ends {
            ends = minutes_at_ends(&self.horizon);
            &ends
        } else {
            &self.horizon
        };
        match column.series.recut(column.column, horizon, column.meaning, column.day_starts) {
            Ok(cut) => {
                let (first, apart) = if at_ends { (1, 2) } else { (0, 1) };
                let values: Vec<f64> = cut.0.iter().copied().skip(first).step_by(apart).collect();
                let outside = values.iter().position(|value| !(varying.range.0..=varying.range.1).contains(value));
                if let Some(step) = outside {
                    let message = format!(
                        "`{}`: column `{}` on {}: {}",
                        varying.key,
                        column.name,
                        self.horizon.name_of(step),
                        out_of_range(values[step], varying.range)
                    );
                    self.refuse_in_time(&varying.place, head, message, None);
                    return None;
                }
                Some(values)
            }
            Err(fault) => {
                for fault in fault.each() {
                    let named = format!("`{}` at {}", varying.key, varying.place);
                    let hint = fault.hint.as_ref().map_or_else(|| named.clone(), |hint| format!("{hint}; {named}"));
                    let place = Place::new(std::sync::Arc::clone(&column.series.path), fault.line);
                    let short = fault.is_short.then(|| Lacks::Days { key: varying.key.clone(), at: varying.place.clone() });
                    self.refuse_in_time(&place, head, &fault.message, Some(hint));
                    if let Some(own) = self.refusals.0.last_mut().filter(|_| self.timed) {
                        own.lacks = short;
                    }
                }
                None
            }
        }
    }
}

/// The value of the first season that holds a date.
fn on(seasons: &[(Interval, f64)], otherwise: Option<f64>, date: Date) -> Option<f64> {
    seasons.iter().find(|(interval, _)| interval.holds(date)).map(|&(_, value)| value).or(otherwise)
}

/// A grid of two steps for each of a horizon's: all but its last minute, and that.
fn minutes_at_ends(horizon: &Horizon) -> Horizon {
    let minute = jiff::SignedDuration::from_mins(1);
    let mut edges = vec![horizon.edges[0].clone()];
    let mut lengths_s = Vec::new();
    for (step, length_s) in horizon.lengths_s.iter().enumerate() {
        let end = &horizon.edges[step + 1];
        edges.extend([end.checked_sub(minute).unwrap_or_else(|_| end.clone()), end.clone()]);
        lengths_s.extend([length_s - 60.0, 60.0]);
    }
    Horizon { time_zone: horizon.time_zone.clone(), edges, lengths_s }
}
