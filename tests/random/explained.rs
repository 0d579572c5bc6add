//! What `weir explain` says of a random plan, held against solving it again from nothing.
//!
//! - With the step by which it was found, every stage changes as it is said; with half of the range, the first that changes does (later
//!   ones need not be straight between, docs/explain.md).
//! - The water goes where it is said, all of it.
//! - Both sides bracket what the plan holds in the first stage; where they differ, it is told that neither is unique.
//! - Where more water upstream is told not to help, none of it comes.
//! - Every shortage that is told has its reason, which without the basin too is one of its own in some step, and all is said in both
//!   languages.
//!
//! Limits: who is served of those whom the goals leave alike, the closing chain settles, which has corners of its own within a range; that
//! the same uses have as much with a smaller step is held where goals settle it, in the solver's tests. The goals of methods that do not rank trade with each other at the optimum, so only their weighted sum is held, or nothing.
//! Plans bounded by flood events of their own first solve are told, and not solved again here.

use petgraph::algo::has_path_connecting;
use petgraph::graph::NodeIndex;
use weir_model::case::Case;
use weir_model::document::{Content, Part, PlanDocument, reason};
use weir_model::explanation::{Explanation, Shortage, Side, same};
use weir_model::goals::{Goals, Method, Sense};
use weir_model::moved::Fact;
use weir_model::network::{NodeId, NodeKind, Of, RuleClass};
use weir_model::plan::Decisions;
use weir_report::{Asked, Language, explain, html_explained, meant};
use weir_solver::explain::{Margins, NOISE, Unexplained};
use weir_solver::solve::{Extent, SolveOptions, solve, solve_once};
use weir_solver::staged::is_staged;
use weir_solver::verify::{grounds_of, with_flood_events};

use super::draw::Draw;

/// Shortages that are asked about.
const SHORTAGES: usize = 2;
/// By how much what is said and what comes about may differ: of the change, and of the value.
const OF_CHANGE: f64 = 3e-4;
const OF_VALUE: f64 = 1e-5;
/// Relative difference of two changes that no exchange rate makes anything of.
const ALIKE: f64 = 1e-7;
/// Share of the water that may not be found again.
const ASTRAY: f64 = 1e-2;
/// What is told where no water helps, and how much more of it is tried, hm³.
const NO_HELP: &str = "more water upstream would not help";
const MORE_HM3: f64 = 0.05;
/// No half of a range is taken beyond this, hm³.
const MOST_HM3: f64 = 20.0;

/// Whether a plan is explained, and what is wrong with how.
pub fn explained(document: &PlanDocument, case: &Case, goals: &Goals, draw: &mut Draw) -> (bool, Vec<String>) {
    let content = &document.content;
    let mut faults = short(document, case, goals);
    let margins = match Margins::new(document, case, goals, &SolveOptions::default()) {
        Ok(margins) => margins,
        // Plans that no linear program made have no derivatives.
        Err(Unexplained::NoDerivatives(_)) => return (false, faults),
        // Nor has one of several with one sum, or one that turns on what a solver rounds.
        Err(Unexplained::Refused(why)) if why.starts_with("no one-sided changes can be told") => return (false, faults),
        Err(why) => return (false, vec![format!("not explained: {why}")]),
    };
    let worst = content.worst_shortages(None, 1).pop().filter(|_| draw.chance(0.5));
    let mut places: Vec<String> = case.water_places().into_iter().map(|(address, _)| address).collect();
    let junctions = case.network.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Junction));
    places.extend(junctions.map(|node| node.id.clone()));
    places.extend(case.network.demands().map(|(node, _)| case.network.nodes[node.0].id.clone()));
    if places.is_empty() {
        return (false, faults);
    }
    let (address, step) = match worst {
        Some(shortage) => (shortage.address, shortage.step),
        None => (draw.pick(&places).clone(), draw.below(case.horizon.steps())),
    };
    match margins.explain(document, &address, step) {
        Ok(explanation) => {
            let asked =
                Asked { address: Some(&address), step: Some(step), explanation: Some(&explanation), shortages: None };
            faults.extend(said(document, &asked));
            faults.extend(unique(document, &asked, &explanation));
            faults.extend(drawn(document, &explanation));
            faults.extend(called(document));
            let node = case.network.node(&explanation.node).unwrap();
            let held = Held { content, case, goals, node, step };
            faults.extend(held.brackets(&explanation));
            for side in [&explanation.more, &explanation.less].into_iter().filter(|side| side.none.is_none()) {
                faults.extend(held.comes_about(side));
                faults.extend(Held::goes_there(side));
            }
        }
        // A section that is judged on the sea's water.
        Err(Unexplained::Refused(why)) if why.starts_with("no water can be added") => return (false, faults),
        Err(why) => faults.push(format!("not explained: {why}")),
    }
    (true, faults.into_iter().map(|fault| format!("explain {address}, step {step}: {fault}")).collect())
}

/// Why what is short is short.
fn short(document: &PlanDocument, case: &Case, goals: &Goals) -> Vec<String> {
    let content = &document.content;
    let case = &with_flood_events(content, case);
    let (decisions, stages, proofs) = grounds_of(content, case);
    let plan = (&decisions, stages.as_slice(), proofs.as_slice());
    let mut shortages = content.worst_shortages(None, SHORTAGES);
    let mut faults = Vec::new();
    for shortage in &mut shortages {
        faults.extend(no_help(shortage, case, goals, &decisions, |step| reason(case, goals, plan, &shortage.address, step)));
        faults.extend(its_own(shortage, case, |step| reason(case, goals, plan, &shortage.address, step)));
        match reason(case, goals, plan, &shortage.address, shortage.step) {
            Some(own) => content.because(shortage, own),
            None if shortage.short_hm3 > super::reasoned::SHORT_HM3 => {
                faults.push(format!("explain: no reason why {} is short in step {}", shortage.address, shortage.step));
            }
            None => {}
        }
    }
    faults.extend(said(document, &Asked { address: None, step: None, explanation: None, shortages: Some(&shortages) }));
    faults
}

/// Where more water upstream is told not to help, no more comes with more of it in every storage upstream in the first step of which that
/// is told.
fn no_help(
    shortage: &Shortage,
    case: &Case,
    goals: &Goals,
    decisions: &Decisions,
    at: impl Fn(usize) -> Option<String>,
) -> Option<String> {
    let own = |node: NodeId| {
        let id = &case.network.nodes[node.0].id;
        shortage.address.strip_prefix(id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let sections = || case.network.requirements.iter().filter(|rule| rule.id == shortage.address);
    let is_above = |node: NodeId| {
        let reaches =
            |place: NodeId| has_path_connecting(&case.network.graph, NodeIndex::new(node.0), NodeIndex::new(place.0), None);
        let tails = sections().flat_map(|rule| match &rule.of {
            Of::Flow(terms) => terms.iter().map(|(arc, _)| case.network.arcs[arc.0].tail).collect(),
            Of::Storage(node) => vec![*node],
        });
        case.network.portions().map(|row| row.node).filter(|node| own(*node)).chain(tails).any(reaches)
    };
    let supplied = |decisions: &Decisions, step: usize| {
        let portions = case.network.portions().filter(|row| own(row.node));
        let flows = sections().map(|rule| case.value_of(&rule.of, decisions, step));
        (portions.map(|row| decisions.supply_m3s[[row.row, step]]).sum::<f64>() + flows.sum::<f64>())
            * case.hm3_per_m3s(step)
    };
    let steps = std::iter::once(shortage.step).chain(0..case.horizon.steps());
    let (step, told) = steps.filter_map(|step| Some((step, at(step)?))).find(|(_, told)| told.ends_with(NO_HELP))?;
    let storages = case.network.storages().filter(|(node, _)| is_above(*node));
    let more = storages.fold(case.clone(), |more, (node, _)| more.moved(Fact::Inflow(node), step, MORE_HM3));
    let plan = solve(&more, goals, &SolveOptions { elastic: true, ..SolveOptions::default() }).ok()?.plan;
    let came = supplied(&plan.decisions, step) - supplied(decisions, step);
    (came > MORE_HM3 * ASTRAY)
        .then(|| format!("explain: {}, step {step}: {told}, and it brings {came} hm3", shortage.address))
}

/// What the document alone tells is the reason of the shortage itself in some step, and there is one where most lacks.
fn its_own(shortage: &Shortage, case: &Case, at: impl Fn(usize) -> Option<String>) -> Option<String> {
    let Some(told) = &shortage.reason else {
        let short = shortage.short_hm3 > super::reasoned::SHORT_HM3;
        return short.then(|| format!("explain: the plan tells no reason why {} is short", shortage.address));
    };
    let own = std::iter::once(shortage.step).chain(0..case.horizon.steps()).any(|step| at(step).as_ref() == Some(told));
    (!own).then(|| format!("explain: {} is told to be short by another's cause: {told}", shortage.address))
}

/// It is said in both languages.
fn said(document: &PlanDocument, asked: &Asked<'_>) -> Option<String> {
    let is_chinese = |text: &str| text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    let (chinese, english) = (explain(document, asked, Language::Chinese), explain(document, asked, Language::English));
    (!is_chinese(&chinese) || english.is_empty()).then(|| "nothing is said".to_owned())
}

/// It is drawn on the page: each end that has a way in both pictures.
fn drawn(document: &PlanDocument, explanation: &Explanation) -> Option<String> {
    let page = html_explained(document, None, std::slice::from_ref(explanation));
    let section = page.split("<section id=\"margins\">").nth(1)?.split("</section>").next()?;
    let ways = section.matches("class=\"route\"").count();
    let least = [&explanation.more, &explanation.less]
        .iter()
        .any(|side| side.trace.ends.iter().any(|end| !end.route.is_empty() && end.share >= 0.1));
    (!section.contains("class=\"range\"") || least && ways == 0 || ways % 2 == 1).then(|| format!("not drawn: {ways} ways"))
}

/// A node is found by its name, or told to be one of several that have it.
fn called(document: &PlanDocument) -> Vec<String> {
    let nodes = document.content.elements.iter().filter(|own| own.part == Part::Node);
    let faults = nodes.filter_map(|own| {
        let name = if own.name.is_empty() { &own.id } else { &own.name };
        let found = match meant(document, name) {
            // What another is by its id comes first.
            Ok(address) => address == own.id || address == *name,
            Err(several) => several.contains(&format!("`{}`", own.id)),
        };
        (!found).then(|| format!("`{name}` is not {}", own.id))
    });
    faults.collect()
}

/// Where the two sides differ in the first stage that changes, that is told.
fn unique(document: &PlanDocument, asked: &Asked<'_>, explanation: &Explanation) -> Option<String> {
    let (more, less) = (explanation.more.first()?, explanation.less.first()?);
    if more.stage != less.stage || same(more.per_hm3, less.per_hm3) {
        return None;
    }
    let told = explain(document, asked, Language::English);
    (!told.contains("not unique")).then(|| format!("{more:?} and {less:?}, and not told that neither is unique"))
}

/// A plan, and the place and step of which it is explained.
struct Held<'a> {
    content: &'a Content,
    case: &'a Case,
    goals: &'a Goals,
    node: NodeId,
    step: usize,
}

impl Held<'_> {
    /// Each stage's value lies between its sides, until one's differ: it is convex (concave where more is better) where those before
    /// it change alike. Where they do but nearly, an exchange rate may make a greater difference of that, with either sign.
    fn brackets(&self, explanation: &Explanation) -> Option<String> {
        let Method::Lexicographic(_) = self.goals.method else { return None };
        let gives_way =
            |side: &Side| side.changes.iter().any(|change| change.stage.starts_with("stage0.") && change.per_hm3 != 0.0);
        if gives_way(&explanation.more) || gives_way(&explanation.less) {
            return None;
        }
        let places = self.case.water_places();
        let (place, _) = places.iter().find(|(_, node)| *node == self.node)?;
        let mut alike = true;
        for row in &self.content.stages {
            let (more, less) = (explanation.more.in_stage(&row.objective)?, explanation.less.in_stage(&row.objective)?);
            let mut own =
                self.content.water_values.iter().filter(|value| value.address == *place && value.stage == row.objective);
            let held = own.next().map_or(0.0, |value| value.values[self.step].unwrap_or_default());
            let (low, high) = if row.sense == Sense::Minimise.word() { (less, more) } else { (more, less) };
            let (low, high) = if alike { (low, high) } else { (low.min(high), low.max(high)) };
            // A change that is a solver's is told as none.
            let least = |side: &Side| NOISE * row.value.abs().max(1.0) / side.by_hm3.abs();
            let unseen =
                if low == 0.0 || high == 0.0 { least(&explanation.more).max(least(&explanation.less)) } else { 0.0 };
            let slack = 1e-5 + 1e-4 * low.abs().max(high.abs()) + unseen;
            if held < low - slack || held > high + slack {
                return Some(format!("{} is worth {held}, not within {low} and {high}", row.objective));
            }
            if !same(more, less) {
                break;
            }
            alike &= (more - less).abs() <= ALIKE * more.abs();
        }
        None
    }

    /// Solved again from nothing, what is said comes about.
    fn comes_about(&self, side: &Side) -> Vec<String> {
        let ends = self.content.series.iter().filter(|row| row.quantity == "ceiling");
        let mut given = self.case.network.requirements.iter();
        let of_first_solve = ends.filter(|row| row.address.ends_with(".flood_event"));
        if of_first_solve.into_iter().any(|row| given.all(|rule| rule.id != row.address)) {
            return Vec::new();
        }
        let half = 0.5 * side.by_hm3.signum() * side.range_hm3.min(MOST_HM3);
        let mut faults = self.changed(side, side.by_hm3, usize::MAX);
        faults.extend(self.changed(side, half, 1));
        faults
    }

    /// What does not change as it is said, where so much more comes: of so many of the first that change.
    fn changed(&self, side: &Side, by_hm3: f64, most: usize) -> Vec<String> {
        let (Some(before), Some(after)) = (self.values(0.0), self.values(by_hm3)) else {
            return vec![format!("no plan with {by_hm3} hm3 more")];
        };
        let said = |what: &str| side.in_stage(what).unwrap_or(0.0) * by_hm3;
        let mut faults = Vec::new();
        let mut found = 0;
        for ((what, before), (_, after)) in before.iter().zip(&after) {
            let (said, came) = (said(what), after - before);
            if (said - came).abs() > OF_CHANGE * said.abs() + OF_VALUE * before.abs().max(1.0) {
                faults.push(format!("{by_hm3} hm3 more: `{what}` was to change by {said}, and changes by {came}"));
            }
            found += usize::from(said != 0.0);
            if found >= most {
                break;
            }
        }
        faults
    }

    /// What gives way by class, in the order of the rules, then the stages, with so much more water there and then; of weighted goals
    /// their sum, of other methods that do not rank nothing.
    fn values(&self, by_hm3: f64) -> Option<Vec<(String, f64)>> {
        let options = SolveOptions { elastic: true, extent: Extent::Goals, ..SolveOptions::default() };
        let plan = solve_once(&self.case.moved(Fact::Inflow(self.node), self.step, by_hm3), self.goals, &options).ok()?.plan;
        let classes =
            std::iter::once(None).chain(self.goals.rule_order.iter().copied().map(Some)).map(|class: Option<RuleClass>| {
                let own = plan.relaxations.iter().filter(|relaxation| relaxation.class == class);
                let own = own.filter(|relaxation| !is_staged(self.case, self.goals, relaxation));
                let word = class.map_or("physical", RuleClass::word);
                (format!("stage0.{word}"), own.map(|relaxation| relaxation.hm3).sum::<f64>())
            });
        let stages = plan.stages.iter().map(|stage| (stage.objective.clone(), stage.solved));
        Some(match self.goals.method {
            Method::Lexicographic(_) => classes.chain(stages).collect(),
            _ => classes.collect(),
        })
    }

    /// All of the water ends somewhere, and none of it comes out of nothing: ends and losses, each counted by itself, sum to it.
    fn goes_there(side: &Side) -> Option<String> {
        let trace = &side.trace;
        let told: f64 = trace.ends.iter().map(|end| end.share - end.returned).sum();
        ((told - 1.0).abs() > ASTRAY).then(|| format!("{told} of the water is told of: {trace:?}"))
    }
}
