//! Where secrets go, which session a sign-in is bound to, and whose tokens they are.

mod common;

use common::{REDIRECT, SESSION, World, launch_query, patient, query_of, resources};
use ehr_sim::{LaunchOptions, Options};
use fhir_ehr::{AllowAll, Client, Code, LaunchResult, Retry};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// A FHIR server whose discovery document names other endpoints than the simulator's. It notes what it is asked.
struct Misleading {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Misleading {
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
        Misleading { base, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Answers each request with the document; the request line is the result.
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

/// A client whose source has its FHIR server at `base`, and its stored endpoints changed.
fn client_at(world: &World, base: &str, change: impl FnOnce(&mut Value)) -> Client {
    let mut document = world.document();
    document["sources"][0]["iss"] = format!("{base}/fhir").into();
    change(&mut document["sources"][0]);
    world.other_client(&document)
}

fn remove(source: &mut Value, name: &str) {
    source.as_object_mut().unwrap().remove(name);
}

#[test]
fn a_token_endpoint_that_is_stored_alone_is_the_only_one_that_gets_secrets() {
    let world = World::new(resources(&[&patient("p1", "M-1")]));
    let authorization = world.document()["sources"][0]["authorization_endpoint"].as_str().unwrap().to_owned();
    let misleading = Misleading::start(Some(&authorization));
    let client = client_at(&world, &misleading.base, |source| remove(source, "authorization_endpoint"));

    let mut pull = common::request("alice", "M-1", "birthDate,,dob,,,\n");
    pull.system = true;
    pull.user = String::new();
    world.sim.reset_requests();
    let _ = client.pull(&pull);
    assert!(world.sim.requests().iter().any(|one| one.path.contains("token")), "the stored one is asked");

    // The code and the client secret of a launch, too.
    let address = client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    assert!(address.starts_with(&authorization), "the discovered authorization endpoint: {address}");
    let address =
        address.replace(&url_encoded(&format!("{}/fhir", misleading.base)), &url_encoded(&world.sim.iss()));
    let callback = world.sim.approve(&address).unwrap();
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
fn an_authorization_endpoint_that_is_stored_alone_is_used_too() {
    let world = World::new(resources(&[&patient("p1", "M-1")]));
    let misleading = Misleading::start(None);
    let client = client_at(&world, &misleading.base, |source| remove(source, "token_endpoint"));
    let address = client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    let stored = world.document()["sources"][0]["authorization_endpoint"].as_str().unwrap().to_owned();
    assert!(address.starts_with(&stored), "{address}");
}

#[test]
fn an_empty_session_text_is_refused() {
    let world = World::new(resources(&[&patient("p1", "M-1")]));
    let launch = launch_query(world.sim.iss(), "x");
    for session in ["", " ", "\t\r\n", "\u{a0}\u{3000}"] {
        for refused in [
            world.client.handle_launch(&launch, session, REDIRECT).err(),
            world.client.handle_launch("code=x&state=y", session, REDIRECT).err(),
            world.client.sign_in("sim", "alice", session, REDIRECT).err(),
            world.client.finish_login("handover", session, "alice").err(),
        ] {
            let error = refused.expect("an error");
            assert_eq!(error.code(), Code::RequestInvalid, "{session:?}");
            assert!(error.message().contains("the session text is empty"), "{error}");
            assert!(error.hint_text().unwrap().contains("session_start()"));
        }
    }
    assert_eq!(world.sim.connections(), 0);
}

/// What comes of a sign-in from the application that the EHR ends as its user `portal`.
fn sign_in(world: &World, user: &str) -> Result<LaunchResult, fhir_ehr::Error> {
    let address = world.client.sign_in("sim", user, SESSION, REDIRECT).unwrap();
    let callback = world.sim.approve(&address).unwrap();
    world.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)
}

#[test]
fn the_tokens_of_a_linked_ehr_user_are_never_stored_for_another_user() {
    let world = World::new(resources(&[&patient("p1", "M-1")]));
    world.launch("p1", "alice");
    let error = sign_in(&world, "bob").unwrap_err();
    assert_eq!((error.code(), error.code().retry()), (Code::EhrUserOfAnother, Retry::AfterSignIn));
    assert!(error.hint_text().unwrap().contains("Sign out of the EHR"), "{error:?}");
    for name in ["alice", "bob", "portal"] {
        assert!(!format!("{error} {:?}", error.hint_text()).contains(name), "{error}");
    }
    let pull = common::request("bob", "M-1", "birthDate,,dob,,,\n");
    assert_eq!(world.client.pull(&pull).unwrap_err().code(), Code::GrantNotFound, "bob has no tokens");
    assert!(matches!(sign_in(&world, "alice"), Ok(LaunchResult::SignedIn(user)) if user.user == "alice"));
}

#[test]
fn a_user_may_have_several_ehr_users() {
    let world = World::new(resources(&[&patient("p1", "M-1")]));
    world.launch("p1", "alice");
    let other =
        LaunchOptions { patient: "p1".into(), user: Some("locum".into()), ..LaunchOptions::default() };
    let callback = world.launch_to_callback(&other);
    let Ok(LaunchResult::LoginRequired { handover, .. }) =
        world.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)
    else {
        panic!("the second EHR user is not linked yet")
    };
    assert_eq!(world.client.finish_login(&handover, SESSION, "alice").unwrap().user, "alice");
}

#[test]
fn a_sign_in_from_the_application_makes_no_link() {
    let world = World::with(Options::default(), |_| {}, Box::new(AllowAll));
    assert!(matches!(sign_in(&world, "bob"), Ok(LaunchResult::SignedIn(_))));
    let (patient, _) = world.some_patient();
    assert_eq!(world.launch(&patient, "alice").user, "alice");
}
