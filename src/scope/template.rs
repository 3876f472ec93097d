//! Builds the scopes of a source from its template.

use super::{ScopeSet, ScopeVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long the application may use the tokens of a sign-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefreshAccess {
    /// No refresh token is requested: until the access token expires.
    #[default]
    None,
    /// While the user is signed in to the EHR: `online_access` (#215).
    Online,
    /// Also when the user is not signed in: `offline_access` (#216).
    Offline,
}

impl RefreshAccess {
    /// The scope that requests it.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            RefreshAccess::None => None,
            RefreshAccess::Online => Some("online_access"),
            RefreshAccess::Offline => Some("offline_access"),
        }
    }
}

/// The order in which scopes name resource types. Other types follow in the order of the alphabet.
const ORDER: [&str; 10] = [
    "Patient",
    "Encounter",
    "Observation",
    "Condition",
    "MedicationOrder",
    "MedicationRequest",
    "MedicationStatement",
    "Medication",
    "Immunization",
    "AllergyIntolerance",
];

/// Resource types in a fixed order, each once. So the scopes do not depend on the order in which a person named the types, and the
/// text stays the one that was registered.
pub(crate) fn in_fixed_order(resources: &[String]) -> Vec<String> {
    let mut ordered = resources.to_vec();
    let place = |name: &String| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len());
    ordered.sort_by(|a, b| (place(a), a).cmp(&(place(b), b)));
    ordered.dedup();
    ordered
}

impl ScopeSet {
    /// Fills a template. A scope with `{resource}` is repeated for each resource type. `{read}` becomes `read` or `rs`, and
    /// `{access}` becomes `online_access`, `offline_access` or nothing.
    pub(crate) fn from_template(
        template: &[String],
        resources: &[String],
        version: ScopeVersion,
        access: RefreshAccess,
    ) -> Self {
        let read = version.read_actions();
        let mut text = String::new();
        for scope in template {
            let scope = scope.replace("{read}", read).replace("{access}", access.scope().unwrap_or_default());
            if scope.contains("{resource}") {
                for resource in in_fixed_order(resources) {
                    text.push_str(&scope.replace("{resource}", &resource));
                    text.push(' ');
                }
            } else {
                text.push_str(&scope);
                text.push(' ');
            }
        }
        ScopeSet::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_types_have_a_fixed_order() {
        let order = |list: &[&str]| {
            in_fixed_order(&list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).join(" ")
        };
        assert_eq!(order(&["Observation", "Encounter", "Patient"]), "Patient Encounter Observation");
        assert_eq!(
            order(&["Procedure", "AllergyIntolerance", "Device", "Patient", "Patient"]),
            "Patient AllergyIntolerance Device Procedure"
        );
    }

    #[test]
    fn a_template_is_filled_with_types_syntax_and_access() {
        let template: Vec<String> =
            ["launch", "user/{resource}.{read}", "{access}"].map(str::to_owned).to_vec();
        let resources: Vec<String> = ["Observation", "Patient"].map(str::to_owned).to_vec();
        let filled =
            |version, access| ScopeSet::from_template(&template, &resources, version, access).to_string();
        assert_eq!(
            filled(ScopeVersion::V1, RefreshAccess::None),
            "launch user/Patient.read user/Observation.read"
        );
        assert_eq!(
            filled(ScopeVersion::V2, RefreshAccess::Offline),
            "launch user/Patient.rs user/Observation.rs offline_access"
        );
    }
}
