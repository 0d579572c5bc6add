//! 两县水权交易输得过去吗、谁受影响: from one account's limit to another's what the buyer is beyond its own, a million m³ where it is not, as far as
//! the seller does not use it. The volume is told twice: what of it the seller was not using and what it gives up; and what of it the buyer takes more,
//! what stands against water that it took beyond its limit before, and what it has no use for.

use weir_model::document::AccountRow;
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, SEEN, one, short, subject};

pub const QUESTION: Question = Question {
    word: "rights-traded",
    asked: ["两县水权交易输得过去吗、谁受影响？", "Does water that is traded between accounts arrive, and who is affected?"],
    of: "seller's and buyer's accounts; unless given, from the one that uses least of its own, of the same kind of way where there is one, to the one with least left: what the buyer is beyond its own, a million m³ where it is not, as far as the seller does not use it, in the window in which the buyer has least",
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
        let like = |row: &&AccountRow| counts(&row.account) == counts(&buyer.id);
        let others = caps().filter(|row| row.account != buyer.id);
        let seller = others.max_by(|a, b| like(a).cmp(&like(b)).then(unused(a).total_cmp(&unused(b))));
        let seller = subject(of.first().or(seller.map(|row| &row.account)), &all, "accounts")?;
        if seller.id == buyer.id {
            return Err("a trade needs two accounts: `--of SELLER --of BUYER`".to_owned());
        }
        // For the window in which the buyer is furthest beyond its own, or has least left.
        let rows = view.content.accounts.iter();
        let tightest = rows.clone().filter(|row| row.account == buyer.id).max_by(|a, b| {
            a.excess_hm3.total_cmp(&b.excess_hm3).then(b.left_hm3.total_cmp(&a.left_hm3)).then(b.from.cmp(&a.from))
        });
        let (over, from) = tightest.map_or((0.0, ""), |row| (row.excess_hm3, row.from.as_str()));
        let sells = |row: &&AccountRow| row.account == seller.id && row.from.as_str() <= from && from < row.to.as_str();
        let left = rows.filter(sells).map(unused).fold(f64::INFINITY, f64::min);
        // In whole 1000 m³, so that nothing is left over.
        let wanted = if over > NOTHING { (over * 1e3 - 1e-6).ceil() / 1e3 } else { 1.0 };
        let volume = if left * 1e3 >= 1.0 { wanted.min((left * 1e3 + 1e-6).floor() / 1e3) } else { wanted };
        let day = quantity::local(from).map_or_else(String::new, |at| format!("from = \"{0}\"\nto = \"{0}\"\n", at.date()));
        let (sold, bought) = (&seller.id, &buyer.id);
        let text = format!("[[change]]\ntransfer = \"{sold}\"\ninto = \"{bought}\"\nvolume_hm3 = {volume:?}\n{day}");
        Ok(one("rights-traded", text))
    },
    answer,
    beside: None,
};

/// What an account does not use of its limit by the end of the window, as far as is known, hm³.
fn unused(row: &AccountRow) -> f64 {
    (row.limit_hm3 - row.forecast_to_window_end_hm3).max(0.0)
}

/// An account over the windows whose limit a trade moves.
struct Side<'a> {
    id: &'a str,
    /// What its limit gained or lost, hm³, in so many windows, and what of it was not used in them before.
    traded: f64,
    windows: usize,
    spare: f64,
    /// Not used afterwards, hm³.
    left: f64,
    /// Before and after, hm³: planned, beyond its own.
    planned: (f64, f64),
    excess: (f64, f64),
}

impl<'a> Side<'a> {
    /// Those whose limits moved by a trade, in one direction.
    fn of(base: &View<'a>, view: &View<'a>, sign: f64) -> Option<Self> {
        let pair = |row: &'a AccountRow| {
            let mut known = base.content.accounts.iter();
            let before = known.find(|other| other.account == row.account && other.window == row.window)?;
            let moved = row.limit_hm3 - before.limit_hm3;
            (moved * sign > NOTHING).then_some((before, row, moved.abs()))
        };
        let mut moved = view.content.accounts.iter().filter_map(pair).peekable();
        let (_, first, _) = moved.peek()?;
        let mut all = Self {
            id: &first.account,
            traded: 0.0,
            windows: 0,
            spare: 0.0,
            planned: (0.0, 0.0),
            excess: (0.0, 0.0),
            left: 0.0,
        };
        for (before, row, volume) in moved {
            (all.traded, all.windows) = (all.traded + volume, all.windows + 1);
            all.spare += volume.min(unused(before));
            let add = |sum: &mut (f64, f64), of: fn(&AccountRow) -> f64| {
                *sum = (sum.0 + of(before), sum.1 + of(row));
            };
            add(&mut all.planned, |row| row.planned_hm3);
            add(&mut all.excess, |row| row.excess_hm3);
            all.left += unused(row);
        }
        Some(all)
    }
}

/// What it has more afterwards, hm³; nothing where it has less.
fn more(of: (f64, f64)) -> f64 {
    Some(of.1 - of.0).filter(|more| *more > SEEN).unwrap_or(0.0)
}

/// What it has less afterwards.
fn less(of: (f64, f64)) -> f64 {
    more((of.1, of.0))
}

/// Parts of a volume that are something, with how each is told.
fn parts(of: &[(f64, [&str; 2])]) -> Phrase {
    let one = |(hm3, [chinese, english]): &(f64, [&str; 2])| {
        let told = quantity::volume(*hm3);
        both(chinese.replace("{}", &told.chinese), english.replace("{}", &told.english))
    };
    let parts: Vec<Phrase> = of.iter().filter(|(hm3, _)| *hm3 > SEEN).map(one).collect();
    Phrase::joined(&parts, "，", ", ")
}

/// What of the volume sold the seller was not using, and what it gives up.
fn sold(seller: &Side<'_>) -> Phrase {
    let given = seller.traded - seller.spare;
    if given <= SEEN {
        let left = quantity::volume(seller.left);
        return both(
            format!("所卖全是卖方用不到的，卖后尚余{}", left.chinese),
            format!("all that is sold is what the seller does not use, and it has {} left", left.english),
        );
    }
    let (takes, beyond) = (less(seller.planned), more(seller.excess));
    let spare = parts(&[
        (seller.spare, ["所卖之中{}是卖方用不到的", "{} of it is what the seller does not use"]),
        (given, ["{}是卖方本来在用的", "{} is what the seller was using"]),
    ]);
    let how = parts(&[
        (takes, ["少取{}", "takes {} less"]),
        (beyond, ["超出指标又多{}", "goes {} further beyond its limit"]),
        (given - takes - beyond, ["{}由窗口其余时段承担", "bears {} in the rest of its window"]),
    ]);
    both(format!("{}：卖后{}", spare.chinese, how.chinese), format!("{}: it {}", spare.english, how.english))
}

/// What the buyer does with the volume.
fn bought(buyer: &Side<'_>) -> Phrase {
    let (takes, against) = (more(buyer.planned), less(buyer.excess));
    if takes + against <= SEEN {
        return both(
            "买方取不到更多水，所限不在指标而在来水或过流能力",
            "the buyer takes no more: its water or its ways bind it, not its limit",
        );
    }
    let told = parts(&[
        (takes, ["{}是多取的水，此前受指标所限", "takes {} more, which its limit kept it from"]),
        (
            against,
            [
                "{}抵去此前超出指标所取的水，水量不变",
                "has {} to stand against water that it took beyond its limit before and takes as before",
            ],
        ),
        (buyer.traded - takes - against, ["{}本期没有用上", "has no use for {} now"]),
    ]);
    both(format!("买方所得之中{}", told.chinese), format!("the buyer {}", told.english))
}

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let (Some(buyer), Some(seller)) = (Side::of(base, view, 1.0), Side::of(base, view, -1.0)) else {
        return Phrase::default();
    };
    let (buys, sells, traded) = (view.name(buyer.id), view.name(seller.id), quantity::volume(buyer.traded));
    let windows = if buyer.windows > 1 {
        both(format!("（{}个窗口合计）", buyer.windows), format!(" in all of {} windows", buyer.windows))
    } else {
        Phrase::default()
    };
    let lacks = short(view, &[]) - short(base, &[]);
    let affected = if lacks > SEEN {
        let lacks = quantity::volume(lacks);
        both(format!("全流域多缺{}", lacks.chinese), format!("all users together lack {} more", lacks.english))
    } else {
        both("无人因此多缺水", "nobody lacks more for it")
    };
    let (bought, sold) = (bought(&buyer), sold(&seller));
    both(
        format!(
            "{}转让{}{}给{}：{}；{}；{}。",
            sells.chinese, traded.chinese, windows.chinese, buys.chinese, bought.chinese, sold.chinese, affected.chinese
        ),
        format!(
            "{} sells {}{} to {}: {}; {}; {}.",
            sells.english, traded.english, windows.english, buys.english, bought.english, sold.english, affected.english
        ),
    )
}
