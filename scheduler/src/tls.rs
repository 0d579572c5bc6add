//! TLS: rustls with ring, for every connection that the office makes.

/// Makes ring the process's provider of cryptography; done twice it changes nothing.
pub(crate) fn ready() {
    // Refused only where a provider stands already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
