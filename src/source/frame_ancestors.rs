//! `frame_ancestors`: the origins of pages that may show the application in a frame, as in a Content-Security-Policy.

use super::allowed_url;

/// Checks one origin: `https://HOST[:PORT]`, where HOST may begin with `*.`, or `http` on the loopback interface. An allowed
/// origin can be written into a header without escaping.
///
/// # Errors
/// The problem, for the detail of an error.
pub(super) fn check_ancestor(origin: &str) -> Result<(), &'static str> {
    let (scheme, place) = origin.split_once("://").ok_or("it does not begin with https://")?;
    // IPv6 addresses are not allowed, because a Content-Security-Policy cannot contain one.
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:*".contains(c);
    if !place.chars().all(allowed) {
        return Err("it has a path or a character that an origin cannot have");
    }
    let host = place.strip_prefix("*.").unwrap_or(place);
    let wildcard = host != place;
    if host.contains('*') || (wildcard && !host.contains('.')) {
        return Err("a * is allowed only as the first part of a host name");
    }
    if wildcard && scheme != "https" {
        return Err("a * is allowed only with https");
    }
    let url = allowed_url(&format!("{scheme}://{host}"))
        .map_err(|_| "it is neither https nor http on the loopback interface")?;
    let ends_well = !host.ends_with(':') && url.host_str().is_some_and(|name| !name.ends_with('.'));
    if ends_well { Ok(()) } else { Err("the host or the port is incomplete") }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Sources, tests::config},
        *,
    };
    use crate::error::Code;

    #[test]
    fn a_frame_ancestor_must_be_an_origin() {
        for good in [
            "https://ehr.example.org",
            "https://EHR.example.org:8443",
            "https://*.example.org",
            "http://localhost:8080",
            "http://127.0.0.1",
        ] {
            assert_eq!(check_ancestor(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "*",
            "'self'",
            "ehr.example.org",
            "https:",
            "https://",
            "https://*",
            "https://*.org",
            "https://*.*.example.org",
            "https://ehr*.example.org",
            "https://ehr.example.org/",
            "https://ehr.example.org/path",
            "https://ehr.example.org?x",
            "https://ehr.example.org; script-src *",
            "https://a.example https://b.example",
            "https://a.example,https://b.example",
            "https://u@ehr.example.org",
            "https://ehr.example.org:",
            "https://ehr.example.org:99999",
            "http://ehr.example.org",
            "http://*.localhost.example",
            "ftp://ehr.example.org",
            "https://ehr.example.org\r\nX: y",
            "https://\u{e9}hr.example.org",
        ] {
            assert!(check_ancestor(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_error_names_the_source_and_the_origin() {
        let text = r#"[{"id": "s", "iss": "https://fhir.example/r4", "environment": "test", "fhir_version": "r4",
            "registration": "r", "frame_ancestors": ["https://ehr.example.org", "https://x.example/; a"]}]"#;
        let error = Sources::build(&config(text)).unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(error.message().contains("source s: frame_ancestors: https://x.example/;%20a: "), "{error}");
        let sources = Sources::build(&config(&text.replace("/; a", ""))).unwrap();
        let source = sources.by_id("s").unwrap();
        assert_eq!(source.frame_ancestors, ["https://ehr.example.org", "https://x.example"]);
        assert_eq!(source.name, "s");
    }
}
