//! What a pull does to a staged row: plain functions without I/O. Docs/completeness.md says the same in words.
//!
//! The rule behind both: a server changes nothing that a person has decided. It may replace or withdraw what waits, and
//! it may put a mark on the rest.

use super::{EhrState, StagedRow, State};

/// A change to one stored row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Write this row.
    Put(Box<StagedRow>),
    /// Delete the row with this key; only a row that waits.
    Withdraw(String),
}

/// Why a row of an earlier pull did not come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Its search was proved complete and did not return its resource.
    NotReturned,
    /// Its resource came, and does not give this value for this field.
    NotMatching,
    /// Its resource came and says that it was entered in error.
    EnteredInError,
}

/// The stable key without the number of a correction: corrections of one value share it.
pub fn base_key(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

/// The number of a correction; 0 for the value that came first.
fn generation(key: &str) -> u32 {
    key.split_once('.').and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

/// What a row that arrives changes among the rows with its stable key, which are `standing`.
///
/// A value that was decided is never replaced: where the EHR now has another value, that one waits in a row of its own,
/// marked as changed.
pub fn arrive(standing: &[StagedRow], row: &StagedRow) -> Vec<Change> {
    let mut standing: Vec<&StagedRow> = standing.iter().collect();
    standing.sort_by_key(|known| generation(&known.key));
    let (waiting, decided): (Vec<&StagedRow>, Vec<&StagedRow>) =
        standing.iter().partition(|known| known.state == State::Pending);
    let in_force = decided.iter().rposition(|known| known.state != State::Rejected);
    // What was rejected after the value in force: it is not offered again.
    let settled = |fingerprint: &str| {
        decided.iter().skip(in_force.unwrap_or(0)).any(|known| known.fingerprint == fingerprint)
    };
    let mut changes: Vec<Change> = decided
        .iter()
        .enumerate()
        .filter_map(|(at, known)| remark(known, row, Some(at) == in_force))
        .collect();
    if settled(&row.fingerprint) {
        changes.extend(waiting.iter().map(|known| Change::Withdraw(known.key.clone())));
        return changes;
    }
    let changed = !decided.is_empty();
    let offered = match waiting.first() {
        Some(known) => renew(known, row, changed),
        None => {
            let next = standing.last().map(|known| generation(&known.key) + 1);
            let base = base_key(&row.key);
            let key = next.map_or_else(|| base.to_owned(), |number| format!("{base}.{number}"));
            StagedRow { key, changed, ..row.clone() }
        }
    };
    if waiting.first().is_none_or(|known| **known != offered) {
        changes.push(Change::Put(Box::new(offered)));
    }
    changes.extend(waiting.iter().skip(1).map(|known| Change::Withdraw(known.key.clone())));
    changes
}

/// A row that waits, with what a pull brought for it.
fn renew(known: &StagedRow, row: &StagedRow, changed: bool) -> StagedRow {
    let mut renewed = StagedRow { key: known.key.clone(), changed: known.changed || changed, ..row.clone() };
    // Who brought it first stays, as long as it is the same value.
    if known.fingerprint == row.fingerprint {
        renewed.pull_id.clone_from(&known.pull_id);
        renewed.pulled_at = known.pulled_at;
        renewed.pulled_by.clone_from(&known.pulled_by);
    }
    renewed
}

/// The mark on a decided row when its resource arrives: only what the EHR says now, and the order in a list.
fn remark(known: &StagedRow, row: &StagedRow, in_force: bool) -> Option<Change> {
    let same = known.fingerprint == row.fingerprint;
    let mut marked = known.clone();
    if same {
        marked.ehr_state = EhrState::Current;
        marked.window.clone_from(&row.window);
        // A list is written in the order of the EHR, so its entries move with it.
        if known.list {
            marked.position = row.position;
        }
    } else if in_force {
        marked.ehr_state = EhrState::Corrected;
    }
    (marked != *known).then(|| Change::Put(Box::new(marked)))
}

/// What happens to a row that a pull did not bring again. `window` is the window that the pull used for the row's line:
/// with another one than that of the row, the value is not asked for any more, which says nothing about the EHR.
pub fn absent(known: &StagedRow, why: Absence, window: &str) -> Option<Change> {
    if known.state == State::Pending {
        return Some(Change::Withdraw(known.key.clone()));
    }
    let ehr_state = match why {
        Absence::EnteredInError => EhrState::EnteredInError,
        _ if known.window != window => return None,
        Absence::NotReturned => EhrState::Gone,
        Absence::NotMatching => EhrState::NotMatching,
    };
    (known.ehr_state != ehr_state).then(|| Change::Put(Box::new(StagedRow { ehr_state, ..known.clone() })))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn row(key: &str, state: State, value: &str) -> StagedRow {
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

    /// `key state value mark` of each change, `-key` for a withdrawal.
    fn words(changes: &[Change]) -> Vec<String> {
        let word = |change: &Change| match change {
            Change::Put(row) => {
                let changed = if row.changed { " changed" } else { "" };
                format!("{} {} {} {}{changed}", row.key, row.state.name(), row.value, row.ehr_state.name())
            }
            Change::Withdraw(key) => format!("-{key}"),
        };
        changes.iter().map(word).collect()
    }

    #[test]
    fn every_way_for_a_row_to_arrive() {
        use State::{Accepted, HandedOut, Pending, Rejected, Saved};
        type Standing<'a> = &'a [(&'a str, State, &'a str)];
        let cases: &[(&str, Standing<'_>, &str, &[&str])] = &[
            ("new", &[], "50", &["k pending 50 current"]),
            ("the same waits", &[("k", Pending, "50")], "50", &[]),
            ("another waits", &[("k", Pending, "50")], "51", &["k pending 51 current"]),
            ("the same was accepted", &[("k", Accepted, "50")], "50", &[]),
            ("the same was rejected", &[("k", Rejected, "50")], "50", &[]),
            ("the same is out", &[("k", HandedOut, "50")], "50", &[]),
            ("the same was saved", &[("k", Saved, "50")], "50", &[]),
            (
                "another was accepted",
                &[("k", Accepted, "50")],
                "51",
                &["k accepted 50 corrected", "k.1 pending 51 current changed"],
            ),
            ("another was rejected", &[("k", Rejected, "50")], "51", &["k.1 pending 51 current changed"]),
            (
                "another is out",
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
            ("the correction is taken back", &[("k", Saved, "50"), ("k.1", Pending, "51")], "50", &["-k.1"]),
            (
                "the correction was rejected, and comes again",
                &[("k", Saved, "50"), ("k.1", Rejected, "51")],
                "51",
                &["k saved 50 corrected"],
            ),
            (
                "the correction was rejected, and the saved value comes",
                &[("k", Saved, "50"), ("k.1", Rejected, "51")],
                "50",
                &[],
            ),
            (
                "the correction was saved, and the first value comes",
                &[("k", Saved, "50"), ("k.1", Saved, "51")],
                "50",
                &["k.1 saved 51 corrected", "k.2 pending 50 current changed"],
            ),
            (
                "an acceptance was taken back while its correction waits",
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
        for (name, standing, value, expected) in cases {
            let standing: Vec<StagedRow> =
                standing.iter().map(|(key, state, value)| row(key, *state, value)).collect();
            assert_eq!(words(&arrive(&standing, &row("k", Pending, value))), *expected, "{name}");
        }
    }

    #[test]
    fn a_mark_goes_when_the_value_comes_again() {
        for ehr_state in
            [EhrState::Gone, EhrState::EnteredInError, EhrState::NotMatching, EhrState::Corrected]
        {
            for state in [State::Accepted, State::HandedOut, State::Saved, State::Rejected] {
                let known = StagedRow { ehr_state, ..row("k", state, "50") };
                let changes = arrive(std::slice::from_ref(&known), &row("k", State::Pending, "50"));
                assert_eq!(changes, [put(StagedRow { ehr_state: EhrState::Current, ..known })]);
            }
        }
    }

    #[test]
    fn a_list_entry_moves_with_the_order_of_the_ehr_and_keeps_its_state() {
        let known = StagedRow { list: true, ..row("k", State::Saved, "Asthma") };
        let arriving = StagedRow { list: true, position: 7, ..row("k", State::Pending, "Asthma") };
        assert_eq!(
            arrive(std::slice::from_ref(&known), &arriving),
            [put(StagedRow { position: 7, ..known })]
        );
    }

    #[test]
    fn who_brought_a_waiting_value_first_stays_until_it_changes() {
        let first =
            StagedRow { pull_id: "one".into(), pulled_by: "a".into(), ..row("k", State::Pending, "50") };
        let again = StagedRow { pull_id: "two".into(), pulled_by: "b".into(), ..first.clone() };
        assert_eq!(arrive(std::slice::from_ref(&first), &again), []);
        let other = StagedRow { pull_id: "two".into(), ..row("k", State::Pending, "51") };
        assert_eq!(arrive(&[first], &other), [put(other)]);
    }

    #[test]
    fn every_way_for_a_row_to_be_absent() {
        use Absence::{EnteredInError, NotMatching, NotReturned};
        let decided = [State::Accepted, State::Rejected, State::HandedOut, State::Saved];
        for (why, mark) in [
            (NotReturned, EhrState::Gone),
            (NotMatching, EhrState::NotMatching),
            (EnteredInError, EhrState::EnteredInError),
        ] {
            let waiting = row("k", State::Pending, "50");
            for window in ["", "another"] {
                assert_eq!(absent(&waiting, why, window), Some(Change::Withdraw("k".into())), "{why:?}");
            }
            for list in [false, true] {
                for state in decided {
                    let known = StagedRow { list, ..row("k", state, "50") };
                    let marked = StagedRow { ehr_state: mark, ..known.clone() };
                    assert_eq!(absent(&known, why, ""), Some(put(marked.clone())), "{state:?} {why:?}");
                    assert_eq!(absent(&marked, why, ""), None, "marked already: {state:?} {why:?}");
                    let elsewhere = (why == EnteredInError).then(|| put(marked));
                    assert_eq!(absent(&known, why, "another window"), elsewhere, "{state:?} {why:?}");
                }
            }
        }
    }
}
