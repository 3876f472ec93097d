//! A process that reads a patient with the sign-in of a user, and can stop at a point of its refresh, where a test kills it.
//!
//! The test binary starts itself for this, with [`WORKER`] in the environment. The process answers one line of JSON to each
//! line that it reads, as the drivers of tests/stores do.

#![allow(unreachable_pub, reason = "a module of a test binary")]

use crate::{embedded, process::ProcessStore};
use fhir_ehr::{
    AllowAll, Client, Clock as _, Config, Environment, Hooks, Lease, ManualClock, PatientRequest,
    PatientSelector, Project, RecordKind, RecordQuery, RecordWrite, Result, SqliteStore, Store, StoredRecord,
    TextMode, WriteOutcome,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, Write as _, stdin, stdout},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

/// The variable with the configuration of a worker.
pub const WORKER: &str = "FHIR_EHR_TEST_REFRESH_WORKER";

/// A point of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopPoint {
    /// Before the mark is written.
    BeforeMark,
    /// After the mark was written.
    AfterMark,
    /// Before the request is sent: the mark was read back.
    BeforeRequest,
    /// Before the new tokens are stored.
    BeforeTokens,
    /// After the new tokens were stored, before the lease is released.
    AfterTokens,
}

impl StopPoint {
    pub const ALL: [StopPoint; 5] = [
        StopPoint::BeforeMark,
        StopPoint::AfterMark,
        StopPoint::BeforeRequest,
        StopPoint::BeforeTokens,
        StopPoint::AfterTokens,
    ];

    fn of(text: &Value) -> Option<Self> {
        Self::ALL.into_iter().find(|point| *text == format!("{point:?}"))
    }
}

/// The store of a test: the embedded one, or a driver in PHP.
#[derive(Clone, Debug)]
pub enum StoreAt {
    File(std::path::PathBuf),
    Php(Value),
}

impl StoreAt {
    fn to_json(&self) -> Value {
        match self {
            StoreAt::File(file) => json!({ "file": file }),
            StoreAt::Php(config) => json!({ "php": config }),
        }
    }

    fn of(value: &Value) -> Self {
        match value["file"].as_str() {
            Some(file) => StoreAt::File(file.into()),
            None => StoreAt::Php(value["php"].clone()),
        }
    }

    /// The store, for this process.
    pub fn open(&self) -> Box<dyn Store> {
        match self {
            StoreAt::File(file) => Box::new(SqliteStore::new(file)),
            StoreAt::Php(config) => Box::new(php_driver(config)),
        }
    }

    /// A driver, for the requests that only a test makes.
    pub fn driver(&self) -> ProcessStore {
        match self {
            StoreAt::File(file) => ProcessStore::start(&mut embedded::driver(file)),
            StoreAt::Php(config) => php_driver(config),
        }
    }
}

pub fn php_driver(config: &Value) -> ProcessStore {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores/driver.php");
    ProcessStore::start(Command::new("php").arg(script).arg(config.to_string()))
}

/// Starts a worker, and waits until it is ready. `stop` is the point at which it stops for good.
pub fn start(document: &Value, store: &StoreAt, now: i64, stop: Option<StopPoint>) -> ProcessStore {
    let config = json!({
        "document": document, "store": store.to_json(), "now": now, "stop": stop.map(|point| format!("{point:?}")),
    });
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", "refresh_worker", "--ignored", "--nocapture"]).env(WORKER, config.to_string());
    let worker = ProcessStore::start(&mut command);
    assert_eq!(worker.read_line().expect("the worker lives"), json!({"event": "ready"}));
    worker
}

/// Serves until the input ends, if this process was started as a worker. Each line of input is a time; the answer is the result of
/// reading the patient at that time.
pub fn serve() {
    let Ok(config) = std::env::var(WORKER) else { return };
    let config: Value = serde_json::from_str(&config).expect("JSON");
    let clock = Arc::new(ManualClock::at(config["now"].as_i64().expect("a time")));
    let store = StoppingStore {
        inner: StoreAt::of(&config["store"]).open(),
        stop: StopPoint::of(&config["stop"]),
        grant_writes: AtomicUsize::new(0),
        is_marked: AtomicUsize::new(0),
    };
    let hooks = Hooks {
        clock: Box::new(crate::common::SharedClock(clock.clone())),
        ..Hooks::new(Box::new(store), Box::new(AllowAll))
    };
    let document = Config::from_json(&config["document"].to_string()).expect("a configuration");
    let client = Client::new(document, hooks).expect("a client");
    send(&json!({"event": "ready"}));
    for line in stdin().lock().lines() {
        let now: i64 = line.expect("a line").trim().parse().expect("a time");
        clock.advance(now - clock.now());
        let result = match client.patient(&patient_request()) {
            Ok(_) => "ok",
            Err(error) => error.code().name(),
        };
        send(&json!({ "ok": result }));
    }
}

fn send(line: &Value) {
    let mut out = stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("stdout");
}

fn patient_request() -> PatientRequest {
    PatientRequest {
        user: "alice".to_owned(),
        system: false,
        source: "sim".to_owned(),
        project: Some(Project {
            id: "p1".to_owned(),
            environment: Environment::Sandbox,
            sources: None,
            system_account: true,
        }),
        patient: PatientSelector::Mrn("M-1".to_owned()),
        fields: vec!["gender".to_owned()],
        text: TextMode::Exact,
    }
}

/// A store that stops its process at a point of the first refresh.
struct StoppingStore {
    inner: Box<dyn Store>,
    stop: Option<StopPoint>,
    grant_writes: AtomicUsize,
    is_marked: AtomicUsize,
}

impl StoppingStore {
    /// Stops for good at this point: the test kills the process.
    fn stop_at(&self, point: StopPoint) {
        if self.stop == Some(point) {
            send(&json!({"event": "stopped"}));
            loop {
                std::thread::park();
            }
        }
    }
}

fn puts_grant(batch: &[RecordWrite]) -> bool {
    batch
        .iter()
        .any(|part| matches!(part, RecordWrite::Put { record, .. } if record.kind == RecordKind::Grant))
}

impl Store for StoppingStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        let found = self.inner.get(kind, key);
        // The first read of a grant after its mark was written.
        if kind == RecordKind::Grant && self.is_marked.swap(0, SeqCst) == 1 {
            self.stop_at(StopPoint::BeforeRequest);
        }
        found
    }

    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        if !puts_grant(batch) {
            return self.inner.write(batch);
        }
        let number = self.grant_writes.fetch_add(1, SeqCst);
        match number {
            0 => self.stop_at(StopPoint::BeforeMark),
            1 => self.stop_at(StopPoint::BeforeTokens),
            _ => {}
        }
        let written = self.inner.write(batch);
        match number {
            0 => {
                self.stop_at(StopPoint::AfterMark);
                self.is_marked.store(1, SeqCst);
            }
            1 => self.stop_at(StopPoint::AfterTokens),
            _ => {}
        }
        written
    }

    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        self.inner.scan(kind, query, after, limit)
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        self.inner.acquire_lease(name, holder, seconds)
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.inner.release_lease(lease)
    }

    fn purge_expired(&self) -> Result<usize> {
        self.inner.purge_expired()
    }
}
