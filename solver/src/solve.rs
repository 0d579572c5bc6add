//! The whole: a case and its goals to a plan, or to the reason why there is none.
//!
//! 1. All rules closed: the goals by their method, soft rules that no goal works on, the closing chain.
//! 2. Only if that is infeasible, asked again in other ways and proved by a ray where it can be ([`ladder`]): stage 0, then the
//!    same.
//! 3. Stage values are measured again on the decisions; duals become water values.
//! 4. Where a start is given, every program begins at its basis and weights ([`hot`](crate::hot)): the way there changes, the plan does not.
//! 5. Where the plan passes a flood limit and the file gives no flood event, once more with the event ([`flood`]).

use std::path::PathBuf;
use std::sync::Arc;

use weir_model::audit::audit;
use weir_model::case::Case;
use weir_model::goals::{Goals, HeadModel, Lexicographic, Method as Asked, Objective, Sense};
use weir_model::measures::{Measure, measure};
use weir_model::network::RuleClass;
use weir_model::plan::{Certificate, Decisions, EngineFacts, Front, Plan, Rate, Relaxation, StageResult};
use weir_model::tolerance;

use crate::builder::Builder;
use crate::certificate::{self, certify};
use crate::closing::{self, Link};
use crate::conflict;
use crate::engine::{self, Engine, EngineError, Outcome, Part, Solution};
use crate::formulation::{Formulation, formulate};
use crate::hot::{HotStart, Named};
use crate::ladder::{self, Grounds, Row, Verdict, with_rows};
use crate::layout::{Layout, Open};
use crate::methods::{self, Live, Method, MethodError, Order, StageAnswer};
use crate::program::{Expression, Program, Stage};
use crate::stage0::{self, Relaxed};
pub use crate::unsolved::{Infeasible, Unsolved};
use crate::{flood, hot, integers, mps, price, read, rules, successive, water_values};

/// How much of a plan is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// What is carried out: the goals and the closing chain, no price of fairness, no certificate.
    Decisions,
    /// The goals' values: no closing chain either.
    Goals,
}

/// How to solve.
#[derive(Clone, Default)]
pub struct SolveOptions {
    /// Where to write the program as an MPS file.
    pub dump: Option<PathBuf>,
    /// The engine; the most able one compiled in if none is named.
    pub engine: Option<&'static dyn Engine>,
    /// Its options.
    pub engine_options: engine::Options,
    /// Where to start from: basis and weights of an earlier solve.
    pub start: Option<Arc<HotStart>>,
    /// Word of the way in which goals are asked otherwise than the basin's file does, for the plan to tell.
    pub way: Option<&'static str>,
    /// Whether rules other than flood limits and dead levels may give way too, where nothing else helps.
    pub elastic: bool,
    /// Whether to solve too for what slack in each ranked stage buys in the next.
    pub rates: bool,
    /// Whether to solve too for both sides of every water value.
    pub both_sides: bool,
    /// How much of a plan is wanted.
    pub extent: Extent,
}

impl SolveOptions {
    /// The engine; the most able one if none is named.
    pub(crate) fn engine(&self) -> Result<&'static dyn Engine, EngineError> {
        self.engine.map_or_else(engine::default_engine, Ok)
    }
}

/// A plan, with what the next solve can start from.
#[derive(Clone, Debug)]
pub struct Solved {
    /// The plan.
    pub plan: Plan,
    /// Where the goals ended; none where the engine told no basis.
    pub end: Option<HotStart>,
    /// The case that the plan is of, where it is not the one given: with the flood events that a first solve showed, or the
    /// curtailments that the rules put in force.
    pub case: Option<Box<Case>>,
}

/// Solves a case.
///
/// # Errors
/// Why there is no plan.
pub fn solve(case: &Case, goals: &Goals, options: &SolveOptions) -> Result<Solved, Unsolved> {
    if goals.method == Asked::Rules {
        let rules::Simulated { mut plan, case } = rules::simulate(case, goals)?;
        plan.engine.options.extend(asked(options));
        return Ok(Solved { plan, end: None, case });
    }
    let first = match once(case, goals, options) {
        Err(Unsolved::Infeasible(found)) => {
            let Some(held) = in_its_floods(case, goals, options, &found)? else {
                let engine = options.engine()?;
                return Err(found.told(case, goals, (engine, &options.engine_options))?.into());
            };
            held
        }
        first => first?,
    };
    let mut solved = flood::held(case, first, |case| once(case, goals, options))?;
    let facts = &mut solved.plan.engine;
    facts.options.extend(asked(options));
    facts.starting_basis = options.start.as_deref().map(HotStart::digest);
    facts.final_basis = solved.end.as_ref().map(HotStart::digest);
    Ok(solved)
}

/// The plan that holds the flood events of the least breach, where with them nothing but states gives way: outflow held under the events'
/// peaks comes before flood limits, and may leave others the water that keeping to a limit takes from them.
fn in_its_floods(
    case: &Case,
    goals: &Goals,
    options: &SolveOptions,
    found: &Infeasible,
) -> Result<Option<Solved>, Unsolved> {
    let flooded = |state: &Relaxation| state.class == Some(RuleClass::FloodLimit);
    if !found.states.iter().flatten().any(flooded) {
        return Ok(None);
    }
    let least = match once(case, goals, &SolveOptions { elastic: true, dump: None, ..options.clone() }) {
        // Then it is more than a flood that stands against a plan.
        Err(Unsolved::Infeasible(_) | Unsolved::NoOptimum { .. }) => return Ok(None),
        least => least?,
    };
    let held = flood::held(case, least, |case| once(case, goals, options))?;
    Ok(held.case.is_some().then_some(held))
}

/// What was asked of the solve that the basin's file does not ask.
fn asked(options: &SolveOptions) -> Vec<(String, String)> {
    let flag = |word: &str, is_set: bool| is_set.then(|| (word.to_owned(), "true".to_owned()));
    let way = options.way.map(|way| ("way".to_owned(), way.to_owned()));
    let flags = [("elastic", options.elastic), ("rates", options.rates), ("both_sides", options.both_sides)];
    way.into_iter().chain(flags.into_iter().filter_map(|(word, is_set)| flag(word, is_set))).collect()
}

/// Solves a case as it is, energy by head as the goals ask for it.
fn once(case: &Case, goals: &Goals, options: &SolveOptions) -> Result<Solved, Unsolved> {
    match goals.head {
        HeadModel::Successive | HeadModel::Zones(_) => successive::solve(case, goals, options),
        HeadModel::Fixed | HeadModel::Around(_) => solve_once(case, goals, options),
    }
}

/// Solves a case by one program, whatever the true heads.
///
/// # Errors
/// Why there is no plan.
pub fn solve_once(case: &Case, goals: &Goals, options: &SolveOptions) -> Result<Solved, Unsolved> {
    let engine = options.engine()?;
    let (formulation, builder) = formulate(case, goals, Open::Nothing)?;
    if let Some(path) = &options.dump {
        let ids: Vec<&str> = goals.stages.iter().filter_map(|&k| goals.objectives.get(k)).map(|o| o.id.as_str()).collect();
        mps::write(&formulation, case, &ids, path).map_err(|error| Unsolved::Dump { path: path.clone(), error })?;
    }
    let solver = Solver { case, goals, options, engine };
    let (start, unused) = solver.start(&formulation);
    let mut grounds = Grounds::Data;
    if !formulation.impossible {
        let options = solver.engine_options();
        let mut live = Live::open(engine, formulation.begun(&case.horizon, options.large), &options)?;
        if let Some(start) = &start {
            live.set_basis(start)?;
        }
        match solver.goals((&formulation, builder), live, &[], unused.clone())? {
            Ok(solved) => return Ok(solved),
            Err(why) => grounds = why,
        }
    }
    let relaxed = stage0::relax(case, goals, engine, (&solver.engine_options(), options.start.as_deref()), None);
    if !stage0::leaves_states(&relaxed) {
        solver.blame_assurance(grounds)?;
    }
    let relaxed = relaxed?;
    solver.accept(&relaxed, grounds)?;
    solver.after(relaxed, unused)
}

/// Solves a case with the least breach of its rules, one of them the first to give way.
///
/// # Errors
/// Why there is no plan even so.
pub(crate) fn relaxed_first(
    case: &Case,
    goals: &Goals,
    options: &SolveOptions,
    first: Option<&str>,
) -> Result<Solved, Unsolved> {
    let solver = Solver { case, goals, options, engine: options.engine()? };
    let ways = (&solver.engine_options(), options.start.as_deref());
    solver.after(stage0::relax(case, goals, solver.engine, ways, first)?, Vec::new())
}

/// What a solve is about.
pub(crate) struct Solver<'a> {
    pub(crate) case: &'a Case,
    pub(crate) goals: &'a Goals,
    pub(crate) options: &'a SolveOptions,
    pub(crate) engine: &'static dyn Engine,
}

impl<'a> Solver<'a> {
    /// Solves the goals with what had to give.
    fn after(&self, relaxed: Relaxed<'a>, mut notes: Vec<String>) -> Result<Solved, Unsolved> {
        let Relaxed { formulation, builder, live, relaxations, classes } = relaxed;
        let iterations: u64 = classes.iter().map(|(_, answer)| answer.iterations).sum();
        if !relaxations.is_empty() {
            notes.push(format!(
            "not all rules could hold: stage 0 found the least breach, the most protected rules first ({iterations} iterations)"
        ));
        }
        if self.options.elastic {
            let broken: Vec<Relaxation> = relaxations.iter().filter(|r| !stage0::is_state(r.class)).cloned().collect();
            notes.extend(conflict::given_way(self.case, &broken));
        }
        self.goals((&formulation, builder), live, &classes, notes)?
            .map_err(|_| Unsolved::NoOptimum { stage: "stage 1, after stage 0".to_owned(), outcome: Outcome::Infeasible })
    }

    /// The basis to start a program from, or what is said of one that cannot be.
    fn start(&self, formulation: &Formulation) -> (Option<engine::Basis>, Vec<String>) {
        let Some(start) = self.options.start.as_deref() else { return (None, Vec::new()) };
        let onto = if self.engine.reports().basis {
            start.onto(Named::of(formulation, self.case, self.goals))
        } else {
            Err("the engine takes none".to_owned())
        };
        match onto {
            Ok(basis) => (Some(basis), Vec::new()),
            Err(why) => (None, vec![format!("{}: {why}", hot::UNUSED)]),
        }
    }

    /// Whether what had to give is a state that a plan may have: storage above its flood limit or top or under its dead level,
    /// or whatever an order in force or such a start brings about: without them nothing else would give way.
    fn accept(&self, relaxed: &Relaxed, grounds: Grounds) -> Result<(), Unsolved> {
        let (states, broken): (Vec<Relaxation>, Vec<Relaxation>) =
            relaxed.relaxations.iter().cloned().partition(|relaxation| stage0::is_state(relaxation.class));
        if broken.is_empty() || self.options.elastic {
            return Ok(());
        }
        let command = Some(RuleClass::Command);
        if broken.iter().all(|relaxation| relaxation.class != command)
            && let Some(usual) = stage0::on_a_usual_morning(self.case)
        {
            match stage0::relax(&usual, self.goals, self.engine, (&self.engine_options(), None), None) {
                relaxed if stage0::leaves_states(&relaxed) => return Ok(()),
                // What is impossible on another morning is said of that one, not of this.
                Ok(_) | Err(Unsolved::Infeasible(_)) => {}
                Err(why) => return Err(why),
            }
        }
        Err(Unsolved::infeasible(self.case, (broken, states), grounds))
    }

    /// Names the assurances of a case of which it is known that it has no plan with them, if it has one without.
    fn blame_assurance(&self, grounds: Grounds) -> Result<(), Unsolved> {
        let Some((free, ids)) = self.goals.integers.and_then(|_| integers::without_assurance(self.case)) else {
            return Ok(());
        };
        let relaxed = stage0::relax(&free, self.goals, self.engine, (&self.engine_options(), None), None);
        if !stage0::leaves_states(&relaxed) {
            return Ok(());
        }
        let sentence = |id: String| format!("`{id}.assurance`: its days cannot be met with all other rules held");
        let explained = ids.into_iter().map(sentence).collect();
        let states = relaxed.ok().map(|relaxed| relaxed.relaxations);
        Err(Infeasible { states, ..Infeasible::new(explained, grounds) }.into())
    }

    /// A program that was called infeasible, open in a way in which it is not; or what it rests on that it is.
    fn asked_again(
        &self,
        (program, kept): (Program, Vec<Row>),
        options: &engine::Options,
        notes: &mut Vec<String>,
    ) -> Result<Result<(Live, engine::Options), Grounds>, Unsolved> {
        match ladder::ask(self.engine, &with_rows(&program, &kept), options)? {
            Verdict::Infeasible(grounds) => Ok(Err(grounds)),
            Verdict::Open { options, way } => {
                notes.push(format!("called infeasible at first, but not when asked again {way}"));
                let mut live = integers::open(self.engine, program, &kept, &options)?;
                live.anchor()?;
                Ok(Ok((live, options)))
            }
        }
    }

    /// A program's whole numbers, by stages; or what it rests on that there are none.
    fn whole(
        &self,
        mut live: Live,
        (layout, stages): (&Layout, &[Stage]),
        notes: &mut Vec<String>,
    ) -> Result<Result<Result<integers::Whole, MethodError>, Grounds>, Unsolved> {
        let (program, kept) = anchored(&mut live)?;
        let steps: Vec<u32> = layout.keys.iter().map(|key| key.step).collect();
        let limit_s = self.goals.integers.and_then(|integers| integers.time_limit_s);
        let found = integers::solve(live, stages, &steps, self.engine, (&self.engine_options(), limit_s));
        if !is_infeasible(&found) {
            return Ok(Ok(found));
        }
        match self.asked_again((program.clone(), kept.clone()), &self.engine_options(), notes)? {
            Ok((live, options)) => Ok(Ok(integers::solve(live, stages, &steps, self.engine, (&options, limit_s)))),
            // Stage 0 has a point, which may miss rows as far as the engine lets whole numbers: as much more room in what it keeps.
            Err(Grounds::Whole) if !kept.is_empty() => {
                let eased =
                    |(lower, upper, row): Row| (lower, upper + tolerance::OBJECTIVE * f64::max(upper.abs(), 1.0), row);
                let kept: Vec<Row> = kept.into_iter().map(eased).collect();
                let live = integers::open(self.engine, program, &kept, &self.engine_options())?;
                let found = integers::solve(live, stages, &steps, self.engine, (&self.engine_options(), limit_s));
                Ok(if is_infeasible(&found) { Err(Grounds::Whole) } else { Ok(found) })
            }
            Err(grounds) => Ok(Err(grounds)),
        }
    }

    /// Goals, soft rules and closing chain on a live program; or what it rests on that the program is infeasible.
    fn goals(
        &self,
        (formulation, mut builder): (&Formulation, Builder<'a>),
        mut live: Live,
        classes: &[(Stage, StageAnswer)],
        mut notes: Vec<String>,
    ) -> Result<Result<Solved, Grounds>, Unsolved> {
        let soft = closing::soft_rules(formulation, self.goals);
        let soft_stages: Vec<Stage> = soft.iter().map(|link| link.stage.clone()).collect();
        let mut whole = None;
        if !formulation.program.integers.is_empty() {
            let stages = integers::stages(self.goals, &formulation.stages, &soft_stages);
            let found = match self.whole(live, (&formulation.layout, &stages), &mut notes)? {
                Ok(found) => found,
                Err(grounds) => return Ok(Err(grounds)),
            };
            let found = found.map_err(|error| self.named(error, &soft))?;
            builder.matrix.fix(&found.fixed);
            live = found.live;
            if let (Some(start), _) = self.start(formulation) {
                live.set_basis(&start)?;
            }
            notes.extend(found.notes);
            whole = Some(found.answers);
        }
        live.anchor()?;
        // A face closes what is open here.
        let upper = live.program().column_upper.clone();
        let groups = self.options.start.as_ref().map(|start| start.groups(self.goals)).unwrap_or_default();
        let order = Order { goals: &formulation.stages, closing: &soft_stages, groups: &groups, duals: true };
        self.options.engine_options.turn_to(Part::Goals);
        let method = method(self.goals, formulation.program.columns());
        let mut answer = methods::solve(&mut live, method.as_ref(), &order);
        if is_infeasible(&answer) && whole.is_none() {
            live.release()?;
            live = match self.asked_again(anchored(&mut live)?, &self.options.engine_options, &mut notes)? {
                Ok((open, _)) => open,
                Err(grounds) => return Ok(Err(grounds)),
            };
            answer = methods::solve(&mut live, method.as_ref(), &order);
        }
        let answer = answer.map_err(|error| self.named(error, &soft))?;
        notes.extend(answer.notes);
        let water_values =
            water_values::of((self.case, self.goals), formulation, (&answer.goals, method.ranks()), &mut live)?;
        let standing = live.standing()?;
        let added: Vec<Expression> = standing.kept.iter().map(|(_, _, row)| row.clone()).collect();
        // At fixed integers a rate would not be the program's.
        let ranks = whole.is_none() && method.ranks();
        let values: Vec<f64> = answer.goals.iter().map(|goal| goal.value).collect();
        let bought =
            if self.options.rates && ranks { self.bought(&mut live, &formulation.stages, &values)? } else { Vec::new() };
        // The engine holds one program at a time: that of the closing chain is twice this one.
        drop(live);
        let mut links: Vec<(Link, StageAnswer)> = soft.into_iter().zip(answer.closing).collect();
        let mut point = read::clamped(formulation, &answer.solution.primal);
        let whole_plan = self.options.extent == Extent::Whole;
        if self.goals.closing && self.options.extent != Extent::Goals {
            let found = self.close(&mut builder, (&standing, &answer.solution))?.and_then(|closed| {
                notes.extend(closed.notes);
                let candidate = read::clamped(formulation, &closed.point);
                self.worsened(formulation, &point, &candidate).map_or(Ok((candidate, closed.links)), Err)
            });
            match found {
                Ok((candidate, closed)) => (point, links) = (candidate, links.into_iter().chain(closed).collect()),
                Err(why) => notes.push(why),
            }
        }
        let ways = (self.engine, &self.options.engine_options);
        if whole_plan {
            notes.extend(price::of_fairness((formulation, self.case), self.goals, &answer.goals, ways, method.as_ref())?);
        }
        let decisions = read::decisions(&formulation.layout, self.case, &point, 0);
        let mut stages = self.stage_results((formulation, &answer.goals), &decisions, &mut notes);
        if let Some(found) = &whole {
            let weighted = self.goals.method == Asked::Weighted;
            integers::tell(&mut stages, found, &formulation.stages, weighted, &mut notes);
        }
        for (k, (stage, at_most)) in stages.iter_mut().zip(&answer.rates).filter(|_| ranks).enumerate() {
            let bought = bought.get(k).copied().flatten();
            stage.rate =
                Some(Rate { at_most: *at_most, bought }).filter(|rate| rate.at_most.or(bought.map(|b| b.1)).is_some());
        }
        let mut plan = Plan {
            stages,
            closing: links.iter().map(link_result).collect(),
            relaxations: read::relaxations(formulation, self.case, &point),
            certificate: Certificate::default(),
            water_values,
            front: answer.front.as_ref().map(|front| self.front(front)),
            engine: self.facts(formulation),
            notes,
            decisions,
        };
        self.trim(&mut plan);
        if whole_plan {
            let answers = classes.iter().map(|(_, answer)| answer).chain(&answer.goals).collect();
            plan.certificate =
                self.certified(formulation, (answers, &added), (&plan.relaxations, &plan.stages, &point), &upper)?;
        }
        let end = HotStart::made(Named::of(formulation, self.case, self.goals), &answer.solution, &answer.groups);
        Ok(Ok(Solved { plan, end, case: None }))
    }

    /// The certificate of a plan at a point; of how stages were solved, with the rows that keep them, and the upper bounds of columns then.
    ///
    /// # Errors
    /// If the engine could not be asked.
    pub(crate) fn certified(
        &self,
        formulation: &Formulation,
        (answers, added): (Vec<&StageAnswer>, &[Expression]),
        (relaxations, stages, point): (&[Relaxation], &[StageResult], &[f64]),
        upper: &[f64],
    ) -> Result<Certificate, EngineError> {
        let open = certificate::left_open(formulation, self.case, (relaxations, stages), upper);
        let found = certificate::Found {
            case: self.case,
            goals: self.goals,
            formulation,
            answers,
            added,
            stages,
            open: &open,
            program: &certificate::program(formulation, self.case, relaxations, &open),
            point,
        };
        let mut certificate = certify(&found);
        certificate::close_gaps(&mut certificate, &found, (self.engine, &self.options.engine_options))?;
        Ok(certificate)
    }

    /// What slack in each goal but the last buys in the next.
    fn bought(&self, live: &mut Live, stages: &[Stage], values: &[f64]) -> Result<Vec<Option<(f64, f64)>>, EngineError> {
        self.options.engine_options.turn_to(Part::Prices);
        methods::bought(live, stages, values)
    }

    /// Takes off relaxations what the decisions do not need: where a stage is kept with slack, breach columns may stand higher.
    pub(crate) fn trim(&self, plan: &mut Plan) {
        if plan.relaxations.is_empty() {
            return;
        }
        for finding in audit(self.case, self.goals, plan).findings.into_iter().filter(|found| found.family == "relaxation") {
            let named = plan.relaxations.iter_mut().find(|r| r.address == finding.address && Some(r.step) == finding.step);
            if let Some(relaxation) = named {
                relaxation.hm3 -= finding.size;
            }
        }
        plan.relaxations.retain(|relaxation| relaxation.hm3 > tolerance::UNNAMED_HM3);
    }

    /// Options for the program as formulated, which may have integers; no limit in time but what the caller set.
    pub(crate) fn engine_options(&self) -> engine::Options {
        let given = &self.options.engine_options;
        let gap = self.goals.integers.map_or(given.gap, |integers| integers.gap);
        engine::Options { gap, ..given.clone() }
    }

    /// The closing chain; or, where the engine finds no point in it, a sentence: the goals have their plan.
    pub(crate) fn close<'c>(
        &self,
        chained: &mut impl closing::Chained<'c>,
        start: (&methods::Standing, &Solution),
    ) -> Result<Result<closing::Closed, String>, Unsolved> {
        self.options.engine_options.turn_to(Part::Closing);
        match closing::close(chained, start, (self.engine, &self.options.engine_options)) {
            Err(Unsolved::NoOptimum { outcome, .. }) if !matches!(outcome, Outcome::Stopped { .. }) => {
                Ok(Err("the closing chain found no plan and was left out".to_owned()))
            }
            closed => closed.map(Ok),
        }
    }

    /// The closing chain must not have worsened a goal; if it did, it is left out and this says so.
    pub(crate) fn worsened(&self, formulation: &Formulation, before: &[f64], after: &[f64]) -> Option<String> {
        let numbers = self.goals.stages.iter().zip(&formulation.stages);
        for (&number, stage) in numbers {
            let (kept, now) = (stage.expression.value(before), stage.expression.value(after));
            let weighted = self.goals.method == Asked::Weighted;
            if !weighted && now > kept + stage.tolerance + tolerance::OBJECTIVE * kept.abs().max(1.0) {
                let id = self.goals.objectives.get(number).map_or("", |objective| &objective.id);
                return Some(format!("the closing chain would have moved `{id}` from {kept} to {now} and was left out"));
            }
        }
        None
    }

    pub(crate) fn named(&self, error: MethodError, soft: &[Link]) -> Unsolved {
        let MethodError::Unsolved { stage, outcome } = error else { return error.into() };
        let goal = self.goals.stages.get(stage).and_then(|&k| self.goals.objectives.get(k)).map(|o| o.id.clone());
        let link = stage.checked_sub(self.goals.stages.len()).and_then(|k| soft.get(k)).map(|link| link.word.clone());
        Unsolved::NoOptimum { stage: goal.or(link).unwrap_or_else(|| format!("stage {}", stage + 1)), outcome }
    }

    /// Stages as measured on the decisions. Where later stages used up a tolerance, what the stage's own solve reached is the value if
    /// it can be proved, and else the bound, by the engine's word; a measure that differs from its expression otherwise is said.
    pub(crate) fn stage_results(
        &self,
        (formulation, answers): (&Formulation, &[StageAnswer]),
        decisions: &Decisions,
        notes: &mut Vec<String>,
    ) -> Vec<StageResult> {
        let measured =
            |objective: &Objective| measure(&objective.kind).map(|measure| measure.value(self.case, objective, decisions));
        self.measured_results((formulation, answers), measured, notes)
    }

    /// The same, as something measures each objective.
    pub(crate) fn measured_results(
        &self,
        (formulation, answers): (&Formulation, &[StageAnswer]),
        measured: impl Fn(&Objective) -> Option<f64>,
        notes: &mut Vec<String>,
    ) -> Vec<StageResult> {
        let objectives = self.goals.stages.iter().filter_map(|&k| self.goals.objectives.get(k));
        let zoned = matches!(self.goals.head, HeadModel::Zones(_));
        let provable = certificate::provable(&formulation.program, self.case, self.goals).0;
        let provable = if self.engine.reports().duals { provable } else { 0 };
        let result = |(number, (objective, answer)): (usize, (&Objective, &StageAnswer))| {
            let measure = measure(&objective.kind);
            let sense = measure.map_or(Sense::Minimise, Measure::sense);
            let sign = if sense == Sense::Maximise { -1.0 } else { 1.0 };
            let solved = sign * answer.value;
            let measured = measured(objective).unwrap_or(solved);
            let worse = sign * (measured - solved);
            let equal = tolerance::OBJECTIVE * solved.abs().max(1.0);
            let by_head = self.case.depends_on_head(objective);
            let tolerance = self.goals.tolerance(objective);
            let used_up = !by_head && worse > equal && worse <= tolerance + equal;
            let is_proved = number < provable;
            // Better than good enough, where that cost nothing.
            let better = objective.enough.is_some() && worse < 0.0;
            if by_head && worse.abs() > equal {
                notes.push(format!(
                    "`{}`: {solved} by the heads that the program takes, {measured} at the plan's own",
                    objective.id
                ));
            } else if worse.abs() > equal && !used_up && !better {
                notes.push(format!("`{}`: {solved} in the program, {measured} on the plan", objective.id));
            }
            StageResult {
                objective: objective.id.clone(),
                sense,
                unit: measure.map_or("", |measure| measure.unit(objective)).to_owned(),
                value: if used_up && is_proved { solved } else { measured },
                solved,
                bound: ((by_head && zoned) || (used_up && !is_proved)).then_some(solved),
                tolerance,
                outcome: answer.outcome.word().to_owned(),
                rate: None,
                iterations: answer.iterations,
            }
        };
        objectives.zip(answers).enumerate().map(result).collect()
    }

    /// A front in the objectives' own senses.
    fn front(&self, front: &Front) -> Front {
        let signs: Vec<f64> = self.goals.stages.iter().filter_map(|&k| self.goals.objectives.get(k)).map(sign).collect();
        let own = |values: &Vec<f64>| values.iter().zip(&signs).map(|(value, sign)| sign * value + 0.0).collect();
        Front {
            ideal: own(&front.ideal),
            nadir: own(&front.nadir),
            points: front.points.iter().map(own).collect(),
            ..front.clone()
        }
    }

    pub(crate) fn facts(&self, formulation: &Formulation) -> EngineFacts {
        let options = &self.options.engine_options;
        let program = &formulation.program;
        EngineFacts {
            solver: self.engine.version(),
            options: vec![
                ("method".to_owned(), method(self.goals, program.columns()).word().to_owned()),
                ("algorithm".to_owned(), format!("{:?}", options.algorithm).to_lowercase()),
                ("seed".to_owned(), options.seed.to_string()),
                ("presolve".to_owned(), options.presolve.to_string()),
                ("threads".to_owned(), "1".to_owned()),
            ],
            size: (program.rows(), program.columns(), program.values.len()),
            program_digest: formulation.digest(),
            ..EngineFacts::default()
        }
    }
}

/// Columns from which a lexicographic optimum is sought by weights where nobody says how: below, a solve a stage costs nothing to
/// speak of; above, one program for several stages saves a third, and leaves the simplex fewer ties to stall on (docs/performance.md).
const BY_WEIGHTS_FROM: usize = 10_000;

/// The method that goals ask for of a program of so many columns.
pub fn method(goals: &Goals, columns: usize) -> Box<dyn Method> {
    match goals.method {
        Asked::Weighted => Box::new(methods::weighted::Weighted),
        // Never asked of a program: `solve` hands it to the simulator.
        Asked::Rules | Asked::Lexicographic(Lexicographic::Faces) => Box::new(methods::faces::Faces),
        Asked::Lexicographic(Lexicographic::BySize) if columns < BY_WEIGHTS_FROM => Box::new(methods::faces::Faces),
        Asked::Lexicographic(Lexicographic::BySize | Lexicographic::Weights) => Box::new(methods::certified::Certified),
        Asked::Pareto(points) => Box::new(methods::pareto::Pareto { points }),
        Asked::ReferencePoint => Box::new(methods::reference_point::ReferencePoint { aspirations: aspirations(goals) }),
    }
}

/// The stages' aspirations as the program minimises.
fn aspirations(goals: &Goals) -> Vec<f64> {
    let staged = goals.stages.iter().filter_map(|&k| goals.objectives.get(k));
    staged.map(|objective| sign(objective) * objective.aspiration.unwrap_or(0.0)).collect()
}

/// −1 of what is maximised, which programs minimise.
pub(crate) fn sign(objective: &Objective) -> f64 {
    if measure(&objective.kind).map(Measure::sense) == Some(Sense::Maximise) { -1.0 } else { 1.0 }
}

/// A live program with what earlier stages keep, to be opened again: faces in its bounds, rows beside it.
fn anchored(live: &mut Live) -> Result<(Program, Vec<Row>), EngineError> {
    live.anchor()?;
    Ok((live.program().clone(), integers::kept(live)?))
}

pub(crate) fn is_infeasible<T>(answer: &Result<T, MethodError>) -> bool {
    use Outcome::{Infeasible, InfeasibleOrUnbounded};
    matches!(answer, Err(MethodError::Unsolved { outcome: Infeasible | InfeasibleOrUnbounded, .. }))
}

pub(crate) fn link_result((link, answer): &(Link, StageAnswer)) -> StageResult {
    StageResult {
        objective: link.word.clone(),
        sense: Sense::Minimise,
        unit: link.unit.to_owned(),
        value: answer.value + 0.0,
        solved: answer.value + 0.0,
        bound: None,
        tolerance: 0.0,
        outcome: answer.outcome.word().to_owned(),
        rate: None,
        iterations: answer.iterations,
    }
}
