//! The authorization server of a launch: where the browser goes, what is known about its callback, and whether it supports PKCE.

use crate::{
    config::PkcePolicy,
    context::Context,
    discovery::{self, Endpoints, Resolver},
    error::{Code, Error, Result, escape_for_display},
    source::Source,
};
use url::Url;

/// What a launch needs to know about the authorization server.
pub(super) struct AuthorizationServer {
    /// The authorization endpoint.
    pub(super) endpoint: Url,
    /// The token endpoint.
    pub(super) token: Url,
    /// The issuer, if it is known.
    pub(super) issuer: Option<String>,
    /// Whether the server promises an `iss` on each callback (RFC 9207).
    pub(super) sends_iss: bool,
    /// Whether the request has a PKCE challenge.
    pub(super) pkce: bool,
}

/// Finds the authorization server of a source. If the configuration has both endpoints, no request is sent, except for a source that
/// requires PKCE: the server's metadata must show that it supports S256.
///
/// # Errors
/// [`Code::PkceNotSupported`], [`Code::DiscoveryFailed`], and those of [`Resolver::metadata`].
pub(super) fn find(context: &Context<'_>, source: &Source) -> Result<AuthorizationServer> {
    let requires_pkce = source.policy.pkce == PkcePolicy::Required;
    let (endpoints, sends_iss) = match Resolver::configured(source).filter(|_| !requires_pkce) {
        Some(endpoints) => with_approved_issuer(context, source, endpoints)?,
        None => {
            let metadata = context.resolver().metadata(source)?;
            if requires_pkce && !metadata.advertises_s256() {
                return Err(pkce_not_supported(source));
            }
            (metadata.endpoints, metadata.sends_iss)
        }
    };
    let endpoint = endpoints.authorization.ok_or_else(|| {
        Error::new(Code::DiscoveryFailed)
            .detail(format!("source {}: no authorization endpoint", escape_for_display(&source.id)))
            .hint("Store authorization_endpoint in the source's configuration.")
    })?;
    let pkce = source.policy.pkce != PkcePolicy::Off;
    Ok(AuthorizationServer { endpoint, token: endpoints.token, issuer: endpoints.issuer, sends_iss, pkce })
}

/// With configured endpoints, the issuer is the configured or the approved one.
fn with_approved_issuer(
    context: &Context<'_>,
    source: &Source,
    endpoints: Endpoints,
) -> Result<(Endpoints, bool)> {
    let Some(approved) = discovery::approved(&context.records, source)? else {
        return Ok((endpoints, false));
    };
    let issuer = endpoints.issuer.or(approved.endpoints.issuer);
    Ok((Endpoints { issuer, ..endpoints }, approved.sends_iss))
}

fn pkce_not_supported(source: &Source) -> Error {
    Error::new(Code::PkceNotSupported).detail(format!("source {}", escape_for_display(&source.id))).hint(
        "Ask the EHR team whether the server supports PKCE with S256. If it does but does not advertise it, set policy.pkce \
         to on.",
    )
}
