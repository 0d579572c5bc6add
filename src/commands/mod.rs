//! One small file a subcommand.

pub mod amend;
#[cfg(feature = "scenarios")]
pub mod backtest;
pub mod check;
#[cfg(feature = "scheduler")]
pub mod commands_in;
#[cfg(feature = "scenarios")]
pub mod days;
pub mod diff;
#[cfg(feature = "scenarios")]
pub mod ensemble;
pub mod explain;
pub mod frequency;
#[cfg(feature = "scheduler")]
pub mod jobs;
#[cfg(feature = "signatures")]
pub mod key;
pub mod methods;
pub mod new;
mod no_plan;
#[cfg(feature = "scheduler")]
pub mod orders;
pub mod overlays;
#[cfg(feature = "scenarios")]
pub mod pareto;
#[cfg(feature = "scheduler")]
pub mod plans;
pub mod replay;
pub mod report;
#[cfg(feature = "scheduler")]
pub mod runs;
#[cfg(feature = "scheduler")]
pub mod serve;
#[cfg(feature = "scheduler")]
mod service;
#[cfg(feature = "scenarios")]
pub mod shard;
pub mod show;
#[cfg(feature = "signatures")]
pub mod sign;
pub mod solve;
#[cfg(feature = "scheduler")]
pub mod store;
#[cfg(feature = "scenarios")]
pub mod sweep;
#[cfg(feature = "scheduler")]
pub mod token;
pub mod verify;
#[cfg(feature = "scenarios")]
pub mod what_if;

/// A basin, and the day from which on it is asked.
#[derive(clap::Args)]
pub struct OfBasin {
    /// Folder with `basin.toml`.
    pub dir: std::path::PathBuf,
    /// First day of the horizon (otherwise the basin's first start).
    #[arg(long, value_name = "DATE")]
    pub from: Option<jiff::civil::Date>,
}

/// What is printed: how, and in which language.
#[derive(clap::Args)]
pub struct Told {
    /// What to print: text for people, or one JSON value.
    #[arg(long, value_enum, default_value_t)]
    pub format: solve::Format,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t)]
    pub language: Language,
}

/// Language of what people read.
#[derive(Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

#[cfg(feature = "scenarios")]
impl Language {
    /// The word that the command line calls it by.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

impl From<Language> for weir_report::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Zh => Self::Chinese,
            Language::En => Self::English,
        }
    }
}
