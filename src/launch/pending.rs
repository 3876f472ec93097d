//! What is remembered while the browser is away, and while the application's own login is waited for.

use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result},
    secret::Secret,
    source::Issuer,
    store::{
        RecordKind,
        sealed_store::{Address, Opened, SealedStore},
    },
    vault::sha256,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A launch that waits for its callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingLaunch {
    /// The source that was asked.
    pub source: String,
    /// Who issues the code, and may alone see it.
    #[serde(default)]
    pub issuer: Issuer,
    /// The PKCE verifier.
    #[serde(with = "crate::secret::in_sealed_record")]
    pub verifier: Secret,
    /// The nonce an id_token must repeat.
    pub nonce: String,
    /// The redirect URI that was sent, to be repeated to the letter.
    pub redirect_uri: String,
    /// The scopes that were asked for.
    pub scopes: String,
    /// The application's user, when the sign-in began in the application.
    pub application_user: Option<String>,
    /// A user name out of the launch query.
    pub user_hint: Option<String>,
    /// Who may come back with it, and until when.
    pub binding: Binding,
}

/// A sign-in at the EHR that waits for the application's own login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandOver {
    /// The grant, with nobody as its holder yet.
    pub grant: crate::grant::Grant,
    /// The context for the application.
    pub context: super::context::LaunchContext,
    /// Who may finish it, and until when.
    pub binding: Binding,
}

/// One browser session, and one end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Binding {
    session: Vec<u8>,
    ends_at: UnixSeconds,
}

impl Binding {
    /// Bound to a session, for some seconds. Only a hash of the session's name is kept.
    pub fn new(session: &str, now: UnixSeconds, seconds: i64) -> Self {
        Binding { session: sha256(session), ends_at: now + seconds }
    }

    fn check(&self, session: &str, now: UnixSeconds) -> Result<()> {
        // Both are hashes: the time of comparing them tells nothing about a session's name.
        if self.session != sha256(session) {
            return Err(Error::new(Code::StateForeign));
        }
        if now >= self.ends_at { Err(Error::new(Code::LaunchExpired)) } else { Ok(()) }
    }
}

/// What has a binding.
pub trait Bound: DeserializeOwned + Serialize {
    /// Its purpose, so that a state is no hand-over and the other way round.
    const PURPOSE: &'static str;
    /// The error when there is none.
    const UNKNOWN: Code;
    /// Its binding.
    fn binding(&self) -> &Binding;
}

impl Bound for PendingLaunch {
    const PURPOSE: &'static str = "state";
    const UNKNOWN: Code = Code::StateUnknown;
    fn binding(&self) -> &Binding {
        &self.binding
    }
}

impl Bound for HandOver {
    const PURPOSE: &'static str = "handover";
    const UNKNOWN: Code = Code::HandoverUnknown;
    fn binding(&self) -> &Binding {
        &self.binding
    }
}

/// How much longer than its end a record stays, so that lateness can be told from ignorance.
const GRACE: i64 = 3600;

/// Remembers it under a random text.
///
/// # Errors
/// The store's.
pub fn remember<T: Bound>(records: &SealedStore<'_>, name: &str, value: &T, now: UnixSeconds) -> Result<()> {
    let key = records.vault.index(T::PURPOSE, &[records.organization, name]);
    let expires_in = Some(value.binding().ends_at - now + GRACE);
    records.write(RecordKind::PendingLaunch, &Address { key, expires_in, ..Address::default() }, value, 0)
}

/// Takes it out, once: of two that come with the same text one gets it.
///
/// A visitor of another session gets nothing and takes nothing away from the rightful one.
///
/// # Errors
/// [`Code::StateUnknown`] or [`Code::HandoverUnknown`], [`Code::StateForeign`], [`Code::LaunchExpired`].
pub fn take<T: Bound>(records: &SealedStore<'_>, name: &str, session: &str, now: UnixSeconds) -> Result<T> {
    let key = records.vault.index(T::PURPOSE, &[records.organization, name]);
    let found: Option<Opened<T>> = records.get(RecordKind::PendingLaunch, &key)?;
    let found = found.ok_or_else(|| Error::new(T::UNKNOWN))?;
    let checked = found.value.binding().check(session, now);
    if matches!(&checked, Err(error) if error.code() == Code::StateForeign) {
        return checked.map(|()| found.value);
    }
    if !records.delete(RecordKind::PendingLaunch, &key, found.version)? {
        return Err(Error::new(T::UNKNOWN));
    }
    checked.map(|()| found.value)
}
