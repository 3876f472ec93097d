//! Staged rows: pulled values, sealed, until somebody has decided on them and the study has saved them.
//!
//! `pending` -> `accepted` or `rejected`; `accepted` -> `handed_out` -> `saved`. What is decided stays as
//! a mark without its value, so that nothing adjudicated comes back as new; list entries keep their text,
//! because the list is written whole each time.

pub mod adjudicate;
pub mod stage;

use crate::{
    error::Result,
    store::{
        Kind, Write,
        records::{Address, Opened, Records},
    },
};
use serde::{Deserialize, Serialize};

/// Where a row stands on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has decided.
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

/// One pulled value for one place of a study record.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct StagedRow {
    /// Its stable key: the same value of the same resource for the same place has the same key.
    pub key: String,
    /// Where it stands.
    pub state: State,
    /// Whether an earlier value of the same resource was decided, and this one differs.
    pub changed: bool,
    /// Keyed hash of the patient whose value it is.
    pub patient: String,
    /// The study record.
    pub record: String,
    /// The event of the study record, or empty.
    pub event: String,
    /// The field of the study record.
    pub field_name: String,
    /// The field it was read from.
    pub field: String,
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
    pub source_id: String,
    /// The pull that brought it.
    pub pull_id: String,
    /// When that was, in seconds since 1970.
    pub pulled_at: i64,
    /// Whose sign-in brought it.
    pub pulled_by: String,
    /// Which hand-out took it.
    pub save_id: Option<String>,
    /// Keyed hash of the value as sent.
    pub fingerprint: String,
}

impl StagedRow {
    /// The row together with the value that stands in it, for a decision on just that value.
    pub fn decision(&self) -> String {
        format!("{}~{}", self.key, self.fingerprint.get(..16).unwrap_or(&self.fingerprint))
    }
}

/// Patient data are not for logs.
impl std::fmt::Debug for StagedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let StagedRow { key, state, changed, field, preselected, .. } = self;
        write!(f, "StagedRow({key}, {field}, {state:?}, changed: {changed}, preselected: {preselected})")
    }
}

/// The subject of a study record's rows.
pub(crate) fn subject(records: &Records<'_>, project: &str, record: &str) -> String {
    records.vault.index("record", &[records.organization, project, record])
}

pub(crate) fn rows_of(records: &Records<'_>, project: &str, record: &str) -> Result<Vec<Opened<StagedRow>>> {
    records.of_subject(Kind::StagedRow, project, &subject(records, project, record))
}

/// The part of a batch that writes a row. Only rows that wait for somebody end by themselves.
pub(crate) fn put(
    records: &Records<'_>,
    project: &str,
    row: &StagedRow,
    version: i64,
    days: i64,
) -> Result<Write> {
    let waits = matches!(row.state, State::Pending);
    let address = Address {
        key: row.key.clone(),
        project: project.to_owned(),
        subject: subject(records, project, &row.record),
        state: row.state.name().to_owned(),
        expires_in: waits.then_some(days * 86_400),
    };
    records.put(Kind::StagedRow, &address, row, version)
}

/// Takes the value out of a row that was decided; its key and fingerprint stay.
pub(crate) fn erase(row: &mut StagedRow) {
    row.value = String::new();
    // A list entry's code is the diagnosis itself.
    for part in [&mut row.timestamp, &mut row.display, &mut row.code, &mut row.code_system, &mut row.unit] {
        *part = None;
    }
}
