//! A plan for people: the report page and the summary on a terminal.

pub mod brief;
pub mod calendar;
pub mod chart;
pub mod figures;
pub mod language;
mod page;
pub mod quantity;
pub mod satisfaction;
mod statements;
mod text;
pub mod view;
pub mod words;

pub use language::Language;
pub use page::html;
pub use text::text;
