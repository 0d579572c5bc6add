//! The words of documents, as people read them in either language, and the units in which they read values.
//!
//! A word that is not known here stands as it is: files may name levels, classes and grades as they like.

use crate::language::{Phrase, both};

/// A known word of a document; as it stands if it is not known.
pub fn word(text: &str) -> Phrase {
    KNOWN
        .iter()
        .find(|(known, _, _)| *known == text)
        .map_or_else(|| Phrase::same(text), |(_, chinese, english)| both(*chinese, *english))
}

/// What a series tells, as people read it.
pub fn quantity(text: &str) -> Phrase {
    QUANTITIES.iter().find(|(known, _, _)| *known == text).map_or_else(|| word(text), |(_, zh, en)| both(*zh, *en))
}

/// Why goals of a plan have no proof, by the certificate's word.
pub fn unproved(text: &str) -> Phrase {
    UNPROVED.iter().find(|(known, _, _)| *known == text).map_or_else(|| word(text), |(_, zh, en)| both(*zh, *en))
}

/// The same by word, in Chinese and in English.
pub(crate) const UNPROVED: &[(&str, &str, &str)] = &[
    ("rules", "按现行规则模拟，未求最优", "made by the rules of today, which seek no optimum"),
    ("integers", "含整数变量，界为求解器所称", "whole numbers: bounds are the engine's word"),
    ("heads", "目标随水头变化，自该级起无证明", "a stage depends on heads: no proof from it on"),
    ("method", "该方法不给出逐级证明", "the method gives no proof of single stages"),
    ("engine", "求解器未给出对偶值", "the engine tells no duals"),
    ("none", "方案文件无证书", "the document has no certificate"),
];

const QUANTITIES: &[(&str, &str, &str)] = &[
    ("outflow", "出库流量", "outflow"),
    ("inflow", "入库流量", "inflow"),
    ("release", "下泄流量", "release"),
    ("spill", "弃水流量", "spill"),
    ("withdrawal", "引取流量", "withdrawal"),
    ("flow", "流量", "flow"),
    ("storage", "蓄水量", "storage"),
    ("level", "水位", "level"),
    ("demand", "需水", "demand"),
    ("supply", "供水", "supply"),
    ("shortage", "缺水", "shortage"),
    ("shortfall", "生态缺水", "shortfall"),
    ("energy", "电量", "energy"),
    ("used", "累计用水", "used so far"),
    ("return_flow", "回归水", "return flow"),
    ("evaporation", "蒸发", "evaporation"),
    ("seepage", "渗漏", "seepage"),
];

/// A field of the basin file without its unit, as people read it; a known word where it is no field's own.
pub fn field(text: &str) -> Phrase {
    FIELDS.iter().find(|(known, _, _)| *known == text).map_or_else(|| word(text), |(_, zh, en)| both(*zh, *en))
}

const FIELDS: &[(&str, &str, &str)] = &[
    ("demand", "需水", "demand"),
    ("shares", "各类占比", "shares of classes"),
    ("floor", "底线", "floor"),
    ("target", "目标", "target"),
    ("bands", "管控分档", "bands"),
    ("grades", "预警等级（占目标）", "grades, of the target"),
    ("used_before", "期前已用", "used before"),
    ("limit", "控制量", "limit"),
    ("plan", "月计划", "monthly plan"),
    ("capacity", "过流能力", "capacity"),
    ("target_parts", "目标分级", "parts of the target"),
    ("past_flow", "前期流量", "past flow"),
    ("minimum_when_open", "最小开机流量", "least flow when open"),
    ("outlet", "泄水设施", "outlet"),
    ("starts", "起调水位", "start"),
    ("start", "起始状态", "start"),
    ("end", "期末要求", "wanted at the end"),
    ("loss", "损失率", "loss"),
    ("curve", "库容曲线", "curve"),
    ("return_flow", "回归水", "return flow"),
    ("fraction", "比例", "share"),
    ("evaporation", "蒸发", "evaporation"),
    ("seepage", "日渗漏率", "seepage"),
    ("seepage_per_day", "日渗漏率", "seepage a day"),
    ("levels", "特征水位", "levels"),
    ("level_band", "水位区间", "level band"),
    ("lag", "传播时间", "lag"),
    ("price", "单价", "price"),
    ("weights", "权重", "weights"),
    ("tiers", "分级", "tiers"),
    ("discharge", "泄流曲线", "rating"),
    ("use", "用途", "use"),
    ("depth", "压减比例", "cut"),
    ("response", "响应等级", "response"),
    ("lead", "提前时间", "lead time"),
    ("clause", "依据", "clause"),
];

/// Word, Chinese, English. Grouped by where it stands; a word that stands in two places means the same in both.
const KNOWN: &[(&str, &str, &str)] = &[
    // Modes.
    ("常规", "常规", "normal operation"),
    ("预泄", "预泄", "pre-release"),
    ("防洪", "防洪", "flood control"),
    ("抗旱应急", "抗旱应急", "drought emergency"),
    ("应急", "应急", "emergency"),
    // Methods.
    ("rules", "现行规则", "rules of today"),
    ("lexicographic", "分层序贯", "lexicographic"),
    ("leximin", "逐层最差者最优", "leximin"),
    ("weighted", "加权", "weighted"),
    ("reference_point", "参考点", "reference point"),
    ("pareto", "非劣解集", "front's compromise"),
    // Headings.
    (
        "确定性来水情景，不作为调度依据",
        "确定性来水情景，不作为调度依据",
        "One deterministic inflow scenario: not a basis for dispatch",
    ),
    ("audit", "审计", "audit"),
    ("certificate", "最优性证书", "certificate"),
    ("begins", "起始时间", "begins"),
    ("fall_back", "后备", "fall-back"),
    ("inputs", "输入", "inputs"),
    ("release_change", "下泄变化", "change of release"),
    ("storage_change", "蓄水变化", "change of storage"),
    ("supply_change", "供水变化", "change of supply"),
    ("warnings", "预警", "warnings"),
    ("passed", "通过", "passed"),
    ("warned", "提请注意", "warned"),
    ("held", "不得自动生效", "held"),
    ("来水偏枯", "来水偏枯", "less inflow than planned"),
    ("来水偏丰", "来水偏丰", "more inflow than planned"),
    ("取用水过多", "取用水过多", "more taken for use"),
    ("工程下泄不足", "工程下泄不足", "works let go less"),
    ("工程下泄偏多", "工程下泄偏多", "works let go more"),
    ("测报故障", "测报故障", "gauge or report failed"),
    ("应急让路", "应急让路", "gave way to a command"),
    ("仅供防指参考", "仅供防指参考", "For the flood-control headquarters' reference only"),
    (
        "本模块停用，执行防指调度令",
        "本模块停用，执行防指调度令",
        "This module is out of service: carry out the headquarters' orders",
    ),
    (
        "后备方案：本次未能求得正式方案",
        "后备方案：本次未能求得正式方案",
        "Fall-back plan: no regular plan could be found this time",
    ),
    (
        "按现行规则逐时段模拟，不预见来水，仍为单一来水情景",
        "按现行规则逐时段模拟，不预见来水，仍为单一来水情景",
        "Simulated step by step by the rules of today, without foresight, on one inflow scenario",
    ),
    (
        "来水情景：预报期之后取枯水频率年",
        "来水情景：预报期之后取枯水频率年",
        "Inflow scenario: after the forecast, a dry year of a stated frequency",
    ),
    (
        "情景树方案之一支：分支之前各支同一决策，分支之后随来水而定",
        "情景树方案之一支：分支之前各支同一决策，分支之后随来水而定",
        "A member's part of a plan for many futures: until the branch all are decided alike, after it as the inflow turns out",
    ),
    ("tree", "情景树", "tree of futures"),
    ("来水情景：预报期之后无降雨", "来水情景：预报期之后无降雨", "Inflow scenario: after the forecast, no rain"),
    ("no_rain", "预报与无降雨", "forecast, then no rain"),
    ("deterministic", "确定性来水", "deterministic inflow"),
    ("frequency", "预报与枯水频率年", "forecast, then a dry year"),
    ("none", "无预见", "none"),
    // Uses.
    ("domestic", "生活", "Domestic"),
    ("production", "生产", "Production"),
    ("industrial", "工业", "Industrial"),
    ("agricultural", "农业", "Agricultural"),
    ("ecological", "生态", "Ecological"),
    // User classes.
    ("residents", "居民", "residents"),
    ("public", "公共", "public"),
    ("rural", "农村生活", "rural domestic"),
    ("industry", "工业", "industry"),
    ("ecology", "生态", "ecology"),
    ("irrigation", "灌溉", "irrigation"),
    ("livestock", "畜禽", "livestock"),
    ("landscape", "景观", "landscape"),
    ("construction", "建筑业", "construction"),
    ("services", "服务业", "services"),
    ("commerce", "商业", "commerce"),
    ("aquaculture", "渔业", "aquaculture"),
    // Levels.
    ("dead", "死水位", "dead level"),
    ("top", "最高水位", "top level"),
    ("normal", "正常蓄水位", "normal level"),
    ("flood_limit", "汛限水位", "flood limit"),
    ("float", "动态控制上限", "float"),
    ("emergency_supply_lower", "应急供水下限", "emergency supply lower level"),
    ("supply_lower", "供水下限", "supply lower level"),
    ("drought_limit", "旱限水位", "drought limit"),
    ("drought_warning", "旱警水位", "drought warning level"),
    ("flood_high", "防洪高水位", "flood high level"),
    ("design", "设计洪水位", "design flood level"),
    ("check", "校核洪水位", "check flood level"),
    // Elements.
    ("reservoir", "水库", "reservoir"),
    ("aquifer", "含水层", "aquifer"),
    ("section", "控制断面", "control section"),
    ("works_release", "工程下泄", "works release"),
    ("safe_discharge", "安全泄量", "safe discharge"),
    ("amended.change", "与原方案的差别", "change against the plan"),
    ("command", "调度命令", "command"),
    ("operation", "运行规则", "operating rule"),
    ("account", "账户", "account"),
    ("turbine", "发电", "turbine"),
    ("gate", "闸门", "gate"),
    ("spillway", "溢洪道", "spillway"),
    ("reach", "河段", "reach"),
    ("diversion", "引水", "diversion"),
    ("pump", "提水", "pump"),
    ("intake", "取水", "intake"),
    // Rules that had to give, with parts of their addresses.
    ("domestic_floor", "生活用水底线", "domestic floor"),
    ("base_flow", "生态基流", "base flow"),
    ("legal", "其他法定规则", "other legal rule"),
    ("operational", "运行规则", "rule of operation"),
    ("floor", "下限", "floor"),
    ("ceiling", "上限", "ceiling"),
    ("target", "目标", "target"),
    ("limit", "控制量", "limit"),
    ("dead_level", "死水位", "dead level"),
    ("end", "期末蓄水", "end storage"),
    ("end_storage", "期末蓄水", "end storage"),
    ("flow", "流量", "flow"),
    ("storage", "蓄水量", "storage"),
    ("level", "水位", "level"),
    ("outflow", "出库流量", "outflow"),
    ("supply", "供水", "supply"),
    ("capacity", "过流能力", "capacity"),
    ("available", "可供水量", "available water"),
    ("minimum", "最小开机流量", "least flow when open"),
    ("most_open", "同时开启数", "most open at once"),
    ("changes", "调节次数", "changes"),
    ("assurance", "保证率", "assurance"),
    ("rise", "涨幅", "rise"),
    ("fall", "降幅", "fall"),
    // Grades by colour.
    ("blue", "蓝色", "blue"),
    ("yellow", "黄色", "yellow"),
    ("orange", "橙色", "orange"),
    ("red", "红色", "red"),
    // Objectives.
    ("shortage", "缺水量", "shortage"),
    ("benefit", "供水效益", "benefit"),
    ("ecological_shortfall", "生态缺水", "ecological shortfall"),
    ("balance", "均衡（最差满足度）", "balance (worst satisfaction)"),
    ("energy", "发电量", "energy"),
    ("revenue", "发电收入", "revenue"),
    ("pumping", "提水用电", "pumping energy"),
    ("spill", "弃水", "spill"),
    ("source_cost", "水源成本", "cost of sources"),
    ("end_value", "期末蓄水价值", "value of the end storage"),
    ("rule_curve_deviation", "偏离调度线", "distance from the rule curve"),
    ("discharge_excess", "超安全泄量", "excess over safe discharge"),
    ("peak_release", "最大出库流量", "peak release"),
    ("plan_change", "与现行方案差别", "change against the plan in force"),
    ("flood_limit_excess", "超汛限", "excess over the flood limit"),
    ("account_excess", "账户超额", "excess of accounts"),
    ("total_variation", "流量变幅", "variation of flows"),
    ("minimise", "最小", "minimise"),
    ("maximise", "最大", "maximise"),
    // The closing chain.
    ("expectation", "各支期望", "mean over the members"),
    ("equal_sharing", "同等分担", "equal sharing"),
    ("equal_sharing_of_classes", "同户各类同等分担", "equal sharing of classes"),
    ("room_left", "期末剩余库容", "room left in storages"),
    ("change", "与现行方案差别", "change against the plan in force"),
    ("variation", "流量变幅", "variation"),
    ("generic", "唯一化", "tie-break"),
    // What stands for an input that is missing.
    ("last", "沿用最近值", "last value"),
    ("yesterday", "昨日预报", "yesterday's forecast"),
    ("climatology", "多年平均", "climatology"),
    ("basin", "流域文件所载", "as the basin's file has it"),
    // Outcomes.
    ("optimal", "最优", "optimal"),
    ("feasible", "可行（未证最优）", "feasible, not proved optimal"),
    ("stopped", "到限停止", "stopped at a limit"),
    // Warnings.
    ("level_below", "水位偏低", "level low"),
    ("level_above", "水位偏高", "level high"),
    ("start_above", "起调水位偏高", "start level high"),
    ("start_below", "起调水位偏低", "start level low"),
    ("level_at", "水位触底", "level at its bound"),
    ("below_target", "低于目标", "below target"),
    ("beyond_available", "超出可用量", "beyond what is available"),
    ("lacking", "未达应有量", "lacking"),
    ("on_its_way", "在途", "on its way"),
    ("minimum_when_open", "低于最小开机流量", "under the least flow when open"),
    ("above_rating", "超出泄流曲线", "above the rating"),
    ("turbine_minimum", "机组最小流量", "least turbine flow"),
    ("way_after_end", "期末在途水量", "water on its way at the end"),
    // Periods.
    ("step", "时段", "step"),
    ("旬", "旬", "ten days"),
    ("month", "月", "month"),
    ("horizon", "全期", "whole horizon"),
    ("全期", "全期", "whole horizon"),
];

/// A family of rules of the audit, as people read it.
pub fn family(text: &str) -> Phrase {
    FAMILIES.iter().find(|(known, _, _)| *known == text).map_or_else(|| word(text), |(_, zh, en)| both(*zh, *en))
}

const FAMILIES: &[(&str, &str, &str)] = &[
    ("shape", "序列齐全", "series complete"),
    ("number", "数值有效", "numbers finite"),
    ("start", "起始蓄水", "storage at the start"),
    ("balance", "水量平衡", "water balance"),
    ("source", "来水与水源", "sources"),
    ("storage", "死水位、最高水位与库容曲线", "dead level, top, curve"),
    ("flood_limit", "汛限水位", "flood limit"),
    ("capacity", "过流能力与最小流量", "capacity and least flow"),
    ("supply", "供水不超需水", "supply within demand"),
    ("class_floor", "用户底线", "floors of classes"),
    ("requirement", "断面、下泄、命令与运行规则", "sections, releases, orders, operating rules"),
    ("account", "刚性账户", "hard accounts"),
    ("end_storage", "期末蓄水", "end storage"),
    ("commitment", "启停与运行区间", "what runs, and when"),
    ("group", "同时开启数", "ways open at once"),
    ("changes", "调节次数", "changes of flow"),
    ("assurance", "保证率与连续破坏天数", "days met, and failed in a row"),
    ("relaxation", "让步记录属实", "what gave way did"),
    ("objective", "各级目标值", "values of stages"),
];

/// How a unit of the document is read: the factor to multiply values with, and the unit to print.
pub fn unit(text: &str) -> (f64, Phrase) {
    if matches!(text, "m3/s" | "m³/s") {
        return (1.0, Phrase::same("m³/s"));
    }
    let mut factor = 1.0;
    let mut chinese = String::new();
    let mut english = String::new();
    for (index, part) in text.split('/').enumerate() {
        if index > 0 {
            chinese.push('/');
            english.push('/');
        }
        for (place, token) in part.split(['·', '*', ' ']).filter(|t| !t.is_empty()).enumerate() {
            if place > 0 {
                chinese.push('·');
                english.push('·');
            }
            let (scale, zh, en) = match token {
                "hm3" | "hm³" => (100.0, "万m³", "10⁴ m³"),
                "d" | "day" | "days" => (1.0, "日", "d"),
                "node-days" | "node-day" => (1.0, "户·日", "node-days"),
                "GWh" => (100.0, "万kW·h", "10⁴ kWh"),
                "m3" | "m³" => (1.0, "m³", "m³"),
                "m3/s" | "m³/s" => (1.0, "m³/s", "m³/s"),
                "yuan" => (1.0, "元", "yuan"),
                "million" => (100.0, "万", "10⁴"),
                "1" => (1.0, "", ""),
                other => (1.0, other, other),
            };
            factor *= if index == 0 { scale } else { 1.0 / scale };
            // `million yuan` is one unit in two words: 万元.
            if chinese.ends_with("万·") {
                chinese.truncate(chinese.len() - '·'.len_utf8());
                english.truncate(english.len() - '·'.len_utf8());
                english.push(' ');
            }
            chinese.push_str(zh);
            english.push_str(en);
        }
    }
    (factor, both(chinese, english))
}

/// `2026-11-上旬`, `2026-11`, `2026-11-03`, `2026`, as people say them.
pub fn period_label(label: &str) -> Phrase {
    // `2026-11上旬` and `2026-11-上旬` are the same.
    let spaced = ["上旬", "中旬", "下旬"]
        .iter()
        .find_map(|part| label.strip_suffix(part).map(|head| format!("{}-{part}", head.trim_end_matches('-'))))
        .unwrap_or_else(|| label.to_owned());
    let parts: Vec<&str> = spaced.split('-').collect();
    let number = |part: &str| part.parse::<u32>().ok();
    match parts.as_slice() {
        [year, month, part] if number(year).is_some() && part.ends_with('旬') => {
            let english = match *part {
                "上旬" => "days 1–10",
                "中旬" => "days 11–20",
                "下旬" => "days 21–end",
                other => other,
            };
            both(format!("{year}年{}月{part}", month.trim_start_matches('0')), format!("{year}-{month}, {english}"))
        }
        [year, month, day] if number(year).is_some() && number(month).is_some() && number(day).is_some() => {
            both(format!("{year}年{}月{}日", month.trim_start_matches('0'), day.trim_start_matches('0')), label)
        }
        [year, month] if number(year).is_some() && number(month).is_some() => {
            both(format!("{year}年{}月", month.trim_start_matches('0')), label)
        }
        [year] if number(year).is_some() => both(format!("{year}年"), *year),
        _ => word(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_of_chinese_papers() {
        assert_eq!(unit("hm3"), (100.0, both("万m³", "10⁴ m³")));
        assert_eq!(unit("hm³·d"), (100.0, both("万m³·日", "10⁴ m³·d")));
        assert_eq!(unit("hm3 d").1.chinese, "万m³·日");
        assert_eq!(unit("m3/s"), (1.0, Phrase::same("m³/s")));
        assert_eq!(unit("million yuan"), (100.0, both("万元", "10⁴ yuan")));
        assert_eq!(unit("d/hm3"), (0.01, both("日/万m³", "d/10⁴ m³")));
        assert_eq!(unit("hm3/hm3").0, 1.0);
        assert_eq!(unit("1"), (1.0, both("", "")));
        assert_eq!(unit("million yuan/hm3"), (1.0, both("万元/万m³", "10⁴ yuan/10⁴ m³")));
    }

    #[test]
    fn periods_are_said_in_words() {
        assert_eq!(period_label("2026-08-上旬").chinese, "2026年8月上旬");
        assert_eq!(period_label("2027-01下旬"), both("2027年1月下旬", "2027-01, days 21–end"));
        assert_eq!(period_label("2026-11"), both("2026年11月", "2026-11"));
        assert_eq!(period_label("2026-11-03").chinese, "2026年11月3日");
        assert_eq!(period_label("全期").english, "whole horizon");
    }

    #[test]
    fn each_word_is_known_once() {
        let mut families: Vec<&str> = FAMILIES.iter().map(|k| k.0).collect();
        families.sort_unstable();
        families.dedup();
        assert_eq!(families.len(), FAMILIES.len());
        for rule in weir_model::audit::Rule::ALL {
            assert!(families.contains(&rule.family()), "{rule:?} has no Chinese");
        }
        let mut fields: Vec<&str> = FIELDS.iter().map(|k| k.0).collect();
        fields.sort_unstable();
        fields.dedup();
        assert_eq!(fields.len(), FIELDS.len());
        let mut words: Vec<&str> = KNOWN.iter().map(|k| k.0).collect();
        words.sort_unstable();
        let count = words.len();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}
