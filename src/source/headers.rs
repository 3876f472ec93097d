//! HTTP headers that the configuration of a source adds to its requests.

use super::Source;
use crate::{
    config::{HeaderConfig, HeaderValues},
    error::{Code, Error, Result, escape_for_display},
    secret::{self, ExposeSecret, Secret, SecretProvider},
};
use std::collections::BTreeMap;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// A discovery document.
    Discovery,
    /// The token endpoint or the registration endpoint.
    Token,
    /// The FHIR server.
    Fhir,
}

/// Headers that the library or HTTP itself sets. A second value could send a token elsewhere or change where a message ends.
const REFUSED: [&str; 14] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why a header cannot be configured.
fn problem(name: &str) -> Option<&'static str> {
    let is_token = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || !name.bytes().all(is_token) {
        Some("is not the name of an HTTP header")
    } else if lower.starts_with("content-") || REFUSED.contains(&lower.as_str()) {
        Some("is set by the library and cannot be configured")
    } else {
        None
    }
}

/// Checks the names of the configured headers.
///
/// # Errors
/// [`Code::ConfigInvalid`], naming the header.
pub(super) fn check(config: &HeaderConfig) -> Result<()> {
    for (phase, headers) in
        [("discovery", &config.discovery), ("token", &config.token), ("fhir", &config.fhir)]
    {
        for name in headers.keys() {
            if let Some(problem) = problem(name) {
                let detail = format!("headers.{phase}: {} {problem}", escape_for_display(name));
                return Err(Error::new(Code::ConfigInvalid).detail(detail));
            }
        }
    }
    Ok(())
}

impl Source {
    /// The headers of a phase, with values read from where the configuration keeps them.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`]; [`Code::ConfigInvalid`] for a value that no header can have. The error does not repeat it.
    pub(crate) fn headers(&self, phase: Phase, secrets: Option<&dyn SecretProvider>) -> Result<HeaderValues> {
        let configured: &BTreeMap<String, Secret> = match phase {
            Phase::Discovery => &self.header_config.discovery,
            Phase::Token => &self.header_config.token,
            Phase::Fhir => &self.header_config.fhir,
        };
        let mut headers = HeaderValues::new();
        for (name, reference) in configured {
            let value = secret::resolve(reference, self.secret_base.as_deref(), secrets)?;
            if !value.expose_secret().bytes().all(|byte| (0x20..0x7f).contains(&byte) || byte == b'\t') {
                let detail = format!("source {}: the value of the header {name}", self.id);
                return Err(Error::new(Code::ConfigInvalid)
                    .detail(detail)
                    .hint("A header value is one line of printable ASCII characters."));
            }
            headers.push((name.clone(), value));
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_library_and_of_http_are_refused() {
        for name in ["Epic-Client-ID", "X-Api-Key", "Ocp-Apim-Subscription-Key", "User-Agent"] {
            assert_eq!(problem(name), None, "{name}");
        }
        for name in ["Authorization", "HOST", "content-length", "Content-Type", "Connection", "TE", "Upgrade"]
        {
            assert!(problem(name).is_some_and(|problem| problem.contains("set by the library")), "{name}");
        }
        for name in ["", "a b", "x:y", "x\r\ny", "ü"] {
            assert!(problem(name).is_some_and(|problem| problem.contains("not the name")), "{name:?}");
        }
    }

    #[test]
    fn a_header_value_is_read_when_it_is_used_and_one_with_a_line_end_is_refused() {
        let source = super::super::tests::source(
            r#", "headers": {"discovery": {"X-Key": "one"}, "fhir": {"X-Key": "two"}}"#,
        );
        let of = |phase| source.headers(phase, None).unwrap();
        assert_eq!(of(Phase::Discovery)[0].1.expose_secret(), "one");
        assert_eq!(of(Phase::Fhir)[0].1.expose_secret(), "two");
        assert!(of(Phase::Token).is_empty());
        let source = super::super::tests::source(r#", "headers": {"token": {"X-Key": "one\r\nHost: x"}}"#);
        let error = source.headers(Phase::Token, None).unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(!error.message().contains("Host"), "{error}");
    }
}
