//! Key pairs, signed assertions, and a server that publishes a JWK set.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ehr_sim::Simulator;
use ring::{
    rand::{SecureRandom, SystemRandom},
    rsa,
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA384},
};
use serde_json::{Value, json};

use crate::support::{Answer, post_token};

pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key of these tests only. ring cannot generate RSA keys.
static RSA_KEY: &[u8] = include_bytes!("../keys/rs384.pk8");

enum Pair {
    Es384(EcdsaKeyPair),
    Rs384(rsa::KeyPair),
}

/// A key pair with its key id.
pub(crate) struct Key {
    pub(crate) kid: String,
    pair: Pair,
}

impl Key {
    pub(crate) fn es384(kid: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
        Self { kid: kid.to_owned(), pair: Pair::Es384(pair) }
    }

    pub(crate) fn rs384(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: Pair::Rs384(rsa::KeyPair::from_pkcs8(RSA_KEY).expect("a key")) }
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Es384(_) => "ES384",
            Pair::Rs384(_) => "RS384",
        }
    }

    /// The public key as a JWK.
    pub(crate) fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Es384(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
                json!({"kty": "EC", "crv": "P-384", "x": text(x), "y": text(y), "kid": self.kid,
                    "alg": "ES384", "use": "sig"})
            }
            Pair::Rs384(pair) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": text(&public.n), "e": text(&public.e), "kid": self.kid,
                    "alg": "RS384"})
            }
        }
    }

    /// A JWK set with this key only.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// The header of an assertion.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": self.alg(), "typ": "JWT", "kid": self.kid })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(claims));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Es384(pair) => pair.sign(&random, input.as_bytes()).expect("a signature").as_ref().to_vec(),
            Pair::Rs384(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA384, &random, input.as_bytes(), &mut signature).expect("a signature");
                signature
            }
        };
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A correct assertion.
    pub(crate) fn assertion(&self, client: &str, audience: &str) -> String {
        self.sign(&self.header(), &claims(client, audience))
    }
}

pub(crate) fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
}

/// Correct claims with a new `jti`, valid for four minutes.
pub(crate) fn claims(client: &str, audience: &str) -> Value {
    let mut jti = [0; 16];
    SystemRandom::new().fill(&mut jti).expect("random bytes");
    json!({ "iss": client, "sub": client, "aud": audience, "exp": now_seconds() + 240,
        "jti": URL_SAFE_NO_PAD.encode(jti) })
}

/// A token request with an assertion.
pub(crate) fn post_assertion(sim: &Simulator, assertion: &str, form: &[(&str, &str)]) -> Answer {
    let own = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    post_token(sim, None, &[&own[..], form].concat())
}

/// A server that publishes a JWK set. It ends with the test process.
pub(crate) struct JwksServer {
    address: SocketAddr,
    body: Arc<Mutex<String>>,
    requests: Arc<AtomicUsize>,
}

impl JwksServer {
    pub(crate) fn start(body: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Mutex::new(body.to_string()));
        let requests = Arc::new(AtomicUsize::new(0));
        let (served, counted) = (shared.clone(), requests.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                counted.fetch_add(1, Ordering::SeqCst);
                let body = served.lock().expect("the body").clone();
                let reply = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: max-age=60\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(reply.as_bytes()).ok();
            }
        });
        Self { address, body: shared, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    pub(crate) fn set(&self, body: &Value) {
        *self.body.lock().expect("the body") = body.to_string();
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}
