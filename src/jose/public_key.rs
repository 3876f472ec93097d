//! The public part of a signing key: as a JWK, as PEM, and its thumbprint.

use super::{P384_BYTES, base64url, pem};
use crate::config::SigningAlgorithm;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, EllipticCurveKeyType,
    Jwk, KeyAlgorithm, PublicKeyUse, RSAKeyParameters, RSAKeyType,
};
use ring::digest;

/// A public key for ES384 or RS384.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Numbers);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Numbers {
    /// The coordinates of a point of P-384, 48 bytes each.
    Ec { x: Vec<u8>, y: Vec<u8> },
    /// Modulus and exponent, big-endian and without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl PublicKey {
    /// From an uncompressed point: the byte 4, x and y.
    pub(super) fn from_p384_point(point: &[u8]) -> Self {
        let (x, y) = point[1..].split_at(P384_BYTES);
        PublicKey(Numbers::Ec { x: x.to_vec(), y: y.to_vec() })
    }

    pub(super) fn from_rsa(n: Vec<u8>, e: Vec<u8>) -> Self {
        PublicKey(Numbers::Rsa { n, e })
    }

    /// The algorithm that the key verifies.
    pub fn algorithm(&self) -> SigningAlgorithm {
        match self.0 {
            Numbers::Ec { .. } => SigningAlgorithm::ES384,
            Numbers::Rsa { .. } => SigningAlgorithm::RS384,
        }
    }

    /// The key as an entry of a JWKS document.
    pub(super) fn jwk(&self, kid: &str) -> Jwk {
        let (alg, algorithm) = match &self.0 {
            Numbers::Ec { x, y } => (
                KeyAlgorithm::ES384,
                AlgorithmParameters::EllipticCurve(EllipticCurveKeyParameters {
                    key_type: EllipticCurveKeyType::EC,
                    curve: EllipticCurve::P384,
                    x: base64url(x),
                    y: base64url(y),
                }),
            ),
            Numbers::Rsa { n, e } => (
                KeyAlgorithm::RS384,
                AlgorithmParameters::RSA(RSAKeyParameters {
                    key_type: RSAKeyType::RSA,
                    n: base64url(n),
                    e: base64url(e),
                }),
            ),
        };
        let common = CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(alg),
            key_id: Some(kid.to_owned()),
            ..CommonParameters::default()
        };
        Jwk { common, algorithm }
    }

    /// The thumbprint of RFC 7638: SHA-256 over the public members, in base64url. The private members are not part of it (D34).
    pub fn thumbprint(&self) -> String {
        let canonical = match &self.0 {
            Numbers::Ec { x, y } => {
                format!(r#"{{"crv":"P-384","kty":"EC","x":"{}","y":"{}"}}"#, base64url(x), base64url(y))
            }
            Numbers::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, base64url(e), base64url(n))
            }
        };
        base64url(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
    }

    /// The key as PEM text (SubjectPublicKeyInfo), for a console that takes a `.pem` file (E4).
    pub fn pem(&self) -> String {
        /// id-ecPublicKey on secp384r1.
        const EC: &[u8] =
            &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
        /// rsaEncryption, with NULL for its parameters.
        const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
        let (algorithm, key) = match &self.0 {
            Numbers::Ec { x, y } => (EC, [&[4], x.as_slice(), y].concat()),
            Numbers::Rsa { n, e } => {
                (RSA, sequence(&[der(0x02, &unsigned(n)), der(0x02, &unsigned(e))].concat()))
            }
        };
        // A bit string begins with the number of unused bits.
        let bits = der(0x03, &[&[0], key.as_slice()].concat());
        let info = sequence(&[sequence(algorithm), bits].concat());
        pem::write("PUBLIC KEY", &info).to_string()
    }
}

/// A DER value: its tag, its length and its content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let mut value = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => value.push(short),
        _ => {
            // The count is at most the size of a usize.
            value.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            value.extend(bytes);
        }
    }
    value.extend_from_slice(content);
    value
}

fn sequence(content: &[u8]) -> Vec<u8> {
    der(0x30, content)
}

/// The content of a DER integer that is not negative.
fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let needs_zero = bytes.first().is_none_or(|first| first & 0x80 != 0);
    if needs_zero { [&[0], bytes].concat() } else { bytes.to_vec() }
}
