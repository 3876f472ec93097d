//! Authorize requests by POST, PKCE policies, the callback's `iss`, and the launch context in token answers.

use ehr_sim::{LaunchOptions, Options, Personality, PkcePolicy, Simulator};
use serde_json::{Value, json};

use crate::support::{REDIRECT, authorize_url, exchange, options, parameter, post_token, send, start};

fn code(sim: &Simulator, extra: &[(&str, &str)]) -> String {
    let callback = sim.approve(&authorize_url(sim, extra)).expect("a callback");
    parameter(&callback, "code").unwrap_or_else(|| panic!("no code in {callback}"))
}

fn launched(sim: &Simulator, options: LaunchOptions) -> Value {
    let launch = sim.launch(&LaunchOptions { patient: "a".to_owned(), ..options });
    exchange(sim, &code(sim, &[("scope", "launch patient/Patient.read"), ("launch", &launch)])).json()
}

fn context() -> LaunchOptions {
    LaunchOptions {
        encounter: Some("e1".to_owned()),
        fhir_context: vec![
            "ImagingStudy/1".to_owned(),
            r#"{"canonical":"http://x.example/Q","role":"questionnaire"}"#.to_owned(),
        ],
        intent: Some("reconcile".to_owned()),
        ..LaunchOptions::default()
    }
}

#[test]
fn the_context_has_every_member() {
    let answer = launched(&start(Personality::Oracle), context());
    assert_eq!((&answer["patient"], &answer["encounter"]), (&"a".into(), &"e1".into()));
    assert_eq!((&answer["intent"], &answer["tenant"]), (&"reconcile".into(), &"ehr-sim".into()));
    assert_eq!(answer["need_patient_banner"], false);
    assert!(answer["smart_style_url"].is_string());
    let role = json!({"canonical": "http://x.example/Q", "role": "questionnaire"});
    assert_eq!(answer["fhirContext"], json!([{"reference": "ImagingStudy/1"}, role]));
    let sim = Simulator::start(Options { fhir_context_strings: true, ..options(Personality::Smart) })
        .expect("it starts");
    assert_eq!(launched(&sim, context())["fhirContext"], json!(["ImagingStudy/1", role]));
}

#[test]
fn each_member_can_be_left_out() {
    for name in [
        "patient",
        "encounter",
        "fhirContext",
        "intent",
        "tenant",
        "need_patient_banner",
        "smart_style_url",
        "scope",
    ] {
        let sim = Simulator::start(Options {
            token_answer_without: vec![name.to_owned()],
            ..options(Personality::Oracle)
        })
        .expect("it starts");
        let answer = launched(&sim, context());
        assert_eq!(answer.get(name), None);
        assert!(answer["access_token"].is_string());
    }
}

#[test]
fn the_control_api_and_the_launch_page_set_the_context() {
    let sim = Simulator::start(Options {
        app_launch_urls: vec!["https://app.example/".to_owned()],
        ..options(Personality::Smart)
    })
    .expect("it starts");
    let body = json!({"patient": "a", "intent": "i", "fhirContext": ["List/1", {"reference": "List/2"}]});
    let by_control = send(&sim, "POST", "/_sim/launch", &[], &body.to_string()).json();
    let page = "/launch?patient=a&app=0&intent=i&fhirContext=List/1&fhirContext=List/2";
    let by_page = send(&sim, "GET", page, &[], "");
    let by_page = parameter(by_page.header("location").expect("a redirect"), "launch").expect("a launch");
    for launch in [by_control["launch"].as_str().expect("a launch"), &by_page] {
        let answer = exchange(&sim, &code(&sim, &[("scope", "launch"), ("launch", launch)])).json();
        let expected = json!([{"reference": "List/1"}, {"reference": "List/2"}]);
        assert_eq!((&answer["intent"], &answer["fhirContext"]), (&"i".into(), &expected));
    }
}

#[test]
fn an_authorize_request_can_be_posted() {
    let sim =
        Simulator::start(Options { auto_approve: true, ..options(Personality::Smart) }).expect("it starts");
    let url = authorize_url(&sim, &[("scope", "user/Patient.read")]);
    let (endpoint, body) = url.split_once('?').expect("a query");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = send(&sim, "POST", endpoint, &headers, body);
    assert!(answer.header("location").is_some_and(|callback| callback.contains("code=")));
}

#[test]
fn pkce_is_required_verified_or_ignored() {
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let scope = ("scope", "user/Patient.read");
    let pkce = [scope, ("code_challenge", challenge), ("code_challenge_method", "S256")];
    for (policy, wrong_verifier_status) in [
        (PkcePolicy::Required, 401),
        (PkcePolicy::Supported, 401),
        (PkcePolicy::NotAdvertised, 401),
        (PkcePolicy::Ignored, 200),
    ] {
        let sim = Simulator::start(Options { pkce: Some(policy), ..options(Personality::Smart) })
            .expect("it starts");
        let without = sim.approve(&authorize_url(&sim, &[scope])).expect("a callback");
        assert_eq!(without.contains("error=invalid_request"), policy == PkcePolicy::Required, "{policy:?}");
        for (verifier, status) in [(verifier, 200), ("wrong", wrong_verifier_status)] {
            let code = code(&sim, &pkce);
            let form = [
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", REDIRECT),
                ("code_verifier", verifier),
            ];
            let answer = post_token(&sim, Some(("app-user", crate::support::SECRET)), &form);
            assert_eq!(answer.status, status, "{policy:?} {verifier}");
        }
    }
}

/// RFC 9207
#[test]
fn the_callback_has_the_issuer() {
    let sim = Simulator::start(Options { response_iss: Some(true), ..options(Personality::Oracle) })
        .expect("it starts");
    let url = authorize_url(&sim, &[("scope", "user/Patient.read")]);
    let issuer = sim.issuer(&sim.iss());
    let refused = authorize_url(&sim, &[("scope", "unknown")]);
    for callback in [sim.approve(&url), sim.deny(&url), sim.approve(&refused)] {
        assert_eq!(parameter(&callback.expect("a callback"), "iss"), issuer);
    }
    sim.set_fault("callback-iss:https://other.example/fhir:1").expect("a fault");
    let callback = sim.approve(&url).expect("a callback");
    assert_eq!(parameter(&callback, "iss").as_deref(), Some("https://other.example/fhir:1"));
    let silent = start(Personality::Oracle);
    let callback = silent.approve(&authorize_url(&silent, &[("scope", "user/Patient.read")]));
    assert_eq!(parameter(&callback.expect("a callback"), "iss"), None);
}
