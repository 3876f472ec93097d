//! What a person does to staged rows: decisions, the values to save, each handed out exactly once, and removals.

use super::{
    StagedRow, State,
    binding::PatientBinding,
    erase,
    record::{StudyRows, View},
    state::{Change, base_key},
};
use crate::{
    error::{Code, Error, Result, escape_for_display},
    secret,
    store::sealed_store::DecryptedRecord,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a person decided; rows that are not named are left as they are.
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
    pub study_field: String,
    /// The text to write there.
    pub value: String,
    /// The unit of the value, for a single value that has one.
    pub unit: Option<String>,
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

type Place = (String, String);

fn place(row: &StagedRow) -> Place {
    (row.event.clone(), row.study_field.clone())
}

fn not_found(key: &str) -> Error {
    Error::new(Code::RowNotFound).detail(format!("key {}", escape_for_display(key)))
}

/// The row that a key or a [`StagedRow::decision`] names, if it is in this state.
fn named<'v>(view: &'v View, name: &str, state: State) -> Result<&'v StagedRow> {
    let (key, seen) = name.split_once('~').unwrap_or((name, ""));
    let found = view.rows.iter().map(|row| &row.value).find(|row| row.key == key && row.state == state);
    let row = found.ok_or_else(|| not_found(key))?;
    if row.fingerprint.starts_with(seen) {
        Ok(row)
    } else {
        Err(Error::new(Code::RowConflict).detail("the value has changed since it was shown"))
    }
}

/// Notes decisions, all or none of them.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no waiting row, also when another person decided on it first;
/// [`Code::AdjudicationAmbiguous`] when two accepted values would go into one place, [`Code::RowConflict`] when the value was
/// corrected meanwhile or the record keeps changing, [`Code::RecordMixed`].
pub fn decide(study: &StudyRows<'_>, decisions: &Decisions) -> Result<usize> {
    study.change(|view| {
        let on_its_way =
            |row: &&StagedRow| !row.list && matches!(row.state, State::Accepted | State::HandedOut);
        let mut taken: BTreeSet<Place> =
            view.rows.iter().map(|row| &row.value).filter(on_its_way).map(place).collect();
        let mut decided: BTreeMap<String, StagedRow> = BTreeMap::new();
        let choices = decisions.accept.iter().map(|name| (name, State::Accepted));
        for (name, state) in choices.chain(decisions.reject.iter().map(|name| (name, State::Rejected))) {
            let row = named(view, name, State::Pending)?;
            let mut row = StagedRow { state, ..row.clone() };
            if state == State::Rejected {
                erase(&mut row);
            } else if !row.list && !taken.insert(place(&row)) {
                let detail = format!("field {}", escape_for_display(&row.study_field));
                return Err(Error::new(Code::AdjudicationAmbiguous).detail(detail));
            }
            let key = row.key.clone();
            if decided.insert(key.clone(), row).is_some() {
                return Err(not_found(&key));
            }
        }
        let count = decided.len();
        Ok((decided.into_values().collect(), count))
    })
}

/// Takes acceptances back: the rows wait again. A removal that was asked for and not handed out yet is taken back too:
/// its value is saved as before.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no accepted row, [`Code::RowConflict`], [`Code::RecordMixed`].
pub fn reopen(study: &StudyRows<'_>, keys: &[String]) -> Result<usize> {
    study.change(|view| {
        let mut reopened = Vec::new();
        for key in keys {
            let row = named(view, key, State::Accepted)?;
            let state = if row.removing { State::Saved } else { State::Pending };
            reopened.push(StagedRow { state, removing: false, ..row.clone() });
        }
        let count = reopened.len();
        Ok((reopened, count))
    })
}

/// Asks that saved values be removed from the record. The next hand-out names their places: a list without the entry, or
/// an empty value. Once that is confirmed as saved, they count as rejected.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no saved row, [`Code::AdjudicationAmbiguous`] when another value is on its way into
/// the same place, [`Code::RowConflict`], [`Code::RecordMixed`].
pub fn remove(study: &StudyRows<'_>, keys: &[String]) -> Result<usize> {
    study.change(|view| {
        let mut removed = Vec::new();
        for key in keys {
            let row = named(view, key, State::Saved)?;
            let is_in_the_way = |other: &DecryptedRecord<StagedRow>| {
                !row.list
                    && place(&other.value) == place(row)
                    && matches!(other.value.state, State::Accepted | State::HandedOut)
            };
            if view.rows.iter().any(is_in_the_way) {
                let detail = format!("field {}", escape_for_display(&row.study_field));
                return Err(Error::new(Code::AdjudicationAmbiguous).detail(detail));
            }
            // The record holds a later version of this value instead.
            let in_record = |other: &StagedRow| matches!(other.state, State::Saved | State::HandedOut);
            if view.rows.iter().any(|other| is_later(&other.value, row) && in_record(&other.value)) {
                return Err(not_found(key));
            }
            removed.push(StagedRow { state: State::Accepted, removing: true, ..row.clone() });
        }
        let count = removed.len();
        Ok((removed, count))
    })
}

/// Whether `other` is a later version of the same value.
fn is_later(other: &StagedRow, row: &StagedRow) -> bool {
    base_key(&other.key) == base_key(&row.key) && (other.key.len(), &other.key) > (row.key.len(), &row.key)
}

/// Deletes the rows of a record that wait for a decision, so that its MRN can be corrected; says how many. When nothing is
/// left that is in the record or on its way there, the record is bound to no patient any more.
///
/// Of a record that holds two patients, accepted values that were not handed out are deleted too: nothing shows whose
/// they are.
///
/// # Errors
/// [`Code::RowConflict`] when the record keeps changing, and the store's.
pub fn clear_pending(study: &StudyRows<'_>) -> Result<usize> {
    let cleared = study.tries(|| {
        let view = study.view()?;
        let mixed = view.check().is_err();
        let goes = |row: &StagedRow| {
            row.state == State::Pending || (mixed && row.state == State::Accepted && !row.removing)
        };
        let (gone, left): (Vec<_>, Vec<_>) = view.rows.iter().partition(|row| goes(&row.value));
        let mut binding: PatientBinding = view.binding.clone();
        if !left.iter().any(|row| row.value.may_reach_record()) {
            binding.release();
        }
        if gone.is_empty() && binding == view.binding {
            return Ok(Some(0));
        }
        let mut batch = Vec::new();
        for row in &gone {
            batch.push(study.write_of(Change::Withdraw(row.key.clone()), &view.rows)?);
        }
        Ok(study.write(&binding, view.version, batch)?.then_some(gone.len()))
    });
    cleared.map_err(|error| match error.code() {
        Code::StoreConflict => Error::new(Code::RowConflict),
        _ => error,
    })
}

/// Hands out the accepted values of a record: each of them in one call only, also when two processes ask. A list that is
/// out already is not handed out again before that is settled: the later text would overwrite the earlier one.
///
/// # Errors
/// [`Code::RowConflict`] when the record keeps changing, [`Code::RecordMixed`]; nothing was handed out then.
pub fn hand_out(study: &StudyRows<'_>) -> Result<SaveSet> {
    let save_id = secret::random_text()?;
    study.change(|view| {
        let rows: Vec<&StagedRow> = view.rows.iter().map(|row| &row.value).collect();
        let is_out = |row: &&&StagedRow| row.list && row.state == State::HandedOut;
        let blocked: BTreeSet<Place> = rows.iter().filter(is_out).map(|row| place(row)).collect();
        let mut places: BTreeMap<Place, Vec<&StagedRow>> = BTreeMap::new();
        let mut out = Vec::new();
        for row in rows.iter().filter(|row| row.state == State::Accepted && !blocked.contains(&place(row))) {
            places.entry(place(row)).or_default().push(row);
            let save_id = Some(save_id.clone());
            out.push(StagedRow { state: State::HandedOut, save_id, ..(*row).clone() });
        }
        // A list is written whole: what was saved before stays in it until a person removes it.
        for row in rows.iter().filter(|row| row.list && row.state == State::Saved && !row.value.is_empty()) {
            if let Some(entries) = places.get_mut(&place(row))
                && !entries.iter().any(|entry| is_later(entry, row))
            {
                entries.push(row);
            }
        }
        let values = places.into_values().map(value_of).collect();
        let save_id = if out.is_empty() { String::new() } else { save_id.clone() };
        Ok((out, SaveSet { save_id, record: study.record.to_owned(), values }))
    })
}

fn value_of(mut rows: Vec<&StagedRow>) -> ValueToSave {
    rows.sort_by(|a, b| (a.position, &a.resource_id, &a.key).cmp(&(b.position, &b.resource_id, &b.key)));
    let in_text = |row: &&&StagedRow| !row.removing && !rows.iter().any(|other| is_later(other, row));
    let kept: Vec<&&StagedRow> = rows.iter().filter(in_text).collect();
    let first = rows[0];
    ValueToSave {
        event: first.event.clone(),
        study_field: first.study_field.clone(),
        value: kept.iter().map(|row| row.value.as_str()).collect::<Vec<_>>().join("\n"),
        unit: kept.first().and_then(|row| row.unit.clone()).filter(|_| !first.list),
        timestamp: kept.first().and_then(|row| row.timestamp.clone()).filter(|_| !first.list),
        keys: rows.iter().map(|row| row.key.clone()).collect(),
    }
}

/// The rows of a set that is out.
fn rows_out<'v>(view: &'v View, save_id: &str) -> Result<Vec<&'v StagedRow>> {
    let out: Vec<&StagedRow> = view
        .rows
        .iter()
        .map(|row| &row.value)
        .filter(|row| row.state == State::HandedOut && row.save_id.as_deref() == Some(save_id))
        .collect();
    if out.is_empty() { Err(Error::new(Code::SaveNotFound)) } else { Ok(out) }
}

/// Ends a hand-out: the host has saved it.
///
/// An empty `save_id` is the one of a set without values: nothing is to be done.
///
/// # Errors
/// [`Code::SaveNotFound`] when no such set is out, [`Code::RowConflict`].
pub fn confirm_saved(study: &StudyRows<'_>, save_id: &str) -> Result<usize> {
    if save_id.is_empty() {
        return Ok(0);
    }
    study.settle(|view| {
        let out = rows_out(view, save_id)?;
        let count = out.len();
        let mut settled: Vec<StagedRow> = Vec::new();
        for row in out {
            let state = if row.removing { State::Rejected } else { State::Saved };
            let mut row = StagedRow { state, save_id: None, removing: false, ..row.clone() };
            if state == State::Rejected || !row.list {
                erase(&mut row);
            }
            settled.push(row);
        }
        let saved: Vec<StagedRow> = settled.iter().filter(|row| row.state == State::Saved).cloned().collect();
        let is_replaced = |row: &StagedRow| saved.iter().any(|other| is_later(other, row));
        // The list holds the later version of an entry only.
        settled.iter_mut().filter(|row| is_replaced(row)).for_each(erase);
        let before =
            view.rows.iter().map(|row| &row.value).filter(|row| row.list && row.state == State::Saved);
        for row in before.filter(|row| is_replaced(row) && !row.value.is_empty()) {
            let mut row = row.clone();
            erase(&mut row);
            settled.push(row);
        }
        Ok((settled, count))
    })
}

/// Ends a hand-out: the host could not save it, and its values will be handed out again.
///
/// # Errors
/// As [`confirm_saved`].
pub fn return_unsaved(study: &StudyRows<'_>, save_id: &str) -> Result<usize> {
    if save_id.is_empty() {
        return Ok(0);
    }
    study.settle(|view| {
        let out = rows_out(view, save_id)?;
        let returned: Vec<StagedRow> = out
            .into_iter()
            .map(|row| StagedRow { state: State::Accepted, save_id: None, ..row.clone() })
            .collect();
        let count = returned.len();
        Ok((returned, count))
    })
}
