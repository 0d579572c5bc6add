//! Many members of one basin: what one of them ends by ends no other, and nothing depends on who was answered before whom.

#![cfg(feature = "scenarios")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use weir_scenarios::member::{Asked, BLOCK, Member, Reached, run};
use weir_scenarios::overlay::Overlay;

/// The basin of `tests/overlays` with the well's share of the brook, a member a number.
fn members(count: usize) -> Vec<Member> {
    let member = |number: usize| {
        let by = 0.2 + 0.05 * number as f64;
        let text = format!("[[change]]\nscale = \"brook.flow_m3s\"\nby = {by}\n");
        let text = if number == 5 { text.replace("brook", "brok") } else { text };
        Member::new(&format!("m{number}"), Overlay::of_text("brook", "brook.toml", &text))
    };
    (0..count).map(member).collect()
}

fn digits(reached: &Reached) -> Vec<u64> {
    reached.stages.iter().map(|stage| stage.value.to_bits()).collect()
}

#[test]
fn one_that_fails_or_breaks_down_ends_no_other() {
    let (basin, members) = (Asked::new(Path::new("tests/overlays"), None).from_its_goals(), members(8));
    assert!(basin.hot.is_some());
    let answers = run(&basin, (members.len(), 8), |seat, number| {
        assert!(number != 2, "thrown on purpose");
        seat.goals(&members[number])
    });
    for (number, answer) in answers.iter().enumerate() {
        match (number, answer) {
            (2, Err(why)) => assert_eq!(why, "weir broke down on it: a fault of weir"),
            (5, Err(why)) => assert!(why.contains("brook.toml:2") && why.contains("did you mean `brook`?"), "{why}"),
            // The first of a block and the first after a break-down are opened anew.
            (_, Ok(reached)) => assert_eq!(reached.refreshed, ![0, 3].contains(&number), "{number}"),
            (_, Err(why)) => panic!("{number}: {why}"),
        }
    }
}

#[test]
fn no_digit_depends_on_the_threads() {
    let (basin, members) = (Asked::new(Path::new("tests/overlays"), None).from_its_goals(), members(3 * BLOCK + 1));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&basin, (members.len(), BLOCK), |seat, number| seat.goals(&members[number])))
    };
    let one = on(1);
    for (first, other) in one.iter().zip(&on(4)) {
        assert_eq!(first.as_ref().map(digits), other.as_ref().map(digits));
    }
    assert_eq!(one.iter().filter(|answer| answer.is_ok()).count(), members.len() - 1);
}

/// Members of one study stand on the same bytes, whatever is written to the basin's files meanwhile.
#[test]
fn a_basin_stands_as_it_was_first_read() {
    let folder = tempfile::tempdir().unwrap();
    let files = std::fs::read_dir("tests/tree/two_days").unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let inflow = |asked: &Asked| Member::base().question(asked).unwrap().0.forcing;
    let (asked, path) = (Asked::new(folder.path(), None), folder.path().join("basin.toml"));
    let before = inflow(&asked);
    std::fs::write(&path, "[basin]\n").unwrap();
    assert_eq!(inflow(&asked), before);
    assert!(Member::base().question(&Asked::new(folder.path(), None)).is_err());
}
