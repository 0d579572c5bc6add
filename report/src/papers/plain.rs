//! A workbook of plain tables: a title, lines above, headings, rows, lines below. Cells that read as a whole number are numbers.

use std::fmt::Write as _;

use super::references::letters;
use super::template::{DECLARED, MAIN, cell, format, packed};

/// A sheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name and title.
    pub title: String,
    /// Lines above the table.
    pub above: Vec<String>,
    /// Headings.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
    /// Lines below.
    pub below: Vec<String>,
}

/// The workbook's bytes.
///
/// # Errors
/// If it cannot be packed.
pub fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, String> {
    let titles: Vec<&str> = sheets.iter().map(|sheet| sheet.title.as_str()).collect();
    let parts: Vec<String> = sheets.iter().map(part).collect();
    packed(&titles, &parts, "")
}

fn part(sheet: &Sheet) -> String {
    let (mut rows, mut at) = (String::new(), 1);
    let mut line = |cells: &[(usize, &str)]| {
        let mut row = String::new();
        for (column, (format, text)) in (1..).zip(cells) {
            if text.parse::<u32>().is_ok() {
                // Writing to a String does not fail.
                let _ = write!(row, "<c r=\"{}{at}\" s=\"{format}\"><v>{text}</v></c>", letters(column));
            } else {
                cell(&mut row, column, at, *format, text);
            }
        }
        let _ = write!(rows, "<row r=\"{at}\">{row}</row>");
        at += 1;
    };
    line(&[(format::CAPTION, &sheet.title)]);
    for text in &sheet.above {
        line(&[(format::VALUE, text)]);
    }
    let all = |texts: &[String], format: usize| texts.iter().map(|text| (format, text.clone())).collect::<Vec<_>>();
    for (texts, format) in
        std::iter::once((&sheet.head, format::HEAD)).chain(sheet.rows.iter().map(|row| (row, format::WORDS)))
    {
        let cells = all(texts, format);
        line(&cells.iter().map(|(format, text)| (*format, text.as_str())).collect::<Vec<_>>());
    }
    for text in &sheet.below {
        line(&[(format::VALUE, text)]);
    }
    format!(
        "{DECLARED}<worksheet xmlns=\"{MAIN}\"><cols><col min=\"1\" max=\"{}\" width=\"18\" customWidth=\"1\"/></cols>\
         <sheetData>{rows}</sheetData></worksheet>",
        sheet.head.len().max(1)
    )
}
