//! The doctor's findings about client ids, secrets, keys and files, for each kind of server.

mod common;

use common::{Fixture, REDIRECT, patient, resources};
use ehr_sim::{Options, Personality};
use fhir_ehr::{CheckOptions, CheckStatus, CheckStep};
use serde_json::{Value, json};

fn fixture(personality: Personality, faults: &[&str]) -> Fixture {
    let fixture = Fixture::new(Options { personality, ..resources(&[&patient("p1", "M-1")]) });
    for fault in faults {
        fixture.sim.set_fault(fault).unwrap();
    }
    fixture
}

/// One step of a check with a changed configuration.
fn step(fixture: &Fixture, name: &str, options: CheckOptions, change: impl FnOnce(&mut Value)) -> CheckStep {
    let mut document = fixture.document();
    change(&mut document);
    let steps = fixture.other_client(&document).check_source_with("admin", "sim", options).unwrap();
    steps.into_iter().find(|step| step.name == name).unwrap()
}

fn client(fixture: &Fixture, change: impl FnOnce(&mut Value)) -> &'static str {
    step(fixture, "client", CheckOptions::default(), change).finding
}

fn wrong_secret(document: &mut Value) {
    document["registrations"][0]["client_secret"] = "another-s3cret".into();
}

fn production(document: &mut Value) {
    document["sources"][0]["environment"] = "production".into();
    for registration in document["registrations"].as_array_mut().unwrap() {
        registration["environments"] = serde_json::json!(["production"]);
    }
}

const CODE_FIRST: &str = "code-before-client";
const INVALID_REQUEST: &str = "bad-code-is-invalid-request";

#[test]
fn the_client_check_is_right_for_every_kind_of_server() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        for (faults, right, wrong) in [
            (&[][..], "client_ok", "client_wrong"),
            (&[INVALID_REQUEST], "client_ok", "client_wrong"),
            (&[CODE_FIRST], "client_same_answer", "client_same_answer"),
            (&[CODE_FIRST, INVALID_REQUEST], "client_same_answer", "client_same_answer"),
        ] {
            let fixture = fixture(personality, faults);
            assert_eq!(client(&fixture, |_| {}), right, "{personality:?} {faults:?}");
            assert_eq!(client(&fixture, wrong_secret), wrong, "{personality:?} {faults:?}");
        }
    }
}

#[test]
fn an_uncertain_result_is_reported_as_unknown_and_not_as_failed() {
    let fixture = fixture(Personality::Smart, &[CODE_FIRST]);
    let found = step(&fixture, "client", CheckOptions::default(), |_| {});
    assert_eq!((found.status, found.error, found.owner), (CheckStatus::Unknown, None, None));
    assert!(found.text.contains("cannot determine") && found.text.contains("invalid_grant"), "{found:?}");
}

#[test]
fn a_production_source_receives_no_wrong_secret_without_the_option() {
    let fixture = fixture(Personality::Oracle, &[]);
    let token_requests = |options| {
        fixture.sim.reset_requests();
        let found = step(&fixture, "client", options, |document| {
            production(document);
            document["sources"][0].as_object_mut().unwrap().remove("system_registration");
        });
        let asked = fixture.sim.requests().iter().filter(|one| one.path.contains("token")).count();
        (found.finding, found.status, asked)
    };
    assert_eq!(token_requests(CheckOptions::default()), ("client_not_compared", CheckStatus::Unknown, 1));
    let allowed = CheckOptions { try_wrong_secret: true, ..CheckOptions::default() };
    assert_eq!(token_requests(allowed), ("client_ok", CheckStatus::Ok, 2));
    // A secret that the EHR rejects is a failure for a production source too.
    let wrong = |document: &mut Value| {
        production(document);
        wrong_secret(document);
    };
    assert_eq!(step(&fixture, "client", CheckOptions::default(), wrong).finding, "client_wrong");
}

#[test]
fn the_id_of_a_public_client_is_checked_if_the_server_reveals_it() {
    let public = |id: &'static str| {
        move |document: &mut Value| {
            document["registrations"][0]["client_id"] = id.into();
            document["registrations"][0]["client_secret"] = "".into();
        }
    };
    let honest = fixture(Personality::Smart, &[]);
    assert_eq!(client(&honest, public("app-public")), "client_public_ok");
    assert_eq!(client(&honest, public("app-misspelled")), "client_public_wrong");
    assert_eq!(client(&honest, public("app-user")), "client_public_wrong", "a confidential client");
    let silent = fixture(Personality::Smart, &[CODE_FIRST]);
    assert_eq!(client(&silent, public("app-public")), "client_public_same_answer");
    assert_eq!(client(&silent, public("app-misspelled")), "client_public_same_answer");
    let in_production = |document: &mut Value| {
        production(document);
        public("app-public")(document);
    };
    assert_eq!(client(&honest, in_production), "client_public_not_compared");
}

#[test]
fn basic_form_encoded_is_suggested_if_reserved_characters_may_be_the_cause() {
    let fixture = fixture(Personality::Oracle, &[]);
    for (secret, encoded, expected, other) in [
        ("a+b/c=", false, "client_wrong_encoding", "true"),
        ("a+b/c=", true, "client_wrong_encoding", "false"),
        ("plain-secret", false, "client_wrong", ""),
    ] {
        let found = step(&fixture, "client", CheckOptions::default(), |document| {
            document["registrations"][0]["client_secret"] = secret.into();
            document["sources"][0]["policy"] = json!({"basic_form_encoded": encoded});
        });
        assert_eq!(found.finding, expected);
        let hint = found.hint.unwrap();
        assert_eq!(
            hint.contains(&format!("policy.basic_form_encoded to {other}")),
            !other.is_empty(),
            "{hint}"
        );
        assert!(!format!("{}{hint}", found.text).contains(secret));
    }
    let system = step(&fixture, "system_account", CheckOptions::default(), |document| {
        document["registrations"][1]["client_secret"] = "a b".into();
    });
    assert_eq!(system.finding, "system_account_wrong_encoding");
}

#[test]
fn secrets_keys_files_and_addresses_are_checked_without_a_server() {
    let fixture = fixture(Personality::Smart, &[]);
    let empty = fixture.folder.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let found = |name: &str, change: &dyn Fn(&mut Value)| {
        let step = step(&fixture, name, CheckOptions::default(), change);
        (step.finding, step.status, step.error)
    };
    let failed = |error| ("error", CheckStatus::Failed, Some(error));
    let file = format!("file:{}", empty.display());
    assert_eq!(
        found("secrets", &|document| document["registrations"][0]["client_secret"] = file.clone().into()),
        failed("secret_unavailable")
    );
    assert_eq!(
        found("secrets", &|document| document["registrations"][0]["client_secret"] =
            "/run/secrets/ehr".into()),
        ("secrets_like_path", CheckStatus::Warning, Some("config_invalid"))
    );
    assert_eq!(
        found("vault", &|document| document["vault"]["index_key"] =
            document["vault"]["keys"][0]["key"].clone()),
        ("vault_same_keys", CheckStatus::Failed, Some("config_invalid"))
    );
    let none = "/no/such/ca.pem";
    let missing = step(&fixture, "ca_file", CheckOptions::default(), |document| {
        document["tls"] = json!({"ca_file": none});
    });
    assert_eq!((missing.finding, missing.status), ("ca_file_wrong", CheckStatus::Failed));
    assert!(missing.text.contains("there is no such file"), "{missing:?}");
    assert_eq!(
        found("ca_file", &|document| document["tls"] = json!({"ca_file": empty})),
        ("ca_file_wrong", CheckStatus::Failed, Some("tls_failed"))
    );
    assert_eq!(
        found("redirect_uris", &|document| document["registrations"][0]["redirect_uris"] = json!([])),
        ("redirect_uris_none", CheckStatus::Warning, Some("redirect_uri_not_registered"))
    );
    let own = CheckOptions { skip_store: true, ..CheckOptions::default() };
    assert_eq!(step(&fixture, "store", own, |_| {}).finding, "store_of_host");
    let rest = step(&fixture, "not_checked", own, |_| {});
    assert!(rest.text.contains("the application's store") && rest.text.contains("redirect URIs"), "{rest:?}");
}

#[test]
fn invalid_redirect_uris_are_refused_when_the_configuration_is_loaded() {
    let fixture = fixture(Personality::Smart, &[]);
    for uri in ["", "/ehr.php", "http://app.example/ehr.php", "https://app.example/ehr.php#x", "myapp://back"]
    {
        let mut document = fixture.document();
        document["registrations"][0]["redirect_uris"] = json!([REDIRECT, uri]);
        let config = fhir_ehr::Config::from_json(&document.to_string()).unwrap();
        let error = fhir_ehr::Sources::build(&config).unwrap_err();
        assert_eq!(error.code().name(), "config_invalid", "{uri}");
    }
}
