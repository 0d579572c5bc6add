//! A CSV file as text cells with their lines: what series and curves are read from.
//!
//! UTF-8 with or without a byte order mark, commas, quoted cells, `\n` or `\r\n`; lines that begin with `#` are comments,
//! rows of empty cells are passed over. The first row is the header.
//! Fails: unreadable file, not UTF-8, no header, a heading twice, a row of more or fewer cells than the header.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

/// A fault of a CSV file, at a line of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {message}")]
pub struct TableFault {
    /// The line, counted from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong, naming the column and the offending value.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// Whether it is that the file ends before a horizon does.
    pub is_short: bool,
    /// Further faults of the file.
    pub further: Vec<TableFault>,
}

/// As many faults of one file are told at most: more have one cause.
const FAULTS: usize = 20;

impl TableFault {
    /// A fault at a line.
    pub fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), hint: None, is_short: false, further: Vec::new() }
    }

    /// Nothing, or all of these faults in one, in the order of their lines.
    ///
    /// # Errors
    /// There are any.
    pub fn all(mut faults: Vec<Self>) -> Result<(), Self> {
        faults.sort_by_key(|fault| fault.line);
        // What is wrong with a row is found once for each column that is read.
        faults.dedup();
        faults.truncate(FAULTS);
        let further = faults.split_off(faults.len().min(1));
        match faults.pop() {
            None => Ok(()),
            Some(first) => Err(Self { further, ..first }),
        }
    }

    /// It and the further ones.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.further)
    }

    /// The fault, which is that the file ends before a horizon does.
    #[must_use]
    pub fn short(mut self) -> Self {
        self.is_short = true;
        self.hint("lengthen the series or shorten the horizon")
    }

    /// The fault with a way to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A CSV file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Headings.
    pub header: Vec<String>,
    /// Line of the header.
    pub header_line: usize,
    /// Rows, each of as many cells as the header.
    pub rows: Vec<Row>,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub digest: String,
    /// A comment line says 合成, 虚构, 待核, synthetic or assumed.
    pub assumed: bool,
    /// Rows that were left out for their number of cells.
    odd_rows: Vec<TableFault>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, counted from 1.
    pub line: usize,
    /// Its cells, without the spaces around them.
    pub cells: Vec<String>,
}

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read or is no table.
    pub fn read(path: &Path) -> Result<Self, TableFault> {
        let bytes = std::fs::read(path).map_err(|error| TableFault::new(0, format!("cannot be read: {error}")))?;
        Self::from_bytes(&bytes)
    }

    /// Reads the bytes of a file. Whoever reads what the rows hold asks for [`faults`](Self::faults) too.
    ///
    /// # Errors
    /// The file is no table.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TableFault> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
            TableFault::new(line, "is not UTF-8 text").hint("save the table as `CSV UTF-8`")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        let assumed = text.lines().filter(|line| line.starts_with('#')).any(says_assumed);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut lines = Lines { text: &text, at: 0, line: 1 };
        let mut header: Option<(usize, Vec<String>)> = None;
        let (mut rows, mut odd_rows) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|error| TableFault::new(lines.line, format!("cannot be read: {error}")))?;
            let line = lines.of(record.position().map_or(0, csv::Position::byte) as usize);
            if record.iter().all(str::is_empty) {
                continue;
            }
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            match &header {
                None => {
                    check_header(line, &cells)?;
                    header = Some((line, cells));
                }
                Some((_, header)) if header.len() != cells.len() => {
                    let message = format!("a row of {} cells, the header has {}", cells.len(), header.len());
                    odd_rows.push(TableFault::new(line, message).hint("leave a missing cell empty between its commas"));
                }
                Some(_) => rows.push(Row { line, cells }),
            }
        }
        let (header_line, header) =
            header.ok_or_else(|| TableFault::new(0, "has no header row").hint("its first line names the columns"))?;
        Ok(Self { header, header_line, rows, digest: digest(bytes), assumed, odd_rows })
    }

    /// A table of another file than CSV, whose cells are texts and whose lines are the numbers of its rows; the header has line 0.
    ///
    /// # Errors
    /// A heading is empty or stands twice.
    pub fn new(
        header: Vec<String>,
        rows: impl IntoIterator<Item = Vec<String>>,
        digest: String,
    ) -> Result<Self, TableFault> {
        check_header(0, &header)?;
        let rows = rows.into_iter().enumerate().map(|(number, cells)| Row { line: number + 1, cells }).collect();
        Ok(Self { header, header_line: 0, rows, digest, assumed: false, odd_rows: Vec::new() })
    }

    /// Rows of fewer or more cells than the header, with what else is wrong of the table.
    ///
    /// # Errors
    /// There are any.
    pub fn faults(&self, others: Vec<TableFault>) -> Result<(), TableFault> {
        TableFault::all(self.odd_rows.iter().cloned().chain(others).collect())
    }

    /// The index of a column by its heading.
    ///
    /// # Errors
    /// There is none of this name; those that there are.
    pub fn column(&self, name: &str) -> Result<usize, TableFault> {
        self.header.iter().position(|heading| heading == name).ok_or_else(|| {
            let there: Vec<String> = self.header.iter().map(|heading| format!("`{heading}`")).collect();
            TableFault::new(self.header_line, format!("no column `{name}`, there are {}", there.join(", ")))
        })
    }

    /// A cell as a number, none where it is empty.
    ///
    /// # Errors
    /// The cell holds something else, with its line and column.
    pub fn number(&self, row: &Row, column: usize) -> Result<Option<f64>, TableFault> {
        let cell = row.cells[column].as_str();
        if cell.is_empty() {
            return Ok(None);
        }
        match cell.parse::<f64>() {
            Ok(number) if is_of_a_basin(number) => Ok(Some(number)),
            Ok(number) if number.is_finite() => Err(TableFault::new(
                row.line,
                format!("column `{}`: `{cell}` is larger than any basin's", self.header[column]),
            )
            .hint("check its unit; leave the cell of a missing value empty")),
            _ => Err(TableFault::new(row.line, format!("column `{}`: `{cell}` is no number", self.header[column]))
                .hint("write numbers as 1234.5, and leave the cell of a missing value empty")),
        }
    }
}

/// What was read, and what could not be.
pub fn parted<T>(found: impl Iterator<Item = Result<T, TableFault>>) -> (Vec<T>, Vec<TableFault>) {
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    for each in found {
        match each {
            Ok(value) => good.push(value),
            Err(fault) => faults.push(fault),
        }
    }
    (good, faults)
}

/// Whether a number may be one of a basin's: finite, and far below what no river, store or price reaches.
pub fn is_of_a_basin(number: f64) -> bool {
    number.abs() < 1e9
}

/// SHA-256 in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn says_assumed(comment: &str) -> bool {
    let comment = comment.to_lowercase();
    ["合成", "虚构", "待核", "synthetic", "assumed"].iter().any(|word| comment.contains(word))
}

fn check_header(line: usize, header: &[String]) -> Result<(), TableFault> {
    if let [only] = header
        && only.contains([';', '\t', ',', '；'])
    {
        return Err(
            TableFault::new(line, format!("the header `{only}` is one column")).hint("separate the columns by commas")
        );
    }
    for (index, heading) in header.iter().enumerate() {
        if heading.is_empty() {
            return Err(TableFault::new(line, format!("column {} has no heading", index + 1)));
        }
        if header[..index].contains(heading) {
            return Err(TableFault::new(line, format!("column `{heading}` stands twice in the header")));
        }
    }
    Ok(())
}

/// Finds the lines of rows: the reader's own position of a row is where the comments and empty lines before it begin.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the row that the reader began to look for at a byte.
    fn of(&mut self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = byte.min(bytes.len());
        loop {
            match bytes.get(at) {
                Some(b'\n') => at += 1,
                Some(b'#') => at = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end),
                _ => break,
            }
        }
        if at > self.at {
            self.line += bytes[self.at..at].split(|byte| *byte == b'\n').count() - 1;
            self.at = at;
        }
        self.line
    }
}
