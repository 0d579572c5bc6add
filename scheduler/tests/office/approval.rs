//! Drafting, review and signature are three people's, and each step is in the ledger.

use weir_scheduler::ledger::State;
use weir_scheduler::outbox::Kind;
use weir_scheduler::plans::Status;

use crate::api::served::{PULLED, Served, wide};
use crate::made::{DAILY, LAKE, Made, at};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_comes_into_force_by_review_and_signature() {
    let made = Made::new(&DAILY.replace("automatic", "signed")).await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Awaiting]);
    assert!(!made.path().join("published").exists(), "a draft goes nowhere");
    let (store, now) = (&made.store, at("2026-06-01 08:00"));
    let id = "lake-日-1";
    let refused = |result: Result<(), _>| format!("{}", Result::<(), weir_scheduler::store::StoreError>::unwrap_err(result));
    assert!(refused(store.sign(id, "li", "", now).await.map(|_| ())).contains("it is draft, not reviewed"));
    assert!(refused(store.review(id, "daily", "", now).await).contains("`daily` drafted this plan"));
    store.review(id, "wang", "看过", now).await.unwrap();
    assert!(refused(store.sign(id, "wang", "", now).await.map(|_| ())).contains("`wang` reviewed this plan"));
    assert_eq!(store.sign(id, "li", "同意", now).await.unwrap(), Status::InForce);
    assert_eq!(made.states().await, [State::Published]);
    made.beat_at("2026-06-01 08:00").await;
    let record = &made.json("published/lake/日/1/plan.json")["record"];
    assert_eq!((record["reviewed_by"].as_str(), record["signed_by"].as_str()), (Some("wang"), Some("li")));
    let who: Vec<(String, String)> =
        store.changes(id).await.unwrap().into_iter().map(|change| (change.state, change.actor)).collect();
    let who: Vec<(&str, &str)> = who.iter().map(|(state, actor)| (state.as_str(), actor.as_str())).collect();
    assert_eq!(who, [("draft", "first"), ("reviewed", "wang"), ("signed", "li"), ("in_force", "li")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_tomorrow_waits_for_its_day() {
    let made = Made::new(&format!("{}start_day = 1\n", DAILY.replace("automatic", "signed"))).await;
    made.beat_at("2026-06-01 06:00").await;
    let now = at("2026-06-01 08:00");
    made.store.review("lake-日-1", "wang", "", now).await.unwrap();
    assert_eq!(made.store.sign("lake-日-1", "li", "", now).await.unwrap(), Status::Signed);
    made.beat_at("2026-06-01 23:59").await;
    assert!(made.store.in_force("lake", "日", at("2026-06-01 23:59")).await.unwrap().is_none());
    made.beat_at("2026-06-02 00:00").await;
    assert_eq!(made.store.in_force("lake", "日", at("2026-06-02 00:00")).await.unwrap().unwrap().revision, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_taken_back_leaves_nothing_in_force() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    let now = at("2026-06-01 09:00");
    made.store.withdraw("lake-日-1", "li", "来水有误", now).await.unwrap();
    assert!(made.store.in_force("lake", "日", now).await.unwrap().is_none());
    made.beat_at("2026-06-01 09:00").await;
    let latest = made.json("published/lake/日/latest.json");
    assert_eq!((latest["status"].as_str(), latest["reason"].as_str()), (Some("withdrawn"), Some("来水有误")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_draft_is_taken_back_has_its_end() {
    let made = Made::new(&DAILY.replace("automatic", "signed")).await;
    made.beat_at("2026-06-01 06:00").await;
    made.store.withdraw("lake-日-1", "li", "重做", at("2026-06-01 07:00")).await.unwrap();
    assert_eq!(made.states().await, [State::Cancelled]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_signed_gives_way_to_the_next_plan() {
    let made = Made::new(&DAILY.replace("automatic", "signed")).await;
    for day in 1..=3 {
        made.beat_at(&format!("2026-06-0{day} 06:00")).await;
    }
    made.store.review("lake-日-1", "wang", "", at("2026-06-02 08:00")).await.unwrap();
    made.store.review("lake-日-2", "wang", "", at("2026-06-03 08:00")).await.unwrap();
    made.store.sign("lake-日-2", "li", "", at("2026-06-03 08:00")).await.unwrap();
    // What is older is passed over, what is newer still waits.
    assert_eq!(made.states().await, [State::Superseded, State::Published, State::Awaiting]);
    assert_eq!(made.runs().await[0].reason, "not signed before `lake-日-2` came into force");
    let late = made.store.sign("lake-日-1", "li", "", at("2026-06-03 09:00")).await.unwrap_err();
    assert!(late.to_string().contains("it is superseded, not reviewed"), "{late}");
    assert_eq!(made.store.changes("lake-日-1").await.unwrap().last().unwrap().reason, "lake-日-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_a_shorter_term_names_the_longer_one() {
    let month =
        "\n[[job]]\nid = \"monthly\"\nbasin = \"lake\"\nterm = \"月\"\ncron = \"0 5 1 * *\"\napproval = \"automatic\"\n";
    let made = Made::new(&format!("{DAILY}{month}")).await;
    made.beat_at("2026-06-01 05:00").await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.store.plan("lake-日-1").await.unwrap().unwrap().parent, "lake-月-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn alternatives_stand_beside_the_plan_that_a_run_proposes() {
    let made = Made::new(&format!("{}alternatives = [\"weighted\"]\n", DAILY.replace("automatic", "signed"))).await;
    made.beat_at("2026-06-01 06:00").await;
    let plan = |id: &'static str| {
        let store = made.store.clone();
        async move { store.plan(id).await.unwrap().unwrap() }
    };
    assert_eq!(
        (plan("lake-日-1").await.alternative, plan("lake-日-2").await.alternative),
        ("base".into(), "weighted".into())
    );
    assert_eq!(made.runs().await[0].plan, "lake-日-1");
}

/// The lake for one day, planned at ten in the evening for the next.
async fn tomorrow(jobs: &str) -> Made {
    let jobs = jobs.replace("0 6 * * *", "0 22 * * *") + "start_day = 1\n";
    Made::with(&jobs, |folder| {
        std::fs::write(folder.join("lake/basin.toml"), LAKE.replace("3 x 1 d", "1 x 1 d")).unwrap();
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn at_midnight_one_plan_hands_over_to_the_next() {
    let made = tomorrow(DAILY).await;
    made.beat_at("2026-05-31 22:00").await;
    assert_eq!(made.states().await, [State::Awaiting], "not in force yet");
    assert_eq!(made.runs().await[0].reason, "waits for its time to begin");
    assert!(made.store.messages("", 9).await.unwrap().is_empty(), "and nobody is told");
    made.beat_at("2026-06-01 00:00").await;
    assert_eq!(made.states().await, [State::Published]);
    made.beat_at("2026-06-01 22:00").await;
    let in_force = async |time: &str| made.store.in_force("lake", "日", at(time)).await.unwrap().map(|plan| plan.id);
    assert_eq!(in_force("2026-06-01 23:59:59").await.as_deref(), Some("lake-日-1"));
    made.beat_at("2026-06-02 00:00").await;
    assert_eq!(in_force("2026-06-02 00:00").await.as_deref(), Some("lake-日-2"));
    // The first is followed by the second, and never ended with nothing after it.
    let told = made.store.messages("", 9).await.unwrap();
    assert!(told.iter().all(|message| message.kind == Kind::Plan), "{told:?}");
    assert_eq!(made.store.plan("lake-日-1").await.unwrap().unwrap().status, Status::Superseded);
    // A clock that jumped back is before the plan's time.
    assert_eq!(in_force("2026-06-01 23:59").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_asks_at_midnight_is_not_told_that_there_is_no_plan() {
    let served = Served::of(tomorrow(PULLED).await, wide()).await;
    for time in ["2026-05-31 22:00", "2026-06-01 00:00", "2026-06-01 22:00"] {
        served.beat_at(time).await;
    }
    // No beat has come since.
    served.made.clock.set(at("2026-06-02 00:00"));
    assert_eq!(served.json("/api/v1/in-force/lake/日").await["record"]["revision"], 2);
    served.made.clock.set(at("2026-06-03 00:00"));
    assert_eq!(served.get("/api/v1/in-force/lake/日").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_signs_ends_with_its_time_and_its_run_has_failed() {
    let once = DAILY.replace("automatic", "signed").replace("0 6 * * *", "0 6 1 6 *");
    let made = Made::new(&format!("{once}alternatives = [\"weighted\"]\n")).await;
    made.beat_at("2026-06-01 06:00").await;
    made.store.review("lake-日-1", "wang", "", at("2026-06-01 08:00")).await.unwrap();
    made.beat_at("2026-06-03 23:59").await;
    assert_eq!(made.states().await, [State::Awaiting]);
    made.beat_at("2026-06-04 00:00").await;
    assert_eq!(made.states().await, [State::Failed]);
    for id in ["lake-日-1", "lake-日-2"] {
        assert_eq!(made.store.plan(id).await.unwrap().unwrap().status, Status::Expired, "{id}");
    }
    let last = made.store.changes("lake-日-1").await.unwrap().pop().unwrap();
    assert_eq!((last.state.as_str(), last.reason.as_str()), ("expired", "its time is over: nobody signed it"));
    let told = made.store.messages("", 9).await.unwrap();
    let told: Vec<(Kind, &str)> = told.iter().map(|message| (message.kind, message.subject.as_str())).collect();
    assert_eq!(told, [(Kind::Failed, "daily@2026-05-31T22:00:00Z")], "once, and no end of a plan that was never in force");
    assert!(made.json("published/failed.json")["reason"].as_str().unwrap().contains("never came into force"));
    // Run again it makes a plan of the same days, which is over as soon as it is there.
    made.beat_at("2026-06-05 00:00").await;
    assert_eq!(made.store.messages("", 9).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_plan_whose_time_passed_while_nothing_ran_takes_no_place() {
    let jobs = DAILY.replace("automatic", "signed").replace("0 6 * * *", "0 22 31 5 *") + "start_day = 1\n";
    let long =
        "\n[[job]]\nid = \"long\"\nbasin = \"long\"\nproduct = \"lake\"\ncron = \"0 21 31 5 *\"\napproval = \"automatic\"\n";
    let made = Made::with(&format!("{jobs}{long}"), |folder| {
        std::fs::create_dir(folder.join("long")).unwrap();
        std::fs::write(folder.join("long/basin.toml"), LAKE.replace("3 x 1 d", "30 x 1 d")).unwrap();
    })
    .await;
    made.beat_at("2026-05-31 21:00").await;
    made.beat_at("2026-05-31 22:00").await;
    made.store.review("lake-日-2", "wang", "", at("2026-05-31 23:00")).await.unwrap();
    assert_eq!(made.store.sign("lake-日-2", "li", "", at("2026-05-31 23:00")).await.unwrap(), Status::Signed);
    // Its three days pass without a beat.
    made.beat_at("2026-06-04 00:00").await;
    assert_eq!(made.store.in_force("lake", "日", at("2026-06-04 00:00")).await.unwrap().unwrap().id, "lake-日-1");
    assert_eq!(made.store.plan("lake-日-2").await.unwrap().unwrap().status, Status::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_cancelled_run_drafted_is_taken_back() {
    let made = Made::new(&(DAILY.replace("automatic", "signed") + "start_day = 1\n")).await;
    made.beat_at("2026-06-01 06:00").await;
    let run = made.runs().await.pop().unwrap().id;
    made.store.cancel(&run, at("2026-06-01 07:00"), "li", "不算了").await.unwrap();
    assert_eq!(made.states().await, [State::Cancelled]);
    let said = made.store.review("lake-日-1", "wang", "", at("2026-06-01 08:00")).await.unwrap_err().to_string();
    assert!(said.contains("it is withdrawn, not draft"), "{said}");
    // What is signed already is not the engineer's to take back.
    made.beat_at("2026-06-02 06:00").await;
    let run = made.runs().await.pop().unwrap().id;
    made.store.review("lake-日-2", "wang", "", at("2026-06-02 08:00")).await.unwrap();
    assert_eq!(made.store.sign("lake-日-2", "li", "", at("2026-06-02 08:00")).await.unwrap(), Status::Signed);
    let said = made.store.cancel(&run, at("2026-06-02 09:00"), "zhao", "").await.unwrap_err().to_string();
    assert!(said.starts_with("the plan `lake-日-2` of the run is signed"), "{said}");
    assert_eq!(made.states().await, [State::Cancelled, State::Awaiting]);
}
