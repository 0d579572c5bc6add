//! What all ways of water share: how much passes, when it is open, how long it travels, what it costs and what energy it
//! makes or needs.

use crate::basin::dates::Interval;
use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{POSITIVE, SHARE, Varying};
use crate::curve::Curve;
use crate::elements::Head;
use crate::elements::common::commitment::Opening;
use crate::forcing::SeriesSource;
use crate::kernel::{Kernel, Routing};
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{Arc, Energy, NodeId, Receiver, Role};
use crate::place::Place;
use crate::rating::RatingTable;
use crate::units::{Flow, PricePerEnergy, PricePerVolume};

/// kWh that 1 m³ holds a m of head: 9.81 kJ.
const KWH_PER_M3_M: f64 = 9.81 / 3600.0;

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
    closed: Vec<Interval>,
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
            closed: entry.intervals("closed"),
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
    price_per_kwh: Option<Varying>,
}

impl Power {
    /// Reads `kwh_per_m3`, or `head` with `efficiency`, and `price_per_kwh`; `made` by a turbine, else needed by a pump.
    pub fn read(entry: &Entry, head: &str, made: bool) -> Self {
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
        if metres.is_some() != efficiency.is_some() && given.is_none() {
            entry.missing(&[if metres.is_some() { "efficiency" } else { head }]);
        }
        let by_head = metres.zip(efficiency).map(|(metres, efficiency)| {
            let share = if made { efficiency.value } else { 1.0 / efficiency.value };
            KWH_PER_M3_M * metres.value * share
        });
        let kwh = given.map(|given| given.value).or(by_head).unwrap_or(0.0);
        let price_per_kwh = entry.varying("price_per_kwh", POSITIVE);
        if let Some(price) = price_per_kwh.as_ref().filter(|_| kwh == 0.0) {
            let hint = format!("`kwh_per_m3`, or `{head}` with `efficiency`");
            entry.refuse(&price.place, format!("`{}`: a price of energy on a way that has none", price.key), Some(hint));
        }
        Self { kwh_per_m3: if made { kwh } else { -kwh }, price_per_kwh }
    }

    fn lower(&self, lowering: &mut Lowering, head: &Head, id: &str) -> Option<Energy> {
        let price = self
            .price_per_kwh
            .as_ref()
            .map(|price| lowering.param::<PricePerEnergy>(price, head, &format!("{id}.price_per_kwh")));
        (self.kwh_per_m3 != 0.0).then_some(Energy { gwh_per_hm3: self.kwh_per_m3, price })
    }
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
            let source = SeriesSource { origin: "derived".to_owned(), ..SeriesSource::default() };
            table.over(curve, lowering.param_of(&format!("{}.open", self.id), open, source))
        });
        let price = self
            .gate
            .price_per_m3
            .as_ref()
            .map(|price| lowering.param::<PricePerVolume>(price, head, &format!("{}.price_per_m3", self.id)));
        let most = (0..lowering.horizon.steps()).map(|step| lowering.forcing.at(&capacity, step, 0)).fold(0.0, f64::max);
        let (minimum_when_open, commitment) = self.gate.opening.lower(lowering, head, &self.id, most);
        let energy = self.power.and_then(|power| power.lower(lowering, head, &self.id));
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
            discharge,
            price,
            standby: self.gate.standby,
            energy,
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
            lowering.share_of_days(|date| !self.gate.closed.iter().any(|closed| closed.holds(date)))
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
