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
}

/// How often somebody else's change is taken up before giving in.
const TRIES: usize = 5;

/// Stages the rows of one record and gives them back as they stand in the store now.
///
/// # Errors
/// The store's: then nothing of the pull is stored.
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
        let mut batch = Vec::new();
        let mut staged = Vec::new();
        for row in rows {
            let before = standing.get(&row.key);
            let (row, write) = merge(row, before.map(|(_, row)| row));
            if write {
                batch.push(put(records, project, &row, before.map_or(0, |(version, _)| *version), days)?);
            }
            staged.push(row);
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

/// The row as it should stand, and whether that needs a write.
fn merge(row: &StagedRow, before: Option<&StagedRow>) -> (StagedRow, bool) {
    let Some(before) = before else { return (row.clone(), true) };
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
            let write = row != *before;
            (row, write)
        }
        _ if same => {
            // What was decided stays decided; the caller still sees the value that came.
            let shown = StagedRow {
                state: before.state,
                changed: false,
                save_id: before.save_id.clone(),
                preselected: false,
                ..row.clone()
            };
            (shown, false)
        }
        _ => (StagedRow { changed: true, ..row.clone() }, true),
    }
}

/// Rows that a complete pull did not bring again: entered in error since, or out of the window. Waiting
/// rows go, and entries of lists, which are written whole; other decisions stay as marks.
fn withdrawn(
    standing: &BTreeMap<String, (i64, StagedRow)>,
    rows: &[StagedRow],
    coverage: &Coverage,
) -> Vec<Write> {
    let came: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let gone = standing.iter().filter(|(key, (_, row))| {
        let line = (row.event.clone(), row.field_name.clone(), row.field.clone());
        let open = row.state == State::Pending || (row.list && row.state == State::Saved);
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
