//! What a person and the host do to staged rows: decisions, hand-outs, confirmations and removals.

use super::{
    RowState, StagedRow,
    binding::PatientBinding,
    merge::base_key,
    record::{StudyRows, row_conflict},
    record_view::RecordView,
    state::{Change, RowEvent},
};
use crate::{
    error::{Code, Error, Result, escape_for_display},
    secret,
    store::sealed_store::DecryptedRecord,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The decisions of a person. Rows that are not named stay as they are.
///
/// [`StagedRow::decision`] names a row together with the value that the person saw. When a pull has corrected the value since,
/// the decision is refused. A key alone names the row with its present value.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// The rows to save.
    pub accept: Vec<String>,
    /// The rows not to save.
    pub reject: Vec<String>,
}

/// One value for one field of the study record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ValueToSave {
    /// The event of the study record, or empty.
    pub event: String,
    /// The field of the study record.
    pub study_field: String,
    /// The text to write. The entries of a list are on one line each.
    pub value: String,
    /// The unit; absent for a list and for a value without a unit.
    pub unit: Option<String>,
    /// The date and time of the value; absent for a list and for a value without a time.
    pub timestamp: Option<String>,
    /// The keys of the rows that the value was made from.
    pub keys: Vec<String>,
}

/// Values that are handed out together. The host confirms that it saved them, or returns them.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct SaveSet {
    /// The id of the hand-out; empty when there is nothing to save.
    pub save_id: String,
    /// The study record.
    pub record: String,
    /// The values.
    pub values: Vec<ValueToSave>,
}

/// A field of the study record, in an event.
type Place = (String, String);

fn place(row: &StagedRow) -> Place {
    (row.event.clone(), row.study_field.clone())
}

fn not_found(key: &str) -> Error {
    Error::new(Code::RowNotFound).detail(format!("key {}", escape_for_display(key)))
}

fn ambiguous(row: &StagedRow) -> Error {
    let detail = format!("field {}", escape_for_display(&row.study_field));
    Error::new(Code::AdjudicationAmbiguous).detail(detail)
}

/// Whether a single value is accepted or handed out for its field, so that no second value may be accepted for it.
fn occupies_field(row: &StagedRow) -> bool {
    !row.list && matches!(row.state, RowState::Accepted | RowState::HandedOut)
}

/// The row that a key or a [`StagedRow::decision`] names, and the change that an event makes to it.
fn change_named<'v>(view: &'v RecordView, name: &str, event: RowEvent) -> Result<(&'v StagedRow, Change)> {
    let (key, fingerprint) = name.split_once('~').unwrap_or((name, ""));
    let row = view.rows.iter().map(|row| &row.value).find(|row| row.key == key);
    let row = row.ok_or_else(|| not_found(key))?;
    let change = row.apply(event).ok_or_else(|| not_found(key))?;
    if row.fingerprint.starts_with(fingerprint) {
        Ok((row, change))
    } else {
        Err(Error::new(Code::RowConflict).detail("the value has changed since it was shown"))
    }
}

/// Saves the decisions of a person, all of them or none, and returns how many there were.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no pending row, also when another person decided on it first;
/// [`Code::AdjudicationAmbiguous`] when two accepted values would go into one field, [`Code::RowConflict`] when the value was
/// corrected meanwhile or the record keeps changing, [`Code::RecordMixed`].
pub fn decide(study: &StudyRows<'_>, decisions: &Decisions) -> Result<usize> {
    study.change(|view| {
        let rows = view.rows.iter().map(|row| &row.value);
        let mut occupied: BTreeSet<Place> = rows.filter(|row| occupies_field(row)).map(place).collect();
        let mut decided: BTreeMap<&str, Change> = BTreeMap::new();
        let accepted = decisions.accept.iter().map(|name| (name, RowEvent::Accept));
        for (name, event) in accepted.chain(decisions.reject.iter().map(|name| (name, RowEvent::Reject))) {
            let (row, change) = change_named(view, name, event)?;
            if event == RowEvent::Accept && !row.list && !occupied.insert(place(row)) {
                return Err(ambiguous(row));
            }
            if decided.insert(&row.key, change).is_some() {
                return Err(not_found(&row.key));
            }
        }
        let count = decided.len();
        Ok((decided.into_values().collect(), count))
    })
}

/// Takes acceptances back, so that the rows are pending again; returns how many. A requested removal that is not handed out
/// yet is taken back too: its value stays saved.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no accepted row, [`Code::RowConflict`], [`Code::RecordMixed`].
pub fn reopen(study: &StudyRows<'_>, keys: &[String]) -> Result<usize> {
    study.change(|view| {
        let change = |key: &String| change_named(view, key, RowEvent::Reopen).map(|(_, change)| change);
        let changes = keys.iter().map(change).collect::<Result<Vec<_>>>()?;
        let count = changes.len();
        Ok((changes, count))
    })
}

/// Requests that saved values be removed from the study record; returns how many. The next hand-out names their fields: with
/// a list without the entry, or with an empty value. When the host has confirmed it, the rows are rejected.
///
/// # Errors
/// [`Code::RowNotFound`] when a key names no saved row, [`Code::AdjudicationAmbiguous`] when another value is accepted or handed
/// out for the same field, [`Code::RowConflict`], [`Code::RecordMixed`].
pub fn request_removal(study: &StudyRows<'_>, keys: &[String]) -> Result<usize> {
    study.change(|view| {
        let mut changes = Vec::new();
        for key in keys {
            let (row, change) = change_named(view, key, RowEvent::RequestRemoval)?;
            let blocks = |other: &DecryptedRecord<StagedRow>| {
                occupies_field(&other.value) && place(&other.value) == place(row)
            };
            if !row.list && view.rows.iter().any(blocks) {
                return Err(ambiguous(row));
            }
            // The study record contains a later version of this value.
            let in_record = |other: &StagedRow| matches!(other.state, RowState::Saved | RowState::HandedOut);
            if view.rows.iter().any(|other| is_later(&other.value, row) && in_record(&other.value)) {
                return Err(not_found(key));
            }
            changes.push(change);
        }
        let count = changes.len();
        Ok((changes, count))
    })
}

/// Whether `other` is a later version of the same value.
fn is_later(other: &StagedRow, row: &StagedRow) -> bool {
    base_key(&other.key) == base_key(&row.key) && (other.key.len(), &other.key) > (row.key.len(), &row.key)
}

/// Deletes the pending rows of a record, so that its MRN can be corrected; returns how many. When no value is left that is in
/// the study record or may be saved there, the record is not bound to a patient any more.
///
/// In a record with rows of two patients, accepted values that are not handed out are deleted too, because it is not known which
/// patient is the right one.
///
/// # Errors
/// [`Code::RowConflict`] when the record keeps changing, and the store's.
pub fn clear_pending(study: &StudyRows<'_>) -> Result<usize> {
    let cleared = study.retry_on_conflict(|| {
        let view = study.view()?;
        let event = if view.check().is_err() { RowEvent::ClearMixed } else { RowEvent::Clear };
        let (mut changes, mut binding): (Vec<Change>, PatientBinding) = (Vec::new(), view.binding.clone());
        let mut may_reach_record = false;
        for row in &view.rows {
            match row.value.apply(event) {
                Some(change) => changes.push(change),
                None => may_reach_record |= row.value.may_reach_record(),
            }
        }
        if !may_reach_record {
            binding.release();
        }
        let count = changes.len();
        if count == 0 && binding == view.binding {
            return Ok(Some(0));
        }
        let batch = study.writes(changes, &view.rows)?;
        Ok(study.write(&binding, view.version, batch)?.then_some(count))
    });
    cleared.map_err(row_conflict)
}

/// Hands out the accepted values of a record. Each value is handed out to one call only, also when two processes call. A list
/// that is handed out is not handed out again before the host confirms or returns it, because the later text would overwrite the
/// earlier one.
///
/// # Errors
/// [`Code::RowConflict`] when the record keeps changing, [`Code::RecordMixed`]. After an error, nothing is handed out.
pub fn hand_out(study: &StudyRows<'_>) -> Result<SaveSet> {
    let save_id = secret::random_text()?;
    study.change(|view| {
        let rows: Vec<&StagedRow> = view.rows.iter().map(|row| &row.value).collect();
        let is_blocking = |row: &&&StagedRow| row.list && row.state == RowState::HandedOut;
        let blocked: BTreeSet<Place> = rows.iter().filter(is_blocking).map(|row| place(row)).collect();
        let mut places: BTreeMap<Place, Vec<&StagedRow>> = BTreeMap::new();
        let mut changes = Vec::new();
        for row in rows.iter().filter(|row| !blocked.contains(&place(row))) {
            if let Some(change) = row.hand_out(&save_id) {
                places.entry(place(row)).or_default().push(row);
                changes.push(change);
            }
        }
        add_saved_entries(&mut places, &rows);
        let values = places.into_values().map(value_to_save).collect();
        let save_id = if changes.is_empty() { String::new() } else { save_id.clone() };
        Ok((changes, SaveSet { save_id, record: study.record.to_owned(), values }))
    })
}

/// Adds the entries that were saved before to the lists that are handed out, because the host writes the whole list each time.
fn add_saved_entries<'v>(places: &mut BTreeMap<Place, Vec<&'v StagedRow>>, rows: &[&'v StagedRow]) {
    for row in rows.iter().filter(|row| row.list && row.state == RowState::Saved && !row.value.is_empty()) {
        if let Some(entries) = places.get_mut(&place(row))
            && !entries.iter().any(|entry| is_later(entry, row))
        {
            entries.push(row);
        }
    }
}

/// The value for one field: the texts of its rows, without removed entries and earlier versions.
fn value_to_save(mut rows: Vec<&StagedRow>) -> ValueToSave {
    rows.sort_by(|a, b| (a.position, &a.resource_id, &a.key).cmp(&(b.position, &b.resource_id, &b.key)));
    let is_kept = |row: &&&StagedRow| !row.removing && !rows.iter().any(|other| is_later(other, row));
    let kept: Vec<&&StagedRow> = rows.iter().filter(is_kept).collect();
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

/// The changes that an event makes to the rows of a hand-out.
fn change_hand_out(view: &RecordView, save_id: &str, event: RowEvent) -> Result<Vec<Change>> {
    let rows = view.rows.iter().map(|row| &row.value);
    let handed_out = rows.filter(|row| row.save_id.as_deref() == Some(save_id));
    let changes: Vec<Change> = handed_out.filter_map(|row| row.apply(event)).collect();
    if changes.is_empty() { Err(Error::new(Code::SaveNotFound)) } else { Ok(changes) }
}

/// Ends a hand-out that the host has saved; returns how many rows it had.
///
/// An empty `save_id` belongs to a set without values, so there is nothing to confirm.
///
/// # Errors
/// [`Code::SaveNotFound`] when no such set is handed out, [`Code::RowConflict`].
pub fn confirm_saved(study: &StudyRows<'_>, save_id: &str) -> Result<usize> {
    if save_id.is_empty() {
        return Ok(0);
    }
    study.change_even_if_mixed(|view| {
        let changes = change_hand_out(view, save_id, RowEvent::ConfirmSaved)?;
        let count = changes.len();
        Ok((erase_superseded(view, changes), count))
    })
}

/// Adds the changes that erase earlier versions of the saved values. The study record has only the latest version.
fn erase_superseded(view: &RecordView, changes: Vec<Change>) -> Vec<Change> {
    let saved: Vec<StagedRow> =
        changes.iter().filter_map(Change::row).filter(|row| row.state == RowState::Saved).cloned().collect();
    let erased = |row: &StagedRow| {
        let is_superseded = !row.value.is_empty() && saved.iter().any(|later| is_later(later, row));
        if is_superseded { row.apply(RowEvent::Supersede) } else { None }
    };
    let before: Vec<Change> = view.rows.iter().filter_map(|row| erased(&row.value)).collect();
    let confirmed = changes.into_iter().map(|change| change.row().and_then(erased).unwrap_or(change));
    confirmed.chain(before).collect()
}

/// Ends a hand-out that the host could not save: its values will be handed out again. Returns how many rows it had.
///
/// # Errors
/// As [`confirm_saved`].
pub fn return_unsaved(study: &StudyRows<'_>, save_id: &str) -> Result<usize> {
    if save_id.is_empty() {
        return Ok(0);
    }
    study.change_even_if_mixed(|view| {
        let changes = change_hand_out(view, save_id, RowEvent::ReturnUnsaved)?;
        let count = changes.len();
        Ok((changes, count))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::merge::tests::row;

    fn view(rows: &[StagedRow]) -> RecordView {
        let opened =
            |row: &StagedRow| DecryptedRecord { key: row.key.clone(), version: 1, value: row.clone() };
        RecordView { binding: PatientBinding::default(), version: 1, rows: rows.iter().map(opened).collect() }
    }

    fn entry(key: &str, state: RowState, value: &str, position: u32) -> StagedRow {
        StagedRow { list: true, position, save_id: Some("s".into()), ..row(key, state, value) }
    }

    #[test]
    fn a_row_is_named_in_its_state_and_with_the_value_that_was_seen() {
        let waiting =
            StagedRow { fingerprint: "0123456789abcdef-rest".to_owned(), ..row("k", RowState::Pending, "1") };
        let view = view(std::slice::from_ref(&waiting));
        let code =
            |name: &str, event| change_named(&view, name, event).map(|_| ()).map_err(|error| error.code());
        assert_eq!(waiting.decision(), "k~0123456789abcdef");
        for (name, event, expected) in [
            ("k", RowEvent::Accept, Ok(())),
            ("k~0123456789abcdef", RowEvent::Accept, Ok(())),
            ("k~fedcba9876543210", RowEvent::Accept, Err(Code::RowConflict)),
            ("other", RowEvent::Accept, Err(Code::RowNotFound)),
            ("k", RowEvent::Reopen, Err(Code::RowNotFound)),
        ] {
            assert_eq!(code(name, event), expected, "{name} {event:?}");
        }
    }

    #[test]
    fn a_list_is_one_text_in_the_order_of_the_ehr_without_removed_and_earlier_entries() {
        let removed = StagedRow { removing: true, ..entry("c", RowState::Accepted, "Flu", 0) };
        let rows = [
            entry("b", RowState::Accepted, "Asthma", 2),
            entry("a", RowState::Saved, "Gout", 1),
            removed,
            entry("d", RowState::Saved, "Angina", 3),
            entry("d.1", RowState::Accepted, "Stable angina", 3),
        ];
        let value = value_to_save(rows.iter().collect());
        assert_eq!(value.value, "Gout\nAsthma\nStable angina");
        assert_eq!(value.keys, ["c", "a", "b", "d", "d.1"]);
        assert_eq!((value.unit, value.timestamp), (None, None));
    }

    #[test]
    fn a_single_value_has_its_unit_and_time_and_is_empty_when_it_is_removed() {
        let kept = StagedRow {
            unit: Some("kg".into()),
            timestamp: Some("2020".into()),
            ..row("k", RowState::Accepted, "7")
        };
        let value = value_to_save(vec![&kept]);
        assert_eq!(
            (value.value.as_str(), value.unit.as_deref(), value.timestamp.as_deref()),
            ("7", Some("kg"), Some("2020"))
        );
        let removed = StagedRow { removing: true, ..kept };
        assert_eq!(value_to_save(vec![&removed]).value, "");
    }

    #[test]
    fn a_list_that_is_handed_out_has_the_entries_that_were_saved_before() {
        let (saved, erased) = (entry("a", RowState::Saved, "Gout", 1), entry("b", RowState::Saved, "", 2));
        let (old, new) =
            (entry("c", RowState::Saved, "Angina", 3), entry("c.1", RowState::Accepted, "Stable angina", 3));
        let rows = [&saved, &erased, &old, &new];
        let mut places = BTreeMap::from([(place(&new), vec![&new])]);
        add_saved_entries(&mut places, &rows);
        let keys: Vec<&str> = places[&place(&new)].iter().map(|row| row.key.as_str()).collect();
        assert_eq!(keys, ["c.1", "a"]);
        let mut no_places = BTreeMap::new();
        add_saved_entries(&mut no_places, &rows);
        assert!(no_places.is_empty(), "a list without a new entry is not handed out");
    }

    #[test]
    fn a_hand_out_changes_its_own_rows_only_and_ends_once() {
        let other = StagedRow { save_id: Some("other".into()), ..row("b", RowState::HandedOut, "2") };
        let view = view(&[entry("a", RowState::HandedOut, "1", 0), other]);
        for event in [RowEvent::ConfirmSaved, RowEvent::ReturnUnsaved] {
            let changes = change_hand_out(&view, "s", event).unwrap();
            assert_eq!(changes.iter().filter_map(Change::row).map(|row| &row.key).collect::<Vec<_>>(), ["a"]);
            assert_eq!(change_hand_out(&view, "gone", event).unwrap_err().code(), Code::SaveNotFound);
        }
    }

    #[test]
    fn the_saved_version_of_an_entry_erases_the_earlier_ones() {
        let rows = [
            StagedRow { save_id: None, ..entry("a", RowState::Saved, "Angina", 0) },
            entry("a.1", RowState::HandedOut, "Stable angina", 0),
            entry("a.2", RowState::HandedOut, "Unstable angina", 0),
            StagedRow { save_id: None, ..entry("b", RowState::Saved, "Gout", 1) },
        ];
        let view = view(&rows);
        let changes = change_hand_out(&view, "s", RowEvent::ConfirmSaved).unwrap();
        let after = erase_superseded(&view, changes);
        let words: Vec<(&str, &str)> =
            after.iter().filter_map(Change::row).map(|row| (row.key.as_str(), row.value.as_str())).collect();
        assert_eq!(words, [("a.1", ""), ("a.2", "Unstable angina"), ("a", "")]);
        assert!(after.iter().filter_map(Change::row).all(|row| row.state == RowState::Saved));
    }
}
