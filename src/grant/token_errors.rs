//! The meaning of the authorization server's errors, from the table `token_errors.tsv`.

use super::{
    error_uri,
    redact::{redact, redact_word},
};
use crate::{
    error::{Code, Error, Owner, Retry, VendorError, escape_text},
    secret::Secret,
};
use once_cell::sync::Lazy;
use std::{collections::BTreeMap, time::Duration};

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

/// What the table says about an OAuth error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The meaning, which selects the code of the error.
    pub meaning: Meaning,
    /// Who can fix it.
    pub owner: Owner,
    /// When to retry.
    pub retry: Retry,
    /// Why, in a plain sentence.
    pub cause: &'static str,
}

const TABLE: &str = include_str!("token_errors.tsv");

static LINES: Lazy<BTreeMap<(&str, String), Line>> = Lazy::new(|| {
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
        let (owner, retry) = (Owner::from_name(cells.next()?)?, Retry::from_name(cells.next()?)?);
        Some((key, Line { meaning, owner, retry, cause: cells.next()? }))
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
});

/// An error code without the differences that servers make in case and separators.
fn comparable(word: &str) -> String {
    word.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

/// The table's line for an OAuth error: for the grant type, or else for every token request, or else for any request.
fn line(request: &str, word: &str) -> Option<Line> {
    let word = comparable(word);
    let find = |request| LINES.get(&(request, word.clone())).copied();
    let token = || if request == AUTHORIZE { None } else { find("token") };
    find(request).or_else(token).or_else(|| find("any"))
}

/// The line for an Oracle URN. The first segments are not always the same (O17), so the last ones decide, at least two of them.
fn line_of_urn(request: &str, urn: &str) -> Option<Line> {
    let mut rest = urn;
    loop {
        if let Some(line) = line(request, rest) {
            return Some(line);
        }
        rest = rest.split_once(':').map(|(_, rest)| rest).filter(|rest| rest.contains(':'))?;
    }
}

/// The table's meaning of an OAuth error or of an Oracle URN in a token request.
pub fn meaning(grant_type: &str, word: &str) -> Option<Meaning> {
    line_of_urn(grant_type, word).map(|line| line.meaning)
}

/// The error that an authorization server returned, made safe to show and to log.
pub struct ServerError {
    word: String,
    vendor: VendorError,
    description: Option<String>,
}

impl ServerError {
    /// `sent` are the secrets of the request: no text with one of them is kept. `server` is a URL of the authorization server.
    pub fn new(
        error: &str,
        error_uri: Option<&str>,
        description: Option<&str>,
        sent: &[&Secret],
        server: &str,
    ) -> Self {
        ServerError {
            word: redact_word(error, sent),
            vendor: error_uri.map(|uri| error_uri::read(uri, server, sent)).unwrap_or_default(),
            description: description.map(|text| redact(text, sent)).filter(|text| !text.is_empty()),
        }
    }

    fn line(&self, request: &'static str) -> Option<Line> {
        let urn = self.vendor.code.as_deref().and_then(|urn| line_of_urn(request, urn));
        urn.or_else(|| line(request, &self.word))
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
    let any_word = || if matches!(status, 400 | 401) { line(grant_type, "*") } else { None };
    let line = match status {
        // The status says that the failure is temporary, whatever the word.
        429 | 500.. => server_error.line(grant_type).filter(|line| line.meaning == Meaning::Temporary),
        _ => server_error.line(grant_type).or_else(any_word),
    };
    let is_system = grant_type == "client_credentials";
    let code = match line.map(|line| line.meaning) {
        _ if matches!(status, 429 | 500..) => Code::TokenUnavailable,
        // A system account has no user who can sign in again.
        Some(Meaning::Ends | Meaning::SeemsOver | Meaning::Again | Meaning::Denied) if is_system => {
            Code::SystemAccountRejected
        }
        Some(Meaning::Ends) => Code::InvalidGrant,
        Some(Meaning::SeemsOver | Meaning::Again) => Code::GrantRejected,
        Some(Meaning::Client) => Code::InvalidClient,
        Some(Meaning::Temporary) => Code::TokenUnavailable,
        Some(Meaning::Registration | Meaning::Tenant | Meaning::Denied) | None => Code::TokenRejected,
    };
    let line = line.map(|line| match line.retry {
        Retry::AfterSignIn if is_system => Line { owner: Owner::EhrTeam, retry: Retry::Never, ..line },
        _ => line,
    });
    explained(server_error.error(code), line).status(status).after(retry_after)
}

/// Adds what the table says to the error of a client that was refused before.
pub fn of_refused_client(error: Error, grant_type: &str) -> Error {
    let line = error.vendor_error().code.as_deref().and_then(|code| line_of_urn(grant_type, code));
    explained(error, line)
}

/// The error of an authorize request. `state` is a secret of the request. `server` is a URL of the authorization server.
pub fn of_authorize_request(
    error: &str,
    error_uri: Option<&str>,
    description: Option<&str>,
    state: &Secret,
    server: &str,
) -> Error {
    let server_error = ServerError::new(error, error_uri, description, &[state], server);
    let line = server_error.line(AUTHORIZE);
    let meaning = line.map(|line| line.meaning);
    let code = match meaning {
        Some(Meaning::Denied) => Code::AuthorizationDenied,
        Some(Meaning::Client | Meaning::Registration | Meaning::Tenant) => Code::AuthorizationRejected,
        _ => Code::AuthorizationFailed,
    };
    let error = explained(server_error.error(code), line);
    match meaning {
        Some(Meaning::Temporary) => error
            .hint("Wait a few minutes. Then open the application from the EHR again, or sign in from the application."),
        _ => error,
    }
}

/// Adds what the line says, and a hint for what the administrator must compare.
fn explained(error: Error, line: Option<Line>) -> Error {
    match line {
        Some(Line { meaning, owner, retry, cause }) => {
            with_hint(error.explained(Some(owner), Some(retry), cause), Some(meaning))
        }
        None => error,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Retry;

    fn token_error(grant_type: &'static str, status: u16, word: &str) -> Error {
        of_token_request(ServerError::new(word, None, None, &[], ""), grant_type, status, None)
    }

    #[test]
    fn every_line_of_the_table_is_read_and_unique() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(LINES.len(), lines.len());
        let requests =
            ["refresh_token", "authorization_code", "client_credentials", "token", AUTHORIZE, "any"];
        for line in lines {
            assert_eq!(line.split('\t').count(), 6, "{line}");
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
        let words = LINES.keys().map(|(_, word)| word.as_str());
        for word in words.chain(["some_word"]) {
            for status in [200, 400, 401, 403, 500] {
                let error = token_error("client_credentials", status, word);
                assert_ne!(error.retry(), Retry::AfterSignIn, "{word} {status}");
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
            let error = of_authorize_request(word, uri, None, &state, "");
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
    fn the_oracle_error_code_is_read_from_the_error_uri() {
        let uri = "https://authorization.example/errors/urn%3Acerner%3Aerror%3Aauthorization-server%3Aoauth2%3Atoken%3Acode-invalid-or-expired/instances/0f0e-1?client=c&tenant=t";
        let server_error = ServerError::new("invalid_grant", Some(uri), None, &[], "");
        let error = of_token_request(server_error, "authorization_code", 400, None);
        assert_eq!(error.code(), Code::InvalidGrant);
        assert_eq!(error.vendor_error().code.as_deref(), Some("oauth2:token:code-invalid-or-expired"));
        assert_eq!(error.vendor_error().correlation_id.as_deref(), Some("0f0e-1"));
        assert!(error.cause().is_some_and(|cause| cause.contains("has expired or was already used")));
    }

    #[test]
    fn a_urn_with_other_first_segments_is_found_by_its_last_ones() {
        for (urn, found) in [
            ("oauth2:grant:unknown-client", Some(Meaning::Client)),
            ("urn:oracle:error:authz:oauth2:grant:unknown-client", Some(Meaning::Client)),
            ("session-service:authentication:error", Some(Meaning::Again)),
            ("server-error", Some(Meaning::Temporary)),
            ("x:server-error", None),
            ("unknown-client-2", None),
            ("", None),
            (":::", None),
        ] {
            assert_eq!(line_of_urn(AUTHORIZE, urn).map(|line| line.meaning), found, "{urn}");
        }
    }

    #[test]
    fn a_line_gives_the_owner_the_retry_and_the_cause() {
        let error = token_error("refresh_token", 401, "invalid_client_secret");
        assert_eq!((error.owner(), error.retry()), (Owner::You, Retry::Never));
        assert_eq!(error.cause(), Some("The client secret is wrong."));
        // The code alone would say that the user must sign in again.
        let error = token_error("client_credentials", 400, "login_required");
        assert_eq!((error.owner(), error.retry()), (Owner::EhrTeam, Retry::Never));
        let error = token_error("authorization_code", 400, "too_many_requests");
        assert_eq!((error.owner(), error.retry()), (Owner::You, Retry::Later));
        // The status decides, so the cause of the word would be wrong.
        let error = token_error("refresh_token", 503, "invalid_grant");
        assert_eq!((error.retry(), error.cause()), (Retry::Later, None));
        let error = token_error("refresh_token", 404, "some_word");
        assert_eq!((error.owner(), error.retry(), error.cause()), (Owner::EhrTeam, Retry::Never, None));
        let server_error =
            ServerError::new("invalid_request", None, Some("The refresh token is invalid."), &[], "");
        let error = of_token_request(server_error, "refresh_token", 401, None);
        assert!(error.message().ends_with("(invalid_request: The refresh token is invalid.)"), "{error}");
    }
}
