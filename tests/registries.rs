//! The words of each registry, the names of the files in its folder, and the pages of the guide are the same.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

/// Names of the files of a folder, without those that hold no entry.
fn files(folder: &str, others: &[&str]) -> BTreeSet<String> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod" && !others.contains(&name.as_str()))
        .collect()
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// Words of a registry that a page of the guide does not have between backticks.
fn missing(page: &str, words: &BTreeSet<String>) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page)).unwrap();
    words.iter().filter(|word| !text.contains(&format!("`{word}`"))).cloned().collect()
}

#[test]
fn elements() {
    let kinds = words(weir_model::elements::KINDS.iter().map(|kind| kind.word));
    assert_eq!(kinds, files("model/src/elements", &[]));
    let guide = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/basin-file.md")).unwrap();
    let headings: BTreeSet<&str> =
        guide.lines().filter_map(|line| line.strip_prefix("## ")).flat_map(|heading| heading.split(", ")).collect();
    let unheaded: Vec<_> = kinds.iter().filter(|kind| !headings.contains(kind.as_str())).collect();
    assert!(unheaded.is_empty(), "no heading in docs/basin-file.md: {unheaded:?}");
    assert_eq!(missing("words.md", &kinds), Vec::<String>::new());
}

#[test]
fn objectives_and_their_measures() {
    let measures = words(weir_model::measures::MEASURES.iter().map(|measure| measure.kind()));
    let objectives = words(weir_solver::objectives::OBJECTIVES.iter().map(|objective| objective.word()));
    assert_eq!(measures, objectives);
    assert_eq!(measures, files("model/src/measures", &["selection", "tests"]));
    assert_eq!(objectives, files("solver/src/objectives", &[]));
    for page in ["words.md", "basin-file.md", "formulation.md"] {
        assert_eq!(missing(page, &objectives), Vec::<String>::new(), "in docs/{page}");
    }
}

#[test]
fn every_objective_has_its_page() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/objectives");
    let files: BTreeSet<String> = pages
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let measures = weir_model::measures::MEASURES;
    assert_eq!(files, words(measures.iter().map(|measure| measure.kind())));
    for measure in measures {
        let text = std::fs::read_to_string(pages.join(format!("{}.md", measure.kind()))).unwrap();
        assert!(text.starts_with(&format!("# {} ", measure.kind())), "{text}");
        let sense = format!("| sense | {} |", measure.sense().word());
        for row in [sense.as_str(), "| unit | ", "| expression | ", "| a good value | ", "| dual | ", "| traps | "] {
            assert!(text.contains(row), "docs/objectives/{}.md has no `{row}`", measure.kind());
        }
        assert!(text.contains(&format!("kind = \"{}\"", measure.kind())), "docs/objectives/{}.md", measure.kind());
    }
}

#[test]
fn equations() {
    let rows = words(weir_solver::rows::ROWS.iter().map(|family| family.word()));
    assert_eq!(rows, files("solver/src/rows", &[]));
    assert_eq!(missing("formulation.md", &rows), Vec::<String>::new());
}

#[test]
fn methods() {
    let methods = words(weir_solver::methods::METHODS.iter().map(|method| method.word()));
    assert_eq!(methods, files("solver/src/methods", &["live", "payoff", "hull", "rates"]));
    assert_eq!(missing("formulation.md", &methods), Vec::<String>::new());
}

#[test]
fn words_of_addresses_rules_and_uses() {
    let rules = weir_model::network::RuleClass::DEFAULT_ORDER.iter().map(|class| class.word());
    let uses = weir_model::network::Use::ALL.iter().map(|use_| use_.word());
    let all = words(weir_model::basin::RESERVED.into_iter().chain(rules).chain(uses));
    assert_eq!(missing("words.md", &all), Vec::<String>::new());
}

#[cfg(feature = "scenarios")]
#[test]
fn changes_of_overlays() {
    let changes = weir_scenarios::changes::CHANGES;
    let all = words(changes.iter().map(|change| change.word));
    assert_eq!(all, files("scenarios/src/changes", &["ways"]));
    for page in ["scenarios.md", "words.md"] {
        assert_eq!(missing(page, &all), Vec::<String>::new(), "in docs/{page}");
    }
    let guide = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md")).unwrap();
    for change in changes {
        let row = guide.lines().find(|line| line.starts_with(&format!("| `{}` |", change.word)));
        let row = row.unwrap_or_else(|| panic!("no row for `{}`", change.word));
        let unsaid = |field: &&&str| !row.contains(&format!("`{field}`")) && !field.starts_with("volume_");
        assert_eq!(change.fields.iter().find(unsaid), None, "{row}");
    }
}

#[cfg(feature = "scenarios")]
#[test]
fn questions_of_every_week() {
    let questions = weir_scenarios::questions::QUESTIONS;
    let all = words(questions.iter().map(|question| question.word));
    assert_eq!(all, files("scenarios/src/questions", &[]).into_iter().map(|file| file.replace('_', "-")).collect());
    let guide = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md")).unwrap();
    for question in questions {
        let row = format!("| `{}` | {} | {} |", question.word, question.asked[0], question.of);
        assert!(guide.contains(&row.replace("|  |", "| |")), "no row in docs/scenarios.md: {row}");
    }
}

#[cfg(feature = "scheduler")]
#[test]
fn publishers() {
    let publishers = words(weir_scheduler::publishers::PUBLISHERS.iter().map(|(word, _)| *word));
    assert_eq!(publishers, files("scheduler/src/publishers", &["event", "parquet", "secret"]));
    assert_eq!(missing("jobs-file.md", &publishers), Vec::<String>::new());
}
