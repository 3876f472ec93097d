//! All the state of one simulator, and the way of a request through it.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;

use crate::{
    auth::{self, AuthState, clients::Clients},
    clock::Clock,
    config, control,
    faults::Faults,
    fhir::{self, paging::Pages},
    http::{Reply, Request},
    launch,
    options::Options,
    patient_list,
    personality::Profile,
    records::{self, Record, Records, Stored},
};

/// One request as the simulator saw it. It holds no token and no body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestLog {
    /// The HTTP method.
    pub method: String,
    /// The path with its query string.
    pub path: String,
    /// The status answered; 0 if nothing was answered.
    pub status: u16,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The `Host` header: a request that left the origin of the source shows here.
    pub host: Option<String>,
    /// Whether there was an `Authorization` header.
    pub has_authorization: bool,
    /// The client whose token or credentials were accepted.
    pub client: Option<String>,
    /// The `grant_type` of a token request.
    pub grant_type: Option<String>,
}

/// A long benchmark must not fill the memory: the older half of the log goes first.
const MAX_LOG: usize = 200_000;

/// What changes while it runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) auth: AuthState,
    pub(crate) faults: Faults,
    pub(crate) pages: Pages,
    pub(crate) log: Vec<RequestLog>,
}

/// One simulator.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) profile: &'static Profile,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
    pub(crate) port: u16,
    /// Each request reads the state of one moment; a change makes a new one.
    records: Mutex<Arc<Records>>,
    pub(crate) mrn_systems: Vec<String>,
    pub(crate) clients: Clients,
    pub(crate) clock: Clock,
    pub(crate) connections: AtomicUsize,
    vault: config::VaultKeys,
    state: Mutex<State>,
}

impl World {
    pub(crate) fn new(options: Options, port: u16, records: Records, faults: Faults) -> Self {
        let mut address = options.listen;
        address.set_port(port);
        let clients = Clients::new(&options);
        let clock = Clock::default();
        Self {
            profile: Profile::of(options.personality),
            base: format!("http://{address}"),
            port,
            mrn_systems: records.mrn_systems(clock.now_ms()),
            records: Mutex::new(Arc::new(records)),
            clients,
            clock,
            connections: AtomicUsize::new(0),
            vault: config::VaultKeys::new(),
            state: Mutex::new(State { faults, ..State::default() }),
            options,
        }
    }

    pub(crate) fn iss(&self) -> String {
        format!("{}/fhir", self.base)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an application is called on the EHR's pages.
    pub(crate) fn app_name(&self, number: usize) -> String {
        let name = self.options.app_names.get(number).filter(|name| !name.trim().is_empty());
        name.cloned().unwrap_or_else(|| format!("Application {}", number + 1))
    }

    /// The resources as they are now.
    pub(crate) fn records(&self) -> Arc<Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the resources; what a request is reading at this moment stays as it is.
    fn change_records<T>(&self, change: impl FnOnce(&mut Records) -> T) -> T {
        change(Arc::make_mut(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Replaces or adds a resource; the error is a sentence.
    pub(crate) fn put_resource(&self, text: &str) -> Result<Stored, String> {
        let now = self.clock.now_ms();
        self.change_records(|records| records::put(records, text, now))
    }

    /// Removes a resource that is not a Patient; the error is a sentence.
    pub(crate) fn remove_resource(&self, resource_type: &str, id: &str) -> Result<(), String> {
        if resource_type == "Patient" {
            return Err("ehr-sim does not implement removing a Patient".to_owned());
        }
        match self.change_records(|records| records.remove(resource_type, id)) {
            true => Ok(()),
            false => Err(format!("there is no {resource_type}/{id}")),
        }
    }

    /// The medical record number shown for a patient.
    pub(crate) fn mrn<'a>(&self, patient: &'a Record) -> Option<&'a str> {
        self.records().mrn(patient, &self.mrn_systems, self.clock.now_ms())
    }

    pub(crate) fn config_json(&self) -> String {
        config::document(self, &self.vault)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Answers one request and remembers it.
    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let reply = self.route(request);
        if !request.path.starts_with("/_sim/") {
            let status = if reply.wire.never_answer { 0 } else { reply.status };
            if self.options.log {
                log_line(request, status);
            }
            let entry = RequestLog {
                method: request.method.clone(),
                path: request.path_and_query(),
                status,
                accept: request.header("accept").map(str::to_owned),
                host: request.header("host").map(str::to_owned),
                has_authorization: request.header("authorization").is_some(),
                client: reply.client.clone(),
                grant_type: (request.path == "/auth/token")
                    .then(|| request.body_form().get("grant_type").map(str::to_owned))
                    .flatten(),
            };
            let log = &mut self.state().log;
            if log.len() >= MAX_LOG {
                log.drain(..MAX_LOG / 2);
            }
            log.push(entry);
        }
        reply
    }

    fn route(&self, request: &Request) -> Reply {
        let path = request.path.as_str();
        if path == "/fhir" || path.starts_with("/fhir/") {
            return fhir::answer(self, request);
        }
        match path {
            "/" => patient_list::answer(self, request),
            "/launch" => launch::launch(self, request),
            "/auth/authorize" => auth::authorize::answer(self, request),
            "/auth/token" => auth::token::answer(self, request),
            "/smart-style.json" => launch::style(),
            _ if path.starts_with("/_sim/") => control::answer(self, request),
            _ => Reply::text(404, format!("ehr-sim does not implement {} {path}", request.method)),
        }
    }
}

#[allow(clippy::print_stderr)] // --log asks for it.
fn log_line(request: &Request, status: u16) {
    // The query of these two may hold a code, a launch token or a state.
    let shown = if request.path.starts_with("/auth") || request.path == "/launch" {
        request.path.clone()
    } else {
        request.path_and_query()
    };
    eprintln!("{} {shown} {status}", request.method);
}

/// Random bytes of the operating system, as base64url: codes, tokens, secrets.
pub(crate) fn random_token(bytes: usize) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(random_bytes(bytes))
}

/// A random UUID (version 4), as FHIR ids and correlation ids want it.
pub(crate) fn random_uuid() -> String {
    let mut bytes = random_bytes(16);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Random bytes of the operating system.
pub(crate) fn random_bytes(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    // Without randomness from the system nothing here may go on.
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
