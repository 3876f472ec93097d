//! A private key: read from PKCS#8 PEM or from a private JWK, and used to sign.

use super::{
    P384_BYTES, PublicKey,
    pem::{self, GENERATE, Refusal},
};
use crate::{
    config::SigningAlgorithm,
    error::{Code, Error, Result},
    secret::{ExposeSecret, Secret},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    error::KeyRejected,
    rand::SystemRandom,
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA384, RsaKeyPair},
};
use serde::Deserialize;
use zeroize::Zeroizing;

/// A private key. It is read where it is used and dropped after the signature, because ring does not erase its memory.
pub struct PrivateKey(Pair);

enum Pair {
    Ec(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

/// The members of a private JWK. Others are ignored.
#[derive(Deserialize)]
struct PrivateJwk {
    kty: String,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<Secret>,
    p: Option<Secret>,
    q: Option<Secret>,
    dp: Option<Secret>,
    dq: Option<Secret>,
    qi: Option<Secret>,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm().name())
    }
}

impl PrivateKey {
    /// Reads a private key: PKCS#8 PEM, or a private JWK.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] with the reason, and with the command that converts another encoding. The error does not repeat
    /// the text.
    pub fn parse(text: &Secret) -> Result<Self> {
        let text = text.expose_secret();
        let parsed = if text.trim_start().starts_with('{') { from_jwk(text) } else { from_pem(text) };
        parsed.map(PrivateKey).map_err(|refusal| {
            Error::new(Code::ConfigInvalid).detail(refusal.what.to_owned()).hint(refusal.hint.to_owned())
        })
    }

    /// A new ES384 key, as PKCS#8 PEM text. ring cannot generate RSA keys.
    ///
    /// # Errors
    /// [`Code::Internal`] when the operating system returns no random bytes.
    pub fn generate_es384() -> Result<Secret> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| Error::new(Code::Internal).detail("no key was generated"))?;
        Ok(pem::write("PRIVATE KEY", document.as_ref()).as_str().into())
    }

    /// The algorithm that the key signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        match self.0 {
            Pair::Ec(_) => SigningAlgorithm::ES384,
            Pair::Rsa(_) => SigningAlgorithm::RS384,
        }
    }

    /// The public part of the key.
    pub fn public_key(&self) -> PublicKey {
        match &self.0 {
            Pair::Ec(pair) => PublicKey::from_p384_point(pair.public_key().as_ref()),
            Pair::Rsa(pair) => {
                let components = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                PublicKey::from_rsa(components.n, components.e)
            }
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| Error::new(Code::Internal).detail("the assertion was not signed");
        let random = SystemRandom::new();
        match &self.0 {
            Pair::Ec(pair) => {
                pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(failed)
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA384, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

fn from_pem(text: &str) -> std::result::Result<Pair, Refusal> {
    let der = pem::pkcs8(text)?;
    match EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der, &SystemRandom::new()) {
        Ok(pair) => Ok(Pair::Ec(Box::new(pair))),
        Err(why_not_ec) => match RsaKeyPair::from_pkcs8(&der) {
            Ok(pair) => Ok(Pair::Rsa(Box::new(pair))),
            Err(why_not_rsa) => Err(rejected(&der, why_not_ec, why_not_rsa)),
        },
    }
}

/// The object identifiers in a PKCS#8 key: an EC key, an RSA key, and the curve P-384.
const EC_OID: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const RSA_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const P384_OID: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];

fn rejected(der: &[u8], why_not_ec: KeyRejected, why_not_rsa: KeyRejected) -> Refusal {
    let head = &der[..der.len().min(40)];
    let has = |oid: &[u8]| head.windows(oid.len()).any(|window| window == oid);
    if has(RSA_OID) {
        return rejected_rsa(why_not_rsa);
    }
    if !has(EC_OID) {
        return Refusal { what: "it is neither an EC key nor an RSA key", hint: GENERATE };
    }
    if !has(P384_OID) {
        return Refusal { what: "the EC key is on another curve than P-384", hint: GENERATE };
    }
    match why_not_ec.to_string().as_str() {
        "PublicKeyIsMissing" | "InvalidEncoding" => Refusal {
            what: "the EC key does not contain its public part, or it is damaged",
            hint: "Add the public part with: openssl ec -in OLD.pem | openssl pkcs8 -topk8 -nocrypt -out NEW.pem",
        },
        _ => Refusal { what: "the EC key is damaged", hint: GENERATE },
    }
}

fn rejected_rsa(why: KeyRejected) -> Refusal {
    const NEW_RSA: &str =
        "Create one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out NEW.pem";
    let what = match why.to_string().as_str() {
        "TooSmall" => "the RSA key has fewer than 2048 bits",
        "TooLarge" => "the RSA key has more than 4096 bits",
        "PrivateModulusLenNotMultipleOf512Bits" => "the length of the RSA key is not a multiple of 512 bits",
        _ => "the RSA key is damaged",
    };
    Refusal { what, hint: NEW_RSA }
}

fn from_jwk(text: &str) -> std::result::Result<Pair, Refusal> {
    let refuse = |what| Refusal { what, hint: GENERATE };
    let jwk: PrivateJwk = serde_json::from_str(text).map_err(|_| refuse("the JWK cannot be read"))?;
    let d = jwk.d.as_ref().ok_or(Refusal {
        what: "the JWK has no private member d",
        hint: "Use the JWK with the private key. The public JWK belongs to the EHR only.",
    })?;
    let expected = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("EC", Some("P-384")) => SigningAlgorithm::ES384,
        ("EC", _) => return Err(refuse("the EC key is on another curve than P-384")),
        ("RSA", _) => SigningAlgorithm::RS384,
        _ => return Err(refuse("the JWK is neither an EC key nor an RSA key")),
    };
    if jwk.alg.as_deref().is_some_and(|alg| alg != expected.name()) {
        return Err(refuse(
            "the member alg of the JWK is neither ES384 for an EC key nor RS384 for an RSA key",
        ));
    }
    match expected {
        SigningAlgorithm::ES384 => ec_pair(&jwk, d),
        SigningAlgorithm::RS384 => rsa_pair(&jwk, d),
    }
}

fn ec_pair(jwk: &PrivateJwk, d: &Secret) -> std::result::Result<Pair, Refusal> {
    let damaged = || Refusal { what: "the EC key is damaged", hint: GENERATE };
    let coordinate = |text: &Option<String>| text.as_deref().and_then(fixed).ok_or_else(damaged);
    let (x, y) = (coordinate(&jwk.x)?, coordinate(&jwk.y)?);
    let point: Vec<u8> = [4].into_iter().chain(x.iter().copied()).chain(y.iter().copied()).collect();
    let d = fixed(d.expose_secret()).ok_or_else(damaged)?;
    let random = SystemRandom::new();
    EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P384_SHA384_FIXED_SIGNING, &d, &point, &random)
        .map(|pair| Pair::Ec(Box::new(pair)))
        .map_err(|_| damaged())
}

/// Base64url of a number of the curve in its full length. Some programs leave out leading zeros.
fn fixed(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = bytes(text)?;
    let missing = P384_BYTES.checked_sub(bytes.len())?;
    let mut padded = Zeroizing::new(vec![0; missing]);
    padded.extend_from_slice(&bytes);
    Some(padded)
}

fn bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok().map(Zeroizing::new)
}

fn rsa_pair(jwk: &PrivateJwk, d: &Secret) -> std::result::Result<Pair, Refusal> {
    let damaged = || Refusal { what: "the RSA key is damaged", hint: GENERATE };
    let public = |text: &Option<String>| text.as_deref().and_then(bytes).ok_or_else(damaged);
    let private = |secret: &Option<Secret>| {
        let secret = secret.as_ref().ok_or(Refusal {
            what: "the RSA JWK has no members p, q, dp, dq and qi",
            hint: "Export the key again with these members, or as PKCS#8 PEM.",
        })?;
        bytes(secret.expose_secret()).ok_or_else(damaged)
    };
    let (n, e) = (public(&jwk.n)?, public(&jwk.e)?);
    let d = bytes(d.expose_secret()).ok_or_else(damaged)?;
    let (p, q) = (private(&jwk.p)?, private(&jwk.q)?);
    let (dp, dq, qi) = (private(&jwk.dp)?, private(&jwk.dq)?, private(&jwk.qi)?);
    let components = KeyPairComponents {
        public_key: PublicKeyComponents { n: n.as_slice(), e: e.as_slice() },
        d: d.as_slice(),
        p: p.as_slice(),
        q: q.as_slice(),
        dP: dp.as_slice(),
        dQ: dq.as_slice(),
        qInv: qi.as_slice(),
    };
    RsaKeyPair::from_components(&components).map(|pair| Pair::Rsa(Box::new(pair))).map_err(rejected_rsa)
}
