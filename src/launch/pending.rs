//! Stored launches: a pending launch while the browser is at the EHR, and a hand-over while the application shows its login.

use super::record::{CompletedLaunch, LaunchKind};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result},
    identity::EhrUser,
    secret::Secret,
    source::Issuer,
    store::{
        RecordKind,
        sealed_store::{Address, DecryptedRecord, SealedStore},
    },
    vault::sha256,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A launch that waits for its callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingLaunch {
    /// The id of the source.
    pub source: String,
    /// The server that issues the code. The code is sent to no other server.
    #[serde(default)]
    pub issuer: Issuer,
    /// The PKCE verifier.
    #[serde(with = "crate::secret::in_sealed_record")]
    pub verifier: Secret,
    /// Whether the authorization request had a PKCE challenge.
    #[serde(default = "with_pkce")]
    pub pkce: bool,
    /// The nonce that an id_token must repeat.
    pub nonce: String,
    /// The redirect URI of the authorize request; the token request must repeat it exactly.
    pub redirect_uri: String,
    /// The requested scopes, separated by spaces.
    pub scopes: String,
    /// The application's user, when the sign-in started in the application.
    pub application_user: Option<String>,
    /// The user name in the launch query, for sandbox sources with `trust_user_hint`.
    pub user_hint: Option<String>,
    /// The issuer of the authorization server, if it is known.
    #[serde(default)]
    pub server_issuer: Option<String>,
    /// Whether the authorization server promises an `iss` on the callback (RFC 9207).
    #[serde(default)]
    pub sends_iss: bool,
    /// The mark of the last sign-out of `application_user` before this sign-in started; `None` if there was none.
    #[serde(default)]
    pub sign_out_mark: Option<String>,
    /// The session that may complete the launch, and its expiry time.
    pub binding: SessionBinding,
}

impl PendingLaunch {
    /// Where it started.
    pub fn kind(&self) -> LaunchKind {
        if self.application_user.is_some() { LaunchKind::Standalone } else { LaunchKind::Ehr }
    }
}

/// Launches from before an update always had a challenge.
fn with_pkce() -> bool {
    true
}

/// A completed sign-in at the EHR that waits for the application's own login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandOver {
    /// The grant; its holder is an empty user name until the login.
    pub grant: crate::grant::Grant,
    /// The launch context.
    pub context: super::context::LaunchContext,
    /// What identifies the EHR user; absent in a hand-over that an older version stored.
    #[serde(default)]
    pub ehr_user: Option<EhrUser>,
    /// The launch, as it is remembered.
    pub launch: CompletedLaunch,
    /// The session that may finish the login, and its expiry time.
    pub binding: SessionBinding,
}

/// The browser session that a stored launch belongs to, and the time when it expires.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionBinding {
    session: Vec<u8>,
    ends_at: UnixSeconds,
}

impl SessionBinding {
    /// Binds to a session for a number of seconds. Only a hash of the session text is stored.
    pub fn new(session: &str, now: UnixSeconds, seconds: i64) -> Self {
        SessionBinding { session: sha256(session), ends_at: now + seconds }
    }

    fn check(&self, session: &str, now: UnixSeconds) -> Result<()> {
        // Both sides are hashes, so the time of the comparison reveals nothing about the session text.
        if self.session != sha256(session) {
            return Err(Error::new(Code::StateForeign));
        }
        if now >= self.ends_at { Err(Error::new(Code::LaunchExpired)) } else { Ok(()) }
    }
}

/// A stored value that only one browser session may take.
pub trait SessionBound: DeserializeOwned + Serialize {
    /// Part of the key, so that a state is never taken as a hand-over or the reverse.
    const PURPOSE: &'static str;
    /// The error when no such value is stored.
    const UNKNOWN: Code;
    /// The session and the expiry time.
    fn binding(&self) -> &SessionBinding;
}

impl SessionBound for PendingLaunch {
    const PURPOSE: &'static str = "state";
    const UNKNOWN: Code = Code::StateUnknown;
    fn binding(&self) -> &SessionBinding {
        &self.binding
    }
}

impl SessionBound for HandOver {
    const PURPOSE: &'static str = "handover";
    const UNKNOWN: Code = Code::HandoverUnknown;
    fn binding(&self) -> &SessionBinding {
        &self.binding
    }
}

/// Expired launches are kept one more hour, so that a late callback gets `launch_expired` instead of `state_unknown`.
const GRACE_SECONDS: i64 = 3600;

/// Stores a value under a random text: the state or the hand-over.
///
/// # Errors
/// The store's.
pub fn store<T: SessionBound>(
    records: &SealedStore<'_>,
    name: &str,
    value: &T,
    now: UnixSeconds,
) -> Result<()> {
    let key = records.vault.index(T::PURPOSE, &[records.organization, name]);
    let expires_in = Some(value.binding().ends_at - now + GRACE_SECONDS);
    records.write(RecordKind::PendingLaunch, &Address { key, expires_in, ..Address::default() }, value, 0)
}

/// Reads a value and deletes it. If two callers have the same text, only one gets the value.
///
/// A caller with another session gets an error, and the value stays in the store.
///
/// # Errors
/// [`Code::StateUnknown`] or [`Code::HandoverUnknown`], [`Code::StateForeign`], [`Code::LaunchExpired`].
pub fn take<T: SessionBound>(
    records: &SealedStore<'_>,
    name: &str,
    session: &str,
    now: UnixSeconds,
) -> Result<T> {
    let key = records.vault.index(T::PURPOSE, &[records.organization, name]);
    let found: Option<DecryptedRecord<T>> = records.get(RecordKind::PendingLaunch, &key)?;
    let found = found.ok_or_else(|| Error::new(T::UNKNOWN))?;
    let check = found.value.binding().check(session, now);
    if matches!(&check, Err(error) if error.code() == Code::StateForeign) {
        return check.map(|()| found.value);
    }
    if !records.delete(RecordKind::PendingLaunch, &key, found.version)? {
        return Err(Error::new(T::UNKNOWN));
    }
    check.map(|()| found.value)
}
