//! What the report page holds, and what it never does.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

mod made_up;

use made_up::{changed, document, empty};
use weir_model::document::{Assumed, FLOOD_HEADING, ObjectiveRow, Order, RateRow, SeriesRow, StageRow};
use weir_report::side_by_side::{self, Tried};
use weir_report::{Language, html, text};

/// Text that a Chinese reader sees: without scripts, styles, and what is marked as English.
fn chinese(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let skip = [
            ("<script", "</script>"),
            ("<style", "</style>"),
            ("<span lang=\"en\"", "</span>"),
            ("<tspan lang=\"en\"", "</tspan>"),
        ]
        .into_iter()
        .find(|(open, _)| rest.starts_with(open))
        .map_or(">", |(_, close)| close);
        rest = &rest[rest.find(skip).map_or(rest.len(), |i| i + skip.len())..];
    }
    text + rest
}

#[test]
fn the_page_asks_the_network_for_nothing() {
    let page = html(&document());
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.html"), &page).unwrap();
    for mark in ["http:", "https:", "//cdn", "src=", "@import", "url(", "<link", "<img", "<iframe"] {
        assert!(!page.contains(mark), "the page holds `{mark}`");
    }
}

#[test]
fn a_chinese_reader_never_meets_hm3() {
    let page = html(&changed(|c| c.case.notes.push("缺口 3.2 hm³，另有 1hm3".to_owned())));
    let text = chinese(&page);
    assert!(!text.contains("hm³") && !text.contains("hm3"));
    assert!(text.contains("缺口 320万m³，另有 100万m³"));
    assert!(!chinese_names_in_readouts(&page).contains("hm"));
}

/// The Chinese words of the read-outs' data.
fn chinese_names_in_readouts(page: &str) -> String {
    page.split("\"zh\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect::<Vec<_>>().join(" ")
}

#[test]
fn units_and_dates_are_those_of_chinese_papers() {
    let text = chinese(&html(&document()));
    for said in [
        "2026年11月1日 至 2027年2月28日24时",
        "万m³",
        "亿m³",
        "m³/s",
        "2026年12月中旬",
        "依据时间：2026年11月1日8时",
        "135.77",
    ] {
        assert!(text.contains(said), "`{said}` is not said");
    }
}

#[test]
fn the_heading_says_what_the_plan_is_not() {
    let text = chinese(&html(&document()));
    assert!(text.contains("确定性来水情景，不作为调度依据"));
}

#[test]
fn the_heading_counts_what_the_list_of_assumed_facts_holds() {
    for assumed in [("works.demand_m3s", "1.5 (虚构)"), ("upper_inflow.flow_m3s", "3"), ("nobody", "[")] {
        let page = html(&changed(|c| {
            c.case.assumed.push(Assumed { address: assumed.0.to_owned(), statement: assumed.1.to_owned() });
        }));
        let text = chinese(&page);
        let list = page.split("id=\"assumed\"").nth(1).unwrap().split("</section>").next().unwrap();
        let count = list.matches("class=\"grade\"").count();
        assert!(text.contains(&format!("含虚构或假设参数：{count}项待核")), "{count}");
        assert!(text.contains(&format!("以下 {count} 项未经核实")), "{count}");
    }
}

#[test]
fn what_no_source_reaches_is_told_though_nothing_else_is() {
    let text = chinese(&html(&changed(|c| c.satisfaction.clear())));
    assert!(text.contains("没有可由本流域水源供给的用水") && text.contains("无物理水源"));
    let none = chinese(&html(&changed(|c| {
        c.satisfaction.clear();
        c.left_out.clear();
    })));
    assert!(!none.contains("无物理水源"));
}

/// 温州 by the made-up satisfactions: what the office's table promises stands in the cell of the whole horizon.
#[test]
fn a_cell_tells_what_is_assured_and_by_which_clause() {
    let document = changed(|c| {
        let row = c.satisfaction.iter_mut().find(|row| row.period == "horizon").unwrap();
        (row.days, row.days_met, row.assurance, row.clause) = (120.0, 90.0, Some(0.95), Some("供水协议第三条".to_owned()));
    });
    let text = chinese(&html(&document));
    assert!(text.contains("足额天数 75%，保证率 95%") && text.contains("供水协议第三条"), "{text}");
    let plain = chinese(&html(&changed(|_| ())));
    assert!(!plain.contains("保证率 9") && !plain.contains("供水协议"));
}

#[test]
fn named_levels_are_steps() {
    let page = html(&changed(|c| {
        for row in c.series.iter_mut().filter(|row| row.address == "upper" && row.quantity == "storage.dead") {
            for (at, value) in row.values.iter_mut().enumerate() {
                *value = Some(if at < 40 { 100.0 } else { 200.0 });
            }
        }
    }));
    let dead = page
        .split("<script type=\"application/json\">")
        .skip(1)
        .filter_map(|rest| serde_json::from_str::<serde_json::Value>(rest.split("</script>").next()?).ok())
        .flat_map(|data| data["traces"].as_array().cloned().unwrap_or_default())
        .find(|trace| trace["zh"] == "死水位")
        .unwrap();
    assert_eq!(dead["points"], false);
    let heights: Vec<f64> = dead["values"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    // The value at the end of a step holds over it.
    assert_eq!((heights[38], heights[39], heights.len()), (1.0, 2.0, 93));
}

#[test]
fn releases_tell_the_days_volume_and_its_shape() {
    let page = html(&changed(|c| {
        let flow = c.series.iter().find(|row| row.address == "upper.turbines" && row.quantity == "flow").unwrap().clone();
        let least =
            SeriesRow { quantity: "minimum_when_open".to_owned(), values: vec![Some(1e3); flow.values.len()], ..flow };
        c.series.push(least);
    }));
    let text = chinese(&page);
    for said in ["下泄计划", "日水量 万m³", "日内方式", "小时按最小流量1000 m³/s开机，其余"] {
        assert!(text.contains(said), "`{said}` is not said");
    }
}

#[test]
fn in_flood_mode_there_is_no_order() {
    let order = Order {
        id: "lower".to_owned(),
        unit: "下库管理所".to_owned(),
        object: "下库".to_owned(),
        on: "lower.outflow".to_owned(),
        execute_at: "2026-11-01T08:00:00+08:00".to_owned(),
        until: "2026-11-02T00:00:00+08:00".to_owned(),
        needed_m3s: 57.0,
        flow_m3s: 60.0,
        kept: false,
        setting: "A mean of 60 m³/s".to_owned(),
        copies: Vec::new(),
    };
    let ordinary = chinese(&html(&changed(|c| c.orders.push(order.clone()))));
    assert!(ordinary.contains("下库管理所") && ordinary.contains("日均60 m³/s （日水量518.4万m³）"), "{ordinary}");
    let flood = chinese(&html(&changed(|c| {
        c.orders.push(order);
        c.case.mode = "防洪".to_owned();
    })));
    assert!(flood.contains(FLOOD_HEADING));
    assert!(flood.contains("执行防指调度令"));
    assert!(!flood.contains("下库管理所"), "an order is shown in flood mode");
}

#[test]
fn names_cannot_become_markup() {
    let evil = "</script><script>alert(1)</script><b title='x' onclick=\"y\">&amp;";
    let page = html(&changed(|c| {
        c.case.name = evil.to_owned();
        c.case.mode = evil.to_owned();
        for element in &mut c.elements {
            element.name = evil.to_owned();
        }
        for region in &mut c.regions {
            region.name = evil.to_owned();
        }
        for row in &mut c.series {
            if row.quantity == "storage.dead" {
                row.quantity = format!("storage.{evil}");
            }
        }
        for row in &mut c.warnings {
            row.grade = evil.to_owned();
            row.reason = Some(evil.to_owned());
            row.advice = Some(evil.to_owned());
        }
        for row in &mut c.stages {
            row.name = evil.to_owned();
            row.unit = evil.to_owned();
        }
        for row in &mut c.accounts {
            row.name = evil.to_owned();
            row.window = evil.to_owned();
        }
        c.inputs.series[0].origin = evil.to_owned();
        c.engine.solver = evil.to_owned();
    }));
    assert!(!page.contains("<script>alert"), "a name opened a script");
    assert!(!page.contains("<b title"), "a name opened an element");
    assert!(page.contains("&lt;script&gt;alert"), "the name is shown as it stands");
    assert_eq!(page.matches("<script").count(), html(&document()).matches("<script").count());
}

#[test]
fn a_plan_of_nothing_is_a_page() {
    let page = html(&empty());
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    assert!(!page.contains("<figure"));
    let none = html(&changed(|c| {
        c.horizon.starts.clear();
        c.horizon.lengths_s.clear();
        for row in &mut c.series {
            row.values.clear();
        }
    }));
    assert!(none.contains("</html>"));
}

#[test]
fn odd_numbers_are_a_page_too() {
    for odd in [1e300, -1e300, 1e-300, -3.0, 0.0, 1e12, f64::MAX] {
        let page = html(&changed(|c| {
            for row in &mut c.series {
                for value in row.values.iter_mut().skip(2).step_by(3) {
                    *value = Some(odd);
                }
                row.values[5] = None;
            }
            for row in &mut c.accounts {
                (row.limit_hm3, row.planned_hm3) = (odd, odd);
            }
            for row in &mut c.satisfaction {
                (row.demand_hm3, row.ratio) = (odd, odd);
            }
        }));
        assert!(page.ends_with("</html>"), "{odd}");
    }
    for odd in [0.0, -86_400.0, 1e-9, 1e15] {
        let page = html(&changed(|c| c.horizon.lengths_s.fill(odd)));
        assert!(page.ends_with("</html>"), "{odd}");
    }
}

#[test]
fn each_thing_that_a_dispatcher_asks_for_has_its_chart() {
    let text = chinese(&html(&document()));
    for title in [
        "上库：蓄水量与特征水位",
        "上库：各出口流量与来水",
        "全部用户：供水与需水",
        "东县：供水与需水",
        "下库工程下泄（工程下泄）",
        "河口断面（控制断面）",
        "水价值",
    ] {
        assert!(text.contains(title), "no chart `{title}`");
    }
    for level in ["死水位", "正常蓄水位", "汛限水位"] {
        assert!(text.contains(level), "no level `{level}`");
    }
}

#[test]
fn an_audit_that_failed_heads_the_page() {
    let text = chinese(&html(&changed(|c| {
        c.audit.passed = false;
        c.audit.findings.push("上库水量不平衡".to_owned());
    })));
    assert!(text.contains("审计未通过：本方案不得使用"));
    assert!(text.contains("上库水量不平衡"));
}

#[test]
fn a_plan_that_time_ended_says_which_goals_are_not_proved() {
    let ended = |gap: Option<f64>| {
        changed(|c| {
            let stage = &mut c.stages[0];
            (stage.outcome, stage.gap) = ("feasible".to_owned(), gap);
            stage.bound = gap.map(|gap| stage.value * (1.0 - gap));
        })
    };
    let banner = "未证最优：“生活缺水”为所得的最好值，差距见“各级目标”";
    assert!(chinese(&html(&ended(None))).contains(banner), "{}", chinese(&html(&ended(None))));
    assert!(chinese(&html(&ended(Some(0.2)))).contains(banner));
    // A gap as small as a solve is asked for, or a plan by the rules, which seek no best.
    assert!(!chinese(&html(&ended(Some(1e-4)))).contains("未证最优："));
    let mut simulated = ended(None);
    simulated.content.case.foresight = "none".to_owned();
    assert!(!chinese(&html(&simulated)).contains("未证最优："));
}

#[test]
fn what_giving_way_buys_is_told_below_the_stages() {
    let rate = |stage: &str, unit: &str, at_most: Option<f64>, bought: Option<(f64, f64)>| RateRow {
        stage: stage.to_owned(),
        unit: unit.to_owned(),
        at_most,
        slack: bought.map(|bought| bought.0),
        gain: bought.map(|bought| bought.1),
    };
    let priced = changed(|c| {
        let named = |stage: &StageRow| ObjectiveRow {
            id: stage.objective.clone(),
            name: stage.name.clone(),
            ..c.objectives[0].clone()
        };
        c.objectives = c.stages.iter().map(named).collect();
        c.stages[0].rates = vec![rate("eco", "hm3/hm3", Some(3.62), Some((0.012, 0.04)))];
        c.stages[1].rates = vec![rate("fair", "1/hm3", Some(0.0075), None)];
        // What buys nothing is not told.
        c.stages[2].rates = vec![rate("power", "GWh/1", Some(0.0), Some((0.005, 0.0)))];
    });
    let texts = [chinese(&html(&priced)), weir_report::text(&priced, weir_report::Language::Chinese)];
    for text in texts {
        for said in [
            "“生活缺水”每让1万m³，“生态缺水”至多改善3.62万m³；“生活缺水”让1.2万m³，“生态缺水”实得4万m³。",
            "“生态缺水”每让1万m³，“县际均衡”至多改善0.0075个百分点。",
        ] {
            assert!(text.contains(said), "`{said}` is not said");
        }
        assert!(!text.contains("“县际均衡”每让") && !text.contains("“县际均衡”让"));
    }
}

#[test]
fn the_price_of_fairness_stands_below_the_satisfactions_once() {
    let price = "Price of fairness: the worst entry of `balance`, 25.00 %, cannot be lifted, whatever other goals give up.";
    let priced = changed(|c| c.case.notes.push(price.to_owned()));
    let said = "的最差满足度25.00%无法再提高，其他目标让出多少都不行。";
    let text = chinese(&html(&priced));
    assert_eq!(text.matches(said).count(), 1);
    let place = |of: &str| text.rfind(of).unwrap();
    assert!(place("均衡的代价") < place(said));
    assert!(weir_report::text(&priced, weir_report::Language::Chinese).contains(said));
}

#[test]
fn methods_side_by_side_tell_who_is_short_for_how_long_and_how_deep() {
    let price = "Price of fairness: the worst entry of `balance`, 25.00 %, cannot be lifted, whatever other goals give up.";
    let tried = [
        Tried::method("rules", Ok(document())),
        Tried::method("lexicographic", Ok(changed(|c| c.case.notes.push(price.to_owned())))),
        Tried::method("leximin", Err("no stage is a balance".to_owned())),
    ];
    let page = side_by_side::page(&tried, &side_by_side::of_methods(), &[]);
    let text = chinese(&page);
    for said in ["现行规则", "分层序贯", "没有方案：no stage is a balance", "均衡的代价", "无法再提高"]
    {
        assert!(text.contains(said), "`{said}` is not said");
    }
    // A coloured cell with volume, days and worst ten days, as the table of a plan tells them.
    let short = document().content.satisfaction.into_iter().find(|row| {
        row.period == "horizon" && row.class.is_none() && !row.in_stream && row.demand_hm3 - row.supply_hm3 > 1e-3
    });
    let lacks = short.map(|row| weir_report::quantity::wan_m3(row.demand_hm3 - row.supply_hm3)).unwrap();
    let cell = format!("缺{lacks}，");
    assert!(text.contains(&cell) && text.contains("天，最差"), "{cell}");
    assert!(page.contains("number cell-"));
}

#[test]
fn the_page_is_the_same_each_time() {
    assert_eq!(html(&document()), html(&document()));
}

/// Each warning and what gave way stand with their reasons and what could be done, on the page and in the summary, in both languages.
#[test]
fn warnings_and_breaches_say_why() {
    let page = html(&document());
    for (language, told) in [
        (
            Language::Chinese,
            [
                "期初至2026年8月20日有 320万m³ 进入“上库”，去向：引取 450万m³",
                "压减20%，Ⅲ级及以上响应",
                "泄水设施已全部用足（合计 12 m³/s）",
                "此前泄水能力也无余量",
            ],
        ),
        (
            Language::English,
            [
                "until 2026-08-20 320 ×10⁴ m³ came into `upper`, and there left it: 450 ×10⁴ m³ for use",
                "by 20 % from response Ⅲ on",
                "pass all that they can, 12 m³/s",
                "its outlets had no room for it before either",
            ],
        ),
    ] {
        let summary = text(&document(), language);
        for sentence in told {
            assert!(page.contains(sentence), "page: {sentence}");
            assert!(summary.contains(sentence), "summary: {sentence}\n{summary}");
        }
    }
}

/// A floor that gave way on the first two days and the fourth is told in two lines; the third day, on which it held, is in neither.
#[test]
fn what_gave_way_is_told_by_runs_of_steps() {
    let page = html(&changed(|c| {
        let row = c.relaxations.remove(0);
        for step in [0, 1, 3] {
            let (from, to) = (c.horizon.starts[step].clone(), c.horizon.starts[step + 1].clone());
            c.relaxations.push(weir_model::document::RelaxationRow { step, from, to, ..row.clone() });
        }
    }));
    let section = page.split("id=\"relaxations\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert_eq!(section.matches("<tr").count(), 3, "{section}");
}
