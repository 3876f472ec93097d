//! The pull: mapping and patient to rows, with a report for each resource type.

pub mod find;
pub mod mapping;
pub mod patient;
pub mod plan;
mod reading;
pub mod report;
pub mod retrieve;
pub mod rows;
pub mod select;

use crate::{
    config::Environment,
    error::{Code, Error, Result},
    fhir::Json,
    fields::{Rules, TextMode, time::Offset},
    grant::{Holder, refresh::Tokens},
    log::{Events, Level},
    secret,
    source::Source,
    staging::{StagedRow, State, stage},
};
use mapping::Mapping;
use plan::{Plan, RecordDate};
use reading::{Sought, moment};
use report::{Report, ResourceReport, Status};

/// The project of the study that takes the values.
#[derive(Clone, Debug)]
pub struct Project {
    /// The host's name for it.
    pub id: String,
    /// Data of a source of a lesser environment do not enter it.
    pub environment: Environment,
}

/// What to pull for one study record. Not `Debug`: it names the patient.
#[derive(Clone)]
pub struct PullRequest {
    /// The application's user for whom this is done.
    pub user: String,
    /// Read with the source's system account instead of the user's own sign-in.
    pub system: bool,
    /// The source.
    pub source_id: String,
    /// The project.
    pub project: Project,
    /// The study record.
    pub record: String,
    /// The patient's medical record number.
    pub mrn: String,
    /// The mapping.
    pub mapping: Mapping,
    /// The record's dates.
    pub dates: Vec<RecordDate>,
    /// How far around them values count.
    pub offset: Offset,
    /// Which text values have.
    pub text: TextMode,
    /// The patient of the EHR's chart, when the pull is made inside a launch: it must be the same.
    pub launch_patient: Option<String>,
}

/// What a pull brought.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// Names the pull.
    pub pull_id: String,
    /// The patient's FHIR id.
    pub patient_id: String,
    /// The rows, as they stand in the staging.
    pub rows: Vec<StagedRow>,
    /// What came and what did not.
    pub report: Report,
}

/// Pulls and stages. Nothing is sent before the request was found good, and nothing staged before the
/// patient was verified and everything read.
///
/// # Errors
/// [`Code::EnvironmentMismatch`], [`Code::RequestInvalid`], [`Code::GrantNotFound`], and those of the
/// rooms below.
pub fn pull(tokens: &Tokens<'_>, source: &Source, request: &PullRequest) -> Result<Pulled> {
    check(source, request)?;
    let plan = Plan::new(&request.mapping, &request.dates, request.offset, source.fhir_version);
    let holder = if request.system { Holder::System } else { Holder::User(request.user.clone()) };
    let mut report = Report { without_date: plan.without_date.clone(), ..Report::default() };
    report.tolerated.clone_from(&request.mapping.tolerated);
    for skipped in &plan.skipped {
        let reason = Some("the record has no date for its windows".to_owned());
        let told = ResourceReport { status: Status::Skipped, reason, ..ResourceReport::default() };
        report.resources.insert((*skipped).to_owned(), told);
    }
    let sought = Sought { mrn: Some(&request.mrn), id: request.launch_patient.as_deref() };
    let read = reading::with_patient(tokens, source, &holder, sought, &mut report, |retrieval, patient| {
        let patient_id = patient.get("id").text().unwrap_or_default().to_owned();
        let resources = retrieval.all(plan.searches(source, &patient_id), &patient_id)?;
        Ok(Read { patient_id, patient, resources })
    })?;
    finish(tokens, source, request, &plan, &read, report)
}

/// What was read of the patient.
struct Read {
    patient_id: String,
    patient: Json,
    resources: retrieve::Resources,
}

fn check(source: &Source, request: &PullRequest) -> Result<()> {
    source.check_environment(request.project.environment)?;
    for (what, text) in [("mrn", &request.mrn), ("record", &request.record), ("project", &request.project.id)]
    {
        usable_text(what, text)?;
    }
    if !request.system && request.user.is_empty() {
        return Err(Error::new(Code::RequestInvalid).detail("user is empty"));
    }
    Ok(())
}

fn usable_text(what: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        let detail = format!("{what} is empty or holds control characters");
        return Err(Error::new(Code::RequestInvalid).detail(detail));
    }
    Ok(())
}

fn finish(
    tokens: &Tokens<'_>,
    source: &Source,
    request: &PullRequest,
    plan: &Plan<'_>,
    read: &Read,
    mut report: Report,
) -> Result<Pulled> {
    let pull_id = secret::random_text()?;
    let making = rows::Making {
        vault: tokens.records.vault,
        organization: tokens.records.organization,
        project: &request.project.id,
        record: &request.record,
        source,
        patient_id: &read.patient_id,
        text: request.text,
        pull_id: &pull_id,
        pulled_at: tokens.clock.now(),
        pulled_by: if request.system { "system account" } else { &request.user },
        rules: Rules {
            include_preliminary: source.policy.include_preliminary,
            now: moment(tokens.clock.now()),
        },
    };
    let rows = making.rows(plan, &read.patient, &read.resources, &mut report);
    if rows.len() > tokens.limits.rows {
        return Err(Error::new(Code::LimitExceeded).detail(format!("{} rows", rows.len())));
    }
    let coverage = making.coverage(plan, &report);
    let (project, record, days) = (&request.project.id, &request.record, tokens.limits.staged_days);
    let rows = stage::stage(&tokens.records, project, record, &rows, &coverage, days)?;
    Ok(Pulled { pull_id, patient_id: read.patient_id.clone(), rows, report })
}

/// Tells how a pull went: counts and names only.
pub fn tell(events: Events<'_>, source: &Source, pulled: &Result<Pulled>, milliseconds: &str) {
    let pulled = match pulled {
        Ok(pulled) => pulled,
        Err(error) => {
            let why = error.code().name();
            let fields = [("source", source.id.as_str()), ("error", why), ("milliseconds", milliseconds)];
            return events.tell(Level::Warning, "pull_failed", &fields);
        }
    };
    for (name, told) in &pulled.report.resources {
        let level = if told.status.is_fine() { Level::Info } else { Level::Warning };
        let (received, requests) = (told.received.to_string(), told.requests.to_string());
        let fields = [
            ("source", source.id.as_str()),
            ("type", name),
            ("status", told.status.name()),
            ("received", &received),
            ("requests", &requests),
        ];
        events.tell(level, "pull_resource", &fields);
    }
    let waiting = pulled.rows.iter().filter(|row| row.state == State::Pending).count().to_string();
    let rows = pulled.rows.len().to_string();
    events.tell(Level::Info, "staged", &[("rows", &rows), ("waiting", &waiting)]);
    let requests = pulled.report.requests.to_string();
    let complete = if pulled.report.is_complete() { "true" } else { "false" };
    let fields = [
        ("source", source.id.as_str()),
        ("rows", &rows),
        ("requests", &requests),
        ("complete", complete),
        ("milliseconds", milliseconds),
    ];
    events.tell(Level::Info, "pull_ended", &fields);
}
