//! How far a long run is, and how it is told to stop.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use weir_report::{Language, Phrase, both};

use crate::failure::Failure;
use crate::solving::BETWEEN_MS;

/// Cells of the bar.
const WIDTH: usize = 30;

/// A line on the terminal that says how many members are done; nothing where stderr is no terminal.
pub struct Progress {
    all: usize,
    language: Language,
    begun: Instant,
    heard: Mutex<Heard>,
}

struct Heard {
    done: usize,
    failed: usize,
    shown: Option<Instant>,
}

impl Progress {
    /// Of so many members, none of them done, told in a language.
    pub fn new(all: usize, language: Language) -> Self {
        let heard = Heard { done: 0, failed: 0, shown: None };
        Self { all, language, begun: Instant::now(), heard: Mutex::new(heard) }
    }

    /// One more is done.
    pub fn heard(&self, is_ok: bool) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.done += 1;
        heard.failed += usize::from(!is_ok);
        let is_last = heard.done == self.all;
        let is_due = heard.shown.is_none_or(|shown| shown.elapsed().as_millis() >= BETWEEN_MS);
        if (is_due || is_last) && std::io::stderr().is_terminal() {
            heard.shown = Some(Instant::now());
            let left = self.begun.elapsed().as_secs_f64() / heard.done as f64 * (self.all.saturating_sub(heard.done)) as f64;
            let line = line(heard.done, heard.failed, self.all, left);
            // Whether the terminal shows it changes nothing.
            let line = line.say(self.language);
            let _ = write!(std::io::stderr(), "\r\x1b[K{line}{}", if is_last { "\n" } else { "" });
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let heard = self.heard.get_mut().unwrap_or_else(PoisonError::into_inner);
        if heard.shown.is_some() && heard.done < self.all {
            // What is said next begins a line.
            aside!();
        }
    }
}

fn line(done: usize, failed: usize, all: usize, left_s: f64) -> Phrase {
    let full = WIDTH * done / all.max(1);
    let bar = format!("{}{}", "#".repeat(full), "·".repeat(WIDTH - full.min(WIDTH)));
    let failed = if failed == 0 {
        Phrase::default()
    } else {
        both(format!("，{failed}个无结果"), format!(", {failed} without a result"))
    };
    both(
        format!("weir：[{bar}] 共{all}个，已完成{done}个{}，约剩{left_s:.0}秒", failed.chinese),
        format!("weir: [{bar}] {done} of {all}{}, {left_s:.0} s left", failed.english),
    )
}

/// What is set when the process is told to stop (SIGTERM, SIGINT); told twice, it ends at once.
pub fn stop() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| Failure::Broken(format!("error: cannot listen for signals: {error}")))?;
    }
    Ok(stop)
}

/// The exit code of what was interrupted and can be run again.
pub const INTERRUPTED: u8 = 75;

/// That a run was told to stop, and how to go on.
pub fn interrupted(stop: &AtomicBool, how: &Phrase, language: Language) -> Failure {
    let why = if stop.load(Ordering::Relaxed) {
        both("已按要求停止", "told to stop")
    } else {
        both("尚未全部完成", "not all is there yet")
    };
    let said = both(format!("weir：{}；{}", why.chinese, how.chinese), format!("weir: {}; {}", why.english, how.english));
    Failure::Interrupted(said.say(language).to_owned())
}

/// Run again, it goes on from a file.
pub fn from_file(path: &std::path::Path) -> Phrase {
    let path = path.display();
    both(format!("再次运行即从 {path} 接着做"), format!("run it again, and it goes on from {path}"))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_line_tells_done_failed_and_left() {
        let bar = format!("{}{}", "#".repeat(15), "·".repeat(15));
        let said = line(32, 2, 64, 12.4);
        assert_eq!(said.english, format!("weir: [{bar}] 32 of 64, 2 without a result, 12 s left"));
        assert_eq!(said.chinese, format!("weir：[{bar}] 共64个，已完成32个，2个无结果，约剩12秒"));
    }
}
