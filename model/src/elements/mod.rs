//! Elements: what engineers write in basin files. Each kind is one file here and one line in [`KINDS`]; each lowers to the
//! closed primitives of [`network`](crate::network), so that nothing behind it needs to know of a new one.

pub mod common;

mod account;
mod aquifer;
mod canal;
mod command;
mod control_section;
mod curtailment;
mod demand;
mod diversion;
mod group;
mod inflow;
mod irrigation;
mod junction;
mod operation;
mod pump;
mod reach;
mod reservoir;
mod safe_discharge;
mod sink;
mod source;
mod waterworks;

pub use curtailment::response as drought_response;

use std::fmt;

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::Varying;
use crate::curve::Curve;
use crate::lower::Lowering;
use crate::place::Place;
use crate::record::GivenRecord;

/// All kinds of elements, by their words.
pub const KINDS: &[Kind] = &[
    account::KIND,
    aquifer::KIND,
    canal::KIND,
    command::KIND,
    control_section::KIND,
    curtailment::KIND,
    demand::KIND,
    diversion::KIND,
    group::KIND,
    inflow::KIND,
    irrigation::KIND,
    junction::KIND,
    operation::KIND,
    pump::KIND,
    reach::KIND,
    reservoir::KIND,
    safe_discharge::KIND,
    sink::KIND,
    source::KIND,
    waterworks::KIND,
];

/// A kind of element.
pub struct Kind {
    /// Its word: the name of its table array, its file and its heading in docs/basin-file.md.
    pub word: &'static str,
    /// Whether it lies in a region.
    pub regional: bool,
    /// Whether it is a node, which ways may lead from and to.
    pub node: bool,
    /// Reads one from its table.
    pub read: fn(&Entry, Head) -> Box<dyn Element>,
}

/// What every element has.
#[derive(Clone, Debug)]
pub struct Head {
    /// Id, unique in the file.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Word of its kind.
    pub kind: &'static str,
    /// Where it was written.
    pub place: Place,
    /// Id of the region that it lies in.
    pub region: Option<Field<String>>,
}

/// An element as the engineer wrote it, without defaults. Lowering passes over all elements three times, in the order of
/// their ids: nodes, then arcs, which name nodes, then rules, which name arcs.
pub trait Element: fmt::Debug + Send + Sync {
    /// What every element has.
    fn head(&self) -> &Head;

    /// Its curve of levels and storages, if it has one.
    fn curve(&self) -> Option<&Curve> {
        None
    }

    /// Its record of years, if it has one.
    fn record(&self) -> Option<&GivenRecord> {
        None
    }

    /// Its warning grades, from mild to grave, if it has any.
    fn grades(&self) -> &[(String, f64)] {
        &[]
    }

    /// What nature brings by it, if it is an inflow: what a forecast tells and a record holds.
    fn inflow(&self) -> Option<&Varying> {
        None
    }

    /// Adds its nodes.
    fn nodes(&self, _: &mut Lowering) {}

    /// Adds its arcs.
    fn arcs(&self, _: &mut Lowering) {}

    /// Adds its requirements and accounts.
    fn rules(&self, _: &mut Lowering) {}
}
