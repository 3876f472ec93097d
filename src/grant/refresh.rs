//! Provides a grant with an access token that can be used now: the stored grant, or one that this or another process refreshed.
//!
//! All processes together make one refresh of one grant: a lease in the store decides who makes it, and the grant is read again
//! under the lease. The endpoints and the client secret are looked up before the lease is acquired. New tokens are stored before they are used.
//! A grant is deleted only when the server itself answers `invalid_grant` and the stored refresh token is still the refused
//! one.

use super::{
    Grant, Holder, key,
    lease::{self, LeaseGuard, LeaseWait},
    not_found,
    refresh_decision::{RefreshDecision, decide},
    token_answer::TokenAnswer,
    token_client::{EndpointCredentials, TokenClient},
    token_endpoint::TokenRequest,
    writer,
};
use crate::{
    clock::UnixSeconds,
    config::Registration,
    error::{Code, Error, Result},
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
    source::Source,
    store::{RecordKind, inconsistent_store, sealed_store::DecryptedRecord},
};

impl TokenClient<'_> {
    /// The grant with an access token that can be used now. The token is refreshed first when it is about to expire, or when it
    /// is `rejected`: the one that the FHIR server has just refused.
    ///
    /// # Errors
    /// [`Code::GrantExpired`], [`Code::FhirUnauthorized`] for a token that cannot be refreshed and has not
    /// expired, [`Code::InvalidGrant`], [`Code::GrantRejected`], [`Code::RefreshBusy`], [`Code::GrantLost`], or the token endpoint's.
    pub fn valid_grant(
        &self,
        source: &Source,
        grant: DecryptedRecord<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<DecryptedRecord<Grant>> {
        if !self.must_refresh(source, &grant, rejected)? {
            return Ok(grant);
        }
        let registration = match grant.value.holder {
            Holder::System => system_registration(source)?,
            Holder::User(_) => &source.registration,
        };
        let credentials = self.credentials(source, registration)?;
        let mut used = None;
        let records = &self.context.records;
        let wait = lease::wait(records, self.context.limits, &grant.key, || {
            let stored = match records.get::<Grant>(RecordKind::Grant, &grant.key)? {
                Some(stored) => stored,
                // The system account gets another token without a user.
                None if grant.value.holder == Holder::System => return Ok(None),
                None => return Err(not_found(source)),
            };
            // A replica of the store that lags may still hold a refresh token that was used already.
            if stored.version < grant.version
                && decide(&stored.value, rejected, self.context.clock.now()) != RefreshDecision::Use
            {
                return Err(inconsistent_store("get", "the record is older than it was before"));
            }
            if !self.must_refresh(source, &stored, rejected)? {
                return Ok(Some(stored));
            }
            used = Some(stored);
            Ok(None)
        })?;
        match wait {
            LeaseWait::AlreadyDone(stored) => Ok(stored),
            LeaseWait::Acquired(mut lease) => self.refresh(&mut lease, &credentials, used),
        }
    }

    /// The system account's first grant at a source. Processes that need it at the same time make one token request together:
    /// one makes it, the others wait and use its token.
    ///
    /// # Errors
    /// [`Code::SystemAccountMissing`] without a `system_registration`,
    /// [`Code::RefreshBusy`], the token endpoint's, the store's.
    pub fn system_grant(&self, source: &Source) -> Result<DecryptedRecord<Grant>> {
        let records = &self.context.records;
        let credentials = self.credentials(source, system_registration(source)?)?;
        let issuer = source.issuer(&credentials.endpoint);
        let key = key(records, &source.id, &issuer, &Holder::System, None);
        let mut used = None;
        let wait = lease::wait(records, self.context.limits, &key, || {
            let Some(stored) = records.get::<Grant>(RecordKind::Grant, &key)? else { return Ok(None) };
            if decide(&stored.value, None, self.context.clock.now()) == RefreshDecision::Use {
                return Ok(Some(stored));
            }
            used = Some(stored);
            Ok(None)
        })?;
        match wait {
            LeaseWait::AlreadyDone(stored) => Ok(stored),
            LeaseWait::Acquired(mut lease) => self.refresh(&mut lease, &credentials, used),
        }
    }

    /// Whether the access token must be refreshed before it is used. A grant that has expired and cannot be refreshed is deleted,
    /// and the error is returned.
    fn must_refresh(
        &self,
        source: &Source,
        grant: &DecryptedRecord<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<bool> {
        let decision = decide(&grant.value, rejected, self.context.clock.now());
        if let Some(code) = decision.error() {
            if decision == RefreshDecision::Expired {
                self.context.records.delete(RecordKind::Grant, &grant.key, grant.version)?;
            }
            return Err(Error::new(code).detail(format!("source {}", source.id)));
        }
        Ok(decision == RefreshDecision::Refresh)
    }

    /// Requests new tokens under a lease and stores them. `used` is the grant that they replace; only the system account may
    /// have none.
    fn refresh(
        &self,
        lease: &mut LeaseGuard<'_>,
        credentials: &EndpointCredentials<'_>,
        used: Option<DecryptedRecord<Grant>>,
    ) -> Result<DecryptedRecord<Grant>> {
        let source = credentials.source;
        let system_scopes = source.system_scopes();
        let user_grant = used.as_ref().map(|used| &used.value).filter(|grant| grant.holder != Holder::System);
        let request = match user_grant {
            Some(grant) => TokenRequest::Refresh { token: &grant.refresh_token, issuer: &grant.issuer },
            None => TokenRequest::ClientCredentials(&system_scopes),
        };
        let answer = match self.send_under_lease(lease, credentials, &request) {
            Ok(answer) => answer,
            Err(error) => {
                return match &used {
                    Some(used) if matches!(error.code(), Code::InvalidGrant | Code::GrantRejected) => {
                        self.handle_refusal(used, error)
                    }
                    _ => Err(error),
                };
            }
        };
        let now = self.context.clock.now();
        let mut grant = match user_grant {
            Some(old) => refreshed_grant(source, old, &answer, now),
            None => {
                let issuer = source.issuer(&credentials.endpoint);
                Grant::from_answer(source, issuer, Holder::System, None, &answer, &system_scopes, now)
            }
        };
        let fence_before = used.as_ref().map_or(0, |used| used.value.fence);
        // A store that was restored from a backup begins again with low fences.
        grant.fence = lease.fence().max(fence_before.saturating_add(1));
        writer::store_refreshed(&self.context.records, lease, grant, used.as_ref())
    }

    /// The server refused the refresh token. If the token is still the stored one and the error is `invalid_grant`, the grant is
    /// deleted. If another process has stored a newer token, that one is used.
    fn handle_refusal(&self, used: &DecryptedRecord<Grant>, error: Error) -> Result<DecryptedRecord<Grant>> {
        match self.context.records.get::<Grant>(RecordKind::Grant, &used.key)? {
            Some(stored) if writer::has_same_refresh_token(&stored.value, &used.value) => {
                if error.code() == Code::InvalidGrant {
                    self.context.records.delete(RecordKind::Grant, &stored.key, stored.version)?;
                }
                Err(error)
            }
            Some(stored) if decide(&stored.value, None, self.context.clock.now()) == RefreshDecision::Use => {
                Ok(stored)
            }
            _ => Err(lease::busy(self.context.limits)),
        }
    }
}

/// The grant after a refresh.
fn refreshed_grant(source: &Source, old: &Grant, answer: &TokenAnswer, now: UnixSeconds) -> Grant {
    let requested = ScopeSet::parse(&old.scope);
    let (issuer, holder) = (old.issuer.clone(), old.holder.clone());
    let grant = Grant::from_answer(source, issuer, holder, None, answer, &requested, now);
    // O3: an answer without a refresh token means that the old one stays valid.
    let refresh_token = answer.refresh_token.clone().unwrap_or_else(|| old.refresh_token.clone());
    // A server that has rotated once may rotate again, whatever it does in between (E7).
    let is_rotated = refresh_token.expose_secret() != old.refresh_token.expose_secret();
    Grant {
        refresh_token,
        // The grant stays bound to the patient of its launch: the answer to a refresh may omit the patient.
        patient: old.patient.clone(),
        patient_mrns: old.patient_mrns.clone(),
        signed_in_at: old.signed_in_at,
        refreshed_at: Some(now),
        rotates: Some(is_rotated || old.rotates == Some(true)),
        refresh_requested: old.refresh_requested,
        ..grant
    }
}

pub(super) fn system_registration(source: &Source) -> Result<&Registration> {
    source
        .system_registration
        .as_ref()
        .ok_or_else(|| Error::new(Code::SystemAccountMissing).detail(format!("source {}", source.id)))
}
