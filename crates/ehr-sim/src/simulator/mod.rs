//! A running simulator: how a Rust test starts, changes and stops it.

mod bases;

use std::{
    fmt,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{
    auth::authorize::{self, Decision},
    config,
    ehr::Ehr,
    faults::Faults,
    http::Request,
    issued,
    options::{FhirRelease, LaunchOptions, Options, Tenant},
    personality::ROOT_TENANT,
    request_log::RequestLog,
    resources, router, serve,
};

/// The reason why a simulator could not start.
#[derive(Debug)]
pub struct StartError(String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// A simulated EHR that runs in its own thread. It stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    ehr: Arc<Ehr>,
    warnings: Vec<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Reads the data, opens the port and starts to serve.
    ///
    /// # Errors
    /// The address is not a loopback address or is in use, or a fault in the options does not exist.
    pub fn start(options: Options) -> Result<Self, StartError> {
        if !options.listen.ip().is_loopback() {
            return Err(StartError(format!(
                "{} is not a loopback address. ehr-sim does not protect its data, so it listens on this machine only.",
                options.listen.ip()
            )));
        }
        let mut faults = Faults::default();
        for fault in &options.faults {
            faults.set(fault.parse().map_err(StartError)?);
        }
        let mut warnings = Vec::new();
        let resources = resources::load(&options.data, options.fhir, &mut warnings);
        issued::record_patients(&resources);
        if resources.patients().next().is_none() {
            warnings.push(format!("The data has no Patient ({} resources)", resources.len()));
        }
        if options.app_names.len() > options.app_launch_urls.len() {
            warnings.push("There are more application names than application launch URLs".to_owned());
        }
        let io_error = |error: std::io::Error| StartError(format!("{}: {error}", options.listen));
        let listener = TcpListener::bind(options.listen).map_err(io_error)?;
        listener.set_nonblocking(true).map_err(io_error)?;
        let port = listener.local_addr().map_err(io_error)?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io_error)?;
        let mut ehr = Ehr::new(options, port, resources, faults);
        for tenant in ehr.options.tenants.clone() {
            check_tenant(&ehr, &tenant)?;
            for (release, data) in [(FhirRelease::R4, &tenant.r4), (FhirRelease::Dstu2, &tenant.dstu2)] {
                if let Some(data) = data {
                    ehr.add_tenant(&tenant.id, release, resources::load(data, release, &mut warnings));
                }
            }
        }
        for number in ehr.options.broken_rules.clone() {
            ehr.state().rule_switches.turn_on(number).map_err(StartError)?;
        }
        let ehr = Arc::new(ehr);
        let (stop, stop_signal) = oneshot::channel::<()>();
        let served_ehr = ehr.clone();
        let thread = thread::Builder::new()
            .name("ehr-sim".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        _ = serve::serve(listener, served_ehr) => {}
                        _ = stop_signal => {}
                    }
                });
                // The runtime is dropped here, which closes every connection.
            })
            .map_err(|error| StartError(error.to_string()))?;
        Ok(Self { ehr, warnings, stop: Some(stop), thread: Some(thread) })
    }

    /// What was skipped or replaced when the data was read, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.ehr.base
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let mut address = self.ehr.options.listen;
        address.set_port(self.ehr.port);
        address
    }

    /// The FHIR base URL, without a slash at the end.
    #[must_use]
    pub fn iss(&self) -> String {
        self.ehr.iss()
    }

    /// The `fhir_ehr` configuration document for this simulator.
    #[must_use]
    pub fn config_json(&self) -> String {
        config::document(&self.ehr)
    }

    /// The ids of the patients, in the order they were read.
    #[must_use]
    pub fn patient_ids(&self) -> Vec<String> {
        self.ehr.resources().patients().map(|patient| patient.id.clone()).collect()
    }

    /// The identifier systems of medical record numbers in the data.
    #[must_use]
    pub fn mrn_systems(&self) -> &[String] {
        &self.ehr.mrn_systems
    }

    /// The medical record number of a patient.
    #[must_use]
    pub fn mrn(&self, patient: &str) -> Option<String> {
        let resources = self.ehr.resources();
        resources.get("Patient", patient).and_then(|patient| self.ehr.mrn(patient)).map(str::to_owned)
    }

    /// The JSON text of a resource, as the FHIR server sends it.
    #[must_use]
    pub fn resource(&self, resource_type: &str, id: &str) -> Option<String> {
        self.ehr.resources().get(resource_type, id).map(|resource| resource.text.clone())
    }

    /// Replaces the resource of this type and id, or adds it. `meta` gets a new version unless the text has a newer one.
    ///
    /// # Errors
    /// A sentence: the text is not a resource, has no id, or its patient does not exist.
    pub fn put_resource(&self, text: &str) -> Result<(), String> {
        self.ehr.put_resource(text).map(drop)
    }

    /// Removes a resource that is not a Patient.
    ///
    /// # Errors
    /// A sentence: there is no such resource, or it is a Patient.
    pub fn remove_resource(&self, resource_type: &str, id: &str) -> Result<(), String> {
        self.ehr.remove_resource(resource_type, id)
    }

    /// Makes a launch token, as an EHR does before it opens the application.
    #[must_use]
    pub fn launch(&self, launch: &LaunchOptions) -> String {
        self.ehr.new_launch(launch)
    }

    /// The callback URL for a user who signs in and approves. No HTTP request is made.
    ///
    /// # Errors
    /// The HTML of the error page, if the server does not redirect the browser.
    pub fn approve(&self, authorize_url: &str) -> Result<String, String> {
        self.decide(authorize_url, Decision::Approve { patient: None })
    }

    /// The same for a user who chooses this patient in a standalone launch.
    ///
    /// # Errors
    /// As [`Simulator::approve`].
    pub fn approve_with_patient(&self, authorize_url: &str, patient: &str) -> Result<String, String> {
        let patient = Some(patient.to_owned());
        self.decide(authorize_url, Decision::Approve { patient })
    }

    /// The callback URL for a user who denies access.
    ///
    /// # Errors
    /// As [`Simulator::approve`].
    pub fn deny(&self, authorize_url: &str) -> Result<String, String> {
        self.decide(authorize_url, Decision::Deny)
    }

    fn decide(&self, authorize_url: &str, decision: Decision) -> Result<String, String> {
        let (tenant, query) = self
            .ehr
            .bases()
            .find_map(|base| {
                let rest = authorize_url.strip_prefix(&base.auth_url("authorize"))?;
                Some((base, rest.strip_prefix('?')?))
            })
            .ok_or_else(|| {
                format!("The authorize URL does not begin with {}?", self.ehr.auth_url("authorize"))
            })?;
        let request = Request {
            method: "GET".to_owned(),
            path: format!("{}/auth/authorize", tenant.prefix),
            query: query.to_owned(),
            ..Request::default()
        };
        let (request, reply) = router::answer_with(&self.ehr, &request, |request| {
            let form = request.query_form();
            authorize::decide_at_once(authorize::base_of(&self.ehr, tenant, &form), &form, decision)
        });
        issued::record(&request, &reply);
        match reply.header("location") {
            Some(location) => Ok(location.to_owned()),
            None => Err(reply.body),
        }
    }

    /// The requests since the start or the last reset. Requests to `/_sim/` are not included.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestLog> {
        self.ehr.state().log.clone()
    }

    /// Clears the list of requests.
    pub fn reset_requests(&self) {
        let mut state = self.ehr.state();
        state.log.clear();
        state.received.clear();
    }

    /// How many TCP connections were accepted since the start.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.ehr.connections()
    }

    /// Sets a fault, in the syntax of `--fault`. It replaces a fault with the same name and target.
    ///
    /// # Errors
    /// There is no such fault. The text lists all faults.
    pub fn set_fault(&self, fault: &str) -> Result<(), String> {
        let fault = fault.parse()?;
        self.ehr.state().faults.set(fault);
        Ok(())
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.ehr.state().faults.clear();
    }

    /// Makes all access tokens invalid.
    pub fn expire_access_tokens(&self) {
        self.ehr.state().auth.expire_access_tokens();
    }

    /// Makes all refresh tokens invalid.
    pub fn revoke_refresh_tokens(&self) {
        self.ehr.state().auth.revoke_refresh_tokens();
    }

    /// Moves the simulator's clock forward, so that codes, launches and tokens expire.
    pub fn advance(&self, by: Duration) {
        self.ehr.clock.advance(by);
    }
}

/// Paths of the simulator that a tenant cannot have.
const RESERVED: &[&str] = &["fhir", "auth", "launch", "_sim", "console", "brands", ROOT_TENANT];

fn check_tenant(ehr: &Ehr, tenant: &Tenant) -> Result<(), StartError> {
    let id = &tenant.id;
    let valid = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if !valid || RESERVED.contains(&id.as_str()) || ehr.bases().any(|base| base.tenant == *id) {
        return Err(StartError(format!(
            "The tenant id {id:?} cannot be used. Use each id once, with letters, digits, - and _, and none of {}.",
            RESERVED.join(", ")
        )));
    }
    Ok(())
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It fails only if the thread has already ended.
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
