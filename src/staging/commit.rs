//! The end of a pull: one write names the pull in the record's binding, and its rows become visible.
//!
//! The next call that reads the record merges the drafts of the pull into the rows; see [`super::merge_drafts`].

use super::{
    RowState, StagedRow,
    binding::{PatientBinding, VerifiedPatient},
    committed_pull::{CommittedLine, CommittedPull},
    draft::{self, Draft, Drafts},
    merge::base_key,
    merge_drafts::{changes, rows_of_drafts},
    preselect::NotPreselected,
    record::StudyRows,
    record_view::RecordView,
};
use crate::{
    error::{Code, Error, Result},
    store::sealed_store::DecryptedRecord,
};
use std::collections::BTreeMap;

/// The result of a pull that is ready to be committed.
#[derive(Debug)]
pub struct CommitRequest {
    /// The id of the pull.
    pub pull_id: String,
    /// The mapping lines, in the order of the mapping.
    pub lines: Vec<CommittedLine>,
    /// The rows.
    pub drafts: Drafts,
}

/// Makes a pull visible and merges it. Returns its rows as they are stored now, and why values were not preselected.
///
/// # Errors
/// [`Code::RecordBound`] when the record belongs to another patient, [`Code::StoreConflict`] when other processes keep changing
/// the record, and the store's. After an error the pull is not visible, unless the error happened during the merge: the next
/// call that reads the record then continues the merge.
pub fn commit(
    study: &StudyRows<'_>,
    patient: &VerifiedPatient,
    key_id: &str,
    pull: CommitRequest,
) -> Result<(Vec<StagedRow>, Vec<NotPreselected>)> {
    let CommitRequest { pull_id, lines, drafts } = pull;
    let mut commit = CommittedPull { pull_id, patients: Vec::new(), lines, rows: 0, received: 0 };
    let (drafts, in_memory) = match drafts {
        Drafts::InMemory { rows, received } => (rows, Some(received)),
        Drafts::Stored { rows, received } => {
            (commit.rows, commit.received) = (rows, received);
            (stored_drafts(study, &commit)?, None)
        }
    };
    let (pulled, reasons) = rows_of_drafts(drafts, &commit.lines);
    study.retry_on_conflict(|| {
        let view = study.view()?;
        if view.binding.is_free() && pulled.is_empty() && view.rows.is_empty() {
            return Ok(Some(()));
        }
        let mut binding = joined_binding(&view, patient, key_id)?;
        commit.patients = binding.hashes_of(patient).to_vec();
        let batch = match &in_memory {
            // The commit and the merge are one write, because one batch holds all changes.
            Some(received) => {
                study.writes(changes(&view.rows, &pulled, received, &commit, true), &view.rows)?
            }
            None => {
                binding.committed.push(commit.clone());
                Vec::new()
            }
        };
        if batch.is_empty() && binding == view.binding {
            return Ok(Some(()));
        }
        Ok(study.write(&binding, view.version, batch)?.then_some(()))
    })?;
    Ok((shown_rows(pulled, &study.view()?.rows), reasons))
}

/// The stored drafts of a pull.
///
/// # Errors
/// [`Code::StoreConflict`] when some of them are missing, and the store's.
fn stored_drafts(study: &StudyRows<'_>, commit: &CommittedPull) -> Result<Vec<Draft>> {
    let (drafts, _, _) = draft::read(study, &commit.pull_id)?;
    if drafts.len() != commit.rows {
        return Err(Error::new(Code::StoreConflict).detail("rows of this pull are missing in the store"));
    }
    Ok(drafts)
}

/// The binding of a record with this patient. The stable keys of the pull were made with `key_id`.
fn joined_binding(view: &RecordView, patient: &VerifiedPatient, key_id: &str) -> Result<PatientBinding> {
    let binding = view.binding.join(patient)?;
    if binding.key_id(patient) != key_id {
        let detail = "another pull bound the record to another chart of this patient; pull again";
        return Err(Error::new(Code::StoreConflict).detail(detail));
    }
    view.check_with(&binding)?;
    Ok(binding)
}

/// The pulled rows as they are stored now. When the stored value is erased, the row has the value of the pull.
fn shown_rows(pulled: Vec<StagedRow>, stored: &[DecryptedRecord<StagedRow>]) -> Vec<StagedRow> {
    let mut by_value: BTreeMap<(&str, &str), &StagedRow> = BTreeMap::new();
    for row in stored {
        by_value.insert((base_key(&row.key), row.value.fingerprint.as_str()), &row.value);
    }
    let mut rows = Vec::new();
    for row in pulled {
        let Some(stored) = by_value.get(&(base_key(&row.key), row.fingerprint.as_str())) else { continue };
        let is_erased =
            matches!(stored.state, RowState::Saved | RowState::Rejected) && stored.value.is_empty();
        rows.push(if is_erased {
            StagedRow {
                key: stored.key.clone(),
                state: stored.state,
                changed: stored.changed,
                ehr_state: stored.ehr_state,
                preselected: false,
                ..row
            }
        } else {
            (*stored).clone()
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::{
        EhrState,
        merge_drafts::tests::{stored_records, weight},
    };

    #[test]
    fn a_pulled_row_is_shown_as_stored_or_with_its_value_if_the_stored_one_is_erased() {
        let pulled = [
            weight("a", RowState::Pending, "50"),
            weight("b", RowState::Pending, "51"),
            weight("c", RowState::Pending, "52"),
        ];
        let mut saved = StagedRow { ehr_state: EhrState::Gone, ..weight("a", RowState::Saved, "50") };
        saved.value = String::new();
        let accepted = StagedRow { position: 3, ..weight("b", RowState::Accepted, "51") };
        let shown = shown_rows(pulled.to_vec(), &stored_records(&[saved, accepted.clone()]));
        assert_eq!(shown.len(), 2, "a row that is not stored is not shown");
        assert_eq!(
            (shown[0].state, shown[0].value.as_str(), shown[0].ehr_state),
            (RowState::Saved, "50", EhrState::Gone)
        );
        assert_eq!(shown[1], accepted);
    }
}
