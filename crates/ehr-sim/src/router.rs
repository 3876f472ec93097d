//! Sends each request to the module that answers it, and logs it.

use crate::{
    auth, control,
    ehr::Ehr,
    fhir,
    http::{Reply, Request},
    launch, patient_list,
    request_log::{self, RequestLog},
};

/// Answers a request. Requests to the control API are not logged.
pub(crate) fn answer(ehr: &Ehr, request: &Request) -> Reply {
    let reply = route(ehr, request);
    if !request.path.starts_with("/_sim/") {
        let entry = RequestLog::new(request, &reply);
        if ehr.options.log {
            print_entry(request, entry.status);
        }
        request_log::append(&mut ehr.state().log, entry);
    }
    reply
}

fn route(ehr: &Ehr, request: &Request) -> Reply {
    let path = request.path.as_str();
    if path == "/fhir" || path.starts_with("/fhir/") {
        return fhir::answer(ehr, request);
    }
    match path {
        "/" => patient_list::answer(ehr, request),
        "/launch" => launch::answer(ehr, request),
        "/auth/authorize" => auth::authorize::answer(ehr, request),
        "/auth/token" => auth::token::answer(ehr, request),
        "/smart-style.json" => launch::smart_style(),
        _ if path.starts_with("/_sim/") => control::answer(ehr, request),
        _ => Reply::text(404, format!("ehr-sim does not implement {} {path}", request.method)),
    }
}

#[allow(clippy::print_stderr)] // This is the output of --log.
fn print_entry(request: &Request, status: u16) {
    // The query of these paths can hold a code, a launch token or a state.
    let path = if request.path.starts_with("/auth") || request.path == "/launch" {
        request.path.clone()
    } else {
        request.path_and_query()
    };
    eprintln!("{} {path} {status}", request.method);
}
