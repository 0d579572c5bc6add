//! A basin as the engineer wrote it, each part with its place in the file: no indices, no filled-in defaults.
//!
//! Grammar: docs/basin-file.md. The spanned table of the file is walked by hand, each entry read by its kind's own reader,
//! so that every fault names its file, line, element and field, and one fault hides no other.

pub mod balance;
pub mod changed;
pub mod context;
pub mod dates;
pub mod entry;
pub mod files;
pub mod forecast;
pub mod goals;
mod ids;
pub mod method;
pub mod nearest;
mod tables;
mod toml_text;
pub mod varying;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

pub use ids::is_id;
pub(crate) use ids::valid_id;
pub use tables::refuse_unknown_kinds;
pub use toml_text::{no_toml, text};

use ids::{Ids, nameless};
use jiff::civil::{Date, DateTime};
use tables::{entries, section};
use toml::de::DeTable;

use crate::basin::balance::AllowanceEntry;
use crate::basin::context::{Context, Load};
use crate::basin::dates::Period;
use crate::basin::entry::{Entry, Field, WrittenOver};
use crate::basin::files::Files;
use crate::basin::forecast::{Forecast, Then};
use crate::basin::goals::{ObjectiveEntry, SupplyLevelEntry};
use crate::basin::method::MethodEntry;
use crate::basin::nearest::list;
use crate::document::ScenarioRow;
use crate::elements::common::moment::moment;
use crate::elements::{Element, KINDS, drought_response};
use crate::laid::{Laid, Laying};
use crate::network::{Response, Use};
use crate::place::{Place, Refusals};
use crate::record::Record;
use crate::table::digest;

/// Name of a basin's file in its folder.
pub const FILE: &str = "basin.toml";

/// Modes of a basin.
pub const MODES: &[&str] = &["常规", "预泄", "防洪", "抗旱应急", "应急"];

/// Words of the file's sections that are no elements.
pub const SECTIONS: [&str; 9] =
    ["basin", "horizon", "forecast", "region", "class", "objective", "balance", "rules", "method"];

/// Outlets may not be called like quantities and parts of addresses.
pub const RESERVED: [&str; 20] = [
    "flow",
    "outflow",
    "inflow",
    "intake",
    "storage",
    "level",
    "release",
    "spill",
    "supply",
    "demand",
    "shortage",
    "shortfall",
    "floor",
    "target",
    "ceiling",
    "flood_limit",
    "flood_event",
    "end",
    "recharge",
    "energy",
];

/// User classes whose use is known without being named.
const CLASSES: [(&str, Use); 17] = [
    ("residents", Use::Domestic),
    ("public", Use::Domestic),
    ("rural", Use::Domestic),
    ("居民", Use::Domestic),
    ("公共", Use::Domestic),
    ("农村生活", Use::Domestic),
    ("industry", Use::Industrial),
    ("工业", Use::Industrial),
    ("irrigation", Use::Agricultural),
    ("livestock", Use::Agricultural),
    ("aquaculture", Use::Agricultural),
    ("agriculture", Use::Agricultural),
    ("灌溉", Use::Agricultural),
    ("牲畜", Use::Agricultural),
    ("农业", Use::Agricultural),
    ("ecology", Use::Ecological),
    ("生态", Use::Ecological),
];

/// A basin as written.
#[derive(Clone, Debug)]
pub struct Basin {
    /// Id.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where `[basin]` was written.
    pub place: Place,
    /// IANA name of the zone to which the file's dates are local.
    pub time_zone: String,
    /// Mode.
    pub mode: String,
    /// Who publishes forecasts of inflow, level and flow 水文预报发布机关; the public is given none without it.
    pub publishing_authority: Option<String>,
    /// Drought response declared.
    pub response: Option<Response>,
    /// Since when; the start of the horizon if the file does not say.
    pub response_from: Option<DateTime>,
    /// What levels are above.
    pub datum: Option<String>,
    /// What inflow is beyond the forecast; none of one that is taken as it is written.
    pub dry_year: Option<DryYear>,
    /// What inflow is by lead time, where the file says so.
    pub forecast: Option<Forecast>,
    /// Runs of steps; none if they were refused.
    pub steps: Option<Vec<Field<String>>>,
    /// First day where the command gives none.
    pub start: Option<Date>,
    /// Where `[horizon]` was written.
    pub horizon_place: Place,
    /// Regions.
    pub regions: Vec<RegionEntry>,
    /// Uses of user classes that the file names.
    pub classes: BTreeMap<String, Use>,
    /// Elements, in the order of their ids.
    pub elements: Vec<Arc<dyn Element>>,
    /// Objectives.
    pub objectives: Vec<ObjectiveEntry>,
    /// The office's table of what balances promise.
    pub allowances: Vec<AllowanceEntry>,
    /// Method, stages and the order of rules.
    pub method: MethodEntry,
    /// Facts that the file marks assumed: address and what it says.
    pub assumed: Vec<(String, String)>,
    /// What overlays give to entries of the file.
    pub written_over: Vec<WrittenOver>,
    /// SHA-256 of the file.
    pub digest: String,
    /// Digests of the tables of curves, by path.
    pub tables: BTreeMap<String, String>,
    /// SHA-256 of each overlay and each file of further elements that was laid over it, in order.
    pub overlays: Vec<String>,
    /// What was gathered and laid over it, for documents.
    pub gathered: Laid,
    /// What is asked otherwise than the file says, for documents.
    pub scenario: Option<ScenarioRow>,
    /// Periods that must touch the horizon, with where they were written.
    pub(crate) periods: Vec<(Period, Place)>,
    /// Ids of what was refused in reading.
    pub(crate) faulty: BTreeSet<String>,
    /// `[basin]` or `[horizon]` was refused.
    pub(crate) faulty_head: bool,
    /// Ids of what overlays took away, with where they say so.
    pub(crate) removed: Vec<(String, Place)>,
}

/// Inflow that is a forecast for some days, and a dry year of a stated frequency from then on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DryYear {
    /// Share of years whose inflow is at least this year's, percent: 75, 90, 95 are dry ones.
    pub frequency_percent: f64,
    /// Days of the horizon that are forecast.
    pub forecast_days: f64,
}

impl DryYear {
    /// Reads `dry_year` of a table.
    pub fn read(entry: &Entry) -> Option<Field<Self>> {
        const KEY: &str = "dry_year";
        let table = entry.table(KEY)?;
        let percent = table.number_within("frequency_percent", 50.0, 99.9);
        let days = table.number_within("forecast_days", 0.0, 366.0);
        if percent.is_none() && !table.has("frequency_percent") {
            table.missing(&["frequency_percent"]);
        }
        table.finish();
        let forecast_days = days.map_or(0.0, |days| days.value);
        let year = percent.map(|percent| Self { frequency_percent: percent.value, forecast_days })?;
        Some(Field { value: year, place: table.place.clone(), key: KEY.to_owned() })
    }
}

/// A region as written.
#[derive(Clone, Debug)]
pub struct RegionEntry {
    /// Id.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Administrative code.
    pub code: Option<String>,
    /// Id of the region that holds it.
    pub parent: Option<Field<String>>,
    /// Where it was written.
    pub place: Place,
}

impl Basin {
    /// Reads the basin of a folder.
    ///
    /// # Errors
    /// All faults of its files.
    pub fn read(dir: &Path) -> Result<Self, Refusals> {
        Self::read_over(dir, &Over::default())
    }

    /// The dry year that takes the place of inflow beyond the forecast.
    pub(crate) fn stated_year(&self) -> Option<DryYear> {
        let forecast = self.forecast.as_ref()?;
        let Some(Then::Frequency(frequency_percent)) = forecast.then else { return None };
        Some(DryYear { frequency_percent, forecast_days: forecast.days() as f64 })
    }

    /// The elements that have a record of years, in the order of their ids, with it.
    ///
    /// # Errors
    /// All faults of the records.
    pub fn records(&self) -> Result<Vec<(&dyn Element, &Record)>, Refusals> {
        let (mut found, mut refusals) = (Vec::new(), Refusals::default());
        for element in &self.elements {
            let Some(given) = element.record() else { continue };
            match given.days(&self.time_zone, &element.head().id) {
                Ok(record) => found.push((element.as_ref(), record)),
                Err(faults) => refusals.0.extend(faults.0),
            }
        }
        refusals.or(found)
    }

    /// Reads the basin of a folder with further elements, such as commands that arrived: the name and bytes of files of them;
    /// and with values laid over its own, such as what was gathered.
    ///
    /// # Errors
    /// All faults of its files.
    pub fn read_with(dir: &Path, further: &[Further], laid: &Laid) -> Result<Self, Refusals> {
        Self::read_over(dir, &Over { changes: None, further, laid: Some(laid) })
    }

    /// Reads the basin of a folder with all that is laid over it.
    ///
    /// # Errors
    /// All faults of its files.
    pub fn read_over(dir: &Path, over: &Over) -> Result<Self, Refusals> {
        Self::read_of(&Files::new(dir), over)
    }

    /// Reads the basin of files that others are read of too, with all that is laid over it.
    ///
    /// # Errors
    /// All faults of its files.
    pub fn read_of(files: &Files, over: &Over) -> Result<Self, Refusals> {
        let bytes = files.bytes(FILE).map_err(|error| {
            let mut refusals = Refusals::default();
            let hint = "a basin is a folder with a basin.toml; `weir new DIR` makes one".to_owned();
            let message = format!("cannot be read in {}: {error}", files.dir().display());
            refusals.push(&Place::new(FILE, 0), None, message, Some(hint));
            refusals
        })?;
        let load = |path: &str| files.bytes(path).map(|bytes| bytes.to_vec()).map_err(|error| error.to_string());
        Self::parse_of(&bytes, over, (&load, Some(files)))
    }

    /// Reads a basin from the bytes of its file; `load` gives the bytes of the files that it names.
    ///
    /// # Errors
    /// All faults of its files.
    pub fn parse(bytes: &[u8], load: &Load) -> Result<Self, Refusals> {
        Self::parse_over(bytes, &Over::default(), load)
    }

    /// Reads a basin from the bytes of its file, with what is laid over it.
    ///
    /// # Errors
    /// All faults of its files.
    pub fn parse_over(bytes: &[u8], over: &Over, load: &Load) -> Result<Self, Refusals> {
        Self::parse_of(bytes, over, (load, None))
    }

    fn parse_of(bytes: &[u8], over: &Over, named: (&Load, Option<&Files>)) -> Result<Self, Refusals> {
        let nothing = Laid::default();
        let laid = over.laid.unwrap_or(&nothing);
        let (mut ids, laying) = (Ids::default(), Laying::new(laid));
        let (mut basin, mut refusals) =
            parsed(FILE, bytes, (named, &laying), over.changes, |context, table| read(context, table, &mut ids))?;
        basin.digest = digest(bytes);
        if let Some(changes) = over.changes {
            basin.overlays = changes.digests();
            basin.scenario = Some(changes.row());
        }
        for Further { name, bytes } in over.further {
            let (elements, faults) = parsed(name, bytes, (named, &laying), None, |context, table| {
                let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
                let faulty = refuse_unknown_kinds(context, table, &kinds);
                let elements = read_elements(context, table, &mut ids);
                (faulty, elements, context.tables.take(), context.assumed.take())
            })?;
            let (faulty, elements, tables, assumed) = elements;
            basin.faulty.extend(faulty);
            basin.elements.extend(elements);
            basin.tables.extend(tables);
            basin.assumed.extend(assumed);
            basin.overlays.push(digest(bytes));
            refusals.0.extend(faults.0);
        }
        basin.elements.sort_by(|a, b| a.head().id.cmp(&b.head().id));
        basin.assumed.sort();
        refusals.0.extend(laying.finish().0);
        basin.gathered = laid.clone();
        if refusals.0.is_empty() {
            return Ok(basin);
        }
        basin.faulty.extend(refusals.0.iter().filter_map(|refusal| refusal.element.clone()));
        // What stands elsewhere may be wrong too: one mistake hides no other.
        let (_, further) = crate::lower::attempt(&basin, None);
        refusals.0.extend(further.0.into_iter().filter(|refusal| !refusals.0.contains(refusal)).collect::<Vec<_>>());
        refusals.since_removed(&basin.removed).or(basin)
    }

    /// The use that a user class counts to.
    pub fn use_of(&self, class: &str) -> Option<Use> {
        let known = || CLASSES.iter().find(|(word, _)| *word == class).map(|&(_, use_)| use_);
        self.classes.get(class).copied().or_else(known)
    }

    /// Words of user classes whose use is known.
    pub fn class_words(&self) -> Vec<String> {
        self.classes.keys().cloned().chain(CLASSES.iter().map(|(word, _)| (*word).to_owned())).collect()
    }
}

/// What is laid over a basin as it is read.
#[derive(Clone, Copy, Default)]
pub struct Over<'o> {
    /// Changes of its file's tables, made before they are read.
    pub changes: Option<&'o dyn Changes>,
    /// Further elements, such as commands that arrived.
    pub further: &'o [Further],
    /// Values in the place of its own, such as what was gathered.
    pub laid: Option<&'o Laid>,
}

/// Changes of a basin's tables between their text and their readers, so that what is changed is judged, told and placed as what was
/// written.
pub trait Changes: Sync {
    /// Makes them. Their texts are laid beside the basin's ([`Context::lay`]), by which the spans of what comes from them are moved;
    /// what cannot be done is refused to the context.
    fn apply<'a>(&'a self, document: &mut DeTable<'a>, context: &Context<'a>);

    /// SHA-256 of each text, in the order in which they are laid.
    fn digests(&self) -> Vec<String>;

    /// What they do, for documents.
    fn row(&self) -> ScenarioRow;
}

/// Elements laid over a basin beside those of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Further {
    /// What refusals call it.
    pub name: String,
    /// TOML with elements only.
    pub bytes: Vec<u8>,
}

/// Reads a TOML file: what it says, and its faults.
fn parsed<T>(
    name: &str,
    bytes: &[u8],
    ((load, files), laying): ((&Load, Option<&Files>), &Laying),
    changes: Option<&dyn Changes>,
    read: impl for<'t> FnOnce(&Context<'t>, &DeTable<'t>) -> T,
) -> Result<(T, Refusals), Refusals> {
    let text = text(name, bytes)?;
    let (table, errors) = DeTable::parse_recoverable(text);
    let context = Context::new(name, text, load).with(laying).sharing(files);
    if !errors.is_empty() {
        return Err(no_toml(&context, text, &errors));
    }
    let mut table = table.into_inner();
    if let Some(changes) = changes {
        changes.apply(&mut table, &context);
    }
    let said = read(&context, &table);
    Ok((said, context.refusals.take()))
}

/// Whether numbers rise strictly from above 0 and end in 1.
pub fn rises_to_one(numbers: &[f64]) -> bool {
    numbers.first().is_some_and(|first| *first > 0.0)
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
        && numbers.last().is_some_and(|last| *last == 1.0)
}

fn read<'a>(context: &Context<'a>, table: &DeTable<'a>, elements: &mut Ids) -> Basin {
    let known: Vec<&str> = SECTIONS.into_iter().chain(KINDS.iter().map(|kind| kind.word)).collect();
    let mut basin = Basin {
        id: String::new(),
        name: String::new(),
        place: context.place(0),
        time_zone: "Asia/Shanghai".to_owned(),
        mode: MODES[0].to_owned(),
        publishing_authority: None,
        response: None,
        response_from: None,
        datum: None,
        dry_year: None,
        forecast: None,
        steps: None,
        start: None,
        horizon_place: context.place(0),
        regions: Vec::new(),
        classes: BTreeMap::new(),
        elements: Vec::new(),
        objectives: Vec::new(),
        allowances: Vec::new(),
        method: MethodEntry::default(),
        assumed: Vec::new(),
        written_over: Vec::new(),
        digest: String::new(),
        tables: BTreeMap::new(),
        overlays: Vec::new(),
        gathered: Laid::default(),
        scenario: None,
        periods: Vec::new(),
        faulty: refuse_unknown_kinds(context, table, &known),
        faulty_head: false,
        removed: context.removed.take(),
    };
    match section(context, table, "basin", true) {
        Some(entry) => read_head(&entry, &mut basin),
        None => basin.faulty_head = true,
    }
    match section(context, table, "horizon", true) {
        Some(entry) => read_horizon(&entry, &mut basin),
        None => basin.faulty_head = true,
    }
    if let Some(entry) = section(context, table, "forecast", false) {
        read_forecast(&entry, &mut basin);
    }
    let mut ids = Ids::default();
    for entry in entries(context, table, "region") {
        let (code, parent) = (entry.text("code"), entry.text("parent"));
        if let Some(head) = ids.head(&entry, "region", false) {
            basin.regions.push(RegionEntry {
                id: head.id,
                name: head.name,
                code: code.map(|code| code.value),
                parent,
                place: head.place,
            });
        }
        entry.finish();
    }
    let mut ids = Ids::default();
    for entry in entries(context, table, "class") {
        let head = ids.head(&entry, "class", false);
        let words: Vec<&str> = Use::ALL.iter().map(|use_| use_.word()).collect();
        let word = entry.word("use", &words);
        if !entry.has("use") {
            entry.missing(&["use"]);
        }
        let use_ = word.and_then(|word| Use::ALL.into_iter().find(|use_| use_.word() == word.value));
        // An unknown use is refused once, here, not again at each class that has it.
        basin.classes.extend(head.map(|head| (head.id, use_.unwrap_or(Use::Domestic))));
        entry.finish();
    }
    basin.elements = read_elements(context, table, elements);
    let mut ids = Ids::default();
    for entry in entries(context, table, "objective") {
        let head = ids.head(&entry, "objective", false);
        let known = head.is_some();
        let objective = ObjectiveEntry::read(&entry, head.unwrap_or_else(|| nameless(&entry, "objective")));
        basin.objectives.extend(objective.filter(|_| known));
        entry.finish();
    }
    let rows = entries(context, table, "balance");
    basin.allowances = rows.iter().filter_map(AllowanceEntry::read).collect();
    AllowanceEntry::refuse_doubles(&basin.allowances, &rows);
    rows.iter().for_each(Entry::finish);
    let rules = section(context, table, "rules", false).map(|entry| {
        let order = (MethodEntry::read_rules(&entry), SupplyLevelEntry::read_all(&entry));
        entry.finish();
        order
    });
    if let Some(entry) = section(context, table, "method", true) {
        basin.method = MethodEntry::read(&entry);
        entry.finish();
    }
    if let Some(order) = rules {
        (basin.method.rule_order, basin.method.supply_order) = order;
    }
    basin.tables = context.tables.take();
    (basin.assumed, basin.written_over) = (context.assumed.take(), context.written_over.take());
    basin.periods = context.periods.take();
    basin
}

fn read_head(entry: &Entry, basin: &mut Basin) {
    let id = entry.required_text("id");
    if let Some(id) = id.filter(|id| valid_id(entry, id)) {
        basin.id = id.value;
    }
    basin.name = entry.text("name").map_or_else(|| basin.id.clone(), |name| name.value);
    basin.place = entry.place.clone();
    if let Some(zone) = entry.text("time_zone") {
        match jiff::tz::TimeZone::get(&zone.value) {
            Ok(_) => basin.time_zone = zone.value,
            Err(_) => entry.refuse(
                &zone.place,
                format!("`time_zone`: unknown zone `{}`", zone.value),
                Some("an IANA name such as `Asia/Shanghai`".to_owned()),
            ),
        }
    }
    if let Some(mode) = entry.word("mode", MODES) {
        basin.mode = mode.value;
    }
    basin.publishing_authority = entry.text("publishing_authority").map(|authority| authority.value);
    basin.response = drought_response(entry, "response_level").map(|response| response.value);
    if entry.has("response_from") {
        basin.response_from = moment(entry, "response_from", false).map(|moment| moment.value);
    }
    basin.datum = entry.text("datum").map(|datum| datum.value);
    basin.dry_year = DryYear::read(entry).map(|year| year.value);
    entry.finish();
    basin.faulty_head |= entry.is_faulty();
}

fn read_forecast(entry: &Entry, basin: &mut Basin) {
    let forecast = Forecast::read(entry);
    if forecast.then.is_some() && basin.dry_year.is_some() {
        let hint = "`dry_year` says what the series stand for as they are, `then` takes the year from the records: keep one"
            .to_owned();
        entry.refuse(&entry.place, "`then` and `basin.dry_year` exclude each other", Some(hint));
    }
    entry.finish();
    basin.faulty_head |= entry.is_faulty();
    basin.forecast = Some(forecast);
}

fn read_horizon(entry: &Entry, basin: &mut Basin) {
    let steps = entry.texts("steps");
    if !entry.has("steps") {
        entry.missing(&["steps"]);
    }
    basin.horizon_place = entry.place.clone();
    basin.start = entry.date("start").map(|date| date.value);
    entry.finish();
    basin.steps = (!entry.is_faulty()).then_some(steps);
    basin.faulty_head |= entry.is_faulty();
}

fn read_elements<'a>(context: &Context<'a>, table: &DeTable<'a>, ids: &mut Ids) -> Vec<Arc<dyn Element>> {
    let mut elements: Vec<Arc<dyn Element>> = Vec::new();
    let mut all: Vec<_> = KINDS
        .iter()
        .flat_map(|kind| entries(context, table, kind.word).into_iter().map(move |entry| (kind, entry)))
        .collect();
    all.sort_by_key(|(_, entry)| entry.start);
    for (kind, entry) in all {
        let head = ids.head(&entry, kind.word, kind.regional);
        let known = head.is_some();
        let element = (kind.read)(&entry, head.unwrap_or_else(|| nameless(&entry, kind.word)));
        entry.finish();
        if known {
            elements.push(element.into());
        }
    }
    elements
}
