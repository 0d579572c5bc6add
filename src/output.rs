//! What the command says on stdout and stderr. A reader that goes away early, as `head` does, ends it quietly.

use std::io::{BufWriter, ErrorKind, Write};

use crate::failure::Failure;

/// Says a line on stderr; where nobody listens any more, it is not said.
macro_rules! aside {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($line)*);
    }};
}

/// Says a line on stderr in one of two languages.
pub fn aside_in(language: weir_report::Language, said: &weir_report::Phrase) {
    aside!("{}", said.say(language));
}

/// Writes text to stdout.
pub fn say(text: &str) -> Result<(), Failure> {
    say_by(|stdout| stdout.write_all(text.as_bytes()))
}

/// Writes to stdout piece by piece.
pub fn say_by(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut stdout = BufWriter::new(std::io::stdout().lock());
    match write(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Broken(format!("error: cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// A line an item.
#[cfg(feature = "scheduler")]
pub fn lines<T>(items: &[T], line: impl Fn(&T) -> String) -> String {
    items.iter().map(|item| line(item) + "\n").collect()
}
