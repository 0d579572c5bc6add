//! `rank`: an objective comes `before` or `after` another among the stages; one that is no stage yet becomes one.

use toml::de::DeTable;
use weir_model::basin::entry::{Entry, Field, Value};
use weir_model::basin::nearest::hint;

use crate::changes::Change;
use crate::tree::{retain, stages, text};

pub const CHANGE: Change = Change { word: "rank", fields: &["before", "after"], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let (Some(objective), at) = (entry.text("rank"), entry.raw("rank")) else { return };
    let (before, after) = (entry.text("before"), entry.text("after"));
    let (other, behind) = match (before, after) {
        (Some(before), None) => (before, 0),
        (None, Some(after)) => (after, 1),
        _ => {
            let message = "`rank`: it needs one of `before` and `after`";
            entry.refuse(&objective.place, message, Some("`rank = \"energy\"`, `before = \"production\"`".to_owned()));
            return;
        }
    };
    if other.value == objective.value {
        let message = format!("`{}` = `{}`: it cannot be ranked by itself", other.key, other.value);
        entry.refuse(&other.place, message, Some("name another stage".to_owned()));
        return;
    }
    let known = objectives(document);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    if !known.contains(&objective.value.as_str()) {
        return unknown(entry, &objective, &known, "objectives");
    }
    let Some(stages) = stages(document) else { return };
    let is = |stage: &Value, id: &Field<String>| stage.get_ref().as_str() == Some(&id.value);
    if !stages.iter().any(|stage| is(stage, &other)) {
        let words: Vec<&str> = stages.iter().filter_map(|stage| stage.get_ref().as_str()).collect();
        return unknown(entry, &other, &words, "stages");
    }
    retain(stages, |stage| !is(stage, &objective));
    let place = stages.iter().position(|stage| is(stage, &other)).map_or(stages.len(), |place| place + behind);
    if let Some(at) = at {
        stages.push(text(objective.value, at));
        let list: &mut [Value] = &mut *stages;
        list[place..].rotate_right(1);
    }
}

fn unknown(entry: &Entry, field: &Field<String>, known: &[&str], what: &str) {
    let message = format!("`{}`: `{}` is none of the {what}", field.key, field.value);
    entry.refuse_lacking(&field.place, message, hint(&field.value, known, what), field.value.clone());
}

/// Ids of the objectives.
fn objectives(document: &DeTable) -> Vec<String> {
    let all = document.get("objective").and_then(|value| value.get_ref().as_array());
    let all = all.into_iter().flat_map(|items| items.iter());
    all.filter_map(|item| Some(item.get_ref().get("id")?.get_ref().as_str()?.to_owned())).collect()
}
