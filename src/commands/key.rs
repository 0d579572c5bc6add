//! `weir key`: keys to sign plans with.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::output::say;
use crate::signature::new_key;

/// Arguments of `weir key`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Make a new key: the private one in FILE, which only its owner may read, the public one in FILE.pub.
    New {
        /// File of the private key; one that is there is never overwritten.
        file: PathBuf,
    },
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let What::New { file } = &arguments.what;
    let (beside, public) = new_key(file)?;
    say(&format!("{}\tprivate: keep it, and give it to nobody\n{}\tpublic: {public}\n", file.display(), beside.display()))
}
