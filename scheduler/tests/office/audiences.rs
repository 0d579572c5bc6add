//! Of a real basin's plan the public is given no forecast inflow, level or flow: no such number is in any byte of theirs.

use std::collections::BTreeSet;
use std::path::Path;

use weir_model::document::{Audience, PlanDocument};

use crate::made::{Made, at};

const JOBS: &str = r#"
[[publisher]]
id = "office"
kind = "directory"
path = "office"

[[publisher]]
id = "public"
kind = "directory"
path = "public"
audience = "公开"

[[job]]
id = "daily"
basin = "feiyun"
cron = "0 6 * * *"
approval = "automatic"
time_limit_s = 86400
publish = ["office", "public"]
"#;

/// Quantities that tell of reservoirs and rivers.
const FORBIDDEN: [&str; 12] = [
    "storage",
    "level",
    "inflow",
    "outflow",
    "release",
    "spill",
    "withdrawal",
    "evaporation",
    "seepage",
    "flow",
    "shortfall",
    "energy",
];

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let beside = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &beside);
        } else {
            std::fs::copy(&path, &beside).unwrap();
        }
    }
}

/// Numbers of a text with so many digits that they stand for themselves.
fn numbers(text: &str) -> BTreeSet<&str> {
    let is_number = |token: &&str| token.bytes().filter(u8::is_ascii_digit).count() >= 7 && token.contains('.');
    text.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter(is_number).collect()
}

fn values(document: &PlanDocument, of: impl Fn(&str) -> bool) -> String {
    let rows = document.content.series.iter().filter(|row| of(&row.quantity));
    rows.flat_map(|row| row.values.iter().flatten()).map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_is_given_no_forecast() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/feiyun");
    let made = Made::with(JOBS, |folder| copy(&example, &folder.join("feiyun"))).await;
    made.clock.set(at("2026-10-16 05:00"));
    made.beat().await;
    made.beat_at("2026-10-16 06:00").await;
    let read = |path: &str| std::fs::read_to_string(made.path().join(path)).unwrap();
    let whole = PlanDocument::parse(&read("office/feiyun/日/1/plan.json")).unwrap();
    let given = PlanDocument::parse(&read("public/feiyun/日/1/plan.json")).unwrap();
    assert_eq!((given.record.audience.as_deref(), given.record.whole), (Some("公开"), Some(whole.record.id.clone())));
    assert_ne!(given.record.id, whole.record.id, "a digest of its own");

    let secret = values(&whole, |quantity| FORBIDDEN.iter().any(|word| quantity.split('.').next() == Some(word)));
    let open = values(&whole, |quantity| ["demand", "supply", "shortage", "floor", "target", "used"].contains(&quantity));
    // What an intake carries is what is given at its works.
    let forbidden: BTreeSet<&str> = numbers(&secret).difference(&numbers(&open)).copied().collect();
    assert!(forbidden.len() > 500, "{}", forbidden.len());
    for file in made.path().join("public/feiyun/日/1").read_dir().unwrap() {
        let path = file.unwrap().path();
        let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
        let found: Vec<_> = numbers(&text).intersection(&forbidden).copied().collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
    assert!(numbers(&read("office/feiyun/日/1/plan.json")).is_superset(&forbidden), "the search finds what is there");
    assert!(!given.content.satisfaction.is_empty() && !given.content.series.is_empty(), "what may stay stays");
    assert!(!read("public/feiyun/日/latest.json").contains("automatic"));

    // Where the basin names who publishes forecasts, the public is given them in its name.
    let mut named = whole;
    named.content.case.publishing_authority = Some("浙江省水文管理中心".to_owned());
    let given = named.for_audience(Audience::Public);
    assert!(given.content.series("shanxi", "level").is_some());
    assert!(given.content.case.headings.contains(&"水文预报发布机关：浙江省水文管理中心".to_owned()));
    assert_eq!((given.record.signed_by, given.content.orders.len()), (None, 0));
}
