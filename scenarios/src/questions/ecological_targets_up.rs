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
    let total: f64 = lacks.values().map(|(hm3, _)| hm3).sum();
    let worst = lacks.into_iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0)).filter(|(_, (hm3, _))| *hm3 > NOTHING);
    let Some(((region, _), (hm3, step))) = worst else {
        return both("用户不因此多缺水。", "No user goes short for it.");
    };
    let region = view.region(Some(region).filter(|region| !region.is_empty()));
    let at = view.axis.times[step].date();
    let (period, hm3, total) = (TenDayPeriod::of(at).chinese(), quantity::volume(hm3), quantity::volume(total));
    let from = quantity::date(at);
    both(
        format!("全流域用户多缺{}，最重的是{}{period}，多缺{}。", total.chinese, region.chinese, hm3.chinese),
        format!(
            "Users lack {} more in all; most of it {} in the ten days from {}, {} more.",
            total.english, region.english, from.english, hm3.english
        ),
    )
}
