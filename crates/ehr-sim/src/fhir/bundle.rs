//! A page of a search as a Bundle. It is written as text, so that resources keep their bytes.

use std::{fmt::Write as _, sync::Arc};

use crate::{
    ehr::Ehr,
    faults::RequestFaults,
    http::Reply,
    options::{FhirRelease, Personality},
    personality::media_type,
    random::random_uuid,
};

use super::{bundle_entries::EntryList, page_link::PageLink, pages::Search};

/// The page of a search that begins at an offset. `token` is that of the link that led here; the first page has none.
pub(crate) fn page(
    ehr: &Ehr,
    search: &Arc<Search>,
    token: Option<&str>,
    offset: usize,
    faults: &RequestFaults,
) -> Reply {
    let end = offset.saturating_add(search.page_size).min(search.matches.len());
    let self_link = self_link(ehr, search, token, offset);
    let next_link = (end < search.matches.len()).then(|| next_link(ehr, search, token, offset, end, faults));
    let bundle_type = faults.argument("bundle-type").unwrap_or("searchset");
    let mut body =
        format!("{{\"resourceType\":\"Bundle\",\"id\":\"{}\",\"type\":{}", random_uuid(), quote(bundle_type));
    if let Some(total) = total(ehr, search, end - offset, faults) {
        let _ = write!(body, ",\"total\":{total}");
    }
    let _ = write!(body, ",\"link\":[{}", link("self", &self_link));
    if let Some(next) = &next_link {
        let _ = write!(body, ",{}", link("next", next));
    }
    body.push(']');
    let entries = EntryList::page(ehr, search, offset, end, faults);
    if !entries.text().is_empty() {
        let _ = write!(body, ",\"entry\":[{}]", entries.text());
    }
    body.push('}');
    let reply = Reply::new(200, media_type(ehr.options.fhir), body);
    match next_link {
        // Oracle's DSTU2 server also names the next page in a header.
        Some(next)
            if ehr.options.personality == Personality::Oracle && ehr.options.fhir == FhirRelease::Dstu2 =>
        {
            reply.with("link", format!("<{next}>; rel=\"next\""))
        }
        _ => reply,
    }
}

fn self_link(ehr: &Ehr, search: &Search, token: Option<&str>, offset: usize) -> String {
    match (token, search.query.as_str()) {
        (Some(token), _) => {
            let link = PageLink { token: token.to_owned(), offset };
            absolute_url(ehr, &link.relative_url(ehr, search))
        }
        (None, "") => absolute_url(ehr, &search.resource_type),
        (None, query) => absolute_url(ehr, &format!("{}?{query}", search.resource_type)),
    }
}

/// The link to the page that begins at `end`, with the faults that lead it elsewhere. The first page stores the search.
fn next_link(
    ehr: &Ehr,
    search: &Arc<Search>,
    token: Option<&str>,
    offset: usize,
    end: usize,
    faults: &RequestFaults,
) -> String {
    let token = match token {
        Some(token) => token.to_owned(),
        None => ehr.pages().add(search),
    };
    let repeats = faults.contains("next-loop");
    let relative = PageLink { token, offset: if repeats { offset } else { end } }.relative_url(ehr, search);
    if faults.contains("next-relative") && !repeats {
        return relative;
    }
    let absolute = absolute_url(ehr, &relative);
    if faults.contains("next-foreign-origin") && !repeats {
        let foreign = format!("http://localhost:{}", ehr.port);
        return absolute.replacen(&ehr.base, &foreign, 1);
    }
    absolute
}

fn absolute_url(ehr: &Ehr, relative: &str) -> String {
    if relative.starts_with('?') {
        return format!("{}{relative}", ehr.iss());
    }
    format!("{}/{relative}", ehr.iss())
}

fn link(relation: &str, url: &str) -> String {
    format!("{{\"relation\":\"{relation}\",\"url\":{}}}", quote(url))
}

/// A JSON string.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `Bundle.total`, which the fault `total-plus` increases.
fn total(ehr: &Ehr, search: &Search, on_page: usize, faults: &RequestFaults) -> Option<usize> {
    let all = search.matches.len();
    let total = match (ehr.options.personality, ehr.options.fhir) {
        // Epic counts the page if the request has `_count`.
        (Personality::Epic, _) if search.has_count => Some(on_page),
        // Oracle's R4 server has no total if there are more pages.
        (Personality::Oracle, FhirRelease::R4) if all > search.page_size => None,
        _ => Some(all),
    };
    match faults.number("total-plus").and_then(|more| usize::try_from(more).ok()) {
        Some(more) => Some(total.unwrap_or(all) + more),
        None => total,
    }
}
