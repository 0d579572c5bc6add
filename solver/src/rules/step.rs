//! One step: requests served in their order along their ways, orders ahead, zone releases.
//!
//! All arrays are made once; a step only overwrites them. Units: hm³, flows hm³ in the step.

use super::compiled::{Compiled, FREE, Kind, NO_WINDOW, Receiver};
use super::paths::{Ahead, Path};
use super::requests::Asks;

/// What is less is nothing, hm³.
pub(super) const TINY: f64 = 1e-12;
/// Most rounds in which equals are served where there is not enough for all.
const ROUNDS: usize = 6;

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
    /// By storage × rank: what it keeps from those of that rank.
    keeps: Vec<f64>,
    /// By storage: zone at the start, if it has any.
    zone: Vec<Option<usize>>,
    pub(super) supply: Vec<f64>,
    pub(super) value: Vec<f64>,
    value_before: Vec<Option<f64>>,
    floor: Vec<f64>,
    ceiling: Vec<f64>,
    /// By window: left before the step; by account: used in it.
    window_left: Vec<f64>,
    used: Vec<f64>,
    /// Local water at a node that orders ahead need not bring, and what is already ordered by an arc for flows below it.
    local: Vec<f64>,
    ordered: Vec<f64>,
    /// Stage of the one who is being served.
    stage: usize,
    /// By request: it has come to the end of its water.
    tired: Vec<bool>,
    saved: Vec<f64>,
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
        self.attempt();
        // What an outlet passes lowers the storage that lets it pass: again with what the mean then lets pass.
        for _ in 0..8 {
            let mut over = false;
            for rated in &self.c.rated {
                let mean = f64::midpoint(self.before[rated.row], self.after(rated.row));
                let passes = rated.rating.at(mean) * rated.open[step];
                let most = self.c.capacity[step * arcs + rated.arc];
                if self.flow[rated.arc] > passes + 1e-9 {
                    over = true;
                    self.capacity[rated.arc] = passes.min(most);
                }
            }
            if !over {
                break;
            }
            self.attempt();
        }
        self.commit();
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
        self.zone_releases();
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
        let tops = &store.zones[step * store.zone_count..][..store.zone_count];
        self.zone[row] = tops.iter().position(|top| before <= *top);
    }

    /// Serves equals alike. Where there is not enough, all are served again up to the part that there was enough for; who lacks
    /// even of that has come to the end of its water, and the others go on.
    fn share(&mut self, group: std::ops::Range<usize>) {
        if group.len() == 1 {
            self.serve(group.start, 1.0);
            return;
        }
        self.tired[group.clone()].fill(false);
        let mut from = 0.0;
        for round in 1..=ROUNDS {
            self.save();
            let (short, given, wanted) = self.serve_all(group.clone(), 1.0, false);
            let part = from + (1.0 - from) * given / wanted;
            if !short || given <= TINY || part.is_nan() || part >= 1.0 - 1e-9 || round == ROUNDS {
                return;
            }
            self.restore();
            self.serve_all(group.clone(), part, true);
            from = part;
        }
    }

    /// Serves all that are not tired up to a part; whether anyone lacks, what was given and what was wanted.
    fn serve_all(&mut self, group: std::ops::Range<usize>, part: f64, tire: bool) -> (bool, f64, f64) {
        let (mut short, mut given, mut wanted) = (false, 0.0, 0.0);
        for request in group {
            if self.tired[request] {
                continue;
            }
            let Some((wants, got)) = self.asked(request) else { continue };
            let lacks = self.serve(request, part);
            short |= lacks;
            self.tired[request] = tire && lacks;
            wanted += (wants * part - got).max(0.0);
            given += self.asked(request).map_or(wants, |(_, now)| now) - got;
        }
        (short, given, wanted)
    }

    /// Keeps what serving changes.
    fn save(&mut self) {
        let mut at = 0;
        for part in [&self.flow, &self.at_hand, &self.held, &self.supply, &self.value, &self.used] {
            self.saved[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
    }

    /// Brings back what was kept.
    fn restore(&mut self) {
        let mut at = 0;
        let parts = [&mut self.flow, &mut self.at_hand, &mut self.held, &mut self.supply, &mut self.value, &mut self.used];
        for part in parts {
            let end = at + part.len();
            part.copy_from_slice(&self.saved[at..end]);
            at = end;
        }
    }

    /// Serves a request up to a part of what it asks for; whether it lacks some of what zones let it have.
    fn serve(&mut self, request: usize, part: f64) -> bool {
        let c = self.c;
        let facts = &c.requests.all[request];
        let Some((wanted, got)) = self.asked(request) else { return false };
        self.stage = facts.stage;
        let mut lacks = wanted * part - got;
        let mut hedged_away = f64::INFINITY;
        for free in [true, false] {
            for at in facts.paths.clone() {
                if lacks <= TINY {
                    return false;
                }
                let path = &c.paths.all[at];
                if path.ahead.is_some() {
                    continue;
                }
                let by_store = matches!(c.kinds[path.by], Kind::Storage(_));
                let from_store = by_store && path.by == path.from;
                if free && !from_store && c.kinds[path.by] != Kind::Junction || !free && c.kinds[path.by] == Kind::Junction {
                    continue;
                }
                let mut wants = lacks;
                if by_store && !free {
                    let allowed = self.hedged(path.by, request) * wanted;
                    hedged_away = hedged_away.min((wanted * part - allowed).max(0.0));
                    wants = wants.min(allowed - (wanted * part - lacks));
                }
                if wants > TINY {
                    lacks -= self.push(path, wants, facts.rank, free, facts.asks);
                }
            }
        }
        lacks > TINY + if hedged_away.is_finite() { hedged_away } else { 0.0 }
    }

    /// What a request asks for in all and what it has; none where it asks for nothing.
    fn asked(&self, request: usize) -> Option<(f64, f64)> {
        let c = self.c;
        let facts = &c.requests.all[request];
        let (wanted, got) = match facts.asks {
            Asks::Portion(row) => (c.sizes[self.step * c.portions + row], self.supply[row]),
            Asks::Floor(value) => (self.floor[value], self.value[value]),
            Asks::Target(value) => (facts.amounts[self.step], self.value[value]),
            Asks::Junction(node) => (0.0, self.at_hand[node]),
            Asks::Storage(row) => {
                // A start below the dead level is a state, not a debt.
                let keeps = self.keeps[row * (usize::from(FREE) + 1)];
                let owed = if self.before[row] < c.lower[self.step * c.stores.len() + row] - TINY {
                    f64::NEG_INFINITY
                } else {
                    keeps
                };
                (owed, self.held[row])
            }
        };
        (wanted > got + TINY).then_some((wanted, got))
    }

    /// Share of a request that a storage's zone gives.
    fn hedged(&self, node: usize, request: usize) -> f64 {
        let Kind::Storage(row) = self.c.kinds[node] else { return 1.0 };
        let requests = &self.c.requests;
        self.zone[row].map_or(1.0, |zone| requests.hedging[(requests.first_zone[row] + zone) * requests.all.len() + request])
    }

    /// What an arc may still carry for a rank.
    pub(super) fn room(&self, arc: usize, rank: u8) -> f64 {
        let c = self.c;
        let mut room = self.capacity[arc] - self.flow[arc];
        for &(value, coefficient) in c.values_of.of(arc) {
            if coefficient > 0.0 && c.values[value].rank <= rank {
                room = room.min((self.ceiling[value] - self.value[value]) / coefficient);
            }
        }
        if rank == FREE {
            for &(account, coefficient) in c.accounts_of.of(arc) {
                let window = c.window_at[self.step * c.accounts + account];
                if window != NO_WINDOW && self.stage >= c.account_stages[account] {
                    room = room.min((self.window_left[window] - self.used[account]) / coefficient);
                }
            }
        }
        room
    }

    /// Sends water down a way until `wants` has arrived or something is used up; what has arrived.
    fn push(&mut self, path: &Path, wants: f64, rank: u8, free: bool, asks: Asks) -> f64 {
        let (c, step) = (self.c, self.step);
        let gives = match c.kinds[path.from] {
            Kind::Storage(row) => {
                let kept = self.keeps[row * (usize::from(FREE) + 1) + usize::from(rank)];
                let share = c.loss[step * c.stores.len() + row].1;
                let limit = c.flood_limit[step * c.stores.len() + row] * (1.0 + share);
                self.held[row] - if free { kept.max(limit) } else { kept }
            }
            _ => match c.kinds[path.by] {
                // Water on its way to a lake first fills what the lake keeps.
                Kind::Storage(row) => {
                    let kept = self.keeps[row * (usize::from(FREE) + 1) + usize::from(rank)];
                    self.at_hand[path.from] + (self.held[row] - kept).min(0.0)
                }
                _ => self.at_hand[path.from],
            },
        };
        if gives <= TINY {
            return 0.0;
        }
        let links = &c.paths.links[path.first..path.end];
        let (mut ratio, mut most) = (1.0, wants);
        for &(arc, receiver) in links.iter().rev() {
            if receiver != usize::MAX {
                let gain = c.receivers.item(receiver).gain(step);
                if gain <= 1e-3 {
                    return 0.0;
                }
                ratio /= gain;
            }
            let room = self.room(arc, rank) / ratio;
            if room <= TINY {
                return 0.0;
            }
            most = most.min(room);
        }
        most = most.min(gives / ratio);
        if most <= TINY {
            return 0.0;
        }
        self.send(path.from, links, most * ratio, asks);
        most
    }

    /// Carries a volume from a node down a way.
    fn send(&mut self, from: usize, links: &[(usize, usize)], volume: f64, asks: Asks) {
        let c = self.c;
        match c.kinds[from] {
            Kind::Storage(row) => self.held[row] -= volume,
            _ => self.at_hand[from] -= volume,
        }
        let mut carried = volume;
        for (place, &(arc, on)) in links.iter().enumerate() {
            self.count(arc, carried);
            let mut next = 0.0;
            for at in c.receivers.range(arc) {
                let receiver = c.receivers.item(at);
                let arrives = carried * receiver.gain(self.step);
                if at == on && place + 1 < links.len() {
                    next = arrives;
                } else if let (true, Asks::Portion(row)) = (at == on, asks) {
                    self.give(receiver.node, row, arrives);
                } else if arrives > 0.0 {
                    self.deliver(receiver.node, arrives);
                }
            }
            carried = next;
        }
    }

    /// Adds to an arc's flow and to what counts it.
    pub(super) fn count(&mut self, arc: usize, volume: f64) {
        let c = self.c;
        self.flow[arc] += volume;
        for &(value, coefficient) in c.values_of.of(arc) {
            self.value[value] += coefficient * volume;
        }
        for &(account, coefficient) in c.accounts_of.of(arc) {
            self.used[account] += coefficient * volume;
        }
    }

    /// Water arrives at a node.
    pub(super) fn deliver(&mut self, node: usize, volume: f64) {
        let c = self.c;
        match c.kinds[node] {
            Kind::Storage(row) => self.held[row] += volume,
            Kind::Junction => self.at_hand[node] += volume,
            Kind::Demand => {
                let mut left = volume;
                for &row in c.portions_of.of(node) {
                    let takes = left.min(c.sizes[self.step * c.portions + row] - self.supply[row]);
                    if takes > 0.0 {
                        self.give(node, row, takes);
                        left -= takes;
                    }
                }
            }
            Kind::Source | Kind::Other => {}
        }
    }

    /// Supplies a portion; part of it comes back.
    fn give(&mut self, node: usize, row: usize, volume: f64) {
        let c = self.c;
        self.supply[row] += volume;
        for receiver in c.returns.of(node) {
            let back = volume * receiver.gain(self.step);
            if back > 0.0 {
                self.deliver(receiver.node, back);
            }
        }
    }

    /// What a demand can still take of a flow by an arc, in this and all later steps that it arrives in.
    pub(super) fn appetite(&self, arc: usize) -> f64 {
        let c = self.c;
        let nodes = c.kinds.len();
        let mut most = f64::INFINITY;
        for receiver in c.receivers.of(arc).iter().filter(|receiver| c.kinds[receiver.node] == Kind::Demand) {
            let room = |step: usize, arrived: f64| {
                let wanted: f64 = c.portions_of.of(receiver.node).iter().map(|row| c.sizes[step * c.portions + row]).sum();
                wanted - arrived
            };
            let supplied = c.portions_of.of(receiver.node).iter().map(|row| self.supply[*row]).sum::<f64>();
            match &receiver.table {
                None => most = most.min(room(self.step, supplied) / receiver.fraction),
                Some(table) => {
                    for &(to, share) in &table.arrivals[self.step] {
                        let arrived = if to == self.step { supplied } else { self.arriving[to * nodes + receiver.node] };
                        let sent = if to == self.step { 0.0 } else { self.flow[arc] * share * receiver.fraction };
                        most = most.min((room(to, arrived) - sent) / (share * receiver.fraction));
                    }
                }
            }
        }
        most
    }

    /// Orders what will be wanted when water sent now by a slow way has arrived, as far as local water like today's does not serve.
    fn order_ahead(&mut self, request: usize) {
        let c = self.c;
        let facts = &c.requests.all[request];
        self.stage = facts.stage;
        let last = c.steps - 1;
        for at in facts.paths.clone() {
            let path = &c.paths.all[at];
            let Some(Ahead { arc, delay, gain, node }) = path.ahead else { continue };
            let then = self.step + delay;
            if then > last {
                continue;
            }
            let wanted = match facts.asks {
                Asks::Portion(row) => c.sizes[then * c.portions + row],
                Asks::Floor(value) => c.values[value].floor[then],
                Asks::Target(_) => facts.amounts[then],
                Asks::Junction(_) | Asks::Storage(_) => 0.0,
            } * c.hm3[self.step]
                / c.hm3[then];
            if !wanted.is_finite() {
                continue;
            }
            let wanted = wanted * self.hedged(path.from, request);
            let portion = matches!(facts.asks, Asks::Portion(_));
            let served = self.local[node].min(wanted);
            let mut order = (wanted - served) / gain;
            if portion {
                self.local[node] -= served;
            } else {
                // A flow that another section below has ordered serves this one too.
                order -= self.ordered[arc];
            }
            let order = order.min(self.appetite(arc));
            if order > TINY {
                let sent = self.push(path, order, facts.rank, false, facts.asks);
                if !portion {
                    self.ordered[arc] += sent;
                }
                if sent > 0.0 && portion {
                    return;
                }
            }
        }
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
        for row in 0..c.stores.len() {
            self.before[row] = self.after(row);
        }
        for (before, value) in self.value_before.iter_mut().zip(&self.value) {
            *before = Some(value / c.hm3[step]);
        }
    }
}
