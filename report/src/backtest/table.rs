//! The indices of a backtest, a column a policy.

use super::{Backtest, Cut, Indices, Instead, ObjectiveRow, SectionRow, StoreRow, Unforecast, UseRow};
use crate::goals;
use crate::language::{Language, Phrase, both};
use crate::quantity;
use crate::side_by_side::parts::{self, Line, Part, Told};
use crate::words;

/// The backtest for a terminal.
pub fn text(backtest: &Backtest, language: Language) -> String {
    let heads: Vec<Phrase> = backtest.policies.iter().map(super::Policy::name).collect();
    let heads: Vec<&str> = heads.iter().map(|head| head.say(language)).collect();
    let mut out = format!("{}\n\n", headline(backtest).say(language));
    out.push_str(&parts::text(&all_parts(backtest), &heads, language));
    for said in failures(backtest).iter().chain(&unforecast(backtest)).chain(&cuts(backtest)) {
        out.push_str(said.say(language));
        out.push('\n');
    }
    out
}

/// Days on which a rule gave way in a policy's plans, and of each rule.
fn gave_way(policy: &super::Policy) -> Told {
    let all = |of: fn(&Phrase) -> &str, by: &str| {
        let rows = policy.gave_way.iter().map(|row| format!("{} {}", of(&row.name), row.days));
        rows.collect::<Vec<_>>().join(by)
    };
    let more = both(all(|name| &name.chinese, "，"), all(|name| &name.english, ", "));
    Told { number: policy.breach_days.to_string(), more: (!policy.gave_way.is_empty()).then_some(more), class: None }
}

/// What was asked, in a sentence.
pub(super) fn headline(backtest: &Backtest) -> Phrase {
    let Backtest { name, from, to, every, steps, starts, .. } = backtest;
    let (from, to) = (quantity::time_text(from), quantity::time_text(to));
    let (days, steps) = (starts.len(), steps.join(", "));
    both(
        format!("{name}回测：{}至{}，{days}天，每{every}天滚动求解（时段 {steps}）。", from.chinese, to.chinese),
        format!(
            "Backtest of {name}: {} to {}, {days} days, solved anew every {} (steps {steps}).",
            from.english,
            to.english,
            if *every == 1 { "day".to_owned() } else { format!("{every} days") }
        ),
    )
}

/// Ways that passed less than the releases that were carried out say, a sentence each.
pub(super) fn cuts(backtest: &Backtest) -> Vec<Phrase> {
    let all = backtest.policies.iter().flat_map(|policy| policy.cut.iter().map(move |cut| (policy.name(), cut)));
    let said = |(policy, Cut { name, days, most_m3s, .. }): (Phrase, &Cut)| {
        let (most, on) = (quantity::flow(*most_m3s), if *days == 1 { "day" } else { "days" });
        both(
            format!(
                "{}：{}有{days}天放不出文件所写的流量（受过流能力或水量所限），最多少放{most} m³/s。",
                policy.chinese, name.chinese
            ),
            format!(
                "{}: {} passed less than the file says on {days} {on}, by up to {most} m³/s: its capacity or the water there binds.",
                policy.english, name.english
            ),
        )
    };
    all.map(said).collect()
}

/// Of mornings without a given forecast so many are named.
const NAMED: usize = 3;

/// Mornings on which no given forecast tells of a day to come, and what counts instead, a sentence each.
pub(super) fn unforecast(backtest: &Backtest) -> Vec<Phrase> {
    let all = backtest.policies.iter().flat_map(|policy| policy.unforecast.iter().map(move |row| (policy.name(), row)));
    let said = |(policy, row): (Phrase, &Unforecast)| {
        let (count, names) = (row.mornings.len(), Phrase::joined(&row.names, "、", ", "));
        let first: Vec<Phrase> = row.mornings.iter().take(NAMED).map(|day| quantity::time_text(day)).collect();
        let (first, more) = (Phrase::joined(&first, "、", ", "), count > NAMED);
        let instead = match row.instead {
            "climatology" => both("按多年平均来水", "what is usual at their dates"),
            _ => both("按最近十天的平均来水", "the mean of the last ten days"),
        };
        both(
            format!(
                "{}：{}个决策日中有{count}个（{}{}）没有{}的给定预报，改{}计。",
                policy.chinese,
                row.of,
                first.chinese,
                if more { "等" } else { "" },
                names.chinese,
                instead.chinese
            ),
            format!(
                "{}: on {count} of {} mornings ({}{}) no given forecast tells of {}; {} counts instead.",
                policy.english,
                row.of,
                first.english,
                if more { ", …" } else { "" },
                names.english,
                instead.english
            ),
        )
    };
    all.map(said).collect()
}

/// What went otherwise than it should, a sentence each.
pub(super) fn failures(backtest: &Backtest) -> Vec<Phrase> {
    let mut said = Vec::new();
    for policy in &backtest.policies {
        let name = policy.name();
        for failure in &policy.failures {
            let in_a_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let (day, cause) = (quantity::time_text(&failure.day), &failure.said);
            let cause = both(in_a_line(&cause.chinese), in_a_line(&cause.english));
            let (instead, days) = (failure.instead.phrase(), failure.days);
            said.push(both(
                format!("{}：{}起{days}天{}：{}", name.chinese, day.chinese, instead.chinese, cause.chinese),
                format!(
                    "{}: {days} {} from {}, {}: {}",
                    name.english,
                    if days == 1 { "day" } else { "days" },
                    day.english,
                    instead.english,
                    cause.english
                ),
            ));
        }
    }
    said
}

/// The whole table.
pub(super) fn all_parts(backtest: &Backtest) -> Vec<Part> {
    let columns = Columns { backtest };
    let mut parts = vec![
        columns.part(both("供水", "Supply"), columns.uses()),
        columns.part(both("生态流量", "Ecological flow"), columns.sections()),
        columns.part(both("水库与发电", "Reservoirs and energy"), columns.stores()),
        columns.part(both("各级目标（按逐日过程重新计算）", "Goals, measured on the days"), columns.objectives()),
        columns.part(both("执行", "The run"), columns.run()),
    ];
    parts.retain(|part| !part.lines.is_empty());
    parts
}

struct Columns<'a> {
    backtest: &'a Backtest,
}

impl Columns<'_> {
    #[expect(clippy::unused_self, reason = "reads with its neighbours")]
    fn part(&self, title: Phrase, lines: Vec<Line>) -> Part {
        Part { title, lines, coloured: false }
    }

    fn line(&self, name: Phrase, cell: impl Fn(&Indices) -> Option<String>) -> Line {
        let cells = self.backtest.policies.iter().map(|policy| policy.indices.as_ref().and_then(&cell).map(Told::from));
        Line { name, cells: cells.collect() }
    }

    fn first(&self) -> Option<&Indices> {
        self.backtest.policies.iter().find_map(|policy| policy.indices.as_ref())
    }

    fn uses(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for row in self.first().into_iter().flat_map(|first| &first.uses) {
            let of = if row.use_ == "all" { both("全部用户", "all users") } else { words::word(&row.use_) };
            let mut tell = |chinese: &str, english: &str, cell: &dyn Fn(&UseRow) -> Option<String>| {
                let name = both(format!("{} · {chinese}", of.chinese), format!("{} · {english}", of.english));
                lines.push(self.line(name, |indices| cell(indices.uses.iter().find(|other| other.use_ == row.use_)?)));
            };
            tell("历时保证率 ↑", "days served ↑", &|row| Some(quantity::percent(row.time_reliability)));
            tell("水量保证率 ↑", "volume served ↑", &|row| Some(quantity::percent(row.volume_reliability)));
            tell("缺水 ↓ 万m³", "short ↓ 10⁴ m³", &|row| {
                Some(quantity::wan_m3((row.demand_hm3 - row.supply_hm3).max(0.0)))
            });
            tell("最长连续缺水 ↓ 天", "longest spell ↓ d", &|row| Some(row.longest_days.to_string()));
            tell("可恢复性 ↑", "resilience ↑", &|row| row.resilience.map(|share| quantity::fixed(share, 3)));
            tell("脆弱性 ↓ m³/s", "vulnerability ↓ m³/s", &|row| row.vulnerability_m3s.map(quantity::number));
            tell("缺水指数 ↓", "shortage index ↓", &|row| Some(quantity::fixed(row.shortage_index, 4)));
        }
        lines
    }

    fn sections(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for row in self.first().into_iter().flat_map(|first| &first.sections) {
            let mut tell = |chinese: &str, english: &str, cell: &dyn Fn(&SectionRow) -> Option<String>| {
                let name = both(format!("{} · {chinese}", row.name), format!("{} · {english}", row.name));
                lines.push(self.line(name, |indices| cell(indices.sections.iter().find(|other| other.id == row.id)?)));
            };
            tell("达标天数比 ↑", "days met ↑", &|row| row.assurance.map(quantity::percent));
            tell("最差七日 ↑", "worst seven days ↑", &|row| row.worst_week.map(quantity::percent));
            tell("最长连续不达标 ↓ 天", "longest spell below ↓ d", &|row| Some(row.longest_days.to_string()));
        }
        lines
    }

    fn stores(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for row in self.first().into_iter().flat_map(|first| &first.stores) {
            let mut tell = |chinese: &str, english: &str, cell: &dyn Fn(&StoreRow) -> Option<String>| {
                let name = both(format!("{} · {chinese}", row.name), format!("{} · {english}", row.name));
                lines.push(self.line(name, |indices| cell(indices.stores.iter().find(|other| other.id == row.id)?)));
            };
            tell("最小蓄水 万m³", "least stored 10⁴ m³", &|row| Some(quantity::wan_m3(row.least_hm3)));
            tell("期末蓄水 万m³", "stored at the end 10⁴ m³", &|row| Some(quantity::wan_m3(row.end_hm3)));
            tell("弃水 ↓ 万m³", "spilled ↓ 10⁴ m³", &|row| Some(quantity::wan_m3(row.spill_hm3)));
            tell("超汛限 ↓ 天", "above the flood limit ↓ d", &|row| Some(row.days_above_limit.to_string()));
            tell("最大超汛限水量 ↓ 万m³", "most above it ↓ 10⁴ m³", &|row| {
                Some(quantity::wan_m3(row.most_above_limit_hm3))
            });
            tell("出库日变幅 ↓ m³/s", "outflow from day to day ↓ m³/s", &|row| {
                Some(quantity::number(row.jitter_m3s))
            });
        }
        if self.first().is_some_and(|first| first.energy_gwh.is_some()) {
            let (factor, unit) = words::unit("GWh");
            let name = both(format!("发电量 ↑ {}", unit.chinese), format!("energy ↑ {}", unit.english));
            lines.push(self.line(name, |indices| indices.energy_gwh.map(|gwh| quantity::number(gwh * factor))));
        }
        lines
    }

    fn objectives(&self) -> Vec<Line> {
        let rows: Vec<&ObjectiveRow> = self.first().into_iter().flat_map(|first| &first.objectives).collect();
        let line = |(place, row): (usize, &&ObjectiveRow)| {
            let (_, unit) = goals::unit(&row.kind, &row.unit);
            let better = if row.sense == "maximise" { "↑" } else { "↓" };
            let named = |unit: &str| format!("{}. {} {better} {unit}", place + 1, row.name).trim_end().to_owned();
            self.line(both(named(&unit.chinese), named(&unit.english)), |indices| {
                let found = indices.objectives.iter().find(|other| other.id == row.id)?;
                Some(goals::value(&row.kind, &row.unit, found.value).0)
            })
        };
        rows.iter().enumerate().map(line).collect()
    }

    fn run(&self) -> Vec<Line> {
        let told = |cell: &dyn Fn(&super::Policy) -> String| {
            self.backtest.policies.iter().map(|policy| Some(cell(policy).into())).collect()
        };
        let failed = |policy: &super::Policy, instead: &[Instead]| {
            let failures = policy.failures.iter().filter(|failure| instead.contains(&failure.instead));
            failures.map(|failure| failure.days).sum::<usize>().to_string()
        };
        vec![
            Line { name: both("求解次数", "solves"), cells: told(&|policy| policy.solves.to_string()) },
            Line {
                name: both(
                    "方案有规则让步的天数（各规则的天数）",
                    "days on which a plan's rule gave way (and of each rule)",
                ),
                cells: self.backtest.policies.iter().map(|policy| Some(gave_way(policy))).collect(),
            },
            Line {
                name: both("未按当日方案执行的天数", "days without a plan of their own"),
                cells: told(&|policy| failed(policy, &[Instead::LastPlan, Instead::Rules, Instead::Ended])),
            },
            Line {
                name: both("水量无法平衡的天数", "days impossible as carried out"),
                cells: told(&|policy| failed(policy, &[Instead::Impossible])),
            },
            self.line(
                both("执行后不满足的规则（项·天）", "rules that did not hold (rule × day)"),
                |indices| Some(indices.breaches.iter().map(|row| row.days).sum::<usize>().to_string()),
            ),
        ]
    }
}
