//! The developer console.

use std::time::Duration;

use ehr_sim::{DataSource, Options, Personality, Simulator, Tenant};
use serde_json::json;

use crate::{
    keys::{JwksServer, Key},
    support::{Answer, REDIRECT, options, post_token, query, send, start},
};

fn post(sim: &Simulator, path: &str, form: &[(&str, &str)]) -> Answer {
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    send(sim, "POST", path, &headers, &query(form))
}

fn code_of(page: &str, id: &str) -> String {
    let start = format!("<code id=\"{id}\">");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {id} in {page}"));
    rest.split_once('<').expect("its end").0.to_owned()
}

#[test]
fn an_application_is_registered_enabled_and_activated() {
    let tenant = Tenant { id: "north".to_owned(), r4: Some(DataSource::Embedded), dstu2: None };
    let sim = Simulator::start(Options {
        tenants: vec![tenant],
        activation_delay: Duration::from_secs(900),
        ..options(Personality::Oracle)
    })
    .expect("it starts");
    let form = [
        ("name", "<Study> & Co"),
        ("users", "users"),
        ("method", "secret"),
        ("redirect_uris", "https://app.example/cb\r\nhttps://test.example/cb"),
        ("tenant", "ehr-sim"),
    ];
    let page = post(&sim, "/console/register", &form);
    assert!(page.body.contains("&lt;Study&gt; &amp; Co") && !page.body.contains("<Study>"));
    assert!(page.body.contains("in 900 seconds"));
    let (client, secret) = (code_of(&page.body, "client-id"), code_of(&page.body, "client-secret"));
    let error = |endpoint: &str| {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let basic = format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")));
        let headers =
            [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", basic.as_str())];
        let body = query(&[("grant_type", "refresh_token"), ("refresh_token", "none")]);
        send(&sim, "POST", endpoint, &headers, &body).json()["error"].clone()
    };
    let overview = || send(&sim, "GET", "/console", &[], "").body;
    assert!(overview().contains("active in ") && !overview().contains(&secret));
    assert_eq!(error("/auth/token"), "invalid_client");
    sim.advance(Duration::from_secs(901));
    assert!(!overview().contains("active in "));
    assert_eq!(
        (error("/auth/token"), error("/north/auth/token")),
        ("invalid_grant".into(), "unauthorized_client".into())
    );
    let tenants = [("client_id", client.as_str()), ("tenant", "north"), ("tenant", "unknown")];
    assert_eq!(post(&sim, "/console/tenants", &tenants).status, 303);
    assert_eq!(
        (error("/auth/token"), error("/north/auth/token")),
        ("unauthorized_client".into(), "invalid_grant".into())
    );
    assert_eq!(post(&sim, "/console/tenants", &[("client_id", "none")]).status, 400);
}

#[test]
fn a_registration_needs_its_fields() {
    let sim = start(Personality::Smart);
    let user = [("name", "A"), ("users", "users"), ("redirect_uris", REDIRECT), ("tenant", "ehr-sim")];
    for (form, word) in [
        (vec![("method", "secret")], "Enter a name"),
        (vec![("name", "A"), ("method", "secret")], "redirect URI"),
        (vec![("name", "A"), ("redirect_uris", "http://app.example/"), ("method", "secret")], "https URL"),
        ([&user[..], &[("method", "jwks_url")]].concat(), "JWKS URL"),
        (user.to_vec(), "authenticates"),
        (vec![("name", "A"), ("users", "system"), ("method", "none")], "system account needs"),
    ] {
        let page = post(&sim, "/console/register", &form);
        assert_eq!(page.status, 400);
        assert!(page.body.contains(word), "{word}");
    }
    let public = post(&sim, "/console/register", &[&user[..], &[("method", "none")]].concat());
    let client = code_of(&public.body, "client-id");
    let form = [("grant_type", "refresh_token"), ("refresh_token", "none"), ("client_id", client.as_str())];
    assert_eq!(post_token(&sim, None, &form).json()["error"], "invalid_grant");
}

#[test]
fn a_jwks_url_and_an_assertion_are_tested() {
    let sim = start(Personality::Smart);
    let key = Key::es384("<k>");
    let server = JwksServer::start(&key.jwks());
    let register = [
        ("name", "A"),
        ("users", "system"),
        ("method", "jwks_url"),
        ("jwks_url", &server.url()),
        ("tenant", "ehr-sim"),
    ];
    let client = code_of(&post(&sim, "/console/register", &register).body, "client-id");
    let assertion = key.assertion(&client, &sim.token_endpoint(&sim.iss()).expect("an endpoint"));
    let test = |assertion: &str| {
        let form = [("url", server.url()), ("assertion", assertion.to_owned())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        post(&sim, "/console/jwks-test", &form).body
    };
    for _ in 0..2 {
        // A test does not use up the assertion.
        let page = test(&assertion);
        assert!(page.contains("&lt;k&gt;</th><td>EC</td><td>ES384</td><td>usable</td>"), "{page}");
        assert_eq!(page.matches("No problem was found.").count(), 2, "{page}");
    }
    let other = Key::es384("<k>").assertion("other", "https://ehr.example/token");
    let page = test(&other);
    for problem in ["aud of the assertion", "client id other", "signature of the assertion is wrong"] {
        assert!(page.contains(problem), "{problem}");
    }
    let mut private = key.jwk();
    private["d"] = "AAAA".into();
    server.set(&json!({ "keys": [private, {"kty": "EC", "crv": "P-256", "kid": "<k>"}] }));
    let page = test("");
    for problem in ["publishes the private key", "not P-384", "occurs twice"] {
        assert!(page.contains(problem), "{problem}");
    }
    for (url, problem) in [
        ("http://127.0.0.1:1/jwks", "cannot be fetched"),
        ("https://app.example/jwks", "http URLs of this machine"),
        ("<script>", "not valid"),
    ] {
        let page = post(&sim, "/console/jwks-test", &[("url", url)]).body;
        assert!(page.contains(problem) && !page.contains("<script>"), "{page}");
    }
}

#[test]
fn the_console_has_one_heading_and_no_script() {
    let sim = start(Personality::Smart);
    let page = send(&sim, "GET", "/console", &[], "");
    assert_eq!(page.status, 200);
    for element in ["<title>", "<h1>", "<header", "<main>"] {
        assert_eq!(page.body.matches(element).count(), 1, "{element}");
    }
    assert!(!page.body.contains("<script") && !page.body.contains("src=") && !page.body.contains("https://"));
    assert_eq!(send(&sim, "GET", "/console/none", &[], "").status, 404);
}
