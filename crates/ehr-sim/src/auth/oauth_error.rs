//! OAuth errors in the shape of each personality.

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    http::{Reply, with_query},
    personality::OauthErrors,
    world::{World, random_uuid},
};

/// An error: the OAuth code, a sentence, and the end of Oracle's URN (O17).
#[derive(Debug, Clone, Copy)]
pub(crate) struct OauthError {
    pub(crate) code: &'static str,
    pub(crate) why: &'static str,
    pub(crate) urn: &'static str,
}

/// `https://authorization.cerner.com/errors/<URN>/instances/<id>?client=..&tenant=..` (O16).
fn error_uri(urn: &str, client: &str) -> String {
    let urn = format!("urn:cerner:error:authorization-server:{urn}");
    let urn: String = form_urlencoded::byte_serialize(urn.as_bytes()).collect();
    let page = format!("https://authorization.cerner.com/errors/{urn}/instances/{}", random_uuid());
    with_query(&page, &[("client", client), ("tenant", super::token::TENANT)])
}

/// The answer of the token endpoint.
pub(crate) fn token_reply(world: &World, error: OauthError, client: &str) -> Reply {
    let (status, body): (u16, Value) = match world.profile.oauth_errors {
        OauthErrors::ErrorUri => (
            if error.code == "invalid_client" { 401 } else { 400 },
            json!({ "error": error.code, "error_uri": error_uri(error.urn, client) }),
        ),
        // A bare 400 even for wrong credentials (E1, E24).
        OauthErrors::NullDescription => (400, json!({ "error": error.code, "error_description": null })),
        // The SMART launcher answers 401 for bad clients, codes and refresh tokens.
        OauthErrors::Described => (
            if matches!(error.code, "invalid_client" | "invalid_grant") { 401 } else { 400 },
            json!({ "error": error.code, "error_description": error.why }),
        ),
    };
    Reply::json(status, &body).with("cache-control", "no-store")
}

/// The callback that tells an error.
pub(crate) fn callback(
    world: &World,
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
    match world.profile.oauth_errors {
        OauthErrors::ErrorUri => {
            uri = error_uri(error.urn, client);
            pairs.push(("error_uri", &uri));
        }
        OauthErrors::Described => pairs.push(("error_description", error.why)),
        OauthErrors::NullDescription => {}
    }
    with_query(redirect_uri, &pairs)
}
