//! Opaque next links: what a search found is remembered, and a page is cut from it when its link is followed.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use crate::{
    faults::Met,
    http::{Form, Request},
    options::Personality,
    world::{World, random_token},
};

use super::{Answer, access::Access, bundle, deny_type, problem::Problem};

/// How many searches are remembered; the oldest goes first.
const MAX_SEARCHES: usize = 10_000;

/// A search and what it found.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) resource_type: String,
    /// The query as it came, for the self link.
    pub(crate) query: String,
    pub(crate) identifier_search: bool,
    pub(crate) asked_count: bool,
    pub(crate) found: Vec<usize>,
    pub(crate) size: usize,
}

/// The searches that have more pages.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    searches: HashMap<String, Arc<Search>>,
    order: VecDeque<String>,
}

impl Pages {
    pub(crate) fn remember(&mut self, search: &Arc<Search>) -> String {
        let token = random_token(18);
        self.searches.insert(token.clone(), search.clone());
        self.order.push_back(token.clone());
        if self.order.len() > MAX_SEARCHES
            && let Some(oldest) = self.order.pop_front()
        {
            self.searches.remove(&oldest);
        }
        token
    }
}

/// The address of a page of a remembered search, relative to the FHIR base, in the personality's shape.
pub(crate) fn address(world: &World, search: &Search, token: &str, offset: usize) -> String {
    let resource_type = &search.resource_type;
    match world.options.personality {
        Personality::Oracle => {
            format!("{resource_type}?pageContext={token}.{offset}&direction=NEXT")
        }
        Personality::Epic => format!("{resource_type}?sessionID={token}.{offset}"),
        Personality::Smart => format!(
            "?_getpages={token}&_getpagesoffset={offset}&_count={}&_bundletype=searchset",
            search.size
        ),
    }
}

/// Whether a query is that of a next link.
pub(crate) fn is_page(form: &Form) -> bool {
    ["pageContext", "sessionID", "_getpages"].iter().any(|name| form.get(name).is_some())
}

fn read_token(form: &Form) -> Option<(String, usize)> {
    if let Some(token) = form.get("_getpages") {
        let offset = form.get("_getpagesoffset").unwrap_or("0").parse().ok()?;
        return Some((token.to_owned(), offset));
    }
    let (token, offset) = form.get("pageContext").or_else(|| form.get("sessionID"))?.rsplit_once('.')?;
    Some((token.to_owned(), offset.parse().ok()?))
}

/// The resource type of a next link that does not name it.
pub(crate) fn type_of_request(world: &World, request: &Request) -> Option<String> {
    if !request.query.contains("_getpages=") {
        return None;
    }
    let (token, _) = read_token(&request.query_form())?;
    let state = world.state();
    Some(state.pages.searches.get(&token)?.resource_type.clone())
}

/// The page a next link leads to.
pub(crate) fn next(world: &World, access: &Access, form: &Form, met: &Met) -> Answer {
    let expired = || Problem::new(400, "expired", "4113", "The paging session has expired: search again");
    let (token, offset) = read_token(form).ok_or_else(expired)?;
    let search = world
        .state()
        .pages
        .searches
        .get(&token)
        .cloned()
        .filter(|search| offset < search.found.len() && !met.has("page-expired"))
        .ok_or_else(expired)?;
    deny_type(met, &search.resource_type)?;
    access.may_search(&search.resource_type)?;
    // The link may have been made for another token: each resource must be inside this one's view.
    let records = world.records();
    if search.found.iter().any(|&at| !access.sees(records.at(at))) {
        return Err(Problem::new(403, "forbidden", "4118", "The page belongs to another token"));
    }
    Ok(bundle::page(world, &search, Some(&token), offset, met))
}
