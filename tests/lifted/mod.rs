//! A case without one of its rules, named as a conflict names it.

#![allow(dead_code, reason = "each test takes what it needs")]

use weir_model::case::Case;
use weir_model::forcing::Param;
use weir_model::network::{Node, NodeKind, Storage};

/// The case without a rule; none where there is no such rule.
pub fn without(case: &Case, rule: &str) -> Option<Case> {
    let (id, word) = rule.rsplit_once('.')?;
    let mut free = case.clone();
    let network = &mut free.network;
    let mut lifted = network.nodes.iter_mut().map(|node| usize::from(lift_at(node, (id, word)))).sum::<usize>();
    for arc in network.arcs.iter_mut().filter(|arc| arc.id == id) {
        lifted += 1;
        match word {
            "capacity" => (arc.capacity, arc.discharge) = (Param::constant(1e5), None),
            "floor" => arc.floor = Param::constant(0.0),
            "minimum" => arc.commitment = None,
            "changes" => arc.commitment.as_mut()?.changes = None,
            _ => return None,
        }
    }
    for requirement in network.requirements.iter_mut().filter(|requirement| requirement.id == id) {
        lifted += 1;
        match word {
            "floor" => requirement.floor = None,
            "ceiling" => requirement.ceiling = None,
            "rise" => requirement.rise_per_day = None,
            "fall" => requirement.fall_per_day = None,
            "assurance" => requirement.assurance = None,
            _ => return None,
        }
    }
    // An account of several windows is named with the window, and lifted whole.
    let of_account = |account: &str| id.strip_prefix(account).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    for account in network.accounts.iter_mut().filter(|account| word == "limit" && of_account(&account.id)) {
        (account.hard, lifted) = (false, lifted + 1);
    }
    for group in network.groups.iter_mut().filter(|group| word == "most_open" && group.id == id) {
        (group.most_open, lifted) = (group.arcs.len(), lifted + 1);
    }
    (lifted > 0).then_some(free)
}

/// Lifts a rule of a storage, or the floor of a class of a demand, if it stands there.
fn lift_at(node: &mut Node, (id, word): (&str, &str)) -> bool {
    match &mut node.kind {
        NodeKind::Storage(storage) if node.id == id => lift_of(storage, word),
        NodeKind::Source(source) if word == "available" && node.id == id => {
            source.flow = Param::constant(1e5);
            true
        }
        NodeKind::Demand(demand) if word == "floor" => {
            let own = demand.portions.iter_mut().filter(|portion| format!("{}.{}", node.id, portion.class) == id);
            own.map(|portion| portion.floor = false).count() > 0
        }
        _ => false,
    }
}

fn lift_of(storage: &mut Storage, word: &str) -> bool {
    match word {
        "dead_level" => storage.lower = Param::constant(0.0),
        "top" => storage.upper = Param::constant(1e6),
        "end_storage" => storage.end = None,
        "flood_limit" => storage.flood_limit = None,
        _ => return false,
    }
    true
}
