//! Retrieval: searches and their pages, several at once, until each has ended in its own way.
//!
//! A state machine over network events: an event is waited for, then judged, and what it asks for (the
//! next page, a new token) is done outside the wait (DESIGN, questions settled).

use super::{
    extract::Extraction,
    ledger::{self, Arrival, Reason},
    plan::Search,
    report::{Report, SearchEnd},
};
use crate::{
    config::Limits,
    error::{Code, Error, Result, Stage},
    fhir::{
        Json, answer,
        bundle::{self, Doubt, Entry},
        json,
        outcome::Issue,
        paging, patient,
    },
    net::{Authorization, Request, Response, Session, Ticket},
    secret::{ExposeSecret, Secret},
    source::Source,
    staging::draft::resource_hash,
    vault::sha256,
};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
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
}

/// What the answers to one search prove, page by page.
#[derive(Debug, Default)]
pub struct Proof {
    pages: usize,
    /// Distinct matches, by a hash of type and id, before any filter of ours.
    matches: HashSet<[u8; 16]>,
    /// Matches that cannot be told apart.
    unnamed: usize,
    /// The greatest number of matches that a page promised.
    total: Option<u64>,
    doubts: BTreeSet<Doubt>,
    /// The gravest issue that says that data is missing.
    withheld: Option<Issue>,
    /// Matches that were discarded because their patient, id or type is not known.
    unknown: usize,
}

impl Proof {
    /// Counts one page, without its entries.
    pub fn add(&mut self, page: &bundle::Page<'_>) {
        self.pages += 1;
        self.total = self.total.max(page.total);
        self.doubts.extend(&page.doubts);
    }

    /// Counts one entry of a page.
    pub fn add_entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Match(resource) => {
                let kind = resource.get("resourceType").text().unwrap_or_default();
                match resource.get("id").text() {
                    Some(id) => drop(self.matches.insert(resource_hash(kind, id))),
                    None => self.unnamed += 1,
                }
            }
            Entry::Issues(issues) => {
                let gravest = issues.iter().filter(|issue| issue.withholds()).max_by_key(|one| one.effect());
                let known = self.withheld.as_ref().map(Issue::effect);
                if let Some(issue) = gravest.filter(|issue| Some(issue.effect()) > known) {
                    self.withheld = Some(issue.clone());
                }
            }
            Entry::Unreadable => {
                self.doubts.insert(Doubt::Entry);
                self.unnamed += 1;
                self.unknown += 1;
            }
            Entry::Include(_) => {}
        }
    }

    /// Counts a match that is not used because its patient, id or type is not known.
    pub fn discard(&mut self) {
        self.unknown += 1;
    }

    /// Whether the answers prove that everything came; otherwise why not. All pages must have been read.
    pub fn end(&self, total_is_estimate: bool) -> SearchEnd {
        let found = self.matches.len() + self.unnamed;
        if let Some(issue) = &self.withheld {
            let code = issue.code();
            return SearchEnd::Partial(format!("the EHR says that it leaves something out (code {code})"));
        }
        if let Some(doubt) = self.doubts.first() {
            return SearchEnd::Partial(doubt.reason().to_owned());
        }
        if self.unknown > 0 {
            let count = self.unknown;
            return SearchEnd::Partial(format!(
                "{count} of the resources do not show their patient, id or type, so they were not used"
            ));
        }
        match self.total {
            Some(total) if !total_is_estimate && total > found as u64 => {
                SearchEnd::Partial(format!("the EHR counts {total} matches and sent {found}"))
            }
            _ => SearchEnd::Complete,
        }
    }
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
    fn request(&self, url: &Url) -> Request {
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
        self.tolerate(std::mem::take(&mut answer.tolerated));
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
        let (resources, next, issues, tolerated) = self.exchange(url, |response| {
            let text = Json::text_of(&response.body);
            let (page, tolerated) = answer::judge_page(response, &text)?;
            proof.add(&page);
            let (mut resources, mut remarks) = (Vec::new(), Vec::new());
            for raw in &page.entries {
                let too_large = |why| answer::not_read(why, response);
                *values_left -= json::check_size(raw.get(), *values_left, json::DEPTH).map_err(too_large)?;
                let entry = bundle::entry(raw).map_err(too_large)?;
                proof.add_entry(&entry);
                match entry {
                    Entry::Match(resource) => resources.push(resource),
                    Entry::Issues(issues) => remarks.extend(issues),
                    Entry::Include(_) | Entry::Unreadable => {}
                }
            }
            Ok((resources, page.next, remarks, tolerated))
        })?;
        self.tolerate(tolerated);
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
        patient_ids: &[String],
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
            let Some((ticket, response)) = self.session.next_answer() else { return Ok(()) };
            let Some(page) = under_way.remove(&ticket) else { continue };
            self.count_bytes(&response)?;
            match response {
                Ok(response) => waiting.extend(self.take(&response, page, patient_ids, extraction)?),
                Err(error) => waiting.extend(self.go_on_after(error, page)?),
            }
        }
    }

    fn count_bytes(&mut self, response: &Result<Response>) -> Result<()> {
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
            // Another page may have brought the new token already.
            let current = page.sent_with != sha256(self.token.expose_secret());
            match if current { Ok(()) } else { self.new_token() } {
                Ok(()) => return Ok(Some(Page { refreshed: true, ..page })),
                Err(store) if store.code().stage() == Stage::Store => return Err(store),
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
        let some_came = page.proof.pages > 0;
        self.report.of(page.search.resource_type).end_search(SearchEnd::Error(error, some_came));
    }

    /// Takes an answer: its matches into the extraction, and what follows it, if anything does.
    fn take(
        &mut self,
        response: &Response,
        mut page: Page,
        patient_ids: &[String],
        extraction: &mut Extraction<'_>,
    ) -> Result<Option<Page>> {
        let text = Json::text_of(&response.body);
        let (answer, tolerated) = match answer::judge_page(response, &text) {
            Ok(judged) => judged,
            Err(error) => return self.go_on_after(error, page),
        };
        self.tolerate(tolerated);
        page.proof.add(&answer);
        for raw in &answer.entries {
            // One resource at a time: a page is never a tree as a whole.
            let entry = match bundle::entry(raw) {
                Ok(entry) => entry,
                Err(why) => return self.go_on_after(answer::not_read(why, response), page),
            };
            page.proof.add_entry(&entry);
            self.take_entry(&entry, &mut page, patient_ids, extraction)?;
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

    fn take_entry(
        &mut self,
        entry: &Entry,
        page: &mut Page,
        patient_ids: &[String],
        extraction: &mut Extraction<'_>,
    ) -> Result<()> {
        let asked = page.search.resource_type;
        match entry {
            Entry::Match(resource) => {
                if !self.keep(resource, asked, patient_ids, extraction)? {
                    page.proof.discard();
                }
            }
            Entry::Issues(issues) => self.remark(issues),
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

    /// Keeps a match that is about the patient; false when its patient, id or type is not known.
    fn keep(
        &mut self,
        resource: &Json,
        asked: &'static str,
        patient_ids: &[String],
        extraction: &mut Extraction<'_>,
    ) -> Result<bool> {
        let kind = resource.get("resourceType").text().unwrap_or_default();
        if kind != asked {
            extraction.refuse(asked, Reason::OtherType)?;
            return Ok(false);
        }
        match patient::is_about(self.source, resource, patient_ids) {
            Some(true) => {}
            Some(false) => return Err(Error::new(Code::PatientMismatch).detail(format!("in a {kind}"))),
            None => {
                extraction.refuse(asked, Reason::NoPatient)?;
                return Ok(false);
            }
        }
        let Some(id) = resource.get("id").text() else {
            extraction.refuse(asked, Reason::NoId)?;
            return Ok(false);
        };
        if extraction.arrive(asked, id, ledger::stamp(resource))? != Arrival::Repeated {
            extraction.read(asked, id, resource)?;
        }
        Ok(true)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn end(pages: &[&str], estimate: bool) -> String {
        let mut proof = Proof::default();
        for text in pages {
            let text = format!(r#"{{"resourceType": "Bundle", "type": "searchset", {text}}}"#);
            let page = bundle::page(&Json::members(&text).unwrap()).unwrap();
            proof.add(&page);
            page.entries.iter().for_each(|raw| proof.add_entry(&bundle::entry(raw).unwrap()));
        }
        match proof.end(estimate) {
            SearchEnd::Complete => "complete".to_owned(),
            SearchEnd::Partial(reason) => reason,
            SearchEnd::Error(error, _) => error.message(),
        }
    }

    #[test]
    fn fewer_matches_than_the_total_are_not_complete() {
        let entry = |ids: &[&str]| {
            let one =
                |id: &&str| format!(r#"{{"resource": {{"resourceType": "Observation", "id": "{id}"}}}}"#);
            ids.iter().map(one).collect::<Vec<_>>().join(",")
        };
        let page = |total: &str, ids: &[&str]| format!(r#"{total} "entry": [{}]"#, entry(ids));
        for (pages, expected) in [
            (vec![page("", &["a"])], "complete"),
            (vec![page(r#""total": 1,"#, &["a"])], "complete"),
            (vec![page(r#""total": 0,"#, &[])], "complete"),
            (vec![page(r#""total": 1,"#, &["a", "b"])], "complete"),
            (vec![page(r#""total": 3,"#, &["a"])], "the EHR counts 3 matches and sent 1"),
            (vec![page(r#""total": 1,"#, &[])], "the EHR counts 1 matches and sent 0"),
            (vec![page(r#""total": 3,"#, &["a", "b"]), page("", &["c"])], "complete"),
            (
                vec![page(r#""total": 3,"#, &["a", "b"]), page("", &["b"])],
                "the EHR counts 3 matches and sent 2",
            ),
            (
                vec![page(r#""total": 2,"#, &["a", "b"]), page(r#""total": 3,"#, &[])],
                "the EHR counts 3 matches and sent 2",
            ),
        ] {
            let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
            assert_eq!(end(&pages, false), expected, "{pages:?}");
            assert_eq!(end(&pages, true), "complete", "an estimate: {pages:?}");
        }
        let included = r#""total": 2, "entry": [{"resource": {"resourceType": "Observation", "id": "a"}},
            {"resource": {"resourceType": "Practitioner", "id": "p"}, "search": {"mode": "include"}}]"#;
        assert_eq!(end(&[included], false), "the EHR counts 2 matches and sent 1", "an include is no match");
    }

    #[test]
    fn an_issue_that_withholds_data_on_any_page_is_not_complete() {
        let outcome = |code: &str| {
            format!(
                r#""entry": [{{"resource": {{"resourceType": "OperationOutcome",
                "issue": [{{"severity": "warning", "code": "{code}"}}]}}, "search": {{"mode": "outcome"}}}}]"#
            )
        };
        let (held, remark) = (outcome("suppressed"), outcome("informational"));
        assert_eq!(end(&[&remark], false), "complete");
        for pages in [[held.as_str(), &remark], [remark.as_str(), &held]] {
            assert!(end(&pages, false).contains("code suppressed"), "{pages:?}");
        }
    }
}
