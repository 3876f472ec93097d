//! The FHIR server: the way of a request from its path to a resource, a search or a refusal.

mod access;
mod bundle;
pub(crate) mod damage;
pub(crate) mod date;
mod matching;
mod metadata;
pub(crate) mod paging;
mod params;
mod problem;
mod search;

use crate::{
    faults::{Aim, Met},
    http::{Form, Reply, Request, decode_segment},
    personality::{AcceptPolicy, media_type},
    world::World,
};

use self::{access::Access, problem::Problem};

/// A reply, or the problem that becomes one in the personality's shape.
type Answer = Result<Reply, Problem>;

pub(crate) fn answer(world: &World, request: &Request) -> Reply {
    let rest = request.path.strip_prefix("/fhir").unwrap_or_default();
    let segments: Vec<String> =
        rest.split('/').filter(|segment| !segment.is_empty()).map(decode_segment).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let discovery = matches!(segments[..], ["metadata"] | [".well-known", "smart-configuration"]);
    let page_type = paging::type_of_request(world, request);
    let resource_type = page_type.as_deref().or_else(|| segments.first().copied()).unwrap_or_default();
    let aim = if discovery { Aim::Discovery } else { Aim::Fhir(resource_type) };
    let met = world.state().faults.meet(aim);
    let reply = damage::instead(world, request, &met, "fhir-status").unwrap_or_else(|| {
        let mut client = None;
        let reply = route(world, request, &segments, &met, &mut client);
        let mut reply = match reply {
            Ok(reply) => damage::body(reply, &met),
            Err(problem) => damage::refusal(problem.reply(world), &met),
        };
        reply.client = client;
        reply
    });
    damage::wire(reply, &met)
}

fn route(
    world: &World,
    request: &Request,
    segments: &[&str],
    met: &Met,
    client: &mut Option<String>,
) -> Answer {
    let method = request.method.as_str();
    match (method, segments) {
        ("GET", [".well-known", "smart-configuration"]) => {
            return metadata::smart_configuration(world);
        }
        ("GET", ["metadata"]) => {
            if let Some(refused) = refuse_accept(world, request) {
                return Ok(refused);
            }
            return Ok(metadata::statement(world));
        }
        _ => {}
    }
    let access = Access::of(world, request)?;
    *client = Some(access.client().to_owned());
    if let Some(refused) = refuse_accept(world, request) {
        return Ok(refused);
    }
    match (method, segments) {
        ("GET", []) if request.query_form().get("_getpages").is_some() => {
            paging::next(world, &access, &request.query_form(), met)
        }
        ("GET", [resource_type]) => {
            let form = request.query_form();
            if paging::is_page(&form) {
                return paging::next(world, &access, &form, met);
            }
            search::answer(world, &access, resource_type, &form, &request.query, met)
        }
        ("POST", [resource_type, "_search"]) => {
            let form: Form = request.body_form();
            let query = String::from_utf8_lossy(&request.body).into_owned();
            search::answer(world, &access, resource_type, &form, &query, met)
        }
        ("GET", [resource_type, id]) => read(world, &access, resource_type, id, met),
        _ => Err(Problem::not_implemented(
            if matches!(method, "GET" | "HEAD") { 404 } else { 501 },
            &format!("{method} {}", request.path),
        )),
    }
}

fn read(world: &World, access: &Access, resource_type: &str, id: &str, met: &Met) -> Answer {
    params::check_type(world, resource_type)?;
    deny_type(met, resource_type)?;
    access.may_read(resource_type)?;
    let records = world.records();
    let record = records
        .get(resource_type, id)
        .ok_or_else(|| Problem::new(404, "not-found", "4102", format!("There is no {resource_type}/{id}")))?;
    if !access.sees(record) {
        return Err(Problem::new(403, "forbidden", "4118", "The resource is outside the patient in context"));
    }
    Ok(Reply::new(200, media_type(world.options.fhir), record.text.clone()))
}

/// O34: the user lacks a privilege in the EHR, though the scope was granted.
fn deny_type(met: &Met, resource_type: &str) -> Result<(), Problem> {
    if met.has("deny-type") {
        return Err(Problem::new(403, "forbidden", "4118", format!("The user may not see {resource_type}")));
    }
    Ok(())
}

/// What the personality does with an Accept it does not like (O20; Epic's XML).
fn refuse_accept(world: &World, request: &Request) -> Option<Reply> {
    let accept = request.header("accept").unwrap_or_default();
    let format = request.query_form();
    let wanted = format.get("_format").unwrap_or(accept);
    match world.profile.accept {
        AcceptPolicy::Tolerant => None,
        AcceptPolicy::Strict => {
            let fits = wanted.split(',').map(|range| range.split(';').next().unwrap_or_default().trim()).any(
                |range| match world.options.fhir {
                    crate::FhirRelease::R4 => {
                        matches!(range, "application/fhir+json" | "json")
                    }
                    crate::FhirRelease::Dstu2 => {
                        matches!(range, "application/json+fhir" | "application/json" | "json")
                    }
                },
            );
            (!fits).then(|| Reply::empty(406))
        }
        AcceptPolicy::XmlByDefault => (!wanted.contains("json")).then(|| {
            Reply::new(
                200,
                "application/fhir+xml",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Bundle xmlns=\"http://hl7.org/fhir\">\
                 <!-- ehr-sim does not implement XML: it only shows that JSON was not asked for -->\
                 <type value=\"searchset\"/><total value=\"0\"/></Bundle>\n",
            )
        }),
    }
}
