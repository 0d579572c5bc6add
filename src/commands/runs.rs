//! `weir runs`: what became of the times at which jobs were due.

use jiff::Timestamp;
use weir_scheduler::tokens::Role;

use super::service::{OfficeArguments, actor, failure, wait};
use crate::failure::Failure;
use crate::output::{lines, say};

/// Arguments of `weir runs`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    office: OfficeArguments,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Runs, the last due first.
    List {
        /// Of this job only.
        #[arg(long)]
        job: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 20)]
        most: i64,
    },
    /// Every change of a run.
    Show {
        /// The run.
        run: String,
    },
    /// End a run.
    Cancel {
        /// The run.
        run: String,
        /// Who ends it; once the office has tokens, WEIR_TOKEN says it.
        #[arg(long)]
        by: Option<String>,
        /// Why.
        #[arg(long)]
        because: String,
    },
    /// Run again what failed, was cancelled or passed over.
    Retry {
        /// The run.
        run: String,
        /// Who asks; once the office has tokens, WEIR_TOKEN says it.
        #[arg(long)]
        by: Option<String>,
    },
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let now = Timestamp::now();
    let text = wait(async {
        let store = arguments.office.open().await?;
        match &arguments.what {
            What::List { job, most } => {
                let runs = store.runs(job.as_deref(), *most).await.map_err(failure)?;
                Ok(lines(&runs, |run| format!("{}\t{}\t{}\t{}", run.id, run.state.word(), run.plan, run.reason)))
            }
            What::Show { run } => {
                if store.run(run).await.map_err(failure)?.is_none() {
                    return Err(Failure::Impossible(format!("error: there is no run `{run}`\n  hint: `weir runs list`")));
                }
                super::service::history(&store, run).await
            }
            What::Cancel { run, by, because } => {
                let who = actor(&store, by.as_deref(), &[Role::Engineer], now).await?;
                store.cancel(run, now, &who, because).await.map_err(failure)?;
                super::service::history(&store, run).await
            }
            What::Retry { run, by } => {
                let who = actor(&store, by.as_deref(), &[Role::Engineer], now).await?;
                store.retry(run, now, &who).await.map_err(failure)?;
                super::service::history(&store, run).await
            }
        }
    })?;
    say(&text)
}
