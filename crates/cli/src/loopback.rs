//! A loopback HTTP/1.1 server for the redirect of a sign-in (RFC 8252 section 7.3). It serves one path.
//!
//! It is written by hand because of the dependency policy: an HTTP server crate would bring an async runtime and many more crates
//! into an administrator's command, for one GET request.

use crate::values::is_loopback;
use fhir_ehr::{Code, Error, Source, escape_for_display};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};
use url::Url;

/// Time limit for reading one request, and for writing the response.
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// Maximum size of the request line and headers, in bytes.
const REQUEST_BYTES: usize = 16 * 1024;
/// Maximum number of connections at the same time. Browsers open some that they do not use.
const CONNECTIONS: usize = 32;

/// A GET request for the callback path, not answered yet.
#[derive(Debug)]
pub(crate) struct CallbackRequest {
    /// The query string, not decoded.
    pub(crate) query: String,
    stream: TcpStream,
}

impl CallbackRequest {
    /// Sends a page and closes the connection.
    pub(crate) fn reply(mut self, status: &str, title: &str, text: &str) {
        // The sign-in result does not depend on whether the browser still reads the page.
        let _ = send(&mut self.stream, status, title, text);
    }
}

/// The source's first loopback redirect URI.
pub(crate) fn registered(source: &Source) -> Result<String, Error> {
    let found = source.redirect_uris().find(|uri| is_loopback(uri)).map(str::to_owned);
    found.ok_or_else(|| {
        Error::new(Code::RedirectUriNotRegistered)
            .detail(format!("registration {} has no loopback redirect URI", source.registration.id))
            .hint(
                "register http://127.0.0.1/callback in the EHR vendor's console and add it to the registration's \
                 redirect_uris",
            )
    })
}

/// Why listening on an address failed.
fn address_words(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::AddrInUse => "another program uses it",
        io::ErrorKind::PermissionDenied => "you do not have permission to use it",
        io::ErrorKind::AddrNotAvailable => "this computer does not have this address",
        _ => "the operating system refused it",
    }
}

/// Listens on the address of a redirect URI and returns the URI to send. A URI without a port gets a free port.
pub(crate) fn listen(uri: &str) -> Result<(TcpListener, String), Error> {
    let unusable = |why: String| {
        Error::new(Code::RequestInvalid).detail(format!("redirect URI {}: {why}", escape_for_display(uri)))
    };
    let mut url = Url::parse(uri).map_err(|_| unusable("not a URL".to_owned()))?;
    let addresses: Vec<SocketAddr> =
        url.socket_addrs(|| Some(0)).map_err(|cause| unusable(address_words(cause.kind()).to_owned()))?;
    // `Url::port` returns None for port 80 too. Section 7.3 of RFC 8252 lets the client choose any port then.
    let port = url.port().unwrap_or(0);
    let addresses: Vec<SocketAddr> = addresses
        .into_iter()
        .filter(|address| address.ip().is_loopback())
        .map(|address| SocketAddr::new(address.ip(), port))
        .collect();
    let listener = TcpListener::bind(&addresses[..]);
    let listener =
        listener.map_err(|cause| unusable(format!("port {port}: {}", address_words(cause.kind()))))?;
    if port != 0 {
        return Ok((listener, uri.to_owned()));
    }
    let bound =
        listener.local_addr().map_err(|cause| unusable(address_words(cause.kind()).to_owned()))?.port();
    url.set_port(Some(bound)).map_err(|()| unusable("no port can be set".to_owned()))?;
    Ok((listener, url.into()))
}

/// Serves in background threads until the process ends, and passes on GET requests for the path. Other requests are refused.
pub(crate) fn serve(listener: TcpListener, path: String) -> Receiver<CallbackRequest> {
    let (sender, receiver) = mpsc::channel();
    let path: Arc<str> = path.into();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // Each connection's thread holds a reference to the path, so the count is the number of connections.
            let Ok(stream) = stream else { continue };
            if Arc::strong_count(&path) > CONNECTIONS {
                continue;
            }
            let (path, sender) = (Arc::clone(&path), sender.clone());
            thread::spawn(move || answer(stream, &path, &sender));
        }
    });
    receiver
}

fn answer(mut stream: TcpStream, path: &str, callbacks: &Sender<CallbackRequest>) {
    let _ = stream.set_write_timeout(Some(REQUEST_TIME));
    let (status, text) = match head(&mut stream) {
        Ok(head) => match callback_query(&head, path) {
            Ok(query) => {
                let _ = callbacks.send(CallbackRequest { query: query.to_owned(), stream });
                return;
            }
            Err(refused) => refused,
        },
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => BAD_REQUEST,
        Err(_) => return,
    };
    let _ = send(&mut stream, status, "fhir-ehr", text);
}

const BAD_REQUEST: (&str, &str) = ("400 Bad Request", "This is not a valid HTTP request.");

/// Reads the request line and headers, within [`REQUEST_BYTES`] and [`REQUEST_TIME`].
fn head(stream: &mut TcpStream) -> io::Result<String> {
    let deadline = Instant::now() + REQUEST_TIME;
    let mut head = Vec::new();
    let mut part = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        let count = stream.read(&mut part)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&part[..count]);
        if head.len() > REQUEST_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    String::from_utf8(head).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The query string of a GET for the path, or the status and text to refuse with.
fn callback_query<'a>(head: &'a str, path: &str) -> Result<&'a str, (&'static str, &'static str)> {
    let line = head.split("\r\n").next().unwrap_or_default();
    let parts: Vec<&str> = line.split(' ').collect();
    let [method, target, "HTTP/1.1" | "HTTP/1.0"] = parts[..] else { return Err(BAD_REQUEST) };
    let (target_path, query) = target.split_once('?').unwrap_or((target, ""));
    if target_path != path {
        return Err(("404 Not Found", "This page does not exist."));
    }
    if method != "GET" {
        return Err(("405 Method Not Allowed", "Only GET is allowed."));
    }
    Ok(query)
}

fn send(stream: &mut TcpStream, status: &str, title: &str, text: &str) -> io::Result<()> {
    let (title, text) = (html(title), html(text));
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{title}</h1><p>{text}</p></html>\n"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\n\
         X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nAllow: GET\r\n\
         Connection: close\r\n\r\n",
        page.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(page.as_bytes())?;
    stream.flush()?;
    stream.shutdown(std::net::Shutdown::Write)
}

/// Escapes text for HTML.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_get_of_the_path_is_a_callback() {
        for (line, expected) in [
            ("GET /cb?code=1&state=%20 HTTP/1.1", Ok("code=1&state=%20")),
            ("GET /cb HTTP/1.0", Ok("")),
            ("GET /favicon.ico HTTP/1.1", Err("404 Not Found")),
            ("GET /cb/?code=1 HTTP/1.1", Err("404 Not Found")),
            ("POST /cb?code=1 HTTP/1.1", Err("405 Method Not Allowed")),
            ("GET  /cb HTTP/1.1", Err("400 Bad Request")),
            ("GET /cb", Err("400 Bad Request")),
            ("", Err("400 Bad Request")),
        ] {
            let head = format!("{line}\r\nHost: x\r\n\r\n");
            assert_eq!(callback_query(&head, "/cb").map_err(|(status, _)| status), expected, "{line}");
        }
    }

    #[test]
    fn a_uri_without_a_port_gets_a_free_port_and_a_uri_with_a_port_is_kept() {
        let (listener, uri) = listen("http://127.0.0.1/callback").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(uri, format!("http://127.0.0.1:{port}/callback"));
        assert_eq!(listen(&uri).unwrap_err().code(), Code::RequestInvalid);
        drop(listener);
        assert_eq!(listen(&uri).unwrap().1, uri);
    }

    #[test]
    fn html_special_characters_are_escaped() {
        assert_eq!(html("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
    }
}
