//! Parts of a comparison: lines with a cell a column, as text and as tables of a page.

use comfy_table::Table as Lines;
use comfy_table::presets::NOTHING;
use maud::{Markup, html};

use crate::language::{Language, Phrase};

/// A line of the comparison: what it tells, and a cell a column.
pub(crate) struct Line {
    pub(crate) name: Phrase,
    pub(crate) cells: Vec<Option<Told>>,
}

/// What a cell tells: a number, more of it where there is more, and the class that gives it its colour.
pub(crate) struct Told {
    pub(crate) number: String,
    pub(crate) more: Option<Phrase>,
    pub(crate) class: Option<&'static str>,
}

impl From<String> for Told {
    fn from(number: String) -> Self {
        Self { number, more: None, class: None }
    }
}

impl Told {
    fn say(&self, language: Language) -> String {
        match (&self.more, language) {
            (None, _) => self.number.clone(),
            (Some(more), Language::Chinese) => format!("{}（{}）", self.number, more.chinese),
            (Some(more), Language::English) => format!("{} ({})", self.number, more.english),
        }
    }
}

/// A part of the comparison.
pub(crate) struct Part {
    pub(crate) title: Phrase,
    pub(crate) lines: Vec<Line>,
    /// Its cells have colours.
    pub(crate) coloured: bool,
}

impl Part {
    /// Its table on a page, under the columns' heads.
    pub(crate) fn rows(&self, heads: &[&Phrase]) -> Markup {
        html! {
            div.scroll {
                table.methods {
                    thead { tr { th {} @for head in heads { th.number { (head) } } } }
                    tbody {
                        @for line in &self.lines {
                            tr {
                                th scope="row" { (line.name) }
                                @for cell in &line.cells { (table_cell(cell.as_ref())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table_cell(cell: Option<&Told>) -> Markup {
    let Some(cell) = cell else { return html! { td.number { "—" } } };
    let class = cell.class.map_or_else(|| "number".to_owned(), |class| format!("number cell-{class}"));
    html! { td.(class) { (cell.number) @if let Some(more) = &cell.more { span.aside { (more) } } } }
}

/// Parts for a terminal.
pub(crate) fn text(parts: &[Part], heads: &[&str], language: Language) -> String {
    let mut out = String::new();
    for part in parts {
        out.push_str(part.title.say(language));
        out.push('\n');
        let mut lines = Lines::new();
        lines.load_preset(NOTHING);
        lines.set_header(std::iter::once("").chain(heads.iter().copied()));
        for line in &part.lines {
            let cells =
                line.cells.iter().map(|cell| cell.as_ref().map_or_else(|| "—".to_owned(), |cell| cell.say(language)));
            lines.add_row(std::iter::once(line.name.say(language).to_owned()).chain(cells));
        }
        for line in lines.to_string().lines() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out.push('\n');
    }
    out
}
