//! From readings to what is laid over the basin: a state at the start, means of the steps before it, or a number in time.
//!
//! - A state is the straight line between the readings around the start, else the nearest one; readings from after now do not count.
//! - Means before the start are those of stretches as long as the first step, as many as the readings cover without a gap.
//! - A number in time holds from its time to the next (`mean`), or is the line between its readings (`instant`); gaps stay open.
//!
//! Fails: no reading that can be used (missing), none that is new enough or that reaches far enough (late).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use weir_model::horizon::Horizon;
use weir_model::laid::{LaidForm, LaidSeries, Piece};
use weir_model::series::{Meaning, Rhythm};

use super::input::{FallBack, Input, Shape};
use super::readings::Reading;

/// Means before the start that are taken at most.
const MOST_PAST: usize = 100;

/// When a run is.
#[derive(Clone, Copy, Debug)]
pub struct When<'a> {
    /// What time it is.
    pub now: Timestamp,
    /// The run's horizon.
    pub horizon: &'a Horizon,
}

impl When<'_> {
    fn start(&self) -> Timestamp {
        self.horizon.start().timestamp()
    }

    fn end(&self) -> Timestamp {
        self.horizon.end().timestamp()
    }

    /// An instant in the basin's zone.
    pub fn shown(&self, instant: Timestamp) -> String {
        weir_model::horizon::rfc3339(&instant.to_zoned(self.horizon.zone().clone()))
    }
}

/// What readings give.
#[derive(Clone, Debug)]
pub struct Formed {
    /// The value.
    pub form: LaidForm,
    /// Time of the last value that it stands on.
    pub last: Timestamp,
    /// Stretches within the horizon that a gap leaves open.
    pub gaps: Vec<(Timestamp, Timestamp)>,
}

/// The value that an input's readings give now.
///
/// # Errors
/// Why they give none: late or missing.
pub fn form(input: &Input, readings: &[Reading], when: When<'_>) -> Result<Formed, String> {
    let newest = readings.iter().rev().find(|reading| reading.time <= when.now);
    if let Some(limit) = input.fresh_h {
        let newest = newest.ok_or_else(|| "missing: no reading up to now".to_owned())?;
        let age_h = when.now.duration_since(newest.time).as_secs_f64() / 3600.0;
        if age_h > limit {
            let at = when.shown(newest.time);
            return Err(format!("late: its newest reading is of {at}, {age_h:.1} h old, the limit is {limit} h"));
        }
    }
    let formed = shaped(input, readings, when)?;
    if let (Some(covers_h), LaidForm::Series(series)) = (input.covers_h, &formed.form) {
        let reached = reached(&series.pieces, when.start());
        let wanted = when.start().saturating_add(SignedDuration::from_secs_f64(covers_h * 3600.0)).unwrap_or(when.end());
        if reached < wanted.min(when.end()) {
            let (reached, wanted) = (when.shown(reached), when.shown(wanted));
            return Err(format!("late: it reaches without a gap to {reached}, not to {wanted} ({covers_h} h)"));
        }
    }
    Ok(formed)
}

/// As [`form`], however old the readings are.
fn shaped(input: &Input, readings: &[Reading], when: When<'_>) -> Result<Formed, String> {
    match input.shape() {
        Shape::State => state(input, readings, when),
        Shape::Past => past(input, readings, when),
        Shape::Series => series(input, readings, when),
    }
}

/// What stands for an input, of the readings at hand and of those remembered. `None` for what the basin's file holds.
///
/// # Errors
/// There is nothing that this fall-back could give.
pub fn stand_in(
    fall_back: FallBack,
    input: &Input,
    (at_hand, remembered): (&[Reading], &[Reading]),
    when: When<'_>,
) -> Result<Option<Formed>, String> {
    let nothing = || format!("`{}` has nothing to give", fall_back.word());
    match fall_back {
        FallBack::None => Err("no fall-back".to_owned()),
        FallBack::Basin => Ok(None),
        FallBack::Climatology => {
            let profile = input.climatology.as_ref().ok_or_else(nothing)?;
            let on = |instant: Timestamp| profile.on(instant.to_zoned(when.horizon.zone().clone()).date());
            let form = match input.shape() {
                Shape::State => LaidForm::State(on(when.start())),
                Shape::Past => LaidForm::Past(vec![on(when.start())]),
                Shape::Series => {
                    let days = when.horizon.start().date().series(jiff::Span::new().days(1));
                    let edges = days.map_while(|day| Some(day.to_zoned(when.horizon.zone().clone()).ok()?.timestamp()));
                    let mut edges: Vec<Timestamp> = edges.take_while(|edge| *edge < when.end()).collect();
                    edges.push(when.end());
                    let piece =
                        |pair: &[Timestamp]| Piece { from: pair[0], to: pair[1], first: on(pair[0]), last: on(pair[0]) };
                    laid(input, edges.windows(2).map(piece).collect())
                }
            };
            Ok(Some(Formed { form, last: when.start(), gaps: Vec::new() }))
        }
        FallBack::Yesterday => shaped(input, remembered, when).map(Some).map_err(|_| nothing()),
        FallBack::Last => {
            let newest = |readings: &[Reading]| readings.iter().rev().find(|reading| reading.time <= when.now).copied();
            let last = newest(at_hand).into_iter().chain(newest(remembered)).max_by_key(|reading| reading.time);
            let Reading { time, value } = last.ok_or_else(nothing)?;
            let form = match input.shape() {
                Shape::State => LaidForm::State(value),
                Shape::Past => LaidForm::Past(vec![value]),
                Shape::Series => laid(input, vec![Piece { from: when.start(), to: when.end(), first: value, last: value }]),
            };
            Ok(Some(Formed { form, last: time, gaps: Vec::new() }))
        }
    }
}

fn laid(input: &Input, pieces: Vec<Piece>) -> LaidForm {
    LaidForm::Series(Arc::new(LaidSeries { input: input.id.clone(), digest: String::new(), substituted_by: None, pieces }))
}

fn state(input: &Input, readings: &[Reading], when: When<'_>) -> Result<Formed, String> {
    let known = &readings[..readings.partition_point(|reading| reading.time <= when.now)];
    let after = known.partition_point(|reading| reading.time <= when.start());
    let (before, after) = (after.checked_sub(1).map(|before| known[before]), known.get(after).copied());
    let (value, last) = match (before, after) {
        (Some(before), Some(after)) if !input.checks.is_gap(before.time, after.time, None) => {
            let whole = after.time.duration_since(before.time).as_secs_f64();
            let share = when.start().duration_since(before.time).as_secs_f64() / whole;
            (before.value + (after.value - before.value) * share, after.time)
        }
        (Some(one), None) | (None, Some(one)) => (one.value, one.time),
        (Some(before), Some(after)) => {
            let nearer = if when.start().duration_since(before.time) <= after.time.duration_since(when.start()) {
                before
            } else {
                after
            };
            (nearer.value, nearer.time)
        }
        (None, None) => return Err("missing: no reading up to now".to_owned()),
    };
    Ok(Formed { form: LaidForm::State(value), last, gaps: Vec::new() })
}

fn past(input: &Input, readings: &[Reading], when: When<'_>) -> Result<Formed, String> {
    let (pieces, _) = pieces(input, readings, when);
    let length = SignedDuration::from_secs_f64(when.horizon.lengths_s[0]);
    let series = LaidSeries { input: String::new(), digest: String::new(), substituted_by: None, pieces };
    let zone = when.horizon.zone();
    let mut edges = vec![when.start()];
    for _ in 0..MOST_PAST {
        edges.push(edges[edges.len() - 1].saturating_sub(length).unwrap_or(Timestamp::MIN));
    }
    edges.reverse();
    let steps = Horizon {
        time_zone: when.horizon.time_zone.clone(),
        edges: edges.iter().map(|edge| edge.to_zoned(zone.clone())).collect(),
        lengths_s: vec![when.horizon.lengths_s[0]; MOST_PAST],
    };
    let sums = series.over(&steps);
    let covered = sums.iter().rev().take_while(|(_, seconds)| *seconds > 0.999 * when.horizon.lengths_s[0]);
    let mut means: Vec<f64> = covered.map(|(sum, seconds)| sum / seconds).collect();
    means.reverse();
    let last = readings.iter().rev().find(|reading| reading.time <= when.start()).map(|reading| reading.time);
    match last.filter(|_| !means.is_empty()) {
        Some(last) => Ok(Formed { form: LaidForm::Past(means), last, gaps: Vec::new() }),
        None => Err("missing: its readings do not cover the step before the start".to_owned()),
    }
}

fn series(input: &Input, readings: &[Reading], when: When<'_>) -> Result<Formed, String> {
    let (start, end) = (when.start(), when.end());
    let (mut pieces, gaps) = pieces(input, readings, when);
    if let Some(last) = pieces.last().copied().filter(|_| input.hold_h > 0.0) {
        let held = SignedDuration::from_secs_f64(input.hold_h * 3600.0);
        let to = last.to.saturating_add(held).unwrap_or(end);
        pieces.push(Piece { from: last.to, to, first: last.last, last: last.last });
    }
    let pieces: Vec<Piece> = pieces.into_iter().filter(|piece| piece.to > start && piece.from < end).collect();
    let last = pieces.last().map(|piece| if piece.to <= end { piece.to } else { piece.from });
    let last = last.ok_or_else(|| "missing: no value within the horizon".to_owned())?;
    let gaps = gaps.into_iter().filter(|(from, to)| *to > start && *from < end).collect();
    Ok(Formed { form: laid(input, pieces), last, gaps })
}

/// Until when pieces go on from an instant without a break.
fn reached(pieces: &[Piece], from: Timestamp) -> Timestamp {
    pieces.iter().fold(from, |at, piece| if piece.from <= at { at.max(piece.to) } else { at })
}

/// The stretches on which the value is known, and the gaps between them.
pub fn pieces(input: &Input, readings: &[Reading], when: When<'_>) -> (Vec<Piece>, Vec<(Timestamp, Timestamp)>) {
    let zone = when.horizon.zone();
    let (mut pieces, mut gaps) = (Vec::with_capacity(readings.len()), Vec::new());
    let distance = |first: usize| {
        let pair = readings.get(first..first + 2)?;
        Some(pair[1].time.duration_since(pair[0].time).as_secs_f64())
    };
    for (index, reading) in readings.iter().enumerate() {
        let before = index.checked_sub(1);
        let Some(next) = readings.get(index + 1) else {
            if input.meaning == Meaning::Mean {
                // The last holds for as long as the one before it, one alone for a day.
                let rhythm =
                    before.map_or(Rhythm::Days(1), |before| Rhythm::between(readings[before].time, reading.time, zone));
                pieces.push(flat(reading, rhythm.after(reading.time, zone)));
            }
            break;
        };
        let usual = before.and_then(distance).into_iter().chain(distance(index + 1)).reduce(f64::max);
        let is_gap = input.checks.is_gap(reading.time, next.time, usual);
        match input.meaning {
            Meaning::Mean if is_gap => {
                let like = before.map_or(index + 1, |before| before);
                let rhythm = readings.get(like..like + 2);
                let held = rhythm.map_or(next.time, |pair| {
                    Rhythm::between(pair[0].time, pair[1].time, zone).after(reading.time, zone).min(next.time)
                });
                pieces.push(flat(reading, held));
                if held < next.time {
                    gaps.push((held, next.time));
                }
            }
            Meaning::Mean => pieces.push(flat(reading, next.time)),
            Meaning::Instant if is_gap => gaps.push((reading.time, next.time)),
            Meaning::Instant => {
                pieces.push(Piece { from: reading.time, to: next.time, first: reading.value, last: next.value });
            }
        }
    }
    (pieces, gaps)
}

fn flat(reading: &Reading, to: Timestamp) -> Piece {
    Piece { from: reading.time, to, first: reading.value, last: reading.value }
}
