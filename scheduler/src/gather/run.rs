//! The gathering of a run: all inputs of its job at once, each within its time limit, and what they give laid over the basin.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use weir_model::basin::Basin;
use weir_model::laid::{Gathered, Laid, LaidForm, LaidSeries, LaidValue, Piece};
use weir_model::series::Meaning;
use weir_model::unit_words::Unit;

use super::back_computed::{BackComputed, storages};
use super::checks::Checks;
use super::form::{Formed, When, form, pieces, stand_in};
use super::input::{FallBack, Input, Origin, Shape};
use super::readings::{Raw, Reading, Times, Told};
use super::remembered::Remembered;
use super::{Ask, Source};
use crate::solving::{NoPlan, basin_of};
use crate::store::{Store, StoreError};

/// What is gathered, and for which run.
#[derive(Clone, Debug)]
pub struct Gathering {
    /// The job's inputs, in its order: of two that give the same, the first counts as far as it reaches.
    pub inputs: Vec<Input>,
    /// The office's folder.
    pub office: PathBuf,
    /// The basin's folder.
    pub basin: PathBuf,
    /// First day of the horizon.
    pub start: Date,
    /// What time it is.
    pub now: Timestamp,
}

/// Readings of an input, in the unit of its target and checked.
struct Checked {
    readings: Vec<Reading>,
    raw: Raw,
    told: Told,
}

/// Gathers what a run stands on.
///
/// # Errors
/// The refusals of the basin's file; inputs that have no fall-back left; a store that cannot be asked.
pub async fn gather(asked: &Gathering, store: &Store) -> Result<Laid, NoPlan> {
    if asked.inputs.is_empty() {
        return Ok(Laid::default());
    }
    let folder = asked.basin.clone();
    let read = tokio::task::spawn_blocking(move || basin_of(&folder, &[], &Laid::default())).await;
    let basin = read.map_err(|error| NoPlan::passing(&error))??;
    let Some(horizon) = basin.horizon(asked.start) else {
        // Lowering says why its steps cannot be laid out.
        return Ok(Laid::default());
    };
    let when = When { now: asked.now, horizon: &horizon };
    let mut checked = read_all(asked, &basin, when).await;
    for (place, input) in asked.inputs.iter().enumerate() {
        if let Origin::BackComputed(back) = &input.origin {
            checked[place] = compute(asked, &checked, (input, back), &basin, when);
        }
    }
    for place in 0..checked.len() {
        if let (Some(fault), Ok(own)) = (unbalanced(asked, &checked, place, when), &mut checked[place]) {
            own.readings.clear();
            own.told.faults.push(fault);
        }
    }
    let mut laid = Laid::default();
    let (mut failed, mut newest) = (Vec::new(), None);
    let store_fault = |fault: StoreError| NoPlan::passing(&fault);
    for (input, checked) in asked.inputs.iter().zip(&checked) {
        if input.to.is_none() {
            if let (true, Ok(checked)) = (input.measures.is_some(), checked) {
                remember(checked, input, asked.now, store).await?;
            }
            let why = checked.as_ref().err().cloned();
            lay(
                &mut laid,
                input,
                Settled { formed: None, substituted_by: None, why, observed: None },
                checked.as_ref().ok(),
                when,
            );
            continue;
        }
        let remembered = store.remembered(&input.id).await.map_err(store_fault)?;
        match settle(input, checked, remembered.as_ref(), when) {
            Ok(settled) => {
                newest = newest.max(settled.observed);
                if let (None, Ok(checked)) = (&settled.substituted_by, checked) {
                    remember(checked, input, asked.now, store).await?;
                }
                lay(&mut laid, input, settled, checked.as_ref().ok(), when);
            }
            Err(why) => failed.push(why),
        }
    }
    if !failed.is_empty() {
        return Err(NoPlan::passing(&failed.join("; ")));
    }
    laid.basis_time = newest.map(|newest| when.shown(newest));
    Ok(laid)
}

/// Keeps what was read of an input.
async fn remember(checked: &Checked, input: &Input, now: Timestamp, store: &Store) -> Result<(), NoPlan> {
    let (digest, readings) = (checked.raw.digest.clone(), checked.readings.clone());
    let kept = store.remember(&input.id, &Remembered { at: now, digest, readings }).await;
    kept.map_err(|fault| NoPlan::passing(&fault))
}

/// The digest of an input's content, and its newest reading up to now.
///
/// # Errors
/// Why it cannot be read.
pub async fn newest(asked: &Gathering, input: &Input) -> Result<(String, Option<Reading>), String> {
    let folder = asked.basin.clone();
    let read = tokio::task::spawn_blocking(move || basin_of(&folder, &[], &Laid::default())).await;
    let basin = read.map_err(|error| error.to_string())?.map_err(|why| why.to_string())?;
    let horizon = basin.horizon(asked.start).ok_or("its steps cannot be laid out")?;
    let when = When { now: asked.now, horizon: &horizon };
    let Origin::Source(source) = &input.origin else { return Err("it is computed".to_owned()) };
    let raw = fetch(asked, input, source.as_ref(), &basin, when).await?;
    let checked = check(input, raw, &basin);
    let newest = checked.readings.iter().rev().find(|reading| reading.time <= asked.now).copied();
    Ok((checked.raw.digest, newest))
}

/// Reads and checks all inputs that have a source, at once.
async fn read_all(asked: &Gathering, basin: &Basin, when: When<'_>) -> Vec<Result<Checked, String>> {
    let reads = asked.inputs.iter().map(|input| async move {
        match &input.origin {
            Origin::Source(source) => Ok(check(input, fetch(asked, input, source.as_ref(), basin, when).await?, basin)),
            Origin::BackComputed(_) => Err("not computed".to_owned()),
        }
    });
    join_all(reads).await
}

/// What a flow's water balance says against it.
fn unbalanced(asked: &Gathering, checked: &[Result<Checked, String>], place: usize, when: When<'_>) -> Option<String> {
    let input = &asked.inputs[place];
    let balance = input.checks.balance.as_ref()?;
    let with = asked.inputs.iter().position(|other| other.id == balance.with.value)?;
    let lines = |place: usize| {
        let (input, readings) = (&asked.inputs[place], &checked[place].as_ref().ok()?.readings);
        let factor = input.unit.to(Unit::of("m3/s")?)?;
        let flows: Vec<Reading> =
            readings.iter().map(|reading| Reading { value: reading.value * factor, ..*reading }).collect();
        Some(pieces(input, &flows, when).0)
    };
    balance.fault(&lines(place)?, &lines(with)?, when.now)
}

/// Computes an inflow back from what was read.
fn compute(
    asked: &Gathering,
    checked: &[Result<Checked, String>],
    (input, back): (&Input, &BackComputed),
    basin: &Basin,
    when: When<'_>,
) -> Result<Checked, String> {
    let part = |id: &str| {
        let place =
            asked.inputs.iter().position(|part| part.id == id).ok_or_else(|| format!("its input `{id}` is not gathered"))?;
        let readings = checked[place].as_ref().map_err(|why| format!("its input `{id}`: {why}"))?;
        Ok::<_, String>((&asked.inputs[place], readings))
    };
    let mut told = Told::default();
    let element = basin.elements.iter().find(|element| element.head().id == back.reservoir.value);
    let curve = element.and_then(|element| element.curve());
    let curve = curve.ok_or_else(|| format!("the basin has no reservoir `{}`", back.reservoir.value))?;
    let in_unit = |(part, checked): (&Input, &Checked), word: &str| {
        let factor = Unit::of(word).and_then(|unit| part.unit.to(unit))?;
        Some(
            checked.readings.iter().map(|reading| Reading { value: reading.value * factor, ..*reading }).collect::<Vec<_>>(),
        )
    };
    let (of_storage, storage) = part(&back.storage.value)?;
    let storage = match (in_unit((of_storage, storage), "m"), in_unit((of_storage, storage), "hm3")) {
        (Some(levels), _) => storages(&levels, curve, &mut told),
        (None, Some(storages)) => storages,
        (None, None) => return Err(format!("its input `{}` gives no levels or storages: `unit` says which", of_storage.id)),
    };
    let lines = |readings: &[Reading]| pieces(&Input { meaning: Meaning::Instant, ..of_storage.clone() }, readings, when).0;
    let mut outflows = Vec::with_capacity(back.outflow.len());
    let mut digests = vec![part(&back.storage.value)?.1.raw.digest.clone()];
    for outflow in &back.outflow {
        let (of_outflow, checked) = part(&outflow.value)?;
        let flows = in_unit((of_outflow, checked), "m3/s");
        let flows = flows.ok_or_else(|| format!("its input `{}` gives no flow: `unit` says which", outflow.value))?;
        outflows.push(pieces(of_outflow, &flows, when).0);
        digests.push(checked.raw.digest.clone());
    }
    let day = when.now.to_zoned(when.horizon.zone().clone()).date().to_datetime(input.day_starts);
    let origin = day.to_zoned(when.horizon.zone().clone()).map_err(|error| error.to_string())?.timestamp();
    let mut readings = back.compute(&lines(&storage), &outflows, origin, &mut told);
    let factor = Unit::of("m3/s").and_then(|unit| unit.to(input.unit)).ok_or("`to` holds no flow")?;
    for reading in &mut readings {
        reading.value *= factor;
    }
    let readings = input.checks.keep(readings, &mut told);
    let raw = Raw {
        digest: weir_model::table::digest(digests.join(" ").as_bytes()),
        source: format!("storage of {} and its outflow", back.reservoir.value),
        ..Raw::default()
    };
    Ok(Checked { readings, raw, told })
}

/// Reads an input's source, within its time limit.
async fn fetch(asked: &Gathering, input: &Input, source: &dyn Source, basin: &Basin, when: When<'_>) -> Result<Raw, String> {
    let zone = input.time_zone.as_deref().unwrap_or(&basin.time_zone);
    let zone = TimeZone::get(zone).map_err(|_| format!("unknown time zone `{zone}`"))?;
    let ask = Ask {
        folder: asked.office.clone(),
        now: asked.now,
        start: when.horizon.start().timestamp(),
        end: when.horizon.end().timestamp(),
        times: Times { zone, day_starts: input.day_starts },
    };
    let limit = Duration::from_secs_f64(input.time_limit_s);
    let read = tokio::time::timeout(limit, source.read(&ask)).await;
    read.unwrap_or_else(|_| Err(format!("no answer within {} s", input.time_limit_s)))
}

/// Readings in the unit and above the datum of their target, without those that fail a check.
fn check(input: &Input, raw: Raw, basin: &Basin) -> Checked {
    let mut told = Told::default();
    let shift = input.datum_shift_m.unwrap_or(0.0);
    let differs = input.datum.as_ref().filter(|datum| basin.datum.as_ref() != Some(&datum.value));
    if let Some(datum) = differs.filter(|_| input.datum_shift_m.is_none()) {
        let own = basin.datum.as_deref().unwrap_or("not named");
        let fault = format!("its levels are above {}, the basin's datum is {own}: `datum_shift_m` is needed", datum.value);
        told.faults.push(fault);
        return Checked { readings: Vec::new(), raw, told };
    }
    let source = raw.unit.or(input.given).unwrap_or(input.unit);
    let agrees = input.given.is_none_or(|given| given == source);
    let Some(factor) = source.to(input.unit).filter(|_| agrees) else {
        let expected = input.given.unwrap_or(input.unit).word;
        told.faults.push(format!("missing: its source is in {}, expected {expected}", source.word));
        return Checked { readings: Vec::new(), raw, told };
    };
    let converted = raw.readings.iter().map(|reading| Reading { value: reading.value * factor + shift, ..*reading });
    let checks = Checks { range: range(input, basin), ..input.checks.clone() };
    let readings = checks.keep(converted.collect(), &mut told);
    Checked { readings, raw, told }
}

/// The range of an input's values: its own, within what the basin can take.
fn range(input: &Input, basin: &Basin) -> Option<(f64, f64)> {
    let element = basin.elements.iter().find(|element| element.head().id == input.element());
    let possible = match (input.key(), element.and_then(|element| element.curve())) {
        ("initial_level_m", Some(curve)) => (curve.lowest().level_m, curve.highest().level_m),
        (key, Some(curve)) if input.shape() == Shape::State => {
            let unit = Unit::of_key("_hm3").to(Unit::of_key(key)).unwrap_or(1.0);
            (curve.lowest().storage_hm3 * unit, curve.highest().storage_hm3 * unit)
        }
        // Only an inflow may be negative, where it was computed back.
        ("flow_m3s" | "", _) => return input.checks.range,
        (key, _) if key.ends_with("_m") => return input.checks.range,
        _ => (0.0, f64::INFINITY),
    };
    let (least, most) = input.checks.range.unwrap_or(possible);
    Some((least.max(possible.0), most.min(possible.1)))
}

/// What an input comes to.
struct Settled {
    formed: Option<Formed>,
    substituted_by: Option<FallBack>,
    /// Why it is substituted.
    why: Option<String>,
    /// Time of its newest observation.
    observed: Option<Timestamp>,
}

/// The value of an input, or what stands for it.
fn settle(
    input: &Input,
    checked: &Result<Checked, String>,
    remembered: Option<&Remembered>,
    when: When<'_>,
) -> Result<Settled, String> {
    let readings = checked.as_ref().map_or(&[][..], |checked| &checked.readings);
    let observed = readings.iter().rev().find(|reading| reading.time <= when.now).map(|reading| reading.time);
    let why = match checked {
        Ok(_) => match form(input, readings, when) {
            Ok(formed) => return Ok(Settled { formed: Some(formed), substituted_by: None, why: None, observed }),
            Err(why) => why,
        },
        Err(why) => format!("missing: {why}"),
    };
    let before = remembered.map_or(&[][..], |remembered| &remembered.readings);
    let mut tried = Vec::new();
    for &fall_back in &input.fall_back {
        match stand_in(fall_back, input, (readings, before), when) {
            Ok(formed) => {
                let why = std::iter::once(why).chain(tried).collect::<Vec<_>>().join("; ");
                return Ok(Settled { formed, substituted_by: Some(fall_back), why: Some(why), observed });
            }
            Err(without) => tried.push(without),
        }
    }
    let told = checked.iter().flat_map(|checked| checked.raw.told.faults.iter().chain(&checked.told.faults));
    let faults = told.cloned();
    let tried = if tried.is_empty() { vec!["no fall-back".to_owned()] } else { tried };
    let said: Vec<String> = std::iter::once(why).chain(faults).chain(tried).collect();
    Err(format!("input `{}`: {}", input.id, said.join("; ")))
}

/// Lays what an input came to, and says what was used, replaced and refused.
fn lay(laid: &mut Laid, input: &Input, settled: Settled, checked: Option<&Checked>, when: When<'_>) {
    let Settled { formed, substituted_by, why, .. } = settled;
    let mut notes: Vec<String> =
        checked.iter().flat_map(|checked| checked.raw.told.notes.iter().chain(&checked.told.notes)).cloned().collect();
    let told = checked.iter().flat_map(|checked| checked.raw.told.faults.iter().chain(&checked.told.faults));
    let gaps = formed.iter().flat_map(|formed| &formed.gaps);
    let gaps = gaps.map(|(from, to)| format!("a gap from {} to {}", when.shown(*from), when.shown(*to)));
    let mut faults: Vec<String> = why.into_iter().chain(told.cloned()).chain(gaps).collect();
    let substitute = substituted_by.map(|fall_back| fall_back.word().to_owned());
    if let Some(word) = &substitute {
        faults.push(format!("in its place: {word}"));
    }
    // What plans are merely followed by makes none worse.
    if !faults.is_empty() && input.measures.is_none() {
        laid.degraded.push(format!("Input `{}`: {}.", input.id, faults.join("; ")));
    }
    notes.extend(faults);
    let digest = checked.map_or_else(String::new, |checked| checked.raw.digest.clone());
    let last = formed.as_ref().map(|formed| when.shown(formed.last));
    if let (Some(to), Some(formed)) = (&input.to, formed) {
        add(laid, input, to.clone(), formed.form, &digest, substitute.as_deref(), &mut notes);
    }
    laid.gathered.push(Gathered {
        input: input.id.clone(),
        address: input.to.as_ref().map_or_else(String::new, |to| to.value.clone()),
        source: checked.map_or_else(|| input.kind.clone(), |checked| checked.raw.source.clone()),
        digest,
        last,
        substituted_by: substitute,
        notes,
    });
}

fn add(
    laid: &mut Laid,
    input: &Input,
    address: weir_model::basin::entry::Field<String>,
    form: LaidForm,
    digest: &str,
    substituted_by: Option<&str>,
    notes: &mut Vec<String>,
) {
    let form = match form {
        LaidForm::Series(series) => LaidForm::Series(Arc::new(LaidSeries {
            digest: digest.to_owned(),
            substituted_by: substituted_by.map(str::to_owned),
            ..LaidSeries::clone(&series)
        })),
        other => other,
    };
    let Some(there) = laid.values.iter_mut().find(|value| value.address.value == address.value) else {
        laid.values.push(LaidValue { address, input: input.id.clone(), form });
        return;
    };
    let name = format!("{}, {}", there.input, input.id);
    match (&there.form, &form) {
        (LaidForm::Series(first), LaidForm::Series(then)) => {
            notes.push(format!("used where `{}` does not reach", there.input));
            let digest = weir_model::table::digest(format!("{} {}", first.digest, then.digest).as_bytes());
            let substituted_by = first.substituted_by.clone().or_else(|| then.substituted_by.clone());
            let pieces = beside(&first.pieces, &then.pieces);
            there.form = LaidForm::Series(Arc::new(LaidSeries { input: name.clone(), digest, substituted_by, pieces }));
            there.input = name;
        }
        _ => notes.push(format!("not used: `{}` comes before it", there.input)),
    }
}

/// Pieces, and of others the parts that they leave open.
fn beside(first: &[Piece], then: &[Piece]) -> Vec<Piece> {
    let mut all = first.to_vec();
    for piece in then {
        let at = |instant: Timestamp| {
            let share = instant.duration_since(piece.from).as_secs_f64() / piece.to.duration_since(piece.from).as_secs_f64();
            piece.first + (piece.last - piece.first) * share
        };
        let mut from = piece.from;
        for other in first.iter().filter(|other| other.to > piece.from && other.from < piece.to) {
            if other.from > from {
                all.push(Piece { from, to: other.from, first: at(from), last: at(other.from) });
            }
            from = from.max(other.to);
        }
        if from < piece.to {
            all.push(Piece { from, to: piece.to, first: at(from), last: piece.last });
        }
    }
    all.sort_by_key(|piece| piece.from);
    all
}
