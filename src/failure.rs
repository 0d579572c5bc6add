//! Why the command ended without doing what it was asked, and the exit code that says so.

use std::path::Path;

use weir_model::place::Refusals;
use weir_report::{Language, both, cause, count};

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

    /// What is said of it in a language; sentences that the report does not know stand in English.
    pub fn said(&self, language: Language) -> String {
        match self {
            Self::Refused(refusals) => {
                let number = refusals.0.len();
                let end = both(
                    format!("error: 不予受理，共{number}处有误"),
                    format!("error: refused, {}", count(number, "fault", "faults")),
                );
                format!("{}\n{}", cause(None, &refusals.to_string()).say(language), end.say(language))
            }
            Self::Impossible(why) | Self::Broken(why) => match why.strip_prefix("error: ") {
                Some(why) => format!("error: {}", cause(None, why).say(language)),
                None => why.clone(),
            },
            #[cfg(feature = "scenarios")]
            Self::Interrupted(why) => why.clone(),
        }
    }

    /// A file that could not be read or written.
    pub fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::Broken(format!("error: cannot {doing} {}: {error}", path.display()))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said(Language::English))
    }
}
