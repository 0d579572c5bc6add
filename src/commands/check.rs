//! `weir check`: reads and lowers a basin, and says what a solve would do.

use std::path::PathBuf;

use weir_model::basin::Basin;
use weir_model::lower::lower;

use crate::failure::Failure;
use crate::output::say;

/// Arguments of `weir check`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with `basin.toml`.
    dir: PathBuf,
    /// First day of the horizon (otherwise the basin's first start).
    #[arg(long, value_name = "DATE")]
    from: Option<jiff::civil::Date>,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let basin = Basin::read(&arguments.dir).map_err(Failure::Refused)?;
    let (case, goals) = lower(&basin, arguments.from).map_err(Failure::Refused)?;
    let network = &case.network;
    let steps = case.horizon.steps();
    let start = &case.horizon.edges[0];
    let mut lines = vec![
        format!("{} ({}), mode {}", case.basin.name, case.basin.id, case.basin.mode),
        format!(
            "{} nodes, {} arcs, {} requirements, {} accounts; {steps} steps from {start}",
            network.nodes.len(),
            network.arcs.len(),
            network.requirements.len(),
            network.accounts.len(),
        ),
    ];
    lines.extend(goals.stages.iter().enumerate().map(|(place, &stage)| {
        let objective = &goals.objectives[stage];
        format!("stage {}: {} ({})", place + 1, objective.id, objective.kind)
    }));
    lines.extend(case.basin.degraded.iter().map(|reason| format!("degraded: {reason}")));
    lines.extend(case.basin.notes.iter().map(|note| format!("note: {note}")));
    lines.push("no fault found\n".to_owned());
    say(&lines.join("\n"))
}
