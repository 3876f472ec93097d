//! The claims of an id_token, checked as OpenID Connect Core 3.1.3.7 requires: a plain function over the payload.

use crate::{
    clock::UnixSeconds,
    jose::{SignedToken, unique_members},
};
use serde_json::{Map, Value};

/// Seconds by which a token may be early or late, after the difference of the clocks is taken into account.
const LEEWAY_SECONDS: i64 = 60;
/// The longest `sub` (OpenID Connect Core section 2), and the longest text that is taken from another claim.
const MAX_SUB_BYTES: usize = 255;
const MAX_TEXT_BYTES: usize = 1_000;

/// What the token of a sign-in must say.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// The client id.
    pub(super) client_id: &'a str,
    /// The nonce of the authorization request.
    pub(super) nonce: &'a str,
    /// The access token that came with it.
    pub(super) access_token: &'a str,
    /// The time by the server's clock.
    pub(super) now: UnixSeconds,
}

/// A claim that is wrong. The error names it and never repeats its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrongClaim {
    pub(super) claim: &'static str,
    pub(super) why: &'static str,
}

/// The claims that the library uses. Not `Debug`: they name a person.
pub(super) struct Claims {
    /// The issuer, as the token writes it.
    pub(super) iss: String,
    /// The user at that issuer.
    pub(super) sub: String,
    /// The user's name for people.
    pub(super) preferred_username: Option<String>,
    /// The reference to the user's FHIR resource, from `fhirUser`.
    pub(super) fhir_user: Option<String>,
    /// The same from `profile`, as in SMART 1.0. In OpenID Connect it is the address of a web page.
    pub(super) profile: Option<String>,
}

/// The issuer that a token names. Nothing proves it yet: it only selects among the issuers that the source allows.
pub(super) fn claimed_issuer(payload: &[u8]) -> Option<String> {
    text(&unique_members(payload)?, "iss")
}

/// Checks the claims of a token whose signature is valid. The issuer was checked before its keys were read.
///
/// # Errors
/// The first claim that is wrong.
pub(super) fn check(token: &SignedToken<'_>, expected: &Expected<'_>) -> Result<Claims, WrongClaim> {
    let wrong = |claim, why| WrongClaim { claim, why };
    let members = unique_members(token.payload())
        .ok_or(wrong("payload", "it is not a JSON object, or a member of it occurs twice"))?;
    let iss = text(&members, "iss").ok_or(wrong("iss", "it is missing"))?;
    let sub = text(&members, "sub").filter(|sub| sub.len() <= MAX_SUB_BYTES);
    let sub = sub.ok_or(wrong("sub", "it is missing or longer than 255 characters"))?;
    check_audience(&members, expected.client_id)?;
    check_times(&members, expected.now)?;
    match members.get("nonce").map(Value::as_str) {
        Some(Some(nonce)) if nonce == expected.nonce && !nonce.is_empty() => {}
        None => return Err(wrong("nonce", "it is missing, although the request had one")),
        Some(_) => return Err(wrong("nonce", "it is the one of another sign-in")),
    }
    if let Some(hash) = members.get("at_hash")
        && hash.as_str() != Some(&token.access_token_hash(expected.access_token))
    {
        return Err(wrong("at_hash", "it does not belong to the access token"));
    }
    Ok(Claims {
        iss,
        sub,
        preferred_username: text(&members, "preferred_username"),
        fhir_user: text(&members, "fhirUser"),
        profile: text(&members, "profile"),
    })
}

/// The client must be an audience. With several audiences the token must name the one it was issued to, and that is this client.
fn check_audience(members: &Map<String, Value>, client_id: &str) -> Result<(), WrongClaim> {
    let wrong = |claim, why| Err(WrongClaim { claim, why });
    let audiences: Vec<&Value> = match members.get("aud") {
        Some(Value::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    if !audiences.iter().any(|audience| audience.as_str() == Some(client_id)) {
        return wrong("aud", "it does not name the client id of the source");
    }
    match members.get("azp") {
        Some(party) if party.as_str() == Some(client_id) => Ok(()),
        Some(_) => wrong("azp", "it names another client"),
        None if audiences.len() > 1 => {
            wrong("azp", "it is missing, although the token has several audiences")
        }
        None => Ok(()),
    }
}

fn check_times(members: &Map<String, Value>, now: UnixSeconds) -> Result<(), WrongClaim> {
    let time = |claim: &'static str| match members.get(claim) {
        None => Ok(None),
        Some(value) => match value.as_f64().filter(|time| (0.0..=1e12).contains(time)) {
            Some(time) => Ok(Some(time as i64)),
            None => Err(WrongClaim { claim, why: "it is not a time in seconds" }),
        },
    };
    let ends_at = time("exp")?.ok_or(WrongClaim { claim: "exp", why: "it is missing" })?;
    if now >= ends_at.saturating_add(LEEWAY_SECONDS) {
        return Err(WrongClaim { claim: "exp", why: "the token has expired" });
    }
    for claim in ["nbf", "iat"] {
        if time(claim)?.is_some_and(|since| since > now.saturating_add(LEEWAY_SECONDS)) {
            return Err(WrongClaim { claim, why: "it is in the future" });
        }
    }
    Ok(())
}

fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    let text = members.get(name)?.as_str()?.trim();
    (!text.is_empty() && text.len() <= MAX_TEXT_BYTES).then(|| text.to_owned())
}

/// Whether the claims of a payload are accepted, as if its signature were valid, for the fuzz target.
#[cfg(feature = "test-internals")]
pub fn accepts_id_token_payload(payload: &str, client_id: &str, nonce: &str, now: UnixSeconds) -> bool {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let token = format!("{}.{}.AAAA", encode(r#"{"alg":"ES384"}"#), encode(payload));
    let expected = Expected { client_id, nonce, access_token: "t", now };
    SignedToken::parse(&token).is_ok_and(|token| check(&token, &expected).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    /// What is wrong with a token that has these claims besides the right ones. A null removes a claim.
    fn wrong(changes: Value) -> Option<&'static str> {
        let mut claims = json!({"iss": "https://a.example", "sub": "u", "aud": "app", "exp": 1300, "iat": 1000, "nonce": "n"});
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
        let token =
            format!("{}.{}.AAAA", encode(json!({"alg": "RS256"}).to_string()), encode(claims.to_string()));
        let expected = Expected { client_id: "app", nonce: "n", access_token: "access", now: 1000 };
        check(&SignedToken::parse(&token).unwrap(), &expected).err().map(|wrong| wrong.claim)
    }

    #[test]
    fn each_claim_of_an_id_token_is_checked() {
        for (changes, claim) in [
            (json!({}), None),
            (json!({"iss": null}), Some("iss")),
            (json!({"iss": 7}), Some("iss")),
            (json!({"sub": ""}), Some("sub")),
            (json!({"sub": "x".repeat(256)}), Some("sub")),
            (json!({"aud": null}), Some("aud")),
            (json!({"aud": "App"}), Some("aud")),
            (json!({"aud": ["app"]}), None),
            (json!({"aud": {"app": 1}}), Some("aud")),
            (json!({"aud": ["app", "b"]}), Some("azp")),
            (json!({"aud": ["app", "b"], "azp": "app"}), None),
            (json!({"azp": "b"}), Some("azp")),
            (json!({"exp": null}), Some("exp")),
            (json!({"exp": 941}), None),
            (json!({"exp": 940}), Some("exp")),
            (json!({"exp": 1300.5}), None),
            (json!({"exp": -5}), Some("exp")),
            (json!({"exp": 1e15}), Some("exp")),
            (json!({"nbf": 1060}), None),
            (json!({"nbf": 1061}), Some("nbf")),
            (json!({"iat": 1061}), Some("iat")),
            (json!({"iat": null}), None),
            (json!({"nonce": null}), Some("nonce")),
            (json!({"nonce": ""}), Some("nonce")),
            (json!({"nonce": ["n"]}), Some("nonce")),
            // The first 16 bytes of SHA-256("access"), in base64url.
            (json!({"at_hash": "e61qF7jJ3B9wYXo9jYS3AQ"}), Some("at_hash")),
            (json!({"at_hash": 7}), Some("at_hash")),
        ] {
            assert_eq!(wrong(changes.clone()), claim, "{changes}");
        }
    }

    #[test]
    fn the_hash_of_the_access_token_is_that_of_openid_connect() {
        // OpenID Connect Core, appendix A.4.
        let token = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#));
        let token = SignedToken::parse(&token).unwrap();
        assert_eq!(
            token.access_token_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
