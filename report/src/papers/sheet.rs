//! A worksheet: cells set in it, and rows inserted that look like the one above them. All else of it stays.

use super::references::{Insertion, Reference, copied, letters};
use super::xml::{Element, Node, Tree};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Nothing.
    Empty,
}

/// Gives every row and cell its place, where the file leaves it to be counted.
pub fn place(sheet: &mut Tree) {
    let Some(data) = sheet.root.find_mut("sheetData") else { return };
    let mut row_number = 0;
    for row in data.elements_mut() {
        row_number = row.attribute("r").and_then(|row| row.parse().ok()).unwrap_or(row_number + 1);
        row.set("r", &row_number.to_string());
        let mut column = 0;
        for cell in row.elements_mut() {
            let own = cell.attribute("r").and_then(|cell| Reference::of(&cell));
            column = own.map_or(column + 1, |own| own.column_number());
            cell.set("r", &format!("{}{row_number}", letters(column)));
        }
    }
}

fn number_of(row: &Element) -> u32 {
    row.attribute("r").and_then(|row| row.parse().ok()).unwrap_or_default()
}

fn column_of(cell: &Element) -> u32 {
    cell.attribute("r").and_then(|cell| Reference::of(&cell)).map_or(0, |cell| cell.column_number())
}

/// The element of a number among others in rising order, made where it is missing.
fn entry(within: &mut Element, number: u32, of: fn(&Element) -> u32, made: Element) -> Option<&mut Element> {
    let mut place = within.children.len();
    let mut found = false;
    for (index, node) in within.children.iter().enumerate() {
        let Node::Element(element) = node else { continue };
        let own = of(element);
        if own >= number {
            (place, found) = (index, own == number);
            break;
        }
    }
    if !found {
        within.children.insert(place, Node::Element(made));
    }
    match within.children.get_mut(place) {
        Some(Node::Element(element)) => Some(element),
        _ => None,
    }
}

/// The prefix of a sheet's elements: most files have none.
fn prefixed(root: &Element, local: &str) -> String {
    root.name.rsplit_once(':').map_or_else(|| local.to_owned(), |(prefix, _)| format!("{prefix}:{local}"))
}

/// Sets a cell; its format stays. A formula that stood there is gone.
pub fn set(sheet: &mut Tree, (column, row): (u32, u32), value: &Cell) {
    let [row_name, cell_name, text_name, inline, number] =
        ["row", "c", "t", "is", "v"].map(|local| prefixed(&sheet.root, local));
    let Some(data) = sheet.root.find_mut("sheetData") else { return };
    let address = format!("{}{row}", letters(column));
    let line = entry(data, row, number_of, Element::new(&row_name).with("r", &row.to_string()));
    let cell = line.and_then(|line| entry(line, column, column_of, Element::new(&cell_name).with("r", &address)));
    let Some(cell) = cell else { return };
    cell.attributes.retain(|(name, _)| !matches!(name.as_str(), "t" | "cm" | "vm"));
    cell.children.clear();
    match value {
        Cell::Empty => {}
        Cell::Number(value) => cell.children.push(Node::Element(Element::new(&number).text(&format!("{value}")))),
        Cell::Text(text) => {
            cell.set("t", "inlineStr");
            let text = Element::new(&text_name).with("xml:space", "preserve").text(text);
            cell.children.push(Node::Element(Element::new(&inline).child(text)));
        }
    }
}

/// Forgets what formulas last gave, so that whoever opens the file works them out.
pub fn forget_results(sheet: &mut Tree) {
    let Some(data) = sheet.root.find_mut("sheetData") else { return };
    for cell in data.elements_mut().flat_map(Element::elements_mut) {
        if cell.find("f").is_some() {
            cell.children.retain(|node| !matches!(node, Node::Element(element) if element.local() == "v"));
            cell.attributes.retain(|(name, _)| name != "t");
        }
    }
}

/// Inserts rows into the sheet that they are of: formats, heights, merges and formulas of the row above the place are copied into
/// each. Of every other sheet, formulas follow.
pub fn insert(sheet: &mut Tree, name: &str, rows: &Insertion) {
    if let Some(data) = sheet.root.find_mut("sheetData") {
        for cell in data.elements_mut().flat_map(Element::elements_mut) {
            if let Some(formula) = cell.find_mut("f") {
                let moved = rows.formula(&formula.inner_text(), name);
                if !moved.is_empty() {
                    formula.set_text(&moved);
                }
            }
        }
    }
    sheet.root.visit(&mut |element| {
        let is_formula = matches!(element.local(), "formula" | "formula1" | "formula2");
        if is_formula {
            let moved = rows.formula(&element.inner_text(), name);
            element.set_text(&moved);
        }
    });
    if name != rows.sheet {
        return;
    }
    move_rows(sheet, rows);
    move_areas(&mut sheet.root, rows);
    copy_merges(sheet, rows);
}

fn move_rows(sheet: &mut Tree, rows: &Insertion) {
    let Some(data) = sheet.root.find_mut("sheetData") else { return };
    for row in data.elements_mut() {
        let number = number_of(row);
        if number >= rows.at {
            renumber(row, number + rows.rows);
        }
    }
    let above = data.elements().find(|row| number_of(row) + 1 == rows.at).cloned();
    let Some(above) = above else { return };
    for more in 1..=rows.rows {
        let number = rows.at - 1 + more;
        let mut row = above.clone();
        for cell in row.elements_mut() {
            // Of a formula that several cells share, only the first has the text.
            let own = cell.find("f").filter(|formula| formula.attribute("t").is_none()).map(Element::inner_text);
            cell.attributes.retain(|(name, _)| !matches!(name.as_str(), "t" | "cm" | "vm"));
            cell.children.clear();
            if let Some(formula) = own {
                let name = cell.name.rsplit_once(':').map_or_else(|| "f".to_owned(), |(prefix, _)| format!("{prefix}:f"));
                cell.children.push(Node::Element(Element::new(&name).text(&copied(&formula, more))));
            }
        }
        renumber(&mut row, number);
        let place = data.children.iter().position(|node| matches!(node, Node::Element(row) if number_of(row) > number));
        data.children.insert(place.unwrap_or(data.children.len()), Node::Element(row));
    }
}

fn renumber(row: &mut Element, number: u32) {
    row.set("r", &number.to_string());
    for cell in row.elements_mut() {
        let column = column_of(cell);
        cell.set("r", &format!("{}{number}", letters(column)));
    }
}

/// Moves what names areas of a sheet, or of what hangs on it: merges, conditional formats, checks of entries, filters, comments.
pub fn move_areas(root: &mut Element, rows: &Insertion) {
    root.visit(&mut |element| {
        let (local, holder) = (element.local().to_owned(), element.attribute("r").is_some());
        if matches!(local.as_str(), "c" | "row") && holder {
            return;
        }
        for key in ["ref", "sqref", "activeCell", "topLeftCell"] {
            if let Some(areas) = element.attribute(key) {
                element.set(key, &rows.areas(&areas, key == "sqref" || local == "autoFilter" || local == "table"));
            }
        }
        let line = element.attribute("id").filter(|_| local == "brk").and_then(|row| row.parse::<u32>().ok());
        if let Some(row) = line {
            element.set("id", &rows.row(row).to_string());
        }
    });
}

/// Cells that were one in the row above are one in each row inserted.
fn copy_merges(sheet: &mut Tree, rows: &Insertion) {
    let Some(merges) = sheet.root.find_mut("mergeCells") else { return };
    let above = rows.at - 1;
    let of_row = |merge: &Element| {
        let area = merge.attribute("ref")?;
        let (from, to) = area.split_once(':')?;
        let (from, to) = (Reference::of(from)?, Reference::of(to)?);
        (from.row == above && to.row == above).then_some((merge.name.clone(), from, to))
    };
    let found: Vec<_> = merges.elements().filter_map(of_row).collect();
    for (name, mut from, mut to) in found {
        for row in rows.at..rows.at + rows.rows {
            (from.row, to.row) = (row, row);
            let area = format!("{}:{}", from.text(), to.text());
            merges.children.push(Node::Element(Element::new(&name).with("ref", &area)));
        }
    }
    let count = merges.elements().count();
    merges.set("count", &count.to_string());
}

/// Moves the pictures and charts of a sheet that stand below.
pub fn move_drawing(drawing: &mut Tree, rows: &Insertion) {
    drawing.root.visit(&mut |element| {
        if element.local() == "row" {
            // Counted from 0.
            if let Ok(row) = element.inner_text().trim().parse::<u32>() {
                element.set_text(&(rows.row(row + 1) - 1).to_string());
            }
        }
    });
}

/// Moves what charts are drawn from.
pub fn move_chart(chart: &mut Tree, rows: &Insertion) {
    chart.root.visit(&mut |element| {
        if element.local() == "f" {
            let moved = rows.formula(&element.inner_text(), "");
            element.set_text(&moved);
        }
    });
}
