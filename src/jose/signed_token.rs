//! A signed token of another server: its header is read, and its signature is verified with a published key (D16).

use super::{jwk::VerificationKey, unique_members::unique_members};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use ring::digest;
use serde_json::{Map, Value};

/// The longest token that is verified, in bytes.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// It is not a token in compact form, is longer than 64 KiB, or its header needs an extension.
    Malformed,
    /// Its algorithm is none of RS256, RS384, ES256 and ES384, or does not fit the key.
    Algorithm,
    /// No key has its `kid`.
    UnknownKey,
    /// The signature is wrong.
    Signature,
}

impl TokenRefusal {
    /// The reason as part of an error.
    pub fn reason(self) -> &'static str {
        match self {
            TokenRefusal::Malformed => "it is not a signed token in compact form of at most 64 KiB",
            TokenRefusal::Algorithm => {
                "its algorithm is not RS256, RS384, ES256 or ES384, or does not fit the key"
            }
            TokenRefusal::UnknownKey => "no published key has its kid",
            TokenRefusal::Signature => "its signature is wrong",
        }
    }
}

/// A token whose signature is not verified yet. It is not `Debug`: its payload names a person.
pub struct SignedToken<'t> {
    kid: Option<String>,
    algorithm: Algorithm,
    message: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> SignedToken<'t> {
    /// Reads the header of a token. The members `jwk`, `jku`, `x5u` and `x5c` are ignored: a token never brings its own key.
    ///
    /// # Errors
    /// [`TokenRefusal::Malformed`] or [`TokenRefusal::Algorithm`].
    pub fn parse(token: &'t str) -> Result<Self, TokenRefusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefusal::Malformed);
        }
        let parts = || {
            let (message, signature) = token.rsplit_once('.')?;
            let (header, payload) = message.split_once('.')?;
            let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
            Some((message, unique_members(&decode(header)?)?, decode(payload)?, decode(signature)?))
        };
        let (message, header, payload, signature) = parts().ok_or(TokenRefusal::Malformed)?;
        check_header(&header)?;
        let algorithm = match header.get("alg").and_then(Value::as_str) {
            Some("RS256") => Algorithm::RS256,
            Some("RS384") => Algorithm::RS384,
            Some("ES256") => Algorithm::ES256,
            Some("ES384") => Algorithm::ES384,
            _ => return Err(TokenRefusal::Algorithm),
        };
        let kid = header.get("kid").and_then(Value::as_str).map(str::to_owned);
        Ok(SignedToken { kid, algorithm, message, payload, signature })
    }

    /// The payload. Nothing proves it before [`SignedToken::verify`].
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, owned.
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// Verifies the signature with the keys that have the token's `kid`, and with those that have none (RFC 7517 section 4.5: `kid` is
    /// optional); a token without a `kid`, with each key.
    ///
    /// # Errors
    /// [`TokenRefusal::UnknownKey`] unless a key has the token's `kid`: the token's key may be a newer one.
    pub fn verify(&self, keys: &[VerificationKey]) -> Result<(), TokenRefusal> {
        let has_its_kid = |key: &VerificationKey| self.kid.is_some() && key.kid() == self.kid.as_deref();
        let is_candidate =
            |key: &&VerificationKey| self.kid.is_none() || key.kid().is_none() || has_its_kid(key);
        let candidates: Vec<&VerificationKey> = keys.iter().filter(is_candidate).collect();
        let verifies =
            |key: &&VerificationKey| key.verifies(self.algorithm, self.message.as_bytes(), &self.signature);
        if candidates.iter().any(verifies) {
            return Ok(());
        }
        let mut named = candidates.iter().filter(|key| has_its_kid(key)).peekable();
        Err(if named.peek().is_none() {
            TokenRefusal::UnknownKey
        } else if named.any(|key| key.allows(self.algorithm)) {
            TokenRefusal::Signature
        } else {
            TokenRefusal::Algorithm
        })
    }

    /// The left half of the hash of an access token, in base64url, with the hash of the token's algorithm: what `at_hash` must be
    /// (OpenID Connect Core 3.1.3.6).
    pub fn access_token_hash(&self, access_token: &str) -> String {
        let algorithm = match self.algorithm {
            Algorithm::RS384 | Algorithm::ES384 => &digest::SHA384,
            _ => &digest::SHA256,
        };
        let hash = digest::digest(algorithm, access_token.as_bytes());
        let hash = hash.as_ref();
        super::base64url(&hash[..hash.len() / 2])
    }
}

/// An extension that must be understood is not (RFC 7515 section 4.1.11), and neither is encryption or compression. A token of
/// another type, such as an access token (`at+jwt`, RFC 9068), is never taken for an id_token (RFC 8725 section 3.11).
fn check_header(header: &Map<String, Value>) -> Result<(), TokenRefusal> {
    let has_extension = ["crit", "enc", "zip"].iter().any(|name| header.contains_key(*name));
    let is_jwt = match header.get("typ") {
        None | Some(Value::Null) => true,
        Some(Value::String(name)) => {
            let name = name.to_ascii_lowercase();
            name == "jwt" || name == "application/jwt"
        }
        Some(_) => false,
    };
    let has_text_kid = matches!(header.get("kid"), None | Some(Value::Null | Value::String(_)));
    if has_extension || !is_jwt || !has_text_kid { Err(TokenRefusal::Malformed) } else { Ok(()) }
}
