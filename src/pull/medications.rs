//! Medications that a prescription only refers to: they are taken from the same Bundle, or read from the EHR, up to a limit.
//!
//! A prescription whose medication has to be read waits until all searches have ended. Each Medication is read once in a pull.

use super::{
    extract::Extraction,
    ledger,
    report::SearchEnd,
    retrieve::{Match, Retrieval},
};
use crate::{
    error::{Code, Error, Result},
    fhir::{
        Json, answer,
        bundle::{self, Entry, IncludedResource},
        reference::{self, Target},
    },
    net::Response,
    secret::ExposeSecret,
    vault::sha256,
};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// A prescription whose medication has to be read, as text, which needs less memory than a tree.
struct PendingPrescription {
    kind: &'static str,
    text: String,
    has_words: bool,
}

/// The most bytes of all prescriptions that wait for their medications.
const WAITING_BYTES: usize = 32 * 1024 * 1024;

/// The prescriptions of a pull whose medications have to be read, and those whose medications are missing.
#[derive(Default)]
pub struct Medications {
    /// The prescriptions that wait, by the id of the Medication.
    waiting: BTreeMap<String, Vec<PendingPrescription>>,
    waiting_bytes: usize,
    unresolved: BTreeMap<&'static str, MissingMedications>,
}

/// Prescriptions of one resource type whose medications are missing.
#[derive(Default)]
struct MissingMedications {
    /// How many of them a later pull may show differently.
    open: usize,
    why: Option<String>,
    /// How many are shown with the text of the reference, also in later pulls.
    shown: usize,
}

/// Why a medication is missing.
struct Failure {
    why: String,
    /// Whether a later pull would have the same result, according to the EHR's answer.
    is_final: bool,
}

impl Failure {
    fn open(why: impl Into<String>) -> Self {
        Failure { why: why.into(), is_final: false }
    }
}

/// The read of one Medication, with the prescriptions that wait for it.
struct MedicationRead {
    id: String,
    orders: Vec<PendingPrescription>,
    sent_with: Vec<u8>,
    refreshed: bool,
}

/// The reference of a prescription to its medication.
fn reference_of(order: &Json) -> Option<&str> {
    let named = !order.get("medicationCodeableConcept").is_null();
    order.at(&["medicationReference", "reference"]).text().filter(|_| !named)
}

/// Whether the reference has a text that names the medication.
fn has_words(order: &Json) -> bool {
    order.at(&["medicationReference", "display"]).text().is_some()
}

/// The Medication that a page includes for a reference: by the URL of its entry, or by type and id.
fn included<'a>(
    retrieval: &Retrieval<'_>,
    page: &'a [IncludedResource],
    reference: &str,
    target: &Target,
) -> Option<&'a Json> {
    let source = retrieval.source;
    let fits = |one: &&IncludedResource| {
        let by_address = one.full_url.as_deref() == Some(reference);
        let Target::Here { kind, id } = target else { return by_address };
        // An entry at another base URL is another resource, even with the same id.
        let is_here = one.full_url.as_deref().is_none_or(|url| match reference::target(source, url) {
            Target::Here { id, .. } => one.resource.get("id").text() == Some(&id),
            Target::Elsewhere(_) => false,
            Target::Contained(_) | Target::Unknown => true,
        });
        by_address || is_here && kind == "Medication" && one.resource.get("id").text() == Some(id)
    };
    page.iter().find(fits).map(|one| &one.resource)
}

/// The prescription with its Medication as a contained resource.
fn with_medication(mut order: Json, medication: &Json) -> Json {
    const NAME: &str = "medication";
    let members = ["resourceType", "code", "status", "modifierExtension"];
    let kept = members.iter().map(|name| ((*name).to_owned(), medication.get(name).clone()));
    let id = ("id".to_owned(), Json::Text(NAME.to_owned()));
    let inside = Json::Object(kept.chain([id]).filter(|(_, value)| !value.is_null()).collect());
    if let Json::Object(members) = &mut order {
        members.insert("contained".to_owned(), Json::Array(vec![inside]));
        if let Some(Json::Object(reference)) = members.get_mut("medicationReference") {
            reference.insert("reference".to_owned(), Json::Text(format!("#{NAME}")));
        }
    }
    order
}

/// The Medication in an answer, if it is the requested one.
fn medication_of(answer: answer::Answer, id: &str) -> std::result::Result<Json, Failure> {
    let body = answer.body;
    let is_it = body.get("resourceType").text() == Some("Medication") && body.get("id").text() == Some(id);
    if answer.is_status_200 && is_it {
        Ok(body)
    } else {
        Err(Failure::open("the EHR answered with something other than the requested Medication"))
    }
}

fn failure_of(error: &Error) -> Failure {
    let refused = error.code() == Code::FhirDenied;
    let gone = matches!(error.http_status(), Some(404 | 410));
    let why = if refused {
        format!(
            "{} Add Medication to the resources of the source, or ask the EHR team for the scope",
            error.message()
        )
    } else {
        error.message()
    };
    Failure { why, is_final: refused || gone }
}

impl Retrieval<'_> {
    /// Makes the rows of a match. A prescription whose medication has to be read first waits.
    ///
    /// # Errors
    /// As [`Extraction::read`]; [`Code::LimitExceeded`] when too many prescriptions wait.
    pub(super) fn extract_match(
        &mut self,
        kind: &'static str,
        Match { resource, text }: Match<'_>,
        page: &[IncludedResource],
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        let id = resource.get("id").text().unwrap_or_default().to_owned();
        let Some(reference) = reference_of(&resource).filter(|_| extraction.may_take(kind, &resource)) else {
            return extraction.read(kind, &id, &resource);
        };
        let target = reference::target(self.source, reference);
        if let Some(medication) = included(self, page, reference, &target) {
            return extraction.read(kind, &id, &with_medication(resource, medication));
        }
        match target {
            Target::Here { kind: named, id } if named == "Medication" => {
                self.medications.waiting_bytes += text.len();
                if self.medications.waiting_bytes > WAITING_BYTES {
                    let detail = format!("{WAITING_BYTES} bytes of prescriptions that refer to a Medication");
                    return Err(Error::new(Code::LimitExceeded).detail(detail));
                }
                let has_words = has_words(&resource);
                let orders = self.medications.waiting.entry(id).or_default();
                orders.push(PendingPrescription { kind, text: text.to_owned(), has_words });
                return Ok(());
            }
            Target::Contained(name) => {
                let mut contained = resource.get("contained").items().iter();
                if !contained.any(|part| part.get("id").text() == Some(&name)) {
                    self.leave_unresolved(
                        kind,
                        &resource,
                        &Failure::open("the contained Medication is missing"),
                    );
                }
            }
            Target::Elsewhere(base) => {
                let why = format!(
                    "it is at another base URL ({base:.200}); if that is the same server, add it to aliases of the source"
                );
                self.leave_unresolved(kind, &resource, &Failure::open(why));
            }
            Target::Here { .. } | Target::Unknown => {
                let why = "the reference does not name a Medication of this server";
                self.leave_unresolved(kind, &resource, &Failure { why: why.to_owned(), is_final: true });
            }
        }
        extraction.read(kind, &id, &resource)
    }

    /// Counts a prescription whose medication is missing. If the reference has a text, that is shown.
    fn leave_unresolved(&mut self, kind: &'static str, order: &Json, failure: &Failure) {
        let unresolved = self.medications.unresolved.entry(kind).or_default();
        if has_words(order) && failure.is_final {
            unresolved.shown += 1;
        } else {
            unresolved.open += 1;
            unresolved.why.get_or_insert_with(|| failure.why.clone());
        }
    }

    /// Reads the medications that prescriptions wait for, several at once, and makes the rows of the prescriptions.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`], and the store's. A Medication that cannot be read is in the report.
    pub(super) fn read_medications(&mut self, extraction: &mut Extraction<'_>) -> Result<()> {
        let waiting = std::mem::take(&mut self.medications.waiting).into_iter();
        let mut reads: Vec<MedicationRead> = waiting
            .map(|(id, orders)| MedicationRead { id, orders, sent_with: Vec::new(), refreshed: false })
            .collect();
        // Prescriptions that have no text without their Medication come first.
        reads.sort_by_key(|read| read.orders.iter().all(|order| order.has_words));
        let most = self.source.policy.medication_reads;
        let mut queue = VecDeque::from(reads);
        for read in queue.split_off(most.min(queue.len())) {
            let why = format!("the policy medication_reads of the source is {most}");
            self.read_prescriptions(read, Err(Failure { why, is_final: true }), extraction)?;
        }
        let mut under_way = HashMap::new();
        // A sign-in that may not read one Medication may not read any other.
        let mut denied: Option<Error> = None;
        loop {
            if let Some(error) = &denied {
                for read in std::mem::take(&mut queue) {
                    self.read_prescriptions(read, Err(failure_of(error)), extraction)?;
                }
            }
            while under_way.len() < self.limits.concurrency.max(1) {
                let Some(mut read) = queue.pop_front() else { break };
                read.sent_with = sha256(self.token.expose_secret());
                if let Some(ticket) = self.send_read(&read) {
                    under_way.insert(ticket, read);
                } else {
                    self.read_prescriptions(
                        read,
                        Err(Failure::open("its id cannot be part of an address")),
                        extraction,
                    )?;
                }
            }
            let Some((ticket, response)) = self.session.next_answer() else { break };
            let Some(mut read) = under_way.remove(&ticket) else { continue };
            self.count_bytes(&response)?;
            match response.and_then(|response: Response| answer::judge(&response)) {
                Err(error) if error.code() == Code::FhirUnauthorized && !read.refreshed => {
                    match self.token_after(&read.sent_with)? {
                        Ok(()) => {
                            read.refreshed = true;
                            queue.push_front(read);
                        }
                        Err(refused) => {
                            self.read_prescriptions(read, Err(failure_of(&refused)), extraction)?
                        }
                    }
                }
                Err(error) => {
                    let failure = failure_of(&error);
                    if error.code() == Code::FhirDenied {
                        denied.get_or_insert(error);
                    }
                    self.read_prescriptions(read, Err(failure), extraction)?;
                }
                Ok(answer) => {
                    let medication = medication_of(answer, &read.id);
                    self.read_prescriptions(read, medication, extraction)?;
                }
            }
        }
        self.report_unresolved();
        Ok(())
    }

    fn send_read(&mut self, read: &MedicationRead) -> Option<crate::net::Ticket> {
        let mut url = self.source.base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(["Medication", &read.id]);
        let kind = read.orders.first()?.kind;
        self.report.resource(kind).requests += 1;
        let request = self.request(&url);
        Some(self.session.send(request))
    }

    /// Makes the rows of the prescriptions that waited for a Medication.
    fn read_prescriptions(
        &mut self,
        read: MedicationRead,
        medication: std::result::Result<Json, Failure>,
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        for PendingPrescription { kind, text, .. } in read.orders {
            // Its text was read before, as a match.
            let Ok(Entry::Match(resource)) = bundle::entry(&text) else { continue };
            let id = resource.get("id").text().unwrap_or_default().to_owned();
            // A later version may have been received while this one waited.
            if !extraction.is_current(kind, &id, ledger::version_of(&resource)) {
                continue;
            }
            match &medication {
                Ok(medication) => extraction.read(kind, &id, &with_medication(resource, medication))?,
                Err(failure) => {
                    self.leave_unresolved(kind, &resource, failure);
                    extraction.read(kind, &id, &resource)?;
                }
            }
        }
        Ok(())
    }

    fn report_unresolved(&mut self) {
        for (kind, unresolved) in std::mem::take(&mut self.medications.unresolved) {
            if unresolved.shown > 0 {
                self.report.warn(format!(
                    "medications that the EHR does not return are shown with the text of the reference ({kind})"
                ));
            }
            if let Some(why) = unresolved.why {
                let count = unresolved.open;
                self.report.resource(kind).end_search(SearchEnd::Partial(format!(
                    "the medication of {count} of the resources could not be read: {why}"
                )));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_medication_takes_the_place_of_the_reference_and_nothing_else_changes() {
        let order = Json::parse(
            r##"{"id": "m", "contained": [{"id": "medication", "code": {"text": "other"}}],
                "medicationReference": {"reference": "Medication/7", "display": "D"}, "status": "active"}"##,
        );
        let medication = Json::parse(
            r#"{"resourceType": "Medication", "id": "7", "code": {"text": "A"}, "text": {"div": "x"}}"#,
        );
        let resolved = with_medication(order.unwrap(), &medication.unwrap());
        let expected = Json::parse(
            r##"{"id": "m", "status": "active",
                "contained": [{"resourceType": "Medication", "id": "medication", "code": {"text": "A"}}],
                "medicationReference": {"reference": "#medication", "display": "D"}}"##,
        );
        assert_eq!(resolved, expected.unwrap());
    }
}
