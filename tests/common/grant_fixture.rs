//! The fixture of the tests about grants: a signed-in user, and a client over a store whose results a test can replace.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses a part")]

use crate::{
    common::{Fixture, patient, request, resources},
    scripted_store::ScriptedStore,
};
use ehr_sim::Options;
use fhir_ehr::{
    AllowAll, Client, Config, Hooks, RecordKind, RecordQuery, Result, SecretProvider, SqliteStore, Store,
    StoredRecord,
};
use serde_json::{Value, json};

pub const MRN: &str = "M-1";
pub const LINES: &str = "gender,,sex,,,\n";

/// A simulator with a signed-in user, and a client over a store whose results a test can replace.
pub struct GrantFixture {
    pub ehr: Fixture,
    pub store: ScriptedStore,
    pub client: Client,
}

impl GrantFixture {
    pub fn new(options: Options) -> Self {
        Self::with(options, json!({"refresh_lease_seconds": 3, "retries": 0}))
    }

    pub fn with(options: Options, limits: Value) -> Self {
        let fixture = Fixture::new(Options { data: resources(&[&patient("p1", MRN)]).data, ..options });
        fixture.launch("p1", "alice");
        fixture.sim.reset_requests();
        let mut document = fixture.document();
        document["limits"] = limits;
        let store = ScriptedStore::over(fixture.folder.path().join("store"));
        let client = client(&fixture, &document, store.clone(), None);
        GrantFixture { ehr: fixture, store, client }
    }

    pub fn rotating() -> Self {
        Self::new(Options { rotate_refresh_tokens: true, ..Options::default() })
    }

    pub fn pull(&self) -> Result<()> {
        self.client.pull(&request("alice", MRN, LINES)).map(drop)
    }

    /// A pull after the access token has expired by the client's clock.
    pub fn pull_later(&self) -> Result<()> {
        self.ehr.clock.0.advance(4000);
        self.pull()
    }

    pub fn token_requests(&self, grant_type: &str) -> usize {
        let requests = self.ehr.sim.requests();
        requests.iter().filter(|one| one.grant_type.as_deref() == Some(grant_type)).count()
    }
}

/// A client over the store of a test.
pub fn client(
    fixture: &Fixture,
    document: &Value,
    store: ScriptedStore,
    secrets: Option<Box<dyn SecretProvider>>,
) -> Client {
    let hooks = Hooks {
        clock: Box::new(fixture.clock.clone()),
        secrets,
        ..Hooks::new(Box::new(store), Box::new(AllowAll))
    };
    Client::new(Config::from_json(&document.to_string()).unwrap(), hooks).unwrap()
}

/// All grants in the store. The tokens that are to be revoked are no grants.
pub fn grants(fixture: &Fixture) -> Vec<StoredRecord> {
    let store = SqliteStore::new(fixture.folder.path().join("store"));
    let state = Some(String::new());
    let query = RecordQuery { organization: "demo".into(), state, ..RecordQuery::default() };
    store.scan(RecordKind::Grant, &query, None, 10).unwrap()
}
