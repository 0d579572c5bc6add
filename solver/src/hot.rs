//! A hot start: where each column and row stood when a solve ended, by address and time, with the weights of its stages, so that
//! a solve of nearly the same case begins there.
//!
//! As bytes it is the line `weir.basis/2` and then deflated JSON, which tells damage by its check sum: the edges of the steps, and
//! for each address a letter a step: `L` at the lower bound, `U` at the upper, `B` basic, `Z` free at zero, `N` at a bound that was
//! not told, `-` not there.
//!
//! Onto another program: a column or row stands as its address stood in the step in which its own step ends, so that a horizon
//! may roll on and steps be longer or shorter; beyond the old horizon as in the last step, before it as in the first. What is new stands at the
//! bound where the basin's rules of today would run it ([`guess`]), a new row is basic. A count of basic ones that is wrong, and columns that depend on each other, the engine repairs.
//!
//! Fails: what is damaged, of another version, of another time or of another basin is told in a sentence and not used; a
//! start can only cost time, never change what is found.

mod guess;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use miniz_oxide::deflate::{CompressionLevel, compress_to_vec_zlib};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde::{Deserialize, Serialize};
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::horizon::Horizon;

use crate::builder::RowKey;
use crate::engine::{Basis, Solution, Standing};
use crate::formulation::{Formulation, sha256};
use crate::layout::{Layout, Quantity, Subject};
use crate::methods::Group;
use crate::program::Program;

/// Where a plan's solve ended, beside the plan.
pub const END_FILE: &str = "plan.basis";
/// Where it began, if it did not from nothing.
pub const START_FILE: &str = "start.basis";
/// Begins what a plan says of a start that could not be used, and why.
pub const UNUSED: &str = "the starting basis was not used, and the solve began from nothing";
/// What the first line of every version begins with, and this version's.
const KIND: &[u8] = b"weir.basis/";
const HEAD: &[u8] = b"weir.basis/2\n";
/// Most bytes that are unpacked.
const MOST_BYTES: usize = 1 << 28;
/// Share of columns and rows whose address must be known, or the start is of something else.
const LEAST_KNOWN: f64 = 0.5;
const NOT_THERE: u8 = b'-';

/// What a solve can start from.
#[derive(Clone, Debug)]
pub struct HotStart {
    bytes: Vec<u8>,
    stored: Result<Stored, String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Edges of the steps, s since 1970.
    edges: Vec<i64>,
    /// Ids of the goals' objectives in order, which the weights are of.
    stages: Vec<String>,
    groups: Vec<Weights>,
    /// Where the goals ended.
    goals: Letters,
}

/// Letters of the steps by address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Letters {
    columns: BTreeMap<String, String>,
    rows: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Weights {
    weights: Vec<f64>,
    proved: bool,
}

impl HotStart {
    /// The start that bytes hold; what is wrong with them is told when it is to be used.
    pub fn of(bytes: Vec<u8>) -> Self {
        let stored = Stored::read(&bytes);
        Self { bytes, stored }
    }

    /// Its bytes, as they are kept beside a plan.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of its bytes, as hexadecimal digits.
    pub fn digest(&self) -> String {
        sha256(&self.bytes)
    }

    /// Where a solve ended; none where the engine told no basis.
    pub(crate) fn made(named: Named<'_>, found: &Solution, groups: &[Group]) -> Option<Self> {
        let Named { case, goals, .. } = named;
        let groups = groups.iter().map(|group| Weights { weights: group.weights.clone(), proved: group.proved }).collect();
        let stored = Stored { edges: edges(&case.horizon), stages: stages(goals), groups, goals: named.letters(found)? };
        let json = serde_json::to_vec(&stored).ok()?;
        let mut bytes = HEAD.to_vec();
        bytes.extend(compress_to_vec_zlib(&json, CompressionLevel::DefaultLevel as u8));
        Some(Self { bytes, stored: Ok(stored) })
    }

    /// The weights, if they are of the same stages; guesses may be wrong, the signs of the reduced costs tell.
    pub(crate) fn groups(&self, goals: &Goals) -> Vec<Group> {
        let Ok(stored) = &self.stored else { return Vec::new() };
        if stored.stages != stages(goals) {
            return Vec::new();
        }
        let group = |group: &Weights| Group { weights: group.weights.clone(), proved: group.proved };
        stored.groups.iter().map(group).collect()
    }

    /// The basis of the goals' program.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn onto(&self, named: Named<'_>) -> Result<Basis, String> {
        self.stored.as_ref().map_err(Clone::clone)?.onto(named)
    }
}

/// A program with what its columns and rows are.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub program: &'a Program,
    pub layout: &'a Layout,
    pub row_keys: &'a [RowKey],
    pub case: &'a Case,
    pub goals: &'a Goals,
}

impl<'a> Named<'a> {
    /// The program as formulated.
    pub fn of(formulation: &'a Formulation, case: &'a Case, goals: &'a Goals) -> Self {
        let Formulation { program, layout, row_keys, .. } = formulation;
        Self { program, layout, row_keys, case, goals }
    }

    /// Where a solve of it ended; none where the engine told no basis.
    pub fn letters(&self, found: &Solution) -> Option<Letters> {
        let (basis, program, steps) = (found.basis.as_ref()?, self.program, self.layout.steps);
        let columns = program.column_lower.iter().zip(&program.column_upper).zip(&found.primal).zip(&basis.columns);
        let rows = program.row_lower.iter().zip(&program.row_upper).zip(&found.row_activity).zip(&basis.rows);
        Some(Letters {
            columns: letters(self.columns(), steps, columns.map(at_bound)),
            rows: letters(self.rows(), steps, rows.map(at_bound)),
        })
    }

    fn columns(&self) -> Addressed {
        let steps = self.layout.steps;
        let keys = self.layout.keys.iter().map(|key| ((key.subject, key.quantity, key.member), last_or(key.step, steps)));
        let address = |(subject, quantity, member): (Subject, Quantity, u32)| {
            let (word, part) = (quantity.word(), quantity.part());
            format!("{}.{word}{part}{}", self.address(subject), self.of_member(member))
        };
        Addressed::new(keys, steps, address)
    }

    fn rows(&self) -> Addressed {
        let steps = self.layout.steps;
        let key = |key: &RowKey| ((key.family, key.subject, key.member), last_or(key.step, steps));
        let address = |(family, subject, member): (&'static str, Subject, u32)| {
            format!("{family}:{}{}", self.address(subject), self.of_member(member))
        };
        Addressed::new(self.row_keys.iter().map(key), steps, address)
    }

    fn of_member(&self, member: u32) -> String {
        if self.layout.members > 1 { format!("[{member}]") } else { String::new() }
    }

    /// The address of what a column or row belongs to; an objective by its id, which stays when others come before it.
    fn address(&self, subject: Subject) -> String {
        match subject {
            Subject::Objective(number) if (number as usize) < self.goals.objectives.len() => {
                format!("objective.{}", self.goals.objectives[number as usize].id)
            }
            other => self.layout.address(other, &self.case.network),
        }
    }
}

impl Stored {
    /// The basis of a program.
    fn onto(&self, named: Named<'_>) -> Result<Basis, String> {
        let stored = &self.goals;
        let steps = self.steps(&named.case.horizon)?;
        let program = named.program;
        let (columns, rows) = (named.columns(), named.rows());
        let known = columns.known(&stored.columns) + rows.known(&stored.rows);
        let all = program.columns() + program.rows();
        if (known as f64) < LEAST_KNOWN * all as f64 {
            return Err(format!("it knows {known} of {all} columns and rows by their addresses"));
        }
        let bounds = program.column_lower.iter().zip(&program.column_upper);
        let column = |(at, (&lower, &upper)): (Option<Standing>, (&f64, &f64))| match at {
            Some(Standing::Basic) => Standing::Basic,
            Some(Standing::Upper) if upper.is_finite() => Standing::Upper,
            _ if lower.is_finite() => Standing::Lower,
            _ if upper.is_finite() => Standing::Upper,
            _ => Standing::Zero,
        };
        let mut at: Vec<Option<Standing>> = columns.standings(&stored.columns, &steps).collect();
        if at.iter().any(Option::is_none) {
            guess::fill(named, &mut at);
        }
        let columns = at.into_iter().zip(bounds).map(column).collect();
        let bounds = program.row_lower.iter().zip(&program.row_upper);
        let row = |(at, (&lower, &upper)): (Option<Standing>, (&f64, &f64))| match at {
            None | Some(Standing::Basic) => Standing::Basic,
            Some(Standing::Upper) if upper.is_finite() => Standing::Upper,
            _ if lower.is_finite() => Standing::Lower,
            _ if upper.is_finite() => Standing::Upper,
            _ => Standing::Basic,
        };
        let rows = rows.standings(&stored.rows, &steps).zip(bounds).map(row).collect();
        Ok(Basis { columns, rows })
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let Some(packed) = bytes.strip_prefix(HEAD) else {
            let other = bytes.starts_with(KIND);
            return Err(if other { "it is of another version of weir" } else { "it is no basis of weir" }.to_owned());
        };
        let damaged = || "it is damaged".to_owned();
        let json = decompress_to_vec_zlib_with_limit(packed, MOST_BYTES).map_err(|_| damaged())?;
        let stored: Self = serde_json::from_slice(&json).map_err(|_| damaged())?;
        let steps = stored.edges.len().saturating_sub(1);
        let whole = steps > 0
            && stored.edges.is_sorted_by(|a, b| a < b)
            && stored.goals.last(steps)
            && stored.groups.iter().all(|group| group.weights.iter().all(|&weight| weight.is_finite() && weight > 0.0));
        if whole { Ok(stored) } else { Err(damaged()) }
    }

    /// For each step of a horizon, the own step in which it ends, or the nearest.
    fn steps(&self, horizon: &Horizon) -> Result<Vec<usize>, String> {
        let edges = edges(horizon);
        let none = "its time and the plan's have nothing in common".to_owned();
        let (Some(start), Some(end)) = (edges.first(), edges.last()) else { return Err(none) };
        if self.edges.last().is_none_or(|last| last <= start) || self.edges.first().is_none_or(|first| first >= end) {
            return Err(none);
        }
        let last = self.edges.len() - 2;
        let step = |end: &i64| self.edges.partition_point(|edge| edge < end).saturating_sub(1).min(last);
        Ok(edges.iter().skip(1).map(step).collect())
    }
}

impl Letters {
    /// Whether each address has one a step.
    fn last(&self, steps: usize) -> bool {
        self.columns.values().chain(self.rows.values()).all(|letters| letters.len() == steps)
    }
}

/// Edges of a horizon, s since 1970.
fn edges(horizon: &Horizon) -> Vec<i64> {
    horizon.edges.iter().map(|edge| edge.timestamp().as_second()).collect()
}

fn stages(goals: &Goals) -> Vec<String> {
    goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage)).map(|objective| objective.id.clone()).collect()
}

/// Columns or rows gathered into series: those of one address.
struct Addressed {
    /// Addresses, none twice: the second of one address in the same step is of a series `#2`.
    addresses: Vec<String>,
    /// Series and step of each column or row.
    places: Vec<(usize, usize)>,
}

impl Addressed {
    fn new<K: Copy + Eq + Hash>(
        keys: impl Iterator<Item = (K, usize)>,
        steps: usize,
        address: impl Fn(K) -> String,
    ) -> Self {
        // The series of a key, with the steps that each has.
        let mut series: HashMap<K, Vec<(usize, Vec<bool>)>> = HashMap::new();
        let mut addresses = Vec::new();
        let mut places = Vec::new();
        for (key, step) in keys {
            let own = series.entry(key).or_default();
            let nth = own.iter().position(|(_, has)| !has[step]).unwrap_or(own.len());
            if nth == own.len() {
                own.push((addresses.len(), vec![false; steps]));
                addresses.push(if nth == 0 { address(key) } else { format!("{}#{}", address(key), nth + 1) });
            }
            let (number, has) = &mut own[nth];
            has[step] = true;
            places.push((*number, step));
        }
        Self { addresses, places }
    }

    /// How many have an address that is known.
    fn known(&self, stored: &BTreeMap<String, String>) -> usize {
        let known: Vec<bool> = self.addresses.iter().map(|address| stored.contains_key(address)).collect();
        self.places.iter().filter(|(series, _)| known[*series]).count()
    }

    /// Where each stood.
    fn standings(
        self,
        stored: &BTreeMap<String, String>,
        steps: &[usize],
    ) -> impl Iterator<Item = Option<Standing>> + use<> {
        let letters = |address: &String| stored.get(address).map(|letters| letters.clone().into_bytes());
        let letters: Vec<Option<Vec<u8>>> = self.addresses.iter().map(letters).collect();
        let steps = steps.to_vec();
        let standing = move |(series, step): (usize, usize)| standing(*letters[series].as_ref()?.get(steps[step])?);
        self.places.into_iter().map(standing)
    }
}

/// The letters of each address.
fn letters(addressed: Addressed, steps: usize, standings: impl Iterator<Item = Standing>) -> BTreeMap<String, String> {
    let mut letters = vec![vec![NOT_THERE; steps]; addressed.addresses.len()];
    for (&(series, step), standing) in addressed.places.iter().zip(standings) {
        letters[series][step] = letter(standing);
    }
    let text = |letters| String::from_utf8(letters).unwrap_or_default();
    addressed.addresses.into_iter().zip(letters.into_iter().map(text)).collect()
}

fn last_or(step: u32, steps: usize) -> usize {
    (step as usize).min(steps.saturating_sub(1))
}

/// Where something stands by the program's own bounds: a face may have fixed it at either.
fn at_bound((((&lower, &upper), &value), &at): (((&f64, &f64), &f64), &Standing)) -> Standing {
    match at {
        Standing::Basic => Standing::Basic,
        at if lower >= upper => at,
        at if !lower.is_finite() && !upper.is_finite() => at,
        _ if upper - value < value - lower => Standing::Upper,
        _ => Standing::Lower,
    }
}

const fn letter(standing: Standing) -> u8 {
    match standing {
        Standing::Lower => b'L',
        Standing::Basic => b'B',
        Standing::Upper => b'U',
        Standing::Zero => b'Z',
        Standing::Nonbasic => b'N',
    }
}

const fn standing(letter: u8) -> Option<Standing> {
    Some(match letter {
        b'L' => Standing::Lower,
        b'B' => Standing::Basic,
        b'U' => Standing::Upper,
        b'Z' => Standing::Zero,
        b'N' => Standing::Nonbasic,
        _ => return None,
    })
}
