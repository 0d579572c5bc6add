//! Checks of a plan between solving and drafting, and the difference of two plans that they rest on.

use weir_report::Language;
use weir_scheduler::checks::Verdict;
use weir_scheduler::ledger::State;
use weir_scheduler::plans::Status;

use crate::api::served::{PULLED, Served};
use crate::made::{DAILY, Made};
use crate::orders::gated;

/// Two mornings: a duty of 17 m³/s, then of 30.
async fn two_mornings(checks: &str) -> Made {
    let made = Made::new(&format!("{DAILY}checks = {{ {checks} }}\n")).await;
    for (day, duty) in [(1, 17.0), (2, 30.0)] {
        std::fs::write(made.path().join("lake/basin.toml"), gated(duty, "")).unwrap();
        made.beat_at(&format!("2026-06-0{day} 06:00")).await;
    }
    made
}

async fn checks(made: &Made, plan: &str) -> Vec<(String, Verdict, String)> {
    let plan = made.store.plan(plan).await.unwrap().unwrap();
    plan.checks.into_iter().map(|check| (check.check, check.verdict, check.text)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_beyond_its_limit_is_held_back_where_the_job_says_so() {
    let made = two_mornings("largest_change_m3s = 5, largest_storage_change_hm3 = 5, beyond = \"hold\"").await;
    assert_eq!(made.states().await, [State::Published, State::Awaiting]);
    let run = made.runs().await.pop().unwrap();
    assert_eq!(run.reason, "held back by release_change, waits for review and signature");
    assert_eq!(made.store.plan("lake-日-2").await.unwrap().unwrap().status, Status::Draft);
    assert_eq!(made.json("published/lake/日/latest.json")["revision"], 1);
    let found = checks(&made, "lake-日-2").await;
    let release = found.iter().find(|(check, ..)| check == "release_change").unwrap();
    // Both plans cover 2 June on: 17 m³/s then, 30 now. The storage starts at 15 again, where 13.5 were planned.
    let told = "`lake.outflow` changes most against `lake-日-1`, in force: at 2026-06-02T00:00:00+08:00 from 17 m³/s to 30 m³/s; \
                the limit is 5 m³/s";
    assert_eq!((release.1, release.2.as_str()), (Verdict::Held, told));
    let storage = found.iter().find(|(check, ..)| check == "storage_change").unwrap();
    assert!(storage.1 == Verdict::Passed && storage.2.contains("to 15 hm³"), "{}", storage.2);
    let checking = made.store.changes(&run.id).await.unwrap().into_iter().find(|change| change.state == "checking").unwrap();
    assert!(checking.reason.contains("release_change held: `lake.outflow` changes most"), "{}", checking.reason);
    // As `weir plans show` says it.
    let said = weir_report::sentence(&made.store.document("lake-日-2").await.unwrap(), &release.2, Language::Chinese);
    assert_eq!(
        said,
        "“lake · 出库流量”与在执行方案“lake-日-1”相比变化最大：2026年6月2日 由 17 m³/s 变为 30 m³/s，限值 5 m³/s"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_beyond_its_limit_is_else_only_seen() {
    let made = two_mornings("largest_change_m3s = 5").await;
    assert_eq!(made.states().await, [State::Published, State::Published]);
    let found = checks(&made, "lake-日-2").await;
    let of = |word: &str| found.iter().find(|(check, ..)| check == word).map(|(_, verdict, _)| *verdict);
    assert_eq!((of("release_change"), of("supply_change")), (Some(Verdict::Warned), Some(Verdict::Passed)));
    assert_eq!((of("audit"), of("fall_back")), (Some(Verdict::Passed), None));
    assert_eq!(of("certificate"), Some(Verdict::Passed), "{found:?}");
    let first = checks(&made, "lake-日-1").await;
    assert!(first.iter().all(|(check, ..)| !check.ends_with("_change")), "nothing was in force before: {first:?}");
}

#[test]
fn limits_that_are_no_limits_are_refused() {
    let text = DAILY.to_owned() + "checks = { largest_change = 5, beyond = \"hodl\", largest_storage_change_hm3 = -1 }\n";
    let said = weir_scheduler::job::Office::parse(&text, &|_| true).unwrap_err().to_string();
    for part in ["did you mean `largest_change_m3s`?", "did you mean `hold`?", "`job.checks.largest_storage_change_hm3`: -1"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_plans_are_set_against_each_other() {
    let served = Served::new(PULLED).await;
    for (day, duty) in [(1, 17.0), (2, 30.0)] {
        std::fs::write(served.made.path().join("lake/basin.toml"), gated(duty, "")).unwrap();
        served.beat_at(&format!("2026-06-0{day} 06:00")).await;
    }
    let told = served.json("/api/v1/plans/lake-日-2/diff").await;
    assert_eq!(told["against"], "lake-日-1", "the one whose place it took");
    let difference = &told["difference"];
    assert_eq!(difference["from"], "2026-06-02T00:00:00+08:00");
    assert_eq!(difference["to"], "2026-06-04T00:00:00+08:00");
    let rows = difference["series"].as_array().unwrap();
    let of = |quantity: &str| rows.iter().find(|row| row["address"] == "lake" && row["quantity"] == quantity).unwrap();
    let near = |value: &serde_json::Value, wanted: f64| (value.as_f64().unwrap() - wanted).abs() < 1e-6;
    assert!(near(&of("outflow")["largest"], 13.0) && near(&of("outflow")["sum"], 13.0 * 2.0 * 0.0864), "{}", of("outflow"));
    // 15 − (30 + 1)·0.1728 = 9.6432 at the end of 3 June, where 15 − 18·0.2592 = 10.3344 were planned; at the start 15 − 13.4448.
    assert!(
        near(&of("storage")["largest"], 1.5552) && of("storage")["at"] == "2026-06-02T00:00:00+08:00",
        "{}",
        of("storage")
    );
    assert!(near(&difference["uses"][0]["before_hm3"], 0.1728) && near(&difference["uses"][0]["after_hm3"], 0.1728));
    let back = served.json("/api/v1/plans/lake-日-1/diff?against=lake-日-2").await;
    assert!(back["difference"]["from"].is_null() || back["difference"]["from"] == "2026-06-02T00:00:00+08:00");
    assert_eq!(served.json("/api/v1/plans").await["items"][0]["checks"][0]["check"], "audit");
    let (before, after) =
        (served.made.store.document("lake-日-1").await.unwrap(), served.made.store.document("lake-日-2").await.unwrap());
    let text = weir_report::difference(&before, &after, &after.compared_with(&before), Language::Chinese);
    for part in
        ["lake-日-2 与 lake-日-1 之差：前为 lake-日-1，后为 lake-日-2，差＝后－前", "出库流量", "2026年6月2日", "生活"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("hm"), "{text}");
    let same = after.compared_with(&after);
    assert!(
        same.series.is_empty() && same.new_warnings.is_empty() && same.objectives.iter().all(|row| row.before == row.after)
    );
}
