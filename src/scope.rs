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
    pub(crate) fn from_template(template: &[String], resources: &[String]) -> Self {
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
    pub(crate) fn replace(&self, scope: &str, by: Option<&str>) -> Self {
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

    /// Those of `self` that `granted` does not cover: what the EHR left out. Meanings are compared, not texts:
    /// `user/*.rs` covers `user/Patient.read`.
    pub fn missing_in(&self, granted: &ScopeSet) -> Vec<&str> {
        self.iter().filter(|scope| !granted.covers(scope)).collect()
    }

    fn covers(&self, asked: &str) -> bool {
        if self.contains(asked) || (asked == "online_access" && self.contains("offline_access")) {
            return true;
        }
        let Some((persona, resource, actions)) = resource_scope(asked) else { return false };
        let (wanted, query) = actions_of(actions);
        let of_persona = self.iter().filter_map(resource_scope).filter(|(own, ..)| *own == persona);
        let granted = of_persona.filter(|(_, on, _)| *on == resource || *on == "*");
        let fitting = granted
            .map(|(.., actions)| actions_of(actions))
            .filter(|(_, own)| own.is_none() || *own == query);
        let given: String = fitting.map(|(letters, _)| letters).collect();
        !wanted.is_empty() && wanted.chars().all(|action| given.contains(action))
    }

    /// Whether resources of this type may be searched and read, in v1 (`.read`, `.*`) or v2 (`.rs`)
    /// form, by any of the personas.
    pub(crate) fn reading(&self, resource: &str) -> Reading {
        let on_it = self.iter().filter_map(resource_scope).filter(|(_, on, _)| *on == resource || *on == "*");
        let (mut all, mut some) = (String::new(), String::new());
        for (letters, query) in on_it.map(|(.., actions)| actions_of(actions)) {
            if query.is_none() { &mut all } else { &mut some }.push_str(letters);
        }
        let reads = |letters: &str| letters.contains('r') && letters.contains('s');
        match (reads(&all), reads(&format!("{all}{some}"))) {
            (true, _) => Reading::All,
            (false, true) => Reading::Some,
            (false, false) => Reading::None,
        }
    }

    /// Whether every resource scope is bound to the patient of the launch: such a grant reads one
    /// patient only.
    pub(crate) fn bound_to_patient(&self) -> bool {
        let mut personas = self.iter().filter_map(resource_scope).map(|(persona, ..)| persona).peekable();
        personas.peek().is_some() && personas.all(|persona| persona == "patient")
    }
}

/// Which resources of a type a set of scopes allows to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All that the user may see.
    All,
    /// Those that a granular scope (with `?`) selects; which ones is not known here.
    Some,
    /// None.
    None,
}

/// The actions of a scope as the letters of SMART v2, and the query of a granular scope.
fn actions_of(actions: &str) -> (&str, Option<&str>) {
    let (actions, query) =
        actions.split_once('?').map_or((actions, None), |(left, right)| (left, Some(right)));
    let letters = match actions {
        "read" => "rs",
        "write" => "cud",
        "*" => "cruds",
        v2 if v2.chars().all(|action| "cruds".contains(action)) => v2,
        _ => "",
    };
    (letters, query)
}

/// The scopes in a text that may divide them by blanks or commas. In the query of a granular scope a comma is part of a
/// value, so there it divides only where another scope begins.
pub fn divide(text: &str) -> Vec<&str> {
    let mut divided = Vec::new();
    for mut word in text.split_whitespace() {
        while let Some(at) = dividing_comma(word) {
            divided.push(&word[..at]);
            word = &word[at + 1..];
        }
        divided.push(word);
    }
    divided.retain(|scope| !scope.is_empty());
    divided
}

fn dividing_comma(word: &str) -> Option<usize> {
    const WITHOUT_RESOURCE: [&str; 7] =
        ["openid", "profile", "fhirUser", "launch", "launch/patient", "online_access", "offline_access"];
    word.match_indices(',').map(|(at, _)| at).find(|at| {
        let next = word[at + 1..].split(',').next().unwrap_or_default();
        !word[..*at].contains('?')
            || next.is_empty()
            || resource_scope(next).is_some()
            || WITHOUT_RESOURCE.contains(&next)
    })
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
        let policy = crate::config::Policy::build(
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
            ("user/Observation.read", Reading::All),
            ("patient/*.read ", Reading::All),
            ("system/Observation.rs", Reading::All),
            ("user/Observation.cruds", Reading::All),
            ("user/Observation.r user/Observation.s", Reading::All),
            ("user/Observation.r", Reading::None),
            ("user/Observation.write", Reading::None),
            ("user/Observation.users", Reading::None),
            ("user/Condition.read", Reading::None),
            ("user/*.*", Reading::All),
            ("launch openid", Reading::None),
            ("user/Observation.rs?category=laboratory", Reading::Some),
            ("user/Observation.rs?category=laboratory user/*.rs", Reading::All),
        ] {
            assert_eq!(ScopeSet::parse(scopes).reading("Observation"), covered, "{scopes}");
        }
        assert!(ScopeSet::parse("launch patient/Patient.read").bound_to_patient());
        assert!(!ScopeSet::parse("patient/Patient.read user/Patient.read").bound_to_patient());
        assert!(!ScopeSet::parse("launch").bound_to_patient());
    }

    #[test]
    fn missing_scopes_are_compared_by_meaning() {
        for (asked, granted, missing) in [
            ("user/Patient.read", "user/*.read", ""),
            ("user/Patient.read", "user/Patient.rs", ""),
            ("user/Patient.rs", "user/Patient.read", ""),
            ("user/Patient.read", "user/Patient.cruds", ""),
            ("user/Patient.read", "user/*.*", ""),
            ("user/Patient.read", "user/Patient.r user/*.s", ""),
            ("user/Patient.read", "user/Patient.r", "user/Patient.read"),
            ("user/Patient.read", "patient/*.read", "user/Patient.read"),
            ("user/Patient.read", "user/Patient.rs?_id=1", "user/Patient.read"),
            ("user/Patient.rs?_id=1", "user/Patient.rs?_id=1", ""),
            ("user/Patient.r?_id=1", "user/*.rs", ""),
            ("user/*.read", "user/Patient.read", "user/*.read"),
            ("openid launch online_access", "openid offline_access", "launch"),
            ("user/Patient.odd", "user/*.*", "user/Patient.odd"),
        ] {
            let (set, granted) = (ScopeSet::parse(asked), ScopeSet::parse(granted));
            assert_eq!(set.missing_in(&granted).join(" "), missing, "{asked} {granted}");
        }
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_changes_nothing(text in "[a-z/.* ]{0,80}") {
            let set = ScopeSet::parse(&text);
            prop_assert_eq!(ScopeSet::parse(&set.to_string()), set);
        }
    }
}
