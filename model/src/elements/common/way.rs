//! What all ways of water share: how much passes, when it is open, how long it travels, what it costs and what energy it
//! makes or needs.

use crate::basin::dates::Period;
use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{POSITIVE, SHARE, Varying};
use crate::curve::Curve;
use crate::elements::Head;
use crate::elements::common::commitment::Opening;
use crate::forcing::{DERIVED, SeriesSource};
use crate::goals::HeadModel;
use crate::head::{self, KWH_PER_M3_M};
use crate::kernel::{Kernel, Routing};
use crate::laid::{LaidForm, PAST};
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{Arc, Energy, NodeId, NodeKind, Receiver, Role};
use crate::place::Place;
use crate::rating::RatingTable;
use crate::units::{Flow, PricePerEnergy, PricePerVolume};

/// How water travels along a way.
#[derive(Clone, Debug, Default)]
pub struct Travel {
    lag_h: Option<Field<f64>>,
    muskingum: Option<Field<(f64, f64)>>,
    past_flow: Option<Field<Vec<f64>>>,
    loss: f64,
}

impl Travel {
    /// Reads `lag_h`, `muskingum`, `past_flow_m3s` and `loss`.
    pub fn read(entry: &Entry) -> Self {
        let loss = entry.number_within("loss", SHARE.0, SHARE.1);
        if let Some(loss) = loss.as_ref().filter(|loss| loss.value == 1.0) {
            entry.refuse(
                &loss.place,
                format!("`{}`: all of the water would be lost", loss.key),
                Some("a share below 1".to_owned()),
            );
        }
        Self { loss: loss.map_or(0.0, |loss| loss.value), ..Self::without_loss(entry) }
    }

    /// Reads `lag_h`, `muskingum` and `past_flow_m3s`.
    pub fn without_loss(entry: &Entry) -> Self {
        let muskingum = entry.table("muskingum").and_then(|part| {
            let (k_h, x) = (part.number_within("k_h", 0.0, f64::INFINITY), part.number_within("x", 0.0, 0.5));
            for key in ["k_h", "x"] {
                if !part.has(key) {
                    part.missing(&[key]);
                }
            }
            part.finish();
            Some(Field { value: (k_h?.value, x?.value), place: part.place.clone(), key: "muskingum".to_owned() })
        });
        let past_flow = if entry.raw("past_flow_m3s").is_some_and(|value| value.get_ref().is_array()) {
            entry.numbers("past_flow_m3s")
        } else {
            entry.number("past_flow_m3s").map(|field| Field { value: vec![field.value], place: field.place, key: field.key })
        };
        let past_flow = match entry.laid(PAST).map(|laid| (laid, &laid.form)) {
            Some((laid, LaidForm::Past(flows))) => {
                Some(Field { value: flows.clone(), place: laid.address.place.clone(), key: format!("input {}", laid.input) })
            }
            _ => past_flow,
        };
        let past_flow = past_flow.filter(|past| {
            let negative = past.value.iter().find(|flow| **flow < 0.0);
            if let Some(flow) = negative {
                entry.refuse(&past.place, format!("`{}`: {flow} is negative, expected 0 or more", past.key), None);
            }
            negative.is_none()
        });
        Self { lag_h: entry.number_within("lag_h", 0.0, f64::INFINITY), muskingum, past_flow, loss: 0.0 }
    }

    /// Share of the water that arrives.
    pub fn fraction(&self) -> f64 {
        1.0 - self.loss
    }

    /// Where a lag or a Muskingum was written, if the water takes time.
    fn place(&self) -> Option<&Place> {
        let lag = self.lag_h.as_ref().filter(|lag| lag.value > 0.0).map(|lag| &lag.place);
        self.muskingum.as_ref().map(|muskingum| &muskingum.place).or(lag)
    }

    /// The kernel over the horizon.
    pub fn kernel(&self, lowering: &mut Lowering, head: &Head) -> Kernel {
        let Some(place) = self.place() else { return Kernel::Instant };
        let routing = Routing {
            lag_h: self.lag_h.as_ref().map_or(0.0, |lag| lag.value),
            muskingum: self.muskingum.as_ref().map(|field| field.value),
        };
        let past = self.past_flow.as_ref().map(|past| past.value.as_slice());
        match Kernel::route(&routing, &lowering.horizon, past) {
            Ok(kernel) => kernel,
            Err(message) => {
                let hint = past.is_none().then(|| {
                    "`past_flow_m3s = 21.0`: the flow before the start, the same always or a list, most recent last"
                        .to_owned()
                });
                lowering.refuse(place, head, message, hint);
                Kernel::Instant
            }
        }
    }
}

/// What passes a way, and when.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// Greatest flow.
    pub capacity: Option<Varying>,
    /// Least flow.
    pub floor: Option<Varying>,
    closed: Vec<Period>,
    opening: Opening,
    previous_flow: Option<f64>,
    price_per_m3: Option<Varying>,
    standby: bool,
    opens_in: Vec<Field<String>>,
}

impl Gate {
    /// Reads `capacity_m3s`, `floor_m3s`, `closed` and `previous_flow_m3s`.
    pub fn read(entry: &Entry) -> Self {
        Self {
            capacity: entry.varying("capacity_m3s", POSITIVE),
            floor: entry.varying("floor_m3s", POSITIVE),
            closed: entry.periods("closed"),
            previous_flow: entry.number_within("previous_flow_m3s", 0.0, f64::INFINITY).map(|field| field.value),
            ..Self::default()
        }
    }

    /// Reads how it may be opened too.
    #[must_use]
    pub fn with_minimum(self, entry: &Entry) -> Self {
        Self { opening: Opening::read(entry), ..self }
    }

    /// Reads `price_per_m3`, `standby` and `opens_in` too.
    #[must_use]
    pub fn with_price(self, entry: &Entry) -> Self {
        let opens_in = entry.texts("opens_in");
        for mode in &opens_in {
            if !crate::basin::MODES.contains(&mode.value.as_str()) {
                let known = crate::basin::nearest::list(crate::basin::MODES);
                entry.refuse(
                    &mode.place,
                    format!("`{}`: unknown mode `{}`", mode.key, mode.value),
                    Some(format!("modes: {known}")),
                );
            }
        }
        let standby = entry.flag("standby", false) || !opens_in.is_empty();
        Self { price_per_m3: entry.varying("price_per_m3", POSITIVE), standby, opens_in, ..self }
    }

    fn is_open(&self, mode: &str) -> bool {
        !self.standby || self.opens_in.iter().any(|opens| opens.value == mode)
    }
}

/// Energy of a way.
#[derive(Clone, Debug, Default)]
pub struct Power {
    kwh_per_m3: f64,
    /// Head by level: what it follows from, and where its tailwater was written.
    by_level: Option<Field<head::Head>>,
    price_per_kwh: Option<Varying>,
}

impl Power {
    /// Reads `kwh_per_m3`, or `head` with `efficiency`, and `price_per_kwh`; `made` by a turbine, else needed by a pump.
    pub fn read(entry: &Entry, head: &str, made: bool) -> Self {
        let tailwater = if made { tailwater(entry) } else { None };
        let given = entry.number_within("kwh_per_m3", 0.0, f64::INFINITY);
        let metres = entry.number_within(head, 0.0, f64::INFINITY);
        let efficiency = entry.number_within("efficiency", 0.01, 1.0);
        if let (Some(given), Some(metres)) = (&given, &metres) {
            entry.refuse(
                &metres.place,
                format!("`{}` and `{}` say the same", given.key, metres.key),
                Some("keep one of them".to_owned()),
            );
        }
        if let (Some(tailwater), Some(other)) = (&tailwater, given.as_ref().or(metres.as_ref())) {
            let message = format!("`{}` and `{}` both give the energy of a m³", other.key, tailwater.key);
            let hint = "keep `tailwater_m` where the head follows the level, the other where it is fixed".to_owned();
            entry.refuse(&other.place, message, Some(hint));
        }
        let needs = metres.is_some() || entry.has("tailwater_m") && made;
        if needs != efficiency.is_some() && given.is_none() && !(entry.has("efficiency") && efficiency.is_none()) {
            entry.missing(&[if needs { "efficiency" } else { head }]);
        }
        let by_level = tailwater.zip(efficiency.as_ref()).map(|(tailwater, efficiency)| Field {
            value: head::Head { efficiency: efficiency.value, tailwater: tailwater.value },
            place: tailwater.place,
            key: tailwater.key,
        });
        let by_head = metres.zip(efficiency).map(|(metres, efficiency)| {
            let share = if made { efficiency.value } else { 1.0 / efficiency.value };
            KWH_PER_M3_M * metres.value * share
        });
        let kwh = given.map(|given| given.value).or(by_head).unwrap_or(0.0);
        let price_per_kwh = entry.varying("price_per_kwh", POSITIVE);
        if let Some(price) = price_per_kwh.as_ref().filter(|_| kwh == 0.0 && by_level.is_none()) {
            let hint = format!("`kwh_per_m3`, or `{head}` with `efficiency`");
            entry.refuse(&price.place, format!("`{}`: a price of energy on a way that has none", price.key), Some(hint));
        }
        Self { kwh_per_m3: if made { kwh } else { -kwh }, by_level, price_per_kwh }
    }

    fn lower(&self, lowering: &mut Lowering, head: &Head, (id, tail): (&str, Option<NodeId>), most: f64) -> Option<Energy> {
        let price = self
            .price_per_kwh
            .as_ref()
            .map(|price| lowering.param::<PricePerEnergy>(price, head, &format!("{id}.price_per_kwh")));
        let gwh_per_hm3 = match &self.by_level {
            Some(by_level) => at_the_start(by_level, lowering, head, (id, tail), most)?,
            None => self.kwh_per_m3,
        };
        (gwh_per_hm3 != 0.0).then_some(Energy { gwh_per_hm3, price })
    }
}

/// Reads `tailwater_m`: a level, or levels by flow.
fn tailwater(entry: &Entry) -> Option<Field<Vec<(f64, f64)>>> {
    let value = entry.raw("tailwater_m")?;
    if !value.get_ref().is_array() {
        let level = entry.number("tailwater_m")?;
        return Some(Field { value: vec![(0.0, level.value)], place: level.place, key: level.key });
    }
    let place = entry.place_of(value);
    let mut points: Vec<(f64, f64)> = Vec::new();
    let parts = entry.tables("tailwater_m");
    let count = parts.len();
    for part in parts {
        let (flow, level) = (part.number_within("flow_m3s", 0.0, f64::INFINITY), part.number("level_m"));
        for required in ["flow_m3s", "level_m"] {
            if !part.has(required) {
                part.missing(&[required]);
            }
        }
        part.finish();
        let Some((flow, level)) = flow.zip(level) else { continue };
        if let Some(before) = points.last().filter(|before| before.0 >= flow.value || before.1 > level.value) {
            let message =
                format!("`tailwater_m`: {} m at {} m³/s after {} m at {} m³/s", level.value, flow.value, before.1, before.0);
            let hint = "points `{ flow_m3s = …, level_m = … }`, least flow first: flows rise, levels do not fall".to_owned();
            part.refuse(&part.place, message, Some(hint));
            return None;
        }
        points.push((flow.value, level.value));
    }
    if points.is_empty() && count == 0 {
        let hint = "a level, `tailwater_m = 42.5`, or points `{ flow_m3s = …, level_m = … }`".to_owned();
        entry.refuse(&place, "`tailwater_m`: no points", Some(hint));
    }
    (count > 0 && points.len() == count).then(|| Field { value: points, place, key: "tailwater_m".to_owned() })
}

/// GWh that a hm³ makes at the level of the start, or the dead level where that is higher, and at the greatest flow.
fn at_the_start(
    by_level: &Field<head::Head>,
    lowering: &mut Lowering,
    head: &Head,
    (id, tail): (&str, Option<NodeId>),
    most: f64,
) -> Option<f64> {
    let turbine = &by_level.value;
    let NodeKind::Storage(storage) = &lowering.network.nodes.get(tail?.0)?.kind else { return None };
    let start = storage.initial_hm3.max(lowering.forcing.at(&storage.lower, 0, 0));
    let level = storage.curve.level_at_clamped(start);
    let head_m = level - turbine.tailwater_m(most);
    if head_m <= 0.0 {
        let message =
            format!("`{}`: the tailwater stands at {} m, the reservoir at {level} m: no head", by_level.key, level - head_m);
        let hint = "levels of tailwater and reservoir count from the same datum, the tailwater's is the lower".to_owned();
        lowering.refuse(&by_level.place, head, message, Some(hint));
        return None;
    }
    if matches!(lowering.basin.method.head, HeadModel::Fixed) {
        lowering.note(format!(
            "Planned as if `{id}` had the head of the start all along, {head_m:.2} m, and measured at the heads that the plan has; `head = \"successive\"` in [method] plans by them."
        ));
    }
    Some(turbine.gwh_per_hm3(head_m))
}

/// A way to be lowered to an arc.
pub struct Way<'w> {
    /// Address of the arc.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: &'w Place,
    /// Node where water leaves.
    pub from: Option<NodeId>,
    /// Node where it arrives.
    pub to: Option<NodeId>,
    /// What it is to people.
    pub role: Role,
    /// What passes.
    pub gate: &'w Gate,
    /// How it travels.
    pub travel: &'w Travel,
    /// Its energy.
    pub power: Option<&'w Power>,
    /// Its capacity by level, with the curve of the reservoir that it leaves.
    pub rating: Option<(&'w RatingTable, &'w Curve)>,
    /// Whether no gate shuts it, so that its rating passes whatever is wanted.
    pub free_overflow: bool,
    /// Greatest flow where the file gives none; derived from all the water upstream where this is none either.
    pub default_capacity: Option<f64>,
}

impl Way<'_> {
    /// Adds the arc.
    pub fn lower(self, lowering: &mut Lowering, head: &Head) {
        let kernel = self.travel.kernel(lowering, head);
        let open = self.open(lowering);
        let (floor, capacity, derived) = self.bounds(&open, lowering, head);
        let discharge = self.rating.map(|(table, curve)| {
            let source = SeriesSource { origin: DERIVED.to_owned(), ..SeriesSource::default() };
            table.over(curve, lowering.param_of(&format!("{}.open", self.id), open, source))
        });
        let price = self
            .gate
            .price_per_m3
            .as_ref()
            .map(|price| lowering.param::<PricePerVolume>(price, head, &format!("{}.price_per_m3", self.id)));
        let most = (0..lowering.horizon.steps()).map(|step| lowering.forcing.at(&capacity, step, 0)).fold(0.0, f64::max);
        let (minimum_when_open, commitment) = self.gate.opening.lower(lowering, head, &self.id, most);
        let energy = self.power.and_then(|power| power.lower(lowering, head, (&self.id, self.from), most));
        let by_level = self.power.and_then(|power| power.by_level.as_ref()).filter(|_| energy.is_some());
        let last_flow = self.travel.past_flow.as_ref().and_then(|past| past.value.last().copied());
        let (Some(tail), Some(to)) = (self.from, self.to) else { return };
        let arc = Arc {
            id: self.id,
            name: self.name,
            place: self.place.clone(),
            tail,
            receivers: vec![Receiver { node: to, fraction: self.travel.fraction(), kernel }],
            role: self.role,
            floor,
            capacity,
            unbounded: false,
            discharge,
            free_overflow: self.free_overflow,
            price,
            standby: self.gate.standby,
            energy,
            head: by_level.map(|by_level| Box::new(by_level.value.clone())),
            minimum_when_open,
            commitment,
            previous_flow: self.gate.previous_flow.or(last_flow),
        };
        lowering.add_arc(arc, derived);
    }

    /// Share of each step that the way is not closed.
    fn open(&self, lowering: &mut Lowering) -> Values {
        if self.gate.closed.is_empty() {
            Values::Same(1.0)
        } else {
            let start = lowering.start;
            lowering.share_of_days(|date| !self.gate.closed.iter().any(|closed| closed.holds(date, start)))
        }
    }

    /// Floor, capacity, and, where the capacity is still to be derived, the share of each step that the way is open.
    fn bounds(
        &self,
        open: &Values,
        lowering: &mut Lowering,
        head: &Head,
    ) -> (crate::forcing::Param<Flow>, crate::forcing::Param<Flow>, Option<Values>) {
        let zero = crate::forcing::Param::constant(0.0);
        if !self.gate.is_open(&lowering.basin.mode) {
            return (zero, zero, None);
        }
        let given = self.gate.capacity.as_ref().map(|capacity| lowering.values(capacity, head));
        let given = given.or(self.default_capacity.map(|capacity| Some(Values::Same(capacity))));
        let floor = self.gate.floor.as_ref().and_then(|floor| lowering.values(floor, head));
        if let (Some(Some(Values::Same(capacity))), Some(floor), Some(field)) = (&given, &floor, &self.gate.floor)
            && floor.most() > *capacity
        {
            let hint = "lower the floor or raise the capacity; a floor over several ways is a `control_section`";
            let message = format!("`{}`: floor {} is over the capacity {capacity}", field.key, floor.most());
            lowering.refuse(&field.place, head, message, Some(hint.to_owned()));
        }
        let derived = if given.is_none() { Some(open.clone()) } else { None };
        let capacity = given.flatten().map_or(Values::Same(f64::INFINITY), |capacity| {
            capacity.zip(open, |capacity, open| if open == 0.0 { 0.0 } else { capacity * open })
        });
        let floor = floor.unwrap_or(Values::Same(0.0));
        let kept = floor.zip(open, |floor, open| floor * open).zip(&capacity, f64::min);
        if floor.over(&kept).is_some() {
            lowering.note(format!("The floor of `{}` gives way where it is closed or its dated capacity is less.", self.id));
        }
        let floor_source = self.gate.floor.as_ref().map(|floor| lowering.source_of(floor)).unwrap_or_default();
        let capacity_source = self.gate.capacity.as_ref().map(|capacity| lowering.source_of(capacity)).unwrap_or_default();
        let floor = lowering.param_of(&format!("{}.floor", self.id), kept, floor_source);
        let capacity = lowering.param_of(&format!("{}.capacity", self.id), capacity, capacity_source);
        (floor, capacity, derived)
    }
}
