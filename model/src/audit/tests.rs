//! The plan by hand of `fixture` passes; whatever is changed in case or plan is named.

#![allow(clippy::unwrap_used, reason = "tests")]

use approx::assert_relative_eq;
use proptest::prelude::*;

use super::{Audit, audit};
use crate::case::Case;
use crate::fixture::{self, BROOK, DAY, INTAKE, SPILLWAY, TURBINES, WELL};
use crate::forcing::Param;
use crate::head::Head;
use crate::network::{Bound, EndStorage, NodeKind, Requirement, RuleClass};
use crate::plan::{Plan, Relaxation};
use crate::rating::Rating;

fn of(case: &Case, plan: &Plan) -> Audit {
    audit(case, &fixture::goals(), plan)
}

/// Findings that belong to a step, as (family, address, step, size).
fn found(change: impl Fn(&mut Case)) -> Vec<(&'static str, String, usize, f64)> {
    let mut case = fixture::case();
    change(&mut case);
    let audit = of(&case, &fixture::plan());
    audit.findings.into_iter().filter_map(|f| Some((f.family, f.address, f.step?, f.size))).collect()
}

/// Asserts that exactly these findings are made, sizes within rounding.
fn assert_found(change: impl Fn(&mut Case), expected: &[(&str, &str, usize, f64)]) {
    let found = found(change);
    let told: Vec<_> = found.iter().map(|(family, address, step, _)| (*family, address.as_str(), *step)).collect();
    let wanted: Vec<_> = expected.iter().map(|&(family, address, step, _)| (family, address, step)).collect();
    assert_eq!(told, wanted);
    for (found, expected) in found.iter().zip(expected) {
        assert_relative_eq!(found.3, expected.3, max_relative = 1e-9);
    }
}

fn gauge(case: &mut Case) -> &mut Requirement {
    &mut case.network.requirements[0]
}

fn flow(value: f64) -> Bound {
    Bound::Flow(Param::constant(value))
}

fn relaxed(entries: &[(&str, usize, f64)]) -> Plan {
    let relaxation = |&(address, step, hm3): &(&str, usize, f64)| Relaxation {
        address: address.to_owned(),
        class: Some(RuleClass::FloodLimit),
        step,
        hm3,
    };
    Plan { relaxations: entries.iter().map(relaxation).collect(), ..fixture::plan() }
}

#[test]
fn the_plan_by_hand_passes() {
    let audit = of(&fixture::case(), &fixture::plan());
    assert_eq!(audit.findings, []);
    assert!(audit.passed());
    let families: Vec<_> = audit.residuals.iter().map(|r| r.family).collect();
    for family in
        ["start", "balance", "source", "storage", "flood_limit", "capacity", "supply", "class_floor", "requirement"]
    {
        assert!(families.contains(&family), "{family}");
    }
    let balance = audit.residuals.iter().find(|r| r.family == "balance").unwrap();
    // Lake, river and town on three days.
    assert_eq!(balance.checked, 9);
    assert!(balance.largest < 1e-12);
    assert_relative_eq!(audit.measured[2].unwrap(), 0.25 * DAY, max_relative = 1e-12);
}

#[test]
fn a_storage_beyond_its_bounds_is_named() {
    let under = [("storage", "lake.dead_level", 0, 0.0136)];
    assert_found(|case| fixture::lake(case).lower = Param::constant(5.1), &under);
    let limit = [("flood_limit", "lake.flood_limit", 1, 0.0728), ("flood_limit", "lake.flood_limit", 2, 0.1376)];
    assert_found(|case| fixture::lake(case).flood_limit = Some(Param::constant(5.1)), &limit);
    let top = [("storage", "lake.top", 2, 0.0376)];
    assert_found(|case| fixture::lake(case).upper = Param::constant(5.2), &top);
    let curve = [("storage", "lake.curve", 2, 0.0376)];
    assert_found(|case| fixture::lake(case).curve.points[2].storage_hm3 = 5.2, &curve);
    let end = [("end_storage", "lake.end_storage", 2, 0.0624)];
    assert_found(|case| fixture::lake(case).end = Some(EndStorage { storage_hm3: 5.3, hard: true }), &end);
    let start: Vec<_> = found(|case| fixture::lake(case).initial_hm3 = 4.9);
    assert_eq!(start[0].1, "lake");
    assert_relative_eq!(start[0].3, 0.1, max_relative = 1e-9);
}

#[test]
fn a_flow_beyond_its_bounds_is_named() {
    let over = [0, 1, 2].map(|step| ("capacity", "town.intake.capacity", step, 0.5 * DAY));
    assert_found(|case| case.network.arcs[INTAKE].capacity = Param::constant(2.5), &over);
    // A spillway that passes nothing at any storage.
    let none = |case: &mut Case| {
        let rating = Rating { points: vec![(0.0, 0.0), (100.0, 0.0)], open: Param::constant(1.0) };
        case.network.arcs[SPILLWAY].discharge = Some(rating);
    };
    assert_found(none, &[("capacity", "lake.spillway.discharge", 2, 0.25 * DAY)]);
    let under = [0, 1, 2].map(|step| ("capacity", "lake.turbines.floor", step, DAY));
    assert_found(|case| case.network.arcs[TURBINES].floor = Param::constant(7.0), &under);
}

#[test]
fn a_source_gives_what_it_has() {
    let taken = |value| {
        move |case: &mut Case| {
            if let NodeKind::Source(source) = &mut case.network.nodes[0].kind {
                source.flow = Param::constant(value);
            }
        }
    };
    assert_found(taken(9.0), &[0, 1, 2].map(|step| ("source", "brook", step, DAY)));
    let more = |case: &mut Case| {
        if let NodeKind::Source(source) = &mut case.network.nodes[5].kind {
            source.flow = Param::constant(0.8);
        }
    };
    assert_found(more, &[("source", "well", 0, 0.2 * DAY)]);
}

#[test]
fn supply_stays_within_what_is_wanted_and_above_the_floors() {
    // The shares no longer sum to 1, which only lowering minds.
    let over = [("supply", "town.industry.tier1.demand", 0, 0.4 * DAY)];
    assert_found(|case| fixture::town(case).portions[2].share = Param::constant(0.4), &over);
    let under = [0, 1, 2].map(|step| ("class_floor", "town.residents.floor", step, 0.4 * DAY));
    assert_found(|case| fixture::town(case).portions[0].share = Param::constant(0.4), &under);
}

#[test]
fn requirements_are_judged_by_floor_ceiling_rise_and_fall() {
    assert_found(|case| gauge(case).floor = Some(flow(7.6)), &[("requirement", "gauge.floor", 0, 0.1 * DAY)]);
    let order = [(0, 0.1), (1, 0.1), (2, 0.35)].map(|(step, over)| ("requirement", "order_1.ceiling", step, over * DAY));
    assert_found(|case| case.network.requirements[2].ceiling = Some(flow(5.9)), &order);
    let rise = [("requirement", "ramp.rise", 0, 0.5 * DAY)];
    assert_found(|case| case.network.requirements[1].rise_per_day = Some(flow(0.5)), &rise);
    let fall = |case: &mut Case| {
        case.network.requirements[1].fall_per_day = Some(flow(0.5));
        case.network.arcs[TURBINES].previous_flow = Some(6.75);
    };
    assert_found(fall, &[("requirement", "ramp.fall", 0, 0.25 * DAY)]);
}

#[test]
fn hard_accounts_are_rules_and_soft_ones_are_not() {
    let limit = [("account", "permit.limit", 2, 9.0 * DAY - 0.5)];
    assert_found(|case| case.network.accounts[0].windows[0].available_hm3 = 0.5, &limit);
    assert_found(|case| case.network.accounts[1].windows[0].available_hm3 = 0.0, &[]);
}

#[test]
fn exactly_the_named_breaches_are_accepted() {
    let mut case = fixture::case();
    fixture::lake(&mut case).flood_limit = Some(Param::constant(5.1));
    let findings = |entries: &[(&str, usize, f64)]| {
        let audit = of(&case, &relaxed(entries));
        audit.findings.into_iter().map(|f| (f.family, f.step.unwrap(), f.size)).collect::<Vec<_>>()
    };
    let (first, second) = (("lake.flood_limit", 1, 0.0728), ("lake.flood_limit", 2, 0.1376));
    assert_eq!(findings(&[first, second]), []);
    // Named twice adds up.
    assert_eq!(findings(&[first, ("lake.flood_limit", 2, 0.1), ("lake.flood_limit", 2, 0.0376)]), []);
    let too_little = findings(&[first, ("lake.flood_limit", 2, 0.1)]);
    assert_eq!((too_little.len(), too_little[0].0, too_little[0].1), (1, "flood_limit", 2));
    assert_relative_eq!(too_little[0].2, 0.0376, max_relative = 1e-9);
    let too_much = findings(&[first, ("lake.flood_limit", 2, 0.2)]);
    assert_eq!((too_much.len(), too_much[0].0, too_much[0].1), (1, "relaxation", 2));
    assert_relative_eq!(too_much[0].2, 0.0624, max_relative = 1e-9);
    let elsewhere = findings(&[first, second, ("pond.flood_limit", 1, 0.5)]);
    assert_eq!((elsewhere.len(), elsewhere[0].0), (1, "relaxation"));
    assert!(!findings(&[first, second, ("gauge.floor", 0, -1.0)]).is_empty());
}

#[test]
fn physical_bounds_never_give_way() {
    let mut case = fixture::case();
    fixture::lake(&mut case).upper = Param::constant(5.2);
    let audit = of(&case, &relaxed(&[("lake.top", 2, 0.0376)]));
    let told: Vec<_> = audit.findings.iter().map(|f| (f.family, f.address.as_str())).collect();
    assert_eq!(told, [("storage", "lake.top"), ("relaxation", "lake.top")]);
    // The dead level does, but only under a start below it.
    let mut case = fixture::case();
    fixture::lake(&mut case).lower = Param::constant(5.1);
    assert!(of(&case, &relaxed(&[("lake.dead_level", 0, 0.0136)])).passed());
    let steps = ndarray::Array2::from_shape_vec((3, 1), vec![5.0, 5.2, 5.2]).unwrap();
    let rising = case.forcing.add("lake.lower", steps, crate::forcing::SeriesSource::default());
    fixture::lake(&mut case).lower = rising;
    assert!(!of(&case, &relaxed(&[("lake.dead_level", 1, 0.0272)])).passed());
}

#[test]
fn stages_are_measured_again() {
    let worst = |value: f64, tolerance: f64| {
        let mut plan = fixture::plan();
        plan.stages[0].value = value;
        plan.stages[0].tolerance = tolerance;
        of(&fixture::case(), &plan).findings.into_iter().map(|f| (f.family, f.address)).collect::<Vec<_>>()
    };
    let named = [("objective", "industry".to_owned())];
    assert_eq!(worst(1.5 * DAY, 0.0), []);
    assert_eq!(worst(1.4 * DAY, 0.0), named);
    assert_eq!(worst(1.4 * DAY, 0.2 * DAY), []);
    // Better than an optimum is as wrong as worse.
    assert_eq!(worst(1.6 * DAY, 0.0), named);
    let mut plan = fixture::plan();
    plan.stages[1].objective = "unheard_of".into();
    assert_eq!(of(&fixture::case(), &plan).findings[0].address, "unheard_of");
}

#[test]
fn missing_numbers_are_named_and_nothing_is_computed_from_them() {
    let mut plan = fixture::plan();
    plan.decisions.storage_hm3[[0, 2]] = f64::NAN;
    let audit = of(&fixture::case(), &plan);
    assert_eq!((audit.findings.len(), audit.findings[0].family), (1, "number"));
    let mut plan = fixture::plan();
    plan.decisions.supply_m3s = ndarray::Array2::zeros((2, 3));
    let audit = of(&fixture::case(), &plan);
    assert_eq!((audit.findings.len(), audit.findings[0].family), (1, "shape"));
}

#[test]
fn findings_read_as_a_sentence() {
    let mut plan = fixture::plan();
    plan.decisions.flow_m3s[[BROOK, 1]] += 1.0;
    let audit = of(&fixture::case(), &plan);
    let told = audit.findings.iter().map(ToString::to_string).find(|told| told.starts_with("source")).unwrap();
    assert!(told.starts_with("source: brook, 2026-06-30: 0.0864"), "{told}");
    assert!(told.ends_with(" hm3"), "{told}");
}

#[test]
fn the_replay_loses_what_the_secant_misses() {
    let mut case = fixture::case();
    assert!(of(&case, &fixture::plan()).replay[0].largest_hm3.abs() < 1e-9);
    // 10 mm a day; the secant through 1 hm³ (0.2 km²) and 10 hm³ (4/3 km²) runs under the kink at 5 hm³ (1 km²) by about
    // 0.29 km² all three days: 3 × 0.01 m × 0.29 km² = 0.0087 hm³ more is lost.
    fixture::lake(&mut case).evaporation = Some(Param::constant(10.0));
    case.network.arcs[TURBINES].head = Some(Box::new(Head { efficiency: 0.9, tailwater: vec![(0.0, 100.0)] }));
    let mut plan = Plan { stages: Vec::new(), ..fixture::plan() };
    let NodeKind::Storage(lake) = &case.network.nodes[fixture::LAKE_NODE].kind else { panic!("a lake") };
    for (step, gain) in [DAY, DAY, 0.75 * DAY].into_iter().enumerate() {
        let loss = case.loss(lake, step, 0);
        let before = plan.decisions.storage_hm3[[0, step]];
        let after = (before * (1.0 - loss.share) + gain - loss.constant_hm3) / (1.0 + loss.share);
        plan.decisions.storage_hm3[[0, step + 1]] = after;
    }
    let audit = of(&case, &plan);
    assert_eq!(audit.findings, []);
    assert_relative_eq!(audit.replay[0].at_end_hm3, -0.0087, max_relative = 0.02);
    assert_eq!((audit.replay[0].step, audit.replay[0].leaves_curve), (2, None));
    // Above 5 hm³ the lake rises 10 m for 15 hm³, so it stands 0.0087 × 2/3 m lower in the end; a third of it is lost each day, so
    // that the mean head of the days is lower by 1, 3 and 5 sixths of that.
    let told: Vec<_> = audit.consequences.iter().map(|c| (c.address.as_str(), c.quantity, c.step)).collect();
    assert_eq!(told, [("lake", "level", 2), ("lake.turbines", "energy", 2)]);
    let lower = -0.0087 * 2.0 / 3.0;
    assert_relative_eq!(audit.consequences[0].in_all, lower, max_relative = 0.02);
    let volume = |step: usize| plan.decisions.flow_m3s[[TURBINES, step]] * DAY;
    let gwh = 9.80665 * 0.9 / 3600.0 * lower * (volume(0) + 3.0 * volume(1) + 5.0 * volume(2)) / 6.0;
    assert_relative_eq!(audit.consequences[1].in_all, gwh, max_relative = 0.02);
}

/// A spillway whose rating rises ever faster: the program's envelope lets pass what the outlet cannot.
#[test]
fn the_replay_tells_what_an_outlet_cannot_pass() {
    let mut case = fixture::case();
    let points = vec![(5.0, 0.0), (5.2, 0.1), (20.0, 100.0)];
    case.network.arcs[SPILLWAY].discharge = Some(Rating { points, open: Param::constant(1.0) });
    let audit = of(&case, &fixture::plan());
    assert_eq!(audit.findings, []);
    let [flow] = &audit.consequences[..] else { panic!("one: {:?}", audit.consequences) };
    assert_eq!((flow.address.as_str(), flow.quantity, flow.step), ("lake.spillway", "flow", 2));
    // On the third day the lake holds 5 + 2.375 × 0.0864 = 5.2052 hm³ in the mean: 0.1 + 0.0052 × 99.9/14.8 = 0.1351 of 0.25 m³/s.
    assert_relative_eq!(flow.largest, -0.1149, max_relative = 1e-6);
    assert_relative_eq!(flow.in_all, -0.1149 / 3.0, max_relative = 1e-6);
}

proptest! {
    /// Any one number of a series changed by more than the tolerance is named, in its step.
    #[test]
    fn a_changed_number_is_named(array in 0..3_usize, place in 0..18_usize, up: bool, size in 2e-5..5.0_f64) {
        let mut plan = fixture::plan();
        let decisions = &mut plan.decisions;
        let array = [&mut decisions.flow_m3s, &mut decisions.storage_hm3, &mut decisions.supply_m3s].into_iter().nth(array).unwrap();
        let place = place % array.len();
        let step = place % array.ncols() - usize::from(array.nrows() == 1 && place > 0);
        *array.iter_mut().nth(place).unwrap() += if up { size } else { -size };
        let audit = of(&fixture::case(), &plan);
        prop_assert!(audit.findings.iter().any(|f| f.step == Some(step)), "{:?}", audit.findings);
    }

    /// So is a rule's breach that is named with the wrong amount.
    #[test]
    fn a_changed_relaxation_is_named(size in 2e-6..0.05_f64, up: bool) {
        let mut case = fixture::case();
        fixture::lake(&mut case).flood_limit = Some(Param::constant(5.1));
        let change = if up { size } else { -size };
        let plan = relaxed(&[("lake.flood_limit", 1, 0.0728 + change), ("lake.flood_limit", 2, 0.1376)]);
        prop_assert!(!of(&case, &plan).passed());
    }
}

#[test]
fn the_well_is_checked_like_any_arc() {
    let over = [("capacity", "well_pump.capacity", 0, 0.5 * DAY)];
    assert_found(|case| case.network.arcs[WELL].capacity = Param::constant(0.5), &over);
}
