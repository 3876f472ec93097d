//! `approve`, `register` and `endpoints`: what an administrator approves, copies into a console, registers and imports.

mod common;

use common::{Fixture, Run, SECRET, fixture, run};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::Command,
};

const LAUNCH: [&str; 2] = ["--launch-url", "https://app.example/launch.php"];

fn change(fixture: &Fixture, change: impl FnOnce(&mut Value)) {
    let mut config: Value =
        serde_json::from_str(&fs::read_to_string(fixture.path("config.json")).unwrap()).unwrap();
    change(&mut config);
    fixture.write("config.json", &config.to_string());
}

#[test]
fn approve_prints_and_stores_the_endpoints_and_a_later_change_is_refused() {
    let fixture = fixture();
    let endpoint = |config: &mut Value| {
        let source = config["sources"][0].as_object_mut().unwrap();
        let token = source.remove("token_endpoint").unwrap();
        (source.remove("authorization_endpoint"), token)
    };
    let mut published = json!(null);
    change(&fixture, |config| published = endpoint(config).1);
    let run = fixture.run("approve", &["--source", "sim"]).good();
    assert!(run.stdout.contains(&format!("token_endpoint: {}\n", published.as_str().unwrap())), "{run:?}");
    let checked = fixture.run("doctor", &[]).good();
    assert!(checked.stdout.contains("sim endpoints: ok: The approved endpoints match"), "{checked:?}");
    fixture.run("approve", &["--source", "x"]).failed("source_not_found");
}

#[test]
fn register_prints_what_to_copy_and_the_notes_of_the_vendor() {
    let fixture = fixture();
    let run = fixture.run("register", &[&["--source", "sim"], &LAUNCH[..]].concat()).good();
    assert!(run.stdout.contains("Launch URL: https://app.example/launch.php\n"), "{run:?}");
    let scopes = fixture.run("scopes", &["--source", "sim"]).good().stdout;
    let launch = scopes.lines().next().unwrap().trim_start_matches("EHR launch: ");
    assert!(run.stdout.contains(&format!("Scopes of an EHR launch: {launch}\n")), "{run:?}");
    assert!(!run.stdout.contains(SECRET), "{run:?}");
    change(&fixture, |config| config["sources"][0]["vendor"] = "epic".into());
    let keys = ["--source", "sim", "--jwks-url", "https://app.example/jwks"];
    let run = fixture.run("register", &[&keys[..], &LAUNCH].concat()).good();
    assert!(run.stdout.contains("JWK Set URL (JKU): https://app.example/jwks\n"), "{run:?}");
    assert!(run.stdout.contains("note: For refresh tokens, register a confidential client"), "{run:?}");
}

#[test]
fn register_and_scopes_print_the_fewest_scopes_of_a_mapping_and_warn_about_missing_ones() {
    let fixture = fixture();
    let header =
        "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name\n";
    fixture.write("allergies.csv", &format!("{header}allergy-list,,allergies,,,\n"));
    change(&fixture, |config| config["sources"][0]["resources"] = json!(["Patient", "Observation"]));
    let file = fixture.path("allergies.csv");
    let mapping = ["--source", "sim", "--mapping", file.as_str()];
    let scopes = fixture.run("scopes", &mapping).good().stdout;
    assert!(scopes.starts_with("minimum EHR launch: "), "{scopes}");
    assert!(
        scopes.contains("launch user/Patient.read user/AllergyIntolerance.read online_access\n"),
        "{scopes}"
    );
    assert!(
        scopes.contains("minimum system: system/Patient.read system/AllergyIntolerance.read\n"),
        "{scopes}"
    );
    assert!(
        scopes.contains("warning: The scopes of the source do not cover AllergyIntolerance,"),
        "{scopes}"
    );
    let run = fixture.run("register", &[&mapping[..], &LAUNCH].concat()).good();
    assert!(run.stdout.contains("Launch URL: ") && run.stdout.ends_with(&scopes), "{run:?}");
    change(&fixture, |config| {
        config["sources"][0]["policy"] = json!({"scopes": ["launch", "user/Patient.read"]})
    });
    let run = fixture.run("register", &[&["--source", "sim"], &LAUNCH[..]].concat()).good();
    assert!(run.stdout.contains("warning: policy.scopes does not contain openid, fhirUser,"), "{run:?}");
    change(&fixture, |config| config["sources"][0]["policy"] = json!({"scopes": ["user/Patient.write"]}));
    fixture.run("scopes", &["--source", "sim"]).failed("scope_refused");
}

/// A registration endpoint that answers one request; returns its URL and, at the end, the request's body.
fn registration_endpoint(status: &str, answer: &Value) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/register", listener.local_addr().unwrap());
    let reply = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        reply.len()
    );
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.split_once(':') else {
                if line.trim().is_empty() {
                    break;
                }
                continue;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        (&stream).write_all(format!("{head}{reply}").as_bytes()).unwrap();
        String::from_utf8(body).unwrap()
    });
    (url, thread)
}

#[test]
fn dynamic_registration_writes_the_secret_into_a_private_file_and_never_prints_it() {
    let fixture = fixture();
    let answer =
        json!({"client_id": "issued-1", "client_secret": "issued-s3cret", "client_secret_expires_at": 0});
    let (url, request) = registration_endpoint("201 Created", &answer);
    change(&fixture, |config| config["sources"][0]["endpoints"] = json!({"registration_endpoint": url}));
    let file = fixture.path("issued.secret");
    let args = [&["--source", "sim", "--dynamic", "--secret-file", &file], &LAUNCH[..]].concat();
    let run = fixture.run("register", &args).good();
    let sent: Value = serde_json::from_str(&request.join().unwrap()).unwrap();
    assert_eq!(sent["response_types"], json!(["code"]));
    assert_eq!(sent["initiate_login_uri"], LAUNCH[1]);
    let entry = run.json();
    assert_eq!(entry["client_id"], "issued-1");
    assert_eq!(entry["client_secret"], format!("file:{file}"));
    assert!(!run.stdout.contains("issued-s3cret") && !run.stderr.contains("issued-s3cret"), "{run:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "issued-s3cret");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // An existing file may hold another secret: nothing is registered then.
    fixture.run("register", &args).failed("request_invalid");
}

#[test]
fn a_refused_registration_is_an_error_and_writes_no_file() {
    let fixture = fixture();
    let (url, request) = registration_endpoint("400 Bad Request", &json!({"error": "invalid_redirect_uri"}));
    change(&fixture, |config| config["sources"][0]["endpoints"] = json!({"registration_endpoint": url}));
    let file = fixture.path("issued.secret");
    let args = [&["--source", "sim", "--dynamic", "--secret-file", &file], &LAUNCH[..]].concat();
    fixture.run("register", &args).failed("client_registration_failed");
    request.join().unwrap();
    assert!(!std::path::Path::new(&file).exists());
}

fn endpoints(args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fhir-ehr"));
    command.arg("endpoints").args(args);
    run(command)
}

#[test]
fn endpoints_prints_entries_of_a_directory_and_finds_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("directory.json").to_str().unwrap().to_owned();
    let server = |name: &str, path: &str| {
        json!({"resource": {"resourceType": "Endpoint", "status": "active", "name": name,
        "address": format!("https://ehr.example.org/{path}")}})
    };
    let bundle = json!({"resourceType": "Bundle",
        "entry": [server("Example Health\u{202e}", "R4"), server("Other Clinic", "DSTU2")]});
    fs::write(&file, bundle.to_string()).unwrap();
    let all = endpoints(&[&file]).good();
    assert_eq!(all.json().as_array().unwrap().len(), 2);
    assert!(!all.stdout.contains('\u{202e}'), "{all:?}");
    let found = endpoints(&[&file, "--find", "other"]).good().json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["iss"], "https://ehr.example.org/DSTU2");
    assert_eq!(found[0]["fhir_version"], "dstu2");
    fs::write(&file, "id,name").unwrap();
    endpoints(&[&file]).failed("request_invalid");
}
