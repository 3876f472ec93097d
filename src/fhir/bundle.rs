//! One page of a search: its matches, outcomes (which are not matches, D24), next link and defects. A page with a defect does not
//! prove that the search is complete.

use super::{
    Json,
    json::{self, JsonError, Members},
    number,
    outcome::{self, Issue},
};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// A defect of a page. A page with a defect does not prove that the search is complete (FHIR R4, search, section 3.1.1.5; Bundle).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PageDefect {
    /// The HTTP status is not 200.
    Status,
    /// The Bundle is not of type searchset.
    BundleType,
    /// `total` is present and cannot be read.
    Total,
    /// An entry has no resource, or a resource without a type.
    Entry,
    /// A next link has no URL.
    NextLink,
}

impl PageDefect {
    /// The words in the report.
    pub fn reason(self) -> &'static str {
        match self {
            PageDefect::Status => "the EHR answered with an HTTP status other than 200",
            PageDefect::BundleType => "the EHR answered with a Bundle that is not a searchset",
            PageDefect::Total => "the EHR sent a total that cannot be read",
            PageDefect::Entry => "the EHR sent an entry without a resource or without a resource type",
            PageDefect::NextLink => "the EHR sent a link to the next page without a URL",
        }
    }
}

/// A resource that the EHR includes with the matches, such as the Medication of a prescription.
#[derive(Debug)]
pub struct IncludedResource {
    /// The URL of its entry.
    pub full_url: Option<String>,
    /// The resource.
    pub resource: Json,
}

/// A page of a searchset. Its entries stay text and are read one at a time, so a page needs only the memory of its text and of one
/// resource.
#[derive(Debug, Default)]
pub struct Page<'a> {
    /// The entries in the order of the server, to be read with [`entry`].
    pub entries: Vec<&'a RawValue>,
    /// The URL of the next page as sent; it may be relative.
    pub next: Option<String>,
    /// The number of matches on all pages, as the server counts them.
    pub total: Option<u64>,
    /// The defects. With one of them the page proves nothing.
    pub defects: BTreeSet<PageDefect>,
}

/// The content of one entry of a page.
#[derive(Debug)]
pub enum Entry {
    /// A resource that matches the search.
    Match(Json),
    /// A resource that is included with the matches.
    Include(IncludedResource),
    /// Issues that the server reports.
    Issues(Vec<Issue>),
    /// No resource, or a resource without a type.
    Unreadable,
}

/// Reads a page from the members of its Bundle.
///
/// # Errors
/// A member is too large.
pub fn page<'a>(bundle: &Members<'a>) -> Result<Page<'a>, JsonError> {
    let member = |name: &str| bundle.get(name).map_or(Ok(Json::Null), |raw| Json::read(raw.get()));
    let mut page = Page::default();
    if super::token(&member("type")?) != "searchset" {
        page.defects.insert(PageDefect::BundleType);
    }
    let total = member("total")?;
    page.total = total.digits().and_then(number::whole);
    if page.total.is_none() && !total.is_null() {
        page.defects.insert(PageDefect::Total);
    }
    let links = member("link")?;
    let next = links.items().iter().find(|link| super::token(link.get("relation")) == "next");
    page.next = next.and_then(|link| link.get("url").text()).map(str::to_owned);
    if next.is_some() && page.next.is_none() {
        page.defects.insert(PageDefect::NextLink);
    }
    page.entries = bundle.get("entry").map(|raw| items(raw)).unwrap_or_default();
    Ok(page)
}

/// The items of an array as text. A single value counts as an array of one item, as in [`Json::items`].
fn items(raw: &RawValue) -> Vec<&RawValue> {
    match raw.get().bytes().next() {
        Some(b'[') => serde_json::from_str(raw.get()).unwrap_or_default(),
        Some(b'n') | None => Vec::new(),
        Some(_) => vec![raw],
    }
}

/// Reads the text of an entry of a page.
///
/// # Errors
/// It is not JSON or is too large for one resource.
pub fn entry(text: &str) -> Result<Entry, JsonError> {
    let mut entry = Json::read(text)?;
    let resource = entry.take("resource");
    let kind = resource.get("resourceType").text().unwrap_or_default();
    let mode = super::token(entry.at(&["search", "mode"]));
    Ok(if kind == "OperationOutcome" {
        Entry::Issues(outcome::issues(&resource))
    } else if mode == "include" || (mode.is_empty() && kind == "Medication") {
        // No search asks for Medication, so a Medication without a mode is not a match.
        Entry::Include(IncludedResource {
            full_url: entry.get("fullUrl").text().map(str::to_owned),
            resource,
        })
    } else if kind.is_empty() {
        Entry::Unreadable
    } else {
        Entry::Match(resource)
    })
}

/// The Medications that a page includes. They are all in memory while the page is read, so together they may be as large as
/// one resource.
///
/// # Errors
/// They are too large, or an entry cannot be read.
pub fn included_medications(page: &Page<'_>) -> Result<Vec<IncludedResource>, JsonError> {
    let mut values_left = json::RESOURCE_VALUES;
    let mut found = Vec::new();
    for raw in page.entries.iter().filter(|raw| raw.get().contains("\"Medication\"")) {
        if let Entry::Include(included) = entry(raw.get())?
            && included.resource.get("resourceType").text() == Some("Medication")
        {
            values_left -= json::check_size(raw.get(), values_left, json::DEPTH)?;
            found.push(included);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(text: &str) -> Page<'_> {
        page(&Json::members(text).unwrap()).unwrap()
    }

    /// The kinds of the entries.
    fn kinds(page: &Page<'_>) -> Vec<&'static str> {
        let kind = |raw: &&RawValue| match entry(raw.get()).unwrap() {
            Entry::Match(_) => "match",
            Entry::Include(_) => "include",
            Entry::Issues(_) => "issues",
            Entry::Unreadable => "unreadable",
        };
        page.entries.iter().map(kind).collect()
    }

    #[test]
    fn outcomes_and_includes_are_not_matches() {
        let page = page_of(
            r#"{"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}],
                "entry": [{"resource": {"resourceType": "Patient", "id": "1"}, "search": {"mode": "match"}},
                          {"resource": {"resourceType": "Practitioner", "id": "2"}, "search": {"mode": "include"}},
                          {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]},
                           "search": {"mode": "outcome"}}]}"#,
        );
        assert_eq!(kinds(&page), ["match", "include", "issues"]);
        assert_eq!(page.next.as_deref(), Some("b"));
        assert!(page.defects.is_empty());
    }

    #[test]
    fn every_kind_of_entry_is_read() {
        for (entry, expected) in [
            ("null", vec![]),
            ("[]", vec![]),
            ("[null, 1, {}]", vec!["unreadable"; 3]),
            (r#"[{"resource": {"id": "x"}}]"#, vec!["unreadable"]),
            (r#"{"resource": {"resourceType": "Patient"}}"#, vec!["match"]),
            (r#"[{"search": {"mode": "Include "}, "resource": {}}]"#, vec!["include"]),
        ] {
            let text = format!(r#"{{"entry": {entry}}}"#);
            assert_eq!(kinds(&page_of(&text)), expected, "{entry}");
        }
    }

    #[test]
    fn a_page_with_a_defect_has_the_reason() {
        let proof = r#"{"resourceType": "Bundle", "type": "searchset", "total": 1}"#;
        for (from, to, defect, total) in [
            ("", "", None, Some(1)),
            (r#""type": "searchset""#, r#""type": "Searchset ""#, None, Some(1)),
            (r#""total": 1"#, r#""total": "12""#, None, Some(12)),
            (r#""total": 1"#, r#""total": 1.0"#, None, Some(1)),
            (r#""total": 1"#, r#""total": null"#, None, None),
            (r#""type": "searchset""#, r#""type": "collection""#, Some(PageDefect::BundleType), Some(1)),
            (r#""type": "searchset","#, "", Some(PageDefect::BundleType), Some(1)),
            (r#""total": 1"#, r#""total": "many""#, Some(PageDefect::Total), None),
            (r#""total": 1"#, r#""total": -1"#, Some(PageDefect::Total), None),
            (r#""total": 1"#, r#""total": 1.5"#, Some(PageDefect::Total), None),
            (
                r#""total": 1"#,
                r#""total": 1, "link": [{"relation": "next"}]"#,
                Some(PageDefect::NextLink),
                Some(1),
            ),
        ] {
            let text = proof.replace(from, to);
            let page = page_of(&text);
            assert_eq!(page.defects.into_iter().next(), defect, "{to}");
            assert_eq!(page.total, total, "{to}");
        }
    }
}
