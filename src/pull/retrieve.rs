//! Retrieval: searches and their pages, several at once, until each has ended in its own way.
//!
//! A state machine over network events: an event is waited for, then judged, and what it asks for (the
//! next page, a new token) is done outside the wait (DESIGN, questions settled).

use super::{
    extract::Extraction,
    ledger::{Arrival, Reason},
    plan::Search,
    report::{Report, SearchEnd},
};
use crate::{
    config::Limits,
    error::{Code, Error, Result, Stage},
    fhir::{
        Json, answer,
        bundle::{self, Doubt},
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
    /// The code of the gravest issue that says that data is missing.
    withheld: Option<String>,
    /// Matches that were discarded because their patient, id or type is not known.
    unknown: usize,
}

impl Proof {
    /// Counts one page.
    pub fn add(&mut self, page: &bundle::Page) {
        self.pages += 1;
        self.total = self.total.max(page.total);
        self.doubts.extend(&page.doubts);
        self.unnamed += page.unreadable;
        self.unknown += page.unreadable;
        for resource in &page.resources {
            let kind = resource.get("resourceType").text().unwrap_or_default();
            match resource.get("id").text() {
                Some(id) => drop(self.matches.insert(resource_hash(kind, id))),
                None => self.unnamed += 1,
            }
        }
        let issue = page.issues.iter().filter(|issue| issue.withholds()).max_by_key(|issue| issue.effect());
        if let Some(issue) = issue {
            self.withheld.get_or_insert_with(|| issue.code().to_owned());
        }
    }

    /// Counts a match that is not used because its patient, id or type is not known.
    pub fn discard(&mut self) {
        self.unknown += 1;
    }

    /// Whether the answers prove that everything came; otherwise why not. All pages must have been read.
    pub fn end(&self, total_is_estimate: bool) -> SearchEnd {
        let found = self.matches.len() + self.unnamed;
        if let Some(code) = &self.withheld {
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
    fn exchange<T>(&mut self, url: &Url, judge: impl Fn(&Response) -> Result<T>) -> Result<T> {
        let mut refreshed = false;
        loop {
            let request = self.request(url);
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

    /// Reads one page of a search.
    ///
    /// # Errors
    /// The network's; see [`answer::judge_page`].
    pub fn read_page(&mut self, url: &Url) -> Result<bundle::Page> {
        let (page, tolerated) = self.exchange(url, answer::judge_page)?;
        self.tolerate(tolerated);
        self.remark(&page.issues);
        Ok(page)
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
            match response.and_then(|response| answer::judge_page(&response)) {
                Err(error) => waiting.extend(self.go_on_after(error, page)?),
                Ok((answer, tolerated)) => {
                    self.tolerate(tolerated);
                    waiting.extend(self.take(answer, page, patient_ids, extraction)?);
                }
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

    /// Takes a page: its matches into the extraction, and the next page if there is one.
    fn take(
        &mut self,
        answer: bundle::Page,
        mut page: Page,
        patient_ids: &[String],
        extraction: &mut Extraction<'_>,
    ) -> Result<Option<Page>> {
        let asked = page.search.resource_type;
        self.remark(&answer.issues);
        page.proof.add(&answer);
        for _ in 0..answer.unreadable {
            extraction.refuse(asked, Reason::NoType)?;
        }
        for resource in answer.resources {
            if !self.keep(&resource, asked, patient_ids, extraction)? {
                page.proof.discard();
            }
        }
        let Some(link) = answer.next else {
            let end = page.proof.end(self.source.policy.total_is_estimate);
            self.report.of(asked).end_search(end);
            return Ok(None);
        };
        match self.next_address(&page, &link) {
            Ok(url) => {
                page.seen.insert(page.url.as_str().to_owned());
                Ok(Some(Page { url, number: page.number + 1, refreshed: false, ..page }))
            }
            Err(error) => {
                self.end(page, error);
                Ok(None)
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
        if extraction.arrive(asked, id, resource)? != Arrival::Repeated {
            extraction.read(asked, id, resource)?;
        }
        Ok(true)
    }

    fn next_address(&self, page: &Page, link: &str) -> Result<Url> {
        let url = paging::next_address(self.source, &page.url, link)?;
        if page.seen.contains(url.as_str()) || url == page.url {
            return Err(Error::new(Code::FhirError).detail("the pages run in a circle"));
        }
        if page.number >= self.limits.pages {
            return Err(Error::new(Code::LimitExceeded).detail(format!("{} pages", self.limits.pages)));
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
            proof.add(&bundle::page(Json::parse(&text).unwrap()));
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
