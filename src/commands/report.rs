//! `weir report`: the report page of a plan, one file that works offline.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Arguments of `weir report`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// File to write; `report.html` beside the plan unless given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let document = files::plan(&arguments.plan)?;
    let out = arguments.out.clone().unwrap_or_else(|| {
        if arguments.plan.is_dir() {
            arguments.plan.join("report.html")
        } else {
            arguments.plan.with_file_name("report.html")
        }
    });
    files::write(&out, weir_report::html(&document).as_bytes())?;
    say(&format!("{}\n", out.display()))
}
