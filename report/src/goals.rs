//! Goals as people read them: digits and unit by what is measured, and a phrase on what the number means.
//!
//! Units: volumes in 万m³ to 0.1, flows in m³/s to 0.01, worst satisfactions in per cent; relative shortages in days of full
//! shortage 满缺·日.

use crate::language::{Phrase, both};
use crate::quantity::{number, percent, seen};
use crate::words;

/// Below this a value that a solve left is nothing, in the document's units.
const NOTHING: f64 = 1e-6;

/// A value of an objective with the unit to print beside it.
pub fn value(kind: &str, unit: &str, value: f64) -> (String, Phrase) {
    let (factor, said) = self::unit(kind, unit);
    let value = if value.abs() < NOTHING { 0.0 } else { value };
    // Below 0 where a floor could not hold.
    if kind == "balance" && unit == "1" && value <= 1.0 {
        return (percent(value), Phrase::default());
    }
    let text = if said.chinese == "万m³" { crate::quantity::seen_wan_m3(value) } else { seen(value * factor) };
    (text, said)
}

/// The factor and unit in which an objective of a kind is read.
pub fn unit(kind: &str, unit: &str) -> (f64, Phrase) {
    if unit == "d" && matches!(kind, "shortage" | "ecological_shortfall") {
        return (1.0, both("满缺·日", "full-shortage days"));
    }
    words::unit(unit)
}

/// What a value of an objective means, where the name of its kind does not say it.
pub fn meaning(kind: &str, unit: &str) -> Option<Phrase> {
    Some(match (kind, unit) {
        ("balance", _) => both(
            "各地区各用途各时期在底线以上的满足度，按目标所定形式合成，通常取最低的一项；越高越均衡",
            "satisfactions above the floors of all regions, uses and periods, in the form that the goal names: as a rule the lowest",
        ),
        ("shortage", "d") => both(
            "缺水 ÷ 该户该类当时需水，按日累加；一户一类全缺一日为 1",
            "shortage ÷ what the class of a demand wants then, summed over days: one class without any water for a day is 1",
        ),
        ("ecological_shortfall", "d") => both(
            "缺口 ÷ 目标流量，按日累加；一处断流一日为 1",
            "shortfall ÷ target, summed over days: a section without any flow for a day is 1",
        ),
        ("flood_limit_excess", _) => both("超汛限蓄水量 × 历时", "water above the flood limit × time"),
        ("discharge_excess", _) => both("超过安全泄量下泄的水量", "water let out above the safe discharge"),
        ("peak_release", _) => both("各库各时段最大出库流量之和", "largest outflows of the reservoirs, added up"),
        ("rule_curve_deviation", _) => both("库蓄水量与调度线之差 × 历时", "distance of the storage from the line × time"),
        ("end_value", _) => both("期末存水按给定价值线折算", "what the water at the end is worth by the cuts given"),
        ("total_variation", _) => both("相邻时段流量之差的绝对值之和", "changes of flow from step to step, added up"),
        ("end_storage", _) => both("期末蓄水低于要求的水量", "what the storage at the end lacks"),
        ("account_excess", _) => both("超出账户本期可用量的水量", "water beyond what the accounts leave to this horizon"),
        _ => return None,
    })
}

/// What a link of the closing chain does, and its value as people read it; a tie-break's says nothing.
pub fn link(step: &str, unit: &str, value: f64) -> (String, Phrase, Option<Phrase>) {
    let meaning = match step {
        "expectation" => both(
            "不决定风险值的各支也尽量好：各级目标期望值的加权和",
            "members that do not bind the risk are served too: the weighted sum of the goals' means",
        ),
        "equal_sharing" => both(
            "同类用户缺水比例最大的一户尽量小，不让一户代他户受缺；值为各类之和",
            "among demands of a class, the largest lacking share is made as small as can be, so that none goes short for others; summed over classes",
        ),
        "equal_sharing_of_classes" => both(
            "同一用户内各类的最大缺水比例尽量小；值为各户之和",
            "the same among the classes of one demand; summed over demands",
        ),
        "spill" => both("弃水最少", "least water over spillways"),
        "change" => both("与现行方案的流量差别最小", "least change of flows against the plan in force"),
        "room_left" => {
            both("无人需要的水留在库内：期末空库容最小", "water that nothing asks for is kept: least room at the end")
        }
        "variation" => both("下泄与供水过程最平稳", "steadiest releases and deliveries"),
        "generic" => both(
            "仍有并列时按固定次序取一个，数值无含义",
            "a fixed choice among what is still equal; its value means nothing",
        ),
        _ => Phrase::default(),
    };
    let meaning = (!meaning.chinese.is_empty()).then_some(meaning);
    if step == "generic" {
        return ("—".to_owned(), Phrase::default(), meaning);
    }
    if unit == "1" {
        let value = if value.abs() < NOTHING { 0.0 } else { value };
        return (if value == 0.0 { "0".to_owned() } else { number(value) }, Phrase::default(), meaning);
    }
    let (text, said) = self::value("", unit, value);
    (text, said, meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_digits_of_what_they_measure() {
        assert_eq!(value("shortage", "hm3", 0.169_344), ("16.9".to_owned(), both("万m³", "10⁴ m³")));
        assert_eq!(value("shortage", "hm3", 65.637_4).0, "6564");
        assert_eq!(value("shortage", "hm3", 2e-9).0, "0");
        assert_eq!(value("shortage", "hm3", 2e-5).0, "<0.1");
        assert_eq!(value("total_variation", "m3/s", 35.175_5), ("35.18".to_owned(), Phrase::same("m³/s")));
        assert_eq!(value("balance", "1", 0.495_543).0, "49.6%");
        assert_eq!(value("balance", "1", -1.158_27).0, "-115.8%");
        assert_eq!(value("energy", "GWh", 46.053_9).0, "4605");
    }

    #[test]
    fn a_relative_shortage_is_in_days_of_full_shortage() {
        assert_eq!(value("shortage", "d", 3.456), ("3.46".to_owned(), both("满缺·日", "full-shortage days")));
        assert_eq!(unit("flood_limit_excess", "d").1.chinese, "日");
        assert!(meaning("shortage", "d").is_some() && meaning("shortage", "hm3").is_none());
    }

    #[test]
    fn a_tie_break_has_no_value() {
        let (value, unit, meaning) = link("generic", "1", 1445.7);
        assert_eq!((value.as_str(), unit), ("—", Phrase::default()));
        assert!(meaning.is_some());
        assert_eq!(link("equal_sharing", "1", 1.129_7).0, "1.13");
        assert_eq!(link("spill", "hm3", 0.0).0, "0");
    }
}
