//! Cases in which a transaction is rolled back and its error message is lost, as on a Galera cluster.

use super::{
    basic::{delete, of_organization, put},
    driven::{Ran, Room, can, is_unavailable, with},
    process::{ProcessStore, write_request, written},
};
use fhir_ehr::{RecordKind, RecordWrite, Store, WriteOutcome};
use serde_json::json;

const NO_ROLLBACK: Ran = Err("no transaction of its server can end unseen");

fn versions(store: &dyn Store, kind: RecordKind) -> Vec<(String, i64)> {
    let found = store.scan(kind, &of_organization(), None, 9).unwrap();
    found.into_iter().map(|one| (one.key, one.version)).collect()
}

fn expect(store: &dyn Store, kind: RecordKind, wanted: &[(&str, i64)]) {
    let found = versions(store, kind);
    let found: Vec<(&str, i64)> = found.iter().map(|(key, version)| (key.as_str(), *version)).collect();
    assert_eq!(found, wanted);
}

/// A record that is changed, one that is deleted and one that is made.
fn batch(kind: RecordKind) -> [RecordWrite; 3] {
    [put(kind, "a", 1), delete(kind, "b", 1), put(kind, "c", 0)]
}

fn begin_again(store: &dyn Store, kind: RecordKind) {
    for (key, version) in versions(store, kind) {
        assert_eq!(store.write(&[delete(kind, &key, version)]).unwrap(), WriteOutcome::Done);
    }
    assert_eq!(store.write(&[put(kind, "a", 0), put(kind, "b", 0)]).unwrap(), WriteOutcome::Done);
}

/// In a transaction of its own the batch is repeated: in the end it is whole.
pub fn own_transaction(room: &dyn Room) -> Ran {
    let (store, other) = (room.open(), room.open());
    if !can(&store, "roll_back") {
        return NO_ROLLBACK;
    }
    for kind in [RecordKind::Grant, RecordKind::StagedRow] {
        let write = |batch: &[RecordWrite], before: i64| {
            written(&store.do_now(&with(write_request(batch), "roll_back_before", before)))
        };
        for before in 0..=3 {
            begin_again(&other, kind);
            assert_eq!(write(&batch(kind), before), WriteOutcome::Done, "before statement {before}");
            expect(&other, kind, &[("a", 2), ("c", 1)]);
        }
        // What a part finds after the rollback is no conflict either.
        begin_again(&other, kind);
        assert_eq!(write(&[delete(kind, "b", 1), delete(kind, "b", 0)], 1), WriteOutcome::Done);
        expect(&other, kind, &[("a", 1)]);
        // A true conflict stays one.
        assert_eq!(write(&[put(kind, "a", 1), put(kind, "a", 7)], 1), WriteOutcome::Conflict(1));
        expect(&other, kind, &[("a", 1)]);
    }
    Ok(())
}

/// In the host's transaction it is an error, and no part of the batch is stored alone.
pub fn hosts_transaction(room: &dyn Room) -> Ran {
    let (store, other) = (room.open(), room.open());
    if !can(&store, "roll_back") {
        return NO_ROLLBACK;
    }
    let kind = RecordKind::StagedRow;
    let is_mysql = store.do_now(&json!({"op": "hello"}))["name"] == "mysql";
    let sql = |text: &str| store.do_now(&json!({"op": "host", "sql": text}));
    sql("CREATE TABLE host_import (value INTEGER)");
    begin_again(&other, kind);
    expect(&store, kind, &[("a", 1), ("b", 1)]); // it has looked at the host's connection now
    let untouched = |begin: &str, request: serde_json::Value| {
        sql(begin);
        sql("INSERT INTO host_import VALUES (1)");
        let error = store.call(&request).expect_err("the host's transaction is gone");
        assert!(error.message().contains("begin it again"), "{error}");
        expect(&other, kind, &[("a", 1), ("b", 1)]);
        // Even a host that does not roll back stores no part of the batch.
        if is_mysql {
            sql("COMMIT");
        } else {
            sql("ROLLBACK");
        }
        expect(&other, kind, &[("a", 1), ("b", 1)]);
        assert_eq!(sql("SELECT COUNT(*) FROM host_import"), 0);
    };
    let switches: &[&str] = if is_mysql { &["autocommit = 1", "autocommit = 0"] } else { &[] };
    let begins = switches.iter().map(|switch| format!("SET {switch}"));
    let begins: Vec<String> = if is_mysql { begins.collect() } else { vec!["SELECT 1".to_owned()] };
    for switch in &begins {
        sql(switch);
        for before in 0..=3 {
            untouched("BEGIN", with(write_request(&batch(kind)), "roll_back_before", before));
        }
        if is_mysql {
            // A PREPARE is what loses the error on a cluster.
            untouched("BEGIN", with(write_request(&batch(kind)), "roll_back_at_prepare", 1));
            untouched(
                "BEGIN",
                json!({"op": "get", "kind": kind.name(), "key": "a", "roll_back_at_prepare": 1}),
            );
        }
        // The host begins again, and all is well.
        sql("BEGIN");
        assert_eq!(store.write(&[put(kind, "x", 0)]).unwrap(), WriteOutcome::Done);
        sql("ROLLBACK");
        expect(&other, kind, &[("a", 1), ("b", 1)]);
    }
    Ok(())
}

/// A lease is never part of a transaction that somebody could still roll back.
pub fn lease_commits_itself(room: &dyn Room) -> Ran {
    let (store, other) = (room.open(), room.open());
    if !can(&store, "own") {
        return Err("it has no connection of its own that a test could use");
    }
    let own = |sql: &str| store.do_now(&json!({"op": "own", "sql": sql}));
    let take = |store: &ProcessStore, holder: &str| store.acquire_lease("l", holder, 600);
    let first = take(&other, "first").unwrap().unwrap();
    other.release_lease(&first).unwrap();
    assert!(store.get(RecordKind::Grant, "k").unwrap().is_none(), "it is connected now");
    own("BEGIN");
    is_unavailable(take(&store, "one"));
    is_unavailable(store.release_lease(&first));
    own("ROLLBACK");
    let second = take(&store, "one").unwrap().unwrap();
    assert!(second.fence > first.fence);
    store.release_lease(&second).unwrap();
    if store.do_now(&json!({"op": "hello"}))["name"] == "mysql" {
        own("SET autocommit = 0");
    }
    assert!(take(&store, "one").unwrap().is_some());
    store.kill();
    assert_eq!(take(&other, "two").unwrap(), None, "the lease outlives its holder's process");
    Ok(())
}
