//! What must go: water above limits, and what is left at junctions.
//!
//! A storage above a limit opens its outlets in their order, as far as they and the rules downstream that are more protected than the limit
//! allow; above its top it opens whatever it has. A junction passes on all that it has, by its river way first.

use super::compiled::{FREE, Kind};
use super::step::{State, TINY};

/// Rank that no rule binds.
const PHYSICAL: u8 = 0;

impl State<'_> {
    /// Lets go what must go, upstream first.
    pub(super) fn settle(&mut self) {
        let c = self.c;
        for &node in &c.order {
            if c.kinds[node] == Kind::Junction {
                self.pass_on(node);
            }
        }
        // Once along the river is enough but where ways run in circles.
        for _ in 0..4 {
            for &node in &c.order {
                match c.kinds[node] {
                    Kind::Storage(row) => self.relieve(row),
                    _ => self.pass_on(node),
                }
            }
            if c.order.iter().all(|node| c.kinds[*node] != Kind::Junction || self.at_hand[*node].abs() <= TINY) {
                break;
            }
        }
    }

    /// Passes on what a junction has.
    fn pass_on(&mut self, node: usize) {
        let c = self.c;
        for rank in [FREE, PHYSICAL] {
            for &arc in c.ways_out.of(node) {
                let left = self.at_hand[node];
                if left <= TINY {
                    return;
                }
                let volume = left.min(self.room(arc, rank)).min(self.appetite(arc));
                if volume > 0.0 {
                    self.at_hand[node] -= volume;
                    self.carry(arc, volume);
                }
            }
        }
    }

    /// Lets a storage go down to its limits.
    fn relieve(&mut self, row: usize) {
        let c = self.c;
        let at = self.step * c.stores.len() + row;
        let share = 1.0 + c.loss[at].1;
        let store = &c.stores[row];
        let ceilings = store.rules.iter().map(|rule| rule.ceiling[self.step].min(self.before[row] + rule.rise[self.step]));
        self.overflow(row, ceilings.fold(c.flood_limit[at].min(c.upper[at].max(store.initial)), f64::min));
        // Rules of a rank bind what is done for a limit of a lesser one.
        self.release(row, self.held[row] - c.flood_limit[at] * share, c.flood_rank - 1);
        for rule in &store.rules {
            let limit = rule.ceiling[self.step].min(self.before[row] + rule.rise[self.step]);
            self.release(row, self.held[row] - limit * share, rule.rank - 1);
        }
        let top = c.upper[at].max(store.initial) * share;
        self.release(row, self.held[row] - top, PHYSICAL);
        for &arc in c.ways_out.of(store.node) {
            let volume = (self.held[row] - top).min(self.room(arc, PHYSICAL)).min(self.appetite(arc));
            if volume > TINY {
                self.held[row] -= volume;
                self.carry(arc, volume);
            }
        }
        self.overflow(row, f64::INFINITY);
    }

    /// Lets go of a volume by the outlets to the river, as far as all that lies on its way allows.
    pub(super) fn release(&mut self, row: usize, volume: f64, rank: u8) {
        let c = self.c;
        let mut left = volume;
        for way in &c.stores[row].outlets {
            if left <= TINY {
                return;
            }
            let (mut most, mut carried) = (left, 1.0);
            for &arc in way {
                most = most.min(self.room(arc, rank) / carried);
                carried *= c.receivers.of(arc).first().map_or(1.0, |receiver| receiver.gain(self.step));
                if carried <= TINY {
                    break;
                }
            }
            if most > TINY {
                self.held[row] -= most;
                left -= most;
                let mut carried = most;
                for &arc in way {
                    // What the way passes on has been delivered to a junction: taken up again there.
                    if arc != way[0] {
                        self.at_hand[c.tails[arc]] -= carried;
                    }
                    self.carry(arc, carried);
                    carried *= c.receivers.of(arc).first().map_or(1.0, |receiver| receiver.gain(self.step));
                }
            }
        }
    }

    /// Water goes by an arc and arrives.
    pub(super) fn carry(&mut self, arc: usize, volume: f64) {
        let c = self.c;
        self.count(arc, volume);
        for at in c.receivers.range(arc) {
            let receiver = c.receivers.item(at);
            let arrives = volume * receiver.gain(self.step);
            if arrives > 0.0 {
                self.deliver(receiver.node, arrives);
            }
        }
    }
}
