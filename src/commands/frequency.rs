//! `weir frequency`: how often the years of a basin's record are as dry as this (docs/frequency.md).

use std::path::PathBuf;

use jiff::civil::Date;
use weir_model::basin::Basin;
use weir_model::basin::nearest::hint;
use weir_model::elements::Element;
use weir_model::frequency::{Analysis, Weights};
use weir_model::record::{Record, Span};

use super::solve::Format;
use crate::failure::Failure;
use crate::output::say;

/// Arguments of `weir frequency`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with `basin.toml`.
    dir: PathBuf,
    /// An inflow with a record; all of them together unless given.
    #[arg(value_name = "INFLOW")]
    inflows: Vec<String>,
    /// First day of the span in each year.
    #[arg(long, value_name = "MM-DD", default_value = "01-01", value_parser = day_of_year)]
    from: Date,
    /// Days of the span.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// Which points count most in fitting: all alike, the dry or the wet end.
    #[arg(long, default_value = "dry", value_parser = clap::builder::PossibleValuesParser::new(Weights::WORDS.map(|(word, _)| word)))]
    weights: String,
    #[command(flatten)]
    told: super::Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let basin = Basin::read(&arguments.dir).map_err(Failure::Refused)?;
    let known = basin.records().map_err(Failure::Refused)?;
    let span = Span { from: arguments.from, days: arguments.days as usize };
    let weights = Weights::WORDS.into_iter().find(|(word, _)| *word == arguments.weights);
    let weights = weights.map_or_else(Weights::default, |(_, weights)| weights);
    let analysis = |of: (&str, &str), records: &[(&dyn Element, &Record)]| {
        let days: Vec<&Record> = records.iter().map(|(_, record)| *record).collect();
        let assumed = records.iter().any(|(element, _)| element.record().is_some_and(|record| record.assumed));
        let told = Analysis::new(of, &days, &span, weights);
        told.map(|told| Analysis { assumed, ..told }).map_err(|why| Failure::Impossible(format!("error: `{}`: {why}", of.0)))
    };
    let mut analyses = Vec::new();
    for id in &arguments.inflows {
        let found = known.iter().find(|(element, _)| element.head().id == *id);
        let (element, record) = found.ok_or_else(|| unknown(id, &known))?;
        analyses.push(analysis((id, &element.head().name), &[(*element, record)])?);
    }
    if arguments.inflows.is_empty() {
        if known.is_empty() {
            let hint = "give inflows `record = { file = \"…\", column = \"…\" }`: docs/frequency.md";
            return Err(Failure::Impossible(format!("error: no inflow of the basin has a record\n  hint: {hint}")));
        }
        analyses.push(analysis((&basin.id, &basin.name), &known)?);
    }
    match arguments.told.format {
        Format::Text => say(&weir_report::frequency(&analyses, arguments.told.language.into())),
        Format::Json => say(&format!("{:#}\n", serde_json::json!(analyses))),
    }
}

fn unknown(id: &str, known: &[(&dyn Element, &Record)]) -> Failure {
    let ids: Vec<&str> = known.iter().map(|(element, _)| element.head().id.as_str()).collect();
    let hint = hint(id, &ids, "records").map_or_else(String::new, |hint| format!("\n  hint: {hint}"));
    Failure::Impossible(format!("error: `{id}` is no inflow with a record{hint}"))
}

/// A day of the calendar, in a year without a 29 February.
fn day_of_year(text: &str) -> Result<Date, String> {
    format!("2001-{text}").parse().map_err(|_| format!("`{text}` is no day of the calendar, such as `04-15`"))
}
