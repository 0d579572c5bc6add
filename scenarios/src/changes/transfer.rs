//! `transfer`: a trade of water rights 水权交易: so much of an account's limit goes `into` another's, `volume_hm3` (or `_wan_m3`,
//! `_yi_m3`), by a `document`; in a period, of the windows that it touches.
//!
//! Fails: more than the seller's limit holds.

use toml::de::DeTable;
use weir_model::basin::entry::{Entry, Value};

use crate::address::Address;
use crate::changes::{Change, period, required};
use crate::tree::{period_of, push, table, table_at, text};

pub const CHANGE: Change =
    Change { word: "transfer", fields: &["into", "volume_hm3", "volume_wan_m3", "volume_yi_m3", "document"], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let (seller, buyer) = (entry.text("transfer"), entry.text("into"));
    let (volume, paper) = (entry.volume_key("volume"), entry.raw("document"));
    if volume.is_none() {
        entry.missing_because(&["volume_hm3"], "what is traded: `volume_wan_m3 = 200`");
    }
    let (Some(_), Some(seller), Some(buyer), Some((unit, _)), Some(_)) =
        (required(entry, "into"), seller, buyer, volume, period(entry))
    else {
        return;
    };
    if buyer.value == seller.value {
        let message = format!("`{}` = `{}`: an account trades nothing with itself", buyer.key, buyer.value);
        entry.refuse(&buyer.place, message, Some("name the account that buys".to_owned()));
        return;
    }
    let Some(given) = entry.number(&unit) else { return };
    if given.value < 0.0 {
        let message = format!("`{}` = {}: a trade is of no less than nothing", given.key, given.value);
        let hint = "it goes out of the account of `transfer` `into` the other: let them change places".to_owned();
        entry.refuse(&given.place, message, Some(hint));
        return;
    }
    let (Some(volume), Some(at)) = (entry.raw(&unit), entry.raw("transfer")) else { return };
    let unit = unit.trim_start_matches("volume");
    let mut trade = |own: &str, field, with: &str, word: &str| {
        let address = Address::of(weir_model::basin::entry::Field { value: format!("account:{own}"), ..field });
        let paths = address.paths(document, entry, false);
        let row = |at: &Value<'a>| {
            let given = [("with".into(), text(with.to_owned(), at)), (format!("{word}{unit}").into(), volume.clone())];
            let paper = paper.map(|paper| ("document".into(), paper.clone()));
            table(given.into_iter().chain(paper).chain(period_of(entry)), at)
        };
        for path in paths {
            if let Some(account) = table_at(document, &path) {
                push(account, "trades", row(at), at);
            }
        }
    };
    trade(&seller.value, seller.clone(), &buyer.value, "sold");
    trade(&buyer.value, buyer.clone(), &seller.value, "bought");
}
