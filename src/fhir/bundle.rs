//! One page of a search: the matches apart from the outcomes among them (D24), the next link, and what keeps the page
//! from being proof.

use super::{
    Json,
    outcome::{self, Issue},
};
use crate::fields::number;
use std::collections::BTreeSet;

/// Why a page does not prove that its search was answered completely (FHIR R4, search, section 3.1.1.5; Bundle).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The HTTP status is not 200.
    Status,
    /// The Bundle is not of type searchset.
    BundleType,
    /// `total` is there and cannot be read.
    Total,
    /// An entry holds no resource, or one without a type.
    Entry,
    /// There is a next link without an address.
    NextLink,
}

impl Doubt {
    /// What the report says.
    pub fn reason(self) -> &'static str {
        match self {
            Doubt::Status => "the EHR answered with another HTTP status than 200",
            Doubt::BundleType => "the EHR answered with a Bundle that is not a searchset",
            Doubt::Total => "the EHR sent a total that cannot be read",
            Doubt::Entry => "the EHR sent an entry without a resource or without a resource type",
            Doubt::NextLink => "the EHR sent a link to the next page without an address",
        }
    }
}

/// A Medication that came along with the prescriptions that refer to it.
#[derive(Debug)]
pub struct Included {
    /// The address of its entry.
    pub full_url: Option<String>,
    /// It.
    pub resource: Json,
}

/// A page of a searchset.
#[derive(Debug, Default)]
pub struct Page {
    /// The matching resources, in the server's order.
    pub resources: Vec<Json>,
    /// The Medications that were included; other included resources are not kept.
    pub included: Vec<Included>,
    /// What the server remarked; never a match.
    pub issues: Vec<Issue>,
    /// The next page's address as sent: opaque, possibly relative.
    pub next: Option<String>,
    /// How many matches there are on all pages, as the server counts them.
    pub total: Option<u64>,
    /// Entries without a resource or without a type.
    pub unreadable: usize,
    /// What keeps the page from being proof.
    pub doubts: BTreeSet<Doubt>,
}

/// Takes a Bundle apart.
pub fn page(mut bundle: Json) -> Page {
    let mut page = Page::default();
    if super::token(bundle.get("type")) != "searchset" {
        page.doubts.insert(Doubt::BundleType);
    }
    let total = bundle.get("total");
    page.total = total.digits().and_then(number::whole);
    if page.total.is_none() && !total.is_null() {
        page.doubts.insert(Doubt::Total);
    }
    let next = bundle.get("link").items().iter().find(|link| super::token(link.get("relation")) == "next");
    page.next = next.and_then(|link| link.get("url").text()).map(str::to_owned);
    if next.is_some() && page.next.is_none() {
        page.doubts.insert(Doubt::NextLink);
    }
    for mut entry in bundle.take("entry").into_items() {
        let resource = entry.take("resource");
        let kind = resource.get("resourceType").text().unwrap_or_default();
        let mode = super::token(entry.at(&["search", "mode"]));
        if kind == "OperationOutcome" {
            page.issues.extend(outcome::issues(&resource));
        } else if mode == "include" || (mode.is_empty() && kind == "Medication") {
            // Asked for by an include, not by the search. Nothing searches for Medication, so one without a mode is no match.
            if kind == "Medication" {
                let full_url = entry.get("fullUrl").text().map(str::to_owned);
                page.included.push(Included { full_url, resource });
            }
        } else if kind.is_empty() {
            page.unreadable += 1;
            page.doubts.insert(Doubt::Entry);
        } else {
            page.resources.push(resource);
        }
    }
    page.issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(text: &str) -> Page {
        page(Json::parse(text).unwrap())
    }

    #[test]
    fn matches_and_remarks_are_apart() {
        let page = page_of(
            r#"{"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}],
                "entry": [{"resource": {"resourceType": "Patient", "id": "1"}, "search": {"mode": "match"}},
                          {"resource": {"resourceType": "Practitioner", "id": "2"}, "search": {"mode": "include"}},
                          {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]},
                           "search": {"mode": "outcome"}}]}"#,
        );
        assert_eq!((page.resources.len(), page.issues.len(), page.next.as_deref()), (1, 1, Some("b")));
        assert!(page.doubts.is_empty());
    }

    #[test]
    fn a_page_that_is_no_proof_says_why() {
        let proof = r#"{"resourceType": "Bundle", "type": "searchset", "total": 1}"#;
        for (from, to, doubt, total) in [
            ("", "", None, Some(1)),
            (r#""type": "searchset""#, r#""type": "Searchset ""#, None, Some(1)),
            (r#""total": 1"#, r#""total": "12""#, None, Some(12)),
            (r#""total": 1"#, r#""total": 1.0"#, None, Some(1)),
            (r#""total": 1"#, r#""total": null"#, None, None),
            (r#""type": "searchset""#, r#""type": "collection""#, Some(Doubt::BundleType), Some(1)),
            (r#""type": "searchset","#, "", Some(Doubt::BundleType), Some(1)),
            (r#""total": 1"#, r#""total": "many""#, Some(Doubt::Total), None),
            (r#""total": 1"#, r#""total": -1"#, Some(Doubt::Total), None),
            (r#""total": 1"#, r#""total": 1.5"#, Some(Doubt::Total), None),
            (
                r#""total": 1"#,
                r#""total": 1, "link": [{"relation": "next"}]"#,
                Some(Doubt::NextLink),
                Some(1),
            ),
            (r#""total": 1"#, r#""total": 1, "entry": [{}]"#, Some(Doubt::Entry), Some(1)),
            (
                r#""total": 1"#,
                r#""total": 1, "entry": [{"resource": {"id": "x"}}]"#,
                Some(Doubt::Entry),
                Some(1),
            ),
        ] {
            let page = page_of(&proof.replace(from, to));
            assert_eq!(page.doubts.into_iter().next(), doubt, "{to}");
            assert_eq!(page.total, total, "{to}");
        }
    }
}
