//! The rows of one study record at one moment, and changes that a person or the host makes to them.

use super::{
    StagedRow,
    binding::PatientBinding,
    merge_drafts::merge_committed,
    record::{StudyRows, row_conflict, row_damaged},
    state::Change,
};
use crate::{error::Result, store::sealed_store::DecryptedRecord};

/// The rows of a record at one moment, with the binding to its patient.
#[derive(Debug)]
pub struct RecordView {
    /// The binding to the record's patient.
    pub binding: PatientBinding,
    /// The version of the binding in the store; 0 when it is not stored.
    pub version: i64,
    /// The rows, ordered by key.
    pub rows: Vec<DecryptedRecord<StagedRow>>,
}

impl RecordView {
    /// Checks that all rows are of one patient.
    ///
    /// # Errors
    /// [`Code::RecordMixed`].
    pub fn check(&self) -> Result<()> {
        self.check_with(&self.binding)
    }

    /// The rows, without the binding.
    pub fn into_rows(self) -> Vec<StagedRow> {
        self.rows.into_iter().map(|row| row.value).collect()
    }

    /// Checks that all rows are of the patient of a binding that is about to be written.
    ///
    /// # Errors
    /// [`Code::RecordMixed`].
    pub fn check_with(&self, binding: &PatientBinding) -> Result<()> {
        let rows: Vec<&StagedRow> = self.rows.iter().map(|row| &row.value).collect();
        binding.check(&rows)
    }
}

impl StudyRows<'_> {
    /// The rows at one moment. Committed pulls are merged first. The rows are read again when the record changed meanwhile.
    ///
    /// # Errors
    /// [`Code::StoreConflict`] when the record keeps changing, [`Code::RowDamaged`], and the store's.
    pub fn view(&self) -> Result<RecordView> {
        self.retry_on_conflict(|| {
            let (binding, version) = self.binding()?;
            if !binding.committed.is_empty() {
                merge_committed(self, &binding, version)?;
                return Ok(None);
            }
            let rows = self.stored_rows()?;
            let (_, after) = self.binding()?;
            Ok((after == version).then_some(RecordView { binding, version, rows }))
        })
        .map_err(row_damaged)
    }

    /// [`StudyRows::view`] for showing, deciding and handing out: all rows must be of one patient.
    ///
    /// # Errors
    /// As [`StudyRows::view`], and [`Code::RecordMixed`].
    pub fn checked_view(&self) -> Result<RecordView> {
        let view = self.view()?;
        view.check()?;
        Ok(view)
    }

    /// Changes rows as a person decided. `plan` returns the changes and a result. It is called again with the new rows when
    /// another process changes the record first.
    ///
    /// # Errors
    /// Those of `plan`; [`Code::RecordMixed`], [`Code::RowConflict`] when the record keeps changing, and the store's.
    pub fn change<T>(&self, plan: impl FnMut(&RecordView) -> Result<(Vec<Change>, T)>) -> Result<T> {
        self.change_view(Self::checked_view, plan)
    }

    /// [`StudyRows::change`] also for a record with rows of two patients. It is for the end of a hand-out: the host has saved the
    /// values or not, whatever the record contains.
    ///
    /// # Errors
    /// As [`StudyRows::change`], without [`Code::RecordMixed`].
    pub fn change_even_if_mixed<T>(
        &self,
        plan: impl FnMut(&RecordView) -> Result<(Vec<Change>, T)>,
    ) -> Result<T> {
        self.change_view(Self::view, plan)
    }

    fn change_view<T>(
        &self,
        view: impl Fn(&Self) -> Result<RecordView>,
        mut plan: impl FnMut(&RecordView) -> Result<(Vec<Change>, T)>,
    ) -> Result<T> {
        self.retry_on_conflict(|| {
            let view = view(self)?;
            let (changes, result) = plan(&view)?;
            if changes.is_empty() {
                return Ok(Some(result));
            }
            let batch = self.writes(changes, &view.rows)?;
            Ok(self.write(&view.binding, view.version, batch)?.then_some(result))
        })
        .map_err(row_conflict)
    }
}
