//! A folder: each plan a folder of its own, and `latest.json`, which says what counts now.
//!
//! `PRODUCT/TERM/REVISION/` holds what `weir solve` writes; `PRODUCT/TERM/latest.json` holds
//! status, plan, revision, digest, validity and the path of the document. `failed.json` tells the last run that made no plan.
//! A reader sees the old file or the new one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use weir_model::basin::entry::Entry;
use weir_model::document::PlanDocument;

use super::event::{line, notice};
use super::{Delivered, Delivery, Publisher};
use crate::outbox::Kind;

/// A folder that plans are written into.
#[derive(Clone, Debug)]
struct Directory {
    path: PathBuf,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Publisher>> {
    let path = entry.text("path");
    if path.is_none() && !entry.has("path") {
        entry.missing_because(&["path"], "the folder to write into, beside jobs.toml or from the root");
    }
    Some(Arc::new(Directory { path: PathBuf::from(path?.value) }))
}

impl Publisher for Directory {
    fn deliver<'a>(&'a self, folder: &'a Path, delivery: &'a Delivery) -> Delivered<'a> {
        let root = folder.join(&self.path);
        let delivery = delivery.clone();
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || write(&root, &delivery)).await;
            Ok(written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?)
        })
    }
}

fn write(root: &Path, delivery: &Delivery) -> std::io::Result<()> {
    let mut said = notice(delivery);
    let (Some(document), Some((product, term))) = (&delivery.document, line(delivery)) else {
        return put_newer(&root.join("failed.json"), &said);
    };
    let line = root.join(product).join(term);
    if let Some(order) = &delivery.order {
        return put_newer(&line.join("orders").join(format!("{}.json", order.id)), &said);
    }
    let within = document.record.revision.to_string();
    if delivery.message.kind == Kind::Plan {
        write_plan(&line.join(&within), document)?;
    }
    said.insert("document".to_owned(), format!("{within}/plan.json").into());
    put_newer(&line.join("latest.json"), &said)
}

fn write_plan(folder: &Path, document: &PlanDocument) -> std::io::Result<()> {
    for (name, text) in weir_report::files(document) {
        put(&folder.join(name), text.as_bytes())?;
    }
    Ok(())
}

/// Writes a statement unless the file tells a later message already: what comes twice never goes back.
fn put_newer(path: &Path, statement: &Map<String, Value>) -> std::io::Result<()> {
    let told = fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if told.and_then(|told| told["sequence"].as_i64()) > statement["sequence"].as_i64() {
        return Ok(());
    }
    put(path, (serde_json::to_string(statement)? + "\n").as_bytes())
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
