//! The brief of the day in an office: against the plan in force yesterday and on the same date last year, as the ledger has them.

use serde_json::Value;
use weir_report::Beside;
use weir_scheduler::job::Office;

use crate::made::{DAILY, LAKE, Made, at};

async fn beside(made: &Made, plan: &str) -> Beside {
    let document = made.store.document(plan).await.unwrap();
    made.store.earlier(&Office::read(made.path()).unwrap(), plan, &document).await.unwrap()
}

fn revision(plan: Option<&weir_model::document::PlanDocument>) -> Option<u32> {
    plan.map(|plan| plan.record.revision)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_set_against_yesterdays_and_last_years() {
    let made = Made::new(DAILY).await;
    // Last year the lake stood half a metre lower, yesterday 0.12 m.
    let lake = |level: &str| LAKE.replace("initial_level_m = 10\n", &format!("initial_level_m = {level}\n"));
    for (time, level) in [("2026-06-02 06:00", "9.5"), ("2027-06-01 06:00", "9.88"), ("2027-06-02 06:00", "10")] {
        std::fs::write(made.path().join("lake/basin.toml"), lake(level)).unwrap();
        made.beat_at(time).await;
    }
    let last = made.json("published/lake/日/latest.json")["plan"].as_str().unwrap().to_owned();
    let found = beside(&made, &last).await;
    assert_eq!((revision(found.yesterday.as_ref()), revision(found.last_year.as_ref())), (Some(2), Some(1)));
    let brief = std::fs::read_to_string(made.path().join("published/lake/日/3/brief.md")).unwrap();
    assert!(brief.contains("10.00 m（较昨日+0.12 m，较去年同期+0.50 m）"), "{brief}");
    assert!(!brief.split("\n# ").next().unwrap().contains("hm"), "{brief}");
    let page = std::fs::read_to_string(made.path().join("published/lake/日/3/report.html")).unwrap();
    assert!(page.contains("较昨日+0.12 m"));
    // The first plan of an office has nothing beside it, and says so.
    let brief = std::fs::read_to_string(made.path().join("published/lake/日/1/brief.md")).unwrap();
    assert!(brief.contains("昨日无方案可比，去年同期无方案可比。"), "{brief}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_was_not_in_force() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    made.store.withdraw("lake-日-1", "li", "有误", at("2026-06-01 20:00")).await.unwrap();
    made.beat_at("2026-06-02 06:00").await;
    assert_eq!(beside(&made, "lake-日-2").await, Beside::default());
    // Taken back only afterwards, it was.
    made.beat_at("2026-06-03 06:00").await;
    made.store.withdraw("lake-日-3", "li", "有误", at("2026-06-04 01:00")).await.unwrap();
    made.beat_at("2026-06-04 06:00").await;
    assert_eq!(revision(beside(&made, "lake-日-3").await.yesterday.as_ref()), Some(2));
    assert_eq!(revision(beside(&made, "lake-日-4").await.yesterday.as_ref()), Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_tells_the_brief() {
    let served = crate::api::served::Served::new(DAILY).await;
    served.beat_at("2026-06-01 06:00").await;
    served.beat_at("2026-06-02 06:00").await;
    let brief: Value = served.json("/api/v1/plans/lake-日-2/brief").await;
    let before = served.made.store.document("lake-日-1").await.unwrap();
    assert_eq!((brief["yesterday"].as_str(), brief["last_year"].as_str()), (Some(before.record.id.as_str()), None));
    let chinese = brief["chinese"].as_array().unwrap();
    assert!((5..=8).contains(&chinese.len()) && chinese.len() == brief["english"].as_array().unwrap().len());
    assert!(chinese[0].as_str().unwrap().contains("昨日对照lake-日-1，去年同期无方案可比"), "{brief}");
    let public: Value = served.json("/api/v1/plans/lake-日-2/brief?audience=公开").await;
    assert!(!public["chinese"].to_string().contains("水位"), "{public}");
    assert_eq!(served.get("/api/v1/plans/nowhere-日-1/brief").await.status(), 404);
}
