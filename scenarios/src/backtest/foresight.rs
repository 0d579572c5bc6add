//! Foresight: what was known of the inflow to come on the morning of a day.
//!
//! | word | the inflow of a coming day |
//! |---|---|
//! | `perfect` | what the record has; beyond its end the mean of the same date in all its years |
//! | `climatology` | mean of the fifteen days around the same date, in the record before the latest anniversary of the start |
//! | `persistence` | mean of the last ten days observed |
//! | `given` | of the newest forecast issued by then, the mean of its members; beyond its lead, `climatology` where there is a year of record before, else `persistence` |
//! | `tree` | the members of that forecast, each as it is, with as much weight as any other; beyond their lead as `given` |
//!
//! Only `perfect` reads the record of the day itself or of what follows. What is no inflow of a series file (demand, evaporation,
//! profiles) is known as the file has it.
//! Fails: climatology without a year of record before the start, persistence without a day of it, given forecasts of which none tells of a
//! morning's days to come.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use weir_model::basin::entry::Field;
use weir_model::laid::{Laid, LaidForm, LaidSeries, LaidValue, Piece};
use weir_model::place::{Place, Refusals};
use weir_model::table::Table;
use weir_report::backtest::Unforecast;

use super::record::{Inflow, Record, days_between, refuse};

/// What is known of the inflow to come.
#[derive(Clone, Debug)]
pub enum Foresight {
    /// All of it.
    Perfect,
    /// What is usual at that date.
    Climatology,
    /// What came last.
    Persistence,
    /// What forecasts said, in the mean of their members.
    Given(Given),
    /// What forecasts said, member by member.
    Tree(Given),
}

impl Foresight {
    /// Its word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Perfect => "perfect",
            Self::Climatology => "climatology",
            Self::Persistence => "persistence",
            Self::Given(_) => "given",
            Self::Tree(_) => "tree",
        }
    }
}

/// Days on either side of a date that its climatology is the mean of.
const AROUND: usize = 7;
/// Days that persistence is the mean of.
const LAST: usize = 10;
/// Days of a leap year.
const DATES: usize = 366;

/// Forecasts as they were issued.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// By the day of issue.
    issues: BTreeMap<Date, Issue>,
}

/// A forecast: by its members, the day that is told, and the inflow.
type Issue = BTreeMap<String, BTreeMap<Date, BTreeMap<String, f64>>>;

impl Given {
    /// Reads forecasts of a CSV file: columns `issued`, `date`, one an inflow by its id, and `member` where there are several.
    ///
    /// # Errors
    /// What the file has otherwise, each at its line.
    pub fn read(path: &Path, record: &Record) -> Result<Self, Refusals> {
        let file = path.display().to_string();
        let mut refusals = Refusals::default();
        let found = Table::read(path).and_then(|table| {
            table.faults(Vec::new())?;
            let at = [table.column("issued")?, table.column("date")?];
            let member = table.header.iter().position(|heading| heading == "member");
            Ok((table, at, member))
        });
        let (table, [issued, date], member) = match found {
            Ok(found) => found,
            Err(faults) => {
                refuse(&mut refusals, &file, None, &faults);
                return refusals.or(Self::default());
            }
        };
        let own = |column: usize| column != issued && column != date && Some(column) != member;
        let columns: Vec<usize> = (0..table.header.len()).filter(|column| own(*column)).collect();
        for &column in &columns {
            let heading = &table.header[column];
            if record.inflows.iter().all(|inflow| inflow.id != *heading) {
                let known: Vec<&str> = record.inflows.iter().map(|inflow| inflow.id.as_str()).collect();
                let hint = weir_model::basin::nearest::hint(heading, &known, "inflows with a record");
                refusals.push(
                    &Place::new(&*file, table.header_line),
                    None,
                    format!("column `{heading}` is no inflow of the basin with a record"),
                    hint,
                );
            }
        }
        let mut issues: BTreeMap<Date, Issue> = BTreeMap::new();
        for row in &table.rows {
            let place = Place::new(&*file, row.line);
            let mut day = |column: usize| {
                let text = &row.cells[column];
                let parsed = text.parse::<Date>().ok().filter(|_| text.len() == 10);
                if parsed.is_none() {
                    let message = format!("column `{}`: `{text}` is no date, expected `YYYY-MM-DD`", table.header[column]);
                    refusals.push(&place, None, message, None);
                }
                parsed
            };
            let (Some(issued), Some(date)) = (day(issued), day(date)) else { continue };
            let id = member.map_or_else(String::new, |column| row.cells[column].clone());
            let of_day = issues.entry(issued).or_default().entry(id).or_default();
            if of_day.contains_key(&date) {
                let message = format!("{date} stands twice in the forecast of {issued}");
                let hint = "a row a day; several members are told apart by a column `member`".to_owned();
                refusals.push(&place, None, message, Some(hint));
                continue;
            }
            let of_day = of_day.entry(date).or_default();
            for &column in &columns {
                match table.number(row, column) {
                    Ok(Some(value)) => {
                        of_day.insert(table.header[column].clone(), value);
                    }
                    Ok(None) => {
                        let message = format!("column `{}`: the cell of {date} is empty", table.header[column]);
                        let hint = "write what was forecast; a forecast that ends before leaves out the row, and beyond its lead what is usual counts";
                        refusals.push(&place, None, message, Some(hint.to_owned()));
                    }
                    Err(fault) => refuse(&mut refusals, &file, None, &fault),
                }
            }
        }
        refusals.or(Self { issues })
    }

    /// Whether on a morning there is a forecast of an inflow on a day to come.
    fn tells_of(&self, id: &str, morning: Date) -> bool {
        let told = self.newest(morning).into_iter().flat_map(BTreeMap::values);
        told.flat_map(|days| days.range(morning..)).any(|(_, flows)| flows.contains_key(id))
    }

    /// Whether on a morning there is a forecast of a day to come.
    pub fn tells(&self, morning: Date) -> bool {
        let told = self.newest(morning).into_iter().flat_map(BTreeMap::values);
        told.flat_map(BTreeMap::keys).any(|day| *day >= morning)
    }

    /// The days of the first and the last issue.
    pub fn issued(&self) -> Option<(Date, Date)> {
        Some((*self.issues.keys().next()?, *self.issues.keys().next_back()?))
    }

    /// The newest forecast issued by a morning.
    fn newest(&self, morning: Date) -> Option<&Issue> {
        self.issues.range(..=morning).next_back().map(|(_, issue)| issue)
    }

    /// What the newest forecast issued by a morning says of an inflow on a day: one member of it, or the mean of them.
    fn on(&self, id: &str, (morning, date): (Date, Date), member: Option<&str>) -> Option<f64> {
        let members = self.newest(morning)?.iter().filter(|(known, _)| member.is_none_or(|member| member == *known));
        let told = members.filter_map(|(_, days)| days.get(&date)?.get(id).copied());
        let (sum, count) = told.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        (count > 0.0).then(|| sum / count)
    }
}

/// Means by date, NaN where nothing is known.
struct Normals(Vec<f64>);

impl Normals {
    /// Of the record before a date.
    fn before(inflow: &Inflow, until: Date) -> Self {
        let mut sums = vec![(0.0, 0.0); DATES];
        for (date, value) in inflow.before(until) {
            let sum: &mut (f64, f64) = &mut sums[number(date)];
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
        let mean = |at: usize| {
            let around = (0..=2 * AROUND).map(|by| sums[(at + DATES + by - AROUND) % DATES]);
            let (sum, count) = around.fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
            if count > 0.0 { sum / count } else { f64::NAN }
        };
        Self((0..DATES).map(mean).collect())
    }

    fn on(&self, date: Date) -> f64 {
        self.0[number(date)]
    }
}

/// A date's number among those of a leap year, from 0.
fn number(date: Date) -> usize {
    let in_leap_year = Date::new(2000, date.month(), date.day()).unwrap_or(date);
    (in_leap_year.day_of_year() as usize).saturating_sub(1)
}

/// What is known, morning by morning.
pub struct Known<'a> {
    record: &'a Record,
    foresight: &'a Foresight,
    from: Date,
    zone: TimeZone,
    /// By inflow, by years since the start.
    normals: Vec<Vec<Normals>>,
    /// By inflow, of all years.
    whole: Vec<Normals>,
}

impl<'a> Known<'a> {
    /// What is known on the days from a date on.
    ///
    /// # Errors
    /// See the module.
    pub fn new(
        record: &'a Record,
        foresight: &'a Foresight,
        (from, days): (Date, usize),
        zone: TimeZone,
    ) -> Result<Self, Refusals> {
        let mut refusals = Refusals::default();
        for inflow in &record.inflows {
            let earliest = match foresight {
                Foresight::Climatology => from.saturating_sub(Span::new().years(1)),
                Foresight::Persistence | Foresight::Given(_) | Foresight::Tree(_) => {
                    from.saturating_sub(Span::new().days(1))
                }
                Foresight::Perfect => continue,
            };
            let (first, _) = inflow.ends();
            if first > earliest {
                let word = foresight.word();
                let message =
                    format!("`{word}` knows nothing on {from}: the record begins on {first}, and must by {earliest}");
                refusals.push(
                    &inflow.place,
                    Some(&inflow.id),
                    message,
                    Some("begin later, or lengthen the series file".to_owned()),
                );
            }
        }
        let years = 0..=days / 365;
        let anniversary = |year: usize| from.saturating_add(Span::new().years(year as i64));
        let normals = |inflow: &Inflow| years.clone().map(|year| Normals::before(inflow, anniversary(year))).collect();
        let needed = !matches!(foresight, Foresight::Perfect);
        let normals = if needed { record.inflows.iter().map(normals).collect() } else { Vec::new() };
        let whole = record.inflows.iter().map(|inflow| Normals::before(inflow, Date::MAX)).collect();
        refusals.or(Self { record, foresight, from, zone, normals, whole })
    }

    /// The members of the forecast that is known on a morning, where each is planned for.
    pub fn members(&self, morning: Date) -> Vec<&str> {
        match self.foresight {
            Foresight::Tree(given) => {
                given.newest(morning).map_or_else(Vec::new, |issue| issue.keys().map(String::as_str).collect())
            }
            _ => Vec::new(),
        }
    }

    /// What lies over the basin on a morning: the storages, of the first days what came, and then what is known of them until a date, by a member
    /// of what is forecast or by all.
    pub fn laid(&self, stored: &[(String, f64)], (morning, end): (Date, Date), came: usize, member: Option<&str>) -> Laid {
        let value = |address: String, form: LaidForm| {
            let place = Place::new(format!("backtest of {morning}"), 0);
            LaidValue {
                address: Field { value: address, place, key: "to".to_owned() },
                input: self.foresight.word().to_owned(),
                form,
            }
        };
        let mut values: Vec<LaidValue> =
            stored.iter().map(|(id, hm3)| value(format!("{id}.initial_storage_hm3"), LaidForm::State(*hm3))).collect();
        for (number, inflow) in self.record.inflows.iter().enumerate() {
            let days = morning.series(Span::new().days(1)).take_while(|date| *date < end).enumerate();
            let pieces = days.filter_map(|(day, date)| {
                let flow = if day < came { inflow.on(date)? } else { self.forecast(number, (morning, date), member)? };
                Some(Piece {
                    from: self.midnight(date)?,
                    to: self.midnight(date.tomorrow().ok()?)?,
                    first: flow,
                    last: flow,
                })
            });
            let series = LaidSeries {
                input: self.foresight.word().to_owned(),
                digest: inflow.digest.clone(),
                substituted_by: None,
                pieces: pieces.collect(),
            };
            values.push(value(format!("{}.flow_m3s", inflow.id), LaidForm::Series(Arc::new(series))));
        }
        Laid { values, ..Laid::default() }
    }

    fn midnight(&self, date: Date) -> Option<Timestamp> {
        date.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// Mornings on which no given forecast tells of a day to come, by the inflows that it is so of: what stands in for them counts from the
    /// first day on.
    pub fn unforecast(&self, mornings: &[Date]) -> Vec<Unforecast> {
        let (Foresight::Given(given) | Foresight::Tree(given)) = self.foresight else { return Vec::new() };
        let mut rows: Vec<Unforecast> = Vec::new();
        for inflow in &self.record.inflows {
            let lacking = mornings.iter().filter(|morning| !given.tells_of(&inflow.id, **morning));
            let lacking: Vec<String> = lacking.map(ToString::to_string).collect();
            let instead = if self.has_year(inflow) { &Foresight::Climatology } else { &Foresight::Persistence };
            match rows.iter_mut().find(|row| row.mornings == lacking && row.instead == instead.word()) {
                _ if lacking.is_empty() => {}
                Some(row) => row.inflows.push(inflow.id.clone()),
                None => rows.push(Unforecast {
                    inflows: vec![inflow.id.clone()],
                    names: Vec::new(),
                    mornings: lacking,
                    of: mornings.len(),
                    instead: instead.word(),
                }),
            }
        }
        rows
    }

    /// Whether a year of an inflow's record lies before the start.
    fn has_year(&self, inflow: &Inflow) -> bool {
        inflow.ends().0 <= self.from.saturating_sub(Span::new().years(1))
    }

    /// What is thought on a morning of an inflow on a day.
    fn forecast(&self, number: usize, (morning, date): (Date, Date), member: Option<&str>) -> Option<f64> {
        let inflow = &self.record.inflows[number];
        let usual = || {
            let year = (days_between(self.from, morning) / 365) as usize;
            // Of the years that are over: an anniversary may lie a leap day behind.
            let over = |year: &usize| self.from.saturating_add(Span::new().years(*year as i64)) <= morning;
            let year = (0..=year).rev().find(over)?;
            self.normals[number].get(year).map(|normals| normals.on(date)).filter(|mean| mean.is_finite())
        };
        let last = || {
            let days = inflow.before(morning).rev().take(LAST);
            let (sum, count) = days.fold((0.0, 0.0), |(sum, count), (_, flow)| (sum + flow, count + 1.0));
            (count > 0.0).then(|| sum / count)
        };
        match self.foresight {
            Foresight::Perfect => {
                inflow.on(date).or_else(|| Some(self.whole[number].on(date)).filter(|mean| mean.is_finite()))
            }
            Foresight::Climatology => usual(),
            Foresight::Persistence => last(),
            Foresight::Given(given) | Foresight::Tree(given) => {
                let usual = || usual().filter(|_| self.has_year(inflow));
                given.on(&inflow.id, (morning, date), member).or_else(usual).or_else(last)
            }
        }
    }
}
