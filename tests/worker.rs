//! One core for a worker process, and a client for each request.

mod common;

use common::{REDIRECT, SESSION, patient, resources, simulator, weight};
use fhir_ehr::{
    Client, Code, Config, Core, Hooks, Log, LogLevel, Result, Secret, SecretProvider, SqliteStore,
};
use serde_json::json;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct RecordedLog(Arc<Mutex<Vec<String>>>);

impl Log for RecordedLog {
    fn event(&self, level: LogLevel, name: &str, fields: &[(&str, &str)]) {
        self.0.lock().unwrap().push(format!("{level:?} {name} {fields:?}"));
    }
}

/// A secret provider with one secret for every name.
struct FixedSecretProvider(&'static str);

impl SecretProvider for FixedSecretProvider {
    fn secret(&self, name: &str) -> Result<Secret> {
        if name == "vault" { Ok(self.0.into()) } else { Err(Code::StoreUnavailable.into()) }
    }
}

const KEY: &str = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";

#[test]
fn clients_of_one_core_share_its_connection_and_each_has_its_own_hooks() {
    let texts = [patient("p1", "M-1"), weight("w", "p1", "2020-01-01", "61.50")];
    let sim = simulator(resources(&texts.each_ref().map(String::as_str)));
    let folder = tempfile::tempdir().unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&sim.config_json()).unwrap();
    document["store"] = json!({"sqlite": folder.path().join("store")});
    document["vault"]["keys"][0]["key"] = "hook:vault".into();
    let core = Core::new(Config::from_json(&document.to_string()).unwrap()).unwrap();
    let client = |keys: Option<FixedSecretProvider>, logged: &RecordedLog| {
        let mut hooks = Hooks::new(Box::new(core.embedded_store().unwrap()), Box::new(fhir_ehr::AllowAll));
        hooks.secrets = keys.map(|service| Box::new(service) as Box<dyn SecretProvider>);
        hooks.log = Some(Box::new(logged.clone()));
        Client::with_core(core.clone(), hooks)
    };
    let logged = RecordedLog::default();
    assert_eq!(client(None, &logged).err().unwrap().code(), Code::SecretUnavailable);
    assert_eq!(
        client(Some(FixedSecretProvider("short")), &logged).err().unwrap().code(),
        Code::ConfigInvalid
    );

    let mut request = common::request("alice", "M-1", "29463-7,,weight,,MAX,\n");
    request.system = true;
    let mut connections = Vec::new();
    for _ in 0..3 {
        let logged = RecordedLog::default();
        let pulled = client(Some(FixedSecretProvider(KEY)), &logged).unwrap().pull(&request).unwrap();
        assert_eq!(pulled.rows.len(), 1);
        connections.push(sim.connections());
        let events = logged.0.lock().unwrap().join("\n");
        for event in
            ["Info pull_started", r#"("type", "Observation"), ("status", "complete")"#, "Info pull_ended"]
        {
            assert!(events.contains(event), "{event} in {events}");
        }
        for secret in ["M-1", "61.50", "p1", "http", "alice"] {
            assert!(!events.contains(secret), "{secret} in {events}");
        }
    }
    assert_eq!(connections[1], connections[2], "the second client uses the connections of the first one");
    assert!(logged.0.lock().unwrap().is_empty());
}

#[test]
fn client_secrets_are_read_from_the_secret_provider_when_they_are_needed() {
    let sim = simulator(resources(&[&patient("p1", "M-1")]));
    let folder = tempfile::tempdir().unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&sim.config_json()).unwrap();
    document["registrations"][1]["client_secret"] = "hook:gone".into();
    let core = Core::new(Config::from_json(&document.to_string()).unwrap()).unwrap();
    let hooks = Hooks {
        secrets: Some(Box::new(FixedSecretProvider(KEY))),
        ..Hooks::new(Box::new(SqliteStore::new(folder.path().join("store"))), Box::new(fhir_ehr::AllowAll))
    };
    let client = Client::with_core(core, hooks).unwrap();
    // Calls that need no secret still work.
    assert!(client.sign_in("sim", "alice", SESSION, REDIRECT).is_ok());
    let mut request = common::request("alice", "M-1", "birthDate,,dob,,,\n");
    request.system = true;
    let error = client.pull(&request).err().unwrap();
    assert_eq!(error.code(), Code::SecretUnavailable);
    assert!(error.message().contains("hook:gone"), "{error}");
}
