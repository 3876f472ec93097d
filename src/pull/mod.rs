//! The pull: mapping and patient to rows, with a report for each resource type.

pub mod extract;
pub mod ledger;
pub mod lookup;
pub mod mapping;
mod medications;
pub mod patient_search;
pub mod plan;
mod proof;
pub mod report;
pub mod retrieve;
mod with_grant;

use crate::{
    config::Environment,
    context::Context,
    error::{Code, Error, Result},
    fhir::{self, time::Offset},
    fields::{Rules, TextMode},
    grant::Holder,
    log::{Events, Level},
    secret,
    source::Source,
    staging::{
        StagedRow, State,
        binding::VerifiedPatient,
        commit,
        draft::{self, DraftWriter},
        record::StudyRows,
    },
};
use extract::{Extraction, RowBuilder};
use mapping::Mapping;
use patient_search::FoundPatient;
use plan::{Plan, RecordDate};
use report::{Report, ResourceReport};
use retrieve::Retrieval;
use with_grant::{Sought, moment};

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
    pub source: String,
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
    /// Name the resources that gave no row in the report, by their ids.
    pub explain: bool,
}

/// What a pull brought.
#[derive(Clone, Debug)]
pub struct PullResult {
    /// Names the pull.
    pub pull_id: String,
    /// The patient's FHIR id.
    pub patient_id: String,
    /// The rows, as they stand in the staging.
    pub rows: Vec<StagedRow>,
    /// What came and what did not.
    pub report: Report,
}

/// Seconds after its longest time for which the rows of a pull that never ended are kept.
const UNFINISHED_SECONDS: i64 = 3600;

/// How old a pull is that will not end any more, in seconds.
pub(crate) fn unfinished_seconds(pull_seconds: u64) -> i64 {
    i64::try_from(pull_seconds).unwrap_or(i64::MAX / 2).saturating_add(UNFINISHED_SECONDS)
}

/// Pulls and stages. Nothing is sent before the request was checked. Rows are stored while pages arrive, and none of them
/// is visible before the patient was verified and everything was read.
///
/// # Errors
/// [`Code::EnvironmentMismatch`], [`Code::RequestInvalid`], [`Code::GrantNotFound`], [`Code::RecordBound`] when the record
/// belongs to another patient, and those of the modules below.
pub fn pull(context: &Context<'_>, source: &Source, request: &PullRequest) -> Result<PullResult> {
    check(source, request)?;
    let plan = Plan::new(&request.mapping, &request.dates, request.offset, source.fhir_version);
    let holder = if request.system { Holder::System } else { Holder::User(request.user.clone()) };
    let mut report = Report { without_date: plan.without_date.clone(), ..Report::default() };
    report.warnings.clone_from(&request.mapping.warnings);
    for skipped in &plan.skipped {
        report.resources.insert((*skipped).to_owned(), ResourceReport::skipped());
    }
    let study = StudyRows {
        records: context.records,
        project: &request.project.id,
        record: &request.record,
        staged_days: context.limits.staged_days,
    };
    let unfinished = unfinished_seconds(context.limits.pull_seconds);
    draft::purge_unfinished(&context.records, &study.query(), study.staged_days, unfinished)?;
    let sought = Sought { mrn: Some(&request.mrn), id: request.launch_patient.as_deref() };
    let pulling = Pulling { context, source, request, plan: &plan, study };
    let pulled =
        with_grant::with_patient(context, source, &holder, sought, &mut report, |retrieval, patient| {
            pulling.stage(retrieval, &patient)
        })?;
    Ok(PullResult { report, ..pulled })
}

/// A pull of which the patient is known.
struct Pulling<'a> {
    context: &'a Context<'a>,
    source: &'a Source,
    request: &'a PullRequest,
    plan: &'a Plan<'a>,
    study: StudyRows<'a>,
}

impl Pulling<'_> {
    /// Reads everything about the patient into drafts, and commits them.
    fn stage(&self, retrieval: &mut Retrieval<'_>, found: &FoundPatient) -> Result<PullResult> {
        let patient = self.verified(found);
        // The record may be another patient's: then nothing more is read about this one.
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
            pulled_by: if self.request.system { "system account" } else { &self.request.user },
            rules: Rules { include_preliminary: self.source.policy.include_preliminary, now: moment(now) },
        };
        let drafts = DraftWriter::new(self.study, &pull_id);
        let limit = self.context.limits.rows;
        let mut extraction = Extraction::new(rows, self.plan, drafts, limit, self.request.explain);
        let staged = self.read(retrieval, found, &mut extraction).and_then(|()| {
            let result = extraction.finish(retrieval.report)?;
            commit::commit(&self.study, &patient, binding.key_id(&patient), result)
        });
        if staged.is_err() {
            extraction.discard();
        }
        let (rows, not_preselected) = staged?;
        retrieval.report.not_preselected = not_preselected;
        let (patient_id, report) = (found.id.clone(), Report::default());
        Ok(PullResult { rows, pull_id, patient_id, report })
    }

    fn read(
        &self,
        retrieval: &mut Retrieval<'_>,
        found: &FoundPatient,
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        extraction.arrive("Patient", &found.id, &found.resource)?;
        extraction.read("Patient", &found.id, &found.resource)?;
        retrieval.all(self.plan.searches(self.source, &found.id), &found.names(self.source), extraction)
    }

    /// The patient as the record's binding knows one.
    fn verified(&self, found: &FoundPatient) -> VerifiedPatient {
        let (vault, organization) = (self.context.records.vault, self.context.records.organization);
        let version = self.source.fhir_version.name();
        let hash = |id: &str| vault.index("patient", &[organization, &self.source.id, version, id]);
        let mrns = fhir::patient::identities(self.source, &found.resource, &self.request.mrn);
        VerifiedPatient {
            source: self.source.id.clone(),
            fhir_version: version.to_owned(),
            patient_id: found.id.clone(),
            hash: hash(&found.id),
            mrns: mrns
                .into_iter()
                .map(|(system, value)| vault.index("bound mrn", &[organization, &system, value]))
                .collect(),
            replaces: found.replaces.iter().map(|id| (id.clone(), hash(id))).collect(),
        }
    }
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

/// Tells how a pull went: counts and names only.
pub fn tell(events: Events<'_>, source: &Source, pulled: &Result<PullResult>, milliseconds: &str) {
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
