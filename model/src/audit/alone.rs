//! Each rule broken alone: a case in which the plan by hand of `fixture` just holds a rule, and that plan changed so that it breaks the
//! rule and, as far as water allows, no other; the audit names rule, element, step and amount.
//!
//! Water is moved without breaking a balance: what is spilt more lowers the lake from then on and goes down the river; what is supplied
//! less leaves more in the well, and half of it less comes back to the river.

#![allow(clippy::unwrap_used, reason = "tests")]

use approx::assert_relative_eq;
use ndarray::Array2;

use super::{Rule, audit};
use crate::case::Case;
use crate::fixture::{self, BROOK, DAY, INTAKE, REACH, SPILLWAY, TURBINES, WELL};
use crate::forcing::{Param, SeriesSource};
use crate::goals::{Goals, Integers};
use crate::network::{ArcId, Bound, EndStorage, NodeKind};
use crate::on_off::{Assurance, Changes, Commitment, Group};
use crate::place::Place;
use crate::plan::{Plan, Relaxation};
use crate::rating::Rating;

/// What breaks a rule: the case and the goals that the plan by hand keeps, the plan that does not, and what the audit must say.
struct Broken {
    case: Case,
    goals: Goals,
    plan: Plan,
    findings: Vec<(&'static str, &'static str, Option<usize>, f64)>,
}

impl Broken {
    fn new() -> Self {
        // Values of stages change with every flow: they are a rule of their own.
        let plan = Plan { stages: Vec::new(), ..fixture::plan() };
        Self { case: fixture::case(), goals: fixture::goals(), plan, findings: Vec::new() }
    }

    /// m³/s more over the spillway in a step.
    fn spill(&mut self, step: usize, more: f64) {
        let decisions = &mut self.plan.decisions;
        decisions.flow_m3s[[SPILLWAY, step]] += more;
        decisions.flow_m3s[[REACH, step]] += more;
        for edge in step + 1..=3 {
            decisions.storage_hm3[[0, edge]] -= more * DAY;
        }
    }

    /// m³/s more for a portion in a step, from the well.
    fn supply(&mut self, portion: usize, step: usize, more: f64) {
        let decisions = &mut self.plan.decisions;
        decisions.supply_m3s[[portion, step]] += more;
        decisions.flow_m3s[[WELL, step]] += more;
        decisions.flow_m3s[[REACH, step]] += more / 2.0;
    }

    fn commitment(&mut self, commitment: Commitment, least: Option<f64>) {
        self.goals.integers = Some(Integers::default());
        self.case.network.arcs[TURBINES].minimum_when_open = None;
        let spillway = &mut self.case.network.arcs[SPILLWAY];
        spillway.minimum_when_open = least.map(Param::constant);
        spillway.commitment = Some(Box::new(commitment));
    }

    fn assured(&mut self, assurance: Assurance) {
        self.goals.integers = Some(Integers::default());
        self.case.network.arcs[TURBINES].minimum_when_open = None;
        let gauge = &mut self.case.network.requirements[0];
        gauge.target = Some(flow(7.5));
        gauge.assurance = Some(assurance);
    }

    fn expect(&mut self, family: &'static str, address: &'static str, step: usize, size: f64) {
        self.findings.push((family, address, Some(step), size));
    }
}

fn by_day(values: [f64; 3]) -> Array2<f64> {
    Array2::from_shape_vec((3, 1), values.to_vec()).unwrap()
}

fn flow(value: f64) -> Bound {
    Bound::Flow(Param::constant(value))
}

const STRICT: Assurance = Assurance { share: 1.0, before: (0.0, 0.0), longest_days: None, failing_days: 0.0 };

/// A rule that is new has no way to be broken here until it is written.
#[expect(clippy::too_many_lines, reason = "an arm a rule")]
fn broken(rule: Rule) -> Broken {
    let mut it = Broken::new();
    match rule {
        Rule::Shape => {
            it.plan.decisions.supply_m3s = Array2::zeros((2, 3));
            it.findings.push(("shape", "supply: (2, 3) values, expected (3, 3)", None, f64::INFINITY));
        }
        Rule::Number => {
            it.plan.decisions.flow_m3s[[TURBINES, 1]] = f64::INFINITY;
            it.expect("number", "flow 1", 1, f64::INFINITY);
        }
        Rule::Start => {
            it.plan.decisions.storage_hm3 += 0.1;
            it.expect("start", "lake", 0, 0.1);
        }
        Rule::Balance => {
            it.plan.decisions.flow_m3s[[REACH, 1]] += 1.0;
            it.expect("balance", "river", 1, DAY);
        }
        Rule::Source => {
            it.plan.decisions.flow_m3s[[BROOK, 1]] += 1.0;
            it.plan.decisions.storage_hm3[[0, 2]] += DAY;
            it.plan.decisions.storage_hm3[[0, 3]] += DAY;
            it.expect("source", "brook", 1, DAY);
        }
        Rule::DeadLevel => {
            let lower = it.case.forcing.add("test", by_day([1.0, 1.0, 5.2]), SeriesSource::default());
            fixture::lake(&mut it.case).lower = lower;
            it.spill(2, 0.5);
            it.expect("storage", "lake.dead_level", 2, 5.2 - (5.0 + 2.25 * DAY));
        }
        Rule::Top => {
            fixture::lake(&mut it.case).upper = Param::constant(5.25);
            it.spill(2, -0.25);
            it.expect("storage", "lake.top", 2, 5.0 + 3.0 * DAY - 5.25);
        }
        Rule::Curve => {
            fixture::lake(&mut it.case).curve.points[2].storage_hm3 = 5.25;
            it.spill(2, -0.25);
            it.expect("storage", "lake.curve", 2, 5.0 + 3.0 * DAY - 5.25);
        }
        Rule::FloodLimit => {
            fixture::lake(&mut it.case).flood_limit = Some(Param::constant(5.25));
            it.spill(2, -0.25);
            it.expect("flood_limit", "lake.flood_limit", 2, 5.0 + 3.0 * DAY - 5.25);
        }
        Rule::EndStorage => {
            fixture::lake(&mut it.case).end = Some(EndStorage { storage_hm3: 5.22, hard: true });
            it.spill(2, 0.5);
            it.expect("end_storage", "lake.end_storage", 2, 5.22 - (5.0 + 2.25 * DAY));
        }
        Rule::Capacity => {
            it.case.network.arcs[SPILLWAY].capacity = Param::constant(0.5);
            it.spill(2, 0.5);
            it.expect("capacity", "lake.spillway.capacity", 2, 0.25 * DAY);
        }
        Rule::Discharge => {
            let rating = Rating { points: vec![(0.0, 0.5), (100.0, 0.5)], open: Param::constant(1.0) };
            it.case.network.arcs[SPILLWAY].discharge = Some(rating);
            it.spill(2, 0.5);
            it.expect("capacity", "lake.spillway.discharge", 2, 0.25 * DAY);
        }
        Rule::Forward => {
            // What is under 0 is under the floor of 0 too.
            it.spill(2, -0.5);
            it.expect("capacity", "lake.spillway.flow", 2, 0.25 * DAY);
            it.expect("capacity", "lake.spillway.floor", 2, 0.25 * DAY);
        }
        Rule::ArcFloor => {
            let floor = it.case.forcing.add("test", by_day([0.0, 0.0, 0.25]), SeriesSource::default());
            it.case.network.arcs[SPILLWAY].floor = floor;
            it.spill(2, -0.1);
            it.expect("capacity", "lake.spillway.floor", 2, 0.1 * DAY);
        }
        Rule::Demand => {
            it.case.network.arcs[WELL].capacity = Param::constant(2.0);
            if let NodeKind::Source(well) = &mut it.case.network.nodes[5].kind {
                well.flow = Param::constant(2.0);
            }
            it.supply(2, 0, 0.1);
            it.expect("supply", "town.industry.tier1.demand", 0, 0.1 * DAY);
        }
        Rule::Supply => {
            it.supply(1, 0, -0.9);
            it.expect("supply", "town.residents.tier2.supply", 0, 0.1 * DAY);
        }
        Rule::ClassFloor => {
            it.supply(0, 1, -0.2);
            it.expect("class_floor", "town.residents.floor", 1, 0.2 * DAY);
        }
        Rule::RequirementFloor => {
            it.case.network.requirements[0].floor = Some(flow(7.5));
            it.supply(2, 0, -0.2);
            it.expect("requirement", "gauge.floor", 0, 0.1 * DAY);
        }
        Rule::RequirementCeiling => {
            it.spill(1, 0.1);
            it.expect("requirement", "order_1.ceiling", 1, 0.1 * DAY);
        }
        Rule::RequirementRise => {
            it.case.network.requirements[1].rise_per_day = Some(flow(1.0));
            it.spill(0, 0.2);
            it.expect("requirement", "ramp.rise", 0, 0.2 * DAY);
        }
        Rule::RequirementFall => {
            it.case.network.requirements[1].fall_per_day = Some(flow(0.1));
            it.spill(0, 0.2);
            it.expect("requirement", "ramp.fall", 1, 0.1 * DAY);
        }
        Rule::AccountLimit => {
            it.case.network.accounts[0].windows[0].available_hm3 = 9.0 * DAY;
            let decisions = &mut it.plan.decisions;
            decisions.flow_m3s[[INTAKE, 0]] += 0.1;
            decisions.flow_m3s[[WELL, 0]] -= 0.1;
            (1..=3).for_each(|edge| decisions.storage_hm3[[0, edge]] -= 0.1 * DAY);
            // Told at the last step of its window.
            it.expect("account", "permit.limit", 2, 0.1 * DAY);
        }
        Rule::Running => {
            it.commitment(Commitment::default(), Some(0.25));
            it.spill(2, -0.1);
            it.expect("commitment", "lake.spillway.minimum_when_open", 2, 0.1 * DAY);
        }
        Rule::Forbidden => {
            it.commitment(Commitment { forbidden_m3s: vec![(0.3, 0.5)], ..Commitment::default() }, Some(0.1));
            it.spill(2, 0.1);
            it.expect("commitment", "lake.spillway.forbidden", 2, 0.05 * DAY);
        }
        Rule::MinUp => {
            it.commitment(Commitment { min_up_h: 48.0, ..Commitment::default() }, Some(0.1));
            it.spill(0, 0.25);
            it.expect("commitment", "lake.spillway.min_up", 1, 1.0);
        }
        Rule::MinDown => {
            it.commitment(Commitment { min_down_h: 48.0, ..Commitment::default() }, Some(0.1));
            it.spill(0, 0.25);
            it.expect("commitment", "lake.spillway.min_down", 2, 1.0);
        }
        Rule::MostOpen => {
            it.goals.integers = Some(Integers::default());
            it.case.network.groups.push(Group {
                id: "pair".into(),
                name: "pair".into(),
                place: Place::new("basin.toml", 1),
                arcs: vec![ArcId(SPILLWAY), ArcId(WELL)],
                most_open: 1,
            });
            it.spill(0, 0.25);
            it.expect("group", "pair.most_open", 0, 0.25 * DAY);
        }
        Rule::Changes => {
            it.commitment(Commitment { changes: Some(Changes { most: 1, days: 2.0 }), ..Commitment::default() }, None);
            it.spill(1, 0.1);
            it.spill(2, 0.1);
            it.case.network.requirements.pop();
            it.expect("changes", "lake.spillway.changes", 2, 1.0);
        }
        Rule::DaysMet => {
            it.assured(STRICT);
            it.supply(2, 0, -0.2);
            it.findings.push(("assurance", "gauge.assurance", None, 1.0));
        }
        Rule::LongestFailed => {
            it.assured(Assurance { share: 0.0, longest_days: Some(1.0), ..STRICT });
            it.case.network.requirements[0].target = Some(flow(7.7));
            it.supply(2, 1, -0.2);
            it.expect("assurance", "gauge.longest_days", 1, 1.0);
        }
        Rule::Relaxation => {
            let relaxation = Relaxation { address: "gauge.floor".into(), class: None, step: 1, hm3: 0.05 };
            it.plan.relaxations.push(relaxation);
            it.expect("relaxation", "gauge.floor", 1, 0.05);
        }
        Rule::Objective => {
            it.plan.stages = fixture::plan().stages;
            it.plan.stages[0].value += 0.01;
            it.findings.push(("objective", "industry", None, 0.01));
        }
    }
    it
}

#[test]
fn each_rule_broken_alone_is_named_with_its_element_step_and_amount() {
    for rule in Rule::ALL {
        let it = broken(rule);
        let kept = Plan { stages: Vec::new(), ..fixture::plan() };
        assert_eq!(audit(&it.case, &it.goals, &kept).findings, [], "{rule:?}: the plan by hand keeps it");
        let found = audit(&it.case, &it.goals, &it.plan).findings;
        let told: Vec<_> = found.iter().map(|f| (f.family, f.address.as_str(), f.step)).collect();
        let expected: Vec<_> = it.findings.iter().map(|&(family, address, step, _)| (family, address, step)).collect();
        assert_eq!(told, expected, "{rule:?}");
        assert!(it.findings.iter().any(|(family, ..)| *family == rule.family()), "{rule:?}");
        for (finding, expected) in found.iter().zip(&it.findings) {
            if expected.3.is_finite() {
                assert_relative_eq!(finding.size, expected.3, max_relative = 1e-9);
            } else {
                assert_eq!(finding.size, expected.3);
            }
            assert_eq!(finding.when, finding.step.map_or_else(String::new, |step| it.case.horizon.name_of(step)));
        }
    }
}
