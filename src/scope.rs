//! SMART scopes: reads them, builds them from a source's template, and compares them.

use std::fmt;

/// An ordered set of scopes. The order is kept, because some consoles compare the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Reads scopes that are separated by white space. It ignores white space at the end (E8) and drops repeated scopes.
    pub fn parse(text: &str) -> Self {
        let mut set = ScopeSet::default();
        text.split_whitespace().for_each(|scope| set.add(scope.to_owned()));
        set
    }

    /// Fills a template: a scope with `{resource}` is repeated for each resource type.
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

    /// The scopes in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether the set contains exactly this scope.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|own| own == scope)
    }

    /// A copy in which one scope is replaced at its position, or removed if `by` is `None`.
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

    /// The scopes of `self` that `granted` does not cover, so the EHR did not grant them. It compares meanings, not texts:
    /// `user/*.rs` covers `user/Patient.read`.
    pub fn missing_in(&self, granted: &ScopeSet) -> Vec<&str> {
        self.iter().filter(|scope| !granted.covers(scope)).collect()
    }

    fn covers(&self, asked: &str) -> bool {
        if self.contains(asked) || (asked == "online_access" && self.contains("offline_access")) {
            return true;
        }
        let Some((persona, resource, actions)) = parse_resource_scope(asked) else { return false };
        let (needed, query) = parse_actions(actions);
        let of_persona = self.iter().filter_map(parse_resource_scope).filter(|(own, ..)| *own == persona);
        let granted = of_persona.filter(|(_, on, _)| *on == resource || *on == "*");
        let fitting = granted
            .map(|(.., actions)| parse_actions(actions))
            .filter(|(_, own)| own.is_none() || *own == query);
        let given: String = fitting.map(|(letters, _)| letters).collect();
        !needed.is_empty() && needed.chars().all(|action| given.contains(action))
    }

    /// Which resources of this type may be searched and read, by any scope of the set: `patient/`, `user/` or `system/`, in
    /// v1 form (`.read`, `.*`) or v2 form (`.rs`).
    pub(crate) fn read_access(&self, resource: &str) -> ReadAccess {
        let of_type =
            self.iter().filter_map(parse_resource_scope).filter(|(_, on, _)| *on == resource || *on == "*");
        let (mut all, mut some) = (String::new(), String::new());
        for (letters, query) in of_type.map(|(.., actions)| parse_actions(actions)) {
            if query.is_none() { &mut all } else { &mut some }.push_str(letters);
        }
        let reads = |letters: &str| letters.contains('r') && letters.contains('s');
        match (reads(&all), reads(&format!("{all}{some}"))) {
            (true, _) => ReadAccess::All,
            (false, true) => ReadAccess::Some,
            (false, false) => ReadAccess::None,
        }
    }

    /// Whether all resource scopes are `patient/` scopes. Such a grant can read the data of one patient only.
    pub(crate) fn bound_to_patient(&self) -> bool {
        let mut personas =
            self.iter().filter_map(parse_resource_scope).map(|(persona, ..)| persona).peekable();
        personas.peek().is_some() && personas.all(|persona| persona == "patient")
    }
}

/// The resources of one type that a set of scopes allows the application to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAccess {
    /// All resources that the user may see.
    All,
    /// The resources that a granular scope (with `?`) selects. The library does not evaluate its query.
    Some,
    /// No resources.
    None,
}

/// The actions of a scope as the letters of SMART v2 (`cruds`), and the query of a granular scope. Unknown actions have no
/// letters.
fn parse_actions(actions: &str) -> (&str, Option<&str>) {
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

/// Splits a text into scopes. They may be separated by white space or commas. The query of a granular scope may contain
/// commas too, so there a comma separates only if a scope follows it.
pub fn split_scopes(text: &str) -> Vec<&str> {
    let mut scopes = Vec::new();
    for mut word in text.split_whitespace() {
        while let Some(at) = find_separator(word) {
            scopes.push(&word[..at]);
            word = &word[at + 1..];
        }
        scopes.push(word);
    }
    scopes.retain(|scope| !scope.is_empty());
    scopes
}

/// The position of the first comma that separates two scopes.
fn find_separator(word: &str) -> Option<usize> {
    const WITHOUT_RESOURCE: [&str; 7] =
        ["openid", "profile", "fhirUser", "launch", "launch/patient", "online_access", "offline_access"];
    word.match_indices(',').map(|(at, _)| at).find(|at| {
        let next = word[at + 1..].split(',').next().unwrap_or_default();
        !word[..*at].contains('?')
            || next.is_empty()
            || parse_resource_scope(next).is_some()
            || WITHOUT_RESOURCE.contains(&next)
    })
}

/// The prefix (`patient`, `user` or `system`), resource type and actions of a scope for resources.
fn parse_resource_scope(scope: &str) -> Option<(&str, &str, &str)> {
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
    fn the_scopes_are_exactly_those_that_redcap_requests() {
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
    fn read_access_is_the_same_in_v1_and_v2_form() {
        for (scopes, covered) in [
            ("user/Observation.read", ReadAccess::All),
            ("patient/*.read ", ReadAccess::All),
            ("system/Observation.rs", ReadAccess::All),
            ("user/Observation.cruds", ReadAccess::All),
            ("user/Observation.r user/Observation.s", ReadAccess::All),
            ("user/Observation.r", ReadAccess::None),
            ("user/Observation.write", ReadAccess::None),
            ("user/Observation.users", ReadAccess::None),
            ("user/Condition.read", ReadAccess::None),
            ("user/*.*", ReadAccess::All),
            ("launch openid", ReadAccess::None),
            ("user/Observation.rs?category=laboratory", ReadAccess::Some),
            ("user/Observation.rs?category=laboratory user/*.rs", ReadAccess::All),
        ] {
            assert_eq!(ScopeSet::parse(scopes).read_access("Observation"), covered, "{scopes}");
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
        fn a_printed_set_is_read_as_the_same_set(text in "[a-z/.* ]{0,80}") {
            let set = ScopeSet::parse(&text);
            prop_assert_eq!(ScopeSet::parse(&set.to_string()), set);
        }
    }
}
