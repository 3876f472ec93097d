//! The endpoints of the authorization server, in each of the documents in which a client looks for them.

use serde_json::{Map, Value, json};

use crate::{
    ehr::Ehr,
    http::Reply,
    jose::ALGS,
    openid,
    options::{FhirRelease, Personality},
    server_options::PkcePolicy,
};

use super::problem::{Answer, Problem};

/// The member of the SMART configuration, its name in `oauth-uris`, and its path below `/auth`.
const ENDPOINTS: &[(&str, &str, &str)] = &[
    ("authorization_endpoint", "authorize", "authorize"),
    ("token_endpoint", "token", "token"),
    ("registration_endpoint", "register", "register"),
    ("management_endpoint", "manage", "manage"),
    ("introspection_endpoint", "introspect", "introspect"),
    ("revocation_endpoint", "revoke", "revoke"),
    ("jwks_uri", "", "jwks"),
];

/// The endpoints that the documents have: the member, the name in `oauth-uris`, and the URL.
fn endpoints(ehr: &Ehr) -> impl Iterator<Item = (&'static str, &'static str, String)> {
    ENDPOINTS
        .iter()
        .filter(|(member, ..)| {
            let offered = match *member {
                "registration_endpoint" => ehr.profile.open_registration,
                "revocation_endpoint" => ehr.profile.has_revocation,
                _ => true,
            };
            offered && ehr.options.discovery.has(member)
        })
        .map(|(member, name, path)| (*member, *name, published(ehr, &ehr.auth_url(path))))
}

/// A URL as the documents have it.
fn published(ehr: &Ehr, url: &str) -> String {
    if let Some(base) = ehr.state().faults.argument("endpoint-base")
        && let Some(path) = url.strip_prefix(&ehr.base)
    {
        return format!("{}{path}", base.trim_end_matches('/'));
    }
    let options = &ehr.options.discovery;
    if options.relative_endpoints
        && let Some(path) = url.strip_prefix(&ehr.base)
    {
        return path.to_owned();
    }
    match url.strip_prefix("https:") {
        Some(rest) if options.http_endpoints => format!("http:{rest}"),
        _ => url.to_owned(),
    }
}

/// `rest.security` of the capability statement, with the OAuth endpoints.
pub(super) fn security(ehr: &Ehr) -> Value {
    let service = match ehr.options.fhir {
        FhirRelease::R4 => "http://terminology.hl7.org/CodeSystem/restful-security-service",
        FhirRelease::Dstu2 => "http://hl7.org/fhir/restful-security-service",
    };
    let mut security = json!({
        "cors": true,
        "service": [{ "coding": [{ "system": service, "code": "SMART-on-FHIR" }], "text": "SMART-on-FHIR" }],
    });
    if ehr.options.discovery.has("oauth-uris") {
        security["extension"] = oauth_uris(ehr);
    }
    security
}

fn oauth_uris(ehr: &Ehr) -> Value {
    // Oracle writes the first part of the host in upper case (O36).
    let url = if ehr.options.personality == Personality::Oracle {
        "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    } else {
        "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    };
    // Epic's statements have these two only (E10).
    let epic = ehr.options.personality == Personality::Epic;
    let uris = endpoints(ehr)
        .filter(|(_, name, _)| !name.is_empty() && (!epic || matches!(*name, "authorize" | "token")));
    if ehr.options.discovery.legacy_oauth_uris {
        return uris
            .map(|(_, name, uri)| json!({ "url": format!("{url}#{name}"), "valueUri": uri }))
            .collect();
    }
    let uris: Vec<Value> = uris.map(|(_, name, uri)| json!({ "url": name, "valueUri": uri })).collect();
    json!([{ "url": url, "extension": uris }])
}

const CAPABILITIES: &[&str] = &[
    "launch-ehr",
    "launch-standalone",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "context-banner",
    "context-style",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "permission-offline",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
    "authorize-post",
];

const SCOPES: &[&str] = &[
    "launch",
    "launch/patient",
    "openid",
    "fhirUser",
    "profile",
    "online_access",
    "offline_access",
    "patient/Patient.read",
    "patient/Observation.read",
    "user/Patient.read",
    "system/Patient.read",
];

/// Epic's list is incomplete, so no client can rely on it (E10).
const EPIC_SCOPES: &[&str] = &["epic.scanning.dmsusername", "fhirUser", "launch", "openid", "profile"];

/// `GET /.well-known/smart-configuration`. DSTU2 servers have none.
pub(super) fn smart_configuration(ehr: &Ehr) -> Answer {
    if ehr.options.fhir == FhirRelease::Dstu2 || !ehr.options.discovery.has("smart-configuration") {
        return Err(Problem::new(404, "not-found", "", "Not Found"));
    }
    let epic = ehr.options.personality == Personality::Epic;
    let methods: Vec<&str> = ehr.profile.auth_methods.iter().map(|method| method.as_str()).collect();
    let mut capabilities = CAPABILITIES.to_vec();
    if !epic {
        capabilities.push("permission-online");
    }
    capabilities.retain(|capability| ehr.options.discovery.has(capability));
    let mut body: Map<String, Value> =
        endpoints(ehr).map(|(member, _, url)| (member.to_owned(), url.into())).collect();
    for (member, value) in [
        ("issuer", json!(ehr.issuer())),
        ("token_endpoint_auth_methods_supported", json!(methods)),
        ("token_endpoint_auth_signing_alg_values_supported", json!(ALGS)),
        ("grant_types_supported", json!(["authorization_code", "client_credentials"])),
        ("response_types_supported", json!(["code"])),
        ("scopes_supported", json!(if epic { EPIC_SCOPES } else { SCOPES })),
        ("capabilities", json!(capabilities)),
        ("user_access_brand_bundle", json!(format!("{}/brands", ehr.base))),
    ] {
        body.insert(member.to_owned(), value);
    }
    if matches!(ehr.pkce(), PkcePolicy::Required | PkcePolicy::Supported) {
        body.insert("code_challenge_methods_supported".to_owned(), json!(["S256"]));
    }
    if ehr.response_iss() {
        body.insert("authorization_response_iss_parameter_supported".to_owned(), true.into());
    }
    body.retain(|member, _| ehr.options.discovery.has(member));
    Ok(Reply::json(200, &Value::Object(body)))
}

/// `GET /.well-known/openid-configuration` below the FHIR base URL, if that is the issuer.
pub(super) fn openid_configuration(ehr: &Ehr) -> Answer {
    if ehr.issuer() != ehr.iss() || !ehr.options.discovery.has("openid-configuration") {
        return Err(Problem::new(404, "not-found", "", "Not Found"));
    }
    Ok(openid::configuration(ehr))
}
