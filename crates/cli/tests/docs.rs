//! `scopes`, `config-schema`, `errors` and the help: what administrators read.

mod common;

use common::{Run, fixture, run};
use std::process::Command;

fn plain(args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fhir-ehr"));
    command.args(args);
    run(command)
}

#[test]
fn scopes_are_ready_to_be_copied() {
    let fixture = fixture();
    let run = fixture.run("scopes", &["--source", "sim"]).good();
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{run:?}");
    assert!(lines[0].starts_with("EHR launch: ") && lines[0].split(' ').any(|scope| scope == "launch"));
    assert!(lines[1].starts_with("standalone: ") && !lines[1].split(' ').any(|scope| scope == "launch"));
    assert!(lines[2].starts_with("system: system/Patient.read "));
    fixture.run("scopes", &["--source", "x"]).failed("source_not_found");
}

#[test]
fn the_schema_is_json() {
    let schema = plain(&["config-schema"]).good().json();
    assert!(schema["properties"]["registrations"].is_object());
}

#[test]
fn every_code_is_in_the_table() {
    let text = plain(&["errors"]).good().stdout;
    for code in fhir_ehr::Code::all() {
        assert!(text.contains(&format!("| {} | `{}` | ", code.number(), code.name())), "{text}");
    }
    assert!(text.contains("| authorize | ehr team | after sign in |"), "{text}");
    assert!(include_str!("../../../docs/errors.md").contains(&text), "docs/errors.md holds another table");
}

#[test]
fn the_help_has_the_exit_codes() {
    for args in [&["--help"][..], &["pull", "--help"]] {
        let text = plain(args).good().stdout;
        assert!(text.contains("Exit codes:") && text.contains("  3  (pull) rows were pulled"), "{text}");
    }
    assert_eq!(plain(&["pull"]).code, 2);
}
