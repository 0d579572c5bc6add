//! A text document (DOCX) filled from a template: `{{word}}` gives way to what the word says, in body, headers, footers and boxes.
//!
//! Word splits what is typed over several runs, also within a placeholder: it is found in the paragraph's whole text, and what
//! replaces it looks as its first brace does. Fails: no document, a placeholder that is not known or does not end. All faults at once.

use weir_model::basin::nearest::{list, nearest};

use super::package::Package;
use super::xml::Element;

const BODY: &str = "word/document.xml";

/// Fills a template by the values of words.
///
/// # Errors
/// All faults of the template.
pub fn fill(template: &[u8], values: &[(&str, String)]) -> Result<Vec<u8>, Vec<String>> {
    let mut package = Package::read(template).map_err(|why| vec![why])?;
    if package.part(BODY).is_none() {
        return Err(vec!["is no text document (.docx)".to_owned()]);
    }
    let within = |part: &String| {
        let file = part.strip_prefix("word/").and_then(|part| part.strip_suffix(".xml"));
        part == BODY || file.is_some_and(|file| file.starts_with("header") || file.starts_with("footer"))
    };
    let mut faults = Vec::new();
    for part in package.names().into_iter().filter(within) {
        let mut tree = package.tree(&part).map_err(|why| vec![why])?;
        let mut changed = false;
        tree.root.visit(&mut |element| {
            if element.local() == "p" {
                changed |= paragraph(element, values, &mut faults);
            }
        });
        if changed {
            package.put(&part, &tree);
        }
    }
    if !faults.is_empty() {
        faults.dedup();
        return Err(faults);
    }
    package.write().map_err(|why| vec![why])
}

/// The texts of a paragraph, without those of paragraphs that lie within it.
fn texts<'a>(element: &'a mut Element, found: &mut Vec<&'a mut Element>) {
    for child in element.elements_mut() {
        match child.local() {
            "t" => found.push(child),
            "p" => {}
            _ => texts(child, found),
        }
    }
}

/// Replaces the placeholders of a paragraph; whether there were any.
fn paragraph(paragraph: &mut Element, values: &[(&str, String)], faults: &mut Vec<String>) -> bool {
    let mut found = Vec::new();
    texts(paragraph, &mut found);
    let mut parts: Vec<String> = found.iter().map(|text| text.inner_text()).collect();
    let whole = parts.concat();
    // From the last to the first, so that none moves another.
    let mut end = whole.len();
    let mut changed = false;
    while let Some(open) = whole[..end].rfind("{{") {
        let Some(close) = whole[open..end].find("}}").map(|close| open + close) else {
            let begun: String = whole[open..end].chars().take(20).collect();
            faults.push(format!("a placeholder does not end: `{begun}`; it is written {{{{number}}}}"));
            return changed;
        };
        let word = whole[open + 2..close].trim();
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == word) {
            replace(&mut parts, open, close + 2, value);
            changed = true;
        } else {
            let known: Vec<&str> = values.iter().map(|(known, _)| *known).collect();
            let mend =
                nearest(word, known.iter().copied()).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            faults.push(format!("the placeholder `{{{{{word}}}}}` is not known; {mend}Known are {}", list(&known)));
        }
        end = open;
    }
    if changed {
        for (text, part) in found.into_iter().zip(parts) {
            if text.inner_text() != part {
                text.set_text(&part);
                // Of DrawingML, texts keep their blanks as they are.
                if text.name.starts_with("w:") {
                    text.set("xml:space", "preserve");
                }
            }
        }
    }
    changed
}

/// Puts a value in the place of what lies between two places of the texts' whole; it stands where that begins.
fn replace(parts: &mut [String], from: usize, to: usize, value: &str) {
    // What lies before is as it was: values are put in from the last to the first.
    let mut at = 0;
    let mut given = false;
    for part in parts {
        let (start, end) = (at, at + part.len());
        at = end;
        let (first, last) = (from.max(start), to.min(end));
        if first >= last {
            continue;
        }
        let told = if given { "" } else { value };
        given = true;
        part.replace_range(first - start..last - start, told);
        if end >= to {
            break;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn filled(body: &str) -> Result<String, Vec<String>> {
        let package = Package::of(&[(BODY, body), ("word/styles.xml", "<w:styles/>")]);
        let values = [("number", "1号".to_owned()), ("unit", "甲<乙".to_owned())];
        let bytes = fill(&package.write().unwrap(), &values)?;
        Ok(String::from_utf8(Package::read(&bytes).unwrap().part(BODY).unwrap().to_vec()).unwrap())
    }

    #[test]
    fn a_placeholder_may_be_split_over_runs() {
        let body = "<w:d><w:p><w:r><w:t>第{</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{num</w:t></w:r><w:proofErr/>\
                    <w:r><w:t>ber }}，{{unit}}：</w:t></w:r><w:r><w:t>{{number}}{{unit}}</w:t></w:r></w:p></w:d>";
        let wanted = "<w:d><w:p><w:r><w:t xml:space=\"preserve\">第1号</w:t></w:r><w:r><w:rPr><w:b/></w:rPr>\
                      <w:t xml:space=\"preserve\"></w:t></w:r><w:proofErr/><w:r><w:t xml:space=\"preserve\">，甲&lt;乙：</w:t></w:r>\
                      <w:r><w:t xml:space=\"preserve\">1号甲&lt;乙</w:t></w:r></w:p></w:d>";
        assert_eq!(filled(body).unwrap(), wanted);
    }

    #[test]
    fn boxes_and_paragraphs_keep_apart() {
        let body =
            "<w:d><w:p><w:r><w:t>{{num</w:t><w:box><w:p><w:t>{{unit}}</w:t></w:p></w:box><w:t>ber}}</w:t></w:r></w:p></w:d>";
        assert!(filled(body).unwrap().contains("<w:p><w:t xml:space=\"preserve\">甲&lt;乙</w:t></w:p>"));
        assert!(filled(body).unwrap().contains("<w:t xml:space=\"preserve\">1号</w:t>"));
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        let faults = filled("<w:d><w:p><w:t>{{nummer}} {{x}}</w:t></w:p><w:p><w:t>{{unit</w:t></w:p></w:d>").unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(
            faults[1].contains("`{{nummer}}` is not known; did you mean `number`? Known are `number`, `unit`"),
            "{faults:?}"
        );
        assert!(faults[2].contains("a placeholder does not end: `{{unit`"), "{faults:?}");
        assert_eq!(fill(b"x", &[]).unwrap_err().len(), 1);
    }
}
