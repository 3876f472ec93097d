//! Pulls, the review of staged rows, and the values to save.

use super::Client;
use crate::{
    access::Action,
    config::Environment,
    error::Result,
    log::Event,
    pull::{
        self, PullRequest, PullResult,
        lookup::{self, PatientRequest, PatientResult},
        mapping::Mapping,
    },
    staging::{
        StagedRow,
        adjudicate::{self, Decisions, SaveSet},
        damaged::{self, DamagedRow},
        project::StudyProject,
        record::StudyRows,
    },
};
use std::time::Instant;

impl Client {
    fn project<'c>(&'c self, project: &'c str) -> StudyProject<'c> {
        StudyProject { store: self.records(), project, staged_days: self.core.config.limits.staged_days }
    }

    fn study<'c>(&'c self, project: &'c str, record: &'c str) -> StudyRows<'c> {
        self.project(project).record(record)
    }

    /// Checks a mapping before it is used in a project. `csv` is its text.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::MappingInvalid`].
    pub fn mapping(&self, user: &str, project: &str, csv: &str) -> Result<Mapping> {
        self.require(user, project, Action::Map)?;
        Mapping::from_csv(csv)
    }

    /// Whether data of a source may enter a project of this environment. A production project accepts data of a production
    /// source only. A host asks this before it lists a project for a source's patient, and before it writes the patient into
    /// the project. [`Client::patient`] and [`Client::pull`] check the same rule. The call uses no hook, no store and no
    /// network.
    ///
    /// # Errors
    /// [`crate::Code::SourceNotFound`].
    pub fn source_may_serve(&self, source: &str, project: Environment) -> Result<bool> {
        Ok(self.core.sources.by_id(source)?.check_environment(project).is_ok())
    }

    /// Pulls a patient's values and stages them.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::SourceNotFound`], [`crate::Code::EnvironmentMismatch`], [`crate::Code::RequestInvalid`],
    /// [`crate::Code::GrantNotFound`], [`crate::Code::RecordBound`] if the record belongs to another patient,
    /// [`crate::Code::ScopeNotGranted`] if the scopes exclude the Patient, and the errors of the token endpoint, the FHIR server, the
    /// patient search and the store. After an error, nothing is staged.
    pub fn pull(&self, request: &PullRequest) -> Result<PullResult> {
        self.require(&request.user, &request.project.id, Action::Pull)?;
        let source = self.core.sources.by_id(&request.source)?;
        self.events().log(Event::PullStarted { source: &source.id });
        let began = Instant::now();
        let pulled = pull::pull(&self.context(), source, request);
        pull::log_result(self.events(), source, &pulled, began.elapsed());
        pulled
    }

    /// Looks up one patient: the FHIR id, the MRNs and some demographic fields, for a banner or to find the study record.
    /// The library stores none of them.
    ///
    /// With a project, the access hook is asked for [`Action::Pull`] in it. Without a project, for a patient by id, it is
    /// asked for [`Action::Launch`].
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::SourceNotFound`], [`crate::Code::EnvironmentMismatch`], [`crate::Code::RequestInvalid`],
    /// [`crate::Code::GrantNotFound`], and the errors of the token endpoint, the FHIR server and the patient search.
    pub fn patient(&self, request: &PatientRequest) -> Result<PatientResult> {
        let (project, action) = request.required_access();
        self.require(&request.user, project, action)?;
        let source = self.core.sources.by_id(&request.source)?;
        let began = Instant::now();
        let found = lookup::look_up(&self.context(), source, request);
        lookup::log_result(self.events(), source, &found, began.elapsed());
        found
    }

    /// The rows of one record or of the whole project that are not saved or rejected yet, ordered by record, event, field and
    /// time. [`StagedRow::ehr_state`] is what the last pull found about the value.
    ///
    /// For a project, the list leaves out records that hold two patients, and records with a row that cannot be decrypted.
    /// The events `record_mixed` and `row_damaged` have their numbers, and [`Client::damaged`] lists the damaged rows.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::VaultKeyMissing`], the store's errors; for one record also [`crate::Code::RecordMixed`] and
    /// [`crate::Code::RowDamaged`].
    pub fn staged(&self, user: &str, project: &str, record: Option<&str>) -> Result<Vec<StagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        let rows = match record {
            Some(record) => self.study(project, record).checked_view()?.into_rows(),
            None => {
                let found = self.project(project).rows()?;
                if found.mixed > 0 {
                    self.events().log(Event::RecordMixed { records: found.mixed });
                }
                if found.damaged > 0 {
                    self.events().log(Event::RowDamaged { records: found.damaged });
                }
                found.rows
            }
        };
        Ok(sort_for_display(rows.into_iter().filter(StagedRow::is_open).collect()))
    }

    /// The rows of a record that were saved or rejected, in the order of [`Client::staged`]. Their values are erased, except
    /// for saved entries of lists. [`StagedRow::ehr_state`] is what the last pull found about the value; see
    /// [`Client::remove_saved`].
    ///
    /// # Errors
    /// As [`Client::staged`].
    pub fn decided(&self, user: &str, project: &str, record: &str) -> Result<Vec<StagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        let rows = self.study(project, record).checked_view()?.into_rows();
        Ok(sort_for_display(rows.into_iter().filter(|row| !row.is_open()).collect()))
    }

    /// The ids of the sources that have the chart of the record's patient, in the order in which they were first used; empty
    /// for a record without a patient. If a project may pull from several sources, the host pulls from these again and asks
    /// the user only for a record without a patient.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::RowDamaged`], and the errors of the store and the vault.
    pub fn record_sources(&self, user: &str, project: &str, record: &str) -> Result<Vec<String>> {
        self.require(user, project, Action::Pull)?;
        let (binding, _) = self.study(project, record).binding()?;
        Ok(binding.sources())
    }

    /// Stores a user's decisions on a record's rows, all of them or none. Returns the number of decisions.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::RowNotFound`], [`crate::Code::AdjudicationAmbiguous`],
    /// [`crate::Code::RowConflict`], [`crate::Code::RecordMixed`].
    pub fn adjudicate(
        &self,
        user: &str,
        project: &str,
        record: &str,
        decisions: &Decisions,
    ) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = adjudicate::decide(&self.study(project, record), decisions)?;
        let (accepted, rejected) = (decisions.accept.len(), decisions.reject.len());
        self.events().log(Event::Adjudicated { accepted, rejected });
        Ok(count)
    }

    /// Reverts acceptances whose values were not handed out yet, and removals ([`Client::remove_saved`]). Returns the number
    /// of rows.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::RowNotFound`], [`crate::Code::RowConflict`], [`crate::Code::RecordMixed`].
    pub fn reopen(&self, user: &str, project: &str, record: &str, keys: &[String]) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        adjudicate::reopen(&self.study(project, record), keys)
    }

    /// Requests that saved values are removed from the study record. `keys` are keys of saved rows, such as entries of lists.
    /// The next [`Client::values_to_save`] hands out their study fields without them: a list without the entry, or an empty
    /// value. After [`Client::confirm_saved`], the rows are rejected, and later pulls do not stage the values again. Returns
    /// the number of rows.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::RowNotFound`], [`crate::Code::AdjudicationAmbiguous`], [`crate::Code::RowConflict`],
    /// [`crate::Code::RecordMixed`].
    pub fn remove_saved(&self, user: &str, project: &str, record: &str, keys: &[String]) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = adjudicate::request_removal(&self.study(project, record), keys)?;
        self.events().log(Event::RemovalRequested { rows: count });
        Ok(count)
    }

    /// Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected. Returns the number of
    /// rows. If no value of the record is saved, accepted or handed out, the next pull may be for another patient. If the
    /// record holds two patients, accepted values that were not handed out are deleted too.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::RowConflict`], and the store's errors.
    pub fn clear_pending(&self, user: &str, project: &str, record: &str) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = adjudicate::clear_pending(&self.study(project, record))?;
        self.events().log(Event::PendingCleared { rows: count });
        Ok(count)
    }

    /// The stored rows of a project that cannot be decrypted although their key is in the key ring, because they were changed
    /// or moved in the store. Until [`Client::remove_damaged`] is called, the rows of their records cannot be shown, pulled
    /// or saved.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::VaultKeyMissing`], and the store's errors.
    pub fn damaged(&self, user: &str, project: &str) -> Result<Vec<DamagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        damaged::find(self.project(project))
    }

    /// Deletes the rows of [`Client::damaged`] of one record or of the whole project. Returns the number of rows. The
    /// decisions in the deleted rows are lost, and the next pull stages their values as new. If the record's binding to its
    /// patient is damaged, it is deleted too.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::VaultKeyMissing`], the store's errors; [`crate::Code::VaultOpenFailed`] if a key decrypts no
    /// row of the project. The key is wrong then, and nothing is deleted.
    pub fn remove_damaged(&self, user: &str, project: &str, record: Option<&str>) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = damaged::remove(self.project(project), record)?;
        self.events().log(Event::DamagedRemoved { rows: count });
        Ok(count)
    }

    /// The accepted values of a record, for saving. Each value is handed out once. The host saves the values, then calls
    /// [`Client::confirm_saved`]. If it cannot save them, it calls [`Client::return_unsaved`], and they are handed out again.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::RowConflict`], [`crate::Code::RecordMixed`].
    pub fn values_to_save(&self, user: &str, project: &str, record: &str) -> Result<SaveSet> {
        self.require(user, project, Action::Adjudicate)?;
        adjudicate::hand_out(&self.study(project, record))
    }

    /// Confirms that the host has saved a set. Its values are erased, and later pulls do not stage them again. Returns the
    /// number of rows. The access hook is not asked: the `save_id` proves that the set was handed out to this host. The empty
    /// id of a set without values is allowed, and the number is 0.
    ///
    /// # Errors
    /// [`crate::Code::SaveNotFound`], [`crate::Code::RowConflict`].
    pub fn confirm_saved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        self.check_index_key_once()?;
        adjudicate::confirm_saved(&self.study(project, record), save_id)
    }

    /// Returns a set that the host could not save. Its values will be handed out again. Returns the number of rows.
    ///
    /// # Errors
    /// [`crate::Code::SaveNotFound`], [`crate::Code::RowConflict`].
    pub fn return_unsaved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        self.check_index_key_once()?;
        adjudicate::return_unsaved(&self.study(project, record), save_id)
    }
}

/// Sorts rows by record, event, study field, position and key.
fn sort_for_display(mut rows: Vec<StagedRow>) -> Vec<StagedRow> {
    rows.sort_by(|a, b| {
        (&a.record, &a.event, &a.study_field, a.position, &a.key).cmp(&(
            &b.record,
            &b.event,
            &b.study_field,
            b.position,
            &b.key,
        ))
    });
    rows
}
