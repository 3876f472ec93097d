//! Reads `error_uri`, in which Oracle puts all that it says about an error (O16):
//! `https://authorization.cerner.com/errors/<URN>/instances/<correlation id>?client=<client id>&tenant=<tenant>`.
//!
//! The parts become data of the error. The library never requests the link. A part that is not plain text of ASCII letters, digits
//! and a few marks, that is long, or that contains a secret of the request, is not kept.

use super::redact::{has_secret, may_be_secret};
use crate::{error::VendorError, secret::Secret};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// The most bytes of an `error_uri` that is read. Oracle's have about 300.
const MAX_URI_BYTES: usize = 2000;
/// The most bytes of a part, and of a link that is not Oracle's.
const MAX_PART_BYTES: usize = 120;
const MAX_LINK_BYTES: usize = 300;
/// The first segments of Oracle's URNs. They are not kept.
const URN_PREFIX: &str = "urn:cerner:error:authorization-server:";
/// Oracle's error pages are below this domain, whatever the host of the authorization server.
const ORACLE_DOMAIN: &str = "cerner.com";

/// The data of an `error_uri`. `server` is a URL of the authorization server, and `sent` are the secrets of the request.
pub fn read(error_uri: &str, server: &str, sent: &[&Secret]) -> VendorError {
    let uri = Some(error_uri.trim()).filter(|text| text.len() <= MAX_URI_BYTES);
    let Some(uri) = uri.and_then(|text| Url::parse(text).ok()).filter(is_plain) else {
        return VendorError::default();
    };
    let segments: Vec<&str> = uri.path_segments().map(Iterator::collect).unwrap_or_default();
    let after = |name: &str| {
        let at = segments.iter().position(|segment| *segment == name)?;
        let text = percent_decode_str(segments.get(at + 1)?).decode_utf8().ok()?.into_owned();
        Some(text).filter(|text| is_part(text, sent))
    };
    let parameter = |name: &str| {
        let mut values = uri.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next().filter(|value| is_part(value, sent))?.into_owned();
        values.next().is_none().then_some(value)
    };
    let (urn, correlation_id) = (after("errors"), after("instances"));
    let (client_id, tenant) = (parameter("client"), parameter("tenant"));
    let is_error_page = segments.len() == 4 && urn.is_some() && correlation_id.is_some();
    let link = if is_error_page {
        Some(with_query(&uri, &[("client", &client_id), ("tenant", &tenant)]))
    } else {
        other_link(&uri, sent)
    };
    VendorError {
        code: urn.map(|urn| urn.strip_prefix(URN_PREFIX).unwrap_or(&urn).to_owned()),
        correlation_id,
        client_id,
        tenant,
        link: link.filter(|_| is_plausible_host(&uri, server)),
    }
}

/// Whether a URL is an https URL without a user name and password.
fn is_plain(uri: &Url) -> bool {
    uri.scheme() == "https" && uri.username().is_empty() && uri.password().is_none()
}

fn is_part(text: &str, sent: &[&Secret]) -> bool {
    !text.is_empty()
        && text.len() <= MAX_PART_BYTES
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ":-_.".contains(c))
        && !has_secret(text, sent)
}

/// The page without its query and fragment, and then with these parameters only: others could hold the state or a user.
fn with_query(uri: &Url, parameters: &[(&str, &Option<String>)]) -> String {
    let mut link = uri.clone();
    link.set_query(None);
    link.set_fragment(None);
    for (name, value) in parameters {
        if let Some(value) = value {
            link.query_pairs_mut().append_pair(name, value);
        }
    }
    link.into()
}

/// The link of another server than Oracle's: a page of its documentation, without query and fragment.
fn other_link(uri: &Url, sent: &[&Secret]) -> Option<String> {
    let path = percent_decode_str(uri.path()).decode_utf8().ok()?;
    let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/:-_.".contains(c));
    let has_word = path.split('/').any(may_be_secret) || has_secret(&path, sent);
    let link = with_query(uri, &[]);
    (is_plain && !has_word && link.len() <= MAX_LINK_BYTES).then_some(link)
}

/// Whether a person may be sent to this host: it is Oracle's, that of the authorization server, or below the same domain.
fn is_plausible_host(uri: &Url, server: &str) -> bool {
    let Some(Host::Domain(host)) = uri.host() else { return false };
    if is_below(host, ORACLE_DOMAIN) {
        return true;
    }
    let Some(server) = Url::parse(server).ok() else { return false };
    let Some(Host::Domain(server)) = server.host() else { return false };
    let domain = server.split_once('.').map(|(_, domain)| domain).filter(|domain| is_owned(domain));
    host == server || domain.is_some_and(|domain| is_below(host, domain))
}

fn is_below(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a domain belongs to one organization, as `hospital.org` does. Names such as `org` and `co.uk` do not.
fn is_owned(domain: &str) -> bool {
    match domain.rsplit('.').collect::<Vec<_>>()[..] {
        [] | [_] => false,
        [top, second] => top.len() > 2 || second.len() > 3,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://authorization.cerner.com/errors/urn%3Acerner%3Aerror%3Aauthorization-server%3Aoauth2%3Agrant%3Aunauthorized-client-for-tenant/instances/4a2e6a0c-9d8b-4b0e-8f5d-0a3a2f7f1d2e";

    #[test]
    fn all_parts_of_oracles_error_page_are_data_of_the_error() {
        let uri = format!("{PAGE}?client=c-1&state=secret-state&tenant=ec2458f2#fragment");
        let found = read(&uri, "https://auth.example/token", &[]);
        assert_eq!(found.code.as_deref(), Some("oauth2:grant:unauthorized-client-for-tenant"));
        assert_eq!(found.correlation_id.as_deref(), Some("4a2e6a0c-9d8b-4b0e-8f5d-0a3a2f7f1d2e"));
        assert_eq!((found.client_id.as_deref(), found.tenant.as_deref()), (Some("c-1"), Some("ec2458f2")));
        assert_eq!(
            found.link,
            Some(format!("{PAGE}?client=c-1&tenant=ec2458f2")),
            "only the known parameters"
        );
    }

    #[test]
    fn a_part_that_is_odd_long_twice_or_secret_is_not_kept() {
        let read = |query: &str| read(&format!("{PAGE}?{query}"), "", &[&Secret::from("the-code")]);
        for query in [
            "tenant=a%20b",
            "tenant=%3Cscript%3E",
            "tenant=",
            "tenant=a&tenant=b",
            "tenant=x-the-code-x",
            &format!("tenant={}", "a".repeat(121)),
        ] {
            let found = read(query);
            assert_eq!(found.tenant, None, "{query}");
            assert_eq!(found.link.as_deref(), Some(PAGE), "{query}");
        }
        assert_eq!(read(&"a".repeat(MAX_URI_BYTES)), VendorError::default());
    }

    #[test]
    fn only_a_link_to_a_plausible_host_over_https_is_kept() {
        let server = "https://auth.hospital.org/oauth2/token";
        for (uri, kept) in [
            ("https://auth.hospital.org/errors/invalid_scope", true),
            ("https://docs.hospital.org/errors", true),
            ("https://hospital.org/errors", true),
            ("https://hospital.org.evil.example/errors", false),
            ("https://evilhospital.org/errors", false),
            ("https://evilcerner.com/errors", false),
            ("https://evil.example/errors", false),
            ("https://127.0.0.1/errors", false),
            ("http://auth.hospital.org/errors", false),
            ("https://user:pw@auth.hospital.org/errors", false),
            ("javascript:alert(1)", false),
            ("https://auth.hospital.org/errors/0123456789abcdef0123456789abcdef", false),
            ("https://auth.hospital.org/users/12345678", false),
            ("https://auth.hospital.org/%3Cb%3E", false),
            ("not a URL", false),
        ] {
            assert_eq!(read(uri, server, &[]).link.is_some(), kept, "{uri}");
        }
        assert_eq!(read("https://evil.co.uk/e", "https://hospital.co.uk/token", &[]).link, None);
        assert_eq!(read("https://other.org/e", "https://hospital.org/token", &[]).link, None);
        let link = read("https://docs.hospital.org/e?session=1#x", server, &[]).link;
        assert_eq!(link.as_deref(), Some("https://docs.hospital.org/e"));
    }

    #[test]
    fn a_link_with_a_secret_of_the_request_is_not_kept() {
        let code = Secret::from("s3cr");
        let server = "https://auth.hospital.org/token";
        assert_eq!(read("https://auth.hospital.org/e/s3cr", server, &[&code]).link, None);
        assert_eq!(read("https://auth.hospital.org/e/%733cr", server, &[&code]).link, None);
    }
}
