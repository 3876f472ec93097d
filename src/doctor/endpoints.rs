//! The step `endpoints`: checks that the stored endpoints are those that the server publishes.

use super::finding::{Finding, FindingId, StepResult};
use crate::{
    discovery::{self, Discovery},
    error::{Code, Result, escape_for_display},
    source::Source,
};
use url::Url;

pub(super) fn check(source: &Source, published: Result<Discovery>) -> StepResult {
    let stored = discovery::stored_endpoints(source);
    let published = match published {
        Ok(discovery) => discovery.endpoints,
        Err(error) if stored.is_some() && error.code() == Code::DiscoveryFailed => {
            return Ok(Finding::new(FindingId::EndpointsUnpublished));
        }
        Err(error) => return Err(error),
    };
    let mut other = Vec::new();
    let mut compare = |name: &str, stored: Option<&Url>, published: Option<&Url>| {
        if let (Some(stored), Some(published)) = (stored, published)
            && stored != published
        {
            other.push(format!("\"{name}\": \"{}\"", escape_for_display(published.as_str())));
        }
    };
    let (authorization, token) = (source.authorization_endpoint.as_ref(), source.token_endpoint.as_ref());
    compare("authorization_endpoint", authorization, published.authorization.as_ref());
    compare("token_endpoint", token, Some(&published.token));
    if !other.is_empty() {
        return Ok(Finding::new(FindingId::EndpointsDiffer).with("published", other.join(", ")));
    }
    Ok(Finding::new(if stored.is_some() { FindingId::EndpointsOk } else { FindingId::EndpointsNotStored }))
}

#[cfg(test)]
mod tests {
    use super::{
        super::finding::{CheckStatus, to_check_step},
        *,
    };
    use crate::{discovery::DiscoveryDocument, error::Error, source::tests::source};

    fn published(authorization: &str, token: &str) -> Result<Discovery> {
        Ok(Discovery {
            endpoints: discovery::Endpoints {
                authorization: Url::parse(authorization).ok(),
                token: Url::parse(token).unwrap(),
            },
            fhir_version: None,
            found_in: DiscoveryDocument::Metadata,
            scopes_supported: Vec::new(),
            capabilities: Vec::new(),
        })
    }

    #[test]
    fn stored_endpoints_are_compared_with_the_published_ones() {
        let (a, t) = ("https://a.example/authorize", "https://a.example/token");
        let both = source(&format!(r#", "authorization_endpoint": "{a}", "token_endpoint": "{t}""#));
        let judged = |source: &Source, published| to_check_step("endpoints", check(source, published));
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
        assert_eq!(found.finding, "endpoints_differ", "one stored endpoint is compared too");
    }
}
