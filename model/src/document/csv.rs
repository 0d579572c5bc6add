//! The series of a document as CSV: long (`time,address,quantity,unit,value`, a row a value) and wide (a row a time, a column
//! `address.quantity [unit]` a series). Flows stand at the start of their step, states at their instant. Values that are not
//! there are left out of the long form and empty in the wide one.

use super::PlanDocument;

impl PlanDocument {
    /// All series, a row a value.
    pub fn csv_long(&self) -> String {
        let times = self.times();
        let mut rows = vec![["time", "address", "quantity", "unit", "value"].map(str::to_owned).to_vec()];
        for series in &self.content.series {
            for (time, value) in times.iter().zip(&series.values) {
                if let Some(value) = value {
                    let (address, quantity) = (series.address.clone(), series.quantity.clone());
                    rows.push(vec![(*time).to_owned(), address, quantity, series.unit.clone(), text(*value)]);
                }
            }
        }
        written(&rows)
    }

    /// All series, a row a time; the last row has states only.
    pub fn csv_wide(&self) -> String {
        let series = &self.content.series;
        let heading = series.iter().map(|s| format!("{}.{} [{}]", s.address, s.quantity, s.unit));
        let mut rows: Vec<Vec<String>> = vec![std::iter::once("time".to_owned()).chain(heading).collect()];
        for (place, time) in self.times().into_iter().enumerate() {
            let values = series.iter().map(|s| s.values.get(place).copied().flatten().map_or_else(String::new, text));
            rows.push(std::iter::once(time.to_owned()).chain(values).collect());
        }
        written(&rows)
    }

    /// T + 1 times: every start, and the end.
    fn times(&self) -> Vec<&str> {
        let horizon = &self.content.horizon;
        horizon.starts.iter().map(String::as_str).chain(std::iter::once(horizon.end.as_str())).collect()
    }
}

/// A number in its shortest form that reads back the same.
fn text(value: f64) -> String {
    format!("{value:?}")
}

fn written(rows: &[Vec<String>]) -> String {
    let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail, and all rows have the heading's length.
        let _ = writer.write_record(row);
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
