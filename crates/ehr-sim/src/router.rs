//! Sends each request to the module that answers it, and logs it.

use crate::{
    auth, brands, console, control,
    ehr::Ehr,
    fhir,
    http::{Reply, Request},
    issued, launch, patient_list,
    received::{self, ReceivedRequest},
    request_log::{self, RequestLog},
    server_options::Phase,
};

/// Answers a request. Requests to the control API are not logged.
pub(crate) fn answer(root: &Ehr, request: &Request) -> Reply {
    let (request, reply) = answer_with(root, request, |request| route(root, request));
    issued::record(&request, &reply);
    if !request.path.starts_with("/_sim/") {
        let entry = RequestLog::new(&request, &reply);
        if root.options.log {
            print_entry(&request, entry.status);
        }
        request_log::append(&mut root.state().log, entry);
    }
    reply
}

/// Answers a request with `reply`, after the switches of [`crate::rule_switches`] changed it. Returns the changed request too.
pub(crate) fn answer_with(
    root: &Ehr,
    request: &Request,
    reply: impl FnOnce(&Request) -> Reply,
) -> (Request, Reply) {
    let mut request = request.clone();
    root.state().rule_switches.change_request(&mut request);
    let mut reply = reply(&request);
    let mut state = root.state();
    state.rule_switches.change_reply(&request, &mut reply);
    if root.options.keep_requests && !request.path.starts_with("/_sim/") {
        received::append(&mut state.received, ReceivedRequest::new(&request, reply.status));
    }
    drop(state);
    (request, reply)
}

/// Whether the answer may need a document of another server, such as a JWK set.
pub(crate) fn may_fetch(request: &Request) -> bool {
    request.method == "POST" && (request.path.contains("/auth/") || request.path.starts_with("/console"))
}

fn route(root: &Ehr, request: &Request) -> Reply {
    let path = request.path.as_str();
    let ehr = root.base_of_path(path);
    let local = path.strip_prefix(&ehr.prefix).unwrap_or(path);
    let below_fhir =
        path.strip_prefix(&ehr.fhir_path).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    if let Some(reply) = too_large(ehr, request) {
        return reply;
    }
    if let Some(reply) = missing_header(ehr, request, phase(below_fhir, local)) {
        return reply;
    }
    if below_fhir.is_some() {
        return fhir::answer(ehr, request);
    }
    let unknown = || Reply::text(404, format!("ehr-sim does not implement {} {path}", request.method));
    match local {
        "/" => patient_list::answer(ehr, request),
        "/launch" => launch::answer(ehr, request),
        "/auth/authorize" => auth::authorize::answer(root, ehr, request),
        "/auth/token" => auth::token::answer(ehr, request),
        "/smart-style.json" => launch::smart_style(),
        _ if local.starts_with("/auth/") => {
            let name = local.trim_start_matches("/auth/");
            auth::token_management::answer(ehr, name, request).unwrap_or_else(unknown)
        }
        _ if path == "/brands" => brands::answer(root, request),
        _ if path == "/console" || path.starts_with("/console/") => console::answer(root, request),
        _ if path.starts_with("/_sim/") => control::answer(root, request),
        _ => unknown(),
    }
}

/// The phase that a request belongs to. Pages for browsers belong to none.
fn phase(below_fhir: Option<&str>, local: &str) -> Option<Phase> {
    match (below_fhir, local) {
        (Some("/metadata"), _) => Some(Phase::Discovery),
        (Some(path), _) if path.starts_with("/.well-known/") => Some(Phase::Discovery),
        (Some(_), _) => Some(Phase::Fhir),
        (None, "/auth/token" | "/auth/introspect" | "/auth/revoke" | "/auth/register") => Some(Phase::Token),
        (None, _) => None,
    }
}

/// The refusal of a request whose headers are larger than the server reads (O10).
fn too_large(ehr: &Ehr, request: &Request) -> Option<Reply> {
    let most = ehr.profile.header_bytes?;
    // A line has a colon, a space and two bytes at its end.
    let bytes: usize = request.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    (bytes > most).then(|| Reply::text(431, "Request Header Fields Too Large"))
}

/// The gateway's refusal of a request without a header that it requires (E2).
fn missing_header(ehr: &Ehr, request: &Request, phase: Option<Phase>) -> Option<Reply> {
    let phase = phase?;
    let missing = ehr.options.required_headers.iter().find(|required| {
        let applies = required.phases.is_empty() || required.phases.contains(&phase);
        let sent = request.header(&required.name.to_ascii_lowercase());
        let right = sent.is_some_and(|sent| required.value.as_deref().is_none_or(|value| value == sent));
        applies && !right
    })?;
    Some(Reply::text(403, format!("The header {} is missing or wrong", missing.name)))
}

#[allow(clippy::print_stderr)] // This is the output of --log.
fn print_entry(request: &Request, status: u16) {
    // The query of these paths can hold a code, a launch token or a state.
    let path = if request.path.contains("/auth/") || request.path.ends_with("/launch") {
        request.path.clone()
    } else {
        request.path_and_query()
    };
    eprintln!("{} {path} {status}", request.method);
}
