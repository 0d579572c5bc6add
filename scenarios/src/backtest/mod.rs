//! Backtests: how the basin would have fared over the observed record, had it been dispatched by weir, by the rules of today, or as
//! it really was; and what the best is that could have been known afterwards.
//!
//! All policies stand on one case, the days of the record, and are measured on it by the same [`indices`]: a rolling horizon for each
//! [`Foresight`](foresight::Foresight), the rules, what was released and what other policies would release, carried out, and hindsight,
//! one program over all days. They run in parallel.
//!
//! Fails: a basin whose first steps are no days, a record with gaps, a foresight that knows nothing at the start, a tree of what is no
//! linear program: refused before anything is run. What goes wrong on a day is named in the policy that it went wrong in, and ends no other.
//! Limits: a hindsight over the end of the record's days knows its end; the others do not know that the days end.

pub mod foresight;
mod indices;
mod nearby;
pub mod record;
mod released;
mod rolling;

use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use ndarray::Array2;
use rayon::prelude::*;
use weir_model::basin::entry::Field;
use weir_model::basin::{Basin, Changes, FILE, Over};
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::place::{Place, Refusals};
use weir_model::plan::Decisions;
use weir_report::backtest::{Backtest, Failure, Instead, POLICIES, Policy};
use weir_report::{cause_of_case, name_of_case};
use weir_solver::rules::Simulator;
use weir_solver::solve::{Extent, SolveOptions, solve};

use crate::overlay::{self, Overlay};
use foresight::{Foresight, Given, Known};
use nearby::Nearby;
use record::{Record, days_between};
use rolling::{Rolled, Rolling};

/// The name of what was really released.
pub const OBSERVED: &str = "observed";

/// Told how far a policy has come: its word, days done, days in all.
pub type Progress<'a> = &'a (dyn Fn(&str, usize, usize) + Sync);

/// What is asked.
pub struct Question {
    /// Folder of the basin.
    pub dir: PathBuf,
    /// What is laid over it.
    pub overlay: Option<Overlay>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Storages at the start by the reservoirs' ids, hm³; of others the file's own start counts.
    pub start: Vec<(String, f64)>,
    /// Days from a solve to the next.
    pub every: usize,
    /// Words of what is known of the inflow to come, a rolling horizon each.
    pub forecasts: Vec<String>,
    /// Forecasts as they were issued, for `given` and `tree`.
    pub given: Option<PathBuf>,
    /// Releases that are carried out as they are, each a file under a name: [`OBSERVED`], or another policy's.
    pub released: Vec<(String, PathBuf)>,
    /// Whether to run the rules of today.
    pub rules: bool,
    /// Whether to solve all days as one program.
    pub hindsight: bool,
}

/// A question with the basin that it is asked of.
struct Asked<'a> {
    /// The basin's file.
    bytes: &'a [u8],
    changes: Option<&'a dyn Changes>,
    basin: &'a Basin,
    from: Date,
    every: usize,
}

/// What a policy is.
enum Kind<'a> {
    Rolling(Rolling<'a>),
    Rules,
    Released(String, Decisions),
    Hindsight,
}

/// Runs a backtest.
///
/// # Errors
/// See the module.
pub fn backtest(question: &Question, progress: Progress) -> Result<Backtest, Refusals> {
    let Question { dir, from, to, every, .. } = question;
    let (from, every) = (*from, (*every).max(1));
    let basin = overlay::read(dir, question.overlay.as_ref(), &[])?;
    let days = usize::try_from(days_between(from, *to) + 1).ok().filter(|days| *days > 0);
    let days = days.ok_or_else(|| {
        refused(&argument("--to"), format!("the last day {to} lies before the first, {from} (`--from`)"), None)
    })?;
    whole_days(&basin, from, every)?;
    let record = Record::of(&basin)?;
    record.covers(from, days)?;
    let zone = TimeZone::get(&basin.time_zone).unwrap_or(TimeZone::UTC);
    let came = Known::new(&record, &Foresight::Perfect, (from, days), zone.clone())?;
    let laid = came.laid(&question.start, (from, to.tomorrow().unwrap_or(*to)), days, None);
    let changes = question.overlay.as_ref().map(|overlay| overlay as &dyn Changes);
    let lived = Basin::read_over(dir, &Over { changes, further: &[], laid: Some(&laid) })?;
    let (whole, goals) = lower(&over_days(&lived, days), Some(from))?;
    let foresights = foresights(question, &record)?;
    let mornings: Vec<Date> =
        (0..days).step_by(every).map(|day| from.saturating_add(jiff::Span::new().days(day as i64))).collect();
    for foresight in &foresights {
        let (Foresight::Given(given) | Foresight::Tree(given), Some(path)) = (foresight, &question.given) else { continue };
        if !mornings.iter().any(|morning| given.tells(*morning)) {
            let issued = given.issued().map_or_else(String::new, |(first, last)| format!(", issued {first} to {last},"));
            let message = format!("on no morning from {from} to {to} one of its forecasts{issued} tells of a day to come");
            let hint = "name other days, or a file with their forecasts; `--forecast climatology` needs none".to_owned();
            return Err(refused(&Place::new(path.display().to_string(), 0), message, Some(hint)));
        }
    }
    let bytes = std::fs::read(dir.join(FILE))
        .map_err(|error| refused(&Place::new(FILE, 0), format!("cannot be read: {error}"), None))?;
    let asked = Asked { bytes: &bytes, changes, basin: &basin, from, every };
    let mut kinds = Vec::new();
    for foresight in &foresights {
        let known = Known::new(&record, foresight, (from, days), zone.clone())?;
        let rolling = Rolling { asked: &asked, whole: &whole, known, foresight, files: Nearby::new(dir.clone()) };
        if let Some(why) = rolling.is_no_tree() {
            let message = format!("each morning is one linear program of ranked or weighted goals, and {why}");
            let hint = "`--forecast given` plans with the mean of the members, by any method; or mend [method]";
            return Err(refused(&argument("--forecast tree"), message, Some(hint.to_owned())));
        }
        kinds.push(Kind::Rolling(rolling));
    }
    kinds.extend(question.rules.then_some(Kind::Rules));
    for (name, path) in &question.released {
        let own = name == OBSERVED || POLICIES.iter().all(|(word, ..)| word != name);
        let is_new = question.released.iter().filter(|(other, _)| other == name).count() == 1;
        if !own || !is_new {
            let place = argument(&format!("--released {name}={}", path.display()));
            let hint = "give each policy a name of its own".to_owned();
            return Err(refused(&place, format!("`{name}` is the name of another policy"), Some(hint)));
        }
        kinds.push(Kind::Released(name.clone(), released::released(path, &whole)?));
    }
    kinds.extend(question.hindsight.then_some(Kind::Hindsight));
    let policies = kinds.into_par_iter().map(|kind| policy(kind, (&whole, &goals), (&mornings, progress))).collect();
    let steps = basin.steps.iter().flatten().map(|step| step.value.clone()).collect();
    Ok(Backtest {
        basin: basin.id.clone(),
        name: basin.name.clone(),
        time_zone: basin.time_zone.clone(),
        assumed: !basin.assumed.is_empty() || whole.forcing.series.iter().any(|series| series.source.assumed),
        from: from.to_string(),
        to: to.to_string(),
        every,
        steps,
        starts: whole.horizon.starts_rfc3339(),
        policies,
    })
}

/// Runs a policy, and measures what came of it.
fn policy(kind: Kind<'_>, (whole, goals): (&Case, &Goals), (mornings, progress): (&[Date], Progress)) -> Policy {
    let days = whole.horizon.steps();
    let at_once = |decisions: Decisions| Rolled::of(decisions, days);
    let (mut cut, mut unforecast) = (Vec::new(), Vec::new());
    let (word, rolled) = match kind {
        Kind::Rolling(rolling) => {
            unforecast = rolling.known.unforecast(mornings);
            for row in &mut unforecast {
                row.names =
                    row.inflows.iter().map(|inflow| name_of_case(whole, goals, &format!("{inflow}.inflow"))).collect();
            }
            (rolling.foresight.word().to_owned(), rolling.run(progress))
        }
        Kind::Rules => ("rules".to_owned(), at_once(Simulator::new(whole, goals).run())),
        Kind::Released(name, released) => {
            let case = Case { in_force: Some(released), ..released::unruled(whole) };
            let done = Simulator::following(&case, goals).run();
            if let Some(asked) = &case.in_force {
                cut = released::cut((whole, goals), asked, &done);
            }
            (name, at_once(done))
        }
        Kind::Hindsight => ("hindsight".to_owned(), hindsight(whole, goals)),
    };
    progress(&word, days, days);
    let Rolled { decisions, days: done, solves, breach_days, mut gave_way, mut failures } = rolled;
    for row in &mut gave_way {
        row.name = name_of_case(whole, goals, &row.address);
    }
    let is_whole = done == days;
    let (breaches, impossible) = indices::against_rules(whole, goals, &decisions);
    if is_whole {
        failures.extend(impossible);
    }
    Policy {
        id: word,
        solves,
        breach_days,
        gave_way,
        cut,
        unforecast,
        failures,
        indices: is_whole.then(|| indices::indices(whole, goals, &decisions, breaches)),
        series: if is_whole { indices::series(whole, &decisions) } else { Vec::new() },
    }
}

/// All days as one program: what could have been done at best.
fn hindsight(whole: &Case, goals: &Goals) -> Rolled {
    let options = SolveOptions { elastic: true, extent: Extent::Decisions, ..SolveOptions::default() };
    let days = whole.horizon.steps();
    match solve(whole, goals, &options) {
        Ok(solved) => {
            let mut rolled = Rolled { solves: 1, ..Rolled::of(solved.plan.decisions, days) };
            rolled.give_way(&solved.plan.relaxations, days);
            rolled
        }
        Err(why) => {
            let (day, cause) = (whole.horizon.date_of(0).to_string(), why.to_string());
            let said = cause_of_case(whole, goals, &cause);
            let failure = Failure { day, days, cause, said, instead: Instead::Ended };
            Rolled { failures: vec![failure], ..Rolled::of(nothing_done(whole), 0) }
        }
    }
}

/// The foresights that are asked for.
fn foresights(question: &Question, record: &Record) -> Result<Vec<Foresight>, Refusals> {
    let reads = |word: &String| ["given", "tree"].contains(&word.as_str());
    if let Some(path) = question.given.as_ref().filter(|_| !question.forecasts.iter().any(reads)) {
        let message = "no run asks for these forecasts".to_owned();
        let hint = "add `--forecast given` or `--forecast tree`, or take `--given` out".to_owned();
        return Err(refused(&argument(&format!("--given {}", path.display())), message, Some(hint)));
    }
    let mut found: Vec<Foresight> = Vec::new();
    for word in &question.forecasts {
        found.push(match (word.as_str(), &question.given) {
            ("climatology", _) => Foresight::Climatology,
            ("persistence", _) => Foresight::Persistence,
            ("given", Some(path)) => Foresight::Given(Given::read(path, record)?),
            ("tree", Some(path)) => Foresight::Tree(Given::read(path, record)?),
            _ => Foresight::Perfect,
        });
    }
    Ok(found)
}

/// The basin with a horizon of days.
fn over_days(basin: &Basin, days: usize) -> Basin {
    let step = Field { value: format!("{days} x 1 d"), place: basin.horizon_place.clone(), key: "steps".to_owned() };
    let mut basin = basin.clone();
    basin.steps = Some(vec![step]);
    basin
}

/// The days from a solve to the next must be steps of their own.
fn whole_days(basin: &Basin, from: Date, every: usize) -> Result<(), Refusals> {
    let horizon = basin.horizon(from);
    let is_day = |step: usize| {
        let date = from.checked_add(jiff::Span::new().days(step as i64)).ok();
        horizon.as_ref().is_some_and(|horizon| horizon.edges.get(step).map(jiff::Zoned::date) == date)
    };
    if (0..=every).all(is_day) {
        return Ok(());
    }
    let steps = "`steps = [\"30 x 1 d\", \"11 x 旬\"]` in [horizon]";
    // Without a word on it a solve a day is asked, which every basin must be able to.
    let (place, hint) = if every == 1 {
        (basin.horizon_place.clone(), format!("such as {steps}"))
    } else {
        (argument("--every"), format!("fewer days, or such as {steps}, {}", basin.horizon_place))
    };
    let message = format!(
        "a backtest carries out {every} days of each plan, and the horizon does not begin with so many steps of a day"
    );
    Err(refused(&place, message, Some(hint)))
}

/// Where an argument of the command is at fault, and no file.
fn argument(word: &str) -> Place {
    Place::new(word, 0)
}

fn refused(place: &Place, message: String, hint: Option<String>) -> Refusals {
    let mut refusals = Refusals::default();
    refusals.push(place, None, message, hint);
    refusals
}

/// Decisions before any day is done: the storages at the start.
fn nothing_done(case: &Case) -> Decisions {
    let (network, steps) = (&case.network, case.horizon.steps());
    let mut storage_hm3 = Array2::zeros((network.storages().count(), steps + 1));
    for (row, (_, storage)) in network.storages().enumerate() {
        storage_hm3[[row, 0]] = storage.initial_hm3;
    }
    Decisions {
        flow_m3s: Array2::zeros((network.arcs.len(), steps)),
        storage_hm3,
        supply_m3s: Array2::zeros((network.portions().count(), steps)),
    }
}
