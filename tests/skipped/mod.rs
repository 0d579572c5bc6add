//! What a test says of itself where it cannot run: on the handle of stderr itself, since the harness keeps what `eprintln!` says of a test that
//! passes to itself.

use std::io::Write;

/// Says aloud that the test that runs is skipped, and why.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let said = format!("skipped {}: {why}\n", thread.name().unwrap_or("a test"));
    // One write, so that tests that run at once do not share a line; a stderr that is closed has nobody to be told.
    let _ = std::io::stderr().write_all(said.as_bytes());
}
