//! Tests of the SQLite store that need its connection.

use super::*;

fn row(key: &str, sealed: &[u8]) -> StoredRecord {
    let index = RecordIndex { organization: "o".into(), project: "p".into(), ..RecordIndex::default() };
    StoredRecord {
        kind: RecordKind::StagedRow,
        key: key.into(),
        index,
        expires_in: None,
        version: 0,
        sealed: sealed.into(),
    }
}

fn put_at(key: &str, expected: i64) -> RecordWrite {
    RecordWrite::Put { record: row(key, b"x"), expected }
}

#[test]
fn a_batch_is_stored_completely_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::new(folder.path().join("s"));
    assert_eq!(store.write(&[put_at("a", 0), put_at("b", 0)]).unwrap(), WriteOutcome::Done);
    assert_eq!(store.write(&[put_at("c", 0), put_at("b", 0)]).unwrap(), WriteOutcome::Conflict(1));
    assert!(store.get(RecordKind::StagedRow, "c").unwrap().is_none());
    assert_eq!(store.write(&[put_at("b", 1)]).unwrap(), WriteOutcome::Done);
    assert_eq!(store.get(RecordKind::StagedRow, "b").unwrap().unwrap().version, 2);
    let delete = |expected| RecordWrite::Delete { kind: RecordKind::StagedRow, key: "b".into(), expected };
    assert_eq!(store.write(&[delete(1)]).unwrap(), WriteOutcome::Conflict(0));
    assert_eq!(store.write(&[delete(2)]).unwrap(), WriteOutcome::Done);
}

#[test]
fn an_expired_record_is_not_found_and_can_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::new(folder.path().join("s"));
    let expired = StoredRecord { expires_in: Some(-1), ..row("a", b"x") };
    store.write(&[RecordWrite::Put { record: expired, expected: 0 }]).unwrap();
    assert!(store.get(RecordKind::StagedRow, "a").unwrap().is_none());
    let query = RecordQuery { organization: "o".into(), ..RecordQuery::default() };
    assert!(store.scan(RecordKind::StagedRow, &query, None, 9).unwrap().is_empty());
    assert_eq!(store.write(&[put_at("a", 0)]).unwrap(), WriteOutcome::Done);
    assert_eq!(store.purge_expired().unwrap(), 0);
}

#[test]
fn a_scan_filters_and_continues_after_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::new(folder.path().join("s"));
    let other = StoredRecord {
        index: RecordIndex { organization: "x".into(), ..RecordIndex::default() },
        ..row("b", b"")
    };
    let batch =
        [put_at("a", 0), put_at("c", 0), put_at("d", 0), RecordWrite::Put { record: other, expected: 0 }];
    store.write(&batch).unwrap();
    let query = RecordQuery { organization: "o".into(), project: Some("p".into()), ..RecordQuery::default() };
    let keys = |after, limit| -> Vec<String> {
        store.scan(RecordKind::StagedRow, &query, after, limit).unwrap().into_iter().map(|r| r.key).collect()
    };
    assert_eq!(keys(None, 2), ["a", "c"]);
    assert_eq!(keys(Some("c"), 2), ["d"]);
}

#[test]
fn a_lease_has_one_holder_until_it_is_released_or_expires() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (SqliteStore::new(folder.path().join("s")), SqliteStore::new(folder.path().join("s")));
    let first = one.acquire_lease("g", "one", 60).unwrap().unwrap();
    assert!(two.acquire_lease("g", "two", 60).unwrap().is_none());
    one.release_lease(&first).unwrap();
    let second = two.acquire_lease("g", "two", 0).unwrap().unwrap();
    assert!(second.fence > first.fence);
    // The old holder cannot release the new holder's lease. The new lease has expired.
    one.release_lease(&first).unwrap();
    assert!(one.acquire_lease("g", "one", 60).unwrap().is_some());
}

#[test]
fn a_write_that_fails_in_the_middle_leaves_no_transaction_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let (store, other) = (SqliteStore::new(&path), SqliteStore::new(&path));
    store.write(&[put_at("a", 0)]).unwrap();
    let raw = Connection::open(&path).unwrap();
    // Unlike other errors, FAIL does not roll the transaction back.
    raw.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON record WHEN NEW.key = 'bad'
         BEGIN SELECT RAISE(FAIL, 'refused'); END",
    )
    .unwrap();
    store.write(&[put_at("b", 0), put_at("bad", 0)]).unwrap_err();
    assert!(other.get(RecordKind::StagedRow, "b").unwrap().is_none());
    assert_eq!(other.write(&[put_at("c", 0)]).unwrap(), WriteOutcome::Done);
    assert_eq!(store.write(&[put_at("d", 0)]).unwrap(), WriteOutcome::Done);
}

#[test]
fn a_connection_whose_rollback_failed_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let (store, other) = (SqliteStore::new(&path), SqliteStore::new(&path));
    let left_open = store.with_connection(|connection| {
        connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| unavailable(&e))?;
        Err::<(), _>(Error::new(Code::StoreUnavailable))
    });
    left_open.unwrap_err();
    assert_eq!(other.write(&[put_at("a", 0)]).unwrap(), WriteOutcome::Done);
    assert_eq!(store.write(&[put_at("a", 1)]).unwrap(), WriteOutcome::Done);
}

#[test]
fn a_file_of_another_program_is_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let error = SqliteStore::new(&path).get(RecordKind::Grant, "a").unwrap_err();
    assert_eq!(error.code(), Code::StoreForeign);
    let text = folder.path().join("text");
    std::fs::write(&text, "not a database, but long enough to look at ".repeat(100)).unwrap();
    assert_eq!(SqliteStore::new(&text).get(RecordKind::Grant, "a").unwrap_err().code(), Code::StoreForeign);
}

#[test]
fn the_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    SqliteStore::new(&path).get(RecordKind::Grant, "a").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
