//! The simulated EHR: its options, its patients' data, and the state that requests change.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    auth::{clients::Clients, state::AuthState},
    clock::Clock,
    faults::Faults,
    fhir::pages::Pages,
    options::{LaunchOptions, Options},
    personality::Profile,
    random::random_bytes,
    request_log::RequestLog,
    resources::{self, PutResult, Resource, Resources},
};

/// The state that requests change.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) auth: AuthState,
    pub(crate) faults: Faults,
    pub(crate) pages: Pages,
    pub(crate) log: Vec<RequestLog>,
}

/// The vault keys of the configuration document, base64 of 32 bytes each. They are made once, so that a simulator
/// returns the same document each time.
#[derive(Debug)]
pub(crate) struct VaultKeys {
    pub(crate) key: String,
    pub(crate) index_key: String,
}

/// One simulated EHR.
#[derive(Debug)]
pub(crate) struct Ehr {
    pub(crate) options: Options,
    pub(crate) profile: &'static Profile,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
    pub(crate) port: u16,
    /// A change replaces the `Arc`, so that a request sees the resources of one moment.
    resources: Mutex<Arc<Resources>>,
    pub(crate) mrn_systems: Vec<String>,
    pub(crate) clients: Clients,
    pub(crate) clock: Clock,
    connections: AtomicUsize,
    pub(crate) vault: VaultKeys,
    state: Mutex<State>,
}

impl Ehr {
    pub(crate) fn new(options: Options, port: u16, resources: Resources, faults: Faults) -> Self {
        let mut address = options.listen;
        address.set_port(port);
        let clients = Clients::new(&options);
        let clock = Clock::default();
        let vault_key = || STANDARD.encode(random_bytes::<32>());
        Self {
            profile: Profile::of(options.personality),
            base: format!("http://{address}"),
            port,
            mrn_systems: resources::mrn_systems(&resources, clock.now_ms()),
            resources: Mutex::new(Arc::new(resources)),
            clients,
            clock,
            connections: AtomicUsize::new(0),
            vault: VaultKeys { key: vault_key(), index_key: vault_key() },
            state: Mutex::new(State { faults, ..State::default() }),
            options,
        }
    }

    /// The FHIR base URL, without a slash at the end.
    pub(crate) fn iss(&self) -> String {
        format!("{}/fhir", self.base)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of an application on the EHR's pages.
    pub(crate) fn app_name(&self, number: usize) -> String {
        let name = self.options.app_names.get(number).filter(|name| !name.trim().is_empty());
        name.cloned().unwrap_or_else(|| format!("Application {}", number + 1))
    }

    /// The EHR user of a launch that names none.
    pub(crate) fn default_user(&self) -> String {
        self.options.logins.first().map_or_else(|| "portal".to_owned(), |login| login.user.clone())
    }

    /// Makes a launch token for a context.
    pub(crate) fn new_launch(&self, options: &LaunchOptions) -> String {
        self.state().auth.add_launch(options.clone(), self.clock.now_ms())
    }

    /// The resources as they are now.
    pub(crate) fn resources(&self) -> Arc<Resources> {
        self.resources.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the resources. Requests that are being answered keep the version they began with.
    fn change_resources<T>(&self, change: impl FnOnce(&mut Resources) -> T) -> T {
        change(Arc::make_mut(&mut self.resources.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Replaces or adds a resource. The error is a sentence.
    pub(crate) fn put_resource(&self, text: &str) -> Result<PutResult, String> {
        let now = self.clock.now_ms();
        self.change_resources(|resources| resources::put(resources, text, now))
    }

    /// Removes a resource that is not a Patient. The error is a sentence.
    pub(crate) fn remove_resource(&self, resource_type: &str, id: &str) -> Result<(), String> {
        if resource_type == "Patient" {
            return Err("ehr-sim does not implement removing a Patient".to_owned());
        }
        match self.change_resources(|resources| resources.remove(resource_type, id)) {
            true => Ok(()),
            false => Err(format!("There is no {resource_type}/{id}")),
        }
    }

    /// The medical record number that the pages show for a patient.
    pub(crate) fn mrn<'a>(&self, patient: &'a Resource) -> Option<&'a str> {
        resources::mrn(patient, &self.mrn_systems, self.clock.now_ms())
    }

    /// How many TCP connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }
}
