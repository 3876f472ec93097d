//! What a pull changes among the staged rows of a record: plain functions without I/O. docs/completeness.md explains the rules.
//!
//! A pull changes no decision of a person. It may replace or withdraw a pending row; on any other row it only
//! sets `ehr_state`.

use super::{
    EhrState, RowState, StagedRow,
    state::{Change, RowEvent},
};

/// Why a pull did not bring the value of a stored row again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// The search was proved complete and did not return the resource.
    NotReturned,
    /// The EHR sent the resource, and it does not give this value for this field.
    NotMatching,
    /// The EHR sent the resource with the status entered in error.
    EnteredInError,
}

/// The stable key without the number of a correction: all corrections of one value share it.
pub fn base_key(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

/// The number of a correction; 0 for the first value.
fn correction_number(key: &str) -> u32 {
    key.split_once('.').and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

/// The changes for a pulled row. `stored` are the rows with its stable key.
///
/// A decided value is never replaced. When the EHR has another value now, that value waits in a new row with `changed` set.
pub fn merge_pulled(stored: &[StagedRow], pulled: &StagedRow) -> Vec<Change> {
    let mut stored: Vec<&StagedRow> = stored.iter().collect();
    stored.sort_by_key(|row| correction_number(&row.key));
    let (pending, decided): (Vec<&StagedRow>, Vec<&StagedRow>) =
        stored.iter().partition(|row| row.state == RowState::Pending);
    let in_force = decided.iter().rposition(|row| row.state != RowState::Rejected);
    // Decided rows from the value in force on, so that values that were rejected later are not offered again.
    let is_decided = |fingerprint: &str| {
        decided.iter().skip(in_force.unwrap_or(0)).any(|row| row.fingerprint == fingerprint)
    };
    let mut changes: Vec<Change> = decided
        .iter()
        .enumerate()
        .filter_map(|(at, row)| mark_decided(row, pulled, Some(at) == in_force))
        .collect();
    if is_decided(&pulled.fingerprint) {
        changes.extend(withdraw(&pending));
        return changes;
    }
    let changed = !decided.is_empty();
    let offered = match pending.first() {
        Some(row) => update_pending(row, pulled, changed),
        None => {
            let next = stored.last().map(|row| correction_number(&row.key) + 1);
            let base = base_key(&pulled.key);
            let key = next.map_or_else(|| base.to_owned(), |number| format!("{base}.{number}"));
            StagedRow { key, changed, ..pulled.clone() }
        }
    };
    if pending.first().is_none_or(|row| **row != offered) {
        changes.push(Change::Put(Box::new(offered)));
    }
    changes.extend(withdraw(pending.get(1..).unwrap_or_default()));
    changes
}

fn withdraw(rows: &[&StagedRow]) -> impl Iterator<Item = Change> {
    rows.iter().filter_map(|row| row.apply(RowEvent::Withdraw))
}

/// A pending row with the value of this pull.
fn update_pending(stored: &StagedRow, pulled: &StagedRow, changed: bool) -> StagedRow {
    let mut updated =
        StagedRow { key: stored.key.clone(), changed: stored.changed || changed, ..pulled.clone() };
    // While the value does not change, the row names the first pull that received it.
    if stored.fingerprint == pulled.fingerprint {
        updated.pull_id.clone_from(&stored.pull_id);
        updated.pulled_at = stored.pulled_at;
        updated.pulled_by.clone_from(&stored.pulled_by);
    }
    updated
}

/// The change to a decided row when a pull received its resource: the EHR's state of the value, and the order in a list. Only the
/// value `in_force` can be marked as corrected.
fn mark_decided(stored: &StagedRow, pulled: &StagedRow, in_force: bool) -> Option<Change> {
    let mut marked = stored.clone();
    if stored.fingerprint == pulled.fingerprint {
        marked.ehr_state = EhrState::Current;
        marked.window.clone_from(&pulled.window);
        // A list is saved in the order of the EHR.
        if stored.list {
            marked.position = pulled.position;
        }
    } else if in_force {
        marked.ehr_state = EhrState::Corrected;
    }
    (marked != *stored).then(|| Change::Put(Box::new(marked)))
}

/// The change to a stored row that a pull did not bring again. `window` is the window of the pull for the row's mapping line.
/// If it differs from the window of the row, the pull did not request the value, so its absence proves nothing.
pub fn merge_absent(stored: &StagedRow, absence: Absence, window: &str) -> Option<Change> {
    if let Some(change) = stored.apply(RowEvent::Withdraw) {
        return Some(change);
    }
    let ehr_state = match absence {
        Absence::EnteredInError => EhrState::EnteredInError,
        _ if stored.window != window => return None,
        Absence::NotReturned => EhrState::Gone,
        Absence::NotMatching => EhrState::NotMatching,
    };
    (stored.ehr_state != ehr_state).then(|| Change::Put(Box::new(StagedRow { ehr_state, ..stored.clone() })))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn row(key: &str, state: RowState, value: &str) -> StagedRow {
        StagedRow {
            state,
            value: value.to_owned(),
            fingerprint: format!("fingerprint of {value}"),
            ..StagedRow::empty(key)
        }
    }

    fn put(row: StagedRow) -> Change {
        Change::Put(Box::new(row))
    }

    /// `key state value ehr_state` of each change, `-key` for a deletion.
    fn words(changes: &[Change]) -> Vec<String> {
        let word = |change: &Change| match change {
            Change::Put(row) => {
                let changed = if row.changed { " changed" } else { "" };
                format!("{} {} {} {}{changed}", row.key, row.state.name(), row.value, row.ehr_state.name())
            }
            Change::Delete(key) => format!("-{key}"),
        };
        changes.iter().map(word).collect()
    }

    #[test]
    fn every_way_for_a_row_to_arrive() {
        use RowState::{Accepted, HandedOut, Pending, Rejected, Saved};
        type Stored<'a> = &'a [(&'a str, RowState, &'a str)];
        let cases: &[(&str, Stored<'_>, &str, &[&str])] = &[
            ("new", &[], "50", &["k pending 50 current"]),
            ("the same value is pending", &[("k", Pending, "50")], "50", &[]),
            ("another value is pending", &[("k", Pending, "50")], "51", &["k pending 51 current"]),
            ("the same value was accepted", &[("k", Accepted, "50")], "50", &[]),
            ("the same value was rejected", &[("k", Rejected, "50")], "50", &[]),
            ("the same value is handed out", &[("k", HandedOut, "50")], "50", &[]),
            ("the same value was saved", &[("k", Saved, "50")], "50", &[]),
            (
                "another was accepted",
                &[("k", Accepted, "50")],
                "51",
                &["k accepted 50 corrected", "k.1 pending 51 current changed"],
            ),
            ("another was rejected", &[("k", Rejected, "50")], "51", &["k.1 pending 51 current changed"]),
            (
                "another is handed out",
                &[("k", HandedOut, "50")],
                "51",
                &["k handed_out 50 corrected", "k.1 pending 51 current changed"],
            ),
            (
                "another was saved",
                &[("k", Saved, "50")],
                "51",
                &["k saved 50 corrected", "k.1 pending 51 current changed"],
            ),
            (
                "the correction is corrected",
                &[("k", Saved, "50"), ("k.1", Pending, "51")],
                "52",
                &["k saved 50 corrected", "k.1 pending 52 current changed"],
            ),
            ("the EHR undoes the correction", &[("k", Saved, "50"), ("k.1", Pending, "51")], "50", &["-k.1"]),
            (
                "the correction was rejected, and is pulled again",
                &[("k", Saved, "50"), ("k.1", Rejected, "51")],
                "51",
                &["k saved 50 corrected"],
            ),
            (
                "the correction was rejected, and the saved value is pulled",
                &[("k", Saved, "50"), ("k.1", Rejected, "51")],
                "50",
                &[],
            ),
            (
                "the correction was saved, and the first value is pulled",
                &[("k", Saved, "50"), ("k.1", Saved, "51")],
                "50",
                &["k.1 saved 51 corrected", "k.2 pending 50 current changed"],
            ),
            (
                "an acceptance was reopened while a correction is pending",
                &[("k", Pending, "50"), ("k.1", Pending, "51")],
                "51",
                &["k pending 51 current", "-k.1"],
            ),
            (
                "ten corrections are kept in order",
                &[("k.9", Saved, "59"), ("k.10", Saved, "60")],
                "61",
                &["k.10 saved 60 corrected", "k.11 pending 61 current changed"],
            ),
        ];
        for (name, stored, value, expected) in cases {
            let stored: Vec<StagedRow> =
                stored.iter().map(|(key, state, value)| row(key, *state, value)).collect();
            assert_eq!(words(&merge_pulled(&stored, &row("k", Pending, value))), *expected, "{name}");
        }
    }

    #[test]
    fn the_ehr_state_is_current_again_when_the_value_comes_again() {
        for ehr_state in
            [EhrState::Gone, EhrState::EnteredInError, EhrState::NotMatching, EhrState::Corrected]
        {
            for state in [RowState::Accepted, RowState::HandedOut, RowState::Saved, RowState::Rejected] {
                let known = StagedRow { ehr_state, ..row("k", state, "50") };
                let changes = merge_pulled(std::slice::from_ref(&known), &row("k", RowState::Pending, "50"));
                assert_eq!(changes, [put(StagedRow { ehr_state: EhrState::Current, ..known })]);
            }
        }
    }

    #[test]
    fn a_decided_list_entry_keeps_its_state_and_takes_its_position_from_the_ehr() {
        let known = StagedRow { list: true, ..row("k", RowState::Saved, "Asthma") };
        let pulled = StagedRow { list: true, position: 7, ..row("k", RowState::Pending, "Asthma") };
        assert_eq!(
            merge_pulled(std::slice::from_ref(&known), &pulled),
            [put(StagedRow { position: 7, ..known })]
        );
    }

    #[test]
    fn the_first_pull_of_a_pending_value_stays_named_until_the_value_changes() {
        let first =
            StagedRow { pull_id: "one".into(), pulled_by: "a".into(), ..row("k", RowState::Pending, "50") };
        let again = StagedRow { pull_id: "two".into(), pulled_by: "b".into(), ..first.clone() };
        assert_eq!(merge_pulled(std::slice::from_ref(&first), &again), []);
        let other = StagedRow { pull_id: "two".into(), ..row("k", RowState::Pending, "51") };
        assert_eq!(merge_pulled(&[first], &other), [put(other)]);
    }

    #[test]
    fn every_way_for_a_row_to_be_absent() {
        use Absence::{EnteredInError, NotMatching, NotReturned};
        let decided = [RowState::Accepted, RowState::Rejected, RowState::HandedOut, RowState::Saved];
        for (why, mark) in [
            (NotReturned, EhrState::Gone),
            (NotMatching, EhrState::NotMatching),
            (EnteredInError, EhrState::EnteredInError),
        ] {
            let waiting = row("k", RowState::Pending, "50");
            for window in ["", "another"] {
                assert_eq!(merge_absent(&waiting, why, window), Some(Change::Delete("k".into())), "{why:?}");
            }
            for list in [false, true] {
                for state in decided {
                    let known = StagedRow { list, ..row("k", state, "50") };
                    let marked = StagedRow { ehr_state: mark, ..known.clone() };
                    assert_eq!(merge_absent(&known, why, ""), Some(put(marked.clone())), "{state:?} {why:?}");
                    assert_eq!(merge_absent(&marked, why, ""), None, "marked already: {state:?} {why:?}");
                    let elsewhere = (why == EnteredInError).then(|| put(marked));
                    assert_eq!(merge_absent(&known, why, "another window"), elsewhere, "{state:?} {why:?}");
                }
            }
        }
    }
}
