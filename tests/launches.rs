//! What a launch brings and leaves: the context, the view and its end, the memory of launches, handoffs to other applications.

mod common;
#[path = "launches/handoff.rs"]
mod handoff;

use common::{AllowOnly, Fixture, REDIRECT, SESSION, launch_query, query_of, request};
use ehr_sim::{LaunchOptions, Options, Personality};
use fhir_ehr::{
    Action, AllowAll, Client, Code, Config, Hooks, LaunchKind, LaunchOutcome, LaunchResult, Log, LogLevel,
    Retry, SignIn, SqliteStore, ViewEnd,
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const MINUTE: i64 = 60;
const STUDY_URL: &str = "https://study.example/start.php?from=ehr";
const OTHER_URL: &str = "https://other.example/";

/// An EHR whose access tokens last 570 seconds, as Oracle's, and a client with two handoff URLs.
fn fixture() -> Fixture {
    let options = Options {
        personality: Personality::Oracle,
        access_token_lifetime: Some(Duration::from_secs(570)),
        ..Options::default()
    };
    Fixture::with(options, with_handoffs, Box::new(AllowAll))
}

fn with_handoffs(document: &mut Value) {
    document["handoff_urls"] = json!([
        {"url": STUDY_URL, "secret": "secret-of-study"},
        {"url": OTHER_URL, "secret": "secret-of-other"},
    ]);
}

/// A launch with a patient and an encounter by alice.
fn launched(fixture: &Fixture) -> SignIn {
    let (patient, _) = fixture.some_patient();
    fixture.launch(&patient, "alice")
}

/// Why alice's view has ended; `None` while it is open.
fn end_of(fixture: &Fixture, sign_in: &SignIn) -> Option<ViewEnd> {
    let view = fixture.client.launch_view("alice", &sign_in.launch_id).unwrap();
    assert_eq!(view.open, view.ended_by.is_none());
    assert_eq!(view.ends_at, view.open.then_some(sign_in.context.view_ends_at));
    view.ended_by
}

fn refreshes(fixture: &Fixture) -> usize {
    let requests = fixture.sim.requests();
    requests.iter().filter(|one| one.grant_type.as_deref() == Some("refresh_token")).count()
}

fn code<T>(result: fhir_ehr::Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

fn advance_to_minute(fixture: &Fixture, minutes: i64, now: &mut i64) {
    fixture.clock.0.advance(minutes * MINUTE - *now);
    *now = minutes * MINUTE;
}

#[test]
fn with_a_refresh_token_a_view_lasts_an_hour_and_its_token_is_refreshed() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    let context = &sign_in.context;
    assert_eq!(context.view_ends_at - context.expires_at, 3600 - 570);
    let mut now = 0;
    for (minute, end, refreshed) in
        [(0, None, 0), (8, None, 0), (25, None, 1), (59, None, 2), (61, Some(ViewEnd::Time), 2)]
    {
        advance_to_minute(&fixture, minute, &mut now);
        assert_eq!(end_of(&fixture, &sign_in), end, "minute {minute}");
        assert_eq!(refreshes(&fixture), refreshed, "minute {minute}");
    }
    let (_, mrn) = fixture.some_patient();
    assert!(
        fixture.client.pull(&request("alice", &mrn, "gender,,sex,,,\n")).is_ok(),
        "the grant outlives the view"
    );
}

#[test]
fn without_a_refresh_token_a_view_lasts_as_long_as_the_access_token() {
    let fixture = fixture();
    fixture
        .sim
        .set_fault(&format!(
            "token-answer:{}",
            json!({"access_token": "t", "token_type": "Bearer", "expires_in": 570, "patient": "p1", "scope": "openid"})
        ))
        .unwrap();
    let sign_in = launched(&fixture);
    assert_eq!(sign_in.context.view_ends_at, sign_in.context.expires_at);
    fixture.clock.0.advance(569);
    assert_eq!(end_of(&fixture, &sign_in), None);
    fixture.clock.0.advance(1);
    assert_eq!(end_of(&fixture, &sign_in), Some(ViewEnd::Time));
    assert_eq!(refreshes(&fixture), 0);
}

#[test]
fn a_refused_refresh_ends_the_view_for_good() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    fixture.sim.revoke_refresh_tokens();
    assert_eq!(end_of(&fixture, &sign_in), None, "the access token is still valid");
    fixture.clock.0.advance(25 * MINUTE);
    assert_eq!(end_of(&fixture, &sign_in), Some(ViewEnd::Refused));
    // Another launch of the same user does not open the old view again.
    let second = launched(&fixture);
    assert_eq!(end_of(&fixture, &sign_in), Some(ViewEnd::Refused));
    assert_eq!(end_of(&fixture, &second), None);
}

#[test]
fn a_token_endpoint_that_is_not_available_ends_no_view() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    fixture.sim.set_fault("token-status:503").unwrap();
    fixture.clock.0.advance(560);
    assert_eq!(end_of(&fixture, &sign_in), None, "the access token is valid for 10 more seconds");
    fixture.clock.0.advance(20);
    let error = fixture.client.launch_view("alice", &sign_in.launch_id).unwrap_err();
    assert_eq!((error.code(), error.code().retry()), (Code::TokenUnavailable, Retry::Later));
    fixture.sim.clear_faults();
    assert_eq!(end_of(&fixture, &sign_in), None);
}

#[test]
fn a_view_ends_when_its_user_leaves_and_is_open_for_no_other_user() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    let other = fixture.client.launch_view("bob", &sign_in.launch_id).unwrap();
    assert_eq!((other.ended_by, other.ends_at), (Some(ViewEnd::AnotherUser), None));
    fixture.client.end_launch_view("bob", &sign_in.launch_id).unwrap();
    assert_eq!(end_of(&fixture, &sign_in), None, "another user cannot end it");
    let second = launched(&fixture);
    fixture.client.end_launch_view("alice", &sign_in.launch_id).unwrap();
    assert_eq!(end_of(&fixture, &sign_in), Some(ViewEnd::Left));
    assert_eq!(end_of(&fixture, &second), None, "each launch has its own view");
    for unknown in ["", "never-issued"] {
        let view = fixture.client.launch_view("alice", unknown).unwrap();
        assert_eq!(view.ended_by, Some(ViewEnd::Unknown));
    }
    assert_eq!(code(fixture.client.end_launch_view("alice", "never-issued")), None);
}

#[test]
fn the_view_of_a_source_that_became_another_server_has_ended() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    let mut document = fixture.document();
    document["sources"][0]["iss"] = "https://other.example/fhir".into();
    let view = fixture.other_client(&document).launch_view("alice", &sign_in.launch_id).unwrap();
    assert_eq!(view.ended_by, Some(ViewEnd::SourceChanged));
}

#[derive(Clone, Default)]
struct RecordedLog(Arc<Mutex<Vec<String>>>);

impl Log for RecordedLog {
    fn event(&self, level: LogLevel, name: &str, fields: &[(&str, &str)]) {
        self.0.lock().unwrap().push(format!("{level:?} {name} {fields:?}"));
    }
}

/// A second client over the fixture's store that records the events.
fn logged_client(fixture: &Fixture) -> (Client, RecordedLog) {
    let log = RecordedLog::default();
    let store = SqliteStore::new(fixture.folder.path().join("store"));
    let hooks = Hooks {
        clock: Box::new(fixture.clock.clone()),
        log: Some(Box::new(log.clone())),
        ..Hooks::new(Box::new(store), Box::new(AllowAll))
    };
    let mut document = fixture.document();
    with_handoffs(&mut document);
    (Client::new(Config::from_json(&document.to_string()).unwrap(), hooks).unwrap(), log)
}

/// The sign-in of a launch with these members of the token answer, and the deviations that were logged.
fn context_of(members: &Value) -> (SignIn, String) {
    let fixture = fixture();
    let (client, log) = logged_client(&fixture);
    let mut answer = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": "openid", "patient": "p1"});
    answer.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    fixture.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
    let url = client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    let callback = fixture.sim.approve(&url).unwrap();
    let result = client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
    let LaunchResult::SignedIn(sign_in) = result else { panic!("{members}: {result:?}") };
    let events = log.0.lock().unwrap();
    let nonstandard = events.iter().find(|event| event.contains("token_response_nonstandard"));
    let members = nonstandard.and_then(|event| event.split("(\"members\", \"").nth(1));
    (sign_in, members.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned())
}

#[test]
fn the_whole_launch_context_reaches_the_application() {
    let members = json!({
        "encounter": "e1", "intent": "reconcile-medications", "tenant": "t-1", "need_patient_banner": false,
        "smart_style_url": "https://ehr.example/style.json",
        "fhirContext": [
            {"reference": "ImagingStudy/1"},
            {"canonical": "https://example.org/Questionnaire/q|1", "type": "Questionnaire", "role": "https://example.org/form"},
            {"identifier": {"system": "urn:oid:1.2", "value": "A-1"}, "type": "ServiceRequest"},
        ],
    });
    let (SignIn { context, .. }, deviations) = context_of(&members);
    assert_eq!(deviations, "");
    assert_eq!((context.patient.as_deref(), context.encounter.as_deref()), (Some("p1"), Some("e1")));
    assert_eq!(context.intent.as_deref(), Some("reconcile-medications"));
    assert_eq!(context.tenant.as_deref(), Some("t-1"));
    assert!(!context.need_patient_banner);
    assert_eq!(context.smart_style_url.as_deref(), Some("https://ehr.example/style.json"));
    let items: Vec<_> =
        context.fhir_context.iter().map(|item| (item.r#type.as_deref(), item.role.as_str())).collect();
    assert_eq!(
        items,
        [
            (Some("ImagingStudy"), "launch"),
            (Some("Questionnaire"), "https://example.org/form"),
            (Some("ServiceRequest"), "launch"),
        ]
    );
    assert_eq!(context.fhir_context[2].identifier_value.as_deref(), Some("A-1"));
}

#[test]
fn the_context_of_an_ehr_launch_arrives_from_each_personality_in_both_forms() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        for fhir_context_strings in [false, true] {
            let options = Options { personality, fhir_context_strings, ..Options::default() };
            let fixture = Fixture::new(options);
            let (patient, _) = fixture.some_patient();
            let launch = LaunchOptions {
                patient: patient.clone(),
                encounter: Some("e1".into()),
                fhir_context: vec!["ImagingStudy/1".into()],
                intent: Some("reconcile-medications".into()),
                ..LaunchOptions::default()
            };
            let callback = fixture.launch_to_callback(&launch);
            let result = fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
            let LaunchResult::LoginRequired { handover, .. } = result else { panic!("{result:?}") };
            let SignIn { context, .. } = fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
            assert_eq!(context.patient.as_deref(), Some(patient.as_str()));
            assert_eq!(context.encounter.as_deref(), Some("e1"));
            assert_eq!(context.intent.as_deref(), Some("reconcile-medications"));
            assert_eq!(context.tenant.is_some(), personality == Personality::Oracle);
            let [study] = &context.fhir_context[..] else { panic!("{:?}", context.fhir_context) };
            assert_eq!(
                (study.reference.as_deref(), study.r#type.as_deref(), study.role.as_str()),
                (Some("ImagingStudy/1"), Some("ImagingStudy"), "launch")
            );
        }
    }
}

#[test]
fn an_odd_launch_context_is_reported_and_ends_no_sign_in() {
    for (members, resources, deviations) in [
        (json!({"fhirContext": ["ImagingStudy/1"]}), 1, "fhirContext"),
        (json!({"fhirContext": "rubbish"}), 1, "fhirContext"),
        (json!({"fhirContext": [7, {"role": "launch"}, {"reference": "List/1"}]}), 1, "fhirContext"),
        (json!({"fhirContext": null}), 0, ""),
        // Another patient in context does not replace the patient of the launch.
        (json!({"fhirContext": [{"reference": "Patient/p2"}]}), 0, "fhirContext"),
        (json!({"fhirContext": [{"reference": "Patient/p2", "role": "https://example.org/donor"}]}), 1, ""),
        (json!({"smart_style_url": "http://ehr.example/style.json"}), 0, "smart_style_url"),
        (json!({"smart_style_url": "javascript:alert(1)"}), 0, "smart_style_url"),
        (json!({"smart_style_url": 7}), 0, "smart_style_url"),
        (json!({"smart_style_url": "http://127.0.0.1/style.json"}), 0, ""),
        (json!({"intent": {"a": 1}, "tenant": []}), 0, ""),
    ] {
        let (sign_in, reported) = context_of(&members);
        assert_eq!(sign_in.context.patient.as_deref(), Some("p1"), "{members}");
        assert_eq!(sign_in.context.fhir_context.len(), resources, "{members}");
        assert_eq!(reported, deviations, "{members}");
        let is_kept = members["smart_style_url"] == "http://127.0.0.1/style.json";
        assert_eq!(sign_in.context.smart_style_url.is_some(), is_kept, "{members}");
    }
    let (sign_in, _) = context_of(&json!({"patient": null, "fhirContext": [{"reference": "Patient/p2"}]}));
    assert_eq!(sign_in.context.patient, None);
}

#[test]
fn each_launch_is_remembered_with_what_arrived_and_never_with_a_value() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    fixture.clock.0.advance(10);
    let (patient, _) = fixture.some_patient();
    // A standalone launch without a refresh token and without a user, then one that the application's login does not finish.
    fixture
        .sim
        .set_fault(&format!(
            "token-answer:{}",
            json!({"access_token": "t", "token_type": "Bearer", "scope": "openid", "encounter": "e1"})
        ))
        .unwrap();
    let url = fixture.client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    let callback = fixture.sim.approve(&url).unwrap();
    fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
    fixture.clock.0.advance(10);
    let callback =
        fixture.launch_to_callback(&LaunchOptions { patient: patient.clone(), ..LaunchOptions::default() });
    fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();

    let launches = fixture.client.launches("admin").unwrap();
    let seen: Vec<_> =
        launches.iter().map(|one| (one.kind, one.outcome, one.error.as_deref(), one.count)).collect();
    assert_eq!(
        seen,
        [
            (Some(LaunchKind::Ehr), LaunchOutcome::LoginRequired, None, 1),
            (Some(LaunchKind::Standalone), LaunchOutcome::SignedIn, None, 1),
            (Some(LaunchKind::Ehr), LaunchOutcome::SignedIn, None, 1),
        ]
    );
    let arrived = |number: usize| {
        let one = &launches[number];
        [
            one.access_token,
            one.patient,
            one.encounter,
            one.ehr_user,
            one.refresh_token,
            one.refresh_token_missing,
        ]
    };
    assert_eq!(arrived(2), [true, true, false, true, true, false]);
    assert_eq!(arrived(1), [true, false, true, false, false, true]);
    assert_eq!(launches[2].source.as_deref(), Some("sim"));
    let text = serde_json::to_string(&launches).unwrap();
    for secret in [&patient, "e1", "alice", "portal", sign_in.launch_id.as_str()] {
        assert!(!text.contains(&format!("\"{secret}\"")), "{secret} in {text}");
    }
}

#[test]
fn failed_launches_are_counted_by_error_and_never_fill_the_store() {
    let fixture = fixture();
    let query = launch_query(fixture.sim.iss(), "x");
    for _ in 0..3 {
        let url = fixture.redirect(&query);
        let state = url::Url::parse(&url)
            .unwrap()
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        let callback = format!("error=access_denied&state={state}");
        assert!(fixture.client.handle_launch(&callback, SESSION, REDIRECT).is_err());
        assert!(fixture.client.handle_launch("code=x&state=forged", SESSION, REDIRECT).is_err());
        assert!(
            fixture
                .client
                .handle_launch(&launch_query("https://evil.example/", "x"), SESSION, REDIRECT)
                .is_err()
        );
        assert!(fixture.client.handle_launch(&query, SESSION, "https://evil.example/").is_err());
        fixture.clock.0.advance(1);
    }
    let launches = fixture.client.launches("admin").unwrap();
    let mut seen: Vec<_> = launches
        .iter()
        .map(|one| (one.error.as_deref().unwrap(), one.source.as_deref(), one.kind, one.count))
        .collect();
    seen.sort_by_key(|one| one.0);
    let ehr = Some(LaunchKind::Ehr);
    assert_eq!(
        seen,
        [
            ("authorization_denied", Some("sim"), ehr, 3),
            ("redirect_uri_not_registered", Some("sim"), ehr, 3),
            ("source_not_found", None, ehr, 3),
            ("state_unknown", None, None, 3),
        ]
    );
    assert!(launches.iter().all(|one| one.outcome == LaunchOutcome::Failed && !one.access_token));
    fixture.clock.0.advance(32 * 24 * 3600);
    assert_eq!(fixture.client.launches("admin").unwrap(), []);
}

#[test]
fn a_failed_login_of_the_application_is_counted_and_the_launch_stays_unfinished() {
    let fixture = Fixture::with(Options::default(), |_| {}, Box::new(AllowOnly(vec![Action::Configure])));
    let (patient, _) = fixture.some_patient();
    let callback = fixture.launch_to_callback(&LaunchOptions { patient, ..LaunchOptions::default() });
    let result = fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
    let LaunchResult::LoginRequired { handover, .. } = result else { panic!("{result:?}") };
    assert_eq!(code(fixture.client.finish_login(&handover, SESSION, "alice")), Some(Code::AccessRefused));
    let allowing = fixture.other_client(&fixture.document());
    assert_eq!(code(allowing.finish_login(&handover, "another session", "alice")), Some(Code::StateForeign));
    assert_eq!(code(allowing.finish_login("invented", SESSION, "alice")), Some(Code::HandoverUnknown));
    let launches = fixture.client.launches("admin").unwrap();
    let mut seen: Vec<_> =
        launches.iter().map(|one| (one.outcome.name(), one.error.as_deref(), one.kind)).collect();
    seen.sort_by_key(|one| one.1.map(str::to_owned));
    assert_eq!(
        seen,
        [
            ("login_required", None, Some(LaunchKind::Ehr)),
            ("failed", Some("handover_unknown"), None),
            ("failed", Some("state_foreign"), None),
        ]
    );
    assert!(allowing.finish_login(&handover, SESSION, "alice").is_ok());
    assert_eq!(fixture.client.launches("admin").unwrap().len(), 3, "the unfinished launch is finished now");
}

#[test]
fn only_an_administrator_sees_the_launches() {
    let fixture = Fixture::with(Options::default(), with_handoffs, Box::new(AllowOnly(vec![Action::Launch])));
    let sign_in = launched(&fixture);
    assert_eq!(code(fixture.client.launches("alice")), Some(Code::AccessRefused));
    assert_eq!(code(fixture.client.launch_view("alice", &sign_in.launch_id)), None);
    let fixture =
        Fixture::with(Options::default(), with_handoffs, Box::new(AllowOnly(vec![Action::Configure])));
    assert_eq!(code(fixture.client.launches("admin")), None);
    for refused in [
        code(fixture.client.launch_view("alice", "x")),
        code(fixture.client.end_launch_view("alice", "x")),
        code(fixture.client.create_handoff("alice", "x", STUDY_URL)),
    ] {
        assert_eq!(refused, Some(Code::AccessRefused));
    }
}
