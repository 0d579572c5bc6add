//! What `weir verify` says of a plan: whether it holds, how far each stage is from the best that is possible, and what fails.

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
        lines.extend(document.content.stages.iter().enumerate().map(|(place, stage)| line(document, place, stage)));
        if let Some(certificate) = &document.content.certificate {
            let residual = format!("{:.1e} hm³", certificate.residual_hm3);
            lines.push(both(
                format!("各规则最大残差 {}", residual.replace("hm³", "百万m³")),
                format!("largest residual of any rule: {residual}"),
            ));
            lines.extend(certificate.without.as_deref().map(without));
        }
    } else {
        lines.extend(faults.iter().map(|fault| view.statement(fault)));
    }
    lines.iter().fold(String::new(), |all, line| all + line.say(language) + "\n")
}

fn heading(document: &PlanDocument, faults: &[String], against_basin: bool) -> Phrase {
    let number = faults.len();
    if number > 0 {
        let english = count(number, "fault", "faults");
        return both(format!("校核未通过，{number} 处不符"), format!("the plan does not verify, {english}"));
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

/// Whether a proof leaves nothing between a stage's value and its bound; of weighted goals, between those of their sum.
fn is_proved(document: &PlanDocument, stage: &StageRow) -> bool {
    let proofs = document.content.certificate.iter().flat_map(|certificate| &certificate.proofs);
    let mut own = proofs.filter(|proof| proof.of == stage.objective || proof.of == "weighted");
    own.any(|proof| proof.gap <= OBJECTIVE)
}

fn line(document: &PlanDocument, place: usize, stage: &StageRow) -> Phrase {
    let name = if stage.name.is_empty() { &stage.objective } else { &stage.name };
    let (value, unit) = goals::value(&stage.kind, &stage.unit, stage.value);
    let gap = stage.gap.map_or_else(|| "—".to_owned(), |gap| format!("{gap:.1e}"));
    let how = match (is_proved(document, stage), stage.bound) {
        (true, Some(_)) => both("已证", "proved"),
        (true, None) => both("加权和已证", "proved of the weighted sum"),
        (false, Some(_)) if proof_of(document, stage) => both("有界，未证最优", "bounded, not proved to be optimal"),
        (false, Some(_)) => both("界为求解器所称", "the bound is the engine's word"),
        (false, None) => both("无证明", "no proof"),
    };
    let number = place + 1;
    both(
        format!("{number}. {name}：{value} {}，差距 {gap}，{}", unit.chinese, how.chinese),
        format!("{number}. {name}: {value} {}, gap {gap}, {}", unit.english, how.english),
    )
}

fn proof_of(document: &PlanDocument, stage: &StageRow) -> bool {
    document.content.certificate.iter().flat_map(|certificate| &certificate.proofs).any(|proof| proof.of == stage.objective)
}

/// Why stages have no proof.
fn without(word: &str) -> Phrase {
    let why = match word {
        "rules" => both("按现行规则模拟，未求最优", "made by the rules of today, which seek no optimum"),
        "integers" => both("含整数变量，界为求解器所称", "whole numbers: bounds are the engine's word"),
        "heads" => both("目标随水头变化，自该级起无证明", "a stage depends on heads: no proof from it on"),
        "method" => both("该方法不给出逐级证明", "the method gives no proof of single stages"),
        "engine" => both("求解器未给出对偶值", "the engine tells no duals"),
        other => words::word(other),
    };
    both(format!("未证明者：{}", why.chinese), format!("not proved: {}", why.english))
}
