//! The id_token of a sign-in (rows 92 to 95, O19, #201 and #218): signature, issuer and claims, with every algorithm and each way to
//! make it wrong; keys that rotate; the policies `strict`, `soft` and `required`.

mod common;

use common::{Fixture, REDIRECT, SESSION, query_of, smart_server::EventLog};
use ehr_sim::{DiscoveryOptions, FhirUserForm, IdTokenAlgorithm, LaunchOptions, Options, Personality};
use fhir_ehr::{AllowAll, Code, IdTokenResult, LaunchContext, LaunchResult, Result, Stage};
use serde_json::{Value, json};

/// What a launch of the first patient leads to.
fn launch(fixture: &Fixture) -> Result<LaunchContext> {
    let patient = fixture.sim.patient_ids()[0].clone();
    let callback = fixture.launch_to_callback(&LaunchOptions { patient, ..LaunchOptions::default() });
    match fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)? {
        LaunchResult::SignedIn(signed_in) => Ok(signed_in.context),
        LaunchResult::LoginRequired { handover, .. } => {
            fixture.client.finish_login(&handover, SESSION, "alice").map(|signed_in| signed_in.context)
        }
        other => panic!("a sign-in was expected, not {other:?}"),
    }
}

fn fixture(personality: Personality, source: Value) -> Fixture {
    let options = Options { personality, ..Options::default() };
    with_source(options, source)
}

/// A fixture whose source has other members. A null removes one.
fn with_source(options: Options, members: Value) -> Fixture {
    let change = |document: &mut Value| {
        for (name, value) in members.as_object().unwrap() {
            document["sources"][0][name] = value.clone();
            if value.is_null() {
                document["sources"][0].as_object_mut().unwrap().remove(name);
            }
        }
    };
    Fixture::with(options, change, Box::new(AllowAll))
}

/// How often the key set was requested since the last reset.
fn key_requests(fixture: &Fixture) -> usize {
    fixture.sim.requests().iter().filter(|request| request.path.ends_with("/jwks")).count()
}

#[test]
fn the_id_token_of_each_vendor_and_algorithm_is_verified() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic, Personality::Generic] {
        let context = launch(&fixture(personality, json!({}))).unwrap();
        assert_eq!(context.id_token, IdTokenResult::Verified, "{personality:?}");
        assert!(context.fhir_user.unwrap().reference.starts_with("Practitioner/"), "{personality:?}");
    }
    for algorithm in
        [IdTokenAlgorithm::Rs256, IdTokenAlgorithm::Rs384, IdTokenAlgorithm::Es256, IdTokenAlgorithm::Es384]
    {
        let options = Options {
            id_token_algorithm: Some(algorithm),
            personality: Personality::Generic,
            ..Options::default()
        };
        let context = launch(&with_source(options, json!({}))).unwrap();
        assert_eq!(context.id_token, IdTokenResult::Verified, "{algorithm:?}");
    }
}

#[test]
fn a_wrong_id_token_ends_the_sign_in_with_strict_and_gives_nothing_with_soft() {
    let strict = fixture(Personality::Generic, json!({}));
    let soft = fixture(Personality::Generic, json!({"policy": {"id_token": "soft"}}));
    for (fault, code, what) in [
        ("id-token-signature:wrong", Code::IdTokenInvalid, "signature is wrong"),
        ("id-token-signature:none", Code::IdTokenInvalid, "algorithm"),
        ("id-token-signature:hs256", Code::IdTokenInvalid, "algorithm"),
        ("id-token-signature:unknown-kid", Code::IdTokenKeyUnknown, "source sim"),
        ("id-token-signature:own-key", Code::IdTokenKeyUnknown, "source sim"),
        ("id-token-wrong:iss", Code::IdTokenIssuerUnknown, "https://another-issuer.example/"),
        ("id-token-wrong:aud", Code::IdTokenInvalid, "aud: "),
        ("id-token-wrong:azp", Code::IdTokenInvalid, "azp: "),
        ("id-token-wrong:exp", Code::IdTokenInvalid, "exp: the token has expired"),
        ("id-token-wrong:iat", Code::IdTokenInvalid, "iat: it is in the future"),
        ("id-token-wrong:nbf", Code::IdTokenInvalid, "nbf: it is in the future"),
        ("id-token-wrong:nonce", Code::IdTokenInvalid, "nonce: it is the one of another sign-in"),
        ("id-token-wrong:at_hash", Code::IdTokenInvalid, "at_hash: "),
        (r#"id-token-claims:{"nonce": null}"#, Code::IdTokenInvalid, "nonce: it is missing"),
        (r#"id-token-claims:{"exp": null}"#, Code::IdTokenInvalid, "exp: it is missing"),
        (r#"id-token-claims:{"exp": "soon"}"#, Code::IdTokenInvalid, "exp: it is not a time"),
        (r#"id-token-claims:{"sub": null}"#, Code::IdTokenInvalid, "sub: "),
        (
            r#"id-token-claims:{"aud": ["app-user", "b"], "azp": null}"#,
            Code::IdTokenInvalid,
            "azp: it is missing",
        ),
        ("id-token-duplicate", Code::IdTokenInvalid, "iss: it is missing, or the payload"),
        ("id-token-huge", Code::IdTokenInvalid, "at most 64 KiB"),
    ] {
        strict.sim.set_fault(fault).unwrap();
        let error = launch(&strict).unwrap_err();
        assert_eq!(error.code(), code, "{fault}: {error}");
        assert!(error.message().contains(what), "{fault}: {error}");
        strict.sim.clear_faults();
        soft.sim.set_fault(fault).unwrap();
        let context = launch(&soft).unwrap();
        assert_eq!((context.id_token, context.fhir_user), (IdTokenResult::Rejected, None), "{fault}");
        assert_eq!(context.id_token_error.as_deref(), Some(code.name()), "{fault}");
        soft.sim.clear_faults();
    }
    assert!(launch(&strict).is_ok(), "without a fault");
}

#[test]
fn an_audience_in_a_list_and_a_clock_that_is_wrong_are_accepted() {
    let fixture = fixture(Personality::Generic, json!({}));
    for fault in [
        r#"id-token-claims:{"aud": ["app-user"], "azp": null}"#,
        r#"id-token-claims:{"aud": ["b", "app-user"]}"#,
        "clock-skew:7200",
        "clock-skew:-7200",
    ] {
        fixture.sim.set_fault(fault).unwrap();
        assert_eq!(launch(&fixture).unwrap().id_token, IdTokenResult::Verified, "{fault}");
        fixture.sim.clear_faults();
    }
}

#[test]
fn a_missing_id_token_is_named_and_ends_the_sign_in_only_if_the_source_requires_one() {
    let with = |policy: Value| {
        let fixture = fixture(Personality::Smart, json!({"policy": policy}));
        fixture.sim.set_fault("id-token-missing").unwrap();
        fixture
    };
    assert_eq!(launch(&with(json!({}))).unwrap().id_token, IdTokenResult::Missing);
    let error = launch(&with(json!({"id_token": "required"}))).unwrap_err();
    assert_eq!(error.code(), Code::IdTokenMissing);
    let scopes = json!({"scopes": ["launch", "user/{resource}.read"]});
    let context = launch(&with(scopes)).unwrap();
    // The SMART launcher does not name the user in its token answers.
    assert_eq!((context.id_token, context.ehr_user.as_deref()), (IdTokenResult::NotRequested, None));
    // The server grants no openid scope, and sends no id_token: not an error.
    let fixture = fixture(Personality::Smart, json!({}));
    fixture
        .sim
        .set_fault(r#"token-answer:{"access_token": "t", "token_type": "Bearer", "expires_in": 60, "scope": "launch"}"#)
        .unwrap();
    assert_eq!(launch(&fixture).unwrap().id_token, IdTokenResult::NotGranted);
    assert_eq!(key_requests(&fixture), 0, "no request without an id_token");
}

#[test]
fn keys_are_requested_once_an_hour_and_once_more_for_an_unknown_key() {
    let fixture = fixture(Personality::Oracle, json!({}));
    launch(&fixture).unwrap();
    launch(&fixture).unwrap();
    assert_eq!(key_requests(&fixture), 1);
    // Another process finds the keys in the store.
    let other = fixture.other_client(&fixture.document());
    let patient = fixture.sim.patient_ids()[0].clone();
    let launched = fixture.sim.launch(&LaunchOptions { patient, ..LaunchOptions::default() });
    let query = common::launch_query(fixture.sim.iss(), &launched);
    let LaunchResult::Redirect(url) = other.handle_launch(&query, SESSION, REDIRECT).unwrap() else {
        panic!()
    };
    other.handle_launch(&query_of(&fixture.sim.approve(&url).unwrap()), SESSION, REDIRECT).unwrap();
    assert_eq!(key_requests(&fixture), 1);
    // The server rotates its keys.
    fixture.sim.rotate_jwks();
    launch(&fixture).unwrap();
    assert_eq!(key_requests(&fixture), 2);
    // The next key signs before it is published (O19). Within a minute the keys are not requested again.
    fixture.sim.rotate_jwks_unpublished();
    assert_eq!(launch(&fixture).unwrap_err().code(), Code::IdTokenKeyUnknown);
    fixture.sim.publish_jwks();
    assert_eq!(launch(&fixture).unwrap_err().code(), Code::IdTokenKeyUnknown);
    assert_eq!(key_requests(&fixture), 2);
    fixture.clock.0.advance(61);
    launch(&fixture).unwrap();
    assert_eq!(key_requests(&fixture), 3);
    fixture.clock.0.advance(3601);
    launch(&fixture).unwrap();
    assert_eq!(key_requests(&fixture), 4, "after an hour");
}

#[test]
fn a_key_that_is_replaced_under_its_kid_is_found() {
    let fixture = fixture(Personality::Generic, json!({}));
    launch(&fixture).unwrap();
    fixture.sim.replace_jwk();
    launch(&fixture).unwrap();
    assert_eq!(key_requests(&fixture), 2);
    // Within a minute the keys are not requested again.
    fixture.sim.set_fault("id-token-signature:wrong").unwrap();
    assert_eq!(launch(&fixture).unwrap_err().code(), Code::IdTokenInvalid);
    assert_eq!(key_requests(&fixture), 2);
}

#[test]
fn keys_that_cannot_be_read_end_a_strict_sign_in() {
    let fixture = fixture(Personality::Smart, json!({}));
    fixture.sim.set_fault("jwks-status:404").unwrap();
    let error = launch(&fixture).unwrap_err();
    assert_eq!(error.code(), Code::IdTokenKeysUnavailable);
    assert!(error.message().contains(&format!("{}: HTTP 404", fixture.sim.base_url())), "{error}");
    fixture.sim.clear_faults();
    launch(&fixture).unwrap();
}

#[test]
fn the_keys_of_an_issuer_are_found_in_its_openid_configuration() {
    // #218: the source stores no endpoints, and its SMART configuration names no keys. Oracle's OpenID configuration names wrong
    // endpoints (O19): only its jwks_uri is used.
    for personality in [Personality::Oracle, Personality::Epic, Personality::Generic] {
        let discovery =
            DiscoveryOptions { without: vec!["jwks_uri".to_owned()], ..DiscoveryOptions::default() };
        let options = Options { personality, discovery, ..Options::default() };
        let stored = json!({"token_endpoint": null, "authorization_endpoint": null});
        let fixture = with_source(options, stored);
        assert_eq!(launch(&fixture).unwrap().id_token, IdTokenResult::Verified, "{personality:?}");
        let requests = fixture.sim.requests();
        let read = |end: &str| requests.iter().filter(|request| request.path.ends_with(end)).count();
        assert_eq!((read("/openid-configuration"), read("/jwks")), (1, 1), "{personality:?}");
        assert_eq!(read("/auth/token"), 1);
    }
}

#[test]
fn with_a_stored_issuer_and_stored_keys_only_the_keys_are_requested() {
    let options = Options { personality: Personality::Epic, ..Options::default() };
    let fixture = Fixture::with(
        options,
        |document| {
            let source = &mut document["sources"][0];
            let auth = source["token_endpoint"].as_str().unwrap().replace("/token", "");
            source["endpoints"] =
                json!({"jwks_uri": format!("{auth}/jwks"), "issuer": format!("{auth}/oauth2")});
        },
        Box::new(AllowAll),
    );
    assert_eq!(launch(&fixture).unwrap().id_token, IdTokenResult::Verified);
    let paths: Vec<String> = fixture.sim.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/auth/token", "/auth/jwks"]);
}

#[test]
fn an_issuer_is_accepted_with_and_without_its_slash_or_from_the_list_of_the_site() {
    let sim = common::simulator(Options { personality: Personality::Oracle, ..Options::default() });
    assert!(sim.issuer(&sim.iss()).unwrap().ends_with('/'), "Oracle's issuer has a slash (O19)");
    let fixture = fixture(Personality::Oracle, json!({}));
    let issuer = fixture.sim.issuer(&fixture.sim.iss()).unwrap();
    let claims = |issuer: &str| format!(r#"id-token-claims:{{"iss": "{issuer}"}}"#);
    fixture.sim.set_fault(&claims(issuer.trim_end_matches('/'))).unwrap();
    launch(&fixture).unwrap();
    // Another issuer needs an entry of the site. Its keys are those that the site configured.
    let other = "https://issuer.example/t1/";
    fixture.sim.set_fault(&claims(other)).unwrap();
    let error = launch(&fixture).unwrap_err();
    assert_eq!(error.code(), Code::IdTokenIssuerUnknown);
    assert!(error.hint_text().unwrap().contains("policy.id_token_issuers"), "{error}");
    let listed = Fixture::with(
        Options { personality: Personality::Oracle, ..Options::default() },
        |document| {
            let source = &mut document["sources"][0];
            let keys = source["token_endpoint"].as_str().unwrap().replace("/token", "/jwks");
            source["endpoints"] = json!({"jwks_uri": keys});
            source["policy"] = json!({"id_token_issuers": [other.trim_end_matches('/')]});
        },
        Box::new(AllowAll),
    );
    listed.sim.set_fault(&claims(other)).unwrap();
    launch(&listed).unwrap();
}

#[test]
fn a_source_that_publishes_no_issuer_has_the_one_at_its_token_endpoint() {
    // Oracle's issuer is not the FHIR base URL. Neither document of the source names an issuer.
    let without = ["smart-configuration", "oauth-uris"].map(str::to_owned).to_vec();
    let discovery = DiscoveryOptions { without, ..DiscoveryOptions::default() };
    let fixture =
        with_source(Options { personality: Personality::Oracle, discovery, ..Options::default() }, json!({}));
    assert_eq!(launch(&fixture).unwrap().id_token, IdTokenResult::Verified);
    // Another issuer is refused. The documents could not be read, so the error does not say that the issuer is wrong.
    fixture.sim.set_fault("id-token-wrong:iss").unwrap();
    assert_eq!(launch(&fixture).unwrap_err().code(), Code::DiscoveryFailed);
}

#[test]
fn while_discovery_fails_no_issuer_is_called_wrong() {
    let without = ["smart-configuration", "openid-configuration", "oauth-uris"].map(str::to_owned).to_vec();
    for fault in [None, Some("close-early")] {
        let discovery = DiscoveryOptions { without: without.clone(), ..DiscoveryOptions::default() };
        let options = Options { personality: Personality::Oracle, discovery, ..Options::default() };
        // With a list, only an issuer that the source publishes is accepted besides.
        let listed = json!({"policy": {"id_token_issuers": ["https://issuer.example"]}});
        let fixture = with_source(options, listed);
        if let Some(fault) = fault {
            fixture.sim.set_fault(fault).unwrap();
        }
        let error = launch(&fixture).unwrap_err();
        assert!(matches!(error.code().stage(), Stage::Discovery | Stage::Network), "{fault:?}: {error}");
        assert!(error.hint_text().unwrap().contains("policy.id_token_issuers"), "{fault:?}: {error}");
    }
}

#[test]
fn no_request_is_sent_to_an_issuer_that_only_the_token_names() {
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let evil = format!("http://{}/oidc", trap.local_addr().unwrap());
    let fixture = with_source(Options::default(), json!({}));
    fixture.sim.set_fault(&format!(r#"id-token-claims:{{"iss": "{evil}"}}"#)).unwrap();
    assert_eq!(launch(&fixture).unwrap_err().code(), Code::IdTokenIssuerUnknown);
    assert!(trap.accept().is_err(), "nothing may connect to the issuer");
}

#[test]
fn the_authorization_request_has_a_nonce_and_neither_max_age_nor_auth_time() {
    // #211
    let fixture = fixture(Personality::Generic, json!({}));
    let launched = fixture
        .sim
        .launch(&LaunchOptions { patient: fixture.sim.patient_ids()[0].clone(), ..LaunchOptions::default() });
    let url =
        url::Url::parse(&fixture.redirect(&common::launch_query(fixture.sim.iss(), &launched))).unwrap();
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert!(names.iter().any(|name| name == "nonce"));
    assert!(
        !names.iter().any(|name| ["max_age", "auth_time", "claims"].contains(&name.as_str())),
        "{names:?}"
    );
}

#[test]
fn fhir_user_is_read_in_each_form_and_only_from_the_own_server() {
    for (form, own) in [
        (FhirUserForm::Absolute, true),
        (FhirUserForm::Relative, true),
        (FhirUserForm::Profile, true),
        (FhirUserForm::Foreign, false),
    ] {
        let options =
            Options { fhir_user: Some(form), personality: Personality::Generic, ..Options::default() };
        let fixture = with_source(options, json!({"policy": {"read_fhir_user": true}}));
        let user = launch(&fixture).unwrap().fhir_user.unwrap();
        let practitioner = fixture.sim.practitioner("portal");
        let reads = fixture.sim.requests().iter().filter(|one| one.path.contains("/Practitioner/")).count();
        assert_eq!((user.was_read, reads), (own, usize::from(own)), "{form:?}");
        if own {
            assert_eq!(user.reference, practitioner, "{form:?}");
            assert_eq!(user.resource_type.as_deref(), Some("Practitioner"));
            assert_eq!(user.name.as_deref(), Some("Alex User portal"));
        } else {
            assert_eq!(user.reference, format!("https://directory.ehr.example/r4/{practitioner}"));
            assert_eq!((user.resource_type, user.id, user.name), (None, None, None));
        }
    }
}

#[test]
fn fhir_user_is_not_read_unless_the_source_says_so_and_a_refusal_ends_nothing() {
    let context = |policy: Value, fault: Option<&str>| {
        let fixture = fixture(Personality::Generic, json!({"policy": policy}));
        if let Some(fault) = fault {
            fixture.sim.set_fault(fault).unwrap();
        }
        let context = launch(&fixture).unwrap();
        let reads = fixture.sim.requests().iter().filter(|one| one.path.contains("/Practitioner/")).count();
        (context.fhir_user.unwrap(), reads)
    };
    let (user, reads) = context(json!({}), None);
    assert_eq!((user.was_read, reads), (false, 0));
    let other =
        r#"fhir-body:{"resourceType": "Practitioner", "id": "other", "name": [{"text": "Dr. Other"}]}"#;
    for fault in ["fhir-status:403", "html-error", "truncated-json", other] {
        let (user, _) = context(json!({"read_fhir_user": true}), Some(fault));
        assert_eq!((user.was_read, user.name), (false, None), "{fault}");
    }
    // Epic and Oracle require a scope for Practitioner.
    let policy = |scopes: Value| json!({"policy": {"read_fhir_user": true, "scopes": scopes}});
    for (scopes, was_read) in [
        (json!(["openid", "fhirUser", "launch", "user/Patient.read"]), false),
        (json!(["openid", "fhirUser", "launch", "user/Patient.read", "user/Practitioner.read"]), true),
    ] {
        let user = launch(&fixture(Personality::Epic, policy(scopes))).unwrap().fhir_user.unwrap();
        assert_eq!(user.was_read, was_read);
    }
}

#[test]
fn nothing_of_the_id_token_or_the_user_is_in_an_event_or_a_debug_text() {
    let fixture = fixture(Personality::Epic, json!({"policy": {"id_token": "soft"}}));
    let log = EventLog::default();
    let mut document = fixture.document();
    document["sources"][0]["policy"] = json!({"id_token": "soft"});
    let client = fixture.client_with_log(&document, log.clone());
    for fault in [None, Some("id-token-signature:wrong"), Some("id-token-missing")] {
        fixture.sim.clear_faults();
        if let Some(fault) = fault {
            fixture.sim.set_fault(fault).unwrap();
        }
        let patient = fixture.sim.patient_ids()[0].clone();
        let launched = fixture.sim.launch(&LaunchOptions { patient, ..LaunchOptions::default() });
        let query = common::launch_query(fixture.sim.iss(), &launched);
        let LaunchResult::Redirect(url) = client.handle_launch(&query, SESSION, REDIRECT).unwrap() else {
            panic!("a redirect")
        };
        let callback = fixture.sim.approve(&url).unwrap();
        let result = client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
        let LaunchResult::LoginRequired { handover, .. } = result else { panic!("a login, not {result:?}") };
        let signed_in = client.finish_login(&handover, SESSION, "alice");
        // The link of the first round would end the login of the others.
        for link in client.links("admin").unwrap() {
            client.unlink("admin", &link.id).unwrap();
        }
        let practitioner = fixture.sim.practitioner("portal");
        assert!(!format!("{signed_in:?}").contains(&practitioner));
    }
    let events = log.all().join("\n");
    for name in [
        "id_token_verified",
        "id_token_rejected source=sim error=id_token_invalid policy=soft",
        "id_token_missing",
    ] {
        assert!(events.contains(name), "{name}: {events}");
    }
    assert!(events.contains("user_linked source=sim key=token_response"), "{events}");
    assert!(
        !events.contains("portal") && !events.contains("Practitioner") && !events.contains("eyJ"),
        "{events}"
    );
}
