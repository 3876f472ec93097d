//! Finds the patient by MRN or by id, and verifies it.

use super::{
    proof::Proof,
    report::{PullReport, SearchEnd},
    retrieval::Retrieval,
};
use crate::{
    error::{Code, Error, Result, escape_for_display},
    fhir::{Json, bundle::PageDefect, json::RESOURCE_VALUES, paging, patient},
    source::Source,
};
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use url::Url;

/// The most pages of a patient search. A search with more pages does not identify one patient.
const PAGES: usize = 5;

/// The most merges of charts in a row that are followed.
const MERGES: usize = 5;

/// A chart that was found for the patient.
#[derive(Clone, Debug)]
pub struct PatientChart {
    /// The Patient resource.
    pub resource: Json,
    /// The id of the Patient.
    pub id: String,
    /// The ids of the charts that it replaced, according to the EHR.
    pub replaces: Vec<String>,
}

impl PatientChart {
    fn new(source: &Source, resource: Json) -> Option<Self> {
        let id = resource.get("id").text()?.to_owned();
        Some(PatientChart { replaces: patient::replaces(source, &resource), id, resource })
    }

    /// The ids and MRNs by which resources may refer to the patient.
    pub fn identifiers(&self, source: &Source) -> patient::PatientIdentifiers {
        let ids = std::iter::once(&self.id).chain(&self.replaces).cloned().collect();
        patient::PatientIdentifiers::new(source, &self.resource, ids)
    }
}

/// The one patient with this MRN.
///
/// If the chart was merged into another chart that has or had the MRN, that chart is returned.
///
/// # Errors
/// [`Code::PatientNotFound`], [`Code::PatientAmbiguous`], [`Code::PatientChartReplaced`], [`Code::PatientSearchIncomplete`]
/// when an incomplete answer has no such patient, and the errors of the EHR.
pub fn by_mrn(retrieval: &mut Retrieval<'_>, mrn: &str, now: DateTime) -> Result<PatientChart> {
    let mut unproved = None;
    let mut found: BTreeMap<String, PatientChart> = BTreeMap::new();
    for url in patient::searches(retrieval.source, mrn) {
        let (candidates, end) = matches(retrieval, url)?;
        if let SearchEnd::Partial(reason) = &end {
            unproved.get_or_insert_with(|| reason.clone());
        }
        retrieval.report.resource("Patient").end_search(end);
        found = active_charts(retrieval, candidates, mrn, now)?;
        if !found.is_empty() {
            break;
        }
    }
    let several = found.len() > 1;
    let error = |code| Error::new(code).detail(source_name(retrieval));
    match (found.into_values().next(), unproved) {
        (Some(_), _) if several => Err(error(Code::PatientAmbiguous)),
        (Some(patient), _) => Ok(patient),
        (None, Some(reason)) => {
            let detail = format!("{}: {reason}", source_name(retrieval));
            Err(Error::new(Code::PatientSearchIncomplete).detail(detail))
        }
        (None, None) => Err(error(Code::PatientNotFound).hint(
            "Check the MRN, and check that mrn_systems of the source names the identifier system of MRNs.",
        )),
    }
}

/// The active charts among the candidates that have the MRN, or that replaced a chart with it.
fn active_charts(
    retrieval: &mut Retrieval<'_>,
    candidates: BTreeMap<String, Json>,
    mrn: &str,
    now: DateTime,
) -> Result<BTreeMap<String, PatientChart>> {
    let source = retrieval.source;
    let mut found = BTreeMap::new();
    let mut inactive = 0;
    for candidate in candidates.values().filter(|one| patient::has_mrn(source, one, mrn, now)) {
        let chart = match patient::replaced_by(source, candidate).first() {
            Some(next) => Some(follow_merges(retrieval, &candidates, candidate, next, mrn)?),
            None if patient::is_inactive(candidate) => None,
            None => PatientChart::new(source, candidate.clone()),
        };
        match chart {
            Some(patient) => add_chart(&mut found, patient),
            None => inactive += 1,
        }
    }
    if found.is_empty() {
        // The EHR does not return the old chart any more, or it does not name the chart that replaced it.
        let earlier = candidates.values().filter(|one| {
            !patient::is_inactive(one)
                && patient::replaced_by(source, one).is_empty()
                && patient::had_mrn(source, one, mrn)
        });
        earlier
            .filter_map(|one| PatientChart::new(source, one.clone()))
            .for_each(|one| add_chart(&mut found, one));
        if !found.is_empty() {
            report_merge(retrieval.report);
        }
    }
    if found.is_empty() && inactive > 0 {
        return Err(chart_replaced(source_name(retrieval)));
    }
    Ok(found)
}

const MERGED: &str = "The chart with this MRN was merged into another one, which was used. Check the values of this record, and enter \
                      the patient's present MRN in it.";

fn report_merge(report: &mut PullReport) {
    report.merged = true;
    report.warn(MERGED.to_owned());
}

fn add_chart(found: &mut BTreeMap<String, PatientChart>, patient: PatientChart) {
    match found.get_mut(&patient.id) {
        Some(known) => known.replaces.extend(patient.replaces),
        None => drop(found.insert(patient.id.clone(), patient)),
    }
}

fn chart_replaced(detail: String) -> Error {
    Error::new(Code::PatientChartReplaced).detail(detail).hint(
        "The chart may have been merged into another one. Look up the patient's present MRN in the EHR and enter it \
         in the record.",
    )
}

/// The chart at the end of a chain of merges. It must have the MRN, or have had it.
fn follow_merges(
    retrieval: &mut Retrieval<'_>,
    candidates: &BTreeMap<String, Json>,
    old: &Json,
    next: &str,
    mrn: &str,
) -> Result<PatientChart> {
    let mut replaces: Vec<String> = old.get("id").text().map(str::to_owned).into_iter().collect();
    let mut next = next.to_owned();
    for _ in 0..MERGES {
        let chart = match candidates.get(&next) {
            Some(chart) => chart.clone(),
            None => read_chart(retrieval, &next)?,
        };
        if let Some(after) = patient::replaced_by(retrieval.source, &chart).into_iter().next() {
            replaces.push(std::mem::replace(&mut next, after));
            continue;
        }
        let verified = patient::had_mrn(retrieval.source, &chart, mrn) && !patient::is_inactive(&chart);
        let Some(mut active) = PatientChart::new(retrieval.source, chart).filter(|_| verified) else {
            break;
        };
        active.replaces.extend(replaces);
        report_merge(retrieval.report);
        return Ok(active);
    }
    Err(chart_replaced(source_name(retrieval)))
}

/// The patient with an id, such as the patient of a launch.
///
/// # Errors
/// Those of the EHR; [`Code::PatientChartReplaced`] for a chart that was merged into another chart,
/// [`Code::PatientMismatch`] when the EHR returns another patient.
pub fn by_id(retrieval: &mut Retrieval<'_>, id: &str) -> Result<PatientChart> {
    let patient = read_chart(retrieval, id)?;
    let merged = || merged_chart(retrieval);
    let source = retrieval.source;
    match patient.get("id").text() {
        Some(found) if found == id && !patient::replaced_by(source, &patient).is_empty() => Err(merged()),
        Some(found) if found == id && patient::is_inactive(&patient) => {
            Err(chart_replaced(source_name(retrieval)))
        }
        Some(found) if found == id => {
            PatientChart::new(source, patient).ok_or_else(|| Error::new(Code::Internal))
        }
        // Epic redirects to the chart that replaced the old one (E16).
        _ if patient::replaces(source, &patient).iter().any(|old| old == id) => Err(merged()),
        _ => Err(Error::new(Code::PatientMismatch).detail("in the Patient that was requested by its id")),
    }
}

/// The error of a sign-in or a page that was opened from a chart that another chart replaced.
pub fn merged_chart(retrieval: &Retrieval<'_>) -> Error {
    chart_replaced(source_name(retrieval))
        .hint("The chart was merged into another one. Open the application from the patient's present chart.")
}

/// The Patient that the EHR returns for an id; it may have another id.
fn read_chart(retrieval: &mut Retrieval<'_>, id: &str) -> Result<Json> {
    let mut url = retrieval.source.base.clone();
    let extended = url.path_segments_mut().map(|mut path| {
        path.pop_if_empty().extend(["Patient", id]);
    });
    extended.map_err(|()| Error::new(Code::Internal))?;
    retrieval.check_read("Patient")?;
    retrieval.report.resource("Patient").requests += 1;
    let read = retrieval.read_resource("Patient", &url)?;
    match read.body.get("resourceType").text() {
        Some("Patient") => {
            let end = if read.is_status_200 {
                SearchEnd::Complete
            } else {
                SearchEnd::Partial(PageDefect::Status.reason().to_owned())
            };
            retrieval.report.resource("Patient").end_search(end);
            Ok(read.body)
        }
        _ => {
            Err(Error::new(Code::ResponseNotFhir)
                .detail("the EHR answered with something other than a Patient"))
        }
    }
}

/// The patients that a search returns, by id, and whether its answers are complete.
fn matches(retrieval: &mut Retrieval<'_>, first: Url) -> Result<(BTreeMap<String, Json>, SearchEnd)> {
    let mut found = BTreeMap::new();
    let mut proof = Proof::default();
    let mut limit = retrieval.check_search("Patient", &first)?;
    let mut url = first.clone();
    // All candidates are in memory, so together they may be as large as one resource.
    let mut values_left = RESOURCE_VALUES;
    for _ in 0..PAGES {
        retrieval.report.resource("Patient").requests += 1;
        let (resources, next) = retrieval.read_patient_page(&url, &mut proof, &mut values_left)?;
        // The page may have been read with a new token, which may have fewer scopes.
        limit = limit.or(retrieval.check_search("Patient", &first)?);
        for resource in resources {
            match resource.get("id").text() {
                Some(id) if resource.get("resourceType").text() == Some("Patient") => {
                    found.insert(id.to_owned(), resource);
                }
                _ => proof.discard(),
            }
        }
        match next {
            Some(link) => url = paging::next_address(retrieval.source, &url, &link)?,
            None => {
                let end = proof.end(retrieval.source.policy.total_is_estimate);
                return Ok((found, end.limited_to(limit.as_deref())));
            }
        }
    }
    Ok((found, SearchEnd::Partial(format!("the search has more than {PAGES} pages"))))
}

fn source_name(retrieval: &Retrieval<'_>) -> String {
    format!("source {}", escape_for_display(&retrieval.source.id))
}
