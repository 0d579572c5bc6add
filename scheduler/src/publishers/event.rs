//! What receivers of events are sent: a CloudEvents 1.0 envelope in its structured JSON form, about one plan, one order or one failed run.
//!
//! Its key is product, term, revision and what happened: `feiyun/日/12/plan`; of a failed run with the number of the claim under which
//! it failed, `daily@2026-06-01T22:00:00Z/failed/3`. The same happening has the same key, however often it is told; a run that is tried
//! again and fails again is another.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use weir_model::basin::entry::Entry;

use super::Delivery;
use crate::outbox::Kind;

/// How a publisher tells of events.
#[derive(Clone, Debug)]
pub(super) struct Events {
    /// CloudEvents' `source`: by what receivers know this office.
    source: String,
    /// Whether the plan's document goes along, or only what is said of it.
    whole: bool,
}

impl Events {
    /// Reads `source` and `carry`.
    pub(super) fn read(entry: &Entry<'_, '_>) -> Self {
        let source = entry.text("source").map_or_else(|| "/weir".to_owned(), |source| source.value);
        let carry = entry.word("carry", &["plan", "notice"]);
        Self { source: ascii(&source), whole: carry.is_none_or(|carry| carry.value == "plan") }
    }

    /// The event of a delivery.
    pub(super) fn event(&self, delivery: &Delivery) -> Value {
        let message = &delivery.message;
        let mut data = notice(delivery);
        let document = delivery.document.as_ref().filter(|_| self.whole && message.kind == Kind::Plan);
        if let Some(document) = document {
            data.insert("document".to_owned(), serde_json::to_value(document).unwrap_or_default());
        }
        json!({
            "specversion": "1.0",
            "id": key(delivery),
            "source": self.source,
            "type": type_of(message.kind),
            "subject": message.subject,
            "time": message.at.to_string(),
            "datacontenttype": "application/json",
            "sequence": message.sequence.to_string(),
            "data": data,
        })
    }
}

/// The `type` of an event.
const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Plan => "weir.plan.in_force",
        Kind::Withdrawn => "weir.plan.withdrawn",
        Kind::Expired => "weir.plan.expired",
        Kind::Failed => "weir.run.failed",
        Kind::Order => "weir.order",
    }
}

/// The line of plans that a delivery is about: product and term; none of a failed run.
pub(super) fn line(delivery: &Delivery) -> Option<(&str, &str)> {
    let record = &delivery.document.as_ref()?.record;
    Some((record.product.as_deref().unwrap_or("plan"), record.term.as_deref().unwrap_or("日")))
}

/// By which a receiver knows what it has had already.
pub(super) fn key(delivery: &Delivery) -> String {
    let message = &delivery.message;
    if let Some(order) = &delivery.order {
        return format!("{}/{}", order.id, order.state.word());
    }
    let about = match (line(delivery), &delivery.document) {
        (Some((product, term)), Some(document)) => format!("{product}/{term}/{}", document.record.revision),
        _ => message.subject.clone(),
    };
    let which = if message.failure == 0 { String::new() } else { format!("/{}", message.failure) };
    format!("{about}/{}{which}", message.kind.word())
}

/// A text for headers and addresses: what is not printable ASCII, blanks and `%` by their UTF-8 bytes, as `%E6`.
pub(super) fn ascii(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_graphic() && byte != b'%' {
            out.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// Where a broker's subscribers find a delivery: `PREFIX/plan/PRODUCT/TERM`, `PREFIX/run/failed`, with the broker's own separator.
pub(super) fn path(prefix: &str, separator: char, delivery: &Delivery) -> String {
    let parts = match (&delivery.order, line(delivery)) {
        (Some(order), _) => vec!["order".to_owned(), part(&order.product), part(&order.order.id)],
        (None, Some((product, term))) => vec!["plan".to_owned(), part(product), part(term)],
        (None, None) => vec!["run".to_owned(), "failed".to_owned()],
    };
    parts.into_iter().fold(prefix.to_owned(), |path, part| format!("{path}{separator}{part}"))
}

/// A part of a broker's path: letters and digits of any script, `_` and `-`; all else by its UTF-8 bytes, as `%2E`.
fn part(text: &str) -> String {
    let mut bytes = [0; 4];
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_alphanumeric() || c == '_' || c == '-' {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

/// What is said of a plan or a failed run without its document.
pub(super) fn notice(delivery: &Delivery) -> Map<String, Value> {
    let message = &delivery.message;
    let said = match (&delivery.order, &delivery.document) {
        (Some(order), _) => json!({
            "status": order.state.word(), "id": order.id, "number": order.number, "plan": order.plan, "product": order.product,
            "signed_by": order.signed_by, "order": order.order,
        }),
        (None, None) => {
            json!({ "status": message.kind.word(), "run": message.subject, "fall_back": delivery.fall_back })
        }
        (None, Some(document)) => {
            let (record, case) = (&document.record, &document.content.case);
            let is_plan = message.kind == Kind::Plan;
            json!({
                "status": if is_plan { "in_force" } else { message.kind.word() },
                "statement": if is_plan { "有效方案" } else { "无有效方案" },
                "plan": message.subject,
                "product": record.product,
                "term": record.term,
                "revision": record.revision,
                "digest": record.id,
                "audience": record.audience,
                "supersedes": record.supersedes,
                "valid_from": case.valid_from,
                "valid_to": case.valid_to,
            })
        }
    };
    let mut said = match said {
        Value::Object(said) => said,
        _ => Map::new(),
    };
    said.insert("at".to_owned(), message.at.to_string().into());
    said.insert("reason".to_owned(), message.message.clone().into());
    said.insert("sequence".to_owned(), message.sequence.into());
    said
}

#[cfg(test)]
mod tests {
    use super::{ascii, part};

    #[test]
    fn a_part_of_a_path_holds_no_sign_of_the_brokers() {
        assert_eq!(part("飞云.日/#> +*"), "飞云%2E日%2F%23%3E%20%2B%2A");
    }

    #[test]
    fn a_key_for_headers_is_ascii() {
        assert_eq!(ascii("飞/日 %/3"), "%E9%A3%9E/%E6%97%A5%20%25/3");
    }
}
