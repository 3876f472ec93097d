//! Verifies the id_token of a sign-in: its issuer, its signature and its claims (OpenID Connect Core 3.1.3.7, #201 and #218).

use super::{
    SignInRequest,
    claims::{self, Claims, Expected, WrongClaim},
};
use crate::{
    config::IdTokenPolicy,
    context::Context,
    discovery::{KeyLocation, without_slash},
    error::{Code, Error, Result, Stage, escape_for_display},
    grant::token_answer::TokenAnswer,
    jose::{SignedToken, TokenRefusal},
    log::Event,
    secret::ExposeSecret,
    source::Source,
};
use serde::{Deserialize, Serialize};
use url::Url;

/// What became of the id_token of a launch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenResult {
    /// It is valid.
    Verified,
    /// The EHR granted the scope `openid`, or does not list what it granted, and sent none.
    Missing,
    /// The EHR did not grant the scope `openid`, and sent none.
    NotGranted,
    /// The scope `openid` was not requested, so the library uses none.
    #[default]
    NotRequested,
    /// It is not valid. Nothing was taken from it.
    Rejected,
}

impl IdTokenResult {
    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            IdTokenResult::Verified => "verified",
            IdTokenResult::Missing => "missing",
            IdTokenResult::NotGranted => "not_granted",
            IdTokenResult::NotRequested => "not_requested",
            IdTokenResult::Rejected => "rejected",
        }
    }
}

/// The result, and what the token says if it is valid.
pub(super) struct Verified {
    pub(super) result: IdTokenResult,
    /// The error of a token that was rejected.
    pub(super) error: Option<Code>,
    pub(super) claims: Option<Claims>,
}

/// Verifies the id_token of a token answer, as the policy of the source says. Without a token, no request is sent.
///
/// # Errors
/// Unless the policy is `soft`: [`Code::IdTokenInvalid`], [`Code::IdTokenIssuerUnknown`], [`Code::IdTokenKeysUnavailable`],
/// [`Code::IdTokenKeyUnknown`], and those of discovery. With `required`, also [`Code::IdTokenMissing`]. The store's.
pub(super) fn verify(
    context: &Context<'_>,
    source: &Source,
    answer: &TokenAnswer,
    request: &SignInRequest<'_>,
) -> Result<Verified> {
    let policy = source.policy.id_token;
    let without = |result| Ok(Verified { result, error: None, claims: None });
    if !request.requested.contains("openid") {
        return match policy {
            IdTokenPolicy::Required => Err(missing(source)),
            _ => without(IdTokenResult::NotRequested),
        };
    }
    if !answer.has("id_token") {
        let is_granted = answer.scope.as_ref().is_none_or(|scopes| scopes.contains("openid"));
        if is_granted {
            context.events.log(Event::IdTokenMissing { source: &source.id });
        }
        return match policy {
            IdTokenPolicy::Required => Err(missing(source)),
            _ if is_granted => without(IdTokenResult::Missing),
            _ => without(IdTokenResult::NotGranted),
        };
    }
    match verify_token(context, source, answer, request) {
        Ok(claims) => {
            context.events.log(Event::IdTokenVerified { source: &source.id });
            Ok(Verified { result: IdTokenResult::Verified, error: None, claims: Some(claims) })
        }
        // A store that fails now fails again when the grant is stored.
        Err(error) if error.code().stage() == Stage::Store => Err(error),
        Err(error) => {
            let (code, name) = (error.code(), policy_name(policy));
            context.events.log(Event::IdTokenRejected {
                source: &source.id,
                error: code.name(),
                policy: name,
            });
            match policy {
                IdTokenPolicy::Soft => {
                    Ok(Verified { result: IdTokenResult::Rejected, error: Some(code), claims: None })
                }
                IdTokenPolicy::Strict | IdTokenPolicy::Required => Err(error),
            }
        }
    }
}

fn policy_name(policy: IdTokenPolicy) -> &'static str {
    match policy {
        IdTokenPolicy::Strict => "strict",
        IdTokenPolicy::Soft => "soft",
        IdTokenPolicy::Required => "required",
    }
}

fn missing(source: &Source) -> Error {
    Error::new(Code::IdTokenMissing).detail(format!("source {}", source.id)).hint(
        "Check that the scopes of the source have openid, and that the EHR grants it. Or set policy.id_token to strict: then a \
         launch without an id_token is accepted.",
    )
}

fn verify_token(
    context: &Context<'_>,
    source: &Source,
    answer: &TokenAnswer,
    request: &SignInRequest<'_>,
) -> Result<Claims> {
    let text = answer.text("id_token").ok_or_else(|| refused(source, TokenRefusal::Malformed))?;
    let token = SignedToken::parse(&text).map_err(|refusal| refused(source, refusal))?;
    let wrong = |wrong: WrongClaim| {
        invalid(source, &format!("{}: {}", wrong.claim, wrong.why)).hint(hint_for(wrong.claim))
    };
    let iss = claims::claimed_issuer(token.payload()).ok_or_else(|| {
        wrong(WrongClaim { claim: "iss", why: "it is missing, or the payload is not an object" })
    })?;
    let location = locate_keys(context, source, &iss)?;
    verify_signature(context, source, &token, &location)?;
    let now = context.clock.now().saturating_add(context.learned.skew(&source.id));
    let expected = Expected {
        client_id: &source.registration.client_id,
        nonce: request.nonce,
        access_token: answer.access_token.expose_secret(),
        now,
    };
    claims::check(&token, &expected).map_err(wrong)
}

/// Verifies the signature. If none of the known keys verifies it, the keys are requested once more: the server may have a new key (O19),
/// also under the old `kid`. The limit of one request a minute protects the server.
fn verify_signature(
    context: &Context<'_>,
    source: &Source,
    token: &SignedToken<'_>,
    location: &KeyLocation,
) -> Result<()> {
    let resolver = context.resolver();
    let mut verified = token.verify(&resolver.server_keys(source, location)?);
    if verified.is_err() {
        verified = token.verify(&resolver.newer_server_keys(source, location)?);
    }
    verified.map_err(|refusal| refused(source, refusal))
}

/// What to do if discovery fails for an issuer that is not in the configuration.
const DISCOVERY_HINT: &str = "Launch again in a minute. If it happens again, ask the EHR team which issuer its id_tokens have, and add it \
                              to policy.id_token_issuers of the source.";

/// Where the keys of an issuer are. No request is sent to an issuer that the source does not allow: the token could name any server.
fn locate_keys(context: &Context<'_>, source: &Source, iss: &str) -> Result<KeyLocation> {
    let is_same = |issuer: &str| without_slash(issuer) == without_slash(iss);
    let (configured, listed) = (&source.endpoints, &source.policy.id_token_issuers);
    let is_allowed =
        configured.issuer.as_deref().is_some_and(is_same) || listed.iter().any(|issuer| is_same(issuer));
    if let (true, Some(jwks)) = (is_allowed, &configured.jwks) {
        return Ok(KeyLocation::Jwks(jwks.clone()));
    }
    let mut failure = None;
    let endpoints = match context.resolver().metadata(source) {
        Ok(metadata) => Some(metadata.endpoints),
        Err(error) if error.code() == Code::EndpointsChanged => return Err(error),
        // An allowed issuer, and a stored token endpoint, need no document of the source.
        Err(error) if matches!(error.code().stage(), Stage::Discovery | Stage::Network) => {
            if !is_allowed && source.token_endpoint.is_none() {
                return Err(error);
            }
            failure = Some(error);
            None
        }
        Err(error) => return Err(error),
    };
    let published = endpoints.as_ref().and_then(|endpoints| endpoints.issuer.as_deref());
    let token = endpoints.as_ref().map(|endpoints| &endpoints.token).or(source.token_endpoint.as_ref());
    let is_published = match published {
        Some(issuer) => is_same(issuer),
        None => listed.is_empty() && is_issuer_of_source(source, token, iss),
    };
    if !is_published && !is_allowed {
        // While discovery fails, the issuer may be the one that the source publishes.
        return Err(match failure {
            Some(failure) => failure.hint(DISCOVERY_HINT),
            None => unknown_issuer(source, iss, published),
        });
    }
    let is_usable = is_published || configured.jwks.is_some();
    match endpoints.and_then(|endpoints| endpoints.jwks).filter(|_| is_usable) {
        Some(jwks) => Ok(KeyLocation::Jwks(jwks)),
        None => Ok(KeyLocation::Issuer(iss.to_owned())),
    }
}

/// Whether an issuer is the one of a source that publishes none: the FHIR base URL, as in SMART 1.0, or an issuer at the origin of the
/// token endpoint. The token has just come from there, and TLS proved that server (OpenID Connect Core 3.1.3.7, rule 6).
fn is_issuer_of_source(source: &Source, token_endpoint: Option<&Url>, iss: &str) -> bool {
    let has_origin = |issuer: &Url| token_endpoint.is_some_and(|token| token.origin() == issuer.origin());
    source.is_own_iss(iss) || Url::parse(iss).is_ok_and(|issuer| has_origin(&issuer))
}

fn invalid(source: &Source, what: &str) -> Error {
    Error::new(Code::IdTokenInvalid).detail(format!("source {}: {what}", escape_for_display(&source.id)))
}

fn refused(source: &Source, refusal: TokenRefusal) -> Error {
    const HINT: &str = "Start again. If it happens again, ask the EHR team which keys sign id_tokens.";
    match refusal {
        TokenRefusal::UnknownKey => Error::new(Code::IdTokenKeyUnknown)
            .detail(format!("source {}", escape_for_display(&source.id)))
            .hint("If it happens for hours, ask the EHR team for the URL of the keys, and store it as endpoints.jwks_uri."),
        TokenRefusal::Malformed | TokenRefusal::Algorithm | TokenRefusal::Signature => {
            invalid(source, refusal.reason()).hint(HINT)
        }
    }
}

fn hint_for(claim: &str) -> &'static str {
    match claim {
        "aud" | "azp" => "Compare the client id of the source with the vendor's console.",
        "exp" | "nbf" | "iat" => "Check the clock of this server and the clock of the EHR.",
        _ => "Start again. If it happens again, send this error to the EHR team.",
    }
}

fn unknown_issuer(source: &Source, iss: &str, published: Option<&str>) -> Error {
    let expected = published.map_or_else(|| "no issuer".to_owned(), escape_for_display);
    let (id, iss) = (escape_for_display(&source.id), escape_for_display(iss));
    Error::new(Code::IdTokenIssuerUnknown)
        .detail(format!("source {id}: the EHR publishes {expected}, the token names {iss}"))
        .hint(
            "Ask the EHR team which issuer its id_tokens have. If it is this one, add it to policy.id_token_issuers of the source.",
        )
}
