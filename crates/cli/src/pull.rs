//! `pull`: pulls one patient's values, prints the staged rows, and reports what is incomplete.

use crate::{
    args::PullArgs,
    context,
    failure::{Failure, file_error},
    output::{self, Progress, note, safe},
    rows::{self, RowOutput},
    values::Format,
};
use fhir_ehr::{
    Code, Error, NotPreselected, Offset, Project, PullReport, PullRequest, PullResult, ResourceReport,
    describe_io_error,
};
use serde::Serialize;
use std::{fs, process::ExitCode};

/// The JSON output.
#[derive(Serialize)]
struct PullOutput<'a> {
    pull_id: &'a str,
    patient_id: &'a str,
    rows: Vec<RowOutput<'a>>,
    report: &'a PullReport,
    complete: bool,
}

/// Runs the command.
pub(crate) fn run(args: &PullArgs) -> Result<ExitCode, Failure> {
    let result = pull(args)?;
    let complete = result.report.is_complete();
    let out = match args.format {
        Format::Table => rows::as_table(&result.rows, false),
        Format::Csv => rows::csv(&result.rows)?,
        Format::Json => output::json(&PullOutput {
            pull_id: &result.pull_id,
            patient_id: &result.patient_id,
            rows: rows::row_outputs(&result.rows),
            report: &result.report,
            complete,
        })?,
    };
    output::print(&out)?;
    // JSON has the report in it; CSV has no place for it.
    let csv_lacks_reasons = args.format == Format::Csv && !result.report.not_preselected.is_empty();
    if args.format == Format::Table || !complete || csv_lacks_reasons {
        print_report(&result);
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn pull(args: &PullArgs) -> Result<PullResult, Error> {
    let client = context::client(&args.config)?;
    let source = client.sources().by_id(&args.source)?;
    let csv = fs::read_to_string(&args.mapping)
        .map_err(|cause| file_error(Code::MappingInvalid, &args.mapping, describe_io_error(cause.kind())))?;
    let request = PullRequest {
        user: args.user.clone(),
        system: args.system,
        source: args.source.clone(),
        project: Project {
            id: args.project.clone(),
            environment: args.project_environment.map_or(source.environment, Into::into),
            sources: None,
            // Whoever runs the command has all rights; --system asks for it.
            system_account: true,
        },
        record: args.record.clone().unwrap_or_else(|| args.mrn.clone()),
        mrn: args.mrn.clone(),
        mapping: client.mapping(&args.user, &args.project, &csv)?,
        dates: args.date.clone(),
        offset: Offset { days: args.offset_days, direction: args.offset_direction.into() },
        text: args.text.into(),
        launch_patient: None,
        explain: args.explain,
    };
    let progress = Progress::new();
    progress.step(&format!("pulling from {}", args.source));
    client.pull(&request)
}

/// Prints the report on stderr.
fn print_report(result: &PullResult) {
    for (resource_type, report) in &result.report.resources {
        note(&safe(&format!("{resource_type}: {}", summary(report))));
    }
    if !result.report.without_date.is_empty() {
        let fields = safe(&result.report.without_date.join(", "));
        note(&format!("not pulled, because the record has no date for them (--date): {fields}"));
    }
    for NotPreselected { study_field, event, reason, .. } in &result.report.not_preselected {
        let event = if event.is_empty() { String::new() } else { format!("{event}/") };
        note(&safe(&format!("not preselected: {event}{study_field}: {reason}")));
    }
    for warning in &result.report.warnings {
        note(&format!("warning: {}", safe(warning)));
    }
    let what = if result.report.is_complete() { "complete" } else { "NOT complete" };
    note(&format!("{} rows, {} requests, {what}", result.rows.len(), result.report.requests));
}

/// One resource type of the report, as text on one line.
fn summary(report: &ResourceReport) -> String {
    let mut words = format!("{}, {} received", report.status.name(), report.received);
    if report.received > 0 {
        words.push_str(&format!(", {} with rows", report.with_rows));
    }
    if report.repeated_differently > 0 {
        let times = report.repeated_differently;
        words.push_str(&format!(", {times} repeated with different content"));
    }
    if !report.discarded.is_empty() {
        let reasons: Vec<String> =
            report.discarded.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        let all: usize = report.discarded.values().sum();
        words.push_str(&format!(", {all} without a row ({})", reasons.join(", ")));
    }
    for (reason, ids) in &report.discarded_ids {
        words.push_str(&format!("; {reason}: {}", ids.join(", ")));
    }
    if let Some(reason) = &report.reason {
        words.push_str(&format!(": {reason}"));
    }
    words
}
