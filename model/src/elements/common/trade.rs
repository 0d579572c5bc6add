//! A trade of water rights 水权交易: what an account bought is added to the limit of its windows, what it sold taken away; in a period, of those
//! windows only that it touches, of each in whole.
//!
//! Units: hm³; refusals tell volumes in the unit that the file has them in.
//! Fails: a limit that would fall below nothing.

use crate::basin::dates::Period;
use crate::basin::entry::{Entry, Field, VOLUMES};

/// A trade of an account.
#[derive(Clone, Debug)]
pub struct Trade {
    /// What the limit rises by, hm³: less than nothing where it was sold.
    hm3: f64,
    /// As it stands in the file.
    written: Field<f64>,
    /// When it holds.
    pub period: Period,
}

impl Trade {
    /// Reads `trades`.
    pub fn read(entry: &Entry) -> Vec<Self> {
        let read = |part: Entry| {
            let _ = (part.required_text("with"), part.text("document"));
            let (bought, sold) = (part.volume("bought"), part.volume("sold"));
            let period = part.period();
            if bought.is_none() && sold.is_none() && !part.is_faulty() {
                part.missing(&["bought_hm3", "sold_hm3"]);
            }
            part.finish();
            let signed = bought.map(|volume| (volume, 1.0)).or(sold.map(|volume| (volume, -1.0)));
            let (written, sign) = signed.filter(|_| !part.is_faulty())?;
            if written.value < 0.0 {
                let hint = "0 or more: `bought` and `sold` say which way it goes".to_owned();
                part.refuse(
                    &written.place,
                    format!("`{}`: {} is less than nothing", written.key, told(&written, written.value)),
                    Some(hint),
                );
                return None;
            }
            Some(Self { hm3: sign * written.value, written, period: period? })
        };
        entry.tables("trades").into_iter().filter_map(read).collect()
    }
}

/// A limit after the trades of which something holds, in their order.
///
/// # Errors
/// The field of the first that takes more than there is, what is wrong, and how to mend it.
pub fn traded(
    trades: &[Trade],
    limit_hm3: f64,
    holds: impl Fn(&Trade) -> bool,
) -> Result<f64, (&Field<f64>, String, String)> {
    trades.iter().filter(|trade| holds(trade)).try_fold(limit_hm3, |limit, trade| {
        let after = limit + trade.hm3;
        // What is taken away digit by digit may miss nothing by its rounding.
        if after >= -1e-9 {
            return Ok(after.max(0.0));
        }
        let written = &trade.written;
        let (volume, limit) = (told(written, written.value), told(written, limit));
        let message = format!("`{}`: {volume} is more than the account has", written.key);
        Err((written, message, format!("at most its limit, which is {limit} with what it bought and sold before")))
    })
}

/// A volume in the unit of a field.
fn told(of: &Field<f64>, hm3: f64) -> String {
    let (suffix, scale) = VOLUMES.into_iter().rev().find(|(suffix, _)| of.key.ends_with(suffix)).unwrap_or(VOLUMES[0]);
    let unit = match suffix {
        "_wan_m3" => "万m³",
        "_yi_m3" => "亿m³",
        _ => "hm³",
    };
    // Without the digits that the units' ratio leaves.
    format!("{} {unit}", (hm3 / scale * 1e9).round() / 1e9)
}
