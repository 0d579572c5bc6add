//! Files written whole or not at all, and plans read back.

use std::path::Path;

use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_solver::hot::HotStart;

use crate::failure::Failure;

/// Writes a file so that a reader never sees half of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    weir_model::files::write(path, bytes).map_err(|error| Failure::file("write", path, &error))
}

/// The same of a file that is written piece by piece.
#[cfg(feature = "scenarios")]
pub fn write_by(path: &Path, write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<(), Failure> {
    weir_model::files::write_by(path, write).map_err(|error| Failure::file("write", path, &error))
}

/// Removes a file, if it is there.
pub fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::file("remove", path, &error)),
        _ => Ok(()),
    }
}

/// Reads where a solve ended; what is wrong with it, the plan says that starts from it.
pub fn basis(path: &Path) -> Result<HotStart, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::Impossible(format!(
            "error: cannot read {}: {error}\n  hint: `{}` lies beside the plan that `weir solve` writes",
            path.display(),
            weir_solver::hot::END_FILE
        ))
    })?;
    Ok(HotStart::of(bytes))
}

/// The file of a plan document, given that or the folder that it lies in.
pub fn plan_file(path: &Path) -> std::path::PathBuf {
    if path.is_dir() { path.join("plan.json") } else { path.to_owned() }
}

/// Reads a plan document.
pub fn plan(path: &Path) -> Result<PlanDocument, Failure> {
    read_plan(path, PlanDocument::parse)
}

/// Reads a plan document whose content may have been changed, to say what of it was.
pub fn plan_as_it_stands(path: &Path) -> Result<PlanDocument, Failure> {
    read_plan(path, PlanDocument::as_it_stands)
}

fn read_plan(path: &Path, read: impl Fn(&str) -> Result<PlanDocument, String>) -> Result<PlanDocument, Failure> {
    let file = plan_file(path);
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::Impossible(format!("error: cannot read {}: {error}", file.display())))?;
    read(&text).map_err(|why| {
        Failure::Impossible(format!(
            "error: {}: {why}\n  hint: plans are the `plan.json` that `weir solve` writes",
            file.display()
        ))
    })
}

/// Reads a template of papers.
pub fn template(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::Impossible(format!("error: cannot read {}: {error}", path.display())))
}

/// What is wrong with a template.
pub fn refused(template: Option<&Path>, faults: &[String]) -> Failure {
    let name = template.map_or_else(|| "the built-in template".to_owned(), |path| path.display().to_string());
    let lines: Vec<String> = faults.iter().map(|fault| format!("error: {name}: {fault}")).collect();
    Failure::Impossible(format!("{}\n  hint: docs/papers.md lists names and placeholders", lines.join("\n")))
}

/// Puts the plan in force into a case, on its own steps.
pub fn put_in_force(path: &Path, case: &mut Case) -> Result<(), Failure> {
    let document = plan(path)?;
    if document.content.case.basin != case.basin.id {
        return Err(Failure::Impossible(format!(
            "error: {} is a plan of basin `{}`, not of `{}`\n  hint: name the plan in force of this basin",
            path.display(),
            document.content.case.basin,
            case.basin.id
        )));
    }
    let decisions = document.content.decisions_on(case);
    if decisions.flow_m3s.iter().all(|flow| flow.is_nan()) {
        return Err(Failure::Impossible(format!(
            "error: {} has no step in common with this horizon\n  hint: leave `--in-force` out",
            path.display()
        )));
    }
    (case.in_force, case.basin.in_force) = (Some(decisions), Some(document.record.id));
    Ok(())
}
