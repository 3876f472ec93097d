//! SMART Backend Services: the system account of a source.

use crate::world::*;
use ehr_sim::ReceivedRequest;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

requirements! {
    requirement_225 = 225 shall the_registered_key_signs;
    requirement_226 = 226 shall the_token_endpoint_is_discovered;
    requirement_227 = 227 shall discovery_accepts_json;
    requirement_229 = 229 shall the_client_is_confidential;
    requirement_233 = 233 shall each_request_has_a_new_assertion;
    requirement_234 = 234 shall |switch| requested(switch, |request| {
        equal("the method", request.method.as_str(), "POST")?;
        header_is(request, "content-type", "application/x-www-form-urlencoded")
    });
    requirement_235 = 235 shall |switch| requested(switch, |request| {
        expect(scopes(request)?.contains(&"system/Patient.read".to_owned()), "no scope for the patient was requested")
    });
    requirement_236 = 236 shall |switch| requested(switch, |request| parameter_is(request, "grant_type", "client_credentials"));
    requirement_237 = 237 shall |switch| requested(switch, |request| parameter_is(request, "client_assertion_type", TYPE));
    requirement_238 = 238 shall |switch| requested(switch, |request| assertion(request).map(drop));
    requirement_239 = 239 other |switch| requested(switch, |request| {
        expect(scopes(request)?.iter().all(|scope| scope.starts_with("system/")), "a scope is no system scope")
    });
    requirement_263 = 263 other a_new_token_is_requested_when_one_has_expired;
    requirement_264 = 264 shall fhir_requests_have_the_token;
}

/// A pull of the system account with a key. Checks its token request, and then that it was accepted.
fn requested(switch: Switch, check: impl Fn(&ReceivedRequest) -> Checked) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("RS384")));
    let pulled = world.system_pull();
    check(&world.token_request()?)?;
    equal("the number of rows", pulled?, 1)
}

fn the_registered_key_signs(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("RS384")));
    equal("the number of rows", world.system_pull()?, 1)?;
    equal("the client", assertion(&world.token_request()?)?.1["iss"].as_str(), Some("backend"))
}

fn the_token_endpoint_is_discovered(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("RS384")));
    let pulled = world.system_pull();
    let request = world.first("/fhir/.well-known/smart-configuration")?;
    equal("the method", request.method.as_str(), "GET")?;
    equal("the status", request.status, 200)?;
    equal("the number of rows", pulled?, 1)
}

fn discovery_accepts_json(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("RS384")));
    let pulled = world.system_pull();
    let request = world.first("/fhir/.well-known/smart-configuration")?;
    let accept = request.header("accept").unwrap_or_default();
    expect(accept.contains("application/json"), "the Accept header has no application/json")?;
    equal("the number of rows", pulled?, 1)
}

fn the_client_is_confidential(switch: Switch) -> Checked {
    for credentials in [Credentials::Key("RS384"), Credentials::Secret] {
        let world = World::start(switch, with_credentials(credentials));
        let pulled = world.system_pull();
        let request = world.token_request()?;
        let is_authenticated =
            request.parameter("client_assertion").is_some() || request.header("authorization").is_some();
        expect(is_authenticated, "the request has no credentials")?;
        equal("the number of rows", pulled?, 1)?;
    }
    Ok(())
}

fn each_request_has_a_new_assertion(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("RS384")));
    equal("the number of rows", world.system_pull()?, 1)?;
    world.sim.expire_access_tokens();
    let pulled = world.system_pull();
    let requests = world.received("/auth/token");
    expect(requests.len() >= 2, "no second token was requested")?;
    let first = assertion(&requests[0])?.1;
    let second = assertion(&requests[1])?.1;
    expect(first["jti"] != second["jti"], "two assertions have the same jti")?;
    equal("the number of rows", pulled?, 1)
}

fn a_new_token_is_requested_when_one_has_expired(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("RS384")));
    equal("the number of rows", world.system_pull()?, 1)?;
    world.sim.advance(std::time::Duration::from_secs(4000));
    world.clock.0.advance(4000);
    equal("the number of rows", world.system_pull()?, 1)?;
    equal("the number of token requests", world.received("/auth/token").len(), 2)
}

fn fhir_requests_have_the_token(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("RS384")));
    let pulled = world.system_pull();
    let requests = world.fhir_requests();
    expect(!requests.is_empty(), "no FHIR request was sent")?;
    for request in &requests {
        let bearer = request.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        expect(bearer.is_some_and(|token| !token.is_empty()), "a FHIR request has no Bearer token")?;
    }
    equal("the number of rows", pulled?, 1)
}
