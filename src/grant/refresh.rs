//! Provides a grant with an access token that can be used now: the stored grant, or one that this or another process refreshed.
//!
//! All processes together make one refresh of one grant: a lease in the store decides who makes it, and the grant is read again
//! under the lease. The endpoints and the client secret are looked up before the lease is acquired. The grant is marked before
//! the refresh token is sent (`refresh_mark.rs`), and new tokens are stored before they are used. The tokens of a grant are erased only
//! when the server itself answers `invalid_grant` and the stored refresh token is still the refused one.

use super::{
    AnswerUser, Grant, Holder, TroubleKind, key,
    lease::{self, LeaseGuard, LeaseWait},
    not_found,
    refresh_decision::{RefreshDecision, Situation, decide, is_usable, suspended},
    refresh_mark, revocation,
    token_answer::TokenAnswer,
    token_client::{EndpointCredentials, TokenClient},
    token_endpoint::TokenRequest,
    writer,
};
use crate::{
    clock::UnixSeconds,
    config::Registration,
    error::{Code, Error, Result, Stage},
    log::Event,
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
    source::Source,
    store::{RecordKind, inconsistent_store, sealed_store::DecryptedRecord},
};

impl TokenClient<'_> {
    /// The grant with an access token that can be used now. The token is refreshed first when it is about to expire, or when it
    /// is `rejected`: the one that the FHIR server has just refused. A refresh that fails before the token has expired is no
    /// error unless the EHR ended the sign-in: the token is used until it expires.
    ///
    /// # Errors
    /// [`Code::GrantExpired`], [`Code::FhirUnauthorized`] for a token that cannot be refreshed, or not yet, and has not
    /// expired, [`Code::InvalidGrant`], [`Code::GrantRejected`], [`Code::GrantSuspect`], [`Code::GrantSuspended`],
    /// [`Code::RefreshBusy`], [`Code::GrantLost`], or the token endpoint's.
    pub fn valid_grant(
        &self,
        source: &Source,
        grant: DecryptedRecord<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<DecryptedRecord<Grant>> {
        if self.decide(source, &grant, rejected)? == RefreshDecision::Use {
            return Ok(grant);
        }
        let refreshed = self.refresh_or_wait(source, &grant, rejected);
        match refreshed {
            Err(error)
                if keeps_token(&error) && is_usable(&grant.value, self.situation(source, rejected)) =>
            {
                Ok(grant)
            }
            refreshed => refreshed,
        }
    }

    /// Refreshes a grant, or waits until another process has done so.
    fn refresh_or_wait(
        &self,
        source: &Source,
        grant: &DecryptedRecord<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<DecryptedRecord<Grant>> {
        let registration = match grant.value.holder {
            Holder::System => system_registration(source)?,
            Holder::User(_) => &source.registration,
        };
        let credentials = self.credentials(source, registration)?;
        let mut used = None;
        let records = &self.context.records;
        let wait = lease::wait(records, self.context.limits, &grant.key, |has_lease| {
            let stored = match records.get::<Grant>(RecordKind::Grant, &grant.key)? {
                Some(stored) => stored,
                // The system account gets another token without a user.
                None if grant.value.holder == Holder::System => return Ok(None),
                None => return Err(not_found(source)),
            };
            // A replica of the store that lags may still hold a refresh token that was used already.
            if stored.version < grant.version
                && decide(&stored.value, self.situation(source, rejected)) != RefreshDecision::Use
            {
                return Err(inconsistent_store("get", "the record is older than it was before"));
            }
            match self.decide(source, &stored, rejected)? {
                RefreshDecision::Use => return Ok(Some(stored)),
                RefreshDecision::Unconfirmed if has_lease => {
                    return self.interrupted(source, stored, rejected).map(Some);
                }
                _ => used = Some(stored),
            }
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
        let wait = lease::wait(records, self.context.limits, &key, |_| {
            let Some(stored) = records.get::<Grant>(RecordKind::Grant, &key)? else { return Ok(None) };
            if decide(&stored.value, self.situation(source, None)) == RefreshDecision::Use {
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

    fn situation<'s>(&self, source: &Source, rejected: Option<&'s Secret>) -> Situation<'s> {
        Situation {
            rejected,
            spacing_seconds: source.policy.refresh_spacing_seconds,
            now: self.context.clock.now(),
        }
    }

    /// What to do with a stored grant. A grant that has expired and cannot be refreshed is deleted.
    ///
    /// # Errors
    /// That of a grant that can be neither used nor refreshed.
    fn decide(
        &self,
        source: &Source,
        grant: &DecryptedRecord<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<RefreshDecision> {
        let decision = decide(&grant.value, self.situation(source, rejected));
        let Some(error) = decision.error() else { return Ok(decision) };
        if decision == RefreshDecision::Expired {
            writer::delete(&self.context.records, grant)?;
        }
        let vendor = grant.value.vendor_error.clone().unwrap_or_default();
        Err(error.detail(format!("source {}", source.id)).vendor(vendor))
    }

    /// A refresh was sent, and its process has ended without storing an answer: this process has the lease. The refresh token may
    /// be used up, so it is not sent again. The access token is used while it works.
    fn interrupted(
        &self,
        source: &Source,
        stored: DecryptedRecord<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<DecryptedRecord<Grant>> {
        self.context.events.log(Event::GrantSuspect { source: &source.id });
        let now = self.context.clock.now();
        // If this fails, the next process finds the same mark.
        let _ = refresh_mark::store_trouble(&self.context.records, &stored, TroubleKind::Suspect, None, now);
        if is_usable(&stored.value, self.situation(source, rejected)) {
            return Ok(stored);
        }
        Err(Error::new(Code::GrantSuspect).detail(format!("source {}", source.id)))
    }

    /// Requests new tokens under a lease and stores them. `used` is the grant that they replace; only the system account may
    /// have none.
    fn refresh(
        &self,
        lease: &mut LeaseGuard<'_>,
        credentials: &EndpointCredentials<'_>,
        used: Option<DecryptedRecord<Grant>>,
    ) -> Result<DecryptedRecord<Grant>> {
        match used {
            Some(used) if used.value.holder != Holder::System => {
                self.refresh_user_grant(lease, credentials, &used)
            }
            used => self.renew_system_grant(lease, credentials, used.as_ref()),
        }
    }

    fn renew_system_grant(
        &self,
        lease: &mut LeaseGuard<'_>,
        credentials: &EndpointCredentials<'_>,
        used: Option<&DecryptedRecord<Grant>>,
    ) -> Result<DecryptedRecord<Grant>> {
        let source = credentials.source;
        let scopes = source.system_scopes();
        let answer = self.send_under_lease(lease, credentials, &TokenRequest::ClientCredentials(&scopes))?;
        let now = self.context.clock.now();
        let issuer = source.issuer(&credentials.endpoint);
        let mut grant = Grant::from_answer(source, issuer, Holder::System, None, &answer, &scopes, now);
        if let Some(used) = used {
            grant.signed_in_at = used.value.signed_in_at;
            grant.refreshed_at = Some(now);
        }
        self.store_refreshed(lease, grant, used)
    }

    /// Refreshes the grant of a user. If nothing proves that its refresh token still works, its mark stays.
    fn refresh_user_grant(
        &self,
        lease: &mut LeaseGuard<'_>,
        credentials: &EndpointCredentials<'_>,
        used: &DecryptedRecord<Grant>,
    ) -> Result<DecryptedRecord<Grant>> {
        let (source, records) = (credentials.source, &self.context.records);
        // Without a request, no mark is written.
        self.check_not_refused(credentials, "refresh_token")?;
        let marked = refresh_mark::start(records, self.context.limits, used, self.context.clock.now())?;
        let Grant { refresh_token, issuer, .. } = &marked.value;
        let narrower = source.refresh_scopes(&marked.value.scopes_of_launch());
        let scopes = Some(&narrower).filter(|scopes| !scopes.is_empty());
        let request = TokenRequest::Refresh { token: refresh_token, issuer, scopes };
        match self.send_under_lease(lease, credentials, &request) {
            Ok(answer) => {
                let grant = refreshed_grant(source, &marked.value, scopes, &answer, self.context.clock.now());
                let user = AnswerUser::of(records, &source.id, &answer);
                let checked = check_patient(source, &marked.value, &answer);
                if let Err(error) = checked.and_then(|()| check_user(&marked.value, &user)) {
                    // No one may use the new tokens. The old refresh token is still that of the stored grant.
                    let is_new = !writer::has_same_refresh_token(&grant, &marked.value);
                    let refresh_token = grant.refresh_token.clone();
                    let refresh_token = if is_new { refresh_token } else { String::new().into() };
                    let _ = revocation::revoke_later(records, &Grant { refresh_token, ..grant });
                    return Err(error);
                }
                self.store_refreshed(lease, grant, Some(&marked))
            }
            Err(error) if error.code() == Code::InvalidGrant => {
                self.handle_invalid_grant(source, &marked, error)
            }
            Err(error) => {
                if refresh_mark::is_definite(&error) {
                    refresh_mark::remove(records, lease, &marked, self.context.clock.now());
                }
                if error.code() == Code::GrantRejected {
                    return self.handle_refusal(source, &marked, error);
                }
                Err(error)
            }
        }
    }

    fn store_refreshed(
        &self,
        lease: &LeaseGuard<'_>,
        grant: Grant,
        used: Option<&DecryptedRecord<Grant>>,
    ) -> Result<DecryptedRecord<Grant>> {
        let fence_before = used.map_or(0, |used| used.value.fence);
        // A store that was restored from a backup begins again with low fences.
        let fence = lease.fence().max(fence_before.saturating_add(1));
        writer::store_refreshed(&self.context.records, lease, Grant { fence, ..grant }, used)
    }

    /// The server refused the refresh token for good, or suspended it (O4).
    fn handle_invalid_grant(
        &self,
        source: &Source,
        used: &DecryptedRecord<Grant>,
        error: Error,
    ) -> Result<DecryptedRecord<Grant>> {
        let (kind, error) = if may_be_suspended(source, &error) {
            (TroubleKind::Suspended, suspended(|code| error.with_code(code)))
        } else {
            (TroubleKind::Revoked, error)
        };
        // It changes nothing if another process has stored a newer token.
        let (records, vendor) = (&self.context.records, error.vendor_error());
        refresh_mark::store_trouble(records, used, kind, Some(vendor), self.context.clock.now())?;
        self.handle_refusal(source, used, error)
    }

    /// The server refused the refresh token. If another process has stored a newer token, that one is used.
    fn handle_refusal(
        &self,
        source: &Source,
        used: &DecryptedRecord<Grant>,
        error: Error,
    ) -> Result<DecryptedRecord<Grant>> {
        match self.context.records.get::<Grant>(RecordKind::Grant, &used.key)? {
            Some(stored) if is_same_or_revoked(&stored.value, &used.value) => Err(error),
            Some(stored) if decide(&stored.value, self.situation(source, None)) == RefreshDecision::Use => {
                Ok(stored)
            }
            _ => Err(lease::busy(self.context.limits)),
        }
    }
}

/// Whether the stored grant is the one that was refused, or what is left of it.
fn is_same_or_revoked(stored: &Grant, used: &Grant) -> bool {
    let is_revoked = stored.trouble.is_some_and(|trouble| trouble.kind == TroubleKind::Revoked);
    is_revoked || writer::has_same_refresh_token(stored, used)
}

/// Whether an access token that has not expired is still used after this error of its refresh. After an error of the store
/// nothing is certain.
fn keeps_token(error: &Error) -> bool {
    let ends = [Code::InvalidGrant, Code::GrantRejected, Code::GrantNotFound, Code::GrantLost];
    error.code().stage() != Stage::Store && !ends.contains(&error.code())
}

/// Whether the refresh token may be suspended only. Oracle answers `invalid_grant` with a link for a suspended and for a revoked
/// token (O4). `session-invalid` means that the user has signed out of the EHR, which ends `online_access` (O2).
fn may_be_suspended(source: &Source, error: &Error) -> bool {
    let vendor = error.vendor_error();
    let is_session_end = vendor.code.as_deref().is_some_and(|code| code.ends_with("session-invalid"));
    let has_link = vendor.link.is_some() || vendor.correlation_id.is_some();
    source.policy.suspends_refresh_tokens && has_link && !is_session_end
}

/// Checks that new tokens are for the patient of the sign-in, if it is bound to one. Otherwise they are not stored, and the mark
/// stays: the user must sign in again.
fn check_patient(source: &Source, old: &Grant, answer: &TokenAnswer) -> Result<()> {
    let Some(own) = &old.patient else { return Ok(()) };
    if answer.patient(source)?.is_none_or(|patient| patient == *own) {
        return Ok(());
    }
    Err(Error::new(Code::TokenResponseInvalid)
        .detail("the answer to the refresh is for another patient than the sign-in"))
}

/// Checks that new tokens are for the EHR user of the sign-in, if both answers name one (OpenID Connect Core 12.2). As for the
/// patient, the mark stays.
fn check_user(old: &Grant, user: &AnswerUser) -> Result<()> {
    if !old.answer_user.differs(user) {
        return Ok(());
    }
    Err(Error::new(Code::TokenResponseInvalid)
        .detail("the answer to the refresh is for another user than the sign-in"))
}

/// The grant after a refresh. `narrower`: the scopes that the refresh requested, if any.
fn refreshed_grant(
    source: &Source,
    old: &Grant,
    narrower: Option<&ScopeSet>,
    answer: &TokenAnswer,
    now: UnixSeconds,
) -> Grant {
    let requested = narrower.cloned().unwrap_or_else(|| ScopeSet::parse(&old.scope));
    let launch_scope = Some(old.scopes_of_launch().to_string());
    let (issuer, holder) = (old.issuer.clone(), old.holder.clone());
    let grant = Grant::from_answer(source, issuer, holder, None, answer, &requested, now);
    // O3: an answer without a refresh token means that the old one stays valid.
    let refresh_token = answer.refresh_token.clone().unwrap_or_else(|| old.refresh_token.clone());
    // A server that has rotated once may rotate again, whatever it does in between (E7). One that repeats the token may rotate it
    // later: some rotate only near the end of its lifetime.
    let is_rotated = refresh_token.expose_secret() != old.refresh_token.expose_secret();
    let rotates = match (is_rotated, old.rotates) {
        (true, _) | (_, Some(true)) => Some(true),
        (false, known) if answer.refresh_token.is_some() => known,
        (false, _) => Some(false),
    };
    Grant {
        refresh_token,
        // The grant stays bound to the patient of its launch: the answer to a refresh may omit the patient.
        patient: old.patient.clone(),
        patient_mrns: old.patient_mrns.clone(),
        signed_in_at: old.signed_in_at,
        refreshed_at: Some(now),
        rotates,
        refresh_requested: old.refresh_requested,
        answer_user: old.answer_user.clone(),
        launch_scope,
        ..grant
    }
}

pub(super) fn system_registration(source: &Source) -> Result<&Registration> {
    source
        .system_registration
        .as_ref()
        .ok_or_else(|| Error::new(Code::SystemAccountMissing).detail(format!("source {}", source.id)))
}
