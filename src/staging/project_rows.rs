//! All staged rows of one study project.

use super::{StagedRow, binding::PatientBinding, project::StudyProject};
use crate::{
    error::{Code, Result},
    store::{RecordKind, RecordQuery},
};
use std::collections::{BTreeMap, BTreeSet};

/// The rows of a project, without the records that cannot be shown.
#[derive(Debug, Default)]
pub struct ProjectRows {
    /// The rows of all other records.
    pub rows: Vec<StagedRow>,
    /// How many records hold two patients.
    pub mixed: usize,
    /// How many records have a row that cannot be decrypted.
    pub damaged: usize,
}

impl StudyProject<'_> {
    /// All rows of the project. Records that hold two patients or have a damaged row are left out and counted.
    ///
    /// # Errors
    /// [`Code::VaultKeyMissing`], and the store's.
    pub fn rows(&self) -> Result<ProjectRows> {
        let mut damaged = self.merge_committed()?;
        let query = self.query();
        let rows = self.store.scan_readable::<StagedRow>(RecordKind::StagedRow, &query)?;
        let bindings = self.store.scan_readable::<PatientBinding>(RecordKind::RecordBinding, &query)?;
        damaged.extend(rows.damaged.into_iter().chain(bindings.damaged).map(|record| record.index.subject));
        let bindings: BTreeMap<&str, &PatientBinding> =
            bindings.readable.iter().map(|binding| (binding.key.as_str(), &binding.value)).collect();
        let mut by_record: BTreeMap<String, Vec<StagedRow>> = BTreeMap::new();
        for row in rows.readable {
            by_record.entry(row.value.record.clone()).or_default().push(row.value);
        }
        let (unbound, mut result) = (PatientBinding::default(), ProjectRows::default());
        for (record, rows) in by_record {
            let subject = self.subject(&record);
            let binding = bindings.get(subject.as_str()).copied().unwrap_or(&unbound);
            if damaged.contains(&subject) {
                continue;
            }
            match binding.check(&rows.iter().collect::<Vec<_>>()) {
                Ok(()) => result.rows.extend(rows),
                Err(_) => result.mixed += 1,
            }
        }
        result.damaged = damaged.len();
        Ok(result)
    }

    /// Merges every committed pull into its record. Returns the subjects of records with a row that cannot be decrypted.
    fn merge_committed(&self) -> Result<BTreeSet<String>> {
        let query = RecordQuery { state: Some("committed".to_owned()), ..self.query() };
        let mut damaged = BTreeSet::new();
        for binding in self.store.scan_readable::<PatientBinding>(RecordKind::RecordBinding, &query)?.readable
        {
            match self.record(&binding.value.record).view() {
                Err(error) if error.code() == Code::RowDamaged => drop(damaged.insert(binding.key)),
                merged => drop(merged?),
            }
        }
        Ok(damaged)
    }
}
