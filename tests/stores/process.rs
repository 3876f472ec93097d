//! A store in another process, behind the protocol of README.md.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fhir_ehr::{
    Code, Error, Lease, RecordIndex, RecordKind, RecordQuery, RecordWrite, Result, Store, StoredRecord,
    WriteOutcome,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, mpsc},
    time::Duration,
};

/// No answer of a driver takes longer, deadlocks and the longest wait for other writers included.
const PATIENCE: Duration = Duration::from_secs(100);

struct Pipes {
    child: Child,
    to: ChildStdin,
    from: mpsc::Receiver<String>,
}

pub struct ProcessStore {
    pipes: Mutex<Pipes>,
}

impl ProcessStore {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
        let (to, out) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let (sender, from) = mpsc::channel();
        std::thread::spawn(move || {
            // A driver that is a Rust test binary says other things too.
            for line in BufReader::new(out).lines().map_while(std::result::Result::ok) {
                if line.starts_with('{') && sender.send(line).is_err() {
                    return;
                }
            }
        });
        ProcessStore { pipes: Mutex::new(Pipes { child, to, from }) }
    }

    /// Sends a request without waiting for its answer.
    pub fn send(&self, request: &Value) -> Result<()> {
        let to = &mut self.pipes.lock().expect("no panic while locked").to;
        writeln!(to, "{request}").and_then(|()| to.flush()).map_err(|_| gone())
    }

    /// The next line that the driver says.
    pub fn hear(&self) -> Result<Value> {
        let pipes = self.pipes.lock().expect("no panic while locked");
        match pipes.from.recv_timeout(PATIENCE) {
            Ok(line) => Ok(serde_json::from_str(&line).unwrap_or_else(|cause| panic!("{cause}: {line}"))),
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("the driver has not answered in {PATIENCE:?}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }

    /// Waits until the driver has stopped in the middle of its batch.
    pub fn wait_paused(&self) {
        let line = self.hear().expect("the driver lives");
        assert_eq!(line, json!({"event": "paused"}));
    }

    /// The answer to the request that was sent.
    pub fn answer(&self) -> Result<Value> {
        let mut line = self.hear()?;
        if let Some(error) = line.get("error") {
            let text = format!("{}: {}", error["type"], error["message"]);
            return Err(Error::new(Code::StoreUnavailable).detail(text));
        }
        Ok(line["ok"].take())
    }

    pub fn call(&self, request: &Value) -> Result<Value> {
        self.send(request)?;
        self.answer()
    }

    pub fn do_now(&self, request: &Value) -> Value {
        self.call(request).unwrap_or_else(|error| panic!("{request}: {error}"))
    }

    pub fn kill(&self) {
        let child = &mut self.pipes.lock().expect("no panic while locked").child;
        child.kill().and_then(|()| child.wait()).expect("the driver can be killed");
    }

    pub fn pid(&self) -> u32 {
        self.pipes.lock().expect("no panic while locked").child.id()
    }
}

impl Drop for ProcessStore {
    fn drop(&mut self) {
        if let Ok(pipes) = self.pipes.get_mut() {
            let _ = pipes.child.kill();
            let _ = pipes.child.wait();
        }
    }
}

fn gone() -> Error {
    Error::new(Code::StoreUnavailable).detail("the driver has ended")
}

fn kind_of(name: &Value) -> RecordKind {
    RecordKind::ALL.into_iter().find(|kind| name == kind.name()).expect("a known kind")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub fn record_to_json(record: &StoredRecord) -> Value {
    json!({
        "kind": record.kind.name(), "key": record.key, "organization": record.index.organization,
        "project": record.index.project, "subject": record.index.subject, "state": record.index.state,
        "expires_in": record.expires_in, "version": record.version, "sealed": STANDARD.encode(&record.sealed),
    })
}

pub fn record_from_json(value: &Value) -> StoredRecord {
    StoredRecord {
        kind: kind_of(&value["kind"]),
        key: text(&value["key"]),
        index: RecordIndex {
            organization: text(&value["organization"]),
            project: text(&value["project"]),
            subject: text(&value["subject"]),
            state: text(&value["state"]),
        },
        expires_in: value["expires_in"].as_i64(),
        version: value["version"].as_i64().unwrap_or_default(),
        sealed: STANDARD.decode(text(&value["sealed"])).expect("base64"),
    }
}

pub fn write_request(batch: &[RecordWrite]) -> Value {
    let part = |write: &RecordWrite| match write {
        RecordWrite::Put { record, expected } => {
            json!({"kind": record.kind.name(), "key": record.key, "expected": expected, "record": record_to_json(record)})
        }
        RecordWrite::Delete { kind, key, expected } => {
            json!({"kind": kind.name(), "key": key, "expected": expected, "record": null})
        }
    };
    json!({"op": "write", "batch": batch.iter().map(part).collect::<Vec<_>>()})
}

pub fn written(answer: &Value) -> WriteOutcome {
    match answer.as_i64().expect("a number") {
        -1 => WriteOutcome::Done,
        number => WriteOutcome::Conflict(usize::try_from(number).expect("a part's number")),
    }
}

impl Store for ProcessStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        let found = self.call(&json!({"op": "get", "kind": kind.name(), "key": key}))?;
        Ok((!found.is_null()).then(|| record_from_json(&found)))
    }

    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        Ok(written(&self.call(&write_request(batch))?))
    }

    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        let found = self.call(&json!({
            "op": "scan", "kind": kind.name(), "organization": query.organization, "project": query.project,
            "subject": query.subject, "state": query.state, "after": after, "limit": limit,
        }))?;
        Ok(found.as_array().expect("a list").iter().map(record_from_json).collect())
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        let request = json!({"op": "acquire_lease", "name": name, "holder": holder, "seconds": seconds});
        let fence = self.call(&request)?.as_i64();
        Ok(fence.map(|fence| Lease { name: name.to_owned(), holder: holder.to_owned(), fence }))
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        let request =
            json!({"op": "release_lease", "name": lease.name, "holder": lease.holder, "fence": lease.fence});
        self.call(&request).map(drop)
    }

    fn purge_expired(&self) -> Result<usize> {
        let count = self.call(&json!({"op": "purge"}))?.as_u64().expect("a number");
        Ok(usize::try_from(count).expect("a count"))
    }
}
