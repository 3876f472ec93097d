//! Requests for the next page of a search.

use std::sync::Arc;

use crate::{
    ehr::Ehr,
    faults::RequestFaults,
    http::{Form, Request},
};

use super::{
    access::{self, Access},
    bundle,
    page_link::PageLink,
    pages::Search,
    problem::{Answer, Problem},
};

fn find(ehr: &Ehr, link: &PageLink) -> Option<Arc<Search>> {
    ehr.pages().get(&link.token).cloned()
}

/// The resource type of a link that does not name it (`?_getpages=...`).
pub(crate) fn type_of_request(ehr: &Ehr, request: &Request) -> Option<String> {
    if !request.query.contains("_getpages=") {
        return None;
    }
    let link = PageLink::parse(&request.query_form())?;
    Some(find(ehr, &link)?.resource_type.clone())
}

/// Answers a link to a page.
pub(crate) fn answer(ehr: &Ehr, access: &Access, form: &Form, faults: &RequestFaults) -> Answer {
    let expired =
        || Problem::new(400, "expired", "4113", "The paging session has expired. Repeat the search.");
    let link = PageLink::parse(form).ok_or_else(expired)?;
    let search = find(ehr, &link)
        .filter(|search| link.offset < search.matches.len() && !faults.contains("page-expired"))
        .ok_or_else(expired)?;
    access::check_deny_type(faults, &search.resource_type)?;
    access.search_level(&search.resource_type)?;
    // Another token may have made the link, so this token's access to each match is checked.
    let resources = ehr.resources();
    if search.matches.iter().any(|&index| !access.covers(resources.at(index))) {
        return Err(Problem::new(403, "forbidden", "4118", "The page belongs to another token"));
    }
    Ok(bundle::page(ehr, &search, Some(&link.token), link.offset, faults))
}
