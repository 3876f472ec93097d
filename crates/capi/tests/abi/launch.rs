//! From a launch to saved values, from C and with all hooks.

use crate::support::{Program, config, patient, simulator, weight};
use ehr_sim::LaunchOptions;
use fhir_ehr::ExposeSecret;
use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
};

#[test]
fn from_a_launch_to_saved_values_with_hooks_in_c() {
    run_program(|program| Some(program.command()));
}

#[test]
fn from_a_launch_to_saved_values_under_valgrind() {
    run_program(Program::under_valgrind);
}

fn run_program(run: fn(&Program) -> Option<Command>) {
    let without_value = weight("w3", "p1", "1").replace("valueQuantity", "note");
    let resources =
        vec![patient("p1", "M-1"), weight("w1", "p1", "61.50"), weight("w2", "p1", "60.10"), without_value];
    let sim = simulator(resources);
    let program = Program::compile("launch_to_save");
    let file = program.write(
        "config.json",
        &config(&sim, |document| {
            document["vault"]["keys"][0]["key"] = "hook:vault".into();
            let key = fhir_ehr::PrivateKey::generate_es384().unwrap();
            document["key_rings"] = serde_json::json!([{"name": "main", "keys": [
                {"kid": "k1", "key": key.expose_secret(), "algorithm": "ES384", "state": "current"}]}]);
        }),
    );
    let launch = sim.launch(&LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() });
    let query = format!("iss={}&launch={launch}", sim.iss().replace(':', "%3A"));
    let Some(mut command) = run(&program) else { return };
    let mut child =
        command.arg(file).args([&query, "M-1"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut browser = child.stdin.take().unwrap();
    for _ in 0..2 {
        let mut url = String::new();
        out.read_line(&mut url).unwrap();
        let callback = sim.approve(url.trim()).unwrap();
        writeln!(browser, "{}", callback.split_once('?').unwrap().1).unwrap();
    }
    let mut output = String::new();
    out.read_to_string(&mut output).unwrap();
    assert!(child.wait().unwrap().success());
    for event in [
        r#"launch_started {"launch":"ehr","source":"sim"}"#,
        r#"callback_refused {"error":"state_foreign"}"#,
        r#"token_obtained {"grant_type":"authorization_code","source":"sim"}"#,
        r#"callback_accepted {"outcome":"login_required"}"#,
        r#"handoff_created {"source":"sim"}"#,
        r#"handoff_refused {"error":"handoff_foreign"}"#,
        r#"handoff_redeemed {"source":"sim"}"#,
        r#"view_ended {"reason":"left","source":"sim"}"#,
        "pull_started",
        r#""status":"complete","type":"Observation""#,
        "staged {",
        "pull_ended {",
        r#"adjudicated {"accepted":"1","rejected":"0"}"#,
        r#"removal_requested {"rows":"1"}"#,
        r#"pending_cleared {"rows":""#,
    ] {
        assert!(output.contains(event), "{event} in {output}");
    }
    // No token, MRN, URL or patient.
    for secret in ["http", "M-1", "p1", "61.50", "alice", "Bearer"] {
        assert!(!output.contains(secret), "{secret} in {output}");
    }
}

/// What handling a launch does: the result, the number of sockets that it opens, and the number of name lookups.
fn network_use(program: &Program, file: &Path, organization: &str, iss: &str) -> String {
    let iss: String = iss.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let query = format!("iss={iss}&launch=launch-1");
    let arguments = [file.as_os_str(), organization.as_ref(), query.as_ref()];
    program.run(&arguments).trim().to_owned()
}

#[test]
fn an_unknown_iss_opens_no_socket_and_looks_up_no_name() {
    let sim = simulator(vec![patient("p1", "M-1")]);
    let by_name = sim.iss().replace("127.0.0.1", "localhost");
    let document = config(&sim, |document| {
        let source = &mut document["sources"][0];
        source["iss"] = by_name.clone().into();
        for member in ["authorization_endpoint", "token_endpoint"] {
            source.as_object_mut().unwrap().remove(member);
        }
    });
    let program = Program::compile("sockets");
    let file = program.write("config.json", &document);
    // The counters work: without stored endpoints, a known `iss` needs a lookup and a connection.
    let known = network_use(&program, &file, "-", &by_name);
    let counts: Vec<u32> = known.split(' ').skip(1).map(|count| count.parse().unwrap()).collect();
    assert!(counts.len() == 2 && counts.iter().all(|count| *count > 0), "{known}");
    for unknown in [
        "https://ehr.invalid/fhir",
        "https://user:password@ehr.invalid/fhir",
        "http://localhost:9/fhir",
        "http://[::1]:9/fhir",
        "https://xn--80ak6aa92e.example/fhir",
        "//ehr.invalid/fhir",
        "ehr.invalid",
    ] {
        assert_eq!(network_use(&program, &file, "-", unknown), "source_not_found 0 0", "{unknown}");
    }
    assert_eq!(
        network_use(&program, &file, "another", &by_name),
        "source_of_other_organization 0 0",
        "the launch URL of another organization"
    );
}
