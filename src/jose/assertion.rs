//! The assertion of `private_key_jwt` (RFC 7523, SMART Backend Services).

use super::{SigningKey, compact};
use crate::{clock::UnixSeconds, error::Result, secret::Secret};
use serde::Serialize;

/// Seconds from now until an assertion expires. Servers refuse more than 300, by their own clock (E4).
const ASSERTION_SECONDS: i64 = 240;

/// Seconds by which `iat` and `nbf` are earlier than now: a server whose clock is a little behind would refuse a time in its future.
const BACKDATED_SECONDS: i64 = 10;

/// What an assertion says.
pub struct AssertionRequest<'a> {
    /// The client id.
    pub client_id: &'a str,
    /// The URL of the token endpoint, exactly as the request is sent to it.
    pub audience: &'a str,
    /// The time by the server's clock.
    pub now: UnixSeconds,
    /// A random text of 256 bits that no other assertion has.
    pub jti: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Signs an assertion. Servers accept it once.
///
/// # Errors
/// [`crate::Code::Internal`] when signing fails.
pub fn assertion(key: &SigningKey, request: &AssertionRequest<'_>) -> Result<Secret> {
    let AssertionRequest { client_id, audience, now, jti } = *request;
    let since = now.saturating_sub(BACKDATED_SECONDS);
    let claims = Claims {
        iss: client_id,
        sub: client_id,
        aud: audience,
        jti,
        iat: since,
        nbf: since,
        exp: now.saturating_add(ASSERTION_SECONDS),
    };
    let header = compact::header(key.key.algorithm(), &key.kid, key.jwks_url.as_deref());
    Ok(compact::sign(&header, &claims, &key.key)?.as_str().into())
}
