//! The built-in template of the day's tables: a workbook with a sheet for each, headings in Chinese, and names where the plan goes.
//!
//! It is filled as an office's own is, and a place to begin one from: `weir new --papers DIR` writes it.

use std::fmt::Write as _;

use super::lists::{Column, Kind, LISTS};
use super::package::Package;
use super::references::letters;
use super::workbook::PREFIX;
use crate::pi_xml::escaped;

/// Sheets and their lists.
const SHEETS: [(&str, &[&str]); 6] = [
    ("日调度计划表", &["reservoirs", "outlets", "supplies", "sections"]),
    ("旬月计划", &["months", "periods", "uses"]),
    ("计划执行对照", &["execution"]),
    ("用水总量进度", &["accounts"]),
    ("预警", &["warnings"]),
    ("简报", &["brief"]),
];

/// What stands in the second row of the first sheet: labels and names.
const HEAD: [(&str, &str); 5] = [("方案", "plan"), ("日期", "date"), ("至", "to"), ("模式", "mode"), ("状态", "status")];
/// What stands below the last list.
const FOOT: [(&str, &str); 4] =
    [("编制", "drafted_by"), ("审核", "reviewed_by"), ("签发", "signed_by"), ("签发时间", "issue_time")];

const CONTENT_TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
pub(super) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
pub(super) const DECLARED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Numbers of formats, in the order of the style sheet.
pub(super) mod format {
    pub const TITLE: usize = 1;
    pub const LABEL: usize = 2;
    pub const VALUE: usize = 3;
    pub const HEADING: usize = 4;
    pub const CAPTION: usize = 5;
    pub const HEAD: usize = 6;
    pub const TEXT: usize = 7;
    pub const HUNDREDTHS: usize = 8;
    pub const TENTHS: usize = 9;
    pub const SHARE: usize = 10;
    pub const CHANGE: usize = 11;
    pub const WORDS: usize = 12;
    pub const LONG: usize = 13;
}

/// The workbook's bytes.
///
/// # Errors
/// If it cannot be packed.
pub fn workbook() -> Result<Vec<u8>, String> {
    let mut names = String::new();
    let sheets: Vec<String> =
        SHEETS.iter().enumerate().map(|(place, (title, lists))| sheet(place, title, lists, &mut names)).collect();
    let titles: Vec<&str> = SHEETS.iter().map(|(title, _)| *title).collect();
    packed(&titles, &sheets, &names)
}

/// A workbook of sheets with their titles, and names that are defined in it.
///
/// # Errors
/// If it cannot be packed.
pub(super) fn packed(titles: &[&str], sheets: &[String], names: &str) -> Result<Vec<u8>, String> {
    let names = if names.is_empty() { String::new() } else { format!("<definedNames>{names}</definedNames>") };
    let (mut listed, mut relations, mut types) = (String::new(), String::new(), String::new());
    let mut tell = |number: usize, title: &str| {
        // Writing to a String does not fail.
        let _ = write!(listed, "<sheet name=\"{title}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        let _ = write!(
            relations,
            "<Relationship Id=\"rId{number}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        );
        let _ = write!(
            types,
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{CONTENT_TYPES}.worksheet+xml\"/>"
        );
    };
    for (place, title) in titles.iter().enumerate() {
        tell(place + 1, title);
    }
    let book =
        format!("{DECLARED}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets>{listed}</sheets>{names}</workbook>");
    let styled = titles.len() + 1;
    let relations = format!(
        "{DECLARED}<Relationships xmlns=\"{PACKAGE}/relationships\">{relations}\
         <Relationship Id=\"rId{styled}\" Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    let types = format!(
        "{DECLARED}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
         ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{CONTENT_TYPES}.sheet.main+xml\"/>\
         {types}<Override PartName=\"/xl/styles.xml\" ContentType=\"{CONTENT_TYPES}.styles+xml\"/></Types>"
    );
    let root = format!(
        "{DECLARED}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
         Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let styles = styles();
    let parts: Vec<String> = (1..=titles.len()).map(|number| format!("xl/worksheets/sheet{number}.xml")).collect();
    let mut all = vec![
        ("[Content_Types].xml", types.as_str()),
        ("_rels/.rels", &root),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/styles.xml", &styles),
    ];
    all.extend(parts.iter().map(String::as_str).zip(sheets.iter().map(String::as_str)));
    Package::of(&all).write()
}

/// A cell with a text, or with none.
pub(super) fn cell(out: &mut String, column: u32, row: u32, format: usize, text: &str) {
    let address = format!("{}{row}", letters(column));
    let _ = if text.is_empty() {
        write!(out, "<c r=\"{address}\" s=\"{format}\"/>")
    } else if let Some(formula) = text.strip_prefix('=') {
        write!(out, "<c r=\"{address}\" s=\"{format}\"><f>{}</f></c>", escaped(formula))
    } else {
        write!(out, "<c r=\"{address}\" s=\"{format}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text))
    };
}

/// Names stand to the left, other words in the middle, numbers to the right.
fn format_of(column: &Column) -> usize {
    match column.kind {
        Kind::Text if column.word != "name" => format::WORDS,
        Kind::Text => format::TEXT,
        Kind::Long => format::LONG,
        Kind::Hundredths => format::HUNDREDTHS,
        Kind::Tenths => format::TENTHS,
        Kind::Share => format::SHARE,
        Kind::Change => format::CHANGE,
    }
}

/// A sheet; its names are added to those of the workbook.
fn sheet(place: usize, title: &str, lists: &[&str], names: &mut String) -> String {
    let lists: Vec<_> = lists.iter().filter_map(|word| LISTS.iter().find(|list| list.word == *word)).collect();
    let columns = lists.iter().map(|list| list.columns.len()).max().unwrap_or(1);
    let wide = columns == 1;
    let span = columns.max(if wide { 1 } else { 10 }) as u32;
    let last = letters(span);
    let (mut rows, mut at) = (String::new(), 1);
    // Cells of a row, which begins the next.
    let line = |rows: &mut String, at: &mut u32, height: Option<u32>, cells: &mut String| {
        let height = height.map_or_else(String::new, |height| format!(" ht=\"{height}\" customHeight=\"1\""));
        let _ = write!(rows, "<row r=\"{at}\"{height}>{cells}</row>");
        cells.clear();
        *at += 1;
    };
    let mut name = |word: &str, column: u32, row: u32| {
        let _ = write!(names, "<definedName name=\"{PREFIX}{word}\">'{title}'!${}${row}</definedName>", letters(column));
    };
    let first = place == 0;
    let own = |address: &str| if first { String::new() } else { format!("='{}'!{address}", SHEETS[0].0) };
    let mut cells = String::new();
    cell(&mut cells, 1, 1, format::TITLE, title);
    line(&mut rows, &mut at, Some(30), &mut cells);
    // Names are the workbook's: other sheets look at the first one.
    cell(&mut cells, 1, 2, format::VALUE, &own("A2"));
    if first {
        name("title", 1, 2);
    }
    for (place, (label, word)) in HEAD.iter().enumerate().filter(|_| !wide) {
        let column = 2 + 2 * place as u32;
        if column + 1 > span {
            break;
        }
        cell(&mut cells, column, 2, format::LABEL, label);
        cell(&mut cells, column + 1, 2, format::VALUE, &own(&format!("{}2", letters(column + 1))));
        if first {
            name(word, column + 1, 2);
        }
    }
    line(&mut rows, &mut at, Some(20), &mut cells);
    cell(&mut cells, 1, 3, format::HEADING, &own("A3"));
    if first {
        name("headings", 1, 3);
    }
    line(&mut rows, &mut at, Some(20), &mut cells);
    for list in &lists {
        if lists.len() > 1 {
            cell(&mut cells, 1, at, format::CAPTION, list.title);
            line(&mut rows, &mut at, Some(20), &mut cells);
        }
        for (column, head) in (1..).zip(list.columns) {
            cell(&mut cells, column, at, format::HEAD, head.heading);
        }
        line(&mut rows, &mut at, (!wide).then_some(32), &mut cells);
        for (column, own) in (1..).zip(list.columns) {
            cell(&mut cells, column, at, format_of(own), "");
            name(&format!("{}.{}", list.word, own.word), column, at);
        }
        line(&mut rows, &mut at, (!wide).then_some(18), &mut cells);
        line(&mut rows, &mut at, None, &mut cells);
    }
    if first {
        for (place, (label, word)) in FOOT.iter().enumerate() {
            let column = 1 + 3 * place as u32;
            cell(&mut cells, column, at, format::LABEL, label);
            cell(&mut cells, column + 1, at, format::VALUE, "");
            name(word, column + 1, at);
        }
        line(&mut rows, &mut at, None, &mut cells);
    }
    let widths = if wide {
        "<col min=\"1\" max=\"1\" width=\"120\" customWidth=\"1\"/>".to_owned()
    } else {
        format!(
            "<col min=\"1\" max=\"1\" width=\"24\" customWidth=\"1\"/>\
             <col min=\"2\" max=\"{span}\" width=\"15\" customWidth=\"1\"/>"
        )
    };
    let merges = if wide {
        String::new()
    } else {
        format!("<mergeCells count=\"2\"><mergeCell ref=\"A1:{last}1\"/><mergeCell ref=\"A3:{last}3\"/></mergeCells>")
    };
    format!(
        "{DECLARED}<worksheet xmlns=\"{MAIN}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>\
         <sheetViews><sheetView showGridLines=\"0\" workbookViewId=\"0\"/></sheetViews><cols>{widths}</cols>\
         <sheetData>{rows}</sheetData>{merges}<printOptions horizontalCentered=\"1\"/>\
         <pageMargins left=\"0.5\" right=\"0.5\" top=\"0.6\" bottom=\"0.6\" header=\"0.3\" footer=\"0.3\"/>\
         <pageSetup paperSize=\"9\" orientation=\"landscape\" fitToWidth=\"1\" fitToHeight=\"0\"/>\
         <headerFooter><oddFooter>&amp;C第&amp;P页，共&amp;N页</oddFooter></headerFooter></worksheet>"
    )
}

fn styles() -> String {
    let font = |size: u32, more: &str| {
        format!("<font>{more}<sz val=\"{size}\"/><name val=\"宋体\"/><family val=\"3\"/><charset val=\"134\"/></font>")
    };
    let fonts = [
        font(11, ""),
        font(18, "<b/>"),
        font(11, "<b/>"),
        font(11, "<b/>").replace("<name", "<color rgb=\"FFB42318\"/><name"),
        font(12, "<b/>"),
    ];
    let side = |side: &str| format!("<{side} style=\"thin\"><color rgb=\"FF8C959F\"/></{side}>");
    let border = ["left", "right", "top", "bottom"].map(side).concat();
    // Format of numbers, font, fill, border, how it lies.
    let formats = [
        (0, 0, 0, 0, ""),
        (0, 1, 0, 0, "<alignment horizontal=\"center\" vertical=\"center\"/>"),
        (0, 0, 0, 0, "<alignment horizontal=\"right\" vertical=\"center\"/>"),
        (0, 0, 0, 0, "<alignment horizontal=\"left\" vertical=\"center\" shrinkToFit=\"1\"/>"),
        (0, 3, 0, 0, "<alignment horizontal=\"center\" vertical=\"center\" wrapText=\"1\"/>"),
        (0, 4, 0, 0, "<alignment vertical=\"center\"/>"),
        (0, 2, 2, 1, "<alignment horizontal=\"center\" vertical=\"center\" wrapText=\"1\"/>"),
        (0, 0, 0, 1, "<alignment vertical=\"center\" shrinkToFit=\"1\"/>"),
        (2, 0, 0, 1, "<alignment horizontal=\"right\" vertical=\"center\"/>"),
        (164, 0, 0, 1, "<alignment horizontal=\"right\" vertical=\"center\"/>"),
        (165, 0, 0, 1, "<alignment horizontal=\"right\" vertical=\"center\"/>"),
        (166, 0, 0, 1, "<alignment horizontal=\"right\" vertical=\"center\"/>"),
        (0, 0, 0, 1, "<alignment horizontal=\"center\" vertical=\"center\" shrinkToFit=\"1\"/>"),
        (0, 0, 0, 1, "<alignment vertical=\"center\" wrapText=\"1\"/>"),
    ];
    let xf = |(number, font, fill, border, lies): &(u32, u32, u32, u32, &str)| {
        format!(
            "<xf numFmtId=\"{number}\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"{border}\" xfId=\"0\" \
             applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\" applyAlignment=\"1\">{lies}</xf>"
        )
    };
    let (count, formats) = (formats.len(), formats.iter().map(xf).collect::<String>());
    format!(
        "{DECLARED}<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"3\"><numFmt numFmtId=\"164\" formatCode=\"0.0\"/>\
         <numFmt numFmtId=\"165\" formatCode=\"0.0%\"/><numFmt numFmtId=\"166\" formatCode=\"+0.00;−0.00;0.00\"/></numFmts>\
         <fonts count=\"{}\">{}</fonts><fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill>\
         <fill><patternFill patternType=\"gray125\"/></fill><fill><patternFill patternType=\"solid\">\
         <fgColor rgb=\"FFE6EEF5\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>\
         <borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border><border>{border}<diagonal/></border></borders>\
         <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
         <cellXfs count=\"{count}\">{formats}</cellXfs>\
         <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>",
        fonts.len(),
        fonts.concat()
    )
}
