//! Lowering by hand: each test states a small basin and what must come of it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use approx::assert_relative_eq;
use jiff::civil::date;
use proptest::prelude::*;
use weir_model::basin::{Basin, Over};
use weir_model::case::Case;
use weir_model::forcing::Param;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::network::{Arc, Bound, Demand, NodeKind, Of, RequirementKind, RuleClass, Storage, Take, Use};
use weir_model::units::Unit;

/// A lake, a river and a town; `extra` follows, `lake` and `town` stand in their tables.
fn text(horizon: &str, lake: &str, town: &str, extra: &str) -> String {
    format!(
        r#"
[basin]
id = "small"

[horizon]
{horizon}

[[reservoir]]
id = "lake"
curve = [{{ level_m = 100, storage_hm3 = 0, area_km2 = 1 }}, {{ level_m = 110, storage_hm3 = 20, area_km2 = 3 }}, {{ level_m = 120, storage_hm3 = 60, area_km2 = 5 }}]
{lake}
  [[reservoir.outlet]]
  id = "gate"
  to = "river"

[[inflow]]
id = "brook"
into = "lake"
flow_m3s = 5

[[junction]]
id = "river"

[[reach]]
id = "down"
from = "river"
to = "sea"

[[sink]]
id = "sea"

[[waterworks]]
id = "town"
from = "river"
{town}

[[objective]]
id = "supply"
kind = "shortage"

[method]
stages = ["supply"]

{extra}
"#
    )
}

const DAYS: &str = "steps = [\"10 x 1 d\"]\nstart = \"2026-06-01\"";
const LAKE: &str = "initial_storage_hm3 = 20";
const TOWN: &str = "demand_m3s = 2\nshares = { residents = 0.4, industry = 0.6 }";

fn lowered(text: &str) -> (Case, Goals) {
    let load = |path: &str| Err(format!("no {path}"));
    let basin = Basin::parse(text.as_bytes(), &load).unwrap_or_else(|refusals| panic!("{refusals}"));
    lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"))
}

fn case(horizon: &str, lake: &str, town: &str, extra: &str) -> Case {
    lowered(&text(horizon, lake, town, extra)).0
}

fn each<U: Unit>(case: &Case, param: &Param<U>) -> Vec<f64> {
    (0..case.horizon.steps()).map(|step| case.at(param, step, 0)).collect()
}

fn storage<'c>(case: &'c Case, id: &str) -> &'c Storage {
    match &case.network.nodes[case.network.node(id).unwrap().0].kind {
        NodeKind::Storage(storage) => storage,
        other => panic!("{id} is {other:?}"),
    }
}

fn demand<'c>(case: &'c Case, id: &str) -> &'c Demand {
    match &case.network.nodes[case.network.node(id).unwrap().0].kind {
        NodeKind::Demand(demand) => demand,
        other => panic!("{id} is {other:?}"),
    }
}

fn arc<'c>(case: &'c Case, id: &str) -> &'c Arc {
    &case.network.arcs[case.network.arc(id).unwrap_or_else(|| panic!("no {id}")).0]
}

#[test]
fn nodes_and_arcs_are_called_by_their_elements_in_the_order_of_ids() {
    let case = case(DAYS, LAKE, TOWN, "");
    let nodes: Vec<&str> = case.network.nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(nodes, ["brook", "lake", "river", "sea", "town"]);
    let arcs: Vec<&str> = case.network.arcs.iter().map(|arc| arc.id.as_str()).collect();
    assert_eq!(arcs, ["brook.inflow", "down", "lake.gate", "town.intake"]);
    assert_eq!(case.network.graph.edge_count(), 4);
    // Entries stand where they were written: the reservoir on line 9 of the text.
    assert_eq!(case.network.nodes[1].place.to_string(), "basin.toml:9");
}

#[test]
fn a_floor_inside_a_tier_cuts_it_in_two() {
    // Residents have 0.4 of the demand in tiers up to 0.5 and 1; the floor 0.7 cuts the second at 0.7. Owed is 0.85 of it:
    // of the last part, 0.7 to 1, half.
    let town = "demand_m3s = 2\nshares = { residents = 0.4, industry = 0.6 }\nfloor = { residents = 0.7 }\ntiers = { residents = [0.5, 1.0] }\ntarget = { residents = 0.85 }\nweights = { residents = [3, 2] }";
    let case = case(DAYS, LAKE, town, "");
    let portions = &demand(&case, "town").portions;
    let told: Vec<(&str, usize, bool)> = portions.iter().map(|part| (part.class.as_str(), part.tier, part.floor)).collect();
    assert_eq!(told, [("residents", 1, true), ("residents", 2, true), ("residents", 3, false), ("industry", 1, false)]);
    for (part, (share, target, weight)) in
        portions.iter().zip([(0.2, 1.0, 3.0), (0.08, 1.0, 2.0), (0.12, 0.5, 2.0), (0.6, 1.0, 1.0)])
    {
        assert_relative_eq!(part.share.as_constant().unwrap(), share, epsilon = 1e-12);
        assert_relative_eq!(part.target, target, epsilon = 1e-12);
        assert_eq!(part.weight.as_constant(), Some(weight));
    }
    assert_eq!((portions[0].use_, portions[3].use_), (Use::Domestic, Use::Industrial));
}

#[test]
fn shares_that_vary_sum_to_one_in_every_step() {
    let town = "demand_m3s = 2\nshares = { residents = { seasons = [{ from = \"06-01\", to = \"06-05\", value = 0.25 }], otherwise = 0.5 }, industry = { seasons = [{ from = \"06-01\", to = \"06-05\", value = 0.75 }], otherwise = 0.5 } }\nfloor = { residents = 0.5 }";
    let case = case(DAYS, LAKE, town, "");
    let portions = &demand(&case, "town").portions;
    assert_eq!(each(&case, &portions[0].share), [0.125, 0.125, 0.125, 0.125, 0.125, 0.25, 0.25, 0.25, 0.25, 0.25]);
    for step in 0..10 {
        let sum: f64 = portions.iter().map(|part| case.at(&part.share, step, 0)).sum();
        assert_relative_eq!(sum, 1.0, epsilon = 1e-12);
    }
}

#[test]
fn an_outlets_rating_is_read_over_the_curve_and_bounds_its_flow() {
    // 110 m is 20 hm³ and 115 m 40; a point at 130 m lies above the curve, whose top of 120 m has 80 m³/s.
    let rating = "id = \"gate\"\n  discharge = [{ level_m = 110, capacity_m3s = 0 }, { level_m = 115, capacity_m3s = 60 }, { level_m = 130, capacity_m3s = 120 }]\n  closed = [{ from = \"06-02\", to = \"06-02\" }]";
    let case = lowered(&text(DAYS, LAKE, TOWN, "").replace("id = \"gate\"", rating)).0;
    let gate = arc(&case, "lake.gate");
    let rating = gate.discharge.as_ref().unwrap();
    assert_eq!(rating.points, [(0.0, 0.0), (20.0, 0.0), (40.0, 60.0), (60.0, 80.0)]);
    assert_eq!(each(&case, &rating.open)[..3], [1.0, 0.0, 1.0]);
    // No capacity of its own: the table's greatest, where open.
    assert_eq!(each(&case, &gate.capacity)[..3], [120.0, 0.0, 120.0]);
}

#[test]
fn a_dated_limit_holds_at_both_ends_of_its_interval() {
    // The steps of 13 to 17 April end at 00:00 of 14 to 18 April. The limit 110 m (20 hm³) holds from 15 April 00:00 to 16
    // April 24:00; outside it the normal level 115 m (40 hm³) stands.
    let horizon = "steps = [\"5 x 1 d\"]\nstart = \"2026-04-13\"";
    let lake = "initial_storage_hm3 = 20\nlevels_m = { normal = 115 }\nflood_limit = [{ from = \"04-15\", to = \"04-16\", level_m = 110 }]";
    let case = case(horizon, lake, TOWN, "");
    let limit = storage(&case, "lake").flood_limit.unwrap();
    assert_eq!(each(&case, &limit), [40.0, 20.0, 20.0, 20.0, 40.0]);
}

#[test]
fn without_limit_and_normal_level_the_top_of_the_curve_bounds() {
    let case = case(DAYS, LAKE, TOWN, "");
    let lake = storage(&case, "lake");
    assert!(lake.flood_limit.is_none());
    assert_eq!((lake.lower.as_constant(), lake.upper.as_constant()), (Some(0.0), Some(60.0)));
}

#[test]
fn a_month_of_evaporation_is_spread_over_its_days() {
    // June has 30 days: 60 mm a month are 2 mm a day. The 旬 of 21 to 31 July has 11: 33 mm are 3 mm a day.
    let june =
        "initial_storage_hm3 = 20\nevaporation_mm = { profile = \"month\", values = [1, 1, 1, 1, 1, 60, 1, 1, 1, 1, 1, 1] }";
    let case_june = case(DAYS, june, TOWN, "");
    assert_eq!(each(&case_june, &storage(&case_june, "lake").evaporation.unwrap()), [2.0; 10]);
    let mut values = ["0"; 36];
    values[20] = "33";
    let july =
        format!("initial_storage_hm3 = 20\nevaporation_mm = {{ profile = \"旬\", values = [{}] }}", values.join(", "));
    let case_july = case("steps = [\"1 x 旬\"]\nstart = \"2026-07-21\"", &july, TOWN, "");
    assert_eq!(each(&case_july, &storage(&case_july, "lake").evaporation.unwrap()), [3.0]);
}

#[test]
fn volumes_may_stand_in_three_units() {
    for key in ["initial_storage_hm3 = 12.5", "initial_storage_wan_m3 = 1250", "initial_storage_yi_m3 = 0.125"] {
        assert_relative_eq!(storage(&case(DAYS, key, TOWN, ""), "lake").initial_hm3, 12.5, epsilon = 1e-12);
    }
    // 105 m is half way to 110 m, which is 20 hm³.
    assert_relative_eq!(storage(&case(DAYS, "initial_level_m = 105", TOWN, ""), "lake").initial_hm3, 10.0, epsilon = 1e-12);
}

#[test]
fn the_last_dated_start_counts_and_its_age_is_told() {
    let lake = "starts = [{ date = \"2026-05-29\", storage_hm3 = 7 }, { date = \"2026-01-01\", storage_hm3 = 5 }, { date = \"2026-06-02\", storage_hm3 = 9 }]";
    let basin = Basin::parse(text(DAYS, lake, TOWN, "").as_bytes(), &|_| Err(String::new())).unwrap();
    let (early, _) = lower(&basin, None).unwrap();
    assert_eq!(storage(&early, "lake").initial_hm3, 7.0);
    assert!(early.basin.degraded[0].contains("3 days"), "{:?}", early.basin.degraded);
    let (late, _) = lower(&basin, Some(date(2026, 6, 2))).unwrap();
    assert_eq!(storage(&late, "lake").initial_hm3, 9.0);
    assert!(late.basin.degraded.is_empty());
}

#[test]
fn an_end_by_season_is_that_of_the_last_day() {
    let lake = "initial_storage_hm3 = 20\nend = { level_m = { seasons = [{ from = \"06-01\", to = \"06-10\", value = 105 }], otherwise = 115 }, hard = true }";
    let end = storage(&case(DAYS, lake, TOWN, ""), "lake").end.unwrap();
    assert_relative_eq!(end.storage_hm3, 10.0, epsilon = 1e-12);
    assert!(end.hard);
}

#[test]
fn a_way_without_capacity_is_bounded_by_all_the_water_upstream() {
    // 20 hm³ in store and 5 m³/s over 10 days, 4.32 hm³: 24.32 hm³ in a day of 0.0864 hm³ a m³/s.
    let case = case(DAYS, LAKE, TOWN, "");
    for way in ["lake.gate", "down"] {
        assert_relative_eq!(arc(&case, way).capacity.as_constant().unwrap(), 24.32 / 0.0864, epsilon = 1e-9);
    }
    assert!(case.basin.notes.iter().any(|note| note.contains("lake.gate")), "{:?}", case.basin.notes);
    // An intake is bounded by its greatest demand.
    assert_eq!(arc(&case, "town.intake").capacity.as_constant(), Some(2.0));
}

#[test]
fn a_floor_that_must_run_dry_is_no_refusal() {
    // A floor of 400 m³/s, more than all the water upstream in a day: the derived bound lets stage 0 name it.
    let file = text(DAYS, LAKE, TOWN, "")
        .replace("from = \"river\"\nto = \"sea\"", "from = \"river\"\nto = \"sea\"\nfloor_m3s = 400");
    let (case, _) = lowered(&file);
    assert_eq!(arc(&case, "down").capacity.as_constant(), Some(400.0));
}

#[test]
fn a_level_s_name_nearly_a_known_one_is_refused() {
    let file = text(DAYS, "initial_storage_hm3 = 20\nlevels_m = { dedd = 102 }", TOWN, "");
    let refusals = Basin::parse(file.as_bytes(), &|_| Err(String::new())).unwrap_err().to_string();
    assert!(refusals.contains("did you mean `dead`"), "{refusals}");
    let own = case(DAYS, "initial_storage_hm3 = 20\nlevels_m = { \"灌溉限制水位\" = 102 }", TOWN, "");
    assert_eq!(storage(&own, "lake").levels[0].0, "灌溉限制水位");
}

#[test]
fn an_intake_with_losses_may_carry_what_its_demand_needs() {
    let case = case(DAYS, LAKE, &format!("{TOWN}\nloss = 0.2"), "");
    let intake = arc(&case, "town.intake");
    assert_eq!(intake.capacity.as_constant(), Some(2.5));
    assert_relative_eq!(intake.receivers[0].fraction, 0.8, epsilon = 1e-12);
}

#[test]
fn return_flow_is_the_demand_s_and_comes_where_it_says() {
    let town = format!("{TOWN}\nreturn_flow = {{ to = \"sea\", fraction = 0.6, lag_h = 24, past_flow_m3s = 1 }}");
    let case = case(DAYS, LAKE, &town, "");
    let returns = &demand(&case, "town").returns;
    assert_eq!((returns.len(), returns[0].fraction), (1, 0.6));
    assert_eq!(case.network.nodes[returns[0].node.0].id, "sea");
    assert_eq!(arc(&case, "town.intake").receivers.len(), 1);
}

#[test]
fn maintenance_takes_its_share_of_a_step() {
    // 2 of 10 days closed: 0.8 of 30 m³/s.
    let extra = "[[canal]]\nid = \"ditch\"\nfrom = \"river\"\nto = \"sea\"\ncapacity_m3s = 30\nfloor_m3s = 26\nclosed = [{ from = \"06-09\", to = \"06-12\" }]";
    let case = case("steps = [\"2 x 旬\", \"1 x 旬\"]\nstart = \"2026-06-01\"", LAKE, TOWN, extra);
    let ditch = arc(&case, "ditch");
    for (value, wanted) in each(&case, &ditch.capacity).into_iter().zip([24.0, 24.0, 30.0]) {
        assert_relative_eq!(value, wanted, epsilon = 1e-9);
    }
    // So does its floor, 0.8 of 26 m³/s, and a note says so.
    for (value, wanted) in each(&case, &ditch.floor).into_iter().zip([20.8, 20.8, 26.0]) {
        assert_relative_eq!(value, wanted, epsilon = 1e-9);
    }
    assert!(case.basin.notes.iter().any(|note| note.contains("floor of `ditch`")));
}

#[test]
fn standby_ways_are_closed_unless_the_mode_opens_them() {
    let extra = "[[source]]\nid = \"spring\"\navailable_m3s = 2\n\n[[diversion]]\nid = \"pipe\"\nfrom = \"spring\"\nto = \"town\"\ncapacity_m3s = 3\nopens_in = [\"抗旱应急\"]\nprice_per_m3 = 0.35";
    let usual = case(DAYS, LAKE, TOWN, extra);
    assert_eq!(arc(&usual, "pipe").capacity.as_constant(), Some(0.0));
    assert!(arc(&usual, "pipe").standby);
    let drought = text(DAYS, LAKE, TOWN, extra).replace("id = \"small\"", "id = \"small\"\nmode = \"抗旱应急\"");
    let (drought, _) = lowered(&drought);
    assert_eq!(arc(&drought, "pipe").capacity.as_constant(), Some(3.0));
    match &drought.network.nodes[drought.network.node("spring").unwrap().0].kind {
        NodeKind::Source(source) => assert_eq!((source.take, source.flow.as_constant()), (Take::Available, Some(2.0))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_head_makes_energy_and_a_lift_needs_it() {
    // 9.80665 kN a m³ over 60 m with 0.88: 9.80665 × 60 × 0.88 ÷ 3600 kWh a m³; lifted by 36 m with 0.75.
    let extra = "[[pump]]\nid = \"lift\"\nfrom = \"river\"\nto = \"lake\"\ncapacity_m3s = 1\nlift_m = 36\nefficiency = 0.75";
    let mut file = text(DAYS, LAKE, TOWN, extra);
    file = file.replace(
        "to = \"river\"\n",
        "to = \"river\"\n  kind = \"turbine\"\n  capacity_m3s = 30\n  head_m = 60\n  efficiency = 0.88\n",
    );
    let (case, _) = lowered(&file);
    assert_relative_eq!(arc(&case, "lake.gate").energy.unwrap().gwh_per_hm3, 0.143_830_866_666_667, epsilon = 1e-12);
    assert_relative_eq!(arc(&case, "lift").energy.unwrap().gwh_per_hm3, -0.130_755_333_333_333, epsilon = 1e-12);
}

#[test]
fn local_inflow_into_a_reach_arrives_at_its_lower_end() {
    let extra = "[[inflow]]\nid = \"local\"\ninto = \"down\"\nflow_m3s = 1";
    let case = case(DAYS, LAKE, TOWN, extra);
    assert_eq!(case.network.nodes[arc(&case, "local.inflow").receivers[0].node.0].id, "sea");
}

#[test]
fn a_floor_follows_the_natural_inflow_through_the_river() {
    // 5 m³/s enter the lake; below a reach of 24 h that carried 3 m³/s before the start, 3 then 5 arrive naturally.
    let extra = "[[control_section]]\nid = \"mouth\"\nkind = \"section\"\non = \"low.outflow\"\nfloor_m3s = 4.5\ntarget_m3s = 6\nfloor_rule = \"min_of_natural_inflow\"\n\n[[junction]]\nid = \"low\"\n\n[[reach]]\nid = \"last\"\nfrom = \"low\"\nto = \"sea\"";
    let file = text(DAYS, LAKE, TOWN, extra)
        .replace("from = \"river\"\nto = \"sea\"", "from = \"river\"\nto = \"low\"\nlag_h = 24\npast_flow_m3s = 3");
    let (case, _) = lowered(&file);
    let mouth = &case.network.requirements[0];
    let floor: Vec<f64> = (0..10).map(|step| case.bound(&mouth.floor.unwrap(), step, 0)).collect();
    for (step, floor) in floor.into_iter().enumerate() {
        assert_relative_eq!(floor, if step == 0 { 3.0 } else { 4.5 }, epsilon = 1e-9);
    }
    assert_eq!((mouth.kind, mouth.class), (RequirementKind::ControlSection, RuleClass::BaseFlow));
    assert_eq!(arc(&case, "down").previous_flow, Some(3.0));
}

#[test]
fn an_order_binds_the_steps_that_it_covers() {
    // The 旬 of 1 to 10 June is covered for 2 days: a fifth of the least flow is owed, the greatest flow does not bind.
    let extra = "[[command]]\nid = \"order\"\nissuer = \"防指\"\nnumber = \"1号\"\nfrom = \"2026-06-09\"\nto = \"2026-06-20\"\non = \"lake.outflow\"\nflow_m3s = 60";
    let case = case("steps = [\"3 x 旬\"]\nstart = \"2026-06-01\"", LAKE, TOWN, extra);
    let order = &case.network.requirements[0];
    let told = |bound| (0..3).map(|step| case.bound(&bound, step, 0)).collect::<Vec<f64>>();
    assert_eq!(told(order.floor.unwrap()), [12.0, 60.0, f64::NEG_INFINITY]);
    assert_eq!(told(order.ceiling.unwrap()), [f64::INFINITY, 60.0, f64::INFINITY]);
    assert_eq!((order.class, order.name.as_str()), (RuleClass::Command, "防指 1号"));
}

#[test]
fn an_order_on_a_level_is_one_on_the_storage_at_the_ends_of_steps() {
    let extra = "[[command]]\nid = \"order\"\nissuer = \"防指\"\nnumber = \"1号\"\nfrom = \"2026-06-02\"\nto = \"2026-06-03\"\non = \"lake.level\"\nmaximum_level_m = 105";
    let case = case("steps = [\"4 x 1 d\"]\nstart = \"2026-06-01\"", LAKE, TOWN, extra);
    let ceiling = case.network.requirements[0].ceiling.unwrap();
    let told: Vec<f64> = (0..4).map(|step| case.bound(&ceiling, step, 0)).collect();
    assert_eq!(told, [f64::INFINITY, 10.0, 10.0, f64::INFINITY]);
}

#[test]
fn a_change_of_level_is_bounded_at_the_curve_s_smallest_slope() {
    // 2 hm³ a m below 110 m, 4 above: half a metre a day is 1 hm³ a day.
    let extra = "[[operation]]\nid = \"slowly\"\non = \"lake.level\"\nfall_level_m_per_day = 0.5\nceiling_level_m = 115";
    let case = case(DAYS, LAKE, TOWN, extra);
    let rule = &case.network.requirements[0];
    assert_relative_eq!(case.bound(&rule.fall_per_day.unwrap(), 0, 0), 1.0, epsilon = 1e-12);
    assert_relative_eq!(case.bound(&rule.ceiling.unwrap(), 0, 0), 40.0, epsilon = 1e-12);
    assert!(rule.floor.is_none() && rule.rise_per_day.is_none());
}

/// An account of a year on the intake, with further keys.
fn account(keys: &str) -> String {
    format!("[[account]]\nid = \"permit\"\nover = [\"town.intake\"]\nwindow = \"year\"\nlimit_wan_m3 = 12000\n{keys}")
}

#[test]
fn what_is_left_of_a_year_is_split_by_days() {
    // Used up to the eve of 1 June: 120 − 55 hm³ for 214 days, of which the horizon has 10.
    let extra = account("used_before_wan_m3 = { value = 5500, to = \"2026-05-31\" }");
    let case = case(DAYS, LAKE, TOWN, &extra);
    let window = &case.network.accounts[0].windows[0];
    assert_eq!((window.label.as_str(), window.steps.clone()), ("2026", 0..10));
    assert_relative_eq!(window.used_before_hm3, 55.0, epsilon = 1e-12);
    assert_relative_eq!(window.available_hm3, 65.0 * 10.0 / 214.0, epsilon = 1e-12);
    assert!(!case.network.accounts[0].hard && case.network.accounts[0].at_most);
}

#[test]
fn what_is_left_of_a_year_is_split_by_its_plan() {
    // 10 of June's 30 days: 4 of the 12 hm³ planned for June; 12 + 6 × 10 are planned for the rest of the year.
    let plan =
        "plan_hm3 = [1, 1, 1, 1, 1, 12, 10, 10, 10, 10, 10, 10]\nused_before_hm3 = { value = 48, to = \"2026-05-31\" }";
    let case = case(DAYS, LAKE, TOWN, &account(plan));
    assert_relative_eq!(case.network.accounts[0].windows[0].available_hm3, 72.0 * 4.0 / 72.0, epsilon = 1e-12);
}

#[test]
fn a_gap_in_what_was_used_is_filled_at_the_planned_rate_and_degrades() {
    // Known up to 21 May: 65 hm³ for 224 days from 22 May, of which 10 are a gap before 1 June.
    let extra = account("used_before_hm3 = [{ value = 10, to = \"2026-02-28\" }, { value = 55, to = \"2026-05-21\" }]");
    let case = case(DAYS, LAKE, TOWN, &extra);
    let window = &case.network.accounts[0].windows[0];
    let gap = 65.0 * 10.0 / 224.0;
    assert_relative_eq!(window.used_before_hm3, 55.0 + gap, epsilon = 1e-12);
    assert_relative_eq!(window.available_hm3, (65.0 - gap) * 10.0 / 214.0, epsilon = 1e-12);
    assert!(case.basin.degraded[0].contains("permit"), "{:?}", case.basin.degraded);
}

#[test]
fn windows_nest_and_begin_anew() {
    // Three months by month: May's window began before 21 May, June lies within, of July the horizon has 10 of 31 days.
    let extra = "[[account]]\nid = \"monthly\"\nover = [\"town.intake\"]\nwindow = \"month\"\nlimit_hm3 = { profile = \"month\", values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }\nused_before_hm3 = { value = 2, to = \"2026-05-20\" }\ndocument = \"许可〔2026〕3号\"";
    let case = case("steps = [\"5 x 旬\"]\nstart = \"2026-05-21\"", LAKE, TOWN, extra);
    let account = &case.network.accounts[0];
    assert!(account.hard);
    let told: Vec<(String, std::ops::Range<usize>, f64)> =
        account.windows.iter().map(|window| (window.label.clone(), window.steps.clone(), window.available_hm3)).collect();
    assert_eq!(told[0], ("2026-05".to_owned(), 0..1, 3.0));
    assert_eq!(told[1], ("2026-06".to_owned(), 1..4, 6.0));
    assert_eq!((told[2].0.as_str(), told[2].1.clone()), ("2026-07", 4..5));
    assert_relative_eq!(told[2].2, 70.0 / 31.0, epsilon = 1e-12);
}

#[test]
fn a_water_year_passes_the_new_year() {
    // From July to June: on 1 June 30 days are left of it.
    let extra = "[[account]]\nid = \"year\"\nover = [\"town.intake\"]\nwindow = { from = \"07-01\", to = \"06-30\" }\nlimit_hm3 = 40\nused_before_hm3 = { value = 10, to = \"2026-05-31\" }";
    let case = case(DAYS, LAKE, TOWN, extra);
    let window = &case.network.accounts[0].windows[0];
    assert_eq!(window.label, "2025-07-01/2026-06-30");
    assert_relative_eq!(window.available_hm3, 10.0, epsilon = 1e-12);
}

#[test]
fn goals_keep_the_order_of_stages_and_rules() {
    let extra =
        "[[objective]]\nid = \"a_second\"\nkind = \"total_variation\"\n\n[rules]\norder = [\"base_flow\", \"command\"]";
    let file = text(DAYS, LAKE, TOWN, extra).replace("stages = [\"supply\"]", "stages = [\"supply\", \"a_second\"]");
    let (_, goals) = lowered(&file);
    let stages: Vec<&str> = goals.stages.iter().map(|stage| goals.objectives[*stage].id.as_str()).collect();
    assert_eq!(stages, ["supply", "a_second"]);
    assert_eq!(goals.rule_order[..3], [RuleClass::BaseFlow, RuleClass::Command, RuleClass::SafeDischarge]);
    assert_eq!(goals.rule_order.len(), RuleClass::DEFAULT_ORDER.len());
}

#[test]
fn what_is_assumed_is_listed_with_what_it_says() {
    let lake = "initial_storage_hm3 = { value = 20, assumed = true, note = \"示意\" }\nseepage_per_day = 0.001\nassumed = [\"seepage_per_day\"]\nsource = \"水库管理所\"";
    let case = case(DAYS, lake, TOWN, "");
    let wanted = [("lake.initial_storage_hm3", "20 (示意)"), ("lake.seepage_per_day", "0.001 (source: 水库管理所)")];
    let wanted: Vec<(String, String)> =
        wanted.iter().map(|(address, text)| ((*address).to_owned(), (*text).to_owned())).collect();
    assert_eq!(case.basin.assumed, wanted);
}

#[test]
fn kinds_files_and_pages_have_the_same_words() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words: Vec<&str> = weir_model::elements::KINDS.iter().map(|kind| kind.word).collect();
    assert!(words.is_sorted(), "{words:?}");
    let mut files: Vec<String> = fs::read_dir(manifest.join("src/elements"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().unwrap().strip_suffix(".rs").map(str::to_owned))
        .filter(|file| file != "mod")
        .collect();
    files.sort();
    assert_eq!(words, files);
    let page = fs::read_to_string(manifest.join("../docs/basin-file.md")).unwrap();
    let headings: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("## ")).flat_map(|line| line.split(", ")).collect();
    for word in words {
        assert!(headings.contains(&word), "docs/basin-file.md has no heading for {word}");
    }
}

#[test]
fn the_whole_file_of_the_page_is_sound() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/basin-file.md")).unwrap();
    let whole = page.split("## A whole file").nth(1).unwrap();
    let file = whole.split("```toml").nth(1).unwrap().split("```").next().unwrap();
    let (case, goals) = lowered(file);
    assert_eq!((case.horizon.steps(), goals.stages.len()), (10, 1));
}

/// A case without the lines at which things were written.
fn without_lines(case: &Case, goals: &Goals) -> String {
    let told = format!("{:?} {:?} {:?} {:?} {goals:?}", case.network, case.forcing, case.basin.assumed, case.basin.notes);
    told.split("line: ").map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_the_file_does_not_matter(blocks in Just(every_kind()).prop_shuffle()) {
        let load = |path: &str| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/refusals");
            fs::read(folder.join(path)).map_err(|error| error.to_string())
        };
        let told = |blocks: &[String]| {
            let basin = Basin::parse(blocks.join("\n\n").as_bytes(), &load).unwrap_or_else(|refusals| panic!("{refusals}"));
            let (case, goals) = lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"));
            without_lines(&case, &goals)
        };
        prop_assert_eq!(told(&blocks), told(&every_kind()));
    }
}

/// The tables of a basin with every kind of element, one a block.
fn every_kind() -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/every_kind.toml")).unwrap();
    text.split("\n\n").map(str::to_owned).collect()
}

/// The ceilings of the lake's flood events, and the case.
fn flood_ceilings(events: &str, brook: &str, extra: &str) -> (Vec<f64>, Case) {
    let lake = format!("{LAKE}\nflood_events = [{events}]");
    let case = lowered(&text(DAYS, &lake, TOWN, extra).replace("flow_m3s = 5", &format!("flow_m3s = {brook}"))).0;
    let rule = case.network.requirements.iter().find(|rule| rule.id == "lake.flood_event").unwrap();
    assert_eq!((rule.kind, rule.class), (RequirementKind::SafeDischarge, RuleClass::SafeDischarge));
    assert_eq!(rule.of, Of::Flow(vec![(case.network.arc("lake.gate").unwrap(), 1.0)]));
    let Some(Bound::Flow(ceiling)) = &rule.ceiling else { panic!("no ceiling of a flow") };
    (each(&case, ceiling), case)
}

#[test]
fn outflow_in_a_flood_event_stays_at_most_at_its_peak_inflow() {
    let brook = r#"{ seasons = [{ from = "06-03", to = "06-03", value = 300 }, { from = "06-04", to = "06-04", value = 900 }], otherwise = 5 }"#;
    let events = r#"
        { from = "2026-05-30", to = "2026-06-01" },
        { from = "2026-06-02", to = "2026-06-04T12:00" },
        { from = "2026-06-07", to = "2026-06-08", observed_peak_m3s = 40 },
        { from = "2026-06-10T06:00", to = "2026-06-10T18:00" },
        { from = "2026-07-01", to = "2026-07-02" },"#;
    let (ceilings, case) = flood_ceilings(events, brook, "");
    // The second event covers 2 and 3 June wholly, half of the 4th: its peak is that of the 3rd.
    let none = f64::INFINITY;
    let expected = [5.0, 300.0, 300.0, none, none, none, 40.0, 40.0, none, none];
    assert_relative_eq!(ceilings.as_slice(), expected.as_slice(), epsilon = 1e-12);
    let notes = case.basin.notes.join("\n");
    for told in
        ["2026-05-30T00:00:00 until 2026-06-02T00:00:00 began before", "covers no step wholly", "outside the horizon"]
    {
        assert_eq!(notes.matches(told).count(), 1, "{told} in {notes}");
    }
}

#[test]
fn the_peak_of_a_flood_event_counts_what_was_on_its_way_once() {
    let extra = r#"
[[junction]]
id = "upper"

[[inflow]]
id = "left"
into = "upper"
flow_m3s = 3

[[inflow]]
id = "right"
into = "upper"
flow_m3s = 4

[[reach]]
id = "valley"
from = "upper"
to = "lake"
lag_h = 24
past_flow_m3s = 10
"#;
    // The first day the 10 from before arrive beside the brook's 5, later 3 + 4 beside it.
    let day = |day: u8| format!("{{ from = \"2026-06-{day:02}\", to = \"2026-06-{day:02}\" }}");
    let (ceilings, _) = flood_ceilings(&format!("{}, {}", day(1), day(2)), "5", extra);
    assert_relative_eq!(ceilings[0], 15.0, max_relative = 1e-12);
    assert_relative_eq!(ceilings[1], 12.0, max_relative = 1e-12);
}

#[test]
fn further_elements_are_laid_over_a_basin() {
    use weir_model::basin::Further;

    let file = text(
        "steps = [\"2 x 1 d\"]\nstart = 2026-11-01",
        "levels_m = { dead = 100 }\ninitial_level_m = 110",
        "demand_m3s = 1\nshares = { residents = 1 }",
        "",
    );
    let order = |id: &str, on: &str| {
        Further {
        name: "order.toml".to_owned(),
        bytes: format!(
            "[[command]]\nid = \"{id}\"\nissuer = \"市防指\"\nnumber = \"12\"\nfrom = 2026-11-02\nto = 2026-11-02\non = \"{on}\"\nminimum_m3s = 60\n"
        )
        .into_bytes(),
    }
    };
    let load = |path: &str| Err(format!("no `{path}`"));
    let read = |further: &[Further]| {
        Basin::parse_over(file.as_bytes(), &Over { further, ..Over::default() }, &load).and_then(|basin| lower(&basin, None))
    };
    let (case, _) = read(&[order("order_12", "lake.outflow")]).unwrap();
    let rule = case.network.requirements.iter().find(|rule| rule.id == "order_12").unwrap();
    assert_eq!((rule.kind, case.bound(&rule.floor.unwrap(), 1, 0)), (RequirementKind::Command, 60.0));
    assert_eq!(case.basin.overlays.len(), 1);
    let said = |further: &[Further]| read(further).unwrap_err().to_string();
    assert!(said(&[order("lake", "lake.outflow")]).contains("order.toml:2: element `lake`: `id`: `lake` is used twice"));
    let unknown = said(&[order("order_12", "lakes.outflow")]);
    assert!(unknown.contains("order.toml:7") && unknown.contains("did you mean `lake.outflow`?"), "{unknown}");
}
