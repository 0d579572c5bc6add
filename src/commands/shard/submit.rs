//! `weir shard submit`: has all missing shards run, by processes of this machine or as a job array of Slurm, follows what comes of them, and has
//! run again what is missing, and only that.
//!
//! What counts is what lies in the folder, never what an engine says of its jobs: a shard that was killed, whose node died or that was interrupted
//! is missing, and is run again; one with members that have nothing is whole.
//! Fails: shards that are still missing after `--attempts` rounds; a Slurm that is silent for longer than `--patience` while nothing comes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use weir_report::both;
use weir_scenarios::shard::Shards;

use super::failure;
use crate::commands::Told;
use crate::failure::Failure;
use crate::output::aside_in;

/// Between two looks at what has come.
const LOOK: Duration = Duration::from_millis(500);

/// Arguments of `weir shard submit`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the shards.
    folder: PathBuf,
    /// Who runs them: processes of this machine, or a job array of Slurm.
    #[arg(long, value_enum)]
    engine: Engine,
    /// How many run at once on this machine.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    at_once: u32,
    /// Rounds before it is given up.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    attempts: u32,
    /// Minutes for which Slurm may not be there to be asked, while no shard comes, before it is given up (exit 75).
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    patience: u32,
    /// Further options for `sbatch`, each as it is: `--sbatch=--partition=long`.
    #[arg(long = "sbatch", value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    #[command(flatten)]
    shown: Told,
}

/// Who runs shards.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    /// Processes of this machine.
    Local,
    /// A job array of Slurm.
    Slurm,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let shards = Shards::open(&arguments.folder).map_err(failure)?;
    shards.study().map_err(failure)?;
    let language = arguments.shown.language.into();
    let weir = std::env::current_exe().map_err(|error| Failure::Broken(format!("error: cannot find itself: {error}")))?;
    for round in 1..=arguments.attempts {
        let missing = shards.missing().map_err(failure)?;
        if missing.is_empty() {
            break;
        }
        let parts = listed(&missing);
        let said = both(format!("weir：第{round}轮：第{parts}片 …"), format!("weir: round {round}: shards {parts} …"));
        aside_in(language, &said);
        match arguments.engine {
            Engine::Local => local(&weir, arguments, &missing)?,
            Engine::Slurm => slurm(&weir, arguments, &shards, &missing)?,
        }
    }
    let missing = shards.missing().map_err(failure)?;
    if missing.is_empty() {
        return super::merge(&shards, &arguments.folder, &arguments.shown);
    }
    let (rounds, left) = (arguments.attempts, listed(&missing));
    let said = both(
        format!("weir：{rounds}轮之后仍缺第{left}片；`weir shard run FOLDER --index K` 说明原因"),
        format!("weir: after {rounds} rounds shards {left} are still missing; `weir shard run FOLDER --index K` says why"),
    );
    Err(Failure::Interrupted(said.say(language).to_owned()))
}

fn listed(shards: &[usize]) -> String {
    shards.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Runs shards by processes of their own, so many at once.
fn local(weir: &Path, arguments: &Arguments, missing: &[usize]) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).div_ceil(arguments.at_once as usize);
    let start = |shard: usize| {
        let mut command = Command::new(weir);
        command.args(["shard", "run"]).arg(&arguments.folder).args(["--index", &shard.to_string()]);
        command.args(["--language", arguments.shown.language.word()]);
        command.env("RAYON_NUM_THREADS", threads.to_string()).stdin(Stdio::null());
        command.spawn().map_err(|error| Failure::Broken(format!("error: cannot start {}: {error}", weir.display())))
    };
    let mut running: Vec<(usize, Child)> = Vec::new();
    let mut left = missing.iter().copied();
    loop {
        while running.len() < arguments.at_once as usize
            && let Some(shard) = left.next()
        {
            running.push((shard, start(shard)?));
        }
        if running.is_empty() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
        for (shard, child) in &mut running {
            if let Ok(Some(status)) = child.try_wait()
                && !status.success()
            {
                let said =
                    both(format!("weir：第{shard}片以 {status} 结束"), format!("weir: shard {shard} ended with {status}"));
                aside_in(arguments.shown.language.into(), &said);
            }
        }
        running.retain_mut(|(_, child)| matches!(child.try_wait(), Ok(None)));
    }
}

/// Submits shards as a job array, and waits until all are there or the job is gone.
fn slurm(weir: &Path, arguments: &Arguments, shards: &Shards, missing: &[usize]) -> Result<(), Failure> {
    let folder = arguments.folder.canonicalize().map_err(|error| Failure::file("find", &arguments.folder, &error))?;
    let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
    let script = format!(
        "#!/bin/sh\nexport RAYON_NUM_THREADS=\"${{SLURM_CPUS_PER_TASK:-1}}\"\nexec {} shard run {} --language {}\n",
        quoted(weir),
        quoted(&folder),
        arguments.shown.language.word()
    );
    let mut command = Command::new("sbatch");
    command.args(["--parsable", "--requeue", "--open-mode=append", "--job-name=weir-shards"]);
    command.arg(format!("--array={}", listed(missing)));
    command.arg(format!("--output={}", folder.join("slurm-%a.log").display()));
    command.args(&arguments.sbatch).stdin(Stdio::piped()).stdout(Stdio::piped());
    let absent = |error: std::io::Error| {
        Failure::Impossible(format!(
            "error: cannot run sbatch: {error}\n  hint: Slurm's commands must be there (Debian: slurm-client); without Slurm, `--engine local`"
        ))
    };
    let mut child = command.spawn().map_err(absent)?;
    if let Some(mut stdin) = child.stdin.take() {
        // What it says of a script that it did not take is told below.
        let _ = stdin.write_all(script.as_bytes());
    }
    let said = child.wait_with_output().map_err(absent)?;
    let job = String::from_utf8_lossy(&said.stdout).trim().split(';').next().unwrap_or_default().to_owned();
    if !said.status.success() || job.is_empty() {
        return Err(Failure::Broken("error: sbatch did not take the job; what it said stands above".to_owned()));
    }
    aside_in(arguments.shown.language.into(), &both(format!("weir：作业 {job}"), format!("weir: job {job}")));
    let patience = Duration::from_secs(60 * u64::from(arguments.patience));
    let (mut heard, mut left) = (Instant::now(), missing.len());
    loop {
        std::thread::sleep(LOOK);
        let missing = shards.missing().map_err(failure)?;
        if missing.is_empty() {
            return Ok(());
        }
        match queue(&job) {
            Queue::Gone => return Ok(()),
            Queue::Waits => heard = Instant::now(),
            Queue::Silent(_) if missing.len() < left => heard = Instant::now(),
            Queue::Silent(why) if heard.elapsed() >= patience => {
                let (minutes, left) = (arguments.patience, listed(&missing));
                let said = both(
                    format!(
                        "weir：{minutes}分钟内既询问不到 Slurm，也没有新的分片完成（作业 {job}）：{why}\n  尚缺第{left}片；Slurm 恢复后再次提交：\
                         已完成和正在运行的不会重复运行"
                    ),
                    format!(
                        "weir: Slurm could not be asked for {minutes} minutes while no shard came, of job {job}: {why}\n  shards {left} are missing; \
                         when it is there again, submit again: what is whole or running is not run twice"
                    ),
                );
                return Err(Failure::Interrupted(said.say(arguments.shown.language.into()).to_owned()));
            }
            Queue::Silent(_) => {}
        }
        left = missing.len();
    }
}

/// What Slurm says of a job.
enum Queue {
    /// Tasks of it wait or run.
    Waits,
    /// It has ended.
    Gone,
    /// Slurm cannot be asked just now, and why.
    Silent(String),
}

/// Whether Slurm still has tasks of a job.
fn queue(job: &str) -> Queue {
    let said = match Command::new("squeue").args(["--noheader", "--jobs", job, "--format=%T"]).output() {
        Ok(said) => said,
        Err(error) => return Queue::Silent(format!("cannot run squeue: {error}")),
    };
    let why = String::from_utf8_lossy(&said.stderr);
    let waits = |state: &str| !matches!(state.trim(), "" | "COMPLETED" | "FAILED" | "CANCELLED" | "TIMEOUT" | "NODE_FAIL");
    if why.contains("Invalid job id") {
        Queue::Gone
    } else if !said.status.success() {
        Queue::Silent(why.lines().next().unwrap_or("squeue failed").to_owned())
    } else if String::from_utf8_lossy(&said.stdout).lines().any(waits) {
        Queue::Waits
    } else {
        Queue::Gone
    }
}
