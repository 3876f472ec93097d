//! Discovery: the capability statement of each FHIR version, and the SMART configuration.

use serde_json::{Value, json};

use crate::{
    ehr::Ehr,
    http::Reply,
    options::{FhirRelease, Personality},
    personality::media_type,
};

use super::{
    params::{self, Kind},
    problem::{Answer, Problem},
};

/// `GET /metadata`
pub(crate) fn statement(ehr: &Ehr) -> Reply {
    let release = ehr.options.fhir;
    let r4 = release == FhirRelease::R4;
    let mut body = json!({
        "resourceType": if r4 { "CapabilityStatement" } else { "Conformance" },
        "status": "active",
        "date": "2024-01-01",
        "publisher": ehr.profile.publisher,
        "kind": "instance",
        "software": { "name": ehr.profile.software, "version": env!("CARGO_PKG_VERSION") },
        "fhirVersion": if r4 { "4.0.1" } else { "1.0.2" },
        "format": ["json", media_type(release)],
        "rest": [{ "mode": "server", "security": security(ehr), "resource": resource_types(ehr) }],
    });
    if r4 {
        body["implementation"] = json!({ "description": "ehr-sim", "url": ehr.iss() });
    } else {
        body["acceptUnknown"] = json!("no");
    }
    // Oracle labels its R4 metadata with the media type of DSTU2 (O20).
    let label = if ehr.options.personality == Personality::Oracle { FhirRelease::Dstu2 } else { release };
    Reply::new(200, media_type(label), body.to_string())
}

/// `rest.security`, with the OAuth endpoints.
fn security(ehr: &Ehr) -> Value {
    let service = match ehr.options.fhir {
        FhirRelease::R4 => "http://terminology.hl7.org/CodeSystem/restful-security-service",
        FhirRelease::Dstu2 => "http://hl7.org/fhir/restful-security-service",
    };
    json!({
        "cors": true,
        "service": [{ "coding": [{ "system": service, "code": "SMART-on-FHIR" }], "text": "SMART-on-FHIR" }],
        "extension": [{
            // Oracle writes the first part of the host in upper case (O36).
            "url": if ehr.options.personality == Personality::Oracle {
                "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris"
            } else {
                "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
            },
            "extension": [
                { "url": "authorize", "valueUri": format!("{}/auth/authorize", ehr.base) },
                { "url": "token", "valueUri": format!("{}/auth/token", ehr.base) },
            ],
        }],
    })
}

/// `rest.resource`: the types with their search parameters.
fn resource_types(ehr: &Ehr) -> Vec<Value> {
    let resources = ehr.resources();
    params::types(ehr, &resources)
        .into_iter()
        .map(|resource_type| {
            let search: Vec<Value> = params::of_type(ehr, resource_type)
                .iter()
                .map(|param| json!({ "name": param.name, "type": type_name(param.kind) }))
                .collect();
            json!({
                "type": resource_type,
                "interaction": [{ "code": "read" }, { "code": "search-type" }],
                "searchParam": search,
            })
        })
        .collect()
}

/// The type of a search parameter in a capability statement.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient | Kind::Reference => "reference",
        Kind::Token | Kind::Identifier | Kind::Contact(_) | Kind::Id => "token",
        Kind::Date => "date",
        Kind::Text => "string",
    }
}

const CAPABILITIES: &[&str] = &[
    "launch-ehr",
    "launch-standalone",
    "client-public",
    "client-confidential-symmetric",
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
pub(crate) fn smart_configuration(ehr: &Ehr) -> Answer {
    if ehr.options.fhir == FhirRelease::Dstu2 {
        return Err(Problem::new(404, "not-found", "", "Not Found"));
    }
    let epic = ehr.options.personality == Personality::Epic;
    let mut methods = vec!["client_secret_basic"];
    if ehr.profile.secret_in_body {
        methods.insert(0, "client_secret_post");
    }
    let mut capabilities = CAPABILITIES.to_vec();
    if !epic {
        capabilities.push("permission-online");
    }
    Ok(Reply::json(
        200,
        &json!({
            "authorization_endpoint": format!("{}/auth/authorize", ehr.base),
            "token_endpoint": format!("{}/auth/token", ehr.base),
            "token_endpoint_auth_methods_supported": methods,
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": if epic { EPIC_SCOPES } else { SCOPES },
            "capabilities": capabilities,
        }),
    ))
}
