//! `private_key_jwt`: checks the signed assertion of a client (RFC 7523; SMART App Launch 2.2, "Client Authentication:
//! Asymmetric").

use crate::{
    ehr::Ehr,
    fetch::fetch,
    jose::{self, ALGS, Jwk, Jwt},
    registration::Registration,
};

/// The only value of `client_assertion_type`.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead the end of an assertion may be (O12, E4).
const MAX_LIFETIME_SECONDS: f64 = 300.0;

/// Checks an assertion and records its `jti`. The error is a sentence without a period.
pub(super) fn verify(ehr: &Ehr, registration: &Registration, text: &str) -> Result<(), &'static str> {
    let jwt = Jwt::parse(text)?;
    if let Some(problem) = problems(ehr, Some(registration), &jwt).first() {
        return Err(problem);
    }
    let kid = jwt.header_text("kid").unwrap_or_default();
    let keys = keys(ehr, registration, kid)?;
    jose::verify(&jwt, jose::find_key(&keys, kid)?)?;
    let jti = jwt.claim_text("jti").unwrap_or_default();
    let end = number(&jwt, "exp").unwrap_or_default() * 1000.0;
    let now = ehr.shown_time_ms();
    // A token cannot be used again before its end, even if the clock moves.
    let end_ms = now.saturating_add((end - now as f64).max(0.0) as i64).saturating_add(1);
    match ehr.state().registry.use_assertion(&registration.client_id, jti, end_ms, now) {
        true => Ok(()),
        false => Err("The jti of the assertion was used before"),
    }
}

/// What is wrong with the header and the claims of an assertion. Without a registration, `iss` can be any client.
pub(crate) fn problems(ehr: &Ehr, registration: Option<&Registration>, jwt: &Jwt) -> Vec<&'static str> {
    let mut problems = header_problems(registration, jwt);
    problems.extend(claim_problems(ehr, registration, jwt));
    problems
}

fn header_problems(registration: Option<&Registration>, jwt: &Jwt) -> Vec<&'static str> {
    let mut problems = Vec::new();
    match jwt.header_text("alg") {
        Some(alg) if !ALGS.contains(&alg) => {
            problems.push("The alg of the assertion is neither ES384 nor RS384")
        }
        Some(alg) if registration.is_some_and(|registration| !registration.allows_alg(alg)) => {
            problems.push("The client is not registered for the alg of the assertion");
        }
        Some(_) => {}
        None => problems.push("The assertion has no alg"),
    }
    if jwt.header_text("typ") != Some("JWT") {
        problems.push("The typ of the assertion is not JWT");
    }
    if jwt.header_text("kid").is_none_or(str::is_empty) {
        problems.push("The assertion has no kid");
    }
    if jwt.header.contains_key("crit") {
        problems.push("The assertion has crit, which no client needs");
    }
    let registered_url = registration.and_then(|registration| registration.jwks_url.as_deref());
    if registration.is_some() && jwt.header.contains_key("jku") && jwt.header_text("jku") != registered_url {
        problems.push("The jku of the assertion is not the registered JWKS URL");
    }
    problems
}

fn claim_problems(ehr: &Ehr, registration: Option<&Registration>, jwt: &Jwt) -> Vec<&'static str> {
    let mut problems = Vec::new();
    let iss = jwt.claim_text("iss");
    if iss.is_none() || iss != jwt.claim_text("sub") {
        problems.push("iss and sub of the assertion are not the same client id");
    } else if registration.is_some_and(|registration| iss != Some(registration.client_id.as_str())) {
        problems.push("The iss of the assertion is not the client id");
    }
    if jwt.claim_text("aud") != Some(ehr.token_endpoint().as_str()) {
        problems.push("The aud of the assertion is not the token endpoint");
    }
    let now = ehr.shown_time_ms() as f64 / 1000.0;
    match number(jwt, "exp") {
        None => problems.push("The assertion has no exp"),
        Some(exp) if exp <= now => problems.push("The assertion has expired"),
        Some(exp) if exp > now + MAX_LIFETIME_SECONDS => {
            problems.push("The exp of the assertion is more than 300 seconds ahead");
        }
        Some(_) => {}
    }
    if number(jwt, "nbf").is_some_and(|nbf| nbf > now) {
        problems.push("The nbf of the assertion is in the future");
    }
    if jwt.claim_text("jti").is_none_or(str::is_empty) {
        problems.push("The assertion has no jti");
    }
    problems
}

fn number(jwt: &Jwt, name: &str) -> Option<f64> {
    jwt.claims.get(name)?.as_f64()
}

/// The keys of a client. A set from a URL is fetched again if it does not have the key id.
fn keys(ehr: &Ehr, registration: &Registration, kid: &str) -> Result<Vec<Jwk>, &'static str> {
    const UNREADABLE: &str = "The JWK set of the client cannot be read";
    if let Some(jwks) = &registration.jwks {
        return jose::parse_jwks(&jwks.to_string()).map_err(|_| UNREADABLE);
    }
    let url = registration.jwks_url.as_ref().ok_or("The client has no registered keys")?;
    let cached = ehr.state().registry.jwks(url).and_then(|text| jose::parse_jwks(text).ok());
    if let Some(keys) = cached.filter(|keys| jose::find_key(keys, kid).is_ok()) {
        return Ok(keys);
    }
    let document = fetch(url).map_err(|_| "The JWK set of the client cannot be fetched")?;
    let body = ehr.state().rule_switches.change_client_keys(document.body);
    let body = body.ok_or("The JWK set of the client cannot be fetched")?;
    let keys = jose::parse_jwks(&body).map_err(|_| UNREADABLE)?;
    ehr.state().registry.set_jwks(url, body);
    Ok(keys)
}
