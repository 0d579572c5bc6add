//! Members by their forcing: as given in a table, or as earlier years brought it.
//!
//! Forcing is re-cut onto the horizon's steps by time-weighting, as any series, and laid over the basin as what an office gathers is:
//! where it came from stands in the inputs of each plan. *Given*: a wide table has a column `ELEMENT.KEY@MEMBER` each; a long one has a
//! column `member` and a column `ELEMENT.KEY` each. *Years*: what the same dates brought in an earlier year of the record; with
//! `block_days`, each stretch of so many days is of a year drawn by lot, the same for all columns, so that season and the basin's parts keep
//! together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Time;
use weir_model::basin::entry::{Entry, Field};
use weir_model::horizon::Horizon;
use weir_model::laid::{Gathered, Laid, LaidForm, LaidSeries, LaidValue, Piece};
use weir_model::place::{Place, Refusals};
use weir_model::series::{Meaning, SeriesFile, day_starts};
use weir_model::table::{Table, TableFault, digest, parted};

use super::{Reading, is_weight};
use crate::member::{Forcing, Member};
use crate::overlay::Overlay;
use crate::parquet::Parquet;

/// Most members that are drawn by lot.
const MOST_DRAWN: f64 = 100_000.0;

/// A file of forcing.
struct Record {
    /// Its path as written.
    path: String,
    table: Table,
    day_starts: Time,
}

impl Reading<'_> {
    /// The table that `file` names, if it can be read.
    fn record(&mut self, entry: &Entry<'_, '_>) -> Option<Record> {
        let file = entry.required_text("file");
        let starts = entry.text("day_starts");
        let day_starts = starts.map_or(Some(Time::midnight()), |text| {
            day_starts(&text.value).map_err(|why| entry.refuse(&text.place, why, None)).ok()
        });
        let file = file?;
        let path = self.folder.join(&file.value);
        let is_parquet = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
        let table = if is_parquet { of_parquet(&path) } else { Table::read(&path) };
        let table = table.and_then(|table| table.faults(Vec::new()).map(|()| table));
        let table = table.map_err(|fault| refuse_table(entry, &path, &file, &fault)).ok()?;
        self.digests.push(table.digest.clone());
        Some(Record { path: file.value, table, day_starts: day_starts? })
    }

    /// What the forcing of a file's members is made with.
    fn source(&self, record: &Record) -> Source {
        Source {
            path: record.path.as_str().into(),
            digest: record.table.digest.as_str().into(),
            header_line: record.table.header_line,
            day_starts: record.day_starts,
            horizon: Arc::new(self.horizon.clone()),
        }
    }

    /// Members as a table gives them.
    pub(super) fn given(&mut self, entry: &Entry<'_, '_>) {
        let record = self.record(entry);
        let mut weights: BTreeMap<String, (f64, Place)> = BTreeMap::new();
        if let Some(part) = entry.table("weights") {
            for (word, value) in part.words() {
                if let Some(weight) = part.number_in(word.get_ref(), value) {
                    weights.insert(word.get_ref().to_string(), (weight, part.place_of(value)));
                }
            }
        }
        let Some(record) = record else { return };
        let tables = if record.table.header.iter().any(|heading| heading == MEMBER) { long(&record) } else { wide(&record) };
        let name = self.folder.join(&record.path).display().to_string();
        let tables = match tables {
            Ok(tables) => tables,
            Err(fault) => return refuse(entry, &name, &fault),
        };
        let source = self.source(&record);
        for (id, columns) in tables {
            let weight = weights.remove(&id);
            if weight.as_ref().is_some_and(|(weight, place)| !is_weight(entry, place, (&id, *weight))) {
                continue;
            }
            let member = match columns {
                Ok(columns) => {
                    let (source, file, own) = (source.clone(), name.clone(), id.clone());
                    let makes = move || {
                        let series = source.recut(&columns).map_err(|fault| refusals(&file, &fault))?;
                        Ok(source.laid((&own, "as given"), series))
                    };
                    Member { forcing: Some(Forcing::new(makes)), ..Member::new(&id, Ok(Overlay::default())) }
                }
                // Its own fault ends no other member.
                Err(fault) => Member::new(&id, Err(refusals(&name, &fault))),
            };
            let weight = weight.map_or(1.0, |(weight, _)| weight);
            self.add(entry, &Place::new(&*name, record.table.header_line), member.weighing(weight));
        }
        for (id, (_, place)) in weights {
            entry.refuse(&place, format!("`weights`: the table has no member `{id}`"), None);
        }
    }

    /// Members as earlier years were.
    pub(super) fn years(&mut self, entry: &Entry<'_, '_>) {
        let record = self.record(entry);
        let named = entry.table("columns").map(|part| {
            let words = part
                .words()
                .into_iter()
                .filter_map(|(word, _)| part.text(word.get_ref()).map(|column| (word.get_ref().to_string(), column)));
            words.collect::<Vec<(String, Field<String>)>>()
        });
        let year = |key: &str| entry.number_within(key, 1000.0, 9999.0);
        let (from, to) = (year("from"), year("to"));
        let block = entry.number_within("block_days", 1.0, 36_600.0);
        let count = entry.number_within("members", 1.0, MOST_DRAWN);
        let seed = entry.number_within("seed", 0.0, 9e15);
        if block.is_some() && !entry.has("members") {
            entry.missing_because(&["members"], "how many are drawn, each from stretches of `block_days` of the years");
        }
        for drawn in [&count, &seed].into_iter().flatten().filter(|_| !entry.has("block_days")) {
            let hint = "say of how many days the stretches are that are drawn by lot: `block_days = 30`; else each year is a member, and \
                        takes neither"
                .to_owned();
            entry.refuse(&drawn.place, format!("`{}` without `block_days`", drawn.key), Some(hint));
        }
        if let (Some(from), Some(to)) = (&from, &to)
            && from.value > to.value
        {
            let message = format!("`{}` {} is later than `{}` {}", from.key, from.value, to.key, to.value);
            return entry.refuse(&from.place, message, Some("the earlier year is `from`".to_owned()));
        }
        let Some(record) = record else { return };
        let name = self.folder.join(&record.path).display().to_string();
        let file = match SeriesFile::from_table(record.table.clone()) {
            Ok(file) => file,
            Err(fault) => return refuse(entry, &name, &fault),
        };
        let columns: Vec<(String, String)> = match named {
            Some(named) => named.into_iter().map(|(address, column)| (address, column.value)).collect(),
            None => file.columns().iter().map(|heading| (heading.clone(), heading.clone())).collect(),
        };
        let start = self.horizon.start().year();
        let covered = years_of(&record);
        let named = |year: &Option<Field<f64>>| year.as_ref().map(|year| year.value as i16);
        let ends = (named(&from).or(covered.map(|years| years.0)), named(&to).or(covered.map(|years| years.1)));
        let (Some(first), Some(last)) = ends else { return };
        let mut analogues: Vec<(i16, Series)> = Vec::new();
        let mut fault = None;
        for year in (first..=last).filter(|&year| year != start) {
            let cut = columns.iter().map(|(address, column)| {
                let column = file.column(column)?;
                Ok((address.clone(), in_year(&file, column, (self.horizon, year - start), record.day_starts)?))
            });
            match cut.collect::<Result<Vec<_>, TableFault>>() {
                Ok(series) => analogues.push((year, series)),
                Err(why) => {
                    // A year that is named is one that is wanted.
                    if let Some(end) = [&from, &to].into_iter().flatten().find(|end| end.value as i16 == year) {
                        let message = format!("`{}`: {year} is not whole on the horizon's dates: {}", end.key, why.message);
                        entry.refuse(&end.place, message, Some("name a year that has them all, or leave it out".to_owned()));
                    }
                    fault = fault.or(Some(why));
                }
            }
        }
        if analogues.is_empty() {
            let why = fault.unwrap_or_else(|| TableFault::new(0, "holds no year but that of the horizon"));
            return refuse(entry, &name, &why);
        }
        let (place, source, analogues) = (Place::new(&*name, 0), self.source(&record), Arc::new(analogues));
        match block {
            None => {
                for (number, &(year, _)) in analogues.iter().enumerate() {
                    let id = year.to_string();
                    let (source, analogues) = (source.clone(), Arc::clone(&analogues));
                    let makes = move || {
                        let (year, series) = &analogues[number];
                        Ok(source.laid((&year.to_string(), &format!("of the year {year}")), series.clone()))
                    };
                    let forcing = Some(Forcing::new(makes));
                    let mut member = Member { forcing, ..Member::new(&id, Ok(Overlay::default())) };
                    member.name = (format!("{year}年来水"), format!("inflow of {year}"));
                    self.add(entry, &place, member);
                }
            }
            Some(block) => {
                let lot = Lot(seed.map_or(0, |seed| seed.value as u64));
                let count = count.map_or(0, |count| count.value as usize);
                for member in by_lot(&analogues, (&source, block.value), (count, lot)) {
                    self.add(entry, &place, member);
                }
            }
        }
    }
}

/// The table in a Parquet file, its time first: the first column of timestamps or dates, else the first that is not that of members.
fn of_parquet(path: &Path) -> Result<Table, TableFault> {
    let fault = |why: String| TableFault::new(0, why).hint("a table of members is CSV or Parquet: docs/ensembles.md");
    let bytes = std::fs::read(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let digest = digest(&bytes);
    let file = Parquet::open(bytes).map_err(fault)?;
    let first = || file.header.iter().position(|heading| heading != MEMBER);
    let time = file.time().or_else(first).ok_or_else(|| fault("has no column of times".to_owned()))?;
    let ordered = |mut cells: Vec<String>| {
        cells[..=time].rotate_right(1);
        cells
    };
    let rows =
        file.rows(time).map_err(fault)?.map(|row| row.map(ordered)).collect::<Result<Vec<_>, String>>().map_err(fault)?;
    Table::new(ordered(file.header.clone()), rows, digest)
}

/// Heading of the column of members in a long table.
const MEMBER: &str = "member";

/// Series on the horizon's steps, by address.
type Series = Vec<(String, Vec<f64>)>;

/// What the forcing of all members of a file is made with.
#[derive(Clone)]
struct Source {
    /// Path as written, digest, and the line of the header.
    path: Arc<str>,
    digest: Arc<str>,
    header_line: usize,
    day_starts: Time,
    horizon: Arc<Horizon>,
}

impl Source {
    /// Columns on the horizon's steps.
    fn recut(&self, columns: &Columns) -> Result<Series, TableFault> {
        let recut = |(address, file, column): &(String, Arc<SeriesFile>, usize)| {
            Ok((address.clone(), file.recut(*column, &self.horizon, Meaning::Mean, self.day_starts)?.0))
        };
        let (series, faults) = parted(columns.iter().map(recut));
        TableFault::all(faults).map(|()| series)
    }

    /// Series on the horizon's steps as they are laid over the basin.
    fn laid(&self, (id, said): (&str, &str), series: Series) -> Laid {
        let mut laid = Laid::default();
        for (address, values) in series {
            let pieces = self.horizon.edges.windows(2).zip(&values).map(|(edges, &value)| Piece {
                from: edges[0].timestamp(),
                to: edges[1].timestamp(),
                first: value,
                last: value,
            });
            let form = LaidSeries {
                input: id.to_owned(),
                digest: self.digest.to_string(),
                substituted_by: None,
                pieces: pieces.collect(),
            };
            let place = Place::new(&*self.path, self.header_line);
            laid.gathered.push(Gathered {
                input: id.to_owned(),
                address: address.clone(),
                source: self.path.to_string(),
                digest: self.digest.to_string(),
                last: None,
                substituted_by: None,
                notes: vec![said.to_owned()],
            });
            let address = Field { key: address.clone(), value: address, place };
            laid.values.push(LaidValue { address, input: id.to_owned(), form: LaidForm::Series(Arc::new(form)) });
        }
        laid
    }
}

/// A member's columns: address, file and the column there.
type Columns = Vec<(String, Arc<SeriesFile>, usize)>;

/// Members by id, each with its columns, or what is wrong with its own rows.
type Tables = Vec<(String, Result<Columns, TableFault>)>;

/// The members of a wide table, in the order of their columns.
fn wide(record: &Record) -> Result<Tables, TableFault> {
    let file = Arc::new(SeriesFile::from_table(record.table.clone())?);
    let mut members: Vec<(String, Columns)> = Vec::new();
    for heading in file.columns() {
        let Some((address, id)) = heading.rsplit_once('@').filter(|(address, id)| !address.is_empty() && !id.is_empty())
        else {
            let message = format!("column `{heading}` names no member");
            let hint = "a wide table has columns such as `brook.flow_m3s@m1`; a long one has a column `member`";
            return Err(TableFault::new(record.table.header_line, message).hint(hint));
        };
        let entry = (address.to_owned(), Arc::clone(&file), file.column(heading)?);
        match members.iter_mut().find(|(known, _)| known == id) {
            Some((_, columns)) => columns.push(entry),
            None => members.push((id.to_owned(), vec![entry])),
        }
    }
    Ok(members.into_iter().map(|(id, columns)| (id, Ok(columns))).collect())
}

/// The members of a long table, in the order of their first rows.
fn long(record: &Record) -> Result<Tables, TableFault> {
    let member = record.table.column(MEMBER)?;
    let mut rows: Vec<(String, Vec<weir_model::table::Row>)> = Vec::new();
    for row in &record.table.rows {
        let mut own = row.clone();
        let id = own.cells.remove(member);
        if id.is_empty() {
            return Err(TableFault::new(row.line, "the cell of its member is empty"));
        }
        match rows.iter_mut().find(|(known, _)| *known == id) {
            Some((_, rows)) => rows.push(own),
            None => rows.push((id, vec![own])),
        }
    }
    let mut header = record.table.header.clone();
    header.remove(member);
    let of_member = |rows| {
        let mut table = record.table.clone();
        table.header.clone_from(&header);
        table.rows = rows;
        let file = Arc::new(SeriesFile::from_table(table)?);
        let columns = file.columns().iter().map(|heading| Ok((heading.clone(), Arc::clone(&file), file.column(heading)?)));
        columns.collect::<Result<Columns, TableFault>>()
    };
    Ok(rows.into_iter().map(|(id, rows)| (id, of_member(rows))).collect())
}

/// A column on the horizon's steps as it was so many years off; a 29 February that the year lacks is as the step before it.
fn in_year(
    file: &SeriesFile,
    column: usize,
    (horizon, off): (&Horizon, i16),
    day_starts: Time,
) -> Result<Vec<f64>, TableFault> {
    let moved = |edge: &jiff::Zoned| {
        edge.checked_add(i64::from(off).years()).map_err(|_| TableFault::new(0, "a year lies outside the calendar"))
    };
    let edges = horizon.edges.iter().map(moved).collect::<Result<Vec<_>, TableFault>>()?;
    let is_step: Vec<bool> = edges.windows(2).map(|edges| edges[0] < edges[1]).collect();
    let mut kept = vec![edges[0].clone()];
    kept.extend(edges.windows(2).filter(|edges| edges[0] < edges[1]).map(|edges| edges[1].clone()));
    let lengths_s = kept.windows(2).map(|edges| edges[1].duration_since(&edges[0]).as_secs_f64()).collect();
    let then = Horizon { time_zone: horizon.time_zone.clone(), edges: kept, lengths_s };
    let mut values = file.recut(column, &then, Meaning::Mean, day_starts)?.0.into_iter();
    let mut last = 0.0;
    let value = |is_step: bool| {
        last = if is_step { values.next().unwrap_or(last) } else { last };
        last
    };
    Ok(is_step.into_iter().map(value).collect())
}

/// The first and last year of a record's stamps.
fn years_of(record: &Record) -> Option<(i16, i16)> {
    let year = |row: &weir_model::table::Row| row.cells.first()?.get(..4)?.parse::<i16>().ok();
    Some((record.table.rows.iter().find_map(year)?, record.table.rows.iter().rev().find_map(year)?))
}

/// So many members of stretches of years drawn by lot.
fn by_lot(
    analogues: &Arc<Vec<(i16, Series)>>,
    (source, block_days): (&Source, f64),
    (count, mut lot): (usize, Lot),
) -> impl Iterator<Item = Member> {
    let stretches = Arc::new(stretches(&source.horizon, block_days));
    let many = stretches.last().map_or(0, |last| last + 1);
    (1..=count).map(move |number| {
        let id = format!("{number:0width$}", width = count.to_string().len());
        let chosen: Vec<usize> = (0..many).map(|_| lot.below(analogues.len())).collect();
        let (source, analogues, stretches) = (source.clone(), Arc::clone(analogues), Arc::clone(&stretches));
        let own = id.clone();
        let makes = move || {
            let years: Vec<String> = chosen.iter().map(|&year| analogues[year].0.to_string()).collect();
            let said = format!("by lot, of the years {}", years.join(", "));
            Ok(source.laid((&own, &said), glued(&analogues, &stretches, &chosen)))
        };
        Member { forcing: Some(Forcing::new(makes)), ..Member::new(&id, Ok(Overlay::default())) }
    })
}

/// Of each step of the horizon, which stretch of so many days it lies in.
fn stretches(horizon: &Horizon, block_days: f64) -> Vec<usize> {
    let (mut stretch, mut until, mut day) = (0, block_days, 0.0);
    let mut of_steps = Vec::with_capacity(horizon.steps());
    for step in 0..horizon.steps() {
        if day >= until {
            stretch += 1;
            until += block_days;
        }
        of_steps.push(stretch);
        day += horizon.days(step);
    }
    of_steps
}

/// Stretches of the years that were drawn for them.
fn glued(analogues: &[(i16, Series)], stretches: &[usize], chosen: &[usize]) -> Series {
    let mut all = analogues[0].1.clone();
    for (step, &stretch) in stretches.iter().enumerate() {
        for (own, (_, of_year)) in all.iter_mut().zip(&analogues[chosen[stretch]].1) {
            own.1[step] = of_year[step];
        }
    }
    all
}

/// Numbers by lot, the same on every machine (`SplitMix64`).
struct Lot(u64);

impl Lot {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(mixed ^ (mixed >> 31)) * count as u128) >> 64) as usize
    }
}

/// Refuses a table that a field names: what is wrong with it as a whole at the field's line, what is wrong with a row at that.
fn refuse_table(entry: &Entry<'_, '_>, path: &Path, named: &Field<String>, fault: &TableFault) {
    if fault.line > 0 {
        return refuse(entry, &path.display().to_string(), fault);
    }
    let message = format!("`{}` = `{}`: {}", named.key, named.value, fault.message);
    let hint = "a table of members is CSV or Parquet, `file` a path from the ensemble's file: docs/ensembles.md";
    entry.refuse(&named.place, message, Some(hint.to_owned()));
}

fn refuse(entry: &Entry<'_, '_>, file: &str, fault: &TableFault) {
    for refusal in refusals(file, fault).0 {
        entry.refuse(&refusal.place, refusal.message, refusal.hint);
    }
}

fn refusals(file: &str, fault: &TableFault) -> Refusals {
    let mut refusals = Refusals::default();
    for fault in fault.each() {
        refusals.push(&Place::new(file, fault.line), None, fault.message.clone(), fault.hint.clone());
    }
    refusals
}
