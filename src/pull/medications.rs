//! Medications that a prescription only refers to: they are taken from the same Bundle, or read from the EHR, up to a limit.
//!
//! A prescription whose medication has to be read waits until all searches have ended. Each Medication is read once in a pull.

use super::{
    extract::Extraction,
    ledger,
    medication_place::{
        Failure, MedicationPlace, has_display, place_of_medication, reference_of, with_medication,
    },
    report::{PullReport, SearchEnd},
    retrieval::Retrieval,
};
use crate::{
    error::{Code, Error, Result},
    fhir::{
        Json, answer,
        bundle::{self, Entry, IncludedResource},
    },
    net::{Response, Ticket},
    secret::ExposeSecret,
    source::Source,
    vault::sha256,
};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// The most bytes of all prescriptions that wait for their medications.
const WAITING_BYTES: usize = 32 * 1024 * 1024;

/// A match of a search, with the text of its entry.
pub(super) struct Match<'a> {
    pub(super) resource: Json,
    pub(super) text: &'a str,
}

/// A prescription whose medication has to be read, as text, which needs less memory than a tree.
struct PendingPrescription {
    kind: &'static str,
    text: String,
    /// Whether its reference has a text that names the medication.
    has_display: bool,
}

/// The Medication in an answer, if it is the requested one.
fn medication_of(answer: answer::Answer, id: &str) -> std::result::Result<Json, Failure> {
    let body = answer.body;
    let is_it = body.get("resourceType").text() == Some("Medication") && body.get("id").text() == Some(id);
    if answer.is_status_200 && is_it {
        Ok(body)
    } else {
        Err(Failure::temporary("the EHR answered with something other than the requested Medication"))
    }
}

/// The reason why a Medication could not be read.
fn failure_of(error: &Error) -> Failure {
    let refused = matches!(error.code(), Code::FhirDenied | Code::ScopeNotGranted);
    let gone = matches!(error.http_status(), Some(404 | 410));
    let reason = if refused {
        format!(
            "{} Add Medication to the resources of the source, or ask the EHR team for the scope",
            error.message()
        )
    } else {
        error.message()
    };
    Failure { reason, is_final: refused || gone }
}

/// Prescriptions of one resource type whose medications are missing.
#[derive(Default)]
struct MissingCounts {
    /// How many of them a later pull may show differently.
    open: usize,
    /// Why the first of these is open.
    reason: Option<String>,
    /// How many are shown with the text of the reference, also in later pulls.
    shown: usize,
}

/// The prescriptions whose medications are missing, by resource type.
#[derive(Default)]
struct MissingMedications(BTreeMap<&'static str, MissingCounts>);

impl MissingMedications {
    fn count(&mut self, kind: &'static str, order: &Json, failure: &Failure) {
        let counts = self.0.entry(kind).or_default();
        if has_display(order) && failure.is_final {
            counts.shown += 1;
        } else {
            counts.open += 1;
            counts.reason.get_or_insert_with(|| failure.reason.clone());
        }
    }

    fn report(self, report: &mut PullReport) {
        for (kind, counts) in self.0 {
            if counts.shown > 0 {
                report.warn(format!(
                    "medications that the EHR does not return are shown with the text of the reference ({kind})"
                ));
            }
            if let Some(reason) = counts.reason {
                let count = counts.open;
                report.resource(kind).end_search(SearchEnd::Partial(format!(
                    "the medication of {count} of the resources could not be read: {reason}"
                )));
            }
        }
    }
}

/// The prescriptions of a pull whose medications have to be read, and those whose medications are missing.
#[derive(Default)]
pub(super) struct Medications {
    /// The prescriptions that wait, by the id of the Medication.
    waiting: BTreeMap<String, Vec<PendingPrescription>>,
    waiting_bytes: usize,
    missing: MissingMedications,
}

impl Medications {
    /// Makes the rows of a match. A prescription whose medication has to be read waits instead.
    ///
    /// # Errors
    /// As [`Extraction::read`]; [`Code::LimitExceeded`] when too many prescriptions wait.
    pub(super) fn extract_match(
        &mut self,
        source: &Source,
        kind: &'static str,
        Match { resource, text }: Match<'_>,
        page: &[IncludedResource],
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        let id = resource.get("id").text().unwrap_or_default().to_owned();
        let Some(reference) = reference_of(&resource).filter(|_| extraction.may_give_row(kind, &resource))
        else {
            return extraction.read(kind, &id, &resource);
        };
        match place_of_medication(source, &resource, reference, page) {
            MedicationPlace::Contained => extraction.read(kind, &id, &resource),
            MedicationPlace::Included(medication) => {
                extraction.read(kind, &id, &with_medication(resource, medication))
            }
            MedicationPlace::Server(medication) => {
                let (text, has_display) = (text.to_owned(), has_display(&resource));
                self.wait_for(medication, PendingPrescription { kind, text, has_display })
            }
            MedicationPlace::Missing(failure) => {
                self.missing.count(kind, &resource, &failure);
                extraction.read(kind, &id, &resource)
            }
        }
    }

    fn wait_for(&mut self, medication: String, order: PendingPrescription) -> Result<()> {
        self.waiting_bytes += order.text.len();
        if self.waiting_bytes > WAITING_BYTES {
            let detail = format!("{WAITING_BYTES} bytes of prescriptions that refer to a Medication");
            return Err(Error::new(Code::LimitExceeded).detail(detail));
        }
        self.waiting.entry(medication).or_default().push(order);
        Ok(())
    }

    /// Reads the medications that prescriptions wait for, several at once, and makes the rows of the prescriptions.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`], and the store's. A Medication that cannot be read is in the report.
    pub(super) fn read_missing(
        self,
        retrieval: &mut Retrieval<'_>,
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        let queue = reads_in_order(self.waiting);
        let missing = self.missing;
        let denied = retrieval.check_read("Medication").err().map(|error| failure_of(&error));
        let mut run = MedicationRun { retrieval, extraction, missing, queue, sent: HashMap::new(), denied };
        run.skip_over_limit()?;
        run.read_all()?;
        run.missing.report(run.retrieval.report);
        Ok(())
    }
}

/// The read of one Medication, with the prescriptions that wait for it.
struct MedicationRead {
    id: String,
    orders: Vec<PendingPrescription>,
    /// The hash of the token that the request was sent with.
    sent_with: Vec<u8>,
    /// Whether the request was sent again with a new token.
    refreshed: bool,
}

/// The reads of medications. Those of prescriptions that show no text without their medication come first.
fn reads_in_order(waiting: BTreeMap<String, Vec<PendingPrescription>>) -> VecDeque<MedicationRead> {
    let mut reads: Vec<MedicationRead> = waiting
        .into_iter()
        .map(|(id, orders)| MedicationRead { id, orders, sent_with: Vec::new(), refreshed: false })
        .collect();
    reads.sort_by_key(|read| read.orders.iter().all(|order| order.has_display));
    reads.into()
}

/// The reads of the medications of one pull while they run.
struct MedicationRun<'a, 'r, 'e> {
    retrieval: &'a mut Retrieval<'r>,
    extraction: &'a mut Extraction<'e>,
    missing: MissingMedications,
    /// Reads that are not sent yet.
    queue: VecDeque<MedicationRead>,
    /// Reads that are sent and not answered yet.
    sent: HashMap<Ticket, MedicationRead>,
    /// Why no Medication can be read: the scopes exclude it, or the first answer that denied a read. A grant that may not read one Medication may not read any other.
    denied: Option<Failure>,
}

impl MedicationRun<'_, '_, '_> {
    /// Ends the reads that are more than the policy `medication_reads` allows.
    fn skip_over_limit(&mut self) -> Result<()> {
        let most = self.retrieval.source.policy.medication_reads;
        let failure = Failure::permanent(format!("the policy medication_reads of the source is {most}"));
        for read in self.queue.split_off(most.min(self.queue.len())) {
            self.finish(read, Err(failure.clone()))?;
        }
        Ok(())
    }

    fn read_all(&mut self) -> Result<()> {
        loop {
            self.skip_if_denied()?;
            self.send_reads()?;
            let Some((ticket, response)) = self.retrieval.session.next_answer() else { return Ok(()) };
            let Some(read) = self.sent.remove(&ticket) else { continue };
            self.retrieval.count_bytes(&response)?;
            self.read_answer(read, response)?;
        }
    }

    /// Ends all reads that are not sent yet, after a read was denied.
    fn skip_if_denied(&mut self) -> Result<()> {
        let Some(failure) = self.denied.clone() else { return Ok(()) };
        for read in std::mem::take(&mut self.queue) {
            self.finish(read, Err(failure.clone()))?;
        }
        Ok(())
    }

    /// Sends reads, as many as may be requested at once.
    fn send_reads(&mut self) -> Result<()> {
        while self.sent.len() < self.retrieval.limits.concurrency.max(1) {
            let Some(mut read) = self.queue.pop_front() else { break };
            read.sent_with = sha256(self.retrieval.token.expose_secret());
            match self.send(&read) {
                Some(ticket) => drop(self.sent.insert(ticket, read)),
                None => self.finish(read, Err(Failure::temporary("its id cannot be part of an address")))?,
            }
        }
        Ok(())
    }

    /// Sends one read; `None` when the URL cannot be built.
    fn send(&mut self, read: &MedicationRead) -> Option<Ticket> {
        let mut url = self.retrieval.source.base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(["Medication", &read.id]);
        let kind = read.orders.first()?.kind;
        self.retrieval.report.resource(kind).requests += 1;
        let request = self.retrieval.request(&url);
        Some(self.retrieval.session.send(request))
    }

    /// Reads the answer to one read. When the token was refused, the read waits again with a new token.
    fn read_answer(&mut self, read: MedicationRead, response: Result<Response>) -> Result<()> {
        match response.and_then(|response| answer::judge(&response)) {
            Ok(answer) => {
                let medication = medication_of(answer, &read.id);
                self.finish(read, medication)
            }
            Err(error) if error.code() == Code::FhirUnauthorized && !read.refreshed => {
                match self.retrieval.refresh_after(&read.sent_with)? {
                    Ok(()) => {
                        self.queue.push_front(MedicationRead { refreshed: true, ..read });
                        Ok(())
                    }
                    Err(refused) => self.finish(read, Err(failure_of(&refused))),
                }
            }
            Err(error) => {
                let failure = failure_of(&error);
                if error.code() == Code::FhirDenied {
                    self.denied.get_or_insert_with(|| failure.clone());
                }
                self.finish(read, Err(failure))
            }
        }
    }

    /// Makes the rows of the prescriptions that waited for a Medication.
    fn finish(&mut self, read: MedicationRead, medication: std::result::Result<Json, Failure>) -> Result<()> {
        for PendingPrescription { kind, text, .. } in read.orders {
            // This text was parsed as a match before it waited.
            let Ok(Entry::Match(resource)) = bundle::entry(&text) else { continue };
            let id = resource.get("id").text().unwrap_or_default().to_owned();
            // A later version may have been received while this one waited.
            if !self.extraction.is_current(kind, &id, ledger::version_of(&resource)) {
                continue;
            }
            match &medication {
                Ok(medication) => self.extraction.read(kind, &id, &with_medication(resource, medication))?,
                Err(failure) => {
                    self.missing.count(kind, &resource, failure);
                    self.extraction.read(kind, &id, &resource)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prescriptions_without_a_text_of_their_own_are_read_first() {
        let order =
            |has_display| PendingPrescription { kind: "MedicationRequest", text: String::new(), has_display };
        let waiting = BTreeMap::from([
            ("a".to_owned(), vec![order(true)]),
            ("b".to_owned(), vec![order(true), order(false)]),
            ("c".to_owned(), vec![order(true)]),
        ]);
        let ids: Vec<String> = reads_in_order(waiting).into_iter().map(|read| read.id).collect();
        assert_eq!(ids, ["b", "a", "c"]);
    }

    #[test]
    fn a_missing_medication_is_shown_by_its_reference_only_if_no_later_pull_can_read_it() {
        let order = |display: &str| {
            Json::parse(&format!(r#"{{"medicationReference": {{"reference": "Medication/7"{display}}}}}"#))
                .unwrap()
        };
        let (named, unnamed) = (order(r#", "display": "D""#), order(""));
        for (order, failure, is_shown) in [
            (&named, Failure::permanent("p"), true),
            (&named, Failure::temporary("t"), false),
            (&unnamed, Failure::permanent("p"), false),
            (&unnamed, Failure::temporary("t"), false),
        ] {
            let (mut missing, mut report) = (MissingMedications::default(), PullReport::default());
            missing.count("MedicationRequest", order, &failure);
            missing.report(&mut report);
            assert_eq!(!report.warnings.is_empty(), is_shown, "{failure:?}");
            assert_eq!(report.is_complete(), is_shown, "{failure:?}");
        }
    }
}
