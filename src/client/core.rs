//! What a client is made of: the hooks of a host, and what lives as long as a worker.

use crate::{
    access::Access,
    clock::{Clock, SystemClock},
    config::Config,
    discovery::DiscoveryCache,
    error::{Code, Error, Result},
    jose::KeyRing,
    learned::Learned,
    log::Log,
    net::{Network, Proxy},
    secret::SecretProvider,
    source::{Sources, ring_config},
    store::{SqliteStore, Store},
};
use std::sync::Arc;

/// What a host brings.
pub struct Hooks {
    /// Where sealed records are kept.
    pub store: Box<dyn Store>,
    /// Who may do what.
    pub access: Box<dyn Access>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// The key service, for secrets that the configuration writes as `hook:NAME`.
    pub secrets: Option<Box<dyn SecretProvider>>,
    /// Who hears what happens.
    pub log: Option<Box<dyn Log>>,
}

impl Hooks {
    /// A store and an access hook; the clock of the machine, no secret provider, no log.
    ///
    /// There is no default for `access`: a host that does not ask who may do what says so with [`crate::AllowAll`].
    pub fn new(store: Box<dyn Store>, access: Box<dyn Access>) -> Self {
        Hooks { store, access, clock: Box::new(SystemClock), secrets: None, log: None }
    }
}

/// What lives as long as a worker: the checked configuration, and the connections with their TLS roots.
/// Clients of many requests share it; after a fork each process goes on with its own connections.
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
    /// Checks the configuration. Nothing is opened, read or sent.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] or [`Code::UrlNotAllowed`], naming the entry.
    pub fn new(config: Config) -> Result<Arc<Self>> {
        let sources = Sources::build(&config)?;
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

    /// The configuration's embedded store, shared by all clients.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] when the configuration names none.
    pub fn embedded_store(&self) -> Result<Arc<SqliteStore>> {
        self.embedded.clone().ok_or_else(|| {
            Error::new(Code::ConfigInvalid)
                .detail("no store")
                .hint(r#"add "store": {"sqlite": "fhir_ehr.sqlite"}"#)
        })
    }
}
