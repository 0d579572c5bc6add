//! The plan in force, as far as it goes: what it wants in a step comes before what the rules would want.
//!
//! Shape: step × arc, step × portion; what it does not know is no number. Units: hm³ in the step.

use ndarray::Array2;
use weir_model::case::Case;

/// A plan in force on the case's steps.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// By step, whether it knows anything of it.
    pub(super) knows: Vec<bool>,
    pub(super) flow: Vec<f64>,
    pub(super) supply: Vec<f64>,
}

impl Planned {
    /// Reads the plan in force; none where the case has none.
    pub(super) fn new(case: &Case, hm3: &[f64]) -> Option<Self> {
        let decisions = case.in_force.as_ref()?;
        let (arcs, portions) = (case.network.arcs.len(), case.network.portions().count());
        let volumes = |values: &Array2<f64>, rows: usize| -> Vec<f64> {
            let known = |flow: &&f64| flow.is_finite();
            let at = |step: usize, row: usize| {
                values.get([row, step]).filter(known).map_or(f64::NAN, |flow| flow.max(0.0) * hm3[step])
            };
            (0..hm3.len()).flat_map(|step| (0..rows).map(move |row| (step, row))).map(|(step, row)| at(step, row)).collect()
        };
        let (flow, supply) = (volumes(&decisions.flow_m3s, arcs), volumes(&decisions.supply_m3s, portions));
        let knows = |step: usize| {
            flow[step * arcs..][..arcs].iter().chain(&supply[step * portions..][..portions]).any(|volume| volume.is_finite())
        };
        Some(Self { knows: (0..hm3.len()).map(knows).collect(), flow, supply })
    }
}
