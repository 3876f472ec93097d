//! `pull`: output formats, dates and windows, text modes, and errors.

mod common;

use common::{Run, SCRIPT_MRN, fixture, fixture_with};
use ehr_sim::DataSource;
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt};

fn values(run: &Run) -> Vec<String> {
    let rows = run.json()["rows"].as_array().unwrap().clone();
    rows.iter().map(|row| row["value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn json_has_every_member_of_a_row_and_the_report() {
    let fixture = fixture();
    let mapping = fixture.mapping("name-family,,last_name,,,e1\n29463-7,,weight,visit,MAX,e1\n");
    let args = ["--system", "--date", "visit=2021-05-03", "--format", "json"];
    let run = fixture.pull(&mapping, &args).good();
    assert_eq!(run.stderr, "");
    let pull = run.json();
    assert!(pull["pull_id"].is_string() && pull["patient_id"].is_string());
    assert_eq!(pull["report"]["resources"]["Observation"]["status"], "complete");
    let name = &pull["rows"][0];
    assert_eq!(
        (&name["source_field"], &name["study_field"], &name["event"], &name["value"], &name["resource_type"]),
        (
            &"name-family".into(),
            &"last_name".into(),
            &"e1".into(),
            &"<script>alert(1)</script>".into(),
            &"Patient".into()
        )
    );
    let weights: Vec<&Value> =
        pull["rows"].as_array().unwrap().iter().filter(|row| row["source_field"] == "29463-7").collect();
    assert_eq!(weights.len(), 3);
    let best: Vec<&Value> = weights.iter().copied().filter(|row| row["preselected"] == true).collect();
    assert_eq!(best.len(), 1);
    let expected = serde_json::json!({
        "value": "65", "timestamp": "2021-04-28T04:30:00.5+00:00", "time_sent": "2021-04-28T10:00:00.5+05:30",
        "resource_status": "final", "original_value": null, "code": "29463-7",
        "code_system": "http://loinc.org", "unit": "kg", "resource_type": "Observation",
        "resource_id": "95120e58-6b36-5203-ae1e-ab0393b635bd", "state": "pending", "changed": false,
        "list": false, "record": SCRIPT_MRN,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&best[0][name], value, "{name}");
    }
    assert!(best[0]["key"].as_str().unwrap().len() > 20 && best[0]["display"].is_string());
}

#[test]
fn dates_and_offsets_select_the_values() {
    let fixture = fixture();
    let mapping = fixture.mapping("29463-7,,weight,visit,,\n");
    let pull = |args: &[&str]| {
        let mut found =
            values(&fixture.pull(&mapping, &[&["--system", "--format", "json"], args].concat()).good());
        found.sort();
        found
    };
    let at = "visit=2021-05-03T12:00";
    assert_eq!(pull(&["--date", at, "--offset-days", "1"]), ["64.5", "64.50"]);
    assert_eq!(pull(&["--date", at, "--offset-days", "1", "--offset-direction", "+"]), ["64.50"]);
    assert_eq!(pull(&["--date", at, "--offset-direction", "-"]), ["64.5", "65"]);
    assert_eq!(pull(&["--date", at, "--offset-direction=+-"]), ["64.5", "64.50", "65"]);
    assert_eq!(pull(&["--date", at, "--offset-days", "0"]), [""; 0]);

    let run = fixture.pull(&mapping, &["--system"]).good();
    assert!(
        run.stderr.contains("not pulled, because the record has no date for them (--date): 29463-7"),
        "{run:?}"
    );
    for date in ["visit=05/03/2021", "visit", "=2021-05-03", "visit=2021-05", "visit=2021-02-30"] {
        let run = fixture.pull(&mapping, &["--system", "--date", date]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains(date) && run.stderr.contains("--date"), "{run:?}");
    }
}

#[test]
fn php14_text_has_14_digits_and_times_without_seconds() {
    let fixture = fixture_with(DataSource::Resources(vec![patient(
        "A",
        r#"{"resourceType": "Observation", "id": "w1", "status": "final", "subject": {"reference": "Patient/p1"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
            "effectiveDateTime": "2021-05-03T07:15:42-05:00",
            "valueQuantity": {"value": 71.60000000000001, "unit": "kg"}}"#,
    )]));
    let mapping = fixture.mapping("29463-7,,weight,,,\n");
    let pull = |text: &str| {
        let args = ["--source", "sim", "--mrn", "m1", "--mapping", &mapping, "--system", "--format", "json"];
        let row =
            fixture.run("pull", &[&args, &["--text", text][..]].concat()).good().json()["rows"][0].clone();
        (row["value"].as_str().unwrap().to_owned(), row["timestamp"].as_str().unwrap().to_owned())
    };
    assert_eq!(pull("exact"), ("71.60000000000001".to_owned(), "2021-05-03T07:15:42-05:00".to_owned()));
    assert_eq!(pull("php14"), ("71.6".to_owned(), "2021-05-03 07:15".to_owned()));
}

/// A transaction bundle with the patient `p1` (MRN `m1`) of this family name and one more resource.
fn patient(family: &str, resource: &str) -> String {
    let family = serde_json::to_string(family).unwrap();
    format!(
        r#"{{"resourceType": "Bundle", "type": "transaction", "entry": [
            {{"resource": {{"resourceType": "Patient", "id": "p1", "name": [{{"family": {family}}}],
              "identifier": [{{"system": "urn:oid:1.2.3", "value": "m1",
                "type": {{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}}]}}}}]
            }}}}, {{"resource": {resource}}}]}}"#
    )
}

#[test]
fn a_table_escapes_control_characters_and_shows_other_text_unchanged() {
    let evil = "=cmd|' /C calc'!A0\u{1b}[2J\u{9b}31m\u{202e}\nnext \"quoted\", \u{7}";
    let observation = r#"{"resourceType": "Observation", "id": "o1", "status": "final",
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2021-05-03", "valueString": "<script>x</script>",
        "code": {"coding": [{"system": "http://loinc.org", "code": "5778-6"}]}}"#;
    let fixture = fixture_with(DataSource::Resources(vec![patient(evil, observation)]));
    let mapping = fixture.mapping("name-family,,last_name,,,\n5778-6,,color,,,\n");
    let pull = |format: &str| {
        let args = ["--source", "sim", "--mrn", "m1", "--mapping", &mapping, "--system", "--format", format];
        fixture.run("pull", &args).good()
    };
    let table = pull("table").stdout;
    assert!(table.contains("=cmd|' /C calc'!A0\\u{1b}[2J\\u{9b}31m\\u{202e}\\nnext"), "{table}");
    assert!(table.contains("<script>x</script>"), "{table}");
    assert!(!table.chars().any(|c| c.is_control() && c != '\n'), "{table:?}");
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.lines().next().unwrap().split_whitespace().eq([
        "key",
        "source_field",
        "study_field",
        "value",
        "timestamp",
        "code",
        "display",
        "resource",
        "state"
    ]));
    // JSON and CSV are for programs: values are not cut, prefixed or escaped.
    assert_eq!(pull("json").json()["rows"][0]["value"], evil);
    let text = pull("csv").stdout;
    assert!(
        text.starts_with("key,state,changed,record,event,study_field,source_field,value,timestamp,code,")
    );
    assert!(text.contains("\r\n"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), &rows[0][7], &rows[1][7]), (2, evil, "<script>x</script>"));
}

#[test]
fn the_output_says_why_no_value_is_preselected_and_what_was_converted() {
    let weight = r#"{"resourceType": "Observation", "id": "ID", "status": "STATUS", "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2021-05-03", "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "valueQuantity": {"value": 176, "unit": "UNIT", "system": "http://unitsofmeasure.org", "code": "UNIT"}}"#;
    let of = |id: &str, unit: &str, status: &str| {
        weight.replace("ID", id).replace("UNIT", unit).replace("STATUS", status)
    };
    let bundle = patient(
        "Doe",
        &format!(
            "{}}}, {{\"resource\": {}",
            of("o1", "[lb_av]", "final"),
            of("o2", "kg", "corrected").replace("05-03", "05-04")
        ),
    );
    let fixture = fixture_with(DataSource::Resources(vec![bundle]));
    let mapping = fixture.mapping("29463-7,,weight,,MAX,e1\n");
    let pull = |mapping: &str, format: &str| {
        let args = ["--source", "sim", "--mrn", "m1", "--mapping", mapping, "--system", "--format", format];
        fixture.run("pull", &args).good()
    };
    let sentence =
        "not preselected: e1/weight: The values have different units ([lb_av], kg), which are not compared.";
    for format in ["table", "csv"] {
        let run = pull(&mapping, format);
        assert!(run.stderr.contains(sentence), "{run:?}");
    }
    assert!(pull(&mapping, "table").stdout.contains("Observation/o2 (corrected)"));
    let json = pull(&mapping, "json");
    assert_eq!(json.stderr, "");
    assert_eq!(json.json()["report"]["not_preselected"][0]["study_field"], "weight");

    let mut config: Value = serde_json::from_str(&fixture.sim.config_json()).unwrap();
    config["sources"][0]["policy"]["convert_units"] = true.into();
    fixture.write("config.json", &config.to_string());
    let csv = fs::read_to_string(&mapping).unwrap();
    let with_unit: Vec<String> =
        csv.lines().zip(["unit", "kg"]).map(|(line, cell)| format!("{line},{cell}")).collect();
    fs::write(&mapping, with_unit.join("\n")).unwrap();
    let run = pull(&mapping, "table");
    assert!(run.stdout.contains("79.83225712 kg (converted from 176 [lb_av])"), "{run:?}");
    assert!(!run.stderr.contains("not preselected"), "{run:?}");
    let rows = pull(&mapping, "json").json()["rows"].clone();
    let converted = rows.as_array().unwrap().iter().find(|row| row["resource_id"] == "o1").unwrap();
    assert_eq!(
        (&converted["value"], &converted["unit"], &converted["original_value"], &converted["original_unit"]),
        (&"79.83225712".into(), &"kg".into(), &"176".into(), &"[lb_av]".into())
    );
}

#[test]
fn the_summary_is_on_stderr_and_a_csv_without_rows_has_its_header() {
    let fixture = fixture();
    let mapping = fixture.mapping("4548-4,,hba1c,,,\n2947-0,,na,,,\n");
    let run = fixture.pull(&mapping, &["--system"]).good();
    assert!(run.stderr.contains("Observation: complete, "), "{run:?}");
    assert!(run.stderr.contains(" without a row ("), "{run:?}");
    assert!(!run.stderr.contains("pulling"), "progress is shown on a terminal only: {run:?}");
    let mapping = fixture.mapping("99999-9,,nothing,,,\n");
    let run = fixture.pull(&mapping, &["--system", "--format", "csv"]).good();
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
}

#[test]
fn a_denied_resource_type_is_reported_and_gives_exit_code_3() {
    let fixture = fixture();
    fixture.sim.set_fault("deny-type:Condition").unwrap();
    let mapping = fixture.mapping("birthDate,,dob,,,\nactive-problem-list,,problems,,,\n");
    let run = fixture.pull(&mapping, &["--system", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(run.json()["report"]["resources"]["Condition"]["status"], "denied");
    assert_eq!(run.json()["complete"], false);
    assert_eq!(values(&run), ["1961-04"]);
    assert!(run.stderr.contains("Condition: denied, "), "{run:?}");
    assert!(run.stderr.contains("NOT complete"), "{run:?}");
}

#[test]
fn an_error_of_the_authorization_server_has_its_cause_and_a_text_for_a_ticket() {
    let fixture = fixture();
    fixture.sim.set_fault("oracle-error:oauth2:token:terminated-client").unwrap();
    let mapping = fixture.mapping("birthDate,,dob,,,\n");
    let run = fixture.pull(&mapping, &["--system"]);
    run.failed("token_rejected");
    for text in [
        "\ncause: The registration of this client was ended.\n",
        "\nwho can fix it: your EHR team\nretry: not until the problem is fixed\n",
        "\nerror from the EHR: code oauth2:token:terminated-client, correlation id ",
        ", link https://authorization.cerner.com/errors/urn%3A",
        "\ntext for a ticket to your EHR team:\n    Your authorization server refused a request of our application.\n",
        "\n    Correlation id: ",
    ] {
        assert!(run.stderr.contains(text), "{text}: {run:?}");
    }
    fixture.sim.clear_faults();
    fixture.sim.set_fault("auth_invalid_client_secret").unwrap();
    fixture.pull(&mapping, &["--system"]).failed("invalid_client");
    // Another process knows the refusal from the store.
    let run = fixture.pull(&mapping, &["--system"]);
    let retry = "\nretry: not until the problem is fixed; no request is sent for ";
    assert!(run.failed("invalid_client").stderr.contains(retry), "{run:?}");
    fixture.sim.clear_faults();
    assert!(fixture.run("doctor", &[]).stdout.contains("system_account"));
    fixture.pull(&mapping, &["--system"]).good();
}

#[test]
fn an_error_leaves_stdout_empty_and_names_its_code() {
    let fixture = fixture();
    let mapping = fixture.mapping("birthDate,,dob,,,\n");
    let pull = |source: &str, mrn: &str, mapping: &str| {
        let args = ["--source", source, "--mrn", mrn, "--mapping", mapping, "--system", "--format", "json"];
        fixture.run("pull", &args)
    };
    assert!(pull("nowhere", "1", &mapping).failed("source_not_found").stderr.contains("hint: "));
    pull("sim", "no-such", &mapping).failed("patient_not_found");
    assert!(!pull("sim", "no-such", &mapping).stderr.contains("no-such"));
    pull("sim", SCRIPT_MRN, &fixture.path("absent.csv")).failed("mapping_invalid");
    let bad = fixture.write("bad.csv", "a,b\n");
    assert!(pull("sim", SCRIPT_MRN, &bad).failed("mapping_invalid").stderr.contains("line 1"));
    let bad = fixture.mapping("brithDate,,dob,,,\n");
    assert!(pull("sim", SCRIPT_MRN, &bad).failed("mapping_invalid").stderr.contains("hint: Did you mean"));
    let mapping = fixture.mapping("birthDate,,dob,,,\n");
    let args = ["--project-environment", "production"];
    fixture.pull(&mapping, &[&["--system"], &args[..]].concat()).failed("environment_mismatch");

    let run = fixture.pull(&mapping, &["--system", "--user", "alice"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
}

#[test]
fn an_invalid_configuration_is_an_error_that_does_not_quote_it() {
    let fixture = fixture();
    let mapping = fixture.mapping("birthDate,,dob,,,\n");
    let good = fixture.sim.config_json();
    for bad in [
        "{".to_owned(),
        good.replacen("\"client_secret\"", "\"client_secrets\"", 1),
        good.replacen(&format!("\"{}\"", common::SECRET), &format!("[\"{}\"]", common::SECRET), 1),
    ] {
        fixture.write("config.json", &bad);
        fixture.pull(&mapping, &["--system"]).failed("config_invalid");
    }
    fs::remove_file(fixture.path("config.json")).unwrap();
    fixture.pull(&mapping, &["--system"]).failed("config_invalid");
    fixture.write("config.json", &good.replacen(common::SECRET, "wrong", 2));
    fixture.pull(&mapping, &["--system"]).failed("invalid_client");
}

#[test]
fn secrets_that_other_users_can_read_give_a_warning() {
    let fixture = fixture();
    let mapping = fixture.mapping("birthDate,,dob,,,\n");
    let mode =
        |mode| fs::set_permissions(fixture.path("config.json"), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    let run = fixture.pull(&mapping, &["--system"]).good();
    assert!(run.stderr.contains("warning: ") && run.stderr.contains("(mode 0640)"), "{run:?}");
    mode(0o600);
    assert!(!fixture.pull(&mapping, &["--system"]).good().stderr.contains("warning: "));
}

#[test]
fn verbose_logs_to_stderr_without_secrets() {
    let fixture = fixture();
    let mapping = fixture.mapping("birthDate,,dob,,,\n");
    let run = fixture.pull(&mapping, &["--system", "--format", "json", "--verbose"]).good();
    assert!(run.stderr.contains("DEBUG fhir_ehr"), "{run:?}");
    assert!(!run.stderr.contains(common::SECRET) && !run.stderr.contains(SCRIPT_MRN), "{run:?}");
    run.json();
}
