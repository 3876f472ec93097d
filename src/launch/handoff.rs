//! Handoffs: the browser goes to another application of the same organization with a handle, and that application redeems the
//! handle on its server for the user and the launch context.
//!
//! A handle is a random text that is valid once, for `handoff_seconds`, and only with the secret of the URL for which it was
//! created. The browser is sent to URLs of the configuration only.

use super::{
    context::context_key,
    flow::SignIn,
    launch_log,
    record::{LaunchHandoff, ViewEnd},
    view,
};
use crate::{
    access::{self, Access, Action},
    clock::UnixSeconds,
    config::{Config, HandoffUrl},
    context::Context,
    error::{Code, Error, Result, escape_for_display},
    log::Event,
    secret::{self, ExposeSecret},
    source::allowed_url,
    store::{RecordKind, sealed_store::Address},
    vault::sha256,
};
use serde::{Deserialize, Serialize};
use std::path::Path;
use url::Url;

/// Expired handoffs are kept one more hour, so that a late application gets `handoff_expired` instead of `handoff_unknown`.
const GRACE_SECONDS: i64 = 3600;

/// A handoff that waits for its application.
#[derive(Serialize, Deserialize)]
struct Handoff {
    url: String,
    sign_in: SignIn,
    created_at: UnixSeconds,
    ends_at: UnixSeconds,
}

/// Creates and redeems handoffs.
pub struct Handoffs<'a> {
    /// The services of the call.
    pub context: Context<'a>,
    /// The host's access hook.
    pub access: &'a dyn Access,
    /// The configuration.
    pub config: &'a Config,
}

/// Checks the handoff URLs of the configuration.
///
/// # Errors
/// [`Code::ConfigInvalid`] or [`Code::UrlNotAllowed`], naming the entry.
pub fn check_urls(urls: &[HandoffUrl]) -> Result<()> {
    for (number, handoff) in urls.iter().enumerate() {
        let place = format!("handoff_urls[{number}]");
        allowed_url(&handoff.url).map_err(|error| error.within(&place))?;
        let invalid = |what: &str| Err(Error::new(Code::ConfigInvalid).detail(format!("{place}: {what}")));
        if handoff.secret.expose_secret().trim().is_empty() {
            return invalid("the secret is empty");
        }
        if urls[..number].iter().any(|other| other.url == handoff.url) {
            return invalid("the url is used twice");
        }
    }
    Ok(())
}

impl Handoffs<'_> {
    /// Creates a handle for a URL of the configuration; returns the URL with the handle.
    ///
    /// # Errors
    /// See [`crate::Client::create_handoff`].
    pub fn create(&self, user: &str, launch_id: &str, url: &str) -> Result<String> {
        let (records, now) = (&self.context.records, self.context.clock.now());
        self.url(url)?;
        let mut address = allowed_url(url)?;
        let record = launch_log::find(records, launch_id)?;
        let record = record.as_ref().map(|record| &record.value);
        let view = view::open_view_of(&self.context, record, user)?.map_err(ViewEnd::error)?;
        let key = context_key(records, launch_id);
        let sign_in = records
            .get::<SignIn>(RecordKind::PendingLaunch, &key)?
            .ok_or_else(|| ViewEnd::Time.error())?
            .value;
        let handle = secret::random_text()?;
        let ends_at = now + self.context.limits.handoff_seconds;
        let handoff = Handoff { url: url.to_owned(), sign_in, created_at: now, ends_at };
        let expires_in = Some(self.context.limits.handoff_seconds + GRACE_SECONDS);
        let place = Address { key: self.key(&handle), expires_in, ..Address::default() };
        records.write(RecordKind::PendingLaunch, &place, &handoff, 0)?;
        let remembered = LaunchHandoff { url: handoff.url, created_at: now, redeemed_at: None };
        launch_log::add_handoff(&self.context, launch_id, &remembered)?;
        self.context.events.log(Event::HandoffCreated { source: &view.source });
        address.query_pairs_mut().append_pair("handoff", &handle);
        Ok(Url::into(address))
    }

    /// Redeems a handle for the sign-in.
    ///
    /// # Errors
    /// See [`crate::Client::redeem_handoff`].
    pub fn redeem(&self, handle: &str, secret: &str) -> Result<SignIn> {
        let result = self.redeem_once(handle, secret);
        match &result {
            Ok(sign_in) => self.context.events.log(Event::HandoffRedeemed { source: &sign_in.source }),
            Err(error) => self.context.events.log(Event::HandoffRefused { error: error.code().name() }),
        }
        result
    }

    fn redeem_once(&self, handle: &str, secret: &str) -> Result<SignIn> {
        let (records, now) = (&self.context.records, self.context.clock.now());
        let key = self.key(handle);
        let unknown = || Error::new(Code::HandoffUnknown);
        let stored = records.get::<Handoff>(RecordKind::PendingLaunch, &key)?.ok_or_else(unknown)?;
        let Handoff { url, sign_in, created_at, ends_at } = stored.value;
        // A foreign redeemer gets an error, and the handle stays valid for its own application.
        self.check_secret(self.url(&url)?, secret)?;
        access::require(self.access, &sign_in.user, "", Action::Launch)?;
        if !records.delete(RecordKind::PendingLaunch, &key, stored.version)? {
            return Err(unknown());
        }
        if now >= ends_at {
            return Err(Error::new(Code::HandoffExpired));
        }
        let record = launch_log::find(records, &sign_in.launch_id)?;
        let record = record.as_ref().map(|record| &record.value);
        view::open_view_of(&self.context, record, &sign_in.user)?.map_err(ViewEnd::error)?;
        // The handle is used up, so a store that fails here must not keep the context from the application.
        let _ = launch_log::change(&self.context, &sign_in.launch_id, |record| {
            let handoffs = &mut record.entry.handoffs;
            let redeemed = handoffs
                .iter_mut()
                .find(|one| (one.redeemed_at, one.created_at) == (None, created_at) && one.url == url);
            if let Some(handoff) = redeemed {
                handoff.redeemed_at = Some(now);
            }
        });
        Ok(sign_in)
    }

    fn url(&self, url: &str) -> Result<&HandoffUrl> {
        let found = self.config.handoff_urls.iter().find(|known| known.url == url);
        found.ok_or_else(|| Error::new(Code::HandoffUrlNotAllowed).detail(escape_for_display(url)))
    }

    fn check_secret(&self, url: &HandoffUrl, secret: &str) -> Result<()> {
        let base: Option<&Path> = self.config.base.as_deref();
        let expected = secret::resolve(&url.secret, base, self.context.secrets)?;
        // Both sides are hashes, so the time of the comparison reveals nothing about the secret. An empty secret, such as that
        // of an unset variable, opens nothing.
        let is_same = sha256(expected.expose_secret()) == sha256(secret);
        if is_same && !secret.trim().is_empty() { Ok(()) } else { Err(Error::new(Code::HandoffForeign)) }
    }

    fn key(&self, handle: &str) -> String {
        let records = &self.context.records;
        records.vault.index("handoff", &[records.organization, handle])
    }
}
