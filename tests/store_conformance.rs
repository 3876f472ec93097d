//! One suite for every store: the embedded one, PHP's over each database, and a hook store of the host's.
#![allow(clippy::print_stderr, reason = "which case ran where")]

mod stores;

use fhir_ehr::{SqliteStore, Store};
use serde_json::json;
use std::{
    fs,
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};
use stores::{
    basic,
    driven::{self, Room},
    embedded,
    process::ProcessStore,
    server::{Server, program},
    stress::{self, Load},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs every case over a room of its own, and fails in the end if one of them did.
fn conform<'a>(store: &str, room: &(dyn Fn() -> Box<dyn Room + 'a> + Sync)) {
    let mut table = String::new();
    let mut failed = Vec::new();
    let mut note = |case: &str, began: Instant, end: std::thread::Result<driven::Ran>| {
        let words = match end {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(why)) => format!("not here: {why}"),
            Err(_) => {
                failed.push(case.to_owned());
                "FAILED".to_owned()
            }
        };
        table += &format!("{store:16} {case:30} {:5} ms  {words}\n", began.elapsed().as_millis());
    };
    for (case, run) in basic::CASES {
        let began = Instant::now();
        note(
            case,
            began,
            catch_unwind(AssertUnwindSafe(|| {
                let room = room();
                run(&|| Box::new(room.open()) as Box<dyn Store>);
                Ok(())
            })),
        );
    }
    for (case, run) in driven::CASES {
        let began = Instant::now();
        note(case, began, catch_unwind(AssertUnwindSafe(|| run(&*room()))));
    }
    eprintln!("{table}");
    assert!(failed.is_empty(), "{store}: {failed:?}");
}

/// Says so, past the test harness, when something is missing; in CI that is a failure.
fn missing(store: &str, needed: &[(&str, bool)]) -> bool {
    let missing: Vec<&str> = needed.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return false;
    }
    let words = format!("{store} was not tested; install: {}", missing.join(" "));
    assert!(std::env::var_os("CI").is_none(), "{words}");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {words}");
    true
}

fn php_has(module: &str) -> bool {
    let asked = format!("exit(extension_loaded('{module}') ? 0 : 1);");
    Command::new("php").args(["-r", &asked]).status().is_ok_and(|status| status.success())
}

fn php(script: &str) -> Command {
    let mut command = Command::new("php");
    command.arg(root().join("tests/stores").join(script));
    command
}

// ---- the embedded store -------------------------------------------------------------------------

struct Embedded(tempfile::TempDir);

impl Room for Embedded {
    fn open(&self) -> ProcessStore {
        ProcessStore::start(&mut embedded::driver(&self.0.path().join("store")))
    }
    fn in_folder(&self, folder: &Path) -> Option<Command> {
        Some(embedded::driver(&folder.join("store")))
    }
    fn growing(&self) -> Option<PathBuf> {
        Some(self.0.path().join("store-wal"))
    }
}

#[test]
#[ignore = "not a test: the embedded store as a process of its own"]
fn embedded_driver() {
    embedded::serve();
}

#[test]
fn embedded_store_in_one_process() {
    for (case, run) in basic::CASES {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store");
        eprintln!("{case}");
        run(&|| Box::new(SqliteStore::new(&file)));
    }
}

/// Many processes meet at a file that is not there yet, again and again.
#[test]
fn embedded_store_is_made_by_many_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let start = std::sync::Barrier::new(8);
        let work = || {
            let store = SqliteStore::new(folder.path().join("store"));
            start.wait();
            store.purge_expired()
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
            all.into_iter().for_each(|one| assert_eq!(one.join().unwrap().unwrap(), 0));
        });
    }
}

#[test]
fn embedded_store() {
    conform("embedded", &|| Box::new(Embedded(tempfile::tempdir().unwrap())));
}

fn embedded_writers(load: Load) {
    stress::many_writers("embedded", &Embedded(tempfile::tempdir().unwrap()), load);
}

#[test]
fn embedded_store_with_many_writers() {
    embedded_writers(stress::SMALL);
}

#[test]
#[ignore = "make stress"]
fn stress_embedded_store_with_many_writers() {
    embedded_writers(stress::FULL);
}

// ---- PHP ----------------------------------------------------------------------------------------

/// A store in PHP whose data are files in a folder.
struct PhpFiles {
    folder: tempfile::TempDir,
    config: fn(&Path) -> serde_json::Value,
    growing: &'static str,
}

impl Room for PhpFiles {
    fn open(&self) -> ProcessStore {
        ProcessStore::start(php("driver.php").arg((self.config)(self.folder.path()).to_string()))
    }
    fn in_folder(&self, folder: &Path) -> Option<Command> {
        let mut command = php("driver.php");
        command.arg((self.config)(folder).to_string());
        Some(command)
    }
    fn growing(&self) -> Option<PathBuf> {
        Some(self.folder.path().join(self.growing))
    }
}

#[test]
fn php_hook_store() {
    if missing("the PHP hook store", &[("php8.2-cli", php_has("json"))]) {
        return;
    }
    conform("PHP hook store", &|| {
        let config = |folder: &Path| json!({"path": folder.join("store")});
        Box::new(PhpFiles { folder: tempfile::tempdir().unwrap(), config, growing: "store.new" })
    });
}

#[test]
fn php_pdo_sqlite() {
    if missing("PDO on SQLite", &[("php8.2-cli", php_has("json")), ("php8.2-sqlite3", php_has("pdo_sqlite"))])
    {
        return;
    }
    conform("PDO SQLite", &|| Box::new(pdo_sqlite_files()));
}

fn pdo_sqlite_files() -> PhpFiles {
    let config = |folder: &Path| {
        let dsn = |name: &str| format!("sqlite:{}", folder.join(name).display());
        json!({"dsn": dsn("own"), "host_dsn": dsn("host")})
    };
    let room = PhpFiles { folder: tempfile::tempdir().unwrap(), config, growing: "own-wal" };
    room.open().do_now(&json!({"op": "install"}));
    room.open().do_now(&json!({"op": "install_host"}));
    room
}

fn pdo_sqlite_writers(load: Load) {
    let needed = [("php8.2-cli", php_has("json")), ("php8.2-sqlite3", php_has("pdo_sqlite"))];
    if !missing("PDO on SQLite with many writers", &needed) {
        stress::many_writers("PDO SQLite", &pdo_sqlite_files(), load);
    }
}

#[test]
fn php_pdo_sqlite_with_many_writers() {
    pdo_sqlite_writers(stress::SMALL);
}

#[test]
#[ignore = "make stress"]
fn stress_php_pdo_sqlite_with_many_writers() {
    pdo_sqlite_writers(stress::FULL);
}

/// A database of its own on a server.
struct Database(serde_json::Value);

impl Room for Database {
    fn open(&self) -> ProcessStore {
        ProcessStore::start(php("driver.php").arg(self.0.to_string()))
    }
    fn in_folder(&self, _: &Path) -> Option<Command> {
        None
    }
    fn growing(&self) -> Option<PathBuf> {
        None
    }
}

static DATABASES: AtomicUsize = AtomicUsize::new(0);

fn on_server(store: &str, admin: &serde_json::Value, config: &(dyn Fn(&str) -> serde_json::Value + Sync)) {
    conform(store, &|| {
        let name = format!("case{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let admin = ProcessStore::start(php("driver.php").arg(admin.to_string()));
        admin.do_now(&json!({"op": "sql", "sql": format!("CREATE DATABASE {name}")}));
        let room = Database(config(&name));
        room.open().do_now(&json!({"op": "install"}));
        Box::new(room)
    });
}

#[test]
fn php_pdo_mariadb() {
    let needed = [
        ("php8.2-cli", php_has("json")),
        ("php8.2-mysql", php_has("pdo_mysql")),
        ("mariadb-server", program("mariadbd").is_some()),
    ];
    if missing("PDO on MariaDB", &needed) {
        return;
    }
    let server = Server::mariadb();
    let socket = server.folder.path().join("socket");
    let dsn = |rest: &str| format!("mysql:unix_socket={};{rest}", socket.display());
    on_server("PDO MariaDB", &json!({"dsn": dsn(""), "user": "root"}), &|name| {
        // The host's connection speaks another character set than ours.
        let (own, host) =
            (dsn(&format!("dbname={name};charset=utf8mb4")), dsn(&format!("dbname={name};charset=latin1")));
        json!({"dsn": own, "host_dsn": host, "user": "root"})
    });
}

#[test]
fn php_pdo_postgres() {
    let needed = [
        ("php8.2-cli", php_has("json")),
        ("php8.2-pgsql", php_has("pdo_pgsql")),
        ("postgresql-15", program("postgres").is_some() && program("initdb").is_some()),
    ];
    if missing("PDO on PostgreSQL", &needed) {
        return;
    }
    let server = Server::postgres();
    let dsn = |name: &str| format!("pgsql:host={};dbname={name}", server.folder.path().display());
    on_server(
        "PDO PostgreSQL",
        &json!({"dsn": dsn("postgres"), "user": "postgres"}),
        &|name| json!({"dsn": dsn(name), "host_dsn": dsn(name), "user": "postgres"}),
    );
}

#[test]
fn php_classes_alone() {
    if missing(
        "the PHP classes alone",
        &[("php8.2-cli", php_has("json")), ("php8.2-sqlite3", php_has("pdo_sqlite"))],
    ) {
        return;
    }
    let output = php("alone.php").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.ends_with("all as it should be\n"), "{said}");
}

#[test]
fn every_php_file_compiles() {
    if missing("the PHP files", &[("php8.2-cli", php_has("json"))]) {
        return;
    }
    let folders = ["php-ext/php", "php-ext/php/src", "php-ext/php/src/Pdo", "tests/stores"];
    let files = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap().flatten());
    for file in files.map(|file| file.path()).filter(|file| file.extension().is_some_and(|end| end == "php"))
    {
        let output = Command::new("php").arg("-l").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_documents_show_the_hook_store_that_was_run() {
    let store = fs::read_to_string(root().join("tests/stores/FileStore.php")).unwrap();
    let document = fs::read_to_string(root().join("docs/stores.md")).unwrap();
    assert!(document.contains(&format!("```php\n{store}```\n")), "docs/stores.md shows another store");
}
