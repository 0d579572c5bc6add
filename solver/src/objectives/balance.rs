//! Balance of the three uses, form `max_min`: the least satisfaction over regions, uses and periods, maximised.
//!
//! z × (Σ demand − Σ floor) ≤ Σ supply − Σ floor for each entry with a positive denominator; in stream, min(flow, target) =
//! target − shortfall takes the place of supply.
//! Rows: one an entry. Columns: one, z. Dual: of an entry's row, its part in the price of one more unit of satisfaction.

use weir_model::goals::{Objective, Period};
use weir_model::network::{NodeKind, Of, Use};

use super::{ObjectiveKind, select};
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

pub(super) struct Balance;

/// Uses of an objective that names none.
const USES: [&str; 3] = ["domestic", "production", "ecological"];

/// Region, use (its place in the objective's list), in stream, period, member.
type EntryKey = (Option<usize>, usize, bool, usize, usize);

/// What an entry adds up.
#[derive(Clone, Debug, Default)]
struct Entry {
    /// Columns of Σ supply, with its constant.
    supply: Sum,
    demand: f64,
    floor: f64,
    last: usize,
}

impl ObjectiveKind for Balance {
    fn word(&self) -> &'static str {
        "balance"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let entries = entries(builder, objective);
        let Some(index) = builder.goals.objectives.iter().position(|other| other.id == objective.id) else {
            return Expression::default();
        };
        let subject = Subject::Objective(index as u32);
        let at = (builder.layout.steps.saturating_sub(1), 0);
        // Under broken floors a satisfaction may be negative; it is never below −Σ floor ÷ (Σ demand − Σ floor).
        let least = entries.iter().map(|(_, e)| -e.floor / (e.demand - e.floor)).fold(0.0, f64::min);
        let worst = builder.column(subject, Quantity::Worst, at, least, 1.0);
        for ((.., member), entry) in entries {
            let supply = entry.supply.expression();
            let lower = entry.floor - supply.constant;
            let row = builder.row("balance_entry", subject, (entry.last, member), lower, f64::INFINITY);
            for (column, c) in supply.terms {
                builder.matrix.add(row, column, c);
            }
            builder.matrix.add(row, worst, -(entry.demand - entry.floor));
        }
        Expression { terms: vec![(worst, -1.0)], constant: 0.0 }
    }
}

fn entries(builder: &Builder, objective: &Objective) -> Vec<(EntryKey, Entry)> {
    let case = builder.case;
    let network = &case.network;
    let words: Vec<&str> = if objective.uses.is_empty() { USES.to_vec() } else { objective.uses.iter().map(String::as_str).collect() };
    let use_of = |portion_use: Use| words.iter().position(|word| portion_use.covered_by(word));
    let periods = periods(builder, objective.period);
    let reached = reached(builder);
    let mut entries = std::collections::BTreeMap::<EntryKey, Entry>::new();
    for (node, demand) in network.demands().filter(|(node, _)| reached[node.0]) {
        for (index, portion) in builder.layout.portions_of[node.0].clone().zip(&demand.portions) {
            let Some(use_) = use_of(portion.use_) else { continue };
            if !select::portion(objective, network, &network.nodes[node.0], portion) {
                continue;
            }
            for (step, member) in builder.layout.each_step() {
                let size = builder.layout.supplies[index].size_hm3[builder.layout.place(step, member)];
                let entry = entries.entry((network.nodes[node.0].region, use_, false, periods[step], member)).or_default();
                entry.demand += size;
                entry.floor += if portion.floor { size } else { 0.0 };
                entry.last = entry.last.max(step);
                builder.layout.supply(index, step, member, |column, c| entry.supply.add(column, c));
            }
        }
    }
    let in_stream = words.iter().position(|&word| word == Use::Ecological.word());
    for (index, requirement) in network.requirements.iter().enumerate() {
        let (Some(use_), Some(target), Of::Flow(terms)) = (in_stream, &requirement.target, &requirement.of) else { continue };
        let from_water = terms.iter().any(|&(arc, _)| reached[network.arcs[arc.0].tail.0]);
        if !from_water || !select::section(objective, network, requirement) {
            continue;
        }
        for (step, member) in builder.layout.each_step() {
            let read = |bound| Some(case.bound(bound, step, member) * case.hm3_per_m3s(step)).filter(|v: &f64| v.is_finite());
            let Some(target) = read(target).filter(|&target| target > 0.0) else { continue };
            let floor = requirement.floor.as_ref().and_then(read).unwrap_or(0.0).clamp(0.0, target);
            let entry = entries.entry((requirement.region, use_, true, periods[step], member)).or_default();
            entry.demand += target;
            entry.floor += floor;
            entry.last = entry.last.max(step);
            entry.supply.add_constant(target);
            for part in 0..requirement.target_parts.len().max(1) {
                builder.layout.shortfall(index, part, step, member, |column, c| entry.supply.add(column, -c));
            }
        }
    }
    entries.into_iter().filter(|(_, entry)| entry.demand - entry.floor > weir_model::tolerance::FEASIBILITY_HM3).collect()
}

/// For each step, the number of its period; a period that the horizon cuts to less than half joins its neighbour.
fn periods(builder: &Builder, period: Period) -> Vec<usize> {
    let horizon = &builder.case.horizon;
    let steps = horizon.steps();
    let mut numbers: Vec<usize> = Vec::with_capacity(steps);
    let mut last = None;
    for edge in horizon.edges.iter().take(steps) {
        let date = edge.date();
        let third = i32::from((date.day() - 1) / 10).min(2);
        let label = match period {
            Period::Step => (numbers.len() as i32, 0, 0),
            Period::TenDays => (i32::from(date.year()), i32::from(date.month()), third),
            Period::Month => (i32::from(date.year()), i32::from(date.month()), 0),
            Period::Horizon => (0, 0, 0),
        };
        let number = numbers.last().map_or(0, |&n| if last == Some(label) { n } else { n + 1 });
        numbers.push(number);
        last = Some(label);
    }
    let Some(&highest) = numbers.last() else { return numbers };
    let whole_days = |step: usize| {
        let date = horizon.edges[step].date();
        let month = f64::from(date.days_in_month());
        match period {
            Period::TenDays if date.day() > 20 => month - 20.0,
            Period::TenDays => 10.0,
            Period::Month => month,
            Period::Step | Period::Horizon => 0.0,
        }
    };
    let covered = |number: usize| (0..steps).filter(|&t| numbers[t] == number).map(|t| horizon.days(t)).sum::<f64>();
    if highest > 0 {
        let cut_last = covered(highest) * 2.0 < whole_days(steps - 1);
        let cut_first = highest > usize::from(cut_last) && covered(0) * 2.0 < whole_days(0);
        for number in &mut numbers {
            if cut_last && *number == highest {
                *number -= 1;
            }
            if cut_first && *number == 0 {
                *number = 1;
            }
        }
    }
    numbers
}

/// Nodes that water can reach: from storages and sources, along arcs that are not closed throughout.
fn reached(builder: &Builder) -> Vec<bool> {
    let network = &builder.case.network;
    let holds = |kind: &NodeKind| matches!(kind, NodeKind::Storage(_) | NodeKind::Source(_));
    let mut reached: Vec<bool> = network.nodes.iter().map(|node| holds(&node.kind)).collect();
    let open: Vec<bool> = network
        .arcs
        .iter()
        .map(|arc| builder.layout.each_step().any(|(step, member)| builder.case.at(&arc.capacity, step, member) > 0.0))
        .collect();
    loop {
        let before = reached.iter().filter(|&&is| is).count();
        for (arc, _) in network.arcs.iter().zip(&open).filter(|&(_, &open)| open) {
            if reached[arc.tail.0] {
                for receiver in &arc.receivers {
                    reached[receiver.node.0] = true;
                }
            }
        }
        if reached.iter().filter(|&&is| is).count() == before {
            return reached;
        }
    }
}
