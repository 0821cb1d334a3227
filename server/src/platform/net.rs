//! HTTPS to others: one kind of cryptography for every client.

/// Makes HTTPS ready for use. Call it before a client is made; more than once does no harm.
pub fn ready() {
    // Where somebody was first, theirs is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
