//! Faults of what an office stands on: a full disk, a store that is away, a broker that is down for an hour, a clock that jumps.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use weir_scheduler::ledger::State;
use weir_scheduler::plans::{Choice, Status};

use crate::api::served::{Served, wide};
use crate::brokers::{Broker, stored, subscriber, until};
use crate::made::{DAILY, Made, STORE, address, at};
use crate::receiver::jobs;
use crate::server::Server;
use crate::skipped::skipped;

/// A small disk of its own, in memory.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// A disk of so many KiB; none, and said aloud, where nothing may be mounted.
    fn new(kib: usize) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let size = format!("size={kib}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self { folder });
        }
        skipped("no disk can be mounted here (it takes root, and a container that may mount)");
        None
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
    }

    /// Fills it, but for so many KiB.
    fn fill_but(&self, kib: usize) {
        let mut size = 0;
        let mut filler = fs::File::create(self.filler()).unwrap();
        while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {
            size += 4096;
        }
        filler.set_len(size - 1024 * kib as u64).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the store may still be open.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every published revision is there, whole, as the ledger has it, and nothing else is.
async fn is_whole(made: &Made, folder: &Path) {
    let plans = made.store.plans(&Choice::default(), 100).await.unwrap();
    for plan in &plans {
        let text = fs::read_to_string(folder.join(format!("lake/日/{}/plan.json", plan.revision))).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["record"]["id"], plan.digest, "{}", plan.id);
    }
    let in_force: Vec<&str> =
        plans.iter().filter(|plan| plan.status == Status::InForce).map(|plan| plan.id.as_str()).collect();
    let latest = fs::read_to_string(folder.join("lake/日/latest.json")).unwrap();
    let latest: serde_json::Value = serde_json::from_str(&latest).unwrap();
    assert_eq!(in_force, [latest["plan"].as_str().unwrap()]);
    let left: Vec<PathBuf> =
        files(folder).into_iter().filter(|path| path.file_name().unwrap().to_string_lossy().starts_with('.')).collect();
    assert!(left.is_empty(), "half-written: {left:?}");
}

/// Room that is left, KiB, from none to enough for all but the end of a day's work.
const ROOM: [usize; 9] = [0, 4, 8, 16, 32, 64, 128, 256, 512];

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_store_delays_a_day_and_spoils_none() {
    if std::env::var(STORE).is_ok() {
        return;
    }
    let Some(disk) = Disk::new(16 * 1024) else { return };
    let folder = TempDir::new_in(disk.folder.path()).unwrap();
    let store = address(folder.path()).await;
    let made = Made::made(DAILY, folder, &store, |_| {}).await;
    let mut delayed = 0;
    for (day, room) in (1..).zip(ROOM) {
        disk.fill_but(room);
        made.beat_at(&format!("2026-06-{day:02} 06:00")).await;
        let states = made.states().await;
        delayed += usize::from(states.iter().filter(|state| **state == State::Published).count() < day);
        disk.make_room();
        // A run that was begun is taken over once its lease has ended.
        made.beat_at(&format!("2026-06-{day:02} 06:05")).await;
        made.beat_at(&format!("2026-06-{day:02} 06:10")).await;
        assert_eq!(made.states().await, vec![State::Published; day], "{room} KiB left: {:?}", made.runs().await);
        is_whole(&made, &made.path().join("published")).await;
    }
    assert!(delayed > 1, "the disk was never full");
    assert_eq!(made.store.plans(&Choice::default(), 100).await.unwrap().len(), ROOM.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_a_publisher_is_tried_again() {
    let Some(disk) = Disk::new(16 * 1024) else { return };
    let folder = disk.folder.path().join("published");
    let made = Made::new(&DAILY.replace("path = \"published\"", &format!("path = \"{}\"", folder.display()))).await;
    let mut failed = 0;
    for (day, room) in (1..).zip(ROOM) {
        disk.fill_but(room);
        made.beat_at(&format!("2026-06-{day:02} 06:00")).await;
        assert_eq!(made.states().await, vec![State::Published; day], "the ledger has it");
        let pending = made.store.messages("pending", 9).await.unwrap();
        failed += pending.len();
        assert!(pending.iter().all(|message| message.error.contains("No space left")), "{pending:?}");
        disk.make_room();
        made.beat_at(&format!("2026-06-{day:02} 06:05")).await;
        assert!(made.store.messages("pending", 9).await.unwrap().is_empty());
        is_whole(&made, &folder).await;
    }
    assert!(failed > 1, "the disk was never full");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_for_a_minute_costs_no_run() {
    if std::env::var(STORE).is_ok() {
        return;
    }
    let Some(server) = Server::new() else { return };
    let jobs = DAILY.replace("0 6 * * *", "* * * * *") + "lateness = \"all\"\n";
    let made = Made::over(&jobs, &server.database("office")).await;
    made.beat_at("2026-05-31 12:01").await;
    assert_eq!(made.states().await, [State::Published]);
    // One run is at work when the server goes, and its owner with it.
    let office = weir_scheduler::job::Office::read(made.path()).unwrap();
    let job = office.job("daily").unwrap();
    made.store.reconcile(job, at("2026-05-31 12:02"), "lost").await.unwrap();
    made.store.claim(job, "lost", at("2026-05-31 12:02"), 60_000).await.unwrap().unwrap();
    server.stop();
    made.clock.set(at("2026-05-31 12:03"));
    // The beat finds no server, and is answered once it is there.
    let ((), started) = tokio::join!(
        made.beat(),
        tokio::task::spawn_blocking(move || {
            server.start();
            server
        })
    );
    let _server = started.unwrap();
    made.beat_at("2026-05-31 12:03:05").await;
    assert_eq!(made.states().await, [State::Published; 3], "{:?}", made.runs().await);
    assert_eq!(made.runs().await[1].attempt, 2, "taken over");
    is_whole(&made, &made.path().join("published")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_asks_while_the_store_is_away_is_told_soon_and_when_to_ask_again() {
    if std::env::var(STORE).is_ok() {
        return;
    }
    let Some(server) = Server::new() else { return };
    let address = server.database("office");
    let served = Served::of(Made::over(DAILY, &address).await, wide()).await;
    assert_eq!(served.get("/api/v1/plans").await.status(), 200);
    server.stop();
    for (role, method, path) in [
        ("viewer", "GET", "/api/v1/plans"),
        ("signer", "POST", "/api/v1/plans/lake-日-1/sign"),
        ("viewer", "GET", "/health/ready"),
    ] {
        let asked = served.request(role, method, path).json(&serde_json::json!({})).send();
        // A run would wait for half a minute.
        let answer = tokio::time::timeout(std::time::Duration::from_secs(20), asked).await.expect("an answer").unwrap();
        assert_eq!(answer.status(), 503, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.headers()["retry-after"], "10");
        let said: serde_json::Value = answer.json().await.unwrap();
        assert!(said["detail"].as_str().unwrap().starts_with("the store does not answer"), "{said}");
    }
    assert_eq!(served.get("/health/live").await.status(), 200, "the process lives");
    let away =
        weir_scheduler::store::Store::open_soon(&address.replace("://", "://wang:secret@")).await.unwrap_err().to_string();
    assert!(away.contains("does not answer within 5 s") && !away.contains("secret"), "{away}");
    server.start();
    assert_eq!(served.get("/api/v1/plans").await.status(), 200);
}

/// A run every ten minutes, over an hour in which the broker is down: what waits is tried after 2 s, 4 s … and comes in order.
/// `listen` is done once the broker is back, before anything is sent.
async fn an_hour_without<T>(
    made: &Made,
    broker: &Broker,
    heard: impl AsyncFnOnce(),
    listen: impl AsyncFnOnce() -> T,
) -> (Vec<String>, T) {
    made.beat_at("2026-05-31 12:10").await;
    assert!(made.store.messages("pending", 9).await.unwrap().is_empty());
    heard().await;
    broker.kill();
    for minute in 11..70 {
        made.beat_at(&format!("2026-05-31 {}:{:02}", 12 + minute / 60, minute % 60)).await;
    }
    let pending = made.store.messages("pending", 99).await.unwrap();
    let tries: Vec<i64> = pending.iter().map(|message| message.attempts).collect();
    // From 12:20: 12:20, 12:21 (after 2 s), 12:22 … 12:25 (after 32 s), 12:27, 12:30, 12:35, 12:44, 13:02; the next after 13:36.
    assert_eq!(tries, [11, 0, 0, 0, 0], "the first is tried, the others wait behind it: {}", pending[0].error);
    assert_eq!(made.json("published/lake/日/latest.json")["revision"], 6, "the other publisher goes on");
    broker.start().await;
    let listening = listen().await;
    made.beat_at("2026-05-31 13:10").await;
    let waiting = made.store.messages("pending", 99).await.unwrap();
    assert_eq!(waiting.len(), 6, "the back-off holds though the broker is there");
    made.beat_at("2026-05-31 13:40").await;
    assert!(made.store.messages("pending", 99).await.unwrap().is_empty());
    assert!(made.states().await.iter().all(|state| *state == State::Published));
    let plans = made.store.plans(&Choice::default(), 100).await.unwrap();
    ((1..=plans.len()).map(|revision| format!("lake/日/{revision}/plan")).collect(), listening)
}

fn every_ten_minutes(publisher: &str) -> String {
    jobs(publisher).replace("0 6 * * *", "*/10 * * * *") + "lateness = \"all\"\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_gets_all_in_order_after_an_hour() {
    let Some(broker) = Broker::new("nats-server").await else { return };
    let url = format!("nats://127.0.0.1:{}", broker.port);
    let publisher = format!("kind = \"nats\"\nurl = \"{url}\"\nsecret_file = \"token\"\nstream = \"WEIR\"");
    let made = Made::with(&every_ten_minutes(&publisher), |folder| fs::write(folder.join("token"), "geheim").unwrap()).await;
    let (wanted, ()) = an_hour_without(&made, &broker, async || (), async || ()).await;
    let keys: Vec<String> = stored(&url).await.into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_hear_all_in_order_after_an_hour() {
    let Some(broker) = Broker::new("mosquitto").await else { return };
    let publisher = format!("kind = \"mqtt\"\nurl = \"mqtt://127.0.0.1:{}\"", broker.port);
    let made = Made::new(&every_ten_minutes(&publisher)).await;
    let (mut before, mut keys) = (subscriber(broker.port).await, Vec::new());
    let heard = async || keys = until(&mut before, "lake/日/1/plan").await;
    let (wanted, mut after) = an_hour_without(&made, &broker, heard, async || subscriber(broker.port).await).await;
    keys.extend(until(&mut after, wanted.last().unwrap()).await);
    assert_eq!(keys, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_doubles_no_run_and_loses_none() {
    let hourly = DAILY.replace("0 6 * * *", "0 * * * *") + "lateness = \"all\"\n";
    let made = Made::new(&hourly).await;
    made.beat_at("2026-06-01 06:00").await;
    // A day ahead and back again; an hour back; on, as time goes by.
    for time in ["2026-06-02 06:00", "2026-06-01 06:00", "2026-06-01 05:00", "2026-06-01 06:30", "2026-06-02 06:00"] {
        made.beat_at(time).await;
    }
    let before = made.runs().await;
    for hour in 5..=9 {
        made.beat_at(&format!("2026-06-02 {hour:02}:30")).await;
    }
    let runs = made.runs().await;
    let times: BTreeSet<i64> = runs.iter().map(|run| run.due.as_second()).collect();
    assert_eq!((times.len(), before.len(), runs.len()), (45, 42, 45), "an hour is one run");
    assert!(times.iter().zip(times.iter().skip(1)).all(|(a, b)| b - a == 3600), "{times:?}");
    assert!(runs.iter().all(|run| run.state == State::Published && run.attempt == 1), "{runs:?}");
    let messages = made.store.messages("delivered", 100).await.unwrap();
    assert_eq!(messages.iter().map(|message| message.attempts).collect::<Vec<_>>(), [1; 45]);
    assert_eq!(made.store.plans(&Choice { status: Some(Status::InForce), ..Choice::default() }, 9).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_went_back_holds_up_nothing_for_longer_than_it_went() {
    // A receiver that failed, and an owner that died, while the clock was a day ahead.
    let jobs = DAILY.replace("[\"folder\"]", "[\"folder\", \"wall\"]");
    let made = Made::new(&format!("[[publisher]]\nid = \"wall\"\nkind = \"directory\"\npath = \"wall\"\n{jobs}")).await;
    fs::write(made.path().join("wall"), "").unwrap();
    made.beat_at("2026-06-01 06:00").await;
    let office = weir_scheduler::job::Office::read(made.path()).unwrap();
    let job = office.job("daily").unwrap();
    made.store.reconcile(job, at("2026-06-02 06:00"), "lost").await.unwrap();
    made.store.claim(job, "lost", at("2026-06-02 06:00"), 60_000).await.unwrap().unwrap();
    made.beat_at("2026-06-02 06:00").await;
    assert_eq!(made.states().await, [State::Published, State::Gathering]);
    fs::remove_file(made.path().join("wall")).unwrap();
    made.beat_at("2026-06-01 07:00").await;
    assert_eq!(made.json("published/lake/日/latest.json")["revision"], 1);
    made.beat_at("2026-06-02 06:02").await;
    assert_eq!(made.states().await, [State::Published; 2]);
    assert_eq!(made.json("wall/lake/日/latest.json")["revision"], 2);
}
