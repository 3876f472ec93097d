//! Rows as they are printed: JSON and CSV have the same names, and nothing in them is altered.

use crate::table::{cut, table};
use fhir_ehr::{Code, EhrState, Error, StagedRow, State};
use serde::Serialize;

/// What of a row is printed, in this order.
#[derive(Debug, Serialize)]
pub(crate) struct PrintedRow<'a> {
    key: &'a str,
    source_field: &'a str,
    study_field: &'a str,
    event: &'a str,
    value: &'a str,
    timestamp: Option<&'a str>,
    code: Option<&'a str>,
    code_system: Option<&'a str>,
    display: Option<&'a str>,
    unit: Option<&'a str>,
    resource_type: &'a str,
    resource_id: &'a str,
    preselected: bool,
    state: State,
    changed: bool,
    list: bool,
    record: &'a str,
    version_id: Option<&'a str>,
    source: &'a str,
    pull_id: &'a str,
    pulled_at: i64,
    pulled_by: &'a str,
    save_id: Option<&'a str>,
    decision: String,
    ehr_state: EhrState,
    removing: bool,
    resource_status: Option<&'a str>,
    time_sent: Option<&'a str>,
    original_value: Option<&'a str>,
    original_unit: Option<&'a str>,
}

/// The names, for a CSV without rows.
const NAMES: [&str; 30] = [
    "key",
    "source_field",
    "study_field",
    "event",
    "value",
    "timestamp",
    "code",
    "code_system",
    "display",
    "unit",
    "resource_type",
    "resource_id",
    "preselected",
    "state",
    "changed",
    "list",
    "record",
    "version_id",
    "source",
    "pull_id",
    "pulled_at",
    "pulled_by",
    "save_id",
    "decision",
    "ehr_state",
    "removing",
    "resource_status",
    "time_sent",
    "original_value",
    "original_unit",
];

impl<'a> From<&'a StagedRow> for PrintedRow<'a> {
    fn from(row: &'a StagedRow) -> Self {
        PrintedRow {
            key: &row.key,
            source_field: &row.source_field,
            study_field: &row.study_field,
            event: &row.event,
            value: &row.value,
            timestamp: row.timestamp.as_deref(),
            code: row.code.as_deref(),
            code_system: row.code_system.as_deref(),
            display: row.display.as_deref(),
            unit: row.unit.as_deref(),
            resource_type: &row.resource_type,
            resource_id: &row.resource_id,
            preselected: row.preselected,
            state: row.state,
            changed: row.changed,
            list: row.list,
            record: &row.record,
            version_id: row.version_id.as_deref(),
            source: &row.source,
            pull_id: &row.pull_id,
            pulled_at: row.pulled_at,
            pulled_by: &row.pulled_by,
            save_id: row.save_id.as_deref(),
            decision: row.decision(),
            ehr_state: row.ehr_state,
            removing: row.removing,
            resource_status: row.resource_status.as_deref(),
            time_sent: row.time_sent.as_deref(),
            original_value: row.original_value.as_deref(),
            original_unit: row.original_unit.as_deref(),
        }
    }
}

/// The rows as JSON values.
pub(crate) fn printed(rows: &[StagedRow]) -> Vec<PrintedRow<'_>> {
    rows.iter().map(PrintedRow::from).collect()
}

/// The rows as CSV (RFC 4180). A cell that a spreadsheet would take for a formula is left as it is: the
/// data are exact, and what opens them decides what they mean.
pub(crate) fn csv(rows: &[StagedRow]) -> Result<Vec<u8>, Error> {
    let failed = |_| Error::new(Code::Internal).detail("a result did not become CSV");
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(NAMES).map_err(failed)?;
    for row in printed(rows) {
        writer.serialize(row).map_err(failed)?;
    }
    writer.into_inner().map_err(|_| Error::new(Code::Internal).detail("a result did not become CSV"))
}

/// The rows as a table; with the study record and the hand-out where they may differ from row to row.
pub(crate) fn as_table(rows: &[StagedRow], with_record: bool) -> Vec<u8> {
    let mut header = vec!["", "key", "field", "to", "value", "time", "code", "display", "resource", "state"];
    if with_record {
        header.extend(["record", "handed out as"]);
    }
    let lines: Vec<Vec<String>> = rows.iter().map(|row| line(row, with_record)).collect();
    table(&header, &lines).into_bytes()
}

fn line(row: &StagedRow, with_record: bool) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let event = if row.event.is_empty() { String::new() } else { format!("{}/", row.event) };
    let changed = if row.changed { "changed" } else { "" };
    let removing = if row.removing { "to be removed" } else { "" };
    let marks: Vec<&str> =
        [changed, removing, row.ehr_state.words()].into_iter().filter(|mark| !mark.is_empty()).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
    let mut line = vec![
        if row.preselected { "*" } else { "" }.to_owned(),
        short_name(row),
        row.source_field.clone(),
        format!("{event}{}", row.study_field),
        with_unit(row),
        text(&row.timestamp),
        text(&row.code),
        text(&row.display),
        resource(row),
        format!("{}{marks}", row.state.name()),
    ];
    if with_record {
        line.extend([row.record.clone(), text(&row.save_id)]);
    }
    line
}

/// The row and the value that is shown, short enough to be typed: see [`StagedRow::decision`].
fn short_name(row: &StagedRow) -> String {
    let start = |text: &str, length| text.chars().take(length).collect::<String>();
    format!("{}~{}", start(&row.key, 10), start(&row.fingerprint, 4))
}

/// The resource, with its status where that is more than that the value counts.
fn resource(row: &StagedRow) -> String {
    let status = match row.resource_status.as_deref() {
        None | Some("final") => String::new(),
        Some(status) => format!(" ({status})"),
    };
    format!("{}/{}{status}", row.resource_type, cut(&row.resource_id, 12))
}

/// The value with its unit; of one that was converted, also what was measured.
fn with_unit(row: &StagedRow) -> String {
    let joined = |value: &str, unit: &Option<String>| match unit {
        Some(unit) if !value.is_empty() => format!("{value} {unit}"),
        _ => value.to_owned(),
    };
    let value = joined(&row.value, &row.unit);
    match &row.original_value {
        Some(original) => format!("{value} (converted from {})", joined(original, &row.original_unit)),
        None => value,
    }
}
