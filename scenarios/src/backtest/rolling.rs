//! The rolling horizon: each day, or every so many, solved anew from where the last solve ended, with what was known that morning;
//! the plan is carried out on the simulator of the rules, orders by the plan and water by the record; then the next morning.
//!
//! Water on its way, what accounts have used and the flows of the day before are carried on ([`Done`]). A morning on which not all
//! rules can hold together takes the plan of least breach. The closing chain is part of it, since its plan is the one that an office would
//! carry out; certificates are not.
//!
//! A morning without a plan falls back as an office does ([`Instead`]): the last plan that there was is carried on as far as it knows the
//! day, else the rules of today run it. So does a morning whose horizon the basin cannot be asked for (a series that ends within it). A
//! storage outside its curve is no reason not to ask: it is laid at the curve's end and set to what it is.
//!
//! Fails: each such morning is named with its cause and what was done instead; days that cannot be read themselves end the run, which is
//! named too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Span;
use jiff::civil::Date;
use weir_model::audit::audit;
use weir_model::basin::context::Load;
use weir_model::basin::{Basin, Over};
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::horizon::Horizon;
use weir_model::lower::lower;
use weir_model::network::NodeKind;
use weir_model::place::Refusals;
use weir_model::plan::Decisions;
use weir_model::resumed::Done;
use weir_report::backtest::{Failure, Instead};
use weir_solver::hot::HotStart;
use weir_solver::rules::Simulator;
use weir_solver::solve::{Extent, SolveOptions, solve};

use super::foresight::{Foresight, Known};
use super::nearby::Nearby;
use super::{Asked, Progress, nothing_done, over_days};

/// What came of a run.
pub(super) struct Rolled {
    /// What was done on the days of the record.
    pub(super) decisions: Decisions,
    /// Days that are done: all of them, unless the basin could not be read on one.
    pub(super) days: usize,
    /// Mornings that were solved.
    pub(super) solves: usize,
    /// Days on which a rule gave way in the plan that was carried out.
    pub(super) breach_days: usize,
    /// Days that went otherwise than by a plan, and why.
    pub(super) failures: Vec<Failure>,
}

/// The days of the record on which a rolling horizon runs.
pub(super) struct Rolling<'a> {
    pub(super) asked: &'a Asked<'a>,
    /// All days as one case.
    pub(super) whole: &'a Case,
    pub(super) known: Known<'a>,
    pub(super) foresight: &'a Foresight,
    /// The files that the basin names.
    pub(super) files: Nearby,
}

impl Rolling<'_> {
    /// Runs it.
    pub(super) fn run(&self, progress: Progress) -> Rolled {
        let days = self.whole.horizon.steps();
        let mut rolled =
            Rolled { decisions: nothing_done(self.whole), days: 0, solves: 0, breach_days: 0, failures: Vec::new() };
        let mut hot: Option<Arc<HotStart>> = None;
        let mut last: Option<(Horizon, Decisions)> = None;
        while rolled.days < days {
            let morning = self.asked.from.saturating_add(Span::new().days(rolled.days as i64));
            let carried = self.asked.every.min(days - rolled.days);
            progress(self.foresight.word(), rolled.days, days);
            let asked = self.question(morning, (carried, None), &rolled);
            let planned = match &asked {
                Ok((case, goals)) => self.planned(morning, (case, goals), &rolled, hot.clone()),
                Err(refusals) => Err(refusals.to_string()),
            };
            // Without the horizon ahead, the days alone.
            let alone = asked.or_else(|_| self.question(morning, (carried, Some(carried)), &rolled));
            let failure = |days, cause, instead| Failure { day: morning.to_string(), days, cause, instead };
            let (mut case, goals) = match alone {
                Ok(question) => question,
                Err(refusals) => {
                    rolled.failures.push(failure(days - rolled.days, refusals.to_string(), Instead::Ended));
                    break;
                }
            };
            match planned {
                Ok(planned) => {
                    rolled.solves += 1;
                    rolled.breach_days += planned.breach_days(carried);
                    hot = planned.end.map(Arc::new).or(hot);
                    last = Some((case.horizon.clone(), planned.decisions.clone()));
                    case.in_force = Some(planned.decisions);
                }
                Err(cause) => {
                    case.in_force = last.as_ref().and_then(|(horizon, plan)| carried_on((horizon, plan), &case, carried));
                    let instead = if case.in_force.is_some() { Instead::LastPlan } else { Instead::Rules };
                    rolled.failures.push(failure(carried, cause, instead));
                }
            }
            // Without a plan in force this is the run of the rules.
            let done = Simulator::following(&case, &goals).run_first(carried);
            rolled.carry_out(&done, carried);
        }
        rolled
    }

    /// The morning's case: what came in its first days, and from then on what was known; over the basin's horizon, or over days alone.
    fn question(
        &self,
        morning: Date,
        (came, alone): (usize, Option<usize>),
        rolled: &Rolled,
    ) -> Result<(Case, Goals), Refusals> {
        let stored = |row: usize| rolled.decisions.storage_hm3[[row, rolled.days]];
        let stores = self.whole.network.storages().enumerate();
        let laid: Vec<(String, f64)> = stores
            .map(|(row, (node, storage))| {
                let (low, high) = (storage.curve.lowest().storage_hm3, storage.curve.highest().storage_hm3);
                (self.whole.network.nodes[node.0].id.clone(), stored(row).clamp(low, high))
            })
            .collect();
        let end = alone.map_or_else(|| self.end(morning), |days| morning.saturating_add(Span::new().days(days as i64)));
        let laid = self.known.laid(&laid, morning, came, end);
        let over = Over { changes: self.asked.changes, further: &[], laid: Some(&laid) };
        let read = |load: &Load| {
            let basin = Basin::parse_over(self.asked.bytes, &over, load)?;
            match alone {
                Some(days) => lower(&over_days(&basin, days), Some(morning)),
                None => lower(&basin, Some(morning)),
            }
        };
        // A refusal counts its lines in the whole files.
        let near = read(&|path| self.files.near(path, (morning, end)));
        let (mut case, goals) = near.or_else(|_| read(&|path| self.files.whole(path)))?;
        let stores = case.network.nodes.iter_mut().filter_map(|node| match &mut node.kind {
            NodeKind::Storage(storage) => Some(storage),
            _ => None,
        });
        for (row, storage) in stores.enumerate() {
            storage.initial_hm3 = stored(row);
        }
        case.resume(&Done { case: self.whole, decisions: &rolled.decisions, steps: rolled.days });
        Ok((case, goals))
    }

    /// The day after the horizon of a morning.
    fn end(&self, morning: Date) -> Date {
        let end = self.asked.basin.horizon(morning).map(|horizon| horizon.end().clone());
        end.map_or(morning, |end| {
            if end.time() == jiff::civil::Time::midnight() {
                end.date()
            } else {
                end.date().tomorrow().unwrap_or(end.date())
            }
        })
    }

    /// The morning's plan, by what was known: audited, or why there is none.
    fn planned(
        &self,
        morning: Date,
        (came, goals): (&Case, &Goals),
        rolled: &Rolled,
        hot: Option<Arc<HotStart>>,
    ) -> Result<Planned, String> {
        let solved = || {
            let own;
            let (case, goals) = if matches!(self.foresight, Foresight::Perfect) {
                (came, goals)
            } else {
                own = self.question(morning, (0, None), rolled).map_err(|refusals| refusals.to_string())?;
                (&own.0, &own.1)
            };
            let options = SolveOptions { start: hot, elastic: true, extent: Extent::Decisions, ..SolveOptions::default() };
            let solved = solve(case, goals, &options).map_err(|why| why.to_string())?;
            let case = solved.case.as_deref().unwrap_or(case);
            let findings = audit(case, goals, &solved.plan).findings;
            if let Some(finding) = findings.first() {
                return Err(format!("the plan does not pass the audit: {finding}"));
            }
            let gave_way = solved.plan.relaxations.iter().map(|relaxation| relaxation.step).collect();
            Ok(Planned { decisions: solved.plan.decisions, end: solved.end, gave_way })
        };
        catch_unwind(AssertUnwindSafe(solved)).unwrap_or_else(|_| Err("weir broke down on it: a fault of weir".to_owned()))
    }
}

/// What a plan says of the first steps of a later case, as far as it knows them; none where it knows nothing of them.
fn carried_on((horizon, plan): (&Horizon, &Decisions), case: &Case, steps: usize) -> Option<Decisions> {
    let mut found = nothing_done(case);
    found.flow_m3s.fill(f64::NAN);
    found.supply_m3s.fill(f64::NAN);
    let (mut knows, edges) = (false, &case.horizon.edges);
    for step in 0..steps {
        let covers = |old: &usize| horizon.edges[old + 1] >= edges[step + 1];
        let Some(old) = horizon.step_at(&edges[step]).filter(covers) else { continue };
        found.flow_m3s.column_mut(step).assign(&plan.flow_m3s.column(old));
        found.supply_m3s.column_mut(step).assign(&plan.supply_m3s.column(old));
        knows = true;
    }
    knows.then_some(found)
}

/// A morning's plan.
struct Planned {
    decisions: Decisions,
    end: Option<HotStart>,
    /// Steps in which a rule gave way.
    gave_way: Vec<usize>,
}

impl Planned {
    fn breach_days(&self, carried: usize) -> usize {
        (0..carried).filter(|step| self.gave_way.contains(step)).count()
    }
}

impl Rolled {
    /// Takes over the first steps of what a simulation did.
    fn carry_out(&mut self, done: &Decisions, steps: usize) {
        for step in 0..steps {
            let day = self.days + step;
            self.decisions.flow_m3s.column_mut(day).assign(&done.flow_m3s.column(step));
            self.decisions.supply_m3s.column_mut(day).assign(&done.supply_m3s.column(step));
            self.decisions.storage_hm3.column_mut(day + 1).assign(&done.storage_hm3.column(step + 1));
        }
        self.days += steps;
    }
}
