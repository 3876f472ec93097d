//! The authorize URL, built by a plain function.

use crate::{
    error::{Code, Error, Result},
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
};
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, basic::BasicClient,
};
use std::{borrow::Cow, collections::BTreeMap};
use url::Url;

/// The parameters of an authorize request (SMART App Launch 2.2).
#[derive(Debug)]
pub struct AuthorizeRequest<'a> {
    /// The authorization endpoint; its own query is kept (D3).
    pub endpoint: &'a Url,
    /// The client id of the configured registration.
    pub client_id: &'a str,
    /// A registered redirect URI.
    pub redirect_uri: &'a str,
    /// The requested scopes.
    pub scopes: &'a ScopeSet,
    /// The state: 256 random bits.
    pub state: &'a Secret,
    /// The PKCE verifier: 256 random bits. The request carries only its SHA-256.
    pub verifier: &'a Secret,
    /// Whether to send the challenge.
    pub pkce: bool,
    /// The nonce that the id_token repeats; it is sent with the scope `openid` only.
    pub nonce: &'a str,
    /// The FHIR base URL, exactly as the EHR sent it in `iss` (O8).
    pub aud: &'a str,
    /// The launch token of an EHR launch.
    pub launch: Option<&'a Secret>,
}

/// The authorize URL. Its PKCE challenge is S256; a server without PKCE ignores it (X1).
///
/// # Errors
/// [`Code::RequestInvalid`] when the redirect URI is not a URL.
pub fn authorize_url(request: &AuthorizeRequest<'_>) -> Result<Url> {
    let redirect = RedirectUrl::new(request.redirect_uri.to_owned())
        .map_err(|_| Error::new(Code::RequestInvalid).detail("the redirect URI is not a URL"))?;
    let verifier = PkceCodeVerifier::new(request.verifier.expose_secret().to_owned());
    let client = BasicClient::new(ClientId::new(request.client_id.to_owned()))
        .set_auth_uri(AuthUrl::from_url(request.endpoint.clone()));
    let mut url = client
        .authorize_url(|| CsrfToken::new(request.state.expose_secret().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect))
        .add_scopes(request.scopes.iter().map(|scope| Scope::new(scope.to_owned())))
        .add_extra_param("aud", request.aud);
    if request.pkce {
        url = url.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    }
    if let Some(launch) = request.launch {
        url = url.add_extra_param("launch", launch.expose_secret());
    }
    if request.scopes.contains("openid") {
        url = url.add_extra_param("nonce", request.nonce);
    }
    Ok(url.url().0)
}

/// A form that the browser sends to the authorization server by POST (SMART capability `authorize-post`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizeForm {
    /// The `action` of the form.
    pub url: String,
    /// The names and values of its hidden fields.
    pub fields: BTreeMap<String, String>,
}

/// The form that sends the same parameters as an authorize URL. The query of the endpoint itself stays in its URL.
pub fn form(endpoint: &Url, authorize_url: &Url) -> AuthorizeForm {
    let parameters = authorize_url.query_pairs().into_owned().skip(endpoint.query_pairs().count());
    AuthorizeForm { url: endpoint.to_string(), fields: parameters.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn the_request_has_the_parameters_that_smart_requires() {
        let endpoint = Url::parse("https://auth.example/authorize?tenant=1").unwrap();
        let scopes = ScopeSet::parse("openid launch patient/Patient.read");
        let (state, verifier, launch) =
            (Secret::from("st"), Secret::from("v".repeat(43)), Secret::from("la&unch"));
        let url = authorize_url(&AuthorizeRequest {
            endpoint: &endpoint,
            client_id: "client",
            redirect_uri: "https://app.example/ehr.php",
            scopes: &scopes,
            state: &state,
            verifier: &verifier,
            pkce: true,
            nonce: "no",
            aud: "https://FHIR.example/r4/",
            launch: Some(&launch),
        })
        .unwrap();
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("tenant", "1"),
            ("response_type", "code"),
            ("client_id", "client"),
            ("redirect_uri", "https://app.example/ehr.php"),
            ("scope", "openid launch patient/Patient.read"),
            ("state", "st"),
            ("nonce", "no"),
            ("aud", "https://FHIR.example/r4/"),
            ("launch", "la&unch"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(query["code_challenge"].len(), 43);
        assert!(!url.as_str().contains(verifier.expose_secret()));
    }

    #[test]
    fn a_form_has_the_parameters_of_the_url_without_those_of_the_endpoint() {
        let endpoint = Url::parse("https://auth.example/authorize?tenant=1&tenant=2").unwrap();
        let scopes = ScopeSet::parse("launch");
        let secret = Secret::from("s".repeat(43));
        let request = AuthorizeRequest {
            endpoint: &endpoint,
            client_id: "client",
            redirect_uri: "https://app.example/ehr.php",
            scopes: &scopes,
            state: &secret,
            verifier: &secret,
            pkce: false,
            nonce: "no",
            aud: "https://FHIR.example/r4/",
            launch: None,
        };
        let form = form(&endpoint, &authorize_url(&request).unwrap());
        assert_eq!(form.url, endpoint.as_str());
        let names: Vec<&str> = form.fields.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["aud", "client_id", "redirect_uri", "response_type", "scope", "state"],
            "and without PKCE there is no challenge"
        );
        assert_eq!(form.fields["aud"], "https://FHIR.example/r4/");
    }
}
