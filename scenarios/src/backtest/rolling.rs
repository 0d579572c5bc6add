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
//! Where each member of a forecast is planned for, the plan is a tree of them that branches after the days that are carried out, for expectation: what
//! is decided for all is carried out, and what is each member's own as in their mean.
//!
//! Fails: each such morning is named with its cause and what was done instead; days that cannot be read themselves end the run, which is
//! named too.

use std::collections::{BTreeMap, BTreeSet};
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
use weir_model::plan::{Decisions, Plan, Relaxation};
use weir_model::resumed::Done;
use weir_report::backtest::{Failure, GaveWay, Instead};
use weir_report::{Phrase, cause_of_case};
use weir_solver::hot::HotStart;
use weir_solver::rules::Simulator;
use weir_solver::solve::{Extent, SolveOptions, solve};
use weir_solver::tree::{self, Branch, Member, Risk, Tree};

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
    /// The rules that did.
    pub(super) gave_way: Vec<GaveWay>,
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
        let mut rolled = Rolled::of(nothing_done(self.whole), 0);
        let mut hot: Option<Arc<HotStart>> = None;
        let mut last: Option<(Horizon, Decisions)> = None;
        while rolled.days < days {
            let morning = self.asked.from.saturating_add(Span::new().days(rolled.days as i64));
            let carried = self.asked.every.min(days - rolled.days);
            progress(self.foresight.word(), rolled.days, days);
            let asked = self.question(morning, (carried, None, None), &rolled);
            let planned = match &asked {
                Ok((case, goals)) => self.planned((morning, carried), (case, goals), &rolled, hot.clone()),
                Err(refusals) => Err(refusals.to_string()),
            };
            // Without the horizon ahead, the days alone.
            let alone = asked.or_else(|_| self.question(morning, (carried, Some(carried), None), &rolled));
            let failure =
                |days, cause: String, (said, instead)| Failure { day: morning.to_string(), days, cause, said, instead };
            let (mut case, goals) = match alone {
                Ok(question) => question,
                Err(refusals) => {
                    let cause = refusals.to_string();
                    let said = Phrase::same(&cause);
                    rolled.failures.push(failure(days - rolled.days, cause, (said, Instead::Ended)));
                    break;
                }
            };
            match planned {
                Ok(planned) => {
                    rolled.solves += 1;
                    rolled.give_way(&planned.gave_way, carried);
                    hot = planned.end.map(Arc::new).or(hot);
                    last = Some((case.horizon.clone(), planned.decisions.clone()));
                    case.in_force = Some(planned.decisions);
                }
                Err(cause) => {
                    case.in_force = last.as_ref().and_then(|(horizon, plan)| carried_on((horizon, plan), &case, carried));
                    let instead = if case.in_force.is_some() { Instead::LastPlan } else { Instead::Rules };
                    let said = cause_of_case(&case, &goals, &cause);
                    rolled.failures.push(failure(carried, cause, (said, instead)));
                }
            }
            // Without a plan in force this is the run of the rules.
            let done = Simulator::following(&case, &goals).run_first(carried);
            rolled.carry_out(&done, carried);
        }
        rolled
    }

    /// What keeps its mornings from being trees, where they are to be; what is wrong with the first morning itself is told when it is run.
    pub(super) fn is_no_tree(&self) -> Option<&'static str> {
        if !matches!(self.foresight, Foresight::Tree(_)) {
            return None;
        }
        let members = self.known.members(self.asked.from);
        let nothing = Rolled::of(nothing_done(self.whole), 0);
        let (case, goals) = self.question(self.asked.from, (0, None, members.first().copied()), &nothing).ok()?;
        tree::not_linear(&case, &goals).ok()?
    }

    /// The morning's case: what came in its first days, and from then on what was known, by a member of what was forecast or by all; over the
    /// basin's horizon, or over days alone.
    fn question(
        &self,
        morning: Date,
        (came, alone, member): (usize, Option<usize>, Option<&str>),
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
        let laid = self.known.laid(&laid, (morning, end), came, member);
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
        (morning, carried): (Date, usize),
        came: (&Case, &Goals),
        rolled: &Rolled,
        hot: Option<Arc<HotStart>>,
    ) -> Result<Planned, String> {
        let solved = || match &self.known.members(morning)[..] {
            members @ [_, _, ..] => self.by_tree((morning, carried), members, rolled),
            few => self.alone(morning, (came, few.first().copied()), rolled, hot),
        };
        catch_unwind(AssertUnwindSafe(solved)).unwrap_or_else(|_| Err("weir broke down on it: a fault of weir".to_owned()))
    }

    /// The plan for one foreseen inflow.
    fn alone(
        &self,
        morning: Date,
        ((case, goals), member): ((&Case, &Goals), Option<&str>),
        rolled: &Rolled,
        hot: Option<Arc<HotStart>>,
    ) -> Result<Planned, String> {
        let own;
        let (case, goals) = if matches!(self.foresight, Foresight::Perfect) {
            (case, goals)
        } else {
            own = self.question(morning, (0, None, member), rolled).map_err(|refusals| refusals.to_string())?;
            (&own.0, &own.1)
        };
        let options = SolveOptions { start: hot, elastic: true, extent: Extent::Decisions, ..SolveOptions::default() };
        let solved = solve(case, goals, &options).map_err(|why| why.to_string())?;
        passed(solved.case.as_deref().unwrap_or(case), goals, &solved.plan)?;
        Ok(Planned { decisions: solved.plan.decisions, end: solved.end, gave_way: solved.plan.relaxations })
    }

    /// The one plan for several members of a forecast, which part after the days that are carried out.
    fn by_tree(&self, (morning, carried): (Date, usize), members: &[&str], rolled: &Rolled) -> Result<Planned, String> {
        let question = |member: &&str| self.question(morning, (0, None, Some(member)), rolled);
        let questions = members.iter().map(question).collect::<Result<Vec<_>, Refusals>>();
        let questions = questions.map_err(|refusals| refusals.to_string())?;
        let weight = 1.0 / questions.len() as f64;
        let branch = |place: usize| (place > 0).then_some(Branch { from: 0, steps: carried });
        let cases = questions.iter().map(|(case, _)| case).enumerate();
        let tree = Tree {
            members: cases.map(|(place, case)| Member { case, weight, branch: branch(place) }).collect(),
            goals: &questions[0].1,
            risk: Risk::Expectation,
            spill_shared: false,
        };
        let solved = tree::solve(&tree, &SolveOptions::default()).map_err(|why| why.to_string())?;
        let mut mean = nothing_done(&questions[0].0);
        mean.storage_hm3.fill(0.0);
        let mut gave_way = Vec::new();
        for ((case, _), member) in questions.iter().zip(&solved.members) {
            passed(member.case.as_deref().unwrap_or(case), tree.goals, &member.plan)?;
            let own = &member.plan.decisions;
            mean.flow_m3s.scaled_add(weight, &own.flow_m3s);
            mean.storage_hm3.scaled_add(weight, &own.storage_hm3);
            mean.supply_m3s.scaled_add(weight, &own.supply_m3s);
            gave_way.extend(member.plan.relaxations.iter().cloned());
        }
        Ok(Planned { decisions: mean, end: None, gave_way })
    }
}

/// Whether a plan passes the audit.
fn passed(case: &Case, goals: &Goals, plan: &Plan) -> Result<(), String> {
    let finding = audit(case, goals, plan).findings.into_iter().next();
    finding.map_or(Ok(()), |finding| Err(format!("the plan does not pass the audit: {finding}")))
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
    /// What gave way.
    gave_way: Vec<Relaxation>,
}

impl Rolled {
    /// Decisions of so many days that nothing else is told of yet.
    pub(super) const fn of(decisions: Decisions, days: usize) -> Self {
        Self { decisions, days, solves: 0, breach_days: 0, gave_way: Vec::new(), failures: Vec::new() }
    }

    /// Counts what gave way in the first steps of a plan: of a tree, in the member in which it gave way most.
    pub(super) fn give_way(&mut self, found: &[Relaxation], steps: usize) {
        let mut all: BTreeMap<(&str, usize), &Relaxation> = BTreeMap::new();
        for row in found.iter().filter(|row| row.step < steps) {
            let most = all.entry((&row.address, row.step)).or_insert(row);
            if row.hm3 > most.hm3 {
                *most = row;
            }
        }
        self.breach_days += all.keys().map(|(_, step)| step).collect::<BTreeSet<_>>().len();
        for row in all.into_values() {
            match self.gave_way.iter_mut().find(|known| known.address == row.address) {
                Some(known) => (known.days, known.most_hm3) = (known.days + 1, known.most_hm3.max(row.hm3)),
                None => self.gave_way.push(GaveWay {
                    address: row.address.clone(),
                    name: Phrase::default(),
                    class: row.class.map(|class| class.word().to_owned()),
                    days: 1,
                    most_hm3: row.hm3,
                }),
            }
        }
    }

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
