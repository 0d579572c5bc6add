//! `weir sign`: signs a plan with a private key; the signature stands in its record.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::failure::Failure;
use crate::files;
use crate::output::say;
use crate::signature::sign;

/// Arguments of `weir sign`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// File of the private key, as `weir key new` makes it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Who signs.
    #[arg(long, value_name = "NAME", value_parser = name)]
    by: String,
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_control) {
        Err("a name on one line".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut document = files::plan(&arguments.plan)?;
    let signature = sign(&document, &arguments.key, &arguments.by, Timestamp::now())?;
    let said = format!("{}\t{}\t{}\t{}\n", signature.by, signature.at, signature.key, document.record.id);
    document.put_signature(signature);
    files::write(&files::plan_file(&arguments.plan), document.to_json().as_bytes())?;
    say(&said)
}
