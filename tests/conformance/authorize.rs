//! The authorization request, its callback, and PKCE.

use crate::{
    common::{REDIRECT, SESSION, launch_query, query_of},
    world::*,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ehr_sim::{LaunchOptions, ReceivedRequest};
use fhir_ehr::LaunchResult;
use serde_json::json;
use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
};

const OTHER_SESSION: &str = "browser-session-2";
/// The length of 122 random bits in base64url.
const STATE_CHARACTERS: usize = 21;

requirements! {
    requirement_002 = 2 shall states_differ;
    requirement_003 = 3 shall |switch| launched(switch, |request, _| parameter(request, "state").map(drop));
    requirement_004 = 4 shall unknown_states_are_refused;
    requirement_006 = 6 shall a_query_cannot_choose_where_the_browser_goes;
    requirement_013 = 13 shall pkce_is_used;
    requirement_029 = 29 shall discovery_accepts_json;
    requirement_032 = 32 shall |switch| launched(switch, |request, _| parameter_is(request, "response_type", "code"));
    requirement_033 = 33 shall |switch| launched(switch, |request, _| parameter_is(request, "client_id", "app-user"));
    requirement_034 = 34 shall |switch| launched(switch, |request, _| parameter_is(request, "redirect_uri", REDIRECT));
    requirement_035 = 35 shall launch_is_repeated;
    requirement_036 = 36 shall a_standalone_launch_has_no_launch_parameter;
    requirement_037 = 37 shall |switch| launched(switch, |request, _| scopes_describe_the_access(request));
    requirement_039 = 39 shall a_state_belongs_to_one_session;
    requirement_040 = 40 shall states_have_enough_random_bits;
    requirement_041 = 41 shall |switch| launched(switch, |request, world| parameter_is(request, "aud", &world.sim.iss()));
    requirement_042 = 42 shall |switch| launched(switch, |request, _| parameter(request, "aud").map(drop));
    requirement_044 = 44 shall the_challenge_fits_the_verifier;
    requirement_045 = 45 shall |switch| launched(switch, |request, _| parameter_is(request, "code_challenge_method", "S256"));
    requirement_050 = 50 shall |switch| launched(switch, |request, _| {
        expect(["GET", "POST"].contains(&request.method.as_str()), "the method is neither GET nor POST")
    });
    requirement_051 = 51 shall |switch| launched(switch, |request, _| the_query_has_all_parameters(request));
    requirement_052 = 52 shall a_form_is_sent_by_post;
    requirement_060 = 60 shall the_state_must_be_the_one_that_was_sent;
    requirement_061 = 61 shall a_callback_of_another_session_is_refused;
    requirement_133 = 133 other a_form_is_sent_by_post;
    requirement_161 = 161 shall launch_is_repeated;
    requirement_211 = 211 shall no_max_age_and_no_auth_time;
}

/// Launches, checks the authorization request that the EHR received, and then that the sign-in succeeded.
fn launched(switch: Switch, check: impl Fn(&ReceivedRequest, &World) -> Checked) -> Checked {
    let world = World::start(switch, Setup::default());
    let result = world.launch();
    check(&world.authorize_request()?, &world)?;
    result.map(drop)
}

fn states_differ(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    for number in 0..5 {
        world
            .start_launch(&format!("session-{number}"), LaunchOptions::default())
            .and_then(|url| world.approve(&url))?;
    }
    let states: Vec<String> = world
        .received("/auth/authorize")
        .iter()
        .map(|one| parameter(one, "state"))
        .collect::<Result<_, _>>()?;
    equal("the number of different states", states.iter().collect::<BTreeSet<_>>().len(), 5)
}

fn states_have_enough_random_bits(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let url = world.start_launch(SESSION, LaunchOptions::default())?;
    world.approve(&url)?;
    let state = parameter(&world.authorize_request()?, "state")?;
    let is_base64url = state.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_'));
    expect(is_base64url && state.len() >= STATE_CHARACTERS, "the state has fewer than 122 bits")?;
    // A counter or a time would repeat characters at the same places of states that follow each other.
    let urls = (0..32)
        .map(|_| world.start_launch(SESSION, LaunchOptions::default()))
        .collect::<Result<Vec<_>, _>>()?;
    let states = urls.iter().map(|url| state_of(url)).collect::<Result<Vec<_>, _>>()?;
    for at in 0..STATE_CHARACTERS {
        let characters: BTreeSet<_> = states.iter().map(|state| state.as_bytes()[at]).collect();
        expect(characters.len() > 8, "a character of the state hardly changes")?;
    }
    Ok(())
}

fn state_of(url: &str) -> Result<String, String> {
    let pairs = url::form_urlencoded::parse(url.split_once('?').map_or("", |(_, query)| query).as_bytes());
    pairs.into_owned().find(|(name, _)| name == "state").map(|(_, value)| value).ok_or("no state".to_owned())
}

fn callback(state: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("state", state), ("code", "c")])
        .finish()
}

/// A callback is refused with this error, and no code is sent to the token endpoint.
fn refused(world: &World, query: &str, session: &str, expected: &str) -> Checked {
    let error = match world.client.handle_launch(query, session, REDIRECT) {
        Ok(result) => return Err(format!("the callback led to {}", result.name())),
        Err(error) => error,
    };
    equal("the error", error.code().name(), expected)?;
    equal("the number of token requests", world.received("/auth/token").len(), 0)
}

fn unknown_states_are_refused(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let url = world.start_launch(SESSION, LaunchOptions::default())?;
    refused(&world, &callback("unknown"), SESSION, "state_unknown")?;
    refused(&world, "code=c", SESSION, "state_missing")?;
    refused(&world, "error=access_denied&state=unknown", SESSION, "state_unknown")?;
    let back = world.approve(&url)?;
    world.finish(&back, SESSION)?;
    match world.client.handle_launch(&query_of(&back), SESSION, REDIRECT) {
        Err(error) => equal("the error of the second use", error.code().name(), "state_unknown"),
        Ok(_) => Err("a state is accepted twice".to_owned()),
    }
}

fn the_state_must_be_the_one_that_was_sent(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let url = world.start_launch(SESSION, LaunchOptions::default())?;
    let sent = state_of(&url)?;
    refused(&world, &callback(&sent.to_uppercase()), SESSION, "state_unknown")?;
    refused(&world, &callback(&sent[..sent.len() - 1]), SESSION, "state_unknown")?;
    let back = world.approve(&url)?;
    world.finish(&back, SESSION)?;
    expect(state_of(&back)? == sent, "the EHR sent another state")
}

fn a_state_belongs_to_one_session(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let urls = [SESSION, OTHER_SESSION].map(|session| {
        world.start_launch(session, LaunchOptions::default()).and_then(|url| world.approve(&url))
    });
    let [mine, other] = urls;
    let (mine, other) = (mine?, other?);
    refused(&world, &query_of(&other), SESSION, "state_foreign")?;
    let states = [state_of(&mine)?, state_of(&other)?];
    expect(states[0] != states[1], "two sessions have the same state")?;
    world.finish(&mine, SESSION).map(drop)
}

fn a_callback_of_another_session_is_refused(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let other = world.approve(&world.start_launch(OTHER_SESSION, LaunchOptions::default())?)?;
    let mine = world.approve(&world.start_launch(SESSION, LaunchOptions::default())?)?;
    world.finish(&mine, SESSION)?;
    let tokens = world.received("/auth/token").len();
    match world.client.handle_launch(&query_of(&other), SESSION, REDIRECT) {
        Ok(result) => return Err(format!("the callback of another session led to {}", result.name())),
        Err(error) => equal("the error", error.code().name(), "state_foreign")?,
    }
    equal("the number of token requests", world.received("/auth/token").len(), tokens)
}

fn a_query_cannot_choose_where_the_browser_goes(switch: Switch) -> Checked {
    const ATTACKER: &str = "https://attacker.example/";
    let world = World::start(switch, Setup::default());
    let attack =
        format!("&redirect_uri={ATTACKER}&next={ATTACKER}&url={ATTACKER}&target_link_uri={ATTACKER}");
    let launch = world.sim.launch(&LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() });
    let query = format!("{}{attack}", launch_query(world.sim.iss(), &launch));
    let LaunchResult::Redirect(url) = said(world.client.handle_launch(&query, SESSION, REDIRECT))? else {
        return Err("a redirect was expected".to_owned());
    };
    expect(
        url.starts_with(world.sim.base_url()) && !url.contains("attacker"),
        "the URL is that of the query",
    )?;
    let back = world.approve(&url);
    parameter_is(&world.authorize_request()?, "redirect_uri", REDIRECT)?;
    let query = format!("{}{attack}", query_of(&back?));
    let result = said(world.client.handle_launch(&query, SESSION, REDIRECT))?;
    equal("the result of the callback", result.name(), "login_required")?;
    let LaunchResult::LoginRequired { handover, .. } = result else { return Err("no hand-over".to_owned()) };
    let signed_in = said(world.client.finish_login(&handover, SESSION, "alice"))?;
    let handoff = world.client.create_handoff("alice", &signed_in.launch_id, ATTACKER);
    equal(
        "the error of a handoff",
        handoff.err().map(|error| error.code().name()),
        Some("handoff_url_not_allowed"),
    )
}

fn pkce_is_used(switch: Switch) -> Checked {
    let world = World::start(switch, with_policy(json!({"pkce": "required"})));
    let result = world.launch();
    let request = world.authorize_request()?;
    equal("the length of the challenge", parameter(&request, "code_challenge")?.len(), 43)?;
    let verifier = parameter(&world.token_request()?, "code_verifier")?;
    expect(verifier.len() >= 43, "the verifier is shorter than 43 characters")?;
    result.map(drop)
}

fn the_challenge_fits_the_verifier(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let result = world.launch();
    let challenge = parameter(&world.authorize_request()?, "code_challenge")?;
    let verifier = parameter(&world.token_request()?, "code_verifier")?;
    let hash = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    equal("the challenge", challenge, URL_SAFE_NO_PAD.encode(hash))?;
    result.map(drop)
}

fn discovery_accepts_json(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let result = world.launch();
    let request = world.first("/fhir/.well-known/smart-configuration")?;
    equal("the method", request.method.as_str(), "GET")?;
    let accept = request.header("accept").unwrap_or_default();
    expect(accept.contains("application/json"), "the Accept header has no application/json")?;
    result.map(drop)
}

fn launch_is_repeated(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let launch = world.sim.launch(&LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() });
    let started = world.client.handle_launch(&launch_query(world.sim.iss(), &launch), SESSION, REDIRECT);
    let LaunchResult::Redirect(url) = said(started)? else {
        return Err("a redirect was expected".to_owned());
    };
    let back = world.approve(&url);
    parameter_is(&world.authorize_request()?, "launch", &launch)?;
    let signed_in = world.finish(&back?, SESSION)?;
    equal("the patient", signed_in.context.patient.as_deref(), Some("p1"))
}

fn a_standalone_launch_has_no_launch_parameter(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let result = world.standalone();
    let request = world.authorize_request()?;
    expect(request.parameter("launch").is_none(), "the request has a launch parameter")?;
    expect(!scopes(&request)?.contains(&"launch".to_owned()), "the request has the scope launch")?;
    result.map(drop)
}

fn scopes_describe_the_access(request: &ReceivedRequest) -> Checked {
    let scopes = scopes(request)?;
    for resource in ["Patient", "Observation"] {
        let named = scopes.iter().any(|scope| scope.contains(&format!("/{resource}.")));
        expect(named, "a resource type of the source has no scope")?;
    }
    Ok(())
}

fn the_query_has_all_parameters(request: &ReceivedRequest) -> Checked {
    let names =
        ["response_type", "client_id", "redirect_uri", "scope", "state", "aud", "launch", "code_challenge"];
    for name in names {
        expect(!parameter(request, name)?.is_empty(), "a parameter is empty")?;
    }
    equal("the body", request.body.as_str(), "")?;
    expect(!request.query.contains(' ') && request.query.is_ascii(), "the query is not encoded")
}

/// A browser that submits the form.
fn submit(world: &World, form: &fhir_ehr::AuthorizeForm) -> Result<String, String> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let path = url::Url::parse(&form.url).map_err(|_| "the form has no URL")?.path().to_owned();
    let mut stream = TcpStream::connect(world.sim.address()).map_err(|error| error.to_string())?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        world.sim.address(),
        body.len()
    );
    let mut answer = String::new();
    let sent = stream
        .write_all(format!("{head}{body}").as_bytes())
        .and_then(|()| stream.read_to_string(&mut answer));
    sent.map_err(|error| error.to_string())?;
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.map(str::to_owned).ok_or_else(|| "the EHR shows an error page".to_owned())
}

fn a_form_is_sent_by_post(switch: Switch) -> Checked {
    let world = World::start(switch, with_policy(json!({"authorize_method": "post"})));
    let launch = world.sim.launch(&LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() });
    let started = world.client.handle_launch(&launch_query(world.sim.iss(), &launch), SESSION, REDIRECT);
    let LaunchResult::Form(form) = said(started)? else { return Err("a form was expected".to_owned()) };
    let back = submit(&world, &form);
    let request = world.authorize_request()?;
    equal("the method", request.method.as_str(), "POST")?;
    header_is(&request, "content-type", "application/x-www-form-urlencoded")?;
    parameter_is(&request, "launch", &launch)?;
    expect(!form.url.contains("state="), "the URL of the form has parameters")?;
    world.finish(&back?, SESSION).map(drop)
}

fn no_max_age_and_no_auth_time(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let result = world.launch();
    let request = world.authorize_request()?;
    for name in ["max_age", "auth_time", "claims"] {
        expect(request.parameter(name).is_none(), "the request has max_age, auth_time or claims")?;
    }
    result.map(drop)
}
