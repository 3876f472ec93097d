//! Faults that replace a reply, spoil its body or its way over the wire.

use std::time::Duration;

use crate::{
    faults::Met,
    http::{Reply, Request},
    page::{self, Look},
    world::World,
};

use super::problem::Problem;

/// The reply that a fault puts in place of the real one.
pub(crate) fn instead(world: &World, request: &Request, met: &Met, status_fault: &str) -> Option<Reply> {
    // With @token the fault of the other endpoint is meant all the same.
    let status = ["fhir-status", "token-status"]
        .iter()
        .find_map(|name| met.number(name))
        .and_then(|status| u16::try_from(status).ok());
    if let Some(body) = met.argument("token-answer") {
        return Some(Reply::new(status.unwrap_or(200), "application/json", body));
    }
    if let Some(status) = status {
        let mut reply = if status_fault == "token-status" {
            Reply::json(status, &serde_json::json!({ "error": "temporarily_unavailable" }))
        } else {
            Problem::new(status, "exception", "59177", format!("simulated fault {status}")).reply(world)
        };
        if status == 401 && status_fault == "fhir-status" {
            reply = reply.with("www-authenticate", "Bearer error=\"invalid_token\"");
        }
        if let Some(when) = met.argument("retry-after") {
            reply = reply.with("retry-after", when);
        }
        return Some(reply);
    }
    if met.has("html-error") {
        return Some(page::error(500, Look::Plain, "Runtime Error", "Server Error in '/' Application.", ""));
    }
    if met.has("redirect-foreign") {
        let to = format!("http://localhost:{}{}", world.port, request.path_and_query());
        return Some(Reply::redirect(302, &to));
    }
    if let Some(body) = met.argument("fhir-body") {
        return Some(Reply::new(200, "application/fhir+json", body));
    }
    if met.has("empty-body") {
        return Some(Reply::new(200, "application/json", ""));
    }
    None
}

/// A good reply with a spoilt body or label.
pub(crate) fn body(mut reply: Reply, met: &Met) -> Reply {
    if met.has("truncated-json") {
        let mut half = reply.body.len() / 2;
        while !reply.body.is_char_boundary(half) {
            half -= 1;
        }
        reply.body.truncate(half);
    }
    if let Some(status) = met.number("status-of-success").and_then(|status| u16::try_from(status).ok())
        && reply.status == 200
    {
        reply.status = status;
    }
    if met.has("wrong-media-type")
        && let Some(header) = reply.headers.iter_mut().find(|(name, _)| *name == "content-type")
    {
        header.1 = "text/html".to_owned();
    }
    reply
}

/// The refusal of a request, with the status of a fault where it is the token that is refused.
pub(crate) fn refusal(mut reply: Reply, met: &Met) -> Reply {
    if let Some(status) = met.number("refused-token-status").and_then(|status| u16::try_from(status).ok())
        && reply.status == 401
    {
        reply.status = status;
    }
    reply
}

/// A reply with its transport faults.
pub(crate) fn wire(mut reply: Reply, met: &Met) -> Reply {
    reply.wire.delay = Duration::from_millis(met.number("slow").unwrap_or(0));
    reply.wire.never_answer = met.has("never-answers");
    reply.wire.close_early = met.has("close-early");
    reply.wire.padding = met.number("huge-body").and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
    reply
}
