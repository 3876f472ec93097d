//! Stored rows that cannot be decrypted: found, kept from blocking other records, and removed when a person asks for it.

use super::{StagedRow, binding::PatientBinding, draft, subject};
use crate::{
    error::{Code, Error, Result},
    store::{
        RecordKind, RecordQuery, StoredRecord,
        sealed_store::{DecryptedRecord, RecordScan, SealedStore},
    },
    vault::Vault,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A stored row that cannot be decrypted although its key is in the key ring: it was changed, or moved from another place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DamagedRow {
    /// What it is: `staged_row`, `record_binding` or `pulled_row`.
    pub kind: &'static str,
    /// Its key in the store.
    pub key: String,
    /// The study record, where the record's binding still names it.
    pub record: Option<String>,
    /// The state of a staged row, as the store has it in clear; empty for other kinds.
    pub state: String,
}

/// Reads what of a project, or of one record, cannot be decrypted.
struct Search<'a> {
    records: SealedStore<'a>,
    damaged: Vec<StoredRecord>,
    /// Key ids with which something else was decrypted.
    good_keys: BTreeSet<Vec<u8>>,
    /// Names of study records, by their subject.
    names: BTreeMap<String, String>,
}

impl Search<'_> {
    fn run(&mut self, query: &RecordQuery) -> Result<()> {
        for binding in self.of_kind::<PatientBinding>(RecordKind::RecordBinding, query)? {
            self.names.insert(binding.key, binding.value.record);
        }
        for row in self.of_kind::<StagedRow>(RecordKind::StagedRow, query)? {
            let project = query.project.as_deref().unwrap_or_default();
            self.names.insert(subject(&self.records, project, &row.value.record), row.value.record);
        }
        self.of_kind::<draft::Stored>(RecordKind::PulledRow, query)?;
        Ok(())
    }

    fn of_kind<T: serde::de::DeserializeOwned>(
        &mut self,
        kind: RecordKind,
        query: &RecordQuery,
    ) -> Result<Vec<DecryptedRecord<T>>> {
        let RecordScan { readable, damaged, keys } = self.records.readable(kind, query)?;
        self.damaged.extend(damaged);
        self.good_keys.extend(keys);
        Ok(readable)
    }
}

fn search<'a>(records: &SealedStore<'a>, project: &str, record: Option<&str>) -> Result<Search<'a>> {
    let query = RecordQuery {
        organization: records.organization.to_owned(),
        project: Some(project.to_owned()),
        subject: record.map(|record| subject(records, project, record)),
        state: None,
    };
    let mut search = Search {
        records: *records,
        damaged: Vec::new(),
        good_keys: BTreeSet::new(),
        names: record
            .map(|record| (subject(records, project, record), record.to_owned()))
            .into_iter()
            .collect(),
    };
    search.run(&query)?;
    Ok(search)
}

/// The rows of a project that cannot be decrypted, ordered by kind and key.
///
/// # Errors
/// [`Code::VaultKeyMissing`] when the key of a row is not in the ring: such a row is not damaged; and the store's.
pub fn find(records: &SealedStore<'_>, project: &str) -> Result<Vec<DamagedRow>> {
    let Search { damaged, names, .. } = search(records, project, None)?;
    let row = |record: StoredRecord| DamagedRow {
        kind: record.kind.name(),
        record: names.get(&record.index.subject).cloned(),
        state: if record.kind == RecordKind::StagedRow { record.index.state } else { String::new() },
        key: record.key,
    };
    Ok(damaged.into_iter().map(row).collect())
}

/// Deletes the rows of a project, or of one of its records, that cannot be decrypted; says how many.
///
/// # Errors
/// [`Code::VaultOpenFailed`] when the key of such a row decrypts nothing else: then the key is wrong, not the row, and nothing
/// is deleted. [`Code::VaultKeyMissing`], and the store's.
pub fn remove(records: &SealedStore<'_>, project: &str, record: Option<&str>) -> Result<usize> {
    // Also for one record: whether the key is right shows at the rows of others.
    let whole = search(records, project, None)?;
    let subject = record.map(|record| subject(records, project, record));
    let goes = |one: &&StoredRecord| subject.as_ref().is_none_or(|subject| one.index.subject == *subject);
    let damaged: Vec<&StoredRecord> = whole.damaged.iter().filter(goes).collect();
    let known =
        |one: &&&StoredRecord| Vault::key_id(&one.sealed).is_none_or(|id| whole.good_keys.contains(id));
    if damaged.iter().any(|one| !known(&one)) {
        return Err(Error::new(Code::VaultOpenFailed)
            .detail("the key that the damaged rows name decrypts no other row of the project")
            .hint("Check vault.keys: a key may have the wrong bytes. Nothing was deleted."));
    }
    let mut count = 0;
    for one in damaged {
        count += usize::from(records.delete(one.kind, &one.key, one.version)?);
    }
    Ok(count)
}

/// What the error of a record's row says that cannot be decrypted.
pub(super) fn of_record(error: Error) -> Error {
    if error.code() != Code::VaultOpenFailed {
        return error;
    }
    error.with_code(Code::RowDamaged).hint(
        "fhir-ehr damaged lists such rows and deletes them with --remove; a PHP application calls removeDamaged().",
    )
}
