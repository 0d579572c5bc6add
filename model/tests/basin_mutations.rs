//! Readers never panic: a valid basin and its tables, mutated thousands of times, are read or refused.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use weir_model::basin::Basin;
use weir_model::lower::lower;

/// A small generator of pseudo-random numbers (SplitMix64), so that every run mutates alike.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// Pieces that mean something to a reader.
const PIECES: [&str; 24] = [
    "nan",
    "-1",
    "1e999",
    "0",
    "\"\"",
    "[]",
    "{}",
    "{ file = \"\" }",
    "{ value = {} }",
    "2026-02-30",
    "旬",
    "\"lake\"",
    "id = \"lake\"",
    "[[reservoir]]",
    "[horizon]",
    "[[account]]",
    "99999999999999999999",
    "= =",
    "\u{0}",
    "assumed = [\"x\"]",
    "\"9999-12-31\"",
    "[[region]]\nid = \"a\"\nparent = \"a\"",
    "true",
    "\"1000000000 x 1 d\"",
];

fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(7) {
            0 => bytes[at] = random.next() as u8,
            1 => drop(bytes.remove(at)),
            2 => bytes.truncate(at.max(1)),
            3 => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].bytes())),
            4 => bytes = with_lines_moved(&bytes, random),
            5 => bytes = with_a_value_replaced(&bytes, random),
            _ => {
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                    bytes[at + digit] = b'0' + random.below(10) as u8;
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(b'#');
        }
    }
    bytes
}

/// A line is lost, stands twice, or changes places with another.
fn with_lines_moved(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(3) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(other, lines[one].clone()),
        _ => lines.swap(one, other),
    }
    lines.join(&b'\n')
}

/// What is assigned on a line is replaced.
fn with_a_value_replaced(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut lines: Vec<String> = String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect();
    let line = random.below(lines.len());
    if let Some((key, _)) = lines.get(line).and_then(|line| line.split_once('=')) {
        lines[line] = format!("{key}= {}", PIECES[random.below(PIECES.len())]);
    }
    lines.join("\n").into_bytes()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/refusals")
}

/// A sound basin with every kind of element.
fn basin() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/every_kind.toml")).unwrap()
}

#[test]
fn the_basin_of_every_kind_is_sound() {
    let text = basin();
    let load = |path: &str| fs::read(folder().join(path)).map_err(|error| error.to_string());
    let read = Basin::parse(text.as_bytes(), &load).unwrap_or_else(|refusals| panic!("{refusals}"));
    lower(&read, None).unwrap_or_else(|refusals| panic!("{refusals}"));
    for kind in weir_model::elements::KINDS {
        assert!(text.contains(&format!("[[{}]]", kind.word)), "no {} in the basin of every kind", kind.word);
    }
}

#[test]
fn mutated_basin_files_are_read_or_refused() {
    let text = basin();
    let load = |path: &str| fs::read(folder().join(path)).map_err(|error| error.to_string());
    let mut random = Random(7);
    let (mut sound, mut refused) = (0, 0);
    for _ in 0..4000 {
        let bytes = mutated(text.as_bytes(), &mut random);
        match Basin::parse(&bytes, &load).and_then(|basin| lower(&basin, None)) {
            Ok(_) => sound += 1,
            Err(refusals) => {
                assert!(!refusals.0.is_empty(), "an error without a refusal");
                assert!(!refusals.to_string().is_empty());
                refused += 1;
            }
        }
    }
    // Both ends of the reader are reached.
    assert!(sound > 100 && refused > 1000, "{sound} sound, {refused} refused");
}

#[test]
fn mutated_tables_are_read_or_refused() {
    let text = basin();
    let mut random = Random(11);
    let tables: Vec<(&str, Vec<u8>)> = ["tables/lake.csv", "series/inflow.csv"]
        .into_iter()
        .map(|path| (path, fs::read(folder().join(path)).unwrap()))
        .collect();
    for round in 0..2000 {
        let (broken, bytes) = &tables[round % 2];
        let bytes = mutated(bytes, &mut random);
        let load = |path: &str| {
            if path == *broken {
                Ok(bytes.clone())
            } else {
                fs::read(folder().join(path)).map_err(|error| error.to_string())
            }
        };
        let lowered = Basin::parse(text.as_bytes(), &load).and_then(|basin| lower(&basin, None));
        if let Err(refusals) = lowered {
            assert!(!refusals.0.is_empty(), "an error without a refusal");
        }
    }
}
