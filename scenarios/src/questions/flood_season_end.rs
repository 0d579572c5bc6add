//! 台汛末能多蓄多少: to the end of the typhoon season (15 October), or of the base's horizon where that ends before, with as much stored as can be
//! behind all that users and rivers are owed and what that costs.
//!
//! The flood limits hold as in any plan: what an approved float would add is the room above them, which is told.

use jiff::ToSpan;
use jiff::civil::Date;
use weir_model::document::Element;
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, SEEN, Texts, last_owed, next, short, steps};

/// The last day of the season, unless another is named.
const LAST: (i8, i8) = (10, 15);
/// What storing must not touch.
const OWED: [&str; 8] = [
    "shortage",
    "balance",
    "ecological_shortfall",
    "account_excess",
    "discharge_excess",
    "source_cost",
    "pumping",
    "start_cost",
];

pub const QUESTION: Question = Question {
    word: "flood-season-end",
    asked: ["台汛末能多蓄多少？", "How much more can be stored at the end of the flood season?"],
    of: "the last day of the season, YYYY-MM-DD; unless given, the next 15 October",
    overlays,
    answer,
    beside: None,
};

/// The first day behind the season, where the base reaches it.
fn end(view: &View<'_>, of: Option<&String>) -> Result<Option<Date>, String> {
    let start = view.axis.times.first().map(|time| time.date()).ok_or("the plan has no steps")?;
    let last = match of {
        None => next(start, LAST),
        Some(text) => text.parse().map_err(|_| format!("`{text}` is no date, expected `YYYY-MM-DD`"))?,
    };
    if last < start {
        return Err(format!("the season's last day, {last}, lies before the plan, which begins on {start}"));
    }
    let days = last.saturating_add(1.day()).duration_since(start).as_hours() / 24;
    Ok((days as f64 <= view.axis.length()).then(|| last.saturating_add(1.day())))
}

fn overlays(view: &View<'_>, of: &[String]) -> Texts {
    let start = view.axis.times.first().map(|time| time.date()).ok_or("the plan has no steps")?;
    let stores = view.of_kind(&["reservoir"]);
    if stores.is_empty() {
        return Err("the basin has no reservoir".to_owned());
    }
    let last = last_owed(view, &OWED).ok_or("no stage of the basin works on supply")?;
    let prices: Vec<String> = stores.iter().map(|store| format!("{} = 1.0", store.id)).collect();
    let store = format!(
        "[[objective]]\nid = \"stored_at_the_end\"\nname = \"期末蓄水（每m³计1元）\"\nkind = \"end_value\"\ncuts = [{{ constant_million = 0, per_m3 = {{ {} }} }}]\n\
         [[change]]\nrank = \"stored_at_the_end\"\nafter = \"{last}\"\n",
        prices.join(", ")
    );
    let word = QUESTION.word;
    Ok(match end(view, of.first())? {
        None => vec![(word.to_owned(), store)],
        Some(end) => {
            let cut = format!("[[change]]\nset = \"horizon.steps\"\nvalue = {}\n", steps(start, end));
            vec![(format!("{word}-as-planned"), cut.clone()), (word.to_owned(), store + &cut)]
        }
    })
}

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.last() else { return Phrase::default() };
    let planned = plans.first().filter(|_| plans.len() > 1).map_or(base, |(_, planned)| planned);
    let last = |view: &View<'_>, store: &Element, quantity: &str| {
        view.values(&store.id, quantity)?.last().copied().filter(|value| value.is_finite())
    };
    let one = |store: &Element| {
        let name = view.name(&store.id);
        let (now, most) = view.ends(&store.id, "storage")?;
        let level = quantity::level(view.ends(&store.id, "level")?.1);
        let than_now = quantity::volume((most - now).abs());
        let (verb, english) = if most < now { ("少", "less") } else { ("多蓄", "more") };
        let beyond = most - last(planned, store, "storage")?;
        let than_planned = quantity::volume(beyond.abs());
        let than_planned = if beyond.abs() < SEEN {
            both("与按本方案相同", "as much as planned")
        } else if beyond > 0.0 {
            both(format!("比按本方案多蓄{}", than_planned.chinese), format!("{} more than planned", than_planned.english))
        } else {
            both(format!("比按本方案少蓄{}", than_planned.chinese), format!("{} less than planned", than_planned.english))
        };
        let room = |hm3: Option<f64>| hm3.map(|hm3| quantity::volume((hm3 - most).max(0.0)));
        let limit = room(last(view, store, "storage.flood_limit"));
        let normal = room(last(view, store, "storage.normal").or_else(|| last(view, store, "storage.top")));
        let rooms =
            [(limit, "汛限水位以下尚余", "below the flood limit"), (normal, "正常蓄水位以下尚余", "below the normal level")];
        let told = rooms.into_iter().filter_map(|(room, chinese, english)| {
            let room = room?;
            Some((format!("，{chinese}{}", room.chinese), format!(", {} of room are left {english}", room.english)))
        });
        let (rooms, english_rooms): (String, String) = told.unzip();
        Some(both(
            format!("{}最多可蓄至{level}，比现在{verb}{}，{}{rooms}", name.chinese, than_now.chinese, than_planned.chinese),
            format!(
                "{} can reach {level}, {} {english} than now and {}{english_rooms}",
                name.english, than_now.english, than_planned.english
            ),
        ))
    };
    let all: Vec<Phrase> = view.of_kind(&["reservoir"]).into_iter().filter_map(one).collect();
    let all = Phrase::joined(&all, "；", "; ");
    let end = quantity::end_text(&view.content.case.valid_to);
    let (head, english) = if plans.len() > 1 {
        (format!("到汛末（{}）", end.chinese), format!("By the season's end, {}", end.english))
    } else {
        (
            format!("本期不含台汛末，到期末{}", end.chinese),
            format!("The season does not end within the plan; by its end, {}", end.english),
        )
    };
    let lacks = short(view, &[]) - short(planned, &[]);
    let (kept, english_kept) = if lacks > NOTHING {
        let lacks = quantity::volume(lacks);
        (format!("用户多缺{}", lacks.chinese), format!("while users lack {} more", lacks.english))
    } else {
        ("不影响供水和生态流量".to_owned(), "touching neither supply nor ecological flows".to_owned())
    };
    both(format!("{head}，{kept}，{}。", all.chinese), format!("{english}, {english_kept}: {}.", all.english))
}
