//! Each fault has its documented effect.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use ehr_sim::{FAULTS, Options, Personality, Simulator};

use crate::support::{Answer, SECRET, get, ids, launched, link, options, post_token, start, system_token};

const WEIGHTS: &str = "/fhir/Observation?patient=a&code=29463-7";

fn with(fault: &str) -> (Simulator, String) {
    let sim = start(Personality::Smart);
    let token = system_token(&sim);
    sim.set_fault(fault).expect("a fault");
    (sim, token)
}

fn weights(fault: &str) -> Answer {
    let (sim, token) = with(fault);
    get(&sim, WEIGHTS, &token)
}

#[test]
fn status_faults_and_their_retry_after() {
    let (sim, token) = with("fhir-status:503:2");
    sim.set_fault("retry-after:7").expect("a fault");
    for expected in [503, 503, 200] {
        let answer = get(&sim, WEIGHTS, &token);
        assert_eq!(answer.status, expected);
        assert_eq!(answer.header("retry-after"), (expected == 503).then_some("7"));
    }
    sim.set_fault("token-status:429:1").expect("a fault");
    assert_eq!(post_token(&sim, None, &[]).status, 429);
    assert_eq!(post_token(&sim, None, &[]).status, 401);
    sim.set_fault("fhir-status:500@Condition").expect("a fault");
    assert_eq!(get(&sim, WEIGHTS, &token).status, 200);
    assert_eq!(get(&sim, "/fhir/Condition/c1", &token).status, 500);
    sim.clear_faults();
    assert_eq!(get(&sim, "/fhir/Condition/c1", &token).status, 200);
    assert!(sim.set_fault("nonsense").is_err());
}

#[test]
fn body_faults() {
    assert!(weights("html-error").body.contains("<html"));
    assert_eq!(weights("empty-body").body, "");
    let cut = weights("truncated-json");
    assert!(cut.body.starts_with("{\"resourceType\"") && !cut.body.ends_with('}'));
    assert_eq!(weights("wrong-media-type").header("content-type"), Some("text/html"));
    assert!(weights("outcome-in-searchset").body.contains("OperationOutcome"));
    let huge = weights("huge-body:200000");
    assert!(huge.body.len() > 200_000 && huge.header("content-length").is_none());
}

#[test]
fn connection_faults() {
    let whole = weights("slow:1").body.len();
    let early = weights("close-early");
    assert!(early.body.len() < whole, "{} of {whole}", early.body.len());
    let (sim, token) = with("never-answers");
    let mut stream = TcpStream::connect(sim.address()).expect("it listens");
    let request = format!("GET {WEIGHTS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
    assert!(stream.read(&mut [0; 1]).is_err(), "no reply is sent");
    assert_eq!(sim.requests().last().map(|log| log.status), Some(0));
    drop(sim);
    assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0, "the simulator still stops");
}

#[test]
fn paging_faults() {
    let page = |fault: &str| {
        let sim = Simulator::start(Options { page_size: Some(2), ..options(Personality::Oracle) })
            .expect("it starts");
        let token = system_token(&sim);
        sim.set_fault(fault).expect("a fault");
        let first = get(&sim, WEIGHTS, &token).json();
        let next = link(&first, "next").expect("a next link");
        let absolute = if next.contains("://") { next.clone() } else { format!("/fhir/{next}") };
        let absolute = absolute.replace("http://localhost:", "http://127.0.0.1:");
        (first, next, get(&sim, &absolute, &token))
    };
    let (.., second) = page("slow:0");
    assert_eq!(ids(&second.json()), ["w1"]);
    let (.., second) = page("page-repeats");
    assert_eq!(ids(&second.json()), ["w2", "w1"]);
    let (first, _, second) = page("next-loop");
    assert_eq!(ids(&first), ids(&second.json()));
    let (_, next, second) = page("next-relative");
    assert!(next.starts_with("Observation?") && second.status == 200);
    let (_, next, _) = page("next-foreign-origin");
    assert!(next.starts_with("http://localhost:"), "{next}");
    let (.., second) = page("page-expired");
    assert_eq!(second.status, 400);
}

#[test]
fn wrong_people() {
    let others = weights("other-patient").json();
    assert!(others.to_string().contains("Patient/b"));
    let (sim, token) = with("two-patients");
    let two = get(&sim, "/fhir/Patient?identifier=urn:oid:1.2.3|0001", &token).json();
    assert_eq!(ids(&two), ["a", "a-2"]);
    let all = weights("ignore-search-params").json();
    assert_eq!(ids(&all).len(), 6);
}

#[test]
fn refusals_errors_and_redirects() {
    let (sim, token) = with("deny-type:Observation");
    assert_eq!(get(&sim, WEIGHTS, &token).status, 403);
    assert_eq!(get(&sim, "/fhir/Condition/c1", &token).status, 200);
    sim.set_fault("deny-type:Condition").expect("a fault");
    assert_eq!(get(&sim, "/fhir/Condition/c1", &token).status, 403);
    assert_eq!(get(&sim, WEIGHTS, &token).status, 403, "both are denied");
    let unauthorized = weights("fhir-status:401:1");
    assert!(unauthorized.header("www-authenticate").is_some());
    let broken = weights("required-missing:Observation");
    assert_eq!((broken.status, &broken.json()["issue"][0]["code"]), (500, &"required".into()));
    assert_eq!(broken.json()["issue"][0]["severity"], "fatal");
    let away = weights("redirect-foreign");
    assert!(
        away.status == 302 && away.header("location").is_some_and(|to| to.starts_with("http://localhost:"))
    );
}

#[test]
fn token_answer_faults() {
    let answer = |fault: &str| {
        let sim = start(Personality::Smart);
        sim.set_fault(fault).expect("a fault");
        launched(&sim, "user/Patient.read")
    };
    assert!(answer("no-expires-in")["expires_in"].is_null());
    assert_eq!(answer("expires-in-string")["expires_in"], "3600");
    assert!(answer("no-token-type")["token_type"].is_null());
    assert_eq!(answer("lower-case-bearer")["token_type"], "bearer");
    assert!(answer("missing-access-token")["access_token"].is_null());
    let sim = start(Personality::Smart);
    sim.set_fault("token-text-plain").expect("a fault");
    let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
    let plain = post_token(&sim, Some(("app-system", "s")), &form);
    assert_eq!(plain.header("content-type"), Some("text/plain"));
}

#[test]
fn an_unknown_code_is_refused_as_different_servers_do() {
    let form = [("grant_type", "authorization_code"), ("code", "none")];
    let word = |faults: &[&str], secret: &str| {
        let sim = start(Personality::Smart);
        for fault in faults {
            sim.set_fault(fault).expect("a fault");
        }
        post_token(&sim, Some(("app-user", secret)), &form).json()["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let (first, other) = ("code-before-client", "bad-code-is-invalid-request");
    for (faults, right, wrong) in [
        (&[][..], "invalid_grant", "invalid_client"),
        (&[other], "invalid_request", "invalid_client"),
        (&[first], "invalid_grant", "invalid_grant"),
        (&[first, other], "invalid_request", "invalid_request"),
    ] {
        assert_eq!(word(faults, SECRET), right, "{faults:?}");
        assert_eq!(word(faults, "wrong"), wrong, "{faults:?}");
    }
}

#[test]
fn every_fault_is_documented_and_can_be_set() {
    let sim = start(Personality::Smart);
    for fault in FAULTS {
        let text = fault
            .usage
            .replace("CODE", "500")
            .replace("MILLISECONDS", "1")
            .replace("SECONDS", "1")
            .replace("BYTES", "1")
            .replace("NUMBER", "1")
            .replace("URN", "oauth2:token:code:invalid");
        sim.set_fault(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(!fault.effect.is_empty());
    }
}

#[test]
fn the_errors_of_the_smart_launcher_have_its_names_and_answers() {
    for (fault, grant_type, status, error) in [
        ("auth_invalid_client_secret", "authorization_code", 401, "invalid_client"),
        ("auth_invalid_client_secret", "client_credentials", 401, "invalid_client"),
        ("token_invalid_token", "authorization_code", 401, "invalid_client"),
        ("token_invalid_token", "refresh_token", 401, "invalid_grant"),
        ("token_expired_refresh_token", "refresh_token", 403, "invalid_grant"),
        ("token_expired_registration_token", "client_credentials", 401, "invalid_client"),
        ("token_invalid_scope", "client_credentials", 400, "invalid_scope"),
        ("token_invalid_jti", "client_credentials", 401, "invalid_client"),
    ] {
        let sim = start(Personality::Smart);
        sim.set_fault(fault).expect("a fault");
        let answer = post_token(&sim, None, &[("grant_type", grant_type)]);
        assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{fault}");
        let text = answer.json()["error_description"].as_str().unwrap_or_default().to_owned();
        assert!(text.starts_with("Simulated "), "{fault}: {text}");
    }
    for (fault, text) in [
        ("request_invalid_token", "Invalid token (simulated error)"),
        ("request_expired_token", "Token expired (simulated error)"),
    ] {
        let answer = weights(fault);
        assert_eq!((answer.status, answer.body.as_str()), (401, text));
        assert!(answer.header("content-type").is_some_and(|media| media.starts_with("text/plain")));
    }
}

#[test]
fn a_urn_of_oracle_is_sent_by_the_endpoint_that_it_belongs_to() {
    let sim = start(Personality::Oracle);
    sim.set_fault("oracle-error:smart-v1:grant:launch:invalid-code").expect("a fault");
    assert_eq!(
        post_token(&sim, Some(("app-user", SECRET)), &[("grant_type", "x")]).json()["error"],
        "unsupported_grant_type"
    );
    sim.set_fault("oracle-error:oauth2:token:code:invalid").expect("a fault");
    let answer = post_token(&sim, None, &[]).json();
    assert_eq!(answer["error"], "invalid_grant");
    let uri = answer["error_uri"].as_str().unwrap_or_default();
    assert!(uri.contains("oauth2%3Atoken%3Acode%3Ainvalid/instances/"), "{uri}");
    sim.clear_faults();
    sim.set_fault("bare-400:1").expect("a fault");
    let bare = post_token(&sim, None, &[]);
    assert_eq!((bare.status, bare.body.as_str()), (400, ""));
    assert_ne!(post_token(&sim, None, &[]).body, "");
}
