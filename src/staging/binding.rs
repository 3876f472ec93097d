//! One record, one patient: the stored binding that ties a study record to its patient.
//!
//! Every pull, decision and hand-out reads the binding and writes it under its version, in the same batch as the rows. So when
//! two of them run at once, only one succeeds.

use super::{StagedRow, committed_pull::CommittedPull};
use crate::error::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The patient that a pull has verified, in the form in which bindings compare patients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedPatient {
    /// The id of the source.
    pub source: String,
    /// The FHIR version of the source: one patient may have different ids in DSTU2 and R4.
    pub fhir_version: String,
    /// The FHIR id of the patient.
    pub patient_id: String,
    /// Keyed hash of source, FHIR version and id.
    pub hash: String,
    /// Keyed hashes of the verified MRN, each together with its identifier system.
    pub mrns: BTreeSet<String>,
    /// The ids of the charts that this chart replaces according to the EHR, with their keyed hashes.
    pub replaces: Vec<(String, String)>,
}

/// The chart of a record's patient at one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// The id of the source.
    pub source: String,
    /// The FHIR version of the source.
    pub fhir_version: String,
    /// The FHIR id that was bound first. It is part of the stable keys, so that no value is offered as new after a merge of charts.
    pub first_id: String,
    /// Keyed hashes of the patient's ids: of the first chart, then of the charts that replaced it.
    pub hashes: Vec<String>,
}

/// The patient that a study record is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientBinding {
    /// The study record.
    pub record: String,
    /// Keyed hashes of all MRNs that pulls have verified.
    pub mrns: BTreeSet<String>,
    /// The patient's chart at each source.
    pub charts: Vec<Chart>,
    /// Committed pulls whose rows are not merged yet.
    pub committed: Vec<CommittedPull>,
}

impl PatientBinding {
    /// Whether the record is not bound to a patient.
    pub fn is_free(&self) -> bool {
        self.charts.is_empty()
    }

    /// The ids of the sources that have a chart of the patient.
    pub fn sources(&self) -> Vec<String> {
        let mut sources: Vec<String> = Vec::new();
        for chart in &self.charts {
            if !sources.contains(&chart.source) {
                sources.push(chart.source.clone());
            }
        }
        sources
    }

    /// The chart at the source of a patient.
    fn chart_of(&self, patient: &VerifiedPatient) -> Option<&Chart> {
        self.charts
            .iter()
            .find(|chart| chart.source == patient.source && chart.fhir_version == patient.fhir_version)
    }

    /// The keyed hashes of the patient's ids at its source.
    pub fn hashes_of(&self, patient: &VerifiedPatient) -> &[String] {
        self.chart_of(patient).map_or(&[], |chart| &chart.hashes)
    }

    /// The FHIR id that the stable keys of this patient's rows are made with.
    pub fn key_id<'a>(&'a self, patient: &'a VerifiedPatient) -> &'a str {
        if let Some(chart) = self.chart_of(patient) {
            return &chart.first_id;
        }
        &patient.patient_id
    }

    /// The binding with the chart of this patient added.
    ///
    /// A chart at another source is added when it has an MRN of the binding, so that DSTU2 and R4 of one hospital can be used
    /// for one record. A chart that replaced the bound one is added when the EHR links the two.
    ///
    /// # Errors
    /// [`Code::RecordBound`] for any other patient.
    pub fn join(&self, patient: &VerifiedPatient) -> Result<PatientBinding> {
        let mut joined = self.clone();
        match self.chart_of(patient) {
            Some(chart) if chart.hashes.last() == Some(&patient.hash) => {}
            Some(chart) => {
                let replaced = patient.replaces.iter().any(|(_, hash)| chart.hashes.contains(hash));
                // After the EHR has undone a merge, the patient has an earlier chart again.
                if !replaced && !chart.hashes.contains(&patient.hash) {
                    let shares_mrn = !self.mrns.is_disjoint(&patient.mrns);
                    return Err(if shares_mrn { bound_to_another_chart() } else { bound_to_another() });
                }
                for chart in joined.charts.iter_mut().filter(|other| *other == chart) {
                    chart.hashes.retain(|hash| *hash != patient.hash);
                    chart.hashes.push(patient.hash.clone());
                }
            }
            None if self.is_free() || !self.mrns.is_disjoint(&patient.mrns) => joined.charts.push(Chart {
                source: patient.source.clone(),
                fhir_version: patient.fhir_version.clone(),
                first_id: patient.patient_id.clone(),
                hashes: vec![patient.hash.clone()],
            }),
            None => return Err(bound_to_another()),
        }
        joined.mrns.extend(patient.mrns.iter().cloned());
        Ok(joined)
    }

    /// Checks that all rows are of the bound patient; without a binding, that they are of one patient.
    ///
    /// # Errors
    /// [`Code::RecordMixed`].
    pub fn check(&self, rows: &[&StagedRow]) -> Result<()> {
        let patients: BTreeSet<&str> =
            rows.iter().filter(|row| row.may_reach_record()).map(|row| row.patient.as_str()).collect();
        let bound: BTreeSet<&str> =
            self.charts.iter().flat_map(|chart| chart.hashes.iter().map(String::as_str)).collect();
        let mixed = if self.is_free() { patients.len() > 1 } else { !patients.is_subset(&bound) };
        if mixed { Err(mixed_record()) } else { Ok(()) }
    }

    /// Removes the patient. The binding stays in the store, because its version must never decrease.
    pub fn release(&mut self) {
        self.mrns.clear();
        self.charts.clear();
    }
}

/// The verified MRN is in another chart now, and the EHR does not link it with the chart of the record.
fn bound_to_another_chart() -> Error {
    Error::new(Code::RecordBound).hint(
        "The EHR now has this MRN in another chart, so the charts may have been merged. Ask the EHR team whether both charts \
         belong to this patient. If they do, take back the record's accepted values and clear its pending values \
         (clear_pending). Then pull again.",
    )
}

fn bound_to_another() -> Error {
    Error::new(Code::RecordBound).hint(
        "Check the MRN of the record. If its first MRN was wrong, take back the accepted values of the record and clear its \
         pending values (clear_pending). Then pull again.",
    )
}

fn mixed_record() -> Error {
    Error::new(Code::RecordMixed)
        .hint("Clear the record's values (clear_pending) and check its MRN. Then pull again.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::RowState;

    fn patient(source: &str, id: &str, mrns: &[&str], replaces: &[&str]) -> VerifiedPatient {
        let hash = |id: &str| format!("hash of {source} {id}");
        VerifiedPatient {
            source: source.to_owned(),
            fhir_version: "r4".to_owned(),
            patient_id: id.to_owned(),
            hash: hash(id),
            mrns: mrns.iter().map(|mrn| (*mrn).to_owned()).collect(),
            replaces: replaces.iter().map(|id| ((*id).to_owned(), hash(id))).collect(),
        }
    }

    fn bound(patients: &[VerifiedPatient]) -> PatientBinding {
        patients.iter().fold(PatientBinding::default(), |binding, patient| binding.join(patient).unwrap())
    }

    #[test]
    fn a_record_accepts_only_its_own_patient() {
        let a = patient("one", "a", &["1"], &[]);
        let binding = bound(std::slice::from_ref(&a));
        for (name, other, accepted) in [
            ("the same patient", a.clone(), true),
            ("the same chart with another MRN", patient("one", "a", &["2"], &[]), true),
            ("another patient", patient("one", "b", &["2"], &[]), false),
            ("another patient with the same MRN at the same source", patient("one", "b", &["1"], &[]), false),
            ("another source with the MRN", patient("two", "x", &["1"], &[]), true),
            ("another source with one of several MRNs", patient("two", "x", &["7", "1"], &[]), true),
            ("another source with another MRN", patient("two", "x", &["2"], &[]), false),
            ("another source without an MRN", patient("two", "x", &[], &[]), false),
            ("the chart that replaced it", patient("one", "b", &["2"], &["a"]), true),
            ("a chart that replaced a third one", patient("one", "b", &["2"], &["c"]), false),
        ] {
            let joined = binding.join(&other);
            assert_eq!(joined.is_ok(), accepted, "{name}");
            let code = joined.err().map(|error| error.code());
            assert_eq!(code, (!accepted).then_some(Code::RecordBound), "{name}");
        }
    }

    #[test]
    fn a_merge_keeps_the_keys_and_a_second_merge_follows_the_first() {
        let binding = bound(&[patient("one", "a", &["1"], &[]), patient("one", "b", &["2"], &["a"])]);
        let third = patient("one", "c", &["3"], &["b"]);
        let binding = binding.join(&third).unwrap();
        assert_eq!(binding.key_id(&third), "a");
        assert!(binding.join(&patient("one", "d", &["1"], &[])).is_err());
        assert!(binding.join(&patient("two", "x", &["2"], &[])).is_ok(), "the MRN of the chart between");
        assert!(binding.join(&patient("one", "a", &["1"], &[])).is_ok(), "the merge was undone");
    }

    #[test]
    fn rows_of_two_patients_are_a_mixed_record() {
        let row = |patient: &str, state: RowState| StagedRow {
            patient: patient.to_owned(),
            state,
            ..StagedRow::empty("k")
        };
        let binding = bound(&[patient("one", "a", &["1"], &[])]);
        let own = binding.charts[0].hashes[0].clone();
        for state in [RowState::Pending, RowState::Accepted, RowState::HandedOut, RowState::Saved] {
            let rows = [row(&own, state), row("another", state)];
            let both: Vec<&StagedRow> = rows.iter().collect();
            assert!(binding.check(&both[..1]).is_ok());
            assert_eq!(binding.check(&both).unwrap_err().code(), Code::RecordMixed);
            assert_eq!(binding.check(&both[1..]).unwrap_err().code(), Code::RecordMixed);
            let free = PatientBinding::default();
            assert!(free.check(&both[1..]).is_ok());
            assert_eq!(free.check(&both).unwrap_err().code(), Code::RecordMixed);
        }
        let rejected = row("another", RowState::Rejected);
        assert!(binding.check(&[&rejected]).is_ok(), "a rejected value never reaches the record");
    }
}
