//! The token endpoint as plain functions: the request to send. `token_answer.rs` has what its answer means.
//!
//! The forms and the parsing are the oauth2 crate's. It wants to send the request itself, so it is given
//! a transport that only hands the request out, and later one that only hands the answer in. Before that
//! the answer is put into the form the crate insists on; servers are looser than the RFC.

use crate::{
    config::Policy,
    error::{Code, Error, Result},
    net::{Authorization, Body, Request},
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
    source::{Issuer, Source},
};
use base64::{Engine, engine::general_purpose::STANDARD};
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

/// Bytes of a token answer. Tokens of real servers have some kilobytes.
const TOKEN_BYTES: usize = 256 * 1024;

/// What is asked of the token endpoint.
pub enum Ask<'a> {
    /// Tokens for a code.
    Code {
        /// The code of the callback.
        code: &'a Secret,
        /// The PKCE verifier of the launch.
        verifier: &'a Secret,
        /// The redirect URI of the launch, to the letter (O9).
        redirect_uri: &'a str,
        /// Who issued it.
        issuer: &'a Issuer,
    },
    /// A new access token.
    Refresh {
        /// The refresh token.
        token: &'a Secret,
        /// Who issued it.
        issuer: &'a Issuer,
    },
    /// A token for the system account.
    ClientCredentials(&'a ScopeSet),
}

impl Ask<'_> {
    /// The grant type in OAuth's words.
    pub fn grant_type(&self) -> &'static str {
        match self {
            Ask::Code { .. } => "authorization_code",
            Ask::Refresh { .. } => "refresh_token",
            Ask::ClientCredentials(_) => "client_credentials",
        }
    }

    /// The secrets in the request.
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        match self {
            Ask::Code { code, verifier, .. } => vec![code, verifier],
            Ask::Refresh { token, .. } => vec![token],
            Ask::ClientCredentials(_) => Vec::new(),
        }
    }

    /// A code and a refresh token are shown to nobody but who issued them.
    ///
    /// # Errors
    /// [`Code::LaunchExpired`] or [`Code::GrantNotFound`]: it is as if they were not there.
    pub fn may_go_to(&self, source: &Source, endpoint: &Url) -> Result<()> {
        let (issuer, lost) = match self {
            Ask::Code { issuer, .. } => (*issuer, Code::LaunchExpired),
            Ask::Refresh { issuer, .. } => (*issuer, Code::GrantNotFound),
            Ask::ClientCredentials(_) => return Ok(()),
        };
        if *issuer == source.issuer(endpoint) { Ok(()) } else { Err(source.of_another_server(lost)) }
    }
}

/// Who asks.
pub struct Client<'a> {
    /// The client id.
    pub id: &'a str,
    /// Its secret; `None`: a public client.
    pub secret: Option<&'a Secret>,
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

/// The transport has nothing to say of its own: the request was only taken out.
#[derive(Debug)]
pub(super) struct TakenOut;

impl std::fmt::Display for TakenOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request was taken out")
    }
}

impl std::error::Error for TakenOut {}

fn oauth_client(endpoint: &Url, client: &Client<'_>) -> OauthClient {
    let oauth = oauth2::Client::new(ClientId::new(client.id.to_owned()))
        .set_token_uri(TokenUrl::from_url(endpoint.clone()));
    match client.secret {
        Some(secret) => {
            let secret = ClientSecret::new(secret.expose_secret().to_owned());
            oauth.set_client_secret(secret).set_auth_type(AuthType::BasicAuth)
        }
        // A public client sends its id in the body and authenticates by nothing.
        None => oauth,
    }
}

pub(super) fn exchange<F>(endpoint: &Url, client: &Client<'_>, ask: &Ask<'_>, transport: &F) -> Exchanged
where
    F: Fn(HttpRequest) -> std::result::Result<HttpResponse, TakenOut>,
{
    let oauth = oauth_client(endpoint, client);
    match ask {
        Ask::Code { code, verifier, redirect_uri, .. } => {
            let mut request = oauth
                .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
                .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
            if let Ok(uri) = RedirectUrl::new((*redirect_uri).to_owned()) {
                request = request.set_redirect_uri(Cow::Owned(uri));
            }
            request.request(transport)
        }
        Ask::Refresh { token, .. } => {
            // No scope: the RFC then keeps what was granted; the scope once asked for may be wider (D33).
            oauth
                .exchange_refresh_token(&RefreshToken::new(token.expose_secret().to_owned()))
                .request(transport)
        }
        Ask::ClientCredentials(scopes) => {
            let scopes = scopes.iter().map(|scope| Scope::new(scope.to_owned()));
            oauth.exchange_client_credentials().add_scopes(scopes).request(transport)
        }
    }
}

pub(super) type Exchanged = std::result::Result<Token, RequestTokenError<TakenOut, BasicErrorResponse>>;

/// The request to send.
///
/// # Errors
/// [`Code::Internal`] when the crate makes none.
pub fn request(endpoint: &Url, client: &Client<'_>, ask: &Ask<'_>, policy: &Policy) -> Result<Request> {
    let slot: Cell<Option<HttpRequest>> = Cell::new(None);
    let _ = exchange(endpoint, client, ask, &|request| {
        slot.set(Some(request));
        Err(TakenOut)
    });
    let made =
        slot.into_inner().ok_or_else(|| Error::new(Code::Internal).detail("no token request was made"))?;
    let form = String::from_utf8(made.body().clone()).map_err(|_| Error::new(Code::Internal))?;
    let authorization = match client.secret {
        None => Authorization::None,
        Some(_) if policy.basic_form_encoded => {
            let ready = made.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            Authorization::Ready(ready.unwrap_or_default().to_owned().into())
        }
        // The EHRs compare the pair as it is, not form-encoded as RFC 6749 has it (E9).
        Some(secret) => {
            let pair = zeroize::Zeroizing::new(format!("{}:{}", client.id, secret.expose_secret()));
            Authorization::Ready(format!("Basic {}", STANDARD.encode(pair.as_bytes())).into())
        }
    };
    Ok(Request {
        url: endpoint.clone(),
        body: Body::Form(form.into()),
        accept: vec!["application/json".to_owned()],
        authorization,
        most_bytes: TOKEN_BYTES,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Url {
        Url::parse("https://auth.example/token?t=1").unwrap()
    }

    fn form(request: &Request) -> Vec<(String, String)> {
        let Body::Form(form) = &request.body else { panic!("no form") };
        url::form_urlencoded::parse(form.expose_secret().as_bytes()).into_owned().collect()
    }

    fn code_ask() -> (Secret, Secret) {
        ("a+b&c/d=e%f".to_owned().into(), "v".repeat(43).into())
    }

    #[test]
    fn a_confidential_client_authenticates_raw_and_keeps_its_id_out_of_the_body() {
        let (code, verifier) = code_ask();
        let (redirect_uri, issuer) = ("https://app.example/ehr.php", Issuer::default());
        let ask = Ask::Code { code: &code, verifier: &verifier, redirect_uri, issuer: &issuer };
        let secret = Secret::from("s/e+c:r");
        let client = Client { id: "id 1", secret: Some(&secret) };
        let request = super::request(&endpoint(), &client, &ask, &Policy::default()).unwrap();
        let Authorization::Ready(value) = &request.authorization else { panic!("no Basic") };
        let pair = value.expose_secret().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(pair).unwrap(), b"id 1:s/e+c:r");
        let form = form(&request);
        assert!(form.contains(&("code".into(), "a+b&c/d=e%f".into())));
        assert!(form.contains(&("redirect_uri".into(), "https://app.example/ehr.php".into())));
        assert!(form.iter().any(|(name, _)| name == "code_verifier"));
        assert!(!form.iter().any(|(name, _)| name == "client_id" || name == "client_secret"));
        let encoded = Policy { basic_form_encoded: true, ..Policy::default() };
        let request = super::request(&endpoint(), &client, &ask, &encoded).unwrap();
        let Authorization::Ready(value) = &request.authorization else { panic!("no Basic") };
        let pair = STANDARD.decode(value.expose_secret().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(pair).unwrap(), "id+1:s%2Fe%2Bc%3Ar");
    }

    #[test]
    fn a_public_client_sends_its_id_and_no_header() {
        let token = Secret::from("r");
        let client = Client { id: "id", secret: None };
        let ask = Ask::Refresh { token: &token, issuer: &Issuer::default() };
        let request = super::request(&endpoint(), &client, &ask, &Policy::default()).unwrap();
        assert!(matches!(request.authorization, Authorization::None));
        assert!(form(&request).contains(&("client_id".into(), "id".into())));
        assert!(!form(&request).iter().any(|(name, _)| name == "scope"));
    }

    #[test]
    fn a_code_and_a_refresh_token_go_to_who_issued_them_only() {
        let source = crate::source::tests::source("");
        let secret = Secret::from("s");
        let at = |text: &str| Url::parse(text).unwrap();
        let issuer = source.issuer(&at("https://auth.example/token?t=1"));
        let moved = Issuer { iss: "https://fhir.example/r4/other".to_owned(), ..issuer.clone() };
        let may = |issuer: &Issuer, to: &str| {
            let code = Ask::Code { code: &secret, verifier: &secret, redirect_uri: "", issuer };
            let refresh = Ask::Refresh { token: &secret, issuer };
            [code, refresh].map(|ask| ask.may_go_to(&source, &at(to)).map_err(|error| error.code()))
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
            assert_eq!(may(issuer, to), answer, "{to}");
        }
    }
}
