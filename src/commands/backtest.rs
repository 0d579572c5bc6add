//! `weir backtest`: how the basin would have fared over the record, had it been dispatched by weir, by the rules, or as it was.
//!
//! Writes into `--out`: `backtest.json` and `backtest.html`. A day without a plan is named with its cause, the run goes on, and the
//! exit code says so.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use weir_report::backtest::{Backtest, page, text};
use weir_report::{Language, both};
use weir_scenarios::backtest::{OBSERVED, Question, backtest};

use super::solve::Format;
use crate::failure::Failure;
use crate::files;
use crate::output::{aside_in, say};

/// Arguments of `weir backtest`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with `basin.toml`.
    dir: PathBuf,
    /// First day of the record that is run.
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    to: Date,
    /// What is known of the inflow to come (several: a run each): docs/backtest.md.
    #[arg(long = "forecast", value_name = "WORD", value_parser = ["perfect", "climatology", "persistence", "given", "tree"], default_value = "perfect")]
    forecasts: Vec<String>,
    /// Forecasts as they were issued, for `--forecast given` and `--forecast tree`.
    #[arg(long, value_name = "FILE.csv", required_if_eq_any([("forecasts", "given"), ("forecasts", "tree")]))]
    given: Option<PathBuf>,
    /// What was really released, to be set beside.
    #[arg(long, value_name = "FILE.csv")]
    observed: Option<PathBuf>,
    /// Releases of another policy, to be carried out and set beside under a name (several: one each).
    #[arg(long, value_name = "NAME=FILE.csv", value_parser = named)]
    released: Vec<(String, PathBuf)>,
    /// Days from a solve to the next.
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=366))]
    every: u16,
    /// Leave out what the runs are set against: `rules`, `hindsight`.
    #[arg(long = "without", value_name = "POLICY", value_parser = ["rules", "hindsight"])]
    without: Vec<String>,
    #[command(flatten)]
    overlays: super::overlays::Overlays,
    /// Folder for the comparison; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to print: tables, or one JSON object.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Language of the tables.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let with = |word: &str| arguments.without.iter().all(|without| without != word);
    let mut forecasts = arguments.forecasts.clone();
    forecasts.dedup();
    let observed = arguments.observed.iter().map(|path| (OBSERVED.to_owned(), path.clone()));
    let question = Question {
        dir: arguments.dir.clone(),
        overlay: arguments.overlays.read().map_err(Failure::Refused)?,
        from: arguments.from,
        to: arguments.to,
        start: Vec::new(),
        every: arguments.every.into(),
        forecasts,
        given: arguments.given.clone(),
        released: observed.chain(arguments.released.iter().cloned()).collect(),
        rules: with("rules"),
        hindsight: with("hindsight"),
    };
    let told = Mutex::new(Instant::now());
    let progress = |policy: &str, done: usize, days: usize| {
        let Ok(mut told) = told.lock() else { return };
        if done == days || told.elapsed() > Duration::from_secs(2) {
            *told = Instant::now();
            let name = weir_report::backtest::policy(policy);
            let said = both(
                format!("weir：{}：{days}天已做{done}天", name.chinese),
                format!("weir: {}: {done} of {days} days", name.english),
            );
            aside_in(arguments.language.into(), &said);
        }
    };
    let found = backtest(&question, &progress).map_err(Failure::Refused)?;
    let out = arguments.out.clone().unwrap_or_else(|| arguments.dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|error| Failure::file("make", &out, &error))?;
    let json = serde_json::to_string(&found).map_err(|error| Failure::Broken(format!("error: {error}")))?;
    files::write(&out.join("backtest.json"), format!("{json}\n").as_bytes())?;
    let html = out.join("backtest.html");
    files::write(&html, page(&found, &[]).as_bytes())?;
    match arguments.format {
        Format::Text => say(&format!("{}{}\n", text(&found, arguments.language.into()), html.display()))?,
        Format::Json => say(&format!("{json}\n"))?,
    }
    failed(&found, arguments.language.into())
}

/// A file under a name.
fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), PathBuf::from(file))),
        _ => Err("expected NAME=FILE.csv, such as `rule_book=rule_book.csv`".to_owned()),
    }
}

/// Says that days failed, each with its cause and what was done instead.
fn failed(found: &Backtest, language: Language) -> Result<(), Failure> {
    let failures = found.policies.iter().flat_map(|policy| policy.failures.iter().map(move |failure| (policy, failure)));
    let told: Vec<String> = failures
        .map(|(policy, weir_report::backtest::Failure { day, days, said, instead, .. })| {
            let (count, instead) = (if *days == 1 { "1 day".to_owned() } else { format!("{days} days") }, instead.phrase());
            let told = both(
                format!("“{}”自{day}起{days}天{}：{}", policy.id, instead.chinese, said.chinese),
                format!("`{}`, {count} from {day}, {}: {}", policy.id, instead.english, said.english),
            );
            told.say(language).to_owned()
        })
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    let head = both("有些天未按方案执行", "days failed");
    Err(Failure::Impossible(format!("error: {}\n{}", head.say(language), told.join("\n"))))
}
