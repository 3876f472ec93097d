//! `make cluster`: the store over three nodes of a Galera cluster.

use super::{
    basic::{of_organization, put, record},
    driven::Room,
    galera::{Cluster, NODES, PROVIDER},
    process::ProcessStore,
    server::program,
};
use crate::{conform, missing, php, php_has};
use fhir_ehr::{RecordKind, RecordWrite, Store, WriteOutcome};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

const WORKERS: usize = 12;
/// A read sees what any other node has committed before it; without this it may be a moment late.
const CAUSAL: &str = "SET SESSION wsrep_sync_wait = 15";

/// A database on every node.
struct Spread<'a> {
    cluster: &'a Cluster,
    name: String,
    init: Option<&'static str>,
    opened: AtomicUsize,
}

static DATABASES: AtomicUsize = AtomicUsize::new(0);

impl<'a> Spread<'a> {
    fn new(cluster: &'a Cluster, init: Option<&'static str>) -> Self {
        let name = format!("spread{}", DATABASES.fetch_add(1, SeqCst));
        let room = Spread { cluster, name, init, opened: AtomicUsize::new(0) };
        let sql = |node: usize, sql: &str| {
            let dsn = format!("mysql:unix_socket={}", cluster.socket(node).display());
            let config = json!({"dsn": dsn, "user": "root", "init": CAUSAL});
            ProcessStore::start(php("driver.php").arg(config.to_string()))
                .do_now(&json!({"op": "sql", "sql": sql}));
        };
        sql(0, &format!("CREATE DATABASE {}", room.name));
        room.on(0).do_now(&json!({"op": "install"}));
        // The other nodes have the tables, too, once they have answered this.
        (0..NODES).for_each(|node| sql(node, "SELECT COUNT(*) FROM mysql.db"));
        room
    }

    fn on(&self, node: usize) -> ProcessStore {
        let dsn = format!("mysql:unix_socket={};dbname={}", self.cluster.socket(node).display(), self.name);
        let mut config = json!({"dsn": dsn, "host_dsn": dsn, "user": "root"});
        if let Some(init) = self.init {
            config["init"] = json!(init);
        }
        ProcessStore::start(php("driver.php").arg(config.to_string()))
    }

    /// Runs one worker in each of many processes, spread over the nodes.
    fn work(&self, work: impl Fn(usize, &ProcessStore) + Sync) {
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let work = &work;
                scope.spawn(move || work(worker, &self.on(worker)));
            }
        });
    }
}

impl Room for Spread<'_> {
    fn open(&self) -> ProcessStore {
        self.on(self.opened.fetch_add(1, SeqCst))
    }
    fn in_folder(&self, _: &Path) -> Option<Command> {
        None
    }
    fn growing(&self) -> Option<PathBuf> {
        None
    }
}

fn cluster() -> Option<Cluster> {
    let needed = [
        ("php8.2-cli", php_has("json")),
        ("php8.2-mysql", php_has("pdo_mysql")),
        ("mariadb-server", program("mariadbd").is_some()),
        ("galera-4", Path::new(PROVIDER).exists()),
        ("rsync", program("rsync").is_some()),
        ("socat", program("socat").is_some()),
    ];
    (!missing("the cluster", &needed)).then(Cluster::start)
}

#[test]
#[ignore = "make cluster"]
fn cluster_conforms() {
    let Some(cluster) = cluster() else { return };
    conform("Galera cluster", &|| Box::new(Spread::new(&cluster, Some(CAUSAL))));
}

/// Writes that meet one another at different nodes make the cluster roll transactions back.
fn disturb(store: &ProcessStore) {
    let version = store.get(RecordKind::Grant, "g").unwrap().map_or(0, |found| found.version);
    // Whoever meets another too often gives up; that is no fault here.
    let _ = store.write(&[put(RecordKind::Grant, "g", version)]);
}

#[test]
#[ignore = "make cluster"]
fn cluster_leases_have_one_holder() {
    const TAKEN: usize = 1_500;
    let Some(cluster) = cluster() else { return };
    let room = Spread::new(&cluster, None);
    let (inside, overlaps, tries) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let fences = Mutex::new(Vec::new());
    let taken = || fences.lock().unwrap().len();
    room.work(|worker, store| {
        while taken() < TAKEN {
            disturb(store);
            assert!(tries.fetch_add(1, SeqCst) < 100 * TAKEN, "only {} leases were taken", taken());
            let Ok(Some(lease)) = store.acquire_lease("l", &format!("worker {worker}"), 600) else {
                continue;
            };
            let alone = !inside.swap(true, SeqCst);
            fences.lock().unwrap().push(lease.fence);
            overlaps.fetch_add(usize::from(!alone), SeqCst);
            store.get(RecordKind::Grant, "g").unwrap();
            if alone {
                inside.store(false, SeqCst);
            }
            while store.release_lease(&lease).is_err() {}
        }
    });
    let fences = fences.into_inner().unwrap();
    let disorder = fences.windows(2).filter(|pair| pair[0] >= pair[1]).count();
    let overlaps = overlaps.into_inner();
    eprintln!(
        "leases: {} taken by {WORKERS} workers on {NODES} nodes, {overlaps} overlaps, {disorder} fences not above the one before",
        fences.len()
    );
    assert_eq!((overlaps, disorder), (0, 0));
}

#[test]
#[ignore = "make cluster"]
fn cluster_loses_no_update() {
    const EACH: usize = 60;
    let Some(cluster) = cluster() else { return };
    let room = Spread::new(&cluster, None);
    let gave_up = AtomicUsize::new(0);
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        room.work(|_, store| {
            let mut done = 0;
            while done < EACH {
                let found = store.get(kind, "n").unwrap();
                let (count, expected) = found.map_or((0, 0), |found| {
                    (String::from_utf8(found.sealed).unwrap().parse::<usize>().unwrap(), found.version)
                });
                let record = record(kind, "n", (count + 1).to_string().as_bytes());
                match store.write(&[RecordWrite::Put { record, expected }]) {
                    Ok(end) => done += usize::from(end == WriteOutcome::Done),
                    Err(_) => drop(gave_up.fetch_add(1, SeqCst)),
                }
            }
        });
        let store =
            Spread { init: Some(CAUSAL), name: room.name.clone(), cluster: &cluster, opened: 0.into() };
        let found = store.on(1).get(kind, "n").unwrap().unwrap();
        let count: usize = String::from_utf8(found.sealed).unwrap().parse().unwrap();
        eprintln!("updates of one {}: {} done, {count} counted", kind.name(), WORKERS * EACH);
        assert_eq!((count, found.version.unsigned_abs()), (WORKERS * EACH, (WORKERS * EACH) as u64));
    }
    eprintln!(
        "{} writes gave up after too many collisions and were repeated by the worker",
        gave_up.into_inner()
    );
}

/// The version that all records of the batch have: they are all there, or none is.
fn common_version(store: &ProcessStore, kind: RecordKind) -> i64 {
    let found = store.scan(kind, &of_organization(), None, 99).unwrap();
    let version = found.first().map_or(0, |one| one.version);
    assert!(found.is_empty() || found.len() == PARTS, "half a batch: {} records", found.len());
    assert!(found.iter().all(|one| one.version == version), "half a batch");
    assert!(found.iter().all(|one| one.sealed == found[0].sealed), "parts of two batches");
    version
}

const PARTS: usize = 5;

/// Every worker has another order, so that they get into one another's way.
fn batch(kind: RecordKind, worker: usize, expected: i64) -> Vec<RecordWrite> {
    let part = |number: usize| {
        let record = record(kind, &format!("k{}", (number + worker) % PARTS), worker.to_string().as_bytes());
        RecordWrite::Put { record, expected }
    };
    (0..PARTS).map(part).collect()
}

#[test]
#[ignore = "make cluster"]
fn cluster_batches_are_whole_or_absent() {
    const EACH: usize = 25;
    let Some(cluster) = cluster() else { return };
    let room = Spread::new(&cluster, None);
    let lost = AtomicUsize::new(0);
    room.work(|worker, store| {
        let mut done = 0;
        while done < EACH {
            let version = common_version(store, RecordKind::Grant);
            match store.write(&batch(RecordKind::Grant, worker, version)) {
                Ok(end) => done += usize::from(end == WriteOutcome::Done),
                Err(_) => drop(lost.fetch_add(1, SeqCst)),
            }
        }
    });
    let all = i64::try_from(WORKERS * EACH).unwrap();
    let causal = Spread { init: Some(CAUSAL), name: room.name.clone(), cluster: &cluster, opened: 0.into() };
    assert_eq!(common_version(&causal.on(2), RecordKind::Grant), all);
    eprintln!("batches: {all} done, all whole; {} gave up and were repeated", lost.into_inner());
}

#[test]
#[ignore = "make cluster"]
fn cluster_batches_in_the_hosts_transaction_are_whole_or_absent() {
    const EACH: usize = 20;
    let Some(cluster) = cluster() else { return };
    let room = Spread::new(&cluster, None);
    let host = |store: &ProcessStore, sql: &str| store.call(&json!({"op": "host", "sql": sql}));
    host(&room.on(0), "CREATE TABLE host_import (value INTEGER) ENGINE=InnoDB").unwrap();
    let causal = Spread { init: Some(CAUSAL), name: room.name.clone(), cluster: &cluster, opened: 0.into() };
    (0..NODES).for_each(|node| drop(host(&causal.on(node), "SELECT COUNT(*) FROM host_import").unwrap()));
    let again = AtomicUsize::new(0);
    room.work(|worker, store| {
        let mut done = 0;
        while done < EACH {
            if import(store, worker) {
                done += 1;
            } else {
                again.fetch_add(1, SeqCst);
                let _ = store.call(&json!({"op": "host_rollback"}));
            }
        }
    });
    let all = i64::try_from(WORKERS * EACH).unwrap();
    let last = causal.on(1);
    assert_eq!(common_version(&last, RecordKind::StagedRow), all);
    assert_eq!(host(&last, "SELECT COUNT(*) FROM host_import").unwrap(), json!(all));
    eprintln!("host's transactions: {all} done, all whole; {} begun again", again.into_inner());
}

/// One transaction of the host's with rows of its own and staged rows; false when it has to begin again.
fn import(store: &ProcessStore, worker: usize) -> bool {
    let is_true = |request: Value| store.call(&request).is_ok_and(|answer| answer == true);
    if !is_true(json!({"op": "host_begin"})) {
        return false;
    }
    let sql = "INSERT INTO host_import VALUES (1)";
    if store.call(&json!({"op": "host", "sql": sql})).is_err() {
        return false;
    }
    let Ok(found) = store.scan(RecordKind::StagedRow, &of_organization(), None, 1) else { return false };
    let version = found.first().map_or(0, |one| one.version);
    let written = store.write(&batch(RecordKind::StagedRow, worker, version));
    written.is_ok_and(|end| end == WriteOutcome::Done) && is_true(json!({"op": "host_commit"}))
}
