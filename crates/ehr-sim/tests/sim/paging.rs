//! Pages, totals, and the outcomes among the matches.

use std::collections::BTreeSet;

use ehr_sim::{Options, Personality, Simulator};
use serde_json::Value;

use crate::support::{get, ids, link, options, start, system_token};

/// All pages of a search.
fn pages(sim: &Simulator, query: &str) -> Vec<Value> {
    let token = system_token(sim);
    let mut next = Some(format!("{}/{query}", sim.iss()));
    let mut pages = Vec::new();
    while let Some(url) = next {
        assert!(url.starts_with(sim.base_url()), "absolute: {url}");
        let page = get(sim, &url, &token).json();
        next = link(&page, "next");
        pages.push(page);
        assert!(pages.len() < 20, "there are too many pages");
    }
    pages
}

#[test]
fn pages_contain_each_match_once() {
    for (personality, mark) in [
        (Personality::Smart, "_getpages="),
        (Personality::Oracle, "pageContext="),
        (Personality::Epic, "sessionID="),
    ] {
        let sim = start(personality);
        let pages = pages(&sim, "Observation?patient=a&category=vital-signs&_count=3");
        assert_eq!(pages.len(), 2);
        let next = link(&pages[0], "next").expect("a next link");
        assert!(next.contains(mark), "{next}");
        let all: Vec<String> = pages.iter().flat_map(ids).collect();
        assert_eq!(all.len(), 4);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 4);
        for page in &pages {
            assert!(link(page, "self").is_some());
            assert!(page["entry"][0]["fullUrl"].as_str().is_some_and(|url| url.starts_with(&sim.iss())));
        }
        let total = match personality {
            Personality::Smart | Personality::Generic => Value::from(4),
            Personality::Oracle => Value::Null,
            Personality::Epic => Value::from(3),
        };
        assert_eq!(pages[0]["total"], total);
    }
}

#[test]
fn oracle_returns_the_newest_first() {
    let sim = start(Personality::Oracle);
    let pages = pages(&sim, "Observation?patient=a&_count=2");
    let all: Vec<String> = pages.iter().flat_map(ids).collect();
    assert_eq!(all, ["w3", "h1", "w2", "w1", "bp"]);
}

#[test]
fn the_page_size_limits_count() {
    let sim =
        Simulator::start(Options { page_size: Some(1), ..options(Personality::Smart) }).expect("it starts");
    assert_eq!(pages(&sim, "Observation?patient=a&_count=100").len(), 5);
}

#[test]
fn next_links_give_no_access_to_other_patients() {
    let sim =
        Simulator::start(Options { page_size: Some(1), ..options(Personality::Smart) }).expect("it starts");
    let system = system_token(&sim);
    let page = get(&sim, "/fhir/Observation?_id=w1,other", &system).json();
    let next = link(&page, "next").expect("a next link");
    let token = crate::support::launched(&sim, "patient/Observation.read")["access_token"].clone();
    assert_eq!(get(&sim, &next, token.as_str().expect("a token")).status, 403);
    assert_eq!(get(&sim, &next, "nonsense").status, 401);
}

#[test]
fn a_relative_link_resolves_against_the_request() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim =
            Simulator::start(Options { page_size: Some(1), ..options(personality) }).expect("it starts");
        let token = system_token(&sim);
        sim.set_fault("next-relative").expect("a fault");
        let url = format!("{}/Observation?patient=a&category=vital-signs", sim.iss());
        let page = get(&sim, &url, &token).json();
        let next = link(&page, "next").expect("a next link");
        let next = url::Url::parse(&url).and_then(|url| url.join(&next)).expect("a URL");
        let second = get(&sim, next.as_str(), &token);
        assert_eq!(second.status, 200, "{next}: {}", second.body);
        assert_ne!(ids(&page), ids(&second.json()));
    }
}

#[test]
fn epic_adds_outcomes_to_matches() {
    let sim = start(Personality::Epic);
    let token = system_token(&sim);
    let empty = get(&sim, "/fhir/Condition?patient=b", &token).json();
    assert_eq!(empty["total"], 0);
    assert_eq!(empty["entry"][0]["search"]["mode"], "outcome");
    assert_eq!(empty["entry"][0]["resource"]["issue"][0]["details"]["coding"][0]["code"], "4101");
    let patients = get(&sim, "/fhir/Patient?identifier=MRN|0001", &token).json();
    assert_eq!(ids(&patients), ["a"], "by the text of the type");
    assert!(patients.to_string().contains("4119"));
}
