//! What `weir verify` says of a plan: whether it holds, how far each stage is from the best that is possible, and what fails.

use serde_json::json;
use weir_model::document::{PlanDocument, StageRow};
use weir_model::tolerance::OBJECTIVE;

use crate::goals;
use crate::language::{Language, Phrase, both, count};
use crate::view::View;
use crate::words;

/// What was found of a plan: its faults, a sentence each; and whether it was held against its basin.
pub fn verified(document: &PlanDocument, faults: &[String], against_basin: bool, language: Language) -> String {
    let view = View::new(document);
    let mut lines = vec![heading(document, faults, against_basin)];
    if faults.is_empty() {
        if !against_basin && document.record.whole.is_none() {
            lines.extend(of_office(document));
        }
        if against_basin {
            lines.extend(not_checked(document));
        }
        let stages = document.content.stages.iter().enumerate();
        lines.extend(stages.map(|(place, stage)| line(document, place, stage, against_basin)));
        if let Some(certificate) = &document.content.certificate {
            let residual = format!("{:.1e} hm³", certificate.residual_hm3);
            let told = if against_basin { Phrase::default() } else { both("文件所载", "as the document says, ") };
            lines.push(both(
                format!("{}各规则最大残差 {}", told.chinese, residual.replace("hm³", "百万m³")),
                format!("{}largest residual of any rule: {residual}", told.english),
            ));
            lines.extend(certificate.without.as_deref().map(|word| {
                let why = words::unproved(word);
                both(format!("未证明者：{}", why.chinese), format!("not proved: {}", why.english))
            }));
        }
    } else {
        lines.extend(faults.iter().map(|fault| view.statement(fault)));
    }
    lines.iter().fold(String::new(), |all, line| all + line.say(language) + "\n")
}

/// Who signed a plan, a line each, and whether with a key that the reader named.
pub fn signed(document: &PlanDocument, keys: &[String], language: Language) -> String {
    let lines = document.record.signatures.iter().map(|signature| {
        let at = crate::quantity::time_text(&signature.at);
        let (by, key) = (&signature.by, &signature.key);
        if keys.contains(key) {
            both(
                format!("签名有效：{by}，{}（协调世界时），公钥与所给一致 {key}", at.chinese),
                format!("signed by {by}, {} (UTC), with the key that was given, {key}", at.english),
            )
        } else {
            both(
                format!("签名有效：{by}，{}（协调世界时），公钥未经核对 {key}", at.chinese),
                format!("signed by {by}, {} (UTC), with a key that was not given to compare, {key}", at.english),
            )
        }
    });
    lines.fold(String::new(), |all, line| all + line.say(language) + "\n")
}

/// What `weir replay` says: where the plan solved again differs, a sentence each; or why it could not be solved again.
pub fn replayed(document: &PlanDocument, sentences: &[String], not: bool, language: Language) -> String {
    let view = View::new(document);
    let number = sentences.len();
    let heading = if number == 0 {
        let id = &document.record.id;
        both(
            format!("重算一致：内容逐字节相同，SHA-256 {id}"),
            format!("replayed: the same content to the byte, SHA-256 {id}"),
        )
    } else if not {
        both("未重算", "not solved again")
    } else {
        both(
            format!("重算不一致，{number} 处不同"),
            format!("solved again, {} from the plan", count(number, "difference", "differences")),
        )
    };
    let lines = std::iter::once(heading).chain(sentences.iter().map(|sentence| view.statement(sentence)));
    lines.fold(String::new(), |all, line| all + line.say(language) + "\n")
}

fn heading(document: &PlanDocument, faults: &[String], against_basin: bool) -> Phrase {
    let number = faults.len();
    if number > 0 {
        let english = count(number, "fault", "faults");
        return both(format!("校核未通过，{number} 处不符"), format!("the plan does not verify, {english}"));
    }
    if let Some(whole) = &document.record.whole {
        let audience = document.record.audience.as_deref().unwrap_or_default();
        return both(
            format!("方案文件未改动（摘要相符）；此为面向“{audience}”的部分，不带证书，全文摘要 {whole}"),
            format!(
                "unchanged since it was given out, by its digest: what the audience {audience} is given of the plan {whole}, without its certificate"
            ),
        );
    }
    if !against_basin {
        return both(
            "方案文件自洽（摘要相符）；未与流域文件核对，最优性未校核",
            "the plan agrees with itself and its digest; not held against its basin, so not verified to be optimal",
        );
    }
    if document.content.stages.iter().all(|stage| is_proved(document, stage)) {
        both(
            "模型内最优性校核通过（不代表来水预报准确，不代替调度决策）",
            "verified: optimal within the model (which makes no forecast true, and takes no decision)",
        )
    } else {
        both(
            "方案内容校核通过；并非各级目标都证明为最优（不代表来水预报准确，不代替调度决策）",
            "the plan verifies; not every stage is proved to be optimal (which makes no forecast true, and takes no decision)",
        )
    }
}

/// How a plan that an office made is held against what its run stood on.
fn of_office(document: &PlanDocument) -> Option<Phrase> {
    let (record, inputs) = (&document.record, &document.content.inputs);
    let (product, term) = record.product.as_ref().zip(record.term.as_ref())?;
    let (id, basin, gathered) = (format!("{product}-{term}-{}", record.revision), &inputs.basin, inputs.gathered.len());
    Some(both(
        format!("在其调度机构用 `weir plans verify {id}` 据存档重建并核对（汇集输入 {gathered} 项）；流域文件摘要 {basin}"),
        format!(
            "where its office's store is, `weir plans verify {id}` makes its question again and checks it ({gathered} inputs gathered); the basin file has the digest {basin}"
        ),
    ))
}

/// Whether a proof leaves nothing between a stage's value and its bound; of weighted goals, between those of their sum.
fn is_proved(document: &PlanDocument, stage: &StageRow) -> bool {
    let proofs = document.content.certificate.iter().flat_map(|certificate| &certificate.proofs);
    let mut own = proofs.filter(|proof| proof.of == stage.objective || proof.of == "weighted");
    own.any(|proof| proof.gap <= OBJECTIVE)
}

/// What of a plan only its solver could find again, which no check without one holds against anything.
fn left_open(document: &PlanDocument) -> Vec<Phrase> {
    let content = &document.content;
    let rates = || content.stages.iter().flat_map(|stage| &stage.rates);
    let is_held = |next: &str| content.stages.iter().any(|stage| stage.objective == next && is_proved(document, stage));
    let mut told = rates().filter(|rate| rate.at_most.is_some()).peekable();
    let is_told = told.peek().is_some();
    let open = told.any(|rate| !is_held(&rate.stage));
    let kinds = [
        (!content.water_values.is_empty(), both("水价值", "water values")),
        (open, both("交换率", "exchange rates")),
        // A proof stands on larger ones too, wherever what they count is at its best.
        (!open && is_told, both("交换率是否最小", "whether exchange rates are the least")),
        (rates().any(|rate| rate.gain.is_some()), both("让步所得", "what slack buys")),
        (content.front.is_some(), both("前沿", "the front")),
        (!content.case.commands.is_empty(), both("命令的代价", "what orders from above cost")),
        (!content.closing.is_empty(), both("末级择优各值", "values of the closing chain")),
        // Those that the basin gives are checked to be there.
        (
            !content.case.notes.is_empty(),
            both("流域所给以外的附注（文字与数字）", "notes beyond those that the basin gives (words and numbers)"),
        ),
    ];
    kinds.into_iter().filter(|(is_told, _)| *is_told).map(|(_, name)| name).collect()
}

fn not_checked(document: &PlanDocument) -> Option<Phrase> {
    let named = left_open(document);
    let list = Phrase::joined(&named, "、", ", ");
    (!named.is_empty()).then(|| {
        both(
            format!("{}未核：只有求解器能重新求得，须 `weir replay`", list.chinese),
            format!("not checked, since only a solver finds them again (`weir replay`): {}", list.english),
        )
    })
}

/// What `weir verify --format json` prints: each check with its faults, none of one that was not made; what is not checked at all; and of
/// each stage whether it is proved, which only a check against the basin tells.
pub fn verified_as_json(
    document: &PlanDocument,
    checks: &[(&'static str, Option<Vec<String>>)],
    against_basin: bool,
) -> serde_json::Value {
    let view = View::new(document);
    let phrase = |said: &Phrase| json!({ "zh": said.chinese, "en": said.english });
    let check = |(word, faults): &(&'static str, Option<Vec<String>>)| {
        let outcome = faults.as_ref().map_or("not_made", |faults| if faults.is_empty() { "passed" } else { "failed" });
        let said = faults.iter().flatten().map(|fault| phrase(&view.statement(fault)));
        json!({ "check": word, "outcome": outcome, "faults": said.collect::<Vec<_>>() })
    };
    let holds = checks.iter().filter_map(|(_, faults)| faults.as_ref()).all(Vec::is_empty);
    let stage = |stage: &StageRow| {
        let proved = (against_basin && holds).then(|| is_proved(document, stage));
        json!({ "objective": stage.objective, "value": stage.value, "unit": stage.unit, "gap": stage.gap, "proved": proved })
    };
    json!({
        "plan": document.record.id,
        "verified": holds,
        "against_basin": against_basin,
        "checks": checks.iter().map(check).collect::<Vec<_>>(),
        "not_checked": left_open(document).iter().map(phrase).collect::<Vec<_>>(),
        "stages": document.content.stages.iter().map(stage).collect::<Vec<_>>(),
    })
}

fn line(document: &PlanDocument, place: usize, stage: &StageRow, against_basin: bool) -> Phrase {
    let name = if stage.name.is_empty() { &stage.objective } else { &stage.name };
    let (value, unit) = goals::value(&stage.kind, &stage.unit, stage.value);
    let gap = match stage.gap {
        None => "—".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(gap) => format!("{gap:.1e}"),
    };
    let how = match (is_proved(document, stage), stage.bound) {
        // A proof proves nothing without the program that its duals are of.
        _ if !against_basin => both("文件所载", "as the document says"),
        (true, Some(_)) => both("已证", "proved"),
        (true, None) => both("加权和已证", "proved of the weighted sum"),
        (false, Some(_)) if proof_of(document, stage) => both("有界，未证最优", "bounded, not proved to be optimal"),
        (false, Some(_)) => both("界为求解器所称", "the bound is the engine's word"),
        (false, None) => both("无证明", "no proof"),
    };
    let number = place + 1;
    let of = |unit: &str| if unit.is_empty() { value.clone() } else { format!("{value} {unit}") };
    both(
        format!("{number}. {name}：{}，差距 {gap}，{}", of(&unit.chinese), how.chinese),
        format!("{number}. {name}: {}, gap {gap}, {}", of(&unit.english), how.english),
    )
}

fn proof_of(document: &PlanDocument, stage: &StageRow) -> bool {
    document.content.certificate.iter().flat_map(|certificate| &certificate.proofs).any(|proof| proof.of == stage.objective)
}
