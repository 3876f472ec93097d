//! `/_sim/`: the control API, with which tests in other languages inspect and change the simulator.

use serde_json::{Value, json};

use crate::{
    config,
    ehr::Ehr,
    faults::Fault,
    http::{Reply, Request},
    options::LaunchOptions,
    registration::Registration,
    resources::display_name,
};

pub(crate) fn answer(ehr: &Ehr, request: &Request) -> Reply {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_sim/patients") => match base(ehr, request.query_form().get("iss")) {
            Ok(base) => patients(base),
            Err(reply) => reply,
        },
        ("GET", "/_sim/requests") => match serde_json::to_value(&ehr.state().log) {
            Ok(log) => Reply::json(200, &log),
            Err(error) => bad_request(&error.to_string()),
        },
        ("GET", "/_sim/connections") => Reply::json(200, &json!({ "connections": ehr.connections() })),
        ("GET", "/_sim/config") => Reply::new(200, "application/json", &*config::document(ehr)),
        ("POST", "/_sim/launch") => launch(ehr, request),
        ("POST", "/_sim/reset-requests") => {
            let mut state = ehr.state();
            state.log.clear();
            state.received.clear();
            done()
        }
        ("POST", "/_sim/faults") => faults(ehr, request),
        ("POST", "/_sim/expire-tokens") => {
            ehr.state().auth.expire_access_tokens();
            done()
        }
        ("POST", "/_sim/revoke-refresh-tokens") => {
            ehr.state().auth.revoke_refresh_tokens();
            done()
        }
        ("POST", "/_sim/registration") => put_registration(ehr, request),
        ("POST", "/_sim/rotate-jwks") => {
            let published = parse_body(request).map_or(true, |body| body["published"] != false);
            ehr.state().server_keys.rotate(published);
            done()
        }
        ("POST", "/_sim/publish-jwks") => {
            ehr.state().server_keys.publish();
            done()
        }
        ("POST", "/_sim/advance") => advance(ehr, request),
        ("POST", "/_sim/resource") => put_resource(ehr, request),
        ("POST", "/_sim/remove") => remove_resource(ehr, request),
        (method, path) => {
            Reply::json(404, &json!({ "error": format!("ehr-sim does not implement {method} {path}") }))
        }
    }
}

fn done() -> Reply {
    Reply::json(200, &json!({ "done": true }))
}

fn bad_request(message: &str) -> Reply {
    Reply::json(400, &json!({ "error": message }))
}

fn patients(ehr: &Ehr) -> Reply {
    let list: Vec<Value> = ehr
        .resources()
        .patients()
        .map(|patient| {
            json!({
                "id": patient.id,
                "name": display_name(&patient.value),
                "birth_date": patient.value["birthDate"],
                "mrn": ehr.mrn(patient),
            })
        })
        .collect();
    Reply::json(200, &Value::Array(list))
}

/// The JSON body.
fn parse_body(request: &Request) -> Result<Value, Reply> {
    serde_json::from_slice(&request.body)
        .map_err(|error| bad_request(&format!("The body is not valid JSON: {error}")))
}

/// The FHIR base URL that a request names; the root's if it names none.
fn base<'a>(root: &'a Ehr, iss: Option<&str>) -> Result<&'a Ehr, Reply> {
    let Some(iss) = iss else {
        return Ok(root);
    };
    root.base_of_iss(iss).ok_or_else(|| bad_request(&format!("There is no FHIR base URL {iss}")))
}

/// The body is a registration, as in the file of `--registrations`.
fn put_registration(ehr: &Ehr, request: &Request) -> Reply {
    match serde_json::from_slice::<Registration>(&request.body) {
        Ok(registration) => {
            ehr.state().registry.put(registration, ehr.clock.now_ms());
            done()
        }
        Err(error) => bad_request(&format!("The body is not a registration: {error}")),
    }
}

fn launch(root: &Ehr, request: &Request) -> Reply {
    let body = match parse_body(request) {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let ehr = match base(root, body["iss"].as_str()) {
        Ok(ehr) => ehr,
        Err(reply) => return reply,
    };
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let Some(patient) = text("patient") else {
        return bad_request("The body has no patient");
    };
    if ehr.resources().get("Patient", &patient).is_none() {
        return bad_request(&format!("There is no Patient/{patient}"));
    }
    let launch = ehr.new_launch(&LaunchOptions {
        patient,
        encounter: text("encounter"),
        user: text("user"),
        need_patient_banner: body["need_patient_banner"].as_bool().unwrap_or(false),
        fhir_context: read_context(&body),
        intent: text("intent"),
    });
    Reply::json(200, &json!({ "launch": launch, "iss": ehr.iss() }))
}

/// `fhirContext`: strings, or objects, which become their text.
fn read_context(body: &Value) -> Vec<String> {
    let items = body["fhirContext"].as_array().into_iter().flatten();
    items.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
}

/// `{"set": ["slow:10"]}`, `{"clear": true}`, or both. `clear` comes first.
fn faults(ehr: &Ehr, request: &Request) -> Reply {
    let body = match parse_body(request) {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let mut faults: Vec<Fault> = Vec::new();
    for fault in body["set"].as_array().into_iter().flatten() {
        match fault.as_str().unwrap_or_default().parse() {
            Ok(fault) => faults.push(fault),
            Err(reason) => return bad_request(&reason),
        }
    }
    let mut state = ehr.state();
    if body["clear"] == true {
        state.faults.clear();
    }
    for fault in faults {
        state.faults.set(fault);
    }
    done()
}

/// The body is the resource.
fn put_resource(ehr: &Ehr, request: &Request) -> Reply {
    let result = std::str::from_utf8(&request.body)
        .map_err(|_| "The body is not UTF-8".to_owned())
        .and_then(|text| ehr.put_resource(text.trim_start_matches('\u{feff}')));
    match result {
        Ok(stored) => Reply::json(
            200,
            &json!({
                "reference": stored.reference,
                "version_id": stored.version_id,
                "last_updated": stored.last_updated,
                "created": stored.created,
            }),
        ),
        Err(reason) => bad_request(&reason),
    }
}

/// `{"resourceType": "Observation", "id": "w1"}`
fn remove_resource(ehr: &Ehr, request: &Request) -> Reply {
    let body = match parse_body(request) {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let (Some(resource_type), Some(id)) = (body["resourceType"].as_str(), body["id"].as_str()) else {
        return bad_request("The body has no resourceType or no id");
    };
    match ehr.remove_resource(resource_type, id) {
        Ok(()) => done(),
        Err(reason) => bad_request(&reason),
    }
}

/// `{"seconds": 600}`
fn advance(ehr: &Ehr, request: &Request) -> Reply {
    match parse_body(request) {
        Ok(body) => match body["seconds"].as_u64() {
            Some(seconds) => {
                ehr.clock.advance(std::time::Duration::from_secs(seconds));
                done()
            }
            None => bad_request("The body has no seconds"),
        },
        Err(reply) => reply,
    }
}
