//! Files written whole or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// Writes a file beside its place, flushes it to disk and renames it there, and flushes its folder: a reader sees the old file or
/// the new one, also after a loss of power.
///
/// # Errors
/// If it cannot be written; the old file is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_by(path, |file| file.write_all(bytes))
}

/// The same of a file that is written piece by piece.
///
/// # Errors
/// If it cannot be written, or what writes it fails; the old file is then as it was.
pub fn write_by(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = (|| {
        let mut file = BufWriter::new(File::create(&beside)?);
        write(&mut file)?;
        file.into_inner()?.sync_all()?;
        fs::rename(&beside, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    })();
    if written.is_err() {
        // The half-written file is of no use; that it could not be removed adds nothing to the failure reported.
        let _ = fs::remove_file(&beside);
    }
    written
}
