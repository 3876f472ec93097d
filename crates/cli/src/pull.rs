//! `pull`: one patient's values, staged and printed, with a word on what did not come.

use crate::{
    args::PullArgs,
    context,
    failure::{Failure, file_error},
    output::{self, Progress, note, safe},
    rows::{self, PrintedRow},
    values::Format,
};
use fhir_ehr::{
    Code, Error, NotPreselected, Offset, Project, PullRequest, PullResult, Report, ResourceReport,
    ResourceStatus, file_words,
};
use serde::Serialize;
use std::{fs, process::ExitCode};

/// The JSON form.
#[derive(Serialize)]
struct PrintedPull<'a> {
    pull_id: &'a str,
    patient_id: &'a str,
    complete: bool,
    rows: Vec<PrintedRow<'a>>,
    report: &'a Report,
}

/// Runs the command.
pub(crate) fn run(args: &PullArgs) -> Result<ExitCode, Failure> {
    let pulled = pull(args)?;
    let complete = pulled.report.is_complete();
    let out = match args.format {
        Format::Table => rows::as_table(&pulled.rows, false),
        Format::Csv => rows::csv(&pulled.rows)?,
        Format::Json => output::json(&PrintedPull {
            pull_id: &pulled.pull_id,
            patient_id: &pulled.patient_id,
            complete,
            rows: rows::printed(&pulled.rows),
            report: &pulled.report,
        })?,
    };
    output::print(&out)?;
    let is_bare = args.format == Format::Csv && !pulled.report.not_preselected.is_empty();
    if args.format == Format::Table || !complete || is_bare {
        tell(&pulled);
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn pull(args: &PullArgs) -> Result<PullResult, Error> {
    let client = context::client(&args.config)?;
    let source = client.sources().by_id(&args.source)?;
    let csv = fs::read_to_string(&args.mapping)
        .map_err(|cause| file_error(Code::MappingInvalid, &args.mapping, file_words(cause.kind())))?;
    let request = PullRequest {
        user: args.user.clone(),
        system: args.system,
        source: args.source.clone(),
        project: Project {
            id: args.project.clone(),
            environment: args.project_environment.map_or(source.environment, Into::into),
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

/// The report in words, on stderr.
fn tell(pulled: &PullResult) {
    for (resource_type, report) in &pulled.report.resources {
        note(&safe(&format!("{resource_type}: {}", sentence(report))));
    }
    if !pulled.report.without_date.is_empty() {
        let fields = safe(&pulled.report.without_date.join(", "));
        note(&format!("without a date of the record (--date), so not pulled: {fields}"));
    }
    for NotPreselected { study_field, event, reason, .. } in &pulled.report.not_preselected {
        let event = if event.is_empty() { String::new() } else { format!("{event}/") };
        note(&safe(&format!("not preselected: {event}{study_field}: {reason}")));
    }
    for warnings in &pulled.report.warnings {
        note(&format!("warnings: {}", safe(warnings)));
    }
    let what = if pulled.report.is_complete() { "complete" } else { "NOT complete" };
    note(&format!("{} rows, {} requests, {what}", pulled.rows.len(), pulled.report.requests));
}

fn sentence(report: &ResourceReport) -> String {
    let status = match report.status {
        ResourceStatus::Complete => "complete",
        ResourceStatus::Partial => "partial",
        ResourceStatus::Denied => "denied",
        ResourceStatus::Skipped => "skipped",
        ResourceStatus::Failed => "failed",
    };
    let mut words = format!("{status}, {} received", report.received);
    if report.received > 0 {
        words.push_str(&format!(", {} with rows", report.with_rows));
    }
    if report.repeated_differently > 0 {
        let times = report.repeated_differently;
        words.push_str(&format!(", {times} times the same id with different content"));
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
