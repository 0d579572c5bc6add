//! XLSX workbooks as offices keep them: merged headings, units in headings, "—" for what is missing.
//!
//! A column is named by its headings from top to bottom, `["珊溪水库", "入库流量"]`; the unit of a heading such as 流量(m³/s) is not part
//! of its name, and counts. The headings end where the heading of the times ends. What was not understood is named by its cell.
//! Fails: no workbook, no such sheet, no such column, more than one, more than [`MOST_CELLS`] cells.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{DataRef, Dimensions, Reader as _, Xlsx, open_workbook_from_rs};
use jiff::civil::DateTime;
use weir_model::basin::entry::Entry;
use weir_model::table::digest;
use weir_model::unit_words::Unit;

use super::csv::File;
use super::readings::{Collector, Raw};
use super::{Ask, Read, Source};

/// Most cells of a sheet that are read.
const MOST_CELLS: usize = 2_000_000;
/// Rows among which the headings are looked for.
const HEAD_ROWS: u32 = 50;
/// What stands below the readings in place of a time.
const BELOW: [&str; 10] = ["合计", "总计", "小计", "平均", "均值", "最大", "最小", "备注", "注", "说明"];

#[derive(Clone, Debug)]
struct Workbook {
    file: File,
    sheet: Option<String>,
    time: String,
    column: Vec<String>,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Source>> {
    let (file, sheet, time) = (File::read(entry), entry.text("sheet"), entry.text("time"));
    let column: Vec<String> = entry.texts("column").into_iter().map(|text| plain(&text.value).0).collect();
    if column.is_empty() && !entry.is_faulty() {
        entry.missing_because(
            &["column"],
            "the headings of the column from top to bottom: `column = [\"珊溪水库\", \"入库流量\"]`",
        );
    }
    let time = time.map_or_else(|| "时间".to_owned(), |time| plain(&time.value).0);
    let file = file.filter(|_| !column.is_empty())?;
    Some(Arc::new(Workbook { file, sheet: sheet.map(|sheet| sheet.value), time, column }))
}

impl Source for Workbook {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let (bytes, shown) = self.file.bytes(&ask.folder).await?;
            let (this, collector) = (self.clone(), Collector::new(ask.times.clone()));
            let parsed = tokio::task::spawn_blocking(move || this.parse(bytes, &shown, collector));
            parsed.await.map_err(|_| "the workbook cannot be read".to_owned())?
        })
    }
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Text(String),
    Number(f64),
    Time(DateTime),
    /// Neither, as it is shown.
    Other(String),
}

impl Cell {
    fn of(cell: &DataRef<'_>) -> Option<Self> {
        Some(match cell {
            DataRef::Empty => return None,
            DataRef::Int(number) => Self::Number(*number as f64),
            DataRef::Float(number) => Self::Number(*number),
            DataRef::String(text) | DataRef::DateTimeIso(text) => Self::Text(text.clone()),
            DataRef::SharedString(text) => Self::Text((*text).to_owned()),
            DataRef::DateTime(time) => {
                let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
                let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(|part| part as i8);
                match DateTime::new(year as i16, month, day, hour, minute, second, 0) {
                    Ok(time) => Self::Time(time),
                    Err(_) => Self::Other(format!("{time:?}")),
                }
            }
            DataRef::Bool(flag) => Self::Other(flag.to_string()),
            DataRef::DurationIso(text) => Self::Other(text.clone()),
            DataRef::Error(error) => Self::Other(error.to_string()),
        })
    }
}

/// A sheet's cells by row and column, from 0.
type Cells = BTreeMap<(u32, u32), Cell>;

impl Workbook {
    fn parse(&self, bytes: Vec<u8>, shown: &str, collector: Collector) -> Result<Raw, String> {
        let digest = digest(&bytes);
        let said = |error: calamine::XlsxError| format!("{shown}: no workbook: {error}");
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(said)?;
        let sheets = book.sheet_names();
        let sheet = match &self.sheet {
            Some(sheet) => sheets.iter().find(|name| *name == sheet),
            None => sheets.first(),
        };
        let wanted = self.sheet.as_deref().unwrap_or_default();
        let sheet = sheet.ok_or_else(|| format!("{shown}: has no sheet `{wanted}`, there are {}", sheets.join(", ")))?;
        let merged = book.merge_cells_by_sheet_name(sheet).map_err(said)?;
        let mut cells = Cells::new();
        let mut reader = book.worksheet_cells_reader(sheet).map_err(said)?;
        while let Some(cell) = reader.next_cell().map_err(said)? {
            if let Some(value) = Cell::of(cell.get_value()) {
                cells.insert(cell.get_position(), value);
            }
            if cells.len() > MOST_CELLS {
                return Err(format!("{shown}: `{sheet}` has more than {MOST_CELLS} cells"));
            }
        }
        self.sheet(cells, &merged, (shown, sheet, digest), collector)
    }

    fn sheet(
        &self,
        mut cells: Cells,
        merged: &[Dimensions],
        (shown, sheet, digest): (&str, &str, String),
        mut collector: Collector,
    ) -> Result<Raw, String> {
        // What a merged heading says it says for each of its columns and rows.
        for area in merged.iter().filter(|area| area.start.0 < HEAD_ROWS) {
            let Some(value) = cells.get(&area.start).cloned() else { continue };
            for row in area.start.0..=area.end.0.min(HEAD_ROWS) {
                for column in area.start.1..=area.end.1.min(area.start.1.saturating_add(1000)) {
                    cells.entry((row, column)).or_insert_with(|| value.clone());
                }
            }
        }
        let heading = |row: u32, column: u32| match cells.get(&(row, column)) {
            Some(Cell::Text(text)) => Some(plain(text)),
            _ => None,
        };
        let is_time = |row: u32, column: u32| heading(row, column).is_some_and(|(name, _)| name == self.time);
        let head = cells.range(..(HEAD_ROWS, 0)).map(|(at, _)| *at).find(|&(row, column)| is_time(row, column));
        let (first, time) = head.ok_or_else(|| format!("{shown}: `{sheet}` has no heading `{}`", self.time))?;
        let mut last = first;
        while last < HEAD_ROWS && (is_time(last + 1, time) || !cells.contains_key(&(last + 1, time)) && last < first + 3) {
            last += 1;
        }
        let columns: std::collections::BTreeSet<u32> = cells.range(..(last + 1, 0)).map(|(at, _)| at.1).collect();
        let path = |column: u32| {
            let (mut names, mut unit) = (Vec::<String>::new(), None);
            for row in 0..=last {
                let Some((name, told)) = heading(row, column) else { continue };
                unit = told.map(|told| (told, row)).or(unit);
                if !name.is_empty() && names.last() != Some(&name) {
                    names.push(name);
                }
            }
            (names, unit)
        };
        let fits = |names: &[String]| {
            let mut names = names.iter();
            self.column.iter().all(|wanted| names.any(|name| name == wanted))
        };
        let found: Vec<u32> = columns.iter().copied().filter(|column| *column != time && fits(&path(*column).0)).collect();
        let wanted = self.column.join(" / ");
        let [column] = found[..] else {
            let named = |columns: &[u32]| columns.iter().map(|column| letters(*column)).collect::<Vec<_>>().join(", ");
            return Err(if found.is_empty() {
                let there = columns.iter().map(|column| path(*column).0.join(" / ")).filter(|path| !path.is_empty());
                let there: Vec<String> = there.take(20).collect();
                format!("{shown}: `{sheet}` has no column `{wanted}`, there are {}", there.join("; "))
            } else {
                format!("{shown}: `{sheet}` has `{wanted}` in several columns: {}", named(&found))
            });
        };
        let mut unit = None;
        if let Some((text, row)) = path(column).1 {
            unit = Unit::of(&text);
            if unit.is_none() {
                collector.fault(|| format!("{sheet}!{}: unknown unit `{text}`", name(row, column)));
            }
        }
        let mut rows: Vec<u32> = cells
            .range((last + 1, 0)..)
            .map(|(at, _)| *at)
            .filter(|at| at.1 == time || at.1 == column)
            .map(|at| at.0)
            .collect();
        rows.dedup();
        for row in rows {
            take(&mut collector, sheet, (row, time, column), cells.get(&(row, time)), cells.get(&(row, column)));
        }
        let mut raw = collector.finish(digest, format!("{shown}: {sheet}!{} {wanted}", letters(column)));
        raw.unit = unit;
        Ok(raw)
    }
}

fn take(
    collector: &mut Collector,
    sheet: &str,
    (row, time, column): (u32, u32, u32),
    at: Option<&Cell>,
    value: Option<&Cell>,
) {
    let time_text = match at {
        Some(Cell::Time(instant)) => instant.to_string(),
        Some(Cell::Text(text)) if BELOW.iter().any(|word| plain(text).0.starts_with(word)) => return,
        Some(Cell::Text(text) | Cell::Other(text)) => text.clone(),
        Some(Cell::Number(number)) => {
            collector.fault(|| format!("{sheet}!{}: {number} is no time: format the cell as a date", name(row, time)));
            return;
        }
        None => String::new(),
    };
    let place = || format!("{sheet}!{}", name(row, if at.is_none() { time } else { column }));
    match value {
        Some(Cell::Number(number)) => collector.take(place, &time_text, &number.to_string()),
        Some(Cell::Text(text) | Cell::Other(text)) => collector.take(place, &time_text, text),
        Some(Cell::Time(instant)) => collector.take(place, &time_text, &instant.to_string()),
        None => collector.take(place, &time_text, ""),
    }
}

/// A heading without its unit and its blanks, and the unit: `入库流量 (m³/s)`, `水位/m`, or the unit alone.
fn plain(text: &str) -> (String, Option<String>) {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if Unit::of(&text).is_some() {
        return (String::new(), Some(text));
    }
    let text =
        text.replace(['（', '［', '['], "(").replace(['）', '］', ']'], ")").replace("单位：", "").replace("单位:", "");
    if let Some((name, rest)) = text.split_once('(')
        && let Some((unit, after)) = rest.rsplit_once(')')
    {
        return (format!("{name}{after}"), Some(unit.to_owned()));
    }
    match text.split_once(['/', '／', ',']) {
        Some((name, unit)) if Unit::of(unit).is_some() => (name.to_owned(), Some(unit.to_owned())),
        _ => (text, None),
    }
}

/// A cell's name: `C7`.
fn name(row: u32, column: u32) -> String {
    format!("{}{}", letters(column), row + 1)
}

fn letters(column: u32) -> String {
    let (mut rest, mut letters) = (column + 1, String::new());
    while rest > 0 {
        rest -= 1;
        letters.insert(0, char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_parts_with_its_unit() {
        for (text, name, unit) in [
            ("入库流量 (m³/s)", "入库流量", Some("m³/s")),
            ("水位（米）", "水位", Some("米")),
            ("水位/m", "水位", Some("m")),
            ("万m³", "", Some("万m³")),
            ("珊溪 水库", "珊溪水库", None),
        ] {
            assert_eq!(plain(text), (name.to_owned(), unit.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn cells_have_names() {
        assert_eq!([name(6, 2), name(0, 25), name(9, 26), name(0, 701)], ["C7", "Z1", "AA10", "ZZ1"]);
    }
}
