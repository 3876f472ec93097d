//! Runs the searches of a pull: requests all pages, several at once, until each search has ended.
//!
//! The loop waits for one answer, reads it, and then sends the next page, or the same page with a new token. It does nothing else
//! while it waits for the network.

use super::{
    extract::Extraction,
    ledger::{NoRowReason, Occurrence},
    medications::{Match, Medications},
    plan::Search,
    proof::Proof,
    report::SearchEnd,
    retrieval::{Retrieval, error_for_holder},
};
use crate::{
    error::{Code, Error, Result},
    fhir::{
        Json, answer,
        bundle::{self, Entry, IncludedResource},
        json::JsonError,
        paging,
        patient::{self, PatientIdentifiers, ResourceOwner},
    },
    net::{Response, Ticket, charset},
    secret::ExposeSecret,
    source::Source,
    vault::sha256,
};
use std::collections::{BTreeSet, HashMap, VecDeque};
use url::Url;

/// One page of a search: waiting to be requested, or requested.
struct Page {
    search: Search,
    url: Url,
    /// The number of the page in its search, from 1.
    number: usize,
    /// The URLs of the earlier pages, so that a loop is found.
    seen: BTreeSet<String>,
    /// The hash of the token that the request was sent with.
    sent_with: Vec<u8>,
    /// Whether the page was requested again with a new token.
    refreshed: bool,
    /// Whether the search was started again.
    restarted: bool,
    /// Which part of the answer the scopes exclude, so that it is not everything.
    limited_to: Option<String>,
    proof: Proof,
}

impl Page {
    fn first(search: Search) -> Self {
        Page {
            url: search.url.clone(),
            search,
            number: 1,
            seen: BTreeSet::new(),
            sent_with: Vec::new(),
            refreshed: false,
            restarted: false,
            limited_to: None,
            proof: Proof::default(),
        }
    }

    /// The page that a next link leads to.
    fn at(mut self, url: Url) -> Self {
        self.seen.insert(self.url.as_str().to_owned());
        Page { url, number: self.number + 1, refreshed: false, ..self }
    }
}

/// What to do after a page could not be read.
#[derive(Debug, PartialEq, Eq)]
enum NextStep {
    /// Refresh the token, and request the page again.
    RefreshToken,
    /// Start the search again.
    RestartSearch,
    /// End the search with the error.
    EndSearch,
}

/// The next step after an error. Each page is requested with at most one new token, and each search starts again at most once.
fn after_error(error: &Error, page: &Page) -> NextStep {
    if error.code() == Code::FhirUnauthorized && !page.refreshed {
        return NextStep::RefreshToken;
    }
    // The paging session at Epic has ended. Resources of the pages before are received again, and counted once (E18).
    if error.vendor_error().code.as_deref() == Some("4113") && !page.restarted {
        return NextStep::RestartSearch;
    }
    NextStep::EndSearch
}

/// The URL of the next page of a search.
///
/// # Errors
/// [`Code::NextLinkLoop`], [`Code::PageLimitReached`], and the errors of [`paging::next_address`].
fn next_url(source: &Source, most_pages: usize, page: &Page, link: &str) -> Result<Url> {
    let url = paging::next_address(source, &page.url, link)?;
    if page.seen.contains(url.as_str()) || url == page.url {
        return Err(Error::new(Code::NextLinkLoop));
    }
    if page.number >= most_pages {
        return Err(Error::new(Code::PageLimitReached).detail(format!("{most_pages} pages")));
    }
    Ok(url)
}

/// Whether a match of a search can be used.
#[derive(Debug, PartialEq, Eq)]
enum MatchCheck {
    /// It is the patient's resource with this id.
    Usable(String),
    /// Its patient, id or type is not known.
    Unusable(NoRowReason),
    /// It refers to its patient at this base URL, which is neither the source's nor an alias.
    UnknownServer(String),
    /// It is a resource of another patient.
    OtherPatient,
}

/// Checks a match of a search for `resource_type`.
fn check_match(
    source: &Source,
    resource_type: &str,
    patient: &PatientIdentifiers,
    resource: &Json,
) -> MatchCheck {
    if resource.get("resourceType").text() != Some(resource_type) {
        return MatchCheck::Unusable(NoRowReason::OtherType);
    }
    match patient::owner_of(source, resource, patient) {
        ResourceOwner::ThisPatient => {}
        ResourceOwner::OtherPatient => return MatchCheck::OtherPatient,
        ResourceOwner::UnknownServer(base) => return MatchCheck::UnknownServer(base),
        ResourceOwner::Unknown => return MatchCheck::Unusable(NoRowReason::NoPatient),
    }
    match resource.get("id").text() {
        Some(id) => MatchCheck::Usable(id.to_owned()),
        None => MatchCheck::Unusable(NoRowReason::NoId),
    }
}

/// The searches of one pull while they run.
struct SearchRun<'a, 'r, 'e> {
    retrieval: &'a mut Retrieval<'r>,
    patient: &'a PatientIdentifiers,
    extraction: &'a mut Extraction<'e>,
    medications: Medications,
    /// Pages that are not requested yet.
    waiting: VecDeque<Page>,
    /// Pages that are requested and not answered yet.
    sent: HashMap<Ticket, Page>,
}

/// Requests all pages of all searches, and gives their matches to the extraction while they arrive. A search that fails is in the
/// report and does not stop the other searches.
///
/// # Errors
/// [`Code::PatientMismatch`] when a resource of another patient is received, [`Code::LimitExceeded`], and the store's. These end
/// the pull.
pub(super) fn run(
    retrieval: &mut Retrieval<'_>,
    searches: Vec<Search>,
    patient: &PatientIdentifiers,
    extraction: &mut Extraction<'_>,
) -> Result<()> {
    let mut run = SearchRun {
        retrieval,
        patient,
        extraction,
        medications: Medications::default(),
        waiting: searches.into_iter().map(Page::first).collect(),
        sent: HashMap::new(),
    };
    run.request_pages()?;
    run.medications.read_missing(run.retrieval, run.extraction)
}

impl SearchRun<'_, '_, '_> {
    fn request_pages(&mut self) -> Result<()> {
        loop {
            self.send_pages();
            let Some((ticket, response)) = self.retrieval.session.next_answer() else { return Ok(()) };
            let Some(page) = self.sent.remove(&ticket) else { continue };
            self.retrieval.count_bytes(&response)?;
            match response {
                Ok(response) => self.read_answer(&response, page)?,
                Err(error) => self.handle_error(error, page)?,
            }
        }
    }

    /// Sends waiting pages, as many as may be requested at once.
    fn send_pages(&mut self) {
        while self.sent.len() < self.retrieval.limits.concurrency.max(1) {
            let Some(mut page) = self.waiting.pop_front() else { break };
            // The scopes are those of the current token: a refresh may have narrowed them.
            match self.retrieval.check_search(page.search.resource_type, &page.search.url) {
                Ok(limit) => page.limited_to = page.limited_to.or(limit),
                Err(not_granted) => {
                    self.end_with_error(&page, not_granted);
                    continue;
                }
            }
            page.sent_with = sha256(self.retrieval.token.expose_secret());
            let request = self.retrieval.request(&page.url);
            self.retrieval.report.resource(page.search.resource_type).requests += 1;
            self.sent.insert(self.retrieval.session.send(request), page);
        }
    }

    /// Does the next step after a page could not be requested or read.
    fn handle_error(&mut self, error: Error, page: Page) -> Result<()> {
        match after_error(&error, &page) {
            NextStep::RefreshToken => match self.retrieval.refresh_after(&page.sent_with)? {
                Ok(()) => self.waiting.push_back(Page { refreshed: true, ..page }),
                // The token may be valid for other resource types, so only this search ends.
                Err(refused) => self.end_with_error(&page, refused),
            },
            NextStep::RestartSearch => {
                self.waiting.push_back(Page { restarted: true, ..Page::first(page.search) });
            }
            NextStep::EndSearch => self.end_with_error(&page, error),
        }
        Ok(())
    }

    /// A search that the scopes exclude has no requests in the report.
    fn end_with_error(&mut self, page: &Page, error: Error) {
        let error = error_for_holder(error, self.retrieval.is_system);
        let end = if page.proof.has_pages() { SearchEnd::CutOff(error) } else { SearchEnd::Failed(error) };
        self.end_search(page, end);
    }

    fn end_search(&mut self, page: &Page, end: SearchEnd) {
        self.retrieval.report.resource(page.search.resource_type).end_search(end);
    }

    /// Reads the answer with a page. The next page then waits, or the search ends.
    fn read_answer(&mut self, response: &Response, mut page: Page) -> Result<()> {
        let text = charset::text(response);
        let (answer, warnings) = match answer::judge_page(response, &text) {
            Ok(judged) => judged,
            Err(error) => return self.handle_error(error, page),
        };
        self.retrieval.warn(warnings);
        page.proof.add(&answer);
        if let Err(why) = self.read_entries(&answer, &mut page)? {
            return self.handle_error(answer::body_error(why.into(), response), page);
        }
        let Some(link) = answer.next else {
            let end = page.proof.end(self.retrieval.source.policy.total_is_estimate);
            self.end_search(&page, end.limited_to(page.limited_to.as_deref()));
            return Ok(());
        };
        match next_url(self.retrieval.source, self.retrieval.limits.pages, &page, &link) {
            Ok(url) => self.waiting.push_back(page.at(url)),
            Err(error) => self.end_with_error(&page, error),
        }
        Ok(())
    }

    /// Reads the entries of a page one by one, so that the page is never in memory as a tree. The inner error means that an entry
    /// cannot be read, which ends the search.
    fn read_entries(
        &mut self,
        answer: &bundle::Page<'_>,
        page: &mut Page,
    ) -> Result<std::result::Result<(), JsonError>> {
        let resource_type = page.search.resource_type;
        let included = if resource_type.starts_with("Medication") {
            bundle::included_medications(answer)
        } else {
            Ok(Vec::new())
        };
        let included = match included {
            Ok(included) => included,
            Err(why) => return Ok(Err(why)),
        };
        for raw in &answer.entries {
            let entry = match bundle::entry(raw.get()) {
                Ok(entry) => entry,
                Err(why) => return Ok(Err(why)),
            };
            page.proof.add_entry(&entry);
            match entry {
                Entry::Match(resource) => {
                    self.read_match(Match { resource, text: raw.get() }, &included, page)?;
                }
                Entry::Issues(issues) => self.retrieval.warn_of_issues(&issues),
                Entry::Unreadable => {
                    self.extraction.register_unusable(resource_type, NoRowReason::NoType)?;
                }
                Entry::Include(_) => {}
            }
        }
        Ok(Ok(()))
    }

    /// Reads a match, if it is a resource of the patient.
    fn read_match(&mut self, found: Match<'_>, included: &[IncludedResource], page: &mut Page) -> Result<()> {
        let resource_type = page.search.resource_type;
        match check_match(self.retrieval.source, resource_type, self.patient, &found.resource) {
            MatchCheck::Usable(id) => {
                let occurrence = self.extraction.register(resource_type, &id, &found.resource)?;
                if occurrence != Occurrence::Repeated {
                    let source = self.retrieval.source;
                    self.medications.extract_match(
                        source,
                        resource_type,
                        found,
                        included,
                        self.extraction,
                    )?;
                }
            }
            MatchCheck::Unusable(reason) => {
                self.extraction.register_unusable(resource_type, reason)?;
                page.proof.discard();
            }
            MatchCheck::UnknownServer(base) => {
                self.extraction.register_unusable(resource_type, NoRowReason::UnknownBase)?;
                page.proof.discard_unknown_server(base);
            }
            MatchCheck::OtherPatient => {
                return Err(Error::new(Code::PatientMismatch).detail(format!("in a {resource_type}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::VendorError, source::tests::source};

    fn page(query: &str) -> Page {
        let url = Url::parse(&format!("https://fhir.example/r4/t/Observation?{query}")).unwrap();
        Page::first(Search { resource_type: "Observation", url })
    }

    #[test]
    fn a_refused_token_is_refreshed_once_and_an_ended_paging_session_restarts_the_search_once() {
        let ended_session = || {
            let vendor = VendorError { code: Some("4113".to_owned()), ..VendorError::default() };
            Error::new(Code::FhirUnavailable).vendor(vendor)
        };
        let unauthorized = || Error::new(Code::FhirUnauthorized);
        for (name, error, refreshed, restarted, expected) in [
            ("refused", unauthorized(), false, false, NextStep::RefreshToken),
            ("refused again", unauthorized(), true, false, NextStep::EndSearch),
            ("session ended", ended_session(), false, false, NextStep::RestartSearch),
            ("session ended after a refresh", ended_session(), true, false, NextStep::RestartSearch),
            ("session ended again", ended_session(), false, true, NextStep::EndSearch),
            ("denied", Error::new(Code::FhirDenied), false, false, NextStep::EndSearch),
        ] {
            let page = Page { refreshed, restarted, ..page("a=1") };
            assert_eq!(after_error(&error, &page), expected, "{name}");
        }
    }

    #[test]
    fn a_next_link_leads_to_a_new_page_below_the_limit() {
        let source = source("");
        let second = page("page=1").at(page("page=2").url);
        for (name, most_pages, link, expected) in [
            ("a new page", 9, "?page=3", None),
            ("the page itself", 9, "?page=2", Some(Code::NextLinkLoop)),
            ("an earlier page", 9, "?page=1", Some(Code::NextLinkLoop)),
            ("the last page that is allowed", 3, "?page=3", None),
            ("too many pages", 2, "?page=3", Some(Code::PageLimitReached)),
            (
                "another server",
                9,
                "https://other.example/r4/t/Observation?page=3",
                Some(Code::NextLinkRefused),
            ),
        ] {
            let url = next_url(&source, most_pages, &second, link);
            assert_eq!(url.err().map(|error| error.code()), expected, "{name}");
        }
    }

    #[test]
    fn a_page_keeps_the_pages_before_and_may_be_refreshed_again() {
        let first = Page { refreshed: true, restarted: true, ..page("page=1") };
        let second = first.at(page("page=2").url);
        assert_eq!((second.number, second.refreshed, second.restarted), (2, false, true));
        assert!(second.seen.contains(page("page=1").url.as_str()));
    }

    #[test]
    fn only_a_resource_with_the_type_the_patient_and_an_id_is_used() {
        let source = source("");
        let chart = Json::parse(r#"{"resourceType": "Patient", "id": "p"}"#).unwrap();
        let patient = PatientIdentifiers::new(&source, &chart, ["p".to_owned()].into());
        let usable = || MatchCheck::Usable("o".to_owned());
        for (resource, expected) in [
            (r#""resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/p"}"#, usable()),
            (
                r#""resourceType": "Condition", "id": "o", "subject": {"reference": "Patient/p"}"#,
                MatchCheck::Unusable(NoRowReason::OtherType),
            ),
            (
                r#""id": "o", "subject": {"reference": "Patient/p"}"#,
                MatchCheck::Unusable(NoRowReason::OtherType),
            ),
            (
                r#""resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/q"}"#,
                MatchCheck::OtherPatient,
            ),
            (
                r#""resourceType": "Observation", "subject": {"reference": "Patient/p"}"#,
                MatchCheck::Unusable(NoRowReason::NoId),
            ),
            (r#""resourceType": "Observation", "id": "o""#, MatchCheck::Unusable(NoRowReason::NoPatient)),
            (
                r#""resourceType": "Observation", "id": "o", "subject": {"reference": "https://other.example/fhir/Patient/p"}"#,
                MatchCheck::UnknownServer("https://other.example/fhir".to_owned()),
            ),
        ] {
            let json = Json::parse(&format!("{{{resource}}}")).unwrap();
            assert_eq!(check_match(&source, "Observation", &patient, &json), expected, "{resource}");
        }
    }
}
