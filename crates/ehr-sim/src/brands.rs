//! `/brands`: the directory of the FHIR base URLs (SMART App Launch 2.2, "User-access Brands and Endpoints").

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;
use serde_json::{Value, json};

use crate::{
    ehr::Ehr,
    http::{Reply, Request},
    options::FhirRelease,
};

/// Answers with the bundle, or with 304 if the client has it already.
pub(crate) fn answer(root: &Ehr, request: &Request) -> Reply {
    let body = bundle(root).to_string();
    let hash = digest::digest(&digest::SHA256, body.as_bytes());
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12]));
    let known =
        request.header("if-none-match").is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag));
    let reply = if known { Reply::empty(304) } else { Reply::new(200, "application/fhir+json", body) };
    reply.with("etag", etag).with("cache-control", "max-age=3600").with("access-control-allow-origin", "*")
}

/// An Organization for each tenant, and an Endpoint for each base URL.
fn bundle(root: &Ehr) -> Value {
    let mut tenants: Vec<&str> = root.bases().map(|base| base.tenant.as_str()).collect();
    tenants.dedup();
    let mut resources: Vec<Value> = tenants.iter().map(|tenant| organization(root, tenant)).collect();
    resources.extend(root.bases().map(endpoint));
    let entries: Vec<Value> = resources
        .into_iter()
        .map(|resource| {
            let path = format!("{}/{}", text(&resource["resourceType"]), text(&resource["id"]));
            json!({ "fullUrl": format!("{}/brands/{path}", root.base), "resource": resource })
        })
        .collect();
    json!({ "resourceType": "Bundle", "type": "collection", "timestamp": "2024-01-01T00:00:00Z", "entry": entries })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn endpoint_id(base: &Ehr) -> String {
    format!("{}-{}", base.tenant, base.options.fhir.as_str())
}

fn organization(root: &Ehr, tenant: &str) -> Value {
    let endpoints: Vec<Value> = root
        .bases()
        .filter(|base| base.tenant == tenant)
        .map(|base| json!({ "reference": format!("Endpoint/{}", endpoint_id(base)), "display": "FHIR" }))
        .collect();
    json!({
        "resourceType": "Organization",
        "id": tenant,
        "active": true,
        "name": format!("Example Hospital {tenant}"),
        "telecom": [{ "system": "url", "value": format!("{}/", root.base) }],
        "identifier": [{ "system": "urn:ietf:rfc:3986", "value": format!("{}/", root.base) }],
        "endpoint": endpoints,
    })
}

fn endpoint(base: &Ehr) -> Value {
    let version = match base.options.fhir {
        FhirRelease::R4 => "4.0.1",
        FhirRelease::Dstu2 => "1.0.2",
    };
    json!({
        "resourceType": "Endpoint",
        "id": endpoint_id(base),
        "extension": [{
            "url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version",
            "valueCode": version,
        }],
        "status": "active",
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "hl7-fhir-rest",
        },
        "name": format!("Example Hospital {}, FHIR {version}", base.tenant),
        "managingOrganization": { "reference": format!("Organization/{}", base.tenant) },
        "contact": [{ "system": "url", "value": format!("{}/console", base.base) }],
        "payloadType": [{
            "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type",
                "code": "none",
            }],
        }],
        "address": base.iss(),
    })
}
