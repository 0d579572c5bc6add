//! References to cells as formulas write them, moved where rows are inserted: `B5`, `$B$5:$D$9`, `'日计划'!B5`.
//!
//! A reference at or below the place moves down; a range that ends in the last row above it and begins within the rows that grow
//! is extended, so that a sum below a list sums the whole list.
//! Limits: references to whole rows (`5:9`) and tables' columns (`表1[列]`) stand as they are.

/// Rows that are inserted into a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// The sheet.
    pub sheet: String,
    /// First row of the list that grows, from 1.
    pub first: u32,
    /// First row that moves down: the one below the list.
    pub at: u32,
    /// How many.
    pub rows: u32,
}

impl Insertion {
    /// Where a row goes.
    pub const fn row(&self, row: u32) -> u32 {
        if row >= self.at { row + self.rows } else { row }
    }

    /// Where the last row of a range goes.
    const fn last(&self, first: u32, last: u32) -> u32 {
        if last + 1 == self.at && first >= self.first && first <= last { last + self.rows } else { self.row(last) }
    }

    /// A list of areas without sheet names, such as `A1:B2 C5`: with `grow`, ranges that end with the list are extended, also those of one row.
    pub fn areas(&self, text: &str, grow: bool) -> String {
        let area = |area: &str| {
            let (from, to) = area.split_once(':').unwrap_or((area, area));
            let (Some(mut from), Some(mut to)) = (Reference::of(from), Reference::of(to)) else { return area.to_owned() };
            (from.row, to.row) = (self.row(from.row), if grow { self.last(from.row, to.row) } else { self.row(to.row) });
            if from == to { from.text() } else { format!("{}:{}", from.text(), to.text()) }
        };
        text.split(' ').map(area).collect::<Vec<_>>().join(" ")
    }

    /// A formula on a sheet.
    pub fn formula(&self, formula: &str, on: &str) -> String {
        mapped(formula, &mut |sheet, from, to| {
            if sheet.unwrap_or(on) != self.sheet {
                return;
            }
            match to {
                Some(to) => to.row = self.last(from.row, to.row),
                None => return from.row = self.row(from.row),
            }
            from.row = self.row(from.row);
        })
    }
}

/// A formula as it stands when it is copied so many rows down.
pub fn copied(formula: &str, down: u32) -> String {
    mapped(formula, &mut |_, from, to| {
        for reference in std::iter::once(from).chain(to) {
            if !reference.row_fixed {
                reference.row += down;
            }
        }
    })
}

/// A reference to a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Column in letters, with `$` where it is fixed.
    pub column: String,
    /// Row, from 1.
    pub row: u32,
    /// `$` before the row.
    pub row_fixed: bool,
}

impl Reference {
    /// The reference that a text is.
    pub fn of(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| c.is_ascii_digit())?;
        let (column, row) = text.split_at(digits);
        let (column, row_fixed) = match column.strip_suffix('$') {
            Some(column) => (column, true),
            None => (column, false),
        };
        let letters = column.strip_prefix('$').unwrap_or(column);
        let is_column = (1..=3).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_row = row.len() <= 7 && row.bytes().all(|byte| byte.is_ascii_digit());
        let row = row.parse().ok().filter(|row| *row > 0 && is_row && is_column)?;
        Some(Self { column: column.to_owned(), row, row_fixed })
    }

    /// As formulas write it.
    pub fn text(&self) -> String {
        format!("{}{}{}", self.column, if self.row_fixed { "$" } else { "" }, self.row)
    }

    /// Number of its column, from 1.
    pub fn column_number(&self) -> u32 {
        let letters = self.column.bytes().filter(u8::is_ascii_alphabetic);
        letters.fold(0, |number, letter| number * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    }
}

/// Letters of a column's number, from 1.
pub fn letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        letters.push(char::from(b'A' + ((column - 1) % 26) as u8));
        column = (column - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A word of a formula.
#[derive(Debug)]
enum Token<'a> {
    /// A name, number, reference or sheet.
    Word(&'a str),
    /// What stands between words.
    Other(&'a str),
}

/// The words of a formula; texts between quotation marks are none.
fn tokens(formula: &str) -> Vec<Token<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\' | '?');
    let mut found = Vec::new();
    let mut rest = formula;
    while let Some(first) = rest.chars().next() {
        let (length, word) = match first {
            '"' => (quoted(rest, '"'), false),
            '\'' => (quoted(rest, '\''), true),
            '[' => (rest.find(']').map_or(rest.len(), |end| end + 1), true),
            c if is_word(c) => (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true),
            c => (c.len_utf8(), false),
        };
        let (token, after) = rest.split_at(length);
        found.push(if word { Token::Word(token) } else { Token::Other(token) });
        rest = after;
    }
    found
}

/// Length of a quoted text, in which the mark twice stands for itself.
fn quoted(text: &str, mark: char) -> usize {
    let mut ends = text.match_indices(mark).map(|(at, _)| at).skip(1).peekable();
    while let Some(end) = ends.next() {
        match ends.peek() {
            Some(next) if *next == end + 1 => drop(ends.next()),
            _ => return end + 1,
        }
    }
    text.len()
}

/// Changes a reference, given the sheet that it names and the end where it is a range.
type Change<'a> = dyn FnMut(Option<&str>, &mut Reference, Option<&mut Reference>) + 'a;

/// A formula with its references changed: what is given is the sheet, the reference, and the end where it is a range.
fn mapped(formula: &str, change: &mut Change<'_>) -> String {
    let tokens = tokens(formula);
    let mut out = String::with_capacity(formula.len());
    let mut sheet: Option<String> = None;
    let mut place = 0;
    let other = |place: usize| match tokens.get(place) {
        Some(Token::Other(text)) => Some(*text),
        _ => None,
    };
    let reference = |place: usize| match tokens.get(place) {
        Some(Token::Word(word)) if !matches!(other(place + 1), Some("(" | "!")) => Reference::of(word),
        _ => None,
    };
    while place < tokens.len() {
        match &tokens[place] {
            Token::Word(word) if other(place + 1) == Some("!") => {
                let bare = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\''));
                // A sheet of another file stands behind its name in brackets.
                let foreign = place > 0 && matches!(&tokens[place - 1], Token::Word(before) if before.ends_with(']'));
                sheet = Some(if foreign { "[]".to_owned() } else { bare.unwrap_or(word).replace("''", "'") });
                out.push_str(word);
                out.push('!');
                place += 2;
                continue;
            }
            Token::Word(word) => match reference(place) {
                Some(mut from) => {
                    let mut to = (other(place + 1) == Some(":")).then(|| reference(place + 2)).flatten();
                    change(sheet.as_deref(), &mut from, to.as_mut());
                    out.push_str(&from.text());
                    if let Some(to) = to {
                        out.push(':');
                        out.push_str(&to.text());
                        place += 2;
                    }
                }
                None => out.push_str(word),
            },
            Token::Other(text) => out.push_str(text),
        }
        sheet = None;
        place += 1;
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn formulas_follow_the_rows() {
        let three = Insertion { sheet: "日计划".to_owned(), first: 5, at: 6, rows: 3 };
        for (formula, wanted) in [
            ("SUM(B5:B5)", "SUM(B5:B8)"),
            ("SUM($B$5:$B$5)+B6-B4", "SUM($B$5:$B$8)+B9-B4"),
            ("SUM(B2:B9)", "SUM(B2:B12)"),
            // What begins above the list was not meant to grow with it.
            ("SUM(B2:B5)", "SUM(B2:B5)"),
            ("B5*2", "B5*2"),
            ("LOG10(B6)&\"B6 \"\"B6\"&B7", "LOG10(B9)&\"B6 \"\"B6\"&B10"),
            ("'日计划'!A6+日计划!A6+其他!A6+'it''s'!A6", "'日计划'!A9+日计划!A9+其他!A6+'it''s'!A6"),
            ("[1]日计划!A6+weir.A6+A6A", "[1]日计划!A6+weir.A6+A6A"),
            ("A6:C7", "A9:C10"),
        ] {
            assert_eq!(three.formula(formula, "日计划"), wanted);
        }
        assert_eq!(three.formula("A6+日计划!A6", "其他"), "A6+日计划!A9");
        assert_eq!(three.areas("A5:C5 D6 E1", true), "A5:C8 D9 E1");
        assert_eq!(three.areas("A5:C5", false), "A5:C5");
    }

    #[test]
    fn a_copied_formula_looks_at_its_own_row() {
        assert_eq!(copied("C5-D5*$E$2+C$5", 2), "C7-D7*$E$2+C$5");
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([1, 26, 27, 703].map(letters), ["A", "Z", "AA", "AAA"]);
        assert_eq!(Reference::of("$AB$12").unwrap().column_number(), 28);
        assert!(Reference::of("weir12").is_none() && Reference::of("A0").is_none() && Reference::of("12").is_none());
    }
}
