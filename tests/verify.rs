//! Verification: every plan of the examples' kinds verifies; a plan with anything changed does not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::Value;
use weir_model::audit::audit;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::document::{Content, PlanDocument, RegionRow, document};
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_model::lower::lower;
use weir_solver::solve::{SolveOptions, solve};
use weir_solver::verify::{Check, checked, verify};
use weir_solver::ways::Way;

mod changed;

fn read(folder: &str) -> (Case, Goals) {
    let basin = Basin::read(Path::new(folder)).unwrap_or_else(|refusals| panic!("{refusals}"));
    lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"))
}

fn solved(case: &Case, goals: &Goals) -> PlanDocument {
    let solved = solve(case, goals, &SolveOptions { rates: true, ..SolveOptions::default() });
    let solved = solved.unwrap_or_else(|fault| panic!("{fault}"));
    let case = solved.case.as_deref().unwrap_or(case);
    let audited = audit(case, goals, &solved.plan);
    assert!(audited.passed(), "{:?}", audited.findings);
    document(case, goals, &solved.plan, &audited)
}

/// All that is wrong with a document.
fn faults(document: &PlanDocument, case: &Case, goals: &Goals) -> Vec<String> {
    let mut faults = document.content.contradictions();
    faults.extend(verify(document, case, goals));
    faults
}

/// The small cascade with its plan.
fn cascade() -> &'static (Case, Goals, PlanDocument) {
    static CASCADE: OnceLock<(Case, Goals, PlanDocument)> = OnceLock::new();
    CASCADE.get_or_init(|| {
        let (case, goals) = read("examples/cascade");
        let document = solved(&case, &goals);
        (case, goals, document)
    })
}

#[test]
fn the_cascade_is_proved_stage_by_stage() {
    let (case, goals, document) = cascade();
    assert_eq!(faults(document, case, goals), Vec::<String>::new());
    let certificate = document.content.certificate.as_ref().unwrap();
    assert_eq!(certificate.without, None);
    let of: Vec<&str> = certificate.proofs.iter().map(|proof| proof.of.as_str()).collect();
    assert_eq!(of, ["domestic", "ecological", "production"]);
    for proof in &certificate.proofs {
        assert!(proof.gap <= 1e-9, "{}: {}", proof.of, proof.gap);
    }
    assert_eq!(certificate.proofs[0].given, []);
}

/// What is wrong with a plan on disk, as the command says it.
fn told(plan: &Path, basin: Option<&str>, language: &str) -> String {
    let mut weir = std::process::Command::new(env!("CARGO_BIN_EXE_weir"));
    let done = weir.arg("verify").arg(plan).args(basin).args(["--language", language]).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    String::from_utf8(done.stderr).unwrap()
}

/// The first flow of a plan is made another, in the file.
#[test]
fn of_a_file_with_a_digit_changed_what_was_changed_is_named() {
    let (_, _, document) = cascade();
    let row = document.content.series.iter().find(|row| row.quantity == "flow" && row.values[0] > Some(0.0)).unwrap();
    let mut altered = document.clone();
    let place = altered.content.series.iter().position(|other| other == row).unwrap();
    altered.content.series[place].values[0] = row.values[0].map(|flow| flow + 0.25);
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    std::fs::write(&plan, altered.to_json()).unwrap();
    let basin = Some("examples/cascade");
    let english = told(&plan, basin, "en");
    assert!(english.starts_with("the plan does not verify, "), "{english}");
    assert!(english.contains("the content was changed after the plan was made: its digest is "), "{english}");
    assert!(english.lines().count() > 2, "nothing is named: {english}");
    let chinese = told(&plan, basin, "zh");
    assert!(chinese.contains("方案内容在制成之后被改动：摘要现为 ") && !chinese.contains("was changed"), "{chinese}");
    assert!(told(&plan, None, "zh").contains("方案内容在制成之后被改动"));
}

#[test]
fn plans_by_every_way_verify() {
    let (case, goals) = read("examples/cascade");
    for word in Way::words() {
        let Ok(asked) = Way::of(word).unwrap().ask(&goals) else { continue };
        let document = solved(&case, &asked);
        assert_eq!(faults(&document, &case, &goals), Vec::<String>::new(), "{word}");
        let certificate = document.content.certificate.as_ref().unwrap();
        let (without, proofs) = match word {
            "rules" => (Some("rules"), 0),
            "reference_point" | "pareto" => (Some("method"), 0),
            "weighted" => (None, 1),
            _ => (None, 3),
        };
        assert_eq!((certificate.without.as_deref(), certificate.proofs.len()), (without, proofs), "{word}");
    }
}

/// A proof takes of an earlier goal what its sum comes to at the plan's point, which may be less than what is told by a rounding and no more.
#[test]
fn less_is_given_of_a_goal_by_a_rounding_alone() {
    let (_, _, document) = cascade();
    let less = |by: f64| {
        let mut content = document.content.clone();
        let given = &mut content.certificate.as_mut().unwrap().proofs[2].given[0];
        given.at -= by * given.at.abs().max(1.0);
        content.contradictions().into_iter().filter(|fault| fault.contains("is not given before")).count()
    };
    assert_eq!([0.0, 1e-10, 1e-8].map(less), [0, 0, 1]);
}

/// What comes behind a stage that may be worsened is bounded by as much of it as may be given, no more and no less.
#[test]
fn stages_behind_one_with_a_tolerance_are_proved_too() {
    let (case, mut goals) = read("examples/cascade");
    goals.objectives[goals.stages[1]].tolerance = 0.5;
    for way in [Lexicographic::Faces, Lexicographic::Weights] {
        goals.method = Method::Lexicographic(way);
        let document = solved(&case, &goals);
        assert_eq!(faults(&document, &case, &goals), Vec::<String>::new(), "{way:?}");
        let proofs = document.content.certificate.unwrap().proofs;
        let last = &proofs[2];
        assert!(last.gap <= 1e-9, "{way:?}: {}", last.gap);
        let given = last.given.iter().find(|given| given.what == "ecological").unwrap();
        assert!(given.rate > 0.0 && given.at == proofs[1].value + 0.5, "{way:?}");
    }
}

/// Of the same sum kept twice, it is the lesser tolerance that holds what comes behind.
#[test]
fn of_two_stages_that_are_the_same_sum_the_tighter_is_given() {
    let (case, mut goals) = read("examples/cascade");
    let mut again = goals.objectives[goals.stages[1]].clone();
    goals.objectives[goals.stages[1]].tolerance = 0.5;
    (again.id, again.tolerance) = ("ecological_again".to_owned(), 0.2);
    goals.objectives.push(again);
    goals.stages.insert(2, goals.objectives.len() - 1);
    for way in [Lexicographic::Faces, Lexicographic::Weights] {
        goals.method = Method::Lexicographic(way);
        let document = solved(&case, &goals);
        assert_eq!(faults(&document, &case, &goals), Vec::<String>::new(), "{way:?}");
        let proofs = document.content.certificate.unwrap().proofs;
        assert!(proofs.iter().all(|proof| proof.gap <= 1e-9), "{way:?}: {}", proofs[3].gap);
        let given: Vec<&str> = proofs[3].given.iter().map(|given| given.what.as_str()).collect();
        assert!(given.contains(&"ecological_again") && !given.contains(&"ecological"), "{way:?}: {given:?}");
    }
}

/// A value that nothing proves is the plan's own, whatever a tolerance would allow: where stages are not ranked, and behind energy.
#[test]
fn a_tolerance_is_no_room_for_values_that_are_not_proved() {
    let holds = |case: &Case, goals: &Goals| {
        let document = solved(case, goals);
        assert_eq!(faults(&document, case, goals), Vec::<String>::new(), "{:?}", goals.method);
        for place in (0..goals.stages.len()).map(|stage| format!("/stages/{stage}/value")) {
            for up in [true, false] {
                let by = changed::By::Plainly(up);
                assert_eq!(changed::unnoticed(&document, (case, goals), &place, by), None, "{:?}", goals.method);
            }
        }
        document
    };
    let (case, mut goals) = read("examples/cascade");
    for stage in goals.stages.clone() {
        goals.objectives[stage].tolerance = 0.5;
    }
    for asked in Way::words().into_iter().filter_map(|word| Way::of(word)?.ask(&goals).ok()) {
        let ranked = matches!(asked.method, Method::Lexicographic(_));
        let tolerance = if ranked { 0.5 } else { 0.0 };
        assert!(holds(&case, &asked).content.stages.iter().all(|stage| stage.tolerance == tolerance), "{:?}", asked.method);
    }
    // 1 m³/s for the town in the stage behind energy, and 0.1 hm³ of it for the closing chain's room left in the lake.
    let (case, mut goals) = town_and_energy("[\"energy\", \"town\"]");
    let town = goals.stages[1];
    goals.objectives[town].tolerance = 0.1;
    let document = holds(&case, &goals);
    assert_eq!(document.content.certificate.unwrap().without.as_deref(), Some("heads"));
}

/// Outflow in a flood event that a first solve showed is bounded by the natural inflow, not by what the plan says of it.
#[test]
fn another_ceiling_of_a_flood_event_is_told_with_its_step() {
    let (case, goals) = read("tests/cases/flood_event_from_a_first_solve");
    let mut content = solved(&case, &goals).content;
    let event = content.series.iter_mut().find(|row| row.quantity == "ceiling").unwrap();
    let (id, step) = (event.address.clone(), event.values.iter().position(Option::is_some).unwrap());
    let peak = event.values[step].unwrap();
    event.values[step] = Some(peak + 1.0);
    let told = verify(&PlanDocument::new(content), &case, &goals);
    let when = case.horizon.name_of(step);
    let (told_peak, wanted) = (peak + 1.0, "and the greatest natural inflow of the event is");
    assert_eq!(told[0], format!("flood event: `{id}.ceiling` is {told_peak} m3/s on {when}, {wanted} {peak}"));
}

/// At true heads the stages before energy are proved on the program at the head of the start.
#[test]
fn plans_at_true_heads_verify_and_are_proved_up_to_energy() {
    let (case, goals) = town_and_energy("[\"town\", \"energy\"]");
    let document = solved(&case, &goals);
    assert_eq!(faults(&document, &case, &goals), Vec::<String>::new());
    let certificate = document.content.certificate.unwrap();
    assert_eq!(certificate.without.as_deref(), Some("heads"));
    let [proof] = &certificate.proofs[..] else { panic!("one proof") };
    // 1 m³/s for two days: the lake has it.
    assert_eq!((proof.of.as_str(), proof.value), ("town", 0.0));
    assert!(proof.gap <= 1e-9, "{}", proof.gap);
}

/// The lake whose head follows its level, with a town on it.
fn town_and_energy(stages: &str) -> (Case, Goals) {
    let text = std::fs::read_to_string("tests/cases/head_follows_level/basin.toml").unwrap();
    let text = text.replace("[[objective]]\nid = \"energy\"", TOWN_AND_ENERGY).replace("[\"energy\"]", stages);
    let basin = Basin::parse(text.as_bytes(), &|path| Err(path.to_owned())).unwrap_or_else(|refusals| panic!("{refusals}"));
    lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"))
}

const TOWN_AND_ENERGY: &str = r#"[[demand]]
id = "homes"
from = "湖"
demand_m3s = 1
shares = { residents = 1 }

[[objective]]
id = "town"
kind = "shortage"

[[objective]]
id = "energy""#;

#[test]
fn a_plan_of_another_basin_or_of_other_series_is_told_so() {
    let (case, goals, document) = cascade();
    let mut other = case.clone();
    other.basin.digest = "0".repeat(64);
    let told = verify(document, &other, goals);
    let digests = format!("SHA-256 {}, not {}", other.basin.digest, case.basin.digest);
    assert_eq!(told, [format!("inputs: the basin file is not the one that the plan was made from: {digests}")]);
    let (other, of_other) = read("examples/four-reservoir");
    let told = verify(document, &other, &of_other);
    assert!(told[0].starts_with("inputs: it is a plan of basin"), "{told:?}");
    let mut wetter = case.clone();
    wetter.forcing.series[0].source.digest = "0".repeat(64);
    let told = verify(document, &wetter, goals);
    assert!(told[0].contains("is not the series that the plan was made from: SHA-256 0000"), "{told:?}");
}

#[test]
fn a_plan_of_other_files_is_checked_no_further() {
    let (case, goals, document) = cascade();
    let made = |case: &Case| -> Vec<(Check, bool)> {
        checked(document, case, goals).into_iter().map(|(check, faults)| (check, faults.is_empty())).collect()
    };
    assert_eq!(made(case), Check::ALL.map(|check| (check, true)));
    let mut other = case.clone();
    other.basin.digest = "0".repeat(64);
    assert_eq!(made(&other), [(Check::Inputs, false)]);
}

#[test]
fn stages_in_another_order_do_not_verify() {
    let (case, goals, document) = cascade();
    let mut content = document.content.clone();
    content.stages.swap(0, 1);
    let swapped = PlanDocument::new(content);
    assert!(!swapped.content.contradictions().is_empty());
    let told = verify(&swapped, case, goals);
    assert_eq!(
        told,
        ["stages: the plan has ecological, domestic, production; the basin asks for domestic, ecological, production"]
    );
}

/// Nothing else would tell a shortage in hm³ from one in days of the demand.
#[test]
fn a_goal_in_another_unit_or_sense_does_not_verify() {
    type Change = fn(&mut weir_model::document::StageRow);
    let (case, goals, document) = cascade();
    let changes: [(&str, Change); 2] = [
        ("stages: the unit of `domestic` is hm3; the basin gives d", |stage| "hm3".clone_into(&mut stage.unit)),
        ("stages: the sense of `domestic` is maximise; the basin gives minimise", |stage| {
            "maximise".clone_into(&mut stage.sense);
        }),
    ];
    for (fault, change) in changes {
        let mut other = document.clone();
        change(&mut other.content.stages[0]);
        let other = PlanDocument::new(other.content);
        let said = faults(&other, case, goals);
        assert!(said.iter().any(|said| said == fault), "{said:?}");
    }
}

/// Swapped throughout, with the goals of a basin that asks for that order: where the first two stages are at odds over the water,
/// what is proved of the second stands on the first, which now comes behind it.
#[test]
fn proofs_of_one_order_prove_nothing_of_another() {
    let text = std::fs::read_to_string("examples/cascade/basin.toml").unwrap();
    let text = text.replace("{ file = \"series.csv\", column = \"dom1\" }", "400");
    let series = |path: &str| std::fs::read(Path::new("examples/cascade").join(path)).map_err(|error| error.to_string());
    let basin = Basin::parse(text.as_bytes(), &series).unwrap_or_else(|refusals| panic!("{refusals}"));
    let (case, goals) = lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"));
    let document = solved(&case, &goals);
    assert_eq!(faults(&document, &case, &goals), Vec::<String>::new());
    let proofs = &document.content.certificate.as_ref().unwrap().proofs;
    assert!(
        proofs[1].of == "ecological" && proofs[1].given.iter().any(|given| given.what == "domestic" && given.rate > 0.0)
    );
    let mut content = document.content.clone();
    content.stages.swap(0, 1);
    content.certificate.as_mut().unwrap().proofs.swap(0, 1);
    for row in &mut content.objectives {
        row.stage = row.stage.map(|stage| [2, 1, 3][stage - 1]);
    }
    let mut asked = goals.clone();
    asked.stages.swap(0, 1);
    // Whoever does so can tell the program of that order too.
    content.engine.program = solved(&case, &asked).content.engine.program;
    let told = verify(&PlanDocument::new(content), &case, &asked);
    assert!(told.contains(&"certificate: the duals of `ecological` prove no bound".to_owned()), "{told:?}");
    // Nor do they without what they stand on.
    let mut content = document.content.clone();
    content.certificate.as_mut().unwrap().proofs[1].given.clear();
    let told = verify(&PlanDocument::new(content), &case, &goals);
    assert!(told.iter().any(|fault| fault.starts_with("certificate: the duals of `ecological` prove ")), "{told:?}");
}

/// The exchange rate is that which the next stage's proof stands on.
#[test]
fn exchange_rates_are_held_against_the_proofs() {
    let (case, goals, document) = cascade();
    for stage in 0..2 {
        let mut content = document.content.clone();
        let rate = &mut content.stages[stage].rates[0];
        let was = rate.at_most.unwrap();
        rate.at_most = Some(99.0);
        let told = verify(&PlanDocument::new(content), case, goals);
        assert_eq!(told, [format!("stages[{stage}].rates[0].at_most: 99.0 in the plan, {was:?} found again")]);
    }
}

/// What is told of a series or a total that is not what it is made of.
#[test]
fn sums_that_are_wrong_are_told_with_address_and_step_or_what_they_are_of() {
    let mut content = cascade().2.content.clone();
    let row = content.series.iter_mut().find(|row| row.address == "town1" && row.quantity == "shortage").unwrap();
    row.values[5] = Some(0.5);
    let row = content.satisfaction.iter_mut().find(|row| row.use_ == "domestic" && row.label == "horizon").unwrap();
    (row.supply_hm3, row.demand_hm3, row.ratio) = (1.5, 1.0, 1.0);
    row.region = Some("islands".to_owned());
    content.regions = vec![RegionRow { id: "islands".to_owned(), name: "洞头".to_owned(), code: None, parent: None }];
    let told = content.contradictions();
    let said = weir_report::verified(&PlanDocument::new(content), &told, false, weir_report::Language::Chinese);
    assert!(said.contains("满足度：洞头、生活用水、全期：载为 1，而供水除以需水为 1.5"), "{said}");
    assert_eq!(
        told,
        [
            "series: `town1.shortage`, values[5], 2026-01-06, is 0.5, and demand − supply is 0",
            "satisfaction: `islands`, domestic use, the whole horizon: the ratio is 1, and supply ÷ demand is 1.5",
        ]
    );
}

#[test]
fn duals_and_rates_that_are_changed_prove_another_bound() {
    let (case, goals, document) = cascade();
    let changed = |change: &dyn Fn(&mut Content)| {
        let mut content = document.content.clone();
        change(&mut content);
        faults(&PlanDocument::new(content), case, goals)
    };
    let proof = |content: &mut Content| content.certificate.as_mut().unwrap().proofs.pop().unwrap();
    assert!(!changed(&|content| drop(proof(content))).is_empty(), "a proof is missing");
    let told = changed(&|content| {
        let mut last = proof(content);
        let mut duals = last.duals.numbers(content.engine.rows).unwrap();
        *duals.iter_mut().find(|dual| **dual != 0.0).unwrap() *= 1.0 + 1e-12;
        last.duals = weir_model::document::Packed::of(&duals);
        content.certificate.as_mut().unwrap().proofs.push(last);
    });
    assert!(told.iter().any(|fault| fault.contains("duals of `production` prove")), "{told:?}");
    let told = changed(&|content| {
        let mut last = proof(content);
        let most = last.given.iter_mut().max_by(|a, b| a.rate.abs().total_cmp(&b.rate.abs())).unwrap();
        most.rate *= 0.999;
        content.certificate.as_mut().unwrap().proofs.push(last);
    });
    assert!(told.iter().any(|fault| fault.contains("duals of `production` prove")), "{told:?}");
    let told = changed(&|content| {
        let mut last = proof(content);
        last.duals = weir_model::document::Packed::of(&[1.0]);
        content.certificate.as_mut().unwrap().proofs.push(last);
    });
    assert!(told.iter().any(|fault| fault.contains("fewer than")), "{told:?}");
    assert!(!changed(&|content| content.certificate = None).is_empty());
    let stripped = |content: &mut Content| {
        let certificate = content.certificate.as_mut().unwrap();
        certificate.proofs.clear();
        certificate.without = Some("engine".to_owned());
    };
    // The engine that is named tells duals, so that it has none is no excuse.
    let told = changed(&stripped);
    let expected = "certificate: it says `engine` of what is not proved; it should say `nothing`";
    assert!(told.iter().any(|fault| fault == expected), "{told:?}");
    assert!(told.iter().any(|fault| fault == "certificate: no proof of `production`"), "{told:?}");
    let told = changed(&|content| {
        stripped(content);
        content.engine.solver = "good_lp 1.15 with microlp".to_owned();
    });
    assert!(!told.iter().any(|fault| fault.starts_with("certificate: ")), "{told:?}");
}

/// What only a solver could find again, and orders: the document's id is their seal. So it is for a digit of a rate that leaves the
/// bound what it was: any rates that prove a bound do.
fn is_only_sealed(place: &str) -> bool {
    const SEALED: [&str; 10] = [
        ".notes",
        ".outcome",
        "content.engine.weir",
        "content.engine.solver",
        "content.engine.options",
        "content.engine.final_basis",
        "content.closing",
        "content.water_values",
        ".slack",
        ".gain",
    ];
    place.ends_with("].rate") || SEALED.iter().any(|part| place.contains(part))
}

/// Places of all numbers and texts of a document.
fn leaves(place: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| leaves(&format!("{place}.{key}"), value, found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(k, value)| leaves(&format!("{place}[{k}]"), value, found));
        }
        Value::Number(_) | Value::String(_) => found.push((place.to_owned(), value.to_string())),
        Value::Bool(_) | Value::Null => {}
    }
}

/// The value with the leaf of that number changed by a function.
fn change(value: &mut Value, number: &mut usize, how: &dyn Fn(&mut Value)) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| change(value, number, how)),
        Value::Array(items) => items.iter_mut().for_each(|value| change(value, number, how)),
        Value::Number(_) | Value::String(_) => {
            if *number == 0 {
                how(value);
            }
            *number = number.wrapping_sub(1);
        }
        Value::Bool(_) | Value::Null => {}
    }
}

/// A text with its digit of that number, counted round, made another digit; none without digits.
fn other_digit(text: &str, which: usize, by: u8) -> Option<String> {
    let digits: Vec<usize> =
        text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(place, _)| place).collect();
    let place = *digits.get(which.checked_rem(digits.len())?)?;
    let mut bytes = text.as_bytes().to_vec();
    bytes[place] = b'0' + (bytes[place] - b'0' + by) % 10;
    String::from_utf8(bytes).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Anyone may change a digit, but not without the id telling.
    #[test]
    fn one_digit_changed_anywhere_in_the_content_is_told_by_the_id(which in any::<prop::sample::Index>(), by in 1_u8..10) {
        let document = cascade().2.clone();
        let text = document.to_json();
        let end = text.rfind("\"record\"").unwrap();
        let digits: Vec<usize> = text[..end].bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
        let place = digits[which.index(digits.len())];
        let mut bytes = text.into_bytes();
        bytes[place] = b'0' + (bytes[place] - b'0' + by) % 10;
        let parsed = PlanDocument::parse(&String::from_utf8(bytes).unwrap());
        prop_assert!(parsed.is_err() || parsed.unwrap() == document, "a digit that no number has");
    }

    /// And whoever makes a new id for it is found out by the basin.
    #[test]
    fn one_digit_changed_and_sealed_again_is_told_by_the_basin(
        which in any::<prop::sample::Index>(),
        digit in any::<usize>(),
        by in 1_u8..10,
    ) {
        let (case, goals, document) = cascade();
        let mut value = serde_json::to_value(&document.content).unwrap();
        let mut all = Vec::new();
        leaves("content", &value, &mut all);
        let number = which.index(all.len());
        let place = all[number].0.clone();
        let how = |value: &mut Value| {
            let changed = match &*value {
                Value::String(text) => other_digit(text, digit, by).map(Value::String),
                other => other_digit(&other.to_string(), digit, by).and_then(|text| serde_json::from_str(&text).ok()),
            };
            if let Some(changed) = changed {
                *value = changed;
            }
        };
        change(&mut value, &mut number.clone(), &how);
        // What is no longer of its form is refused where it is read.
        if let Ok(content) = serde_json::from_value::<Content>(value)
            && content != document.content
            && !is_only_sealed(&place)
            && let Ok(read) = PlanDocument::parse(&PlanDocument::new(content).to_json())
        {
            prop_assert!(!faults(&read, case, goals).is_empty(), "{place}");
        }
    }
}
