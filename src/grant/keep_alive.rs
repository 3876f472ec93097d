//! Keeps unused offline sign-ins alive (O2): refreshes those that were not used for `keep_alive_days`, before the EHR ends them.
//!
//! It is for a job that runs once a day. Each grant is refreshed at most once in a call. The failure of one does not stop the
//! others, but a server that fails several times in a row is not asked again in the same call.

use super::{
    Grant, GrantStatus, Holder,
    listing::{all_grants, entry, has_refresh_token, is_offline, last_used_at},
    revoker::Revoker,
    status,
    token_client::TokenClient,
};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result},
    log::Event,
    source::{Source, Sources},
    store::{RecordKind, sealed_store::DecryptedRecord},
};
use serde::Serialize;
use std::collections::HashMap;

const DAY_SECONDS: i64 = 86_400;
/// After so many failures in a row that are not about one grant, the grants of the source are skipped.
const MAX_SERVER_FAILURES: u32 = 3;

/// What happened to a grant that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepAliveOutcome {
    /// It has new tokens.
    Refreshed,
    /// It could not be refreshed.
    Failed,
    /// It was not tried, because the server had failed for other grants. The next call tries it.
    Skipped,
    /// It cannot be refreshed any more.
    Ended,
}

impl KeepAliveOutcome {
    /// Its name in documents and tables.
    pub fn name(self) -> &'static str {
        match self {
            KeepAliveOutcome::Refreshed => "refreshed",
            KeepAliveOutcome::Failed => "failed",
            KeepAliveOutcome::Skipped => "skipped",
            KeepAliveOutcome::Ended => "ended",
        }
    }
}

/// The result for one grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct KeptGrant {
    /// The id of the source.
    pub source: String,
    /// The application's user.
    pub user: String,
    /// Whether the grant can read the patient of its launch only.
    pub patient_bound: bool,
    /// What happened.
    pub outcome: KeepAliveOutcome,
    /// When it was used last before this call, in seconds since 1970.
    pub last_used_at: UnixSeconds,
    /// The name of the error; null if it was refreshed.
    pub error: Option<String>,
    /// What happened and who must act, as a sentence; null if it was refreshed.
    pub message: Option<String>,
}

/// The result of a keep-alive call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct KeepAliveResult {
    /// The grants that were due, and those that cannot be refreshed any more.
    pub grants: Vec<KeptGrant>,
    /// The number of grants that were used recently, or that no keep-alive is configured for.
    pub not_due: usize,
    /// The number of stored grants that cannot be decrypted.
    pub unreadable: usize,
    /// The number of revocations of earlier sign-outs that are finished now.
    pub revocations_finished: usize,
    /// The number of revocations of earlier sign-outs that failed again.
    pub revocations_unfinished: usize,
}

impl KeepAliveResult {
    /// The number of grants with an outcome.
    pub fn count(&self, outcome: KeepAliveOutcome) -> usize {
        self.grants.iter().filter(|grant| grant.outcome == outcome).count()
    }
}

/// Whether a grant must be refreshed now to stay alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// It was used recently, or no keep-alive is configured for it.
    None,
    /// It was not used for `keep_alive_days`.
    Refresh,
    /// It cannot be refreshed any more.
    SignIn,
}

fn need(grant: &Grant, source: Option<&Source>, now: UnixSeconds) -> Need {
    let Some(source) = source.filter(|source| source.is_server_of(&grant.issuer)) else { return Need::None };
    let days = i64::from(source.policy.keep_alive_days);
    if days == 0 || grant.holder == Holder::System || !is_offline(grant, source) {
        return Need::None;
    }
    match status::status(grant, now) {
        GrantStatus::Suspect | GrantStatus::Revoked => return Need::SignIn,
        _ if !has_refresh_token(grant) => return Need::None,
        _ => {}
    }
    let idle_seconds = now.saturating_sub(last_used_at(grant));
    if idle_seconds >= days * DAY_SECONDS { Need::Refresh } else { Need::None }
}

/// Refreshes the grants that were not used for `keep_alive_days` of their source, the longest unused first, and retries the
/// revocations that are not finished.
///
/// # Errors
/// The store's. The failure of one grant is in the result.
pub fn keep_alive(client: TokenClient<'_>, sources: &Sources) -> Result<KeepAliveResult> {
    let mut result = KeepAliveResult::default();
    let due = find_due(&client, sources, &mut result)?;
    let mut failures: HashMap<String, u32> = HashMap::new();
    for (_, key) in due {
        if let Some(kept) = keep_one(&client, sources, &key, &mut failures)? {
            result.grants.push(kept);
        }
    }
    (result.revocations_finished, result.revocations_unfinished) = Revoker::new(client, sources).retry()?;
    client.context.events.log(Event::KeepAliveEnded {
        refreshed: result.count(KeepAliveOutcome::Refreshed),
        failed: result.count(KeepAliveOutcome::Failed) + result.count(KeepAliveOutcome::Ended),
        skipped: result.count(KeepAliveOutcome::Skipped),
    });
    Ok(result)
}

/// The last use and the key of each grant that is due; the others are counted in `result`. Only keys are kept, so that the tokens
/// of a large store are not in memory together.
fn find_due(
    client: &TokenClient<'_>,
    sources: &Sources,
    result: &mut KeepAliveResult,
) -> Result<Vec<(UnixSeconds, String)>> {
    let (records, now) = (&client.context.records, client.context.clock.now());
    let mut due = Vec::new();
    records.visit(RecordKind::Grant, &all_grants(records), |record| {
        match records.decrypt::<Grant>(&record) {
            Ok(DecryptedRecord { value: grant, key, .. }) => {
                match need(&grant, sources.by_id(&grant.source).ok(), now) {
                    Need::None => result.not_due += 1,
                    Need::Refresh | Need::SignIn => due.push((last_used_at(&grant), key)),
                }
            }
            Err(_) => result.unreadable += 1,
        }
    })?;
    due.sort_unstable();
    Ok(due)
}

/// Refreshes one grant. `None`: it was used or removed since it was found.
fn keep_one(
    client: &TokenClient<'_>,
    sources: &Sources,
    key: &str,
    failures: &mut HashMap<String, u32>,
) -> Result<Option<KeptGrant>> {
    let (records, now) = (&client.context.records, client.context.clock.now());
    let Some(stored) = records.get::<Grant>(RecordKind::Grant, key)? else { return Ok(None) };
    let Ok(source) = sources.by_id(&stored.value.source) else { return Ok(None) };
    let Holder::User(user) = &stored.value.holder else { return Ok(None) };
    let report = |outcome, error: Option<&str>, message| KeptGrant {
        source: source.id.clone(),
        user: user.clone(),
        patient_bound: stored.value.patient.is_some(),
        outcome,
        last_used_at: last_used_at(&stored.value),
        error: error.map(str::to_owned),
        message,
    };
    match need(&stored.value, Some(source), now) {
        Need::None => return Ok(None),
        Need::SignIn => {
            let listed = entry(&stored.value, Some(source), now);
            return Ok(Some(report(KeepAliveOutcome::Ended, Some(listed.status.name()), listed.advice)));
        }
        Need::Refresh => {}
    }
    let failed = failures.entry(source.id.clone()).or_default();
    if *failed >= MAX_SERVER_FAILURES {
        let message = format!("Not tried: the server of source {} failed for other sign-ins.", source.id);
        return Ok(Some(report(KeepAliveOutcome::Skipped, None, Some(message))));
    }
    // The stored access token counts as refused, so that it is replaced even if it has not expired. When another process has
    // replaced it meanwhile, nothing is sent.
    let rejected = stored.value.access_token.clone();
    let kept = match client.valid_grant(source, stored.clone(), Some(&rejected)) {
        Ok(_) => {
            *failed = 0;
            report(KeepAliveOutcome::Refreshed, None, None)
        }
        Err(error) => {
            *failed = if is_about_grant(error.code()) { 0 } else { *failed + 1 };
            let ended = matches!(error.code(), Code::InvalidGrant | Code::GrantSuspect | Code::GrantExpired);
            let outcome = if ended { KeepAliveOutcome::Ended } else { KeepAliveOutcome::Failed };
            report(outcome, Some(error.code().name()), Some(message(user, &error)))
        }
    };
    Ok(Some(kept))
}

/// Whether an error is about one grant, so that others of the same source may be refreshed.
fn is_about_grant(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidGrant
            | Code::GrantRejected
            | Code::GrantSuspect
            | Code::GrantSuspended
            | Code::GrantExpired
            | Code::GrantNotFound
            | Code::GrantLost
            | Code::RefreshBusy
    )
}

/// What happened, and who must act.
fn message(user: &str, error: &Error) -> String {
    use crate::error::{Retry, escape_for_display};
    let user = escape_for_display(user);
    if error.code() == Code::GrantSuspended {
        return format!(
            "{} Ask your EHR team to approve the application again. If that does not help, user {user} must sign in again.",
            error.message()
        );
    }
    match error.retry() {
        Retry::AfterSignIn => format!("User {user} must sign in again: {}", error.message()),
        _ => error.message(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{GrantTrouble, TroubleKind, tests::grant},
        *,
    };
    use crate::source::tests::source;

    #[test]
    fn only_unused_offline_sign_ins_of_a_source_with_keep_alive_are_due() {
        let scopes = |access: &str, policy: &str| {
            source(&format!(
                r#", "vendor": "oracle", "policy": {{"scopes": ["user/{{resource}}.read", "{access}"]{policy}}}"#
            ))
        };
        let (offline, online) = (scopes("offline_access", ""), scopes("online_access", ""));
        let off = scopes("offline_access", r#", "keep_alive_days": 0"#);
        let weekly = scopes("offline_access", r#", "keep_alive_days": 7"#);
        let issuer = offline.issuer(&url::Url::parse("https://auth.example/token").unwrap());
        let stored = Grant { issuer, expires_at: 570, ..grant("refresh", 0) };
        let day = DAY_SECONDS;
        let used = Grant { refreshed_at: Some(20 * day), ..stored.clone() };
        let trouble = |kind| Grant { trouble: Some(GrantTrouble { kind, at: 5 }), ..stored.clone() };
        for (grant, source, now, expected) in [
            (stored.clone(), &offline, 30 * day - 1, Need::None),
            (stored.clone(), &offline, 30 * day, Need::Refresh),
            (stored.clone(), &weekly, 7 * day, Need::Refresh),
            (stored.clone(), &online, 99 * day, Need::None),
            (stored.clone(), &off, 99 * day, Need::None),
            (used.clone(), &offline, 50 * day - 1, Need::None),
            (used, &offline, 50 * day, Need::Refresh),
            (Grant { refresh_token: String::new().into(), ..stored.clone() }, &offline, 99 * day, Need::None),
            (Grant { holder: Holder::System, ..stored.clone() }, &offline, 99 * day, Need::None),
            (trouble(TroubleKind::Revoked), &offline, 0, Need::SignIn),
            (trouble(TroubleKind::Suspect), &offline, 0, Need::SignIn),
            // The EHR team may have approved the application again.
            (trouble(TroubleKind::Suspended), &offline, 30 * day, Need::Refresh),
        ] {
            assert_eq!(need(&grant, Some(source), now), expected, "{grant:?} {now}");
        }
        assert_eq!(need(&stored, None, 99 * day), Need::None);
    }
}
