//! What explains a plan on its page, and what a reader may call its elements.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

mod made_up;

use made_up::{changed, document};
use weir_model::document::Content;
use weir_model::explanation::{Binding, Change, End, Explanation, Leg, Priced, Side, Trace};
use weir_report::{html, html_explained, meant};

fn leg(address: &str, way: &'static str, node: &str, from: &str, to: &str) -> Leg {
    Leg { address: address.to_owned(), way, node: node.to_owned(), from: from.to_owned(), to: to.to_owned() }
}

/// One m³ more in the upper lake: 0.6 of it waits for ten days, passes the turbines and the lower lake, and is drunk; 0.5 stays; a tenth less is
/// lost.
fn explanation(content: &Content) -> Explanation {
    let at = |step: usize| content.horizon.starts[step].clone();
    let end = |address: &str, kind, share, route| End {
        address: address.to_owned(),
        kind,
        share,
        returned: 0.0,
        from: at(11),
        to: at(12),
        route,
    };
    let drunk = vec![
        leg("upper", "kept", "upper", &at(1), &at(12)),
        leg("upper.turbines", "flow", "lower", &at(11), &at(12)),
        leg("lower.turbines", "flow", "east_works", &at(11), &at(12)),
    ];
    let stays = vec![leg("upper", "kept", "upper", &at(1), &content.horizon.end)];
    let ends = vec![
        end("east_works.residents", "supply", 0.6, drunk),
        end("upper", "storage", 0.5, stays),
        end("upper", "air_and_ground", -0.1, Vec::new()),
    ];
    let change =
        |per_hm3| Change { stage: content.stages[0].objective.clone(), unit: content.stages[0].unit.clone(), per_hm3 };
    let more = Side {
        by_hm3: 0.1,
        changes: vec![change(-0.5)],
        range_hm3: 2.0,
        ends_there: true,
        way_hm3: Some(0.5),
        none: None,
        trace: Trace { ends },
    };
    let less = Side {
        by_hm3: -0.1,
        changes: vec![change(-0.75)],
        range_hm3: 8.0,
        ends_there: false,
        way_hm3: Some(8.0),
        ..more.clone()
    };
    let binding = Binding {
        address: "upper.turbines".to_owned(),
        limit: "capacity".to_owned(),
        window: None,
        at: 60.0,
        short: 0.0,
        unit: "m3/s".to_owned(),
    };
    let priced = Priced { binding, raised: Some(more.clone()), lowered: None };
    Explanation {
        address: "upper".to_owned(),
        node: "upper".to_owned(),
        from: at(1),
        to: at(2),
        more,
        less,
        binding: vec![priced],
        solves: 9,
    }
}

#[test]
fn the_way_of_a_cubic_metre_is_drawn_with_what_it_is_worth_and_how_far_that_holds() {
    let document = document();
    let page = html_explained(&document, None, &[explanation(&document.content)]);
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("explained.html"), &page).unwrap();
    let section = page.split("<section id=\"margins\">").nth(1).unwrap().split("</section>").next().unwrap();
    // Wide and narrow, each with the two ends that have a way; what is lost less has none, and stands in the list.
    for (mark, times) in [("<svg", 2), ("class=\"route\"", 4), ("<li data-end=", 3), ("class=\"range\"", 1)] {
        assert_eq!(section.matches(mark).count(), times, "{mark}");
    }
    let said =
        ["价由“", "its price is set by “", "不唯一：在两者之间", "+200.0万m³", "至少−800.0万m³", "上库电站", "少在同样各处"];
    let ways = [
        "以内，每方水的价值不变，其中前50.0万m³去向如上，其后价值相同而去向不同；超出即应重新求解。",
        "with a m³ worth the same; the first 50.0 ×10⁴ m³ of it go where it is said, what comes after elsewhere. Beyond that, solve again.",
        "以内，每方水的价值不变，去向也不变。",
        "at least, with a m³ worth the same and going the same way.",
    ];
    for said in said.into_iter().chain(ways) {
        assert!(section.contains(said), "{said}: {section}");
    }
    assert!(!html(&document).contains("id=\"margins\""));
}

#[test]
fn what_explains_another_plan_is_no_picture_of_this_one() {
    let mut other = explanation(&document().content);
    other.from = "1999-01-01T00:00:00+08:00".to_owned();
    let page = html_explained(&document(), None, &[other]);
    assert!(page.contains("id=\"margins\"") && !page.contains("class=\"route\""));
}

/// The upper turbines are made to run at their capacity of the first ten days and the last one.
#[test]
fn what_binds_is_a_bar_each_time() {
    let page = html(&changed(|content| {
        let mut flow =
            content.series.iter().find(|row| row.address == "upper.turbines" && row.quantity == "flow").unwrap().clone();
        flow.quantity = "capacity".to_owned();
        let steps = flow.values.len();
        for (step, value) in flow.values.iter_mut().enumerate().filter(|(step, _)| (10..steps - 1).contains(step)) {
            *value = Some(1e4 + step as f64);
        }
        content.series.push(flow);
    }));
    let section = page.split("<section id=\"binding\">").nth(1).unwrap().split("</section>").next().unwrap();
    let line = section.split("class=\"bar-line\"").find(|line| line.contains("上库电站")).unwrap();
    assert_eq!(line.matches("<i title=").count(), 2, "{line}");
    assert!(line.contains("2026-11-01 – 2026-11-11 (") && line.contains("20天"), "{line}");
    assert!(line.contains("过流能力") && line.contains("left:0.00%"), "{line}");
}

#[test]
fn an_element_is_called_by_its_name_or_a_part_that_no_other_has() {
    let document = document();
    let found = |said: &str| meant(&document, said);
    for (said, address) in [
        ("upper", "upper"),
        ("上库", "upper"),
        ("UPPER ", "upper"),
        ("东县", "east_works"),
        ("东水厂", "east_works"),
        ("下库工程", "release_lower"),
        ("河口", "section_mouth"),
        ("upper.eco", "upper.eco"),
        ("上库生态", "upper.eco"),
    ] {
        assert_eq!(found(said).as_deref(), Ok(address), "{said}");
    }
    let several = found("水厂").unwrap_err();
    assert!(several.contains("`east_works` 东县水厂, `west_works` 西县水厂\n  hint: "), "{several}");
    let near = found("上裤").unwrap_err();
    assert!(near.contains("did you mean `upper` 上库?"), "{near}");
    let far = found("nowhere at all").unwrap_err();
    assert!(document.content.elements.iter().all(|own| far.contains(&format!("`{}` {}", own.id, own.name))), "{far}");
    assert!(far.contains("\n    reservoir 水库: `upper` 上库, `lower` 下库"), "{far}");
    assert!(found("").is_err() && found("库").is_err());
}
