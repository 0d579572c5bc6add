//! `weir jobs`: what an office runs, and when.

use jiff::Timestamp;
use weir_scheduler::job::{Approval, Office};
use weir_scheduler::tokens::Role;

use super::service::{OfficeArguments, Who, failure, wait};
use crate::failure::Failure;
use crate::output::{lines, say};

/// Arguments of `weir jobs`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    office: OfficeArguments,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// All jobs.
    List,
    /// The next times at which jobs are due.
    Next {
        /// How many.
        #[arg(default_value_t = 10)]
        count: usize,
        /// Of this job only.
        #[arg(long)]
        job: Option<String>,
        /// After this time (RFC 3339) rather than now.
        #[arg(long, value_name = "TIME")]
        after: Option<Timestamp>,
    },
    /// Start a job now, whatever its timetable says.
    Fire {
        /// The job.
        job: String,
        /// Name of the event that starts it: the same event is one run.
        #[arg(long)]
        event: String,
        #[command(flatten)]
        who: Who,
    },
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let office = wait(arguments.office.in_effect())?;
    match &arguments.what {
        What::List => say(&list(&office)),
        What::Next { count, job, after } => {
            if let Some(id) = job {
                known(&office, id)?;
            }
            say(&next(&office, job.as_deref(), after.unwrap_or_else(Timestamp::now), *count))
        }
        What::Fire { job, event, who } => {
            let job = known(&office, job)?;
            let run = wait(async {
                let (store, now) = (arguments.office.open().await?, Timestamp::now());
                let who = who.acts(&store, &[Role::Engineer], now).await?;
                store.fire(job, now, event, &who).await.map_err(failure)
            })?;
            say(&format!("{run}\n"))
        }
    }
}

fn known<'a>(office: &'a Office, id: &str) -> Result<&'a weir_scheduler::job::Job, Failure> {
    office.job(id).ok_or_else(|| {
        let ids: Vec<&str> = office.jobs.iter().map(|job| job.id.as_str()).collect();
        Failure::Impossible(format!("error: there is no job `{id}`\n  hint: jobs: {}", ids.join(", ")))
    })
}

fn list(office: &Office) -> String {
    lines(&office.jobs, |job| {
        let cron = job.cron.as_deref().unwrap_or_default();
        let approval = if job.approval == Approval::Automatic { "automatic" } else { "signed" };
        let to = job.publish.join(" ");
        let from = job.revision.as_ref().map_or_else(String::new, |change| format!("\tput by {}", change.actor));
        format!("{}\t{}\t{}\t{cron}\t{}\t{approval}\t{to}{from}", job.id, job.product, job.term, job.time_zone)
    })
}

fn next(office: &Office, only: Option<&str>, after: Timestamp, count: usize) -> String {
    let mut times: Vec<(Timestamp, String)> = Vec::new();
    for job in office.jobs.iter().filter(|job| only.is_none_or(|only| job.id == only)) {
        let Some(timetable) = &job.timetable else { continue };
        let due = timetable.between(after, Timestamp::MAX, count).into_iter();
        times.extend(due.map(|time| (time, format!("{}\t{}\n", time.to_zoned(timetable.zone().clone()), job.id))));
    }
    times.sort();
    times.into_iter().take(count).map(|(_, line)| line).collect()
}
