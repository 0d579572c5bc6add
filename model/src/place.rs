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
    /// What it lacks, where it is that something is not there.
    pub lacks: Option<Lacks>,
}

/// What is not there that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// What an address of the basin's file names: an element, an outlet, a key.
    Address(String),
    /// One of these keys of an element or section.
    Key {
        /// Its id, or its word.
        of: String,
        /// The keys, of which one would do.
        keys: Vec<String>,
    },
    /// The last days of a horizon, in a series.
    Days {
        /// The key that names the series.
        key: String,
        /// Where it does.
        at: Place,
    },
}

impl Lacks {
    /// Whether it is there no more since what stood at an address was taken away.
    fn is_of(&self, address: &str) -> bool {
        let within = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
        match self {
            Self::Address(own) => own == address || within(address, own),
            Self::Key { of, keys } => {
                within(of, address) && keys.iter().any(|key| address.rsplit('.').next() == Some(key.as_str()))
            }
            Self::Days { .. } => false,
        }
    }
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
        self.0.push(Refusal { place: place.clone(), element: element.map(str::to_owned), message, hint, lacks: None });
    }

    /// The same of a fault that lacks something.
    pub fn push_lacking(
        &mut self,
        (place, element): (&Place, Option<&str>),
        message: impl Into<String>,
        hint: Option<String>,
        lacks: Lacks,
    ) {
        self.push(place, element, message, hint);
        if let Some(own) = self.0.last_mut() {
            own.lacks = Some(lacks);
        }
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

    /// The same, what is lacking because an overlay took it away told so, and the overlay's line first: by the addresses of what was taken away.
    #[must_use]
    pub fn since_removed(mut self, removed: &[(String, Place)]) -> Self {
        for (address, place) in removed {
            let (mut is_named, mut is_needed) = (false, false);
            for refusal in &mut self.0 {
                let Some(lacks) = refusal.lacks.as_ref().filter(|lacks| lacks.is_of(address)) else { continue };
                is_needed |= matches!(lacks, Lacks::Key { .. });
                is_named |= matches!(lacks, Lacks::Address(_));
                refusal.hint = Some(format!("`{address}` is taken away by {place}"));
            }
            let (why, mend) = if is_named {
                ("what is left still names it", "`remove` or `set` what names it too, or leave it")
            } else {
                ("what is left cannot do without it", "`set` something else there, or leave it")
            };
            let message = format!("`remove` = `{address}`: {why}");
            if (is_named || is_needed) && self.0.iter().all(|refusal| refusal.message != message) {
                self.push(place, None, message, Some(mend.to_owned()));
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
