//! What a record's binding keeps of a committed pull until its drafts are merged into the rows.

use super::{StagedRow, preselect::Preselect};
use crate::fhir::time::Anchor;
use serde::{Deserialize, Serialize};

/// A mapping line of a pull, with what the pull proved about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedLine {
    /// The event of the study record, or empty.
    pub event: String,
    /// The field of the study record.
    pub study_field: String,
    /// The field of the EHR, as the mapping names it.
    pub source_field: String,
    /// Whether all searches for it were proved complete.
    pub complete: bool,
    /// Keyed hash of its date window; empty without a window.
    pub window: String,
    /// The rule that preselects one of several values.
    pub preselect: Option<Preselect>,
    /// The record's date, for a line with a window.
    pub anchor: Option<Anchor>,
    /// Whether its values are the entries of a list.
    pub list: bool,
}

impl CommittedLine {
    /// Whether a row has the event and the fields of this line.
    pub(super) fn matches(&self, row: &StagedRow) -> bool {
        self.event == row.event
            && self.study_field == row.study_field
            && self.source_field == row.source_field
    }
}

/// A committed pull: all that is needed to merge its drafts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedPull {
    /// The id of the pull.
    pub pull_id: String,
    /// Keyed hashes of the patient's ids at the source: only rows of these patients can be absent. Filled when the pull is
    /// committed.
    pub patients: Vec<String>,
    /// The mapping lines, in the order of the mapping.
    pub lines: Vec<CommittedLine>,
    /// How many drafts were stored. When fewer are found, no row counts as absent.
    pub rows: usize,
    /// How many stored records name the resources that were received.
    pub received: usize,
}
