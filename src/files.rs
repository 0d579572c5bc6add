//! Files written whole or not at all, and plans read back.

use std::path::Path;

use weir_model::document::PlanDocument;

use crate::failure::Failure;

/// Writes a file so that a reader never sees half of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    weir_model::files::write(path, bytes).map_err(|error| Failure::file("write", path, &error))
}

/// Reads a plan document.
pub fn plan(path: &Path) -> Result<PlanDocument, Failure> {
    let file = if path.is_dir() { path.join("plan.json") } else { path.to_owned() };
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::Impossible(format!("error: cannot read {}: {error}", file.display())))?;
    PlanDocument::parse(&text).map_err(|why| {
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
