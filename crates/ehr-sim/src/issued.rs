//! What must not be printed: with `EHR_SIM_SECRETS` set, every token, code, state, credential and patient number of each exchange is
//! added to that file, with its kind and a tab before it. `scripts/check-output` looks for them in everything that the tests print.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    sync::{Mutex, OnceLock, PoisonError},
};

use serde_json::Value;
use url::Url;

use crate::{
    http::{Form, Reply, Request},
    resources::Resources,
};

/// The variable that names the file.
const FILE: &str = "EHR_SIM_SECRETS";

/// The parameters and members that hold a secret, with the kind that the file names.
const NAMES: [(&str, &str); 13] = [
    ("access_token", "token"),
    ("refresh_token", "token"),
    ("id_token", "token"),
    ("token", "token"),
    ("registration_access_token", "token"),
    ("client_assertion", "assertion"),
    ("code", "code"),
    ("code_verifier", "verifier"),
    ("state", "state"),
    ("nonce", "nonce"),
    ("launch", "launch"),
    ("client_secret", "secret"),
    ("password", "password"),
];

/// The file, and what was written to it.
struct Recorder {
    file: File,
    written: HashSet<String>,
}

fn recorder() -> Option<&'static Mutex<Recorder>> {
    static RECORDER: OnceLock<Option<Mutex<Recorder>>> = OnceLock::new();
    let open = || {
        let path = std::env::var_os(FILE)?;
        // Several processes append to it: each line is one write.
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).ok()?;
        Some(Mutex::new(Recorder { file, written: HashSet::new() }))
    };
    RECORDER.get_or_init(open).as_ref()
}

fn write(recorder: &Mutex<Recorder>, found: Vec<(&str, String)>) {
    let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
    for (kind, value) in found {
        let line = format!("{kind}\t{}\n", value.replace(['\t', '\n', '\r'], " "));
        if !value.is_empty() && recorder.written.insert(line.clone()) {
            // Without the line, the check of the output knows one secret less; the exchange is not affected.
            let _ = recorder.file.write_all(line.as_bytes());
        }
    }
}

/// Adds the secrets of a request and its reply.
pub(crate) fn record(request: &Request, reply: &Reply) {
    if let Some(recorder) = recorder() {
        write(recorder, secrets_of(request, reply));
    }
}

/// Adds the numbers of all patients.
pub(crate) fn record_patients(resources: &Resources) {
    let Some(recorder) = recorder() else { return };
    let identifiers = resources.patients().flat_map(|patient| {
        let list = patient.value["identifier"].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(|identifier| identifier["value"].as_str())
    });
    write(recorder, identifiers.map(|value| ("mrn", value.to_owned())).collect());
}

fn secrets_of(request: &Request, reply: &Reply) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let location = reply.header("location").and_then(|to| Url::parse(to).ok());
    let redirect = Form::parse(location.as_ref().and_then(Url::query).unwrap_or_default().as_bytes());
    let body = if request.has_form_body() { request.body_form() } else { Form::default() };
    for form in [request.query_form(), body, redirect] {
        for (name, value) in form.0 {
            let kind = NAMES.iter().find(|(listed, _)| *listed == name);
            found.extend(kind.map(|(_, kind)| (*kind, value)));
        }
    }
    let sent = request.header("authorization").and_then(|header| header.split_once(' '));
    found.extend(sent.map(|(_, value)| ("credentials", value.to_owned())));
    // The other bodies are FHIR resources and pages.
    let body = if request.path.contains("/auth/") { reply.body.as_str() } else { "" };
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    for (name, kind) in NAMES {
        found.extend(answer[name].as_str().map(|value| (kind, value.to_owned())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_of_an_exchange_are_found_in_each_place() {
        let request = Request {
            method: "POST".to_owned(),
            path: "/auth/token".to_owned(),
            query: "state=st&scope=openid".to_owned(),
            headers: vec![
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
                ("authorization".to_owned(), "Basic aWQ6c2VjcmV0".to_owned()),
            ],
            body: b"grant_type=authorization_code&code=a%2Bb&code_verifier=v".to_vec(),
        };
        let reply = Reply::json(
            200,
            &serde_json::json!({"access_token": "at", "refresh_token": "rt", "patient": "p"}),
        );
        let secrets = secrets_of(&request, &reply.with("location", "https://app.example/?code=c2&iss=x"));
        let expected = [
            ("state", "st"),
            ("code", "a+b"),
            ("verifier", "v"),
            ("code", "c2"),
            ("credentials", "aWQ6c2VjcmV0"),
            ("token", "at"),
            ("token", "rt"),
        ];
        assert_eq!(secrets, expected.map(|(kind, value)| (kind, value.to_owned())));
    }
}
