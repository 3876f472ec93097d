//! The step `endpoints`: the configured and the approved endpoints are the published ones.

use super::finding::{Finding, FindingId, StepResult};
use crate::{
    discovery::{Discovery, Endpoints, Resolver, ServerMetadata},
    error::{Code, Result, escape_for_display},
    source::Source,
};
use url::Url;

/// `approved`: what an administrator approved, if anything.
pub(super) fn check(
    source: &Source,
    published: &Result<Discovery>,
    approved: Option<&ServerMetadata>,
) -> StepResult {
    let configured = Resolver::configured(source).is_some();
    let published = match published {
        Ok(discovery) => &discovery.endpoints,
        Err(error) if configured && error.code() == Code::DiscoveryFailed => {
            return Ok(Finding::new(FindingId::EndpointsUnpublished));
        }
        Err(error) => return Err(error.clone()),
    };
    let other = different(source, published);
    if !other.is_empty() {
        return Ok(Finding::new(FindingId::EndpointsDiffer).with("published", other.join(", ")));
    }
    if let Some(changed) = approved.and_then(|approved| approved.endpoints.changed(published)) {
        let published = format!("\"{}\": \"{}\"", changed.member, escape_for_display(changed.published));
        return Ok(Finding::new(FindingId::EndpointsChanged).with("published", published));
    }
    Ok(Finding::new(match (configured, approved.is_some()) {
        (true, _) => FindingId::EndpointsOk,
        (false, true) => FindingId::EndpointsApproved,
        (false, false) => FindingId::EndpointsNotStored,
    }))
}

/// The published endpoints that the configuration sets differently.
fn different(source: &Source, published: &Endpoints) -> Vec<String> {
    let set = &source.endpoints;
    let pairs: [(&str, Option<&str>, Option<&str>); 8] = [
        ("authorization_endpoint", text(&source.authorization_endpoint), text(&published.authorization)),
        ("token_endpoint", text(&source.token_endpoint), Some(published.token.as_str())),
        ("endpoints.introspection_endpoint", text(&set.introspection), text(&published.introspection)),
        ("endpoints.revocation_endpoint", text(&set.revocation), text(&published.revocation)),
        ("endpoints.management_endpoint", text(&set.management), text(&published.management)),
        ("endpoints.registration_endpoint", text(&set.registration), text(&published.registration)),
        ("endpoints.jwks_uri", text(&set.jwks), text(&published.jwks)),
        ("endpoints.issuer", set.issuer.as_deref(), published.issuer.as_deref()),
    ];
    let differs = pairs.into_iter().filter_map(|(name, set, published)| {
        let published = published.filter(|published| set.is_some_and(|set| set != *published))?;
        Some(format!("\"{name}\": \"{}\"", escape_for_display(published)))
    });
    differs.collect()
}

fn text(url: &Option<Url>) -> Option<&str> {
    url.as_ref().map(Url::as_str)
}

#[cfg(test)]
mod tests {
    use super::{
        super::finding::{CheckStatus, to_check_step},
        *,
    };
    use crate::{discovery::DiscoveryDocument, error::Error, source::tests::source};

    fn endpoints(authorization: &str, token: &str) -> Endpoints {
        Endpoints {
            authorization: Url::parse(authorization).ok(),
            ..Endpoints::token_only(Url::parse(token).unwrap())
        }
    }

    fn published(authorization: &str, token: &str) -> Result<Discovery> {
        Ok(Discovery {
            endpoints: endpoints(authorization, token),
            fhir_version: None,
            found_in: DiscoveryDocument::Metadata,
            scopes_supported: Vec::new(),
            capabilities: Vec::new(),
            code_challenge_methods: Vec::new(),
            vendor: None,
        })
    }

    #[test]
    fn stored_endpoints_are_compared_with_the_published_ones() {
        let (a, t) = ("https://a.example/authorize", "https://a.example/token");
        let both = source(&format!(r#", "authorization_endpoint": "{a}", "token_endpoint": "{t}""#));
        let judged = |source: &Source, published| to_check_step("endpoints", check(source, &published, None));
        let found = judged(&both, published(a, t));
        assert_eq!((found.status, found.error), (CheckStatus::Ok, None), "{found:?}");
        let found = judged(&both, published(a, "https://b.example/token"));
        assert_eq!((found.status, found.error), (CheckStatus::Failed, Some("config_invalid")), "{found:?}");
        assert!(found.hint.unwrap().contains(r#""token_endpoint": "https://b.example/token""#));
        assert_eq!(judged(&both, published("", t)).status, CheckStatus::Ok, "a server for system accounts");
        let silent = || Err(Error::new(Code::DiscoveryFailed));
        assert_eq!(judged(&both, silent()).status, CheckStatus::Skipped);
        let none = source("");
        assert_eq!(judged(&none, silent()).error, Some("discovery_failed"));
        let found = judged(&none, published(a, t));
        assert!(found.status == CheckStatus::Ok && found.hint.is_some(), "{found:?}");
        let alone = source(&format!(r#", "token_endpoint": "{t}""#));
        let found = judged(&alone, published(a, "https://b.example/token"));
        assert_eq!(found.finding, "endpoints_differ", "also a stored endpoint alone is compared");
        let issuer = source(r#", "endpoints": {"issuer": "https://a.example"}"#);
        let mut other = published(a, t).unwrap();
        other.endpoints.issuer = Some("https://a.example/".to_owned());
        let found = judged(&issuer, Ok(other));
        assert!(found.hint.unwrap().contains(r#""endpoints.issuer": "https://a.example/""#));
    }

    #[test]
    fn approved_endpoints_are_compared_with_what_is_published() {
        let (a, t) = ("https://a.example/authorize", "https://a.example/token");
        let approved = ServerMetadata {
            endpoints: endpoints(a, t),
            found_in: DiscoveryDocument::Metadata,
            code_challenge_methods: Vec::new(),
            sends_iss: false,
            scopes_supported: Vec::new(),
            capabilities: Vec::new(),
        };
        let judged = |published| to_check_step("endpoints", check(&source(""), &published, Some(&approved)));
        assert_eq!(judged(published(a, t)).finding, "endpoints_approved");
        let found = judged(published(a, "https://b.example/token"));
        assert_eq!((found.finding, found.error), ("endpoints_changed", Some("endpoints_changed")));
        assert!(found.text.contains("https://b.example/token"), "{found:?}");
    }
}
