//! The `fhir_ehr` configuration document that points at this simulator.

use serde_json::{Value, json};

use crate::{ehr::Ehr, options::FhirRelease};

/// The configuration document as JSON with line breaks.
pub(crate) fn document(ehr: &Ehr) -> String {
    let clients = &ehr.clients;
    let mut document = json!({
        "organization": "demo",
        "registrations": [
            {
                "id": "sim-user", "environments": ["sandbox"],
                "client_id": "app-user", "client_secret": clients.user_secret,
                "redirect_uris": clients.redirect_uris,
            },
            {
                "id": "sim-system", "environments": ["sandbox"],
                "client_id": "app-system", "client_secret": clients.system_secret,
            },
        ],
        "sources": [{
            "id": "sim", "name": "Simulated EHR", "iss": ehr.iss(), "environment": "sandbox",
            "fhir_version": ehr.options.fhir.as_str(),
            "vendor": ehr.options.personality.as_str(),
            "registration": "sim-user", "system_registration": "sim-system",
            "authorization_endpoint": ehr.auth_url("authorize"),
            "token_endpoint": ehr.token_endpoint(),
            "mrn_systems": ehr.mrn_systems,
            "resources": resource_types(ehr.options.fhir),
        }],
        "vault": {
            "current": "sim-1",
            "keys": [{"id": "sim-1", "key": ehr.vault.key}],
            "index_key": ehr.vault.index_key,
        },
    });
    let tenants = ehr.bases().skip(1).map(|base| {
        let mut source = document["sources"][0].clone();
        source["id"] = format!("{}-{}", base.tenant, base.options.fhir.as_str()).into();
        source["name"] = format!("Simulated EHR, {}", base.tenant).into();
        source["organization"] = base.tenant.clone().into();
        source["iss"] = base.iss().into();
        source["fhir_version"] = base.options.fhir.as_str().into();
        source["authorization_endpoint"] = base.auth_url("authorize").into();
        source["token_endpoint"] = base.token_endpoint().into();
        source["mrn_systems"] = json!(base.mrn_systems);
        source["resources"] = json!(resource_types(base.options.fhir));
        source
    });
    let tenants: Vec<Value> = tenants.collect();
    if let Some(sources) = document["sources"].as_array_mut() {
        sources.extend(tenants);
    }
    if let Some(path) = &ehr.options.store_sqlite {
        document["store"] = json!({ "sqlite": path.to_string_lossy() });
    }
    format!("{document:#}\n")
}

/// The resource types that the source allows.
fn resource_types(release: FhirRelease) -> &'static [&'static str] {
    match release {
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
    }
}
