//! Places in files, and refusals that name them: file, line, element, what is wrong, and how to mend it.

use std::fmt;
use std::sync::Arc;

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the basin's folder where it lies in it.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 where a whole file is meant.
    pub line: usize,
}

impl Place {
    /// A place on a line of a file.
    pub fn new(file: impl Into<Arc<str>>, line: usize) -> Self {
        Self { file: file.into(), line }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { write!(f, "{}", self.file) } else { write!(f, "{}:{}", self.file, self.line) }
    }
}

/// One fault of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands.
    pub place: Place,
    /// The element's id, if the fault belongs to one.
    pub element: Option<String>,
    /// What is wrong, naming the field and the offending value.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(element) = &self.element {
            write!(f, "element `{element}`: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// All faults found, in the order of their places; never empty when returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Refusals(pub Vec<Refusal>);

impl Refusals {
    /// Adds a fault. Where a message says what was expected and there is no hint, that is the hint.
    pub fn push(&mut self, place: &Place, element: Option<&str>, message: impl Into<String>, hint: Option<String>) {
        let (message, hint) = with_hint(message.into(), hint);
        self.0.push(Refusal { place: place.clone(), element: element.map(str::to_owned), message, hint });
    }

    /// `value` if nothing was refused.
    ///
    /// # Errors
    /// The refusals, sorted by place, if there are any.
    pub fn or<T>(mut self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            return Ok(value);
        }
        // What lies over the basin's file is the cause of what is wrong in that.
        let is_laid_over = |place: &Place| place.file.ends_with(".toml") && *place.file != *crate::basin::FILE;
        let key = |place: &Place| (!is_laid_over(place), Arc::clone(&place.file), place.line);
        self.0.sort_by_key(|refusal| key(&refusal.place));
        Err(self)
    }

    /// The same, what is unknown because an overlay took it away told so, and the overlay's line first.
    #[must_use]
    pub fn since_removed(mut self, removed: &[(String, Place)]) -> Self {
        for (id, place) in removed {
            let names = |message: &str| [format!("`{id}`"), format!("`{id}.")].iter().any(|id| message.contains(id));
            let mut is_named = false;
            for refusal in
                self.0.iter_mut().filter(|refusal| refusal.message.contains("unknown ") && names(&refusal.message))
            {
                refusal.hint = Some(format!("`{id}` is taken away by {place}"));
                is_named = true;
            }
            let message = format!("`remove` = `{id}`: what is left still names it");
            if is_named && self.0.iter().all(|refusal| refusal.message != message) {
                self.push(place, None, message, Some("`remove` or `set` what names it too, or leave it".to_owned()));
            }
        }
        self
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, refusal) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{refusal}")?;
        }
        Ok(())
    }
}

/// `…, expected this` becomes `…` with the hint `expected this`, and `…: expected this, found that` becomes `…: found that`.
fn with_hint(message: String, hint: Option<String>) -> (String, Option<String>) {
    if hint.is_some() {
        return (message, hint);
    }
    if let Some((said, expected)) = message.rsplit_once(", expected ") {
        return (said.to_owned(), Some(format!("expected {expected}")));
    }
    if let Some((key, said)) = message.split_once(": expected ")
        && let Some((expected, found)) = said.split_once(", found ")
    {
        return (format!("{key}: found {found}"), Some(format!("expected {expected}")));
    }
    (message, None)
}
