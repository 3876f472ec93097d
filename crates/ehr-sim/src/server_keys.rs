//! The signing keys of the authorization server, as its JWK set publishes them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

use crate::random::random_token;

/// How many keys are published: the current one, and the one before it.
const PUBLISHED: usize = 2;

/// The keys, the current one first.
#[derive(Debug)]
pub(crate) struct ServerKeys(Vec<PublishedKey>);

#[derive(Debug)]
struct PublishedKey {
    kid: String,
    /// 0x04, then the coordinates.
    point: Vec<u8>,
}

impl Default for ServerKeys {
    fn default() -> Self {
        Self(vec![PublishedKey::generate()])
    }
}

impl PublishedKey {
    fn generate() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
        // A server without a key would be worse than a crash.
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("ring generates a key");
        let pair =
            EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("ring reads its own key");
        Self { kid: random_token::<9>(), point: pair.public_key().as_ref().to_vec() }
    }
}

impl ServerKeys {
    /// Makes a new current key. The key before the last one is no longer published.
    pub(crate) fn rotate(&mut self) {
        self.0.insert(0, PublishedKey::generate());
        self.0.truncate(PUBLISHED);
    }

    /// The JWK set.
    pub(crate) fn document(&self) -> Value {
        let keys: Vec<Value> = self
            .0
            .iter()
            .map(|key| {
                let (x, y) = key.point[1..].split_at(key.point.len() / 2);
                json!({
                    "kty": "EC", "crv": "P-384", "use": "sig", "alg": "ES384", "kid": key.kid,
                    "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
                })
            })
            .collect();
        json!({ "keys": keys })
    }
}
