//! Papers in an office: tables and order sheets in its own templates, refused where they are at fault, and never in a plan's way.

use std::io::Cursor;

use umya_spreadsheet::structs::DefinedName;
use weir_report::papers::{built_in_day_tables, order_sheet};
use weir_scheduler::job::Office;
use weir_scheduler::orders::sheet::SheetState;
use weir_scheduler::outbox::Kind;

use crate::made::{DAILY, Made, at};
use crate::orders::{DRY, gated, into_force, jobs};

fn with(jobs: &str, more: &str) -> String {
    jobs.replace("path = \"published\"\n", &format!("path = \"published\"\n{more}"))
}

/// A workbook with a name.
fn workbook(name: &str) -> Vec<u8> {
    let mut book = umya_spreadsheet::new_file();
    let mut defined = DefinedName::default();
    defined.set_name(name);
    defined.set_address("Sheet1!$B$2");
    book.add_defined_names(defined);
    let mut bytes = Vec::new();
    umya_spreadsheet::writer::xlsx::write_writer(&book, &mut bytes).unwrap();
    bytes
}

fn value(made: &Made, path: &str, cell: &str) -> String {
    let bytes = std::fs::read(made.path().join(path)).unwrap();
    let book = umya_spreadsheet::reader::xlsx::read_reader(Cursor::new(bytes), true).unwrap();
    book.sheet(0).unwrap().value(cell)
}

fn part(made: &Made, path: &str) -> String {
    let bytes = std::fs::read(made.path().join(path)).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    std::io::read_to_string(archive.by_name("word/document.xml").unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_published_with_the_plan() {
    let jobs = with(DAILY, "also = [\"xlsx\"]\ntemplate_xlsx = \"templates/day.xlsx\"\n");
    let made = Made::with(&jobs, |folder| {
        std::fs::create_dir(folder.join("templates")).unwrap();
        std::fs::write(folder.join("templates/day.xlsx"), workbook("weir.lake.level")).unwrap();
    })
    .await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(value(&made, "published/lake/日/1/day.xlsx", "B2"), "10");
    // A series that the plan does not have: the plan is out, its tables are not, and the office is told.
    std::fs::write(made.path().join("templates/day.xlsx"), workbook("weir.lake.storage.end")).unwrap();
    made.beat_at("2026-06-02 06:00").await;
    assert!(made.path().join("published/lake/日/2/day.xlsx").exists());
    std::fs::write(made.path().join("templates/day.xlsx"), workbook("weir.lakes.level")).unwrap();
    made.beat_at("2026-06-03 06:00").await;
    assert_eq!(made.json("published/lake/日/latest.json")["revision"], 3);
    assert!(!made.path().join("published/lake/日/3/day.xlsx").exists());
    let dead = made.store.messages("dead", 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].kind), (1, Kind::Plan));
    for part in ["templates/day.xlsx: the name `weir.lakes.level` means nothing", "did you mean `weir.lake.level`?"] {
        assert!(dead[0].error.contains(part), "{}", dead[0].error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_order_has_its_sheet() {
    let made = Made::new(&with(&jobs(), "also = [\"docx\"]\n")).await;
    std::fs::write(made.path().join("lake/basin.toml"), gated(17.0, DRY)).unwrap();
    made.beat_at("2026-06-01 06:00").await;
    let sheet = made.path().join("published/lake/日/orders/lake-日-1-gate.docx");
    let (order, plan) = (made.store.order("lake-日-1-gate").await.unwrap(), made.store.document("lake-日-1").await.unwrap());
    assert!(!order.paper(&plan, None).unwrap().is_empty() && !sheet.exists(), "a draft has no sheet in the folder");
    into_force(&made, "lake-日-1", "2026-06-01 07:00").await;
    made.store.sign_order("lake-日-1-gate", "li", "", at("2026-06-01 07:05")).await.unwrap();
    made.beat_at("2026-06-01 07:05").await;
    let said = part(&made, "published/lake/日/orders/lake-日-1-gate.docx");
    for part in
        ["lake调〔2026〕1号", "水库管理站", "2026年6月1日8时", "水利局", ">li<", ">wang<", "2026年6月1日7时5分", "已签发"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    made.store.withdraw_order("lake-日-1-gate", "li", "来水有误", at("2026-06-01 07:30")).await.unwrap();
    made.beat_at("2026-06-01 07:30").await;
    assert!(part(&made, "published/lake/日/orders/lake-日-1-gate.docx").contains("已撤回，作废"));
    assert_eq!(made.store.order("lake-日-1-gate").await.unwrap().state, SheetState::Withdrawn);
}

#[test]
fn a_template_at_fault_is_refused_with_the_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    std::fs::create_dir(folder.path().join("lake")).unwrap();
    write("lake/basin.toml", b"");
    let read = |settings: &str| {
        write("jobs.toml", with(DAILY, settings).as_bytes());
        Office::read(folder.path()).map(|_| ()).map_err(|refusals| refusals.to_string())
    };
    let both = "also = [\"xlsx\", \"docx\"]\ntemplate_xlsx = \"day.xlsx\"\ntemplate_docx = \"order.docx\"\n";
    assert!(read(both).unwrap_err().contains("jobs.toml:7: element `folder`: `template_xlsx`: day.xlsx: cannot be read"));
    write("day.xlsx", &workbook("weir.dat"));
    write("order.docx", b"no document");
    let said = read(both).unwrap_err();
    for part in ["day.xlsx: the name `weir.dat` means nothing; did you mean `weir.date`?", "order.docx: is no office file"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    write("day.xlsx", &built_in_day_tables().unwrap());
    write("order.docx", &order_sheet::built_in().unwrap());
    read(both).unwrap();
    let said = read("also = [\"docx\"]\ntemplate_xlsx = \"day.xlsx\"\n").unwrap_err();
    assert!(said.contains("`template_xlsx`: nothing is made from it") && said.contains("also = [\"xlsx\"]"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_hands_on_the_tables() {
    let served = crate::api::served::Served::new(DAILY).await;
    served.beat_at("2026-06-01 06:00").await;
    let answer = served.get("/api/v1/plans/lake-日-1/day.xlsx").await;
    assert!(answer.headers()["content-type"].to_str().unwrap().ends_with("spreadsheetml.sheet"));
    let book = umya_spreadsheet::reader::xlsx::read_reader(Cursor::new(answer.bytes().await.unwrap()), true).unwrap();
    assert_eq!(book.sheet(0).unwrap().value("A1"), "日调度计划表");
    let public = served.get("/api/v1/plans/lake-日-1/day.xlsx?audience=公开").await.bytes().await.unwrap();
    let book = umya_spreadsheet::reader::xlsx::read_reader(Cursor::new(public), true).unwrap();
    let first = book.sheet(0).unwrap();
    let told: String = first.cells().iter().map(|cell| cell.value().into_owned()).collect();
    assert!(told.contains("town") && !told.contains("lake|"), "{told}");
}
