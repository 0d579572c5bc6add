//! `--overlay`: a basin read with files of changes laid over it.

use std::path::Path;
#[cfg(feature = "scenarios")]
use std::path::PathBuf;

use weir_model::basin::{Basin, Further};
use weir_model::place::Refusals;

/// Files of changes.
#[derive(Default, clap::Args)]
pub struct Overlays {
    /// Lay a file of changes over the basin (several, in order): docs/scenarios.md.
    #[cfg(feature = "scenarios")]
    #[arg(long = "overlay", value_name = "FILE.toml")]
    files: Vec<PathBuf>,
}

impl Overlays {
    /// Reads the basin of a folder with them.
    ///
    /// # Errors
    /// All faults of the basin, and of the overlays on it.
    #[cfg(feature = "scenarios")]
    pub fn basin(&self, dir: &Path, further: &[Further]) -> Result<Basin, Refusals> {
        weir_scenarios::overlay::read(dir, self.read()?.as_ref(), further)
    }

    /// Reads them as one; nothing where they change nothing.
    ///
    /// # Errors
    /// All faults of the overlays.
    #[cfg(feature = "scenarios")]
    pub fn read(&self) -> Result<Option<weir_scenarios::overlay::Overlay>, Refusals> {
        use weir_scenarios::overlay::Overlay;
        let overlays: Result<Vec<Overlay>, Refusals> = self.files.iter().map(|file| Overlay::read(file)).collect();
        Ok(Some(Overlay::of_all(overlays?)).filter(|all| !all.is_empty()))
    }

    /// Reads the basin of a folder.
    ///
    /// # Errors
    /// All faults of the basin.
    #[cfg(not(feature = "scenarios"))]
    pub fn basin(&self, dir: &Path, further: &[Further]) -> Result<Basin, Refusals> {
        Basin::read_over(dir, &weir_model::basin::Over { further, ..Default::default() })
    }
}
