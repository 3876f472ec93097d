//! The pull: reads the mapped values of one patient into staged rows, and reports the result for each resource type.

pub mod extract;
pub mod ledger;
pub mod lookup;
pub mod mapping;
mod medication_place;
mod medications;
pub(crate) mod minimum_scopes;
pub mod patient_search;
pub mod plan;
mod proof;
pub mod report;
pub mod retrieval;
mod searches;
mod with_grant;

use crate::{
    config::Environment,
    context::Context,
    error::{Code, Error, Result},
    fhir::{self, time::Offset},
    fields::{Rules, TextMode},
    grant::Holder,
    log::{Event, Events},
    secret,
    source::Source,
    staging::{
        RowState, StagedRow,
        binding::VerifiedPatient,
        commit,
        draft::{self, DraftWriter},
        record::StudyRows,
    },
};
use extract::{Extraction, RowBuilder};
use mapping::Mapping;
use patient_search::PatientChart;
use plan::{Plan, RecordDate};
use report::{PullReport, ResourceReport};
use retrieval::Retrieval;
use std::time::Duration;
use with_grant::{PatientQuery, utc};

/// The study project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The host's name for the project.
    pub id: String,
    /// The environment of the project. A production project accepts data of production sources only.
    pub environment: Environment,
    /// The ids of the sources that the project may pull from. `None`: every source that its environment allows.
    pub sources: Option<Vec<String>>,
    /// Whether the project allows the system account. Without it, requests with `system` are refused.
    pub system_account: bool,
}

impl Project {
    /// Checks that the project may take data of a source, and use its system account if the request is to be sent with it.
    ///
    /// # Errors
    /// [`Code::EnvironmentMismatch`], [`Code::SourceNotOfProject`], [`Code::SystemAccountNotEnabled`].
    fn check_source(&self, source: &Source, system: bool) -> Result<()> {
        source.check_environment(self.environment)?;
        if self.sources.as_ref().is_some_and(|sources| !sources.contains(&source.id)) {
            return Err(Error::new(Code::SourceNotOfProject).detail(format!("source {}", source.id)));
        }
        if system && !self.system_account {
            return Err(Error::new(Code::SystemAccountNotEnabled)
                .detail(format!("source {}", source.id))
                .hint("Read with the user's own sign-in, or allow the system account for this project."));
        }
        Ok(())
    }
}

/// The request to pull for one study record. Not `Debug`: it identifies the patient.
#[derive(Clone)]
pub struct PullRequest {
    /// The user of the application.
    pub user: String,
    /// Whether to read with the system account of the source instead of the user's sign-in.
    pub system: bool,
    /// The id of the source.
    pub source: String,
    /// The project.
    pub project: Project,
    /// The study record.
    pub record: String,
    /// The MRN of the patient.
    pub mrn: String,
    /// The mapping.
    pub mapping: Mapping,
    /// The dates of the record for date windows.
    pub dates: Vec<RecordDate>,
    /// The days before and after these dates that a window includes.
    pub offset: Offset,
    /// The form of the texts of values.
    pub text: TextMode,
    /// The FHIR id of the patient in the EHR's chart, for a pull inside a launch. It must be the patient of the record.
    pub launch_patient: Option<String>,
    /// Whether the report names the ids of resources without a row.
    pub explain: bool,
}

/// The result of a pull.
#[derive(Clone, Debug)]
pub struct PullResult {
    /// The id of the pull.
    pub pull_id: String,
    /// The FHIR id of the patient.
    pub patient_id: String,
    /// The pulled rows, as they are staged now.
    pub rows: Vec<StagedRow>,
    /// For each resource type, what was received and what is missing.
    pub report: PullReport,
}

/// Pulls the values of a patient and stages them. The request is checked before anything is sent. Rows are stored while pages
/// arrive; they are visible after the patient was verified and everything was read.
///
/// # Errors
/// [`Code::EnvironmentMismatch`], [`Code::RequestInvalid`], [`Code::GrantNotFound`], [`Code::RecordBound`] when the record
/// belongs to another patient, and the errors of the token endpoint, the FHIR server and the store.
pub fn pull(context: &Context<'_>, source: &Source, request: &PullRequest) -> Result<PullResult> {
    check(source, request)?;
    let plan = Plan::new(&request.mapping, &request.dates, request.offset, source.fhir_version);
    let holder = if request.system { Holder::System } else { Holder::User(request.user.clone()) };
    let mut report = PullReport { without_date: plan.without_date.clone(), ..PullReport::default() };
    report.warnings.clone_from(&request.mapping.warnings);
    for skipped in &plan.skipped {
        report.resources.insert((*skipped).to_owned(), ResourceReport::skipped());
    }
    let study = StudyRows {
        store: context.records,
        project: &request.project.id,
        record: &request.record,
        staged_days: context.limits.staged_days,
    };
    draft::purge_unfinished(&context.records, &study.query(), context.limits)?;
    let query = PatientQuery { mrn: Some(&request.mrn), id: request.launch_patient.as_deref() };
    let pull = PatientPull { context, source, request, plan: &plan, study };
    let pulled =
        with_grant::with_patient(context, source, &holder, query, &mut report, |retrieval, patient| {
            pull.stage(retrieval, &patient)
        })?;
    Ok(PullResult { report, ..pulled })
}

/// One pull, with what it needs to stage its rows.
struct PatientPull<'a> {
    context: &'a Context<'a>,
    source: &'a Source,
    request: &'a PullRequest,
    plan: &'a Plan<'a>,
    study: StudyRows<'a>,
}

impl PatientPull<'_> {
    /// Reads everything about the patient into drafts, and commits them.
    fn stage(&self, retrieval: &mut Retrieval<'_>, chart: &PatientChart) -> Result<PullResult> {
        let patient = self.verified_patient(chart);
        // When the record is bound to another patient, no more data of this patient is read.
        let (binding, _) = self.study.binding()?;
        binding.join(&patient)?;
        let pull_id = secret::random_text()?;
        let now = self.context.clock.now();
        let rows = RowBuilder {
            vault: self.context.records.vault,
            organization: self.context.records.organization,
            project: &self.request.project.id,
            record: &self.request.record,
            source: self.source,
            patient: &patient,
            key_id: binding.key_id(&patient),
            text: self.request.text,
            pull_id: &pull_id,
            pulled_at: now,
            pulled_by: if self.request.system { SYSTEM_ACCOUNT } else { &self.request.user },
            rules: Rules { include_preliminary: self.source.policy.include_preliminary, now: utc(now) },
        };
        let drafts = DraftWriter::new(self.study, &pull_id);
        let limit = self.context.limits.rows;
        let mut extraction = Extraction::new(rows, self.plan, drafts, limit, self.request.explain);
        let staged = self.read(retrieval, chart, &mut extraction).and_then(|()| {
            let result = extraction.finish(retrieval.report)?;
            commit::commit(&self.study, &patient, binding.key_id(&patient), result)
        });
        if staged.is_err() {
            extraction.discard();
        }
        let (rows, not_preselected) = staged?;
        retrieval.report.not_preselected = not_preselected;
        let (patient_id, report) = (chart.id.clone(), PullReport::default());
        Ok(PullResult { rows, pull_id, patient_id, report })
    }

    fn read(
        &self,
        retrieval: &mut Retrieval<'_>,
        chart: &PatientChart,
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        extraction.register("Patient", &chart.id, &chart.resource)?;
        extraction.read("Patient", &chart.id, &chart.resource)?;
        let searches = self.plan.searches(self.source, &chart.id);
        searches::run(retrieval, searches, &chart.identifiers(self.source), extraction)
    }

    /// The patient in the form in which bindings compare patients.
    fn verified_patient(&self, chart: &PatientChart) -> VerifiedPatient {
        let (vault, organization) = (self.context.records.vault, self.context.records.organization);
        let version = self.source.fhir_version.name();
        // An MRN is unique within its organization only, whatever its identifier system.
        let owner = self.source.organization.as_str();
        let hash = |id: &str| vault.index("patient", &[organization, &self.source.id, version, id]);
        let mrns = fhir::patient::identities(self.source, &chart.resource, &self.request.mrn);
        VerifiedPatient {
            source: self.source.id.clone(),
            fhir_version: version.to_owned(),
            patient_id: chart.id.clone(),
            hash: hash(&chart.id),
            mrns: mrns
                .into_iter()
                .map(|(system, value)| vault.index("bound mrn", &[owner, &system, value]))
                .collect(),
            replaces: chart.replaces.iter().map(|id| (id.clone(), hash(id))).collect(),
        }
    }
}

fn check(source: &Source, request: &PullRequest) -> Result<()> {
    request.project.check_source(source, request.system)?;
    for (name, text) in [("mrn", &request.mrn), ("record", &request.record), ("project", &request.project.id)]
    {
        check_text(name, text)?;
    }
    check_user(request)
}

/// What a row that the system account brought has in `pulled_by`. No user may have this name, so that the mark is certain.
const SYSTEM_ACCOUNT: &str = "system account";

fn check_user(request: &PullRequest) -> Result<()> {
    match request.user.as_str() {
        _ if request.system => Ok(()),
        "" => Err(Error::new(Code::RequestInvalid).detail("user is empty")),
        SYSTEM_ACCOUNT => Err(Error::new(Code::RequestInvalid)
            .detail("the user has the name that marks rows of the system account")
            .hint("Pass another name for this user of the application, such as an id.")),
        _ => Ok(()),
    }
}

/// Checks that a text of a request is not empty and has no control characters.
fn check_text(name: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        let detail = format!("{name} is empty or contains control characters");
        return Err(Error::new(Code::RequestInvalid).detail(detail));
    }
    Ok(())
}

/// Logs how a pull ended.
pub fn log_result(events: Events<'_>, source: &Source, result: &Result<PullResult>, milliseconds: Duration) {
    let source = source.id.as_str();
    let result = match result {
        Ok(result) => result,
        Err(error) => {
            return events.log(Event::PullFailed { source, error: error.code().name(), milliseconds });
        }
    };
    for (resource_type, entry) in &result.report.resources {
        let (status, received, requests) = (entry.status.name(), entry.received, entry.requests);
        events.log(Event::PullResource { source, resource_type, status, received, requests });
    }
    let rows = result.rows.len();
    let waiting = result.rows.iter().filter(|row| row.state == RowState::Pending).count();
    events.log(Event::Staged { rows, waiting });
    let (requests, complete) = (result.report.requests, result.report.is_complete());
    events.log(Event::PullEnded { source, rows, requests, complete, milliseconds });
}
