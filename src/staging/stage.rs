//! Staging what a pull brought: one atomic write, nothing twice, nothing decided comes back as new.

use super::{StagedRow, State, put, rows_of};
use crate::{
    error::{Code, Error, Result},
    store::{Kind, Write, records::Records},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a pull covered: rows of these that did not come again are no longer true.
#[derive(Debug, Default)]
pub struct Coverage {
    /// `(event, field_name, field)` of the lines that were pulled completely.
    pub lines: BTreeSet<(String, String, String)>,
    /// The source they were pulled from.
    pub source_id: String,
    /// Keyed hash of the patient they are about.
    pub patient: String,
}

/// How often somebody else's change is taken up before giving in.
const TRIES: usize = 5;

/// Stages the rows of one record and gives them back as they stand in the store now.
///
/// # Errors
/// [`Code::PatientMismatch`] when values of another patient are accepted for this record and not saved yet,
/// and the store's: then nothing of the pull is stored.
pub fn stage(
    records: &Records<'_>,
    project: &str,
    record: &str,
    rows: &[StagedRow],
    coverage: &Coverage,
    days: i64,
) -> Result<Vec<StagedRow>> {
    for _ in 0..TRIES {
        let standing: BTreeMap<String, (i64, StagedRow)> = rows_of(records, project, record)?
            .into_iter()
            .map(|opened| (opened.key, (opened.version, opened.value)))
            .collect();
        refuse_second_patient(&standing, coverage)?;
        let mut batch = Vec::new();
        let mut staged = Vec::new();
        for row in rows {
            let before = standing.get(&row.key);
            let merged = merge(row, before.map(|(_, row)| row));
            if let Some(row) = &merged.write {
                batch.push(put(records, project, row, before.map_or(0, |(version, _)| *version), days)?);
            }
            staged.push(merged.shown);
        }
        batch.extend(withdrawn(&standing, rows, coverage));
        match records.all_or_nothing(&batch, Code::StoreConflict) {
            Ok(()) => return Ok(staged),
            Err(error) if error.code() == Code::StoreConflict => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(Code::StoreConflict).detail("the record's rows keep changing"))
}

/// A record is about one patient: nothing is staged beside what somebody has accepted of another one.
fn refuse_second_patient(standing: &BTreeMap<String, (i64, StagedRow)>, coverage: &Coverage) -> Result<()> {
    let on_its_way = |row: &StagedRow| matches!(row.state, State::Accepted | State::HandedOut);
    let other = |row: &StagedRow| row.source_id == coverage.source_id && row.patient != coverage.patient;
    if standing.values().any(|(_, row)| on_its_way(row) && other(row)) {
        let detail =
            "accepted values of this record are another patient's; save them or take them back first";
        return Err(Error::new(Code::PatientMismatch).detail(detail));
    }
    Ok(())
}

/// What a pulled row becomes beside the one that stands.
struct Merged {
    /// What the caller sees.
    shown: StagedRow,
    /// What has to be written.
    write: Option<StagedRow>,
}

fn merge(row: &StagedRow, before: Option<&StagedRow>) -> Merged {
    let written = |row: StagedRow| Merged { write: Some(row.clone()), shown: row };
    let Some(before) = before else { return written(row.clone()) };
    let same = before.fingerprint == row.fingerprint;
    match before.state {
        State::Pending => {
            let mut row = StagedRow { changed: before.changed, ..row.clone() };
            // Who brought it first stays, as long as it is the same value.
            if same {
                row.pull_id.clone_from(&before.pull_id);
                row.pulled_at = before.pulled_at;
                row.pulled_by.clone_from(&before.pulled_by);
            }
            if row == *before { Merged { shown: row, write: None } } else { written(row) }
        }
        // The host is about to save what it was given; a change shows in the next pull.
        State::HandedOut if !same => {
            let shown = StagedRow { state: before.state, save_id: before.save_id.clone(), ..row.clone() };
            Merged { shown, write: None }
        }
        _ if same => {
            // What was decided stays decided, and what will be saved is what stands; of an erased row the
            // caller sees the value that came.
            let erased = matches!(before.state, State::Saved | State::Rejected) && !before.list;
            let shown = if erased {
                StagedRow { state: before.state, preselected: false, ..row.clone() }
            } else {
                before.clone()
            };
            // A list is written in the order of the EHR, so its entries move with it.
            let moved = row.list && before.position != row.position;
            Merged { shown, write: moved.then(|| StagedRow { position: row.position, ..before.clone() }) }
        }
        _ => written(StagedRow { changed: true, ..row.clone() }),
    }
}

/// Rows that a complete pull did not bring again: entered in error since, out of the window, or of another
/// patient. Rows go that wait or were accepted and not handed out, and entries of lists, which are written
/// whole; other decisions stay as marks.
fn withdrawn(
    standing: &BTreeMap<String, (i64, StagedRow)>,
    rows: &[StagedRow],
    coverage: &Coverage,
) -> Vec<Write> {
    let came: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let gone = standing.iter().filter(|(key, (_, row))| {
        let line = (row.event.clone(), row.field_name.clone(), row.field.clone());
        let open =
            matches!(row.state, State::Pending | State::Accepted) || (row.list && row.state == State::Saved);
        open && row.source_id == coverage.source_id
            && coverage.lines.contains(&line)
            && !came.contains(key.as_str())
    });
    gone.map(|(key, (version, _))| Write::Delete {
        kind: Kind::StagedRow,
        key: key.clone(),
        expected: *version,
    })
    .collect()
}
