//! Random basins: each is solved as `weir solve` does, audited, verified, written, read again and told in both languages; whatever
//! comes, nothing panics, and every outcome is counted.
//!
//! What must hold of each:
//! - a plan passes the audit, contradicts itself nowhere and verifies against its basin; each proof leaves a gap of at most [`GAP`];
//! - stage by stage, optimal faces and certified weights reach the same values, as far as what a solver leaves in rows does not buy
//!   others;
//! - what is said of a little more water anywhere comes about, and what is short has its reason ([`explained`]): of one plan in
//!   [`EXPLAINED`], or with `WEIR_EXPLAIN=1` of each;
//! - where there is said to be no plan, there is one without the rules that the conflicts name and that can give way, running the basin
//!   by the rules finds none that breaks no rule, and another engine agrees;
//! - a number of it that is changed, whichever, is found out and named ([`changed`]); four of each, with `WEIR_CHANGE_ALL` all;
//! - every shortage, breach and warning has its reason in both languages, and what a sentence names and numbers is in the plan.
//!
//! 200 of them in the tests; `scripts/random-basins [COUNT] [SEED]` runs as many as one likes. Each that fails is left as
//! `target/random-basins/SEED/basin.toml`; with `WEIR_SHOW` set, refusals are told too.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use weir_model::audit::audit;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::document::{PlanDocument, StageRow};
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_model::lower::lower;
use weir_model::tolerance::{FEASIBILITY_HM3, SOLVER_PRIMAL};
use weir_report::Language;
use weir_report::view::View;
use weir_solver::audited::{Audited, Unaudited, audited};
use weir_solver::conflict::Conflict;
use weir_solver::engine::{ENGINES, Options};
use weir_solver::formulation::formulated;
use weir_solver::layout::{FlowColumns, Open};
use weir_solver::solve::{Infeasible, SolveOptions, Unsolved, solve};
use weir_solver::verify::verify;

#[path = "random/basin.rs"]
mod basin;
mod changed;
#[path = "random/draw.rs"]
mod draw;
#[path = "random/explained.rs"]
mod explained;
#[path = "random/goals.rs"]
mod goals;
mod lifted;
mod reasoned;
#[path = "random/rules.rs"]
mod rules;

/// Greatest gap that a proof may leave, relative, absolute where the value is 0.
const GAP: f64 = 1e-6;
/// Differences of two ways to one value, relative, absolute below 1: what counts as none, and what later stages do not feel.
const EQUAL: f64 = 1e-5;
const EXACT: f64 = 1e-13;
/// Numbers of each plan that are changed.
const CHANGES: usize = 4;
/// A basin with so many conflicts may have more than are told.
const MOST_CONFLICTS: usize = 6;
/// How often what comes to light is lifted.
const MOST_LIFTED: usize = 8;
/// One in so many plans is explained, unless `WEIR_EXPLAIN` says otherwise.
const EXPLAINED: u64 = 20;

/// Seeds that once showed a fault: they come after those of the tests, and each is explained. Of three a level above its flood limit had
/// no reason; of one a goal at heads was explained that the goal before it decides by what a solver rounds, and of one that parts the two
/// ways; of one an order of a later day was not told to force a release; of one some hundred litres for a lake took from towns three quarters
/// of what they could have; of two an engine took what stage 0 keeps of whole numbers, to within a rounding, for infeasible.
const MENDED: [u64; 30] = [
    42_001_746, 44_002_410, 45_002_138, 13_006_987, 46_000_809, 47_000_966, 50_001_087, 50_007_454, 51_000_137, 57_001_300,
    57_003_008, 62_000_423, 62_000_172, 63_000_168, 64_000_540, 64_001_054, 64_001_150, 65_001_171, 65_001_303, 70_003_519,
    70_007_832, 74_000_785, 74_000_994, 74_001_058, 74_001_193, 75_000_914, 78_005_625, 78_006_091, 80_001_360, 81_006_085,
];

/// Of a plan whose basin has a junction that only passes water on.
const PASSED: &str = "with a junction that only passes water on";

/// What came of a basin, and what is wrong with that.
struct Judged {
    outcome: &'static str,
    /// What else was done with it.
    also: Vec<&'static str>,
    faults: Vec<String>,
}

impl Judged {
    const fn new(outcome: &'static str) -> Self {
        Self { outcome, also: Vec::new(), faults: Vec::new() }
    }
}

fn judge(text: &str, explains: bool) -> Judged {
    let none = |path: &str| Err(format!("{path} is not there"));
    let read = Basin::parse(text.as_bytes(), &none).and_then(|basin| lower(&basin, None));
    let (case, goals) = match read {
        Ok(read) => read,
        Err(refusals) => {
            let why = refusals.to_string();
            if std::env::var("WEIR_SHOW").is_ok() {
                eprintln!("{why}");
            }
            assert!(why.contains("basin.toml:"), "a refusal names its line: {why}");
            return Judged::new("refused");
        }
    };
    let options = SolveOptions { rates: true, ..SolveOptions::default() };
    match audited(&case, &goals, &options) {
        Ok(Audited { document, .. }) => {
            let mut judged = planned(&case, &goals, &document, &options);
            judged.also.extend(passes_on(&case, &goals).then_some(PASSED));
            if explains {
                let mut draw = draw::Draw::new(text.len() as u64);
                let (explained, faults) = explained::explained(&document, &case, &goals, &mut draw);
                judged.also.extend(explained.then_some("explained"));
                judged.faults.extend(faults);
            }
            judged
        }
        Err(Unaudited::Unsolved(Unsolved::Infeasible(found))) => infeasible(&case, &goals, Some(&found)),
        Err(Unaudited::Unsolved(Unsolved::Stuck(_))) => infeasible(&case, &goals, None),
        Err(why) => {
            let mut judged = Judged::new("broken");
            judged.faults.push(why.to_string());
            judged
        }
    }
}

/// Whether the program of a basin leaves out a junction that only passes water on.
fn passes_on(case: &Case, goals: &Goals) -> bool {
    let flows = formulated(case, goals, Open::Nothing).map(|formulation| formulation.layout.flows);
    flows.is_ok_and(|flows| flows.iter().any(|flow| matches!(flow, FlowColumns::Passed(_))))
}

/// What must hold of a plan.
fn planned(case: &Case, goals: &Goals, document: &PlanDocument, options: &SolveOptions) -> Judged {
    let content = &document.content;
    let outcome = match (goals.method, content.relaxations.is_empty()) {
        (Method::Rules, _) => "planned by the rules",
        (_, true) if goals.integers.is_some() => "planned with integers",
        (_, true) => "planned",
        (_, false) => "planned, rules gave way",
    };
    let mut judged = Judged::new(outcome);
    let faults = &mut judged.faults;
    match PlanDocument::parse(&document.to_json()) {
        Ok(again) if again == *document => {}
        Ok(_) => faults.push("written and read again it is another".to_owned()),
        Err(why) => faults.push(format!("written, it cannot be read: {why}")),
    }
    faults.extend(content.contradictions());
    faults.extend(verify(document, case, goals));
    let proofs = content.certificate.iter().flat_map(|certificate| &certificate.proofs);
    let mut open: BTreeMap<&str, f64> = BTreeMap::new();
    for proof in proofs {
        // What those before miss to their own bounds, a rate may make much of.
        let before: f64 = proof.given.iter().map(|given| given.rate * missed(&given.what, &open)).sum();
        open.insert(&proof.of, (proof.value - proof.bound).max(0.0));
        let near = if content.relaxations.is_empty() { GAP } else { EQUAL };
        // Each entry of a leximin goal with a tolerance counts as low as the least may fall (docs/certificate.md, Limits).
        let leximin = |id: &str| {
            goals.objectives.iter().any(|objective| objective.id == id && objective.form.as_deref() == Some("leximin"))
        };
        let loose = |stage: &StageRow| stage.tolerance > 0.0 && leximin(&stage.objective);
        let mut earlier = content.stages.iter().take_while(|stage| stage.objective != proof.of);
        let left = left_by_rows(case, content.stages.iter().find(|stage| stage.objective == proof.of), goals);
        if proof.value - proof.bound > before * (1.0 + GAP) + near * proof.value.abs().max(1.0) + left && !earlier.any(loose)
        {
            faults.push(format!("`{}` is {}, proved is {}, given {:?}", proof.of, proof.value, proof.bound, proof.given));
        }
    }
    faults.extend(reasoned::unreasoned(document));
    // One number of each plan, and all of them where that is asked for.
    let numbers = changed::numbers(content);
    let mut draw = draw::Draw::new(numbers.len() as u64);
    let places: Vec<&String> = if std::env::var("WEIR_CHANGE_ALL").is_ok() {
        numbers.iter().collect()
    } else {
        (0..CHANGES).map(|_| draw.pick(&numbers)).collect()
    };
    if faults.is_empty() {
        faults.extend(places.into_iter().filter_map(|place| {
            let (up, plainly) = (draw.chance(0.5), draw.chance(0.5));
            let by = if plainly { changed::By::Plainly(up) } else { changed::By::Barely(up) };
            changed::unnoticed(document, (case, goals), place, by)
        }));
    }
    told(document, faults);
    if matches!(goals.method, Method::Lexicographic(_)) && goals.integers.is_none() {
        other_way(case, goals, document, options, faults);
    }
    judged
}

/// What a goal in m³/s makes of what a solver leaves in a row, in the shortest step, at the greatest weight (docs/certificate.md, Limits).
fn left_by_rows(case: &Case, stage: Option<&StageRow>, goals: &Goals) -> f64 {
    let Some(stage) = stage.filter(|stage| stage.unit == "m3/s") else { return 0.0 };
    let steps = 0..case.horizon.steps();
    let shortest = steps.clone().map(|step| case.hm3_per_m3s(step)).fold(f64::INFINITY, f64::min);
    let objective = goals.objectives.iter().find(|objective| objective.id == stage.objective);
    let weight = |step: usize| objective.map_or(1.0, |objective| case.at(&objective.weight, step, 0));
    SOLVER_PRIMAL / shortest * steps.map(weight).fold(0.0, f64::max)
}

/// What a link before may miss to its own bound: of a class of stage 0 what counts as no breach, of the plan's own and of the least.
fn missed(what: &str, open: &BTreeMap<&str, f64>) -> f64 {
    if what.starts_with("stage0.") { 2.0 * FEASIBILITY_HM3 } else { open.get(what).copied().unwrap_or_default() }
}

/// The page and the summary can be made, and no Chinese text has what a Chinese reader cannot read.
fn told(document: &PlanDocument, faults: &mut Vec<String>) {
    if !weir_report::html(document).contains("</html>") {
        faults.push("the page ends early".to_owned());
    }
    for language in [Language::Chinese, Language::English] {
        if weir_report::text(document, language).is_empty() {
            faults.push("nothing is told".to_owned());
        }
    }
    let is_chinese = |text: &str| text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    let view = View::new(document);
    let said = view.notes().into_iter().chain(view.prices_of_fairness());
    faults.extend(said.filter(|said| !is_chinese(&said.chinese)).map(|said| format!("no Chinese for: {}", said.english)));
}

/// Faces and weights reach the same values.
fn other_way(case: &Case, goals: &Goals, document: &PlanDocument, options: &SolveOptions, faults: &mut Vec<String>) {
    let by = if goals.method == Method::Lexicographic(Lexicographic::Faces) {
        Lexicographic::Weights
    } else {
        Lexicographic::Faces
    };
    let asked = Goals { method: Method::Lexicographic(by), ..goals.clone() };
    let plan = match solve(case, &asked, options) {
        Ok(solved) => solved.plan,
        Err(why) => return faults.push(format!("{by:?}: {why}")),
    };
    let staged = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage));
    // What a solver leaves in a row, in the unit of an earlier goal.
    let left = |what: &str| {
        let stage = document.content.stages.iter().find(|stage| stage.objective == what);
        SOLVER_PRIMAL.max(left_by_rows(case, stage, goals))
    };
    // At true heads two plans of one program are told with values of their own.
    let until = staged.take_while(|objective| !case.depends_on_head(objective)).count();
    for (stage, other) in document.content.stages.iter().zip(&plan.stages).take(until) {
        let (apart, size) = ((stage.value - other.value).abs(), stage.value.abs().max(1.0));
        // What a solver leaves in a row of an earlier goal's is worth its rate: both are proved (docs/certificate.md, Limits).
        let told =
            document.content.certificate.iter().flat_map(|told| &told.proofs).filter(|proof| proof.of == stage.objective);
        let told = told.map(|proof| proof.given.iter().map(|given| given.rate * left(&given.what)).sum::<f64>());
        let own = plan.certificate.proofs.iter().filter(|proof| proof.of == stage.objective);
        let own = own.map(|proof| proof.given.iter().map(|given| given.rate * left(&given.what)).sum::<f64>());
        let left = told.chain(own).fold(0.0, f64::max);
        if apart > EQUAL * size + left {
            faults.push(format!("`{}` is {}, by {by:?} {}", stage.objective, stage.value, other.value));
        }
        if apart > EXACT * size {
            // What comes after may make much of it.
            break;
        }
    }
}

/// Second opinions on there being no plan.
fn infeasible(case: &Case, goals: &Goals, found: Option<&Infeasible>) -> Judged {
    let mut judged = Judged::new(if goals.method == Method::Rules { "stuck by the rules" } else { "infeasible" });
    if goals.method == Method::Rules {
        return judged;
    }
    if let Some(fault) = found.map(|found| lifted_all(case, goals, found)) {
        match fault {
            Ok(true) => judged.also.push("without what its conflicts name it has a plan"),
            Ok(false) => {}
            Err(fault) => judged.faults.push(fault),
        }
    }
    let elastic = SolveOptions { elastic: true, ..SolveOptions::default() };
    match audited(case, goals, &elastic) {
        Ok(Audited { document, .. }) => {
            judged.outcome = "infeasible, least breach found";
            let rows = &document.content.relaxations;
            if rows.iter().all(|row| matches!(row.class.as_deref(), None | Some("flood_limit"))) {
                judged.faults.push("nothing but states gave way".to_owned());
            }
            judged.faults.append(&mut planned(case, goals, &document, &elastic).faults);
        }
        Err(Unaudited::Unsolved(Unsolved::Infeasible { .. })) => {
            judged.outcome = "water physically missing or too much";
        }
        Err(why) => judged.faults.push(format!("elastic: {why}")),
    }
    if goals.integers.is_some() {
        return judged;
    }
    let by_rules = Goals { method: Method::Rules, ..goals.clone() };
    if let Ok(simulated) = weir_solver::rules::simulate(case, &by_rules)
        && simulated.case.is_none()
        && simulated.plan.relaxations.is_empty()
        && audit(case, &by_rules, &simulated.plan).passed()
    {
        judged.faults.push("running by the rules breaks none: there is a plan".to_owned());
    }
    for &engine in ENGINES.iter().skip(1) {
        let other = SolveOptions { engine: Some(engine), engine_options: Options::default(), ..SolveOptions::default() };
        match solve(case, goals, &other) {
            Ok(solved)
                if solved.plan.relaxations.is_empty()
                    && solved.case.is_none()
                    && audit(case, goals, &solved.plan).passed() =>
            {
                judged.faults.push(format!("{} finds a plan that breaks no rule", engine.name()));
            }
            _ => {}
        }
    }
    judged
}

/// Whether there is a plan once all rules that the conflicts name are lifted; what is physical only where no rule runs against it: a
/// storage that a closed gate fills above its flood limit must keep to that again once the gate is open. Where a conflict is of physical
/// limits alone, which never give way, no more are sought: then others may come to light, and are lifted too.
fn lifted_all(case: &Case, goals: &Goals, found: &Infeasible) -> Result<bool, String> {
    let (mut free, mut found) = (case.clone(), found.clone());
    for _ in 0..MOST_LIFTED {
        // Water that cannot be balanced at all is no rule's fault.
        if found.conflicts.is_empty() || found.conflicts.iter().any(|conflict| conflict.rules.is_empty()) {
            return Ok(false);
        }
        let is_physical = |conflict: &Conflict| conflict.rules.iter().all(|rule| rule.class.is_none());
        for conflict in &found.conflicts {
            // Of limits alone, one lifted is enough.
            let last = conflict.rules.last().filter(|_| is_physical(conflict));
            let lifted = conflict.rules.iter().filter(|rule| rule.class.is_some()).chain(last);
            for address in lifted.map(|rule| &rule.address) {
                free = lifted::without(&free, address).ok_or_else(|| format!("a conflict names no rule: `{address}`"))?;
            }
        }
        let physical = found.conflicts.iter().any(is_physical);
        let is_all = !physical && found.conflicts.len() < MOST_CONFLICTS;
        match solve(&free, goals, &SolveOptions::default()) {
            Ok(_) => return Ok(true),
            Err(Unsolved::Infeasible(next)) if !is_all => found = *next,
            Err(why) => return Err(format!("without all that its conflicts name still no plan: {found}, now {why}")),
        }
    }
    Ok(false)
}

fn number<T: FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_basins_are_planned_proved_and_told() {
    let (count, first): (u64, u64) = (number("WEIR_BASINS", 200), number("WEIR_SEED", 1));
    let explained: u64 = number("WEIR_EXPLAIN", EXPLAINED).max(1);
    let mended = MENDED.iter().copied().filter(|_| std::env::var("WEIR_SEED").is_err());
    let seeds: Vec<u64> = (first..first + count).chain(mended).collect();
    let (next, outcomes, failed) =
        (AtomicUsize::new(0), Mutex::new(BTreeMap::<&str, u64>::new()), Mutex::new(Vec::<(u64, Vec<String>)>::new()));
    let one = |seed: u64| {
        let text = basin::basin(seed);
        let judged =
            catch_unwind(AssertUnwindSafe(|| judge(&text, seed.is_multiple_of(explained) || MENDED.contains(&seed))))
                .unwrap_or_else(|panic| {
                    let said = panic.downcast_ref::<String>().cloned();
                    let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
                    let faults = vec![format!("panicked: {}", said.unwrap_or_default())];
                    Judged { faults, ..Judged::new("panicked") }
                });
        for what in std::iter::once(judged.outcome).chain(judged.also) {
            *outcomes.lock().unwrap().entry(what).or_default() += 1;
        }
        if !judged.faults.is_empty() {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("../random-basins/{seed}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("basin.toml"), &text).unwrap();
            eprintln!("basin {seed}: {}", judged.faults.join("\n  "));
            failed.lock().unwrap().push((seed, judged.faults));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&seed) = seeds.get(number) else { break };
                    one(seed);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    for (outcome, times) in &outcomes {
        eprintln!("{times:>6} {outcome}");
    }
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {count} basins: see above", failed.len());
    let refused = outcomes.get("refused").copied().unwrap_or(0);
    assert!(refused * 10 <= count, "{refused} of {count} are refused: the generator has fallen behind the grammar");
    let passed = outcomes.get(PASSED).copied().unwrap_or(0);
    assert!(count < 200 || passed * 50 >= count, "{passed} of {count} have a junction that only passes water on");
}
