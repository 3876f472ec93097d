//! Fetches a document over HTTP from this machine.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use url::Url;

/// How long a fetch may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The largest reply.
const MAX_BYTES: u64 = 256 * 1024;

/// A document with the headers that matter for a JWK set.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) body: String,
}

/// Fetches a document. A page can make the simulator fetch a URL, so it fetches from loopback addresses only.
///
/// The error is a sentence.
pub(crate) fn fetch(url: &str) -> Result<Document, String> {
    let url = Url::parse(url).map_err(|error| format!("The URL is not valid: {error}"))?;
    if url.scheme() != "http" {
        return Err("ehr-sim fetches http URLs of this machine only".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port)
        .to_socket_addrs()
        .map_err(|error| format!("The host cannot be resolved: {error}"))?
        .find(|address| address.ip().is_loopback())
        .ok_or("The host is not this machine")?;
    let deadline = Instant::now() + TIMEOUT;
    let io_error = |error: std::io::Error| format!("The URL cannot be fetched: {error}");
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).map_err(io_error)?;
    stream.set_write_timeout(Some(TIMEOUT)).map_err(io_error)?;
    let mut target = url.path().to_owned();
    if let Some(query) = url.query() {
        target = format!("{target}?{query}");
    }
    // HTTP/1.0, so that the server does not send the body in chunks.
    let request = format!(
        "GET {target} HTTP/1.0\r\nHost: {host}:{port}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(io_error)?;
    parse(&read(&mut stream, deadline).map_err(io_error)?)
}

fn read(stream: &mut TcpStream, deadline: Instant) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer)? {
            0 => return Ok(bytes),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
        if bytes.len() as u64 > MAX_BYTES {
            return Err(std::io::Error::other("the reply is larger than 256 KiB"));
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Document, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "The reply is not UTF-8")?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("The reply is not HTTP")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        return Err(format!("The reply has the status {status}, not 200"));
    }
    let header = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if header("transfer-encoding").is_some() {
        return Err("The reply has a Transfer-Encoding, which HTTP/1.0 does not allow".to_owned());
    }
    Ok(Document {
        content_type: header("content-type"),
        cache_control: header("cache-control"),
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_fetched_from() {
        assert!(fetch("https://127.0.0.1/jwks").is_err_and(|text| text.contains("http URLs")));
        assert!(fetch("http://192.0.2.1/jwks").is_err_and(|text| text.contains("not this machine")));
    }

    #[test]
    fn a_reply_is_read() {
        let document =
            parse(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}").expect("a document");
        assert_eq!(
            (document.body.as_str(), document.content_type.as_deref()),
            ("{}", Some("application/json"))
        );
        assert!(parse(b"HTTP/1.1 302 Found\r\n\r\n").is_err());
    }
}
