//! Tables in a PostgreSQL database that dies and comes back.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::made::Made;
use crate::receiver::{ALL, back, jobs, mornings, withdrawn_and_failed};
use crate::server::Server;

async fn texts(url: &str, query: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_hold_every_plan_in_order_over_an_outage() {
    let Some(server) = Server::new() else { return };
    let url = format!("{}/postgres", server.url());
    let stations = "schema = \"dispatch\"\nstations = { lake = \"70803600\" }\nunit_name = \"示范调度科\"";
    let made = Made::new(&jobs(&format!("kind = \"postgres\"\nurl = \"{url}\"\n{stations}"))).await;
    mornings(&made, async || server.stop()).await;
    server.start();
    back(&made).await;
    let plans = "SELECT revision || ' ' || status FROM dispatch.weir_plan ORDER BY revision";
    assert_eq!(texts(&url, plans).await, ["1 superseded", "2 superseded", "3 in_force"]);
    let document = made.json("published/lake/日/3/plan.json");
    let mut series = document["content"]["series"].as_array().unwrap().iter();
    let storage = series.find(|row| row["address"] == "lake" && row["quantity"] == "storage").unwrap();
    let mut wanted: Vec<f64> = storage["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    let query = "SELECT value::text FROM dispatch.weir_in_force_series WHERE address = 'lake' AND quantity = 'storage' ORDER BY time";
    let told = query.replace("weir_in_force_series WHERE", "weir_series WHERE plan = 'lake-日-3' AND");
    let values = |texts: Vec<String>| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<f64>>();
    assert_eq!(values(texts(&url, &told).await), wanted);
    assert!(texts(&url, query).await.is_empty(), "the plan's days are over by the database's clock");
    texts(&url, "UPDATE dispatch.weir_plan SET valid_to = 'infinity' RETURNING plan").await;
    assert_eq!(values(texts(&url, query).await), wanted, "only the last is in force");
    let station =
        "SELECT w::text FROM dispatch.st_reglat_f WHERE stcd = '70803600' AND iymdh = '2026-06-03 06:00' ORDER BY ymdh";
    wanted.remove(0);
    let told = values(texts(&url, station).await);
    assert!(told.len() == 3 && told.iter().zip(&wanted).all(|(told, wanted)| (told - wanted).abs() < 1e-9), "{told:?}");
    let times =
        "SELECT ymdh::text || ' ' || plcd || ' ' || unitname FROM dispatch.st_reglat_f ORDER BY iymdh DESC, ymdh LIMIT 1";
    assert_eq!(texts(&url, times).await, ["2026-06-04 00:00:00 lake-日 示范调度科"], "in local time");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let refused = sqlx::query("DELETE FROM dispatch.weir_in_force").execute(&mut connection).await.unwrap_err();
    assert!(refused.to_string().contains("cannot delete from view"), "{refused}");

    withdrawn_and_failed(&made).await;
    assert_eq!(texts(&url, plans).await, ["1 superseded", "2 superseded", "3 withdrawn"]);
    assert!(texts(&url, "SELECT plan FROM dispatch.weir_in_force").await.is_empty());
    let keys = texts(&url, "SELECT key FROM dispatch.weir_message ORDER BY sequence").await;
    assert_eq!(keys, ALL);
}
