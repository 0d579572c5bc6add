//! The brief of the day 简报: five to eight sentences on the plan's first day, each number against yesterday and last year.
//!
//! Each sentence is one function. Those on what a plan may not have (reservoirs, inflow) say nothing then; the others always
//! speak, so that there are never fewer than five.

use weir_model::document::{FLOOD_MODE, Part, PlanDocument, WarningRow};

use crate::beside::{Beside, Day, Figure};
use crate::gravity::sorted;
use crate::language::{Language, Phrase, both, count, name_then};
use crate::page::kind_of_plan;
use crate::quantity::{WAN_M3_PER_HM3, flow, percent, time_text, wan_m3};
use crate::view::View;
use crate::words;

/// Reservoirs that are named one by one.
const MOST_RESERVOIRS: usize = 3;
/// Below a target by no more than this share, it is met.
const MET: f64 = 1e-6;

/// The sentences of the brief, in the order in which they are read: never fewer than 5 nor more than 8.
pub fn sentences(document: &PlanDocument, beside: &Beside) -> Vec<Phrase> {
    let view = View::new(document);
    let day = Day::new(document, beside);
    let of_day = |sentence: fn(&View<'_>, &Day<'_>) -> Option<Phrase>| day.as_ref().and_then(|day| sentence(&view, day));
    [
        Some(scope(&view, beside)),
        of_day(held),
        of_day(inflow),
        of_day(outflow),
        Some(of_day(supply).unwrap_or_else(|| both("方案没有供水户。", "The plan has no demand."))),
        Some(of_day(sections).unwrap_or_else(|| {
            both("方案没有可供考核的生态断面流量。", "The plan has no flow at a section for ecology to be judged.")
        })),
        Some(notices(&view, beside)),
        Some(standing(&view)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The brief as a text of its own, in both languages.
pub fn markdown(document: &PlanDocument, beside: &Beside) -> String {
    let view = View::new(document);
    let (from, _) = view.period();
    let title = both(
        format!("{}调度简报　{}", view.basin(), from.chinese),
        format!("{}: dispatch brief, {}", view.basin(), from.english),
    );
    let sentences = sentences(document, beside);
    let part = |language: Language| {
        let lines: Vec<String> =
            sentences.iter().enumerate().map(|(i, s)| format!("{}. {}\n", i + 1, s.say(language))).collect();
        format!("# {}\n\n{}", title.say(language), lines.concat())
    };
    // Names come from files.
    let text = format!("{}\n{}", part(Language::Chinese), part(Language::English));
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// What the plan is, and what its numbers are set against.
fn scope(view: &View<'_>, beside: &Beside) -> Phrase {
    let (from, to) = view.period();
    let (mode, kind) = (words::word(&view.content.case.mode), kind_of_plan(view));
    let named = |plan: &Option<PlanDocument>, when: Phrase| match plan {
        Some(plan) => {
            let name = identity(plan);
            both(format!("{}对照{name}", when.chinese), format!("{} is {name}", when.english))
        }
        None => both(format!("{}无方案可比", when.chinese), format!("{} is not known", when.english)),
    };
    let yesterday = named(&beside.yesterday, both("昨日", "yesterday"));
    let last_year = named(&beside.last_year, both("去年同期", "the same day last year"));
    both(
        format!(
            "{}{}{}自{}至{}，运行模式为{}；{}，{}。",
            view.basin(),
            kind.chinese,
            identity(view.document),
            from.chinese,
            to.chinese,
            mode.chinese,
            yesterday.chinese,
            last_year.chinese
        ),
        format!(
            "{}: {} {}, {} to {}, in the mode {}; {}, {}.",
            view.basin(),
            kind.english,
            identity(view.document),
            from.english,
            to.english,
            mode.english,
            yesterday.english,
            last_year.english
        ),
    )
}

/// By what an office knows a plan: product, term and revision; of one that no office has, the beginning of its digest.
pub(crate) fn identity(plan: &PlanDocument) -> String {
    let record = &plan.record;
    match (&record.product, &record.term) {
        (Some(product), Some(term)) => format!("{product}-{term}-{}", record.revision),
        _ => record.id.chars().take(8).collect(),
    }
}

/// Reservoirs, the largest first by what they hold.
fn reservoirs<'a>(view: &View<'a>, day: &Day<'_>) -> Vec<(&'a str, Figure)> {
    let reservoirs = view.of_kind(&["reservoir"]).into_iter();
    let mut found: Vec<(&str, Figure)> =
        reservoirs.filter_map(|e| Some((e.id.as_str(), day.state(&e.id, "storage")?))).collect();
    found.sort_by(|a, b| b.1.now.total_cmp(&a.1.now));
    found
}

/// `A …、B …等N座`: what is said of each of the largest.
fn each<'a>(view: &View<'_>, of: &[(&'a str, Figure)], say: impl Fn(&'a str) -> Option<Phrase>) -> Option<Phrase> {
    let said: Vec<Phrase> = of
        .iter()
        .take(MOST_RESERVOIRS)
        .filter_map(|(id, _)| {
            let (name, said) = (view.name(id), say(id)?);
            Some(both(name_then(&name.chinese, &said.chinese), format!("{} {}", name.english, said.english)))
        })
        .collect();
    let list = |say: fn(&Phrase) -> &str, comma: &str| said.iter().map(say).collect::<Vec<_>>().join(comma);
    (!said.is_empty()).then_some(both(list(|p| &p.chinese, "、"), list(|p| &p.english, ", ")))
}

/// Levels and storage at the start of the day.
fn held(view: &View<'_>, day: &Day<'_>) -> Option<Phrase> {
    let of = reservoirs(view, day);
    let sum = Figure::sum(of.iter().map(|(_, storage)| *storage))?.volume();
    let levels = each(view, &of, |id| {
        let level = day.state(id, "level")?.level();
        Some(both(format!("水位{}", level.chinese), format!("at {}", level.english)))
    });
    let levels =
        levels.map_or_else(Phrase::default, |levels| both(format!("{}；", levels.chinese), format!("{}; ", levels.english)));
    Some(both(
        format!("期初{}{}座水库合计蓄水{}。", levels.chinese, of.len(), sum.chinese),
        format!(
            "At the start {}{} {} {}.",
            levels.english,
            count(of.len(), "reservoir", "reservoirs"),
            if of.len() == 1 { "holds" } else { "together hold" },
            sum.english
        ),
    ))
}

fn inflow(view: &View<'_>, day: &Day<'_>) -> Option<Phrase> {
    let ways = view.of_kind(&["inflow"]).into_iter().filter(|e| e.part == Part::Arc && !e.standby);
    let sum = Figure::sum(ways.filter_map(|e| day.mean(&e.id, "flow")))?;
    let (mean, volume) = (sum.flow(), sum.times(day.length_s() / 1e6).now);
    Some(both(
        format!("当日来水平均{}，计{}。", mean.chinese, crate::quantity::volume(volume).chinese),
        format!("Inflow of the day is {} on average, {} in all.", mean.english, crate::quantity::volume(volume).english),
    ))
}

fn outflow(view: &View<'_>, day: &Day<'_>) -> Option<Phrase> {
    let each = each(view, &reservoirs(view, day), |id| Some(day.mean(id, "outflow")?.flow()))?;
    Some(both(format!("当日出库：{}。", each.chinese), format!("Outflow of the day: {}.", each.english)))
}

/// Means over the day of demands' series, summed over demands.
fn of_demands(view: &View<'_>, day: &Day<'_>, quantity: &str) -> Option<Figure> {
    let demands = view.of_kind(&["waterworks", "irrigation", "demand"]).into_iter();
    Figure::sum(demands.filter_map(|e| day.mean(&e.id, quantity)))
}

fn supply(view: &View<'_>, day: &Day<'_>) -> Option<Phrase> {
    let (demand, supply) = (of_demands(view, day, "demand")?, of_demands(view, day, "supply")?);
    let volumes = day.length_s() / 1e6;
    let told = supply.times(volumes).volume();
    let lacking = (demand.now - supply.now) * volumes;
    let short = if lacking * WAN_M3_PER_HM3 < 0.05 {
        both("，需水全部满足", ", all that is wanted")
    } else {
        let met = percent(supply.now / demand.now);
        both(
            format!("，满足度{met}，缺{}万m³", wan_m3(lacking)),
            format!(", {met} of what is wanted, {} ×10⁴ m³ lacking", wan_m3(lacking)),
        )
    };
    Some(both(
        format!("当日供水{}{}。", told.chinese, short.chinese),
        format!("Supply of the day is {}{}.", told.english, short.english),
    ))
}

/// The section or works release whose flow is the least of its target, and how many fall short.
fn sections(view: &View<'_>, day: &Day<'_>) -> Option<Phrase> {
    let judged = view.of_kind(&["section", "works_release"]).into_iter().filter_map(|e| {
        let found = day.mean(&e.id, "flow")?;
        let target = day.mean(&e.id, "target").or_else(|| day.mean(&e.id, "floor"))?.now;
        (target > 0.0).then_some((e.id.as_str(), found, target))
    });
    let mut judged: Vec<(&str, Figure, f64)> = judged.collect();
    judged.sort_by(|a, b| (a.1.now / a.2).total_cmp(&(b.1.now / b.2)));
    let &(id, found, target) = judged.first()?;
    let short = judged.iter().filter(|(_, found, target)| found.now < target * (1.0 - MET)).count();
    let (name, told, met) = (view.name(id), found.flow(), percent(found.now / target));
    let places = judged.len();
    let (state, state_english) = if short == 0 {
        ("当日均达目标流量".to_owned(), "all reach their target of the day".to_owned())
    } else {
        let fall = if short == 1 { "one falls".to_owned() } else { format!("{short} fall") };
        (format!("当日{short}处低于目标流量"), format!("{fall} below target that day"))
    };
    Some(both(
        format!(
            "{places}处生态断面与工程下泄{state}，最紧的{}流量{}，为目标{}的{met}。",
            name.chinese,
            told.chinese,
            flow(target)
        ),
        format!(
            "Of {} for ecology {state_english}; the tightest, {}, has {}, {met} of its target of {}.",
            count(places, "section or release", "sections and releases"),
            name.english,
            told.english,
            flow(target)
        ),
    ))
}

/// Warnings, what gave way, and what is in force from above.
fn notices(view: &View<'_>, beside: &Beside) -> Phrase {
    let found = sorted(&view.content.warnings);
    let warned = |plan: &Option<PlanDocument>| plan.as_ref().map(|plan| sorted(&plan.content.warnings).len());
    let told = match (warned(&beside.yesterday), warned(&beside.last_year)) {
        (None, None) => Phrase::default(),
        (Some(then), None) => both(format!("（昨日{then}条）"), format!(" (yesterday {then})")),
        (None, Some(then)) => both(format!("（去年同期{then}条）"), format!(" (last year {then})")),
        (Some(yesterday), Some(year)) => {
            both(format!("（昨日{yesterday}条，去年同期{year}条）"), format!(" (yesterday {yesterday}, last year {year})"))
        }
    };
    let gravest = found.first().map_or_else(Phrase::default, |row| gravest(view, row));
    let mut gave: Vec<&str> = view.content.relaxations.iter().map(|row| row.address.as_str()).collect();
    gave.sort_unstable();
    gave.dedup();
    let case = &view.content.case;
    let cuts = case.curtailments.iter().filter(|row| row.from.is_some()).count();
    let rest = [
        (gave.len(), "规则让步", "处", "rule gave way", "rules gave way"),
        (case.commands.len(), "执行中的命令", "件", "order from above in force", "orders from above in force"),
        (cuts, "执行中的限水措施", "项", "curtailment in force", "curtailments in force"),
    ];
    let rest = rest.into_iter().filter(|(number, ..)| *number > 0).fold(
        Phrase::default(),
        |said, (number, chinese, unit, one, many)| {
            both(
                format!("{}；{chinese}{number}{unit}", said.chinese),
                format!("{}; {}", said.english, count(number, one, many)),
            )
        },
    );
    both(
        format!("全期预警{}条{}{}{}。", found.len(), told.chinese, gravest.chinese, rest.chinese),
        format!(
            "The plan has {}{}{}{}.",
            count(found.len(), "warning", "warnings"),
            told.english,
            gravest.english,
            rest.english
        ),
    )
}

fn gravest(view: &View<'_>, row: &WarningRow) -> Phrase {
    let (name, grade, from) = (view.name(&row.address), words::word(&row.grade), time_text(&row.from));
    let kind = crate::gravity::kind(view, row);
    // 下库工程下泄 is named by its kind already.
    let kind_chinese = if name.chinese.ends_with(&kind.chinese) { "" } else { &kind.chinese };
    let why = super::in_brackets(view, row.reason.as_deref());
    both(
        format!("，最重为{}{kind_chinese}（{}），自{}起{}", name.chinese, grade.chinese, from.chinese, why.chinese),
        format!(
            ", the gravest at {}: {} ({}), from {}{}",
            name.english, kind.english, grade.english, from.english, why.english
        ),
    )
}

/// What the plan is worth: its audit, its inflow, and what it was made without.
fn standing(view: &View<'_>) -> Phrase {
    let case = &view.content.case;
    let mut said = if view.content.audit.passed {
        both("独立审计通过", "The independent audit passes")
    } else {
        both("独立审计未通过，不得使用", "The independent audit FAILS: not to be used")
    };
    let mut add = |phrase: &Phrase| {
        said = both(format!("{}；{}", said.chinese, phrase.chinese), format!("{}; {}", said.english, phrase.english));
    };
    for heading in &case.headings {
        add(&words::word(heading));
    }
    if case.mode == FLOOD_MODE {
        add(&both("本模块停用，执行防指调度令", "this module is out of service, the headquarters' orders are carried out"));
    }
    match case.degraded.as_slice() {
        [] => {}
        [reason] => {
            let reason = view.statement(reason);
            add(&both(
                format!("方案降级：{}", reason.chinese.trim_end_matches('。').replace('。', "，")),
                format!("degraded: {}", reason.english.trim_end_matches('.')),
            ));
        }
        more => add(&both(format!("方案降级，原因{}条", more.len()), format!("degraded for {} reasons", more.len()))),
    }
    both(format!("{}。", said.chinese), format!("{}.", said.english))
}
