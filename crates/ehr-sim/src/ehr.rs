//! The simulated EHR: its options, its patients' data, and the state that requests change.

use std::{
    iter,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    auth::{clients::Clients, registry::Registry, state::AuthState},
    clock::Clock,
    faults::Faults,
    fhir::pages::Pages,
    options::{DataSource, FhirRelease, LaunchOptions, Options, Personality},
    personality::{Profile, ROOT_TENANT},
    random::random_bytes,
    received::ReceivedRequest,
    request_log::RequestLog,
    resources::{self, PutResult, Resource, Resources},
    rule_switches::RuleSwitches,
    server_keys::ServerKeys,
    server_options::{BasicEncoding, IdTokenAlgorithm, PkcePolicy},
};

/// The state that requests change.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) auth: AuthState,
    pub(crate) registry: Registry,
    pub(crate) server_keys: ServerKeys,
    pub(crate) faults: Faults,
    pub(crate) log: Vec<RequestLog>,
    /// Complete requests, if the options say so.
    pub(crate) received: Vec<ReceivedRequest>,
    pub(crate) rule_switches: RuleSwitches,
}

/// The vault keys of the configuration document, base64 of 32 bytes each. They are made once, so that a simulator
/// returns the same document each time.
#[derive(Debug)]
pub(crate) struct VaultKeys {
    pub(crate) key: String,
    pub(crate) index_key: String,
}

/// One FHIR base URL of the simulated EHR: its resources, and what all base URLs share.
#[derive(Debug)]
pub(crate) struct Ehr {
    /// The id of the tenant that it belongs to.
    pub(crate) tenant: String,
    /// What the paths of the tenant's pages and of its authorization server begin with: empty, or `/TENANT`.
    pub(crate) prefix: String,
    /// The path of the FHIR base URL: `/fhir`, or `/TENANT/r4`.
    pub(crate) fhir_path: String,
    /// The base URLs of the other tenants. Only the root has them.
    tenants: Vec<Ehr>,
    pages: Mutex<Pages>,
    pub(crate) options: Options,
    pub(crate) profile: &'static Profile,
    /// `http://127.0.0.1:PORT`, or the public URL.
    pub(crate) base: String,
    pub(crate) port: u16,
    /// A change replaces the `Arc`, so that a request sees the resources of one moment.
    resources: Mutex<Arc<Resources>>,
    pub(crate) mrn_systems: Vec<String>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) clock: Arc<Clock>,
    connections: Arc<AtomicUsize>,
    pub(crate) vault: Arc<VaultKeys>,
    state: Arc<Mutex<State>>,
}

fn id_token_algorithm(options: &Options) -> IdTokenAlgorithm {
    options.id_token_algorithm.unwrap_or(Profile::of(options.personality).id_token_algorithm)
}

impl Ehr {
    pub(crate) fn new(options: Options, port: u16, resources: Resources, faults: Faults) -> Self {
        let mut address = options.listen;
        address.set_port(port);
        let base = match &options.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{address}"),
        };
        let clients = Clients::new(&options);
        let clock = Clock::default();
        let now = clock.now_ms();
        let mut registry = Registry::default();
        for registration in clients.registrations().into_iter().chain(options.registrations.clone()) {
            registry.put(registration, now);
        }
        let vault_key = || STANDARD.encode(random_bytes::<32>());
        Self {
            tenant: ROOT_TENANT.to_owned(),
            prefix: String::new(),
            fhir_path: "/fhir".to_owned(),
            tenants: Vec::new(),
            pages: Mutex::default(),
            profile: Profile::of(options.personality),
            base,
            port,
            mrn_systems: resources::mrn_systems(&resources, now),
            resources: Mutex::new(Arc::new(resources)),
            clients: Arc::new(clients),
            clock: Arc::new(clock),
            connections: Arc::default(),
            vault: Arc::new(VaultKeys { key: vault_key(), index_key: vault_key() }),
            state: Arc::new(Mutex::new(State {
                faults,
                registry,
                server_keys: ServerKeys::new(id_token_algorithm(&options)),
                ..State::default()
            })),
            options,
        }
    }

    /// Adds a base URL of another tenant to the root.
    pub(crate) fn add_tenant(&mut self, id: &str, release: FhirRelease, resources: Resources) {
        let options = Options { fhir: release, data: DataSource::default(), ..self.options.clone() };
        self.tenants.push(Self {
            tenant: id.to_owned(),
            prefix: format!("/{id}"),
            fhir_path: format!("/{id}/{}", release.as_str()),
            tenants: Vec::new(),
            pages: Mutex::default(),
            options,
            profile: self.profile,
            base: self.base.clone(),
            port: self.port,
            mrn_systems: resources::mrn_systems(&resources, self.clock.now_ms()),
            resources: Mutex::new(Arc::new(resources)),
            clients: self.clients.clone(),
            clock: self.clock.clone(),
            connections: self.connections.clone(),
            vault: self.vault.clone(),
            state: self.state.clone(),
        });
    }

    /// The root's own base URL, then those of the other tenants.
    pub(crate) fn bases(&self) -> impl Iterator<Item = &Ehr> {
        iter::once(self).chain(&self.tenants)
    }

    /// The base URL of this exact text.
    pub(crate) fn base_of_iss(&self, iss: &str) -> Option<&Ehr> {
        self.bases().find(|base| base.iss() == iss)
    }

    /// The base URL that a path of the root belongs to: the FHIR base URL itself, or the tenant's first one.
    pub(crate) fn base_of_path(&self, path: &str) -> &Ehr {
        let is_below = |prefix: &str| {
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.bases()
            .find(|base| is_below(&base.fhir_path))
            .or_else(|| self.tenants.iter().find(|base| is_below(&base.prefix)))
            .unwrap_or(self)
    }

    /// The token endpoint, which is also the audience of assertions.
    pub(crate) fn token_endpoint(&self) -> String {
        self.auth_url("token")
    }

    /// The URL of an endpoint of the authorization server.
    pub(crate) fn auth_url(&self, name: &str) -> String {
        format!("{}{}/auth/{name}", self.base, self.prefix)
    }

    /// The issuer of the authorization server, which Epic and Oracle separate from the FHIR base URL (E10, O19).
    pub(crate) fn issuer(&self) -> String {
        match self.options.personality {
            Personality::Epic => self.auth_url("oauth2"),
            Personality::Oracle => format!("{}/", self.auth_url("oidc")),
            Personality::Smart | Personality::Generic => self.iss(),
        }
    }

    /// The algorithm of the keys that sign id_tokens.
    pub(crate) fn id_token_algorithm(&self) -> IdTokenAlgorithm {
        id_token_algorithm(&self.options)
    }

    pub(crate) fn pkce(&self) -> PkcePolicy {
        self.options.pkce.unwrap_or(self.profile.pkce)
    }

    pub(crate) fn response_iss(&self) -> bool {
        self.options.response_iss.unwrap_or(self.profile.response_iss)
    }

    pub(crate) fn basic_encoding(&self) -> BasicEncoding {
        self.options.basic_encoding.unwrap_or(self.profile.basic_encoding)
    }

    /// The time as the Date header has it: the simulator's clock with the fault `clock-skew`.
    pub(crate) fn shown_time_ms(&self) -> i64 {
        self.clock.now_ms().saturating_add(self.state().faults.clock_skew_ms())
    }

    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The FHIR base URL, without a slash at the end.
    pub(crate) fn iss(&self) -> String {
        format!("{}{}", self.base, self.fhir_path)
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
        self.state().auth.add_launch(options.clone(), &self.tenant, self.clock.now_ms())
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
