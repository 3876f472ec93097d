//! The stores' conformance suite on a hook store written in C, through this crate's own adapter of hooks.
//!
//! The test compiles and loads c/store_file.c. It compiles the adapter once more, because the library does not export
//! it. Each process of the suite is another process of this test.
#![allow(clippy::print_stderr, missing_docs, reason = "which case ran; a test's parts")]

#[path = "../src/cast.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod cast;
#[path = "../src/error.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod error;
#[path = "../src/guard.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod guard;
#[path = "../src/handle.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod handle;
#[path = "../src/hooks/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod hooks;
#[path = "../src/panic.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod panic;
#[path = "../src/pin.rs"]
mod pin;
#[path = "../src/record.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod record;
#[path = "../src/sink.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod sink;
#[path = "../src/status.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod status;
#[path = "../src/text.rs"]
#[allow(dead_code, unreachable_pub, reason = "this test uses a part")]
mod text;

#[path = "../../../tests/stores"]
#[allow(unreachable_pub, reason = "a part of a test binary")]
mod stores {
    pub mod basic;
    pub mod driven;
    pub mod full_disk;
    pub mod host_connection;
    pub mod process;
    #[allow(dead_code, reason = "this store needs no server")]
    pub mod server;
    pub mod silent_rollback;
}

use fhir_ehr::{
    Code, Error, Lease, RecordKind, RecordQuery, RecordWrite, Result, Store, StoredRecord, WriteOutcome,
};
use hooks::{HookTable, HostHooks, store::StoreHooks};
use libc::{c_char, c_void};
use record::HostStoredRecord;
use serde_json::{Value, json};
use sink::Sink;
use std::{
    ffi::{CStr, CString},
    fs,
    io::{BufRead, Write as _, stdin, stdout},
    os::unix::ffi::OsStrExt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::Command,
    sync::{Once, OnceLock},
    time::Instant,
};
use stores::{
    basic,
    driven::{self, StoreFixture},
    process::{ProcessStore, record_from_json, record_to_json},
};

const FILE: &str = "FHIR_EHR_TEST_C_STORE_FILE";

// ---- the store in C -----------------------------------------------------------------------------

/// The functions of c/store_file.h.
struct Library {
    open: unsafe extern "C" fn(*const c_char) -> *mut c_void,
    close: unsafe extern "C" fn(*mut c_void),
    hooks: unsafe extern "C" fn(*mut c_void, *mut StoreHooks),
    conflict: unsafe extern "C" fn(*const c_void) -> usize,
    age: unsafe extern "C" fn(*mut c_void, i64) -> i32,
}

type TakeRecord = unsafe extern "C" fn(*mut Sink, *const HostStoredRecord) -> i32;

fn shared_object() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("c_store.so")
}

/// Compiles the store once. Processes that start later load the compiled file.
fn compile() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let c = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
        let made = shared_object().with_extension(std::process::id().to_string());
        let mut cc = Command::new("cc");
        cc.args(["-std=c11", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Werror", "-pedantic"]);
        cc.args(["-Wstrict-prototypes", "-Wconversion", "-shared", "-fPIC", "-I"]);
        cc.arg(c.join("../../../../include")).arg("-o").arg(&made);
        cc.args([c.join("store_file.c"), c.join("store_sink.c")]);
        assert!(cc.status().unwrap().success(), "cc");
        fs::rename(made, shared_object()).unwrap();
    });
}

impl Library {
    fn get() -> &'static Library {
        static LOADED: OnceLock<Library> = OnceLock::new();
        LOADED.get_or_init(|| {
            let file = CString::new(shared_object().as_os_str().as_bytes()).unwrap();
            // SAFETY: a terminated name; what is loaded runs nothing of its own.
            let handle = unsafe { libc::dlopen(file.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
            assert!(!handle.is_null(), "{} cannot be loaded", shared_object().display());
            // SAFETY: the types are those of store_file.h and store_sink.c.
            unsafe {
                let set: unsafe extern "C" fn(TakeRecord) = function(handle, c"store_sink_set");
                set(sink::fhir_ehr_sink_stored_record);
                Library {
                    open: function(handle, c"file_store_open"),
                    close: function(handle, c"file_store_close"),
                    hooks: function(handle, c"file_store_hooks"),
                    conflict: function(handle, c"file_store_conflict"),
                    age: function(handle, c"file_store_age"),
                }
            }
        })
    }
}

/// # Safety
/// `handle` is open, and `F` the type of that function.
unsafe fn function<F: Copy>(handle: *mut c_void, name: &CStr) -> F {
    // SAFETY: the handle is open and the name terminated.
    let found = unsafe { libc::dlsym(handle, name.as_ptr()) };
    assert!(!found.is_null() && size_of::<F>() == size_of_val(&found), "{name:?}");
    // SAFETY: the caller's promise; both are pointers.
    unsafe { std::mem::transmute_copy(&found) }
}

/// The store in C behind the adapter. The suite also checks the part that caused a conflict and an empty `after`. The
/// hooks have neither, because the client does not need them, so this type adds them.
struct CStore {
    hooks: HostHooks<StoreHooks>,
    library: &'static Library,
}

impl CStore {
    fn new(file: &Path) -> Self {
        let library = Library::get();
        let file = CString::new(file.as_os_str().as_bytes()).unwrap();
        // SAFETY: a terminated path; all zero is a table.
        let mut table: StoreHooks = unsafe { std::mem::zeroed() };
        // SAFETY: the store lives until it is dropped; the table is one.
        unsafe {
            let store = (library.open)(file.as_ptr());
            assert!(!store.is_null());
            (library.hooks)(store, &raw mut table);
        }
        // SAFETY: as the library reads a table.
        let table: StoreHooks = unsafe { cast::sized_struct(&raw const table, "store") }.unwrap();
        table.check().unwrap();
        CStore { hooks: HostHooks(table), library }
    }

    fn age(&self, seconds: i64) -> Result<()> {
        // SAFETY: the store lives.
        let answer = unsafe { (self.library.age)(self.hooks.0.user_data, seconds) };
        if answer == 0 { Ok(()) } else { Err(Error::new(Code::StoreUnavailable)) }
    }
}

impl Drop for CStore {
    fn drop(&mut self) {
        // SAFETY: it was opened, and is not used again.
        unsafe { (self.library.close)(self.hooks.0.user_data) }
    }
}

impl Store for CStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        self.hooks.get(kind, key)
    }

    /// The hook reports that there was a conflict, but not in which part. The store has the index.
    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        let written = self.hooks.write(batch)?;
        // SAFETY: the store lives.
        let number = || unsafe { (self.library.conflict)(self.hooks.0.user_data) };
        Ok(if written == WriteOutcome::Done { written } else { WriteOutcome::Conflict(number()) })
    }

    /// The hook takes an empty `after` as none. After the empty key, which no record of the client has, this asks for
    /// one record more and leaves out the one with the empty key.
    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        let empty = after == Some("");
        let mut found = self.hooks.scan(kind, query, after, limit + usize::from(empty))?;
        if empty {
            found.retain(|record| !record.key.is_empty());
            found.truncate(limit);
        }
        Ok(found)
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        self.hooks.acquire_lease(name, holder, seconds)
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.hooks.release_lease(lease)
    }

    fn purge_expired(&self) -> Result<usize> {
        self.hooks.purge_expired()
    }
}

// ---- the store as a process of its own ----------------------------------------------------------

fn answer(store: &CStore, request: &Value) -> Result<Value> {
    let text = |name: &str| request[name].as_str().map(str::to_owned);
    let name = |name: &str| text(name).expect("a text");
    let kind = |value: &Value| RecordKind::ALL.into_iter().find(|kind| value == kind.name()).expect("a kind");
    let number = |name: &str| request[name].as_i64().expect("a number");
    Ok(match name("op").as_str() {
        "hello" => json!({"name": "C", "can": ["age"]}),
        "get" => store.get(kind(&request["kind"]), &name("key"))?.map_or(Value::Null, |r| record_to_json(&r)),
        "write" => {
            let part = |part: &Value| {
                let expected = part["expected"].as_i64().expect("a number");
                if part["record"].is_null() {
                    let key = part["key"].as_str().expect("a text").to_owned();
                    return RecordWrite::Delete { kind: kind(&part["kind"]), key, expected };
                }
                RecordWrite::Put { record: record_from_json(&part["record"]), expected }
            };
            let batch: Vec<RecordWrite> =
                request["batch"].as_array().expect("a list").iter().map(part).collect();
            match store.write(&batch)? {
                WriteOutcome::Done => json!(-1),
                WriteOutcome::Conflict(number) => json!(number),
            }
        }
        "scan" => {
            let (project, subject, state) = (text("project"), text("subject"), text("state"));
            let query = RecordQuery { organization: name("organization"), project, subject, state };
            let limit = usize::try_from(number("limit")).expect("a limit");
            let found = store.scan(kind(&request["kind"]), &query, text("after").as_deref(), limit)?;
            found.iter().map(record_to_json).collect()
        }
        "acquire_lease" => {
            let lease = store.acquire_lease(&name("name"), &name("holder"), number("seconds"))?;
            lease.map_or(Value::Null, |lease| json!(lease.fence))
        }
        "release_lease" => {
            let lease = Lease { name: name("name"), holder: name("holder"), fence: number("fence") };
            store.release_lease(&lease)?;
            Value::Null
        }
        "purge" => json!(store.purge_expired()?),
        "age" => {
            store.age(number("seconds"))?;
            Value::Null
        }
        other => panic!("unknown op {other}"),
    })
}

#[test]
#[ignore = "not a test: the store in C as a process of its own"]
fn c_store_driver() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let store = CStore::new(Path::new(&file));
    let mut out = stdout();
    writeln!(out).expect("stdout");
    for line in stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let answer = match answer(&store, &request) {
            Ok(answer) => json!({"ok": answer}),
            Err(error) => json!({"error": {"type": error.code().name(), "message": error.message()}}),
        };
        writeln!(out, "{answer}").and_then(|()| out.flush()).expect("stdout");
    }
}

struct CFile(tempfile::TempDir);

fn driver(file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", "c_store_driver", "--ignored", "--nocapture"]).env(FILE, file);
    command
}

impl StoreFixture for CFile {
    fn open(&self) -> ProcessStore {
        ProcessStore::start(&mut driver(&self.0.path().join("store")))
    }
    fn in_folder(&self, folder: &Path) -> Option<Command> {
        Some(driver(&folder.join("store")))
    }
    fn growing_file(&self) -> Option<PathBuf> {
        Some(self.0.path().join("store.new"))
    }
}

// ---- the suite ----------------------------------------------------------------------------------

#[test]
fn c_store_in_one_process() {
    compile();
    for (case, run) in basic::CASES {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store");
        eprintln!("{case}");
        run(&|| Box::new(CStore::new(&file)));
    }
}

#[test]
fn c_store_in_many_processes() {
    compile();
    let fixture = || CFile(tempfile::tempdir().unwrap());
    let (mut table, mut failed) = (String::new(), Vec::new());
    let mut note = |case: &str, run: &dyn Fn() -> driven::CaseResult| {
        let began = Instant::now();
        let words = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(why)) => format!("not here: {why}"),
            Err(_) => {
                failed.push(case.to_owned());
                "FAILED".to_owned()
            }
        };
        table += &format!("C store  {case:30} {:5} ms  {words}\n", began.elapsed().as_millis());
    };
    for (case, run) in basic::CASES {
        note(case, &|| {
            let fixture = fixture();
            run(&|| Box::new(fixture.open()));
            Ok(())
        });
    }
    for (case, run) in driven::CASES {
        note(case, &|| run(&fixture()));
    }
    eprintln!("{table}");
    assert!(failed.is_empty(), "{failed:?}");
}
