//! Verification: whether a plan's document says what its basin and its certificate say, found out without a solver.
//!
//! 1. What it was made from: digests, series and starts are those of the basin; the goals stand in the basin's order.
//! 2. Its decisions, read back from its series, pass the audit anew.
//! 3. The program is formulated anew and has the digest that the plan tells; every bound is computed anew from the duals and rates
//!    of the plan ([`safe_bound`](crate::certificate::safe_bound)), and is told as it comes out, digit by digit. Exchange rates are those
//!    that the proofs stand on.
//! 4. The whole document is made again of all that, and differs nowhere.
//!
//! A plan by the rules is simulated again, which takes no solver either.
//!
//! What an office adds to a plan, by its [`Marks`], is held against it too.
//!
//! Limits: what a solver alone could find again is taken from the document as it stands: solver and options, outcomes,
//! iterations, notes, water values, exchange rates that no proof stands behind, what slack buys, fronts, values of the closing
//! chain, bounds that no proof stands behind, what the goals would be without the orders from above, why a run fell back. Their
//! seal is the document's id, as it is for digits of a rate that leave its bound what it was: any rates that prove a bound do.
//! The program of a plan at true heads is that at the head of the start, which proves the stages before the first that depends on
//! heads.

use weir_model::audit::audit;
use weir_model::case::Case;
use weir_model::document::{CertificateRow, Content, EngineRow, PlanDocument, ProofRow, StageRow, WaterValueRow, document};
use weir_model::elements::common::flood_event;
use weir_model::flood::{self, Event};
use weir_model::goals::{Goals, HeadModel, Lexicographic, Method, Objective, Sense};
use weir_model::measures::measure;
use weir_model::network::RuleClass;
use weir_model::plan::{
    Certificate, Decisions, EngineFacts, Front, Given, Plan, Proof, Rate, Relaxation, Sides, StageResult, WaterValues,
};
use weir_model::tolerance::{FEASIBILITY_HM3, OBJECTIVE, ROUNDED};

use crate::certificate::{self, Link, Telling, WEIGHTED, bound_of, is_more_than_enough, links, minimised, weighted_value};
use crate::engine::{Outcome, tells_duals};
use crate::formulation::{Formulation, formulated};
use crate::layout::Open;
use crate::marks::Marks;
use crate::program::Program;
use crate::rules;
use crate::solve::method;
use crate::ways::WAYS;

/// Differences named at most.
pub(crate) const MOST: usize = 8;

/// What a document is held against, in this order; inputs or a question of another basin leave the rest unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The files that it was made from, by their digests.
    Inputs,
    /// The goals that were asked, in their order, and the flood events that bounded it.
    Question,
    /// Every rule, on the decisions alone. A plan by the rules is run again instead.
    Audit,
    /// The program, and the bounds that prove the goals.
    Certificate,
    /// Every number that follows from the decisions.
    Numbers,
}

impl Check {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Inputs, Self::Question, Self::Audit, Self::Certificate, Self::Numbers];

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inputs => "inputs",
            Self::Question => "question",
            Self::Audit => "audit",
            Self::Certificate => "certificate",
            Self::Numbers => "numbers",
        }
    }
}

/// Checks that were made, each with what is wrong, a sentence each.
pub type Checked = Vec<(Check, Vec<String>)>;

fn faults(checked: Checked) -> Vec<String> {
    checked.into_iter().flat_map(|(_, faults)| faults).collect()
}

/// What is wrong with a document against its case, a sentence each; none if it verifies ([`checked`]).
pub fn verify(document: &PlanDocument, case: &Case, goals: &Goals) -> Vec<String> {
    faults(checked(document, case, goals))
}

/// A document held against its case: by the basin's own goals, or by one of the ways in which it may be asked ([`WAYS`]). The case is the
/// one that was asked: flood events that a first solve showed are taken from the document.
pub fn checked(document: &PlanDocument, case: &Case, goals: &Goals) -> Checked {
    let mut first = None;
    for goals in &asked(document, goals) {
        let checked = checked_as(document, case, goals, Marks::default());
        if checked.iter().all(|(_, faults)| faults.is_empty()) {
            return checked;
        }
        first.get_or_insert(checked);
    }
    let word = document.content.engine.options.get("method").map_or("", String::as_str);
    first.unwrap_or_else(|| vec![(Check::Question, vec![format!("engine: no way to ask this basin has method `{word}`")])])
}

/// The goals by which a plan may have been made: the basin's own, or asked in another way, with the method that the plan tells.
pub(crate) fn asked(document: &PlanDocument, goals: &Goals) -> Vec<Goals> {
    let word = document.content.engine.options.get("method").map_or("", String::as_str);
    let others = WAYS.iter().filter_map(|way| way.ask(goals).ok());
    // Where the basin leaves it to the program's size, a plan may have been asked for by either.
    let by = if word == "faces" { Lexicographic::Faces } else { Lexicographic::Weights };
    let told = |goals: Goals| match goals.method {
        Method::Lexicographic(Lexicographic::BySize) => Goals { method: Method::Lexicographic(by), ..goals },
        _ => goals,
    };
    let own = |goals: &Goals| match goals.method {
        Method::Rules => word == "rules",
        _ => method(goals, document.content.engine.columns).word() == word,
    };
    std::iter::once(goals.clone()).chain(others).map(told).filter(own).collect()
}

/// What is wrong with a plan of which is known how it was asked: by just these goals, with these marks.
pub fn verify_as(document: &PlanDocument, case: &Case, goals: &Goals, marks: Marks<'_>) -> Vec<String> {
    faults(checked_as(document, case, goals, marks))
}

/// The same by check.
pub fn checked_as(document: &PlanDocument, case: &Case, goals: &Goals, marks: Marks<'_>) -> Checked {
    let content = &document.content;
    let mut checked = vec![(Check::Inputs, inputs(content, case))];
    if !checked[0].1.is_empty() {
        return checked;
    }
    if goals.method == Method::Rules {
        checked.push((Check::Numbers, simulated(content, case, goals, marks)));
    } else {
        checked.extend(solved(content, case, goals, marks));
    }
    checked
}

/// Whether a plan is one of this case by these goals, whatever files they came from: the goals, the program and the bounds on it are its own,
/// and it keeps every rule. Numbers that follow are not looked at; a plan by the rules has no program, and is none.
pub(crate) fn answers(content: &Content, case: &Case, goals: &Goals) -> bool {
    if goals.method == Method::Rules {
        return false;
    }
    let checked = solved(content, case, goals, Marks::default());
    let holds = |(check, faults): &(Check, Vec<String>)| *check == Check::Numbers || faults.is_empty();
    checked.iter().any(|(check, _)| *check == Check::Certificate) && checked.iter().all(holds)
}

/// What the plan was made from that this case is not.
pub(crate) fn inputs(content: &Content, case: &Case) -> Vec<String> {
    let digests = |own: &str, told: &str| format!("SHA-256 {own}, not {told}");
    let (told, own) = (&content.inputs, &case.basin);
    let mut faults = Vec::new();
    if content.case.basin != own.id {
        faults.push(format!("inputs: it is a plan of basin `{}`, not of `{}`", content.case.basin, own.id));
    } else if told.basin != own.digest {
        let digests = digests(&own.digest, &told.basin);
        faults.push(format!("inputs: the basin file is not the one that the plan was made from: {digests}"));
    }
    if told.gathered != own.gathered {
        faults.push("inputs: the plan rests on what its office gathered, which this basin is without".to_owned());
    }
    if told.overlays != own.overlays {
        faults.push(match (told.overlays.len(), own.overlays.len()) {
            (0, _) => "inputs: the plan was made without overlays, and some are laid over the basin".to_owned(),
            (files, 0) => {
                format!("inputs: {files} overlays that the plan was made with are not given: `--overlay` lays them")
            }
            _ => "inputs: the overlays are not the ones that the plan was made with, or in another order".to_owned(),
        });
    }
    for series in &case.forcing.series {
        let row = told.series.iter().find(|row| row.address == series.address && row.origin == series.source.origin);
        if let Some(row) = row.filter(|row| row.digest != series.source.digest) {
            let digests = digests(&series.source.digest, &row.digest);
            let address = &series.address;
            faults.push(format!("inputs: `{address}` is not the series that the plan was made from: {digests}"));
        }
    }
    match (&told.in_force, &own.in_force) {
        (told, own) if told == own => {}
        (Some(told), _) => faults.push(format!("inputs: it keeps near to the plan in force `{told}`, which is not given")),
        (None, Some(own)) => faults.push(format!("inputs: it knows of no plan in force, and `{own}` is given")),
        (None, None) => {}
    }
    faults
}

/// A plan by the rules, simulated again.
fn simulated(content: &Content, case: &Case, goals: &Goals, marks: Marks<'_>) -> Vec<String> {
    let run = if marks.fell_back { rules::extend(case, goals) } else { rules::simulate(case, goals) };
    match run {
        Ok(rules::Simulated { plan, case: as_simulated }) => {
            let case = as_simulated.as_deref().unwrap_or(case);
            differences(content, (case, goals), &plan, marks)
        }
        Err(stuck) => vec![stuck.to_string()],
    }
}

fn solved(content: &Content, case: &Case, goals: &Goals, marks: Marks<'_>) -> Checked {
    let staged: Vec<&Objective> = goals.stages.iter().filter_map(|&k| goals.objectives.get(k)).collect();
    let order = |ids: &mut dyn Iterator<Item = &str>| ids.collect::<Vec<_>>().join(", ");
    let (told, asked) = (
        order(&mut content.stages.iter().map(|stage| stage.objective.as_str())),
        order(&mut staged.iter().map(|objective| objective.id.as_str())),
    );
    if told != asked {
        return vec![(Check::Question, vec![format!("stages: the plan has {told}; the basin asks for {asked}")])];
    }
    let rows = content.stages.iter().zip(&staged);
    let others: Vec<String> = rows.flat_map(|(row, objective)| otherwise(row, objective, goals)).collect();
    if !others.is_empty() {
        return vec![(Check::Question, others)];
    }
    let peaks = not_at_their_peaks(content, case);
    let case = &with_flood_events(content, case);
    let plan = match plan_of(content, case) {
        Ok(plan) => plan,
        Err(why) => return vec![(Check::Question, peaks), (Check::Numbers, vec![why])],
    };
    vec![
        (Check::Question, peaks),
        (Check::Audit, audit(case, goals, &plan).findings.iter().map(|finding| format!("audit: {finding}")).collect()),
        (Check::Certificate, proofs(content, case, goals, &plan)),
        (Check::Numbers, differences(content, (case, goals), &plan, marks)),
    ]
}

/// What a stage says of how its goal is asked that the basin does not.
fn otherwise(row: &StageRow, objective: &Objective, goals: &Goals) -> Vec<String> {
    let measure = measure(&objective.kind);
    let of = |what, told: &str, own: &str| {
        (told != own).then(|| format!("stages: the {what} of `{}` is {told}; the basin gives {own}", row.objective))
    };
    let (tolerance, own) = (row.tolerance, goals.tolerance(objective));
    let tolerance = if tolerance == own { None } else { of("tolerance", &tolerance.to_string(), &own.to_string()) };
    let unit = measure.and_then(|measure| of("unit", &row.unit, measure.unit(objective)));
    let sense = measure.and_then(|measure| of("sense", &row.sense, measure.sense().word()));
    [tolerance, unit, sense].into_iter().flatten().collect()
}

/// The case with the flood events that the plan was bounded by, which a first solve may have shown: the case that the plan is of.
pub fn with_flood_events(content: &Content, case: &Case) -> Case {
    let events = flood_events(content, case);
    if events.is_empty() { case.clone() } else { flood::with_events(case, &events) }
}

/// The flood events that the plan was bounded by, a step each.
fn flood_events(content: &Content, case: &Case) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (node, _) in case.network.storages() {
        let id = flood_event::id(&case.network.nodes[node.0].id);
        let is_given = case.network.requirements.iter().any(|rule| rule.id == id);
        let Some(ceiling) = content.series(&id, "ceiling").filter(|_| !is_given) else { continue };
        let bounded = ceiling.values.iter().take(case.horizon.steps()).enumerate();
        events.extend(bounded.filter_map(|(step, peak)| Some(Event { node, steps: step..step + 1, peak_m3s: (*peak)? })));
    }
    events
}

/// Where outflow was not bounded by the greatest natural inflow of the event, which is all steps in a row.
pub(crate) fn not_at_their_peaks(content: &Content, case: &Case) -> Vec<String> {
    let told = flood_events(content, case);
    let in_a_row = |a: &Event, b: &Event| a.node == b.node && a.steps.end == b.steps.start;
    let mut faults = Vec::new();
    for event in told.chunk_by(in_a_row) {
        let (Some(first), Some(last)) = (event.first(), event.last()) else { continue };
        let Some(peak) = flood::peak_m3s(case, first.node, first.steps.start..last.steps.end) else { continue };
        faults.extend(event.iter().filter(|step| step.peak_m3s != peak).map(|step| {
            let id = flood_event::id(&case.network.nodes[step.node.0].id);
            let (told, when) = (step.peak_m3s, case.horizon.name_of(step.steps.start));
            format!("flood event: `{id}.ceiling` is {told} m3/s on {when}, and the greatest natural inflow of the event is {peak}")
        }));
    }
    faults
}

/// The plan that a document tells.
pub(crate) fn plan_of(content: &Content, case: &Case) -> Result<Plan, String> {
    let decisions = content.decisions_on(case);
    let all = decisions.flow_m3s.iter().chain(&decisions.storage_hm3).chain(&decisions.supply_m3s);
    if all.into_iter().any(|number| number.is_nan()) {
        return Err("series: a flow, storage or supply of the basin is not in the plan, or not on its steps".to_owned());
    }
    let numbers = |values: &[Option<f64>]| values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    let valued = |row: &WaterValueRow| {
        let sides = (!row.more.is_empty()).then(|| Sides { more: numbers(&row.more), less: numbers(&row.less) });
        let stage = content.stages.iter().position(|stage| stage.objective == row.stage)?;
        Some(WaterValues { address: row.address.clone(), stage, values: numbers(&row.values), sides })
    };
    let told = content.certificate.as_ref().ok_or("certificate: the plan has none")?;
    let (stages, certificate, engine) = read_back(&content.stages, told, &content.engine)?;
    Ok(Plan {
        stages,
        closing: content.closing.iter().map(closing_of).collect(),
        relaxations: content
            .relaxations
            .iter()
            .map(|row| Relaxation {
                address: row.address.clone(),
                class: row.class.as_deref().and_then(class_of),
                step: row.step,
                hm3: row.hm3,
            })
            .collect(),
        water_values: content.water_values.iter().filter_map(valued).collect(),
        certificate,
        front: content.front.as_ref().map(|front| Front {
            ideal: front.ideal.clone(),
            nadir: front.nadir.clone(),
            points: front.points.clone(),
            compromise: front.compromise,
            gap: front.gap,
            solves: 0,
            infeasible: 0,
        }),
        engine,
        notes: Vec::new(),
        decisions,
    })
}

/// What the reasons of a document are found from: its decisions, what its stages reached and what proves them; without the latter two
/// where it has no certificate that can be read.
pub fn grounds_of(content: &Content, case: &Case) -> (Decisions, Vec<StageResult>, Vec<Proof>) {
    let read = content.certificate.as_ref().and_then(|told| read_back(&content.stages, told, &content.engine).ok());
    let (stages, proofs) = read.map(|(stages, certificate, _)| (stages, certificate.proofs)).unwrap_or_default();
    (content.decisions_on(case), stages, proofs)
}

/// Goals, what proves them and how they were found, as rows of a document tell them.
///
/// # Errors
/// Duals that cannot be unpacked.
pub fn read_back(
    stages: &[StageRow],
    certificate: &CertificateRow,
    engine: &EngineRow,
) -> Result<(Vec<StageResult>, Certificate, EngineFacts), String> {
    let unpacked = |proof: &ProofRow| {
        let duals = proof.duals.numbers(engine.rows);
        let duals = duals.map_err(|why| format!("certificate: duals of `{}`: {why}", proof.of))?;
        let given =
            proof.given.iter().map(|given| Given { what: given.what.clone(), at: given.at, rate: given.rate }).collect();
        Ok(Proof { of: proof.of.clone(), value: proof.value, bound: proof.bound, given, duals })
    };
    let certificate = Certificate {
        without: certificate.without.clone(),
        open: certificate.open.iter().map(|open| (open.address.clone(), open.step)).collect(),
        proofs: certificate.proofs.iter().map(unpacked).collect::<Result<_, String>>()?,
    };
    let facts = EngineFacts {
        solver: engine.solver.clone(),
        options: engine.options.clone().into_iter().collect(),
        size: (engine.rows, engine.columns, engine.non_zeros),
        program_digest: engine.program.clone(),
        starting_basis: engine.starting_basis.clone(),
        final_basis: engine.final_basis.clone(),
    };
    Ok((stages.iter().map(stage_of).collect(), certificate, facts))
}

fn class_of(word: &str) -> Option<RuleClass> {
    RuleClass::DEFAULT_ORDER.into_iter().find(|class| class.word() == word)
}

fn stage_of(row: &StageRow) -> StageResult {
    let rate = row.rates.first().map(|rate| Rate { at_most: rate.at_most, bought: rate.slack.zip(rate.gain) });
    StageResult {
        objective: row.objective.clone(),
        sense: if row.sense == Sense::Maximise.word() { Sense::Maximise } else { Sense::Minimise },
        unit: row.unit.clone(),
        value: row.value,
        solved: row.value,
        bound: row.bound,
        tolerance: row.tolerance,
        outcome: row.outcome.clone(),
        rate,
        iterations: 0,
    }
}

fn closing_of(row: &weir_model::document::ClosingRow) -> StageResult {
    StageResult {
        objective: row.step.clone(),
        sense: Sense::Minimise,
        unit: row.unit.clone(),
        value: row.value,
        solved: row.value,
        bound: None,
        tolerance: 0.0,
        outcome: row.outcome.clone(),
        rate: None,
        iterations: 0,
    }
}

/// What is wrong with the program that the plan tells and with the bounds on it.
fn proofs(content: &Content, case: &Case, goals: &Goals, plan: &Plan) -> Vec<String> {
    let plain = Goals { head: HeadModel::Fixed, ..goals.clone() };
    let is_told = |formulation: &Formulation| formulation.digest() == content.engine.program;
    let told = [Open::Nothing, Open::Rules].into_iter().filter_map(|open| formulated(case, &plain, open).ok()).find(is_told);
    let Some(formulation) = told else { return vec![NOT_THE_PROGRAM.to_owned()] };
    let program = certificate::program(&formulation, case, &plan.relaxations, &plan.certificate.open);
    let entries = |objective: &Objective| certificate::entries_of(case, objective, &plan.decisions);
    let relaxations = plan.relaxations.iter().collect();
    let telling = Telling { goals, stages: &plan.stages, relaxations, entries: &entries };
    let mut faults = certificate::not_open(&formulation, case, (&plan.relaxations, &plan.certificate.open));
    faults.extend(unproved((&formulation, &program), (case, &plain), (&plan.certificate, &plan.engine), &telling));
    faults
}

/// Said where another program is formulated than a plan tells.
pub(crate) const NOT_THE_PROGRAM: &str =
    "engine: the program formulated from this basin is not the one whose digest the plan tells";

/// What is wrong with a certificate: the formulation is that whose digest is told, the program what it is proved on.
pub(crate) fn unproved(
    (formulation, program): (&Formulation, &Program),
    (case, plain): (&Case, &Goals),
    (certificate, engine): (&Certificate, &EngineFacts),
    telling: &Telling<'_>,
) -> Vec<String> {
    let Certificate { without, open: _, proofs } = certificate;
    let (goals, stages) = (telling.goals, telling.stages);
    let (links, unprovable) = links(formulation, case, plain);
    let mut faults = Vec::new();
    let built = &formulation.program;
    let size = (built.rows(), built.columns(), built.values.len());
    if size != engine.size {
        faults.push(format!("engine: the program has the size {size:?}, not {:?}", engine.size));
    }
    // One that tells duals has them of every stage that it solved.
    let tells = tells_duals(&engine.solver) && stages.iter().all(|stage| stage.outcome == Outcome::Optimal.word());
    let by_engine = without.as_deref() == Some("engine") && !tells;
    if without.as_deref() != unprovable && !by_engine {
        faults.push(format!(
            "certificate: it says `{}` of what is not proved; it should say `{}`",
            without.as_deref().unwrap_or("nothing"),
            unprovable.unwrap_or("nothing")
        ));
    }
    let more_than_enough =
        |link: &&Link| link.goal.and_then(|goal| stages.get(goal)).is_some_and(|stage| is_more_than_enough(goals, stage));
    let wanted: Vec<&Link> = links.iter().filter(|link| link.is_proved() && !more_than_enough(link)).collect();
    if !by_engine {
        let lacking = wanted.iter().filter(|link| proofs.iter().all(|proof| proof.of != link.what));
        faults.extend(lacking.map(|link| format!("certificate: no proof of `{}`", link.what)));
    }
    for proof in proofs {
        let Some(place) = links.iter().position(|link| link.is_proved() && link.what == proof.of) else {
            faults.push(format!("certificate: `{}` is no stage that can be proved", proof.of));
            continue;
        };
        match bound_of(program, &links[..=place], proof) {
            Some(bound) if bound == proof.bound => {}
            Some(bound) => {
                faults.push(format!("certificate: the duals of `{}` prove {bound}, not {}", proof.of, proof.bound));
            }
            None => faults.push(format!("certificate: the duals of `{}` prove no bound", proof.of)),
        }
        let value = links[place].goal.and_then(|goal| stages.get(goal)).map(minimised);
        let value = value.unwrap_or_else(|| weighted_value(stages, goals));
        if value != proof.value {
            faults.push(format!("certificate: `{}` is {value} on the plan, not {}", proof.of, proof.value));
        }
        if proof.bound - value > OBJECTIVE * value.abs().max(1.0) {
            faults.push(format!("certificate: `{}` is {value}, better than its bound {}", proof.of, proof.bound));
        }
        let before = &links[..place];
        faults.extend(proof.given.iter().filter_map(|given| stands(given, before, telling)));
    }
    faults
}

/// What is wrong with what a proof takes as given.
fn stands(given: &Given, before: &[Link], telling: &Telling<'_>) -> Option<String> {
    let link = before.iter().find(|link| link.what == given.what)?;
    let is = telling.at(link)?;
    let stands = if link.goal.is_some() {
        // It may be given by next to nothing less, where no plan is as good as this one: the bound is the weaker for it; by what rounding
        // leaves of its sum it may be more.
        let size = is.abs().max(1.0);
        is - given.at <= ROUNDED * size && given.at - is <= OBJECTIVE * size
    } else if link.column.is_some() {
        // What is further from the worst than it must be is no fault.
        is - given.at <= OBJECTIVE
    } else {
        // What gave way by less than the tolerance is not told.
        (is - given.at).abs() <= FEASIBILITY_HM3
    };
    (!stands).then(|| format!("certificate: `{}` is {is} on the plan, not {}", given.what, given.at))
}

/// Where the document made again of a plan differs from the one told.
fn differences(content: &Content, (case, goals): (&Case, &Goals), plan: &Plan, marks: Marks<'_>) -> Vec<String> {
    let mut again = document(case, goals, plan, &audit(case, goals, plan)).content;
    let mut found = marks.put(content, &mut again);
    // A plan of an earlier version is what it is.
    again.engine.weir.clone_from(&content.engine.weir);
    again.engine.options.clone_from(&content.engine.options);
    let lacking = again.case.notes.iter().filter(|note| !content.case.notes.contains(note));
    found.extend(lacking.map(|note| format!("notes: the plan does not say `{note}`")));
    again.case.notes.clone_from(&content.case.notes);
    found.extend(content.differences(&again, MOST));
    found
}

impl Link {
    /// Whether a certificate has a proof of it.
    fn is_proved(&self) -> bool {
        self.goal.is_some() || self.what == WEIGHTED
    }
}
