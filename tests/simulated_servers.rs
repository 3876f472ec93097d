//! Discovery and authorization against the simulator: what real servers publish, require and send back.

mod common;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request, resources, weight};
use ehr_sim::{
    DataSource, DiscoveryOptions, FhirRelease, LaunchOptions, Options, Personality, PkcePolicy, Tenant,
};
use fhir_ehr::{AllowAll, Clock, Code, FhirVersion, LaunchResult, Result, SignIn, Vendor, read_directory};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

const MRN: &str = "M-1";

fn options(personality: Personality) -> Options {
    Options { personality, ..resources(&[&patient("p1", MRN), &weight("w1", "p1", "2024-01-05", "52")]) }
}

/// A source without stored endpoints, so that they are discovered.
fn discovered(document: &mut Value) {
    for name in ["authorization_endpoint", "token_endpoint"] {
        document["sources"][0].as_object_mut().unwrap().remove(name);
    }
}

fn fixture(options: Options, policy: Value) -> Fixture {
    let change = |document: &mut Value| {
        discovered(document);
        document["sources"][0]["policy"] = policy;
    };
    Fixture::with(options, change, Box::new(AllowAll))
}

fn start(fixture: &Fixture) -> Result<LaunchResult> {
    let launch = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    let query = launch_query(fixture.sim.iss(), &fixture.sim.launch(&launch));
    fixture.client.handle_launch(&query, SESSION, REDIRECT)
}

fn finish(fixture: &Fixture, callback: &str) -> Result<SignIn> {
    match fixture.client.handle_launch(&query_of(callback), SESSION, REDIRECT)? {
        LaunchResult::SignedIn(signed_in) => Ok(signed_in),
        LaunchResult::LoginRequired { handover, .. } => {
            fixture.client.finish_login(&handover, SESSION, "alice")
        }
        other => panic!("a sign-in was expected, not {other:?}"),
    }
}

/// A whole launch of the patient `p1`.
fn sign_in(fixture: &Fixture) -> Result<SignIn> {
    let LaunchResult::Redirect(url) = start(fixture)? else { panic!("a redirect was expected") };
    finish(fixture, &fixture.sim.approve(&url).expect("the EHR sends the browser back"))
}

fn pull(fixture: &Fixture) -> Result<usize> {
    fixture.client.pull(&request("alice", MRN, "29463-7,,weight,,,\n")).map(|pulled| pulled.rows.len())
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

/// The answer to a request of the browser.
fn browser(fixture: &Fixture, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(fixture.sim.address()).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        fixture.sim.address(),
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn pkce_works_with_servers_that_require_it_verify_it_or_do_not_know_it() {
    for (server, policy, expected) in [
        (PkcePolicy::Required, "on", None),
        (PkcePolicy::Required, "required", None),
        (PkcePolicy::Supported, "on", None),
        (PkcePolicy::Supported, "off", None),
        (PkcePolicy::NotAdvertised, "on", None),
        (PkcePolicy::NotAdvertised, "required", Some(Code::PkceNotSupported)),
        (PkcePolicy::Ignored, "on", None),
        (PkcePolicy::Ignored, "required", Some(Code::PkceNotSupported)),
    ] {
        let options = Options { pkce: Some(server), ..options(Personality::Generic) };
        let options = Options { basic_encoding: Some(ehr_sim::BasicEncoding::Raw), ..options };
        let fixture = fixture(options, json!({"pkce": policy}));
        assert_eq!(code(sign_in(&fixture)), expected, "{server:?} {policy}");
    }
    // The server refuses the request, and the browser is sent back with an error.
    let options = Options { pkce: Some(PkcePolicy::Required), ..options(Personality::Smart) };
    let without = fixture(options, json!({"pkce": "off"}));
    assert!(sign_in(&without).is_err());
}

#[test]
fn the_issuer_of_a_callback_is_accepted_and_that_of_another_server_is_not() {
    for personality in [Personality::Oracle, Personality::Epic, Personality::Generic] {
        let options = Options { response_iss: Some(true), ..options(personality) };
        let fixture = fixture(options, json!({}));
        sign_in(&fixture).unwrap();
        fixture.sim.reset_requests();
        fixture.sim.set_fault("callback-iss:https://other.example").unwrap();
        assert_eq!(code(sign_in(&fixture)), Some(Code::IssuerMismatch), "{personality:?}");
        let sent = fixture.sim.requests();
        assert!(sent.iter().all(|one| !one.path.ends_with("/token")), "the code is not sent to any server");
    }
}

#[test]
fn an_authorization_request_by_post_completes_a_launch() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let fixture = fixture(options(personality), json!({"authorize_method": "post"}));
        let LaunchResult::Form(form) = start(&fixture).unwrap() else { panic!("a form was expected") };
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        let path = url::Url::parse(&form.url).unwrap().path().to_owned();
        let answer = browser(&fixture, "POST", &path, &body);
        let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).expect("a redirect");
        assert_eq!(finish(&fixture, location).unwrap().context.patient.as_deref(), Some("p1"));
        assert_eq!(pull(&fixture).unwrap(), 1);
    }
}

/// E2
#[test]
fn a_gateway_gets_its_header_in_each_phase() {
    let gateway = || {
        let texts = ["Epic-Client-ID=app-1@discovery", "X-Gateway=t@token", "X-Gateway=f@fhir"];
        let required_headers = texts.iter().map(|text| text.parse().unwrap()).collect();
        Options { required_headers, ..options(Personality::Epic) }
    };
    let all = json!({"discovery": {"Epic-Client-ID": "app-1"}, "token": {"X-Gateway": "t"}, "fhir": {"X-Gateway": "f"}});
    for (left_out, signed_in, pulled) in [
        (None, true, true),
        (Some("discovery"), false, false),
        (Some("token"), false, false),
        (Some("fhir"), true, false),
    ] {
        let change = |document: &mut Value| {
            discovered(document);
            let mut headers = all.clone();
            left_out.map(|name| headers.as_object_mut().unwrap().remove(name));
            document["sources"][0]["headers"] = headers;
        };
        let fixture = Fixture::with(gateway(), change, Box::new(AllowAll));
        assert_eq!(sign_in(&fixture).is_ok(), signed_in, "without {left_out:?}");
        assert_eq!(pull(&fixture).is_ok(), pulled, "without {left_out:?}");
    }
}

#[test]
fn endpoints_are_found_in_whatever_a_server_publishes() {
    let without = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for discovery in [
        DiscoveryOptions { relative_endpoints: true, ..DiscoveryOptions::default() },
        DiscoveryOptions { without: without(&["smart-configuration"]), ..DiscoveryOptions::default() },
        DiscoveryOptions {
            without: without(&["smart-configuration"]),
            relative_endpoints: true,
            ..DiscoveryOptions::default()
        },
        DiscoveryOptions {
            without: without(&["smart-configuration"]),
            legacy_oauth_uris: true,
            ..DiscoveryOptions::default()
        },
        DiscoveryOptions {
            without: without(&["smart-configuration", "oauth-uris"]),
            ..DiscoveryOptions::default()
        },
    ] {
        for fhir in [FhirRelease::R4, FhirRelease::Dstu2] {
            let options = Options { fhir, discovery: discovery.clone(), ..options(Personality::Smart) };
            let fixture = fixture(options, json!({}));
            let signed_in = sign_in(&fixture);
            assert!(signed_in.is_ok(), "{fhir:?} {discovery:?}: {signed_in:?}");
        }
    }
    let nothing = without(&["smart-configuration", "oauth-uris", "openid-configuration"]);
    let discovery = DiscoveryOptions { without: nothing, ..DiscoveryOptions::default() };
    let fixture = fixture(Options { discovery, ..options(Personality::Smart) }, json!({}));
    assert_eq!(code(sign_in(&fixture)), Some(Code::DiscoveryFailed), "this is not a server without sign-in");
}

#[test]
fn endpoints_that_move_after_their_approval_get_nothing() {
    for personality in [Personality::Oracle, Personality::Epic] {
        let fixture = fixture(options(personality), json!({}));
        fixture.client.approve_endpoints("admin", "sim").unwrap();
        sign_in(&fixture).unwrap();
        fixture.sim.set_fault("endpoint-base:https://other.example/oauth").unwrap();
        fixture.clock.0.advance(3600);
        let error = start(&fixture).unwrap_err();
        assert_eq!(error.code(), Code::EndpointsChanged, "{error:?}");
        assert!(error.message().contains("https://other.example"), "{error}");
        fixture.sim.clear_faults();
        fixture.clock.0.advance(3600);
        sign_in(&fixture).unwrap();
    }
}

#[test]
fn the_directory_of_a_server_names_its_tenants_and_versions() {
    let data = || DataSource::Resources(vec![patient("p1", MRN)]);
    let tenants = vec![
        Tenant { id: "north".to_owned(), r4: Some(data()), dstu2: Some(data()) },
        Tenant { id: "south".to_owned(), r4: Some(data()), dstu2: None },
    ];
    let fixture = Fixture::new(Options { tenants, ..options(Personality::Epic) });
    let answer = browser(&fixture, "GET", "/brands", "");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let entries = read_directory(body).unwrap();
    let addresses: Vec<&str> = entries.iter().map(|entry| entry.iss.as_str()).collect();
    assert_eq!(addresses, fixture.sim.bases());
    let north: Vec<_> = entries.iter().filter(|entry| entry.organization.contains("north")).collect();
    let versions: Vec<_> = north.iter().map(|entry| entry.fhir_version).collect();
    assert_eq!(versions.len(), 2);
    assert!(versions.contains(&Some(FhirVersion::R4)) && versions.contains(&Some(FhirVersion::Dstu2)));
}

#[test]
fn every_member_of_the_launch_context_arrives() {
    let fixture = fixture(options(Personality::Oracle), json!({}));
    let launch = LaunchOptions {
        patient: "p1".to_owned(),
        encounter: Some("e1".to_owned()),
        need_patient_banner: true,
        intent: Some("reconcile-medications".to_owned()),
        fhir_context: vec![
            "ImagingStudy/1".to_owned(),
            r#"{"reference": "DiagnosticReport/2", "role": "https://roles.example/cause", "type": "DiagnosticReport"}"#.to_owned(),
        ],
        user: None,
    };
    let callback = fixture.launch_to_callback(&launch);
    let context = finish(&fixture, &callback).unwrap().context;
    assert_eq!((context.patient.as_deref(), context.encounter.as_deref()), (Some("p1"), Some("e1")));
    assert_eq!(context.intent.as_deref(), Some("reconcile-medications"));
    assert!(context.need_patient_banner);
    assert!(context.tenant.is_some() && context.smart_style_url.is_some(), "{context:?}");
    let roles: Vec<&str> = context.fhir_context.iter().map(|item| item.role.as_str()).collect();
    assert_eq!(roles, ["launch", "https://roles.example/cause"]);
}

/// O20
#[test]
fn a_media_type_that_the_server_refuses_is_followed_by_the_next_one() {
    let fixture =
        fixture(options(Personality::Oracle), json!({"accept": ["text/x-other", "application/fhir+json"]}));
    sign_in(&fixture).unwrap();
    fixture.sim.reset_requests();
    assert_eq!(pull(&fixture).unwrap(), 1);
    assert!(fixture.sim.requests().iter().any(|one| one.status == 406));
}

/// O9, E3
#[test]
fn a_redirect_uri_that_the_ehr_does_not_know_exactly_ends_at_the_ehr() {
    for personality in [Personality::Oracle, Personality::Epic] {
        let registered = |document: &mut Value| {
            document["registrations"][0]["redirect_uris"] = json!([format!("{REDIRECT}/")]);
        };
        let fixture = Fixture::with(options(personality), registered, Box::new(AllowAll));
        let launch = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
        let query = launch_query(fixture.sim.iss(), &fixture.sim.launch(&launch));
        let ours = fixture.client.handle_launch(&query, SESSION, REDIRECT).map(drop);
        assert_eq!(
            code(ours),
            Some(Code::RedirectUriNotRegistered),
            "compared exactly before anything is sent"
        );
        let with_slash = format!("{REDIRECT}/");
        let result = fixture.client.handle_launch(&query, SESSION, with_slash.as_str()).unwrap();
        let LaunchResult::Redirect(url) = result else { panic!("{result:?}") };
        assert!(fixture.sim.approve(&url).is_err(), "the EHR compares it exactly too");
    }
}

#[test]
fn a_token_without_a_lifetime_counts_as_valid_for_five_minutes() {
    let fixture = fixture(options(Personality::Generic), json!({"basic_form_encoded": true}));
    fixture.sim.set_fault("no-expires-in").unwrap();
    let context = sign_in(&fixture).unwrap().context;
    assert_eq!(context.expires_at - fixture.clock.0.now(), 300);
}

#[test]
fn the_vendor_of_each_simulated_server_is_proposed() {
    for (personality, vendor) in [
        (Personality::Oracle, Some(Vendor::Oracle)),
        (Personality::Epic, Some(Vendor::Epic)),
        (Personality::Smart, Some(Vendor::Smart)),
        (Personality::Generic, None),
    ] {
        for fhir in [FhirRelease::R4, FhirRelease::Dstu2] {
            let fixture = Fixture::new(Options { fhir, ..options(personality) });
            let found = fixture.client.discover("admin", &fixture.sim.iss()).unwrap();
            assert_eq!(found.vendor, vendor, "{personality:?} {fhir:?}");
            assert_eq!(found.fhir_version.unwrap().name(), fhir.as_str());
        }
    }
}
