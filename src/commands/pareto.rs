//! `weir pareto`: what two goals or more can be together, point by point, each an overlay that makes it a plan.
//!
//! Writes into `--out`: `pareto.results` as points are done, then `pareto.csv`, `pareto.json`, `pareto.html` and, of every point, its overlay in
//! `points/`. Interrupted (exit 75) and started again, it goes on where it was.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use weir_report::both;
use weir_report::members::Members as Table;
use weir_scenarios::member::{Asked, Member};
use weir_scenarios::overlay::Overlay;
use weir_scenarios::pareto::Between;
use weir_scenarios::results::Results;
use weir_scenarios::study::{Members, Study};

use super::Told;
use super::solve::Format;
use super::sweep::{kept, unread};
use crate::failure::Failure;
use crate::files;
use crate::output::{aside_in, say};
use crate::progress::{Progress, from_file, interrupted, stop};

/// Most points of a front.
const MOST: usize = 1 << 16;

/// Arguments of `weir pareto`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    of: super::OfBasin,
    /// The goals that the front is between, stages of the basin: `--goals production,energy`.
    #[arg(long, value_name = "ID,ID…", value_delimiter = ',', required = true)]
    goals: Vec<String>,
    /// How many intervals every goal's range but the last one's is cut into.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    intervals: u32,
    /// Folder for results, page and overlays; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    shown: Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { of: super::OfBasin { dir, from }, goals, intervals, .. } = arguments;
    let asked = Asked::new(dir, *from);
    let (_, known) = Member::base().question(&asked).map_err(Failure::Refused)?;
    let between = Between::new(goals, &known).map_err(|why| Failure::Impossible(format!("error: {why}")))?;
    let intervals = *intervals as usize;
    if (intervals + 1).checked_pow(goals.len() as u32 - 1).is_none_or(|count| count > MOST) {
        let hint = "hint: fewer `--intervals`, or fewer goals";
        return Err(Failure::Impossible(format!("error: the front has more than {MOST} points\n  {hint}")));
    }
    let out = arguments.out.clone().unwrap_or_else(|| dir.join("out"));
    std::fs::create_dir_all(out.join("points")).map_err(|error| Failure::file("make", &out, &error))?;
    let (path, stop) = (out.join("pareto.results"), stop()?);
    let language = arguments.shown.language.into();
    let again = || interrupted(&stop, &from_file(&path), language);
    aside_in(language, &both("weir：求解前沿的两端 …", "weir: solving the ends of the front …"));
    let basin = asked.from_its_goals();
    let study = |members: &[Member]| {
        let study = Study::new(basin.clone(), Members::Overlays(members.to_vec())).map_err(Failure::Refused)?;
        Ok::<_, Failure>(study.measured())
    };
    let end_members = between.ends();
    let ends = study(&end_members)?;
    let results = Results::temporary().map_err(|error| kept(&error))?;
    let ends = found(&ends, results, (&|_| {}, &stop))?.ok_or_else(again)?;
    if let Some((id, why)) = ends.failed().map_err(|error| unread(&error))?.first() {
        return Err(Failure::Impossible(format!(
            "error: the front has no end `{id}`: {}",
            why.say(arguments.shown.language.into())
        )));
    }
    let ranges =
        between.ranges(&ends).ok_or_else(|| Failure::Broken("error: an end of the front lacks a goal".to_owned()))?;
    let members = between.points(&ranges.iter().map(|[ideal, nadir]| (nadir - ideal).abs()).collect::<Vec<_>>(), intervals);
    let points = study(&members)?;
    let results = Results::open(&path, &points.question).map_err(|error| kept(&error))?;
    let there = results.members();
    let count = members.len();
    aside_in(
        language,
        &both(
            format!("weir：求解{count}个点，其中{there}个已有结果 …"),
            format!("weir: solving {count} points, {there} of them there already …"),
        ),
    );
    let progress = Progress::new(count - there, language);
    let heard = |is_ok: bool| progress.heard(is_ok);
    let points = found(&points, results, (&heard, &stop))?.ok_or_else(again)?;
    let front = between.front(&ranges, &ends, &points);
    for member in members.iter().chain(&end_members).filter(|member| front.points.iter().any(|point| point.id == member.id))
    {
        let text: String = member.overlay.iter().flat_map(Overlay::texts).collect();
        files::write(&out.join("points").join(format!("{}.toml", member.id)), text.as_bytes())?;
    }
    files::write(&out.join("pareto.csv"), front.csv().as_bytes())?;
    files::write(&out.join("pareto.json"), format!("{:#}\n", front.json()).as_bytes())?;
    let page = out.join("pareto.html");
    files::write(&page, front.page().as_bytes())?;
    match arguments.shown.format {
        Format::Text => say(&format!("{}\n{}\n", front.text(arguments.shown.language.into()), page.display()))?,
        Format::Json => say(&format!("{}\n", front.json()))?,
    }
    super::sweep::failed(&points, arguments.shown.language)
}

/// The table of a study whose members are all held together; nothing where it was told to stop.
fn found(study: &Study, results: Results, told: (&(dyn Fn(bool) + Sync), &AtomicBool)) -> Result<Option<Table>, Failure> {
    if !study.ask(&study.all(), &results, told).map_err(|error| kept(&error))? {
        return Ok(None);
    }
    let table = study.table(vec![results]).and_then(Table::whole);
    table.map(Some).map_err(|error| unread(&error))
}
