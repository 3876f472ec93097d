//! Searches: parameters, dates, scopes.

use ehr_sim::{Options, Personality, Simulator};

use crate::support::{self, get, ids, launched, options, send, start, start_dstu2, system_token};

fn found(sim: &Simulator, query: &str) -> Vec<String> {
    let token = system_token(sim);
    let answer = get(sim, &format!("/fhir/{query}"), &token);
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let mut found = ids(&answer.json());
    found.sort();
    found
}

#[test]
fn codes_categories_and_patients() {
    let sim = start(Personality::Smart);
    assert_eq!(found(&sim, "Observation?patient=a&code=29463-7"), ["w1", "w2", "w3"]);
    assert_eq!(
        found(&sim, "Observation?subject=Patient/a&code=http://loinc.org|8302-2,85354-9"),
        ["bp", "h1"]
    );
    assert_eq!(found(&sim, "Observation?patient=a&code=|8302-2"), [""; 0]);
    assert_eq!(found(&sim, "Observation?patient=a&category=vital-signs&code=8302-2"), ["h1"]);
    assert_eq!(
        found(&sim, "Observation?patient=a&code=29463-7&code=8302-2"),
        [""; 0],
        "repeated parameters must all match"
    );
    assert_eq!(found(&sim, "Observation?_id=w1,other"), ["other", "w1"]);
    assert_eq!(found(&sim, "Condition?patient=a&clinical-status=active&category=problem-list-item"), ["c1"]);
    assert_eq!(found(&sim, "Patient?family=%C3%A4ng&given=ad"), ["a"]);
    assert_eq!(found(&sim, "Patient?identifier=urn:oid:1.2.3|0002"), ["b"]);
    assert_eq!(found(&sim, "Patient?birthdate=1980"), ["b"]);
    assert_eq!(found(&sim, "Practitioner?_id=p1"), ["p1"]);
}

#[test]
fn parameters_exist_where_the_specification_has_them() {
    let status = |sim: &Simulator, query: &str| {
        let bearer = format!("Bearer {}", system_token(sim));
        let headers = [("Authorization", bearer.as_str()), ("Accept", "application/json")];
        send(sim, "GET", &format!("/fhir/{query}"), &headers, "").status
    };
    let (r4, dstu2) = (start(Personality::Smart), start_dstu2(Personality::Smart));
    for (query, in_r4, in_dstu2) in [
        ("Observation?subject=a&code=29463-7", 200, 200),
        ("Condition?subject=a", 200, 400),
        ("Encounter?subject=a", 200, 400),
        ("Immunization?subject=a", 400, 400),
        ("Immunization?patient=a", 200, 200),
        ("Practitioner?patient=a", 400, 400),
        ("Observation?patient=a&code=", 400, 400),
        ("Observation?patient=a&_count=0", 400, 400),
        ("Observation?patient=a&date=2020-02-30", 400, 400),
    ] {
        assert_eq!((status(&r4, query), status(&dstu2, query)), (in_r4, in_dstu2), "{query}");
    }
    assert_eq!(found(&r4, "Observation?patient=a&code=29463-7,"), ["w1", "w2", "w3"], "not everything");
    assert_eq!(found(&r4, "Observation?patient=a&code=29463-7&status=http://other.example|final"), [""; 0]);
}

#[test]
fn a_page_has_at_most_count_entries() {
    let sim =
        Simulator::start(ehr_sim::Options { page_size: Some(3), ..support::options(Personality::Smart) });
    let sim = sim.expect("a simulator");
    let token = system_token(&sim);
    let on_page = |count: &str| {
        let query = format!("/fhir/Observation?patient=a&code=29463-7{count}");
        ids(&get(&sim, &query, &token).json()).len()
    };
    assert_eq!((on_page(""), on_page("&_count=2"), on_page("&_count=50")), (3, 2, 3));
}

#[test]
fn dates_are_compared_as_periods() {
    let sim = start(Personality::Smart);
    let weights = |dates: &str| found(&sim, &format!("Observation?patient=a&code=29463-7{dates}"));
    assert_eq!(weights("&date=ge2020-01-01T06:00:00Z&date=le2020-01-01T06:00:00Z"), ["w1"]);
    assert_eq!(weights("&date=gt2020-02"), ["w3"]);
    assert_eq!(weights("&date=2020-02-01"), ["w2"]);
    assert_eq!(weights("&date=ap2020-03-15"), ["w3"], "a partial date overlaps");
    assert_eq!(weights("&date=2020-03-15"), [""; 0], "a partial date is not contained");
    assert_eq!(
        found(&sim, "Observation?patient=a&date=2019-05-05"),
        [""; 0],
        "issued is not searched by date"
    );
    assert_eq!(found(&sim, "Encounter?patient=a&date=ge2021"), ["e1"], "a period with an open end");
    let token = system_token(&sim);
    // A plus sign that is not encoded is decoded as a space.
    let unencoded = get(&sim, "/fhir/Observation?patient=a&date=ge2020-01-01T08:00:00+02:00", &token);
    assert_eq!(unencoded.status, 400);
}

#[test]
fn components_match_only_on_oracles_dstu2_server() {
    let r4 = start(Personality::Oracle);
    assert_eq!(found(&r4, "Observation?patient=a&code=http://loinc.org|8480-6"), [""; 0]);
    let dstu2 = start_dstu2(Personality::Oracle);
    let token = system_token(&dstu2);
    let read = |query: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Accept", "application/json+fhir")];
        send(&dstu2, "GET", &format!("/fhir/{query}"), &headers, "")
    };
    let answer = read("Observation?patient=a&code=http://loinc.org|8480-6");
    assert_eq!(ids(&answer.json()), ["bp"]);
    assert_eq!(answer.header("content-type"), Some("application/json+fhir"));
    assert_eq!(read("Observation?patient=a&code=8480-6").status, 400, "the system is required");
}

#[test]
fn a_search_can_be_posted() {
    let sim = start(Personality::Smart);
    let token = system_token(&sim);
    let answer = send(
        &sim,
        "POST",
        "/fhir/Observation/_search",
        &[
            ("Authorization", &format!("Bearer {token}")),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", support::FHIR_JSON),
        ],
        "patient=a&code=8302-2",
    );
    assert_eq!(ids(&answer.json()), ["h1"]);
}

#[test]
fn requests_that_are_not_implemented_are_refused() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim = start(personality);
        let token = system_token(&sim);
        for (method, path) in [
            ("GET", "/fhir/Observation?patient=a&code=x&_include=Observation:subject"),
            ("GET", "/fhir/Observation?patient=a&code:text=x"),
            ("GET", "/fhir/Observation/w1/_history/1"),
            ("GET", "/fhir/Nonsense/1"),
            ("POST", "/fhir/Observation"),
            ("DELETE", "/fhir/Observation/w1"),
            ("GET", "/nowhere"),
            ("GET", "/_sim/nowhere"),
        ] {
            let headers = [("Authorization", &*format!("Bearer {token}")), ("Accept", support::FHIR_JSON)];
            let answer = send(&sim, method, path, &headers, "");
            assert!(matches!(answer.status, 400 | 404 | 501), "{method} {path}: {}", answer.status);
            assert!(answer.body.contains("ehr-sim does not implement"), "{method} {path}: {}", answer.body);
        }
    }
}

#[test]
fn a_patient_scope_gives_access_to_one_patient() {
    let sim = start(Personality::Smart);
    let answer = launched(&sim, "patient/Observation.rs patient/Patient.r user/Condition.read");
    let token = answer["access_token"].as_str().expect("a token");
    let status = |path: &str| get(&sim, &format!("/fhir/{path}"), token).status;
    assert_eq!(status("Observation/w1"), 200);
    assert_eq!(status("Observation/other"), 403);
    assert_eq!(status("Observation?patient=a"), 200);
    assert_eq!(status("Observation?patient=b"), 403);
    assert_eq!(status("Patient/a"), 200);
    assert_eq!(status("Patient?_id=a"), 403, ".r does not allow a search");
    assert_eq!(status("Condition/c1"), 200);
    assert_eq!(status("Encounter/e1"), 403, "no scope");
    let by_id = get(&sim, "/fhir/Observation?_id=w1,other", token);
    assert_eq!(ids(&by_id.json()), ["w1"]);
}

/// #132 #147: a user grants one category of a requested scope.
#[test]
fn a_granular_scope_selects_what_a_search_and_a_read_find() {
    let granted = "user/Observation.rs?category=vital-signs user/Patient.rs";
    let sim =
        Simulator::start(Options { user_grants: Some(granted.to_owned()), ..options(Personality::Smart) })
            .expect("it starts");
    let answer = launched(&sim, "user/Patient.read user/Observation.read user/Condition.read");
    assert_eq!(answer["scope"], "launch user/Patient.rs user/Observation.rs?category=vital-signs");
    let token = answer["access_token"].as_str().expect("a token");
    let all = start(Personality::Smart);
    let whole = launched(&all, "user/Observation.read");
    let whole = whole["access_token"].as_str().expect("a token");
    let of_category = ids(&get(&all, "/fhir/Observation?patient=a&category=vital-signs", whole).json());
    let everything = ids(&get(&all, "/fhir/Observation?patient=a", whole).json());
    assert!(!of_category.is_empty() && of_category.len() < everything.len(), "{everything:?}");
    assert_eq!(ids(&get(&sim, "/fhir/Observation?patient=a", token).json()), of_category);
    let other = everything.iter().find(|id| !of_category.contains(id)).expect("another category");
    assert_eq!(get(&sim, &format!("/fhir/Observation/{other}"), token).status, 403);
    assert_eq!(get(&sim, &format!("/fhir/Observation/{}", of_category[0]), token).status, 200);
    assert_eq!(get(&sim, "/fhir/Condition?patient=a", token).status, 403);
}

/// O10
#[test]
fn oracle_refuses_headers_that_a_long_list_of_scopes_makes_too_large() {
    let sim = start(Personality::Oracle);
    let types: Vec<String> = (0..200).map(|number| format!("user/Type{number}.read")).collect();
    for (scopes, status) in [(types[..10].join(" "), 200), (types.join(" "), 431)] {
        let answer = launched(&sim, &format!("user/Patient.read {scopes}"));
        let token = answer["access_token"].as_str().expect("a token");
        assert_eq!(get(&sim, "/fhir/Patient/a", token).status, status);
    }
}
