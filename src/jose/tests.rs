//! Tests of signing, verifying and key parsing, with the vectors of RFC 7515 and RFC 7638 and with keys that openssl made.

use super::{
    AssertionRequest, JwksDocument, PrivateKey, PublicKey, PublishedKey, SignedToken, SigningKey,
    TokenRefusal, VerificationKey, assertion, base64url, read_keys, verify,
};
use crate::{
    config::SigningAlgorithm,
    error::Code,
    secret::{ExposeSecret, Secret},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// An RSA key of 2048 bits that openssl made for these tests.
const RSA_PEM: &str = include_str!("test_keys/rsa.pem");
/// An EC key on P-384 that openssl made, and its public part as openssl writes it.
const EC_PEM: &str = include_str!("test_keys/ec.pem");
const EC_PUBLIC_PEM: &str = include_str!("test_keys/ec.pub.pem");
const RSA_PUBLIC_PEM: &str = include_str!("test_keys/rsa.pub.pem");
/// The key of `RSA_PEM` as a private JWK.
const RSA_JWK: &str = include_str!("test_keys/rsa.jwk.json");

fn key(text: &str) -> PrivateKey {
    PrivateKey::parse(&Secret::from(text)).expect("a key")
}

fn refusal(text: &str) -> (String, String) {
    let error = PrivateKey::parse(&Secret::from(text)).expect_err("a refusal");
    assert_eq!(error.code(), Code::ConfigInvalid);
    (error.message(), error.hint_text().unwrap_or_default().to_owned())
}

fn document(keys: &[(&str, &PublicKey)]) -> JwksDocument {
    let published =
        |(kid, key): &(&str, &PublicKey)| PublishedKey { kid: (*kid).to_owned(), key: (*key).clone() };
    JwksDocument::of(keys.iter().map(published).collect()).unwrap()
}

/// What a document with this key reads.
fn published(kid: &str, key: &PublicKey) -> Vec<VerificationKey> {
    read_keys(&document(&[(kid, key)]).json).unwrap()
}

fn signed(key: PrivateKey, kid: &str) -> String {
    let signing =
        SigningKey { kid: kid.to_owned(), jwks_url: Some("https://app.example/jwks".to_owned()), key };
    let request = AssertionRequest {
        client_id: "client-1",
        audience: "https://auth.example/token?t=1",
        now: 1000,
        jti: "j",
    };
    assertion(&signing, &request).unwrap().expose_secret().to_owned()
}

fn part(token: &str, number: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn the_signatures_of_rfc_7515_are_verified() {
    // A.2 (RS256) and A.3 (ES256).
    let rsa: Value = serde_json::from_str(include_str!("test_keys/rfc7515-a2.jwk.json")).unwrap();
    let keys = json!({"keys": [rsa,
        {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]});
    let keys = read_keys(&keys.to_string()).unwrap();
    for token in [include_str!("test_keys/rfc7515-a2.jws"), include_str!("test_keys/rfc7515-a3.jws")] {
        let token = token.trim();
        let payload = verify(token, &keys).expect("a signature of the RFC");
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(claims["iss"], "joe");
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let forged = base64url(br#"{"iss":"mallory"}"#);
        assert!(verify(&format!("{header}.{forged}.{signature}"), &keys).is_none());
        assert!(verify(&format!("{message}."), &keys).is_none());
        assert!(verify(message, &keys).is_none());
    }
}

#[test]
fn a_header_cannot_choose_the_algorithm_or_the_key() {
    let key = key(EC_PEM);
    let keys = published("k1", &key.public_key());
    let token = signed(key, "k1");
    assert!(verify(&token, &keys).is_some());
    let rest = token.split_once('.').unwrap().1;
    let (payload, signature) = rest.split_once('.').unwrap();
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": "k1"}),
        json!({"alg": "HS384", "kid": "k1"}),
        json!({"alg": "RS384", "kid": "k1"}),
        json!({"alg": "ES256", "kid": "k1"}),
        json!({"alg": "ES384", "kid": "k2"}),
        json!({"alg": "ES384", "kid": "k1", "crit": ["exp"]}),
    ] {
        let header = base64url(header.to_string().as_bytes());
        for signature in [signature, ""] {
            assert!(verify(&format!("{header}.{payload}.{signature}"), &keys).is_none());
        }
    }
    assert!(verify(&format!("{token}{}", "A".repeat(70_000)), &keys).is_none());
}

#[test]
fn a_key_without_a_kid_is_a_candidate_for_each_token() {
    let own = key(EC_PEM);
    let mut without: Value = serde_json::from_str(&document(&[("k1", &own.public_key())]).json).unwrap();
    without["keys"][0].as_object_mut().unwrap().remove("kid");
    let keys = read_keys(&without.to_string()).unwrap();
    let token = signed(own, "k1");
    assert!(verify(&token, &keys).is_some());
    // A key without a kid that does not fit may be an old one.
    let text = signed(key(RSA_PEM), "k1");
    let other = SignedToken::parse(&text).ok().unwrap();
    assert_eq!(other.verify(&keys), Err(TokenRefusal::UnknownKey));
}

#[test]
fn a_key_of_another_use_or_another_algorithm_verifies_nothing() {
    let key = key(EC_PEM);
    let document = document(&[("k1", &key.public_key())]).json;
    let token = signed(key, "k1");
    for (member, value, verifies) in [
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("alg", json!("ES256"), false),
        ("alg", json!("unknown"), false),
        ("key_ops", json!(["sign"]), false),
        ("key_ops", json!(["verify"]), true),
        ("crv", json!("P-521"), false),
        ("x", json!("AAAA"), false),
        ("kty", json!("oct"), false),
    ] {
        let mut document: Value = serde_json::from_str(&document).unwrap();
        document["keys"][0][member] = value.clone();
        // Another key of the set that this library does not know does not hide the good one.
        document["keys"].as_array_mut().unwrap().insert(0, json!({"kty": "AKP", "pub": "AA"}));
        let keys = read_keys(&document.to_string()).unwrap();
        assert_eq!(verify(&token, &keys).is_some(), verifies, "{member} {value}");
    }
    for text in ["", "[]", "{}", r#"{"keys": {}}"#, "<html>"] {
        assert!(read_keys(text).is_none(), "{text}");
    }
    assert!(read_keys(r#"{"keys": [1, null, "a", {}]}"#).unwrap().is_empty());
}

#[test]
fn an_assertion_has_the_header_and_the_claims_of_smart_backend_services() {
    for (pem, alg) in [(EC_PEM, "ES384"), (RSA_PEM, "RS384")] {
        let key = key(pem);
        let keys = published("k1", &key.public_key());
        let token = signed(key, "k1");
        assert_eq!(
            part(&token, 0),
            json!({"alg": alg, "typ": "JWT", "kid": "k1", "jku": "https://app.example/jwks"})
        );
        let claims: Value = serde_json::from_slice(&verify(&token, &keys).unwrap()).unwrap();
        assert_eq!(claims, part(&token, 1));
        assert_eq!(
            claims,
            json!({"iss": "client-1", "sub": "client-1", "aud": "https://auth.example/token?t=1", "jti": "j",
                "iat": 990, "nbf": 990, "exp": 1240})
        );
        assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 300);
    }
}

#[test]
fn generated_keys_and_private_jwks_sign() {
    let generated = PrivateKey::generate_es384().unwrap();
    let other = PrivateKey::generate_es384().unwrap();
    assert_ne!(generated.expose_secret(), other.expose_secret());
    let rsa = key(RSA_JWK);
    assert_eq!(rsa.algorithm(), SigningAlgorithm::RS384);
    assert_eq!(rsa.public_key(), key(RSA_PEM).public_key());
    let ec: Value = serde_json::from_str(include_str!("test_keys/ec.jwk.json")).unwrap();
    let ec_key = key(&ec.to_string());
    assert_eq!(ec_key.public_key(), key(EC_PEM).public_key());
    for key in [key(generated.expose_secret()), rsa, ec_key] {
        let keys = published("k", &key.public_key());
        assert!(verify(&signed(key, "k"), &keys).is_some());
    }
}

#[test]
fn unusable_keys_are_refused_with_a_reason() {
    let mut small: Value = serde_json::from_str(RSA_JWK).unwrap();
    small.as_object_mut().unwrap().remove("p");
    let ec: Value = serde_json::from_str(include_str!("test_keys/ec.jwk.json")).unwrap();
    let with = |member: &str, value: &str| {
        let mut changed = ec.clone();
        changed[member] = value.into();
        changed.to_string()
    };
    let mut public = ec.clone();
    public.as_object_mut().unwrap().remove("d");
    for (text, reason, hint) in [
        (include_str!("test_keys/ec-sec1.pem").to_owned(), "SEC1", "openssl pkey -in OLD.pem -out NEW.pem"),
        (
            include_str!("test_keys/rsa-pkcs1.pem").to_owned(),
            "PKCS#1",
            "openssl pkey -in OLD.pem -out NEW.pem",
        ),
        (
            include_str!("test_keys/ec-encrypted.pem").to_owned(),
            "password",
            "openssl pkey -in OLD.pem -out NEW.pem",
        ),
        (
            include_str!("test_keys/ec-without-public.pem").to_owned(),
            "public part",
            "openssl ec -in OLD.pem | openssl pkcs8 -topk8 -nocrypt -out NEW.pem",
        ),
        (include_str!("test_keys/p256.pem").to_owned(), "another curve", "fhir-ehr keys generate"),
        (include_str!("test_keys/rsa1024.pem").to_owned(), "fewer than 2048 bits", "rsa_keygen_bits:3072"),
        (EC_PUBLIC_PEM.to_owned(), "only a public key", "private key"),
        (small.to_string(), "p, q, dp, dq and qi", "PKCS#8"),
        (public.to_string(), "no private member d", "public JWK"),
        (with("crv", "P-256"), "another curve", "generate"),
        (with("alg", "HS256"), "alg", "generate"),
        (with("kty", "oct"), "neither", "generate"),
        (with("x", "AAAA"), "damaged", "generate"),
        (with("d", "AAAA"), "damaged", "generate"),
        ("{".to_owned(), "cannot be read", "generate"),
        ("correct horse".to_owned(), "neither", "generate"),
    ] {
        let (message, hints) = refusal(&text);
        assert!(message.contains(reason) && hints.contains(hint), "{reason}: {message} {hints}");
        assert!(!message.contains("horse"));
    }
}

#[test]
fn the_converted_keys_of_the_hints_are_accepted() {
    for text in [include_str!("test_keys/ec-converted.pem"), include_str!("test_keys/ec-public-added.pem")] {
        assert_eq!(key(text).public_key(), key(EC_PEM).public_key());
    }
}

#[test]
fn a_jwks_document_has_public_members_only() {
    let document = document(&[("ec", &key(EC_PEM).public_key()), ("rsa", &key(RSA_PEM).public_key())]);
    assert_eq!(document.cache_control, "public, max-age=3600");
    let value: Value = serde_json::from_str(&document.json).unwrap();
    let members: Vec<Vec<&String>> = value["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key.as_object().unwrap().keys().collect())
        .collect();
    let sorted = |mut names: Vec<&String>| {
        names.sort();
        names.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    let members: Vec<String> = members.into_iter().map(sorted).collect();
    assert_eq!(members, ["alg crv kid kty use x y", "alg e kid kty n use"]);
    assert_eq!(value.as_object().unwrap().len(), 1);
}

#[test]
fn a_public_key_is_written_as_openssl_writes_it() {
    assert_eq!(key(EC_PEM).public_key().pem(), EC_PUBLIC_PEM);
    assert_eq!(key(RSA_PEM).public_key().pem(), RSA_PUBLIC_PEM);
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638() {
    // The example of RFC 7638, section 3.1.
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let key = PublicKey::from_rsa(URL_SAFE_NO_PAD.decode(n).unwrap(), vec![1, 0, 1]);
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn a_private_key_is_not_printed() {
    let key = key(EC_PEM);
    assert_eq!(format!("{key:?}"), "PrivateKey(ES384)");
}
