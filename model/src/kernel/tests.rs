//! How water travels: by hand, by the textbook, and what is always true.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use approx::assert_relative_eq;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::horizon::tests::horizon;

fn table(routing: Routing, horizon: &Horizon, past: &[f64]) -> KernelTable {
    match Kernel::route(&routing, horizon, Some(past)).unwrap() {
        Kernel::Table(table) => (*table).clone(),
        Kernel::Instant => panic!("water arrives at once"),
    }
}

fn lag(lag_h: f64) -> Routing {
    Routing { lag_h, muskingum: None }
}

fn muskingum(k_h: f64, x: f64) -> Routing {
    Routing { lag_h: 0.0, muskingum: Some((k_h, x)) }
}

/// Arrivals as flows of departures as flows, m³/s.
fn carried(routing: Routing, horizon: &Horizon, past: &[f64], flows: &[f64]) -> Vec<f64> {
    let volumes: Vec<f64> = flows.iter().zip(&horizon.lengths_s).map(|(flow, length)| flow * length * HM3_PER_M3).collect();
    let (arriving, _) = Kernel::route(&routing, horizon, Some(past)).unwrap().carry(&volumes);
    arriving.iter().zip(&horizon.lengths_s).map(|(volume, length)| volume / (length * HM3_PER_M3)).collect()
}

#[test]
fn nothing_on_the_way_arrives_at_once() {
    let days = horizon(date(2026, 6, 1), "Asia/Shanghai", &["3 x 1 d"]);
    let kernel = Kernel::route(&Routing::default(), &days, None).unwrap();
    assert_eq!(kernel, Kernel::Instant);
    assert_eq!(kernel.carry(&[1.0, 2.0, 3.0]), (vec![1.0, 2.0, 3.0], 0.0));
}

#[test]
fn a_whole_lag_moves_water_by_a_step() {
    let days = horizon(date(2026, 6, 1), "Asia/Shanghai", &["3 x 1 d"]);
    let table = table(lag(24.0), &days, &[10.0, 20.0]);
    assert_eq!(table.arrivals, [vec![(1, 1.0)], vec![(2, 1.0)], vec![]]);
    assert_eq!(table.after_end, [0.0, 0.0, 1.0]);
    // Yesterday's 20 m³/s arrive today: 20 × 86,400 m³.
    assert_relative_eq!(table.from_before_hm3[0], 1.728, max_relative = 1e-12);
    assert_eq!(table.from_before_hm3[1..], [0.0, 0.0]);
}

#[test]
fn a_fraction_of_a_lag_splits_a_step() {
    let days = horizon(date(2026, 6, 1), "Asia/Shanghai", &["3 x 1 d"]);
    // 30 h: of a day's water 18 h arrive in the next day, 6 h in the one after.
    let table = table(lag(30.0), &days, &[10.0, 20.0]);
    assert_eq!(table.arrivals, [vec![(1, 0.75), (2, 0.25)], vec![(2, 0.75)], vec![]]);
    assert_eq!(table.after_end, [0.0, 0.25, 1.0]);
    // Today: 6 h of the day before yesterday and 18 h of yesterday; tomorrow 6 h of yesterday.
    assert_relative_eq!(table.from_before_hm3[0], (10.0 * 6.0 + 20.0 * 18.0) * 0.0036, max_relative = 1e-12);
    assert_relative_eq!(table.from_before_hm3[1], 20.0 * 6.0 * 0.0036, max_relative = 1e-12);
    assert_eq!(table.from_before_hm3[2], 0.0);
}

#[test]
fn a_lag_reaches_across_unequal_steps() {
    // Two days, then ten, then the rest of the month: 12 h of the second day arrive in the 旬.
    let steps = horizon(date(2026, 6, 9), "Asia/Shanghai", &["2 x 1 d", "2 x 旬"]);
    let table = table(lag(12.0), &steps, &[0.0]);
    assert_eq!(table.arrivals[1], [(1, 0.5), (2, 0.5)]);
    // Of the ten days' water half a day's, 0.05, arrives in the next.
    assert_relative_eq!(table.arrivals[2][1].1, 0.05, max_relative = 1e-12);
    assert_relative_eq!(table.after_end[3], 0.05, max_relative = 1e-12);
}

#[test]
fn hourly_muskingum_gives_the_textbooks_outflows() {
    // Chow, Maidment & Mays (1988) Applied Hydrology, example 8.4.1: K 2.3 h, x 0.15, steps of 1 h; C 0.0631, 0.3442,
    // 0.5927. The book's outflows are rounded; with the exact C the fourth is 159.55 where rounded C gives 159.
    let inflow = [
        93.0, 137.0, 208.0, 320.0, 442.0, 546.0, 630.0, 678.0, 691.0, 675.0, 634.0, 571.0, 477.0, 390.0, 329.0, 247.0,
        184.0, 134.0, 108.0, 90.0,
    ];
    let outflow = [
        85.0, 91.0, 114.0, 160.0, 233.0, 324.0, 420.0, 509.0, 578.0, 623.0, 642.0, 635.0, 603.0, 546.0, 479.0, 413.0, 341.0,
        274.0, 215.0, 170.0,
    ];
    let hours = horizon(date(2026, 6, 1), "Asia/Shanghai", &["20 x 1 h"]);
    let carried = carried(muskingum(2.3, 0.15), &hours, &[85.0], &inflow);
    for (hour, (carried, outflow)) in carried.iter().zip(outflow).enumerate() {
        assert!((carried - outflow).abs() <= 1.0, "hour {}: {carried} instead of {outflow}", hour + 1);
    }
}

#[test]
fn a_step_that_meets_both_conditions_is_routed_by_the_classic_coefficients() {
    // K 2.3 h, x 0.15, h 1 h: D = 4.91; C0 = 0.31 ÷ 4.91, C1 = 1.69 ÷ 4.91, C2 = 2.91 ÷ 4.91. A unit gives C0, then
    // C1 + C2 C0, then C2 times the one before.
    let hours = horizon(date(2026, 6, 1), "Asia/Shanghai", &["4 x 1 h"]);
    let table = table(muskingum(2.3, 0.15), &hours, &[0.0]);
    let (c0, c1, c2) = (0.31 / 4.91, 1.69 / 4.91, 2.91 / 4.91);
    let second = c1 + c2 * c0;
    for ((step, weight), expected) in table.arrivals[0].iter().zip([c0, second, c2 * second, c2 * c2 * second]) {
        assert_relative_eq!(*weight, expected, max_relative = 1e-12);
        assert!(*step < 4);
    }
}

#[test]
fn the_past_fills_the_reach_in_its_order() {
    // Long steady at 85, then an hour at 185, as 85 more than nothing and 100 m³/s for an hour. Of the steady part K · 85
    // is there; of the hour's 100 · 3600 m³, 1 − C0 stay; each hour 1 − C2 of what is there leaves.
    let hours = horizon(date(2026, 6, 1), "Asia/Shanghai", &["3 x 1 h"]);
    let table = table(muskingum(2.3, 0.15), &hours, &[85.0, 185.0]);
    let (c0, c2) = (0.31 / 4.91, 2.91 / 4.91);
    let held = (85.0 * 2.3 + 100.0 * (1.0 - c0)) * 0.0036;
    assert_relative_eq!(table.from_before_hm3[0], held * (1.0 - c2), max_relative = 1e-12);
    assert_relative_eq!(table.from_before_hm3[1], held * c2 * (1.0 - c2), max_relative = 1e-12);
    assert_relative_eq!(table.from_before_after_end_hm3, held * c2 * c2 * c2, max_relative = 1e-12);
}

#[test]
fn a_day_is_cut_into_sub_steps() {
    // K 6 h, x 0: h ≤ 12 h, two sub-steps with C0 = 12 ÷ 24 and C2 = 0. Of a unit's half in each: ¼ leaves in the first,
    // ¼ + ¼ in the second, ¼ stays and leaves the next morning.
    let days = horizon(date(2026, 6, 1), "Asia/Shanghai", &["3 x 1 d"]);
    let table = table(muskingum(6.0, 0.0), &days, &[10.0]);
    assert_eq!(table.arrivals, [vec![(0, 0.75), (1, 0.25)], vec![(1, 0.75), (2, 0.25)], vec![(2, 0.75)]]);
    assert_eq!(table.after_end, [0.0, 0.0, 0.25]);
    // Steady 10 m³/s hold K · q = 6 h of it, all of which leaves the first morning.
    assert_relative_eq!(table.from_before_hm3[0], 10.0 * 6.0 * 0.0036, max_relative = 1e-12);
}

#[test]
fn steps_too_short_for_muskingum_are_routed_with_the_same_mean_and_spread() {
    // K 12 h, x 0.4, hourly: 2Kx = 9.6 h is longer than a step. Mean 12 h; variance K²(1 − 2x) = 28.8 h², and that of an
    // hour's even departures and arrivals cancels but for what the steps blur (at most 1/6 h²).
    let hours = horizon(date(2026, 6, 1), "Asia/Shanghai", &["240 x 1 h"]);
    let table = table(muskingum(12.0, 0.4), &hours, &[0.0]);
    let mean: f64 = table.arrivals[0].iter().map(|(step, weight)| *step as f64 * weight).sum();
    let variance: f64 = table.arrivals[0].iter().map(|(step, weight)| (*step as f64 - mean).powi(2) * weight).sum();
    assert_relative_eq!(mean, 12.0, epsilon = 1e-6);
    assert!((28.8..28.8 + 1.0 / 6.0 + 1e-4).contains(&variance), "{variance}");
    // Nothing comes before the lag K(1 − √0.2) = 6.6 h.
    assert_eq!(table.arrivals[0][0].0, 6);
}

#[test]
fn x_of_a_half_is_a_pure_lag() {
    let days = horizon(date(2026, 6, 1), "Asia/Shanghai", &["3 x 1 d"]);
    assert_eq!(table(muskingum(30.0, 0.5), &days, &[5.0, 7.0]), table(lag(30.0), &days, &[5.0, 7.0]));
}

#[test]
fn a_lag_behind_muskingum_moves_its_arrivals() {
    let hours = horizon(date(2026, 6, 1), "Asia/Shanghai", &["40 x 1 h"]);
    let alone = table(muskingum(2.3, 0.15), &hours, &[3.0]);
    let behind = table(Routing { lag_h: 2.0, muskingum: Some((2.3, 0.15)) }, &hours, &[3.0]);
    for ((at, weight), (later, moved)) in alone.arrivals[0].iter().zip(&behind.arrivals[0]).take(30) {
        assert_eq!(at + 2, *later);
        assert_relative_eq!(weight, moved, max_relative = 1e-9);
    }
}

#[test]
fn numbers_out_of_range_and_a_missing_past_are_refused() {
    let days = horizon(date(2026, 6, 1), "Asia/Shanghai", &["3 x 1 d"]);
    let refused = |routing, past: Option<&[f64]>| Kernel::route(&routing, &days, past).unwrap_err();
    assert!(refused(lag(-1.0), None).contains("lag of -1 h"));
    assert!(refused(lag(f64::NAN), None).contains("lag of NaN h"));
    assert!(refused(muskingum(0.0, 0.2), None).contains("K of 0 h"));
    assert!(refused(muskingum(2.0, 0.6), None).contains("x of 0.6"));
    assert!(refused(lag(5.0), None).contains("`past_flow_m3s` is missing"));
    assert!(refused(lag(5.0), Some(&[])).contains("`past_flow_m3s` is missing"));
    assert!(refused(lag(5.0), Some(&[1.0, -2.0])).contains("value 2"));
}

/// Horizons of unequal steps.
fn horizons() -> impl Strategy<Value = Horizon> {
    prop::sample::select(vec![
        vec!["40 x 1 h"],
        vec!["24 x 1 h", "20 x 1 d"],
        vec!["10 x 1 d", "4 x 旬"],
        vec!["4 x month"],
        vec!["48 x 15 min", "12 x 1 h", "3 x 1 d", "2 x 旬", "2 x month"],
    ])
    .prop_map(|steps| horizon(date(2026, 3, 1), "Europe/Berlin", &steps))
}

fn routings() -> impl Strategy<Value = Routing> {
    let k_h = prop_oneof![0.001..1.0, 1.0..100.0, 100.0..2000.0];
    let x = prop_oneof![Just(0.0), 0.0..0.5, Just(0.5)];
    let lag_h = prop_oneof![Just(0.0), 0.0..3.0, 0.0..800.0, (0u32..48).prop_map(f64::from)];
    (lag_h, prop::option::weighted(0.8, (k_h, x)))
        .prop_map(|(lag_h, muskingum)| Routing { lag_h, muskingum })
        .prop_filter("water is on its way", |routing| routing.lag_h > 0.0 || routing.muskingum.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_leaves_arrives_or_is_on_its_way_at_the_end(horizon in horizons(), routing in routings()) {
        let table = table(routing, &horizon, &[1.0]);
        for step in 0..horizon.steps() {
            let arrivals = &table.arrivals[step];
            let sum: f64 = arrivals.iter().map(|(_, weight)| weight).sum::<f64>() + table.after_end[step];
            prop_assert!((sum - 1.0).abs() < 1e-12, "step {} sums to {}", step, sum);
            prop_assert!(table.after_end[step] >= 0.0);
            prop_assert!(arrivals.iter().all(|(at, weight)| *weight >= KERNEL && *at >= step && *at < horizon.steps()));
            prop_assert!(arrivals.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn a_steady_flow_stays_steady_over_steps_of_any_length(horizon in horizons(), routing in routings(), flow in 0.1..5000.0) {
        // However it is routed, and however steps change their length: the past fills the reach just as a steady flow does.
        let carried = carried(routing, &horizon, &[flow, flow, flow], &vec![flow; horizon.steps()]);
        for (step, carried) in carried.iter().enumerate() {
            prop_assert!((carried - flow).abs() <= 1e-6 * flow, "step {}: {} instead of {}", step, carried, flow);
        }
    }

    #[test]
    fn water_on_its_way_at_the_start_is_all_there(
        horizon in horizons(), routing in routings(), past in prop::collection::vec(0.0..1000.0, 1..5),
    ) {
        // Nothing leaves within the horizon: what arrives from before, in it or later, is what a steady earliest flow
        // and the observed ones left in the reach; with a steady past that is (lag + K) · q.
        let steady = table(routing, &horizon, &past[..1]);
        let sum = |table: &KernelTable| table.from_before_hm3.iter().sum::<f64>() + table.from_before_after_end_hm3;
        let travel_s = (routing.lag_h + routing.muskingum.map_or(0.0, |(k_h, _)| k_h)) * 3600.0;
        prop_assert!((sum(&steady) - past[0] * travel_s * HM3_PER_M3).abs() <= 1e-9 * (1.0 + sum(&steady)));
        let observed = table(routing, &horizon, &past);
        prop_assert!(observed.from_before_hm3.iter().all(|volume| *volume >= 0.0) && observed.from_before_after_end_hm3 >= 0.0);
        let most = past.iter().copied().fold(0.0, f64::max) * travel_s * HM3_PER_M3;
        let least = past.iter().copied().fold(f64::MAX, f64::min) * travel_s * HM3_PER_M3;
        prop_assert!(least * (1.0 - 1e-9) <= sum(&observed) && sum(&observed) <= most * (1.0 + 1e-9) + 1e-12);
    }

    #[test]
    fn what_is_carried_and_what_is_on_its_way_is_what_left(horizon in horizons(), routing in routings(), flow in 0.0..100.0) {
        let kernel = Kernel::route(&routing, &horizon, Some(&[flow])).unwrap();
        let leaving: Vec<f64> = (0..horizon.steps()).map(|step| (step % 7) as f64).collect();
        let (arriving, on_its_way) = kernel.carry(&leaving);
        let (before, _) = kernel.carry(&vec![0.0; horizon.steps()]);
        let Kernel::Table(table) = &kernel else { return Err(TestCaseError::fail("water arrives at once")) };
        let entered = leaving.iter().sum::<f64>() + before.iter().sum::<f64>() + table.from_before_after_end_hm3;
        prop_assert!((arriving.iter().sum::<f64>() + on_its_way - entered).abs() <= 1e-9 * (1.0 + entered));
    }
}
