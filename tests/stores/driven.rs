//! Cases with failures around the store. The driver or the operating system causes them.

use super::{
    basic::{delete, keys, of_organization, put, record},
    full_disk, host_connection,
    process::{ProcessStore, write_request, written},
    silent_rollback,
};
use fhir_ehr::{Code, RecordKind, RecordWrite, Store, StoredRecord, WriteOutcome};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// The store of one case.
pub trait StoreFixture: Sync {
    /// Starts another process over the same data.
    fn open(&self) -> ProcessStore;
    /// The command for a process with its data in that folder; `None` for a store that is not a file.
    fn in_folder(&self, folder: &Path) -> Option<Command>;
    /// The file that grows while a large batch is written; `None` for a store that is not a file.
    fn growing_file(&self) -> Option<PathBuf>;
}

/// The result of a case. The error says why the case does not apply to the store.
pub type CaseResult = Result<(), &'static str>;

type Case = fn(&dyn StoreFixture) -> CaseResult;

pub const CASES: &[(&str, Case)] = &[
    ("time passes", time_passes),
    ("deadlock", deadlock),
    ("connection lost while idle", lost_while_idle),
    ("connection lost in mid-write", lost_in_mid_write),
    ("killed in mid-batch", killed_in_mid_batch),
    ("full disk", full_disk::full_disk),
    ("silent rollback", silent_rollback::own_transaction),
    ("silent rollback of host's", silent_rollback::hosts_transaction),
    ("lease commits itself", silent_rollback::lease_commits_itself),
    ("host's transaction", host_connection::transaction),
    ("host's settings", host_connection::settings),
    ("fork", fork),
    ("migrations", migrations),
];

pub fn supports(store: &ProcessStore, what: &str) -> bool {
    store.do_now(&json!({"op": "hello"}))["can"].as_array().expect("a list").iter().any(|one| one == what)
}

pub fn with(mut request: Value, name: &str, value: i64) -> Value {
    request[name] = json!(value);
    request
}

pub fn is_unavailable<T: std::fmt::Debug>(result: fhir_ehr::Result<T>) {
    assert_eq!(result.expect_err("the store cannot be reached").code(), Code::StoreUnavailable);
}

fn time_passes(fixture: &dyn StoreFixture) -> CaseResult {
    let (one, two) = (fixture.open(), fixture.open());
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
    assert_eq!(
        one.acquire_lease("l", "one", 600).unwrap(),
        None,
        "the release by the old holder had no effect"
    );
    assert_eq!(one.purge_expired().unwrap(), 2);
    Ok(())
}

fn deadlock(fixture: &dyn StoreFixture) -> CaseResult {
    let (one, two) = (fixture.open(), fixture.open());
    if !supports(&one, "row_locks") {
        return Err("it has one writer at a time, so it cannot deadlock");
    }
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        assert_eq!(one.write(&[put(kind, "a", 0), put(kind, "b", 0)]).unwrap(), WriteOutcome::Done);
        for (store, order) in [(&one, ["a", "b"]), (&two, ["b", "a"])] {
            let batch = order.map(|key| put(kind, key, 1));
            store.send(&with(write_request(&batch), "pause_before", 1)).unwrap();
            store.wait_paused();
        }
        // Each holds its first record and now needs the other's.
        one.send(&json!({})).unwrap();
        two.send(&json!({})).unwrap();
        let mut ends = [&one, &two].map(|store| written(&store.answer().unwrap()));
        ends.sort_by_key(|end| *end != WriteOutcome::Done);
        assert_eq!(
            ends,
            [WriteOutcome::Done, WriteOutcome::Conflict(0)],
            "one succeeds, the other retries and meets a conflict"
        );
        for key in ["a", "b"] {
            assert_eq!(one.get(kind, key).unwrap().unwrap().version, 2);
        }
    }
    // In the host's transaction, the store cannot retry. It reports an error, and the host must start again.
    let kind = RecordKind::StagedRow;
    for (store, order) in [(&one, ["a", "b"]), (&two, ["b", "a"])] {
        store.do_now(&json!({"op": "host_begin"}));
        store.send(&with(write_request(&order.map(|key| put(kind, key, 2))), "pause_before", 1)).unwrap();
        store.wait_paused();
    }
    one.send(&json!({})).unwrap();
    two.send(&json!({})).unwrap();
    // The one that waits for the lock continues when the other's transaction is rolled back.
    let answers = std::thread::scope(|scope| {
        let first = scope.spawn(|| finish(&one));
        let second = finish(&two);
        [first.join().unwrap(), second]
    });
    assert_eq!(answers.iter().filter(|done| **done).count(), 1, "{answers:?}");
    for key in ["a", "b"] {
        assert_eq!(fixture.open().get(kind, key).unwrap().unwrap().version, 3);
    }
    Ok(())
}

/// Ends the host's transaction: commits it, or rolls it back if the batch failed.
fn finish(store: &ProcessStore) -> bool {
    match store.answer() {
        Ok(answer) => {
            assert_eq!(written(&answer), WriteOutcome::Done);
            // On a cluster, the conflict is found at COMMIT.
            let done = store.call(&json!({"op": "host_commit"})).is_ok_and(|done| done == true);
            if !done {
                let _ = store.call(&json!({"op": "host_rollback"}));
            }
            done
        }
        Err(error) => {
            assert!(error.message().contains("start it again"), "{error}");
            // The database may already have ended the transaction.
            let _ = store.call(&json!({"op": "host_rollback"}));
            false
        }
    }
}

fn lost_while_idle(fixture: &dyn StoreFixture) -> CaseResult {
    let store = fixture.open();
    if !supports(&store, "lose") {
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

fn lost_in_mid_write(fixture: &dyn StoreFixture) -> CaseResult {
    let other = fixture.open();
    if !supports(&other, "lose") {
        return Err("it has no connection");
    }
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let store = fixture.open();
        assert_eq!(store.write(&[put(kind, "a", 0), put(kind, "b", 0)]).unwrap(), WriteOutcome::Done);
        let batch = [put(kind, "a", 1), delete(kind, "b", 1), put(kind, "c", 0)];
        for before in 0..3 {
            let store = fixture.open();
            is_unavailable(store.call(&with(write_request(&batch), "lose_before", before)));
            let found = other.scan(kind, &of_organization(), None, 9).unwrap();
            let found: Vec<_> = found.iter().map(|found| (found.key.as_str(), found.version)).collect();
            assert_eq!(found, [("a", 1), ("b", 1)], "lost before part {before}");
            if kind == RecordKind::Grant {
                // The store opens a new connection, and repeating the write is safe.
                assert_eq!(store.write(&[put(kind, "a", 9)]).unwrap(), WriteOutcome::Conflict(0));
            } else {
                is_unavailable(store.write(&batch));
            }
        }
        // In the host's transaction, all its changes are lost, and a later batch is not stored outside the transaction.
        if kind == RecordKind::StagedRow {
            let store = fixture.open();
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

/// Asserts that all records of the batch have the same version, and returns it.
fn common_version(store: &dyn Store, kind: RecordKind, parts: usize) -> i64 {
    let found = store.scan(kind, &of_organization(), None, parts + 9).unwrap();
    assert_eq!(found.len(), parts);
    assert!(found.iter().all(|one| one.version == found[0].version), "only part of a batch was stored");
    found[0].version
}

fn killed_in_mid_batch(fixture: &dyn StoreFixture) -> CaseResult {
    const PARTS: usize = 30;
    let first = fixture.open();
    let stops = supports(&first, "pause");
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let sealed = if stops { vec![7; 100] } else { vec![7; 100_000] };
        let batch = |expected| -> Vec<RecordWrite> {
            let record = |number| record(kind, &format!("k{number:03}"), &sealed);
            (0..PARTS).map(|number| RecordWrite::Put { record: record(number), expected }).collect()
        };
        assert_eq!(first.write(&batch(0)).unwrap(), WriteOutcome::Done);
        let mut expected = 1;
        for round in 0..3 {
            let victim = fixture.open();
            if stops {
                let before = [1, 15, 29][round];
                victim.send(&with(write_request(&batch(expected)), "pause_before", before)).unwrap();
                victim.wait_paused();
            } else {
                victim.get(kind, "k000").unwrap();
                let file = fixture.growing_file().expect("a store that cannot pause is a file");
                let written = || fs::metadata(&file).and_then(|about| about.modified()).ok();
                let (request, before) = (write_request(&batch(expected)), written());
                victim.send(&request).unwrap();
                let deadline = Instant::now() + Duration::from_secs(10);
                while written() == before && Instant::now() < deadline {
                    std::hint::spin_loop();
                }
            }
            victim.kill();
            let found = common_version(&fixture.open(), kind, PARTS);
            assert!(found == expected || !stops && found == expected + 1, "{found} after {expected}");
            // Its locks are released, so the next process can write.
            assert_eq!(fixture.open().write(&batch(found)).unwrap(), WriteOutcome::Done);
            expected = found + 1;
        }
    }
    Ok(())
}

fn fork(fixture: &dyn StoreFixture) -> CaseResult {
    let store = fixture.open();
    if !supports(&store, "fork") {
        return Err("it opens its data for each call, or is not in PHP");
    }
    assert_eq!(store.write(&[put(RecordKind::Grant, "parent", 0)]).unwrap(), WriteOutcome::Done);
    let child = |batch: &[RecordWrite]| {
        let mut request = write_request(batch);
        request["op"] = json!("fork");
        store.do_now(&request)
    };
    assert_eq!(child(&[put(RecordKind::Grant, "child", 0)]), 0);
    // When the child ends, PHP closes every inherited connection, so the store opens a new one.
    assert_eq!(store.write(&[put(RecordKind::Grant, "parent", 1)]).unwrap(), WriteOutcome::Done);
    assert_eq!(keys(&store, RecordKind::Grant, &of_organization(), None, 9), ["child", "parent"]);
    // The host's connection is inherited too. The store in the child refuses it instead of using the parent's socket.
    assert_eq!(child(&[put(RecordKind::StagedRow, "child", 0)]), 2);
    assert_eq!(fixture.open().get(RecordKind::StagedRow, "child").unwrap(), None);
    Ok(())
}

fn migrations(fixture: &dyn StoreFixture) -> CaseResult {
    let (one, two) = (fixture.open(), fixture.open());
    if !supports(&one, "migrations") {
        return Err("it has no schema to migrate");
    }
    let migration_state = |store: &ProcessStore| store.do_now(&json!({"op": "migrations"}));
    let sql = |text: &str| one.do_now(&json!({"op": "sql", "sql": text}));
    let install = json!({"op": "install"});
    assert_eq!(migration_state(&one), json!([1, [], []]));
    for round in 0..4 {
        for table in ["record", "staged_row", "lease", "schema"] {
            sql(&format!("DROP TABLE fhir_ehr_{table}"));
        }
        let before = migration_state(&one);
        assert_eq!((&before[0], &before[1]), (&json!(0), &json!([1])));
        if round == 0 {
            // An administrator can run the printed statements by hand, also repeatedly.
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
        assert_eq!(migration_state(&two), json!([1, [], []]));
    }
    one.do_now(&install);
    assert_eq!(one.write(&[put(RecordKind::Grant, "k", 0)]).unwrap(), WriteOutcome::Done);
    // A newer schema that this version can still read, and one that it cannot read.
    sql("UPDATE fhir_ehr_schema SET version = 2");
    is_unavailable(one.call(&install));
    assert!(fixture.open().get(RecordKind::Grant, "k").unwrap().is_some());
    sql("UPDATE fhir_ehr_schema SET version = 2, readable_from = 2");
    is_unavailable(fixture.open().get(RecordKind::Grant, "k"));
    Ok(())
}
