//! The token endpoint as plain functions: the request to send, and what its answer means.
//!
//! The forms and the parsing are the oauth2 crate's. It wants to send the request itself, so it is given
//! a transport that only hands the request out, and later one that only hands the answer in. Before that
//! the answer is put into the form the crate insists on; servers are looser than the RFC.

use crate::{
    error::{Code, Error, Result, VendorError},
    net::{Authorization, Body, Request, Response, retry_after},
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
    source::{Issuer, Source, policy::Policy},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, ExtraTokenFields, HttpRequest, HttpResponse,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
    http::{self, header},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{borrow::Cow, cell::Cell};
use url::Url;

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

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: Secret,
    /// A refresh token, if a new one came.
    pub refresh_token: Option<Secret>,
    /// Seconds the access token lives, if the server says.
    pub expires_in: Option<i64>,
    /// What was granted, if the server says.
    pub scope: Option<ScopeSet>,
    members: Map<String, Value>,
}

impl TokenAnswer {
    /// A member beside the tokens, as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A member beside the tokens, as a truth value; Epic sends some as text.
    pub fn truth(&self, name: &str) -> Option<bool> {
        match self.members.get(name)? {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Members {
    #[serde(flatten)]
    members: Map<String, Value>,
}

impl ExtraTokenFields for Members {}

type Token = StandardTokenResponse<Members, BasicTokenType>;
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
struct TakenOut;

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

fn exchange<F>(endpoint: &Url, client: &Client<'_>, ask: &Ask<'_>, transport: &F) -> Exchanged
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

type Exchanged = std::result::Result<Token, RequestTokenError<TakenOut, BasicErrorResponse>>;

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
    })
}

/// What the answer means.
///
/// # Errors
/// [`Code::InvalidGrant`], [`Code::InvalidClient`] or [`Code::TokenRejected`] when the server says so in
/// OAuth's words, [`Code::TokenUnavailable`] when it is failing, [`Code::TokenResponseInvalid`] when the
/// answer holds no usable token.
pub fn judge(endpoint: &Url, client: &Client<'_>, ask: &Ask<'_>, response: &Response) -> Result<TokenAnswer> {
    let good = (200..300).contains(&response.status);
    let body: Option<Map<String, Value>> = match serde_json::from_slice(response.body.trim_ascii_start()) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    };
    let Some(body) = body.filter(|body| good || body.get("error").is_some_and(Value::is_string)) else {
        return Err(without_words(response, good));
    };
    let normal = serde_json::to_vec(&normalize(body)).map_err(|_| Error::new(Code::Internal))?;
    let status = if good { response.status } else { 400 };
    let answer = exchange(endpoint, client, ask, &|_| {
        let http = http::Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
        http.body(normal.clone()).map_err(|_| TakenOut)
    });
    match answer {
        Ok(token) => answer_of(&token, response),
        Err(RequestTokenError::ServerResponse(said)) => Err(oauth_error(&said, response)),
        // Neither of these may be printed: `Parse` carries the whole answer.
        Err(_) => {
            Err(Error::new(Code::TokenResponseInvalid).detail("no access token").status(response.status))
        }
    }
}

/// An answer that is not in OAuth's words: nothing is known of the grant, so nothing is dropped.
fn without_words(response: &Response, good: bool) -> Error {
    let code = match response.status {
        _ if good => Code::TokenResponseInvalid,
        408 | 429 | 500.. => Code::TokenUnavailable,
        _ => Code::TokenRejected,
    };
    Error::new(code)
        .detail(format!("HTTP {}", response.status))
        .status(response.status)
        .after(retry_after(response))
}

/// `expires_in` as text or decimal, no `token_type`, empty members: all seen (build-facts).
fn normalize(mut body: Map<String, Value>) -> Map<String, Value> {
    body.retain(|_, value| !value.is_null());
    let lifetime = body.get("expires_in").and_then(|value| match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    });
    match lifetime.filter(|seconds| seconds.is_finite() && *seconds >= 0.0) {
        Some(seconds) => body.insert("expires_in".into(), Value::from(seconds.min(1e9) as u64)),
        None => body.remove("expires_in"),
    };
    if body.contains_key("access_token")
        && body.get("token_type").and_then(Value::as_str).is_none_or(str::is_empty)
    {
        body.insert("token_type".into(), "Bearer".into());
    }
    for name in ["scope", "refresh_token", "access_token"] {
        if body.get(name).is_some_and(|value| value.as_str().is_none_or(str::is_empty)) {
            body.remove(name);
        }
    }
    body
}

fn answer_of(token: &Token, response: &Response) -> Result<TokenAnswer> {
    if !matches!(token.token_type(), BasicTokenType::Bearer) {
        return Err(Error::new(Code::TokenResponseInvalid)
            .detail("not a Bearer token")
            .status(response.status));
    }
    let text = |secret: &str| Secret::from(secret.to_owned());
    let scopes =
        token.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "));
    Ok(TokenAnswer {
        access_token: text(token.access_token().secret()),
        refresh_token: token.refresh_token().map(|refresh| text(refresh.secret())),
        expires_in: token.expires_in().map(|life| i64::try_from(life.as_secs()).unwrap_or(i64::MAX)),
        scope: scopes.map(|scopes| ScopeSet::parse(&scopes)),
        members: token.extra_fields().members.clone(),
    })
}

fn oauth_error(said: &BasicErrorResponse, response: &Response) -> Error {
    let error: String = said.error().as_ref().chars().filter(char::is_ascii_graphic).take(60).collect();
    let code = match error.as_str() {
        _ if response.status == 429 || response.status >= 500 => Code::TokenUnavailable,
        "invalid_grant" => Code::InvalidGrant,
        "invalid_client" => Code::InvalidClient,
        "temporarily_unavailable" | "server_error" => Code::TokenUnavailable,
        _ => Code::TokenRejected,
    };
    let mut vendor = said.error_uri().map(|uri| vendor_error(uri)).unwrap_or_default();
    let detail = match &vendor.code {
        Some(urn) => format!("{error}: {urn}"),
        None => error.clone(),
    };
    vendor.code = vendor.code.or(Some(error));
    Error::new(code).detail(detail).status(response.status).vendor(vendor).after(retry_after(response))
}

/// Oracle says what happened only in `error_uri`: `.../errors/<URN>/instances/<correlation id>` (O16).
/// The last segments of the URN are the code (O17).
pub fn vendor_error(error_uri: &str) -> VendorError {
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
    use crate::net;

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

    fn judged(status: u16, body: &str) -> Result<TokenAnswer> {
        let client = Client { id: "id", secret: None };
        let token = Secret::from("r");
        let response = net::Response::for_test(status, body);
        judge(&endpoint(), &client, &Ask::Refresh { token: &token, issuer: &Issuer::default() }, &response)
    }

    #[test]
    fn loose_answers_are_understood() {
        let answer = judged(
            200,
            r#"{"access_token": "a", "expires_in": "570", "scope": "x y ", "need_patient_banner": "true"}"#,
        );
        let answer = answer.unwrap();
        assert_eq!(answer.expires_in, Some(570));
        assert_eq!(answer.scope.clone().unwrap().to_string(), "x y");
        assert_eq!(answer.truth("need_patient_banner"), Some(true));
        let answer = judged(
            200,
            r#"{"access_token": "a", "token_type": "bearer", "expires_in": 570.0, "refresh_token": null}"#,
        );
        assert!(answer.unwrap().refresh_token.is_none());
        assert_eq!(judged(200, r#"{"access_token": "a", "expires_in": -5}"#).unwrap().expires_in, None);
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

    #[test]
    fn an_answer_without_a_token_is_none() {
        for body in [
            "{}",
            r#"{"access_token": ""}"#,
            "<html>",
            "",
            "[]",
            r#"{"access_token": "a", "token_type": "mac"}"#,
        ] {
            let error = judged(200, body).unwrap_err();
            assert_eq!(error.code(), Code::TokenResponseInvalid, "{body}");
        }
    }

    #[test]
    fn only_the_servers_own_word_ends_a_grant() {
        for (status, body, code) in [
            (400, r#"{"error": "invalid_grant", "error_description": null}"#, Code::InvalidGrant),
            (401, r#"{"error": "invalid_client"}"#, Code::InvalidClient),
            (400, r#"{"error": "invalid_scope"}"#, Code::TokenRejected),
            (400, "", Code::TokenRejected),
            (400, "invalid_grant", Code::TokenRejected),
            (503, r#"{"error": "invalid_grant"}"#, Code::TokenUnavailable),
            (429, "slow down", Code::TokenUnavailable),
            (502, "<html>", Code::TokenUnavailable),
        ] {
            assert_eq!(judged(status, body).unwrap_err().code(), code, "{status} {body}");
        }
    }

    #[test]
    fn oracles_reason_is_taken_out_of_the_error_uri() {
        let uri = "https://authorization.example/errors/urn%3Acerner%3Aerror%3Aauthorization-server%3Aoauth2%3Atoken%3Acode-invalid-or-expired/instances/0f0e-1?client=c&tenant=t";
        let error =
            judged(400, &format!(r#"{{"error": "invalid_grant", "error_uri": "{uri}"}}"#)).unwrap_err();
        assert_eq!(error.vendor_error().code.as_deref(), Some("oauth2:token:code-invalid-or-expired"));
        assert_eq!(error.vendor_error().correlation_id.as_deref(), Some("0f0e-1"));
    }
}
