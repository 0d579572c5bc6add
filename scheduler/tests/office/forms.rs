//! The forms in which the folder and the API hand on a plan's series: what is published can be gathered again, to the same numbers.

use weir_model::document::{Audience, PlanDocument};
use weir_report::pi_xml::pi_xml;

use crate::gathering::{BROOK, degraded, drop_file, plan, series};
use crate::made::{DAILY, LAKE, Made};

const BOTH: &str = "path = \"published\"\nalso = [\"pi_xml\", \"parquet\"]\n";
/// The first day, then two and two at once: steps of two lengths.
const UNEVEN: &str = "steps = [\"1 x 1 d\", \"2 x 2 d\"]";
const EVEN: &str = "steps = [\"3 x 1 d\"]";

/// An office over the lake with its brook, of these steps.
async fn office(steps: &str, flow: &str, inputs: &str, named: &str) -> Made {
    let jobs = DAILY.replace("path = \"published\"\n", BOTH);
    let made = Made::new(&format!("{jobs}inputs = [{named}]\nretries = 0\n{inputs}")).await;
    let basin = format!("{LAKE}{BROOK}").replace(EVEN, steps).replace("flow_m3s = 5", flow);
    std::fs::write(made.path().join("lake/basin.toml"), basin).unwrap();
    std::fs::create_dir(made.path().join("inbox")).unwrap();
    made
}

/// Two inputs of a kind: the brook's flow and the lake's level.
fn inputs(kind: &str, flow: &str, level: &str) -> String {
    format!(
        "[[input]]\nid = \"flow\"\nto = \"brook.flow_m3s\"\nfall_back = \"none\"\ngap_h = 48\n{kind}\n{flow}\n\
         [[input]]\nid = \"level\"\nto = \"lake.initial_level_m\"\nfall_back = \"none\"\ngap_h = 48\n{kind}\n{level}\n"
    )
}

/// Publishes with one office and gathers with another, the next day or the same: flow and level of the second are the first's.
async fn there_and_back(steps: &str, file: &str, inputs: &str) {
    let given = office(steps, "flow_m3s = 7.123456789012345", "", "").await;
    given.beat_at("2026-06-01 06:00").await;
    let published = given.path().join("published/lake/日/1").join(file);
    let taken = office(steps, "flow_m3s = 1", inputs, "\"flow\", \"level\"").await;
    std::fs::copy(published, taken.path().join("inbox").join(file)).unwrap();
    taken.beat_at("2026-06-01 06:00").await;
    assert!(taken.path().join("published/lake/日/1").exists(), "{:?}", taken.runs().await);
    let (first, second) = (plan(&given, 1), plan(&taken, 1));
    assert_eq!(degraded(&second), [""; 0]);
    for address in ["brook.inflow", "lake", "town"] {
        let of = |plan: &serde_json::Value| series(plan, address);
        assert_eq!(of(&first), of(&second), "{address}");
    }
    assert_eq!(second["inputs"]["start"], first["inputs"]["start"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pi_xml_that_is_published_can_be_gathered() {
    let inputs = inputs(
        "kind = \"pi_xml\"\nfile = \"inbox/series.xml\"",
        "location = \"brook.inflow\"\nparameter = \"flow\"",
        "location = \"lake\"\nparameter = \"level\"",
    );
    there_and_back(EVEN, "series.xml", &inputs).await;
    there_and_back(UNEVEN, "series.xml", &inputs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_that_is_published_can_be_gathered() {
    let kind = "kind = \"parquet\"\nfile = \"inbox/series.parquet\"\ntime = \"time\"\ncolumn = \"value\"";
    let inputs = inputs(
        kind,
        "unit = \"m3/s\"\nwhere = { address = \"brook.inflow\", quantity = \"flow\" }",
        "unit = \"m\"\nwhere = { address = \"lake\", quantity = \"level\" }",
    );
    there_and_back(EVEN, "series.parquet", &inputs).await;
    there_and_back(UNEVEN, "series.parquet", &inputs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_uneven_means_tells_no_beginning() {
    let made = office(
        UNEVEN,
        "flow_m3s = 1",
        &inputs(
            "kind = \"pi_xml\"\nfile = \"inbox/series.xml\"",
            "location = \"brook.inflow\"\nparameter = \"flow\"\n",
            "location = \"lake\"\nparameter = \"level\"",
        )
        .replace("\"none\"", "\"basin\""),
        "\"flow\", \"level\"",
    )
    .await;
    made.beat_at("2026-06-01 06:00").await;
    let published = std::fs::read_to_string(made.path().join("published/lake/日/1/series.xml")).unwrap();
    drop_file(&made, "series.xml", &published.replacen("value=\"NaN\" flag=\"9\"", "value=\"3.5\" flag=\"0\"", 40));
    made.beat_at("2026-06-02 06:00").await;
    let told = degraded(&plan(&made, 2)).concat();
    assert!(told.contains("the first of a nonequidistant series tells no beginning, left out"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_hands_on_pi_xml_by_audience() {
    let served = crate::api::served::Served::new(DAILY).await;
    served.beat_at("2026-06-01 06:00").await;
    let document: PlanDocument = served.made.store.document("lake-日-1").await.unwrap();
    let answer = served.get("/api/v1/plans/lake-日-1/series.xml").await;
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/xml"));
    let text = answer.text().await.unwrap();
    assert_eq!(text, pi_xml(&document.for_audience(Audience::Internal)));
    assert!(text.contains("<parameterId>level</parameterId>") && text.contains("<timeZone>8.0</timeZone>"), "{text}");
    let public = served.get("/api/v1/plans/lake-日-1/series.xml?audience=公开").await.text().await.unwrap();
    assert!(public.contains("<parameterId>supply</parameterId>") && !public.contains("<parameterId>level"), "{public}");
}

#[test]
fn a_form_that_is_none_is_refused() {
    let jobs = DAILY.replace("path = \"published\"\n", "path = \"published\"\nalso = [\"pixml\", \"netcdf\"]\n");
    let said = weir_scheduler::job::Office::parse(&jobs, &|_| true).unwrap_err().to_string();
    assert!(said.contains("`also`: unknown form `pixml`") && said.contains("did you mean `pi_xml`?"), "{said}");
    assert!(said.contains("unknown form `netcdf`"), "{said}");
}
