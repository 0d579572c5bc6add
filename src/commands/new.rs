//! `weir new`: a basin folder made from an example that ships in the command.

use std::path::PathBuf;

use include_dir::{Dir, include_dir};

use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// The guide to basin files, which `--kinds` quotes.
const GRAMMAR: &str = include_str!("../../docs/basin-file.md");
static EXAMPLES: Dir = include_dir!("$CARGO_MANIFEST_DIR/examples");

/// Arguments of `weir new`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder to make; it must not exist or be empty.
    #[arg(required_unless_present_any = ["kinds", "papers"])]
    dir: Option<PathBuf>,
    /// Example to start from.
    #[arg(long, default_value = "feiyun")]
    example: String,
    /// List the kinds of element of a basin file, or the fields of one kind, and make nothing.
    #[arg(long, value_name = "KIND", num_args = 0..=1, default_missing_value = "")]
    kinds: Option<String>,
    /// Write the built-in templates of papers into a folder, to begin one's own from, and make nothing else.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["dir", "kinds"])]
    papers: Option<PathBuf>,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(kind) = &arguments.kinds {
        return kinds(kind);
    }
    if let Some(dir) = &arguments.papers {
        return papers(dir);
    }
    let Some(dir) = &arguments.dir else {
        return Err(Failure::Impossible("error: no folder given".to_owned()));
    };
    let Some(example) = EXAMPLES.get_dir(&arguments.example) else {
        let known: Vec<_> = EXAMPLES.dirs().filter_map(|d| d.path().to_str()).collect();
        return Err(Failure::Impossible(format!(
            "error: no example `{}`\n  hint: examples are {}",
            arguments.example,
            known.join(", ")
        )));
    };
    if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::Impossible(format!("error: {} is not empty\n  hint: name a new folder", dir.display())));
    }
    copy(example, example, dir)?;
    say(&format!("made {0} from example `{1}`\nnext: weir check {0}; weir solve {0}\n", dir.display(), arguments.example))
}

fn copy(root: &Dir, from: &Dir, to: &std::path::Path) -> Result<(), Failure> {
    for file in from.files().filter(|f| f.path().extension().is_none_or(|e| e != "rs")) {
        let place = to.join(file.path().strip_prefix(root.path()).unwrap_or(file.path()));
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
        }
        files::write(&place, file.contents())?;
    }
    from.dirs().try_for_each(|dir| copy(root, dir, to))
}

/// Writes the built-in templates, where none is yet.
fn papers(dir: &std::path::Path) -> Result<(), Failure> {
    use weir_report::papers::{built_in_day_tables, order_sheet};
    std::fs::create_dir_all(dir).map_err(|error| Failure::file("make", dir, &error))?;
    let mut made = String::new();
    for (name, template) in [("day.xlsx", built_in_day_tables()), ("order.docx", order_sheet::built_in())] {
        let place = dir.join(name);
        if place.exists() {
            let hint = "name another folder, or move it away";
            return Err(Failure::Impossible(format!("error: {} is there already\n  hint: {hint}", place.display())));
        }
        files::write(&place, &template.map_err(|why| files::refused(None, &why))?)?;
        made.push_str(&format!("{}\n", place.display()));
    }
    say(&made)
}

/// Prints the section of a kind; without one, the kinds.
fn kinds(word: &str) -> Result<(), Failure> {
    if word.is_empty() {
        let is_kind = |heading: &&str| heading.chars().all(|c| c.is_ascii_lowercase() || "_, .".contains(c));
        let kinds: Vec<&str> = sections().map(|(heading, _)| heading).filter(is_kind).collect();
        return say(&(kinds.join("\n") + "\n"));
    }
    let Some((_, text)) = sections().find(|(heading, _)| heading.split(", ").any(|kind| kind == word)) else {
        return Err(Failure::Impossible(format!("error: no kind `{word}`\n  hint: `weir new --kinds` lists them")));
    };
    say(text)
}

/// Sections of the guide to basin files, with their headings.
fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    let heading = |line: &str| line.starts_with("## ") || line.starts_with("### ");
    let starts = GRAMMAR.match_indices('\n').map(|(at, _)| at + 1).filter(move |&at| heading(&GRAMMAR[at..]));
    let ends = starts.clone().skip(1).chain(std::iter::once(GRAMMAR.len()));
    starts.zip(ends).map(|(start, end)| {
        let text = &GRAMMAR[start..end];
        (text.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']), text)
    })
}
