//! `weir show`: the summary of a plan on stdout.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Arguments of `weir show`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// Language of the summary.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let document = files::plan(&arguments.plan)?;
    say(&weir_report::text(&document, arguments.language.into()))
}
