//! The HTTP request of a token request, built by plain functions. `token_answer.rs` reads the answer.
//!
//! The oauth2 crate builds the form and parses the answer. The crate expects to send the request itself, so it gets a transport
//! that only captures the request, and later a transport that only returns the answer. Before that, the answer is normalized:
//! servers deviate from the RFC more than the crate accepts.

use super::client_authentication::ClientAuthentication;
use crate::{
    config::Policy,
    error::{Code, Error, Result},
    net::{Body, Request},
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
    source::{Issuer, Source},
};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, ExtraTokenFields, HttpRequest, HttpResponse,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
    http::header,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{borrow::Cow, cell::Cell};
use url::Url;

/// The most bytes of a token answer. The answers of real servers have a few kilobytes.
const TOKEN_BYTES: usize = 256 * 1024;

/// A request to the token endpoint.
pub enum TokenRequest<'a> {
    /// Exchanges an authorization code for tokens.
    Code {
        /// The code of the callback.
        code: &'a Secret,
        /// The PKCE verifier of the launch. `None`: the launch had no challenge.
        verifier: Option<&'a Secret>,
        /// The redirect URI of the launch, exactly as sent in the authorize request (O9).
        redirect_uri: &'a str,
        /// The server that issued it.
        issuer: &'a Issuer,
    },
    /// Requests a new access token with a refresh token.
    Refresh {
        /// The refresh token.
        token: &'a Secret,
        /// The server that issued it.
        issuer: &'a Issuer,
        /// Fewer scopes than were granted. `None`: the server keeps the granted scopes.
        scopes: Option<&'a ScopeSet>,
    },
    /// Requests a token for the system account, with these scopes.
    ClientCredentials(&'a ScopeSet),
}

impl TokenRequest<'_> {
    /// The OAuth `grant_type`.
    pub fn grant_type(&self) -> &'static str {
        match self {
            TokenRequest::Code { .. } => "authorization_code",
            TokenRequest::Refresh { .. } => "refresh_token",
            TokenRequest::ClientCredentials(_) => "client_credentials",
        }
    }

    /// The secrets that the request carries.
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        match self {
            TokenRequest::Code { code, verifier, .. } => {
                [Some(*code), *verifier].into_iter().flatten().collect()
            }
            TokenRequest::Refresh { token, .. } => vec![token],
            TokenRequest::ClientCredentials(_) => Vec::new(),
        }
    }

    /// Checks that a code or a refresh token goes only to the server that issued it.
    ///
    /// # Errors
    /// [`Code::LaunchExpired`] for a code or [`Code::GrantNotFound`] for a refresh token of another server.
    pub fn check_issuer(&self, source: &Source, endpoint: &Url) -> Result<()> {
        let (issuer, code) = match self {
            TokenRequest::Code { issuer, .. } => (*issuer, Code::LaunchExpired),
            TokenRequest::Refresh { issuer, .. } => (*issuer, Code::GrantNotFound),
            TokenRequest::ClientCredentials(_) => return Ok(()),
        };
        if *issuer == source.issuer(endpoint) { Ok(()) } else { Err(source.other_server_error(code)) }
    }
}

/// The client that makes a token request.
pub struct ClientIdentity<'a> {
    /// The client id.
    pub id: &'a str,
    /// Its credentials in this request.
    pub authentication: ClientAuthentication<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Members {
    #[serde(flatten)]
    pub(super) members: Map<String, Value>,
}

impl ExtraTokenFields for Members {}

pub(super) type Token = StandardTokenResponse<Members, BasicTokenType>;
type OauthClient = oauth2::Client<
    BasicErrorResponse,
    Token,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

/// The error of a transport that sends nothing.
#[derive(Debug)]
pub(super) struct NoTransport;

impl std::fmt::Display for NoTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no request was sent")
    }
}

impl std::error::Error for NoTransport {}

fn oauth_client(endpoint: &Url, client: &ClientIdentity<'_>) -> OauthClient {
    let oauth = oauth2::Client::new(ClientId::new(client.id.to_owned()))
        .set_token_uri(TokenUrl::from_url(endpoint.clone()));
    let (secret, auth_type) = match client.authentication {
        ClientAuthentication::Basic(secret) => (secret, AuthType::BasicAuth),
        ClientAuthentication::Post(secret) => (secret, AuthType::RequestBody),
        // The client id is in the body.
        ClientAuthentication::None | ClientAuthentication::Assertion(_) => return oauth,
    };
    let secret = ClientSecret::new(secret.expose_secret().to_owned());
    oauth.set_client_secret(secret).set_auth_type(auth_type)
}

pub(super) fn exchange<F>(
    endpoint: &Url,
    client: &ClientIdentity<'_>,
    request: &TokenRequest<'_>,
    transport: &F,
) -> ExchangeResult
where
    F: Fn(HttpRequest) -> std::result::Result<HttpResponse, NoTransport>,
{
    let oauth = oauth_client(endpoint, client);
    match request {
        TokenRequest::Code { code, verifier, redirect_uri, .. } => {
            let mut exchange = oauth.exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()));
            if let Some(verifier) = verifier {
                exchange =
                    exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
            }
            if let Ok(uri) = RedirectUrl::new((*redirect_uri).to_owned()) {
                exchange = exchange.set_redirect_uri(Cow::Owned(uri));
            }
            exchange.request(transport)
        }
        TokenRequest::Refresh { token, scopes, .. } => {
            // Without a scope the server keeps the granted scopes (RFC 6749, 6). The scopes of the launch may be wider than the
            // granted ones, so they are never sent (D33).
            let scopes = scopes.iter().flat_map(|scopes| scopes.iter());
            oauth
                .exchange_refresh_token(&RefreshToken::new(token.expose_secret().to_owned()))
                .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())))
                .request(transport)
        }
        TokenRequest::ClientCredentials(scopes) => {
            let scopes = scopes.iter().map(|scope| Scope::new(scope.to_owned()));
            oauth.exchange_client_credentials().add_scopes(scopes).request(transport)
        }
    }
}

pub(super) type ExchangeResult =
    std::result::Result<Token, RequestTokenError<NoTransport, BasicErrorResponse>>;

/// The HTTP request of a token request.
///
/// # Errors
/// [`Code::Internal`] when the oauth2 crate builds no request.
pub fn http_request(
    endpoint: &Url,
    client: &ClientIdentity<'_>,
    request: &TokenRequest<'_>,
    policy: &Policy,
) -> Result<Request> {
    let slot: Cell<Option<HttpRequest>> = Cell::new(None);
    let _ = exchange(endpoint, client, request, &|http_request| {
        slot.set(Some(http_request));
        Err(NoTransport)
    });
    let built =
        slot.into_inner().ok_or_else(|| Error::new(Code::Internal).detail("no token request was built"))?;
    let form = String::from_utf8(built.body().clone()).map_err(|_| Error::new(Code::Internal))?;
    let header = built.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let authorization = client.authentication.authorization(client.id, policy, header);
    let form = client.authentication.with_assertion(form);
    let form = client.authentication.with_client_id(form, client.id, policy);
    Ok(Request {
        body: Body::Form(form.into()),
        authorization,
        max_bytes: TOKEN_BYTES,
        ..Request::get(endpoint.clone(), vec!["application/json".to_owned()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Authorization;
    use base64::{Engine, engine::general_purpose::STANDARD};

    fn endpoint() -> Url {
        Url::parse("https://auth.example/token?t=1").unwrap()
    }

    fn form(request: &Request) -> Vec<(String, String)> {
        let Body::Form(form) = &request.body else { panic!("no form") };
        url::form_urlencoded::parse(form.expose_secret().as_bytes()).into_owned().collect()
    }

    fn code_and_verifier() -> (Secret, Secret) {
        ("a+b&c/d=e%f".to_owned().into(), "v".repeat(43).into())
    }

    #[test]
    fn a_confidential_client_authenticates_raw_and_keeps_its_id_out_of_the_body() {
        let (code, verifier) = code_and_verifier();
        let (redirect_uri, issuer) = ("https://app.example/ehr.php", Issuer::default());
        let token_request =
            TokenRequest::Code { code: &code, verifier: Some(&verifier), redirect_uri, issuer: &issuer };
        let secret = Secret::from("s/e+c:r");
        let client = ClientIdentity { id: "id 1", authentication: ClientAuthentication::Basic(&secret) };
        let request = super::http_request(&endpoint(), &client, &token_request, &Policy::default()).unwrap();
        let Authorization::Header(value) = &request.authorization else { panic!("no Basic") };
        let pair = value.expose_secret().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(pair).unwrap(), b"id 1:s/e+c:r");
        let form = form(&request);
        assert!(form.contains(&("code".into(), "a+b&c/d=e%f".into())));
        assert!(form.contains(&("redirect_uri".into(), "https://app.example/ehr.php".into())));
        assert!(form.iter().any(|(name, _)| name == "code_verifier"));
        assert!(!form.iter().any(|(name, _)| name == "client_id" || name == "client_secret"));
        let encoded = Policy { basic_form_encoded: true, ..Policy::default() };
        let request = super::http_request(&endpoint(), &client, &token_request, &encoded).unwrap();
        let Authorization::Header(value) = &request.authorization else { panic!("no Basic") };
        let pair = STANDARD.decode(value.expose_secret().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(pair).unwrap(), "id+1:s%2Fe%2Bc%3Ar");
    }

    #[test]
    fn a_public_client_sends_its_id_and_no_header() {
        let token = Secret::from("r");
        let client = ClientIdentity { id: "id", authentication: ClientAuthentication::None };
        let token_request = TokenRequest::Refresh { token: &token, issuer: &Issuer::default(), scopes: None };
        let request = super::http_request(&endpoint(), &client, &token_request, &Policy::default()).unwrap();
        assert!(matches!(request.authorization, Authorization::None));
        assert!(form(&request).contains(&("client_id".into(), "id".into())));
        assert!(!form(&request).iter().any(|(name, _)| name == "scope"));
    }

    /// #107 #108 (D33)
    #[test]
    fn a_refresh_sends_no_scope_or_the_narrower_ones_of_the_policy() {
        let (token, issuer) = (Secret::from("r"), Issuer::default());
        let client = ClientIdentity { id: "id", authentication: ClientAuthentication::None };
        let narrower = ScopeSet::parse("user/Patient.rs offline_access");
        for (scopes, expected) in [(None, None), (Some(&narrower), Some("user/Patient.rs offline_access"))] {
            let refresh = TokenRequest::Refresh { token: &token, issuer: &issuer, scopes };
            let request = super::http_request(&endpoint(), &client, &refresh, &Policy::default()).unwrap();
            let form = form(&request);
            let scope = form.iter().find(|(name, _)| name == "scope").map(|(_, value)| value.as_str());
            assert_eq!(scope, expected);
        }
    }

    #[test]
    fn a_code_and_a_refresh_token_go_only_to_the_server_that_issued_them() {
        let source = crate::source::tests::source("");
        let secret = Secret::from("s");
        let at = |text: &str| Url::parse(text).unwrap();
        let issuer = source.issuer(&at("https://auth.example/token?t=1"));
        let moved = Issuer { iss: "https://fhir.example/r4/other".to_owned(), ..issuer.clone() };
        let check = |issuer: &Issuer, to: &str| {
            let code =
                TokenRequest::Code { code: &secret, verifier: Some(&secret), redirect_uri: "", issuer };
            let refresh = TokenRequest::Refresh { token: &secret, issuer, scopes: None };
            [code, refresh]
                .map(|request| request.check_issuer(&source, &at(to)).map_err(|error| error.code()))
        };
        let refused = [Err(Code::LaunchExpired), Err(Code::GrantNotFound)];
        for (issuer, to, answer) in [
            (&issuer, "https://AUTH.example:443/other/path", [Ok(()), Ok(())]),
            (&issuer, "https://auth.example:8443/token", refused),
            (&issuer, "https://auth.example.evil.example/token", refused),
            (&issuer, "http://localhost/token", refused),
            (&moved, "https://auth.example/token", refused),
            (&Issuer::default(), "https://auth.example/token", refused),
        ] {
            assert_eq!(check(issuer, to), answer, "{to}");
        }
    }
}
