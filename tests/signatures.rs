//! Signatures of a plan with key files: made, checked, and refused where key, plan or signature is another; the content stays as it is.

#![cfg(feature = "signatures")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use weir_model::document::PlanDocument;

mod skipped;

fn weir(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weir")).args(arguments).current_dir(folder).output().unwrap()
}

/// What it said, and its exit code.
fn said(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = weir(folder, arguments);
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

/// A folder with a plan and two keys.
fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let basin = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/larson4");
    let (code, text) = said(folder.path(), &["solve", basin.to_str().unwrap(), "--out", "plan"]);
    assert_eq!(code, 0, "{text}");
    for key in ["director", "other"] {
        let (code, text) = said(folder.path(), &["key", "new", key]);
        assert!(code == 0 && text.contains(&format!("{key}.pub")), "{text}");
    }
    folder
}

fn document(folder: &Path) -> PlanDocument {
    PlanDocument::parse(&std::fs::read_to_string(folder.join("plan/plan.json")).unwrap()).unwrap()
}

fn write(folder: &Path, document: &PlanDocument) {
    std::fs::write(folder.join("plan/plan.json"), document.to_json()).unwrap();
}

const SIGN: [&str; 6] = ["sign", "plan", "--key", "director", "--by", "王主任"];
const VERIFY: [&str; 6] = ["verify", "plan", "--key", "director.pub", "--language", "en"];

#[test]
fn a_signed_plan_verifies_by_its_key_and_its_content_stays_as_it_is() {
    let folder = made();
    let folder = folder.path();
    let before = document(folder);
    let (code, text) = said(folder, &VERIFY);
    assert!(code == 1 && text.contains("signature: the plan has none"), "{text}");
    assert_eq!(said(folder, &SIGN).0, 0);
    let after = document(folder);
    assert_eq!((before.content_bytes(), &before.record.id), (after.content_bytes(), &after.record.id));
    let (code, text) = said(folder, &VERIFY);
    assert!(code == 0 && text.contains("signed by 王主任") && text.contains("with the key that was given"), "{text}");
    // Without a key it is told, and not compared; in Chinese.
    let (code, text) = said(folder, &["verify", "plan"]);
    assert!(code == 0 && text.contains("签名有效：王主任") && text.contains("公钥未经核对"), "{text}");
    // A second signer; the first again takes the place of the first.
    assert_eq!(said(folder, &["sign", "plan", "--key", "other", "--by", "李工"]).0, 0);
    assert_eq!(said(folder, &SIGN).0, 0);
    assert_eq!(document(folder).record.signatures.len(), 2);
    assert_eq!(said(folder, &[&VERIFY[..], &["--key", "other.pub"]].concat()).0, 0);
}

#[test]
fn another_key_a_changed_plan_and_a_changed_signature_are_refused() {
    let folder = made();
    let folder = folder.path();
    assert_eq!(said(folder, &SIGN).0, 0);
    let signed = document(folder);
    let (code, text) = said(folder, &["verify", "plan", "--key", "other.pub", "--language", "en"]);
    assert!(code == 1 && text.contains("signature: none is by the key "), "{text}");
    // A plan with another number, its id made anew.
    let mut changed = signed.content.clone();
    changed.case.name.push('.');
    let mut other = PlanDocument::new(changed);
    other.record.signatures.clone_from(&signed.record.signatures);
    write(folder, &other);
    let (code, text) = said(folder, &VERIFY);
    assert!(code == 1 && text.contains("signature: that of `王主任` is not of this plan"), "{text}");
    // Its id kept.
    let text = signed.to_json();
    std::fs::write(folder.join("plan/plan.json"), text.replacen(&signed.content.case.basin, "larson9", 1)).unwrap();
    let (code, text) = said(folder, &VERIFY);
    assert!(code == 1 && text.contains("the content was changed after the plan was made"), "{text}");
    let changes: [fn(&mut weir_model::document::Signature); 5] = [
        |signature| signature.by.push('甲'),
        |signature| signature.at = "2020-01-01T00:00:00Z".to_owned(),
        |signature| signature.signature = "00".repeat(64),
        |signature| signature.signature = "no digits".to_owned(),
        // A key of small order, which nobody holds, under which this is a signature of whatever there is.
        |signature| {
            let identity = format!("01{}", "00".repeat(31));
            (signature.signature, signature.key) = (identity.clone() + &"00".repeat(32), identity);
        },
    ];
    for change in changes {
        let mut other = signed.clone();
        change(&mut other.record.signatures[0]);
        write(folder, &other);
        let (code, text) = said(folder, &["verify", "plan", "--language", "en"]);
        assert!(code == 1 && text.contains("is not of this plan"), "{text}");
    }
}

#[test]
fn keys_are_their_owners_and_are_never_overwritten_or_mistaken() {
    let folder = made();
    let folder = folder.path();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(folder.join("director")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = std::fs::read(folder.join("director")).unwrap();
    let (code, text) = said(folder, &["key", "new", "director"]);
    assert!(code == 1 && text.contains("is there already"), "{text}");
    assert_eq!(std::fs::read(folder.join("director")).unwrap(), before);
    let (code, text) = said(folder, &["sign", "plan", "--key", "director.pub", "--by", "甲"]);
    assert!(code == 1 && text.contains("director.pub is no Ed25519 private key in PEM"), "{text}");
    let (code, text) = said(folder, &["verify", "plan", "--key", "director"]);
    assert!(code == 1 && text.contains("director is no Ed25519 public key in PEM"), "{text}");
    assert_eq!(said(folder, &["sign", "plan", "--key", "nowhere", "--by", "甲"]).0, 1);
    assert_eq!(said(folder, &["sign", "plan", "--key", "director", "--by", " "]).0, 2, "clap refuses an empty name");
}

/// Of an office's plan the approval stands in the store and the signature in the document; where the key will not do, neither.
#[cfg(feature = "scheduler")]
#[test]
fn an_office_signs_with_a_key_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("towns")).unwrap();
    let basin = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/two_towns_one_drought/basin.toml");
    std::fs::copy(basin, folder.join("towns/basin.toml")).unwrap();
    let job = "[[job]]\nid = \"daily\"\nbasin = \"towns\"\ncron = \"0 6 * * *\"\n";
    std::fs::write(folder.join("jobs.toml"), job).unwrap();
    let done = |arguments: &[&str]| {
        let (code, text) = said(folder, arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    };
    done(&["key", "new", "director"]);
    done(&["jobs", "fire", "daily", "--event", "first", "--by", "wang"]);
    done(&["serve", ".", "--once"]);
    let list = done(&["plans", "list"]);
    let plan = list.split('\t').next().unwrap();
    done(&["plans", "review", plan, "--by", "li"]);
    let sign = |by: &str, key: &str| said(folder, &["plans", "sign", plan, "--by", by, "--key", key]);
    let (code, text) = sign("王主任", "director.pub");
    assert!(code == 1 && text.contains("is no Ed25519 private key"), "{text}");
    let (code, text) = sign("li", "director");
    assert!(code == 1 && text.contains("reviewed"), "{text}");
    let shown = || PlanDocument::parse(&done(&["plans", "show", plan, "--document"])).unwrap();
    let before = shown();
    assert_eq!((before.record.status.as_str(), before.record.signatures.len()), ("reviewed", 0));
    let (code, text) = sign("王主任", "director");
    assert_eq!(code, 0, "{text}");
    let after = shown();
    assert_eq!(after.record.signed_by.as_deref(), Some("王主任"));
    assert_eq!(after.content_bytes(), before.content_bytes());
    std::fs::create_dir(folder.join("plan")).unwrap();
    write(folder, &after);
    let (code, text) = said(folder, &VERIFY);
    assert!(code == 0 && text.contains("signed by 王主任") && text.contains("with the key that was given"), "{text}");
    done(&["plans", "verify", plan]);
    done(&["store", "check"]);
}

/// The auditor's way without weir.
#[test]
fn openssl_checks_a_signature() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(std::env::var("CI").is_err(), "openssl is not installed");
        skipped::skipped("openssl is not installed (Debian: openssl)");
        return;
    }
    let folder = made();
    let folder = folder.path();
    assert_eq!(said(folder, &SIGN).0, 0);
    let document = document(folder);
    let signature = &document.record.signatures[0];
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    std::fs::write(folder.join("signed"), document.signed_bytes(&signature.by, &signature.at)).unwrap();
    std::fs::write(folder.join("signature"), bytes(&signature.signature)).unwrap();
    let openssl = |arguments: &[&str]| Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    let public = openssl(&["pkey", "-in", "director", "-pubout"]);
    assert_eq!(public.stdout, std::fs::read(folder.join("director.pub")).unwrap());
    let checked = openssl(&[
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "director.pub",
        "-rawin",
        "-in",
        "signed",
        "-sigfile",
        "signature",
    ]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
