//! The text of a file, and what is said of one that is no TOML.

use super::context::Context;
use crate::place::{Place, Refusals};

/// How to mend a line that is no TOML.
fn hint_on_line(line: &str) -> String {
    let rest = "the rest of the file is judged once it can be read";
    let is_wide = |c: &char| matches!(c, '“' | '”' | '‘' | '’' | '、' | '【' | '】' | '\u{3000}' | '\u{ff01}'..='\u{ff5e}');
    match line.chars().find(is_wide) {
        Some(sign) => format!("outside texts in quotes TOML knows ASCII signs only, and the line has `{sign}`; {rest}"),
        None => rest.to_owned(),
    }
}

/// The text of a TOML file's bytes, without a byte order mark.
///
/// # Errors
/// The bytes are not UTF-8.
pub fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Refusals> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').skip(1).count();
        let mut refusals = Refusals::default();
        refusals.push(&Place::new(file, line), None, "is not UTF-8 text", Some("save the file as UTF-8".to_owned()));
        refusals
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The refusals of a text that is no TOML: one odd sign makes several faults of a line, of which the first is told.
pub fn no_toml(context: &Context<'_>, text: &str, errors: &[toml::de::Error]) -> Refusals {
    let mut refusals = Refusals::default();
    for error in errors {
        let place = context.place(error.span().map_or(0, |span| span.start));
        if refusals.0.iter().all(|refusal| refusal.place.line != place.line) {
            let line = text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
            let message = format!("no TOML: {}", error.message().replace('\n', ", "));
            refusals.push(&place, None, message, Some(hint_on_line(line)));
        }
    }
    refusals.or(()).err().unwrap_or_default()
}
