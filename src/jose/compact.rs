//! JSON Web Signatures in compact form: signed with a private key, verified with a published key.

use super::{PrivateKey, base64url, jwk::VerificationKey};
use crate::{
    config::SigningAlgorithm,
    error::{Code, Error, Result},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;
use zeroize::Zeroizing;

/// The header of a token that a key signs.
pub(super) fn header(algorithm: SigningAlgorithm, kid: &str, jku: Option<&str>) -> Header {
    let algorithm = match algorithm {
        SigningAlgorithm::ES384 => Algorithm::ES384,
        SigningAlgorithm::RS384 => Algorithm::RS384,
    };
    Header { kid: Some(kid.to_owned()), jku: jku.map(str::to_owned), ..Header::new(algorithm) }
}

/// Signs claims.
pub(super) fn sign(header: &Header, claims: &impl Serialize, key: &PrivateKey) -> Result<Zeroizing<String>> {
    let internal = |_| Error::new(Code::Internal).detail("the assertion was not written");
    let header = serde_json::to_vec(header).map_err(internal)?;
    let claims = Zeroizing::new(serde_json::to_vec(claims).map_err(internal)?);
    let mut token = Zeroizing::new(format!("{}.{}", base64url(&header), base64url(&claims)));
    let signature = base64url(&key.sign(token.as_bytes())?);
    token.push('.');
    token.push_str(&signature);
    Ok(token)
}

/// The longest token that is verified, in bytes.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// The payload of a token whose signature one of the keys verifies; `None` if none does. The claims are not checked.
///
/// The header selects among the keys by `kid` and must name the algorithm of the key. It never brings a key or an algorithm itself.
pub fn verify(token: &str, keys: &[VerificationKey]) -> Option<Vec<u8>> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    // An extension that must be understood is not (RFC 7515 section 4.1.11).
    if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (_, payload) = message.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let of_kid = |key: &&VerificationKey| header.kid.is_none() || key.kid() == header.kid.as_deref();
    keys.iter()
        .filter(of_kid)
        .any(|key| key.verifies(header.alg, message.as_bytes(), &signature))
        .then(|| URL_SAFE_NO_PAD.decode(payload).ok())?
}
