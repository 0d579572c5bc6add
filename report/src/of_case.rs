//! Sentences about a case that has no plan, and so no document: what they name, by the names of the basin.

use weir_model::case::Case;
use weir_model::goals::Goals;

use crate::language::Phrase;
use crate::statements;
use crate::view::named;
use crate::words;

/// A sentence in both languages, what it names by name.
pub fn of_case(case: &Case, goals: &Goals, text: &str) -> Phrase {
    statements::statement(text, |address| called(case, goals, address))
}

/// Why there is no plan, in both languages: a head and such sentences; a refusal as it is.
pub fn cause_of_case(case: &Case, goals: &Goals, text: &str) -> Phrase {
    statements::cause(text, |address| called(case, goals, address))
}

/// What an address names; the address where nothing has it.
pub fn name_of_case(case: &Case, goals: &Goals, address: &str) -> Phrase {
    named_by(case, goals, address).unwrap_or_else(|| Phrase::same(address))
}

fn called(case: &Case, goals: &Goals, address: &str) -> Option<String> {
    named_by(case, goals, address).map(|name| name.chinese)
}

fn named_by(case: &Case, goals: &Goals, address: &str) -> Option<Phrase> {
    let network = &case.network;
    let nodes = network.nodes.iter().map(|node| (&node.id, &node.name));
    let arcs = network.arcs.iter().map(|arc| (&arc.id, &arc.name));
    let requirements = network.requirements.iter().map(|requirement| (&requirement.id, &requirement.name));
    let accounts = network.accounts.iter().map(|account| (&account.id, &account.name));
    let objectives = goals.objectives.iter().map(|objective| (&objective.id, &objective.name));
    let all: Vec<(&String, &String)> = nodes.chain(arcs).chain(requirements).chain(accounts).chain(objectives).collect();
    let element = |id: &str| all.iter().find(|(known, _)| *known == id);
    let known = |id: &str| {
        let (_, name) = element(id)?;
        if name.is_empty() {
            return Some(words::word(id).chinese);
        }
        // An outlet is told with its reservoir.
        let owner = id.rsplit_once('.').and_then(|(owner, _)| element(owner)).map_or("", |(_, owner)| owner);
        Some(if owner.is_empty() || name.contains(owner) { (*name).clone() } else { format!("{owner} · {name}") })
    };
    named(address, known)
}
