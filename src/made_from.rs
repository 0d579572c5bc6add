//! What a plan on disk was made from, read again: its basin with overlays, the plan in force then, and the plan that it was changed from by hand.

use std::path::Path;

use jiff::civil::Date;
use weir_model::basin::FILE;
use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::setting::Setting;
use weir_solver::amend::{laid, settings};

use crate::commands::overlays::Overlays;
use crate::failure::Failure;
use crate::files;

/// Plans that stood beside the one that is read again.
#[derive(clap::Args)]
pub struct Others {
    /// Plan that was in force when it was made, if one was given.
    #[arg(long, value_name = "PLAN")]
    pub in_force: Option<std::path::PathBuf>,
    /// Plan that it was changed from by hand, if it was.
    #[arg(long, value_name = "PLAN", conflicts_with = "in_force")]
    pub before: Option<std::path::PathBuf>,
    #[command(flatten)]
    overlays: Overlays,
}

impl Others {
    /// Whether there are any plans.
    pub const fn are_given(&self) -> bool {
        self.in_force.is_some() || self.before.is_some()
    }
}

/// What a plan was made from.
pub struct MadeFrom {
    /// The case, with what was set by hand among its elements, and not yet above its rules.
    pub case: Case,
    /// Its goals.
    pub goals: Goals,
    /// The plan that it was changed from by hand, and what was set.
    pub changed: Option<(PlanDocument, Vec<Setting>)>,
}

/// Reads it.
pub fn made_from(document: &PlanDocument, folder: &Path, others: &Others) -> Result<MadeFrom, Failure> {
    let amended = document.content.case.amended.as_ref();
    let before = others.before.as_deref().map(files::plan).transpose()?;
    let changed = match (amended, before) {
        (Some(amended), Some(before)) => {
            let set = settings(&amended.sets).map_err(|why| Failure::Impossible(format!("error: {why}")))?;
            Some((before, set))
        }
        _ => None,
    };
    let further: Vec<_> = changed.iter().map(|(_, set)| laid(set)).collect();
    let basin = others.overlays.basin(folder, &further).map_err(Failure::Refused)?;
    let id = &document.content.case.basin;
    if basin.id != *id {
        return Err(Failure::Impossible(format!(
            "error: {} is the basin `{}`; the plan is of `{id}`\n  hint: name the folder that it was made from",
            folder.display(),
            basin.id
        )));
    }
    let (mut case, goals) = lower(&basin, first_day(document)).map_err(Failure::Refused)?;
    if let Some(path) = &others.in_force {
        files::put_in_force(path, &mut case)?;
    }
    Ok(MadeFrom { case, goals, changed })
}

/// The first day of a plan.
pub fn first_day(document: &PlanDocument) -> Option<Date> {
    document.content.horizon.starts.first().and_then(|start| start.get(..10)?.parse().ok())
}

/// Plans that cannot be made again from a folder, or not so.
pub fn refuse_parts(plan: &Path, document: &PlanDocument, others: &Others) -> Result<(), Failure> {
    let (record, content) = (&document.record, &document.content);
    let (why, hint) = if let Some(whole) = &record.whole {
        ("it is a part of a plan, as an audience is given it", format!("its office has the whole one, {whole}"))
    } else if content.case.foresight == "tree" {
        let hint = "`weir ensemble DIR FILE --out OUT --verify` checks all parts together, with the proof of their goals";
        ("it is a member's part of a plan for many futures, which is proved with all others", hint.to_owned())
    } else if !content.inputs.gathered.is_empty() {
        let hint = "`weir plans verify ID` where the office's store is, which holds what was gathered for it";
        ("it rests on what an office gathered, which a basin's folder does not hold", hint.to_owned())
    } else if let (Some(amended), None) = (&content.case.amended, &others.before) {
        ("it was changed by hand", format!("`--before PLAN` names the plan that it was changed from, {}", amended.plan))
    } else {
        return Ok(());
    };
    Err(Failure::Impossible(format!("error: {}: {why}\n  hint: {hint}", plan.display())))
}

/// The folder of a plan's basin: as given, or the plan's or the one that it lies in; `how` says how it is given.
pub fn basin_of(given: Option<&Path>, folder: &Path, how: &str) -> Result<std::path::PathBuf, Failure> {
    let known = given.map_or_else(|| vec![folder.to_owned(), folder.join("..")], |given| vec![given.to_owned()]);
    known.iter().find(|dir| dir.join(FILE).is_file()).cloned().ok_or_else(|| {
        let seen = known.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(" or ");
        Failure::Impossible(format!("error: there is no {FILE} in {seen}\n  hint: `{how}` names the plan's basin"))
    })
}

/// The folder that a plan lies in, given that or the file.
pub fn folder_of(plan: &Path) -> &Path {
    let parent = plan.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if plan.is_dir() { plan } else { parent }
}
