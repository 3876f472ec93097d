//! The JWKS document (RFC 7517): written for EHRs to fetch, and read back to check what was published.

use super::{PublicKey, VerificationKey};
use crate::error::{Code, Error, Result};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde_json::Value;

/// How long an EHR may keep a copy of the JWKS document, in seconds. A new key must be published for longer before it signs.
pub const JWKS_SECONDS: u32 = 3600;

/// The most keys that are read from a JWKS document.
const MAX_KEYS: usize = 100;

/// The JWKS document of a key ring, to serve at its URL without a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwksDocument {
    /// The body, with the media type `application/json`. It contains public keys only.
    pub json: String,
    /// The value of the header `Cache-Control`.
    pub cache_control: String,
    /// The same keys, in the order of the configuration.
    pub keys: Vec<PublishedKey>,
}

/// One key of the JWKS document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its id.
    pub kid: String,
    /// The public key.
    pub key: PublicKey,
}

impl JwksDocument {
    /// The document with these keys and their ids.
    pub(super) fn of(keys: Vec<PublishedKey>) -> Result<Self> {
        let set: Vec<Jwk> = keys.iter().map(|PublishedKey { kid, key }| key.jwk(kid)).collect();
        let json = serde_json::to_string(&JwkSet { keys: set })
            .map_err(|_| Error::new(Code::Internal).detail("the JWKS document was not written"))?;
        Ok(JwksDocument { json, cache_control: format!("public, max-age={JWKS_SECONDS}"), keys })
    }
}

/// The keys of a JWKS document that can verify signatures. Other keys are skipped: a set may contain keys for other purposes, and
/// types of keys that this library does not know. `None` when it is not a JWKS document.
pub fn read_keys(json: &str) -> Option<Vec<VerificationKey>> {
    let document: Value = serde_json::from_str(json).ok()?;
    let keys = document.get("keys")?.as_array()?;
    let known = |key: &Value| serde_json::from_value::<Jwk>(key.clone()).ok();
    Some(keys.iter().take(MAX_KEYS).filter_map(|key| VerificationKey::from_jwk(&known(key)?)).collect())
}

/// The members of a key that verifying needs. A certificate chain is not one of them.
const KEY_MEMBERS: [&str; 10] = ["kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "n", "e"];

/// A smaller JWKS document with the keys of `json` that can verify signatures, to be kept in a store. `None` when `json` is not a
/// JWKS document.
pub fn verification_set(json: &str) -> Option<String> {
    let document: Value = serde_json::from_str(json).ok()?;
    let usable = |key: &&Value| {
        let jwk = serde_json::from_value::<Jwk>((*key).clone()).ok();
        jwk.is_some_and(|jwk| VerificationKey::from_jwk(&jwk).is_some())
    };
    let members = |key: &Value| -> Value {
        KEY_MEMBERS.iter().filter_map(|name| Some(((*name).to_owned(), key.get(*name)?.clone()))).collect()
    };
    let keys = document.get("keys")?.as_array()?.iter().take(MAX_KEYS).filter(usable);
    let keys: Vec<Value> = keys.map(members).collect();
    Some(serde_json::json!({ "keys": keys }).to_string())
}
