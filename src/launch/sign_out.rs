//! Signs a user out of a source: removes and revokes the grants, and ends the views and the sign-ins that are under way.
//!
//! Views and pending launches are stored under random ids, so those of one user cannot be looked up. Instead a sign-out leaves a
//! mark for the user and the source, a random text. A view or a pending launch with another mark is from before the sign-out.

use crate::{
    context::Context,
    error::Result,
    grant::{Holder, Revoker, SignedOutGrant, TokenClient},
    identity,
    log::Event,
    secret,
    source::Sources,
    store::{
        RecordKind,
        sealed_store::{Address, SealedStore, TRIES},
    },
};
use serde::Serialize;

const DAY_SECONDS: i64 = 86_400;
/// The state column of a mark. That of a remembered launch is empty.
const MARK_STATE: &str = "signed_out";

/// What was removed of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct UserRemoval {
    /// The grants at all sources.
    pub grants: Vec<SignedOutGrant>,
    /// The number of links from EHR users to this user.
    pub links: usize,
}

fn mark_address(context: &Context<'_>, source: &str, user: &str) -> Address {
    let records = &context.records;
    Address {
        key: mark_key(records, source, user),
        state: MARK_STATE.to_owned(),
        // No view and no pending launch outlives the memory of its launch.
        expires_in: Some(context.limits.launch_log_days.max(1) * DAY_SECONDS),
        ..Address::default()
    }
}

fn mark_key(records: &SealedStore<'_>, source: &str, user: &str) -> String {
    records.vault.index("signed out", &[records.organization, source, user])
}

/// The mark of the last sign-out of a user from a source; `None` if there was none in the last days.
///
/// # Errors
/// The store's.
pub fn mark(records: &SealedStore<'_>, source: &str, user: &str) -> Result<Option<String>> {
    let mark = records.get::<String>(RecordKind::Launch, &mark_key(records, source, user))?;
    Ok(mark.map(|mark| mark.value))
}

/// Whether the user has signed out since `before`, the mark at that time, was read.
///
/// # Errors
/// The store's.
pub fn is_signed_out_since(
    records: &SealedStore<'_>,
    source: &str,
    user: &str,
    before: Option<&str>,
) -> Result<bool> {
    Ok(mark(records, source, user)?.is_some_and(|mark| before != Some(mark.as_str())))
}

fn write_mark(context: &Context<'_>, source: &str, user: &str) -> Result<()> {
    let records = &context.records;
    let address = mark_address(context, source, user);
    let new = secret::random_text()?;
    for _ in 1..TRIES {
        let version = records.store.get(RecordKind::Launch, &address.key)?.map_or(0, |stored| stored.version);
        match records.write(RecordKind::Launch, &address, &new, version) {
            Err(error) if error.code() == crate::Code::StoreConflict => {}
            done => return done,
        }
    }
    // Another process signs the same user out, and its mark is as good.
    Ok(())
}

/// Signs a user out of a source. All grants are removed before the first request is sent.
///
/// # Errors
/// The store's; [`crate::Code::SourceNotFound`] if neither the configuration nor a grant of the user has the source.
pub fn sign_out(
    context: &Context<'_>,
    sources: &Sources,
    user: &str,
    source: &str,
) -> Result<Vec<SignedOutGrant>> {
    write_mark(context, source, user)?;
    end_grants(context, sources, source, &Holder::User(user.to_owned()))
}

/// Removes the token of the system account of a source, and revokes it. The next call that needs it requests another one.
///
/// # Errors
/// As [`sign_out`].
pub fn sign_out_system(
    context: &Context<'_>,
    sources: &Sources,
    source: &str,
) -> Result<Vec<SignedOutGrant>> {
    end_grants(context, sources, source, &Holder::System)
}

fn end_grants(
    context: &Context<'_>,
    sources: &Sources,
    source: &str,
    holder: &Holder,
) -> Result<Vec<SignedOutGrant>> {
    let ended = Revoker::new(TokenClient::new(context), sources).sign_out(source, holder)?;
    if ended.is_empty() {
        sources.by_id(source)?;
    }
    Ok(ended)
}

/// Signs a user out of all sources, and removes the user links that lead to the user.
///
/// # Errors
/// The store's.
pub fn remove_user(context: &Context<'_>, sources: &Sources, user: &str) -> Result<UserRemoval> {
    // Without a link, no launch signs the user in without the application's own login.
    let links = identity::unlink_user(&context.records, user)?;
    for source in sources.iter() {
        write_mark(context, &source.id, user)?;
    }
    let grants = Revoker::new(TokenClient::new(context), sources).sign_out_everywhere(user)?;
    context.events.log(Event::UserRemoved { grants: grants.len(), links });
    Ok(UserRemoval { grants, links })
}
