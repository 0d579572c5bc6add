//! Water turned: who lacks what another was given before him gets it, if that other has a second way to as much, so that nobody loses.
//!
//! Along the ways alone each request takes the nearest water, also what a later one has no other way to. What is left of the ways and what
//! runs on them is a network: along a round of arcs that have room and of arcs whose flow can be less, water comes to who lacks it while
//! everyone else keeps what he has. Where no round is left, no order of serving could give the request more, beside what those before it
//! have: as a linear program of the step would, one request after another.
//!
//! Limits: portions of demands only; by ways that lose nothing, have one end, cost nothing, are no standby and pass no lake, and of which
//! no section is counted; from lakes without zones, down to what the last in the order may draw. Never where the plan in force is followed.

use weir_model::case::Case;
use weir_model::network::Network;

use super::compiled::{FREE, Kind, Receiver};
use super::lists::Lists;
use super::paths::spills_beside;
use super::step::{State, TINY};

/// Most rounds for one request in a step.
const ROUNDS: usize = 32;

/// An arc and where it ends.
type Leaving = (usize, usize);

/// The arcs that water may be turned to and from.
#[derive(Clone, Debug)]
pub(super) struct Turning {
    /// By node: arcs that arrive and may carry more.
    into: Lists<usize>,
    /// By node: arcs that leave and may carry less, with where they end.
    out: Lists<Leaving>,
    /// By node: whether a round to it is possible at all.
    pub(super) reaches: Vec<bool>,
}

impl Turning {
    /// Of a network, with what each arc is counted in.
    pub(super) fn new(
        case: &Case,
        (kinds, receivers): (&[Kind], &Lists<Receiver>),
        fixed: &[bool],
        values_of: &[Vec<(usize, f64)>],
    ) -> Self {
        let network: &Network = &case.network;
        let (mut into, mut out) = (vec![Vec::new(); kinds.len()], vec![Vec::new(); kinds.len()]);
        for (number, arc) in network.arcs.iter().enumerate() {
            let [receiver] = receivers.of(number) else { continue };
            let is_whole = receiver.table.is_none() && receiver.fraction == 1.0;
            let is_dear = arc.price.is_some() || arc.standby;
            if !is_whole || is_dear || fixed[number] || spills_beside(network, number) {
                continue;
            }
            if values_of[number].iter().all(|(_, coefficient)| *coefficient >= 0.0) {
                into[receiver.node].push(number);
            }
            if values_of[number].is_empty() && matches!(kinds[receiver.node], Kind::Demand | Kind::Junction) {
                out[arc.tail.0].push((number, receiver.node));
            }
        }
        let tails: Vec<usize> = network.arcs.iter().map(|arc| arc.tail.0).collect();
        let reaches = (0..kinds.len()).map(|node| kinds[node] == Kind::Demand && reaches(node, kinds, &tails, &into, &out));
        let reaches = reaches.collect();
        Self { into: Lists::new(into.into_iter()), out: Lists::new(out.into_iter()), reaches }
    }
}

/// Whether some arc beside a node's ways ends where another arrives.
fn reaches(node: usize, kinds: &[Kind], tails: &[usize], into: &[Vec<usize>], out: &[Vec<Leaving>]) -> bool {
    let mut seen = vec![false; kinds.len()];
    let mut waiting = vec![node];
    seen[node] = true;
    while let Some(at) = waiting.pop() {
        if !matches!(kinds[at], Kind::Storage(_)) {
            for &arc in &into[at] {
                if !std::mem::replace(&mut seen[tails[arc]], true) {
                    waiting.push(tails[arc]);
                }
            }
        }
        for &(arc, head) in out[at].iter().filter(|(_, head)| *head != node) {
            if into[head].iter().any(|&other| other != arc) {
                return true;
            }
            if !std::mem::replace(&mut seen[head], true) {
                waiting.push(head);
            }
        }
    }
    false
}

/// A round being sought: by node the arc that leads on from it, whether by more flow, and the node next on the way to who asks.
#[derive(Clone, Debug)]
pub(super) struct Round {
    via: Vec<Option<(usize, bool, usize)>>,
    waiting: Vec<usize>,
}

impl Round {
    pub(super) fn new(nodes: usize) -> Self {
        Self { via: vec![None; nodes], waiting: Vec::with_capacity(nodes) }
    }
}

impl State<'_> {
    /// Turns water to a portion of a demand's node until it has so much more; how much it has.
    pub(super) fn turn(&mut self, node: usize, row: usize, lacks: f64) -> f64 {
        let stage = std::mem::replace(&mut self.stage, usize::MAX);
        let mut turned = 0.0;
        for _ in 0..ROUNDS {
            let left = lacks - turned;
            let Some(giver) = (left > TINY).then(|| self.seek(node)).flatten() else { break };
            let mut most = left.min(self.spare(giver));
            for (arc, more) in self.round_from(giver) {
                most = most.min(if more { self.room(arc, FREE) } else { self.flow[arc] });
            }
            if most <= TINY {
                break;
            }
            match self.c.kinds[giver] {
                Kind::Storage(lake) => self.held[lake] -= most,
                _ => self.at_hand[giver] -= most,
            }
            let mut at = giver;
            while let Some((arc, more, next)) = self.round.via[at] {
                self.count(arc, if more { most } else { -most });
                at = next;
            }
            self.give(node, row, most);
            turned += most;
        }
        self.stage = stage;
        turned
    }

    /// The arcs of the round found, from its giver to who asks, and whether each carries more.
    fn round_from(&self, giver: usize) -> impl Iterator<Item = (usize, bool)> + use<'_> {
        let next = |via: &(usize, bool, usize)| self.round.via[via.2];
        std::iter::successors(self.round.via[giver], next).map(|via| (via.0, via.1))
    }

    /// The nearest node that has water to spare for a round to a node.
    fn seek(&mut self, node: usize) -> Option<usize> {
        let c = self.c;
        let mut round = std::mem::replace(&mut self.round, Round { via: Vec::new(), waiting: Vec::new() });
        round.via.fill(None);
        round.waiting.clear();
        round.waiting.push(node);
        let (mut from, mut found) = (0, None);
        while let Some(&at) = round.waiting.get(from) {
            from += 1;
            if at != node && self.spare(at) > TINY {
                found = Some(at);
                break;
            }
            // What comes to a lake is the lake's.
            if !matches!(c.kinds[at], Kind::Storage(_)) {
                for &arc in c.turning.into.of(at) {
                    let tail = c.tails[arc];
                    if tail != node && round.via[tail].is_none() && self.room(arc, FREE) > TINY {
                        round.via[tail] = Some((arc, true, at));
                        round.waiting.push(tail);
                    }
                }
            }
            for &(arc, head) in c.turning.out.of(at) {
                if head != node && round.via[head].is_none() && self.flow[arc] > TINY {
                    round.via[head] = Some((arc, false, at));
                    round.waiting.push(head);
                }
            }
        }
        self.round = round;
        found
    }

    /// What a node may still give for a round.
    fn spare(&self, node: usize) -> f64 {
        match self.c.kinds[node] {
            Kind::Storage(row) if self.c.stores[row].zone_count > 0 => 0.0,
            Kind::Storage(row) => self.held[row] - self.kept(row, FREE),
            Kind::Junction | Kind::Source => self.at_hand[node],
            Kind::Demand | Kind::Other => 0.0,
        }
    }
}
