//! Control section 控制断面 and works release 工程下泄: an ecological flow to be kept, or owed by the owner of a works.
//!
//! Lowers to a requirement with a floor (hard, class `base_flow`) and a target, whose lack `ecological_shortfall` counts.
//! With `floor_rule = "min_of_natural_inflow"` the floor is min(floor, natural inflow). With `period` floor and target are held on
//! means over it, the natural inflow's included. Units: m³/s.
//! Fails: a floor over the target, a section that no river leaves.

use std::ops::Range;

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{POSITIVE, Varying};
use crate::elements::account::words_with_numbers;
use crate::elements::{Element, Head, Kind};
use crate::forcing::SeriesSource;
use crate::goals::Period;
use crate::horizon::Horizon;
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{Bound, Of, Requirement, RequirementKind, RuleClass};
use crate::on_off::Assurance;
use crate::period::PeriodSteps;

pub const KIND: Kind = Kind { word: "control_section", regional: true, node: false, read };

/// Periods over whose mean a standard may be held.
const PERIODS: [Period; 4] = [Period::Step, Period::Day, Period::TenDays, Period::Month];

#[derive(Debug)]
struct ControlSection {
    head: Head,
    kind: RequirementKind,
    on: Option<Field<String>>,
    floor: Option<Varying>,
    target: Option<Varying>,
    target_parts: Vec<f64>,
    grades: Vec<(String, f64)>,
    assurance: Option<Assurance>,
    natural: Option<Field<String>>,
    period: Period,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let kind = entry.word("kind", &["section", "works_release"]);
    if !entry.has("kind") {
        entry.missing(&["kind"]);
    }
    let (floor, target) = (entry.varying("floor_m3s", POSITIVE), entry.varying("target_m3s", POSITIVE));
    if floor.is_none() && target.is_none() && !entry.is_faulty() {
        entry.missing(&["floor_m3s", "target_m3s"]);
    }
    let parts = entry.numbers("target_parts");
    let target_parts = parts.map_or(vec![1.0], |parts| {
        if !crate::basin::rises_to_one(&parts.value) {
            entry.refuse(&parts.place, "`target_parts`: the shares do not rise to 1, expected such as [0.8, 1.0]", None);
        }
        parts.value
    });
    let rule = entry.word("floor_rule", &["always", "min_of_natural_inflow"]);
    let assurance = assurance(entry);
    let word = entry.word("period", &PERIODS.map(Period::word));
    let of = |word: &Field<String>| PERIODS.into_iter().find(|period| period.word() == word.value);
    let period = word.as_ref().and_then(of).unwrap_or(Period::Step);
    if let Some(word) = word.filter(|_| period != Period::Step && assurance.is_some()) {
        let hint = "`period = \"step\"`, or leave one of the two out".to_owned();
        entry.refuse(&word.place, "`period`: `assurance` counts single steps, not means over periods", Some(hint));
    }
    let mut grades = words_with_numbers(entry, "grades");
    grades.reverse();
    let works = kind.is_some_and(|word| word.value == "works_release");
    Box::new(ControlSection {
        head,
        kind: if works { RequirementKind::WorksRelease } else { RequirementKind::ControlSection },
        on: entry.required_text("on"),
        floor,
        target,
        target_parts,
        grades,
        assurance,
        period,
        natural: rule.filter(|rule| rule.value == "min_of_natural_inflow"),
    })
}

impl Element for ControlSection {
    fn head(&self) -> &Head {
        &self.head
    }

    fn grades(&self) -> &[(String, f64)] {
        &self.grades
    }

    fn rules(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let floor = self.floor.as_ref().and_then(|floor| lowering.values(floor, head));
        let target = self.target.as_ref().and_then(|target| lowering.values(target, head));
        if let (Some(floor), Some(target), Some(field)) = (&floor, &target, &self.floor)
            && let Some(step) = floor.over(target)
        {
            let message = format!("`{}`: floor {} is over the target {}", field.key, floor.at(step), target.at(step));
            let hint = "a floor is the hard minimum, a target what is owed".to_owned();
            lowering.refuse_in_time(&field.place, head, message, Some(hint));
        }
        let Some(arcs) = self.on.as_ref().and_then(|on| lowering.flow(on, head)) else { return };
        let arcs: Vec<_> = arcs.into_iter().map(|arc| (arc, 1.0)).collect();
        let periods = self.periods(lowering);
        let mut floor_source = self.floor.as_ref().map(|floor| lowering.source_of(floor)).unwrap_or_default();
        let floor = match (floor, &self.natural) {
            (Some(floor), Some(rule)) => {
                floor_source = SeriesSource { origin: format!("{} or natural inflow", floor_source.origin), ..floor_source };
                let natural = lowering.natural_inflow(&arcs);
                if natural.is_none() {
                    let hint = "no inflow lies upstream along the river: give `floor_rule = \"always\"`, or mend `on`";
                    lowering.refuse_if_sound(&rule.place, head, "`floor_rule`: there is no natural inflow here", hint);
                }
                Some(natural.map_or(floor.clone(), |natural| {
                    let natural = natural.into_iter().map(|natural| natural.max(0.0)).collect();
                    at_most_natural(&floor, natural, &periods, &lowering.horizon)
                }))
            }
            (floor, _) => floor,
        };
        let target_source = self.target.as_ref().map(|target| lowering.source_of(target)).unwrap_or_default();
        let id = &head.id;
        let floor = floor.map(|floor| Bound::Flow(lowering.param_of(&format!("{id}.floor"), floor, floor_source)));
        let target = target.map(|target| Bound::Flow(lowering.param_of(&format!("{id}.target"), target, target_source)));
        let region = head.region.as_ref().and_then(|region| lowering.region(region, head));
        lowering.add_requirement(Requirement {
            id: id.clone(),
            name: head.name.clone(),
            place: head.place.clone(),
            region,
            kind: self.kind,
            of: Of::Flow(arcs),
            periods,
            floor,
            floor_follows_natural: self.natural.is_some(),
            target,
            target_parts: self.target_parts.clone(),
            ceiling: None,
            rise_per_day: None,
            fall_per_day: None,
            class: RuleClass::BaseFlow,
            assurance: self.assurance,
            grades: self.grades.clone(),
        });
    }
}

/// Reads `assurance`.
fn assurance(entry: &Entry) -> Option<Assurance> {
    let part = entry.table("assurance")?;
    if !entry.has("target_m3s") {
        let hint = "`target_m3s`: what must be met on those days".to_owned();
        entry.refuse(&part.place, "`assurance`: no target to be met", Some(hint));
    }
    let days = |key: &str| part.number_within(key, 0.0, f64::INFINITY).map(|field| field.value);
    let share = part.number_within("share", 0.0, 1.0);
    if !part.has("share") {
        part.missing(&["share"]);
    }
    let before = (days("met_days").unwrap_or(0.0), days("failed_days").unwrap_or(0.0));
    let (longest_days, failing_days) = (days("longest_days"), days("failing_days").unwrap_or(0.0));
    if failing_days > before.1 {
        let message = format!("`failing_days`: {failing_days} days in a row are more than the {} failed", before.1);
        entry.refuse(&part.place, message, Some("`failed_days` counts them too".to_owned()));
    }
    part.finish();
    Some(Assurance { share: share?.value, before, longest_days, failing_days })
}

impl ControlSection {
    /// Steps that are held together; none where each stands by itself. What the horizon cuts is said.
    fn periods(&self, lowering: &mut Lowering) -> Vec<Range<usize>> {
        let periods = lowering.horizon.cut_periods(self.period);
        if periods.iter().all(|(period, _)| period.steps.len() == 1) {
            return Vec::new();
        }
        let cut = |(period, whole_s): &&(PeriodSteps, f64)| {
            lowering.horizon.lengths_s[period.steps.clone()].iter().sum::<f64>() < whole_s - 1.0
        };
        let cut: Vec<&str> = periods.iter().filter(cut).map(|(period, _)| period.label.as_str()).collect();
        if !cut.is_empty() {
            let cut = cut.join(", ");
            lowering
                .note(format!("`{}` is held on means; of {cut} only the part within the horizon is judged.", self.head.id));
        }
        periods.into_iter().map(|(period, _)| period.steps).collect()
    }
}

/// The floor, lowered where natural inflow is less: in each step, or on the means over periods, in proportion.
fn at_most_natural(floor: &Values, natural: Vec<f64>, periods: &[Range<usize>], horizon: &Horizon) -> Values {
    if periods.is_empty() {
        return floor.zip(&Values::Each(natural), f64::min);
    }
    let lowered = periods.iter().flat_map(|steps| {
        let mean_floor = horizon.mean(steps.clone(), |step| floor.at(step));
        let mean_natural = horizon.mean(steps.clone(), |step| natural[step]);
        let share = if mean_floor > mean_natural { mean_natural / mean_floor } else { 1.0 };
        steps.clone().map(move |step| floor.at(step) * share)
    });
    Values::Each(lowered.collect())
}
