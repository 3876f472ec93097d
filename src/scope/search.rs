//! Which reads and searches a set of granted scopes allows, answered before a request is sent.

use super::{
    ResourceScope, Scope, ScopeContext, ScopeKind, ScopeSet,
    query::{self, Coverage, Param, Query},
};

/// The resources of one type that a set of scopes allows the application to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAccess {
    /// All resources that the user may see.
    All,
    /// The resources that a granular scope (with `?`) selects.
    Some,
    /// No resources.
    None,
}

impl ScopeSet {
    /// Which resources of this type may be searched and read, by any scope of the set: `patient/`, `user/` or `system/`, in
    /// v1 form (`.read`, `.*`) or v2 form (`.rs`). `.r` alone allows no search (O11).
    pub(crate) fn read_access(&self, resource: &str) -> ReadAccess {
        self.access(resource, "rs")
    }

    /// Which resources of this type may be read by their id. It needs no search.
    pub(crate) fn read_access_by_id(&self, resource: &str) -> ReadAccess {
        self.access(resource, "r")
    }

    fn access(&self, resource: &str, letters: &str) -> ReadAccess {
        let has = |letter: char| self.queries(resource, letter).next().is_some();
        let has_all = |letter: char| self.queries(resource, letter).any(|query| query.is_none());
        match (letters.chars().all(has_all), letters.chars().all(has)) {
            (true, _) => ReadAccess::All,
            (false, true) => ReadAccess::Some,
            (false, false) => ReadAccess::None,
        }
    }

    /// Whether the set shows that no scope for this type was granted.
    pub(crate) fn lacks(&self, resource: &str) -> bool {
        let has_other = self.scopes().iter().any(|scope| *scope.kind() == ScopeKind::Other);
        self.read_access(resource) == ReadAccess::None && (self.lists_resources() || !has_other)
    }

    /// Whether the set allows to read a resource of this type by its id.
    pub(crate) fn allows_read(&self, resource: &str) -> bool {
        !self.lists_resources() || self.queries(resource, 'r').next().is_some()
    }

    /// How much of a search the set allows. `pairs` are the names and values of its query.
    ///
    /// A granular scope never excludes a search: a resource can have two categories. Its answer then has only the resources that the
    /// scope selects.
    ///
    /// `any_patient`: the search is about any patient. A `patient/` scope then adds nothing, and never excludes the search either: the
    /// patient may be the one of the launch.
    pub(crate) fn search_coverage<'a>(
        &self,
        resource: &str,
        any_patient: bool,
        pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
    ) -> Coverage {
        if !self.lists_resources() {
            return Coverage::Full;
        }
        if self.queries(resource, 's').next().is_none() {
            return Coverage::None;
        }
        let counts = |own: &&ResourceScope| !any_patient || own.context != ScopeContext::Patient;
        let granted: Vec<Option<&Query>> =
            self.granting(resource, 's').filter(counts).map(|own| own.query.as_ref()).collect();
        let asked: Vec<Param> = pairs.map(|(name, value)| Param::new(&name, &value)).collect();
        match query::coverage(&asked, &granted) {
            Coverage::Full => Coverage::Full,
            Coverage::Partly | Coverage::None => Coverage::Partly,
        }
    }

    /// Whether only `patient/` scopes allow to search a type.
    pub(crate) fn searches_launch_patient_only(&self, resource: &str) -> bool {
        let mut granting = self.granting(resource, 's').peekable();
        granting.peek().is_some() && granting.all(|own| own.context == ScopeContext::Patient)
    }

    /// The granular scopes that limit the searches of a type, separated by spaces.
    pub(crate) fn search_limits(&self, resource: &str) -> String {
        let limits = self.scopes().iter().filter(|scope| {
            let own = scope.resource();
            own.is_some_and(|own| own.is_about(resource) && own.actions.has('s') && own.query.is_some())
        });
        limits.map(Scope::text).collect::<Vec<_>>().join(" ")
    }

    /// Whether the EHR lists scopes for FHIR resources at all. Without any, its list does not show what is allowed: Epic's older
    /// answers have texts such as `Patient.read`, and others list only `launch`.
    fn lists_resources(&self) -> bool {
        self.scopes().iter().any(|scope| scope.resource().is_some())
    }

    /// The scopes that allow an action on a type.
    fn granting<'a>(
        &'a self,
        resource: &'a str,
        letter: char,
    ) -> impl Iterator<Item = &'a ResourceScope> + use<'a> {
        let of_type = self.scopes().iter().filter_map(Scope::resource);
        of_type.filter(move |own| own.is_about(resource) && own.actions.has(letter))
    }

    /// The queries of the scopes that allow an action on a type. `None`: the scope has none.
    fn queries<'a>(
        &'a self,
        resource: &'a str,
        letter: char,
    ) -> impl Iterator<Item = Option<&'a Query>> + use<'a> {
        self.granting(resource, letter).map(|own| own.query.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::form_urlencoded;

    /// #121 #125 #132
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
    }

    /// #125 #132 #147
    #[test]
    fn a_search_is_allowed_partly_allowed_or_excluded_before_it_is_sent() {
        use Coverage::{Full, None, Partly};
        const LAB: &str = "user/Observation.rs?category=laboratory";
        for (scopes, search, expected) in [
            ("user/Observation.read", "patient=p&code=1", Full),
            ("patient/*.rs", "patient=p", Full),
            ("user/Observation.r", "patient=p", None),
            ("user/Observation.s", "patient=p", Full),
            ("user/Condition.rs", "patient=p", None),
            (LAB, "patient=p&category=laboratory&code=1,2", Full),
            (LAB, "patient=p&category=http%3A%2F%2Fx%7Claboratory", Full),
            (LAB, "patient=p&code=1,2", Partly),
            (LAB, "patient=p&category=vital-signs", Partly),
            ("user/Observation.rs?code=1 user/Observation.rs?code=2", "patient=p&code=1,2", Full),
            ("user/Observation.rs?code=1", "patient=p&code=1,2", Partly),
            // No scope for FHIR resources is listed, so the list does not show what is allowed.
            ("launch openid", "patient=p", Full),
            ("Patient.read Patient.search", "patient=p", Full),
            ("", "patient=p", Full),
        ] {
            let pairs = form_urlencoded::parse(search.as_bytes());
            let coverage = ScopeSet::parse(scopes).search_coverage("Observation", false, pairs);
            assert_eq!(coverage, expected, "{scopes} {search}");
        }
    }

    /// #137
    #[test]
    fn patient_scopes_do_not_count_for_a_search_about_any_patient() {
        use Coverage::{Full, None, Partly};
        const LAB: &str = "user/Observation.rs?category=laboratory";
        for (scopes, expected, launch_patient_only) in [
            ("user/Patient.read patient/Observation.read", Partly, true),
            ("user/Patient.read patient/*.rs", Partly, true),
            ("user/Observation.read patient/Observation.read", Full, false),
            (&format!("{LAB} patient/Observation.rs"), Partly, false),
            // A refresh may leave `patient/` scopes of other types only.
            ("patient/Condition.read", None, false),
            ("launch", Full, false),
        ] {
            let set = ScopeSet::parse(scopes);
            let pairs = form_urlencoded::parse(b"patient=q&code=1");
            assert_eq!(set.search_coverage("Observation", true, pairs), expected, "{scopes}");
            assert_eq!(set.searches_launch_patient_only("Observation"), launch_patient_only, "{scopes}");
        }
    }

    #[test]
    fn a_missing_scope_is_stated_only_if_the_list_of_the_ehr_shows_it() {
        for (scopes, lacks) in [
            ("launch openid", true),
            ("user/Patient.read", true),
            ("user/Observation.r", true),
            ("user/Observation.rs", false),
            ("user/Observation.rs?category=laboratory", false),
            ("Patient.read Patient.search", false),
        ] {
            assert_eq!(ScopeSet::parse(scopes).lacks("Observation"), lacks, "{scopes}");
        }
    }

    #[test]
    fn a_read_by_id_needs_the_action_r() {
        for (scopes, is_allowed) in [
            ("user/Medication.r", true),
            ("user/Medication.read", true),
            ("user/Medication.s", false),
            ("user/Patient.read", false),
            ("launch", true),
        ] {
            assert_eq!(ScopeSet::parse(scopes).allows_read("Medication"), is_allowed, "{scopes}");
        }
    }
}
