//! Registrations: activation, redirect URIs, dynamic registration, introspection and revocation.

use std::time::Duration;

use ehr_sim::{Options, Personality, Registration, Simulator};
use serde_json::{Value, json};

use crate::support::{
    Answer, REDIRECT, SECRET, authorize_url, get, launched, options, post_token, query, refresh, send, start,
};

#[test]
fn a_client_is_unknown_until_it_is_active() {
    for (personality, word) in [
        (Personality::Oracle, "oauth2:grant:unknown-client"),
        (Personality::Epic, "Invalid OAuth 2.0 request"),
    ] {
        let sim = Simulator::start(Options {
            registrations: vec![Registration {
                client_id: "new".to_owned(),
                secrets: vec!["s".to_owned()],
                redirect_uris: vec![REDIRECT.to_owned()],
                active_after_seconds: 900,
                ..Registration::default()
            }],
            ..options(personality)
        })
        .expect("it starts");
        let url = authorize_url(&sim, &[("client_id", "new"), ("scope", "user/Patient.read")]);
        let form = [("grant_type", "refresh_token"), ("refresh_token", "none")];
        let token = || post_token(&sim, Some(("new", "s")), &form).json()["error"].clone();
        assert!(sim.approve(&url).is_err_and(|page| page.contains(word)));
        assert_eq!(token(), "invalid_client");
        sim.advance(Duration::from_secs(901));
        assert!(sim.approve(&url).is_ok_and(|callback| callback.contains("code=")));
        assert_eq!(token(), "invalid_grant");
    }
}

/// E3, O9
#[test]
fn redirect_uris_of_a_registration_are_exact() {
    let uris = ["https://app.example/cb", "https://test.example:8443/cb/"];
    let sim = start(Personality::Smart);
    sim.put_registration(Registration {
        client_id: "exact".to_owned(),
        redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
        ..Registration::default()
    });
    let approve = |uri: &str| {
        let extra = [("client_id", "exact"), ("redirect_uri", uri), ("scope", "user/Patient.read")];
        sim.approve(&authorize_url(&sim, &extra)).is_ok()
    };
    assert!(uris.into_iter().all(approve));
    for wrong in
        ["https://app.example/cb/", "https://test.example/cb/", "https://app.example/cb?x=1", REDIRECT]
    {
        assert!(!approve(wrong), "{wrong}");
    }
}

/// O11: scopes of the other syntax are dropped silently at the authorize endpoint.
#[test]
fn scopes_of_the_other_syntax_are_not_granted_to_users() {
    let sim = start(Personality::Oracle);
    sim.put_registration(Registration {
        client_id: "app-user".to_owned(),
        secrets: vec![SECRET.to_owned()],
        redirect_uris: vec![REDIRECT.to_owned()],
        scope_version: Some(ehr_sim::ScopeVersion::V2),
        ..Registration::default()
    });
    let answer = launched(&sim, "user/Patient.read user/Observation.rs");
    assert_eq!(answer["scope"], "launch user/Observation.rs");
    let token = answer["access_token"].as_str().expect("a token");
    assert_eq!(get(&sim, "/fhir/Patient/a", token).status, 403);
}

#[test]
fn an_application_can_register_itself() {
    let sim = start(Personality::Generic);
    let register = |body: Value| send(&sim, "POST", "/auth/register", &[], &body.to_string());
    let answer = register(json!({ "client_name": "App", "redirect_uris": [REDIRECT] }));
    assert_eq!(answer.status, 201);
    let answer = answer.json();
    let text = |name: &str| answer[name].as_str().expect("a string").to_owned();
    assert_eq!(text("token_endpoint_auth_method"), "client_secret_basic");
    let form = [("grant_type", "refresh_token"), ("refresh_token", "none")];
    let known = post_token(&sim, Some((&text("client_id"), &text("client_secret"))), &form);
    assert_eq!(known.json()["error"], "invalid_grant");
    let signed = register(json!({
        "grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": "http://127.0.0.1:1/jwks",
    }));
    assert_eq!((signed.status, &signed.json()["client_secret"]), (201, &Value::Null));
    for (body, code) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://app.example/"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://app.example/#x"] }), "invalid_redirect_uri"),
        (
            json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "private_key_jwt" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "tls_client_auth" }),
            "invalid_client_metadata",
        ),
    ] {
        let answer = register(body.clone());
        assert_eq!((answer.status, &answer.json()["error"]), (400, &code.into()), "{body}");
    }
    assert_eq!(send(&start(Personality::Epic), "POST", "/auth/register", &[], "{}").status, 404);
}

/// A request to `/auth/introspect` or `/auth/revoke`. Without a client, the form names the public client.
fn about_token(sim: &Simulator, path: &str, client: Option<(&str, &str)>, token: &str) -> Answer {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
    let mut form = vec![("token", token)];
    let basic;
    match client {
        Some((id, secret)) => {
            basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            headers.push(("Authorization", basic.as_str()));
        }
        None => form.push(("client_id", "app-public")),
    }
    send(sim, "POST", path, &headers, &query(&form))
}

const USER: Option<(&str, &str)> = Some(("app-user", SECRET));

#[test]
fn tokens_are_introspected_and_revoked() {
    for personality in [Personality::Epic, Personality::Oracle] {
        let oracle = personality == Personality::Oracle;
        let sim = start(personality);
        let answer = launched(&sim, "online_access patient/Patient.read");
        let access = answer["access_token"].as_str().expect("a token");
        let refresh_token = answer["refresh_token"].as_str().expect("a token");
        let shown = about_token(&sim, "/auth/introspect", USER, access).json();
        assert_eq!((&shown["active"], &shown["patient"]), (&true.into(), &"a".into()));
        assert!(
            shown["exp"].is_number() && shown["scope"].as_str().is_some_and(|scope| !scope.ends_with(' '))
        );
        let other = Some(("app-system", "s"));
        assert_eq!(about_token(&sim, "/auth/introspect", other, access).body, r#"{"active":false}"#);
        let wrong = about_token(&sim, "/auth/introspect", Some(("app-user", "x")), access);
        assert_eq!(wrong.status, if oracle { 401 } else { 400 });
        let public = about_token(&sim, "/auth/introspect", None, access);
        assert_eq!(public.json()["error"], "invalid_client", "RFC 7662, 2.1");
        assert!(send(&sim, "GET", "/auth/manage", &[], "").body.contains("app-user"));
        // A token of another client stays valid, and the answer does not say so.
        for token in [access, refresh_token] {
            assert_eq!(about_token(&sim, "/auth/revoke", other, token).status, 200);
            assert_eq!(about_token(&sim, "/auth/introspect", USER, token).json()["active"], true);
        }
        assert_eq!(about_token(&sim, "/auth/revoke", USER, "unknown").status, 200);
        assert_eq!(about_token(&sim, "/auth/revoke", USER, "").json()["error"], "invalid_request");
        assert_eq!(about_token(&sim, "/auth/revoke", USER, refresh_token).status, 200);
        assert_eq!(refresh(&sim, refresh_token).json()["error"], "invalid_grant");
        assert_eq!(about_token(&sim, "/auth/introspect", USER, refresh_token).json()["active"], false);
        // O5: an access token of Oracle works until it expires.
        assert_eq!(get(&sim, "/fhir/Patient/a", access).status, if oracle { 200 } else { 401 });
        let revoked = about_token(&sim, "/auth/revoke", USER, access);
        assert_eq!(revoked.status, if oracle { 400 } else { 200 });
        if oracle {
            assert_eq!(revoked.json()["error"], "unsupported_token_type");
        }
        assert!(!send(&sim, "GET", "/auth/manage", &[], "").body.contains("app-user"));
    }
    let sim = start(Personality::Smart);
    assert_eq!(
        about_token(&sim, "/auth/revoke", USER, "x").status,
        404,
        "the SMART launcher has no revocation"
    );
}

#[test]
fn an_access_token_is_revoked_alone_and_a_used_refresh_token_is_inactive() {
    let sim = Simulator::start(Options { rotate_refresh_tokens: true, ..options(Personality::Epic) })
        .expect("it starts");
    let answer = launched(&sim, "offline_access patient/Patient.read");
    let access = answer["access_token"].as_str().expect("a token");
    let first = answer["refresh_token"].as_str().expect("a token");
    assert_eq!(about_token(&sim, "/auth/revoke", USER, access).status, 200);
    assert_eq!(get(&sim, "/fhir/Patient/a", access).status, 401);
    assert_eq!(refresh(&sim, first).status, 200);
    assert_eq!(about_token(&sim, "/auth/introspect", USER, first).json()["active"], false);
}

#[test]
fn faults_reach_the_endpoints_for_tokens_by_their_names() {
    let sim = start(Personality::Epic);
    for (fault, path, status) in [
        ("token-status:503:1@revoke", "/auth/revoke", 503),
        ("html-error:1@revoke", "/auth/revoke", 500),
        ("token-status:503:1@introspect", "/auth/introspect", 503),
        ("token-answer:{}@introspect", "/auth/introspect", 200),
    ] {
        sim.set_fault(fault).expect("a fault");
        let other = if path == "/auth/revoke" { "/auth/introspect" } else { "/auth/revoke" };
        assert_eq!(about_token(&sim, other, USER, "x").status, 200, "{fault}");
        assert_eq!(post_token(&sim, None, &[]).status, 400, "{fault}");
        assert_eq!(about_token(&sim, path, USER, "x").status, status, "{fault}");
        sim.clear_faults();
    }
}

#[test]
fn the_control_api_adds_registrations() {
    let sim = start(Personality::Smart);
    let put = |body: &str| send(&sim, "POST", "/_sim/registration", &[], body).status;
    assert_eq!(put(r#"{"client_id":"x","secrets":["1","2"],"redirect_uris":["https://a.example/"]}"#), 200);
    assert_eq!(put(r#"{"client_id":"x","secret":"1"}"#), 400);
    let form = [("grant_type", "refresh_token"), ("refresh_token", "none")];
    for (secret, error) in [("1", "invalid_grant"), ("2", "invalid_grant"), ("3", "invalid_client")] {
        assert_eq!(post_token(&sim, Some(("x", secret)), &form).json()["error"], error);
    }
}

/// O6
#[test]
fn an_online_application_does_not_get_offline_access() {
    let sim = start(Personality::Oracle);
    sim.put_registration(Registration {
        client_id: "app-user".to_owned(),
        secrets: vec![SECRET.to_owned()],
        redirect_uris: vec![REDIRECT.to_owned()],
        online_only: true,
        ..Registration::default()
    });
    let answer = launched(&sim, "user/Patient.read offline_access");
    assert_eq!(
        (&answer["scope"], &answer["refresh_token"]),
        (&"launch user/Patient.read".into(), &Value::Null)
    );
    assert!(launched(&sim, "user/Patient.read online_access")["refresh_token"].is_string());
}

/// E8
#[test]
fn epic_grants_the_registered_scopes_whatever_was_requested() {
    let sim = start(Personality::Epic);
    sim.put_registration(Registration {
        client_id: "app-user".to_owned(),
        secrets: vec![SECRET.to_owned()],
        redirect_uris: vec![REDIRECT.to_owned()],
        scopes: ["launch", "openid", "user/Patient.rs", "user/Condition.rs"].map(str::to_owned).to_vec(),
        ..Registration::default()
    });
    let answer = launched(&sim, "openid fhirUser user/Patient.rs user/Observation.rs");
    assert_eq!(answer["scope"], "launch openid user/Patient.rs user/Condition.rs ");
}
