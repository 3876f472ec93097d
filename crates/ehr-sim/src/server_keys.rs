//! The signing keys of the authorization server, as its JWK set publishes them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest, hmac,
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    },
};
use serde_json::{Value, json};

use crate::{random::random_token, server_options::IdTokenAlgorithm};

/// How many keys are published: the current one, and the one before it.
const PUBLISHED: usize = 2;

/// RSA keys of the simulator only, used in turn. ring cannot generate RSA keys.
static RSA_KEYS: [&[u8]; 2] = [include_bytes!("keys/rsa-1.pk8"), include_bytes!("keys/rsa-2.pk8")];

/// The keys, the current one first.
#[derive(Debug)]
pub(crate) struct ServerKeys {
    algorithm: IdTokenAlgorithm,
    keys: Vec<ServerKey>,
    made: usize,
}

#[derive(Debug)]
struct ServerKey {
    kid: String,
    pair: Pair,
    /// Whether the JWK set has it. A new key can sign before it is published (O19).
    published: bool,
}

#[derive(Debug)]
enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(rsa::KeyPair),
}

/// How a fault signs an id_token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    /// With the current key.
    Right,
    /// The signature is that of another text.
    Wrong,
    /// `alg` is `none`, without a signature.
    None,
    /// `alg` is HS256, and the published key is the secret.
    PublicKeyAsSecret,
    /// With a key and a kid that are not published.
    UnknownKey,
    /// As `UnknownKey`, and the header brings the key itself.
    OwnKey,
}

impl Default for ServerKeys {
    fn default() -> Self {
        Self::new(IdTokenAlgorithm::Es384)
    }
}

impl ServerKey {
    fn new(algorithm: IdTokenAlgorithm, number: usize) -> Self {
        let ec = |algorithm: &'static EcdsaSigningAlgorithm| {
            let random = SystemRandom::new();
            // A server without a key would be worse than a crash.
            let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("ring generates a key");
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
            Pair::Ec(pair.expect("ring reads its own key"))
        };
        let pair = match algorithm {
            IdTokenAlgorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            IdTokenAlgorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            IdTokenAlgorithm::Rs256 | IdTokenAlgorithm::Rs384 => {
                let key = RSA_KEYS[number % RSA_KEYS.len()];
                Pair::Rsa(rsa::KeyPair::from_pkcs8(key).expect("the key of the simulator is valid"))
            }
        };
        Self { kid: random_token::<9>(), pair, published: true }
    }

    fn jwk(&self, algorithm: IdTokenAlgorithm) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(point.len() / 2);
                let curve = if algorithm == IdTokenAlgorithm::Es256 { "P-256" } else { "P-384" };
                json!({
                    "kty": "EC", "crv": curve, "use": "sig", "alg": algorithm.as_str(), "kid": self.kid,
                    "x": text(x), "y": text(y),
                })
            }
            Pair::Rsa(pair) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({
                    "kty": "RSA", "use": "sig", "alg": algorithm.as_str(), "kid": self.kid,
                    "n": text(&public.n), "e": text(&public.e),
                })
            }
        }
    }

    fn sign(&self, algorithm: IdTokenAlgorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, message).expect("ring signs").as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding = match algorithm {
                    IdTokenAlgorithm::Rs384 => &RSA_PKCS1_SHA384,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, message, &mut signature).expect("ring signs");
                signature
            }
        }
    }
}

impl ServerKeys {
    pub(crate) fn new(algorithm: IdTokenAlgorithm) -> Self {
        Self { algorithm, keys: vec![ServerKey::new(algorithm, 0)], made: 1 }
    }

    /// Makes a new current key. The key before the last one is no longer published. Without `published`, the new key signs before the
    /// JWK set has it.
    pub(crate) fn rotate(&mut self, published: bool) {
        let key = ServerKey::new(self.algorithm, self.made);
        self.made += 1;
        self.keys.insert(0, ServerKey { published, ..key });
        self.keys.truncate(PUBLISHED + usize::from(!published));
    }

    /// Makes and publishes a new current key that has the `kid` of the old one, which is no longer published.
    pub(crate) fn replace(&mut self) {
        let key = ServerKey::new(self.algorithm, self.made);
        self.made += 1;
        self.keys[0] = ServerKey { kid: self.keys[0].kid.clone(), ..key };
    }

    /// Publishes the current key.
    pub(crate) fn publish(&mut self) {
        for key in &mut self.keys {
            key.published = true;
        }
        self.keys.truncate(PUBLISHED);
    }

    /// The JWK set.
    pub(crate) fn document(&self) -> Value {
        let published = self.keys.iter().filter(|key| key.published);
        let keys: Vec<Value> = published.map(|key| key.jwk(self.algorithm)).collect();
        json!({ "keys": keys })
    }

    /// A signed token with these claims, which are JSON text.
    pub(crate) fn token(&self, claims: &str, signing: Signing) -> String {
        let current = &self.keys[0];
        let foreign = ServerKey::new(IdTokenAlgorithm::Es384, 0);
        let (key, algorithm) = match signing {
            Signing::UnknownKey | Signing::OwnKey => (&foreign, IdTokenAlgorithm::Es384),
            _ => (current, self.algorithm),
        };
        let name = match signing {
            Signing::None => "none",
            Signing::PublicKeyAsSecret => "HS256",
            _ => algorithm.as_str(),
        };
        let mut header = json!({"typ": "JWT", "alg": name, "kid": key.kid});
        if signing == Signing::OwnKey {
            header["jwk"] = key.jwk(algorithm);
        }
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", encode(&header.to_string()), encode(claims));
        let signature = match signing {
            Signing::None => Vec::new(),
            Signing::Wrong => key.sign(algorithm, b"another text"),
            Signing::PublicKeyAsSecret => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, key.jwk(algorithm).to_string().as_bytes());
                hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
            }
            Signing::Right | Signing::UnknownKey | Signing::OwnKey => key.sign(algorithm, message.as_bytes()),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// `at_hash` of an access token.
    pub(crate) fn access_token_hash(&self, access_token: &str) -> String {
        let algorithm = match self.algorithm {
            IdTokenAlgorithm::Rs256 | IdTokenAlgorithm::Es256 => &digest::SHA256,
            IdTokenAlgorithm::Rs384 | IdTokenAlgorithm::Es384 => &digest::SHA384,
        };
        let hash = digest::digest(algorithm, access_token.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
    }
}
