//! Explanations of a plan by re-solving: what a little more of something would change on either side, where it would go, how far that
//! holds.
//!
//! A derivative is a difference: the goals are solved again, by a live session ([`Session`]), with one fact moved ([`Case::moved`]) by a
//! whole step and by half of it. Where the whole changes every stage twice as much as the half, the step lies within the range in which
//! nothing else changes (the first stage that changes is convex in what is moved: three points on a line leave it no kink between
//! them), and the change by hm³ is the one-sided derivative; else the step is made smaller. The range is then found by doubling
//! and halving. Where the water goes is the difference of the plan to the one with the fact moved that keeps nearest to it
//! (closing chain, the plan as the one in force), followed by [`weir_model::explanation::trace`]; how much of it goes there is found by
//! following more of it.
//!
//! Rules that had to give way come before all stages, in their order, and may give way more or less; of those that a goal works on the goal
//! tells.
//! Units: hm³; stages in their own.
//! Fails: plans that no linear program made: by rules, with whole numbers, at true heads, compromises of a front; plans that were
//! changed by hand, that a run fell back to, or that are not of this basin; those of which a goal turns on what a solver leaves of one
//! before it, which shows where the session's answer is another than that of a program of its own.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use weir_model::basin::nearest::list;
use weir_model::case::Case;
use weir_model::document::{PlanDocument, StageRow};
use weir_model::explanation::{Binding, Change, Explanation, Priced, SAME, Side, Trace, held_beside, trace};
use weir_model::goals::{Goals, HeadModel, Method, Objective};
use weir_model::horizon::rfc3339;
use weir_model::moved::Fact;
use weir_model::network::{Node, NodeId, NodeKind, Of, RequirementKind, RuleClass, Take};
use weir_model::place::Place;
use weir_model::plan::{Decisions, Plan, Relaxation, Sides, StageResult};
use weir_model::tolerance::{FEASIBILITY_HM3, OBJECTIVE};

use crate::engine::Outcome;
use crate::session::Session;
use crate::solve::{Extent, SolveOptions, Unsolved, solve_once};
use crate::staged::is_staged;
use crate::verify::{asked, inputs, verify, with_flood_events};

/// Why a plan is not explained.
#[derive(Debug, thiserror::Error)]
pub enum Unexplained {
    /// It cannot be.
    #[error("{0}")]
    Refused(String),
    /// No linear program made it, so it has no derivatives; what binds can be told all the same ([`without_sides`]).
    #[error("no one-sided changes can be told: {0}")]
    NoDerivatives(&'static str),
    /// A solve failed.
    #[error(transparent)]
    Unsolved(#[from] Unsolved),
}

/// A plan that can be asked what a little more of something would change.
pub struct Margins {
    case: Case,
    goals: Goals,
    options: SolveOptions,
    /// The program that answers all questions but those for the nearest plan.
    session: RefCell<Session>,
    plan: Decisions,
    /// What gave way, by class, then the stages: names, units, values.
    base: Vec<(String, String, f64)>,
    /// What each stage reached in a program of its own, at the heads that it takes.
    alone: Vec<f64>,
    /// Whether the closing chain made it.
    is_closed: bool,
    /// Water that there is at all, hm³.
    water_hm3: f64,
    solves: Cell<usize>,
}

/// First step, of all water; at most, at least, hm³.
const STEP: (f64, f64, f64) = (1e-3, 0.1, 1e-4);
/// The step is made so many times smaller where something changes within it.
const SMALLER: f64 = 8.0;
/// How often.
const TRIES: usize = 4;
/// Shares of one use that differ by less are the same.
const SAME_SHARE: f64 = 0.01;
/// How closely the end of a range is told.
const CLOSE: f64 = 1e-3;
/// How closely it is told how much goes one way, where each question is a whole solve; and shares of one way that differ by less.
const CLOSE_WAY: f64 = 1e-2;
const SAME_WAY: f64 = 2e-3;
/// A difference below this, relative above 1, is a solver's.
pub const NOISE: f64 = 1e-7;
/// No plan on this side, however small the step.
const NO_PLAN: &str = "no_plan";
/// Something changes within the smallest step that was tried.
const UNSETTLED: &str = "unsettled";
/// No linear program made the plan.
const NO_DERIVATIVE: &str = "no_derivative";
/// The goal of keeping near to the plan.
const NEAREST: &str = "nearest";
/// Limits that are priced at most.
const MOST_PRICED: usize = 6;

/// The goal before another that it turns on most by its proof, and how much of that makes so much of it.
fn turning(document: &PlanDocument, of: &str, apart: f64) -> Option<(f64, String, String)> {
    let proof = document.content.certificate.as_ref()?.proofs.iter().find(|proof| proof.of == of)?;
    let most = proof.given.iter().filter(|given| given.rate > 0.0).max_by(|a, b| a.rate.total_cmp(&b.rate))?;
    let stage = document.content.stages.iter().find(|stage| stage.objective == most.what)?;
    let left = apart / most.rate;
    Some((left, stage.objective.clone(), format!("{left:.1e} {}", stage.unit)))
}

impl Margins {
    /// A plan's document against its basin; flood events that a first solve showed are taken from the document.
    ///
    /// # Errors
    /// If the plan cannot be explained, or is not what the basin gives.
    pub fn new(document: &PlanDocument, case: &Case, goals: &Goals, options: &SolveOptions) -> Result<Self, Unexplained> {
        let content = &document.content;
        let foreign = inputs(content, case);
        if !foreign.is_empty() {
            let hint = "hint: `--basin` is the folder that it was made from, as it was then";
            return Err(Unexplained::Refused(format!("{}\n  {hint}", foreign.join("\n  "))));
        }
        if content.case.amended.is_some() {
            let why = "the plan was changed by hand: no more and no less of anything gives it back";
            return Err(Unexplained::Refused(format!("{why}\n  hint: explain the plan that it amends")));
        }
        let ids: Vec<&str> = content.stages.iter().map(|stage| stage.objective.as_str()).collect();
        let is_asked = |goals: &Goals| goals.stages.iter().map(|&k| goals.objectives[k].id.as_str()).eq(ids.iter().copied());
        let asked: Vec<Goals> = asked(document, goals).into_iter().filter(is_asked).collect();
        let mut first = None;
        for goals in asked {
            match Self::of(document, &with_flood_events(content, case), goals, options) {
                Ok(margins) => return Ok(margins),
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or_else(|| Unexplained::Refused("the plan's goals are not those of this basin".to_owned())))
    }

    fn of(document: &PlanDocument, case: &Case, goals: Goals, options: &SolveOptions) -> Result<Self, Unexplained> {
        linear(&goals).map_err(Unexplained::NoDerivatives)?;
        let plan = document.content.decisions_on(case);
        let objectives = goals.stages.iter().map(|&stage| goals.objectives[stage].clone()).collect::<Vec<_>>();
        let mut margins = Self::bare(case, goals, plan, options)?;
        margins.is_closed &= document.content.closing.iter().any(|row| !row.step.starts_with("soft."));
        let solved = |row: &StageRow| row.bound.filter(|_| row.tolerance > 0.0).unwrap_or(row.value);
        let told = document.content.stages.iter().map(solved);
        let found = margins.base.iter().skip(margins.base.len() - document.content.stages.len());
        // Of those before, the one that comes out most differently.
        let mut before: Option<(f64, String, String)> = None;
        for ((((id, unit, found), told), alone), objective) in found.zip(told).zip(margins.alone.clone()).zip(&objectives) {
            // At its own heads a plan is told otherwise than in the program.
            let told = if case.depends_on_head(objective) { alone } else { told };
            let apart = (found - told).abs();
            if apart > 10.0 * OBJECTIVE * told.abs().max(1.0) {
                let twice = if case.depends_on_head(objective) {
                    format!("`{id}` is {told} by one solve and {found} by another")
                } else {
                    format!("`{id}` is {told} in the plan and {found} when solved again")
                };
                let holds = verify(document, case, &margins.goals).is_empty();
                // Of goals that come out alike the one that the value turns on most, by its proof.
                let before = before.or_else(|| turning(document, id, apart));
                return Err(Unexplained::Refused(match before {
                    // What is proved of such a plan is its sum.
                    _ if holds && margins.goals.method == Method::Weighted => format!(
                        "no one-sided changes can be told: {twice}, at the same weighted sum\n  \
                         hint: other weights, or goals in order, make of several best plans one"
                    ),
                    Some((_, before, left)) if holds => format!(
                        "no one-sided changes can be told: {twice}, which {left} of `{before}` decide, and a solver rounds so much\n  \
                         hint: a `tolerance` of the objective `{before}` makes what follows it certain"
                    ),
                    _ => format!(
                        "{twice}: it is not the plan that this basin gives\n  \
                         hint: a plan in force that it was made beside is named by `--in-force`; one that a run fell back to is not explained"
                    ),
                }));
            }
            let part = apart / told.abs().max(1.0);
            if part > before.as_ref().map_or(0.0, |before| before.0) {
                before = Some((part, id.clone(), format!("{apart:.1e} {unit}")));
            }
        }
        Ok(margins)
    }

    /// Solves the plan's own question, to start all others from.
    fn bare(case: &Case, goals: Goals, plan: Decisions, options: &SolveOptions) -> Result<Self, Unsolved> {
        let storages = case.network.storages().map(|(_, storage)| storage.initial_hm3.max(0.0));
        let sources = case.network.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Source(source) => Some(source),
            _ => None,
        });
        let steps = 0..case.horizon.steps();
        let given = sources.map(|source| {
            let volumes = steps.clone().map(|step| case.at(&source.flow, step, 0).max(0.0) * case.hm3_per_m3s(step));
            volumes.filter(|volume| volume.is_finite()).sum::<f64>()
        });
        let is_closed = goals.closing;
        let water_hm3 = storages.sum::<f64>() + given.sum::<f64>();
        let mut options = SolveOptions { elastic: true, dump: None, rates: false, both_sides: false, ..options.clone() };
        options.extent = Extent::Goals;
        let alone = solve_once(case, &goals, &options)?;
        options.start = alone.end.map(Arc::new);
        let alone: Vec<f64> = alone.plan.stages.iter().map(|stage| stage.solved).collect();
        let mut session = Session::open(&goals, &options)?.as_it_is();
        let own = session.solve(case)?;
        let base = values(case, &goals, &own.relaxations, &own.stages);
        let (case, session, solves) = (case.clone(), RefCell::new(session), Cell::new(0));
        Ok(Self { case, goals, options, session, plan, base, alone, is_closed, water_hm3, solves })
    }

    /// Programs solved so far.
    pub fn solves(&self) -> usize {
        self.solves.get()
    }

    /// By how much everything changes where a fact is moved; none where there is no plan.
    fn change(&self, fact: Fact, step: usize, by_hm3: f64) -> Result<Option<Vec<f64>>, Unexplained> {
        self.solves.set(self.solves.get() + 1);
        match self.session.borrow_mut().solve(&self.case.moved(fact, step, by_hm3)) {
            Ok(answer) => {
                let now = values(&self.case, &self.goals, &answer.relaxations, &answer.stages);
                Ok(Some(now.iter().zip(&self.base).map(|(now, base)| now.2 - base.2).collect()))
            }
            Err(Unsolved::Infeasible { .. } | Unsolved::NoOptimum { outcome: Outcome::Infeasible, .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Changes below this are none.
    fn noise(&self) -> Vec<f64> {
        self.base.iter().map(|(_, _, value)| NOISE * value.abs().max(1.0)).collect()
    }

    /// What a hm³ changes on one side, with the step it was found by; or why that is not told.
    fn slope(&self, fact: Fact, step: usize, sign: f64) -> Result<Result<(f64, Vec<f64>), &'static str>, Unexplained> {
        let noise = self.noise();
        let mut size = (STEP.0 * self.water_hm3).clamp(STEP.2, STEP.1);
        let mut why = NO_PLAN;
        for _ in 0..TRIES {
            if let (Some(whole), Some(half)) =
                (self.change(fact, step, sign * size)?, self.change(fact, step, 0.5 * sign * size)?)
            {
                let mut pairs = whole.iter().zip(&half).zip(&noise);
                let straight =
                    pairs.all(|((whole, half), noise)| (whole - 2.0 * half).abs() <= SAME * whole.abs() + 3.0 * noise);
                let by_hm3 =
                    |(change, noise): (&f64, &f64)| if change.abs() <= *noise { 0.0 } else { change / (sign * size) };
                if straight {
                    return Ok(Ok((size, whole.iter().zip(&noise).map(by_hm3).collect())));
                }
                why = UNSETTLED;
            }
            size /= SMALLER;
        }
        Ok(Err(why))
    }

    /// How far a fact can be moved before a hm³ changes something else, and whether that end was found.
    fn range(&self, fact: Fact, step: usize, sign: f64, found: &(f64, Vec<f64>)) -> Result<(f64, bool), Unexplained> {
        let noise = self.noise();
        let holds = |size: f64| -> Result<bool, Unexplained> {
            let Some(change) = self.change(fact, step, sign * size)? else { return Ok(false) };
            let mut all = change.iter().zip(&found.1).zip(&noise);
            Ok(all.all(|((change, slope), noise)| {
                let line = slope * sign * size;
                (change - line).abs() <= SAME * line.abs() + 3.0 * noise
            }))
        };
        let mut good = found.0;
        let mut bad = 2.0 * good;
        while holds(bad)? {
            good = bad;
            bad *= 2.0;
            if good >= self.water_hm3 {
                return Ok((good, false));
            }
        }
        while bad - good > CLOSE * bad {
            let middle = f64::midpoint(good, bad);
            if holds(middle)? { good = middle } else { bad = middle }
        }
        Ok((good, true))
    }

    /// What a little more (or less, with a sign of −1) of a fact changes, and, where it is asked for, how far that holds.
    ///
    /// # Errors
    /// If a solve fails.
    pub fn side(&self, fact: Fact, step: usize, sign: f64, with_range: bool) -> Result<Side, Unexplained> {
        let found = match self.slope(fact, step, sign)? {
            Ok(found) => found,
            Err(why) => return Ok(Side { none: Some(why.to_owned()), ..Side::default() }),
        };
        let (range_hm3, ends_there) = if with_range { self.range(fact, step, sign, &found)? } else { (found.0, false) };
        let all = self.base.iter().zip(&found.1);
        let changes = all.filter(|((id, _, _), slope)| !id.starts_with("stage0.") || **slope != 0.0);
        let change = |((stage, unit, _), slope): (&(String, String, f64), &f64)| Change {
            stage: stage.clone(),
            unit: unit.clone(),
            per_hm3: slope + 0.0,
        };
        let changes = changes.map(change).collect();
        Ok(Side { by_hm3: sign * found.0, changes, range_hm3, ends_there, ..Side::default() })
    }

    /// Where water added to a node (or taken) goes, by the nearest plan that has it.
    ///
    /// # Errors
    /// If a solve fails.
    pub fn trace(&self, node: NodeId, step: usize, by_hm3: f64) -> Result<Trace, Unexplained> {
        self.solves.set(self.solves.get() + 1);
        let after = self.nearest(&self.case.moved(Fact::Inflow(node), step, by_hm3))?;
        // Where no closing chain settles who of a demand is served, no more is known than that the demand is.
        Ok(trace(&self.case, (&self.plan, &after), (node, step), by_hm3, self.is_closed))
    }

    /// Where water goes, by so little of it that a half goes to the same uses; with how much that is.
    fn settled(&self, node: NodeId, step: usize, most_hm3: f64) -> Result<(f64, Trace), Unexplained> {
        let share = |trace: &Trace, address: &str| -> f64 {
            trace.ends.iter().filter(|end| end.address == address).map(|end| end.share).sum()
        };
        let (mut by_hm3, mut whole) = (most_hm3, self.trace(node, step, most_hm3)?);
        for _ in 1..TRIES {
            let half = self.trace(node, step, 0.5 * by_hm3)?;
            let mut uses = whole.ends.iter().chain(&half.ends).filter(|end| end.kind == "supply");
            if uses.all(|end| (share(&whole, &end.address) - share(&half, &end.address)).abs() < SAME_SHARE) {
                break;
            }
            by_hm3 /= SMALLER;
            whole = self.trace(node, step, by_hm3)?;
        }
        Ok((by_hm3, whole))
    }

    /// How much of the water goes where the first of it does, within the range.
    fn way(&self, node: NodeId, step: usize, side: &Side) -> Result<f64, Unexplained> {
        let holds = |size: f64| -> Result<bool, Unexplained> {
            // What a solver leaves in a plan is some of a little water, and none of much.
            let noise = 10.0 * FEASIBILITY_HM3 / size;
            match self.trace(node, step, size.copysign(side.by_hm3)) {
                Ok(trace) => Ok(trace.is_as(&side.trace, SAME_WAY.max(noise))),
                Err(Unexplained::Unsolved(
                    Unsolved::Infeasible { .. } | Unsolved::NoOptimum { outcome: Outcome::Infeasible, .. },
                )) => Ok(false),
                Err(other) => Err(other),
            }
        };
        let (mut good, mut bad) = (side.by_hm3.abs().min(side.range_hm3), side.range_hm3);
        if holds(bad)? {
            return Ok(bad);
        }
        while bad - good > CLOSE_WAY * bad {
            let middle = (good * bad).sqrt();
            if holds(middle)? { good = middle } else { bad = middle }
        }
        Ok(good)
    }

    /// The plan of a case that keeps nearest to this one; where the closing chain did not make this one, nearness comes right after
    /// the goals.
    fn nearest(&self, case: &Case) -> Result<Decisions, Unexplained> {
        let mut case = case.clone();
        let held = self.goals.stages.iter().any(|&stage| self.goals.objectives[stage].kind == "plan_change");
        if !held {
            case.in_force = Some(self.plan.clone());
        }
        let mut goals = Goals { closing: self.is_closed || held, ..self.goals.clone() };
        if !goals.closing {
            goals.objectives.push(Objective::plain(NEAREST, "plan_change", Place::new("", 0)));
            goals.stages.push(goals.objectives.len() - 1);
        }
        let options = SolveOptions { extent: Extent::Whole, ..self.options.clone() };
        Ok(solve_once(&case, &goals, &options)?.plan.decisions)
    }

    /// What explains an address in a step.
    ///
    /// # Errors
    /// An address without water of its own, or a solve that fails.
    pub fn explain(&self, document: &PlanDocument, address: &str, step: usize) -> Result<Explanation, Unexplained> {
        let node = node_of(&self.case, address)?;
        let side = |sign: f64| -> Result<Side, Unexplained> {
            let mut side = self.side(Fact::Inflow(node), step, sign, true)?;
            if side.none.is_none() {
                (side.by_hm3, side.trace) = self.settled(node, step, side.by_hm3)?;
                side.way_hm3 = Some(self.way(node, step, &side)?);
            }
            Ok(side)
        };
        let (more, less) = (side(1.0)?, side(-1.0)?);
        let binding = limits(document, (&self.case, &self.goals), &self.plan, (address, step));
        let mut priced = Vec::with_capacity(binding.len());
        for (number, binding) in binding.into_iter().enumerate() {
            priced.push(self.priced(binding, step, number < MOST_PRICED)?);
        }
        let edges = &self.case.horizon.edges;
        Ok(Explanation {
            address: address.to_owned(),
            node: self.case.network.nodes[node.0].id.clone(),
            from: rfc3339(&edges[step]),
            to: rfc3339(&edges[step + 1]),
            more,
            less,
            binding: priced,
            solves: self.solves(),
        })
    }

    /// A limit with what moving it changes.
    fn priced(&self, binding: Binding, step: usize, worth: bool) -> Result<Priced, Unexplained> {
        let Some(fact) = self.fact_of(&binding, step).filter(|_| worth) else {
            return Ok(Priced { binding, raised: None, lowered: None });
        };
        let raised = Some(self.side(fact, step, 1.0, true)?);
        let can_fall = binding.at > 0.0 && binding.limit != "closed";
        let lowered = if can_fall { Some(self.side(fact, step, -1.0, true)?) } else { None };
        Ok(Priced { binding, raised, lowered })
    }

    /// The fact of the case that a limit is; none of one that follows from others, such as a rating.
    fn fact_of(&self, binding: &Binding, step: usize) -> Option<Fact> {
        let (case, network) = (&self.case, &self.case.network);
        let rule = network.requirements.iter().position(|rule| rule.id == binding.address);
        let arc = network.arc(&binding.address);
        let node = network.node(&binding.address);
        match (binding.limit.as_str(), rule, arc, node) {
            ("capacity" | "closed", _, Some(arc), _) => {
                let own = case.at(&network.arcs[arc.0].capacity, step, 0);
                ((own - binding.at) * case.hm3_per_m3s(step) <= FEASIBILITY_HM3).then_some(Fact::Capacity(arc))
            }
            ("demand", _, _, Some(node)) => Some(Fact::Demand(node)),
            ("floor", None, Some(arc), _) => Some(Fact::LeastFlow(arc)),
            ("dead", _, _, Some(node)) => Some(Fact::LeastStorage(node)),
            ("top", _, _, Some(node)) => Some(Fact::MostStorage(node)),
            ("flood_limit", _, _, Some(node)) => Some(Fact::FloodLimit(node)),
            // A command is somebody else's to change.
            (_, Some(rule), ..) if network.requirements[rule].kind == RequirementKind::Command => None,
            ("floor", Some(rule), ..) => Some(Fact::Floor(rule)),
            ("target", Some(rule), ..) => Some(Fact::Target(rule)),
            ("ceiling", Some(rule), ..) => Some(Fact::Ceiling(rule)),
            ("limit", ..) => {
                let account = network.accounts.iter().position(|account| account.id == binding.address)?;
                let windows = &network.accounts[account].windows;
                let window = windows.iter().position(|window| Some(&window.label) == binding.window.as_ref())?;
                Some(Fact::Account(account, window))
            }
            _ => None,
        }
    }
}

/// What explains an address in a step of a plan that no linear program made: what binds, and nothing of a little more or less.
pub fn without_sides(document: &PlanDocument, case: &Case, goals: &Goals, address: &str, step: usize) -> Explanation {
    let case = &with_flood_events(&document.content, case);
    let own = limits(document, (case, goals), &document.content.decisions_on(case), (address, step));
    let side = Side { none: Some(NO_DERIVATIVE.to_owned()), ..Side::default() };
    let edges = &case.horizon.edges;
    Explanation {
        address: address.to_owned(),
        node: node_of(case, address).map_or_else(|_| address.to_owned(), |node| case.network.nodes[node.0].id.clone()),
        from: rfc3339(&edges[step]),
        to: rfc3339(&edges[step + 1]),
        more: side.clone(),
        less: side,
        binding: own.into_iter().map(|binding| Priced { binding, raised: None, lowered: None }).collect(),
        solves: 0,
    }
}

/// Limits around an address that a plan lies at in a step, as its document and its case tell them.
fn limits(
    document: &PlanDocument,
    question: (&Case, &Goals),
    plan: &Decisions,
    (address, step): (&str, usize),
) -> Vec<Binding> {
    let content = &document.content;
    let beside = held_beside(question, plan, &content.around(address), step);
    content.binds(address, step).into_iter().chain(beside).collect()
}

/// The node whose water an address means: its own, that which a way leaves, a section judges or a demand is fed from, that which
/// an inflow feeds. A demand that only sources feed is given more itself.
fn node_of(case: &Case, address: &str) -> Result<NodeId, Unexplained> {
    let network = &case.network;
    let holds = |node: &NodeId| matches!(network.nodes[node.0].kind, NodeKind::Storage(_) | NodeKind::Junction);
    let fed_by = |node: NodeId| {
        let mut feeds = network.arcs.iter().filter(|arc| arc.receivers.iter().any(|to| to.node == node));
        feeds.find(|arc| holds(&arc.tail)).map_or(node, |arc| arc.tail)
    };
    let leaves = |node: NodeId| {
        let arc = network.arcs.iter().find(|arc| arc.tail == node)?;
        arc.receivers.first().map(|to| to.node)
    };
    let class = || {
        let mut demands = network.demands().map(|(node, _)| node);
        demands.find(|node| address.starts_with(&format!("{}.", network.nodes[node.0].id)))
    };
    let of_rule = || {
        let rule = network.requirements.iter().find(|rule| rule.id == address)?;
        match &rule.of {
            Of::Storage(node) => Some(*node),
            Of::Flow(terms) => terms.first().map(|&(arc, _)| network.arcs[arc.0].tail),
        }
    };
    let tail = || network.arc(address).map(|arc| network.arcs[arc.0].tail);
    let named = network.node(address).or_else(tail).or_else(of_rule).or_else(class);
    let found = named.and_then(|node| match &network.nodes[node.0].kind {
        NodeKind::Storage(_) | NodeKind::Junction => Some(node),
        NodeKind::Demand(_) => Some(fed_by(node)),
        NodeKind::Source(source) if source.take == Take::Available => Some(node),
        NodeKind::Source(_) => leaves(node).filter(|to| !matches!(network.nodes[to.0].kind, NodeKind::Sink)),
        NodeKind::Sink => None,
    });
    found.ok_or_else(|| {
        let takes = |node: &&Node| match &node.kind {
            NodeKind::Source(source) => source.take == Take::Available,
            NodeKind::Sink => false,
            _ => true,
        };
        let known: Vec<&str> = network.nodes.iter().filter(takes).map(|node| node.id.as_str()).collect();
        let known = list(&known);
        Unexplained::Refused(format!("no water can be added at `{address}`\n  hint: where water can be added: {known}"))
    })
}

/// What gave way by class, in the order of the rules, then the stages: names, units, values.
fn values(case: &Case, goals: &Goals, relaxations: &[Relaxation], stages: &[StageResult]) -> Vec<(String, String, f64)> {
    let given = |class: Option<RuleClass>| {
        let own = relaxations.iter().filter(|relaxation| relaxation.class == class && !is_staged(case, goals, relaxation));
        let word = class.map_or("physical", RuleClass::word);
        (format!("stage0.{word}"), "hm3".to_owned(), own.map(|relaxation| relaxation.hm3).sum())
    };
    let mut order = goals.rule_order.clone();
    order.extend(RuleClass::DEFAULT_ORDER.iter().filter(|class| !goals.rule_order.contains(class)));
    let classes = std::iter::once(None).chain(order.into_iter().map(Some)).map(given);
    classes.chain(stages.iter().map(|stage| (stage.objective.clone(), stage.unit.clone(), stage.solved))).collect()
}

/// Why a plan by these goals has no derivatives.
fn linear(goals: &Goals) -> Result<(), &'static str> {
    match (&goals.method, &goals.head) {
        (Method::Rules, _) => Err("the plan was run by the rules of today, which seek no optimum"),
        (Method::Pareto(_), _) => Err("the plan is a compromise of a front"),
        _ if goals.integers.is_some() => Err("the plan has whole numbers, which change by jumps"),
        (_, HeadModel::Successive | HeadModel::Zones(_)) => Err("the plan was made at true heads, by a series of programs"),
        _ => Ok(()),
    }
}

/// Fills in both sides of a plan's water values, where they can be told; a note says where not.
///
/// # Errors
/// If a solve fails otherwise than for want of a plan.
pub(crate) fn both_sides(plan: &mut Plan, case: &Case, goals: &Goals, options: &SolveOptions) -> Result<(), Unsolved> {
    if let Err(why) = linear(goals) {
        plan.notes.push(format!("both sides of water values are not told: {why}"));
        return Ok(());
    }
    let unsolved = |why| match why {
        Unexplained::Unsolved(unsolved) => unsolved,
        why => Unsolved::refused(why.to_string()),
    };
    let margins = Margins::bare(case, goals.clone(), plan.decisions.clone(), options)?;
    let before = margins.base.len() - plan.stages.len();
    let steps = case.horizon.steps();
    for (address, node) in case.water_places() {
        let own = plan.water_values.iter_mut().filter(|row| row.address == address);
        let mut own: Vec<_> = own.collect();
        if own.is_empty() {
            continue;
        }
        for row in &mut own {
            row.sides = Some(Sides { more: vec![f64::NAN; steps], less: vec![f64::NAN; steps] });
        }
        for step in 0..steps {
            for sign in [1.0, -1.0] {
                let Ok((_, slopes)) = margins.slope(Fact::Inflow(node), step, sign).map_err(unsolved)? else { continue };
                // Where rules give way, no stage tells what the water is worth.
                if slopes[..before].iter().any(|slope| *slope != 0.0) {
                    continue;
                }
                for row in &mut own {
                    if let Some(sides) = &mut row.sides {
                        let side = if sign > 0.0 { &mut sides.more } else { &mut sides.less };
                        side[step] = slopes[before + row.stage] + 0.0;
                    }
                }
            }
        }
    }
    Ok(())
}
