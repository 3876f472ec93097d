//! Tries the grants of a user or of the system account until one of them can read the patient.

use super::{
    patient_search::{self, PatientChart},
    report::PullReport,
    retrieval::{RefreshedToken, Retrieval},
};
use crate::{
    context::Context,
    error::{Code, Error, Result, Retry, Stage},
    fhir,
    grant::{self, Grant, GrantSet, Holder, TokenClient},
    net::TlsIdentity,
    scope::ScopeSet,
    secret,
    source::{Phase, Source},
    store::sealed_store::DecryptedRecord,
};
use jiff::civil::DateTime;
use std::time::Duration;

/// The patient to find: by MRN, by FHIR id, or by both. Both must then name one patient.
#[derive(Clone, Copy)]
pub(super) struct PatientQuery<'a> {
    pub(super) mrn: Option<&'a str>,
    pub(super) id: Option<&'a str>,
}

/// The result of one grant.
enum Attempt<T> {
    /// It read the patient.
    Read(T),
    /// The grant is for another patient.
    OtherPatient,
    /// It did not read the patient. Another grant may.
    Failed {
        error: Error,
        /// The patient of the grant, as known before the attempt.
        patient: GrantPatient,
    },
}

/// Whose patient a grant is for, compared with the patient to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GrantPatient {
    /// The patient to find, or all patients.
    Requested,
    /// Another patient.
    Other,
    /// One patient. The EHR must be asked whether it is the patient to find.
    Unknown,
}

/// The patient that a grant is for, as far as it is known without opening a chart. `mrn_hash` is the keyed hash of the requested
/// MRN, and `id` the requested FHIR id.
fn patient_of_grant(grant: &Grant, mrn_hash: Option<&str>, id: Option<&str>) -> GrantPatient {
    let Some(patient) = grant.patient.as_deref() else { return GrantPatient::Requested };
    let has_id = id.map(|id| patient == id);
    let has_mrn = mrn_hash
        .filter(|_| !grant.patient_mrns.is_empty())
        .map(|hash| grant.patient_mrns.iter().any(|known| known == hash));
    match (has_id, has_mrn) {
        (Some(false), _) | (_, Some(false)) => GrantPatient::Other,
        (None, None) => GrantPatient::Unknown,
        _ => GrantPatient::Requested,
    }
}

/// Whether another grant may read the patient after an error of this grant. After an error of the store no grant does. The EHR
/// gives the same answer to every grant for all patients.
fn may_try_next_grant(error: &Error, grant: &Grant) -> bool {
    let code = error.code();
    match code.stage() {
        Stage::Store | Stage::Staging | Stage::Internal => false,
        // Another sign-in of the user may have more scopes.
        _ if code == Code::ScopeNotGranted => true,
        // An older version stored some grants with patient scopes as grants for all patients.
        _ => {
            code.retry() == Retry::AfterSignIn
                || grant.patient.is_some()
                || grant.scopes_of_launch().bound_to_patient()
        }
    }
}

/// The errors of grants that did not read the patient.
#[derive(Default)]
struct FailedAttempts {
    /// The first error of a grant for the requested patient.
    requested: Option<Error>,
    /// The first error of a grant of which the patient is not known.
    unknown: Option<Error>,
}

impl FailedAttempts {
    fn add(&mut self, error: Error, patient: GrantPatient) {
        let first = if patient == GrantPatient::Requested { &mut self.requested } else { &mut self.unknown };
        first.get_or_insert(error);
    }

    /// The error to return: that of a grant for the requested patient, if there is one.
    fn into_error(self) -> Option<Error> {
        self.requested.or(self.unknown)
    }
}

/// Finds and verifies the patient, then calls `go_on` with the same grant. Grants for another patient are skipped. After a grant
/// that cannot read its chart, the next grant is tried. If none succeeds, the error of the grant that is known to be for this
/// patient is returned, or else the first error.
///
/// # Errors
/// [`Code::GrantNotFound`], the token endpoint's, the patient's, the FHIR server's, and those of `go_on`.
pub(super) fn with_patient<T>(
    context: &Context<'_>,
    source: &Source,
    holder: &Holder,
    query: PatientQuery<'_>,
    report: &mut PullReport,
    mut go_on: impl FnMut(&mut Retrieval<'_>, PatientChart) -> Result<T>,
) -> Result<T> {
    let mut failed = FailedAttempts::default();
    let lookup = PatientLookup { context, source, query };
    let before = report.clone();
    for candidate in candidates(context, source, holder)? {
        // The counts of a failed attempt do not belong into the report.
        report.clone_from(&before);
        match lookup.try_grant(candidate, report, &mut go_on)? {
            Attempt::Read(read) => return Ok(read),
            Attempt::OtherPatient => {}
            Attempt::Failed { error, patient } => failed.add(error, patient),
        }
    }
    Err(failed.into_error().unwrap_or_else(|| {
        grant::not_found(source)
            .hint("The sign-ins of this user are for other patients. Launch from this patient's chart.")
    }))
}

/// The grants to try; the system account gets one when it has none.
fn candidates(
    context: &Context<'_>,
    source: &Source,
    holder: &Holder,
) -> Result<Vec<DecryptedRecord<Grant>>> {
    let set = grant::of_holder(&context.records, source, holder)?;
    if set.grants.is_empty() && *holder == Holder::System {
        return Ok(vec![TokenClient::new(context).system_grant(source)?]);
    }
    match set {
        GrantSet { grants, .. } if !grants.is_empty() => Ok(grants),
        GrantSet { has_other_server: true, .. } => Err(source.other_server_error(Code::GrantNotFound)),
        _ => Err(grant::not_found(source)),
    }
}

/// The patient to find, with what a grant needs to find it.
struct PatientLookup<'a> {
    context: &'a Context<'a>,
    source: &'a Source,
    query: PatientQuery<'a>,
}

impl PatientLookup<'_> {
    /// Tries one grant. After an error that another grant may avoid, the attempt has failed; other errors are returned.
    fn try_grant<T>(
        &self,
        candidate: DecryptedRecord<Grant>,
        report: &mut PullReport,
        go_on: &mut impl FnMut(&mut Retrieval<'_>, PatientChart) -> Result<T>,
    ) -> Result<Attempt<T>> {
        let hash = |mrn: &str| grant::mrn_hash(&self.context.records, &self.source.id, mrn);
        let mrn_hash = self.query.mrn.map(hash);
        let patient = patient_of_grant(&candidate.value, mrn_hash.as_deref(), self.query.id);
        if patient == GrantPatient::Other {
            return Ok(Attempt::OtherPatient);
        }
        let candidate_grant = candidate.value.clone();
        let failed = |error: Error| {
            if may_try_next_grant(&error, &candidate_grant) {
                Ok(Attempt::Failed { error, patient })
            } else {
                Err(error)
            }
        };
        match TokenClient::new(self.context).valid_grant(self.source, candidate, None) {
            Ok(grant) => self.read_with(&grant, report, go_on, failed),
            Err(error) => failed(error),
        }
    }

    /// Finds the patient with a valid grant, and reads everything with it. `failed` decides about an error of finding the patient.
    fn read_with<T>(
        &self,
        grant: &DecryptedRecord<Grant>,
        report: &mut PullReport,
        go_on: &mut impl FnMut(&mut Retrieval<'_>, PatientChart) -> Result<T>,
        failed: impl Fn(Error) -> Result<Attempt<T>>,
    ) -> Result<Attempt<T>> {
        let PatientLookup { context, source, .. } = *self;
        let is_system = grant.value.holder == Holder::System;
        // Only a source with a system account has a grant of one.
        let own = source.system_registration.as_ref().filter(|_| is_system);
        let registration = own.unwrap_or(&source.registration);
        let certificate = source.fhir_certificate(registration, context.secrets)?;
        let token_client = TokenClient::new(context);
        let mut current = grant.clone();
        let mut refresh = |rejected: &secret::Secret| {
            current = token_client.valid_grant(source, current.clone(), Some(rejected))?;
            let (token, scope) = (current.value.access_token.clone(), &current.value.scope);
            Ok(RefreshedToken { token, scopes: ScopeSet::parse(scope) })
        };
        let scopes = ScopeSet::parse(&grant.value.scope);
        let is_unbound = grant.value.patient.is_none() && !grant.value.scopes_of_launch().bound_to_patient();
        let mut retrieval = Retrieval {
            source,
            session: context.network.session(Duration::from_secs(context.limits.pull_seconds))?,
            token: grant.value.access_token.clone(),
            scopes,
            refresh: &mut refresh,
            refresh_failed: None,
            headers: source.headers(Phase::Fhir, context.secrets)?,
            tls_identity: TlsIdentity::of_registration(certificate, &registration.id)?,
            is_system,
            is_unbound,
            limits: context.limits,
            report,
            bytes: 0,
        };
        let read = match self.find_chart(grant, &mut retrieval) {
            Ok(Some(chart)) => go_on(&mut retrieval, chart).map(Attempt::Read),
            Ok(None) => Ok(Attempt::OtherPatient),
            Err(error) => failed(error),
        };
        let (sent, scopes) = (retrieval.session.sent(), std::mem::take(&mut retrieval.scopes));
        drop(retrieval);
        report.requests += sent;
        report.explain_denials(&scopes, is_system);
        read
    }

    /// Finds and verifies the chart of the patient; `None` when the grant is for another patient.
    fn find_chart(
        &self,
        grant: &DecryptedRecord<Grant>,
        retrieval: &mut Retrieval<'_>,
    ) -> Result<Option<PatientChart>> {
        let now = utc(self.context.clock.now());
        let patient = match (&grant.value.patient, self.query) {
            (Some(id), _) => match self.chart_of_grant(grant, id, retrieval)? {
                Some(patient) => patient,
                None => return Ok(None),
            },
            (None, PatientQuery { mrn: Some(mrn), .. }) => patient_search::by_mrn(retrieval, mrn, now)?,
            (None, PatientQuery { id: Some(id), .. }) => patient_search::by_id(retrieval, id)?,
            (None, _) => return Err(Error::new(Code::Internal).detail("no patient is named")),
        };
        if self.query.id.is_some_and(|id| patient.replaces.iter().any(|old| old == id)) {
            return Err(patient_search::merged_chart(retrieval));
        }
        if self.query.id.is_some_and(|id| patient.id != id) {
            let detail = "the patient of the EHR's chart is not the patient of this record";
            return Err(Error::new(Code::PatientMismatch).detail(detail));
        }
        Ok(Some(patient))
    }

    /// The chart of a grant for one patient; `None` when that patient does not have the MRN. Hashes of its MRNs are stored with the
    /// grant, so that a later pull of another patient skips the grant without opening the chart.
    fn chart_of_grant(
        &self,
        grant: &DecryptedRecord<Grant>,
        id: &str,
        retrieval: &mut Retrieval<'_>,
    ) -> Result<Option<PatientChart>> {
        let (source, now) = (self.source, utc(self.context.clock.now()));
        let patient = patient_search::by_id(retrieval, id)?;
        let hash = |mrn: &str| grant::mrn_hash(&self.context.records, &source.id, mrn);
        let mrns: Vec<String> =
            fhir::patient::mrns(source, &patient.resource, now).into_iter().map(hash).collect();
        if grant.value.patient_mrns != mrns {
            grant::store_mrns(&self.context.records, grant, mrns)?;
        }
        let has_mrn =
            self.query.mrn.is_none_or(|mrn| fhir::patient::has_mrn(source, &patient.resource, mrn, now));
        Ok(has_mrn.then_some(patient))
    }
}

/// A time in seconds since 1970 as a date and time in UTC.
pub(super) fn utc(now: i64) -> DateTime {
    let timestamp = jiff::Timestamp::from_second(now).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::tests::grant;

    fn grant_for(patient: Option<&str>, mrns: &[&str]) -> Grant {
        Grant {
            patient: patient.map(str::to_owned),
            patient_mrns: mrns.iter().map(|mrn| (*mrn).to_owned()).collect(),
            ..grant("", 0)
        }
    }

    #[test]
    fn a_grant_is_for_the_patient_of_its_id_and_of_its_record_numbers() {
        use GrantPatient::{Other, Requested, Unknown};
        let all_patients = grant_for(None, &[]);
        let unread = grant_for(Some("p"), &[]);
        let read = grant_for(Some("p"), &["m1", "m2"]);
        for (name, grant, mrn, id, expected) in [
            ("all patients, by MRN", &all_patients, Some("m1"), None, Requested),
            ("all patients, by id", &all_patients, None, Some("p"), Requested),
            ("the id", &unread, None, Some("p"), Requested),
            ("another id", &unread, None, Some("q"), Other),
            ("an MRN, and no MRN is known", &unread, Some("m1"), None, Unknown),
            ("the id, and no MRN is known", &unread, Some("m1"), Some("p"), Requested),
            ("one of the MRNs", &read, Some("m2"), None, Requested),
            ("another MRN", &read, Some("m3"), None, Other),
            ("the id with another MRN", &read, Some("m3"), Some("p"), Other),
            ("another id with the MRN", &read, Some("m1"), Some("q"), Other),
        ] {
            assert_eq!(patient_of_grant(grant, mrn, id), expected, "{name}");
        }
    }

    #[test]
    fn another_grant_is_tried_only_if_it_may_get_another_answer() {
        let (all_patients, one_patient) = (grant_for(None, &[]), grant_for(Some("p"), &[]));
        for (code, after_all_patients, after_one_patient) in [
            (Code::StoreUnavailable, false, false),
            (Code::Internal, false, false),
            (Code::FhirUnauthorized, true, true),
            (Code::FhirDenied, false, true),
            (Code::ScopeNotGranted, true, true),
            (Code::PatientNotFound, false, true),
            (Code::FhirUnavailable, false, true),
        ] {
            let error = Error::new(code);
            assert_eq!(may_try_next_grant(&error, &all_patients), after_all_patients, "{code:?}");
            assert_eq!(may_try_next_grant(&error, &one_patient), after_one_patient, "{code:?}");
        }
        let scope = "patient/Patient.read user/Practitioner.read".to_owned();
        let of_older_version = Grant { scope, ..all_patients };
        assert!(may_try_next_grant(&Error::new(Code::PatientNotFound), &of_older_version));
    }

    #[test]
    fn the_error_of_a_grant_for_the_requested_patient_is_returned_before_others() {
        let codes = |attempts: &[(Code, GrantPatient)]| {
            let mut failed = FailedAttempts::default();
            attempts.iter().for_each(|(code, patient)| failed.add(Error::new(*code), *patient));
            failed.into_error().map(|error| error.code())
        };
        let (unknown, requested) = (GrantPatient::Unknown, GrantPatient::Requested);
        assert_eq!(codes(&[]), None);
        let other = (Code::FhirDenied, unknown);
        assert_eq!(codes(&[other, (Code::FhirUnavailable, unknown)]), Some(Code::FhirDenied));
        assert_eq!(codes(&[other, (Code::FhirUnavailable, requested)]), Some(Code::FhirUnavailable));
    }
}
