//! Retrieval: searches and their pages, several at once, until each has ended in its own way.
//!
//! A state machine over network events: an event is waited for, then judged, and what it asks for (the
//! next page, a new token) is done outside the wait (DESIGN, questions settled).

use super::{
    plan::Search,
    report::{Report, Status},
};
use crate::{
    config::Limits,
    error::{Code, Error, Result},
    fhir::{Json, answer, bundle, outcome::Issue, paging, patient},
    net::{Authorization, Request, Session, Ticket},
    secret::{ExposeSecret, Secret},
    source::Source,
    vault::sha256,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use url::Url;

/// Gets a new token for one that the server has refused.
pub type Refresh<'a> = dyn FnMut(&Secret) -> Result<Secret> + 'a;

/// Resources by type and id: pages may repeat them (O27).
pub type Resources = BTreeMap<(String, String), Json>;

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
    /// Bounds.
    pub limits: &'a Limits,
    /// What is told.
    pub report: &'a mut Report,
    /// Bytes of answers so far.
    pub bytes: usize,
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
}

impl Page {
    fn first(search: Search) -> Self {
        let url = search.url.clone();
        let (seen, sent_with) = (BTreeSet::new(), Vec::new());
        Page { search, url, number: 1, seen, sent_with, refreshed: false, restarted: false }
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
        let old = self.token.clone();
        self.token = (self.refresh)(&old)?;
        self.report.refreshed = true;
        Ok(())
    }

    /// One request by itself, with one refresh if the token is refused.
    ///
    /// # Errors
    /// The network's or the judgement's.
    pub fn read(&mut self, url: &Url) -> Result<Json> {
        let mut refreshed = false;
        loop {
            let request = self.request(url);
            self.session.send(request);
            let (_, response) = self.session.next_answer().ok_or_else(|| Error::new(Code::Internal))?;
            match answer::judge(&response?) {
                Err(error) if error.code() == Code::FhirUnauthorized && !refreshed => {
                    refreshed = true;
                    self.new_token()?;
                }
                Err(error) => return Err(error),
                Ok(answer) => {
                    answer.tolerated.into_iter().for_each(|what| self.report.tolerate(what));
                    return Ok(answer.body);
                }
            }
        }
    }

    /// All pages of all searches. A search that fails is told of in the report and does not stop others.
    ///
    /// # Errors
    /// [`Code::PatientMismatch`] as soon as a resource of another patient comes, whatever a refresh
    /// reports, and [`Code::LimitExceeded`]: these stop the pull.
    pub fn all(&mut self, searches: Vec<Search>, patient_id: &str) -> Result<Resources> {
        let mut waiting: VecDeque<Page> = searches.into_iter().map(Page::first).collect();
        let mut under_way: HashMap<Ticket, Page> = HashMap::new();
        let mut resources = Resources::new();
        loop {
            while under_way.len() < self.limits.concurrency.max(1) {
                let Some(mut page) = waiting.pop_front() else { break };
                page.sent_with = sha256(self.token.expose_secret());
                let request = self.request(&page.url);
                self.report.resources.entry(page.search.resource_type.clone()).or_default().requests += 1;
                under_way.insert(self.session.send(request), page);
            }
            let Some((ticket, response)) = self.session.next_answer() else { return Ok(resources) };
            let Some(page) = under_way.remove(&ticket) else { continue };
            let resource_type = page.search.resource_type.clone();
            if let Ok(response) = &response {
                self.bytes += response.body.len();
                if self.bytes > self.limits.pull_bytes {
                    let detail = format!("{} bytes", self.limits.pull_bytes);
                    return Err(Error::new(Code::LimitExceeded).detail(detail));
                }
            }
            match response.and_then(|response| answer::judge(&response)) {
                Err(error) if error.code() == Code::FhirUnauthorized && !page.refreshed => {
                    // Another page may have brought the new token already.
                    if page.sent_with == sha256(self.token.expose_secret()) {
                        self.new_token()?;
                    }
                    waiting.push_front(Page { refreshed: true, ..page });
                }
                // Epic's paging session has ended: the search begins anew, once; repeats are dropped (E18).
                Err(error) if error.vendor_error().code.as_deref() == Some("4113") && !page.restarted => {
                    waiting.push_back(Page { restarted: true, ..Page::first(page.search) });
                }
                Err(error) => self.report.resources.entry(resource_type).or_default().failed(&error),
                Ok(answer) => {
                    answer.tolerated.into_iter().for_each(|what| self.report.tolerate(what));
                    let bundle::Page { resources: matches, issues, next } = bundle::page(answer.body);
                    self.remark(&issues, &resource_type);
                    self.keep(matches, &resource_type, patient_id, &mut resources)?;
                    match self.following(page, next) {
                        Ok(next) => waiting.extend(next),
                        Err(error) => {
                            let told = self.report.resources.entry(resource_type).or_default();
                            told.failed(&error);
                            told.status = Status::Partial;
                        }
                    }
                }
            }
        }
    }

    /// What the server remarks beside the matches: some of it means that matches are left out.
    fn remark(&mut self, issues: &[Issue], resource_type: &str) {
        for issue in issues {
            if issue.withholds() {
                let told = self.report.resources.entry(resource_type.to_owned()).or_default();
                told.withheld(issue.code());
            } else {
                self.report.tolerate(format!("server remark {}", issue.code()));
            }
        }
    }

    /// Keeps the matches of a page, each checked to be about the patient.
    fn keep(
        &mut self,
        matches: Vec<Json>,
        asked: &str,
        patient_id: &str,
        resources: &mut Resources,
    ) -> Result<()> {
        let told = self.report.resources.entry(asked.to_owned()).or_default();
        for resource in matches {
            let kind = resource.get("resourceType").text().unwrap_or_default().to_owned();
            if kind != asked {
                told.discard("other_type");
                continue;
            }
            match patient::is_about(self.source, &resource, patient_id) {
                Some(true) => {}
                Some(false) => return Err(Error::new(Code::PatientMismatch).detail(format!("in a {kind}"))),
                None => {
                    told.discard("no_patient");
                    continue;
                }
            }
            let Some(id) = resource.get("id").text().map(str::to_owned) else {
                told.discard("no_id");
                continue;
            };
            if resources.len() >= self.limits.rows {
                return Err(Error::new(Code::LimitExceeded).detail(format!("{} resources", self.limits.rows)));
            }
            match resources.entry((kind, id)) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    told.received += 1;
                    place.insert(resource);
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    if is_newer(&resource, place.get()) {
                        place.insert(resource);
                    }
                }
            }
        }
        Ok(())
    }

    /// The page after this one, if there is one.
    fn following(&self, page: Page, link: Option<String>) -> Result<Option<Page>> {
        let Some(link) = link else { return Ok(None) };
        let url = paging::next_address(self.source, &page.url, &link)?;
        let mut seen = page.seen;
        seen.insert(page.url.as_str().to_owned());
        if seen.contains(url.as_str()) {
            return Err(Error::new(Code::FhirError).detail("the pages run in a circle"));
        }
        if page.number >= self.limits.pages {
            return Err(Error::new(Code::LimitExceeded).detail(format!("{} pages", self.limits.pages)));
        }
        Ok(Some(Page { url, seen, number: page.number + 1, refreshed: false, ..page }))
    }
}

/// The later version of a resource that came twice.
fn is_newer(new: &Json, old: &Json) -> bool {
    let updated = |json: &Json| {
        json.at(&["meta", "lastUpdated"]).text().and_then(|text| text.parse::<jiff::Timestamp>().ok())
    };
    let version =
        |json: &Json| json.at(&["meta", "versionId"]).text().and_then(|text| text.parse::<u64>().ok());
    (updated(new), version(new)) > (updated(old), version(old))
}
