//! Grants: the tokens of a user, or of the system account, at a source.

mod keep;
mod lease;
mod normalize;
pub mod refresh;
pub mod system;
pub mod token_answer;
pub mod token_endpoint;
pub mod token_errors;

use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result, Stage},
    scope::ScopeSet,
    secret::Secret,
    source::{Issuer, Source},
    store::{
        RecordKind,
        sealed_store::{Address, Opened, SealedStore, TRIES},
    },
};
use serde::{Deserialize, Serialize};
use token_answer::TokenAnswer;

/// Whose tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// A user of the application.
    User(String),
    /// The source's system account.
    System,
}

impl Holder {
    fn parts(&self) -> [&str; 2] {
        match self {
            Holder::User(name) => ["user", name],
            Holder::System => ["system", ""],
        }
    }
}

/// The tokens of one holder at one source.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// The source.
    pub source: String,
    /// Which server's tokens: they go to no other, whatever the source's entry says later.
    #[serde(default)]
    pub issuer: Issuer,
    /// Whose tokens.
    pub holder: Holder,
    /// The only patient they read, when all scopes are bound to the launch's.
    pub patient: Option<String>,
    /// Keyed hashes of that patient's record numbers, once they were read: so that no other record's pull
    /// opens this chart to look.
    #[serde(default)]
    pub patient_mrns: Vec<String>,
    /// What the EHR granted; what was asked for, where it did not say.
    pub scope: String,
    /// The access token.
    #[serde(with = "crate::secret::in_sealed_record")]
    pub access_token: Secret,
    /// The refresh token, if there is one; empty otherwise. Whether one can refresh depends on it alone,
    /// never on the scope's text (E6).
    #[serde(with = "crate::secret::in_sealed_record")]
    pub refresh_token: Secret,
    /// When it came.
    pub obtained_at: UnixSeconds,
    /// When the access token ends.
    pub expires_at: UnixSeconds,
    /// Which token request wrote it: the fence of that request's lease. A request with a lower one was
    /// earlier, and does not overwrite it. 0: a sign-in of a user.
    #[serde(default)]
    pub fence: i64,
}

/// How long a token is taken to live when the server does not say (reference 3C).
const DEFAULT_LIFETIME: i64 = 300;

impl Grant {
    /// The grant that a token answer gives. `patient` is that of the launch.
    pub fn from_answer(
        source: &Source,
        issuer: Issuer,
        holder: Holder,
        patient: Option<String>,
        answer: &TokenAnswer,
        asked: &ScopeSet,
        now: UnixSeconds,
    ) -> Self {
        let granted = answer.scope.clone().unwrap_or_else(|| asked.clone());
        Grant {
            source: source.id.clone(),
            issuer,
            holder,
            patient: patient.filter(|_| granted.bound_to_patient()),
            patient_mrns: Vec::new(),
            scope: granted.to_string(),
            access_token: answer.access_token.clone(),
            refresh_token: answer.refresh_token.clone().unwrap_or_else(|| String::new().into()),
            obtained_at: now,
            expires_at: now.saturating_add(answer.expires_in.unwrap_or(DEFAULT_LIFETIME)),
            fence: 0,
        }
    }

    /// Whether the access token should no longer be used: it ends within a minute or the last tenth of
    /// its life, whichever is shorter (D31: a fixed skew makes short tokens useless).
    pub fn is_stale(&self, now: UnixSeconds) -> bool {
        let life = self.expires_at - self.obtained_at;
        now >= self.expires_at - (life / 10).clamp(0, 60)
    }

    /// Whether the access token's own time is over.
    pub fn has_ended(&self, now: UnixSeconds) -> bool {
        now >= self.expires_at
    }

    fn address(&self, records: &SealedStore<'_>) -> Address {
        Address {
            key: key(records, &self.source, &self.issuer, &self.holder, self.patient.as_deref()),
            subject: subject(records, &self.source, &self.holder),
            ..Address::default()
        }
    }
}

/// The key of a grant. With the server in it, no process with another configuration writes or refreshes it.
fn key(
    records: &SealedStore<'_>,
    source: &str,
    issuer: &Issuer,
    holder: &Holder,
    patient: Option<&str>,
) -> String {
    let [kind, name] = holder.parts();
    let patient = patient.unwrap_or_default();
    records.vault.index("grant", &[records.organization, source, &issuer.iss, kind, name, patient])
}

fn subject(records: &SealedStore<'_>, source: &str, holder: &Holder) -> String {
    let [kind, name] = holder.parts();
    records.vault.index("holder", &[records.organization, source, kind, name])
}

/// Stores a grant over whatever its holder had for the same patient: it is the newer one.
///
/// # Errors
/// The store's; [`Code::StoreConflict`] when others keep changing it.
pub fn store(records: &SealedStore<'_>, grant: &Grant) -> Result<()> {
    let address = grant.address(records);
    for _ in 0..TRIES {
        let version = records.store.get(RecordKind::Grant, &address.key)?.map_or(0, |record| record.version);
        match records.write(RecordKind::Grant, &address, grant, version) {
            Err(error) if error.code() == Code::StoreConflict => {}
            done => return done,
        }
    }
    Err(Error::new(Code::StoreConflict).detail("the sign-in keeps changing"))
}

/// What a failed store means after the EHR has issued tokens that no other answer will hold: they are lost.
/// Other errors are returned as they are.
pub fn lost(source: &str, cause: Error) -> Error {
    if cause.code().stage() != Stage::Store {
        return cause;
    }
    Error::new(Code::GrantLost).detail(format!("source {source}, {}", cause.code().name())).hint(
        "check the store; then the user launches the application from the EHR again, or signs in from it",
    )
}

/// What a holder has at a source.
#[derive(Debug)]
pub struct Held {
    /// The grants of the source's server: those for all patients first, then the newest.
    pub grants: Vec<Opened<Grant>>,
    /// Whether there are grants of another server that the source once was. Those count as not there.
    pub elsewhere: bool,
}

/// The grants of a holder at a source.
///
/// # Errors
/// The store's, or that a grant does not open.
pub fn of_holder(records: &SealedStore<'_>, source: &Source, holder: &Holder) -> Result<Held> {
    let subject = subject(records, &source.id, holder);
    let mut grants: Vec<Opened<Grant>> = records.of_subject(RecordKind::Grant, "", &subject)?;
    let all = grants.len();
    grants.retain(|grant| source.is_server_of(&grant.value.issuer));
    grants.sort_by_key(|grant| (grant.value.patient.is_some(), std::cmp::Reverse(grant.value.obtained_at)));
    Ok(Held { elsewhere: grants.len() < all, grants })
}

/// The keyed hash of a record number.
pub fn mrn_hash(records: &SealedStore<'_>, source: &str, mrn: &str) -> String {
    records.vault.index("mrn", &[records.organization, source, mrn.trim()])
}

/// Notes whose grant this is. Another process that changes the grant at this moment loses nothing: the
/// numbers are then read again.
///
/// # Errors
/// The store's.
pub fn note_mrns(records: &SealedStore<'_>, grant: &Opened<Grant>, mrns: Vec<String>) -> Result<()> {
    let noted = Grant { patient_mrns: mrns, ..grant.value.clone() };
    match records.write(RecordKind::Grant, &noted.address(records), &noted, grant.version) {
        Err(error) if error.code() == Code::StoreConflict => Ok(()),
        done => done,
    }
}

/// No sign-in: the error's sentence has both ways to get one.
pub fn not_found(source: &Source) -> Error {
    Error::new(Code::GrantNotFound).detail(format!("source {}", source.id))
}
