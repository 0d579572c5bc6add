//! `weir ensemble`: many futures of a basin, each by a plan of its own, and one plan now for all of them where the file asks a tree.
//!
//! Writes into `--out`: `ensemble.json` (the document), `ensemble.html`, and in `members/ID` the plans: of a tree each member's part,
//! else with `--plans` each member's own. A member without a plan is named with its cause, the others go on, but for a plan for all, which leaves
//! out no future; the exit code says so.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use weir_model::document::PlanDocument;
use weir_model::document::ensemble::EnsembleDocument;
use weir_report::both;
use weir_scenarios::ensemble::{Ensemble, plans};
use weir_scenarios::member::Asked;

use super::solve::Format;
use crate::failure::Failure;
use crate::files;
use crate::output::{aside_in, say};

/// Arguments of `weir ensemble`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    of: super::OfBasin,
    /// The ensemble: docs/ensembles.md.
    file: PathBuf,
    /// Folder for the document and the plans; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Solve each member's own plan in full, and write it where no tree is asked.
    #[arg(long)]
    plans: bool,
    /// Solve nothing: check what lies in `--out` against the file and the basin.
    #[arg(long, conflicts_with = "plans")]
    verify: bool,
    #[command(flatten)]
    told: super::Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let plain = Asked::new(&arguments.of.dir, arguments.of.from);
    let ensemble = Ensemble::read(&arguments.file, &plain).map_err(Failure::Refused)?;
    let out = arguments.out.clone().unwrap_or_else(|| arguments.of.dir.join("out"));
    if arguments.verify {
        return verify(&ensemble, &plain, &out);
    }
    let (language, count) = (arguments.told.language.into(), ensemble.members.len());
    let asked =
        if ensemble.tree.is_some() { ["，并求一个共同方案", ", and one plan for all of them"] } else { ["", ""] };
    let solving =
        both(format!("weir：求解{count}个成员{} …", asked[0]), format!("weir: solving {count} members{} …", asked[1]));
    aside_in(language, &solving);
    let members = out.join("members");
    let older = Older::within(&members)?;
    let basin = plain.from_its_goals();
    let (own, failed) = (Mutex::new(Vec::new()), Mutex::new(None));
    let takes = |id: &str, plan: PlanDocument| {
        // A tree's parts lie where these would.
        if ensemble.tree.is_some() {
            return;
        }
        match super::solve::write(&plan, (None, None), &members.join(id)) {
            Ok(_) => own.lock().unwrap_or_else(PoisonError::into_inner).push(id.to_owned()),
            Err(why) => *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(why),
        }
    };
    let made = plans::make(&ensemble, &basin, arguments.plans.then_some(&takes));
    if let Some(why) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(why);
    }
    let made = match made {
        Ok(made) => made,
        Err(why) => {
            let file = out.join("ensemble.json");
            if file.exists() {
                let file = file.display();
                let said = both(
                    format!("警告：{file} 是以前的结果；本次没有结果"),
                    format!("warning: {file} is of an earlier run; this one made none"),
                );
                aside_in(language, &said);
            }
            return Err(Failure::Impossible(format!("error: {}", why.say(language))));
        }
    };
    let own = own.into_inner().unwrap_or_else(PoisonError::into_inner);
    let written = own.iter().chain(made.parts.iter().map(|(id, _)| id));
    older.remove_but(|id| written.clone().any(|own| own == id))?;
    for (id, plan) in &made.parts {
        super::solve::write(plan, (None, None), &members.join(id))?;
    }
    std::fs::create_dir_all(&out).map_err(|error| Failure::file("make", &out, &error))?;
    let page = out.join("ensemble.html");
    files::write(&page, weir_report::ensemble::page(&made.document).as_bytes())?;
    files::write(&out.join("ensemble.json"), made.document.to_json().as_bytes())?;
    match arguments.told.format {
        Format::Text => {
            let text = weir_report::ensemble::text(&made.document, language);
            say(&format!("{text}\n{}\n", page.display()))?;
        }
        Format::Json => say(&made.document.to_json())?,
    }
    let failed: Vec<String> = made
        .document
        .content
        .members
        .iter()
        .filter_map(|member| {
            let why = weir_report::ensemble::cause(&made.document, member.failed.as_ref()?);
            Some(format!("`{}`: {}", member.id, why.say(language)))
        })
        .collect();
    let members = (!failed.is_empty()).then(|| {
        let (number, failed) = (failed.len(), failed.join("\n"));
        let head = both(format!("{count}个成员中{number}个没有方案"), format!("{number} of {count} without a plan"));
        format!("{}\n{failed}", head.say(language))
    });
    let tree = made.document.content.without_tree.as_ref().map(|why| {
        let why = weir_report::ensemble::cause(&made.document, why);
        both(format!("没有共同方案：{}", why.chinese), format!("no plan for all of them: {}", why.english))
            .say(language)
            .to_owned()
    });
    let said: Vec<String> = members.into_iter().chain(tree).collect();
    if said.is_empty() { Ok(()) } else { Err(Failure::Impossible(format!("error: {}", said.join("\n")))) }
}

/// Folders of members that an earlier run wrote, with the files in them.
struct Older(Vec<(String, PathBuf, Vec<PathBuf>)>);

impl Older {
    /// Those within a folder; a file that no run of an ensemble writes is refused, so that nothing of anybody's is taken away.
    fn within(members: &Path) -> Result<Self, Failure> {
        let read = |folder: &Path| -> Result<Vec<PathBuf>, Failure> {
            let entries = std::fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
            entries
                .map(|entry| entry.map(|entry| entry.path()).map_err(|error| Failure::file("read", folder, &error)))
                .collect()
        };
        let name = |path: &Path| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut found = Vec::new();
        for folder in if members.is_dir() { read(members)? } else { Vec::new() } {
            let files = if folder.is_dir() { read(&folder)? } else { vec![folder.clone()] };
            if let Some(foreign) = files.iter().find(|file| !super::solve::WRITTEN.contains(&name(file).as_str())) {
                let hint = "`members` holds what the run writes and nothing else, and what an earlier one wrote is removed: move the file, or name another --out";
                return Err(Failure::Impossible(format!(
                    "error: {} is no file that `weir ensemble` writes\n  hint: {hint}",
                    foreign.display()
                )));
            }
            found.push((name(&folder), folder, files));
        }
        Ok(Self(found))
    }

    /// Removes those of members that are not written now.
    fn remove_but(self, is_written: impl Fn(&str) -> bool) -> Result<(), Failure> {
        for (_, folder, files) in self.0.into_iter().filter(|(id, ..)| !is_written(id)) {
            files.iter().try_for_each(|file| files::remove(file))?;
            std::fs::remove_dir(&folder).map_err(|error| Failure::file("remove", &folder, &error))?;
        }
        Ok(())
    }
}

/// Checks what lies in a folder, without a solver.
fn verify(ensemble: &Ensemble, basin: &Asked, out: &Path) -> Result<(), Failure> {
    let file = out.join("ensemble.json");
    let text = std::fs::read_to_string(&file);
    let text = text.map_err(|error| Failure::Impossible(format!("error: cannot read {}: {error}", file.display())))?;
    let document = EnsembleDocument::parse(&text);
    let document = document.map_err(|why| Failure::Impossible(format!("error: {} {why}", file.display())))?;
    let part = |member: &weir_scenarios::member::Member| files::plan(&out.join("members").join(&member.id));
    let asked = ensemble.members.iter().filter(|_| document.content.tree.is_some());
    let parts = asked.map(part).collect::<Result<Vec<PlanDocument>, Failure>>()?;
    let faults = plans::verify(&document, &parts, (ensemble, basin));
    let faults = faults.map_err(|why| Failure::Impossible(format!("error: {why}")))?;
    if faults.is_empty() {
        let proved = document.content.tree.as_ref().map_or(0, |tree| tree.certificate.proofs.len());
        return say(&format!(
            "verified: {} members{}\n",
            ensemble.members.len(),
            if proved > 0 { format!(", each part audited, {proved} goals of the tree proved") } else { String::new() }
        ));
    }
    let faults: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    Err(Failure::Impossible(format!("error: not verified\n{}", faults.join("\n"))))
}
