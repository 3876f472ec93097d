//! Discovery: which document counts, how long it is kept and by which processes, what a site can override, and approved endpoints.

mod common;

use common::{
    REDIRECT, SESSION, launch_query,
    smart_server::{EventLog, OPENID, SMART, SmartServer, client, client_with_log, clock, configuration},
};
use fhir_ehr::{Client, Code, LaunchResult, Result, Vendor};
use serde_json::{Value, json};

/// The URL that an EHR launch redirects to.
fn launch(client: &Client, server: &SmartServer) -> Result<String> {
    let query = launch_query(format!("{}/fhir", server.stub.origin()), "launch-1");
    match client.handle_launch(&query, SESSION, REDIRECT)? {
        LaunchResult::Redirect(url) => Ok(url),
        other => panic!("{other:?}"),
    }
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

/// A statement with the two endpoints.
fn statement() -> Value {
    let uris = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";
    json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "software": {"name": "Epic"},
        "rest": [{"security": {"extension": [{"url": uris, "extension": [
            {"url": "authorize", "valueUri": "/statement/authorize"}, {"url": "token", "valueUri": "/token"}]}]}}]})
}

#[test]
fn the_documents_are_requested_one_after_the_other_until_one_names_the_endpoints() {
    let openid = json!({"authorization_endpoint": "/openid/authorize", "token_endpoint": "/token"});
    let (smart, all) =
        (configuration(json!({})), ["/fhir/.well-known/smart-configuration", "/fhir/metadata"]);
    for (documents, path, requests) in [
        (vec![(SMART, smart), ("metadata", statement()), (OPENID, openid.clone())], "/authorize", 1),
        (vec![("metadata", statement()), (OPENID, openid.clone())], "/statement/authorize", 2),
        (vec![(SMART, json!({"issuer": "x"})), (OPENID, openid)], "/openid/authorize", 3),
    ] {
        let server = SmartServer::start(&documents);
        let folder = tempfile::tempdir().unwrap();
        let url = launch(&client(folder.path(), &clock(), vec![server.source("s")]), &server).unwrap();
        assert_eq!(url::Url::parse(&url).unwrap().path(), path);
        let expected: Vec<&str> =
            all.iter().copied().chain(["/fhir/.well-known/openid-configuration"]).take(requests).collect();
        assert_eq!(server.paths(), expected);
    }
}

#[test]
fn discovered_endpoints_are_kept_for_an_hour_and_shared_by_processes() {
    let server = SmartServer::with_configuration(json!({}));
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let worker = || client(folder.path(), &clock, vec![server.source("s")]);
    let first = worker();
    launch(&first, &server).unwrap();
    launch(&first, &server).unwrap();
    launch(&worker(), &server).unwrap();
    assert_eq!(server.discoveries(), 1, "another process uses the shared record");
    clock.0.advance(3599);
    launch(&first, &server).unwrap();
    launch(&worker(), &server).unwrap();
    assert_eq!(server.discoveries(), 1);
    clock.0.advance(1);
    launch(&first, &server).unwrap();
    launch(&worker(), &server).unwrap();
    assert_eq!(server.discoveries(), 2);
}

#[test]
fn a_failure_is_repeated_after_thirty_seconds() {
    let server = SmartServer::start(&[]);
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let client = client(folder.path(), &clock, vec![server.source("s")]);
    assert_eq!(code(launch(&client, &server)), Some(Code::DiscoveryFailed));
    let sent = server.discoveries();
    server.publish(&[(SMART, configuration(json!({})))]);
    clock.0.advance(29);
    assert_eq!(code(launch(&client, &server)), Some(Code::DiscoveryFailed));
    assert_eq!(server.discoveries(), sent, "the failure is kept");
    clock.0.advance(1);
    launch(&client, &server).unwrap();
}

#[test]
fn approved_endpoints_are_pinned_and_nothing_is_sent_to_another_one() {
    let server = SmartServer::with_configuration(json!({"issuer": "https://issuer.example"}));
    let thief = SmartServer::with_configuration(json!({}));
    let (folder, clock, log) = (tempfile::tempdir().unwrap(), clock(), EventLog::default());
    let client = client_with_log(folder.path(), &clock, vec![server.source("s")], Some(log.clone()));
    let approved = client.approve_endpoints("admin", "s").unwrap();
    assert_eq!(approved.endpoints.token.path(), "/token");
    launch(&client, &server).unwrap();

    // A new endpoint that was not approved is no reason to stop, and is not used.
    let more = json!({"issuer": "https://issuer.example", "revocation_endpoint": "/revoke"});
    server.publish(&[(SMART, configuration(more))]);
    clock.0.advance(3600);
    launch(&client, &server).unwrap();

    let stolen = format!("{}/token", thief.stub.origin());
    server.publish(&[(SMART, configuration(json!({"token_endpoint": stolen})))]);
    clock.0.advance(3600);
    let error = launch(&client, &server).unwrap_err();
    assert_eq!(error.code(), Code::EndpointsChanged);
    let expected = format!("source s: token_endpoint is now at {}", thief.stub.origin());
    assert!(error.message().contains(&expected), "{error}");
    assert!(error.hint_text().unwrap().contains("fhir-ehr approve --source s"));
    let steps = client.check_source("admin", "s").unwrap();
    let step = steps.iter().find(|step| step.name == "endpoints").unwrap();
    assert_eq!(step.finding, "endpoints_changed");
    let client_step = steps.iter().find(|step| step.name == "client").unwrap();
    assert_eq!(client_step.error, Some("endpoints_changed"), "no secret is sent");
    assert!(thief.stub.requests().is_empty(), "nothing is sent to the other server");
    assert!(log.all().contains(&"endpoints_changed source=s member=token_endpoint".to_owned()));

    // Also an older process sees a new approval.
    let other = self::client(folder.path(), &clock, vec![server.source("s")]);
    other.approve_endpoints("admin", "s").unwrap();
    launch(&client, &server).unwrap();
}

#[test]
fn approved_endpoints_work_while_the_server_publishes_nothing() {
    let server = SmartServer::with_configuration(json!({}));
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let client = client(folder.path(), &clock, vec![server.source("s")]);
    client.approve_endpoints("admin", "s").unwrap();
    server.publish(&[]);
    clock.0.advance(4000);
    assert!(launch(&client, &server).unwrap().contains("/authorize?"));
}

#[test]
fn one_endpoint_can_be_set_by_hand_and_is_not_compared_with_the_approval() {
    let server = SmartServer::with_configuration(json!({"issuer": "https://published.example"}));
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut source = server.source("s");
    source["authorization_endpoint"] = "https://set.example/authorize".into();
    source["endpoints"] =
        json!({"issuer": "https://set.example", "revocation_endpoint": "https://set.example/revoke"});
    let client = client(folder.path(), &clock, vec![source]);
    let approved = client.approve_endpoints("admin", "s").unwrap().endpoints;
    assert_eq!(approved.issuer.as_deref(), Some("https://set.example"));
    assert_eq!(approved.revocation.unwrap().as_str(), "https://set.example/revoke");
    assert_eq!(approved.token.path(), "/token");
    server.publish(&[(
        SMART,
        configuration(json!({"authorization_endpoint": "/moved", "issuer": "https://new.example"})),
    )]);
    clock.0.advance(3600);
    assert!(launch(&client, &server).unwrap().starts_with("https://set.example/authorize?"));
}

#[test]
fn each_phase_sends_its_own_headers() {
    let server = SmartServer::start(&[(SMART, configuration(json!({}))), ("metadata", statement())]);
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut source = server.source("s");
    std::fs::write(folder.path().join("key"), "gateway-key\n").unwrap();
    source["headers"] = json!({"discovery": {"Epic-Client-ID": "app-1"},
        "token": {"X-Gateway": format!("file:{}", folder.path().join("key").display())}, "fhir": {"X-Gateway": "fhir-key"}});
    let client = client(folder.path(), &clock, vec![source]);
    client.check_source("admin", "s").unwrap();
    let mut request = common::request("alice", "M-1", "gender,,sex,,,");
    request.source = "s".to_owned();
    request.system = true;
    client.pull(&request).unwrap_err();
    let requests = server.stub.requests();
    let having = |part: &'static str| requests.iter().filter(move |request| request.path.contains(part));
    assert!(having("/.well-known/").count() > 0 && having("/metadata").count() > 0);
    for request in having("/.well-known/").chain(having("/metadata")) {
        assert_eq!(request.header("epic-client-id"), Some("app-1"), "{}", request.path);
        assert_eq!(request.header("x-gateway"), None);
    }
    assert!(!server.token_requests().is_empty());
    for request in server.token_requests() {
        assert_eq!(request.header("x-gateway"), Some("gateway-key"));
        assert!(request.header("authorization").unwrap().starts_with("Basic "));
    }
    let patients: Vec<_> = having("/fhir/Patient").collect();
    assert!(!patients.is_empty());
    assert!(patients.iter().all(|request| request.header("x-gateway") == Some("fhir-key")));
}

#[test]
fn discovery_names_the_vendor_and_every_endpoint() {
    let members = json!({"introspection_endpoint": "/introspect", "registration_endpoint": "/register"});
    let server = SmartServer::start(&[(SMART, configuration(members)), ("metadata", statement())]);
    let folder = tempfile::tempdir().unwrap();
    let client = client(folder.path(), &clock(), vec![server.source("s")]);
    let found = client.discover("admin", &format!("{}/fhir", server.stub.origin())).unwrap();
    assert_eq!(found.vendor, Some(Vendor::Epic));
    let names: Vec<&str> = found.endpoints.members().map(|(name, _)| name).collect();
    let expected =
        ["authorization_endpoint", "token_endpoint", "introspection_endpoint", "registration_endpoint"];
    assert_eq!(names, expected);
}

#[test]
fn a_metadata_document_is_accepted_in_any_media_type_of_the_policy() {
    let server = common::stub::StubServer::start(|request| {
        let accepts = request.header("accept") == Some("application/json");
        match request.path.as_str() {
            "/fhir/metadata" if accepts => common::stub::Reply::json(statement().to_string()),
            "/fhir/metadata" => common::stub::Reply::json("").with_status(406),
            _ => common::stub::Reply::json("{}").with_status(404),
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let source = json!({"id": "s", "iss": format!("{}/fhir", server.origin()), "fhir_version": "r4",
        "environment": "sandbox", "registration": "app"});
    let client = client(folder.path(), &clock(), vec![source]);
    let query = launch_query(format!("{}/fhir", server.origin()), "launch-1");
    assert!(client.handle_launch(&query, SESSION, REDIRECT).is_ok());
}

/// Each document has its own limit, so a server that never answers ends the launch soon.
#[test]
fn a_server_that_never_answers_ends_discovery_at_its_own_limit() {
    // The listener accepts connections in its queue and answers none of them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", silent.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let source = json!({"id": "s", "iss": format!("{origin}/fhir"), "fhir_version": "r4", "environment": "sandbox",
        "registration": "app"});
    let limits = json!({"retries": 2, "request_seconds": 3600, "discovery_seconds": 1});
    let client = common::smart_server::client_with(folder.path(), &clock(), vec![source], None, limits);
    let query = launch_query(format!("{origin}/fhir"), "launch-1");
    let error = client.handle_launch(&query, SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::NetworkTimeout);
}
