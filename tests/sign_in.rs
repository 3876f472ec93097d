//! Which server gets secrets, which session a sign-in is bound to, and which user its tokens are stored for.

mod common;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, resources};
use ehr_sim::{LaunchOptions, Options};
use fhir_ehr::{AllowAll, Client, Code, LaunchResult, Retry};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// A FHIR server whose discovery document names other endpoints than the simulator's. It records its requests.
struct MisleadingServer {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl MisleadingServer {
    fn start(authorization: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let document = json!({
            "authorization_endpoint": authorization.map_or(format!("{base}/authorize"), str::to_owned),
            "token_endpoint": format!("{base}/evil-token"),
        });
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let notes = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                notes.lock().unwrap().push(answer(stream.unwrap(), &document.to_string()));
            }
        });
        MisleadingServer { base, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Responds to a request with the document, and returns the request line.
fn answer(mut stream: TcpStream, document: &str) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        request.push(byte[0]);
    }
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", document.len());
    stream.write_all(format!("{head}{document}").as_bytes()).unwrap();
    String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned()
}

/// A client whose source has its FHIR server at `base` and changed stored endpoints.
fn client_at(fixture: &Fixture, base: &str, change: impl FnOnce(&mut Value)) -> Client {
    let mut document = fixture.document();
    document["sources"][0]["iss"] = format!("{base}/fhir").into();
    change(&mut document["sources"][0]);
    fixture.other_client(&document)
}

fn remove(source: &mut Value, name: &str) {
    source.as_object_mut().unwrap().remove(name);
}

#[test]
fn a_token_endpoint_stored_without_an_authorization_endpoint_is_the_only_one_that_gets_secrets() {
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    let authorization =
        fixture.document()["sources"][0]["authorization_endpoint"].as_str().unwrap().to_owned();
    let misleading = MisleadingServer::start(Some(&authorization));
    let client = client_at(&fixture, &misleading.base, |source| remove(source, "authorization_endpoint"));

    let mut pull = common::request("alice", "M-1", "birthDate,,dob,,,\n");
    pull.system = true;
    pull.user = String::new();
    fixture.sim.reset_requests();
    let _ = client.pull(&pull);
    assert!(
        fixture.sim.requests().iter().any(|one| one.path.contains("token")),
        "the stored endpoint is used"
    );

    // The same for the code and the client secret of a launch.
    let address = client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    assert!(address.starts_with(&authorization), "the discovered authorization endpoint: {address}");
    let address =
        address.replace(&url_encoded(&format!("{}/fhir", misleading.base)), &url_encoded(&fixture.sim.iss()));
    let callback = fixture.sim.approve(&address).unwrap();
    let arrived = client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
    assert!(matches!(arrived, LaunchResult::SignedIn(_)), "{arrived:?}");
    let asked = misleading.asked();
    assert!(asked.iter().any(|line| line.contains("smart-configuration")), "{asked:?}");
    assert!(!asked.iter().any(|line| line.contains("evil-token") || line.starts_with("POST")), "{asked:?}");
}

fn url_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn an_authorization_endpoint_stored_without_a_token_endpoint_is_used() {
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    let misleading = MisleadingServer::start(None);
    let client = client_at(&fixture, &misleading.base, |source| remove(source, "token_endpoint"));
    let address = client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    let stored = fixture.document()["sources"][0]["authorization_endpoint"].as_str().unwrap().to_owned();
    assert!(address.starts_with(&stored), "{address}");
}

#[test]
fn an_empty_session_text_is_refused() {
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    let launch = launch_query(fixture.sim.iss(), "x");
    for session in ["", " ", "\t\r\n", "\u{a0}\u{3000}"] {
        for refused in [
            fixture.client.handle_launch(&launch, session, REDIRECT).err(),
            fixture.client.handle_launch("code=x&state=y", session, REDIRECT).err(),
            fixture.client.sign_in("sim", "alice", session, REDIRECT).err(),
            fixture.client.finish_login("handover", session, "alice").err(),
        ] {
            let error = refused.expect("an error");
            assert_eq!(error.code(), Code::RequestInvalid, "{session:?}");
            assert!(error.message().contains("the session text is empty"), "{error}");
            assert!(error.hint_text().unwrap().contains("session_start()"));
        }
    }
    assert_eq!(fixture.sim.connections(), 0);
}

/// The result of a sign-in from the application for the EHR user `portal`.
fn sign_in(fixture: &Fixture, user: &str) -> Result<LaunchResult, fhir_ehr::Error> {
    let address = fixture.client.sign_in("sim", user, SESSION, REDIRECT).unwrap();
    let callback = fixture.sim.approve(&address).unwrap();
    fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)
}

#[test]
fn the_tokens_of_a_linked_ehr_user_are_never_stored_for_another_user() {
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    fixture.launch("p1", "alice");
    let error = sign_in(&fixture, "bob").unwrap_err();
    assert_eq!((error.code(), error.code().retry()), (Code::EhrUserOfAnother, Retry::AfterSignIn));
    assert!(error.hint_text().unwrap().contains("Sign out of the EHR"), "{error:?}");
    for name in ["alice", "bob", "portal"] {
        assert!(!format!("{error} {:?}", error.hint_text()).contains(name), "{error}");
    }
    let pull = common::request("bob", "M-1", "birthDate,,dob,,,\n");
    assert_eq!(fixture.client.pull(&pull).unwrap_err().code(), Code::GrantNotFound, "bob has no tokens");
    assert!(matches!(sign_in(&fixture, "alice"), Ok(LaunchResult::SignedIn(user)) if user.user == "alice"));
}

#[test]
fn a_user_may_have_several_ehr_users() {
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    fixture.launch("p1", "alice");
    let other =
        LaunchOptions { patient: "p1".into(), user: Some("locum".into()), ..LaunchOptions::default() };
    let callback = fixture.launch_to_callback(&other);
    let Ok(LaunchResult::LoginRequired { handover, .. }) =
        fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)
    else {
        panic!("the second EHR user is not linked yet")
    };
    assert_eq!(fixture.client.finish_login(&handover, SESSION, "alice").unwrap().user, "alice");
}

#[test]
fn a_sign_in_from_the_application_makes_no_link() {
    let fixture = Fixture::with(Options::default(), |_| {}, Box::new(AllowAll));
    assert!(matches!(sign_in(&fixture, "bob"), Ok(LaunchResult::SignedIn(_))));
    let (patient, _) = fixture.some_patient();
    assert_eq!(fixture.launch(&patient, "alice").user, "alice");
}
