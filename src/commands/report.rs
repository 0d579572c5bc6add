//! `weir report`: the report page of a plan, one file that works offline, or the day's tables as a workbook.

use std::path::PathBuf;

use weir_report::Beside;
use weir_report::papers::day_tables;

use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Arguments of `weir report`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// File to write; `report.html` beside the plan unless given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Plan that was in force yesterday: with it, the page holds the brief of the day.
    #[arg(long, value_name = "PLAN")]
    yesterday: Option<PathBuf>,
    /// Plan that was in force on the same date last year, likewise.
    #[arg(long, value_name = "PLAN")]
    last_year: Option<PathBuf>,
    /// Write the day's tables into this workbook, and no page.
    #[arg(long, value_name = "FILE.xlsx", conflicts_with = "out")]
    xlsx: Option<PathBuf>,
    /// The office's own template of the tables; the built-in one unless given.
    #[arg(long, value_name = "FILE.xlsx", requires = "xlsx")]
    template: Option<PathBuf>,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let document = files::plan(&arguments.plan)?;
    let out = arguments.out.clone().unwrap_or_else(|| {
        if arguments.plan.is_dir() {
            arguments.plan.join("report.html")
        } else {
            arguments.plan.with_file_name("report.html")
        }
    });
    let earlier = |plan: &Option<PathBuf>| plan.as_deref().map(files::plan).transpose();
    let (yesterday, last_year) = (earlier(&arguments.yesterday)?, earlier(&arguments.last_year)?);
    let beside = Beside { yesterday, last_year, actuals: Vec::new() };
    if let Some(out) = &arguments.xlsx {
        let template = arguments.template.as_deref();
        let own = template.map(files::template).transpose()?;
        let tables = day_tables(&document, &beside, own.as_deref()).map_err(|why| files::refused(template, &why))?;
        files::write(out, &tables)?;
        return say(&format!("{}\n", out.display()));
    }
    let page = if beside == Beside::default() {
        weir_report::html(&document)
    } else {
        weir_report::html_beside(&document, &beside)
    };
    files::write(&out, page.as_bytes())?;
    say(&format!("{}\n", out.display()))
}
