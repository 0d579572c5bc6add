//! The series of a document as CSV: long (`time,address,quantity,unit,value`, a row a value) and wide (a row a time, a column
//! `address.quantity [unit]` a series). Flows stand at the start of their step, states at their instant. Values that are not
//! there are left out of the long form and empty in the wide one.

use std::fmt::Write as _;
use std::io;

use super::PlanDocument;

impl PlanDocument {
    /// All series, a row a value.
    pub fn csv_long(&self) -> String {
        let times: Vec<String> = self.times().into_iter().map(cell).collect();
        let mut out = "time,address,quantity,unit,value\n".to_owned();
        for series in &self.content.series {
            let own = [&series.address, &series.quantity, &series.unit].map(|text| cell(text)).join(",");
            let mut number = Number::default();
            for (time, value) in times.iter().zip(&series.values) {
                if let Some(value) = value {
                    for text in [time, ",", &own, ",", number.text(*value), "\n"] {
                        out.push_str(text);
                    }
                }
            }
        }
        out
    }

    /// All series, a row a time; the last row has states only.
    pub fn csv_wide(&self) -> String {
        let series = &self.content.series;
        let mut out = "time".to_owned();
        for series in series {
            out.push(',');
            out.push_str(&cell(&format!("{}.{} [{}]", series.address, series.quantity, series.unit)));
        }
        let mut numbers = vec![Number::default(); series.len()];
        for (place, time) in self.times().into_iter().enumerate() {
            out.push('\n');
            out.push_str(&cell(time));
            for (series, number) in series.iter().zip(&mut numbers) {
                out.push(',');
                if let Some(value) = series.values.get(place).copied().flatten() {
                    out.push_str(number.text(value));
                }
            }
        }
        out.push('\n');
        out
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
                    cells.push(Number::default().text(value).to_owned());
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

/// A number in its shortest form that reads back the same, in the notation of Rust; many a value of a series is the one before it.
#[derive(Clone)]
struct Number {
    value: f64,
    text: String,
}

impl Default for Number {
    fn default() -> Self {
        Self { value: 0.0, text: "0.0".to_owned() }
    }
}

impl Number {
    fn text(&mut self, value: f64) -> &str {
        if value.to_bits() != self.value.to_bits() {
            self.value = value;
            self.text.clear();
            // What is not in powers of ten both write alike, but for which of two texts that are equally near, and one of them much faster.
            if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
                self.text.push_str(zmij::Buffer::new().format_finite(value));
            } else {
                // Writing to a String does not fail.
                let _ = write!(self.text, "{value:?}");
            }
        }
        &self.text
    }
}

/// A text as it stands in a row beside others: in quotes where it needs them.
fn cell(text: &str) -> String {
    if text.bytes().all(|byte| !byte.is_ascii() || byte.is_ascii_alphanumeric() || b"-+.:_ []/".contains(&byte)) {
        return text.to_owned();
    }
    let row = written(|row| row(&mut ["", text].into_iter()));
    row.strip_prefix(',').and_then(|row| row.strip_suffix('\n')).unwrap_or_default().to_owned()
}

/// What is written row by row, as CSV.
pub fn written(rows: impl FnOnce(&mut dyn FnMut(&mut dyn Iterator<Item = &str>))) -> String {
    let mut text = Vec::new();
    // Writing to memory does not fail, and all rows have the heading's length.
    let _ = write_rows(&mut text, |row| {
        rows(&mut |cells| drop(row(cells)));
        Ok(())
    });
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes a CSV file row by row.
///
/// # Errors
/// It cannot be written, or what gives the rows fails.
pub fn write_rows(
    out: &mut dyn io::Write,
    rows: impl FnOnce(&mut dyn FnMut(&mut dyn Iterator<Item = &str>) -> io::Result<()>) -> io::Result<()>,
) -> io::Result<()> {
    let mut writer = ::csv::WriterBuilder::new().from_writer(out);
    rows(&mut |row| writer.write_record(row).map_err(io::Error::other))?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Number, cell};

    #[test]
    fn texts_stand_in_quotes_where_they_need_them() {
        assert_eq!(
            ["", "r1.turbines", "a,b", "\"x\"", "two\n"].map(cell),
            ["", "r1.turbines", "\"a,b\"", "\"\"\"x\"\"\"", "\"two\n\""]
        );
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_short_as_rust_writes_them(any in any::<f64>(), usual in -1e4..1e4, power in -20..20) {
            let mut number = Number::default();
            for value in [any, usual, usual, (usual * 1e3).round() / 1e3, 10f64.powi(power), usual * 10f64.powi(power), -0.0, 0.0] {
                let (text, rust) = (number.text(value), format!("{value:?}"));
                // Of two texts that are equally near, such as ….2 and ….3 of ….25, each takes its own.
                let as_near = text.len() == rust.len() && text.parse() == Ok(value);
                prop_assert!(text == rust || as_near, "{} and {}", text, rust);
            }
        }
    }
}
