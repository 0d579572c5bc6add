//! `weir token`: who may ask an office's API and act on its plans.

use jiff::{SignedDuration, Timestamp};
use weir_scheduler::tokens::{LONGEST_DAYS, Role, Token, USUAL_DAYS};

use super::service::{OfficeArguments, failure, wait};
use crate::failure::Failure;
use crate::output::{lines, say};

/// Arguments of `weir token`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    office: OfficeArguments,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Make a token; it is printed this once.
    New {
        /// Whose it is: the actor of all that is done with it.
        name: String,
        /// What it allows: viewer, engineer, reviewer, signer or admin.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Days that it holds.
        #[arg(long, default_value_t = USUAL_DAYS, value_parser = clap::value_parser!(i64).range(1..=LONGEST_DAYS))]
        days: i64,
    },
    /// All tokens, without what their bearers show.
    List,
    /// Revoke the token of a name, at once.
    Revoke {
        /// Whose it is.
        name: String,
    },
}

fn role(word: &str) -> Result<Role, String> {
    Role::of(word).ok_or_else(|| {
        let words: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
        format!("one of {}", words.join(", "))
    })
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let now = Timestamp::now();
    let by = "command line";
    let text = wait(async {
        // A folder without jobs.toml is no office, and a store is not made there by mistake.
        arguments.office.read()?;
        let store = arguments.office.open().await?;
        match &arguments.what {
            What::New { name, role, days } => {
                let expires = now.saturating_add(SignedDuration::from_hours(24 * days));
                let expires = expires.map_err(|error| Failure::Impossible(format!("error: {error}")))?;
                let secret = store.new_token(name, *role, expires, by, now).await.map_err(failure)?;
                Ok(format!("{secret}\n"))
            }
            What::List => {
                let tokens = store.tokens().await.map_err(failure)?;
                let line = |token: &Token| {
                    let state = token.refused(now).unwrap_or_else(|| format!("until {}", token.expires));
                    format!("{}\t{}\t{state}\tby {}", token.name, token.role.word(), token.created_by)
                };
                Ok(lines(&tokens, line))
            }
            What::Revoke { name } => {
                store.revoke_token(name, by, now).await.map_err(failure)?;
                Ok(format!("{name} has no token now\n"))
            }
        }
    })?;
    say(&text)
}
