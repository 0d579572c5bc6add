//! How grave a warning is: the order in which warnings are read and the colour that they bear.

use weir_model::document::WarningRow;

use crate::language::{Phrase, both};
use crate::view::View;
use crate::words;

/// Rank of a warning: 0 the gravest, 3 a notice, 4 a remark.
pub fn gravity(row: &WarningRow) -> usize {
    if is_remark(row) {
        return 4;
    }
    match row.grade.as_str() {
        "red" | "红色" | "红" | "超计划" | "beyond_available" | "minimum_when_open" | "dead" => 0,
        "orange" | "橙色" | "橙" | "预警" | "supply_lower" | "emergency_supply_lower" => 1,
        "提示" | "blue" | "蓝色" | "蓝" => 3,
        _ => 2,
    }
}

/// What is only told, and judged by nothing.
pub fn is_remark(row: &WarningRow) -> bool {
    row.kind == "way_after_end"
}

/// Warnings by gravity, each object's together within it; an account's notice is left out where a graver band
/// is told.
pub fn sorted(rows: &[WarningRow]) -> Vec<&WarningRow> {
    // Bands of an account start on different days and end with its window.
    let told = |row: &WarningRow| {
        rows.iter().any(|other| {
            other.kind == "account"
                && (&other.address, &other.to) == (&row.address, &row.to)
                && ["预警", "超计划"].contains(&other.grade.as_str())
        })
    };
    let folded = |row: &&WarningRow| row.kind != "account" || row.grade != "提示" || !told(row);
    let mut found: Vec<&WarningRow> = rows.iter().filter(folded).collect();
    found.sort_by_key(|row| gravity(row));
    found
}

/// What kind of warning it is; that of a works release by its own name.
pub fn kind(view: &View<'_>, row: &WarningRow) -> Phrase {
    let works = view.content.elements.iter().any(|e| e.id == row.address && e.kind == "works_release");
    if works && row.kind == "section" { both("工程下泄", "works release") } else { words::word(&row.kind) }
}

/// The class that gives a warning its colour.
pub fn class(row: &WarningRow) -> &'static str {
    ["red", "orange", "yellow", "blue", "blue"][gravity(row)]
}
