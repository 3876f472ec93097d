//! The system account: a token without a user.

use super::{
    Grant, Holder, key,
    lease::{self, Turn},
    refresh::Tokens,
};
use crate::{
    config::Registration,
    error::{Code, Error, Result},
    source::Source,
    store::{RecordKind, sealed_store::Opened},
};

/// Gets the system account's first grant at a source. Processes that do so at the same time make one
/// request together: one makes it, the others wait and use its token.
///
/// # Errors
/// [`Code::SystemAccountMissing`] without a `system_registration`,
/// [`Code::RefreshBusy`], the token endpoint's, the store's.
pub fn sign_in(tokens: &Tokens<'_>, source: &Source) -> Result<Opened<Grant>> {
    let prepared = tokens.prepare(source, registration(source)?)?;
    let issuer = source.issuer(&prepared.endpoint);
    let key = key(&tokens.records, &source.id, &issuer, &Holder::System, None);
    let mut stale = None;
    let turn = lease::wait(&tokens.records, tokens.limits, &key, || {
        let Some(standing) = tokens.records.get::<Grant>(RecordKind::Grant, &key)? else { return Ok(None) };
        if tokens.is_usable(&standing.value, None) {
            return Ok(Some(standing));
        }
        stale = Some(standing);
        Ok(None)
    })?;
    match turn {
        Turn::Done(grant) => Ok(grant),
        Turn::Held(mut lease) => tokens.renew(&mut lease, &prepared, stale),
    }
}

pub(super) fn registration(source: &Source) -> Result<&Registration> {
    source
        .system_registration
        .as_ref()
        .ok_or_else(|| Error::new(Code::SystemAccountMissing).detail(format!("source {}", source.id)))
}
