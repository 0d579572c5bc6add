//! Signatures of a plan: who signed it with which key, and the bytes that were signed.
//!
//! They stand in the record, outside of the content, whose bytes and digest stay as they are. Signed are the plan's id, which is that
//! digest, the signer's name and the time. Ed25519 (RFC 8032); keys and cryptography are the command's (docs/certificate.md).

use serde::{Deserialize, Serialize};

use super::PlanDocument;

/// A signature of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who signed.
    pub by: String,
    /// When (RFC 3339).
    pub at: String,
    /// Public key, 32 bytes as hexadecimal digits.
    pub key: String,
    /// Signature, 64 bytes as hexadecimal digits.
    pub signature: String,
}

impl PlanDocument {
    /// What is signed where somebody signs the plan at a time.
    pub fn signed_bytes(&self, by: &str, at: &str) -> Vec<u8> {
        format!("weir.plan signature 1\nplan {}\nby {by}\nat {at}\n", self.record.id).into_bytes()
    }

    /// Puts a signature into the record, in place of an earlier one by the same person and key.
    pub fn put_signature(&mut self, signature: Signature) {
        let signatures = &mut self.record.signatures;
        signatures.retain(|other| (&other.key, &other.by) != (&signature.key, &signature.by));
        signatures.push(signature);
    }
}
