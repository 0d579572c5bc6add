//! What the types of a document cannot say: lengths of series and bands, and no orders where there may be none.

use super::{Content, FLOOD_MODE, SeriesKind};

impl Content {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// A horizon whose parts differ in number, a series that is not of its length, or orders in the mode 防洪.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.case.mode == FLOOD_MODE && !self.orders.is_empty() {
            return Err(format!("a plan of the mode {FLOOD_MODE} carries no orders"));
        }
        let steps = self.horizon.starts.len();
        if steps == 0 || self.horizon.lengths_s.len() != steps {
            return Err(format!("horizon: {steps} starts, {} lengths", self.horizon.lengths_s.len()));
        }
        let wanted = |kind: SeriesKind| match kind {
            SeriesKind::State => steps + 1,
            SeriesKind::Flow => steps,
        };
        for (futures, band) in self.futures.iter().flat_map(|futures| futures.bands.iter().map(move |band| (futures, band)))
        {
            let (levels, told) = (futures.levels.len(), wanted(band.kind));
            if band.quantiles.len() != levels || band.quantiles.iter().any(|values| values.len() != told) {
                return Err(format!("band `{}.{}`: not {levels} times {told} values", band.address, band.quantity));
            }
        }
        for series in &self.series {
            let wanted = wanted(series.kind);
            if series.values.len() != wanted {
                return Err(format!(
                    "series `{}.{}`: {} values, expected {wanted}",
                    series.address,
                    series.quantity,
                    series.values.len()
                ));
            }
        }
        for row in &self.water_values {
            let lengths = [row.values.len(), row.more.len(), row.less.len()];
            if lengths[0] != steps || !(lengths[1..] == [0, 0] || lengths[1..] == [steps, steps]) {
                let [values, more, less] = lengths;
                return Err(format!(
                    "water values of `{}`: {values} values and {more}, {less} on the two sides, expected {steps}",
                    row.address
                ));
            }
        }
        Ok(())
    }
}
