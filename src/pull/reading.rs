//! Reading with one sign-in after the other, until one of them may read the patient.

use super::{find, report::Report, retrieve::Retrieval};
use crate::{
    error::{Code, Error, Result, Retry},
    fhir::{self, Json},
    grant::{self, Grant, Held, Holder, refresh::Tokens},
    secret,
    source::Source,
    store::records::Opened,
};
use jiff::civil::DateTime;
use std::time::Duration;

/// Who is looked for: by record number, by FHIR id, or by both, which must then agree.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) mrn: Option<&'a str>,
    pub(super) id: Option<&'a str>,
}

/// Finds and verifies the patient, then goes on with the same sign-in. A sign-in for another patient is
/// passed over; of those that are of no use any more the first one's error is told.
///
/// # Errors
/// [`Code::GrantNotFound`], the token endpoint's, the patient's, the FHIR server's, and those of `go_on`.
pub(super) fn with_patient<T>(
    tokens: &Tokens<'_>,
    source: &Source,
    holder: &Holder,
    sought: Sought<'_>,
    report: &mut Report,
    mut go_on: impl FnMut(&mut Retrieval<'_>, Json) -> Result<T>,
) -> Result<T> {
    let mut lost = None;
    for candidate in candidates(tokens, source, holder)? {
        match read_with(tokens, source, sought, candidate, report, &mut go_on) {
            Ok(Some(read)) => return Ok(read),
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

/// The grants to try; the system account gets one when it has none.
fn candidates(tokens: &Tokens<'_>, source: &Source, holder: &Holder) -> Result<Vec<Opened<Grant>>> {
    let held = grant::of_holder(&tokens.records, source, holder)?;
    if held.grants.is_empty() && *holder == Holder::System {
        return Ok(vec![grant::system::sign_in(tokens, source)?]);
    }
    match held {
        Held { grants, .. } if !grants.is_empty() => Ok(grants),
        Held { elsewhere: true, .. } => Err(source.of_another_server(Code::GrantNotFound)),
        _ => Err(grant::not_found(source)),
    }
}

/// Whether a grant is known to be for another patient, so that no chart is opened to look.
fn is_for_another(tokens: &Tokens<'_>, source: &Source, sought: Sought<'_>, grant: &Grant) -> bool {
    let other_chart = grant.patient.is_some() && sought.id.is_some() && grant.patient.as_deref() != sought.id;
    let other_number = sought.mrn.is_some_and(|mrn| {
        let wanted = grant::mrn_hash(&tokens.records, &source.id, mrn);
        !grant.patient_mrns.is_empty() && !grant.patient_mrns.contains(&wanted)
    });
    other_chart || other_number
}

/// Reads everything with one sign-in; `None` when that is for another patient.
fn read_with<T>(
    tokens: &Tokens<'_>,
    source: &Source,
    sought: Sought<'_>,
    candidate: Opened<Grant>,
    report: &mut Report,
    go_on: &mut impl FnMut(&mut Retrieval<'_>, Json) -> Result<T>,
) -> Result<Option<T>> {
    if is_for_another(tokens, source, sought, &candidate.value) {
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
    let found = find_patient(tokens, sought, &grant, &mut retrieval);
    let read = found.and_then(|patient| patient.map(|patient| go_on(&mut retrieval, patient)).transpose());
    let sent = retrieval.session.sent();
    drop(retrieval);
    report.requests += sent;
    report.explain_denials(&grant.value.scope);
    read
}

/// The patient, verified; `None` when the grant is another patient's.
fn find_patient(
    tokens: &Tokens<'_>,
    sought: Sought<'_>,
    grant: &Opened<Grant>,
    retrieval: &mut Retrieval<'_>,
) -> Result<Option<Json>> {
    let now = moment(tokens.clock.now());
    let patient = match (&grant.value.patient, sought) {
        (Some(id), _) => match of_grant(tokens, sought, grant, id, retrieval)? {
            Some(patient) => patient,
            None => return Ok(None),
        },
        (None, Sought { mrn: Some(mrn), .. }) => find::by_mrn(retrieval, mrn, now)?,
        (None, Sought { id: Some(id), .. }) => find::by_id(retrieval, id)?,
        (None, _) => return Err(Error::new(Code::Internal).detail("nobody is looked for")),
    };
    if sought.id.is_some_and(|id| patient.get("id").text() != Some(id)) {
        let detail = "the patient of the EHR's chart is not the patient of this record";
        return Err(Error::new(Code::PatientMismatch).detail(detail));
    }
    Ok(Some(patient))
}

/// The patient of a grant that is bound to one, whose numbers are noted for the next time; `None` when it
/// does not have the number.
fn of_grant(
    tokens: &Tokens<'_>,
    sought: Sought<'_>,
    grant: &Opened<Grant>,
    id: &str,
    retrieval: &mut Retrieval<'_>,
) -> Result<Option<Json>> {
    let (source, now) = (retrieval.source, moment(tokens.clock.now()));
    let patient = find::by_id(retrieval, id)?;
    let hash = |mrn: &str| grant::mrn_hash(&tokens.records, &source.id, mrn);
    let mrns: Vec<String> = fhir::patient::mrns(source, &patient, now).into_iter().map(hash).collect();
    if grant.value.patient_mrns != mrns {
        grant::note_mrns(&tokens.records, grant, mrns)?;
    }
    let fits = sought.mrn.is_none_or(|mrn| fhir::patient::has_mrn(source, &patient, mrn, now));
    Ok(fits.then_some(patient))
}

/// The clock's time as UTC digits.
pub(super) fn moment(now: i64) -> DateTime {
    let timestamp = jiff::Timestamp::from_second(now).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(timestamp)
}
