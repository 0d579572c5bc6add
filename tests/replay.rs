//! Replay: plans solved again from what their documents record are the same to the byte, also those that began where another ended.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_model::goals::{Goals, Integers};
use weir_model::lower::lower;
use weir_solver::audited::audited;
use weir_solver::hot::HotStart;
use weir_solver::replay::{Replayed, replay};
use weir_solver::solve::SolveOptions;
use weir_solver::ways::WAYS;

fn feiyun() -> (Case, Goals) {
    let basin = Basin::read(Path::new("examples/feiyun")).unwrap_or_else(|refusals| panic!("{refusals}"));
    lower(&basin, Some(date(2026, 10, 16))).unwrap_or_else(|refusals| panic!("{refusals}"))
}

/// Solved again from the document as it is read back, and the start as it is read back.
fn again(document: &PlanDocument, (case, goals): &(Case, Goals), start: Option<&HotStart>) -> Replayed {
    let document = PlanDocument::parse(&document.to_json()).unwrap();
    let start = start.map(|start| HotStart::of(start.bytes().to_vec()));
    replay(&document, (case, goals), None, start).unwrap()
}

#[test]
fn feiyun_from_nothing_and_from_another_plan() {
    let asked = feiyun();
    let (case, goals) = &asked;
    let first = audited(case, goals, &SolveOptions::default()).unwrap();
    assert_eq!(again(&first.document, &asked, None), Replayed::Same);

    let end = first.end.unwrap();
    let options = SolveOptions { start: Some(Arc::new(end.clone())), ..SolveOptions::default() };
    let second = audited(case, goals, &options).unwrap();
    assert_ne!(second.document.record.id, first.document.record.id);
    assert_eq!(again(&second.document, &asked, Some(&end)), Replayed::Same);
    let Replayed::Not(missing) = again(&second.document, &asked, None) else { panic!() };
    assert_eq!(missing, [format!("start: the basis that the plan began from is not there: SHA-256 {}", end.digest())]);
    let other = HotStart::of(b"another".to_vec());
    let Replayed::Not(another) = again(&second.document, &asked, Some(&other)) else { panic!() };
    assert!(another[0].contains(&other.digest()) && another[0].contains(&end.digest()), "{another:?}");
}

#[test]
fn plans_asked_in_every_way() {
    let basin = Basin::read(Path::new("examples/cascade")).unwrap_or_else(|refusals| panic!("{refusals}"));
    let asked = lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"));
    for way in WAYS {
        let Ok(goals) = way.ask(&asked.1) else { continue };
        let options = SolveOptions { way: Some(way.word), rates: true, ..SolveOptions::default() };
        let document = audited(&asked.0, &goals, &options).unwrap().document;
        assert_eq!(again(&document, &asked, None), Replayed::Same, "{}", way.word);
    }
}

#[test]
fn a_plan_with_anything_changed_is_another() {
    let asked = feiyun();
    let mut content = audited(&asked.0, &asked.1, &SolveOptions::default()).unwrap().document.content;
    let place = content.series.iter_mut().find(|series| series.quantity == "storage").unwrap();
    place.values[1] = place.values[1].map(|value| value + 1e-9);
    let Replayed::Differs(differences) = again(&PlanDocument::new(content), &asked, None) else { panic!() };
    assert!(differences.len() == 1 && differences[0].starts_with("series."), "{differences:?}");
}

#[test]
fn changed_files_are_named_by_their_digests() {
    let folder = tempfile::tempdir().unwrap();
    let read = || {
        let basin = Basin::read(folder.path()).unwrap_or_else(|refusals| panic!("{refusals}"));
        lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"))
    };
    for file in ["basin.toml", "series.csv"] {
        std::fs::copy(Path::new("examples/cascade").join(file), folder.path().join(file)).unwrap();
    }
    let asked = read();
    let document = audited(&asked.0, &asked.1, &SolveOptions::default()).unwrap().document;
    assert_eq!(again(&document, &read(), None), Replayed::Same);
    let basin = folder.path().join("basin.toml");
    let text = std::fs::read_to_string(&basin).unwrap();
    std::fs::write(&basin, format!("{text}\n# another day\n")).unwrap();
    let changed = read();
    let Replayed::Not(why) = again(&document, &changed, None) else { panic!() };
    let (own, told) = (&changed.0.basin.digest, &document.content.inputs.basin);
    assert_eq!(
        why,
        [format!("inputs: the basin file is not the one that the plan was made from: SHA-256 {own}, not {told}")]
    );
    std::fs::write(&basin, &text).unwrap();
    let series = folder.path().join("series.csv");
    let longer = std::fs::read_to_string(&series).unwrap() + "\n";
    std::fs::write(&series, longer).unwrap();
    let Replayed::Not(why) = again(&document, &read(), None) else { panic!() };
    assert!(!why.is_empty() && why.iter().all(|why| why.contains("is not the series that the plan was made from: SHA-256")));
}

#[test]
fn what_time_ended_is_said_not_to_be_reproducible() {
    let (case, mut goals) = feiyun();
    let mut content = audited(&case, &goals, &SolveOptions::default()).unwrap().document.content;
    "feasible".clone_into(&mut content.stages[0].outcome);
    content.stages[0].gap = Some(0.5);
    goals.integers = Some(Integers { gap: 1e-4, time_limit_s: Some(2.0) });
    let Replayed::Not(why) = again(&PlanDocument::new(content), &(case, goals), None) else { panic!() };
    assert!(why[0].ends_with("was left where the limit of 2 s ended its solve, which is not reproducible"), "{why:?}");
}
