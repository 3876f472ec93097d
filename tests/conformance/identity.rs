//! The id_token, and the FHIR resource of the user.

use crate::world::*;
use ehr_sim::{DiscoveryOptions, Options, Personality};
use fhir_ehr::IdTokenResult;
use serde_json::json;

requirements! {
    requirement_201 = 201 shall the_claims_of_the_id_token_are_checked;
    requirement_202 = 202 shall the_resource_of_the_user_is_read;
    requirement_218 = 218 shall the_keys_of_the_issuer_verify_the_id_token;
}

/// A launch without a fault is accepted, and one with each of these faults is refused.
fn only_correct_tokens(world: &World, faults: &[&str]) -> Checked {
    let context = world.launch()?.context;
    equal("the id_token", context.id_token, IdTokenResult::Verified)?;
    for fault in faults {
        world.sim.set_fault(fault)?;
        let refused = world.launch().err().ok_or_else(|| format!("an id_token with {fault} is accepted"))?;
        expect(refused.contains("id_token_"), &refused)?;
        world.sim.clear_faults();
    }
    Ok(())
}

fn the_claims_of_the_id_token_are_checked(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let claims = ["iss", "aud", "azp", "exp", "iat", "nonce"];
    let faults: Vec<String> = claims.iter().map(|claim| format!("id-token-wrong:{claim}")).collect();
    only_correct_tokens(&world, &faults.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The SMART configuration names no keys, so they are those of the issuer's OpenID configuration.
fn the_keys_of_the_issuer_verify_the_id_token(switch: Switch) -> Checked {
    let discovery = DiscoveryOptions { without: vec!["jwks_uri".to_owned()], ..DiscoveryOptions::default() };
    let options = Options { discovery, personality: Personality::Generic, ..Options::default() };
    let world = World::start(switch, Setup { options, ..Setup::default() });
    only_correct_tokens(
        &world,
        &["id-token-signature:wrong", "id-token-signature:none", "id-token-signature:own-key"],
    )?;
    equal("the issuer", world.sim.issuer(&world.sim.iss()), Some(world.sim.iss()))?;
    for path in ["/fhir/.well-known/openid-configuration", "/auth/jwks"] {
        equal("the method", world.first(path)?.method.as_str(), "GET")?;
    }
    Ok(())
}

fn the_resource_of_the_user_is_read(switch: Switch) -> Checked {
    let world = World::start(
        switch,
        with_policy(json!({"read_fhir_user": true, "scopes": [
        "openid", "fhirUser", "launch", "user/{resource}.read", "user/Practitioner.read", "online_access"]})),
    );
    let user = world.launch()?.context.fhir_user.ok_or("the sign-in has no fhirUser")?;
    expect(user.reference.starts_with("Practitioner/"), "the reference is not that of the user's resource")?;
    let read = world.first(&format!("/fhir/{}", user.reference))?;
    equal("the method", read.method.as_str(), "GET")?;
    equal("the status", read.status, 200)?;
    expect(user.was_read, "the resource was not read")
}
