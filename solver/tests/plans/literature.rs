//! Cases of the literature, restated with their source.

use weir_model::forcing::Param;
use weir_model::goals::Period;
use weir_model::kernel::{Kernel, Routing};
use weir_model::network::{Energy, Role, Use};

use crate::build::{Build, FAR, portion};
use crate::check::{close, values};

/// hm³ that 1 m³/s carries in a day.
const DAY: f64 = 0.0864;

/// Larson 1968, State Increment Dynamic Programming; Heidari, Chow, Kokotovic & Meredith 1971, Water Resour. Res. 7(2): four
/// reservoirs, twelve periods, 401.3. A unit is 1 m³/s·d, benefit is energy and its price.
#[test]
fn four_reservoirs_of_larson() {
    const BENEFIT: [[f64; 5]; 12] = [
        [1.1, 1.4, 1.0, 1.0, 1.6],
        [1.0, 1.1, 1.0, 1.2, 1.7],
        [1.0, 1.0, 1.2, 1.8, 1.8],
        [1.2, 1.0, 1.8, 2.5, 1.9],
        [1.8, 1.2, 2.5, 2.2, 2.0],
        [2.5, 1.8, 2.2, 2.0, 2.0],
        [2.2, 2.5, 2.0, 1.8, 2.0],
        [2.0, 2.2, 1.8, 2.2, 1.9],
        [1.8, 2.0, 2.2, 1.8, 1.8],
        [2.2, 1.8, 1.8, 1.4, 1.7],
        [1.8, 2.2, 1.4, 1.1, 1.6],
        [1.4, 1.8, 1.1, 1.0, 1.5],
    ];
    let mut build = Build::new("12 x 1 d");
    let ends = [5.0, 5.0, 5.0, 7.0];
    let full = [10.0, 10.0, 10.0, 15.0];
    let nodes: Vec<_> = (0..4)
        .map(|i| {
            let node = build.storage(&format!("r{}", i + 1), 5.0 * DAY, full[i] * DAY);
            build.end(node, ends[i] * DAY, true);
            node
        })
        .collect();
    let sea = build.sink("sea");
    build.inflow("y1", nodes[0], 2.0);
    build.inflow("y2", nodes[1], 3.0);
    for (i, (to, capacity)) in [(nodes[3], 3.0), (nodes[2], 4.0), (nodes[3], 4.0), (sea, 7.0)].into_iter().enumerate() {
        let arc = build.arc(&format!("u{}", i + 1), nodes[i], to, Role::Turbine, capacity);
        let price: Vec<f64> = BENEFIT.iter().map(|row| row[i] + if i == 3 { row[4] } else { 0.0 }).collect();
        let price = build.param(&price);
        build.arc_mut(arc).energy = Some(Energy { gwh_per_hm3: 1.0 / DAY, price: Some(price) });
    }
    build.stage("benefit", "revenue");
    let [value] = values(&build)[..] else { panic!("one stage") };
    assert!((value - 401.3).abs() < 1e-9 * 401.3, "{value}");
}

/// Loucks & van Beek, Water Resource Systems Planning and Management, on storage and yield (sequent peak of Thomas & Burden
/// 1963): inflows 1 3 3 5 8 6 7 2 1, cyclic. Capacity 7.5 yields 3.5, capacity 10 yields 4. Started full after period 6, two cycles.
#[test]
fn storage_and_yield() {
    let inflow = [1.0, 3.0, 3.0, 5.0, 8.0, 6.0, 7.0, 2.0, 1.0];
    let two_cycles: Vec<f64> = (0..18).map(|t| inflow[(6 + t) % 9]).collect();
    for (capacity, expected) in [(0.0, 1.0), (1.0, 1.5), (2.0, 2.0), (5.0, 3.0), (7.5, 3.5), (10.0, 4.0)] {
        let mut build = Build::new("18 x 1 d");
        let lake = build.storage("lake", capacity * DAY, capacity * DAY);
        let sea = build.sink("sea");
        build.inflow("river", lake, &two_cycles);
        build.arc("lake.spill", lake, sea, Role::Spillway, FAR);
        build.demand("town", lake, 10.0);
        let yield_ = build.stage("yield", "balance");
        (yield_.uses, yield_.period) = (vec!["domestic".to_owned()], Period::Step);
        close(values(&build)[0] * 10.0, expected);
    }
}

/// Loucks & van Beek ch. 4: three firms with net benefits 6x − x², 7x − 1.5x², 8x − 0.5x². Water 6: 34.5 in total, x = 1, 1, 4;
/// piecewise linear in 400 segments 34.5 and, for water 10, 46.1362.
#[test]
fn three_firms_share_water() {
    let segments = 400;
    for (water, expected) in [(6.0, 34.5), (10.0, 46.1362)] {
        let mut build = Build::new("1 x 1 d");
        let source = build.available("river", water);
        let mut total_width = 0.0;
        for (firm, (a, b)) in [(6.0, 1.0), (7.0, 1.5), (8.0, 0.5)].into_iter().enumerate() {
            // Segments of 0 … 10 each: chords of the benefit, their slopes falling (below 0 they stay empty).
            let width = 10.0 / f64::from(segments);
            let portions = (0..segments)
                .map(|k| {
                    let (x0, x1) = (f64::from(k) * width, f64::from(k + 1) * width);
                    let slope = ((a * x1 - b * x1 * x1) - (a * x0 - b * x0 * x0)) / width;
                    let mut tier = portion("firm", Use::Industrial, 1.0 / f64::from(segments));
                    (tier.tier, tier.benefit) = (k as usize + 1, Some(Param::constant(slope / DAY)));
                    tier
                })
                .collect();
            let demand = build.demand_node(&format!("firm{firm}"), 10.0, portions);
            build.arc(&format!("firm{firm}.intake"), source, demand, Role::Intake, FAR);
            total_width += 10.0;
        }
        assert!(total_width > water);
        build.stage("benefit", "benefit");
        let value = values(&build)[0];
        assert!((value - expected).abs() < 1e-4, "{value} instead of {expected}");
    }
}

/// Chow, Maidment & Mays 1988, Applied Hydrology, example 8.4.1: K = 2.3 h, x = 0.15, hourly, outflow before 85; ordinates ± 1.
#[test]
fn muskingum_of_chow() {
    const INFLOW: [f64; 20] = [
        93.0, 137.0, 208.0, 320.0, 442.0, 546.0, 630.0, 678.0, 691.0, 675.0, 634.0, 571.0, 477.0, 390.0, 329.0, 247.0,
        184.0, 134.0, 108.0, 90.0,
    ];
    const OUTFLOW: [f64; 20] = [
        85.0, 91.0, 114.0, 160.0, 233.0, 324.0, 420.0, 509.0, 578.0, 623.0, 642.0, 635.0, 603.0, 546.0, 479.0, 413.0, 341.0,
        274.0, 215.0, 170.0,
    ];
    let mut build = Build::new("20 x 1 h");
    let routing = Routing { lag_h: 0.0, muskingum: Some((2.3, 0.15)) };
    let kernel = Kernel::route(&routing, &build.case.horizon, Some(&[85.0; 200])).unwrap();
    let (above, below, sea) = (build.junction("above"), build.junction("below"), build.sink("sea"));
    build.inflow("river", above, &INFLOW[..]);
    let reach = build.arc("reach", above, below, Role::Reach, FAR);
    build.arc_mut(reach).receivers[0].kernel = kernel;
    let out = build.arc("out", below, sea, Role::Reach, FAR);
    build.stage("variation", "total_variation");
    let decisions = crate::check::solved(&build, &weir_solver::solve::SolveOptions::default()).plan.decisions;
    for (t, expected) in OUTFLOW.iter().enumerate() {
        let flow = decisions.flow_m3s[[out.0, t]];
        assert!((flow - expected).abs() <= 1.0, "hour {t}: {flow} instead of {expected}");
    }
}

/// Made for weir: 10 u0 + 20 u1 ≤ 12, 10 u0 + 20 u1 + 15 u2 + 5 u3 ≤ 30, 15 u2 ≤ 9, 0 ≤ u ≤ 1. The first round of its leximin: 0.4.
#[test]
fn first_round_of_leximin() {
    let mut build = Build::new("1 x 1 d");
    let source = build.available("river", 30.0);
    let (pair, third) = (build.junction("pair"), build.junction("third"));
    build.arc("to_pair", source, pair, Role::Reach, 12.0);
    build.arc("to_third", source, third, Role::Reach, 9.0);
    for (number, from, size) in [(0, pair, 10.0), (1, pair, 20.0), (2, third, 15.0), (3, source, 5.0)] {
        let demand = build.demand(&format!("u{number}"), from, size);
        build.region(demand);
    }
    let balance = build.stage("balance", "balance");
    balance.uses = vec!["domestic".to_owned()];
    close(values(&build)[0], 0.4);
}
