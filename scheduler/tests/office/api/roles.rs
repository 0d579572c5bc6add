//! Every route asks of its caller what its entry in the document says, and the entries are these.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::served::{PULLED, Served};

const ROLES: [&str; 5] = ["viewer", "engineer", "reviewer", "signer", "admin"];

/// Who may: `open` for everybody, `all` for every token.
const MAY: &[(&str, &str)] = &[
    ("DELETE /api/v1/jobs/{job}", "admin"),
    ("DELETE /api/v1/tokens/{name}", "admin"),
    ("GET /api/v1/calls", "admin"),
    ("GET /api/v1/commands", "all"),
    ("GET /api/v1/events", "all"),
    ("GET /api/v1/in-force/{product}/{term}", "all"),
    ("GET /api/v1/jobs", "all"),
    ("GET /api/v1/jobs/{job}", "all"),
    ("GET /api/v1/jobs/{job}/changes", "all"),
    ("GET /api/v1/jobs/{job}/next", "all"),
    ("GET /api/v1/messages", "all"),
    ("GET /api/v1/openapi.json", "open"),
    ("GET /api/v1/outbox", "all"),
    ("GET /api/v1/plans", "all"),
    ("GET /api/v1/plans/{plan}", "all"),
    ("GET /api/v1/plans/{plan}/brief", "all"),
    ("GET /api/v1/plans/{plan}/changes", "all"),
    ("GET /api/v1/plans/{plan}/day.xlsx", "all"),
    ("GET /api/v1/plans/{plan}/deviations", "all"),
    ("GET /api/v1/plans/{plan}/diff", "all"),
    ("GET /api/v1/plans/{plan}/report.html", "all"),
    ("GET /api/v1/plans/{plan}/series.csv", "all"),
    ("GET /api/v1/plans/{plan}/series.xml", "all"),
    ("GET /api/v1/runs", "all"),
    ("GET /api/v1/runs/{run}", "all"),
    ("GET /api/v1/runs/{run}/comparison", "all"),
    ("GET /api/v1/runs/{run}/comparison.html", "all"),
    ("GET /api/v1/tokens", "admin"),
    ("GET /health/live", "open"),
    ("GET /health/ready", "open"),
    ("GET /metrics", "all"),
    ("POST /api/v1/commands", "engineer reviewer signer"),
    ("POST /api/v1/commands/{command}/end", "engineer reviewer signer"),
    ("POST /api/v1/jobs/{job}/fire", "engineer"),
    ("POST /api/v1/jobs/{job}/give-back", "admin"),
    ("POST /api/v1/plans/{plan}/amend", "engineer"),
    ("POST /api/v1/plans/{plan}/publish", "engineer"),
    ("POST /api/v1/plans/{plan}/review", "reviewer"),
    ("POST /api/v1/plans/{plan}/sign", "signer"),
    ("POST /api/v1/plans/{plan}/withdraw", "reviewer signer"),
    ("POST /api/v1/runs/{run}/cancel", "engineer"),
    ("POST /api/v1/runs/{run}/choose", "engineer reviewer"),
    ("POST /api/v1/runs/{run}/retry", "engineer"),
    ("POST /api/v1/tokens", "admin"),
    ("PUT /api/v1/jobs/{job}", "admin"),
];

/// Who may by the document: a requirement without roles is any token's.
fn of(operation: &Value) -> String {
    let Some(alternatives) = operation["security"].as_array() else { return "open".to_owned() };
    let roles: Vec<&str> =
        alternatives.iter().flat_map(|one| one["token"].as_array().unwrap()).map(|role| role.as_str().unwrap()).collect();
    if roles.is_empty() { "all".to_owned() } else { roles.join(" ") }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_what_its_entry_says() {
    let served = Served::new(PULLED).await;
    let document: Value = served.bare("GET", "/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let mut may: BTreeMap<String, String> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            may.insert(format!("{} {path}", method.to_uppercase()), of(operation));
            assert_eq!(
                operation["responses"]["default"]["content"].as_object().unwrap().keys().next().unwrap(),
                "application/problem+json"
            );
        }
    }
    let wanted: BTreeMap<String, String> = MAY.iter().map(|(route, may)| ((*route).to_owned(), (*may).to_owned())).collect();
    assert_eq!(may, wanted);
    for (route, may) in MAY {
        let (method, path) = route.split_once(' ').unwrap();
        let path: String =
            path.split('/').map(|part| if part.starts_with('{') { "/x" } else { part }).fold(String::new(), |path, part| {
                if part.is_empty() { path } else { format!("{path}/{}", part.trim_start_matches('/')) }
            });
        let body = json!({});
        let bare = served.bare(method, &path).json(&body).send().await.unwrap();
        assert_eq!(bare.status() == 401, *may != "open", "{route} without a token: {}", bare.status());
        let wrong = served.bare(method, &path).bearer_auth("weir_x").json(&body).send().await.unwrap();
        assert_eq!(wrong.status() == 401, *may != "open", "{route} with a wrong token: {}", wrong.status());
        for role in ROLES {
            let status = served.request(role, method, &path).json(&body).send().await.unwrap().status();
            let allowed = matches!(*may, "open" | "all") || may.split(' ').any(|may| may == role);
            assert_eq!(status != 403, allowed, "{route} as {role}: {status}");
            assert!(status != 401 && !status.is_server_error(), "{route} as {role}: {status}");
        }
    }
    // Each write was written down, with how it was answered.
    let calls: Value = served.request("admin", "GET", "/api/v1/calls?most=500").send().await.unwrap().json().await.unwrap();
    let calls = calls["items"].as_array().unwrap();
    let writes = MAY.iter().filter(|(route, _)| !route.starts_with("GET")).count();
    assert_eq!(calls.len(), writes * ROLES.len());
    assert!(calls.iter().all(|call| call["status"].as_i64().unwrap() >= 400), "{calls:?}");
    assert!(calls.iter().any(|call| call["name"] == "viewer" && call["status"] == 403));
}
