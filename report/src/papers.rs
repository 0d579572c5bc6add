//! Papers of an office: the day's tables as a workbook, and order sheets, each filled from a template.
//!
//! A template is an office's own file; where it has none, the built-in one. Only what a name or a placeholder says is changed in it.
//! What is filled in is made from the plan by rule, as the page is.
//! Fails: a template that is none, or that asks for what there is not; every message says how to mend it.

mod document;
pub mod lists;
pub mod names;
pub mod order_sheet;
mod package;
pub(crate) mod plain;
mod references;
mod sheet;
mod template;
mod workbook;
mod xml;

pub use order_sheet::OrderSheet;
pub use workbook::PREFIX;

use weir_model::document::PlanDocument;

use self::names::Names;
use crate::beside::Beside;

/// The day's tables of a plan, in a template of an office or the built-in one.
///
/// # Errors
/// All faults of the template.
pub fn day_tables(document: &PlanDocument, beside: &Beside, template: Option<&[u8]>) -> Result<Vec<u8>, Vec<String>> {
    let names = Names::new(document, beside);
    match template {
        Some(template) => workbook::fill(template, &names),
        None => workbook::fill(&built_in_day_tables()?, &names),
    }
}

/// The built-in template of the day's tables.
///
/// # Errors
/// If it cannot be packed.
pub fn built_in_day_tables() -> Result<Vec<u8>, Vec<String>> {
    template::workbook().map_err(|why| vec![why])
}

/// What is wrong with a template of the day's tables, as far as it can be told without a plan.
///
/// # Errors
/// All faults.
pub fn check_day_tables(template: &[u8]) -> Result<(), Vec<String>> {
    workbook::check(template)
}
