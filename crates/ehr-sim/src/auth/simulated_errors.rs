//! Errors on demand of the authorization server: the eleven of the SMART launcher, with its names and answers, those of Oracle's
//! list of URNs (O17), and Epic's bare 400 (E24).

use serde_json::json;

use crate::{
    auth::oauth_error::{self, OauthError},
    ehr::Ehr,
    faults::RequestFaults,
    http::{Form, Reply},
};

/// An error of the SMART launcher at the token endpoint.
struct LauncherError {
    fault: &'static str,
    /// The grant types of the requests that get it. Empty: all.
    grant_types: &'static [&'static str],
    status: u16,
    error: &'static str,
    description: &'static str,
}

const fn launcher_error(
    fault: &'static str,
    grant_types: &'static [&'static str],
    status: u16,
    error: &'static str,
    description: &'static str,
) -> LauncherError {
    LauncherError { fault, grant_types, status, error, description }
}

const SYSTEM: &[&str] = &["client_credentials"];
const REFRESH: &[&str] = &["refresh_token"];

/// The launcher answers a wrong code with 401 and `invalid_client`, a wrong refresh token with 401 and `invalid_grant`, and an
/// expired one with 403.
const AT_TOKEN: &[LauncherError] = &[
    launcher_error(
        "auth_invalid_client_secret",
        &[],
        401,
        "invalid_client",
        "Simulated invalid client secret error",
    ),
    launcher_error(
        "token_invalid_token",
        &["authorization_code"],
        401,
        "invalid_client",
        "Simulated invalid token error",
    ),
    launcher_error("token_invalid_token", REFRESH, 401, "invalid_grant", "Simulated invalid token error"),
    launcher_error(
        "token_expired_refresh_token",
        REFRESH,
        403,
        "invalid_grant",
        "Simulated expired refresh token error",
    ),
    launcher_error(
        "token_expired_registration_token",
        SYSTEM,
        401,
        "invalid_client",
        "Simulated expired registration token error",
    ),
    launcher_error("token_invalid_scope", SYSTEM, 400, "invalid_scope", "Simulated invalid scope error"),
    launcher_error("token_invalid_jti", SYSTEM, 401, "invalid_client", "Simulated invalid jti error"),
];

/// The answer of the token endpoint that a fault sends instead of the real one.
pub(super) fn at_token(ehr: &Ehr, faults: &RequestFaults, form: &Form) -> Option<Reply> {
    if faults.contains("bare-400") {
        return Some(Reply::new(400, "text/html", ""));
    }
    if let Some(tail) = faults.argument("oracle-error") {
        let client = form.get("client_id").unwrap_or_default();
        return Some(oauth_error::oracle_token_reply(ehr, oracle_word(tail), tail, client));
    }
    let grant_type = form.get("grant_type").unwrap_or_default();
    let applies = |one: &&LauncherError| {
        let is_grant_type = one.grant_types.is_empty() || one.grant_types.contains(&grant_type);
        is_grant_type && faults.contains(one.fault)
    };
    let LauncherError { status, error, description, .. } = AT_TOKEN.iter().find(applies)?;
    let body = json!({ "error": error, "error_description": description });
    Some(Reply::json(*status, &body).with("cache-control", "no-store"))
}

/// The answer of the authorize endpoint that a fault sends instead of the real one. The client and the redirect URI are known to be
/// right.
pub(super) fn at_authorize(ehr: &Ehr, faults: &RequestFaults, form: &Form) -> Option<Reply> {
    let redirect_uri = form.get("redirect_uri").unwrap_or_default();
    let (state, client) = (form.get("state"), form.get("client_id").unwrap_or_default());
    if faults.contains("auth_invalid_redirect_uri") {
        let body = json!({
            "error": "invalid_request",
            "error_description": "Simulated invalid redirect_uri parameter error",
        });
        return Some(Reply::json(400, &body));
    }
    let redirect = |url: String| Some(Reply::redirect(302, &url));
    for (fault, code, description) in [
        ("auth_invalid_client_id", "invalid_client", "Simulated invalid client_id parameter error"),
        ("auth_invalid_scope", "invalid_scope", "Simulated invalid scope error"),
    ] {
        if faults.contains(fault) {
            let error = OauthError { code, description, urn: "" };
            return redirect(oauth_error::described_callback(ehr, redirect_uri, state, error));
        }
    }
    let tail = faults.argument("oracle-error")?;
    redirect(oauth_error::oracle_callback(ehr, redirect_uri, state, oracle_word(tail), tail, client))
}

/// The OAuth error that goes with a URN. Oracle's list has no such column; these are the words of RFC 6749 for the meaning.
fn oracle_word(tail: &str) -> &'static str {
    let ends = |ends: &[&str]| ends.iter().any(|end| tail.ends_with(end));
    if ends(&["denied-by-user", "denied-by-server", "authentication:cancelled"]) {
        "access_denied"
    } else if ends(&["server-error", "authentication:error"]) {
        "server_error"
    } else if ends(&["unsupported-grant-type"]) {
        "unsupported_grant_type"
    } else if ends(&["unsupported-response-type"]) {
        "unsupported_response_type"
    } else if ends(&["empty-scopes"]) {
        "invalid_scope"
    } else if ends(&["unknown-client", "invalid_authorization_header", "invalid_client_credentials"]) {
        "invalid_client"
    } else if ends(&["unauthorized-client-for-tenant", "-not-enabled-for-testing", "terminated-client"]) {
        "unauthorized_client"
    } else if tail.contains("token:code") || tail.contains("refresh-token:") {
        "invalid_grant"
    } else {
        "invalid_request"
    }
}
