//! `weir replay`: a plan solved again from what it records; the same bytes, or what differs.

use std::path::PathBuf;

use weir_model::document::PlanDocument;
use weir_solver::hot::START_FILE;
use weir_solver::replay::{Replayed, replay};

use crate::failure::Failure;
use crate::files;
use crate::made_from::{MadeFrom, Others, basin_of, folder_of, made_from, refuse_parts};
use crate::output::{aside_in, say};

/// Arguments of `weir replay`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// Folder of the basin that it was made from; the one that the plan lies in unless given.
    basin: Option<PathBuf>,
    /// Where the plan's solve began, if it did not from nothing; `start.basis` beside the plan unless given.
    #[arg(long, value_name = "FILE")]
    basis: Option<PathBuf>,
    #[command(flatten)]
    others: Others,
    /// Language of what is said.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// That there is no plan where there was one, and why.
fn no_plan_now(document: &PlanDocument, why: &str, language: super::Language) -> Failure {
    let why = weir_report::cause(Some(document), why);
    let said =
        weir_report::both(format!("重新求解无方案：{}", why.chinese), format!("there is no plan now: {}", why.english));
    Failure::Impossible(format!("error: {}", said.say(language.into())))
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let document = files::plan_as_it_stands(&arguments.plan)?;
    if let Some(altered) = document.altered() {
        let told = weir_report::replayed(&document, &[altered], true, arguments.language.into());
        return Err(Failure::Impossible(told.trim_end().to_owned()));
    }
    refuse_parts(&arguments.plan, &document, &arguments.others)?;
    let folder = folder_of(&arguments.plan);
    let basin = basin_of(arguments.basin.as_deref(), folder, "weir replay PLAN BASIN")?;
    let MadeFrom { case, goals, changed } = made_from(&document, &basin, &arguments.others)?;
    let beside = Some(folder.join(START_FILE)).filter(|file| file.is_file());
    let start = arguments.basis.clone().or(beside).filter(|_| document.content.engine.starting_basis.is_some());
    let start = start.as_deref().map(files::basis).transpose()?;
    let (steps, name) = (case.horizon.steps(), &case.basin.name);
    let said = weir_report::both(
        format!("weir：重新求解{name}，共{steps}个时段 …"),
        format!("weir: solving {} of {name} again …", weir_report::count(steps, "step", "steps")),
    );
    aside_in(arguments.language.into(), &said);
    let changed = changed.as_ref().map(|(before, set)| (before, set.as_slice()));
    let replayed = replay(&document, (&case, &goals), changed, start)
        .map_err(|why| no_plan_now(&document, &why.to_string(), arguments.language))?;
    let (differences, not) = match &replayed {
        Replayed::Same => (&[][..], false),
        Replayed::Differs(differences) => (differences.as_slice(), false),
        Replayed::Not(why) => (why.as_slice(), true),
    };
    let told = weir_report::replayed(&document, differences, not, arguments.language.into());
    if replayed == Replayed::Same { say(&told) } else { Err(Failure::Impossible(told.trim_end().to_owned())) }
}
