//! The office's engine killed at random instants: nothing is lost, nothing doubled.
//!
//! Each store is killed at ten instants: at random, while a run gathers or just after, while a receiver is told, and together with
//! a command of a reviewer or signer; and at some while its tables are made. Two instances share the work undisturbed. A long
//! campaign says what it found: `WEIR_KILLS=500 cargo test --release --test crashes -- --nocapture`.
#![cfg(all(feature = "scheduler", unix))]
#![allow(clippy::unwrap_used)]

mod beside;
mod ledger;
#[path = "../../scheduler/tests/office/server.rs"]
mod server;
#[path = "../skipped/mod.rs"]
mod skipped;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use weir_scheduler::plans::{Choice, Status};
use weir_scheduler::store::Store;

use beside::{Beside, Happened};
use server::Server;

/// Two jobs a second, none passed over, over a basin that takes some milliseconds: one whose plans count at once, one whose
/// plans are signed.
const JOBS: &str = r#"
[[publisher]]
id = "folder"
kind = "directory"
path = "published"

[[publisher]]
id = "hook"
kind = "webhook"
url = "http://127.0.0.1:PORT/told"
secret_file = "secret"

[[input]]
id = "level"
kind = "http"
url = "http://127.0.0.1:PORT/level"
time = "/t"
value = "/v"
to = "lake.initial_level_m"
fresh_h = 1

[[job]]
id = "often"
basin = "towns"
cron = "* * * * * *"
lateness = "all"
approval = "automatic"
inputs = ["level"]
publish = ["folder", "hook"]

[[job]]
id = "signed"
basin = "towns"
product = "signed"
cron = "* * * * * *"
lateness = "all"
inputs = ["level"]
publish = ["folder", "hook"]
"#;

/// Longest that a kill waits for what it is to hit.
const LONGEST: Duration = Duration::from_millis(1500);
/// Longest that it may take until all is done that so many kills left, on a machine that has other work too.
const ENDING: Duration = Duration::from_secs(900);

fn kills() -> usize {
    std::env::var("WEIR_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

/// Spans that look random and are the same every time.
struct Spans(u64);

impl Spans {
    fn within(&mut self, longest: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        longest.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// Lets so much time go by, at most.
    fn sleep(&mut self, longest: Duration) {
        std::thread::sleep(self.within(longest));
    }
}

/// Sends SIGKILL: no handler runs.
fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// An office in a folder of its own, over a store.
struct Office {
    folder: TempDir,
    /// `postgres://…`; none for the SQLite file in the folder.
    address: Option<String>,
}

impl Office {
    fn new(address: Option<String>, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir(path.join("towns")).unwrap();
        let basin = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/two_towns_one_drought/basin.toml");
        std::fs::copy(basin, path.join("towns/basin.toml")).unwrap();
        std::fs::write(path.join("jobs.toml"), JOBS.replace("PORT", &port.to_string())).unwrap();
        std::fs::write(path.join("secret"), "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH").unwrap();
        Self { folder, address }
    }

    /// A command with where the office and its store are, and what else it is told.
    fn weir(&self, office: &[&str], more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
        command.args(office).arg(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(address) = &self.address {
            command.args(["--store", address]);
        }
        command.args(more);
        command
    }

    fn serve(&self, more: &[&str]) -> Command {
        self.weir(&["serve"], &[&["--lease", "2"], more].concat())
    }

    fn started(&self) -> Child {
        self.serve(&["--every", "1", "--listen", "none"]).spawn().unwrap()
    }

    /// One look at the clock.
    fn once(&self) {
        assert!(self.serve(&["--once"]).status().unwrap().success());
    }

    async fn store(&self) -> Store {
        match &self.address {
            Some(address) => Store::open(address).await,
            None => Store::beside(self.folder.path()).await,
        }
        .unwrap()
    }

    /// The next step of the plan that waits and was made last, review or signature; its id and status.
    async fn step(&self, store: &Store) -> Option<(Command, String, Status)> {
        for (status, doing, who) in [(Status::Reviewed, "sign", "zhao"), (Status::Draft, "review", "li")] {
            let choice = Choice { product: Some("signed".to_owned()), status: Some(status), ..Choice::default() };
            if let Some(plan) = store.plans(&choice, 1).await.unwrap().first() {
                let command = self.weir(&["plans", "--office"], &[doing, &plan.id, "--by", who]);
                return Some((command, plan.id.clone(), status));
            }
        }
        None
    }

    /// Takes the next step, where there is one.
    async fn take_step(&self, store: &Store) {
        let Some((mut command, plan, before)) = self.step(store).await else { return };
        if !command.status().unwrap().success() {
            // A server may still end what a command began that was killed: then the step was taken.
            assert_ne!(store.plan(&plan).await.unwrap().unwrap().status, before, "{plan}");
        }
    }
}

/// What a kill hits, by the ledger right after it.
async fn hit(store: &Store) -> &'static str {
    let runs = store.runs(None, 20).await.unwrap();
    match runs.iter().find(|run| run.state.is_at_work()) {
        Some(run) => run.state.word(),
        None if !store.messages("pending", 1).await.unwrap().is_empty() => "outbox",
        None => "idle",
    }
}

/// Kills an office again and again, then lets it come to rest.
async fn campaign(name: &str, address: Option<String>) {
    let beside = Beside::new();
    let office = Office::new(address, beside.port);
    let mut spans = Spans(0x2545_f491_4f6c_dd1d);
    // The tables are made before the first kill; those of the test below are not.
    let store = office.store().await;
    let mut hits: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..kills() {
        let child = office.started();
        match number % 4 {
            0 => spans.sleep(LONGEST),
            1 => {
                beside.wait(Happened::Asked, LONGEST);
                spans.sleep(Duration::from_millis(60));
            }
            2 => {
                beside.wait(Happened::Told, LONGEST);
                spans.sleep(Duration::from_millis(5));
            }
            _ => {
                spans.sleep(LONGEST / 2);
                if let Some((mut step, ..)) = office.step(&store).await {
                    let step = step.spawn().unwrap();
                    spans.sleep(Duration::from_millis(60));
                    kill(step);
                    *hits.entry("command").or_default() += 1;
                }
            }
        }
        kill(child);
        *hits.entry(hit(&store).await).or_default() += 1;
        // People go on with their work meanwhile.
        office.take_step(&store).await;
    }
    let found = at_rest(&office, &store, &beside).await;
    eprintln!("{name}: killed {} times ({hits:?}): {found}", kills());
}

/// Lets an office come to rest: what the last one left is taken over once its lease has ended.
async fn rest(office: &Office, store: &Store) {
    let begun = Instant::now();
    office.once();
    while ledger::is_unfinished(store).await {
        assert!(begun.elapsed() < ENDING, "{:?}", store.messages("pending", 5).await.unwrap());
        std::thread::sleep(Duration::from_millis(200));
        office.once();
    }
}

/// Asserts that nothing was lost and nothing doubled once an office has come to rest; says how much there was.
async fn at_rest(office: &Office, store: &Store, beside: &Beside) -> String {
    rest(office, store).await;
    // One plan of each line at least has come into force, however short it was.
    let signed = Choice { product: Some("signed".to_owned()), status: Some(Status::InForce), ..Choice::default() };
    while store.plans(&signed, 1).await.unwrap().is_empty() {
        office.take_step(store).await;
    }
    rest(office, store).await;
    let told = beside.told.lock().unwrap().clone();
    ledger::is_whole(store, office.folder.path(), &told).await
}

/// Two instances that begin at one instant, on tables that are not there yet, and share the work until both are told to stop.
async fn two_at_once(name: &str, address: Option<String>) {
    let beside = Beside::new();
    let office = Office::new(address, beside.port);
    let instances = ["one", "two"].map(|name| office.serve(&["--every", "1", "--listen", "none", "--name", name]).spawn());
    std::thread::sleep(3 * LONGEST);
    for instance in instances {
        let mut instance = instance.unwrap();
        let stop = format!("kill -TERM {}", instance.id());
        assert!(Command::new("sh").args(["-c", &stop]).status().unwrap().success());
        assert!(instance.wait().unwrap().success(), "it stops as it was told");
    }
    let store = office.store().await;
    let found = at_rest(&office, &store, &beside).await;
    eprintln!("{name}, two instances: {found}");
}

/// Kills an office while it makes its tables, and then lets it do a first day's work.
async fn first_starts(name: &str, address: impl Fn(usize) -> Option<String>) {
    let beside = Beside::new();
    let mut spans = Spans(0x9e37_79b9_7f4a_7c15);
    // How long it takes undisturbed.
    let undisturbed = Office::new(address(0), beside.port);
    let begun = Instant::now();
    undisturbed.once();
    let longest = begun.elapsed();
    let count = kills().div_ceil(4);
    for number in 1..=count {
        let office = Office::new(address(number), beside.port);
        for _ in 0..2 {
            let child = office.started();
            spans.sleep(longest);
            kill(child);
        }
        let store = office.store().await;
        let begun = Instant::now();
        while store.plans(&Choice::default(), 1).await.unwrap().is_empty() {
            office.once();
            assert!(begun.elapsed() < ENDING, "{:?}", store.runs(None, 5).await.unwrap());
        }
        store.close().await;
    }
    eprintln!(
        "{name}: killed {} times within {} ms of its first start, each came up and made a plan",
        2 * count,
        longest.as_millis()
    );
}

#[test]
fn killed_at_any_instant_every_due_run_comes_to_one_end() {
    Runtime::new().unwrap().block_on(campaign("SQLite", None));
}

#[test]
fn killed_at_any_instant_over_postgresql() {
    let Some(server) = Server::new() else { return };
    Runtime::new().unwrap().block_on(campaign("PostgreSQL", Some(server.database("office"))));
}

#[test]
fn killed_while_its_tables_are_made() {
    Runtime::new().unwrap().block_on(first_starts("SQLite", |_| None));
}

#[test]
fn killed_while_its_tables_are_made_in_postgresql() {
    let Some(server) = Server::new() else { return };
    Runtime::new().unwrap().block_on(first_starts("PostgreSQL", |number| Some(server.database(&format!("first_{number}")))));
}

#[test]
fn two_instances_share_the_work() {
    Runtime::new().unwrap().block_on(two_at_once("SQLite", None));
}

#[test]
fn two_instances_share_the_work_over_postgresql() {
    let Some(server) = Server::new() else { return };
    Runtime::new().unwrap().block_on(two_at_once("PostgreSQL", Some(server.database("office"))));
}
