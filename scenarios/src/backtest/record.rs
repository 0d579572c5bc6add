//! The record: what nature brought day by day, as the series files of the basin hold it: each inflow's own series, and the years of its
//! `record` where its series has nothing.
//!
//! Units: those of the file's key, m³/s, beneath all changes of overlays.
//! Fails: a column that cannot be read by days, a basin none of whose inflows stands in a series file.

use jiff::civil::Date;
use weir_model::basin::{Basin, FILE};
use weir_model::place::{Place, Refusals};
use weir_model::record;
use weir_model::table::TableFault;

/// What all inflows brought.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Inflows that stand in series files, in the order of their ids.
    pub inflows: Vec<Inflow>,
}

/// What an inflow brought.
#[derive(Clone, Debug)]
pub struct Inflow {
    /// The element's id.
    pub id: String,
    /// Where its series was written.
    pub place: Place,
    /// SHA-256 of the file.
    pub digest: String,
    /// Its own series.
    own: record::Record,
    /// The years of its record.
    years: Option<record::Record>,
}

impl Record {
    /// Reads it.
    ///
    /// # Errors
    /// See the module.
    pub fn of(basin: &Basin) -> Result<Self, Refusals> {
        let (mut inflows, mut refusals) = (Vec::new(), Refusals::default());
        for element in &basin.elements {
            let Some((varying, column)) = element.inflow().and_then(|varying| Some((varying, varying.column()?))) else {
                continue;
            };
            let head = element.head();
            let file = &column.series.file;
            let own = record::Record::of(file, column.column, (column.meaning, column.day_starts), &basin.time_zone);
            let years = element.record().map(|given| given.days(&basin.time_zone, &head.id).cloned()).transpose();
            match (own, years) {
                (Ok(own), Ok(years)) => inflows.push(Inflow {
                    id: head.id.clone(),
                    place: varying.place.clone(),
                    digest: file.digest().to_owned(),
                    own,
                    years,
                }),
                (own, years) => {
                    if let Err(faults) = own {
                        refuse(&mut refusals, &column.series.path, Some(&head.id), &faults);
                    }
                    refusals.0.extend(years.err().into_iter().flat_map(|faults| faults.0));
                }
            }
        }
        if inflows.is_empty() && refusals.0.is_empty() {
            let hint = "a record is a series file that an `inflow` names: `flow_m3s = { file = \"…\", column = \"…\" }`";
            let message = "no inflow stands in a series file: nothing was observed";
            refusals.push(&Place::new(FILE, 0), None, message, Some(hint.to_owned()));
        }
        refusals.or(Self { inflows })
    }

    /// Refuses a stretch of days that is not wholly in the record.
    ///
    /// # Errors
    /// The first day that is missing of each inflow, and what there is.
    pub fn covers(&self, from: Date, days: usize) -> Result<(), Refusals> {
        let mut refusals = Refusals::default();
        for inflow in &self.inflows {
            let dates = from.series(jiff::Span::new().days(1)).take(days);
            if let Some(date) = dates.into_iter().find(|date| inflow.on(*date).is_none()) {
                let (first, last) = inflow.ends();
                let hint = format!("its series and record go from {first} to {last}");
                let message = format!("`flow_m3s`: nothing was observed on {date}, within the time that is asked for");
                refusals.push(&inflow.place, Some(&inflow.id), message, Some(hint));
            }
        }
        refusals.or(())
    }
}

impl Inflow {
    /// What it brought on a day.
    pub fn on(&self, date: Date) -> Option<f64> {
        self.own.on(date).or_else(|| self.years.as_ref()?.on(date))
    }

    /// The first day and the last of all that is known of it.
    pub fn ends(&self) -> (Date, Date) {
        let (first, last) = self.own.ends();
        let years = self.years.as_ref().map_or((first, last), record::Record::ends);
        (first.min(years.0), last.max(years.1))
    }

    /// The days before a date with what it brought, in time's order.
    pub fn before(&self, until: Date) -> impl DoubleEndedIterator<Item = (Date, f64)> {
        let (first, last) = self.ends();
        let days = days_between(first, until.min(last.saturating_add(jiff::Span::new().days(1)))).max(0);
        let date = move |day: i64| first.saturating_add(jiff::Span::new().days(day));
        (0..days).filter_map(move |day| Some((date(day), self.on(date(day))?)))
    }
}

/// Whole days from a date to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// Refuses the faults of a table, each at its line.
pub(super) fn refuse(refusals: &mut Refusals, path: &str, element: Option<&str>, faults: &TableFault) {
    for fault in faults.each() {
        refusals.push(&Place::new(path, fault.line), element, fault.message.clone(), fault.hint.clone());
    }
}
