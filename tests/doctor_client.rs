//! What the doctor says about client ids, secrets, keys and files, at servers of each kind.

mod common;

use common::{REDIRECT, World, patient, resources};
use ehr_sim::{Options, Personality};
use fhir_ehr::{CheckOptions, CheckStatus, CheckStep};
use serde_json::{Value, json};

fn world(personality: Personality, faults: &[&str]) -> World {
    let world = World::new(Options { personality, ..resources(&[&patient("p1", "M-1")]) });
    for fault in faults {
        world.sim.set_fault(fault).unwrap();
    }
    world
}

/// One step of a check after a change of the configuration.
fn step(world: &World, name: &str, options: CheckOptions, change: impl FnOnce(&mut Value)) -> CheckStep {
    let mut document = world.document();
    change(&mut document);
    let steps = world.other_client(&document).check_source_with("admin", "sim", options).unwrap();
    steps.into_iter().find(|step| step.name == name).unwrap()
}

fn client(world: &World, change: impl FnOnce(&mut Value)) -> &'static str {
    step(world, "client", CheckOptions::default(), change).finding
}

fn wrong_secret(document: &mut Value) {
    document["registrations"][0]["client_secret"] = "another-s3cret".into();
}

fn production(document: &mut Value) {
    document["sources"][0]["environment"] = "production".into();
    for registration in document["registrations"].as_array_mut().unwrap() {
        registration["environment"] = "production".into();
    }
}

const CODE_FIRST: &str = "code-before-client";
const INVALID_REQUEST: &str = "bad-code-is-invalid-request";

#[test]
fn the_answer_is_right_at_servers_of_every_kind() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        for (faults, right, wrong) in [
            (&[][..], "client_ok", "client_wrong"),
            (&[INVALID_REQUEST], "client_ok", "client_wrong"),
            (&[CODE_FIRST], "client_same_answer", "client_same_answer"),
            (&[CODE_FIRST, INVALID_REQUEST], "client_same_answer", "client_same_answer"),
        ] {
            let world = world(personality, faults);
            assert_eq!(client(&world, |_| {}), right, "{personality:?} {faults:?}");
            assert_eq!(client(&world, wrong_secret), wrong, "{personality:?} {faults:?}");
        }
    }
}

#[test]
fn a_doubt_is_said_clearly_and_is_no_failure() {
    let world = world(Personality::Smart, &[CODE_FIRST]);
    let found = step(&world, "client", CheckOptions::default(), |_| {});
    assert_eq!((found.status, found.error, found.owner), (CheckStatus::Unknown, None, None));
    assert!(found.text.contains("cannot be determined") && found.text.contains("invalid_grant"), "{found:?}");
}

#[test]
fn a_production_source_gets_no_wrong_secret_without_leave() {
    let world = world(Personality::Oracle, &[]);
    let token_requests = |options| {
        world.sim.reset_requests();
        let found = step(&world, "client", options, |document| {
            production(document);
            document["sources"][0].as_object_mut().unwrap().remove("system_registration");
        });
        let asked = world.sim.requests().iter().filter(|one| one.path.contains("token")).count();
        (found.finding, found.status, asked)
    };
    assert_eq!(token_requests(CheckOptions::default()), ("client_not_compared", CheckStatus::Unknown, 1));
    let allowed = CheckOptions { try_wrong_secret: true, ..CheckOptions::default() };
    assert_eq!(token_requests(allowed), ("client_ok", CheckStatus::Ok, 2));
    // What the EHR rejects is a failure at a production source too.
    let wrong = |document: &mut Value| {
        production(document);
        wrong_secret(document);
    };
    assert_eq!(step(&world, "client", CheckOptions::default(), wrong).finding, "client_wrong");
}

#[test]
fn the_id_of_a_public_client_is_checked_where_the_server_reveals_it() {
    let public = |id: &'static str| {
        move |document: &mut Value| {
            document["registrations"][0]["client_id"] = id.into();
            document["registrations"][0]["client_secret"] = "".into();
        }
    };
    let honest = world(Personality::Smart, &[]);
    assert_eq!(client(&honest, public("app-public")), "client_public_ok");
    assert_eq!(client(&honest, public("app-misspelled")), "client_public_wrong");
    assert_eq!(client(&honest, public("app-user")), "client_public_wrong", "a confidential client");
    let silent = world(Personality::Smart, &[CODE_FIRST]);
    assert_eq!(client(&silent, public("app-public")), "client_public_same_answer");
    assert_eq!(client(&silent, public("app-misspelled")), "client_public_same_answer");
    let in_production = |document: &mut Value| {
        production(document);
        public("app-public")(document);
    };
    assert_eq!(client(&honest, in_production), "client_public_not_compared");
}

#[test]
fn basic_form_encoded_is_suggested_where_reserved_characters_may_be_the_cause() {
    let world = world(Personality::Oracle, &[]);
    for (secret, encoded, expected, other) in [
        ("a+b/c=", false, "client_wrong_encoding", "true"),
        ("a+b/c=", true, "client_wrong_encoding", "false"),
        ("plain-secret", false, "client_wrong", ""),
    ] {
        let found = step(&world, "client", CheckOptions::default(), |document| {
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
    let system = step(&world, "system_account", CheckOptions::default(), |document| {
        document["registrations"][1]["client_secret"] = "a b".into();
    });
    assert_eq!(system.finding, "system_account_wrong_encoding");
}

#[test]
fn secrets_keys_files_and_addresses_are_checked_without_a_server() {
    let world = world(Personality::Smart, &[]);
    let empty = world.folder.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let found = |name: &str, change: &dyn Fn(&mut Value)| {
        let step = step(&world, name, CheckOptions::default(), change);
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
    let missing = step(&world, "ca_file", CheckOptions::default(), |document| {
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
    assert_eq!(step(&world, "store", own, |_| {}).finding, "store_of_host");
    let rest = step(&world, "not_checked", own, |_| {});
    assert!(rest.text.contains("the application's store") && rest.text.contains("redirect URIs"), "{rest:?}");
}

#[test]
fn redirect_uris_that_no_browser_may_come_back_to_are_refused_at_load() {
    let world = world(Personality::Smart, &[]);
    for uri in ["", "/ehr.php", "http://app.example/ehr.php", "https://app.example/ehr.php#x", "myapp://back"]
    {
        let mut document = world.document();
        document["registrations"][0]["redirect_uris"] = json!([REDIRECT, uri]);
        let config = fhir_ehr::Config::from_json(&document.to_string()).unwrap();
        let error = fhir_ehr::Sources::build(&config).unwrap_err();
        assert_eq!(error.code().name(), "config_invalid", "{uri}");
    }
}
