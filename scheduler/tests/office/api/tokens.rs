//! Tokens hold until they end or are revoked, and are told once.

use serde_json::{Value, json};
use weir_scheduler::tokens::Role;

use super::served::{PULLED, Served};
use crate::made::at;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_used_ended_and_revoked() {
    let served = Served::new(PULLED).await;
    let new = json!({"name": "王工", "role": "signer", "days": 2});
    let (status, made) = served.post("admin", "/api/v1/tokens", &new).await;
    assert_eq!(status, 201);
    let secret = made["token"].as_str().unwrap().to_owned();
    assert_eq!(made["expires"], "2026-06-02T04:00:00Z");
    let ask = || async { served.bare("GET", "/api/v1/plans").bearer_auth(&secret).send().await.unwrap() };
    assert_eq!(ask().await.status(), 200);
    assert_eq!(served.post("admin", "/api/v1/tokens", &new).await.0, 409, "one name, one token");
    let list = served.request("admin", "GET", "/api/v1/tokens").send().await.unwrap().text().await.unwrap();
    assert!(list.contains("王工") && !list.contains(&secret[5..20]), "{list}");
    let held = served.made.store.tokens().await.unwrap();
    assert!(held.iter().all(|token| !token.digest.contains(&secret[5..20]) && token.digest.len() == 64));
    // Its time is over.
    served.made.clock.set(at("2026-06-02 12:00"));
    let ended = ask().await;
    assert_eq!(ended.status(), 401);
    assert!(ended.json::<Value>().await.unwrap()["detail"].as_str().unwrap().contains("ended at"));
    // The same person has another, which is revoked.
    let (_, made) = served.post("admin", "/api/v1/tokens", &new).await;
    let secret = made["token"].as_str().unwrap().to_owned();
    let ask = || async { served.bare("GET", "/api/v1/plans").bearer_auth(&secret).send().await.unwrap() };
    assert_eq!(ask().await.status(), 200);
    let revoke = || async { served.request("admin", "DELETE", "/api/v1/tokens/王工").send().await.unwrap().status() };
    assert_eq!(revoke().await, 204);
    let revoked = ask().await;
    assert_eq!(revoked.status(), 401);
    assert!(revoked.json::<Value>().await.unwrap()["detail"].as_str().unwrap().contains("was revoked"));
    assert_eq!(revoke().await, 404);
    let calls: Value = served.request("admin", "GET", "/api/v1/calls").send().await.unwrap().json().await.unwrap();
    let calls: Vec<(i64, &str)> = calls["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| (call["status"].as_i64().unwrap(), call["method"].as_str().unwrap()))
        .collect();
    assert_eq!(calls, [(404, "DELETE"), (204, "DELETE"), (201, "POST"), (409, "POST"), (201, "POST")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_not_two_by_another_token() {
    let served = Served::new(&PULLED.replace("automatic", "signed")).await;
    served.beat_at("2026-06-01 06:00").await;
    let store = &served.made.store;
    let (now, later) = (at("2026-06-01 06:00"), at("2026-07-01 06:00"));
    let act = |secret: String, step: &str| {
        served.bare("POST", &format!("/api/v1/plans/lake-日-1/{step}")).bearer_auth(secret).json(&json!({})).send()
    };
    let first = store.new_token("li", Role::Reviewer, later, "test", now).await.unwrap();
    assert_eq!(act(first, "review").await.unwrap().status(), 200);
    store.revoke_token("li", "test", now).await.unwrap();
    let second = store.new_token("li", Role::Signer, later, "test", now).await.unwrap();
    let refused = act(second, "sign").await.unwrap();
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.unwrap().contains("three people"));
}
