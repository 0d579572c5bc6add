//! `weir days`: the basin as it is run today, under dry years of several frequencies and without rain, as it saves now and at each
//! drought response, all runs in parallel.
//!
//! A run is the method `rules` by days from the start, zones and their ladder included. Inflow is the basin's `[forecast]` as far as it reaches,
//! then a frequency year or no rain; all frequencies have the
//! pattern of the driest one's year, so that they differ by how much comes and not by when. An end that a plan wants is no wish of this question, and is left out. A saving level is a drought
//! response that some curtailment needs, declared from the start on.
//! Fails: what the basin's file does not allow over so many days. A run that is refused or stuck says why, and the others go on.

use std::path::Path;

use jiff::civil::Date;
use rayon::prelude::*;
use weir_model::basin::Basin;
use weir_model::basin::entry::Field;
use weir_model::basin::forecast::{Forecast, Then};
use weir_model::case::Case;
use weir_model::days::{Cell, Days, Inflow, Lasting, Row, lasting};
use weir_model::frequency::analysis::PERCENTS;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::network::{NodeKind, Response};
use weir_model::place::{Lacks, Refusals};
use weir_solver::rules::simulate;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// First day; the basin's own unless given.
    pub start: Option<Date>,
    /// Days of each run.
    pub days: usize,
}

/// A run: inflow and saving.
struct Run {
    case: Case,
    found: Vec<Lasting>,
}

/// Days of supply of the basin of a folder.
///
/// # Errors
/// All faults of the basin, and of what does not reach over so many days.
pub fn days(dir: &Path, asked: &Asked) -> Result<Days, Refusals> {
    of_basin(&Basin::read(dir)?, asked)
}

/// Days of supply of a basin.
///
/// # Errors
/// As [`days`].
pub fn of_basin(basin: &Basin, asked: &Asked) -> Result<Days, Refusals> {
    let no_rain = question(basin, asked, Then::NoRain, None)?;
    let mut needed: Vec<Response> = no_rain.0.network.curtailments.iter().filter_map(|cut| cut.response).collect();
    needed.retain(|response| Some(*response) > basin.response);
    needed.sort_unstable();
    needed.dedup();
    let savings: Vec<Option<Response>> = std::iter::once(None).chain(needed.into_iter().map(Some)).collect();
    let inflows: Vec<Then> = PERCENTS.into_iter().map(Then::Frequency).chain([Then::NoRain]).collect();
    let all: Vec<(Then, Option<Response>)> =
        savings.iter().flat_map(|saving| inflows.iter().map(move |then| (*then, *saving))).collect();
    let runs: Vec<Result<Run, String>> = all.par_iter().map(|(then, saving)| run(basin, asked, *then, *saving)).collect();
    let facts = &no_rain.0;
    Ok(Days {
        basin: basin.id.clone(),
        name: basin.name.clone(),
        start: facts.horizon.date_of(0),
        days: asked.days,
        forecast_days: basin.forecast.as_ref().map_or(0, Forecast::days),
        assumed: !facts.basin.assumed.is_empty()
            || runs.iter().flatten().any(|run| run.case.forcing.series.iter().any(|series| series.source.assumed)),
        inflows: inflows.iter().enumerate().map(|(at, then)| told(*then, &savings, &runs, (at, inflows.len()))).collect(),
        rows: rows(&savings, &runs, inflows.len()),
    })
}

/// The case and goals of a run.
fn question(basin: &Basin, asked: &Asked, then: Then, saving: Option<Response>) -> Result<(Case, Goals), Refusals> {
    let place = basin.horizon_place.clone();
    let mut basin = basin.clone();
    let forecast = basin.forecast.take().unwrap_or_else(|| Forecast::from_the_start(&place));
    basin.forecast = Some(Forecast { then: Some(then), pattern: PERCENTS.last().copied(), ..forecast });
    basin.dry_year = None;
    if saving.is_some() {
        (basin.response, basin.response_from) = (saving, None);
    }
    basin.steps = Some(vec![Field { value: format!("{} x 1 d", asked.days), place, key: "steps".to_owned() }]);
    let (mut case, goals) = lower(&basin, asked.start).map_err(|mut refusals| {
        // The horizon is not the file's but as many days as are asked.
        let fewer = format!("lengthen the series, or ask for fewer days than {}: `--days`", asked.days);
        for refusal in &mut refusals.0 {
            if let Some(Lacks::Days { key, at }) = &refusal.lacks {
                refusal.hint = Some(format!("{fewer}; `{key}` at {at}"));
            }
        }
        refusals
    })?;
    for node in &mut case.network.nodes {
        if let NodeKind::Storage(storage) = &mut node.kind {
            storage.end = None;
        }
    }
    Ok((case, goals))
}

fn run(basin: &Basin, asked: &Asked, then: Then, saving: Option<Response>) -> Result<Run, String> {
    let (case, goals) = question(basin, asked, then, saving).map_err(|refusals| refusals.to_string())?;
    let simulated = simulate(&case, &goals).map_err(|stuck| stuck.to_string())?;
    let case = simulated.case.map_or(case, |case| *case);
    let found = lasting(&case, &simulated.plan.decisions);
    Ok(Run { case, found })
}

/// An inflow, with its year, and why runs of it have no answer.
fn told(then: Then, savings: &[Option<Response>], runs: &[Result<Run, String>], (at, count): (usize, usize)) -> Inflow {
    let mine = || (0..savings.len()).map(|saving| &runs[saving * count + at]);
    let year = mine().flatten().next().and_then(|run| {
        let row = run.case.basin.inflow.iter().find(|row| row.kind == "frequency")?;
        Some((row.year?, row.factor?))
    });
    let mut refused: Vec<String> = mine().filter_map(|run| run.as_ref().err().cloned()).collect();
    refused.dedup();
    let frequency_percent = match then {
        Then::Frequency(percent) => Some(percent),
        Then::NoRain => None,
    };
    Inflow { frequency_percent, year, refused }
}

/// A row a reservoir or delivery and saving level.
fn rows(savings: &[Option<Response>], runs: &[Result<Run, String>], count: usize) -> Vec<Row> {
    let Some(first) = runs.iter().flatten().next() else { return Vec::new() };
    let mut rows = Vec::new();
    for Lasting { id, name, who, .. } in &first.found {
        for (place, saving) in savings.iter().enumerate() {
            let cell = |run: &Result<Run, String>| -> Option<Cell> {
                let found = run.as_ref().ok()?.found.iter();
                found.filter(|other| other.id == *id && other.who == *who).map(|other| other.cell.clone()).next()
            };
            rows.push(Row {
                id: id.clone(),
                name: name.clone(),
                who,
                saving: saving.map(Response::word),
                cells: runs[place * count..][..count].iter().map(cell).collect(),
            });
        }
    }
    rows
}
