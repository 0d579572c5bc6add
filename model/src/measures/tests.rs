//! Every measure on the plan by hand of `fixture`.

#![allow(clippy::unwrap_used, reason = "tests")]

use approx::assert_relative_eq;

use super::{MEASURES, Measure, measure, part_shortfall};
use crate::fixture::{self, DAY};
use crate::forcing::Param;
use crate::goals::{Cut, Objective, Period};
use crate::kernel::{Kernel, KernelTable};
use crate::network::{ArcId, Bound, EndStorage, NodeId, NodeKind, Of, Receiver, RequirementKind, RuleClass, Zone};

fn value(kind: &str, change: impl Fn(&mut Objective)) -> f64 {
    let mut objective = fixture::objective("o", kind);
    change(&mut objective);
    measure(kind).unwrap().value(&fixture::case(), &objective, &fixture::plan().decisions)
}

fn plain(kind: &str) -> f64 {
    value(kind, |_| ())
}

#[test]
fn each_word_is_that_of_its_file_and_stands_once() {
    let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/measures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".rs", ""))
        .filter(|file| !["selection", "tests"].contains(&file.as_str()))
        .collect();
    files.sort();
    let words: Vec<&str> = MEASURES.iter().map(|m| m.kind()).collect();
    assert_eq!(words, files);
}

#[test]
fn shortage_of_industry_is_half_a_unit_on_day_2_and_one_on_day_3() {
    assert_relative_eq!(plain("shortage"), 1.5 * DAY, max_relative = 1e-12);
    // 0.5 ÷ 2 of a day, then 1 ÷ 2.
    assert_relative_eq!(value("shortage", |o| o.relative = true), 0.75, max_relative = 1e-12);
}

#[test]
fn shortage_counts_only_what_is_chosen() {
    assert_eq!(value("shortage", |o| o.uses = vec!["domestic".into()]), 0.0);
    assert_relative_eq!(value("shortage", |o| o.uses = vec!["production".into()]), 1.5 * DAY, max_relative = 1e-12);
    assert_eq!(value("shortage", |o| o.tiers = vec![2]), 0.0);
    assert_eq!(value("shortage", |o| o.elements = vec!["village".into()]), 0.0);
    // The town's county lies in the city.
    assert_relative_eq!(value("shortage", |o| o.regions = vec!["city".into()]), 1.5 * DAY, max_relative = 1e-12);
    assert_eq!(value("shortage", |o| o.regions = vec!["elsewhere".into()]), 0.0);
}

#[test]
fn weights_multiply_what_a_step_adds() {
    assert_relative_eq!(value("shortage", |o| o.weight = Param::constant(3.0)), 4.5 * DAY, max_relative = 1e-12);
    let mut case = fixture::case();
    fixture::town(&mut case).portions[2].weight = Param::constant(2.0);
    let objective = fixture::objective("o", "shortage");
    let found = measure("shortage").unwrap().value(&case, &objective, &fixture::plan().decisions);
    assert_relative_eq!(found, 3.0 * DAY, max_relative = 1e-12);
}

#[test]
fn benefit_is_price_times_supply() {
    // 2 yuan/m³ on 2 + 1.5 + 1 m³/s.
    assert_relative_eq!(plain("benefit"), 9.0 * DAY, max_relative = 1e-12);
}

#[test]
fn ecological_shortfall_is_what_lacks_to_8() {
    // 0.5 + 0.25 + 0.25.
    assert_relative_eq!(plain("ecological_shortfall"), DAY, max_relative = 1e-12);
    assert_relative_eq!(value("ecological_shortfall", |o| o.relative = true), 0.125, max_relative = 1e-12);
    // All of it lies in the part between 4 and 8.
    assert_eq!(value("ecological_shortfall", |o| o.tiers = vec![1]), 0.0);
    assert_relative_eq!(value("ecological_shortfall", |o| o.tiers = vec![2]), DAY, max_relative = 1e-12);
    assert_eq!(value("ecological_shortfall", |o| o.sections = vec!["other".into()]), 0.0);
}

#[test]
fn the_part_nearest_the_target_lacks_first() {
    let parts = [0.25, 1.0];
    let both = |value| [0, 1].map(|part| part_shortfall(&parts, part, 8.0, value));
    assert_eq!(both(9.0), [0.0, 0.0]);
    assert_eq!(both(5.0), [0.0, 3.0]);
    assert_eq!(both(2.0), [0.0, 6.0]);
    assert_eq!(both(0.5), [1.5, 6.0]);
    assert_eq!(both(0.0), [2.0, 6.0]);
}

#[test]
fn balance_is_the_least_satisfaction_above_the_floors() {
    // Domestic 1; production 4.5 ÷ 6; in the stream (23 − 9) ÷ (24 − 9) = 14 ÷ 15.
    assert_relative_eq!(plain("balance"), 0.75, max_relative = 1e-12);
    assert_relative_eq!(value("balance", |o| o.uses = vec!["domestic".into()]), 1.0, max_relative = 1e-12);
    assert_relative_eq!(value("balance", |o| o.uses = vec!["ecological".into()]), 14.0 / 15.0, max_relative = 1e-12);
    // Day by day industry has half on day 3.
    assert_relative_eq!(value("balance", |o| o.period = Period::Step), 0.5, max_relative = 1e-12);
    assert_eq!(value("balance", |o| o.uses = vec!["agricultural".into()]), 1.0);
}

#[test]
fn energy_revenue_pumping_spill_and_cost_are_sums_over_arcs() {
    assert_relative_eq!(plain("energy"), 0.1 * 18.0 * DAY, max_relative = 1e-12);
    assert_eq!(value("energy", |o| o.elements = vec!["well_pump".into()]), 0.0);
    assert_relative_eq!(value("energy", |o| o.elements = vec!["lake".into()]), 1.8 * DAY, max_relative = 1e-12);
    assert_relative_eq!(plain("revenue"), 0.4 * 1.8 * DAY, max_relative = 1e-12);
    assert_relative_eq!(plain("pumping"), 0.2 * 1.5 * DAY, max_relative = 1e-12);
    assert_relative_eq!(plain("spill"), 0.25 * DAY, max_relative = 1e-12);
    assert_relative_eq!(plain("source_cost"), 0.3 * 1.5 * DAY, max_relative = 1e-12);
}

#[test]
fn end_storage_counts_soft_ends_only() {
    assert_eq!(plain("end_storage"), 0.0);
    let mut case = fixture::case();
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: 7.0, hard: false });
    let objective = fixture::objective("o", "end_storage");
    let found = measure("end_storage").unwrap().value(&case, &objective, &fixture::plan().decisions);
    assert_relative_eq!(found, 7.0 - 5.2376, max_relative = 1e-12);
}

#[test]
fn water_on_its_way_to_a_soft_end_counts_as_arrived() {
    let mut case = fixture::case();
    let lake = NodeId(fixture::LAKE_NODE);
    // Half of the last day's 6 m³/s through the turbines is on its way: 3 m³/s d.
    case.network.arcs[fixture::TURBINES].receivers[0].node = lake;
    // Half of the last day's supply, 1.2 + 0.8 + 1 = 3 m³/s d, comes back after the end, and half of 0.2 hm³ from before.
    let table = KernelTable {
        arrivals: vec![vec![(1, 1.0)], vec![(2, 1.0)], Vec::new()],
        after_end: vec![0.0, 0.0, 1.0],
        from_before_hm3: vec![0.0; 3],
        from_before_after_end_hm3: 0.2,
    };
    if let NodeKind::Demand(town) = &mut case.network.nodes[fixture::TOWN_NODE].kind {
        town.returns = vec![Receiver { node: lake, fraction: 0.5, kernel: Kernel::Table(table.into()) }];
    }
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: 7.0, hard: false });
    let objective = fixture::objective("o", "end_storage");
    let value =
        |case: &crate::case::Case| measure("end_storage").unwrap().value(case, &objective, &fixture::plan().decisions);
    assert_relative_eq!(value(&case), 7.0 - 5.2376 - 4.5 * DAY - 0.1, max_relative = 1e-12);
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: 5.5, hard: false });
    assert_eq!(value(&case), 0.0);
}

#[test]
fn flood_limit_excess_is_volume_times_days() {
    assert_eq!(plain("flood_limit_excess"), 0.0);
    let mut case = fixture::case();
    fixture::lake(&mut case).flood_limit = Some(Param::constant(5.1));
    let mut objective = fixture::objective("o", "flood_limit_excess");
    let of =
        |objective: &Objective| measure("flood_limit_excess").unwrap().value(&case, objective, &fixture::plan().decisions);
    // 5.1728 and 5.2376 on the last two days.
    assert_relative_eq!(of(&objective), 0.0728 + 0.1376, max_relative = 1e-12);
    objective.relative = true;
    assert_relative_eq!(of(&objective), 0.2104 / 10.0, max_relative = 1e-12);
}

#[test]
fn account_excess_counts_soft_accounts_only() {
    assert_relative_eq!(plain("account_excess"), 1.5 * DAY - 0.1, max_relative = 1e-12);
    assert_eq!(value("account_excess", |o| o.elements = vec!["permit".into()]), 0.0);
    let mut case = fixture::case();
    case.network.accounts[1].at_most = false;
    case.network.accounts[1].windows[0].available_hm3 = 0.2;
    let objective = fixture::objective("o", "account_excess");
    let found = measure("account_excess").unwrap().value(&case, &objective, &fixture::plan().decisions);
    assert_relative_eq!(found, 0.2 - 1.5 * DAY, max_relative = 1e-12);
}

#[test]
fn total_variation_takes_outflow_as_a_whole_and_each_delivery() {
    // Lake 5 → 6 → 6 → 6.25; river 7.5 → 7.75 → 7.75; town 4 → 3.5 → 3.
    assert_relative_eq!(plain("total_variation"), 1.25 + 0.25 + 1.0, max_relative = 1e-12);
    assert_relative_eq!(value("total_variation", |o| o.elements = vec!["town".into()]), 1.0, max_relative = 1e-12);
}

#[test]
fn a_peak_is_of_the_whole_outflow() {
    // Lake 6 → 6 → 6.25; the river is no storage.
    assert_relative_eq!(plain("peak_release"), 6.25, max_relative = 1e-12);
    assert_eq!(value("peak_release", |o| o.elements = vec!["river".into()]), 0.0);
}

#[test]
fn discharge_excess_is_what_passes_above_the_ceiling() {
    assert_eq!(plain("discharge_excess"), 0.0);
    let mut case = fixture::case();
    let of = Of::Flow(vec![(ArcId(fixture::REACH), 1.0)]);
    let mut safe = fixture::requirement("safe", RequirementKind::SafeDischarge, RuleClass::SafeDischarge, of);
    safe.ceiling = Some(Bound::Flow(Param::constant(7.6)));
    case.network.requirements.push(safe);
    let objective = fixture::objective("o", "discharge_excess");
    let found = measure("discharge_excess").unwrap().value(&case, &objective, &fixture::plan().decisions);
    // 7.5, 7.75, 7.75.
    assert_relative_eq!(found, 0.3 * DAY, max_relative = 1e-9);
}

#[test]
fn a_line_is_missed_above_and_below() {
    let mut case = fixture::case();
    let zone = |name: &str, top| Zone {
        name: name.into(),
        top: Param::constant(top),
        supply: Vec::new(),
        release: None,
        response: None,
    };
    fixture::lake(&mut case).zones = vec![zone("枯", 2.0), zone("正常", 5.1)];
    let mut objective = fixture::objective("o", "rule_curve_deviation");
    let of =
        |objective: &Objective| measure("rule_curve_deviation").unwrap().value(&case, objective, &fixture::plan().decisions);
    assert_eq!(of(&objective), 0.0);
    objective.zone = Some("正常".into());
    // 5.0864, 5.1728, 5.2376.
    assert_relative_eq!(of(&objective), 0.0136 + 0.0728 + 0.1376, max_relative = 1e-9);
    objective.relative = true;
    assert_relative_eq!(of(&objective), 0.0224, max_relative = 1e-9);
}

#[test]
fn a_change_is_against_what_the_plan_in_force_knows() {
    assert_eq!(plain("plan_change"), 0.0);
    let mut case = fixture::case();
    let mut in_force = fixture::plan().decisions;
    in_force.flow_m3s[[fixture::TURBINES, 0]] = 5.0;
    in_force.flow_m3s[[fixture::TURBINES, 1]] = 8.0;
    in_force.flow_m3s[[fixture::TURBINES, 2]] = f64::NAN;
    in_force.flow_m3s[[fixture::BROOK, 0]] = 1.0;
    case.in_force = Some(in_force);
    let objective = fixture::objective("o", "plan_change");
    let found = measure("plan_change").unwrap().value(&case, &objective, &fixture::plan().decisions);
    // 6 against 5 and 8; the brook is given.
    assert_relative_eq!(found, 3.0 * DAY, max_relative = 1e-9);
}

#[test]
fn the_least_cut_of_each_function_counts() {
    let cut =
        |of: &str, constant_million, price| Cut { of: of.into(), constant_million, per_m3: vec![("lake".into(), price)] };
    assert_eq!(plain("end_value"), 0.0);
    // 5.2376 hm³ at the end.
    assert_relative_eq!(value("end_value", |o| o.cuts = vec![cut("", 1.0, 0.5)]), 3.6188, max_relative = 1e-9);
    let both = |o: &mut Objective| o.cuts = vec![cut("a", 1.0, 0.5), cut("b", 2.0, 0.0), cut("a", 3.5, 0.0)];
    assert_relative_eq!(value("end_value", both), 3.5 + 2.0, max_relative = 1e-9);
}

#[test]
fn a_price_for_a_class_is_that_of_ways_into_its_own_demands() {
    // The town has residents and industry.
    assert_eq!(value("source_cost", |o| o.classes = vec!["industry".into()]), 0.0);
    let both = |o: &mut Objective| o.uses = vec!["domestic".into(), "production".into()];
    assert_relative_eq!(value("source_cost", both), plain("source_cost"), max_relative = 1e-12);
}

#[test]
fn units_follow_relative() {
    let mut objective = fixture::objective("o", "shortage");
    let units = |o: &Objective| MEASURES.iter().map(|m: &&dyn Measure| m.unit(o)).collect::<Vec<_>>();
    assert!(units(&objective).contains(&"hm3 d"));
    objective.relative = true;
    assert_eq!(units(&objective).iter().filter(|unit| **unit == "d").count(), 4);
}
