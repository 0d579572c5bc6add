//! `weir orders`: the order sheets 调度令 of an office, and what becomes of each.

use std::path::PathBuf;

use jiff::Timestamp;
use weir_scheduler::orders::sheet::{Sheet, SheetState};
use weir_scheduler::tokens::Role;

use super::service::{OfficeArguments, Step, failure, history, wait};
use crate::failure::Failure;
use crate::files;
use crate::output::{lines, say};

/// Arguments of `weir orders`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    office: OfficeArguments,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Orders, the last to be carried out first.
    List {
        /// Of this plan only.
        #[arg(long)]
        plan: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 20)]
        most: i64,
    },
    /// An order, and every change of it.
    Show {
        /// The order.
        order: String,
    },
    /// Write the sheet 调度令 of an order as a document; that of a draft says so.
    Sheet {
        /// The order.
        order: String,
        /// File to write.
        #[arg(long, value_name = "FILE.docx")]
        out: PathBuf,
        /// The office's own template; the built-in one unless given.
        #[arg(long, value_name = "FILE.docx")]
        template: Option<PathBuf>,
    },
    /// A signer, who neither drafted nor reviewed its plan, signs an order: it gets its number.
    Sign(Step),
    /// It is on its way to the works.
    Sent(Step),
    /// The works has it.
    Received(Step),
    /// The works has set it.
    Executed(Step),
    /// What really flowed.
    Report {
        #[command(flatten)]
        step: Step,
        /// Mean flow, m³/s.
        #[arg(long, value_name = "M3S")]
        actual: f64,
    },
    /// Take an order back.
    Withdraw(Step),
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let now = Timestamp::now();
    let text = wait(async {
        let store = arguments.office.open().await?;
        let (step, to, actual) = match &arguments.what {
            What::List { plan, most } => {
                return Ok(lines(&store.orders(plan.as_deref(), *most).await.map_err(failure)?, line));
            }
            What::Show { order } => {
                let sheet = store.order(order).await.map_err(failure)?;
                return Ok(format!("{}{}", lines(&[sheet], line), history(&store, order).await?));
            }
            What::Sheet { order, out, template } => {
                let sheet = store.order(order).await.map_err(failure)?;
                let plan = store.document(&sheet.plan).await.map_err(failure)?;
                let own = template.as_deref().map(files::template).transpose()?;
                let paper = sheet.paper(&plan, own.as_deref()).map_err(|why| files::refused(template.as_deref(), &why))?;
                files::write(out, &paper)?;
                return Ok(format!("{}\n", out.display()));
            }
            What::Sign(step) => (step, SheetState::Signed, None),
            What::Sent(step) => (step, SheetState::Sent, None),
            What::Received(step) => (step, SheetState::Received, None),
            What::Executed(step) => (step, SheetState::Executed, None),
            What::Report { step, actual } => (step, SheetState::Reported, Some(*actual)),
            What::Withdraw(step) => (step, SheetState::Withdrawn, None),
        };
        let roles: &[Role] = match to {
            SheetState::Signed | SheetState::Withdrawn => &[Role::Signer],
            _ => &[Role::Engineer],
        };
        let who = step.said.who.acts(&store, roles, now).await?;
        let done = match to {
            SheetState::Signed => store.sign_order(&step.subject, &who, &step.said.note, now).await.map(|_| ()),
            SheetState::Withdrawn => store.withdraw_order(&step.subject, &who, &step.said.note, now).await,
            _ => store.mark_order(&step.subject, to, actual, (&who, &step.said.note), now).await,
        };
        done.map_err(failure)?;
        history(&store, &step.subject).await
    })?;
    say(&text)
}

/// An order in a line: id, number, state, who carries it out, what and when, and what really flowed.
fn line(sheet: &Sheet) -> String {
    let order = &sheet.order;
    let flowed = sheet.deviation_m3s().zip(sheet.actual_m3s);
    let flowed = flowed.map_or_else(String::new, |(more, actual)| format!("\t{actual} m³/s, {more:+.1}"));
    format!(
        "{}\t{}\t{}\t{}\t{}\t{} m³/s\t{}{flowed}",
        sheet.id,
        sheet.number,
        sheet.state.word(),
        order.unit,
        order.object,
        order.flow_m3s,
        order.execute_at
    )
}
