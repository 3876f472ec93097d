//! A TLS server in front of the simulator, as a hospital's gateway.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses a part")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, OnceLock},
};

/// A TLS server that sends each request on to the simulator, with headers that say how it arrived: `x-forwarded-proto` and
/// `x-tls-version`. Its certificate is for `localhost`.
pub struct Gateway {
    port: u16,
    /// The certificate, which is its own authority.
    pub ca: String,
    /// The address of the simulator.
    pub simulator: Arc<OnceLock<SocketAddr>>,
}

impl Gateway {
    pub fn start() -> Self {
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

    pub fn url(&self) -> String {
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
    let version = tls.conn.protocol_version().map(|version| format!("{version:?}")).unwrap_or_default();
    head.push_str(&format!("x-forwarded-proto: https\r\nx-tls-version: {version}\r\n"));
    let mut server = TcpStream::connect(to)?;
    server.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    tls.write_all(&answer)?;
    tls.conn.send_close_notify();
    tls.flush()
}
