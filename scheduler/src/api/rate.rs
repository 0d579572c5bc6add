//! How often a token may ask: a bucket that fills at a steady rate and holds twice that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// The buckets of all tokens, in thousandths of a request: full, and when last looked at.
#[derive(Debug)]
pub(super) struct Rate {
    per_s: i64,
    buckets: Mutex<HashMap<String, (i64, Timestamp)>>,
}

impl Rate {
    /// A rate of so many requests a second.
    pub fn new(per_s: u32) -> Self {
        Self { per_s: i64::from(per_s), buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes a request out of a token's bucket; false where it is empty.
    pub fn take(&self, token: &str, now: Timestamp) -> bool {
        let full = 2000 * self.per_s;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, seen) = buckets.get(token).copied().unwrap_or((full, now));
        // A clock that goes back fills nothing.
        let passed_ms = (now.as_millisecond() - seen.as_millisecond()).clamp(0, 2000);
        let left = (left + passed_ms * self.per_s).min(full);
        let taken = left >= 1000;
        buckets.insert(token.to_owned(), (if taken { left - 1000 } else { left }, now));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_two_seconds_and_fills_again() {
        let rate = Rate::new(3);
        let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let taken = |ms: i64| (0..10).filter(|_| rate.take("li", at(ms))).count();
        assert_eq!(taken(1000), 6, "full at first");
        assert_eq!(taken(1000), 0);
        assert_eq!(taken(500), 0, "a clock that goes back gives nothing");
        assert_eq!(taken(1500), 3, "one second at three a second");
        assert_eq!(taken(9_000_000), 6, "never more than two seconds'");
        assert!(rate.take("wang", at(9_000_000)), "each token has its own");
    }
}
