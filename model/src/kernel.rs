//! Routing of water in time: lag, fractional lag, Muskingum and unequal steps as one thing.
//!
//! A kernel says, for each departure step, in which steps the water arrives: non-negative weights whose sum, with what
//! arrives after the end, is 1. Mass closes by construction.
//!
//! **Lag**: water that leaves evenly over a step arrives evenly over the same stretch of time, later by the lag.
//!
//! **Muskingum**: S = K (x I + (1 − x) O). In sub-steps h the classic coefficients are
//! C0 = (h − 2Kx) ÷ D, C2 = (2K(1−x) − h) ÷ D, D = 2K(1−x) + h. Written with the water on its way s as the state,
//!
//! ```text
//! out = C0 · in + (1 − C2) · s        s ← s + in − out
//! ```
//!
//! which is C0, C1, C2 to the letter where h stays the same, keeps mass where h changes, and holds K · q on its way in a
//! steady flow q whatever h is. A step is cut into the fewest equal sub-steps with h ≤ 2K(1−x); a step that meets
//! 2Kx ≤ h ≤ 2K(1−x) itself is not cut, so that values of a step are routed as the textbook routes ordinates.
//! The response has the mean K and the variance K²(1 − 2x). Where some step of the horizon allows no sub-step of at least
//! 2Kx (short steps, or x near ½), or more than [`MOST_SUB_STEPS`] would be needed, the whole reach is routed as a lag
//! K(1 − √(1−2x)) followed by a linear reservoir K√(1−2x), exactly over steps of any length: the same mean and variance,
//! and never negative. For x = ½ that is a pure lag. A lag beside it is added to what leaves the reach.
//!
//! **Before the start**: past flows are means over steps as long as the first, the most recent last; before the earliest
//! of them the flow is taken to have been steady at it.
//!
//! Units: hours and m³/s in, shares and hm³ out. Shape: a row a departure step.
//! Fails: a negative lag, K ≤ 0, x outside 0…½, no past flow where water is on its way.
//! Source: Chow, Maidment & Mays (1988) Applied Hydrology, 8.4. Limits: linear, the same for all flows.

use std::sync::Arc;

use crate::horizon::Horizon;
use crate::tolerance::KERNEL;
use crate::units::HM3_PER_M3;

/// Most sub-steps into which a step is cut; a reach so short against its steps is routed as a linear reservoir.
pub const MOST_SUB_STEPS: f64 = 1000.0;

/// Longest lag, and greatest K, in hours: a year.
pub const LONGEST_H: f64 = 8784.0;

/// When water that leaves in a step arrives.
#[derive(Clone, Debug, PartialEq)]
pub enum Kernel {
    /// In the step in which it leaves.
    Instant,
    /// As a table over the horizon's steps.
    Table(Arc<KernelTable>),
}

/// A kernel over the horizon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelTable {
    /// For each departure step, the arrival steps with their weights, rising in step.
    pub arrivals: Vec<Vec<(usize, f64)>>,
    /// For each departure step, the share that arrives after the horizon's end.
    pub after_end: Vec<f64>,
    /// Volume that left before the start and arrives in each step, hm³, as a share-1 receiver would get it.
    pub from_before_hm3: Vec<f64>,
    /// Volume that left before the start and arrives after the end, hm³.
    pub from_before_after_end_hm3: f64,
}

/// How water travels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Routing {
    /// Lag, hours, whole or not.
    pub lag_h: f64,
    /// Muskingum's K in hours, and x.
    pub muskingum: Option<(f64, f64)>,
}

impl Kernel {
    /// The kernel of a routing over a horizon.
    ///
    /// # Errors
    /// A parameter out of its range, or no past flow where water is on its way at the start, in a sentence.
    pub fn route(routing: &Routing, horizon: &Horizon, past_flow_m3s: Option<&[f64]>) -> Result<Self, String> {
        let Routing { lag_h, muskingum } = *routing;
        if !(0.0..=LONGEST_H).contains(&lag_h) {
            return Err(format!("a lag of {lag_h} h, expected 0 to {LONGEST_H}"));
        }
        if let Some((k_h, x)) = muskingum {
            if !(k_h > 0.0 && k_h <= LONGEST_H) {
                return Err(format!("Muskingum K of {k_h} h, expected more than 0, at most {LONGEST_H}"));
            }
            if !(0.0..=0.5).contains(&x) {
                return Err(format!("Muskingum x of {x}, expected 0 to 0.5"));
            }
        }
        if let Some(at) = past_flow_m3s.and_then(|past| past.iter().position(|flow| !(flow.is_finite() && *flow >= 0.0))) {
            return Err(format!("`past_flow_m3s`: value {} is no flow of 0 or more", at + 1));
        }
        if lag_h == 0.0 && muskingum.is_none() {
            return Ok(Self::Instant);
        }
        let past = past_flow_m3s.filter(|past| !past.is_empty()).ok_or_else(|| {
            "water is on its way at the start: `past_flow_m3s` is missing, the mean flows of the steps before the start, the most recent last"
                .to_owned()
        })?;
        let reach = Reach::new(lag_h * 3600.0, muskingum.map(|(k_h, x)| (k_h * 3600.0, x)), &horizon.lengths_s);
        Ok(Self::Table(Arc::new(reach.table(&horizon.lengths_s, past))))
    }

    /// Volumes that arrive in each step, of volumes that leave in each step (a share-1 receiver), and what is still on
    /// its way at the end; hm³.
    pub fn carry(&self, leaving_hm3: &[f64]) -> (Vec<f64>, f64) {
        match self {
            Self::Instant => (leaving_hm3.to_vec(), 0.0),
            Self::Table(table) => {
                let mut arriving = table.from_before_hm3.clone();
                let mut on_its_way = table.from_before_after_end_hm3;
                for ((leaving, arrivals), after_end) in leaving_hm3.iter().zip(&table.arrivals).zip(&table.after_end) {
                    for (step, weight) in arrivals {
                        arriving[*step] += weight * leaving;
                    }
                    on_its_way += after_end * leaving;
                }
                (arriving, on_its_way)
            }
        }
    }
}

/// A reach over given steps: what holds water (a store), and a lag behind it.
struct Reach {
    lag_s: f64,
    store: Store,
}

/// What holds water in a reach.
#[derive(Clone, Copy)]
enum Store {
    /// Nothing.
    None,
    /// Muskingum in sub-steps: K in seconds, and x.
    Muskingum { k_s: f64, x: f64 },
    /// A linear reservoir, out = s ÷ k.
    Linear { k_s: f64 },
}

impl Reach {
    fn new(lag_s: f64, muskingum: Option<(f64, f64)>, lengths_s: &[f64]) -> Self {
        let Some((k_s, x)) = muskingum else {
            return Self { lag_s, store: Store::None };
        };
        if lengths_s.iter().all(|length_s| sub_steps(*length_s, k_s, x).is_some()) {
            return Self { lag_s, store: Store::Muskingum { k_s, x } };
        }
        let spread = (1.0 - 2.0 * x).sqrt();
        let lag_s = lag_s + k_s * (1.0 - spread);
        Self { lag_s, store: if spread == 0.0 { Store::None } else { Store::Linear { k_s: k_s * spread } } }
    }

    /// Water that a steady flow of 1 m³/s holds in the store, m³.
    fn held(&self) -> f64 {
        match self.store {
            Store::None => 0.0,
            Store::Muskingum { k_s, .. } | Store::Linear { k_s } => k_s,
        }
    }

    fn table(&self, lengths_s: &[f64], past: &[f64]) -> KernelTable {
        let edges: Vec<f64> = std::iter::once(0.0)
            .chain(lengths_s.iter().scan(0.0, |at, length| {
                *at += length;
                Some(*at)
            }))
            .collect();
        let mut table = KernelTable::default();
        for step in 0..lengths_s.len() {
            let mut arrived = Arrived::new(&edges, step);
            let mut on_its_way = self.pass(edges[step], lengths_s[step], 1.0, 0.0, &mut arrived);
            let mut at = step + 1;
            while on_its_way >= KERNEL && at < lengths_s.len() && edges[at] + self.lag_s < edges[lengths_s.len()] {
                on_its_way = self.pass(edges[at], lengths_s[at], 0.0, on_its_way, &mut arrived);
                at += 1;
            }
            let (arrivals, after_end) = arrived.shares(on_its_way, KERNEL);
            table.arrivals.push(arrivals);
            table.after_end.push(after_end);
        }

        // Before the start: steady at the earliest past flow where the lag reaches back further than what was observed.
        let length_s = lengths_s[0];
        let steady = ((self.lag_s / length_s).ceil() - past.len() as f64).max(0.0);
        let first = past[0] * HM3_PER_M3;
        let mut arrived = Arrived::new(&edges, 0);
        let mut on_its_way = first * self.held();
        let mut from_s = -length_s * (steady + past.len() as f64);
        for flow in std::iter::repeat_n(past[0], steady as usize).chain(past.iter().copied()) {
            on_its_way = self.pass(from_s, length_s, flow * length_s * HM3_PER_M3, on_its_way, &mut arrived);
            from_s += length_s;
        }
        let scale = past.iter().copied().fold(0.0, f64::max) * HM3_PER_M3 * (self.held() + self.lag_s);
        let mut at = 0;
        while on_its_way >= KERNEL * scale && on_its_way > 0.0 && at < lengths_s.len() {
            on_its_way = self.pass(edges[at], lengths_s[at], 0.0, on_its_way, &mut arrived);
            at += 1;
        }
        let (arrivals, after_end) = arrived.shares(on_its_way, KERNEL * scale);
        table.from_before_hm3 = vec![0.0; lengths_s.len()];
        for (step, volume) in arrivals {
            table.from_before_hm3[step] = volume;
        }
        table.from_before_after_end_hm3 = after_end;
        table
    }

    /// Passes a step through the store, with `entering` spread evenly over it, and returns what the store holds then.
    fn pass(&self, from_s: f64, length_s: f64, entering: f64, held: f64, arrived: &mut Arrived) -> f64 {
        let lag = self.lag_s;
        match self.store {
            Store::None => {
                arrived.add(from_s + lag, from_s + length_s + lag, entering);
                0.0
            }
            Store::Muskingum { k_s, x } => {
                // Steps before the start are as long as the first, which has been asked.
                let count = sub_steps(length_s, k_s, x).unwrap_or(1.0);
                let h = length_s / count;
                let d = 2.0 * k_s * (1.0 - x) + h;
                let at_once = ((h - 2.0 * k_s * x) / d).max(0.0);
                let of_held = (2.0 * h / d).min(1.0);
                let portion = entering / count;
                let mut held = held;
                for sub_step in 0..count as usize {
                    let out = at_once * portion + of_held * held;
                    let begin_s = from_s + h * sub_step as f64;
                    arrived.add(begin_s + lag, begin_s + h + lag, out);
                    held = (1.0 - at_once) * portion + (1.0 - of_held) * held;
                }
                held
            }
            Store::Linear { k_s } => {
                let rate = entering / length_s;
                let mut held = held;
                let mut at_s = from_s;
                let end_s = from_s + length_s;
                // Cut where arrivals pass from a step to the next: within a piece all that leaves arrives in one step.
                while at_s < end_s {
                    let to_s = arrived.next_edge(at_s + lag).map_or(end_s, |edge| (edge - lag).min(end_s));
                    let to_s = if to_s > at_s { to_s } else { end_s };
                    let kept = (-(to_s - at_s) / k_s).exp();
                    // 1 − e^−z without cancellation.
                    let gone = -(-(to_s - at_s) / k_s).exp_m1();
                    let held_then = held * kept + rate * k_s * gone;
                    let out = (held + rate * (to_s - at_s) - held_then).max(0.0);
                    arrived.add_at(f64::midpoint(at_s, to_s) + lag, out);
                    held = held_then;
                    at_s = to_s;
                }
                held
            }
        }
    }
}

/// The fewest equal sub-steps of a step that keep both of Muskingum's conditions, if any do.
fn sub_steps(length_s: f64, k_s: f64, x: f64) -> Option<f64> {
    // A step that meets a condition to the last digit meets it.
    let rounding = 1e-12;
    let count = (length_s / (2.0 * k_s * (1.0 - x)) - rounding).ceil().max(1.0);
    (count <= MOST_SUB_STEPS && length_s / count >= 2.0 * k_s * x * (1.0 - rounding)).then_some(count)
}

/// Water that has arrived, by step.
struct Arrived<'a> {
    edges: &'a [f64],
    /// The first step that anything can arrive in.
    first: usize,
    volumes: Vec<f64>,
    after_end: f64,
}

impl<'a> Arrived<'a> {
    fn new(edges: &'a [f64], first: usize) -> Self {
        Self { edges, first, volumes: Vec::new(), after_end: 0.0 }
    }

    fn end_s(&self) -> f64 {
        self.edges[self.edges.len() - 1]
    }

    /// The first edge after an instant.
    fn next_edge(&self, at_s: f64) -> Option<f64> {
        self.edges.get(self.edges.partition_point(|edge| *edge <= at_s)).copied()
    }

    /// A volume that arrives evenly over a stretch of time; what comes before the start is not counted.
    fn add(&mut self, from_s: f64, to_s: f64, volume: f64) {
        if volume <= 0.0 || to_s <= 0.0 {
            return;
        }
        let rate = volume / (to_s - from_s);
        let mut at_s = from_s.max(0.0);
        let mut left = if from_s < 0.0 { rate * to_s } else { volume };
        while let Some(edge) = self.next_edge(at_s) {
            if edge >= to_s {
                break;
            }
            let part = (rate * (edge - at_s)).min(left);
            self.add_at(f64::midpoint(at_s, edge), part);
            left -= part;
            at_s = edge;
        }
        self.add_at(f64::midpoint(at_s, to_s), left);
    }

    /// A volume that arrives in the step that holds an instant.
    fn add_at(&mut self, at_s: f64, volume: f64) {
        if at_s < 0.0 {
            return;
        }
        if at_s >= self.end_s() {
            self.after_end += volume;
            return;
        }
        let step = self.edges.partition_point(|edge| *edge <= at_s) - 1;
        let index = step.saturating_sub(self.first);
        if index >= self.volumes.len() {
            self.volumes.resize(index + 1, 0.0);
        }
        self.volumes[index] += volume;
    }

    /// The volumes of at least `least` by step, and what arrives after the end; what is smaller, and what is `held` still
    /// on its way, goes to the last of them.
    fn shares(self, held: f64, least: f64) -> (Vec<(usize, f64)>, f64) {
        let mut rest = 0.0;
        let mut kept = Vec::with_capacity(self.volumes.len());
        for (index, volume) in self.volumes.into_iter().enumerate() {
            if volume >= least && volume > 0.0 { kept.push((self.first + index, volume)) } else { rest += volume }
        }
        // Held water that is not negligible is still there at the end.
        let after_end = self.after_end + held;
        match kept.last_mut() {
            Some((_, last)) if after_end < least.max(f64::MIN_POSITIVE) => {
                *last += rest + after_end;
                (kept, 0.0)
            }
            Some((_, last)) => {
                *last += rest;
                (kept, after_end)
            }
            None => (kept, after_end + rest),
        }
    }
}

#[cfg(test)]
mod tests;
