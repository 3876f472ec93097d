//! The names of resource types in a configuration. A misspelled name would request nothing, so it is an error.

use crate::{
    config::{FhirVersion, Policy},
    error::escape_for_display,
    words,
};

const TABLE: &str = include_str!("resource_types.txt");

/// The resource types of a FHIR version.
fn types_of_version(version: FhirVersion) -> Vec<&'static str> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let of_version =
        lines.filter_map(|line| line.split_once(' ').filter(|(name, _)| *name == version.name()));
    of_version.flat_map(|(_, types)| types.split_whitespace()).collect()
}

/// The names in `resources`, `policy.count` and `policy.searches`, each with its member of the source. With `own_resources`,
/// the source names its resource types itself; otherwise they are those of the policy.
fn configured_names(policy: &Policy, own_resources: bool) -> impl Iterator<Item = (String, &str)> {
    let member = if own_resources { "resources" } else { "policy.resources" };
    let listed =
        policy.resources.iter().enumerate().map(move |(at, name)| (format!("{member}[{at}]"), name.as_str()));
    let counted = policy.count.keys().map(|name| ("policy.count".to_owned(), name.as_str()));
    let searched = policy.searches.keys().map(|name| ("policy.searches".to_owned(), name.as_str()));
    // `*` means all types in a scope.
    listed.chain(counted).chain(searched).filter(|(_, name)| *name != "*")
}

/// Checks the names in `resources`, `policy.count` and `policy.searches`. A type of the other FHIR version is allowed here; the
/// doctor reports it.
///
/// # Errors
/// The member with the wrong name, the name, and a similar name if there is one.
pub(super) fn check(version: FhirVersion, policy: &Policy, own_resources: bool) -> Result<(), String> {
    let own = types_of_version(version);
    let all = [types_of_version(FhirVersion::R4), types_of_version(FhirVersion::Dstu2)].concat();
    let wrong = configured_names(policy, own_resources).find(|(_, name)| !all.contains(name));
    wrong.map_or(Ok(()), |(place, name)| {
        let suggestion = words::suggestion(name, own.iter().copied());
        Err(format!("{place}: {} is not a resource type of FHIR{suggestion}", escape_for_display(name)))
    })
}

/// The configured names that are types of the other FHIR version only, sorted, each once.
pub(crate) fn types_of_other_version(version: FhirVersion, policy: &Policy) -> Vec<&str> {
    let own = types_of_version(version);
    let mut others: Vec<&str> =
        configured_names(policy, true).map(|(_, name)| name).filter(|name| !own.contains(name)).collect();
    others.sort_unstable();
    others.dedup();
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Vendor;
    use serde_json::json;

    #[test]
    fn a_misspelled_name_is_an_error_that_suggests_a_similar_name() {
        for (version, site, own, words) in [
            (
                FhirVersion::R4,
                json!({"resources": ["Patient", "Observations"]}),
                true,
                "resources[1]: Observations is not a resource type of FHIR; did you mean `Observation`?",
            ),
            (
                FhirVersion::R4,
                json!({"count": {"Conditon": 5}}),
                false,
                "policy.count: Conditon is not a resource type of FHIR; did you mean `Condition`?",
            ),
            (
                FhirVersion::R4,
                json!({"searches": {"observation": []}}),
                false,
                "policy.searches: observation is not a resource type of FHIR; did you mean `Observation`?",
            ),
            (
                FhirVersion::R4,
                json!({"resources": ["<b>"]}),
                false,
                "policy.resources[0]: %3Cb%3E is not a resource type of FHIR",
            ),
        ] {
            let policy = Policy::build(Vendor::Generic, version, Some(&site)).unwrap();
            assert_eq!(check(version, &policy, own).unwrap_err(), words);
        }
    }

    #[test]
    fn a_type_of_the_other_version_is_not_an_error() {
        let site = json!({"resources": ["Patient", "MedicationRequest", "*"]});
        let policy = Policy::build(Vendor::Generic, FhirVersion::R4, Some(&site)).unwrap();
        assert_eq!(check(FhirVersion::Dstu2, &policy, true), Ok(()));
        assert_eq!(types_of_other_version(FhirVersion::R4, &policy), Vec::<&str>::new());
        assert_eq!(types_of_other_version(FhirVersion::Dstu2, &policy), ["MedicationRequest"]);
    }

    #[test]
    fn the_presets_contain_no_misspelled_name() {
        for vendor in [Vendor::Generic, Vendor::Smart, Vendor::Oracle, Vendor::Epic] {
            for version in [FhirVersion::Dstu2, FhirVersion::R4] {
                let policy = Policy::build(vendor, version, None).unwrap();
                assert_eq!(check(version, &policy, false), Ok(()));
            }
        }
    }
}
