//! `weir plans`: the plans of an office, and what people do with them.

use jiff::Timestamp;
use weir_model::document::{Causes, PlanDocument};
use weir_scheduler::amend::{NotAmended, amend_plan};
use weir_scheduler::deviations::Followed;
use weir_scheduler::plans::{Choice, PlanRow, Status};
use weir_scheduler::store::Store;
use weir_scheduler::tokens::Role;

use super::service::{OfficeArguments, Step, Who, failure, history, wait};
use super::solve::Format;
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
    /// What a plan has otherwise than another: uses, goals, the largest change of each series, warnings; and why.
    Diff {
        /// The other plan.
        before: String,
        /// The plan.
        after: String,
        /// Also split the difference by cause, by solving the questions between theirs, made again of what the store holds.
        #[arg(long)]
        causes: bool,
        #[command(flatten)]
        told: super::Told,
    },
    /// What came of a plan's parent until the plan began, of one without a parent of itself until now: planned, actual, deviation,
    /// cause.
    Deviations {
        /// The plan.
        plan: String,
        #[command(flatten)]
        told: super::Told,
    },
    /// Check a plan against its certificate and its question, made again of what its run stood on, without a solver.
    Verify {
        /// The plan.
        plan: String,
        /// Folder of its basin as it was, where it has changed since; the job's unless given.
        #[arg(long, value_name = "DIR")]
        basin: Option<std::path::PathBuf>,
        /// Language of what is said.
        #[arg(long, value_enum, default_value_t)]
        language: super::Language,
    },
    /// Change a plan by hand: into a new draft, whose drafter is who changed it.
    Amend {
        #[command(flatten)]
        step: Step,
        /// What is set, again for each: `shanxi.turbines.flow@2026-07-01..03=120`.
        #[arg(long = "set", value_name = "ADDRESS@DATES=VALUE", required = true)]
        sets: Vec<String>,
    },
    /// Choose the plan of a run that goes on to review, with the minutes of the consultation 会商.
    Choose {
        /// The run.
        run: String,
        /// The plan.
        #[arg(long)]
        plan: String,
        /// Minutes: who was there, and why.
        #[arg(long, required_unless_present = "minutes_file")]
        minutes: Option<String>,
        /// A text file with the minutes.
        #[arg(long, value_name = "FILE", conflicts_with = "minutes")]
        minutes_file: Option<std::path::PathBuf>,
        #[command(flatten)]
        who: Who,
    },
    /// A reviewer, who did not draft it, has seen a plan.
    Review(Step),
    /// A signer, who neither drafted nor reviewed it, signs a plan.
    Sign(Signing),
    /// Take a plan back.
    Withdraw(Step),
    /// Send the plan in force to a publisher again, or what never arrived of another plan's end, a failed run or an order.
    Publish {
        /// The plan; or the run or order, as `dead` names it.
        plan: String,
        /// The publisher.
        #[arg(long)]
        to: String,
        #[command(flatten)]
        who: Who,
    },
    /// Messages that never arrived.
    Dead,
}

/// How a plan is signed.
#[derive(clap::Args)]
struct Signing {
    #[command(flatten)]
    step: Step,
    /// File of the signer's private key, as `weir key new` makes it: its signature stands in the plan's record.
    #[cfg(feature = "signatures")]
    #[arg(long, value_name = "FILE")]
    key: Option<std::path::PathBuf>,
}

/// What was checked of a plan, a line each: what, how it came out, what was seen.
fn checks(document: &PlanDocument, plan: &PlanRow, language: weir_report::Language) -> String {
    lines(&plan.checks, |check| {
        let said = |text: &str| weir_report::words::word(text).say(language).to_owned();
        let text = weir_report::sentence(document, &check.text, language);
        format!("{}\t{}\t{text}", said(&check.check), said(check.verdict.word()))
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::Broken(format!("error: {error}")))?;
    Ok(text + "\n")
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
                let line = |plan: &PlanRow| {
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
                if *document {
                    return Ok(store.document(plan).await.map_err(failure)?.to_json());
                }
                shown(&store, plan).await
            }
            What::Diff { before: earlier, after: later, causes, told } => {
                let before = store.document(earlier).await.map_err(failure)?;
                let after = store.document(later).await.map_err(failure)?;
                let split = if *causes { Some(split(&arguments.office, &store, earlier, later).await?) } else { None };
                Ok(super::diff::told(&before, &after, split.as_ref(), told.format, told.language))
            }
            What::Deviations { plan, told } => {
                let office = arguments.office.read()?;
                let Followed { plan, document, deviations } = store.followed(&office, plan, now).await.map_err(failure)?;
                match told.format {
                    Format::Json => json(&serde_json::json!({ "plan": plan, "deviations": deviations })),
                    Format::Text => Ok(weir_report::follow::text(&document, &plan, &deviations, told.language.into())),
                }
            }
            What::Verify { plan, basin, language } => {
                let in_effect = arguments.office.in_effect().await?;
                let office = (arguments.office.office.as_path(), &in_effect);
                let (document, faults) = store.verified(office, plan, basin.as_deref()).await.map_err(failure)?;
                let said = weir_report::verified(&document, &faults, true, (*language).into());
                if faults.is_empty() { Ok(said) } else { Err(Failure::Impossible(said.trim_end().to_owned())) }
            }
            What::Amend { step, sets } => amended(&arguments.office, &store, step, sets, now).await,
            What::Choose { run, plan, minutes, minutes_file, who } => {
                let minutes = read_minutes(minutes.as_deref(), minutes_file.as_deref())?;
                let who = who.acts(&store, &[Role::Engineer, Role::Reviewer], now).await?;
                store.choose(run, plan, minutes.trim(), &who, now).await.map_err(failure)?;
                history(&store, run).await
            }
            What::Review(step) => {
                let who = step.said.who.acts(&store, &[Role::Reviewer], now).await?;
                store.review(&step.subject, &who, &step.said.note, now).await.map_err(failure)?;
                history(&store, &step.subject).await
            }
            What::Sign(signing) => signed(&store, signing, now).await,
            What::Withdraw(step) => {
                let who = step.said.who.acts(&store, &[Role::Reviewer, Role::Signer], now).await?;
                store.withdraw(&step.subject, &who, &step.said.note, now).await.map_err(failure)?;
                history(&store, &step.subject).await
            }
            What::Publish { plan, to, who } => {
                let who = who.acts(&store, &[Role::Engineer], now).await?;
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

/// Signs a plan, by a key too where one is given.
async fn signed(store: &Store, signing: &Signing, now: Timestamp) -> Result<String, Failure> {
    let Step { subject, said } = &signing.step;
    let who = said.who.acts(store, &[Role::Signer], now).await?;
    #[cfg(feature = "signatures")]
    let signature = match &signing.key {
        Some(key) => Some(crate::signature::sign(&store.document(subject).await.map_err(failure)?, key, &who, now)?),
        None => None,
    };
    #[cfg(not(feature = "signatures"))]
    let signature = None;
    store.sign_by_key(subject, (&who, &said.note), signature, now).await.map_err(failure)?;
    history(store, subject).await
}

/// The difference of two plans by cause.
async fn split(office: &OfficeArguments, store: &Store, before: &str, after: &str) -> Result<Causes, Failure> {
    let in_effect = office.in_effect().await?;
    aside!("weir: solving the questions between …");
    store.causes((&office.office, &in_effect), before, after).await.map_err(failure)
}

/// The summary of a plan, and every change of it.
async fn shown(store: &Store, plan: &str) -> Result<String, Failure> {
    let found = store.document(plan).await.map_err(failure)?;
    let language = weir_report::Language::Chinese;
    let row = store.plan(plan).await.map_err(failure)?;
    let checks = row.map(|row| checks(&found, &row, language)).unwrap_or_default();
    Ok(format!("{}\n{checks}{}", weir_report::text(&found, language), history(store, plan).await?))
}

/// Changes a plan by hand, and tells the new draft.
async fn amended(
    office: &OfficeArguments,
    store: &Store,
    step: &Step,
    sets: &[String],
    now: Timestamp,
) -> Result<String, Failure> {
    let who = step.said.who.acts(store, &[Role::Engineer], now).await?;
    let in_effect = office.in_effect().await?;
    let by = (who.as_str(), step.said.note.as_str());
    let made = amend_plan((&office.office, &in_effect), store, &step.subject, sets, by, now).await;
    let made = made.map_err(|why| match why {
        NotAmended::Store(why) => failure(why),
        NotAmended::Sets(why) => Failure::Impossible(format!("error: {why}")),
    })?;
    shown(store, &made).await
}

/// Minutes as given, or from a file.
fn read_minutes(text: Option<&str>, file: Option<&std::path::Path>) -> Result<String, Failure> {
    let Some(file) = file else { return Ok(text.unwrap_or_default().to_owned()) };
    std::fs::read_to_string(file)
        .map_err(|error| Failure::Impossible(format!("error: cannot read {}: {error}", file.display())))
}
