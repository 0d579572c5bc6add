//! Golden cases: each folder of `tests/cases` is a basin with what must come out of it, and why.
//!
//! `expected.toml` opens with `because = "…"`, the arithmetic or the source, and says:
//!
//! | key | holds |
//! |---|---|
//! | `status` | `optimal` (default) or `infeasible` |
//! | `tolerance` | of stages and objectives, relative, absolute below 1 (default 1e-6) |
//! | `[stages]` | value of each stage as the solve left it, in the method's order |
//! | `[objectives]` | value of any objective as measured on the plan |
//! | `[[series]]` | `address`, the first `values` (m³/s, hm³), `tolerance`: only what is unique |
//! | `[[total]]` | `address` of a flow or supply, `hm3` over the horizon |
//! | `[[storage]]` | `address`, `last` storage in hm³ |
//! | `[[relaxation]]` | each rule that gave way: `address`, `step`, `hm3`; no other may |
//! | `[[conflict]]` | of an infeasible case, the same |
//!
//! Every plan must pass the audit and verify against its basin, and each of its notes is said in Chinese too; each lexicographic
//! case is solved by optimal faces and by certified weights. The outline of a plan is that of its document. Numbers of its plan, changed one at a time, are found out.

use std::collections::BTreeMap;
use std::path::Path;

use approx::relative_eq;
use serde::Deserialize;
use weir_model::audit::audit;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::document::{PlanDocument, document, outline};
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_model::lower::lower;
use weir_model::measures::measure;
use weir_model::plan::{Plan, Relaxation};
use weir_report::view::View;
use weir_solver::solve::{SolveOptions, Unsolved, solve};
use weir_solver::verify::verify;

mod address;
mod changed;
mod reasoned;

type Tested = datatest_stable::Result<()>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    because: String,
    #[serde(default = "optimal")]
    status: String,
    #[serde(default = "one_in_a_million")]
    tolerance: f64,
    #[serde(default)]
    stages: BTreeMap<String, f64>,
    #[serde(default)]
    objectives: BTreeMap<String, f64>,
    #[serde(default)]
    series: Vec<Series>,
    #[serde(default)]
    total: Vec<Total>,
    #[serde(default)]
    storage: Vec<Storage>,
    #[serde(default)]
    relaxation: Vec<Breach>,
    #[serde(default)]
    conflict: Vec<Breach>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    address: String,
    values: Vec<f64>,
    tolerance: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Total {
    address: String,
    hm3: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Storage {
    address: String,
    last: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Breach {
    address: String,
    step: usize,
    hm3: f64,
}

fn optimal() -> String {
    "optimal".to_owned()
}

fn one_in_a_million() -> f64 {
    1e-6
}

/// Greatest gap that a proof may leave, relative, absolute below 1.
const GAP: f64 = 1e-6;
/// Greatest difference of a volume from the hand's, hm³.
const VOLUME_HM3: f64 = 1e-5;

fn golden(basin_file: &Path) -> Tested {
    let folder = basin_file.parent().ok_or("a basin lies in a folder")?;
    let text = std::fs::read_to_string(folder.join("expected.toml"))?;
    if !text.starts_with("because = ") {
        return Err("expected.toml must open with `because`".into());
    }
    let expected: Expected = toml::from_str(&text)?;
    if expected.because.len() < 20 {
        return Err("`because` gives the arithmetic or the source".into());
    }
    let basin = Basin::read(folder)?;
    let (case, mut goals) = lower(&basin, None)?;
    let ways = match goals.method {
        Method::Lexicographic(_) => {
            [Lexicographic::Faces, Lexicographic::Weights].into_iter().map(Method::Lexicographic).collect()
        }
        other => vec![other],
    };
    for way in ways {
        goals.method = way;
        solved(&case, &goals, &expected).map_err(|fault| format!("{way:?}: {fault}"))?;
    }
    Ok(())
}

fn solved(case: &Case, goals: &Goals, expected: &Expected) -> Tested {
    match (solve(case, goals, &SolveOptions::default()), expected.status.as_str()) {
        (Ok(solved), "optimal") => {
            let as_solved = solved.case.as_deref().unwrap_or(case);
            holds(as_solved, goals, &solved.plan, expected)?;
            let document = document(as_solved, goals, &solved.plan, &audit(as_solved, goals, &solved.plan));
            verifies(&document, case, goals)?;
            no_change_goes_unnoticed(&document, case, goals)
        }
        (Err(Unsolved::Infeasible(found)), "infeasible") => same_breaches("conflict", &found.least, &expected.conflict),
        (Ok(_), status) => Err(format!("there is a plan, expected {status}").into()),
        (Err(fault), _) => Err(fault.into()),
    }
}

/// As it is written and read again, it holds against the case that was asked.
fn verifies(document: &PlanDocument, case: &Case, goals: &Goals) -> Tested {
    let read = PlanDocument::parse(&document.to_json())?;
    let mut faults = read.content.contradictions();
    faults.extend(verify(&read, case, goals));
    if matches!(goals.method, Method::Lexicographic(_)) {
        // Also where the basin does not say by which of the two.
        let unsaid = Goals { method: Method::Lexicographic(Lexicographic::BySize), ..goals.clone() };
        faults.extend(verify(&read, case, &unsaid));
    }
    for proof in read.content.certificate.iter().flat_map(|certificate| &certificate.proofs) {
        let close = proof.gap <= GAP;
        if !close {
            faults.push(format!("`{}` is {}, proved is {}", proof.of, proof.value, proof.bound));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// Some numbers spread over the document, each changed alone; with `WEIR_CHANGE_ALL` every one.
fn no_change_goes_unnoticed(document: &PlanDocument, case: &Case, goals: &Goals) -> Tested {
    let numbers = changed::numbers(&document.content);
    let apart = if std::env::var("WEIR_CHANGE_ALL").is_ok() { 1 } else { (numbers.len() / CHANGES).max(1) };
    for (number, place) in numbers.iter().skip(apart / 2).step_by(apart).enumerate() {
        let up = number % 4 < 2;
        let by = if number % 2 == 0 { changed::By::Plainly(up) } else { changed::By::Barely(up) };
        if let Some(fault) = changed::unnoticed(document, (case, goals), place, by) {
            return Err(fault.into());
        }
    }
    Ok(())
}

/// Numbers of each case's plan that are changed.
const CHANGES: usize = 12;

fn holds(case: &Case, goals: &Goals, plan: &Plan, expected: &Expected) -> Tested {
    let audited = audit(case, goals, plan);
    if let Some(finding) = audited.findings.first() {
        return Err(format!("audit: {finding}").into());
    }
    let document = document(case, goals, plan, &audited);
    if outline(case, goals, plan) != document.content.outline() {
        return Err("the outline of the plan is not that of its document".into());
    }
    let view = View::new(&document);
    for said in view.notes().into_iter().chain(view.prices_of_fairness()) {
        if !said.chinese.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)) {
            return Err(format!("no Chinese for the note: {}", said.english).into());
        }
    }
    let faults = reasoned::unreasoned(&document);
    if !faults.is_empty() {
        return Err(faults.join("\n").into());
    }
    // Of a random basin it may be; here each cause is known.
    if document.to_json().contains("which of them is not told") {
        return Err("a cause is not told".into());
    }
    for (id, value) in &expected.stages {
        let stage = plan.stages.iter().find(|stage| &stage.objective == id).ok_or_else(|| format!("no stage `{id}`"))?;
        close(id, stage.value, *value, expected.tolerance)?;
    }
    for (id, value) in expected.objectives.iter().chain(&expected.stages) {
        let objective = goals.objectives.iter().find(|o| &o.id == id).ok_or_else(|| format!("no objective `{id}`"))?;
        let measured = measure(&objective.kind).ok_or_else(|| format!("no measure `{}`", objective.kind))?;
        close(id, measured.value(case, objective, &plan.decisions), *value, expected.tolerance)?;
    }
    for series in &expected.series {
        let found = address::series(case, &plan.decisions, &series.address)?;
        for (step, (found, wanted)) in found.iter().zip(&series.values).enumerate() {
            if (found - wanted).abs() > series.tolerance {
                return Err(format!("{}: {found} in step {step}, expected {wanted}", series.address).into());
            }
        }
        if found.len() < series.values.len() {
            return Err(format!("{}: {} values, expected {}", series.address, found.len(), series.values.len()).into());
        }
    }
    for total in &expected.total {
        let flows = address::series(case, &plan.decisions, &total.address)?;
        let hm3: f64 = flows.iter().enumerate().map(|(step, flow)| flow * case.hm3_per_m3s(step)).sum();
        if (hm3 - total.hm3).abs() > VOLUME_HM3 {
            return Err(format!("{}: {hm3} hm3, expected {}", total.address, total.hm3).into());
        }
    }
    for storage in &expected.storage {
        let last = address::series(case, &plan.decisions, &storage.address)?.last().copied().unwrap_or(f64::NAN);
        let near = (last - storage.last).abs() <= VOLUME_HM3;
        if !near {
            return Err(format!("{}: {last} hm3 at the end, expected {}", storage.address, storage.last).into());
        }
    }
    same_breaches("relaxation", &plan.relaxations, &expected.relaxation)
}

fn close(what: &str, found: f64, wanted: f64, tolerance: f64) -> Tested {
    if relative_eq!(found, wanted, epsilon = tolerance, max_relative = tolerance) {
        Ok(())
    } else {
        Err(format!("`{what}` is {found}, expected {wanted}").into())
    }
}

fn same_breaches(what: &str, found: &[Relaxation], wanted: &[Breach]) -> Tested {
    let same =
        |a: &Relaxation, b: &Breach| a.address == b.address && a.step == b.step && (a.hm3 - b.hm3).abs() <= VOLUME_HM3;
    if found.len() == wanted.len() && wanted.iter().all(|breach| found.iter().any(|relaxation| same(relaxation, breach))) {
        Ok(())
    } else {
        Err(format!("{what}s are {found:?}, expected {wanted:?}").into())
    }
}

datatest_stable::harness! { { test = golden, root = "tests/cases", pattern = r"basin\.toml$" } }
