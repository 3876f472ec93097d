//! Removes grants from the store and revokes their tokens at the EHR.
//!
//! The grant is removed first, so that no process uses it while the EHR is slow or unavailable. Until the EHR has answered, the
//! tokens are kept in a stored record of their own, which nothing but a revocation reads: a killed process or an unavailable EHR
//! does not leave tokens behind that no one revokes (decision 46).

use super::{
    Grant, Holder, lease,
    listing::all_grants,
    refresh::system_registration,
    revocation::{
        Outcome, PendingRevocation, REVOCATION_STATE, SignedOutGrant, TokenRevocation, confirm, may_retry,
        unreadable,
    },
    subject,
    token_client::{EndpointCredentials, TokenClient},
    token_management::{TokenInQuestion, TokenKind, TokenService},
    writer::has_same_tokens,
};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result},
    log::Event,
    secret,
    source::Sources,
    store::{
        RecordKind, RecordQuery, RecordWrite, StoredRecord, WriteOutcome,
        sealed_store::{SealedStore, TRIES},
    },
};
use std::collections::{BTreeMap, HashMap};
use url::Url;

/// An unfinished revocation in the store.
struct StoredRevocation {
    key: String,
    pending: PendingRevocation,
}

/// The revocations of one call. A source whose server is unavailable is asked once: a user waits for the answer.
pub struct Revoker<'a> {
    client: TokenClient<'a>,
    sources: &'a Sources,
    unavailable: Vec<(String, Error)>,
}

impl<'a> Revoker<'a> {
    /// The revocations of a call.
    pub fn new(client: TokenClient<'a>, sources: &'a Sources) -> Self {
        Revoker { client, sources, unavailable: Vec::new() }
    }

    /// Removes the grants of a holder at a source from the store, then revokes their tokens.
    ///
    /// # Errors
    /// The store's. Grants that were removed before the error stay removed, and their revocations can be retried.
    pub fn sign_out(&mut self, source: &str, holder: &Holder) -> Result<Vec<SignedOutGrant>> {
        let records = &self.client.context.records;
        let subject = subject(records, source, holder);
        let query = RecordQuery {
            organization: records.organization.to_owned(),
            project: Some(String::new()),
            subject: Some(subject),
            state: Some(String::new()),
        };
        let grants = records.scan(RecordKind::Grant, &query)?;
        self.remove(source, grants)
    }

    /// Removes all grants of a user from the store, also those of sources that the configuration does not have any more. Then
    /// revokes their tokens.
    ///
    /// # Errors
    /// As [`Revoker::sign_out`].
    pub fn sign_out_everywhere(&mut self, user: &str) -> Result<Vec<SignedOutGrant>> {
        let records = self.client.context.records;
        let holder = Holder::User(user.to_owned());
        let subjects: HashMap<String, &str> = self
            .sources
            .iter()
            .map(|source| (subject(&records, &source.id, &holder), source.id.as_str()))
            .collect();
        let mut of_user: BTreeMap<String, Vec<StoredRecord>> = BTreeMap::new();
        records.visit(RecordKind::Grant, &all_grants(&records), |record| {
            let source = match records.decrypt::<Grant>(&record) {
                Ok(grant) => {
                    Some(grant.value).filter(|grant| grant.holder == holder).map(|grant| grant.source)
                }
                // A record that cannot be decrypted belongs to the user if its subject does.
                Err(_) => subjects.get(&record.index.subject).map(|source| (*source).to_owned()),
            };
            if let Some(source) = source {
                of_user.entry(source).or_default().push(record);
            }
        })?;
        let mut ended = Vec::new();
        for (source, grants) in of_user {
            ended.extend(self.remove(&source, grants)?);
        }
        Ok(ended)
    }

    /// Removes stored grants of a source, then revokes their tokens. All of them are removed before the first request is sent.
    ///
    /// # Errors
    /// The store's.
    pub fn remove(&mut self, source: &str, grants: Vec<StoredRecord>) -> Result<Vec<SignedOutGrant>> {
        let mut removed = Vec::new();
        for grant in grants {
            removed.push(self.take(grant)?);
        }
        let ended: Vec<SignedOutGrant> = removed
            .into_iter()
            .filter_map(|taken| match taken {
                Taken::Gone => None,
                Taken::Unreadable => Some(unreadable(source)),
                Taken::Removed(stored) => Some(self.finish(stored)),
            })
            .collect();
        if !ended.is_empty() {
            let counts = ended.iter().map(SignedOutGrant::counts);
            let (revoked, not_revoked) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            let grants = ended.len();
            self.client.context.events.log(Event::SignedOut { source, grants, revoked, not_revoked });
        }
        Ok(ended)
    }

    /// Revokes the tokens of a sign-in that ended while it was stored, and removes its grant. The grant of another sign-in stays.
    ///
    /// # Errors
    /// The store's. The tokens are then not revoked.
    pub fn withdraw(&mut self, grant: &Grant) -> Result<()> {
        let context = self.client.context;
        let records = &context.records;
        let key = grant.record_key(records);
        for _ in 0..TRIES {
            let revocation = StoredRevocation {
                key: secret::random_text()?,
                pending: PendingRevocation::of(grant, context.clock.now()),
            };
            let mut batch = vec![revocation.pending.put(records, &revocation.key)?];
            if let Some(stored) = records.store.get(RecordKind::Grant, &key)? {
                let is_own =
                    records.decrypt::<Grant>(&stored).is_ok_and(|own| has_same_tokens(&own.value, grant));
                let delete = RecordWrite::Delete {
                    kind: RecordKind::Grant,
                    key: stored.key,
                    expected: stored.version,
                };
                batch.extend(is_own.then_some(delete));
            }
            if records.store.write(&batch)? == WriteOutcome::Done {
                self.finish(revocation);
                return Ok(());
            }
        }
        Err(Error::new(Code::StoreConflict))
    }

    /// Removes a grant from the store, and stores its tokens for the revocation in the same batch. A refresh that is under way
    /// ends first, if it ends in time: its new tokens are then the ones that are revoked.
    fn take(&self, mut record: StoredRecord) -> Result<Taken> {
        let context = &self.client.context;
        let records = &context.records;
        // Without the lease the grant is removed all the same: the writer of a refresh does not store a removed grant again.
        let _lease = lease::wait(records, context.limits, &record.key, |_| Ok(None::<()>)).ok();
        for _ in 0..TRIES {
            let Some(stored) = records.store.get(RecordKind::Grant, &record.key)? else {
                return Ok(Taken::Gone);
            };
            record = stored;
            let delete = RecordWrite::Delete {
                kind: RecordKind::Grant,
                key: record.key.clone(),
                expected: record.version,
            };
            let mut batch = vec![delete];
            let taken = match records.decrypt::<Grant>(&record) {
                Ok(grant) => {
                    let pending = PendingRevocation::of(&grant.value, context.clock.now());
                    let stored = StoredRevocation { key: secret::random_text()?, pending };
                    batch.push(stored.pending.put(records, &stored.key)?);
                    Taken::Removed(stored)
                }
                Err(_) => Taken::Unreadable,
            };
            if records.store.write(&batch)? == WriteOutcome::Done {
                return Ok(taken);
            }
        }
        Err(Error::new(Code::StoreConflict))
    }

    /// Revokes the tokens of a removed grant. The stored record of the revocation is deleted, unless it is worth a retry.
    fn finish(&mut self, stored: StoredRevocation) -> SignedOutGrant {
        let StoredRevocation { key, pending } = stored;
        let context = &self.client.context;
        let now = context.clock.now();
        let outcome = self.revoke(&pending, now);
        if let Some(error) = &outcome.error
            && error.code() != Code::RevocationNotSupported
        {
            context
                .events
                .log(Event::TokenNotRevoked { source: &pending.source, error: error.code().name() });
        }
        let is_retried = outcome.error.as_ref().is_some_and(may_retry) && now < pending.retry_until;
        if !is_retried {
            forget(&context.records, &key);
        }
        if let Some(error) = outcome.error.as_ref().filter(|error| may_retry(error))
            && self.unavailable_because(&pending.source).is_none()
        {
            self.unavailable.push((pending.source.clone(), error.clone()));
        }
        outcome.report(&pending, is_retried)
    }

    fn unavailable_because(&self, source: &str) -> Option<&Error> {
        self.unavailable.iter().find(|(unavailable, _)| unavailable == source).map(|(_, error)| error)
    }

    /// Revokes the refresh token, then the access token. With the refresh token, many servers revoke the access token too, but
    /// they need not (RFC 7009, 2.1).
    fn revoke(&self, pending: &PendingRevocation, now: UnixSeconds) -> Outcome {
        let mut outcome = Outcome::before(pending, now);
        if !outcome.has_work() {
            return outcome;
        }
        if let Some(error) = self.unavailable_because(&pending.source) {
            return outcome.failed(error.clone());
        }
        let (credentials, endpoint) = match self.endpoint(pending) {
            Ok(found) => found,
            Err(error) => return outcome.failed(error),
        };
        for kind in [TokenKind::RefreshToken, TokenKind::AccessToken] {
            if *outcome.of(kind) != TokenRevocation::NotRevoked {
                continue;
            }
            let question = TokenInQuestion { kind, token: pending.token(kind) };
            let service = TokenService::Revocation;
            match self.client.ask_about_token(&credentials, service, &endpoint, question, confirm) {
                Ok(()) => *outcome.of(kind) = TokenRevocation::Revoked,
                Err(error) if error.code() == Code::RevocationNotSupported => {
                    *outcome.of(kind) = TokenRevocation::NotSupported;
                    outcome.error.get_or_insert(error);
                }
                // The other token would fail in the same way.
                Err(error) if may_retry(&error) => return outcome.failed(error),
                Err(error) => outcome.error = Some(error),
            }
        }
        outcome
    }

    /// The revocation endpoint of the server that issued the tokens, and the credentials for it.
    fn endpoint<'s>(&'s self, pending: &PendingRevocation) -> Result<(EndpointCredentials<'s>, Url)> {
        let unsupported = |detail: &str| {
            Error::new(Code::RevocationNotSupported).detail(format!("source {}: {detail}", pending.source))
        };
        let source = self
            .sources
            .by_id(&pending.source)
            .map_err(|_| unsupported("the configuration does not have this source any more"))?;
        if !source.is_server_of(&pending.issuer) {
            return Err(unsupported("another server issued the token, so it is not sent to this one"));
        }
        let registration = match pending.holder {
            Holder::System => system_registration(source)?,
            Holder::User(_) => &source.registration,
        };
        let credentials = self.client.credentials(source, registration)?;
        if pending.issuer != source.issuer(&credentials.endpoint) {
            return Err(unsupported("another server issued the token, so it is not sent to this one"));
        }
        let endpoint =
            self.client.service_endpoint(source, &credentials.endpoint, TokenService::Revocation)?;
        Ok((credentials, endpoint))
    }

    /// Retries the unfinished revocations of earlier calls. Returns those that are finished and those that are not.
    ///
    /// # Errors
    /// The store's.
    pub fn retry(&mut self) -> Result<(usize, usize)> {
        let (mut finished, mut unfinished) = (0, 0);
        let query = RecordQuery { state: Some(REVOCATION_STATE.to_owned()), ..RecordQuery::default() };
        let query =
            RecordQuery { organization: self.client.context.records.organization.to_owned(), ..query };
        for record in self.client.context.records.scan(RecordKind::Grant, &query)? {
            // A record that cannot be decrypted expires by itself.
            let Ok(stored) = self.client.context.records.decrypt::<PendingRevocation>(&record) else {
                continue;
            };
            let ended = self.finish(StoredRevocation { key: stored.key, pending: stored.value });
            if ended.retry_until.is_some() { unfinished += 1 } else { finished += 1 }
        }
        Ok((finished, unfinished))
    }
}

/// A grant that [`Revoker`] removed.
enum Taken {
    /// Another process has removed it.
    Gone,
    /// It could not be decrypted, so its tokens are not known.
    Unreadable,
    /// Its tokens are to be revoked.
    Removed(StoredRevocation),
}

/// Deletes the record of a revocation. One that stays behind is retried once more, or expires.
fn forget(records: &SealedStore<'_>, key: &str) {
    if let Ok(Some(record)) = records.store.get(RecordKind::Grant, key) {
        let _ = records.delete(RecordKind::Grant, key, record.version);
    }
}
