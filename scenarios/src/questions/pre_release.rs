//! 台风后天来，预泄多少、几点开始，不来亏多少水: one plan now for a storm that comes and for one that misses, decided apart once that is known.
//!
//! The storm is that of an ensemble's file with `misses` ([`Ensemble`](crate::ensemble::Ensemble)), or a made-up one: from the third day on, three
//! days of inflow many times what is forecast, as likely as not. One forecast is no ground for pre-release, so no overlay asks it.

use std::path::Path;

use weir_model::document::PlanDocument;
use weir_report::view::View;
use weir_report::{Phrase, both};
use weir_solver::tree::{Branch, Risk};

use super::{Question, first_cause};
use crate::ensemble::{ALL_INFLOW, Branching, Ensemble, plans};
use crate::member::{Asked, Member};
use crate::overlay::Overlay;

/// How many times what is forecast a storm brings that is made up.
const TIMES: f64 = 5.0;
/// The days before it, and its own.
const DAYS: (usize, usize) = (2, 3);

pub const QUESTION: Question = Question {
    word: "pre-release",
    asked: [
        "台风后天来，预泄多少、几点开始，不来亏多少水？",
        "A typhoon comes the day after tomorrow: how much to let go before, from when, and what is lost if it misses?",
    ],
    of: "a file of an ensemble with `misses`; unless given, five times the inflow from the third day to the fifth, as likely as not, with spill decided for both until then",
    overlays: |_, of| match of.first().filter(|_| of.iter().all(|file| file_of(file).is_none())) {
        Some(named) => Err(format!("`{named}` is no file of an ensemble, `*.toml`")),
        None => match of.iter().find_map(|file| Some((file, std::fs::metadata(file_of(file)?).err()?))) {
            Some((file, error)) => {
                Err(format!("{file}: cannot be read: {error}\n  hint: an ensemble is a TOML file: docs/ensembles.md"))
            }
            None => Ok(Vec::new()),
        },
    },
    answer: |_, _| Phrase::default(),
    beside: Some(answer),
};

fn answer(dir: &Path, base: &PlanDocument, of: &[String]) -> Result<Phrase, Phrase> {
    let view = View::new(base);
    let plain = Asked::new(dir, view.axis.times.first().map(|time| time.date()));
    let named = of.iter().find_map(|file| file_of(file));
    let ensemble = match named {
        Some(file) => Ensemble::read(file, &plain).map_err(|refusals| first_cause(&refusals.to_string())),
        None => made_up(&view),
    };
    let ensemble = match ensemble {
        Ok(ensemble) if ensemble.tree.as_ref().is_some_and(|tree| tree.misses.is_some()) => ensemble,
        Ok(ensemble) => {
            let id = &ensemble.id;
            return Err(both(
                format!("`{id}` 没有写明风暴不来的成员（[tree] 的 `misses`）"),
                format!("`{id}` has no [tree] with `misses`"),
            ));
        }
        Err(why) => return Err(why),
    };
    let told = match plans::make(&ensemble, &plain.from_its_goals(), None) {
        Ok(made) => {
            let Some(told) = weir_report::ensemble::pre_release(&made.document) else {
                let why = made.document.content.without_tree.as_deref().unwrap_or_default();
                return Err(first_line(&weir_report::ensemble::cause(&made.document, why)));
            };
            told
        }
        Err(why) => return Err(first_line(&why)),
    };
    Ok(both(format!("{}：{}", ensemble.name, told.chinese), format!("{}: {}", ensemble.english, told.english)))
}

fn first_line(of: &Phrase) -> Phrase {
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    both(first(&of.chinese), first(&of.english))
}

/// What is named, where it is a file of an ensemble.
fn file_of(named: &str) -> Option<&Path> {
    Some(Path::new(named)).filter(|file| file.extension().is_some_and(|ending| ending == "toml"))
}

/// The storm that is made up. Both futures are the same until it comes, so that nothing hinders that they also share what goes over
/// spillways: one without a crest would else let the storm spill ahead, knowing that it comes.
fn made_up(view: &View<'_>) -> Result<Ensemble, Phrase> {
    let (before, days) = DAYS;
    let steps = view.axis.edges.iter().position(|edge| *edge >= before as f64).unwrap_or(usize::MAX);
    if steps + 1 >= view.axis.edges.len() {
        return Err(both("本期在风暴到来之前即结束", "the horizon ends before the storm would come"));
    }
    let text = format!("[[change]]\nscale = {ALL_INFLOW:?}\nby = {TIMES:?}\nafter_days = {before}\ndays = {days}\n");
    let storm = Member::new("storm", Overlay::of_text("storm", "question pre-release", &text)).weighing(0.5);
    let branches = vec![None, Some(Branch { from: 0, steps })];
    Ok(Ensemble {
        id: QUESTION.word.to_owned(),
        name: format!("假定第{}天起{days}天来水为预报的{TIMES}倍、来与不来各半", before + 1),
        english: format!("With {TIMES} times the forecast inflow for {days} days from day {}, as likely as not", before + 1),
        digests: Vec::new(),
        members: vec![storm, Member::base().weighing(0.5)],
        tree: Some(Branching { risk: Risk::Expectation, seen_before: true, spill_shared: true, misses: Some(1), branches }),
    })
}
