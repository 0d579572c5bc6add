//! `weir methods`: one basin under several methods side by side: what each does to whom.
//!
//! Writes into `--out`: `methods.json` and `methods.html`. A method without a plan is named with its cause, and the others go on.

use std::path::PathBuf;

use rayon::prelude::*;
use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_report::side_by_side::{self, Tried};
use weir_report::{both, count};
use weir_solver::audited::audited;
use weir_solver::solve::SolveOptions;
use weir_solver::ways::{WAYS, Way};

use super::solve::Format;
use crate::failure::Failure;
use crate::files;
use crate::output::{aside_in, say};

/// Arguments of `weir methods`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    of: super::OfBasin,
    /// Folder for the comparison; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    overlays: super::overlays::Overlays,
    /// Only these methods (otherwise all but `pareto`).
    #[arg(long = "method", value_name = "METHOD", value_parser = clap::builder::PossibleValuesParser::new(Way::words()))]
    methods: Vec<String>,
    #[command(flatten)]
    told: super::Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let basin = arguments.overlays.basin(&arguments.of.dir, &[]).map_err(Failure::Refused)?;
    let (case, goals) = lower(&basin, arguments.of.from).map_err(Failure::Refused)?;
    let ways: Vec<&Way> = WAYS.iter().filter(|way| asked(&arguments.methods, way)).collect();
    let (number, name) = (ways.len(), &case.basin.name);
    let said = both(
        format!("weir：以{number}种方法求解{name} …"),
        format!("weir: solving {} of {name} …", count(number, "method", "methods")),
    );
    aside_in(arguments.told.language.into(), &said);
    let tried: Vec<Tried> = ways.into_par_iter().map(|way| Tried::method(way.word, plan(&case, &goals, way))).collect();
    let out = arguments.out.clone().unwrap_or_else(|| arguments.of.dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|error| Failure::file("make", &out, &error))?;
    let json = side_by_side::json(&tried, ["method", "methods"]);
    files::write(&out.join("methods.json"), format!("{json:#}\n").as_bytes())?;
    let page = out.join("methods.html");
    files::write(&page, side_by_side::page(&tried, &side_by_side::of_methods(), &[]).as_bytes())?;
    match arguments.told.format {
        Format::Text => say(&format!("{}{}\n", side_by_side::text(&tried, arguments.told.language.into()), page.display()))?,
        Format::Json => say(&format!("{json}\n"))?,
    }
    if tried.iter().all(|one| one.outcome.is_err()) {
        return Err(Failure::Impossible(
            both("error: 没有一种方法有方案", "error: no method has a plan").say(arguments.told.language.into()).to_owned(),
        ));
    }
    Ok(())
}

fn asked(words: &[String], way: &Way) -> bool {
    (words.is_empty() && way.always) || words.iter().any(|word| word == way.word)
}

/// An audited plan by a method, or why there is none.
fn plan(case: &Case, goals: &Goals, way: &Way) -> Result<PlanDocument, String> {
    let goals = way.ask(goals)?;
    let options = SolveOptions { way: Some(way.word), ..SolveOptions::default() };
    audited(case, &goals, &options).map(|audited| audited.document).map_err(|why| why.to_string())
}
