//! The endpoints that a source uses: set in the configuration, approved, or discovered and kept for an hour.

use super::{
    approval::{self, Approval},
    endpoints::{Endpoints, ServerMetadata},
    key_cache::KeyCache,
    server::Server,
};
use crate::{
    clock::{Clock, UnixSeconds},
    error::Result,
    log::{Event, Events},
    net::Network,
    secret::SecretProvider,
    source::{ConfiguredEndpoints, Source},
    store::{
        RecordKind,
        sealed_store::{Address, DecryptedRecord, SealedStore},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use url::Url;

/// Seconds for which discovered endpoints are used without another request.
const FOUND_SECONDS: i64 = 3600;

/// Seconds for which a failed discovery is not repeated by the same process (D6).
const FAILURE_SECONDS: i64 = 30;

/// What one process has discovered.
#[derive(Debug, Default)]
pub struct DiscoveryCache {
    metadata: Mutex<HashMap<String, Cached>>,
    /// The keys of authorization servers.
    pub(super) keys: KeyCache,
}

#[derive(Clone, Debug)]
struct Cached {
    since: UnixSeconds,
    result: Result<ServerMetadata>,
}

/// What all processes share.
#[derive(Debug, Serialize, Deserialize)]
struct SharedEntry {
    since: UnixSeconds,
    metadata: ServerMetadata,
}

/// Finds the endpoints of sources.
#[derive(Clone, Copy)]
pub struct Resolver<'a> {
    /// The sealed records of the organization.
    pub records: SealedStore<'a>,
    /// The network.
    pub network: &'a Network,
    /// What this process has discovered.
    pub cache: &'a DiscoveryCache,
    /// The host's clock.
    pub clock: &'a dyn Clock,
    /// The host's secret provider, for header values.
    pub secrets: Option<&'a dyn SecretProvider>,
    /// The log of events.
    pub events: Events<'a>,
}

impl Resolver<'_> {
    /// The token endpoint. With a configured one, no request is sent: no document of the server can lead the client secret
    /// somewhere else.
    ///
    /// # Errors
    /// As [`Resolver::metadata`].
    pub fn token_endpoint(&self, source: &Source) -> Result<Url> {
        match &source.token_endpoint {
            Some(configured) => Ok(configured.clone()),
            None => Ok(self.metadata(source)?.endpoints.token),
        }
    }

    /// The metadata if the configuration has both the authorization and the token endpoint: no request is sent then.
    pub fn configured(source: &Source) -> Option<Endpoints> {
        let token = source.token_endpoint.clone()?;
        let authorization = Some(source.authorization_endpoint.clone()?);
        let endpoints = Endpoints { authorization, ..Endpoints::token_only(token) };
        Some(over(&source.endpoints, endpoints))
    }

    /// What the server publishes, with the endpoints that are approved and those that the configuration sets.
    ///
    /// # Errors
    /// [`crate::Code::EndpointsChanged`], [`crate::Code::DiscoveryFailed`], the network's when the server did not answer, and the
    /// store's.
    pub fn metadata(&self, source: &Source) -> Result<ServerMetadata> {
        let approval = approval::read(&self.records, source)?;
        let found = self.found(source, approval.as_ref().map_or(0, |approval| approval.approved_at));
        let used = match (approval, found) {
            (Some(approval), Ok(found)) => self.unchanged(source, approval, found)?,
            // An approved endpoint needs no document.
            (Some(approval), Err(_)) => approval.metadata,
            (None, found) => found.map_err(|error| error.within(&format!("source {}", source.id)))?,
        };
        Ok(with_configured(source, used))
    }

    /// The approved metadata, unless the server now publishes another endpoint.
    fn unchanged(
        &self,
        source: &Source,
        approval: Approval,
        found: ServerMetadata,
    ) -> Result<ServerMetadata> {
        let approved = with_configured(source, approval.metadata.clone());
        let found = with_configured(source, found);
        if let Some(changed) = approved.endpoints.changed(&found.endpoints) {
            self.events.log(Event::EndpointsChanged { source: &source.id, member: changed.member });
            return Err(approval::changed(source, changed));
        }
        Ok(approval.metadata)
    }

    /// What the server publishes: known to this process, known to another one, or requested now. Entries from before `not_before`
    /// are requested again.
    fn found(&self, source: &Source, not_before: UnixSeconds) -> Result<ServerMetadata> {
        let now = self.clock.now();
        let key = self.key(source);
        let is_fresh = |since: UnixSeconds, seconds: i64| {
            since >= not_before && (0..seconds).contains(&now.saturating_sub(since))
        };
        let known = self.cache.metadata.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(Cached { since, result }) = known {
            let seconds = if result.is_ok() { FOUND_SECONDS } else { FAILURE_SECONDS };
            if is_fresh(since, seconds) {
                return result;
            }
        }
        let shared = self.records.get::<SharedEntry>(RecordKind::SourceEndpoints, &key);
        let shared: Option<DecryptedRecord<SharedEntry>> = shared.ok().flatten();
        if let Some(entry) = shared.as_ref().filter(|entry| is_fresh(entry.value.since, FOUND_SECONDS)) {
            return self.remember(key, entry.value.since, Ok(entry.value.metadata.clone()));
        }
        let server = Server::of(source, self.network, self.secrets);
        let result = server.and_then(|server| server.metadata());
        if let Ok(metadata) = &result {
            self.share(&key, shared.map_or(0, |entry| entry.version), now, metadata);
        }
        self.remember(key, now, result)
    }

    fn remember(
        &self,
        key: String,
        since: UnixSeconds,
        result: Result<ServerMetadata>,
    ) -> Result<ServerMetadata> {
        let cached = Cached { since, result: result.clone() };
        self.cache.metadata.lock().unwrap_or_else(PoisonError::into_inner).insert(key, cached);
        result
    }

    /// Stores the metadata for other processes. If that fails, they send their own request.
    fn share(&self, key: &str, expected: i64, since: UnixSeconds, metadata: &ServerMetadata) {
        let address = Address { key: key.to_owned(), expires_in: Some(FOUND_SECONDS), ..Address::default() };
        let entry = SharedEntry { since, metadata: metadata.clone() };
        let _ = self.records.write(RecordKind::SourceEndpoints, &address, &entry, expected);
    }

    /// A source whose base URL changed is another server.
    fn key(&self, source: &Source) -> String {
        let parts = [self.records.organization, &source.id, source.base.as_str()];
        self.records.vault.index("discovered endpoints", &parts)
    }

    /// Requests what the server publishes now, and approves it: from now on, another endpoint is refused.
    ///
    /// # Errors
    /// As [`Server::metadata`], and the store's.
    pub fn approve(&self, source: &Source) -> Result<ServerMetadata> {
        let found = Server::of(source, self.network, self.secrets)?.metadata()?;
        let now = self.clock.now();
        approval::write(&self.records, source, &Approval { approved_at: now, metadata: found.clone() })?;
        let _ = self.remember(self.key(source), now, Ok(found.clone()));
        self.events.log(Event::EndpointsApproved { source: &source.id });
        Ok(with_configured(source, found))
    }
}

/// The endpoints of a server, with those that the configuration sets besides the two that a sign-in needs.
fn over(configured: &ConfiguredEndpoints, published: Endpoints) -> Endpoints {
    let ConfiguredEndpoints { issuer, introspection, revocation, management, registration, jwks } =
        configured.clone();
    Endpoints {
        issuer: issuer.or(published.issuer),
        introspection: introspection.or(published.introspection),
        revocation: revocation.or(published.revocation),
        management: management.or(published.management),
        registration: registration.or(published.registration),
        jwks: jwks.or(published.jwks),
        ..published
    }
}

/// The metadata with the endpoints that the configuration sets.
fn with_configured(source: &Source, metadata: ServerMetadata) -> ServerMetadata {
    let mut endpoints = over(&source.endpoints, metadata.endpoints);
    if let Some(token) = &source.token_endpoint {
        endpoints.token = token.clone();
    }
    if let Some(authorization) = &source.authorization_endpoint {
        endpoints.authorization = Some(authorization.clone());
    }
    ServerMetadata { endpoints, ..metadata }
}
