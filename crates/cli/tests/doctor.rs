//! `doctor`: a line for each step, exit code 1 when one failed, no secret, no store needed.

mod common;

use common::{SECRET, fixture};
use serde_json::Value;
use std::path::Path;

#[test]
fn a_good_source_passes_and_no_store_is_made() {
    let fixture = fixture();
    let run = fixture.run("doctor", &["--source", "sim"]).good();
    let lines: Vec<&str> = run.stdout.lines().collect();
    for (line, step) in lines.iter().zip(["metadata", "endpoints", "client", "system_account"]) {
        assert!(line.starts_with(&format!("sim {step}: ok: ")) && line.ends_with('.'), "{run:?}");
    }
    assert_eq!((lines.len(), run.stderr.as_str()), (4, ""), "{run:?}");
    assert_eq!(fixture.run("doctor", &[]).good().stdout, run.stdout, "all sources: there is one");
    assert!(!Path::new(&fixture.path("store.sqlite")).exists());
}

/// The fixture's configuration, changed.
fn change(fixture: &common::Fixture, change: impl FnOnce(&mut Value)) {
    let mut document: Value = serde_json::from_str(&fixture.sim.config_json()).unwrap();
    change(&mut document);
    fixture.write("config.json", &document.to_string());
}

#[test]
fn a_step_that_fails_is_told_with_hint_and_owner_and_ends_with_1() {
    let fixture = fixture();
    change(&fixture, |document| {
        document["registrations"][0]["client_secret"] = "another-s3cret".into();
        document.as_object_mut().unwrap().remove("store");
    });
    let run = fixture.run("doctor", &[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.contains("sim client: failed: ") && run.stdout.contains("\n  hint: compare both"),
        "{run:?}"
    );
    assert!(run.stdout.contains("\n  who can fix it: you [invalid_client]\n"), "{run:?}");
    assert!(run.stdout.contains("sim system_account: ok: "), "the others go on: {run:?}");
    assert!(!run.stdout.contains("another-s3cret") && !run.stdout.contains(SECRET), "{run:?}");

    change(&fixture, |document| document["sources"][0]["fhir_version"] = "dstu2".into());
    let run = fixture.run("doctor", &["--source", "sim"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.starts_with("sim metadata: failed: The server says FHIR 4.0.1"), "{run:?}");
    fixture.run("doctor", &["--source", "x"]).failed("source_not_found");
}
