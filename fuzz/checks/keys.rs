//! What a JWKS URL, a token and a key file may contain. The fuzz target `keys` runs this on random texts, and
//! `tests/fuzz_seeds.rs` on the seeds.

use fhir_ehr::{
    PrivateKey, Secret,
    internals::{read_keys, verify},
};

/// A token with a valid form whose signature no key verifies.
const TOKEN: &str = "eyJhbGciOiJFUzM4NCIsImtpZCI6ImsxIn0.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Reads the text as each of them.
pub(crate) fn check(text: &str) {
    let keys = read_keys(text).unwrap_or_default();
    assert!(verify(TOKEN, &keys).is_none());
    assert!(verify(text, &keys).is_none());
    if let Ok(key) = PrivateKey::parse(&Secret::from(text)) {
        let public = key.public_key();
        assert_eq!(public.algorithm(), key.algorithm());
        assert_eq!(public.thumbprint().len(), 43);
        assert!(public.pem().ends_with("-----END PUBLIC KEY-----\n"));
    }
}
