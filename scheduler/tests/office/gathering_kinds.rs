//! Inputs of the other kinds, each from a real part: workbooks, an HTTP server, PI-XML, Parquet files, an MQTT broker.

use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rumqttc::mqttbytes::QoS;
use rumqttc::{AsyncClient, MqttOptions, PublishOptions};
use serde_json::json;
use weir_scheduler::ledger::State;

use crate::brokers::Broker;
use crate::gathering::{degraded, drop_file, office, plan, series};
use crate::made::Made;

/// The forecast of the brook by an input of some kind.
fn brook(kind: &str) -> String {
    format!("\n[[input]]\nid = \"forecast\"\nto = \"brook.flow_m3s\"\nfall_back = \"basin\"\n{kind}\n")
}

/// An office that gathers the brook's forecast.
async fn gathers(kind: &str) -> Made {
    office(&brook(kind), "\"forecast\"").await
}

const WORKBOOK: &str = "kind = \"xlsx\"\nfile = \"inbox/日报.xlsx\"\ncolumn = [\"珊溪水库\", \"入库流量\"]";

/// A day's report: merged headings, units in them, dates as dates and as texts, a dash, a sum below.
fn workbook(made: &Made, unit: &str, first: &str) {
    let mut book = umya_spreadsheet::new_file();
    let sheet = book.sheet_mut(0).unwrap();
    for (cell, text) in [
        ("A1", "水情日报"),
        ("A2", "时间"),
        ("B2", "赵山渡水库"),
        ("C2", "珊溪水库"),
        ("B3", "入库流量(m³/s)"),
        ("C3", "水位（m）"),
        ("A6", "2026年6月3日"),
        ("D6", "—"),
        ("A7", "合计"),
        ("D7", "17"),
    ] {
        sheet.cell_mut(cell).set_value_string(text);
    }
    sheet.cell_mut("D3").set_value_string(format!("入库流量({unit})"));
    for area in ["A1:D1", "A2:A3", "C2:D2"] {
        sheet.add_merge_cells(area);
    }
    // 46174 is 1 June 2026.
    for (row, day) in [(4, 46_174.0), (5, 46_175.0)] {
        let cell = sheet.cell_mut(format!("A{row}"));
        cell.set_value_number(day);
        cell.style_mut().number_format_mut().set_format_code("yyyy-mm-dd");
    }
    sheet.cell_mut("C4").set_value_number(130.0);
    match first.parse::<f64>() {
        Ok(number) => drop(sheet.cell_mut("D4").set_value_number(number)),
        Err(_) => drop(sheet.cell_mut("D4").set_value_string(first)),
    }
    sheet.cell_mut("D5").set_value_number(9.0);
    umya_spreadsheet::writer::xlsx::write(&book, made.path().join("inbox/日报.xlsx")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_is_read_by_its_headings() {
    let made = gathers(WORKBOOK).await;
    workbook(&made, "m³/s", "8");
    made.beat_at("2026-06-01 06:00").await;
    let first = plan(&made, 1);
    assert_eq!((series(&first, "brook.inflow"), degraded(&first)), (vec![8.0, 9.0, 5.0], Vec::new()));
    let row = &first["inputs"]["gathered"][0];
    assert_eq!(row["source"].as_str(), Some("inbox/日报.xlsx: Sheet1!D 珊溪水库 / 入库流量"));
    assert!(row["notes"].to_string().contains("1 values are missing"), "{row}");
    // In L/s, and a cell that nobody understands.
    workbook(&made, "L/s", "八");
    made.beat_at("2026-06-02 06:00").await;
    let second = plan(&made, 2);
    assert_eq!(series(&second, "brook.inflow"), [0.009, 5.0, 5.0]);
    assert!(degraded(&second)[0].contains("Sheet1!D4: `八` is no number"), "{:?}", degraded(&second));
    for (unit, told) in [("m", "its source is in m, expected m3/s"), ("加仑", "Sheet1!D3: unknown unit `加仑`")] {
        workbook(&made, unit, "8");
        made.beat_at(&format!("2026-06-0{} 06:00", if unit == "m" { 3 } else { 4 })).await;
        let plans = made.runs().await.len();
        assert!(degraded(&plan(&made, plans))[0].contains(told), "{:?}", degraded(&plan(&made, plans)));
    }
    std::fs::write(made.path().join("inbox/日报.xlsx"), b"PK\x03\x04 cut off").unwrap();
    made.beat_at("2026-06-05 06:00").await;
    assert!(degraded(&plan(&made, 5))[0].contains("no workbook"), "{:?}", degraded(&plan(&made, 5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_not_there_or_twice_is_told() {
    for (column, told) in [
        ("[\"入库流量\"]", "has `入库流量` in several columns: B, D"),
        ("\"出库流量\"", "has no column `出库流量`, there are"),
    ] {
        let made = gathers(&WORKBOOK.replace("[\"珊溪水库\", \"入库流量\"]", column)).await;
        workbook(&made, "m³/s", "8");
        made.beat_at("2026-06-01 06:00").await;
        assert!(degraded(&plan(&made, 1))[0].contains(told), "{told}: {:?}", degraded(&plan(&made, 1)));
    }
}

/// A server that wants a token, and answers with flows from the start it is asked for, or else.
async fn server() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let flows = |headers: HeaderMap, Query(query): Query<std::collections::HashMap<String, String>>| async move {
        if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some("Bearer geheim") {
            return (StatusCode::UNAUTHORIZED, String::new());
        }
        let from = query["from"].clone();
        let rows = json!([{ "t": from, "q": 7 }, { "t": "2026-06-02 00:00", "q": "8.5" }, { "t": 1_780_416_000, "q": null },
            { "t": "2026-06-03 12:00", "q": true }, { "q": 3 }]);
        (StatusCode::OK, json!({ "data": { "rows": rows } }).to_string())
    };
    let lists = json!({ "time": ["2026-06-01", "2026-06-02", "2026-06-03"], "flow": [1.5, 2.5, 3.5] }).to_string();
    let router = Router::new()
        .route("/flows", get(flows))
        .route("/lists", get(|| async { lists }))
        .route("/cut", get(|| async { "{\"time\": [" }))
        .route("/away", get(|| async { (StatusCode::FOUND, [("location", "/lists")]) }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_service_answers_in_json() {
    let url = server().await;
    let rows = "rows = \"/data/rows\"\ntime = \"/t\"\nvalue = \"/q\"\nsecret_file = \"token\"";
    let made = gathers(&format!("kind = \"http\"\nurl = \"{url}/flows?from={{start}}\"\n{rows}")).await;
    std::fs::write(made.path().join("token"), "geheim\n").unwrap();
    made.beat_at("2026-06-01 06:00").await;
    let first = plan(&made, 1);
    assert_eq!(series(&first, "brook.inflow"), [7.0, 8.5, 5.0]);
    let told = degraded(&first);
    assert!(
        told[0].contains("/data/rows/3: true is no number") && told[0].contains("/data/rows/4: nothing is no time"),
        "{told:?}"
    );
    assert_eq!(first["inputs"]["gathered"][0]["source"].as_str(), Some(format!("{url}/flows").as_str()));
    std::fs::write(made.path().join("token"), "falsch").unwrap();
    made.beat_at("2026-06-02 06:00").await;
    assert!(degraded(&plan(&made, 2))[0].contains("answered 401"), "{:?}", degraded(&plan(&made, 2)));
    for (path, told) in [("lists", ""), ("cut", "no JSON"), ("away", "answered 302"), ("none", "answered 404")] {
        let made = gathers(&format!("kind = \"http\"\nurl = \"{url}/{path}\"\ntimes = \"/time\"\nvalues = \"/flow\"")).await;
        made.beat_at("2026-06-01 06:00").await;
        let plan = plan(&made, 1);
        if told.is_empty() {
            assert_eq!((series(&plan, "brook.inflow"), degraded(&plan)), (vec![1.5, 2.5, 3.5], Vec::new()));
        } else {
            assert!(degraded(&plan)[0].contains(told), "{told}: {:?}", degraded(&plan));
        }
    }
}

const PI_XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<TimeSeries xmlns="http://www.wldelft.nl/fews/PI" version="1.2">
  <timeZone>8.0</timeZone>
  <series><header><type>instantaneous</type><locationId>other</locationId><parameterId>Q.fc</parameterId></header>
    <event date="2026-06-01" time="00:00:00" value="99" flag="0"/></series>
  <series>
    <header>
      <type>mean</type><locationId>brook</locationId><parameterId>Q.fc</parameterId>
      <timeStep unit="second" multiplier="86400"/><missVal>-999.0</missVal><units>m3/s</units>
    </header>
    <event date="2026-06-02" time="00:00:00" value="7.25" flag="0"/>
    <event date="2026-06-03" time="00:00:00" value="8" flag="6"/>
    <event date="2026-06-04" time="00:00:00" value="-999.0" flag="9"/>
  </series>
</TimeSeries>
"#;

#[tokio::test(flavor = "multi_thread")]
async fn pi_xml_of_delft_fews_is_understood() {
    let made = gathers("kind = \"pi_xml\"\nfile = \"inbox/fews.xml\"\nlocation = \"brook\"\nparameter = \"Q.fc\"").await;
    drop_file(&made, "fews.xml", PI_XML);
    made.beat_at("2026-06-01 06:00").await;
    let first = plan(&made, 1);
    // The mean of 1 June is stamped at its end; what is unreliable and what is missing is the basin's.
    assert_eq!(series(&first, "brook.inflow"), [7.25, 5.0, 5.0]);
    assert!(degraded(&first)[0].contains("flag 6, unreliable, left out"), "{:?}", degraded(&first));
    assert!(first["inputs"]["gathered"][0]["notes"].to_string().contains("moved to their starts"));
    for (day, (text, told)) in [
        (PI_XML.replace("m3/s", "m"), "its source is in m, expected m3/s"),
        (PI_XML.replace("other", "brook"), "2 series, expected one"),
        (PI_XML.replace(">brook<", ">Brook<"), "has no series of location `brook`"),
        (PI_XML[..500].to_owned(), "no XML"),
        (PI_XML[..PI_XML.len() - 14].to_owned(), "ends within `TimeSeries"),
        (String::new(), "has no series"),
    ]
    .into_iter()
    .enumerate()
    {
        drop_file(&made, "fews.xml", &text);
        made.beat_at(&format!("2026-06-{:02} 06:00", day + 2)).await;
        let plan = plan(&made, day + 2);
        assert!(degraded(&plan)[0].contains(told), "{told}: {:?}", degraded(&plan));
    }
}

/// A long table: station, time as local microseconds, flow.
fn parquet_file(made: &Made) {
    let schema = "message schema { REQUIRED BYTE_ARRAY station (STRING); REQUIRED INT64 time (TIMESTAMP(MICROS,false)); \
                  REQUIRED DOUBLE flow; REQUIRED INT64 zoned (TIMESTAMP(MILLIS,true)); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = std::fs::File::create(made.path().join("inbox/flows.parquet")).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    // 1 June 2026 00:00 as if it were UTC, and as it is in Shanghai.
    let (local, day) = (1_780_272_000_i64, 86_400_i64);
    let stations = ["a", "b", "a", "a"].map(ByteArray::from);
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&stations, None, None).unwrap();
    column.close().unwrap();
    let times = [local, local, local + day, local + 2 * day].map(|seconds| seconds * 1_000_000);
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&[7.0, 99.0, 8.0, f64::NAN], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&times.map(|micros| micros / 1000 - 8 * 3_600_000), None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_parquet_file_is_read_by_its_rows() {
    for time in ["time", "zoned"] {
        let kind = format!(
            "kind = \"parquet\"\nfile = \"inbox/flows.parquet\"\ntime = \"{time}\"\ncolumn = \"flow\"\nwhere = {{ station = \"a\" }}"
        );
        let made = gathers(&kind).await;
        parquet_file(&made);
        made.beat_at("2026-06-01 06:00").await;
        let first = plan(&made, 1);
        assert_eq!((series(&first, "brook.inflow"), degraded(&first)), (vec![7.0, 8.0, 5.0], Vec::new()), "{time}");
        let whole = std::fs::read(made.path().join("inbox/flows.parquet")).unwrap();
        std::fs::write(made.path().join("inbox/flows.parquet"), &whole[..whole.len() / 2]).unwrap();
        made.beat_at("2026-06-02 06:00").await;
        assert!(degraded(&plan(&made, 2))[0].contains("no Parquet file"), "{:?}", degraded(&plan(&made, 2)));
    }
    let made = gathers("kind = \"parquet\"\nfile = \"inbox/flows.parquet\"\ntime = \"time\"\ncolumn = \"q\"").await;
    parquet_file(&made);
    made.beat_at("2026-06-01 06:00").await;
    assert!(
        degraded(&plan(&made, 1))[0].contains("no column `q`, there are station, time, flow, zoned"),
        "{:?}",
        degraded(&plan(&made, 1))
    );
}

/// Puts a retained message on a topic.
async fn retain(port: u16, topic: &str, payload: &str) {
    let (client, mut connection) = AsyncClient::builder(MqttOptions::new("gauge", ("127.0.0.1", port))).capacity(1).build();
    let options = PublishOptions::new(QoS::AtLeastOnce).retained();
    let notice = client.publish_tracked(topic, payload.to_owned(), options).await.unwrap();
    let acknowledged = notice.wait_async();
    tokio::pin!(acknowledged);
    loop {
        tokio::select! {
            done = &mut acknowledged => break drop(done.unwrap()),
            event = connection.poll() => drop(event.unwrap()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_message_is_todays_level() {
    let Some(broker) = Broker::new("mosquitto").await else { return };
    let input = format!(
        "\n[[input]]\nid = \"level\"\nkind = \"mqtt\"\nurl = \"mqtt://127.0.0.1:{}\"\ntopic = \"珊溪/level\"\ntime = \"/tm\"\nvalue = \"/rz\"\n\
         wait_s = 2\nto = \"lake.initial_level_m\"\nfresh_h = 6\nfall_back = \"basin\"\n",
        broker.port
    );
    let made = office(&input, "\"level\"").await;
    made.beat_at("2026-06-01 06:00").await;
    assert!(degraded(&plan(&made, 1))[0].contains("no message within 2 s"), "{:?}", degraded(&plan(&made, 1)));
    retain(broker.port, "珊溪/level", "{\"tm\": \"2026-06-02T05:00:00+08:00\", \"rz\": 11.5}").await;
    made.beat_at("2026-06-02 06:00").await;
    assert_eq!(made.states().await, [State::Published; 2]);
    let second = plan(&made, 2);
    assert_eq!((second["inputs"]["start"][0]["level_m"].as_f64(), degraded(&second)), (Some(11.5), Vec::new()));
    // The same message a day later is late; a number alone that was kept has no time at all.
    made.beat_at("2026-06-03 06:00").await;
    assert!(degraded(&plan(&made, 3))[0].contains("late: its newest reading"), "{:?}", degraded(&plan(&made, 3)));
    let alone = input.replace("time = \"/tm\"\nvalue = \"/rz\"\n", "");
    let made = office(&alone, "\"level\"").await;
    retain(broker.port, "珊溪/level", "12").await;
    made.beat_at("2026-06-01 06:00").await;
    assert!(degraded(&plan(&made, 1))[0].contains("kept number without its time"), "{:?}", degraded(&plan(&made, 1)));
}
