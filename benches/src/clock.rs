//! Processor seconds of this process: wall seconds mean little on shared cores.

use std::fs;

use weir_solver::engine::{Interrupt, Options, Progress};

/// Processor seconds, user and system, that this process has used; none where the system does not tell.
pub fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name may hold spaces; the fields after its closing bracket start with the state, the third field.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / 100.0)
}

/// Processor seconds of this process's first thread, to the nanosecond, for what is below a hundredth of a second; none where the
/// system does not tell.
fn thread_seconds() -> Option<f64> {
    // What a thread has used of its turn is counted when the turn ends.
    std::thread::yield_now();
    let stat = fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(stat.split_whitespace().next()?.parse::<u64>().ok()? as f64 / 1e9)
}

/// Processor seconds that some work takes on this thread, which is the process's first.
pub fn spent(work: impl FnOnce()) -> f64 {
    let before = thread_seconds().unwrap_or(f64::NAN);
    work();
    thread_seconds().unwrap_or(f64::NAN) - before
}

/// Most memory that this process has held at once, in MB; none where the system does not tell.
pub fn peak_memory_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// Engine options under which every run ends once this process has used so many processor seconds more.
pub fn within(seconds: f64) -> Options {
    let end = cpu_seconds().unwrap_or(f64::NAN) + seconds;
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    let progress = Progress::new(move |_| {
        if cpu_seconds().is_some_and(|now| now > end) {
            raised.raise();
        }
    });
    Options { interrupt: Some(interrupt), progress: Some(progress), ..Options::default() }
}
