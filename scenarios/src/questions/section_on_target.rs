//! 断面明天掉红线，从哪加放多少、发电损失多少: a section is held at its target on the first three days.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, energy, one, subject};
use crate::sharing::Sharing;

/// Days on which it is held.
const DAYS: f64 = 3.0;

pub const QUESTION: Question = Question {
    word: "section-on-target",
    asked: [
        "断面要掉红线，从哪加放多少、发电损失多少？",
        "A section falls below its line: who releases how much more, and what energy does it cost?",
    ],
    of: "a control section; unless given, the one that lacks most",
    overlays: |view, of| {
        let mut all = view.of_kind(&["section", "works_release"]);
        all.sort_by(|a, b| {
            let lacks = |id: &str| view.volume(id, "shortfall").unwrap_or(0.0);
            lacks(&b.id).total_cmp(&lacks(&a.id))
        });
        let section = subject(of.first(), &all, "control sections")?;
        let target = view.values(&section.id, "target").and_then(|values| values.first().copied());
        let target = target.filter(|target| *target > 0.0).ok_or_else(|| format!("`{}` has no target", section.id))?;
        let text = format!(
            "[[change]]\nset = \"control_section:{0}.floor_m3s\"\nvalue = {{ of = {{ value = 0 }}, value = {target}, days = {DAYS} }}\n[[change]]\nset = \"control_section:{0}.floor_rule\"\nvalue = \"always\"\n",
            section.id
        );
        Ok(one("section-on-target", text))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    // The one whose floor the overlay set.
    let floor = |view: &View<'_>, id: &str| view.values(id, "floor").and_then(|values| values.first().copied());
    let mut sections = view.of_kind(&["section", "works_release"]).into_iter();
    let section = sections.find(|section| floor(view, &section.id) != floor(base, &section.id));
    let Some(section) = section.map(|section| section.id.as_str()) else {
        return both("断面的目标本已是硬性底线，方案不变。", "the section's target is a floor already: no plan differs.");
    };
    let steps = view.axis.edges.iter().take_while(|edge| **edge < DAYS).count().max(1);
    let seconds = |step: usize| (view.axis.edges[step + 1] - view.axis.edges[step]) * 86_400.0;
    let first = |view: &View<'_>, id: &str, quantity: &str| -> f64 {
        let flows = view.values(id, quantity).unwrap_or_default();
        flows.iter().take(steps).enumerate().map(|(step, flow)| flow * seconds(step) / 1e6).sum()
    };
    let more = |id: &str| first(view, id, "outflow") - first(base, id, "outflow");
    let (lacked, lacks) = (first(base, section, "shortfall"), first(view, section, "shortfall"));
    let name = view.name(section);
    if lacked <= NOTHING {
        return both(
            format!("{}前3天按本方案已达标，无须加放。", name.chinese),
            format!("{} is on its target on the first three days as planned: nobody need release more.", name.english),
        );
    }
    let stores = view.of_kind(&["reservoir"]).into_iter();
    let gives = stores.max_by(|a, b| more(&a.id).total_cmp(&more(&b.id))).filter(|store| more(&store.id) > NOTHING);
    let (lacked, still) = (quantity::volume(lacked), quantity::volume(lacks));
    let (kept, english) = if lacks > NOTHING {
        (format!("仍缺{}", still.chinese), format!("{} still lack", still.english))
    } else {
        ("即达标".to_owned(), "it is on its target".to_owned())
    };
    let lost = (energy(base) - energy(view)) * 100.0;
    let (energy, english_energy) = if lost < 0.005 {
        ("全期发电无损失".to_owned(), "no energy is lost over the horizon".to_owned())
    } else {
        let lost = quantity::number(lost);
        (format!("全期发电损失{lost}万kW·h"), format!("{lost} ×10⁴ kWh are lost over the horizon"))
    };
    let users = Sharing::of(base, view, f64::INFINITY).told(view);
    match gives {
        Some(store) => {
            let seconds: f64 = (0..steps).map(seconds).sum();
            let (from, flow) = (view.name(&store.id), quantity::flow(more(&store.id) * 1e6 / seconds));
            both(
                format!(
                    "{}前3天缺{}，由{}日均加放{flow}{kept}，{energy}；与基准比，全期{}。",
                    name.chinese, lacked.chinese, from.chinese, users.chinese
                ),
                format!(
                    "{} lacks {} on the first three days; {} releases {flow} more on them and {english}; {english_energy}; against the base, over the horizon {}.",
                    name.english, lacked.english, from.english, users.english
                ),
            )
        }
        None => both(
            format!("{}前3天缺{}，没有水库加放，{kept}；与基准比，全期{}。", name.chinese, lacked.chinese, users.chinese),
            format!(
                "{} lacks {} on the first three days, no reservoir releases more, and {english}; against the base, over the horizon {}.",
                name.english, lacked.english, users.english
            ),
        ),
    }
}
