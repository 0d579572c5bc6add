//! Numbers on the time grid: every series that a case is driven by, and parameters that are either one number or a series.
//!
//! Shape: a series is step × member. Units: the unit of the parameter that points at it.

use std::marker::PhantomData;

use ndarray::Array2;

use crate::units::Unit;

/// A parameter on the horizon: one number for all steps, or a series of the [`Forcing`].
#[derive(Debug, PartialEq)]
pub struct Param<U> {
    values: Values,
    unit: PhantomData<U>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Values {
    Constant(f64),
    Series(usize),
}

impl<U> Clone for Param<U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<U> Copy for Param<U> {}

impl<U: Unit> Param<U> {
    /// The same number in every step.
    pub const fn constant(value: f64) -> Self {
        Self { values: Values::Constant(value), unit: PhantomData }
    }

    /// The number, if it is the same in every step.
    pub const fn as_constant(&self) -> Option<f64> {
        match self.values {
            Values::Constant(value) => Some(value),
            Values::Series(_) => None,
        }
    }

    /// The index of the series, if it is one.
    pub const fn as_series(&self) -> Option<usize> {
        match self.values {
            Values::Constant(_) => None,
            Values::Series(index) => Some(index),
        }
    }

    /// The unit as documents print it.
    pub const fn unit(&self) -> &'static str {
        U::SYMBOL
    }
}

/// A series on the horizon, with where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Address of the parameter it gives, such as `shanxi_inflow.flow`.
    pub address: String,
    /// Unit as documents print it.
    pub unit: &'static str,
    /// step × member.
    pub values: Array2<f64>,
    /// What it was read from.
    pub source: SeriesSource,
}

/// Origin of a series that follows from other facts.
pub const DERIVED: &str = "derived";

/// Where a series came from, for the plan's `inputs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesSource {
    /// File and column, or `profile`, as the basin file has it.
    pub origin: String,
    /// SHA-256 of the bytes it was read from (the file, or the values as written).
    pub digest: String,
    /// Time of the last value that was read, if it has one.
    pub last: Option<String>,
    /// What stands for a value that was missing, if any did.
    pub substituted_by: Option<String>,
    /// The file says that the series is synthetic or assumed.
    pub assumed: bool,
}

/// All series of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forcing {
    /// Number of members (1 for a deterministic case).
    pub members: usize,
    /// The series; [`Param`]s index into it.
    pub series: Vec<Series>,
}

impl Forcing {
    /// No series, `members` members.
    pub fn new(members: usize) -> Self {
        Self { members, series: Vec::new() }
    }

    /// Adds a series and returns the parameter that reads it.
    pub fn add<U: Unit>(&mut self, address: impl Into<String>, values: Array2<f64>, source: SeriesSource) -> Param<U> {
        self.series.push(Series { address: address.into(), unit: U::SYMBOL, values, source });
        Param { values: Values::Series(self.series.len() - 1), unit: PhantomData }
    }

    /// The parameter's value in a step of a member.
    pub fn at<U: Unit>(&self, param: &Param<U>, step: usize, member: usize) -> f64 {
        match param.values {
            Values::Constant(value) => value,
            Values::Series(index) => {
                let values = &self.series[index].values;
                values[[step, if values.ncols() == 1 { 0 } else { member }]]
            }
        }
    }
}
