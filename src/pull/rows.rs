//! From resources to rows: extraction, windows, preselection, stable keys.

use super::{
    plan::{Plan, Wanted},
    report::{Report, Status},
    retrieve::Resources,
    select::{self, Contest},
};
use crate::{
    fhir::Json,
    fields::{self, Rules, TextMode, Value},
    source::Source,
    staging::{StagedRow, State, stage::Coverage},
    vault::Vault,
};
use std::collections::{BTreeMap, BTreeSet};

/// For whom and from where rows are made.
pub struct Making<'a> {
    /// What makes keyed hashes.
    pub vault: &'a Vault,
    /// Whose rows.
    pub organization: &'a str,
    /// The project.
    pub project: &'a str,
    /// The study record.
    pub record: &'a str,
    /// The source.
    pub source: &'a Source,
    /// The patient's FHIR id.
    pub patient_id: &'a str,
    /// Which text.
    pub text: TextMode,
    /// The pull.
    pub pull_id: &'a str,
    /// When.
    pub pulled_at: i64,
    /// Whose sign-in.
    pub pulled_by: &'a str,
    /// What is taken.
    pub rules: Rules,
}

impl Making<'_> {
    /// The rows of a plan, in the mapping's order.
    pub fn rows(
        &self,
        plan: &Plan<'_>,
        patient: &Json,
        resources: &Resources,
        report: &mut Report,
    ) -> Vec<StagedRow> {
        let mut refused: BTreeSet<(&str, &str)> = BTreeSet::new();
        let values: Vec<Vec<Value>> = plan
            .wanted
            .iter()
            .map(|wanted| self.values(wanted, patient, resources, report, &mut refused))
            .collect();
        let mut rows: Vec<Vec<StagedRow>> = plan.wanted.iter().map(|_| Vec::new()).collect();
        let mut places: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (at, wanted) in plan.wanted.iter().enumerate() {
            places.entry((&wanted.line.event, &wanted.line.target)).or_default().push(at);
        }
        for lines in places.values() {
            let first = &plan.wanted[lines[0]];
            let mut together: Vec<(usize, &Value)> =
                lines.iter().flat_map(|at| values[*at].iter().map(move |value| (*at, value))).collect();
            together.sort_by(|a, b| select::order(a.1, b.1));
            let contest = Contest {
                preselect: first.line.preselect,
                anchor: first.anchor,
                values: together.iter().map(|(_, value)| *value).collect(),
                is_list: select::is_list(first.line),
            };
            let chosen = contest.preselected();
            for (position, (at, value)) in together.iter().enumerate() {
                let mut row = self.row(&plan.wanted[*at], value);
                row.preselected = chosen.contains(&position);
                row.position = u32::try_from(position).unwrap_or(u32::MAX);
                rows[*at].push(row);
            }
        }
        rows.into_iter().flatten().collect()
    }

    /// Which lines came completely, so that what did not come again is known to be gone.
    pub fn coverage(&self, plan: &Plan<'_>, report: &Report) -> Coverage {
        let complete = |resource_type: &str| {
            let told = report.resources.get(resource_type);
            resource_type == "Patient" || told.is_some_and(|told| told.status == Status::Complete)
        };
        let lines = plan.wanted.iter().map(|wanted| wanted.line);
        let lines = lines.filter(|line| complete(line.field.resource_type(self.source.fhir_version)));
        Coverage {
            lines: lines
                .map(|line| (line.event.clone(), line.target.clone(), line.field.name.clone()))
                .collect(),
            source_id: self.source.id.clone(),
            patient: self.patient_hash(),
        }
    }

    fn patient_hash(&self) -> String {
        let parts = [self.organization, &self.source.id, self.source.fhir_version.name(), self.patient_id];
        self.vault.index("patient", &parts)
    }

    fn values<'r>(
        &self,
        wanted: &Wanted<'_>,
        patient: &Json,
        resources: &'r Resources,
        report: &mut Report,
        refused: &mut BTreeSet<(&'r str, &'r str)>,
    ) -> Vec<Value> {
        let field = &wanted.line.field;
        let resource_type = field.resource_type(self.source.fhir_version);
        if resource_type == "Patient" {
            return fields::read(field, patient, &self.rules).unwrap_or_default();
        }
        let mut values = Vec::new();
        for ((kind, id), resource) in resources.iter().filter(|((kind, _), _)| kind == resource_type) {
            match fields::read(field, resource, &self.rules) {
                Ok(read) => {
                    values.extend(read.into_iter().filter(|value| select::in_window(value, wanted.window)))
                }
                // A resource counts once, however many lines ask for it.
                Err(why) if refused.insert((kind, id)) => {
                    report.resources.entry(kind.clone()).or_default().discard(why.name());
                }
                Err(_) => {}
            }
        }
        values
    }

    fn row(&self, wanted: &Wanted<'_>, value: &Value) -> StagedRow {
        let line = wanted.line;
        let exact_time = value.time.as_ref().map(|time| time.text.clone());
        let timestamp = match self.text {
            TextMode::Exact => exact_time.clone(),
            TextMode::Php14 => value.time.as_ref().map(fields::time::FhirTime::to_minutes),
        };
        let demographic = !line.field.is_temporal();
        StagedRow {
            key: self.stable_key(wanted, value),
            state: State::Pending,
            changed: false,
            patient: self.patient_hash(),
            record: self.record.to_owned(),
            event: line.event.clone(),
            field_name: line.target.clone(),
            field: line.field.name.clone(),
            value: value.text.in_mode(self.text).to_owned(),
            timestamp,
            code: value.code.clone(),
            code_system: value.code_system.clone(),
            display: if demographic { Some(line.field.label.clone()) } else { value.display.clone() },
            unit: value.unit.clone(),
            resource_type: value.resource_type.clone(),
            resource_id: value.resource_id.clone(),
            version_id: value.version_id.clone(),
            preselected: false,
            list: select::is_list(line),
            position: 0,
            source_id: self.source.id.clone(),
            pull_id: self.pull_id.to_owned(),
            pulled_at: self.pulled_at,
            pulled_by: self.pulled_by.to_owned(),
            save_id: None,
            fingerprint: self.vault.index(
                "value",
                &[
                    &value.text.exact,
                    exact_time.as_deref().unwrap_or_default(),
                    value.unit.as_deref().unwrap_or_default(),
                ],
            ),
        }
    }

    /// The value is not part of the key, so a corrected value shows as changed and not as new.
    fn stable_key(&self, wanted: &Wanted<'_>, value: &Value) -> String {
        let line = wanted.line;
        self.vault.index(
            "row",
            &[
                self.organization,
                self.project,
                self.record,
                &line.event,
                &line.target,
                &self.source.id,
                self.source.fhir_version.name(),
                self.patient_id,
                &value.resource_type,
                &value.resource_id,
                &line.field.name,
                &value.component,
            ],
        )
    }
}
