//! The doctor and Auto-Find against the simulator: what is right is said to be right, and what is wrong is named.

mod common;

use common::{Only, World, patient, resources};
use ehr_sim::{FhirRelease, Options, Personality};
use fhir_ehr::{
    Action, AllowAll, CheckStatus, CheckStep, Client, Code, DiscoveryDocument, FhirVersion, RecordKind,
    RecordQuery, Store,
};
use serde_json::Value;
use std::sync::atomic::Ordering;

fn world(options: Options) -> World {
    let data = resources(&[&patient("p1", "M-1")]).data;
    World::new(Options { data, ..options })
}

fn steps(client: &Client) -> Vec<CheckStep> {
    client.check_source("admin", "sim").unwrap()
}

/// The steps' names with how they ended: a status, or the error's name.
fn ends(steps: &[CheckStep]) -> Vec<(&str, &str)> {
    steps.iter().map(|step| (step.name, step.error.unwrap_or(step.status.name()))).collect()
}

/// All steps, in their order.
const STEPS: [&str; 11] = [
    "metadata",
    "endpoints",
    "client",
    "system_account",
    "redirect_uris",
    "resources",
    "secrets",
    "vault",
    "ca_file",
    "store",
    "not_checked",
];

fn names(steps: &[CheckStep]) -> Vec<&str> {
    steps.iter().map(|step| step.name).collect()
}

/// The finding of a step.
fn finding(steps: &[CheckStep], name: &str) -> &'static str {
    steps.iter().find(|step| step.name == name).expect("the step").finding
}

/// How the steps end when the configuration document was changed.
fn changed(world: &World, change: impl FnOnce(&mut Value)) -> Vec<CheckStep> {
    let mut document = world.document();
    change(&mut document);
    steps(&world.other_client(&document))
}

#[test]
fn a_source_that_is_configured_well_passes_every_step() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        for fhir in [FhirRelease::R4, FhirRelease::Dstu2] {
            let world = world(Options { personality, fhir, ..Options::default() });
            let found = steps(&world.client);
            let well = |step: &CheckStep| matches!(step.status, CheckStatus::Ok | CheckStatus::Skipped);
            assert!(found.iter().all(well), "{personality:?} {fhir:?}: {found:#?}");
            assert_eq!(names(&found), STEPS);
            let skipped: Vec<&str> = found
                .iter()
                .filter(|step| step.status == CheckStatus::Skipped)
                .map(|step| step.finding)
                .collect();
            assert_eq!(skipped, ["ca_file_none", "not_checked"]);
            for step in found {
                assert!(step.text.ends_with('.') && step.owner.is_none() && step.error.is_none(), "{step:?}");
            }
        }
    }
}

#[test]
fn each_fault_is_named_in_its_step_and_the_others_go_on() {
    let world = world(Options::default());
    let found = changed(&world, |document| {
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

    let found = changed(&world, |document| document["sources"][0]["fhir_version"] = "dstu2".into());
    assert_eq!(ends(&found)[..2], [("metadata", "config_invalid"), ("endpoints", "ok")]);

    let elsewhere = format!("{}/elsewhere", world.sim.iss().trim_end_matches("/fhir"));
    let found = changed(&world, |document| document["sources"][0]["token_endpoint"] = elsewhere.into());
    assert_eq!(found[1].error, Some("config_invalid"), "{found:#?}");
    assert_eq!((found[2].status, found[3].status), (CheckStatus::Failed, CheckStatus::Failed));

    let found = changed(&world, |document| {
        document["registrations"][0]["client_secret"] = "file:/no/such/file".into();
        document["sources"][0].as_object_mut().unwrap().remove("system_registration");
    });
    assert_eq!(ends(&found)[2..4], [("client", "secret_unavailable"), ("system_account", "skipped")]);
    assert_eq!(finding(&found, "secrets"), "error");

    let found = changed(&world, |document| {
        document["sources"][0].as_object_mut().unwrap().remove("token_endpoint");
    });
    assert!(found[1].status == CheckStatus::Ok && found[1].hint.is_some(), "{found:#?}");
}

#[test]
fn a_server_that_is_gone_fails_every_step_and_throws_nothing() {
    let world = world(Options::default());
    let found = changed(&world, |document| {
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
fn a_store_that_is_gone_is_a_finding_and_the_other_steps_go_on() {
    let world = world(Options::default());
    assert_eq!(finding(&steps(&world.client), "store"), "store_ok");
    world.gone.store(true, Ordering::SeqCst);
    let found = steps(&world.client);
    let store = found.iter().find(|step| step.name == "store").unwrap();
    assert_eq!(
        (store.status, store.error, store.owner),
        (CheckStatus::Failed, Some("store_unavailable"), Some("you"))
    );
    assert!(found[..4].iter().all(|step| step.status == CheckStatus::Ok), "{found:#?}");
    assert!(world.client.discover("admin", &world.sim.iss()).is_ok());
    let asked = world.sim.requests();
    assert!(asked.iter().all(|one| !one.path.contains("/Patient")), "nobody's data are asked for");
    // A server that refuses `_count` cannot mislead the doctor: it sends none.
    assert!(asked.iter().all(|one| !one.path.contains("_count")));
}

#[test]
fn the_store_is_as_before_after_a_check() {
    let world = world(Options::default());
    let store = fhir_ehr::SqliteStore::new(world.folder.path().join("store"));
    steps(&world.client);
    for kind in RecordKind::ALL {
        let query = RecordQuery { organization: "default".to_owned(), ..RecordQuery::default() };
        assert!(store.scan(kind, &query, None, 10).unwrap().is_empty(), "{kind:?}");
    }
}

#[test]
fn the_host_is_asked_for_configure() {
    let (own, options) = (patient("p1", "M-1"), Options::default());
    let data = resources(&[&own]).data;
    let world = World::with(Options { data, ..options }, |_| {}, Box::new(Only(vec![Action::Configure])));
    assert!(world.client.check_source("admin", "sim").is_ok());
    assert_eq!(world.client.check_source("admin", "none").unwrap_err().code(), Code::SourceNotFound);
    assert!(world.client.discover("admin", &world.sim.iss()).is_ok());
}

#[test]
fn a_server_outside_the_configuration_is_found_by_its_base_url() {
    let own = world(Options::default());
    for (fhir, version, place) in [
        (FhirRelease::R4, FhirVersion::R4, DiscoveryDocument::SmartConfiguration),
        (FhirRelease::Dstu2, FhirVersion::Dstu2, DiscoveryDocument::Metadata),
    ] {
        let other = world(Options { fhir, ..Options::default() });
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
fn what_cannot_be_found_is_an_error_and_what_is_not_allowed_is_not_asked() {
    let world = World::with(
        resources(&[&patient("p1", "M-1")]),
        |document| document["limits"] = serde_json::json!({"retries": 0, "request_seconds": 2}),
        Box::new(AllowAll),
    );
    let code = |iss: &str| world.client.discover("admin", iss).unwrap_err().code();
    for iss in
        ["", "ehr", "http://ehr.example.org/fhir", "https://u:p@ehr.example.org", "ftp://127.0.0.1/fhir"]
    {
        assert_eq!(code(iss), Code::UrlNotAllowed, "{iss}");
    }
    assert_eq!(code(&format!("{}?a=b", world.sim.iss())), Code::UrlNotAllowed);
    assert_eq!(world.sim.connections(), 0);
    assert_eq!(code(&format!("{}/nothing/here", world.sim.iss())), Code::DiscoveryFailed);
    assert_eq!(code("http://127.0.0.1:9/fhir"), Code::NetworkUnreachable);
    let hint = world.client.discover("admin", &format!("{}/x", world.sim.iss())).unwrap_err();
    assert!(hint.hint_text().unwrap().contains("ask the EHR team"));
}

#[test]
fn a_redirect_to_another_origin_is_not_followed() {
    // DSTU2: there is no smart-configuration, so metadata is what is asked.
    let world = world(Options { fhir: FhirRelease::Dstu2, ..Options::default() });
    world.sim.set_fault("redirect-foreign@discovery").unwrap();
    world.sim.reset_requests();
    let error = world.client.discover("admin", &world.sim.iss()).unwrap_err();
    assert_eq!(error.code(), Code::RedirectRefused);
    assert_eq!(steps(&world.client)[0].error, Some("redirect_refused"));
    let foreign = |host: &Option<String>| host.as_deref().is_some_and(|host| host.starts_with("localhost"));
    assert!(!world.sim.requests().iter().any(|one| foreign(&one.host)));
}

#[test]
fn all_scopes_are_reported_only_where_the_ehr_says_so() {
    for (scope, says_all) in [
        (serde_json::json!("system/*.rs"), true),
        (serde_json::json!(["system/*.read"]), true),
        (serde_json::json!("system/*.rs?category=laboratory"), false),
        (serde_json::json!([]), false),
        (serde_json::Value::Null, false),
    ] {
        let world = world(Options::default());
        let answer = serde_json::json!({"access_token": "t", "expires_in": 3600, "scope": scope});
        world.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
        let found = steps(&world.client);
        assert_eq!(
            (found[3].name, found[3].status),
            ("system_account", CheckStatus::Ok),
            "{scope} {found:#?}"
        );
        assert_eq!(found[3].text.contains("all scopes"), says_all, "{scope} {found:#?}");
        assert_eq!(found[3].hint.is_none(), says_all, "{scope} {found:#?}");
    }
}
