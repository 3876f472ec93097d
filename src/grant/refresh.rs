//! A token that can be used now: as stored, refreshed, or taken over from another process's refresh.
//!
//! One refresh for one grant over all processes: a lease in the store, and the grant read anew under it.
//! The new tokens are stored before anybody gets to use them, and a grant is dropped only when the server
//! itself says `invalid_grant` and nobody has changed it meanwhile (DESIGN section 3, decisions 5 and 6).

use super::{
    Grant, Holder, not_found,
    token_endpoint::{self, Ask, Client, TokenAnswer},
};
use crate::{
    clock::Clock,
    config::{Limits, Registration},
    error::{Code, Error, Result},
    log::{Events, Level},
    net::Network,
    secret::{self, ExposeSecret, Keys, Secret},
    source::{
        Issuer, Source,
        discovery::{Discovered, Endpoints},
    },
    store::{
        Kind, Lease,
        records::{Opened, Records},
    },
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// What token requests need.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    /// The stored grants.
    pub records: Records<'a>,
    /// The way to the EHR.
    pub network: &'a Network,
    /// Endpoints that were asked for.
    pub discovered: &'a Discovered,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Bounds.
    pub limits: &'a Limits,
    /// The host's key service, for client secrets.
    pub keys: Option<&'a dyn Keys>,
    /// Who hears what happened.
    pub events: Events<'a>,
}

/// How often somebody else's refresh is looked after.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl Tokens<'_> {
    /// One request at the token endpoint.
    ///
    /// # Errors
    /// See [`token_endpoint::judge`], and the network's.
    pub fn ask(&self, source: &Source, registration: &Registration, ask: &Ask<'_>) -> Result<TokenAnswer> {
        let answer = self.ask_quietly(source, registration, ask);
        let grant_type = ask.grant_type();
        match &answer {
            Ok(_) => {
                let name =
                    if matches!(ask, Ask::Refresh { .. }) { "token_refreshed" } else { "token_obtained" };
                let fields = [("source", source.id.as_str()), ("grant_type", grant_type)];
                self.events.tell(Level::Info, name, &fields);
            }
            Err(error) => {
                let why = error.code().name();
                let fields = [("source", source.id.as_str()), ("grant_type", grant_type), ("error", why)];
                self.events.tell(Level::Warning, "token_refused", &fields);
            }
        }
        answer
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
        let endpoints = self.endpoints(source)?;
        ask.may_go_to(source, &endpoints.token)?;
        let secret = source.client_secret(registration, self.keys)?;
        let client = Client { id: &registration.client_id, secret: secret.as_ref() };
        let request = token_endpoint::request(&endpoints.token, &client, ask, &source.policy)?;
        let response = self.network.one(request).map_err(|cause| cause.detail("at the token endpoint"))?;
        token_endpoint::judge(&endpoints.token, &client, ask, &response)
    }

    /// The source's endpoints: stored, or discovered.
    ///
    /// # Errors
    /// [`Code::DiscoveryFailed`].
    pub fn endpoints(&self, source: &Source) -> Result<Endpoints> {
        self.discovered.endpoints(source, self.network)
    }

    /// The grant with an access token that is not stale and is not `rejected`, which the FHIR server has
    /// just refused.
    ///
    /// # Errors
    /// [`Code::GrantExpired`], [`Code::InvalidGrant`], [`Code::RefreshBusy`], or the token endpoint's.
    pub fn usable(
        &self,
        source: &Source,
        grant: Opened<Grant>,
        rejected: Option<&Secret>,
    ) -> Result<Opened<Grant>> {
        if self.is_usable(&grant.value, rejected) {
            return Ok(grant);
        }
        let renewable = grant.value.holder == Holder::System || has_refresh_token(&grant.value);
        if !renewable {
            // It can never be used again.
            self.records.delete(Kind::Grant, &grant.key, grant.version)?;
            return Err(Error::new(Code::GrantExpired).detail(format!("source {}", source.id)));
        }
        let holder = secret::random_text()?;
        let patience = Duration::from_secs(self.limits.request_seconds);
        let began = Instant::now();
        loop {
            let lease =
                self.records.store.acquire_lease(&grant.key, &holder, self.limits.refresh_lease_seconds)?;
            // Somebody may have been first: with the lease, or while it was waited for.
            let Some(standing) = self.records.get::<Grant>(Kind::Grant, &grant.key)? else {
                self.give_back(lease);
                return Err(not_found(source));
            };
            if self.is_usable(&standing.value, rejected) {
                self.give_back(lease);
                return Ok(standing);
            }
            if lease.is_some() {
                let renewed = self.renew(source, standing);
                self.give_back(lease);
                return renewed;
            }
            if began.elapsed() > patience {
                return Err(Error::new(Code::RefreshBusy));
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    fn is_usable(&self, grant: &Grant, rejected: Option<&Secret>) -> bool {
        let refused =
            rejected.is_some_and(|token| token.expose_secret() == grant.access_token.expose_secret());
        !refused && !grant.is_stale(self.clock.now())
    }

    /// A lease that cannot be given back ends by itself.
    fn give_back(&self, lease: Option<Lease>) {
        if let Some(lease) = lease {
            let _ = self.records.store.release_lease(&lease);
        }
    }

    fn renew(&self, source: &Source, old: Opened<Grant>) -> Result<Opened<Grant>> {
        let mut issuer = old.value.issuer.clone();
        let answer = match &old.value.holder {
            Holder::System => {
                let registration = source.system_registration.as_ref().ok_or_else(|| not_found(source))?;
                issuer = source.issuer(&self.endpoints(source)?.token);
                self.ask(source, registration, &Ask::ClientCredentials(&source.system_scopes()))
            }
            Holder::User(_) => {
                let ask = Ask::Refresh { token: &old.value.refresh_token, issuer: &issuer };
                self.ask(source, &source.registration, &ask)
            }
        };
        match answer {
            Ok(answer) => self.keep(source, issuer, old, &answer),
            Err(error) if error.code() == Code::InvalidGrant => Err(self.drop_confirmed(&old, error)),
            Err(error) => Err(error),
        }
    }

    /// Stores the new tokens; over what stands there, unless that is newer than what was spent.
    fn keep(
        &self,
        source: &Source,
        issuer: Issuer,
        old: Opened<Grant>,
        answer: &TokenAnswer,
    ) -> Result<Opened<Grant>> {
        let asked = crate::scope::ScopeSet::parse(&old.value.scope);
        let holder = old.value.holder.clone();
        let mut grant = Grant::from_answer(source, issuer, holder, answer, &asked, self.clock.now());
        // The patient of a launch stays the patient of its grant, also where a refresh does not repeat it.
        grant.patient.clone_from(&old.value.patient);
        grant.patient_mrns.clone_from(&old.value.patient_mrns);
        if answer.refresh_token.is_none() {
            // O3: no new refresh token means that the old one stays.
            grant.refresh_token = old.value.refresh_token.clone();
        }
        let address = grant.address(&self.records);
        let mut version = old.version;
        loop {
            match self.records.write(Kind::Grant, &address, &grant, version) {
                Ok(()) => return Ok(Opened { key: old.key, version: version + 1, value: grant }),
                Err(error) if error.code() == Code::StoreConflict => {}
                Err(error) => return Err(error),
            }
            match self.records.get::<Grant>(Kind::Grant, &address.key)? {
                Some(standing) if !same_secret(&standing.value, &old.value) => return Ok(standing),
                Some(standing) => version = standing.version,
                None => version = 0,
            }
        }
    }

    /// The server says that the refresh token is no good. If it is still the stored one, the grant is
    /// dropped; if not, somebody else has a newer one, and this error is for this call only.
    fn drop_confirmed(&self, old: &Opened<Grant>, error: Error) -> Error {
        match self.records.get::<Grant>(Kind::Grant, &old.key) {
            Ok(Some(standing)) if same_secret(&standing.value, &old.value) => {
                match self.records.delete(Kind::Grant, &standing.key, standing.version) {
                    Ok(_) => error,
                    Err(failed) => failed,
                }
            }
            Ok(_) => Error::new(Code::RefreshBusy),
            Err(failed) => failed,
        }
    }
}

fn has_refresh_token(grant: &Grant) -> bool {
    !grant.refresh_token.expose_secret().is_empty()
}

fn same_secret(one: &Grant, other: &Grant) -> bool {
    one.refresh_token.expose_secret() == other.refresh_token.expose_secret()
}
