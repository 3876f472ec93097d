//! The `fhir_ehr` configuration document that points at this simulator.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    options::FhirRelease,
    world::{World, random_bytes},
};

/// Keys made at the start, so that each document of one simulator is the same.
#[derive(Debug)]
pub(crate) struct VaultKeys {
    key: String,
    index_key: String,
}

impl VaultKeys {
    pub(crate) fn new() -> Self {
        Self { key: STANDARD.encode(random_bytes(32)), index_key: STANDARD.encode(random_bytes(32)) }
    }
}

pub(crate) fn document(world: &World, vault: &VaultKeys) -> String {
    let resources: &[&str] = match world.options.fhir {
        FhirRelease::R4 => &[
            "Patient",
            "Encounter",
            "Observation",
            "Condition",
            "MedicationRequest",
            "Medication",
            "AllergyIntolerance",
            "Immunization",
        ],
        FhirRelease::Dstu2 => &[
            "Patient",
            "Observation",
            "Condition",
            "MedicationOrder",
            "Medication",
            "AllergyIntolerance",
            "Immunization",
        ],
    };
    let clients = &world.clients;
    let mut document = json!({
        "organization": "demo",
        "registrations": [
            {
                "id": "sim-user", "environment": "sandbox",
                "client_id": "app-user", "client_secret": clients.user_secret,
                "redirect_uris": clients.redirect_uris,
            },
            {
                "id": "sim-system", "environment": "sandbox",
                "client_id": "app-system", "client_secret": clients.system_secret,
            },
        ],
        "sources": [{
            "id": "sim", "name": "Simulated EHR", "iss": world.iss(), "environment": "sandbox",
            "fhir_version": world.options.fhir.as_str(),
            "vendor": world.options.personality.as_str(),
            "registration": "sim-user", "system_registration": "sim-system",
            "authorization_endpoint": format!("{}/auth/authorize", world.base),
            "token_endpoint": format!("{}/auth/token", world.base),
            "mrn_systems": world.mrn_systems,
            "resources": resources,
        }],
        "vault": {
            "current": "sim-1",
            "keys": [{"id": "sim-1", "key": vault.key}],
            "index_key": vault.index_key,
        },
    });
    if let Some(path) = &world.options.store_sqlite {
        document["store"] = json!({ "sqlite": path.to_string_lossy() });
    }
    pretty(&document)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
