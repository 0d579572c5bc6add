//! Feiyun's daily job over sixty days of a told clock, from the plum rain into the typhoons: what the ledger reads each evening
//! stands in sixty_days.txt, and one who fetches plans has each evening the plan that is in force.
//!
//! The inflow is the example's, synthetic (合成); levels are what the plan in force foretold for the morning.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use weir_model::document::PlanDocument;
use weir_model::setting::Setting;
use weir_scheduler::commands::check;
use weir_scheduler::job::Office;
use weir_scheduler::ledger::State;
use weir_scheduler::plans::{Choice, Status};

use crate::api::served::{Served, wide};
use crate::audiences::copy;
use crate::made::{Made, STORE, at};

const JOBS: &str = r#"
[[publisher]]
id = "open"
kind = "pull"

[[input]]
id = "level"
kind = "csv"
file = "inbox/level.csv"
column = "水位"
to = "shanxi.initial_level_m"
fresh_h = 12
fall_back = ["last", "basin"]

[[input]]
id = "forecast"
kind = "csv"
file = "inbox/forecast.csv"
column = "shanxi"
to = "shanxi_inflow.flow_m3s"
covers_h = 72
fall_back = ["yesterday", "basin"]

[[job]]
id = "daily"
basin = "feiyun"
cron = "0 8 * * *"
lateness = "skip"
retries = 0
time_limit_s = 86400
inputs = ["level", "forecast"]
publish = ["open"]
"#;

/// What stands over each plan of this office: it takes one inflow for certain.
const DAILY_HEADING: &str = "确定性来水情景，不作为调度依据";

const FIRST: Date = date(2026, 6, 16);
const DAYS: usize = 60;

/// What happens on a day that is not as the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Special {
    /// The level comes after the run.
    LateLevel,
    /// No forecast comes.
    NoForecast,
    /// More must be let out than there is.
    Infeasible,
    /// The signer does not come.
    NotSigned,
    /// An order from above holds for three days.
    Command,
    /// A typhoon: the mode is 防洪.
    Typhoon,
    /// A typhoon, and more must be let out than there is.
    InfeasibleTyphoon,
}

/// Days by their number from 0.
const SPECIAL: [(usize, Special); 7] = [
    (8, Special::LateLevel),
    (16, Special::NoForecast),
    (24, Special::Infeasible),
    (32, Special::NotSigned),
    (40, Special::Command),
    (48, Special::Typhoon),
    (49, Special::InfeasibleTyphoon),
];

/// An operation rule that no gate can keep.
const TOO_MUCH: &str = "\n[[operation]]\nid = \"too_much\"\non = \"shanxi.outflow\"\nfloor_m3s = 9000\nclass = \"legal\"\n";

/// What the order from above wants let out at least.
const ORDERED_M3S: f64 = 150.0;

/// As `weir commands add` puts it in.
fn command(day: Date) -> Setting {
    Setting {
        id: "order_12".to_owned(),
        issuer: "温州市防指".to_owned(),
        number: "温防指〔2026〕12号".to_owned(),
        on: "shanxi.outflow".to_owned(),
        from: day.to_string(),
        to: (day + 2.days()).to_string(),
        bounds: [("minimum_m3s".to_owned(), ORDERED_M3S)].into(),
        ..Setting::default()
    }
}

/// One who fetches: the plans that count, by product and term, as told so far.
#[derive(Default)]
struct Consumer {
    last: i64,
    /// Runs of which it was told that they made no plan to be published.
    failed: Vec<String>,
    copies: BTreeMap<(String, String), PlanDocument>,
}

impl Consumer {
    async fn fetch(&mut self, served: &Served) {
        let page = served.json(&format!("/api/v1/messages?publisher=open&cursor={}", self.last)).await;
        for told in page["items"].as_array().unwrap() {
            let sequence = told["sequence"].as_i64().unwrap();
            assert!(sequence > self.last);
            self.last = sequence;
            self.failed.extend(told["run"].as_str().map(str::to_owned));
            let (Some(product), Some(term)) = (told["product"].as_str(), told["term"].as_str()) else { continue };
            let line = (product.to_owned(), term.to_owned());
            if told["statement"] == "有效方案" {
                let text = served.get(told["document"].as_str().unwrap()).await.text().await.unwrap();
                self.copies.insert(line, PlanDocument::parse(&text).unwrap());
            } else {
                self.copies.remove(&line);
            }
        }
    }
}

/// The inflow of the example to Shanxi, by day.
fn inflow(example: &Path) -> BTreeMap<Date, f64> {
    let text = std::fs::read_to_string(example.join("series/inflow.csv")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("20"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        (cells[0].parse().unwrap(), cells[2].parse().unwrap())
    })
    .collect()
}

/// What a plan foretells of Shanxi for the start of a day, or over it.
fn foretold(plan: &PlanDocument, quantity: &str, day: Date) -> f64 {
    let first: Date = plan.content.case.valid_from[..10].parse().unwrap();
    let row = plan.content.series("shanxi", quantity).unwrap();
    row.values[first.until(day).unwrap().get_days() as usize].unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_days_read_as_they_should() {
    if std::env::var(STORE).is_ok() {
        return;
    }
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/feiyun");
    let made = Made::with(JOBS, |folder| copy(&example, &folder.join("feiyun"))).await;
    let basin = std::fs::read_to_string(made.path().join("feiyun/basin.toml")).unwrap();
    std::fs::create_dir(made.path().join("inbox")).unwrap();
    let inflow = inflow(&example);
    made.beat_at(&format!("{FIRST} 00:00")).await;
    let served = Served::of(made, wide()).await;
    let (store, path) = (&served.made.store, served.made.path());
    let mut consumer = Consumer::default();
    let mut level = 137.0;
    let mut read = String::new();
    for number in 0..DAYS {
        let day = FIRST + (number as i64).days();
        let special = SPECIAL.iter().find(|(other, _)| *other == number).map(|(_, special)| *special);
        let is = |one| special == Some(one);
        // Before eight: what came in, and what was decided.
        let mut today = basin.clone();
        let is_typhoon = is(Special::Typhoon) || is(Special::InfeasibleTyphoon);
        if is(Special::Infeasible) || is(Special::InfeasibleTyphoon) {
            today += TOO_MUCH;
        }
        if is(Special::Command) {
            let office = Office::read(path).unwrap();
            check(path, &office, "feiyun", &command(day)).unwrap();
            store.add_command("feiyun", &command(day), "wang", "电话通知", at(&format!("{day} 07:30"))).await.unwrap();
        }
        if is_typhoon {
            today = today.replacen("mode = \"常规\"", "mode = \"防洪\"", 1);
        }
        std::fs::write(path.join("feiyun/basin.toml"), today).unwrap();
        let levels = format!("时间,水位\n{day} 00:00,{level:.3}\n{day} 07:00,{level:.3}\n");
        if !is(Special::LateLevel) {
            std::fs::write(path.join("inbox/level.csv"), &levels).unwrap();
        }
        let mut forecast = "时间,shanxi\n".to_owned();
        for ahead in 0..5 {
            let on = day + ahead.days();
            let flow = if is_typhoon && ahead < 2 { 1200.0 } else { inflow[&on] };
            writeln!(forecast, "{on},{flow}").unwrap();
        }
        match special {
            Some(Special::NoForecast) => std::fs::remove_file(path.join("inbox/forecast.csv")).unwrap(),
            _ => std::fs::write(path.join("inbox/forecast.csv"), forecast).unwrap(),
        }
        served.beat_at(&format!("{day} 08:00")).await;
        std::fs::write(path.join("inbox/level.csv"), &levels).unwrap();
        // The desk: what waits is reviewed at nine and signed at half past.
        let draft = store.plans(&Choice { status: Some(Status::Draft), ..Choice::default() }, 1).await.unwrap();
        if let Some(draft) = draft.first() {
            store.review(&draft.id, "li", "", at(&format!("{day} 09:00"))).await.unwrap();
            if !is(Special::NotSigned) {
                store.sign(&draft.id, "zhao", "", at(&format!("{day} 09:30"))).await.unwrap();
            }
        }
        let evening = format!("{day} 20:00");
        served.beat_at(&evening).await;
        consumer.fetch(&served).await;
        // What the ledger reads in the evening.
        let run = store.runs(None, 1).await.unwrap().remove(0);
        let in_force = store.in_force("feiyun", "日", at(&evening)).await.unwrap();
        let copy = consumer.copies.get(&("feiyun".to_owned(), "日".to_owned()));
        assert_eq!(
            copy.map(|copy| &copy.record.id),
            in_force.as_ref().map(|plan| &plan.digest),
            "{day}: the consumer has the plan in force"
        );
        write!(read, "{} {}", day.strftime("%m-%d"), run.state.word()).unwrap();
        let in_force = in_force.unwrap();
        let document = store.document(&in_force.id).await.unwrap();
        let content = &document.content;
        assert!(content.audit.passed, "{day}");
        level = foretold(&document, "level", day + 1.day());
        if !content.case.commands.is_empty() {
            let outflow = foretold(&document, "outflow", day);
            assert!(outflow > ORDERED_M3S - 1e-6, "{day}: {outflow} m³/s");
        }
        write!(read, " | {} {}", in_force.id, content.case.mode).unwrap();
        // What this office never reports, the state of Zeya and the accounts' use, is told each day.
        let is_told_daily = |reason: &&String| reason.starts_with("Account") || reason.contains("`zeya`");
        let reasons = content.case.degraded.iter().filter(|reason| !is_told_daily(reason));
        let commands = content.case.commands.iter().map(|command| &command.name);
        let headings = content.case.headings.iter().filter(|heading| *heading != DAILY_HEADING);
        for said in [&run.reason].into_iter().chain(commands).chain(headings).chain(reasons) {
            write!(read, " | {}", said.replace('\n', " ")).unwrap();
        }
        if consumer.failed.last() == Some(&run.id) {
            read.push_str(" | told: failed");
        }
        read.push('\n');
    }
    read.push_str("at the end\n");
    let mut runs = store.runs(None, 100).await.unwrap();
    runs.reverse();
    let first = at(&format!("{FIRST} 00:00"));
    for run in runs.iter().filter(|run| run.due >= first && run.state != State::Published) {
        writeln!(read, "{} {} | {}", run.id, run.state.word(), run.reason.replace('\n', " ")).unwrap();
    }
    assert_eq!(read, include_str!("sixty_days.txt"));
}
