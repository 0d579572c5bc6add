//! Floors of homes that a plan could not hold, and what that makes of its balance: worth telling wherever plans stand side by side.

use weir_model::document::ObjectiveRow;

use crate::language::{Phrase, both};
use crate::quantity;
use crate::view::View;

/// What lacks to the floors of homes in a plan, hm³.
pub fn unmet(view: &View<'_>) -> f64 {
    let floors = view.content.relaxations.iter().filter(|row| row.class.as_deref() == Some("domestic_floor"));
    floors.map(|row| row.hm3).sum()
}

/// A goal of balance that is below 0.
fn below<'a>(view: &View<'a>) -> Option<&'a ObjectiveRow> {
    let mut rows = view.content.objectives.iter();
    rows.find(|row| row.kind == "balance" && row.stage.is_some() && row.value.is_some_and(|value| value < 0.0))
}

/// Why the balance of a plan is not to be compared with that of the first: a floor could not hold, so that its worst satisfaction is below nothing,
/// and as a worst one it says nothing of the others, which only a leximin then still balances. A plan by the rules of today seeks no balance.
pub fn told(first: &View<'_>, view: &View<'_>) -> Option<Phrase> {
    let row = below(view).filter(|_| below(first).is_none() && view.content.case.foresight != "none")?;
    let (name, lacks) = (view.objective(&row.id), unmet(view));
    let (why, english) = if lacks > 0.0 {
        let lacks = quantity::volume(lacks);
        (format!("居民生活底线缺{}", lacks.chinese), format!("floors of homes lack {}", lacks.english))
    } else {
        ("有用户的底线不能满足".to_owned(), "a user's floor cannot hold".to_owned())
    };
    Some(both(
        format!(
            "“{}”因{why}而低于0，这个数只反映这一缺口，不能与基准比较；均衡若取 max_min，其他用户之间怎样分缺也不再由它约束，各自缺水同样不能比较（leximin 仍逐层均衡其余用户）。",
            name.chinese
        ),
        format!(
            "\"{}\" is below 0 since {english}: the number tells of that alone and is not to be compared with the base's; a balance of form max_min then no longer holds how the others share what lacks either, nor are their shortages to be compared (leximin still balances the others, one after another).",
            name.english
        ),
    ))
}
