//! Inputs from an SL 323 database, and the inflow that its levels and outflows give back.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use weir_scheduler::ledger::State;

use crate::gathering::{degraded, office, plan, series};
use crate::server::Server;

/// ST_RSVR_R as deployments have it, codes filled up with blanks; 0.0864 hm³ a day are 1 m³/s, and the lake has 1 hm³ a metre.
const TABLES: &str = "CREATE TABLE st_rsvr_r (stcd char(8) NOT NULL, tm timestamp NOT NULL, rz numeric(8,4), inq numeric(9,3), \
     w numeric(9,3), otq numeric(9,3), rwptn char(1), PRIMARY KEY (stcd, tm)); \
     CREATE TABLE \"ST_RIVER_R\" (\"STCD\" varchar(8), \"TM\" timestamptz, \"Z\" numeric, \"Q\" numeric); \
     CREATE TABLE forecast (issued timestamp, at timestamp, q numeric); \
     INSERT INTO st_rsvr_r (stcd, tm, rz, otq, rwptn) VALUES \
     ('70803', '2026-05-30 00:00', 12.0, 2, '5'), ('70803', '2026-05-31 00:00', 12.432, 2, '4'), \
     ('70803', '2026-06-01 00:00', 12.0864, 2, '5'), ('70803', '2026-06-01 05:00', 12.0864, NULL, '6'), ('99999', '2026-06-01 05:00', 3, 1, '6'); \
     INSERT INTO \"ST_RIVER_R\" VALUES ('70805', '2026-06-01 01:00+08', 3.2, 4.5), ('70805', '2026-06-01 04:00+08', 3.1, 4.0); \
     INSERT INTO forecast VALUES ('2026-05-31', '2026-06-01', 1), ('2026-06-01 05:00', '2026-06-01', 7.5), ('2026-06-01 05:00', '2026-06-02', 9), \
     ('2026-06-01 05:00', '2026-06-03', NULL)";

fn inputs(url: &str) -> String {
    format!(
        r#"
[[input]]
id = "level"
kind = "sql"
url = "{url}"
table = "ST_RSVR_R"
station = "70803"
column = "RZ"
to = "lake.initial_level_m"
fresh_h = 6

[[input]]
id = "forecast"
kind = "sql"
url = "{url}"
query = "SELECT at AS time, q AS value FROM forecast WHERE issued = (SELECT max(issued) FROM forecast WHERE issued <= {{now}});"
to = "brook.flow_m3s"

[[input]]
id = "outflow"
kind = "sql"
url = "{url}"
table = "st_rsvr_r"
station = "70803"
column = "OTQ"
unit = "m3/s"

[[input]]
id = "back"
kind = "back_computed"
reservoir = "lake"
level = "level"
outflow = "outflow"
to = "brook.flow_m3s"
hold_h = 720
"#
    )
}

async fn database() -> Option<(Server, String)> {
    let server = Server::new()?;
    let url = format!("{}/postgres", server.url());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    connection.execute(AssertSqlSafe(TABLES)).await.unwrap();
    Some((server, url))
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_sl_323_are_read_as_they_are() {
    let Some((server, url)) = database().await else { return };
    let made = office(&inputs(&url), "\"level\", \"forecast\"").await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Published], "{:?}", made.runs().await);
    let first = plan(&made, 1);
    assert_eq!(first["inputs"]["start"][0]["level_m"].as_f64(), Some(12.0864));
    assert_eq!(series(&first, "brook.inflow"), [7.5, 9.0, 5.0], "of the newest issue; what is missing is the basin's");
    assert_eq!(first["inputs"]["gathered"][0]["source"].as_str(), Some("ST_RSVR_R.RZ of 70803"));
    assert!(first["inputs"]["gathered"][1]["notes"].to_string().contains("1 values are missing"), "{first}");
    assert_eq!(degraded(&first), [""; 0]);
    server.stop();
    made.beat_at("2026-06-02 06:00").await;
    assert_eq!(made.states().await, [State::Published, State::Failed], "no fall-back was named");
    assert!(made.runs().await[1].reason.contains("input `level`: missing: database:"), "{:?}", made.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn quoted_names_and_times_with_offsets_are_understood() {
    let Some((_server, url)) = database().await else { return };
    let river = format!(
        "\n[[input]]\nid = \"river\"\nkind = \"sql\"\nurl = \"{url}\"\ntable = \"ST_RIVER_R\"\nstation = \"70805\"\ncolumn = \"Q\"\n\
         to = \"brook.flow_m3s\"\nfall_back = \"last\"\ncovers_h = 24\n"
    );
    let made = office(&river, "\"river\"").await;
    made.beat_at("2026-06-01 06:00").await;
    let plan = plan(&made, 1);
    assert_eq!(series(&plan, "brook.inflow"), [4.0; 3], "the last holds");
    assert!(
        degraded(&plan)[0].contains("late: it reaches without a gap to 2026-06-01T00:00:00+08:00"),
        "{:?}",
        degraded(&plan)
    );
    let wrong = river.replace("\"Q\"", "\"QQ\"").replace("\nstation = \"70805\"", "");
    let said = weir_scheduler::job::Office::parse(&wrong, &|_| true).unwrap_err().to_string();
    assert!(said.contains("ST_RIVER_R has no values in `QQ`") && said.contains("station"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_and_outflow_give_the_inflow_back() {
    let Some((_server, url)) = database().await else { return };
    // +0.432 hm³ in a day are 5 m³/s, −0.3456 are −4; 2 m³/s leave: 7 and −2, and the last holds.
    let made = office(&inputs(&url), "\"back\"").await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Published], "{:?}", made.runs().await);
    let first = plan(&made, 1);
    assert_eq!(series(&first, "brook.inflow"), [-2.0, -2.0, -2.0]);
    let rows = first["inputs"]["gathered"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "with the two that it was computed from: {rows:?}");
    assert!(rows[0]["notes"].to_string().contains("1 negative values kept, the least -2.00"), "{rows:?}");
    assert_eq!(
        first["inputs"]["start"][0]["level_m"].as_f64(),
        Some(10.0),
        "its level is not laid, the job does not name it"
    );
    // Smoothed over three days the volume stays: 7 − 2 of two days as (7 + 7 − 2) ÷ 3 and (7 − 2 − 2) ÷ 3.
    let smooth = inputs(&url).replace("hold_h = 720", "hold_h = 720\nsmooth_h = 72");
    let made = office(&smooth, "\"back\"").await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(series(&plan(&made, 1), "brook.inflow"), [1.0, 1.0, 1.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_the_storage_does_not_bear_out_is_refused() {
    let Some((_server, url)) = database().await else { return };
    // Computed back 7 and −2 m³/s, 2.5 in the mean; observed 4 and 1 as well, or 4 and 9.
    for (second, told) in [(1.0, None), (9.0, Some("its mean of 48 h is 6.50 m³/s, that of `back` 2.50; 1.5 is the limit"))]
    {
        let observed = format!(
            "{}\n[[input]]\nid = \"observed\"\nkind = \"csv\"\nfile = \"inbox/observed.csv\"\ncolumn = \"q\"\nto = \"brook.flow_m3s\"\n\
             hold_h = 720\nbalance = {{ with = \"back\", within_m3s = 1.5 }}\nfall_back = \"basin\"\n",
            inputs(&url)
        );
        let made = office(&observed, "\"observed\"").await;
        crate::gathering::drop_file(&made, "observed.csv", &format!("time,q\n2026-05-30,4\n2026-05-31,{second}\n"));
        made.beat_at("2026-06-01 06:00").await;
        let plan = plan(&made, 1);
        match told {
            None => assert_eq!((series(&plan, "brook.inflow"), degraded(&plan)), (vec![1.0; 3], Vec::new())),
            Some(told) => {
                assert!(degraded(&plan)[0].contains(told), "{:?}", degraded(&plan));
                assert_eq!(series(&plan, "brook.inflow"), [5.0; 3]);
            }
        }
    }
}
