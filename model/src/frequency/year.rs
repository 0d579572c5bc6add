//! The year of a record that stands for a frequency 典型年: chosen by its volume, and scaled to it 同倍比.
//!
//! Of the years whose volume lies within a tenth of the curve's value, or the nearest where none does, the one that is least
//! favourable: with the least in its driest third. Every value of it is multiplied by the curve's value ÷ its volume.
//! Units: volumes in any unit. Fails: fewer years than [`FEWEST_YEARS`], or what is no [`Sample`].

use super::sample::{Sample, TooLittle, Weights};

/// A record of fewer years is no ground for a frequency.
pub const FEWEST_YEARS: usize = 10;
/// Practice asks for so many; with fewer it is said.
pub const USUAL_YEARS: usize = 30;

/// Years within this share of the wanted volume may stand for it.
const NEAR: f64 = 0.1;

/// A year that stands for a frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrequencyYear {
    /// The frequency, percent of years that reach its volume.
    pub percent: f64,
    /// The year of the record.
    pub year: i16,
    /// What each of its values is multiplied by.
    pub factor: f64,
    /// Volume by the curve.
    pub volume: f64,
    /// How many years the record has.
    pub years: usize,
}

impl FrequencyYear {
    /// The year of a frequency, of years with their volume and that of their driest third.
    ///
    /// # Errors
    /// Where the record is no ground for it.
    pub fn choose(years: &[(i16, f64, f64)], percent: f64, weights: Weights) -> Result<Self, String> {
        Self::after(years, percent, percent, weights)
    }

    /// A frequency's volume in the days of the year that stands for another: frequencies that are set side by side differ by how much
    /// water comes, and not by when.
    ///
    /// # Errors
    /// Where the record is no ground for it.
    pub fn after(years: &[(i16, f64, f64)], percent: f64, pattern: f64, weights: Weights) -> Result<Self, String> {
        if years.len() < FEWEST_YEARS {
            return Err(format!("a frequency needs {FEWEST_YEARS} years at least, and the record has {}", years.len()));
        }
        let sample = Sample::new(years.iter().map(|(_, volume, _)| *volume)).map_err(|why: TooLittle| why.to_string())?;
        let curve = sample.fitted(weights);
        let volume = curve.at(percent / 100.0).max(0.0);
        let near = curve.at(pattern / 100.0).max(0.0);
        let away = |had: f64| (had - near).abs();
        let nearest = years.iter().map(|(_, had, _)| away(*had)).fold(f64::INFINITY, f64::min);
        let may = years.iter().filter(|(_, had, _)| away(*had) <= (NEAR * near).max(nearest) && *had > 0.0);
        let least = may.min_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
        let &(year, had, _) = least.ok_or("no year of the record has any water")?;
        Ok(Self { percent, year, factor: volume / had, volume, years: years.len() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn of_near_years_the_least_favourable_stands() {
        // Ten years, 100, 98, …: the curve's P = 50 % lies near 91, and all from 82 to 98 are within a tenth.
        let years: Vec<(i16, f64, f64)> = (0..10_i16).map(|at| (2000 + at, 100.0 - 2.0 * f64::from(at), 20.0)).collect();
        let plain = FrequencyYear::choose(&years, 50.0, Weights::Dry).unwrap();
        assert!((plain.volume - 91.0).abs() < 0.5, "{plain:?}");
        assert_eq!(plain.year, 2001, "equals: the earliest");
        assert!((plain.factor * 98.0 - plain.volume).abs() < 1e-9);
        let mut harsh = years;
        harsh[6].2 = 3.0;
        let chosen = FrequencyYear::choose(&harsh, 50.0, Weights::Dry).unwrap();
        assert_eq!(chosen.year, 2006);
        assert!((chosen.factor * 88.0 - chosen.volume).abs() < 1e-9);
    }

    #[test]
    fn far_from_all_years_the_nearest_stands() {
        let years: Vec<(i16, f64, f64)> = (0..12_i16).map(|at| (1990 + at, 40.0 + 20.0 * f64::from(at), 1.0)).collect();
        let dry = FrequencyYear::choose(&years, 99.0, Weights::Dry).unwrap();
        assert_eq!(dry.year, 1990);
        assert!(dry.factor < 1.0);
    }

    #[test]
    fn a_short_record_is_no_ground() {
        let years = [(2000, 1.0, 0.1), (2001, 2.0, 0.1), (2002, 3.0, 0.1)];
        assert!(FrequencyYear::choose(&years, 75.0, Weights::Dry).unwrap_err().contains("10 years"));
    }
}
