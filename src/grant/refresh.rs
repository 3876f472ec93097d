//! A token that can be used now: as stored, refreshed, or taken over from another process's refresh.
//!
//! One refresh for one grant over all processes: a lease in the store, and the grant read again under it.
//! What a request needs is looked up before the lease is taken. The new tokens are stored before they are
//! used, and a grant is dropped only when the server itself says `invalid_grant` and the stored one is still
//! the refused one.

use super::{
    Grant, Holder, keep,
    lease::{self, HeldLease, Turn},
    normalize::Odd,
    not_found, system,
    token_answer::{self, TokenAnswer},
    token_endpoint::{self, Ask, Client},
};
use crate::{
    clock::{Clock, UnixSeconds},
    config::{Limits, Registration},
    discovery::{Discovered, Endpoints},
    error::{Code, Error, Result},
    log::{Event, Events},
    net::Network,
    scope::ScopeSet,
    secret::{ExposeSecret, Secret, SecretProvider},
    source::Source,
    store::{
        RecordKind,
        checked::inconsistent_store,
        sealed_store::{Opened, SealedStore},
    },
};
use std::time::Duration;
use url::Url;

/// What token requests need.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    /// The stored grants.
    pub records: SealedStore<'a>,
    /// The way to the EHR.
    pub network: &'a Network,
    /// Endpoints that were asked for.
    pub discovered: &'a Discovered,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Bounds.
    pub limits: &'a Limits,
    /// The host's key service, for client secrets.
    pub secrets: Option<&'a dyn SecretProvider>,
    /// Who hears what happened.
    pub events: Events<'a>,
}

/// Where a token request goes and who makes it.
pub(super) struct Prepared<'a> {
    pub(super) source: &'a Source,
    client_id: &'a str,
    pub(super) endpoint: Url,
    secret: Option<Secret>,
}

impl Tokens<'_> {
    /// One request at the token endpoint.
    ///
    /// # Errors
    /// See [`token_answer::judge`], and the network's.
    pub fn ask(&self, source: &Source, registration: &Registration, ask: &Ask<'_>) -> Result<TokenAnswer> {
        let answer = self.ask_quietly(source, registration, ask);
        self.note(source, ask, &answer);
        answer
    }

    fn note(&self, source: &Source, ask: &Ask<'_>, answer: &Result<TokenAnswer>) {
        let grant_type = ask.grant_type();
        match answer {
            Ok(answer) => {
                let source_id = &source.id;
                self.events.log(if matches!(ask, Ask::Refresh { .. }) {
                    Event::TokenRefreshed { source: source_id, grant_type }
                } else {
                    Event::TokenObtained { source: source_id, grant_type }
                });
                self.note_odd(source, grant_type, answer);
            }
            Err(error) => {
                let error = error.code().name();
                self.events.log(Event::TokenRefused { source: &source.id, grant_type, error });
            }
        }
    }

    /// A warning about members that were not as the specification has them: their names, no values. A refresh may leave
    /// out the scope.
    fn note_odd(&self, source: &Source, grant_type: &str, answer: &TokenAnswer) {
        let may_lack_scope = grant_type == "refresh_token";
        let odd = answer.odd.iter().filter(|odd| !(may_lack_scope && **odd == Odd::NoScope));
        let members = odd.map(|odd| odd.name()).collect::<Vec<_>>().join(" ");
        if !members.is_empty() {
            let (source, members) = (source.id.as_str(), members.as_str());
            self.events.log(Event::TokenResponseNonstandard { source, grant_type, members });
        }
    }

    /// The same without an event: for a check that expects to be refused.
    ///
    /// # Errors
    /// As [`Tokens::ask`].
    pub fn ask_quietly(
        &self,
        source: &Source,
        registration: &Registration,
        ask: &Ask<'_>,
    ) -> Result<TokenAnswer> {
        let prepared = self.prepare(source, registration)?;
        self.send(&prepared, ask, || Ok(Duration::MAX))
    }

    /// Looks up what a token request needs: endpoints are discovered and the key service is asked here.
    pub(super) fn prepare<'s>(
        &self,
        source: &'s Source,
        registration: &'s Registration,
    ) -> Result<Prepared<'s>> {
        let endpoint = self.token_endpoint(source)?;
        let secret = source.client_secret(registration, self.secrets)?;
        Ok(Prepared { source, client_id: &registration.client_id, endpoint, secret })
    }

    fn send(
        &self,
        prepared: &Prepared<'_>,
        ask: &Ask<'_>,
        slice: impl FnMut() -> Result<Duration>,
    ) -> Result<TokenAnswer> {
        let Prepared { source, client_id, endpoint, secret } = prepared;
        ask.may_go_to(source, endpoint)?;
        let client = Client { id: client_id, secret: secret.as_ref() };
        let request = token_endpoint::request(endpoint, &client, ask, &source.policy)?;
        let response = self.network.one_in_slices(request, slice);
        let response = response.map_err(|cause| cause.detail("at the token endpoint"))?;
        token_answer::judge(endpoint, &client, ask, &response)
    }

    /// One request at the token endpoint that ends with the lease. The store is asked to renew the lease
    /// between two slices of the wait.
    fn ask_under(
        &self,
        lease: &mut HeldLease<'_>,
        prepared: &Prepared<'_>,
        ask: &Ask<'_>,
    ) -> Result<TokenAnswer> {
        if lease.slice().is_none() {
            return Err(lease::busy(self.limits));
        }
        let ended = || Error::new(Code::NetworkTimeout);
        let answer = self.send(prepared, ask, || lease.slice().ok_or_else(ended));
        self.note(prepared.source, ask, &answer);
        answer
    }

    /// The source's endpoints: stored, or discovered.
    ///
    /// # Errors
    /// [`Code::DiscoveryFailed`].
    pub fn endpoints(&self, source: &Source) -> Result<Endpoints> {
        self.discovered.endpoints(source, self.network)
    }

    /// Where token requests go: stored, or discovered.
    ///
    /// # Errors
    /// [`Code::DiscoveryFailed`].
    pub fn token_endpoint(&self, source: &Source) -> Result<Url> {
        self.discovered.token_endpoint(source, self.network)
    }

    /// The grant with an access token that is not stale and is not `rejected`, which the FHIR server has
    /// just refused.
    ///
    /// # Errors
    /// [`Code::GrantExpired`], [`Code::FhirUnauthorized`] for a token that cannot be refreshed and has not
    /// ended, [`Code::InvalidGrant`], [`Code::GrantRejected`], [`Code::RefreshBusy`], [`Code::GrantLost`], or the token endpoint's.
    pub fn usable(
        &self,
        source: &Source,
        grant: Opened<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<Opened<Grant>> {
        if self.is_usable(&grant.value, rejected) {
            return Ok(grant);
        }
        self.require_renewable(source, &grant)?;
        let registration = match grant.value.holder {
            Holder::System => system::registration(source)?,
            Holder::User(_) => &source.registration,
        };
        let prepared = self.prepare(source, registration)?;
        let mut spent = None;
        let turn = lease::wait(&self.records, self.limits, &grant.key, || {
            let standing = match self.records.get::<Grant>(RecordKind::Grant, &grant.key)? {
                Some(standing) => standing,
                // The system account gets another token without a user.
                None if grant.value.holder == Holder::System => return Ok(None),
                None => return Err(not_found(source)),
            };
            if self.is_usable(&standing.value, rejected) {
                return Ok(Some(standing));
            }
            // A replica that lags: a refresh token that was spent before must not be spent twice.
            if standing.version < grant.version {
                return Err(inconsistent_store("get", "the record is older than it was before"));
            }
            self.require_renewable(source, &standing)?;
            spent = Some(standing);
            Ok(None)
        })?;
        match turn {
            Turn::Done(standing) => Ok(standing),
            Turn::Held(mut lease) => self.renew(&mut lease, &prepared, spent),
        }
    }

    /// Whether the access token may be used. One that cannot be refreshed is used to its end.
    pub(super) fn is_usable(&self, grant: &Grant, rejected: Option<&Secret>) -> bool {
        let refused =
            rejected.is_some_and(|token| token.expose_secret() == grant.access_token.expose_secret());
        let now = self.clock.now();
        let over = if is_renewable(grant) { grant.is_stale(now) } else { grant.has_ended(now) };
        !refused && !over
    }

    /// Refuses a grant that cannot be refreshed. It is deleted only when its own time is over: what the FHIR
    /// server refuses for one type or for now, it may accept for another type or later.
    fn require_renewable(&self, source: &Source, grant: &Opened<Grant>) -> Result<()> {
        if is_renewable(&grant.value) {
            return Ok(());
        }
        let code = if grant.value.has_ended(self.clock.now()) {
            self.records.delete(RecordKind::Grant, &grant.key, grant.version)?;
            Code::GrantExpired
        } else {
            Code::FhirUnauthorized
        };
        Err(Error::new(code).detail(format!("source {}", source.id)))
    }

    /// Asks for new tokens under a lease and stores them. `spent` is the grant that is replaced; only the
    /// system account may have none.
    pub(super) fn renew(
        &self,
        lease: &mut HeldLease<'_>,
        prepared: &Prepared<'_>,
        spent: Option<Opened<Grant>>,
    ) -> Result<Opened<Grant>> {
        let source = prepared.source;
        let system_scopes = source.system_scopes();
        let of_user = spent.as_ref().filter(|spent| spent.value.holder != Holder::System);
        let ask = match of_user {
            Some(Opened { value, .. }) => Ask::Refresh { token: &value.refresh_token, issuer: &value.issuer },
            None => Ask::ClientCredentials(&system_scopes),
        };
        let answer = match self.ask_under(lease, prepared, &ask) {
            Ok(answer) => answer,
            Err(error) => {
                return match &spent {
                    Some(spent) if matches!(error.code(), Code::InvalidGrant | Code::GrantRejected) => {
                        self.refused(spent, error)
                    }
                    _ => Err(error),
                };
            }
        };
        let now = self.clock.now();
        let mut grant = match of_user {
            Some(Opened { value: old, .. }) => refreshed(source, old, &answer, now),
            None => {
                let issuer = source.issuer(&prepared.endpoint);
                Grant::from_answer(source, issuer, Holder::System, None, &answer, &system_scopes, now)
            }
        };
        let before = spent.as_ref().map_or(0, |spent| spent.value.fence);
        // The leases of a store that was set back begin again with low fences.
        grant.fence = lease.fence().max(before.saturating_add(1));
        keep::keep(&self.records, lease, grant, spent.as_ref())
    }

    /// The server refuses the refresh token. If it is still the stored one, the grant is deleted when the server's word
    /// leaves no doubt that it is over; if not, another process has stored a newer one, and that is used.
    fn refused(&self, spent: &Opened<Grant>, error: Error) -> Result<Opened<Grant>> {
        match self.records.get::<Grant>(RecordKind::Grant, &spent.key)? {
            Some(standing) if keep::same_secret(&standing.value, &spent.value) => {
                if error.code() == Code::InvalidGrant {
                    self.records.delete(RecordKind::Grant, &standing.key, standing.version)?;
                }
                Err(error)
            }
            Some(standing) if self.is_usable(&standing.value, None) => Ok(standing),
            _ => Err(lease::busy(self.limits)),
        }
    }
}

/// The grant that a refresh gives.
fn refreshed(source: &Source, old: &Grant, answer: &TokenAnswer, now: UnixSeconds) -> Grant {
    let asked = ScopeSet::parse(&old.scope);
    let (issuer, holder) = (old.issuer.clone(), old.holder.clone());
    let grant = Grant::from_answer(source, issuer, holder, None, answer, &asked, now);
    // O3: no new refresh token means that the old one stays.
    let refresh_token = answer.refresh_token.clone().unwrap_or_else(|| old.refresh_token.clone());
    // The patient of a launch stays the patient of its grant, also where a refresh does not repeat it.
    Grant { refresh_token, patient: old.patient.clone(), patient_mrns: old.patient_mrns.clone(), ..grant }
}

fn is_renewable(grant: &Grant) -> bool {
    grant.holder == Holder::System || !grant.refresh_token.expose_secret().is_empty()
}
