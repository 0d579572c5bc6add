//! Water on its way within a step: what counts it, where it arrives, what can still be taken.

use super::compiled::Kind;
use super::step::State;

impl State<'_> {
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
                    let takes = left.min(self.sizes[self.step * c.portions + row] - self.supply[row]);
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
    pub(super) fn give(&mut self, node: usize, row: usize, volume: f64) {
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
                let wanted: f64 =
                    c.portions_of.of(receiver.node).iter().map(|row| self.sizes[step * c.portions + row]).sum();
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
}
