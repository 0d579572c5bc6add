//! The summary that a dispatcher reads on a terminal.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

mod made_up;

use made_up::{changed, document, empty};
use weir_report::{Asked, Language, explain, text, verified, verified_as_json};

#[test]
fn chinese() {
    insta::assert_snapshot!(text(&document(), Language::Chinese));
}

#[test]
fn english() {
    insta::assert_snapshot!(text(&document(), Language::English));
}

#[test]
fn a_plan_of_nothing_is_a_summary() {
    insta::assert_snapshot!(text(&empty(), Language::Chinese));
}

#[test]
fn no_hm3_in_chinese() {
    assert!(!text(&document(), Language::Chinese).contains("hm"));
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let said = text(&changed(|c| c.case.name = "河\u{1b}[31m流\u{7}域".to_owned()), Language::Chinese);
    assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'));
}

#[test]
fn a_program_is_told_the_outcome_of_each_check() {
    let foreign = "inputs: the plan rests on what its office gathered, which this basin is without".to_owned();
    let made = |faults: Vec<String>| {
        let checks = [("document", Some(Vec::new())), ("inputs", Some(faults)), ("audit", None)];
        verified_as_json(&document(), &checks, true)
    };
    let told = made(vec![foreign.clone()]);
    let outcomes: Vec<&str> =
        told["checks"].as_array().unwrap().iter().map(|check| check["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["passed", "failed", "not_made"]);
    assert_eq!((&told["verified"], &told["stages"][0]["proved"]), (&false.into(), &serde_json::Value::Null));
    let fault = &told["checks"][1]["faults"][0];
    assert_eq!(fault["en"], foreign);
    assert!(fault["zh"].as_str().unwrap().starts_with("输入："), "{fault}");
    let told = made(Vec::new());
    assert_eq!(told["verified"], true);
    assert!(told["stages"][0]["proved"].is_boolean());
}

#[test]
fn what_is_not_checked_of_notes_is_told() {
    let noted =
        changed(|c| c.case.notes.push("called infeasible at first, but not when asked again without presolve".to_owned()));
    for (language, said) in [
        (Language::Chinese, "、流域所给以外的附注（文字与数字）未核：只有求解器能重新求得"),
        (Language::English, ", notes beyond those that the basin gives (words and numbers)\n"),
    ] {
        let told = verified(&noted, &[], true, language);
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn flood_mode_heads_the_summary() {
    let said = text(&changed(|c| c.case.mode = "防洪".to_owned()), Language::Chinese);
    assert!(said.lines().nth(1).unwrap().contains("仅供防指参考"));
}

/// What gave way is told as such, and what was looked at where nothing binds, never flatly that nothing does.
#[test]
fn an_explanation_tells_what_gave_way_and_what_was_looked_at() {
    let asked = Asked { address: Some("upper"), step: Some(0), ..Asked::default() };
    let said = |language| explain(&document(), &asked, language);
    let (chinese, english) = (said(Language::Chinese), said(Language::English));
    assert!(chinese.contains("让步的规则") && chinese.contains("汛限水位") && chinese.contains("32"), "{chinese}");
    assert!(english.contains("What had to give") && english.contains("flood limit"), "{english}");
    let none = changed(|c| {
        c.series.retain(|row| row.quantity == "storage");
        c.relaxations.clear();
    });
    for step in [Some(0), None] {
        let asked = Asked { address: Some("upper"), step, ..Asked::default() };
        let (chinese, english) = (explain(&none, &asked, Language::Chinese), explain(&none, &asked, Language::English));
        for word in ["所查限制均未起作用：过流能力", "最小开机流量", "未查：期末蓄水、涨幅、降幅、期平均要求、保证率"]
        {
            assert!(chinese.contains(word) && !chinese.contains("没有限制起作用"), "{word} {chinese}");
        }
        for word in ["None of the limits that were looked at binds here: capacity", "least flow when open", "Not looked at"]
        {
            assert!(english.contains(word), "{word} {english}");
        }
    }
}
