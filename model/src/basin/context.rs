//! What every reader of a basin file shares: the text with its lines, the faults found so far, facts marked assumed, and
//! the files that the basin names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeValue;

use crate::basin::dates::Period;
use crate::basin::entry::{Value, WrittenOver};
use crate::basin::files::{Files, LoadedSeries};
use crate::curve::CurveFile;
use crate::laid::Laying;
use crate::place::{Place, Refusals};
use crate::rating::RatingTable;
use crate::series::SeriesFile;
use crate::table::{Table, TableFault};

/// Gives the bytes of a file that the basin names, or says why it cannot.
pub type Load<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// A text that spans count in.
struct Source<'a> {
    text: &'a str,
    file: Arc<str>,
    line_starts: Vec<usize>,
    /// What is added to the bytes of its spans.
    offset: usize,
}

impl<'a> Source<'a> {
    fn new(file: &str, text: &'a str, offset: usize) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, file: file.into(), line_starts, offset }
    }
}

/// What every reader of a basin file shares.
pub struct Context<'a> {
    /// The file's own text, then those that were laid over it.
    sources: RefCell<Vec<Source<'a>>>,
    load: &'a Load<'a>,
    /// Files that are shared with other readings.
    files: Option<&'a Files>,
    /// What is laid over the file's own values.
    pub laid: Option<&'a Laying<'a>>,
    series: RefCell<BTreeMap<String, Option<LoadedSeries>>>,
    /// Digests of the tables (curves, ratings) read.
    pub tables: RefCell<BTreeMap<String, String>>,
    /// Faults found so far.
    pub refusals: RefCell<Refusals>,
    /// Facts marked assumed: address and what the file says.
    pub assumed: RefCell<Vec<(String, String)>>,
    /// Periods that must touch the horizon, with where they were written.
    pub periods: RefCell<Vec<(Period, Place)>>,
    /// What is written elsewhere than its entry.
    pub written_over: RefCell<Vec<WrittenOver>>,
    /// Ids of what an overlay took away, with where it says so.
    pub removed: RefCell<Vec<(String, Place)>>,
}

impl<'a> Context<'a> {
    /// A context for a text.
    pub fn new(file: &str, text: &'a str, load: &'a Load<'a>) -> Self {
        Self {
            sources: RefCell::new(vec![Source::new(file, text, 0)]),
            load,
            files: None,
            laid: None,
            series: RefCell::default(),
            tables: RefCell::default(),
            refusals: RefCell::default(),
            assumed: RefCell::default(),
            periods: RefCell::default(),
            written_over: RefCell::default(),
            removed: RefCell::default(),
        }
    }

    /// The context with values that are laid over the file's own.
    #[must_use]
    pub const fn with(self, laid: &'a Laying<'a>) -> Self {
        let mut context = self;
        context.laid = Some(laid);
        context
    }

    /// The context with files that are shared with other readings, whose series are parsed once.
    #[must_use]
    pub const fn sharing(self, files: Option<&'a Files>) -> Self {
        let mut context = self;
        context.files = files;
        context
    }

    /// Adds the text of a file that is laid over the first; gives what its spans are to be moved by.
    pub fn lay(&self, file: &str, text: &'a str) -> usize {
        let mut sources = self.sources.borrow_mut();
        let offset = sources.last().map_or(0, |last| last.offset + last.text.len() + 1);
        sources.push(Source::new(file, text, offset));
        offset
    }

    /// Where a value, or a part of it, lies in a text that was laid over the file's own.
    pub fn written_over(&self, value: &Value<'_>) -> Option<Place> {
        self.sources.borrow().get(1)?;
        let at = value.span().start;
        if self.is_laid_over(at) {
            return Some(self.place(at));
        }
        match value.get_ref() {
            DeValue::Table(table) => table.values().find_map(|value| self.written_over(value)),
            DeValue::Array(items) => items.iter().find_map(|item| self.written_over(item)),
            _ => None,
        }
    }

    /// Whether a byte lies in a text that was laid over the file's own.
    pub fn is_laid_over(&self, byte: usize) -> bool {
        self.sources.borrow().get(1).is_some_and(|first| byte >= first.offset)
    }

    /// What stands in the text of a byte, and the byte within it.
    fn in_source<T>(&self, byte: usize, say: impl FnOnce(&Source<'a>, usize) -> T) -> T {
        let sources = self.sources.borrow();
        let at = sources.partition_point(|source| source.offset <= byte).saturating_sub(1);
        say(&sources[at], byte - sources[at].offset)
    }

    /// The place of a byte of the text.
    pub fn place(&self, byte: usize) -> Place {
        self.in_source(byte, |source, byte| Place {
            file: Arc::clone(&source.file),
            line: source.line_starts.partition_point(|&start| start <= byte),
        })
    }

    /// The text as written in a range of bytes, shortened to one short line.
    pub fn written(&self, range: std::ops::Range<usize>) -> String {
        let text = self.whole(range);
        if text.chars().count() <= 80 { text } else { text.chars().take(77).chain("…".chars()).collect() }
    }

    /// The text as written in a range of bytes, on one line.
    pub fn whole(&self, range: std::ops::Range<usize>) -> String {
        let length = range.len();
        self.in_source(range.start, |source, start| {
            source.text.get(start..start + length).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
        })
    }

    /// The series file at a path; refused once, where it was first named.
    pub fn series(&self, path: &str, place: &Place, element: Option<&str>) -> Option<LoadedSeries> {
        if let Some(known) = self.series.borrow().get(path) {
            return known.clone();
        }
        let read = || {
            let loaded = LoadedSeries::new(path, self.table(path, place, element, SeriesFile::from_table)?);
            Some(self.files.map_or_else(|| loaded.clone(), |files| files.keep(loaded.clone())))
        };
        let loaded = self.files.and_then(|files| files.series(path)).or_else(read);
        self.series.borrow_mut().insert(path.to_owned(), loaded.clone());
        loaded
    }

    /// The curve in a file.
    pub fn curve(&self, path: &str, place: &Place, element: Option<&str>) -> Option<CurveFile> {
        let file = self.table(path, place, element, |table| CurveFile::from_table(&table))?;
        self.tables.borrow_mut().insert(path.to_owned(), file.digest.clone());
        Some(file)
    }

    /// The rating in a file, and whether the file says that it is assumed.
    pub fn rating(&self, path: &str, place: &Place, element: Option<&str>) -> Option<(RatingTable, bool)> {
        let read = |table: Table| RatingTable::from_table(&table).map(|rating| (rating, table.assumed, table.digest));
        let (rating, assumed, digest) = self.table(path, place, element, read)?;
        self.tables.borrow_mut().insert(path.to_owned(), digest);
        Some((rating, assumed))
    }

    fn table<T>(
        &self,
        path: &str,
        place: &Place,
        element: Option<&str>,
        read: impl Fn(Table) -> Result<T, TableFault>,
    ) -> Option<T> {
        let bytes = self.bytes(path, place, element)?;
        let read = Table::from_bytes(&bytes).and_then(read);
        read.map_err(|fault| {
            for fault in fault.each() {
                let named = format!("named at {place}");
                let hint = fault.hint.as_ref().map_or(named.clone(), |hint| format!("{hint}; {named}"));
                self.refusals.borrow_mut().push(&Place::new(path, fault.line), element, &fault.message, Some(hint));
            }
        })
        .ok()
    }

    fn bytes(&self, path: &str, place: &Place, element: Option<&str>) -> Option<Vec<u8>> {
        let outside = path.is_empty()
            || path.contains('\\')
            || path.starts_with('/')
            || path.split('/').any(|part| part == ".." || part.contains(':'));
        if outside {
            self.refusals.borrow_mut().push(
                place,
                element,
                format!("file `{path}` is not one of the basin's folder, expected a path within it, with `/`"),
                None,
            );
            return None;
        }
        (self.load)(path)
            .map_err(|why| {
                self.refusals.borrow_mut().push(
                    place,
                    element,
                    format!("file `{path}` cannot be read: {why}"),
                    Some("paths are relative to the basin's folder".to_owned()),
                );
            })
            .ok()
    }
}
