//! A minimal HTTP server for this example. A real application uses its web server.

use std::io::{self, BufRead, BufReader, Read, Write};
use url::form_urlencoded;

/// Maximum size of a request, in bytes.
pub(crate) const LIMIT: u64 = 1 << 20;

const COOKIE: &str = "study_session";

/// A request.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// The session id from the cookie.
    pub(crate) session: Option<String>,
    form: Vec<(String, String)>,
}

impl Request {
    /// The first value of a form field, or an empty string.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a form field.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        self.form.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }
}

/// A response.
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    html: String,
}

impl Reply {
    /// A page.
    pub(crate) fn html(status: u16, html: String) -> Self {
        Reply { status, headers: Vec::new(), html }
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Reply { status, headers: vec![("Location", to.to_owned())], html: String::new() }
    }

    /// Sets the session cookie. With SameSite=Lax, the browser sends it when the EHR redirects back, but not with a form on another
    /// site. With https, add Secure. In a frame of the EHR, use SameSite=None and a CSRF token in each form.
    pub(crate) fn with_cookie(mut self, session: &str) -> Self {
        self.headers.push(("Set-Cookie", format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax")));
        self
    }
}

/// Reads one request.
pub(crate) fn read(stream: &mut impl Read) -> io::Result<Request> {
    let mut stream = BufReader::new(stream);
    let start = line(&mut stream)?;
    let mut words = start.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..Request::default()
    };
    let mut length = 0;
    loop {
        let header = line(&mut stream)?;
        let Some((name, value)) = header.split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "cookie" => request.session = session(value),
            _ => {}
        }
    }
    let mut body = Vec::new();
    stream.take(length).read_to_end(&mut body)?;
    request.form = form_urlencoded::parse(&body).into_owned().collect();
    Ok(request)
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    if stream.read_line(&mut text)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(text.trim_end().to_owned())
}

fn session(cookies: &str) -> Option<String> {
    let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned()).next()
}

/// Writes one response. The connection is closed after it.
pub(crate) fn write(stream: &mut impl Write, reply: &Reply) -> io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {} -\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n",
        reply.status,
        reply.html.len(),
    );
    for (name, value) in &reply.headers {
        // A line break in a header would allow header injection. URLs from the library have none.
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(reply.html.as_bytes())?;
    stream.flush()
}
