//! `weir days`: how many days the water lasts, by dry year and saving level (docs/days.md).

use std::path::PathBuf;

use weir_scenarios::days::{Asked, days};

use super::solve::Format;
use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Arguments of `weir days`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with `basin.toml`.
    dir: PathBuf,
    /// First day (otherwise the basin's first start).
    #[arg(long, value_name = "DATE")]
    from: Option<jiff::civil::Date>,
    /// Days of each run at most.
    #[arg(long, value_name = "DAYS", default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=1096))]
    days: u32,
    /// A workbook to be written too.
    #[arg(long, value_name = "FILE.xlsx")]
    xlsx: Option<PathBuf>,
    /// What to print: tables, or one JSON object.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Language of the tables.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let asked = Asked { start: arguments.from, days: arguments.days as usize };
    let told = days(&arguments.dir, &asked).map_err(Failure::Refused)?;
    if let Some(path) = &arguments.xlsx {
        let workbook = weir_report::days_workbook(&told).map_err(|why| Failure::Broken(format!("error: {why}")))?;
        files::write(path, &workbook)?;
    }
    match arguments.format {
        Format::Text => say(&weir_report::days(&told, arguments.language.into()))?,
        Format::Json => say(&format!("{:#}\n", serde_json::json!(told)))?,
    }
    let without = told.inflows.iter().filter(|inflow| !inflow.refused.is_empty()).count();
    if without > 0 {
        let count = told.inflows.len();
        let said = weir_report::both(
            format!("{count}种来水中{without}种没有结果"),
            format!("{without} of {count} inflows without an answer"),
        );
        return Err(Failure::Impossible(format!("error: {}", said.say(arguments.language.into()))));
    }
    Ok(())
}
