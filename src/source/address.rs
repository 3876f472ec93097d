//! The URLs of a configuration: which are allowed, how they are compared, and how they are shown.

use crate::error::{Code, Error, Result, escape_for_display};
use url::{Host, Url};

/// A URL for an error: without query, fragment and user name, which may be secret or identify a patient.
fn display_address(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (scheme, rest) = text[..end].split_once("://").unwrap_or(("", &text[..end]));
    let host = rest.split('/').next().unwrap_or_default();
    let rest = host.rfind('@').map_or(rest, |at| &rest[at + 1..]);
    let separator = if scheme.is_empty() { "" } else { "://" };
    escape_for_display(&format!("{scheme}{separator}{rest}"))
}

/// Parses a URL for requests.
///
/// # Errors
/// [`Code::UrlNotAllowed`] if it is neither https nor http on the loopback interface, or has a user name or a fragment.
pub fn allowed_url(text: &str) -> Result<Url> {
    checked_url(text, false)
}

fn checked_url(text: &str, any_http: bool) -> Result<Url> {
    let refuse =
        |why: &str| Err(Error::new(Code::UrlNotAllowed).detail(format!("{why}: {}", display_address(text))));
    let Ok(url) = Url::parse(text) else { return refuse("not a URL") };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return refuse("it has no host"),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && (loopback || any_http)) {
        return refuse("not https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it has a user name or password");
    }
    if url.fragment().is_some() {
        return refuse("it has a fragment");
    }
    Ok(url)
}

/// Parses an alias: another base URL that the server uses for itself. It is compared and replaced but never requested, so it
/// may be http on any host.
///
/// # Errors
/// [`Code::UrlNotAllowed`].
pub(super) fn alias_url(text: &str) -> Result<Url> {
    let mut alias = checked_url(text, true)?;
    end_with_slash(&mut alias);
    Ok(alias)
}

/// The form of an `iss` in which sources are compared: without a final slash and a default port, with scheme and host in
/// lower case. `None` if it is not a base URL. Servers compare the `iss` as text, so they get the configured text (O8).
pub(super) fn lookup_form(text: &str) -> Option<String> {
    let url = checked_url(text, true).ok()?;
    url.query().is_none().then(|| url.as_str().trim_end_matches('/').to_owned())
}

pub(super) fn without_slash(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}

/// Parses a FHIR base URL and ends it with a slash, so that relative addresses can be joined to it.
///
/// # Errors
/// [`Code::UrlNotAllowed`].
pub(crate) fn base_url(text: &str) -> Result<Url> {
    let mut url = allowed_url(text)?;
    end_with_slash(&mut url);
    Ok(url)
}

fn end_with_slash(url: &mut Url) {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_loopback_is_allowed() {
        for good in ["https://a.example", "http://127.0.0.1:80/x", "http://[::1]:9/", "http://localhost"] {
            assert!(allowed_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "ftp://127.0.0.1/",
            "https://u:p@a.example",
            "https://a.example/#x",
            "http://127.0.0.1.evil.example/",
        ] {
            assert_eq!(allowed_url(bad).unwrap_err().code(), Code::UrlNotAllowed, "{bad}");
        }
    }

    #[test]
    fn a_url_is_shown_without_query_and_user_name() {
        for (text, shown) in [
            ("http://a.example/fhir/Patient?identifier=M-1", "http://a.example/fhir/Patient"),
            ("https://user:s3cret@a.example/x#y", "https://a.example/x"),
            ("ftp://u:p@q@a.example", "ftp://a.example"),
            ("a.example?x", "a.example"),
        ] {
            assert_eq!(display_address(text), shown);
            let message = allowed_url(text).unwrap_err().message();
            assert!(message.ends_with(&format!(": {shown})")), "{message}");
        }
    }
}
