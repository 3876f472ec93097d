//! A store that returns false results. Every operation of the client ends, without an endless loop or a crash, and data of another
//! project or organization is never used.

mod common;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request, resources, weight};
use ehr_sim::{LaunchOptions, Options};
use fhir_ehr::{
    AllowAll, Client, Code, Config, Decisions, Hooks, LaunchResult, Lease, MAX_SEALED_BYTES, PullRequest,
    RecordIndex, RecordKind, Result, SqliteStore, Store, StoredRecord, WriteOutcome,
};
use scripted_store::{Call, Reply, ScriptedStore};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

const MRN: &str = "M-1";
const LINES: &str = "29463-7,,weight,,MAX,\n";

/// A patient with some weights, a signed-in user, and pending values.
struct Study {
    fixture: Fixture,
    store: ScriptedStore,
    client: Client,
}

impl Study {
    fn new(weights: usize) -> Self {
        let mut texts = vec![patient("p1", MRN)];
        for number in 0..weights {
            let day = format!("2020-{:02}-{:02}", number / 28 % 12 + 1, number % 28 + 1);
            texts.push(weight(&format!("w{number}"), "p1", &day, &format!("{}.5", 50 + number)));
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let fixture = Fixture::new(Options { rotate_refresh_tokens: true, ..resources(&texts) });
        fixture.launch("p1", "alice");
        fixture.client.pull(&pull_request()).unwrap();
        let mut document = fixture.document();
        document["limits"] = serde_json::json!({"refresh_lease_seconds": 3});
        let store = ScriptedStore::over(fixture.folder.path().join("store"));
        let hooks = Hooks {
            clock: Box::new(fixture.clock.clone()),
            ..Hooks::new(Box::new(store.clone()), Box::new(AllowAll))
        };
        let client = Client::new(Config::from_json(&document.to_string()).unwrap(), hooks).unwrap();
        Study { fixture, store, client }
    }

    fn launch(&self) -> Result<()> {
        let launch =
            self.fixture.sim.launch(&LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() });
        self.client.handle_launch(&launch_query(self.fixture.sim.iss(), &launch), SESSION, REDIRECT).map(drop)
    }

    /// The callback of a launch that was started while the store was correct.
    fn callback(&self) -> Result<()> {
        let options = LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() };
        let callback = self.fixture.launch_to_callback(&options);
        match self.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)? {
            LaunchResult::LoginRequired { handover, .. } => {
                self.client.finish_login(&handover, SESSION, "alice").map(drop)
            }
            _ => Ok(()),
        }
    }

    fn refresh(&self) -> Result<()> {
        self.fixture.clock.0.advance(4000);
        self.pull()
    }

    fn pull(&self) -> Result<()> {
        self.client.pull(&pull_request()).map(drop)
    }

    fn system(&self) -> Result<()> {
        self.client.pull(&PullRequest { system: true, ..pull_request() }).map(drop)
    }

    fn staged(&self) -> Result<()> {
        self.client.staged("alice", "p1", Some(MRN)).map(drop)
    }

    fn adjudicate(&self) -> Result<()> {
        let rows = self.fixture.client.staged("alice", "p1", Some(MRN)).unwrap();
        let accept = rows.into_iter().map(|row| row.key).take(1).collect();
        self.client.adjudicate("alice", "p1", MRN, &Decisions { accept, reject: Vec::new() }).map(drop)
    }

    fn purge(&self) -> Result<()> {
        self.client.purge_expired().map(drop)
    }
}

fn pull_request() -> PullRequest {
    request("alice", MRN, LINES)
}

type Flow = (&'static str, fn(&Study) -> Result<()>);

/// The last flows use up data that the others need.
const FLOWS: [Flow; 8] = [
    ("purge", Study::purge),
    ("launch", Study::launch),
    ("callback", Study::callback),
    ("staged", Study::staged),
    ("pull", Study::pull),
    ("system", Study::system),
    ("adjudicate", Study::adjudicate),
    ("refresh", Study::refresh),
];

type Script = fn(&SqliteStore, Call<'_>) -> Option<Reply>;
/// The errors of the flows that must end with one.
type Errors = &'static [(&'static str, Code)];

/// The true record with a change. If there is no record, one is made up.
fn got(store: &SqliteStore, call: Call<'_>, change: fn(&mut StoredRecord)) -> Option<Reply> {
    let Call::Get(kind, key) = call else { return None };
    let mut record = store.get(kind, key).unwrap().unwrap_or_else(|| StoredRecord {
        kind,
        key: key.into(),
        index: RecordIndex { organization: "demo".into(), ..RecordIndex::default() },
        expires_in: None,
        version: 1,
        sealed: b"no sealed bytes".to_vec(),
    });
    change(&mut record);
    Some(Reply::Record(Some(record)))
}

/// The true records with a change.
fn scanned(store: &SqliteStore, call: Call<'_>, change: fn(&mut Vec<StoredRecord>, usize)) -> Option<Reply> {
    let Call::Scan(kind, query, after, limit) = call else { return None };
    let mut records = store.scan(kind, query, after, limit).unwrap();
    change(&mut records, limit);
    Some(Reply::Records(records))
}

fn each(records: &mut [StoredRecord], change: fn(&mut StoredRecord)) {
    records.iter_mut().for_each(change);
}

fn leased(call: Call<'_>, change: fn(&mut Lease)) -> Option<Reply> {
    let Call::Acquire(name, holder, _) = call else { return None };
    let mut lease = Lease { name: name.into(), holder: holder.into(), fence: 1 };
    change(&mut lease);
    Some(Reply::Lease(Some(lease)))
}

fn written(call: Call<'_>, written: WriteOutcome) -> Option<Reply> {
    matches!(call, Call::Write(_)).then_some(Reply::Written(written))
}

/// A flow is not named if it does not get the false result, or if the result could be true for it. Such a flow may succeed.
const FALSE_RESULTS: [(&str, Script, Errors); 24] = {
    use Code::{
        RefreshBusy, RowConflict, StateUnknown, StoreConflict, StoreInconsistent as Wrong, VaultOpenFailed,
    };
    // The flows that read single records, that read lists of records, and that take a lease.
    const GETS: Errors = &[
        ("launch", Wrong),
        ("callback", Wrong),
        ("refresh", Wrong),
        ("pull", Wrong),
        ("system", Wrong),
        ("staged", Wrong),
        ("adjudicate", Wrong),
    ];
    const SCANS: Errors = &[("refresh", Wrong), ("pull", Wrong), ("staged", Wrong), ("adjudicate", Wrong)];
    const LEASES: Errors = &[("refresh", Wrong), ("system", Wrong)];
    [
        ("get: another key", |s, c| got(s, c, |r| r.key.push('x')), GETS),
        ("get: another kind", |s, c| got(s, c, |r| r.kind = RecordKind::UserLink), GETS),
        ("get: another organization", |s, c| got(s, c, |r| r.index.organization.push('x')), GETS),
        ("get: version 0", |s, c| got(s, c, |r| r.version = 0), GETS),
        ("get: a negative version", |s, c| got(s, c, |r| r.version = i64::MIN), GETS),
        ("get: the greatest version", |s, c| got(s, c, |r| r.version = i64::MAX), GETS),
        ("get: a huge record", |s, c| got(s, c, |r| r.sealed = vec![0; MAX_SEALED_BYTES + 1]), GETS),
        ("get: other bytes", |s, c| got(s, c, |r| r.sealed = b"x".to_vec()), &[("staged", VaultOpenFailed)]),
        (
            "get: never anything",
            |_, c| matches!(c, Call::Get(..)).then_some(Reply::Record(None)),
            &[("launch", Wrong), ("callback", Wrong), ("refresh", Wrong), ("staged", Wrong)],
        ),
        (
            "get: never anything but the index key",
            |_, c| {
                matches!(c, Call::Get(kind, _) if kind != RecordKind::IndexKey).then_some(Reply::Record(None))
            },
            &[("callback", StateUnknown), ("refresh", Code::GrantNotFound)],
        ),
        (
            "write: always a conflict",
            |_, c| written(c, WriteOutcome::Conflict(0)),
            &[
                ("launch", StoreConflict),
                ("callback", StateUnknown),
                ("refresh", StoreConflict),
                ("adjudicate", RowConflict),
                ("system", StoreConflict),
            ],
        ),
        (
            "write: a conflict in no part",
            |_, c| written(c, WriteOutcome::Conflict(usize::MAX)),
            &[
                ("launch", Wrong),
                ("callback", Wrong),
                ("refresh", Wrong),
                ("adjudicate", Wrong),
                ("system", Wrong),
            ],
        ),
        ("write: done, but nothing is stored", |_, c| written(c, WriteOutcome::Done), &[("refresh", Wrong)]),
        (
            "scan: another kind",
            |s, c| scanned(s, c, |all, _| each(all, |r| r.kind = RecordKind::IndexKey)),
            SCANS,
        ),
        (
            "scan: another organization",
            |s, c| scanned(s, c, |all, _| each(all, |r| r.index.organization.push('x'))),
            SCANS,
        ),
        (
            "scan: another project",
            |s, c| scanned(s, c, |all, _| each(all, |r| r.index.project.push('x'))),
            SCANS,
        ),
        (
            "scan: another subject",
            |s, c| scanned(s, c, |all, _| each(all, |r| r.index.subject.push('x'))),
            SCANS,
        ),
        ("scan: a negative version", |s, c| scanned(s, c, |all, _| each(all, |r| r.version = -1)), SCANS),
        (
            "scan: the greatest version",
            |s, c| scanned(s, c, |all, _| each(all, |r| r.version = i64::MAX)),
            SCANS,
        ),
        (
            "scan: the same record without end",
            |s, c| {
                scanned(s, c, |all, limit| {
                    if let Some(first) = all.first().cloned() {
                        *all = vec![first; limit];
                    }
                })
            },
            SCANS,
        ),
        (
            "scan: more than asked",
            |s, c| {
                scanned(s, c, |all, limit| {
                    if let Some(first) = all.first().cloned() {
                        *all = vec![first; limit + 1];
                    }
                })
            },
            SCANS,
        ),
        ("acquire_lease: a negative fence", |_, c| leased(c, |lease| lease.fence = -1), LEASES),
        ("acquire_lease: another holder", |_, c| leased(c, |lease| lease.holder.push('x')), LEASES),
        (
            "acquire_lease: never",
            |_, c| matches!(c, Call::Acquire(..)).then_some(Reply::Lease(None)),
            &[("refresh", RefreshBusy), ("system", RefreshBusy)],
        ),
    ]
};

#[test]
fn every_operation_ends_over_a_store_that_returns_false_results() {
    for (name, script, expected) in FALSE_RESULTS {
        let study = Study::new(2);
        for (flow, run) in FLOWS {
            study.store.set_script(script);
            let end = run(&study).map_err(|error| error.code());
            let named = expected.iter().find(|(name, _)| *name == flow);
            if let Some((_, code)) = named {
                assert_eq!(end, Err(*code), "{name}, {flow}");
            }
        }
    }
}

#[test]
fn an_impossible_purge_count_is_refused() {
    let study = Study::new(1);
    study.store.set_script(|_, call| matches!(call, Call::Purge).then_some(Reply::Purged(usize::MAX)));
    assert_eq!(study.purge().unwrap_err().code(), Code::StoreInconsistent);
}

#[test]
fn a_scan_that_ignores_its_start_key_gives_an_error() {
    // More rows than one scan returns.
    let study = Study::new(510);
    assert_eq!(study.client.staged("alice", "p1", Some(MRN)).unwrap().len(), 510);
    study.store.set_script(|store, call| match call {
        Call::Scan(kind, query, _, limit) => {
            Some(Reply::Records(store.scan(kind, query, None, limit).unwrap()))
        }
        _ => None,
    });
    let error = study.staged().unwrap_err();
    assert_eq!(error.code(), Code::StoreInconsistent);
    assert!(error.message().contains("keys do not increase"), "{error}");
}

/// The record as it was at the first read, even if it was written since.
#[test]
fn a_stale_read_gives_an_error_and_loses_no_grant() {
    let study = Study::new(2);
    let first: Arc<Mutex<HashMap<String, Option<StoredRecord>>>> = Arc::default();
    let old = |is_stale: bool| {
        let first = first.clone();
        move |store: &SqliteStore, call: Call<'_>| match call {
            Call::Get(RecordKind::Grant, key) => {
                let mut first = first.lock().unwrap();
                let read = || store.get(RecordKind::Grant, key).unwrap();
                let record = first.entry(key.to_owned()).or_insert_with(read);
                is_stale.then(|| Reply::Record(record.clone()))
            }
            _ => None,
        }
    };
    // A store that is late from the start: the mark cannot be confirmed, so nothing is sent.
    study.store.set_script(old(true));
    study.fixture.sim.reset_requests();
    assert_eq!(study.refresh().unwrap_err().code(), Code::StoreInconsistent);
    assert!(study.fixture.sim.requests().is_empty(), "no refresh without a mark");
    first.lock().unwrap().clear();
    study.store.set_script(old(false));
    assert!(study.refresh().is_ok(), "no mark was left behind");
    // The scan returns the new grant, but under the lease the old one is read, whose refresh token is already used.
    study.store.set_script(old(true));
    study.fixture.sim.reset_requests();
    assert_eq!(study.refresh().unwrap_err().code(), Code::StoreInconsistent);
    assert!(study.fixture.sim.requests().is_empty(), "the used refresh token is not sent again");
    study.store.clear_script();
    assert!(study.refresh().is_ok(), "the new grant is still there");
}
