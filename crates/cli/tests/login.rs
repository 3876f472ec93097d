//! `login`: the loopback sign-in, with requests from a browser and from others, and with a user who refuses.

mod common;

use common::{SCRIPT_MRN, exchange, fixture, get};
use url::Url;

#[test]
fn a_sign_in_is_stored_and_used_by_a_pull() {
    let fixture = fixture();
    let login = fixture.login(&["--user", "alice"]);
    assert!(login.redirect_uri.starts_with("http://127.0.0.1:") && login.redirect_uri.ends_with("/callback"));
    let patient = fixture.sim.patient_ids().into_iter().find(|id| fixture.sim.mrn(id).unwrap() == SCRIPT_MRN);
    let callback = fixture.sim.approve_with_patient(&login.address, &patient.unwrap()).unwrap();
    let page = get(&callback);
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("You can close this window"), "{page}");
    assert!(page.contains("\r\nCache-Control: no-store\r\n"), "{page}");
    assert!(page.contains("\r\nContent-Security-Policy: default-src 'none'\r\n"), "{page}");
    let run = login.end().good();
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("alice is signed in to sim"), "{run:?}");

    let mapping = fixture.mapping("birthDate,,dob,,,\n");
    let rows = fixture.pull(&mapping, &["--user", "alice", "--format", "json"]).good().json();
    assert_eq!(rows["rows"][0]["value"], "1961-04");
    fixture.pull(&mapping, &["--user", "bob"]).failed("grant_not_found");
    fixture.pull(&mapping, &[]).failed("grant_not_found");
}

#[test]
fn a_source_with_authorize_method_post_gets_the_parameters_in_a_url() {
    let fixture = fixture();
    let mut config: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(fixture.path("config.json")).unwrap()).unwrap();
    config["sources"][0]["policy"] = serde_json::json!({"authorize_method": "post"});
    fixture.write("config.json", &config.to_string());
    let login = fixture.login(&["--user", "alice"]);
    let callback = fixture.sim.approve(&login.address).unwrap();
    assert!(get(&callback).starts_with("HTTP/1.1 200 OK\r\n"));
    login.end().good();
}

#[test]
fn a_sign_in_names_the_scopes_that_the_ehr_did_not_grant() {
    let fixture = fixture();
    let mut config: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(fixture.path("config.json")).unwrap()).unwrap();
    config["sources"][0]["policy"] =
        serde_json::json!({"scopes": ["launch", "user/{resource}.{read}", "launch/list?role=problems"]});
    fixture.write("config.json", &config.to_string());
    let login = fixture.login(&["--user", "alice"]);
    let callback = fixture.sim.approve(&login.address).unwrap();
    assert!(get(&callback).starts_with("HTTP/1.1 200 OK\r\n"));
    let run = login.end().good();
    let warning = "warning: The EHR did not grant these scopes: launch/list?role=problems\n";
    assert!(run.stderr.contains(warning), "{run:?}");
    assert!(!run.stderr.contains("refresh token"), "none was requested: {run:?}");
}

#[test]
fn requests_of_others_do_not_end_the_wait() {
    let fixture = fixture();
    let login = fixture.login(&[]);
    let base = Url::parse(&login.redirect_uri).unwrap();
    let at = |target: &str| get(base.join(target).unwrap().as_str());
    assert!(at("/favicon.ico").starts_with("HTTP/1.1 404 "));
    assert!(at("/").starts_with("HTTP/1.1 404 "));
    for (query, part) in [
        ("code=1&state=forged", "state parameter is unknown"),
        ("error=access_denied&state=%3Cscript%3E", "state parameter is unknown"),
        ("code=1", "has no state parameter"),
        ("", "neither a launch"),
        ("iss=http%3A%2F%2F127.0.0.1%2F&launch=1", "a launch request came"),
    ] {
        let page = at(&format!("/callback?{query}"));
        assert!(page.starts_with("HTTP/1.1 400 ") && page.contains(part), "{query}: {page}");
        assert!(!page.contains("<script>"), "{page}");
    }
    assert!(exchange(&base, "POST /callback HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    assert!(exchange(&base, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    let long = format!("GET /callback?{} HTTP/1.1\r\n", "a".repeat(16 * 1024));
    assert!(exchange(&base, &long).starts_with("HTTP/1.1 400 "));
    // A connection that sends nothing does not block the right one.
    let silent = std::net::TcpStream::connect(("127.0.0.1", base.port().unwrap())).unwrap();
    let callback = fixture.sim.approve(&login.address).unwrap();
    assert!(get(&callback).starts_with("HTTP/1.1 200 OK\r\n"));
    login.end().good();
    drop(silent);
}

#[test]
fn a_denied_authorization_ends_the_wait() {
    let fixture = fixture();
    let login = fixture.login(&[]);
    let page = get(&fixture.sim.deny(&login.address).unwrap());
    assert!(page.starts_with("HTTP/1.1 400 ") && page.contains("denied access"), "{page}");
    login.end().failed("authorization_denied");
}

#[test]
fn a_sign_in_that_is_not_finished_in_time_is_an_error() {
    let fixture = fixture();
    let run = fixture.login(&["--timeout", "1"]).end();
    run.failed("launch_expired");
    assert!(run.stderr.contains("within 1 seconds"), "{run:?}");
}

#[test]
fn the_redirect_uri_must_be_loopback_and_registered() {
    let fixture = fixture();
    let login = |uri: &str| fixture.run("login", &["--source", "sim", "--redirect-uri", uri]);
    let run = login("http://192.0.2.1/callback");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    login("http://127.0.0.1/other").failed("redirect_uri_not_registered");
    let config = fixture.sim.config_json().replace("http://127.0.0.1", "https://app.example");
    fixture.write("config.json", &config);
    fixture.run("login", &["--source", "sim"]).failed("redirect_uri_not_registered");
}
