//! The refresh decision: whether a stored access token is used, refreshed, or replaced by a new sign-in. Plain functions.

use super::{Grant, Holder, TroubleKind, status::may_rotate};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error},
    secret::{ExposeSecret, Secret},
};
use std::time::Duration;

/// What to do with a stored grant before a FHIR request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefreshDecision {
    /// Use the access token as it is.
    Use,
    /// Get a new access token: with the refresh token, or for the system account with its client secret.
    Refresh,
    /// A refresh is due, but one was sent before, and its answer is not stored: another process waits for it, or it was lost.
    Unconfirmed,
    /// The FHIR server refused an access token that was refreshed a moment ago. The seconds are those until it may be refreshed
    /// again (O1).
    TooSoon(u32),
    /// The access token has expired and cannot be refreshed: delete the grant; the user must sign in again.
    Expired,
    /// The FHIR server refused an access token that has not expired and cannot be refreshed. The grant is kept: the server may
    /// accept the token for another resource type, or later.
    Refused,
    /// The answer to a refresh was lost, and the access token no longer works. The user must sign in again.
    Suspect,
    /// The EHR suspended or revoked the refresh token a moment ago. The seconds are those until it is tried again.
    Suspended(u32),
    /// The EHR revoked the sign-in. The user must sign in again.
    Revoked,
}

impl RefreshDecision {
    /// The error of a grant that can be neither used nor refreshed.
    pub(super) fn error(self) -> Option<Error> {
        let wait = |seconds: u32| Some(Duration::from_secs(seconds.into()));
        let code = match self {
            RefreshDecision::Use | RefreshDecision::Refresh | RefreshDecision::Unconfirmed => return None,
            RefreshDecision::TooSoon(seconds) => {
                return Some(
                    Error::new(Code::FhirUnauthorized)
                        .hint(format!(
                            "The EHR limits how often a token is refreshed. Retry in {seconds} seconds."
                        ))
                        .after(wait(seconds)),
                );
            }
            RefreshDecision::Suspended(seconds) => return Some(suspended(Error::from).after(wait(seconds))),
            RefreshDecision::Expired => Code::GrantExpired,
            RefreshDecision::Refused => Code::FhirUnauthorized,
            RefreshDecision::Suspect => Code::GrantSuspect,
            RefreshDecision::Revoked => Code::InvalidGrant,
        };
        Some(code.into())
    }
}

/// The error of a suspended grant, made from its code.
pub(super) fn suspended(error: impl FnOnce(Code) -> Error) -> Error {
    error(Code::GrantSuspended).hint(
        "The EHR's error page, the link of this error, says which. If it is suspended, your EHR team must approve the application \
         again. If it was revoked, sign in again.",
    )
}

/// What a decision is about, besides the grant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Situation<'a> {
    /// The access token that the FHIR server has just refused, if there is one.
    pub(super) rejected: Option<&'a Secret>,
    /// The minimum seconds between two refreshes.
    pub(super) spacing_seconds: u32,
    /// The time.
    pub(super) now: UnixSeconds,
}

/// Decides about a grant.
///
/// A token that can be refreshed is refreshed a little before it expires ([`refresh_at`]). A token that cannot be refreshed is
/// used until it expires.
pub(super) fn decide(grant: &Grant, situation: Situation<'_>) -> RefreshDecision {
    let is_usable = is_usable(grant, situation);
    match grant.trouble.map(|trouble| (trouble.kind, trouble.at)) {
        Some((TroubleKind::Revoked, _)) => return RefreshDecision::Revoked,
        Some(_) if is_usable => return RefreshDecision::Use,
        Some((TroubleKind::Suspect, _)) => return RefreshDecision::Suspect,
        Some((TroubleKind::Suspended, at)) => {
            if let Some(seconds) = seconds_left(Some(at), SUSPENDED_SPACING_SECONDS, situation.now) {
                return RefreshDecision::Suspended(seconds);
            }
        }
        None => {}
    }
    if can_be_refreshed(grant) {
        decide_refreshable(grant, situation)
    } else {
        decide_final(grant, situation)
    }
}

/// The decision about a grant that can be refreshed.
fn decide_refreshable(grant: &Grant, situation: Situation<'_>) -> RefreshDecision {
    let Situation { spacing_seconds, now, .. } = situation;
    let is_rejected = is_rejected(grant, situation);
    if !is_rejected && now < refresh_at(grant) {
        return RefreshDecision::Use;
    }
    if grant.holder != Holder::System && grant.refresh_started_at.is_some() && may_rotate(grant) {
        return RefreshDecision::Unconfirmed;
    }
    // A token that has expired is of no use, so no spacing keeps it.
    if now < grant.expires_at {
        if is_rejected {
            if let Some(seconds) = seconds_left(grant.refreshed_at, spacing_seconds, now) {
                return RefreshDecision::TooSoon(seconds);
            }
        } else if seconds_left(grant.refreshed_at.max(grant.refresh_failed_at), spacing_seconds, now)
            .is_some()
        {
            return RefreshDecision::Use;
        }
    }
    RefreshDecision::Refresh
}

/// The decision about a grant that cannot be refreshed.
fn decide_final(grant: &Grant, situation: Situation<'_>) -> RefreshDecision {
    if situation.now >= grant.expires_at {
        RefreshDecision::Expired
    } else if is_rejected(grant, situation) {
        RefreshDecision::Refused
    } else {
        RefreshDecision::Use
    }
}

/// Whether the access token may be used: it has not expired, and the FHIR server has not refused it.
pub(super) fn is_usable(grant: &Grant, situation: Situation<'_>) -> bool {
    let is_erased = grant.access_token.expose_secret().is_empty();
    !is_erased && situation.now < grant.expires_at && !is_rejected(grant, situation)
}

fn is_rejected(grant: &Grant, situation: Situation<'_>) -> bool {
    situation.rejected.is_some_and(|token| token.expose_secret() == grant.access_token.expose_secret())
}

/// Seconds for which a suspended refresh token is not sent again, so that a job does not send it in a tight loop (O4).
const SUSPENDED_SPACING_SECONDS: u32 = 60;

/// The seconds until `spacing` has passed since a time; `None` if it has. A time in the future, as after a change of the clock,
/// does not count.
fn seconds_left(since: Option<UnixSeconds>, spacing: u32, now: UnixSeconds) -> Option<u32> {
    let passed = u32::try_from(now.checked_sub(since?)?).ok()?;
    spacing.checked_sub(passed).filter(|left| *left > 0)
}

/// The time from which on a refreshable token is refreshed: one minute before it expires, or a tenth of its lifetime, whichever
/// is shorter. A fixed minute would make short-lived tokens useless (D31).
fn refresh_at(grant: &Grant) -> UnixSeconds {
    let lifetime_seconds = grant.expires_at - grant.obtained_at;
    grant.expires_at - (lifetime_seconds / 10).clamp(0, 60)
}

/// The system account needs no refresh token: it requests another access token with its client secret.
fn can_be_refreshed(grant: &Grant) -> bool {
    grant.holder == Holder::System || !grant.refresh_token.expose_secret().is_empty()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{GrantTrouble, tests::grant},
        RefreshDecision::*,
        *,
    };

    fn at(now: UnixSeconds) -> Situation<'static> {
        Situation { now, spacing_seconds: 60, rejected: None }
    }

    #[test]
    fn a_refreshable_token_is_refreshed_shortly_before_it_expires() {
        // Obtained at 0; lifetime, time, decision.
        for (expires_at, now, decision) in [
            (3600, 0, Use),
            (3600, 3539, Use),
            (3600, 3540, Refresh),
            (3600, 9999, Refresh),
            // A tenth of the lifetime, when that is less than a minute.
            (300, 269, Use),
            (300, 270, Refresh),
            (5, 4, Use),
            (5, 5, Refresh),
            (0, 0, Refresh),
        ] {
            let stored = Grant { expires_at, ..grant("refresh", 0) };
            assert_eq!(decide(&stored, at(now)), decision, "{expires_at} {now}");
        }
    }

    #[test]
    fn a_token_without_refresh_token_is_used_until_it_expires() {
        let stored = Grant { expires_at: 3600, ..grant("", 0) };
        for (now, decision) in [(3599, Use), (3600, Expired)] {
            assert_eq!(decide(&stored, at(now)), decision, "{now}");
        }
        let system = Grant { holder: Holder::System, ..stored };
        assert_eq!(decide(&system, at(3600)), Refresh, "the system account needs no refresh token");
    }

    #[test]
    fn only_the_rejected_token_is_refreshed_early() {
        let (rejected, other) = (Secret::from("access"), Secret::from("other"));
        for (refresh_token, token, now, decision) in [
            ("refresh", &rejected, 0, Refresh),
            ("refresh", &other, 0, Use),
            ("", &rejected, 0, Refused),
            ("", &rejected, 3600, Expired),
            ("", &other, 0, Use),
        ] {
            let stored = Grant { expires_at: 3600, ..grant(refresh_token, 0) };
            let situation = Situation { rejected: Some(token), ..at(now) };
            assert_eq!(decide(&stored, situation), decision, "{refresh_token} {now}");
        }
    }

    /// O1: 570 seconds, refreshed at 0, at most one refresh in 60 seconds.
    #[test]
    fn no_token_is_refreshed_twice_within_the_spacing() {
        let token = Secret::from("access");
        let stored = |expires_at| Grant { expires_at, refreshed_at: Some(0), ..grant("refresh", 0) };
        for (expires_at, is_rejected, now, decision) in [
            (570, true, 0, TooSoon(60)),
            (570, true, 59, TooSoon(1)),
            (570, true, 60, Refresh),
            (570, false, 512, Use),
            (570, false, 513, Refresh),
            // About to expire: it is used until it expires.
            (55, false, 54, Use),
            (55, false, 55, Refresh),
            (55, true, 55, Refresh),
            // The clock was set back.
            (570, true, -1, Refresh),
        ] {
            let situation = Situation { rejected: is_rejected.then_some(&token), ..at(now) };
            let decided = decide(&stored(expires_at), situation);
            assert_eq!(decided, decision, "{expires_at} {is_rejected} {now}");
        }
        let no_spacing = Situation { rejected: Some(&token), ..Situation::default() };
        assert_eq!(decide(&stored(570), no_spacing), Refresh);
        let failed = Grant { refreshed_at: None, refresh_failed_at: Some(540), ..stored(570) };
        assert_eq!(decide(&failed, at(541)), Use, "a refresh failed a second before");
        assert_eq!(decide(&failed, at(570)), Refresh, "the token has expired");
    }

    #[test]
    fn a_marked_refresh_token_is_not_sent_again_unless_the_server_does_not_rotate() {
        let token = Secret::from("access");
        let stored = Grant { expires_at: 3600, refresh_started_at: Some(3550), ..grant("refresh", 0) };
        let system = Grant { holder: Holder::System, ..stored.clone() };
        for (rotates, is_rejected, now, decision) in [
            (None, false, 3000, Use),
            (None, true, 3000, Unconfirmed),
            (None, false, 3550, Unconfirmed),
            (Some(true), false, 9999, Unconfirmed),
            (Some(false), false, 9999, Refresh),
        ] {
            let situation = Situation { rejected: is_rejected.then_some(&token), ..at(now) };
            let decided = decide(&Grant { rotates, ..stored.clone() }, situation);
            assert_eq!(decided, decision, "{rotates:?} {is_rejected} {now}");
        }
        assert_eq!(decide(&system, at(3600)), Refresh);
    }

    #[test]
    fn a_grant_in_trouble_is_used_while_its_access_token_works() {
        let token = Secret::from("access");
        for (kind, is_rejected, now, decision) in [
            (TroubleKind::Suspect, false, 3599, Use),
            (TroubleKind::Suspect, true, 3599, Suspect),
            (TroubleKind::Suspect, false, 3600, Suspect),
            (TroubleKind::Suspended, false, 3599, Use),
            (TroubleKind::Suspended, false, 3600, Suspended(10)),
            (TroubleKind::Suspended, true, 3550, Suspended(60)),
            (TroubleKind::Suspended, false, 3610, Refresh),
            (TroubleKind::Revoked, false, 0, Revoked),
        ] {
            let trouble = Some(GrantTrouble { kind, at: 3550 });
            let stored = Grant { expires_at: 3600, trouble, ..grant("refresh", 0) };
            let situation = Situation { rejected: is_rejected.then_some(&token), ..at(now) };
            assert_eq!(decide(&stored, situation), decision, "{kind:?} {is_rejected} {now}");
        }
    }

    #[test]
    fn each_decision_against_a_grant_has_an_error() {
        for (decision, code, seconds) in [
            (Use, None, None),
            (Refresh, None, None),
            (Unconfirmed, None, None),
            (TooSoon(7), Some(Code::FhirUnauthorized), Some(7)),
            (Expired, Some(Code::GrantExpired), None),
            (Refused, Some(Code::FhirUnauthorized), None),
            (Suspect, Some(Code::GrantSuspect), None),
            (Suspended(9), Some(Code::GrantSuspended), Some(9)),
            (Revoked, Some(Code::InvalidGrant), None),
        ] {
            let error = decision.error();
            assert_eq!(error.as_ref().map(Error::code), code, "{decision:?}");
            let wait = error.and_then(|error| error.retry_after());
            assert_eq!(wait.map(|wait| wait.as_secs()), seconds, "{decision:?}");
        }
    }
}
