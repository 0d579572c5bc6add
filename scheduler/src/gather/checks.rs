//! Quality checks of readings: range, rate of change, gaps, water balance. What fails one is left out and told.

use jiff::Timestamp;
use weir_model::basin::entry::{Entry, Field};
use weir_model::laid::Piece;

use super::back_computed::mean;
use super::readings::{Reading, Told};

/// Readings that are told by their time; of more only their number.
const TOLD: usize = 5;

/// What readings must keep, in the unit of the input's target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checks {
    /// Least and greatest value.
    pub range: Option<(f64, f64)>,
    /// Greatest rise or fall an hour.
    pub change_per_h: Option<f64>,
    /// Longest time between two readings that is no gap, hours.
    pub gap_h: Option<f64>,
    /// The flow that they must agree with.
    pub balance: Option<Balance>,
}

/// The flow that an input's must agree with, over the time that both cover up to now: such as the one computed back from the change
/// of storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// The other input.
    pub with: Field<String>,
    /// How far the means may be apart, m³/s.
    pub within_m3s: f64,
}

impl Balance {
    fn read(entry: &Entry<'_, '_>) -> Option<Self> {
        let part = entry.table("balance")?;
        let (with, within) = (part.text("with"), part.number_within("within_m3s", 0.0, f64::INFINITY));
        for key in ["with", "within_m3s"] {
            if !part.has(key) {
                part.missing_because(&[key], "`balance = { with = \"observed_inflow\", within_m3s = 10 }`");
            }
        }
        part.finish();
        Some(Self { with: with?, within_m3s: within?.value })
    }

    /// What is wrong, of the lines of both flows in m³/s up to an instant; none where they agree or have no time in common.
    pub fn fault(&self, own: &[Piece], other: &[Piece], now: Timestamp) -> Option<String> {
        let (mut sums, mut seconds) = ((0.0, 0.0), 0.0);
        for piece in other.iter().filter(|piece| piece.to <= now) {
            let Some(own) = mean(own, piece.from, piece.to) else { continue };
            let length = piece.to.duration_since(piece.from).as_secs_f64();
            sums.0 += own * length;
            sums.1 += f64::midpoint(piece.first, piece.last) * length;
            seconds += length;
        }
        let (own, other) = (sums.0 / seconds, sums.1 / seconds);
        (seconds > 0.0 && (own - other).abs() > self.within_m3s).then(|| {
            let (hours, within) = (seconds / 3600.0, self.within_m3s);
            format!(
                "water balance: its mean of {hours:.0} h is {own:.2} m³/s, that of `{}` {other:.2}; {within} is the limit",
                self.with.value
            )
        })
    }
}

impl Checks {
    /// Reads the keys `range`, `change_per_h`, `gap_h` and `balance`.
    pub fn read(entry: &Entry<'_, '_>) -> Self {
        let range = entry.numbers("range").and_then(|range| match range.value[..] {
            [least, most] if least < most => Some((least, most)),
            _ => {
                let message = "`range`: expected two numbers that rise, the least and the greatest value";
                entry.refuse(&range.place, message, Some("such as `range = [100, 156]`".to_owned()));
                None
            }
        });
        let positive = |key: &str| {
            let number = entry.number(key)?;
            if number.value <= 0.0 {
                entry.refuse(&number.place, format!("`{key}`: {} is not above 0", number.value), None);
            }
            Some(number.value)
        };
        Self { range, change_per_h: positive("change_per_h"), gap_h: positive("gap_h"), balance: Balance::read(entry) }
    }

    /// The readings that keep range and rate of change. A reading that leaps is left out, and so are those after it that are as far
    /// from the last good one, until one is within reach again.
    pub fn keep(&self, readings: Vec<Reading>, told: &mut Told) -> Vec<Reading> {
        let (least, most) = self.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let (mut outside, mut leaping) = (Vec::new(), Vec::new());
        let mut kept: Vec<Reading> = Vec::with_capacity(readings.len());
        for reading in readings {
            let leaps = |last: &Reading| {
                let hours = reading.time.duration_since(last.time).as_secs_f64() / 3600.0;
                self.change_per_h.is_some_and(|most| (reading.value - last.value).abs() > most * hours)
            };
            if !(least..=most).contains(&reading.value) {
                outside.push(reading);
            } else if kept.last().is_some_and(leaps) {
                leaping.push(reading);
            } else {
                kept.push(reading);
            }
        }
        tell(&outside, &format!("outside the range {least} to {most}"), told);
        if let Some(change) = self.change_per_h {
            tell(&leaping, &format!("a change of more than {change} an hour"), told);
        }
        kept
    }

    /// Whether two readings, one after the other, are too far apart to be joined; `usual` is the distance of their neighbours.
    pub fn is_gap(&self, from: Timestamp, to: Timestamp, usual: Option<f64>) -> bool {
        let seconds = to.duration_since(from).as_secs_f64();
        match self.gap_h {
            Some(gap_h) => seconds > gap_h * 3600.0,
            None => usual.is_some_and(|usual| seconds >= weir_model::series::GAP * usual),
        }
    }
}

fn tell(readings: &[Reading], what: &str, told: &mut Told) {
    if readings.is_empty() {
        return;
    }
    let mut shown: Vec<String> =
        readings.iter().take(TOLD).map(|reading| format!("{} at {}", reading.value, reading.time)).collect();
    if readings.len() > TOLD {
        shown.push(format!("and {} more", readings.len() - TOLD));
    }
    told.faults.push(format!("{what}, left out: {}", shown.join(", ")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hourly(values: &[f64]) -> Vec<Reading> {
        let time = |hour: usize| Timestamp::from_second(hour as i64 * 3600).unwrap_or_default();
        values.iter().enumerate().map(|(hour, &value)| Reading { time: time(hour), value }).collect()
    }

    #[test]
    fn outside_the_range_and_leaps_are_left_out() {
        let checks = Checks { range: Some((0.0, 200.0)), change_per_h: Some(2.0), ..Checks::default() };
        let mut told = Told::default();
        // 107 leaps by 6 over the last good one; at the next hour 104.5 is 3.5 from 101 in two hours, and within reach.
        let kept = checks.keep(hourly(&[100.0, 101.0, 107.0, 104.5, -3.0, 104.0]), &mut told);
        assert_eq!(kept.iter().map(|reading| reading.value).collect::<Vec<_>>(), [100.0, 101.0, 104.5, 104.0]);
        assert_eq!(
            told.faults,
            [
                "outside the range 0 to 200, left out: -3 at 1970-01-01T04:00:00Z",
                "a change of more than 2 an hour, left out: 107 at 1970-01-01T02:00:00Z"
            ]
        );
    }

    #[test]
    fn a_gap_is_told_by_the_neighbours_or_by_hours() {
        let at = |hours: i64| Timestamp::from_second(hours * 3600).unwrap_or_default();
        let checks = Checks::default();
        assert!(checks.is_gap(at(0), at(2), Some(3600.0)));
        assert!(!checks.is_gap(at(0), at(2), Some(7200.0)) && !checks.is_gap(at(0), at(2), None));
        let six = Checks { gap_h: Some(6.0), ..checks };
        assert!(!six.is_gap(at(0), at(6), Some(3600.0)) && six.is_gap(at(0), at(7), Some(36_000.0)));
    }
}
