//! Account 账户: a sum over ways and a calendar window with a limit; permits, caps, allocations, section volumes, contracts.
//!
//! Σ coefficient × flow ≤ (or ≥) limit − used before. Lowers to an [`Account`] with its windows on the horizon
//! ([`windows`](crate::lower::windows)). Soft, unless it names the document that makes it hard.
//! Fails: a window that ends before it begins, a step on both sides of its edge, no use known before the start, more sold than there is.

use jiff::civil::Date;

use crate::basin::dates::Period;
use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{Form, POSITIVE};
use crate::elements::common::trade::{Trade, traded};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::lower::windows::{Budget, Window};
use crate::network;
use crate::told::told;

pub const KIND: Kind = Kind { word: "account", regional: false, node: false, read };

#[derive(Debug)]
struct Account {
    head: Head,
    over: Vec<(Field<String>, f64)>,
    at_most: bool,
    budget: Option<Budget>,
    bands: Vec<(String, f64)>,
    document: Option<String>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let over = over(entry);
    let _ = entry.word("basis", &["gross", "use", "consumption"]);
    let sense = entry.word("sense", &["at_most", "at_least"]);
    let window = window(entry);
    let limit = entry.varying_volume("limit", POSITIVE);
    if limit.is_none() && !entry.is_faulty() {
        entry.missing(&["limit_hm3", "limit_wan_m3", "limit_yi_m3"]);
    }
    let limit_hm3 = limit.and_then(|limit| match (&limit.form, &window) {
        (Form::Number(number), _) => Some(vec![number * limit.scale]),
        (Form::Profile(word, profile), Some(Field { value: Window::Month, .. })) if word == "month" => {
            Some((1..=12).map(|month| profile.on(jiff::civil::date(2001, month, 1)) * limit.scale).collect())
        }
        _ => {
            let hint = "a number; or, with `window = \"month\"`, a profile by month".to_owned();
            entry.refuse(&limit.place, format!("`{}`: the limit of a whole window is one number", limit.key), Some(hint));
            None
        }
    });
    let trades = Trade::read(entry);
    // Those of all windows are judged here, whatever the horizon; those of a period where their windows are laid on it.
    let always = |limit: &f64| traded(&trades, *limit, |trade| trade.period == Period::Always).err();
    let oversold = limit_hm3.iter().flatten().find_map(always);
    if let Some((field, message, hint)) = &oversold {
        entry.refuse(&field.place, message, Some(hint.clone()));
    }
    let limit_hm3 = limit_hm3.filter(|_| oversold.is_none());
    let plan = by_month(entry, "plan");
    let scaled_by = entry.table("scaled_by").and_then(|part| {
        let (inflows, planned) = (part.texts("inflows"), by_month(&part, "planned"));
        if inflows.is_empty() {
            part.missing(&["inflows"]);
        }
        if part.volume_key("planned").is_none() {
            part.missing(&["planned_hm3", "planned_wan_m3", "planned_yi_m3"]);
        }
        part.finish();
        planned.filter(|_| !inflows.is_empty()).map(|planned| (inflows, planned))
    });
    let used_before = used_before(entry);
    let bands = words_with_numbers(entry, "bands");
    let document = entry.text("document").map(|document| document.value);
    let budget = window.zip(limit_hm3).map(|(window, limit_hm3)| Budget {
        window,
        limit_hm3,
        trades,
        plan_hm3: plan,
        scaled_by,
        used_before,
    });
    Box::new(Account { head, over, at_most: sense.is_none_or(|word| word.value == "at_most"), budget, bands, document })
}

/// Twelve volumes, hm³.
fn by_month(entry: &Entry, quantity: &str) -> Option<Vec<f64>> {
    let (key, hm3) = entry.volume_key(quantity)?;
    let plan = entry.numbers(&key)?;
    if plan.value.len() != 12 || plan.value.iter().any(|volume| *volume < 0.0) {
        let message = format!("`{key}`: expected 12 volumes of 0 or more, January first, found {}", plan.value.len());
        entry.refuse(&plan.place, message, None);
        return None;
    }
    Some(plan.value.into_iter().map(|volume| volume * hm3).collect())
}

/// A table of words with numbers, rising by number.
pub(super) fn words_with_numbers(entry: &Entry, key: &str) -> Vec<(String, f64)> {
    let Some(part) = entry.table(key) else { return Vec::new() };
    let mut words = Vec::new();
    for (word, value) in part.words() {
        let text = word.get_ref().to_string();
        let Some(number) = part.number_in(&text, value) else { continue };
        if number < 0.0 {
            part.refuse(
                &part.place_of(value),
                format!("`{}`: {number} is negative, expected 0 or more", part.key(&text)),
                None,
            );
        }
        words.push((text, number));
    }
    part.finish();
    words.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    words
}

fn over(entry: &Entry) -> Vec<(Field<String>, f64)> {
    let Some(value) = entry.raw("over") else {
        entry.missing(&["over"]);
        return Vec::new();
    };
    let Some(items) = value.get_ref().as_array() else {
        return entry.texts("over").into_iter().map(|field| (field, 1.0)).collect();
    };
    let mut over = Vec::new();
    for item in items {
        if let Some(text) = item.get_ref().as_str() {
            over.push((Field { value: text.to_owned(), place: entry.place_of(item), key: "over".to_owned() }, 1.0));
            continue;
        }
        let Some(part) = entry.table_in("over", item) else { continue };
        let of = part.required_text("of");
        let coefficient = part.number("coefficient").map_or(1.0, |coefficient| coefficient.value);
        part.finish();
        over.extend(of.map(|of| (of, coefficient)));
    }
    if items.is_empty() {
        entry.refuse(
            &entry.place_of(value),
            "`over` is empty",
            Some("addresses of flows: `over = [\"works.intake\"]`".to_owned()),
        );
    }
    over
}

fn window(entry: &Entry) -> Option<Field<Window>> {
    let Some(value) = entry.raw("window") else {
        entry.missing(&["window"]);
        return None;
    };
    let place = entry.place_of(value);
    let field = |value: Window| Field { value, place: place.clone(), key: "window".to_owned() };
    if value.get_ref().is_table() {
        let part = entry.table("window")?;
        let interval = part.interval();
        part.finish();
        return interval.map(|interval| field(Window::Dates(interval)));
    }
    let word = entry.word("window", &["year", "month"])?;
    Some(field(if word.value == "year" { Window::Year } else { Window::Month }))
}

fn used_before(entry: &Entry) -> Vec<(Field<Date>, f64)> {
    let Some((key, hm3)) = entry.volume_key("used_before") else { return Vec::new() };
    let mut used = Vec::new();
    for part in entry.tables(&key) {
        let (value, to) = (part.number_within("value", 0.0, f64::INFINITY), part.date("to"));
        for key in ["value", "to"] {
            if !part.has(key) {
                part.missing(&[key]);
            }
        }
        part.finish();
        used.extend(to.zip(value).map(|(to, value)| (to, value.value * hm3)));
    }
    used.sort_by_key(|(to, _)| to.value);
    used
}

impl Element for Account {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rules(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let mut terms: Vec<(network::ArcId, f64)> = Vec::new();
        for (address, coefficient) in &self.over {
            for arc in lowering.flow(address, head).unwrap_or_default() {
                if terms.iter().any(|(known, _)| *known == arc) {
                    let message = format!("`over`: the flow of `{}` is counted twice", lowering.network.arcs[arc.0].id);
                    lowering.refuse(&address.place, head, message, Some("name it once, with one coefficient".to_owned()));
                }
                terms.push((arc, *coefficient));
            }
        }
        terms.sort_by_key(|(arc, _)| *arc);
        let Some(budget) = &self.budget else { return };
        let mut account = network::Account {
            id: head.id.clone(),
            name: head.name.clone(),
            place: head.place.clone(),
            terms,
            at_most: self.at_most,
            windows: lowering.windows(budget, head),
            hard: self.document.is_some(),
            bands: self.bands.clone(),
        };
        // What was used too much before nobody can take back: no more than nothing may be used.
        let bounds = account.only_bounds_use();
        for window in account.windows.iter_mut().filter(|window| bounds && window.available_hm3 < 0.0) {
            window.available_hm3 = 0.0;
            lowering.note(format!(
                "Account `{}`, window {}: {} hm3 were used before the start, {} hm3 more than its limit: nothing is left for the horizon.",
                account.id,
                window.label,
                told(window.used_before_hm3),
                told(window.used_before_hm3 - window.limit_hm3)
            ));
        }
        lowering.add_account(account);
    }
}
