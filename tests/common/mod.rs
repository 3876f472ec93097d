//! What the integration tests share: a simulated EHR, a client over it, and a record to pull for.
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

pub mod stub;

pub const SESSION: &str = "browser-session-1";
pub const REDIRECT: &str = "https://app.example/ehr.php";
pub const HEADER: &str =
    "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name";

/// A clock that starts at the present and is moved by hand.
#[derive(Clone)]
pub struct SharedClock(pub Arc<ManualClock>);

impl Clock for SharedClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

/// A store that can be cut off, or after some more writes cuts itself off.
pub struct CutStore {
    pub inner: SqliteStore,
    pub gone: Arc<AtomicBool>,
    pub writes_left: Arc<AtomicI64>,
}

impl CutStore {
    fn reach(&self) -> Result<&SqliteStore> {
        if self.gone.load(Ordering::SeqCst) {
            return Err(fhir_ehr::Code::StoreUnavailable.into());
        }
        Ok(&self.inner)
    }
}

impl Store for CutStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        self.reach()?.get(kind, key)
    }
    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        if self.writes_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.gone.store(true, Ordering::SeqCst);
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
pub struct World {
    pub sim: Simulator,
    pub client: Client,
    pub clock: SharedClock,
    pub gone: Arc<AtomicBool>,
    pub writes_left: Arc<AtomicI64>,
    pub folder: tempfile::TempDir,
}

/// A value of `/proc/self/status` in KiB.
pub fn process_status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find(|line| line.starts_with(name)).expect("the line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// How far the process's memory rises above its present size meanwhile, in KiB, and what came of it.
pub fn peak_kib<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let before = process_status("VmRSS:");
    // From here on the high-water mark is counted again (proc(5), clear_refs).
    std::fs::write("/proc/self/clear_refs", "5").expect("the own high-water mark can be reset");
    let result = work();
    (process_status("VmHWM:").saturating_sub(before), result)
}

/// A simulator as the tests want it.
pub fn simulator(options: Options) -> Simulator {
    let redirect_uris = vec![REDIRECT.to_owned()];
    Simulator::start(Options { auto_approve: true, redirect_uris, ..options }).expect("a simulator")
}

impl World {
    pub fn new(options: Options) -> Self {
        Self::with(options, |_| {}, Box::new(AllowAll))
    }

    /// A world whose configuration document was changed first.
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
        let (client, gone, writes_left) = client(&document, store, access, clock.clone());
        World { sim, client, clock, gone, writes_left, folder }
    }

    /// The configuration document of the simulator.
    pub fn document(&self) -> serde_json::Value {
        serde_json::from_str(&self.sim.config_json()).expect("a configuration")
    }

    /// Another client over the same store with the same time, as another process would have it.
    pub fn other_client(&self, document: &serde_json::Value) -> Client {
        client(document, self.folder.path().join("store"), Box::new(AllowAll), self.clock.clone()).0
    }

    /// An EHR launch up to the callback's address.
    pub fn launch_to_callback(&self, options: &LaunchOptions) -> String {
        let launch = self.sim.launch(options);
        let address = self.redirect(&launch_query(self.sim.iss(), &launch));
        self.sim.approve(&address).expect("the EHR sends the browser back")
    }

    /// The address that a launch sends the browser to.
    pub fn redirect(&self, query: &str) -> String {
        match self.client.handle_launch(query, SESSION, REDIRECT).expect("a redirect") {
            LaunchResult::Redirect(address) => address,
            other => panic!("a redirect was expected, not {other:?}"),
        }
    }

    /// A whole EHR launch, with the application's own login if it is asked for.
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

    /// The id of the patient with this record number.
    pub fn patient_with(&self, mrn: &str) -> String {
        let ids = self.sim.patient_ids();
        ids.into_iter().find(|id| self.sim.mrn(id).as_deref() == Some(mrn)).expect("the patient")
    }

    /// Some patient with a record number: `(id, mrn)`.
    pub fn some_patient(&self) -> (String, String) {
        let ids = self.sim.patient_ids();
        ids.into_iter().find_map(|id| Some((id.clone(), self.sim.mrn(&id)?))).expect("a patient with an MRN")
    }

    /// Requests to the FHIR server since the last reset.
    pub fn fhir_requests(&self) -> usize {
        self.sim.requests().iter().filter(|request| request.path.starts_with("/fhir")).count()
    }
}

fn client(
    document: &serde_json::Value,
    store: PathBuf,
    access: Box<dyn Access>,
    clock: SharedClock,
) -> (Client, Arc<AtomicBool>, Arc<AtomicI64>) {
    let (gone, writes_left) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(i64::MAX)));
    let store =
        CutStore { inner: SqliteStore::new(store), gone: gone.clone(), writes_left: writes_left.clone() };
    let hooks = Hooks { access, clock: Box::new(clock), ..Hooks::new(Box::new(store), Box::new(AllowAll)) };
    let config = Config::from_json(&document.to_string()).expect("a valid configuration");
    (Client::new(config, hooks).expect("a client"), gone, writes_left)
}

/// The query of a launch.
pub fn launch_query(iss: impl AsRef<str>, launch: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", iss.as_ref())
        .append_pair("launch", launch)
        .finish()
}

/// The query of an address.
pub fn query_of(address: &str) -> String {
    url::Url::parse(address).expect("a URL").query().unwrap_or_default().to_owned()
}

/// A pull request of a user, without dates.
pub fn request(user: &str, mrn: &str, lines: &str) -> PullRequest {
    PullRequest {
        user: user.to_owned(),
        system: false,
        source: "sim".to_owned(),
        project: Project { id: "p1".to_owned(), environment: Environment::Sandbox },
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

/// The same with a date in the record.
pub fn with_date(mut request: PullRequest, field: &str, date: &str, days: u32) -> PullRequest {
    let anchor = Anchor::parse(date).expect("a date");
    request.dates.push(RecordDate { field: field.to_owned(), event: None, anchor });
    request.offset.days = days;
    request
}

/// A simulator with a few resources of the test's own.
pub fn resources(resources: &[&str]) -> Options {
    let texts = resources.iter().map(|text| (*text).to_owned()).collect();
    Options { data: DataSource::Resources(texts), ..Options::default() }
}

/// A patient with one record number in the system of the test.
pub fn patient(id: &str, mrn: &str) -> String {
    format!(
        r#"{{"resourceType": "Patient", "id": "{id}", "gender": "female", "name": [{{"use": "official", "family": "F-{id}"}}],
            "identifier": [{{"system": "urn:oid:1.2.3", "value": "{mrn}",
            "type": {{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}}]}}}}]}}"#
    )
}

/// A weight of a patient.
pub fn weight(id: &str, patient: &str, date: &str, value: &str) -> String {
    format!(
        r#"{{"resourceType": "Observation", "id": "{id}", "status": "final", "subject": {{"reference": "Patient/{patient}"}},
            "category": [{{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}}]}}],
            "code": {{"coding": [{{"system": "http://loinc.org", "code": "29463-7", "display": "Body Weight"}}]}},
            "effectiveDateTime": "{date}", "valueQuantity": {{"value": {value}, "unit": "kg"}}}}"#
    )
}

/// An access hook that allows some actions only.
pub struct Only(pub Vec<Action>);

impl Access for Only {
    fn allows(&self, _user: &str, _project: &str, action: Action) -> Result<bool> {
        Ok(self.0.contains(&action))
    }
}

/// The corpus, or `None` with a loud word that the test was skipped.
pub fn corpus(test: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("FHIR_EHR_CORPUS").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {test} needs the corpus; set FHIR_EHR_CORPUS ({} is not there)", folder.display());
    None
}
