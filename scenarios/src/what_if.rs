//! What-ifs: a basin and overlays on it, each solved and audited, to be set side by side.
//!
//! The base is solved first; the others, in parallel, from where it ended, which only saves time. Where not all rules can hold
//! together, the plan of least breach is the answer, with what cannot hold. Whatever else ends one of them, a refusal, an engine
//! that fails or a panic, is told as its cause and ends no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;
use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_model::place::Refusals;
use weir_solver::audited::{Audited, Unaudited, audited};
use weir_solver::hot::HotStart;
use weir_solver::solve::{SolveOptions, Unsolved};

use crate::overlay::{self, Overlay};

/// The id of the basin as its file has it.
pub const BASE: &str = "base";

/// One of the questions, with its answer.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id: the overlay's, or [`BASE`].
    pub id: String,
    /// Name as people read it, in Chinese and in English.
    pub name: (String, String),
    /// Its plan with where its solve ended, or why there is none.
    pub outcome: Result<Audited, String>,
    /// What cannot hold together, where its plan is that of least breach, a sentence each.
    pub conflict: Vec<String>,
}

impl Member {
    /// Its plan.
    pub fn document(&self) -> Option<&PlanDocument> {
        self.outcome.as_ref().ok().map(|audited| &audited.document)
    }
}

/// What is asked: an overlay, or why it could not be read, by the id that it would have.
pub struct Asked {
    /// Id.
    pub id: String,
    /// The overlay.
    pub overlay: Result<Overlay, Refusals>,
}

impl Asked {
    /// An overlay's file.
    pub fn file(path: &Path) -> Self {
        let id = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Self { id, overlay: Overlay::read(path) }
    }
}

/// The case and goals of a basin with an overlay.
///
/// # Errors
/// All faults of the basin, and of the overlay on it.
pub fn question(dir: &Path, start: Option<Date>, overlay: Option<&Overlay>) -> Result<(Case, Goals), Refusals> {
    lower(&overlay::read(dir, overlay, &[])?, start)
}

/// Solves the basin of a folder as it is.
pub fn base(dir: &Path, start: Option<Date>) -> Member {
    let (outcome, conflict) = answer(dir, start, None, None);
    Member { id: BASE.to_owned(), name: ("基准".to_owned(), "base".to_owned()), outcome, conflict }
}

/// Solves each overlay on the basin of a folder, from where the base ended.
pub fn solve(dir: &Path, start: Option<Date>, base: &Member, asked: &[Asked]) -> Vec<Member> {
    let hot = base.outcome.as_ref().ok().and_then(|base| base.end.clone()).map(Arc::new);
    let member = |one: &Asked| {
        let name = |overlay: &Overlay| (overlay.name.clone(), overlay.english.clone());
        let name = one.overlay.as_ref().map(name).unwrap_or_default();
        let (outcome, conflict) = match &one.overlay {
            Ok(overlay) => answer(dir, start, Some(overlay), hot.clone()),
            Err(refusals) => (Err(refusals.to_string()), Vec::new()),
        };
        let or_id = |text: String| if text.is_empty() { one.id.clone() } else { text };
        Member { id: one.id.clone(), name: (or_id(name.0), or_id(name.1)), outcome, conflict }
    };
    asked.par_iter().map(member).collect()
}

fn answer(
    dir: &Path,
    start: Option<Date>,
    overlay: Option<&Overlay>,
    hot: Option<Arc<HotStart>>,
) -> (Result<Audited, String>, Vec<String>) {
    let solved = || {
        let (case, goals) = match question(dir, start, overlay) {
            Ok(question) => question,
            Err(refusals) => return (Err(refusals.to_string()), Vec::new()),
        };
        let options = SolveOptions { start: hot, ..SolveOptions::default() };
        let said = |why: Unaudited| why.to_string();
        match audited(&case, &goals, &options) {
            Err(Unaudited::Unsolved(Unsolved::Infeasible(found))) => {
                let elastic = SolveOptions { elastic: true, ..options };
                (audited(&case, &goals, &elastic).map_err(said), found.explained)
            }
            solved => (solved.map_err(said), Vec::new()),
        }
    };
    let broken = || (Err("weir broke down on it: a fault of weir".to_owned()), Vec::new());
    catch_unwind(AssertUnwindSafe(solved)).unwrap_or_else(|_| broken())
}
