//! Compares requested and granted scopes by meaning: `user/*.rs` covers `user/Patient.read`.

use super::{
    RefreshScope, Scope, ScopeKind, ScopeSet,
    query::{self, Coverage, Query},
    resource::ResourceScope,
};

/// The requested scopes that the EHR did not grant completely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeComparison<'a> {
    /// The requested scopes of which nothing was granted.
    pub missing: Vec<&'a str>,
    /// The requested scopes of which a part was granted: only some resource types of a wildcard, some actions, or the resources that
    /// granular scopes select (#147).
    pub partly: Vec<&'a str>,
}

impl ScopeSet {
    /// Compares requested scopes with granted ones. When a refresh token arrived, the scopes that request one were granted, whether
    /// the EHR lists them or not (E6).
    pub fn compare_with(&self, granted: &ScopeSet, has_refresh_token: bool) -> ScopeComparison<'_> {
        let mut comparison = ScopeComparison::default();
        for scope in self.scopes() {
            if has_refresh_token && matches!(scope.kind(), ScopeKind::Refresh(_)) {
                continue;
            }
            match granted.coverage(scope) {
                Coverage::Full => {}
                Coverage::Partly => comparison.partly.push(scope.text()),
                Coverage::None => comparison.missing.push(scope.text()),
            }
        }
        comparison
    }

    /// Whether the set requests a refresh token.
    pub fn requests_refresh_token(&self) -> bool {
        self.scopes().iter().any(|scope| matches!(scope.kind(), ScopeKind::Refresh(_)))
    }

    /// Whether the set covers a scope completely.
    pub(crate) fn covers(&self, asked: &Scope) -> bool {
        self.coverage(asked) == Coverage::Full
    }

    /// How much of one scope the set covers.
    pub(crate) fn coverage(&self, asked: &Scope) -> Coverage {
        if self.scopes().iter().any(|own| own.is_same(asked)) {
            return Coverage::Full;
        }
        match asked.kind() {
            ScopeKind::Resource(resource) => self.resource_coverage(resource),
            ScopeKind::Refresh(RefreshScope::Online) if self.contains("offline_access") => Coverage::Full,
            _ => Coverage::None,
        }
    }

    /// Whether one of the scopes covers another one completely.
    pub(super) fn covers_alone(&self, asked: &Scope) -> bool {
        self.scopes().iter().any(|own| ScopeSet::from_iter([own.clone()]).coverage(asked) == Coverage::Full)
    }

    fn resource_coverage(&self, asked: &ResourceScope) -> Coverage {
        let of_context = || {
            let resources = self.scopes().iter().filter_map(Scope::resource);
            resources.filter(|own| own.context == asked.context)
        };
        let of_action = |letter: char| {
            let granted: Vec<Option<&Query>> = of_context()
                .filter(|own| own.is_about(&asked.resource) && own.actions.has(letter))
                .map(|own| own.query.as_ref())
                .collect();
            let of_one_type = || of_context().any(|own| own.actions.has(letter));
            match &asked.query {
                Some(asked) => query::coverage(asked.params(), &granted),
                None if granted.iter().any(Option::is_none) => Coverage::Full,
                None if !granted.is_empty() => Coverage::Partly,
                // Some types of a wildcard were granted.
                None if asked.resource == "*" && of_one_type() => Coverage::Partly,
                None => Coverage::None,
            }
        };
        let of_actions: Vec<Coverage> = asked.actions.letters().map(of_action).collect();
        let all = |coverage: Coverage| of_actions.iter().all(|one| *one == coverage);
        match (of_actions.is_empty(), all(Coverage::Full), all(Coverage::None)) {
            (false, true, _) => Coverage::Full,
            (false, false, false) => Coverage::Partly,
            _ => Coverage::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(asked: &str, granted: &str, has_refresh_token: bool) -> (String, String) {
        let (asked, granted) = (ScopeSet::parse(asked), ScopeSet::parse(granted));
        let comparison = asked.compare_with(&granted, has_refresh_token);
        (comparison.missing.join(" "), comparison.partly.join(" "))
    }

    /// #147
    #[test]
    fn missing_scopes_are_compared_by_meaning() {
        for (asked, granted, missing, partly) in [
            ("user/Patient.read", "user/*.read", "", ""),
            ("user/Patient.read", "user/Patient.rs", "", ""),
            ("user/Patient.rs", "user/Patient.read", "", ""),
            ("user/Patient.read", "user/Patient.cruds", "", ""),
            ("user/Patient.read", "user/*.*", "", ""),
            ("user/Patient.read", "user/Patient.r user/*.s", "", ""),
            ("user/Patient.read", "user/Patient.r", "", "user/Patient.read"),
            ("user/Patient.read", "patient/*.read", "user/Patient.read", ""),
            ("user/Patient.read", "user/Patient.write", "user/Patient.read", ""),
            ("user/*.read", "user/Patient.read", "", "user/*.read"),
            ("user/*.read", "patient/Patient.read", "user/*.read", ""),
            ("openid launch online_access", "openid offline_access", "launch", ""),
            ("offline_access", "online_access", "offline_access", ""),
            ("user/Patient.odd", "user/*.*", "user/Patient.odd", ""),
            ("openid x", "http://openid.net/specs/openid-connect-core-1_0#openid x", "", ""),
            ("launch/list?role=a", "launch/list", "launch/list?role=a", ""),
        ] {
            assert_eq!(
                compared(asked, granted, false),
                (missing.to_owned(), partly.to_owned()),
                "{asked} {granted}"
            );
        }
    }

    /// #132 #147
    #[test]
    fn granular_scopes_that_split_a_requested_scope_are_a_part_of_it() {
        const LAB: &str = "user/Observation.rs?category=laboratory";
        const VITALS: &str = "user/Observation.rs?category=vital-signs";
        for (asked, granted, missing, partly) in [
            ("user/Observation.rs", format!("{LAB} {VITALS}"), "", "user/Observation.rs"),
            ("user/Observation.read", LAB.to_owned(), "", "user/Observation.read"),
            ("user/Observation.rs", format!("{LAB} user/Observation.rs"), "", ""),
            (LAB, "user/*.rs".to_owned(), "", ""),
            (LAB, LAB.to_owned(), "", ""),
            (LAB, VITALS.to_owned(), LAB, ""),
            (LAB, "user/Observation.r?category=laboratory".to_owned(), "", LAB),
            ("user/Observation.rs?category=laboratory,vital-signs", format!("{LAB} {VITALS}"), "", ""),
            ("user/*.rs", LAB.to_owned(), "", "user/*.rs"),
        ] {
            assert_eq!(
                compared(asked, &granted, false),
                (missing.to_owned(), partly.to_owned()),
                "{asked} {granted}"
            );
        }
    }

    #[test]
    fn a_refresh_token_shows_that_its_scope_was_granted_although_it_is_not_listed() {
        for scope in ["online_access", "offline_access"] {
            assert_eq!(compared(scope, "openid", true), (String::new(), String::new()));
            assert_eq!(compared(scope, "openid", false), (scope.to_owned(), String::new()));
        }
    }
}
