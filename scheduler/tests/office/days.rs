//! Days go by: what is due is run once, whatever happens to the clock and the office.

use weir_scheduler::ledger::State;
use weir_scheduler::plans::{Choice, Status};

use crate::made::{DAILY, LAKE, Made, at};
use crate::orders::{document, flows, gated};

#[tokio::test(flavor = "multi_thread")]
async fn each_morning_has_one_run_and_one_plan_in_force() {
    let made = Made::new(DAILY).await;
    for day in 1..=3 {
        made.beat_at(&format!("2026-06-0{day} 05:59:59")).await;
        made.beat_at(&format!("2026-06-0{day} 06:00:00")).await;
        made.beat_at(&format!("2026-06-0{day} 06:00:01")).await;
    }
    let runs = made.runs().await;
    assert_eq!(made.states().await, [State::Published; 3]);
    assert_eq!(runs[2].due, at("2026-06-03 06:00"));
    let plans = made.store.plans(&Choice::default(), 10).await.unwrap();
    let told: Vec<(i64, Status)> = plans.iter().map(|plan| (plan.revision, plan.status)).collect();
    assert_eq!(told, [(3, Status::InForce), (2, Status::Superseded), (1, Status::Superseded)]);
    assert_eq!((plans[0].supersedes.as_str(), plans[0].valid_from), ("lake-日-2", at("2026-06-03 00:00")));
    let latest = made.json("published/lake/日/latest.json");
    assert_eq!((latest["revision"].as_i64(), latest["statement"].as_str()), (Some(3), Some("有效方案")));
    let plan = made.json("published/lake/日/3/plan.json");
    assert_eq!(
        (plan["record"]["status"].as_str(), plan["record"]["id"].as_str()),
        (Some("in_force"), latest["digest"].as_str())
    );
    let states: Vec<String> =
        made.store.changes(&runs[2].id).await.unwrap().into_iter().map(|change| change.state).collect();
    assert_eq!(states, ["due", "gathering", "solving", "checking", "published"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_days_of_silence_the_policy_of_lateness_decides() {
    let wanted = [
        ("skip", [State::Skipped, State::Skipped, State::Skipped]),
        ("latest", [State::Skipped, State::Skipped, State::Published]),
        ("all", [State::Published, State::Published, State::Published]),
    ];
    for (policy, states) in wanted {
        let made = Made::new(&format!("{DAILY}lateness = \"{policy}\"\n")).await;
        made.beat_at("2026-06-03 09:30").await;
        assert_eq!(made.states().await, states, "{policy}");
        made.beat_at("2026-06-03 09:31").await;
        assert_eq!(made.states().await.len(), 3, "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_fires_nothing_twice() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-02 07:00").await;
    made.beat_at("2026-06-01 05:00").await;
    made.beat_at("2026-06-02 08:00").await;
    assert_eq!(made.states().await, [State::Skipped, State::Published]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_infeasible_day_without_fall_back_makes_no_plan_and_says_so() {
    let made = Made::new(&format!("{DAILY}fall_back = \"none\"\n")).await;
    made.beat_at("2026-06-01 06:00").await;
    // A works release that no gate could let out: the floor is more than all the water.
    let floor = "\n[[control_section]]\nid = \"release\"\nkind = \"works_release\"\non = \"lake.outflow\"\nfloor_m3s = 500\n\
                 target_m3s = 500\n[[sink]]\nid = \"sea\"\n";
    let outlet =
        "  [[reservoir.outlet]]\n  id = \"gate\"\n  kind = \"gate\"\n  to = \"sea\"\n  capacity_m3s = 10\n\n[[demand]]";
    let basin = LAKE.replacen("[[demand]]", outlet, 1) + floor;
    std::fs::write(made.path().join("lake/basin.toml"), basin).unwrap();
    made.beat_at("2026-06-02 06:00").await;
    assert_eq!(made.states().await, [State::Published, State::Failed]);
    let failed = made.json("published/failed.json");
    assert!(failed["reason"].as_str().unwrap().contains("release"), "{failed}");
    assert_eq!(made.json("published/lake/日/latest.json")["revision"], 1, "the plan of the day before stays in force");
    let plans = made.store.plans(&Choice::default(), 10).await.unwrap();
    assert_eq!(plans.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn past_its_end_nothing_is_in_force() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    std::fs::write(made.path().join("lake/basin.toml"), "nothing").unwrap();
    made.beat_at("2026-06-03 23:59").await;
    assert!(made.store.in_force("lake", "日", at("2026-06-03 23:59")).await.unwrap().is_some());
    assert!(
        made.store.in_force("lake", "日", at("2026-06-04 00:00")).await.unwrap().is_none(),
        "before the ledger says so too"
    );
    made.beat_at("2026-06-04 00:00").await;
    let latest = made.json("published/lake/日/latest.json");
    assert_eq!((latest["status"].as_str(), latest["statement"].as_str()), (Some("expired"), Some("无有效方案")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_pauses_in_a_mode_that_is_not_its_own() {
    let made = Made::new(&format!("{DAILY}modes = [\"常规\"]\n")).await;
    let flood = LAKE.replacen("id = \"lake\"", "id = \"lake\"\nmode = \"防洪\"", 1);
    std::fs::write(made.path().join("lake/basin.toml"), flood).unwrap();
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Skipped]);
    assert!(made.runs().await[0].reason.starts_with("本模块停用，执行防指调度令: the basin's mode is 防洪"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_fault_is_tried_again_after_a_pause() {
    let made = Made::new(&format!("{DAILY}retries = 1\nback_off_s = 60\n")).await;
    let basin = made.path().join("lake/basin.toml");
    let moved = made.path().join("lake/elsewhere");
    std::fs::rename(&basin, &moved).unwrap();
    let (_keep, stop) = tokio::sync::watch::channel(false);
    std::fs::write(&basin, LAKE).unwrap();
    let service = made.service("first");
    std::fs::remove_file(&basin).unwrap();
    made.clock.set(at("2026-06-01 06:00"));
    service.beat(&stop).await;
    assert_eq!(made.states().await, [State::Due], "{:?}", made.runs().await);
    std::fs::rename(&moved, &basin).unwrap();
    made.clock.set(at("2026-06-01 06:00:59"));
    service.beat(&stop).await;
    assert_eq!(made.states().await, [State::Due]);
    made.clock.set(at("2026-06-01 06:01"));
    service.beat(&stop).await;
    assert_eq!(made.states().await, [State::Published]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_an_earlier_day_that_is_run_again_brings_no_plan_back() {
    let made = Made::new(&format!("{DAILY}fall_back = \"none\"\n")).await;
    let basin = made.path().join("lake/basin.toml");
    std::fs::write(&basin, "nothing").unwrap();
    made.beat_at("2026-06-01 06:00").await;
    std::fs::write(&basin, LAKE).unwrap();
    made.beat_at("2026-06-02 06:00").await;
    assert_eq!(made.states().await, [State::Failed, State::Published]);
    let run = made.runs().await.remove(0).id;
    made.store.retry(&run, at("2026-06-02 07:00"), "wang").await.unwrap();
    made.beat_at("2026-06-02 07:00").await;
    assert_eq!(made.states().await, [State::Awaiting, State::Published]);
    assert_eq!(made.runs().await[0].reason, "held back by begins, waits for review and signature");
    assert_eq!(made.store.in_force("lake", "日", at("2026-06-02 07:00")).await.unwrap().unwrap().id, "lake-日-1");
    // Of days that are over, nothing comes into force at all.
    std::fs::write(&basin, "nothing").unwrap();
    made.beat_at("2026-06-09 06:00").await;
    std::fs::write(&basin, LAKE).unwrap();
    let third = made.runs().await.remove(2).id;
    made.store.retry(&third, at("2026-06-09 07:00"), "wang").await.unwrap();
    made.beat_at("2026-06-09 07:00").await;
    made.beat_at("2026-06-09 07:01").await;
    assert!(made.store.in_force("lake", "日", at("2026-06-09 07:01")).await.unwrap().is_none());
    let run = made.runs().await.remove(2);
    assert!(run.state == State::Failed && run.reason.contains("never came into force"), "{}", run.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goal_of_least_change_is_against_the_plan_in_force() {
    let made = Made::new(DAILY).await;
    let basin = made.path().join("lake/basin.toml");
    std::fs::write(&basin, gated(30.0, "")).unwrap();
    made.beat_at("2026-06-01 06:00").await;
    let steady = gated(10.0, "").replace("[\"shortage\", \"store\"]", "[\"shortage\", \"steady\", \"store\"]");
    let steady = steady.replace("\n[method]", "\n[[objective]]\nid = \"steady\"\nkind = \"plan_change\"\n\n[method]");
    std::fs::write(&basin, steady).unwrap();
    made.beat_at("2026-06-02 06:00").await;
    assert_eq!(made.states().await, [State::Published, State::Published]);
    // 2 and 3 June as the plan in force has them, the 4th as little as the duty of today.
    let flows = flows(&document(&made, "lake-日-2").await);
    assert!(flows.iter().zip([30.0, 30.0, 10.0]).all(|(flow, wanted)| (flow - wanted).abs() < 1e-6), "{flows:?}");
    made.verifies("lake-日-2").await;
}
