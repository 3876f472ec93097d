//! Responses are decoded by their stated charset or refused, with or without a byte order mark, for discovery, token endpoint and
//! FHIR. A replacement character is never staged.

mod common;

use fhir_ehr::{
    AllowAll, Client, Code, Config, Hooks, PullRequest, PullResult, ResourceStatus, Result, SqliteStore,
    SystemClock,
};
use serde_json::json;
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
};

/// Responses by the start of the path: media type and bytes.
type Answers = HashMap<&'static str, (&'static str, Vec<u8>)>;

const DISCOVERY: &str = "/fhir/.well-known/smart-configuration";
const TOKEN: &str = "/token";
const PATIENT: &str = "/fhir/Patient";
const CONDITION: &str = "/fhir/Condition";

/// Serves the responses until the test ends. `{BASE}` in them is replaced by the server's URL.
fn serve(listener: TcpListener, answers: Answers, base: String) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request = String::new();
            let _ = reader.read_line(&mut request);
            let mut length = 0;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let _ = reader.take(length).read_to_end(&mut Vec::new());
            let path = request.split(' ').nth(1).unwrap_or_default();
            let found = answers.iter().find(|(start, _)| path.starts_with(**start));
            let (status, media_type, body) = match found {
                Some((_, (media_type, body))) => (200, *media_type, body.clone()),
                None => (404, "text/plain", Vec::new()),
            };
            let body = replaced(&body, &base);
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
}

/// The bytes with `{BASE}` replaced by the server's URL.
fn replaced(bytes: &[u8], base: &str) -> Vec<u8> {
    let Some(at) = bytes.windows(6).position(|window| window == b"{BASE}") else { return bytes.to_vec() };
    [&bytes[..at], base.as_bytes(), &replaced(&bytes[at + 6..], base)].concat()
}

fn good() -> Answers {
    let discovery = json!({"authorization_endpoint": "{BASE}/authorize", "token_endpoint": "{BASE}/token",
        "capabilities": [], "grant_types_supported": ["client_credentials"]});
    let token = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 300,
        "scope": "system/Patient.read system/Condition.read"});
    let bundle = |resource| {
        json!({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource}]}).to_string()
    };
    let patient = json!({"resourceType": "Patient", "id": "p1", "name": [{"family": "Müller"}],
        "identifier": [{"system": "urn:mrn", "value": "M-1"}]});
    let problem = json!({"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"code": "active"}]}, "code": {"text": "Müdigkeit"}});
    let of = |text: String| ("application/json", text.into_bytes());
    Answers::from([
        (DISCOVERY, of(discovery.to_string())),
        (TOKEN, of(token.to_string())),
        (PATIENT, of(bundle(patient))),
        (CONDITION, of(bundle(problem))),
    ])
}

fn pull(answers: Answers) -> Result<PullResult> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    serve(listener, answers, base.clone());
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let document = json!({
        "registrations": [{"id": "r", "environments": ["sandbox"], "client_id": "c", "client_secret": "s",
            "redirect_uris": ["http://127.0.0.1/callback"]}],
        "sources": [{"id": "sim", "iss": format!("{base}/fhir"), "environment": "sandbox", "fhir_version": "r4",
            "registration": "r", "system_registration": "r", "mrn_systems": ["urn:mrn"],
            "resources": ["Patient", "Condition"]}],
        "limits": {"retries": 0},
        "vault": {"current": "k", "keys": [{"id": "k", "key": key}], "index_key": key}
    });
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::new(folder.path().join("store"));
    let hooks = Hooks {
        access: Box::new(AllowAll),
        clock: Box::new(SystemClock),
        ..Hooks::new(Box::new(store), Box::new(AllowAll))
    };
    let client = Client::new(Config::from_json(&document.to_string()).unwrap(), hooks).unwrap();
    let lines = "name-family,,family,,,\nactive-problem-list,,problems,,,\n";
    client.pull(&PullRequest { system: true, ..common::request("", "M-1", lines) })
}

fn values(pulled: &PullResult) -> Vec<&str> {
    let mut values: Vec<&str> = pulled.rows.iter().map(|row| row.value.as_str()).collect();
    values.sort_unstable();
    values
}

/// The text encoded as Latin-1.
fn latin1(bytes: &[u8]) -> Vec<u8> {
    std::str::from_utf8(bytes).unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// The text encoded as UTF-16 with a byte order mark.
fn utf16(bytes: &[u8]) -> Vec<u8> {
    let text = format!("\u{feff}{}", std::str::from_utf8(bytes).unwrap());
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[test]
fn a_byte_order_mark_and_a_stated_charset_are_read_everywhere() {
    for at in [DISCOVERY, TOKEN, PATIENT, CONDITION] {
        let mut marked = good();
        let body = &mut marked.get_mut(at).unwrap().1;
        *body = [b"\xef\xbb\xbf", body.as_slice()].concat();
        assert_eq!(values(&pull(marked).unwrap()), ["Müdigkeit", "Müller"], "{at}");
    }
    for at in [PATIENT, CONDITION] {
        let mut stated = good();
        let (media_type, body) = stated.get_mut(at).unwrap();
        (*media_type, *body) = ("application/fhir+json; charset=ISO-8859-1", latin1(body));
        assert_eq!(values(&pull(stated).unwrap()), ["Müdigkeit", "Müller"], "{at}");
    }
    // The server's URL is inserted as ASCII, so discovery is left out.
    for at in [TOKEN, PATIENT, CONDITION] {
        let mut stated = good();
        let (media_type, body) = stated.get_mut(at).unwrap();
        (*media_type, *body) = ("application/json;charset=utf-16", utf16(body));
        assert_eq!(values(&pull(stated).unwrap()), ["Müdigkeit", "Müller"], "{at}");
    }
}

#[test]
fn bytes_that_are_invalid_in_the_stated_charset_are_refused() {
    for media_type in
        ["application/json", "application/json; charset=utf-8", "application/json; charset=no-such"]
    {
        let spoilt = |at: &'static str| {
            let mut answers = good();
            let (own_type, body) = answers.get_mut(at).unwrap();
            // One more member with a non-ASCII letter, for responses that have none.
            let end = body.len() - 1;
            *body = [&body[..end], b", \"x\": \"\xfc\"}"].concat();
            if at == PATIENT || at == CONDITION {
                *body = latin1(&[&body[..end], b", \"x\": \"\xc3\xbc\"}"].concat());
            }
            *own_type = media_type;
            pull(answers)
        };
        for (at, code) in [(TOKEN, Code::TokenResponseInvalid), (PATIENT, Code::ResponseNotFhir)] {
            let error = spoilt(at).unwrap_err();
            assert_eq!(error.code(), code, "{at} {media_type}");
            assert!(error.message().contains("its bytes"), "{}", error.message());
        }
        let error = spoilt(DISCOVERY).unwrap_err();
        assert_eq!(error.code(), Code::DiscoveryFailed, "{media_type}");
        let pulled = spoilt(CONDITION).unwrap();
        let report = &pulled.report.resources["Condition"];
        assert_eq!(
            (report.status, values(&pulled)),
            (ResourceStatus::Failed, vec!["Müller"]),
            "{media_type}"
        );
        assert!(report.reason.as_deref().unwrap().contains("its bytes"), "{report:?}");
    }
}

#[test]
fn a_replacement_character_is_counted_and_never_staged() {
    for spoilt in ["M\u{fffd}digkeit", "M\\ufffddigkeit"] {
        let mut answers = good();
        let body = &mut answers.get_mut(CONDITION).unwrap().1;
        *body = std::str::from_utf8(body).unwrap().replace("Müdigkeit", spoilt).into_bytes();
        let pulled = pull(answers).unwrap();
        assert_eq!(values(&pulled), ["Müller"]);
        assert_eq!(pulled.report.resources["Condition"].discarded["unreadable_text"], 1);
    }
}
