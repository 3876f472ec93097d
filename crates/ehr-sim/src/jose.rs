//! JSON Web Tokens and keys: reading them, and checking signatures with ring.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

/// The algorithms that SMART requires (App Launch 2.2, "Client Authentication: Asymmetric").
pub(crate) const ALGS: &[&str] = &["ES384", "RS384"];

/// The bytes of each coordinate of a P-384 point.
const P384_BYTES: usize = 48;
/// The bytes of the smallest RSA modulus.
const MIN_MODULUS_BYTES: usize = 256;

/// A signed token whose signature is not checked yet.
#[derive(Debug)]
pub(crate) struct Jwt {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    signing_input: String,
    signature: Vec<u8>,
}

impl Jwt {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err("The assertion is not a JWT with three parts");
        };
        let object = |part: &str| -> Option<Map<String, Value>> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        Ok(Self {
            header: object(header).ok_or("The header of the assertion is not a JSON object in base64url")?,
            claims: object(claims).ok_or("The claims of the assertion are not a JSON object in base64url")?,
            signing_input: format!("{header}.{claims}"),
            signature: URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| "The signature of the assertion is not base64url")?,
        })
    }

    pub(crate) fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    pub(crate) fn claim_text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }
}

#[derive(Debug)]
enum PublicKey {
    /// The uncompressed point.
    P384(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// A key of a JWK set.
#[derive(Debug)]
pub(crate) struct Jwk {
    pub(crate) kid: Option<String>,
    pub(crate) kty: String,
    /// The algorithm that the set names for the key.
    pub(crate) alg: Option<String>,
    /// Why the key cannot check a signature, or should be changed. One sentence each.
    pub(crate) problems: Vec<&'static str>,
    /// None if the key cannot check a signature.
    key: Option<PublicKey>,
}

/// Reads a JWK set. Keys that cannot be used are part of the result.
pub(crate) fn parse_jwks(text: &str) -> Result<Vec<Jwk>, String> {
    let set: Value =
        serde_json::from_str(text).map_err(|error| format!("The document is not valid JSON: {error}"))?;
    let keys = set["keys"].as_array().ok_or("The document has no array \"keys\"")?;
    Ok(keys.iter().map(read_key).collect())
}

fn read_key(value: &Value) -> Jwk {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let bytes = |name: &str| value[name].as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let mut problems = Vec::new();
    let kty = text("kty").unwrap_or_default();
    let key = match kty.as_str() {
        "EC" if value["crv"] == "P-384" => match (bytes("x"), bytes("y")) {
            (Some(x), Some(y)) if x.len() == P384_BYTES && y.len() == P384_BYTES => {
                Some(PublicKey::P384([&[4][..], &x, &y].concat()))
            }
            _ => {
                problems.push("x or y is not base64url of 48 bytes");
                None
            }
        },
        "EC" => {
            problems.push("the curve is not P-384");
            None
        }
        "RSA" => match (bytes("n"), bytes("e")) {
            (Some(n), Some(e)) if n.len() >= MIN_MODULUS_BYTES => Some(PublicKey::Rsa { n, e }),
            _ => {
                problems.push("n or e is not base64url, or n has fewer than 2048 bits");
                None
            }
        },
        _ => {
            problems.push("kty is neither EC nor RSA");
            None
        }
    };
    let alg = text("alg");
    let expected = match &key {
        Some(PublicKey::P384(_)) => Some("ES384"),
        Some(PublicKey::Rsa { .. }) => Some("RS384"),
        None => None,
    };
    let mut usable = true;
    if let (Some(alg), Some(expected)) = (&alg, expected)
        && alg != expected
    {
        problems.push("alg is not the algorithm that SMART requires for this key type");
        usable = false;
    }
    if value.get("use").is_some_and(|used| used != "sig") {
        problems.push("use is not sig");
        usable = false;
    }
    let operations = value["key_ops"].as_array();
    if operations.is_some_and(|operations| !operations.iter().any(|name| name == "verify")) {
        problems.push("key_ops does not name verify");
        usable = false;
    }
    if ["d", "p", "q", "k"].iter().any(|private| value.get(private).is_some()) {
        problems.push("the document publishes the private key; replace the key now");
        usable = false;
    }
    let kid = text("kid").filter(|kid| !kid.is_empty());
    if kid.is_none() {
        problems.push("kid is missing");
    }
    Jwk { kid, kty, alg, problems, key: key.filter(|_| usable) }
}

/// The key of an assertion: the one with its `kid`.
pub(crate) fn find_key<'a>(keys: &'a [Jwk], kid: &str) -> Result<&'a Jwk, &'static str> {
    let mut found = keys.iter().filter(|key| key.kid.as_deref() == Some(kid));
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err("The JWK set has no key with the kid of the assertion"),
        (Some(_), Some(_)) => Err("The JWK set has more than one key with the kid of the assertion"),
    }
}

/// Checks a signature. The algorithm in the header must fit the key.
pub(crate) fn verify(jwt: &Jwt, key: &Jwk) -> Result<(), &'static str> {
    let message = jwt.signing_input.as_bytes();
    let result = match (jwt.header_text("alg"), &key.key) {
        (Some("ES384"), Some(PublicKey::P384(point))) => {
            UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point).verify(message, &jwt.signature)
        }
        (Some("RS384"), Some(PublicKey::Rsa { n, e })) => RsaPublicKeyComponents { n, e }.verify(
            &signature::RSA_PKCS1_2048_8192_SHA384,
            message,
            &jwt.signature,
        ),
        (_, None) => return Err("The key with the kid of the assertion cannot be used"),
        _ => return Err("The alg of the assertion does not fit its key"),
    };
    result.map_err(|_| "The signature of the assertion is wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_problems_of_keys_are_named() {
        let keys = parse_jwks(
            r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a"},{"kty":"oct","k":"AA"},
                {"kty":"EC","crv":"P-384","x":"AA","y":"AA","kid":"b","use":"enc"}]}"#,
        )
        .expect("a set");
        assert_eq!(keys[0].problems, ["the curve is not P-384"]);
        assert!(keys[1].problems.iter().any(|problem| problem.contains("private key")));
        assert!(keys[2].problems.contains(&"use is not sig"));
        assert!(parse_jwks("{}").is_err() && parse_jwks("[").is_err());
        assert!(find_key(&keys, "c").is_err());
    }
}
