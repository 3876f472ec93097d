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
    error::{Code, Error, Result, Retry},
    fhir::{self, Json},
    fields::{Rules, TextMode, time::Offset},
    grant::{self, Grant, Holder, refresh::Tokens, token_endpoint::Ask},
    log::{Events, Level},
    secret,
    source::Source,
    staging::{StagedRow, State, stage},
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
    let mut lost = None;
    for candidate in candidates(tokens, source, &holder)? {
        match read_with(tokens, source, request, &plan, candidate, &mut report) {
            Ok(Some(read)) => return finish(tokens, source, request, &plan, &read, report),
            Ok(None) => {}
            // This sign-in is of no use any more; another may be.
            Err(error) if error.code().retry() == Retry::AfterSignIn => lost = lost.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(lost.unwrap_or_else(|| {
        grant::not_found(source)
            .hint("the sign-ins of this user are for other patients; launch from this patient's chart")
    }))
}

/// What was read of the patient.
struct Read {
    patient_id: String,
    patient: Json,
    resources: retrieve::Resources,
}

/// Reads everything with one sign-in; `None` when that is for another patient.
fn read_with(
    tokens: &Tokens<'_>,
    source: &Source,
    request: &PullRequest,
    plan: &Plan<'_>,
    candidate: Opened<Grant>,
    report: &mut Report,
) -> Result<Option<Read>> {
    let wanted = grant::mrn_hash(&tokens.records, &source.id, &request.mrn);
    let known = &candidate.value.patient_mrns;
    let launched = request.launch_patient.as_ref();
    let other_chart = candidate.value.patient.is_some()
        && launched.is_some()
        && candidate.value.patient.as_ref() != launched;
    if other_chart || (!known.is_empty() && !known.contains(&wanted)) {
        return Ok(None);
    }
    let grant = tokens.usable(source, candidate, None)?;
    let token = grant.value.access_token.clone();
    let mut current = grant.clone();
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
        report,
        bytes: 0,
    };
    let read = read_patient(tokens, source, request, plan, &grant, &mut retrieval);
    let sent = retrieval.session.sent();
    drop(retrieval);
    report.requests += sent;
    report.explain_denials(&grant.value.scope);
    read
}

fn read_patient(
    tokens: &Tokens<'_>,
    source: &Source,
    request: &PullRequest,
    plan: &Plan<'_>,
    grant: &Opened<Grant>,
    retrieval: &mut Retrieval<'_>,
) -> Result<Option<Read>> {
    let now = moment(tokens.clock.now());
    let patient = match &grant.value.patient {
        None => find::by_mrn(retrieval, &request.mrn, now)?,
        Some(id) => {
            let patient = find::of_launch(retrieval, id)?;
            let hash = |mrn: &str| grant::mrn_hash(&tokens.records, &source.id, mrn);
            let mrns: Vec<String> =
                fhir::patient::mrns(source, &patient, now).into_iter().map(hash).collect();
            if grant.value.patient_mrns != mrns {
                grant::note_mrns(&tokens.records, grant, mrns)?;
            }
            if !fhir::patient::has_mrn(source, &patient, &request.mrn, now) {
                return Ok(None);
            }
            patient
        }
    };
    let patient_id = patient.get("id").text().unwrap_or_default().to_owned();
    if request.launch_patient.as_ref().is_some_and(|launched| *launched != patient_id) {
        let detail = "the patient of the EHR's chart is not the patient of this record";
        return Err(Error::new(Code::PatientMismatch).detail(detail));
    }
    let resources = retrieval.all(plan.searches(source, &patient_id), &patient_id)?;
    Ok(Some(Read { patient_id, patient, resources }))
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

/// The clock's time as UTC digits.
fn moment(now: i64) -> DateTime {
    let timestamp = jiff::Timestamp::from_second(now).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(timestamp)
}
