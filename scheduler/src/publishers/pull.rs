//! Messages to be fetched: nothing is sent. Whoever wants them asks the API, which reads them in the outbox.

use std::path::Path;
use std::sync::Arc;

use weir_model::basin::entry::Entry;

use super::{Delivered, Delivery, Publisher};

/// A line of messages that others fetch.
#[derive(Clone, Copy, Debug)]
struct Pull;

#[expect(clippy::unnecessary_wraps, reason = "as every kind of publisher is read")]
pub(super) fn read(_: &Entry<'_, '_>) -> Option<Arc<dyn Publisher>> {
    Some(Arc::new(Pull))
}

impl Publisher for Pull {
    fn deliver<'a>(&'a self, _: &'a Path, _: &'a Delivery) -> Delivered<'a> {
        // It was there for all to fetch with the transaction that wrote it.
        Box::pin(async { Ok(()) })
    }
}
