//! `weir check`: reads and lowers a basin, and says what a solve would do.

use std::collections::BTreeSet;

use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_solver::closing::{Link, soft_rules};
use weir_solver::formulation::formulated;
use weir_solver::layout::Open;

use crate::failure::Failure;
use crate::output::say;

/// Arguments of `weir check`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    of: super::OfBasin,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let basin = Basin::read(&arguments.of.dir).map_err(Failure::Refused)?;
    let (case, goals) = lower(&basin, arguments.of.from).map_err(Failure::Refused)?;
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
    lines.extend(left_to_the_end(&case, &goals)?);
    lines.extend(crate::supply_order::deviations(&case, &goals).into_iter().map(|why| format!("supply order: {why}")));
    lines.extend(case.basin.degraded.iter().map(|reason| format!("degraded: {reason}")));
    lines.extend(case.basin.notes.iter().map(|note| format!("note: {note}")));
    lines.push("no fault found\n".to_owned());
    say(&lines.join("\n"))
}

/// Soft rules that no stage works on: what they lack is minimised after the goals, a line a class of rules.
fn left_to_the_end(case: &Case, goals: &Goals) -> Result<Vec<String>, Failure> {
    let formulation = formulated(case, goals, Open::Nothing).map_err(|error| Failure::Broken(format!("error: {error}")))?;
    let line = |link: Link| {
        let columns = link.stage.expression.terms.iter();
        let rules: BTreeSet<String> = columns
            .map(|&(column, _)| formulation.layout.address(formulation.layout.keys[column].subject, &case.network))
            .collect();
        let rules: Vec<String> = rules.into_iter().collect();
        format!("after the stages, for no stage works on them: {} ({})", rules.join(", "), link.word)
    };
    Ok(soft_rules(&formulation, goals).into_iter().map(line).collect())
}
