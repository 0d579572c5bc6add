//! What was really released, or would be by another policy: a CSV file of days with a column a way (`RESERVOIR.OUTLET`, a canal), m³/s,
//! or `DEMAND.supply`, what was delivered there, which its portions share by what they ask for.
//!
//! It is carried out as a plan is: orders by the file, water by the record. No rule asks for more: it is what was. What the file does
//! not say is left to the rules of supply. What a way cannot pass, or has not the water for, it passes less: [`cut`] tells how much.
//! Fails: a column that names no way or demand of the basin, rows that cannot be read, days that a column does not have, values below 0.

use std::path::Path;

use jiff::civil::Time;
use weir_model::basin::nearest::hint;
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::network::NodeKind;
use weir_model::place::{Place, Refusals};
use weir_model::plan::Decisions;
use weir_model::record::Record;
use weir_model::series::{Meaning, SeriesFile};
use weir_model::table::{Table, TableFault};
use weir_report::backtest::Cut;
use weir_report::name_of_case;

use super::record::refuse;
use crate::questions::NOTHING;

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
    let series =
        match Table::read(path).and_then(|table| not_below_nothing(&table).and_then(|()| SeriesFile::from_table(table))) {
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
        let arc = network.arc(heading.strip_suffix(".flow").unwrap_or(heading));
        let demand = heading.strip_suffix(".supply").filter(|id| demands.contains(id));
        let is_known = arc.is_some() || demand.is_some();
        if let Some(step) = steps.clone().find(|step| is_known && on(*step).is_none()) {
            let ((first, last), date) = (days.ends(), horizon.date_of(step));
            let message = format!("column `{heading}` has nothing on {date}, within the days that are asked for");
            let hint =
                format!("it goes from {first} to {last}: add what was released then, or ask within it by --from and --to");
            refusals.push(&Place::new(&*file, 0), None, message, Some(hint));
            continue;
        }
        if let Some(arc) = arc {
            for step in steps {
                decisions.flow_m3s[[arc.0, step]] = on(step).unwrap_or(f64::NAN);
            }
        } else if let Some(id) = demand {
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

/// Refuses values below 0, the first of each column with its line.
fn not_below_nothing(table: &Table) -> Result<(), TableFault> {
    let below = |column: usize| {
        let value = |row| table.number(row, column).ok().flatten().filter(|value| *value < 0.0);
        let (row, value) = table.rows.iter().find_map(|row| Some((row, value(row)?)))?;
        let message = format!("column `{}`: {value} is below 0, and nothing is released backwards", table.header[column]);
        Some(TableFault::new(row.line, message).hint("write what was let go, in m³/s, 0 where it was nothing"))
    };
    TableFault::all((1..table.header.len()).filter_map(below).collect())
}

/// Ways that passed less than the file says, on the days of a case.
pub(super) fn cut((case, goals): (&Case, &Goals), asked: &Decisions, done: &Decisions) -> Vec<Cut> {
    let of_way = |(row, arc): (usize, &weir_model::network::Arc)| {
        let pairs = asked.flow_m3s.row(row).into_iter().zip(done.flow_m3s.row(row));
        let less: Vec<f64> = pairs.map(|(asked, done)| asked - done).filter(|less| *less > NOTHING).collect();
        let most_m3s = less.iter().copied().reduce(f64::max)?;
        Some(Cut { address: arc.id.clone(), name: name_of_case(case, goals, &arc.id), days: less.len(), most_m3s })
    };
    case.network.arcs.iter().enumerate().filter_map(of_way).collect()
}
