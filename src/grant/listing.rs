//! The stored grants for an administrator: who is signed in where, until when, and who must act. No token, no id of a patient.

use super::{Grant, GrantStatus, Holder, status};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result, escape_for_display},
    secret::ExposeSecret,
    source::{Source, Sources},
    store::{RecordKind, RecordQuery, StoredRecord, sealed_store::SealedStore},
};
use serde::Serialize;

/// The most grants of one page.
const MAX_PAGE: usize = 1_000;
const DAY_SECONDS: i64 = 86_400;
/// Days before a sign-in lapses from which on a warning says so.
const LAPSES_SOON_DAYS: i64 = 14;
/// The longest key of a stored record.
const MAX_KEY_BYTES: usize = 64;

/// What ends a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantLapse {
    /// Nothing: the system account gets another token with its client id.
    Never,
    /// The refresh token ends when it is not used for some time (O2): at `lapses_at`, unless it is used before.
    Unused,
    /// The refresh token ends with the user's session in the EHR (`online_access`).
    EhrSession,
    /// There is no refresh token that works, so it ends with the access token.
    AccessToken,
    /// The EHR does not say when the refresh token ends.
    Unknown,
    /// It has ended already.
    Ended,
}

impl GrantLapse {
    /// Its name in documents and tables.
    pub fn name(self) -> &'static str {
        match self {
            GrantLapse::Never => "never",
            GrantLapse::Unused => "unused",
            GrantLapse::EhrSession => "ehr_session",
            GrantLapse::AccessToken => "access_token",
            GrantLapse::Unknown => "unknown",
            GrantLapse::Ended => "ended",
        }
    }
}

/// What someone must do about a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantAction {
    /// Nothing.
    None,
    /// The user must sign in again.
    SignIn,
    /// The EHR team must approve the application again.
    AskEhrTeam,
    /// The administrator must check the configuration.
    CheckConfiguration,
}

impl GrantAction {
    /// Its name in documents and tables.
    pub fn name(self) -> &'static str {
        match self {
            GrantAction::None => "none",
            GrantAction::SignIn => "sign_in",
            GrantAction::AskEhrTeam => "ask_ehr_team",
            GrantAction::CheckConfiguration => "check_configuration",
        }
    }
}

/// Something unusual about a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantWarning {
    /// The sign-in requested a refresh token, and the EHR issued none (E6, O6).
    RefreshTokenMissing,
    /// The sign-in ends within two weeks unless it is used before.
    LapsesSoon,
    /// The sign-in was not used for so long that the EHR has probably ended it.
    ProbablyLapsed,
    /// Another server issued the tokens, before the source was changed. They are not used.
    OtherServer,
    /// The configuration does not have the source any more.
    SourceNotConfigured,
}

impl GrantWarning {
    /// Its name in documents and tables.
    pub fn name(self) -> &'static str {
        match self {
            GrantWarning::RefreshTokenMissing => "refresh_token_missing",
            GrantWarning::LapsesSoon => "lapses_soon",
            GrantWarning::ProbablyLapsed => "probably_lapsed",
            GrantWarning::OtherServer => "other_server",
            GrantWarning::SourceNotConfigured => "source_not_configured",
        }
    }
}

/// A stored grant, as an administrator sees it. It holds no token and no id of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct GrantEntry {
    /// The id of the source.
    pub source: String,
    /// The application's user; null for the system account.
    pub user: Option<String>,
    /// Whether it is the grant of the source's system account.
    pub system_account: bool,
    /// Whether it can read the patient of its launch only.
    pub patient_bound: bool,
    /// Whether it works.
    pub status: GrantStatus,
    /// When the user signed in, in seconds since 1970; null for a sign-in that an older version stored.
    pub signed_in_at: Option<UnixSeconds>,
    /// When the tokens were refreshed last, in seconds since 1970; null if they were not.
    pub refreshed_at: Option<UnixSeconds>,
    /// When the access token expires, in seconds since 1970.
    pub access_token_expires_at: UnixSeconds,
    /// Whether it has a refresh token.
    pub refresh_token: bool,
    /// What ends the sign-in.
    pub lapse: GrantLapse,
    /// When the sign-in ends, in seconds since 1970; null if that is not known.
    pub lapses_at: Option<UnixSeconds>,
    /// Since when it is suspect, suspended or revoked, in seconds since 1970; otherwise null.
    pub trouble_since: Option<UnixSeconds>,
    /// What someone must do.
    pub action: GrantAction,
    /// Who must do what, and why, as a sentence; null if there is nothing to do.
    pub advice: Option<String>,
    /// What is unusual.
    pub warnings: Vec<GrantWarning>,
}

/// A stored grant that cannot be decrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct UnreadableGrant {
    /// The key of the stored record, a keyed hash.
    pub key: String,
    /// The name of the error, such as `vault_key_missing`.
    pub error: String,
}

/// One page of the stored grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct GrantPage {
    /// The grants, in the order of the store.
    pub grants: Vec<GrantEntry>,
    /// The records that cannot be decrypted.
    pub unreadable: Vec<UnreadableGrant>,
    /// Pass it as `after` for the next page; null on the last page.
    pub next: Option<String>,
}

/// The query for the grants of the organization. The records of unfinished revocations have another state.
pub(super) fn all_grants(records: &SealedStore<'_>) -> RecordQuery {
    RecordQuery {
        organization: records.organization.to_owned(),
        state: Some(String::new()),
        ..RecordQuery::default()
    }
}

/// One page of the stored grants: at most `limit`, after the key `after`.
///
/// # Errors
/// [`Code::RequestInvalid`] for a `limit` that is not from 1 to 1,000, or an `after` that is no key; the store's.
pub fn list_page(
    records: &SealedStore<'_>,
    sources: &Sources,
    now: UnixSeconds,
    after: Option<&str>,
    limit: usize,
) -> Result<GrantPage> {
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Error::new(Code::RequestInvalid).detail(format!("limit is not from 1 to {MAX_PAGE}")));
    }
    if after.is_some_and(|after| after.len() > MAX_KEY_BYTES) {
        let detail = "after is not the member next of a page";
        return Err(Error::new(Code::RequestInvalid).detail(detail));
    }
    let page = records.scan_page(RecordKind::Grant, &all_grants(records), after, limit)?;
    let next = page.last().filter(|_| page.len() == limit).map(|last| last.key.clone());
    let mut listed = GrantPage { grants: Vec::new(), unreadable: Vec::new(), next };
    for record in &page {
        match records.decrypt::<Grant>(record) {
            Ok(grant) => {
                listed.grants.push(entry(&grant.value, sources.by_id(&grant.value.source).ok(), now))
            }
            Err(error) => listed.unreadable.push(unreadable(record, &error)),
        }
    }
    Ok(listed)
}

fn unreadable(record: &StoredRecord, error: &Error) -> UnreadableGrant {
    UnreadableGrant { key: record.key.clone(), error: error.code().name().to_owned() }
}

/// The entry of a grant. `source` is its source, if the configuration has it.
pub(super) fn entry(grant: &Grant, source: Option<&Source>, now: UnixSeconds) -> GrantEntry {
    let status = status::status(grant, now);
    let user = match &grant.holder {
        Holder::User(user) => Some(user.clone()),
        Holder::System => None,
    };
    let (lapse, lapses_at) = lapse(grant, source, status);
    let warnings = warnings(grant, source, lapses_at.filter(|_| lapse == GrantLapse::Unused), now);
    let (action, advice) = action(grant, status, &warnings);
    GrantEntry {
        source: grant.source.clone(),
        system_account: user.is_none(),
        user,
        patient_bound: grant.patient.is_some(),
        status,
        signed_in_at: grant.signed_in_at,
        refreshed_at: grant.refreshed_at,
        access_token_expires_at: grant.expires_at,
        refresh_token: has_refresh_token(grant),
        lapse,
        lapses_at,
        trouble_since: grant.trouble.map(|trouble| trouble.at),
        action,
        advice,
        warnings,
    }
}

pub(super) fn has_refresh_token(grant: &Grant) -> bool {
    !grant.refresh_token.expose_secret().is_empty()
}

/// When the refresh token was used last. The sign-in counts as its first use.
pub(super) fn last_used_at(grant: &Grant) -> UnixSeconds {
    [grant.signed_in_at, grant.refreshed_at].into_iter().flatten().fold(grant.obtained_at, i64::max)
}

/// Whether the refresh token works without a session of the user in the EHR. The granted scopes say so, or, where the EHR does not
/// repeat `offline_access` (E6), the requested ones.
pub(super) fn is_offline(grant: &Grant, source: &Source) -> bool {
    let requested = source.launch_scopes().to_string();
    let access = |scopes: &str| {
        scopes.split_whitespace().find_map(|scope| match scope {
            "offline_access" => Some(true),
            "online_access" => Some(false),
            _ => None,
        })
    };
    access(&grant.scope).or_else(|| access(&requested)).unwrap_or(false)
}

fn lapse(grant: &Grant, source: Option<&Source>, status: GrantStatus) -> (GrantLapse, Option<UnixSeconds>) {
    let with_access_token = (GrantLapse::AccessToken, Some(grant.expires_at));
    match status {
        GrantStatus::Revoked | GrantStatus::Expired | GrantStatus::Suspended => {
            return (GrantLapse::Ended, None);
        }
        GrantStatus::Suspect | GrantStatus::NoRefreshToken => return with_access_token,
        _ if grant.holder == Holder::System => return (GrantLapse::Never, None),
        _ => {}
    }
    let Some(source) = source else { return (GrantLapse::Unknown, None) };
    if !is_offline(grant, source) {
        let asks_online = [grant.scope.as_str(), &source.launch_scopes().to_string()]
            .iter()
            .any(|scopes| scopes.split_whitespace().any(|scope| scope == "online_access"));
        return (if asks_online { GrantLapse::EhrSession } else { GrantLapse::Unknown }, None);
    }
    match i64::from(source.policy.offline_idle_days) {
        0 => (GrantLapse::Unknown, None),
        days => (GrantLapse::Unused, Some(last_used_at(grant).saturating_add(days * DAY_SECONDS))),
    }
}

/// `idle_end`: when the EHR ends the sign-in because no one has used it.
fn warnings(
    grant: &Grant,
    source: Option<&Source>,
    idle_end: Option<UnixSeconds>,
    now: UnixSeconds,
) -> Vec<GrantWarning> {
    let mut warnings = Vec::new();
    match source {
        None => warnings.push(GrantWarning::SourceNotConfigured),
        Some(source) if !source.is_server_of(&grant.issuer) => warnings.push(GrantWarning::OtherServer),
        Some(_) => {}
    }
    let is_erased = grant.access_token.expose_secret().is_empty();
    if grant.refresh_requested && !has_refresh_token(grant) && !is_erased && grant.holder != Holder::System {
        warnings.push(GrantWarning::RefreshTokenMissing);
    }
    match idle_end {
        Some(end) if now >= end => warnings.push(GrantWarning::ProbablyLapsed),
        Some(end) if now >= end - LAPSES_SOON_DAYS * DAY_SECONDS => warnings.push(GrantWarning::LapsesSoon),
        _ => {}
    }
    warnings
}

/// Who must do what.
fn action(grant: &Grant, status: GrantStatus, warnings: &[GrantWarning]) -> (GrantAction, Option<String>) {
    let has = |warning| warnings.contains(&warning);
    if has(GrantWarning::SourceNotConfigured) {
        let advice = "The configuration does not have this source. Add it again, or sign out to delete the stored sign-in.";
        return (GrantAction::CheckConfiguration, Some(advice.to_owned()));
    }
    let Holder::User(user) = &grant.holder else { return (GrantAction::None, None) };
    let user = escape_for_display(user);
    let sign_in = |why: &str| (GrantAction::SignIn, Some(format!("User {user} must sign in again: {why}.")));
    match status {
        _ if has(GrantWarning::OtherServer) => sign_in("the source was changed to another server"),
        GrantStatus::Expired => sign_in("the access token has expired, and there is no refresh token"),
        GrantStatus::Revoked => sign_in("the EHR has revoked the sign-in"),
        GrantStatus::Suspect => sign_in("the answer to a token refresh was lost"),
        GrantStatus::Suspended => (
            GrantAction::AskEhrTeam,
            Some(format!(
                "Ask your EHR team to approve the application again. If that does not help, user {user} must sign in again."
            )),
        ),
        _ if has(GrantWarning::ProbablyLapsed) => {
            sign_in("the sign-in was not used for so long that the EHR has probably ended it")
        }
        _ => (GrantAction::None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{GrantTrouble, TroubleKind, tests::grant},
        *,
    };
    use crate::source::{Issuer, tests::source};

    const OFFLINE: &str =
        r#", "vendor": "oracle", "policy": {"scopes": ["user/{resource}.read", "offline_access"]}"#;

    fn stored(source: &Source) -> Grant {
        let issuer = source.issuer(&url::Url::parse("https://auth.example/token").unwrap());
        Grant { issuer, expires_at: 570, ..grant("refresh-secret", 0) }
    }

    fn days(days: i64) -> UnixSeconds {
        days * DAY_SECONDS
    }

    /// O2
    #[test]
    fn an_offline_sign_in_of_oracle_lapses_three_months_after_its_last_use() {
        let source = source(OFFLINE);
        let at = |grant: &Grant, now| entry(grant, Some(&source), now);
        let grant = Grant { refreshed_at: Some(days(10)), ..stored(&source) };
        let listed = at(&grant, days(20));
        assert_eq!((listed.lapse, listed.lapses_at), (GrantLapse::Unused, Some(days(100))));
        assert_eq!((listed.status, listed.action), (GrantStatus::Active, GrantAction::None));
        assert_eq!((listed.warnings, listed.advice), (vec![], None));
        assert_eq!(at(&grant, days(86)).warnings, [GrantWarning::LapsesSoon]);
        let lapsed = at(&grant, days(100));
        assert_eq!(
            (lapsed.action, lapsed.warnings),
            (GrantAction::SignIn, vec![GrantWarning::ProbablyLapsed])
        );
        assert!(lapsed.advice.unwrap().starts_with("User u must sign in again: the sign-in was not used"));
        // The granted scopes are what counts, not the requested ones.
        let online = Grant { scope: "user/Patient.read online_access".to_owned(), ..grant };
        assert_eq!((at(&online, 0).lapse, at(&online, 0).lapses_at), (GrantLapse::EhrSession, None));
    }

    #[test]
    fn each_status_says_who_must_act() {
        let source = source("");
        let trouble = |kind| Grant { trouble: Some(GrantTrouble { kind, at: 5 }), ..stored(&source) };
        let without = Grant { refresh_token: String::new().into(), ..stored(&source) };
        let system = Grant { holder: Holder::System, ..without.clone() };
        let online = (GrantLapse::EhrSession, None);
        let missing = vec![GrantWarning::RefreshTokenMissing];
        for (grant, now, status, lapse, action, warnings) in [
            (stored(&source), 9999, GrantStatus::Active, online, GrantAction::None, vec![]),
            (
                without.clone(),
                569,
                GrantStatus::NoRefreshToken,
                (GrantLapse::AccessToken, Some(570)),
                GrantAction::None,
                missing.clone(),
            ),
            (without, 570, GrantStatus::Expired, (GrantLapse::Ended, None), GrantAction::SignIn, missing),
            (
                trouble(TroubleKind::Suspect),
                0,
                GrantStatus::Suspect,
                (GrantLapse::AccessToken, Some(570)),
                GrantAction::SignIn,
                vec![],
            ),
            (
                trouble(TroubleKind::Suspended),
                0,
                GrantStatus::Suspended,
                (GrantLapse::Ended, None),
                GrantAction::AskEhrTeam,
                vec![],
            ),
            (
                trouble(TroubleKind::Revoked),
                0,
                GrantStatus::Revoked,
                (GrantLapse::Ended, None),
                GrantAction::SignIn,
                vec![],
            ),
            (system, 9999, GrantStatus::Active, (GrantLapse::Never, None), GrantAction::None, vec![]),
        ] {
            let listed = entry(&grant, Some(&source), now);
            assert_eq!((listed.status, listed.action), (status, action), "{status:?}");
            assert_eq!((listed.lapse, listed.lapses_at), lapse, "{status:?}");
            assert_eq!(listed.warnings, warnings, "{status:?}");
            assert_eq!(listed.advice.is_some(), action != GrantAction::None, "{status:?}");
        }
    }

    #[test]
    fn a_grant_of_another_server_or_of_no_source_is_listed_with_a_warning() {
        let source = source("");
        let moved = Grant { issuer: Issuer::default(), ..stored(&source) };
        let listed = entry(&moved, Some(&source), 0);
        assert_eq!((listed.warnings, listed.action), (vec![GrantWarning::OtherServer], GrantAction::SignIn));
        let listed = entry(&moved, None, 0);
        assert_eq!(listed.warnings, [GrantWarning::SourceNotConfigured]);
        assert_eq!(listed.action, GrantAction::CheckConfiguration);
    }

    #[test]
    fn an_entry_holds_no_token_and_no_patient() {
        let source = source(OFFLINE);
        let hashes = vec!["hash-of-mrn".to_owned()];
        let grant = Grant { patient: Some("patient-17".to_owned()), patient_mrns: hashes, ..stored(&source) };
        let grant = Grant { access_token: "access-secret".into(), ..grant };
        let listed = entry(&grant, Some(&source), 0);
        let texts = format!("{listed:?} {}", serde_json::to_string(&listed).unwrap());
        for hidden in ["patient-17", "hash-of-mrn", "-secret"] {
            assert!(!texts.contains(hidden), "{texts}");
        }
        assert!(listed.patient_bound && listed.refresh_token);
    }
}
