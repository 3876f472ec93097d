//! JSON Web Signatures: private keys, public keys, the JWKS document, and the assertions of `private_key_jwt`.
//!
//! ring signs and verifies. The crate jsonwebtoken has the types of headers and keys; its own signing and verifying functions need
//! a provider for the whole process, which would be a choice for the host's code too, and are not used. Algorithms come from the
//! configuration or from the key, never from a header, and "none" and HMAC do not exist here.

mod assertion;
mod compact;
mod jwk;
mod jwks;
mod key_ring;
mod pem;
mod private_key;
mod public_key;
mod signed_token;
#[cfg(test)]
mod tests;
mod unique_members;

pub use assertion::{AssertionRequest, assertion};
pub use compact::verify;
pub use jwk::VerificationKey;
pub use jwks::{JwksDocument, PublishedKey, read_keys, verification_set};
pub use key_ring::{KeyRing, SigningKey};
pub use private_key::PrivateKey;
pub use public_key::PublicKey;
pub use signed_token::{SignedToken, TokenRefusal};
pub use unique_members::unique_members;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The length in bytes of a coordinate of the curve P-384, and of its private keys.
const P384_BYTES: usize = 48;

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
