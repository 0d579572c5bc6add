//! Cases without a plan: each folder of `tests/infeasible` is a basin whose rules cannot hold together, with the sentences that say
//! so and the arithmetic of the water that is missing.
//!
//! `expected.toml` opens with `because`, the arithmetic by hand, and says:
//!
//! | key | holds |
//! |---|---|
//! | `[[conflict]]` | in order: `english`, `chinese`, `missing_hm3` by hand (none where no water helps), `rules`; `budget` where a case with whole numbers has a conflict without them; `terms` of the budget by what they are, where the hand takes each from the file; `closed`, what it says of ways that pass nothing; `says`, parts of the budget's sentence in either language |
//! | `[[gives_way]]` | what gives way in the first way out: `rule`, `hm3` summed over its steps; none where nothing can |
//! | `ways` | how many ways out there are |
//! | `in_all_hm3` | what is missing in all, where conflicts share water; else their sum |
//!
//! Of each: the budget adds up to what is missing; without any one of the rules there is no such conflict; the first way out is what
//! an elastic solve takes, and its plan passes the audit
//! and is proved.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use weir_model::audit::audit;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::document::document;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::network::RuleClass;
use weir_model::plan::Relaxation;
use weir_report::of_case;
use weir_scenarios::overlay::{self, Overlay};
use weir_solver::conflict::{Conflict, menu};
use weir_solver::ladder::Grounds;
use weir_solver::solve::{Infeasible, SolveOptions, Unsolved, solve};

mod lifted;
mod reasoned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    because: String,
    ways: usize,
    in_all_hm3: Option<f64>,
    conflict: Vec<Wanted>,
    #[serde(default)]
    gives_way: Vec<GivesWay>,
    /// Why in the first way out what gives way does so, each reason once, in order.
    #[serde(default)]
    reasons: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    english: String,
    chinese: String,
    missing_hm3: Option<f64>,
    rules: Vec<String>,
    #[serde(default)]
    budget: bool,
    #[serde(default)]
    terms: BTreeMap<String, f64>,
    #[serde(default)]
    closed: Vec<String>,
    #[serde(default)]
    says: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivesWay {
    rule: String,
    hm3: f64,
}

/// Greatest difference of a volume from the hand's, hm³.
const VOLUME_HM3: f64 = 1e-5;

fn read(folder: &Path) -> (Case, Goals) {
    lower(&Basin::read(folder).unwrap(), None).unwrap()
}

fn infeasible(case: &Case, goals: &Goals) -> Infeasible {
    match solve(case, goals, &SolveOptions::default()) {
        Err(Unsolved::Infeasible(found)) => *found,
        Err(other) => panic!("{other}"),
        Ok(solved) => panic!("a plan with {:?}", solved.plan.relaxations),
    }
}

fn rules(conflict: &Conflict) -> Vec<String> {
    conflict.rules.iter().map(|rule| rule.address.clone()).collect()
}

/// Without any one of its rules a conflict is none in its days.
fn is_smallest(case: &Case, goals: &Goals, conflict: &Conflict) {
    for rule in rules(conflict) {
        match solve(&lifted::without(case, &rule).unwrap(), goals, &SolveOptions::default()) {
            Ok(_) => {}
            Err(Unsolved::Infeasible(found)) => {
                let holds =
                    |days: &Range<usize>| conflict.periods.iter().any(|own| own.start <= days.start && days.end <= own.end);
                let is_within = |other: &Conflict| {
                    rules(other).iter().all(|rule| rules(conflict).contains(rule)) && other.periods.iter().all(holds)
                };
                let same = found.conflicts.iter().any(is_within);
                assert!(!same, "without `{rule}` still: {found}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

/// What gives way by rule, summed over its steps; states are left out.
fn given_way(relaxations: &[Relaxation]) -> BTreeMap<String, f64> {
    let mut by_rule = BTreeMap::new();
    for Relaxation { address, hm3, .. } in
        relaxations.iter().filter(|r| !matches!(r.class, None | Some(RuleClass::FloodLimit)))
    {
        *by_rule.entry(address.clone()).or_insert(0.0) += hm3;
    }
    by_rule
}

/// The first way out is the plan of an elastic solve, which passes the audit and names what gave way.
fn first_way_out(case: &Case, goals: &Goals, found: &Infeasible) -> (usize, BTreeMap<String, f64>, Vec<String>) {
    let ways = menu(case, goals, &found.conflicts, &SolveOptions::default()).unwrap();
    let elastic = SolveOptions { elastic: true, ..SolveOptions::default() };
    let Some(first) = ways.first() else {
        assert!(matches!(solve(case, goals, &elastic), Err(Unsolved::Infeasible(_))));
        return (0, BTreeMap::new(), Vec::new());
    };
    let solved = solve(case, goals, &elastic).unwrap();
    let case = solved.case.as_deref().unwrap_or(case);
    let audited = audit(case, goals, &solved.plan);
    assert!(audited.findings.is_empty(), "{:?}", audited.findings);
    let (planned, told) = (given_way(&solved.plan.relaxations), given_way(&first.relaxations));
    assert!(planned.keys().eq(told.keys()), "{planned:?} {told:?}");
    assert!(planned.iter().all(|(rule, hm3)| (told[rule] - hm3).abs() <= VOLUME_HM3), "{planned:?} {told:?}");
    // With just these rules open no plan is better, as far as that can be proved.
    for proof in &solved.plan.certificate.proofs {
        let gap = proof.value - proof.bound;
        assert!(gap <= 1e-6 * proof.value.abs().max(1.0), "`{}`: {}, proved {}", proof.of, proof.value, proof.bound);
    }
    for (stage, goal) in solved.plan.stages.iter().zip(&first.goals) {
        assert!((stage.value - goal.value).abs() <= 1e-5 * goal.value.abs().max(1.0), "{stage:?} {goal:?}");
    }
    for rule in told.keys() {
        assert!(solved.plan.notes.iter().any(|note| note.starts_with(&format!("`{rule}` gives way by "))), "{rule}");
    }
    let document = document(case, goals, &solved.plan, &audited);
    for note in &document.content.case.notes {
        let said = weir_report::sentence(&document, note, weir_report::Language::Chinese);
        assert!(said.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{note}");
    }
    assert_eq!(reasoned::unreasoned(&document), Vec::<String>::new());
    let mut reasons: Vec<String> = document.content.relaxations.into_iter().filter_map(|row| row.reason).collect();
    reasons.dedup();
    (ways.len(), told, reasons)
}

#[test]
fn every_case_of_the_folder_is_told_as_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/infeasible");
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 40);
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        eprintln!("{name}");
        let expected: Expected = toml::from_str(&std::fs::read_to_string(folder.join("expected.toml")).unwrap()).unwrap();
        assert!(expected.because.len() > 40, "{name}: `because` gives the arithmetic");
        let (case, goals) = read(&folder);
        let found = infeasible(&case, &goals);
        let sentences: Vec<&str> = expected.conflict.iter().map(|wanted| wanted.english.as_str()).collect();
        assert_eq!(found.explained, sentences, "{name}");
        for (conflict, wanted) in found.conflicts.iter().zip(&expected.conflict) {
            assert_eq!(conflict.missing_hm3.is_some(), wanted.missing_hm3.is_some(), "{name}");
            let missing = conflict.missing_hm3.unwrap_or_default();
            let by_hand = wanted.missing_hm3.unwrap_or_default();
            assert!((missing - by_hand).abs() <= VOLUME_HM3, "{name}: {missing}, by hand {by_hand}");
            assert_eq!(rules(conflict), wanted.rules, "{name}");
            assert_eq!(of_case(&case, &goals, &wanted.english).chinese, wanted.chinese, "{name}");
            let of_whole_numbers = goals.integers.is_some() && !wanted.budget;
            assert_eq!(conflict.budget.is_empty(), of_whole_numbers, "{name}: {conflict:?}");
            let sum: f64 = conflict.budget.iter().map(|entry| entry.hm3).sum();
            assert!(of_whole_numbers || (sum - missing).abs() <= VOLUME_HM3, "{name}: {:?}", conflict.budget);
            for (what, by_hand) in &wanted.terms {
                let of_what = conflict.budget.iter().filter(|entry| entry.what.word() == what);
                let told: f64 = of_what.map(|entry| entry.hm3).sum();
                assert!((told - by_hand).abs() <= VOLUME_HM3, "{name}: {what} {told}, by hand {by_hand}");
            }
            assert_eq!(conflict.closed.len(), wanted.closed.len(), "{name}: {:?}", conflict.closed);
            if let Some(budget) = conflict.budget_sentence() {
                let said = of_case(&case, &goals, &budget).chinese;
                assert!(wanted.closed.iter().all(|closed| budget.contains(closed)), "{name}: {budget}");
                assert_eq!(said.matches("，不过水").count(), wanted.closed.len(), "{name}: {said}");
                for part in &wanted.says {
                    assert!(budget.contains(part) || said.contains(part), "{name}: {budget} {said}");
                }
                let opens = match (conflict.both, conflict.too_much) {
                    (true, _) => "来水与所需：",
                    (_, true) => "来水：",
                    _ => "所需：",
                };
                assert!(said.starts_with(opens) && !said.contains("against") && !said.contains("hm3"), "{name}: {said}");
            }
            is_smallest(&case, &goals, conflict);
        }
        let sum: Option<f64> = found.conflicts.iter().map(|conflict| conflict.missing_hm3).sum();
        let in_all = expected.in_all_hm3.or(sum).unwrap_or_default();
        assert!((found.in_all_hm3.unwrap_or_default() - in_all).abs() <= VOLUME_HM3, "{name}: {found}");
        // Where no water helps, the program without whole numbers has no point either.
        let is_whole = goals.integers.is_some() && found.in_all_hm3.is_some() && expected.conflict.iter().all(|c| !c.budget);
        assert_eq!(found.grounds == Grounds::Whole, is_whole, "{name}: {:?}", found.grounds);
        let (ways, gives_way, reasons) = first_way_out(&case, &goals, &found);
        assert_eq!(ways, expected.ways, "{name}");
        assert!(expected.reasons.is_empty() || reasons == expected.reasons, "{name}: {reasons:?}");
        let wanted: BTreeMap<String, f64> = expected.gives_way.iter().map(|row| (row.rule.clone(), row.hm3)).collect();
        assert!(gives_way.keys().eq(wanted.keys()), "{name}: {gives_way:?}");
        assert!(gives_way.iter().all(|(rule, hm3)| (wanted[rule] - hm3).abs() <= VOLUME_HM3), "{name}: {gives_way:?}");
    }
}

/// An order on a level is told as it was given, in metres, with the water that it means.
#[test]
fn an_order_on_a_level_is_told_in_metres() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/infeasible/flood_limit_against_outlet");
    let (case, goals) = read(&folder);
    let solved = solve(&case, &goals, &SolveOptions { elastic: true, ..SolveOptions::default() }).unwrap();
    let document = document(&case, &goals, &solved.plan, &audit(&case, &goals, &solved.plan));
    let said = weir_report::text(&document, weir_report::Language::Chinese);
    assert!(said.contains("不大于60.00 m（6000万m³）"), "{said}");
}

/// A permit that was overused before the start leaves nothing, and where nothing is owed there is a plan that takes nothing and says why.
#[test]
fn a_permit_overused_before_leaves_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/infeasible/overused_permit_against_floor");
    let (case, goals) = read(&folder);
    let case = lifted::without(&case, "town.residents.floor").unwrap();
    let solved = solve(&case, &goals, &SolveOptions::default()).unwrap();
    let audited = audit(&case, &goals, &solved.plan);
    assert!(audited.findings.is_empty() && solved.plan.relaxations.is_empty(), "{:?}", audited.findings);
    let document = document(&case, &goals, &solved.plan, &audited);
    let row = &document.content.accounts[0];
    assert!(row.planned_hm3.abs() <= VOLUME_HM3 && (row.left_hm3 + 0.5).abs() <= VOLUME_HM3, "{row:?}");
    let note = document.content.case.notes.iter().find(|note| note.starts_with("Account `permit`")).unwrap();
    assert_eq!(
        weir_report::sentence(&document, note, weir_report::Language::Chinese),
        "账户“permit”窗口 2026-07-01/2026-08-10：期前已用 350万m³，超出控制量 50万m³，本期无可用水量。"
    );
}

/// Feiyun in a folder of its own, with texts put in the place of others.
fn feiyun(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/feiyun");
    let made = tempfile::tempdir().unwrap();
    for folder in ["", "series", "tables"] {
        std::fs::create_dir_all(made.path().join(folder)).unwrap();
        for entry in std::fs::read_dir(example.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, made.path().join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    let file = made.path().join("basin.toml");
    let mut text = std::fs::read_to_string(&file).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    std::fs::write(&file, text).unwrap();
    made
}

/// After a summer that left Shanxi at 117.3 m, 0.3 m above its dead level, Zhaoshandu is to owe its whole target as a floor.
#[test]
fn feiyun_low_in_autumn_with_a_greater_release_owed() {
    let made = feiyun(&[
        ("{ date = \"2026-10-16\", level_m = 124.6", "{ date = \"2026-10-16\", level_m = 117.3"),
        ("floor_m3s = { value = 4.3", "floor_m3s = { value = 8.6"),
    ]);
    let (case, goals) = read(made.path());
    let found = infeasible(&case, &goals);
    assert_eq!(found.grounds, Grounds::Ray);
    let [conflict] = &found.conflicts[..] else { panic!("{found}") };
    assert!(rules(conflict).contains(&"works_release_zhaoshandu.floor".to_owned()), "{found}");
    assert_eq!(rules(conflict).last().unwrap(), "shanxi.dead_level");
    let assumed = |id: &str| conflict.rules.iter().find(|rule| rule.address == id).unwrap().assumed;
    assert!(assumed("works_release_zhaoshandu.floor") && !assumed("shanxi.dead_level"));
    let missing = conflict.missing_hm3.unwrap();
    let sum: f64 = conflict.budget.iter().map(|entry| entry.hm3).sum();
    assert!((sum - missing).abs() <= VOLUME_HM3, "{conflict:?}");
    assert!(found.in_all_hm3.unwrap() >= missing);
    is_smallest(&case, &goals, conflict);
    let said = of_case(&case, &goals, &found.explained[0]).chinese;
    assert!(said.starts_with("2026年10月16日至2027年"), "{said}");
    for part in [
        "“赵山渡工程下泄 · 下限”8.6 m³/s[basin.toml:",
        "，待核]",
        "与“珊溪水库 · 死水位”117 m[basin.toml:",
        "]不能同时满足：缺水 ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.ends_with("万m³）"), "{said}");
    // Of 87 days, by hand from the file: what is owed below Zhaoshandu, what is owed by the two works through the north canal, which loses
    // 3 % of what it takes (all but what is missing behind it); and 0.3 m of Shanxi by its curve.
    let term = |what: &str, of: &str| {
        let terms = conflict
            .budget
            .iter()
            .filter(|entry| entry.what.word() == what && entry.of.as_deref().unwrap_or_default() == of);
        terms.map(|entry| entry.hm3).sum::<f64>()
    };
    assert!((term("rule", "works_release_zhaoshandu.floor") - 8.6 * 87.0 * 0.0864).abs() <= VOLUME_HM3, "{conflict:?}");
    let days = |values: [f64; 4]| 16.0 * values[0] + 30.0 * values[1] + 31.0 * values[2] + 10.0 * values[3];
    let wenzhou = 0.48 * 0.7 * days([10.2, 9.8, 9.6, 9.4]) * 0.0864;
    let ruian = 0.46 * 0.7 * days([3.7, 3.5, 3.4, 3.4]) * 0.0864;
    assert!((term("rule", "wenzhou_works.residents.floor") - wenzhou).abs() <= VOLUME_HM3, "{conflict:?}");
    assert!((term("rule", "ruian_works.residents.floor") - ruian).abs() <= VOLUME_HM3, "{conflict:?}");
    let lost = (wenzhou + ruian - missing) * 0.03 / 0.97;
    assert!((term("lost_on_the_way", "") - lost).abs() <= VOLUME_HM3, "{conflict:?}");
    assert!((term("above_dead_level", "shanxi") + 6.21).abs() <= 1e-3, "{conflict:?}");
    // Households come before base flow: the release gives way, and by more than the smallest set lacks, since all are to be served.
    let (ways, gives_way, _) = first_way_out(&case, &goals, &found);
    assert!(ways >= 2);
    assert!(gives_way.keys().eq(["works_release_zhaoshandu.floor"]), "{gives_way:?}");
    assert!(gives_way["works_release_zhaoshandu.floor"] >= found.in_all_hm3.unwrap() - VOLUME_HM3, "{gives_way:?}");
}

/// In the first ten days of December the northern canal is closed for repair altogether, where one tube of it was to pass 14 m³/s.
#[test]
fn feiyun_with_its_northern_canal_closed() {
    let made = feiyun(&[("to = \"2026-12-10\", value = 14 }", "to = \"2026-12-10\", value = 0 }")]);
    let (case, goals) = read(made.path());
    let found = infeasible(&case, &goals);
    // Residents' floors in December: Wenzhou 0.7 x 0.48 x 9.6, Ruian 0.7 x 0.46 x 3.4, Dongtou 0.7 x 0.68 x 0.34 m³/s, ten days each;
    // Dongtou's 0.05 of loss lies between it and the canal.
    let by_hand = [("wenzhou_works", 0.48 * 9.6), ("ruian_works", 0.46 * 3.4), ("dongtou_works", 0.68 * 0.34)];
    assert_eq!(found.conflicts.len(), by_hand.len(), "{found}");
    for (works, share) in by_hand {
        let floor = format!("{works}.residents.floor");
        let of = found.conflicts.iter().find(|conflict| rules(conflict).contains(&floor)).unwrap();
        assert!(rules(of).contains(&"north_canal.capacity".to_owned()), "{found}");
        let missing = 0.7 * share * 0.864;
        assert!((of.missing_hm3.unwrap() - missing).abs() <= VOLUME_HM3, "{works}: {missing} by hand, {found}");
        is_smallest(&case, &goals, of);
        let said = of_case(&case, &goals, &of.sentence(&case)).chinese;
        assert!(said.starts_with("2026年12月1日至2026年12月10日：") && said.contains("“北干渠 · 过流能力”0 m³/s"), "{said}");
    }
    let (_, gives_way, _) = first_way_out(&case, &goals, &found);
    assert_eq!(gives_way.len(), by_hand.len(), "{gives_way:?}");
}

/// Feiyun under an overlay.
fn feiyun_under(changes: &str) -> (Case, Goals) {
    let overlay = Overlay::of_text("hand", "hand.toml", changes).unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/feiyun");
    lower(&overlay::read(&example, Some(&overlay), &[]).unwrap(), None).unwrap()
}

/// What stands in a budget by the limit of a way is a rule of the conflict, though without it alone the store behind it would run dry.
#[test]
fn feiyun_with_a_standby_pipe_that_is_too_narrow() {
    let (case, goals) = feiyun_under(
        r#"
        [[change]]
        scale = "wenzhou_works.demand_m3s"
        by = 8
        [[change]]
        open = "zeya_standby"
        "#,
    );
    let found = infeasible(&case, &goals);
    for conflict in &found.conflicts {
        let named = rules(conflict);
        let told = conflict.budget.iter().filter(|entry| entry.what.word() == "rule").filter_map(|entry| entry.of.clone());
        let missing: Vec<String> = told.filter(|rule| !named.contains(rule)).collect();
        assert!(missing.is_empty(), "{missing:?}: {found}");
        is_smallest(&case, &goals, conflict);
    }
    assert!(rules(&found.conflicts[0]).contains(&"zeya_standby.capacity".to_owned()), "{found}");
}

/// Three outlets are closed by an overlay: its lines are cited for them, and what lacks below has them as its reason, not only those who have
/// the water that is left.
#[test]
fn feiyun_with_the_outlets_of_its_reservoir_closed() {
    let closed =
        |outlet: &str| format!("[[change]]\nclose = \"shanxi.{outlet}\"\nfrom = \"2026-11-03\"\nto = \"2026-11-06\"\n");
    let (case, goals) = feiyun_under(&["turbines", "ecological", "spillway"].map(closed).concat());
    let found = infeasible(&case, &goals);
    let of_outlets =
        || found.conflicts.iter().flat_map(|conflict| &conflict.rules).filter(|rule| rule.address.starts_with("shanxi."));
    for (outlet, line) in [("turbines", 2), ("ecological", 6), ("spillway", 10)] {
        let place = of_outlets().find(|rule| rule.address == format!("shanxi.{outlet}.capacity")).unwrap().place.to_string();
        assert_eq!(place, format!("hand.toml:{line}"));
    }
    assert!(
        found.conflicts.iter().flat_map(|conflict| &conflict.rules).any(|rule| rule.place.to_string() == "basin.toml:370")
    );
    let solved = solve(&case, &goals, &SolveOptions { elastic: true, ..SolveOptions::default() }).unwrap();
    let document = document(&case, &goals, &solved.plan, &audit(&case, &goals, &solved.plan));
    let below = ["works_release_zhaoshandu.floor", "xuekou_section.floor", "wenzhou_works.residents.floor"];
    for rule in below {
        let mut rows = document.content.relaxations.iter().filter(|row| row.address == rule).peekable();
        assert!(rows.peek().is_some(), "{rule} did not give way");
        for row in rows {
            let (reason, advice) = (row.reason.as_deref().unwrap_or_default(), row.advice.as_deref().unwrap_or_default());
            assert!(
                reason.starts_with("`shanxi.turbines` is closed; the water of `xuekou` goes first "),
                "{rule}: {reason}"
            );
            assert!(advice.starts_with("opening `shanxi.turbines` would help; "), "{rule}: {advice}");
        }
    }
}

/// An order holds what the reservoir lets out: no advice is to let out more, and what lacks below has the order as its reason.
#[test]
fn feiyun_with_an_order_on_what_its_reservoir_lets_out() {
    let order = "[[command]]\nid = \"order_max\"\nissuer = \"温州市防指\"\nnumber = \"4号\"\nfrom = \"2026-11-04\"\nto = \"2026-11-08\"\n\
                 on = \"shanxi.outflow\"\nmaximum_m3s = 2.0\n";
    let (case, goals) = feiyun_under(order);
    let solved = solve(&case, &goals, &SolveOptions { elastic: true, ..SolveOptions::default() }).unwrap();
    let document = document(&case, &goals, &solved.plan, &audit(&case, &goals, &solved.plan));
    let rows = document.content.relaxations.iter().map(|row| (&row.address, &row.from, &row.reason, &row.advice));
    let warnings = document.content.warnings.iter().filter(|row| row.kind == "section");
    let all = rows.chain(warnings.map(|row| (&row.address, &row.from, &row.reason, &row.advice)));
    let mut below = 0;
    for (address, from, reason, advice) in all.filter(|(_, from, ..)| ("2026-11-04".."2026-11-09").contains(&from.as_str()))
    {
        if !["zhaoshandu", "xuekou"].iter().any(|place| address.contains(place)) {
            continue;
        }
        let (reason, advice) = (reason.as_deref().unwrap_or_default(), advice.as_deref().unwrap_or_default());
        assert!(
            reason.starts_with("held by the command `order_max`; the water of `xuekou` goes first "),
            "{address} {from}: {reason}"
        );
        assert!(advice.starts_with("only who gave the order `order_max` can change it"), "{address} {from}: {advice}");
        below += 1;
    }
    assert!(below >= 5, "{below}");
}

/// An account gives way over its window, not on the window's last day alone.
#[test]
fn an_account_gives_way_over_its_window() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/infeasible/account_against_floor");
    let (case, goals) = read(&folder);
    let solved = solve(&case, &goals, &SolveOptions { elastic: true, ..SolveOptions::default() }).unwrap();
    let document = document(&case, &goals, &solved.plan, &audit(&case, &goals, &solved.plan));
    let [row] = &document.content.relaxations[..] else { panic!("{:?}", document.content.relaxations) };
    assert!(row.from.starts_with("2026-08-01T00:00") && row.to.starts_with("2026-08-11T00:00"), "{row:?}");
    assert_eq!(row.advice.as_deref(), Some("its limit is reached on 2026-08-09"));
    let note = "`permit.limit` gives way by 0.456 hm3: 2026-08-01 – 2026-08-10";
    assert!(solved.plan.notes.iter().any(|said| said == note), "{:?}", solved.plan.notes);
}
