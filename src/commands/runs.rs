//! `weir runs`: what became of the times at which jobs were due.

use jiff::Timestamp;
use weir_report::side_by_side;
use weir_scheduler::tokens::Role;

use super::service::{OfficeArguments, Who, failure, history, wait};
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
    /// The plans of a run side by side.
    Compare {
        /// The run.
        run: String,
        /// Also write it as a page.
        #[arg(long, value_name = "FILE.html")]
        page: Option<std::path::PathBuf>,
        #[command(flatten)]
        told: super::Told,
    },
    /// End a run.
    Cancel {
        /// The run.
        run: String,
        #[command(flatten)]
        who: Who,
        /// Why.
        #[arg(long)]
        because: String,
    },
    /// Run again what failed, was cancelled or passed over.
    Retry {
        /// The run.
        run: String,
        #[command(flatten)]
        who: Who,
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
                Ok(lines(&runs, |run| format!("{}\t{}\t{}\t{}", run.id, run.state.word(), run.plan, one_line(&run.reason))))
            }
            What::Show { run } => {
                if store.run(run).await.map_err(failure)?.is_none() {
                    return Err(Failure::Impossible(format!("error: there is no run `{run}`\n  hint: `weir runs list`")));
                }
                history(&store, run).await
            }
            What::Compare { run, page, told } => {
                let tried = store.side_by_side(run).await.map_err(failure)?;
                let chosen = store.chosen(run).await.map_err(failure)?;
                let said = chosen.as_ref().map(side_by_side::chosen);
                if let Some(page) = page {
                    let text = side_by_side::page(&tried, &side_by_side::of_plans(), said.as_slice());
                    crate::files::write(page, text.as_bytes())?;
                }
                let language = told.language.into();
                Ok(match told.format {
                    super::solve::Format::Text => {
                        let said = said.map_or_else(String::new, |said| said.say(language).to_owned() + "\n\n");
                        said + &side_by_side::text(&tried, language)
                    }
                    super::solve::Format::Json => {
                        let mut json = side_by_side::json(&tried, ["plan", "plans"]);
                        json["choice"] = serde_json::json!(chosen);
                        format!("{json}\n")
                    }
                })
            }
            What::Cancel { run, who, because } => {
                let who = who.acts(&store, &[Role::Engineer], now).await?;
                store.cancel(run, now, &who, because).await.map_err(failure)?;
                history(&store, run).await
            }
            What::Retry { run, who } => {
                let who = who.acts(&store, &[Role::Engineer], now).await?;
                store.retry(run, now, &who).await.map_err(failure)?;
                history(&store, run).await
            }
        }
    })?;
    say(&text)
}

/// A reason on one line: what stands on its first, and a sign that there is more, which `weir runs show` tells.
fn one_line(reason: &str) -> String {
    match reason.trim_end().split_once('\n') {
        Some((first, _)) => format!("{} …", first.trim_end()),
        None => reason.trim_end().to_owned(),
    }
}
