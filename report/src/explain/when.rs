//! Times of steps in words.

use weir_model::document::Content;

use crate::language::{Phrase, both};
use crate::quantity::{end, local, time, time_text};
use crate::view::View;

/// Steps after one another that have the same value: first, last, value.
pub(super) fn runs<T: PartialEq>(steps: usize, value: impl Fn(usize) -> T) -> Vec<(usize, usize, T)> {
    let mut found: Vec<(usize, usize, T)> = Vec::new();
    for step in 0..steps {
        let value = value(step);
        match found.last_mut() {
            Some((_, last, known)) if *known == value => *last = step,
            _ => found.push((step, step, value)),
        }
    }
    found
}

/// The time of some steps in words.
pub(super) fn span_of(view: &View<'_>, first: usize, last: usize) -> Phrase {
    let content: &Content = view.content;
    let to = content.horizon.starts.get(last + 1).unwrap_or(&content.horizon.end);
    content.horizon.starts.get(first).map_or_else(Phrase::default, |from| span(from, to))
}

/// A time from a start to an end in words: of a whole day its date; its last day counts.
pub(crate) fn span(from: &str, to: &str) -> Phrase {
    let (Some(start), Some(stop)) = (local(from), local(to)) else { return time_text(from) };
    let begins = time(start);
    let midnight = |at: jiff::civil::DateTime| at.hour() == 0 && at.minute() == 0;
    let days = midnight(start) && midnight(stop);
    if days && start.date().tomorrow().ok() == Some(stop.date()) {
        return begins;
    }
    let ends = if days { stop.date().yesterday().map_or_else(|_| end(stop), crate::quantity::date) } else { end(stop) };
    both(format!("{}至{}", begins.chinese, ends.chinese), format!("{} to {}", begins.english, ends.english))
}

/// The end of a time in words: its last day.
pub(super) fn until(to: &str) -> Phrase {
    match local(to) {
        Some(at) if at.hour() == 0 && at.minute() == 0 => {
            at.date().yesterday().map_or_else(|_| end(at), crate::quantity::date)
        }
        Some(at) => time(at),
        None => Phrase::same(to),
    }
}
