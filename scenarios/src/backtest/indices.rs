//! Indices of a run over the days of a record: how often, how much, how long and how badly it failed.
//!
//! Of users, by use and of all: *time reliability* 历时保证率, days served in full ÷ days; *volume reliability* 供水量保证率,
//! supply ÷ demand; *resilience* 可恢复性, the share of days short that a day served in full follows; *vulnerability* 脆弱性, mean over the
//! spells of their greatest shortage, m³/s; *shortage index* 缺水指数, 100 × mean over the years from the start of (shortage ÷ demand)².
//! Of sections: days met ÷ valid days, the worst seven days' flow ÷ target, the longest run below it. Of reservoirs: least and last
//! storage, spill, days and greatest volume above the flood limit, mean change of the outflow from day to day. What curtailments take
//! is counted as short, so that policies with and without them compare.
//!
//! Source: Hashimoto, Stedinger & Loucks (1982) Water Resources Research 18(1); shortage index: US Army HEC (1966).
//! Limits: member 0; steps are days.

use weir_model::audit::audit;
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::measures::{measure, target_of};
use weir_model::network::{ArcId, Requirement, Role, Use};
use weir_model::plan::{Certificate, Decisions, EngineFacts, Plan};
use weir_model::tolerance::FEASIBILITY_HM3;
use weir_report::backtest::{BreachRow, Failure, Indices, Instead, Line, ObjectiveRow, SectionRow, StoreRow, UseRow};
use weir_report::{Phrase, cause_of_case};

/// Most days that are told on which the water does not add up.
const MOST: usize = 12;
/// Days of the worst spell of a section.
const WEEK: usize = 7;

/// All indices.
pub(super) fn indices(case: &Case, goals: &Goals, decisions: &Decisions, breaches: Vec<BreachRow>) -> Indices {
    let words = std::iter::once(None).chain(Use::ALL.into_iter().map(Some));
    let sections = case.network.requirements.iter().filter(|rule| rule.kind.is_ecological() && rule.target.is_some());
    Indices {
        uses: words.filter_map(|of| of_use(case, decisions, of)).collect(),
        sections: sections.map(|rule| section(case, decisions, rule)).collect(),
        stores: stores(case, decisions),
        energy_gwh: energy(case, decisions),
        objectives: objectives(case, goals, decisions),
        breaches,
    }
}

/// What each user of a use wants and gets on each day, m³/s.
fn wanted_and_got(case: &Case, decisions: &Decisions, of: Option<Use>) -> Vec<(f64, f64)> {
    let mut days = vec![(0.0, 0.0); case.horizon.steps()];
    for row in case.network.portions().filter(|row| of.is_none_or(|of| row.portion.use_ == of)) {
        for (step, (wanted, got)) in days.iter_mut().enumerate() {
            let left = case.size_m3s(row.demand, row.portion, step, 0);
            *wanted += left + case.curtailed_m3s(row.demand, row.portion, step, 0);
            *got += decisions.supply_m3s[[row.row, step]].min(left);
        }
    }
    days
}

fn of_use(case: &Case, decisions: &Decisions, of: Option<Use>) -> Option<UseRow> {
    let days = wanted_and_got(case, decisions, of);
    let volume = |value: &dyn Fn(f64, f64) -> f64| -> f64 {
        days.iter().enumerate().map(|(step, (wanted, got))| value(*wanted, *got) * case.hm3_per_m3s(step)).sum()
    };
    let demand_hm3 = volume(&|wanted, _| wanted);
    if demand_hm3 <= 0.0 {
        return None;
    }
    let lacks: Vec<f64> = days
        .iter()
        .enumerate()
        .map(|(step, (wanted, got))| {
            let lacks = (wanted - got).max(0.0);
            // What all portions' tolerances leave is no shortage.
            if lacks * case.hm3_per_m3s(step) > 1e-5 * (wanted * case.hm3_per_m3s(step)).max(FEASIBILITY_HM3) {
                lacks
            } else {
                0.0
            }
        })
        .collect();
    let spells = spells(lacks.iter().map(|lacks| *lacks > 0.0));
    let short = lacks.iter().filter(|lacks| **lacks > 0.0).count();
    let ended = spells.iter().filter(|spell| spell.end < lacks.len()).count();
    let open = usize::from(lacks.last().is_some_and(|lacks| *lacks > 0.0));
    let worst = |spell: &std::ops::Range<usize>| lacks[spell.clone()].iter().copied().fold(0.0, f64::max);
    let count = lacks.len() as f64;
    Some(UseRow {
        use_: of.map_or("all", Use::word).to_owned(),
        demand_hm3,
        supply_hm3: volume(&|_, got| got),
        days: lacks.len(),
        days_short: short,
        time_reliability: 1.0 - short as f64 / count,
        volume_reliability: volume(&|wanted, got| got.min(wanted)) / demand_hm3,
        resilience: (short > open).then(|| ended as f64 / (short - open) as f64),
        vulnerability_m3s: (!spells.is_empty()).then(|| spells.iter().map(worst).sum::<f64>() / spells.len() as f64),
        longest_days: spells.iter().map(std::ops::Range::len).max().unwrap_or(0),
        shortage_index: shortage_index(case, &days),
        mean_shortage_m3s: lacks.iter().sum::<f64>() / count,
        mean_squared_shortage: lacks.iter().map(|lacks| lacks * lacks).sum::<f64>() / count,
    })
}

/// 100 × mean over the years from the start of (shortage ÷ demand)².
fn shortage_index(case: &Case, days: &[(f64, f64)]) -> f64 {
    let start = case.horizon.date_of(0);
    let mut years: Vec<(f64, f64)> = Vec::new();
    for (step, (wanted, got)) in days.iter().enumerate() {
        let date = case.horizon.date_of(step);
        let before = usize::from((date.month(), date.day()) < (start.month(), start.day()));
        let year = (date.year() - start.year()) as usize - before;
        years.resize(years.len().max(year + 1), (0.0, 0.0));
        years[year].0 += (wanted - got).max(0.0);
        years[year].1 += wanted;
    }
    let squares = years.iter().map(|(lacks, wanted)| if *wanted > 0.0 { (lacks / wanted).powi(2) } else { 0.0 });
    100.0 * squares.sum::<f64>() / years.len() as f64
}

/// Runs of days on which something holds.
fn spells(holds: impl Iterator<Item = bool>) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for (day, _) in holds.enumerate().filter(|(_, holds)| *holds) {
        match found.last_mut() {
            Some(spell) if spell.end == day => spell.end += 1,
            _ => found.push(day..day + 1),
        }
    }
    found
}

fn section(case: &Case, decisions: &Decisions, rule: &Requirement) -> SectionRow {
    let targets: Vec<Option<f64>> = (0..case.horizon.steps()).map(|step| target_of(case, rule, step, 0)).collect();
    let value = |step: usize| case.value_of(&rule.of, decisions, step);
    let failed = |step: usize| targets[step].is_some_and(|target| !case.meets(&rule.of, decisions, step, target));
    let valid = targets.iter().flatten().count();
    let failed: Vec<bool> = (0..targets.len()).map(failed).collect();
    let weeks = (0..(targets.len() + 1).saturating_sub(WEEK)).filter_map(|first| {
        let steps = first..first + WEEK;
        let owed: Option<f64> = targets[steps.clone()].iter().copied().sum();
        owed.map(|owed| steps.map(value).sum::<f64>() / owed)
    });
    let days_failed = failed.iter().filter(|failed| **failed).count();
    SectionRow {
        id: rule.id.clone(),
        name: rule.name.clone(),
        valid_days: valid,
        days_met: valid - days_failed,
        assurance: (valid > 0).then(|| (valid - days_failed) as f64 / valid as f64),
        worst_week: weeks.reduce(f64::min),
        longest_days: spells(failed.into_iter()).iter().map(std::ops::Range::len).max().unwrap_or(0),
    }
}

fn stores(case: &Case, decisions: &Decisions) -> Vec<StoreRow> {
    let steps = case.horizon.steps();
    let rows = case.network.storages().enumerate().filter(|(_, (_, storage))| !storage.aquifer);
    let row = |(row, (node, storage)): (usize, (weir_model::network::NodeId, &weir_model::network::Storage))| {
        let stored = decisions.storage_hm3.row(row);
        let above = (0..steps).map(|step| {
            let (limit, is_flood_limit) = case.storage_limit(storage, step, 0);
            if is_flood_limit { (stored[step + 1] - limit).max(0.0) } else { 0.0 }
        });
        let above: Vec<f64> = above.filter(|hm3| *hm3 > FEASIBILITY_HM3).collect();
        let outflow = |step: usize| case.outflow_m3s(node, decisions, step);
        let changes: f64 = (1..steps).map(|step| (outflow(step) - outflow(step - 1)).abs()).sum();
        let spilled = |step: usize| case.leaving_m3s(node, decisions, step, |role| role == Role::Spillway);
        StoreRow {
            id: case.network.nodes[node.0].id.clone(),
            name: case.network.nodes[node.0].name.clone(),
            least_hm3: stored.iter().copied().fold(f64::INFINITY, f64::min),
            end_hm3: stored[steps],
            spill_hm3: (0..steps).map(|step| spilled(step) * case.hm3_per_m3s(step)).sum::<f64>() + 0.0,
            days_above_limit: above.len(),
            most_above_limit_hm3: above.iter().copied().fold(0.0, f64::max),
            jitter_m3s: changes / (steps.max(2) - 1) as f64,
        }
    };
    rows.map(row).collect()
}

fn energy(case: &Case, decisions: &Decisions) -> Option<f64> {
    let arcs = case.network.arcs.iter().enumerate();
    let turbines: Vec<usize> =
        arcs.filter(|(_, arc)| arc.energy.is_some_and(|energy| energy.gwh_per_hm3 > 0.0)).map(|(index, _)| index).collect();
    let made = |arc: usize, step: usize| {
        case.gwh_per_hm3(ArcId(arc), decisions, step) * decisions.flow_m3s[[arc, step]] * case.hm3_per_m3s(step)
    };
    let steps = 0..case.horizon.steps();
    (!turbines.is_empty()).then(|| turbines.iter().map(|arc| steps.clone().map(|step| made(*arc, step)).sum::<f64>()).sum())
}

fn objectives(case: &Case, goals: &Goals, decisions: &Decisions) -> Vec<ObjectiveRow> {
    let staged = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage));
    let row = |objective: &weir_model::goals::Objective| {
        let measure = measure(&objective.kind)?;
        Some(ObjectiveRow {
            id: objective.id.clone(),
            name: objective.name.clone(),
            kind: objective.kind.clone(),
            sense: measure.sense().word().to_owned(),
            unit: measure.unit(objective).to_owned(),
            value: measure.value(case, objective, decisions),
        })
    };
    staged.filter_map(row).collect()
}

/// Rules that did not hold, each with its days and volume; and what cannot be, which is a failure.
pub(super) fn against_rules(case: &Case, goals: &Goals, decisions: &Decisions) -> (Vec<BreachRow>, Vec<Failure>) {
    let plan = Plan {
        decisions: decisions.clone(),
        stages: Vec::new(),
        closing: Vec::new(),
        relaxations: Vec::new(),
        water_values: Vec::new(),
        certificate: Certificate::default(),
        front: None,
        engine: EngineFacts::default(),
        notes: Vec::new(),
    };
    let (mut breaches, mut failures): (Vec<BreachRow>, Vec<Failure>) = (Vec::new(), Vec::new());
    for finding in audit(case, goals, &plan).findings {
        match finding.family {
            "objective" => {}
            "shape" | "number" | "start" | "balance" | "source" | "storage" | "capacity" | "supply" => {
                let cause = finding.to_string();
                match failures.iter_mut().find(|failure| failure.day == finding.when) {
                    Some(failure) => failure.cause += &format!("; {cause}"),
                    None => failures.push(Failure {
                        day: finding.when.clone(),
                        days: 1,
                        cause: format!("the water does not add up: {cause}"),
                        said: Phrase::default(),
                        instead: Instead::Impossible,
                    }),
                }
            }
            family => match breaches.iter_mut().find(|row| row.address == finding.address) {
                Some(row) => (row.days, row.size) = (row.days + 1, row.size + finding.size),
                None => breaches.push(BreachRow {
                    family: family.to_owned(),
                    address: finding.address,
                    days: 1,
                    size: finding.size,
                    unit: finding.unit,
                }),
            },
        }
    }
    let more = failures.len().saturating_sub(MOST);
    failures.truncate(MOST);
    if let Some(last) = failures.last_mut().filter(|_| more > 0) {
        last.cause += &format!("; and on {more} days more");
        last.days += more;
    }
    for failure in &mut failures {
        failure.said = cause_of_case(case, goals, &failure.cause);
    }
    (breaches, failures)
}

/// Series for pictures and for whoever computes further: a value a day, storages one more at the start.
pub(super) fn series(case: &Case, decisions: &Decisions) -> Vec<Line> {
    let steps = case.horizon.steps();
    let mut lines = Vec::new();
    let mut line = |address: &str, name: &str, quantity: &str, unit: &str, values: Vec<f64>| {
        let (address, name, quantity, unit) = (address.to_owned(), name.to_owned(), quantity.to_owned(), unit.to_owned());
        lines.push(Line { address, name, quantity, unit, values });
    };
    for (row, (node, storage)) in case.network.storages().enumerate() {
        let facts = &case.network.nodes[node.0];
        line(&facts.id, &facts.name, "storage", "hm3", decisions.storage_hm3.row(row).to_vec());
        if !storage.aquifer {
            let outflow = (0..steps).map(|step| case.outflow_m3s(node, decisions, step)).collect();
            line(&facts.id, &facts.name, "outflow", "m3/s", outflow);
        }
    }
    for rule in case.network.requirements.iter().filter(|rule| rule.kind.is_ecological()) {
        let flow = (0..steps).map(|step| case.value_of(&rule.of, decisions, step)).collect();
        line(&rule.id, &rule.name, "flow", "m3/s", flow);
    }
    let short = wanted_and_got(case, decisions, None).into_iter().map(|(wanted, got)| (wanted - got).max(0.0)).collect();
    line("", "", "shortage", "m3/s", short);
    lines
}
