//! The refresh decision: whether a stored access token is used, refreshed, or replaced by a new sign-in. Plain functions.

use super::{Grant, Holder};
use crate::{
    clock::UnixSeconds,
    error::Code,
    secret::{ExposeSecret, Secret},
};

/// What to do with a stored grant before a FHIR request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefreshDecision {
    /// Use the access token as it is.
    Use,
    /// Get a new access token: with the refresh token, or for the system account with its client secret.
    Refresh,
    /// The access token has expired and cannot be refreshed: delete the grant; the user must sign in again.
    Expired,
    /// The FHIR server refused an access token that has not expired and cannot be refreshed. The grant is kept: the server may
    /// accept the token for another resource type, or later.
    Refused,
}

impl RefreshDecision {
    /// The error of a grant that can be neither used nor refreshed.
    pub(super) fn error(self) -> Option<Code> {
        match self {
            RefreshDecision::Use | RefreshDecision::Refresh => None,
            RefreshDecision::Expired => Some(Code::GrantExpired),
            RefreshDecision::Refused => Some(Code::FhirUnauthorized),
        }
    }
}

/// Decides about a grant at a time. `rejected` is the access token that the FHIR server has just refused, if there is one.
///
/// A token that can be refreshed is refreshed a little before it expires ([`refresh_at`]). A token that cannot be refreshed is
/// used until it expires.
pub(super) fn decide(grant: &Grant, rejected: Option<&Secret>, now: UnixSeconds) -> RefreshDecision {
    let is_rejected =
        rejected.is_some_and(|token| token.expose_secret() == grant.access_token.expose_secret());
    if can_be_refreshed(grant) {
        let is_due = is_rejected || now >= refresh_at(grant);
        if is_due { RefreshDecision::Refresh } else { RefreshDecision::Use }
    } else if now >= grant.expires_at {
        RefreshDecision::Expired
    } else if is_rejected {
        RefreshDecision::Refused
    } else {
        RefreshDecision::Use
    }
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
    use super::{super::tests::grant, RefreshDecision::*, *};

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
            assert_eq!(decide(&stored, None, now), decision, "{expires_at} {now}");
        }
    }

    #[test]
    fn a_token_without_refresh_token_is_used_until_it_expires() {
        let stored = Grant { expires_at: 3600, ..grant("", 0) };
        for (now, decision) in [(3599, Use), (3600, Expired)] {
            assert_eq!(decide(&stored, None, now), decision, "{now}");
        }
        let system = Grant { holder: Holder::System, ..stored };
        assert_eq!(decide(&system, None, 3600), Refresh, "the system account needs no refresh token");
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
            assert_eq!(decide(&stored, Some(token), now), decision, "{refresh_token} {now}");
        }
        assert_eq!(Refused.error(), Some(Code::FhirUnauthorized));
        assert_eq!(Expired.error(), Some(Code::GrantExpired));
        assert_eq!((Use.error(), Refresh.error()), (None, None));
    }
}
