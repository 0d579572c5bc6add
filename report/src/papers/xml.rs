//! A tree of XML that is written back as it was read: what nobody changes keeps its bytes, but for blanks within tags.
//!
//! Fails: text that is no XML, with the byte at which it is none.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::pi_xml::escaped;

/// Elements may lie so deep: far deeper than any office file has them.
const DEEPEST: usize = 256;

/// A part of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text as it stands, escapes and all.
    Text(String),
    /// A declaration, comment or other instruction as it stands, with its brackets.
    Other(String),
}

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Name with its prefix.
    pub name: String,
    /// Names and values as they stand, escapes and all.
    pub attributes: Vec<(String, String)>,
    /// What it holds.
    pub children: Vec<Node>,
}

impl Element {
    /// An element without attributes.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The same with an attribute more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), escaped(value)));
        self
    }

    /// The same with a text in it.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.children.push(Node::Text(escaped(text)));
        self
    }

    /// The same with an element in it.
    #[must_use]
    pub fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// Name without its prefix.
    pub fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// Value of an attribute, its escapes resolved.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| unescaped(value))
    }

    /// Sets an attribute in its place.
    pub fn set(&mut self, name: &str, value: &str) {
        let value = escaped(value);
        match self.attributes.iter_mut().find(|(own, _)| own == name) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
    }

    /// Elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| if let Node::Element(element) = node { Some(element) } else { None })
    }

    /// As [`Self::elements`].
    pub fn elements_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        self.children.iter_mut().filter_map(|node| if let Node::Element(element) = node { Some(element) } else { None })
    }

    /// The first element in it of a local name.
    pub fn find(&self, local: &str) -> Option<&Self> {
        self.elements().find(|element| element.local() == local)
    }

    /// As [`Self::find`].
    pub fn find_mut(&mut self, local: &str) -> Option<&mut Self> {
        self.elements_mut().find(|element| element.local() == local)
    }

    /// All text in it, escapes resolved.
    pub fn inner_text(&self) -> String {
        self.children
            .iter()
            .map(|node| match node {
                Node::Text(text) => unescaped(text),
                Node::Element(element) => element.inner_text(),
                Node::Other(_) => String::new(),
            })
            .collect()
    }

    /// Puts a text in the place of all that it holds.
    pub fn set_text(&mut self, text: &str) {
        self.children = vec![Node::Text(escaped(text))];
    }

    /// Visits the element and all within, outermost first.
    pub fn visit(&mut self, to: &mut impl FnMut(&mut Self)) {
        to(self);
        for element in self.elements_mut() {
            element.visit(to);
        }
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{value}\""));
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        write(&self.children, out);
        out.push_str(&format!("</{}>", self.name));
    }
}

fn write(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Element(element) => element.write(out),
            Node::Text(text) | Node::Other(text) => out.push_str(text),
        }
    }
}

/// A file of XML.
#[derive(Clone, Debug)]
pub struct Tree {
    before: Vec<Node>,
    /// The one outermost element.
    pub root: Element,
}

impl Tree {
    /// Reads a file.
    ///
    /// # Errors
    /// Why it is no XML.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Element> = vec![Element::default()];
        let fault = |position: u64, why: String| format!("is no XML at byte {position}: {why}");
        loop {
            let position = reader.buffer_position();
            let event = reader.read_event().map_err(|error| fault(position, error.to_string()))?;
            let within = &text[position as usize..reader.buffer_position() as usize];
            let node = match event {
                Event::Eof => break,
                Event::Start(tag) => {
                    if open.len() > DEEPEST {
                        return Err(fault(position, "its elements lie too deep".to_owned()));
                    }
                    open.push(element(&tag).map_err(|why| fault(position, why))?);
                    continue;
                }
                Event::End(_) => Node::Element(open.pop().unwrap_or_default()),
                Event::Empty(tag) => Node::Element(element(&tag).map_err(|why| fault(position, why))?),
                Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) => Node::Text(within.to_owned()),
                Event::DocType(_) => return Err(fault(position, "holds a document type".to_owned())),
                _ => Node::Other(within.to_owned()),
            };
            let Some(holder) = open.last_mut() else { return Err(fault(position, "ends twice".to_owned())) };
            match (holder.children.last_mut(), node) {
                // An escape splits a text.
                (Some(Node::Text(before)), Node::Text(text)) => before.push_str(&text),
                (_, node) => holder.children.push(node),
            }
        }
        let [outermost] = open.as_mut_slice() else { return Err("ends within its elements".to_owned()) };
        let mut before = std::mem::take(&mut outermost.children);
        let place = before.iter().position(|node| matches!(node, Node::Element(_)));
        let Some(Node::Element(root)) = place.map(|place| before.remove(place)) else {
            return Err("holds no element".to_owned());
        };
        before.truncate(place.unwrap_or_default());
        Ok(Self { before, root })
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        write(&self.before, &mut out);
        self.root.write(&mut out);
        out
    }
}

fn element(tag: &BytesStart<'_>) -> Result<Element, String> {
    let mut made = Element::new(tag.name().as_ref());
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        // A value between apostrophes may hold quotation marks as they are.
        let value = attribute.value.replace('"', "&quot;");
        made.attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(made)
}

/// A text with its escapes resolved; an escape that is none stands as it is.
fn unescaped(text: &str) -> String {
    let text = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")).unwrap_or(text);
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_changes_is_written_as_it_was() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<a:b xmlns:a=\"x\" y=\"1 &amp; &#10;2\">\
                    <!-- so --> t &lt; 万m³ <c/><d z=\"\">a<e>  </e>b</d></a:b>";
        let tree = Tree::parse(text.as_bytes()).unwrap();
        assert_eq!(tree.to_text(), text);
        assert_eq!((tree.root.local(), tree.root.attribute("y").as_deref()), ("b", Some("1 & \n2")));
        assert_eq!(tree.root.find("d").unwrap().inner_text(), "a  b");
    }

    #[test]
    fn what_is_no_xml_is_told() {
        for (text, why) in [
            ("<a><b></a>", "is no XML at byte 6"),
            ("<a>", "ends within"),
            ("", "holds no element"),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "document type"),
            ("<a b=1/>", "is no XML"),
        ] {
            let found = Tree::parse(text.as_bytes()).unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
        let deep = "<a>".repeat(400) + &"</a>".repeat(400);
        assert!(Tree::parse(deep.as_bytes()).unwrap_err().contains("too deep"));
    }
}
