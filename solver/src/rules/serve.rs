//! Requests served: each along its ways, equals alike, orders ahead.

use super::compiled::{FREE, Kind, NO_WINDOW};
use super::paths::{Ahead, Path};
use super::requests::Asks;
use super::step::{State, TINY};

/// Most rounds in which equals are served where there is not enough for all.
const ROUNDS: usize = 6;

impl State<'_> {
    /// Serves equals alike. Where there is not enough, all are served again up to the part that there was enough for; who lacks
    /// even of that has come to the end of its water, and the others go on.
    pub(super) fn share(&mut self, group: std::ops::Range<usize>) {
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
                let mut wants = lacks;
                match c.kinds[path.by] {
                    // Water above a limit, and what is at hand, come before any lake's own.
                    Kind::Storage(row) if free && (path.by != path.from || self.held[row] <= self.limit[row]) => continue,
                    Kind::Storage(_) if free => {}
                    Kind::Storage(row) => {
                        let allowed = self.hedged(path.by, request) * wanted;
                        hedged_away = hedged_away.min((wanted * part - allowed).max(0.0));
                        wants = wants.min(allowed - (wanted * part - lacks));
                        if path.by == path.from && self.held[row] <= self.keeps[row * (usize::from(FREE) + 1)] {
                            continue;
                        }
                    }
                    kind if free != (kind == Kind::Junction) => continue,
                    _ => {}
                }
                if wants > TINY {
                    lacks -= self.push(path, wants, facts.rank, free, facts.asks);
                }
            }
        }
        let hedged_away = if hedged_away.is_finite() { hedged_away } else { 0.0 };
        if let Asks::Portion(row) = facts.asks
            && lacks > TINY + hedged_away
            && !self.follows
            && facts.rank == FREE
            && c.turning.reaches[c.node_of[row]]
        {
            lacks -= self.turn(c.node_of[row], row, lacks - hedged_away);
        }
        lacks > TINY + hedged_away
    }

    /// What a request asks for in all and what it has; none where it asks for nothing.
    fn asked(&self, request: usize) -> Option<(f64, f64)> {
        let c = self.c;
        let facts = &c.requests.all[request];
        let (mut wanted, got) = match facts.asks {
            Asks::Portion(row) => (self.sizes[self.step * c.portions + row], self.supply[row]),
            Asks::Floor(value) => (self.floor[value] + self.arrears[request], self.value[value]),
            Asks::Target(value) => (facts.amounts[self.step] + self.arrears[request], self.value[value]),
            Asks::Way(arc) => (f64::INFINITY, self.flow[arc]),
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
        if facts.rank == FREE {
            wanted = wanted.min(self.planned(facts.asks));
        }
        (wanted > got + TINY && wanted.is_finite()).then_some((wanted, got))
    }

    /// What the plan in force gives a request in this step; infinite where none is followed, or it does not say.
    fn planned(&self, asks: Asks) -> f64 {
        let c = self.c;
        let Some(planned) = c.planned.as_ref().filter(|_| self.follows) else { return f64::INFINITY };
        let given = match asks {
            Asks::Portion(row) => planned.supply[self.step * c.portions + row],
            Asks::Way(arc) => planned.flow[self.step * c.tails.len() + arc],
            Asks::Floor(value) | Asks::Target(value) => self.planned_value[value],
            Asks::Junction(_) | Asks::Storage(_) => f64::NAN,
        };
        if given.is_nan() { f64::INFINITY } else { given }
    }

    /// What a storage keeps from the one who is being served.
    pub(super) fn kept(&self, row: usize, rank: u8) -> f64 {
        let c = self.c;
        let kept = self.keeps[row * (usize::from(FREE) + 1) + usize::from(rank)];
        match &c.stores[row].line {
            Some((from, line)) if rank == FREE && self.stage >= *from && !self.follows => {
                kept.max(line[self.step] * (1.0 + c.loss[self.step * c.stores.len() + row].1))
            }
            _ => kept,
        }
    }

    /// Share of a request that a storage's zone gives.
    fn hedged(&self, node: usize, request: usize) -> f64 {
        let Kind::Storage(row) = self.c.kinds[node] else { return 1.0 };
        if self.follows {
            return 1.0;
        }
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
                let kept = self.kept(row, rank);
                self.held[row] - if free { kept.max(self.limit[row]) } else { kept }
            }
            _ => match c.kinds[path.by] {
                // Water on its way to a lake first fills what the lake keeps.
                Kind::Storage(row) => {
                    let kept = self.kept(row, rank);
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

    /// Orders what will be wanted when water sent now by a slow way has arrived, as far as local water like today's does not serve.
    pub(super) fn order_ahead(&mut self, request: usize) {
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
                Asks::Portion(row) => self.sizes[then * c.portions + row],
                Asks::Floor(value) => c.values[value].floor[then],
                Asks::Target(_) => facts.amounts[then],
                Asks::Junction(_) | Asks::Storage(_) | Asks::Way(_) => 0.0,
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
}
