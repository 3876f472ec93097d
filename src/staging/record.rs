//! The stored rows of one study record, written together with the record's binding and under its version.

use super::{
    StagedRow,
    binding::PatientBinding,
    project::StudyProject,
    state::{Change, RowEvent},
};
use crate::{
    error::{Code, Error, Result},
    secret,
    store::{
        RecordKind, RecordQuery, RecordWrite,
        sealed_store::{Address, DecryptedRecord, SealedStore},
    },
};
use std::{thread, time::Duration};

/// How many times a change is tried while other processes change the same record.
const TRIES: u32 = 40;

/// The staged rows of one study record.
#[derive(Clone, Copy)]
pub struct StudyRows<'a> {
    /// The store.
    pub store: SealedStore<'a>,
    /// The host's name for the project.
    pub project: &'a str,
    /// The host's name for the study record.
    pub record: &'a str,
    /// Days after its last change in which a pending row is deleted.
    pub staged_days: i64,
}

/// The binding of the record with this subject, and its version; an empty binding and 0 when it is not stored.
///
/// # Errors
/// The store's, and [`Code::VaultOpenFailed`] when it cannot be decrypted.
pub(super) fn binding_of(store: &SealedStore<'_>, subject: &str) -> Result<(PatientBinding, i64)> {
    let stored = store.get::<PatientBinding>(RecordKind::RecordBinding, subject)?;
    Ok(stored.map_or_else(Default::default, |opened| (opened.value, opened.version)))
}

impl<'a> StudyProject<'a> {
    /// One record of the project.
    pub fn record(&self, record: &'a str) -> StudyRows<'a> {
        StudyRows { store: self.store, project: self.project, record, staged_days: self.staged_days }
    }
}

impl<'a> StudyRows<'a> {
    /// The project of the record.
    fn in_project(&self) -> StudyProject<'a> {
        StudyProject { store: self.store, project: self.project, staged_days: self.staged_days }
    }

    /// The keyed hash that names the record in the store.
    pub(super) fn subject(&self) -> String {
        self.in_project().subject(self.record)
    }

    /// The query for all stored rows of the record.
    pub(crate) fn query(&self) -> RecordQuery {
        RecordQuery { subject: Some(self.subject()), ..self.in_project().query() }
    }

    /// The rows as they are stored, without those of committed pulls that are not merged yet.
    pub(super) fn stored_rows(&self) -> Result<Vec<DecryptedRecord<StagedRow>>> {
        self.store.find_by_subject(RecordKind::StagedRow, self.project, &self.subject())
    }

    /// The binding as it is stored, and its version.
    ///
    /// # Errors
    /// [`Code::RowDamaged`], and the store's.
    pub fn binding(&self) -> Result<(PatientBinding, i64)> {
        binding_of(&self.store, &self.subject()).map_err(row_damaged)
    }

    /// The batch that makes these changes to the stored rows.
    pub(super) fn writes(
        &self,
        changes: Vec<Change>,
        stored: &[DecryptedRecord<StagedRow>],
    ) -> Result<Vec<RecordWrite>> {
        let version = |key: &str| {
            let at = stored.binary_search_by(|row| row.key.as_str().cmp(key));
            at.map_or(0, |at| stored[at].version)
        };
        let write = |change| match change {
            Change::Put(row) => self.put(&row, version(&row.key)),
            Change::Delete(key) => {
                Ok(RecordWrite::Delete { kind: RecordKind::StagedRow, expected: version(&key), key })
            }
        };
        changes.into_iter().map(write).collect()
    }

    fn put(&self, row: &StagedRow, version: i64) -> Result<RecordWrite> {
        let address = Address {
            key: row.key.clone(),
            project: self.project.to_owned(),
            subject: self.in_project().subject(&row.record),
            state: row.state.name().to_owned(),
            expires_in: row.allows(RowEvent::Expire).then_some(self.staged_days * 86_400),
        };
        self.store.put(RecordKind::StagedRow, &address, row, version)
    }

    /// Writes the binding over the version that was read, together with a batch; false when another process was first.
    pub(super) fn write(
        &self,
        binding: &PatientBinding,
        version: i64,
        batch: Vec<RecordWrite>,
    ) -> Result<bool> {
        let state = match binding {
            binding if !binding.committed.is_empty() => "committed",
            binding if binding.is_free() => "free",
            _ => "bound",
        };
        let address = Address {
            key: self.subject(),
            project: self.project.to_owned(),
            subject: self.subject(),
            state: state.to_owned(),
            expires_in: None,
        };
        let named = PatientBinding { record: self.record.to_owned(), ..binding.clone() };
        // The binding comes first: in a database with row locks, writers of one record then wait for each other and cannot
        // deadlock.
        let mut writes = vec![self.store.put(RecordKind::RecordBinding, &address, &named, version)?];
        writes.extend(batch);
        match self.store.write_batch(&writes, Code::StoreConflict) {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Code::StoreConflict => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Calls `work` until it returns a result, with a short random wait after each `None`.
    ///
    /// # Errors
    /// Those of `work`, and [`Code::StoreConflict`] after the last try.
    pub(super) fn retry_on_conflict<T>(&self, mut work: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        for attempt in 0..TRIES {
            if let Some(result) = work()? {
                return Ok(result);
            }
            let [byte] = secret::random::<1>().unwrap_or([128]);
            thread::sleep(Duration::from_micros(u64::from(byte) * u64::from(attempt.min(20)) * 4));
        }
        Err(Error::new(Code::StoreConflict).detail("other processes keep changing this record"))
    }
}

/// A conflict in the store, as the error of a person's decision.
pub(super) fn row_conflict(error: Error) -> Error {
    match error.code() {
        Code::StoreConflict => Error::new(Code::RowConflict),
        _ => error,
    }
}

/// The error of a row that cannot be decrypted, with the hint how to delete such rows.
pub(super) fn row_damaged(error: Error) -> Error {
    if error.code() != Code::VaultOpenFailed {
        return error;
    }
    error.with_code(Code::RowDamaged).hint(
        "Run `fhir-ehr damaged` to list such rows, and `fhir-ehr damaged --remove` to delete them. A PHP application calls \
         removeDamaged().",
    )
}
