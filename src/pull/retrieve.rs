//! Retrieval: searches and their pages, several at once, until each has ended in its own way.
//!
//! A state machine over network events: an event is waited for, then judged, and what it asks for (the
//! next page, a new token) is done outside the wait.

use super::{
    extract::Extraction,
    ledger::{Occurrence, Reason},
    medications::Medications,
    plan::Search,
    proof::Proof,
    report::{Report, SearchEnd},
};
use crate::{
    config::Limits,
    error::{Code, Error, Result, Stage},
    fhir::{
        Json, answer,
        bundle::{self, Entry, Included},
        json::{self, Unreadable},
        outcome::Issue,
        paging,
        patient::{self, About, Names},
    },
    net::{Authorization, Request, Response, Session, Ticket, charset},
    secret::{ExposeSecret, Secret},
    source::Source,
    vault::sha256,
};
use std::collections::{BTreeSet, HashMap, VecDeque};
use url::Url;

/// Bytes of one answer about the Patient itself. A photo may be part of it.
const PATIENT_BYTES: usize = 4 * 1024 * 1024;

/// Gets a new token for one that the server has refused.
pub type Refresh<'a> = dyn FnMut(&Secret) -> Result<Secret> + 'a;

/// A retrieval under way.
pub struct Retrieval<'a> {
    /// The source.
    pub source: &'a Source,
    /// The network.
    pub session: Session<'a>,
    /// The access token.
    pub token: Secret,
    /// What gets another.
    pub refresh: &'a mut Refresh<'a>,
    /// Why no other token can be got: it is asked for once.
    pub refresh_failed: Option<Error>,
    /// Whether the token is the system account's, for which no user can sign in again.
    pub is_system: bool,
    /// Bounds.
    pub limits: &'a Limits,
    /// The report of the pull.
    pub report: &'a mut Report,
    /// Bytes of answers so far.
    pub bytes: usize,
    /// Prescriptions that wait for their medication.
    pub medications: Medications,
}

/// Whether a match is used.
enum Kept {
    Yes,
    /// Its patient, id or type is not known.
    No,
    /// It refers to its patient at this base address, which is not known here.
    Elsewhere(String),
}

/// One page under way.
struct Page {
    search: Search,
    url: Url,
    number: usize,
    /// Addresses of this search, so that a loop ends.
    seen: BTreeSet<String>,
    /// The token it was sent with, as a hash.
    sent_with: Vec<u8>,
    refreshed: bool,
    restarted: bool,
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
            proof: Proof::default(),
        }
    }
}

impl Retrieval<'_> {
    pub(super) fn request(&self, url: &Url) -> Request {
        Request {
            authorization: Authorization::Bearer(self.token.clone(), self.source.base.origin()),
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

    /// One request by itself, with one refresh if the token is refused.
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
                judged => return judged.map_err(|error| self.of_holder(error)),
            }
        }
    }

    fn tolerate(&mut self, remarks: Vec<String>) {
        remarks.into_iter().for_each(|what| self.report.tolerate(what));
    }

    /// Reads one resource; whether its status is 200 is in the answer.
    ///
    /// # Errors
    /// The network's; see [`answer::judge`].
    pub fn read(&mut self, url: &Url) -> Result<answer::Answer> {
        let mut answer = self.exchange(url, answer::judge)?;
        self.tolerate(std::mem::take(&mut answer.warnings));
        Ok(answer)
    }

    /// Reads one page of a search for a patient: its matches, and the address of the next page. `values_left` is how many
    /// JSON values the matches of all pages may still have together.
    ///
    /// # Errors
    /// The network's; see [`answer::judge_page`]. [`Code::ResponseTooLarge`] when no values are left.
    pub fn read_page(
        &mut self,
        url: &Url,
        proof: &mut Proof,
        values_left: &mut usize,
    ) -> Result<(Vec<Json>, Option<String>)> {
        let (resources, next, issues, warnings) = self.exchange(url, |response| {
            let text = charset::text(response);
            let (page, warnings) = answer::judge_page(response, &text)?;
            proof.add(&page);
            let (mut resources, mut remarks) = (Vec::new(), Vec::new());
            for raw in &page.entries {
                let too_large = |why: Unreadable| answer::not_read(why.into(), response);
                *values_left -= json::check_size(raw.get(), *values_left, json::DEPTH).map_err(too_large)?;
                let entry = bundle::entry(raw.get()).map_err(too_large)?;
                proof.add_entry(&entry);
                match entry {
                    Entry::Match(resource) => resources.push(resource),
                    Entry::Issues(issues) => remarks.extend(issues),
                    Entry::Include(_) | Entry::Unreadable => {}
                }
            }
            Ok((resources, page.next, remarks, warnings))
        })?;
        self.tolerate(warnings);
        self.remark(&issues);
        Ok((resources, next))
    }

    /// All pages of all searches; what they hold goes into the extraction while they arrive. A search that fails is in the
    /// report and does not stop others.
    ///
    /// # Errors
    /// [`Code::PatientMismatch`] as soon as a resource of another patient comes, [`Code::LimitExceeded`], and the
    /// store's: these stop the pull.
    pub fn all(
        &mut self,
        searches: Vec<Search>,
        names: &Names,
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        let mut waiting: VecDeque<Page> = searches.into_iter().map(Page::first).collect();
        let mut under_way: HashMap<Ticket, Page> = HashMap::new();
        loop {
            while under_way.len() < self.limits.concurrency.max(1) {
                let Some(mut page) = waiting.pop_front() else { break };
                page.sent_with = sha256(self.token.expose_secret());
                let request = self.request(&page.url);
                self.report.of(page.search.resource_type).requests += 1;
                under_way.insert(self.session.send(request), page);
            }
            let Some((ticket, response)) = self.session.next_answer() else { break };
            let Some(page) = under_way.remove(&ticket) else { continue };
            self.count_bytes(&response)?;
            match response {
                Ok(response) => waiting.extend(self.take(&response, page, names, extraction)?),
                Err(error) => waiting.extend(self.go_on_after(error, page)?),
            }
        }
        self.read_medications(extraction)
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

    /// What follows a page that could not be read: the same page again, the search again, or its end.
    fn go_on_after(&mut self, error: Error, page: Page) -> Result<Option<Page>> {
        if error.code() == Code::FhirUnauthorized && !page.refreshed {
            match self.token_after(&page.sent_with)? {
                Ok(()) => return Ok(Some(Page { refreshed: true, ..page })),
                // The token may be good for other types, so only this search ends.
                Err(refused) => self.end(page, refused),
            }
            return Ok(None);
        }
        // Epic's paging session has ended: the search begins again, once; repeats are dropped (E18).
        if error.vendor_error().code.as_deref() == Some("4113") && !page.restarted {
            return Ok(Some(Page { restarted: true, ..Page::first(page.search) }));
        }
        self.end(page, error);
        Ok(None)
    }

    /// Gets a token in place of one that was refused, unless another answer has brought it already; the inner error says why
    /// there is none.
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

    /// A token that stays refused asks for another sign-in, but not of a system account.
    fn of_holder(&self, error: Error) -> Error {
        if self.is_system && error.code() == Code::FhirUnauthorized {
            error.with_code(Code::SystemAccountRejected)
        } else {
            error
        }
    }

    fn end(&mut self, page: Page, error: Error) {
        let error = self.of_holder(error);
        let some_came = page.proof.has_begun();
        self.report.of(page.search.resource_type).end_search(SearchEnd::Error(error, some_came));
    }

    /// Takes an answer: its matches into the extraction, and what follows it, if anything does.
    fn take(
        &mut self,
        response: &Response,
        mut page: Page,
        names: &Names,
        extraction: &mut Extraction<'_>,
    ) -> Result<Option<Page>> {
        let text = charset::text(response);
        let (answer, warnings) = match answer::judge_page(response, &text) {
            Ok(judged) => judged,
            Err(error) => return self.go_on_after(error, page),
        };
        self.tolerate(warnings);
        page.proof.add(&answer);
        let too_large = |why: Unreadable| answer::not_read(why.into(), response);
        let mut included = Vec::new();
        if page.search.resource_type.starts_with("Medication") {
            match bundle::included_medications(&answer) {
                Ok(found) => included = found,
                Err(why) => return self.go_on_after(too_large(why), page),
            }
        }
        for raw in &answer.entries {
            // One resource at a time: a page is never a tree as a whole.
            match bundle::entry(raw.get()) {
                Ok(entry) => {
                    page.proof.add_entry(&entry);
                    self.take_entry((entry, raw.get()), &mut page, &included, names, extraction)?;
                }
                Err(why) => return self.go_on_after(too_large(why), page),
            }
        }
        match answer.next {
            Some(link) => Ok(self.next_page(page, &link)),
            None => {
                let end = page.proof.end(self.source.policy.total_is_estimate);
                self.report.of(page.search.resource_type).end_search(end);
                Ok(None)
            }
        }
    }

    /// Takes an entry, given with its text.
    fn take_entry(
        &mut self,
        (entry, text): (Entry, &str),
        page: &mut Page,
        included: &[Included],
        names: &Names,
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        let asked = page.search.resource_type;
        match entry {
            Entry::Match(resource) => {
                match self.keep((resource, text), asked, included, names, extraction)? {
                    Kept::Yes => {}
                    Kept::No => page.proof.discard(),
                    Kept::Elsewhere(base) => page.proof.discard_elsewhere(base),
                }
            }
            Entry::Issues(issues) => self.remark(&issues),
            Entry::Unreadable => extraction.refuse(asked, Reason::NoType)?,
            Entry::Include(_) => {}
        }
        Ok(())
    }

    fn next_page(&mut self, mut page: Page, link: &str) -> Option<Page> {
        match self.next_address(&page, link) {
            Ok(url) => {
                page.seen.insert(page.url.as_str().to_owned());
                Some(Page { url, number: page.number + 1, refreshed: false, ..page })
            }
            Err(error) => {
                self.end(page, error);
                None
            }
        }
    }

    /// What the server remarks next to the matches, where nothing is missing because of it.
    fn remark(&mut self, issues: &[Issue]) {
        for issue in issues.iter().filter(|issue| !issue.withholds()) {
            self.report.tolerate(format!("server remark {}", issue.code()));
        }
    }

    /// Keeps a match that is about the patient; it is given with the text of its entry.
    fn keep(
        &mut self,
        (resource, text): (Json, &str),
        asked: &'static str,
        included: &[Included],
        names: &Names,
        extraction: &mut Extraction<'_>,
    ) -> Result<Kept> {
        let kind = resource.get("resourceType").text().unwrap_or_default();
        if kind != asked {
            extraction.refuse(asked, Reason::OtherType)?;
            return Ok(Kept::No);
        }
        match patient::is_about(self.source, &resource, names) {
            About::Own => {}
            About::Other => return Err(Error::new(Code::PatientMismatch).detail(format!("in a {kind}"))),
            About::Elsewhere(base) => {
                extraction.refuse(asked, Reason::UnknownBase)?;
                return Ok(Kept::Elsewhere(base));
            }
            About::Unknown => {
                extraction.refuse(asked, Reason::NoPatient)?;
                return Ok(Kept::No);
            }
        }
        let Some(id) = resource.get("id").text() else {
            extraction.refuse(asked, Reason::NoId)?;
            return Ok(Kept::No);
        };
        if extraction.arrive(asked, id, &resource)? != Occurrence::Repeated {
            self.read_match(asked, (resource, text), included, extraction)?;
        }
        Ok(Kept::Yes)
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
