//! The order sheet 调度令: what is told to a works in writing, filled into an office's template or the built-in one.
//!
//! Placeholders are the words of [`PLACEHOLDERS`] in double braces. What a sheet does not have is a dash; the number of a draft is
//! 拟稿, so that no draft can pass for an order.

use weir_model::document::{Order, PlanDocument};

use super::document;
use super::package::Package;
use crate::brief::day::identity;
use crate::quantity::{end_text, number, time_text};
use crate::view::View;

/// Every placeholder, with what it gives.
pub const PLACEHOLDERS: [(&str, &str); 20] = [
    ("basin", "流域"),
    ("basis_time", "依据时间"),
    ("copies", "抄送"),
    ("drafted_by", "拟稿"),
    ("execute_at", "执行时间"),
    ("flow_m3s", "流量 m³/s"),
    ("mode", "运行模式"),
    ("needed_m3s", "取整前流量 m³/s"),
    ("number", "文号；未签发为“拟稿”"),
    ("object", "调度对象"),
    ("order", "调度令标识"),
    ("plan", "依据方案"),
    ("product", "方案系列"),
    ("reviewed_by", "审核"),
    ("setting", "调度要求"),
    ("signed_at", "签发时间"),
    ("signed_by", "签发"),
    ("state", "状态"),
    ("unit", "执行单位"),
    ("until", "有效至"),
];

/// What a sheet says.
#[derive(Clone, Debug)]
pub struct OrderSheet<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its number; empty until it is signed.
    pub number: &'a str,
    /// What has become of it: `drafted`, `signed`, `sent`, `received`, `executed`, `reported`, `withdrawn`.
    pub state: &'a str,
    /// Who drafted it.
    pub drafted_by: &'a str,
    /// Who signed it; empty for nobody.
    pub signed_by: &'a str,
    /// When it was signed, RFC 3339 in the plan's zone.
    pub signed_at: Option<String>,
    /// What is set.
    pub order: &'a Order,
    /// The plan that it is of.
    pub plan: &'a PlanDocument,
}

impl OrderSheet<'_> {
    /// The sheet as a document, in a template of an office or the built-in one.
    ///
    /// # Errors
    /// All faults of the template.
    pub fn document(&self, template: Option<&[u8]>) -> Result<Vec<u8>, Vec<String>> {
        let values = PLACEHOLDERS.map(|(word, _)| (word, self.value(word)));
        match template {
            Some(template) => document::fill(template, &values),
            None => document::fill(&built_in()?, &values),
        }
    }

    fn value(&self, word: &str) -> String {
        let (case, record) = (&self.plan.content.case, &self.plan.record);
        let told = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
        match word {
            "basin" => View::new(self.plan).basin().to_owned(),
            "basis_time" => case.basis_time.as_ref().map_or_else(|| "—".to_owned(), |time| time_text(time).chinese),
            "copies" => told(&self.order.copies.join("、")),
            "drafted_by" => told(self.drafted_by),
            "execute_at" => time_text(&self.order.execute_at).chinese,
            "flow_m3s" => number(self.order.flow_m3s),
            "mode" => told(&case.mode),
            "needed_m3s" => number(self.order.needed_m3s),
            "number" => {
                if self.number.is_empty() {
                    "拟稿".to_owned()
                } else {
                    self.number.to_owned()
                }
            }
            "object" => told(&self.order.object),
            "order" => told(self.id),
            "plan" => identity(self.plan),
            "product" => told(record.product.as_deref().unwrap_or_default()),
            "reviewed_by" => told(record.reviewed_by.as_deref().unwrap_or_default()),
            "setting" => told(&self.order.setting),
            "signed_at" => self.signed_at.as_ref().map_or_else(|| "—".to_owned(), |time| time_text(time).chinese),
            "signed_by" => told(self.signed_by),
            "state" => state(self.state).to_owned(),
            "unit" => told(&self.order.unit),
            _ => end_text(&self.order.until).chinese,
        }
    }
}

/// State of an order, as papers say it.
fn state(word: &str) -> &str {
    match word {
        "drafted" => "拟稿",
        "signed" => "已签发",
        "sent" => "已发出",
        "received" => "已收到",
        "executed" => "已执行",
        "reported" => "已反馈",
        "withdrawn" => "已撤回，作废",
        other => other,
    }
}

/// The built-in template.
///
/// # Errors
/// If it cannot be packed.
pub fn built_in() -> Result<Vec<u8>, Vec<String>> {
    let types = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
                 <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
                 ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" \
                 ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let root = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
                <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
                Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
                Target=\"word/document.xml\"/></Relationships>";
    let body = include_str!("../../assets/order_sheet.xml");
    Package::of(&[("[Content_Types].xml", types), ("_rels/.rels", root), ("word/document.xml", body)])
        .write()
        .map_err(|why| vec![why])
}

/// What is wrong with a template of order sheets.
///
/// # Errors
/// All faults.
pub fn check(template: &[u8]) -> Result<(), Vec<String>> {
    document::fill(template, &PLACEHOLDERS.map(|(word, _)| (word, String::new()))).map(|_| ())
}
