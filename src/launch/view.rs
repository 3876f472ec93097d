//! The view of a launch: how long the application may show the patient for whom the EHR opened it.
//!
//! The view is a promise of the sign-in, not of one access token: with a refresh token it lasts `view_seconds` from the launch,
//! and the access token is refreshed meanwhile. Without one it lasts as long as the access token.

use super::{
    context::context_key,
    launch_log,
    record::{LaunchRecord, StoredView, ViewEnd},
    sign_out,
};
use crate::{
    clock::UnixSeconds,
    config::Limits,
    context::Context,
    error::{Code, Result},
    grant::{Grant, TokenClient},
    log::Event,
    secret::ExposeSecret,
    source::Sources,
    store::RecordKind,
};
use serde::Serialize;

/// Whether the view of a launch is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LaunchView {
    /// Whether the application may show the patient of the launch.
    pub open: bool,
    /// When the view ends at the latest, in seconds since 1970; null unless it is open.
    pub ends_at: Option<UnixSeconds>,
    /// Why it has ended; null while it is open.
    pub ended_by: Option<ViewEnd>,
}

impl LaunchView {
    fn ended(end: ViewEnd) -> Self {
        LaunchView { open: false, ends_at: None, ended_by: Some(end) }
    }
}

/// When the view of a sign-in ends at the latest.
pub fn view_ends_at(grant: &Grant, limits: &Limits, now: UnixSeconds) -> UnixSeconds {
    if grant.refresh_token.expose_secret().is_empty() { grant.expires_at } else { now + limits.view_seconds }
}

/// The view of a launch if it is open for a user. Nothing is refreshed.
///
/// # Errors
/// The reason why it is not open.
fn open_view<'r>(
    record: Option<&'r LaunchRecord>,
    user: &str,
    now: UnixSeconds,
) -> std::result::Result<&'r StoredView, ViewEnd> {
    let view = record.and_then(|record| record.view.as_ref()).ok_or(ViewEnd::Unknown)?;
    match view.end {
        _ if view.user != user => Err(ViewEnd::AnotherUser),
        Some(end) => Err(end),
        None if now >= view.ends_at => Err(ViewEnd::Time),
        None => Ok(view),
    }
}

/// The view of a launch if it is open for a user who has not signed out since. Nothing is refreshed.
///
/// # Errors
/// The store's. The inner error is the reason why the view is not open.
pub fn open_view_of<'r>(
    context: &Context<'_>,
    record: Option<&'r LaunchRecord>,
    user: &str,
) -> Result<std::result::Result<&'r StoredView, ViewEnd>> {
    let view = match open_view(record, user, context.clock.now()) {
        Ok(view) => view,
        Err(end) => return Ok(Err(end)),
    };
    let mark = view.sign_out_mark.as_deref();
    let has_left = sign_out::is_signed_out_since(&context.records, &view.source, user, mark)?;
    Ok(if has_left { Err(ViewEnd::Left) } else { Ok(view) })
}

/// Whether the view of a launch is open for a user. The access token is refreshed if it is about to expire.
///
/// # Errors
/// See [`crate::Client::launch_view`].
pub fn check(context: &Context<'_>, sources: &Sources, user: &str, id: &str) -> Result<LaunchView> {
    let now = context.clock.now();
    let record = launch_log::find(&context.records, id)?;
    let view = match open_view_of(context, record.as_ref().map(|record| &record.value), user)? {
        Ok(view) => view,
        Err(end) => return Ok(LaunchView::ended(end)),
    };
    let source = sources.by_id(&view.source)?;
    if !source.is_server_of(&view.issuer) {
        return Ok(LaunchView::ended(ViewEnd::SourceChanged));
    }
    let open = LaunchView { open: true, ends_at: Some(view.ends_at), ended_by: None };
    let Some(grant) = context.records.get::<Grant>(RecordKind::Grant, &view.grant)? else {
        return end(context, id, &view.source, ViewEnd::Refused);
    };
    let expires_at = grant.value.expires_at;
    match TokenClient::new(context).valid_grant(source, grant, None) {
        Ok(_) => Ok(open),
        Err(error)
            if matches!(
                error.code(),
                Code::InvalidGrant
                    | Code::GrantRejected
                    | Code::GrantExpired
                    | Code::GrantNotFound
                    | Code::GrantSuspect
                    | Code::GrantSuspended
            ) =>
        {
            end(context, id, &view.source, ViewEnd::Refused)
        }
        // A token is refreshed before it expires. Until then a failure of the token endpoint ends nothing.
        Err(_) if now < expires_at => Ok(open),
        Err(error) => Err(error),
    }
}

/// Ends the view of a user. A view of another user stays as it is.
///
/// # Errors
/// The store's.
pub fn leave(context: &Context<'_>, user: &str, id: &str) -> Result<()> {
    let record = launch_log::find(&context.records, id)?;
    if let Ok(view) = open_view(record.as_ref().map(|record| &record.value), user, context.clock.now()) {
        end(context, id, &view.source, ViewEnd::Left)?;
    }
    Ok(())
}

fn end(context: &Context<'_>, id: &str, source: &str, reason: ViewEnd) -> Result<LaunchView> {
    launch_log::change(context, id, |record| {
        if let Some(view) = &mut record.view {
            view.end.get_or_insert(reason);
        }
    })?;
    // The context of the launch is kept for handoffs from an open view only.
    let records = &context.records;
    let key = context_key(records, id);
    if let Some(stored) = records.store.get(RecordKind::PendingLaunch, &key)? {
        records.delete(RecordKind::PendingLaunch, &key, stored.version)?;
    }
    context.events.log(Event::ViewEnded { source, reason: reason.name() });
    Ok(LaunchView::ended(reason))
}
