//! What must be true for every answer of a token endpoint and every `error_uri`. The fuzz target and `tests/fuzz_seeds.rs` use it.

use fhir_ehr::{
    Code, Error, ExposeSecret, Retry, Secret, VendorError,
    internals::{judge_text, read_error_uri},
};

/// The code or refresh token of the request. The seeds contain it as a server that repeats it would.
const SENT: &str = "s3nt-t0ken-of-the-request";
const STATUSES: [u16; 6] = [200, 201, 400, 401, 403, 503];
const GRANT_TYPES: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];

/// Reads any text as an answer, and as an `error_uri`.
pub(crate) fn check(text: &str) {
    let sent = Secret::from(SENT);
    for status in STATUSES {
        for grant_type in GRANT_TYPES {
            match judge_text(status, text, grant_type, &sent) {
                Ok(answer) => {
                    assert!(status < 300, "{status} is no success");
                    assert!(!answer.access_token.expose_secret().is_empty());
                    assert!(answer.expires_in.is_none_or(|seconds| seconds >= 0));
                }
                Err(error) => check_error(&error, status, grant_type),
            }
        }
    }
    check_vendor(&read_error_uri(text, "https://auth.hospital.org/token", &[&sent]));
    check_vendor(&read_error_uri(text, "", &[&sent]));
}

fn check_error(error: &Error, status: u16, grant_type: &str) {
    let document = error.to_json().to_string();
    let is_system = grant_type == "client_credentials";
    // The system account sends no code and no refresh token.
    if !is_system {
        assert!(!document.contains(SENT), "{document}");
        check_vendor(error.vendor_error());
    }
    let message = error.message();
    assert!(!message.contains(['<', '>', '"', '\n', '\u{1b}']), "{message}");
    assert!(message.len() < 2000, "{} bytes", message.len());
    assert!(!is_system || error.retry() != Retry::AfterSignIn, "{message}");
    assert!(error.code() != Code::InvalidGrant || !(429..600).contains(&status), "a failure ends no sign-in");
}

fn check_vendor(vendor: &VendorError) {
    let VendorError { code, correlation_id, client_id, tenant, link } = vendor;
    for part in [correlation_id, client_id, tenant].into_iter().flatten() {
        assert!(!part.is_empty() && part.len() <= 120, "{part}");
        assert!(part.chars().all(|c| c.is_ascii_alphanumeric() || ":-_.".contains(c)), "{part}");
        assert!(!part.contains(SENT), "{part}");
    }
    assert!(code.as_ref().is_none_or(|code| code.len() <= 120 && code.is_ascii()), "{code:?}");
    if let Some(link) = link {
        let url = url::Url::parse(link).expect("a link is a URL");
        assert_eq!(url.scheme(), "https", "{link}");
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{link}");
        let host = url.host_str().unwrap_or_default();
        let is_known = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
        assert!(is_known("cerner.com") || is_known("hospital.org"), "{link}");
        assert!(url.query_pairs().all(|(name, _)| name == "client" || name == "tenant"), "{link}");
        assert!(!link.contains(SENT), "{link}");
    }
}
