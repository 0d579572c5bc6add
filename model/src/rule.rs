//! Addresses of the hard rules that can give way: the words by which relaxations, conflicts and the audit name them.
//!
//! | address | rule |
//! |---|---|
//! | `shanxi.flood_limit` | storage at most the flood limit |
//! | `shanxi.top` | storage at most the top, under a start above it |
//! | `shanxi.dead_level` | storage at least the dead level, under a start below it or by evaporation alone |
//! | `shanxi.end_storage` | hard end storage |
//! | `ruian_works.residents.floor` | supply of the floor portions of a class |
//! | `shanxi.turbines.floor` | least flow of an arc |
//! | `shanxi.flood_event.ceiling` | outflow in a flood event at most its peak inflow (a requirement) |
//! | `zhaoshandu_release.floor`, `.ceiling`, `.rise`, `.fall` | a requirement |
//! | `permit.limit`, `permit.2026-11.limit` | hard account, by window where it has several |

use crate::network::{Account, AccountWindow, Arc, Node, Requirement};

/// Flood limit of a storage.
pub fn flood_limit(node: &Node) -> String {
    format!("{}.flood_limit", node.id)
}

/// Top of a storage.
pub fn top(node: &Node) -> String {
    format!("{}.top", node.id)
}

/// Dead level of a storage.
pub fn dead_level(node: &Node) -> String {
    format!("{}.dead_level", node.id)
}

/// Hard end storage.
pub fn end_storage(node: &Node) -> String {
    format!("{}.end_storage", node.id)
}

/// Floor of a class of a demand.
pub fn class_floor(node: &Node, class: &str) -> String {
    format!("{}.{class}.floor", node.id)
}

/// Least flow of an arc.
pub fn arc_floor(arc: &Arc) -> String {
    format!("{}.floor", arc.id)
}

/// A part of a requirement: `floor`, `ceiling`, `rise` or `fall`.
pub fn requirement(requirement: &Requirement, part: &str) -> String {
    format!("{}.{part}", requirement.id)
}

/// Limit of an account in a window.
pub fn account_limit(account: &Account, window: &AccountWindow) -> String {
    if account.windows.len() > 1 {
        format!("{}.{}.limit", account.id, window.label)
    } else {
        format!("{}.limit", account.id)
    }
}
