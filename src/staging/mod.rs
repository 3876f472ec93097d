//! Staged rows: pulled values, sealed, until a person has decided on them and the study has saved them.
//!
//! `pending` -> `accepted` or `rejected`; `accepted` -> `handed_out` -> `saved`. A decided row stays as a mark without
//! its value, so that nothing adjudicated comes back as new; list entries keep their text, because the list is written
//! whole each time. What a pull does to rows is in [`state`], what a person does in [`adjudicate`].

pub mod adjudicate;
pub mod binding;
pub mod candidate;
pub mod commit;
pub mod damaged;
pub mod draft;
pub mod preselect;
pub mod record;
pub mod state;

use crate::{
    error::Result,
    store::{
        RecordKind, RecordWrite,
        sealed_store::{Address, SealedStore},
    },
};
use serde::{Deserialize, Serialize};

/// How far a row has come on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for a decision.
    Pending,
    /// To be saved.
    Accepted,
    /// Not to be saved.
    Rejected,
    /// Given to the host for saving; not confirmed yet.
    HandedOut,
    /// Saved by the host.
    Saved,
}

impl State {
    /// The word in the store's clear column and in documents.
    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Accepted => "accepted",
            State::Rejected => "rejected",
            State::HandedOut => "handed_out",
            State::Saved => "saved",
        }
    }
}

/// What the EHR says now about a row's value. It changes no decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EhrState {
    /// The last pull that asked for it brought it, or none asked since.
    #[default]
    Current,
    /// The EHR has another value now; that one waits in a row of its own.
    Corrected,
    /// No longer in the EHR: a search that was proved complete did not return it.
    Gone,
    /// Its resource is in the EHR and no longer gives this value for this field, such as a problem that was resolved.
    NotMatching,
    /// The EHR says that it was entered in error.
    EnteredInError,
}

impl EhrState {
    /// The word in documents.
    pub fn name(self) -> &'static str {
        match self {
            EhrState::Current => "current",
            EhrState::Corrected => "corrected",
            EhrState::Gone => "gone",
            EhrState::NotMatching => "not_matching",
            EhrState::EnteredInError => "entered_in_error",
        }
    }

    /// The mark in words; empty for a value that is current.
    pub fn words(self) -> &'static str {
        match self {
            EhrState::Current => "",
            EhrState::Corrected => "corrected in the EHR",
            EhrState::Gone => "no longer in the EHR",
            EhrState::NotMatching => "no longer matches this field",
            EhrState::EnteredInError => "entered in error",
        }
    }
}

/// One pulled value for one place of a study record.
#[derive(Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StagedRow {
    /// Its stable key: the same value of the same resource for the same place has the same key. A correction of a
    /// decided value has the key of that value, a dot, and a number.
    pub key: String,
    /// How far it has come.
    pub state: State,
    /// Whether an earlier value of the same resource was decided, and this one differs.
    pub changed: bool,
    /// Keyed hash of the patient whose value it is.
    #[schemars(skip)]
    pub patient: String,
    /// The study record.
    pub record: String,
    /// The event of the study record, or empty.
    pub event: String,
    /// The field of the study record.
    pub study_field: String,
    /// The field it was read from.
    pub source_field: String,
    /// The value's text; empty once it is decided and saved or rejected.
    pub value: String,
    /// When it was true, as text.
    pub timestamp: Option<String>,
    /// The code it was found by.
    pub code: Option<String>,
    /// The code's system.
    pub code_system: Option<String>,
    /// The words for the code.
    pub display: Option<String>,
    /// The unit of a quantity.
    pub unit: Option<String>,
    /// The resource's type.
    pub resource_type: String,
    /// The resource's id.
    pub resource_id: String,
    /// The resource's version.
    pub version_id: Option<String>,
    /// Whether the rules mark it for acceptance.
    pub preselected: bool,
    /// Whether the place takes all accepted entries together, one below the other.
    pub list: bool,
    /// Its position among the values of its place.
    pub position: u32,
    /// The source it came from.
    pub source: String,
    /// The pull that brought it.
    pub pull_id: String,
    /// When that was, in seconds since 1970.
    pub pulled_at: i64,
    /// Whose sign-in brought it.
    pub pulled_by: String,
    /// Which hand-out took it.
    pub save_id: Option<String>,
    /// Keyed hash of the value as sent.
    #[schemars(skip)]
    pub fingerprint: String,
    /// What the EHR says now about the value.
    #[serde(default)]
    pub ehr_state: EhrState,
    /// Whether a person wants a saved value removed from the record; see [`crate::Client::remove_saved`].
    #[serde(default)]
    pub removing: bool,
    /// Keyed hash of the window in which it was found; empty without a window.
    #[serde(default)]
    #[schemars(skip)]
    pub window: String,
    /// The status of its resource, such as `final` or `corrected`.
    #[serde(default)]
    pub resource_status: Option<String>,
    /// The time as the EHR sent it; `timestamp` may be converted to the site's time zone.
    #[serde(default)]
    pub time_sent: Option<String>,
    /// What was measured, where `value` was converted from another unit.
    #[serde(default)]
    pub original_value: Option<String>,
    /// The unit of `original_value`.
    #[serde(default)]
    pub original_unit: Option<String>,
}

impl StagedRow {
    /// The row together with its present value, for a decision on exactly that value.
    pub fn decision(&self) -> String {
        format!("{}~{}", self.key, self.fingerprint.get(..16).unwrap_or(&self.fingerprint))
    }

    /// Whether it still asks for something: a decision, or to be saved.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Pending | State::Accepted | State::HandedOut)
    }

    /// Whether its value is in the study record or may still get there.
    pub fn may_reach_record(&self) -> bool {
        self.state != State::Rejected
    }

    /// A row without content.
    #[cfg(test)]
    pub(crate) fn empty(key: &str) -> Self {
        let empty = String::new;
        StagedRow {
            key: key.to_owned(),
            state: State::Pending,
            changed: false,
            patient: empty(),
            record: empty(),
            event: empty(),
            study_field: empty(),
            source_field: empty(),
            value: empty(),
            timestamp: None,
            code: None,
            code_system: None,
            display: None,
            unit: None,
            resource_type: empty(),
            resource_id: empty(),
            version_id: None,
            preselected: false,
            list: false,
            position: 0,
            source: empty(),
            pull_id: empty(),
            pulled_at: 0,
            pulled_by: empty(),
            save_id: None,
            fingerprint: empty(),
            ehr_state: EhrState::Current,
            removing: false,
            window: empty(),
            resource_status: None,
            time_sent: None,
            original_value: None,
            original_unit: None,
        }
    }
}

/// Patient data are not for logs.
impl std::fmt::Debug for StagedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let StagedRow { key, state, ehr_state, changed, source_field, preselected, .. } = self;
        write!(
            f,
            "StagedRow({key}, {source_field}, {state:?}, {ehr_state:?}, changed: {changed}, preselected: {preselected})"
        )
    }
}

/// The subject of a study record's rows.
pub(crate) fn subject(records: &SealedStore<'_>, project: &str, record: &str) -> String {
    records.vault.index("record", &[records.organization, project, record])
}

/// The part of a batch that writes a row. Only rows that wait end by themselves.
pub(crate) fn put(
    records: &SealedStore<'_>,
    project: &str,
    row: &StagedRow,
    version: i64,
    days: i64,
) -> Result<RecordWrite> {
    let waits = matches!(row.state, State::Pending);
    let address = Address {
        key: row.key.clone(),
        project: project.to_owned(),
        subject: subject(records, project, &row.record),
        state: row.state.name().to_owned(),
        expires_in: waits.then_some(days * 86_400),
    };
    records.put(RecordKind::StagedRow, &address, row, version)
}

/// Takes the value out of a row that was decided; its key and fingerprint stay.
pub(crate) fn erase(row: &mut StagedRow) {
    row.value = String::new();
    // A list entry's code is the diagnosis itself.
    for part in [
        &mut row.timestamp,
        &mut row.time_sent,
        &mut row.display,
        &mut row.code,
        &mut row.code_system,
        &mut row.unit,
        &mut row.original_value,
        &mut row.original_unit,
        &mut row.resource_status,
    ] {
        *part = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_was_stored_without_the_newer_members_is_still_read() {
        let mut stored = serde_json::to_value(StagedRow::empty("k")).unwrap();
        let members = stored.as_object_mut().unwrap();
        for newer in [
            "ehr_state",
            "removing",
            "window",
            "resource_status",
            "time_sent",
            "original_value",
            "original_unit",
        ] {
            assert!(members.remove(newer).is_some(), "{newer}");
        }
        assert_eq!(serde_json::from_value::<StagedRow>(stored).unwrap(), StagedRow::empty("k"));
    }

    #[test]
    fn an_erased_row_keeps_nothing_clinical() {
        let text = || Some("x".to_owned());
        let mut row = StagedRow {
            value: "1".to_owned(),
            timestamp: text(),
            time_sent: text(),
            unit: text(),
            original_value: text(),
            original_unit: text(),
            resource_status: text(),
            ..StagedRow::empty("k")
        };
        erase(&mut row);
        assert_eq!(row, StagedRow::empty("k"));
    }
}
