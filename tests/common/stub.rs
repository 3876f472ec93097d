//! A small HTTP server with responses that a test defines, for responses that the simulator cannot give.

use super::{AllowAll, SharedClock, client_and_store};
use fhir_ehr::{Client, Clock, ManualClock, SystemClock};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// A received request.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The Host header.
    pub host: String,
    /// All headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl ReceivedRequest {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The `Authorization` header, or the empty text.
    pub fn authorization(&self) -> &str {
        self.header("authorization").unwrap_or_default()
    }
}

/// A response.
pub struct Reply {
    pub status: u16,
    /// Complete header lines.
    pub headers: Vec<String>,
    pub body: Arc<Vec<u8>>,
}

impl Reply {
    /// A response with status 200 and FHIR JSON.
    pub fn json(body: impl Into<String>) -> Self {
        let headers = vec!["Content-Type: application/fhir+json".to_owned()];
        Reply { status: 200, headers, body: Arc::new(body.into().into_bytes()) }
    }

    /// The same response with another status.
    pub fn with_status(self, status: u16) -> Self {
        Reply { status, ..self }
    }

    /// The same response with `from` replaced by `to` in headers and body.
    pub fn replace(self, from: &str, to: &str) -> Self {
        let body = String::from_utf8_lossy(&self.body).replace(from, to).into_bytes();
        let headers = self.headers.iter().map(|line| line.replace(from, to)).collect();
        Reply { body: Arc::new(body), headers, ..self }
    }

    /// The same response with one more header line.
    pub fn with_header(mut self, line: impl Into<String>) -> Self {
        self.headers.push(line.into());
        self
    }
}

/// The server. It stops when it is dropped.
pub struct StubServer {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
    thread: Option<JoinHandle<()>>,
}

impl StubServer {
    /// Starts the server. Each connection carries one request.
    pub fn start(answer: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (ended, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (stop, log, answer) = (ended.clone(), requests.clone(), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            let mut workers = Vec::new();
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let (log, answer) = (log.clone(), answer.clone());
                workers.push(std::thread::spawn(move || {
                    // Some tests close a connection early.
                    let _ = stream.map(|stream| serve(&stream, &log, answer.as_ref()));
                }));
            }
            for worker in workers {
                worker.join().expect("the response function of the test does not panic");
            }
        });
        StubServer { address, ended, requests, thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for StubServer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_none_or(|ended| ended.is_ok()));
    }
}

fn serve(
    stream: &TcpStream,
    log: &Mutex<Vec<ReceivedRequest>>,
    answer: &dyn Fn(&ReceivedRequest) -> Reply,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut host, mut headers) = (0, String::new(), Vec::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        } else if name.eq_ignore_ascii_case("host") {
            value.trim().clone_into(&mut host);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let asked = ReceivedRequest { method, path, host, headers, body };
    log.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    let reply = answer(&asked);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {} Stub\r\nConnection: close\r\nContent-Length: {}\r\n",
        reply.status,
        reply.body.len()
    )?;
    for header in &reply.headers {
        write!(stream, "{header}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(&reply.body)
}

impl StubServer {
    /// A client with one source, `sim`, which is this server: FHIR under `/fhir`, the token endpoint at `/token`, and a system
    /// account.
    pub fn client(&self, folder: &std::path::Path) -> Client {
        self.client_with(folder, |_| {})
    }

    /// The same with a changed configuration document.
    pub fn client_with(
        &self,
        folder: &std::path::Path,
        change: impl FnOnce(&mut serde_json::Value),
    ) -> Client {
        let origin = self.origin();
        let mut document = serde_json::json!({
            "organization": "demo",
            "registrations": [{"id": "app", "client_id": "app-1", "client_secret": "secret-of-app-1", "environments": ["sandbox"]}],
            "sources": [{
                "id": "sim", "name": "Stub", "iss": format!("{origin}/fhir"), "fhir_version": "r4", "vendor": "smart",
                "environment": "sandbox", "registration": "app", "system_registration": "app", "mrn_systems": ["urn:oid:1.2.3"],
                "authorization_endpoint": format!("{origin}/authorize"), "token_endpoint": format!("{origin}/token")}],
            "store": {"sqlite": "store"},
            "vault": {"current": "k1", "index_key": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                      "keys": [{"id": "k1", "key": "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}]}
        });
        change(&mut document);
        let clock = SharedClock(Arc::new(ManualClock::at(SystemClock.now())));
        client_and_store(&document, folder.join("store"), Box::new(AllowAll), clock).0
    }
}

/// A token response.
pub fn token_answer() -> Reply {
    Reply::json(r#"{"access_token": "AT-1", "token_type": "Bearer", "expires_in": 300}"#)
}

/// A searchset Bundle with these resources.
pub fn searchset(resources: &[&str]) -> String {
    let entries: Vec<String> = resources
        .iter()
        .map(|text| format!(r#"{{"resource": {text}, "search": {{"mode": "match"}}}}"#))
        .collect();
    format!(r#"{{"resourceType": "Bundle", "type": "searchset", "entry": [{}]}}"#, entries.join(","))
}
