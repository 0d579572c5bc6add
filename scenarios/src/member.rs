//! Members: named overlays with a weight, and the one way in which many of them are answered.
//!
//! Members are answered in blocks, blocks in parallel; a [`Seat`] goes through its block with one live session
//! ([`session`](weir_solver::session)), which every block opens from the same basis. So memory is that of the threads, whatever the
//! number of members, and no answer depends on how many threads, shards or runs there were.
//!
//! A seat gives the *goals* of a member or its *plan*. Goals are what they are whatever was solved before, and come from the session: where
//! an overlay changes forcing, limits, demands or goals only, it is brought to them by the least changes, otherwise opened anew. A plan is
//! a document that can be made again byte by byte, so it is solved by itself, from the given basis.
//! Fails: whatever ends a member, a refusal, no plan, an engine that fails or a panic, is told as its cause and ends no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;
use weir_model::audit::findings;
use weir_model::basin::files::Files;
use weir_model::basin::{Basin, Changes, Over};
use weir_model::case::Case;
use weir_model::goals::{Goals, Objective};
use weir_model::laid::Laid;
use weir_model::lower::lower;
use weir_model::measures::measure;
use weir_model::place::Refusals;
use weir_model::plan::{Plan, StageResult};
use weir_solver::audited::{Audited, Unaudited, audited};
use weir_solver::hot::HotStart;
use weir_solver::session::{Session, answered};
use weir_solver::solve::{Extent, SolveOptions, Unsolved, solve};

use crate::overlay::Overlay;

/// Members that one session answers one after another.
pub const BLOCK: usize = 8;

/// The id of the basin as its file has it.
pub const BASE: &str = "base";

/// A named overlay with a weight.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// Name as people read it, in Chinese and in English; the id where its overlay gives none.
    pub name: (String, String),
    /// How much it counts among the others: 1 unless said.
    pub weight: f64,
    /// What it changes, or why that could not be read.
    pub overlay: Result<Overlay, Refusals>,
    /// Forcing that takes the place of the basin's own, of a member of an ensemble.
    pub forcing: Option<Forcing>,
}

/// Forcing of a member: made when the member is asked and not kept, so that of many members there is in memory what it is made from alone.
#[derive(Clone)]
pub struct Forcing(Arc<Makes>);

type Makes = dyn Fn() -> Result<Laid, Refusals> + Send + Sync;

impl Forcing {
    /// Forcing that something makes; what is wrong with it is that member's own fault.
    pub fn new(makes: impl Fn() -> Result<Laid, Refusals> + Send + Sync + 'static) -> Self {
        Self(Arc::new(makes))
    }
}

impl std::fmt::Debug for Forcing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Forcing")
    }
}

impl Member {
    /// A member by its id.
    pub fn new(id: &str, overlay: Result<Overlay, Refusals>) -> Self {
        let of = |text: &str| if text.is_empty() { id.to_owned() } else { text.to_owned() };
        let name = overlay.as_ref().map_or_else(|_| (of(""), of("")), |overlay| (of(&overlay.name), of(&overlay.english)));
        Self { id: id.to_owned(), name, weight: 1.0, overlay, forcing: None }
    }

    /// The basin as it is.
    pub fn base() -> Self {
        Self { name: ("基准".to_owned(), "base".to_owned()), ..Self::new(BASE, Ok(Overlay::default())) }
    }

    /// An overlay's file, whose name is the id.
    pub fn file(path: &Path) -> Self {
        let id = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Self::new(&id, Overlay::read(path))
    }

    /// The same, with another weight.
    pub fn weighing(self, weight: f64) -> Self {
        Self { weight, ..self }
    }

    /// The case and goals of a basin with it.
    ///
    /// # Errors
    /// All faults of the basin, and of the overlay on it; those of its forcing.
    pub fn question(&self, basin: &Asked) -> Result<(Case, Goals), Refusals> {
        let overlay = self.overlay.as_ref().map_err(Clone::clone)?;
        let changes = Some(overlay).filter(|overlay| !overlay.is_empty()).map(|overlay| overlay as &dyn Changes);
        let laid = self.forcing.as_ref().map(|forcing| forcing.0()).transpose()?;
        let over = Over { changes, further: &[], laid: laid.as_ref() };
        lower(&Basin::read_of(&basin.files, &over)?, basin.start)
    }
}

/// The basin that members are laid over, as its files are when they are first asked for.
#[derive(Clone)]
pub struct Asked {
    /// Its files.
    files: Arc<Files>,
    /// First day of the horizon; its own unless given.
    pub start: Option<Date>,
    /// Where every block begins, such as where the base ended.
    pub hot: Option<Arc<HotStart>>,
}

impl Asked {
    /// The basin of a folder, from a first day; blocks begin from nothing.
    pub fn new(dir: &Path, start: Option<Date>) -> Self {
        Self { files: Arc::new(Files::new(dir)), start, hot: None }
    }

    /// The same, with blocks that begin from a start.
    pub fn beginning(self, hot: Option<Arc<HotStart>>) -> Self {
        Self { hot, ..self }
    }

    /// The same, with blocks that begin where its own goals end; from nothing, where it has no plan.
    pub fn from_its_goals(self) -> Self {
        let nothing = Self { hot: None, ..self };
        let end = run(&nothing, (1, 1), |_, _| {
            let (case, goals) = Member::base().question(&nothing).map_err(|refusals| refusals.to_string())?;
            let options = SolveOptions { extent: Extent::Goals, ..SolveOptions::default() };
            solve(&case, &answered(&goals), &options).map(|solved| solved.end).map_err(|why| why.to_string())
        });
        Self { hot: end.into_iter().find_map(Result::ok).flatten().map(Arc::new), ..nothing }
    }
}

/// What a block of members is answered at.
pub struct Seat<'a> {
    basin: &'a Asked,
    session: Option<Session>,
}

/// What the goals of a member come to.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The goals in order.
    pub stages: Vec<StageResult>,
    /// The goals as the decisions have them, also where those behind used up a tolerance.
    pub measured: Vec<(String, f64)>,
    /// What had to give, hm³ in all.
    pub breach_hm3: f64,
    /// What cannot hold together, where not all rules can, a sentence each.
    pub conflict: Vec<String>,
    /// Whether the session was refreshed, not opened anew.
    pub refreshed: bool,
}

/// A member's answer by the session: an audited plan without closing chain, water values and certificate.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The case that it is of.
    pub case: Case,
    /// Its goals.
    pub goals: Goals,
    /// The plan.
    pub plan: Plan,
    /// What cannot hold together, where not all rules can, a sentence each.
    pub conflict: Vec<String>,
    /// Whether the session was refreshed, not opened anew.
    pub refreshed: bool,
}

/// The plan of a member.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan, with where its solve ended.
    pub audited: Audited,
    /// What cannot hold together, where it is the plan of least breach, a sentence each.
    pub conflict: Vec<String>,
}

impl Seat<'_> {
    fn options(&self) -> SolveOptions {
        SolveOptions { start: self.basin.hot.clone(), ..SolveOptions::default() }
    }

    /// A member's answer by the session, as a plan that has passed the audit. Where not all rules can hold, by least breach.
    ///
    /// # Errors
    /// Why there is none.
    pub fn answer(&mut self, member: &Member) -> Result<Answered, String> {
        let (case, goals) = member.question(self.basin).map_err(|refusals| refusals.to_string())?;
        let (options, said) = (self.options(), |why: Unsolved| why.to_string());
        let session = match &mut self.session {
            Some(session) => {
                session.ask(&goals);
                session
            }
            none => none.insert(Session::open(&goals, &options).map_err(said)?),
        };
        let (plan, own, conflict, refreshed) = match session.solve(&case) {
            Ok(answer) => (answer.plan(), answer.case, Vec::new(), answer.refreshed.is_some()),
            Err(Unsolved::Infeasible(found)) => {
                let elastic = SolveOptions { elastic: true, extent: Extent::Goals, ..options };
                let solved = solve(&case, &goals, &elastic).map_err(said)?;
                (solved.plan, solved.case, found.explained, false)
            }
            Err(why) => return Err(said(why)),
        };
        let case = own.map_or(case, |own| *own);
        let found = findings(&case, &goals, &plan);
        if !found.is_empty() {
            return Err(Unaudited::Findings(found.iter().map(ToString::to_string).collect()).to_string());
        }
        Ok(Answered { case, goals, plan, conflict, refreshed })
    }

    /// What a member's goals come to: [`answer`](Self::answer).
    ///
    /// # Errors
    /// Why they come to nothing.
    pub fn goals(&mut self, member: &Member) -> Result<Reached, String> {
        let Answered { case, goals, plan, conflict, refreshed, .. } = self.answer(member)?;
        let breach_hm3 = plan.relaxations.iter().map(|relaxation| relaxation.hm3).sum();
        let staged = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage));
        let of = |goal: &Objective| Some((goal.id.clone(), measure(&goal.kind)?.value(&case, goal, &plan.decisions)));
        let measured = staged.filter_map(of).collect();
        Ok(Reached { stages: plan.stages, measured, breach_hm3, conflict, refreshed })
    }

    /// A member's plan; where not all rules can hold, that of least breach.
    ///
    /// # Errors
    /// Why there is none.
    pub fn plan(&self, member: &Member) -> Result<Planned, String> {
        let (case, goals) = member.question(self.basin).map_err(|refusals| refusals.to_string())?;
        let options = self.options();
        let (solved, conflict) = match audited(&case, &goals, &options) {
            Err(Unaudited::Unsolved(Unsolved::Infeasible(found))) => {
                (audited(&case, &goals, &SolveOptions { elastic: true, ..options }), found.explained)
            }
            solved => (solved, Vec::new()),
        };
        Ok(Planned { audited: solved.map_err(|why| why.to_string())?, conflict })
    }
}

/// Asks for something of each of a number of members, block by block in parallel; the answers in order.
pub fn run<T: Send>(
    basin: &Asked,
    (count, size): (usize, usize),
    ask: impl Fn(&mut Seat<'_>, usize) -> Result<T, String> + Sync,
) -> Vec<Result<T, String>> {
    // A block at a time: a thread that another's work holds up would else keep many that nobody could take from it.
    let blocks = (0..count).step_by(size.max(1)).collect::<Vec<_>>().into_par_iter().with_max_len(1);
    let answers = blocks.map(|first| block(basin, first..count.min(first + size.max(1)), &ask));
    answers.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Asks for something of each of the members of a block, at a fresh seat.
pub fn block<'a, T>(
    basin: &'a Asked,
    numbers: std::ops::Range<usize>,
    ask: impl Fn(&mut Seat<'a>, usize) -> Result<T, String>,
) -> Vec<Result<T, String>> {
    let mut seat = Seat { basin, session: None };
    numbers.map(|number| guarded(&mut seat, |seat| ask(seat, number))).collect()
}

/// An answer, or that there is none because weir broke down; what the seat had is then in doubt, and left.
fn guarded<'a, T>(seat: &mut Seat<'a>, ask: impl FnOnce(&mut Seat<'a>) -> Result<T, String>) -> Result<T, String> {
    let answer = catch_unwind(AssertUnwindSafe(|| ask(seat)));
    answer.unwrap_or_else(|_| {
        seat.session = None;
        Err("weir broke down on it: a fault of weir".to_owned())
    })
}
