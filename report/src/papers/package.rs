//! An office file (XLSX, DOCX): a ZIP of parts, most of them XML. Parts that nobody touches keep their bytes.
//!
//! What is written is the same bytes for the same parts: times in the archive are fixed.
//! Fails: no ZIP, a part that is not there or no XML, more than [`MOST_BYTES`] unpacked.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::xml::Tree;

/// Bytes of all parts together: a template has far fewer.
const MOST_BYTES: u64 = 64 << 20;

/// The parts of a file, in its order.
#[derive(Clone, Debug, Default)]
pub struct Package {
    parts: Vec<(String, Vec<u8>)>,
}

impl Package {
    /// Unpacks a file.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("is no office file (a ZIP): {error}"))?;
        let mut parts = Vec::with_capacity(archive.len());
        let mut left = MOST_BYTES;
        for place in 0..archive.len() {
            let file = archive.by_index(place).map_err(|error| error.to_string())?;
            if file.is_dir() {
                continue;
            }
            let (name, mut content) = (file.name().to_owned(), Vec::new());
            file.take(left + 1).read_to_end(&mut content).map_err(|error| format!("part {name}: {error}"))?;
            left = left
                .checked_sub(content.len() as u64)
                .ok_or_else(|| format!("is larger than {} MiB unpacked", MOST_BYTES >> 20))?;
            parts.push((name, content));
        }
        Ok(Self { parts })
    }

    /// A file of such parts.
    pub fn of(parts: &[(&str, &str)]) -> Self {
        Self { parts: parts.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect() }
    }

    /// Names of all parts.
    pub fn names(&self) -> Vec<String> {
        self.parts.iter().map(|(name, _)| name.clone()).collect()
    }

    /// A part's bytes.
    pub fn part(&self, name: &str) -> Option<&[u8]> {
        self.parts.iter().find(|(own, _)| own == name).map(|(_, content)| content.as_slice())
    }

    /// A part as XML.
    ///
    /// # Errors
    /// If it is not there, or no XML.
    pub fn tree(&self, name: &str) -> Result<Tree, String> {
        let content = self.part(name).ok_or_else(|| format!("has no part {name}"))?;
        Tree::parse(content).map_err(|why| format!("part {name} {why}"))
    }

    /// Puts a part in the place of the one of its name, or behind all.
    pub fn put(&mut self, name: &str, tree: &Tree) {
        let content = tree.to_text().into_bytes();
        match self.parts.iter_mut().find(|(own, _)| own == name) {
            Some((_, old)) => *old = content,
            None => self.parts.push((name.to_owned(), content)),
        }
    }

    /// Takes a part out.
    pub fn remove(&mut self, name: &str) {
        self.parts.retain(|(own, _)| own != name);
    }

    /// What a part refers to: ids, types and names of the parts.
    ///
    /// # Errors
    /// If its list is no XML.
    pub fn relations(&self, of: &str) -> Result<Vec<(String, String, String)>, String> {
        let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
        let list = format!("{folder}/_rels/{file}.rels");
        if self.part(&list).is_none() {
            return Ok(Vec::new());
        }
        let tree = self.tree(&list)?;
        let relation = |element: &super::xml::Element| {
            let target = element.attribute("Target")?;
            let whole = match target.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None => within(folder, &target),
            };
            Some((element.attribute("Id")?, element.attribute("Type")?, whole))
        };
        Ok(tree.root.elements().filter_map(relation).collect())
    }

    /// Packs the file.
    ///
    /// # Errors
    /// If it cannot be packed.
    pub fn write(&self) -> Result<Vec<u8>, String> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        for (name, content) in &self.parts {
            writer.start_file(name.as_str(), options).map_err(|error| error.to_string())?;
            writer.write_all(content).map_err(|error| error.to_string())?;
        }
        Ok(writer.finish().map_err(|error| error.to_string())?.into_inner())
    }
}

/// A target beside a part's folder: `../drawings/drawing1.xml` of `xl/worksheets`.
fn within(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_unpacked_and_packed() {
        let package = Package::of(&[("a/b.xml", "<a/>"), ("c.bin", "原样")]);
        let bytes = package.write().unwrap();
        assert_eq!(bytes, package.write().unwrap());
        let again = Package::read(&bytes).unwrap();
        assert_eq!((again.names(), again.part("c.bin")), (package.names(), Some("原样".as_bytes())));
        assert!(again.tree("c.bin").unwrap_err().starts_with("part c.bin holds no element"));
        assert!(Package::read(b"no zip").unwrap_err().starts_with("is no office file"));
        assert!(Package::read(&bytes[..bytes.len() - 9]).is_err());
    }

    #[test]
    fn a_target_is_beside_the_part() {
        assert_eq!(within("xl/worksheets", "../drawings/drawing1.xml"), "xl/drawings/drawing1.xml");
        assert_eq!(within("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
    }
}
