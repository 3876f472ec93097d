//! The authorization request and its callback: PKCE by policy, `aud`, a form by POST, several launches at once, the `iss` of the
//! callback, and errors that nothing proves.

mod common;

use common::{
    REDIRECT, SESSION, launch_query, query_of,
    smart_server::{EventLog, SmartServer, client, client_with_log, clock},
};
use fhir_ehr::{Client, Code, LaunchResult, Result};
use serde_json::{Value, json};
use std::collections::HashMap;

fn start(client: &Client, server: &SmartServer) -> Result<LaunchResult> {
    let query = launch_query(format!("{}/fhir", server.stub.origin()), "launch-1");
    client.handle_launch(&query, SESSION, REDIRECT)
}

fn redirect(client: &Client, server: &SmartServer) -> HashMap<String, String> {
    match start(client, server).unwrap() {
        LaunchResult::Redirect(url) => url::Url::parse(&url).unwrap().query_pairs().into_owned().collect(),
        other => panic!("{other:?}"),
    }
}

/// The query of a callback.
fn callback(members: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish()
}

fn source_with(server: &SmartServer, policy: Value) -> Value {
    let mut source = server.source("s");
    source["policy"] = policy;
    source
}

#[test]
fn pkce_is_on_off_or_required_by_policy() {
    let with = SmartServer::with_configuration(json!({}));
    let without = SmartServer::with_configuration(json!({"code_challenge_methods_supported": ["plain"]}));
    for (policy, server, challenge) in [
        ("on", &with, Ok(true)),
        ("on", &without, Ok(true)),
        ("off", &with, Ok(false)),
        ("required", &with, Ok(true)),
        ("required", &without, Err(Code::PkceNotSupported)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let client = client(folder.path(), &clock(), vec![source_with(server, json!({"pkce": policy}))]);
        let sent = server.token_requests().len();
        let started = start(&client, server);
        let Ok(has_challenge) = challenge else {
            assert_eq!(started.unwrap_err().code(), challenge.unwrap_err(), "{policy}");
            continue;
        };
        let Ok(LaunchResult::Redirect(url)) = started else { panic!("{started:?}") };
        let query: HashMap<_, _> = url::Url::parse(&url).unwrap().query_pairs().into_owned().collect();
        assert_eq!(query.contains_key("code_challenge"), has_challenge, "{policy}");
        assert_eq!(query.contains_key("code_challenge_method"), has_challenge, "{policy}");
        let answer = callback(&[("state", &query["state"]), ("code", "c")]);
        client.handle_launch(&answer, SESSION, REDIRECT).unwrap();
        let body = server.token_requests()[sent].body.clone();
        assert_eq!(body.contains("code_verifier="), has_challenge, "{policy}: {body}");
    }
}

#[test]
fn required_pkce_is_looked_up_even_if_both_endpoints_are_configured() {
    let server = SmartServer::with_configuration(json!({"code_challenge_methods_supported": []}));
    let mut source = source_with(&server, json!({"pkce": "required"}));
    source["authorization_endpoint"] = format!("{}/authorize", server.stub.origin()).into();
    source["token_endpoint"] = format!("{}/token", server.stub.origin()).into();
    let folder = tempfile::tempdir().unwrap();
    let client = client(folder.path(), &clock(), vec![source]);
    assert_eq!(start(&client, &server).unwrap_err().code(), Code::PkceNotSupported);
}

#[test]
fn a_source_can_have_another_aud_than_the_iss() {
    let server = SmartServer::with_configuration(json!({}));
    let folder = tempfile::tempdir().unwrap();
    let source = source_with(&server, json!({"aud": "https://aud.example/r4"}));
    let client = client(folder.path(), &clock(), vec![source]);
    assert_eq!(redirect(&client, &server)["aud"], "https://aud.example/r4");
    let url = client.sign_in("s", "alice", SESSION, REDIRECT).unwrap();
    assert!(query_of(&url).contains("aud=https%3A%2F%2Faud.example%2Fr4"), "{url}");
}

#[test]
fn a_source_with_authorize_method_post_gives_a_form() {
    let server =
        SmartServer::with_configuration(json!({"authorization_endpoint": "{origin}/authorize?tenant=1"}));
    let folder = tempfile::tempdir().unwrap();
    let source = source_with(&server, json!({"authorize_method": "post"}));
    let client = client(folder.path(), &clock(), vec![source]);
    let started =
        [start(&client, &server).unwrap(), client.start_sign_in("s", "alice", SESSION, REDIRECT).unwrap()];
    for (started, launch) in started.into_iter().zip([Some("launch-1"), None]) {
        assert_eq!(started.name(), "form");
        let LaunchResult::Form(form) = started else { panic!("{started:?}") };
        assert_eq!(form.url, format!("{}/authorize?tenant=1", server.stub.origin()));
        assert!(!form.fields.contains_key("tenant"), "the endpoint's own query stays in the URL");
        assert_eq!(form.fields["redirect_uri"], REDIRECT);
        assert_eq!(form.fields["code_challenge_method"], "S256");
        assert_eq!(form.fields.get("launch").map(String::as_str), launch);
        let answer = callback(&[("state", &form.fields["state"]), ("code", "c")]);
        client.handle_launch(&answer, SESSION, REDIRECT).unwrap();
    }
    assert_eq!(server.token_requests().len(), 2);
    let error = client.sign_in("s", "alice", SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::RequestInvalid, "a URL is not enough");
}

#[test]
fn several_launches_run_at_once_in_one_session_and_end_in_any_order() {
    let server = SmartServer::with_configuration(json!({}));
    let folder = tempfile::tempdir().unwrap();
    let client = client(folder.path(), &clock(), vec![server.source("s")]);
    let launches: Vec<_> = (0..4).map(|_| redirect(&client, &server)).collect();
    for number in [2, 0, 3, 1] {
        let code = format!("code-{number}");
        let query = callback(&[("state", &launches[number]["state"]), ("code", &code)]);
        let result = client.handle_launch(&query, SESSION, REDIRECT).unwrap();
        assert_eq!(result.name(), "login_required");
        let body = server.token_requests().last().unwrap().body.clone();
        assert!(body.contains(&format!("code={code}")), "{body}");
        let again = client.handle_launch(&query, SESSION, REDIRECT).unwrap_err();
        assert_eq!(again.code(), Code::StateUnknown);
    }
}

/// Two servers of the configuration: the answer of one must not complete a sign-in at the other (RFC 9207, mix-up).
#[test]
fn the_code_of_one_server_is_never_sent_to_another() {
    let issuer = |name: &str| json!({"issuer": format!("https://{name}.example"), "authorization_response_iss_parameter_supported": true});
    let (honest, malicious) = (
        SmartServer::with_configuration(issuer("honest")),
        SmartServer::with_configuration(issuer("malicious")),
    );
    let folder = tempfile::tempdir().unwrap();
    let client =
        client(folder.path(), &clock(), vec![honest.source("honest"), malicious.source("malicious")]);
    // The malicious server sends the browser on to the honest one, with the state of its own launch.
    for iss in [Some("https://honest.example"), Some("https://honest.example/"), None] {
        for result in [("code", "code-of-honest"), ("error", "access_denied")] {
            let state = redirect(&client, &malicious)["state"].clone();
            let mut members = vec![("state", state.as_str()), result];
            members.extend(iss.map(|iss| ("iss", iss)));
            let error = client.handle_launch(&callback(&members), SESSION, REDIRECT).unwrap_err();
            assert_eq!(error.code(), Code::IssuerMismatch, "{members:?}");
            let again = client.handle_launch(&callback(&members), SESSION, REDIRECT).unwrap_err();
            assert_eq!(again.code(), Code::StateUnknown, "the launch has ended");
        }
    }
    assert!(malicious.token_requests().is_empty() && honest.token_requests().is_empty());

    let state = redirect(&client, &honest)["state"].clone();
    let members = [("state", state.as_str()), ("code", "code-of-honest"), ("iss", "https://honest.example")];
    client.handle_launch(&callback(&members), SESSION, REDIRECT).unwrap();
    assert_eq!((honest.token_requests().len(), malicious.token_requests().len()), (1, 0));
}

#[test]
fn with_configured_endpoints_the_issuer_is_the_configured_or_the_approved_one() {
    let server = SmartServer::with_configuration(json!({"issuer": "https://published.example"}));
    let configured = |issuer: Option<&str>| {
        let mut source = server.source("s");
        source["authorization_endpoint"] = format!("{}/authorize", server.stub.origin()).into();
        source["token_endpoint"] = format!("{}/token", server.stub.origin()).into();
        source["endpoints"] = issuer.map_or(json!({}), |issuer| json!({"issuer": issuer}));
        source
    };
    let folder = tempfile::tempdir().unwrap();
    let answer = |client: &Client, iss: &str| {
        let state = redirect(client, &server)["state"].clone();
        let query = callback(&[("state", &state), ("code", "c"), ("iss", iss)]);
        client.handle_launch(&query, SESSION, REDIRECT).err().map(|error| error.code())
    };
    let set = client(folder.path(), &clock(), vec![configured(Some("https://set.example"))]);
    assert_eq!(answer(&set, "https://set.example"), None);
    assert_eq!(answer(&set, "https://published.example"), Some(Code::IssuerMismatch));
    let unset = client(folder.path(), &clock(), vec![configured(None)]);
    assert_eq!(answer(&unset, "https://other.example"), None, "the issuer is not known");
    unset.approve_endpoints("admin", "s").unwrap();
    assert_eq!(answer(&unset, "https://other.example"), Some(Code::IssuerMismatch));
    assert_eq!(answer(&unset, "https://published.example"), None);
}

#[test]
fn an_error_without_a_trusted_state_is_logged_and_shown_as_a_claim() {
    let server = SmartServer::with_configuration(json!({}));
    let (folder, clock, log) = (tempfile::tempdir().unwrap(), clock(), EventLog::default());
    let client = client_with_log(folder.path(), &clock, vec![server.source("s")], Some(log.clone()));
    let foreign = redirect(&client, &server)["state"].clone();
    for (members, session, code) in [
        (vec![("error", "access_denied")], SESSION, Code::StateMissing),
        (vec![("error", "access_denied"), ("state", "unknown")], SESSION, Code::StateUnknown),
        (vec![("error", "access_denied"), ("state", &foreign)], "another session", Code::StateForeign),
    ] {
        let error = client.handle_launch(&callback(&members), session, REDIRECT).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.message().contains("access_denied, but nothing proves"), "{error}");
        assert_eq!(error.vendor_error().code, None, "a claim is no error of the EHR");
        let event = format!("callback_error_unverified claim=access_denied error={}", code.name());
        assert!(log.all().contains(&event), "{:?}", log.all());
    }
    // The launch of the other session is not ended by the forged callback.
    let query = callback(&[("state", &foreign), ("code", "c")]);
    client.handle_launch(&query, SESSION, REDIRECT).unwrap();
    let text = callback(&[("error", "<script>alert(1)</script>"), ("state", "unknown")]);
    let error = client.handle_launch(&text, SESSION, REDIRECT).unwrap_err();
    assert!(!error.message().contains('<'), "{error}");
    assert!(log.all().last().unwrap().contains("callback_refused"), "{:?}", log.all());
    assert!(log.all().iter().any(|event| event.contains("claim=other")));
}
