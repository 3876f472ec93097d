//! Grants: the tokens of a user or of the system account at a source.

mod answer_user;
mod client_authentication;
mod client_refusal;
mod error_advice;
mod error_uri;
mod fhir_context;
mod introspection;
mod keep_alive;
mod lease;
mod listing;
mod normalize;
mod redact;
mod refresh;
mod refresh_decision;
mod refresh_mark;
mod revocation;
mod revoker;
pub mod status;
pub mod token_answer;
mod token_client;
pub mod token_endpoint;
pub mod token_errors;
mod token_management;
mod writer;

pub use answer_user::AnswerUser;
pub use error_advice::{Application, advise};
#[cfg(feature = "test-internals")]
pub use error_uri::read as read_error_uri;
pub use fhir_context::FhirContext;
pub use introspection::Introspection;
pub use keep_alive::{KeepAliveOutcome, KeepAliveResult, KeptGrant, keep_alive};
pub use listing::{GrantAction, GrantEntry, GrantLapse, GrantPage, GrantWarning, UnreadableGrant, list_page};
pub use revocation::{SignedOutGrant, TokenRevocation};
pub use revoker::Revoker;
pub use status::{GrantStatus, GrantTrouble, TroubleKind};
pub use token_client::TokenClient;
pub use token_management::TokenKind;
pub use writer::{store_mrns, store_sign_in};

use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result, Stage, VendorError},
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
    source::{Issuer, Source},
    store::{
        RecordKind,
        sealed_store::{Address, DecryptedRecord, SealedStore},
    },
};
use serde::{Deserialize, Serialize};
use token_answer::TokenAnswer;

/// The owner of a grant.
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
    /// The id of the source.
    pub source: String,
    /// The server that issued the tokens. They go to no other server, even if the source's configuration changes later.
    #[serde(default)]
    pub issuer: Issuer,
    /// The owner of the tokens.
    pub holder: Holder,
    /// The FHIR id of the only patient that the tokens can read, when no scope reads Patients other than the one of the launch.
    pub patient: Option<String>,
    /// Keyed hashes of that patient's MRNs, after the first pull has read them. With them, a pull of another record
    /// skips this grant without opening the patient's chart.
    #[serde(default)]
    pub patient_mrns: Vec<String>,
    /// The granted scopes, or the requested scopes when the EHR did not list the granted ones; separated by spaces.
    pub scope: String,
    /// The scopes that the sign-in granted, if a refresh has narrowed `scope` since. A refresh never requests more (#108).
    #[serde(default)]
    pub launch_scope: Option<String>,
    /// The access token.
    #[serde(with = "crate::secret::in_sealed_record")]
    pub access_token: Secret,
    /// The refresh token, or an empty text. It alone decides whether the access token can be refreshed: the scopes do not (E6).
    #[serde(with = "crate::secret::in_sealed_record")]
    pub refresh_token: Secret,
    /// When the token endpoint answered.
    pub obtained_at: UnixSeconds,
    /// When the access token expires.
    pub expires_at: UnixSeconds,
    /// The fence of the lease under which the token request was made. A request with a lower fence was earlier and does not
    /// overwrite this grant. 0 for a sign-in of a user.
    #[serde(default)]
    pub fence: i64,
    /// When the user signed in, or when the system account got its first token. Refreshes keep it. `None` in a record of an
    /// older version.
    #[serde(default)]
    pub signed_in_at: Option<UnixSeconds>,
    /// When the last refresh succeeded.
    #[serde(default)]
    pub refreshed_at: Option<UnixSeconds>,
    /// When a refresh was sent whose answer is not stored yet: the in-flight mark. It is written before the request is sent, and
    /// the new tokens remove it. If it is found after the lease has ended, the answer was lost.
    #[serde(default)]
    pub refresh_started_at: Option<UnixSeconds>,
    /// When the last refresh failed with an answer that proves that the refresh token still works; `None` after a refresh that
    /// succeeded.
    #[serde(default)]
    pub refresh_failed_at: Option<UnixSeconds>,
    /// Whether the EHR rotates refresh tokens, as the source's policy says or as earlier refreshes have shown; `None` if that is
    /// not known yet (E7).
    #[serde(default)]
    pub rotates: Option<bool>,
    /// What is wrong with the grant, if it cannot be refreshed.
    #[serde(default)]
    pub trouble: Option<GrantTrouble>,
    /// The error with which the EHR refused the refresh token, for the EHR team; `None` if there is no trouble.
    #[serde(default)]
    pub vendor_error: Option<VendorError>,
    /// Whether the sign-in requested a refresh token, with `online_access` or `offline_access`.
    #[serde(default)]
    pub refresh_requested: bool,
    /// The EHR user that the answer of the sign-in names. Refreshes keep it.
    #[serde(default)]
    pub answer_user: AnswerUser,
}

/// The assumed lifetime of an access token in seconds when the answer does not state one (X2).
const DEFAULT_TOKEN_SECONDS: i64 = 300;
/// Seconds for which a revoked or suspect grant is kept, so that a list can name who must sign in again: 90 days.
const TROUBLE_SECONDS: i64 = 90 * 86_400;
/// Seconds for which a grant without a refresh token is kept after its access token has expired: 14 days.
const UNREFRESHABLE_SECONDS: i64 = 14 * 86_400;
/// The longest lifetime of an access token that keeps a record: ten years. A store adds it to the time of the write.
const LONGEST_TOKEN_SECONDS: i64 = 3650 * 86_400;

impl Grant {
    /// The grant of a token answer. `patient` is the patient of the launch; `requested` are the requested scopes.
    pub fn from_answer(
        source: &Source,
        issuer: Issuer,
        holder: Holder,
        patient: Option<String>,
        answer: &TokenAnswer,
        requested: &ScopeSet,
        now: UnixSeconds,
    ) -> Self {
        let granted = answer.scope.clone().unwrap_or_else(|| requested.clone());
        Grant {
            source: source.id.clone(),
            issuer,
            holder,
            patient: patient.filter(|_| granted.bound_to_patient()),
            patient_mrns: Vec::new(),
            scope: granted.to_string(),
            launch_scope: None,
            access_token: answer.access_token.clone(),
            refresh_token: answer.refresh_token.clone().unwrap_or_else(|| String::new().into()),
            obtained_at: now,
            expires_at: now.saturating_add(answer.expires_in.unwrap_or(DEFAULT_TOKEN_SECONDS)),
            fence: 0,
            signed_in_at: Some(now),
            refreshed_at: None,
            refresh_started_at: None,
            refresh_failed_at: None,
            rotates: source.policy.rotates_refresh_tokens,
            trouble: None,
            vendor_error: None,
            refresh_requested: requested.requests_refresh_token(),
            answer_user: AnswerUser::default(),
        }
    }

    /// The scopes that the sign-in granted.
    pub(crate) fn scopes_of_launch(&self) -> ScopeSet {
        ScopeSet::parse(self.launch_scope.as_deref().unwrap_or(&self.scope))
    }

    /// The key under which it is stored.
    pub fn record_key(&self, records: &SealedStore<'_>) -> String {
        self.address(records).key
    }

    fn address(&self, records: &SealedStore<'_>) -> Address {
        Address {
            key: key(records, &self.source, &self.issuer, &self.holder, self.patient.as_deref()),
            subject: subject(records, &self.source, &self.holder),
            expires_in: self.expires_in(),
            ..Address::default()
        }
    }

    /// For how many seconds after a write the record is kept; `None`: until it is deleted. A user's grant that cannot be refreshed
    /// is never needed again, except by a list that names who must sign in again.
    fn expires_in(&self) -> Option<i64> {
        // From the write, the access token is valid for this time or less.
        let token_seconds = self.expires_at.saturating_sub(self.obtained_at).clamp(0, LONGEST_TOKEN_SECONDS);
        match self.trouble.map(|trouble| trouble.kind) {
            Some(TroubleKind::Revoked) => Some(TROUBLE_SECONDS),
            Some(TroubleKind::Suspect) => Some(TROUBLE_SECONDS.max(token_seconds)),
            // The EHR team may end the suspension at any time.
            Some(TroubleKind::Suspended) => None,
            None if self.holder == Holder::System || !self.refresh_token.expose_secret().is_empty() => None,
            None => Some(token_seconds + UNREFRESHABLE_SECONDS),
        }
    }
}

/// The key of a grant. It contains the server, so that a process with another configuration never writes or refreshes it.
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

/// The error when the store fails after the EHR has issued tokens: the tokens are lost, because the EHR issues them only once.
/// Errors that are not the store's are returned unchanged.
pub fn lost(source: &str, cause: Error) -> Error {
    if cause.code().stage() != Stage::Store {
        return cause;
    }
    Error::new(Code::GrantLost).detail(format!("source {source}, {}", cause.code().name())).hint(
        "Check the store. Then launch the application from the EHR again, or sign in from the application.",
    )
}

/// The grants of one holder at one source.
#[derive(Debug)]
pub struct GrantSet {
    /// The grants of the server at the source's base URL: grants for all patients first, then the newest first.
    pub grants: Vec<DecryptedRecord<Grant>>,
    /// Whether grants are stored of another server that the source had before. They are not used.
    pub has_other_server: bool,
}

/// The grants of a holder at a source.
///
/// # Errors
/// The store's, [`Code::VaultKeyMissing`] or [`Code::VaultOpenFailed`] when a grant cannot be decrypted.
pub fn of_holder(records: &SealedStore<'_>, source: &Source, holder: &Holder) -> Result<GrantSet> {
    let subject = subject(records, &source.id, holder);
    let mut grants: Vec<DecryptedRecord<Grant>> = records.find_by_subject(RecordKind::Grant, "", &subject)?;
    let all = grants.len();
    grants.retain(|grant| source.is_server_of(&grant.value.issuer));
    grants.sort_by_key(|grant| (grant.value.patient.is_some(), std::cmp::Reverse(grant.value.obtained_at)));
    Ok(GrantSet { has_other_server: grants.len() < all, grants })
}

/// The keyed hash of an MRN.
pub fn mrn_hash(records: &SealedStore<'_>, source: &str, mrn: &str) -> String {
    records.vault.index("mrn", &[records.organization, source, mrn.trim()])
}

/// The error when the holder has no grant at a source.
pub fn not_found(source: &Source) -> Error {
    Error::new(Code::GrantNotFound).detail(format!("source {}", source.id))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A grant of a user, obtained at 0 and expired at 0, with the access token `access`.
    pub(crate) fn grant(refresh_token: &str, fence: i64) -> Grant {
        Grant {
            source: "s".into(),
            issuer: Issuer::default(),
            holder: Holder::User("u".into()),
            patient: None,
            patient_mrns: Vec::new(),
            scope: String::new(),
            launch_scope: None,
            access_token: "access".into(),
            refresh_token: refresh_token.to_owned().into(),
            obtained_at: 0,
            expires_at: 0,
            fence,
            signed_in_at: Some(0),
            refreshed_at: None,
            refresh_started_at: None,
            refresh_failed_at: None,
            rotates: None,
            trouble: None,
            vendor_error: None,
            refresh_requested: true,
            answer_user: AnswerUser::default(),
        }
    }

    #[test]
    fn a_grant_that_cannot_be_refreshed_expires() {
        let with = |refresh_token, kind: Option<TroubleKind>, lifetime| Grant {
            trouble: kind.map(|kind| GrantTrouble { kind, at: 0 }),
            obtained_at: 1_000,
            expires_at: lifetime,
            ..grant(refresh_token, 1)
        };
        let day = 86_400;
        for (grant, expected) in [
            (with("refresh", None, 4_600), None),
            (with("", None, 4_600), Some(3_600 + 14 * day)),
            (with("", None, 0), Some(14 * day)),
            (with("", None, i64::MAX), Some(LONGEST_TOKEN_SECONDS + 14 * day)),
            (with("refresh", Some(TroubleKind::Suspended), 4_600), None),
            (with("refresh", Some(TroubleKind::Suspect), 4_600), Some(90 * day)),
            (with("refresh", Some(TroubleKind::Suspect), 1_000 + 100 * day), Some(100 * day)),
            (with("", Some(TroubleKind::Revoked), 4_600), Some(90 * day)),
            (Grant { holder: Holder::System, ..with("", None, 4_600) }, None),
        ] {
            assert_eq!(grant.expires_in(), expected, "{grant:?}");
        }
    }

    #[test]
    fn a_grant_of_an_older_version_is_readable() {
        let mut stored = serde_json::to_value(grant("refresh", 7)).unwrap();
        let members = stored.as_object_mut().unwrap();
        for new in [
            "signed_in_at",
            "refreshed_at",
            "refresh_started_at",
            "refresh_failed_at",
            "rotates",
            "trouble",
            "vendor_error",
            "refresh_requested",
            "answer_user",
        ] {
            members.remove(new).unwrap();
        }
        let read: Grant = serde_json::from_value(stored).unwrap();
        assert_eq!((read.fence, read.signed_in_at, read.refresh_requested), (7, None, false));
        assert_eq!((read.trouble, read.rotates, read.refresh_started_at), (None, None, None));
    }
}
