//! Responses that are made to use up memory: bytes, values, nesting, text. Each gives an error and uses limited memory.

mod common;

use common::{
    patient, peak_kib, request,
    stub::{Reply, StubServer, searchset, token_answer},
};
use fhir_ehr::Code;
use flate2::{Compression, write::GzEncoder};
use std::{
    io::Write as _,
    sync::{Arc, Mutex},
};

/// Memory limit above the idle process, in KiB.
const MOST_KIB: u64 = 200 * 1024;

/// Almost the maximum size of one response after decompression, in bytes.
const LARGEST: usize = 32 * 1024 * 1024 - 4096;

/// Number of bytes that is large enough to show a fault: as small objects, they once took 1 GB.
const LARGE: usize = 7 * 1024 * 1024;

/// The process has one high-water mark, so only one test at a time may use it.
static ALONE: Mutex<()> = Mutex::new(());

/// A gzip stream of `start`, many repetitions of `unit`, and `end`. A `#` in `unit` is replaced by a number.
fn zipped(start: &str, unit: &str, end: &str, bytes: usize) -> Arc<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let numbered = |number: usize| unit.replace('#', &number.to_string());
    let mut written = start.len();
    encoder.write_all(start.as_bytes()).unwrap();
    // Blocks of several hundred kilobytes, so that a debug build is not slow.
    let repeated = 1 + 200_000 / unit.len();
    let same = if unit.contains('#') { None } else { Some(unit.repeat(repeated)) };
    for number in (0..).step_by(repeated) {
        let block = same.clone().unwrap_or_else(|| (number..number + repeated).map(numbered).collect());
        if written + block.len() > bytes {
            break;
        }
        encoder.write_all(block.as_bytes()).unwrap();
        written += block.len();
    }
    encoder.write_all(end.as_bytes()).unwrap();
    Arc::new(encoder.finish().unwrap())
}

fn reply(body: &Arc<Vec<u8>>) -> Reply {
    let reply = Reply::json("").with_header("Content-Encoding: gzip");
    Reply { body: body.clone(), ..reply }
}

const BUNDLE: &str = r#"{"resourceType": "Bundle", "type": "searchset", "entry": ["#;
const RESOURCE: &str =
    r#"{"resource": {"resourceType": "Observation", "id": "o1", "subject": {"reference": "Patient/p1"}, "#;

#[test]
fn three_hostile_pages_at_once_use_less_than_200_mb() {
    let _alone = ALONE.lock();
    let resource = format!("{BUNDLE}{RESOURCE}");
    let extension = format!(r#"{resource}"extension": ["#);
    let weight = format!(
        r#"{resource}"status": "final", "code": {{"coding": [{{"system": "http://loinc.org", "code": "29463-7"}}]}}, "valueString": ""#
    );
    let long_texts = format!(
        r##"{}"status": "final", "code": {{"coding": [{{"system": "http://loinc.org", "code": "29463-7"}}]}}, "valueString": "{}"}}}},"##,
        RESOURCE.replace("o1", "o#"),
        "x".repeat(60_000)
    );
    let large_resource =
        format!(r#"{}"extension": [{}0]}}}},"#, RESOURCE.replace("o1", "o#"), r#"{"a":1},"#.repeat(90_000));
    let shapes = [
        ("empty objects", extension.clone(), "{},", "{}]}}]}", LARGE),
        ("small objects", extension.clone(), r#"{"a":1},"#, "{}]}}]}", LARGEST),
        ("numbers", extension.clone(), "0,", "0]}}]}", LARGE),
        ("texts", extension, r#""","#, "0]}}]}", LARGE),
        ("members", resource, r##""#":0,"##, r#""z":0}}]}"#, LARGE),
        ("entries", BUNDLE.to_owned(), "{},", "{}]}", LARGE),
        ("deep", format!(r#"{BUNDLE}{{"resource": "#), "[", "", LARGE),
        ("a long text", weight, "x", r#""}}]}"#, LARGE),
        ("long texts", BUNDLE.to_owned(), &long_texts, "{}]}", 20_000_000),
        ("large resources", BUNDLE.to_owned(), &large_resource, "{}]}", LARGE),
        (
            "issues",
            r#"{"resourceType": "OperationOutcome", "issue": ["#.to_owned(),
            r#"{"code":"x"},"#,
            "{}]}",
            LARGE,
        ),
        (
            "links",
            r#"{"resourceType": "Bundle", "type": "searchset", "link": ["#.to_owned(),
            "{},",
            "{}]}",
            LARGE,
        ),
        ("not JSON", String::new(), "{", "", LARGE),
        ("white space", String::new(), " ", "", LARGE),
    ];

    for (name, start, unit, end, most) in &shapes {
        let page = zipped(start, unit, end, *most);
        let stub = StubServer::start(move |asked| match asked.path.as_str() {
            "/token" => token_answer(),
            path if path.starts_with("/fhir/Patient") => Reply::json(searchset(&[&patient("p1", "M-1")])),
            _ => reply(&page),
        });
        let folder = tempfile::tempdir().unwrap();
        let client = stub.client(folder.path());
        let mapping = "29463-7,,weight,,,\nactive-problem-list,,problems,,,\nallergy-list,,allergies,,,\n";
        let mut request = request("", "M-1", mapping);
        request.system = true;
        let (peak, pulled) = peak_kib(|| client.pull(&request));
        assert!(peak < MOST_KIB, "{name}: {peak} KiB");
        // A pull with too many rows or bytes is stopped by another limit.
        match pulled {
            Ok(pulled) => {
                let entry = &pulled.report.resources["Observation"];
                let counted = entry.discarded.values().sum::<usize>() == entry.received && entry.received > 0;
                assert!(!entry.status.is_complete() || counted, "{name}: {entry:?}");
                assert!(pulled.rows.is_empty(), "{name}");
            }
            Err(error) => assert_eq!(error.code(), Code::LimitExceeded, "{name}"),
        }
    }
}

#[test]
fn a_hostile_token_response_patient_or_discovery_document_uses_little_memory() {
    let _alone = ALONE.lock();
    let token =
        zipped(r#"{"access_token": "AT", "token_type": "Bearer", "a": ["#, r#"{"a":1},"#, "{}]}", LARGEST);
    let patients =
        zipped(BUNDLE, r##"{"resource":{"resourceType":"Patient","id":"#"}},"##, "{}]}", 3_900_000);
    let large = zipped(BUNDLE, " ", "]}", LARGEST);
    let metadata =
        zipped(r#"{"resourceType": "CapabilityStatement", "rest": ["#, r#"{"a":1},"#, "{}]}", 7_000_000);
    for (name, at, body, code) in [
        ("token", "/token", &token, Code::ResponseTooLarge),
        ("patients", "/fhir/Patient", &patients, Code::ResponseTooLarge),
        ("patients, bytes", "/fhir/Patient", &large, Code::ResponseTooLarge),
        ("metadata", "/fhir/metadata", &metadata, Code::ResponseTooLarge),
        ("metadata, bytes", "/fhir/metadata", &large, Code::ResponseTooLarge),
    ] {
        let body = body.clone();
        let stub = StubServer::start(move |asked| match asked.path.split('?').next().unwrap_or_default() {
            path if path == at => reply(&body),
            "/token" => token_answer(),
            _ => Reply::json("{}").with_status(404),
        });
        let folder = tempfile::tempdir().unwrap();
        let client = stub.client_with(folder.path(), |document| {
            if at.ends_with("metadata") {
                let source = document["sources"][0].as_object_mut().unwrap();
                source.remove("token_endpoint");
                source.remove("authorization_endpoint");
            }
        });
        let mut request = request("", "M-1", "29463-7,,weight,,,\n");
        request.system = true;
        let (peak, pulled) = peak_kib(|| client.pull(&request));
        assert!(peak < MOST_KIB / 2, "{name}: {peak} KiB");
        assert_eq!(pulled.unwrap_err().code(), code, "{name}");
    }
}
