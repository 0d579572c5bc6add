//! 断面明天掉红线，从哪加放多少、发电损失多少: a section is held at its target on the first three days.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, energy, one, subject};

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
            "[[change]]\nset = \"control_section:{0}.floor_m3s\"\nvalue = {{ of = {{ value = 0 }}, value = {target}, days = 3 }}\n[[change]]\nset = \"control_section:{0}.floor_rule\"\nvalue = \"always\"\n",
            section.id
        );
        Ok(one("section-on-target", text))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let steps = view.axis.edges.iter().take_while(|edge| **edge < 3.0).count().max(1);
    let more = |id: &str| {
        let flows = view.values(id, "outflow").zip(base.values(id, "outflow"));
        flows.map_or(0.0, |(after, before)| {
            after.iter().zip(&before).take(steps).map(|(a, b)| a - b).sum::<f64>() / steps as f64
        })
    };
    let stores = view.of_kind(&["reservoir"]).into_iter();
    let gives = stores.max_by(|a, b| more(&a.id).total_cmp(&more(&b.id))).filter(|store| more(&store.id) > NOTHING);
    let lost = (energy(base) - energy(view)) * 100.0;
    let lost = quantity::number(lost.max(0.0));
    let lacks: f64 = view.content.relaxations.iter().map(|row| row.hm3).sum();
    let lacks = quantity::volume(lacks);
    match gives {
        Some(store) => {
            let (name, flow) = (view.name(&store.id), quantity::flow(more(&store.id)));
            both(
                format!("前3天由{}日均加放{flow}，全期发电损失{lost}万kW·h，仍缺{}。", name.chinese, lacks.chinese),
                format!(
                    "{} releases {flow} more on the first three days; {lost} ×10⁴ kWh are lost over the horizon, and {} still lack.",
                    name.english, lacks.english
                ),
            )
        }
        None => both(
            format!("上游无库可加放（或无须加放），仍缺{}。", lacks.chinese),
            format!("No reservoir can (or need) release more; {} still lack.", lacks.english),
        ),
    }
}
