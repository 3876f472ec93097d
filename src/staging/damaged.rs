//! Stored rows that cannot be decrypted: how they are found, and how they are deleted when a person asks for it.

use super::{StagedRow, binding::PatientBinding, draft, project::StudyProject};
use crate::{
    error::{Code, Error, Result},
    store::{
        RecordKind, RecordQuery, StoredRecord,
        sealed_store::{DecryptedRecord, RecordScan},
    },
    vault::Vault,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A stored row that cannot be decrypted although its key is in the key ring: it was changed or moved in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DamagedRow {
    /// The kind of stored record: `staged_row`, `record_binding` or `pulled_row`.
    pub kind: &'static str,
    /// The key in the store.
    pub key: String,
    /// The study record; absent when no readable row or binding names it.
    pub record: Option<String>,
    /// The state of a staged row, from the store's index; empty for other kinds.
    pub state: String,
}

/// All stored rows of a project, read to find those that cannot be decrypted.
struct Scan<'a> {
    study: StudyProject<'a>,
    damaged: Vec<StoredRecord>,
    /// The ids of the keys that decrypted at least one row.
    good_keys: BTreeSet<Vec<u8>>,
    /// The names of the study records, by their subjects.
    names: BTreeMap<String, String>,
}

impl<'a> Scan<'a> {
    fn run(study: StudyProject<'a>) -> Result<Self> {
        let mut scan =
            Scan { study, damaged: Vec::new(), good_keys: BTreeSet::new(), names: BTreeMap::new() };
        let query = study.query();
        for binding in scan.read::<PatientBinding>(RecordKind::RecordBinding, &query)? {
            scan.names.insert(binding.key, binding.value.record);
        }
        for row in scan.read::<StagedRow>(RecordKind::StagedRow, &query)? {
            scan.names.insert(study.subject(&row.value.record), row.value.record);
        }
        scan.read::<draft::PullRecord>(RecordKind::PulledRow, &query)?;
        Ok(scan)
    }

    fn read<T: serde::de::DeserializeOwned>(
        &mut self,
        kind: RecordKind,
        query: &RecordQuery,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        let RecordScan { readable, damaged, keys } = self.study.store.scan_readable(kind, query)?;
        self.damaged.extend(damaged);
        self.good_keys.extend(keys);
        Ok(readable)
    }
}

/// The rows of a project that cannot be decrypted, ordered by kind and key.
///
/// # Errors
/// [`Code::VaultKeyMissing`] when the key of a row is not in the key ring, because such a row is not damaged; and the store's.
pub fn find(study: StudyProject<'_>) -> Result<Vec<DamagedRow>> {
    let Scan { damaged, names, .. } = Scan::run(study)?;
    let row = |record: StoredRecord| DamagedRow {
        kind: record.kind.name(),
        record: names.get(&record.index.subject).cloned(),
        state: if record.kind == RecordKind::StagedRow { record.index.state } else { String::new() },
        key: record.key,
    };
    Ok(damaged.into_iter().map(row).collect())
}

/// Deletes the rows of a project, or of one of its records, that cannot be decrypted; returns how many.
///
/// # Errors
/// [`Code::VaultOpenFailed`] when the key of such a row decrypts no other row: then the key is wrong, not the row, and nothing
/// is deleted. [`Code::VaultKeyMissing`], and the store's.
pub fn remove(study: StudyProject<'_>, record: Option<&str>) -> Result<usize> {
    // The whole project is read even for one record, because the rows of other records show whether the key is right.
    let scan = Scan::run(study)?;
    let subject = record.map(|record| study.subject(record));
    let is_requested =
        |row: &&StoredRecord| subject.as_ref().is_none_or(|subject| row.index.subject == *subject);
    let damaged: Vec<&StoredRecord> = scan.damaged.iter().filter(is_requested).collect();
    let has_good_key =
        |row: &&StoredRecord| Vault::key_id(&row.sealed).is_none_or(|id| scan.good_keys.contains(id));
    if !damaged.iter().all(has_good_key) {
        return Err(Error::new(Code::VaultOpenFailed)
            .detail("the key that the damaged rows name decrypts no other row of the project")
            .hint("Check vault.keys: a key may have the wrong bytes. Nothing was deleted."));
    }
    let mut count = 0;
    for row in damaged {
        count += usize::from(study.store.delete(row.kind, &row.key, row.version)?);
    }
    Ok(count)
}
