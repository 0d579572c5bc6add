//! How far a solve has come, told to whoever listens while it runs.
//!
//! What is told hangs on the program and the engine alone, never on a clock, and telling changes nothing of what is found: how often it is
//! shown is for the listener to say. It is called on the thread that solves, between two iterations, and so has to be quick.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Iterations of the simplex method between two that are told.
pub const EVERY: u64 = 256;

/// One thing told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The solve turns to this part; to some it turns more than once.
    Part(Part),
    /// The stages of the part that are solved now, together where they are several.
    Stages {
        /// The first, counted from 0.
        first: usize,
        /// The one behind the last.
        end: usize,
    },
    /// Of these stages a coarser program comes first, neighbouring steps as one; they are told again when it is done.
    Coarse,
    /// Iterations that the engine's run has taken so far.
    Iterations(u64),
    /// How far a stage with whole numbers is from proved, as it is minimised.
    Gap {
        /// The best point's value; infinite where there is none.
        value: f64,
        /// No point is better than this.
        bound: f64,
        /// Relative gap; infinite where there is no point.
        gap: f64,
    },
}

/// A part of a solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The least that has to give way of the rules.
    Rules,
    /// The whole numbers, goal by goal.
    WholeNumbers,
    /// The goals.
    Goals,
    /// What is decided among plans that are equally good for the goals.
    Closing,
    /// What more of one goal costs in others.
    Prices,
}

/// Who listens to a solve.
#[derive(Clone)]
pub struct Progress {
    listener: Arc<dyn Fn(&Told) + Send + Sync>,
    minimised: Arc<Minimised>,
}

/// What an engine minimises, factor × (value − constant), as the bits of the two.
#[derive(Debug)]
struct Minimised {
    factor: AtomicU64,
    constant: AtomicU64,
}

impl Progress {
    /// Tells this listener.
    pub fn new(listener: impl Fn(&Told) + Send + Sync + 'static) -> Self {
        let minimised = Minimised { factor: AtomicU64::new(1.0_f64.to_bits()), constant: AtomicU64::new(0.0_f64.to_bits()) };
        Self { listener: Arc::new(listener), minimised: Arc::new(minimised) }
    }

    /// Tells.
    pub fn tell(&self, told: &Told) {
        (self.listener)(told);
    }

    /// From now on engines minimise factor × (value − constant).
    pub(crate) fn minimises(&self, factor: f64, constant: f64) {
        self.minimised.factor.store(factor.to_bits(), Ordering::Relaxed);
        self.minimised.constant.store(constant.to_bits(), Ordering::Relaxed);
    }

    /// Tells a gap of what an engine minimises.
    #[cfg(feature = "highs")]
    pub(super) fn tell_gap(&self, value: f64, bound: f64, gap: f64) {
        let factor = f64::from_bits(self.minimised.factor.load(Ordering::Relaxed));
        let constant = f64::from_bits(self.minimised.constant.load(Ordering::Relaxed));
        self.tell(&Told::Gap { value: value / factor + constant, bound: bound / factor + constant, gap });
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

/// Equal if they tell the same listener.
impl PartialEq for Progress {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.listener, &other.listener)
    }
}
