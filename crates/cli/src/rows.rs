//! Rows as JSON, CSV and tables. JSON and CSV have the names and the order of the C ABI (`FHIR_EHR_ROW_...`) and never
//! change a value.

use crate::table::{cut, table};
use fhir_ehr::{Code, EhrState, Error, RowState, StagedRow};
use serde::Serialize;

/// One row in JSON and CSV.
#[derive(Debug, Serialize)]
pub(crate) struct RowOutput<'a> {
    key: &'a str,
    state: RowState,
    changed: bool,
    record: &'a str,
    event: &'a str,
    study_field: &'a str,
    source_field: &'a str,
    value: &'a str,
    timestamp: Option<&'a str>,
    code: Option<&'a str>,
    code_system: Option<&'a str>,
    display: Option<&'a str>,
    unit: Option<&'a str>,
    resource_type: &'a str,
    resource_id: &'a str,
    version_id: Option<&'a str>,
    preselected: bool,
    list: bool,
    position: u32,
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

/// The CSV header. It is written even when there are no rows.
const CSV_HEADER: [&str; 31] = [
    "key",
    "state",
    "changed",
    "record",
    "event",
    "study_field",
    "source_field",
    "value",
    "timestamp",
    "code",
    "code_system",
    "display",
    "unit",
    "resource_type",
    "resource_id",
    "version_id",
    "preselected",
    "list",
    "position",
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

impl<'a> From<&'a StagedRow> for RowOutput<'a> {
    fn from(row: &'a StagedRow) -> Self {
        RowOutput {
            key: &row.key,
            state: row.state,
            changed: row.changed,
            record: &row.record,
            event: &row.event,
            study_field: &row.study_field,
            source_field: &row.source_field,
            value: &row.value,
            timestamp: row.timestamp.as_deref(),
            code: row.code.as_deref(),
            code_system: row.code_system.as_deref(),
            display: row.display.as_deref(),
            unit: row.unit.as_deref(),
            resource_type: &row.resource_type,
            resource_id: &row.resource_id,
            version_id: row.version_id.as_deref(),
            preselected: row.preselected,
            list: row.list,
            position: row.position,
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

/// The rows for JSON output.
pub(crate) fn row_outputs(rows: &[StagedRow]) -> Vec<RowOutput<'_>> {
    rows.iter().map(RowOutput::from).collect()
}

/// The rows as CSV (RFC 4180). A cell that a spreadsheet could read as a formula is not changed, because programs need the exact
/// value.
pub(crate) fn csv(rows: &[StagedRow]) -> Result<Vec<u8>, Error> {
    let failed = |_| Error::new(Code::Internal).detail("the result could not be written as CSV");
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(CSV_HEADER).map_err(failed)?;
    for row in row_outputs(rows) {
        writer.serialize(row).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|_| Error::new(Code::Internal).detail("the result could not be written as CSV"))
}

/// The rows as a table. `with_record` adds the study record and the save id, which can differ from row to row.
pub(crate) fn as_table(rows: &[StagedRow], with_record: bool) -> Vec<u8> {
    let mut header = vec![
        "",
        "key",
        "source_field",
        "study_field",
        "value",
        "timestamp",
        "code",
        "display",
        "resource",
        "state",
    ];
    if with_record {
        header.extend(["record", "save_id"]);
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
        short_decision(row),
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

/// The start of [`StagedRow::decision`], short enough to type: it names the row and the value that is shown.
fn short_decision(row: &StagedRow) -> String {
    let start = |text: &str, length| text.chars().take(length).collect::<String>();
    format!("{}~{}", start(&row.key, 10), start(&row.fingerprint, 4))
}

/// The resource, with its status unless that is `final`.
fn resource(row: &StagedRow) -> String {
    let status = match row.resource_status.as_deref() {
        None | Some("final") => String::new(),
        Some(status) => format!(" ({status})"),
    };
    format!("{}/{}{status}", row.resource_type, cut(&row.resource_id, 12))
}

/// The value with its unit. A converted value also shows the original one.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_the_members_of_the_c_abi_in_their_order() {
        let table = include_str!("../../capi/src/row_members.tsv");
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        let members: Vec<&str> = rows.map(|row| row.split('\t').nth(1).unwrap()).collect();
        assert_eq!(CSV_HEADER.as_slice(), members);
    }
}
