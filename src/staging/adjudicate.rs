//! Decisions on staged rows, and the values to save: each is handed out exactly once.

use super::{StagedRow, State, erase, put, rows_of};
use crate::{
    error::{Code, Error, Result},
    secret,
    store::records::{Opened, Records},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What somebody decided; rows that are not named are left as they are.
///
/// A row is named by [`StagedRow::decision`], which holds the value that was seen: a value that a pull has
/// corrected since is then not decided on unseen. Its bare key names whatever value stands there.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// The rows to save.
    pub accept: Vec<String>,
    /// The rows not to save.
    pub reject: Vec<String>,
}

/// One value for one place of the study record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueToSave {
    /// The event, or empty.
    pub event: String,
    /// The field of the study record.
    pub field_name: String,
    /// The text to write there.
    pub value: String,
    /// When it was true, for a single value.
    pub timestamp: Option<String>,
    /// The rows it comes from.
    pub keys: Vec<String>,
}

/// Values handed out together, until the host confirms that it has saved them.
#[derive(Clone, Debug, Serialize)]
pub struct SaveSet {
    /// Names the set; empty when there is nothing to save.
    pub save_id: String,
    /// The study record.
    pub record: String,
    /// The values.
    pub values: Vec<ValueToSave>,
}

fn place(row: &StagedRow) -> (String, String) {
    (row.event.clone(), row.field_name.clone())
}

fn write(records: &Records<'_>, project: &str, rows: &[(i64, StagedRow)], days: i64) -> Result<()> {
    let batch: Vec<_> = rows
        .iter()
        .map(|(version, row)| put(records, project, row, *version, days))
        .collect::<Result<_>>()?;
    records.all_or_nothing(&batch, Code::RowConflict)
}

/// Notes decisions, all or none of them.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no waiting row, [`Code::AdjudicationAmbiguous`] when two accepted
/// values would go into one place, [`Code::RowConflict`] when somebody else was first.
pub fn decide(
    records: &Records<'_>,
    project: &str,
    record: &str,
    decisions: &Decisions,
    days: i64,
) -> Result<usize> {
    let standing: BTreeMap<String, Opened<StagedRow>> =
        rows_of(records, project, record)?.into_iter().map(|row| (row.key.clone(), row)).collect();
    let mut taken: Vec<(String, String)> = standing
        .values()
        .filter(|row| !row.value.list && matches!(row.value.state, State::Accepted | State::HandedOut))
        .map(|row| place(&row.value))
        .collect();
    let mut changed: BTreeMap<&str, (i64, StagedRow)> = BTreeMap::new();
    let choices = decisions.accept.iter().map(|key| (key, State::Accepted));
    for (name, state) in choices.chain(decisions.reject.iter().map(|key| (key, State::Rejected))) {
        let (key, seen) = name.split_once('~').unwrap_or((name, ""));
        let waiting = standing.get(key).filter(|row| row.value.state == State::Pending);
        let Some(row) = waiting.filter(|_| !changed.contains_key(key)) else {
            let key: String = crate::error::escape_for_display(key);
            return Err(Error::new(Code::RowNotFound).detail(format!("key {key}")));
        };
        if !row.value.fingerprint.starts_with(seen) {
            return Err(Error::new(Code::RowConflict).detail("the value has changed since it was shown"));
        }
        let mut decided = StagedRow { state, ..row.value.clone() };
        if state == State::Rejected {
            erase(&mut decided);
        } else if !decided.list {
            if taken.contains(&place(&decided)) {
                let detail = format!("field {}", crate::error::escape_for_display(&decided.field_name));
                return Err(Error::new(Code::AdjudicationAmbiguous).detail(detail));
            }
            taken.push(place(&decided));
        }
        changed.insert(key, (row.version, decided));
    }
    let changed: Vec<(i64, StagedRow)> = changed.into_values().collect();
    write(records, project, &changed, days)?;
    Ok(changed.len())
}

/// Takes acceptances back: the rows wait again.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no accepted row, [`Code::RowConflict`].
pub fn reopen(
    records: &Records<'_>,
    project: &str,
    record: &str,
    keys: &[String],
    days: i64,
) -> Result<usize> {
    let rows = rows_of(records, project, record)?;
    let mut reopened = Vec::new();
    for name in keys {
        let key = name.split('~').next().unwrap_or_default();
        let accepted = rows.iter().find(|row| row.key == key && row.value.state == State::Accepted);
        let row = accepted.ok_or_else(|| {
            Error::new(Code::RowNotFound).detail(format!("key {}", crate::error::escape_for_display(key)))
        })?;
        reopened.push((row.version, StagedRow { state: State::Pending, ..row.value.clone() }));
    }
    write(records, project, &reopened, days)?;
    Ok(reopened.len())
}

/// Hands out the accepted values of a record: each of them in one call only, also when two processes ask.
///
/// # Errors
/// [`Code::RowConflict`] when somebody else asks at the same moment; nothing was handed out then.
pub fn hand_out(records: &Records<'_>, project: &str, record: &str, days: i64) -> Result<SaveSet> {
    let rows = rows_of(records, project, record)?;
    let mut out: Vec<(i64, StagedRow)> = rows
        .iter()
        .filter(|row| row.value.state == State::Accepted)
        .map(|row| (row.version, row.value.clone()))
        .collect();
    if out.is_empty() {
        return Ok(SaveSet { save_id: String::new(), record: record.to_owned(), values: Vec::new() });
    }
    let save_id = secret::random_text()?;
    let mut places: BTreeMap<(String, String), Vec<&StagedRow>> = BTreeMap::new();
    for (_, row) in &out {
        places.entry(place(row)).or_default().push(row);
    }
    // A list is written whole: what was saved before and still stands in the EHR belongs to it.
    for row in rows.iter().map(|row| &row.value).filter(|row| row.list && row.state == State::Saved) {
        let same_patient =
            |entries: &Vec<&StagedRow>| entries.iter().all(|entry| entry.patient == row.patient);
        if let Some(entries) = places.get_mut(&place(row)).filter(|entries| same_patient(entries)) {
            entries.push(row);
        }
    }
    let values = places.into_values().map(|rows| value_of(rows)).collect();
    for (_, row) in &mut out {
        row.state = State::HandedOut;
        row.save_id = Some(save_id.clone());
    }
    write(records, project, &out, days)?;
    Ok(SaveSet { save_id, record: record.to_owned(), values })
}

fn value_of(mut rows: Vec<&StagedRow>) -> ValueToSave {
    rows.sort_by(|a, b| (a.position, &a.key).cmp(&(b.position, &b.key)));
    let first = rows[0];
    ValueToSave {
        event: first.event.clone(),
        field_name: first.field_name.clone(),
        value: rows.iter().map(|row| row.value.as_str()).collect::<Vec<_>>().join("\n"),
        timestamp: first.timestamp.clone().filter(|_| !first.list),
        keys: rows.iter().map(|row| row.key.clone()).collect(),
    }
}

/// Ends a hand-out: saved, or given back because the host could not save.
///
/// # Errors
/// [`Code::SaveNotFound`] when no such set is out, [`Code::RowConflict`].
pub fn settle(
    records: &Records<'_>,
    project: &str,
    record: &str,
    save_id: &str,
    saved: bool,
    days: i64,
) -> Result<usize> {
    let out = rows_of(records, project, record)?
        .into_iter()
        .filter(|row| row.value.state == State::HandedOut && row.value.save_id.as_deref() == Some(save_id));
    let settled: Vec<(i64, StagedRow)> = out
        .map(|row| {
            let mut value = row.value;
            value.state = if saved { State::Saved } else { State::Accepted };
            value.save_id = None;
            if saved && !value.list {
                erase(&mut value);
            }
            (row.version, value)
        })
        .collect();
    if settled.is_empty() {
        return Err(Error::new(Code::SaveNotFound));
    }
    write(records, project, &settled, days)?;
    Ok(settled.len())
}
