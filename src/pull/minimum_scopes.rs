//! The fewest scopes with which a mapping can be pulled.

use super::mapping::Mapping;
use crate::{
    scope::{ReadAccess, ScopeSet, in_fixed_order},
    source::Source,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The fewest scopes with which a mapping can be pulled from a source, compared with the scopes that the source requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MinimumScopes {
    /// The id of the source.
    pub source: String,
    /// The resource types that the mapping needs.
    pub resource_types: Vec<String>,
    /// The scopes of an EHR launch.
    pub scopes_launch: Vec<String>,
    /// The scopes of a sign-in that starts in the application.
    pub scopes_standalone: Vec<String>,
    /// The scopes of the system account; empty if the source has none.
    pub scopes_system: Vec<String>,
    /// The resource types that the mapping needs and the scopes of the source do not cover.
    pub not_covered: Vec<String>,
    /// The resource types of which the scopes of the source cover a part only.
    pub partly_covered: Vec<String>,
    /// The resource types for which the source requests scopes, and which the mapping does not need.
    pub unused: Vec<String>,
    /// What to do about `not_covered`, `partly_covered` and `unused`, one sentence each.
    pub warnings: Vec<String>,
}

/// The resource types that a mapping needs. The Patient is always read, and prescriptions may refer to a Medication.
fn resource_types(mapping: &Mapping, source: &Source) -> Vec<String> {
    let version = source.fhir_version;
    let mapped = mapping.lines.iter().map(|line| line.source_field.resource_type(version));
    let mut types: Vec<String> = std::iter::once("Patient").chain(mapped).map(str::to_owned).collect();
    if types.iter().any(|name| name.starts_with("Medication")) {
        types.push("Medication".to_owned());
    }
    in_fixed_order(&types)
}

/// Computes the fewest scopes for a mapping.
pub(crate) fn minimum_scopes(source: &Source, mapping: &Mapping) -> MinimumScopes {
    let types = resource_types(mapping, source);
    let texts = |scopes: ScopeSet| scopes.iter().map(str::to_owned).collect::<Vec<_>>();
    let mut requested = vec![source.launch_scopes()];
    let mut system = ScopeSet::default();
    if source.system_registration.is_some() {
        requested.push(source.system_scopes());
        system = source.system_scopes_for(&types);
    }
    let access_of = |scopes: &ScopeSet, name: &str| match name {
        // A prescription refers to it, so it is read by its id.
        "Medication" => scopes.read_access_by_id(name),
        _ => scopes.read_access(name),
    };
    let with = |access: ReadAccess| -> Vec<String> {
        let has = |name: &&String| requested.iter().any(|scopes| access_of(scopes, name) == access);
        types.iter().filter(has).cloned().collect()
    };
    let mut minimum = MinimumScopes {
        source: source.id.clone(),
        scopes_launch: texts(source.launch_scopes_for(&types)),
        scopes_standalone: texts(source.standalone_scopes_for(&types)),
        scopes_system: texts(system),
        not_covered: with(ReadAccess::None),
        partly_covered: with(ReadAccess::Some),
        unused: unused(&requested, &types),
        resource_types: types,
        warnings: Vec::new(),
    };
    minimum.warnings = warnings(&minimum);
    minimum
}

/// The resource types that the scopes name and the mapping does not need.
fn unused(requested: &[ScopeSet], needed: &[String]) -> Vec<String> {
    let of_scopes = requested.iter().flat_map(|scopes| scopes.scopes()).filter_map(|scope| scope.resource());
    let unused = of_scopes.map(|scope| scope.resource.clone()).filter(|name| !needed.contains(name));
    in_fixed_order(&unused.collect::<Vec<_>>())
}

fn warnings(minimum: &MinimumScopes) -> Vec<String> {
    let sentence =
        |types: &[String], what: &str| (!types.is_empty()).then(|| what.replace("{}", &types.join(", ")));
    [
        sentence(
            &minimum.not_covered,
            "The scopes of the source do not cover {}, which the mapping needs. Add the types to resources, and register the scopes.",
        ),
        sentence(
            &minimum.partly_covered,
            "The scopes of the source cover only a part of {}. A pull of these types is never complete.",
        ),
        sentence(
            &minimum.unused,
            "The mapping does not need the scopes for {}. Remove the types from resources unless another mapping uses them.",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pull::mapping::HEADER, source::tests::source};

    fn minimum(lines: &str, extra: &str) -> MinimumScopes {
        let mapping = Mapping::from_csv(&format!("{}\n{lines}", HEADER.join(","))).unwrap();
        minimum_scopes(&source(extra), &mapping)
    }

    /// #46 #148
    #[test]
    fn the_minimum_scopes_of_a_mapping_have_its_resource_types_only() {
        let found = minimum("29463-7,,w,,,\nactive-medications-list,,m,,,\n", "");
        assert_eq!(found.resource_types, ["Patient", "Observation", "MedicationRequest", "Medication"]);
        assert_eq!(
            found.scopes_launch.join(" "),
            "openid fhirUser launch user/Patient.read user/Observation.read user/MedicationRequest.read \
             user/Medication.read online_access"
        );
        assert!(!found.scopes_standalone.contains(&"launch".to_owned()));
        assert_eq!(found.scopes_system, Vec::<String>::new());
        assert_eq!(found.not_covered, ["MedicationRequest", "Medication"]);
        assert_eq!(found.unused, ["Encounter"]);
        assert_eq!(found.warnings.len(), 2);
    }

    /// #121
    #[test]
    fn a_medication_is_covered_by_a_scope_that_reads_it_by_its_id() {
        for (medication, not_covered, partly) in [
            ("user/Medication.r", &[][..], &[][..]),
            ("user/Medication.s", &["Medication"], &[]),
            ("user/Medication.r?status=active", &[], &["Medication"]),
        ] {
            let own = format!(
                r#", "policy": {{"scopes": ["launch", "user/Patient.rs", "user/MedicationRequest.rs", "{medication}"]}}"#
            );
            let found = minimum("active-medications-list,,m,,,\n", &own);
            assert_eq!(found.not_covered, *not_covered, "{medication}");
            assert_eq!(found.partly_covered, *partly, "{medication}");
        }
    }

    #[test]
    fn the_minimum_scopes_have_the_syntax_of_the_source() {
        let dstu2 = r#", "vendor": "oracle", "policy": {"scope_version": "v2", "access": "offline"}"#;
        let found = minimum("allergy-list,,a,,,\n", dstu2);
        assert_eq!(
            found.scopes_launch.join(" "),
            "openid fhirUser launch user/Patient.rs user/AllergyIntolerance.rs offline_access"
        );
    }

    #[test]
    fn a_site_that_lists_its_scopes_is_compared_with_the_mapping_too() {
        let own = r#", "policy": {"scopes": ["launch", "user/Patient.rs", "user/Observation.rs?category=laboratory"]}"#;
        let found = minimum("29463-7,,w,,,\nallergy-list,,a,,,\n", own);
        assert_eq!(found.not_covered, ["AllergyIntolerance"]);
        assert_eq!(found.partly_covered, ["Observation"]);
        assert_eq!(found.unused, Vec::<String>::new());
        assert!(found.warnings[1].contains("never complete"), "{found:?}");
        let all = minimum("29463-7,,w,,,\n", r#", "policy": {"scopes": ["launch", "user/*.rs"]}"#);
        assert_eq!((all.not_covered, all.unused), (Vec::<String>::new(), vec!["*".to_owned()]));
    }
}
