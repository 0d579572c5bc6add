//! Goals of a random basin: objectives of every kind that it has something for, a table of balance, the method.

use super::basin::Sketch;
use super::draw::Draw;

/// Kinds of objectives, with what there must be for each.
const KINDS: [(&str, &str); 18] = [
    ("shortage", "demand"),
    ("shortage", "demand"),
    ("benefit", "benefit"),
    ("ecological_shortfall", "section"),
    ("balance", "demand"),
    ("energy", "energy"),
    ("revenue", "revenue"),
    ("pumping", "pump"),
    ("spill", "spill"),
    ("source_cost", "price"),
    ("start_cost", "start_cost"),
    ("end_storage", "end"),
    ("end_value", "lake"),
    ("rule_curve_deviation", "zone"),
    ("flood_limit_excess", "flood_limit"),
    ("discharge_excess", "safe"),
    ("peak_release", "lake"),
    ("account_excess", "account"),
];

pub fn goals(sketch: &mut Sketch) {
    if !sketch.lakes.is_empty() {
        sketch.has.push("lake");
    }
    if !sketch.sections.is_empty() {
        sketch.has.push("section");
    }
    let kinds: Vec<&str> = KINDS
        .iter()
        .filter(|(kind, needs)| sketch.has.contains(needs) && (*kind != "start_cost" || sketch.integers))
        .map(|(kind, _)| *kind)
        .collect();
    let mut chosen = if kinds.is_empty() { Vec::new() } else { sketch.draw.some(&kinds, 5) };
    if chosen.is_empty() || sketch.draw.chance(0.2) {
        chosen.push("total_variation");
    }
    // Most goals come in an order of chance, not of the list.
    for place in (1..chosen.len()).rev() {
        let other = sketch.draw.below(place + 1);
        chosen.swap(place, other);
    }
    let mut stages = Vec::new();
    for (number, kind) in chosen.into_iter().enumerate() {
        stages.push(format!("goal{number}"));
        objective(sketch, number, kind);
    }
    if sketch.text.contains("kind = \"balance\"") && sketch.draw.chance(0.2) {
        let word = *sketch.draw.pick(&["domestic", "production", "ecological"]);
        let depth = sketch.draw.within(0.0, 0.5);
        sketch.line(&format!(
            "\n[[balance]]\nuse = \"{word}\"\nallowed_depth = {depth}\nassurance = 0.9\nclause = \"made up\""
        ));
    }
    if sketch.draw.chance(0.1) {
        sketch.line(
            "\n[rules]\norder = [\"command\", \"safe_discharge\", \"domestic_floor\", \"flood_limit\", \"legal\", \"base_flow\", \"operational\"]",
        );
    }
    asked(sketch, &stages);
}

fn objective(sketch: &mut Sketch, number: usize, kind: &str) {
    sketch.line(&format!("\n[[objective]]\nid = \"goal{number}\"\nkind = \"{kind}\""));
    // What `reference_point` asks for; others pass it over.
    sketch.maybe(1.0, "aspiration", 0.0, 1.0);
    sketch.maybe(0.2, "tolerance", 0.0, 0.5);
    sketch.maybe(0.3, "nominal", 0.5, 20.0);
    sketch.maybe(0.3, "share", 0.1, 5.0);
    if sketch.draw.chance(0.15) {
        let weight = sketch.varying(0.2, 2.0);
        sketch.key("weight", weight);
    }
    match kind {
        "shortage" if sketch.draw.chance(0.3) => {
            let class = *sketch.draw.pick(&sketch.classes.clone());
            sketch.key("classes", format!("[\"{class}\"]"));
        }
        "balance" => balance(sketch),
        "end_value" => {
            let lake = sketch.draw.pick(&sketch.lakes).clone();
            let (high, low) = (sketch.draw.within(0.3, 1.0), sketch.draw.within(0.0, 0.3));
            sketch.key(
                "cuts",
                format!(
                    "[{{ constant_million = 0, per_m3 = {{ {lake} = {high} }} }}, {{ constant_million = 4, per_m3 = {{ {lake} = {low} }} }}]"
                ),
            );
        }
        "rule_curve_deviation" => sketch.key("zone", "\"high\""),
        _ => {}
    }
    let can_be_relative = matches!(kind, "shortage" | "ecological_shortfall" | "rule_curve_deviation");
    if can_be_relative && sketch.draw.chance(0.4) {
        sketch.key("relative", true);
    }
    if kind == "ecological_shortfall" && sketch.draw.chance(0.3) {
        sketch.key("tiers", "[1]");
    }
}

fn balance(sketch: &mut Sketch) {
    let ranks = sketch.method == "lexicographic";
    let forms = ["leximin", "max_min", "mean_deviation", "gini", "owa"];
    let form = *sketch.draw.pick(if ranks { &forms } else { &forms[1..] });
    sketch.key("form", format!("\"{form}\""));
    match form {
        "mean_deviation" => sketch.maybe(1.0, "lambda", 0.0, 0.5),
        "gini" => sketch.maybe(1.0, "lambda", 0.0, 1.0),
        "owa" => sketch.key("weights", "[3, 2, 1]"),
        _ => {}
    }
    let period = *sketch.draw.pick(&["step", "day", "旬", "month", "horizon"]);
    sketch.key("period", format!("\"{period}\""));
}

/// The word of the method that a basin is asked by.
pub fn method(draw: &mut Draw, integers: bool) -> &'static str {
    const WORDS: [&str; 10] = [
        "lexicographic",
        "lexicographic",
        "lexicographic",
        "lexicographic",
        "lexicographic",
        "lexicographic",
        "weighted",
        "rules",
        "reference_point",
        "pareto",
    ];
    let (first, count) = if integers { (4, 3) } else { (0, WORDS.len()) };
    WORDS[first + draw.below(count)]
}

fn asked(sketch: &mut Sketch, stages: &[String]) {
    let kind = sketch.method;
    sketch.line("\n[method]");
    sketch.key("kind", format!("\"{kind}\""));
    let most = if kind == "pareto" { 2 } else { stages.len() };
    sketch.key("stages", format!("{:?}", &stages[..most.min(stages.len())]));
    if kind == "lexicographic" && sketch.draw.chance(0.5) {
        sketch.key("by", "\"weights\"");
    }
    if kind == "pareto" {
        sketch.key("intervals", 3);
    }
    if sketch.integers {
        sketch.line("integers = true\ngap = 0\ntime_limit_s = 20");
    }
    let by_head = sketch.has.contains(&"head") && matches!(kind, "lexicographic" | "weighted");
    if by_head && sketch.draw.chance(0.3) {
        let head = if sketch.integers { "zones" } else { "successive" };
        sketch.key("head", format!("\"{head}\""));
    }
    if sketch.draw.chance(0.15) {
        sketch.key("closing", false);
    }
}
