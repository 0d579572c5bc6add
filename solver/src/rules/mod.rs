//! Method `rules`: the basin as run today, step by step, knowing this step's inflow and nothing of what comes after.
//!
//! Each step serves requests in the order of priority from what is at hand: local water and water above a limit first, then storages (by their
//! zones), then dearer sources; then zones' releases; then what must go. Docs: `docs/rules.md`. It is the baseline of every comparison and the
//! fall-back of operations. A rule that does not hold is named as a relaxation with its size, as the audit measures it.
//!
//! Units: hm³ within, m³/s and hm³ in the plan. Fails: where water is physically missing or cannot be passed on (see [`Stuck`]).
//! Limits: member 0; flows do not follow energy or price.

mod compiled;
mod flows;
mod ladder;
mod lists;
mod overflow;
mod paths;
mod plan;
mod planned;
mod release;
mod requests;
mod serve;
mod step;
mod stores;
mod turn;

use ndarray::Array2;
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::plan::{Decisions, Plan};

pub use plan::Stuck;
pub use requests::{names_portion, names_section, stage_of_portion, stage_of_section};

use compiled::Compiled;
use ladder::Standing;
use step::State;

/// A case made ready to be run by its rules.
#[derive(Clone, Debug)]
pub struct Simulator {
    compiled: Compiled,
}

impl Simulator {
    /// Reads the case and the order of its goals.
    pub fn new(case: &Case, goals: &Goals) -> Self {
        Self { compiled: Compiled::new(case, goals, false) }
    }

    /// As [`new`](Self::new), following the case's plan in force as far as it goes.
    pub fn following(case: &Case, goals: &Goals) -> Self {
        Self { compiled: Compiled::new(case, goals, true) }
    }

    /// Runs all steps.
    pub fn run(&self) -> Decisions {
        self.run_first(self.compiled.steps)
    }

    /// Runs the first steps alone; of the others nothing is decided.
    pub fn run_first(&self, steps: usize) -> Decisions {
        self.run_with_ladder(steps).0
    }

    fn run_with_ladder(&self, steps: usize) -> (Decisions, Standing) {
        let c = &self.compiled;
        let mut decisions = Decisions {
            flow_m3s: Array2::zeros((c.tails.len(), c.steps)),
            storage_hm3: Array2::zeros((c.stores.len(), c.steps + 1)),
            supply_m3s: Array2::zeros((c.portions, c.steps)),
        };
        let mut state = State::new(c);
        for (row, store) in c.stores.iter().enumerate() {
            decisions.storage_hm3[[row, 0]] = store.initial;
        }
        for step in 0..steps.min(c.steps) {
            state.run(step);
            let volume = c.hm3[step];
            for (arc, flow) in state.flow.iter().enumerate() {
                decisions.flow_m3s[[arc, step]] = flow / volume;
            }
            for (row, stored) in state.before.iter().enumerate() {
                decisions.storage_hm3[[row, step + 1]] = *stored;
            }
            for (row, supply) in state.supply.iter().enumerate() {
                decisions.supply_m3s[[row, step]] = supply / volume;
            }
        }
        state.end_spells();
        (decisions, state.standing)
    }

    /// Runs, and makes a plan of it.
    fn plan(&self, case: &Case, goals: &Goals, note: &str) -> Result<Simulated, Stuck> {
        let (decisions, standing) = self.run_with_ladder(self.compiled.steps);
        let cut = self.compiled.ladder.as_ref().and_then(|ladder| ladder.case(case, &standing)).map(Box::new);
        let plan = plan::plan(cut.as_deref().unwrap_or(case), goals, decisions, note)?;
        Ok(Simulated { plan, case: cut })
    }
}

/// A plan by the rules.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The plan.
    pub plan: Plan,
    /// The case that it is of, where it is not the one given: with the curtailments that zones put in force.
    pub case: Option<Box<Case>>,
}

/// Runs a case by its rules.
///
/// # Errors
/// Where water is physically missing or cannot be passed on.
pub fn simulate(case: &Case, goals: &Goals) -> Result<Simulated, Stuck> {
    let note = "run by the rules of today, step by step, without knowing later inflow; nothing is optimised";
    Simulator::new(case, goals).plan(case, goals, note)
}

/// Carries out the case's plan in force, and goes on by the rules where it ends: the fall-back of operations.
///
/// In a step that the plan knows, floors and other hard rules come first as ever; then everyone is served up to what the plan
/// gave, in the rules' order; then ways out of storages are opened as it opened them. So far as water and rules allow: what
/// must go, goes. Zones, lines to a wanted end and the ladder wait until the plan ends. Without a plan in force it is [`simulate`].
///
/// # Errors
/// Where water is physically missing or cannot be passed on.
pub fn extend(case: &Case, goals: &Goals) -> Result<Simulated, Stuck> {
    let note = "the plan in force, carried out as far as water and rules allow, and from its end on the rules of today; nothing is optimised";
    Simulator::following(case, goals).plan(case, goals, note)
}
