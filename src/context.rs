//! The services of one call: the sealed store, the network, the clock, the limits and the host's hooks.

use crate::{
    clock::Clock,
    config::Limits,
    discovery::{DiscoveryCache, Endpoints},
    error::Result,
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
    /// The authorization and token endpoints of a source, from the configuration or from discovery.
    ///
    /// # Errors
    /// [`crate::Code::DiscoveryFailed`], or the network's errors if the server did not answer.
    pub fn endpoints(&self, source: &Source) -> Result<Endpoints> {
        self.discovery_cache.endpoints(source, self.network)
    }

    /// The token endpoint of a source, from the configuration or from discovery.
    ///
    /// # Errors
    /// As [`Context::endpoints`].
    pub fn token_endpoint(&self, source: &Source) -> Result<Url> {
        self.discovery_cache.token_endpoint(source, self.network)
    }
}
