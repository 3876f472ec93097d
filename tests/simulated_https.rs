//! The simulator behind a TLS server, as behind a hospital's gateway: an `https` base URL whose documents name `http` endpoints.

mod common;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request, resources, weight};
use ehr_sim::{DiscoveryOptions, LaunchOptions, Options, Personality, Simulator};
use fhir_ehr::{AllowAll, Client, LaunchResult};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, OnceLock},
};

/// A TLS server that sends each request on to the simulator. Its certificate is for `localhost`.
struct Gateway {
    port: u16,
    ca: String,
    simulator: Arc<OnceLock<SocketAddr>>,
}

impl Gateway {
    fn start() -> Self {
        let certificate = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(certificate.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key)
            .unwrap();
        let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
        let port = listener.local_addr().unwrap().port();
        let simulator = Arc::<OnceLock<SocketAddr>>::default();
        let target = simulator.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = rustls::ServerConnection::new(config.clone()).unwrap();
                let tls = rustls::StreamOwned::new(connection, stream);
                // A client that closes its connection early has its own error.
                let _ = forward(tls, *target.get().unwrap());
            }
        });
        Gateway { port, ca: certificate.cert.pem(), simulator }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }
}

/// Sends one request on, and the answer back.
fn forward(
    mut tls: rustls::StreamOwned<rustls::ServerConnection, TcpStream>,
    to: SocketAddr,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(&mut tls);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? <= 2 {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut server = TcpStream::connect(to)?;
    server.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    tls.write_all(&answer)?;
    tls.conn.send_close_notify();
    tls.flush()
}

fn sign_in(sim: &Simulator, client: &Client) {
    let launch = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    let query = launch_query(sim.iss(), &sim.launch(&launch));
    let LaunchResult::Redirect(url) = client.handle_launch(&query, SESSION, REDIRECT).unwrap() else {
        panic!("a redirect was expected")
    };
    assert!(url.starts_with("https://localhost:"), "{url}");
    let callback = query_of(&sim.approve(&url).expect("the EHR sends the browser back"));
    let result = client.handle_launch(&callback, SESSION, REDIRECT).unwrap();
    let LaunchResult::LoginRequired { handover, .. } = result else { panic!("{result:?}") };
    client.finish_login(&handover, SESSION, "alice").unwrap();
}

#[test]
fn http_endpoints_of_an_https_server_are_used_with_https() {
    for without in [vec![], vec!["smart-configuration".to_owned()]] {
        let gateway = Gateway::start();
        let options = Options {
            personality: Personality::Oracle,
            public_url: Some(gateway.url()),
            discovery: DiscoveryOptions { http_endpoints: true, without, ..DiscoveryOptions::default() },
            ..resources(&[&patient("p1", "M-1"), &weight("w1", "p1", "2024-01-05", "52")])
        };
        let folder = tempfile::tempdir().unwrap();
        let change = |document: &mut Value| {
            for name in ["authorization_endpoint", "token_endpoint"] {
                document["sources"][0].as_object_mut().unwrap().remove(name);
            }
            let file = folder.path().join("ca.pem");
            std::fs::write(&file, &gateway.ca).unwrap();
            document["tls"] = json!({"ca_file": file});
        };
        let fixture = Fixture::with(options, change, Box::new(AllowAll));
        gateway.simulator.set(fixture.sim.address()).unwrap();
        sign_in(&fixture.sim, &fixture.client);
        let pulled = fixture.client.pull(&request("alice", "M-1", "29463-7,,weight,,,\n")).unwrap();
        assert_eq!(pulled.rows.len(), 1);
    }
}
