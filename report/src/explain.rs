//! What `weir explain` says of a plan: what water is worth where, where a little more would go, what binds, why something is short.
//!
//! From the document alone, and from what was found by solving again where a basin was given. Changes are told for 100万m³, a hm³,
//! as the page's charts of water values are.

mod binds;
mod way;
mod when;

use weir_model::document::{Content, PlanDocument, RelaxationRow, WaterValueRow};
use weir_model::explanation::{Binding, End, Explanation, LOOKED_AT, NOT_HELD, Priced, Shortage, Side, most, same};

pub(crate) use self::binds::{binding_table, binding_title, limit_word, not_held, nothing_of};
use self::binds::{bindings, not_looked_at};
use self::way::goes;
pub(crate) use self::way::{Told, tells};
pub(crate) use self::when::span;
use self::when::{runs, span_of};
use crate::figures::water_value_unit;
use crate::language::{Language, Phrase, both, name_then};
use crate::page::front;
use crate::quantity::{general, number, percent, seen_wan_m3, wan_m3};
use crate::text::Summary;
use crate::view::View;
use crate::words;

/// Runs of steps that a table shows; the rest are counted.
const MOST_RUNS: usize = 24;

/// What is asked of a plan.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// An address.
    pub address: Option<&'a str>,
    /// A step.
    pub step: Option<usize>,
    /// What solving again found there.
    pub explanation: Option<&'a Explanation>,
    /// Why things are short, where that was asked for.
    pub shortages: Option<&'a [Shortage]>,
}

/// What explains a plan, or an address of it, or a step of that.
pub fn explain(document: &PlanDocument, asked: &Asked<'_>, language: Language) -> String {
    let view = View::new(document);
    let mut out = Summary::new(language);
    let (from, to) = view.period();
    match (asked.address, asked.step) {
        (Some(address), Some(step)) => {
            let (name, when) = (view.name(address), span_of(&view, step, step));
            out.line(&both(format!("{}，{}", name.chinese, when.chinese), format!("{}, {}", name.english, when.english)));
        }
        (Some(address), None) => out.line(&view.name(address)),
        (None, Some(step)) => {
            let when = span_of(&view, step, step);
            out.line(&both(format!("{}，{}", view.basin(), when.chinese), format!("{}, {}", view.basin(), when.english)));
        }
        (None, None) => out.line(&both(
            format!("{}　{} 至 {}", view.basin(), from.chinese, to.chinese),
            format!("{}, {} to {}", view.basin(), from.english, to.english),
        )),
    }
    if let Some(shortages) = asked.shortages {
        short(&view, shortages, &mut out);
        return out.text;
    }
    match (asked.address, asked.step, asked.explanation) {
        (_, _, Some(explanation)) => solved(&view, explanation, &mut out),
        (Some(address), Some(step), None) => at_step(&view, address, step, &mut out),
        (Some(address), None, None) => over_time(&view, address, &mut out),
        (None, Some(step), None) => in_step(&view, step, &mut out),
        (None, None, None) => overview(&view, &mut out),
    }
    out.text
}

/// The whole plan: exchange rates, what water is worth at each place, the worst shortages.
fn overview(view: &View<'_>, out: &mut Summary) {
    exchange(view, out);
    let rows = &view.content.water_values;
    if !rows.is_empty() {
        out.title(&both("水价值（每100万m³）", "Water values (for 100 ×10⁴ m³)"));
        let first = |row: &&WaterValueRow| (0..row.values.len()).any(|step| is_first(view.content, row, step));
        let lines: Vec<Vec<Phrase>> = rows.iter().filter(first).map(|row| valued(view, row)).collect();
        let head = [
            both("处所", "Where"),
            both("目标", "Stage"),
            both("最小", "Least"),
            both("最大", "Most"),
            both("单位", "Unit"),
            both("左右不等的时段", "Steps not unique"),
        ];
        out.table(&head, &lines, &[2, 3, 5]);
    }
    let worst = view.content.worst_shortages(None, 5);
    if !worst.is_empty() {
        out.title(&both("缺水最多之处", "Shortest of all"));
        for shortage in &worst {
            out.line(&sentence(view, shortage));
        }
    }
}

/// All that a step is: what water is worth at each place, what binds anywhere, what gave way, what lacks and why.
fn in_step(view: &View<'_>, step: usize, out: &mut Summary) {
    let content = view.content;
    let first = content.water_values.iter().filter(|row| is_first(content, row, step));
    let lines: Vec<Vec<Phrase>> = first
        .map(|row| {
            let mut line = worth(view, &row.stage, &row.unit, told(row, step), !row.more.is_empty());
            line.insert(0, view.name(&row.address));
            line
        })
        .collect();
    if lines.is_empty() {
        out.title(&both("方案未载当时的水价值，或水无价值", "The plan holds no water value of then, or water has none"));
    } else {
        out.title(&both(
            "水价值：每100万m³对首个受影响目标的影响",
            "What 100 ×10⁴ m³ change in the first stage that they change",
        ));
        out.table(&[&[both("处所", "Where")][..], &worth_head()].concat(), &lines, &[2, 3]);
    }
    gave(view, content.gave_way(None, Some(step)), out);
    // What lacks is told below, with why.
    let all = content.all_that_binds(step..step + 1).into_iter().map(|(_, binding)| binding);
    let binding: Vec<Binding> = all.filter(|binding| binding.short == 0.0).collect();
    if binding.is_empty() {
        out.title(&nothing_of(&LOOKED_AT));
    } else {
        bindings(view, &unpriced(binding), out);
    }
    not_looked_at(out);
    let all = content.worst_shortages(Some(step), usize::MAX);
    if !all.is_empty() {
        short(view, &all[..all.len().min(MOST_RUNS)], out);
        out.rest(all.len().saturating_sub(MOST_RUNS));
    }
}

/// Limits without what moving them would change.
fn unpriced(binding: Vec<Binding>) -> Vec<Priced> {
    binding.into_iter().map(|binding| Priced { binding, raised: None, lowered: None }).collect()
}

/// What giving way in a stage buys in the next.
fn exchange(view: &View<'_>, out: &mut Summary) {
    let rates = front::rates(view);
    if rates.is_empty() {
        return;
    }
    out.title(&both("各级之间的交换率", "What giving way buys"));
    for rate in &rates {
        out.line(rate);
    }
}

fn valued(view: &View<'_>, row: &WaterValueRow) -> Vec<Phrase> {
    let (factor, unit) = unit_of(view, &row.stage, &row.unit);
    let all = || row.values.iter().chain(&row.more).chain(&row.less).flatten().map(|value| value * factor);
    let least = all().fold(f64::INFINITY, f64::min);
    let most = all().fold(f64::NEG_INFINITY, f64::max);
    let kinks = row.more.iter().zip(&row.less).filter(|pair| differ(*pair.0, *pair.1)).count();
    let kinks = if row.more.is_empty() { both("未求", "not solved for") } else { Phrase::same(kinks.to_string()) };
    vec![
        view.name(&row.address),
        view.objective(&row.stage),
        Phrase::same(signed(least)),
        Phrase::same(signed(most)),
        unit,
        kinks,
    ]
}

/// What a row of water values tells of a step: both sides, or the one that the plan holds.
fn told(row: &WaterValueRow, step: usize) -> [Option<f64>; 2] {
    if row.more.is_empty() { [row.values[step], None] } else { [row.more[step], row.less[step]] }
}

/// Whether a row is of the first stage in which the water of its place has a value in a step.
pub(crate) fn is_first(content: &Content, row: &WaterValueRow, step: usize) -> bool {
    let valued = |row: &WaterValueRow| told(row, step).iter().flatten().any(|value| *value != 0.0);
    let of_place = content.water_values.iter().filter(|other| other.address == row.address);
    of_place.clone().find(|other| valued(other)).is_some_and(|first| first.stage == row.stage)
}

/// Whether two sides differ; what is not told differs from nothing.
pub(crate) fn differ(more: Option<f64>, less: Option<f64>) -> bool {
    more.zip(less).is_some_and(|(more, less)| !same(more, less))
}

/// An address over time: what its water is worth, and what binds there.
fn over_time(view: &View<'_>, address: &str, out: &mut Summary) {
    let content = view.content;
    let rows: Vec<&WaterValueRow> = content.water_values.iter().filter(|row| row.address == address).collect();
    let first = |step: usize| rows.iter().copied().find(|row| is_first(content, row, step));
    let value = |step: usize| {
        first(step).map(|row| {
            let (factor, unit) = unit_of(view, &row.stage, &row.unit);
            let [next, last] = told(row, step);
            let said = [next, last].map(|value| value.map_or_else(|| "—".to_owned(), |value| rough(value * factor)));
            (view.objective(&row.stage), said, unit, differ(next, last))
        })
    };
    let lines: Vec<Vec<Phrase>> = runs(content.horizon.starts.len(), value)
        .into_iter()
        .map(|(from, to, value)| {
            let when = span_of(view, from, to);
            let Some((stage, [next, last], unit, kink)) = value else { return vec![when, both("无价值", "none")] };
            let kink = if kink { both("不唯一", "not unique") } else { Phrase::default() };
            vec![when, stage, Phrase::same(next), Phrase::same(last), unit, kink]
        })
        .collect();
    if rows.is_empty() {
        out.title(&both("方案未载此处的水价值", "The plan holds no water value of it"));
    } else {
        out.title(&both(
            "水价值：每100万m³对首个受影响目标的影响",
            "What 100 ×10⁴ m³ change in the first stage that they change",
        ));
        let head = [
            both("时段", "When"),
            both("目标", "Stage"),
            both("多来", "Next"),
            both("少来", "Last"),
            both("单位", "Unit"),
            Phrase::default(),
        ];
        table(&head, &lines, &[2, 3], out);
        if rows.iter().any(|row| row.more.is_empty()) {
            out.line(&one_sided());
        }
    }
    let steps = content.horizon.starts.len();
    gave(view, content.gave_way(Some(address), None), out);
    let by_step: Vec<Vec<Binding>> = (0..steps).map(|step| content.binds(address, step)).collect();
    let mut limits: Vec<(&str, &str)> = Vec::new();
    for binding in by_step.iter().flatten() {
        let limit = (binding.address.as_str(), binding.limit.as_str());
        if !limits.contains(&limit) {
            limits.push(limit);
        }
    }
    if limits.is_empty() {
        out.title(&nothing_of(&LOOKED_AT));
        not_looked_at(out);
        return;
    }
    let mut lines = Vec::new();
    for (address, limit) in limits {
        let binds = |step: usize| by_step[step].iter().any(|own| own.address == address && own.limit == limit);
        let own = runs(steps, binds).into_iter().filter(|(.., binds)| *binds);
        lines.extend(own.map(|(first, last, _)| vec![view.name(address), limit_word(limit), span_of(view, first, last)]));
    }
    out.title(&both("起作用的限制", "What binds"));
    table(&[both("何处", "Of"), both("限制", "Limit"), both("时段", "When")], &lines, &[], out);
    not_looked_at(out);
}

/// An address in a step, by the document alone.
fn at_step(view: &View<'_>, address: &str, step: usize, out: &mut Summary) {
    let rows = view.content.water_values.iter().filter(|row| row.address == address);
    let lines: Vec<Vec<Phrase>> =
        rows.clone().map(|row| worth(view, &row.stage, &row.unit, told(row, step), !row.more.is_empty())).collect();
    if lines.is_empty() {
        out.title(&both("方案未载此处的水价值", "The plan holds no water value of it"));
    } else {
        worths(&lines, out);
        if rows.clone().any(|row| row.more.is_empty()) {
            out.line(&one_sided());
        }
    }
    gave(view, view.content.gave_way(Some(address), Some(step)), out);
    let priced = unpriced(view.content.binds(address, step));
    if priced.is_empty() {
        out.title(&nothing_of(&LOOKED_AT));
    } else {
        bindings(view, &priced, out);
    }
    not_looked_at(out);
    out.title(&both(
        "水往哪里去、能变多少：加 --basin 流域文件夹，重新求解后说明",
        "Where a little more would go, and how far that holds: with --basin DIR, by solving again",
    ));
}

/// What a little more and a little less change in each stage that they change, by lines of [`worth_head`].
pub(crate) fn worth_rows(view: &View<'_>, explanation: &Explanation) -> Vec<Vec<Phrase>> {
    let (more, less) = (&explanation.more, &explanation.less);
    let changes = if more.changes.is_empty() { &less.changes } else { &more.changes };
    let mut stages: Vec<(&str, &str)> = changes.iter().map(|c| (c.stage.as_str(), c.unit.as_str())).collect();
    let further = less.changes.iter().map(|change| (change.stage.as_str(), change.unit.as_str()));
    stages.extend(further.filter(|(stage, _)| !changes.iter().any(|change| change.stage == *stage)));
    stages
        .iter()
        .map(|&(stage, unit)| {
            let told = [more, less].map(|side| side.none.is_none().then(|| side.in_stage(stage).unwrap_or(0.0)));
            (stage, unit, told)
        })
        .filter(|(.., told)| told.iter().flatten().any(|value| *value != 0.0))
        .map(|(stage, unit, told)| worth(view, stage, unit, told, true))
        .collect()
}

/// Limits that are looked at where the case is at hand.
pub(crate) fn all_looked_at() -> Vec<&'static str> {
    [&LOOKED_AT[..], &NOT_HELD].concat()
}

/// What solving again found.
fn solved(view: &View<'_>, explanation: &Explanation, out: &mut Summary) {
    let (more, less) = (&explanation.more, &explanation.less);
    if explanation.solves == 0 {
        out.title(&both(
            "方案不是由一个线性规划得出的，多来或少来一点水的影响不求",
            "No linear program made the plan: what a little more or less water would change is not told",
        ));
        return bound(view, explanation, out);
    }
    let lines = worth_rows(view, explanation);
    if lines.is_empty() {
        out.title(&worth_nothing());
    } else {
        worths(&lines, out);
    }
    out.title(&goes_title());
    goes(view, explanation, more, true, out);
    if alike(more, less) {
        out.line(&same_places());
    } else {
        goes(view, explanation, less, false, out);
    }
    out.title(&range_title());
    for (side, zh, en) in [(more, "增加", "rise"), (less, "减少", "fall")] {
        out.line(&ranged(view, explanation, side, zh, en));
    }
    bound(view, explanation, out);
    exchange(view, out);
    out.title(&both(
        format!("重新求解{}次", explanation.solves),
        format!("By {} programs solved again", explanation.solves),
    ));
}

/// What gave way then, and what binds.
fn bound(view: &View<'_>, explanation: &Explanation, out: &mut Summary) {
    if let Some(step) = step_of(view, explanation) {
        gave(view, view.content.gave_way(Some(&explanation.address), Some(step)), out);
    }
    if explanation.binding.is_empty() {
        out.title(&nothing_of(&all_looked_at()));
    } else {
        bindings(view, &explanation.binding, out);
    }
}

fn worth(view: &View<'_>, stage: &str, unit: &str, told: [Option<f64>; 2], both_sides: bool) -> Vec<Phrase> {
    let (factor, said) = unit_of(view, stage, unit);
    let [more, less] = told.map(|value| Phrase::same(value.map_or_else(|| "—".to_owned(), |value| signed(value * factor))));
    let kink = match told {
        [Some(more), Some(less)] if same(more, less) => both("唯一", "unique"),
        [Some(_), Some(_)] => both("不唯一：在两者之间", "not unique: between the two"),
        _ if both_sides => both("一侧未能得出", "one side is not told"),
        _ => both("单侧", "one side"),
    };
    vec![stage_name(view, stage), more, less, said, kink]
}

fn worths(lines: &[Vec<Phrase>], out: &mut Summary) {
    out.title(&both("水价值：每100万m³的影响", "What 100 ×10⁴ m³ are worth"));
    out.table(&worth_head(), lines, &[1, 2]);
}

pub(crate) fn goes_title() -> Phrase {
    both("多来1 m³水去哪里", "Where one more cubic metre would go")
}

pub(crate) fn range_title() -> Phrase {
    both("到何处为止", "How far that holds")
}

pub(crate) fn same_places() -> Phrase {
    both("少来1 m³，少在同样各处。", "One m³ less would be missed in the same places.")
}

/// That water is worth nothing in any stage.
pub(crate) fn worth_nothing() -> Phrase {
    both("此处多来或少来一点水，各级目标都不变", "A little more or less water here changes no stage")
}

pub(crate) fn worth_head() -> [Phrase; 5] {
    [both("目标", "Stage"), both("多来", "Next"), both("少来", "Last"), both("单位", "Unit"), Phrase::default()]
}

fn one_sided() -> Phrase {
    both(
        "方案只载一侧的值，目标在该处可能有拐点；加 --basin 求两侧，或以 weir solve --both-sides 载入方案。",
        "The plan holds one side only, and there may be a kink: --basin solves for both, `weir solve --both-sides` puts them into the plan.",
    )
}

pub(crate) fn stage_name(view: &View<'_>, stage: &str) -> Phrase {
    match stage.strip_prefix("stage0.") {
        Some(class) => {
            let class = words::word(class);
            both(format!("规则让步（{}）", class.chinese), format!("rules giving way ({})", class.english))
        }
        None => view.objective(stage),
    }
}

/// The factor and unit of what a hm³ changes in a stage.
fn unit_of(view: &View<'_>, stage: &str, unit: &str) -> (f64, Phrase) {
    let kind = view.content.objectives.iter().find(|o| o.id == stage).map_or("", |o| o.kind.as_str());
    water_value_unit(kind, unit)
}

/// A number with its sign, to four digits.
fn signed(value: f64) -> String {
    let text = general(format!("{value:.3e}").parse().unwrap_or(value));
    if value > 0.0 { format!("+{text}") } else { text }
}

/// The same to three digits, for a series.
fn rough(value: f64) -> String {
    signed(format!("{value:.2e}").parse().unwrap_or(value))
}

/// Why nothing is told of a side.
fn untold(side: &Side) -> Phrase {
    match side.none.as_deref() {
        Some("unsettled") => both("再小的量也有变化，未能得出", "something changes however little it is, so it is not told"),
        _ => both("没有方案", "there is no plan"),
    }
}

/// Whether the water of both sides ends in the same places and steps, and it is known how it gets there of both.
pub(crate) fn alike(more: &Side, less: &Side) -> bool {
    let (more, less) = (&more.trace.ends, &less.trace.ends);
    let of = |end: &End| (end.address.clone(), end.from.clone(), end.to.clone(), end.route.is_empty());
    let near = |end: &End| less.iter().any(|other| of(other) == of(end) && (other.share - end.share).abs() < 0.005);
    !more.is_empty() && more.len() == less.len() && more.iter().all(near)
}

/// How far a side's fact can be moved before something else follows.
pub(crate) fn ranged(view: &View<'_>, explanation: &Explanation, side: &Side, zh: &str, en: &str) -> Phrase {
    let node = view.name(&explanation.node);
    if side.none.is_some() {
        let why = untold(side);
        return both(format!("来水{zh}：{}。", why.chinese), format!("Where inflow may {en}: {}.", why.english));
    }
    let (volume, flow) = (wan_m3(side.range_hm3), flow_of(view, explanation, side.range_hm3));
    let (at_least, least) = if side.ends_there { ("", "") } else { ("至少", " at least,") };
    let way = side.way_hm3.map_or_else(Phrase::default, |way| the_way(way, side.range_hm3));
    let beyond =
        if side.ends_there { both("；超出即应重新求解", ". Beyond that, solve again") } else { Phrase::default() };
    both(
        format!(
            "{}来水{zh}{at_least}{volume}万m³（{flow} m³/s）以内，每方水的价值不变{}{}。",
            node.chinese, way.chinese, beyond.chinese
        ),
        format!(
            "Inflow in {} may {en} by {volume} ×10⁴ m³ ({flow} m³/s){least} with a m³ worth the same{}{}.",
            node.english, way.english, beyond.english
        ),
    )
}

/// How much of a range goes where it is said.
fn the_way(way_hm3: f64, range_hm3: f64) -> Phrase {
    if way_hm3 >= range_hm3 {
        return both("，去向也不变", " and going the same way");
    }
    let way = wan_m3(way_hm3);
    both(
        format!("，其中前{way}万m³去向如上，其后价值相同而去向不同"),
        format!("; the first {way} ×10⁴ m³ of it go where it is said, what comes after elsewhere"),
    )
}

fn flow_of(view: &View<'_>, explanation: &Explanation, hm3: f64) -> String {
    step_of(view, explanation)
        .map_or_else(|| "—".to_owned(), |step| number(hm3 * 1e6 / view.content.horizon.lengths_s[step]))
}

pub(crate) fn step_of(view: &View<'_>, explanation: &Explanation) -> Option<usize> {
    view.content.horizon.starts.iter().position(|start| *start == explanation.from)
}

/// What gave way in runs of neighbouring steps, a rule after the other, each run with the step that gave most.
pub(crate) fn given_runs(mut rows: Vec<&RelaxationRow>) -> Vec<(Vec<&RelaxationRow>, &RelaxationRow)> {
    rows.sort_by(|a, b| a.address.cmp(&b.address).then(a.step.cmp(&b.step)));
    let runs = rows.chunk_by(|a, b| a.address == b.address && a.step + 1 == b.step);
    runs.filter_map(|run| Some((run.to_vec(), *most(run, |row| row.hm3)?))).collect()
}

/// Rules that gave way: of neighbouring steps once, with the most.
fn gave(view: &View<'_>, rows: Vec<&RelaxationRow>, out: &mut Summary) {
    let lines: Vec<Vec<Phrase>> = given_runs(rows)
        .into_iter()
        .filter_map(|(run, worst)| {
            let when = span(&run.first()?.from, &run.last()?.to);
            let why = view.because(worst.reason.as_deref(), None);
            Some(vec![view.name(&worst.address), when, Phrase::same(wan_m3(worst.hm3)), why])
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    out.title(&both("让步的规则", "What had to give"));
    let head =
        [both("规则", "Rule"), both("时段", "When"), both("最大幅度 万m³", "By at most, 10⁴ m³"), both("原因", "Why")];
    table(&head, &lines, &[2], out);
}

/// Why things are short.
fn short(view: &View<'_>, shortages: &[Shortage], out: &mut Summary) {
    if shortages.is_empty() {
        out.title(&both("不缺水", "Nothing lacks there and then"));
        return;
    }
    out.title(&both("为何缺水", "Why it is short"));
    for shortage in shortages {
        out.line(&sentence(view, shortage));
    }
}

/// A shortage with its reason and the numbers of what that names, in a sentence.
pub(crate) fn sentence(view: &View<'_>, shortage: &Shortage) -> Phrase {
    let (name, when) = (view.name(&shortage.address), span(&shortage.from, &shortage.to));
    let lack = seen_wan_m3(shortage.short_hm3);
    let (got, wanted) = (number(shortage.got_m3s), number(shortage.wanted_m3s));
    let met = percent(shortage.got_m3s / shortage.wanted_m3s);
    let reason = shortage.reason.as_ref().map_or_else(
        || {
            both(
                "方案未单独载明其原因，加 --basin 可求",
                "the plan holds no reason of its own for then, which --basin finds",
            )
        },
        |reason| view.statement(reason),
    );
    let mut facts: Vec<Phrase> = shortage.binding.iter().map(|binding| fact(view, binding)).collect();
    facts.extend(shortage.levels.iter().map(|(id, level)| {
        let (name, level) = (view.name(id), crate::quantity::level(*level));
        both(format!("{}时段末水位{level}", name.chinese), format!("{} at {level} when the step ends", name.english))
    }));
    let listed = |of: fn(&Phrase) -> &str, open: &str, comma: &str, close: &str| {
        if facts.is_empty() {
            return String::new();
        }
        format!("{open}{}{close}", facts.iter().map(of).collect::<Vec<_>>().join(comma))
    };
    both(
        format!(
            "{}缺{lack}万m³（需{wanted}、供{got} m³/s，满足度{met}）：{}{}。",
            name_then(&name.chinese, &when.chinese),
            reason.chinese,
            listed(|fact| &fact.chinese, "（", "；", "）")
        ),
        format!(
            "{}, {}: {lack} ×10⁴ m³ short ({got} of {wanted} m³/s, {met} met): {}{}.",
            name.english,
            when.english,
            reason.english,
            listed(|fact| &fact.english, " (", "; ", ")")
        ),
    )
}

fn fact(view: &View<'_>, binding: &Binding) -> Phrase {
    let (name, limit) = (view.name(&binding.address), limit_word(&binding.limit));
    let (factor, unit) = words::unit(&binding.unit);
    let at = number(binding.at * factor);
    both(
        format!("{}{at}{}", name_then(&name.chinese, &limit.chinese), unit.chinese),
        format!("{} of {}: {at} {}", limit.english, name.english, unit.english),
    )
}

/// A table of runs, cut where it is long.
fn table(head: &[Phrase], lines: &[Vec<Phrase>], right: &[usize], out: &mut Summary) {
    out.table(head, &lines[..lines.len().min(MOST_RUNS)], right);
    out.rest(lines.len().saturating_sub(MOST_RUNS));
}
