//! One step: what stands before it, who is served in turn, what zones let go, what stands after it.
//!
//! All arrays are made once; a step only overwrites them. Units: hm³, flows hm³ in the step.

use super::compiled::{Compiled, FREE, Kind, NO_WINDOW, Receiver};
use super::ladder::{Ladder, Standing};
use super::requests::Asks;
use super::stores::Rated;
use super::turn::Round;

/// What is less is nothing, hm³.
pub(super) const TINY: f64 = 1e-12;
/// Most rounds in which a step is decided again with what ratings let pass.
const ROUNDS: usize = 16;

/// Halvings of a storage, enough for the last bit.
const HALVINGS: usize = 60;

/// The greatest storage between two of which something is left over, which falls as it rises.
pub(super) fn halved(mut low: f64, mut high: f64, left: impl Fn(f64) -> f64) -> f64 {
    if left(high) >= 0.0 {
        return high;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if left(middle) >= 0.0 { low = middle } else { high = middle }
    }
    low
}

/// The water of a step.
#[derive(Clone, Debug)]
pub(super) struct State<'a> {
    pub(super) c: &'a Compiled,
    pub(super) step: usize,
    /// Flow of each arc.
    pub(super) flow: Vec<f64>,
    /// What each arc may carry.
    pub(super) capacity: Vec<f64>,
    /// Water at a junction that must go on, or that a source has left.
    pub(super) at_hand: Vec<f64>,
    /// By storage: at the start, and what it holds so far, with the loss of an empty end taken off.
    pub(super) before: Vec<f64>,
    pub(super) held: Vec<f64>,
    /// By storage: its flood limit, with the loss.
    pub(super) limit: Vec<f64>,
    /// By storage × rank: what it keeps from those of that rank.
    pub(super) keeps: Vec<f64>,
    /// By storage: zone at the start, if it has any.
    pub(super) zone: Vec<Option<usize>>,
    pub(super) supply: Vec<f64>,
    pub(super) value: Vec<f64>,
    value_before: Vec<Option<f64>>,
    pub(super) floor: Vec<f64>,
    pub(super) ceiling: Vec<f64>,
    /// By window: left before the step; by account: used in it.
    pub(super) window_left: Vec<f64>,
    pub(super) used: Vec<f64>,
    /// Local water at a node that orders ahead need not bring, and what is already ordered by an arc for flows below it.
    pub(super) local: Vec<f64>,
    pub(super) ordered: Vec<f64>,
    /// Stage of the one who is being served.
    pub(super) stage: usize,
    /// By request: it has come to the end of its water.
    pub(super) tired: Vec<bool>,
    pub(super) saved: Vec<f64>,
    pub(super) round: Round,
    /// What each portion asks for, step × portion, less what is cut.
    pub(super) sizes: Vec<f64>,
    pub(super) standing: Standing,
    /// By request: what its period lacks so far (less than 0: has had beyond what it asked for).
    pub(super) arrears: Vec<f64>,
    /// By crest: what is known to flow over it in the step.
    pub(super) known_overflow: Vec<f64>,
    /// The step follows the plan in force, and what that gives each value.
    pub(super) follows: bool,
    pub(super) planned_value: Vec<f64>,
    /// Step × node: what is on its way.
    pub(super) arriving: Vec<f64>,
}

impl<'a> State<'a> {
    pub(super) fn new(c: &'a Compiled) -> Self {
        let (nodes, arcs, stores) = (c.kinds.len(), c.tails.len(), c.stores.len());
        Self {
            c,
            step: 0,
            flow: vec![0.0; arcs],
            capacity: vec![0.0; arcs],
            at_hand: vec![0.0; nodes],
            before: c.stores.iter().map(|store| store.initial).collect(),
            held: vec![0.0; stores],
            limit: vec![0.0; stores],
            keeps: vec![0.0; stores * (usize::from(FREE) + 1)],
            zone: vec![None; stores],
            supply: vec![0.0; c.portions],
            value: vec![0.0; c.values.len()],
            value_before: c.values.iter().map(|value| value.before_m3s).collect(),
            floor: vec![0.0; c.values.len()],
            ceiling: vec![0.0; c.values.len()],
            window_left: c.window_left.clone(),
            used: vec![0.0; c.accounts],
            local: vec![0.0; nodes],
            ordered: vec![0.0; arcs],
            stage: usize::MAX,
            tired: vec![false; c.requests.all.len()],
            saved: vec![0.0; arcs + nodes + stores + c.portions + c.values.len() + c.accounts],
            round: Round::new(nodes),
            sizes: c.sizes.clone(),
            standing: c.ladder.as_ref().map(Ladder::standing).unwrap_or_default(),
            arrears: vec![0.0; c.requests.all.len()],
            known_overflow: vec![0.0; c.free.len()],
            follows: false,
            planned_value: vec![f64::NAN; c.values.len()],
            arriving: c.arriving.clone(),
        }
    }

    /// Runs a step; rated outlets carry at most what their storage lets pass at its mean.
    pub(super) fn run(&mut self, step: usize) {
        self.step = step;
        let arcs = self.c.tails.len();
        self.capacity.copy_from_slice(&self.c.capacity[step * arcs..][..arcs]);
        for rated in &self.c.rated {
            let passes = rated.rating.at(self.before[rated.row]) * rated.open[step];
            self.capacity[rated.arc] = self.capacity[rated.arc].min(passes);
        }
        self.follow();
        if !self.follows {
            self.declare();
        }
        self.known_overflow.fill(0.0);
        self.attempt();
        // What an outlet passes lowers the storage that lets it pass: again with what the mean then lets pass.
        for round in 1..=ROUNDS {
            let over = self.lower_capacities();
            let (moved, too_much) = self.overflow_moved();
            if !(over || too_much || moved && round < ROUNDS) {
                break;
            }
            if round == ROUNDS {
                // Each lake by itself, the upper first, is exact too.
                self.known_overflow.fill(0.0);
            }
            self.attempt();
        }
        self.commit();
    }

    /// Lowers what rated outlets may carry to what their storages let pass at the means that this leaves; whether any carried more.
    fn lower_capacities(&mut self) -> bool {
        let (c, step) = (self.c, self.step);
        let arcs = c.tails.len();
        let mut over = false;
        for rated in &c.rated {
            if self.flow[rated.arc] > self.passes_rated(rated, self.after(rated.row)) + 1e-9 {
                over = true;
                let passes = self.passes_rated(rated, self.after_rated(rated.row));
                self.capacity[rated.arc] = passes.min(c.capacity[step * arcs + rated.arc]);
            }
        }
        over
    }

    /// What a rated outlet lets pass in the step where its storage ends it with so much, hm³.
    fn passes_rated(&self, rated: &Rated, after: f64) -> f64 {
        rated.rating.at(f64::midpoint(self.before[rated.row], after)) * rated.open[self.step]
    }

    /// What a storage ends the step with where its rated outlets pass what they do, but no more than it then lets them.
    fn after_rated(&self, row: usize) -> f64 {
        let own = || self.c.rated.iter().filter(move |rated| rated.row == row);
        let share = self.c.loss[self.step * self.c.stores.len() + row].1;
        let held = self.held[row] + own().map(|rated| self.flow[rated.arc]).sum::<f64>();
        // The more it keeps, the more passes, and the less is left over.
        let left = |after: f64| {
            let passes = own().map(|rated| self.flow[rated.arc].min(self.passes_rated(rated, after)));
            held - passes.sum::<f64>() - after * (1.0 + share)
        };
        halved(self.after(row), held / (1.0 + share), left)
    }

    /// Storage at the end of the step.
    pub(super) fn after(&self, row: usize) -> f64 {
        let share = self.c.loss[self.step * self.c.stores.len() + row].1;
        self.held[row] / (1.0 + share)
    }

    fn attempt(&mut self) {
        self.begin();
        let c = self.c;
        for group in &c.requests.groups {
            self.share(group.clone());
            for request in group.clone() {
                if !c.requests.all[request].near {
                    self.order_ahead(request);
                }
            }
        }
        self.stage = usize::MAX;
        if !self.follows {
            self.zone_releases();
        }
        self.settle();
    }

    /// Everything as it stands before anything is decided.
    fn begin(&mut self) {
        let (c, step) = (self.c, self.step);
        let (nodes, arcs, stores) = (c.kinds.len(), c.tails.len(), c.stores.len());
        self.supply.fill(0.0);
        self.value.fill(0.0);
        self.used.fill(0.0);
        self.ordered.fill(0.0);
        for arc in 0..arcs {
            self.flow[arc] = 0.0;
            if c.given[arc] {
                self.count(arc, c.given_hm3[step * arcs + arc]);
            }
        }
        for row in 0..stores {
            let (constant, share) = c.loss[step * stores + row];
            self.held[row] = self.before[row] * (1.0 - share) - constant;
            self.limit[row] = c.flood_limit[step * stores + row] * (1.0 + share);
            self.bound(row, share);
        }
        for (index, value) in c.values.iter().enumerate() {
            let scale = c.hm3[step];
            let before = self.value_before[index];
            let fall = before.map_or(f64::NEG_INFINITY, |before| (before - value.fall[step]) * scale);
            let rise = before.map_or(f64::INFINITY, |before| (before + value.rise[step]) * scale);
            self.floor[index] = value.floor[step].max(fall);
            self.ceiling[index] = value.ceiling[step].min(rise);
        }
        for node in 0..nodes {
            self.at_hand[node] = if c.kinds[node] == Kind::Source { c.available[step * nodes + node] } else { 0.0 };
            self.local[node] = c.local[step * nodes + node];
            let arrived = self.arriving[step * nodes + node];
            if arrived != 0.0 {
                self.deliver(node, arrived);
            }
        }
        self.overflow_as_known();
    }

    /// Whether the step follows the plan in force, and what that gives each value.
    fn follow(&mut self) {
        let c = self.c;
        let Some(planned) = &c.planned else { return };
        self.follows = planned.knows[self.step];
        self.planned_value.fill(0.0);
        for arc in 0..c.tails.len() {
            for &(value, coefficient) in c.values_of.of(arc) {
                self.planned_value[value] += coefficient * planned.flow[self.step * c.tails.len() + arc];
            }
        }
    }

    /// The zone in which a storage stands at the start of the step, if in any.
    pub(super) fn zone_of(&self, row: usize) -> Option<usize> {
        let store = &self.c.stores[row];
        let tops = &store.zones[self.step * store.zone_count..][..store.zone_count];
        tops.iter().position(|top| self.before[row] <= *top)
    }

    /// What a storage keeps from each rank, and its zone.
    fn bound(&mut self, row: usize, share: f64) {
        let (c, step) = (self.c, self.step);
        let store = &c.stores[row];
        let before = self.before[row];
        let lower = c.lower[step * c.stores.len() + row];
        let ranks = usize::from(FREE) + 1;
        for rank in 0..ranks {
            let mut keeps = lower;
            for rule in store.rules.iter().filter(|rule| usize::from(rule.rank) <= rank) {
                keeps = keeps.max(rule.floor[step]).max(before - rule.fall[step]);
            }
            self.keeps[row * ranks + rank] = keeps * (1.0 + share);
        }
        self.zone[row] = self.zone_of(row);
    }

    /// What zones let go where nothing asked for as much.
    fn zone_releases(&mut self) {
        let c = self.c;
        for row in 0..c.stores.len() {
            let store = &c.stores[row];
            let Some(zone) = self.zone[row] else { continue };
            let out: f64 = store.outlets.iter().map(|way| self.flow[way[0]]).sum();
            let wants = store.releases[self.step * store.zone_count + zone] - out;
            let kept = self.keeps[row * (usize::from(FREE) + 1) + usize::from(FREE)];
            let wants = wants.min(self.held[row] - kept);
            self.release(row, wants, FREE);
        }
    }

    /// Closes the step: what is on its way, what accounts have left, what stands before the next.
    fn commit(&mut self) {
        let c = self.c;
        let (step, nodes) = (self.step, c.kinds.len());
        let mut on_its_way = std::mem::take(&mut self.arriving);
        let mut later = |receiver: &Receiver, volume: f64| {
            for &(to, share) in receiver.table.iter().flat_map(|table| &table.arrivals[step]) {
                if to > step {
                    on_its_way[to * nodes + receiver.node] += share * receiver.fraction * volume;
                }
            }
        };
        for arc in 0..c.tails.len() {
            if !c.given[arc] && self.flow[arc] != 0.0 {
                for receiver in c.receivers.of(arc) {
                    later(receiver, self.flow[arc]);
                }
            }
        }
        for node in 0..nodes {
            let returns = c.returns.of(node);
            if !returns.is_empty() {
                let supplied: f64 = c.portions_of.of(node).iter().map(|row| self.supply[*row]).sum();
                for receiver in returns {
                    later(receiver, supplied);
                }
            }
        }
        self.arriving = on_its_way;
        for account in 0..c.accounts {
            let window = c.window_at[step * c.accounts + account];
            if window != NO_WINDOW {
                self.window_left[window] -= self.used[account];
            }
        }
        for &request in &c.requests.paced {
            let facts = &c.requests.all[request];
            let (wanted, value) = match facts.asks {
                Asks::Floor(value) => (c.values[value].floor[step], value),
                Asks::Target(value) => (facts.amounts[step], value),
                _ => continue,
            };
            let ends = facts.begins.get(step + 1).is_some_and(|begins| *begins);
            self.arrears[request] = if ends { 0.0 } else { self.arrears[request] + wanted - self.value[value] };
        }
        for row in 0..c.stores.len() {
            self.before[row] = self.after(row);
        }
        for (before, value) in self.value_before.iter_mut().zip(&self.value) {
            *before = Some(value / c.hm3[step]);
        }
    }
}
