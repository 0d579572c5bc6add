//! `weir report`: the report page of a plan, one file that works offline, or the day's tables as a workbook.

use std::path::PathBuf;

use weir_model::document::PlanDocument;
use weir_model::explanation::Explanation;
use weir_report::Beside;
use weir_report::papers::day_tables;

use super::explain::{Again, meant, step_on};
use crate::failure::Failure;
use crate::files;
use crate::made_from::Others;
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
    /// Folder of the basin that it was made from: solves again, and the page draws where a little more water goes, what it is worth, and
    /// how far that holds.
    #[arg(long, value_name = "DIR", conflicts_with = "xlsx")]
    basin: Option<PathBuf>,
    /// Where that is asked, and on which day (the first unless given), once or more; each reservoir on the first day, and where water is
    /// worth most, unless given.
    #[arg(long, value_name = "ADDRESS[@DATE]", requires = "basin")]
    explain: Vec<String>,
    #[command(flatten)]
    others: Others,
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
    let explanations = explanations(arguments, &document)?;
    let beside = (beside != Beside::default()).then_some(&beside);
    let page = weir_report::html_explained(&document, beside, &explanations);
    files::write(&out, page.as_bytes())?;
    say(&format!("{}\n", out.display()))
}

/// What explains the plan at the places that are asked for, found by solving again; nothing without its basin.
fn explanations(arguments: &Arguments, document: &PlanDocument) -> Result<Vec<Explanation>, Failure> {
    let Some(folder) = &arguments.basin else { return Ok(Vec::new()) };
    let again = Again::read(&arguments.plan, folder, &arguments.others, document, super::Language::En)?;
    let asked = |said: &String| {
        let (place, on) = said.rsplit_once('@').map_or((said.as_str(), None), |(place, on)| (place, Some(on)));
        let step = on.map_or(Ok(0), |on| step_on(&document.content, on))?;
        Ok((meant(document, place)?, step))
    };
    let chosen = match &arguments.explain[..] {
        [] => document.content.worth_explaining(),
        named => named.iter().map(asked).collect::<Result<_, Failure>>()?,
    };
    chosen.iter().map(|(address, step)| again.explain(document, address, *step)).collect()
}
