//! Pages: so many items, and where the next page begins.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

/// Items in a page unless told otherwise.
const USUAL: i64 = 50;
/// Most items in a page.
const MOST: i64 = 500;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to give as `cursor` for the page after this; none on the last.
    pub next: Option<String>,
}

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// Items in the page, 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    pub most: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

impl<T> Page<T> {
    /// The page of `most` items out of up to one more than those.
    pub fn of<R>(mut found: Vec<R>, most: i64, cursor: impl Fn(&R) -> String, view: impl Fn(R) -> T) -> Self {
        let length = usize::try_from(most).unwrap_or(usize::MAX);
        let more = found.len() > length;
        found.truncate(length);
        let next = if more { found.last().map(cursor) } else { None };
        Self { items: found.into_iter().map(view).collect(), next }
    }
}

/// How many items a page shall have.
pub(super) fn most(asked: Option<i64>) -> Result<i64, Problem> {
    match asked {
        None => Ok(USUAL),
        Some(most) if (1..=MOST).contains(&most) => Ok(most),
        Some(most) => Err(Problem::refused_value(format!("`most`: {most} is not within 1 and {MOST}"))),
    }
}

/// The number that a cursor is.
pub(super) fn number(cursor: Option<&str>) -> Result<Option<i64>, Problem> {
    let read = |text: &str| text.parse().map_err(|_| unknown_cursor(text));
    cursor.map(read).transpose()
}

/// A cursor that no page gave.
pub(super) fn unknown_cursor(cursor: &str) -> Problem {
    Problem::refused_value(format!("`cursor`: `{cursor}` was `next` of no page"))
}
