//! A folder: each plan a folder of its own, and `latest.json`, which says what counts now.
//!
//! `PRODUCT/TERM/REVISION/` holds what `weir solve` writes, and the brief of the day; `PRODUCT/TERM/latest.json` holds
//! status, plan, revision, digest, validity and the path of the document. `failed.json` tells the last run that made no plan.
//! A reader sees the old file or the new one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::nearest::hint;
use weir_model::document::PlanDocument;
use weir_model::place::Place;
use weir_report::pi_xml::pi_xml;
use weir_report::{Beside, papers};

use super::event::{line, notice};
use super::{Delivered, Delivery, Fault, Publisher, parquet};
use crate::outbox::Kind;

/// A form in which a plan is written besides those that it always has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Order sheets as documents.
    Docx,
    /// The series as a Parquet file.
    Parquet,
    /// The series as Delft-FEWS exchanges them.
    PiXml,
    /// The day's tables as a workbook.
    Xlsx,
}

/// Every form, by its word.
const FORMS: [(&str, Form); 4] =
    [("docx", Form::Docx), ("parquet", Form::Parquet), ("pi_xml", Form::PiXml), ("xlsx", Form::Xlsx)];

/// A folder that plans are written into.
#[derive(Clone, Debug)]
struct Directory {
    path: PathBuf,
    also: Vec<Form>,
    /// Templates of the office's own.
    xlsx: Option<Field<String>>,
    docx: Option<Field<String>>,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Publisher>> {
    let path = entry.text("path");
    if path.is_none() && !entry.has("path") {
        entry.missing_because(&["path"], "the folder to write into, beside jobs.toml or from the root");
    }
    let words = FORMS.map(|(word, _)| word);
    let mut also = Vec::new();
    for asked in entry.texts("also") {
        if let Some((_, form)) = FORMS.iter().find(|(word, _)| *word == asked.value) {
            also.push(*form);
        } else {
            let message = format!("`also`: unknown form `{}`", asked.value);
            entry.refuse(&asked.place, message, hint(&asked.value, &words, "forms"));
        }
    }
    let template = |key: &str, form: Form, word: &str| {
        let template = entry.text(key);
        if let Some(template) = template.as_ref().filter(|_| !also.contains(&form)) {
            let message = format!("`{key}`: nothing is made from it");
            entry.refuse(&template.place, message, Some(format!("`also = [\"{word}\"]`, or no `{key}`")));
        }
        template
    };
    let xlsx = template("template_xlsx", Form::Xlsx, "xlsx");
    let docx = template("template_docx", Form::Docx, "docx");
    Some(Arc::new(Directory { path: PathBuf::from(path?.value), also, xlsx, docx }))
}

impl Publisher for Directory {
    fn compares(&self) -> bool {
        true
    }

    fn refused(&self, folder: &Path) -> Vec<(Place, String, String)> {
        type Check = fn(&[u8]) -> Result<(), Vec<String>>;
        let checks: [(&str, &Option<Field<String>>, Check); 2] = [
            ("template_xlsx", &self.xlsx, papers::check_day_tables),
            ("template_docx", &self.docx, papers::order_sheet::check),
        ];
        let of = |(key, template, check): (&str, &Option<Field<String>>, Check)| {
            let Some(template) = template else { return Vec::new() };
            let faults = match fs::read(folder.join(&template.value)) {
                Err(error) => vec![format!("cannot be read: {error}")],
                Ok(bytes) => check(&bytes).err().unwrap_or_default(),
            };
            let told = |why: String| {
                let hint =
                    "docs/papers.md lists names and placeholders; `weir new --papers DIR` writes templates".to_owned();
                (template.place.clone(), format!("`{key}`: {}: {why}", template.value), hint)
            };
            faults.into_iter().map(told).collect::<Vec<_>>()
        };
        checks.into_iter().flat_map(of).collect()
    }

    fn deliver<'a>(&'a self, folder: &'a Path, delivery: &'a Delivery) -> Delivered<'a> {
        let (folder, this, delivery) = (folder.to_owned(), self.clone(), delivery.clone());
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || this.write(&folder, &delivery)).await;
            written.map_err(|error| error.to_string())?
        })
    }
}

impl Directory {
    fn write(&self, office: &Path, delivery: &Delivery) -> Result<(), Fault> {
        let mut said = notice(delivery);
        let root = office.join(&self.path);
        let (Some(document), Some((product, term))) = (&delivery.document, line(delivery)) else {
            return put_newer(&root.join("failed.json"), &said);
        };
        let line = root.join(product).join(term);
        if let Some(order) = &delivery.order {
            let orders = line.join("orders");
            put_newer(&orders.join(format!("{}.json", order.id)), &said)?;
            if self.also.contains(&Form::Docx) {
                let template = template(office, self.docx.as_ref())?;
                let bytes = order.paper(document, template.as_deref()).map_err(|why| told(self.docx.as_ref(), &why))?;
                put(&orders.join(format!("{}.docx", order.id)), &bytes)?;
            }
            return Ok(());
        }
        let within = document.record.revision.to_string();
        let folder = line.join(&within);
        let is_plan = delivery.message.kind == Kind::Plan;
        if is_plan {
            self.write_plan(&folder, document, &delivery.beside)?;
        }
        said.insert("document".to_owned(), format!("{within}/plan.json").into());
        put_newer(&line.join("latest.json"), &said)?;
        // Last: a template at fault keeps back no plan.
        if is_plan && self.also.contains(&Form::Xlsx) {
            let template = template(office, self.xlsx.as_ref())?;
            let tables = papers::day_tables(document, &delivery.beside, template.as_deref());
            put(&folder.join("day.xlsx"), &tables.map_err(|why| told(self.xlsx.as_ref(), &why))?)?;
        }
        Ok(())
    }

    fn write_plan(&self, folder: &Path, document: &PlanDocument, beside: &Beside) -> Result<(), Fault> {
        if self.also.contains(&Form::Parquet) {
            put(&folder.join("series.parquet"), &parquet::series(document)?)?;
        }
        if self.also.contains(&Form::PiXml) {
            put(&folder.join("series.xml"), pi_xml(document).as_bytes())?;
        }
        for (name, text) in weir_report::files(document, Some(beside)) {
            put(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }
}

/// A template of the office's own.
fn template(office: &Path, template: Option<&Field<String>>) -> Result<Option<Vec<u8>>, Fault> {
    let read = |name: &Field<String>| {
        fs::read(office.join(&name.value)).map_err(|error| Fault::Passing(format!("{}: {error}", name.value)))
    };
    template.map(read).transpose()
}

/// What is wrong with a template: no further try mends it.
fn told(template: Option<&Field<String>>, faults: &[String]) -> Fault {
    let name = template.map_or("the built-in template", |template| template.value.as_str());
    Fault::Lasting(format!("{name}: {}; mend it, and send again by `weir plans publish`", faults.join("; ")))
}

/// Writes a statement unless the file tells a later message already: what comes twice never goes back.
fn put_newer(path: &Path, statement: &Map<String, Value>) -> Result<(), Fault> {
    let told = fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if told.and_then(|told| told["sequence"].as_i64()) > statement["sequence"].as_i64() {
        return Ok(());
    }
    let text = serde_json::to_string(statement).map_err(|error| error.to_string())?;
    Ok(put(path, (text + "\n").as_bytes())?)
}

/// Writes a file, its folder made where it is missing; what an instance that was killed left of it half-written is cleared away.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return weir_model::files::write(path, bytes);
    };
    fs::create_dir_all(folder)?;
    weir_model::files::write(path, bytes)?;
    let beside = format!(".{}.", name.to_string_lossy());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&beside) {
            // Another may have done so already.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
