//! The loopback end of a sign-in (RFC 8252 section 7.3): one callback path over a small HTTP/1.1 reader.

use crate::values::is_loopback;
use fhir_ehr::{Code, Error, Registration, escape_for_display};
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

/// How long one request may take, to come and to be answered.
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// How long a request's head may be.
const REQUEST_BYTES: usize = 16 * 1024;
/// How many connections are read at once; browsers open some that they do not use.
const CONNECTIONS: usize = 32;

/// A request for the callback path.
#[derive(Debug)]
pub(crate) struct Callback {
    /// The query as it came.
    pub(crate) query: String,
    stream: TcpStream,
}

impl Callback {
    /// Answers with a page.
    pub(crate) fn reply(mut self, status: &str, title: &str, text: &str) {
        // A browser that has gone away needs no page.
        let _ = send(&mut self.stream, status, title, text);
    }
}

/// The registration's first loopback address.
pub(crate) fn registered(registration: &Registration) -> Result<String, Error> {
    let found = registration.redirect_uris.iter().find(|uri| is_loopback(uri)).cloned();
    found.ok_or_else(|| {
        Error::new(Code::RedirectUriNotRegistered)
            .detail(format!("registration {} has no loopback address", registration.id))
            .hint(
                "register http://127.0.0.1/callback in the vendor's console and add it to the registration's \
                 redirect_uris",
            )
    })
}

/// Why a program cannot listen, in words for people.
fn address_words(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::AddrInUse => "another program uses it",
        io::ErrorKind::PermissionDenied => "this user may not use it",
        io::ErrorKind::AddrNotAvailable => "this computer does not have the address",
        _ => "the operating system does not allow it",
    }
}

/// Listens at a redirect URI; one without a port gets a free one. Gives the URI to send.
pub(crate) fn listen(uri: &str) -> Result<(TcpListener, String), Error> {
    let unusable = |why: String| {
        Error::new(Code::RequestInvalid).detail(format!("redirect URI {}: {why}", escape_for_display(uri)))
    };
    let mut url = Url::parse(uri).map_err(|_| unusable("not a URL".to_owned()))?;
    let addresses: Vec<SocketAddr> =
        url.socket_addrs(|| Some(0)).map_err(|cause| unusable(address_words(cause.kind()).to_owned()))?;
    // The URL library calls port 80 no port, and so does the rule of RFC 8252.
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

/// Serves in the background until the process ends; everything but the callback path is refused here.
pub(crate) fn serve(listener: TcpListener, path: String) -> Receiver<Callback> {
    let (sender, receiver) = mpsc::channel();
    let path: Arc<str> = path.into();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // Each connection holds the path; so many are under way.
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

fn answer(mut stream: TcpStream, path: &str, callbacks: &Sender<Callback>) {
    let _ = stream.set_write_timeout(Some(REQUEST_TIME));
    let (status, text) = match head(&mut stream) {
        Ok(head) => match callback_query(&head, path) {
            Ok(query) => {
                let _ = callbacks.send(Callback { query: query.to_owned(), stream });
                return;
            }
            Err(refused) => refused,
        },
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => BAD_REQUEST,
        Err(_) => return,
    };
    let _ = send(&mut stream, status, "fhir-ehr", text);
}

const BAD_REQUEST: (&str, &str) = ("400 Bad Request", "This is not a request that is understood here.");

/// The request line and headers, within limits of size and time.
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

/// The query of a GET for the path, or how to refuse.
fn callback_query<'a>(head: &'a str, path: &str) -> Result<&'a str, (&'static str, &'static str)> {
    let line = head.split("\r\n").next().unwrap_or_default();
    let parts: Vec<&str> = line.split(' ').collect();
    let [method, target, "HTTP/1.1" | "HTTP/1.0"] = parts[..] else { return Err(BAD_REQUEST) };
    let (asked, query) = target.split_once('?').unwrap_or((target, ""));
    if asked != path {
        return Err(("404 Not Found", "There is nothing here."));
    }
    if method != "GET" {
        return Err(("405 Method Not Allowed", "Only GET is understood here."));
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
        for (line, wanted) in [
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
            assert_eq!(callback_query(&head, "/cb").map_err(|(status, _)| status), wanted, "{line}");
        }
    }

    #[test]
    fn a_uri_without_a_port_gets_a_free_one_and_one_with_a_port_stays() {
        let (listener, uri) = listen("http://127.0.0.1/callback").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(uri, format!("http://127.0.0.1:{port}/callback"));
        assert_eq!(listen(&uri).unwrap_err().code(), Code::RequestInvalid);
        drop(listener);
        assert_eq!(listen(&uri).unwrap().1, uri);
    }

    #[test]
    fn text_stays_text_on_a_page() {
        assert_eq!(html("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
    }
}
