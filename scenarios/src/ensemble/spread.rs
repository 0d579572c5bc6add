//! Values over the members: quantiles by weight, bands of series, the probability of warnings and of going short.
//!
//! A quantile at a share p is the least value such that members of at least p of all weight have no greater one: always a value that some
//! member has. Bands are quantiles time by time, not the course of any member.

use std::collections::BTreeMap;

use weir_model::document::ensemble::{Band, GoalRow, Quantiles, SatisfactionSpread, Spread, WarningSpread};
use weir_model::document::{Content, SeriesKind, StageRow};

/// Shares of weight that are told.
const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// A satisfaction this much below what is promised is none of rounding.
const ROUNDING: f64 = 1e-6;

/// A region, a use, and whether it is in the stream.
type RegionUse = (Option<String>, String, bool);

/// What of a member's plan counts for the spread.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The goals.
    pub goals: Vec<GoalRow>,
    /// What they come to.
    pub values: Vec<f64>,
    series: BTreeMap<(String, String), (String, SeriesKind, Vec<f64>)>,
    /// Ratio, whether it is short, and by how much in hm³.
    satisfaction: BTreeMap<RegionUse, (f64, bool, f64)>,
    warnings: BTreeMap<(String, String, String), (String, String)>,
    /// Names of what is told, by id.
    pub names: BTreeMap<String, String>,
}

impl Seen {
    /// A series; not a number where it has no value.
    pub fn values(&self, address: &str, quantity: &str) -> Option<&[f64]> {
        Some(&self.series.get(&(address.to_owned(), quantity.to_owned()))?.2)
    }

    /// Addresses of what has a quantity.
    pub fn addresses<'a>(&'a self, quantity: &'a str) -> impl Iterator<Item = &'a str> {
        self.series.keys().filter(move |key| key.1 == quantity).map(|key| key.0.as_str())
    }

    /// What counts of a plan.
    pub fn of(content: &Content) -> Self {
        let mut names = BTreeMap::new();
        let mut series = BTreeMap::new();
        for row in &content.series {
            let Some(element) = content.element(&row.address) else { continue };
            let told = match element.kind.as_str() {
                "reservoir" | "aquifer" => ["storage", "level", "outflow", "spill"].contains(&row.quantity.as_str()),
                "section" | "works_release" => row.quantity == "flow",
                "waterworks" | "irrigation" | "demand" => row.quantity == "shortage",
                _ => false,
            };
            if told {
                let values = row.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
                series.insert((row.address.clone(), row.quantity.clone()), (row.unit.clone(), row.kind, values));
                names.insert(row.address.clone(), element.name.clone());
            }
        }
        let mut satisfaction = BTreeMap::new();
        for row in content.satisfaction.iter().filter(|row| row.class.is_none() && row.period == "horizon") {
            let is_short = row.ratio < row.entitled - ROUNDING;
            let short_hm3 = (row.demand_hm3 - row.supply_hm3).max(0.0);
            satisfaction.insert((row.region.clone(), row.use_.clone(), row.in_stream), (row.ratio, is_short, short_hm3));
            let region = row.region.as_ref().and_then(|id| content.regions.iter().find(|region| region.id == *id));
            names.extend(region.map(|region| (region.id.clone(), region.name.clone())));
        }
        let mut warnings: BTreeMap<(String, String, String), (String, String)> = BTreeMap::new();
        for row in &content.warnings {
            let key = (row.address.clone(), row.kind.clone(), row.grade.clone());
            let (from, to) = warnings.entry(key).or_insert_with(|| (row.from.clone(), row.to.clone()));
            *from = row.from.clone().min(from.clone());
            *to = row.to.clone().max(to.clone());
            names.extend(content.element(&row.address).map(|element| (row.address.clone(), element.name.clone())));
        }
        let goal = |row: &StageRow| GoalRow {
            objective: row.objective.clone(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            sense: row.sense.clone(),
            unit: row.unit.clone(),
        };
        let goals = content.stages.iter().map(goal).collect();
        Self {
            goals,
            values: content.stages.iter().map(|stage| stage.value).collect(),
            series,
            satisfaction,
            warnings,
            names,
        }
    }
}

/// Values over members, each with its weight; weights count as shares of their sum.
pub fn spread(members: &[(f64, &Seen)]) -> Spread {
    let all: f64 = members.iter().map(|(weight, _)| weight).sum();
    let shares: Vec<(f64, &Seen)> = members.iter().map(|(weight, seen)| (weight / all, *seen)).collect();
    let over = |of: &dyn Fn(&Seen) -> Option<f64>| {
        let values: Vec<(f64, f64)> = shares.iter().filter_map(|(share, seen)| Some((*share, of(seen)?))).collect();
        quantiles(&values)
    };
    let goals = members.first().map_or(0, |(_, seen)| seen.values.len());
    let mut bands = Vec::new();
    for (key, (unit, kind, values)) in members.first().map(|(_, seen)| &seen.series).into_iter().flatten() {
        let mut of_levels = vec![Vec::with_capacity(values.len()); LEVELS.len()];
        for at in 0..values.len() {
            let told = over(&|seen| seen.series.get(key)?.2.get(at).copied());
            for (level, value) in of_levels.iter_mut().zip(told.quantiles) {
                level.push(value);
            }
        }
        bands.push(Band {
            address: key.0.clone(),
            quantity: key.1.clone(),
            unit: unit.clone(),
            kind: *kind,
            quantiles: of_levels,
        });
    }
    let keys = |of: &dyn Fn(&Seen) -> Vec<RegionUse>| {
        let mut keys: Vec<_> = members.iter().flat_map(|(_, seen)| of(seen)).collect();
        keys.sort();
        keys.dedup();
        keys
    };
    let satisfaction = keys(&|seen| seen.satisfaction.keys().cloned().collect()).into_iter().map(|key| {
        let of = |seen: &Seen| seen.satisfaction.get(&key).copied();
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
    let mut warnings: BTreeMap<&(String, String, String), WarningSpread> = BTreeMap::new();
    for (share, seen) in &shares {
        for (key, (from, to)) in &seen.warnings {
            let row = warnings.entry(key).or_insert_with(|| WarningSpread {
                address: key.0.clone(),
                kind: key.1.clone(),
                grade: key.2.clone(),
                probability: 0.0,
                from: from.clone(),
                to: to.clone(),
            });
            row.probability += share;
            row.from = from.clone().min(row.from.clone());
            row.to = to.clone().max(row.to.clone());
        }
    }
    Spread {
        members: members.len(),
        levels: LEVELS.to_vec(),
        goals: (0..goals).map(|goal| over(&|seen| seen.values.get(goal).copied())).collect(),
        bands,
        satisfaction: satisfaction.collect(),
        warnings: warnings.into_values().collect(),
    }
}

/// Mean and quantiles by weight; those that are no numbers are left out.
fn quantiles(values: &[(f64, f64)]) -> Quantiles {
    let mut sorted: Vec<(f64, f64)> = values.iter().copied().filter(|(_, value)| value.is_finite()).collect();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let all: f64 = sorted.iter().map(|(share, _)| share).sum();
    let mean = sorted.iter().map(|(share, value)| share * value).sum::<f64>() / if all > 0.0 { all } else { 1.0 };
    let at = |level: &f64| {
        let mut reached = 0.0;
        let found = sorted.iter().find(|(share, _)| {
            reached += share;
            // Shares that are added up may miss a level by their rounding.
            reached >= level * all - 1e-12
        });
        found.or(sorted.last()).map_or(0.0, |(_, value)| *value)
    };
    Quantiles { mean, quantiles: LEVELS.iter().map(at).collect() }
}

#[cfg(test)]
mod tests {
    use super::quantiles;

    #[test]
    fn quantiles_are_values_of_members_by_weight() {
        // Shares 0.04, 0.5, 0.4, 0.06 of 3, 1, 2, 9: in order 1 to 0.5, 2 to 0.9, 3 to 0.94, 9 to 1.
        let found = quantiles(&[(0.04, 3.0), (0.5, 1.0), (0.4, 2.0), (0.06, 9.0)]);
        assert_eq!(found.quantiles, [1.0, 1.0, 1.0, 2.0, 9.0]);
        assert!((found.mean - (0.12 + 0.5 + 0.8 + 0.54)).abs() < 1e-12);
        assert_eq!(quantiles(&[(0.2, 1.0), (0.3, 2.0), (0.5, 4.0)]).quantiles[2], 2.0);
    }
}
