//! The doctor and Auto-Find against the simulator: correct settings pass, and each fault is reported.

mod common;

use common::{AllowOnly, Fixture, patient, resources};
use ehr_sim::{FhirRelease, Options, Personality};
use fhir_ehr::{
    Action, AllowAll, CheckStatus, CheckStep, Client, Code, DiscoveryDocument, FhirVersion, RecordKind,
    RecordQuery, Store,
};
use serde_json::Value;
use std::sync::atomic::Ordering;

fn fixture(options: Options) -> Fixture {
    let data = resources(&[&patient("p1", "M-1")]).data;
    Fixture::new(Options { data, ..options })
}

fn steps(client: &Client) -> Vec<CheckStep> {
    client.check_source("admin", "sim").unwrap()
}

/// The steps' names with their results: a status, or the name of the error.
fn ends(steps: &[CheckStep]) -> Vec<(&str, &str)> {
    steps.iter().map(|step| (step.name, step.error.unwrap_or(step.status.name()))).collect()
}

/// All steps, in order.
const STEPS: [&str; 14] = [
    "metadata",
    "endpoints",
    "client",
    "system_account",
    "capabilities",
    "scopes",
    "redirect_uris",
    "resources",
    "secrets",
    "keys",
    "vault",
    "ca_file",
    "store",
    "not_checked",
];

fn names(steps: &[CheckStep]) -> Vec<&str> {
    steps.iter().map(|step| step.name).collect()
}

/// The finding of one step.
fn finding(steps: &[CheckStep], name: &str) -> &'static str {
    steps.iter().find(|step| step.name == name).expect("the step").finding
}

/// The results of the steps with a changed configuration document.
fn changed(fixture: &Fixture, change: impl FnOnce(&mut Value)) -> Vec<CheckStep> {
    let mut document = fixture.document();
    change(&mut document);
    steps(&fixture.other_client(&document))
}

#[test]
fn a_correctly_configured_source_passes_every_step() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        for fhir in [FhirRelease::R4, FhirRelease::Dstu2] {
            let fixture = fixture(Options { personality, fhir, ..Options::default() });
            let found = steps(&fixture.client);
            let well = |step: &CheckStep| matches!(step.status, CheckStatus::Ok | CheckStatus::Skipped);
            assert!(found.iter().all(well), "{personality:?} {fhir:?}: {found:#?}");
            assert_eq!(names(&found), STEPS);
            let skipped: Vec<&str> = found
                .iter()
                .filter(|step| step.status == CheckStatus::Skipped)
                .map(|step| step.finding)
                .collect();
            // Only R4 servers advertise capabilities.
            let expected = ["capabilities_unknown", "keys_none", "ca_file_none", "not_checked"];
            let from = if fhir == FhirRelease::Dstu2 { 0 } else { 1 };
            assert_eq!(skipped, expected[from..]);
            for step in found {
                assert!(step.text.ends_with('.') && step.owner.is_none() && step.error.is_none(), "{step:?}");
            }
        }
    }
}

#[test]
fn each_fault_is_reported_in_its_step_and_the_other_steps_still_run() {
    let fixture = fixture(Options::default());
    let found = changed(&fixture, |document| {
        for registration in document["registrations"].as_array_mut().unwrap() {
            registration["client_secret"] = "another-s3cret".into();
        }
    });
    let both_wrong = [
        ("metadata", "ok"),
        ("endpoints", "ok"),
        ("client", "invalid_client"),
        ("system_account", "invalid_client"),
    ];
    assert_eq!(ends(&found)[..4], both_wrong);
    assert_eq!(found[2].owner, Some("you"));
    assert!(found[2].hint.as_ref().unwrap().contains("vendor's console"));
    assert!(!format!("{found:?}").contains("another-s3cret"));

    let found = changed(&fixture, |document| document["sources"][0]["fhir_version"] = "dstu2".into());
    assert_eq!(ends(&found)[..2], [("metadata", "config_invalid"), ("endpoints", "ok")]);

    let elsewhere = format!("{}/elsewhere", fixture.sim.iss().trim_end_matches("/fhir"));
    let found = changed(&fixture, |document| document["sources"][0]["token_endpoint"] = elsewhere.into());
    assert_eq!(found[1].error, Some("config_invalid"), "{found:#?}");
    assert_eq!((found[2].status, found[3].status), (CheckStatus::Failed, CheckStatus::Failed));

    let found = changed(&fixture, |document| {
        document["registrations"][0]["client_secret"] = "file:/no/such/file".into();
        document["sources"][0].as_object_mut().unwrap().remove("system_registration");
    });
    assert_eq!(ends(&found)[2..4], [("client", "secret_unavailable"), ("system_account", "skipped")]);
    assert_eq!(finding(&found, "secrets"), "error");

    let found = changed(&fixture, |document| {
        document["sources"][0].as_object_mut().unwrap().remove("token_endpoint");
    });
    assert!(found[1].status == CheckStatus::Ok && found[1].hint.is_some(), "{found:#?}");
}

#[test]
fn a_server_of_another_vendor_than_the_configured_one_is_a_warning() {
    for (personality, name, configured) in [
        (Personality::Epic, "epic", "generic"),
        (Personality::Oracle, "oracle", "epic"),
        (Personality::Smart, "smart", "oracle"),
    ] {
        for fhir in [FhirRelease::R4, FhirRelease::Dstu2] {
            let fixture = fixture(Options { personality, fhir, ..Options::default() });
            let found = changed(&fixture, |document| document["sources"][0]["vendor"] = configured.into());
            let step = &found[0];
            assert_eq!((step.finding, step.status), ("metadata_other_vendor", CheckStatus::Warning));
            assert_eq!((step.owner, step.error), (Some("you"), Some("config_invalid")));
            assert!(step.text.contains(&format!("vendor is {configured}")), "{step:?}");
            let hint = step.hint.as_ref().unwrap();
            assert!(hint.contains(&format!("\"vendor\": \"{name}\"")), "{step:?}");
        }
    }
    // The metadata of this server names no vendor that the library recognizes.
    let fixture = fixture(Options { personality: Personality::Generic, ..Options::default() });
    let found = changed(&fixture, |document| document["sources"][0]["vendor"] = "epic".into());
    assert_eq!(finding(&found, "metadata"), "metadata_ok");
}

#[test]
fn an_unreachable_server_fails_every_step_that_needs_it_and_the_call_still_succeeds() {
    let fixture = fixture(Options::default());
    let found = changed(&fixture, |document| {
        document["limits"] = serde_json::json!({"retries": 0, "request_seconds": 2});
        let source = &mut document["sources"][0];
        source["iss"] = "http://127.0.0.1:9/fhir".into();
        source["authorization_endpoint"] = "http://127.0.0.1:9/authorize".into();
        source["token_endpoint"] = "http://127.0.0.1:9/token".into();
    });
    for step in &found[..4] {
        assert_eq!((step.error, step.owner), (Some("network_unreachable"), Some("network_team")), "{step:?}");
    }
    assert!(found[4..].iter().all(|step| step.error.is_none()), "{found:#?}");
}

#[test]
fn an_unreachable_store_is_reported_and_the_other_steps_still_run() {
    let fixture = fixture(Options::default());
    assert_eq!(finding(&steps(&fixture.client), "store"), "store_ok");
    fixture.unreachable.store(true, Ordering::SeqCst);
    let found = steps(&fixture.client);
    let store = found.iter().find(|step| step.name == "store").unwrap();
    assert_eq!(
        (store.status, store.error, store.owner),
        (CheckStatus::Failed, Some("store_unavailable"), Some("you"))
    );
    assert!(found[..4].iter().all(|step| step.status == CheckStatus::Ok), "{found:#?}");
    assert!(fixture.client.discover("admin", &fixture.sim.iss()).is_ok());
    let asked = fixture.sim.requests();
    assert!(asked.iter().all(|one| !one.path.contains("/Patient")), "no patient data is requested");
    // A server that refuses `_count` does not matter, because the doctor does not send it.
    assert!(asked.iter().all(|one| !one.path.contains("_count")));
}

#[test]
fn the_store_is_as_before_after_a_check() {
    let fixture = fixture(Options::default());
    let store = fhir_ehr::SqliteStore::new(fixture.folder.path().join("store"));
    steps(&fixture.client);
    for kind in RecordKind::ALL {
        let query = RecordQuery { organization: "default".to_owned(), ..RecordQuery::default() };
        assert!(store.scan(kind, &query, None, 10).unwrap().is_empty(), "{kind:?}");
    }
}

#[test]
fn the_access_hook_is_asked_for_configure() {
    let (own, options) = (patient("p1", "M-1"), Options::default());
    let data = resources(&[&own]).data;
    let fixture =
        Fixture::with(Options { data, ..options }, |_| {}, Box::new(AllowOnly(vec![Action::Configure])));
    assert!(fixture.client.check_source("admin", "sim").is_ok());
    assert_eq!(fixture.client.check_source("admin", "none").unwrap_err().code(), Code::SourceNotFound);
    assert!(fixture.client.discover("admin", &fixture.sim.iss()).is_ok());
    assert!(fixture.client.approve_endpoints("admin", "sim").is_ok());
    assert_eq!(fixture.client.approve_endpoints("admin", "none").unwrap_err().code(), Code::SourceNotFound);
}

#[test]
fn a_server_outside_the_configuration_is_found_by_its_base_url() {
    let own = fixture(Options::default());
    for (fhir, version, place) in [
        (FhirRelease::R4, FhirVersion::R4, DiscoveryDocument::SmartConfiguration),
        (FhirRelease::Dstu2, FhirVersion::Dstu2, DiscoveryDocument::Metadata),
    ] {
        let other = fixture(Options { fhir, ..Options::default() });
        let found = own.client.discover("admin", &other.sim.iss()).unwrap();
        let configured = other.document()["sources"][0].clone();
        assert_eq!(found.endpoints.token.as_str(), configured["token_endpoint"]);
        let authorization = found.endpoints.authorization.as_ref().map(url::Url::as_str);
        assert_eq!(authorization, configured["authorization_endpoint"].as_str());
        assert_eq!((found.fhir_version, found.found_in), (Some(version), place));
        let smart = place == DiscoveryDocument::SmartConfiguration;
        assert_eq!(found.capabilities.iter().any(|one| one == "launch-ehr"), smart);
        assert_eq!(found.scopes_supported.is_empty(), !smart);
    }
}

#[test]
fn failed_discovery_is_an_error_and_a_server_that_is_not_allowed_gets_no_request() {
    let fixture = Fixture::with(
        resources(&[&patient("p1", "M-1")]),
        |document| document["limits"] = serde_json::json!({"retries": 0, "request_seconds": 2}),
        Box::new(AllowAll),
    );
    let code = |iss: &str| fixture.client.discover("admin", iss).unwrap_err().code();
    for iss in
        ["", "ehr", "http://ehr.example.org/fhir", "https://u:p@ehr.example.org", "ftp://127.0.0.1/fhir"]
    {
        assert_eq!(code(iss), Code::UrlNotAllowed, "{iss}");
    }
    assert_eq!(code(&format!("{}?a=b", fixture.sim.iss())), Code::UrlNotAllowed);
    assert_eq!(fixture.sim.connections(), 0);
    assert_eq!(code(&format!("{}/nothing/here", fixture.sim.iss())), Code::DiscoveryFailed);
    assert_eq!(code("http://127.0.0.1:9/fhir"), Code::NetworkUnreachable);
    let hint = fixture.client.discover("admin", &format!("{}/x", fixture.sim.iss())).unwrap_err();
    assert!(hint.hint_text().unwrap().contains("Ask the EHR team"));
}

#[test]
fn a_redirect_to_another_origin_is_not_followed() {
    // DSTU2 has no smart-configuration, so the metadata is requested.
    let fixture = fixture(Options { fhir: FhirRelease::Dstu2, ..Options::default() });
    fixture.sim.set_fault("redirect-foreign@discovery").unwrap();
    fixture.sim.reset_requests();
    let error = fixture.client.discover("admin", &fixture.sim.iss()).unwrap_err();
    assert_eq!(error.code(), Code::RedirectRefused);
    assert_eq!(steps(&fixture.client)[0].error, Some("redirect_refused"));
    let foreign = |host: &Option<String>| host.as_deref().is_some_and(|host| host.starts_with("localhost"));
    assert!(!fixture.sim.requests().iter().any(|one| foreign(&one.host)));
}

#[test]
fn all_scopes_are_reported_only_if_the_ehr_granted_all() {
    for (scope, says_all) in [
        (serde_json::json!("system/*.rs"), true),
        (serde_json::json!(["system/*.read"]), true),
        (serde_json::json!("system/*.rs?category=laboratory"), false),
        (serde_json::json!([]), false),
        (serde_json::Value::Null, false),
    ] {
        let fixture = fixture(Options::default());
        let answer = serde_json::json!({"access_token": "t", "expires_in": 3600, "scope": scope});
        fixture.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
        let found = steps(&fixture.client);
        assert_eq!(
            (found[3].name, found[3].status),
            ("system_account", CheckStatus::Ok),
            "{scope} {found:#?}"
        );
        assert_eq!(found[3].text.contains("all scopes"), says_all, "{scope} {found:#?}");
        assert_eq!(found[3].hint.is_none(), says_all, "{scope} {found:#?}");
    }
}
