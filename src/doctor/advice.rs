//! The steps `capabilities` and `scopes`: what the server advertises, and whether the scopes fit a launch. Both advise: servers
//! advertise incompletely, so nothing depends on it (E10).

use super::finding::{Finding, FindingId, StepResult};
use crate::{
    config::PkcePolicy,
    discovery::{Discovery, DiscoveryDocument},
    error::Result,
    source::Source,
};

/// What the server does not advertise although the configuration uses it.
pub(super) fn capabilities(source: &Source, published: &Result<Discovery>) -> StepResult {
    let Ok(discovery) = published else { return Ok(Finding::new(FindingId::CapabilitiesUnknown)) };
    let has_s256 = discovery.code_challenge_methods.iter().any(|method| method == "S256");
    if source.policy.pkce == PkcePolicy::Required && !has_s256 {
        return Ok(Finding::new(FindingId::CapabilitiesNoPkce));
    }
    if discovery.found_in != DiscoveryDocument::SmartConfiguration || discovery.capabilities.is_empty() {
        return Ok(Finding::new(FindingId::CapabilitiesUnknown));
    }
    let has = |name: &str| discovery.capabilities.iter().any(|one| one == name);
    // Epic advertises refresh tokens of one kind only and grants both (E10).
    let is_advertised = |name: &str| has(name) || (name == "permission-online" && has("permission-offline"));
    let mut missing: Vec<&str> = needed(source).into_iter().filter(|name| !is_advertised(name)).collect();
    if source.policy.pkce == PkcePolicy::On && !has_s256 {
        missing.push("code_challenge_methods_supported: S256");
    }
    if missing.is_empty() {
        return Ok(Finding::new(FindingId::CapabilitiesOk));
    }
    Ok(Finding::new(FindingId::CapabilitiesMissing).with("list", missing.join(", ")))
}

/// The capabilities that the configuration of a source uses.
fn needed(source: &Source) -> Vec<&'static str> {
    let scopes = source.launch_scopes();
    let has = |start: &str| scopes.iter().any(|scope| scope.starts_with(start));
    let uses = [
        ("launch-ehr", scopes.contains("launch")),
        ("authorize-post", source.policy.authorize_method == crate::config::AuthorizeMethod::Post),
        ("permission-offline", scopes.contains("offline_access")),
        ("permission-online", scopes.contains("online_access")),
        ("permission-patient", has("patient/")),
        ("permission-user", has("user/")),
    ];
    uses.into_iter().filter(|(_, is_used)| *is_used).map(|(name, _)| name).collect()
}

/// A list of scopes that replaces the preset's must keep `launch`, or an EHR launch brings no context.
pub(super) fn scopes(source: &Source) -> StepResult {
    if !source.launch_scopes().contains("launch") {
        return Ok(Finding::new(FindingId::ScopesNoLaunch));
    }
    let warnings = source.scope_warnings();
    Ok(if warnings.is_empty() {
        Finding::new(FindingId::ScopesOk)
    } else {
        Finding::new(FindingId::ScopesUnusual).with("warnings", warnings.join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::finding::to_check_step, *};
    use crate::{discovery::Endpoints, source::tests::source};
    use url::Url;

    fn published(capabilities: &[&str], methods: &[&str]) -> Result<Discovery> {
        let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        Ok(Discovery {
            endpoints: Endpoints::token_only(Url::parse("https://a.example/token").unwrap()),
            fhir_version: None,
            found_in: DiscoveryDocument::SmartConfiguration,
            scopes_supported: Vec::new(),
            capabilities: texts(capabilities),
            code_challenge_methods: texts(methods),
            vendor: None,
        })
    }

    #[test]
    fn what_a_server_does_not_advertise_is_named() {
        let plain = source("");
        let judged =
            |source: &Source, published| to_check_step("capabilities", capabilities(source, &published));
        let all = ["launch-ehr", "permission-online", "permission-user"];
        assert_eq!(judged(&plain, published(&all, &["S256"])).finding, "capabilities_ok");
        assert_eq!(judged(&plain, published(&[], &[])).finding, "capabilities_unknown");
        let found = judged(&plain, published(&all[1..], &[]));
        assert_eq!(found.finding, "capabilities_missing");
        assert!(found.text.contains("launch-ehr, code_challenge_methods_supported: S256"), "{found:?}");
        let post = source(r#", "policy": {"authorize_method": "post"}"#);
        assert!(judged(&post, published(&all, &["S256"])).text.contains("authorize-post"));
        let required = source(r#", "policy": {"pkce": "required"}"#);
        let found = judged(&required, published(&all, &["plain"]));
        assert_eq!((found.finding, found.error), ("capabilities_no_pkce", Some("pkce_not_supported")));
    }

    #[test]
    fn scopes_without_launch_are_named() {
        assert_eq!(to_check_step("scopes", scopes(&source(""))).finding, "scopes_ok");
        let without = source(r#", "policy": {"scopes": ["openid", "user/{resource}.read"]}"#);
        assert_eq!(to_check_step("scopes", scopes(&without)).finding, "scopes_no_launch");
        let short =
            source(r#", "policy": {"scopes": ["launch", "openid", "fhirUser", "user/{resource}.read"]}"#);
        let found = to_check_step("scopes", scopes(&short));
        assert_eq!(
            (found.finding, found.text.as_str()),
            ("scopes_unusual", "policy.scopes does not contain online_access.")
        );
    }
}
