//! `/_sim/`: what tests of other languages ask the simulator, in JSON.

use serde_json::{Value, json};

use crate::{
    auth,
    faults::Fault,
    http::{Reply, Request},
    options::LaunchOptions,
    records::display_name,
    world::World,
};

pub(crate) fn answer(world: &World, request: &Request) -> Reply {
    let done = || Reply::json(200, &json!({ "done": true }));
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_sim/patients") => patients(world),
        ("GET", "/_sim/requests") => match serde_json::to_value(&world.state().log) {
            Ok(log) => Reply::json(200, &log),
            Err(error) => wrong(&error.to_string()),
        },
        ("GET", "/_sim/connections") => Reply::json(200, &json!({ "connections": world.connections() })),
        ("GET", "/_sim/config") => Reply::new(200, "application/json", world.config_json()),
        ("POST", "/_sim/launch") => launch(world, request),
        ("POST", "/_sim/reset-requests") => {
            world.state().log.clear();
            done()
        }
        ("POST", "/_sim/faults") => faults(world, request),
        ("POST", "/_sim/expire-tokens") => {
            world.state().auth.expire_access_tokens();
            done()
        }
        ("POST", "/_sim/revoke-refresh-tokens") => {
            world.state().auth.revoke_refresh_tokens();
            done()
        }
        ("POST", "/_sim/advance") => advance(world, request),
        ("POST", "/_sim/resource") => put_resource(world, request),
        ("POST", "/_sim/remove") => remove_resource(world, request),
        (method, path) => {
            Reply::json(404, &json!({ "error": format!("ehr-sim does not implement {method} {path}") }))
        }
    }
}

fn wrong(why: &str) -> Reply {
    Reply::json(400, &json!({ "error": why }))
}

fn patients(world: &World) -> Reply {
    let list: Vec<Value> = world
        .records()
        .patients()
        .map(|patient| {
            json!({
                "id": patient.id,
                "name": display_name(&patient.value),
                "birth_date": patient.value["birthDate"],
                "mrn": world.mrn(patient),
            })
        })
        .collect();
    Reply::json(200, &Value::Array(list))
}

fn body(request: &Request) -> Result<Value, Reply> {
    serde_json::from_slice(&request.body).map_err(|error| wrong(&format!("the body: {error}")))
}

fn launch(world: &World, request: &Request) -> Reply {
    let asked = match body(request) {
        Ok(asked) => asked,
        Err(reply) => return reply,
    };
    let text = |name: &str| asked[name].as_str().map(str::to_owned);
    let Some(patient) = text("patient") else {
        return wrong("patient is missing");
    };
    if world.records().get("Patient", &patient).is_none() {
        return wrong(&format!("there is no Patient/{patient}"));
    }
    let launch = auth::new_launch(
        world,
        &LaunchOptions {
            patient,
            encounter: text("encounter"),
            user: text("user"),
            need_patient_banner: asked["need_patient_banner"].as_bool().unwrap_or(false),
        },
    );
    Reply::json(200, &json!({ "launch": launch, "iss": world.iss() }))
}

/// `{"set": ["slow:10"]}`, `{"clear": true}`, or both: first cleared, then set.
fn faults(world: &World, request: &Request) -> Reply {
    let asked = match body(request) {
        Ok(asked) => asked,
        Err(reply) => return reply,
    };
    let mut wanted: Vec<Fault> = Vec::new();
    for fault in asked["set"].as_array().into_iter().flatten() {
        match fault.as_str().unwrap_or_default().parse() {
            Ok(fault) => wanted.push(fault),
            Err(why) => return wrong(&why),
        }
    }
    let mut state = world.state();
    if asked["clear"] == true {
        state.faults.clear();
    }
    for fault in wanted {
        state.faults.set(fault);
    }
    Reply::json(200, &json!({ "done": true }))
}

/// The body is the resource.
fn put_resource(world: &World, request: &Request) -> Reply {
    let stored = std::str::from_utf8(&request.body)
        .map_err(|_| "the body is not UTF-8".to_owned())
        .and_then(|text| world.put_resource(text.trim_start_matches('\u{feff}')));
    match stored {
        Ok(stored) => Reply::json(
            200,
            &json!({
                "reference": stored.reference,
                "version_id": stored.version_id,
                "last_updated": stored.last_updated,
                "created": stored.created,
            }),
        ),
        Err(why) => wrong(&why),
    }
}

/// `{"resourceType": "Observation", "id": "w1"}`
fn remove_resource(world: &World, request: &Request) -> Reply {
    let asked = match body(request) {
        Ok(asked) => asked,
        Err(reply) => return reply,
    };
    let (Some(resource_type), Some(id)) = (asked["resourceType"].as_str(), asked["id"].as_str()) else {
        return wrong("resourceType or id is missing");
    };
    match world.remove_resource(resource_type, id) {
        Ok(()) => Reply::json(200, &json!({ "done": true })),
        Err(why) => wrong(&why),
    }
}

/// `{"seconds": 600}`
fn advance(world: &World, request: &Request) -> Reply {
    match body(request) {
        Ok(asked) => match asked["seconds"].as_u64() {
            Some(seconds) => {
                world.clock.advance(std::time::Duration::from_secs(seconds));
                Reply::json(200, &json!({ "done": true }))
            }
            None => wrong("seconds is missing"),
        },
        Err(reply) => reply,
    }
}
