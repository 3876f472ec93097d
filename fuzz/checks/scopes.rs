//! What must be true for every text with scopes. The fuzz target and `tests/fuzz_seeds.rs` use it.

use fhir_ehr::{
    Scope, ScopeKind, ScopeSet, ScopeVersion,
    internals::{check_template, split_scopes},
};

/// Reads any text as a list of scopes, and compares it with itself.
pub(crate) fn check(text: &str) {
    let set = ScopeSet::parse(text);
    assert_eq!(ScopeSet::parse(&set.to_string()), set, "a printed set is read as the same set");
    let own = set.compare_with(&set, false);
    assert!(own.missing.is_empty() && own.partly.is_empty(), "a set covers itself");
    let shortest = set.shortest();
    let lost = set.compare_with(&shortest, false);
    let is_known = |text: &&&str| match Scope::parse(text).kind() {
        ScopeKind::Resource(resource) => {
            !resource.actions.is_empty() && resource.query.as_ref().is_none_or(|query| query.is_valid())
        }
        _ => true,
    };
    assert_eq!(
        lost.missing.iter().chain(&lost.partly).find(is_known),
        None,
        "the shortest form has the same meaning"
    );
    assert_eq!(shortest.shortest(), shortest, "the shortest form stays as it is");
    for scope in set.scopes() {
        assert_eq!(Scope::parse(&scope.to_uri()).kind(), scope.kind(), "the URI form has the same meaning");
        for version in [ScopeVersion::V1, ScopeVersion::V2] {
            let Some(translated) = scope.in_version(version) else { continue };
            let back: ScopeSet = [translated].into_iter().collect();
            let compared = ScopeSet::from_iter([scope.clone()]).compare_with(&back, false).missing.len();
            assert_eq!(compared, 0, "a translated scope has the same meaning");
        }
    }
    for version in [ScopeVersion::V1, ScopeVersion::V2] {
        let _ = check_template(text, version);
    }
    assert!(split_scopes(text).iter().all(|scope| !scope.is_empty() && !scope.contains(char::is_whitespace)));
}
