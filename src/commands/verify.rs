//! `weir verify`: whether a plan is what its basin and its certificate say, without a solver.

use std::path::PathBuf;

use weir_model::basin::Basin;
use weir_model::lower::lower;
use weir_solver::verify::verify;

use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Arguments of `weir verify`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// Folder of the basin that it was made from; without it, only what the document itself holds is checked.
    basin: Option<PathBuf>,
    /// Plan that was in force when it was made, if one was given.
    #[arg(long, value_name = "PLAN", requires = "basin")]
    in_force: Option<PathBuf>,
    /// Language of what is said.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let document = files::plan(&arguments.plan)?;
    let mut faults = document.content.contradictions();
    if let Some(folder) = arguments.basin.as_ref().filter(|_| faults.is_empty()) {
        let basin = Basin::read(folder).map_err(Failure::Refused)?;
        let start = document.content.horizon.starts.first().and_then(|start| start.get(..10)?.parse().ok());
        let (mut case, goals) = lower(&basin, start).map_err(Failure::Refused)?;
        if let Some(path) = &arguments.in_force {
            case.in_force = Some(files::in_force(path, &case)?);
        }
        faults = verify(&document, &case, &goals);
    }
    let against_basin = arguments.basin.is_some();
    let told = weir_report::verified(&document, &faults, against_basin, arguments.language.into());
    if faults.is_empty() { say(&told) } else { Err(Failure::Impossible(told.trim_end().to_owned())) }
}
