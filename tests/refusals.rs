//! Broken basins, one mistake a file in `tests/refusals/`: each is refused before any solve, and the message names file,
//! line, element, field and how to mend it. Snapshots lie beside the files.

use std::fs;
use std::path::Path;

use weir_model::basin::Basin;
use weir_model::lower::lower;

/// Reads and lowers a basin as `weir check` does; the refusals as text.
fn refused(text: &[u8], folder: &Path) -> Option<String> {
    let load = |path: &str| fs::read(folder.join(path)).map_err(|error| error.kind().to_string());
    let lowered = Basin::parse(text, &load).and_then(|basin| lower(&basin, None));
    lowered.err().map(|refusals| refusals.to_string())
}

#[test]
fn every_broken_basin_is_refused_with_a_way_to_mend_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refusals");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the folder of broken basins")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() > 80, "only {} broken basins", names.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in names {
            let text = fs::read(folder.join(format!("{name}.toml"))).expect("a broken basin");
            let message = refused(&text, &folder).unwrap_or_else(|| panic!("{name} is not refused"));
            for refusal in message.split("\nbasin.toml") {
                assert!(refusal.contains("\n  hint: "), "{name} does not say how to mend it: {refusal}");
            }
            insta::assert_snapshot!(name, message);
        }
    });
}

#[test]
fn the_basin_that_the_mistakes_were_put_into_is_sound() {
    // `six_mistakes_at_once` with its six mistakes mended.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refusals");
    let text = fs::read_to_string(folder.join("six_mistakes_at_once.toml")).expect("a broken basin");
    let mended = text
        .replace("demand_m3 = 4.0", "demand_m3s = 4.0")
        .replace("to = \"tial\"", "to = \"tail\"")
        .replace("weirpol.outflow", "weirpool.outflow")
        .replace("initial_level_m = 125.0", "initial_level_m = 110.0")
        .replace("80, 60]", "80, 60, 45]")
        .replace("\"powr\"", "\"power\"");
    assert_eq!(refused(mended.as_bytes(), &folder), None);
}
