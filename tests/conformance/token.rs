//! Token requests for users: the code exchange, client authentication, the use of tokens, and refreshes.

use crate::{common::REDIRECT, world::*};
use ehr_sim::ReceivedRequest;
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

requirements! {
    requirement_011 = 11 other the_client_is_confidential;
    requirement_062 = 62 shall |switch| exchanged(switch, |request| {
        equal("the method", request.method.as_str(), "POST")?;
        header_is(request, "content-type", FORM)
    });
    requirement_063 = 63 shall a_public_client_sends_no_credentials;
    requirement_064 = 64 shall the_client_is_confidential;
    requirement_065 = 65 other a_client_with_a_key_sends_an_assertion;
    requirement_066 = 66 other the_client_is_confidential;
    requirement_067 = 67 shall |switch| exchanged(switch, |request| parameter_is(request, "grant_type", "authorization_code"));
    requirement_068 = 68 shall the_code_is_the_one_of_the_callback;
    requirement_069 = 69 shall |switch| exchanged(switch, |request| parameter_is(request, "redirect_uri", REDIRECT));
    requirement_070 = 70 shall the_verifier_fits_the_challenge;
    requirement_071 = 71 shall a_public_client_names_itself;
    requirement_072 = 72 shall a_confidential_client_is_named_once;
    requirement_093 = 93 shall fhir_requests_have_the_token;
    requirement_105 = 105 shall |switch| refreshed(switch, |request| parameter_is(request, "grant_type", "refresh_token"));
    requirement_106 = 106 shall |switch| refreshed(switch, |request| parameter(request, "refresh_token").map(drop));
    requirement_107 = 107 other a_refresh_asks_for_no_more_scopes;
    requirement_108 = 108 shall a_refresh_asks_for_no_more_scopes;
    requirement_117 = 117 other the_newest_refresh_token_is_used;
    requirement_343 = 343 other the_client_is_confidential;
    requirement_345 = 345 shall the_secret_is_in_http_basic;
}

/// Launches, checks the code exchange, and then that it was accepted.
fn exchanged(switch: Switch, check: impl Fn(&ReceivedRequest) -> Checked) -> Checked {
    let world = World::start(switch, Setup::default());
    let result = world.launch();
    check(&world.token_request()?)?;
    result.map(drop)
}

/// A launch, and then a pull with an access token that has ended.
fn refreshed_world(switch: Switch, setup: Setup) -> Result<(World, Result<usize, String>), String> {
    let world = World::start(switch, setup);
    world.launch()?;
    world.sim.expire_access_tokens();
    let pulled = world.pull();
    Ok((world, pulled))
}

fn refreshed(switch: Switch, check: impl Fn(&ReceivedRequest) -> Checked) -> Checked {
    let (world, pulled) = refreshed_world(switch, Setup::default())?;
    let requests = world.received("/auth/token");
    check(requests.get(1).ok_or("no refresh was sent")?)?;
    equal("the number of rows", pulled?, 1)
}

/// A refresh names no scopes, or as many of the granted ones as the policy says.
fn a_refresh_asks_for_no_more_scopes(switch: Switch) -> Checked {
    let fewer = with_policy(json!({"refresh_scopes": ["user/{resource}.read", "user/Procedure.read"]}));
    for (setup, has_scope) in [(Setup::default(), false), (fewer, true)] {
        let (world, pulled) = refreshed_world(switch, setup)?;
        let granted = scopes(&world.authorize_request()?)?;
        let requests = world.received("/auth/token");
        let refresh = requests.get(1).ok_or("no refresh was sent")?;
        let requested = if refresh.parameter("scope").is_some() { scopes(refresh)? } else { Vec::new() };
        let more: Vec<&String> = requested.iter().filter(|scope| !granted.contains(scope)).collect();
        equal("the scopes that were not granted", more, Vec::new())?;
        equal("whether scopes are named", !requested.is_empty(), has_scope)?;
        equal("the number of rows", pulled?, 1)?;
    }
    Ok(())
}

fn the_newest_refresh_token_is_used(switch: Switch) -> Checked {
    let mut setup = Setup::default();
    setup.options.rotate_refresh_tokens = true;
    let (world, pulled) = refreshed_world(switch, setup)?;
    equal("the number of rows", pulled?, 1)?;
    world.sim.expire_access_tokens();
    // The simulator ends the grant when a refresh token is used twice.
    equal("the number of rows", world.pull()?, 1)?;
    let sent: Vec<_> =
        world.received("/auth/token").iter().filter_map(|one| one.parameter("refresh_token")).collect();
    expect(sent.len() == 2 && sent[0] != sent[1], "an old refresh token was used")
}

fn a_public_client_sends_no_credentials(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Public));
    let result = world.launch();
    let request = world.token_request()?;
    expect(request.header("authorization").is_none(), "the request has an Authorization header")?;
    for name in ["client_secret", "client_assertion"] {
        expect(request.parameter(name).is_none(), "the body has credentials")?;
    }
    result.map(drop)
}

fn a_public_client_names_itself(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Public));
    let result = world.launch();
    parameter_is(&world.token_request()?, "client_id", "app-public")?;
    result.map(drop)
}

fn the_client_is_confidential(switch: Switch) -> Checked {
    exchanged(switch, |request| {
        expect(request.header("authorization").is_some(), "the request has no credentials")?;
        equal("the status", request.status, 200)
    })
}

fn a_client_with_a_key_sends_an_assertion(switch: Switch) -> Checked {
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let result = world.launch();
    let request = world.token_request()?;
    assertion(&request)?;
    expect(request.header("authorization").is_none(), "the request has a secret too")?;
    result.map(drop)
}

fn the_code_is_the_one_of_the_callback(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let back =
        world.approve(&world.start_launch(crate::common::SESSION, ehr_sim::LaunchOptions::default())?)?;
    let result = world.finish(&back, crate::common::SESSION);
    let code = url::Url::parse(&back).map_err(|error| error.to_string())?;
    let code = code.query_pairs().find(|(name, _)| name == "code").map(|(_, value)| value.into_owned());
    parameter_is(&world.token_request()?, "code", &code.ok_or("the callback has no code")?)?;
    result.map(drop)
}

fn the_verifier_fits_the_challenge(switch: Switch) -> Checked {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let world = World::start(switch, Setup::default());
    let result = world.launch();
    let verifier = parameter(&world.token_request()?, "code_verifier")?;
    let hash = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()));
    parameter_is(&world.authorize_request()?, "code_challenge", &hash)?;
    result.map(drop)
}

fn a_confidential_client_is_named_once(switch: Switch) -> Checked {
    for credentials in [Credentials::Secret, Credentials::Key("ES384")] {
        let world = World::start(switch, with_credentials(credentials));
        let result = world.launch();
        let request = world.token_request()?;
        expect(request.parameter("client_id").is_none(), "the body has client_id")?;
        result?;
    }
    Ok(())
}

fn fhir_requests_have_the_token(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    world.launch()?;
    let pulled = world.pull();
    let requests = world.fhir_requests();
    expect(!requests.is_empty(), "no FHIR request was sent")?;
    for request in &requests {
        let bearer = request.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        expect(bearer.is_some_and(|token| !token.is_empty()), "a FHIR request has no Bearer token")?;
        expect(!request.query.contains("access_token"), "a FHIR request has the token in its query")?;
    }
    equal("the number of rows", pulled?, 1)
}

fn the_secret_is_in_http_basic(switch: Switch) -> Checked {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let world = World::start(switch, Setup::default());
    let result = world.launch();
    let request = world.token_request()?;
    let secret = world.document["registrations"][0]["client_secret"].as_str().unwrap_or_default();
    let expected = format!("Basic {}", STANDARD.encode(format!("app-user:{secret}")));
    expect(
        request.header("authorization") == Some(&expected),
        "the header is not client_id:client_secret in HTTP Basic",
    )?;
    expect(request.parameter("client_secret").is_none(), "the body has the secret too")?;
    result.map(drop)
}
