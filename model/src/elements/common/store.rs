//! What reservoirs and aquifers share: a curve, levels, a start, losses, an end.

use jiff::civil::Date;

use crate::basin::dates::Interval;
use crate::basin::entry::{Entry, Field};
use crate::basin::nearest::{hint, nearest};
use crate::basin::varying::{ANY, Form, POSITIVE, SHARE, Varying};
use crate::curve::{Curve, CurvePoint};
use crate::elements::{Head, curtailment};
use crate::forcing::{Param, SeriesSource};
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{EndStorage, NodeKind, Response, Storage, Zone};
use crate::units::{Depth, Flow, Level, Ratio, Volume, WAN_M3_PER_HM3, YI_M3_PER_HM3};

/// Names of levels that have a meaning; a basin may have others.
const LEVELS: [&str; 11] = [
    "dead",
    "top",
    "normal",
    "float",
    "emergency_supply_lower",
    "supply_lower",
    "drought_limit",
    "drought_warning",
    "flood_high",
    "design",
    "check",
];

/// A level or a storage, as the file has it.
#[derive(Clone, Debug)]
pub enum Height {
    /// m
    Level(Field<f64>),
    /// hm³
    Storage(Field<f64>),
}

impl Height {
    /// Reads `{prefix}level_m` or `{prefix}storage_hm3`.
    pub fn read(entry: &Entry, prefix: &str) -> Option<Self> {
        let level = entry.number(&format!("{prefix}level_m")).map(Self::Level);
        let storage = entry.volume(&format!("{prefix}storage")).map(Self::Storage);
        if let (Some(_), Some(Self::Storage(storage))) = (&level, &storage) {
            entry.refuse(
                &storage.place,
                format!("`{prefix}level_m` and `{}` say the same", storage.key),
                Some("keep one of them".to_owned()),
            );
        }
        level.or(storage)
    }

    /// What is laid over the start: a level or a storage.
    fn laid(entry: &Entry) -> Option<Self> {
        let level = entry.laid_state("initial_level_m").map(Self::Level);
        let storages = [("hm3", 1.0), ("wan_m3", 1.0 / WAN_M3_PER_HM3), ("yi_m3", 1.0 / YI_M3_PER_HM3)];
        let storage = storages.into_iter().find_map(|(unit, hm3)| {
            let field = entry.laid_state(&format!("initial_storage_{unit}"))?;
            Some(Self::Storage(Field { value: field.value * hm3, ..field }))
        });
        level.or(storage)
    }

    /// As [`read`](Self::read), refused where neither is there.
    pub fn required(entry: &Entry, prefix: &str) -> Option<Self> {
        let height = Self::read(entry, prefix);
        if height.is_none() && !entry.is_faulty() {
            entry.missing(&[&format!("{prefix}level_m"), &format!("{prefix}storage_hm3")]);
        }
        height
    }

    /// The storage, if it lies within the curve.
    pub fn storage(&self, curve: &Curve, lowering: &mut Lowering, head: &Head) -> Option<f64> {
        let (low, high) = (curve.lowest(), curve.highest());
        let (field, storage, unit, from, to) = match self {
            Self::Level(level) => (level, curve.storage_at(level.value), "m", low.level_m, high.level_m),
            Self::Storage(storage) => {
                let inside = (low.storage_hm3..=high.storage_hm3).contains(&storage.value);
                (storage, inside.then_some(storage.value), "hm³", low.storage_hm3, high.storage_hm3)
            }
        };
        if storage.is_none() {
            let message = format!("`{}`: {} {unit} is outside the curve, {from} to {to} {unit}", field.key, field.value);
            lowering.refuse(&field.place, head, message, Some("extend the curve or mend the number".to_owned()));
        }
        storage
    }
}

/// What reservoirs and aquifers share.
#[derive(Clone, Debug)]
pub struct Store {
    curve: Option<Curve>,
    levels: Vec<(String, Varying)>,
    minimum: Option<Varying>,
    maximum: Option<Varying>,
    initial: Option<Height>,
    starts: Vec<(Field<Date>, Height)>,
    seepage: Option<Varying>,
    end: Option<End>,
}

/// The level or storage wanted at the end.
#[derive(Clone, Debug)]
struct End {
    wanted: Varying,
    is_level: bool,
    hard: bool,
}

/// What a reservoir has besides.
#[derive(Clone, Debug, Default)]
pub struct Surface {
    flood_limit: Vec<(Interval, Height)>,
    evaporation: Option<Varying>,
    zones: Vec<ZoneEntry>,
}

/// A zone of the rule curve, as the file has it.
#[derive(Clone, Debug)]
struct ZoneEntry {
    name: String,
    top: Varying,
    is_level: bool,
    supply: Vec<(Field<String>, f64)>,
    release: Option<Varying>,
    response: Option<Response>,
}

impl Store {
    /// The curve, unless it was refused.
    pub const fn curve(&self) -> Option<&Curve> {
        self.curve.as_ref()
    }

    /// Reads the keys.
    pub fn read(entry: &Entry) -> Self {
        let levels = entry.table("levels_m").map_or_else(Vec::new, |part| {
            let words = part.words();
            let levels = words.into_iter().filter_map(|(name, value)| {
                let key = name.get_ref().to_string();
                if let Some(meant) = misspelt_level(&key) {
                    let hint = format!("did you mean {meant}? A level of your own needs a name less near to it");
                    part.refuse(
                        &part.context.place(name.span().start),
                        format!("`levels_m`: unknown level `{key}`"),
                        Some(hint),
                    );
                    return None;
                }
                part.varying_in(&key, value, ANY).map(|level| (key, level))
            });
            let levels = levels.collect();
            part.finish();
            levels
        });
        let end = entry.table("end").and_then(|part| {
            let level = part.varying("level_m", ANY).map(|wanted| (wanted, true));
            let storage = part.varying_volume("storage", POSITIVE).map(|wanted| (wanted, false));
            if level.is_none() && storage.is_none() && !part.is_faulty() {
                part.missing(&["level_m", "storage_hm3"]);
            }
            let hard = part.flag("hard", false);
            part.finish();
            level.or(storage).map(|(wanted, is_level)| End { wanted, is_level, hard })
        });
        let laid = Height::laid(entry);
        let initial = Height::read(entry, "initial_");
        let mut all_starts = Vec::new();
        for part in entry.tables("starts") {
            let (date, height) = (part.date("date"), Height::required(&part, ""));
            if !part.has("date") {
                part.missing(&["date"]);
            }
            part.finish();
            all_starts.extend(date.zip(height));
        }
        all_starts.sort_by_key(|(date, _)| date.value);
        if initial.is_none() && laid.is_none() && !entry.has("starts") && !entry.is_faulty() {
            entry.missing(&["initial_level_m", "initial_storage_hm3", "starts"]);
        }
        let (initial, all_starts) = match laid {
            Some(laid) => (Some(laid), Vec::new()),
            None => (initial, all_starts),
        };
        let store = Self {
            curve: curve(entry),
            levels,
            minimum: entry.varying_volume("minimum_storage", POSITIVE),
            maximum: entry.varying_volume("maximum_storage", POSITIVE),
            initial,
            starts: all_starts,
            seepage: entry.varying("seepage_per_day", SHARE),
            end,
        };
        for (bound, level) in [(&store.minimum, "dead"), (&store.maximum, "top")] {
            if let Some(bound) = bound.as_ref().filter(|_| store.level(level).is_some()) {
                let message = format!("`{}` and `levels_m.{level}` say the same", bound.key);
                entry.refuse(&bound.place, message, Some("keep one of them".to_owned()));
            }
        }
        store
    }

    fn level(&self, name: &str) -> Option<&Varying> {
        self.levels.iter().find(|(word, _)| word == name).map(|(_, level)| level)
    }

    /// Adds the node.
    pub fn lower(&self, lowering: &mut Lowering, head: &Head, surface: &Surface, aquifer: bool) {
        let Some(curve) = &self.curve else { return };
        let id = &head.id;
        let (low, high) = (curve.lowest().storage_hm3, curve.highest().storage_hm3);
        let lower = self.bound("dead", self.minimum.as_ref(), low, curve, lowering, head);
        let upper = self.bound("top", self.maximum.as_ref(), high, curve, lowering, head);
        if let Some(step) = lower.over(&upper) {
            let message = format!(
                "its least storage {} hm³ is over its greatest {} hm³ on {}",
                lower.at(step),
                upper.at(step),
                lowering.horizon.name_of(step)
            );
            lowering.refuse(
                &head.place,
                head,
                message,
                Some("see `levels_m` `dead` and `top`, `minimum_storage_hm3` and `maximum_storage_hm3`".to_owned()),
            );
        }
        let flood_limit = self.flood_limit(surface, curve, &lower, lowering, head);
        let initial = self.initial(curve, lowering, head);
        let end = self.end.as_ref().and_then(|end| end.lower(curve, lowering, head));
        let mut levels = Vec::new();
        for (name, level) in &self.levels {
            if let Some(values) = lowering.states(level, head) {
                let source = lowering.source_of(level);
                let param: Param<Level> = lowering.param_of(&format!("{id}.level.{name}"), values, source);
                levels.push((name.clone(), param));
            }
        }
        let mut zones = Vec::new();
        for zone in &surface.zones {
            zones.extend(zone.lower(curve, lowering, head));
        }
        let evaporation = surface.evaporation.as_ref().and_then(|depth| evaporation(depth, lowering, head));
        let seepage_per_day =
            self.seepage.as_ref().map(|share| lowering.param::<Ratio>(share, head, &format!("{id}.seepage_per_day")));
        let lower_source =
            self.minimum.as_ref().or(self.level("dead")).map(|bound| lowering.source_of(bound)).unwrap_or_default();
        let upper_source =
            self.maximum.as_ref().or(self.level("top")).map(|bound| lowering.source_of(bound)).unwrap_or_default();
        let storage = Storage {
            curve: curve.clone(),
            initial_hm3: initial,
            lower: lowering.param_of(&format!("{id}.minimum_storage"), lower, lower_source),
            upper: lowering.param_of(&format!("{id}.maximum_storage"), upper, upper_source),
            flood_limit,
            levels,
            evaporation,
            seepage_per_day,
            end,
            zones,
            aquifer,
            observed_peak_m3s: None,
        };
        lowering.add_node(head, NodeKind::Storage(Box::new(storage)));
    }

    /// The storages of a bound, given as a level or a storage.
    fn bound(
        &self,
        level: &str,
        storage: Option<&Varying>,
        default: f64,
        curve: &Curve,
        lowering: &mut Lowering,
        head: &Head,
    ) -> Values {
        let (low, high) = (curve.lowest(), curve.highest());
        let (field, values, unit, from, to) = match (self.level(level), storage) {
            (Some(level), _) => (level, lowering.states(level, head), "m", low.level_m, high.level_m),
            (None, Some(storage)) => (storage, lowering.states(storage, head), "hm³", low.storage_hm3, high.storage_hm3),
            (None, None) => return Values::Same(default),
        };
        let Some(values) = values else { return Values::Same(default) };
        let outside = |value: f64| !(from..=to).contains(&value);
        let found = (0..lowering.horizon.steps()).map(|step| values.at(step)).find(|value| outside(*value));
        if let Some(value) = found {
            let message = format!("`{}`: {value} {unit} is outside the curve, {from} to {to} {unit}", field.key);
            lowering.refuse(&field.place, head, message, Some("extend the curve or mend the number".to_owned()));
            return Values::Same(default);
        }
        if unit == "m" { values.map(|level| curve.storage_at_clamped(level)) } else { values }
    }

    /// Dated limits hold at both ends of their interval; outside them the normal level takes their place.
    fn flood_limit(
        &self,
        surface: &Surface,
        curve: &Curve,
        lower: &Values,
        lowering: &mut Lowering,
        head: &Head,
    ) -> Option<Param<Volume>> {
        let normal = self.level("normal");
        if surface.flood_limit.is_empty() && normal.is_none() {
            return None;
        }
        let seasons: Vec<(Interval, f64)> = surface
            .flood_limit
            .iter()
            .filter_map(|(interval, height)| height.storage(curve, lowering, head).map(|storage| (*interval, storage)))
            .collect();
        let outside = match normal {
            Some(_) => self.bound("normal", None, f64::INFINITY, curve, lowering, head),
            None => Values::Same(f64::INFINITY),
        };
        if seasons.is_empty()
            && let Values::Same(value) = outside
        {
            refuse_under_dead(&outside, lower, lowering, head);
            return Some(Param::constant(value));
        }
        let on = |date: Date| seasons.iter().find(|(interval, _)| interval.holds(date)).map(|&(_, storage)| storage);
        let horizon = &lowering.horizon;
        let each = (0..horizon.steps()).map(|step| {
            let before = on(horizon.last_date_of(step)).unwrap_or_else(|| outside.at(step));
            let after = on(horizon.edges[step + 1].date()).unwrap_or(f64::INFINITY);
            before.min(after)
        });
        let each = Values::Each(each.collect());
        refuse_under_dead(&each, lower, lowering, head);
        let source = SeriesSource {
            origin: "seasons".to_owned(),
            digest: crate::table::digest(format!("{seasons:?}").as_bytes()),
            ..SeriesSource::default()
        };
        Some(lowering.param_of(&format!("{}.flood_limit", head.id), each, source))
    }

    fn initial(&self, curve: &Curve, lowering: &mut Lowering, head: &Head) -> f64 {
        let start = lowering.start;
        let dated = self.starts.iter().rev().find(|(date, _)| date.value <= start);
        let height = match (dated, &self.initial) {
            (Some((date, height)), _) => {
                let age = start.since(date.value).map_or(0, |span| span.get_days());
                if age > 0 {
                    lowering.degrade(format!(
                        "The storage of `{}` at the start is that of {}, {age} days before.",
                        head.id, date.value
                    ));
                }
                height
            }
            (None, Some(height)) => height,
            (None, None) => {
                if !self.starts.is_empty() {
                    let dates: Vec<String> = self.starts.iter().map(|(date, _)| date.value.to_string()).collect();
                    let message = format!("`starts`: none is at or before the start {start}");
                    lowering.refuse_in_time(
                        &self.starts[0].0.place,
                        head,
                        message,
                        Some(format!("dated starts: {}", dates.join(", "))),
                    );
                }
                return curve.lowest().storage_hm3;
            }
        };
        height.storage(curve, lowering, head).unwrap_or(curve.lowest().storage_hm3)
    }
}

impl End {
    fn lower(&self, curve: &Curve, lowering: &mut Lowering, head: &Head) -> Option<EndStorage> {
        let value = lowering.states(&self.wanted, head)?.at(lowering.horizon.steps() - 1);
        let field = Field { value, place: self.wanted.place.clone(), key: self.wanted.key.clone() };
        let height = if self.is_level { Height::Level(field) } else { Height::Storage(field) };
        height.storage(curve, lowering, head).map(|storage_hm3| EndStorage { storage_hm3, hard: self.hard })
    }
}

impl ZoneEntry {
    fn lower(&self, curve: &Curve, lowering: &mut Lowering, head: &Head) -> Option<Zone> {
        let address = format!("{}.zone.{}", head.id, self.name);
        let values = lowering.states(&self.top, head)?;
        let values = if self.is_level { values.map(|level| curve.storage_at_clamped(level)) } else { values };
        let source = lowering.source_of(&self.top);
        let top = lowering.param_of(&address, values, source);
        let release = self.release.as_ref().map(|flow| lowering.param::<Flow>(flow, head, &format!("{address}.release")));
        let known = lowering.words_of_supply();
        for (word, _) in &self.supply {
            if !known.contains(&word.value) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let message = format!("`supply`: unknown class, use or section `{}`", word.value);
                lowering.refuse_unknown(word, head, message, hint(&word.value, &known, "classes, uses and sections"));
            }
        }
        let supply = self.supply.iter().map(|(word, share)| (word.value.clone(), *share)).collect();
        Some(Zone { name: self.name.clone(), top, supply, release, response: self.response })
    }
}

impl Surface {
    /// Reads `flood_limit`, `evaporation_mm`, `evaporation_mm_per_day` and `zones`.
    pub fn read(entry: &Entry) -> Self {
        let mut flood_limit = Vec::new();
        for part in entry.tables("flood_limit") {
            let (interval, height) = (part.interval(), Height::required(&part, ""));
            part.finish();
            flood_limit.extend(interval.zip(height));
        }
        let mut zones = Vec::new();
        for part in entry.tables("zones") {
            let name = part.required_text("name");
            let supply = part.table("supply").map_or_else(Vec::new, |shares| {
                let words = shares.words().into_iter().filter_map(|(word, value)| {
                    let (key, place) = (word.get_ref().to_string(), shares.context.place(word.span().start));
                    let share = shares.number_in(&key, value)?;
                    if !(0.0..=1.0).contains(&share) {
                        let message = format!("`{}`: {share} is not within 0 … 1", shares.key(&key));
                        shares.refuse(&place, message, Some("a share of the demand, such as 0.7".to_owned()));
                        return None;
                    }
                    Some((Field { value: key, place, key: "supply".to_owned() }, share))
                });
                let supply = words.collect();
                shares.finish();
                supply
            });
            let release = part.varying("release_m3s", POSITIVE);
            let response = curtailment::response(&part, "response").map(|response| response.value);
            let level = part.varying("top_level_m", ANY).map(|top| (top, true));
            let storage = part.varying_volume("top_storage", POSITIVE).map(|top| (top, false));
            if level.is_none() && storage.is_none() && !part.is_faulty() {
                part.missing(&["top_level_m", "top_storage_hm3"]);
            }
            part.finish();
            let zone = name.zip(level.or(storage));
            zones.extend(zone.map(|(name, (top, is_level))| ZoneEntry {
                name: name.value,
                top,
                is_level,
                supply,
                release,
                response,
            }));
        }
        let by_period = entry.varying("evaporation_mm", POSITIVE);
        let per_day = entry.varying("evaporation_mm_per_day", POSITIVE);
        if let Some(depth) = by_period.as_ref().filter(|depth| !matches!(depth.form, Form::Profile(..))) {
            let hint = "a number or a series is a depth per day: `evaporation_mm_per_day`";
            entry.refuse(
                &depth.place,
                format!("`{}`: expected a profile, each value the depth in its month, 旬 or day", depth.key),
                Some(hint.to_owned()),
            );
        }
        if let (Some(_), Some(per_day)) = (&by_period, &per_day) {
            entry.refuse(
                &per_day.place,
                format!("`evaporation_mm` and `{}` say the same", per_day.key),
                Some("keep one of them".to_owned()),
            );
        }
        Self { flood_limit, evaporation: by_period.or(per_day), zones }
    }
}

/// What is meant by a level's name that is nearly one of the known ones.
fn misspelt_level(name: &str) -> Option<String> {
    if name == "flood_limit" {
        return Some("the reservoir's own field `flood_limit`, by dates".to_owned());
    }
    let near = if LEVELS.contains(&name) { None } else { nearest(name, LEVELS) };
    near.map(|near| format!("`{near}`"))
}

/// Depths per day: a profile's values are depths of its whole month, 旬 or day.
fn evaporation(depth: &Varying, lowering: &mut Lowering, head: &Head) -> Option<Param<Depth>> {
    let per_period = depth.key == "evaporation_mm";
    let values = match &depth.form {
        Form::Profile(word, profile) if per_period => {
            let days = |date: Date| {
                f64::from(match word.as_str() {
                    "month" => date.days_in_month(),
                    "旬" if date.day() > 20 => date.days_in_month() - 20,
                    "旬" => 10,
                    _ => 1,
                })
            };
            Values::Each(lowering.mean_of_days(|date| profile.on(date) / days(date)))
        }
        _ => lowering.values(depth, head)?,
    };
    let source = lowering.source_of(depth);
    Some(lowering.param_of(&format!("{}.evaporation", head.id), values, source))
}

/// The curve: a file, or points.
fn curve(entry: &Entry) -> Option<Curve> {
    let value = entry.raw("curve");
    let Some(value) = value else {
        entry.missing(&["curve"]);
        return None;
    };
    if value.get_ref().is_str() {
        let path = entry.text("curve")?;
        let file = entry.context.curve(&path.value, &path.place, entry.element.as_deref())?;
        if file.assumed {
            entry.context.assumed.borrow_mut().push((format!("{}.curve", entry.address), path.value));
        }
        return Some(file.curve);
    }
    let mut points = Vec::new();
    let mut areas = 0;
    let parts = entry.tables("curve");
    let count = parts.len();
    for part in parts {
        let (level, storage, area) = (part.number("level_m"), part.volume("storage"), part.number("area_km2"));
        if level.is_none() && !part.is_faulty() {
            part.missing(&["level_m"]);
        }
        if storage.is_none() && !part.is_faulty() {
            part.missing(&["storage_hm3"]);
        }
        part.finish();
        areas += usize::from(area.is_some());
        points.extend(level.zip(storage).map(|(level, storage)| CurvePoint {
            level_m: level.value,
            storage_hm3: storage.value,
            area_km2: area.map_or(0.0, |area| area.value),
        }));
    }
    if points.len() < count {
        return None;
    }
    let made = if areas == 0 {
        Curve::without_areas(&points.iter().map(|point| (point.level_m, point.storage_hm3)).collect::<Vec<_>>())
    } else if areas == points.len() {
        Curve::new(points)
    } else {
        Err("some points have `area_km2` and some have not".to_owned())
    };
    made.map_err(|message| {
        entry.refuse(
            &entry.place_of(value),
            format!("`curve`: {message}"),
            Some("points rising in level and storage, lowest first".to_owned()),
        );
    })
    .ok()
}

/// A flood limit below the dead level could never be kept.
fn refuse_under_dead(limit: &Values, lower: &Values, lowering: &mut Lowering, head: &Head) {
    if let Some(step) = lower.over(limit) {
        let message = format!(
            "its flood limit (or normal level) {} hm³ is under its least storage {} hm³ on {}",
            limit.at(step),
            lower.at(step),
            lowering.horizon.name_of(step)
        );
        let hint = "raise `flood_limit` or `levels_m` `normal`, or lower `levels_m` `dead` or `minimum_storage_hm3`";
        lowering.refuse(&head.place, head, message, Some(hint.to_owned()));
    }
}
