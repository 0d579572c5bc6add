//! 不下雨还能供多少天: no rain after the forecast (from the start on where the basin states none), and the basin as it is run today.

use weir_report::view::View;
use weir_report::{Phrase, both};

use super::{Question, day, days_before, first_short, names, one};

/// No rain, as the basin is run today, day by day. A storage that a plan wants at its end is no wish of the question: its goals are left out.
pub(super) fn no_rain(view: &View<'_>) -> String {
    let days = view.axis.edges[view.axis.steps()].floor();
    let mut text = format!(
        "[[change]]\nset = \"horizon.steps\"\nvalue = [\"{days} x 1 d\"]\n[[change]]\nset = \"method.kind\"\nvalue = \"rules\"\n\
         [[change]]\nset = \"forecast.then\"\nvalue = \"no_rain\"\n"
    );
    let is_end = |row: &&weir_model::document::StageRow| row.kind == "end_storage";
    if view.content.stages.iter().any(|row| !is_end(&row)) {
        for row in view.content.stages.iter().filter(is_end) {
            text += &format!("[[change]]\nremove = \"objective:{}\"\n", row.objective);
        }
    }
    text
}

pub const QUESTION: Question = Question {
    word: "days-without-rain",
    asked: ["不下雨还能供多少天？", "How long does the water last without rain?"],
    of: "",
    overlays: |view, _| Ok(one("days-without-rain", no_rain(view))),
    answer,
    beside: None,
};

fn answer(_: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let lack = first_short(view);
    let (at_once, later): (Vec<_>, Vec<_>) = lack.into_iter().partition(|(_, step)| *step == 0);
    let whole = days_before(view, view.axis.steps());
    let others = if at_once.is_empty() { both("", "homes") } else { both("其余", "the other homes") };
    let lasts = match later.first() {
        None => both(
            format!("{}居民生活用水全期{whole}天不缺", others.chinese),
            format!("{} are served for all {whole} days", others.english),
        ),
        Some(&(_, step)) => {
            let first: Vec<_> = later.iter().take_while(|(_, at)| *at == step).map(|&(works, _)| works).collect();
            let (days, date, names) = (days_before(view, step), day(view, step), names(view, &first));
            both(
                format!("{}居民生活用水可供{days}天，{}起{}先缺", others.chinese, date.chinese, names.chinese),
                format!(
                    "{} are served for {days} days; first short, from {}: {}",
                    others.english, date.english, names.english
                ),
            )
        }
    };
    let river: Vec<_> = at_once.into_iter().map(|(works, _)| works).collect();
    let at_once = if river.is_empty() {
        Phrase::default()
    } else {
        let names = names(view, &river);
        both(
            format!("{}当天即缺（无水库调蓄、水库无水可放，或引水通道不足）；", names.chinese),
            format!(
                "{} short at once (no reservoir stands behind, or it has no water to give, or the way from it is too narrow); ",
                names.english
            ),
        )
    };
    both(
        format!("不降雨，按现行规则，{}{}。", at_once.chinese, lasts.chinese),
        format!("Without rain, by today's rules: {}{}.", at_once.english, lasts.english),
    )
}
