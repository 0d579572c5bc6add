//! `weir pareto`: what two goals or more can be together, point by point, each an overlay that makes it a plan.
//!
//! Writes into `--out`: `pareto.results` as points are done, then `pareto.csv`, `pareto.json`, `pareto.html` and, of every point, its overlay in
//! `points/`. Interrupted (exit 75) and started again, it goes on where it was.

use std::path::PathBuf;

use weir_scenarios::member::{Asked, Member};
use weir_scenarios::overlay::Overlay;
use weir_scenarios::pareto::Between;
use weir_scenarios::results::Results;
use weir_scenarios::study::{Members, Study};

use super::Told;
use super::solve::Format;
use super::sweep::kept;
use crate::failure::Failure;
use crate::files;
use crate::output::say;
use crate::progress::{Progress, interrupted, stop};

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
    let again = || interrupted(&stop, &format!("run it again, and it goes on from {}", path.display()));
    aside!("weir: solving the ends of the front …");
    let basin = asked.from_its_goals();
    let study = |members: &[Member]| {
        let study = Study::new(basin.clone(), Members::Overlays(members.to_vec())).map_err(Failure::Refused)?;
        Ok::<_, Failure>(study.measured())
    };
    let end_members = between.ends();
    let ends = study(&end_members)?;
    let rows = ends.ask(&ends.all(), None, (&|_| {}, &stop)).map_err(|error| kept(&error))?.ok_or_else(again)?;
    let ends = ends.table(&rows);
    if let Some((id, why)) = ends.failed().next() {
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
    let there: usize = results.known().values().map(Vec::len).sum();
    aside!("weir: solving {} points, {there} of them there already …", members.len());
    let progress = Progress::new(members.len() - there);
    let heard = |is_ok: bool| progress.heard(is_ok);
    let rows =
        points.ask(&points.all(), Some(&results), (&heard, &stop)).map_err(|error| kept(&error))?.ok_or_else(again)?;
    let points = points.table(&rows);
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
