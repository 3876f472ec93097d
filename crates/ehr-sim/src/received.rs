//! Complete requests, for tests that check what a client sent.

use crate::http::{Form, Request};

/// The most requests that are kept.
const MAX_ENTRIES: usize = 10_000;

/// A complete request as the simulator understood it. It has tokens and secrets of the simulation, so it is kept only with
/// [`crate::Options::keep_requests`].
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query string.
    pub query: String,
    /// The headers; the names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// The HTTP status of the reply.
    pub status: u16,
}

/// `Debug` prints no query, header or body: they have tokens and secrets.
impl std::fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.method, self.path, self.status)
    }
}

impl ReceivedRequest {
    pub(crate) fn new(request: &Request, status: u16) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
            status,
        }
    }

    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter: in the query of a GET request, else in the form of the body.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let text = if self.method == "GET" { &self.query } else { &self.body };
        Form::parse(text.as_bytes()).0.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Adds an entry. A full list drops its older half.
pub(crate) fn append(list: &mut Vec<ReceivedRequest>, entry: ReceivedRequest) {
    if list.len() >= MAX_ENTRIES {
        list.drain(..MAX_ENTRIES / 2);
    }
    list.push(entry);
}
