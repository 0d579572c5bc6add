//! 电站想多发电，给多少水不影响供水: energy right behind the last stage that works on shortage or balance.

use weir_model::basin::nearest::hint;
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, by_most, energy, last_owed, one, short, stored};

/// Kinds of objectives that energy makes.
const ENERGY: [&str; 2] = ["energy", "revenue"];

pub const QUESTION: Question = Question {
    word: "energy-first",
    asked: ["电站想多发电，给多少水不影响供水？", "How much water can the power station have without touching supply?"],
    of: "the objective of energy; unless given, the first of its kind",
    overlays: |view, of| {
        let rows = &view.content.objectives;
        let of_kind = |kinds: &[&str]| rows.iter().filter(|row| kinds.contains(&row.kind.as_str())).collect::<Vec<_>>();
        let energy = match of.first() {
            Some(id) => of_kind(&ENERGY).into_iter().find(|row| row.id == *id).ok_or_else(|| {
                let known: Vec<&str> = of_kind(&ENERGY).into_iter().map(|row| row.id.as_str()).collect();
                let hint = hint(id, &known, "objectives of energy");
                let hint = hint.map_or_else(String::new, |hint| format!("\n  hint: {hint}"));
                let is = rows.iter().find(|row| row.id == *id).map(|row| format!("is of kind `{}`", row.kind));
                format!("`{id}` {}, no objective of energy{hint}", is.unwrap_or_else(|| "is not there".to_owned()))
            })?,
            None => *of_kind(&ENERGY).first().ok_or("the basin has no objective of energy")?,
        };
        let last = last_owed(view, &["shortage", "balance", "ecological_shortfall"]);
        let last = last.ok_or("no stage of the basin works on supply")?;
        Ok(one("energy-first", format!("[[change]]\nrank = \"{}\"\nafter = \"{last}\"\n", energy.id)))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let more = (energy(view) - energy(base)) * 100.0;
    let kwh = quantity::number(more.max(0.0));
    if more < 0.005 {
        return both("在不影响供水的前提下，已无水可多发电。", "None: without touching supply, no more energy can be made.");
    }
    let turbines = by_most(view, &["turbine"], "flow");
    let through = |view: &View<'_>| turbines.iter().filter_map(|way| view.volume(&way.id, "flow")).sum::<f64>();
    let (water, less) = (
        quantity::volume((through(view) - through(base)).max(0.0)),
        quantity::volume((stored(base) - stored(view)).max(0.0)),
    );
    let lacks = short(view, &[]) - short(base, &[]);
    let (kept, english) = if lacks > NOTHING {
        let lacks = quantity::volume(lacks);
        (format!("用户多缺{}", lacks.chinese), format!("users lack {} more", lacks.english))
    } else {
        ("用户不多缺水".to_owned(), "no user lacks more".to_owned())
    };
    both(
        format!("可多过机{}，多发{kwh}万kW·h，期末少存{}，{kept}。", water.chinese, less.chinese),
        format!(
            "{} more through the turbines makes {kwh} ×10⁴ kWh more; {} less is stored at the end, and {english}.",
            water.english, less.english
        ),
    )
}
