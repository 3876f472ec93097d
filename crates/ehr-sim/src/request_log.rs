//! The log of requests that tests read. An entry holds no token and no body.

use serde::Serialize;

use crate::http::{Reply, Request};

/// A long benchmark must not fill the memory: a full log drops its older half.
const MAX_ENTRIES: usize = 200_000;

/// One request as the simulator received it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestLog {
    /// The HTTP method.
    pub method: String,
    /// The path with its query string.
    pub path: String,
    /// The HTTP status of the reply; 0 if the simulator did not reply.
    pub status: u16,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The `Host` header. It shows a request that was sent to another origin.
    pub host: Option<String>,
    /// Whether the request had an `Authorization` header.
    pub has_authorization: bool,
    /// The client whose token or credentials were accepted.
    pub client: Option<String>,
    /// The `grant_type` of a token request.
    pub grant_type: Option<String>,
}

impl RequestLog {
    pub(crate) fn new(request: &Request, reply: &Reply) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path_and_query(),
            status: if reply.transport.never_answer { 0 } else { reply.status },
            accept: request.header("accept").map(str::to_owned),
            host: request.header("host").map(str::to_owned),
            has_authorization: request.header("authorization").is_some(),
            client: reply.client.clone(),
            grant_type: request
                .path
                .ends_with("/auth/token")
                .then(|| request.body_form().get("grant_type").map(str::to_owned))
                .flatten(),
        }
    }
}

/// Adds an entry to a log.
pub(crate) fn append(log: &mut Vec<RequestLog>, entry: RequestLog) {
    if log.len() >= MAX_ENTRIES {
        log.drain(..MAX_ENTRIES / 2);
    }
    log.push(entry);
}
