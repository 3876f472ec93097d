//! Client authentication at the token endpoint.

use std::time::Duration;

use ehr_sim::{AuthMethod, Options, Personality, Registration, Simulator};
use serde_json::{Value, json};

use crate::{
    keys::{ASSERTION_TYPE, JwksServer, Key, claims, now_seconds, post_assertion},
    support::{SECRET, options, post_token, query, send, start},
};

const ALL: [Personality; 4] =
    [Personality::Smart, Personality::Oracle, Personality::Epic, Personality::Generic];

/// An unknown refresh token: the answer is `invalid_grant` if the client is authenticated.
const FORM: [(&str, &str); 2] = [("grant_type", "refresh_token"), ("refresh_token", "none")];

fn with_keys(personality: Personality, registration: Registration) -> Simulator {
    let registration = Registration { client_id: "signed".to_owned(), ..registration };
    Simulator::start(Options { registrations: vec![registration], ..options(personality) })
        .expect("it starts")
}

fn audience(sim: &Simulator) -> String {
    sim.token_endpoint(&sim.iss()).expect("a token endpoint")
}

fn error(sim: &Simulator, assertion: &str) -> Value {
    post_assertion(sim, assertion, &FORM).json()["error"].clone()
}

#[test]
fn assertions_with_both_algorithms_are_accepted() {
    for personality in ALL {
        for key in [Key::es384("a"), Key::rs384("b")] {
            let sim =
                with_keys(personality, Registration { jwks: Some(key.jwks()), ..Registration::default() });
            let assertion = key.assertion("signed", &audience(&sim));
            assert_eq!(error(&sim, &assertion), "invalid_grant", "{}", key.alg());
            assert_eq!(error(&sim, &assertion), "invalid_client", "a jti is accepted once");
            let named = [&FORM[..], &[("client_id", "signed")]].concat();
            let again = post_assertion(&sim, &key.assertion("signed", &audience(&sim)), &named);
            assert_eq!(again.json()["error"], "invalid_grant");
        }
    }
}

#[test]
fn each_mistake_in_an_assertion_is_refused() {
    let key = Key::es384("a");
    let sim =
        with_keys(Personality::Generic, Registration { jwks: Some(key.jwks()), ..Registration::default() });
    let audience = audience(&sim);
    let now = now_seconds();
    type Change = fn(&mut Value, &mut Value, u64);
    let changes: [(&str, Change); 18] = [
        ("is neither ES384", |header, _, _| header["alg"] = json!("none")),
        ("is neither ES384", |header, _, _| header["alg"] = json!("HS384")),
        ("does not fit its key", |header, _, _| header["alg"] = json!("RS384")),
        ("typ", |header, _, _| header["typ"] = json!("JOSE")),
        ("no kid", |header, _, _| header["kid"] = Value::Null),
        ("has no key with the kid", |header, _, _| header["kid"] = json!("other")),
        ("crit", |header, _, _| header["crit"] = json!(["x"])),
        ("jku", |header, _, _| header["jku"] = json!("http://127.0.0.1/other")),
        ("not the same client id", |_, claims, _| claims["sub"] = json!("other")),
        ("could not be authenticated", |_, claims, _| {
            claims["iss"] = json!("other");
            claims["sub"] = json!("other");
        }),
        ("aud", |_, claims, _| claims["aud"] = json!("https://ehr.example/token")),
        ("aud", |_, claims, _| claims["aud"] = json!([claims["aud"], "https://ehr.example/token"])),
        ("no exp", |_, claims, _| claims["exp"] = json!("soon")),
        ("has expired", |_, claims, now| claims["exp"] = json!(now - 1)),
        ("more than 300 seconds", |_, claims, now| claims["exp"] = json!(now + 330)),
        ("nbf", |_, claims, now| claims["nbf"] = json!(now + 60)),
        ("no jti", |_, claims, _| claims["jti"] = Value::Null),
        ("iss", |_, claims, _| claims["iss"] = Value::Null),
    ];
    for (word, change) in changes {
        let (mut header, mut claims) = (key.header(), claims("signed", &audience));
        change(&mut header, &mut claims, now);
        let answer = post_assertion(&sim, &key.sign(&header, &claims), &FORM);
        assert_eq!(answer.status, 401, "{word}: {}", answer.body);
        let body = answer.json();
        assert_eq!(body["error"], "invalid_client");
        assert!(body["error_description"].as_str().is_some_and(|text| text.contains(word)), "{word}: {body}");
    }
    let other = Key::es384("a").assertion("signed", &audience);
    assert!(post_assertion(&sim, &other, &FORM).body.contains("signature"));
    assert!(post_assertion(&sim, "a.b", &FORM).body.contains("three parts"));
    let wrong_type = [("client_assertion_type", "jwt-bearer")];
    let assertion = key.assertion("signed", &audience);
    let form = [&FORM[..], &wrong_type, &[("client_assertion", &assertion)]].concat();
    assert!(post_token(&sim, None, &form).body.contains("client_assertion_type"));
}

#[test]
fn a_registration_limits_algorithms_and_methods() {
    let key = Key::rs384("b");
    let sim = with_keys(
        Personality::Generic,
        Registration {
            jwks: Some(key.jwks()),
            algs: vec!["ES384".to_owned()],
            secrets: vec!["secret".to_owned()],
            auth_methods: vec![AuthMethod::PrivateKeyJwt, AuthMethod::ClientSecretBasic],
            ..Registration::default()
        },
    );
    assert_eq!(error(&sim, &key.assertion("signed", &audience(&sim))), "invalid_client");
    assert_eq!(post_token(&sim, Some(("signed", "secret")), &FORM).json()["error"], "invalid_grant");
    let posted = [&FORM[..], &[("client_id", "signed"), ("client_secret", "secret")]].concat();
    assert_eq!(post_token(&sim, None, &posted).json()["error"], "invalid_client");
    let none = [&FORM[..], &[("client_id", "signed")]].concat();
    assert_eq!(post_token(&sim, None, &none).json()["error"], "invalid_client");
}

#[test]
fn a_jwks_url_is_fetched_again_for_an_unknown_kid() {
    let (first, second) = (Key::es384("1"), Key::es384("2"));
    let server = JwksServer::start(&first.jwks());
    let sim = with_keys(
        Personality::Oracle,
        Registration { jwks_url: Some(server.url()), ..Registration::default() },
    );
    let accepted = |key: &Key| error(&sim, &key.assertion("signed", &audience(&sim))) == "invalid_grant";
    assert!(accepted(&first) && accepted(&first));
    assert_eq!(server.requests(), 1, "the set is kept");
    assert!(!accepted(&second));
    server.set(&json!({ "keys": [second.jwk(), first.jwk()] }));
    assert!(accepted(&second) && accepted(&first));
    assert_eq!(server.requests(), 3);
    let mut header = first.header();
    header["jku"] = server.url().into();
    assert_eq!(error(&sim, &first.sign(&header, &claims("signed", &audience(&sim)))), "invalid_grant");
}

#[test]
fn one_request_has_one_authentication() {
    for personality in ALL {
        let key = Key::es384("a");
        let sim = with_keys(personality, Registration { jwks: Some(key.jwks()), ..Registration::default() });
        let assertion = key.assertion("signed", &audience(&sim));
        let secret = [("client_id", "app-user"), ("client_secret", SECRET)];
        let signed = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
        let basic = Some(("app-user", SECRET));
        for (basic, parts) in [(basic, &[&secret[..]][..]), (basic, &[&signed]), (None, &[&secret, &signed])]
        {
            let answer = post_token(&sim, basic, &[&FORM[..], &parts.concat()].concat());
            assert_eq!((answer.status, &answer.json()["error"]), (400, &"invalid_request".into()));
        }
        let other = [&FORM[..], &[("client_id", "app-public")]].concat();
        assert_eq!(post_token(&sim, Some(("app-user", "x")), &other).json()["error"], "invalid_client");
        let twice = [&FORM[..], &FORM[..]].concat();
        assert_eq!(post_token(&sim, basic, &twice).json()["error"], "invalid_request");
    }
}

/// O12: an assertion in the header has its own URN.
#[test]
fn oracle_refuses_an_assertion_in_the_header() {
    let key = Key::es384("a");
    let sim =
        with_keys(Personality::Oracle, Registration { jwks: Some(key.jwks()), ..Registration::default() });
    let bearer = format!("Bearer {}", key.assertion("signed", &audience(&sim)));
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", bearer.as_str())];
    let answer = send(&sim, "POST", "/auth/token", &headers, &query(&FORM));
    assert_eq!((answer.status, &answer.json()["error"]), (401, &"invalid_client".into()));
    assert!(answer.body.contains("invalid_authorization_header"));
}

#[test]
fn two_secrets_are_valid_at_once() {
    let sim = Simulator::start(Options {
        client_secret_next: Some("next".to_owned()),
        ..options(Personality::Oracle)
    })
    .expect("it starts");
    let word = |secret: &str| post_token(&sim, Some(("app-user", secret)), &FORM).json()["error"].clone();
    assert_eq!((word(SECRET), word("next")), ("invalid_grant".into(), "invalid_grant".into()));
    sim.put_registration(Registration {
        client_id: "app-user".to_owned(),
        secrets: vec!["next".to_owned()],
        ..Registration::default()
    });
    assert_eq!((word(SECRET), word("next")), ("invalid_client".into(), "invalid_grant".into()));
}

#[test]
fn the_generic_server_names_the_scheme_of_a_refused_client() {
    let answer = post_token(&start(Personality::Generic), Some(("app-user", "wrong")), &FORM);
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Basic ")));
}

#[test]
fn the_clock_of_the_server_can_be_wrong() {
    let key = Key::es384("a");
    let sim =
        with_keys(Personality::Smart, Registration { jwks: Some(key.jwks()), ..Registration::default() });
    let word = || error(&sim, &key.assertion("signed", &audience(&sim)));
    for skew in [600, -600] {
        sim.set_fault(&format!("clock-skew:{skew}")).expect("a fault");
        assert_eq!(word(), "invalid_client", "{skew}");
        let date = send(&sim, "GET", "/fhir/metadata", &[], "").header("date").expect("a date").to_owned();
        let shown = httpdate::parse_http_date(&date).expect("an HTTP date");
        let shown = shown.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
        let difference =
            i64::try_from(shown).expect("a time") - i64::try_from(now_seconds()).expect("a time");
        assert!((difference - skew).abs() < 60, "{difference}");
    }
    sim.clear_faults();
    assert_eq!(word(), "invalid_grant");
    sim.advance(Duration::from_secs(600));
    assert_eq!(word(), "invalid_client", "the Date header and the checks follow the simulator's clock");
}
