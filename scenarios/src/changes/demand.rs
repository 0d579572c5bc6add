//! `demand`: what a user class wants is multiplied, `by` a factor, in every delivery that has it or in those `of` a pattern; in a
//! period or always. The other classes keep theirs.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::nearest::hint;

use crate::address::Address;
use crate::changes::{Change, period, required};
use crate::tree::{Changed, Step, key, table_at};

pub const CHANGE: Change = Change { word: "demand", fields: &["by", "of"], apply };

/// Kinds that deliver to classes, with the class of those that name none.
const DELIVERIES: [(&str, Option<&str>); 3] = [("demand", None), ("irrigation", Some("irrigation")), ("waterworks", None)];

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let (class, of) = (entry.text("demand"), entry.text("of"));
    let (factor, by) = (entry.number_within("by", 0.0, 1000.0), required(entry, "by"));
    let (Some(class), Some(_), Some(by), Some(_), Some(at)) = (class, factor, by, period(entry), entry.raw("demand")) else {
        return;
    };
    let changed = Changed::new("scale", by, entry);
    let paths = match of.clone() {
        Some(of) => Address::of(of).paths(document, entry, false),
        None => all(document),
    };
    let (mut known, mut found) = (Vec::new(), false);
    for path in paths {
        let classes = classes(document, &path);
        if classes.contains(&class.value) {
            found = true;
            if let Some(delivery) = table_at(document, &path) {
                factor_of(delivery, &class, at, &changed);
            }
        }
        known.extend(classes);
    }
    if found || entry.is_faulty() {
        return;
    }
    if let Some(of) = of.filter(|_| known.is_empty()) {
        let message = format!("`{}` = `{}`: nothing of it delivers to classes of users", of.key, of.value);
        let hint = "`of` fits demands, irrigation or waterworks, such as `*_works`; unless given, all that have the class";
        entry.refuse(&of.place, message, Some(hint.to_owned()));
    } else {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = format!("`{}`: no demand has a class `{}`", class.key, class.value);
        entry.refuse(&class.place, message, hint(&class.value, &sorted(known), "classes of its demands"));
    }
}

/// Changes the factor of a class, which is 1 where none stands.
fn factor_of<'a>(delivery: &mut DeTable<'a>, class: &Field<String>, at: &toml::Spanned<DeValue<'a>>, changed: &Changed<'a>) {
    let factors =
        delivery.entry(key("factors", at)).or_insert_with(|| Spanned::new(at.span(), DeValue::Table(DeTable::new())));
    let DeValue::Table(factors) = factors.get_mut() else { return };
    let one = || DeValue::parse("1").map_or(DeValue::Boolean(true), Spanned::into_inner);
    let before = factors.remove(class.value.as_str()).unwrap_or_else(|| Spanned::new(at.span(), one()));
    factors.insert(key(class.value.clone(), at), changed.of(before));
}

/// Paths of all deliveries.
fn all(document: &DeTable) -> Vec<Vec<Step>> {
    let of_kind = |(kind, _): (&str, _)| {
        let count = document.get(kind).and_then(|value| value.get_ref().as_array()).map_or(0, |items| items.len());
        let kind = kind.to_owned();
        (0..count).map(move |place| vec![Step::Key(kind.clone()), Step::Place(place)])
    };
    DELIVERIES.into_iter().flat_map(of_kind).collect()
}

/// Classes of the delivery at a path.
fn classes(document: &mut DeTable, path: &[Step]) -> Vec<String> {
    let [Step::Key(kind), Step::Place(_)] = path else { return Vec::new() };
    let Some((_, own)) = DELIVERIES.into_iter().find(|(word, _)| word == kind) else { return Vec::new() };
    let shares = table_at(document, path).and_then(|delivery| delivery.get("shares")?.get_ref().as_table());
    match shares {
        Some(shares) => shares.keys().map(|class| class.get_ref().to_string()).collect(),
        None => own.into_iter().map(str::to_owned).collect(),
    }
}

fn sorted(mut words: Vec<&str>) -> Vec<&str> {
    words.sort_unstable();
    words.dedup();
    words
}
