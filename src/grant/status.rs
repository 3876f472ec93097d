//! The status of a stored grant: whether it works, and whether its user must sign in again. Plain functions.

use super::{Grant, Holder};
use crate::{clock::UnixSeconds, secret::ExposeSecret};
use serde::{Deserialize, Serialize};

/// What is wrong with a grant that is stored but cannot be refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantTrouble {
    /// What is wrong.
    pub kind: TroubleKind,
    /// When it was found.
    pub at: UnixSeconds,
}

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleKind {
    /// A refresh was sent, and its answer was lost. The EHR may have used up the stored refresh token, and a second use of it
    /// may revoke all tokens of the sign-in. So it is not sent again.
    Suspect,
    /// The EHR refuses the refresh token with the answer that it gives for a suspended token. The tokens are kept: they work
    /// again after the EHR team has approved the application again (O4).
    Suspended,
    /// The EHR refused the refresh token for good. Both tokens are erased.
    Revoked,
}

/// The status of a stored grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// It works: its access token can be used or refreshed.
    Active,
    /// Its access token works until it expires. It cannot be refreshed then, because there is no refresh token.
    NoRefreshToken,
    /// Its access token has expired, and there is no refresh token. The user must sign in again.
    Expired,
    /// The answer to a refresh was lost. The access token may be used until it expires. The user must sign in again then.
    Suspect,
    /// The EHR has suspended or revoked the refresh token: it gives the same answer for both. The EHR team must approve the
    /// application again. If that does not help, the user must sign in again.
    Suspended,
    /// The EHR has revoked the sign-in. The user must sign in again.
    Revoked,
}

impl GrantStatus {
    /// The name in documents and tables.
    pub fn name(self) -> &'static str {
        match self {
            GrantStatus::Active => "active",
            GrantStatus::NoRefreshToken => "no_refresh_token",
            GrantStatus::Expired => "expired",
            GrantStatus::Suspect => "suspect",
            GrantStatus::Suspended => "suspended",
            GrantStatus::Revoked => "revoked",
        }
    }
}

/// Seconds after which a refresh that is still marked as sent counts as interrupted. A live one ends after `request_seconds` (30)
/// for each attempt, unless a site has set a much greater limit.
pub const INTERRUPTED_SECONDS: i64 = 600;

/// The status of a grant at a time, from what is stored. Nothing is sent.
pub fn status(grant: &Grant, now: UnixSeconds) -> GrantStatus {
    match grant.trouble.map(|trouble| trouble.kind) {
        Some(TroubleKind::Suspect) => return GrantStatus::Suspect,
        Some(TroubleKind::Suspended) => return GrantStatus::Suspended,
        Some(TroubleKind::Revoked) => return GrantStatus::Revoked,
        None => {}
    }
    if grant.holder == Holder::System {
        return GrantStatus::Active;
    }
    if grant.refresh_token.expose_secret().is_empty() {
        return if now < grant.expires_at { GrantStatus::NoRefreshToken } else { GrantStatus::Expired };
    }
    let is_interrupted = grant.refresh_started_at.is_some_and(|at| now - at > INTERRUPTED_SECONDS);
    if is_interrupted && may_rotate(grant) { GrantStatus::Suspect } else { GrantStatus::Active }
}

/// Whether the EHR may answer a refresh with a new refresh token and then refuse the old one. It does not if it has answered
/// before without a new one.
pub(super) fn may_rotate(grant: &Grant) -> bool {
    grant.rotates != Some(false)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::grant, GrantStatus::*, *};

    #[test]
    fn the_status_of_a_grant_follows_from_what_is_stored() {
        let stored = Grant { expires_at: 3600, ..grant("refresh", 0) };
        let trouble = |kind| Grant { trouble: Some(GrantTrouble { kind, at: 5 }), ..stored.clone() };
        let marked = |rotates| Grant { refresh_started_at: Some(3500), rotates, ..stored.clone() };
        for (grant, now, expected) in [
            (stored.clone(), 0, Active),
            (stored.clone(), 9999, Active),
            (grant("", 0), 0, Expired),
            (Grant { expires_at: 3600, ..grant("", 0) }, 3599, NoRefreshToken),
            (Grant { holder: Holder::System, ..grant("", 0) }, 9999, Active),
            (trouble(TroubleKind::Suspect), 0, Suspect),
            (trouble(TroubleKind::Suspended), 0, Suspended),
            (trouble(TroubleKind::Revoked), 0, Revoked),
            // A refresh may be under way.
            (marked(None), 4100, Active),
            (marked(None), 4101, Suspect),
            (marked(Some(true)), 4101, Suspect),
            // The server has answered before without a new refresh token, so the old one still works.
            (marked(Some(false)), 4101, Active),
        ] {
            assert_eq!(status(&grant, now), expected, "{grant:?} at {now}");
        }
    }
}
