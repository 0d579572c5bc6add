//! Every shortage, breach and warning of a plan has its reason, in Chinese and in English, and what a sentence says is in the plan: each
//! name is one of its elements, rules, goals, levels or curtailments, and each number one of its own, or a sum, difference or mean of
//! those of what the sentence names.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::BTreeSet;

use weir_model::document::{Content, PlanDocument, RelaxationRow, SeriesKind, SeriesRow};
use weir_report::view::View;

/// What nobody calls a shortage, hm³.
pub const SHORT_HM3: f64 = 1e-4;
/// Numbers are told to a thousandth, small ones to five digits.
const TOLD: f64 = 6e-4;
/// The mildest grades of the sections of tests, of their target; 1 where a section has none.
const GRADES: [f64; 2] = [1.0, 1.2];

/// What a sentence is of: address, from, to.
type Of<'a> = (&'a str, &'a str, &'a str);

/// What is wrong with the sentences of a plan.
pub fn unreasoned(document: &PlanDocument) -> Vec<String> {
    let (content, view) = (&document.content, View::new(document));
    let mut faults = Vec::new();
    let mut said: Vec<(Of<'_>, &str)> = Vec::new();
    for row in &content.warnings {
        let of: Of<'_> = (&row.address, &row.from, &row.to);
        match &row.reason {
            Some(reason) => said.push((of, reason)),
            None => faults.push(format!("no reason for the warning {} of {}", row.grade, row.address)),
        }
        said.extend(row.advice.as_deref().map(|advice| (of, advice)));
    }
    for row in &content.relaxations {
        // What is said of a rule is said of neighbouring steps with one reason together.
        let told = |row: &RelaxationRow| (row.address.clone(), row.reason.clone(), row.advice.clone());
        let gives = |step: usize| content.relaxations.iter().find(|own| own.step == step && told(own) == told(row));
        let first = (0..=row.step).rev().map_while(gives).last().unwrap_or(row);
        let last = (row.step..).map_while(gives).last().unwrap_or(row);
        let of: Of<'_> = (&row.address, &first.from, &last.to);
        match &row.reason {
            Some(reason) => said.push((of, reason)),
            None => faults.push(format!("no reason why {} gave way", row.address)),
        }
        said.extend(row.advice.as_deref().map(|advice| (of, advice)));
    }
    // Of single steps and of classes no reason is told: theirs is that of their ten days and use.
    for row in content.satisfaction.iter().filter(|row| row.class.is_none() && row.period != "step") {
        match &row.reason {
            Some(reason) => said.push((("", &row.from, &row.to), reason)),
            None if row.demand_hm3 - row.supply_hm3 > SHORT_HM3 => {
                faults.push(format!("no reason why {} is short in {}", row.use_, row.label));
            }
            None => {}
        }
    }
    for (of, text) in said {
        let mut told = view.statement(text);
        // Names are the file's own.
        let mut own: Vec<&str> =
            content.elements.iter().map(|element| element.name.as_str()).filter(|name| name.len() > 2).collect();
        own.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in own {
            told.chinese = told.chinese.replace(name, "");
        }
        if let Some(fault) = badly_told(&told.chinese, &told.english) {
            faults.push(format!("{fault}: {} / {}", told.english, told.chinese));
        }
        let names: Vec<&str> = text.split('`').skip(1).step_by(2).filter(|name| !name.contains([' ', '='])).collect();
        faults.extend(names.iter().filter(|name| !known(content, name)).map(|name| format!("{name} is nowhere: {text}")));
        let facts = Facts::new(content, of, &names);
        faults.extend(
            numbers(text)
                .into_iter()
                .filter(|number| !facts.hold(*number))
                .map(|number| format!("{number} is nowhere: {text}")),
        );
    }
    faults
}

/// What of a text no reader of its language would take.
fn badly_told(chinese: &str, english: &str) -> Option<&'static str> {
    let is_chinese = |text: &str| text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    // What is left in a Chinese sentence of an English one: a space between two small words.
    let words = |text: &str| {
        let outside: String = text.split(['“', '”']).step_by(2).collect();
        outside
            .split(|c: char| !c.is_ascii_lowercase() && c != ' ')
            .any(|run| run.split(' ').filter(|word| word.len() > 1 && !["hm", "integers"].contains(word)).count() > 1)
    };
    if !is_chinese(chinese) || words(chinese) {
        Some("no Chinese")
    } else if chinese.contains("hm") || english.contains("hm3") {
        Some("hm³ is told")
    } else if english.trim().is_empty() || english.contains("not found") {
        Some("nothing is told")
    } else {
        None
    }
}

/// Whether a name is one of the plan's.
fn known(content: &Content, name: &str) -> bool {
    let heads = std::iter::successors(Some(name), |head| head.rsplit_once('.').map(|(head, _)| head));
    heads.into_iter().any(|head| content.element(head).is_some())
        || content.objectives.iter().any(|row| row.id == name)
        || content.case.curtailments.iter().any(|row| row.id == name)
        || content
            .series
            .iter()
            .any(|row| row.quantity == format!("level.{name}") || row.quantity == format!("level.zone.{name}"))
}

/// Numbers of a text that stand outside names and dates.
fn numbers(text: &str) -> Vec<f64> {
    let outside: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let words = outside.split([' ', ',', ';', ':']).filter(|word| !word.contains("hm") && !word.contains("m3/s"));
    words.filter_map(|word| word.parse().ok()).collect()
}

/// What numbers of a sentence may be.
struct Facts(Vec<f64>);

impl Facts {
    fn new(content: &Content, (address, from, to): Of<'_>, names: &[&str]) -> Self {
        let mut facts: Vec<f64> = Vec::new();
        for row in content.warnings.iter().filter(|row| row.address == address && row.from == from) {
            facts.extend([row.value, row.target, row.target - row.value, row.hours_per_day.unwrap_or_default()]);
            facts.extend(row.hours_per_day.map(|hours| (hours * 10.0).round() / 10.0));
            // A section held on means has what its mean is over its target.
            let targets = content.series(address, "target").into_iter().flat_map(|series| series.values.iter().flatten());
            facts.extend(targets.map(|target| row.value - target));
        }
        facts.extend(content.relaxations.iter().filter(|row| row.address == address).map(|row| row.hm3));
        let head = |name: &str| {
            let mut heads = std::iter::successors(Some(name), |head| head.rsplit_once('.').map(|(head, _)| head));
            heads.find(|head| content.element(head).is_some()).map(str::to_owned)
        };
        let of: BTreeSet<String> = names.iter().chain([&address]).filter_map(|name| head(name)).collect();
        lacks(content, address, (from, to), &of, &mut facts);
        let starts = &content.horizon.starts;
        let edge = |time: &str| starts.iter().position(|start| start == time).unwrap_or(starts.len());
        // What is said of a start is said of the whole horizon.
        let (first, last) = if from == to { (0, starts.len()) } else { (edge(from), edge(to)) };
        for id in &of {
            facts.extend(content.inputs.start.iter().filter(|row| row.address == *id).map(|row| row.storage_hm3));
            let rows: Vec<&SeriesRow> = content.series.iter().filter(|row| row.element == *id).collect();
            // What a source brings stands as the flow of the way from it.
            let from = content.elements.iter().filter(|element| element.from.as_ref() == Some(id));
            let ways = from.filter_map(|way| content.series(&way.id, "flow"));
            for row in rows.iter().copied().chain(ways) {
                facts.extend(sums(content, row, (first, last)));
            }
            differences(&rows, &mut facts);
            lost(content, id, &mut facts);
            room(content, id, (first, last), &mut facts);
        }
        for row in content.accounts.iter().filter(|row| of.contains(&row.account)) {
            let (limit, before, planned) = (row.limit_hm3, row.used_before_hm3, row.planned_hm3);
            facts.extend([limit, before, planned, row.available_hm3, limit - before - planned]);
            let days: f64 = (edge(&row.from)..edge(&row.to)).map(|step| content.horizon.lengths_s[step] / 86_400.0).sum();
            facts.push(((limit - before - planned) * days / planned).floor());
            let (first, last) = (edge(&row.from), edge(&row.to));
            for row in content.series.iter().filter(|row| of.contains(&row.element)) {
                facts.extend(sums(content, row, (first, last)));
            }
        }
        facts.extend(content.case.curtailments.iter().map(|row| 100.0 * row.depth));
        facts.extend((1..=content.stages.len()).map(|place| place as f64));
        Self(facts)
    }

    fn hold(&self, number: f64) -> bool {
        let near = |fact: &f64| (fact - number).abs() <= TOLD.max(1e-6 * number.abs());
        number == 0.0 || self.0.iter().any(near)
    }
}

/// Values of a series over its steps, its volumes from the start on and over some steps.
fn sums(content: &Content, row: &SeriesRow, (first, last): (usize, usize)) -> Vec<f64> {
    let mut found: Vec<f64> = row.values.iter().flatten().copied().collect();
    if row.kind == SeriesKind::Flow {
        let hm3 = |step: usize| row.values[step].unwrap_or(0.0) * content.horizon.lengths_s[step] / 1e6;
        let mut sum = 0.0;
        for step in 0..row.values.len() {
            sum += hm3(step);
            found.push(sum);
        }
        found.push((first..last.min(row.values.len())).map(hm3).sum());
    }
    found
}

/// Differences of the series of one element that have one unit, value by value.
fn differences(rows: &[&SeriesRow], facts: &mut Vec<f64>) {
    for row in rows {
        for other in rows.iter().filter(|other| other.unit == row.unit && other.kind == row.kind) {
            let pairs = row.values.iter().zip(&other.values);
            facts.extend(pairs.filter_map(|(a, b)| Some((*a)? - (*b)?)).filter(|gap| *gap > 0.0));
            // A start against a bound of the first step.
            let start = row.values.first().copied().flatten().zip(other.values.get(1).copied().flatten());
            facts.extend(start.map(|(start, bound)| (start - bound).abs()));
        }
    }
}

/// What a section lacks in a warning to its mildest grade, in each step and over all, and how much of that each of some storages can give
/// and still hold its dead level, or what some rule keeps in it. A section that is held on means lacks what its mean over a day, ten days, a month
/// or all the horizon does.
fn lacks(content: &Content, section: &str, (from, to): (&str, &str), stores: &BTreeSet<String>, facts: &mut Vec<f64>) {
    let Some((flow, target)) = content.series(section, "flow").zip(content.series(section, "target")) else { return };
    let starts = &content.horizon.starts;
    let edge = |time: &str| starts.iter().position(|start| start == time).unwrap_or(flow.values.len());
    let steps = edge(from)..edge(to).min(flow.values.len());
    let at = |row: &SeriesRow, step: usize| row.values[step].unwrap_or(0.0);
    let lengths = &content.horizon.lengths_s;
    // A step's own, its day's, its ten days', its month's, all.
    let ten_days = |step: usize| (starts[step].get(..7), starts[step].get(8..9).map(|ten| ten.min("2")));
    let alike: [&dyn Fn(usize, usize) -> bool; 5] = [
        &|a, b| a == b,
        &|a, b| starts[a].get(..10) == starts[b].get(..10),
        &|a, b| ten_days(a) == ten_days(b),
        &|a, b| starts[a].get(..7) == starts[b].get(..7),
        &|_, _| true,
    ];
    let floors: Vec<&SeriesRow> = content.series.iter().filter(|row| row.quantity == "floor" && row.unit == "hm3").collect();
    for (share, alike) in GRADES.iter().flat_map(|share| alike.iter().map(move |alike| (*share, alike))) {
        let judged = |step: usize| {
            let held = || (0..flow.values.len()).filter(|other| alike(step, *other));
            let sum = |row: &SeriesRow| held().map(|other| at(row, other) * lengths[other]).sum::<f64>();
            at(target, step) * sum(flow) / sum(target)
        };
        let lack = |step: usize| (share * at(target, step) - judged(step)).max(0.0);
        let hm3 = |step: usize| lack(step) * lengths[step] / 1e6;
        facts.extend(steps.clone().map(lack));
        facts.push(steps.clone().map(hm3).sum());
        for (stored, dead) in
            stores.iter().filter_map(|id| content.series(id, "storage").zip(content.series(id, "storage.dead")))
        {
            for floor in floors.iter().map(|floor| Some(*floor)).chain([None]) {
                // A storage's floor is of the end of a step, as its dead level is.
                let lowest = |step: usize| floor.map_or(0.0, |floor| at(floor, step + 1)).max(at(dead, step + 1));
                let above = |step: usize| at(stored, step + 1) - lowest(step);
                facts.extend(steps.clone().map(above));
                let left = |step: usize| (step..steps.end).map(above).fold(f64::INFINITY, f64::min);
                facts.push(steps.clone().fold(0.0, |given, step| given + hm3(step).min((left(step) - given).max(0.0))));
            }
        }
    }
}

/// What a storage loses from the start on.
fn lost(content: &Content, id: &str, facts: &mut Vec<f64>) {
    let rows: Vec<&SeriesRow> = ["evaporation", "seepage"].iter().filter_map(|word| content.series(id, word)).collect();
    let mut sum = 0.0;
    for step in 0..content.horizon.starts.len() {
        let each = rows.iter().map(|row| row.values[step].unwrap_or(0.0));
        sum += each.sum::<f64>() * content.horizon.lengths_s[step] / 1e6;
        facts.push(sum);
    }
}

/// What a way could pass more over some steps, by its own capacity and what there is where it begins: what a source has left, what
/// else leaves a junction, what a storage holds above its lowest from then to the end.
fn room(content: &Content, id: &str, (first, last): (usize, usize), facts: &mut Vec<f64>) {
    let Some((flow, capacity)) = content.series(id, "flow").zip(content.series(id, "capacity")) else { return };
    let Some(tail) = content.element(id).and_then(|element| element.from.as_deref()) else { return };
    let at = |row: &SeriesRow, step: usize| row.values[step].unwrap_or(0.0);
    let of = |quantity: &str, step: usize| content.series(tail, quantity).map(|row| at(row, step));
    let left = |step: usize| match (of("available", step), of("storage", step)) {
        (Some(available), _) => available - of("withdrawal", step).unwrap_or(0.0),
        (None, Some(_)) => f64::INFINITY,
        _ => of("outflow", step).unwrap_or(0.0) + of("withdrawal", step).unwrap_or(0.0) - at(flow, step),
    };
    let spare =
        |step: usize| of("storage", step + 1).zip(of("storage.dead", step + 1)).map_or(f64::INFINITY, |(a, b)| a - b);
    let mut taken = 0.0;
    for step in first..last.min(flow.values.len()) {
        let own = (at(capacity, step) - at(flow, step)).min(left(step)).max(0.0) * content.horizon.lengths_s[step] / 1e6;
        let most = (step..flow.values.len()).map(spare).fold(f64::INFINITY, f64::min);
        taken += own.min(f64::max(most - taken, 0.0));
    }
    facts.push(taken);
}
