//! `grants`, `sign-out`, `remove-user` and `keep-alive`: what they print, and their exit codes. None of them prints a token.

mod common;

use common::{Fixture, Run, fixture};
use serde_json::Value;

/// A user is signed in at a simulator that offers a revocation endpoint.
fn signed_in() -> Fixture {
    let fixture = fixture();
    fixture.sign_in();
    fixture
}

fn json(run: Run) -> Value {
    run.good().json()
}

#[test]
fn grants_are_listed_as_a_table_and_as_json() {
    let fixture = signed_in();
    let listed = json(fixture.run("grants", &["--json"]));
    let grant = &listed["grants"][0];
    assert_eq!((&grant["user"], &grant["source"]), (&"operator".into(), &"sim".into()), "{listed}");
    assert_eq!((&grant["status"], &grant["action"]), (&"active".into(), &"none".into()), "{listed}");
    assert_eq!((&grant["lapse"], &grant["refresh_token"]), (&"ehr_session".into(), &true.into()), "{listed}");
    assert_eq!(listed["unreadable"], serde_json::json!([]));
    let table = fixture.run("grants", &[]).good().stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("source ") && lines[0].ends_with("warnings"), "{table}");
    assert!(lines[1].starts_with("sim ") && lines[1].contains(" active "), "{table}");
    assert_eq!(fixture.run("grants", &["--source", "none"]).good().stdout.lines().count(), 1, "the header");
    for patient in fixture.sim.patient_ids() {
        assert!(!table.contains(&patient) && !listed.to_string().contains(&patient), "{table}");
    }
}

#[test]
fn the_tokens_of_a_user_are_introspected() {
    let fixture = signed_in();
    let args = ["--introspect", "operator", "--source", "sim"];
    let found = json(fixture.run("grants", &[&args[..], &["--json"]].concat()));
    assert_eq!(found["tokens"][0]["active"], true, "{found}");
    assert_eq!(found["tokens"][1]["token"], "refresh_token", "{found}");
    let table = fixture.run("grants", &args).good().stdout;
    assert!(table.starts_with("token ") && table.contains("access_token   yes"), "{table}");
    fixture.run("grants", &["--introspect", "stranger", "--source", "sim"]).failed("grant_not_found");
    fixture.run("grants", &["--introspect-system", "--source", "sim"]).failed("grant_not_found");
    assert_eq!(fixture.run("grants", &["--introspect", "operator"]).code, 2, "--source is required");
}

/// The SMART launcher, as which the simulator runs, has no revocation endpoint.
#[test]
fn a_sign_out_removes_the_sign_in_and_says_what_was_not_revoked() {
    let fixture = signed_in();
    let run = fixture.run("sign-out", &["--user", "operator"]);
    assert_eq!(run.code, 1, "a token may still be valid: {run:?}");
    assert!(
        run.stdout.contains("not_supported") && run.stdout.contains("publishes no revocation_endpoint"),
        "{run:?}"
    );
    assert!(run.stdout.ends_with("sign-ins removed: 1\n"), "{run:?}");
    assert_eq!(json(fixture.run("grants", &["--json"]))["grants"], serde_json::json!([]));
    let again = fixture.run("sign-out", &["--user", "operator", "--source", "sim"]).good();
    assert_eq!(again.stdout, "sign-ins removed: 0\n");
    fixture.run("sign-out", &["--user", "operator", "--source", "none"]).failed("source_not_found");
    assert_eq!(fixture.run("sign-out", &[]).code, 2, "--user or --system is required");
    let system = json(fixture.run("sign-out", &["--system", "--source", "sim", "--json"]));
    assert_eq!(system["grants"], serde_json::json!([]));
}

#[test]
fn a_revocation_that_the_ehr_confirms_is_a_success() {
    let fixture = signed_in();
    let text = std::fs::read_to_string(fixture.path("config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    // The simulator has the endpoint under another personality only, so a second one answers here.
    let options = ehr_sim::Options {
        personality: ehr_sim::Personality::Epic,
        client_secret: Some(common::SECRET.to_owned()),
        ..ehr_sim::Options::default()
    };
    let epic = ehr_sim::Simulator::start(options).unwrap();
    let revoke = format!("{}/auth/revoke", epic.base_url());
    config["sources"][0]["endpoints"] = serde_json::json!({ "revocation_endpoint": revoke });
    fixture.write("config.json", &config.to_string());
    let run = fixture.run("sign-out", &["--user", "operator", "--source", "sim"]).good();
    assert!(run.stdout.contains("sim     revoked"), "{run:?}");
}

#[test]
fn a_removed_user_has_no_sign_ins_and_a_daily_job_has_nothing_to_do() {
    let fixture = signed_in();
    let kept = json(fixture.run("keep-alive", &["--json"]));
    assert_eq!((&kept["not_due"], &kept["grants"]), (&1.into(), &serde_json::json!([])), "{kept}");
    let text = fixture.run("keep-alive", &[]).good().stdout;
    assert_eq!(text, "0 refreshed, 0 not refreshed, 1 not due\n");
    let run = fixture.run("remove-user", &["--user", "operator", "--json"]);
    assert_eq!(run.json()["grants"][0]["refresh_token"], "not_supported", "{run:?}");
    let again = fixture.run("remove-user", &["--user", "operator"]).good();
    assert_eq!(again.stdout, "sign-ins removed: 0\nuser links removed: 0\n");
}
