//! OAuth errors as each personality sends them.

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    ehr::Ehr,
    faults::RequestKind,
    http::{Reply, with_query},
    personality::OauthErrorFormat,
    random::random_uuid,
};

#[derive(Debug, Clone, Copy)]
pub(crate) struct OauthError {
    /// The OAuth error code.
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
    /// The last part of Oracle's URN for this error (O17).
    pub(crate) urn: &'static str,
}

/// Oracle's error page (O16): `https://authorization.cerner.com/errors/<URN>/instances/<id>?client=..&tenant=..`.
fn error_uri(ehr: &Ehr, urn: &str, client: &str) -> String {
    let urn = format!("urn:cerner:error:authorization-server:{urn}");
    let urn: String = form_urlencoded::byte_serialize(urn.as_bytes()).collect();
    let page = format!("https://authorization.cerner.com/errors/{urn}/instances/{}", random_uuid());
    with_query(&page, &[("client", client), ("tenant", &ehr.tenant)])
}

/// An answer of the token endpoint as Oracle sends it, whatever the personality.
pub(super) fn oracle_token_reply(ehr: &Ehr, code: &str, urn: &str, client: &str) -> Reply {
    let status = if code == "invalid_client" { 401 } else { 400 };
    let body = json!({ "error": code, "error_uri": error_uri(ehr, urn, client) });
    Reply::json(status, &body).with("cache-control", "no-store")
}

/// The callback URL of an error as Oracle sends it, whatever the personality.
pub(super) fn oracle_callback(
    ehr: &Ehr,
    redirect_uri: &str,
    state: Option<&str>,
    code: &str,
    urn: &str,
    client: &str,
) -> String {
    let uri = error_uri(ehr, urn, client);
    let mut pairs: Vec<_> = state.map(|state| ("state", state)).into_iter().collect();
    pairs.extend([("error", code), ("error_uri", uri.as_str())]);
    callback_url(ehr, redirect_uri, &pairs)
}

/// The callback URL of an error with a description, whatever the personality.
pub(super) fn described_callback(
    ehr: &Ehr,
    redirect_uri: &str,
    state: Option<&str>,
    error: OauthError,
) -> String {
    let mut pairs: Vec<_> = state.map(|state| ("state", state)).into_iter().collect();
    pairs.extend([("error", error.code), ("error_description", error.description)]);
    callback_url(ehr, redirect_uri, &pairs)
}

/// The error as an answer of the token endpoint.
pub(crate) fn token_reply(ehr: &Ehr, error: OauthError, client: &str) -> Reply {
    let (status, body): (u16, Value) = match ehr.profile.oauth_errors {
        OauthErrorFormat::ErrorUri => (
            if error.code == "invalid_client" { 401 } else { 400 },
            json!({ "error": error.code, "error_uri": error_uri(ehr, error.urn, client) }),
        ),
        // Epic answers 400 even if the credentials are wrong (E1, E24).
        OauthErrorFormat::NullDescription => (400, json!({ "error": error.code, "error_description": null })),
        OauthErrorFormat::Standard => (
            if error.code == "invalid_client" { 401 } else { 400 },
            json!({ "error": error.code, "error_description": error.description }),
        ),
        // The SMART launcher answers 401 for wrong clients, codes and refresh tokens.
        OauthErrorFormat::Description => (
            if matches!(error.code, "invalid_client" | "invalid_grant") { 401 } else { 400 },
            json!({ "error": error.code, "error_description": error.description }),
        ),
    };
    let reply = Reply::json(status, &body).with("cache-control", "no-store");
    if status == 401 && ehr.profile.oauth_errors == OauthErrorFormat::Standard {
        // RFC 6749, 5.2, for clients that use the Authorization header.
        return reply.with("www-authenticate", format!("Basic realm=\"{}\"", ehr.tenant));
    }
    reply
}

/// The callback URL with the error.
pub(crate) fn callback(
    ehr: &Ehr,
    redirect_uri: &str,
    state: Option<&str>,
    error: OauthError,
    client: &str,
) -> String {
    let uri;
    let mut pairs = Vec::new();
    if let Some(state) = state {
        pairs.push(("state", state));
    }
    pairs.push(("error", error.code));
    match ehr.profile.oauth_errors {
        OauthErrorFormat::ErrorUri => {
            uri = error_uri(ehr, error.urn, client);
            pairs.push(("error_uri", &uri));
        }
        OauthErrorFormat::Description | OauthErrorFormat::Standard => {
            pairs.push(("error_description", error.description))
        }
        OauthErrorFormat::NullDescription => {}
    }
    callback_url(ehr, redirect_uri, &pairs)
}

/// A callback URL. It has the parameter `iss` (RFC 9207) if the server sends it, or if a fault sends that of another.
pub(crate) fn callback_url(ehr: &Ehr, redirect_uri: &str, pairs: &[(&str, &str)]) -> String {
    let faults = ehr.state().faults.for_request(RequestKind::Callback);
    let issuer = ehr.response_iss().then(|| ehr.issuer());
    let iss = faults.argument("callback-iss").map(str::to_owned).or(issuer);
    let mut pairs = pairs.to_vec();
    if let Some(iss) = &iss {
        pairs.push(("iss", iss));
    }
    with_query(redirect_uri, &pairs)
}
