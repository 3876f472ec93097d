//! Controls of docs/threat-model.md that no other test checks.

mod common;

use common::{Fixture, REDIRECT, SESSION, patient, query_of, request, resources, weight};
use ehr_sim::{LaunchOptions, Options};
use fhir_ehr::{
    AllowAll, Code, LaunchResult, RecordIndex, RecordKind, RecordWrite, ResourceStatus, RowState,
    SqliteStore, Store, StoredRecord,
};
use std::{
    io::{Read, Write as _},
    net::TcpListener,
    sync::Arc,
};

const MRN: &str = "M-1";

fn limited(limits: serde_json::Value, page_size: usize) -> Fixture {
    let mut texts = vec![patient("p1", MRN)];
    texts.extend((1..=9).map(|day| weight(&format!("w{day}"), "p1", &format!("2020-01-0{day}"), "50")));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let options = Options { page_size: Some(page_size), ..resources(&texts) };
    let fixture = Fixture::with(options, |document| document["limits"] = limits, Box::new(AllowAll));
    fixture.launch("p1", "alice");
    fixture
}

#[test]
fn pages_rows_and_bytes_of_a_pull_are_limited() {
    let weights = request("alice", MRN, "29463-7,,w,,,\n");
    let pages = limited(serde_json::json!({"pages": 2}), 2).client.pull(&weights).unwrap();
    let report = &pages.report.resources["Observation"];
    assert_eq!((report.status, report.received), (ResourceStatus::Partial, 4));
    for limits in [serde_json::json!({"rows": 5}), serde_json::json!({"pull_bytes": 2000})] {
        let fixture = limited(limits, 100);
        assert_eq!(fixture.client.pull(&weights).unwrap_err().code(), Code::LimitExceeded);
        assert!(fixture.client.staged("alice", "p1", None).unwrap().is_empty());
    }
}

/// The handover of a launch that requires a login.
fn login_required(fixture: &Fixture) -> String {
    let callback =
        fixture.launch_to_callback(&LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() });
    match fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap() {
        LaunchResult::LoginRequired { handover, .. } => handover,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_existing_link_is_not_overwritten_by_a_later_login() {
    let fixture = Fixture::new(resources(&[&patient("p1", MRN)]));
    let (first, second) = (login_required(&fixture), login_required(&fixture));
    fixture.client.finish_login(&first, SESSION, "alice").unwrap();
    let refused = fixture.client.finish_login(&second, SESSION, "bob").unwrap_err();
    assert_eq!(refused.code(), Code::EhrUserOfAnother);
    let pull = request("bob", MRN, "birthDate,,dob,,,\n");
    assert_eq!(fixture.client.pull(&pull).unwrap_err().code(), Code::GrantNotFound);
    assert_eq!(fixture.launch("p1", "carol").user, "alice");
}

#[test]
fn an_ehr_user_name_is_valid_within_its_own_source_only() {
    let fixture = Fixture::new(resources(&[&patient("p1", MRN)]));
    fixture.launch("p1", "alice");
    let other = Fixture::new(resources(&[&patient("p1", MRN)]));
    let mut document = fixture.document();
    let mut source = other.document()["sources"][0].clone();
    source["id"] = "other".into();
    for name in ["registration", "system_registration"] {
        source[name] = format!("other-{}", source[name].as_str().unwrap()).into();
    }
    for registration in other.document()["registrations"].as_array().unwrap() {
        let mut registration = registration.clone();
        registration["id"] = format!("other-{}", registration["id"].as_str().unwrap()).into();
        document["registrations"].as_array_mut().unwrap().push(registration);
    }
    document["sources"].as_array_mut().unwrap().push(source);
    let client = fixture.other_client(&document);
    let launch = other.sim.launch(&LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() });
    let query = common::launch_query(other.sim.iss(), &launch);
    let LaunchResult::Redirect(address) = client.handle_launch(&query, SESSION, REDIRECT).unwrap() else {
        panic!()
    };
    let callback = other.sim.approve(&address).unwrap();
    let arrived = client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
    assert!(
        matches!(arrived, LaunchResult::LoginRequired { .. }),
        "a user of the same name at another EHR is a different user"
    );
}

#[test]
fn the_state_of_a_row_is_read_from_the_sealed_data() {
    let fixture = Fixture::new(resources(&[&patient("p1", MRN)]));
    fixture.launch("p1", "alice");
    fixture.client.pull(&request("alice", MRN, "gender,,sex,,,\n")).unwrap();
    let file = rusqlite::Connection::open(fixture.folder.path().join("store")).unwrap();
    file.execute("UPDATE record SET state = 'accepted' WHERE kind = 'staged_row'", []).unwrap();
    assert_eq!(fixture.client.staged("alice", "p1", None).unwrap()[0].state, RowState::Pending);
    assert!(fixture.client.values_to_save("alice", "p1", MRN).unwrap().values.is_empty());
}

#[test]
fn deleted_data_is_overwritten_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = SqliteStore::new(&path);
    let marker = b"MARKER-OF-A-DELETED-RECORD";
    let record = StoredRecord {
        kind: RecordKind::Grant,
        key: "k".into(),
        index: RecordIndex { organization: "o".into(), ..RecordIndex::default() },
        expires_in: None,
        version: 0,
        sealed: marker.to_vec(),
    };
    let in_file = || {
        let other = rusqlite::Connection::open(&path).unwrap();
        other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        std::fs::read(&path).unwrap().windows(marker.len()).any(|window| window == marker)
    };
    store.write(&[RecordWrite::Put { record, expected: 0 }]).unwrap();
    assert!(in_file());
    store.write(&[RecordWrite::Delete { kind: RecordKind::Grant, key: "k".into(), expected: 1 }]).unwrap();
    assert!(!in_file());
}

/// A TLS server that refuses each request with status 401, and the number of requests that it received.
fn tls_server(
    certificate: &rcgen::CertifiedKey<rcgen::KeyPair>,
) -> (u16, Arc<std::sync::atomic::AtomicUsize>) {
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(certificate.signing_key.serialize_der().into());
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key)
            .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = requests.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut tls = rustls::StreamOwned::new(connection, stream);
            let mut buffer = [0; 4096];
            if tls.read(&mut buffer).is_ok_and(|length| length > 0) {
                counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let _ = tls.write_all(b"HTTP/1.1 401 no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = tls.flush();
            }
        }
    });
    (port, requests)
}

#[test]
fn a_server_with_an_untrusted_certificate_gets_no_request() {
    let certificate = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (port, requests) = tls_server(&certificate);
    let pulled = |host: &str, ca: Option<&str>| {
        let fixture = Fixture::new(resources(&[&patient("p1", MRN)]));
        let mut document = fixture.document();
        let source = &mut document["sources"][0];
        source["iss"] = format!("https://{host}:{port}/fhir").into();
        source["token_endpoint"] = format!("https://{host}:{port}/token").into();
        if let Some(ca) = ca {
            let file = fixture.folder.path().join("ca.pem");
            std::fs::write(&file, ca).unwrap();
            document["tls"] = serde_json::json!({"ca_file": file});
        }
        let system = fhir_ehr::PullRequest { system: true, ..request("alice", MRN, "gender,,sex,,,\n") };
        fixture.other_client(&document).pull(&system).unwrap_err().code()
    };
    assert_eq!(pulled("localhost", None), Code::TlsFailed);
    let ca = certificate.cert.pem();
    assert_eq!(
        pulled("127.0.0.1", Some(&ca)),
        Code::TlsFailed,
        "a trusted certificate for another host name"
    );
    assert_eq!(requests.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert_eq!(
        pulled("localhost", Some(&ca)),
        Code::TokenRejected,
        "the trusted server gets the request and refuses it"
    );
    assert_eq!(requests.load(std::sync::atomic::Ordering::SeqCst), 1);
}
