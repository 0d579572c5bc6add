//! Method `rules`: the basin as run today, step by step, knowing this step's inflow and nothing of what comes after.
//!
//! Each step serves requests in the order of priority from what is at hand: local water and water above a limit first, then storages (by their
//! zones), then dearer sources; then zones' releases; then what must go. Docs: `docs/rules.md`. It is the baseline of every comparison and the
//! fall-back of operations. A rule that does not hold is named as a relaxation with its size, as the audit measures it.
//!
//! Units: hm³ within, m³/s and hm³ in the plan. Fails: where water is physically missing or cannot be passed on (see [`Stuck`]).
//! Limits: member 0; duties (accounts that are `at_least`) and soft ends are not worked for; flows do not follow energy or price.

mod compiled;
mod lists;
mod paths;
mod plan;
mod release;
mod requests;
mod step;

use ndarray::Array2;
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::plan::{Decisions, Plan};

pub use plan::Stuck;
pub use requests::{names_portion, names_section, stage_of_portion, stage_of_section};

use compiled::Compiled;
use step::State;

/// A case made ready to be run by its rules.
#[derive(Clone, Debug)]
pub struct Simulator {
    compiled: Compiled,
}

impl Simulator {
    /// Reads the case and the order of its goals.
    pub fn new(case: &Case, goals: &Goals) -> Self {
        Self { compiled: Compiled::new(case, goals) }
    }

    /// Runs all steps.
    pub fn run(&self) -> Decisions {
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
        for step in 0..c.steps {
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
        decisions
    }
}

/// Runs a case by its rules.
///
/// # Errors
/// Where water is physically missing or cannot be passed on.
pub fn simulate(case: &Case, goals: &Goals) -> Result<Plan, Stuck> {
    plan::plan(case, goals, Simulator::new(case, goals).run())
}
