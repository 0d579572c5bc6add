//! Value of the water at the end of the horizon 期末蓄水价值, by cuts.
//!
//! Each cut says: the value is at most constant + Σ price × (storage at the end + water on its way to it). Cuts of the same
//! `of` make one concave function, their least; functions add up. Of one storage they are a piecewise linear value; of all of
//! them together, cuts as stochastic dual dynamic programming leaves them. yuan/m³ × hm³ = million yuan.
//! Sense: maximise. Units: million yuan. Good: what the water is worth to the year after, by whoever made the cuts.
//! Limits: no better than the cuts; beyond the storages that they were made for they promise too much.

use super::Measure;
use crate::case::Case;
use crate::goals::{Cut, Objective, Sense};
use crate::network::NodeId;
use crate::plan::Decisions;
use crate::water::Motion;

/// See the module.
pub struct EndValue;

impl EndValue {
    /// The functions, each its cuts.
    pub fn functions(objective: &Objective) -> Vec<Vec<&Cut>> {
        let mut functions: Vec<Vec<&Cut>> = Vec::new();
        for cut in &objective.cuts {
            match functions.iter_mut().find(|function| function.iter().any(|other| other.of == cut.of)) {
                Some(function) => function.push(cut),
                None => functions.push(vec![cut]),
            }
        }
        functions
    }

    /// The storages of a cut, row and node, with their prices.
    pub fn prices<'a>(case: &'a Case, cut: &'a Cut) -> impl Iterator<Item = (usize, NodeId, f64)> + 'a {
        case.network.storages().enumerate().filter_map(|(row, (node, _))| {
            let price = cut.per_m3.iter().find(|(id, _)| *id == case.network.nodes[node.0].id);
            price.map(|(_, price)| (row, node, *price))
        })
    }
}

impl Measure for EndValue {
    fn kind(&self) -> &'static str {
        "end_value"
    }

    fn sense(&self) -> Sense {
        Sense::Maximise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "million yuan"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let on_its_way = Motion::of(case, decisions).on_its_way;
        let end = case.horizon.steps();
        let value = |cut: &&Cut| {
            let worth =
                |(row, node, price): (usize, NodeId, f64)| price * (decisions.storage_hm3[[row, end]] + on_its_way[node.0]);
            cut.constant_million + Self::prices(case, cut).map(worth).sum::<f64>()
        };
        let least = |function: Vec<&Cut>| function.iter().map(value).fold(f64::INFINITY, f64::min);
        Self::functions(objective).into_iter().map(least).sum()
    }
}
