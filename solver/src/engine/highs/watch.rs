//! Who waits for a run of HiGHS and who listens to it, as its calls between iterations find them.

use std::os::raw::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use highs_sys as sys;

use crate::engine::{EVERY, Interrupt, Options, Progress, Told};

/// Who waits for a run, and who listens to it.
pub struct Watch {
    interrupt: Option<Interrupt>,
    progress: Option<Progress>,
    /// Iterations of the run told last, and the bits of the bound and the gap.
    told: [AtomicU64; 3],
}

impl Watch {
    /// Of those that the options name, if they name any.
    pub fn of(options: &Options) -> Option<Arc<Self>> {
        let (interrupt, progress) = (options.interrupt.clone(), options.progress.clone());
        let is_any = interrupt.is_some() || progress.is_some();
        is_any.then(|| Arc::new(Self { interrupt, progress, told: Default::default() }))
    }

    /// Whether whoever waits has ended the run.
    pub fn is_ended(&self) -> bool {
        self.interrupt.as_ref().is_some_and(Interrupt::is_raised)
    }

    /// A run begins.
    pub fn begin(&self) {
        self.told.iter().for_each(|told| told.store(0, Ordering::Relaxed));
    }

    /// Tells what is new enough of where a run is. Of a kind of call only its own numbers are set.
    pub fn tell(&self, kind: c_int, at: &sys::HighsCallbackDataOut) {
        let Some(progress) = &self.progress else { return };
        let [iterations, bound, gap] = &self.told;
        let (now, every) = match kind {
            sys::kHighsCallbackSimplexInterrupt => (i64::from(at.simplex_iteration_count), EVERY),
            // Each iteration of an interior point is as dear as hundreds of the simplex method.
            sys::kHighsCallbackIpmInterrupt => (i64::from(at.ipm_iteration_count), 1),
            _ => (at.mip_total_lp_iterations, EVERY),
        };
        let now = u64::try_from(now).unwrap_or(0);
        if now >= iterations.load(Ordering::Relaxed) + every {
            iterations.store(now, Ordering::Relaxed);
            progress.tell(&Told::Iterations(now));
        }
        if kind != sys::kHighsCallbackMipInterrupt {
            return;
        }
        let (new_bound, new_gap) = (at.mip_dual_bound.to_bits(), at.mip_gap.to_bits());
        let told = (bound.swap(new_bound, Ordering::Relaxed), gap.swap(new_gap, Ordering::Relaxed));
        if told != (new_bound, new_gap) && at.mip_dual_bound.is_finite() {
            progress.tell_gap(at.mip_primal_bound, at.mip_dual_bound, at.mip_gap);
        }
    }
}
