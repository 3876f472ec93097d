//! Checks every result of a store before the library uses it.
//!
//! A host implements its own store. A mistake in it must cause an error, never an endless loop, a crash or data of another
//! project. [`crate::client::Client`] wraps the host's store in this one.

use super::{Lease, RecordKind, RecordQuery, RecordWrite, Store, StoredRecord, WriteOutcome};
use crate::error::{Code, Error, Result};

/// Maximum sealed bytes of one stored record. A value comes from one response of a FHIR server, and `response_bytes` limits
/// those to less.
pub const MAX_SEALED_BYTES: usize = 64 * 1024 * 1024;

/// A store whose results are checked.
pub struct CheckedStore(pub Box<dyn Store>);

/// The error for a result that no correct store returns.
pub fn inconsistent_store(method: &str, problem: &str) -> Error {
    Error::new(Code::StoreInconsistent)
        .detail(format!("{method}: {problem}"))
        .hint("Correct the code of the store. docs/stores.md says what each method must return.")
}

/// Whether a stored record may have this version. The greatest number is not allowed, so that a version can always grow.
fn is_version(version: i64) -> bool {
    (1..i64::MAX).contains(&version)
}

fn check_record(method: &str, kind: RecordKind, record: &StoredRecord) -> Result<()> {
    let wrong = if record.kind != kind {
        "the record has another kind"
    } else if !is_version(record.version) {
        "the record's version is out of range"
    } else if record.sealed.len() > MAX_SEALED_BYTES {
        "the record is longer than the maximum"
    } else {
        return Ok(());
    };
    Err(inconsistent_store(method, wrong))
}

fn is_match(record: &StoredRecord, query: &RecordQuery) -> bool {
    let index = &record.index;
    let equals = |asked: &Option<String>, is: &str| asked.as_deref().is_none_or(|asked| asked == is);
    index.organization == query.organization
        && equals(&query.project, &index.project)
        && equals(&query.subject, &index.subject)
        && equals(&query.state, &index.state)
}

fn check_scan(
    kind: RecordKind,
    query: &RecordQuery,
    after: Option<&str>,
    limit: usize,
    found: &[StoredRecord],
) -> Result<()> {
    if found.len() > limit {
        return Err(inconsistent_store("scan", "it returned more records than the limit"));
    }
    let mut before = after;
    for record in found {
        check_record("scan", kind, record)?;
        if !is_match(record, query) {
            return Err(inconsistent_store("scan", "a record does not match the query"));
        }
        if before.is_some_and(|before| record.key.as_str() <= before) {
            return Err(inconsistent_store("scan", "the keys do not increase"));
        }
        before = Some(&record.key);
    }
    Ok(())
}

impl Store for CheckedStore {
    fn get(&self, kind: RecordKind, key: &str) -> Result<Option<StoredRecord>> {
        let found = self.0.get(kind, key)?;
        if let Some(record) = &found {
            check_record("get", kind, record)?;
            if record.key != key {
                return Err(inconsistent_store("get", "the record has another key"));
            }
        }
        Ok(found)
    }

    fn write(&self, batch: &[RecordWrite]) -> Result<WriteOutcome> {
        let too_long = |part: &RecordWrite| matches!(part, RecordWrite::Put { record, .. } if record.sealed.len() > MAX_SEALED_BYTES);
        if batch.iter().any(too_long) {
            return Err(Error::new(Code::LimitExceeded)
                .detail(format!("a value has more than {MAX_SEALED_BYTES} bytes")));
        }
        match self.0.write(batch)? {
            WriteOutcome::Conflict(number) if number >= batch.len() => Err(inconsistent_store(
                "write",
                "it returned a conflict in a part that the batch does not have",
            )),
            written => Ok(written),
        }
    }

    fn scan(
        &self,
        kind: RecordKind,
        query: &RecordQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        let found = self.0.scan(kind, query, after, limit)?;
        check_scan(kind, query, after, limit, &found)?;
        Ok(found)
    }

    fn acquire_lease(&self, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
        let lease = self.0.acquire_lease(name, holder, seconds)?;
        if let Some(lease) = &lease {
            if lease.name != name || lease.holder != holder {
                return Err(inconsistent_store("acquire_lease", "the lease has another name or holder"));
            }
            if !is_version(lease.fence) {
                return Err(inconsistent_store("acquire_lease", "the fence is out of range"));
            }
        }
        Ok(lease)
    }

    fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.0.release_lease(lease)
    }

    fn purge_expired(&self) -> Result<usize> {
        let count = self.0.purge_expired()?;
        if i64::try_from(count).is_err() {
            return Err(inconsistent_store("purge_expired", "the number of records is out of range"));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RecordIndex;

    fn record(key: &str) -> StoredRecord {
        StoredRecord {
            kind: RecordKind::StagedRow,
            key: key.into(),
            index: RecordIndex { organization: "o".into(), project: "p".into(), ..RecordIndex::default() },
            expires_in: None,
            version: 1,
            sealed: vec![1],
        }
    }

    fn query() -> RecordQuery {
        RecordQuery { organization: "o".into(), project: Some("p".into()), ..RecordQuery::default() }
    }

    fn scan(after: Option<&str>, found: &[StoredRecord]) -> Option<String> {
        let checked = check_scan(RecordKind::StagedRow, &query(), after, 2, found);
        checked.err().map(|error| error.message())
    }

    #[test]
    fn a_correct_scan_is_accepted() {
        assert_eq!(scan(None, &[]), None);
        assert_eq!(scan(None, &[record("a"), record("b")]), None);
        assert_eq!(scan(Some("a"), &[record("b")]), None);
    }

    #[test]
    fn an_impossible_scan_is_an_error() {
        let in_project = |project: &str| StoredRecord {
            index: RecordIndex { project: project.into(), ..record("a").index },
            ..record("a")
        };
        let of_organization = StoredRecord { index: RecordIndex::default(), ..record("a") };
        for (after, found, why) in [
            (None, vec![record("a"), record("b"), record("c")], "more records"),
            (None, vec![record("b"), record("a")], "do not increase"),
            (None, vec![record("a"), record("a")], "do not increase"),
            (Some("a"), vec![record("a")], "do not increase"),
            (Some("b"), vec![record("a")], "do not increase"),
            (None, vec![in_project("q")], "does not match"),
            (None, vec![of_organization], "does not match"),
            (None, vec![StoredRecord { kind: RecordKind::Grant, ..record("a") }], "another kind"),
            (None, vec![StoredRecord { version: 0, ..record("a") }], "version"),
            (None, vec![StoredRecord { version: i64::MIN, ..record("a") }], "version"),
            (None, vec![StoredRecord { version: i64::MAX, ..record("a") }], "version"),
            (None, vec![StoredRecord { sealed: vec![0; MAX_SEALED_BYTES + 1], ..record("a") }], "longer"),
        ] {
            let message = scan(after, &found).expect(why);
            assert!(message.contains(why), "{why}: {message}");
        }
    }

    /// A store whose methods always return the same results.
    struct FixedStore {
        record: StoredRecord,
        conflict: usize,
        lease: Lease,
        purged: usize,
    }

    impl Store for FixedStore {
        fn get(&self, _: RecordKind, _: &str) -> Result<Option<StoredRecord>> {
            Ok(Some(self.record.clone()))
        }
        fn write(&self, _: &[RecordWrite]) -> Result<WriteOutcome> {
            Ok(WriteOutcome::Conflict(self.conflict))
        }
        fn scan(
            &self,
            _: RecordKind,
            _: &RecordQuery,
            _: Option<&str>,
            _: usize,
        ) -> Result<Vec<StoredRecord>> {
            Ok(Vec::new())
        }
        fn acquire_lease(&self, _: &str, _: &str, _: i64) -> Result<Option<Lease>> {
            Ok(Some(self.lease.clone()))
        }
        fn release_lease(&self, _: &Lease) -> Result<()> {
            Ok(())
        }
        fn purge_expired(&self) -> Result<usize> {
            Ok(self.purged)
        }
    }

    fn fixed_store() -> FixedStore {
        let lease = Lease { name: "l".into(), holder: "h".into(), fence: 1 };
        FixedStore { record: record("a"), conflict: 0, lease, purged: 0 }
    }

    /// The codes of get, write, acquire_lease and purge_expired.
    fn codes(store: FixedStore) -> [Option<Code>; 4] {
        let store = CheckedStore(Box::new(store));
        let delete = RecordWrite::Delete { kind: RecordKind::StagedRow, key: "a".into(), expected: 1 };
        [
            store.get(RecordKind::StagedRow, "a").err(),
            store.write(&[delete]).err(),
            store.acquire_lease("l", "h", 10).err(),
            store.purge_expired().err(),
        ]
        .map(|error| error.map(|error| error.code()))
    }

    #[test]
    fn each_impossible_result_is_an_error() {
        let (wrong, lease) = (Some(Code::StoreInconsistent), fixed_store().lease);
        assert_eq!(codes(fixed_store()), [None; 4]);
        for (which, store) in [
            (0, FixedStore { record: record("b"), ..fixed_store() }),
            (
                0,
                FixedStore {
                    record: StoredRecord { kind: RecordKind::UserLink, ..record("a") },
                    ..fixed_store()
                },
            ),
            (0, FixedStore { record: StoredRecord { version: -1, ..record("a") }, ..fixed_store() }),
            (1, FixedStore { conflict: 1, ..fixed_store() }),
            (2, FixedStore { lease: Lease { fence: 0, ..lease.clone() }, ..fixed_store() }),
            (2, FixedStore { lease: Lease { fence: i64::MAX, ..lease.clone() }, ..fixed_store() }),
            (2, FixedStore { lease: Lease { holder: "x".into(), ..lease.clone() }, ..fixed_store() }),
            (2, FixedStore { lease: Lease { name: "x".into(), ..lease }, ..fixed_store() }),
            (3, FixedStore { purged: usize::MAX, ..fixed_store() }),
        ] {
            let mut expected = [None; 4];
            expected[which] = wrong;
            assert_eq!(codes(store), expected, "{which}");
        }
    }

    #[test]
    fn a_record_that_is_too_long_to_be_read_is_not_written() {
        let store = CheckedStore(Box::new(fixed_store()));
        let record = StoredRecord { sealed: vec![0; MAX_SEALED_BYTES + 1], ..record("a") };
        let error = store.write(&[RecordWrite::Put { record, expected: 0 }]).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
    }
}
