//! Back-computed inflow 反推入库: from the change of storage, by the reservoir's curve, and the outflow.
//!
//! inflow = Δstorage ÷ Δt + Σ outflow, on steps of equal length. Smoothing takes a mean of so many steps around each, mirrored at both
//! ends, so that every step's water is shared out whole: the volume is that of before. Negative values are kept and told.
//! Units: levels m or storages hm³, outflows and inflow m³/s.
//! Fails: an element without a curve; no step that both storage and outflow cover.

use jiff::{SignedDuration, Timestamp};
use weir_model::basin::entry::{Entry, Field};
use weir_model::curve::Curve;
use weir_model::laid::Piece;
use weir_model::units::HM3_PER_M3;

use super::readings::{Reading, Told};

/// Steps that are computed at most: the newest.
const MOST_STEPS: usize = 5000;

/// How an inflow is computed back.
#[derive(Clone, Debug)]
pub struct BackComputed {
    /// The reservoir.
    pub reservoir: Field<String>,
    /// The input of its levels or storages.
    pub storage: Field<String>,
    /// The inputs of what leaves it.
    pub outflow: Vec<Field<String>>,
    /// Length of the steps, hours.
    pub step_h: f64,
    /// Length over which it is smoothed, hours; the step's for none.
    pub smooth_h: f64,
}

impl BackComputed {
    /// Reads the keys `reservoir`, `level`, `outflow`, `step_h` and `smooth_h`.
    pub fn read(entry: &Entry<'_, '_>) -> Option<Self> {
        let (reservoir, storage) = (entry.text("reservoir"), entry.text("level"));
        let outflow = entry.texts("outflow");
        for (key, what) in [
            ("reservoir", "the reservoir whose curve is taken"),
            ("level", "the id of the input of its levels or storages"),
            ("outflow", "the ids of the inputs of all that leaves it: release, spill and what is taken out"),
        ] {
            if !entry.has(key) {
                entry.missing_because(&[key], what);
            }
        }
        let step_h = entry.number_within("step_h", 0.25, 744.0).map_or(24.0, |hours| hours.value);
        let smooth = entry.number_within("smooth_h", 0.0, 744.0);
        if let Some(smooth) = smooth.as_ref().filter(|smooth| (smooth.value / step_h).fract() != 0.0) {
            let message = format!("`smooth_h`: {} is not a number of steps of {step_h} h", smooth.value);
            entry.refuse(
                &smooth.place,
                message,
                Some("a multiple of `step_h`, an odd one for a window around each step".to_owned()),
            );
        }
        let smooth_h = smooth.map_or(step_h, |smooth| smooth.value.max(step_h));
        Some(Self { reservoir: reservoir?, storage: storage?, outflow, step_h, smooth_h })
    }

    /// The inputs that it is computed from.
    pub fn parts(&self) -> impl Iterator<Item = &Field<String>> {
        std::iter::once(&self.storage).chain(&self.outflow)
    }

    /// The inflow as means from each step's start on. `storage` gives hm³ as a line of time; steps begin at `origin` or whole steps
    /// before it.
    pub fn compute(&self, storage: &[Piece], outflow: &[Vec<Piece>], origin: Timestamp, told: &mut Told) -> Vec<Reading> {
        let step = SignedDuration::from_secs_f64(self.step_h * 3600.0);
        let seconds = step.as_secs_f64();
        let mut readings = Vec::new();
        let mut from = origin;
        let first = storage.first().map_or(origin, |piece| piece.from);
        for _ in 0..MOST_STEPS {
            if from < first {
                break;
            }
            let Ok(to) = from.checked_add(step) else { break };
            if let (Some(start), Some(end)) = (at(storage, from), at(storage, to)) {
                let out: Option<f64> = outflow.iter().map(|pieces| mean(pieces, from, to)).sum();
                if let Some(out) = out {
                    readings.push(Reading { time: from, value: (end - start) / HM3_PER_M3 / seconds + out });
                }
            }
            let Ok(before) = from.checked_sub(step) else { break };
            from = before;
        }
        readings.reverse();
        let whole = readings.windows(2).all(|pair| pair[1].time.duration_since(pair[0].time) == step);
        let width = (self.smooth_h / self.step_h).round() as usize;
        if width > 1 && whole {
            let smoothed = smooth(&readings.iter().map(|reading| reading.value).collect::<Vec<_>>(), width);
            for (reading, value) in readings.iter_mut().zip(smoothed) {
                reading.value = value;
            }
            told.notes.push(format!("smoothed over {} h, its volume kept", self.smooth_h));
        } else if width > 1 {
            told.faults.push("not smoothed: steps are missing".to_owned());
        }
        let negative: Vec<&Reading> = readings.iter().filter(|reading| reading.value < 0.0).collect();
        if let Some(worst) = negative.iter().min_by(|a, b| a.value.total_cmp(&b.value)) {
            told.notes.push(format!(
                "{} negative values kept, the least {:.2} at {}",
                negative.len(),
                worst.value,
                worst.time
            ));
        }
        readings
    }
}

/// Storages of levels by a curve; a level outside it is left out and told.
pub fn storages(levels: &[Reading], curve: &Curve, told: &mut Told) -> Vec<Reading> {
    let found: Vec<Reading> = levels
        .iter()
        .filter_map(|level| Some(Reading { time: level.time, value: curve.storage_at(level.value)? }))
        .collect();
    if found.len() < levels.len() {
        told.faults.push(format!("{} levels outside the curve, left out", levels.len() - found.len()));
    }
    found
}

/// The value of lines at an instant that they cover, both ends included.
fn at(pieces: &[Piece], instant: Timestamp) -> Option<f64> {
    let piece = pieces.get(pieces.partition_point(|piece| piece.to < instant)).filter(|piece| piece.from <= instant)?;
    let share = instant.duration_since(piece.from).as_secs_f64() / piece.to.duration_since(piece.from).as_secs_f64();
    Some(piece.first + (piece.last - piece.first) * share)
}

/// The mean of lines over an interval that they cover whole.
pub fn mean(pieces: &[Piece], from: Timestamp, to: Timestamp) -> Option<f64> {
    let first = pieces.partition_point(|piece| piece.to <= from);
    let within = pieces[first..].iter().take_while(|piece| piece.from < to);
    let (sum, covered) = within.fold((0.0, 0.0), |(sum, covered), piece| {
        let (part, seconds) = piece.over(from, to);
        (sum + part, covered + seconds)
    });
    let whole = to.duration_since(from).as_secs_f64();
    (covered > 0.999_999 * whole).then(|| sum / covered)
}

/// The mean of `width` values around each, those beyond an end mirrored: the weights of each value sum to 1 over all means, so
/// that the sum is kept. An even width takes half of the two outermost.
fn smooth(values: &[f64], width: usize) -> Vec<f64> {
    if width < 2 || values.is_empty() {
        return values.to_vec();
    }
    let count = values.len() as i64;
    let mirrored = |index: i64| {
        let index = index.rem_euclid(2 * count);
        values[if index < count { index } else { 2 * count - 1 - index } as usize]
    };
    let half = (width / 2) as i64;
    let edge = if width.is_multiple_of(2) { 0.5 } else { 1.0 };
    let around = |at: i64| {
        let inner: f64 = (1 - half..half).map(|offset| mirrored(at + offset)).sum();
        (inner + edge * (mirrored(at - half) + mirrored(at + half))) / width as f64
    };
    (0..count).map(around).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it must")]

    use super::*;

    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn lines(values: &[f64]) -> Vec<Piece> {
        let pairs = values.windows(2).enumerate();
        pairs
            .map(|(at, pair)| Piece { from: hour(at as i64), to: hour(at as i64 + 1), first: pair[0], last: pair[1] })
            .collect()
    }

    fn hourly(smooth_h: f64) -> BackComputed {
        let field = |value: &str| Field {
            value: value.to_owned(),
            place: weir_model::place::Place::new("jobs.toml", 1),
            key: String::new(),
        };
        BackComputed {
            reservoir: field("lake"),
            storage: field("level"),
            outflow: vec![field("out")],
            step_h: 1.0,
            smooth_h,
        }
    }

    fn computed(smooth_h: f64, storage: &[f64], outflow: f64, told: &mut Told) -> Vec<f64> {
        let out = vec![lines(&vec![outflow; storage.len()])];
        let origin = hour(storage.len() as i64 - 2);
        hourly(smooth_h).compute(&lines(storage), &out, origin, told).iter().map(|reading| reading.value).collect()
    }

    #[test]
    fn the_change_of_storage_and_the_outflow_make_the_inflow() {
        // +0.036 hm³ in an hour are 10 m³/s, −0.072 are −20; 15 m³/s leave: 25, −5, 15.
        let mut told = Told::default();
        let found = computed(1.0, &[5.0, 5.036, 4.964, 4.964], 15.0, &mut told);
        for (found, wanted) in found.iter().zip([25.0, -5.0, 15.0]) {
            assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        }
        assert_eq!(found.len(), 3);
        assert_eq!(told.notes, ["1 negative values kept, the least -5.00 at 1970-01-01T01:00:00Z"]);
    }

    #[test]
    fn smoothing_keeps_the_volume() {
        assert_eq!(smooth(&[3.0, 0.0, 9.0, 0.0], 3), [2.0, 4.0, 3.0, 3.0]);
        for width in 1..12 {
            let values = [25.0, -5.0, 15.0, 40.0, -12.5, 7.0, 0.25];
            let smoothed = smooth(&values, width);
            assert!((smoothed.iter().sum::<f64>() - values.iter().sum::<f64>()).abs() < 1e-9, "{width}: {smoothed:?}");
        }
        let mut told = Told::default();
        let found = computed(3.0, &[5.0, 5.036, 4.964, 4.964], 15.0, &mut told);
        assert!((found.iter().sum::<f64>() - 35.0).abs() < 1e-9, "{found:?}");
        assert_eq!(told.notes[0], "smoothed over 3 h, its volume kept");
    }

    #[test]
    fn a_hole_in_the_outflow_leaves_its_step_out() {
        let mut told = Told::default();
        let out = vec![lines(&[10.0, 10.0])];
        let found = hourly(1.0).compute(&lines(&[1.0, 1.0, 1.0]), &out, hour(1), &mut told);
        assert_eq!(found, [Reading { time: hour(0), value: 10.0 }]);
    }
}
