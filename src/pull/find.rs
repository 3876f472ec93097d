//! Finding the patient: by medical record number, verified, with a sign-in that may read it.

use super::retrieve::Retrieval;
use crate::{
    error::{Code, Error, Result, escape_for_display},
    fhir::{Json, bundle, paging, patient},
};
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use url::Url;

/// Pages of a patient search: a number that needs more finds nobody in particular.
const PAGES: usize = 5;

/// The one patient who has this number.
///
/// # Errors
/// [`Code::PatientNotFound`], [`Code::PatientAmbiguous`], and what the EHR answers.
pub fn by_mrn(retrieval: &mut Retrieval<'_>, mrn: &str, now: DateTime) -> Result<Json> {
    let mut found: BTreeMap<String, Json> = BTreeMap::new();
    for url in patient::searches(retrieval.source, mrn) {
        for candidate in matches(retrieval, url)? {
            let verified = patient::has_mrn(retrieval.source, &candidate, mrn, now);
            if let (true, Some(id)) = (verified, candidate.get("id").text()) {
                found.insert(id.to_owned(), candidate);
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    let several = found.len() > 1;
    match found.into_values().next() {
        Some(_) if several => Err(Error::new(Code::PatientAmbiguous).detail(source_name(retrieval))),
        Some(patient) => Ok(patient),
        None => Err(Error::new(Code::PatientNotFound).detail(source_name(retrieval)).hint(
            "check the number, and that mrn_systems of the source names the identifier system of record numbers",
        )),
    }
}

/// The patient of an id, such as that of a launch.
///
/// # Errors
/// What the EHR answers, and [`Code::PatientMismatch`] when that is somebody else.
pub fn by_id(retrieval: &mut Retrieval<'_>, id: &str) -> Result<Json> {
    let mut url = retrieval.source.base.clone();
    let extended = url.path_segments_mut().map(|mut path| {
        path.pop_if_empty().extend(["Patient", id]);
    });
    extended.map_err(|()| Error::new(Code::Internal))?;
    let patient = retrieval.read(&url)?;
    match patient::is_about(retrieval.source, &patient, id) {
        Some(true) => Ok(patient),
        _ => Err(Error::new(Code::PatientMismatch).detail("in the Patient that was asked for by its id")),
    }
}

fn matches(retrieval: &mut Retrieval<'_>, first: Url) -> Result<Vec<Json>> {
    let mut found = Vec::new();
    let mut url = first;
    for _ in 0..PAGES {
        let page = bundle::page(retrieval.read(&url)?);
        found.extend(
            page.resources.into_iter().filter(|one| one.get("resourceType").text() == Some("Patient")),
        );
        match page.next {
            Some(link) => url = paging::next_address(retrieval.source, &url, &link)?,
            None => break,
        }
    }
    Ok(found)
}

fn source_name(retrieval: &Retrieval<'_>) -> String {
    format!("source {}", escape_for_display(&retrieval.source.id))
}
