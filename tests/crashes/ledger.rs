//! What must be true of an office once all that was killed has been taken over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use weir_scheduler::ledger::{Run, State};
use weir_scheduler::outbox::{Kind, Message};
use weir_scheduler::plans::{Choice, PlanRow, Status};
use weir_scheduler::store::{Change, Store};

const ALL: i64 = 1_000_000;
/// States that a run does not leave, but for one that waits.
const ENDS: [State; 5] = [State::Published, State::Failed, State::Cancelled, State::Skipped, State::Superseded];

/// Whether something is still on its way.
pub async fn is_unfinished(store: &Store) -> bool {
    let runs = store.runs(None, ALL).await.unwrap();
    runs.iter().any(|run| !run.state.is_end()) || !store.messages("pending", 1).await.unwrap().is_empty()
}

/// Asserts that nothing was lost and nothing doubled; says how much there was.
pub async fn is_whole(store: &Store, office: &Path, told: &[(String, i64)]) -> String {
    let runs = store.runs(None, ALL).await.unwrap();
    let plans = store.plans(&Choice::default(), ALL).await.unwrap();
    let messages = store.messages("", ALL).await.unwrap();
    for job in ["often", "signed"] {
        every_second(&runs.iter().filter(|run| run.job == job).collect::<Vec<_>>());
    }
    let mut taken_over = 0;
    for run in &runs {
        let signed = [State::Published, State::Awaiting, State::Superseded];
        let wanted = if run.job == "often" { &[State::Published][..] } else { &signed };
        assert!(wanted.contains(&run.state), "{run:?}");
        one_end(run, &store.changes(&run.id).await.unwrap());
        taken_over += run.attempt - 1;
    }
    // Each run is one plan, each plan one run's.
    let of_runs: BTreeMap<&str, &str> = plans.iter().map(|plan| (plan.run.as_str(), plan.id.as_str())).collect();
    assert_eq!((of_runs.len(), plans.len()), (runs.len(), runs.len()));
    assert!(runs.iter().all(|run| of_runs[run.id.as_str()] == run.plan), "{of_runs:?}");
    let mut entered: Vec<(i64, &PlanRow)> = Vec::new();
    for plan in &plans {
        let changes = store.changes(&plan.id).await.unwrap();
        entered.extend(in_its_order(plan, &changes).map(|sequence| (sequence, plan)));
        let document = store.document(&plan.id).await.unwrap();
        assert!(document.content.audit.passed && !plan.degraded, "{}", plan.id);
    }
    for product in ["towns", "signed"] {
        let in_force = plans.iter().filter(|plan| plan.product == product && plan.status == Status::InForce).count();
        assert_eq!(in_force, 1, "{product}");
    }
    // What came into force was told at each publisher, once, in that order.
    entered.sort_by_key(|(sequence, _)| *sequence);
    let published: Vec<&PlanRow> = entered.into_iter().map(|(_, plan)| plan).collect();
    let ids: Vec<&str> = published.iter().map(|plan| plan.id.as_str()).collect();
    for publisher in ["folder", "hook"] {
        let messages: Vec<&Message> = messages.iter().filter(|message| message.publisher == publisher).collect();
        for message in &messages {
            assert_eq!((message.kind, message.state.as_str()), (Kind::Plan, "delivered"), "{message:?}");
        }
        assert_eq!(messages.iter().map(|message| message.subject.as_str()).collect::<Vec<_>>(), ids, "{publisher}");
    }
    assert!(told.is_sorted_by_key(|(_, sequence)| *sequence), "{told:?}");
    let mut arrived: Vec<&str> = told.iter().map(|(key, _)| key.as_str()).collect();
    arrived.dedup();
    let keys: Vec<String> = published.iter().map(|plan| format!("{}/日/{}/plan", plan.product, plan.revision)).collect();
    assert_eq!(arrived, keys, "the receiver has what was published, in order");
    for product in ["towns", "signed"] {
        in_the_folder(
            &office.join("published").join(product).join("日"),
            published.iter().filter(|plan| plan.product == product),
        );
    }
    format!(
        "{} runs, {taken_over} taken over; {} plans, {} of them in force in their turn; {} messages, {} arrived again",
        runs.len(),
        plans.len(),
        ids.len(),
        messages.len(),
        told.len() - arrived.len()
    )
}

/// A run each second from the first to the last.
fn every_second(runs: &[&Run]) {
    let seconds: BTreeSet<i64> = runs.iter().map(|run| run.due.as_second()).collect();
    assert_eq!(seconds.len(), runs.len(), "a time is one run");
    let (first, last) = (seconds.first().unwrap(), seconds.last().unwrap());
    assert_eq!((last - first) as usize + 1, seconds.len(), "no second is missing: {seconds:?}");
}

/// A run begins as often as its tries say, and comes to one end, or waits.
fn one_end(run: &Run, changes: &[Change]) {
    let count = |state: State| changes.iter().filter(|change| change.state == state.word()).count();
    let ends: usize = ENDS.into_iter().map(count).sum();
    assert_eq!(ends, usize::from(run.state != State::Awaiting), "{run:?} {changes:?}");
    assert_eq!(count(State::Awaiting), usize::from(run.job == "signed"), "{run:?} {changes:?}");
    assert_eq!(count(State::Gathering) as i64, run.attempt, "{run:?} {changes:?}");
    assert_eq!(changes.last().unwrap().state, run.state.word(), "{run:?}");
}

/// A plan goes its way step by step, as far as it has come; the number of the change that brought it into force.
fn in_its_order(plan: &PlanRow, changes: &[Change]) -> Option<i64> {
    let mut way = vec![Status::Draft, Status::Reviewed, Status::Signed, Status::InForce, Status::Superseded];
    way.retain(|status| plan.product == "signed" || *status != Status::Reviewed);
    if plan.status == Status::Superseded && plan.signed_by.is_empty() {
        // A later one was signed before it.
        way.retain(|status| !matches!(status, Status::Signed | Status::InForce));
        way.retain(|status| *status != Status::Reviewed || !plan.reviewed_by.is_empty());
    }
    let states: Vec<&str> = changes.iter().map(|change| change.state.as_str()).collect();
    assert_eq!(states, way.into_iter().take(states.len()).map(Status::word).collect::<Vec<_>>(), "{}", plan.id);
    assert_eq!(states.last().copied(), Some(plan.status.word()), "{}", plan.id);
    changes.iter().find(|change| change.state == Status::InForce.word()).map(|change| change.sequence)
}

/// A folder per plan that was published, and the last word on the one in force.
fn in_the_folder<'a>(folder: &Path, published: impl Iterator<Item = &'a &'a PlanRow>) {
    let published: Vec<&PlanRow> = published.copied().collect();
    let revisions: BTreeSet<String> = published.iter().map(|plan| plan.revision.to_string()).collect();
    let found: BTreeSet<String> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("plan.json").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, revisions, "{}", folder.display());
    for folder in std::iter::once(folder.to_owned()).chain(found.iter().map(|revision| folder.join(revision))) {
        let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<String> = names.filter(|name| name.starts_with('.')).collect();
        assert!(left.is_empty(), "half-written in {}: {left:?}", folder.display());
    }
    let latest = std::fs::read_to_string(folder.join("latest.json")).unwrap();
    let latest: serde_json::Value = serde_json::from_str(&latest).unwrap();
    let last = published.last().unwrap();
    assert_eq!((latest["plan"].as_str(), latest["status"].as_str()), (Some(last.id.as_str()), Some("in_force")));
    assert_eq!(last.status, Status::InForce);
}
