//! The scopes of requests. The policy of a source can name each scope literally.

use crate::world::*;
use ehr_sim::{Options, ReceivedRequest, Registration};
use fhir_ehr::{Config, Core, IdTokenResult, Mapping, Scope};
use serde_json::json;

const V2: [&str; 5] = ["openid", "fhirUser", "launch", "user/{resource}.rs", "online_access"];

requirements! {
    requirement_046 = 46 other the_fewest_scopes_are_enough;
    requirement_047 = 47 shall |switch| the_user_is_identified(switch, &["openid", "fhirUser"]);
    requirement_120 = 120 shall |switch| no_permission(switch, 'c');
    requirement_121 = 121 shall |switch| permission(switch, 'r');
    requirement_122 = 122 shall |switch| no_permission(switch, 'u');
    requirement_124 = 124 shall |switch| no_permission(switch, 'd');
    requirement_125 = 125 shall |switch| permission(switch, 's');
    requirement_131 = 131 other a_repeated_scope_is_sent_once;
    requirement_132 = 132 shall granular_scopes_have_a_query;
    requirement_135 = 135 shall scopes_have_the_grammar_of_smart;
    requirement_137 = 137 shall |switch| has(switch, &["launch", "patient/Patient.rs"], &["patient/Patient.rs"]);
    requirement_141 = 141 shall |switch| has(switch, &["launch", "user/Patient.rs"], &["user/Patient.rs"]);
    requirement_143 = 143 shall system_scopes_begin_with_system;
    requirement_146 = 146 shall |switch| has(switch, &["launch", "user/*.rs"], &["user/*.rs"]);
    requirement_147 = 147 other missing_scopes_are_named;
    requirement_148 = 148 other only_the_types_of_the_source_are_requested;
    requirement_150 = 150 shall an_ehr_launch_asks_for_its_context;
    requirement_151 = 151 shall |switch| context_scopes(switch, &["launch/patient", "launch/encounter"]);
    requirement_152 = 152 shall |switch| context_scopes(switch, &["launch/patient"]);
    requirement_153 = 153 shall |switch| context_scopes(switch, &["launch/encounter"]);
    requirement_155 = 155 shall the_type_of_a_launch_scope_is_in_lower_case;
    requirement_156 = 156 shall |switch| context_scopes(switch, &["launch/list?role=https://example.org/at-home"]);
    requirement_157 = 157 other a_launch_scope_has_one_role;
    requirement_158 = 158 other |switch| context_scopes(switch, &[
        "launch/list?role=https://example.org/at-home", "launch/list?role=https://example.org/in-hospital",
    ]);
    requirement_162 = 162 other |switch| has(switch, &["launch", "launch/patient", "user/Patient.rs"], &["launch/patient"]);
    requirement_166 = 166 shall a_standalone_launch_asks_for_a_patient;
    requirement_195 = 195 other |switch| the_user_is_identified(switch, &["openid"]);
    requirement_196 = 196 shall |switch| the_user_is_identified(switch, &["openid", "fhirUser"]);
    requirement_215 = 215 shall |switch| refresh_scope(switch, "online_access");
    requirement_216 = 216 shall |switch| refresh_scope(switch, "offline_access");
    requirement_219 = 219 shall |switch| scopes_are_uris(switch, "user/Patient.rs", "http://smarthealthit.org/fhir/scopes/user/Patient.rs");
    requirement_220 = 220 shall |switch| scopes_are_uris(switch, "openid", "http://openid.net/specs/openid-connect-core-1_0#openid");
}

/// Launches with these scopes of the policy, and returns those that the EHR received, and the result.
fn launched(switch: Switch, setup: Setup) -> Result<(World, Vec<String>, Checked), String> {
    let world = World::start(switch, setup);
    let result = world.launch().map(drop);
    let scopes = scopes(&world.authorize_request()?)?;
    Ok((world, scopes, result))
}

fn has(switch: Switch, policy: &[&str], expected: &[&str]) -> Checked {
    let (_world, scopes, result) = launched(switch, with_scopes(policy))?;
    for scope in expected {
        expect(scopes.iter().any(|one| one == scope), "a scope of the policy was not requested")?;
    }
    result
}

/// Launches with these scopes and `launch`. The EHR identifies the user, and with `fhirUser` also the user's FHIR resource.
fn the_user_is_identified(switch: Switch, identity: &[&str]) -> Checked {
    let policy = [identity, &["launch", "user/{resource}.rs"]].concat();
    let world = World::start(switch, with_scopes(&policy));
    let result = world.launch();
    let requested = scopes(&world.authorize_request()?)?;
    for scope in identity {
        expect(requested.iter().any(|one| one == scope), &format!("{scope} was not requested"))?;
    }
    let context = result?.context;
    equal("the id_token", context.id_token, IdTokenResult::Verified)?;
    equal("whether fhirUser is known", context.fhir_user.is_some(), identity.contains(&"fhirUser"))
}

/// The permissions of a scope for resources, such as `rs`.
fn permissions(scope: &str) -> Option<&str> {
    scope.split_once('.').map(|(_, permissions)| permissions.split('?').next().unwrap_or_default())
}

fn permission(switch: Switch, letter: char) -> Checked {
    let (world, scopes, result) = launched(switch, with_scopes(&V2))?;
    let mut found = 0;
    for permissions in scopes.iter().filter_map(|scope| permissions(scope)) {
        expect(permissions.contains(letter), "a scope lacks the permission")?;
        found += 1;
    }
    expect(found > 1, "no scope for resources was requested")?;
    result?;
    equal("the number of rows", world.pull()?, 1)
}

fn no_permission(switch: Switch, letter: char) -> Checked {
    for policy in [with_scopes(&V2), Setup::default()] {
        let (_world, scopes, result) = launched(switch, policy)?;
        for permissions in scopes.iter().filter_map(|scope| permissions(scope)) {
            let writes = permissions == "write" || permissions == "*";
            let is_v2 = permissions.chars().all(|one| "cruds".contains(one));
            expect(!(writes || is_v2 && permissions.contains(letter)), "a scope allows changes")?;
        }
        result?;
    }
    let world = World::start(switch, Setup::default());
    is_refused(&world, &format!("user/Patient.{letter}"))?;
    is_refused(&world, "user/Patient.write")
}

/// The library refuses a configuration with this scope.
fn is_refused(world: &World, scope: &str) -> Checked {
    let mut document = world.document.clone();
    document["sources"][0]["policy"] = json!({"scopes": ["launch", scope]});
    let config = said(Config::from_json(&document.to_string()))?;
    let refused = Core::new(config).err().map(|error| error.code().name());
    if refused == Some("scope_refused") {
        Ok(())
    } else {
        Err(format!("the scope {scope} is allowed: {refused:?}"))
    }
}

/// The scopes that a mapping needs are enough to pull it.
fn the_fewest_scopes_are_enough(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let core = said(Core::new(said(Config::from_json(&world.document.to_string()))?))?;
    let mapping = said(Mapping::from_csv(&format!("{}\n29463-7,,weight,,,\n", crate::common::HEADER)))?;
    let fewest = said(core.minimum_scopes("sim", &mapping))?.scopes_launch;
    let types: Vec<&str> = fewest
        .iter()
        .filter(|scope| permissions(scope).is_some())
        .filter_map(|scope| scope.split(['/', '.']).nth(1))
        .collect();
    equal("the types in the fewest scopes", types, vec!["Patient", "Observation"])?;
    let fewest: Vec<&str> = fewest.iter().map(String::as_str).collect();
    let (world, requested, result) = launched(switch, with_scopes(&fewest))?;
    equal("the requested scopes", requested.iter().map(String::as_str).collect::<Vec<_>>(), fewest)?;
    result?;
    equal("the number of rows", world.pull()?, 1)
}

fn only_the_types_of_the_source_are_requested(switch: Switch) -> Checked {
    let (world, scopes, result) = launched(switch, Setup::default())?;
    let types: Vec<&str> = world.document["sources"][0]["resources"]
        .as_array()
        .ok_or("no types")?
        .iter()
        .filter_map(|one| one.as_str())
        .collect();
    for scope in scopes.iter().filter(|scope| permissions(scope).is_some()) {
        let resource = scope.split(['/', '.']).nth(1).unwrap_or_default();
        expect(types.contains(&resource), "a type is requested that the source does not have")?;
    }
    result
}

fn a_repeated_scope_is_sent_once(switch: Switch) -> Checked {
    let (_world, mut scopes, result) = launched(
        switch,
        with_scopes(&["launch", "user/Patient.rs", "user/Patient.rs", "user/{resource}.rs"]),
    )?;
    let sent = scopes.len();
    scopes.sort();
    scopes.dedup();
    equal("the number of different scopes", scopes.len(), sent)?;
    result
}

const GRANULAR: &str =
    "user/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";

fn granular_scopes_have_a_query(switch: Switch) -> Checked {
    let policy = ["launch", "user/Patient.rs", GRANULAR];
    let (_world, scopes, result) = launched(switch, with_scopes(&policy))?;
    expect(scopes.iter().any(|scope| scope == GRANULAR), "the granular scope was not requested as it is")?;
    result
}

/// Whether a scope for resources is written as SMART 2.2 says; the words of version 1 are allowed too.
fn follows_the_grammar(scope: &str) -> bool {
    let Some((persona, rest)) = scope.split_once('/') else { return false };
    let Some((resource, permissions)) = rest.split_once('.') else { return false };
    let (letters, query) = permissions.split_once('?').map_or((permissions, None), |(a, b)| (a, Some(b)));
    let mut order = "cruds".chars();
    let is_v2 = !letters.is_empty() && letters.chars().all(|letter| order.any(|known| known == letter));
    let is_type = resource == "*"
        || resource.starts_with(|one: char| one.is_ascii_uppercase())
            && resource.chars().all(|one| one.is_ascii_alphanumeric());
    let has_pairs = query.is_none_or(|query| {
        query.split('&').all(|pair| {
            pair.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty())
        })
    });
    ["patient", "user", "system"].contains(&persona)
        && is_type
        && (is_v2 || ["read", "*"].contains(&letters))
        && has_pairs
}

fn scopes_have_the_grammar_of_smart(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    for scope in
        ["user/Patient.sr", "user/Patient", "user/patient.rs", "user/Patient.rs?category", "user/Patient."]
    {
        is_refused(&world, scope)?;
    }
    let policy = ["launch", "patient/*.rs", "user/{resource}.rs", GRANULAR];
    for setup in [with_scopes(&policy), Setup::default()] {
        let (_world, scopes, result) = launched(switch, setup)?;
        for scope in scopes.iter().filter(|scope| scope.contains('.')) {
            expect(follows_the_grammar(scope), "a scope does not have the grammar of SMART")?;
        }
        result?;
    }
    Ok(())
}

fn system_scopes_begin_with_system(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let pulled = world.system_pull();
    let scopes = scopes(&world.token_request()?)?;
    expect(scopes.iter().all(|scope| scope.starts_with("system/")), "a scope does not begin with system/")?;
    equal("the number of rows", pulled?, 1)
}

fn missing_scopes_are_named(switch: Switch) -> Checked {
    let limited = Registration {
        client_id: "app-user".to_owned(),
        secrets: vec!["s".to_owned()],
        redirect_uris: vec![crate::common::REDIRECT.to_owned()],
        scopes: vec!["launch".to_owned(), "user/Patient.rs".to_owned()],
        ..Registration::default()
    };
    let options = Options {
        client_secret: Some("s".to_owned()),
        registrations: vec![limited],
        personality: ehr_sim::Personality::Generic,
        ..Options::default()
    };
    let policy = json!({"scopes": ["launch", "user/Patient.rs", "user/Observation.rs"]});
    let world = World::start(switch, Setup { options, policy, ..Setup::default() });
    let context = world.launch()?.context;
    equal("the missing scopes", context.missing_scopes, vec!["user/Observation.rs".to_owned()])
}

fn an_ehr_launch_asks_for_its_context(switch: Switch) -> Checked {
    let (world, scopes, result) = launched(switch, Setup::default())?;
    expect(scopes.contains(&"launch".to_owned()), "the scope launch was not requested")?;
    expect(scopes.iter().any(|scope| permissions(scope).is_some()), "no scope for resources was requested")?;
    result?;
    equal("the number of rows", world.pull()?, 1)
}

fn context_scopes(switch: Switch, expected: &[&str]) -> Checked {
    let policy = [&["launch", "user/Patient.rs"], expected].concat();
    let (_world, scopes, result) = launched(switch, with_scopes(&policy))?;
    let found: Vec<&str> =
        scopes.iter().map(String::as_str).filter(|scope| scope.starts_with("launch/")).collect();
    equal("the scopes for the launch context", found, expected.to_vec())?;
    result
}

fn the_type_of_a_launch_scope_is_in_lower_case(switch: Switch) -> Checked {
    is_refused(&World::start(switch, Setup::default()), "launch/DiagnosticReport")?;
    context_scopes(switch, &["launch/diagnosticreport"])
}

fn a_launch_scope_has_one_role(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    is_refused(&world, "launch/list?role=https://example.org/a&role=https://example.org/b")?;
    context_scopes(switch, &["launch/list?role=https://example.org/a"])
}

fn a_standalone_launch_asks_for_a_patient(switch: Switch) -> Checked {
    let world =
        World::start(switch, with_scopes(&["launch", "patient/Patient.rs", "patient/Observation.rs"]));
    let result = world.standalone();
    let request: ReceivedRequest = world.authorize_request()?;
    expect(
        scopes(&request)?.contains(&"launch/patient".to_owned()),
        "the scope launch/patient was not requested",
    )?;
    let patient = result?.context.patient;
    expect(patient.is_some(), "the sign-in has no patient")
}

fn refresh_scope(switch: Switch, scope: &str) -> Checked {
    let (world, scopes, result) = launched(switch, with_scopes(&["launch", "user/{resource}.rs", scope]))?;
    expect(scopes.iter().any(|one| one == scope), "the scope for a refresh token was not requested")?;
    result?;
    world.sim.expire_access_tokens();
    equal("the number of rows", world.pull()?, 1)
}

/// The library writes a scope as this URI, and understands an EHR that names the granted scopes by their URIs.
fn scopes_are_uris(switch: Switch, scope: &str, uri: &str) -> Checked {
    equal("the URI", Scope::parse(scope).to_uri().as_str(), uri)?;
    let world = World::start(switch, with_scopes(&["launch", scope]));
    let granted = format!("{} {uri}", Scope::parse("launch").to_uri());
    let answer = json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "patient": "p1", "scope": granted});
    world.sim.set_fault(&format!("token-answer:{answer}"))?;
    equal("the missing scopes", world.launch()?.context.missing_scopes, Vec::new())
}
