//! `weir store`: backup, restoring, and whether an office's store is sound.

use std::path::PathBuf;

use weir_scheduler::backup::{Found, Place, USUAL_AHEAD, look_at};
use weir_scheduler::store::Store;

use super::service::{OfficeArguments, failure, wait};
use crate::failure::Failure;
use crate::output::{lines, say};

/// Arguments of `weir store`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    office: OfficeArguments,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Write a backup into a new file and look whether it is sound; `weir serve` may go on meanwhile.
    Backup {
        /// The file.
        file: PathBuf,
    },
    /// Restore a backup where no store is: into the office's folder, or into the empty database that `--store` names.
    Restore {
        /// The backup.
        file: PathBuf,
        /// How far numbers of revisions, orders and messages go on ahead of the backup's, so that none which was given out
        /// after it is given out again.
        #[arg(long, default_value_t = USUAL_AHEAD, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
        ahead: i64,
    },
    /// Say what the store holds, and whether it is sound.
    Check,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let office = &arguments.office;
    let found = wait(async {
        match &arguments.what {
            What::Backup { file } => {
                let store = as_it_is(office).await?;
                store.backup(file).await.map_err(failure)?;
                store.close().await;
                look_at(file).await.map_err(failure)
            }
            What::Restore { file, ahead } => {
                let place = if let Some(address) = &office.store {
                    Place::Database(address.clone())
                } else {
                    // A folder without jobs.toml is no office, and a store is not made there by mistake.
                    office.read()?;
                    Place::Folder(office.office.clone())
                };
                Store::restore(file, &place, *ahead).await.map_err(failure)?;
                as_it_is(office).await?.look().await.map_err(failure)
            }
            What::Check => as_it_is(office).await?.look().await.map_err(failure),
        }
    })?;
    say(&told(&found))?;
    if found.faults.is_empty() {
        return Ok(());
    }
    let hint = "restore the last backup that `weir store check` finds sound";
    Err(Failure::Broken(format!("error: the store is not sound:\n  {}\n  hint: {hint}", found.faults.join("\n  "))))
}

/// The store of an office, of whatever version.
async fn as_it_is(office: &OfficeArguments) -> Result<Store, Failure> {
    if let Some(address) = &office.store {
        return Store::connect(address).await.map_err(failure);
    }
    let file = office.office.join(weir_scheduler::store::FILE);
    if !file.is_file() {
        let hint = "`--office DIR`, or `--store URL`; `weir serve` makes it at its first start";
        return Err(Failure::Impossible(format!("error: there is no {}\n  hint: {hint}", file.display())));
    }
    Store::connect(&format!("sqlite://{}?mode=rw", file.display())).await.map_err(failure)
}

fn told(found: &Found) -> String {
    let missing: Vec<String> = found.missing.iter().map(ToString::to_string).collect();
    let missing =
        if missing.is_empty() { String::new() } else { format!(", the next start applies {}", missing.join(", ")) };
    format!("migration {}{missing}\n{}", found.migration, lines(&found.counts, |(what, count)| format!("{count}\t{what}")))
}
