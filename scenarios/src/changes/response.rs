//! `response`: a drought response 响应等级 is declared, from the start, which puts in force the curtailments that need it.

use weir_model::elements::drought_response;

use crate::changes::Change;
use crate::changes::mode::head;

pub const CHANGE: Change = Change {
    word: "response",
    fields: &[],
    apply: |entry, document| {
        if drought_response(entry, "response").is_some() {
            head(entry, document, "response", "response_level");
        }
    },
};
