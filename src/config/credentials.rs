//! The ways to authenticate at the token endpoint, and the key rings for `private_key_jwt`.

use crate::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// How the client authenticates at the token endpoint, by its name in OAuth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// The client id in the body: a public client, or a client that a TLS certificate authenticates.
    None,
    /// Client id and secret in HTTP Basic.
    ClientSecretBasic,
    /// Client id and secret in the body.
    ClientSecretPost,
    /// An assertion that a key of the key ring signs (RFC 7523).
    PrivateKeyJwt,
}

impl Authentication {
    /// The name in OAuth.
    pub fn name(self) -> &'static str {
        match self {
            Authentication::None => "none",
            Authentication::ClientSecretBasic => "client_secret_basic",
            Authentication::ClientSecretPost => "client_secret_post",
            Authentication::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// The algorithm of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum SigningAlgorithm {
    /// ECDSA with P-384 and SHA-384.
    ES384,
    /// RSA with PKCS #1 v1.5 padding and SHA-384.
    RS384,
}

impl SigningAlgorithm {
    /// The name in JOSE.
    pub fn name(self) -> &'static str {
        match self {
            SigningAlgorithm::ES384 => "ES384",
            SigningAlgorithm::RS384 => "RS384",
        }
    }
}

/// The phase of a key in its rotation. The JWKS document contains every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, but it signs nothing yet: EHRs may still have an older copy of the JWKS document.
    Next,
    /// Signs. A key ring has at most one current key for each algorithm.
    Current,
    /// Published, but it signs nothing any longer: an EHR may still verify an earlier assertion.
    Retired,
}

impl KeyState {
    /// The word in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            KeyState::Next => "next",
            KeyState::Current => "current",
            KeyState::Retired => "retired",
        }
    }
}

/// A named set of keys for `private_key_jwt`. Several registrations may use it, and one JWKS URL serves all of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRingConfig {
    /// The name that registrations use for it.
    pub name: String,
    /// Its keys. `fhir-ehr keys` generates and imports them.
    pub keys: Vec<SigningKeyConfig>,
    /// The URL where the application publishes the JWKS document. If it is set, assertions name it as `jku`. It must be the URL
    /// that is registered at the EHR.
    #[serde(default)]
    pub jwks_url: Option<String>,
}

/// A private key that signs assertions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SigningKeyConfig {
    /// The id of the key in the JWKS document. Never give the id of an old key to a new one.
    pub kid: String,
    /// The private key, as PKCS#8 PEM or as a private JWK: `file:PATH`, `env:NAME` or `hook:NAME`.
    #[schemars(with = "String")]
    pub key: Secret,
    /// ES384 for an EC key on P-384, or RS384 for an RSA key of at least 2048 bits.
    pub algorithm: SigningAlgorithm,
    /// The phase of the key in its rotation.
    pub state: KeyState,
}

impl KeyRingConfig {
    /// The current key, of this algorithm if one is named.
    pub fn current(&self, algorithm: Option<SigningAlgorithm>) -> Option<&SigningKeyConfig> {
        self.keys.iter().find(|key| {
            key.state == KeyState::Current && algorithm.is_none_or(|algorithm| key.algorithm == algorithm)
        })
    }
}

/// Checks the key rings. The error names the place and never a secret.
pub(super) fn check(rings: &[KeyRingConfig]) -> std::result::Result<(), String> {
    for (number, ring) in rings.iter().enumerate() {
        check_ring(ring).map_err(|what| format!("key_rings[{number}].{what}"))?;
        if rings[..number].iter().any(|other| other.name == ring.name) {
            return Err(format!("key_rings[{number}].name: another key ring has this name"));
        }
    }
    Ok(())
}

fn check_ring(ring: &KeyRingConfig) -> std::result::Result<(), String> {
    if ring.name.trim().is_empty() {
        return Err("name: it is empty".to_owned());
    }
    for (number, key) in ring.keys.iter().enumerate() {
        let before = &ring.keys[..number];
        if key.kid.trim().is_empty() {
            return Err(format!("keys[{number}].kid: it is empty"));
        }
        if before.iter().any(|other| other.kid == key.kid) {
            return Err(format!("keys[{number}].kid: another key of the ring has this id"));
        }
        let is_current = |key: &SigningKeyConfig| (key.state == KeyState::Current).then_some(key.algorithm);
        if is_current(key).is_some() && before.iter().any(|other| is_current(other) == is_current(key)) {
            let algorithm = key.algorithm.name();
            return Err(format!(
                "keys[{number}].state: another {algorithm} key is current; set that one to \"retired\", or this one to \"next\""
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use serde_json::{Value, json};

    fn read(registration: Value, key_rings: Value) -> std::result::Result<Config, String> {
        let mut one = json!({"id": "r", "environments": ["test"], "client_id": "c"});
        for (name, value) in registration.as_object().expect("an object") {
            one[name] = value.clone();
        }
        let document = json!({"registrations": [one], "sources": [], "key_rings": key_rings,
            "vault": {"current": "k", "keys": [], "index_key": ""}});
        Config::from_json(&document.to_string()).map_err(|error| error.message())
    }

    fn key(kid: &str, algorithm: &str, state: &str) -> Value {
        json!({"kid": kid, "key": "file:key.pem", "algorithm": algorithm, "state": state})
    }

    #[test]
    fn the_authentication_follows_from_the_credentials() {
        let rings = json!([{"name": "main", "keys": [key("a", "ES384", "current")]}]);
        for (registration, expected) in [
            (json!({}), "none"),
            (json!({"client_secret": "s"}), "client_secret_basic"),
            (json!({"client_secret": "s", "authentication": "client_secret_post"}), "client_secret_post"),
            (json!({"key_ring": "main"}), "private_key_jwt"),
            (json!({"key_ring": "main", "client_secret": "s"}), "private_key_jwt"),
            (
                json!({"key_ring": "main", "client_secret": "s", "authentication": "client_secret_basic"}),
                "client_secret_basic",
            ),
        ] {
            let config = read(registration.clone(), rings.clone()).unwrap();
            assert_eq!(config.registrations[0].authentication().name(), expected, "{registration}");
        }
    }

    #[test]
    fn credentials_that_do_not_fit_are_refused_with_their_place() {
        let ring = |keys: Value| json!([{"name": "main", "keys": keys}]);
        let good = ring(json!([
            key("a", "ES384", "current"),
            key("b", "RS384", "current"),
            key("c", "ES384", "next")
        ]));
        assert!(read(json!({"key_ring": "main"}), good.clone()).is_ok());
        for (registration, rings, place) in [
            (json!({"authentication": "client_secret_post"}), json!([]), "registrations[0].client_secret: "),
            (json!({"authentication": "private_key_jwt"}), json!([]), "registrations[0].key_ring: "),
            (json!({"key_ring": "other"}), good.clone(), "registrations[0].key_ring: no key ring"),
            (json!({"client_secret_next": "s"}), json!([]), "registrations[0].client_secret_next: "),
            (json!({"key_ring": "main"}), ring(json!([key("a", "ES384", "next")])), "no key with the state"),
            (
                json!({"key_ring": "main", "signing_algorithm": "RS384"}),
                ring(json!([key("a", "ES384", "current")])),
                "no key with the state",
            ),
            (json!({}), ring(json!([key("", "ES384", "next")])), "key_rings[0].keys[0].kid: "),
            (
                json!({}),
                ring(json!([key("a", "ES384", "next"), key("a", "RS384", "next")])),
                "key_rings[0].keys[1].kid: ",
            ),
            (
                json!({}),
                ring(json!([key("a", "ES384", "current"), key("b", "ES384", "current")])),
                "key_rings[0].keys[1].state: ",
            ),
            (json!({}), json!([{"name": "x", "keys": []}, {"name": "x", "keys": []}]), "key_rings[1].name: "),
            (json!({}), ring(json!([key("a", "HS256", "next")])), "must be one of ES384, RS384"),
            (json!({}), ring(json!([key("a", "none", "next")])), "must be one of ES384, RS384"),
        ] {
            let error = read(registration.clone(), rings.clone()).unwrap_err();
            assert!(error.contains(place), "{registration} {rings}: {error}");
        }
    }
}
