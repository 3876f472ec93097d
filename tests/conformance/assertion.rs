//! Asymmetric client authentication: keys, their publication, and assertions.

use crate::world::*;
use ehr_sim::ReceivedRequest;
use fhir_ehr::{ExposeSecret, PrivateKey};
use serde_json::Value;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far ahead the end of an assertion may be.
const MAX_SECONDS: i64 = 300;

requirements! {
    requirement_290 = 290 shall a_pair_of_keys_is_generated;
    requirement_291 = 291 shall the_key_set_is_registered_by_its_url;
    requirement_293 = 293 shall |switch| published(switch, "ES384", |key| key["x"].is_string());
    requirement_294 = 294 shall |switch| published(switch, "ES384", Value::is_object);
    requirement_295 = 295 shall the_private_key_stays_secret;
    requirement_303 = 303 other the_document_may_be_cached;
    requirement_307 = 307 shall the_signature_is_right;
    requirement_308 = 308 shall |switch| signed(switch, "RS384", |header, _, _| equal("alg", &header["alg"], &"RS384".into()));
    requirement_309 = 309 shall |switch| signed(switch, "ES384", |header, _, _| equal("alg", &header["alg"], &"ES384".into()));
    requirement_313 = 313 shall keys_are_bare;
    requirement_314 = 314 shall |switch| published(switch, "RS384", |key| members(key, &["n", "e"]));
    requirement_315 = 315 shall |switch| published(switch, "ES384", |key| members(key, &["crv", "x", "y"]));
    requirement_317 = 317 shall |switch| claims(switch, |claims, _| {
        equal("iss", claims["iss"].as_str(), Some("study"))?;
        equal("sub", claims["sub"].as_str(), Some("study"))
    });
    requirement_319 = 319 shall each_assertion_is_used_once;
    requirement_320 = 320 shall |switch| signed(switch, "RS384", |header, _, request| {
        expect(["RS384", "ES384"].contains(&header["alg"].as_str().unwrap_or_default()), "the assertion is not signed")?;
        equal("the status", request.status, 200)
    });
    requirement_321 = 321 shall |switch| signed(switch, "ES384", |header, _, _| expect(header["alg"].is_string(), "there is no alg"));
    requirement_322 = 322 shall the_kid_is_that_of_one_published_key;
    requirement_323 = 323 shall |switch| signed(switch, "ES384", |header, _, _| equal("typ", &header["typ"], &"JWT".into()));
    requirement_324 = 324 other jku_is_the_registered_url;
    requirement_325 = 325 shall jku_is_the_registered_url;
    requirement_327 = 327 shall |switch| claims(switch, |claims, _| equal("iss", claims["iss"].as_str(), Some("study")));
    requirement_328 = 328 shall |switch| claims(switch, |claims, _| equal("sub", claims["sub"].as_str(), Some("study")));
    requirement_329 = 329 shall |switch| claims(switch, |claims, world| {
        equal("aud", claims["aud"].as_str().map(str::to_owned), world.sim.token_endpoint(&world.sim.iss()))
    });
    requirement_330 = 330 shall |switch| claims(switch, |claims, _| expect(claims["exp"].is_i64(), "exp is not an integer"));
    requirement_331 = 331 shall |switch| claims(switch, |claims, world| {
        let ahead = claims["exp"].as_i64().unwrap_or(i64::MAX) - fhir_ehr::Clock::now(&world.clock);
        expect((1..=MAX_SECONDS).contains(&ahead), "exp is not within the next five minutes")
    });
    requirement_332 = 332 shall |switch| claims(switch, |claims, _| {
        expect(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 22), "jti is missing or too short")
    });
    requirement_333 = 333 shall |switch| exchanged(switch, |request| parameter_is(request, "client_assertion_type", TYPE));
    requirement_334 = 334 shall |switch| exchanged(switch, |request| assertion(request).map(drop));
}

/// Launches with a key of this algorithm, checks the assertion of the code exchange, and then that it was accepted.
fn signed(
    switch: Switch,
    algorithm: &'static str,
    check: impl Fn(&Value, &Value, &ReceivedRequest) -> Checked,
) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key(algorithm)));
    let result = world.launch();
    let request = world.token_request()?;
    let (header, claims) = assertion(&request)?;
    check(&header, &claims, &request)?;
    result.map(drop)
}

fn claims(switch: Switch, check: impl Fn(&Value, &World) -> Checked) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let result = world.launch();
    check(&assertion(&world.token_request()?)?.1, &world)?;
    result.map(drop)
}

fn exchanged(switch: Switch, check: impl Fn(&ReceivedRequest) -> Checked) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let result = world.launch();
    check(&world.token_request()?)?;
    result.map(drop)
}

/// The keys that the library publishes.
fn keys(world: &World) -> Result<Vec<Value>, String> {
    let document = said(world.client.jwks("main"))?;
    let set: Value = serde_json::from_str(&document.json).map_err(|error| error.to_string())?;
    set["keys"].as_array().cloned().ok_or_else(|| "the document is not a JWK set".to_owned())
}

/// Checks the published key, and that the EHR, which fetches it, accepts its signature.
fn published(switch: Switch, algorithm: &'static str, check: impl Fn(&Value) -> bool) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key(algorithm)));
    let keys = keys(&world)?;
    equal("the number of keys", keys.len(), 1)?;
    expect(keys.iter().all(check), "the key lacks a member")?;
    world.launch().map(drop)
}

fn members(key: &Value, names: &[&str]) -> bool {
    names.iter().all(|name| key[name].as_str().is_some_and(|text| !text.is_empty()))
}

/// The library generates keys, and uses one that it is given.
fn a_pair_of_keys_is_generated(switch: Switch) -> Checked {
    let keys = [said(PrivateKey::generate_es384())?, said(PrivateKey::generate_es384())?];
    expect(keys[0].expose_secret() != keys[1].expose_secret(), "two generated keys are equal")?;
    published(switch, "ES384", |key| members(key, &["kid", "x", "y"]))
}

fn the_key_set_is_registered_by_its_url(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let request = registration_request(&world.jwks_url);
    // The switch changes what the EHR fetches at the URL, so a client with the issued id signs in.
    let issued = said(world.client.register_client("admin", &request))?;
    let mut document = world.document.clone();
    document["registrations"][0]["client_id"] = issued.client_id.into();
    let clock = world.clock.clone();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let access = Box::new(fhir_ehr::AllowAll);
    let client = crate::common::client_and_store(&document, folder.path().join("store"), access, clock).0;
    let world = world.with_client(client);
    world.launch().map(drop)
}

/// A request to register a client whose keys are at this URL.
pub fn registration_request(jwks_url: &str) -> fhir_ehr::RegisterRequest {
    fhir_ehr::RegisterRequest {
        source: "sim".to_owned(),
        client_name: "Research".to_owned(),
        launch_url: "https://app.example/launch.php".to_owned(),
        jwks_url: Some(jwks_url.to_owned()),
        initial_access_token: None,
    }
}

fn the_private_key_stays_secret(switch: Switch) -> Checked {
    for (algorithm, pem) in [("ES384", EC_PEM), ("RS384", RSA_PEM)] {
        let world = World::start(switch, with_credentials(Credentials::Key(algorithm)));
        for key in keys(&world)? {
            let private = ["d", "p", "q", "dp", "dq", "qi", "k"].iter().any(|name| key.get(name).is_some());
            expect(!private, "the JWK set has a private key")?;
        }
        let result = world.launch();
        let line = pem.lines().nth(1).unwrap_or_default();
        let config = said(fhir_ehr::Config::from_json(&world.document.to_string()))?;
        expect(!format!("{config:?}").contains(line), "Debug of the configuration prints the key")?;
        let sent = world.sim.received();
        expect(sent.iter().all(|one| !one.body.contains(line)), "a request has the private key")?;
        result?;
    }
    Ok(())
}

fn the_document_may_be_cached(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let header = said(world.client.jwks("main"))?.cache_control;
    expect(header.contains("max-age="), "Cache-Control has no max-age")
}

/// Verifies the signature of the assertion with the published key.
fn the_signature_is_right(switch: Switch) -> Checked {
    for algorithm in ["ES384", "RS384"] {
        let world = World::start(switch, with_credentials(Credentials::Key(algorithm)));
        let result = world.launch();
        let token = parameter(&world.token_request()?, "client_assertion")?;
        let document = said(world.client.jwks("main"))?.json;
        let keys = fhir_ehr::internals::read_keys(&document).ok_or("the JWK set cannot be read")?;
        expect(fhir_ehr::internals::verify(&token, &keys).is_some(), "the signature is wrong")?;
        result?;
    }
    Ok(())
}

fn keys_are_bare(switch: Switch) -> Checked {
    for algorithm in ["ES384", "RS384"] {
        published(switch, algorithm, |key| {
            members(key, &["kty", "kid"]) && key.get("x5c").is_none() && key.get("x5u").is_none()
        })?;
    }
    Ok(())
}

fn each_assertion_is_used_once(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    world.launch()?;
    world.sim.expire_access_tokens();
    let pulled = world.pull();
    let requests = world.received("/auth/token");
    expect(requests.len() >= 2, "no refresh was sent")?;
    let mut ids = requests
        .iter()
        .map(|request| {
            assertion(request).map(|(_, claims)| claims["jti"].as_str().unwrap_or_default().to_owned())
        })
        .collect::<Result<Vec<_>, _>>()?;
    ids.sort();
    ids.dedup();
    equal("the number of different jti", ids.len(), requests.len())?;
    equal("the number of rows", pulled?, 1)
}

fn the_kid_is_that_of_one_published_key(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let result = world.launch();
    let (header, _) = assertion(&world.token_request()?)?;
    let of_kid = keys(&world)?.into_iter().filter(|key| key["kid"] == header["kid"]).count();
    equal("the number of published keys with this kid", of_kid, 1)?;
    result.map(drop)
}

fn jku_is_the_registered_url(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let result = world.launch();
    let (header, _) = assertion(&world.token_request()?)?;
    equal("jku", header["jku"].as_str(), Some(world.jwks_url.as_str()))?;
    result.map(drop)
}
