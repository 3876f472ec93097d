//! `scopes`, `config-schema`, `errors` and `--help`.

mod common;

use common::{Run, fixture, run};
use std::process::Command;

fn plain(args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fhir-ehr"));
    command.args(args);
    run(command)
}

#[test]
fn scopes_prints_one_line_for_each_kind_of_sign_in() {
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
fn config_schema_prints_json() {
    let schema = plain(&["config-schema"]).good().json();
    assert!(schema["properties"]["registrations"].is_object());
}

#[test]
fn errors_prints_every_code_as_the_document_has_it() {
    let text = plain(&["errors"]).good().stdout;
    for code in fhir_ehr::Code::all() {
        assert!(text.contains(&format!("| {} | `{}` | ", code.number(), code.name())), "{text}");
    }
    assert!(text.contains("| authorize | ehr team | after sign in |"), "{text}");
    // The document has the PHP exception as one more column.
    let document = include_str!("../../../docs/errors.md");
    for row in text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| number")) {
        assert!(document.lines().any(|line| line.starts_with(row)), "docs/errors.md has another row: {row}");
    }
}

#[test]
fn help_lists_the_exit_codes_and_states_that_access_is_not_checked() {
    for args in [&["--help"][..], &["pull", "--help"]] {
        let text = plain(args).good().stdout;
        assert!(text.contains("Exit codes:") && text.contains("  3  (pull) rows were pulled"), "{text}");
    }
    assert!(plain(&["--help"]).good().stdout.contains("every user of it may do everything"));
    assert_eq!(plain(&["pull"]).code, 2);
}
