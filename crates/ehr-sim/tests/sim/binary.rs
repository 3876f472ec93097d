//! The command: its output, its configuration file, how it stops.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ehr-sim"))
}

#[test]
fn it_prints_its_urls_and_stops_when_stdin_closes() {
    let folder = std::env::temp_dir().join(format!("ehr-sim-binary-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("config.json");
    let mut child = command()
        .current_dir("/")
        .args(["--personality", "oracle", "--fhir", "dstu2", "--stop-with-stdin", "--max-seconds", "60"])
        .args(["--redirect-uri", "https://app.example/cb", "--write-config"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("its output"));
    let mut lines = [String::new(), String::new(), String::new()];
    for line in &mut lines {
        out.read_line(line).expect("a line");
    }
    let base = lines[0].trim().strip_prefix("ehr-sim: listening on ").expect("the first line");
    assert_eq!(lines[1].trim(), format!("iss={base}/fhir"));
    assert_eq!(lines[2].trim(), format!("page={base}/"));
    let text = fs::read_to_string(&file).expect("the configuration");
    let mode = fs::metadata(&file).expect("the configuration").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let config: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(config["sources"][0]["vendor"], "oracle");
    assert_eq!(config["sources"][0]["resources"][3], "MedicationOrder");
    assert_eq!(config["registrations"][0]["redirect_uris"][1], "https://app.example/cb");
    assert_eq!(config["store"]["sqlite"], folder.join("config.sqlite").to_string_lossy().as_ref());
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("the rest");
    assert_eq!(rest, "", "nothing else on stdout");
    fs::remove_dir_all(&folder).expect("the folder is removed");
}

#[test]
fn registrations_and_tenants_are_options() {
    let folder = std::env::temp_dir().join(format!("ehr-sim-options-{}", std::process::id()));
    fs::create_dir_all(folder.join("dstu2")).expect("a folder");
    fs::write(folder.join("dstu2/p.json"), r#"{"resourceType":"Patient","id":"p"}"#).expect("a file");
    let file = folder.join("registrations.json");
    fs::write(&file, r#"[{"client_id":"study","secrets":["a","b"],"scope_version":"v2"}]"#).expect("a file");
    let mut child = command()
        .args(["--stop-with-stdin", "--max-seconds", "60", "--pkce", "required", "--response-iss", "true"])
        .args(["--require-header", "X-Key@token", "--discovery-without", "oauth-uris", "--tenant", "north"])
        .args(["--tenant", &format!("south={}", folder.display()), "--registrations"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let lines: Vec<String> = out.lines().take(6).map(|line| line.expect("a line")).collect();
    let base = lines[0].strip_prefix("ehr-sim: listening on ").expect("the first line");
    let tenants = ["north/r4", "north/dstu2", "south/dstu2"].map(|path| format!("tenant-iss={base}/{path}"));
    assert_eq!(lines[3..], tenants);
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
    fs::write(&file, r#"[{"client":"study"}]"#).expect("a file");
    let output = command().arg("--registrations").arg(&file).output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown field `client`"));
    fs::remove_dir_all(&folder).expect("the folder is removed");
}

#[test]
fn wrong_options_are_refused() {
    for (arguments, word) in [
        (["--listen", "0.0.0.0:0"], "loopback"),
        (["--fault", "nonsense"], "never-answers"),
        (["--data", "/no/such/folder"], "no such file"),
        (["--personality", "other"], "smart, oracle, epic or generic"),
        (["--tenant", "fhir"], "cannot be used"),
        (["--tenant", "north=/no/such/folder"], "neither r4 nor dstu2"),
        (["--require-header", "X@everywhere"], "no phase"),
        (["--break", "1000"], "Authorization requests have no state"),
        (["--break", "state"], "expected a number"),
    ] {
        let output = command().args(arguments).output().expect("it runs");
        assert!(!output.status.success());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn the_rules_that_can_be_broken_are_listed() {
    let output = command().args(["--break", "help"]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && text.contains("  3    Authorization requests have no state.\n"),
        "{text}"
    );
}
