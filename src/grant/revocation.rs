//! What happens to the tokens of a grant when they are revoked at the EHR (RFC 7009): plain functions and values. `revoker.rs` uses
//! the store and the network.

use super::{Grant, Holder, token_management::TokenKind};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result},
    net::Response,
    secret::{self, ExposeSecret, Secret},
    source::Issuer,
    store::{
        RecordKind, RecordWrite,
        sealed_store::{Address, SealedStore},
    },
};
use serde::{Deserialize, Serialize};

/// The state column of the records of revocations that are not finished. The state of grants is empty.
pub(super) const REVOCATION_STATE: &str = "revocation";
/// Seconds for which an unfinished revocation is kept and retried: a week.
const RETRY_SECONDS: i64 = 7 * 86_400;

/// What happened to a token at the EHR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenRevocation {
    /// The grant had no such token.
    Absent,
    /// The token had expired already.
    Expired,
    /// The EHR has revoked it, or did not accept it any more.
    Revoked,
    /// The EHR does not revoke tokens of this kind (O5). An access token remains valid until it expires.
    NotSupported,
    /// The EHR did not confirm the revocation.
    NotRevoked,
}

impl TokenRevocation {
    /// Its name in documents and tables.
    pub fn name(self) -> &'static str {
        match self {
            TokenRevocation::Absent => "absent",
            TokenRevocation::Expired => "expired",
            TokenRevocation::Revoked => "revoked",
            TokenRevocation::NotSupported => "not_supported",
            TokenRevocation::NotRevoked => "not_revoked",
        }
    }

    /// Whether the token may still be valid at the EHR.
    fn may_be_valid(self) -> bool {
        matches!(self, TokenRevocation::NotSupported | TokenRevocation::NotRevoked)
    }
}

/// A grant that was removed from the store, and what happened to its tokens at the EHR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SignedOutGrant {
    /// The id of the source.
    pub source: String,
    /// Whether the grant could read the patient of its launch only.
    pub patient_bound: bool,
    /// What happened to the refresh token.
    pub refresh_token: TokenRevocation,
    /// What happened to the access token.
    pub access_token: TokenRevocation,
    /// When the access token expires, in seconds since 1970; null if it is not valid any more.
    pub access_token_valid_until: Option<UnixSeconds>,
    /// The name of the error if a token was not revoked; otherwise null.
    pub error: Option<String>,
    /// What happened, and what to do about it, if a token was not revoked; otherwise null.
    pub message: Option<String>,
    /// Until when the revocation can be retried with a keep-alive call, in seconds since 1970; null if there is nothing to retry.
    pub retry_until: Option<UnixSeconds>,
}

impl SignedOutGrant {
    /// Whether no token can be used to get another one: the refresh token is revoked, and the access token too, or the EHR does not
    /// revoke access tokens (O5).
    pub fn is_complete(&self) -> bool {
        !self.refresh_token.may_be_valid() && self.access_token != TokenRevocation::NotRevoked
    }

    /// The number of tokens that were revoked, and of those that may still be valid.
    pub fn counts(&self) -> (usize, usize) {
        let tokens = [self.refresh_token, self.access_token];
        let count = |of: &dyn Fn(TokenRevocation) -> bool| tokens.iter().filter(|one| of(**one)).count();
        (count(&|one| one == TokenRevocation::Revoked), count(&TokenRevocation::may_be_valid))
    }
}

/// The tokens of a grant that is no longer stored, until the EHR has answered.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PendingRevocation {
    pub(super) source: String,
    pub(super) issuer: Issuer,
    pub(super) holder: Holder,
    patient_bound: bool,
    #[serde(with = "crate::secret::in_sealed_record")]
    access_token: Secret,
    #[serde(with = "crate::secret::in_sealed_record")]
    refresh_token: Secret,
    expires_at: UnixSeconds,
    pub(super) retry_until: UnixSeconds,
}

impl PendingRevocation {
    pub(super) fn of(grant: &Grant, now: UnixSeconds) -> Self {
        PendingRevocation {
            source: grant.source.clone(),
            issuer: grant.issuer.clone(),
            holder: grant.holder.clone(),
            patient_bound: grant.patient.is_some(),
            access_token: grant.access_token.clone(),
            refresh_token: grant.refresh_token.clone(),
            expires_at: grant.expires_at,
            retry_until: now + RETRY_SECONDS,
        }
    }

    /// The change that stores it under a new key.
    pub(super) fn put(&self, records: &SealedStore<'_>, key: &str) -> Result<RecordWrite> {
        let address = Address {
            key: key.to_owned(),
            state: REVOCATION_STATE.to_owned(),
            expires_in: Some(RETRY_SECONDS),
            ..Address::default()
        };
        records.put(RecordKind::Grant, &address, self, 0)
    }

    pub(super) fn token(&self, kind: TokenKind) -> &Secret {
        match kind {
            TokenKind::RefreshToken => &self.refresh_token,
            TokenKind::AccessToken => &self.access_token,
        }
    }
}

/// Stores the tokens of a grant that the EHR refreshed while its user signed out, or signed in again, so that the next keep-alive
/// call revokes them.
///
/// # Errors
/// The store's. The tokens are dropped then, and remain valid at the EHR until they expire.
pub(super) fn revoke_later(records: &SealedStore<'_>, grant: &Grant) -> Result<()> {
    let put = PendingRevocation::of(grant, grant.obtained_at).put(records, &secret::random_text()?)?;
    records.write_batch(&[put], Code::StoreConflict)
}

/// What happened to the tokens of one grant.
pub(super) struct Outcome {
    refresh_token: TokenRevocation,
    access_token: TokenRevocation,
    pub(super) error: Option<Error>,
}

impl Outcome {
    /// Before the first request: a token that is there is not revoked.
    pub(super) fn before(pending: &PendingRevocation, now: UnixSeconds) -> Self {
        let there = |token: &Secret| match token.expose_secret().is_empty() {
            true => TokenRevocation::Absent,
            false => TokenRevocation::NotRevoked,
        };
        let access_token = match there(&pending.access_token) {
            TokenRevocation::NotRevoked if now >= pending.expires_at => TokenRevocation::Expired,
            other => other,
        };
        Outcome { refresh_token: there(&pending.refresh_token), access_token, error: None }
    }

    pub(super) fn of(&mut self, kind: TokenKind) -> &mut TokenRevocation {
        match kind {
            TokenKind::RefreshToken => &mut self.refresh_token,
            TokenKind::AccessToken => &mut self.access_token,
        }
    }

    pub(super) fn has_work(&self) -> bool {
        [self.refresh_token, self.access_token].contains(&TokenRevocation::NotRevoked)
    }

    /// The outcome when no request can be sent.
    pub(super) fn failed(mut self, error: Error) -> Self {
        if error.code() == Code::RevocationNotSupported {
            for kind in [TokenKind::RefreshToken, TokenKind::AccessToken] {
                let token = self.of(kind);
                if *token == TokenRevocation::NotRevoked {
                    *token = TokenRevocation::NotSupported;
                }
            }
        }
        Outcome { error: Some(error), ..self }
    }

    pub(super) fn report(self, pending: &PendingRevocation, is_retried: bool) -> SignedOutGrant {
        SignedOutGrant {
            source: pending.source.clone(),
            patient_bound: pending.patient_bound,
            refresh_token: self.refresh_token,
            access_token: self.access_token,
            access_token_valid_until: self.access_token.may_be_valid().then_some(pending.expires_at),
            error: self.error.as_ref().map(|error| error.code().name().to_owned()),
            message: self.error.as_ref().map(message),
            retry_until: is_retried.then_some(pending.retry_until),
        }
    }
}

/// What happened, and what to do.
fn message(error: &Error) -> String {
    match error.hint_text() {
        Some(hint) => format!("{} {hint}", error.message()),
        None => error.message(),
    }
}

/// The result for a grant that could not be decrypted: it was removed, and its tokens are not known.
pub(super) fn unreadable(source: &str) -> SignedOutGrant {
    let error =
        Error::new(Code::VaultOpenFailed).detail("the grant was removed; its tokens were not revoked");
    SignedOutGrant {
        source: source.to_owned(),
        patient_bound: false,
        refresh_token: TokenRevocation::NotRevoked,
        access_token: TokenRevocation::NotRevoked,
        access_token_valid_until: None,
        error: Some(error.code().name().to_owned()),
        message: Some(message(&error)),
        retry_until: None,
    }
}

/// Whether the revocation may succeed later: the server, the network or the client's credentials are the reason, and not the
/// token.
pub(super) fn may_retry(error: &Error) -> bool {
    match error.code() {
        Code::RevocationNotSupported => false,
        Code::RevocationFailed => !matches!(error.http_status(), Some(400..500)),
        _ => true,
    }
}

/// Reads a successful answer. The status alone counts (RFC 7009, 2.2), but a page for people, as of a proxy or a login, is no
/// answer of a revocation endpoint.
pub(super) fn confirm(response: &Response) -> Result<()> {
    let is_page = response.media_type.contains("html") && !response.body.trim_ascii().is_empty();
    match response.status {
        200 | 204 if !is_page => Ok(()),
        status => {
            let what = if is_page { "the answer is a page" } else { "the status does not confirm it" };
            Err(Error::new(Code::RevocationFailed).detail(what).status(status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::grant, *};

    fn pending(access_token: &str, refresh_token: &str) -> PendingRevocation {
        let grant = Grant { access_token: access_token.to_owned().into(), ..grant(refresh_token, 0) };
        PendingRevocation::of(&Grant { expires_at: 3600, ..grant }, 0)
    }

    #[test]
    fn only_tokens_that_exist_and_have_not_expired_are_revoked() {
        use TokenRevocation::*;
        for (access_token, refresh_token, now, refresh, access) in [
            ("a", "r", 0, NotRevoked, NotRevoked),
            ("a", "r", 3600, NotRevoked, Expired),
            ("a", "", 0, Absent, NotRevoked),
            ("", "", 0, Absent, Absent),
        ] {
            let outcome = Outcome::before(&pending(access_token, refresh_token), now);
            assert_eq!((outcome.refresh_token, outcome.access_token), (refresh, access));
        }
    }

    #[test]
    fn a_revocation_is_confirmed_by_its_status_and_not_by_a_page() {
        let answer = |status, media_type: &str, body| {
            let mut response = Response::for_test(status, body);
            response.media_type = media_type.to_owned();
            confirm(&response)
        };
        for (status, media_type, body) in
            [(200, "", ""), (200, "application/json", "{}"), (204, "", ""), (200, "text/html", "  ")]
        {
            assert!(answer(status, media_type, body).is_ok(), "{status} {media_type}");
        }
        for (status, media_type, body) in
            [(200, "text/html", "<html>Sign in</html>"), (202, "", ""), (206, "", "")]
        {
            let error = answer(status, media_type, body).unwrap_err();
            assert_eq!(error.code(), Code::RevocationFailed, "{status} {media_type}");
            assert!(may_retry(&error));
        }
    }

    #[test]
    fn a_revocation_is_retried_unless_the_token_is_the_reason() {
        for (error, retried) in [
            (Error::new(Code::NetworkTimeout), true),
            (Error::new(Code::TokenUnavailable).status(503), true),
            (Error::new(Code::InvalidClient).status(401), true),
            (Error::new(Code::RevocationFailed).status(400), false),
            (Error::new(Code::RevocationNotSupported).status(400), false),
        ] {
            assert_eq!(may_retry(&error), retried, "{error:?}");
        }
    }
}
