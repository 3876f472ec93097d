//! A small SMART server whose discovery documents a test can change, and clients that know it. Several clients over one store stand
//! for several worker processes.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses a part")]

use super::{
    REDIRECT, SharedClock,
    stub::{ReceivedRequest, Reply, StubServer, token_answer},
};
use fhir_ehr::{
    AllowAll, Client, Clock, Config, Hooks, Log, LogLevel, ManualClock, SqliteStore, SystemClock,
};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

/// The documents by their path below the base URL, such as `.well-known/smart-configuration`; others are not found. `{origin}` in a
/// document is the server's origin.
pub type Documents = Arc<Mutex<Vec<(String, Value)>>>;

pub struct SmartServer {
    pub stub: StubServer,
    pub documents: Documents,
}

pub const SMART: &str = ".well-known/smart-configuration";
pub const OPENID: &str = ".well-known/openid-configuration";

impl SmartServer {
    /// A server with these documents. Its FHIR base URL is `/fhir`, and `/token` answers every code with a token.
    pub fn start(documents: &[(&str, Value)]) -> Self {
        let list = documents.iter().map(|(path, document)| ((*path).to_owned(), document.clone())).collect();
        let documents: Documents = Arc::new(Mutex::new(list));
        let answered = documents.clone();
        let stub = StubServer::start(move |request| answer(&answered, request));
        SmartServer { stub, documents }
    }

    /// A server with a smart-configuration that has the standard endpoints and these other members.
    pub fn with_configuration(members: Value) -> Self {
        Self::start(&[(SMART, configuration(members))])
    }

    /// Replaces all documents.
    pub fn publish(&self, documents: &[(&str, Value)]) {
        *self.documents.lock().unwrap() =
            documents.iter().map(|(path, document)| ((*path).to_owned(), document.clone())).collect();
    }

    /// The paths of the requests so far.
    pub fn paths(&self) -> Vec<String> {
        self.stub.requests().into_iter().map(|request| request.path).collect()
    }

    /// The discovery requests so far.
    pub fn discoveries(&self) -> usize {
        self.paths().iter().filter(|path| path.starts_with("/fhir/")).count()
    }

    /// Requests to the token endpoint so far.
    pub fn token_requests(&self) -> Vec<ReceivedRequest> {
        self.stub.requests().into_iter().filter(|request| request.path == "/token").collect()
    }

    /// A source for this server, without stored endpoints.
    pub fn source(&self, id: &str) -> Value {
        json!({"id": id, "iss": format!("{}/fhir", self.stub.origin()), "fhir_version": "r4",
            "environment": "sandbox", "registration": "app", "system_registration": "app"})
    }
}

/// The standard endpoints with other members.
pub fn configuration(members: Value) -> Value {
    let mut document = json!({"authorization_endpoint": "{origin}/authorize", "token_endpoint": "{origin}/token",
        "capabilities": ["launch-ehr"], "code_challenge_methods_supported": ["S256"]});
    for (name, value) in members.as_object().expect("an object") {
        document[name] = value.clone();
    }
    document
}

fn answer(documents: &Documents, request: &ReceivedRequest) -> Reply {
    if request.path == "/token" {
        return token_answer();
    }
    let documents = documents.lock().unwrap();
    let found = documents.iter().find(|(path, _)| request.path == format!("/fhir/{path}"));
    match found {
        Some((_, document)) => {
            Reply::json(document.to_string()).replace("{origin}", &format!("http://{}", request.host))
        }
        None => Reply::json("{}").with_status(404),
    }
}

/// A client over the store in `folder` with these sources.
pub fn client(folder: &Path, clock: &SharedClock, sources: Vec<Value>) -> Client {
    client_with_log(folder, clock, sources, None)
}

/// The same with a log.
pub fn client_with_log(
    folder: &Path,
    clock: &SharedClock,
    sources: Vec<Value>,
    log: Option<EventLog>,
) -> Client {
    client_with(folder, clock, sources, log, json!({"retries": 0}))
}

/// The same with limits.
pub fn client_with(
    folder: &Path,
    clock: &SharedClock,
    sources: Vec<Value>,
    log: Option<EventLog>,
    limits: Value,
) -> Client {
    let document = json!({
        "registrations": [{"id": "app", "client_id": "app-1", "client_secret": "secret-of-app-1",
            "environments": ["sandbox"], "redirect_uris": [REDIRECT]}],
        "sources": sources,
        "limits": limits,
        "vault": {"current": "k1", "index_key": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                  "keys": [{"id": "k1", "key": "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}]}
    });
    let config = Config::from_json(&document.to_string()).expect("a valid configuration");
    let store = SqliteStore::new(folder.join("store"));
    let hooks = Hooks {
        clock: Box::new(clock.clone()),
        log: log.map(|log| Box::new(log) as Box<dyn Log>),
        ..Hooks::new(Box::new(store), Box::new(AllowAll))
    };
    Client::new(config, hooks).expect("a client")
}

pub fn clock() -> SharedClock {
    SharedClock(Arc::new(ManualClock::at(SystemClock.now())))
}

/// The events that a client logged, each as one text.
#[derive(Clone, Default)]
pub struct EventLog(pub Arc<Mutex<Vec<String>>>);

impl Log for EventLog {
    fn event(&self, _level: LogLevel, name: &str, fields: &[(&str, &str)]) {
        let fields: String = fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        self.0.lock().unwrap().push(format!("{name}{fields}"));
    }
}

impl EventLog {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
