//! Free overflow 自由溢流: what passes a crest that no gate shuts is what its rating gives at the step's mean storage.
//!
//! The overflow depends on the storage at the end of the step, and that on the overflow: solved by halving, so water is
//! kept exactly. What a lake spills may spare another's gates, so a step is decided again with the overflow known until it
//! stays as it is; the overflow only grows from round to round.

use super::step::{State, TINY, halved};
use super::stores::Free;

impl State<'_> {
    /// What a crest lets pass in the step where its storage ends it with so much, hm³.
    fn passes(&self, free: &Free, after: f64) -> f64 {
        let mean = f64::midpoint(self.before[free.row], after);
        (free.rating.at(mean) * free.open[self.step]).clamp(0.0, free.most[self.step])
    }

    /// Lets flow over a storage's crests what they pass where the storage ends the step as that leaves it, or at `at_most` where
    /// it is going to be lowered to that, hm³.
    pub(super) fn overflow(&mut self, row: usize, at_most: f64) {
        let c = self.c;
        let crests = c.free_of.of(row);
        if crests.is_empty() {
            return;
        }
        let share = c.loss[self.step * c.stores.len() + row].1;
        let over: f64 = crests.iter().map(|&crest| self.flow[c.free[crest].arc]).sum();
        let held = self.held[row] + over;
        // The more it keeps, the more passes, and the less is left over.
        let left = |after: f64| {
            let passes: f64 = crests.iter().map(|&crest| self.passes(&c.free[crest], after)).sum();
            held - passes - after * (1.0 + share)
        };
        let after = halved(0.0, at_most.min(held / (1.0 + share)), left);
        for &crest in crests {
            let free = &c.free[crest];
            let more = self.passes(free, after) - self.flow[free.arc];
            if more > TINY {
                self.held[row] -= more;
                self.carry(free.arc, more);
            }
        }
    }

    /// Lets flow at the start of a round what the round before has shown.
    pub(super) fn overflow_as_known(&mut self) {
        let c = self.c;
        for (crest, free) in c.free.iter().enumerate() {
            let known = self.known_overflow[crest];
            if known > 0.0 {
                self.held[free.row] -= known;
                self.carry(free.arc, known);
            }
        }
    }

    /// Whether more or less flows over than was known before the round, and whether that is more than crests pass.
    pub(super) fn overflow_moved(&mut self) -> (bool, bool) {
        let c = self.c;
        let (mut moved, mut too_much) = (false, false);
        for (crest, free) in c.free.iter().enumerate() {
            let (flow, passes) = (self.flow[free.arc], self.passes(free, self.after(free.row)));
            let known = flow.min(passes);
            moved |= (known - self.known_overflow[crest]).abs() > 1e-9;
            too_much |= flow > passes + 1e-9;
            self.known_overflow[crest] = known;
        }
        (moved, too_much)
    }
}
