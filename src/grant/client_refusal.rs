//! Refused clients: after a token endpoint refused a client, no process sends it the same credentials again for a while.
//!
//! A new registration is refused for minutes or hours (E1, O14), and some servers block a client that fails too often. The time grows
//! from one minute to 15 minutes while the server keeps refusing. Other credentials, another client id, another endpoint or another
//! grant type are sent at once, and the doctor always asks. The refusal is a stored record, so all processes know it. It is advice: if the store fails
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

/// The grant type of a code. A user can have a code refused as often as he likes.
pub(super) const CODE: &str = "authorization_code";
/// The grant types of token requests. Each has its own refusal: a client that may not request tokens for the system account, or
/// that the server blames for a wrong code, may still refresh the tokens of users.
const GRANT_TYPES: [&str; 3] = [CODE, "refresh_token", "client_credentials"];

/// A client at a token endpoint that makes requests of one grant type.
pub(super) struct Client<'a> {
    context: Context<'a>,
    is_code: bool,
    /// The key of the client, whatever the grant type.
    client_key: String,
    /// The key of its refusal.
    key: String,
    credentials: String,
    now: UnixSeconds,
}

/// Whether a refusal of the client with a code is stored, whatever its credentials. Then these must be read.
pub(super) fn is_code_noted(context: &Context<'_>, registration: &Registration, endpoint: &Url) -> bool {
    let key = refusal_key(context, &client_key(context, registration, endpoint), CODE);
    let stored = context.records.get::<ClientRefusal>(RecordKind::SourceEndpoints, &key);
    matches!(stored, Ok(Some(_))) || context.learned.refusal(&key).is_some()
}

fn client_key(context: &Context<'_>, registration: &Registration, endpoint: &Url) -> String {
    let parts = [context.records.organization, &registration.id, &registration.client_id, endpoint.as_str()];
    context.records.vault.index("client", &parts)
}

fn refusal_key(context: &Context<'_>, client_key: &str, grant_type: &str) -> String {
    context.records.vault.index("client refusal", &[client_key, grant_type])
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
        grant_type: &str,
    ) -> Self {
        let client_key = client_key(context, registration, endpoint);
        Client {
            context: *context,
            is_code: grant_type == CODE,
            key: refusal_key(context, &client_key, grant_type),
            client_key,
            credentials: credentials_hash(context, source, registration, credentials),
            now: context.clock.now(),
        }
    }

    /// The refusal because of which no request with these credentials is sent now. A refused code says nothing about a client that
    /// was accepted shortly before.
    pub(super) fn refusal(&self) -> Option<ClientRefusal> {
        if self.is_code && self.was_accepted() {
            return None;
        }
        let stored = self.stored().map(|record| record.value);
        stored.or_else(|| self.context.learned.refusal(&self.key)).filter(|refusal| self.applies(refusal))
    }

    /// A time beyond the longest one is not believed: a clock was wrong when it was written.
    fn applies(&self, refusal: &ClientRefusal) -> bool {
        let seconds_left = refusal.until.saturating_sub(self.now);
        refusal.credentials == self.credentials && (1..=LONGEST_SECONDS).contains(&seconds_left)
    }

    fn stored(&self) -> Option<DecryptedRecord<ClientRefusal>> {
        self.stored_at(&self.key)
    }

    fn stored_at(&self, key: &str) -> Option<DecryptedRecord<ClientRefusal>> {
        self.context.records.get(RecordKind::SourceEndpoints, key).ok().flatten()
    }

    /// Whether the client was accepted by this process in the time for which a refusal is remembered, with any grant type.
    pub(super) fn was_accepted(&self) -> bool {
        self.context.learned.was_accepted(&self.client_key, self.now.saturating_sub(REMEMBERED_SECONDS))
    }

    /// Notes a refusal. A user can have a code refused as often as he likes, so the time for a code does not grow, and a client
    /// that was accepted shortly before is not noted: some servers blame the client for a wrong code.
    pub(super) fn note(&self, error: &Error) {
        if self.is_code && self.was_accepted() {
            return;
        }
        let stored = self.stored();
        let earlier = stored.as_ref().map(|record| &record.value);
        let earlier = earlier.filter(|earlier| !self.is_code && earlier.credentials == self.credentials);
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
        self.context.learned.learn_accepted(&self.client_key, self.now);
        self.context.learned.learn_refusal(&self.key, None);
        if let Some(stored) = self.stored() {
            self.delete(&stored);
        }
    }

    /// Forgets the refusals of these credentials with all grant types, because an administrator checks the client: the server did
    /// not refuse them, but perhaps it has not checked them.
    pub(super) fn forget_same(&self) {
        for grant_type in GRANT_TYPES {
            let key = refusal_key(&self.context, &self.client_key, grant_type);
            if let Some(stored) = self.stored_at(&key)
                && stored.value.credentials == self.credentials
            {
                self.delete(&stored);
            }
            self.context.learned.learn_refusal(&key, None);
        }
    }

    fn delete(&self, stored: &DecryptedRecord<ClientRefusal>) {
        // If the store fails, the refusal ends by itself.
        let _ = self.context.records.delete(RecordKind::SourceEndpoints, &stored.key, stored.version);
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
