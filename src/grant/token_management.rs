//! A request about a token: revocation (RFC 7009) or introspection (RFC 7662). Both endpoints belong to the authorization server
//! that issued the token, and the client authenticates as at the token endpoint.

use super::{
    client_authentication::ClientAuthentication,
    token_client::{EndpointCredentials, TokenClient},
    token_errors::{self, ServerError},
};
use crate::{
    error::{Code, Error, Result},
    net::{Body, Request, Response, charset, retry_after},
    secret::{ExposeSecret, Secret},
    source::Source,
};
use serde_json::{Map, Value};
use std::time::{Duration, Instant};
use url::Url;

/// The most bytes of an answer about a token.
const ANSWER_BYTES: usize = 256 * 1024;
/// Seconds for one request about a token, with all its attempts: a user may wait for it, as at a sign-out.
const REQUEST_SECONDS: u64 = 10;
/// The longest part of the wait between two looks at the clock.
const SLICE: Duration = Duration::from_secs(1);

/// An endpoint for tokens besides the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenService {
    /// The revocation endpoint.
    Revocation,
    /// The introspection endpoint.
    Introspection,
}

impl TokenService {
    /// Its member of the configuration.
    fn member(self) -> &'static str {
        match self {
            TokenService::Revocation => "revocation_endpoint",
            TokenService::Introspection => "introspection_endpoint",
        }
    }

    /// The name of the request in the table of token errors.
    fn request_name(self) -> &'static str {
        match self {
            TokenService::Revocation => "revocation",
            TokenService::Introspection => "introspection",
        }
    }

    /// The error when the server has no such endpoint, or refuses its use.
    pub(super) fn not_supported(self) -> Code {
        match self {
            TokenService::Revocation => Code::RevocationNotSupported,
            TokenService::Introspection => Code::IntrospectionNotSupported,
        }
    }

    /// The error when the answer does not say what was asked for.
    pub(super) fn failed(self) -> Code {
        match self {
            TokenService::Revocation => Code::RevocationFailed,
            TokenService::Introspection => Code::IntrospectionFailed,
        }
    }
}

/// Which token a request is about, as `token_type_hint` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// The refresh token.
    RefreshToken,
    /// The access token.
    AccessToken,
}

impl TokenKind {
    /// Its name in requests and documents.
    pub fn name(self) -> &'static str {
        match self {
            TokenKind::RefreshToken => "refresh_token",
            TokenKind::AccessToken => "access_token",
        }
    }
}

/// A token and its kind.
#[derive(Clone, Copy)]
pub(super) struct TokenInQuestion<'a> {
    pub(super) kind: TokenKind,
    pub(super) token: &'a Secret,
}

impl TokenClient<'_> {
    /// The endpoint for a service.
    ///
    /// The client's credentials and the token are sent there. So a published endpoint is used only at the origin of the token
    /// endpoint; one at another origin must be in the configuration (row 39).
    ///
    /// # Errors
    /// [`Code::RevocationNotSupported`] or [`Code::IntrospectionNotSupported`] without an endpoint that may be used; the errors of
    /// discovery.
    pub(super) fn service_endpoint(
        &self,
        source: &Source,
        token_endpoint: &Url,
        service: TokenService,
    ) -> Result<Url> {
        let configured = match service {
            TokenService::Revocation => &source.endpoints.revocation,
            TokenService::Introspection => &source.endpoints.introspection,
        };
        if let Some(configured) = configured {
            return Ok(configured.clone());
        }
        let endpoints = self.context.resolver().metadata(source)?.endpoints;
        let published = match service {
            TokenService::Revocation => endpoints.revocation,
            TokenService::Introspection => endpoints.introspection,
        };
        let (member, unsupported) = (service.member(), Error::new(service.not_supported()));
        let Some(published) = published else {
            return Err(unsupported.detail(format!("source {}: it publishes no {member}", source.id)));
        };
        if published.origin() != token_endpoint.origin() {
            let detail =
                format!("source {}: {member} is on another server than the token endpoint", source.id);
            return Err(unsupported.detail(detail).hint(format!(
                "Ask your EHR team for the address. If the published one is right, set endpoints.{member} of the source to it."
            )));
        }
        Ok(published)
    }

    /// Sends a request about a token, and reads the answer with `judge`. If the server refuses the client, the request is sent
    /// once more with the other variant of the credentials. Nothing is logged here.
    ///
    /// # Errors
    /// Those of `judge`, and the network's.
    pub(super) fn ask_about_token<T>(
        &self,
        credentials: &EndpointCredentials<'_>,
        service: TokenService,
        endpoint: &Url,
        token: TokenInQuestion<'_>,
        judge: impl Fn(&Response) -> Result<T>,
    ) -> Result<T> {
        let (client_id, policy) = (&credentials.registration.client_id, &credentials.source.policy);
        self.with_variants(credentials, |variant| {
            let started = Instant::now();
            let mut sent = vec![token.token.clone()];
            let make = || {
                let authentication = self.authentication(credentials, variant)?;
                sent.truncate(1);
                sent.extend(authentication.secret().cloned());
                Ok(Request {
                    tls_identity: credentials.tls_identity.clone(),
                    headers: credentials.headers.clone(),
                    ..http_request(endpoint, client_id, policy, &authentication, token)
                })
            };
            let next_wait = || {
                let left = Duration::from_secs(REQUEST_SECONDS).saturating_sub(started.elapsed());
                if left.is_zero() { Err(Error::new(Code::NetworkTimeout)) } else { Ok(left.min(SLICE)) }
            };
            let response = self.context.network.exchange_in_slices(make, next_wait).map_err(|error| {
                let error = match error.code() {
                    Code::TokenEndpointRedirects => error.with_code(Code::RedirectRefused),
                    _ => error,
                };
                error.detail(format!("at the {}", service.member()))
            })?;
            check_refusal(service, &sent, &response, endpoint.as_str())?;
            judge(&response)
        })
    }
}

fn http_request(
    endpoint: &Url,
    client_id: &str,
    policy: &crate::config::Policy,
    authentication: &ClientAuthentication<'_>,
    token: TokenInQuestion<'_>,
) -> Request {
    let mut members = vec![("token", token.token.clone()), ("token_type_hint", token.kind.name().into())];
    let authorization = authentication.apply(client_id, policy, &mut members);
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &members {
        form.append_pair(name, value.expose_secret());
    }
    Request {
        body: Body::Form(form.finish().into()),
        authorization,
        max_bytes: ANSWER_BYTES,
        ..Request::get(endpoint.clone(), vec!["application/json".to_owned()])
    }
}

/// The body of an answer if it is a JSON object.
pub(super) fn json_object(response: &Response) -> Option<Map<String, Value>> {
    match serde_json::from_str(&charset::text(response).ok()?).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The error of an answer that is an OAuth error or has no successful status.
///
/// # Errors
/// [`Code::InvalidClient`], [`Code::TokenUnavailable`] for a failure that passes, the service's `not_supported` and `failed`.
fn check_refusal(service: TokenService, sent: &[Secret], response: &Response, server: &str) -> Result<()> {
    let body = json_object(response);
    let text = |name: &str| body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
    if let Some(word) = text("error").filter(|word| !word.trim().is_empty()) {
        let server_error = ServerError::new(
            word,
            text("error_uri"),
            text("error_description"),
            &sent.iter().collect::<Vec<_>>(),
            server,
        );
        let status = response.status;
        let error = token_errors::of_token_request(
            server_error,
            service.request_name(),
            status,
            retry_after(response),
        );
        return Err(match error.code() {
            // RFC 7009, 2.2.1 (O5).
            _ if is_unsupported(word) => error.with_code(service.not_supported()),
            Code::InvalidClient | Code::TokenUnavailable => error,
            _ => error.with_code(service.failed()),
        });
    }
    let code = match response.status {
        200..300 => return Ok(()),
        401 => Code::InvalidClient,
        404 | 405 | 410 | 501 => service.not_supported(),
        408 | 429 | 500.. => Code::TokenUnavailable,
        _ => service.failed(),
    };
    let status = response.status;
    Err(Error::new(code).detail(format!("HTTP {status}")).status(status).after(retry_after(response)))
}

fn is_unsupported(word: &str) -> bool {
    word.trim().to_ascii_lowercase().replace(['-', ' '], "_") == "unsupported_token_type"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Policy, net::Authorization};

    fn request(
        authentication: &ClientAuthentication<'_>,
        policy: &Policy,
    ) -> (Vec<(String, String)>, Option<String>) {
        let token = Secret::from("to ken+1");
        let endpoint = Url::parse("https://auth.example/revoke").unwrap();
        let token = TokenInQuestion { kind: TokenKind::RefreshToken, token: &token };
        let request = http_request(&endpoint, "id 1", policy, authentication, token);
        let Body::Form(form) = &request.body else { panic!("no form") };
        let header = match &request.authorization {
            Authorization::Header(value) => Some(value.expose_secret().to_owned()),
            _ => None,
        };
        (url::form_urlencoded::parse(form.expose_secret().as_bytes()).into_owned().collect(), header)
    }

    #[test]
    fn a_request_about_a_token_authenticates_the_client_as_at_the_token_endpoint() {
        let (secret, assertion) = (Secret::from("s/e+c"), Secret::from("a.b.c"));
        let encoded = Policy { basic_form_encoded: true, ..Policy::default() };
        let plain = Policy::default();
        let token = [("token", "to ken+1"), ("token_type_hint", "refresh_token")];
        for (authentication, policy, members, header) in [
            (ClientAuthentication::None, &plain, vec![("client_id", "id 1")], None),
            // "id 1:s/e+c" and "id+1:s%2Fe%2Bc"
            (ClientAuthentication::Basic(&secret), &plain, vec![], Some("Basic aWQgMTpzL2UrYw==")),
            (ClientAuthentication::Basic(&secret), &encoded, vec![], Some("Basic aWQrMTpzJTJGZSUyQmM=")),
            (
                ClientAuthentication::Post(&secret),
                &plain,
                vec![("client_id", "id 1"), ("client_secret", "s/e+c")],
                None,
            ),
            (
                ClientAuthentication::Assertion(assertion),
                &plain,
                vec![
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    ("client_assertion", "a.b.c"),
                ],
                None,
            ),
        ] {
            let (form, sent) = request(&authentication, policy);
            let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(form, [&token[..], &members].concat());
            assert_eq!(sent.as_deref(), header);
        }
    }

    #[test]
    fn a_refusal_says_whether_the_client_the_server_or_the_token_is_the_reason() {
        let sent = [Secret::from("the-token-of-alice")];
        for (status, body, code) in [
            (400, r#"{"error": "unsupported_token_type"}"#, Code::RevocationNotSupported),
            (503, r#"{"error": "unsupported_token_type"}"#, Code::RevocationNotSupported),
            (200, r#"{"error": "invalid_client"}"#, Code::InvalidClient),
            (401, "no", Code::InvalidClient),
            (400, r#"{"error": "invalid_request"}"#, Code::RevocationFailed),
            (400, r#"{"error": "temporarily_unavailable"}"#, Code::TokenUnavailable),
            (503, "<html>", Code::TokenUnavailable),
            (429, "", Code::TokenUnavailable),
            (404, "", Code::RevocationNotSupported),
            (403, "", Code::RevocationFailed),
        ] {
            let response = Response::for_test(status, body);
            let error = check_refusal(TokenService::Revocation, &sent, &response, "").unwrap_err();
            assert_eq!(error.code(), code, "{status} {body}");
        }
        let body = r#"{"error": "invalid_request", "error_description": "the-token-of-alice is unknown"}"#;
        let error = check_refusal(TokenService::Introspection, &sent, &Response::for_test(400, body), "")
            .unwrap_err();
        assert_eq!(error.code(), Code::IntrospectionFailed);
        assert!(!error.message().contains("alice"), "{error}");
        assert!(check_refusal(TokenService::Revocation, &sent, &Response::for_test(200, ""), "").is_ok());
    }
}
