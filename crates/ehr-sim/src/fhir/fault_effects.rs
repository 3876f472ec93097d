//! Applies faults to replies: they replace a reply, corrupt its body, or disturb its transport.

use std::time::Duration;

use crate::{
    ehr::Ehr,
    faults::{RequestFaults, RequestKind},
    http::{Reply, Request, TransportFaults},
    page::{self, Layout},
};

use super::problem::Problem;

/// The reply that a fault sends in place of the real one.
pub(crate) fn replacement(
    ehr: &Ehr,
    request: &Request,
    faults: &RequestFaults,
    kind: RequestKind<'_>,
) -> Option<Reply> {
    // A target such as @token can aim each of the two at the other endpoint.
    let status = ["fhir-status", "token-status"].iter().find_map(|name| status(faults, name));
    if let Some(body) = faults.argument("token-answer") {
        return Some(Reply::new(status.unwrap_or(200), "application/json", body));
    }
    if let Some(status) = status {
        return Some(status_reply(ehr, faults, kind, status));
    }
    for (fault, text) in [
        ("request_invalid_token", "Invalid token (simulated error)"),
        ("request_expired_token", "Token expired (simulated error)"),
    ] {
        if faults.contains(fault) {
            return Some(Reply::text(401, text));
        }
    }
    if faults.contains("html-error") {
        return Some(page::error(
            500,
            Layout::Plain,
            "Runtime Error",
            "Server Error in '/' Application.",
            "",
        ));
    }
    if faults.contains("redirect-foreign") {
        let to = format!("http://localhost:{}{}", ehr.port, request.path_and_query());
        return Some(Reply::redirect(302, &to));
    }
    if let Some(body) = faults.argument("fhir-body") {
        return Some(Reply::new(200, "application/fhir+json", body));
    }
    if faults.contains("empty-body") {
        return Some(Reply::new(200, "application/json", ""));
    }
    None
}

/// The HTTP status in a fault's argument.
fn status(faults: &RequestFaults, name: &str) -> Option<u16> {
    faults.number(name).and_then(|status| u16::try_from(status).ok())
}

/// An error with this status, in the format of the endpoint.
fn status_reply(ehr: &Ehr, faults: &RequestFaults, kind: RequestKind<'_>, status: u16) -> Reply {
    let mut reply = if kind.is_oauth() {
        Reply::json(status, &serde_json::json!({ "error": "temporarily_unavailable" }))
    } else {
        Problem::new(status, "exception", "59177", format!("simulated fault {status}")).reply(ehr)
    };
    if status == 401 && !kind.is_oauth() {
        reply = reply.with("www-authenticate", "Bearer error=\"invalid_token\"");
    }
    if let Some(retry_after) = faults.argument("retry-after") {
        reply = reply.with("retry-after", retry_after);
    }
    reply
}

/// A successful reply with a corrupted body, status or media type.
pub(crate) fn corrupt(mut reply: Reply, faults: &RequestFaults) -> Reply {
    if faults.contains("truncated-json") {
        let mut half = reply.body.len() / 2;
        while !reply.body.is_char_boundary(half) {
            half -= 1;
        }
        reply.body.truncate(half);
    }
    if let Some(status) = status(faults, "status-of-success")
        && reply.status == 200
    {
        reply.status = status;
    }
    if faults.contains("wrong-media-type")
        && let Some(header) = reply.headers.iter_mut().find(|(name, _)| *name == "content-type")
    {
        header.1 = "text/html".to_owned();
    }
    reply
}

/// A refusal of an access token, with the status of the fault `refused-token-status`.
pub(crate) fn with_refusal_status(mut reply: Reply, faults: &RequestFaults) -> Reply {
    if let Some(status) = status(faults, "refused-token-status")
        && reply.status == 401
    {
        reply.status = status;
    }
    reply
}

/// The reply with the faults that the socket applies.
pub(crate) fn with_transport_faults(mut reply: Reply, faults: &RequestFaults) -> Reply {
    reply.transport = TransportFaults {
        delay: Duration::from_millis(faults.number("slow").unwrap_or(0)),
        never_answer: faults.contains("never-answers"),
        close_early: faults.contains("close-early"),
        padding: faults.number("huge-body").and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0),
    };
    reply
}
