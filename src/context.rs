//! What one call of the client works with: the sealed store, the network, the clock, the limits and the host's hooks.

use crate::{
    clock::Clock,
    config::Limits,
    discovery::{DiscoveryCache, Endpoints},
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
    /// The endpoints that were discovered in this process.
    pub discovery_cache: &'a DiscoveryCache,
    /// What this process learned from token endpoints.
    pub learned: &'a Learned,
    /// The host's clock.
    pub clock: &'a dyn Clock,
    /// The limits of the configuration.
    pub limits: &'a Limits,
    /// The host's secret provider, for secrets that the configuration writes as `hook:NAME`.
    pub secrets: Option<&'a dyn SecretProvider>,
    /// The log of events.
    pub events: Events<'a>,
}

impl Context<'_> {
    /// The authorization and token endpoints of a source, from the configuration or else discovered.
    ///
    /// # Errors
    /// [`crate::Code::DiscoveryFailed`], or the network's when the server did not answer.
    pub fn endpoints(&self, source: &Source) -> Result<Endpoints> {
        self.discovery_cache.endpoints(source, self.network)
    }

    /// The token endpoint of a source, from the configuration or else discovered.
    ///
    /// # Errors
    /// As [`Context::endpoints`].
    pub fn token_endpoint(&self, source: &Source) -> Result<Url> {
        self.discovery_cache.token_endpoint(source, self.network)
    }
}
