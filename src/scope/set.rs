//! Ordered sets of scopes.

use super::{
    Scope, ScopeVersion,
    resource::{ResourceScope, ScopeContext},
};
use std::fmt;

/// An ordered set of scopes. The order is kept, because some consoles compare the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Reads scopes that are separated by white space. It ignores white space at the end (E8) and drops repeated scopes.
    pub fn parse(text: &str) -> Self {
        text.split_whitespace().map(Scope::parse).collect()
    }

    /// Adds a scope, unless the set has its text already.
    pub(super) fn add(&mut self, scope: Scope) {
        if !self.0.iter().any(|own| own.text() == scope.text()) {
            self.0.push(scope);
        }
    }

    /// The texts of the scopes in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Scope::text)
    }

    /// The scopes in their order.
    pub fn scopes(&self) -> &[Scope] {
        &self.0
    }

    /// Whether it has no scopes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the set contains this scope, also if one of both is in the URI form.
    pub fn contains(&self, scope: &str) -> bool {
        let scope = Scope::parse(scope);
        self.0.iter().any(|own| own.is_same(&scope))
    }

    /// A copy in which one scope is replaced at its position, or removed if `by` is `None`. It may be in the URI form (#219); then the
    /// new one is too.
    #[must_use]
    pub(crate) fn replace(&self, scope: &str, by: Option<&str>) -> Self {
        let scope = Scope::parse(scope);
        let replaced = |own: &Scope| match by.map(Scope::parse) {
            _ if !own.is_same(&scope) => Some(own.clone()),
            Some(new) if own.text() != scope.text() => Some(Scope::parse(&new.to_uri())),
            by => by,
        };
        self.0.iter().filter_map(replaced).collect()
    }

    /// The scopes in another syntax. A scope that this syntax cannot say keeps its own.
    #[must_use]
    pub fn in_version(&self, version: ScopeVersion) -> Self {
        self.0.iter().map(|scope| scope.in_version(version).unwrap_or_else(|| scope.clone())).collect()
    }

    /// The shortest form with the same meaning (#131): scopes for the same resources become one scope, and a scope that another one
    /// covers is left out. Scopes that do not change keep their text and their order.
    #[must_use]
    pub fn shortest(&self) -> Self {
        let mut merged: Vec<Scope> = Vec::new();
        for scope in &self.0 {
            let same = scope.resource().and_then(|own| {
                merged.iter_mut().find(|other| {
                    other.resource().is_some_and(|other| {
                        (other.context, &other.resource, &other.query)
                            == (own.context, &own.resource, &own.query)
                    })
                })
            });
            match same {
                Some(other) => *other = union(other, scope),
                None => merged.push(scope.clone()),
            }
        }
        // One after the other: of two texts with the same meaning, such as `?a=1` and `?a=%31`, one must stay.
        let mut at = 0;
        while at < merged.len() {
            let others: ScopeSet = [&merged[..at], &merged[at + 1..]].concat().into_iter().collect();
            if merged[at].resource().is_some() && others.covers_alone(&merged[at]) {
                merged.remove(at);
            } else {
                at += 1;
            }
        }
        merged.into_iter().collect()
    }

    /// Whether it has `patient/` scopes, and no other scope gives access to patients. Such a grant can read the data of one patient only.
    /// A scope such as `user/Practitioner.read` makes no difference: it reads who the user is.
    pub(crate) fn bound_to_patient(&self) -> bool {
        let (of_patient, others): (Vec<&ResourceScope>, Vec<&ResourceScope>) = self
            .0
            .iter()
            .filter_map(Scope::resource)
            .partition(|scope| scope.context == ScopeContext::Patient);
        !of_patient.is_empty() && !others.iter().any(|scope| scope.is_about("Patient"))
    }
}

/// One scope for the actions of two scopes for the same resources. It has the syntax v1 only if both have, and v1 has a word for it.
fn union(one: &Scope, other: &Scope) -> Scope {
    let (Some(a), Some(b)) = (one.resource(), other.resource()) else { return one.clone() };
    let actions = a.actions.union(b.actions);
    if actions == a.actions {
        return one.clone();
    }
    let mut whole = a.clone();
    whole.actions = actions;
    whole.version = ScopeVersion::V2;
    let v1 = (a.version == ScopeVersion::V1 && b.version == ScopeVersion::V1)
        .then(|| whole.in_version(ScopeVersion::V1));
    Scope::from(v1.flatten().unwrap_or(whole))
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = ScopeSet::default();
        scopes.into_iter().for_each(|scope| set.add(scope));
        set
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// #131
    #[test]
    fn the_union_of_scopes_is_factored_to_its_shortest_form() {
        for (scopes, shortest) in [
            ("user/Patient.r user/Patient.s", "user/Patient.rs"),
            ("launch user/Patient.rs user/*.rs openid", "launch user/*.rs openid"),
            ("user/Patient.read user/Patient.write", "user/Patient.*"),
            ("user/Patient.read user/Patient.c", "user/Patient.crs"),
            ("user/Patient.read user/Patient.rs", "user/Patient.read"),
            ("user/*.read user/*.rs", "user/*.read"),
            ("user/Observation.rs?category=laboratory user/Observation.rs", "user/Observation.rs"),
            (
                "user/Observation.rs?category=a user/Observation.rs?category=b",
                "user/Observation.rs?category=a user/Observation.rs?category=b",
            ),
            ("patient/Patient.rs user/Patient.rs", "patient/Patient.rs user/Patient.rs"),
            ("user/Patient.odd x", "user/Patient.odd x"),
            ("user/Patient.rs?a=1 user/Patient.rs?a=%31", "user/Patient.rs?a=%31"),
        ] {
            assert_eq!(ScopeSet::parse(scopes).shortest().to_string(), shortest, "{scopes}");
        }
    }

    #[test]
    fn a_grant_is_bound_to_its_patient_if_only_patient_scopes_give_access_to_patients() {
        for (scopes, is_bound) in [
            ("launch patient/Patient.read", true),
            ("patient/Patient.read user/Practitioner.read", true),
            ("http://smarthealthit.org/fhir/scopes/patient/*.rs", true),
            ("patient/Patient.read user/Patient.read", false),
            ("patient/Patient.read user/Patient.$export", false),
            ("patient/Patient.read user/*.read", false),
            ("patient/Patient.read system/Patient.rs", false),
            ("user/Practitioner.read", false),
            ("launch", false),
        ] {
            assert_eq!(ScopeSet::parse(scopes).bound_to_patient(), is_bound, "{scopes}");
        }
    }

    #[test]
    fn a_replaced_scope_keeps_the_form_in_which_it_was_written() {
        let uri = "http://smarthealthit.org/fhir/scopes/";
        for (scopes, replaced) in [
            ("openid launch x".to_owned(), "openid launch/patient x".to_owned()),
            (format!("openid {uri}launch"), format!("openid {uri}launch/patient")),
        ] {
            let set = ScopeSet::parse(&scopes);
            assert_eq!(set.replace("launch", Some("launch/patient")).to_string(), replaced);
            assert!(!set.replace("launch", None).contains("launch"), "{scopes}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_set_is_read_as_the_same_set(text in "[a-z/.*?=&, ]{0,80}") {
            let set = ScopeSet::parse(&text);
            prop_assert_eq!(ScopeSet::parse(&set.to_string()), set);
        }
    }
}
