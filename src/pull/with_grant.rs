//! Tries the grants of a user or of the system account, until one of them reads the patient.

use super::{
    medications::Medications,
    patient_search::{self, PatientChart},
    report::Report,
    retrieve::Retrieval,
};
use crate::{
    context::Context,
    error::{Code, Error, Result, Retry, Stage},
    fhir,
    grant::{self, Grant, GrantSet, Holder, TokenClient},
    secret,
    source::{Phase, Source},
    store::sealed_store::DecryptedRecord,
};
use jiff::civil::DateTime;
use std::time::Duration;

/// The patient to find: by MRN, by FHIR id, or by both, which must then be the same patient.
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
    /// It did not find the patient; another grant may. The flag says whether the grant is known to be for this patient.
    Failed(Error, bool),
}

/// Finds and verifies the patient, then goes on with the same sign-in. Sign-ins for another patient are skipped, and one
/// chart that cannot be read does not keep the next sign-in from being tried. Where none succeeds, the error of the one
/// that is known to be for this patient is returned, or else the first error.
///
/// # Errors
/// [`Code::GrantNotFound`], the token endpoint's, the patient's, the FHIR server's, and those of `go_on`.
pub(super) fn with_patient<T>(
    context: &Context<'_>,
    source: &Source,
    holder: &Holder,
    query: PatientQuery<'_>,
    report: &mut Report,
    mut go_on: impl FnMut(&mut Retrieval<'_>, PatientChart) -> Result<T>,
) -> Result<T> {
    let (mut own, mut first) = (None, None);
    let begun = report.clone();
    for candidate in candidates(context, source, holder)? {
        // The counts of a failed attempt do not belong into the report.
        report.clone_from(&begun);
        match read_with(context, source, query, candidate, report, &mut go_on)? {
            Attempt::Read(read) => return Ok(read),
            Attempt::OtherPatient => {}
            Attempt::Failed(error, true) => own = own.or(Some(error)),
            Attempt::Failed(error, false) => first = first.or(Some(error)),
        }
    }
    Err(own.or(first).unwrap_or_else(|| {
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
        GrantSet { has_other_server: true, .. } => Err(source.of_another_server(Code::GrantNotFound)),
        _ => Err(grant::not_found(source)),
    }
}

/// Whether a grant is known to be for another patient, so that no chart is opened to look.
fn is_for_another(context: &Context<'_>, source: &Source, query: PatientQuery<'_>, grant: &Grant) -> bool {
    let other_chart = grant.patient.is_some() && query.id.is_some() && grant.patient.as_deref() != query.id;
    let other_number = query.mrn.is_some_and(|mrn| {
        let wanted = grant::mrn_hash(&context.records, &source.id, mrn);
        !grant.patient_mrns.is_empty() && !grant.patient_mrns.contains(&wanted)
    });
    other_chart || other_number
}

/// Whether a grant is known to be for the patient to find.
fn is_for_this(context: &Context<'_>, source: &Source, query: PatientQuery<'_>, grant: &Grant) -> bool {
    let own_chart = grant.patient.is_some() && grant.patient.as_deref() == query.id;
    let own_number = query
        .mrn
        .is_some_and(|mrn| grant.patient_mrns.contains(&grant::mrn_hash(&context.records, &source.id, mrn)));
    grant.patient.is_none() || own_chart || own_number
}

/// Whether another grant may succeed after an error of finding the patient. After an error of the store no grant does. An answer
/// of the EHR to a grant for all patients is the same for every grant.
fn is_of_this_sign_in_only(error: &Error, grant: &Grant) -> bool {
    let code = error.code();
    match code.stage() {
        Stage::Store | Stage::Staging | Stage::Internal => false,
        _ => code.retry() == Retry::AfterSignIn || grant.patient.is_some(),
    }
}

/// Finds the patient with one grant, and reads everything with it.
fn read_with<T>(
    context: &Context<'_>,
    source: &Source,
    query: PatientQuery<'_>,
    candidate: DecryptedRecord<Grant>,
    report: &mut Report,
    go_on: &mut impl FnMut(&mut Retrieval<'_>, PatientChart) -> Result<T>,
) -> Result<Attempt<T>> {
    if is_for_another(context, source, query, &candidate.value) {
        return Ok(Attempt::OtherPatient);
    }
    let is_own = is_for_this(context, source, query, &candidate.value);
    let candidate_grant = candidate.value.clone();
    let judge = |error: Error| {
        if is_of_this_sign_in_only(&error, &candidate_grant) {
            Ok(Attempt::Failed(error, is_own))
        } else {
            Err(error)
        }
    };
    let token_client = TokenClient::new(context);
    let grant = match token_client.valid_grant(source, candidate, None) {
        Ok(grant) => grant,
        Err(error) => return judge(error),
    };
    let token = grant.value.access_token.clone();
    let is_system = candidate_grant.holder == Holder::System;
    let mut current = grant.clone();
    let mut refresh = |rejected: &secret::Secret| {
        current = token_client.valid_grant(source, current.clone(), Some(rejected))?;
        Ok(current.value.access_token.clone())
    };
    let mut retrieval = Retrieval {
        source,
        session: context.network.session(Duration::from_secs(context.limits.pull_seconds))?,
        token,
        refresh: &mut refresh,
        refresh_failed: None,
        headers: source.headers(Phase::Fhir, context.secrets)?,
        is_system,
        limits: context.limits,
        report,
        bytes: 0,
        medications: Medications::default(),
    };
    let read = match find_chart(context, query, &grant, &mut retrieval) {
        Ok(Some(patient)) => go_on(&mut retrieval, patient).map(Attempt::Read),
        Ok(None) => Ok(Attempt::OtherPatient),
        Err(error) => judge(error),
    };
    let sent = retrieval.session.sent();
    drop(retrieval);
    report.requests += sent;
    report.explain_denials(&grant.value.scope, is_system);
    read
}

/// The verified patient; `None` when the grant is for another patient.
fn find_chart(
    context: &Context<'_>,
    query: PatientQuery<'_>,
    grant: &DecryptedRecord<Grant>,
    retrieval: &mut Retrieval<'_>,
) -> Result<Option<PatientChart>> {
    let now = moment(context.clock.now());
    let patient = match (&grant.value.patient, query) {
        (Some(id), _) => match of_grant(context, query, grant, id, retrieval)? {
            Some(patient) => patient,
            None => return Ok(None),
        },
        (None, PatientQuery { mrn: Some(mrn), .. }) => patient_search::by_mrn(retrieval, mrn, now)?,
        (None, PatientQuery { id: Some(id), .. }) => patient_search::by_id(retrieval, id)?,
        (None, _) => return Err(Error::new(Code::Internal).detail("no patient is named")),
    };
    if query.id.is_some_and(|id| patient.replaces.iter().any(|old| old == id)) {
        return Err(patient_search::merged_chart(retrieval));
    }
    if query.id.is_some_and(|id| patient.id != id) {
        let detail = "the patient of the EHR's chart is not the patient of this record";
        return Err(Error::new(Code::PatientMismatch).detail(detail));
    }
    Ok(Some(patient))
}

/// The patient of a grant for one patient; `None` when it does not have the MRN. Its MRNs are stored with the grant for later
/// pulls.
fn of_grant(
    context: &Context<'_>,
    query: PatientQuery<'_>,
    grant: &DecryptedRecord<Grant>,
    id: &str,
    retrieval: &mut Retrieval<'_>,
) -> Result<Option<PatientChart>> {
    let (source, now) = (retrieval.source, moment(context.clock.now()));
    let patient = patient_search::by_id(retrieval, id)?;
    let hash = |mrn: &str| grant::mrn_hash(&context.records, &source.id, mrn);
    let mrns: Vec<String> =
        fhir::patient::mrns(source, &patient.resource, now).into_iter().map(hash).collect();
    if grant.value.patient_mrns != mrns {
        grant::store_mrns(&context.records, grant, mrns)?;
    }
    let fits = query.mrn.is_none_or(|mrn| fhir::patient::has_mrn(source, &patient.resource, mrn, now));
    Ok(fits.then_some(patient))
}

/// The time of the clock as a date and time in UTC.
pub(super) fn moment(now: i64) -> DateTime {
    let timestamp = jiff::Timestamp::from_second(now).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(timestamp)
}
