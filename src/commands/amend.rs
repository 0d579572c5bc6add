//! `weir amend`: a plan on disk changed by hand, with what that costs.
//!
//! Writes into `--out` what `weir solve` writes. The basin must be as it was when the plan was made. Plans of an office are
//! changed by `weir plans amend`.

use std::path::{Path, PathBuf};

use weir_model::basin::Basin;
use weir_model::document::PlanDocument;
use weir_model::laid::Laid;
use weir_model::lower::lower;
use weir_solver::amend::{Unamended, amend, laid, refused, settings};
use weir_solver::audited::{Audited, Unaudited};
use weir_solver::solve::SolveOptions;

use crate::failure::Failure;
use crate::files;
use crate::made_from::{basin_of, folder_of};
use crate::output::say;

/// Arguments of `weir amend`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The plan: its file, or the folder that holds it.
    plan: PathBuf,
    /// What is set, again for each: `shanxi.turbines.flow@2026-07-01..03=120`.
    #[arg(long = "set", value_name = "ADDRESS@DATES=VALUE", required = true)]
    sets: Vec<String>,
    /// Who sets it.
    #[arg(long)]
    by: String,
    /// What is to be said about it.
    #[arg(long, default_value = "")]
    note: String,
    /// Folder with `basin.toml`; the one that the plan lies in unless given.
    #[arg(long, value_name = "DIR")]
    basin: Option<PathBuf>,
    /// Folder for the new plan, series and report; `amended` beside the plan unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Language of the summary.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.by.trim().is_empty() {
        return Err(Failure::Impossible("error: who sets it is not named\n  hint: `--by NAME`".to_owned()));
    }
    let before = files::plan(&arguments.plan)?;
    let folder = folder_of(&arguments.plan);
    let dir = basin_of(arguments.basin.as_deref(), folder, "--basin DIR")?;
    let Audited { document, end } = amended(&dir, &before, &arguments.sets).map_err(|why| match why {
        Unamended::Unaudited(why @ Unaudited::Findings(_)) => Failure::Broken(format!("error: {why}")),
        why => Failure::Impossible(format!("error: {why}")),
    })?;
    let now = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let document = document.amended_by((&before.record.id, &before), (&arguments.by, now), &arguments.note);
    let out = arguments.out.clone().unwrap_or_else(|| folder.join("amended"));
    let plan = super::solve::write(&document, (None, end.as_ref()), &out)?;
    say(&format!("{}\n{}\n", weir_report::text(&document, arguments.language.into()), plan.display()))
}

fn amended(dir: &Path, before: &PlanDocument, sets: &[String]) -> Result<Audited, Unamended> {
    let settings = settings(sets)?;
    if !before.content.inputs.gathered.is_empty() {
        return Err(Unamended::Refused(
            "the plan rests on what an office gathered\n  hint: `weir plans amend`, in that office".to_owned(),
        ));
    }
    let start = before.content.case.valid_from.get(..10).and_then(|day| day.parse().ok());
    let read = Basin::read_with(dir, &[laid(&settings)], &Laid::default());
    let (case, goals) = read.and_then(|basin| lower(&basin, start)).map_err(|why| refused(&why, &settings))?;
    amend(&case, &goals, before, &settings, &SolveOptions::default())
}
