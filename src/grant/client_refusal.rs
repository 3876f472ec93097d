//! Refused clients: after a token endpoint refused a client, no process sends it the same credentials again for a while.
//!
//! A new registration is refused for minutes or hours (E1, O14), and some servers block a client that fails too often. The time grows
//! from one minute to 15 minutes while the server keeps refusing. Other credentials, another client id or another endpoint are sent
//! at once, and the doctor always asks. The refusal is a stored record, so all processes know it. It is advice: if the store fails
//! or the record is damaged, the request is sent.

use crate::{
    clock::UnixSeconds,
    config::Registration,
    context::Context,
    error::{Code, Error},
    learned::ClientRefusal,
    secret::ExposeSecret,
    source::{Credentials, Source},
    store::{
        RecordKind,
        sealed_store::{Address, DecryptedRecord},
    },
};
use std::time::Duration;
use url::Url;

/// For how long a client is not asked for again after its first refusal. Each further refusal doubles it.
const FIRST_SECONDS: i64 = 60;
/// The longest time.
const LONGEST_SECONDS: i64 = 900;
/// For how long a refusal that has ended is kept, so that a further one lasts longer.
const REMEMBERED_SECONDS: i64 = 3600;

/// A client at a token endpoint.
pub(super) struct Client<'a> {
    context: Context<'a>,
    /// The key of its refusal.
    key: String,
    credentials: String,
    now: UnixSeconds,
}

/// Whether a refusal of the client at a token endpoint is stored, whatever its credentials. Then these must be read.
pub(super) fn is_noted(context: &Context<'_>, registration: &Registration, endpoint: &Url) -> bool {
    let key = key(context, registration, endpoint);
    let stored = context.records.get::<ClientRefusal>(RecordKind::SourceEndpoints, &key);
    matches!(stored, Ok(Some(_))) || context.learned.refusal(&key).is_some()
}

fn key(context: &Context<'_>, registration: &Registration, endpoint: &Url) -> String {
    let parts = [context.records.organization, &registration.id, &registration.client_id, endpoint.as_str()];
    context.records.vault.index("client refusal", &parts)
}

/// A keyed hash of all that an administrator may change to be accepted.
fn credentials_hash(
    context: &Context<'_>,
    source: &Source,
    registration: &Registration,
    credentials: &Credentials,
) -> String {
    let method = registration.authentication().name();
    let encoded = if source.policy.basic_form_encoded { "form" } else { "" };
    let certificate = registration.client_certificate.expose_secret();
    let (first, second) = match credentials {
        Credentials::None => ("", ""),
        Credentials::Secret { secret, next, .. } => {
            (secret.expose_secret(), next.as_ref().map_or("", |next| next.expose_secret()))
        }
        Credentials::Key(key) => (key.kid.as_str(), key.jwks_url.as_deref().unwrap_or_default()),
    };
    context.records.vault.index("client credentials", &[method, encoded, certificate, first, second])
}

impl<'a> Client<'a> {
    pub(super) fn new(
        context: &Context<'a>,
        source: &Source,
        registration: &Registration,
        credentials: &Credentials,
        endpoint: &Url,
    ) -> Self {
        Client {
            context: *context,
            key: key(context, registration, endpoint),
            credentials: credentials_hash(context, source, registration, credentials),
            now: context.clock.now(),
        }
    }

    /// The refusal because of which no request with these credentials is sent now.
    pub(super) fn refusal(&self) -> Option<ClientRefusal> {
        let stored = self.stored().map(|record| record.value);
        stored.or_else(|| self.context.learned.refusal(&self.key)).filter(|refusal| self.applies(refusal))
    }

    /// A time beyond the longest one is not believed: a clock was wrong when it was written.
    fn applies(&self, refusal: &ClientRefusal) -> bool {
        let seconds_left = refusal.until.saturating_sub(self.now);
        refusal.credentials == self.credentials && (1..=LONGEST_SECONDS).contains(&seconds_left)
    }

    fn stored(&self) -> Option<DecryptedRecord<ClientRefusal>> {
        self.context.records.get(RecordKind::SourceEndpoints, &self.key).ok().flatten()
    }

    /// Whether the client was accepted by this process in the time for which a refusal is remembered.
    pub(super) fn was_accepted(&self) -> bool {
        self.context.learned.was_accepted(&self.key, self.now.saturating_sub(REMEMBERED_SECONDS))
    }

    /// Notes a refusal. A user can have a code refused as often as he likes, so the time for `is_code` does not grow, and a client
    /// that was accepted shortly before is not noted: some servers blame the client for a wrong code.
    pub(super) fn note(&self, error: &Error, is_code: bool) {
        if is_code && self.was_accepted() {
            return;
        }
        let stored = self.stored();
        let earlier = stored.as_ref().map(|record| &record.value);
        let earlier = earlier.filter(|earlier| !is_code && earlier.credentials == self.credentials);
        let seconds = earlier.map_or(FIRST_SECONDS, |earlier| {
            earlier.seconds.saturating_mul(2).clamp(FIRST_SECONDS, LONGEST_SECONDS)
        });
        let refusal = ClientRefusal {
            credentials: self.credentials.clone(),
            until: self.now.saturating_add(seconds),
            seconds,
            detail: error.detail_text().unwrap_or_default().to_owned(),
            vendor: error.vendor_error().clone(),
            http_status: error.http_status(),
        };
        let address = Address {
            key: self.key.clone(),
            state: "client_refusal".to_owned(),
            expires_in: Some(seconds.saturating_add(REMEMBERED_SECONDS)),
            ..Address::default()
        };
        let expected = stored.map_or(0, |record| record.version);
        let written = self.context.records.write(RecordKind::SourceEndpoints, &address, &refusal, expected);
        let is_unsaved = written.is_err_and(|error| error.code() != Code::StoreConflict);
        self.context.learned.learn_refusal(&self.key, is_unsaved.then_some(refusal));
    }

    /// Forgets the refusal: the server accepted the client.
    pub(super) fn forget(&self) {
        self.context.learned.learn_accepted(&self.key, self.now);
        self.forget_stored();
    }

    /// Forgets the refusal of these credentials: the server did not refuse them, but perhaps it has not checked them.
    pub(super) fn forget_same(&self) {
        if self.stored().is_some_and(|record| record.value.credentials == self.credentials) {
            self.forget_stored();
        }
        self.context.learned.learn_refusal(&self.key, None);
    }

    fn forget_stored(&self) {
        if let Some(stored) = self.stored() {
            // If the store fails, the refusal ends by itself.
            let _ = self.context.records.delete(RecordKind::SourceEndpoints, &stored.key, stored.version);
        }
    }

    /// The error of a request that is not sent because of a refusal.
    pub(super) fn error(&self, refusal: ClientRefusal) -> Error {
        let seconds = refusal.until.saturating_sub(self.now);
        let error = Error::new(Code::InvalidClient)
            .detail(refusal.detail)
            .vendor(refusal.vendor)
            .after(Some(Duration::from_secs(seconds.unsigned_abs())));
        match refusal.http_status {
            Some(status) => error.status(status),
            None => error,
        }
    }
}
