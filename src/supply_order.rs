//! Where the stages deviate from the order of supply that the file sets.

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_solver::rules::{names_portion, names_section, stage_of_portion, stage_of_section};

/// A sentence a pair of levels of which the later is served by an earlier stage.
pub fn deviations(case: &Case, goals: &Goals) -> Vec<String> {
    let after_all = goals.stages.len();
    let mut served: Vec<Vec<usize>> = vec![Vec::new(); goals.supply_order.len()];
    for row in case.network.portions().filter(|row| !row.portion.floor) {
        if let Some(level) = goals.supply_order.iter().position(|level| names_portion(level, row.portion)) {
            served[level].push(stage_of_portion(case, goals, row.row).unwrap_or(after_all));
        }
    }
    for (index, requirement) in case.network.requirements.iter().enumerate() {
        let owed = requirement.kind.is_ecological() && requirement.target.is_some();
        let level = goals.supply_order.iter().position(|level| names_section(level, requirement));
        if let Some(level) = level.filter(|_| owed) {
            served[level].push(stage_of_section(case, goals, index, 0).unwrap_or(after_all));
        }
    }
    let mut found = Vec::new();
    for (first, before) in served.iter().enumerate() {
        for (second, after) in served.iter().enumerate().skip(first + 1) {
            let (Some(late), Some(early)) = (before.iter().max(), after.iter().min()) else { continue };
            if early < late {
                let (first, second) = (&goals.supply_order[first], &goals.supply_order[second]);
                let clause = first.clause.as_ref().map_or_else(String::new, |clause| format!(" ({clause})"));
                let late = if *late == after_all { "no stage".to_owned() } else { format!("stage {}", late + 1) };
                found.push(format!(
                    "`{}`{clause} comes before `{}`, but is served by {late}, the other by stage {}",
                    first.name,
                    second.name,
                    early + 1
                ));
            }
        }
    }
    found
}
