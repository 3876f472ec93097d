//! The members of a staged row, generated from src/row_members.tsv by tests/header.rs; do not edit.

use fhir_ehr::staging::StagedRow;
use std::borrow::Cow;

/// Member of a staged row, text: A stable key. The same value of the same resource for the same study field
/// has the same key. A correction of a decided value has that value's key, a dot and a number.
pub const FHIR_EHR_ROW_KEY: u32 = 1;

/// Member of a staged row, text: The state of the row in the workflow: pending, accepted, rejected,
/// handed_out or saved.
pub const FHIR_EHR_ROW_STATE: u32 = 2;

/// Member of a staged row, `true` or `false`: Whether an earlier value of the same resource was decided and
/// this value differs from it.
pub const FHIR_EHR_ROW_CHANGED: u32 = 3;

/// Member of a staged row, text: The study record.
pub const FHIR_EHR_ROW_RECORD: u32 = 4;

/// Member of a staged row, text: The event of the study record, or empty.
pub const FHIR_EHR_ROW_EVENT: u32 = 5;

/// Member of a staged row, text: The field of the study record that takes the value.
pub const FHIR_EHR_ROW_STUDY_FIELD: u32 = 6;

/// Member of a staged row, text: The EHR field that the value was read from, such as birthDate or 29463-7.
pub const FHIR_EHR_ROW_SOURCE_FIELD: u32 = 7;

/// Member of a staged row, text: The value as text. It is empty after the value was saved or rejected, except
/// for list entries that are in the study record.
pub const FHIR_EHR_ROW_VALUE: u32 = 8;

/// Member of a staged row, text or absent: The time that the EHR gives for the value.
pub const FHIR_EHR_ROW_TIMESTAMP: u32 = 9;

/// Member of a staged row, text or absent: The code by which the value was found.
pub const FHIR_EHR_ROW_CODE: u32 = 10;

/// Member of a staged row, text or absent: The code system of FHIR_EHR_ROW_CODE.
pub const FHIR_EHR_ROW_CODE_SYSTEM: u32 = 11;

/// Member of a staged row, text or absent: The display text of FHIR_EHR_ROW_CODE.
pub const FHIR_EHR_ROW_DISPLAY: u32 = 12;

/// Member of a staged row, text or absent: The unit of a quantity.
pub const FHIR_EHR_ROW_UNIT: u32 = 13;

/// Member of a staged row, text: The type of the FHIR resource.
pub const FHIR_EHR_ROW_RESOURCE_TYPE: u32 = 14;

/// Member of a staged row, text: The id of the FHIR resource.
pub const FHIR_EHR_ROW_RESOURCE_ID: u32 = 15;

/// Member of a staged row, text or absent: The version of the FHIR resource.
pub const FHIR_EHR_ROW_VERSION_ID: u32 = 16;

/// Member of a staged row, `true` or `false`: Whether the mapping's preselection rules propose this value for
/// acceptance.
pub const FHIR_EHR_ROW_PRESELECTED: u32 = 17;

/// Member of a staged row, `true` or `false`: Whether the study field takes all accepted entries together,
/// one per line.
pub const FHIR_EHR_ROW_LIST: u32 = 18;

/// Member of a staged row, decimal digits: The position of the row among the rows of the same study field and
/// event.
pub const FHIR_EHR_ROW_POSITION: u32 = 19;

/// Member of a staged row, text: The id of the source from which the value was pulled.
pub const FHIR_EHR_ROW_SOURCE: u32 = 20;

/// Member of a staged row, text: The id of the pull that returned the value.
pub const FHIR_EHR_ROW_PULL_ID: u32 = 21;

/// Member of a staged row, decimal digits: The time of that pull, in seconds since 1970-01-01 UTC.
pub const FHIR_EHR_ROW_PULLED_AT: u32 = 22;

/// Member of a staged row, text: The user whose sign-in was used for the pull.
pub const FHIR_EHR_ROW_PULLED_BY: u32 = 23;

/// Member of a staged row, text or absent: The id of the save set that contains the row.
pub const FHIR_EHR_ROW_SAVE_ID: u32 = 24;

/// Member of a staged row, text: Identifies the row together with its current value, so that a decision
/// applies to exactly this value.
pub const FHIR_EHR_ROW_DECISION: u32 = 25;

/// Member of a staged row, text: What the last pull found out about the value in the EHR: current, corrected
/// (a new value waits in a row of its own), gone (no longer in the EHR), not_matching (the resource no longer
/// gives this value for this field) or entered_in_error. It never changes a decision.
pub const FHIR_EHR_ROW_EHR_STATE: u32 = 26;

/// Member of a staged row, `true` or `false`: Whether a user requested that the saved value be removed. The
/// next save set then removes it from the study record.
pub const FHIR_EHR_ROW_REMOVING: u32 = 27;

/// Member of a staged row, text or absent: The status of the FHIR resource, such as final or corrected.
pub const FHIR_EHR_ROW_RESOURCE_STATUS: u32 = 28;

/// Member of a staged row, text or absent: The time exactly as the EHR sent it. FHIR_EHR_ROW_TIMESTAMP may be
/// converted to the time zone of the source's site.
pub const FHIR_EHR_ROW_TIME_SENT: u32 = 29;

/// Member of a staged row, text or absent: The measured value before a unit conversion; absent if
/// FHIR_EHR_ROW_VALUE was not converted.
pub const FHIR_EHR_ROW_ORIGINAL_VALUE: u32 = 30;

/// Member of a staged row, text or absent: The unit of FHIR_EHR_ROW_ORIGINAL_VALUE.
pub const FHIR_EHR_ROW_ORIGINAL_UNIT: u32 = 31;

/// cbindgen:ignore
pub(crate) const COUNT: usize = 31;

/// The members' texts, in the order of their numbers.
pub(crate) fn texts(value: &StagedRow) -> [Option<Cow<'_, str>>; COUNT] {
    [
        Some(Cow::Borrowed(&value.key)),
        Some(Cow::Borrowed(value.state.name())),
        Some(Cow::Borrowed(if value.changed { "true" } else { "false" })),
        Some(Cow::Borrowed(&value.record)),
        Some(Cow::Borrowed(&value.event)),
        Some(Cow::Borrowed(&value.study_field)),
        Some(Cow::Borrowed(&value.source_field)),
        Some(Cow::Borrowed(&value.value)),
        value.timestamp.as_deref().map(Cow::Borrowed),
        value.code.as_deref().map(Cow::Borrowed),
        value.code_system.as_deref().map(Cow::Borrowed),
        value.display.as_deref().map(Cow::Borrowed),
        value.unit.as_deref().map(Cow::Borrowed),
        Some(Cow::Borrowed(&value.resource_type)),
        Some(Cow::Borrowed(&value.resource_id)),
        value.version_id.as_deref().map(Cow::Borrowed),
        Some(Cow::Borrowed(if value.preselected { "true" } else { "false" })),
        Some(Cow::Borrowed(if value.list { "true" } else { "false" })),
        Some(Cow::Owned(value.position.to_string())),
        Some(Cow::Borrowed(&value.source)),
        Some(Cow::Borrowed(&value.pull_id)),
        Some(Cow::Owned(value.pulled_at.to_string())),
        Some(Cow::Borrowed(&value.pulled_by)),
        value.save_id.as_deref().map(Cow::Borrowed),
        Some(Cow::Owned(value.decision())),
        Some(Cow::Borrowed(value.ehr_state.name())),
        Some(Cow::Borrowed(if value.removing { "true" } else { "false" })),
        value.resource_status.as_deref().map(Cow::Borrowed),
        value.time_sent.as_deref().map(Cow::Borrowed),
        value.original_value.as_deref().map(Cow::Borrowed),
        value.original_unit.as_deref().map(Cow::Borrowed),
    ]
}
