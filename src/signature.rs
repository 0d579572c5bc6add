//! Ed25519 keys in files, and what they sign: private keys as PKCS#8, public ones as SubjectPublicKeyInfo, both in PEM, so that
//! `openssl pkey` reads them too.
//!
//! Fails: a file that holds no such key, or the other of the two; a private key's file that is there already.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use jiff::Timestamp;
use weir_model::document::{PlanDocument, Signature};

use crate::failure::Failure;

/// What stands before the 32 bytes of a private key in PKCS#8 (RFC 8410).
const PRIVATE: &[u8] = &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// What stands before the 32 bytes of a public key in SubjectPublicKeyInfo.
const PUBLIC: &[u8] = &[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// Makes a new key: writes the private one to a file that only its owner may read, and the public one beside it. Tells the public key.
pub fn new_key(file: &Path) -> Result<(PathBuf, String), Failure> {
    let broken = |_| Failure::Broken("error: the machine gives no random numbers".to_owned());
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(broken)?;
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    write_private(file, &pem("PRIVATE KEY", PRIVATE, &seed))?;
    let beside = PathBuf::from(format!("{}.pub", file.display()));
    crate::files::write(&beside, pem("PUBLIC KEY", PUBLIC, &public).as_bytes())?;
    Ok((beside, hex(&public)))
}

/// The signature of a plan by the private key in a file, at a time.
pub fn sign(document: &PlanDocument, key: &Path, by: &str, now: Timestamp) -> Result<Signature, Failure> {
    let own = SigningKey::from_bytes(&read(key, "PRIVATE KEY", PRIVATE)?);
    let at = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let signature = own.sign(&document.signed_bytes(by, &at));
    Ok(Signature { by: by.to_owned(), at, key: hex(own.verifying_key().as_bytes()), signature: hex(&signature.to_bytes()) })
}

/// The public key in a file, as hexadecimal digits.
pub fn public_key(file: &Path) -> Result<String, Failure> {
    read(file, "PUBLIC KEY", PUBLIC).map(|key| hex(&key))
}

/// What is wrong with the signatures of a plan: those that are not of it, and keys that did not sign it.
pub fn faults(document: &PlanDocument, keys: &[String]) -> Vec<String> {
    let signatures = &document.record.signatures;
    let broken = signatures.iter().filter(|signature| !holds(document, signature));
    let mut faults: Vec<String> =
        broken.map(|signature| format!("signature: that of `{}` is not of this plan", signature.by)).collect();
    for key in keys.iter().filter(|key| !signatures.iter().any(|signature| signature.key == **key)) {
        faults.push(if signatures.is_empty() {
            "signature: the plan has none".to_owned()
        } else {
            let by: Vec<String> = signatures.iter().map(|signature| signature.key.clone()).collect();
            format!("signature: none is by the key {key}, but by {}", by.join(" and "))
        });
    }
    faults
}

fn holds(document: &PlanDocument, signature: &Signature) -> bool {
    let key = bytes(&signature.key).and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let (Some(key), Some(value)) = (key, bytes(&signature.signature)) else { return false };
    let signed = document.signed_bytes(&signature.by, &signature.at);
    // Strictly: under a key of small order, which nobody need hold, one signature is of nearly anything.
    key.verify_strict(&signed, &ed25519_dalek::Signature::from_bytes(&value)).is_ok()
}

fn write_private(file: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut opened = options.open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::Impossible(format!(
            "error: {} is there already\n  hint: a key is never overwritten: name another file",
            file.display()
        )),
        _ => Failure::file("write", file, &error),
    })?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).map_err(|error| Failure::file("write", file, &error))
}

/// The 32 bytes of a key in a PEM file.
fn read(file: &Path, label: &str, before: &[u8]) -> Result<[u8; 32], Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Impossible(format!("error: cannot read {}: {error}", file.display())))?;
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let body = text.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).map(|(body, _)| body);
    let body: String = body.unwrap_or_default().split_whitespace().collect();
    let found = STANDARD.decode(body).ok().and_then(|der| der.strip_prefix(before)?.try_into().ok());
    found.ok_or_else(|| refused(file, label))
}

fn refused(file: &Path, label: &str) -> Failure {
    let hint = if label == "PUBLIC KEY" {
        "a plan is verified by the public key, which `weir key new FILE` writes as FILE.pub"
    } else {
        "a plan is signed by the private key, which `weir key new FILE` writes"
    };
    let kind = label.to_lowercase();
    Failure::Impossible(format!(
        "error: {} is no Ed25519 {kind} in PEM: it holds no such key\n  hint: {hint}",
        file.display()
    ))
}

fn pem(label: &str, before: &[u8], key: &[u8]) -> String {
    let der = STANDARD.encode([before, key].concat());
    format!("-----BEGIN {label}-----\n{der}\n-----END {label}-----\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// So many bytes, written in hexadecimal digits.
fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() == 2 * N)?;
    Some(std::array::from_fn(|byte| digits[2 * byte] * 16 + digits[2 * byte + 1]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// RFC 8032, 7.1, test 1: the key and the signature of nothing.
    #[test]
    fn the_key_of_the_standard_has_its_public_key_and_signs_as_it_does() {
        let seed = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let own = SigningKey::from_bytes(&seed);
        assert_eq!(hex(own.verifying_key().as_bytes()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert!(
            hex(&own.sign(b"").to_bytes()).starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f")
        );
    }

    #[test]
    fn digits_are_read_as_they_are_written() {
        assert_eq!(bytes(&hex(&[0, 15, 16, 255])), Some([0, 15, 16, 255]));
        assert_eq!((bytes::<2>("abc"), bytes::<1>("zz"), bytes::<1>("0000")), (None, None, None));
    }
}
