//! A source whose URL an administrator changes to another server: tokens and links of the old server are not used at the new one.

mod common;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request, resources, weight};
use ehr_sim::LaunchOptions;
use fhir_ehr::{Client, Code, Error, LaunchResult, PullRequest, PullResult};
use serde_json::Value;

const MRN: &str = "M-1";
const WEIGHT: &str = "29463-7,,weight,,MAX,\n";

/// Two servers with the same clients and MRNs, and the configuration in which the source is the second server.
struct Moved {
    old: Fixture,
    new: Fixture,
    all: Value,
    token_endpoint: Value,
}

impl Moved {
    fn new() -> Self {
        let fixture = |value| {
            let texts = [patient("p1", MRN), weight("w", "p1", "2020-01-01", value)];
            Fixture::new(resources(&texts.each_ref().map(String::as_str)))
        };
        let (old, new) = (fixture("61.50"), fixture("99.25"));
        let (mut all, mut token_endpoint) = (old.document(), old.document());
        let other = new.document();
        for name in ["iss", "authorization_endpoint", "token_endpoint"] {
            all["sources"][0][name] = other["sources"][0][name].clone();
        }
        let endpoint = other["sources"][0]["token_endpoint"].clone();
        token_endpoint["sources"][0]["token_endpoint"] = endpoint;
        // Clients, secrets and registrations are those of the other server, so a token is not refused because of a wrong secret.
        for document in [&mut all, &mut token_endpoint] {
            document["registrations"] = other["registrations"].clone();
        }
        Moved { old, new, all, token_endpoint }
    }

    fn documents(&self) -> [&Value; 2] {
        [&self.all, &self.token_endpoint]
    }

    /// The same with discovered endpoints.
    fn discovered(&self) -> Value {
        let mut document = self.all.clone();
        let source = document["sources"][0].as_object_mut().unwrap();
        source.remove("authorization_endpoint");
        source.remove("token_endpoint");
        document
    }

    /// Asserts that the new server got no requests except for its metadata.
    fn nothing_sent(&self) -> bool {
        self.new.sim.requests().iter().all(|request| !request.has_authorization && request.method == "GET")
    }
}

fn launch(fixture: &Fixture, client: &Client) -> LaunchResult {
    let options = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    let token = fixture.sim.launch(&options);
    let arrived = client.handle_launch(&launch_query(fixture.sim.iss(), &token), SESSION, REDIRECT).unwrap();
    let LaunchResult::Redirect(address) = arrived else { panic!("{arrived:?}") };
    let callback = fixture.sim.approve(&address).unwrap();
    client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap()
}

fn pull(client: &Client, system: bool) -> Result<PullResult, Error> {
    client.pull(&PullRequest { system, ..request("alice", MRN, WEIGHT) })
}

fn value(pulled: &PullResult) -> &str {
    &pulled.rows[0].value
}

#[test]
fn a_sign_in_at_the_old_server_is_not_used_at_the_new_one() {
    let moved = Moved::new();
    moved.old.launch("p1", "alice");
    for document in [moved.all.clone(), moved.discovered()] {
        let error = pull(&moved.old.other_client(&document), false).unwrap_err();
        assert_eq!(error.code(), Code::GrantNotFound);
        assert!(error.hint_text().unwrap().contains("another server"), "{error:?}");
        assert!(moved.nothing_sent(), "{:?}", moved.new.sim.requests());
    }
    // After a sign-in at the new server, each grant is used at its own server.
    let client = moved.old.other_client(&moved.all);
    let LaunchResult::LoginRequired { handover, .. } = launch(&moved.new, &client) else {
        panic!("the other server's user of the same name is a different user")
    };
    client.finish_login(&handover, SESSION, "alice").unwrap();
    assert_eq!(value(&pull(&client, false).unwrap()), "99.25");
    assert!(
        moved.new.sim.requests().iter().all(|request| request.status < 400),
        "the new server gets no token of the old one"
    );
    moved.old.sim.reset_requests();
    assert_eq!(value(&pull(&moved.old.client, false).unwrap()), "61.50");
    assert!(
        moved.old.sim.requests().iter().all(|request| request.status < 400),
        "the old server gets no token of the new one"
    );
}

#[test]
fn a_refresh_token_goes_to_the_token_endpoint_it_came_from_only() {
    let moved = Moved::new();
    moved.old.launch("p1", "alice");
    let client = moved.old.other_client(&moved.token_endpoint);
    assert_eq!(value(&pull(&client, false).unwrap()), "61.50", "the access token belongs to its FHIR server");
    moved.old.sim.expire_access_tokens();
    moved.old.clock.0.advance(4000);
    let error = pull(&client, false).unwrap_err();
    assert_eq!(error.code(), Code::GrantNotFound);
    assert!(error.hint_text().unwrap().contains("another server"), "{error:?}");
    assert_eq!(moved.new.sim.connections(), 0);
    assert_eq!(value(&pull(&moved.old.client, false).unwrap()), "61.50", "no data was lost");
}

#[test]
fn the_system_account_gets_a_new_token_from_the_new_server() {
    let moved = Moved::new();
    assert_eq!(value(&pull(&moved.old.client, true).unwrap()), "61.50");
    let client = moved.old.other_client(&moved.all);
    assert_eq!(value(&pull(&client, true).unwrap()), "99.25");
    let sent = moved.new.sim.requests();
    assert_eq!(sent[0].grant_type.as_deref(), Some("client_credentials"), "{sent:?}");
    assert!(
        sent.iter().all(|request| request.status < 400),
        "the new server gets no token of the old one: {sent:?}"
    );
}

#[test]
fn a_launch_started_at_the_old_server_sends_no_code_to_the_new_one() {
    let moved = Moved::new();
    let options = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    for document in moved.documents() {
        let client = moved.old.other_client(document);
        let callback = moved.old.launch_to_callback(&options);
        let error = client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap_err();
        assert_eq!(error.code(), Code::LaunchExpired);
        assert!(error.hint_text().unwrap().contains("another server"), "{error:?}");
        assert_eq!(moved.new.sim.connections(), 0);
        // The same for a sign-in from the application, whose user is known.
        let address = moved.old.client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
        let callback = moved.old.sim.approve_with_patient(&address, "p1").unwrap();
        let error = client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap_err();
        assert_eq!(error.code(), Code::LaunchExpired);
        assert_eq!(moved.new.sim.connections(), 0);
    }
}

#[test]
fn a_handover_from_the_old_server_gives_no_sign_in_and_no_link() {
    let moved = Moved::new();
    let LaunchResult::LoginRequired { handover, .. } = launch(&moved.old, &moved.old.client) else {
        panic!()
    };
    let client = moved.old.other_client(&moved.all);
    let error = client.finish_login(&handover, SESSION, "alice").unwrap_err();
    assert_eq!(error.code(), Code::LaunchExpired);
    assert!(error.hint_text().unwrap().contains("another server"), "{error:?}");
    for (fixture, client) in [(&moved.old, &moved.old.client), (&moved.new, &client)] {
        assert_eq!(pull(client, false).unwrap_err().code(), Code::GrantNotFound);
        assert!(matches!(launch(fixture, client), LaunchResult::LoginRequired { .. }));
    }
}

#[test]
fn a_user_of_the_new_server_is_not_the_old_servers_user_of_the_same_name() {
    let moved = Moved::new();
    moved.old.launch("p1", "alice");
    let client = moved.old.other_client(&moved.all);
    assert!(matches!(launch(&moved.new, &client), LaunchResult::LoginRequired { .. }));
    // The token endpoint provides the user names. A changed token endpoint of the same FHIR server also needs a new sign-in.
    let mut document = moved.token_endpoint.clone();
    let endpoint = &moved.all["sources"][0]["authorization_endpoint"];
    document["sources"][0]["authorization_endpoint"] = endpoint.clone();
    document["sources"][0]["aliases"] = serde_json::json!([moved.new.sim.iss()]);
    // The id_tokens of that token endpoint have another issuer than the one that the FHIR server publishes.
    document["sources"][0]["policy"] = serde_json::json!({"id_token_issuers": [moved.new.sim.iss()]});
    let client = moved.old.other_client(&document);
    assert!(matches!(launch(&moved.new, &client), LaunchResult::LoginRequired { .. }));
    assert!(
        matches!(launch(&moved.old, &moved.old.client), LaunchResult::SignedIn(user) if user.user == "alice")
    );
}

#[test]
fn the_same_server_with_a_differently_written_url_is_the_same_server() {
    let moved = Moved::new();
    moved.old.launch("p1", "alice");
    pull(&moved.old.client, true).unwrap();
    let change = |change: &dyn Fn(&mut Value)| {
        let mut document = moved.old.document();
        change(&mut document["sources"][0]);
        document
    };
    let iss = moved.old.sim.iss();
    let upper = iss.replace("http://", "HTTP://");
    for document in [
        change(&|source| source["iss"] = format!("{iss}/").into()),
        change(&|source| source["iss"] = upper.clone().into()),
        change(&|source| source["aliases"] = serde_json::json!(["https://internal.example/fhir"])),
        change(&|source| source["name"] = "Another name".into()),
        change(&|source| drop(source.as_object_mut().unwrap().remove("token_endpoint"))),
    ] {
        let client = moved.old.other_client(&document);
        moved.old.sim.reset_requests();
        for system in [false, true] {
            assert_eq!(value(&pull(&client, system).unwrap()), "61.50");
        }
        let asked = moved.old.sim.requests().iter().any(|request| request.grant_type.is_some());
        assert!(!asked, "the stored tokens still work");
        let arrived = launch(&moved.old, &client);
        assert!(matches!(arrived, LaunchResult::SignedIn(user) if user.user == "alice"));
    }
    moved.old.clock.0.advance(4000);
    let client = moved.old.other_client(&change(&|source| source["iss"] = upper.clone().into()));
    assert_eq!(value(&pull(&client, false).unwrap()), "61.50", "refreshed");
}
