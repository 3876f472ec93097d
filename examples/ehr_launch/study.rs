//! The study: its patients, the pull into a record, the adjudication, and the saved record.

use crate::{Fatal, options::Options};
use fhir_ehr::{
    Anchor, Client, Code, Decisions, Environment, Error, Mapping, Offset, Project, PullReport, PullRequest,
    RecordDate, Result, RowState, SaveSet, SignIn, StagedRow, TextMode,
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
};

/// One patient of the study, with the date of the visit.
#[derive(Clone, Deserialize)]
pub(crate) struct Visit {
    /// The patient's FHIR id. A launch finds the record by it.
    id: String,
    /// The medical record number. A pull finds and verifies the patient by it.
    mrn: String,
    #[serde(default)]
    visit_date: Option<String>,
    /// The record's name in the study.
    pub(crate) record: String,
}

/// A saved record: event, field, value.
type Record = BTreeMap<String, BTreeMap<String, String>>;

/// The study.
pub(crate) struct Study {
    project: String,
    mapping: Mapping,
    visits: Vec<Visit>,
    offset: Offset,
    text: TextMode,
    folder: PathBuf,
}

impl Study {
    /// Reads the mapping and the patients.
    pub(crate) fn open(options: &Options, client: &Client) -> std::result::Result<Self, Fatal> {
        let csv = fs::read_to_string(&options.mapping)?;
        Ok(Study {
            project: options.project.clone(),
            mapping: client.mapping(&options.login.0, &options.project, &csv)?,
            visits: serde_json::from_str(&fs::read_to_string(&options.patient_file)?)?,
            offset: options.offset,
            text: options.text,
            folder: options.record_folder.clone(),
        })
    }

    /// The visit of the patient with this FHIR id.
    pub(crate) fn visit_of(&self, patient: &str) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.id == patient)
    }

    /// Pulls the patient's values. Returns the pending rows and the report.
    pub(crate) fn pull(
        &self,
        client: &Client,
        signed_in: &SignIn,
        visit: &Visit,
    ) -> Result<(Vec<StagedRow>, PullReport)> {
        let request = PullRequest {
            user: signed_in.user.clone(),
            system: false,
            source: signed_in.source.clone(),
            // The library refuses data from a sandbox for a production project.
            project: Project {
                id: self.project.clone(),
                environment: Environment::Sandbox,
                sources: None,
                system_account: false,
            },
            record: visit.record.clone(),
            mrn: visit.mrn.clone(),
            mapping: self.mapping.clone(),
            dates: visit_dates(visit)?,
            offset: self.offset,
            text: self.text,
            // The pull is refused if the record belongs to a patient other than the chart's.
            launch_patient: signed_in.context.patient.clone(),
            explain: false,
        };
        let report = client.pull(&request)?.report;
        Ok((self.pending(client, &signed_in.user, visit)?, report))
    }

    /// Saves the rows with these keys and leaves the others pending. Returns all these rows and the number of saved values.
    pub(crate) fn save(
        &self,
        client: &Client,
        user: &str,
        visit: &Visit,
        accept: &[String],
    ) -> Result<(Vec<StagedRow>, usize)> {
        // Read before the decision, because the library erases saved values.
        let rows = self.pending(client, user, visit)?;
        let decisions = Decisions { accept: accept.to_vec(), reject: Vec::new() };
        client.adjudicate(user, &self.project, &visit.record, &decisions)?;
        let set = client.values_to_save(user, &self.project, &visit.record)?;
        if set.save_id.is_empty() {
            return Ok((rows, 0));
        }
        if let Err(cause) = self.write(visit, &set) {
            // The values are handed out again at the next attempt.
            client.return_unsaved(&self.project, &visit.record, &set.save_id)?;
            return Err(Error::new(Code::StoreUnavailable)
                .detail(format!("the record file cannot be written: {}", cause.kind())));
        }
        client.confirm_saved(&self.project, &visit.record, &set.save_id)?;
        Ok((rows, set.values.len()))
    }

    fn pending(&self, client: &Client, user: &str, visit: &Visit) -> Result<Vec<StagedRow>> {
        let mut rows = client.staged(user, &self.project, Some(&visit.record))?;
        rows.retain(|row| row.state == RowState::Pending);
        Ok(rows)
    }

    /// Writes the values into the record's file. The old file is replaced only when the new one is complete.
    fn write(&self, visit: &Visit, set: &SaveSet) -> io::Result<()> {
        let file = self.folder.join(format!("{}.json", visit.record));
        let mut record: Record = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Record::default(),
            Err(error) => return Err(error),
        };
        if let (Some(field), Some(first)) = (&self.mapping.record_identifier, self.mapping.lines.first()) {
            record.entry(first.event.clone()).or_default().insert(field.clone(), visit.mrn.clone());
        }
        for value in &set.values {
            record
                .entry(value.event.clone())
                .or_default()
                .insert(value.study_field.clone(), value.value.clone());
        }
        let new = file.with_extension("json.new");
        let mut out = File::create(&new)?;
        out.write_all(&serde_json::to_vec_pretty(&record)?)?;
        out.sync_all()?;
        fs::rename(&new, &file)
    }
}

fn visit_dates(visit: &Visit) -> Result<Vec<RecordDate>> {
    let Some(date) = &visit.visit_date else { return Ok(Vec::new()) };
    let anchor = Anchor::parse(date)
        .ok_or_else(|| Error::new(Code::RequestInvalid).detail("visit_date is not a date"))?;
    Ok(vec![RecordDate { field: "visit_date".to_owned(), event: None, anchor }])
}
