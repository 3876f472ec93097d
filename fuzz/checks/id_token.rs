//! What an EHR may send as an id_token. The fuzz target `id_token` runs this on random texts, and `tests/fuzz_seeds.rs` on the seeds.

use fhir_ehr::internals::{accepts_id_token_payload, verify};
use serde_json::Value;

/// What the token must say, so that it is accepted.
const CLIENT: &str = "app";
const NONCE: &str = "n-1";
const NOW: i64 = 1_790_000_000;

/// Reads the text as a whole token, and as the payload of a token whose signature is valid.
pub(crate) fn check(text: &str) {
    assert!(verify(text, &[]).is_none(), "no key signed this token");
    if accepts_id_token_payload(text, CLIENT, NONCE, NOW) {
        let claims: Value = serde_json::from_str(text).expect("JSON");
        let is_client = |one: &Value| one == CLIENT;
        let audience = &claims["aud"];
        assert!(is_client(audience) || audience.as_array().is_some_and(|all| all.iter().any(is_client)));
        assert!(claims["azp"].is_null() && claims.get("azp").is_none() || is_client(&claims["azp"]));
        assert_eq!(claims["nonce"], NONCE);
        assert!(claims["exp"].as_f64().is_some_and(|end| end + 61.0 > NOW as f64));
        assert!(claims["sub"].as_str().is_some_and(|sub| !sub.is_empty()));
        assert!(claims["iss"].as_str().is_some_and(|iss| !iss.is_empty()));
    }
}
