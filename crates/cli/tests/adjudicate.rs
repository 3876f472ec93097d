//! `staged` and `adjudicate`: decisions, values handed out once, and what happens when they cannot be written.

mod common;

use common::{Fixture, SCRIPT_MRN, fixture};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt, process::Stdio};

const LINES: &str = "name-family,,last_name,,,\n29463-7,,weight,visit,MAX,\n";

/// Rows: one name (preselected), three weights, of which one is preselected.
fn pulled() -> Fixture {
    let fixture = fixture();
    let mapping = fixture.mapping(LINES);
    fixture.pull(&mapping, &["--system", "--date", "visit=2021-05-03"]).good();
    fixture
}

fn staged(fixture: &Fixture) -> Vec<Value> {
    let run = fixture.run("staged", &["--record", SCRIPT_MRN, "--format", "json"]).good();
    run.json()["rows"].as_array().unwrap().clone()
}

fn key(fixture: &Fixture, value: &str) -> String {
    let rows = staged(fixture);
    let row = rows.iter().find(|row| row["value"] == value).unwrap();
    row["key"].as_str().unwrap().to_owned()
}

fn adjudicate(fixture: &Fixture, args: &[&str]) -> common::Run {
    fixture.run("adjudicate", &[&["--record", SCRIPT_MRN], args].concat())
}

#[test]
fn a_user_pulls_decides_and_saves() {
    let fixture = fixture();
    let mapping = fixture.mapping(LINES);
    let login = fixture.login(&[]);
    let ids = fixture.sim.patient_ids();
    let patient = ids.iter().find(|id| fixture.sim.mrn(id).unwrap() == SCRIPT_MRN).unwrap();
    common::get(&fixture.sim.approve_with_patient(&login.address, patient).unwrap());
    login.end().good();
    fixture.pull(&mapping, &["--date", "visit=2021-05-03", "--record", "r7"]).good();

    let file = fixture.path("values.json");
    let args = ["--record", "r7", "--accept-preselected", "--save", &file];
    let run = fixture.run("adjudicate", &args).good();
    assert_eq!(run.stdout, "");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let set: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!((&set["record"], set["values"].as_array().unwrap().len()), (&"r7".into(), 2));
    let values = set["values"].as_array().unwrap();
    assert_eq!(
        (&values[0]["study_field"], &values[0]["value"]),
        (&"last_name".into(), &"<script>alert(1)</script>".into())
    );
    assert_eq!((&values[1]["study_field"], &values[1]["value"]), (&"weight".into(), &"65".into()));
    assert!(values[1]["timestamp"].is_string() && values[1]["keys"].as_array().unwrap().len() == 1);

    // Handed out once: a second call has nothing, and leaves the file as it is.
    let run = fixture.run("adjudicate", &["--record", "r7"]).good();
    assert_eq!(run.json()["values"], serde_json::json!([]));
    fixture.run("adjudicate", &["--record", "r7", "--save", &file]).good();
    let after: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(after, set);
    // Two weights nobody decided on still wait; a second pull brings nothing decided back as waiting.
    fixture.pull(&mapping, &["--date", "visit=2021-05-03", "--record", "r7"]).good();
    let rows = fixture.run("staged", &["--record", "r7", "--format", "json"]).good().json();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 2);
}

#[test]
fn staged_has_three_forms_and_ends_with_the_project() {
    let fixture = pulled();
    assert_eq!(staged(&fixture).len(), 4);
    let table = fixture.run("staged", &[]).good().stdout;
    assert_eq!(table.lines().count(), 5, "{table}");
    assert!(table.contains(SCRIPT_MRN) && table.contains("pending"), "{table}");
    let csv = fixture.run("staged", &["--format", "csv"]).good().stdout;
    assert_eq!(csv.lines().count(), 5, "{csv}");
    let other = fixture.run("staged", &["--project", "other", "--format", "json"]).good();
    assert_eq!(other.json()["rows"], serde_json::json!([]));
}

#[test]
fn keys_may_be_cut_but_not_too_short_and_a_conflict_changes_nothing() {
    let fixture = pulled();
    let (one, two) = (&key(&fixture, "64.5"), &key(&fixture, "64.50"));
    let (accept, reject) = (format!("--accept={}", &one[..8]), format!("--reject={}", &two[..12]));

    adjudicate(&fixture, &["--accept", one, "--accept", two]).failed("adjudication_ambiguous");
    adjudicate(&fixture, &["--accept", "no-such-key-here"]).failed("row_not_found");
    adjudicate(&fixture, &["--accept", one, "--reject", one]).failed("row_not_found");
    let run = adjudicate(&fixture, &["--accept", &one[..7]]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(staged(&fixture).iter().all(|row| row["state"] == "pending"));

    let run = adjudicate(&fixture, &[&accept, &reject, "--no-save"]).good();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "2 rows decided\n"));
    // What was decided by name comes before what the rules have marked.
    let run = adjudicate(&fixture, &["--accept-preselected"]).good();
    let set = run.json();
    let found: Vec<&Value> = set["values"].as_array().unwrap().iter().map(|value| &value["value"]).collect();
    assert_eq!(found, ["<script>alert(1)</script>", "64.5"]);
}

#[test]
fn a_decision_may_name_the_value_that_was_seen() {
    let fixture = pulled();
    let table = fixture.run("staged", &[]).good().stdout;
    let line = table.lines().find(|line| line.contains("64.50 kg")).unwrap();
    let shown = line.split_whitespace().next().unwrap();
    let rows = staged(&fixture);
    let row = rows.iter().find(|row| row["value"] == "64.50").unwrap();
    let (key, decision) = (row["key"].as_str().unwrap(), row["decision"].as_str().unwrap());
    assert!(key.starts_with(&shown[..10]) && decision.starts_with(&format!("{key}~")), "{shown} {decision}");
    // As if the value had been corrected since.
    adjudicate(&fixture, &["--accept", &format!("{}~other", &key[..10])]).failed("row_conflict");
    adjudicate(&fixture, &["--accept", shown, "--no-save"]).good();
    let other = rows.iter().find(|row| row["value"] == "64.5").unwrap();
    adjudicate(&fixture, &["--reject", other["decision"].as_str().unwrap(), "--no-save"]).good();
}

#[test]
fn values_that_cannot_be_written_come_again() {
    let fixture = pulled();
    adjudicate(&fixture, &["--accept-preselected", "--no-save"]).good();
    let missing = fixture.path("missing/values.json");
    let run = adjudicate(&fixture, &["--save", &missing]);
    run.failed("request_invalid");
    assert!(run.stderr.contains("handed out again"), "{run:?}");
    let existing = fixture.write("existing.json", "precious");
    adjudicate(&fixture, &["--save", &existing]).failed("request_invalid");
    assert_eq!(fs::read_to_string(&existing).unwrap(), "precious");

    // A reader that goes away before the values came has not got them.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = fixture.command("adjudicate", &["--record", SCRIPT_MRN]);
    command.stdout(Stdio::from(writer)).stderr(Stdio::piped());
    assert_eq!(command.spawn().unwrap().wait_with_output().unwrap().status.code(), Some(1));

    let set = adjudicate(&fixture, &[]).good().json();
    assert_eq!(set["values"].as_array().unwrap().len(), 2);
    // It is confirmed, so it cannot be given back.
    adjudicate(&fixture, &["--return-unsaved", set["save_id"].as_str().unwrap()]).failed("save_not_found");
}

#[test]
fn a_set_that_was_left_handed_out_is_seen_and_given_back() {
    let fixture = pulled();
    adjudicate(&fixture, &["--accept-preselected", "--no-save"]).good();
    // A host took the values and died.
    let path = fixture.path("config.json");
    let config = fhir_ehr::Config::from_file(path.as_ref()).unwrap();
    let host = fhir_ehr::Client::with_embedded_store(config, Box::new(fhir_ehr::AllowAll)).unwrap();
    let set = host.values_to_save("operator", "cli", SCRIPT_MRN).unwrap();
    let run = adjudicate(&fixture, &[]).good();
    let (shown, named) = (run.json(), format!("--confirm-saved={}", set.save_id));
    assert_eq!(shown["values"], serde_json::json!([]));
    let values: Vec<&Value> =
        shown["unconfirmed"].as_array().unwrap().iter().map(|row| &row["value"]).collect();
    assert_eq!(values, ["<script>alert(1)</script>", "65"], "{shown}");
    assert!(run.stderr.contains(&named) && run.stderr.contains("never confirmed"), "{run:?}");
    let run = adjudicate(&fixture, &["--no-save"]).good();
    assert!(run.stdout.contains(&set.save_id) && run.stderr.contains(&named), "{run:?}");
    let out: Vec<Value> = staged(&fixture).into_iter().filter(|row| row["state"] == "handed_out").collect();
    assert_eq!((out.len(), &out[0]["save_id"]), (2, &set.save_id.clone().into()));
    assert!(fixture.run("staged", &[]).good().stdout.contains(&set.save_id));
    adjudicate(&fixture, &["--return-unsaved", &set.save_id]).good();
    let set = host.values_to_save("operator", "cli", SCRIPT_MRN).unwrap();
    assert_eq!(set.values.len(), 2);
    let run = adjudicate(&fixture, &["--confirm-saved", &set.save_id]).good();
    assert_eq!(run.stderr, "2 rows were confirmed as saved\n");
    let run = adjudicate(&fixture, &[]).good();
    assert_eq!(
        (&run.json()["values"], &run.json()["unconfirmed"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    adjudicate(&fixture, &["--confirm-saved", &set.save_id]).failed("save_not_found");
}

#[test]
fn a_stdout_that_takes_nothing_is_seen_before_anything_is_handed_out() {
    let fixture = pulled();
    adjudicate(&fixture, &["--accept-preselected", "--no-save"]).good();
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for (name, stdout) in [("full", full()), ("null", Stdio::null()), ("no reader", Stdio::from(writer))] {
        let mut command = fixture.command("adjudicate", &["--record", SCRIPT_MRN]);
        let output =
            command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {stderr}");
        assert!(stderr.contains("stdout") && !stderr.contains("handed out"), "{name}: {stderr}");
    }
    // As a shell starts it with ">&-".
    let mut shell = std::process::Command::new("sh");
    let own = fixture.command("adjudicate", &["--record", SCRIPT_MRN]);
    shell.args(["-c", "exec \"$@\" >&-", "sh"]).arg(own.get_program()).args(own.get_args());
    let output = shell.stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(staged(&fixture).iter().all(|row| row["state"] != "handed_out"));
    assert_eq!(adjudicate(&fixture, &[]).good().json()["values"].as_array().unwrap().len(), 2);
}

#[test]
fn a_reader_that_goes_away_is_no_error_where_nothing_is_lost() {
    let fixture = pulled();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = fixture.command("staged", &[]);
    command.stdout(Stdio::from(writer)).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
