//! One refresh for each sign-in and expiry, among many processes that share a store, and at a server that rotates refresh tokens and
//! revokes the sign-in when one is used twice. Processes are killed at each point of a refresh.
#![allow(clippy::print_stderr, reason = "how long the processes took")]

mod common;
#[allow(dead_code, unreachable_pub, reason = "store_conformance.rs uses all of it")]
#[path = "stores/embedded.rs"]
mod embedded;
#[allow(dead_code, unreachable_pub, reason = "store_conformance.rs uses all of it")]
#[path = "stores/galera.rs"]
mod galera;
#[allow(dead_code, unreachable_pub, reason = "store_conformance.rs uses all of it")]
#[path = "stores/process.rs"]
mod process;
#[path = "common/refresh_worker.rs"]
mod refresh_worker;
#[allow(dead_code, unreachable_pub, reason = "store_conformance.rs uses all of it")]
#[path = "stores/server.rs"]
mod server;

use common::{Fixture, patient, resources};
use ehr_sim::{Options, Personality};
use fhir_ehr::{Clock as _, RecordKind, RecordQuery, RecordWrite, SqliteStore, Store, WriteOutcome};
use process::ProcessStore;
use refresh_worker::{StopPoint, StoreAt, php_driver};
use serde_json::{Value, json};
use server::{Server, program};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

#[test]
#[ignore = "not a test: a process that refreshes"]
fn refresh_worker() {
    refresh_worker::serve();
}

#[test]
#[ignore = "not a test: the embedded store as a process of its own"]
fn embedded_driver() {
    embedded::serve();
}

/// Seconds after which an access token of the simulator has expired.
const EXPIRY_SECONDS: i64 = 4000;

/// The longest time for the simulator to receive a request.
const PATIENCE: Duration = Duration::from_secs(100);

/// A user who has signed in, with a store that many processes share.
struct World<'s> {
    ehr: Fixture,
    document: Value,
    /// The stores of the processes, in turn.
    stores: &'s [StoreAt],
    now: i64,
}

impl<'s> World<'s> {
    fn new(options: Options, stores: &'s [StoreAt]) -> Self {
        let ehr = Fixture::new(Options { data: resources(&[&patient("p1", "M-1")]).data, ..options });
        ehr.launch("p1", "alice");
        ehr.sim.reset_requests();
        let mut document = ehr.document();
        // Long enough for a slow machine: a waiting process gives up after half of it.
        document["limits"] = json!({"refresh_lease_seconds": 120, "request_seconds": 60, "retries": 0});
        copy_records(&SqliteStore::new(ehr.folder.path().join("store")), &*stores[0].open());
        let now = ehr.clock.now();
        World { ehr, document, stores, now }
    }

    /// A server that rotates refresh tokens.
    fn rotating(stores: &'s [StoreAt]) -> Self {
        Self::new(Options { rotate_refresh_tokens: true, ..Options::default() }, stores)
    }

    fn worker(&self, number: usize, stop: Option<StopPoint>) -> ProcessStore {
        let store = &self.stores[number % self.stores.len()];
        refresh_worker::start(&self.document, store, self.now, stop)
    }

    fn workers(&self, count: usize) -> Vec<ProcessStore> {
        std::thread::scope(|scope| {
            let started: Vec<_> =
                (0..count).map(|number| scope.spawn(move || self.worker(number, None))).collect();
            started.into_iter().map(|worker| worker.join().expect("a worker")).collect()
        })
    }

    fn expire(&mut self) {
        self.now += EXPIRY_SECONDS;
    }

    /// Lets a worker read the patient, without waiting for it.
    fn begin(&self, worker: &ProcessStore) {
        worker.send(&json!(self.now)).expect("the worker lives");
    }

    /// What all workers get that read the patient at the same time.
    fn read_at_once(&self, workers: &[ProcessStore]) -> Vec<String> {
        workers.iter().for_each(|worker| self.begin(worker));
        workers.iter().map(result_of).collect()
    }

    fn refreshes(&self) -> usize {
        let requests = self.ehr.sim.requests();
        requests.iter().filter(|one| one.grant_type.as_deref() == Some("refresh_token")).count()
    }

    /// The leases of killed processes end.
    fn expire_leases(&self) {
        self.stores[0].driver().do_now(&json!({"op": "age", "seconds": 1000}));
    }
}

fn result_of(worker: &ProcessStore) -> String {
    worker.answer().expect("the worker lives").as_str().expect("a text").to_owned()
}

/// Copies what a sign-in has stored.
fn copy_records(from: &dyn Store, to: &dyn Store) {
    let query = RecordQuery { organization: "demo".into(), ..RecordQuery::default() };
    for kind in [RecordKind::IndexKey, RecordKind::Grant] {
        for record in from.scan(kind, &query, None, 100).expect("records") {
            // The embedded store of a test may be the one with which the user has signed in.
            let _ = to.write(&[RecordWrite::Put { record, expected: 0 }]).expect("a write");
        }
        assert!(!to.scan(kind, &query, None, 100).expect("records").is_empty(), "{kind:?}");
    }
}

/// All processes find the token expired at the same time, several times.
fn one_refresh_for_each_expiry(stores: &[StoreAt], processes: usize, expiries: usize) {
    let mut world = World::rotating(stores);
    let workers = world.workers(processes);
    let began = Instant::now();
    for expiry in 1..=expiries {
        world.expire();
        let results = world.read_at_once(&workers);
        assert!(results.iter().all(|result| result == "ok"), "{results:?}");
        assert_eq!(world.refreshes(), expiry, "one refresh for each expiry");
    }
    eprintln!("{processes} processes, {expiries} expiries: {expiries} refreshes in {:.1?}", began.elapsed());
}

/// What the other processes get after the winner was killed at a point, at a server that rotates; and how many refreshes the
/// server received.
fn after_a_kill(point: StopPoint) -> (&'static str, usize) {
    match point {
        // Nothing was sent: another process refreshes.
        StopPoint::BeforeMark => ("ok", 1),
        // Nothing was sent, but only the killed process knew that.
        StopPoint::AfterMark | StopPoint::BeforeRequest => ("grant_suspect", 0),
        // The server has rotated, and the new token is lost.
        StopPoint::BeforeTokens => ("grant_suspect", 1),
        StopPoint::AfterTokens => ("ok", 1),
    }
}

/// Kills the process that refreshes, while others wait for it.
fn kill_the_winner(world: &World<'_>, winner: &ProcessStore, others: &[ProcessStore]) -> Vec<String> {
    others.iter().for_each(|worker| world.begin(worker));
    winner.kill();
    world.expire_leases();
    others.iter().map(result_of).collect()
}

fn a_killed_refresh_is_never_lost_silently(stores: &[StoreAt]) {
    for point in StopPoint::ALL {
        let mut world = World::rotating(stores);
        let (winner, others) = (world.worker(0, Some(point)), world.workers(3));
        world.expire();
        world.begin(&winner);
        assert_eq!(winner.read_line().expect("the worker lives"), json!({"event": "stopped"}));
        let results = kill_the_winner(&world, &winner, &others);
        let (expected, refreshes) = after_a_kill(point);
        assert!(results.iter().all(|result| result == expected), "{point:?}: {results:?}");
        assert_eq!(world.refreshes(), refreshes, "{point:?}");
        // The same result later, and no second use of the refresh token.
        assert_eq!(world.read_at_once(&others[..1]), [expected], "{point:?}");
        assert_eq!(world.refreshes(), refreshes, "{point:?}");
        forget(stores);
    }
}

/// Deletes the grants of a case, so that the next one begins with a new sign-in.
fn forget(stores: &[StoreAt]) {
    let store = stores[0].open();
    let query = RecordQuery { organization: "demo".into(), ..RecordQuery::default() };
    for kind in [RecordKind::IndexKey, RecordKind::Grant] {
        for record in store.scan(kind, &query, None, 100).expect("records") {
            let delete = RecordWrite::Delete { kind, key: record.key, expected: record.version };
            assert_eq!(store.write(&[delete]).expect("a write"), WriteOutcome::Done);
        }
    }
}

// ---- the embedded store -------------------------------------------------------------------------

fn embedded_store(folder: &tempfile::TempDir) -> [StoreAt; 1] {
    [StoreAt::File(folder.path().join("shared"))]
}

#[test]
fn sixteen_processes_make_one_refresh_for_each_expiry_on_sqlite() {
    one_refresh_for_each_expiry(&embedded_store(&tempfile::tempdir().unwrap()), 16, 3);
}

#[test]
#[ignore = "make stress"]
fn stress_sixty_four_processes_make_one_refresh_for_each_expiry_on_sqlite() {
    one_refresh_for_each_expiry(&embedded_store(&tempfile::tempdir().unwrap()), 64, 5);
}

#[test]
fn a_refresh_that_is_killed_at_any_point_is_never_lost_silently_on_sqlite() {
    a_killed_refresh_is_never_lost_silently(&embedded_store(&tempfile::tempdir().unwrap()));
}

/// The server has rotated the refresh token, and its answer is on the way.
#[test]
fn a_process_that_is_killed_while_it_waits_for_the_answer_leaves_a_suspect_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let stores = embedded_store(&folder);
    let mut world = World::rotating(&stores);
    let (winner, others) = (world.worker(0, None), world.workers(3));
    world.expire();
    world.ehr.sim.set_fault("never-answers@token").unwrap();
    world.begin(&winner);
    let began = Instant::now();
    while world.refreshes() == 0 {
        assert!(began.elapsed() < PATIENCE, "the simulator has received no refresh");
        std::thread::yield_now();
    }
    let results = kill_the_winner(&world, &winner, &others);
    assert_eq!(results, ["grant_suspect"; 3]);
    assert_eq!(world.refreshes(), 1, "the refresh token is not sent again");
}

/// O3, E7: the old refresh token still works, so nothing is lost at any point.
#[test]
fn a_refresh_that_is_killed_at_a_server_that_does_not_rotate_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let stores = embedded_store(&folder);
    for point in StopPoint::ALL {
        let options = Options { personality: Personality::Oracle, ..Options::default() };
        let mut world = World::new(options, &stores);
        let (winner, others) = (world.worker(0, Some(point)), world.workers(3));
        world.expire();
        world.begin(&winner);
        assert_eq!(winner.read_line().unwrap(), json!({"event": "stopped"}));
        let results = kill_the_winner(&world, &winner, &others);
        assert_eq!(results, ["ok"; 3], "{point:?}");
        let sent_by_the_winner = usize::from(point == StopPoint::BeforeTokens);
        assert_eq!(world.refreshes(), 1 + sent_by_the_winner, "{point:?}");
        forget(&stores);
    }
}

// ---- databases ----------------------------------------------------------------------------------

/// Reports a missing program on stderr. In CI, it is a failure.
fn missing(what: &str, needed: &[(&str, bool)]) -> bool {
    let missing: Vec<&str> = needed.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return false;
    }
    let words = format!("{what} was not tested; install: {}", missing.join(" "));
    assert!(std::env::var_os("CI").is_none(), "{words}");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {words}");
    true
}

fn php_has(module: &str) -> bool {
    let asked = format!("exit(extension_loaded('{module}') ? 0 : 1);");
    Command::new("php").args(["-r", &asked]).status().is_ok_and(|status| status.success())
}

fn php_config(dsn: &str, user: &str) -> Value {
    json!({"dsn": dsn, "user": user})
}

/// A new database with the tables of the store. `dsn` is the DSN of a database, or of none.
fn install(dsn: &dyn Fn(&str) -> String, admin: &str, user: &str) -> StoreAt {
    let sql = json!({"op": "sql", "sql": "CREATE DATABASE refreshes"});
    php_driver(&php_config(&dsn(admin), user)).do_now(&sql);
    let store = StoreAt::Php(php_config(&dsn("refreshes"), user));
    store.driver().do_now(&json!({"op": "install"}));
    store
}

fn mysql_dsn(socket: &Path, database: &str) -> String {
    let database =
        if database.is_empty() { String::new() } else { format!("dbname={database};charset=utf8mb4") };
    format!("mysql:unix_socket={};{database}", socket.display())
}

fn with_mariadb(test: impl FnOnce(&[StoreAt])) {
    let needed = [
        ("php8.2-cli", php_has("json")),
        ("php8.2-mysql", php_has("pdo_mysql")),
        ("mariadb-server", program("mariadbd").is_some()),
    ];
    if missing("refreshes of many processes on MariaDB", &needed) {
        return;
    }
    let server = Server::mariadb();
    let socket: PathBuf = server.folder.path().join("socket");
    test(&[install(&|name| mysql_dsn(&socket, name), "", "root")]);
}

fn with_postgres(test: impl FnOnce(&[StoreAt])) {
    let needed = [
        ("php8.2-cli", php_has("json")),
        ("php8.2-pgsql", php_has("pdo_pgsql")),
        ("postgresql-15", program("postgres").is_some() && program("initdb").is_some()),
    ];
    if missing("refreshes of many processes on PostgreSQL", &needed) {
        return;
    }
    let server = Server::postgres();
    let dsn = |name: &str| format!("pgsql:host={};dbname={name}", server.folder.path().display());
    test(&[install(&dsn, "postgres", "postgres")]);
}

#[test]
fn sixteen_processes_make_one_refresh_for_each_expiry_on_mariadb() {
    with_mariadb(|stores| one_refresh_for_each_expiry(stores, 16, 3));
}

#[test]
fn a_refresh_that_is_killed_at_any_point_is_never_lost_silently_on_mariadb() {
    with_mariadb(a_killed_refresh_is_never_lost_silently);
}

#[test]
fn sixteen_processes_make_one_refresh_for_each_expiry_on_postgresql() {
    with_postgres(|stores| one_refresh_for_each_expiry(stores, 16, 3));
}

#[test]
#[ignore = "make stress"]
fn stress_sixty_four_processes_make_one_refresh_for_each_expiry_on_mariadb() {
    with_mariadb(|stores| one_refresh_for_each_expiry(stores, 64, 5));
}

// ---- a cluster ----------------------------------------------------------------------------------

/// The same database on each node of a Galera cluster.
fn with_cluster(test: impl FnOnce(&[StoreAt])) {
    let needed = [
        ("php8.2-cli", php_has("json")),
        ("php8.2-mysql", php_has("pdo_mysql")),
        ("mariadb-server", program("mariadbd").is_some()),
        ("galera-4", Path::new(galera::PROVIDER).exists()),
        ("rsync", program("rsync").is_some()),
        ("socat", program("socat").is_some()),
    ];
    if missing("refreshes of many processes on a cluster", &needed) {
        return;
    }
    let cluster = galera::Cluster::start();
    let first = install(&|name| mysql_dsn(&cluster.socket(0), name), "", "root");
    let others = (1..galera::NODES)
        .map(|node| StoreAt::Php(php_config(&mysql_dsn(&cluster.socket(node), "refreshes"), "root")));
    let stores: Vec<StoreAt> = std::iter::once(first).chain(others).collect();
    test(&stores);
}

#[test]
#[ignore = "make cluster"]
fn cluster_processes_on_three_nodes_make_one_refresh_for_each_expiry() {
    with_cluster(|stores| one_refresh_for_each_expiry(stores, 16, 30));
}

#[test]
#[ignore = "make cluster"]
fn cluster_refresh_that_is_killed_at_any_point_is_never_lost_silently() {
    with_cluster(a_killed_refresh_is_never_lost_silently);
}
