//! The curtailment ladder: zones declare a drought response, the response puts curtailments in force.
//!
//! While a reservoir stands in a zone with a `response` at the start of a step, that response is declared for the whole basin;
//! the gravest counts. Each curtailment that needs it takes effect when its lead is over, and ends with the response. What is
//! cut leaves the portions' shares as lowering would have cut them, so it is no shortage. Water that was already on its way to
//! a demand is delivered, and not cut. Curtailments that are in force by the file, or by orders with dates, are not on the ladder.

use ndarray::Array2;
use weir_model::case::Case;
use weir_model::forcing::SeriesSource;
use weir_model::horizon::Horizon;
use weir_model::lower::curtail::{depths, taken};
use weir_model::network::{Curtailment, NodeKind, Response};

use super::step::State;

/// Curtailments that zones may put in force, with what they cut.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    /// All curtailments; those of the ladder by their numbers.
    curtailments: Vec<Curtailment>,
    rungs: Vec<(usize, Response)>,
    classes: Vec<Class>,
    horizon: Horizon,
}

/// A class of a demand that may be cut.
#[derive(Clone, Debug)]
struct Class {
    node: usize,
    /// Rows of its portions, first tier first.
    rows: Vec<usize>,
    /// Shares before any curtailment, and by those of the file: step × row.
    whole: Vec<f64>,
    left: Vec<f64>,
    /// What the demand wants in each step, hm³.
    demand: Vec<f64>,
    /// Numbers of the curtailments that cut it.
    by: Vec<usize>,
}

/// What is in force.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// By rung: the step from which on its response has been declared.
    since: Vec<Option<usize>>,
    /// Rung, first step, and the step after its last.
    spells: Vec<(usize, usize, usize)>,
    /// By class: shares, step × row.
    left: Vec<Vec<f64>>,
}

impl Ladder {
    /// The ladder, where zones declare responses that curtailments need.
    pub(super) fn new(case: &Case, hm3: &[f64]) -> Option<Self> {
        let network = &case.network;
        let gravest = network.storages().flat_map(|(_, storage)| &storage.zones).filter_map(|zone| zone.response).max()?;
        let curtailments = network.curtailments.clone();
        let rungs: Vec<(usize, Response)> = curtailments
            .iter()
            .enumerate()
            .filter(|(_, curtailment)| !curtailment.ordered && curtailment.effect.is_none())
            .filter_map(|(index, curtailment)| Some((index, curtailment.response.filter(|needed| *needed <= gravest)?)))
            .collect();
        let mut cuts: Vec<_> = rungs.iter().flat_map(|(index, _)| &curtailments[*index].cuts).collect();
        cuts.sort();
        cuts.dedup();
        let class = |(node, class): &(weir_model::network::NodeId, String)| {
            let rows: Vec<_> = network.portions().filter(|row| row.node == *node && row.portion.class == *class).collect();
            let NodeKind::Demand(demand) = &network.nodes[node.0].kind else { return None };
            let by = (0..curtailments.len()).filter(|index| curtailments[*index].cuts.contains(&(*node, class.clone())));
            let each = |read: &dyn Fn(usize, &weir_model::portion::PortionRow<'_>) -> f64| -> Vec<f64> {
                (0..hm3.len())
                    .flat_map(|step| rows.iter().map(move |row| (step, row)))
                    .map(|(s, row)| read(s, row))
                    .collect()
            };
            let left = each(&|step, row| case.at(&row.portion.share, step, 0));
            let cut = each(&|step, row| row.portion.curtailed.map_or(0.0, |cut| case.at(&cut, step, 0)));
            Some(Class {
                node: node.0,
                whole: left.iter().zip(&cut).map(|(left, cut)| left + cut).collect(),
                left,
                demand: (0..hm3.len()).map(|step| (case.at(&demand.demand, step, 0) * hm3[step]).max(0.0)).collect(),
                rows: rows.iter().map(|row| row.row).collect(),
                by: by.collect(),
            })
        };
        let classes: Vec<Class> = cuts.into_iter().filter_map(class).collect();
        (!classes.is_empty()).then(|| Self { curtailments, rungs, classes, horizon: case.horizon.clone() })
    }

    /// Nothing declared yet.
    pub(super) fn standing(&self) -> Standing {
        Standing {
            since: vec![None; self.rungs.len()],
            spells: Vec::new(),
            left: self.classes.iter().map(|class| class.left.clone()).collect(),
        }
    }

    /// A curtailment in force from a step on until a step begins.
    fn spell(&self, rung: usize, from: usize, until: usize) -> Option<Curtailment> {
        self.curtailments[self.rungs[rung].0].in_force(&self.horizon, from..until)
    }

    /// The case as it was run: with what the ladder cut, and when. None where it cut nothing.
    pub(super) fn case(&self, case: &Case, standing: &Standing) -> Option<Case> {
        let mut changed = case.clone();
        let steps = self.horizon.steps();
        for (class, left) in self.classes.iter().zip(&standing.left).filter(|(class, left)| class.left != **left) {
            let source = SeriesSource {
                origin: class.by.iter().map(|index| self.curtailments[*index].id.as_str()).collect::<Vec<_>>().join(", "),
                ..SeriesSource::default()
            };
            let count = class.rows.len();
            for (place, row) in class.rows.iter().enumerate() {
                let Some(index) = case.network.portions().find(|portion| portion.row == *row).map(|portion| portion.index)
                else {
                    continue;
                };
                let series = |value: &dyn Fn(usize) -> f64| Array2::from_shape_fn((steps, 1), |(step, _)| value(step));
                let kept = series(&|step| left[step * count + place]);
                let cut = series(&|step| class.whole[step * count + place] - left[step * count + place]);
                let NodeKind::Demand(demand) = &mut changed.network.nodes[class.node].kind else { continue };
                let portion = &mut demand.portions[index];
                let address = format!("{}.{}.tier{}", case.network.nodes[class.node].id, portion.class, portion.tier);
                portion.share = changed.forcing.add(format!("{address}.share"), kept, source.clone());
                portion.curtailed = Some(changed.forcing.add(format!("{address}.curtailed"), cut, source.clone()));
            }
        }
        let spells_of = |index: usize| {
            standing
                .spells
                .iter()
                .filter(move |(rung, ..)| self.rungs[*rung].0 == index)
                .filter_map(|&(rung, from, until)| self.spell(rung, from, until))
                .collect::<Vec<_>>()
        };
        changed.network.curtailments = Vec::new();
        let mut in_force = false;
        for (index, curtailment) in self.curtailments.iter().enumerate() {
            let spells = spells_of(index);
            in_force |= !spells.is_empty();
            changed.network.curtailments.extend(if spells.is_empty() { vec![curtailment.clone()] } else { spells });
        }
        in_force.then_some(changed)
    }
}

impl State<'_> {
    /// Declares and ends responses by the zones in which storages stand, and cuts what is wanted from this step on.
    pub(super) fn declare(&mut self) {
        let (c, step) = (self.c, self.step);
        let Some(ladder) = &c.ladder else { return };
        let zones = c.stores.iter().enumerate().filter_map(|(row, store)| Some(store.responses[self.zone_of(row)?]));
        let response = zones.max().flatten();
        let mut changed = false;
        for (rung, &(_, needed)) in ladder.rungs.iter().enumerate() {
            let declared = response >= Some(needed);
            match self.standing.since[rung] {
                None if declared => self.standing.since[rung] = Some(step),
                Some(since) if !declared => {
                    self.standing.spells.push((rung, since, step));
                    self.standing.since[rung] = None;
                }
                _ => continue,
            }
            changed = true;
        }
        if changed {
            self.cut(ladder);
        }
        self.deliver_what_is_on_its_way(ladder);
    }

    /// Ends what is in force with the horizon.
    pub(super) fn end_spells(&mut self) {
        let steps = self.c.steps;
        for (rung, since) in self.standing.since.iter_mut().enumerate() {
            self.standing.spells.extend(since.take().map(|since| (rung, since, steps)));
        }
    }

    fn cut(&mut self, ladder: &Ladder) {
        let (steps, portions) = (self.c.steps, self.c.portions);
        let mut all = ladder.curtailments.clone();
        for (rung, since) in self.standing.since.iter().enumerate() {
            if let Some(in_force) = since.and_then(|since| ladder.spell(rung, since, steps)) {
                all[ladder.rungs[rung].0] = in_force;
            }
        }
        for (class, left) in ladder.classes.iter().zip(&mut self.standing.left) {
            let by: Vec<&Curtailment> = class.by.iter().map(|index| &all[*index]).collect();
            let count = class.rows.len();
            for step in self.step..steps {
                let depths = depths(&by, &ladder.horizon, step);
                let whole = &class.whole[step * count..][..count];
                for (place, row) in class.rows.iter().enumerate() {
                    let share = whole[place] - taken(whole, place, &depths);
                    left[step * count + place] = share;
                    self.sizes[step * portions + row] = share * class.demand[step];
                }
            }
        }
    }

    /// What arrives at a demand from earlier steps is not cut.
    fn deliver_what_is_on_its_way(&mut self, ladder: &Ladder) {
        let (c, step) = (self.c, self.step);
        for (class, left) in ladder.classes.iter().zip(&mut self.standing.left) {
            let sizes = &mut self.sizes[step * c.portions..][..c.portions];
            let wanted: f64 = c.portions_of.of(class.node).iter().map(|row| sizes[*row]).sum();
            let mut over = self.arriving[step * c.kinds.len() + class.node] - wanted;
            for (place, row) in class.rows.iter().enumerate().filter(|_| class.demand[step] > 0.0) {
                let at = step * class.rows.len() + place;
                let back = over.min(class.whole[at] * class.demand[step] - sizes[*row]);
                if back > 0.0 {
                    over -= back;
                    sizes[*row] += back;
                    left[at] = sizes[*row] / class.demand[step];
                }
            }
        }
    }
}
