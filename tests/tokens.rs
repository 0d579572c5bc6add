//! The commands of an office act by token once it has one, and the API listens beyond this machine only then.
#![cfg(feature = "scheduler")]
#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

use std::path::Path;
use std::process::{Command, Output};

const JOBS: &str = "[[job]]\nid = \"daily\"\nbasin = \"towns\"\ncron = \"0 6 * * *\"\n";

/// Runs `weir` over an office, with a token in the environment or none.
fn weir(office: &Path, token: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    command.args(arguments).current_dir(office).env_remove("WEIR_TOKEN");
    if let Some(token) = token {
        command.env("WEIR_TOKEN", token.trim());
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(why), "{why}: {said}");
}

#[test]
fn who_acts_is_named_by_token_once_the_office_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let office = folder.path();
    std::fs::create_dir(office.join("towns")).unwrap();
    let basin = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/two_towns_one_drought/basin.toml");
    std::fs::copy(basin, office.join("towns/basin.toml")).unwrap();
    std::fs::write(office.join("jobs.toml"), JOBS).unwrap();
    let fire = ["jobs", "fire", "daily", "--event", "first"];
    let fire_by = |name| [fire.as_slice(), &["--by", name]].concat();
    refused(&weir(office, None, &fire), "who does this is not named");
    let afar = ["serve", ".", "--listen", "0.0.0.0:0"];
    refused(&weir(office, None, &afar), "the office has no token that holds");
    let run = said(&weir(office, None, &fire_by("li")));
    let engineer = said(&weir(office, None, &["token", "new", "王工", "--role", "engineer"]));
    assert!(engineer.starts_with("weir_") && engineer.trim().len() == 48, "{engineer}");
    refused(&weir(office, None, &["token", "new", "王工", "--role", "signer"]), "has a token");
    refused(&weir(office, None, &fire_by("li")), "this office acts by tokens");
    refused(&weir(office, Some("weir_x"), &fire), "no such token");
    refused(&weir(office, Some(&engineer), &fire_by("li")), "is the token of `王工`");
    assert_eq!(said(&weir(office, Some(&engineer), &fire)), run, "the same event is the same run");
    let sign = ["plans", "sign", "towns-日-1"];
    refused(&weir(office, Some(&engineer), &sign), "`王工` is engineer");
    let publish = ["plans", "publish", "towns-日-1", "--to", "folder"];
    refused(&weir(office, None, &publish), "this office acts by tokens");
    refused(&weir(office, Some(&engineer), &publish), "there is no publisher `folder`");
    let list = said(&weir(office, None, &["token", "list"]));
    assert!(list.starts_with("王工\tengineer\tuntil ") && !list.contains(engineer.trim()), "{list}");
    said(&weir(office, None, &["token", "revoke", "王工"]));
    refused(&weir(office, Some(&engineer), &fire), "was revoked");
    refused(&weir(office, None, &fire_by("li")), "this office acts by tokens");
    refused(&weir(office, None, &afar), "the office has no token that holds");
}
