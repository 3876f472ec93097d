//! The step `keys`: whether the JWKS document at the URL that EHRs fetch verifies what the current key signs.

use super::{
    configuration::registrations,
    finding::{Finding, FindingId, StepResult},
};
use crate::{
    config::Authentication,
    context::Context,
    error::Result,
    jose::{self, AssertionRequest, SigningKey},
    net::{Request, charset},
    secret::{self, ExposeSecret},
    source::Source,
};
use url::Url;

/// The most bytes of a JWKS document.
const JWKS_BYTES: usize = 256 * 1024;

pub(super) fn check(context: &Context<'_>, source: &Source) -> StepResult {
    let mut checked = Finding::new(FindingId::KeysNone);
    for registration in registrations(source) {
        if registration.authentication() != Authentication::PrivateKeyJwt {
            continue;
        }
        let ring = source.key_ring(registration, context.secrets)?;
        let key = ring.signing_key(registration.signing_algorithm)?;
        let name = &ring.config.name;
        let Some(url) = key.jwks_url.as_deref().and_then(|url| Url::parse(url).ok()) else {
            checked = Finding::new(FindingId::KeysWithoutUrl).with("ring", name);
            continue;
        };
        let found = |id| Finding::new(id).with("ring", name).with("kid", &key.kid);
        checked = match published(context, &url) {
            Err(problem) => return Ok(found(FindingId::KeysNotPublished).with("problem", problem)),
            Ok(document) if is_verified(&key, &document)? => found(FindingId::KeysOk),
            Ok(_) => return Ok(found(FindingId::KeysDiffer)),
        };
    }
    Ok(checked)
}

/// The text at the JWKS URL, or why there is none.
fn published(context: &Context<'_>, url: &Url) -> std::result::Result<String, String> {
    let request = Request::get(url.clone(), vec!["application/json".to_owned()]).limit_bytes(JWKS_BYTES);
    let response = context
        .network
        .exchange(request)
        .map_err(|error| error.message().trim_end_matches('.').to_owned())?;
    if response.status != 200 {
        return Err(format!("HTTP {}", response.status));
    }
    charset::text(&response).map(|text| text.to_string()).map_err(|why| why.reason().to_owned())
}

/// Whether a key of the document verifies an assertion of the key.
fn is_verified(key: &SigningKey, document: &str) -> Result<bool> {
    let jti = secret::random_text()?;
    // No server accepts an assertion of 1970.
    let request = AssertionRequest { client_id: "doctor", audience: "doctor", now: 0, jti: &jti };
    let assertion = jose::assertion(key, &request)?;
    let keys = jose::read_keys(document).unwrap_or_default();
    Ok(jose::verify(assertion.expose_secret(), &keys).is_some())
}
