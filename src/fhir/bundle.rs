//! One page of a search: the matches apart from the outcomes among them (D24), and the next link.

use super::{
    Json,
    outcome::{self, Issue},
};

/// A page of a searchset.
#[derive(Debug, Default)]
pub struct Page {
    /// The matching resources, in the server's order.
    pub resources: Vec<Json>,
    /// What the server remarked; never a match.
    pub issues: Vec<Issue>,
    /// The next page's address as sent: opaque, possibly relative.
    pub next: Option<String>,
}

/// Takes a Bundle apart.
pub fn page(mut bundle: Json) -> Page {
    let mut page = Page::default();
    let next = bundle.get("link").items().iter().find(|link| super::token(link.get("relation")) == "next");
    page.next = next.and_then(|link| link.get("url").text()).map(str::to_owned);
    for mut entry in bundle.take("entry").into_items() {
        let resource = entry.take("resource");
        let kind = resource.get("resourceType").text().unwrap_or_default();
        if kind == "OperationOutcome" {
            page.issues.extend(outcome::issues(&resource));
        } else if !kind.is_empty() && super::token(entry.at(&["search", "mode"])) != "include" {
            page.resources.push(resource);
        }
    }
    page.issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_and_remarks_are_apart() {
        let bundle = Json::parse(
            r#"{"resourceType": "Bundle", "link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}],
                "entry": [{"resource": {"resourceType": "Patient", "id": "1"}, "search": {"mode": "match"}},
                          {"resource": {"resourceType": "Practitioner", "id": "2"}, "search": {"mode": "include"}},
                          {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]},
                           "search": {"mode": "outcome"}}, {}]}"#,
        );
        let page = page(bundle.unwrap());
        assert_eq!((page.resources.len(), page.issues.len(), page.next.as_deref()), (1, 1, Some("b")));
    }
}
