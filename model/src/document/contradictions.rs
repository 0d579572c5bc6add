//! What a document says against itself: sums, values told twice, and its certificate, as far as they can be checked without the
//! basin.
//!
//! Tolerance: rounding of sums ([`ROUNDING`], relative, absolute below 1); residuals as in the audit.

use super::{Content, ProofRow, SatisfactionRow, SeriesRow, StageRow, WarningRow};
use crate::goals::Sense;
use crate::tolerance::{FEASIBILITY_HM3, OBJECTIVE, ROUNDED};

/// What sums of numbers that were told whole may differ by.
const ROUNDING: f64 = 1e-9;

impl Content {
    /// What it says against itself, a sentence each; none of a sound document.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.audited(&mut found);
        self.stages_and_objectives(&mut found);
        self.certified(&mut found);
        self.sums(&mut found);
        self.probable(&mut found);
        found
    }

    /// Warnings whose probability is not that of the futures, and futures whose weights are no whole.
    fn probable(&self, found: &mut Vec<String>) {
        let told = |row: &WarningRow| self.futures.as_ref()?.probability(&row.address, &row.kind, &row.grade);
        for row in self.warnings.iter().filter(|row| row.probability != told(row)) {
            found.push(format!("warnings: the probability of `{}` is not that which the futures have", row.address));
        }
        let Some(futures) = &self.futures else { return };
        let whole: f64 = futures.members.iter().map(|member| member.weight).sum();
        let is_own = futures.members.iter().any(|member| member.id == futures.member);
        if (whole - 1.0).abs() > ROUNDING || !is_own {
            found.push("futures: weights that are no whole, or a part of none of the members".to_owned());
        }
    }

    fn audited(&self, found: &mut Vec<String>) {
        if !self.audit.passed || !self.audit.findings.is_empty() {
            found.push("audit: the plan does not pass".to_owned());
        }
        for residual in &self.audit.residuals {
            let tolerance = if residual.family == "objective" { OBJECTIVE } else { FEASIBILITY_HM3 };
            if residual.largest > tolerance {
                found.push(format!("audit: `{}` is beyond tolerance, {}", residual.family, residual.largest));
            }
        }
    }

    fn stages_and_objectives(&self, found: &mut Vec<String>) {
        for (number, stage) in self.stages.iter().enumerate() {
            let id = &stage.objective;
            let objective = self.objectives.iter().find(|row| row.id == *id);
            if objective.and_then(|row| row.stage) != Some(number + 1) {
                found.push(format!("stages: `{id}` stands at another place among the objectives"));
            }
            let measured = objective.and_then(|row| row.value);
            // What later stages used of a tolerance is not in the value of a stage that is proved.
            let is_proved = self.certificate.as_ref().is_none_or(|told| told.proofs.iter().any(|proof| proof.of == *id));
            let given = if is_proved { stage.tolerance } else { 0.0 };
            let apart = measured.map_or(0.0, |value| (value - stage.value).abs());
            if apart > given + if given > 0.0 { OBJECTIVE * stage.value.abs().max(1.0) } else { 0.0 } {
                found.push(format!("stages: `{id}` is {} and is measured as {}", stage.value, measured.unwrap_or_default()));
            }
            let (sign, _) = minimised(stage);
            if let Some(bound) = stage.bound {
                if stage.gap != Some(gap(stage.value, bound)) {
                    found.push(format!("stages: the gap of `{id}` is not that of its value and bound"));
                }
                if sign * (bound - stage.value) > OBJECTIVE * stage.value.abs().max(1.0) {
                    found.push(format!("stages: `{id}` is {}, better than its bound {bound}", stage.value));
                }
            }
        }
    }

    fn certified(&self, found: &mut Vec<String>) {
        let Some(certificate) = &self.certificate else {
            found.push("certificate: the plan has none".to_owned());
            return;
        };
        let in_volume = self.audit.residuals.iter().filter(|residual| residual.family != "objective");
        if certificate.residual_hm3 != in_volume.map(|residual| residual.largest).fold(0.0, f64::max) {
            found.push("certificate: the residual is not the largest of the audit".to_owned());
        }
        let mut before = 0;
        for proof in &certificate.proofs {
            if proof.gap != gap(proof.value, proof.bound) {
                found.push(format!("certificate: the gap of `{}` is not that of its value and bound", proof.of));
            }
            if let Err(why) = proof.duals.numbers(self.engine.rows) {
                found.push(format!("certificate: duals of `{}`: {why}", proof.of));
            }
            let Some(place) = self.stages.iter().position(|stage| stage.objective == proof.of) else { continue };
            let (sign, value) = minimised(&self.stages[place]);
            if place < before || proof.value != value || self.stages[place].bound != Some(sign * proof.bound) {
                found.push(format!("certificate: the proof of `{}` is not of the stage as it stands", proof.of));
            }
            before = place;
            self.given(proof, place, found);
        }
    }

    fn given(&self, proof: &ProofRow, place: usize, found: &mut Vec<String>) {
        for given in &proof.given {
            let later = self.stages.iter().skip(place).any(|stage| stage.objective == given.what);
            let earlier = self.stages.iter().take(place).find(|stage| stage.objective == given.what);
            // More where more was good enough: less is known then, and the bound is the weaker for it. Less by what rounding leaves of it.
            let under = |kept: f64| kept - given.at <= ROUNDED * kept.abs().max(1.0);
            let stands = earlier.is_none_or(|stage| under(minimised(stage).1 + stage.tolerance));
            if later || !stands {
                found.push(format!("certificate: `{}` is not given before `{}` as it stands", given.what, proof.of));
            }
        }
    }

    fn sums(&self, found: &mut Vec<String>) {
        for row in &self.series {
            let of = |quantity: &str| self.series(&row.address, quantity);
            let parts = match row.quantity.as_str() {
                "outflow" => of("release").zip(of("spill")).map(|(release, spill)| ("release + spill", release, 1.0, spill)),
                "shortage" => {
                    of("demand").zip(of("supply")).map(|(demand, supply)| ("demand − supply", demand, -1.0, supply))
                }
                _ => None,
            };
            let Some((parts, first, sign, second)) = parts else { continue };
            if let Some((step, value, sum)) = no_sum(row, first, sign, second) {
                let (place, when) = (format!("{}.{}", row.address, row.quantity), self.time_of(step));
                found.push(format!("series: `{place}`, values[{step}], {when}, is {value}, and {parts} is {sum}"));
            }
        }
        for start in &self.inputs.start {
            let told = self.series(&start.address, "storage").and_then(|row| row.values.first().copied().flatten());
            if !self.series.is_empty() && told != Some(start.storage_hm3) {
                let (told, when) = (told.map_or_else(|| "none".to_owned(), |value| value.to_string()), self.time_of(0));
                let (place, start) = (format!("{}.storage", start.address), start.storage_hm3);
                found.push(format!("series: `{place}`, values[0], {when}, is {told}, and the start is {start}"));
            }
        }
        for row in &self.accounts {
            if !near(row.left_hm3, row.limit_hm3 - row.used_before_hm3 - row.planned_hm3) {
                found.push(format!("accounts: what is left of `{}` is not limit − used − planned", row.account));
            }
        }
        for row in self.satisfaction.iter().filter(|row| row.demand_hm3 > 0.0) {
            let ratio = row.supply_hm3 / row.demand_hm3;
            if !near(row.ratio, ratio) {
                found.push(format!("satisfaction: {}: the ratio is {}, and supply ÷ demand is {ratio}", of(row), row.ratio));
            }
        }
    }

    /// When a step starts, as far as that is known: its day, where it starts with one.
    fn time_of(&self, step: usize) -> String {
        let start = self.horizon.starts.get(step).unwrap_or(&self.horizon.end);
        let minute = start.get(.."2026-08-01T00:00".len()).unwrap_or(start);
        minute.strip_suffix("T00:00").unwrap_or(minute).to_owned()
    }
}

/// What a satisfaction is of: its region, use, class and period.
fn of(row: &SatisfactionRow) -> String {
    let period = if row.label == "horizon" { "the whole horizon" } else { &row.label };
    let region = row.region.iter().map(|region| format!("`{region}`"));
    let class = row.class.iter().map(|class| format!("class {class}"));
    let in_stream = row.in_stream.then(|| "in the stream".to_owned());
    let parts = region.chain([format!("{} use", row.use_)]).chain(class).chain(in_stream).chain([period.to_owned()]);
    parts.collect::<Vec<_>>().join(", ")
}

/// The sign that turns a stage's value into what is minimised, and that.
fn minimised(stage: &StageRow) -> (f64, f64) {
    let sign = if stage.sense == Sense::Maximise.word() { -1.0 } else { 1.0 };
    (sign, sign * stage.value)
}

/// How far a value may be from the best, relative to it (absolute where it is 0).
pub(super) fn gap(value: f64, bound: f64) -> f64 {
    (value - bound).abs() / if value.abs() > OBJECTIVE { value.abs() } else { 1.0 }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(1.0)
}

/// The first step in which a series is not the sum of two others, its value there, and the sum.
fn no_sum(row: &SeriesRow, first: &SeriesRow, sign: f64, second: &SeriesRow) -> Option<(usize, f64, f64)> {
    let parts = first.values.iter().zip(&second.values).map(|(a, b)| a.zip(*b).map(|(a, b)| a + sign * b));
    let told = row.values.iter().zip(parts).enumerate();
    let mut told = told.filter_map(|(step, (value, sum))| value.zip(sum).map(|(value, sum)| (step, value, sum)));
    told.find(|&(_, value, sum)| !near(value, sum))
}
