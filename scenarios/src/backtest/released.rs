//! What was really released, or would be by another policy: a CSV file of days with a column a way (`RESERVOIR.OUTLET`, a canal), m³/s,
//! or `DEMAND.supply`, what was delivered there, which its portions share by what they ask for.
//!
//! It is carried out as a plan is: orders by the file, water by the record. No rule asks for more: it is what was. What the file does
//! not say is left to the rules of supply.
//! Fails: a column that names no way or demand of the basin, rows that cannot be read.

use std::path::Path;

use jiff::civil::Time;
use weir_model::basin::nearest::hint;
use weir_model::case::Case;
use weir_model::network::NodeKind;
use weir_model::place::{Place, Refusals};
use weir_model::plan::Decisions;
use weir_model::record::Record;
use weir_model::series::{Meaning, SeriesFile};

use super::record::refuse;

/// The case without its rules: only what is physical binds what was.
pub(super) fn unruled(case: &Case) -> Case {
    let mut case = case.clone();
    case.network.requirements.clear();
    case.network.accounts.clear();
    for node in &mut case.network.nodes {
        if let NodeKind::Storage(storage) = &mut node.kind {
            storage.flood_limit = None;
        }
    }
    case
}

/// What the file says, on the days of a case; not a number where it says nothing.
///
/// # Errors
/// See the module.
pub(super) fn released(path: &Path, case: &Case) -> Result<Decisions, Refusals> {
    let file = path.display().to_string();
    let (mut refusals, mut decisions) = (Refusals::default(), super::nothing_done(case));
    decisions.flow_m3s.fill(f64::NAN);
    decisions.supply_m3s.fill(f64::NAN);
    let series = match SeriesFile::read(path) {
        Ok(series) => series,
        Err(faults) => {
            refuse(&mut refusals, &file, None, &faults);
            return refusals.or(decisions);
        }
    };
    let (network, horizon) = (&case.network, &case.horizon);
    let demands: Vec<&str> = network.demands().map(|(node, _)| network.nodes[node.0].id.as_str()).collect();
    for heading in series.columns() {
        let days = series
            .column(heading)
            .and_then(|column| Record::of(&series, column, (Meaning::Mean, Time::midnight()), &horizon.time_zone));
        let days = match days {
            Ok(days) => days,
            Err(faults) => {
                refuse(&mut refusals, &file, None, &faults);
                continue;
            }
        };
        let on = |step: usize| days.on(horizon.date_of(step));
        let steps = 0..horizon.steps();
        if let Some(arc) = network.arc(heading.strip_suffix(".flow").unwrap_or(heading)) {
            for step in steps {
                decisions.flow_m3s[[arc.0, step]] = on(step).unwrap_or(f64::NAN);
            }
        } else if let Some(id) = heading.strip_suffix(".supply").filter(|id| demands.contains(id)) {
            let rows: Vec<_> = network.portions().filter(|row| network.nodes[row.node.0].id == *id).collect();
            for step in steps {
                let sizes: Vec<f64> = rows.iter().map(|row| case.size_m3s(row.demand, row.portion, step, 0)).collect();
                let all: f64 = sizes.iter().sum();
                for (row, size) in rows.iter().zip(sizes) {
                    let share = if all > 0.0 { size / all } else { 0.0 };
                    decisions.supply_m3s[[row.row, step]] = on(step).unwrap_or(f64::NAN) * share;
                }
            }
        } else {
            let ways = network.arcs.iter().map(|arc| arc.id.clone());
            let known: Vec<String> = ways.chain(demands.iter().map(|id| format!("{id}.supply"))).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!("column `{heading}` names no way of the basin, and no `DEMAND.supply`");
            refusals.push(&Place::new(&*file, 0), None, message, hint(heading, &known, "ways and supplies"));
        }
    }
    refusals.or(decisions)
}
