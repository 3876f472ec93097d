//! Shared by the integration tests: a simulated EHR, a client for it, and pull requests.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stderr,
    missing_docs,
    reason = "each test binary uses a part"
)]

use ehr_sim::{DataSource, LaunchOptions, Options, Simulator};
use fhir_ehr::{
    Access, Action, AllowAll, Anchor, Client, Clock, Config, Environment, Hooks, LaunchResult, Lease,
    ManualClock, Mapping, Offset, OffsetDirection, Project, PullRequest, RecordDate, RecordKind, RecordQuery,
    RecordWrite, Result, SignIn, SqliteStore, Store, StoredRecord, SystemClock, TextMode, WriteOutcome,
};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

pub mod gateway;
pub mod smart_server;
pub mod stub;

pub const SESSION: &str = "browser-session-1";
pub const REDIRECT: &str = "https://app.example/ehr.php";
pub const HEADER: &str =
    "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name";

/// A clock that starts at the current time and moves only when a test advances it.
#[derive(Clone)]
pub struct SharedClock(pub Arc<ManualClock>);

impl Clock for SharedClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

/// A store that a test can make unreachable, at once or after a number of writes.
pub struct FailingStore {
    pub inner: SqliteStore,
    pub unreachable: Arc<AtomicBool>,
    pub writes_left: Arc<AtomicI64>,
}

impl FailingStore {
    fn reach(&self) -> Result<&SqliteStore> {
        if self.unreachable.load(Ordering::SeqCst) {
            return Err(fhir_ehr::Code::StoreUnavailable.into());
        }
        Ok(&self.inner)
    }
}

impl Store for FailingStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        self.reach()?.get(kind, key)
    }
    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        if self.writes_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.unreachable.store(true, Ordering::SeqCst);
        }
        self.reach()?.write(batch)
    }
    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        self.reach()?.scan(kind, query, after, limit)
    }
    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        self.reach()?.acquire_lease(name, holder, seconds)
    }
    fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.reach()?.release_lease(lease)
    }
    fn purge_expired(&self) -> Result<usize> {
        self.reach()?.purge_expired()
    }
}

/// A simulated EHR and a client that is configured for it.
pub struct Fixture {
    pub sim: Simulator,
    pub client: Client,
    pub clock: SharedClock,
    pub unreachable: Arc<AtomicBool>,
    pub writes_left: Arc<AtomicI64>,
    pub folder: tempfile::TempDir,
}

/// A value of `/proc/self/status` in KiB.
pub fn process_status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find(|line| line.starts_with(name)).expect("the line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// The peak memory of the process during `work` above its size before, in KiB, and the result of `work`.
pub fn peak_kib<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let before = process_status("VmRSS:");
    // This resets the high-water mark (proc(5), clear_refs).
    std::fs::write("/proc/self/clear_refs", "5").expect("the high-water mark can be reset");
    let result = work();
    (process_status("VmHWM:").saturating_sub(before), result)
}

/// A simulator that approves every sign-in.
pub fn simulator(options: Options) -> Simulator {
    let redirect_uris = vec![REDIRECT.to_owned()];
    Simulator::start(Options { auto_approve: true, redirect_uris, ..options }).expect("a simulator")
}

impl Fixture {
    pub fn new(options: Options) -> Self {
        Self::with(options, |_| {}, Box::new(AllowAll))
    }

    /// The same with a changed configuration document and an access hook.
    pub fn with(
        options: Options,
        change: impl FnOnce(&mut serde_json::Value),
        access: Box<dyn Access>,
    ) -> Self {
        let sim = simulator(options);
        let folder = tempfile::tempdir().expect("a folder");
        let mut document = serde_json::from_str(&sim.config_json()).expect("a configuration");
        change(&mut document);
        let clock = SharedClock(Arc::new(ManualClock::at(SystemClock.now())));
        let store = folder.path().join("store");
        let (client, unreachable, writes_left) = client_and_store(&document, store, access, clock.clone());
        Fixture { sim, client, clock, unreachable, writes_left, folder }
    }

    /// The configuration document of the simulator.
    pub fn document(&self) -> serde_json::Value {
        serde_json::from_str(&self.sim.config_json()).expect("a configuration")
    }

    /// A second client over the same store and clock, as in another process.
    pub fn other_client(&self, document: &serde_json::Value) -> Client {
        client_and_store(document, self.folder.path().join("store"), Box::new(AllowAll), self.clock.clone()).0
    }

    /// A client over its own store, with a log.
    pub fn client_with_log(&self, document: &serde_json::Value, log: smart_server::EventLog) -> Client {
        let config = Config::from_json(&document.to_string()).expect("a valid configuration");
        let store = SqliteStore::new(self.folder.path().join("store-with-log"));
        let hooks = Hooks {
            clock: Box::new(self.clock.clone()),
            log: Some(Box::new(log)),
            ..Hooks::new(Box::new(store), Box::new(AllowAll))
        };
        Client::new(config, hooks).expect("a client")
    }

    /// Runs an EHR launch up to the callback, and returns the callback URL.
    pub fn launch_to_callback(&self, options: &LaunchOptions) -> String {
        let launch = self.sim.launch(options);
        let address = self.redirect(&launch_query(self.sim.iss(), &launch));
        self.sim.approve(&address).expect("the EHR sends the browser back")
    }

    /// The URL that a launch redirects the browser to.
    pub fn redirect(&self, query: &str) -> String {
        match self.client.handle_launch(query, SESSION, REDIRECT).expect("a redirect") {
            LaunchResult::Redirect(address) => address,
            other => panic!("a redirect was expected, not {other:?}"),
        }
    }

    /// Runs a whole EHR launch, with the application's own login if it is required.
    pub fn launch(&self, patient: &str, user: &str) -> SignIn {
        let options = LaunchOptions { patient: patient.to_owned(), ..LaunchOptions::default() };
        let callback = self.launch_to_callback(&options);
        match self.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).expect("a sign-in") {
            LaunchResult::SignedIn(signed_in) => signed_in,
            LaunchResult::LoginRequired { handover, .. } => {
                self.client.finish_login(&handover, SESSION, user).expect("a login")
            }
            other => panic!("a sign-in was expected, not {other:?}"),
        }
    }

    /// The id of the patient with this MRN.
    pub fn patient_with(&self, mrn: &str) -> String {
        let ids = self.sim.patient_ids();
        ids.into_iter().find(|id| self.sim.mrn(id).as_deref() == Some(mrn)).expect("the patient")
    }

    /// Any patient with an MRN: `(id, mrn)`.
    pub fn some_patient(&self) -> (String, String) {
        let ids = self.sim.patient_ids();
        ids.into_iter().find_map(|id| Some((id.clone(), self.sim.mrn(&id)?))).expect("a patient with an MRN")
    }

    /// Number of requests to the FHIR server since the last reset.
    pub fn fhir_requests(&self) -> usize {
        self.sim.requests().iter().filter(|request| request.path.starts_with("/fhir")).count()
    }
}

pub fn client_and_store(
    document: &serde_json::Value,
    store: PathBuf,
    access: Box<dyn Access>,
    clock: SharedClock,
) -> (Client, Arc<AtomicBool>, Arc<AtomicI64>) {
    let (unreachable, writes_left) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(i64::MAX)));
    let store = FailingStore {
        inner: SqliteStore::new(store),
        unreachable: unreachable.clone(),
        writes_left: writes_left.clone(),
    };
    let hooks = Hooks { access, clock: Box::new(clock), ..Hooks::new(Box::new(store), Box::new(AllowAll)) };
    let config = Config::from_json(&document.to_string()).expect("a valid configuration");
    (Client::new(config, hooks).expect("a client"), unreachable, writes_left)
}

/// The query string of a launch request.
pub fn launch_query(iss: impl AsRef<str>, launch: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", iss.as_ref())
        .append_pair("launch", launch)
        .finish()
}

/// The query string of a URL.
pub fn query_of(address: &str) -> String {
    url::Url::parse(address).expect("a URL").query().unwrap_or_default().to_owned()
}

/// A pull request of a user for project `p1`, without dates.
pub fn request(user: &str, mrn: &str, lines: &str) -> PullRequest {
    PullRequest {
        user: user.to_owned(),
        system: false,
        source: "sim".to_owned(),
        project: Project {
            id: "p1".to_owned(),
            environment: Environment::Sandbox,
            sources: None,
            system_account: true,
        },
        record: mrn.to_owned(),
        mrn: mrn.to_owned(),
        mapping: Mapping::from_csv(&format!("{HEADER}\n{lines}")).expect("a mapping"),
        dates: Vec::new(),
        offset: Offset { days: 365, direction: OffsetDirection::Both },
        text: TextMode::Exact,
        launch_patient: None,
        explain: false,
    }
}

/// The same request with a date in the record.
pub fn with_date(mut request: PullRequest, field: &str, date: &str, days: u32) -> PullRequest {
    let anchor = Anchor::parse(date).expect("a date");
    request.dates.push(RecordDate { field: field.to_owned(), event: None, anchor });
    request.offset.days = days;
    request
}

/// Options for a simulator with these resources.
pub fn resources(resources: &[&str]) -> Options {
    let texts = resources.iter().map(|text| (*text).to_owned()).collect();
    Options { data: DataSource::Resources(texts), ..Options::default() }
}

/// A patient with one MRN.
pub fn patient(id: &str, mrn: &str) -> String {
    format!(
        r#"{{"resourceType": "Patient", "id": "{id}", "gender": "female", "name": [{{"use": "official", "family": "F-{id}"}}],
            "identifier": [{{"system": "urn:oid:1.2.3", "value": "{mrn}",
            "type": {{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}}]}}}}]}}"#
    )
}

/// A body weight of a patient, in kg.
pub fn weight(id: &str, patient: &str, date: &str, value: &str) -> String {
    format!(
        r#"{{"resourceType": "Observation", "id": "{id}", "status": "final", "subject": {{"reference": "Patient/{patient}"}},
            "category": [{{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}}]}}],
            "code": {{"coding": [{{"system": "http://loinc.org", "code": "29463-7", "display": "Body Weight"}}]}},
            "effectiveDateTime": "{date}", "valueQuantity": {{"value": {value}, "unit": "kg"}}}}"#
    )
}

/// An access hook that allows only these actions.
pub struct AllowOnly(pub Vec<Action>);

impl Access for AllowOnly {
    fn allows(&self, _user: &str, _project: &str, action: Action) -> Result<bool> {
        Ok(self.0.contains(&action))
    }
}

/// The corpus folder. `None`, with a message on stderr, if it does not exist; the test is then skipped.
pub fn corpus(test: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("FHIR_EHR_CORPUS").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {test} needs the corpus; set FHIR_EHR_CORPUS ({} does not exist)", folder.display());
    None
}
