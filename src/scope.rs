//! Scopes: built from a source's template, parsed, compared, and asked whether they cover a call.

use std::fmt;

/// An ordered set of scopes. The order is kept, because some consoles compare the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Reads scopes divided by white space (E8: there may be some at the end); repeats are dropped.
    pub fn parse(text: &str) -> Self {
        let mut set = ScopeSet::default();
        text.split_whitespace().for_each(|scope| set.add(scope.to_owned()));
        set
    }

    /// Fills a template: a scope that holds `{resource}` is repeated for each resource type.
    pub fn from_template(template: &[String], resources: &[String]) -> Self {
        let mut set = ScopeSet::default();
        for scope in template {
            if scope.contains("{resource}") {
                resources.iter().for_each(|resource| set.add(scope.replace("{resource}", resource)));
            } else {
                set.add(scope.clone());
            }
        }
        set
    }

    fn add(&mut self, scope: String) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// The scopes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether this very scope is in the set.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|own| own == scope)
    }

    /// The set with one scope replaced in its place, or dropped.
    #[must_use]
    pub fn replace(&self, scope: &str, by: Option<&str>) -> Self {
        let mut set = ScopeSet::default();
        for own in self.iter() {
            match by {
                _ if own != scope => set.add(own.to_owned()),
                Some(by) => set.add(by.to_owned()),
                None => {}
            }
        }
        set
    }

    /// Those of `self` that `granted` does not hold: what the EHR left out.
    pub fn missing_in(&self, granted: &ScopeSet) -> Vec<&str> {
        self.iter().filter(|scope| !granted.contains(scope)).collect()
    }

    /// Whether resources of this type may be searched and read, in v1 (`.read`, `.*`) or v2 (`.rs`)
    /// form, by any of the personas.
    pub fn covers_reading(&self, resource: &str) -> bool {
        self.iter().filter_map(resource_scope).any(|(_, on, actions)| {
            let base = actions.split('?').next().unwrap_or_default();
            let reads = base == "read"
                || base == "*"
                || (base.contains('r') && base.contains('s') && base != "write");
            (on == resource || on == "*") && reads
        })
    }

    /// Whether every resource scope is bound to the patient of the launch: such a grant reads one
    /// patient only.
    pub fn bound_to_patient(&self) -> bool {
        let mut personas = self.iter().filter_map(resource_scope).map(|(persona, ..)| persona).peekable();
        personas.peek().is_some() && personas.all(|persona| persona == "patient")
    }
}

/// Persona, resource type and actions of a scope for resources.
fn resource_scope(scope: &str) -> Option<(&str, &str, &str)> {
    let (persona, rest) = scope.split_once('/')?;
    let (resource, actions) = rest.split_once('.')?;
    matches!(persona, "patient" | "user" | "system").then_some((persona, resource, actions))
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;
    use proptest::prelude::*;

    #[test]
    fn the_founding_scope_strings_come_out_exactly() {
        assert_eq!(
            source("").launch_scopes().to_string(),
            "openid fhirUser launch user/Patient.read user/Encounter.read user/Observation.read online_access"
        );
        let policy = crate::source::policy::Policy::build(
            crate::config::Vendor::Oracle,
            crate::config::FhirVersion::Dstu2,
            None,
        )
        .unwrap();
        assert_eq!(
            ScopeSet::from_template(&policy.scopes, &policy.resources).to_string(),
            "patient/Patient.read patient/Observation.read patient/Condition.read patient/MedicationOrder.read \
             patient/Immunization.read patient/AllergyIntolerance.read launch"
        );
    }

    #[test]
    fn a_standalone_sign_in_has_no_launch_scope() {
        let standalone = source("").standalone_scopes();
        assert_eq!(
            standalone.to_string(),
            "openid fhirUser user/Patient.read user/Encounter.read user/Observation.read online_access"
        );
    }

    #[test]
    fn both_dialects_cover_reading() {
        for (scopes, covered) in [
            ("user/Observation.read", true),
            ("patient/*.read ", true),
            ("system/Observation.rs", true),
            ("user/Observation.cruds", true),
            ("user/Observation.r", false),
            ("user/Observation.write", false),
            ("user/Condition.read", false),
            ("user/*.*", true),
            ("launch openid", false),
        ] {
            assert_eq!(ScopeSet::parse(scopes).covers_reading("Observation"), covered, "{scopes}");
        }
        assert!(ScopeSet::parse("launch patient/Patient.read").bound_to_patient());
        assert!(!ScopeSet::parse("patient/Patient.read user/Patient.read").bound_to_patient());
        assert!(!ScopeSet::parse("launch").bound_to_patient());
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_changes_nothing(text in "[a-z/.* ]{0,80}") {
            let set = ScopeSet::parse(&text);
            prop_assert_eq!(ScopeSet::parse(&set.to_string()), set);
        }
    }
}
