//! `weir verify`: whether a plan is what its basin and its certificate say, without a solver.

use std::path::{Path, PathBuf};

use weir_model::document::PlanDocument;
use weir_solver::amend::question;
use weir_solver::marks::Marks;
use weir_solver::verify::{Check, Checked, checked, checked_as};

use crate::failure::Failure;
use crate::files;
use crate::made_from::{MadeFrom, Others, made_from, refuse_parts};
use crate::output::say;

use super::solve::Format;

/// Arguments of `weir verify`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// Folder of the basin that it was made from; without it, only what the document itself holds is checked.
    basin: Option<PathBuf>,
    #[command(flatten)]
    others: Others,
    /// File of a public key that must have signed the plan (several, each).
    #[cfg(feature = "signatures")]
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    #[command(flatten)]
    told: super::Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.basin.is_none() && arguments.others.are_given() {
        let hint = "name the basin's folder behind the plan";
        return Err(Failure::Impossible(format!("error: other plans count only against a basin\n  hint: {hint}")));
    }
    let document = files::plan_as_it_stands(&arguments.plan)?;
    #[cfg(feature = "signatures")]
    let keys = arguments.keys.iter().map(|file| crate::signature::public_key(file)).collect::<Result<Vec<_>, _>>()?;
    // A part of a plan has no sums to agree with: its digest is all that it holds.
    let is_part = document.record.whole.is_some() && arguments.basin.is_none();
    let sums = if is_part { Vec::new() } else { document.content.contradictions() };
    let mut made = Vec::new();
    if let Some(folder) = &arguments.basin {
        refuse_parts(&arguments.plan, &document, &arguments.others)?;
        if sums.is_empty() {
            made = against(&document, folder, &arguments.others)?;
        }
    }
    // What was changed is named beside that something was.
    let mut checks = vec![("document", Some(document.altered().into_iter().chain(sums).collect::<Vec<String>>()))];
    for check in Check::ALL {
        checks.push((check.word(), made.iter().find(|(one, _)| *one == check).map(|(_, faults)| faults.clone())));
    }
    #[cfg(feature = "signatures")]
    {
        let any = !document.record.signatures.is_empty() || !keys.is_empty();
        checks.push(("signatures", any.then(|| crate::signature::faults(&document, &keys))));
    }
    let against_basin = arguments.basin.is_some();
    let faults: Vec<String> = checks.iter().filter_map(|(_, faults)| faults.clone()).flatten().collect();
    let language = arguments.told.language.into();
    let told = weir_report::verified(&document, &faults, against_basin, language);
    #[cfg(feature = "signatures")]
    let told = if faults.is_empty() { told + &weir_report::signed(&document, &keys, language) } else { told };
    let is_json = arguments.told.format == Format::Json;
    if is_json {
        say(&format!("{}\n", weir_report::verified_as_json(&document, &checks, against_basin)))?;
    }
    match faults.is_empty() {
        true if is_json => Ok(()),
        true => say(&told),
        false => Err(Failure::Impossible(told.trim_end().to_owned())),
    }
}

/// A plan held against its basin.
fn against(document: &PlanDocument, folder: &Path, others: &Others) -> Result<Checked, Failure> {
    let MadeFrom { case, goals, changed } = made_from(document, folder, others)?;
    let Some((before, set)) = &changed else { return Ok(checked(document, &case, &goals)) };
    let (case, goals) = question(&case, &goals, before, set);
    Ok(checked_as(document, &case, &goals, Marks { before: Some(before), ..Marks::default() }))
}
