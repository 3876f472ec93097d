//! Errors, the Accept header and discovery of each personality.

use ehr_sim::{Personality, Simulator};
use serde_json::Value;

use crate::support::{Answer, get, send, start, start_dstu2, system_token};

fn accept(sim: &Simulator, path: &str, accept: Option<&str>) -> Answer {
    let bearer = format!("Bearer {}", system_token(sim));
    let mut headers = vec![("Authorization", bearer.as_str())];
    headers.extend(accept.map(|accept| ("Accept", accept)));
    send(sim, "GET", path, &headers, "")
}

fn epic_code(answer: &Answer) -> Value {
    answer.json()["issue"][0]["details"]["coding"][0]["code"].clone()
}

#[test]
fn the_accept_header_is_checked() {
    let oracle = start(Personality::Oracle);
    for wrong in [None, Some("*/*"), Some("application/json"), Some("application/json+fhir")] {
        let answer = accept(&oracle, "/fhir/Patient/a", wrong);
        assert_eq!((answer.status, answer.body.as_str()), (406, ""), "{wrong:?}");
    }
    assert_eq!(
        accept(&oracle, "/fhir/Patient/a", Some("application/fhir+json;q=0.9, text/html")).status,
        200
    );
    let metadata = accept(&oracle, "/fhir/metadata", Some("application/fhir+json"));
    assert_eq!(metadata.header("content-type"), Some("application/json+fhir"));

    let epic = accept(&start(Personality::Epic), "/fhir/Patient/a", Some("*/*"));
    assert_eq!(epic.header("content-type"), Some("application/fhir+xml"));
    assert!(epic.body.starts_with("<?xml"));

    assert_eq!(accept(&start(Personality::Smart), "/fhir/Patient/a", None).status, 200);
}

#[test]
fn a_missing_or_invalid_token_is_refused() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim = start(personality);
        for answer in [
            send(&sim, "GET", "/fhir/Patient/a", &[("Accept", "application/fhir+json")], ""),
            get(&sim, "/fhir/Patient/a", "nonsense"),
        ] {
            assert_eq!(answer.status, 401);
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(
                challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""),
                "{challenge}"
            );
        }
    }
}

#[test]
fn required_parameters() {
    let oracle = start(Personality::Oracle);
    let token = system_token(&oracle);
    let answer = get(&oracle, "/fhir/Patient?gender=female", &token);
    assert_eq!((answer.status, answer.body.as_str()), (400, "no supported search parameters provided"));
    assert!(answer.header("content-type").is_some_and(|label| label.starts_with("text/plain")));
    assert_eq!(get(&oracle, "/fhir/Observation?patient=a", &token).status, 200);
    assert_eq!(get(&oracle, "/fhir/Condition?patient=a&onset-date=2020", &token).status, 400);
    assert_eq!(get(&oracle, "/fhir/Observation?_id=w1&patient=a", &token).status, 400);

    let epic = start(Personality::Epic);
    let token = system_token(&epic);
    let answer = get(&epic, "/fhir/Observation?patient=a", &token);
    assert_eq!((answer.status, epic_code(&answer)), (400, "59108".into()));
    let answer = get(&epic, "/fhir/Condition?category=problem-list-item", &token);
    assert_eq!((answer.status, epic_code(&answer)), (400, "59159".into()));
    let answer = get(&epic, "/fhir/Observation?patient=a&code=x&date=ap2020", &token);
    assert_eq!((answer.status, epic_code(&answer)), (400, "4100".into()));

    let smart = start(Personality::Smart);
    let token = system_token(&smart);
    assert_eq!(get(&smart, "/fhir/Observation", &token).status, 200);
}

#[test]
fn a_missing_scope_is_refused() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim = start(personality);
        let token = system_token(&sim);
        let answer = get(&sim, "/fhir/MedicationRequest?patient=a", &token);
        assert_eq!(answer.status, 403);
        match personality {
            Personality::Epic => assert_eq!(epic_code(&answer), "4118"),
            _ => assert!(answer.header("content-type").is_some_and(|label| label.starts_with("text/plain"))),
        }
    }
}

#[test]
fn discovery() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim = start(personality);
        let token_endpoint = format!("{}/auth/token", sim.base_url());
        let statement = accept(&sim, "/fhir/metadata", Some("application/fhir+json")).json();
        assert_eq!(statement["resourceType"], "CapabilityStatement");
        let uris = &statement["rest"][0]["security"]["extension"][0];
        assert!(uris["url"].as_str().is_some_and(|url| url.to_lowercase().ends_with("/oauth-uris")));
        assert!(uris["extension"].to_string().contains(&token_endpoint));
        let smart = send(&sim, "GET", "/fhir/.well-known/smart-configuration", &[], "");
        assert_eq!(smart.json()["token_endpoint"], token_endpoint);
    }
    let old = start_dstu2(Personality::Oracle);
    assert_eq!(send(&old, "GET", "/fhir/.well-known/smart-configuration", &[], "").status, 404);
    let statement = accept(&old, "/fhir/metadata", Some("application/json+fhir")).json();
    assert_eq!(
        (&statement["resourceType"], &statement["publisher"]),
        (&"Conformance".into(), &"Cerner".into())
    );
}
