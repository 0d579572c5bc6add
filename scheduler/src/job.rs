//! Jobs as data: what is solved when, for whom, and what becomes of the plan. Read from `jobs.toml` (docs/jobs-file.md).
//!
//! Fails: all faults of the file at once, each with line, job, field and how to mend it.

use std::path::Path;

use toml::de::DeTable;
use weir_model::basin::context::Context;
use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::nearest::hint;
use weir_model::basin::{MODES, is_id, no_toml};
use weir_model::place::{Place, Refusals};

use crate::checks::Limits;
use crate::gather::events::{self, Event};
use crate::gather::{self, Input};
use crate::orders::settings::{self, OrderSettings};
use crate::publishers::{self, PublisherSettings};
use crate::revisions::Revision;
use crate::scenario::{self, Scenario};
use crate::timetable::Timetable;

/// Name of the file in the office's folder.
pub const FILE: &str = "jobs.toml";

/// Terms of plans, longest first: 年, 月, 旬, 日, 应急.
pub const TERMS: [&str; 5] = ["年", "月", "旬", "日", "应急"];

/// All that an office's `jobs.toml` says.
#[derive(Clone, Debug)]
pub struct Office {
    /// Jobs, in the order of their ids.
    pub jobs: Vec<Job>,
    /// Publishers, in the order of their ids.
    pub publishers: Vec<PublisherSettings>,
    /// Inputs, in the file's order.
    pub inputs: Vec<Input>,
    /// What orders may set, in the order of their ids.
    pub orders: Vec<OrderSettings>,
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Id.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Folder of the basin, within the office's.
    pub basin: String,
    /// When it is due; none for a job that only events start.
    pub timetable: Option<Timetable>,
    /// The expression as written.
    pub cron: Option<String>,
    /// IANA name of the zone of the expression and of the day that a run starts on.
    pub time_zone: String,
    /// The line of plans that it makes.
    pub product: String,
    /// Term of its plans, of [`TERMS`].
    pub term: &'static str,
    /// The horizon's first day, counted from the day on which the run is due.
    pub start_day: i64,
    /// What becomes of times that were missed.
    pub lateness: Lateness,
    /// What becomes of a run that is due while another of the job is at work.
    pub overlap: Overlap,
    /// Modes of the basin in which it runs; empty for all.
    pub modes: Vec<String>,
    /// How its plans come into force.
    pub approval: Approval,
    /// What becomes of a fall-back plan.
    pub fall_back: FallBackPlan,
    /// Limits of what is checked of its plans.
    pub checks: Limits,
    /// Orders 调度令 that it drafts, by the ids of their settings.
    pub orders: Vec<String>,
    /// Longest time that a run may take, seconds.
    pub time_limit_s: i64,
    /// How often a run that failed for a passing reason is tried again.
    pub retries: i64,
    /// Seconds before the first further try; doubled for each after it.
    pub back_off_s: i64,
    /// Solved beside the basin's own question, as alternatives of one comparison.
    pub alternatives: Vec<Scenario>,
    /// Events that start it between its times.
    pub on: Vec<Event>,
    /// How long an event must have stood before it starts a run, seconds.
    pub debounce_s: i64,
    /// How often it is looked for events, seconds.
    pub poll_s: i64,
    /// Inputs that are gathered before it solves, by id.
    pub inputs: Vec<String>,
    /// Publishers of its plans, by id.
    pub publish: Vec<String>,
    /// Its entry as written, without the id.
    pub written: toml::Table,
    /// The change that put it here through the API; none where it is the file's.
    pub revision: Option<Revision>,
}

/// What becomes of times that were missed while no instance was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// None is run.
    Skip,
    /// The last is run.
    Latest,
    /// All are run.
    All,
}

/// What becomes of a run that is due while another of the job is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// It is skipped.
    Skip,
    /// It waits; of several that wait the last is run.
    Queue,
    /// The one at work is cancelled.
    CancelPrevious,
}

/// How a plan comes into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// By itself.
    Automatic,
    /// Reviewed and signed by two people, neither of them its drafter.
    Signed,
}

/// What becomes of the plan that a run falls back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallBackPlan {
    /// It waits for review and signature, whatever the job's approval is.
    Signed,
    /// It comes into force by itself, as the job's other plans do.
    Automatic,
    /// None is made.
    None,
}

impl FallBackPlan {
    /// Reads `fall_back` of a job; `automatic` only beside an approval that is.
    fn read(entry: &Entry, automatic: bool) -> Self {
        let word = entry.word("fall_back", &["signed", "automatic", "none"]);
        match word.as_ref().map_or("signed", |word| word.value.as_str()) {
            "automatic" if automatic => Self::Automatic,
            "none" => Self::None,
            other => {
                if let Some(word) = word.as_ref().filter(|_| other == "automatic") {
                    let message = "`fall_back`: automatic, where the job's other plans are signed";
                    entry.refuse(&word.place, message, Some("`fall_back = \"signed\"`, or `\"none\"`".to_owned()));
                }
                Self::Signed
            }
        }
    }
}

impl Office {
    /// Reads the office of a folder.
    ///
    /// # Errors
    /// All faults of `jobs.toml`.
    pub fn read(folder: &Path) -> Result<Self, Refusals> {
        let bytes = std::fs::read(folder.join(FILE)).map_err(|error| {
            let mut refusals = Refusals::default();
            let hint = "an office is a folder with a jobs.toml".to_owned();
            refusals.push(
                &Place::new(FILE, 0),
                None,
                format!("cannot be read in {}: {error}", folder.display()),
                Some(hint),
            );
            refusals
        })?;
        let text = weir_model::basin::text(FILE, &bytes)?;
        let office = Self::parse(text, &|basin| is_basin(folder, basin))?;
        let mut refusals = Refusals(office.jobs.iter().flat_map(|job| events::unknown(job, folder).0).collect());
        for publisher in &office.publishers {
            for (place, message, hint) in publisher.publisher.refused(folder) {
                refusals.push(&place, Some(&publisher.id), message, Some(hint));
            }
        }
        refusals.or(office)
    }

    /// Reads an office from the text of its file; `is_basin` says whether a folder holds a basin.
    ///
    /// # Errors
    /// All faults of the text.
    pub fn parse(text: &str, is_basin: &dyn Fn(&str) -> bool) -> Result<Self, Refusals> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let load = |path: &str| Err(format!("`{path}` is not read here"));
        let context = Context::new(FILE, text, &load);
        if !errors.is_empty() {
            return Err(no_toml(&context, text, &errors));
        }
        let root = Entry::new(&context, table.get_ref(), 0, FILE);
        let publishers = publishers::read(&root);
        let inputs = gather::read(&root);
        let orders = settings::read(&root);
        let mut jobs: Vec<Job> = Vec::new();
        for mut entry in root.tables("job") {
            let id = id_of(&mut entry, "a job's id: letters, digits, `_` and `-`");
            let job = Job::read(&entry, (&publishers, &inputs, &orders), is_basin);
            entry.finish();
            let (Some(id), Some(job)) = (id, job) else { continue };
            if jobs.iter().any(|other| other.id == id.value) {
                entry.refuse(
                    &id.place,
                    format!("`id`: `{}` stands twice", id.value),
                    Some("give each job its own".to_owned()),
                );
            }
            jobs.push(Job { id: id.value, ..job });
        }
        if jobs.is_empty() && context.refusals.borrow().0.is_empty() {
            root.refuse(&context.place(0), "no job", Some("a `[[job]]` with id, basin and cron".to_owned()));
        }
        root.finish();
        let written: toml::Table = text.parse().unwrap_or_default();
        for entry in written.get("job").and_then(toml::Value::as_array).into_iter().flatten() {
            let id = entry.get("id").and_then(toml::Value::as_str);
            let job = jobs.iter_mut().find(|job| id == Some(job.id.as_str()));
            if let (Some(job), Some(entry)) = (job, entry.as_table()) {
                job.written.clone_from(entry);
                job.written.remove("id");
            }
        }
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        context.refusals.take().or(Self { jobs, publishers, inputs, orders })
    }

    /// The inputs of a job, in its order, and after them those that they are computed from, which go nowhere else.
    /// With `watched`, those of its events too.
    pub fn inputs_of(&self, job: &Job, watched: bool) -> Vec<Input> {
        let of = |id: &String| self.inputs.iter().find(|input| input.id == *id).cloned();
        let mut inputs: Vec<Input> = job.inputs.iter().filter_map(of).collect();
        for input in job.on.iter().filter_map(|event| event.input(&self.inputs)).filter(|_| watched) {
            if !inputs.iter().any(|other| other.id == input.id) {
                inputs.push(input.clone());
            }
        }
        let mut place = 0;
        while let Some(input) = inputs.get(place) {
            let parts: Vec<String> = input.parts().into_iter().map(|part| part.value.clone()).collect();
            for part in parts {
                if !inputs.iter().any(|input| input.id == part) {
                    inputs.extend(of(&part).map(|input| Input { to: None, ..input }));
                }
            }
            place += 1;
        }
        inputs
    }

    /// What a job's orders set.
    pub fn orders_of(&self, job: &Job) -> Vec<OrderSettings> {
        self.orders.iter().filter(|settings| job.orders.contains(&settings.id)).cloned().collect()
    }

    /// The job of that id.
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }
}

/// Whether a folder within an office's holds a basin.
pub(crate) fn is_basin(folder: &Path, basin: &str) -> bool {
    folder.join(basin).join(weir_model::basin::FILE).is_file()
}

/// The id of an entry, which its refusals then name.
pub(crate) fn id_of(entry: &mut Entry<'_, '_>, what: &str) -> Option<Field<String>> {
    let id = entry.text("id");
    match &id {
        Some(id) if is_id(&id.value) => entry.belongs_to(&id.value),
        Some(id) => entry.refuse(&id.place, format!("`id`: `{}` is no id", id.value), Some(what.to_owned())),
        None => entry.missing_because(&["id"], what),
    }
    id.filter(|id| is_id(&id.value))
}

impl Job {
    /// Reads a job; its id is the caller's to give.
    pub(crate) fn read(
        entry: &Entry,
        (publishers, inputs, orders): (&[PublisherSettings], &[Input], &[OrderSettings]),
        is_basin: &dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let basin = entry.text("basin");
        match &basin {
            None => entry.missing_because(&["basin"], "the basin's folder, beside jobs.toml: `basin = \"feiyun\"`"),
            Some(basin) if !is_basin(&basin.value) => entry.refuse(
                &basin.place,
                format!("`basin`: there is no `{}/basin.toml`", basin.value),
                Some("a folder within this one; `weir new DIR` makes a basin".to_owned()),
            ),
            Some(_) => {}
        }
        let time_zone = entry.text("time_zone").map_or_else(|| "Asia/Shanghai".to_owned(), |zone| zone.value);
        let cron = entry.text("cron");
        let timetable = cron.as_ref().and_then(|cron| match Timetable::parse(&cron.value, &time_zone) {
            Ok(timetable) => Some(timetable),
            Err(why) => {
                let hint = "every day at six: `cron = \"0 6 * * *\"`".to_owned();
                entry.refuse(&cron.place, format!("`cron`: {why}"), Some(hint));
                None
            }
        });
        if cron.is_none() && !entry.has("cron") && !entry.has("on") {
            entry.missing_because(&["cron", "on"], "when it is due: `cron = \"0 6 * * *\"`, or `on = [\"forecast:INPUT\"]`");
        }
        let approval = entry.word("approval", &["automatic", "signed"]);
        let known: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
        let orders = entry.texts("orders");
        for order in orders.iter().filter(|order| !known.contains(&order.value.as_str())) {
            let message = format!("`orders`: unknown order `{}`", order.value);
            entry.refuse(&order.place, message, hint(&order.value, &known, "orders, an `[[order]]` each"));
        }
        let automatic = approval.as_ref().is_some_and(|word| word.value == "automatic");
        if let Some(approval) = approval.as_ref().filter(|_| automatic && !orders.is_empty()) {
            let message = "`approval`: a job that drafts orders cannot be `automatic`";
            entry.refuse(&approval.place, message, Some("`approval = \"signed\"`, or no `orders`".to_owned()));
        }
        let modes = entry.texts("modes");
        for mode in modes.iter().filter(|mode| !MODES.contains(&mode.value.as_str())) {
            entry.refuse(&mode.place, format!("`modes`: unknown mode `{}`", mode.value), hint(&mode.value, MODES, "modes"));
        }
        let publish = entry.texts("publish");
        let known: Vec<&str> = publishers.iter().map(|publisher| publisher.id.as_str()).collect();
        for name in publish.iter().filter(|name| !known.contains(&name.value.as_str())) {
            let message = format!("`publish`: unknown publisher `{}`", name.value);
            entry.refuse(&name.place, message, hint(&name.value, &known, "publishers"));
        }
        let (on, inputs) = (events::read(entry, inputs), gather::named(entry, inputs));
        let term = entry.word("term", &TERMS).and_then(|word| TERMS.into_iter().find(|term| *term == word.value));
        let whole = |key: &str, least: f64, most: f64, default: i64| whole(entry, key, (least, most), default);
        let basin = basin?.value;
        Some(Self {
            id: String::new(),
            name: entry.text("name").map_or_else(String::new, |name| name.value),
            product: entry.text("product").map_or_else(|| basin.clone(), |product| product.value),
            term: term.unwrap_or("日"),
            start_day: whole("start_day", -3660.0, 3660.0, 0),
            lateness: match word(entry, "lateness", &["skip", "latest", "all"]).as_str() {
                "skip" => Lateness::Skip,
                "all" => Lateness::All,
                _ => Lateness::Latest,
            },
            overlap: match word(entry, "overlap", &["skip", "queue", "cancel_previous"]).as_str() {
                "skip" => Overlap::Skip,
                "cancel_previous" => Overlap::CancelPrevious,
                _ => Overlap::Queue,
            },
            approval: if automatic { Approval::Automatic } else { Approval::Signed },
            checks: Limits::read(entry),
            fall_back: FallBackPlan::read(entry, automatic),
            time_limit_s: whole("time_limit_s", 1.0, 86_400.0, 600),
            retries: whole("retries", 0.0, 100.0, 2),
            back_off_s: whole("back_off_s", 1.0, 86_400.0, 60),
            modes: modes.into_iter().map(|mode| mode.value).collect(),
            alternatives: scenario::read(entry),
            publish: publish.into_iter().map(|name| name.value).collect(),
            inputs,
            on,
            debounce_s: whole("debounce_s", 0.0, 86_400.0, 300),
            poll_s: whole("poll_s", 1.0, 86_400.0, 60),
            cron: cron.map(|cron| cron.value),
            basin,
            orders: orders.into_iter().map(|order| order.value).collect(),
            timetable,
            time_zone,
            written: toml::Table::new(),
            revision: None,
        })
    }
}

fn word(entry: &Entry, key: &str, known: &[&str]) -> String {
    entry.word(key, known).map_or_else(String::new, |word| word.value)
}

/// A whole number within bounds.
pub(crate) fn whole(entry: &Entry, key: &str, (least, most): (f64, f64), default: i64) -> i64 {
    let Some(number) = entry.number_within(key, least, most) else { return default };
    if number.value.fract() != 0.0 {
        let message = format!("`{key}`: {} is no whole number", number.value);
        entry.refuse(&number.place, message, Some(format!("such as {default}")));
    }
    number.value as i64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const OFFICE: &str = r#"
[[publisher]]
id = "folder"
kind = "directory"
path = "published"

[[job]]
id = "daily"
basin = "feiyun"
cron = "0 6 * * *"
publish = ["folder"]
"#;

    fn refused(text: &str) -> Vec<String> {
        Office::parse(text, &|basin| basin == "feiyun").unwrap_err().0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_job_has_defaults() {
        let office = Office::parse(OFFICE, &|_| true).unwrap();
        let job = office.job("daily").unwrap();
        assert_eq!((job.term, job.lateness, job.overlap), ("日", Lateness::Latest, Overlap::Queue));
        assert_eq!((job.approval, job.product.as_str(), job.time_limit_s), (Approval::Signed, "feiyun", 600));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = OFFICE.replace("0 6 * * *", "0 26 * * *").replace("[\"folder\"]", "[\"foldr\"]").replace("feiyun", "ou");
        let text = text + "aproval = \"automatic\"\nmodes = [\"防汛\"]\n";
        let said = refused(&text).join("\n");
        for part in
            ["field 2 (hour): `26`", "did you mean `folder`?", "no `ou/basin.toml`", "did you mean `approval`?", "防洪"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(said.contains("jobs.toml:10: element `daily`"), "{said}");
    }

    #[test]
    fn orders_are_never_automatic() {
        let order = "\n[[order]]\nid = \"release\"\non = \"shanxi.outflow\"\nunit = \"电站\"\n";
        let said = refused(&(OFFICE.to_owned() + "orders = [\"release\"]\napproval = \"automatic\"\n" + order));
        assert!(said[0].contains("a job that drafts orders cannot be `automatic`"), "{said:?}");
        let said = refused(&(OFFICE.to_owned() + "orders = [\"relaese\"]\n" + order));
        assert!(said[0].contains("did you mean `release`?"), "{said:?}");
    }

    #[test]
    fn a_fall_back_plan_is_no_more_automatic_than_others() {
        let said = refused(&(OFFICE.to_owned() + "fall_back = \"automatic\"\n"));
        assert!(said[0].contains("`fall_back`: automatic, where the job's other plans are signed"), "{said:?}");
        let office = Office::parse(&(OFFICE.to_owned() + "approval = \"automatic\"\n"), &|_| true).unwrap();
        assert_eq!(office.job("daily").unwrap().fall_back, FallBackPlan::Signed);
    }

    #[test]
    fn an_office_without_jobs_is_refused() {
        assert!(refused("")[0].contains("no job"));
    }
}
