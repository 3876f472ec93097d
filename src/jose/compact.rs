//! JSON Web Signatures in compact form: signed with a private key, verified with a published key.

use super::{PrivateKey, base64url, jwk::VerificationKey, signed_token::SignedToken};
use crate::{
    config::SigningAlgorithm,
    error::{Code, Error, Result},
};
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

/// The payload of a token whose signature one of the keys verifies; `None` if none does. The claims are not checked.
///
/// The header selects among the keys by `kid` and must name the algorithm of the key. It never brings a key or an algorithm itself.
pub fn verify(token: &str, keys: &[VerificationKey]) -> Option<Vec<u8>> {
    let token = SignedToken::parse(token).ok()?;
    token.verify(keys).ok()?;
    Some(token.into_payload())
}
