//! Makes rows from resources. Each resource is read once, when it is received, and its rows are stored as drafts.

use super::{
    ledger::{self, Ledger, NoRowReason, Occurrence, RowResult},
    mapping::MappingLine,
    plan::{Plan, PlannedField},
    report::{PullReport, ResourceStatus},
};
use crate::{
    error::{Code, Error, Result},
    fhir::{
        Json,
        time::{FhirTime, Window},
    },
    fields::{self, DiscardReason, Reader, Rules, Text, TextMode, Value, unit},
    source::Source,
    staging::{
        EhrState, RowState, StagedRow,
        binding::VerifiedPatient,
        candidate::Candidate,
        commit::CommitRequest,
        committed_pull::CommittedLine,
        draft::{Draft, DraftWriter, ResourceVersion},
    },
    vault::Vault,
};
use std::collections::BTreeSet;

/// Makes rows. Its fields are the same for all rows of the pull.
pub struct RowBuilder<'a> {
    /// The vault, for keyed hashes.
    pub vault: &'a Vault,
    /// The organization of the configuration.
    pub organization: &'a str,
    /// The id of the project.
    pub project: &'a str,
    /// The study record.
    pub record: &'a str,
    /// The source.
    pub source: &'a Source,
    /// The patient.
    pub patient: &'a VerifiedPatient,
    /// The FHIR id in stable keys: the id of the chart to which the record was bound first.
    pub key_id: &'a str,
    /// The form of the texts of values.
    pub text: TextMode,
    /// The id of the pull.
    pub pull_id: &'a str,
    /// The time of the pull, in seconds since 1970.
    pub pulled_at: i64,
    /// The user whose sign-in is used, or `system account`.
    pub pulled_by: &'a str,
    /// The rules for using a resource.
    pub rules: Rules,
}

/// The extraction of rows from the resources of one pull.
pub struct Extraction<'a> {
    rows: RowBuilder<'a>,
    plan: &'a Plan<'a>,
    ledger: Ledger,
    drafts: DraftWriter<'a>,
    /// The most resources, and the most rows.
    limit: usize,
    /// How many rows were made.
    row_count: usize,
    /// The bytes of the values of all rows so far.
    bytes: usize,
}

/// The most bytes of one value. A longer value does not fit into a study field: REDCap stores values in a TEXT column of MySQL,
/// which ends here.
const LONGEST_VALUE_BYTES: usize = 65_535;

/// The most bytes of the values of all rows of a pull, which are in memory together when the pull returns them.
const VALUE_BYTES: usize = 16 * 1024 * 1024;

/// The bytes of the texts of a value.
fn value_bytes(value: &Value) -> usize {
    let others = [&value.code, &value.code_system, &value.display, &value.unit];
    value.text.exact.len() + others.into_iter().flatten().map(String::len).sum::<usize>()
}

/// Checks that a value is in a window. Without a window every value is accepted. A value without a time is not in a window.
fn in_window(value: &Value, window: Option<Window>) -> RowResult {
    match (window, &value.time) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(NoRowReason::WithoutTime),
        (Some(window), Some(time)) if time.overlaps(window.from, window.to) => Ok(()),
        _ => Err(NoRowReason::OutsideWindow),
    }
}

/// Checks that a value is in the window of its mapping line and fits into a study field.
fn check_value(value: &Value, window: Option<Window>) -> RowResult {
    in_window(value, window)?;
    if value_bytes(value) > LONGEST_VALUE_BYTES { Err(NoRowReason::TooLong) } else { Ok(()) }
}

impl<'a> Extraction<'a> {
    /// An extraction into drafts. With `keep_ids`, the report names the ids of resources without a row.
    pub fn new(
        rows: RowBuilder<'a>,
        plan: &'a Plan<'a>,
        drafts: DraftWriter<'a>,
        limit: usize,
        keep_ids: bool,
    ) -> Self {
        Extraction { rows, plan, ledger: Ledger::new(keep_ids), drafts, limit, row_count: 0, bytes: 0 }
    }

    /// Registers a received resource.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`].
    pub fn register(&mut self, resource_type: &'static str, id: &str, resource: &Json) -> Result<Occurrence> {
        let (version, content) = (ledger::version_of(resource), ledger::content_hash(resource));
        self.ledger.register(resource_type, id, version, content, self.limit)
    }

    /// Registers a resource that cannot be used.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`].
    pub fn register_unusable(&mut self, resource_type: &'static str, reason: NoRowReason) -> Result<()> {
        self.ledger.register_unusable(resource_type, reason, self.limit)
    }

    /// Whether no later version of a registered resource was received.
    pub fn is_current(&self, resource_type: &str, id: &str, version: ResourceVersion) -> bool {
        self.ledger.latest_version(resource_type, id) == Some(version)
    }

    /// Whether a prescription may give a row, at least when its medication is known.
    pub fn may_give_row(&self, resource_type: &str, resource: &Json) -> bool {
        let version = self.rows.source.fhir_version;
        let of_type = self.plan.fields.iter().filter(|one| one.resource_type(version) == resource_type);
        of_type.map(|one| fields::read(&one.line.source_field, resource, &self.rows.rules)).any(|read| {
            match read {
                Ok(values) => !values.is_empty(),
                Err(why) => why == DiscardReason::NoMedication,
            }
        })
    }

    /// Makes the rows of a registered resource, for every mapping line of its type.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`], and the store's.
    pub fn read(&mut self, resource_type: &'static str, id: &str, resource: &Json) -> Result<()> {
        let resource_version = ledger::version_of(resource);
        // The values that this resource gave for a study field: a value with the codes of two lines is one candidate.
        let mut used: BTreeSet<(&str, &str, usize)> = BTreeSet::new();
        let mut result: RowResult = Err(NoRowReason::NotMapped);
        let (plan, version) = (self.plan, self.rows.source.fhir_version);
        for planned in plan.fields.iter().filter(|planned| planned.resource_type(version) == resource_type) {
            let line = planned.line;
            let values = match fields::read(&line.source_field, resource, &self.rows.rules) {
                Ok(values) => values,
                Err(why) => {
                    result = with_reason(result, why.into());
                    continue;
                }
            };
            for value in values {
                let value = self.rows.at_site(value);
                if let Err(reason) = check_value(&value, planned.window) {
                    result = with_reason(result, reason);
                    continue;
                }
                result = Ok(());
                let is_new = !line.source_field.is_measured()
                    || used.insert((&line.event, &line.study_field, value.position));
                if is_new {
                    self.add_row(planned, value, resource_version)?;
                }
            }
        }
        self.ledger.set_result(resource_type, id, result);
        Ok(())
    }

    /// Makes a row of a value, and adds it to the drafts.
    fn add_row(&mut self, planned: &PlannedField<'_>, value: Value, version: ResourceVersion) -> Result<()> {
        self.count(value_bytes(&value))?;
        let (value, original) = self.rows.in_unit_of(planned.line, value);
        let candidate = Candidate {
            required_unit: planned.line.unit.clone(),
            field: (planned.line.source_field.name.clone(), value.code.clone()),
            ..Candidate::from(&value)
        };
        let row = self.rows.row(planned, &value, original.as_ref());
        self.drafts.add(Draft { row, candidate, version })
    }

    /// Counts a row, and checks the limits of a pull.
    fn count(&mut self, bytes: usize) -> Result<()> {
        self.row_count += 1;
        self.bytes += bytes;
        let detail = if self.row_count > self.limit {
            format!("{} rows", self.limit)
        } else if self.bytes > VALUE_BYTES {
            format!("{VALUE_BYTES} bytes of values")
        } else {
            return Ok(());
        };
        Err(Error::new(Code::LimitExceeded).detail(detail))
    }

    /// Ends the drafts, writes the counts into the report, and returns what has to be committed.
    ///
    /// # Errors
    /// The store's.
    pub fn finish(&mut self, report: &mut PullReport) -> Result<CommitRequest> {
        if self.ledger.has_superseded() {
            let ledger = &self.ledger;
            self.drafts.drop_superseded(|row| ledger.latest_version(&row.resource_type, &row.resource_id))?;
        }
        let drafts = self.drafts.finish(self.ledger.received())?;
        std::mem::take(&mut self.ledger).fill(report);
        let lines = self.plan.fields.iter().map(|planned| self.line(planned, report)).collect();
        Ok(CommitRequest { pull_id: self.rows.pull_id.to_owned(), lines, drafts })
    }

    /// Deletes the drafts of a pull that failed.
    pub fn discard(&mut self) {
        self.drafts.discard();
    }

    fn line(&self, planned: &PlannedField<'_>, report: &PullReport) -> CommittedLine {
        let resource_type = planned.resource_type(self.rows.source.fhir_version);
        let entry = report.resources.get(resource_type);
        CommittedLine {
            event: planned.line.event.clone(),
            study_field: planned.line.study_field.clone(),
            source_field: planned.line.source_field.name.clone(),
            complete: entry.is_some_and(|entry| entry.status == ResourceStatus::Complete),
            window: self.rows.window(planned),
            preselect: planned.line.preselect,
            anchor: planned.anchor,
            list: is_list(planned),
        }
    }
}

/// The result of a resource after one more reason why a line gives no row.
fn with_reason(result: RowResult, reason: NoRowReason) -> RowResult {
    result.map_err(|before| before.max(reason))
}

/// Whether the values of a line are the entries of a list.
fn is_list(planned: &PlannedField<'_>) -> bool {
    matches!(planned.line.source_field.reader, Reader::List(_))
}

impl RowBuilder<'_> {
    /// The value with its time by the wall clock of the site.
    fn at_site(&self, value: Value) -> Value {
        match (&self.source.time_zone, value.time) {
            (Some(zone), Some(time)) => Value { time: Some(time.at_site(zone)), ..value },
            (_, time) => Value { time, ..value },
        }
    }

    /// The value in the unit that its mapping line requires, and the value as sent when it was converted.
    fn in_unit_of(&self, line: &MappingLine, value: Value) -> (Value, Option<Value>) {
        let converted = match (&line.unit, &value.number, &value.compared_unit) {
            (Some(unit), Some(number), Some(from)) if self.source.policy.convert_units => {
                unit::convert(number, from, unit).map(|number| (number, unit.clone()))
            }
            _ => None,
        };
        let Some((number, unit)) = converted else { return (value, None) };
        let shown = Value {
            text: Text::number(&number),
            number: Some(number),
            compared_unit: Some(unit.clone()),
            unit: Some(unit),
            ..value.clone()
        };
        (shown, Some(value))
    }

    fn row(&self, planned: &PlannedField<'_>, value: &Value, original: Option<&Value>) -> StagedRow {
        let line = planned.line;
        let timestamp = match self.text {
            TextMode::Exact => value.time.as_ref().map(|time| time.shown.clone()),
            TextMode::Php14 => value.time.as_ref().map(FhirTime::to_minutes),
        };
        let demographic = !line.source_field.is_temporal();
        StagedRow {
            key: self.stable_key(planned, value),
            state: RowState::Pending,
            changed: false,
            patient: self.patient.hash.clone(),
            record: self.record.to_owned(),
            event: line.event.clone(),
            study_field: line.study_field.clone(),
            source_field: line.source_field.name.clone(),
            value: value.text.in_mode(self.text).to_owned(),
            timestamp,
            code: value.code.clone(),
            code_system: value.code_system.clone(),
            display: if demographic { Some(line.source_field.label.clone()) } else { value.display.clone() },
            unit: value.unit.clone(),
            resource_type: value.resource_type.clone(),
            resource_id: value.resource_id.clone(),
            version_id: value.version_id.clone(),
            preselected: false,
            list: is_list(planned),
            position: 0,
            source: self.source.id.clone(),
            pull_id: self.pull_id.to_owned(),
            pulled_at: self.pulled_at,
            pulled_by: self.pulled_by.to_owned(),
            save_id: None,
            fingerprint: self.fingerprint(value, original),
            ehr_state: EhrState::Current,
            removing: false,
            window: self.window(planned),
            resource_status: value.status.clone(),
            time_sent: value.time.as_ref().map(|time| time.text.clone()),
            original_value: original.map(|sent| sent.text.in_mode(self.text).to_owned()),
            original_unit: original.and_then(|sent| sent.unit.clone()),
        }
    }

    /// The keyed hash of the value as sent and of the converted value: a decision on one is not a decision on the other. The site's
    /// time is not part of it, so another time zone of the source changes no row.
    fn fingerprint(&self, value: &Value, original: Option<&Value>) -> String {
        let sent = original.unwrap_or(value);
        let time = sent.time.as_ref().map_or("", |time| time.text.as_str());
        let mut parts = vec![sent.text.exact.as_str(), time, sent.unit.as_deref().unwrap_or_default()];
        if original.is_some() {
            parts.extend([value.text.exact.as_str(), value.unit.as_deref().unwrap_or_default()]);
        }
        self.vault.index("value", &parts)
    }

    /// The stable key of a row. The value is not part of it, so a corrected value is shown as changed and not as new.
    fn stable_key(&self, planned: &PlannedField<'_>, value: &Value) -> String {
        let line = planned.line;
        // The id of the Patient changes when charts are merged.
        let of_patient = value.resource_type == "Patient";
        let resource_id = if of_patient { self.key_id } else { &value.resource_id };
        self.vault.index(
            "row",
            &[
                self.organization,
                self.project,
                self.record,
                &line.event,
                &line.study_field,
                &self.source.id,
                self.source.fhir_version.name(),
                self.key_id,
                &value.resource_type,
                resource_id,
                &line.source_field.name,
                &value.component,
            ],
        )
    }

    /// The keyed hash of the window of a line. A row keeps it after its value is erased, and it does not show the dates.
    fn window(&self, planned: &PlannedField<'_>) -> String {
        planned.window.map_or_else(String::new, |window| {
            self.vault.index("window", &[&window.from.to_string(), &window.to.to_string()])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_a_window_if_its_time_overlaps() {
        let window =
            |from: &str, to: &str| Some(Window { from: from.parse().unwrap(), to: to.parse().unwrap() });
        let json = Json::parse(
            r#"{"resourceType": "Observation", "id": "o", "status": "final", "code": {"coding": [{"code": "1-1"}]},
                "effectiveDateTime": "2020-01", "valueInteger": 1}"#,
        );
        let rules = Rules { include_preliminary: false, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };
        let field = fields::catalog::field("1-1").unwrap();
        let value = fields::read(&field, &json.unwrap(), &rules).unwrap().remove(0);
        assert_eq!(in_window(&value, window("2020-01-31T00:00", "2020-02-10T00:00")), Ok(()));
        let outside = in_window(&value, window("2020-02-01T00:00", "2020-02-10T00:00"));
        assert_eq!(outside, Err(NoRowReason::OutsideWindow));
        let timeless = Value { time: None, ..value };
        assert_eq!(in_window(&timeless, None), Ok(()));
        let without = in_window(&timeless, window("2020-01-31T00:00", "2020-02-10T00:00"));
        assert_eq!(without, Err(NoRowReason::WithoutTime));
    }

    #[test]
    fn the_greatest_reason_counts_unless_there_is_a_row() {
        let one = with_reason(Err(NoRowReason::NotMapped), NoRowReason::OutsideWindow);
        assert_eq!(one, Err(NoRowReason::OutsideWindow));
        assert_eq!(with_reason(one, NoRowReason::EnteredInError), Err(NoRowReason::EnteredInError));
        assert_eq!(with_reason(Ok(()), NoRowReason::EnteredInError), Ok(()));
    }
}
