//! The capability statement of each FHIR version.

use serde_json::{Value, json};

use crate::{
    ehr::Ehr,
    http::Reply,
    options::{FhirRelease, Personality},
    personality::media_type,
};

use super::{
    discovery,
    params::{self, Kind},
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
        "rest": [{ "mode": "server", "security": discovery::security(ehr), "resource": resource_types(ehr) }],
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
