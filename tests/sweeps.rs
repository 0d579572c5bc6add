//! Sweeps and shards: what they draw, what they refuse, and that the table is the same however it came about.

#![cfg(feature = "scenarios")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use approx::assert_relative_eq;
use weir_report::members::{Lines, Members as Table};
use weir_scenarios::results::{Results, ResultsError};
use weir_scenarios::shard::{Ran, ShardError, Shards, State};
use weir_scenarios::study::{Members, Study, open};
use weir_scenarios::sweep::Sweep;

const BASIN: &str = "tests/overlays";
/// hm³ of a m³/s in ten days.
const TEN_DAYS: f64 = 0.864;

/// What the canal carries and what industry wants, in all combinations: 4 × 5 members, three blocks.
const GRID: &str = r#"
design = "grid"

[[range]]
id = "canal"
set = "canal.capacity_m3s"
between = [1, 4]
places = 4

[[range]]
id = "industry"
demand = "industry"
values = [0.6, 0.7, 0.8, 0.9, 1.0]
"#;

fn sweep(text: &str) -> Sweep {
    Sweep::of("sweep.toml", Path::new(""), text.as_bytes()).unwrap_or_else(|refusals| panic!("{refusals}"))
}

fn study(text: &str) -> Study {
    open(Path::new(BASIN), None, Members::Sweep(Box::new(sweep(text)))).unwrap_or_else(|refusals| panic!("{refusals}"))
}

fn refused(text: &str) -> String {
    let refusals = match Sweep::of("sweep.toml", Path::new(""), text.as_bytes()) {
        Err(refusals) => refusals,
        Ok(sweep) => open(Path::new(BASIN), None, Members::Sweep(Box::new(sweep))).err().unwrap(),
    };
    refusals.to_string()
}

fn asked(study: &Study, path: &Path) -> (String, String) {
    let results = Results::open(path, &study.question).unwrap();
    assert!(study.ask(&study.all(), &results, (&|_| {}, &AtomicBool::new(false))).unwrap());
    written(&study.table(vec![results]).unwrap())
}

fn written(table: &Table<impl Lines>) -> (String, String) {
    let (mut csv, mut json) = (Vec::new(), Vec::new());
    table.csv(&mut csv).unwrap();
    table.json(&mut json, false).unwrap();
    (String::from_utf8(csv).unwrap(), String::from_utf8(json).unwrap())
}

/// The town wants 4 m³/s, half of it for industry: it lacks what the canal does not carry of 2 + 2 × share.
#[test]
fn every_member_is_what_its_numbers_make_of_it() {
    let (study, folder) = (study(GRID), tempfile::tempdir().unwrap());
    let (csv, _) = asked(&study, &folder.path().join("results"));
    let mut lines = csv.lines();
    assert_eq!(lines.next().unwrap(), "member,canal,industry,domestic [hm3],supply [hm3],gave_way [hm3],why");
    let mut seen = 0;
    for (number, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        let number_of = |place: usize| cells[place].parse::<f64>().unwrap();
        let (canal, industry) = ((number / 5 + 1) as f64, [0.6, 0.7, 0.8, 0.9, 1.0][number % 5]);
        assert_eq!((cells[0], number_of(1), number_of(2)), (&*format!("{number:02}"), canal, industry));
        // Homes come first; nothing else lacks.
        assert_relative_eq!(number_of(3), (2.0 - canal).max(0.0) * TEN_DAYS, epsilon = 1e-6);
        assert_relative_eq!(number_of(4), (2.0 + 2.0 * industry - canal).max(0.0) * TEN_DAYS, epsilon = 1e-6);
        seen += 1;
    }
    assert_eq!(seen, 20);
}

/// What homes lack hangs on the canal alone, what all lack on both; the town's name on neither.
#[test]
fn effects_name_what_matters() {
    let text = GRID.replace("\"grid\"", "\"effects\"\npoints = 128").replace("places = 4\n", "");
    let text = text.replace("[0.6, 0.7, 0.8, 0.9, 1.0]", "[0.2, 0.6, 1.0]");
    let (study, folder) = (study(&text), tempfile::tempdir().unwrap());
    let results = Results::open(&folder.path().join("results"), &study.question).unwrap();
    assert!(study.ask(&study.all(), &results, (&|_| {}, &AtomicBool::new(false))).unwrap());
    let table = study.table(vec![results]).unwrap();
    assert_eq!(table.lines.count(), 128 * 4);
    let of = |goal: &str| table.effects.iter().find(|effects| effects.goal == goal).unwrap();
    let [canal, industry] = of("domestic").of[..] else { panic!() };
    assert!((canal[1] - 1.0).abs() < 0.1 && industry[1].abs() < 1e-9, "{canal:?} {industry:?}");
    let [canal, industry] = of("supply").of[..] else { panic!() };
    assert!(canal[1] > industry[1] && industry[1] > 0.1, "{canal:?} {industry:?}");
    assert_eq!(of("supply").points, 128);
    let told = table.text(weir_report::Language::English).unwrap();
    assert!(told.contains("\ncanal matters to domestic, supply.\n"), "{told}");
    assert!(told.contains("\nindustry matters to supply; does not matter to domestic.\n"), "{told}");
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_solved() {
    for (text, said) in [
        (
            GRID.replace("canal.cap", "canl.cap"),
            "sweep.toml:4: `change.set` = `canl.capacity_m3s`: the basin has no `canl`\n  hint: did you mean `canal`?",
        ),
        (GRID.replace("\"industry\"\nvalues", "\"industri\"\nvalues"), "did you mean `industry`?"),
        (
            GRID.replace("between = [1, 4]", "between = [4, 1]"),
            "sweep.toml:7: `between` takes two numbers, the lower one first",
        ),
        (GRID.replace("between = [1, 4]", "between = [-1, 4]"), "sweep.toml:4"),
        (GRID.replace("between", "betwen"), "unknown field `range.betwen`, did you mean `between`?"),
        (GRID.replace("places = 4\n", ""), "sweep.toml:4: `canal` has no `places`"),
        (GRID.replace("places = 4", "places = 40000"), "the grid has more than 65536 points"),
        (
            GRID.replace("\"grid\"", "\"latin_hypercube\"\npoints = 4"),
            "`canal` has `places`, which a grid has only\n  hint: it draws anywhere `between`",
        ),
        (GRID.replace("\"grid\"", "\"gird\""), "grid"),
        (GRID.replace("\"grid\"", "\"sobol\""), "missing field `points`"),
        (GRID.replace("\"grid\"", "\"grid\"\npoints = 3"), "a grid has no `points`"),
        (GRID.replace("id = \"industry\"", "id = \"canal\""), "sweep.toml:10: `id` = `canal` stands twice"),
        (GRID.replace("set = ", "scale = \"canal.capacity_m3s\"\nset = "), "are two changes"),
        ("design = \"grid\"\n".to_owned(), "missing field `range`"),
        (String::new(), "missing field `design`"),
        (GRID.replace("design = \"grid\"\n", ""), "missing field `design`"),
    ] {
        let why = refused(&text);
        assert!(why.contains(said), "{why}\ninstead of {said}");
    }
}

/// A canal that carries nothing in the basin: what replaces or adds to that is solved, what multiplies it changes nothing and is refused.
#[test]
fn a_number_that_is_0_is_replaced_or_shifted_and_not_scaled() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("dry.toml"), "[[change]]\nset = \"canal.capacity_m3s\"\nvalue = 0.0\n").unwrap();
    let sweep = |word: &str| {
        let range = format!("[[range]]\nid = \"canal\"\n{word} = \"canal.capacity_m3s\"\nbetween = [0, 4]\nplaces = 3\n");
        let text = format!("base = \"dry.toml\"\ndesign = \"grid\"\n{range}");
        let sweep = Sweep::of("sweep.toml", folder.path(), text.as_bytes()).unwrap();
        open(Path::new(BASIN), None, Members::Sweep(Box::new(sweep)))
    };
    for word in ["set", "shift"] {
        let (csv, _) = asked(&sweep(word).unwrap_or_else(|why| panic!("{why}")), &folder.path().join(word));
        let domestic: Vec<f64> = csv.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse().unwrap()).collect();
        for (found, canal) in domestic.iter().zip([0.0, 2.0, 4.0]) {
            assert_relative_eq!(*found, (2.0_f64 - canal).max(0.0) * TEN_DAYS, epsilon = 1e-6);
        }
        assert_eq!(domestic.len(), 3);
    }
    let why = sweep("scale").err().unwrap().to_string();
    let said = "sweep.toml:3: `canal`: scale = \"canal.capacity_m3s\" changes nothing of the basin between 0 and 4\n  hint: what is 0 is 0 by any \
                factor: `set` or `shift` it; or take the range out";
    assert_eq!(why, said);
}

/// Stopped after any block, and asked again, the table is the same to the byte; nothing that was there is asked again.
#[test]
fn what_was_cut_off_is_taken_up_there() {
    let (study, folder) = (study(GRID), tempfile::tempdir().unwrap());
    let whole = asked(&study, &folder.path().join("whole"));
    let path = folder.path().join("cut");
    let (stop, heard) = (AtomicBool::new(false), AtomicUsize::new(0));
    let results = Results::open(&path, &study.question).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let hear = |_: bool| {
        // In the midst of the second block.
        if heard.fetch_add(1, Ordering::Relaxed) == 11 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    assert!(!pool.install(|| study.ask(&study.all(), &results, (&hear, &stop))).unwrap());
    drop(results);
    let results = Results::open(&path, &study.question).unwrap();
    assert_eq!(results.blocks().len(), 1);
    let again = AtomicUsize::new(0);
    let count = |_: bool| {
        again.fetch_add(1, Ordering::Relaxed);
    };
    assert!(study.ask(&study.all(), &results, (&count, &AtomicBool::new(false))).unwrap());
    assert_eq!(again.into_inner(), 12);
    // Another question does not write over it, once it is left.
    assert_eq!(written(&study.table(vec![results]).unwrap()), whole);
    let other = self::study(&GRID.replace("0.6", "0.5"));
    assert!(matches!(Results::open(&path, &other.question), Err(ResultsError::Another(_))));
}

fn planned(folder: &Path, count: usize) -> Shards {
    let file = folder.join("sweep.toml");
    fs::write(&file, GRID).unwrap();
    let out = folder.join(format!("shards-{count}"));
    Shards::plan(&out, (Path::new(BASIN), None), (Some(&file), &[]), count).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn one_three_and_seven_shards_give_the_bytes_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let whole = asked(&study(GRID), &folder.path().join("whole"));
    for count in [1, 3, 7] {
        let shards = planned(folder.path(), count);
        assert!(shards.merge().unwrap().is_none());
        // From the back, and each twice.
        for shard in (0..count).rev().chain(0..count) {
            let ran = shards.run(shard, (&|_| {}, &AtomicBool::new(false))).unwrap();
            assert_eq!(ran, Ran::Whole);
        }
        assert_eq!(shards.missing().unwrap(), Vec::<usize>::new());
        let (merged, results) = shards.merge().unwrap().unwrap();
        assert_eq!(written(&merged.table(results).unwrap()), whole, "{count}");
        // Planned again it is as it was; another number of shards is another folder's.
        assert_eq!(planned(folder.path(), count).manifest, shards.manifest);
    }
}

#[test]
fn a_shard_goes_on_where_it_was_cut_off_and_refuses_another_question() {
    let folder = tempfile::tempdir().unwrap();
    let shards = planned(folder.path(), 1);
    let (stop, heard) = (AtomicBool::new(false), AtomicUsize::new(0));
    let hear = |_: bool| {
        if heard.fetch_add(1, Ordering::Relaxed) == 11 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| shards.run(0, (&hear, &stop))).unwrap(), Ran::Stopped);
    assert_eq!(shards.state(0).unwrap(), State::Part(1));
    assert!(
        matches!(shards.run(1, (&|_| {}, &stop)), Err(ShardError::Impossible(why)) if why.contains("there is no shard 1"))
    );
    fs::write(folder.path().join("sweep.toml"), GRID.replace("0.6", "0.5")).unwrap();
    let other = shards.run(0, (&|_| {}, &AtomicBool::new(false)));
    let changed = "planned for another question: the basin, its members or base.basis have changed since";
    assert!(matches!(other, Err(ShardError::Impossible(why)) if why.contains(changed)));
    fs::write(folder.path().join("sweep.toml"), GRID).unwrap();
    assert_eq!(shards.run(0, (&|_| {}, &AtomicBool::new(false))).unwrap(), Ran::Whole);
    assert_eq!(shards.state(0).unwrap(), State::Whole);
    assert_eq!(shards.results(0).unwrap().unwrap().blocks(), [0, 1, 2]);
}

fn weir(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weir")).args(arguments).env_remove("SLURM_ARRAY_TASK_ID").output().unwrap()
}

fn texts(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn text_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// By processes of this machine: what is there of one that was killed is taken up, all arrive, and a member that is refused is named.
#[test]
fn shards_are_run_by_processes_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let sweep = file("sweep.toml", GRID);
    let (out, one) = (folder.path().join("shards"), folder.path().join("one"));
    let plan = weir(&["shard", "plan", BASIN, text_of(&sweep), "--shards", "3", "--out", text_of(&out)]);
    assert_eq!(plan.status.code(), Some(0), "{plan:?}");
    assert!(texts(&plan).0.starts_with("20个成员，分为3片\n"), "{plan:?}");
    for (language, begun, missing) in [("zh", "尚未开始", "尚缺3片"), ("en", "not begun", "3 shards are missing")] {
        let status = weir(&["shard", "status", text_of(&out), "--language", language]);
        let (said, why) = texts(&status);
        assert_eq!((status.status.code(), said), (Some(75), format!("0: {begun}\n1: {begun}\n2: {begun}\n")));
        assert!(why.contains(missing), "{why}");
    }
    assert_eq!(weir(&["shard", "merge", text_of(&out)]).status.code(), Some(75));
    let unsaid = weir(&["shard", "run", text_of(&out)]);
    assert!(unsaid.status.code() == Some(1) && texts(&unsaid).1.contains("SLURM_ARRAY_TASK_ID"), "{unsaid:?}");
    let task = Command::new(env!("CARGO_BIN_EXE_weir"))
        .args(["shard", "run", text_of(&out)])
        .env("SLURM_ARRAY_TASK_ID", "1")
        .output()
        .unwrap();
    assert_eq!(task.status.code(), Some(0), "{task:?}");
    let submit = weir(&["shard", "submit", text_of(&out), "--engine", "local", "--at-once", "2", "--format", "json"]);
    assert_eq!(submit.status.code(), Some(0), "{submit:?}");
    // What was there was not run again.
    assert!(texts(&submit).1.contains("第1轮：第0,2片 …"), "{submit:?}");
    let alone = weir(&["sweep", BASIN, text_of(&sweep), "--out", text_of(&one), "--format", "json"]);
    assert_eq!((alone.status.code(), texts(&alone).0), (Some(0), texts(&submit).0));
    for name in ["sweep.csv", "sweep.json"] {
        assert_eq!(fs::read(out.join(name)).unwrap(), fs::read(one.join(name)).unwrap());
    }

    // Before anything is solved, also the base.
    let wrong = file("wrong.toml", &GRID.replace("canal.cap", "canl.cap"));
    for (language, mend) in [("zh", "提示：是不是 `canal`？"), ("en", "hint: did you mean `canal`?")] {
        let refused = weir(&["sweep", BASIN, text_of(&wrong), "--out", text_of(&one), "--language", language]);
        let why = texts(&refused).1;
        let begun = why.contains("求解") || why.contains("solving");
        assert!(refused.status.code() == Some(1) && why.contains(mend) && !begun, "{why}");
    }

    // What has changed since is refused by all, and not asked to be run again.
    let changed = folder.path().join("changed");
    let plan = weir(&["shard", "plan", BASIN, text_of(&sweep), "--shards", "2", "--out", text_of(&changed)]);
    assert_eq!(plan.status.code(), Some(0), "{plan:?}");
    fs::write(&sweep, GRID.replace("0.6", "0.5")).unwrap();
    for asked in [&["status"][..], &["submit", "--engine", "local"], &["merge"]] {
        let said = weir(&[&["shard", asked[0], text_of(&changed)], &asked[1..]].concat());
        assert_eq!(said.status.code(), Some(1), "{said:?}");
        assert!(texts(&said).1.contains("是为另一个问题分的片：流域、成员或 base.basis 此后有改动"), "{said:?}");
    }

    // One of the members is refused: named, the others have results, and the code says so; it is not run again.
    let good = file("good.toml", "[[change]]\ndemand = \"industry\"\nby = 0.9\n");
    let bad = file("bad.toml", "[[change]]\nclose = \"canl\"\n");
    let out = folder.path().join("overlays");
    let plan = weir(&[
        "shard",
        "plan",
        BASIN,
        "--overlay",
        text_of(&good),
        "--overlay",
        text_of(&bad),
        "--shards",
        "1",
        "--out",
        text_of(&out),
    ]);
    assert_eq!(plan.status.code(), Some(0), "{plan:?}");
    let submit = weir(&["shard", "submit", text_of(&out), "--engine", "local", "--language", "en"]);
    let (said, why) = texts(&submit);
    assert_eq!(submit.status.code(), Some(1), "{submit:?}");
    assert!(
        why.contains("error: 1 of 2 without a result") && why.contains("did you mean `canal`?") && !why.contains("round 2"),
        "{why}"
    );
    assert!(said.contains("2 members, 1 without a result"), "{said}");
    // By the run of its shard, and of all, as by the table.
    for asked in [&["run", "--index", "0"][..], &["status"]] {
        let again = weir(&[&["shard", asked[0], text_of(&out), "--language", "en"], &asked[1..]].concat());
        let why = texts(&again).1;
        let named = why.contains("1 member without a result\n`bad`: ") && why.contains("bad.toml:2: ");
        assert!(again.status.code() == Some(1) && named, "{why}");
    }
}

/// A Slurm that takes a job and is never heard of again is waited for as long as is said, and told.
#[cfg(unix)]
#[test]
fn a_silent_slurm_is_given_up_after_the_patience_that_is_stated() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    };
    script("sbatch", "cat > /dev/null; echo 7");
    script("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1");
    let (sweep, out) = (folder.path().join("sweep.toml"), folder.path().join("shards"));
    fs::write(&sweep, GRID).unwrap();
    let plan = weir(&["shard", "plan", BASIN, text_of(&sweep), "--shards", "2", "--out", text_of(&out)]);
    assert_eq!(plan.status.code(), Some(0), "{plan:?}");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let submit = |patience: &str| {
        let arguments = ["shard", "submit", text_of(&out), "--engine", "slurm", "--language", "en", "--patience", patience];
        Command::new(env!("CARGO_BIN_EXE_weir")).args(arguments).env("PATH", &path).output().unwrap()
    };
    let silent = submit("0");
    let why = texts(&silent).1;
    assert_eq!(silent.status.code(), Some(75), "{why}");
    assert!(why.contains("could not be asked for 0 minutes") && why.contains("of job 7: slurm_load_jobs error"), "{why}");
    assert!(why.contains("shards 0,1 are missing") && why.contains("submit again"), "{why}");
    // One that says that the job is gone is not waited for: handed over again, and given up after the rounds.
    script("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
    let gone = submit("15");
    assert!(
        gone.status.code() == Some(75) && texts(&gone).1.contains("after 3 rounds shards 0,1 are still missing"),
        "{gone:?}"
    );
}

/// The goals alone are those of the plans.
#[test]
fn what_ifs_by_their_goals_are_what_their_plans_reach() {
    let folder = tempfile::tempdir().unwrap();
    let overlay = folder.path().join("closed.toml");
    fs::write(&overlay, "[[change]]\nclose = \"canal\"\nfrom = \"2026-06-02\"\nto = \"2026-06-04\"\n").unwrap();
    let said = |more: &[&str]| {
        let arguments =
            ["what-if", BASIN, "--overlay", text_of(&overlay), "--format", "json", "--out", text_of(folder.path())];
        let said = weir(&[&arguments[..], more].concat());
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        serde_json::from_slice::<serde_json::Value>(&said.stdout).unwrap()
    };
    let (goals, plans) = (said(&["--goals"]), said(&[]));
    for (number, id) in ["base", "closed"].into_iter().enumerate() {
        let (member, plan) = (&goals["members"][number], &plans["what_ifs"][number]);
        assert_eq!((&member["id"], &plan["what_if"]), (&id.into(), &id.into()));
        for goal in ["domestic", "supply"] {
            let planned = plan["objectives"].as_array().unwrap().iter().find(|row| row["id"] == goal).unwrap();
            let alone = member["goals"][goal].as_f64().unwrap();
            assert_relative_eq!(alone, planned["value"].as_f64().unwrap(), epsilon = 1e-6);
        }
    }
    // 2 of the 4 m³/s are for homes, three days long.
    assert_relative_eq!(goals["members"][1]["goals"]["domestic"].as_f64().unwrap(), 0.6 * TEN_DAYS, epsilon = 1e-6);
    assert!(folder.path().join("what-if-goals.csv").exists());
}

/// A run that is told to stop says so with 75, and goes on when it is run again.
#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_stop_goes_on_when_it_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let sweep = folder.path().join("sweep.toml");
    fs::write(&sweep, GRID.replace("places = 4", "places = 400")).unwrap();
    let out = folder.path().join("shards");
    assert!(weir(&["shard", "plan", BASIN, text_of(&sweep), "--shards", "1", "--out", text_of(&out)]).status.success());
    let shards = Shards::open(&out).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_weir"))
        .args(["shard", "run", text_of(&out), "--index", "0"])
        .env("RAYON_NUM_THREADS", "1")
        .spawn()
        .unwrap();
    // As soon as a block is there.
    while shards.state(0).unwrap() == State::Part(0) {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(75));
    let State::Part(there) = shards.state(0).unwrap() else { panic!("it was not stopped") };
    assert!((1..250).contains(&there), "{there}");
    let again = weir(&["shard", "run", text_of(&out), "--index", "0"]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    let (study, results) = shards.merge().unwrap().unwrap();
    assert_eq!(study.table(results).unwrap().lines.count(), 2000);
}

/// The sweeps of the example, every member's decisions audited on the way.
#[test]
fn the_sweeps_of_feiyun() {
    let folder = tempfile::tempdir().unwrap();
    let dir = Path::new("examples/feiyun");
    let table = |name: &str| {
        let sweep = Sweep::read(&dir.join("scenarios/sweeps").join(name)).unwrap();
        let study = open(dir, None, Members::Sweep(Box::new(sweep))).unwrap();
        let results = Results::open(&folder.path().join(name), &study.question).unwrap();
        assert!(study.ask(&study.all(), &results, (&|_| {}, &AtomicBool::new(false))).unwrap());
        study.table(vec![results]).unwrap().whole().unwrap()
    };
    let grid = table("inflow-and-demand.toml");
    assert_eq!((grid.lines.len(), grid.failed().unwrap().len()), (12, 0));
    let of = |number: usize, goal: &str| {
        let place = grid.goals.iter().position(|known| known.id == goal).unwrap();
        grid.lines[number].goals[place].unwrap()
    };
    // Wetter is never worse, for what comes first; the wettest with the least demand never worse than the driest with the most.
    assert!((0..9).all(|number| of(number, "domestic") + 1e-6 >= of(number + 3, "domestic")));
    assert!(of(2, "production") > of(9, "production"));
    let effects = table("what-matters.toml");
    assert_eq!((effects.lines.len(), effects.failed().unwrap().len()), (32 * 6, 0));
    assert!(!effects.effects.is_empty());
}

/// A manifest that is cut short, or whose shards leave a block out or have one twice, is none: before anything is solved for it.
#[test]
fn a_manifest_that_is_damaged_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    planned(folder.path(), 2);
    let out = folder.path().join("shards-2");
    let manifest = out.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let mut told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cut = text[..text.len() / 2].to_owned();
    let shards = [serde_json::json!([[0, 1], [1, 1]]), serde_json::json!([[0, 3], [1, 3]]), serde_json::json!([])];
    let others = shards.map(|shards| {
        told["shards"] = shards;
        told.to_string()
    });
    for damaged in std::iter::once(cut).chain(others) {
        fs::write(&manifest, &damaged).unwrap();
        let said = Shards::open(&out).err().unwrap().to_string();
        assert!(
            said.contains("is no manifest: ") && said.contains("hint: plan anew, in another folder"),
            "{damaged}: {said}"
        );
    }
    told["shards"] = serde_json::json!([[0, 1000]]);
    told["members"] = serde_json::json!(8000);
    fs::write(&manifest, told.to_string()).unwrap();
    let said = Shards::open(&out).unwrap().merge().err().unwrap().to_string();
    assert!(said.contains("planned for another question"), "{said}");
}
