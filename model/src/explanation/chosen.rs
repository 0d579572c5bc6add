//! Places and steps that are explained where nobody names others.

use crate::document::{Content, WaterValueRow};

/// Reservoirs that are chosen at most.
const MOST_RESERVOIRS: usize = 4;

impl Content {
    /// Where and when a plan is explained: the first reservoirs in the first step, which is decided today; and the place and step where
    /// water is worth most in the first stage in which any is worth something.
    pub fn worth_explaining(&self) -> Vec<(String, usize)> {
        let reservoirs = self.elements.iter().filter(|element| element.kind == "reservoir");
        let mut chosen: Vec<(String, usize)> =
            reservoirs.take(MOST_RESERVOIRS).map(|reservoir| (reservoir.id.clone(), 0)).collect();
        let dearest = self.stages.iter().find_map(|stage| self.dearest_in(&stage.objective));
        chosen.extend(dearest.filter(|dearest| !chosen.contains(dearest)));
        chosen
    }

    /// The place and step where water is worth most in a stage; none where it is worth nothing in it.
    fn dearest_in(&self, stage: &str) -> Option<(String, usize)> {
        let worths = |row: &WaterValueRow| row.values.iter().map(|value| value.unwrap_or(0.0).abs()).collect::<Vec<_>>();
        let rows = self.water_values.iter().filter(|row| row.stage == stage);
        let all = rows.flat_map(|row| worths(row).into_iter().enumerate().map(move |(step, worth)| (row, step, worth)));
        let worth = all.filter(|(.., worth)| *worth > 0.0).reduce(|most, next| if next.2 > most.2 { next } else { most })?;
        Some((worth.0.address.clone(), worth.1))
    }
}
