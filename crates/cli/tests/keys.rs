//! `keys`: the life of a key, from its creation to its retirement.

mod common;

use common::{Run, run};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

const RSA_PEM: &str = include_str!("../../../src/jose/test_keys/rsa.pem");

fn keys(folder: &Path, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fhir-ehr"));
    command.current_dir(folder).arg("keys").args(args);
    run(command)
}

/// Writes a configuration with these keys in the ring `main`.
fn configure(folder: &Path, keys: &Value) {
    let document = json!({
        "registrations": [], "sources": [], "key_rings": [{"name": "main", "keys": keys}],
        "vault": {"current": "k", "index_key": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "keys": [{"id": "k", "key": "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}]}});
    fs::write(folder.join("config.json"), document.to_string()).unwrap();
    fs::set_permissions(folder.join("config.json"), fs::Permissions::from_mode(0o600)).unwrap();
}

fn generated(folder: &Path, file: &str, state: &str) -> Value {
    let run = keys(folder, &["generate", "--out", file]).good();
    assert!(!format!("{run:?}").contains("PRIVATE KEY"), "{run:?}");
    let mut entry = run.json();
    assert_eq!((&entry["algorithm"], &entry["state"]), (&json!("ES384"), &json!("next")));
    entry["state"] = state.into();
    entry
}

#[test]
fn a_key_is_created_published_and_retired() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let old = generated(path, "old.pem", "current");
    assert_eq!(fs::metadata(path.join("old.pem")).unwrap().permissions().mode() & 0o777, 0o600);
    keys(path, &["generate", "--out", "old.pem"]).failed("request_invalid");
    configure(path, &json!([old]));
    let options = ["--config", "config.json", "--ring", "main"];
    let with = |command: &str, more: &[&str]| keys(path, &[&[command], &options[..], more].concat());
    let kid = old["kid"].as_str().unwrap();
    let run = with("retire", &["--kid", kid]);
    run.failed("request_invalid");
    assert!(run.stderr.contains("no next key for ES384"), "{run:?}");
    let next = generated(path, "next.pem", "next");
    configure(path, &json!([old, next]));
    let document = with("jwks", &[]).good().json();
    assert_eq!(document["keys"].as_array().unwrap().len(), 2);
    assert!(document["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    let list = keys(path, &["list", "--config", "config.json"]).good().stdout;
    assert!(list.lines().nth(1).is_some_and(|line| line.contains(kid) && line.contains("current")), "{list}");
    let changes = with("retire", &["--kid", kid]).good().json();
    assert_eq!(changes, json!([{"kid": kid, "state": "retired"}, {"kid": next["kid"], "state": "current"}]));
    let pem = with("pem", &["--kid", kid]).good().stdout;
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    let run = with("pem", &["--kid", "other"]);
    run.failed("request_invalid");
    assert!(run.stderr.contains(kid), "{run:?}");
    keys(path, &["jwks", "--config", "config.json", "--ring", "other"]).failed("request_invalid");
}

#[test]
fn a_key_is_imported_after_it_was_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("rsa.pem"), RSA_PEM).unwrap();
    fs::set_permissions(path.join("rsa.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let run = keys(path, &["import", "--file", "rsa.pem", "--kid", "2026"]).good();
    assert!(run.stderr.contains("mode 0644"), "{run:?}");
    let entry = run.json();
    assert_eq!((&entry["kid"], &entry["algorithm"]), (&json!("2026"), &json!("RS384")));
    configure(path, &json!([entry]));
    keys(path, &["jwks", "--config", "config.json", "--ring", "main"]).good();
    fs::write(path.join("sec1.pem"), include_str!("../../../src/jose/test_keys/ec-sec1.pem")).unwrap();
    let run = keys(path, &["import", "--file", "sec1.pem"]);
    run.failed("config_invalid");
    assert!(run.stderr.contains("openssl pkey -in OLD.pem -out NEW.pem"), "{run:?}");
    keys(path, &["import", "--file", "missing.pem"]).failed("secret_unavailable");
}
