//! 生态流量提到15%缺口落在哪个县哪个旬: targets of all sections half as much again, from 10 % of the mean flow to 15 %.

use std::collections::BTreeMap;

use weir_model::horizon::TenDayPeriod;
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, one};

pub const QUESTION: Question = Question {
    word: "ecological-targets-up",
    asked: [
        "生态流量目标由10%提到15%，缺口落在哪个县哪个旬？",
        "Ecological targets from 10 % to 15 %: which county goes short, and when?",
    ],
    of: "",
    overlays: |view, _| {
        if view.of_kind(&["section", "works_release"]).is_empty() {
            return Err("the basin has no control sections".to_owned());
        }
        Ok(one("ecological-targets-up", "[[change]]\nscale = \"control_section:*.target_m3s\"\nby = 1.5\n"))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    // What users lack more, by region and 旬.
    let mut lacks: BTreeMap<(&str, usize), (f64, usize)> = BTreeMap::new();
    for element in view.of_kind(&["waterworks", "irrigation", "demand"]) {
        let both = view.values(&element.id, "shortage").zip(base.values(&element.id, "shortage"));
        for (step, (after, before)) in both.into_iter().flat_map(|(after, before)| after.into_iter().zip(before)).enumerate()
        {
            let Some(at) = view.axis.times.get(step) else { continue };
            let seconds = (view.axis.edges[step + 1] - view.axis.edges[step]) * 86_400.0;
            let region = element.region.as_deref().unwrap_or_default();
            let period = TenDayPeriod::of(at.date()).index() + 36 * (at.year() as usize);
            lacks.entry((region, period)).or_insert((0.0, step)).0 += (after - before) * seconds / 1e6;
        }
    }
    let rivers = rivers(base, view);
    let total: f64 = lacks.values().map(|(hm3, _)| hm3).sum();
    let worst = lacks.into_iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0)).filter(|(_, (hm3, _))| *hm3 > NOTHING);
    let Some(((region, _), (hm3, step))) = worst else {
        return both(
            format!("用户不因此多缺水；{}。", rivers.chinese),
            format!("No user goes short for it; {}.", rivers.english),
        );
    };
    let region = view.region(Some(region).filter(|region| !region.is_empty()));
    let at = view.axis.times[step].date();
    let (period, hm3, total) = (TenDayPeriod::of(at).chinese(), quantity::volume(hm3), quantity::volume(total));
    let from = quantity::date(at);
    both(
        format!(
            "全流域用户多缺{}，最重的是{}{period}，多缺{}；{}。",
            total.chinese, region.chinese, hm3.chinese, rivers.chinese
        ),
        format!(
            "Users lack {} more in all; most of it {} in the third of a month from {}, {} more; {}.",
            total.english, region.english, from.english, hm3.english, rivers.english
        ),
    )
}

/// What rivers lack more: each goal of theirs, and the section that is furthest below its higher target.
fn rivers(base: &View<'_>, view: &View<'_>) -> Phrase {
    let goals = view.content.objectives.iter().filter(|row| row.kind == "ecological_shortfall" && row.unit == "hm3");
    let told = goals.filter_map(|row| {
        let before = base.content.objectives.iter().find(|other| other.id == row.id)?.value?;
        let [from, to, _] = quantity::change(before, row.value?);
        let name = view.objective(&row.id);
        if from == to {
            return Some(if before > NOTHING {
                both(
                    format!("“{}”仍为{}", name.chinese, to.chinese),
                    format!("\"{}\" stays at {}", name.english, to.english),
                )
            } else {
                both(format!("“{}”仍不缺水", name.chinese), format!("\"{}\" still lacks nothing", name.english))
            });
        }
        Some(both(
            format!("“{}”由{}变为{}", name.chinese, from.chinese, to.chinese),
            format!("\"{}\" goes from {} to {}", name.english, from.english, to.english),
        ))
    });
    let mut told: Vec<Phrase> = told.collect();
    let sections = view.of_kind(&["section", "works_release"]).into_iter();
    let lacks = sections.filter_map(|section| Some((section, view.volume(&section.id, "shortfall")?)));
    if let Some((section, hm3)) = lacks.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, hm3)| *hm3 > NOTHING) {
        let flows = view.values(&section.id, "shortfall").unwrap_or_default();
        let below = flows.iter().enumerate().filter(|(_, lacks)| **lacks > NOTHING);
        let days = quantity::days(below.map(|(step, _)| view.axis.edges[step + 1] - view.axis.edges[step]).sum());
        let before = base.volume(&section.id, "shortfall").unwrap_or(0.0);
        let ([from, to, _], name) = (quantity::change(before, hm3), view.name(&section.id));
        told.push(both(
            format!("最重的{}比目标缺{}（基准缺{}），{days}天不达标", name.chinese, to.chinese, from.chinese),
            format!(
                "worst, {} lacks {} to its target ({} in the base) and is below it on {days} days",
                name.english, to.english, from.english
            ),
        ));
    }
    if told.is_empty() {
        return both("各断面都达标", "all sections are on their targets");
    }
    let told = Phrase::joined(&told, "，", ", ");
    both(format!("生态流量：{}", told.chinese), format!("rivers: {}", told.english))
}
