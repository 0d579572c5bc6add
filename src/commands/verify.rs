//! `weir verify`: whether a plan is what its basin and its certificate say, without a solver.

use std::path::{Path, PathBuf};

use weir_model::document::PlanDocument;
use weir_solver::amend::question;
use weir_solver::marks::Marks;
use weir_solver::verify::{verify, verify_as};

use crate::failure::Failure;
use crate::files;
use crate::made_from::{MadeFrom, Others, made_from, refuse_parts};
use crate::output::say;

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
    /// Language of what is said.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
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
    let found = match &arguments.basin {
        // A part of a plan has no sums to agree with: its digest is all that it holds.
        None if document.record.whole.is_some() => Vec::new(),
        None => document.content.contradictions(),
        Some(folder) => {
            refuse_parts(&arguments.plan, &document, &arguments.others)?;
            let faults = document.content.contradictions();
            if faults.is_empty() { against(&document, folder, &arguments.others)? } else { faults }
        }
    };
    // What was changed is named beside that something was.
    let mut faults: Vec<String> = document.altered().into_iter().chain(found).collect();
    let against_basin = arguments.basin.is_some();
    #[cfg(feature = "signatures")]
    faults.extend(crate::signature::faults(&document, &keys));
    let told = weir_report::verified(&document, &faults, against_basin, arguments.language.into());
    #[cfg(feature = "signatures")]
    let told =
        if faults.is_empty() { told + &weir_report::signed(&document, &keys, arguments.language.into()) } else { told };
    if faults.is_empty() { say(&told) } else { Err(Failure::Impossible(told.trim_end().to_owned())) }
}

/// What is wrong with a plan against its basin.
fn against(document: &PlanDocument, folder: &Path, others: &Others) -> Result<Vec<String>, Failure> {
    let MadeFrom { case, goals, changed } = made_from(document, folder, others)?;
    let Some((before, set)) = &changed else { return Ok(verify(document, &case, &goals)) };
    let (case, goals) = question(&case, &goals, before, set);
    Ok(verify_as(document, &case, &goals, Marks { before: Some(before), ..Marks::default() }))
}
