//! The questions of every week: each is answered on Feiyun in both languages, and on a basin small enough to derive by hand.

#![cfg(feature = "scenarios")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use weir_report::side_by_side::{self, Tried};
use weir_report::{Language, Phrase};
use weir_scenarios::member::Member;
use weir_scenarios::overlay::Overlay;
use weir_scenarios::questions::{QUESTIONS, Question};
use weir_scenarios::what_if::{Answered, base, solve};

/// The answer of a question, whose plans all pass the audit.
fn answer(dir: &Path, base: &Answered, question: &Question, of: &[&str]) -> Phrase {
    let of: Vec<String> = of.iter().map(|id| (*id).to_owned()).collect();
    let document = base.document().unwrap();
    let overlays = question.overlays(document, &of).unwrap();
    let asked = overlays.iter().map(|(id, text)| Member::new(id, Overlay::of_text(id, "question", text)));
    let members = solve(dir, None, base, &asked.collect::<Vec<_>>());
    for member in &members {
        let audit =
            &member.document().unwrap_or_else(|| panic!("{}: {:?}", member.id, member.outcome.as_ref().err())).content.audit;
        assert!(audit.passed, "{}: {:?}", member.id, audit.findings);
    }
    let plans: Vec<_> = members.iter().map(|member| (member.id.as_str(), member.document())).collect();
    question.answer((dir, &of), document, &plans).unwrap_or_else(|why| question.unasked(&why))
}

fn asked(word: &str, of: &[&str]) -> Phrase {
    let dir = Path::new("tests/overlays");
    answer(dir, &base(dir, None), Question::of_word(word).unwrap(), of)
}

#[test]
fn every_question_is_answered_on_feiyun() {
    let dir = Path::new("examples/feiyun");
    let base = base(dir, None);
    for question in QUESTIONS {
        let said = answer(dir, &base, question, &[]);
        assert!(said.chinese.starts_with(question.asked[0]) && said.chinese.ends_with('。'), "{}", said.chinese);
        assert!(said.english.starts_with(question.asked[1]) && said.english.ends_with('.'), "{}", said.english);
        assert!(!said.chinese.contains("无法回测") && !said.chinese.contains("无法回答"), "{}", said.chinese);
        assert!(!said.chinese.contains("求不出") && !said.chinese.contains("hm³"), "{}", said.chinese);
    }
}

#[test]
fn what_has_no_plan_is_told_in_the_readers_language_and_units() {
    let dir = Path::new("tests/overlays");
    let (base, text) = (base(dir, None), "[[change]]\nscale = \"inflow:*.flow_m3s\"\nby = -10\n");
    let away = Member::new("away", Overlay::of_text("away", "away.toml", text));
    let members = solve(dir, None, &base, &[away]);
    assert!(members[0].outcome.as_ref().is_err_and(|why| why.contains(" hm3 are missing")), "{:?}", members[0].outcome);
    let tried = [base, members[0].clone()].map(|one| {
        let outcome = one.outcome.map(|planned| planned.audited.document);
        Tried::what_if(&one.id, (&one.name.0, &one.name.1), outcome)
    });
    let told = side_by_side::text(&tried, Language::Chinese);
    assert!(told.contains("没有方案: 没有满足全部规则的方案：") && told.contains("来水与去向不能平衡：缺水 "), "{told}");
    let page = side_by_side::page(&tried, &side_by_side::of_what_ifs(), &[]);
    for shown in [told, side_by_side::text(&tried, Language::English), page] {
        assert!(!shown.contains("hm3") && !shown.contains("hm³"), "{shown}");
    }
}

#[test]
fn an_account_that_runs_out_behind_the_horizon_is_exceeded() {
    let made = tempfile::tempdir().unwrap();
    for folder in ["", "series", "tables"] {
        std::fs::create_dir_all(made.path().join(folder)).unwrap();
        let of = Path::new("examples/feiyun").join(folder);
        for path in std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            std::fs::copy(&path, made.path().join(folder).join(path.file_name().unwrap())).unwrap();
        }
    }
    let file = made.path().join("basin.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let used = "value = 2000, to = \"2026-06-10\"";
    assert_eq!(text.matches(used).count(), 1);
    std::fs::write(&file, text.replace(used, "value = 2600, to = \"2026-06-10\"")).unwrap();
    let base = base(made.path(), Some(jiff::civil::date(2026, 6, 11)));
    let said = answer(made.path(), &base, Question::of_word("accounts-to-year-end").unwrap(), &[]);
    let account = &base.document().unwrap().content.accounts;
    let row =
        account.iter().find(|row| row.forecast_to_window_end_hm3 > row.limit_hm3 && row.used_before_hm3 == 26.0).unwrap();
    // This year's window, beside which next year's may be within the horizon.
    assert!(said.english.contains(" (2026) has used "), "{}", said.english);
    assert!(said.chinese.contains("系推算），超"), "{}", said.chinese);
    // The plan's 143 days of the 204 that the window still has say how the rest is reckoned.
    let share = weir_report::quantity::percent(143.0 / 204.0);
    assert!(said.chinese.ends_with(&format!("（口径：本期占窗口剩余部分的{share}（按天数分摊））")), "{}", said.chinese);
    assert!(
        said.english.ends_with(" (Reckoned so: the horizon covers 70.1 % of what is left of the window, by days.)"),
        "{}",
        said.english
    );
    assert!(said.chinese.contains("计划期内尚未用完。要不超，自2026年6月11日起须压减取水"), "{}", said.chinese);
    assert!(said.english.contains("is not used up within the horizon. To keep it, cut "), "{}", said.english);
    // Of all that is drawn from the first day on, the excess.
    let share = (row.forecast_to_window_end_hm3 - row.limit_hm3) / (row.forecast_to_window_end_hm3 - row.used_before_hm3);
    let told = weir_report::quantity::percent(share);
    assert!(said.english.contains(&format!("cut {told} of the intake from 11 June 2026 on")), "{} {told}", said.english);
}

#[test]
fn a_canal_closed_for_ten_days_costs_what_its_town_wants() {
    // 4 m³/s for ten days are 3.456 hm³, half of it of homes; on one day already.
    let said = asked("canal-closed", &["canal"]);
    assert!(said.english.contains("homes and the public go short even on one day"), "{}", said.english);
    assert!(said.chinese.contains("停10天（2026年6月1日至2026年6月10日）期间"), "{}", said.chinese);
    assert!(said.english.contains("in ten days (1 June 2026 to 10 June 2026) "), "{}", said.english);
    assert!(
        said.english.contains(
            "users lack 345.6 ×10⁴ m³ (town 345.6 ×10⁴ m³) more; 172.8 ×10⁴ m³ of what lacks more is of homes and the public"
        ),
        "{}",
        said.english
    );
}

#[test]
fn an_intake_stopped_for_three_days_costs_three_days() {
    // 4 × 3 × 0.0864 hm³.
    let said = asked("intake-stopped", &["town"]);
    assert!(
        said.english.contains("town lacks 103.7 ×10⁴ m³ more, 51.8 ×10⁴ m³ of it of homes and the public"),
        "{}",
        said.english
    );
}

#[test]
fn a_lake_of_20_hm3_lasts_its_horizon() {
    // 6 m³/s for ten days are 5.2 of its 20 hm³.
    let said = asked("days-without-rain", &[]);
    assert!(said.english.contains("served for all 10 days"), "{}", said.english);
    // Nothing that is cut makes it longer, and nothing is said to become what it is.
    let said = asked("curtailed-without-rain", &[]);
    assert!(said.english.contains("served for all 10 days with the cuts as without; "), "{}", said.english);
    assert!(said.chinese.contains("压减前后均可供全期10天，天数不变，期末多存"), "{}", said.chinese);
}

#[test]
fn what_a_standby_well_brings_stays_in_the_lake_where_all_are_served() {
    // 1 m³/s for ten days.
    let said = asked("standby-sources", &["well_pipe"]);
    let english = "well_pipe bring 86.4 ×10⁴ m³: users lack 0 ×10⁴ m³ less, rivers 0 ×10⁴ m³ less, the reservoirs end with 86.4 ×10⁴ m³ more \
                   (lake, the main one: 86.4 ×10⁴ m³ more); what flows on, is lost or spares other water is 0 ×10⁴ m³.";
    assert!(said.english.ends_with(english), "{}", said.english);
    let chinese = "用户少缺0万m³、河道生态少缺0万m³、水库期末多存86.4万m³（主库lake多存86.4万m³）；其余";
    assert!(said.chinese.contains(chinese), "{}", said.chinese);
}

#[test]
fn what_a_lake_can_hold_at_the_seasons_end_is_what_comes_less_what_is_wanted() {
    // 20 hm³ and 5 m³/s against 6 wanted: 19.136 hm³ after ten days, on 107.65 m; 19.568 after five, on 107.83 m; 45 hm³ below the normal level.
    let said = asked("flood-season-end", &[]).english;
    let whole = "The season does not end within the plan; by its end, 10 June 2026, 24:00, touching neither supply nor ecological flows: lake can \
                 reach 107.65 m, 86.4 ×10⁴ m³ less than now and as much as planned, 2586 ×10⁴ m³ of room are left below the normal level.";
    assert!(said.ends_with(whole), "{said}");
    let said = asked("flood-season-end", &["2026-06-05"]).english;
    assert!(
        said.contains("By the season's end, 5 June 2026, 24:00") && said.contains("107.83 m, 43.2 ×10⁴ m³ less than now"),
        "{said}"
    );
    let dir = Path::new("tests/overlays");
    let base = base(dir, None);
    for (of, why) in [("2026-05-05", "lies before the plan"), ("15.10.", "is no date, expected `YYYY-MM-DD`")] {
        let question = Question::of_word("flood-season-end").unwrap();
        let refused = question.overlays(base.document().unwrap(), &[of.to_owned()]).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn a_trade_moves_what_the_seller_has_left_and_says_who_takes_it() {
    // The town has 400 − 345.6 left, the farm 200 − 172.8: both have the water that they want.
    let said = asked("rights-traded", &[]).english;
    let whole = "permit_town sells 54.4 ×10⁴ m³ to permit_farm: the buyer takes no more: its water or its ways bind it, not its limit; all that is sold is \
                 what the seller does not use, and it has 0 ×10⁴ m³ left; nobody lacks more for it.";
    assert!(said.ends_with(whole), "{said}");
}

#[test]
fn a_trade_of_what_the_seller_uses_says_what_it_gives_up() {
    // The town takes 345.6 of 300, the farm all of its 172.8: what it sells it was using, and both go on as before, the farm beyond its limit now.
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string("tests/overlays/basin.toml").unwrap();
    let text =
        text.replace("limit_wan_m3 = 400", "limit_wan_m3 = 300").replace("limit_wan_m3 = 200", "limit_wan_m3 = 172.8");
    std::fs::write(folder.path().join("basin.toml"), &text).unwrap();
    assert!(text.contains("= 300\n") && text.contains("= 172.8\n"), "{text}");
    let base = base(folder.path(), None);
    let said = answer(folder.path(), &base, Question::of_word("rights-traded").unwrap(), &[]);
    let whole = "permit_farm转让45.6万m³给permit_town：买方所得之中45.6万m³抵去此前超出指标所取的水，水量不变；45.6万m³是卖方本来在用的：\
                 卖后超出指标又多45.6万m³；无人因此多缺水。";
    assert!(said.chinese.ends_with(whole), "{}", said.chinese);
    let whole = "the buyer has 45.6 ×10⁴ m³ to stand against water that it took beyond its limit before and takes as before; 45.6 ×10⁴ m³ is what the \
                 seller was using: it goes 45.6 ×10⁴ m³ further beyond its limit; nobody lacks more for it.";
    assert!(said.english.ends_with(whole), "{}", said.english);
}

#[test]
fn a_balance_below_its_floors_is_not_compared_and_a_section_is_named() {
    let dir = Path::new("examples/feiyun");
    let base = base(dir, None);
    let said = |word: &str| answer(dir, &base, Question::of_word(word).unwrap(), &[]);
    let closed = said("canal-closed");
    assert!(
        closed.chinese.contains("“三生用水均衡”因居民生活底线缺")
            && closed.chinese.contains("不能与基准比较；均衡若取 max_min"),
        "{}",
        closed.chinese
    );
    assert!(closed.english.contains("is below 0 since floors of homes lack"), "{}", closed.english);
    assert!(!said("standby-sources").chinese.contains("不能与基准比较"));
    assert!(said("section-on-target").chinese.contains("？赵山渡工程下泄前3天缺"), "{}", said("section-on-target").chinese);
}

#[test]
fn a_basin_without_a_record_cannot_tell_of_last_year() {
    let said = asked("last-year", &[]);
    assert!(said.english.contains("cannot be told") && said.chinese.contains("无法回答"), "{}", said.english);
    assert!(said.chinese.ends_with("无法回答：basin.toml：没有来水写在序列文件里，没有实测资料。"), "{}", said.chinese);
    // Nor what a dry year leads to: the inflow is named that has none, and where it stands.
    let dir = Path::new("tests/overlays");
    let question = Question::of_word("levels-by-dry-year").unwrap();
    let base = base(dir, None);
    let overlays = question.overlays(base.document().unwrap(), &[]).unwrap();
    let asked = overlays.iter().map(|(id, text)| Member::new(id, Overlay::of_text(id, "question", text)));
    let members = solve(dir, None, &base, &asked.collect::<Vec<_>>());
    let why = members[0].outcome.as_ref().map(|_| ()).unwrap_err();
    let told = weir_report::cause(base.document(), why).chinese;
    assert!(
        told.starts_with("basin.toml第22行：“brook”：没有 `record`，而 `[forecast]` 的 `then` 要取某一频率的年份"),
        "{told}"
    );
}

#[test]
fn a_storm_of_a_file_is_answered_by_its_tree_and_a_file_without_one_is_told() {
    // `pre_release_before_a_storm_by_hand` in tests/ensembles.rs: 10 units of 0.0864 hm³ go on the first day, and are lost if it misses.
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let storm = "value = { seasons = [{ from = \"08-03\", to = \"08-03\", value = 50 }], otherwise = 0 }";
    write("storm.toml", &format!("[[change]]\nset = \"brook.flow_m3s\"\n{storm}\n"));
    let members = "name = \"台风\"\nenglish = \"typhoon\"\n[[member]]\nid = \"misses\"\nweight = 0.7\n[[member]]\nid = \"storm\"\nweight = 0.3\n\
                   overlay = \"storm.toml\"\n";
    let tree = write("typhoon.toml", &format!("{members}[tree]\nbranch = \"2026-08-02\"\nmisses = \"misses\"\n"));
    let dir = Path::new("tests/tree/storm");
    let base = base(dir, None);
    let said = |of: &[&str]| answer(dir, &base, Question::of_word("pre-release").unwrap(), of);
    let told = said(&[&tree]);
    assert!(told.chinese.contains("台风：预泄建议：lake自2026年8月1日起预泄86.4万m³"), "{}", told.chinese);
    let from = "typhoon: Pre-release: lake lets go 86.4 ×10⁴ m³ from 1 August 2026,";
    assert!(told.english.contains(from), "{}", told.english);
    let only = "When it begins is known to its step of 1 d only; steps of an hour tell the hour.";
    assert!(told.english.contains(only), "{}", told.english);
    assert!(told.english.contains("ends with 86.4 ×10⁴ m³ less") && told.english.contains("30%"), "{}", told.english);
    // Five times nothing is nothing; and what is told of a file that asks no tree.
    assert!(said(&[]).english.contains("5 times the forecast inflow for 3 days from day 3"), "{}", said(&[]).english);
    assert!(said(&[]).english.contains("No pre-release"), "{}", said(&[]).english);
    let without = said(&[&write("members.toml", members)]);
    assert!(without.english.contains("cannot be told: `members` has no [tree] with `misses`"), "{}", without.english);
    assert!(without.chinese.contains("无法回答：`members` 没有写明风暴不来的成员"), "{}", without.chinese);
    let nowhere = Question::of_word("pre-release").unwrap().overlays(base.document().unwrap(), &["nosuch.toml".to_owned()]);
    assert!(nowhere.is_err_and(|why| why.contains("nosuch.toml: cannot be read: No such file")));
    let faulty = said(&[&write("faulty.toml", "[[member]]\nid = \"a\"\n[tree]\nbranch = \"2026-08-02\"\nmisses = \"b\"\n")]);
    assert!(faulty.chinese.contains("faulty.toml第5行："), "{}", faulty.chinese);
}

/// The basin of tests/tree/storm with six days and other lines: what its made-up storm, five times the brook on days 3 to 5, is answered with.
fn made_up_storm(changes: &[(&str, &str)]) -> Phrase {
    let folder = tempfile::tempdir().unwrap();
    let mut text = std::fs::read_to_string("tests/tree/storm/basin.toml").unwrap().replace("4 x 1 d", "6 x 1 d");
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    std::fs::write(folder.path().join("basin.toml"), text).unwrap();
    let base = base(folder.path(), None);
    answer(folder.path(), &base, Question::of_word("pre-release").unwrap(), &[])
}

#[test]
fn a_storm_that_is_made_up_spills_nothing_ahead_because_it_knows() {
    // The lake stands at its limit, 100 units. 10 a day come in, 50 on the three days of the storm; gate and spillway, which has no crest, pass 20 + 15:
    // the storm leaves 3 × 15 = 45 units, so that 45 more than the 10 a day go on the first two days, decided for both. If it misses, 55 units
    // and 4 days of 10 are 95 at the end: 5 less (43.2万m³) than the 100 that it would have kept.
    let spillway =
        "  [[reservoir.outlet]]\n  id = \"spillway\"\n  kind = \"spillway\"\n  to = \"river\"\n  capacity_m3s = 15\n\n";
    let lake = [("flow_m3s = 0\n", "flow_m3s = 10\n"), ("[[inflow]]", &format!("{spillway}[[inflow]]"))];
    let said = made_up_storm(&lake);
    assert!(said.chinese.contains("预泄388.8万m³") && said.chinese.contains("不来则期末少蓄43.2万m³"), "{}", said.chinese);
    assert!(said.chinese.contains("概率50%；不来也不少供水。") && !said.chinese.contains("注意"), "{}", said.chinese);
}

#[test]
fn why_nothing_is_let_go_before_a_storm_is_one_cause() {
    // A lake half empty, 50 units: the storm brings 3 × 25 and 3 × 5; the gate could pass it all. 72 are kept at the end of day 5 ...
    let fits = made_up_storm(&[
        ("flow_m3s = 0\n", "flow_m3s = 5\n"),
        ("initial_storage_hm3 = 8.64", "initial_storage_hm3 = 0.864"),
    ]);
    assert!(fits.chinese.contains("不需预泄：风暴即使来，不先放水也容得下，lake距汛限水位最少尚余"), "{}", fits.chinese);
    // At the limit, with a gate that passes 5.2: 2 × 0.2 are let go before, and 3 × 19.8 come on top: 59 units.
    let gate = [("flow_m3s = 0\n", "flow_m3s = 5\n"), ("capacity_m3s = 20", "capacity_m3s = 5.2")];
    let full = made_up_storm(&gate);
    assert!(
        full.chinese.contains("不预泄：风暴来时lake最多超汛限509.8万m³，但分支之前其泄水设施已开足，放不出更多。"),
        "{}",
        full.chinese
    );
    assert!(full.english.contains("but until the branch its outlets stand open as far as they go."), "{}", full.english);
}

#[test]
fn a_subject_that_is_not_there_is_refused_with_those_near_it() {
    let dir = Path::new("tests/overlays");
    let base = base(dir, None);
    let refused = |word: &str, of: &str| {
        let question = Question::of_word(word).unwrap();
        question.overlays(base.document().unwrap(), &[of.to_owned()]).unwrap_err()
    };
    assert!(refused("canal-closed", "canl").contains("did you mean `canal`?"));
    let told = |word: &str, of: &str| weir_report::cause(base.document(), &refused(word, of)).chinese;
    assert_eq!(told("canal-closed", "canl"), "`canl` 不是本流域的渠道或引水\n  提示：是不是 `canal`？");
    assert_eq!(told("intake-stopped", "farm"), "`farm` 不是本流域的水厂\n  提示：水厂有：`town`");
    assert_eq!(told("days-without-rain", "x"), "不带 `--of`：`x` 与它无关\n  提示：单独问它，不写 `--of`");
    assert_eq!(told("flood-season-end", "2020-01-01"), "汛期末日2020年1月1日早于方案起始日2026年6月1日");
    assert_eq!(told("flood-season-end", "soon"), "`soon` 不是日期，应写 `YYYY-MM-DD`");
    assert_eq!(
        told("pre-release", "no.toml"),
        "no.toml：不能读取：没有这个文件\n  提示：集合来水是 TOML 文件，见 docs/ensembles.md"
    );
    assert!(refused("canal-closed", "well_pipe").contains("closed all the time"));
    assert!(refused("intake-stopped", "farm").contains("waterworks: `town`"), "{}", refused("intake-stopped", "farm"));
}

#[test]
fn what_some_lack_more_is_not_hidden_by_what_others_gain() {
    let dir = Path::new("examples/feiyun");
    let base = base(dir, None);
    let question = Question::of_word("canal-closed").unwrap();
    let way = ["pingcang_tunnel".to_owned()];
    let overlays = question.overlays(base.document().unwrap(), &way).unwrap();
    let (id, text) = overlays.last().unwrap();
    let members = solve(dir, None, &base, &[Member::new(id, Overlay::of_text(id, "question", text))]);
    let (before, after) = (base.document().unwrap(), members[0].document().unwrap());
    // Of each class on the ten days, which are the first ten steps.
    let lacks = |document: &weir_model::document::PlanDocument, address: &str| -> f64 {
        let row = document.content.series.iter().find(|row| row.address == address && row.quantity == "shortage");
        row.unwrap().values[..10].iter().map(|value| value.unwrap() * 0.0864).sum()
    };
    assert!(before.content.horizon.lengths_s[..10].iter().all(|length| *length == 86_400.0));
    let classes = before.content.series.iter().filter(|row| row.quantity == "shortage" && row.tier.is_none());
    let classes: Vec<_> = classes.filter(|row| row.class.is_some()).collect();
    let more = |of: &dyn Fn(&str) -> bool| -> f64 {
        let rows = classes.iter().filter(|row| of(row.use_.as_deref().unwrap_or_default()));
        rows.map(|row| (lacks(after, &row.address) - lacks(before, &row.address)).max(0.0)).sum()
    };
    let (all, homes) = (more(&|_| true), more(&|word| word == "domestic"));
    assert!(all >= homes && homes > 0.0, "{all} {homes}");
    let plans: Vec<_> = overlays.iter().map(|(id, _)| (id.as_str(), members[0].document())).collect();
    let said = question.answer((dir, &way), before, &plans).unwrap();
    let told = [weir_report::quantity::volume(all), weir_report::quantity::volume(homes)];
    assert!(said.chinese.contains(&format!("用户多缺{}（其中", told[0].chinese)), "{}", said.chinese);
    assert!(said.chinese.contains(&format!("居民公共{}", told[1].chinese)), "{}", said.chinese);
    assert!(said.chinese.contains("另有用户少缺") && said.chinese.contains("没有别的来水多供"), "{}", said.chinese);
    assert!(said.english.contains("while others lack"), "{}", said.english);
}

#[test]
fn who_pays_for_a_section_on_its_target_is_told_and_what_rivers_lack() {
    let dir = Path::new("examples/feiyun");
    let base = base(dir, None);
    let said = |word: &str| answer(dir, &base, Question::of_word(word).unwrap(), &[]);
    let section = said("section-on-target");
    assert!(section.chinese.contains("与基准比，全期用户多缺"), "{}", section.chinese);
    // Of the uses that are short, each by name; homes lack nothing there.
    let year = said("last-year").chinese;
    assert!(year.contains("，缺水") && year.contains("农业") && !year.contains("生活"), "{year}");
    let rivers = said("ecological-targets-up");
    let goal = base.document().unwrap().content.objectives.iter().find(|row| row.id == "target_flow").unwrap();
    let before = weir_report::quantity::wan_m3(goal.value.unwrap());
    assert!(rivers.chinese.contains(&format!("“{}”由{before}万m³变为", goal.name)), "{}", rivers.chinese);
    assert!(rivers.chinese.contains("天不达标"), "{}", rivers.chinese);
    let north = answer(dir, &base, Question::of_word("canal-closed").unwrap(), &["north_canal"]);
    assert!(north.chinese.contains("备用的") && north.chinese.contains("泽雅应急供水"), "{}", north.chinese);
}

#[test]
fn what_a_question_cannot_take_is_refused() {
    let dir = Path::new("examples/feiyun");
    let base = base(dir, None);
    let refused = |word: &str, of: &str| {
        let question = Question::of_word(word).unwrap();
        question.overlays(base.document().unwrap(), &[of.to_owned()]).unwrap_err()
    };
    assert!(refused("energy-first", "balance").contains("`balance` is of kind `balance`, no objective of energy"));
    assert!(refused("levels-by-dry-year", "x").contains("takes no `--of`"));
    // The lake lies far below its normal level: a storm of five times the inflow fits in.
    let storm = answer(dir, &base, Question::of_word("pre-release").unwrap(), &[]);
    assert!(storm.chinese.contains("不需预泄") && !storm.chinese.contains("预泄建议"), "{}", storm.chinese);
    assert!(refused("pre-release", "x").contains("is no file of an ensemble"));
}
