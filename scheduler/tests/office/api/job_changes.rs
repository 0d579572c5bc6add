//! Jobs put, taken out and given back through the API, by admins who do not overwrite each other, on every instance.

use reqwest::Response;
use serde_json::{Value, json};
use tokio::sync::watch;
use weir_scheduler::ledger::State;

use super::problems::problem;
use super::served::{PULLED, Served};
use crate::made::at;

async fn put(served: &Served, job: &str, condition: Option<(&str, &str)>, body: &Value) -> Response {
    let mut request = served.request("admin", "PUT", &format!("/api/v1/jobs/{job}"));
    if let Some((name, value)) = condition {
        request = request.header(name, value);
    }
    request.json(body).send().await.unwrap()
}

async fn etag(served: &Served, job: &str) -> String {
    let response = served.get(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!(response.status(), 200);
    response.headers()["etag"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_put_changed_taken_out_and_given_back() {
    let served = Served::new(PULLED).await;
    let file = served.json("/api/v1/jobs/daily").await;
    assert_eq!((file["from"].as_str(), file["change"].is_null()), (Some("jobs.toml"), true));
    let mut settings = file["settings"].clone();
    assert_eq!(settings, json!({"basin": "lake", "cron": "0 6 * * *", "approval": "automatic", "publish": ["open"]}));

    // A new one, beside the file's; another instance over the store has it at its next beat.
    let other = served.made.service("other");
    let hourly = json!({"basin": "lake", "cron": "0 * * * *", "product": "hourly", "approval": "automatic"});
    let made = put(&served, "hourly", Some(("If-None-Match", "*")), &hourly).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!((made["from"].as_str(), &made["settings"]), (Some("api"), &hourly));
    assert_eq!((made["change"]["actor"].as_str(), made["change"]["action"].as_str()), (Some("admin"), Some("put")));
    let (_keep, stop) = watch::channel(false);
    served.made.clock.set(at("2026-05-31 13:00"));
    other.beat(&stop).await;
    let runs = served.made.runs().await;
    assert_eq!((runs.len(), runs[0].job.as_str(), runs[0].state), (1, "hourly", State::Published), "{runs:?}");

    // Changed over what was read, by whoever comes first.
    let first = etag(&served, "daily").await;
    settings["cron"] = json!("0 8 * * *");
    problem(put(&served, "daily", None, &settings).await, 428, "unconditional").await;
    problem(put(&served, "daily", Some(("If-None-Match", "*")), &settings).await, 412, "outdated").await;
    assert_eq!(put(&served, "daily", Some(("If-Match", &first)), &settings).await.status(), 200);
    let late = problem(put(&served, "daily", Some(("If-Match", &first)), &settings).await, 412, "outdated").await;
    assert!(late["detail"].as_str().unwrap().contains("changed meanwhile"), "{late}");
    assert_eq!(served.json("/api/v1/jobs/daily/next?most=1").await, json!(["2026-06-01T00:00:00Z"]));

    // A changed time begins with the change: eight o'clock of a day that is past noon is not made up for.
    other.beat(&stop).await;
    assert_eq!(served.made.runs().await.len(), 1);
    served.made.clock.set(at("2026-06-01 06:30"));
    other.beat(&stop).await;
    served.made.clock.set(at("2026-06-01 08:00"));
    other.beat(&stop).await;
    let daily = served.made.store.runs(Some("daily"), 10).await.unwrap();
    assert_eq!(daily.iter().map(|run| run.due).collect::<Vec<_>>(), [at("2026-06-01 08:00")]);

    // Taken out, with what was due of it; a service that starts anew knows it too.
    served
        .made
        .store
        .reconcile(&served.service.office().job("hourly").unwrap().clone(), at("2026-06-01 09:00"), "x")
        .await
        .unwrap();
    let take_out = |tag: String| served.request("admin", "DELETE", "/api/v1/jobs/hourly").header("If-Match", tag).send();
    problem(take_out("\"0\"".to_owned()).await.unwrap(), 412, "outdated").await;
    assert_eq!(take_out(etag(&served, "hourly").await).await.unwrap().status(), 204);
    problem(served.get("/api/v1/jobs/hourly").await, 404, "not-found").await;
    let anew = served.made.service("anew");
    served.made.clock.set(at("2026-06-01 10:00"));
    anew.beat(&stop).await;
    let hourly = served.made.store.runs(Some("hourly"), 1).await.unwrap().remove(0);
    assert_eq!((hourly.due, hourly.state), (at("2026-06-01 09:00"), State::Cancelled));
    assert_eq!(hourly.reason, "admin took the job out");
    assert_eq!(anew.office().jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["daily"]);

    // Given back to the file.
    let give_back = || served.request("admin", "POST", "/api/v1/jobs/daily/give-back").send();
    assert_eq!(give_back().await.unwrap().status(), 204);
    problem(give_back().await.unwrap(), 409, "conflict").await;
    let again = served.json("/api/v1/jobs/daily").await;
    assert_eq!((&again["from"], &again["settings"]), (&file["from"], &file["settings"]));
    assert_eq!(etag(&served, "daily").await, first);
    let changes = served.json("/api/v1/jobs/daily/changes").await;
    let told: Vec<(&str, &str, &str)> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|change| ["action", "actor", "at"].map(|key| change[key].as_str().unwrap()).into())
        .collect();
    assert_eq!(told, [("put", "admin", "2026-05-31T05:00:00Z"), ("given_back", "admin", "2026-06-01T02:00:00Z")]);
    assert!(changes[0]["entry"].as_str().unwrap().contains("cron = \"0 8 * * *\""), "{changes}");
    problem(served.get("/api/v1/jobs/none/changes").await, 404, "not-found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_of_a_job_are_told_with_field_and_mend() {
    let served = Served::new(PULLED).await;
    let faulty =
        json!({"basin": "../lake", "cron": "0 26 * * *", "publish": ["opn"], "aproval": "automatic", "retries": 1.5});
    let told = problem(put(&served, "hourly", None, &faulty).await, 422, "unreadable").await;
    let faults = told["faults"].as_array().unwrap();
    let fields: Vec<&str> = faults.iter().map(|fault| fault["field"].as_str().unwrap()).collect();
    for field in ["aproval", "basin", "cron", "publish", "retries"] {
        assert!(fields.contains(&field), "{field}: {told}");
    }
    let of = |field: &str| faults.iter().find(|fault| fault["field"] == field).unwrap();
    assert!(of("cron")["message"].as_str().unwrap().contains("field 2 (hour): `26`"), "{told}");
    assert!(of("publish")["mend"].as_str().unwrap().contains("did you mean `open`?"), "{told}");
    for body in [json!({"id": "other", "basin": "lake", "cron": "@daily"}), json!({"basin": null}), json!([])] {
        problem(put(&served, "hourly", None, &body).await, 422, "unreadable").await;
    }
    problem(put(&served, "two%20words", None, &json!({"basin": "lake", "cron": "@daily"})).await, 422, "unreadable").await;
    assert_eq!(served.json("/api/v1/jobs").await.as_array().unwrap().len(), 1);

    // What was sound when it was put, and is not here any more, does not run and says why; the others go on.
    std::fs::create_dir(served.made.path().join("pond")).unwrap();
    let basin = served.made.path().join("pond/basin.toml");
    std::fs::copy(served.made.path().join("lake/basin.toml"), &basin).unwrap();
    let pond = json!({"basin": "pond", "cron": "@daily"});
    assert_eq!(put(&served, "pond", None, &pond).await.status(), 201);
    std::fs::remove_file(&basin).unwrap();
    let (_keep, stop) = watch::channel(false);
    let anew = served.made.service("anew");
    served.made.clock.set(at("2026-06-01 06:00"));
    anew.beat(&stop).await;
    assert_eq!(anew.office().jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["daily"]);
    assert_eq!(served.made.states().await, [State::Published]);
    // An instance that looks anew tells it where it is asked.
    assert_eq!(put(&served, "other", None, &json!({"basin": "lake", "cron": "@daily"})).await.status(), 201);
    let told = problem(served.get("/api/v1/jobs/pond").await, 409, "conflict").await;
    assert_eq!(told["faults"][0]["field"], "basin", "{told}");
    let taken = served.request("admin", "DELETE", "/api/v1/jobs/pond").send().await.unwrap();
    assert_eq!(taken.status(), 204, "it can be taken out all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_admins_at_once_one_is_first() {
    let served = Served::new(PULLED).await;
    let tag = etag(&served, "daily").await;
    let bodies: Vec<Value> = (0..8).map(|hour| json!({"basin": "lake", "cron": format!("0 {hour} * * *")})).collect();
    let puts = bodies.iter().map(|body| put(&served, "daily", Some(("If-Match", &tag)), body));
    let answers = futures_util::future::join_all(puts).await;
    let of = |status: u16| answers.iter().filter(|answer| answer.status() == status).count();
    assert_eq!((of(200), of(412)), (1, 7));
    assert_eq!(served.json("/api/v1/jobs/daily/changes").await.as_array().unwrap().len(), 1);
}
