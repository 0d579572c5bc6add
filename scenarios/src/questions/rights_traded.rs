//! 两县水权交易输得过去吗、谁受影响: a million m³ from one account's limit to another's.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, one, short, subject};

pub const QUESTION: Question = Question {
    word: "rights-traded",
    asked: ["两县水权交易输得过去吗、谁受影响？", "Does water that is traded between accounts arrive, and who is affected?"],
    of: "seller's and buyer's accounts; unless given, from the one with most left to the one most exceeded",
    overlays: |view, of| {
        let all: Vec<_> = view.of_kind(&["account"]);
        // Of like accounts: permits of intakes among themselves, shares of canals among themselves.
        let counts = |account: &str| {
            let ways = &all.iter().find(|element| element.id == account)?.on;
            let first = view.content.elements.iter().find(|element| Some(&element.id) == ways.first())?;
            Some(first.kind.as_str())
        };
        let row = |like: Option<&str>, by: fn(&weir_model::document::AccountRow) -> f64| {
            let caps =
                view.content.accounts.iter().filter(|row| row.at_most && (like.is_none() || counts(&row.account) == like));
            caps.max_by(|a, b| by(a).total_cmp(&by(b))).map(|row| row.account.clone())
        };
        let buyer = row(None, |row| -row.left_hm3);
        let buyer = subject(of.get(1).or(buyer.as_ref()), &all, "accounts")?;
        let seller = row(counts(&buyer.id), |row| row.left_hm3);
        let seller = subject(of.first().or(seller.as_ref()), &all, "accounts")?;
        if seller.id == buyer.id {
            return Err("a trade needs two accounts".to_owned());
        }
        let text = format!("[[change]]\ntransfer = \"{}\"\ninto = \"{}\"\nvolume_wan_m3 = 100\n", seller.id, buyer.id);
        Ok(one("rights-traded", text))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let moved = |row: &&weir_model::document::AccountRow| {
        let before = base.content.accounts.iter().find(|other| other.account == row.account && other.window == row.window);
        before.map_or(0.0, |before| row.limit_hm3 - before.limit_hm3)
    };
    let rows = || view.content.accounts.iter();
    let (buyer, seller) = (rows().find(|row| moved(row) > NOTHING), rows().find(|row| moved(row) < -NOTHING));
    let (Some(buyer), Some(seller)) = (buyer, seller) else { return Phrase::default() };
    let own = |view: &View<'_>, account: &str| {
        let rows = view.content.accounts.iter().filter(|row| row.account == account);
        rows.fold((0.0, 0.0), |(planned, excess), row| (planned + row.planned_hm3, excess + row.excess_hm3))
    };
    let ((before, over), (after, still)) = (own(base, &buyer.account), own(view, &buyer.account));
    let (more, less) = (quantity::volume((after - before).max(0.0)), quantity::volume((over - still).max(0.0)));
    let (buys, sells) = (view.name(&buyer.account), view.name(&seller.account));
    let lacks = short(view, &[]) - short(base, &[]);
    let (affected, english) = if lacks > NOTHING {
        let lacks = quantity::volume(lacks);
        (format!("全流域多缺{}", lacks.chinese), format!("all users together lack {} more", lacks.english))
    } else {
        ("无人因此多缺水".to_owned(), "nobody lacks more for it".to_owned())
    };
    let arrives = after - before > NOTHING;
    let (chinese, english_arrives) = if arrives {
        (format!("多取{}", more.chinese), format!("takes {} more", more.english))
    } else {
        (
            "取水不变（已受水量或过流能力限制，或本已超额取水）".to_owned(),
            "takes no more (its water or its ways bound it, or it took beyond its limit already)".to_owned(),
        )
    };
    both(
        format!("{}转让100万m³给{}：买方{chinese}，超额减{}，{affected}。", sells.chinese, buys.chinese, less.chinese),
        format!(
            "{} sells 100 ×10⁴ m³ to {}: the buyer {english_arrives}, its excess falls by {}, and {english}.",
            sells.english, buys.english, less.english
        ),
    )
}
