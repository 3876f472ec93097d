//! How a pull becomes visible: one write names it in the record's binding, then its drafts are merged into the rows.
//!
//! The merge is done by whoever touches the record next, in bounded batches, and may be interrupted anywhere and done
//! again: each batch is written under the binding's version, and a row that was merged already changes nothing.

use super::{
    StagedRow, State,
    binding::{PatientBinding, VerifiedPatient},
    candidate,
    draft::{self, Draft, Drafts, Received, resource_hash},
    preselect::{Contest, Preselect, Selection},
    record::StudyRows,
    state::{Absence, Change, absent, arrive, base_key},
};
use crate::{
    error::{Code, Error, Result},
    fhir::time::Anchor,
    store::sealed_store::DecryptedRecord,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a pull found out about one line of its mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitLine {
    /// The event of the study record, or empty.
    pub event: String,
    /// The field of the study record.
    pub study_field: String,
    /// The field it is read from.
    pub source_field: String,
    /// Whether its searches were proved complete.
    pub complete: bool,
    /// Keyed hash of its window; empty without one.
    pub window: String,
    /// Which of several values is preselected.
    pub preselect: Option<Preselect>,
    /// The record's date, for a line with a window.
    pub anchor: Option<Anchor>,
    /// Whether its values are entries of a list.
    pub list: bool,
}

impl CommitLine {
    /// Whether a row is one of this line.
    fn is_of(&self, row: &StagedRow) -> bool {
        self.event == row.event
            && self.study_field == row.study_field
            && self.source_field == row.source_field
    }
}

/// A pull that is committed: all that is needed to merge its drafts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The pull.
    pub pull_id: String,
    /// Keyed hashes of the patient's ids at its source and FHIR version: only their rows can be absent. Filled when the pull
    /// is committed.
    pub patients: Vec<String>,
    /// Its lines, in the order of the mapping.
    pub lines: Vec<CommitLine>,
    /// How many drafts it has: with fewer, nothing counts as absent.
    pub rows: usize,
    /// How many stored records name the resources that came.
    pub received: usize,
}

/// What a pull found, ready to be committed.
#[derive(Debug)]
pub struct MergeResult {
    /// The pull.
    pub pull_id: String,
    /// Its lines, in the order of the mapping.
    pub lines: Vec<CommitLine>,
    /// Its rows.
    pub drafts: Drafts,
}

/// Why the rules marked nothing for a place of the study record, or left some of its values out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotPreselected {
    /// The field of the study record.
    pub study_field: String,
    /// The event of the study record, or empty.
    pub event: String,
    /// The field that the values are read from: that of the place's first line.
    pub source_field: String,
    /// A sentence for people.
    pub reason: String,
}

/// Makes a pull visible and merges it. Gives the rows that came, as they are stored now, and why nothing was preselected.
///
/// # Errors
/// [`Code::RecordBound`] when the record belongs to another patient, [`Code::StoreConflict`] when others keep changing the
/// record, and the store's. The pull is not visible then, unless the error came while it was merged: the next call on
/// the record goes on with that.
pub fn commit(
    study: &StudyRows<'_>,
    patient: &VerifiedPatient,
    key_id: &str,
    pull: MergeResult,
) -> Result<(Vec<StagedRow>, Vec<NotPreselected>)> {
    let MergeResult { pull_id, lines, drafts } = pull;
    let mut commit = Commit { pull_id, patients: Vec::new(), lines, rows: 0, received: 0 };
    let (drafts, in_memory) = match drafts {
        Drafts::InMemory { rows, received } => (rows, Some(received)),
        Drafts::Stored { rows, received } => {
            (commit.rows, commit.received) = (rows, received);
            let (drafts, _, _) = draft::read(study, &commit.pull_id)?;
            if drafts.len() != rows {
                return Err(
                    Error::new(Code::StoreConflict).detail("rows of this pull are missing in the store")
                );
            }
            (drafts, None)
        }
    };
    let (arrived, reasons) = selected(drafts, &commit.lines);
    study.tries(|| {
        let view = study.view()?;
        if view.binding.is_free() && arrived.is_empty() && view.rows.is_empty() {
            return Ok(Some(()));
        }
        let mut binding = view.binding.join(patient)?;
        if binding.key_id(patient) != key_id {
            let detail = "another pull bound the record to another chart of this patient; pull again";
            return Err(Error::new(Code::StoreConflict).detail(detail));
        }
        view.check_with(&binding)?;
        commit.patients = binding.hashes_of(patient).to_vec();
        let mut batch = Vec::new();
        match &in_memory {
            // One batch holds it all: the commit and the merge are one write.
            Some(received) => {
                for change in changes(&view.rows, &arrived, received, &commit, true) {
                    batch.push(study.write_of(change, &view.rows)?);
                }
            }
            None => binding.committed.push(commit.clone()),
        }
        if batch.is_empty() && binding == view.binding {
            return Ok(Some(()));
        }
        Ok(study.write(&binding, view.version, batch)?.then_some(()))
    })?;
    Ok((shown(arrived, &study.view()?.rows), reasons))
}

/// Merges the first committed pull of a binding; false when the record was changed meanwhile.
///
/// # Errors
/// The store's.
pub(super) fn merge(study: &StudyRows<'_>, binding: &PatientBinding, version: i64) -> Result<bool> {
    let Some(commit) = binding.committed.first() else { return Ok(true) };
    let (drafts, received, records) = draft::read(study, &commit.pull_id)?;
    let whole = drafts.len() == commit.rows && records == commit.received;
    let (arrived, _) = selected(drafts, &commit.lines);
    let standing = study.stored_rows()?;
    let mut writes = Vec::new();
    for change in changes(&standing, &arrived, &received, commit, whole) {
        writes.push(study.write_of(change, &standing)?);
    }
    let mut version = version;
    let mut rest = writes.into_iter().peekable();
    loop {
        let some: Vec<_> = rest.by_ref().take(draft::BATCH).collect();
        let is_last = rest.peek().is_none();
        let mut next = binding.clone();
        if is_last {
            next.committed.remove(0);
        }
        if !study.write(&next, version, some)? {
            return Ok(false);
        }
        version += 1;
        if is_last {
            draft::delete(study, &commit.pull_id)?;
            return Ok(true);
        }
    }
}

/// The rows of drafts: each in its place, and those that the rules choose preselected.
fn selected(drafts: Vec<Draft>, lines: &[CommitLine]) -> (Vec<StagedRow>, Vec<NotPreselected>) {
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
        let contest = Contest {
            preselect: line.and_then(|line| line.preselect),
            anchor: line.and_then(|line| line.anchor),
            values: together.iter().map(|draft| &draft.candidate).collect(),
            is_list: line.is_some_and(|line| line.list),
        };
        let Selection { chosen, reasons } = contest.select();
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
    // In the order of the mapping, as a person wrote it.
    let at = |row: &StagedRow| lines.iter().position(|line| line.is_of(row));
    rows.sort_by_key(|row| (at(row), row.position));
    (rows, not_preselected)
}

/// What a committed pull changes among the rows of its record.
fn changes(
    standing: &[DecryptedRecord<StagedRow>],
    arrived: &[StagedRow],
    received: &Received,
    commit: &Commit,
    whole: bool,
) -> Vec<Change> {
    let mut groups: BTreeMap<&str, Vec<StagedRow>> = BTreeMap::new();
    for row in standing {
        groups.entry(base_key(&row.key)).or_default().push(row.value.clone());
    }
    let mut changes: Vec<Change> = Vec::new();
    for row in arrived {
        let group = groups.remove(base_key(&row.key)).unwrap_or_default();
        changes.extend(arrive(&group, row));
    }
    let chosen: BTreeSet<(&str, &str)> = arrived
        .iter()
        .filter(|row| row.preselected)
        .map(|row| (row.event.as_str(), row.study_field.as_str()))
        .collect();
    for row in groups.into_values().flatten().filter(|row| commit.patients.contains(&row.patient)) {
        let Some(line) = commit.lines.iter().find(|line| line.is_of(&row)) else { continue };
        let why = absence(&row, received, whole && line.complete);
        if let Some(why) = why {
            changes.extend(absent(&row, why, &line.window));
        } else if row.preselected
            && !row.list
            && row.state == State::Pending
            && chosen.contains(&(row.event.as_str(), row.study_field.as_str()))
        {
            // Another value of this place was chosen by this pull.
            changes.push(Change::Put(Box::new(StagedRow { preselected: false, ..row })));
        }
    }
    changes
}

/// What the pull showed about a row that did not come; nothing, where its search proved nothing.
fn absence(row: &StagedRow, received: &Received, complete: bool) -> Option<Absence> {
    let hash = URL_SAFE_NO_PAD.encode(resource_hash(&row.resource_type, &row.resource_id));
    match received.get(&hash) {
        Some(true) => Some(Absence::EnteredInError),
        Some(false) => Some(Absence::NotMatching),
        None => complete.then_some(Absence::NotReturned),
    }
}

/// The rows that came, as they are stored now; of one whose value was erased the caller sees the value that came.
fn shown(arrived: Vec<StagedRow>, standing: &[DecryptedRecord<StagedRow>]) -> Vec<StagedRow> {
    let mut known: BTreeMap<(&str, &str), &StagedRow> = BTreeMap::new();
    for row in standing {
        known.insert((base_key(&row.key), row.value.fingerprint.as_str()), &row.value);
    }
    let mut rows = Vec::new();
    for row in arrived {
        let Some(stored) = known.get(&(base_key(&row.key), row.fingerprint.as_str())) else { continue };
        let is_erased = matches!(stored.state, State::Saved | State::Rejected) && stored.value.is_empty();
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
