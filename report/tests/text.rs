//! The summary that a dispatcher reads on a terminal.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

mod made_up;

use made_up::{changed, document, empty};
use weir_report::{Language, text};

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
fn flood_mode_heads_the_summary() {
    let said = text(&changed(|c| c.case.mode = "防洪".to_owned()), Language::Chinese);
    assert!(said.lines().nth(1).unwrap().contains("仅供防指参考"));
}
