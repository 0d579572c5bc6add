//! Rows that follow from the case alone: what the plan is of, inputs, horizon, regions and elements.

use super::super::outline::Known;
use super::super::{
    Assumed, CaseRow, CommandRow, CurtailmentRow, DETERMINISTIC_HEADING, DRY_YEAR_HEADING, DryYearRow, Element, EngineRow,
    FLOOD_HEADING, FLOOD_MODE, HorizonRow, Inputs, NO_RAIN_HEADING, Part, RULES_HEADING, RegionRow, SeriesInput, StartRow,
    TREE_HEADING,
};
use super::{end_of, plain, start_of};
use crate::case::Case;
use crate::goals::{Goals, Method};
use crate::horizon::rfc3339;
use crate::network::{Curtailment, Network, Node, NodeKind, Of, Requirement, RequirementKind, Take};
use crate::plan::{BY_THE_TREE, Plan};

pub(super) fn case_row(case: &Case, goals: &Goals, plan: &Plan) -> CaseRow {
    let basin = &case.basin;
    let mut headings = Vec::new();
    if basin.mode == FLOOD_MODE {
        headings.push(FLOOD_HEADING.to_owned());
    }
    let (foresight, heading) = match basin.dry_year {
        _ if goals.method == Method::Rules => ("none", RULES_HEADING),
        _ if plan.certificate.without.as_deref() == Some(BY_THE_TREE) => ("tree", TREE_HEADING),
        Some(_) => ("frequency", DRY_YEAR_HEADING),
        None if basin.no_rain => ("no_rain", NO_RAIN_HEADING),
        None => ("deterministic", DETERMINISTIC_HEADING),
    };
    headings.push(heading.to_owned());
    CaseRow {
        basin: basin.id.clone(),
        name: basin.name.clone(),
        mode: basin.mode.clone(),
        publishing_authority: basin.publishing_authority.clone(),
        headings,
        commands: case.network.requirements.iter().filter_map(|r| command(case, r)).collect(),
        command_cost: Vec::new(),
        scenario: basin.scenario.clone(),
        amended: None,
        curtailments: case.network.curtailments.iter().map(|curtailment| curtailment_row(case, curtailment)).collect(),
        foresight: foresight.to_owned(),
        dry_year: basin
            .dry_year
            .map(|year| DryYearRow { frequency_percent: year.frequency_percent, forecast_days: year.forecast_days }),
        inflow: basin.inflow.clone(),
        basis_time: basin.basis_time.clone(),
        valid_from: case.horizon.edges.first().map_or_else(String::new, rfc3339),
        valid_to: case.horizon.edges.last().map_or_else(String::new, rfc3339),
        degraded: basin.degraded.clone(),
        assumed: basin
            .assumed
            .iter()
            .map(|(address, statement)| Assumed { address: address.clone(), statement: statement.clone() })
            .collect(),
        notes: basin.notes.iter().chain(&plan.notes).cloned().collect(),
    }
}

/// An order, with the steps that it bears on.
fn command(case: &Case, requirement: &Requirement) -> Option<CommandRow> {
    if requirement.kind != RequirementKind::Command {
        return None;
    }
    let mut steps = case.steps_of_command(requirement);
    let first = steps.next()?;
    Some(CommandRow {
        address: requirement.id.clone(),
        name: requirement.name.clone(),
        from: start_of(case, first),
        to: end_of(case, steps.next_back().unwrap_or(first)),
        source: requirement.place.file.to_string(),
    })
}

/// A curtailment, with when it has effect within the horizon.
fn curtailment_row(case: &Case, curtailment: &Curtailment) -> CurtailmentRow {
    let (start, end) = (case.horizon.start(), case.horizon.end());
    let effect = curtailment.effect.as_ref().map(|(from, until)| (rfc3339(from.max(start)), rfc3339(until.min(end))));
    let (from, to) = effect.unzip();
    let cuts = curtailment.cuts.iter().map(|(node, class)| format!("{}.{class}", case.network.nodes[node.0].id));
    CurtailmentRow {
        id: curtailment.id.clone(),
        name: curtailment.name.clone(),
        cuts: cuts.collect(),
        depth: curtailment.depth,
        response: curtailment.response.map(|response| response.word().to_owned()),
        lead_h: curtailment.lead_h,
        clause: curtailment.clause.clone(),
        from,
        to,
    }
}

pub(super) fn inputs(case: &Case) -> Inputs {
    let series = case.forcing.series.iter().map(|series| SeriesInput {
        address: series.address.clone(),
        unit: series.unit.to_owned(),
        origin: series.source.origin.clone(),
        digest: series.source.digest.clone(),
        last: series.source.last.clone(),
        substituted_by: series.source.substituted_by.clone(),
        assumed: series.source.assumed || case.basin.assumed.iter().any(|(fact, _)| tells_of(fact, &series.address)),
    });
    let start = case.network.storages().map(|(node, storage)| StartRow {
        address: case.network.nodes[node.0].id.clone(),
        storage_hm3: plain(storage.initial_hm3),
        level_m: plain(storage.curve.level_at_clamped(storage.initial_hm3)),
    });
    Inputs {
        basin: case.basin.digest.clone(),
        overlays: case.basin.overlays.clone(),
        gathered: case.basin.gathered.clone(),
        in_force: case.basin.in_force.clone(),
        series: series.collect(),
        start: start.collect(),
    }
}

/// Whether an assumed fact, such as `works.demand_m3s`, is what a series, `works.demand`, was made from.
fn tells_of(fact: &str, series: &str) -> bool {
    fact.strip_prefix(series).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.']))
}

pub(super) fn engine(plan: &Plan) -> EngineRow {
    let (rows, columns, non_zeros) = plan.engine.size;
    EngineRow {
        weir: env!("CARGO_PKG_VERSION").to_owned(),
        solver: plan.engine.solver.clone(),
        options: plan.engine.options.iter().cloned().collect(),
        rows,
        columns,
        non_zeros,
        program: plan.engine.program_digest.clone(),
        starting_basis: plan.engine.starting_basis.clone(),
        final_basis: plan.engine.final_basis.clone(),
    }
}

pub(super) fn horizon(case: &Case) -> HorizonRow {
    HorizonRow {
        time_zone: case.horizon.time_zone.clone(),
        starts: case.horizon.starts_rfc3339(),
        end: case.horizon.edges.last().map_or_else(String::new, rfc3339),
        lengths_s: case.horizon.lengths_s.clone(),
    }
}

pub(super) fn regions(case: &Case) -> Vec<RegionRow> {
    let regions = &case.network.regions;
    let rows = regions.iter().map(|region| RegionRow {
        id: region.id.clone(),
        name: region.name.clone(),
        code: region.code.clone(),
        parent: region.parent.and_then(|parent| regions.get(parent)).map(|parent| parent.id.clone()),
    });
    rows.collect()
}

pub(super) fn elements(case: &Case) -> Vec<Element> {
    let network = &case.network;
    let region = |region: Option<usize>| region.and_then(|r| network.regions.get(r)).map(|r| r.id.clone());
    let blank = |id: &str, name: &str, kind: &str, part: Part| Element {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        part,
        region: None,
        from: None,
        to: Vec::new(),
        on: Vec::new(),
        standby: false,
    };
    let mut elements = Vec::new();
    for node in &network.nodes {
        let to = match &node.kind {
            NodeKind::Demand(demand) => demand.returns.iter().map(|r| id_of(network, r.node.0)).collect(),
            _ => Vec::new(),
        };
        let whole = blank(&node.id, &node.name, kind_of(node), Part::Node);
        elements.push(Element { region: region(node.region), to, ..whole });
    }
    for arc in &network.arcs {
        elements.push(Element {
            region: region(network.nodes[arc.tail.0].region),
            from: Some(id_of(network, arc.tail.0)),
            to: arc.receivers.iter().map(|receiver| id_of(network, receiver.node.0)).collect(),
            standby: arc.standby,
            ..blank(&arc.id, &arc.name, arc.role.word(), Part::Arc)
        });
    }
    for requirement in &network.requirements {
        let on = match &requirement.of {
            Of::Flow(terms) => terms.iter().map(|(arc, _)| network.arcs[arc.0].id.clone()).collect(),
            Of::Storage(node) => vec![id_of(network, node.0)],
        };
        let whole = blank(&requirement.id, &requirement.name, requirement_kind(requirement.kind), Part::Requirement);
        elements.push(Element { region: region(requirement.region), on, ..whole });
    }
    for account in &network.accounts {
        let on = account.terms.iter().map(|(arc, _)| network.arcs[arc.0].id.clone()).collect();
        elements.push(Element { on, ..blank(&account.id, &account.name, "account", Part::Account) });
    }
    elements
}

/// Kinds and names of the elements, and names of the regions.
pub(super) fn known(case: &Case) -> Known<'_> {
    let network = &case.network;
    let nodes = network.nodes.iter().map(|node| (node.id.as_str(), kind_of(node), node.name.as_str()));
    let arcs = network.arcs.iter().map(|arc| (arc.id.as_str(), arc.role.word(), arc.name.as_str()));
    let requirements = network.requirements.iter();
    let requirements = requirements.map(|rule| (rule.id.as_str(), requirement_kind(rule.kind), rule.name.as_str()));
    let accounts = network.accounts.iter().map(|account| (account.id.as_str(), "account", account.name.as_str()));
    Known::new(
        nodes.chain(arcs).chain(requirements).chain(accounts),
        network.regions.iter().map(|region| (region.id.as_str(), region.name.as_str())),
    )
}

fn id_of(network: &Network, node: usize) -> String {
    network.nodes[node].id.clone()
}

fn kind_of(node: &Node) -> &'static str {
    match &node.kind {
        NodeKind::Storage(storage) if storage.aquifer => "aquifer",
        NodeKind::Storage(_) => "reservoir",
        NodeKind::Junction => "junction",
        NodeKind::Source(source) if source.take == Take::Given => "inflow",
        NodeKind::Source(_) => "source",
        NodeKind::Demand(demand) => demand.element,
        NodeKind::Sink => "sink",
    }
}

fn requirement_kind(kind: RequirementKind) -> &'static str {
    match kind {
        RequirementKind::ControlSection => "section",
        RequirementKind::WorksRelease => "works_release",
        RequirementKind::SafeDischarge => "safe_discharge",
        RequirementKind::Command => "command",
        RequirementKind::Operation => "operation",
    }
}
