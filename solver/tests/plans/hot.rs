//! A start can only cost time: whatever basis a solve begins with, its plan is the one that it finds from nothing.

use std::sync::Arc;

use jiff::ToSpan as _;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use proptest::prelude::*;
use serde_json::Value;
use weir_model::goals::{Lexicographic, Method};
use weir_model::horizon::Horizon;
use weir_model::network::Role;
use weir_solver::audited::{Audited, audited};
use weir_solver::engine::{Large, Options};
use weir_solver::hot::{HotStart, UNUSED};
use weir_solver::program::Blocks;
use weir_solver::solve::SolveOptions;
use weir_solver::verify::verify;

use crate::build::Build;
use crate::cascade::{cascade, with_inflow};
use crate::check::{as_good, close, solved};
use crate::closing::difference;
use crate::generated::{Basin, basins, basins_of, ramped, with_eight_goals};

/// Most by which flows and storages of two plans of one case may differ, hm³.
const SAME_HM3: f64 = 1e-6;
const HEAD: &[u8] = b"weir.basis/2\n";

/// Cases of each property: `WEIR_CASES`, else 150.
pub fn cases() -> u32 {
    std::env::var("WEIR_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150)
}

fn from(start: &HotStart) -> SolveOptions {
    SolveOptions { start: Some(Arc::new(start.clone())), ..SolveOptions::default() }
}

fn end(build: &Build) -> HotStart {
    solved(build, &SolveOptions::default()).end.unwrap()
}

/// Solves from a start and from nothing; the plans are the same, and the one from the start verifies. What it notes is returned.
fn same_plan(build: &Build, start: &HotStart) -> Vec<String> {
    let (cold, hot) = (solved(build, &SolveOptions::default()), solved(build, &from(start)));
    for (hot, cold) in hot.plan.stages.iter().zip(&cold.plan.stages) {
        close(hot.value, cold.value);
    }
    let apart = difference(build, &cold.plan.decisions, &hot.plan.decisions);
    assert!(
        apart < SAME_HM3,
        "{apart} hm³ apart: {:#?} from nothing, {:#?} from a start",
        cold.plan.closing,
        hot.plan.closing
    );
    let Audited { document, .. } = audited(&build.case, &build.goals, &from(start)).unwrap();
    assert_eq!(verify(&document, &build.case, &build.goals), Vec::<String>::new());
    assert_eq!(document.content.engine.starting_basis, Some(start.digest()));
    hot.plan.notes
}

fn is_used(notes: &[String]) -> bool {
    notes.iter().all(|note| !note.starts_with(UNUSED))
}

/// Iterations of a plan's goals.
fn iterations(build: &Build, options: &SolveOptions) -> u64 {
    solved(build, options).plan.stages.iter().map(|stage| stage.iterations).sum()
}

/// A start with each letter drawn anew.
fn drawn_anew(start: &HotStart, mut draw: impl FnMut() -> u8) -> HotStart {
    let mut stored = unpacked(start);
    for list in ["columns", "rows"] {
        for letters in stored["goals"][list].as_object_mut().unwrap().values_mut() {
            let drawn: String = letters.as_str().unwrap().bytes().map(|_| char::from(draw())).collect();
            *letters = Value::from(drawn);
        }
    }
    packed(&stored)
}

fn unpacked(start: &HotStart) -> Value {
    serde_json::from_slice(&decompress_to_vec_zlib(start.bytes().strip_prefix(HEAD).unwrap()).unwrap()).unwrap()
}

fn packed(stored: &Value) -> HotStart {
    let json = serde_json::to_vec(stored).unwrap();
    HotStart::of([HEAD, compress_to_vec_zlib(&json, 6).as_slice()].concat())
}

/// A sequence without rhyme, the same for the same seed.
fn rattle(mut seed: u64) -> impl FnMut() -> usize {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    }
}

/// What is otherwise in the case that is solved from a start.
#[derive(Clone, Debug)]
pub enum Change {
    Inflow(f64),
    LastInflow(f64),
    Demand(f64),
    Limit(f64),
    Start(f64),
    Rolled(i64),
    Steps(&'static str),
    Names,
}

pub fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0.0..20.0_f64).prop_map(Change::Inflow),
        (0.0..60.0_f64).prop_map(Change::LastInflow),
        (0.2..2.0_f64).prop_map(Change::Demand),
        (0.4..1.0_f64).prop_map(Change::Limit),
        (0.1..1.0_f64).prop_map(Change::Start),
        (1..6_i64).prop_map(Change::Rolled),
        prop_oneof![Just("12 h"), Just("2 d")].prop_map(Change::Steps),
        Just(Change::Names),
    ]
}

fn build(basin: &Basin, method: Lexicographic) -> Build {
    closed(basin.build(0.0, false), method)
}

fn closed(mut build: Build, method: Lexicographic) -> Build {
    build.goals.method = Method::Lexicographic(method);
    build.goals.closing = true;
    build
}

pub fn changed(basin: &Basin, change: &Change, method: Lexicographic) -> Build {
    let mut basin = basin.clone();
    match change {
        Change::LastInflow(more) => basin.last_inflow(*more),
        Change::Demand(share) => basin.demands(*share),
        Change::Limit(share) => basin.limits(*share),
        Change::Start(share) => basin.starts(*share),
        _ => {}
    }
    let inflow = if let Change::Inflow(more) = change { *more } else { 0.0 };
    let mut build = basin.build(inflow, matches!(change, Change::Names));
    let (days, step) = match change {
        Change::Rolled(days) => (*days, "1 d"),
        Change::Steps(step) => (0, *step),
        _ => (0, "1 d"),
    };
    let specs = Horizon::parse(&[format!("{} x {step}", basin.steps())]).unwrap();
    build.case.horizon = Horizon::build(jiff::civil::date(2026, 1, 1) + days.days(), "Asia/Shanghai", &specs).unwrap();
    closed(build, method)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_start_of_another_day_gives_the_same_plan(basin in basins(), change in changes(), weights in any::<bool>()) {
        let method = if weights { Lexicographic::Weights } else { Lexicographic::Faces };
        let start = end(&build(&basin, method));
        let notes = same_plan(&changed(&basin, &change, method), &start);
        prop_assert_eq!(is_used(&notes), !matches!(change, Change::Names), "{:?}", notes);
    }

    /// As a large program of many goals starts, whose cold side is solved by optimal faces.
    #[test]
    fn a_start_of_a_large_program_gives_the_same_values(
        basin in basins_of(2 * Blocks::STEPS + 1),
        change in changes(),
        ramp in 2.0..30.0_f64,
    ) {
        let options = SolveOptions {
            engine_options: Options { large: Large::ANY, ..Options::default() },
            ..SolveOptions::default()
        };
        let asked = |change: &Change, method| {
            let mut build = with_eight_goals(ramped(changed(&basin, change, method), ramp));
            build.goals.closing = false;
            build
        };
        let start = solved(&asked(&Change::Inflow(0.0), Lexicographic::Weights), &options).end.unwrap();
        let hot = solved(&asked(&change, Lexicographic::Weights), &SolveOptions { start: from(&start).start, ..options }).plan;
        let cold = solved(&asked(&change, Lexicographic::Faces), &SolveOptions::default()).plan;
        as_good(&hot.stages, &cold.stages);
        prop_assert_eq!(is_used(&hot.notes), !matches!(change, Change::Names), "{:?}", hot.notes);
    }

    #[test]
    fn a_start_of_nonsense_gives_the_same_plan(basin in basins(), seed in any::<u64>(), weights in any::<bool>()) {
        let build = build(&basin, if weights { Lexicographic::Weights } else { Lexicographic::Faces });
        let mut rattle = rattle(seed);
        let start = drawn_anew(&end(&build), || b"LBUZN-"[rattle() % 6]);
        prop_assert!(is_used(&same_plan(&build, &start)));
    }

    #[test]
    fn a_damaged_start_is_a_note(basin in basins(), at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let build = build(&basin, Lexicographic::Weights);
        let mut bytes = end(&build).bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // A bit of the head of what is packed may say nothing.
        same_plan(&build, &HotStart::of(bytes.clone()));
        bytes.truncate(at);
        prop_assert!(!is_used(&same_plan(&build, &HotStart::of(bytes))));
    }
}

#[test]
fn what_cannot_be_used_is_told() {
    let small = closed(cascade(3, 30), Lexicographic::Weights);
    let start = end(&small);
    let said = |build: &Build, start: &HotStart| {
        let notes = same_plan(build, start);
        notes.iter().find_map(|note| note.strip_prefix(UNUSED)).unwrap_or_default().to_owned()
    };
    assert_eq!(said(&small, &start), "");
    let no_basis = HotStart::of(b"plan".to_vec());
    assert_eq!(said(&small, &no_basis), ": it is no basis of weir");
    let earlier = HotStart::of(b"weir.basis/1\n".to_vec());
    assert_eq!(said(&small, &earlier), ": it is of another version of weir");
    let mut stored = unpacked(&start);
    stored["edges"].as_array_mut().unwrap().swap(0, 1);
    assert_eq!(said(&small, &packed(&stored)), ": it is damaged");
    let mut later = small.clone();
    let specs = Horizon::parse(&["30 x 1 d".to_owned()]).unwrap();
    later.case.horizon = Horizon::build(jiff::civil::date(2026, 2, 1), "Asia/Shanghai", &specs).unwrap();
    assert_eq!(said(&later, &start), ": its time and the plan's have nothing in common");
    let larger = closed(cascade(10, 30), Lexicographic::Weights);
    assert_eq!(said(&larger, &start), ": it knows 720 of 2400 columns and rows by their addresses");
}

/// The same case from its own end: nothing is left to do for the weights.
#[test]
fn a_plan_is_at_its_own_end() {
    let build = closed(cascade(10, 365), Lexicographic::Weights);
    let start = end(&build);
    assert!(start.bytes().len() < 60_000, "{}", start.bytes().len());
    assert_eq!(iterations(&build, &from(&start)), 0);
}

#[test]
fn a_year_of_the_cascade_from_other_years() {
    let start = end(&closed(cascade(10, 365), Lexicographic::Weights));
    for share in [0.9, 1.1, 1.3] {
        let build = closed(with_inflow(10, 365, share), Lexicographic::Weights);
        assert!(is_used(&same_plan(&build, &start)));
        let (hot, cold) = (iterations(&build, &from(&start)), iterations(&build, &SolveOptions::default()));
        eprintln!("inflow x {share}: {hot} iterations instead of {cold}");
        // From nothing is from a coarser program: so wide a change as the last takes as many from the basis.
        let most = if share == 1.3 { 2 * cold } else { cold / 2 };
        assert!(hot < most, "{share}: {hot} iterations instead of {cold}");
    }
}

/// The horizon begins a day later, where the plan left the storages, and ends with a day that the start does not know.
#[test]
fn a_year_of_the_cascade_rolled_a_day() {
    for method in [Lexicographic::Weights, Lexicographic::Faces] {
        let first = closed(cascade(10, 366), method);
        let yesterday = closed(shifted(&first, 0), method);
        let solved = solved(&yesterday, &SolveOptions::default());
        let mut today = closed(shifted(&first, 1), method);
        for (row, node) in storages(&today).into_iter().enumerate() {
            today.storage_mut(node).initial_hm3 = solved.plan.decisions.storage_hm3[[row, 1]];
        }
        let start = solved.end.unwrap();
        assert!(is_used(&same_plan(&today, &start)));
        let (hot, cold) = (iterations(&today, &from(&start)), iterations(&today, &SolveOptions::default()));
        eprintln!("{method:?}: {hot} iterations instead of {cold}");
        assert!(hot < cold, "{method:?}: {hot} iterations instead of {cold}");
    }
}

/// What a start knows nothing of stands where the rules would run it: full supply in a river that has enough.
#[test]
fn what_is_new_is_guessed_from_the_rules() {
    for by in [Lexicographic::Weights, Lexicographic::Faces] {
        let start = end(&closed(cascade(9, 120), by));
        let more = closed(cascade(10, 120), by);
        assert!(is_used(&same_plan(&more, &start)));
        let (hot, cold) = (iterations(&more, &from(&start)), iterations(&more, &SolveOptions::default()));
        eprintln!("{by:?}, a reservoir more: {hot} iterations instead of {cold}");
        assert!(hot < cold, "{by:?}: {hot} iterations instead of {cold}");
        // A river with enough for a town more: the town is served in full, and nothing is left to do.
        let mut build = Build::new("30 x 1 d");
        let river = build.junction("river");
        build.inflow("spring", river, 9.0);
        let sea = build.sink("sea");
        build.arc("mouth", river, sea, Role::Reach, 1e3);
        build.demand("east", river, 6.0);
        build.stage("short", "shortage");
        let start = end(&closed(build.clone(), by));
        build.demand("west", river, 2.0);
        assert_eq!(iterations(&closed(build, by), &from(&start)), 0);
    }
}

fn storages(build: &Build) -> Vec<weir_model::network::NodeId> {
    build.case.network.storages().map(|(node, _)| node).collect()
}

/// All but one of the days of a case, from a day on.
fn shifted(whole: &Build, from: usize) -> Build {
    let mut build = whole.clone();
    let edges = build.case.horizon.edges.len() - 1;
    let days = from..edges - 1 + from;
    build.case.horizon.edges = whole.case.horizon.edges[from..=days.end].to_vec();
    build.case.horizon.lengths_s = whole.case.horizon.lengths_s[days.clone()].to_vec();
    for series in &mut build.case.forcing.series {
        series.values = series.values.slice(ndarray::s![days.clone(), ..]).to_owned();
    }
    build
}

/// The example basin on the next morning: days roll into its longer steps.
#[test]
fn feiyun_from_the_day_before() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/feiyun");
    let basin = weir_model::basin::Basin::read(&folder).unwrap();
    let on = |day| {
        let Ok((case, goals)) = weir_model::lower::lower(&basin, Some(day)) else { panic!("{day}") };
        Build { case, goals }
    };
    let first = jiff::civil::date(2026, 10, 16);
    let yesterday = solved(&on(first), &SolveOptions::default());
    let mut today = on(first + 1.day());
    for (row, node) in storages(&today).into_iter().enumerate() {
        today.storage_mut(node).initial_hm3 = yesterday.plan.decisions.storage_hm3[[row, 1]];
    }
    let start = yesterday.end.unwrap();
    assert!(is_used(&same_plan(&today, &start)));
    let (hot, cold) = (iterations(&today, &from(&start)), iterations(&today, &SolveOptions::default()));
    assert!(4 * hot < cold, "{hot} iterations instead of {cold}");
}
