//! `weir commands`: the orders from above 调度命令 that arrived at an office, which its runs lay over their basins.

use jiff::Timestamp;
use weir_model::setting::Setting;
use weir_scheduler::commands::{Command, check, subject};
use weir_scheduler::tokens::Role;

use super::service::{OfficeArguments, Said, Step, failure, history, wait};
use crate::failure::Failure;
use crate::output::{lines, say};

/// Arguments of `weir commands`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    office: OfficeArguments,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Put an order in: every run that is solved from now on holds it, until it is ended or over.
    Add(Box<Add>),
    /// Orders, the last put in first.
    List {
        /// Those that were ended, too.
        #[arg(long)]
        all: bool,
    },
    /// An order, and every change of it.
    Show {
        /// The order.
        command: String,
    },
    /// An order stands no more.
    End(Step),
}

#[derive(clap::Args)]
struct Add {
    /// Its id, which no element of the basin has.
    id: String,
    /// Folder of the basin, as `jobs.toml` has it.
    #[arg(long)]
    basin: String,
    /// Who gave it: 温州市防指.
    #[arg(long)]
    issuer: String,
    /// Its number: 〔2026〕12号.
    #[arg(long)]
    number: String,
    /// What it orders, as people read it.
    #[arg(long, default_value = "")]
    name: String,
    /// What it is on: `shanxi.outflow`, a gate `shanxi.gate`, `shanxi.level`.
    #[arg(long)]
    on: String,
    /// First day, or first moment, local: 2026-07-01, 2026-07-01T08:00.
    #[arg(long)]
    from: String,
    /// Last day, or the moment that ends it.
    #[arg(long)]
    to: String,
    /// The flow, m³/s.
    #[arg(long, value_name = "M3S")]
    flow: Option<f64>,
    /// The least flow, m³/s.
    #[arg(long, value_name = "M3S")]
    minimum: Option<f64>,
    /// The greatest flow, m³/s.
    #[arg(long, value_name = "M3S")]
    maximum: Option<f64>,
    /// The level, m.
    #[arg(long, value_name = "M")]
    level: Option<f64>,
    /// The lowest level, m.
    #[arg(long, value_name = "M")]
    minimum_level: Option<f64>,
    /// The highest level, m.
    #[arg(long, value_name = "M")]
    maximum_level: Option<f64>,
    #[command(flatten)]
    said: Said,
}

impl Add {
    fn holds(&self) -> Setting {
        let bounds = [
            ("flow_m3s", self.flow),
            ("minimum_m3s", self.minimum),
            ("maximum_m3s", self.maximum),
            ("level_m", self.level),
            ("minimum_level_m", self.minimum_level),
            ("maximum_level_m", self.maximum_level),
        ];
        Setting {
            id: self.id.clone(),
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            number: self.number.clone(),
            on: self.on.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            bounds: bounds.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect(),
        }
    }
}

/// Who may put orders in and end them.
const ROLES: [Role; 3] = [Role::Engineer, Role::Reviewer, Role::Signer];

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let now = Timestamp::now();
    let text = wait(async {
        let store = arguments.office.open().await?;
        match &arguments.what {
            What::Add(add) => {
                let who = add.said.who.acts(&store, &ROLES, now).await?;
                let holds = add.holds();
                check(&arguments.office.office, &arguments.office.in_effect().await?, &add.basin, &holds)
                    .map_err(failure)?;
                store.add_command(&add.basin, &holds, &who, &add.said.note, now).await.map_err(failure)?;
                history(&store, &subject(&add.id)).await
            }
            What::List { all } => Ok(lines(&store.commands(*all).await.map_err(failure)?, line)),
            What::Show { command } => {
                let found = store.command(command).await.map_err(failure)?;
                let Some(found) = found else {
                    let why = format!("error: there is no command `{command}`\n  hint: `weir commands list --all`");
                    return Err(Failure::Impossible(why));
                };
                Ok(format!("{}{}", lines(&[found], line), history(&store, &subject(command)).await?))
            }
            What::End(step) => {
                let who = step.said.who.acts(&store, &ROLES, now).await?;
                store.end_command(&step.subject, &who, &step.said.note, now).await.map_err(failure)?;
                history(&store, &subject(&step.subject)).await
            }
        }
    })?;
    say(&text)
}

/// An order in a line: id, basin, paper, what it holds and when, and who ended it.
fn line(command: &Command) -> String {
    let Setting { id, issuer, number, on, from, to, .. } = &command.holds;
    let ended = command.ended.map_or_else(String::new, |at| format!("\tended by {} at {at}", command.ended_by));
    format!("{id}\t{}\t{issuer} {number}\t{on} {}\t{from} – {to}{ended}", command.basin, command.holds.said())
}
