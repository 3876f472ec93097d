//! TLS, storage, references to other servers, and untrusted texts.

use crate::{
    common::{REDIRECT, SESSION, query_of, request, stub::Reply, stub::StubServer},
    world::*,
};
use ehr_sim::{DiscoveryOptions, LaunchOptions, Options, Personality};
use fhir_ehr::LaunchResult;
use std::{fs, os::unix::fs::PermissionsExt};

requirements! {
    requirement_001 = 1 shall all_requests_use_tls_and_a_trusted_certificate;
    requirement_005 = 5 shall a_name_that_looks_like_code_is_only_text;
    requirement_007 = 7 shall no_token_is_in_a_cookie_or_in_clear_text;
    requirement_008 = 8 other tokens_are_in_the_store_of_the_application_only;
    requirement_009 = 9 other tokens_are_in_the_store_of_the_application_only;
    requirement_012 = 12 other a_client_without_a_secret_is_public;
    requirement_090 = 90 other tokens_are_in_the_store_of_the_application_only;
    requirement_097 = 97 other |switch| references_are_not_followed(switch, false);
    requirement_098 = 98 other |switch| references_are_not_followed(switch, false);
    requirement_230 = 230 shall token_requests_of_a_system_account_use_tls;
    requirement_232 = 232 shall all_requests_of_a_system_account_use_tls;
    requirement_267 = 267 other |switch| references_are_not_followed(switch, true);
    requirement_268 = 268 other |switch| references_are_not_followed(switch, true);
    requirement_318 = 318 shall tls_has_version_1_2_or_later;
    requirement_379 = 379 shall relative_endpoints_begin_at_the_base_url;
}

fn with_tls(trusted: bool, credentials: Credentials) -> Setup {
    Setup { tls: Some(trusted), credentials, ..Setup::default() }
}

/// Every request that reached the simulator arrived with TLS. An approval in process is no request.
fn arrived_with_tls(world: &World) -> Checked {
    let requests = world.sim.received();
    let sent = requests.iter().filter(|one| !one.path.ends_with("/auth/authorize"));
    let mut count = 0;
    for request in sent {
        count += 1;
        header_is(request, "x-forwarded-proto", "https")?;
    }
    expect(count > 2, "nothing was sent")
}

/// With another certificate nothing arrives.
fn another_certificate_is_refused() -> Checked {
    let world = World::start(None, with_tls(false, Credentials::Key("RS384")));
    let refused = world.system_pull().err().ok_or("an unknown certificate was accepted")?;
    expect(
        refused.contains("tls") || refused.contains("unreachable") || refused.contains("connect"),
        &refused,
    )?;
    equal("the number of requests", world.sim.received().len(), 0)
}

fn all_requests_use_tls_and_a_trusted_certificate(switch: Switch) -> Checked {
    let world = World::start(switch, with_tls(true, Credentials::Secret));
    world.launch()?;
    let pulled = world.pull();
    arrived_with_tls(&world)?;
    equal("the number of rows", pulled?, 1)?;
    another_certificate_is_refused()?;
    for url in ["http://ehr.example/fhir", "http://192.0.2.1/fhir"] {
        let refused = world.client.discover("admin", url).err().map(|error| error.code().name());
        equal("the error of a base URL without TLS", refused, Some("url_not_allowed"))?;
    }
    Ok(())
}

fn token_requests_of_a_system_account_use_tls(switch: Switch) -> Checked {
    let world = World::start(switch, with_tls(true, Credentials::Key("RS384")));
    let pulled = world.system_pull();
    let request = world.token_request()?;
    header_is(&request, "x-forwarded-proto", "https")?;
    is_modern(&request)?;
    equal("the number of rows", pulled?, 1)?;
    another_certificate_is_refused()
}

fn all_requests_of_a_system_account_use_tls(switch: Switch) -> Checked {
    let world = World::start(switch, with_tls(true, Credentials::Key("RS384")));
    let pulled = world.system_pull();
    arrived_with_tls(&world)?;
    for request in world.fhir_requests() {
        is_modern(&request)?;
    }
    equal("the number of rows", pulled?, 1)
}

fn is_modern(request: &ehr_sim::ReceivedRequest) -> Checked {
    let version = request.header("x-tls-version").unwrap_or_default();
    expect(["TLSv1_2", "TLSv1_3"].contains(&version), "TLS is older than version 1.2")
}

fn tls_has_version_1_2_or_later(switch: Switch) -> Checked {
    let world = World::start(switch, with_tls(true, Credentials::Key("ES384")));
    let result = world.launch();
    is_modern(&world.token_request()?)?;
    result.map(drop)?;
    another_certificate_is_refused()
}

fn a_name_that_looks_like_code_is_only_text(switch: Switch) -> Checked {
    const NAME: &str = "<script>alert(1)</script>'); DROP TABLE records;-- ${jndi:x} `id`";
    let world = World::start(switch, Setup::default());
    let options = LaunchOptions { user: Some(NAME.to_owned()), ..LaunchOptions::default() };
    let back = world.approve(&world.start_launch(SESSION, options)?)?;
    let result = said(world.client.handle_launch(&query_of(&back), SESSION, REDIRECT))?;
    let LaunchResult::LoginRequired { handover, ehr_user, .. } = result else {
        return Err("the application's login was expected".to_owned());
    };
    equal("the EHR user", ehr_user.as_deref(), Some(NAME))?;
    said(world.client.finish_login(&handover, SESSION, "alice"))?;
    equal("the number of rows", world.pull()?, 1)?;
    // A page may show an error, so the texts of the query have no markup in it.
    let url = world.start_launch(SESSION, LaunchOptions::default())?;
    let url = url::Url::parse(&url).map_err(|error| error.to_string())?;
    let state = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("state", state.unwrap_or_default().as_str()),
            ("error", "<b>x</b>"),
            ("error_description", NAME),
        ])
        .finish();
    let error = world.client.handle_launch(&query, SESSION, REDIRECT).err().ok_or("an error was expected")?;
    let shown =
        format!("{} {}", error.message(), serde_json::to_string(&error.document()).unwrap_or_default());
    expect(!shown.contains("<script>") && !shown.contains("<b>"), "the error has markup")
}

/// The files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect()
}

/// The tokens that the simulator issued, as the library sends them.
fn tokens(world: &World) -> Vec<String> {
    let fhir = world.fhir_requests().into_iter();
    let access =
        fhir.filter_map(|one| Some(one.header("authorization")?.strip_prefix("Bearer ")?.to_owned()));
    let refresh = world.received("/auth/token").into_iter().filter_map(|one| one.parameter("refresh_token"));
    access.chain(refresh).collect()
}

fn no_token_is_in_a_cookie_or_in_clear_text(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let signed_in = world.launch()?;
    world.sim.expire_access_tokens();
    equal("the number of rows", world.pull()?, 1)?;
    let requests = world.sim.received();
    expect(requests.iter().all(|one| one.header("cookie").is_none()), "a request has a cookie")?;
    let tokens = tokens(&world);
    expect(tokens.len() > 2, "no token was used")?;
    let result = serde_json::to_string(&signed_in).map_err(|error| error.to_string())?;
    expect(!tokens.iter().any(|token| result.contains(token)), "what the host gets has a token")?;
    for file in files(world.folder.path()) {
        let text = String::from_utf8_lossy(&fs::read(file).map_err(|error| error.to_string())?).into_owned();
        expect(!tokens.iter().any(|token| text.contains(token)), "a file has a token in clear text")?;
    }
    Ok(())
}

fn tokens_are_in_the_store_of_the_application_only(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    world.launch()?;
    equal("the number of rows", world.pull()?, 1)?;
    let files = files(world.folder.path());
    expect(!files.is_empty(), "there is no store")?;
    for file in files {
        let mode = fs::metadata(&file).map_err(|error| error.to_string())?.permissions().mode() & 0o777;
        equal("the mode of a file of the store", mode, 0o600)?;
    }
    Ok(())
}

fn a_client_without_a_secret_is_public(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Public));
    world.launch()?;
    expect(world.token_request()?.header("authorization").is_none(), "a public client sends credentials")
}

fn references_are_not_followed(switch: Switch, system: bool) -> Checked {
    let other = StubServer::start(|_| {
        Reply::json(r#"{"resourceType": "Medication", "id": "1", "code": {"text": "X"}}"#)
    });
    let order = serde_json::json!({"resourceType": "MedicationRequest", "id": "o1", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p1"}, "authoredOn": "2024-01-02",
        "medicationReference": {"reference": format!("{}/Medication/1", other.origin())}});
    let setup = Setup {
        resources: vec![order.to_string()],
        ..with_policy(serde_json::json!({
        "scopes": ["launch", "user/{resource}.read"]}))
    };
    let world = World::start(switch, setup);
    if !system {
        world.launch()?;
    }
    let user = request("alice", MRN, "active-medications-list,,meds,,,\n");
    let pulled = said(world.client.pull(&fhir_ehr::PullRequest { system, ..user }))?;
    expect(pulled.report.resources.contains_key("MedicationRequest"), "the order was not read")?;
    expect(other.requests().is_empty(), "a reference to another server was followed")
}

fn relative_endpoints_begin_at_the_base_url(switch: Switch) -> Checked {
    let discovery = DiscoveryOptions { relative_endpoints: true, ..DiscoveryOptions::default() };
    let options = Options { discovery, personality: Personality::Generic, ..Options::default() };
    let world = World::start(switch, Setup { options, ..Setup::default() });
    world.launch()?;
    equal("the status of the code exchange", world.token_request()?.status, 200)
}
