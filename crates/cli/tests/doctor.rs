//! `doctor`: one line for each step, exit code 1 if one fails, no secret in the output, no file left behind.

mod common;

use common::{SECRET, fixture};
use serde_json::Value;
use std::path::Path;

#[test]
fn a_working_source_passes_and_no_store_is_created() {
    let fixture = fixture();
    let run = fixture.run("doctor", &["--source", "sim"]).good();
    let lines: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("sim ")).collect();
    for step in
        ["metadata", "endpoints", "client", "system_account", "redirect_uris", "secrets", "vault", "store"]
    {
        let line = lines.iter().find(|line| line.starts_with(&format!("sim {step}: ok: ")));
        assert!(line.is_some_and(|line| line.ends_with('.')), "{step}: {run:?}");
    }
    assert!(lines.iter().any(|line| line.starts_with("sim not_checked: skipped: Not checked: ")), "{run:?}");
    assert_eq!((lines.len(), run.stderr.as_str()), (14, ""), "{run:?}");
    assert_eq!(
        fixture.run("doctor", &[]).good().stdout,
        run.stdout,
        "without --source, every source is checked; there is one"
    );
    let store = fixture.path("store.sqlite");
    let folder = Path::new(&store).parent().unwrap();
    let left: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("store") || name.contains("doctor"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_existing_store_is_checked_and_a_missing_one_is_skipped() {
    let fixture = fixture();
    std::fs::write(fixture.path("store.sqlite"), "not a database, but of its length or longer").unwrap();
    let run = fixture.run("doctor", &[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("sim store: failed: ") && run.stdout.contains("[store_foreign]"), "{run:?}");
    change(&fixture, |document| document["store"]["sqlite"] = "no-such-folder/store.sqlite".into());
    let run = fixture.run("doctor", &[]);
    assert!(
        run.stdout.contains("sim store: failed: ") && run.stdout.contains("[store_unavailable]"),
        "{run:?}"
    );
    change(&fixture, |document| drop(document.as_object_mut().unwrap().remove("store")));
    let run = fixture.run("doctor", &[]).good();
    assert!(run.stdout.contains("sim store: skipped: "), "{run:?}");
}

#[test]
fn a_production_source_receives_a_wrong_secret_only_with_the_option() {
    let fixture = fixture();
    change(&fixture, |document| {
        document["sources"][0]["environment"] = "production".into();
        for registration in document["registrations"].as_array_mut().unwrap() {
            registration["environments"] = serde_json::json!(["production"]);
        }
    });
    let run = fixture.run("doctor", &[]).good();
    assert!(
        run.stdout.contains("sim client: unknown: ") && run.stdout.contains("--try-wrong-secret"),
        "{run:?}"
    );
    let run = fixture.run("doctor", &["--try-wrong-secret"]).good();
    assert!(run.stdout.contains("sim client: ok: "), "{run:?}");
}

/// Changes the fixture's configuration file.
fn change(fixture: &common::Fixture, change: impl FnOnce(&mut Value)) {
    let mut document: Value = serde_json::from_str(&fixture.sim.config_json()).unwrap();
    change(&mut document);
    fixture.write("config.json", &document.to_string());
}

#[test]
fn a_failed_step_has_a_hint_and_an_owner_and_gives_exit_code_1() {
    let fixture = fixture();
    change(&fixture, |document| {
        document["registrations"][0]["client_secret"] = "another-s3cret".into();
        document.as_object_mut().unwrap().remove("store");
    });
    let run = fixture.run("doctor", &[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.contains("sim client: failed: ") && run.stdout.contains("\n  hint: Compare both"),
        "{run:?}"
    );
    assert!(run.stdout.contains("\n  who can fix it: you [invalid_client]\n"), "{run:?}");
    assert!(run.stdout.contains("sim system_account: ok: "), "the other steps still run: {run:?}");
    assert!(!run.stdout.contains("another-s3cret") && !run.stdout.contains(SECRET), "{run:?}");

    change(&fixture, |document| document["sources"][0]["fhir_version"] = "dstu2".into());
    let run = fixture.run("doctor", &["--source", "sim"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.starts_with("sim metadata: failed: The server supports FHIR 4.0.1"), "{run:?}");
    fixture.run("doctor", &["--source", "x"]).failed("source_not_found");
}
