//! Overlays on a basin small enough to derive by hand what each change does; each mistake in one is refused before any solve, with
//! file, line and how to mend it. Every plan passes the audit and verifies.

#![cfg(feature = "scenarios")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use approx::assert_relative_eq;
use weir_model::document::PlanDocument;
use weir_model::laid::{Laid, LaidForm, LaidSeries, LaidValue, Piece};
use weir_model::lower::lower;
use weir_model::place::Refusals;
use weir_scenarios::overlay::{self, Overlay};
use weir_solver::audited::audited;
use weir_solver::solve::SolveOptions;
use weir_solver::verify::verify;

const BASIN: &str = "tests/overlays";
/// hm³ of a m³/s in a day.
const DAY: f64 = 0.0864;

/// The audited and verified plan of the basin with changes.
fn plan(changes: &str) -> PlanDocument {
    let overlay = Overlay::of_text("hand", "hand.toml", changes).unwrap();
    let basin = overlay::read(Path::new(BASIN), Some(&overlay), &[]).unwrap_or_else(|refusals| panic!("{refusals}"));
    let (case, goals) = lower(&basin, None).unwrap_or_else(|refusals| panic!("{refusals}"));
    let document = audited(&case, &goals, &SolveOptions::default()).unwrap_or_else(|why| panic!("{why}")).document;
    assert_eq!(verify(&document, &case, &goals), Vec::<String>::new());
    document
}

fn values(document: &PlanDocument, address: &str, quantity: &str) -> Vec<f64> {
    let row = document.content.series(address, quantity).unwrap_or_else(|| panic!("no {quantity} of {address}"));
    row.values.iter().map(|value| value.unwrap()).collect()
}

/// A value without what m³/s lose on their way through hm³.
fn settled(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// What a delivery lacks, hm³.
fn short(document: &PlanDocument, id: &str) -> f64 {
    values(document, id, "shortage").iter().sum::<f64>() * DAY
}

#[test]
fn without_changes_nobody_goes_short() {
    let document = plan("");
    assert_relative_eq!(short(&document, "town") + short(&document, "farm"), 0.0, epsilon = 1e-9);
    assert_eq!(document.content.case.scenario.unwrap().changes, Vec::<String>::new());
}

#[test]
fn a_closed_canal_costs_its_town_what_it_would_have_carried() {
    // 4 m³/s on the three days from 2 to 4 June.
    let document = plan("[[change]]\nclose = \"canal\"\nfrom = \"2026-06-02\"\nto = \"2026-06-04\"\n");
    assert_relative_eq!(short(&document, "town"), 4.0 * 3.0 * DAY, epsilon = 1e-6);
    assert_eq!(values(&document, "canal", "flow")[1..4], [0.0; 3]);
    assert!(values(&document, "canal", "flow")[4] > 3.99);
    let scenario = document.content.case.scenario.unwrap();
    assert_eq!(scenario.changes, ["close = \"canal\", from = \"2026-06-02\", to = \"2026-06-04\""]);
    assert_eq!(document.content.inputs.overlays.len(), 1);
    // The same, by days of the horizon; and all the time.
    let by_days = plan("[[change]]\nclose = \"canal.flow\"\nafter_days = 1\ndays = 3\n");
    assert_relative_eq!(short(&by_days, "town"), 4.0 * 3.0 * DAY, epsilon = 1e-6);
    assert_relative_eq!(short(&plan("[[change]]\nclose = \"can*\"\n"), "town"), 4.0 * 10.0 * DAY, epsilon = 1e-6);
}

#[test]
fn a_derated_canal_carries_what_is_left_of_it() {
    // Half of 6 m³/s is 3, of the 4 that the town wants.
    assert_relative_eq!(short(&plan("[[change]]\nderate = \"canal\"\nby = 0.5\n"), "town"), 10.0 * DAY, epsilon = 1e-6);
    let two_days = plan("[[change]]\nderate = \"canal\"\nby = 0.5\nafter_days = 3\ndays = 2\n");
    assert_relative_eq!(short(&two_days, "town"), 2.0 * DAY, epsilon = 1e-6);
}

#[test]
fn a_well_that_is_opened_takes_the_place_of_the_canal() {
    let closed = "[[change]]\nclose = \"canal\"\n";
    // The well gives 1 m³/s: opened, or by the mode that opens it.
    for open in ["open = \"well_pipe\"", "mode = \"抗旱应急\""] {
        let document = plan(&format!("{closed}[[change]]\n{open}\n"));
        assert_relative_eq!(short(&document, "town"), 3.0 * 10.0 * DAY, epsilon = 1e-6);
    }
    // On the days from 3 to 5 June only; by dates, by dates of every year, and by days of the horizon.
    for period in
        ["from = \"2026-06-03\"\nto = \"2026-06-05\"", "from = \"06-03\"\nto = \"06-05\"", "after_days = 2\ndays = 3"]
    {
        let document = plan(&format!("{closed}[[change]]\nopen = \"well_pipe\"\n{period}\n"));
        assert_relative_eq!(short(&document, "town"), (4.0 * 10.0 - 3.0) * DAY, epsilon = 1e-6);
        let drawn = values(&document, "well_pipe", "flow");
        assert!(drawn[1].abs() < 1e-9 && (drawn[2] - 1.0).abs() < 1e-6 && (drawn[4] - 1.0).abs() < 1e-6, "{drawn:?}");
        assert!(drawn[5].abs() < 1e-9, "{drawn:?}");
    }
}

#[test]
fn numbers_are_scaled_shifted_and_set_in_the_order_of_the_changes() {
    let of = |changes: &str| values(&plan(changes), "brook.inflow", "flow").into_iter().map(settled).collect::<Vec<_>>();
    let (scale, shift) =
        ("[[change]]\nscale = \"inflow:*.flow_m3s\"\nby = 2\n", "[[change]]\nshift = \"brook.flow_m3s\"\nby = 1\n");
    assert_eq!(of(&format!("{scale}{shift}")), [11.0; 10]);
    assert_eq!(of(&format!("{shift}{scale}")), [12.0; 10]);
    let set = "[[change]]\nset = \"brook.flow_m3s\"\nvalue = 3\n";
    assert_eq!(of(&format!("{scale}{set}")), [3.0; 10]);
    assert_eq!(of(&format!("{set}{scale}")), [6.0; 10]);
    let days = "[[change]]\nscale = \"brook.flow_m3s\"\nby = 0\nafter_days = 2\n[[change]]\nset = \"brook.flow_m3s\"\nvalue = 7\nfrom = \"2026-06-05\"\nto = \"2026-06-06\"\n";
    assert_eq!(of(days), [5.0, 5.0, 0.0, 0.0, 7.0, 7.0, 0.0, 0.0, 0.0, 0.0]);
    // A profile in its place.
    let june = "[[change]]\nset = \"brook.flow_m3s\"\nvalue = { profile = \"month\", values = [1, 1, 1, 1, 1, 8, 1, 1, 1, 1, 1, 1] }\n";
    assert_eq!(of(&format!("{june}{scale}")), [16.0; 10]);
    // Seasons, number by number where each is called.
    let seasons = "[[change]]\nset = \"brook.flow_m3s\"\nvalue = { seasons = [{ from = \"06-01\", to = \"06-04\", value = 4 }], otherwise = 2 }\n";
    assert_eq!(of(&format!("{seasons}{shift}")), [5.0, 5.0, 5.0, 5.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]);
}

#[test]
fn a_change_that_begins_within_a_step_counts_by_its_days() {
    // The 旬 has ten days: six at 6 m³/s, four at none.
    let steps = "[[change]]\nset = \"horizon.steps\"\nvalue = [\"1 x 旬\"]\n";
    let document = plan(&format!("{steps}[[change]]\nscale = \"canal.capacity_m3s\"\nby = 0\nafter_days = 6\n"));
    assert_eq!(document.content.horizon.starts.len(), 1);
    let overlay = Overlay::of_text(
        "hand",
        "hand.toml",
        &format!("{steps}[[change]]\nscale = \"canal.capacity_m3s\"\nby = 0\nafter_days = 6\n"),
    );
    let basin = overlay::read(Path::new(BASIN), Some(&overlay.unwrap()), &[]).unwrap();
    let (case, _) = lower(&basin, None).unwrap();
    let canal = &case.network.arcs[case.network.arc("canal").unwrap().0];
    assert_relative_eq!(case.at(&canal.capacity, 0, 0), 3.6, epsilon = 1e-12);
}

#[test]
fn a_start_is_shifted() {
    let document = plan("[[change]]\nshift = \"lake.initial_storage_hm3\"\nby = -2\n");
    assert_relative_eq!(values(&document, "lake", "storage")[0], 18.0);
}

#[test]
fn a_class_wants_more_and_the_others_what_they_did() {
    let wanted = |document: &PlanDocument, class: &str| {
        let rows = document.content.satisfaction.iter();
        let of = rows.filter(|row| {
            row.period == "horizon" && row.class.as_deref() == Some(class) && row.region.as_deref() == Some("plain")
        });
        of.map(|row| row.demand_hm3).sum::<f64>()
    };
    let document = plan("[[change]]\ndemand = \"industry\"\nby = 1.5\n");
    assert_relative_eq!(wanted(&document, "industry"), 2.0 * 1.5 * 10.0 * DAY, epsilon = 1e-9);
    assert_relative_eq!(wanted(&document, "residents"), 2.0 * 10.0 * DAY, epsilon = 1e-9);
    // Of nothing it is a class still, which the basin's curtailment names.
    let nothing = plan("[[change]]\ndemand = \"industry\"\nby = 0\n");
    assert_relative_eq!(wanted(&nothing, "industry"), 0.0);
    assert_relative_eq!(wanted(&nothing, "residents"), 2.0 * 10.0 * DAY, epsilon = 1e-9);
    // Twice, and on five days only: 2 × 5 + 2 × 5 × 1.5 × 1.5.
    let twice = plan(
        "[[change]]\ndemand = \"industry\"\nby = 1.5\nof = \"waterworks:*\"\nafter_days = 5\n[[change]]\ndemand = \"industry\"\nby = 1.5\ndays = 5\n",
    );
    assert_relative_eq!(wanted(&twice, "industry"), 2.0 * 1.5 * 10.0 * DAY, epsilon = 1e-9);
}

#[test]
fn a_response_puts_its_curtailment_in_force() {
    // A tenth of the 2 m³/s of industry.
    let document = plan("[[change]]\nresponse = \"Ⅲ\"\n");
    let curtailed =
        document.content.series("town.industry", "curtailed").map(|_| values(&document, "town.industry", "curtailed"));
    let cut: f64 = curtailed.unwrap_or_else(|| values(&document, "town", "curtailed")).iter().sum();
    assert_relative_eq!(cut, 0.2 * 10.0, epsilon = 1e-6);
}

#[test]
fn rights_are_traded_between_accounts() {
    let limit = |document: &PlanDocument, id: &str| {
        document.content.accounts.iter().find(|row| row.account == id).unwrap().limit_hm3
    };
    let traded =
        "[[change]]\ntransfer = \"permit_town\"\ninto = \"permit_farm\"\nvolume_wan_m3 = 50\ndocument = \"made up 3\"\n";
    let document = plan(&format!("{traded}{traded}"));
    assert_relative_eq!(limit(&document, "permit_town"), 3.0, epsilon = 1e-12);
    assert_relative_eq!(limit(&document, "permit_farm"), 3.0, epsilon = 1e-12);
}

#[test]
fn a_trade_for_a_period_moves_the_limits_of_the_windows_that_it_touches() {
    // By month over forty days: the trade of July leaves June as it is; without a period both move, also where the limit stands by month.
    let limits = |changes: &str| {
        let windows = "[[change]]\nset = \"account:*.window\"\nvalue = \"month\"\n[[change]]\nset = \"horizon.steps\"\nvalue = [\"40 x 1 d\"]\n";
        let document = plan(&format!("{windows}{changes}"));
        let limit = |id: &str, window: &str| {
            let mut rows = document.content.accounts.iter();
            rows.find(|row| row.account == id && row.window == window).unwrap().limit_hm3
        };
        ["permit_town", "permit_farm"].map(|id| ["2026-06", "2026-07"].map(|window| (limit(id, window) * 1e9).round() / 1e9))
    };
    let traded = "[[change]]\ntransfer = \"permit_town\"\ninto = \"permit_farm\"\nvolume_wan_m3 = 50\n";
    assert_eq!(limits(&format!("{traded}from = \"2026-07-10\"\nto = \"2026-08-31\"\n")), [[4.0, 3.5], [2.0, 2.5]]);
    assert_eq!(limits(&format!("{traded}days = 10\n")), [[3.5, 4.0], [2.5, 2.0]]);
    assert_eq!(limits(traded), [[3.5, 3.5], [2.5, 2.5]]);
    let by_month = "[[change]]\nset = \"permit_town.limit_wan_m3\"\nvalue = { profile = \"month\", values = [900, 900, 900, 900, 900, 400, 500, 900, 900, 900, 900, 900] }\n";
    assert_eq!(limits(&format!("{by_month}{traded}")), [[3.5, 4.5], [2.5, 2.5]]);
}

#[test]
fn objectives_change_their_order_come_and_go() {
    let stages = |changes: &str| {
        plan(changes).content.stages.iter().map(|stage| stage.objective.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(stages("[[change]]\nrank = \"supply\"\nbefore = \"domestic\"\n"), "supply domestic");
    assert_eq!(stages("[[change]]\nrank = \"keep\"\nafter = \"domestic\"\n"), "domestic keep supply");
    assert_eq!(stages("[[change]]\nremove = \"objective:supply\"\n"), "domestic");
    assert_eq!(
        stages("[[objective]]\nid = \"spill\"\nkind = \"spill\"\n[[change]]\nrank = \"spill\"\nbefore = \"supply\"\n"),
        "domestic spill supply"
    );
    assert_eq!(stages("[[change]]\nset = \"method.stages\"\nvalue = [\"supply\"]\n"), "supply");
}

#[test]
fn elements_come_and_go() {
    let document = plan(
        "[[change]]\nremove = \"account:permit_*\"\n[[change]]\nremove = \"well*\"\n\n[[command]]\nid = \"order\"\nissuer = \"防指\"\nnumber = \"1\"\nfrom = \"2026-06-03\"\nto = \"2026-06-04\"\non = \"lake.outflow\"\nminimum_m3s = 20\n",
    );
    assert!(document.content.accounts.is_empty());
    assert!(document.content.elements.iter().all(|element| element.id != "well_pipe"));
    assert!(values(&document, "lake", "outflow")[2..4].iter().all(|flow| *flow > 19.999));
    assert_eq!(document.content.case.commands.len(), 1);
    let scenario = document.content.case.scenario.unwrap();
    assert_eq!(scenario.changes, ["remove = \"account:permit_*\"", "remove = \"well*\"", "[[command]] \"order\""]);
}

#[test]
fn an_overlay_lies_over_its_base_and_a_base_of_two_lies_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    file("dry.toml", "name = \"枯\"\n[[change]]\nscale = \"brook.flow_m3s\"\nby = 0.5\n");
    let a = file("a.toml", "name = \"甲\"\nbase = \"dry.toml\"\n[[change]]\nshift = \"brook.flow_m3s\"\nby = 1\n");
    let b = file("b.toml", "base = [\"dry.toml\"]\nname = \"乙\"\nenglish = \"B\"\n[[change]]\nclose = \"canal\"\n");
    let all = Overlay::of_all([Overlay::read(&a).unwrap(), Overlay::read(&b).unwrap()]);
    assert_eq!((all.id.as_str(), all.name.as_str(), all.english.as_str()), ("a+b", "甲；乙", "甲; B"));
    let basin = overlay::read(Path::new(BASIN), Some(&all), &[]).unwrap();
    assert_eq!(basin.overlays.len(), 3);
    let (case, goals) = lower(&basin, None).unwrap();
    let document = audited(&case, &goals, &SolveOptions::default()).unwrap().document;
    // 5 × 0.5 + 1, and not halved again.
    assert_eq!(values(&document, "brook.inflow", "flow").into_iter().map(settled).collect::<Vec<_>>(), [3.5; 10]);
    assert_relative_eq!(short(&document, "town"), 4.0 * 10.0 * DAY, epsilon = 1e-6);
}

#[test]
fn what_was_gathered_is_changed_and_gives_way_to_what_is_set() {
    let hour = |day: u32| format!("2026-06-{day:02}T00:00:00+08:00").parse().unwrap();
    let address = |value: &str| weir_model::basin::entry::Field {
        value: value.to_owned(),
        place: weir_model::place::Place::new("jobs.toml", 3),
        key: "to".to_owned(),
    };
    let pieces = vec![Piece { from: hour(1), to: hour(4), first: 8.0, last: 8.0 }];
    let series = LaidSeries { input: "forecast".into(), digest: String::new(), substituted_by: None, pieces };
    let value = |at: &str, form| LaidValue { address: address(at), input: "forecast".to_owned(), form };
    let laid = Laid {
        values: vec![
            value("brook.flow_m3s", LaidForm::Series(series.into())),
            value("lake.initial_storage_hm3", LaidForm::State(12.0)),
        ],
        ..Laid::default()
    };
    let of = |changes: &str| {
        let overlay = Overlay::of_text("hand", "hand.toml", changes).unwrap();
        let over = weir_model::basin::Over { changes: Some(&overlay), further: &[], laid: Some(&laid) };
        let basin = weir_model::basin::Basin::read_over(Path::new(BASIN), &over).unwrap();
        let (case, goals) = lower(&basin, None).unwrap();
        let document = audited(&case, &goals, &SolveOptions::default()).unwrap().document;
        (
            values(&document, "brook.inflow", "flow")[1..5].iter().copied().map(settled).collect::<Vec<_>>(),
            values(&document, "lake", "storage")[0],
        )
    };
    assert_eq!(of(""), (vec![8.0, 8.0, 5.0, 5.0], 12.0));
    let scaled = "[[change]]\nscale = \"brook.flow_m3s\"\nby = 0.5\nafter_days = 2\n[[change]]\nshift = \"lake.initial_storage_hm3\"\nby = -2\n";
    assert_eq!(of(scaled), (vec![8.0, 4.0, 2.5, 2.5], 10.0));
    let set =
        "[[change]]\nset = \"brook.flow_m3s\"\nvalue = 1\n[[change]]\nset = \"lake.initial_storage_hm3\"\nvalue = 15\n";
    assert_eq!(of(set), (vec![1.0; 4], 15.0));
}

/// Reads and lowers the basin with an overlay; the refusals as text.
fn refused(file: &Path) -> Option<String> {
    let read = || -> Result<(), Refusals> {
        let basin = overlay::read(Path::new(BASIN), Some(&Overlay::read(file)?), &[])?;
        lower(&basin, None).map(|_| ())
    };
    read().err().map(|refusals| refusals.to_string())
}

/// What an earlier overlay took away, an element, an outlet or a key, is what a later one, or the basin, lacks: both lines are named.
#[test]
fn what_an_earlier_overlay_took_away_is_traced_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first.toml"), folder.path().join("second.toml"));
    let at = first.display().to_string();
    for (address, then, message, why) in [
        ("lake.gate", "close = \"lake.gate\"", "`change.close` = `lake.gate`: no `gate` stands there", "names it"),
        ("lake.gate", "scale = \"lake.gate.capacity_m3s\"\nby = 2", "no `gate.capacity_m3s` stands there", "names it"),
        ("town.demand_m3s", "derate = \"canal\"\nby = 0.5", "missing field", "cannot do without it"),
        ("town.demand_m3s", "scale = \"town.demand_m3s\"\nby = 2", "no `demand_m3s` stands there", "names it"),
        ("well", "scale = \"well.available_m3s\"\nby = 2", "the basin has no `well`", "names it"),
        ("lake.gate.to", "derate = \"canal\"\nby = 0.5", "missing field `outlet.to`", "cannot do without it"),
        (
            "objective:domestic",
            "rank = \"domestic\"\nafter = \"supply\"",
            "`domestic` is none of the objectives",
            "names it",
        ),
    ] {
        fs::write(&first, format!("[[change]]\nremove = \"{address}\"\n")).unwrap();
        fs::write(&second, format!("base = \"first.toml\"\n[[change]]\n{then}\n")).unwrap();
        let said = refused(&second).unwrap();
        let gone = address.rsplit(':').next().unwrap();
        assert!(said.starts_with(&format!("{at}:2: `remove` = `{gone}`: what is left")) && said.contains(why), "{said}");
        assert!(said.contains(message), "{said}");
        assert!(said.contains(&format!("hint: `{gone}` is taken away by {at}:2")), "{said}");
    }
    // What another overlay puts there again is lacked by nobody.
    fs::write(&first, "[[change]]\nremove = \"canal.capacity_m3s\"\n").unwrap();
    fs::write(&second, "base = \"first.toml\"\n[[change]]\nset = \"canal.capacity_m3s\"\nvalue = 5\n").unwrap();
    assert_eq!(refused(&second), None);
}

/// English words of a text outside what is to be written as it is: back-quotes, quoted texts, paths.
fn english(text: &str) -> Vec<&str> {
    let behind = |part: &'_ str| part.rfind(['”', '」']).map_or(0, |at| at + '”'.len_utf8());
    let outside = text.split('`').step_by(2).flat_map(|part| part.split(['“', '「'])).map(|part| &part[behind(part)..]);
    let tokens = outside.flat_map(|part| part.split(|sign: char| !sign.is_ascii_alphanumeric() && !"_./".contains(sign)));
    let is_word = |token: &&str| {
        let letters = token.chars().filter(char::is_ascii_alphabetic).count();
        letters > 2 && !token.contains(['/', '.']) && !["TOML", "CSV", "Parquet"].contains(token)
    };
    tokens.filter(is_word).collect()
}

#[test]
fn every_mistake_is_refused_with_a_way_to_mend_it() {
    let folder = Path::new("tests/overlays/mistakes");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() >= 40, "only {} mistakes", names.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in names {
            let file = folder.join(format!("{name}.toml"));
            let message = refused(&file).unwrap_or_else(|| panic!("{name} is not refused"));
            for refusal in message.split("\ntests/overlays") {
                assert!(refusal.contains("\n  hint: "), "{name} does not say how to mend it: {refusal}");
            }
            // The words of TOML's own reader alone stand as they are.
            let told = weir_report::cause(None, &message).chinese;
            assert!(name == "no_toml" || english(&told).is_empty(), "{name}: {:?} of {told}", english(&told));
            insta::assert_snapshot!(name, message);
        }
    });
}
