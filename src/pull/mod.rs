//! The pull: mapping and patient to rows, with a report for each resource type.

pub mod find;
pub mod mapping;
pub mod plan;
pub mod report;
pub mod retrieve;
pub mod rows;
pub mod select;

use crate::{
    config::Environment,
    error::{Code, Error, Result},
    fhir::Json,
    fields::{Rules, TextMode, time::Offset},
    grant::{self, Grant, Holder, refresh::Tokens, token_endpoint::Ask},
    secret,
    source::Source,
    staging::{StagedRow, stage},
    store::records::Opened,
};
use jiff::civil::DateTime;
use mapping::Mapping;
use plan::{Plan, RecordDate};
use report::{Report, ResourceReport, Status};
use retrieve::Retrieval;
use std::time::Duration;

/// The project of the study that takes the values.
#[derive(Clone, Debug)]
pub struct Project {
    /// The host's name for it.
    pub id: String,
    /// Data of a source of a lesser environment do not enter it.
    pub environment: Environment,
}

/// What to pull for one study record.
#[derive(Clone, Debug)]
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
    let now = moment(tokens.clock.now());
    let mut report = Report { without_date: plan.without_date.clone(), ..Report::default() };
    report.tolerated.clone_from(&request.mapping.tolerated);
    for skipped in &plan.skipped {
        let reason = Some("the record has no date for its windows".to_owned());
        let told = ResourceReport { status: Status::Skipped, reason, ..ResourceReport::default() };
        report.resources.insert((*skipped).to_owned(), told);
    }
    let pull_id = secret::random_text()?;
    for candidate in candidates(tokens, source, &holder)? {
        let grant = tokens.usable(source, candidate, None)?;
        let bound_to = grant.value.patient.clone();
        let token = grant.value.access_token.clone();
        let mut current = grant;
        let mut refresh = |rejected: &secret::Secret| {
            current = tokens.usable(source, current.clone(), Some(rejected))?;
            Ok(current.value.access_token.clone())
        };
        let mut retrieval = Retrieval {
            source,
            session: tokens.network.session(Duration::from_secs(tokens.limits.pull_seconds))?,
            token,
            refresh: &mut refresh,
            limits: tokens.limits,
            report: &mut report,
        };
        let patient = match bound_to {
            Some(id) => find::of_launch(&mut retrieval, &id, &request.mrn, now)?,
            None => Some(find::by_mrn(&mut retrieval, &request.mrn, now)?),
        };
        let Some(patient) = patient else { continue };
        let id = patient.get("id").text().unwrap_or_default().to_owned();
        if request.launch_patient.as_ref().is_some_and(|launched| *launched != id) {
            let detail = "the patient of the EHR's chart is not the patient of this record";
            return Err(Error::new(Code::PatientMismatch).detail(detail));
        }
        let resources = retrieval.all(plan.searches(source, &id), &id)?;
        let sent = retrieval.session.sent();
        drop(retrieval);
        report.requests = sent;
        return finish(tokens, source, request, &plan, (pull_id, id), &patient, &resources, report);
    }
    Err(grant::not_found(source)
        .hint("the sign-ins of this user are for other patients; launch from this patient's chart"))
}

fn check(source: &Source, request: &PullRequest) -> Result<()> {
    let production = request.project.environment == Environment::Production;
    if production && source.environment != Environment::Production {
        let detail = format!("source {} is not a production source", source.id);
        return Err(Error::new(Code::EnvironmentMismatch).detail(detail));
    }
    for (what, text) in [("mrn", &request.mrn), ("record", &request.record), ("project", &request.project.id)]
    {
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(Error::new(Code::RequestInvalid)
                .detail(format!("{what} is empty or holds control characters")));
        }
    }
    if !request.system && request.user.is_empty() {
        return Err(Error::new(Code::RequestInvalid).detail("user is empty"));
    }
    Ok(())
}

/// The grants to try; the system account gets one when it has none.
fn candidates(tokens: &Tokens<'_>, source: &Source, holder: &Holder) -> Result<Vec<Opened<Grant>>> {
    let mut grants = grant::of_holder(&tokens.records, &source.id, holder)?;
    if grants.is_empty() && *holder == Holder::System {
        let registration = source.system_registration.as_ref().ok_or_else(|| {
            grant::not_found(source).hint("the source has no system_registration in the configuration")
        })?;
        let scopes = source.system_scopes();
        let answer = tokens.ask(source, registration, &Ask::ClientCredentials(&scopes))?;
        let grant = Grant::from_answer(source, Holder::System, &answer, &scopes, tokens.clock.now());
        grant::store(&tokens.records, &grant)?;
        grants = grant::of_holder(&tokens.records, &source.id, holder)?;
    }
    if grants.is_empty() { Err(grant::not_found(source)) } else { Ok(grants) }
}

#[allow(clippy::too_many_arguments, reason = "the last step of one function, cut off for length")]
fn finish(
    tokens: &Tokens<'_>,
    source: &Source,
    request: &PullRequest,
    plan: &Plan<'_>,
    (pull_id, patient_id): (String, String),
    patient: &Json,
    resources: &retrieve::Resources,
    mut report: Report,
) -> Result<Pulled> {
    let making = rows::Making {
        vault: tokens.records.vault,
        organization: tokens.records.organization,
        project: &request.project.id,
        record: &request.record,
        source,
        patient_id: &patient_id,
        text: request.text,
        pull_id: &pull_id,
        pulled_at: tokens.clock.now(),
        pulled_by: if request.system { "system account" } else { &request.user },
        rules: Rules {
            include_preliminary: source.policy.include_preliminary,
            now: moment(tokens.clock.now()),
        },
    };
    let rows = making.rows(plan, patient, resources, &mut report);
    if rows.len() > tokens.limits.rows {
        return Err(Error::new(Code::LimitExceeded).detail(format!("{} rows", rows.len())));
    }
    let coverage = making.coverage(plan, &report);
    let (project, record, days) = (&request.project.id, &request.record, tokens.limits.staged_days);
    let rows = stage::stage(&tokens.records, project, record, &rows, &coverage, days)?;
    Ok(Pulled { pull_id, patient_id, rows, report })
}

/// The clock's time as UTC digits.
fn moment(now: i64) -> DateTime {
    let timestamp = jiff::Timestamp::from_second(now).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(timestamp)
}
