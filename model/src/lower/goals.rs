//! Objectives, stages, method and the order of rules, with every name in them resolved.

use crate::basin::balance::AllowanceEntry;
use crate::basin::entry::Field;
use crate::basin::goals::{CutEntry, ObjectiveEntry, SupplyLevelEntry};
use crate::basin::nearest::{hint, list};
use crate::case::Case;
use crate::elements::Head;
use crate::fairness::{Allowance, Fairness};
use crate::forcing::Param;
use crate::goals::{Cut, Goals, Method, Objective, SupplyLevel};
use crate::lower::Lowering;
use crate::measures::{PeakRelease, PlanChange, RuleCurveDeviation, Selection, priced};
use crate::place::{Lacks, Refusals};
use crate::satisfaction::{Satisfactions, THREE_USES};
use crate::units::Ratio;

impl Lowering<'_> {
    pub(super) fn goals(&mut self) -> Option<Goals> {
        let basin = self.basin;
        let mut entries: Vec<&ObjectiveEntry> = basin.objectives.iter().collect();
        entries.sort_by(|a, b| a.head.id.cmp(&b.head.id));
        let objectives: Vec<Objective> = entries.iter().map(|entry| self.objective(entry)).collect();
        let known: Vec<&str> = objectives.iter().map(|objective| objective.id.as_str()).collect();
        let mut stages = Vec::new();
        for stage in &basin.method.stages {
            match known.iter().position(|id| *id == stage.value) {
                Some(index) if stages.contains(&index) => {
                    self.refusals.push(
                        &stage.place,
                        None,
                        format!("`stages`: `{}` stands twice", stage.value),
                        Some("name each once".to_owned()),
                    );
                }
                Some(index) => stages.push(index),
                // An objective of this id was refused itself: no second fault.
                None if basin.faulty.contains(&stage.value) => {}
                None => {
                    let message = format!("`stages`: unknown objective `{}`", stage.value);
                    let (at, lacks) = ((&stage.place, None), Lacks::Address(stage.value.clone()));
                    self.refusals.push_lacking(at, message, hint(&stage.value, &known, "objectives"), lacks);
                }
            }
        }
        self.check_balances(&objectives, &stages);
        if basin.method.kind == Some(Method::ReferencePoint) {
            for objective in stages.iter().map(|&index| &objectives[index]).filter(|o| o.aspiration.is_none()) {
                let message = "`aspiration` is missing: the method `reference_point` aims at one for each stage".to_owned();
                let hint = "the value wished for, in the objective's own unit: `aspiration = 12.5`".to_owned();
                self.refusals.push(&objective.place, Some(&objective.id), message, Some(hint));
            }
        }
        let supply_order = basin.method.supply_order.iter().map(|level| self.supply_level(level)).collect();
        Some(Goals {
            objectives,
            method: basin.method.kind?,
            stages,
            rule_order: basin.method.rule_order.clone(),
            supply_order,
            integers: basin.method.integers,
            head: basin.method.head.clone(),
            closing: basin.method.closing,
        })
    }

    /// Words of those who are served: classes, uses, control sections.
    pub fn words_of_supply(&self) -> Vec<String> {
        let uses = ["domestic", "production", "industrial", "agricultural", "ecological"].map(str::to_owned);
        let sections = self.written_ids(|kind| kind == "control_section");
        self.basin.class_words().into_iter().chain(uses).chain(sections).collect()
    }

    fn supply_level(&mut self, entry: &SupplyLevelEntry) -> SupplyLevel {
        let classes = self.basin.class_words();
        let sections = self.written_ids(|kind| kind == "control_section");
        for (fields, known, what) in
            [(&entry.classes, &classes, "user classes"), (&entry.sections, &sections, "control sections")]
        {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            for field in fields.iter().filter(|field| !known.contains(&field.value.as_str())) {
                if !self.refused.contains(&field.value) {
                    let message = format!("`{}`: unknown `{}`", field.key, field.value);
                    let (at, lacks) = ((&field.place, None), Lacks::Address(field.value.clone()));
                    self.refusals.push_lacking(at, message, hint(&field.value, &known, what), lacks);
                }
            }
        }
        let texts = |fields: &[Field<String>]| fields.iter().map(|field| field.value.clone()).collect();
        SupplyLevel {
            name: entry.name.clone(),
            classes: texts(&entry.classes),
            uses: texts(&entry.uses),
            sections: texts(&entry.sections),
            clause: entry.clause.clone(),
        }
    }

    fn objective(&mut self, entry: &ObjectiveEntry) -> Objective {
        let head = &entry.head;
        self.check_ids(entry);
        let weight = entry
            .weight
            .as_ref()
            .map_or(Param::constant(1.0), |weight| self.param::<Ratio>(weight, head, &format!("{}.weight", head.id)));
        let texts = |fields: &[Field<String>]| fields.iter().map(|field| field.value.clone()).collect();
        Objective {
            id: head.id.clone(),
            name: head.name.clone(),
            place: head.place.clone(),
            kind: entry.kind.clone(),
            elements: texts(&entry.elements),
            classes: texts(&entry.classes),
            uses: self.uses_side_by_side(entry),
            regions: texts(&entry.regions),
            sections: texts(&entry.sections),
            tiers: entry.tiers.clone(),
            relative: entry.relative,
            weight,
            form: entry.form.clone(),
            fairness: self.fairness(entry),
            zone: entry.zone.as_ref().map(|zone| zone.value.clone()),
            cuts: entry.cuts.iter().map(cut).collect(),
            period: entry.period,
            tolerance: entry.tolerance,
            nominal: entry.nominal,
            share: entry.share,
            aspiration: entry.aspiration,
            enough: None,
        }
    }

    /// Refuses rows of the office's table that no balance reads, and a balance that its method cannot follow.
    fn check_balances(&mut self, objectives: &[Objective], stages: &[usize]) {
        let basin = self.basin;
        let balances = || objectives.iter().filter(|objective| objective.kind == "balance");
        let entries = || basin.objectives.iter().filter(|entry| entry.kind == "balance");
        for row in &basin.allowances {
            if let (Some(region), Some(entry)) = (&row.region, entries().next()) {
                let _ = self.region(region, &entry.head);
            }
            let covers = |word: &str| {
                word == row.use_.value || (row.use_.value == "production" && ["industrial", "agricultural"].contains(&word))
            };
            let read = balances().any(|balance| match balance.uses.as_slice() {
                [] => THREE_USES.into_iter().any(covers),
                uses => uses.iter().any(|word| covers(word)),
            });
            if !read && basin.faulty.is_empty() {
                let message = format!("`use`: no balance sets `{}` beside others", row.use_.value);
                let hint = format!(
                    "name it in the `uses` of an objective of kind `balance`, or leave this row out; uses of this basin's balances: {}",
                    {
                        let uses: Vec<&str> = balances()
                            .flat_map(|balance| match balance.uses.as_slice() {
                                [] => THREE_USES.to_vec(),
                                uses => uses.iter().map(String::as_str).collect(),
                            })
                            .collect();
                        if uses.is_empty() { "none".to_owned() } else { list(&uses) }
                    }
                );
                self.refusals.push(&row.use_.place, None, message, Some(hint));
            }
        }
        if basin.method.kind == Some(Method::Weighted) {
            let staged = || stages.iter().filter_map(|&stage| objectives.get(stage));
            if let Some(first) = staged().next().filter(|_| staged().all(|objective| objective.share == 0.0)) {
                let message = "`share`: all stages have a share of 0, so there is nothing to work for".to_owned();
                let hint = "the method `weighted` adds share × objective ÷ nominal: `share = 1`".to_owned();
                self.refusals.push(&first.place, Some(&first.id), message, Some(hint));
            }
            for objective in staged().filter(|objective| objective.form.as_deref() == Some("leximin")) {
                let hint = "`kind = \"lexicographic\"` in [method], or `form = \"owa\"`".to_owned();
                let message = "`form`: `leximin` is no number that could be weighed".to_owned();
                self.refusals.push(&objective.place, Some(&objective.id), message, Some(hint));
            }
        }
    }

    /// What a balance weighs; the office's table is every balance's.
    fn fairness(&self, entry: &ObjectiveEntry) -> Fairness {
        if entry.kind != "balance" {
            return Fairness::default();
        }
        let mut fairness = entry.fairness.clone();
        for row in &self.basin.allowances {
            fairness.allowances.push(Allowance {
                use_: row.use_.value.clone(),
                region: row.region.as_ref().map(|region| region.value.clone()),
                entitlement: 1.0 - row.allowed_depth,
                period: row.period,
                assurance: row.assurance,
                clause: row.clause.clone(),
            });
        }
        fairness
    }

    /// Uses of an objective; a balance without any sets industry and farming apart where the office's table does.
    fn uses_side_by_side(&self, entry: &ObjectiveEntry) -> Vec<String> {
        let apart = |row: &AllowanceEntry| ["industrial", "agricultural"].contains(&row.use_.value.as_str());
        if entry.kind == "balance" && entry.uses.is_empty() && self.basin.allowances.iter().any(apart) {
            return ["domestic", "industrial", "agricultural", "ecological"].map(str::to_owned).to_vec();
        }
        entry.uses.iter().map(|field| field.value.clone()).collect()
    }

    fn check_ids(&mut self, entry: &ObjectiveEntry) {
        let head = &entry.head;
        for region in &entry.regions {
            let _ = self.region(region, head);
        }
        let sections: Vec<String> = self.written_ids(|kind| kind == "control_section");
        self.check_list(&entry.sections, &sections, "control sections", head);
        let stores = self.written_ids(|kind| ["reservoir", "aquifer"].contains(&kind));
        for cut in &entry.cuts {
            let ids: Vec<Field<String>> = cut.per_m3.iter().map(|(id, _)| id.clone()).collect();
            self.check_list(&ids, &stores, "reservoirs and aquifers", head);
        }
        self.check_zone(entry);
        let mut elements = self.written_ids(|_| true);
        elements.extend(self.network.arcs.iter().map(|arc| arc.id.clone()));
        self.check_list(&entry.elements, &elements, "elements", head);
        let mut classes: Vec<String> = Vec::new();
        for (_, demand) in self.network.demands() {
            classes.extend(demand.portions.iter().map(|portion| portion.class.clone()));
        }
        classes.sort();
        classes.dedup();
        if self.is_sound() || !classes.is_empty() {
            self.check_list(&entry.classes, &classes, "classes of the basin's demands", head);
        }
    }

    /// The zone of a rule curve that an objective names.
    fn check_zone(&mut self, entry: &ObjectiveEntry) {
        let Some(zone) = &entry.zone else { return };
        let zones = self.network.storages().flat_map(|(_, storage)| storage.zones.iter().map(|zone| zone.name.clone()));
        let mut known: Vec<String> = zones.collect();
        known.sort();
        known.dedup();
        if !known.is_empty() || self.is_sound() {
            self.check_list(std::slice::from_ref(zone), &known, "zones of the basin's reservoirs", &entry.head);
        }
    }

    fn written_ids(&self, of: impl Fn(&str) -> bool) -> Vec<String> {
        let heads = self.basin.elements.iter().map(|element| element.head());
        heads.filter(|head| of(head.kind)).map(|head| head.id.clone()).collect()
    }

    fn check_list(&mut self, given: &[Field<String>], known: &[String], what: &str, head: &Head) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        for field in given {
            let element = field.value.split('.').next().unwrap_or_default();
            if !known.contains(&field.value.as_str()) && !self.refused.contains(element) {
                let message = format!("`{}`: unknown `{}`", field.key, field.value);
                self.refuse_unknown(field, head, message, hint(&field.value, &known, what));
            }
        }
    }
}

fn cut(entry: &CutEntry) -> Cut {
    let per_m3 = entry.per_m3.iter().map(|(id, price)| (id.value.clone(), *price)).collect();
    Cut { of: entry.of.clone(), constant_million: entry.constant_million, per_m3 }
}

/// Whether a way with a price serves classes that an objective chooses and others too.
fn mixed(case: &Case, objective: &Objective) -> Option<String> {
    let selection = Selection::new(case, objective);
    let narrowed = !objective.classes.is_empty() || !objective.uses.is_empty();
    let of = |chosen: Selection<'_>, node| chosen.portions().filter(|row| row.node == node).count();
    let mixes = |node| {
        let chosen = of(selection.by_class(), node);
        chosen > 0 && chosen < of(Selection::everything(case), node)
    };
    let mut arcs = selection.arcs().filter(|(_, arc)| narrowed && arc.price.is_some());
    let found = arcs.find(|(_, arc)| arc.receivers.iter().any(|receiver| mixes(receiver.node)));
    found.map(|(_, arc)| arc.id.clone())
}

/// Refuses objectives whose lists choose nothing; one that concerns nothing of the basin, though it chooses all, is noted.
pub(super) fn refuse_empty(case: &Case, goals: &Goals, refusals: &mut Refusals) -> Vec<String> {
    let mut notes = Vec::new();
    let is_stage = |objective: &Objective| goals.stages.iter().any(|&stage| goals.objectives[stage].id == objective.id);
    for objective in &goals.objectives {
        let selection = Selection::new(case, objective);
        let turbines = || selection.arcs().any(|(_, arc)| arc.energy.is_some_and(|energy| energy.gwh_per_hm3 > 0.0));
        let (counts, what) = match objective.kind.as_str() {
            "shortage" => (selection.portions().next().is_some(), "no demand"),
            "benefit" => (selection.portions().any(|row| row.portion.benefit.is_some()), "no demand with `benefit_per_m3`"),
            "ecological_shortfall" => (selection.sections().next().is_some(), "no control section with a target"),
            "energy" => (turbines(), "no turbine with energy"),
            "revenue" => {
                let priced = |energy: &crate::network::Energy| energy.gwh_per_hm3 > 0.0 && energy.price.is_some();
                (selection.arcs().any(|(_, arc)| arc.energy.as_ref().is_some_and(priced)), "no turbine with `price_per_kwh`")
            }
            "pumping" => {
                let pumps = selection.arcs().any(|(_, arc)| arc.energy.is_some_and(|energy| energy.gwh_per_hm3 < 0.0));
                (pumps, "no pump with energy")
            }
            "spill" => (selection.arcs().any(|(_, arc)| arc.role == crate::network::Role::Spillway), "no spillway"),
            "start_cost" => {
                let costs = |arc: &crate::network::Arc| crate::measures::start_cost_million(arc) > 0.0;
                (selection.arcs().any(|(_, arc)| costs(arc)), "no way with `start_cost`")
            }
            "source_cost" => (priced(case, objective).next().is_some(), "no way with `price_per_m3`"),
            "discharge_excess" => (selection.safe_discharges().next().is_some(), "no safe discharge"),
            "peak_release" => (!PeakRelease::outflows(case, objective).is_empty(), "no reservoir with an outlet"),
            "rule_curve_deviation" => {
                (RuleCurveDeviation::lines(case, objective).next().is_some(), "no reservoir with a zone of that name")
            }
            "plan_change" => (!PlanChange::ways(case, objective).is_empty(), "no way that is decided"),
            "end_value" => (!objective.cuts.is_empty(), "no cut"),
            "end_storage" => {
                let soft = |storage: &crate::network::Storage| storage.end.is_some_and(|end| !end.hard);
                (selection.storages().any(|(_, _, storage)| soft(storage)), "no reservoir with an `end` that is not hard")
            }
            "flood_limit_excess" => (
                selection.storages().any(|(_, _, storage)| storage.flood_limit.is_some()),
                "no reservoir with a flood limit or normal level",
            ),
            "account_excess" => (selection.soft_accounts().next().is_some(), "no soft account"),
            "balance" => {
                let found = Satisfactions::of(case, objective);
                (!found.entries.is_empty() || !found.left_out.is_empty(), "no demand or control section")
            }
            _ => (true, ""),
        };
        if objective.form.as_deref() == Some("leximin") && goals.integers.is_some() && is_stage(objective) {
            let message = "`form`: `leximin` asks a linear program many times, and cannot with integers";
            let hint = "`form = \"max_min\"`, or `integers = false`".to_owned();
            refusals.push(&objective.place, Some(&objective.id), message, Some(hint));
        }
        if let Some(way) = mixed(case, objective).filter(|_| objective.kind == "source_cost") {
            let message =
                format!("`{way}` delivers to classes that it chooses and to others: whose water it is cannot be told");
            let hint = "give these classes a demand of their own, or leave `classes` and `uses` out".to_owned();
            refusals.push(&objective.place, Some(&objective.id), message, Some(hint));
        }
        if objective.kind == "start_cost" && goals.integers.is_none() && is_stage(objective) {
            let message = "a linear program cannot work for it".to_owned();
            let hint = "`integers = true` in [method], or leave it out of `stages`".to_owned();
            refusals.push(&objective.place, Some(&objective.id), message, Some(hint));
        }
        if counts {
            continue;
        }
        let narrowed = [&objective.elements, &objective.classes, &objective.uses, &objective.regions, &objective.sections]
            .iter()
            .any(|list| !list.is_empty())
            || !objective.tiers.is_empty();
        if narrowed {
            let message = format!("it counts nothing: {what} is among what it chooses");
            let hint =
                "mend its lists (`elements`, `classes`, `uses`, `regions`, `sections`, `tiers`), or leave it out".to_owned();
            refusals.push(&objective.place, Some(&objective.id), message, Some(hint));
        } else {
            notes.push(format!("Objective `{}` counts nothing: the basin has {what}.", objective.id));
        }
    }
    notes
}
