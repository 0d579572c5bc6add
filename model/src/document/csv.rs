//! The series of a document as CSV: long (`time,address,quantity,unit,value`, a row a value) and wide (a row a time, a column
//! `address.quantity [unit]` a series). Flows stand at the start of their step, states at their instant. Values that are not
//! there are left out of the long form and empty in the wide one.

use std::fmt::Write as _;

use super::PlanDocument;

impl PlanDocument {
    /// All series, a row a value.
    pub fn csv_long(&self) -> String {
        let times = self.times();
        written(|row| {
            row(&mut ["time", "address", "quantity", "unit", "value"].into_iter());
            let mut text = String::new();
            for series in &self.content.series {
                for (time, value) in times.iter().zip(&series.values) {
                    if let Some(value) = value {
                        number(&mut text, *value);
                        row(&mut [time, series.address.as_str(), &series.quantity, &series.unit, &text].into_iter());
                    }
                }
            }
        })
    }

    /// All series, a row a time; the last row has states only.
    pub fn csv_wide(&self) -> String {
        let series = &self.content.series;
        let heading: Vec<String> = series.iter().map(|s| format!("{}.{} [{}]", s.address, s.quantity, s.unit)).collect();
        let mut texts = vec![String::new(); series.len()];
        written(|row| {
            row(&mut std::iter::once("time").chain(heading.iter().map(String::as_str)));
            for (place, time) in self.times().into_iter().enumerate() {
                for (series, text) in series.iter().zip(&mut texts) {
                    match series.values.get(place).copied().flatten() {
                        Some(value) => number(text, value),
                        None => text.clear(),
                    }
                }
                row(&mut std::iter::once(time).chain(texts.iter().map(String::as_str)));
            }
        })
    }

    /// The front, a row a point; none where the plan has none.
    pub fn csv_front(&self) -> Option<String> {
        let front = self.content.front.as_ref()?;
        let unit = |id: &String| self.content.stages.iter().find(|row| row.objective == *id).map_or("", |row| &row.unit);
        let heading: Vec<String> = front.objectives.iter().map(|id| format!("{id} [{}]", unit(id))).collect();
        Some(written(|row| {
            row(&mut ["point", "compromise"].into_iter().chain(heading.iter().map(String::as_str)));
            for (place, point) in front.points.iter().enumerate() {
                let mut cells = vec![(place + 1).to_string(), (place == front.compromise).to_string()];
                for &value in point {
                    let mut text = String::new();
                    number(&mut text, value);
                    cells.push(text);
                }
                row(&mut cells.iter().map(String::as_str));
            }
        }))
    }

    /// T + 1 times: every start, and the end.
    pub fn times(&self) -> Vec<&str> {
        let horizon = &self.content.horizon;
        horizon.starts.iter().map(String::as_str).chain(std::iter::once(horizon.end.as_str())).collect()
    }
}

/// A number in its shortest form that reads back the same.
fn number(text: &mut String, value: f64) {
    text.clear();
    // Writing to a String does not fail.
    let _ = write!(text, "{value:?}");
}

/// What is written row by row, as CSV.
pub fn written(rows: impl FnOnce(&mut dyn FnMut(&mut dyn Iterator<Item = &str>))) -> String {
    let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory does not fail, and all rows have the heading's length.
    rows(&mut |row| drop(writer.write_record(row)));
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
