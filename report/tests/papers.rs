//! The day's tables filled from templates, read again by another reader of workbooks than wrote them.

#![allow(clippy::unwrap_used, reason = "tests")]

mod made_up;

use std::io::Cursor;

use made_up::{changed, document, empty};
use umya_spreadsheet::structs::{DefinedName, HorizontalAlignmentValues, Workbook};
use weir_model::document::{Audience, Order, PlanDocument};
use weir_report::Beside;
use weir_report::papers::{OrderSheet, PREFIX, check_day_tables, day_tables, lists::LISTS, names, order_sheet};

fn read(bytes: &[u8]) -> Workbook {
    umya_spreadsheet::reader::xlsx::read_reader(Cursor::new(bytes), true).unwrap()
}

fn bytes(book: &Workbook) -> Vec<u8> {
    let mut out = Vec::new();
    umya_spreadsheet::writer::xlsx::write_writer(book, &mut out).unwrap();
    out
}

/// Texts of all cells of a sheet, by row.
fn cells(book: &Workbook, sheet: &str) -> Vec<String> {
    let sheet = book.sheet_by_name(sheet).unwrap();
    let (columns, rows) = sheet.highest_column_and_row();
    let row = |row: u32| (1..=columns).map(|column| sheet.value((column, row))).collect::<Vec<_>>().join("|");
    (1..=rows).map(row).collect()
}

/// A workbook of an office's own: sheets with cells, and names.
fn template(cells: &[(&str, &str)], names: &[(&str, &str)]) -> Workbook {
    let mut book = umya_spreadsheet::new_file();
    let sheet = book.sheet_mut(0).unwrap();
    sheet.set_name("日报");
    for (cell, text) in cells {
        match text.strip_prefix('=') {
            Some(formula) => drop(sheet.cell_mut(*cell).set_formula(formula)),
            None => drop(sheet.cell_mut(*cell).set_value_string(*text)),
        }
    }
    for (name, address) in names {
        let mut defined = DefinedName::default();
        defined.set_name(*name);
        defined.set_address(*address);
        book.add_defined_names(defined);
    }
    book
}

fn filled(book: &Workbook, plan: &PlanDocument) -> Workbook {
    read(&day_tables(plan, &Beside::default(), Some(&bytes(book))).unwrap())
}

fn refused(book: &Workbook) -> String {
    day_tables(&document(), &Beside::default(), Some(&bytes(book))).unwrap_err().join("\n")
}

#[test]
fn the_built_in_tables_hold_the_plan() {
    let written = day_tables(&document(), &Beside::default(), None).unwrap();
    assert_eq!(written, day_tables(&document(), &Beside::default(), None).unwrap(), "the same bytes");
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("day.xlsx"), &written).unwrap();
    let book = read(&written);
    let day = cells(&book, "日调度计划表").join("\n");
    for said in ["上库|135.77|—|—|42780|", "2026年11月1日", "下库电站|发电|14|121", "东县水厂|东县|", "达标"]
    {
        assert!(day.contains(said), "{said}: {day}");
    }
    let months = cells(&book, "旬月计划").join("\n");
    for said in ["2026年12月|上库|", "2026年11月上旬|下库|", "2026年12月中旬|东县|工业|"] {
        assert!(months.contains(said), "{said}: {months}");
    }
    let accounts = cells(&book, "用水总量进度").join("\n");
    assert!(accounts.contains("东县取水许可|2026年|9000|7200|1400|400|0.956|8600|预警"), "{accounts}");
    assert!(cells(&book, "计划执行对照").join("\n").contains("无|"), "nothing stands beside the plan");
    for sheet in book.sheet_collection() {
        let all = cells(&book, sheet.name()).join("\n");
        assert!(!all.contains("hm") && !all.contains("NaN"), "{all}");
    }
    assert_eq!(cells(&book, "简报").len(), 12, "title, heads, and a sentence a row");
}

#[test]
fn the_built_in_template_names_what_there_is() {
    let template = weir_report::papers::built_in_day_tables().unwrap();
    check_day_tables(&template).unwrap();
    let book = read(&template);
    let known = |name: &str| {
        book.defined_names().iter().any(|own| own.name() == name)
            || book.sheet_collection().iter().any(|sheet| sheet.defined_names().iter().any(|own| own.name() == name))
    };
    for list in LISTS.iter().filter(|list| !["orders", "steps"].contains(&list.word)) {
        for column in list.columns {
            let name = format!("{PREFIX}{}.{}", list.word, column.word);
            assert!(known(&name), "{name}");
        }
    }
    assert!(day_tables(&empty(), &Beside::default(), None).is_ok());
}

#[test]
fn an_offices_own_template_keeps_its_looks() {
    let mut book = template(
        &[
            ("A1", "某某流域日报"),
            ("A3", "水位"),
            ("A6", "合计"),
            ("B6", "=SUM(B5:B5)"),
            ("C5", "=B5/10000"),
            ("D6", "=B6+B5"),
            ("A8", "制表人"),
        ],
        &[
            ("weir.date", "日报!$B$1"),
            ("weir.upper.level", "日报!$B$3"),
            ("WEIR.upper.storage.end", "日报!$C$3"),
            ("weir.accounts.name", "日报!$A$5"),
            ("weir.accounts.limit", "日报!$B$5"),
            ("weir.river.flow.series", "日报!$F$5"),
            ("其他", "日报!$A$8"),
        ],
    );
    let sheet = book.sheet_mut(0).unwrap();
    sheet.style_mut("B5").font_mut().set_bold(true);
    sheet.style_mut("B5").number_format_mut().set_format_code("#,##0.0");
    sheet.style_mut("A8").alignment_mut().set_horizontal(HorizontalAlignmentValues::Right);
    sheet.add_merge_cells("A1:A2").add_merge_cells("D5:E5").add_merge_cells("A8:C8");
    let plan = changed(|content| {
        content.horizon.starts.truncate(4);
        content.horizon.lengths_s.truncate(4);
        content.series.iter_mut().for_each(|row| row.values.truncate(if row.quantity == "flow" { 4 } else { 5 }));
    });
    let given = filled(&book, &plan);
    let sheet = given.sheet(0).unwrap();
    assert_eq!((sheet.value("B1"), sheet.value("B3")), ("2026年11月1日".to_owned(), "135.77".to_owned()));
    // Two accounts, four steps: three rows more than the template has.
    assert_eq!([sheet.value("A5"), sheet.value("A6"), sheet.value("A7")], ["东县取水许可", "西县用水总量", ""]);
    assert_eq!([sheet.value("B5"), sheet.value("B6")], ["9000", "6000"]);
    assert_eq!(["F5", "F8"].map(|cell| sheet.value_number(cell).unwrap()), [20.0, 23.32]);
    assert_eq!((sheet.value("A9"), sheet.value("A11")), ("合计".to_owned(), "制表人".to_owned()));
    // What looks at the list looks at all of it.
    assert_eq!((sheet.cell("B9").unwrap().formula(), sheet.cell("D9").unwrap().formula()), ("SUM(B5:B8)", "B9+B5"));
    assert_eq!((sheet.cell("C7").unwrap().formula(), sheet.cell("C5").unwrap().formula()), ("B7/10000", "B5/10000"));
    assert!(sheet.style("B8").font().unwrap().bold());
    assert_eq!(sheet.style("B8").number_format().unwrap().format_code(), "#,##0.0");
    let merges: Vec<String> = sheet.merge_cells().iter().map(umya_spreadsheet::structs::Range::range).collect();
    for merge in ["A1:A2", "D5:E5", "D6:E6", "D8:E8", "A11:C11"] {
        assert!(merges.contains(&merge.to_owned()), "{merge}: {merges:?}");
    }
    assert_eq!(merges.len(), 6);
}

#[test]
fn yesterdays_plan_is_set_against_what_came_of_it() {
    // Yesterday's plan: the same, a day before, with a metre more in the upper reservoir.
    let yesterday = changed(|content| {
        let moved = |time: &str| {
            let local: jiff::civil::DateTime = time.strip_suffix("+08:00").unwrap().parse().unwrap();
            format!("{}+08:00", local - jiff::ToSpan::days(1))
        };
        content.horizon.starts = content.horizon.starts.iter().map(|time| moved(time)).collect();
        content.horizon.end = moved(&content.horizon.end);
        let level = content.series.iter_mut().find(|row| row.address == "upper" && row.quantity == "level").unwrap();
        level.values[1] = Some(136.77);
    });
    let beside = Beside { yesterday: Some(yesterday), ..Beside::default() };
    let book = read(&day_tables(&document(), &beside, None).unwrap());
    let said = cells(&book, "计划执行对照").join("\n");
    assert!(said.contains("上库|水位|2026年10月31日24时|m|136.77|135.77|-1|"), "{said}");
    assert!(said.contains("上库|蓄水量|2026年10月31日24时|万m³|"), "{said}");
    let day = cells(&book, "日调度计划表").join("\n");
    assert!(day.contains("上库|135.77|0|—|"), "{day}");
}

#[test]
fn a_list_takes_the_room_that_it_is_given() {
    let names = [("weir.accounts.name", "日报!$A$2:$A$9"), ("weir.warnings.name", "日报!$C$2:$C$9")];
    let book = template(&[("A10", "下一行")], &names);
    let given = filled(&book, &changed(|content| content.warnings.clear()));
    let sheet = given.sheet(0).unwrap();
    assert_eq!(
        [sheet.value("A2"), sheet.value("A4"), sheet.value("A10"), sheet.value("C2")],
        ["东县取水许可", "", "下一行", ""]
    );
    let alone = template(&[], &[("weir.warnings.name", "日报!$C$2")]);
    let given = filled(&alone, &changed(|content| content.warnings.clear()));
    assert_eq!(given.sheet(0).unwrap().value("C2"), "无", "a list of nothing says so");
}

#[test]
fn every_fault_of_a_template_is_told_at_once() {
    let book = template(
        &[],
        &[
            ("weir.uper.level", "日报!$A$1"),
            ("weir.dat", "日报!$A$1"),
            ("weir.accounts.limt", "日报!$A$1"),
            ("weir.upper.levl", "日报!$A$1"),
            ("weir.upper.inflow.day_end", "日报!$A$1"),
        ],
    );
    let said = refused(&book);
    for part in [
        "the name `weir.uper.level` means nothing: the plan has no series `uper.level`; did you mean `weir.upper.level`?",
        "the name `weir.dat` means nothing; did you mean `weir.date`?",
        "the list `accounts` has no column `limt`; did you mean `limit`?",
        "`levl` is no quantity of a series; did you mean `level`?",
        "`day_end` is of states, and this is a flow",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = check_day_tables(&bytes(&book)).unwrap_err();
    assert_eq!(said.len(), 3, "what no plan could mend: {said:?}");
    let said = refused(&template(&[], &[("weir.date", "去年!$A$1"), ("weir.mode", "日报!$A$1,日报!$B$1")]));
    assert!(said.contains("leads to the sheet `去年`, which is not there"), "{said}");
    assert!(said.contains("leads to several areas"), "{said}");
    for (template, why) in [(&b"no zip"[..], "is no office file"), (&order_sheet::built_in().unwrap(), "is no workbook")] {
        let said = day_tables(&document(), &Beside::default(), Some(template)).unwrap_err();
        assert!(said[0].contains(why), "{said:?}");
    }
}

#[test]
fn of_a_plan_for_the_public_no_table_tells_of_the_river() {
    let public = document().for_audience(Audience::Public);
    let book = read(&day_tables(&public, &Beside::default(), None).unwrap());
    let all: String = book.sheet_collection().iter().map(|sheet| cells(&book, sheet.name()).join("\n")).collect();
    assert!(!all.contains("上库") && !all.contains("135.77"), "{all}");
    assert!(all.contains("东县水厂"), "{all}");
}

#[test]
fn the_guide_has_every_name_and_placeholder() {
    let guide = include_str!("../../docs/papers.md");
    let columns = LISTS.iter().flat_map(|list| list.columns.iter().map(|column| column.word).chain([list.word]));
    let words = columns.chain(names::WORDS).chain(names::SUFFIXES.map(|(word, _)| word));
    for word in words.chain(order_sheet::PLACEHOLDERS.map(|(word, _)| word)) {
        assert!(guide.contains(&format!("`{word}`")), "docs/papers.md has no `{word}`");
    }
}

#[test]
fn an_order_sheet_says_what_is_to_be_done() {
    let order = Order {
        id: "gate".to_owned(),
        unit: "水库管理站".to_owned(),
        object: "上库出库".to_owned(),
        on: "upper.outflow".to_owned(),
        execute_at: "2026-11-01T08:00:00+08:00".to_owned(),
        until: "2026-11-02T00:00:00+08:00".to_owned(),
        needed_m3s: 17.2,
        flow_m3s: 20.0,
        kept: false,
        setting: "20 m³/s".to_owned(),
        copies: vec!["水利局".to_owned(), "电站".to_owned()],
    };
    let plan = document();
    let draft = OrderSheet {
        id: "made_up-日-1-gate",
        number: "",
        state: "drafted",
        drafted_by: "daily",
        signed_by: "",
        signed_at: None,
        order: &order,
        plan: &plan,
    };
    let signed = OrderSheet {
        number: "made_up调〔2026〕1号",
        state: "signed",
        signed_by: "李",
        signed_at: Some("2026-11-01T07:05:00+08:00".to_owned()),
        ..draft.clone()
    };
    let text = |sheet: &OrderSheet<'_>| {
        let bytes = sheet.document(None).unwrap();
        std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.docx", sheet.state)), &bytes)
            .unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        std::io::read_to_string(archive.by_name("word/document.xml").unwrap()).unwrap()
    };
    let said = text(&signed);
    for part in
        ["made_up调〔2026〕1号", "2026年11月1日8时", "2026年11月1日24时", "20 m³/s", "水利局、电站", "2026年11月1日7时5分"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("{{") && !said.contains("拟稿</w:t></w:r></w:p><w:p>"));
    let said = text(&draft);
    assert!(said.contains(">拟稿</w:t>") && !said.contains("〔2026〕") && said.contains('—'), "{said}");
}
