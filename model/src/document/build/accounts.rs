//! Account rows: one a window that the horizon touches.

use super::super::AccountRow;
use super::{end_of, plain, start_of};
use crate::case::Case;
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

pub(super) fn rows(case: &Case, decisions: &Decisions) -> Vec<AccountRow> {
    let mut rows = Vec::new();
    for account in &case.network.accounts {
        for window in account.windows.iter().filter(|window| !window.steps.is_empty()) {
            let planned = account.used_hm3(case, decisions, window.steps.clone());
            let so_far = window.used_before_hm3 + planned;
            let set_aside = (window.limit_hm3 - window.used_before_hm3 - window.available_hm3).max(0.0);
            let band = account.bands.iter().rfind(|(_, share)| so_far - share * window.limit_hm3 > FEASIBILITY_HM3);
            rows.push(AccountRow {
                account: account.id.clone(),
                name: account.name.clone(),
                window: window.label.clone(),
                from: start_of(case, window.steps.start),
                to: end_of(case, window.steps.end - 1),
                at_most: account.at_most,
                hard: account.hard,
                limit_hm3: plain(window.limit_hm3),
                used_before_hm3: plain(window.used_before_hm3),
                available_hm3: plain(window.available_hm3),
                planned_hm3: plain(planned),
                left_hm3: plain(window.limit_hm3 - so_far),
                excess_hm3: plain(account.excess_hm3(window, planned)),
                forecast_to_window_end_hm3: plain(so_far + set_aside),
                band: band.map(|(word, _)| word.clone()),
                note: window.note.clone(),
            });
        }
    }
    rows
}
