//! Designs: which points of its ranges a sweep asks, each point a number in [0, 1) a range.
//!
//! *grid*: every combination, the last range the fastest. *latin_hypercube*: of so many points each lies in a stratum of its own on every
//! range. *sobol*: Owen-scrambled Sobol' points. *effects*: for each of so many Sobol' points of twice the dimensions its halves A and B, and A
//! with each range in turn taken from B: so many × (ranges + 2) members, for [`effects`](super::effects).
//!
//! Every point is a function of its number and the seed alone, so that a sweep can be cut anywhere.
//! Source: Burley 2020 (scrambled Sobol' points); Saltelli et al. 2010 (the design of effects).
//! Limits: 65,536 points, 256 dimensions.

/// Most points of a design: as many as Sobol' points of 16 bits.
pub const MOST_POINTS: usize = 1 << 16;
/// Most ranges: half the dimensions of the points, since effects take two each.
pub const MOST_RANGES: usize = 128;

/// Words of the designs.
pub const DESIGNS: [&str; 4] = ["grid", "latin_hypercube", "sobol", "effects"];

/// A design.
#[derive(Clone, Debug, PartialEq)]
pub enum Design {
    /// Every combination: how many places each range has.
    Grid(Vec<usize>),
    /// A Latin hypercube: of each range its strata in the order of the points, and where in its stratum each lies.
    LatinHypercube(Vec<Vec<f64>>),
    /// Sobol' points of so many ranges.
    Sobol {
        /// Points.
        points: usize,
        /// Ranges.
        ranges: usize,
        /// Seed of the scrambling.
        seed: u32,
    },
    /// The design of effects.
    Effects {
        /// Points.
        points: usize,
        /// Ranges.
        ranges: usize,
        /// Seed of the scrambling.
        seed: u32,
    },
}

impl Design {
    /// A Latin hypercube of so many points.
    pub fn latin_hypercube(points: usize, ranges: usize, seed: u32) -> Self {
        let mut random = Random(u64::from(seed));
        let range = |_| {
            let mut strata: Vec<usize> = (0..points).collect();
            for last in (1..points).rev() {
                strata.swap(last, (random.next() * (last + 1) as f64) as usize);
            }
            strata.into_iter().map(|stratum| (stratum as f64 + random.next()) / points as f64).collect()
        };
        Self::LatinHypercube((0..ranges).map(range).collect())
    }

    /// How many members it has.
    pub fn count(&self) -> usize {
        match self {
            Self::Grid(places) => places.iter().product(),
            Self::LatinHypercube(ranges) => ranges.first().map_or(0, Vec::len),
            Self::Sobol { points, .. } => *points,
            Self::Effects { points, ranges, .. } => points * (ranges + 2),
        }
    }

    /// Where a member lies on each range.
    pub fn at(&self, number: usize) -> Vec<f64> {
        match self {
            Self::Grid(places) => {
                let mut rest = number;
                let mut at: Vec<f64> = places
                    .iter()
                    .rev()
                    .map(|&places| {
                        let place = rest % places;
                        rest /= places;
                        // The middle of its part, so that no rounding moves it to another.
                        (place as f64 + 0.5) / places as f64
                    })
                    .collect();
                at.reverse();
                at
            }
            Self::LatinHypercube(ranges) => ranges.iter().map(|range| range[number]).collect(),
            Self::Sobol { ranges, seed, .. } => (0..*ranges).map(|range| sobol(number, range, *seed)).collect(),
            Self::Effects { ranges, seed, .. } => {
                let (point, which) = (number / (ranges + 2), number % (ranges + 2));
                let half = |range: usize| match which {
                    0 => range,
                    1 => range + ranges,
                    mixed if mixed - 2 == range => range + ranges,
                    _ => range,
                };
                (0..*ranges).map(|range| sobol(point, half(range), *seed)).collect()
            }
        }
    }
}

fn sobol(point: usize, dimension: usize, seed: u32) -> f64 {
    f64::from(sobol_burley::sample(point as u32, dimension as u32, seed))
}

/// Numbers in [0, 1) that look drawn by lot, the same everywhere: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Design;

    #[test]
    fn a_grid_has_every_combination_once() {
        let grid = Design::Grid(vec![2, 3]);
        let places =
            |number: usize| grid.at(number).iter().zip([2.0, 3.0]).map(|(at, of)| (at * of) as usize).collect::<Vec<_>>();
        let all: Vec<Vec<usize>> = (0..grid.count()).map(places).collect();
        assert_eq!(all, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]].map(|both| both.to_vec()));
    }

    /// Of 16 points each has a sixteenth of every range to itself; of Sobol' points that holds of any 2^k from the start.
    #[test]
    fn every_stratum_of_every_range_has_its_point() {
        for design in [Design::latin_hypercube(16, 5, 7), Design::Sobol { points: 16, ranges: 5, seed: 7 }] {
            assert_eq!(design.count(), 16);
            for range in 0..5 {
                let mut strata: Vec<usize> = (0..16).map(|number| (design.at(number)[range] * 16.0) as usize).collect();
                strata.sort_unstable();
                assert_eq!(strata, (0..16).collect::<Vec<_>>());
            }
        }
        assert_ne!(Design::latin_hypercube(16, 1, 7), Design::latin_hypercube(16, 1, 8));
    }

    #[test]
    fn a_mixed_point_of_effects_has_one_range_of_the_other() {
        let design = Design::Effects { points: 4, ranges: 3, seed: 1 };
        assert_eq!(design.count(), 20);
        for point in 0..4 {
            let of = |which: usize| design.at(point * 5 + which);
            let (a, b) = (of(0), of(1));
            for range in 0..3 {
                let mut mixed = a.clone();
                mixed[range] = b[range];
                assert_eq!(of(2 + range), mixed);
                assert_ne!(a[range], b[range]);
            }
        }
    }
}
