//! A folder: each plan a folder of its own, and `latest.json`, which says what counts now.
//!
//! `PRODUCT/TERM/REVISION/` holds what `weir solve` writes; `PRODUCT/TERM/latest.json` holds
//! status, plan, revision, digest, validity and the path of the document. `failed.json` tells the last run that made no plan.
//! A reader sees the old file or the new one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use weir_model::basin::entry::Entry;
use weir_model::document::PlanDocument;

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
            written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
        })
    }
}

fn write(root: &Path, delivery: &Delivery) -> std::io::Result<()> {
    let message = &delivery.message;
    let Some(document) = &delivery.document else {
        let failed = json!({
            "status": "failed", "run": message.subject, "at": message.at.to_string(), "reason": message.message,
            "sequence": message.sequence,
        });
        return put_newer(&root.join("failed.json"), &failed);
    };
    let record = &document.record;
    let line = root.join(record.product.as_deref().unwrap_or("plan")).join(record.term.as_deref().unwrap_or("日"));
    let within = record.revision.to_string();
    let is_plan = message.kind == Kind::Plan;
    if is_plan {
        write_plan(&line.join(&within), document)?;
    }
    let case = &document.content.case;
    let latest = json!({
        "status": if is_plan { "in_force" } else { message.kind.word() },
        "statement": if is_plan { "有效方案" } else { "无有效方案" },
        "plan": message.subject,
        "revision": record.revision,
        "digest": record.id,
        "valid_from": case.valid_from,
        "valid_to": case.valid_to,
        "document": format!("{within}/plan.json"),
        "at": message.at.to_string(),
        "reason": message.message,
        "sequence": message.sequence,
    });
    put_newer(&line.join("latest.json"), &latest)
}

fn write_plan(folder: &Path, document: &PlanDocument) -> std::io::Result<()> {
    for (name, text) in weir_report::files(document) {
        put(&folder.join(name), text.as_bytes())?;
    }
    Ok(())
}

/// Writes a statement unless the file tells a later message already: what comes twice never goes back.
fn put_newer(path: &Path, statement: &Value) -> std::io::Result<()> {
    let told = fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if told.and_then(|told| told["sequence"].as_i64()) > statement["sequence"].as_i64() {
        return Ok(());
    }
    put(path, format!("{statement}\n").as_bytes())
}

/// Writes a file, its folder made where it is missing.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    weir_model::files::write(path, bytes)
}
