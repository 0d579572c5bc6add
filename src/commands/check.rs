//! `weir check`: reads and lowers a basin, and says what a solve would do.

use std::path::PathBuf;

use weir_model::basin::Basin;
use weir_model::lower::lower;

use crate::failure::Failure;

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
    println!("{} ({}), mode {}", case.basin.name, case.basin.id, case.basin.mode);
    println!(
        "{} nodes, {} arcs, {} requirements, {} accounts; {} steps from {}",
        network.nodes.len(),
        network.arcs.len(),
        network.requirements.len(),
        network.accounts.len(),
        case.horizon.steps(),
        case.horizon.edges[0],
    );
    for (place, &stage) in goals.stages.iter().enumerate() {
        let objective = &goals.objectives[stage];
        println!("stage {}: {} ({})", place + 1, objective.id, objective.kind);
    }
    for reason in &case.basin.degraded {
        println!("degraded: {reason}");
    }
    for note in &case.basin.notes {
        println!("note: {note}");
    }
    println!("no fault found");
    Ok(())
}
