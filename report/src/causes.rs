//! Why two plans differ, as people read it: what each cause moves uses, goals and elements by.

use weir_model::document::{CauseRow, Causes, PlanDocument};

use crate::goals;
use crate::language::{Language, Phrase, both};
use crate::quantity::{seen_wan_m3, time_text, volume as volume_of};
use crate::text::Summary;
use crate::view::View;
use crate::words;

/// Elements that are shown, those that move most.
const MOST_ELEMENTS: usize = 16;

/// hm³ below which a cause moves nothing that is read.
const SEEN_HM3: f64 = 5e-4;

/// The split of a difference.
pub fn causes(after: &PlanDocument, causes: &Causes, language: Language) -> String {
    let view = View::new(after);
    let mut out = Summary::new(language);
    let list = |words: &[String], of: fn(&Phrase) -> &str, comma: &str| {
        words.iter().map(|word| of(&cause(word)).to_owned()).collect::<Vec<_>>().join(comma)
    };
    out.title(&both(
        format!("按原因分解，次序：{}", list(&causes.order, |p| &p.chinese, "→")),
        format!("Split by cause, taken in this order: {}", list(&causes.order, |p| &p.english, ", ")),
    ));
    if causes.differ.is_empty() {
        out.line(&both("两方案所答为同一问题。", "Both plans answer the same question."));
        return out.text;
    }
    out.line(&both(
        format!("两问题之别在：{}。各项之和等于总差；次序不同，分法不同。", list(&causes.differ, |p| &p.chinese, "、")),
        format!(
            "The two questions differ in: {}. Parts sum to the whole; another order splits otherwise.",
            list(&causes.differ, |p| &p.english, ", ")
        ),
    ));
    out.line(&in_a_sentence(causes));
    if let Some(from) = &causes.from {
        let (from, to) = (time_text(from), crate::quantity::end_text(causes.to.as_deref().unwrap_or_default()));
        out.line(&both(
            format!("用途与对象按共同时段 {} 至 {}", from.chinese, to.chinese),
            format!("Uses and elements over the time that both cover, {} to {}", from.english, to.english),
        ));
    }
    for (of, title) in [
        ("use", both("供水（万m³）", "Supply (10⁴ m³)")),
        ("objective", both("目标（各按本方案全期）", "Goals, each over its plan's whole horizon")),
        ("element", both("对象（水量，万m³）", "Elements (volumes, 10⁴ m³)")),
    ] {
        let mut rows: Vec<&CauseRow> = causes.rows.iter().filter(|row| row.of == of).collect();
        if rows.is_empty() {
            continue;
        }
        let left = if of == "element" { rows.len().saturating_sub(MOST_ELEMENTS) } else { 0 };
        if left > 0 {
            let most = |row: &CauseRow| row.parts.iter().map(|part| part.abs()).fold(0.0, f64::max);
            rows.sort_by(|a, b| most(b).total_cmp(&most(a)));
            rows.truncate(MOST_ELEMENTS);
        }
        out.title(&title);
        let mut head = vec![
            both("对象", "What"),
            both("单位", "Unit"),
            both("前", "Before"),
            both("后", "After"),
            both("总差", "Change"),
        ];
        head.extend(causes.order.iter().map(|word| cause(word)));
        let numbers: Vec<usize> = (2..head.len()).collect();
        let lines: Vec<Vec<Phrase>> = rows.into_iter().map(|row| line(&view, row)).collect();
        out.table(&head, &lines, &numbers);
        out.rest(left);
    }
    if causes.rows.is_empty() {
        out.line(&both("各项均无差别。", "Nothing differs."));
    }
    out.text
}

/// What the later plan supplies more or less, and by which causes, the greatest first.
fn in_a_sentence(causes: &Causes) -> Phrase {
    let uses = || causes.rows.iter().filter(|row| row.of == "use");
    let change: f64 = uses().map(|row| row.after - row.before).sum();
    let by = |place: usize| uses().filter_map(|row| row.parts.get(place)).sum::<f64>();
    let mut parts: Vec<(&String, f64)> = causes.order.iter().enumerate().map(|(place, word)| (word, by(place))).collect();
    parts.retain(|(_, hm3)| hm3.abs() >= SEEN_HM3);
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let told = |hm3: f64| {
        let sign = if hm3 < 0.0 { "−" } else { "+" };
        let volume = volume_of(hm3.abs());
        both(format!("{sign}{}", volume.chinese), format!("{sign}{}", volume.english))
    };
    let each = parts.iter().map(|(word, hm3)| {
        let (cause, told) = (cause(word), told(*hm3));
        both(format!("{}{}", cause.chinese, told.chinese), format!("{} {}", cause.english, told.english))
    });
    let each: Vec<Phrase> = each.collect();
    if each.is_empty() {
        return both("供水无差别。", "Supply does not differ.");
    }
    let (verb, english) = if change < 0.0 { ("少供", "less") } else { ("多供", "more") };
    let (size, each) = (volume_of(change.abs()), Phrase::joined(&each, "，", ", "));
    both(
        format!("后一方案比前一方案{verb}{}：{}。", size.chinese, each.chinese),
        format!("The later plan supplies {} {english}: {}.", size.english, each.english),
    )
}

fn line(view: &View<'_>, row: &CauseRow) -> Vec<Phrase> {
    let signed = |told: &dyn Fn(f64) -> String, value: f64| {
        let size = told(value.abs());
        Phrase::same(if value < 0.0 && size != "0" { format!("-{size}") } else { size })
    };
    let (name, unit, told): (Phrase, Phrase, Box<dyn Fn(f64) -> String>) = match row.of.as_str() {
        "objective" => {
            let (kind, unit) = (row.quantity.clone(), row.unit.clone());
            let said = goals::unit(&kind, &unit).1;
            (view.objective(&row.address), said, Box::new(move |value| goals::value(&kind, &unit, value).0))
        }
        "use" => (words::word(&row.address), words::unit(&row.unit).1, Box::new(volume)),
        _ => {
            let (name, quantity) = (view.name(&row.address), words::quantity(&row.quantity));
            let said =
                both(format!("{} {}", name.chinese, quantity.chinese), format!("{} {}", name.english, quantity.english));
            (said, words::unit(&row.unit).1, Box::new(volume))
        }
    };
    let mut line = vec![name, unit];
    let change: f64 = row.after - row.before;
    line.extend([row.before, row.after, change].iter().chain(&row.parts).map(|&value| signed(&told, value)));
    line
}

fn volume(hm3: f64) -> String {
    if hm3 < 1e-6 { "0".to_owned() } else { seen_wan_m3(hm3) }
}

/// A cause in words.
fn cause(word: &str) -> Phrase {
    match word {
        "time" => both("时间推移", "time gone on"),
        "state" => both("初始状态", "state"),
        "forecast" => both("来水预报", "forecast"),
        "demand" => both("需水", "demand"),
        "rules" => both("规则与目标", "rules and goals"),
        other => words::word(other),
    }
}
