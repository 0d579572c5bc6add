//! What a little more or less of something changes, checked by solving again: on cases with known prices, and on generated basins.

use proptest::prelude::*;
use weir_model::audit::audit;
use weir_model::document::{PlanDocument, document};
use weir_model::explanation::{End, Side};
use weir_model::forcing::Param;
use weir_model::goals::{Lexicographic, Method};
use weir_model::moved::Fact;
use weir_model::network::{Bound, Of, RequirementKind, Role, RuleClass, Use};
use weir_solver::explain::{Margins, Unexplained, without_sides};
use weir_solver::solve::SolveOptions;

use crate::build::{Build, FAR, portion};
use crate::check::{close, solved};
use crate::generated::{STEPS, basins};

/// 1 hm³ a day as a flow.
const ONE: f64 = 1e6 / 86_400.0;

fn made(build: &Build) -> PlanDocument {
    let plan = solved(build, &SolveOptions::default()).plan;
    document(&build.case, &build.goals, &plan, &audit(&build.case, &build.goals, &plan))
}

fn margins(build: &Build, document: &PlanDocument) -> Margins {
    Margins::new(document, &build.case, &build.goals, &SolveOptions::default()).unwrap()
}

fn at<'a>(side: &'a Side, address: &str) -> Option<&'a End> {
    side.trace.ends.iter().find(|end| end.address == address)
}

/// Share of the water that is told of, losses included.
fn told(side: &Side) -> f64 {
    side.trace.ends.iter().map(|end| end.share - end.returned).sum()
}

/// A lake that a town empties in five days, 6 of 10 hm³: one more is one less lacking, on either side, and the town's.
#[test]
fn one_more_goes_to_whom_it_lacks() {
    let mut build = Build::new("5 x 1 d");
    let lake = build.storage("lake", 6.0, 100.0);
    build.demand("town", lake, 2.0 * ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "lake", 1).unwrap();
    for side in [&found.more, &found.less] {
        close(side.in_stage("domestic").unwrap(), -1.0);
        close(at(side, "town.residents").unwrap().share, 1.0);
    }
    assert_eq!(at(&found.more, "town.residents").unwrap().route.last().unwrap().address, "town.intake");
    // 4 hm³ lack: so much may come before it is worth nothing, and all of it is the town's.
    assert_eq!(found.more.way_hm3, Some(found.more.range_hm3));
    assert!(found.more.ends_there);
    assert!((found.more.range_hm3 - 4.0).abs() < 0.01, "{}", found.more.range_hm3);
}

/// A lake of 4 hm³ for two towns that want 2 and 6, each given half. Of more they have 1/4 and 3/4, until after 1 hm³ the first town's intake
/// passes no more than its 1.25; then all of it is the second's, and worth as much, until after 3.25 hm³ that has its 6.
#[test]
fn a_way_may_end_before_what_it_is_worth_does() {
    let mut build = Build::new("1 x 1 d");
    let lake = build.storage("lake", 4.0, 100.0);
    let near = build.demand_node("near", 2.0 * ONE, vec![portion("residents", Use::Domestic, 1.0)]);
    build.arc("near.intake", lake, near, Role::Intake, 1.25 * ONE);
    build.demand("far", lake, 6.0 * ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let more = margins(&build, &document).explain(&document, "lake", 0).unwrap().more;
    close(at(&more, "near.residents").unwrap().share, 0.25);
    close(at(&more, "far.residents").unwrap().share, 0.75);
    assert!((more.range_hm3 - 3.25).abs() < 0.01, "{}", more.range_hm3);
    let way = more.way_hm3.unwrap();
    assert!((way - 1.0).abs() < 0.02, "{way}");
}

/// Exactly what is wanted: the next hm³ is worth nothing and stays, the last one is worth itself. That is not unique.
#[test]
fn at_a_kink_both_sides_are_told() {
    let mut build = Build::new("5 x 1 d");
    let lake = build.storage("lake", 10.0, 100.0);
    build.demand("town", lake, 2.0 * ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "lake", 0).unwrap();
    close(found.more.in_stage("domestic").unwrap(), 0.0);
    close(found.less.in_stage("domestic").unwrap(), -1.0);
    assert!(found.more.first().is_none());
    close(at(&found.more, "lake").unwrap().share, 1.0);
    close(at(&found.less, "town.residents").unwrap().share, 1.0);
    let told = document.content.water_values.first().map_or(0.0, |row| row.values[0].unwrap());
    assert!((-1.0 - 1e-6..=1e-6).contains(&told), "{told}");
}

/// A canal that passes 1 of 3 hm³ a day: more water upstream is worth nothing, a wider canal a hm³ a hm³.
#[test]
fn what_binds_has_the_price() {
    let mut build = Build::new("4 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    let fork = build.junction("fork");
    build.arc("canal", lake, fork, Role::Diversion, ONE);
    build.demand("town", fork, 3.0 * ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let margins = margins(&build, &document);
    let lake = margins.explain(&document, "lake", 2).unwrap();
    assert!(lake.more.first().is_none());
    close(at(&lake.more, "lake").unwrap().share, 1.0);
    let canal = lake.binding.iter().find(|row| row.binding.address == "canal").unwrap();
    assert_eq!(canal.binding.limit, "capacity");
    close(canal.raised.as_ref().unwrap().in_stage("domestic").unwrap(), -1.0);
    close(canal.lowered.as_ref().unwrap().in_stage("domestic").unwrap(), -1.0);
    // Below the canal the water is worth itself.
    let fork = margins.explain(&document, "fork", 2).unwrap();
    close(fork.more.in_stage("domestic").unwrap(), -1.0);
    close(at(&fork.more, "town.residents").unwrap().share, 1.0);
    let shortage = document.content.shortage("town", 2).unwrap();
    close(shortage.short_hm3, 2.0);
    assert!(shortage.reason.unwrap().contains("capacity of `canal`"));
    assert_eq!(shortage.binding[0].address, "canal");
}

/// Two towns of one use: what holds the east, which lacks most, is a canal that the west has not; the west has emptied its pond.
#[test]
fn a_town_is_not_told_to_be_short_by_anothers_cause() {
    let mut build = Build::new("4 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    let fork = build.junction("fork");
    build.arc("canal", lake, fork, Role::Diversion, ONE);
    build.demand("east", fork, 5.0 * ONE);
    let pond = build.storage("pond", 2.0, 10.0);
    build.demand("west", pond, ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let mut document = made(&build);
    let whole = |document: &PlanDocument| {
        let mut rows = document.content.satisfaction.iter();
        rows.find(|row| row.period == "horizon").unwrap().reason.clone().unwrap()
    };
    assert!(whole(&document).contains("`canal`"));
    for address in ["west", "west.residents"] {
        let worst = (0..4).find_map(|step| document.content.shortage(address, step)).unwrap();
        let reason = worst.reason.unwrap();
        assert!(reason.contains("`pond`") && !reason.contains("canal"), "{reason}");
    }
    assert!(document.content.worst_shortages(None, 2).iter().all(|shortage| shortage.reason.is_some()));
    // A plan that does not hold it tells no reason rather than the other's.
    document.content.short.clear();
    let worst = (0..4).find_map(|step| document.content.shortage("west", step)).unwrap();
    assert_eq!((worst.reason, worst.period), (None, None));
}

/// A lake whose water a hard end keeps: that binds on every day, and is told with the basin only.
#[test]
fn an_end_storage_is_told_to_bind() {
    let mut build = Build::new("3 x 1 d");
    let lake = build.storage("lake", 6.0, 100.0);
    build.end(lake, 4.0, true);
    build.demand("town", lake, 2.0 * ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "lake", 0).unwrap();
    let end = found.binding.iter().find(|row| row.binding.limit == "end_storage").unwrap();
    close(end.binding.at, 4.0);
    assert!(document.content.binds("lake", 0).iter().all(|binding| binding.limit != "end_storage"));
}

/// A well gives 1 hm³ a day at 0.3 yuan/m³ and a far lake the rest at 0.6: a hm³ more in the town saves 0.6 million yuan, and is
/// left in the far lake.
#[test]
fn the_dearest_source_is_spared_first() {
    let mut build = Build::new("4 x 1 d");
    let (well, far) = (build.available("well", ONE), build.available("far", 9.0 * ONE));
    let town = build.demand_node("town", 3.0 * ONE, vec![portion("residents", Use::Domestic, 1.0)]);
    for (id, from, price) in [("cheap", well, 0.3), ("dear", far, 0.6)] {
        let link = build.arc(id, from, town, Role::Diversion, FAR);
        build.arc_mut(link).price = Some(Param::constant(price));
    }
    build.stage("domestic", "shortage");
    build.stage("cost", "source_cost");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "town", 1).unwrap();
    for side in [&found.more, &found.less] {
        close(side.in_stage("domestic").unwrap(), 0.0);
        close(side.in_stage("cost").unwrap(), -0.6);
        close(at(side, "far").unwrap().share, 1.0);
    }
    assert_eq!(found.more.trace.ends[0].route[0].way, "spared");
    // 2 hm³ a day come from there, 1 from the well.
    assert!((found.more.range_hm3 - 2.0).abs() < 0.01, "{}", found.more.range_hm3);
}

/// A lake of 6 hm³ for two towns that want 4 and 8: both have half of it. One more gives each a twelfth more of what it wants, 2/3 hm³ of it
/// to the second, whose water costs 1 yuan/m³: that is what the plan holds of both goals, though all shares are fixed when it is solved.
#[test]
fn what_the_worst_share_gains_costs_what_comes_after() {
    let mut build = Build::new("1 x 1 d");
    let lake = build.storage("lake", 6.0, 100.0);
    let near = build.demand("near", lake, 4.0 * ONE);
    let far = build.demand_node("far", 8.0 * ONE, vec![portion("residents", Use::Domestic, 1.0)]);
    let canal = build.arc("canal", lake, far, Role::Diversion, FAR);
    build.arc_mut(canal).price = Some(Param::constant(1.0));
    for town in [near, far] {
        build.region(town);
    }
    build.stage("fair", "balance").form = Some("leximin".to_owned());
    build.stage("cost", "source_cost");
    for by in [Lexicographic::Faces, Lexicographic::Weights] {
        build.goals.method = Method::Lexicographic(by);
        let document = made(&build);
        let found = margins(&build, &document).explain(&document, "lake", 0).unwrap();
        for (stage, worth) in [("fair", 1.0 / 12.0), ("cost", 8.0 / 12.0)] {
            close(found.more.in_stage(stage).unwrap(), worth);
            close(found.less.in_stage(stage).unwrap(), worth);
            let held = document.content.water_values.iter().find(|row| row.stage == stage).unwrap();
            close(held.values[0].unwrap(), worth);
        }
    }
}

/// Half of what a town upstream is given comes back to the river, which a plant downstream drinks: of one more hm³ both have
/// something. The town comes first and lacks, so it takes the whole, and the plant the half that returns.
#[test]
fn what_comes_back_is_followed() {
    let mut build = Build::new("3 x 1 d");
    let head = build.junction("head");
    build.inflow("brook", head, ONE);
    let river = build.junction("river");
    let town = build.demand_node("town", 2.0 * ONE, vec![portion("residents", Use::Domestic, 1.0)]);
    build.arc("town.intake", head, town, Role::Intake, FAR);
    build.arc("stream", head, river, Role::Reach, FAR);
    let back = weir_model::network::Receiver { node: river, fraction: 0.5, kernel: weir_model::kernel::Kernel::Instant };
    build.demand_mut(town).returns.push(back);
    let plant = build.demand_node("plant", 2.0 * ONE, vec![portion("industry", Use::Industrial, 1.0)]);
    build.arc("plant.intake", river, plant, Role::Intake, FAR);
    let sea = build.sink("sea");
    build.arc("mouth", river, sea, Role::Reach, FAR);
    build.stage("domestic", "shortage").uses = vec!["domestic".to_owned()];
    build.stage("industry", "shortage").uses = vec!["production".to_owned()];
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "head", 1).unwrap();
    close(found.more.in_stage("domestic").unwrap(), -1.0);
    close(found.more.in_stage("industry").unwrap(), -0.5);
    let (town, plant) = (at(&found.more, "town.residents").unwrap(), at(&found.more, "plant.industry").unwrap());
    close(town.share, 1.0);
    close(town.returned, 0.5);
    close(plant.share, 0.5);
    assert_eq!(found.more.trace.ends.len(), 2);
    close(told(&found.more), 1.0);
    assert!(plant.route.iter().any(|leg| leg.way == "returned" && leg.address == "town"), "{:?}", plant.route);
}

/// A canal that loses a tenth brings a town the 2 hm³ a day that its brook lacks: a hm³ more of the brook spares 10/9 in the lake,
/// of which a ninth would have been lost.
#[test]
fn what_is_spared_upstream_spares_its_losses() {
    let mut build = Build::new("3 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    let fork = build.junction("fork");
    build.inflow("brook", fork, ONE);
    let canal = build.arc("canal", lake, fork, Role::Diversion, FAR);
    build.arc_mut(canal).receivers[0].fraction = 0.9;
    build.demand("town", fork, 3.0 * ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "fork", 1).unwrap();
    for side in [&found.more, &found.less] {
        close(at(side, "lake").unwrap().share, 10.0 / 9.0);
        let loss = at(side, "canal").unwrap();
        assert_eq!(loss.kind, "loss");
        close(loss.share, -1.0 / 9.0);
        assert_eq!(side.trace.ends.len(), 2, "{:?}", side.trace);
        close(told(side), 1.0);
    }
}

/// A lake that evaporates: of a hm³ more that it keeps, the surface takes its share until the end.
#[test]
fn what_evaporates_is_told_by_storage() {
    let mut build = Build::new("2 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    build.storage_mut(lake).seepage_per_day = Some(Param::constant(0.1));
    build.demand("town", lake, ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "lake", 0).unwrap();
    // 1.05 s₁ = 1 and 1.05 s₂ = 0.95 s₁: a tenth of the mean of both edges seeps each day.
    let kept = [1.0 / 1.05, 0.95 / 1.05 / 1.05];
    let seeps = found.more.trace.ends.iter().find(|end| end.kind == "air_and_ground").unwrap();
    assert_eq!(seeps.address, "lake");
    close(seeps.share, 0.05 * kept[0] + 0.05 * (kept[0] + kept[1]));
    let stays = found.more.trace.ends.iter().find(|end| end.kind == "storage").unwrap();
    close(stays.share, kept[1]);
    close(told(&found.more), 1.0);
}

/// A river whose flow may rise by 1 hm³ a day, fed by its brook alone on the first day and by a lake from then on, for a plant that
/// lacks: a hm³ more on the first day lets all three days be higher by one, two of them from the lake.
#[test]
fn one_more_may_move_more_than_itself() {
    let mut build = Build::new("3 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    let fork = build.junction("fork");
    build.inflow("brook", fork, &[ONE, 0.0, 0.0][..]);
    build.arc("gate", lake, fork, Role::Gate, &[0.0, 100.0 * ONE, 100.0 * ONE][..]);
    let plain = build.junction("plain");
    let river = build.arc("river", fork, plain, Role::Reach, FAR);
    let rise = Some(Bound::Flow(Param::constant(ONE)));
    build
        .requirement("ramp", RequirementKind::Operation, RuleClass::Operational, Of::Flow(vec![(river, 1.0)]))
        .rise_per_day = rise;
    build.demand("plant", plain, 9.0 * ONE);
    build.stage("domestic", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "fork", 0).unwrap();
    for side in [&found.more, &found.less] {
        close(side.in_stage("domestic").unwrap(), -3.0);
        close(at(side, "plant.residents").unwrap().share, 3.0);
        close(at(side, "lake").unwrap().share, -2.0);
        close(told(side), 1.0);
    }
}

/// A lake that rises above its flood limit, which the second goal works on: what one hm³ more adds to it is that goal's, and no rule's
/// that gives way before the first. 5 + 3 × 3 − 3 × 1 are 11 hm³ at the end, 1 above the limit for a day.
#[test]
fn what_a_goal_works_on_gives_way_with_that_goal() {
    let mut build = Build::new("3 x 1 d");
    let lake = build.storage("lake", 5.0, 100.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(10.0));
    build.inflow("brook", lake, 3.0 * ONE);
    build.demand("town", lake, ONE);
    build.stage("domestic", "shortage");
    build.stage("flood", "flood_limit_excess");
    build.goals.closing = true;
    let document = made(&build);
    assert_eq!(document.content.relaxations.len(), 1);
    let found = margins(&build, &document).explain(&document, "lake", 0).unwrap();
    for side in [&found.more, &found.less] {
        let first = side.first().unwrap();
        assert_eq!(first.stage, "flood");
        close(first.per_hm3, 1.0);
        close(at(side, "lake").unwrap().share, 1.0);
    }
}

/// What no linear program made has no derivative; what binds is told.
#[test]
fn a_plan_by_the_rules_tells_what_binds_alone() {
    let mut build = Build::new("3 x 1 d");
    let lake = build.storage("lake", 6.0, 100.0);
    build.demand("town", lake, ONE);
    build.stage("domestic", "shortage");
    build.goals.method = Method::Rules;
    let document = weir_solver::audited::audited(&build.case, &build.goals, &SolveOptions::default()).unwrap().document;
    let refused = Margins::new(&document, &build.case, &build.goals, &SolveOptions::default());
    let Err(Unexplained::NoDerivatives(why)) = refused.map(|_| ()) else { panic!("explained") };
    assert!(why.contains("rules of today"), "{why}");
    let found = without_sides(&document, &build.case, &build.goals, "town", 0);
    assert_eq!((found.node.as_str(), found.solves, found.more.none.as_deref()), ("lake", 0, Some("no_derivative")));
    let wanted = found.binding.iter().find(|row| row.binding.limit == "demand").unwrap();
    assert!(wanted.binding.address == "town" && wanted.raised.is_none() && wanted.lowered.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// With a step inside the range, what solving again saves is what was said; the two sides bracket what the plan holds; and the
    /// water ends where it was said, all of it.
    #[test]
    fn what_is_said_of_a_little_more_comes_about(basin in basins(), place in 0..3_usize, step in 0..STEPS) {
        let mut build = basin.without_limits().build(0.0, false);
        build.goals.method = Method::Lexicographic(Lexicographic::Weights);
        build.goals.closing = true;
        let document = made(&build);
        let places = build.case.water_places();
        let (address, node) = places[place % places.len()].clone();
        let margins = margins(&build, &document);
        let explained = margins.explain(&document, &address, step).unwrap();
        let first_stages: Vec<f64> = document.content.stages.iter().map(|stage| stage.value).collect();
        for (side, sign) in [(&explained.more, 1.0), (&explained.less, -1.0)] {
            if side.none.is_some() {
                continue;
            }
            // A half of the range, by a solve of its own from nothing.
            let by = 0.5 * sign * side.range_hm3.min(20.0);
            let again = Build { case: build.case.moved(Fact::Inflow(node), step, by), goals: build.goals.clone() };
            let plan = solved(&again, &SolveOptions { elastic: true, ..SolveOptions::default() }).plan;
            for ((stage, before), after) in document.content.stages.iter().zip(&first_stages).zip(&plan.stages) {
                let said = side.in_stage(&stage.objective).unwrap() * by;
                let saved = after.value - before;
                prop_assert!(
                    (said - saved).abs() <= 3e-4 * said.abs().max(0.0) + 1e-5 * before.abs().max(1.0),
                    "{} at {address}, step {step}, {by}: said {said}, saved {saved}", stage.objective
                );
            }
            let told = told(side);
            prop_assert!((told - 1.0).abs() < 1e-2, "{told} of the water: {:?}", side.trace);
            // Another step gives the same uses as much; what no use has is the closing chain's to place.
            let other = margins.trace(node, step, 0.4 * side.by_hm3).unwrap();
            for end in side.trace.ends.iter().filter(|end| end.kind == "supply" && end.share.abs() > 0.02) {
                let share = other.ends.iter().find(|o| o.address == end.address).map_or(0.0, |o| o.share);
                prop_assert!((share - end.share).abs() < 0.02, "{end:?} and {share}");
            }
        }
        // What the plan holds lies between its sides in the first stage of all, which is convex.
        let first = &document.content.stages[0].objective;
        let row = document.content.water_values.iter().find(|row| row.address == address && row.stage == *first);
        let held = row.map_or(0.0, |row| row.values[step].unwrap());
        if let (Some(more), Some(less)) = (explained.more.in_stage(first), explained.less.in_stage(first)) {
            prop_assert!(less - 1e-5 <= held && held <= more + 1e-5, "{less} {held} {more}");
        }
    }

    /// Both sides of a whole plan are what a single explanation says of each.
    #[test]
    fn both_sides_of_a_plan_are_those_of_each_step(basin in basins(), step in 0..STEPS) {
        let build = basin.without_limits().build(0.0, false);
        let options = SolveOptions { both_sides: true, ..SolveOptions::default() };
        let document = weir_solver::audited::audited(&build.case, &build.goals, &options).unwrap().document;
        let margins = margins(&build, &document);
        for row in document.content.water_values.iter().filter(|row| row.address.starts_with('r')) {
            let node = build.case.network.node(&row.address).unwrap();
            for (sides, sign) in [(&row.more, 1.0), (&row.less, -1.0)] {
                let side = margins.side(Fact::Inflow(node), step, sign, false).unwrap();
                if let (Some(told), true) = (sides[step], side.none.is_none()) {
                    prop_assert!((told - side.in_stage(&row.stage).unwrap()).abs() <= 1e-6 + 1e-3 * told.abs());
                }
            }
        }
    }
}

/// A source of 3 m³/s for a town that wants 4 by an intake of 1 and works that want 1.5: more of it stays where it is, whatever the town lacks.
#[test]
fn more_of_a_source_that_is_not_all_taken_stays_there() {
    let mut build = Build::new("2 x 1 d");
    let wells = build.available("wells", 3.0);
    for (id, wants, intake) in [("town", 4.0, 1.0), ("works", 1.5, 50.0)] {
        let node = build.demand_node(id, wants, vec![portion(id, Use::Domestic, 1.0)]);
        build.arc(&format!("{id}.intake"), wells, node, Role::Intake, intake);
    }
    build.stage("shortage", "shortage");
    build.goals.closing = true;
    let document = made(&build);
    let found = margins(&build, &document).explain(&document, "wells", 0).unwrap();
    for side in [&found.more, &found.less] {
        close(side.in_stage("shortage").unwrap(), 0.0);
        let end = at(side, "wells").unwrap();
        assert_eq!(end.kind, "source");
        close(end.share, 1.0);
    }
    // Half a m³/s of a day are left of it.
    assert!((found.less.range_hm3 - 0.5 * 0.0864).abs() < 1e-3, "{}", found.less.range_hm3);
}
