//! Retrieval: searches and their pages, several at once, until each search has ended.
//!
//! The loop waits for one answer, reads it, and then sends what follows from it: the next page, or the same page with a new
//! token. Nothing else is done while it waits for the network.

use super::{
    extract::Extraction,
    ledger::{NoRowReason, Occurrence},
    medications::Medications,
    plan::Search,
    proof::Proof,
    report::{Report, SearchEnd},
};
use crate::{
    config::{HeaderValues, Limits},
    error::{Code, Error, Result, Stage},
    fhir::{
        Json, answer,
        bundle::{self, Entry, IncludedResource},
        json::{self, JsonError},
        outcome::Issue,
        paging,
        patient::{self, PatientIdentifiers, ResourceOwner},
    },
    net::{Authorization, Request, Response, Session, Ticket, charset},
    secret::{ExposeSecret, Secret},
    source::Source,
    vault::sha256,
};
use std::collections::{BTreeSet, HashMap, VecDeque};
use url::Url;

/// The most bytes of an answer with the Patient. A photo may be part of it.
const PATIENT_BYTES: usize = 4 * 1024 * 1024;

/// Returns a new token in place of one that the server refused.
pub type Refresh<'a> = dyn FnMut(&Secret) -> Result<Secret> + 'a;

/// The retrieval of one patient's data with one sign-in.
pub struct Retrieval<'a> {
    /// The source.
    pub source: &'a Source,
    /// The requests of the retrieval.
    pub session: Session<'a>,
    /// The access token.
    pub token: Secret,
    /// Returns a new token when the server refuses the present one.
    pub refresh: &'a mut Refresh<'a>,
    /// The error of the refresh, so that a refresh that failed is not repeated.
    pub refresh_failed: Option<Error>,
    /// Headers that the source requires.
    pub headers: HeaderValues,
    /// Whether the token is that of the system account, for which no user can sign in again.
    pub is_system: bool,
    /// The limits of the configuration.
    pub limits: &'a Limits,
    /// The report of the pull.
    pub report: &'a mut Report,
    /// The bytes of all answers so far.
    pub bytes: usize,
    /// Prescriptions whose medication is not read yet.
    pub medications: Medications,
}

/// Whether a match of a search is used.
enum MatchUse {
    Used,
    /// Its patient, id or type is not known.
    Skipped,
    /// It refers to its patient at this base URL, which is neither the source's nor an alias.
    UnknownServer(String),
}

/// One page of a search that is to be requested, or is requested.
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
    proof: Proof,
}

/// A match of a search, with the text of its entry.
pub(super) struct Match<'a> {
    pub(super) resource: Json,
    pub(super) text: &'a str,
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
            proof: Proof::default(),
        }
    }
}

impl Retrieval<'_> {
    pub(super) fn request(&self, url: &Url) -> Request {
        Request {
            authorization: Authorization::Bearer(self.token.clone(), self.source.base.origin()),
            headers: self.headers.clone(),
            ..Request::get(url.clone(), self.source.policy.accept.clone())
        }
    }

    fn new_token(&mut self) -> Result<()> {
        if let Some(error) = &self.refresh_failed {
            return Err(error.clone());
        }
        let old = self.token.clone();
        match (self.refresh)(&old) {
            Ok(token) => self.token = token,
            Err(error) => {
                self.refresh_failed = Some(error.clone());
                return Err(error);
            }
        }
        self.report.refreshed = true;
        Ok(())
    }

    /// Sends one request and waits for the answer. When the token is refused, it is refreshed once.
    fn exchange<T>(&mut self, url: &Url, mut judge: impl FnMut(&Response) -> Result<T>) -> Result<T> {
        let mut refreshed = false;
        loop {
            let request = self.request(url).at_most(PATIENT_BYTES);
            self.session.send(request);
            let (_, response) = self.session.next_answer().ok_or_else(|| Error::new(Code::Internal))?;
            match judge(&response?) {
                Err(error) if error.code() == Code::FhirUnauthorized && !refreshed => {
                    refreshed = true;
                    self.new_token()?;
                }
                judged => return judged.map_err(|error| self.holder_error(error)),
            }
        }
    }

    fn warn(&mut self, warnings: Vec<String>) {
        warnings.into_iter().for_each(|warning| self.report.warn(warning));
    }

    /// Reads one resource.
    ///
    /// # Errors
    /// The network's; see [`answer::judge`].
    pub fn read_resource(&mut self, url: &Url) -> Result<answer::Answer> {
        let mut answer = self.exchange(url, answer::judge)?;
        self.warn(std::mem::take(&mut answer.warnings));
        Ok(answer)
    }

    /// Reads one page of a search for a patient: its matches, and the URL of the next page. `values_left` is how many JSON
    /// values the matches of all further pages may have together.
    ///
    /// # Errors
    /// The network's; see [`answer::judge_page`]. [`Code::ResponseTooLarge`] when no values are left.
    pub fn read_patient_page(
        &mut self,
        url: &Url,
        proof: &mut Proof,
        values_left: &mut usize,
    ) -> Result<(Vec<Json>, Option<String>)> {
        let (resources, next, issues, warnings) = self.exchange(url, |response| {
            let text = charset::text(response);
            let (page, warnings) = answer::judge_page(response, &text)?;
            proof.add(&page);
            let (mut resources, mut issues) = (Vec::new(), Vec::new());
            for raw in &page.entries {
                let too_large = |why: JsonError| answer::body_error(why.into(), response);
                *values_left -= json::check_size(raw.get(), *values_left, json::DEPTH).map_err(too_large)?;
                let entry = bundle::entry(raw.get()).map_err(too_large)?;
                proof.add_entry(&entry);
                match entry {
                    Entry::Match(resource) => resources.push(resource),
                    Entry::Issues(found) => issues.extend(found),
                    Entry::Include(_) | Entry::Unreadable => {}
                }
            }
            Ok((resources, page.next, issues, warnings))
        })?;
        self.warn(warnings);
        self.report_remarks(&issues);
        Ok((resources, next))
    }

    /// Requests all pages of all searches, and gives their matches to the extraction while they arrive. A search that fails is
    /// in the report and does not stop the other searches.
    ///
    /// # Errors
    /// [`Code::PatientMismatch`] as soon as a resource of another patient comes, [`Code::LimitExceeded`], and the
    /// store's: these stop the pull.
    pub fn run_searches(
        &mut self,
        searches: Vec<Search>,
        patient: &PatientIdentifiers,
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        let mut waiting: VecDeque<Page> = searches.into_iter().map(Page::first).collect();
        let mut sent: HashMap<Ticket, Page> = HashMap::new();
        loop {
            self.send_pages(&mut waiting, &mut sent);
            let Some((ticket, response)) = self.session.next_answer() else { break };
            let Some(page) = sent.remove(&ticket) else { continue };
            self.count_bytes(&response)?;
            waiting.extend(match response {
                Ok(response) => self.read_answer(&response, page, patient, extraction)?,
                Err(error) => self.page_after_error(error, page)?,
            });
        }
        self.read_medications(extraction)
    }

    /// Sends waiting pages, as many as may be requested at once.
    fn send_pages(&mut self, waiting: &mut VecDeque<Page>, sent: &mut HashMap<Ticket, Page>) {
        while sent.len() < self.limits.concurrency.max(1) {
            let Some(mut page) = waiting.pop_front() else { break };
            page.sent_with = sha256(self.token.expose_secret());
            let request = self.request(&page.url);
            self.report.resource(page.search.resource_type).requests += 1;
            sent.insert(self.session.send(request), page);
        }
    }

    pub(super) fn count_bytes(&mut self, response: &Result<Response>) -> Result<()> {
        if let Ok(response) = response {
            self.bytes += response.body.len();
            if self.bytes > self.limits.pull_bytes {
                let detail = format!("{} bytes", self.limits.pull_bytes);
                return Err(Error::new(Code::LimitExceeded).detail(detail));
            }
        }
        Ok(())
    }

    /// The page to request after an error: the same page, the first page of the search, or none when the search ends.
    fn page_after_error(&mut self, error: Error, page: Page) -> Result<Option<Page>> {
        if error.code() == Code::FhirUnauthorized && !page.refreshed {
            match self.token_after(&page.sent_with)? {
                Ok(()) => return Ok(Some(Page { refreshed: true, ..page })),
                // The token may be valid for other resource types, so only this search ends.
                Err(refused) => self.end_with_error(page, refused),
            }
            return Ok(None);
        }
        // The paging session at Epic has ended: the search starts again, once. Repeated resources are dropped (E18).
        if error.vendor_error().code.as_deref() == Some("4113") && !page.restarted {
            return Ok(Some(Page { restarted: true, ..Page::first(page.search) }));
        }
        self.end_with_error(page, error);
        Ok(None)
    }

    /// Refreshes a token that was refused, unless that was done after another answer already. The inner error says why there is
    /// no new token.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn token_after(&mut self, sent_with: &[u8]) -> Result<std::result::Result<(), Error>> {
        if sent_with != sha256(self.token.expose_secret()) {
            return Ok(Ok(()));
        }
        match self.new_token() {
            Err(store) if store.code().stage() == Stage::Store => Err(store),
            renewed => Ok(renewed),
        }
    }

    /// The error of a token that stays refused: a user can sign in again, a system account cannot.
    fn holder_error(&self, error: Error) -> Error {
        if self.is_system && error.code() == Code::FhirUnauthorized {
            error.with_code(Code::SystemAccountRejected)
        } else {
            error
        }
    }

    fn end_with_error(&mut self, page: Page, error: Error) {
        let error = self.holder_error(error);
        let some_came = page.proof.has_begun();
        self.report.resource(page.search.resource_type).end_search(SearchEnd::Error(error, some_came));
    }

    /// Reads the answer with a page, and returns the page that follows it, if there is one.
    fn read_answer(
        &mut self,
        response: &Response,
        mut page: Page,
        patient: &PatientIdentifiers,
        extraction: &mut Extraction<'_>,
    ) -> Result<Option<Page>> {
        let text = charset::text(response);
        let (answer, warnings) = match answer::judge_page(response, &text) {
            Ok(judged) => judged,
            Err(error) => return self.page_after_error(error, page),
        };
        self.warn(warnings);
        page.proof.add(&answer);
        if let Err(why) = self.read_entries(&answer, &mut page, patient, extraction)? {
            return self.page_after_error(answer::body_error(why.into(), response), page);
        }
        match answer.next {
            Some(link) => Ok(self.next_page(page, &link)),
            None => {
                let end = page.proof.end(self.source.policy.total_is_estimate);
                self.report.resource(page.search.resource_type).end_search(end);
                Ok(None)
            }
        }
    }

    /// Reads the entries of a page, one resource at a time: a page is never in memory as a tree. The inner error says that an
    /// entry cannot be read, which ends the search.
    fn read_entries(
        &mut self,
        answer: &bundle::Page<'_>,
        page: &mut Page,
        patient: &PatientIdentifiers,
        extraction: &mut Extraction<'_>,
    ) -> Result<std::result::Result<(), JsonError>> {
        let mut included = Vec::new();
        if page.search.resource_type.starts_with("Medication") {
            match bundle::included_medications(answer) {
                Ok(medications) => included = medications,
                Err(why) => return Ok(Err(why)),
            }
        }
        let asked = page.search.resource_type;
        for raw in &answer.entries {
            let entry = match bundle::entry(raw.get()) {
                Ok(entry) => entry,
                Err(why) => return Ok(Err(why)),
            };
            page.proof.add_entry(&entry);
            match entry {
                Entry::Match(resource) => {
                    let one = Match { resource, text: raw.get() };
                    match self.read_match(one, asked, &included, patient, extraction)? {
                        MatchUse::Used => {}
                        MatchUse::Skipped => page.proof.discard(),
                        MatchUse::UnknownServer(base) => page.proof.discard_unknown_server(base),
                    }
                }
                Entry::Issues(issues) => self.report_remarks(&issues),
                Entry::Unreadable => extraction.register_unusable(asked, NoRowReason::NoType)?,
                Entry::Include(_) => {}
            }
        }
        Ok(Ok(()))
    }

    fn next_page(&mut self, mut page: Page, link: &str) -> Option<Page> {
        match self.next_address(&page, link) {
            Ok(url) => {
                page.seen.insert(page.url.as_str().to_owned());
                Some(Page { url, number: page.number + 1, refreshed: false, ..page })
            }
            Err(error) => {
                self.end_with_error(page, error);
                None
            }
        }
    }

    /// Reports the issues of a page because of which nothing is missing.
    fn report_remarks(&mut self, issues: &[Issue]) {
        for issue in issues.iter().filter(|issue| !issue.withholds()) {
            self.report.warn(format!("server remark {}", issue.code()));
        }
    }

    /// Reads a match, if it is a resource of the patient.
    fn read_match(
        &mut self,
        Match { resource, text }: Match<'_>,
        asked: &'static str,
        included: &[IncludedResource],
        patient: &PatientIdentifiers,
        extraction: &mut Extraction<'_>,
    ) -> Result<MatchUse> {
        let resource_type = resource.get("resourceType").text().unwrap_or_default();
        if resource_type != asked {
            extraction.register_unusable(asked, NoRowReason::OtherType)?;
            return Ok(MatchUse::Skipped);
        }
        match patient::owner_of(self.source, &resource, patient) {
            ResourceOwner::ThisPatient => {}
            ResourceOwner::OtherPatient => {
                return Err(Error::new(Code::PatientMismatch).detail(format!("in a {resource_type}")));
            }
            ResourceOwner::UnknownServer(base) => {
                extraction.register_unusable(asked, NoRowReason::UnknownBase)?;
                return Ok(MatchUse::UnknownServer(base));
            }
            ResourceOwner::Unknown => {
                extraction.register_unusable(asked, NoRowReason::NoPatient)?;
                return Ok(MatchUse::Skipped);
            }
        }
        let Some(id) = resource.get("id").text() else {
            extraction.register_unusable(asked, NoRowReason::NoId)?;
            return Ok(MatchUse::Skipped);
        };
        if extraction.register(asked, id, &resource)? != Occurrence::Repeated {
            self.extract_match(asked, Match { resource, text }, included, extraction)?;
        }
        Ok(MatchUse::Used)
    }

    fn next_address(&self, page: &Page, link: &str) -> Result<Url> {
        let url = paging::next_address(self.source, &page.url, link)?;
        if page.seen.contains(url.as_str()) || url == page.url {
            return Err(Error::new(Code::NextLinkLoop));
        }
        if page.number >= self.limits.pages {
            return Err(Error::new(Code::PageLimitReached).detail(format!("{} pages", self.limits.pages)));
        }
        Ok(url)
    }
}
