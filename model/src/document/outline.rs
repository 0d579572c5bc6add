//! The outline of a plan: what is told of many plans at once, such as the members of an ensemble, and no more of each than that.
//!
//! Goals, states and flows of reservoirs, flows of sections, shortages, satisfaction of whole uses over the horizon, warnings. Reasons, classes,
//! shorter periods, inputs, proofs and the digest are the document's: they are most of the work of making one, and none of them is told
//! of many. The outline of a plan ([`outline`](super::outline)) and that of its document ([`Content::outline`]) are the same.

use std::collections::BTreeMap;

use super::{Content, SatisfactionRow, SeriesRow, StageRow, WarningRow};

/// The quantities of its series.
pub(super) const QUANTITIES: [&str; 6] = ["storage", "level", "outflow", "spill", "flow", "shortage"];

/// The outline of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// The goals in order.
    pub stages: Vec<StageRow>,
    /// Storage, level, outflow and spill of reservoirs and aquifers, flows of sections, shortages of demands.
    pub series: Vec<SeriesRow>,
    /// Of whole uses over the whole horizon, without reasons.
    pub satisfaction: Vec<SatisfactionRow>,
    /// Warnings, without reasons.
    pub warnings: Vec<WarningRow>,
    /// Names of what is told, by id.
    pub names: BTreeMap<String, String>,
}

/// Kind and name of elements, and names of regions, by id.
#[derive(Default)]
pub(super) struct Known<'a> {
    elements: BTreeMap<&'a str, (&'a str, &'a str)>,
    regions: BTreeMap<&'a str, &'a str>,
}

impl<'a> Known<'a> {
    /// Elements as (id, kind, name), of one id the first; regions as (id, name).
    pub(super) fn new(
        elements: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
        regions: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut known = Self { elements: BTreeMap::new(), regions: regions.collect() };
        for (id, kind, name) in elements {
            known.elements.entry(id).or_insert((kind, name));
        }
        known
    }

    fn tells(&self, row: &SeriesRow) -> bool {
        let Some((kind, _)) = self.elements.get(row.address.as_str()) else { return false };
        match *kind {
            "reservoir" | "aquifer" => ["storage", "level", "outflow", "spill"].contains(&row.quantity.as_str()),
            "section" | "works_release" => row.quantity == "flow",
            "waterworks" | "irrigation" | "demand" => row.quantity == "shortage",
            _ => false,
        }
    }
}

impl Outline {
    /// An outline of rows, with those series that it tells.
    pub(super) fn of(
        known: &Known<'_>,
        (stages, mut series): (Vec<StageRow>, Vec<SeriesRow>),
        satisfaction: Vec<SatisfactionRow>,
        warnings: Vec<WarningRow>,
    ) -> Self {
        series.retain(|row| known.tells(row));
        let told = series.iter().map(|row| &row.address).chain(warnings.iter().map(|row| &row.address));
        let element = |id: &String| Some((id.clone(), known.elements.get(id.as_str())?.1.to_owned()));
        let mut names: BTreeMap<String, String> = told.filter_map(element).collect();
        let regions = satisfaction.iter().filter_map(|row| row.region.as_ref());
        names.extend(regions.filter_map(|id| Some((id.clone(), (*known.regions.get(id.as_str())?).to_owned()))));
        Self { stages, series, satisfaction, warnings, names }
    }
}

impl Content {
    /// The outline of the plan.
    pub fn outline(&self) -> Outline {
        let known = Known::new(
            self.elements.iter().map(|element| (element.id.as_str(), element.kind.as_str(), element.name.as_str())),
            self.regions.iter().map(|region| (region.id.as_str(), region.name.as_str())),
        );
        let series = self.series.iter().filter(|row| QUANTITIES.contains(&row.quantity.as_str())).cloned().collect();
        let whole = self.satisfaction.iter().filter(|row| row.class.is_none() && row.period == "horizon");
        let satisfaction =
            whole.map(|row| SatisfactionRow { reason: None, assurance: None, clause: None, ..row.clone() }).collect();
        let warnings = self
            .warnings
            .iter()
            .map(|row| WarningRow { reason: None, advice: None, probability: None, ..row.clone() })
            .collect();
        Outline::of(&known, (self.stages.clone(), series), satisfaction, warnings)
    }
}
