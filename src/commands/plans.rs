//! `weir plans`: the plans of an office, and what people do with them.

use jiff::Timestamp;
use weir_scheduler::plans::{Choice, Status};
use weir_scheduler::tokens::Role;

use super::service::{OfficeArguments, Step, actor, failure, history, wait};
use crate::failure::Failure;
use crate::output::{lines, say};

/// Arguments of `weir plans`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    office: OfficeArguments,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Plans, the last made first.
    List {
        /// Of this product only.
        #[arg(long)]
        product: Option<String>,
        /// Of this term only.
        #[arg(long)]
        term: Option<String>,
        /// Of this status only.
        #[arg(long, value_parser = status)]
        status: Option<Status>,
        /// How many.
        #[arg(long, default_value_t = 20)]
        most: i64,
    },
    /// The summary of a plan, and every change of it.
    Show {
        /// The plan.
        plan: String,
        /// Its document rather than the summary.
        #[arg(long)]
        document: bool,
    },
    /// A reviewer, who did not draft it, has seen a plan.
    Review(Step),
    /// A signer, who neither drafted nor reviewed it, signs a plan.
    Sign(Step),
    /// Take a plan back.
    Withdraw(Step),
    /// Send the plan in force to a publisher again, or what never arrived of another plan's end, a failed run or an order.
    Publish {
        /// The plan; or the run or order, as `dead` names it.
        plan: String,
        /// The publisher.
        #[arg(long)]
        to: String,
        /// Who asks; once the office has tokens, WEIR_TOKEN says it.
        #[arg(long)]
        by: Option<String>,
    },
    /// Messages that never arrived.
    Dead,
}

fn status(word: &str) -> Result<Status, String> {
    Status::ALL.into_iter().find(|status| status.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Status::ALL.iter().map(|status| status.word()).collect();
        format!("one of {}", words.join(", "))
    })
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let now = Timestamp::now();
    let text = wait(async {
        let store = arguments.office.open().await?;
        match &arguments.what {
            What::List { product, term, status, most } => {
                let choice = Choice { product: product.clone(), term: term.clone(), status: *status, ..Choice::default() };
                let plans = store.plans(&choice, *most).await.map_err(failure)?;
                let line = |plan: &weir_scheduler::plans::PlanRow| {
                    format!(
                        "{}\t{}\t{}\t{} – {}\t{}",
                        plan.id,
                        plan.status.word(),
                        plan.alternative,
                        plan.valid_from,
                        plan.valid_to,
                        plan.run
                    )
                };
                Ok(lines(&plans, line))
            }
            What::Show { plan, document } => {
                let found = store.document(plan).await.map_err(failure)?;
                if *document {
                    return Ok(found.to_json());
                }
                let summary = weir_report::text(&found, weir_report::Language::Chinese);
                Ok(format!("{summary}\n{}", history(&store, plan).await?))
            }
            What::Review(step) => {
                let who = actor(&store, step.by.as_deref(), &[Role::Reviewer], now).await?;
                store.review(&step.subject, &who, &step.note, now).await.map_err(failure)?;
                history(&store, &step.subject).await
            }
            What::Sign(step) => {
                let who = actor(&store, step.by.as_deref(), &[Role::Signer], now).await?;
                store.sign(&step.subject, &who, &step.note, now).await.map_err(failure)?;
                history(&store, &step.subject).await
            }
            What::Withdraw(step) => {
                let who = actor(&store, step.by.as_deref(), &[Role::Reviewer, Role::Signer], now).await?;
                store.withdraw(&step.subject, &who, &step.note, now).await.map_err(failure)?;
                history(&store, &step.subject).await
            }
            What::Publish { plan, to, by } => {
                let who = actor(&store, by.as_deref(), &[Role::Engineer], now).await?;
                let office = arguments.office.read()?;
                if !office.publishers.iter().any(|publisher| publisher.id == *to) {
                    let ids: Vec<&str> = office.publishers.iter().map(|publisher| publisher.id.as_str()).collect();
                    let hint = format!("publishers: {}", ids.join(", "));
                    return Err(Failure::Impossible(format!("error: there is no publisher `{to}`\n  hint: {hint}")));
                }
                store.send_again(plan, to, &who, now).await.map_err(failure)?;
                Ok(format!("{plan} goes to {to} with the next beat of `weir serve`\n"))
            }
            What::Dead => {
                let dead = store.messages("dead", 1000).await.map_err(failure)?;
                let line = |message: &weir_scheduler::outbox::Message| {
                    format!(
                        "{}\t{}\t{}\t{}\t{}",
                        message.sequence,
                        message.publisher,
                        message.kind.word(),
                        message.subject,
                        message.error
                    )
                };
                Ok(lines(&dead, line))
            }
        }
    })?;
    say(&text)
}
