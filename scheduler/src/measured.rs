//! How the runs of this instance went: how late they began and how long they took.

use jiff::Timestamp;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Labels of a metric: the job.
type Labels = Vec<(&'static str, String)>;

/// Upper ends of the histograms' ranges, seconds: a second to an hour.
const RANGES_S: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0];

fn histogram() -> Histogram {
    Histogram::new(RANGES_S)
}

/// Lateness and duration of runs, by job.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    lateness: Family<Labels, Histogram, fn() -> Histogram>,
    duration: Family<Labels, Histogram, fn() -> Histogram>,
}

impl Default for Measured {
    fn default() -> Self {
        Self { lateness: Family::new_with_constructor(histogram), duration: Family::new_with_constructor(histogram) }
    }
}

impl Measured {
    /// A try of a run of a job has ended.
    pub fn ended(&self, job: &str, due: Timestamp, begun: Timestamp, now: Timestamp) {
        let labels: Labels = vec![("job", job.to_owned())];
        let seconds = |from: Timestamp, to: Timestamp| (to.as_millisecond() - from.as_millisecond()).max(0) as f64 / 1000.0;
        self.lateness.get_or_create(&labels).observe(seconds(due, begun));
        self.duration.get_or_create(&labels).observe(seconds(begun, now));
    }

    /// Makes them known.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("weir_run_lateness_seconds", "From due time to begin, by job", self.lateness.clone());
        registry.register("weir_run_duration_seconds", "From begin to end of a try, by job", self.duration.clone());
    }
}
