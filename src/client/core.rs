//! The parts of a client: the hooks of a host, and the core that lives as long as a worker process.

use crate::{
    access::Access,
    clock::{Clock, SystemClock},
    config::Config,
    discovery::DiscoveryCache,
    error::{Code, Error, Result},
    jose::KeyRing,
    launch,
    learned::Learned,
    log::Log,
    net::{Network, Proxy},
    pull::{
        mapping::Mapping,
        minimum_scopes::{MinimumScopes, minimum_scopes},
    },
    register::{self, RegistrationSheet},
    secret::SecretProvider,
    source::{Sources, ring_config},
    store::{SqliteStore, Store},
};
use std::sync::Arc;

/// The hooks of a host.
pub struct Hooks {
    /// Stores the sealed records.
    pub store: Box<dyn Store>,
    /// Decides which user may do what.
    pub access: Box<dyn Access>,
    /// Returns the time.
    pub clock: Box<dyn Clock>,
    /// Returns the secrets that the configuration names as `hook:NAME`.
    pub secrets: Option<Box<dyn SecretProvider>>,
    /// Receives the log events.
    pub log: Option<Box<dyn Log>>,
}

impl Hooks {
    /// Hooks with the clock of the operating system, no secret provider and no log.
    ///
    /// There is no default for `access`. A host that allows every user every action passes [`crate::AllowAll`].
    pub fn new(store: Box<dyn Store>, access: Box<dyn Access>) -> Self {
        Hooks { store, access, clock: Box::new(SystemClock), secrets: None, log: None }
    }
}

/// The part of a client that lives as long as a worker process: the checked configuration, the connections and their TLS
/// certificates. The clients of many requests share it. After a fork, each process opens its own connections.
pub struct Core {
    pub(super) config: Config,
    pub(super) sources: Sources,
    pub(super) network: Network,
    pub(super) discovery_cache: DiscoveryCache,
    pub(super) learned: Learned,
    /// The embedded store's connection, if the configuration names one.
    embedded: Option<Arc<SqliteStore>>,
}

impl Core {
    /// Checks the configuration. It opens and reads no files and sends no requests.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] or [`Code::UrlNotAllowed`], with the name of the entry.
    pub fn new(config: Config) -> Result<Arc<Self>> {
        let sources = Sources::build(&config)?;
        launch::check_urls(&config.handoff_urls)?;
        let network = Network::new(config.limits.clone(), &config.tls, config.base.as_deref())
            .with_proxy(Proxy::parse(config.proxy.as_deref())?);
        let in_base = |file: &std::path::PathBuf| {
            config.base.as_ref().map_or_else(|| file.clone(), |base| base.join(file))
        };
        let embedded = config.store.as_ref().map(|store| Arc::new(SqliteStore::new(in_base(&store.sqlite))));
        Ok(Arc::new(Core {
            config,
            sources,
            network,
            discovery_cache: DiscoveryCache::default(),
            learned: Learned::default(),
            embedded,
        }))
    }

    /// The sources of the configuration.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(super) fn key_ring<'a>(
        &'a self,
        name: &str,
        secrets: Option<&'a dyn SecretProvider>,
    ) -> Result<KeyRing<'a>> {
        let config = ring_config(&self.config.key_rings, name)?;
        Ok(KeyRing { config, base: self.config.base.as_deref(), secrets })
    }

    /// What a person copies into the vendor's console to register the application for a source. `launch_url`: where the EHR opens
    /// the application. `jwks_url`: where the application publishes its public keys, if it uses `private_key_jwt`.
    ///
    /// # Errors
    /// [`Code::SourceNotFound`], [`Code::UrlNotAllowed`].
    pub fn registration_sheet(
        &self,
        source: &str,
        launch_url: &str,
        jwks_url: Option<&str>,
    ) -> Result<RegistrationSheet> {
        register::sheet(self.sources.by_id(source)?, launch_url, jwks_url)
    }

    /// The fewest scopes with which a mapping can be pulled from a source, and what the scopes of the source do not cover.
    ///
    /// # Errors
    /// [`Code::SourceNotFound`].
    pub fn minimum_scopes(&self, source: &str, mapping: &Mapping) -> Result<MinimumScopes> {
        Ok(minimum_scopes(self.sources.by_id(source)?, mapping))
    }

    /// The embedded store of the configuration. All clients share it.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] if the configuration names no store.
    pub fn embedded_store(&self) -> Result<Arc<SqliteStore>> {
        self.embedded.clone().ok_or_else(|| {
            Error::new(Code::ConfigInvalid)
                .detail("the configuration names no store")
                .hint(r#"Add to the configuration: "store": {"sqlite": "fhir_ehr.sqlite"}"#)
        })
    }
}
