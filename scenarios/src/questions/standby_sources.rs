//! 瓯江引水、泽雅顶上去珊溪省多少: all standby ways are opened, or those named.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, by_most, names, short, subject};

pub const QUESTION: Question = Question {
    word: "standby-sources",
    asked: ["备用水源顶上去，主库省多少？", "What do the standby sources save the main reservoir?"],
    of: "standby ways; unless given, all of them",
    overlays: |view, of| {
        let all: Vec<_> = view.content.elements.iter().filter(|element| element.standby).collect();
        let ids: Result<Vec<&str>, String> = match of {
            [] => Ok(all.iter().map(|element| element.id.as_str()).collect()),
            of => of.iter().map(|id| Ok(subject(Some(id), &all, "standby ways")?.id.as_str())).collect(),
        };
        let ids = ids?;
        if ids.is_empty() {
            return Err("the basin has no standby ways".to_owned());
        }
        let open = |id: &&str| format!("[[change]]\nopen = \"{id}\"\n");
        let text = ids.iter().map(open).collect::<Vec<_>>().concat();
        Ok(super::one("standby-sources", text))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let standby: Vec<_> = base.content.elements.iter().filter(|element| element.standby).collect();
    let flow = |view: &View<'_>, id: &str| view.volume(id, "flow").unwrap_or(0.0);
    let used: Vec<_> = standby.iter().copied().filter(|way| flow(view, &way.id) > NOTHING).collect();
    let drawn: f64 = used.iter().map(|way| flow(view, &way.id) - flow(base, &way.id)).sum();
    let Some(main) = by_most(base, &["reservoir"], "outflow").first().copied() else { return Phrase::default() };
    if drawn <= NOTHING {
        let lacks = quantity::volume(short(view, &[]));
        return both(
            format!("备用水源打开也不引水，全流域缺{}，与不开时相同。", lacks.chinese),
            format!("Open, the standby sources bring nothing: all users lack {}, as they do without.", lacks.english),
        );
    }
    let less = |of: fn(&View<'_>) -> f64| of(base) - of(view);
    let (users, rivers, stored) = (less(|view| short(view, &[])), less(in_rivers), -less(super::stored));
    let ([users, rivers, stored, rest], drawn) = shown([users, rivers, stored, drawn - users - rivers - stored]);
    let kept = |view: &View<'_>| view.ends(&main.id, "storage").map_or(0.0, |(_, last)| last);
    let more = kept(view) - kept(base);
    let told = quantity::volume(more.abs());
    let of_main = if more.abs() <= NOTHING {
        both("不变", "as much as without")
    } else if more > 0.0 {
        both(format!("多存{}", told.chinese), format!("{} more", told.english))
    } else {
        both(format!("少存{}", told.chinese), format!("{} less", told.english))
    };
    let (name, used) = (view.name(&main.id), names(view, &used));
    let word = |told: &Told, words: [&'static str; 2]| words[usize::from(told.is_below)];
    both(
        format!(
            "{}共引{drawn}万m³：用户{}缺{}万m³、河道生态{}缺{}万m³、水库期末{}存{}万m³（主库{}{}）；{}{}万m³。",
            used.chinese,
            word(&users, ["少", "多"]),
            users.wan_m3,
            word(&rivers, ["少", "多"]),
            rivers.wan_m3,
            word(&stored, ["多", "少"]),
            stored.wan_m3,
            name.chinese,
            of_main.chinese,
            word(&rest, ["其余流向下游、损失或替下其他来水", "另由其他来水或少流向下游补足"]),
            rest.wan_m3,
        ),
        format!(
            "{} bring {drawn} ×10⁴ m³: users lack {} ×10⁴ m³ {}, rivers {} ×10⁴ m³ {}, the reservoirs end with {} ×10⁴ m³ {} ({}, the main one: {}); {} {} ×10⁴ m³.",
            used.english,
            users.wan_m3,
            word(&users, ["less", "more"]),
            rivers.wan_m3,
            word(&rivers, ["less", "more"]),
            stored.wan_m3,
            word(&stored, ["more", "less"]),
            name.english,
            of_main.english,
            word(
                &rest,
                ["what flows on, is lost or spares other water is", "other water, or what flows on no longer, makes up"]
            ),
            rest.wan_m3,
        ),
    )
}

/// What rivers lack of what is owed to them over the horizon, hm³.
fn in_rivers(view: &View<'_>) -> f64 {
    let rows = view.content.satisfaction.iter().filter(|row| row.class.is_none() && row.period == "horizon");
    rows.filter(|row| row.in_stream).map(|row| (row.demand_hm3 - row.supply_hm3).max(0.0)).sum()
}

/// A part as it is shown: its size, and whether it is below nothing.
struct Told {
    wan_m3: String,
    is_below: bool,
}

/// Parts with their sum, which add up as they are shown.
fn shown(parts: [f64; 4]) -> ([Told; 4], String) {
    let (each, sum) = quantity::parts(&parts);
    let mut each = each.into_iter();
    let told = parts.map(|_| {
        let text = each.next().unwrap_or_default();
        let size = text.trim_start_matches('-');
        let is_nothing = size.chars().all(|sign| matches!(sign, '0' | '.'));
        Told { is_below: size != text, wan_m3: if is_nothing { "0" } else { size }.to_owned() }
    });
    (told, sum)
}
