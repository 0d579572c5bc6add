//! Why the command ended without doing what it was asked, and the exit code that says so.

use std::path::Path;

use weir_model::place::Refusals;

/// Why the command ended.
#[derive(Debug)]
pub enum Failure {
    /// The input is at fault: exit 1.
    Refused(Refusals),
    /// Something asked for cannot be: exit 1.
    Impossible(String),
    /// The machine or weir is at fault: exit 2.
    Broken(String),
    /// It was interrupted, and goes on if it is run again: exit 75.
    #[cfg(feature = "scenarios")]
    Interrupted(String),
}

impl Failure {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Impossible(_) => 1,
            Self::Broken(_) => 2,
            #[cfg(feature = "scenarios")]
            Self::Interrupted(_) => crate::progress::INTERRUPTED,
        }
    }

    /// A file that could not be read or written.
    pub fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::Broken(format!("error: cannot {doing} {}: {error}", path.display()))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusals) => {
                let count = refusals.0.len();
                write!(f, "{refusals}\nerror: refused, {count} fault{}", if count == 1 { "" } else { "s" })
            }
            Self::Impossible(why) | Self::Broken(why) => f.write_str(why),
            #[cfg(feature = "scenarios")]
            Self::Interrupted(why) => f.write_str(why),
        }
    }
}
