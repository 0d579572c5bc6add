//! A plan for people: the report page and the summary on a terminal.
//!
//! [`html`] makes one self-contained page that opens offline: the document's parts in the order in which a dispatcher reads
//! them, a brief made by rule, charts as SVG by plotters (drawn here, so that no script of others is shipped), in Chinese and
//! English with a switch, on wide screens, phones and paper. [`text`](text()) makes the summary of a minute. Both are pure
//! functions of the document (and of earlier ones, where some stand beside it): the same documents give the same bytes. Names from files are escaped everywhere.
//!
//! Units: 万m³, 亿m³, m³/s, m; hm³ never stands in Chinese text.

pub mod assumed;
pub mod backtest;
mod bands;
pub mod beside;
pub mod brief;
pub mod calendar;
mod causes;
pub mod chart;
pub mod cost;
mod days;
mod difference;
pub mod ensemble;
mod explain;
pub mod explored;
pub mod figures;
pub mod floors;
pub mod follow;
mod frequency;
pub mod goals;
pub mod gravity;
mod language;
mod meant;
pub mod members;
mod notable;
mod of_case;
mod page;
pub mod papers;
pub mod pi_xml;
mod proof;
pub mod quantity;
mod replay;
pub mod satisfaction;
pub mod side_by_side;
mod statements;
mod text;
pub mod view;
pub mod water;
pub mod words;

pub use beside::Beside;
pub use causes::causes;
pub use days::{days, days_workbook};
pub use difference::difference;
pub use explain::{Asked, explain};
pub use frequency::frequency;
pub use language::{Language, Phrase, both, count};
pub use meant::meant;
pub use of_case::{cause_of_case, name_of_case, of_case};
pub use page::{html, html_beside, html_explained};
pub use proof::{replayed, signed, verified, verified_as_json};
pub use text::text;

use std::iter::once_with;

use weir_model::document::PlanDocument;

/// A sentence that belongs to a plan, what it names by name.
pub fn sentence(document: &PlanDocument, text: &str, language: Language) -> String {
    view::View::new(document).statement(text).say(language).to_owned()
}

/// Why there is no plan, by the names of another plan of its basin where there is one; a refusal as it is.
pub fn cause(document: Option<&PlanDocument>, text: &str) -> Phrase {
    document.map_or_else(|| statements::cause(text, |_| None), |document| view::View::new(document).cause(text))
}

/// The files in which a plan is handed on, by name: series long and wide, page, front where there is one, the brief of the day where
/// earlier plans could stand beside it, and the document last, so that whoever finds it finds the others. Each is made when it is asked
/// for, so that no two need be held at once.
pub fn files(document: &PlanDocument, beside: Option<&Beside>) -> impl Iterator<Item = (&'static str, String)> {
    let page = move || beside.map_or_else(|| html(document), |beside| html_beside(document, beside));
    let front = once_with(|| document.csv_front()).flatten().map(|front| ("front.csv", front));
    let brief = beside.into_iter().map(|beside| ("brief.md", brief::day::markdown(document, beside)));
    once_with(|| ("series.csv", document.csv_long()))
        .chain(once_with(|| ("series-wide.csv", document.csv_wide())))
        .chain(once_with(move || ("report.html", page())))
        .chain(front)
        .chain(brief)
        .chain(once_with(|| ("plan.json", document.to_json())))
}
