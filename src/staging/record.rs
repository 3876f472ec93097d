//! The rows of one study record: read as a whole, and changed under the version of the record's binding.

use super::{StagedRow, binding::PatientBinding, commit, damaged, state::Change, subject};
use crate::{
    error::{Code, Error, Result},
    secret,
    store::{
        RecordKind, RecordQuery, RecordWrite,
        sealed_store::{Address, DecryptedRecord, SealedStore},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};

/// How often a change is tried while others change the same record.
const TRIES: u32 = 40;

/// One study record's rows.
#[derive(Clone, Copy)]
pub struct StudyRows<'a> {
    /// The stored records.
    pub records: SealedStore<'a>,
    /// The project.
    pub project: &'a str,
    /// The study record.
    pub record: &'a str,
    /// Days for which a row waits.
    pub staged_days: i64,
}

/// A record's rows at one moment, with its binding.
#[derive(Debug)]
pub struct View {
    /// To whom the record is bound.
    pub binding: PatientBinding,
    /// The binding's version in the store; 0 where there is none.
    pub version: i64,
    /// The rows, ordered by key.
    pub rows: Vec<DecryptedRecord<StagedRow>>,
}

impl View {
    /// Whether all rows are of one patient.
    ///
    /// # Errors
    /// [`Code::RecordMixed`].
    pub fn check(&self) -> Result<()> {
        self.check_with(&self.binding)
    }

    /// The rows alone.
    pub fn into_rows(self) -> Vec<StagedRow> {
        self.rows.into_iter().map(|row| row.value).collect()
    }

    /// Whether the rows fit to a binding that is about to be written: rows without a binding may be another patient's.
    ///
    /// # Errors
    /// [`Code::RecordMixed`].
    pub fn check_with(&self, binding: &PatientBinding) -> Result<()> {
        let rows: Vec<&StagedRow> = self.rows.iter().map(|row| &row.value).collect();
        binding.check(&rows)
    }
}

/// The binding of a record, by its subject, with its version; an empty one where there is none.
///
/// # Errors
/// The store's, or that it cannot be decrypted.
pub(super) fn binding_of(records: &SealedStore<'_>, subject: &str) -> Result<(PatientBinding, i64)> {
    let found = records.get::<PatientBinding>(RecordKind::RecordBinding, subject)?;
    Ok(found.map_or_else(Default::default, |opened| (opened.value, opened.version)))
}

impl<'a> StudyRows<'a> {
    /// The keyed hash that names the record in the store.
    pub(super) fn subject(&self) -> String {
        subject(&self.records, self.project, self.record)
    }

    /// What a scan over the record's stored rows asks.
    pub(crate) fn query(&self) -> RecordQuery {
        RecordQuery {
            organization: self.records.organization.to_owned(),
            project: Some(self.project.to_owned()),
            subject: Some(self.subject()),
            state: None,
        }
    }

    /// The rows as they are stored, whether or not a pull waits to be merged.
    pub(super) fn stored_rows(&self) -> Result<Vec<DecryptedRecord<StagedRow>>> {
        self.records.of_subject(RecordKind::StagedRow, self.project, &self.subject())
    }

    /// The binding, as it is stored.
    ///
    /// # Errors
    /// [`Code::RowDamaged`], and the store's.
    pub fn binding(&self) -> Result<(PatientBinding, i64)> {
        binding_of(&self.records, &self.subject()).map_err(damaged::of_record)
    }

    /// The rows of one moment: every committed pull is merged, and no change came between the first row and the last.
    ///
    /// # Errors
    /// [`Code::StoreConflict`] when the record keeps changing, [`Code::RowDamaged`], and the store's.
    pub fn view(&self) -> Result<View> {
        self.tries(|| {
            let (binding, version) = self.binding()?;
            if !binding.committed.is_empty() {
                commit::merge(self, &binding, version)?;
                return Ok(None);
            }
            let rows = self.stored_rows()?;
            let (_, after) = self.binding()?;
            Ok((after == version).then_some(View { binding, version, rows }))
        })
        .map_err(damaged::of_record)
    }

    /// As [`StudyRows::view`], for showing, deciding and handing out.
    ///
    /// # Errors
    /// [`Code::RecordMixed`] as well.
    pub fn checked_view(&self) -> Result<View> {
        let view = self.view()?;
        view.check()?;
        Ok(view)
    }

    /// Changes rows as a person decided. `work` says which rows to write, and its result; where another process changes
    /// the record first, it is asked again with the new rows.
    ///
    /// # Errors
    /// Those of `work`; [`Code::RecordMixed`], [`Code::RowConflict`] when the record keeps changing, and the store's.
    pub fn change<T>(&self, work: impl FnMut(&View) -> Result<(Vec<StagedRow>, T)>) -> Result<T> {
        self.changed(Self::checked_view, work)
    }

    /// As [`StudyRows::change`], for what the host has done already with values that were handed out: true whatever else
    /// the record holds.
    ///
    /// # Errors
    /// As [`StudyRows::change`], without [`Code::RecordMixed`].
    pub fn settle<T>(&self, work: impl FnMut(&View) -> Result<(Vec<StagedRow>, T)>) -> Result<T> {
        self.changed(Self::view, work)
    }

    fn changed<T>(
        &self,
        read: impl Fn(&Self) -> Result<View>,
        mut work: impl FnMut(&View) -> Result<(Vec<StagedRow>, T)>,
    ) -> Result<T> {
        self.tries(|| {
            let view = read(self)?;
            let (rows, result) = work(&view)?;
            if rows.is_empty() {
                return Ok(Some(result));
            }
            let mut batch = Vec::new();
            for row in rows {
                batch.push(self.write_of(Change::Put(Box::new(row)), &view.rows)?);
            }
            Ok(self.write(&view.binding, view.version, batch)?.then_some(result))
        })
        .map_err(|error| match error.code() {
            Code::StoreConflict => Error::new(Code::RowConflict),
            _ => error,
        })
    }

    /// The part of a batch that a change is.
    pub(super) fn write_of(
        &self,
        change: Change,
        standing: &[DecryptedRecord<StagedRow>],
    ) -> Result<RecordWrite> {
        let version = |key: &str| {
            let found = standing.binary_search_by(|row| row.key.as_str().cmp(key));
            found.map_or(0, |at| standing[at].version)
        };
        match change {
            Change::Put(row) => {
                let version = version(&row.key);
                super::put(&self.records, self.project, &row, version, self.staged_days)
            }
            Change::Withdraw(key) => {
                Ok(RecordWrite::Delete { kind: RecordKind::StagedRow, expected: version(&key), key })
            }
        }
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
        // First, so that in a database with row locks writers of one record wait for each other and cannot deadlock.
        let mut whole = vec![self.records.put(RecordKind::RecordBinding, &address, &named, version)?];
        whole.extend(batch);
        let batch = whole;
        match self.records.all_or_nothing(&batch, Code::StoreConflict) {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Code::StoreConflict => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Tries until there is a result, with a short random wait after each conflict.
    ///
    /// # Errors
    /// [`Code::StoreConflict`] after the last try.
    pub(super) fn tries<T>(&self, mut work: impl FnMut() -> Result<Option<T>>) -> Result<T> {
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

/// The rows of a project.
#[derive(Debug, Default)]
pub struct ProjectRows {
    /// All rows but those of the records that are counted below.
    pub rows: Vec<StagedRow>,
    /// How many records hold two patients.
    pub mixed: usize,
    /// How many records have a row that cannot be decrypted.
    pub damaged: usize,
}

/// All rows of a project. A record that cannot be shown does not keep the others from being shown.
///
/// # Errors
/// The store's, and [`Code::VaultKeyMissing`].
pub fn project_rows(records: &SealedStore<'_>, project: &str, staged_days: i64) -> Result<ProjectRows> {
    let mut query = RecordQuery {
        organization: records.organization.to_owned(),
        project: Some(project.to_owned()),
        subject: None,
        state: Some("committed".to_owned()),
    };
    let committed = records.readable::<PatientBinding>(RecordKind::RecordBinding, &query)?.readable;
    // Subjects of records with a row that cannot be decrypted.
    let mut damaged: BTreeSet<String> = BTreeSet::new();
    for binding in committed {
        match (StudyRows { records: *records, project, record: &binding.value.record, staged_days }.view()) {
            Err(error) if error.code() == Code::RowDamaged => drop(damaged.insert(binding.key)),
            merged => drop(merged?),
        }
    }
    query.state = None;
    let rows = records.readable::<StagedRow>(RecordKind::StagedRow, &query)?;
    let bindings = records.readable::<PatientBinding>(RecordKind::RecordBinding, &query)?;
    damaged.extend(rows.damaged.into_iter().chain(bindings.damaged).map(|record| record.index.subject));
    let bindings: BTreeMap<&str, &PatientBinding> =
        bindings.readable.iter().map(|binding| (binding.key.as_str(), &binding.value)).collect();
    let mut by_record: BTreeMap<String, Vec<StagedRow>> = BTreeMap::new();
    for row in rows.readable {
        by_record.entry(row.value.record.clone()).or_default().push(row.value);
    }
    let (unbound, mut found) = (PatientBinding::default(), ProjectRows::default());
    for (record, rows) in by_record {
        let subject = subject(records, project, &record);
        let binding = bindings.get(subject.as_str()).copied().unwrap_or(&unbound);
        if damaged.contains(&subject) {
            continue;
        }
        match binding.check(&rows.iter().collect::<Vec<_>>()) {
            Ok(()) => found.rows.extend(rows),
            Err(_) => found.mixed += 1,
        }
    }
    found.damaged = damaged.len();
    Ok(found)
}
