//! A public key of a JWKS document, for verifying a signature.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RsaPublicKeyComponents, UnparsedPublicKey,
};

/// A key that verifies signatures with one of the allowed algorithms: RS256, RS384, ES256 or ES384.
#[derive(Clone, Debug)]
pub struct VerificationKey {
    kid: Option<String>,
    /// The only algorithm of the key, if the document names one.
    algorithm: Option<Algorithm>,
    numbers: Numbers,
}

#[derive(Clone, Debug)]
enum Numbers {
    P256(Vec<u8>),
    P384(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl VerificationKey {
    /// A key of a JWKS document; `None` for one that cannot verify a signature with an allowed algorithm.
    pub(super) fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let common = &jwk.common;
        if common.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature)
            || common.key_operations.as_ref().is_some_and(|all| !all.contains(&KeyOperations::Verify))
        {
            return None;
        }
        let algorithm = match common.key_algorithm {
            None => None,
            Some(KeyAlgorithm::RS256) => Some(Algorithm::RS256),
            Some(KeyAlgorithm::RS384) => Some(Algorithm::RS384),
            Some(KeyAlgorithm::ES256) => Some(Algorithm::ES256),
            Some(KeyAlgorithm::ES384) => Some(Algorithm::ES384),
            Some(_) => return None,
        };
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let point = |x: &str, y: &str, length: usize| {
            let (x, y) = (bytes(x)?, bytes(y)?);
            (x.len() == length && y.len() == length).then(|| [&[4], x.as_slice(), &y].concat())
        };
        let numbers = match &jwk.algorithm {
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => Numbers::P256(point(&key.x, &key.y, 32)?),
                EllipticCurve::P384 => Numbers::P384(point(&key.x, &key.y, super::P384_BYTES)?),
                _ => return None,
            },
            AlgorithmParameters::RSA(key) => Numbers::Rsa { n: bytes(&key.n)?, e: bytes(&key.e)? },
            _ => return None,
        };
        Some(VerificationKey { kid: common.key_id.clone(), algorithm, numbers })
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the key can verify signatures with this algorithm.
    pub(super) fn allows(&self, algorithm: Algorithm) -> bool {
        let fits = match self.numbers {
            Numbers::P256(_) => algorithm == Algorithm::ES256,
            Numbers::P384(_) => algorithm == Algorithm::ES384,
            Numbers::Rsa { .. } => matches!(algorithm, Algorithm::RS256 | Algorithm::RS384),
        };
        fits && self.algorithm.is_none_or(|only| only == algorithm)
    }

    /// Whether the signature is by this key, with this algorithm.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.allows(algorithm) {
            return false;
        }
        let verified = match (&self.numbers, algorithm) {
            (Numbers::P256(point), Algorithm::ES256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Numbers::P384(point), Algorithm::ES384) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message, signature)
            }
            (Numbers::Rsa { n, e }, Algorithm::RS256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Numbers::Rsa { n, e }, Algorithm::RS384) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA384, message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}
