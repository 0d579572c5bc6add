//! The brief 简报: five to eight sentences with the plan's numbers, made from the document by rule, and one more for each
//! thing that must not be overlooked.
//!
//! Each sentence is one function; one that has nothing to say says nothing. The brief of the plan's first day, against yesterday and
//! last year, is [`day`].

pub mod day;

use crate::gravity::sorted;
use crate::language::{Phrase, both, count, name_then};
use crate::notable;
use crate::quantity::{change, days, flow, level, parts, percent, volume};
use crate::satisfaction::{Table, each_period, same};
use crate::view::{USES, View};
use crate::words;

/// Sections that the brief names one by one.
const MOST_SECTIONS: usize = 3;
/// hm³ that nobody speaks of.
const NOTHING_HM3: f64 = 1e-4;

/// The sentences of the brief, in the order in which they are read.
pub fn sentences(view: &View<'_>) -> Vec<Phrase> {
    [
        scope(view),
        notable::commands(view),
        notable::command_cost(view),
        notable::curtailments(view),
        water(view),
        notable::above_limit(view),
        notable::dead_levels(view),
        supply(view),
        notable::standby(view),
        worst(view),
        sections(view),
        accounts(view),
        given_way(view),
        proof(view),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn scope(view: &View<'_>) -> Option<Phrase> {
    let (from, to) = view.period();
    let steps = view.axis.steps();
    if steps == 0 {
        return None;
    }
    let mode = words::word(&view.content.case.mode);
    Some(both(
        format!(
            "本方案自{}起至{}止，历时{}天、{steps}个时段，运行模式为{}。",
            from.chinese,
            to.chinese,
            days(view.days()),
            mode.chinese
        ),
        format!(
            "The plan runs from {} to {}, {} days in {steps} steps, in the mode {}.",
            from.english,
            to.english,
            days(view.days()),
            mode.english
        ),
    ))
}

fn water(view: &View<'_>) -> Option<Phrase> {
    let reservoirs = view.of_kind(&["reservoir"]);
    let ends: Vec<(f64, f64, &str)> =
        reservoirs.iter().filter_map(|e| view.ends(&e.id, "storage").map(|(a, b)| (a, b, e.id.as_str()))).collect();
    let &(_, _, largest) = ends.iter().max_by(|a, b| a.0.max(a.1).total_cmp(&b.0.max(b.1)))?;
    let start: f64 = ends.iter().map(|e| e.0).sum();
    let end: f64 = ends.iter().map(|e| e.1).sum();
    let inflow: f64 = view
        .of_kind(&["inflow"])
        .iter()
        .filter(|e| e.part == weir_model::document::Part::Arc && !e.standby)
        .filter_map(|e| view.volume(&e.id, "flow"))
        .sum();
    let [first, last, moved] = change(start, end);
    let moved = if first == last {
        both("持平", "no change")
    } else if end < start {
        both(format!("减少{}", moved.chinese), format!("{} less", moved.english))
    } else {
        both(format!("增加{}", moved.chinese), format!("{} more", moved.english))
    };
    let held = both(
        format!("{}座水库期初蓄水{}，期末{}，{}", ends.len(), first.chinese, last.chinese, moved.chinese),
        format!(
            "{} {} {} at the start and {} at the end, {}",
            count(ends.len(), "reservoir", "reservoirs"),
            if ends.len() == 1 { "holds" } else { "hold" },
            first.english,
            last.english,
            moved.english
        ),
    );
    let levels = view.ends(largest, "level").map_or_else(Phrase::default, |(first, last)| {
        let name = view.name(largest);
        let (first, last, moved) = (level(first), level(last), if last < first { "降至" } else { "升至" });
        if first == last {
            return both(format!("（{}水位{first}）", name.chinese), format!(" ({}: level {first})", name.english));
        }
        both(
            format!("（{}水位由{first}{moved}{last}）", name.chinese),
            format!(" ({}: level {first} to {last})", name.english),
        )
    });
    let arriving = if inflow > NOTHING_HM3 {
        both(format!("，期内来水{}", volume(inflow).chinese), format!("; inflow is {}", volume(inflow).english))
    } else {
        Phrase::default()
    };
    Some(both(
        format!("{}{}{}。", held.chinese, levels.chinese, arriving.chinese),
        format!("{}{}{}.", held.english, levels.english, arriving.english),
    ))
}

/// Demand and supply of each use over the horizon, hm³, over demand nodes.
pub fn totals(view: &View<'_>) -> Vec<(&'static str, f64, f64)> {
    USES.iter()
        .filter_map(|use_| {
            let sum = |quantity: &str| -> f64 {
                view.content
                    .series
                    .iter()
                    .filter(|s| {
                        s.quantity == quantity && s.tier.is_none() && s.class.is_some() && s.use_.as_deref() == Some(use_)
                    })
                    .map(|s| view.volume_of(&crate::view::numbers(s)))
                    .sum()
            };
            let demand = sum("demand");
            (demand > 0.0).then(|| (*use_, demand, sum("supply")))
        })
        .collect()
}

fn supply(view: &View<'_>) -> Option<Phrase> {
    let totals = totals(view);
    let demand: f64 = totals.iter().map(|t| t.1).sum();
    if demand <= 0.0 {
        return None;
    }
    let supply: f64 = totals.iter().map(|t| t.2).sum();
    let short = demand - supply;
    let lacks: Vec<f64> =
        totals.iter().map(|(_, wanted, got)| wanted - got).map(|l| if l > NOTHING_HM3 { l } else { 0.0 }).collect();
    let (lacking, sum) = parts(&lacks);
    if short <= NOTHING_HM3 {
        return Some(both(
            format!("需水{}，全部满足。", volume(demand).chinese),
            format!("Demand of {} is met in full.", volume(demand).english),
        ));
    }
    let each = |language: fn(&Phrase) -> &str, comma: &str| {
        totals
            .iter()
            .zip(&lacking)
            .map(|((use_, wanted, got), lacking)| {
                let name = if *use_ == "ecological" {
                    both("河道外生态（环境配水）", "ecology outside the stream")
                } else {
                    words::word(use_)
                };
                let short = both(format!("{lacking}万m³"), format!("{lacking} ×10⁴ m³"));
                if wanted - got <= NOTHING_HM3 {
                    language(&both(format!("{}不缺", name.chinese), format!("{} none", name.english.to_lowercase())))
                        .to_owned()
                } else {
                    language(&both(
                        format!("{}{}（满足度{}）", name.chinese, short.chinese, percent(got / wanted)),
                        format!("{} {} ({} met)", name.english.to_lowercase(), short.english, percent(got / wanted)),
                    ))
                    .to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join(comma)
    };
    Some(both(
        format!(
            "需水{}，计划供水{}，满足度{}，缺水{sum}万m³：{}。",
            volume(demand).chinese,
            volume(supply).chinese,
            percent(supply / demand),
            each(|p| &p.chinese, "、")
        ),
        format!(
            "Of a demand of {}, {} ({}) is supplied and {sum} ×10⁴ m³ lacks: {}.",
            volume(demand).english,
            volume(supply).english,
            percent(supply / demand),
            each(|p| &p.english, ", ")
        ),
    ))
}

/// The region and use whose worst period is the worst, by the rule of the table; of several that fare alike the one that
/// lacks the most, and how many they are.
fn worst(view: &View<'_>) -> Option<Phrase> {
    let table = Table::new(view);
    let short: Vec<_> = table
        .rows
        .iter()
        .flat_map(|row| row.cells.iter().zip(&table.columns).map(move |(cell, column)| (row, *column, cell)))
        .filter_map(|(row, column, cell)| Some((row, column, cell.as_ref()?)))
        .filter(|(_, column, cell)| !column.in_stream && cell.short_hm3() > 0.0)
        .collect();
    let lowest = short.iter().map(|(_, _, cell)| cell.lowest()).fold(f64::INFINITY, f64::min);
    let equal: Vec<_> = short.iter().filter(|(_, _, cell)| same(cell.lowest(), lowest)).collect();
    let (row, column, cell) = equal.iter().max_by(|a, b| a.2.short_hm3().total_cmp(&b.2.short_hm3()))?;
    let use_ = words::word(column.use_);
    let of = cell.worst.unwrap_or(cell.total);
    let period = if cell.alike { each_period(cell.period) } else { words::period_label(&of.label) };
    let lack = volume(of.demand_hm3 - of.supply_hm3);
    let others = if equal.len() > 1 {
        both(
            format!("，另有{}项同为{}", equal.len() - 1, percent(lowest)),
            format!("; {} at {} too", count(equal.len() - 1, "other is", "others are"), percent(lowest)),
        )
    } else {
        Phrase::default()
    };
    let floor =
        if cell.floor_met() && of.floor_met { both("", "") } else { both("，底线未保住", ", below its floor") };
    let reason = in_brackets(view, of.reason.as_deref());
    let (whole, whole_english) = if cell.alike { ("全期", " over the horizon") } else { ("", "") };
    Some(both(
        format!(
            "最紧的是{}{}：{}{}{whole}缺{}，满足度{}{}{}{}。",
            row.name.chinese,
            use_.chinese,
            period.chinese,
            if cell.alike { "，" } else { "" },
            lack.chinese,
            percent(of.ratio),
            floor.chinese,
            reason.chinese,
            others.chinese
        ),
        format!(
            "Hardest hit is {} in {}: {} lack{whole_english} ({}), {} met{}{}{}.",
            use_.english.to_lowercase(),
            row.name.english,
            lack.english,
            period.english,
            percent(of.ratio),
            floor.english,
            reason.english,
            others.english
        ),
    ))
}

/// A reason as it stands behind what it is of.
fn in_brackets(view: &View<'_>, reason: Option<&str>) -> Phrase {
    reason.map_or_else(Phrase::default, |reason| {
        let said = view.statement(reason);
        both(format!("（{}）", said.chinese.trim_end_matches('。')), format!(" ({})", said.english.trim_end_matches('.')))
    })
}

/// How a section or works release fares.
pub struct SectionResult {
    /// Its id.
    pub id: String,
    /// Days on which the flow is below the target.
    pub days_short: f64,
    /// Days on which the flow is below the floor.
    pub days_below_floor: f64,
    /// Least flow ÷ target.
    pub worst: f64,
    /// Step of the least flow ÷ target.
    pub at: usize,
    /// Shortfall over the horizon, hm³.
    pub shortfall_hm3: f64,
    /// Largest shortfall, m³/s.
    pub deepest_m3s: f64,
}

/// How each section and works release that has a target fares.
pub fn section_results(view: &View<'_>) -> Vec<SectionResult> {
    view.of_kind(&["section", "works_release"])
        .into_iter()
        .filter_map(|element| {
            let flow = view.values(&element.id, "flow")?;
            let floor = view.values(&element.id, "floor").unwrap_or_default();
            let target = view.values(&element.id, "target").unwrap_or_else(|| floor.clone());
            let shortfall = view.values(&element.id, "shortfall");
            let mut result = SectionResult {
                id: element.id.clone(),
                days_short: 0.0,
                days_below_floor: 0.0,
                worst: f64::INFINITY,
                at: 0,
                shortfall_hm3: 0.0,
                deepest_m3s: 0.0,
            };
            for (step, length) in view.content.horizon.lengths_s.iter().enumerate() {
                let at = |values: &[f64]| values.get(step).copied().filter(|v| v.is_finite());
                let Some(value) = at(&flow) else { continue };
                let slack = |wanted: f64| 1e-6 * wanted.max(1.0);
                // A section that is held on means is judged by what they lack, not by its single days.
                let lacks = shortfall.as_deref().and_then(at);
                let value = match at(&target).zip(lacks) {
                    Some((wanted, lacks)) if lacks > slack(wanted) => wanted - lacks,
                    Some((wanted, _)) => value.max(wanted),
                    None => value,
                };
                if let Some(wanted) = at(&target).filter(|t| *t > 0.0) {
                    if value / wanted < result.worst {
                        (result.worst, result.at) = (value / wanted, step);
                    }
                    if wanted - value > slack(wanted) {
                        result.days_short += length / 86_400.0;
                        result.shortfall_hm3 += (wanted - value) * length / 1e6;
                        result.deepest_m3s = result.deepest_m3s.max(wanted - value);
                    }
                }
                if at(&floor).is_some_and(|least| least - value > slack(least)) {
                    result.days_below_floor += length / 86_400.0;
                }
            }
            result.worst.is_finite().then_some(result)
        })
        .collect()
}

fn sections(view: &View<'_>) -> Option<Phrase> {
    let results = section_results(view);
    if results.is_empty() {
        return None;
    }
    let short: Vec<&SectionResult> = results.iter().filter(|r| r.days_short > 0.0).collect();
    if short.is_empty() {
        return Some(both(
            format!("{}处生态断面与工程下泄全期达到目标流量。", results.len()),
            format!(
                "{} for ecology, every target kept throughout.",
                count(results.len(), "section or release", "sections and releases")
            ),
        ));
    }
    let mut worst = short.clone();
    worst.sort_by(|a, b| a.worst.total_cmp(&b.worst));
    worst.truncate(MOST_SECTIONS);
    let each: Vec<Phrase> = worst
        .iter()
        .map(|result| {
            let name = view.name(&result.id);
            let shortfall = volume(result.shortfall_hm3);
            both(
                format!(
                    "{}天，最低为目标的{}（差{}），缺{}",
                    name_then(&name.chinese, &days(result.days_short)),
                    percent(result.worst),
                    flow(result.deepest_m3s),
                    shortfall.chinese
                ),
                format!(
                    "{} on {} days, at worst at {} of it ({} lacking), {} in all",
                    name.english,
                    days(result.days_short),
                    percent(result.worst),
                    flow(result.deepest_m3s),
                    shortfall.english
                ),
            )
        })
        .collect();
    let below = short.iter().filter(|r| r.days_below_floor > 0.0).count();
    let list = |say: fn(&Phrase) -> &str, comma: &str| each.iter().map(say).collect::<Vec<_>>().join(comma);
    Some(both(
        format!(
            "{}处生态断面与工程下泄中{}处未全期达标：{}{}；{}。",
            results.len(),
            short.len(),
            list(|p| &p.chinese, "；"),
            if short.len() > each.len() { "等" } else { "" },
            if below == 0 { "底线流量均保住".to_owned() } else { format!("{below}处跌破底线流量") }
        ),
        format!(
            "Of {} for ecology {} below target: {}{}; {}.",
            count(results.len(), "section or release", "sections and releases"),
            if short.len() == 1 { "one falls".to_owned() } else { format!("{} fall", short.len()) },
            list(|p| &p.english, "; "),
            if short.len() > each.len() { " and others" } else { "" },
            if below == 0 { "every floor is kept".to_owned() } else { format!("{below} fall below their floor") }
        ),
    ))
}

fn accounts(view: &View<'_>) -> Option<Phrase> {
    let rows = &view.content.accounts;
    if rows.is_empty() {
        return None;
    }
    let over: Vec<_> = rows.iter().filter(|r| r.excess_hm3 > NOTHING_HM3).collect();
    if let Some(worst) = over.iter().max_by(|a, b| a.excess_hm3.total_cmp(&b.excess_hm3)) {
        let label = words::period_label(&worst.window);
        return Some(both(
            format!(
                "{}个水量账户窗口中{}个突破可用量，最多的是{}（{}），{}{}。",
                rows.len(),
                over.len(),
                worst.name,
                label.chinese,
                if worst.at_most { "超出" } else { "欠" },
                volume(worst.excess_hm3).chinese
            ),
            format!(
                "{} of {} beyond what is available, most of all {} ({}), by {}.",
                over.len(),
                if over.len() == 1 {
                    format!("{} goes", count(rows.len(), "account window", "account windows"))
                } else {
                    format!("{} account windows go", rows.len())
                },
                worst.name,
                label.english,
                volume(worst.excess_hm3).english
            ),
        ));
    }
    let share = |r: &weir_model::document::AccountRow| (r.used_before_hm3 + r.planned_hm3) / r.limit_hm3;
    let fullest = rows.iter().filter(|r| r.at_most && r.limit_hm3 > 0.0).max_by(|a, b| share(a).total_cmp(&share(b)));
    let Some(row) = fullest else {
        return Some(both("各水量账户均在可用量以内。", "Every account stays within what is available."));
    };
    let (label, share) = (words::period_label(&row.window), percent(share(row)));
    let (name, chinese, english) = (&row.name, label.chinese, label.english);
    Some(if row.used_before_hm3 > row.limit_hm3 {
        both(
            format!("各水量账户本期均不突破可用量；{name}（{chinese}）期初已超，期末累计达控制量的{share}。"),
            format!(
                "No account goes beyond what is available; {name} ({english}) was over its limit before the start, and is at {share} of it by the end."
            ),
        )
    } else {
        both(
            format!("各水量账户均在可用量以内；用得最多的是{name}（{chinese}），期末累计达控制量的{share}。"),
            format!(
                "Every account stays within what is available; the fullest is {name} ({english}), at {share} of its limit by the end."
            ),
        )
    })
}

fn given_way(view: &View<'_>) -> Option<Phrase> {
    let rows = &view.content.relaxations;
    let warnings = sorted(&view.content.warnings).len();
    let noticed = if warnings == 0 {
        both("无预警", "there is no warning")
    } else {
        both(
            format!("预警{warnings}条"),
            format!("there {} {}", if warnings == 1 { "is" } else { "are" }, count(warnings, "warning", "warnings")),
        )
    };
    if rows.is_empty() {
        return Some(both(
            format!("全部硬性规则均得到遵守，没有规则让步；{}。", noticed.chinese),
            format!("Every hard rule holds, none had to give; {}.", noticed.english),
        ));
    }
    let mut addresses: Vec<&str> = rows.iter().map(|r| r.address.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let most = rows.iter().max_by(|a, b| a.hm3.total_cmp(&b.hm3))?;
    let (name, why) = (view.name(&most.address), in_brackets(view, most.reason.as_deref()));
    let when = crate::explain::span(&most.from, &most.to);
    Some(both(
        format!(
            "有{}条规则被迫让步，最大一处是{}，{}幅度{}{}；{}。",
            addresses.len(),
            name.chinese,
            when.chinese,
            volume(most.hm3).chinese,
            why.chinese,
            noticed.chinese
        ),
        format!(
            "{} had to give, most of all {}, {}, by {}{}; {}.",
            count(addresses.len(), "rule", "rules"),
            name.english,
            when.english,
            volume(most.hm3).english,
            why.english,
            noticed.english
        ),
    ))
}

fn proof(view: &View<'_>) -> Option<Phrase> {
    let stages = &view.content.stages;
    if stages.is_empty() {
        return None;
    }
    let optimal = stages.iter().filter(|s| s.outcome == "optimal").count();
    let audit = if view.content.audit.passed {
        both("独立审计通过", "the independent audit passes")
    } else {
        both("独立审计未通过，不得使用", "the independent audit FAILS: not to be used")
    };
    Some(if let Some(front) = &view.content.front {
        both(
            format!("本方案是前沿上{}个互不支配的方案中的折中，{}。", front.points.len(), audit.chinese),
            format!(
                "The plan is the compromise among {}, none of which dominates another, and {}.",
                count(front.points.len(), "plan", "plans"),
                audit.english
            ),
        )
    } else if optimal == stages.len() {
        both(
            format!("{}级目标依次达到最优，{}。", stages.len(), audit.chinese),
            format!(
                "{} optimal in turn, and {}.",
                if stages.len() == 1 { "The one stage is".to_owned() } else { format!("All {} stages are", stages.len()) },
                audit.english
            ),
        )
    } else {
        both(
            format!("{}级目标中{optimal}级证明最优，{}。", stages.len(), audit.chinese),
            format!("{optimal} of {} stages are proved optimal, and {}.", stages.len(), audit.english),
        )
    })
}
