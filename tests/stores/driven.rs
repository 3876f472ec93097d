//! Cases in which something goes wrong around the store; the driver, or the kernel, makes it happen.

use super::{
    basic::{delete, keys, of_organization, put, record},
    process::{ProcessStore, write_request, written},
    server::{is_root, program},
    unseen,
};
use fhir_ehr::{Code, RecordKind, RecordQuery, RecordWrite, Store, StoredRecord, WriteOutcome};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// One store for one case.
pub trait Room: Sync {
    /// Another process over the same data.
    fn open(&self) -> ProcessStore;
    /// A process over a file in that folder, for stores that are a file.
    fn in_folder(&self, folder: &Path) -> Option<Command>;
    /// The file that grows while a large batch is written, for stores that are a file.
    fn growing(&self) -> Option<PathBuf>;
}

/// Why a case has no meaning for a store.
pub type Ran = Result<(), &'static str>;

type Case = fn(&dyn Room) -> Ran;

pub const CASES: &[(&str, Case)] = &[
    ("time passes", time_passes),
    ("deadlock", deadlock),
    ("connection lost while idle", lost_while_idle),
    ("connection lost in mid-write", lost_in_mid_write),
    ("killed in mid-batch", killed_in_mid_batch),
    ("full disk", full_disk),
    ("rolled back unseen", unseen::own_transaction),
    ("host's rolled back unseen", unseen::hosts_transaction),
    ("lease commits itself", unseen::lease_commits_itself),
    ("host's transaction", hosts_transaction),
    ("host's habits", hosts_habits),
    ("fork", fork),
    ("migrations", migrations),
];

pub fn can(store: &ProcessStore, what: &str) -> bool {
    store.do_now(&json!({"op": "hello"}))["can"].as_array().expect("a list").iter().any(|one| one == what)
}

pub fn with(mut request: Value, name: &str, value: i64) -> Value {
    request[name] = json!(value);
    request
}

pub fn is_unavailable<T: std::fmt::Debug>(result: fhir_ehr::Result<T>) {
    assert_eq!(result.expect_err("the store cannot be reached").code(), Code::StoreUnavailable);
}

fn time_passes(room: &dyn Room) -> Ran {
    let (one, two) = (room.open(), room.open());
    let age = json!({"op": "age", "seconds": 601});
    let first = one.acquire_lease("l", "one", 600).unwrap().unwrap();
    let link = StoredRecord { expires_in: Some(600), ..record(RecordKind::UserLink, "k", b"x") };
    let row = StoredRecord { expires_in: Some(600), ..record(RecordKind::StagedRow, "k", b"x") };
    let longer = StoredRecord { expires_in: Some(9_999), ..record(RecordKind::StagedRow, "longer", b"x") };
    for record in [link, row, longer] {
        assert_eq!(one.write(&[RecordWrite::Put { record, expected: 0 }]).unwrap(), WriteOutcome::Done);
    }
    assert_eq!(two.acquire_lease("l", "two", 600).unwrap(), None);
    one.do_now(&age);
    assert_eq!(two.get(RecordKind::UserLink, "k").unwrap(), None);
    assert_eq!(keys(&two, RecordKind::StagedRow, &of_organization(), None, 9), ["longer"]);
    let second = two.acquire_lease("l", "two", 600).unwrap().unwrap();
    assert!(second.fence > first.fence);
    one.release_lease(&first).unwrap();
    assert_eq!(one.acquire_lease("l", "one", 600).unwrap(), None, "the late holder gave nothing back");
    assert_eq!(one.purge_expired().unwrap(), 2);
    Ok(())
}

fn deadlock(room: &dyn Room) -> Ran {
    let (one, two) = (room.open(), room.open());
    if !can(&one, "row_locks") {
        return Err("one writer at a time: no deadlock; see opposite orders");
    }
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        assert_eq!(one.write(&[put(kind, "a", 0), put(kind, "b", 0)]).unwrap(), WriteOutcome::Done);
        for (store, order) in [(&one, ["a", "b"]), (&two, ["b", "a"])] {
            let batch = order.map(|key| put(kind, key, 1));
            store.send(&with(write_request(&batch), "pause_before", 1)).unwrap();
            store.wait_paused();
        }
        // Both hold their first record and go for the other's.
        one.send(&json!({})).unwrap();
        two.send(&json!({})).unwrap();
        let mut ends = [&one, &two].map(|store| written(&store.answer().unwrap()));
        ends.sort_by_key(|end| *end != WriteOutcome::Done);
        assert_eq!(
            ends,
            [WriteOutcome::Done, WriteOutcome::Conflict(0)],
            "one is done, the other tried again"
        );
        for key in ["a", "b"] {
            assert_eq!(one.get(kind, key).unwrap().unwrap().version, 2);
        }
    }
    // Riding in the host's transaction it cannot be tried again: it is reported, and the host begins anew.
    let kind = RecordKind::StagedRow;
    for (store, order) in [(&one, ["a", "b"]), (&two, ["b", "a"])] {
        store.do_now(&json!({"op": "host_begin"}));
        store.send(&with(write_request(&order.map(|key| put(kind, key, 2))), "pause_before", 1)).unwrap();
        store.wait_paused();
    }
    one.send(&json!({})).unwrap();
    two.send(&json!({})).unwrap();
    // The one that waits for the other's lock gets on when the victim's transaction is rolled back.
    let answers = std::thread::scope(|scope| {
        let first = scope.spawn(|| finish(&one));
        let second = finish(&two);
        [first.join().unwrap(), second]
    });
    assert_eq!(answers.iter().filter(|done| **done).count(), 1, "{answers:?}");
    for key in ["a", "b"] {
        assert_eq!(room.open().get(kind, key).unwrap().unwrap().version, 3);
    }
    Ok(())
}

/// Ends a batch that rides: commits it, or rolls the host's transaction back when it failed.
fn finish(store: &ProcessStore) -> bool {
    match store.answer() {
        Ok(answer) => {
            assert_eq!(written(&answer), WriteOutcome::Done);
            // On a cluster the COMMIT is what meets the other transaction.
            let done = store.call(&json!({"op": "host_commit"})).is_ok_and(|done| done == true);
            if !done {
                let _ = store.call(&json!({"op": "host_rollback"}));
            }
            done
        }
        Err(error) => {
            assert!(error.message().contains("begin it again"), "{error}");
            // The database may have ended the transaction by itself.
            let _ = store.call(&json!({"op": "host_rollback"}));
            false
        }
    }
}

fn lost_while_idle(room: &dyn Room) -> Ran {
    let store = room.open();
    if !can(&store, "lose") {
        return Err("it has no connection");
    }
    let lose = json!({"op": "lose"});
    assert_eq!(store.write(&[put(RecordKind::Grant, "k", 0)]).unwrap(), WriteOutcome::Done);
    store.do_now(&lose);
    assert_eq!(store.get(RecordKind::Grant, "k").unwrap().unwrap().version, 1);
    store.do_now(&lose);
    assert_eq!(store.write(&[put(RecordKind::Grant, "k", 1)]).unwrap(), WriteOutcome::Done);
    store.do_now(&lose);
    assert!(store.acquire_lease("l", "one", 9).unwrap().is_some());
    store.do_now(&lose);
    assert_eq!(keys(&store, RecordKind::Grant, &of_organization(), None, 9), ["k"]);
    Ok(())
}

fn lost_in_mid_write(room: &dyn Room) -> Ran {
    let other = room.open();
    if !can(&other, "lose") {
        return Err("it has no connection");
    }
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let store = room.open();
        assert_eq!(store.write(&[put(kind, "a", 0), put(kind, "b", 0)]).unwrap(), WriteOutcome::Done);
        let batch = [put(kind, "a", 1), delete(kind, "b", 1), put(kind, "c", 0)];
        for before in 0..3 {
            let store = room.open();
            is_unavailable(store.call(&with(write_request(&batch), "lose_before", before)));
            let found = other.scan(kind, &of_organization(), None, 9).unwrap();
            let found: Vec<_> = found.iter().map(|found| (found.key.as_str(), found.version)).collect();
            assert_eq!(found, [("a", 1), ("b", 1)], "lost before part {before}");
            if kind == RecordKind::Grant {
                // The store's own connection is made anew, and the repeat is safe.
                assert_eq!(store.write(&[put(kind, "a", 9)]).unwrap(), WriteOutcome::Conflict(0));
            } else {
                is_unavailable(store.write(&batch));
            }
        }
        // In the host's transaction everything of it is gone, and no later batch is stored outside of it.
        if kind == RecordKind::StagedRow {
            let store = room.open();
            store.do_now(&json!({"op": "host_begin"}));
            assert_eq!(store.write(&[put(kind, "d", 0)]).unwrap(), WriteOutcome::Done);
            is_unavailable(store.call(&with(write_request(&batch), "lose_before", 1)));
            is_unavailable(store.write(&[put(kind, "e", 0)]));
            assert_eq!(keys(&other, kind, &of_organization(), None, 9), ["a", "b"]);
        }
        assert_eq!(other.write(&batch).unwrap(), WriteOutcome::Done);
        assert_eq!(other.write(&batch).unwrap(), WriteOutcome::Conflict(0), "a repeat changes nothing");
    }
    Ok(())
}

/// All records of a batch at one version, or none of them changed.
fn nothing_half(store: &dyn Store, kind: RecordKind, parts: usize) -> i64 {
    let found = store.scan(kind, &of_organization(), None, parts + 9).unwrap();
    assert_eq!(found.len(), parts);
    assert!(found.iter().all(|one| one.version == found[0].version), "half a batch");
    found[0].version
}

fn killed_in_mid_batch(room: &dyn Room) -> Ran {
    const PARTS: usize = 30;
    let first = room.open();
    let stops = can(&first, "pause");
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let sealed = if stops { vec![7; 100] } else { vec![7; 100_000] };
        let batch = |expected| -> Vec<RecordWrite> {
            let record = |number| record(kind, &format!("k{number:03}"), &sealed);
            (0..PARTS).map(|number| RecordWrite::Put { record: record(number), expected }).collect()
        };
        assert_eq!(first.write(&batch(0)).unwrap(), WriteOutcome::Done);
        let mut expected = 1;
        for round in 0..3 {
            let victim = room.open();
            if stops {
                let before = [1, 15, 29][round];
                victim.send(&with(write_request(&batch(expected)), "pause_before", before)).unwrap();
                victim.wait_paused();
            } else {
                victim.get(kind, "k000").unwrap();
                let file = room.growing().expect("a store that does not stop is a file");
                let written = || fs::metadata(&file).and_then(|about| about.modified()).ok();
                let (request, before) = (write_request(&batch(expected)), written());
                victim.send(&request).unwrap();
                let deadline = Instant::now() + Duration::from_secs(10);
                while written() == before && Instant::now() < deadline {
                    std::hint::spin_loop();
                }
            }
            victim.kill();
            let found = nothing_half(&room.open(), kind, PARTS);
            assert!(found == expected || !stops && found == expected + 1, "{found} after {expected}");
            // What it held is free, and the next one gets on.
            assert_eq!(room.open().write(&batch(found)).unwrap(), WriteOutcome::Done);
            expected = found + 1;
        }
    }
    Ok(())
}

/// A folder with little room; more can be had later.
enum Small {
    Mounted(tempfile::TempDir),
    Limited(tempfile::TempDir),
}

impl Small {
    const KILOBYTES: u64 = 2_000;

    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={}k,mode=700", Self::KILOBYTES);
        let mount =
            || Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if is_root() && mount().is_ok_and(|output| output.status.success()) {
            return Small::Mounted(folder);
        }
        eprintln!("full disk: no tmpfs can be mounted here; a file size limit stands for it");
        Small::Limited(folder)
    }

    fn path(&self) -> &Path {
        match self {
            Small::Mounted(folder) | Small::Limited(folder) => folder.path(),
        }
    }

    fn start(&self, command: Command) -> ProcessStore {
        let Small::Limited(_) = self else { return ProcessStore::start(&mut { command }) };
        // The signal is ignored so that the write fails instead of ending the process.
        let script =
            format!("trap '' XFSZ; exec prlimit --fsize={}:unlimited \"$0\" \"$@\"", Self::KILOBYTES * 1024);
        let mut limited = Command::new("sh");
        limited.args(["-c", &script]).arg(command.get_program()).args(command.get_args());
        limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        ProcessStore::start(&mut limited)
    }

    fn make_room(&self, store: &ProcessStore) {
        let mut command = match self {
            Small::Mounted(folder) => {
                let mut command = Command::new("mount");
                command.args(["-o", "remount,size=50m"]).arg(folder.path());
                command
            }
            Small::Limited(_) => {
                let mut command = Command::new("prlimit");
                command.args([format!("--pid={}", store.pid()), "--fsize=unlimited".to_owned()]);
                command
            }
        };
        assert!(command.status().expect("more room").success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        if let Small::Mounted(folder) = self {
            let _ = Command::new("umount").arg("--lazy").arg(folder.path()).status();
        }
    }
}

fn full_disk(room: &dyn Room) -> Ran {
    let small = Small::new();
    let Some(command) = room.in_folder(small.path()) else { return Err("it is no file of ours") };
    if matches!(small, Small::Limited(_)) && program("prlimit").is_none() {
        return Err("neither mount nor prlimit is to be had");
    }
    let store = small.start(command);
    if can(&store, "migrations") {
        store.do_now(&json!({"op": "install"}));
        store.do_now(&json!({"op": "install_host"}));
    }
    let kind = RecordKind::Grant;
    let pair = |number: usize| {
        ["a", "b"].map(|half| {
            let record = record(kind, &format!("{number:03}{half}"), &vec![7; 50_000]);
            RecordWrite::Put { record, expected: 0 }
        })
    };
    let mut stored = 0;
    let error = loop {
        match store.write(&pair(stored)) {
            Ok(end) => assert_eq!(end, WriteOutcome::Done),
            Err(error) => break error,
        }
        stored += 1;
        assert!(stored < 100, "the disk is never full");
    };
    assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
    assert!(stored > 0);
    let all = |wanted: usize| {
        let found = store.scan(kind, &of_organization(), None, 999).unwrap();
        assert_eq!(found.len(), wanted);
        assert!(found.iter().all(|one| one.sealed == vec![7; 50_000]));
    };
    all(2 * stored);
    // Once more: SQLite may have found room in its log by then, but again all or nothing.
    stored += usize::from(store.write(&pair(stored)).is_ok());
    all(2 * stored);
    small.make_room(&store);
    assert_eq!(store.write(&pair(stored)).unwrap(), WriteOutcome::Done);
    all(2 * stored + 2);
    drop(store);
    Ok(())
}

fn hosts_transaction(room: &dyn Room) -> Ran {
    let (store, other) = (room.open(), room.open());
    if !can(&store, "host") {
        return Err("it knows no connection of a host's");
    }
    let host = |op: &str| store.do_now(&json!({"op": op}));
    let sql = |text: &str| store.do_now(&json!({"op": "host", "sql": text}));
    let rows = |store: &ProcessStore| keys(store, RecordKind::StagedRow, &of_organization(), None, 9);
    let grants = |store: &ProcessStore| keys(store, RecordKind::Grant, &of_organization(), None, 9);
    sql("CREATE TABLE host_import (value INTEGER)");

    // A rollback undoes staged rows and the host's own, and no grant, lease, link or pending launch.
    host("host_begin");
    sql("INSERT INTO host_import VALUES (1)");
    assert_eq!(
        store.write(&[put(RecordKind::StagedRow, "a", 0), put(RecordKind::StagedRow, "b", 0)]).unwrap(),
        WriteOutcome::Done
    );
    assert_eq!(store.write(&[put(RecordKind::Grant, "g", 0)]).unwrap(), WriteOutcome::Done);
    assert_eq!(
        store.write(&[put(RecordKind::PendingLaunch, "p", 0), put(RecordKind::UserLink, "u", 0)]).unwrap(),
        WriteOutcome::Done
    );
    assert!(store.acquire_lease("l", "one", 600).unwrap().is_some());
    assert_eq!(rows(&store), ["a", "b"]);
    assert!(rows(&other).is_empty(), "not committed yet");
    assert_eq!(grants(&other), ["g"], "stored before it is used");
    host("host_rollback");
    assert!(rows(&store).is_empty());
    assert_eq!(sql("SELECT COUNT(*) FROM host_import"), 0);
    assert_eq!(grants(&store), ["g"]);
    assert!(other.get(RecordKind::PendingLaunch, "p").unwrap().is_some());
    assert!(other.get(RecordKind::UserLink, "u").unwrap().is_some());
    assert_eq!(other.acquire_lease("l", "two", 600).unwrap(), None);

    // A conflict rolls back its batch only; the host's transaction goes on.
    host("host_begin");
    sql("INSERT INTO host_import VALUES (2)");
    assert_eq!(store.write(&[put(RecordKind::StagedRow, "a", 0)]).unwrap(), WriteOutcome::Done);
    let batch = [put(RecordKind::StagedRow, "b", 0), put(RecordKind::StagedRow, "a", 0)];
    assert_eq!(store.write(&batch).unwrap(), WriteOutcome::Conflict(1));
    assert_eq!(store.purge_expired().unwrap(), 0);
    assert_eq!(rows(&store), ["a"]);
    host("host_commit");
    assert_eq!(rows(&other), ["a"]);
    assert_eq!(sql("SELECT COUNT(*) FROM host_import"), 1);

    // A record's binding and its rows are one batch: all three kinds ride with the host.
    let of_a_pull = [RecordKind::RecordBinding, RecordKind::PulledRow, RecordKind::StagedRow];
    let pulled = |store: &ProcessStore| of_a_pull.map(|kind| store.get(kind, "pull").unwrap().is_some());
    let batch = of_a_pull.map(|kind| put(kind, "pull", 0));
    host("host_begin");
    assert_eq!(store.write(&batch).unwrap(), WriteOutcome::Done);
    assert_eq!(
        store
            .write(&[put(RecordKind::StagedRow, "b", 0), put(RecordKind::RecordBinding, "pull", 0)])
            .unwrap(),
        WriteOutcome::Conflict(1)
    );
    assert_eq!((pulled(&store), pulled(&other)), ([true; 3], [false; 3]));
    host("host_rollback");
    assert_eq!(pulled(&store), [false; 3]);
    host("host_begin");
    assert_eq!(store.write(&batch).unwrap(), WriteOutcome::Done);
    host("host_commit");
    assert_eq!(pulled(&other), [true; 3]);
    let gone = of_a_pull.map(|kind| delete(kind, "pull", 1));
    assert_eq!(store.write(&gone).unwrap(), WriteOutcome::Done);
    assert_eq!(rows(&store), ["a"]);

    // The same when the host began it without PDO's methods.
    sql("BEGIN");
    assert_eq!(store.write(&[put(RecordKind::StagedRow, "c", 0)]).unwrap(), WriteOutcome::Done);
    sql("ROLLBACK");
    assert_eq!(rows(&store), ["a"]);

    // The same when a transaction begins by itself.
    if store.do_now(&json!({"op": "hello"}))["name"] == "mysql" {
        sql("SET autocommit = 0");
        assert_eq!(store.write(&[put(RecordKind::StagedRow, "c", 0)]).unwrap(), WriteOutcome::Done);
        assert_eq!(rows(&store), ["a", "c"]);
        sql("ROLLBACK");
        sql("SET autocommit = 1");
        assert_eq!(rows(&store), ["a"]);
    }

    // A batch over both connections could not be whole.
    for kind in of_a_pull {
        is_unavailable(store.write(&[put(kind, "x", 0), put(RecordKind::Grant, "x", 0)]));
    }
    Ok(())
}

fn hosts_habits(room: &dyn Room) -> Ran {
    let store = room.open();
    if !can(&store, "host") {
        return Err("it knows no connection of a host's");
    }
    let habits = || store.do_now(&json!({"op": "host_habits"}));
    let before = habits();
    assert_eq!(store.write(&[put(RecordKind::StagedRow, "k", 0)]).unwrap(), WriteOutcome::Done);
    assert_eq!(store.write(&[put(RecordKind::StagedRow, "k", 0)]).unwrap(), WriteOutcome::Conflict(0));
    store.get(RecordKind::StagedRow, "k").unwrap();
    store.scan(RecordKind::StagedRow, &RecordQuery::default(), None, 9).unwrap();
    // A failed statement as well: a key that does not fit, and a table that is gone.
    is_unavailable(store.write(&[put(RecordKind::StagedRow, &"k".repeat(300), 0)]));
    let dropped = json!({"op": "host", "sql": "DROP TABLE fhir_ehr_staged_row"});
    store.do_now(&dropped);
    is_unavailable(store.write(&[put(RecordKind::StagedRow, "k", 0)]));
    is_unavailable(store.get(RecordKind::StagedRow, "k"));
    assert_eq!(habits(), before);
    Ok(())
}

fn fork(room: &dyn Room) -> Ran {
    let store = room.open();
    if !can(&store, "fork") {
        return Err("it is opened anew for each call, or is no PHP");
    }
    assert_eq!(store.write(&[put(RecordKind::Grant, "parent", 0)]).unwrap(), WriteOutcome::Done);
    let child = |batch: &[RecordWrite]| {
        let mut request = write_request(batch);
        request["op"] = json!("fork");
        store.do_now(&request)
    };
    assert_eq!(child(&[put(RecordKind::Grant, "child", 0)]), 0);
    // When the child ends PHP says goodbye on every connection it inherited: the store makes a new one.
    assert_eq!(store.write(&[put(RecordKind::Grant, "parent", 1)]).unwrap(), WriteOutcome::Done);
    assert_eq!(keys(&store, RecordKind::Grant, &of_organization(), None, 9), ["child", "parent"]);
    // The host's connection came over the fork too: the child refuses it instead of using the parent's socket.
    assert_eq!(child(&[put(RecordKind::StagedRow, "child", 0)]), 2);
    assert_eq!(room.open().get(RecordKind::StagedRow, "child").unwrap(), None);
    Ok(())
}

fn migrations(room: &dyn Room) -> Ran {
    let (one, two) = (room.open(), room.open());
    if !can(&one, "migrations") {
        return Err("it has no schema to bring up");
    }
    let standing = |store: &ProcessStore| store.do_now(&json!({"op": "migrations"}));
    let sql = |text: &str| one.do_now(&json!({"op": "sql", "sql": text}));
    let install = json!({"op": "install"});
    assert_eq!(standing(&one), json!([1, [], []]));
    for round in 0..4 {
        for table in ["record", "staged_row", "lease", "schema"] {
            sql(&format!("DROP TABLE fhir_ehr_{table}"));
        }
        let before = standing(&one);
        assert_eq!((&before[0], &before[1]), (&json!(0), &json!([1])));
        if round == 0 {
            // An administrator may run the printed statements by hand, more than once.
            for _ in 0..2 {
                before[2]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .for_each(|text| drop(sql(text.as_str().unwrap())));
            }
        } else {
            one.send(&install).unwrap();
            two.send(&install).unwrap();
            one.answer().unwrap();
            two.answer().unwrap();
        }
        assert_eq!(standing(&two), json!([1, [], []]));
    }
    one.do_now(&install);
    assert_eq!(one.write(&[put(RecordKind::Grant, "k", 0)]).unwrap(), WriteOutcome::Done);
    // A newer schema that this release can still read, and one that it cannot.
    sql("UPDATE fhir_ehr_schema SET version = 2");
    is_unavailable(one.call(&install));
    assert!(room.open().get(RecordKind::Grant, "k").unwrap().is_some());
    sql("UPDATE fhir_ehr_schema SET version = 2, readable_from = 2");
    is_unavailable(room.open().get(RecordKind::Grant, "k"));
    Ok(())
}
