//! Which element of a plan a reader means: by its address, its name, or a part of its name.
//!
//! In this order: the address; the whole of an address or name, in letters of either case; a part of one; Chinese letters that a name has in
//! this order, as `瑞安灌溉` of 瑞安灌区 · 灌溉. The first of these that fits decides; where it fits several, a node is meant rather than a
//! class of it, a way, a rule or an account that is named after it.
//! Fails: what fits several alike, with all of them; what fits none, with what is near, else with all that there are.

use weir_model::basin::nearest::near;
use weir_model::document::{Part, PlanDocument};

use crate::view::View;
use crate::words;

/// Names that are near are told up to so many.
const MOST_NEAR: usize = 5;

/// An address with what it may be called.
struct Known<'a> {
    address: &'a str,
    /// Chinese and English name.
    names: [String; 2],
    /// Which of several is meant first.
    rank: usize,
}

impl Known<'_> {
    fn words(&self) -> [&str; 3] {
        [self.address, &self.names[0], &self.names[1]]
    }
}

/// The address that is meant.
///
/// # Errors
/// The refusal, with what may be meant.
pub fn meant(document: &PlanDocument, said: &str) -> Result<String, String> {
    let view = View::new(document);
    let known = known(&view);
    if let Some(own) = known.iter().find(|known| known.address == said) {
        return Ok(own.address.to_owned());
    }
    let asked = said.trim().to_lowercase();
    let ways: [fn(&str, &str) -> bool; 3] = [|name, asked| name == asked, |name, asked| name.contains(asked), has_in_order];
    for fits in ways.iter().filter(|_| !asked.is_empty()) {
        let fitting = known.iter().filter(|known| known.words().iter().any(|word| fits(&word.to_lowercase(), &asked)));
        let mut found: Vec<&Known<'_>> = fitting.collect();
        let first = found.iter().map(|known| known.rank).min();
        found.retain(|known| Some(known.rank) == first);
        match found[..] {
            [] => {}
            [one] => return Ok(one.address.to_owned()),
            _ => {
                let hint = "an address, or more of the name, says which";
                return Err(format!("`{said}` may be {}\n  hint: {hint}", listed(found.into_iter())));
            }
        }
    }
    let mut nearest: Vec<&Known<'_>> = Vec::new();
    for word in near(said, known.iter().flat_map(Known::words)) {
        let of = known.iter().find(|known| known.words().contains(&word));
        nearest.extend(of.filter(|of| !nearest.iter().any(|other| other.address == of.address)));
    }
    nearest.truncate(MOST_NEAR);
    let hint = match nearest[..] {
        [] => format!("it has, by kind:{}", by_kind(&view)),
        _ => format!("did you mean {}?", listed(nearest.into_iter())),
    };
    Err(format!("the plan has no `{said}`\n  hint: {hint}"))
}

fn known<'a>(view: &View<'a>) -> Vec<Known<'a>> {
    let content = view.content;
    let named = |address: &'a str, rank: usize| {
        let name = view.name(address);
        Known { address, names: [name.chinese, name.english], rank }
    };
    let rank = |part: Part| match part {
        Part::Node => 0,
        Part::Arc => 2,
        Part::Requirement => 3,
        Part::Account => 4,
    };
    let mut known: Vec<Known<'a>> = content.elements.iter().map(|own| named(&own.id, rank(own.part))).collect();
    for row in &content.series {
        if !known.iter().any(|known| known.address == row.address) {
            known.push(named(&row.address, 1));
        }
    }
    known
}

/// Whether a name has these letters in this order, some of them Chinese; one letter alone says nothing.
fn has_in_order(name: &str, asked: &str) -> bool {
    let mut letters = name.chars();
    !asked.is_ascii() && asked.chars().nth(1).is_some() && asked.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

fn listed<'a, 'b: 'a>(found: impl Iterator<Item = &'a Known<'b>>) -> String {
    found.map(|known| called(known.address, &known.names[0])).collect::<Vec<_>>().join(", ")
}

fn called(address: &str, name: &str) -> String {
    if name == address { format!("`{address}`") } else { format!("`{address}` {name}") }
}

/// All elements, a line a kind.
fn by_kind(view: &View<'_>) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for element in &view.content.elements {
        if !kinds.contains(&element.kind.as_str()) {
            kinds.push(&element.kind);
        }
    }
    let line = |kind: &str| {
        let all = view.of_kind(&[kind]);
        let all: Vec<String> = all.iter().map(|own| called(&own.id, &view.name(&own.id).chinese)).collect();
        let kind = called(kind, &words::word(kind).chinese).replace('`', "");
        format!("\n    {kind}: {}", all.join(", "))
    };
    kinds.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_are_an_abbreviation() {
        assert!(has_in_order("瑞安灌区 · 灌溉", "瑞安灌溉"));
        assert!(!has_in_order("瑞安灌区", "灌瑞"));
        assert!(!has_in_order("瑞安灌区", "瑞"));
    }
}
