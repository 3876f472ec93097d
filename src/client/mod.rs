//! The public API: one method for each call of a host. A method asks the access hook, then calls one module.

mod administration;
mod core;
mod grants;
mod sign_in;
mod study;

pub use self::core::{Core, Hooks};
use crate::{
    access::{self, Access, Action},
    config::Config,
    context::Context,
    error::Result,
    log::Events,
    source::Sources,
    staging::draft,
    store::{RecordQuery, checked_store::CheckedStore, sealed_store::SealedStore},
    vault::Vault,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A core with the hooks of a host. It can serve one request or many, and threads may share it.
pub struct Client {
    core: Arc<Core>,
    vault: Vault,
    hooks: Hooks,
    index_key_checked: AtomicBool,
}

impl Client {
    /// Creates a client with its own core.
    ///
    /// # Errors
    /// As [`Core::new`] and [`Client::with_core`].
    pub fn new(config: Config, hooks: Hooks) -> Result<Self> {
        Self::with_core(Core::new(config)?, hooks)
    }

    /// Creates a client that shares a core. It reads the vault keys, so that a changed key file or secret provider needs no
    /// restart.
    ///
    /// # Errors
    /// [`crate::Code::SecretUnavailable`] or [`crate::Code::ConfigInvalid`] if a vault key cannot be read.
    pub fn with_core(core: Arc<Core>, hooks: Hooks) -> Result<Self> {
        let vault = Vault::open(&core.config.vault, core.config.base.as_deref(), hooks.secrets.as_deref())?;
        let hooks = Hooks { store: Box::new(CheckedStore(hooks.store)), ..hooks };
        Ok(Client { core, vault, hooks, index_key_checked: AtomicBool::new(false) })
    }

    /// Creates a client with the embedded store of the configuration and an access hook.
    ///
    /// # Errors
    /// As [`Client::new`], and [`crate::Code::ConfigInvalid`] if the configuration names no store.
    pub fn with_embedded_store(config: Config, access: Box<dyn Access>) -> Result<Self> {
        let core = Core::new(config)?;
        let store = core.embedded_store()?;
        Self::with_core(core, Hooks::new(Box::new(store), access))
    }

    /// Checks, once for each client, that the store was written with this index key.
    fn check_index_key_once(&self) -> Result<()> {
        if !self.index_key_checked.load(Ordering::Acquire) {
            self.records().check_index_key()?;
            self.index_key_checked.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn records(&self) -> SealedStore<'_> {
        SealedStore {
            store: &*self.hooks.store,
            vault: &self.vault,
            organization: &self.core.config.organization,
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            records: self.records(),
            network: &self.core.network,
            discovery_cache: &self.core.discovery_cache,
            learned: &self.core.learned,
            clock: &*self.hooks.clock,
            limits: &self.core.config.limits,
            secrets: self.hooks.secrets.as_deref(),
            events: self.events(),
        }
    }

    fn events(&self) -> Events<'_> {
        Events(self.hooks.log.as_deref())
    }

    fn require(&self, user: &str, project: &str, action: Action) -> Result<()> {
        access::require(&*self.hooks.access, user, project, action)?;
        self.check_index_key_once()
    }

    /// The sources of the configuration.
    pub fn sources(&self) -> &Sources {
        &self.core.sources
    }

    /// Deletes expired stored records and the rows of pulls that were not finished. Returns the number of stored records.
    ///
    /// # Errors
    /// The store's errors.
    pub fn purge_expired(&self) -> Result<usize> {
        let (records, limits) = (self.records(), &self.core.config.limits);
        let query = RecordQuery { organization: records.organization.to_owned(), ..RecordQuery::default() };
        let purged = draft::purge_unfinished(&records, &query, limits)?;
        Ok(purged + self.hooks.store.purge_expired()?)
    }
}
