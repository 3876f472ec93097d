//! The states of a staged row and every change between them, as one table.
//!
//! All code that changes `state` or `removing` of a row goes through [`StagedRow::apply`]. The diagram and the table in
//! docs/architecture.md are written from [`transitions`].

use super::StagedRow;
use serde::{Deserialize, Serialize};

/// The state of a row, as the store's index, documents and hosts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// It waits for a decision.
    Pending,
    /// A person accepted it: it will be saved.
    Accepted,
    /// A person rejected it: it will not be saved.
    Rejected,
    /// The host received it for saving and has not confirmed that yet.
    HandedOut,
    /// The host saved it.
    Saved,
}

impl RowState {
    /// The word in the store's index and in documents.
    pub fn name(self) -> &'static str {
        match self {
            RowState::Pending => "pending",
            RowState::Accepted => "accepted",
            RowState::Rejected => "rejected",
            RowState::HandedOut => "handed_out",
            RowState::Saved => "saved",
        }
    }
}

/// The state of a row together with `removing`. A saved value that is removed from the study record passes the same states as a
/// value that is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for a decision.
    Pending,
    /// It will be handed out for saving.
    Accepted,
    /// It is handed out for saving.
    HandedOut,
    /// It is in the study record.
    Saved,
    /// It is not in the study record, and will not be offered again.
    Rejected,
    /// It is in the study record; its removal will be handed out. Stored as `accepted` with `removing`.
    RemovalAccepted,
    /// Its removal is handed out. Stored as `handed_out` with `removing`.
    RemovalHandedOut,
}

impl Phase {
    fn of(row: &StagedRow) -> Phase {
        match (row.state, row.removing) {
            (RowState::Pending, _) => Phase::Pending,
            (RowState::Accepted, false) => Phase::Accepted,
            (RowState::Accepted, true) => Phase::RemovalAccepted,
            (RowState::HandedOut, false) => Phase::HandedOut,
            (RowState::HandedOut, true) => Phase::RemovalHandedOut,
            (RowState::Saved, _) => Phase::Saved,
            (RowState::Rejected, _) => Phase::Rejected,
        }
    }

    /// The stored form: the state, and whether the value is being removed from the study record (`removing`).
    fn stored(self) -> (RowState, bool) {
        match self {
            Phase::Pending => (RowState::Pending, false),
            Phase::Accepted => (RowState::Accepted, false),
            Phase::HandedOut => (RowState::HandedOut, false),
            Phase::Saved => (RowState::Saved, false),
            Phase::Rejected => (RowState::Rejected, false),
            Phase::RemovalAccepted => (RowState::Accepted, true),
            Phase::RemovalHandedOut => (RowState::HandedOut, true),
        }
    }
}

/// For the tests and docs/architecture.md.
#[cfg(any(test, feature = "test-internals"))]
impl Phase {
    /// All phases, in the order of a row's life.
    pub const ALL: [Phase; 7] = [
        Phase::Pending,
        Phase::Accepted,
        Phase::HandedOut,
        Phase::Saved,
        Phase::Rejected,
        Phase::RemovalAccepted,
        Phase::RemovalHandedOut,
    ];

    /// The word in docs/architecture.md.
    pub fn name(self) -> &'static str {
        match self {
            Phase::RemovalAccepted => "removal_accepted",
            Phase::RemovalHandedOut => "removal_handed_out",
            phase => phase.stored().0.name(),
        }
    }
}

/// An event that changes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowEvent {
    /// A person accepts the value.
    Accept,
    /// A person rejects the value.
    Reject,
    /// A person takes back an acceptance, or the request to remove a saved value.
    Reopen,
    /// A person requests that a saved value is removed from the study record.
    RequestRemoval,
    /// The host asks for the values to save.
    HandOut,
    /// The host confirms that it saved the hand-out.
    ConfirmSaved,
    /// The host returns the hand-out, because it could not save it.
    ReturnUnsaved,
    /// The host saved a later version of the same value.
    Supersede,
    /// A pull proves that the EHR no longer gives the value.
    Withdraw,
    /// A person clears the pending rows of a record.
    Clear,
    /// A person clears a record with rows of two patients.
    ClearMixed,
    /// No user decided within `staged_days`.
    Expire,
}

/// For the tests and docs/architecture.md.
#[cfg(any(test, feature = "test-internals"))]
impl RowEvent {
    /// All events.
    pub const ALL: [RowEvent; 12] = [
        RowEvent::Accept,
        RowEvent::Reject,
        RowEvent::Reopen,
        RowEvent::RequestRemoval,
        RowEvent::HandOut,
        RowEvent::ConfirmSaved,
        RowEvent::ReturnUnsaved,
        RowEvent::Supersede,
        RowEvent::Withdraw,
        RowEvent::Clear,
        RowEvent::ClearMixed,
        RowEvent::Expire,
    ];

    /// The word in docs/architecture.md.
    pub fn name(self) -> &'static str {
        match self {
            RowEvent::Accept => "accept",
            RowEvent::Reject => "reject",
            RowEvent::Reopen => "reopen",
            RowEvent::RequestRemoval => "request_removal",
            RowEvent::HandOut => "hand_out",
            RowEvent::ConfirmSaved => "confirm_saved",
            RowEvent::ReturnUnsaved => "return_unsaved",
            RowEvent::Supersede => "supersede",
            RowEvent::Withdraw => "withdraw",
            RowEvent::Clear => "clear",
            RowEvent::ClearMixed => "clear_mixed",
            RowEvent::Expire => "expire",
        }
    }
}

/// The effect of an event on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The row gets this phase and keeps its value.
    Keep(Phase),
    /// The row gets this phase. An entry of a list keeps its text, because a list is written whole each time; any other
    /// value is erased.
    KeepIfList(Phase),
    /// The row gets this phase and its value is erased.
    Erase(Phase),
    /// The row is deleted.
    Delete,
}

impl Phase {
    /// The effect of an event on a row in this phase; `None` when the event cannot happen in it.
    pub fn effect(self, event: RowEvent) -> Option<Effect> {
        use Effect::{Delete, Erase, Keep, KeepIfList};
        use RowEvent as On;
        let effect = match (self, event) {
            (Phase::Pending, On::Accept) => Keep(Phase::Accepted),
            (Phase::Pending, On::Reject) => Erase(Phase::Rejected),
            (Phase::Pending, On::Withdraw | On::Clear | On::ClearMixed | On::Expire) => Delete,
            (Phase::Accepted, On::HandOut) => Keep(Phase::HandedOut),
            (Phase::Accepted, On::Reopen) => Keep(Phase::Pending),
            (Phase::Accepted, On::ClearMixed) => Delete,
            (Phase::HandedOut, On::ConfirmSaved) => KeepIfList(Phase::Saved),
            (Phase::HandedOut, On::ReturnUnsaved) => Keep(Phase::Accepted),
            (Phase::Saved, On::RequestRemoval) => Keep(Phase::RemovalAccepted),
            (Phase::Saved, On::Supersede) => Erase(Phase::Saved),
            (Phase::RemovalAccepted, On::HandOut) => Keep(Phase::RemovalHandedOut),
            (Phase::RemovalAccepted, On::Reopen) => Keep(Phase::Saved),
            (Phase::RemovalHandedOut, On::ConfirmSaved) => Erase(Phase::Rejected),
            (Phase::RemovalHandedOut, On::ReturnUnsaved) => Keep(Phase::RemovalAccepted),
            _ => return None,
        };
        Some(effect)
    }
}

/// Every event that can happen in a phase, with its effect, for the tests and docs/architecture.md.
#[cfg(any(test, feature = "test-internals"))]
pub fn transitions() -> impl Iterator<Item = (Phase, RowEvent, Effect)> {
    let pairs = Phase::ALL.into_iter().flat_map(|phase| RowEvent::ALL.into_iter().map(move |on| (phase, on)));
    pairs.filter_map(|(phase, event)| Some((phase, event, phase.effect(event)?)))
}

/// A change to one stored row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Write this row.
    Put(Box<StagedRow>),
    /// Delete the row with this key.
    Delete(String),
}

impl Change {
    /// The row that is written, if one is.
    pub fn row(&self) -> Option<&StagedRow> {
        match self {
            Change::Put(row) => Some(row),
            Change::Delete(_) => None,
        }
    }
}

impl StagedRow {
    /// Whether an event can happen to the row.
    pub(crate) fn allows(&self, event: RowEvent) -> bool {
        Phase::of(self).effect(event).is_some()
    }

    /// The row after an event; `None` when the event cannot happen to it. A row that is not handed out any more loses its
    /// `save_id`.
    pub(crate) fn apply(&self, event: RowEvent) -> Option<Change> {
        let (phase, keeps_value) = match Phase::of(self).effect(event)? {
            Effect::Keep(phase) => (phase, true),
            Effect::KeepIfList(phase) => (phase, self.list),
            Effect::Erase(phase) => (phase, false),
            Effect::Delete => return Some(Change::Delete(self.key.clone())),
        };
        let (state, removing) = phase.stored();
        let mut row = StagedRow { state, removing, ..self.clone() };
        if state != RowState::HandedOut {
            row.save_id = None;
        }
        if !keeps_value {
            row.erase();
        }
        Some(Change::Put(Box::new(row)))
    }

    /// The row in a hand-out; `None` when it cannot be handed out.
    pub(crate) fn hand_out(&self, save_id: &str) -> Option<Change> {
        let row = StagedRow { save_id: Some(save_id.to_owned()), ..self.clone() };
        row.apply(RowEvent::HandOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result of every event in every phase: `-` where it cannot happen, `x` where the row is deleted, else the next
    /// phase, with `!` where the value is erased and `?` where it is erased unless the row is an entry of a list.
    const TABLE: &str = "
event            pending    accepted    handed_out  saved             rejected  removal_accepted    removal_handed_out
accept           accepted   -           -           -                 -         -                   -
reject           rejected!  -           -           -                 -         -                   -
reopen           -          pending     -           -                 -         saved               -
request_removal  -          -           -           removal_accepted  -         -                   -
hand_out         -          handed_out  -           -                 -         removal_handed_out  -
confirm_saved    -          -           saved?      -                 -         -                   rejected!
return_unsaved   -          -           accepted    -                 -         -                   removal_accepted
supersede        -          -           -           saved!            -         -                   -
withdraw         x          -           -           -                 -         -                   -
clear            x          -           -           -                 -         -                   -
clear_mixed      x          x           -           -                 -         -                   -
expire           x          -           -           -                 -         -                   -
";

    fn row(phase: Phase, list: bool) -> StagedRow {
        let (state, removing) = phase.stored();
        let save_id = (state == RowState::HandedOut).then(|| "s".to_owned());
        StagedRow { state, removing, list, save_id, value: "1".to_owned(), ..StagedRow::empty("k") }
    }

    #[test]
    fn every_event_in_every_phase_has_its_effect() {
        let mut lines = TABLE.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(lines.next().unwrap()[1..], Phase::ALL.map(Phase::name));
        let lines: Vec<Vec<&str>> = lines.collect();
        assert_eq!(lines.iter().map(|line| line[0]).collect::<Vec<_>>(), RowEvent::ALL.map(RowEvent::name));
        for (event, line) in RowEvent::ALL.into_iter().zip(&lines) {
            for (phase, expected) in Phase::ALL.into_iter().zip(&line[1..]) {
                let word = match phase.effect(event) {
                    None => "-".to_owned(),
                    Some(Effect::Delete) => "x".to_owned(),
                    Some(Effect::Keep(next)) => next.name().to_owned(),
                    Some(Effect::KeepIfList(next)) => format!("{}?", next.name()),
                    Some(Effect::Erase(next)) => format!("{}!", next.name()),
                };
                assert_eq!(word, **expected, "{} in {}", event.name(), phase.name());
            }
        }
    }

    #[test]
    fn a_row_after_an_event_has_the_phase_the_value_and_the_save_id_of_its_effect() {
        for (phase, event, effect) in transitions() {
            for list in [false, true] {
                let before = row(phase, list);
                assert_eq!(Phase::of(&before), phase);
                let change = before.apply(event).unwrap();
                let (next, keeps) = match effect {
                    Effect::Delete => {
                        assert_eq!(change, Change::Delete("k".to_owned()));
                        continue;
                    }
                    Effect::Keep(next) => (next, true),
                    Effect::KeepIfList(next) => (next, list),
                    Effect::Erase(next) => (next, false),
                };
                let after = change.row().unwrap();
                let words = format!("{} in {}, list: {list}", event.name(), phase.name());
                assert_eq!(Phase::of(after), next, "{words}");
                assert_eq!(!after.value.is_empty(), keeps, "{words}");
                let has_save_id = after.save_id.is_some();
                assert!(!has_save_id || after.state == RowState::HandedOut, "{words}");
            }
        }
    }

    #[test]
    fn a_hand_out_names_its_rows_and_ends_with_it() {
        let handed_out = row(Phase::Accepted, false).hand_out("s1").unwrap();
        assert_eq!(handed_out.row().unwrap().save_id.as_deref(), Some("s1"));
        let returned = handed_out.row().unwrap().apply(RowEvent::ReturnUnsaved).unwrap();
        assert_eq!(returned.row().unwrap(), &row(Phase::Accepted, false));
        assert_eq!(row(Phase::Pending, false).hand_out("s1"), None);
    }

    #[test]
    fn no_event_leads_out_of_rejected_and_every_other_phase_is_reached() {
        assert!(RowEvent::ALL.into_iter().all(|event| !row(Phase::Rejected, true).allows(event)));
        for phase in Phase::ALL.into_iter().filter(|phase| *phase != Phase::Pending) {
            let leads_here = |effect: Effect| matches!(effect, Effect::Keep(next) | Effect::KeepIfList(next) | Effect::Erase(next) if next == phase);
            assert!(transitions().any(|(_, _, effect)| leads_here(effect)), "{phase:?}");
        }
    }
}
