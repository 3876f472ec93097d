//! Requests and replies as plain values, so that the same code answers a socket and a call in process.

use std::time::Duration;

use serde_json::Value;
use url::form_urlencoded;

/// A request with its complete body.
#[derive(Debug, Default, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Without the question mark; empty if there is none.
    pub(crate) query: String,
    /// Names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The first header of a name, which must be in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn query_form(&self) -> Form {
        Form::parse(self.query.as_bytes())
    }

    pub(crate) fn body_form(&self) -> Form {
        Form::parse(&self.body)
    }

    /// Whether the body is labeled as a form.
    pub(crate) fn has_form_body(&self) -> bool {
        let label = self.header("content-type").and_then(|label| label.split(';').next()).unwrap_or_default();
        label.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    pub(crate) fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

/// The decoded pairs of a query string or a form body, in the order of the request.
#[derive(Debug, Default, Clone)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Form {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// Whether a name occurs more than once.
    pub(crate) fn has_duplicate(&self) -> bool {
        self.0.iter().enumerate().any(|(at, (name, _))| self.0[..at].iter().any(|(other, _)| other == name))
    }

    /// The first value of a name. An empty value counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// Faults that the socket applies when it sends a reply.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct TransportFaults {
    pub(crate) delay: Duration,
    pub(crate) never_answer: bool,
    /// The connection closes after half of the body.
    pub(crate) close_early: bool,
    /// How many spaces are sent before the body.
    pub(crate) padding: usize,
}

/// A reply.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) transport: TransportFaults,
    /// The client whose token or credentials were accepted, for the request log.
    pub(crate) client: Option<String>,
}

impl Reply {
    pub(crate) fn new(status: u16, media_type: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.into(),
            ..Self::default()
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::empty(status).with("location", to).with("cache-control", "no-store")
    }

    /// The reply with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

/// Text escaped for HTML, also inside attribute values.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A URL with query pairs added. The existing query keeps its bytes.
pub(crate) fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    let mut encoder = form_urlencoded::Serializer::new(String::new());
    encoder.extend_pairs(pairs);
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{}", encoder.finish())
}

/// A path segment with its percent-encoding decoded.
pub(crate) fn decode_segment(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
