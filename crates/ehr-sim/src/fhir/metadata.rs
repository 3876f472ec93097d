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
    let personality = ehr.options.personality;
    let oauth_uris = json!({
        // Oracle writes the first part of the host in upper case.
        "url": if personality == Personality::Oracle {
            "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris"
        } else {
            "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
        },
        "extension": [
            { "url": "authorize", "valueUri": format!("{}/auth/authorize", ehr.base) },
            { "url": "token", "valueUri": format!("{}/auth/token", ehr.base) },
        ],
    });
    let service = match release {
        FhirRelease::R4 => "http://terminology.hl7.org/CodeSystem/restful-security-service",
        FhirRelease::Dstu2 => "http://hl7.org/fhir/restful-security-service",
    };
    let resources = ehr.resources();
    let resources: Vec<Value> = params::types(ehr, &resources)
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
        .collect();
    let mut body = json!({
        "resourceType": if release == FhirRelease::R4 { "CapabilityStatement" } else { "Conformance" },
        "status": "active",
        "date": "2024-01-01",
        "publisher": ehr.profile.publisher,
        "kind": "instance",
        "software": { "name": ehr.profile.software, "version": env!("CARGO_PKG_VERSION") },
        "fhirVersion": if release == FhirRelease::R4 { "4.0.1" } else { "1.0.2" },
        "format": ["json", media_type(release)],
        "rest": [{
            "mode": "server",
            "security": {
                "cors": true,
                "service": [{ "coding": [{ "system": service, "code": "SMART-on-FHIR" }], "text": "SMART-on-FHIR" }],
                "extension": [oauth_uris],
            },
            "resource": resources,
        }],
    });
    if release == FhirRelease::R4 {
        body["implementation"] = json!({ "description": "ehr-sim", "url": ehr.iss() });
    } else {
        body["acceptUnknown"] = json!("no");
    }
    // Oracle labels its R4 metadata with the media type of DSTU2.
    let content_type =
        if personality == Personality::Oracle { media_type(FhirRelease::Dstu2) } else { media_type(release) };
    Reply::new(200, content_type, body.to_string())
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

/// `GET /.well-known/smart-configuration`. DSTU2 servers have none.
pub(crate) fn smart_configuration(ehr: &Ehr) -> Answer {
    if ehr.options.fhir == FhirRelease::Dstu2 {
        return Err(Problem::new(404, "not-found", "", "Not Found"));
    }
    let personality = ehr.options.personality;
    let mut methods = vec!["client_secret_basic"];
    if ehr.profile.secret_in_body {
        methods.insert(0, "client_secret_post");
    }
    let scopes: &[&str] = match personality {
        // Epic's list is incomplete.
        Personality::Epic => &["epic.scanning.dmsusername", "fhirUser", "launch", "openid", "profile"],
        _ => &[
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
        ],
    };
    let mut capabilities = vec![
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
    if personality != Personality::Epic {
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
            "scopes_supported": scopes,
            "capabilities": capabilities,
        }),
    ))
}
