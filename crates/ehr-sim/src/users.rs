//! The users of the simulated EHR as FHIR resources: each one is a Practitioner.

use ring::digest;
use serde_json::{Value, json};

use crate::options::FhirRelease;

/// The system of the identifier that has the user name.
pub(crate) const USER_NAME_SYSTEM: &str = "urn:ehr-sim:user-name";

/// A hash of a user name, the same at each start.
fn hash(purpose: &str, user: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("{purpose} {user}").as_bytes());
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The id of a user's Practitioner.
pub(crate) fn practitioner_id(user: &str) -> String {
    format!("user-{}", hash("practitioner", user))
}

/// The `sub` of a user, which does not show the name.
pub(crate) fn subject(user: &str) -> String {
    hash("subject", user)
}

/// The Practitioner of a user. Its name is for people, not the user name.
pub(crate) fn practitioner(user: &str, release: FhirRelease) -> Value {
    let family = format!("User {user}");
    let name = match release {
        FhirRelease::R4 => json!([{"use": "official", "family": family, "given": ["Alex"]}]),
        FhirRelease::Dstu2 => json!({"use": "official", "family": [family], "given": ["Alex"]}),
    };
    json!({
        "resourceType": "Practitioner", "id": practitioner_id(user), "active": true, "name": name,
        "identifier": [{"system": USER_NAME_SYSTEM, "value": user}],
    })
}
