//! A running simulator: starting it, talking to it in process, stopping it.

use std::{
    fmt,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{
    auth,
    faults::Faults,
    http::Form,
    options::{LaunchOptions, Options},
    records, serve,
    world::{RequestLog, World},
};

/// Why a simulator did not start.
#[derive(Debug)]
pub struct StartError(String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// A simulated EHR in a thread of its own. It stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    world: Arc<World>,
    warnings: Vec<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Reads the data, takes the port and serves.
    ///
    /// # Errors
    /// The address is not loopback or is taken, or a fault of the options does not exist.
    pub fn start(options: Options) -> Result<Self, StartError> {
        if !options.listen.ip().is_loopback() {
            return Err(StartError(format!(
                "{} is not a loopback address: ehr-sim checks no passwords worth the name and listens on this machine only",
                options.listen.ip()
            )));
        }
        let mut faults = Faults::default();
        for fault in &options.faults {
            faults.set(fault.parse().map_err(StartError)?);
        }
        let mut warnings = Vec::new();
        let records = records::load(&options.data, options.fhir, &mut warnings);
        if records.patients().next().is_none() {
            warnings.push(format!("there is no Patient in the data ({} resources)", records.len()));
        }
        if options.app_names.len() > options.app_launch_urls.len() {
            warnings.push("there are more application names than application launch URLs".to_owned());
        }
        let io = |error: std::io::Error| StartError(format!("{}: {error}", options.listen));
        let listener = TcpListener::bind(options.listen).map_err(io)?;
        listener.set_nonblocking(true).map_err(io)?;
        let port = listener.local_addr().map_err(io)?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
        let world = Arc::new(World::new(options, port, records, faults));
        let (stop, stopped) = oneshot::channel::<()>();
        let served = world.clone();
        let thread = thread::Builder::new()
            .name("ehr-sim".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        _ = serve::serve(listener, served) => {}
                        _ = stopped => {}
                    }
                });
                // The runtime is dropped here, and with it every connection.
            })
            .map_err(|error| StartError(error.to_string()))?;
        Ok(Self { world, warnings, stop: Some(stop), thread: Some(thread) })
    }

    /// What was skipped or replaced while the data were read, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.world.base
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let mut address = self.world.options.listen;
        address.set_port(self.world.port);
        address
    }

    /// The FHIR base URL, without a slash at the end.
    #[must_use]
    pub fn iss(&self) -> String {
        self.world.iss()
    }

    /// The `fhir_ehr` configuration document that points at this simulator.
    #[must_use]
    pub fn config_json(&self) -> String {
        self.world.config_json()
    }

    /// The ids of the patients, in the order they were read.
    #[must_use]
    pub fn patient_ids(&self) -> Vec<String> {
        self.world.records().patients().map(|patient| patient.id.clone()).collect()
    }

    /// The identifier systems of medical record numbers in the data.
    #[must_use]
    pub fn mrn_systems(&self) -> &[String] {
        &self.world.mrn_systems
    }

    /// The medical record number of a patient.
    #[must_use]
    pub fn mrn(&self, patient: &str) -> Option<String> {
        let records = self.world.records();
        records.get("Patient", patient).and_then(|patient| self.world.mrn(patient)).map(str::to_owned)
    }

    /// The JSON text of a resource, as it is served.
    #[must_use]
    pub fn resource(&self, resource_type: &str, id: &str) -> Option<String> {
        self.world.records().get(resource_type, id).map(|record| record.text.clone())
    }

    /// Replaces the resource of this type and id, or adds it; `meta` gets a new version unless it brings one.
    ///
    /// # Errors
    /// A sentence: it is no resource, has no id, or its patient is not there.
    pub fn put_resource(&self, text: &str) -> Result<(), String> {
        self.world.put_resource(text).map(drop)
    }

    /// Removes a resource. A patient stays: resources would be left without theirs.
    ///
    /// # Errors
    /// A sentence: there is no such resource, or it is a Patient.
    pub fn remove_resource(&self, resource_type: &str, id: &str) -> Result<(), String> {
        self.world.remove_resource(resource_type, id)
    }

    /// Makes a launch token, as the EHR does before it opens the application.
    #[must_use]
    pub fn launch(&self, launch: &LaunchOptions) -> String {
        auth::new_launch(&self.world, launch)
    }

    /// What the browser of a user who signs in and approves comes back with: the callback URL, without HTTP.
    ///
    /// # Errors
    /// The text of the error page, when the server would not send the browser back.
    pub fn approve(&self, authorize_url: &str) -> Result<String, String> {
        self.decide(authorize_url, auth::Decision::Approve { patient: None })
    }

    /// The same, choosing this patient in a standalone launch.
    ///
    /// # Errors
    /// As [`Simulator::approve`].
    pub fn approve_with_patient(&self, authorize_url: &str, patient: &str) -> Result<String, String> {
        let patient = Some(patient.to_owned());
        self.decide(authorize_url, auth::Decision::Approve { patient })
    }

    /// What the browser of a user who refuses comes back with.
    ///
    /// # Errors
    /// As [`Simulator::approve`].
    pub fn deny(&self, authorize_url: &str) -> Result<String, String> {
        self.decide(authorize_url, auth::Decision::Deny)
    }

    fn decide(&self, authorize_url: &str, decision: auth::Decision) -> Result<String, String> {
        let endpoint = format!("{}/auth/authorize", self.world.base);
        let query = authorize_url
            .strip_prefix(&endpoint)
            .and_then(|rest| rest.strip_prefix('?'))
            .ok_or_else(|| format!("the authorize URL does not begin with {endpoint}?"))?;
        let reply = auth::authorize::decide_now(&self.world, &Form::parse(query.as_bytes()), decision);
        match reply.header("location") {
            Some(location) => Ok(location.to_owned()),
            None => Err(reply.body),
        }
    }

    /// The requests since the start or the last reset, without those to `/_sim/`.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestLog> {
        self.world.state().log.clone()
    }

    /// Forgets the requests.
    pub fn reset_requests(&self) {
        self.world.state().log.clear();
    }

    /// How many TCP connections were accepted since the start.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.world.connections()
    }

    /// Switches a fault on, in the syntax of `--fault`; one of the same name is replaced.
    ///
    /// # Errors
    /// There is no such fault; the text lists those there are.
    pub fn set_fault(&self, fault: &str) -> Result<(), String> {
        let fault = fault.parse()?;
        self.world.state().faults.set(fault);
        Ok(())
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.world.state().faults.clear();
    }

    /// Makes all access tokens invalid.
    pub fn expire_access_tokens(&self) {
        self.world.state().auth.expire_access_tokens();
    }

    /// Makes all refresh tokens invalid.
    pub fn revoke_refresh_tokens(&self) {
        self.world.state().auth.revoke_refresh_tokens();
    }

    /// Moves the simulator's clock ahead: codes, launches and tokens expire without sleeping.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It fails only when the thread has already ended.
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
