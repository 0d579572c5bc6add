//! Objectives, stages, method and the order of rules, with every name in them resolved.

use crate::basin::entry::Field;
use crate::basin::goals::{ObjectiveEntry, SupplyLevelEntry};
use crate::basin::nearest::hint;
use crate::case::Case;
use crate::elements::Head;
use crate::forcing::Param;
use crate::goals::{Goals, Objective, SupplyLevel};
use crate::lower::Lowering;
use crate::measures::Selection;
use crate::network::NodeKind;
use crate::place::Refusals;
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
                    self.refusals.push(&stage.place, None, message, hint(&stage.value, &known, "objectives"));
                }
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
                    self.refusals.push(&field.place, None, message, hint(&field.value, &known, what));
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
            uses: texts(&entry.uses),
            regions: texts(&entry.regions),
            sections: texts(&entry.sections),
            tiers: entry.tiers.clone(),
            relative: entry.relative,
            weight,
            form: entry.form.clone(),
            period: entry.period,
            tolerance: entry.tolerance,
            nominal: entry.nominal,
            share: entry.share,
        }
    }

    fn check_ids(&mut self, entry: &ObjectiveEntry) {
        let head = &entry.head;
        for region in &entry.regions {
            let _ = self.region(region, head);
        }
        let sections: Vec<String> = self.written_ids(|kind| kind == "control_section");
        self.check_list(&entry.sections, &sections, "control sections", head);
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
                self.refuse(&field.place, head, message, hint(&field.value, &known, what));
            }
        }
    }
}

/// Refuses objectives whose lists choose nothing; one that concerns nothing of the basin, though it chooses all, is noted.
pub(super) fn refuse_empty(case: &Case, goals: &Goals, refusals: &mut Refusals) -> Vec<String> {
    let mut notes = Vec::new();
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
            "source_cost" => (selection.arcs().any(|(_, arc)| arc.price.is_some()), "no way with `price_per_m3`"),
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
                let demands = case.network.nodes.iter().any(|node| matches!(node.kind, NodeKind::Demand(_)));
                (demands || selection.sections().next().is_some(), "no demand or control section")
            }
            _ => (true, ""),
        };
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
