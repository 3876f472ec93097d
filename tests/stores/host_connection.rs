//! A store that writes staged rows on the host's database connection: it takes part in the host's transaction and leaves the settings
//! of the connection unchanged.

use super::{
    basic::{delete, keys, of_organization, put},
    driven::{CaseResult, StoreFixture, is_unavailable, supports},
    process::ProcessStore,
};
use fhir_ehr::{RecordKind, RecordQuery, Store, WriteOutcome};
use serde_json::json;

pub fn transaction(fixture: &dyn StoreFixture) -> CaseResult {
    let (store, other) = (fixture.open(), fixture.open());
    if !supports(&store, "host") {
        return Err("it knows no connection of a host's");
    }
    let host = |op: &str| store.do_now(&json!({"op": op}));
    let sql = |text: &str| store.do_now(&json!({"op": "host", "sql": text}));
    let rows = |store: &ProcessStore| keys(store, RecordKind::StagedRow, &of_organization(), None, 9);
    let grants = |store: &ProcessStore| keys(store, RecordKind::Grant, &of_organization(), None, 9);
    sql("CREATE TABLE host_import (value INTEGER)");

    // A rollback undoes staged rows and the host's own rows, but no grant, lease, link or pending launch.
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

    // A conflict rolls back its batch only; the host's transaction continues.
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

    // A record's binding and its rows are one batch: all three kinds are in the host's transaction.
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

    // The same if the host started the transaction without PDO's methods.
    sql("BEGIN");
    assert_eq!(store.write(&[put(RecordKind::StagedRow, "c", 0)]).unwrap(), WriteOutcome::Done);
    sql("ROLLBACK");
    assert_eq!(rows(&store), ["a"]);

    // The same if a transaction starts automatically.
    if store.do_now(&json!({"op": "hello"}))["name"] == "mysql" {
        sql("SET autocommit = 0");
        assert_eq!(store.write(&[put(RecordKind::StagedRow, "c", 0)]).unwrap(), WriteOutcome::Done);
        assert_eq!(rows(&store), ["a", "c"]);
        sql("ROLLBACK");
        sql("SET autocommit = 1");
        assert_eq!(rows(&store), ["a"]);
    }

    // A batch over both connections could not be atomic.
    for kind in of_a_pull {
        is_unavailable(store.write(&[put(kind, "x", 0), put(RecordKind::Grant, "x", 0)]));
    }
    Ok(())
}

pub fn settings(fixture: &dyn StoreFixture) -> CaseResult {
    let store = fixture.open();
    if !supports(&store, "host") {
        return Err("it knows no connection of a host's");
    }
    let settings_now = || store.do_now(&json!({"op": "host_settings"}));
    let before = settings_now();
    assert_eq!(store.write(&[put(RecordKind::StagedRow, "k", 0)]).unwrap(), WriteOutcome::Done);
    assert_eq!(store.write(&[put(RecordKind::StagedRow, "k", 0)]).unwrap(), WriteOutcome::Conflict(0));
    store.get(RecordKind::StagedRow, "k").unwrap();
    store.scan(RecordKind::StagedRow, &RecordQuery::default(), None, 9).unwrap();
    // The same after failed statements: a key that is too long, and a missing table.
    is_unavailable(store.write(&[put(RecordKind::StagedRow, &"k".repeat(300), 0)]));
    let dropped = json!({"op": "host", "sql": "DROP TABLE fhir_ehr_staged_row"});
    store.do_now(&dropped);
    is_unavailable(store.write(&[put(RecordKind::StagedRow, "k", 0)]));
    is_unavailable(store.get(RecordKind::StagedRow, "k"));
    assert_eq!(settings_now(), before);
    Ok(())
}
