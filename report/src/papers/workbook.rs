//! A workbook filled from a template: cells that bear a name are given what the name says, and lists grow downwards.
//!
//! Names are the workbook's own defined names that begin with `weir.`; others are left alone. A name of one value fills its cell.
//! Names of a list that begin in the same row of a sheet are one list: it takes the rows that they span, and where it is longer,
//! rows are inserted below them that look like the last one; formulas, charts, merges and formats below follow. A list of nothing
//! says 无 in its first cell.
//! Fails: no workbook, a name that means nothing, one that leads to no cell or to several areas, a sheet that is not there. All
//! faults are told at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::names::{Meaning, Names};
use super::package::Package;
use super::references::{Insertion, Reference};
use super::sheet::{self, Cell};
use super::xml::{Element, Node, Tree};

/// Names that begin so are filled.
pub const PREFIX: &str = "weir.";
const WORKBOOK: &str = "xl/workbook.xml";
/// The last row that a sheet can have.
const LAST_ROW: u32 = 1_048_576;

/// A name of the template and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    name: String,
    sheet: usize,
    column: u32,
    /// First and last row.
    rows: (u32, u32),
}

/// Columns of a list, with what is to stand in them.
type List = Vec<(Named, Vec<Cell>)>;

/// A template, read.
struct Book {
    package: Package,
    workbook: Tree,
    /// Name, part and content of each sheet.
    sheets: Vec<(String, String, Tree)>,
}

impl Book {
    fn read(template: &[u8]) -> Result<Self, Vec<String>> {
        Self::open(template).map_err(|why| vec![why])
    }

    fn open(template: &[u8]) -> Result<Self, String> {
        let package = Package::read(template)?;
        if package.part(WORKBOOK).is_none() {
            return Err("is no workbook (.xlsx)".to_owned());
        }
        let workbook = package.tree(WORKBOOK)?;
        let relations = package.relations(WORKBOOK)?;
        let mut sheets = Vec::new();
        for element in workbook.root.find("sheets").into_iter().flat_map(Element::elements) {
            let name = element.attribute("name").unwrap_or_default();
            let id = element.attributes.iter().find(|(key, _)| key == "id" || key.ends_with(":id")).map(|(_, id)| id);
            let part = relations.iter().find(|(own, _, _)| Some(own) == id).map(|(_, _, part)| part.clone());
            let part = part.ok_or_else(|| format!("sheet `{name}` has no part"))?;
            let mut tree = package.tree(&part)?;
            sheet::place(&mut tree);
            sheets.push((name, part, tree));
        }
        Ok(Self { package, workbook, sheets })
    }

    /// The names to be filled, in the file's order.
    fn named(&self) -> Result<Vec<Named>, Vec<String>> {
        let names = self.workbook.root.find("definedNames").into_iter().flat_map(Element::elements);
        let (mut found, mut faults) = (Vec::new(), Vec::new());
        for element in names {
            let name = element.attribute("name").unwrap_or_default();
            if !name.to_lowercase().starts_with(PREFIX) {
                continue;
            }
            match self.place(&element.inner_text()) {
                Ok((sheet, column, rows)) => found.push(Named { name, sheet, column, rows }),
                Err(why) => faults.push(format!("the name `{name}` {why}")),
            }
        }
        if faults.is_empty() { Ok(found) } else { Err(faults) }
    }

    /// Where a name leads: sheet, column, first and last row.
    fn place(&self, address: &str) -> Result<(usize, u32, (u32, u32)), String> {
        let none = || format!("leads to no cell: `{address}`");
        let (sheet, area) = address.rsplit_once('!').ok_or_else(none)?;
        if area.contains(',') || sheet.contains(',') {
            return Err(format!("leads to several areas: `{address}`; give it one"));
        }
        let bare = sheet.strip_prefix('\'').and_then(|sheet| sheet.strip_suffix('\''));
        let bare = bare.map_or_else(|| sheet.to_owned(), |sheet| sheet.replace("''", "'"));
        let place = self.sheets.iter().position(|(name, _, _)| *name == bare);
        let place = place.ok_or_else(|| format!("leads to the sheet `{bare}`, which is not there: `{address}`"))?;
        let (from, to) = area.split_once(':').unwrap_or((area, area));
        let (from, to) = Reference::of(from).zip(Reference::of(to)).ok_or_else(none)?;
        Ok((place, from.column_number(), (from.row, to.row)))
    }
}

/// What is wrong with a template, as far as it can be told without a plan.
///
/// # Errors
/// All faults.
pub fn check(template: &[u8]) -> Result<(), Vec<String>> {
    let faults = Book::read(template)?.named()?.iter().filter_map(|named| super::names::refused(&named.name)).collect();
    told(faults)
}

fn told(faults: Vec<String>) -> Result<(), Vec<String>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Fills a template.
///
/// # Errors
/// All faults of the template.
pub fn fill(template: &[u8], names: &Names<'_>) -> Result<Vec<u8>, Vec<String>> {
    let mut book = Book::read(template)?;
    let mut faults = Vec::new();
    // Lists by sheet and first row, the lowest first: what is inserted for one moves none that is still to come.
    let mut lists: BTreeMap<(usize, Reverse<u32>), List> = BTreeMap::new();
    for named in book.named()? {
        match names.meaning(&named.name) {
            Ok(Meaning::One(cell)) => sheet::set(&mut book.sheets[named.sheet].2, (named.column, named.rows.0), &cell),
            Ok(Meaning::List(cells)) => {
                lists.entry((named.sheet, Reverse(named.rows.0))).or_default().push((named, cells));
            }
            Err(why) => faults.push(why),
        }
    }
    told(faults)?;
    for ((place, Reverse(first)), list) in lists {
        let last = list.iter().map(|(named, _)| named.rows.1).max().unwrap_or(first);
        let needed = list.iter().map(|(_, cells)| cells.len()).max().unwrap_or_default() as u32;
        let (room, used) = (last - first + 1, (last - first).saturating_add(needed));
        if first.saturating_add(used) > LAST_ROW {
            let sheet = &book.sheets[place].0;
            return Err(vec![format!(
                "the list at row {first} of the sheet `{sheet}` has {needed} rows: too many for a sheet"
            )]);
        }
        if needed > room {
            let sheet = book.sheets[place].0.clone();
            grow(&mut book, &Insertion { sheet, first, at: last + 1, rows: needed - room }).map_err(|why| vec![why])?;
        }
        let nothing = list.iter().all(|(_, cells)| cells.is_empty());
        for (index, (named, cells)) in list.iter().enumerate() {
            for offset in 0..room.max(needed) {
                let cell = match cells.get(offset as usize) {
                    Some(cell) => cell.clone(),
                    None if nothing && index == 0 && offset == 0 => Cell::Text("无".to_owned()),
                    None => Cell::Empty,
                };
                sheet::set(&mut book.sheets[place].2, (named.column, first + offset), &cell);
            }
        }
    }
    finish(book).map_err(|why| vec![why])
}

/// Inserts rows, and lets all that refers to the rows below follow.
fn grow(book: &mut Book, rows: &Insertion) -> Result<(), String> {
    for (name, part, tree) in &mut book.sheets {
        sheet::insert(tree, name, rows);
        if *name != rows.sheet {
            continue;
        }
        for (_, kind, target) in book.package.relations(part)? {
            match kind.rsplit('/').next() {
                Some("drawing") => {
                    let mut drawing = book.package.tree(&target)?;
                    sheet::move_drawing(&mut drawing, rows);
                    book.package.put(&target, &drawing);
                }
                Some("table" | "comments") => {
                    let mut hanging = book.package.tree(&target)?;
                    sheet::move_areas(&mut hanging.root, rows);
                    book.package.put(&target, &hanging);
                }
                _ => {}
            }
        }
    }
    for part in book.package.names().iter().filter(|part| part.starts_with("xl/charts/chart")) {
        let mut chart = book.package.tree(part)?;
        sheet::move_chart(&mut chart, rows);
        book.package.put(part, &chart);
    }
    if let Some(names) = book.workbook.root.find_mut("definedNames") {
        for element in names.elements_mut() {
            let moved = rows.formula(&element.inner_text(), "");
            element.set_text(&moved);
        }
    }
    Ok(())
}

/// Writes the parts back; formulas are worked out by whoever opens the file.
fn finish(mut book: Book) -> Result<Vec<u8>, String> {
    for (_, part, tree) in &mut book.sheets {
        sheet::forget_results(tree);
        book.package.put(part, tree);
    }
    let root = &mut book.workbook.root;
    if let Some(calculation) = root.find_mut("calcPr") {
        calculation.set("fullCalcOnLoad", "1");
    } else {
        let name = root.name.rsplit_once(':').map_or_else(|| "calcPr".to_owned(), |(prefix, _)| format!("{prefix}:calcPr"));
        let after = ["definedNames", "externalReferences", "functionGroups", "sheets"];
        let is = |node: &Node, local: &str| matches!(node, Node::Element(element) if element.local() == local);
        let place = after.iter().find_map(|local| root.children.iter().position(|node| is(node, local)));
        let calculation = Element::new(&name).with("fullCalcOnLoad", "1");
        root.children.insert(place.map_or(root.children.len(), |place| place + 1), Node::Element(calculation));
    }
    book.package.put(WORKBOOK, &book.workbook);
    // The order in which formulas were last worked out: it names cells that have moved.
    let chain = book.package.relations(WORKBOOK)?.into_iter().find(|(_, kind, _)| kind.ends_with("/calcChain"));
    if let Some((id, _, part)) = chain {
        book.package.remove(&part);
        for (list, key, value) in
            [("xl/_rels/workbook.xml.rels", "Id", id), ("[Content_Types].xml", "PartName", format!("/{part}"))]
        {
            let mut tree = book.package.tree(list)?;
            let gone =
                |node: &Node| matches!(node, Node::Element(element) if element.attribute(key).as_ref() == Some(&value));
            tree.root.children.retain(|node| !gone(node));
            book.package.put(list, &tree);
        }
    }
    book.package.write()
}
