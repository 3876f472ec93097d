//! Staged rows: pulled values, encrypted, until a person has decided on them and the study has saved them.
//!
//! [`state`] has the states of a row and every change between them. [`adjudicate`] has what a person and the host do to
//! rows, [`merge`] what a pull does. A decided row stays in the store without its value, so that the value does not come
//! back as new.

pub mod adjudicate;
pub mod binding;
pub mod candidate;
pub mod commit;
pub mod committed_pull;
pub mod damaged;
pub mod draft;
pub mod merge;
pub mod merge_drafts;
pub mod preselect;
pub mod project;
pub mod project_rows;
pub mod record;
pub mod record_view;
pub mod state;

pub use state::RowState;

use serde::{Deserialize, Serialize};

/// The state of the value of a row in the EHR, as the last pull found it. It changes no decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EhrState {
    /// The last pull that requested the value received it.
    #[default]
    Current,
    /// The EHR has another value now, which waits in a separate row.
    Corrected,
    /// The value is no longer in the EHR: a search that was proved complete did not return it.
    Gone,
    /// The resource is in the EHR and no longer gives this value for this field, such as a problem that was resolved.
    NotMatching,
    /// The resource has the status entered in error.
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

    /// The words that people see; empty for a value that is current.
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
    /// The stable key: the same value of the same resource for the same study field has the same key. A correction of a
    /// decided value has the key of that value, a dot, and a number.
    pub key: String,
    /// The state.
    pub state: RowState,
    /// Whether a person decided on an earlier value of the same resource, and this value differs.
    pub changed: bool,
    /// Keyed hash of the patient.
    #[schemars(skip)]
    pub patient: String,
    /// The study record.
    pub record: String,
    /// The event of the study record, or empty.
    pub event: String,
    /// The field of the study record.
    pub study_field: String,
    /// The field of the EHR, as the mapping names it.
    pub source_field: String,
    /// The text of the value; empty after it was saved or rejected.
    pub value: String,
    /// The date and time of the value, such as `2020-01-10 08:30`.
    pub timestamp: Option<String>,
    /// The code of the value, such as a LOINC code.
    pub code: Option<String>,
    /// The system of the code, such as `http://loinc.org`.
    pub code_system: Option<String>,
    /// The display text of the code.
    pub display: Option<String>,
    /// The unit of a quantity.
    pub unit: Option<String>,
    /// The FHIR resource type.
    pub resource_type: String,
    /// The id of the resource.
    pub resource_id: String,
    /// The version of the resource.
    pub version_id: Option<String>,
    /// Whether the preselection rules mark it for acceptance.
    pub preselected: bool,
    /// Whether the study field gets all accepted entries together, one on each line.
    pub list: bool,
    /// The position among the values of its study field, from 0.
    pub position: u32,
    /// The id of the source.
    pub source: String,
    /// The id of the pull that received the value.
    pub pull_id: String,
    /// The time of that pull, in seconds since 1970.
    pub pulled_at: i64,
    /// The user whose sign-in was used, or `system account`.
    pub pulled_by: String,
    /// The id of the hand-out with this row; absent when the row is not handed out.
    pub save_id: Option<String>,
    /// Keyed hash of the value as sent.
    #[schemars(skip)]
    pub fingerprint: String,
    /// The state of the value in the EHR.
    #[serde(default)]
    pub ehr_state: EhrState,
    /// Whether a person asked to remove the saved value from the record; see [`crate::Client::remove_saved`].
    #[serde(default)]
    pub removing: bool,
    /// Keyed hash of the date window of the pull; empty without a window.
    #[serde(default)]
    #[schemars(skip)]
    pub window: String,
    /// The status of its resource, such as `final` or `corrected`.
    #[serde(default)]
    pub resource_status: Option<String>,
    /// The time as the EHR sent it; `timestamp` may be converted to the time zone of the site.
    #[serde(default)]
    pub time_sent: Option<String>,
    /// The value as the EHR sent it, when `value` was converted from another unit.
    #[serde(default)]
    pub original_value: Option<String>,
    /// The unit of `original_value`.
    #[serde(default)]
    pub original_unit: Option<String>,
}

impl StagedRow {
    /// The key together with the start of the fingerprint: names the row for a decision on exactly this value.
    pub fn decision(&self) -> String {
        format!("{}~{}", self.key, self.fingerprint.get(..16).unwrap_or(&self.fingerprint))
    }

    /// Whether it waits for a decision or for being saved.
    pub fn is_open(&self) -> bool {
        matches!(self.state, RowState::Pending | RowState::Accepted | RowState::HandedOut)
    }

    /// Whether its value is in the study record or may still be saved there.
    pub fn may_reach_record(&self) -> bool {
        self.state != RowState::Rejected
    }

    /// Removes the value and everything that describes it. The key and the fingerprint stay.
    fn erase(&mut self) {
        self.value = String::new();
        // The code of a list entry is the diagnosis itself.
        for part in [
            &mut self.timestamp,
            &mut self.time_sent,
            &mut self.display,
            &mut self.code,
            &mut self.code_system,
            &mut self.unit,
            &mut self.original_value,
            &mut self.original_unit,
            &mut self.resource_status,
        ] {
            *part = None;
        }
    }

    /// A row without content.
    #[cfg(test)]
    pub(crate) fn empty(key: &str) -> Self {
        let empty = String::new;
        StagedRow {
            key: key.to_owned(),
            state: RowState::Pending,
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

/// Without patient data: a debug text may end in a log.
impl std::fmt::Debug for StagedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let StagedRow { key, state, ehr_state, changed, source_field, preselected, .. } = self;
        write!(
            f,
            "StagedRow({key}, {source_field}, {state:?}, {ehr_state:?}, changed: {changed}, preselected: {preselected})"
        )
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
        row.erase();
        assert_eq!(row, StagedRow::empty("k"));
    }
}
