//! 两县水权交易输得过去吗、谁受影响: from one account's limit to another's what the buyer is beyond its own, a million m³ where it is not, as far as
//! the seller has it left.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, one, short, subject};

pub const QUESTION: Question = Question {
    word: "rights-traded",
    asked: ["两县水权交易输得过去吗、谁受影响？", "Does water that is traded between accounts arrive, and who is affected?"],
    of: "seller's and buyer's accounts; unless given, from the one with most left, of the same kind of way where there is one, to the one with least",
    overlays: |view, of| {
        let all: Vec<_> = view.of_kind(&["account"]);
        // Of like accounts: permits of intakes among themselves, shares of canals among themselves.
        let counts = |account: &str| {
            let ways = &all.iter().find(|element| element.id == account)?.on;
            let first = view.content.elements.iter().find(|element| Some(&element.id) == ways.first())?;
            Some(first.kind.as_str())
        };
        let caps = || view.content.accounts.iter().filter(|row| row.at_most);
        let buyer = caps().min_by(|a, b| a.left_hm3.total_cmp(&b.left_hm3)).map(|row| row.account.clone());
        let buyer = subject(of.get(1).or(buyer.as_ref()), &all, "accounts")?;
        let like = |row: &&weir_model::document::AccountRow| counts(&row.account) == counts(&buyer.id);
        let others = caps().filter(|row| row.account != buyer.id);
        let seller = others.max_by(|a, b| like(a).cmp(&like(b)).then(a.left_hm3.total_cmp(&b.left_hm3)));
        let seller = subject(of.first().or(seller.map(|row| &row.account)), &all, "accounts")?;
        if seller.id == buyer.id {
            return Err("a trade needs two accounts: `--of SELLER --of BUYER`".to_owned());
        }
        let most = |account: &str, of: fn(&weir_model::document::AccountRow) -> f64| {
            let rows = view.content.accounts.iter().filter(|row| row.account == account);
            rows.map(of).fold(0.0, f64::max)
        };
        let (over, left) = (most(&buyer.id, |row| row.excess_hm3), most(&seller.id, |row| row.left_hm3));
        // In whole 1000 m³, so that nothing is left over.
        let wanted = if over > NOTHING { (over * 1e3 - 1e-6).ceil() / 1e3 } else { 1.0 };
        let volume = if left * 1e3 >= 1.0 { wanted.min((left * 1e3 + 1e-6).floor() / 1e3) } else { wanted };
        let text = format!("[[change]]\ntransfer = \"{}\"\ninto = \"{}\"\nvolume_hm3 = {volume:?}\n", seller.id, buyer.id);
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
    let (buys, sells, traded) = (view.name(&buyer.account), view.name(&seller.account), quantity::volume(moved(&buyer)));
    let lacks = short(view, &[]) - short(base, &[]);
    let (affected, english) = if lacks > NOTHING {
        let lacks = quantity::volume(lacks);
        (format!("全流域多缺{}", lacks.chinese), format!("all users together lack {} more", lacks.english))
    } else {
        ("无人因此多缺水".to_owned(), "nobody lacks more for it".to_owned())
    };
    let left = quantity::volume(seller.left_hm3.abs());
    let (sold, english_sold) = if seller.left_hm3 < -NOTHING {
        (format!("卖方因此超额{}", left.chinese), format!("the seller is {} beyond its own for it", left.english))
    } else {
        (format!("卖方尚余{}", left.chinese), format!("the seller has {} left", left.english))
    };
    let (chinese, english_arrives) = if after - before > NOTHING {
        (
            format!("多取{}，超额减{}", more.chinese, less.chinese),
            format!("takes {} more, and is {} less beyond its limit", more.english, less.english),
        )
    } else if over > NOTHING {
        (
            format!("此前已超许可取用这些水，水量不变，超额减{}", less.chinese),
            format!("took this water beyond its limit before, takes no more, and is {} less beyond it", less.english),
        )
    } else {
        (
            "取不到更多水，所限不在指标而在来水或过流能力".to_owned(),
            "takes no more: its water or its ways bind it, not its limit".to_owned(),
        )
    };
    both(
        format!("{}转让{}给{}：买方{chinese}；{sold}，{affected}。", sells.chinese, traded.chinese, buys.chinese),
        format!(
            "{} sells {} to {}: the buyer {english_arrives}; {english_sold}, and {english}.",
            sells.english, traded.english, buys.english
        ),
    )
}
