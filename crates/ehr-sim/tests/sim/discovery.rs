//! Discovery documents: their options, the brands bundle, the JWK set, and headers that a gateway requires.

use ehr_sim::{
    DataSource, DiscoveryOptions, FhirRelease, Options, Personality, PkcePolicy, Simulator, Tenant,
};
use serde_json::Value;

use crate::support::{FHIR_JSON, get, options, send, start, start_dstu2, system_token};

fn start_with(personality: Personality, change: impl FnOnce(&mut Options)) -> Simulator {
    let mut options = options(personality);
    change(&mut options);
    Simulator::start(options).expect("it starts")
}

fn smart(sim: &Simulator) -> Value {
    send(sim, "GET", "/fhir/.well-known/smart-configuration", &[], "").json()
}

fn security(sim: &Simulator) -> Value {
    let accept = if sim.config_json().contains("dstu2") { "application/json+fhir" } else { FHIR_JSON };
    send(sim, "GET", "/fhir/metadata", &[("Accept", accept)], "").json()["rest"][0]["security"].clone()
}

#[test]
fn the_configuration_lists_every_endpoint() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic, Personality::Generic] {
        let sim = start(personality);
        let document = smart(&sim);
        // The SMART launcher has no revocation endpoint.
        assert_eq!(document["revocation_endpoint"].is_string(), personality != Personality::Smart);
        for name in ["introspection_endpoint", "management_endpoint", "jwks_uri"] {
            let url = document[name].as_str().expect("a URL");
            assert!(url.starts_with(sim.base_url()), "{name}");
        }
        let open = matches!(personality, Personality::Smart | Personality::Generic);
        assert_eq!(document["registration_endpoint"].is_string(), open);
        assert_eq!(document["issuer"], sim.issuer(&sim.iss()).expect("an issuer"));
        assert_eq!(
            document["token_endpoint_auth_signing_alg_values_supported"],
            serde_json::json!(["ES384", "RS384"])
        );
        let methods = document["token_endpoint_auth_methods_supported"].to_string();
        assert!(methods.contains("private_key_jwt"));
        assert_eq!(methods.contains("client_secret_post"), personality != Personality::Oracle);
        // E10: Epic's statement has authorize and token only.
        let uris = security(&sim)["extension"][0]["extension"].as_array().expect("URIs").len();
        assert_eq!(uris == 2, personality == Personality::Epic);
    }
}

#[test]
fn endpoints_can_be_relative_or_http() {
    let sim = start_with(Personality::Smart, |options| options.discovery.relative_endpoints = true);
    assert_eq!(smart(&sim)["token_endpoint"], "/auth/token");
    assert_eq!(security(&sim)["extension"][0]["extension"][0]["valueUri"], "/auth/authorize");
    let sim = start_with(Personality::Smart, |options| {
        options.public_url = Some("https://ehr.example/".to_owned());
        options.discovery.http_endpoints = true;
    });
    assert_eq!((sim.base_url(), sim.iss().as_str()), ("https://ehr.example", "https://ehr.example/fhir"));
    assert_eq!(smart(&sim)["token_endpoint"], "http://ehr.example/auth/token");
    assert_eq!(sim.token_endpoint(&sim.iss()).as_deref(), Some("https://ehr.example/auth/token"));
}

#[test]
fn the_endpoints_can_move() {
    let sim = start(Personality::Oracle);
    sim.set_fault("endpoint-base:https://moved.example/").expect("a fault");
    assert_eq!(smart(&sim)["token_endpoint"], "https://moved.example/auth/token");
    let uris = security(&sim)["extension"][0]["extension"].to_string();
    assert!(uris.contains("https://moved.example/auth/authorize") && !uris.contains(sim.base_url()));
    sim.clear_faults();
    assert!(smart(&sim)["token_endpoint"].as_str().is_some_and(|url| url.starts_with(sim.base_url())));
}

#[test]
fn the_statement_can_have_the_older_extensions() {
    for dstu2 in [false, true] {
        let sim = start_with(Personality::Smart, |options| {
            options.discovery.legacy_oauth_uris = true;
            options.fhir = if dstu2 { FhirRelease::Dstu2 } else { FhirRelease::R4 };
        });
        let extension = &security(&sim)["extension"][1];
        assert!(extension["url"].as_str().is_some_and(|url| url.ends_with("/oauth-uris#token")));
        assert_eq!(extension["valueUri"], format!("{}/auth/token", sim.base_url()));
    }
}

#[test]
fn documents_members_and_capabilities_can_be_left_out() {
    let names = ["smart-configuration", "oauth-uris", "openid-configuration"].map(str::to_owned);
    let sim = start_with(Personality::Smart, |options| options.discovery.without = names.to_vec());
    for path in ["smart-configuration", "openid-configuration"] {
        assert_eq!(send(&sim, "GET", &format!("/fhir/.well-known/{path}"), &[], "").status, 404);
    }
    assert_eq!(security(&sim)["extension"], Value::Null);
    let sim = start_with(Personality::Smart, |options| {
        options.discovery = DiscoveryOptions {
            without: ["capabilities", "token_endpoint"].map(str::to_owned).to_vec(),
            ..DiscoveryOptions::default()
        };
    });
    assert_eq!((&smart(&sim)["capabilities"], &smart(&sim)["token_endpoint"]), (&Value::Null, &Value::Null));
    let sim = start_with(Personality::Smart, |options| {
        options.discovery.without = vec!["authorize-post".to_owned()]
    });
    assert!(!smart(&sim)["capabilities"].to_string().contains("authorize-post"));
    assert_eq!(send(&sim, "POST", "/auth/authorize", &[], "client_id=app-user").status, 405);
}

/// O19: only the JWKS URL of Oracle's document can be used.
#[test]
fn the_openid_configuration_is_below_the_issuer() {
    for sim in [
        start(Personality::Smart),
        start(Personality::Oracle),
        start(Personality::Epic),
        start_dstu2(Personality::Generic),
    ] {
        let issuer = sim.issuer(&sim.iss()).expect("an issuer");
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = send(&sim, "GET", &url, &[], "").json();
        assert_eq!(document["issuer"], issuer);
        let keys = send(&sim, "GET", document["jwks_uri"].as_str().expect("a URL"), &[], "");
        assert!(keys.header("cache-control").is_some());
        let first = keys.json()["keys"][0]["kid"].clone();
        sim.rotate_jwks();
        let rotated = send(&sim, "GET", "/auth/jwks", &[], "").json();
        assert_eq!((rotated["keys"].as_array().map(Vec::len), &rotated["keys"][1]["kid"]), (Some(2), &first));
        send(&sim, "POST", "/_sim/rotate-jwks", &[], "");
        let rotated = send(&sim, "GET", "/auth/jwks", &[], "");
        assert!(!rotated.body.contains(first.as_str().expect("a kid")));
        let oracle = issuer.ends_with("/oidc/");
        assert_eq!(document["token_endpoint"] == issuer, oracle);
    }
}

#[test]
fn pkce_and_iss_are_advertised_as_they_are_done() {
    for (policy, advertised) in [
        (PkcePolicy::Required, true),
        (PkcePolicy::Supported, true),
        (PkcePolicy::NotAdvertised, false),
        (PkcePolicy::Ignored, false),
    ] {
        let sim = start_with(Personality::Smart, |options| options.pkce = Some(policy));
        assert_eq!(smart(&sim)["code_challenge_methods_supported"].is_array(), advertised, "{policy:?}");
    }
    let member = "authorization_response_iss_parameter_supported";
    assert_eq!(smart(&start(Personality::Generic))[member], true);
    assert_eq!(smart(&start(Personality::Oracle))[member], Value::Null);
    let sim = start_with(Personality::Oracle, |options| options.response_iss = Some(true));
    assert_eq!(smart(&sim)[member], true);
}

/// E2
#[test]
fn a_gateway_requires_headers_in_each_phase() {
    let sim = start_with(Personality::Epic, |options| {
        options.required_headers = vec![
            "Epic-Client-ID=id@discovery@fhir".parse().expect("a header"),
            "X-Key@token".parse().expect("a header"),
        ];
    });
    let with = [("epic-client-id", "id")];
    for path in ["/fhir/metadata?_format=json", "/fhir/.well-known/smart-configuration"] {
        assert_eq!(send(&sim, "GET", path, &[], "").status, 403);
        assert_eq!(send(&sim, "GET", path, &[("Epic-Client-ID", "other")], "").status, 403);
        assert_eq!(send(&sim, "GET", path, &with, "").status, 200);
    }
    assert_eq!(send(&sim, "GET", "/fhir/Patient/a", &[], "").status, 403);
    assert_eq!(send(&sim, "GET", "/fhir/Patient/a", &with, "").status, 401);
    assert_eq!(send(&sim, "POST", "/auth/token", &with, "").status, 403);
    assert_eq!(send(&sim, "POST", "/auth/token", &[("X-Key", "any")], "").status, 400);
    assert_eq!(send(&sim, "GET", "/", &[], "").status, 200, "pages for browsers need no header");
}

#[test]
fn the_brands_bundle_lists_every_base_url() {
    let tenant =
        Tenant { id: "north".to_owned(), r4: Some(DataSource::Embedded), dstu2: Some(DataSource::Embedded) };
    let sim = start_with(Personality::Smart, |options| options.tenants = vec![tenant]);
    let url = smart(&sim)["user_access_brand_bundle"].as_str().expect("a URL").to_owned();
    let answer = send(&sim, "GET", &url, &[], "");
    let bundle = answer.json();
    let resources: Vec<&Value> =
        bundle["entry"].as_array().expect("entries").iter().map(|entry| &entry["resource"]).collect();
    let addresses: Vec<&str> = resources.iter().filter_map(|resource| resource["address"].as_str()).collect();
    assert_eq!(addresses, sim.bases());
    let references = resources.iter().flat_map(|resource| resource["endpoint"].as_array()).flatten().count();
    assert_eq!(references, 3);
    let etag = answer.header("etag").expect("an ETag");
    let again = send(&sim, "GET", &url, &[("If-None-Match", etag)], "");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[test]
fn the_generic_server_has_plain_outcomes() {
    let sim = start(Personality::Generic);
    let answer = get(&sim, "/fhir/Patient/none", &system_token(&sim));
    assert_eq!((answer.status, &answer.json()["resourceType"]), (404, &"OperationOutcome".into()));
    assert!(!answer.body.contains("1.2.840.114350"));
}
