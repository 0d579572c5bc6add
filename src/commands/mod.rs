//! One small file a subcommand.

pub mod check;
pub mod methods;
pub mod new;
pub mod report;
pub mod show;
pub mod solve;

/// Language of what people read.
#[derive(Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl From<Language> for weir_report::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Zh => Self::Chinese,
            Language::En => Self::English,
        }
    }
}
