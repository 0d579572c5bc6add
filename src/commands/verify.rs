//! `weir verify`: whether a plan is what its basin and its certificate say, without a solver.

use std::path::{Path, PathBuf};

use weir_model::document::PlanDocument;
use weir_model::lower::lower;
use weir_solver::amend::{laid, question, settings};
use weir_solver::marks::Marks;
use weir_solver::verify::{verify, verify_as};

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
    /// Plan that it was changed from by hand, if it was.
    #[arg(long, value_name = "PLAN", requires = "basin", conflicts_with = "in_force")]
    before: Option<PathBuf>,
    #[command(flatten)]
    overlays: super::overlays::Overlays,
    /// Language of what is said.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let document = files::plan(&arguments.plan)?;
    let faults = match &arguments.basin {
        // A part of a plan has no sums to agree with: its digest is all that it holds.
        None if document.record.whole.is_some() => Vec::new(),
        None => document.content.contradictions(),
        Some(folder) => {
            refuse_parts(&document, arguments)?;
            let faults = document.content.contradictions();
            if faults.is_empty() { against(&document, folder, arguments)? } else { faults }
        }
    };
    let against_basin = arguments.basin.is_some();
    let told = weir_report::verified(&document, &faults, against_basin, arguments.language.into());
    if faults.is_empty() { say(&told) } else { Err(Failure::Impossible(told.trim_end().to_owned())) }
}

/// Plans that cannot be held against a folder, or not so.
fn refuse_parts(document: &PlanDocument, arguments: &Arguments) -> Result<(), Failure> {
    let (record, content) = (&document.record, &document.content);
    let (why, hint) = if let Some(whole) = &record.whole {
        ("it is a part of a plan, as an audience is given it", format!("its office has the whole one, {whole}"))
    } else if !content.inputs.gathered.is_empty() {
        let hint = "`weir plans verify ID` where the office's store is, which holds what was gathered for it";
        ("it rests on what an office gathered, which a basin's folder does not hold", hint.to_owned())
    } else if let (Some(amended), None) = (&content.case.amended, &arguments.before) {
        ("it was changed by hand", format!("`--before PLAN` names the plan that it was changed from, {}", amended.plan))
    } else {
        return Ok(());
    };
    Err(Failure::Impossible(format!("error: {}: {why}\n  hint: {hint}", arguments.plan.display())))
}

/// What is wrong with a plan against its basin.
fn against(document: &PlanDocument, folder: &Path, arguments: &Arguments) -> Result<Vec<String>, Failure> {
    let amended = document.content.case.amended.as_ref();
    let before = arguments.before.as_deref().map(files::plan).transpose()?;
    let set = match (amended, &before) {
        (Some(amended), Some(_)) => settings(&amended.sets).map_err(|why| Failure::Impossible(format!("error: {why}")))?,
        _ => Vec::new(),
    };
    let further = if set.is_empty() { Vec::new() } else { vec![laid(&set)] };
    let basin = arguments.overlays.basin(folder, &further).map_err(Failure::Refused)?;
    let start = document.content.horizon.starts.first().and_then(|start| start.get(..10)?.parse().ok());
    let (mut case, goals) = lower(&basin, start).map_err(Failure::Refused)?;
    if let Some(before) = &before {
        let (case, goals) = question(&case, &goals, before, &set);
        return Ok(verify_as(document, &case, &goals, Marks { before: Some(before), ..Marks::default() }));
    }
    if let Some(path) = &arguments.in_force {
        case.in_force = Some(files::in_force(path, &case)?);
    }
    Ok(verify(document, &case, &goals))
}
