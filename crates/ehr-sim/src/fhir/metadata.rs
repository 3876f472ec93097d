//! Discovery: the capability statement of each version and the SMART configuration.

use serde_json::{Value, json};

use crate::{
    http::Reply,
    options::{FhirRelease, Personality},
    personality::media_type,
    world::World,
};

use super::{
    Answer,
    params::{self, Kind},
    problem::Problem,
};

/// `GET /metadata`
pub(crate) fn statement(world: &World) -> Reply {
    let release = world.options.fhir;
    let personality = world.options.personality;
    let oauth_uris = json!({
        // O36: Oracle writes the host's first part in capitals.
        "url": if personality == Personality::Oracle {
            "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris"
        } else {
            "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
        },
        "extension": [
            { "url": "authorize", "valueUri": format!("{}/auth/authorize", world.base) },
            { "url": "token", "valueUri": format!("{}/auth/token", world.base) },
        ],
    });
    let service = match release {
        FhirRelease::R4 => "http://terminology.hl7.org/CodeSystem/restful-security-service",
        FhirRelease::Dstu2 => "http://hl7.org/fhir/restful-security-service",
    };
    let records = world.records();
    let resources: Vec<Value> = params::types(world, &records)
        .into_iter()
        .map(|resource_type| {
            let search: Vec<Value> = params::of_type(world, resource_type)
                .iter()
                .map(|param| json!({ "name": param.name, "type": kind(param.kind) }))
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
        "publisher": world.profile.publisher,
        "kind": "instance",
        "software": { "name": world.profile.software, "version": env!("CARGO_PKG_VERSION") },
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
        body["implementation"] = json!({ "description": "ehr-sim", "url": world.iss() });
    } else {
        body["acceptUnknown"] = json!("no");
    }
    // O20: Oracle answers its R4 metadata with the old media type.
    let label =
        if personality == Personality::Oracle { media_type(FhirRelease::Dstu2) } else { media_type(release) };
    Reply::new(200, label, body.to_string())
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient | Kind::Reference => "reference",
        Kind::Token | Kind::Identifier | Kind::Contact(_) | Kind::Id => "token",
        Kind::Date => "date",
        Kind::Text => "string",
    }
}

/// `GET /.well-known/smart-configuration`; DSTU2 servers have none.
pub(crate) fn smart_configuration(world: &World) -> Answer {
    if world.options.fhir == FhirRelease::Dstu2 {
        return Err(Problem::new(404, "not-found", "", "Not Found"));
    }
    let personality = world.options.personality;
    let mut methods = vec!["client_secret_basic"];
    if world.profile.secret_in_body {
        methods.insert(0, "client_secret_post");
    }
    let scopes: &[&str] = match personality {
        // E10: no gate can be built on this list.
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
            "authorization_endpoint": format!("{}/auth/authorize", world.base),
            "token_endpoint": format!("{}/auth/token", world.base),
            "token_endpoint_auth_methods_supported": methods,
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": scopes,
            "capabilities": capabilities,
        }),
    ))
}
