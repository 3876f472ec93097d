//! A token endpoint (RFC 8705) and a FHIR server that require a TLS client certificate.

mod common;

use common::{Fixture, patient, request, resources};
use fhir_ehr::{Client, Code, PullRequest};
use rcgen::{CertifiedKey, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer, server::WebPkiClientVerifier,
};
use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

fn certificate(name: &str) -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap()
}

/// A TLS server that accepts one client certificate, and the requests that it received. It refuses each with status 401.
fn server(own: &CertifiedKey<KeyPair>, client: &CertifiedKey<KeyPair>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let mut clients = RootCertStore::empty();
    clients.add(client.cert.der().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(clients), provider.clone()).build().unwrap();
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let log = requests.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut tls = rustls::StreamOwned::new(connection, stream);
            let mut buffer = [0; 4096];
            if let Ok(length @ 1..) = tls.read(&mut buffer) {
                log.lock().unwrap().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
                let _ = tls.write_all(b"HTTP/1.1 401 no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = tls.flush();
            }
        }
    });
    (port, requests)
}

#[test]
fn a_token_request_carries_the_client_certificate() {
    let (own, accepted, other) = (certificate("localhost"), certificate("client"), certificate("other"));
    let (port, requests) = server(&own, &accepted);
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    let ca = fixture.folder.path().join("ca.pem");
    std::fs::write(&ca, own.cert.pem()).unwrap();
    let pulled = |certificate: Option<(&CertifiedKey<KeyPair>, &CertifiedKey<KeyPair>)>| {
        let mut document = fixture.document();
        document["sources"][0]["token_endpoint"] = format!("https://localhost:{port}/token").into();
        document["tls"] = serde_json::json!({"ca_file": ca});
        document["limits"] = serde_json::json!({"retries": 0});
        let registration = &mut document["registrations"][1];
        registration["client_secret"] = "".into();
        if let Some((certificate, key)) = certificate {
            registration["client_certificate"] = certificate.cert.pem().into();
            registration["client_key"] = key.signing_key.serialize_pem().into();
        }
        let system = PullRequest { system: true, ..request("alice", "M-1", "gender,,sex,,,\n") };
        fixture.other_client(&document).pull(&system).unwrap_err()
    };
    assert_eq!(pulled(Some((&accepted, &accepted))).code(), Code::TokenRejected);
    let received = requests.lock().unwrap().clone();
    assert_eq!(received.len(), 1);
    assert!(
        received[0].contains("POST /token") && received[0].contains("client_id=app-system"),
        "{received:?}"
    );
    for refused in [None, Some((&other, &other))] {
        // TLS 1.3: the server checks the certificate after the handshake, when it may have received the request.
        let error = pulled(refused);
        assert_eq!(error.code(), Code::NetworkInterrupted, "{error:?}");
    }
    let error = pulled(Some((&accepted, &other)));
    assert_eq!(error.code(), Code::ConfigInvalid);
    assert!(
        error.message().contains("registration sim-system") && !error.message().contains("BEGIN"),
        "{error}"
    );
    assert_eq!(requests.lock().unwrap().len(), 1);
}

/// A server with a defect: it reads the request, and then sends what is no TLS.
#[test]
fn a_tls_error_after_the_request_was_sent_is_an_interruption() {
    let own = certificate("localhost");
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut buffer = [0; 4096];
            let read = rustls::Stream::new(&mut connection, &mut stream).read(&mut buffer);
            assert!(buffer[..read.unwrap()].starts_with(b"POST /token"));
            stream.write_all(b"no TLS\r\n").unwrap();
            // Until the client closes the connection.
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    let ca = fixture.folder.path().join("ca.pem");
    std::fs::write(&ca, own.cert.pem()).unwrap();
    let mut document = fixture.document();
    document["sources"][0]["token_endpoint"] = format!("https://localhost:{port}/token").into();
    document["tls"] = serde_json::json!({"ca_file": ca});
    document["limits"] = serde_json::json!({"retries": 0});
    let system = PullRequest { system: true, ..request("alice", "M-1", "gender,,sex,,,\n") };
    let error = fixture.other_client(&document).pull(&system).unwrap_err();
    assert_eq!(error.code(), Code::NetworkInterrupted);
    assert!(error.message().contains("TLS connection failed"), "{error}");
}

#[test]
fn fhir_and_discovery_requests_carry_the_client_certificate_if_the_source_says_so() {
    let (own, accepted, other) = (certificate("localhost"), certificate("client"), certificate("other"));
    let (port, requests) = server(&own, &accepted);
    let fixture = Fixture::new(resources(&[&patient("p1", "M-1")]));
    let ca = fixture.folder.path().join("ca.pem");
    std::fs::write(&ca, own.cert.pem()).unwrap();
    let client = |says_so: bool, user: &CertifiedKey<KeyPair>, system: &CertifiedKey<KeyPair>| {
        let mut document = fixture.document();
        document["tls"] = serde_json::json!({"ca_file": ca});
        document["limits"] = serde_json::json!({"retries": 0});
        document["sources"][0]["iss"] = format!("https://localhost:{port}/fhir").into();
        document["sources"][0]["fhir_client_certificate"] = says_so.into();
        for (number, certificate) in [user, system].into_iter().enumerate() {
            let registration = &mut document["registrations"][number];
            registration["client_certificate"] = certificate.cert.pem().into();
            registration["client_key"] = certificate.signing_key.serialize_pem().into();
        }
        fixture.other_client(&document)
    };
    let pull = PullRequest { system: true, ..request("alice", "M-1", "gender,,sex,,,\n") };
    let pulled = |client: Client| client.pull(&pull).unwrap_err().code();
    let metadata = |client: Client| client.check_source("admin", "sim").unwrap()[0].error;
    let refused = |code: Code| matches!(code, Code::TlsFailed | Code::NetworkInterrupted);

    // Requests of the system account use the certificate of its registration.
    assert_eq!(pulled(client(true, &other, &accepted)), Code::SystemAccountRejected);
    let received = std::mem::take(&mut *requests.lock().unwrap());
    assert!(!received.is_empty() && received.iter().all(|one| one.starts_with("GET /fhir/Patient")));
    assert!(refused(pulled(client(true, &accepted, &other))));
    assert!(refused(pulled(client(false, &accepted, &accepted))));
    assert_eq!(requests.lock().unwrap().len(), 0);

    assert_eq!(metadata(client(true, &accepted, &other)), Some("fhir_unauthorized"));
    let received = std::mem::take(&mut *requests.lock().unwrap());
    for path in ["GET /fhir/metadata", "GET /fhir/.well-known/smart-configuration"] {
        assert!(received.iter().any(|one| one.starts_with(path)), "{received:?}");
    }
    for without in [client(true, &other, &accepted), client(false, &accepted, &accepted)] {
        let error = metadata(without);
        assert!(matches!(error, Some("tls_failed" | "network_interrupted")), "{error:?}");
    }
    assert_eq!(requests.lock().unwrap().len(), 0);
}
