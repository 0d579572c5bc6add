//! A live session: one program kept in the engine, for questions that differ from each other by little.
//!
//! A changed case is formulated anew, which takes no solver; what differs from the program in the engine (bounds, coefficients) is set
//! there, and the solve goes on from the basis and weights of the last answer: by dual simplex where bounds or coefficients changed, by
//! primal simplex where only goals did. Where columns or rows are others, the program is opened anew, with the last weights, from the
//! start that the options give, by address.
//!
//! Answers are those of [`solve`](crate::solve::solve) to the solver's accuracy, without the closing chain: where several plans are
//! equally good, any of them. Lexicographic goals go by certified weights, whatever the basin says, since those prove all stages at
//! one basis.
//!
//! Fails: what no linear program of ranked or weighted goals can answer (whole numbers, fronts, true heads, the rules) and rules that
//! cannot all hold are handed to `solve`; so are plans above a flood limit, for its event.

use weir_model::case::Case;
use weir_model::goals::{Goals, HeadModel, Lexicographic, Method as Asked};
use weir_model::plan::{Certificate, Decisions, EngineFacts, Plan, Relaxation, StageResult};

use crate::builder::RowKey;
use crate::closing;
use crate::engine::{Algorithm, Basis, Engine, Outcome};
use crate::formulation::{Formulation, formulated};
use crate::hot::Named;
use crate::layout::{Key, Open};
use crate::methods::{self, Group, Live, MethodError, Order, Refreshed};
use crate::program::{Expression, Stage};
use crate::solve::{SolveOptions, Solved, Solver, Unsolved, method, solve, solve_once};
use crate::{flood, read};

/// Rows that kept stages may leave in the engine before the program is opened anew.
const MOST_ADDED: usize = 64;

/// A program kept in an engine.
pub struct Session {
    goals: Goals,
    options: SolveOptions,
    engine: &'static dyn Engine,
    kept: Option<Kept>,
    /// Whether flood events are the caller's.
    as_it_is: bool,
    /// Whether answers come with their certificates.
    proves: bool,
}

/// The program as it stands, with what the last answer left.
struct Kept {
    live: Live,
    keys: Vec<Key>,
    row_keys: Vec<RowKey>,
    expressions: Vec<Expression>,
    groups: Vec<Group>,
}

/// An answer to a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The goals in order.
    pub stages: Vec<StageResult>,
    /// A plan that reaches them.
    pub decisions: Decisions,
    /// What had to give.
    pub relaxations: Vec<Relaxation>,
    /// What was changed in the engine's program; none where it was opened anew, or the question was handed to `solve`.
    pub refreshed: Option<Refreshed>,
    /// Iterations of the goals.
    pub iterations: u64,
    /// Sentences about ways that were taken.
    pub notes: Vec<String>,
    /// The case that it is of, where it is not the one given ([`Solved::case`]).
    pub case: Option<Box<Case>>,
    /// What proves it, and of which program: of a session that proves, and of what was handed over.
    pub proof: Option<(Certificate, EngineFacts)>,
}

impl Answer {
    /// The answer as a plan that can be audited, without what only [`solve`](crate::solve::solve) gives: closing chain, water values.
    pub fn plan(&self) -> Plan {
        let (certificate, engine) = self.proof.clone().unwrap_or_default();
        Plan {
            decisions: self.decisions.clone(),
            stages: self.stages.clone(),
            relaxations: self.relaxations.clone(),
            notes: self.notes.clone(),
            certificate,
            engine,
            closing: Vec::new(),
            water_values: Vec::new(),
            front: None,
        }
    }
}

impl Session {
    /// A session for questions with these goals; the first one starts as the options say.
    ///
    /// # Errors
    /// If no engine is compiled in.
    pub fn open(goals: &Goals, options: &SolveOptions) -> Result<Self, Unsolved> {
        let engine = options.engine()?;
        let options = SolveOptions { dump: None, rates: false, ..options.clone() };
        Ok(Self { goals: answered(goals), options, engine, kept: None, as_it_is: false, proves: false })
    }

    /// Questions are asked with the flood events that they have, and no others: what is handed over goes to one program.
    #[must_use]
    pub fn as_it_is(self) -> Self {
        Self { as_it_is: true, ..self }
    }

    /// Each answer comes with its certificate, which takes a few per cent of a solve from nothing.
    #[must_use]
    pub fn proving(self) -> Self {
        Self { proves: true, ..self }
    }

    /// Asks by other goals from now on.
    pub fn ask(&mut self, goals: &Goals) {
        self.goals = answered(goals);
    }

    /// Answers a case.
    ///
    /// # Errors
    /// Why there is no plan.
    pub fn solve(&mut self, case: &Case) -> Result<Answer, Unsolved> {
        if !self.is_live(case) {
            return self.hand_over(case);
        }
        // No goal depends on true heads where they are asked for.
        let goals = Goals { head: HeadModel::Fixed, ..self.goals.clone() };
        let formulation = formulated(case, &goals, Open::Nothing)?;
        if formulation.impossible || !formulation.program.integers.is_empty() {
            return self.hand_over(case);
        }
        let refreshed = self.refresh((&formulation, case))?;
        let Some(kept) = &mut self.kept else { return self.hand_over(case) };
        let soft: Vec<Stage> = closing::soft_rules(&formulation, &self.goals).into_iter().map(|link| link.stage).collect();
        let order = Order { goals: &formulation.stages, closing: &soft, groups: &kept.groups, duals: self.proves };
        let found = match methods::solve(&mut kept.live, method(&self.goals, formulation.program.columns()).as_ref(), &order)
        {
            Ok(found) => found,
            Err(MethodError::Unsolved {
                outcome: Outcome::Infeasible | Outcome::InfeasibleOrUnbounded | Outcome::Failed { .. },
                ..
            }) => return self.hand_over(case),
            // What was interrupted can be asked again, and goes on from there.
            Err(stopped @ MethodError::Unsolved { outcome: Outcome::Stopped { .. }, .. }) => return Err(stopped.into()),
            Err(other) => {
                self.kept = None;
                return Err(other.into());
            }
        };
        kept.groups = found.groups;
        kept.expressions = formulation.stages.iter().map(|stage| stage.expression.clone()).collect();
        let point = read::clamped(&formulation, &found.solution.primal);
        let decisions = read::decisions(&formulation.layout, case, &point, 0);
        if !self.as_it_is && !flood::is_held(case, &decisions) {
            return self.hand_over(case);
        }
        let mut notes = found.notes;
        let solver = Solver { case, goals: &self.goals, options: &self.options, engine: self.engine };
        let stages = solver.stage_results((&formulation, &found.goals), &decisions, &mut notes);
        let iterations = found.goals.iter().chain(&found.closing).map(|stage| stage.iterations).sum();
        let relaxations = read::relaxations(&formulation, case, &point);
        let proof = if self.proves {
            let added: Vec<Expression> = kept.live.standing()?.kept.into_iter().map(|(_, _, row)| row).collect();
            let answers = found.goals.iter().collect();
            let upper = &formulation.program.column_upper;
            let certificate = solver.certified(&formulation, (answers, &added), (&relaxations, &stages, &point), upper)?;
            Some((certificate, solver.facts(&formulation)))
        } else {
            None
        };
        Ok(Answer { stages, decisions, relaxations, refreshed, iterations, notes, case: None, proof })
    }

    /// Whether one linear program answers the goals.
    fn is_live(&self, case: &Case) -> bool {
        let ranked = matches!(self.goals.method, Asked::Lexicographic(_) | Asked::Weighted);
        let by_head = || self.goals.stages.iter().any(|&stage| case.depends_on_head(&self.goals.objectives[stage]));
        let reports = self.engine.reports();
        ranked && reports.basis && (matches!(self.goals.head, HeadModel::Fixed) || !by_head())
    }

    /// Brings the engine's program to the one formulated.
    fn refresh(&mut self, (formulation, case): (&Formulation, &Case)) -> Result<Option<Refreshed>, Unsolved> {
        let mut basis: Option<Basis> = None;
        if let Some(kept) = &mut self.kept {
            let same = kept.keys == formulation.layout.keys && kept.row_keys == formulation.row_keys;
            if same && kept.live.added_rows() <= MOST_ADDED {
                kept.live.release()?;
                if let Some(refreshed) = kept.live.refresh(&formulation.program)? {
                    let stages = &formulation.stages;
                    let goals = kept.expressions.len() != stages.len()
                        || kept.expressions.iter().zip(stages).any(|(was, is)| *was != is.expression);
                    let only_goals = refreshed == Refreshed::default() && goals;
                    kept.live.set_algorithm(if only_goals { Algorithm::Primal } else { Algorithm::Automatic });
                    return Ok(Some(refreshed));
                }
            } else if same {
                basis = kept.live.own_basis().ok();
            }
        }
        let options = &self.options.engine_options;
        let mut live = Live::open(self.engine, formulation.begun(&case.horizon, options.large), options)?;
        let start = self.options.start.as_deref();
        let basis = basis.or_else(|| start.and_then(|start| start.onto(Named::of(formulation, case, &self.goals)).ok()));
        if let Some(basis) = &basis {
            live.set_basis(basis)?;
        }
        let known = self.kept.take().map(|kept| kept.groups);
        let groups = known.or_else(|| start.map(|start| start.groups(&self.goals))).unwrap_or_default();
        let layout = &formulation.layout;
        self.kept = Some(Kept {
            live,
            keys: layout.keys.clone(),
            row_keys: formulation.row_keys.clone(),
            expressions: Vec::new(),
            groups,
        });
        Ok(None)
    }

    fn hand_over(&self, case: &Case) -> Result<Answer, Unsolved> {
        let asked = if self.as_it_is { solve_once } else { solve };
        let Solved { plan, case, .. } = asked(case, &self.goals, &self.options)?;
        let iterations = plan.stages.iter().map(|stage| stage.iterations).sum();
        Ok(Answer {
            stages: plan.stages,
            decisions: plan.decisions,
            relaxations: plan.relaxations,
            refreshed: None,
            iterations,
            notes: plan.notes,
            case,
            proof: Some((plan.certificate, plan.engine)),
        })
    }
}

/// Goals as a session answers them.
pub fn answered(goals: &Goals) -> Goals {
    let method = match goals.method {
        Asked::Lexicographic(_) => Asked::Lexicographic(Lexicographic::Weights),
        other => other,
    };
    Goals { method, closing: false, ..goals.clone() }
}
