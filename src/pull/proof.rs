//! The proof that the answers to one search are complete.

use super::report::SearchEnd;
use crate::{
    fhir::{
        bundle::{self, Entry, PageDefect},
        outcome::Issue,
    },
    staging::draft::resource_hash,
};
use std::collections::{BTreeSet, HashSet};

/// What the pages of one search have shown so far.
#[derive(Debug, Default)]
pub struct Proof {
    pages: usize,
    /// All distinct matches, used or not, by a hash of type and id.
    matches: HashSet<[u8; 16]>,
    /// How many matches have no id.
    without_id: usize,
    /// The greatest total that a page has.
    total: Option<u64>,
    defects: BTreeSet<PageDefect>,
    /// The worst issue with the effect that data is missing.
    worst_issue: Option<Issue>,
    /// How many matches were not used because their patient, id or type is not known.
    unknown: usize,
    /// How many matches were not used because they refer to their patient at another base URL, and the first such URL.
    unknown_server: Option<(usize, String)>,
}

impl Proof {
    /// Adds one page, without its entries.
    pub fn add(&mut self, page: &bundle::Page<'_>) {
        self.pages += 1;
        self.total = self.total.max(page.total);
        self.defects.extend(&page.defects);
    }

    /// Whether a page was added.
    pub fn has_pages(&self) -> bool {
        self.pages > 0
    }

    /// Adds one entry of a page.
    pub fn add_entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Match(resource) => {
                let kind = resource.get("resourceType").text().unwrap_or_default();
                match resource.get("id").text() {
                    Some(id) => drop(self.matches.insert(resource_hash(kind, id))),
                    None => self.without_id += 1,
                }
            }
            Entry::Issues(issues) => {
                let worst = issues.iter().filter(|issue| issue.withholds()).max_by_key(|one| one.effect());
                let known = self.worst_issue.as_ref().map(Issue::effect);
                if let Some(issue) = worst.filter(|issue| Some(issue.effect()) > known) {
                    self.worst_issue = Some(issue.clone());
                }
            }
            Entry::Unreadable => {
                self.defects.insert(PageDefect::Entry);
                self.without_id += 1;
                self.unknown += 1;
            }
            Entry::Include(_) => {}
        }
    }

    /// Counts a match that is not used because its patient, id or type is not known.
    pub fn discard(&mut self) {
        self.unknown += 1;
    }

    /// Counts a match that is not used because it refers to its patient at another base URL.
    pub fn discard_unknown_server(&mut self, base: String) {
        self.unknown_server.get_or_insert((0, base)).0 += 1;
    }

    /// The end of the search: complete, or partial with the reason. All pages must have been added.
    pub fn end(&self, total_is_estimate: bool) -> SearchEnd {
        let found = self.matches.len() + self.without_id;
        if let Some(issue) = &self.worst_issue {
            let code = issue.code();
            return SearchEnd::Partial(format!("the EHR reports that it leaves data out (code {code})"));
        }
        if let Some(defect) = self.defects.first() {
            return SearchEnd::Partial(defect.reason().to_owned());
        }
        if let Some((count, base)) = &self.unknown_server {
            return SearchEnd::Partial(format!(
                "{count} of the resources refer to their patient at another base URL ({base:.200}), so they were not used. \
                 If it is the same server, add the URL to aliases of the source"
            ));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::Json;

    fn end(pages: &[&str], estimate: bool) -> String {
        let mut proof = Proof::default();
        for text in pages {
            let text = format!(r#"{{"resourceType": "Bundle", "type": "searchset", {text}}}"#);
            let page = bundle::page(&Json::members(&text).unwrap()).unwrap();
            proof.add(&page);
            page.entries.iter().for_each(|raw| proof.add_entry(&bundle::entry(raw.get()).unwrap()));
        }
        match proof.end(estimate) {
            SearchEnd::Complete => "complete".to_owned(),
            SearchEnd::Partial(reason) => reason,
            SearchEnd::CutOff(error) | SearchEnd::Failed(error) => error.message(),
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
    fn an_issue_that_withholds_data_makes_a_search_incomplete() {
        let outcome = |code: &str| {
            format!(
                r#""entry": [{{"resource": {{"resourceType": "OperationOutcome",
                "issue": [{{"severity": "warning", "code": "{code}"}}]}}, "search": {{"mode": "outcome"}}}}]"#
            )
        };
        let (withheld, remark) = (outcome("suppressed"), outcome("informational"));
        assert_eq!(end(&[&remark], false), "complete");
        for pages in [[withheld.as_str(), &remark], [remark.as_str(), &withheld]] {
            assert!(end(&pages, false).contains("code suppressed"), "{pages:?}");
        }
    }
}
