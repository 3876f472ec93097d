//! Merges the drafts of a committed pull into the rows of its record.
//!
//! Drafts are merged in batches of bounded size. The merge may be interrupted anywhere and be repeated: each batch is written under
//! the version of the binding, and a row that was merged before changes nothing.

use super::{
    RowState, StagedRow,
    binding::PatientBinding,
    candidate,
    committed_pull::{CommittedLine, CommittedPull},
    draft::{self, Draft, ReceivedResources, resource_hash},
    merge::{Absence, base_key, merge_absent, merge_pulled},
    preselect::{NotPreselected, PreselectionGroup, Selection},
    record::StudyRows,
    state::Change,
};
use crate::{error::Result, store::sealed_store::DecryptedRecord};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::collections::{BTreeMap, BTreeSet};

/// Merges the first committed pull of a binding; false when the record was changed meanwhile.
///
/// # Errors
/// The store's.
pub(super) fn merge_committed(study: &StudyRows<'_>, binding: &PatientBinding, version: i64) -> Result<bool> {
    let Some(commit) = binding.committed.first() else { return Ok(true) };
    let (drafts, received, records) = draft::read(study, &commit.pull_id)?;
    let is_whole = drafts.len() == commit.rows && records == commit.received;
    let (pulled, _) = rows_of_drafts(drafts, &commit.lines);
    let stored = study.stored_rows()?;
    let writes = study.writes(changes(&stored, &pulled, &received, commit, is_whole), &stored)?;
    let mut version = version;
    let mut rest = writes.into_iter().peekable();
    loop {
        let batch: Vec<_> = rest.by_ref().take(draft::BATCH).collect();
        let is_last = rest.peek().is_none();
        let mut next = binding.clone();
        if is_last {
            next.committed.remove(0);
        }
        if !study.write(&next, version, batch)? {
            return Ok(false);
        }
        version += 1;
        if is_last {
            draft::delete(study, &commit.pull_id)?;
            return Ok(true);
        }
    }
}

/// The rows of drafts, in the order of the mapping, with their positions and the preselected ones marked.
pub(super) fn rows_of_drafts(
    drafts: Vec<Draft>,
    lines: &[CommittedLine],
) -> (Vec<StagedRow>, Vec<NotPreselected>) {
    let place = |row: &StagedRow| (row.event.clone(), row.study_field.clone());
    let mut places: BTreeMap<(String, String), Vec<Draft>> = BTreeMap::new();
    for draft in drafts {
        places.entry(place(&draft.row)).or_default().push(draft);
    }
    let (mut rows, mut not_preselected) = (Vec::new(), Vec::new());
    for ((event, study_field), mut together) in places {
        let line = lines.iter().find(|line| line.event == event && line.study_field == study_field);
        together.sort_by(|a, b| {
            candidate::order(&a.candidate, &b.candidate).then_with(|| a.row.key.cmp(&b.row.key))
        });
        let group = PreselectionGroup {
            preselect: line.and_then(|line| line.preselect),
            anchor: line.and_then(|line| line.anchor),
            values: together.iter().map(|draft| &draft.candidate).collect(),
            is_list: line.is_some_and(|line| line.list),
        };
        let Selection { chosen, reasons } = group.select();
        not_preselected.extend(reasons.into_iter().map(|reason| NotPreselected {
            study_field: study_field.clone(),
            event: event.clone(),
            source_field: line.map(|line| line.source_field.clone()).unwrap_or_default(),
            reason,
        }));
        for (position, draft) in together.into_iter().enumerate() {
            let preselected = chosen.contains(&position);
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            rows.push(StagedRow { preselected, position, ..draft.row });
        }
    }
    let at = |row: &StagedRow| lines.iter().position(|line| line.matches(row));
    rows.sort_by_key(|row| (at(row), row.position));
    (rows, not_preselected)
}

/// The changes that a committed pull makes to the stored rows of its record. With `is_whole`, all drafts of the pull are in
/// `pulled`; otherwise no row counts as absent because its search did not return it.
pub(super) fn changes(
    stored: &[DecryptedRecord<StagedRow>],
    pulled: &[StagedRow],
    received: &ReceivedResources,
    commit: &CommittedPull,
    is_whole: bool,
) -> Vec<Change> {
    let mut by_base_key: BTreeMap<&str, Vec<StagedRow>> = BTreeMap::new();
    for row in stored {
        by_base_key.entry(base_key(&row.key)).or_default().push(row.value.clone());
    }
    let mut changes: Vec<Change> = Vec::new();
    for row in pulled {
        let versions = by_base_key.remove(base_key(&row.key)).unwrap_or_default();
        changes.extend(merge_pulled(&versions, row));
    }
    let chosen: BTreeSet<(&str, &str)> = pulled
        .iter()
        .filter(|row| row.preselected)
        .map(|row| (row.event.as_str(), row.study_field.as_str()))
        .collect();
    for row in by_base_key.into_values().flatten().filter(|row| commit.patients.contains(&row.patient)) {
        let Some(line) = commit.lines.iter().find(|line| line.matches(&row)) else { continue };
        if let Some(absence) = absence(&row, received, is_whole && line.complete) {
            changes.extend(merge_absent(&row, absence, &line.window));
        } else if row.preselected
            && !row.list
            && row.state == RowState::Pending
            && chosen.contains(&(row.event.as_str(), row.study_field.as_str()))
        {
            // This pull preselected another value for the study field.
            changes.push(Change::Put(Box::new(StagedRow { preselected: false, ..row })));
        }
    }
    changes
}

/// Why a pull did not bring a stored row again; `None` when its searches prove nothing about it.
fn absence(row: &StagedRow, received: &ReceivedResources, is_complete: bool) -> Option<Absence> {
    let hash = URL_SAFE_NO_PAD.encode(resource_hash(&row.resource_type, &row.resource_id));
    match received.get(&hash) {
        Some(true) => Some(Absence::EnteredInError),
        Some(false) => Some(Absence::NotMatching),
        None => is_complete.then_some(Absence::NotReturned),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::staging::merge::tests::row;

    const PATIENT: &str = "hash of the patient";

    fn line(study_field: &str, complete: bool) -> CommittedLine {
        CommittedLine {
            event: String::new(),
            study_field: study_field.to_owned(),
            source_field: "1-1".to_owned(),
            complete,
            window: String::new(),
            preselect: None,
            anchor: None,
            list: false,
        }
    }

    /// A row of the resource `Observation/KEY` in the study field `weight`.
    pub(in crate::staging) fn weight(key: &str, state: RowState, value: &str) -> StagedRow {
        StagedRow {
            study_field: "weight".to_owned(),
            source_field: "1-1".to_owned(),
            resource_type: "Observation".to_owned(),
            resource_id: key.to_owned(),
            patient: PATIENT.to_owned(),
            ..row(key, state, value)
        }
    }

    pub(in crate::staging) fn stored_records(rows: &[StagedRow]) -> Vec<DecryptedRecord<StagedRow>> {
        rows.iter()
            .map(|row| DecryptedRecord { key: row.key.clone(), version: 1, value: row.clone() })
            .collect()
    }

    fn received(key: &str, in_error: bool) -> ReceivedResources {
        [(URL_SAFE_NO_PAD.encode(resource_hash("Observation", key)), in_error)].into()
    }

    /// The changes of a pull that brought `pulled`, as `key state ehr_state` or `-key`.
    fn changed(
        stored: &[StagedRow],
        pulled: &[StagedRow],
        received: &ReceivedResources,
        complete: bool,
        is_whole: bool,
    ) -> Vec<String> {
        let commit = CommittedPull {
            pull_id: "p".to_owned(),
            patients: vec![PATIENT.to_owned()],
            lines: vec![line("weight", complete)],
            rows: pulled.len(),
            received: 0,
        };
        let word = |change: Change| match change {
            Change::Put(row) => format!("{} {} {}", row.key, row.state.name(), row.ehr_state.name()),
            Change::Delete(key) => format!("-{key}"),
        };
        changes(&stored_records(stored), pulled, received, &commit, is_whole).into_iter().map(word).collect()
    }

    #[test]
    fn a_row_is_absent_only_when_the_answers_prove_it() {
        let none = ReceivedResources::new();
        for (name, received, complete, is_whole, pending, saved) in [
            ("nothing is proved", &none, false, true, vec![], vec![]),
            ("a draft is missing", &none, true, false, vec![], vec![]),
            ("not returned", &none, true, true, vec!["-k"], vec!["k saved gone"]),
            ("another value", &received("k", false), false, true, vec!["-k"], vec!["k saved not_matching"]),
            ("in error", &received("k", true), false, true, vec!["-k"], vec!["k saved entered_in_error"]),
        ] {
            for (state, expected) in [(RowState::Pending, pending), (RowState::Saved, saved)] {
                let stored = [weight("k", state, "50")];
                assert_eq!(
                    changed(&stored, &[], received, complete, is_whole),
                    expected,
                    "{name}, {state:?}"
                );
            }
        }
    }

    #[test]
    fn rows_of_another_patient_or_of_a_line_that_was_not_pulled_stay_as_they_are() {
        let other_patient =
            StagedRow { patient: "another".to_owned(), ..weight("a", RowState::Pending, "50") };
        let other_line =
            StagedRow { study_field: "height".to_owned(), ..weight("b", RowState::Pending, "50") };
        assert!(changed(&[other_patient, other_line], &[], &ReceivedResources::new(), true, true).is_empty());
    }

    #[test]
    fn a_pull_that_preselects_a_value_takes_the_mark_from_the_earlier_one() {
        let earlier = StagedRow { preselected: true, ..weight("a", RowState::Pending, "50") };
        let chosen = StagedRow { preselected: true, ..weight("b", RowState::Pending, "51") };
        let none = ReceivedResources::new();
        let both = changed(std::slice::from_ref(&earlier), std::slice::from_ref(&chosen), &none, false, true);
        assert_eq!(both, ["b pending current", "a pending current"]);
        let not_chosen = StagedRow { preselected: false, ..chosen };
        assert_eq!(changed(&[earlier], &[not_chosen], &none, false, true), ["b pending current"]);
    }
}
