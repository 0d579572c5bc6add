//! The rolling horizon: each day, or every so many, solved anew from where the last solve ended, with what was known that morning;
//! the plan is carried out on the simulator of the rules, orders by the plan and water by the record; then the next morning.
//!
//! Water on its way, what accounts have used and the flows of the day before are carried on ([`Done`]). A morning on which not all
//! rules can hold together takes the plan of least breach. The closing chain is part of it, since its plan is the one that an office would
//! carry out; certificates are not.
//!
//! Fails: a morning without a plan is named with its cause, and its days go by the rules; a day on which the basin itself cannot be
//! read ends the run, which is named too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Span;
use jiff::civil::Date;
use weir_model::audit::audit;
use weir_model::basin::context::Load;
use weir_model::basin::{Basin, Over};
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::place::Refusals;
use weir_model::plan::Decisions;
use weir_model::resumed::Done;
use weir_report::backtest::Failure;
use weir_solver::hot::HotStart;
use weir_solver::rules::Simulator;
use weir_solver::solve::{Extent, SolveOptions, solve};

use super::foresight::{Foresight, Known};
use super::nearby::Nearby;
use super::{Asked, Progress, nothing_done};

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
        while rolled.days < days {
            let morning = self.asked.from.saturating_add(Span::new().days(rolled.days as i64));
            let carried = self.asked.every.min(days - rolled.days);
            progress(self.foresight.word(), rolled.days, days);
            let failure = |cause: String| Failure { day: morning.to_string(), days: carried, cause };
            let (mut case, goals) = match self.question(morning, carried, &rolled) {
                Ok(question) => question,
                Err(refusals) => {
                    let days = days - rolled.days;
                    rolled.failures.push(Failure { day: morning.to_string(), days, cause: refusals.to_string() });
                    break;
                }
            };
            match self.planned(morning, (&case, &goals), &rolled, hot.clone()) {
                Ok(planned) => {
                    rolled.solves += 1;
                    rolled.breach_days += planned.breach_days(carried);
                    hot = planned.end.map(Arc::new).or(hot);
                    case.in_force = Some(planned.decisions);
                }
                Err(cause) => rolled.failures.push(failure(cause)),
            }
            // Without a plan in force this is the run of the rules.
            let done = Simulator::following(&case, &goals).run_first(carried);
            rolled.carry_out(&done, carried);
        }
        rolled
    }

    /// The morning's case: what came in its first days, and from then on what was known.
    fn question(&self, morning: Date, came: usize, rolled: &Rolled) -> Result<(Case, Goals), Refusals> {
        let stores = self.whole.network.storages().enumerate();
        let stored: Vec<(String, f64)> = stores
            .map(|(row, (node, _))| {
                (self.whole.network.nodes[node.0].id.clone(), rolled.decisions.storage_hm3[[row, rolled.days]])
            })
            .collect();
        let end = self.end(morning);
        let laid = self.known.laid(&stored, morning, came, end);
        let over = Over { changes: self.asked.changes, further: &[], laid: Some(&laid) };
        let read = |load: &Load| lower(&Basin::parse_over(self.asked.bytes, &over, load)?, Some(morning));
        // A refusal counts its lines in the whole files.
        let near = read(&|path| self.files.near(path, (morning, end)));
        let (mut case, goals) = near.or_else(|_| read(&|path| self.files.whole(path)))?;
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
                own = self.question(morning, 0, rolled).map_err(|refusals| refusals.to_string())?;
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
