//! Defects that other clients have, by their number in docs/quirks.md, as far as no other file tests them: docs/capabilities.tsv
//! names the test of each number.

mod common;

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{
    Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request,
    smart_server::{SMART, SmartServer, client as smart_client, clock},
    stub::{ReceivedRequest, Reply, StubServer},
};
use ehr_sim::{Options, Personality};
use fhir_ehr::{
    Client, Code, LaunchResult, PatientRequest, PatientSelector, PullRequest, Result, SignIn, TextMode,
};
use serde_json::{Value, json};
use std::net::TcpListener;

/// A server whose token endpoint gives this answer. Its only patient is `p1`.
fn server(answer: Value) -> StubServer {
    StubServer::start(move |request| match request.path.as_str() {
        "/token" => Reply::json(answer.to_string()),
        "/fhir/Patient/p1" => Reply::json(patient("p1", "M-1")),
        _ => Reply::json("{}").with_status(404),
    })
}

fn client_of(stub: &StubServer, folder: &tempfile::TempDir, change: impl FnOnce(&mut Value)) -> Client {
    stub.client_with(folder.path(), |document| {
        document["registrations"][0]["redirect_uris"] = json!([REDIRECT]);
        document["limits"] = json!({"retries": 0});
        change(document);
    })
}

/// An EHR launch by alice, up to the sign-in.
fn sign_in(client: &Client, iss: &str) -> Result<SignIn> {
    let LaunchResult::Redirect(url) =
        client.handle_launch(&launch_query(iss, "launch-1"), SESSION, REDIRECT)?
    else {
        panic!("a redirect was expected")
    };
    let state = url::form_urlencoded::parse(query_of(&url).as_bytes())
        .find_map(|(name, value)| (name == "state").then(|| value.into_owned()))
        .expect("a state");
    match client.handle_launch(&format!("code=c-1&state={state}"), SESSION, REDIRECT)? {
        LaunchResult::SignedIn(signed_in) => Ok(signed_in),
        LaunchResult::LoginRequired { handover, .. } => client.finish_login(&handover, SESSION, "alice"),
        other => panic!("a sign-in was expected, not {other:?}"),
    }
}

fn iss(stub: &StubServer) -> String {
    format!("{}/fhir", stub.origin())
}

/// A look-up of patient `p1` with alice's tokens.
fn look_up(client: &Client) -> Result<()> {
    let request = PatientRequest {
        user: "alice".to_owned(),
        system: false,
        source: "sim".to_owned(),
        project: None,
        patient: PatientSelector::Id("p1".to_owned()),
        fields: Vec::new(),
        text: TextMode::Exact,
    };
    client.patient(&request).map(drop)
}

fn sent_to<'a>(requests: &'a [ReceivedRequest], path: &str) -> Vec<&'a ReceivedRequest> {
    requests.iter().filter(|request| request.path == path).collect()
}

/// D4, D15: some clients delete the refresh token, or sign the user out, after any failed token request.
#[test]
fn a_busy_or_unreachable_token_endpoint_keeps_the_refresh_token() {
    // Oracle does not rotate refresh tokens. Elsewhere a gateway's 502 or 504 may mean that the token is used up.
    let fixture = Fixture::new(Options { personality: Personality::Oracle, ..Options::default() });
    let (id, mrn) = fixture.some_patient();
    fixture.launch(&id, "alice");
    let pull = || fixture.client.pull(&request("alice", &mrn, "gender,,sex,,,\n"));
    for status in [429, 500, 502, 503, 504] {
        fixture.clock.0.advance(4000);
        fixture.sim.set_fault(&format!("token-status:{status}")).unwrap();
        fixture.sim.set_fault("retry-after:100000").unwrap();
        assert!(pull().is_err(), "{status}");
        fixture.sim.clear_faults();
        assert!(pull().is_ok(), "{status}: the refresh token still works");
    }

    let answer =
        json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": 0, "refresh_token": "RT-1"});
    let (fhir, token_endpoint) = (server(json!({})), server(answer));
    let folder = tempfile::tempdir().unwrap();
    let client = client_of(&fhir, &folder, |document| {
        document["sources"][0]["token_endpoint"] = format!("{}/token", token_endpoint.origin()).into();
    });
    sign_in(&client, &iss(&fhir)).unwrap();
    drop(token_endpoint);
    for _ in 0..2 {
        // A deleted grant would be GrantNotFound.
        assert_eq!(look_up(&client).unwrap_err().code(), Code::NetworkUnreachable);
    }
}

/// D7: with `fhirServiceUrl` in the launch URL, a client opened a session without sign-in at any server.
#[test]
fn a_server_in_another_parameter_than_iss_is_ignored() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let url = format!("http://{}/fhir", trap.local_addr().unwrap());
    let stub = server(json!({}));
    let folder = tempfile::tempdir().unwrap();
    let client = client_of(&stub, &folder, |_| {});
    for name in ["fhirServiceUrl", "serverUrl", "server", "issuer", "aud"] {
        let other = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &url).finish();
        let alone = client.handle_launch(&other, SESSION, REDIRECT);
        assert_eq!(alone.unwrap_err().code(), Code::LaunchEmpty, "{name}");
        let query = format!("{}&{other}", launch_query(iss(&stub), "launch-1"));
        let LaunchResult::Redirect(redirect) = client.handle_launch(&query, SESSION, REDIRECT).unwrap()
        else {
            panic!("{name}: a redirect was expected")
        };
        assert!(redirect.starts_with(&format!("{}/authorize?", stub.origin())), "{name}");
        assert!(!redirect.contains(&trap.local_addr().unwrap().port().to_string()), "{name}");
        assert!(trap.accept().is_err(), "{name}");
    }
}

/// D22: a client stored its secret with the state of a sign-in, so an old secret was used after a change.
#[test]
fn the_client_secret_is_not_stored_with_a_launch_or_a_sign_in() {
    let stub = server(json!({"access_token": "AT-1", "expires_in": 0, "refresh_token": "RT-1"}));
    let folder = tempfile::tempdir().unwrap();
    let with_secret = |secret: &str| {
        client_of(&stub, &folder, |document| {
            document["registrations"][0]["client_secret"] = secret.into();
        })
    };
    let secrets_sent = || {
        let requests = stub.requests();
        let decode = |request: &&ReceivedRequest| {
            let pair = request.authorization().strip_prefix("Basic ").expect("HTTP Basic").to_owned();
            String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap()
        };
        sent_to(&requests, "/token").iter().map(decode).collect::<Vec<_>>()
    };
    let (before, after) = (with_secret("old-secret"), with_secret("new-secret"));
    let LaunchResult::Redirect(url) =
        before.handle_launch(&launch_query(iss(&stub), "launch-1"), SESSION, REDIRECT).unwrap()
    else {
        panic!("a redirect was expected")
    };
    let state = query_of(&url).split('&').find(|pair| pair.starts_with("state=")).unwrap().to_owned();
    let callback = after.handle_launch(&format!("code=c-1&{state}"), SESSION, REDIRECT).unwrap();
    assert_eq!(secrets_sent(), ["app-1:new-secret"], "a launch that started before the change");
    let LaunchResult::LoginRequired { handover, .. } = callback else { panic!("{callback:?}") };
    before.finish_login(&handover, SESSION, "alice").unwrap();
    let _ = look_up(&after);
    assert!(secrets_sent().len() > 1, "the token has expired");
    assert!(secrets_sent().iter().all(|secret| secret == "app-1:new-secret"), "a refresh after the change");
}

/// D28: some clients require members that ordinary answers of Epic and Oracle do not have, or ids of at most 64 characters (E11).
#[test]
fn the_smallest_answers_and_long_ids_are_accepted() {
    let endpoints =
        json!({"authorization_endpoint": "{origin}/authorize", "token_endpoint": "{origin}/token"});
    let smart = SmartServer::start(&[(SMART, endpoints)]);
    let folder = tempfile::tempdir().unwrap();
    let client = smart_client(folder.path(), &clock(), vec![smart.source("s")]);
    let signed_in = sign_in(&client, &iss(&smart.stub)).unwrap();
    assert_eq!((signed_in.context.patient, signed_in.context.encounter), (None, None));

    let long = "e".repeat(200);
    for (answer, id) in [
        (json!({"access_token": "AT-1"}), None),
        (json!({"access_token": "AT-1", "refresh_token": null, "id_token": null, "patient": null}), None),
        (json!({"access_token": "AT-1", "patient": long, "encounter": long}), Some(long.clone())),
    ] {
        let stub = server(answer.clone());
        let folder = tempfile::tempdir().unwrap();
        let client = client_of(&stub, &folder, |_| {});
        let signed_in = sign_in(&client, &iss(&stub)).unwrap_or_else(|error| panic!("{answer}: {error}"));
        assert_eq!((&signed_in.context.patient, &signed_in.context.encounter), (&id, &id), "{answer}");
    }
}

/// D29: an access token is opaque. A client that decoded it failed, or took the time of its end from it.
#[test]
fn an_access_token_is_never_read() {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let ended = format!("{}.{}.c2ln", part(r#"{"alg":"none"}"#), part(r#"{"exp":1}"#));
    for token in ["AT", "a.b.c", "....", "-._~+/9==", &ended, &"t".repeat(6000)] {
        let stub = server(json!({"access_token": token, "expires_in": 300, "refresh_token": "RT-1"}));
        let folder = tempfile::tempdir().unwrap();
        let client = client_of(&stub, &folder, |_| {});
        sign_in(&client, &iss(&stub)).unwrap();
        look_up(&client).unwrap_or_else(|error| panic!("{token}: {error}"));
        let requests = stub.requests();
        let sent = sent_to(&requests, "/fhir/Patient/p1");
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].authorization(), format!("Bearer {token}"));
        assert_eq!(sent_to(&requests, "/token").len(), 1, "nothing says that it must be refreshed");
    }
}

/// D30: a client repeated a discovery request five times in two seconds after 401 and 404, which do not change.
#[test]
fn discovery_sends_each_request_once_if_the_answer_is_final() {
    for status in [400, 401, 403, 404, 410] {
        let stub = StubServer::start(move |_| Reply::json("{}").with_status(status));
        let folder = tempfile::tempdir().unwrap();
        let client = client_of(&stub, &folder, |document| {
            document["limits"] = json!({"retries": 5});
            let source = document["sources"][0].as_object_mut().unwrap();
            source.remove("authorization_endpoint");
            source.remove("token_endpoint");
        });
        assert_eq!(sign_in(&client, &iss(&stub)).unwrap_err().code(), Code::DiscoveryFailed, "{status}");
        let mut paths: Vec<String> = stub.requests().into_iter().map(|request| request.path).collect();
        let sent = paths.len();
        paths.sort();
        paths.dedup();
        assert_eq!((sent, paths.len()), (3, 3), "{status}: {paths:?}");
    }
}

/// D32: a client took an unknown capability for `launch-standalone`.
#[test]
fn an_unknown_capability_is_listed_and_has_no_effect() {
    let capabilities = ["launch-ehr-2", "x-standalone", "", "permission-everything"];
    let smart = SmartServer::with_configuration(json!({"capabilities": capabilities}));
    let folder = tempfile::tempdir().unwrap();
    let client = smart_client(folder.path(), &clock(), vec![smart.source("s")]);
    let found = client.discover("admin", &iss(&smart.stub)).unwrap();
    assert!(!found.capabilities.iter().any(|one| one == "launch-standalone"), "{:?}", found.capabilities);
    assert!(found.capabilities.iter().any(|one| one == "x-standalone"));
    sign_in(&client, &iss(&smart.stub)).unwrap();
}

/// E14: Epic finds a patient by the text of the identifier type. E15: what the search returns is checked.
#[test]
fn a_patient_is_searched_by_the_type_of_the_number_and_the_number_is_compared() {
    for (mrn, found) in [("M-1", true), ("M-2", false)] {
        let stub = StubServer::start(move |request| match request.path.split('?').next() {
            Some("/token") => Reply::json(r#"{"access_token": "AT-1"}"#),
            Some("/fhir/Patient") => {
                let one = patient("p1", mrn).replace("\"coding\"", "\"text\": \"MRN\", \"coding\"");
                Reply::json(common::stub::searchset(&[&one]))
            }
            _ => Reply::json(common::stub::searchset(&[])),
        });
        let folder = tempfile::tempdir().unwrap();
        let client = client_of(&stub, &folder, |document| {
            let source = document["sources"][0].as_object_mut().unwrap();
            source.remove("mrn_systems");
            source.insert("vendor".to_owned(), "epic".into());
        });
        let pulled = client.pull(&PullRequest { system: true, ..request("", "M-1", "gender,,sex,,,\n") });
        let requests = stub.requests();
        let search = requests.iter().find(|request| request.path.starts_with("/fhir/Patient?")).unwrap();
        assert_eq!(search.path, "/fhir/Patient?identifier=MRN%7CM-1");
        let code = pulled.err().map(|error| error.code());
        assert_eq!(code, (!found).then_some(Code::PatientNotFound), "{mrn}");
    }
}
