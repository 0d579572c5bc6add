//! What came of a plan, from what the store knows: readings that were gathered, starts of the plans below it, uses of accounts,
//! orders that were reported.
//!
//! Of a plan with a parent, that is the parent until the plan's start; of one without, the plan itself until now.
//!
//! Limits: of each input only what was gathered last is remembered; a reading stands until the next one, a day at most.

use jiff::Timestamp;
use weir_model::document::{Actual, Content, Deviations, Known, PlanDocument, seconds};
use weir_model::unit_words::Unit;

use crate::gather::Input;
use crate::job::Office;
use crate::orders::sheet::SheetState;
use crate::plans::{Choice, PlanRow};
use crate::store::{Store, StoreError};

/// Longest time that a reading stands for, s.
const LONGEST_S: f64 = 86_400.0;
/// Plans and orders that are looked through.
const MOST: i64 = 5_000;

/// What came of a plan's parent, and which that is.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The plan that is followed.
    pub plan: String,
    /// Its document.
    pub document: PlanDocument,
    /// What came of it.
    pub deviations: Deviations,
}

impl Store {
    /// What came of a plan's parent until the plan began; of a plan without a parent, of itself until now.
    ///
    /// # Errors
    /// If there is no such plan, or the store cannot be asked.
    pub async fn followed(&self, office: &Office, id: &str, now: Timestamp) -> Result<Followed, StoreError> {
        let plan = self.plan(id).await?.ok_or_else(|| StoreError::no("plan", id))?;
        let own = plan.parent.is_empty();
        let (followed, until) = if own { (plan.clone(), now) } else { (self.parent(&plan).await?, plan.valid_from) };
        let document = self.document(&followed.id).await?;
        let below = self.below(&followed, &plan, until).await?;
        let mut actuals = self.actuals(office, &plan.product, until).await?;
        actuals.extend(starts(&below));
        actuals.extend(uses(&document.content, &below));
        let contents: Vec<&Content> = below.iter().map(|(_, document)| &document.content).collect();
        let deviations = document.deviations(until, &actuals, &contents);
        Ok(Followed { plan: followed.id, document, deviations })
    }

    /// What is known of a product until an instant: readings that its jobs gathered, and orders that were reported.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn actuals(&self, office: &Office, product: &str, until: Timestamp) -> Result<Vec<Actual>, StoreError> {
        let mut actuals = Vec::new();
        for input in office.inputs.iter().filter(|input| office.jobs.iter().any(|job| gathers(office, job, input, product)))
        {
            actuals.extend(self.gathered(input, until).await?);
        }
        for sheet in self.orders(None, MOST).await? {
            if let (SheetState::Reported, true, Some(actual)) = (sheet.state, sheet.product == product, sheet.actual_m3s) {
                let (on, order) = (sheet.order.on.clone(), &sheet.order);
                let ends = order.execute_at.parse::<Timestamp>().ok().zip(order.until.parse::<Timestamp>().ok());
                let Some((from, to)) = ends else { continue };
                let flows = Known::Flows(vec![(seconds(from), seconds(to), actual)]);
                actuals.push(actual_of(&on, flows, format!("order {}", sheet.number)));
            }
        }
        Ok(actuals)
    }

    async fn parent(&self, plan: &PlanRow) -> Result<PlanRow, StoreError> {
        let parent = self.plan(&plan.parent).await?;
        parent.ok_or_else(|| StoreError::Refused(format!("the parent `{}` of `{}` is not there", plan.parent, plan.id)))
    }

    /// Plans of the product that begin within the time that is looked at, the plan itself among them, first begun first; of those
    /// that begin at once, the last made.
    async fn below(
        &self,
        followed: &PlanRow,
        plan: &PlanRow,
        until: Timestamp,
    ) -> Result<Vec<(Timestamp, PlanDocument)>, StoreError> {
        let choice = Choice { product: Some(plan.product.clone()), ..Choice::default() };
        let mut rows = self.plans(&choice, MOST).await?;
        rows.retain(|row| row.id != followed.id && row.valid_from > followed.valid_from && row.valid_from <= until);
        // Stable: of those that begin at once the last made stays first.
        rows.sort_by_key(|row| row.valid_from);
        rows.dedup_by_key(|row| row.valid_from);
        let mut below = Vec::with_capacity(rows.len());
        for row in rows {
            below.push((row.valid_from, self.document(&row.id).await?));
        }
        Ok(below)
    }

    /// What was read of an input until an instant, as an actual of the series that it tells of.
    async fn gathered(&self, input: &Input, until: Timestamp) -> Result<Option<Actual>, StoreError> {
        let Some((on, unit)) = tells(input) else { return Ok(None) };
        let Some(factor) = Unit::of(unit).and_then(|unit| input.unit.to(unit)) else { return Ok(None) };
        let Some(remembered) = self.remembered(&input.id).await? else { return Ok(None) };
        let readings: Vec<(f64, f64)> = remembered
            .readings
            .iter()
            .filter(|reading| reading.time <= until && reading.time <= remembered.at)
            .map(|reading| (seconds(reading.time), reading.value * factor))
            .collect();
        let known = if unit == "m3/s" { Known::Flows(standing(&readings)) } else { Known::States(readings) };
        Ok(Some(actual_of(&on, known, format!("input {}", input.id))))
    }
}

/// Whether a job of a product gathers an input.
fn gathers(office: &Office, job: &crate::job::Job, input: &Input, product: &str) -> bool {
    job.product == product && office.inputs_of(job, true).iter().any(|other| other.id == input.id)
}

/// The series that an input tells of, `ELEMENT.QUANTITY`, and its unit in plans.
fn tells(input: &Input) -> Option<(String, &'static str)> {
    if let Some(measures) = &input.measures {
        let unit = match measures.value.rsplit_once('.')?.1 {
            "level" => "m",
            "storage" => "hm3",
            _ => "m3/s",
        };
        return Some((measures.value.clone(), unit));
    }
    let element = input.element();
    match input.key() {
        "initial_level_m" => Some((format!("{element}.level"), "m")),
        key if key.starts_with("initial_storage") => Some((format!("{element}.storage"), "hm3")),
        key if key.starts_with("flow_") => Some((format!("{element}.inflow.flow"), "m3/s")),
        _ => None,
    }
}

/// Readings as means: each stands until the next, the last as long as the one before it, none longer than a day.
fn standing(readings: &[(f64, f64)]) -> Vec<(f64, f64, f64)> {
    let lengths: Vec<f64> = readings.windows(2).map(|pair| (pair[1].0 - pair[0].0).min(LONGEST_S)).collect();
    let last = lengths.last().copied();
    let lengths = lengths.into_iter().chain(last);
    readings.iter().zip(lengths).map(|((from, value), length)| (*from, from + length, *value)).collect()
}

/// An actual of the series at `ELEMENT.QUANTITY`; a way out of a reservoir without its quantity is a flow.
fn actual_of(on: &str, values: Known, source: String) -> Actual {
    let (address, quantity) = match on.rsplit_once('.') {
        Some((address, quantity @ ("flow" | "outflow" | "inflow" | "supply" | "level" | "storage"))) => (address, quantity),
        _ => (on, "flow"),
    };
    Actual { address: address.to_owned(), quantity: quantity.to_owned(), values, source, substituted_by: None }
}

/// The levels and storages that plans started from.
fn starts(below: &[(Timestamp, PlanDocument)]) -> Vec<Actual> {
    let mut actuals = Vec::new();
    for (from, document) in below {
        let inputs = &document.content.inputs;
        for start in &inputs.start {
            let of = |row: &&weir_model::document::Gathered| {
                row.address.strip_prefix(&start.address).is_some_and(|key| key.starts_with(".initial_"))
            };
            let substituted_by = inputs.gathered.iter().find(of).and_then(|row| row.substituted_by.clone());
            for (quantity, value) in [("storage", start.storage_hm3), ("level", start.level_m)] {
                actuals.push(Actual {
                    address: start.address.clone(),
                    quantity: quantity.to_owned(),
                    values: Known::States(vec![(seconds(*from), value)]),
                    source: "start of a plan below".to_owned(),
                    substituted_by: substituted_by.clone(),
                });
            }
        }
    }
    actuals
}

/// What accounts of one window had used when plans began; what was merely filled at the planned rate is not known.
fn uses(followed: &Content, below: &[(Timestamp, PlanDocument)]) -> Vec<Actual> {
    let mut actuals = Vec::new();
    let one = |content: &Content, account: &str, window: &str| {
        let mut rows = content.accounts.iter().filter(|row| row.account == account);
        rows.next().is_some_and(|row| row.window == window) && rows.next().is_none()
    };
    for (from, document) in below {
        for row in &document.content.accounts {
            let same = [followed, &document.content].iter().all(|content| one(content, &row.account, &row.window));
            let begins = row.from.parse::<Timestamp>().is_ok_and(|begin| begin == *from);
            if same && begins && row.note.as_ref().is_none_or(|note| !note.contains("is not known and filled")) {
                actuals.push(Actual {
                    address: row.account.clone(),
                    quantity: "used".to_owned(),
                    values: Known::States(vec![(seconds(*from), row.used_before_hm3)]),
                    source: "used so far".to_owned(),
                    substituted_by: None,
                });
            }
        }
    }
    actuals
}
