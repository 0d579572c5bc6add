//! The case as arrays: everything that a step needs, read once, so that no step asks the case or allocates.
//!
//! Shape: series are step × thing, flattened, the thing running fastest. Units: hm³, flows hm³ in the step.

use std::sync::Arc as Shared;

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::kernel::{Kernel, KernelTable};
use weir_model::network::{ArcId, Bound, NodeKind, Of, RuleClass, Take};

use super::ladder::Ladder;
use super::lists::Lists;
use super::paths::{self, Paths};
use super::planned::Planned;
use super::requests::{self, Requests};
use super::stores::{Free, Rated, Store, ratings, stores};
use super::turn::Turning;

/// Rank of what no rule demands: every rule binds it.
pub(super) const FREE: u8 = RuleClass::DEFAULT_ORDER.len() as u8 + 1;

/// What a node is to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A storage, by its row.
    Storage(usize),
    /// Passes on what arrives.
    Junction,
    /// Gives at most what it has.
    Source,
    /// Takes for use.
    Demand,
    /// Ends the network, or gives what must be taken.
    Other,
}

/// A receiver of an arc or of a return flow.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub(super) node: usize,
    pub(super) fraction: f64,
    pub(super) table: Option<Shared<KernelTable>>,
}

impl Receiver {
    fn of(receiver: &weir_model::network::Receiver) -> Self {
        let table = match &receiver.kernel {
            Kernel::Instant => None,
            Kernel::Table(table) => Some(table.clone()),
        };
        Self { node: receiver.node.0, fraction: receiver.fraction, table }
    }

    /// Share of what leaves in a step that arrives in it.
    pub(super) fn gain(&self, step: usize) -> f64 {
        match &self.table {
            None => self.fraction,
            Some(table) => {
                table.arrivals[step].first().map_or(0.0, |&(to, w)| if to == step { w * self.fraction } else { 0.0 })
            }
        }
    }

    /// Whether most of what leaves arrives in later steps, so that it must be ordered ahead.
    pub(super) fn is_slow(&self) -> bool {
        self.table.as_ref().is_some_and(|table| {
            let steps = table.arrivals.len();
            let at_once: f64 = (0..steps).map(|step| self.gain(step)).sum();
            at_once <= 0.5 * self.fraction * steps as f64
        })
    }

    /// Steps until most of it has arrived.
    pub(super) fn delay(&self) -> usize {
        let Some(table) = &self.table else { return 0 };
        let most = |arrivals: &Vec<(usize, f64)>| arrivals.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        table.arrivals.first().and_then(most).map_or(0, |(step, _)| step)
    }
}

/// A sum of flows that rules are on.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) rank: u8,
    pub(super) floor: Vec<f64>,
    pub(super) ceiling: Vec<f64>,
    /// Greatest rise and fall, m³/s in the step.
    pub(super) rise: Vec<f64>,
    pub(super) fall: Vec<f64>,
    pub(super) before_m3s: Option<f64>,
}

/// The case as arrays.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) steps: usize,
    pub(super) hm3: Vec<f64>,
    pub(super) kinds: Vec<Kind>,
    pub(super) tails: Vec<usize>,
    pub(super) given: Vec<bool>,
    /// By arc.
    pub(super) receivers: Lists<Receiver>,
    /// By demand's node: return flow.
    pub(super) returns: Lists<Receiver>,
    pub(super) capacity: Vec<f64>,
    pub(super) rated: Vec<Rated>,
    /// Outlets that no gate shuts, and their numbers by storage.
    pub(super) free: Vec<Free>,
    pub(super) free_of: Lists<usize>,
    /// What is given, or at most available, by arc (given) and node (source).
    pub(super) given_hm3: Vec<f64>,
    pub(super) available: Vec<f64>,
    /// What arrives whatever is decided, step × node.
    pub(super) arriving: Vec<f64>,
    /// What is given and arrives, step × node.
    pub(super) local: Vec<f64>,
    pub(super) stores: Vec<Store>,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) flood_limit: Vec<f64>,
    pub(super) flood_rank: u8,
    pub(super) loss: Vec<(f64, f64)>,
    pub(super) values: Vec<Value>,
    /// By arc: values with their coefficients.
    pub(super) values_of: Lists<(usize, f64)>,
    /// By arc: accounts that are caps, with their coefficients.
    pub(super) accounts_of: Lists<(usize, f64)>,
    pub(super) accounts: usize,
    pub(super) account_stages: Vec<usize>,
    /// Window in a step (step × account), and what each window has left at the start.
    pub(super) window_at: Vec<usize>,
    pub(super) window_left: Vec<f64>,
    /// What each portion asks for, step × portion.
    pub(super) sizes: Vec<f64>,
    pub(super) portions: usize,
    /// By demand's node: its portions, first served first.
    pub(super) portions_of: Lists<usize>,
    /// Junctions and storages, upstream first.
    pub(super) order: Vec<usize>,
    /// By node: the arcs that take what is left over, first used first.
    pub(super) ways_out: Lists<usize>,
    pub(super) requests: Requests,
    pub(super) paths: Paths,
    pub(super) turning: Turning,
    /// By portion: its demand's node.
    pub(super) node_of: Vec<usize>,
    pub(super) ladder: Option<Ladder>,
    /// The plan in force, where it is followed.
    pub(super) planned: Option<Planned>,
}

/// No window.
pub(super) const NO_WINDOW: usize = usize::MAX;

impl Compiled {
    /// Reads a case; `follow` the plan in force, as far as it goes.
    #[expect(clippy::too_many_lines, reason = "one array after the other, each by its own loop")]
    pub(super) fn new(case: &Case, goals: &Goals, follow: bool) -> Self {
        let network = &case.network;
        let steps = case.horizon.steps();
        let hm3: Vec<f64> = (0..steps).map(|step| case.hm3_per_m3s(step)).collect();
        let mut row = 0;
        let kind = |node: &weir_model::network::Node| match &node.kind {
            NodeKind::Storage(_) => {
                row += 1;
                Kind::Storage(row - 1)
            }
            NodeKind::Junction => Kind::Junction,
            NodeKind::Source(source) if source.take == Take::Available => Kind::Source,
            NodeKind::Demand(_) => Kind::Demand,
            NodeKind::Source(_) | NodeKind::Sink => Kind::Other,
        };
        let kinds: Vec<Kind> = network.nodes.iter().map(kind).collect();
        let receivers = Lists::new(network.arcs.iter().map(|arc| arc.receivers.iter().map(Receiver::of).collect()));
        let returns = Lists::new(network.nodes.iter().map(|node| match &node.kind {
            NodeKind::Demand(demand) => demand.returns.iter().map(Receiver::of).collect(),
            _ => Vec::new(),
        }));
        let given: Vec<bool> = (0..network.arcs.len()).map(|arc| network.given(ArcId(arc)).is_some()).collect();
        let rank_of = |class: RuleClass| rank(goals, class);
        let mut values: Vec<Value> = Vec::new();
        let mut values_of = vec![Vec::new(); network.arcs.len()];
        let series = |bound: Option<Bound>, scale: &dyn Fn(usize) -> f64, none: f64| -> Vec<f64> {
            let at = |step| bound.map_or(none, |bound| case.bound(&bound, step, 0) * scale(step));
            (0..steps).map(at).map(|value| if value.is_finite() { value } else { none }).collect()
        };
        let mut value_of_requirement = vec![None; network.requirements.len()];
        for (index, requirement) in network.requirements.iter().enumerate() {
            let Of::Flow(terms) = &requirement.of else { continue };
            value_of_requirement[index] = Some(values.len());
            for &(arc, coefficient) in terms {
                values_of[arc.0].push((values.len(), coefficient));
            }
            let volume = |step: usize| hm3[step];
            let days = |step: usize| case.horizon.days(step);
            values.push(Value {
                rank: rank_of(requirement.class),
                floor: series(requirement.floor, &volume, f64::NEG_INFINITY),
                ceiling: series(requirement.ceiling, &volume, f64::INFINITY),
                rise: series(requirement.rise_per_day, &days, f64::INFINITY),
                fall: series(requirement.fall_per_day, &days, f64::INFINITY),
                before_m3s: case.value_before(&requirement.of),
            });
        }
        let mut value_of_arc = vec![None; network.arcs.len()];
        for (index, arc) in network.arcs.iter().enumerate() {
            let floor: Vec<f64> = (0..steps).map(|step| case.at(&arc.floor, step, 0).max(0.0) * hm3[step]).collect();
            if given[index] || floor.iter().all(|floor| *floor == 0.0) {
                continue;
            }
            value_of_arc[index] = Some(values.len());
            values_of[index].push((values.len(), 1.0));
            let none = vec![f64::INFINITY; steps];
            values.push(Value {
                rank: rank_of(RuleClass::Operational),
                floor,
                ceiling: none.clone(),
                rise: none.clone(),
                fall: none,
                before_m3s: None,
            });
        }
        let mut value_of_account = vec![None; network.accounts.len()];
        for (index, account) in network.accounts.iter().enumerate().filter(|(_, account)| !account.at_most) {
            value_of_account[index] = Some(values.len());
            for &(arc, coefficient) in &account.terms {
                values_of[arc.0].push((values.len(), coefficient));
            }
            let none = vec![f64::INFINITY; steps];
            values.push(Value {
                rank: rank_of(RuleClass::Legal),
                floor: duty(account, &hm3),
                ceiling: none.clone(),
                rise: none.clone(),
                fall: none,
                before_m3s: None,
            });
        }
        let each = |read: &dyn Fn(usize, usize) -> f64, count: usize| -> Vec<f64> {
            (0..steps).flat_map(|step| (0..count).map(move |i| (step, i))).map(|(step, i)| read(step, i)).collect()
        };
        let (rated, free) = ratings(case, &kinds);
        let mut capacity =
            each(&|step, arc| case.at(&network.arcs[arc].capacity, step, 0).max(0.0) * hm3[step], network.arcs.len());
        // What no gate shuts, nobody opens.
        for free in &free {
            (0..steps).for_each(|step| capacity[step * network.arcs.len() + free.arc] = 0.0);
        }
        let given_hm3 = each(
            &|step, arc| network.given(ArcId(arc)).map_or(0.0, |source| case.at(&source.flow, step, 0) * hm3[step]),
            network.arcs.len(),
        );
        let available = each(
            &|step, node| match &network.nodes[node].kind {
                NodeKind::Source(source) => (case.at(&source.flow, step, 0) * hm3[step]).max(0.0),
                _ => 0.0,
            },
            network.nodes.len(),
        );
        let local = local(case, &receivers, &given, &given_hm3);
        let mut arriving = local.clone();
        from_before(case.network.nodes.len(), &receivers, &returns, &mut arriving);
        let storages: Vec<_> = network.storages().collect();
        let of_storage = |read: &dyn Fn(usize, &weir_model::network::Storage) -> f64| {
            each(&|step, row| read(step, storages[row].1), storages.len())
        };
        let lower = of_storage(&|step, storage| case.at(&storage.lower, step, 0));
        let upper = of_storage(&|step, storage| case.at(&storage.upper, step, 0));
        let flood_limit = of_storage(&|step, storage| {
            storage.flood_limit.map_or(f64::INFINITY, |limit| case.at(&limit, step, 0)).min(case.at(&storage.upper, step, 0))
        });
        let loss = (0..steps).flat_map(|step| storages.iter().map(move |(_, storage)| (step, *storage)));
        let loss =
            loss.map(|(step, storage)| case.loss(storage, step, 0)).map(|loss| (loss.constant_hm3, loss.share)).collect();
        let ways_out = paths::ways_out(case);
        let order = paths::upstream_first(case, &receivers, &ways_out);
        let stores = stores(case, goals, &receivers, &ways_out, &kinds);
        let sizes = {
            let rows: Vec<_> = network.portions().collect();
            each(&|step, row| case.size_m3s(rows[row].demand, rows[row].portion, step, 0) * hm3[step], rows.len())
        };
        let (accounts_of, window_at, window_left) = accounts(case);
        let tails: Vec<usize> = network.arcs.iter().map(|arc| arc.tail.0).collect();
        let mut paths = Paths::default();
        let mut fixed = given.clone();
        for free in &free {
            fixed[free.arc] = true;
        }
        let mut free_of = vec![Vec::new(); storages.len()];
        free.iter().enumerate().for_each(|(crest, free)| free_of[free.row].push(crest));
        let planned = if follow { Planned::new(case, &hm3) } else { None };
        let requests = requests::compile(
            case,
            goals,
            &requests::Parts {
                kinds: &kinds,
                receivers: &receivers,
                fixed: &fixed,
                hm3: &hm3,
                planned: planned.is_some(),
                of_requirement: &value_of_requirement,
                of_arc: &value_of_arc,
                of_account: &value_of_account,
            },
            &mut paths,
        );
        let portions_of = requests.portions_of(network);
        let turning = Turning::new(case, (&kinds, &receivers), &fixed, &values_of);
        Self {
            turning,
            node_of: network.portions().map(|row| row.node.0).collect(),
            steps,
            kinds,
            tails,
            given,
            receivers,
            returns,
            capacity,
            rated,
            free,
            free_of: Lists::new(free_of.into_iter()),
            given_hm3,
            available,
            arriving,
            local,
            stores,
            lower,
            upper,
            flood_limit,
            flood_rank: rank_of(RuleClass::FloodLimit),
            loss,
            values,
            values_of: Lists::new(values_of.into_iter()),
            accounts_of,
            accounts: network.accounts.len(),
            account_stages: (0..network.accounts.len())
                .map(|account| requests::stage_of_account(case, goals, account))
                .collect(),
            window_at,
            window_left,
            portions: network.portions().count(),
            sizes,
            portions_of,
            order,
            ways_out,
            requests,
            paths,
            ladder: Ladder::new(case, &hm3),
            planned,
            hm3,
        }
    }
}

/// Place of a class in the order of rules, from 1.
pub(super) fn rank(goals: &Goals, class: RuleClass) -> u8 {
    let mut order = goals.rule_order.clone();
    order.extend(RuleClass::DEFAULT_ORDER.into_iter().filter(|class| !goals.rule_order.contains(class)));
    order.iter().position(|other| *other == class).map_or(FREE - 1, |place| place as u8 + 1)
}

/// Given inflow, where and when it arrives.
fn local(case: &Case, receivers: &Lists<Receiver>, given: &[bool], given_hm3: &[f64]) -> Vec<f64> {
    let (steps, nodes, arcs) = (case.horizon.steps(), case.network.nodes.len(), given.len());
    let mut arriving = vec![0.0; steps * nodes];
    for arc in (0..arcs).filter(|arc| given[*arc]) {
        for receiver in receivers.of(arc) {
            for step in 0..steps {
                let volume = given_hm3[step * arcs + arc] * receiver.fraction;
                match &receiver.table {
                    None => arriving[step * nodes + receiver.node] += volume,
                    Some(table) => {
                        for &(to, share) in &table.arrivals[step] {
                            arriving[to * nodes + receiver.node] += share * volume;
                        }
                    }
                }
            }
        }
    }
    arriving
}

/// Adds what left before the start.
fn from_before(nodes: usize, receivers: &Lists<Receiver>, returns: &Lists<Receiver>, arriving: &mut [f64]) {
    for receiver in receivers.all().iter().chain(returns.all()) {
        for (step, volume) in receiver.table.iter().flat_map(|table| table.from_before_hm3.iter().enumerate()) {
            arriving[step * nodes + receiver.node] += receiver.fraction * volume;
        }
    }
}

/// What a duty owes in each step: its windows' volumes, even in time.
fn duty(account: &weir_model::network::Account, hm3: &[f64]) -> Vec<f64> {
    let mut owed = vec![f64::NEG_INFINITY; hm3.len()];
    for window in &account.windows {
        let whole: f64 = hm3[window.steps.clone()].iter().sum();
        for step in window.steps.clone() {
            owed[step] = window.available_hm3 * hm3[step] / whole;
        }
    }
    owed
}

/// Caps by arc, the window of each step, and what each window may use.
fn accounts(case: &Case) -> (Lists<(usize, f64)>, Vec<usize>, Vec<f64>) {
    let network = &case.network;
    let mut by_arc = vec![Vec::new(); network.arcs.len()];
    let mut window_at = vec![NO_WINDOW; case.horizon.steps() * network.accounts.len()];
    let mut left = Vec::new();
    for (index, account) in network.accounts.iter().enumerate().filter(|(_, account)| account.at_most) {
        for &(arc, coefficient) in account.terms.iter().filter(|(_, coefficient)| *coefficient > 0.0) {
            by_arc[arc.0].push((index, coefficient));
        }
        for window in &account.windows {
            for step in window.steps.clone() {
                window_at[step * network.accounts.len() + index] = left.len();
            }
            left.push(window.available_hm3);
        }
    }
    (Lists::new(by_arc.into_iter()), window_at, left)
}
