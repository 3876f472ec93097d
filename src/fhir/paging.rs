//! The URL of the next page: resolved, converted from an alias, and restricted to the server of the source.

use crate::{
    error::{Code, Error, Result},
    source::Source,
};
use url::Url;

/// The URL of a next link, as it may be requested with the token.
///
/// # Errors
/// [`Code::NextLinkRefused`] when it is on another server: the token is not sent there (D10).
/// [`Code::NextLinkCredentials`] when it contains a user name or password, which would be sent together with the token.
pub fn next_address(source: &Source, current: &Url, link: &str) -> Result<Url> {
    let refused = || Error::new(Code::NextLinkRefused);
    let url = current.join(link).map_err(|_| refused())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::new(Code::NextLinkCredentials));
    }
    let mut url = source.replace_alias(url);
    // A server behind a proxy may not know that it is reached by https, so http on the same host is upgraded. Unlike in a
    // reference (Source::at_base), any port is accepted: the request goes to the port of the base URL.
    if url.scheme() == "http" && source.base.scheme() == "https" && url.host() == source.base.host() {
        let _ = url.set_port(source.base.port());
        url.set_scheme("https").map_err(|()| refused())?;
    }
    if source.owns(&url) {
        return Ok(url);
    }
    let origin = url.origin().ascii_serialization();
    let detail = format!(
        "it is at {origin:.200}; if that is the same server, add its base URL to aliases of the source"
    );
    Err(if url.has_host() { refused().detail(detail) } else { refused() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;

    #[test]
    fn a_next_link_stays_on_the_server() {
        let source =
            source(r#", "aliases": ["https://internal.example/fhir", "http://fhir.svc.cluster.local"]"#);
        let current = Url::parse("https://fhir.example/r4/t/Observation?patient=1").unwrap();
        for (link, to) in [
            ("?page=2", "https://fhir.example/r4/t/Observation?page=2"),
            (
                "https://fhir.example/r4/t/Observation?pageContext=x",
                "https://fhir.example/r4/t/Observation?pageContext=x",
            ),
            ("http://fhir.example/r4/t/Observation?p=2", "https://fhir.example/r4/t/Observation?p=2"),
            ("https://internal.example/fhir/Observation?p=2", "https://fhir.example/r4/t/Observation?p=2"),
            ("http://fhir.svc.cluster.local/Observation?p=2", "https://fhir.example/r4/t/Observation?p=2"),
        ] {
            assert_eq!(next_address(&source, &current, link).unwrap().as_str(), to, "{link}");
        }
        for link in [
            "https://evil.example/Observation",
            "//evil.example/x",
            "http://fhir.example.evil.example/",
            "javascript:1",
        ] {
            assert_eq!(
                next_address(&source, &current, link).unwrap_err().code(),
                Code::NextLinkRefused,
                "{link}"
            );
        }
        for link in [
            "https://u@fhir.example/r4/t/Observation?p=2",
            "//u:p@fhir.example/r4/t/",
            "http://:p@fhir.example/r4/",
        ] {
            let error = next_address(&source, &current, link).unwrap_err();
            assert_eq!(error.code(), Code::NextLinkCredentials, "{link}");
        }
    }
}
