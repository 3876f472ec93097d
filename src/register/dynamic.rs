//! Dynamic client registration (RFC 7591): the server issues the client id, and for a confidential client a secret.

use crate::{
    context::Context,
    error::{Code, Error, Result, VendorError, escape_for_display},
    net::{Authorization, Body, Request, charset},
    secret::{ExposeSecret, Secret},
    source::{Phase, Source, allowed_url},
};
use serde_json::{Value, json};

/// Maximum bytes of the answer of a registration endpoint.
const ANSWER_BYTES: usize = 256 * 1024;

/// What to register.
#[derive(Clone, Debug)]
pub struct RegisterRequest {
    /// The id of the source.
    pub source: String,
    /// The name that users see at the EHR's authorization server.
    pub client_name: String,
    /// Where the EHR opens the application.
    pub launch_url: String,
    /// Where the application publishes its public keys. With it, the client authenticates with `private_key_jwt`, otherwise with a
    /// secret.
    pub jwks_url: Option<String>,
    /// The initial access token, if the server requires one.
    pub initial_access_token: Option<Secret>,
}

/// What the server issued.
#[derive(Clone, Debug)]
pub struct ClientRegistration {
    /// The client id.
    pub client_id: String,
    /// The client secret of a confidential client.
    pub client_secret: Option<Secret>,
    /// When the secret expires, in seconds since 1970; `None`: it does not.
    pub secret_expires_at: Option<i64>,
    /// How the client authenticates, such as `client_secret_basic`.
    pub authentication: String,
}

/// Registers the application at the server of a source.
///
/// # Errors
/// [`Code::ClientRegistrationFailed`], [`Code::UrlNotAllowed`], the errors of discovery, and the network's.
pub(crate) fn register(
    context: &Context<'_>,
    source: &Source,
    request: &RegisterRequest,
) -> Result<ClientRegistration> {
    for (name, url) in [("launch_url", Some(&request.launch_url)), ("jwks_url", request.jwks_url.as_ref())] {
        url.map(|url| allowed_url(url)).transpose().map_err(|error| error.within(name))?;
    }
    let registration = match &source.endpoints.registration {
        Some(configured) => Some(configured.clone()),
        None => context.resolver().metadata(source)?.endpoints.registration,
    };
    let endpoint = registration.ok_or_else(|| {
        Error::new(Code::ClientRegistrationFailed)
            .detail("the server publishes no registration endpoint")
            .hint("Register the application in the vendor's console. fhir-ehr register prints what to copy.")
    })?;
    let authorization = match &request.initial_access_token {
        Some(token) => Authorization::Bearer(token.clone(), endpoint.origin()),
        None => Authorization::None,
    };
    let http_request = Request {
        body: Body::Json(metadata(source, request).to_string().into()),
        authorization,
        max_bytes: ANSWER_BYTES,
        headers: source.headers(Phase::Token, context.secrets)?,
        ..Request::get(endpoint, vec!["application/json".to_owned()])
    };
    let response = context.network.exchange(http_request).map_err(|error| match error.code() {
        Code::TokenEndpointRedirects => error.with_code(Code::RedirectRefused),
        _ => error.detail("at the registration endpoint"),
    })?;
    let text = charset::text(&response).unwrap_or_default();
    issued(response.status, &serde_json::from_str(&text).unwrap_or_default())
}

/// The client metadata of RFC 7591.
fn metadata(source: &Source, request: &RegisterRequest) -> Value {
    let mut metadata = json!({
        "client_name": request.client_name,
        "redirect_uris": source.redirect_uris().collect::<Vec<_>>(),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": source.launch_scopes().to_string(),
        "initiate_login_uri": request.launch_url,
        "token_endpoint_auth_method": "client_secret_basic",
    });
    if let Some(jwks_url) = &request.jwks_url {
        metadata["token_endpoint_auth_method"] = "private_key_jwt".into();
        metadata["jwks_uri"] = jwks_url.as_str().into();
    }
    metadata
}

/// Reads the answer of a registration endpoint.
fn issued(status: u16, answer: &Value) -> Result<ClientRegistration> {
    let text = |name: &str| answer[name].as_str().filter(|text| !text.is_empty());
    let refused = Error::new(Code::ClientRegistrationFailed).status(status);
    if !(200..300).contains(&status) {
        let code = text("error").map(escape_for_display);
        let hint = "Ask the EHR team whether the server allows dynamic registration and requires an initial access token.";
        return Err(refused.vendor(VendorError { code, ..VendorError::default() }).hint(hint));
    }
    let Some(client_id) = text("client_id") else {
        return Err(refused.detail("the answer has no client_id"));
    };
    let secret = text("client_secret").map(Secret::from);
    let default = if secret.is_some() { "client_secret_basic" } else { "none" };
    Ok(ClientRegistration {
        client_id: client_id.to_owned(),
        secret_expires_at: answer["client_secret_expires_at"].as_i64().filter(|ends| *ends > 0),
        authentication: text("token_endpoint_auth_method").unwrap_or(default).to_owned(),
        client_secret: secret.filter(|secret| !secret.expose_secret().trim().is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;

    fn request(jwks_url: Option<&str>) -> RegisterRequest {
        RegisterRequest {
            source: "s".to_owned(),
            client_name: "Research".to_owned(),
            launch_url: "https://app.example/launch.php".to_owned(),
            jwks_url: jwks_url.map(str::to_owned),
            initial_access_token: None,
        }
    }

    #[test]
    fn the_request_has_the_registered_redirect_uris_and_the_scopes_of_a_launch() {
        let source = source("");
        let sent = metadata(&source, &request(None));
        assert_eq!(sent["redirect_uris"], json!(source.redirect_uris().collect::<Vec<_>>()));
        assert_eq!(sent["scope"], source.launch_scopes().to_string());
        assert_eq!(sent["token_endpoint_auth_method"], "client_secret_basic");
        let sent = metadata(&source, &request(Some("https://app.example/jwks")));
        assert_eq!(sent["token_endpoint_auth_method"], "private_key_jwt");
        assert_eq!(sent["jwks_uri"], "https://app.example/jwks");
    }

    #[test]
    fn an_answer_without_client_id_and_a_refusal_are_errors() {
        let client = issued(201, &json!({"client_id": "c", "client_secret": "s3cret"})).unwrap();
        assert_eq!((client.client_id.as_str(), client.authentication.as_str()), ("c", "client_secret_basic"));
        assert!(!format!("{client:?}").contains("s3cret"));
        let client = issued(200, &json!({"client_id": "c", "client_secret_expires_at": 0})).unwrap();
        assert_eq!((client.authentication.as_str(), client.secret_expires_at), ("none", None));
        for (status, answer) in
            [(201, json!({})), (400, json!({"error": "invalid_redirect_uri"})), (401, json!("x"))]
        {
            let error = issued(status, &answer).unwrap_err();
            assert_eq!(error.code(), Code::ClientRegistrationFailed, "{answer}");
            assert_eq!(error.http_status(), Some(status));
        }
    }
}
