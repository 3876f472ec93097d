//! The services of one call: the sealed store, the network, the clock, the limits and the host's hooks.

use crate::{
    clock::Clock,
    config::Limits,
    discovery::{DiscoveryCache, Resolver},
    error::Result,
    learned::Learned,
    log::Events,
    net::Network,
    secret::SecretProvider,
    source::Source,
    store::sealed_store::SealedStore,
};
use url::Url;

/// The services that launch, grant, pull and doctor share.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The sealed records of the organization.
    pub records: SealedStore<'a>,
    /// The network.
    pub network: &'a Network,
    /// The endpoints that this process has discovered.
    pub discovery_cache: &'a DiscoveryCache,
    /// What this process learned from token endpoints.
    pub learned: &'a Learned,
    /// The host's clock.
    pub clock: &'a dyn Clock,
    /// The limits of the configuration.
    pub limits: &'a Limits,
    /// The host's secret provider, for secrets that the configuration names as `hook:NAME`.
    pub secrets: Option<&'a dyn SecretProvider>,
    /// The host's log.
    pub events: Events<'a>,
}

impl Context<'_> {
    /// Finds the endpoints of sources.
    pub fn resolver(&self) -> Resolver<'_> {
        let Context { records, network, clock, secrets, events, .. } = *self;
        Resolver { records, network, cache: self.discovery_cache, clock, secrets, events }
    }

    /// The token endpoint of a source, from the configuration or from discovery.
    ///
    /// # Errors
    /// [`crate::Code::EndpointsChanged`], [`crate::Code::DiscoveryFailed`], the network's when the server did not answer, and the
    /// store's.
    pub fn token_endpoint(&self, source: &Source) -> Result<Url> {
        self.resolver().token_endpoint(source)
    }
}
