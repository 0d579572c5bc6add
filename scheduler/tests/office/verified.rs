//! Plans of an office held against their certificate and their question, without a solver: in their run, and years later.

use weir_model::document::{Content, Packed, PlanDocument};
use weir_scheduler::amend::amend_plan;
use weir_scheduler::checks::{Checked, Limits, Verdict, run};
use weir_scheduler::job::Office;

use crate::api::served::{Served, wide};
use crate::gathering::{FORECAST, LEVEL, drop_file, office};
use crate::made::{DAILY, Made, at};
use crate::orders::gated;

/// A morning of which level and forecast were gathered.
async fn morning() -> Made {
    let made = office(&format!("{LEVEL}{FORECAST}"), "\"level\", \"forecast\"").await;
    drop_file(&made, "level.csv", "时间,水位\n2026-06-01 05:00,1234\n");
    let hours: Vec<String> = (0..72).map(|hour| format!("2026-06-0{} {:02}:00,7", 1 + hour / 24, hour % 24)).collect();
    drop_file(&made, "forecast-0601.csv", &format!("时间,brook\n{}\n", hours.join("\n")));
    made.beat_at("2026-06-01 06:00").await;
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_gathered_inputs_verifies_after_its_files_are_gone() {
    let made = morning().await;
    let document = made.store.document("lake-日-1").await.unwrap();
    assert_eq!(document.content.inputs.gathered.len(), 2);
    std::fs::remove_dir_all(made.path().join("inbox")).unwrap();
    made.verifies("lake-日-1").await;
    let said = weir_report::verified(&document, &[], false, weir_report::Language::English);
    assert!(
        said.contains("`weir plans verify lake-日-1` makes its question again and checks it (2 inputs gathered)"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basin_that_has_changed_is_named_and_a_copy_of_the_old_one_will_do() {
    let made = morning().await;
    let (basin, kept) = (made.path().join("lake/basin.toml"), made.path().join("kept"));
    std::fs::create_dir(&kept).unwrap();
    let text = std::fs::read_to_string(&basin).unwrap();
    std::fs::write(kept.join("basin.toml"), &text).unwrap();
    std::fs::write(&basin, text + "\n# another day\n").unwrap();
    let faults = made.faults("lake-日-1").await;
    assert!(faults.len() == 1 && faults[0].starts_with("inputs: the basin file is not the one"), "{faults:?}");
    let office = Office::read(made.path()).unwrap();
    let asked = (made.path(), &office);
    let (_, faults) = made.store.verified(asked, "lake-日-1", Some(&kept)).await.unwrap();
    assert_eq!(faults, Vec::<String>::new());
    let none = made.store.verified(asked, "lake-日-9", None).await.unwrap_err();
    assert_eq!(none.to_string(), "there is no plan `lake-日-9`\n  hint: `weir plans list`");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_difference_of_two_mornings_is_split_by_cause() {
    let made = morning().await;
    // The next morning the lake stands otherwise, and more is forecast.
    drop_file(&made, "level.csv", "时间,水位\n2026-06-02 05:00,1233.5\n");
    let hours: Vec<String> = (0..72).map(|hour| format!("2026-06-0{} {:02}:00,9", 2 + hour / 24, hour % 24)).collect();
    drop_file(&made, "forecast-0602.csv", &format!("时间,brook\n{}\n", hours.join("\n")));
    made.beat_at("2026-06-02 06:00").await;
    let office = Office::read(made.path()).unwrap();
    let asked = (made.path(), &office);
    let causes = made.store.causes(asked, "lake-日-1", "lake-日-2").await.unwrap();
    assert_eq!(causes.order, ["time", "state", "forecast", "demand", "rules"]);
    assert!(
        ["time", "state", "forecast"].iter().all(|cause| causes.differ.iter().any(|other| other == cause)),
        "{causes:?}"
    );
    assert!(!causes.differ.iter().any(|cause| cause == "demand"), "{causes:?}");
    assert!(!causes.rows.is_empty());
    for row in &causes.rows {
        let parts: f64 = row.parts.iter().sum();
        assert!((parts - (row.after - row.before)).abs() <= 1e-9 * row.after.abs().max(1.0), "{row:?}");
    }
    // The API tells the same where it is asked to, and no cause unless.
    let served = Served::of(made, wide()).await;
    let plain = served.json("/api/v1/plans/lake-日-2/diff").await;
    assert!(plain.get("causes").is_none() && plain["difference"]["series"].is_array(), "{plain}");
    let told = served.json("/api/v1/plans/lake-日-2/diff?against=lake-日-1&causes=true").await;
    assert_eq!(told["causes"], serde_json::to_value(&causes).unwrap());
    assert_eq!(told["difference"], plain["difference"]);
    let made = &served.made;
    let asked = (made.path(), &office);
    // Against itself nothing differs; a plan that is not there is named.
    let none = made.store.causes(asked, "lake-日-2", "lake-日-2").await.unwrap();
    assert!(none.rows.is_empty(), "{none:?}");
    assert!(made.store.causes(asked, "lake-日-9", "lake-日-2").await.is_err());
}

/// What the checks of a run say of the certificate of a plan with something changed.
fn certificate(document: &PlanDocument, faults: &[String]) -> (Verdict, String) {
    let limits = Limits::default();
    let checks = run(&Checked { plan: document, change: None, limits: &limits, fell_back: None, later: None, faults });
    let found = checks.into_iter().find(|check| check.check == "certificate").unwrap();
    (found.verdict, found.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_does_not_verify_is_held() {
    let made = Made::with(DAILY, |folder| {
        std::fs::write(folder.join("lake/basin.toml"), gated(17.0, "")).unwrap();
    })
    .await;
    made.beat_at("2026-06-01 06:00").await;
    made.verifies("lake-日-1").await;
    let document = made.store.document("lake-日-1").await.unwrap();
    assert_eq!(certificate(&document, &[]).0, Verdict::Passed);
    let basin = weir_model::basin::Basin::read(&made.path().join("lake")).unwrap();
    let (case, goals) = weir_model::lower::lower(&basin, Some("2026-06-01".parse().unwrap())).unwrap();
    let changed = |change: &dyn Fn(&mut Content)| {
        let mut content = document.content.clone();
        change(&mut content);
        let changed = PlanDocument::new(content);
        let faults = weir_solver::verify::verify(&changed, &case, &goals);
        certificate(&changed, &faults)
    };
    // Duals that prove another bound, which the document alone does not show.
    let (verdict, text) = changed(&|content| {
        let rows = content.engine.rows;
        for proof in &mut content.certificate.as_mut().unwrap().proofs {
            let duals: Vec<f64> = proof.duals.numbers(rows).unwrap().iter().map(|dual| dual * 2.0).collect();
            proof.duals = Packed::of(&duals);
        }
    });
    assert!(verdict == Verdict::Held && text.starts_with("certificate: the duals of `"), "{text}");
    // Marks that the plan has no right to.
    let (verdict, text) = changed(&|content| content.case.headings.insert(0, "人工修改".to_owned()));
    assert!(verdict == Verdict::Held && text.starts_with("case.headings: "), "{text}");
    let (verdict, text) = changed(&|content| content.case.degraded.push("nothing of it".to_owned()));
    assert!(verdict == Verdict::Held && text.starts_with("case.degraded: "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fall_back_plan_that_is_changed_by_hand_still_says_that_it_is_one() {
    let made = Made::with(DAILY, |folder| {
        std::fs::write(folder.join("lake/basin.toml"), gated(60.0, "")).unwrap();
    })
    .await;
    made.beat_at("2026-06-01 06:00").await;
    let office = Office::read(made.path()).unwrap();
    let (sets, by) = (["lake.gate@2026-06-01=50".to_owned()], ("zhao", ""));
    let id = amend_plan((made.path(), &office), &made.store, "lake-日-1", &sets, by, at("2026-06-01 08:00")).await.unwrap();
    let case = made.store.document(&id).await.unwrap().content.case;
    assert_eq!(&case.headings[..2], ["后备方案：本次未能求得正式方案", "人工修改"]);
    assert!(case.degraded[0].starts_with("Not all rules can hold together"), "{:?}", case.degraded);
    made.verifies(&id).await;
}
