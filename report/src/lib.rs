//! A plan for people: the report page and the summary on a terminal.

pub mod calendar;
pub mod chart;
pub mod language;
pub mod quantity;
