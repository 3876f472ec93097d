//! System accounts: client credentials with a secret, and SMART Backend Services.

use ehr_sim::{BackgroundUser, Options, Personality, Registration, ScopeVersion, Simulator};
use serde_json::Value;

use crate::{
    keys::{Key, post_assertion},
    support::{Answer, get, options, post_token},
};

const V1: &str = "system/Patient.read system/Observation.read";
const V2: &str = "system/Patient.rs system/Observation.rs";

fn start(personality: Personality, key: &Key, change: impl FnOnce(&mut Registration)) -> Simulator {
    let mut registration = Registration {
        client_id: "backend".to_owned(),
        secrets: vec!["secret".to_owned()],
        jwks: Some(key.jwks()),
        system: true,
        ..Registration::default()
    };
    change(&mut registration);
    Simulator::start(Options { registrations: vec![registration], ..options(personality) })
        .expect("it starts")
}

fn signed(sim: &Simulator, key: &Key, scope: &str) -> Answer {
    let assertion = key.assertion("backend", &sim.token_endpoint(&sim.iss()).expect("an endpoint"));
    post_assertion(sim, &assertion, &[("grant_type", "client_credentials"), ("scope", scope)])
}

fn with_secret(sim: &Simulator, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    post_token(sim, Some(("backend", "secret")), &form)
}

#[test]
fn epic_accepts_signed_assertions_only() {
    let key = Key::rs384("k");
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic, Personality::Generic] {
        let sim = start(personality, &key, |_| {});
        let token = signed(&sim, &key, V1).json();
        assert_eq!((token["expires_in"].is_number(), &token["refresh_token"]), (true, &Value::Null));
        assert_eq!(token["patient"], Value::Null);
        let token = token["access_token"].as_str().expect("a token");
        assert_eq!(get(&sim, "/fhir/Patient/a", token).status, 200);
        let epic = personality == Personality::Epic;
        assert_eq!(with_secret(&sim, V1).status, if epic { 400 } else { 200 });
    }
}

/// E5
#[test]
fn a_system_account_needs_a_background_user() {
    let key = Key::es384("k");
    let missing = start(Personality::Epic, &key, |it| it.background_user = BackgroundUser::Missing);
    assert_eq!(signed(&missing, &key, V1).body, r#"{"error":"invalid_client","error_description":null}"#);
    let denied = start(Personality::Epic, &key, |it| it.background_user = BackgroundUser::Denied);
    let token = signed(&denied, &key, V1).json()["access_token"].as_str().expect("a token").to_owned();
    let answer = get(&denied, "/fhir/Patient/a", &token);
    assert_eq!((answer.status, answer.body.contains("4118")), (403, true));
}

/// O11, O12
#[test]
fn scopes_have_the_registered_syntax_and_the_system_level() {
    let key = Key::es384("k");
    for (version, right, wrong) in [(ScopeVersion::V1, V1, V2), (ScopeVersion::V2, V2, V1)] {
        let sim = start(Personality::Oracle, &key, |it| it.scope_version = Some(version));
        assert_eq!(with_secret(&sim, right).status, 200);
        for refused in [wrong, &format!("{right} user/Patient.read"), "system/*.read", ""] {
            let answer = with_secret(&sim, refused);
            assert_eq!((answer.status, &answer.json()["error"]), (400, &"invalid_scope".into()), "{refused}");
        }
    }
    let limited = start(Personality::Smart, &key, |it| it.scopes = vec!["system/Patient.read".to_owned()]);
    assert_eq!(with_secret(&limited, "system/Patient.read").status, 200);
    assert_eq!(with_secret(&limited, V1).json()["error"], "invalid_scope");
}

#[test]
fn users_cannot_sign_in_to_a_system_account() {
    let sim = start(Personality::Smart, &Key::es384("k"), |it| {
        it.redirect_uris = vec![crate::support::REDIRECT.to_owned()];
    });
    let url =
        crate::support::authorize_url(&sim, &[("client_id", "backend"), ("scope", "user/Patient.read")]);
    assert!(sim.approve(&url).is_err());
}
