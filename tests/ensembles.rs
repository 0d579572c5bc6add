//! Ensembles from their file to their document: members as given, of years, scaled; bands, probabilities, regret; refusals.

#![cfg(all(feature = "scenarios", feature = "highs"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use approx::assert_relative_eq;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use weir_model::document::ensemble::EnsembleDocument;
use weir_scenarios::ensemble::Ensemble;
use weir_scenarios::ensemble::plans::{Made, make, verify};
use weir_scenarios::member::{Asked, Member};

/// hm³ of a m³/s in a day.
const DAY: f64 = 0.0864;
const TWO_DAYS: &str = "tests/tree/two_days";

fn asked(dir: &str) -> Asked {
    Asked::new(Path::new(dir), None)
}

/// A file of an ensemble in a folder of its own, with others beside it.
fn folder(text: &str, beside: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in beside {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let file = folder.path().join("ensemble.toml");
    fs::write(&file, text).unwrap();
    (folder, file)
}

fn read(text: &str, beside: &[(&str, &str)]) -> Ensemble {
    let (_kept, file) = folder(text, beside);
    Ensemble::read(&file, &asked(TWO_DAYS)).unwrap_or_else(|refusals| panic!("{refusals}"))
}

fn made(ensemble: &Ensemble) -> Made {
    let made = make(ensemble, &asked(TWO_DAYS).from_its_goals(), None).unwrap();
    let read = EnsembleDocument::parse(&made.document.to_json()).unwrap();
    assert_eq!(read, made.document);
    let parts: Vec<_> = made.parts.iter().map(|(_, plan)| plan.clone()).collect();
    assert_eq!(verify(&made.document, &parts, (ensemble, &asked(TWO_DAYS))).unwrap(), Vec::<String>::new());
    made
}

/// What the brook brings a member, m³/s.
fn brook(ensemble: &Ensemble, id: &str) -> Vec<f64> {
    let member = ensemble.members.iter().find(|member| member.id == id).unwrap_or_else(|| panic!("no member {id}"));
    let (case, _) = member.question(&asked(TWO_DAYS)).unwrap_or_else(|refusals| panic!("{refusals}"));
    let arc = case.network.arcs.iter().position(|arc| arc.id.starts_with("brook")).unwrap();
    let source = case.network.given(weir_model::network::ArcId(arc)).unwrap();
    (0..case.horizon.steps()).map(|step| (case.at(&source.flow, step, 0) * 1e9).round() / 1e9).collect()
}

/// Synthetic: wet brings rain on the second day, dry none.
const WIDE: &str = "time,brook.flow_m3s@wet,brook.flow_m3s@dry\n2026-06-01,0,0\n2026-06-02,10,0\n";
const LONG: &str = "time,member,brook.flow_m3s\n2026-06-01,wet,0\n2026-06-02,wet,10\n2026-06-01,dry,0\n2026-06-02,dry,0\n";
const GIVEN: &str = "name = \"两种来水\"\n[given]\nfile = \"members.csv\"\nweights = { wet = 4, dry = 1 }\n";
const TREE: &str = "[tree]\nbranch = \"2026-06-02\"\n";

#[test]
fn wide_and_long_tables_give_the_same_members() {
    for table in [WIDE, LONG] {
        let ensemble = read(GIVEN, &[("members.csv", table)]);
        let weights: Vec<(&str, f64)> = ensemble.members.iter().map(|member| (member.id.as_str(), member.weight)).collect();
        assert_eq!(weights, [("wet", 0.8), ("dry", 0.2)]);
        assert_eq!(brook(&ensemble, "wet"), [0.0, 10.0]);
        assert_eq!(brook(&ensemble, "dry"), [0.0, 0.0]);
    }
}

#[test]
fn a_row_that_stands_twice_is_told_once_however_many_columns_it_has() {
    let table = "time,member,brook.flow_m3s,lake.hydro.capacity_m3s\n2026-06-01,wet,0,9\n2026-06-02,wet,1,9\n2026-06-02,wet,1,9\n\
                 2026-06-01,dry,0,9\n2026-06-02,dry,0,9\n";
    let ensemble = read(GIVEN, &[("members.csv", table)]);
    let refusals = ensemble.members[0].question(&asked(TWO_DAYS)).unwrap_err();
    assert_eq!(refusals.0.len(), 1, "{refusals}");
    assert_eq!(refusals.0[0].message, "the time `2026-06-02` stands twice");
    let other = ensemble.members[1].question(&asked(TWO_DAYS)).err().map_or_else(String::new, |why| why.to_string());
    assert!(!other.contains("stands twice"), "{other}");
}

/// A column of a Parquet file: its heading in the schema, and its values.
enum Column {
    Numbers(Vec<f64>),
    Texts(&'static [&'static str]),
    Whole(Vec<i64>),
}

/// A Parquet file in a folder.
fn parquet(folder: &Path, columns: &[(&str, Column)]) {
    let fields: Vec<String> = columns.iter().map(|(heading, _)| format!("REQUIRED {heading};")).collect();
    let schema = parse_message_type(&format!("message schema {{ {} }}", fields.join(" "))).unwrap();
    let file = fs::File::create(folder.join("m.parquet")).unwrap();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, values) in columns {
        let mut column = group.next_column().unwrap().unwrap();
        match values {
            Column::Numbers(values) => column.typed::<DoubleType>().write_batch(values, None, None).unwrap(),
            Column::Whole(values) => column.typed::<Int64Type>().write_batch(values, None, None).unwrap(),
            Column::Texts(values) => {
                let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(*text)).collect();
                column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap()
            }
        };
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

const TIMES: &str = "BYTE_ARRAY time (STRING)";
const MEMBERS: &str = "BYTE_ARRAY member (STRING)";
const NANOS: &str = "INT64 at (TIMESTAMP(NANOS,false))";

#[test]
fn parquet_gives_the_members_that_csv_does() {
    let days: Vec<i64> = [20_605, 20_606].map(|day| day * 86_400_000_000_000).to_vec();
    let of = |wet: bool| Column::Numbers(if wet { vec![0.0, 10.0] } else { vec![0.0, 0.0] });
    // The time comes last, as an index that pandas keeps does; in the other forms as text, and as local dates behind the members.
    let wide =
        [("DOUBLE brook.flow_m3s@wet", of(true)), ("DOUBLE brook.flow_m3s@dry", of(false)), (NANOS, Column::Whole(days))];
    let texts = [
        (TIMES, Column::Texts(&["2026-06-01", "2026-06-02"])),
        ("DOUBLE brook.flow_m3s@wet", of(true)),
        ("DOUBLE brook.flow_m3s@dry", of(false)),
    ];
    let long = [
        (MEMBERS, Column::Texts(&["wet", "wet", "dry", "dry"])),
        (TIMES, Column::Texts(&["2026-06-01", "2026-06-02", "2026-06-01", "2026-06-02"])),
        ("DOUBLE brook.flow_m3s", Column::Numbers(vec![0.0, 10.0, 0.0, 0.0])),
    ];
    for columns in [&wide, &texts, &long] {
        let (kept, file) = folder(&GIVEN.replace("members.csv", "m.parquet"), &[]);
        parquet(kept.path(), columns);
        let ensemble = Ensemble::read(&file, &asked(TWO_DAYS)).unwrap_or_else(|refusals| panic!("{refusals}"));
        let weights: Vec<(&str, f64)> = ensemble.members.iter().map(|member| (member.id.as_str(), member.weight)).collect();
        assert_eq!(weights, [("wet", 0.8), ("dry", 0.2)]);
        assert_eq!((brook(&ensemble, "wet"), brook(&ensemble, "dry")), (vec![0.0, 10.0], vec![0.0, 0.0]));
    }
}

#[test]
fn parquet_is_refused_by_column_and_row() {
    let refused = |columns: &[(&str, Column)]| {
        let (kept, file) = folder("[given]\nfile = \"m.parquet\"\n[scaled]\nby = [1]\n", &[]);
        parquet(kept.path(), columns);
        match Ensemble::read(&file, &asked(TWO_DAYS)) {
            Err(refusals) => refusals.to_string(),
            Ok(ensemble) => {
                let why = |member: &Member| Some(member.question(&asked(TWO_DAYS)).err()?.to_string());
                let failed = ensemble.members.iter().filter_map(why);
                failed.collect::<Vec<_>>().join("\n")
            }
        }
    };
    let days = || (TIMES, Column::Texts(&["2026-06-01", "2026-06-02"]));
    let gap = [days(), ("DOUBLE brook.flow_m3s@a", Column::Numbers(vec![1.0, f64::NAN]))];
    let odd = [days(), ("BYTE_ARRAY brook.flow_m3s@a (STRING)", Column::Texts(&["1", "x"]))];
    let none = [days(), ("DOUBLE brook.flow_m3s", Column::Numbers(vec![1.0, 1.0]))];
    let late =
        [(TIMES, Column::Texts(&["2026-06-01", "昨天"])), ("DOUBLE brook.flow_m3s@a", Column::Numbers(vec![1.0, 1.0]))];
    let member = [(MEMBERS, Column::Texts(&["a", ""])), days(), ("DOUBLE brook.flow_m3s", Column::Numbers(vec![1.0, 1.0]))];
    for (columns, said, hint) in [
        (&gap[..], "m.parquet:2: column `brook.flow_m3s@a`: no value for 2026-06-02 00:00 to", "fill the gap in the file"),
        (&odd, "m.parquet:2: column `brook.flow_m3s@a`: `x` is no number", "write numbers as 1234.5"),
        (&none, "m.parquet: column `brook.flow_m3s` names no member", "a long one has a column `member`"),
        (&late, "m.parquet:2: column `time`: `昨天` is no date or time", "the first column is the time"),
        (&member, "m.parquet:2: the cell of its member is empty", ""),
    ] {
        let told = refused(columns);
        assert!(told.contains(said) && told.contains(hint), "{said}: {told}");
    }
    let (kept, file) = folder("[given]\nfile = \"m.parquet\"\n", &[]);
    parquet(kept.path(), &gap);
    let whole = fs::read(kept.path().join("m.parquet")).unwrap();
    fs::write(kept.path().join("m.parquet"), &whole[..whole.len() / 2]).unwrap();
    let told = Ensemble::read(&file, &asked(TWO_DAYS)).unwrap_err().to_string();
    assert!(
        told.contains("ensemble.toml:2: `given.file` = `m.parquet`: no Parquet file: ") && told.contains("CSV or Parquet"),
        "{told}"
    );
}

#[test]
fn each_by_itself_knows_its_future() {
    // Of tests/tree.rs: with hindsight the wet member goes short of nothing, the dry one of 10 on its first day, which costs 1 a unit.
    let made = made(&read(GIVEN, &[("members.csv", WIDE)]));
    let content = &made.document.content;
    let values: Vec<f64> = content.members.iter().map(|member| member.values[0] / DAY).collect();
    assert_relative_eq!(values[0], 0.0, epsilon = 1e-6);
    assert_relative_eq!(values[1], 10.0, epsilon = 1e-6);
    assert_relative_eq!(content.hindsight.goals[0].mean / DAY, 2.0, epsilon = 1e-6);
    let [use_] = &content.hindsight.satisfaction[..] else { panic!("one use") };
    assert_relative_eq!(use_.short, 0.2, epsilon = 1e-12);
    assert_relative_eq!(use_.short_hm3, 0.2 * 10.0 * DAY, epsilon = 1e-6);
    // Of 0.8 that is all and 0.2 that is half: 5 % half, from 25 % on all.
    assert_relative_eq!(use_.ratio.quantiles[..], [0.5, 1.0, 1.0, 1.0, 1.0][..], epsilon = 1e-6);
    let storage = content.hindsight.bands.iter().find(|band| band.quantity == "storage").unwrap();
    // Ten units in store; the wet member lets all go on the first day, the dry one keeps them: median 0, 5 % … by weight.
    assert_relative_eq!(storage.quantiles[2][1], 0.0, epsilon = 1e-6);
    assert_relative_eq!(storage.quantiles[4][1], 10.0 * DAY, epsilon = 1e-6);
    assert!(content.tree.is_none() && made.parts.is_empty());
}

#[test]
fn one_plan_for_both_with_regret() {
    // Expectation 4 at a release of 10 (tests/tree.rs): nothing for the wet member, 20 for the dry one, 10 more than with hindsight.
    let made = made(&read(&format!("{GIVEN}{TREE}"), &[("members.csv", LONG)]));
    let content = &made.document.content;
    let tree = content.tree.as_ref().unwrap();
    assert_relative_eq!(tree.stages[0].value / DAY, 4.0, epsilon = 1e-6);
    assert!(tree.stages[0].gap.unwrap() < 1e-6);
    let regret: Vec<f64> = content.members.iter().map(|member| member.in_tree.as_ref().unwrap().regret[0] / DAY).collect();
    assert_relative_eq!(regret[..], [0.0, 10.0][..], epsilon = 1e-6);
    assert_eq!((tree.common_steps, tree.common_until.as_deref()), (1, Some("2026-06-02T00:00:00+08:00")));
    let decided = tree.decided.iter().find(|row| row.address == "lake.hydro").unwrap();
    assert_relative_eq!(decided.values[..], [10.0][..], epsilon = 1e-6);
    let dry = &content.members[1].in_tree.as_ref().unwrap();
    assert_eq!((dry.from.as_deref(), dry.steps), (Some("wet"), 1));
    assert_eq!(made.parts[1].1.content.case.foresight, "tree");
    // Seen only after the decision, the second day is decided alike as well: r on it serves both, 10 − r and the dry one 2 (10 − r).
    let after = self::made(&read(&format!("{GIVEN}{TREE}inflow_seen = \"after\"\n"), &[("members.csv", LONG)]));
    assert_eq!(after.document.content.tree.as_ref().unwrap().common_steps, 2);
    let worst = self::made(&read(&format!("{GIVEN}{TREE}objective = \"cvar\"\nalpha = 0.7\n"), &[("members.csv", LONG)]));
    let stages = &worst.document.content.tree.as_ref().unwrap().stages;
    assert_relative_eq!(stages[0].value / DAY, 10.0, epsilon = 1e-6);
    assert_eq!(stages.iter().map(|stage| stage.objective.as_str()).collect::<Vec<_>>(), ["thermal", "thermal.expectation"]);
}

#[test]
fn each_part_tells_of_all_members() {
    // The level stands as probable as the dry member's, whose lake is empty at the end; the wet one keeps ten units.
    let made = made(&read(&format!("{GIVEN}{TREE}"), &[("members.csv", LONG)]));
    let spread = &made.document.content.tree.as_ref().unwrap().spread;
    for ((id, part), weight) in made.parts.iter().zip([0.8, 0.2]) {
        let futures = part.content.futures.as_ref().unwrap();
        assert_eq!((&futures.member, futures.members.len(), &futures.warnings), (id, 2, &spread.warnings));
        let own = futures.members.iter().find(|member| member.id == *id).unwrap();
        assert_relative_eq!(own.weight, weight);
        assert_eq!(futures.common_until.as_deref(), Some("2026-06-02T00:00:00+08:00"));
        // What is the same in both has no band, such as what the turbine lets go on the first day; the shortage of the second is 0 or 10.
        let band = |address: &str, quantity: &str| {
            futures.bands.iter().find(|band| band.address == address && band.quantity == quantity)
        };
        assert!(band("lake", "spill").is_none());
        let short = band("load", "shortage").unwrap();
        assert_relative_eq!(short.quantiles[0][..], [0.0, 0.0][..], epsilon = 1e-6);
        assert_relative_eq!(short.quantiles[4][..], [0.0, 10.0][..], epsilon = 1e-6);
        assert!(part.content.warnings.iter().all(|row| row.probability.is_some()));
        assert_eq!(part.content.contradictions(), Vec::<String>::new());
        let page = weir_report::html(part);
        assert!(page.contains("各种来水") && page.contains("一个方案应对2种来水") && page.contains("5%–95%"), "{id}");
        assert!(
            weir_report::text(part, weir_report::Language::English).contains("One plan for 2 futures: decided alike until")
        );
        let public = part.for_audience(weir_model::document::Audience::Public);
        assert!(public.content.futures.is_none() && !public.to_json().contains("quantiles"));
    }
}

#[test]
fn what_was_changed_beside_it_is_found_out() {
    let ensemble = read(&format!("{GIVEN}{TREE}"), &[("members.csv", LONG)]);
    let made = made(&ensemble);
    let parts: Vec<_> = made.parts.iter().map(|(_, plan)| plan.clone()).collect();
    let faults = |document: &EnsembleDocument, parts: &[_]| {
        verify(document, parts, (&ensemble, &asked(TWO_DAYS))).unwrap().join("\n")
    };
    let swapped: Vec<_> = parts.iter().rev().cloned().collect();
    assert!(faults(&made.document, &swapped).contains("member 1: inputs"));
    let change = |change: &dyn Fn(&mut EnsembleDocument)| {
        let mut other = made.document.clone();
        change(&mut other);
        EnsembleDocument::new(other.content)
    };
    let told = change(&|other| other.content.tree.as_mut().unwrap().decided[0].values[0] += 0.1);
    assert!(faults(&told, &parts).contains("what is decided for all members"));
    let told = change(&|other| other.content.tree.as_mut().unwrap().spread.satisfaction[0].short = 0.0);
    assert!(faults(&told, &parts).contains("bands and probabilities"));
    let mut content = parts[1].content.clone();
    content.futures.as_mut().unwrap().bands[0].quantiles[0][0] += 1.0;
    let retold = [parts[0].clone(), weir_model::document::PlanDocument::new(content)];
    assert!(
        faults(&made.document, &retold).contains("member 2: bands and probabilities are not those of the members' plans")
    );
    let told = change(&|other| other.content.members[1].in_tree.as_mut().unwrap().regret[0] = 0.0);
    assert!(faults(&told, &parts).contains("the part of `dry` in the tree"));
    let text = made.document.to_json().replace("\"common_steps\":1", "\"common_steps\":2");
    assert!(EnsembleDocument::parse(&text).unwrap_err().to_string().contains("was changed"));
}

/// Synthetic: the year of the century stands in the flow, the day of the month behind the point.
fn record() -> String {
    let days = |year: i32| (1..=4).map(move |day| format!("{year}-06-0{day},{}.{day}\n", year - 2000));
    let rows: String = (2021..=2024).flat_map(days).collect();
    format!("date,gauge\n{rows}")
}

#[test]
fn years_stand_as_they_were() {
    let years = "[years]\nfile = \"record.csv\"\ncolumns = { \"brook.flow_m3s\" = \"gauge\" }\nfrom = 2022\n";
    let ensemble = read(years, &[("record.csv", &record())]);
    let ids: Vec<&str> = ensemble.members.iter().map(|member| member.id.as_str()).collect();
    assert_eq!(ids, ["2022", "2023", "2024"]);
    assert_eq!(brook(&ensemble, "2023"), [23.1, 23.2]);
    assert_relative_eq!(ensemble.members[0].weight, 1.0 / 3.0);
    let made = made(&ensemble);
    assert_eq!(made.document.content.members.len(), 3);
}

#[test]
fn stretches_by_lot_keep_the_season_and_come_again() {
    let years = "[years]\nfile = \"record.csv\"\ncolumns = { \"brook.flow_m3s\" = \"gauge\" }\nblock_days = 1\nmembers = 40\nseed = 7\n";
    let ensemble = read(years, &[("record.csv", &record())]);
    let flows: Vec<Vec<f64>> = ensemble.members.iter().map(|member| brook(&ensemble, &member.id)).collect();
    // Each day is that day of some year; nearly all years meet nearly all others.
    let part = |flow: f64| (flow * 10.0).round() as i64 % 10;
    assert!(flows.iter().all(|flows| part(flows[0]) == 1 && part(flows[1]) == 2), "{flows:?}");
    assert!(flows.iter().filter(|flows| flows[0].floor() != flows[1].floor()).count() > 20);
    let again = read(years, &[("record.csv", &record())]);
    assert!(flows.iter().zip(&again.members).all(|(flows, member)| *flows == brook(&again, &member.id)));
    let other = read(&years.replace("seed = 7", "seed = 8"), &[("record.csv", &record())]);
    assert!(flows.iter().zip(&other.members).any(|(flows, member)| *flows != brook(&other, &member.id)));
    // One stretch that covers all is one year.
    let whole = read(&years.replace("block_days = 1", "block_days = 2"), &[("record.csv", &record())]);
    for member in &whole.members {
        let flows = brook(&whole, &member.id);
        assert_eq!(flows[0].floor(), flows[1].floor());
    }
}

#[test]
fn members_by_hand_and_scaled() {
    let text = "[[member]]\nid = \"as_it_is\"\nweight = 2\n[[member]]\nid = \"less\"\nname = \"少\"\nscale = 0.5\n\
                [[member]]\nid = \"closed\"\noverlay = \"closed.toml\"\n[scaled]\nby = [0.2, 1.5]\nweights = [1, 3]\n";
    let closed = "[[change]]\nset = \"brook.flow_m3s\"\nvalue = 1\n";
    let ensemble = read(text, &[("closed.toml", closed)]);
    let weights: Vec<(&str, f64)> = ensemble.members.iter().map(|member| (member.id.as_str(), member.weight)).collect();
    assert_eq!(weights, [("as_it_is", 0.25), ("less", 0.125), ("closed", 0.125), ("x0.2", 0.125), ("x1.5", 0.375)]);
    for (id, flow) in [("as_it_is", 10.0), ("less", 5.0), ("closed", 1.0), ("x0.2", 2.0), ("x1.5", 15.0)] {
        assert_eq!(brook(&ensemble, id), [flow; 2], "{id}");
    }
}

#[test]
fn where_no_member_has_a_plan_both_languages_say_why() {
    // Each is told.
    let both = make(&read("[scaled]\nby = [-100, -200]\n", &[]), &asked(TWO_DAYS), None).unwrap_err();
    assert!(
        both.english.contains("`x-100`: infeasible:") && both.english.contains("\n`x-200`: infeasible:"),
        "{}",
        both.english
    );
    assert!(both.chinese.contains("\n“x-200”：没有满足全部规则的方案："), "{}", both.chinese);
    let ensemble = read("[scaled]\nby = [-100]\n", &[]);
    let why = make(&ensemble, &asked(TWO_DAYS), None).unwrap_err();
    // Two days of −1000 m³/s against ten units in store.
    assert!(
        why.english.starts_with("no member has a plan; `x-100`: infeasible:") && why.english.contains("of negative inflow"),
        "{}",
        why.english
    );
    assert!(
        why.chinese.starts_with("没有一个成员有方案；“x-100”：没有满足全部规则的方案：") && why.chinese.contains("负来水"),
        "{}",
        why.chinese
    );
}

#[test]
fn one_that_fails_ends_no_other() {
    let text = "[[member]]\nid = \"as_it_is\"\n[[member]]\nid = \"odd\"\noverlay = \"odd.toml\"\n";
    let odd = "[[change]]\nscale = \"brok.flow_m3s\"\nby = 2\n";
    let ensemble = read(text, &[("odd.toml", odd)]);
    let made = made(&ensemble);
    let members = &made.document.content.members;
    assert!(members[0].failed.is_none());
    assert!(members[1].failed.as_ref().unwrap().contains("did you mean `brook`"));
    assert_eq!(made.document.content.hindsight.members, 1);
}

#[test]
fn a_plan_for_all_leaves_out_no_future_and_the_others_go_on() {
    // The brook takes 10 on each of two days: of the 10 units in store there is nothing for the second.
    let dry = "[[change]]\nscale = \"brook.flow_m3s\"\nby = -1\n";
    let (odd, typo) = ("[[change]]\nscale = \"brok.flow_m3s\"\nby = 2\n", "[[change]]\nscale =\n");
    // The first fails as well as any other.
    for (failing, cause) in [(dry, "0.864"), (odd, "did you mean `brook`"), (typo, "other.toml:2: ")] {
        for order in [["other", "good"], ["good", "other"]] {
            let member = |id: &str| format!("[[member]]\nid = \"{id}\"\noverlay = \"{id}.toml\"\n");
            let good = "[[change]]\nscale = \"brook.flow_m3s\"\nby = 0.5\n";
            let text = format!("{}[scaled]\nby = [0.8]\n{TREE}misses = \"good\"\n", order.map(member).concat());
            let made = made(&read(&text, &[("other.toml", failing), ("good.toml", good)]));
            let content = &made.document.content;
            let failed: Vec<(&str, &str)> =
                content.members.iter().filter_map(|row| Some((row.id.as_str(), row.failed.as_deref()?))).collect();
            assert!(matches!(failed[..], [("other", why)] if why.contains(cause)), "{failed:?}");
            assert_eq!((content.hindsight.members, made.parts.len()), (2, 0));
            assert!(content.hindsight.bands.iter().any(|band| band.quantity == "storage"));
            let why = content.without_tree.as_ref().unwrap();
            assert!(content.tree.is_none() && why.contains("has `other`, and a plan for all leaves out no future"), "{why}");
            let said = weir_report::ensemble::text(&made.document, weir_report::Language::English);
            assert!(
                said.contains("other: no plan: ") && said.contains("No plan for all of them: no plan of its own"),
                "{said}"
            );
            assert!(weir_report::ensemble::page(&made.document).contains("没有共同方案"));
        }
    }
}

#[test]
fn a_tree_that_has_no_plan_leaves_each_by_itself() {
    // Rules ask no program: each member has a plan by them, the tree none.
    let text = "[scaled]\nby = [1, 0.5]\n[tree]\nbranch = \"2026-06-02\"\n";
    let (kept, file) = folder(text, &[]);
    let basin = fs::read_to_string(Path::new(TWO_DAYS).join("basin.toml")).unwrap();
    let ruled =
        basin.replace("kind = \"lexicographic\"\nstages = [\"thermal\"]", "kind = \"rules\"\nstages = [\"thermal\"]");
    fs::write(kept.path().join("basin.toml"), ruled).unwrap();
    let basin = Asked::new(kept.path(), None);
    let ensemble = Ensemble::read(&file, &basin).unwrap_or_else(|refusals| panic!("{refusals}"));
    let made = make(&ensemble, &basin, None).unwrap();
    let content = &made.document.content;
    assert!(content.members.iter().all(|row| row.failed.is_none()) && content.hindsight.members == 2);
    assert!(content.without_tree.as_ref().unwrap().contains("`rules`"), "{:?}", content.without_tree);
    assert_eq!(verify(&made.document, &[], (&ensemble, &basin)).unwrap(), Vec::<String>::new());
}

#[test]
fn a_given_member_fails_by_itself() {
    let given = "[given]\nfile = \"t.csv\"\nweights = { gap = 2, good = 1 }\n[scaled]\nby = [0.5]\n";
    let wide = "time,brook.flow_m3s@gap,brook.flow_m3s@odd,brook.flow_m3s@good\n2026-06-01,,1,4\n2026-06-02,1,x,4\n";
    let long = "time,member,brook.flow_m3s\n2026-06-01,gap,\n2026-06-02,gap,1\n2026-06-01,odd,1\n2026-06-02,odd,x\n\
                2026-06-01,good,4\n2026-06-02,good,4\n2026-06-01,short,4\n";
    for (table, odd_line, failing) in [(wide, 3, vec!["gap", "odd"]), (long, 5, vec!["gap", "odd", "short"])] {
        let made = made(&read(given, &[("t.csv", table)]));
        let members = &made.document.content.members;
        let failed: Vec<&str> = members.iter().filter(|row| row.failed.is_some()).map(|row| row.id.as_str()).collect();
        assert_eq!(failed, failing);
        let why = |id: &str| members.iter().find(|row| row.id == id).and_then(|row| row.failed.clone()).unwrap_or_default();
        assert!(
            why("odd").contains(&format!("t.csv:{odd_line}: ")) && why("odd").contains("`x` is no number"),
            "{}",
            why("odd")
        );
        assert!(why("gap").contains("t.csv:2: "), "{}", why("gap"));
        assert_eq!(made.document.content.hindsight.members, 2);
        let weight = |id: &str| members.iter().find(|row| row.id == id).unwrap().weight;
        assert_relative_eq!(weight("gap") / weight("good"), 2.0);
    }
}

#[test]
fn a_negative_inflow_of_a_member_is_kept_and_flagged() {
    // As that of a basin's own series: of which member, where, how many steps, and the least with its time.
    let (wide, long) = (WIDE.replace("06-02,10,0", "06-02,10,-0.5"), LONG.replace("06-02,dry,0", "06-02,dry,-0.5"));
    for table in [wide.clone(), long] {
        let ensemble = read(&format!("{GIVEN}{TREE}"), &[("members.csv", &table)]);
        let made = made(&ensemble);
        let notes: Vec<_> = made.document.content.members.iter().map(|member| member.notes.clone()).collect();
        let flagged = "Inflow `brook` is negative in 1 steps and kept so, the least -0.500 m3/s from 2026-06-02.";
        assert_eq!(notes, [Vec::<String>::new(), vec![flagged.to_owned()]]);
        assert!(made.parts[1].1.content.case.notes.contains(&flagged.to_owned()));
        let said = weir_report::ensemble::text(&made.document, weir_report::Language::Chinese);
        let chinese = "dry: 来水“brook”有1个时段为负，按原值计入，最小 -0.500 m³/s（2026年6月2日起）。";
        assert!(said.contains(chinese), "{said}");
        assert!(weir_report::ensemble::page(&made.document).contains("来水“brook”有1个时段为负"));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let cases: &[(&str, &str, &str)] = &[
        ("name = \"x\"\n", "", "ensemble.toml:1: has no members"),
        ("[given]\nfile = \"none.csv\"\n", "", "ensemble.toml:2: `given.file` = `none.csv`: cannot be read"),
        (
            "[given]\nfile = \"t.csv\"\n",
            "time,brook.flow_m3s\n2026-06-01,1\n",
            "t.csv:1: column `brook.flow_m3s` names no member",
        ),
        ("[given]\nfile = \"t.csv\"\nweights = { a = 1 }\n", WIDE, "`weights`: the table has no member `a`"),
        ("[given]\nfile = \"t.csv\"\n", "time,brook.flow_m3s@a\n2026-06-01\n", "t.csv:2: a row of 1 cells"),
        ("[given]\nfile = \"none.parquet\"\n", "", "ensemble.toml:2: `given.file` = `none.parquet`: cannot be read"),
        ("[years]\nfile = \"none.csv\"\n", "", "ensemble.toml:2: `years.file` = `none.csv`: cannot be read"),
        ("[scaled]\nby = [1, 1]\n", "", "member `x1` stands twice"),
        ("[scaled]\nby = [1, 2]\nweights = [1]\n", "", "1 weights for 2 factors"),
        ("[scaled]\nby = [1, 2]\nweights = [-1, 2]\n", "", "ensemble.toml:3: weight -1 of `x1` is not above 0"),
        ("[scaled]\nby = [1, 2]\nweights = [0, 0]\n", "", "ensemble.toml:3: weight 0 of `x2` is not above 0"),
        ("[[member]]\nid = \"a\"\nweight = -1\n", "", "ensemble.toml:3: weight -1 of `a` is not above 0"),
        ("[given]\nfile = \"t.csv\"\nweights = { dry = 0 }\n", WIDE, "weight 0 of `dry` is not above 0"),
        ("[scaled]\nby = [1]\n[tree]\nbranch = \"2027-01-01\"\n", "", "2027-01-01 lies outside the horizon"),
        ("[scaled]\nby = [1]\n[tree]\n", "", "`tree.branch` or `branch`"),
        ("[scaled]\nby = [1]\n[tree]\nbranch = \"2026-06-02\"\nobjective = \"cvar\"\n", "", "alpha"),
        (
            "[scaled]\nby = [1, 2]\n[[tree.leaves]]\nmember = \"x1\"\nfrom = \"x2\"\nat = \"2026-06-02\"\n",
            "",
            "`x2` does not stand before `x1`",
        ),
        (
            "[scaled]\nby = [1, 2]\n[[tree.leaves]]\nmember = \"x3\"\nfrom = \"x1\"\nat = \"2026-06-02\"\n",
            "",
            "no member `x3`",
        ),
        (
            "[years]\nfile = \"t.csv\"\nto = 2025\n",
            "time,brook.flow_m3s\n2024-01-01,1\n2025-01-01,1\n2025-03-01,1\n",
            "`to`: 2025 is not whole",
        ),
        ("[years]\nfile = \"t.csv\"\nblock_days = 3\n", WIDE, "members"),
        ("[years]\nfile = \"t.csv\"\nmembers = 3\n", WIDE, "`years.members` without `block_days`"),
        ("[years]\nfile = \"t.csv\"\nseed = 3\n", WIDE, "`years.seed` without `block_days`"),
        ("[years]\nfile = \"t.csv\"\nfrom = 2025\nto = 2024\n", WIDE, "`years.from` 2025 is later than `years.to` 2024"),
        ("[scaled]\nby = [1]\n[tree]\nbranch = \"2026-06-02\"\nalpha = 0.9\n", "", "`tree.alpha` counts with `cvar` only"),
        (
            "[scaled]\nby = [1, 2]\n[tree]\nbranch = \"2026-06-02\"\n[[tree.leaves]]\nmember = \"x2\"\nfrom = \"x1\"\nat = \"2026-06-02\"\n",
            "",
            "`tree.branch` and `leaves` say the same",
        ),
        ("[odd]\n", "", "odd"),
    ];
    for (text, table, expected) in cases {
        let (_kept, file) = folder(text, &[("t.csv", table)]);
        let said = Ensemble::read(&file, &asked(TWO_DAYS)).unwrap_err().to_string();
        let expected = expected.split(" or ").next().unwrap_or_default().trim_matches('`');
        let expected = expected.strip_prefix("tree.").unwrap_or(expected);
        assert!(said.contains(expected), "{text}\nsaid: {said}\nexpected: {expected}");
    }
}

#[test]
fn the_command_writes_and_verifies() {
    let (kept, file) = folder(&format!("{GIVEN}{TREE}"), &[("members.csv", WIDE)]);
    let out = kept.path().join("out");
    let weir = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
        let done = command.args(["ensemble", TWO_DAYS]).arg(&file).arg("--out").arg(&out).args(more).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        (done.status.code(), said)
    };
    let (code, said) = weir(&["--language", "en"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("One plan for 2 futures") && said.contains("Probability"), "{said}");
    let page = fs::read_to_string(out.join("ensemble.html")).unwrap();
    assert!(page.contains("一个方案应对2种来水") && page.contains("<svg") && page.contains("5%–95%"));
    assert!(out.join("members/dry/plan.json").exists());
    assert_eq!(weir(&["--verify"]).0, Some(0));
    fs::copy(out.join("members/wet/plan.json"), out.join("members/dry/plan.json")).unwrap();
    let (code, said) = weir(&["--verify"]);
    assert!(code == Some(1) && said.contains("member 2: inputs"), "{code:?} {said}");
    fs::write(&file, format!("{GIVEN}[[member]]\nid = \"none\"\noverlay = \"none.toml\"\n{TREE}")).unwrap();
    let (code, said) = weir(&["--language", "en"]);
    assert!(code == Some(1) && said.contains("Probability") && said.contains("1 of 3 without a plan\n`none`: "), "{said}");
    assert!(said.contains("no plan for all of them: no plan of its own has `none`"), "{said}");
    // What the run before wrote of a tree is no part of this one.
    assert!(!out.join("members/dry").exists() && !out.join("members/wet").exists());
    assert_eq!(weir(&["--verify"]).0, Some(0));
    fs::create_dir_all(out.join("members/wet")).unwrap();
    fs::write(out.join("members/wet/minutes.txt"), "kept").unwrap();
    let (code, said) = weir(&["--plans"]);
    assert!(
        code == Some(1)
            && said.contains("minutes.txt 不是 `weir ensemble` 写的文件")
            && said.contains("提示：`members` 只放"),
        "{said}"
    );
    fs::remove_file(out.join("members/wet/minutes.txt")).unwrap();
    fs::write(&file, GIVEN).unwrap();
    let (code, said) = weir(&["--plans", "--format", "json"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"schema\":\"weir.ensemble/0\""));
}

#[test]
fn feiyun_with_five_inflows() {
    let basin = asked("examples/feiyun");
    let file = Path::new("examples/feiyun/scenarios/ensembles/inflow-tree.toml");
    let ensemble = Ensemble::read(file, &basin).unwrap_or_else(|refusals| panic!("{refusals}"));
    let made = make(&ensemble, &asked("examples/feiyun").from_its_goals(), None).unwrap();
    let parts: Vec<_> = made.parts.iter().map(|(_, plan)| plan.clone()).collect();
    assert_eq!(verify(&made.document, &parts, (&ensemble, &basin)).unwrap(), Vec::<String>::new());
    let content = &made.document.content;
    let tree = content.tree.as_ref().unwrap();
    assert!(tree.stages.iter().all(|stage| stage.gap.is_some_and(|gap| gap < 1e-6)), "{:?}", tree.stages);
    // No stage of the tree is better than each member by itself in the first stage in which they part.
    let sense = |place: usize| if content.goals[place].sense == "maximise" { -1.0 } else { 1.0 };
    let apart =
        (0..tree.stages.len()).map(|place| sense(place) * (tree.stages[place].value - content.hindsight.goals[place].mean));
    let first = apart.into_iter().find(|apart| apart.abs() > 1e-6);
    assert!(first.is_none_or(|apart| apart > 0.0), "{first:?}");
    // What is decided for all passes the reservoir alike in all members until the branch.
    let outflow = |id: usize| parts[id].content.series("shanxi", "outflow").unwrap().values[..tree.common_steps].to_vec();
    for member in 1..parts.len() {
        for (own, first) in outflow(member).iter().zip(outflow(0)) {
            assert_relative_eq!(own.unwrap(), first.unwrap(), epsilon = 1e-6);
        }
    }
}

/// The storm of `tests/tree/storm` on the third day, or not, known of on the second.
const STORM: &str = "[[change]]\nset = \"brook.flow_m3s\"\nvalue = { seasons = [{ from = \"08-03\", to = \"08-03\", value = 50 }], otherwise = 0 }\n";
const TYPHOON: &str = "[[member]]\nid = \"misses\"\nweight = 0.7\n[[member]]\nid = \"storm\"\nweight = 0.3\noverlay = \"storm.toml\"\n\
                       [tree]\nbranch = \"2026-08-02\"\nmisses = \"misses\"\n";

#[test]
fn pre_release_costs_supply_where_the_storm_misses() {
    // As below, but 60 of the 100 units are dead, and a farm wants 50 on the fourth day: 40 that it would have had, less the 10 that went on
    // the first day; the lake ends at its dead level either way.
    let (kept, file) = folder(TYPHOON, &[("storm.toml", STORM)]);
    let text = fs::read_to_string("tests/tree/storm/basin.toml").unwrap();
    let text = text
        .replace("initial_storage", "levels_m = { dead = 3 }\ninitial_storage")
        .replace("[\"flood\"]", "[\"flood\", \"short\"]");
    let farm = "[[irrigation]]\nid = \"farm\"\nregion = \"here\"\nfrom = \"lake\"\n\
                demand_m3s = { seasons = [{ from = \"08-04\", to = \"08-04\", value = 50 }], otherwise = 0 }\n\
                [[objective]]\nid = \"short\"\nkind = \"shortage\"\n";
    fs::write(kept.path().join("basin.toml"), text + farm).unwrap();
    let basin = Asked::new(kept.path(), None);
    let ensemble = Ensemble::read(&file, &basin).unwrap_or_else(|refusals| panic!("{refusals}"));
    let made = make(&ensemble, &basin, None).unwrap();
    let told = made.document.content.tree.as_ref().unwrap().pre_release.as_ref().unwrap();
    let ([lake], [lost]) = (&told.reservoirs[..], &told.supply_lost[..]) else { panic!("one each: {told:?}") };
    assert_relative_eq!(lake.volume_hm3, 10.0 * DAY, epsilon = 1e-6);
    assert_relative_eq!(lake.lost_hm3, 0.0, epsilon = 1e-6);
    assert_eq!(lost.use_, "agricultural");
    assert_relative_eq!(lost.lost_hm3, 10.0 * DAY, epsilon = 1e-6);
    let [chinese, english] = [weir_report::Language::Chinese, weir_report::Language::English]
        .map(|language| weir_report::ensemble::text(&made.document, language));
    assert!(chinese.contains("；不来则少供农业86.4万m³。"), "{chinese}");
    assert!(english.contains("; if it misses, supply is less by Agricultural 86.4 ×10⁴ m³."), "{english}");
}

#[test]
fn pre_release_before_a_storm_by_hand() {
    // The lake stands at its flood limit, 100 units; the gate passes 20 a day. The storm brings 50 on the third day, and is known of on the
    // second. The excess counts by day: with hindsight 20 + 20 are let go first, then 20 of the 50: 100 − 40 + 50 − 20 = 90, and the limit
    // holds. Until it is known only the first day is decided for both; the bridge wants nothing, and what lies in store is kept (room left).
    // Of the first day at least 10 must go: 100 − 10 − 20 + 50 − 20 = 100. The member that the storm misses ends with 90, 10 less than the 100 that
    // it would have kept, and nothing fills it again; the other one ends at 100, as full as at the start. Probability 0.3.
    let (_kept, file) = folder(TYPHOON, &[("storm.toml", STORM)]);
    let basin = asked("tests/tree/storm");
    let ensemble = Ensemble::read(&file, &basin).unwrap_or_else(|refusals| panic!("{refusals}"));
    let made = make(&ensemble, &basin, None).unwrap();
    let told = made.document.content.tree.as_ref().unwrap().pre_release.as_ref().unwrap();
    let [lake] = &told.reservoirs[..] else { panic!("one reservoir: {told:?}") };
    assert_relative_eq!(lake.volume_hm3, 10.0 * DAY, epsilon = 1e-6);
    assert_relative_eq!(lake.lost_hm3, 10.0 * DAY, epsilon = 1e-6);
    assert_relative_eq!(lake.refill, 0.3, epsilon = 1e-9);
    assert_relative_eq!(lake.greatest_m3s, 10.0, epsilon = 1e-6);
    assert_eq!((lake.address.as_str(), lake.from.as_str()), ("lake", "2026-08-01T00:00:00+08:00"));
    assert_relative_eq!(told.sections[0].greatest_m3s, 10.0, epsilon = 1e-6);
    let said = weir_report::ensemble::text(&made.document, weir_report::Language::Chinese);
    // Days are all that steps of a day tell; nobody takes water there.
    assert!(said.contains("lake自2026年8月1日起预泄86.4万m³"), "{said}");
    let only = "起放时间只知到时段（长1日），几点开始要以小时为时段另算。";
    assert!(said.contains(&format!("概率30%；不来也不少供水。{only}分支之前断面最大流量：bridge 10")), "{said}");
    // Until the branch 10 of the 20 that the gate passes are enough.
    let [room] = &told.rooms[..] else { panic!("one reservoir: {told:?}") };
    assert_eq!((room.limit.as_str(), room.open, room.apart_hm3), ("flood_limit", false, 0.0));
    assert_relative_eq!(room.room_hm3, 0.0, epsilon = 1e-6);
    let parts: Vec<_> = made.parts.iter().map(|(_, plan)| plan.clone()).collect();
    assert_eq!(verify(&made.document, &parts, (&ensemble, &basin)).unwrap(), Vec::<String>::new());
}
