//! Sentences that the document holds in one language, said in both.
//!
//! The model and the solver write their notes in English. Those that are known here are said in Chinese, with the names of
//! what they name; any other stands as it is, its hm³ turned into 万m³.

mod known;
mod reasons;
mod refused;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use self::known::KNOWN;
use self::reasons::REASONS;
use self::refused::REFUSED;
use crate::language::{Phrase, both};
use crate::quantity;
use crate::words::{UNPROVED, word};

/// A text of the document in both languages; `name` turns an id into a name where it is one.
pub fn statement(text: &str, name: impl Fn(&str) -> Option<String>) -> Phrase {
    both(without_hm3(&sentences(text, &name)), in_wan(text, " ×10⁴ m³", None).replace("m3/s", "m³/s"))
}

/// Several sentences in Chinese, as far as they are known.
fn sentences(text: &str, name: &impl Fn(&str) -> Option<String>) -> String {
    let parts: Vec<Option<String>> = text.split("; ").map(|part| chinese(part, name)).collect();
    // Several sentences that are all known are no one sentence whose place holds the others.
    let whole = if parts.iter().all(Option::is_some) { None } else { chinese(text, name) };
    whole.unwrap_or_else(|| {
        if parts.iter().all(Option::is_none) {
            return text.to_owned();
        }
        let said: Vec<String> =
            parts.into_iter().zip(text.split("; ")).map(|(said, part)| said.unwrap_or_else(|| part.to_owned())).collect();
        said.join("；")
    })
}

/// What heads the causes that are told here.
const CAUSES: [(&str, &str); 2] = [
    ("infeasible:", "没有满足全部规则的方案："),
    ("run by the rules, the water does not add up:", "按规则运行，水量不能平衡："),
];

/// Why there is no plan, in both languages: its head, and a sentence a line. What has no known head is a sentence, or a refusal, of which
/// Chinese has at least what it is of, and where.
pub fn cause(text: &str, name: impl Fn(&str) -> Option<String>) -> Phrase {
    let (head, sentences) = text.split_once('\n').unwrap_or((text, ""));
    let Some((english, chinese)) = CAUSES.iter().find(|(english, _)| *english == head) else {
        // A sentence that is known stands alone, on one line.
        return if sentences.is_empty() && self::chinese(text, &name).is_some() {
            statement(text, name)
        } else {
            refusal(text, &name)
        };
    };
    let start = both(*chinese, *english);
    sentences.lines().map(|line| statement(line.trim_start(), &name)).fold(start, |all, one| {
        both(format!("{}\n  {}", all.chinese, one.chinese), format!("{}\n  {}", all.english, one.english))
    })
}

/// A refusal: lines of `FILE:LINE: element `ID`: what is wrong`, and hints. What of it is no known sentence stands in its own words, and ids in
/// it as whoever mends it has to write them.
fn refusal(text: &str, name: &impl Fn(&str) -> Option<String>) -> Phrase {
    let written = |_: &str| None;
    let line = |line: &str| {
        if let Some(hint) = line.trim_start().strip_prefix("hint: ") {
            return format!("  提示：{}", sentences(hint, &written));
        }
        let (member, line) = headed(line, "member `");
        // A question's own overlay is no file of the reader's.
        let of_question = line.strip_prefix("question ").and_then(|rest| Some(rest.split_once(": ")?.1));
        let (place, line) = placed(of_question.unwrap_or(line));
        let (element, line) = headed(line, "element `");
        let element = element.map(|id| name(id).unwrap_or_else(|| id.to_owned()));
        let is_placed = place.is_some() || of_question.is_some();
        let heads = [member.map(|id| format!("成员“{id}”：")), place, element.map(|id| format!("“{id}”："))];
        heads.into_iter().flatten().collect::<String>()
            + &if is_placed { sentences(line, &written) } else { sentences(line, name) }
    };
    both(text.lines().map(line).collect::<Vec<_>>().join("\n"), text)
}

/// The id behind a head such as `element `, and the rest of the line.
fn headed<'a>(line: &'a str, head: &str) -> (Option<&'a str>, &'a str) {
    let found = line.strip_prefix(head).and_then(|rest| rest.split_once("`: "));
    found.map_or((None, line), |(id, rest)| (Some(id), rest))
}

/// The file and line that a line of a refusal begins with, in Chinese, and the rest.
fn placed(line: &str) -> (Option<String>, &str) {
    let found = line.match_indices(": ").find_map(|(at, _)| {
        let (place, rest) = (&line[..at], &line[at + 2..]);
        let number = place.rsplit_once(':').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
        let file = number.map_or(place, |(file, _)| file);
        let is_file =
            std::path::Path::new(file).extension().is_some_and(|ending| FILES.iter().any(|known| ending == *known));
        let line = number.map_or_else(String::new, |(_, number)| format!("第{number}行"));
        is_file.then(|| (format!("{file}{line}："), rest))
    });
    found.map_or((None, line), |(place, rest)| (Some(place), rest))
}

/// Endings of the files that refusals name.
const FILES: [&str; 5] = ["toml", "csv", "parquet", "xlsx", "json"];

fn chinese(text: &str, name: &impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(conflict) = text.strip_prefix("Conflict: ").and_then(|sentence| chinese(sentence, name)) {
        return Some(format!("冲突：{conflict}"));
    }
    let (template, values) = fitting(text)?;
    let mut out = String::new();
    let mut pieces = template.chinese.split("{}");
    out.push_str(pieces.next().unwrap_or_default());
    for (piece, value) in pieces.zip(values) {
        out.push_str(&phrase(value, name));
        out.push_str(piece);
    }
    Some(out)
}

/// A known word with how many of it there are, `orange 4`.
fn counted(text: &str) -> Option<String> {
    let (known, number) = text.rsplit_once(' ').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("{} {number}", word(known).chinese))
}

/// A value with its unit as it is told: `6.5 million yuan` is 650 万元. Volumes are turned in all of a text at once.
fn valued(text: &str) -> Option<String> {
    let (number, unit) = text.split_once(' ').filter(|(_, unit)| !unit.starts_with("hm"))?;
    let (factor, told) = crate::words::unit(unit);
    // A word that is no unit is told as it is.
    if told.chinese == told.english {
        return None;
    }
    Some(format!("{} {}", quantity::general(number.parse::<f64>().ok()? * factor), told.chinese))
}

/// A known word of a class, `class irrigation`.
fn classed(text: &str) -> Option<String> {
    text.strip_prefix("class ").map(|class| word(class).chinese)
}

/// A date, or a time from one to another: `2026-08-04 – 2026-08-06`.
fn dated(text: &str) -> Option<String> {
    let day = |text: &str| {
        let has_hour = text.contains(['T', ' ']);
        let time = || has_hour.then(|| text.parse().ok()).flatten().map(|at| quantity::time(at).chinese);
        text.parse().ok().filter(|_| !has_hour).map(|date| quantity::date(date).chinese).or_else(time)
    };
    match text.split_once(" – ") {
        Some((from, to)) => Some(format!("{}至{}", day(from)?, day(to)?)),
        None => day(text),
    }
}

/// What stands in a template's place: a list of names and phrases, or a sentence; what is not known stands as it is.
fn phrase(value: &str, name: &impl Fn(&str) -> Option<String>) -> String {
    // A text of the document, quoted: whatever it says, it is no list.
    if let Ok(quoted) = serde_json::from_str::<String>(value) {
        return format!("「{}」", sentences(&quoted, name));
    }
    let said = |word: &str| {
        let id = word.trim_matches('`');
        let named = if id.contains('`') { None } else { name(id) };
        named
            .or_else(|| chinese(word, name))
            .or_else(|| counted(word))
            .or_else(|| classed(word))
            .or_else(|| dated(word))
            .or_else(|| valued(word))
    };
    let each: Vec<Option<String>> = value.split(", ").map(said).collect();
    if each.len() > 1
        && each.iter().any(Option::is_none)
        && let Some(whole) = chinese(value, name)
    {
        return whole;
    }
    let words = value.split(", ").zip(each).map(|(word, said)| said.unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join("、")
}

/// A sentence with places, in both languages.
struct Template {
    /// The English text between its places.
    pieces: Vec<&'static str>,
    chinese: &'static str,
}

/// All that are known: that with the most fixed text and then the fewest places fits best and stands first, of several the last.
static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let unproved = UNPROVED.iter().map(|(_, chinese, english)| (*english, *chinese));
    let all = KNOWN.iter().chain(REASONS).chain(REFUSED).copied().chain(unproved);
    let mut templates: Vec<Template> =
        all.map(|(english, chinese)| Template { pieces: english.split("{}").collect(), chinese }).collect();
    templates.reverse();
    templates.sort_by_key(|template| {
        let fixed: usize = template.pieces.iter().map(|piece| piece.len()).sum();
        (Reverse(fixed), template.pieces.len())
    });
    templates
});

/// Which of them begin and end with a byte; `None` with a place.
static BY_ENDS: LazyLock<HashMap<[Option<u8>; 2], Vec<usize>>> = LazyLock::new(|| {
    let mut all: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, template) in TEMPLATES.iter().enumerate() {
        all.entry(template.ends()).or_default().push(place);
    }
    all
});

/// The first template that a text is one of, and what stands in its places.
fn fitting(text: &str) -> Option<(&'static Template, Vec<&str>)> {
    let (first, last) = (text.bytes().next(), text.bytes().next_back());
    let ends = [[first, last], [first, None], [None, last], [None, None]];
    let fits = |places: &Vec<usize>| places.iter().find_map(|&place| Some((place, TEMPLATES[place].captured(text)?)));
    let (place, values) = ends.iter().filter_map(|ends| fits(BY_ENDS.get(ends)?)).min_by_key(|(place, _)| *place)?;
    Some((&TEMPLATES[place], values))
}

impl Template {
    /// The bytes that its texts begin and end with, where they are its own.
    fn ends(&self) -> [Option<u8>; 2] {
        let (first, last) = (self.pieces.first(), self.pieces.last());
        [first.and_then(|piece| piece.bytes().next()), last.and_then(|piece| piece.bytes().next_back())]
    }

    /// What stands in its places, if the text is one of it.
    fn captured<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.pieces.split_first()?;
        let mut rest = text.strip_prefix(first)?;
        let Some((last, between)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
        // Its ends tell nearly all others apart.
        rest.strip_suffix(last)?;
        let mut values = Vec::with_capacity(others.len());
        for piece in between {
            let (value, behind) = rest.split_once(piece)?;
            values.push(value);
            rest = behind;
        }
        values.push(rest.strip_suffix(last)?);
        // A volume is a number, so that a sentence which ends like a shorter one is not taken for it.
        let is_volume = |(value, piece): (&&str, &&str)| !piece.starts_with(" hm3") || value.parse::<f64>().is_ok();
        values.iter().zip(others).all(is_volume).then_some(values)
    }
}

/// The text with hm³ turned into 万m³: `3.2 hm³` is `320万m³`.
pub fn without_hm3(text: &str) -> String {
    in_wan(text, "万m³", Some("百万m³")).replace("m3/s", "m³/s")
}

/// Volumes in hm³ in a text as so many of 万m³, and the unit without a number as another; fields' names, such as `used_hm3`, are
/// no units.
fn in_wan(text: &str, wan: &str, bare: Option<&str>) -> String {
    let (mut told, mut rest) = (String::new(), text);
    while let Some((at, unit)) = ["hm³", "hm3"].iter().filter_map(|unit| Some((rest.find(unit)?, unit))).min() {
        if rest[..at].ends_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
            told += &rest[..at + unit.len()];
            rest = &rest[at + unit.len()..];
            continue;
        }
        let before = rest[..at].trim_end_matches([' ', '\u{a0}', '\u{202f}']);
        let start = before
            .rfind(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        match before[start..].parse::<f64>() {
            Ok(value) => told.extend([&before[..start], &quantity::general(value * 100.0), wan]),
            Err(_) => told.extend([&rest[..at], bare.unwrap_or(unit)]),
        }
        rest = &rest[at + unit.len()..];
    }
    told + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        statement(text, |id| (id == "upper").then(|| "上库".to_owned())).chinese
    }

    #[test]
    fn texts_of_the_document_get_chinese_units() {
        assert_eq!(said("缺 3.2 hm³，另 0.05hm3"), "缺 320万m³，另 5万m³");
        let english = |text| statement(text, |_| None).english;
        assert_eq!(english("filled at 1.5000 hm³; of hm³"), "filled at 150 ×10⁴ m³; of hm³");
        assert_eq!(said("单位 hm³"), "单位 百万m³");
        assert_eq!(said("hm3"), "百万m³");
        assert_eq!(said("no volume; none at all"), "no volume; none at all");
        assert_eq!(
            said("accounts[9].available_hm3: 3.2 in the plan, 3 found again"),
            "accounts[9].available_hm3：方案为 3.2，重算为 3"
        );
        assert_eq!(
            said("audit.replay[0].largest_hm3: 0 in the plan, 1 found again"),
            "audit.replay[0].largest_hm3：方案为 0，重算为 1"
        );
    }

    #[test]
    fn texts_that_a_fault_quotes_are_said_as_sentences() {
        assert_eq!(
            said(
                "reasons[0].because: \"no goal asks for more\" in the plan, \"the target is met, with 0.294 m3/s to spare; `upper` is closed\" found again"
            ),
            "reasons[0].because：方案为 「没有目标要求供更多」，重算为 「目标流量已满足，富余 0.294 m³/s；“上库”关闭」"
        );
        assert_eq!(said("a.b: \"not, known\" in the plan, null found again"), "a.b：方案为 「not, known」，重算为 无");
    }

    #[test]
    fn faults_of_sums_and_duals_are_said_in_chinese() {
        for (english, chinese) in [
            (
                "series: `upper`, values[5], 2026-08-06, is 0.7, and demand − supply is 0.2",
                "序列：“上库”values[5]（2026年8月6日）为 0.7，而需水减供水为 0.2",
            ),
            (
                "series: `upper`, values[5], 2026-08-06T08:00, is 7, and release + spill is 2",
                "序列：“上库”values[5]（2026年8月6日8时）为 7，而下泄加弃水为 2",
            ),
            (
                "series: `upper`, values[0], 2026-08-06, is 7, and the start is 2",
                "序列：“上库”values[0]（2026年8月6日）为 7，而期初值为 2",
            ),
            (
                "satisfaction: `upper`, agricultural use, class irrigation, the whole horizon: the ratio is 1.5, and supply ÷ demand is 1",
                "满足度：上库、农业用水、灌溉、全期：载为 1.5，而供水除以需水为 1",
            ),
            (
                "satisfaction: ecological use, in the stream, 2026-08-06: the ratio is 1.5, and supply ÷ demand is 1",
                "满足度：生态用水、河道内、2026年8月6日：载为 1.5，而供水除以需水为 1",
            ),
            ("certificate: duals of `upper`: not 180 numbers, packed", "证书：“上库”的对偶值：不是打包的 180 个数"),
            ("certificate: duals of `upper`: fewer than 180 numbers", "证书：“上库”的对偶值：不足 180 个数"),
            ("certificate: duals of `upper`: not in base 64", "证书：“上库”的对偶值：不是 base64 编码"),
        ] {
            assert_eq!(said(english), chinese);
        }
    }

    #[test]
    fn known_notes_are_said_in_chinese() {
        assert_eq!(
            said("Command `order_12` (温防指〔2026〕12号) lies outside the horizon."),
            "命令“order_12”（温防指〔2026〕12号）在期外。"
        );
        assert_eq!(
            said("Without a stated capacity, bounded by all the water upstream passing in one step: upper, b."),
            "未给过流能力，以上游全部水量一个时段内通过为界：上库、b。"
        );
        assert_eq!(
            said(
                "use from 2026-01-01 to 2026-02-01 is not known and filled at the planned rate, 1.5000 hm³; the horizon covers 16.2 % of what is left of the window, by days"
            ),
            "2026年1月1日 至 2026年2月1日 的用水未知，按计划速率补 150万m³；本期占窗口剩余部分的16.2%（按天数分摊）"
        );
        assert_eq!(
            said("`upper` is bounded, not proved: gap 4.9e-3; `b` is bounded, not proved: gap 5.8e-6"),
            "“上库”有界，未证最优：差距 4.9e-3；“b”有界，未证最优：差距 5.8e-6"
        );
        assert_eq!(said("warnings by grade: orange 4, 提示 2"), "预警按等级：橙色 4、提示 2");
        assert_eq!(
            said("2026-08-04 – 2026-08-06: `upper` cannot be met: 3.46 hm3 are missing"),
            "2026年8月4日至2026年8月6日：上库不能满足：缺水 346万m³"
        );
        assert_eq!(
            said("`upper` is at its lowest storage by 2026-08-04T08:00: until then its water is shared out"),
            "“上库”至2026年8月4日8时降至最低库容，此前水量须匀用"
        );
        assert_eq!(said(" or natural inflow"), "与天然来水取小");
        assert_eq!(said("0.8 of target or natural inflow"), "0.8 of target，与天然来水取小");
    }

    #[test]
    fn causes_are_told_line_by_line_and_refusals_by_their_places() {
        let named = |id: &str| (id == "upper").then(|| "上库".to_owned());
        let lacks = "infeasible:\n  2026-08-04 – 2026-08-06: `upper` cannot be met: 3.46 hm3 are missing\n  new words";
        let said = cause(lacks, named);
        assert_eq!(
            said.chinese,
            "没有满足全部规则的方案：\n  2026年8月4日至2026年8月6日：上库不能满足：缺水 346万m³\n  new words"
        );
        assert!(said.english.contains("cannot be met: 346 ×10⁴ m³ are missing"), "{}", said.english);
        assert_eq!(valued("6.5 million yuan").as_deref(), Some("650 万元"));
        assert_eq!(valued("3.2 GWh").as_deref(), Some("320 万kW·h"));
        assert_eq!((valued("3.2 hm3"), valued("no goal"), valued("2 things")), (None, None, None));
        // Ids in a refusal are those that are to be written.
        let refusal = "dry.toml:3: `change.close`: the basin has no `uper`\n  hint: did you mean `upper`?";
        assert!(cause(refusal, named).chinese.ends_with("提示：是不是 `upper`？"), "{}", cause(refusal, named).chinese);
        // What is not known stands in its own words.
        let refusal = "dry.toml:3: `volume_hm3`: not known; there are others";
        let said = cause(refusal, named);
        assert_eq!(
            (said.english.as_str(), said.chinese.as_str()),
            (refusal, "dry.toml第3行：`volume_hm3`: not known; there are others")
        );
        let refusal = "member `dry`: a: b/c d.csv:12: element `upper`: unknown field `levl`\n  hint: did you mean `level`?";
        assert_eq!(
            cause(refusal, named).chinese,
            "成员“dry”：a: b/c d.csv第12行：“上库”：没有字段 `levl`\n  提示：是不是 `level`？"
        );
        assert_eq!(cause("x.toml: cannot be read: no way", named).chinese, "x.toml：不能读取：no way");
        assert_eq!(cause("question dry:4: cannot be read: no way", named).chinese, "不能读取：no way");
        assert_eq!(cause("no file at all", named), Phrase::same("no file at all"));
    }

    /// One of each kind of `model/src/document/build/reasons.rs`.
    #[test]
    fn reasons_are_said_in_chinese() {
        let named = |id: &str| {
            let names = [("shanxi", "珊溪水库"), ("south_canal", "南干渠"), ("reserve", "留足明春供水"), ("dead", "死水位")];
            names.iter().find(|(known, _)| *known == id).map(|(_, name)| (*name).to_owned())
        };
        for (english, chinese) in [
            (
                "held by the capacity of `south_canal`: more water upstream would not help",
                "受“南干渠”过流能力限制，加放水库水无效",
            ),
            (
                "held by the capacity of `south_canal` at that level of `shanxi`: only a higher level lets more through",
                "受“南干渠”在“珊溪水库”该时水位下的泄流能力限制，水位更高才能多泄",
            ),
            (
                "a wider `south_canal`, a higher level of `shanxi`, or water from below it, would help",
                "扩大“南干渠”泄流能力、抬高“珊溪水库”水位或由其下游水源补充可缓解",
            ),
            (
                "`shanxi` holds water, and `south_canal` has room for more of it, at the cost of what it is kept for",
                "“珊溪水库”尚有水，“南干渠”有余量可加放，但须动用其留存水量",
            ),
            (
                "`shanxi` is at its lowest storage; held by the capacity of `south_canal`",
                "“珊溪水库”已降至最低库容；受“南干渠”过流能力限制",
            ),
            (
                "more water would help only through a wider `south_canal`, or from below it",
                "须扩大“南干渠”过流能力后增水方可缓解，或由其下游水源补充",
            ),
            (
                "`shanxi` has reached its flood limit, and what arrives there goes on; `reserve`, goal 3 in order, comes first, and would fare worse with less",
                "“珊溪水库”已达汛限水位，来水下泄；目标“留足明春供水”次序在前（第3位），流量再减即受损",
            ),
            (
                "`shanxi` makes room for what comes until 2026-12-03, when it has reached its flood limit",
                "“珊溪水库”为至2026年12月3日前的来水腾出库容，届时达到汛限水位",
            ),
            (
                "`shanxi` had water, kept at the end for `reserve`, goal 3 in order, which comes first",
                "“珊溪水库”有水，但须先留足期末蓄水（目标“留足明春供水”，次序第3位），期末未超过要求",
            ),
            (
                "`shanxi` had water, kept for its storage at the end, which is no more than wanted",
                "“珊溪水库”当时有水，须留足期末蓄水，期末未超过要求",
            ),
            (
                "the water of `upper` flows on into `shanxi` and is kept at the end for `reserve`, goal 3 in order, which comes first",
                "“upper”的水流入下游“珊溪水库”，须先留足其期末蓄水（目标“留足明春供水”，次序第3位），期末未超过要求",
            ),
            (
                "`shanxi` had water, let out for `release`, which has no more than it is owed",
                "“珊溪水库”当时有水，用于保证“release”应有流量，该流量未超过要求",
            ),
            (
                "the water of `shanxi` goes first to whom `reserve` serves, goal 4 in order",
                "“珊溪水库”的水先满足目标“留足明春供水”（次序第4位）",
            ),
            ("the water of `shanxi` goes first to the floors of supply", "“珊溪水库”的水先保各用户供水底线"),
            ("`shanxi` lies in zone `限供区` of its rule curve, which hedges", "“珊溪水库”处于调度图“限供区”，按图限供"),
            (
                "`shanxi` is at its lowest storage by 2026-12-03: until then its water is shared out",
                "“珊溪水库”至2026年12月3日降至最低库容，此前水量须匀用",
            ),
            (
                "`shanxi` has no more to give: `reserve` shares its water among those that fare alike",
                "“珊溪水库”的水已分尽，按目标“留足明春供水”与其他用户、时段同等分摊",
            ),
            (
                "`shanxi` has no more to give: no other share of its water serves `reserve` better",
                "“珊溪水库”的水已分尽，换一种分法不能使目标“留足明春供水”更优",
            ),
            (
                "`shanxi` has no more to give: no other share of its water serves the goals, as they weigh, better",
                "“珊溪水库”的水已分尽，各目标按权重综合，换一种分法不会更优",
            ),
            (
                "`shanxi` had water, kept at the end for `reserve`, which weighs more",
                "“珊溪水库”有水，各目标按权重综合，留至期末更优（目标“留足明春供水”）",
            ),
            ("`shanxi` is below its lowest storage", "“珊溪水库”低于最低库容"),
            ("`shanxi` is below its lowest storage, `dead`", "“珊溪水库”低于最低要求（死水位）"),
            ("held by the command `order`", "受调度命令“order”限制"),
            ("held by the ceiling of `shanxi`", "受“珊溪水库”流量上限限制"),
            ("held by how fast `shanxi` may change", "受“珊溪水库”流量变幅限制"),
            ("held by the account `permit`, which is used up", "受“permit”控制水量限制，已用完"),
            (
                "held by the account `permit`: the part of it that these days may use is used up",
                "受“permit”控制水量限制，本计划期可用份额已用完",
            ),
            ("no goal asks for more", "没有目标要求供更多"),
            ("`shanxi` is at its lowest storage", "“珊溪水库”已降至最低库容"),
            ("`shanxi` is at its lowest storage, `dead`", "“珊溪水库”已降至最低（死水位）"),
            ("what `shanxi` would bring had to leave before the start", "“珊溪水库”在途时间长，须在期初以前放水才能到达"),
            ("all water of `shanxi` is taken", "“珊溪水库”来水不足，已全部利用"),
            ("`south_canal` is closed", "“南干渠”关闭"),
            ("cut by the curtailment `saving`, which is no shortage", "按限水措施“saving”压减，不计缺水"),
        ] {
            assert_eq!(statement(english, named).chinese, chinese);
        }
    }

    #[test]
    fn what_was_gathered_is_noted_in_chinese() {
        for (english, chinese) in [
            ("2 rows stand twice", "2行重复"),
            ("used where `levels` does not reach", "用于 `levels` 所不及的时段"),
            (
                "late: its newest reading is of 2026-07-01 08:00, 30.0 h old, the limit is 26 h",
                "迟到：最新读数为 2026年7月1日8时，已过30.0小时，限26小时",
            ),
            (
                "water balance: its mean of 24 h is 5.00 m³/s, that of `b` 4.00; 0.5 is the limit",
                "水量平衡：24小时平均为 5.00 m³/s，`b` 为 4.00；限差 0.5",
            ),
            ("in its place: climatology", "替代：用多年平均"),
        ] {
            assert_eq!(statement(english, |_| None).chinese, chinese);
        }
        let several = "`canl` is none of the basin's canals or diversions\n  hint: did you mean `canal`?";
        assert_eq!(cause(several, |_| None).chinese, "`canl` 不是本流域的渠道或引水\n  提示：是不是 `canal`？");
    }

    #[test]
    fn each_template_has_as_many_places_in_both_languages() {
        for (english, chinese) in KNOWN.iter().chain(REASONS).chain(REFUSED) {
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{english}");
        }
    }
}
