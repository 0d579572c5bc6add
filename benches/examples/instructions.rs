//! What `scripts/instructions` counts under callgrind, each once: lowering and formulating a cascade (its assembly is `Matrix::program`), handing the
//! program to the engine, and bringing the engine's to the next question, all inflow × 0.9: `instructions RESERVOIRS DAYS`.
//! Nothing is solved. Its functions are not inlined, so that the profile has them by name.

use std::hint::black_box;

use weir_benches::job;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_solver::engine::{Options, highs::Highs};
use weir_solver::formulation::{Formulation, formulated as formulation};
use weir_solver::layout::Open;
use weir_solver::methods::Live;
use weir_solver::program::Program;

fn main() {
    let args: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let [reservoirs, days] = args[..] else { panic!("RESERVOIRS DAYS") };
    let folder = job::cascade(reservoirs, days).expect("a cascade on disk");
    let (case, goals) = lowered(&job::read(&folder));
    let formulation = formulated(&case, &goals);
    let mut live = opened(&formulation.program);
    let mut next = formulation.program.clone();
    for row in formulation.balance_rows.iter().flatten().flat_map(|first| *first..first + days) {
        next.row_lower[row] *= 0.9;
        next.row_upper[row] *= 0.9;
    }
    refreshed(&mut live, &next);
    // A folder that cannot be removed is the temporary files' own business.
    let _ = std::fs::remove_dir_all(folder);
}

#[inline(never)]
fn lowered(basin: &Basin) -> (Case, Goals) {
    black_box(job::lowered(basin))
}

#[inline(never)]
fn formulated(case: &Case, goals: &Goals) -> Formulation {
    black_box(formulation(case, goals, Open::Nothing).expect("a program"))
}

#[inline(never)]
fn opened(program: &Program) -> Live {
    black_box(Live::open(&Highs, program.clone(), &Options::default()).expect("a session"))
}

#[inline(never)]
fn refreshed(live: &mut Live, program: &Program) {
    let changes = live.refresh(program).expect("an engine").expect("a program of the same shape");
    println!("{changes:?}");
}
