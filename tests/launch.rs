//! Launch and sign-in: the normal flow, and an error of its own for every bad input, with no request sent.

mod common;

use common::{AllowOnly, Fixture, HEADER, REDIRECT, SESSION, launch_query, query_of, request};
use ehr_sim::{FhirRelease, LaunchOptions, Options, Personality};
use fhir_ehr::{Action, Client, Code, Config, Hooks, LaunchResult, Log, LogLevel, Retry, SqliteStore};
use std::{
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

fn arrive(fixture: &Fixture, query: &str, session: &str) -> Result<LaunchResult, Code> {
    fixture.client.handle_launch(query, session, REDIRECT).map_err(|error| error.code())
}

fn state_of(address: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

#[test]
fn the_first_launch_asks_for_the_applications_login_and_later_ones_do_not() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let fixture = Fixture::new(Options { personality, ..Options::default() });
        let (patient, _) = fixture.some_patient();
        let options =
            LaunchOptions { patient: patient.clone(), need_patient_banner: true, ..LaunchOptions::default() };
        let callback = fixture.launch_to_callback(&options);
        let Ok(LaunchResult::LoginRequired { handover, ehr_user, source }) =
            arrive(&fixture, &query_of(&callback), SESSION)
        else {
            panic!("the first launch must require a login");
        };
        assert_eq!(source, "sim");
        // The SMART launcher sends no user name, but an id_token with fhirUser.
        let names_user = |name: &str| match personality {
            Personality::Smart => name.starts_with("Practitioner/"),
            _ => name == "portal",
        };
        assert!(ehr_user.as_deref().is_some_and(names_user), "{ehr_user:?}");
        let foreign = fixture.client.finish_login(&handover, "another session", "mallory").unwrap_err();
        assert_eq!(foreign.code(), Code::StateForeign);
        let signed_in = fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
        assert_eq!(signed_in.context.patient.as_deref(), Some(patient.as_str()));
        assert!(signed_in.context.need_patient_banner);
        let again = fixture.client.finish_login(&handover, SESSION, "alice").unwrap_err();
        assert_eq!(again.code(), Code::HandoverUnknown);

        let callback = fixture.launch_to_callback(&options);
        let Ok(LaunchResult::SignedIn(second)) = arrive(&fixture, &query_of(&callback), SESSION) else {
            panic!("the second launch must know the user");
        };
        assert_eq!(second.user, "alice");
    }
}

#[test]
fn a_user_in_the_query_is_signed_in_only_at_a_sandbox_source_that_trusts_it() {
    let forged = |fixture: &Fixture| {
        let (patient, _) = fixture.some_patient();
        let launch = fixture.sim.launch(&LaunchOptions { patient, ..LaunchOptions::default() });
        let query = format!("{}&user=admin", launch_query(fixture.sim.iss(), &launch));
        let callback = fixture.sim.approve(&fixture.redirect(&query)).unwrap();
        arrive(fixture, &query_of(&callback), SESSION)
    };
    let plain = Fixture::new(Options::default());
    assert!(
        matches!(forged(&plain), Ok(LaunchResult::LoginRequired { .. })),
        "the user in the query must not be trusted"
    );
    let trusting = Fixture::with(
        Options::default(),
        |document| document["sources"][0]["policy"] = serde_json::json!({"trust_user_hint": true}),
        Box::new(fhir_ehr::AllowAll),
    );
    assert!(matches!(forged(&trusting), Ok(LaunchResult::SignedIn(user)) if user.user == "admin"));
}

#[test]
fn trusting_the_hint_is_refused_outside_a_sandbox() {
    let fixture = Fixture::new(Options::default());
    let mut document = fixture.document();
    for registration in document["registrations"].as_array_mut().unwrap() {
        registration["environments"] = serde_json::json!(["production"]);
    }
    document["sources"][0]["environment"] = "production".into();
    document["sources"][0]["policy"] = serde_json::json!({"trust_user_hint": true});
    let config = fhir_ehr::Config::from_json(&document.to_string()).unwrap();
    let error = fhir_ehr::Sources::build(&config).unwrap_err();
    assert_eq!(error.code(), Code::ConfigInvalid);
}

#[test]
fn an_unknown_iss_is_an_error_and_sends_nothing() {
    let fixture = Fixture::new(Options::default());
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let evil = format!("http://{}/fhir", trap.local_addr().unwrap());
    let error = fixture.client.handle_launch(&launch_query(&evil, "x"), SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::SourceNotFound);
    assert_eq!(error.message(), format!("FHIR source not found for iss {evil}"));
    assert!(error.hint_text().unwrap().contains("\"sources\""));
    assert!(trap.accept().is_err(), "nothing may connect to an unknown iss");
    assert_eq!(fixture.sim.connections(), 0);
}

#[test]
fn a_launch_with_stored_endpoints_opens_no_connection() {
    // The configured endpoints point to this socket, so it would accept any connection of the launch.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = accepted.clone();
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let fixture = Fixture::with(
        Options::default(),
        |document| {
            let source = &mut document["sources"][0];
            source["iss"] = format!("http://{address}/fhir").into();
            source["authorization_endpoint"] = format!("http://{address}/authorize").into();
            source["token_endpoint"] = format!("http://{address}/token").into();
        },
        Box::new(fhir_ehr::AllowAll),
    );
    fixture.redirect(&launch_query(format!("http://{address}/fhir"), "x"));
    // The first accepted connection is the test's own, made after the launch.
    std::net::TcpStream::connect(address).unwrap();
    while accepted.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[test]
fn without_stored_endpoints_they_are_discovered_in_both_fhir_versions() {
    for fhir in [FhirRelease::R4, FhirRelease::Dstu2] {
        for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
            let fixture = Fixture::with(
                Options { fhir, personality, ..Options::default() },
                |document| {
                    let source = document["sources"][0].as_object_mut().unwrap();
                    source.remove("authorization_endpoint");
                    source.remove("token_endpoint");
                },
                Box::new(fhir_ehr::AllowAll),
            );
            let (patient, _) = fixture.some_patient();
            assert_eq!(fixture.launch(&patient, "alice").user, "alice", "{fhir:?} {personality:?}");
        }
    }
}

#[test]
fn the_default_scopes_depend_on_the_fhir_version() {
    let scope_sent = |fhir, resources: Option<serde_json::Value>| {
        let fixture = Fixture::with(
            Options { fhir, ..Options::default() },
            |document| match resources {
                Some(resources) => document["sources"][0]["resources"] = resources,
                None => drop(document["sources"][0].as_object_mut().unwrap().remove("resources")),
            },
            Box::new(fhir_ehr::AllowAll),
        );
        let address = fixture.redirect(&launch_query(fixture.sim.iss(), "x"));
        let url = url::Url::parse(&address).unwrap();
        url.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned()
    };
    assert_eq!(
        scope_sent(FhirRelease::Dstu2, None),
        "patient/Patient.read patient/Observation.read patient/Condition.read patient/MedicationOrder.read \
         patient/Immunization.read patient/AllergyIntolerance.read launch"
    );
    assert_eq!(
        scope_sent(FhirRelease::R4, None),
        "openid fhirUser launch user/Patient.read user/Encounter.read user/Observation.read online_access"
    );
    assert_eq!(
        scope_sent(FhirRelease::R4, Some(serde_json::json!(["Patient"]))),
        "openid fhirUser launch user/Patient.read online_access"
    );
}

#[test]
fn two_launches_share_no_secret() {
    let fixture = Fixture::new(Options::default());
    let query = launch_query(fixture.sim.iss(), "x");
    let (one, two) = (fixture.redirect(&query), fixture.redirect(&query));
    for name in ["state", "code_challenge", "nonce"] {
        let value = |address: &str| {
            let url = url::Url::parse(address).unwrap();
            url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        assert_ne!(value(&one), value(&two), "{name}");
        assert!(value(&one).len() >= 43, "{name} has at least 256 bits");
    }
}

#[test]
fn a_state_is_valid_once_in_its_session_for_ten_minutes() {
    let fixture = Fixture::new(Options::default());
    let (patient, _) = fixture.some_patient();
    let options = LaunchOptions { patient, ..LaunchOptions::default() };

    assert_eq!(arrive(&fixture, "code=x", SESSION).unwrap_err(), Code::StateMissing);
    assert_eq!(arrive(&fixture, "code=x&state=never-issued", SESSION).unwrap_err(), Code::StateUnknown);

    let callback = query_of(&fixture.launch_to_callback(&options));
    fixture.sim.reset_requests();
    assert_eq!(arrive(&fixture, &callback, "another browser").unwrap_err(), Code::StateForeign);
    assert!(fixture.sim.requests().is_empty(), "a foreign state must not reach the token endpoint");
    assert!(arrive(&fixture, &callback, SESSION).is_ok(), "the launch still works in its own session");
    assert_eq!(arrive(&fixture, &callback, SESSION).unwrap_err(), Code::StateUnknown, "replayed");

    let late = query_of(&fixture.launch_to_callback(&options));
    fixture.clock.0.advance(601);
    assert_eq!(arrive(&fixture, &late, SESSION).unwrap_err(), Code::LaunchExpired);
    assert_eq!(arrive(&fixture, &late, SESSION).unwrap_err(), Code::StateUnknown);
}

#[test]
fn an_error_on_the_callback_counts_only_with_a_valid_state() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let fixture = Fixture::new(Options { personality, ..Options::default() });
        assert_eq!(
            arrive(&fixture, "error=access_denied&state=forged", SESSION).unwrap_err(),
            Code::StateUnknown
        );
        assert_eq!(arrive(&fixture, "error=access_denied", SESSION).unwrap_err(), Code::StateMissing);
        let (patient, _) = fixture.some_patient();
        let launch = fixture.sim.launch(&LaunchOptions { patient, ..LaunchOptions::default() });
        let address = fixture.redirect(&launch_query(fixture.sim.iss(), &launch));
        let callback = fixture.sim.deny(&address).unwrap();
        let error = fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap_err();
        assert_eq!(error.code(), Code::AuthorizationDenied, "{personality:?}");
        assert!(!error.message().contains(&state_of(&address)), "no state in a message");
        if personality == Personality::Oracle {
            assert!(error.vendor_error().correlation_id.is_some(), "Oracle's id for the event is kept");
        }
    }
}

#[test]
fn a_query_that_is_both_launch_and_callback_or_neither_is_an_error() {
    let fixture = Fixture::new(Options::default());
    let both = format!("{}&code=c&state=s", launch_query(fixture.sim.iss(), "x"));
    assert_eq!(arrive(&fixture, &both, SESSION).unwrap_err(), Code::LaunchAmbiguous);
    assert_eq!(arrive(&fixture, "", SESSION).unwrap_err(), Code::LaunchEmpty);
    let only_iss = format!("iss={}", fixture.sim.iss());
    assert_eq!(arrive(&fixture, &only_iss, SESSION).unwrap_err(), Code::LaunchEmpty);
    assert_eq!(fixture.sim.connections(), 0);
}

#[test]
fn a_callback_with_iss_as_in_rfc_9207_is_still_a_callback() {
    let fixture = Fixture::new(Options::default());
    let (patient, _) = fixture.some_patient();
    let callback = fixture.launch_to_callback(&LaunchOptions { patient, ..LaunchOptions::default() });
    let query = format!("{}&iss={}", query_of(&callback), fixture.sim.iss());
    assert!(matches!(arrive(&fixture, &query, SESSION), Ok(LaunchResult::LoginRequired { .. })));
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_refused_before_anything_is_sent() {
    let fixture = Fixture::new(Options::default());
    let query = launch_query(fixture.sim.iss(), "x");
    let error = fixture.client.handle_launch(&query, SESSION, "https://evil.example/ehr.php").unwrap_err();
    assert_eq!(error.code(), Code::RedirectUriNotRegistered);
}

#[test]
fn an_empty_secret_means_a_public_client() {
    let fixture = Fixture::with(
        Options::default(),
        |document| {
            document["registrations"][0]["client_id"] = "app-public".into();
            document["registrations"][0]["client_secret"] = "".into();
        },
        Box::new(fhir_ehr::AllowAll),
    );
    let (patient, _) = fixture.some_patient();
    assert_eq!(fixture.launch(&patient, "alice").user, "alice");
    let token = fixture.sim.requests().into_iter().find(|request| request.path.contains("token")).unwrap();
    assert!(!token.has_authorization);
    assert_eq!(token.client.as_deref(), Some("app-public"));
}

#[test]
fn a_standalone_sign_in_is_stored_for_the_user_who_started_it() {
    let fixture = Fixture::new(Options { personality: Personality::Oracle, ..Options::default() });
    let address = fixture.client.sign_in("sim", "bob", SESSION, REDIRECT).unwrap();
    assert!(!address.contains("launch"), "no launch in a standalone sign-in");
    let callback = fixture.sim.approve(&address).unwrap();
    let Ok(LaunchResult::SignedIn(signed_in)) = arrive(&fixture, &query_of(&callback), SESSION) else {
        panic!("a sign-in")
    };
    assert_eq!(signed_in.user, "bob");
}

#[test]
fn the_access_hook_is_asked_before_anything_else() {
    let fixture = Fixture::with(Options::default(), |_| {}, Box::new(AllowOnly(vec![])));
    let error = fixture.client.sign_in("sim", "bob", SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::AccessRefused);
    assert_eq!(fixture.client.discover("bob", &fixture.sim.iss()).unwrap_err().code(), Code::AccessRefused);
    assert_eq!(fixture.client.check_source("bob", "sim").unwrap_err().code(), Code::AccessRefused);
    assert_eq!(fixture.client.approve_endpoints("bob", "sim").unwrap_err().code(), Code::AccessRefused);
    let error = fixture.client.start_sign_in("sim", "bob", SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::AccessRefused);
    let register = fhir_ehr::RegisterRequest {
        source: "sim".to_owned(),
        client_name: "Research".to_owned(),
        launch_url: REDIRECT.to_owned(),
        jwks_url: None,
        initial_access_token: None,
    };
    assert_eq!(fixture.client.register_client("bob", &register).unwrap_err().code(), Code::AccessRefused);
    let csv = format!("{HEADER}\nbirthDate,,dob,,,\n");
    assert_eq!(fixture.client.mapping("bob", "p1", &csv).unwrap_err().code(), Code::AccessRefused);
    let error = fixture.client.pull(&request("bob", "1", "birthDate,,dob,,,\n")).unwrap_err();
    assert_eq!(error.code(), Code::AccessRefused);
    assert_eq!(fixture.client.staged("bob", "p1", None).unwrap_err().code(), Code::AccessRefused);
    assert_eq!(fixture.client.values_to_save("bob", "p1", "r").unwrap_err().code(), Code::AccessRefused);
    for project in [None, Some(request("bob", "1", "birthDate,,dob,,,\n").project)] {
        let patient = fhir_ehr::PatientRequest {
            user: "bob".to_owned(),
            system: false,
            source: "sim".to_owned(),
            project,
            patient: fhir_ehr::PatientSelector::Id("p1".to_owned()),
            fields: Vec::new(),
            text: fhir_ehr::TextMode::Exact,
        };
        let error = fixture.client.patient(&patient).err().map(|error| error.code());
        assert_eq!(error, Some(Code::AccessRefused));
    }
    let nothing = fhir_ehr::Decisions::default();
    assert_eq!(
        fixture.client.adjudicate("bob", "p1", "r", &nothing).unwrap_err().code(),
        Code::AccessRefused
    );
    assert_eq!(fixture.sim.connections(), 0);
}

#[test]
fn a_launch_that_the_access_hook_refuses_leaves_no_grant() {
    let fixture = Fixture::with(Options::default(), |_| {}, Box::new(AllowOnly(vec![Action::Pull])));
    let (patient, mrn) = fixture.some_patient();
    let callback = fixture.launch_to_callback(&LaunchOptions { patient, ..LaunchOptions::default() });
    let Ok(LaunchResult::LoginRequired { handover, .. }) = arrive(&fixture, &query_of(&callback), SESSION)
    else {
        panic!()
    };
    let error = fixture.client.finish_login(&handover, SESSION, "alice").unwrap_err();
    assert_eq!(error.code(), Code::AccessRefused);
    let error = fixture.client.pull(&request("alice", &mrn, "birthDate,,dob,,,\n")).unwrap_err();
    assert_eq!(error.code(), Code::GrantNotFound);
}

#[test]
fn an_invalid_token_response_gives_no_grant_and_a_lenient_one_does() {
    for (fault, good) in [
        ("token-text-plain", true),
        ("expires-in-string", true),
        ("no-expires-in", true),
        ("no-token-type", true),
        ("lower-case-bearer", true),
        ("missing-access-token", false),
        ("html-error:1@token", false),
        ("truncated-json:1@token", false),
        ("close-early:1@token", false),
        ("token-status:500", false),
    ] {
        let fixture = Fixture::new(Options::default());
        let (patient, _) = fixture.some_patient();
        let callback = fixture.launch_to_callback(&LaunchOptions { patient, ..LaunchOptions::default() });
        fixture.sim.set_fault(fault).unwrap();
        assert_eq!(arrive(&fixture, &query_of(&callback), SESSION).is_ok(), good, "{fault}");
    }
}

#[derive(Clone, Default)]
struct RecordedLog(Arc<Mutex<Vec<String>>>);

impl Log for RecordedLog {
    fn event(&self, level: LogLevel, name: &str, fields: &[(&str, &str)]) {
        self.0.lock().unwrap().push(format!("{level:?} {name} {fields:?}"));
    }
}

/// The result and the log events of a launch with this token response.
fn launched(answer: &serde_json::Value) -> (Result<LaunchResult, Code>, Vec<String>) {
    let fixture = Fixture::new(Options::default());
    let logged = RecordedLog::default();
    let store = SqliteStore::new(fixture.folder.path().join("store"));
    let hooks = Hooks {
        clock: Box::new(fixture.clock.clone()),
        log: Some(Box::new(logged.clone())),
        ..Hooks::new(Box::new(store), Box::new(fhir_ehr::AllowAll))
    };
    let client = Client::new(Config::from_json(&fixture.document().to_string()).unwrap(), hooks).unwrap();
    let query = launch_query(fixture.sim.iss(), "any");
    let LaunchResult::Redirect(address) = client.handle_launch(&query, SESSION, REDIRECT).unwrap() else {
        panic!("no redirect");
    };
    fixture.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
    let back = format!("code=c&state={}", state_of(&address));
    let arrived = client.handle_launch(&back, SESSION, REDIRECT).and_then(|arrived| match arrived {
        LaunchResult::LoginRequired { handover, .. } => {
            client.finish_login(&handover, SESSION, "alice").map(LaunchResult::SignedIn)
        }
        other => Ok(other),
    });
    let events = logged.0.lock().unwrap().clone();
    (arrived.map_err(|error| error.code()), events)
}

#[test]
fn a_token_response_with_deviations_is_accepted_and_reported() {
    let token = |members: serde_json::Value| {
        let mut answer = serde_json::json!({"access_token": "t", "token_type": "Bearer", "expires_in": 3600,
            "scope": "openid", "patient": "p1"});
        answer.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        launched(&answer)
    };
    for (members, patient, scopes, odd) in [
        (serde_json::json!({}), Some("p1"), "openid", None),
        (serde_json::json!({"patient": 3758}), Some("3758"), "openid", Some("patient")),
        (serde_json::json!({"patient": "Patient/p1"}), Some("p1"), "openid", Some("patient")),
        (serde_json::json!({"scope": ["openid", "launch"]}), Some("p1"), "openid launch", Some("scope")),
        (serde_json::json!({"scope": "openid,launch"}), Some("p1"), "openid launch", Some("scope")),
        (serde_json::json!({"scope": null}), Some("p1"), "", Some("no_scope")),
        (serde_json::json!({"expires_in": "PT1H"}), Some("p1"), "openid", Some("expires_in")),
        (serde_json::json!({"expires_in": "3600", "patient": null}), None, "openid", Some("expires_in")),
    ] {
        let (arrived, events) = token(members.clone());
        let Ok(LaunchResult::SignedIn(signed_in)) = arrived else { panic!("{members}: {arrived:?}") };
        let context = signed_in.context;
        assert_eq!(context.patient.as_deref(), patient, "{members}");
        assert_eq!(context.granted_scopes, scopes, "{members}");
        assert_eq!(context.missing_scopes.is_empty(), scopes.is_empty(), "{members}");
        let reported = events.iter().find(|event| event.contains("token_response_nonstandard"));
        let expected = odd.map(|odd| format!("(\"members\", \"{odd}\")"));
        assert_eq!(reported.is_some(), odd.is_some(), "{members} {events:?}");
        assert!(
            reported.is_none_or(|event| event.starts_with("Warning") && event.contains(&expected.unwrap()))
        );
    }
    for members in [
        serde_json::json!({"patient": "https://other.example/fhir/Patient/p1"}),
        serde_json::json!({"patient": ["p1"]}),
        serde_json::json!({"access_token": "a\nb"}),
        serde_json::json!({"refresh_token": "a\u{7}b"}),
    ] {
        let (arrived, _) = token(members.clone());
        assert_eq!(arrived.unwrap_err(), Code::TokenResponseInvalid, "{members}");
    }
}

#[test]
fn granted_scopes_that_cover_the_requested_ones_are_not_missing() {
    let answer = serde_json::json!({"access_token": "t", "expires_in": 3600, "patient": "p1",
        "scope": "openid fhirUser launch user/*.rs offline_access"});
    let (arrived, _) = launched(&answer);
    let Ok(LaunchResult::SignedIn(signed_in)) = arrived else { panic!("{arrived:?}") };
    assert_eq!(signed_in.context.missing_scopes, Vec::<String>::new());
}

#[test]
fn an_authorize_error_that_another_launch_cannot_fix_does_not_ask_for_one() {
    for (word, code, asks) in [
        ("invalid_scope", Code::AuthorizationRejected, false),
        ("invalid_request", Code::AuthorizationRejected, false),
        ("unauthorized_client", Code::AuthorizationRejected, false),
        ("login_required", Code::AuthorizationFailed, true),
        ("access_denied", Code::AuthorizationDenied, true),
    ] {
        let fixture = Fixture::new(Options::default());
        let state = state_of(&fixture.redirect(&launch_query(fixture.sim.iss(), "any")));
        let back = format!("error={word}&error_description=No+%3Cb%3E+for+{state}&state={state}");
        let error = fixture.client.handle_launch(&back, SESSION, REDIRECT).unwrap_err();
        assert_eq!(error.code(), code, "{word}");
        assert_eq!(error.code().retry() == Retry::AfterSignIn, asks, "{word}");
        assert!(error.message().contains(&format!("{word}: No %3Cb%3E for [removed]")), "{error}");
        let asked =
            error.hint_text().is_some_and(|hint| hint.contains("Open the application from the EHR again"));
        assert_eq!(asked, asks, "{word}: {:?}", error.hint_text());
    }
}
