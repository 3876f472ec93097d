//! The meaning of the authorization server's errors, from the table `token_errors.tsv`.

use crate::{
    error::{Code, Error, VendorError, escape_text},
    secret::{ExposeSecret, Secret},
};
use once_cell::sync::Lazy;
use std::{collections::BTreeMap, time::Duration};
use url::Url;

/// The name of the authorize request in the table.
const AUTHORIZE: &str = "authorize";

/// The meaning of an OAuth error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The sign-in has ended, and its tokens cannot be used any more.
    Ends,
    /// The sign-in has most likely ended.
    SeemsOver,
    /// A new launch or sign-in is needed.
    Again,
    /// The user or the EHR denied access.
    Denied,
    /// The client id or its credentials are not accepted.
    Client,
    /// The registration at the EHR is incomplete or differs from the configuration.
    Registration,
    /// The addresses or the registration belong to another tenant or FHIR server.
    Tenant,
    /// A temporary failure.
    Temporary,
}

const TABLE: &str = include_str!("token_errors.tsv");

static MEANINGS: Lazy<BTreeMap<(&str, String), Meaning>> = Lazy::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let key = (cells.next()?, comparable(cells.next()?));
        let meaning = match cells.next()? {
            "ends" => Meaning::Ends,
            "seems_over" => Meaning::SeemsOver,
            "again" => Meaning::Again,
            "denied" => Meaning::Denied,
            "client" => Meaning::Client,
            "registration" => Meaning::Registration,
            "tenant" => Meaning::Tenant,
            "temporary" => Meaning::Temporary,
            _ => return None,
        };
        Some((key, meaning))
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
});

/// An error code without the differences that servers make in case and separators.
fn comparable(word: &str) -> String {
    word.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

/// The table's meaning of an error code: from the line for the grant type, or else from the line for every token request.
pub fn meaning(grant_type: &str, word: &str) -> Option<Meaning> {
    let find = |request| MEANINGS.get(&(request, comparable(word))).copied();
    find(grant_type).or_else(|| if grant_type == AUTHORIZE { None } else { find("token") })
}

/// The error that an authorization server returned, made safe to show and to log.
pub struct ServerError {
    word: String,
    vendor: VendorError,
    description: Option<String>,
}

impl ServerError {
    /// `sent` are the secrets of the request; they are removed from the description.
    pub fn new(error: &str, error_uri: Option<&str>, description: Option<&str>, sent: &[&Secret]) -> Self {
        ServerError {
            word: error.trim().chars().filter(char::is_ascii_graphic).take(60).collect(),
            vendor: error_uri.map(vendor_error).unwrap_or_default(),
            description: description.map(|text| redact(text, sent)).filter(|text| !text.is_empty()),
        }
    }

    fn meaning(&self, request: &'static str) -> Option<Meaning> {
        let urn = self.vendor.code.as_deref().and_then(|urn| meaning(request, urn));
        urn.or_else(|| meaning(request, &self.word))
    }

    fn error(self, code: Code) -> Error {
        let ServerError { word, mut vendor, description } = self;
        let parts = [Some(escape_text(&word)), vendor.code.clone(), description];
        vendor.code = vendor.code.or(Some(word));
        Error::new(code).detail(parts.into_iter().flatten().collect::<Vec<_>>().join(": ")).vendor(vendor)
    }
}

/// The error of a token request.
pub fn of_token_request(
    server_error: ServerError,
    grant_type: &'static str,
    status: u16,
    retry_after: Option<Duration>,
) -> Error {
    let any_word = || if matches!(status, 400 | 401) { meaning(grant_type, "*") } else { None };
    let meaning = match status {
        429 | 500.. => Some(Meaning::Temporary),
        _ => server_error.meaning(grant_type).or_else(any_word),
    };
    let code = match meaning {
        // A system account has no user who can sign in again.
        Some(Meaning::Ends | Meaning::SeemsOver | Meaning::Again | Meaning::Denied)
            if grant_type == "client_credentials" =>
        {
            Code::SystemAccountRejected
        }
        Some(Meaning::Ends) => Code::InvalidGrant,
        Some(Meaning::SeemsOver | Meaning::Again) => Code::GrantRejected,
        Some(Meaning::Client) => Code::InvalidClient,
        Some(Meaning::Temporary) => Code::TokenUnavailable,
        Some(Meaning::Registration | Meaning::Tenant | Meaning::Denied) | None => Code::TokenRejected,
    };
    with_hint(server_error.error(code), meaning).status(status).after(retry_after)
}

/// The error of an authorize request. `state` is a secret of the request.
pub fn of_authorize_request(
    error: &str,
    error_uri: Option<&str>,
    description: Option<&str>,
    state: &Secret,
) -> Error {
    let server_error = ServerError::new(error, error_uri, description, &[state]);
    let meaning = server_error.meaning(AUTHORIZE);
    let code = match meaning {
        Some(Meaning::Denied) => Code::AuthorizationDenied,
        Some(Meaning::Client | Meaning::Registration | Meaning::Tenant) => Code::AuthorizationRejected,
        _ => Code::AuthorizationFailed,
    };
    let error = with_hint(server_error.error(code), meaning);
    match meaning {
        Some(Meaning::Temporary) => error
            .hint("Wait a few minutes. Then open the application from the EHR again, or sign in from the application."),
        _ => error,
    }
}

fn with_hint(error: Error, meaning: Option<Meaning>) -> Error {
    match meaning {
        Some(Meaning::Registration) => error.hint(
            "The problem is the registration of the application at the EHR. Compare its client id, redirect URIs, grant \
             types, scopes and FHIR base URL (aud) with the configuration.",
        ),
        Some(Meaning::Tenant) => error.hint(
            "The problem is the tenant: the FHIR base URL, the endpoints and the registration must belong to the same \
             tenant and environment.",
        ),
        _ => error,
    }
}

/// The most characters of a description that are shown.
const MAX_SHOWN_CHARACTERS: usize = 200;

/// A description without possible secrets and record numbers, escaped and shortened.
fn redact(text: &str, sent: &[&Secret]) -> String {
    const REMOVED: &str = "[removed]";
    let mut text = text.trim().to_owned();
    for secret in sent.iter().map(|secret| secret.expose_secret()).filter(|secret| secret.len() > 3) {
        text = text.replace(secret, REMOVED);
    }
    let is_token_character = |c: char| c.is_ascii_alphanumeric() || "._~+/=-%".contains(c);
    let mut safe = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = is_token_character(first);
        let end = rest.find(|c| is_token_character(c) != is_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        safe.push_str(if is_word && may_be_secret(run) { REMOVED } else { run });
        rest = after;
    }
    let escaped = escape_text(&safe);
    match escaped.char_indices().nth(MAX_SHOWN_CHARACTERS) {
        Some((cut, _)) => format!("{}...", &escaped[..cut]),
        None => escaped,
    }
}

/// Whether a word looks like a token or a record number rather than a word of a sentence.
fn may_be_secret(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    word.len() >= 32 || (word.len() >= 12 && digits > 0 && letters > 0) || (letters == 0 && digits >= 6)
}

/// Oracle reports the actual error only in `error_uri`: `.../errors/<URN>/instances/<correlation id>` (O16).
/// The last segments of the URN are the code (O17).
fn vendor_error(error_uri: &str) -> VendorError {
    let Ok(uri) = Url::parse(error_uri) else { return VendorError::default() };
    let segments: Vec<&str> = uri.path_segments().map(Iterator::collect).unwrap_or_default();
    let after = |name: &str| {
        let at = segments.iter().position(|segment| *segment == name)?;
        let text = percent_encoding::percent_decode_str(segments.get(at + 1)?).decode_utf8_lossy();
        let safe: String =
            text.chars().filter(|c| c.is_ascii_alphanumeric() || ":-_.".contains(*c)).take(120).collect();
        (!safe.is_empty()).then_some(safe)
    };
    let code = after("errors")
        .map(|urn| urn.trim_start_matches("urn:cerner:error:authorization-server:").to_owned());
    VendorError { code, correlation_id: after("instances") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Retry;

    fn token_error(grant_type: &'static str, status: u16, word: &str) -> Error {
        of_token_request(ServerError::new(word, None, None, &[]), grant_type, status, None)
    }

    #[test]
    fn every_line_of_the_table_is_read_and_unique() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(MEANINGS.len(), lines.len());
        let requests = ["refresh_token", "authorization_code", "client_credentials", "token", AUTHORIZE];
        for line in lines {
            assert_eq!(line.split('\t').count(), 4, "{line}");
            assert!(requests.contains(&line.split('\t').next().unwrap()), "{line}");
        }
    }

    #[test]
    fn a_token_error_has_the_meaning_of_its_grant_type() {
        let (refresh, code, system) = ("refresh_token", "authorization_code", "client_credentials");
        for (grant_type, status, word, expected) in [
            (refresh, 400, "invalid_grant", Code::InvalidGrant),
            (refresh, 400, " Invalid_Grant ", Code::InvalidGrant),
            (refresh, 200, "invalid_grant", Code::InvalidGrant),
            (refresh, 401, "invalid_request", Code::GrantRejected),
            (refresh, 400, "interaction_required", Code::GrantRejected),
            (refresh, 400, "bad_refresh_token", Code::GrantRejected),
            (refresh, 404, "bad_refresh_token", Code::TokenRejected),
            (refresh, 401, "invalid_client", Code::InvalidClient),
            (refresh, 400, "unauthorized_client", Code::TokenRejected),
            (refresh, 400, "invalid_scope", Code::TokenRejected),
            (refresh, 400, "temporarily_unavailable", Code::TokenUnavailable),
            (refresh, 400, "slow_down", Code::TokenUnavailable),
            (refresh, 503, "invalid_grant", Code::TokenUnavailable),
            (refresh, 429, "invalid_request", Code::TokenUnavailable),
            (code, 400, "invalid_grant", Code::InvalidGrant),
            (code, 400, "invalid_request", Code::TokenRejected),
            (code, 400, "bad_verification_code", Code::InvalidGrant),
            (code, 400, "some_word", Code::TokenRejected),
            (system, 400, "invalid_request", Code::TokenRejected),
            (system, 400, "invalid_tenant", Code::TokenRejected),
            (system, 400, "invalid_grant", Code::TokenRejected),
        ] {
            assert_eq!(
                token_error(grant_type, status, word).code(),
                expected,
                "{grant_type} {status} {word}"
            );
        }
    }

    #[test]
    fn no_error_of_a_system_account_asks_a_user_to_sign_in() {
        let words = MEANINGS.keys().map(|(_, word)| word.as_str());
        for word in words.chain(["some_word"]) {
            for status in [200, 400, 401, 403, 500] {
                let error = token_error("client_credentials", status, word);
                assert_ne!(error.code().retry(), Retry::AfterSignIn, "{word} {status}");
            }
        }
    }

    #[test]
    fn an_error_of_the_registration_or_the_tenant_says_so() {
        for grant_type in ["refresh_token", "authorization_code", "client_credentials"] {
            let hint = |word| token_error(grant_type, 400, word).hint_text().unwrap_or_default().to_owned();
            assert!(hint("unauthorized_client").contains("registration"));
            assert!(hint("invalid_tenant").contains("the tenant"));
        }
    }

    #[test]
    fn an_authorize_error_suggests_a_new_launch_only_where_it_helps() {
        let state = Secret::from("a-state");
        let urn = |last: &str| {
            format!(
                "https://a.example/errors/urn%3Acerner%3Aerror%3Aauthorization-server%3A{last}/instances/1"
            )
        };
        let unknown = urn("oauth2%3Agrant%3Aunknown-client");
        let persona = urn("oauth2%3Agrant%3Aclient-persona-mismatch");
        let launch = urn("smart-v1%3Agrant%3Alaunch%3Ainvalid-code");
        for (word, uri, expected) in [
            ("access_denied", None, Code::AuthorizationDenied),
            ("invalid_scope", None, Code::AuthorizationRejected),
            ("unauthorized_client", None, Code::AuthorizationRejected),
            ("invalid_request", None, Code::AuthorizationRejected),
            ("redirect_uri_mismatch", None, Code::AuthorizationRejected),
            ("invalid_target", None, Code::AuthorizationRejected),
            ("server_error", Some(unknown.as_str()), Code::AuthorizationRejected),
            ("server_error", Some(persona.as_str()), Code::AuthorizationRejected),
            ("invalid_request", Some(launch.as_str()), Code::AuthorizationFailed),
            ("server_error", None, Code::AuthorizationFailed),
            ("login_required", None, Code::AuthorizationFailed),
            ("some_word", None, Code::AuthorizationFailed),
        ] {
            let error = of_authorize_request(word, uri, None, &state);
            assert_eq!(error.code(), expected, "{word}");
            let says_launch =
                error.hint_text().is_some_and(|hint| hint.contains("pen the application from the EHR again"));
            assert_eq!(
                says_launch,
                expected != Code::AuthorizationRejected,
                "{word}: {:?}",
                error.hint_text()
            );
        }
    }

    #[test]
    fn a_description_is_shown_without_secrets_escaped_and_cut() {
        let secret = Secret::from("top secret");
        for (text, expected) in [
            ("The refresh token is invalid.", "The refresh token is invalid."),
            ("AADSTS70008: expired", "AADSTS70008: expired"),
            ("token top secret is bad", "token [removed] is bad"),
            ("code eyJhbGciOiJ9.eyJzd is spent", "code [removed] is spent"),
            ("record 00123456 not found", "record [removed] not found"),
            ("<b>no</b>\nline \u{1b}[31m", "%3Cb%3Eno%3C/b%3E%0Aline %1B[31m"),
            ("  ", ""),
        ] {
            assert_eq!(redact(text, &[&secret]), expected, "{text}");
        }
        assert!(redact(&"word ".repeat(200), &[]).len() < 210);
        let server_error =
            ServerError::new("invalid_request", None, Some("The refresh token is invalid."), &[]);
        let error = of_token_request(server_error, "refresh_token", 401, None);
        assert!(error.message().ends_with("(invalid_request: The refresh token is invalid.)"), "{error}");
    }

    #[test]
    fn the_oracle_error_code_is_read_from_the_error_uri() {
        let uri = "https://authorization.example/errors/urn%3Acerner%3Aerror%3Aauthorization-server%3Aoauth2%3Atoken%3Acode-invalid-or-expired/instances/0f0e-1?client=c&tenant=t";
        let server_error = ServerError::new("invalid_grant", Some(uri), None, &[]);
        let error = of_token_request(server_error, "authorization_code", 400, None);
        assert_eq!(error.code(), Code::InvalidGrant);
        assert_eq!(error.vendor_error().code.as_deref(), Some("oauth2:token:code-invalid-or-expired"));
        assert_eq!(error.vendor_error().correlation_id.as_deref(), Some("0f0e-1"));
    }
}
