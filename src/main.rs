//! The command `weir`: arguments, one `match`, exit codes.
//!
//! Data go to stdout, logs and progress to stderr. Exit codes: 0 done, 1 refused or infeasible (with the reason),
//! 2 broken (a file that cannot be written, an engine that failed), 75 interrupted (run it again, and it goes on).

#[macro_use]
mod output;

mod commands;
mod failure;
mod files;
mod made_from;
#[cfg(feature = "scenarios")]
mod progress;
#[cfg(feature = "signatures")]
mod signature;
mod solving;
mod supply_order;

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use weir_report::Language;

/// Multi-objective reservoir dispatch: from a basin on disk to a plan that can be read, checked and charted.
#[derive(Parser)]
#[command(name = "weir", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new basin folder from an example, or list what a basin file may hold.
    New(commands::new::Arguments),
    /// Check a basin: read it, lower it, and say what a solve would do; solves nothing.
    Check(commands::check::Arguments),
    /// Solve a basin, and write plan, series and report.
    Solve(commands::solve::Arguments),
    /// Change a plan by hand: what is set is carried out, the rest stays as planned, and the cost is told.
    Amend(commands::amend::Arguments),
    /// Solve a basin by several methods, and set side by side what each does to whom.
    Methods(commands::methods::Arguments),
    /// Solve a basin with files of changes, and set side by side what each does to whom.
    #[cfg(feature = "scenarios")]
    WhatIf(commands::what_if::Arguments),
    /// Solve a basin over ranges of numbers, and tell how much each range does to each goal.
    #[cfg(feature = "scenarios")]
    Sweep(commands::sweep::Arguments),
    /// Explore what goals can be together: a front, each point of which can be made a plan.
    #[cfg(feature = "scenarios")]
    Pareto(commands::pareto::Arguments),
    /// Solve many members in parts that run anywhere: plan, run, status, merge, submit.
    #[cfg(feature = "scenarios")]
    Shard(commands::shard::Arguments),
    /// Solve many futures of a basin, and one plan now for all of them where a tree is asked.
    #[cfg(feature = "scenarios")]
    Ensemble(commands::ensemble::Arguments),
    /// Run a basin over its record: solved anew day by day with what was known then, against the rules and what was really released.
    #[cfg(feature = "scenarios")]
    Backtest(commands::backtest::Arguments),
    /// Check a plan against its basin and its certificate, without a solver.
    Verify(commands::verify::Arguments),
    /// Keys to sign plans with.
    #[cfg(feature = "signatures")]
    Key(commands::key::Arguments),
    /// Sign a plan with a private key.
    #[cfg(feature = "signatures")]
    Sign(commands::sign::Arguments),
    /// Solve a plan again from what it records: the same bytes, or what differs.
    Replay(commands::replay::Arguments),
    /// Explain a plan: what water is worth, where a little more would go, what binds, why something is short.
    Explain(commands::explain::Arguments),
    /// What a plan has otherwise than another, and why.
    Diff(commands::diff::Arguments),
    /// How many days the water lasts, by dry year and saving level, and when reservoirs come to their levels.
    #[cfg(feature = "scenarios")]
    Days(commands::days::Arguments),
    /// How often a record's years are as dry as this: fitted curve, values by frequency, the year that stands for each.
    Frequency(commands::frequency::Arguments),
    /// Print the summary of a plan.
    Show(commands::show::Arguments),
    /// Write the report page of a plan.
    Report(commands::report::Arguments),
    /// Run an office's jobs on their timetable, and publish their plans, until told to stop.
    #[cfg(feature = "scheduler")]
    Serve(commands::serve::Arguments),
    /// What an office runs, and when.
    #[cfg(feature = "scheduler")]
    Jobs(commands::jobs::Arguments),
    /// What became of the times at which jobs were due.
    #[cfg(feature = "scheduler")]
    Runs(commands::runs::Arguments),
    /// The order sheets of an office: list, show, sheet, sign, sent, received, executed, report, withdraw.
    #[cfg(feature = "scheduler")]
    Orders(commands::orders::Arguments),
    /// The orders from above that an office's runs hold: add, list, show, end.
    #[cfg(feature = "scheduler")]
    Commands(commands::commands_in::Arguments),
    /// The plans of an office: list, show, amend, review, sign, withdraw, publish.
    #[cfg(feature = "scheduler")]
    Plans(commands::plans::Arguments),
    /// Who may ask an office's API and act on its plans.
    #[cfg(feature = "scheduler")]
    Token(commands::token::Arguments),
    /// The store of an office: backup, restore, check.
    #[cfg(feature = "scheduler")]
    Store(commands::store::Arguments),
}

fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let language = spoken(&matches);
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(why) => why.exit(),
    };
    let done = match arguments.command {
        Command::New(arguments) => commands::new::run(&arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Solve(arguments) => commands::solve::run(&arguments),
        Command::Amend(arguments) => commands::amend::run(&arguments),
        Command::Methods(arguments) => commands::methods::run(&arguments),
        #[cfg(feature = "scenarios")]
        Command::WhatIf(arguments) => commands::what_if::run(&arguments),
        #[cfg(feature = "scenarios")]
        Command::Sweep(arguments) => commands::sweep::run(&arguments),
        #[cfg(feature = "scenarios")]
        Command::Pareto(arguments) => commands::pareto::run(&arguments),
        #[cfg(feature = "scenarios")]
        Command::Shard(arguments) => commands::shard::run(&arguments),
        #[cfg(feature = "scenarios")]
        Command::Ensemble(arguments) => commands::ensemble::run(&arguments),
        #[cfg(feature = "scenarios")]
        Command::Backtest(arguments) => commands::backtest::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        #[cfg(feature = "signatures")]
        Command::Key(arguments) => commands::key::run(&arguments),
        #[cfg(feature = "signatures")]
        Command::Sign(arguments) => commands::sign::run(&arguments),
        Command::Replay(arguments) => commands::replay::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Diff(arguments) => commands::diff::run(&arguments),
        #[cfg(feature = "scenarios")]
        Command::Days(arguments) => commands::days::run(&arguments),
        Command::Frequency(arguments) => commands::frequency::run(&arguments),
        Command::Show(arguments) => commands::show::run(&arguments),
        Command::Report(arguments) => commands::report::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Serve(arguments) => commands::serve::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Jobs(arguments) => commands::jobs::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Runs(arguments) => commands::runs::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Orders(arguments) => commands::orders::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Commands(arguments) => commands::commands_in::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Plans(arguments) => commands::plans::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Token(arguments) => commands::token::run(&arguments),
        #[cfg(feature = "scheduler")]
        Command::Store(arguments) => commands::store::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            aside!("{}", failure.said(language));
            ExitCode::from(failure.code())
        }
    }
}

/// The language that a command is asked to speak; English of one that is not asked.
fn spoken(matches: &ArgMatches) -> Language {
    if let Some((_, matches)) = matches.subcommand() {
        return spoken(matches);
    }
    let asked = matches.try_get_one::<commands::Language>("language").ok().flatten();
    asked.map_or(Language::English, |asked| (*asked).into())
}
