//! Flood events 洪水过程 of a reservoir: dated intervals in which its outflow stays below the event's peak inflow, so that no
//! flood is made by people. Outside them there is no such bound.
//!
//! Lowers to one requirement `RESERVOIR.flood_event` on the reservoir's outflow (release and spill), class `safe_discharge`, whose
//! ceiling is the peak in the steps that an event covers wholly and +∞ in all others. The peak is the greatest step mean, in
//! those steps, of the natural inflow ([`Lowering::natural_inflow`]): what reservoirs upstream are asked to release is a
//! decision, not given. A peak already observed counts too. Units: m³/s.
//! Fails: an event that ends before it begins, a reservoir without inflow or without outflow.

use jiff::civil::DateTime;

use super::moment::{covered, moment};
use crate::basin::entry::Entry;
use crate::elements::Head;
use crate::forcing::{Param, SeriesSource};
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{ArcId, Bound, Of, Requirement, RequirementKind, RuleClass};
use crate::place::Place;
use crate::units::Flow;

/// Id of the rule of a reservoir's events.
pub fn id(reservoir: &str) -> String {
    format!("{reservoir}.flood_event")
}

/// Where the peaks come from.
pub fn source() -> SeriesSource {
    SeriesSource { origin: "peak of the natural inflow in flood events".to_owned(), ..SeriesSource::default() }
}

/// The rule of a reservoir's events: outflow at most the peak, +∞ where there is no event.
pub fn rule(reservoir: &str, name: &str, place: Place, outflow: Vec<(ArcId, f64)>, ceiling: Param<Flow>) -> Requirement {
    Requirement {
        id: id(reservoir),
        name: format!("{name} 洪水过程 flood event"),
        place,
        region: None,
        kind: RequirementKind::SafeDischarge,
        of: Of::Flow(outflow),
        periods: Vec::new(),
        floor: None,
        floor_follows_natural: false,
        target: None,
        target_parts: vec![1.0],
        ceiling: Some(Bound::Flow(ceiling)),
        rise_per_day: None,
        fall_per_day: None,
        class: RuleClass::SafeDischarge,
        assurance: None,
        grades: Vec::new(),
    }
}

/// An event, as the file has it.
#[derive(Clone, Debug)]
pub struct FloodEvent {
    place: Place,
    from: DateTime,
    /// The first moment after it.
    until: DateTime,
    /// Greatest inflow observed in it so far.
    observed_m3s: Option<f64>,
}

impl FloodEvent {
    /// Reads `flood_events`.
    pub fn read(entry: &Entry) -> Vec<Self> {
        let read = |part: Entry| {
            let (from, until) = (moment(&part, "from", false), moment(&part, "to", true));
            let observed_m3s = part.number_within("observed_peak_m3s", 0.0, f64::INFINITY).map(|peak| peak.value);
            part.finish();
            let (from, until) = from.zip(until)?;
            if until.value <= from.value {
                let hint = Some("mend `from` or `to`".to_owned());
                part.refuse(&until.place, "`to`: the flood event ends before it begins", hint);
                return None;
            }
            Some(Self { place: part.place.clone(), from: from.value, until: until.value, observed_m3s })
        };
        entry.tables("flood_events").into_iter().filter_map(read).collect()
    }

    /// Adds the rule of a reservoir's events.
    pub fn lower(events: &[Self], lowering: &mut Lowering, head: &Head) {
        let Some(first) = events.first() else { return };
        let Some(node) = lowering.own_node(head) else { return };
        let arcs = lowering.network.arcs.iter().enumerate();
        let outflow: Vec<(ArcId, f64)> = arcs
            .filter(|(_, arc)| arc.tail == node && arc.role.is_outflow())
            .map(|(index, _)| (ArcId(index), 1.0))
            .collect();
        let inflow = lowering.natural_inflow(&outflow);
        let Some(inflow) = inflow else {
            let hint = "give it an inflow and an outlet, or take `flood_events` away";
            let message = "`flood_events`: no given inflow reaches its outlets, so an event has no peak";
            lowering.refuse_if_sound(&first.place, head, message, hint);
            return;
        };
        let mut ceiling = vec![f64::INFINITY; lowering.horizon.steps()];
        for event in events {
            event.bound(&inflow, &mut ceiling, lowering, head);
        }
        if ceiling.iter().all(|bound| bound.is_infinite()) {
            return;
        }
        let address = format!("{}.ceiling", id(&head.id));
        let ceiling = lowering.param_of(&address, Values::Each(ceiling), source());
        lowering.add_requirement(rule(&head.id, &head.name, first.place.clone(), outflow, ceiling));
    }

    /// Lowers the ceiling to the peak in the event's steps.
    fn bound(&self, inflow: &[f64], ceiling: &mut [f64], lowering: &mut Lowering, head: &Head) {
        let zone = lowering.horizon.zone().clone();
        let (Ok(from), Ok(until)) = (self.from.to_zoned(zone.clone()), self.until.to_zoned(zone)) else { return };
        let written = format!("Flood event of `{}` from {} until {}", head.id, self.from, self.until);
        if lowering.horizon.end() <= from || &until <= lowering.horizon.start() {
            lowering.note(format!("{written} lies outside the horizon."));
            return;
        }
        let covered = covered(&lowering.horizon, &from, &until);
        let inside = |step: &usize| covered[*step] >= 1.0;
        let given = (0..covered.len()).filter(inside).map(|step| inflow[step]).reduce(f64::max);
        let Some(given) = given else {
            lowering.note(format!("{written} covers no step wholly and bounds nothing."));
            return;
        };
        if &from < lowering.horizon.start() && self.observed_m3s.is_none() {
            lowering.note(format!("{written} began before the start: without `observed_peak_m3s` its peak is that of the steps from the start on."));
        }
        let peak = given.max(self.observed_m3s.unwrap_or(0.0));
        for step in (0..covered.len()).filter(inside) {
            ceiling[step] = ceiling[step].min(peak);
        }
    }
}
