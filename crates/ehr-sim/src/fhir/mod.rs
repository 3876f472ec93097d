//! The FHIR server: sends a request to a read, a search, a page or discovery.

mod accept;
mod access;
mod bundle;
mod bundle_entries;
mod discovery;
pub(crate) mod fault_effects;
mod matching;
mod metadata;
mod page_link;
pub(crate) mod pages;
mod paging;
mod params;
mod problem;
mod search;
mod search_rules;
mod search_value;

use crate::{
    ehr::Ehr,
    faults::{RequestFaults, RequestKind},
    http::{Reply, Request, decode_segment},
    personality::media_type,
    users,
};

use self::{
    access::Access,
    problem::{Answer, Problem},
};

pub(crate) fn answer(ehr: &Ehr, request: &Request) -> Reply {
    let rest = request.path.strip_prefix(&ehr.fhir_path).unwrap_or_default();
    let segments: Vec<String> =
        rest.split('/').filter(|segment| !segment.is_empty()).map(decode_segment).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let discovery = matches!(segments[..], ["metadata"] | [".well-known", _]);
    let page_type = paging::type_of_request(ehr, request);
    let resource_type = page_type.as_deref().or_else(|| segments.first().copied()).unwrap_or_default();
    let kind = if discovery { RequestKind::Discovery } else { RequestKind::Fhir(resource_type) };
    let faults = ehr.state().faults.for_request(kind);
    let reply = fault_effects::replacement(ehr, request, &faults, kind).unwrap_or_else(|| {
        let mut client = None;
        let mut reply = match route(ehr, request, &segments, &faults, &mut client) {
            Ok(reply) => fault_effects::corrupt(reply, &faults),
            Err(problem) => fault_effects::with_refusal_status(problem.reply(ehr), &faults),
        };
        reply.client = client;
        reply
    });
    fault_effects::with_transport_faults(reply, &faults)
}

/// `client` is set as soon as the access token is accepted.
fn route(
    ehr: &Ehr,
    request: &Request,
    segments: &[&str],
    faults: &RequestFaults,
    client: &mut Option<String>,
) -> Answer {
    let method = request.method.as_str();
    match (method, segments) {
        ("GET", [".well-known", "smart-configuration"]) => return discovery::smart_configuration(ehr),
        ("GET", [".well-known", "openid-configuration"]) => return discovery::openid_configuration(ehr),
        ("GET", ["metadata"]) => {
            return Ok(accept::refusal(ehr, request).unwrap_or_else(|| metadata::statement(ehr)));
        }
        _ => {}
    }
    let access = Access::of_request(ehr, request)?;
    *client = Some(access.client().to_owned());
    if let Some(refusal) = accept::refusal(ehr, request) {
        return Ok(refusal);
    }
    match (method, segments) {
        ("GET", []) if request.query_form().get("_getpages").is_some() => {
            paging::answer(ehr, &access, &request.query_form(), faults)
        }
        ("GET", [resource_type]) => {
            let form = request.query_form();
            if page_link::is_page_link(&form) {
                return paging::answer(ehr, &access, &form, faults);
            }
            search::answer(ehr, &access, resource_type, &form, &request.query, faults)
        }
        ("POST", [resource_type, "_search"]) => {
            let query = String::from_utf8_lossy(&request.body);
            search::answer(ehr, &access, resource_type, &request.body_form(), &query, faults)
        }
        ("GET", [resource_type, id]) => read(ehr, &access, resource_type, id, faults),
        _ => Err(Problem::not_implemented(
            if matches!(method, "GET" | "HEAD") { 404 } else { 501 },
            &format!("{method} {}", request.path),
        )),
    }
}

fn read(ehr: &Ehr, access: &Access, resource_type: &str, id: &str, faults: &RequestFaults) -> Answer {
    params::check_type(ehr, resource_type)?;
    access::check_deny_type(faults, resource_type)?;
    if let Some(user) = access.own_user(ehr, resource_type, id) {
        let resource = users::practitioner(user, ehr.options.fhir);
        return Ok(Reply::new(200, media_type(ehr.options.fhir), resource.to_string()));
    }
    access.check_read(resource_type)?;
    let resources = ehr.resources();
    let resource = resources
        .get(resource_type, id)
        .ok_or_else(|| Problem::new(404, "not-found", "4102", format!("There is no {resource_type}/{id}")))?;
    if !access.selects(ehr, resource, false) {
        return Err(Problem::new(
            403,
            "forbidden",
            "4118",
            "The granular scopes do not include the resource",
        ));
    }
    if !access.covers(resource) {
        return Err(Problem::new(
            403,
            "forbidden",
            "4118",
            "The resource does not belong to the patient in context",
        ));
    }
    Ok(Reply::new(200, media_type(ehr.options.fhir), resource.text.clone()))
}
