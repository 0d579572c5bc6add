//! `weir diff`: what a plan has otherwise than another, by element and use, and why: split by cause where both basins are given.

use std::path::{Path, PathBuf};

use serde_json::json;
use weir_model::document::{Causes, PlanDocument};
use weir_model::lower::lower;
use weir_solver::causes::{Asked, causes};
use weir_solver::explain::Unexplained;
use weir_solver::solve::SolveOptions;

use super::overlays::Overlays;
use super::solve::Format;
use crate::failure::Failure;
use crate::files;
use crate::made_from::first_day;
use crate::output::{aside_in, say};

/// Arguments of `weir diff`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The earlier plan: its document, or the folder that holds `plan.json`.
    before: PathBuf,
    /// The later plan.
    after: PathBuf,
    /// Folder of the basin that both were made from, or the earlier one: also splits the difference by cause, by solving again.
    #[arg(long, value_name = "DIR")]
    basin: Option<PathBuf>,
    /// Folder of the basin that the later plan was made from, where it is another.
    #[arg(long, value_name = "DIR", requires = "basin")]
    basin_after: Option<PathBuf>,
    /// Files of changes under the later plan.
    #[command(flatten)]
    overlays: Overlays,
    #[command(flatten)]
    told: super::Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (before, after) = (files::plan(&arguments.before)?, files::plan(&arguments.after)?);
    let basins = (&before.content.case.basin, &after.content.case.basin);
    if basins.0 != basins.1 {
        return Err(Failure::Impossible(format!(
            "error: the plans are of two basins, `{}` and `{}`\n  hint: name two plans of one basin",
            basins.0, basins.1
        )));
    }
    let split = arguments.basin.as_deref().map(|basin| split(arguments, basin, &before, &after)).transpose()?;
    say(&told(&before, &after, split.as_ref(), arguments.told.format, arguments.told.language))
}

/// What two plans have otherwise, with its split by cause where there is one.
pub fn told(
    before: &PlanDocument,
    after: &PlanDocument,
    split: Option<&Causes>,
    format: Format,
    language: super::Language,
) -> String {
    let (comparison, language) = (after.compared_with(before), language.into());
    match format {
        Format::Json => format!("{}\n", json!({ "comparison": comparison, "causes": split })),
        Format::Text => {
            let text = weir_report::difference(before, after, &comparison, language);
            text + &split.map(|split| weir_report::causes(after, split, language)).unwrap_or_default()
        }
    }
}

/// The difference by cause.
fn split(arguments: &Arguments, basin: &Path, before: &PlanDocument, after: &PlanDocument) -> Result<Causes, Failure> {
    let plain = Overlays::default().basin(basin, &[]).map_err(Failure::Refused)?;
    let (case, goals) = lower(&plain, first_day(before)).map_err(Failure::Refused)?;
    let folder = arguments.basin_after.as_deref().unwrap_or(basin);
    let later = arguments.overlays.basin(folder, &[]).map_err(Failure::Refused)?;
    let (later_case, later_goals) = lower(&later, first_day(after)).map_err(Failure::Refused)?;
    let moved = case.horizon.edges != later_case.horizon.edges;
    let on_later = if moved { Some(lower(&plain, first_day(after)).map_err(Failure::Refused)?.0) } else { None };
    let said = weir_report::both("weir：求解两方案之间的各问题 …", "weir: solving the questions between …");
    aside_in(arguments.told.language.into(), &said);
    let before = Asked { document: before, case: &case, goals: &goals };
    let after = Asked { document: after, case: &later_case, goals: &later_goals };
    causes(&before, &after, on_later.as_ref(), &SolveOptions::default()).map_err(|why| match why {
        Unexplained::Unsolved(why) => Failure::Impossible(format!("error: a question between has no plan: {why}")),
        why => Failure::Impossible(format!("error: {why}")),
    })
}
