//! Files written whole or not at all, and plans read back.

use std::io::Write as _;
use std::path::Path;

use weir_model::document::PlanDocument;

use crate::failure::Failure;

/// Writes a file beside its place and renames it there, so that a reader never sees half of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file("write", path, &error);
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = (|| {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    })();
    if written.is_err() {
        // The half-written file is of no use; that it could not be removed adds nothing to the failure reported.
        let _ = std::fs::remove_file(&beside);
    }
    written.map_err(failed)
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
