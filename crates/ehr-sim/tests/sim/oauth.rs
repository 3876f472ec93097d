//! Authorize requests and the token endpoint.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ehr_sim::{Options, Personality, Simulator};

use crate::support::{
    REDIRECT, SECRET, authorize_url, exchange, get, launched, options, parameter, post_token, refresh, send,
    start,
};

fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("a string")
}

#[test]
fn the_token_answer_has_the_launch_context() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim = start(personality);
        let answer = launched(&sim, "openid fhirUser offline_access patient/Observation.rs unknown/thing");
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["patient"], "a");
        assert_eq!(answer["encounter"], "e1");
        // The SMART launcher does not name the user.
        let user = if personality == Personality::Smart { serde_json::Value::Null } else { "DOCTOR".into() };
        assert_eq!((&answer["username"], &answer["user"]), (&user, &user));
        assert_eq!(answer["fhirUser"], serde_json::Value::Null);
        assert!(answer["refresh_token"].is_string());
        let (scope, seconds, banner): (&str, u64, serde_json::Value) = match personality {
            Personality::Smart | Personality::Generic => {
                ("launch openid fhirUser offline_access patient/Observation.rs", 3600, true.into())
            }
            Personality::Oracle => {
                ("launch openid fhirUser offline_access patient/Observation.rs", 570, true.into())
            }
            Personality::Epic => ("launch openid fhirUser patient/Observation.rs ", 3600, "true".into()),
        };
        assert_eq!(answer["scope"], scope);
        assert_eq!(answer["expires_in"], seconds);
        assert_eq!(answer["need_patient_banner"], banner);
        assert_eq!(answer["tenant"].is_string(), personality == Personality::Oracle);
    }
}

#[test]
fn errors_are_sent_only_to_registered_redirect_uris() {
    let sim = start(Personality::Oracle);
    for extra in
        [("client_id", "someone"), ("redirect_uri", "https://evil.example/"), ("client_id", "app-system")]
    {
        let url = authorize_url(&sim, &[extra, ("scope", "user/Patient.read")]);
        assert!(sim.approve(&url).is_err());
        let answer = send(&sim, "GET", &url, &[], "");
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("location"), None);
    }
    let challenge = "a".repeat(43);
    for (extra, error, urn) in [
        (vec![("aud", "")], "invalid_request", "audience-required"),
        (vec![("aud", "https://other.example")], "invalid_request", "unknown-resource-server"),
        (vec![("response_type", "token")], "unsupported_response_type", "unsupported-response-type"),
        (vec![("state", "")], "invalid_request", "invalid-request"),
        (vec![("scope", "patient/*.read")], "invalid_scope", "empty-scopes"),
        (vec![("scope", "launch user/Patient.read")], "invalid_request", "launch-code-required"),
        (vec![("scope", "launch user/Patient.read"), ("launch", "x")], "invalid_request", "invalid-code"),
        (
            vec![("code_challenge", &challenge), ("code_challenge_method", "plain")],
            "invalid_request",
            "invalid-request",
        ),
    ] {
        let mut pairs = extra.clone();
        if !extra.iter().any(|(name, _)| *name == "scope") {
            pairs.push(("scope", "user/Patient.read"));
        }
        let callback = sim.approve(&authorize_url(&sim, &pairs)).expect("a callback");
        assert!(callback.starts_with(REDIRECT));
        assert_eq!(parameter(&callback, "error").as_deref(), Some(error), "{extra:?}");
        assert_eq!(parameter(&callback, "error_description"), None);
        let uri = parameter(&callback, "error_uri").expect("error_uri");
        assert!(
            uri.contains("/errors/urn%3Acerner%3A") && uri.contains("/instances/") && uri.contains(urn),
            "{uri}"
        );
        assert_eq!(parameter(&callback, "code"), None);
    }
}

#[test]
fn a_denial_has_the_error_format_of_the_personality() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim = start(personality);
        let callback = sim.deny(&authorize_url(&sim, &[("scope", "user/Patient.read")])).expect("a callback");
        assert_eq!(parameter(&callback, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(&callback, "state").as_deref(), Some("the state"));
        assert_eq!(parameter(&callback, "error_uri").is_some(), personality == Personality::Oracle);
        assert_eq!(parameter(&callback, "error_description").is_some(), personality == Personality::Smart);
    }
}

/// RFC 6749, 3.1, 3.2 and 4.1.3
#[test]
fn requests_are_forms_without_repeated_parameters() {
    let sim = start(Personality::Generic);
    let url = authorize_url(&sim, &[("scope", "user/Patient.read")]);
    let callback = sim.approve(&format!("{url}&scope=openid")).expect("a callback");
    assert!(callback.contains("error=invalid_request"), "{callback}");
    let body = "grant_type=refresh_token&refresh_token=x&client_id=app-public";
    for (label, error) in [
        ("application/json", "invalid_request"),
        ("application/x-www-form-urlencoded;charset=UTF-8", "invalid_grant"),
    ] {
        let answer = send(&sim, "POST", "/auth/token", &[("Content-Type", label)], body);
        assert_eq!((answer.status, &answer.json()["error"]), (400, &error.into()));
    }
    assert_eq!(send(&sim, "POST", "/auth/authorize", &[], "client_id=app-user").status, 400);
}

#[test]
fn pkce_is_checked_and_a_code_is_accepted_once() {
    let sim = start(Personality::Oracle);
    let verifier = "v".repeat(50);
    let challenge = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()));
    let code = || {
        let url = authorize_url(
            &sim,
            &[
                ("scope", "user/Patient.read"),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
                ("client_id", "app-public"),
            ],
        );
        parameter(&sim.approve(&url).expect("a callback"), "code").expect("a code")
    };
    let request = |code: &str, verifier: Option<&str>, redirect: &str| {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "app-public"),
            ("code", code),
            ("redirect_uri", redirect),
        ];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        post_token(&sim, None, &form)
    };
    let first = code();
    assert_eq!(request(&first, Some(&verifier), REDIRECT).status, 200);
    let again = request(&first, Some(&verifier), REDIRECT);
    assert_eq!((again.status, &again.json()["error"]), (400, &"invalid_grant".into()));
    assert!(text(&again.json()["error_uri"]).contains("code-invalid-or-expired"));
    assert_eq!(request(&code(), None, REDIRECT).status, 400);
    assert_eq!(request(&code(), Some(&"w".repeat(50)), REDIRECT).status, 400);
    assert_eq!(request(&code(), Some(&verifier), "http://127.0.0.1:4711/other").status, 400);
    let late = code();
    sim.advance(Duration::from_secs(61));
    assert_eq!(request(&late, Some(&verifier), REDIRECT).status, 400);
}

#[test]
fn clients_are_authenticated() {
    let form = [("grant_type", "refresh_token"), ("refresh_token", "none")];
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic, Personality::Generic] {
        let sim = start(personality);
        // E9: vendors take the credentials as they are. RFC 6749, 2.3.1, form-encodes them.
        let form_encoded = personality == Personality::Generic;
        for (secret, is_form) in [(SECRET, false), (encoded.as_str(), true)] {
            let error = post_token(&sim, Some(("app-user", secret)), &form).json()["error"].clone();
            assert_eq!(error, if is_form == form_encoded { "invalid_grant" } else { "invalid_client" });
        }
        let wrong = post_token(&sim, Some(("app-user", "x")), &form);
        assert_eq!(wrong.json()["error"], "invalid_client");
        assert_eq!(wrong.status, if personality == Personality::Epic { 400 } else { 401 });
        let body = [&form[..], &[("client_id", "app-user"), ("client_secret", SECRET)]].concat();
        let posted = post_token(&sim, None, &body).json()["error"].clone();
        let refused = personality == Personality::Oracle;
        assert_eq!(posted, if refused { "invalid_client" } else { "invalid_grant" });
    }
    let epic = post_token(&start(Personality::Epic), None, &form);
    assert_eq!(epic.body, r#"{"error":"invalid_client","error_description":null}"#);
}

/// An unknown code shows a client whether its credentials are right, and a wrong secret does not use up a code.
#[test]
fn the_client_is_authenticated_before_the_code_is_checked() {
    for (personality, code_status, client_status) in
        [(Personality::Oracle, 400, 401), (Personality::Smart, 401, 401), (Personality::Epic, 400, 400)]
    {
        let sim = start(personality);
        let request = |secret: &str, code: &str| {
            let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
            post_token(&sim, Some(("app-user", secret)), &form)
        };
        let unknown = request(SECRET, "unknown");
        assert_eq!((unknown.status, &unknown.json()["error"]), (code_status, &"invalid_grant".into()));
        let wrong = request("wrong", "unknown");
        assert_eq!((wrong.status, &wrong.json()["error"]), (client_status, &"invalid_client".into()));
        let url = authorize_url(&sim, &[("scope", "user/Patient.read")]);
        let code = parameter(&sim.approve(&url).expect("a callback"), "code").expect("a code");
        assert_eq!(request("wrong", &code).json()["error"], "invalid_client");
        assert_eq!(request(SECRET, &code).status, 200, "the code is still valid");
    }
}

#[test]
fn access_tokens_expire_and_are_refreshed() {
    let sim = start(Personality::Oracle);
    let answer = launched(&sim, "online_access patient/Patient.read");
    let token = text(&answer["access_token"]);
    let status = |token: &str| get(&sim, "/fhir/Patient/a", token).status;
    assert_eq!(status(token), 200);
    sim.advance(Duration::from_secs(571));
    assert_eq!(status(token), 401);
    let refreshed = refresh(&sim, text(&answer["refresh_token"])).json();
    assert_eq!(refreshed["refresh_token"], serde_json::Value::Null, "Oracle does not repeat it");
    assert_eq!(refreshed["patient"], "a");
    assert_eq!(status(text(&refreshed["access_token"])), 200);
    sim.expire_access_tokens();
    assert_eq!(status(text(&refreshed["access_token"])), 401);
    assert_eq!(refresh(&sim, text(&answer["refresh_token"])).status, 200);
    sim.revoke_refresh_tokens();
    assert_eq!(refresh(&sim, text(&answer["refresh_token"])).json()["error"], "invalid_grant");
}

#[test]
fn a_second_use_of_a_refresh_token_revokes_the_grant() {
    let sim = Simulator::start(Options { rotate_refresh_tokens: true, ..options(Personality::Epic) })
        .expect("it starts");
    let first = launched(&sim, "offline_access patient/Patient.read");
    let second = refresh(&sim, text(&first["refresh_token"])).json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(refresh(&sim, text(&first["refresh_token"])).json()["error"], "invalid_grant");
    assert_eq!(refresh(&sim, text(&second["refresh_token"])).json()["error"], "invalid_grant");
    assert_eq!(get(&sim, "/fhir/Patient/a", text(&second["access_token"])).status, 401);
}

#[test]
fn the_system_account_has_system_scopes_only() {
    let sim = start(Personality::Oracle);
    let request = |client: (&str, &str), scope: &str| {
        post_token(&sim, Some(client), &[("grant_type", "client_credentials"), ("scope", scope)]).json()
    };
    assert_eq!(request(("app-system", "s"), "system/Patient.read")["scope"], "system/Patient.read");
    assert_eq!(
        request(("app-system", "s"), "system/Patient.read user/Patient.read")["error"],
        "invalid_scope"
    );
    assert_eq!(request(("app-user", SECRET), "system/Patient.read")["error"], "unauthorized_client");
}

#[test]
fn a_standalone_launch_chooses_its_patient() {
    let sim = start(Personality::Oracle);
    let url = authorize_url(&sim, &[("scope", "launch/patient patient/Patient.read")]);
    let code = parameter(&sim.approve_with_patient(&url, "b").expect("a callback"), "code").expect("a code");
    let answer = exchange(&sim, &code).json();
    assert_eq!(answer["patient"], "b");
    assert_eq!(answer["username"], "portal");
    assert_eq!(answer["need_patient_banner"], serde_json::Value::Null);
}
